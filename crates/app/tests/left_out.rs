//! What is left out is told, by kind and reason: every entry of the source is in a title, or left out for one reason.

#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test plays the user")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use vod2strm_testkit::generate::{Catalogue, Movie, MovieRelation, Size, small};
use vod2strm_testkit::home::{Home, number, text};
use vod2strm_testkit::playlists::mixed::mixed;
use vod2strm_testkit::postgres::TestDatabase;
use vod2strm_testkit::schema::{Generation, SeriesRow};

fn filled(catalogue: &Catalogue) -> (Home, TestDatabase) {
    let database = TestDatabase::create(Generation::NEWEST);
    database.insert(catalogue);
    (Home::new(env!("CARGO_BIN_EXE_vod2strm")), database)
}

/// A run that finds no other session, not even that of the run before.
fn run(home: &Home, database: &TestDatabase, more: &[&str]) -> Value {
    database.execute_and_leave("SELECT 1");
    home.generate(&database.url(), more)
}

/// All entries of a kind are in titles of the library, as the ledger has them, or left out.
fn assert_sums(home: &Home, report: &Value, kind: &str, rows: u64) {
    let outcomes = ["new", "changed", "moved", "unchanged", "failed"];
    let told: u64 = outcomes.iter().map(|it| number(report, &format!("/titles/{kind}/{it}"))).sum();
    let sql = "SELECT count(*), coalesce(sum(entries), 0) FROM titles WHERE kind = ?1 AND gone IS NULL
        AND united IS NULL AND NOT filtered AND (folder IS NOT NULL AND removed IS NULL OR problem IS NOT NULL)";
    let ledger = rusqlite::Connection::open(home.ledger()).unwrap();
    let row = |row: &rusqlite::Row<'_>| Ok((row.get::<_, u32>(0)?, row.get::<_, u32>(1)?));
    let (titles, entries) = ledger.query_row(sql, [kind], row).unwrap();
    assert_eq!(told, u64::from(titles), "{kind}: {report:#}");
    let reasons = report["left_out"][kind].as_object();
    let left_out: u64 = reasons.into_iter().flatten().filter_map(|(_, it)| it.as_u64()).sum();
    assert_eq!(u64::from(entries) + left_out, rows, "{kind}: {report:#}");
    assert_eq!(number(report, &format!("/entries/{kind}")), rows, "{report:#}");
}

/// What `stats` says of the entries, as `--json` of a run has it.
fn stats(home: &Home) -> Value {
    let output = home.output();
    let said = home.run(&["stats", "--json", "--output", output.to_str().unwrap()]).stdout;
    let (mut entries, mut left_out, mut parts) = (json!({}), json!({}), json!({}));
    for row in text(&said).lines().map(|row| serde_json::from_str::<Value>(row).unwrap()) {
        let (kind, measure) = (row["subject"].as_str().unwrap(), row["measure"].as_str().unwrap());
        if row["section"] != "entries" {
            continue;
        }
        match measure.split_once(": ") {
            Some(("left out", why)) => left_out[kind][why] = row["value"].clone(),
            Some((_, part)) => parts[kind][part] = row["value"].clone(),
            None => entries[kind] = row["value"].clone(),
        }
    }
    json!({ "entries": entries, "left_out": left_out, "filtered_by": parts })
}

fn told(report: &Value) -> Value {
    let mut parts = json!({});
    for (kind, told) in report["filtered_by"].as_object().unwrap() {
        for it in told.as_array().unwrap() {
            let part = it["part"].as_str().unwrap_or("other parts");
            parts[kind][part] = it["entries"].clone();
        }
        let all = told.as_array().unwrap().iter().map(|it| number(it, "/entries")).sum::<u64>();
        assert_eq!(all, number(report, &format!("/left_out/{kind}/filtered")), "{report:#}");
    }
    json!({ "entries": report["entries"], "left_out": report["left_out"], "filtered_by": parts })
}

/// A first run, one that finds nothing changed, one that rests, a preview, and `stats` say the same.
#[test]
fn every_run_and_stats_leave_out_the_same() {
    let (home, database) = filled(&small());
    let first = run(&home, &database, &[]);
    let expected = json!({
        "entries": { "movie": 6, "series": 2 },
        "left_out": {
            "movie": { "account_off": 1, "category_off": 1 },
            "series": { "no_episodes": 1 },
        },
        "filtered_by": {},
    });
    assert_eq!(told(&first), expected);
    let unchanged = run(&home, &database, &["--full"]);
    run(&home, &database, &[]);
    let resting = run(&home, &database, &[]);
    assert_eq!((&unchanged["untouched"], &resting["untouched"]), (&json!(false), &json!(true)));
    let preview = run(&home, &database, &["--dry-run"]);
    for report in [&unchanged, &resting, &preview] {
        assert_eq!(told(report), expected);
    }
    assert_eq!(stats(&home), expected);
}

#[test]
fn people_are_told_what_is_left_out() {
    let (home, database) = filled(&small());
    let (url, output) = (database.url(), home.output());
    let place = ["--source", &url, "--output", output.to_str().unwrap()];
    let movies = "2 of 6 movies: 1 only on accounts that are off, 1 in categories that are off\n";
    let said = text(&home.run(&[&["doctor"], &place[..]].concat()).stdout);
    assert!(said.contains(movies), "{said}");
    let said = text(&home.run(&[&["generate"], &place[..]].concat()).stdout);
    let series = "1 of 2 series: 1 without episodes\n";
    assert!(said.contains(&format!("Left out:\n  {movies}  {series}")), "{said}");
}

/// Before any run: what the source has, and what the user wants of it.
#[test]
fn doctor_tells_what_filter_and_block_would_leave_out() {
    let (home, database) = filled(&small());
    let (url, output) = (database.url(), home.output());
    let place = ["doctor", "--source", &url, "--output", output.to_str().unwrap()];
    let said = text(&home.run(&place).stdout);
    assert!(said.contains("1 of 2 series: 1 without episodes\n"), "{said}");
    let more = ["--filter", "year < 1990", "--block", "name:Alien"];
    let said = text(&home.run(&[&place[..], &more].concat()).stdout);
    for line in [
        "5 of 6 movies: 1 only on accounts that are off, 1 in categories that are off, 2 filtered by \
         year < 1990, 1 blocked\n",
        "2 of 2 series: 1 without episodes, 1 filtered by year < 1990\n",
    ] {
        assert!(said.contains(line), "{said}");
    }
    let list = home.dir.path().join("list.m3u");
    std::fs::write(&list, "#EXTM3U\n#EXTINF:-1,Heat (1995)\nhttp://h.example/movie/u/p/1.mk")
        .unwrap();
    let place =
        ["doctor", "--source", list.to_str().unwrap(), "--output", output.to_str().unwrap()];
    let said = text(&home.run(&place).stdout);
    assert!(said.lines().any(|it| it.contains("skipped, cut off") && it.ends_with('1')), "{said}");
}

#[test]
fn a_narrowed_run_leaves_out_what_it_was_not_asked_for() {
    let (home, database) = filled(&small());
    let narrow = run(&home, &database, &["--movie-ids", "1,4", "--series-ids", "1"]);
    let expected = json!({
        "movie": { "account_off": 1, "category_off": 1, "not_asked": 3 },
        "series": { "not_asked": 1 },
    });
    assert_eq!(narrow["left_out"], expected, "{narrow:#}");
    assert_sums(&home, &narrow, "movie", 6);
    assert_sums(&home, &narrow, "series", 2);
}

#[test]
fn what_the_filter_leaves_out_is_counted_until_it_lets_it_in() {
    let (home, database) = filled(&small());
    let filter = ["--filter", "year < 1990 or kind == series"];
    let filtered = run(&home, &database, &filter);
    assert_eq!(filtered["left_out"]["movie"]["filtered"], 2, "{filtered:#}");
    assert_sums(&home, &filtered, "movie", 6);
    let again = run(&home, &database, &filter);
    assert_eq!((told(&again), stats(&home)), (told(&filtered), told(&filtered)));
    let all = run(&home, &database, &[]);
    assert_eq!(all["left_out"]["movie"].get("filtered"), None, "{all:#}");
    assert_sums(&home, &all, "movie", 6);
}

/// By which part of the filter, or by `block`: a run, one that rests, a preview and `stats` say the same.
#[test]
fn what_leaves_an_entry_out_is_told_part_by_part() {
    let (home, database) = filled(&small());
    let filter = "name !~ Untitled and Year<1990";
    let more = ["--filter", filter, "--block", "movie:name:Alien,movie:name:Heat"];
    let first = run(&home, &database, &more);
    let expected = json!({
        "entries": { "movie": 6, "series": 2 },
        "left_out": {
            "movie": { "account_off": 1, "category_off": 1, "filtered": 2, "blocked": 1 },
            "series": { "no_episodes": 1, "filtered": 1 },
        },
        "filtered_by": {
            "movie": { "name !~ Untitled": 1, "Year<1990": 1 },
            "series": { "Year<1990": 1 },
        },
    });
    assert_eq!(told(&first), expected);
    run(&home, &database, &more);
    let resting = run(&home, &database, &more);
    assert_eq!(resting["untouched"], true);
    let preview = run(&home, &database, &[&more[..], &["--dry-run", "--full"]].concat());
    for report in [&resting, &preview] {
        assert_eq!(told(report), expected);
    }
    assert_eq!(stats(&home), expected);
    let (url, output) = (database.url(), home.output());
    let place = ["generate", "--source", &url, "--output", output.to_str().unwrap()];
    let said = text(&home.run(&[&place[..], &more].concat()).stdout);
    let movies = "2 filtered (1 by name !~ Untitled, 1 by Year<1990), 1 blocked\n";
    let series = "1 without episodes, 1 filtered by Year<1990\n";
    assert!(said.contains(movies) && said.contains(series), "{said}");
}

#[test]
fn the_sum_of_reasons_is_what_is_not_in_the_library() {
    for seed in 1..=3 {
        let size = Size { movies: 300, series: 40, episodes_per_series: 3 };
        let catalogue = Catalogue::generate(seed, size, true);
        let (home, database) = filled(&catalogue);
        let (movies, series) = (catalogue.movies.len() as u64, catalogue.series.len() as u64);
        for more in [&["--filter", "rating >= 5 or not adult"][..], &[], &["--full"]] {
            let report = run(&home, &database, more);
            assert_sums(&home, &report, "movie", movies);
            assert_sums(&home, &report, "series", series);
            assert!(number(&report, "/left_out/movie/account_off") > 0, "{report:#}");
            assert_eq!(told(&report), stats(&home));
        }
    }
}

/// Entries of a playlist that are no titles are told with the others.
#[test]
fn a_playlist_tells_what_its_other_entries_are() {
    let home = Home::new(env!("CARGO_BIN_EXE_vod2strm"));
    let list = home.dir.path().join("list.m3u");
    let mut text = "#EXTM3U\n".to_owned();
    for n in 1..=3 {
        text += &format!("#EXTINF:-1,Film {n} (2020)\nhttp://h.example/movie/u/p/{n}.mkv\n");
    }
    text += "#EXTINF:-1 group-title=\"TV\",News\nhttp://h.example/live/u/p/4.ts\n\
             #EXTINF:-1 group-title=\"TV\",##### SPORTS #####\nhttp://h.example/movie/u/p/5.mkv\n\
             #EXTINF:-1,Nothing\n";
    std::fs::write(&list, text).unwrap();
    let report = home.generate(list.to_str().unwrap(), &[]);
    let neither = json!({ "neither": { "live": 1, "heading": 1, "no_address": 1 } });
    assert_eq!(report["left_out"], neither, "{report:#}");
    assert_sums(&home, &report, "movie", 3);
    assert_eq!(stats(&home), told(&report));
}

/// How many movies and series a source says that it has, whatever is left out of them later.
fn offered(home: &Home, list: &Path) -> [u64; 2] {
    let said = home.run(&["stats", "--json", "--source", list.to_str().unwrap()]).stdout;
    let rows =
        text(&said).lines().map(|row| serde_json::from_str(row).unwrap()).collect::<Vec<Value>>();
    ["movies", "series"].map(|measure| {
        let is_it = |row: &&Value| row["section"] == "catalogue" && row["measure"] == measure;
        rows.iter().find(is_it).unwrap()["value"].as_u64().unwrap()
    })
}

/// Of each kind of a playlist, whatever stands in it and whatever the user wants, no entry is counted twice or forgotten.
#[test]
fn the_sum_holds_in_random_playlists() {
    let filters =
        ["", "name =~ '[a-m]'", "year >= 2010 and not adult", "kind == movie", "year < 1"];
    let mut met = BTreeSet::new();
    for seed in 1..=12 {
        let home = Home::new(env!("CARGO_BIN_EXE_vod2strm"));
        let list = home.dir.path().join("list.m3u");
        for night in 0..3 {
            std::fs::write(&list, mixed(3 * seed + night)).unwrap();
            let [movies, series] = offered(&home, &list);
            let filter = filters[(seed + night) as usize % filters.len()];
            let more = if filter.is_empty() { vec![] } else { vec!["--filter", filter] };
            let report = home.generate(list.to_str().unwrap(), &more);
            let unlisted = report["left_out"]["series"]["no_episodes"].as_u64().unwrap_or(0);
            assert_sums(&home, &report, "movie", movies);
            assert_sums(&home, &report, "series", series + unlisted);
            assert_eq!(told(&report), stats(&home), "seed {seed}");
            let left_out = report["left_out"].as_object().unwrap().values();
            met.extend(
                left_out.flat_map(|it| it.as_object().unwrap().keys().cloned().collect::<Vec<_>>()),
            );
        }
    }
    let all = ["filtered", "live", "no_address", "no_episodes", "no_video"].map(str::to_owned);
    assert!(met.is_superset(&all.into()), "{met:?}");
}

/// A playlist of three movies, of seven entries, and of a show of two; of another show nothing can be played.
fn of_several_entries(home: &Home) -> PathBuf {
    let names = [
        "EN - Dune (2021)",
        "4K-EN - Dune (2021)",
        "DE: Dune 2021",
        "Heat (1995)",
        "EN - Heat (1995)",
        "Alien (1979)",
        "FR - Alien (1979)",
    ];
    let mut list = "#EXTM3U\n".to_owned();
    for (n, name) in names.iter().enumerate() {
        list += &format!("#EXTINF:-1,{name}\nhttp://h.example/movie/u/p/{n}.mkv\n");
    }
    for (n, name) in ["Dark S01E01", "EN - Dark S01E02"].iter().enumerate() {
        list += &format!("#EXTINF:-1,{name}\nhttp://h.example/series/u/p/9{n}.mkv\n");
    }
    let path = home.dir.path().join("list.m3u");
    std::fs::write(&path, list).unwrap();
    path
}

/// The same movies as rows of a database.
fn rows_of_several_entries() -> Catalogue {
    let mut all = small();
    for (id, name, year) in [
        (11, "EN - Dune (2021)", Some(2021)),
        (12, "4K-EN - Dune (2021)", None),
        (13, "DE: Dune 2021", None),
        (14, "EN - Heat (1995)", None),
        (15, "FR - Alien (1979)", Some(1979)),
    ] {
        let (movie, stream) = (all.movies[1].clone(), all.movie_relations[0].clone());
        let uuid = format!("00000001-0000-4000-8000-{id:012}");
        all.movies.push(Movie { id, uuid, name: name.to_owned(), year, ..movie });
        all.offer_movie(id, MovieRelation { stream_id: format!("1{id:03}"), ..stream });
    }
    all
}

/// What is left out is counted by entries: all three of a title that the filter or `block` leaves out.
#[test]
fn a_title_of_several_entries_leaves_out_all_of_them() {
    let home = Home::new(env!("CARGO_BIN_EXE_vod2strm"));
    let list = of_several_entries(&home);
    let list = list.to_str().unwrap();
    let more = ["--filter", "year < 2000 or kind == series", "--block", "movie:name:Alien"];
    let report = home.generate(list, &more);
    let left_out = json!({ "movie": { "filtered": 3, "blocked": 2 } });
    let of_it = |report: &Value| {
        assert_eq!(report["left_out"], left_out, "{report:#}");
        assert_eq!(number(report, "/entries/movie"), 7, "{report:#}");
        assert_sums(&home, report, "movie", 7);
        assert_eq!(stats(&home), told(report));
    };
    of_it(&report);
    assert_eq!(number(&report, "/titles/movie/new"), 1, "Heat alone: {report:#}");
    of_it(&home.generate(list, &more));
    of_it(&home.generate(list, &[&more[..], &["--full"]].concat()));
    let place = ["doctor", "--source", list, "--output", home.output().to_str().unwrap()]
        .map(str::to_owned);
    let place: Vec<&str> = place.iter().map(String::as_str).collect();
    let said = text(&home.run(&[&place[..], &more].concat()).stdout);
    let line = "5 of 7 movies: 3 filtered by year < 2000 or kind == series, 2 blocked\n";
    assert!(said.contains(line), "{said}");
    let all = home.generate(list, &[]);
    assert_eq!(all["left_out"], json!({}), "{all:#}");
    assert_sums(&home, &all, "movie", 7);
}

/// The same of a database: also where nothing changed, where the run rests, and in a preview.
#[test]
fn rows_that_are_one_title_are_left_out_one_by_one() {
    let (home, database) = filled(&rows_of_several_entries());
    let more = ["--filter", "year < 2000 or kind == series", "--block", "movie:name:Alien"];
    let first = run(&home, &database, &more);
    let movies = json!({
        "account_off": 1, "category_off": 1, "filtered": 4, "blocked": 2,
    });
    assert_eq!(first["left_out"]["movie"], movies, "Dune, Untitled; Alien: {first:#}");
    assert_sums(&home, &first, "movie", 11);
    let unchanged = run(&home, &database, &[&more[..], &["--full"]].concat());
    run(&home, &database, &more);
    let resting = run(&home, &database, &more);
    assert_eq!((&unchanged["untouched"], &resting["untouched"]), (&json!(false), &json!(true)));
    let preview = run(&home, &database, &[&more[..], &["--dry-run", "--full"]].concat());
    for report in [&unchanged, &resting, &preview] {
        assert_eq!(told(report), told(&first));
    }
    assert_eq!(stats(&home), told(&first));
    let all = run(&home, &database, &[]);
    assert_sums(&home, &all, "movie", 11);
}

/// Who asks for one row gets its title, of all its rows: the others are asked for as well.
#[test]
fn the_other_entries_of_a_title_that_is_asked_for_are_not_left_out() {
    let (home, database) = filled(&rows_of_several_entries());
    for (run_number, id) in ["12", "11", "13"].into_iter().enumerate() {
        let narrow = run(&home, &database, &["--movie-ids", id, "--series-ids", "1"]);
        let movies = json!({ "account_off": 1, "category_off": 1, "not_asked": 6 });
        assert_eq!(narrow["left_out"]["movie"], movies, "{id}: {narrow:#}");
        assert_sums(&home, &narrow, "movie", 11);
        let outcome = if run_number == 0 { "new" } else { "unchanged" };
        assert_eq!(number(&narrow, &format!("/titles/movie/{outcome}")), 1, "{id}: {narrow:#}");
        assert_eq!(narrow["titles"]["movie"].get("absent"), None, "{narrow:#}");
    }
}

/// A series without episodes is left out with all its rows; once one of them has an episode, with none.
#[test]
fn a_series_of_several_entries_is_without_episodes_where_none_has_one() {
    let mut catalogue = small();
    for (id, name) in
        [(3, "4K - Silent (2020)"), (4, "EN - Silent (2020)"), (5, "4K - Dark (2017)")]
    {
        let (series, stream) = (catalogue.series[1].clone(), catalogue.movie_relations[0].clone());
        let uuid = format!("00000002-0000-4000-8000-{id:012}");
        catalogue.series.push(SeriesRow { id, uuid, name: name.to_owned(), year: None, ..series });
        catalogue.offer_series(id, MovieRelation { stream_id: format!("7{id:03}"), ..stream });
    }
    let (home, database) = filled(&catalogue);
    for more in [&[][..], &["--full"]] {
        let report = run(&home, &database, more);
        assert_eq!(report["left_out"]["series"], json!({ "no_episodes": 3 }), "{report:#}");
        assert_sums(&home, &report, "series", 5);
        assert_eq!(stats(&home), told(&report));
    }
    let (url, output) = (database.url(), home.output());
    let place = ["doctor", "--source", &url, "--output", output.to_str().unwrap()];
    let said = text(&home.run(&place).stdout);
    assert!(said.contains("3 of 5 series: 3 without episodes\n"), "{said}");
}

/// A movie that nobody can play is told as such, whether the filter wants it or not: the first reason counts.
#[test]
fn a_movie_without_an_address_is_left_out_for_that_whatever_the_filter_says() {
    let home = Home::new(env!("CARGO_BIN_EXE_vod2strm"));
    let list = home.dir.path().join("list.m3u");
    let long = "x".repeat(5_000);
    let text = format!(
        "#EXTM3U\n#EXTINF:-1,Long (1999)\nhttp://h.example/movie/u/p/1.mkv?{long}\n\
         #EXTINF:-1,Heat (1995)\nhttp://h.example/movie/u/p/2.mkv\n"
    );
    std::fs::write(&list, text).unwrap();
    let list = list.to_str().unwrap();
    for (more, left_out) in [
        (&[][..], json!({ "no_address": 1 })),
        (&["--filter", "year < 1"], json!({ "no_address": 1, "filtered": 1 })),
        (&["--filter", "year < 1"], json!({ "no_address": 1, "filtered": 1 })),
        (&["--block", "name:Long"], json!({ "no_address": 1 })),
    ] {
        let report = home.generate(list, more);
        assert_eq!(report["left_out"]["movie"], left_out, "{more:?}: {report:#}");
        assert_sums(&home, &report, "movie", 2);
        assert_eq!(stats(&home), told(&report));
    }
}
