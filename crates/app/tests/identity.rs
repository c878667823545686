//! Who a title is: it keeps its folder however the catalogue turns it, and no other gets it.

#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test plays the user")]

#[path = "identity/counts.rs"]
mod counts;
#[path = "identity/nights.rs"]
mod nights;
#[path = "identity/series.rs"]
mod series;

use vod2strm_testkit::generate::small;
use vod2strm_testkit::home::{Home, number, text};
use vod2strm_testkit::postgres::TestDatabase;
use vod2strm_testkit::schema::{Catalogue, Generation};

const BASE_URL: [&str; 2] = ["--base-url", "http://dispatcharr:9191"];

fn new_home() -> Home {
    Home::new(env!("CARGO_BIN_EXE_vod2strm"))
}

/// Writes a playlist of movies, and generates from it.
fn with_playlist(home: &Home, movies: &[(&str, &str)]) -> serde_json::Value {
    let entries: String =
        movies.iter().map(|(name, url)| format!("#EXTINF:-1,{name}\n{url}\n")).collect();
    let path = home.dir.path().join("list.m3u");
    std::fs::write(&path, format!("#EXTM3U\n{entries}")).unwrap();
    home.generate(path.to_str().unwrap(), &[])
}

fn strm(home: &Home, name: &str) -> String {
    text(&home.tree()[&format!("Movies/{name}/{name}.strm")])
}

fn database(catalogue: &Catalogue) -> TestDatabase {
    let database = TestDatabase::create(Generation::NEWEST);
    database.insert(catalogue);
    database
}

#[test]
fn the_order_of_a_playlist_does_not_matter() {
    let home = new_home();
    let (alien, up) = (
        ("Alien (1979)", "http://a.example/movie/u/p/7.mkv"),
        ("Up (2009)", "http://b.example/movie/u/p/7.mkv"),
    );
    with_playlist(&home, &[alien, up]);
    let before = home.tree();
    let report = with_playlist(&home, &[up, alien]);
    assert_eq!(home.tree(), before);
    assert_eq!(number(&report, "/titles/movie/unchanged"), 2, "{report}");
}

#[test]
fn a_provider_that_moves_to_another_host_keeps_its_folders() {
    let home = new_home();
    with_playlist(&home, &[("Alien (1979)", "http://old.example/movie/u/p/7.mkv")]);
    let report = with_playlist(&home, &[("Alien (1979)", "http://new.example/movie/u/p/7.mkv")]);
    assert_eq!(number(&report, "/titles/movie/changed"), 1, "{report}");
    assert_eq!(number(&report, "/titles/movie/absent"), 0, "{report}");
    assert_eq!(home.tree().len(), 2);
    assert_eq!(strm(&home, "Alien (1979)"), "http://new.example/movie/u/p/7.mkv\n");
}

#[test]
fn another_providers_number_is_another_film() {
    let home = new_home();
    with_playlist(&home, &[("Alien (1979)", "http://a.example/movie/u/p/7.mkv")]);
    let report = with_playlist(&home, &[("Up (2009)", "http://c.example/movie/u/p/7.mkv")]);
    assert_eq!(strm(&home, "Alien (1979)"), "http://a.example/movie/u/p/7.mkv\n");
    assert_eq!(number(&report, "/titles/movie/absent"), 1, "{report}");
    assert_eq!(number(&report, "/titles/movie/new"), 1, "{report}");
}

#[test]
fn streams_that_are_exchanged_do_not_exchange_folders() {
    let mut catalogue = small();
    for (n, movie) in catalogue.movies.iter_mut().enumerate() {
        movie.tmdb_id = Some((500 + n).to_string());
        movie.imdb_id = None;
    }
    let ids: Vec<i64> = catalogue.movies.iter().map(|movie| movie.id).collect();
    let database = database(&catalogue);
    let home = new_home();
    home.generate(&database.url(), &BASE_URL);
    let before = home.tree();
    let (a, b) = (ids[0], ids[1]);
    database.execute(&format!(
        "UPDATE vod_m3umovierelation SET movie_id = CASE movie_id WHEN {a} THEN {b} ELSE {a} END
         WHERE movie_id IN ({a}, {b})"
    ));
    home.generate(&database.url(), &BASE_URL);
    let after = home.tree();
    assert!(before.keys().eq(after.keys()));
    for (path, content) in &before {
        assert!(!path.ends_with(".nfo") || after[path] == *content, "another film's NFO: {path}");
    }
}

/// A stream id changes, the TMDB id stays; later the name changes too.
#[test]
fn a_tmdb_id_recognises_what_its_stream_does_not() {
    let mut catalogue = small();
    catalogue
        .movies
        .iter_mut()
        .enumerate()
        .for_each(|(n, m)| m.tmdb_id = Some((500 + n).to_string()));
    let database = database(&catalogue);
    let home = new_home();
    home.generate(&database.url(), &BASE_URL);
    let before = home.tree();
    database.execute("UPDATE vod_m3umovierelation SET stream_id = stream_id || '9'; UPDATE vod_movie SET name = name || '!'");
    let report = home.generate(&database.url(), &BASE_URL);
    assert_eq!(number(&report, "/titles/movie/new"), 0, "{report}");
    assert!(before.keys().eq(home.tree().keys()));
}

#[test]
fn priorities_that_change_move_no_version() {
    let catalogue = small();
    let database = database(&catalogue);
    let home = new_home();
    let flags = [&BASE_URL[..], &["--multi-provider"]].concat();
    home.generate(&database.url(), &flags);
    let before = home.tree();
    assert!(
        before.keys().any(|path| path.contains(" - ") && path.starts_with("Movies/")),
        "versions"
    );
    database.execute("UPDATE m3u_m3uaccount SET priority = 100 - priority");
    let report = home.generate(&database.url(), &flags);
    assert_eq!(home.tree(), before, "{report}");
    assert_eq!(number(&report, "/files/skipped/obsolete"), 0, "{report}");
}

/// Long ids that differ only at their ends, or by case: every stream gets a path of its own.
#[test]
fn streams_of_one_account_have_paths_of_their_own() {
    let mut catalogue = small();
    let stream = catalogue.movie_relations[0].clone();
    let long = "x".repeat(60);
    for stream_id in
        [format!("{long}1"), format!("{long}2"), format!("{long}3"), "Ab".into(), "ab".into()]
    {
        let movie = stream.movie_id;
        let stream = vod2strm_testkit::schema::MovieRelation { stream_id, ..stream.clone() };
        catalogue.offer_movie(movie, stream);
    }
    let database = database(&catalogue);
    let home = new_home();
    let flags = [&BASE_URL[..], &["--multi-provider"]].concat();
    let report = home.generate(&database.url(), &flags);
    assert_eq!(number(&report, "/problem_count"), 0, "{report}");
    vod2strm_testkit::home::assert_safe_paths(home.tree().keys());
    let before = home.stamps();
    home.generate(&database.url(), &flags);
    assert_eq!(home.stamps(), before);
}

/// A run for a few ids knows who all the others are.
#[test]
fn a_narrow_run_takes_nobodys_folder() {
    let mut catalogue = small();
    for movie in &mut catalogue.movies {
        (movie.name, movie.year) = ("Alpha".into(), Some(2001 + movie.id as i32));
        (movie.tmdb_id, movie.imdb_id) = (Some((500 + movie.id).to_string()), None);
    }
    let (kept, taken) = (catalogue.movies[0].id, catalogue.movies[1].id);
    let database = database(&catalogue);
    let home = new_home();
    home.generate(&database.url(), &[&BASE_URL[..], &["--movie-ids", &kept.to_string()]].concat());
    let before = home.tree();
    // Another film appears with this one's TMDB id, as a second copy in bad data would.
    database.execute(&format!(
        "UPDATE vod_movie SET tmdb_id = NULL WHERE id = {kept};
         UPDATE vod_movie SET tmdb_id = '{}' WHERE id = {taken}",
        500 + kept
    ));
    home.generate(&database.url(), &[&BASE_URL[..], &["--movie-ids", &taken.to_string()]].concat());
    let after = home.tree();
    assert!(before.iter().all(|(path, content)| after.get(path) == Some(content)), "{after:?}");
    assert!(after.len() > before.len());
}

/// Names and years, and the numbers of a panel's streams.
fn panel(films: &[(&str, u32)]) -> Vec<(String, String)> {
    let url = |number| format!("http://h/movie/u/p/{number}.mkv");
    films.iter().map(|(name, number)| ((*name).to_owned(), url(*number))).collect()
}

fn with_panel(home: &Home, films: &[(&str, u32)], flags: &[&str]) -> (i32, serde_json::Value) {
    let films = panel(films);
    let entries: String =
        films.iter().map(|(name, url)| format!("#EXTINF:-1,{name}\n{url}\n")).collect();
    let path = home.dir.path().join("list.m3u");
    std::fs::write(&path, format!("#EXTM3U\n{entries}")).unwrap();
    home.try_generate(path.to_str().unwrap(), flags)
}

/// Each folder plays the number that its film has now, and its NFO says the film.
fn assert_plays(home: &Home, films: &[(&str, u32)]) {
    let tree = home.tree();
    for ((name, url), (_, number)) in panel(films).iter().zip(films) {
        assert_eq!(strm(home, name), format!("{url}\n"), "{name} is {number}");
        let nfo = text(&tree[&format!("Movies/{name}/{name}.nfo")]);
        let title = name.rsplit_once(" (").unwrap().0;
        assert!(nfo.contains(&format!("<title>{title}</title>")), "{name}: {nfo}");
    }
    assert_eq!(tree.len(), 2 * films.len(), "{:?}", tree.keys());
}

#[test]
fn numbers_that_are_exchanged_shifted_or_used_again_take_no_folder_along() {
    const NAMES: [&str; 6] = [
        "Heat (1995)",
        "Ronin (1998)",
        "Alien (1979)",
        "Brazil (1985)",
        "Rocky (1976)",
        "Rocky II (1979)",
    ];
    let numbered = |number: fn(u32) -> u32| {
        NAMES.iter().zip(1..).map(|(name, n)| (*name, number(n))).collect::<Vec<_>>()
    };
    let exchanged: fn(u32) -> u32 = |n| if n > 2 { n } else { 3 - n };
    for number in [exchanged, |n| n + 1, |n| n % 6 + 1, |n| 7 - n] {
        let home = new_home();
        with_panel(&home, &numbered(|n| n), &[]);
        let films = numbered(number);
        let (status, report) = with_panel(&home, &films, &["--cleanup", "apply"]);
        assert_eq!((status, number_of(&report, "new")), (0, 0), "{report}");
        assert_plays(&home, &films);
    }
    let home = new_home();
    with_panel(&home, &[("Heat (1995)", 1)], &[]);
    let films = [("Ronin (1998)", 1), ("Heat (1995)", 9)];
    assert_eq!(with_panel(&home, &films, &[]).0, 0);
    assert_plays(&home, &films);
}

fn number_of(report: &serde_json::Value, outcome: &str) -> u64 {
    number(report, &format!("/titles/movie/{outcome}"))
}

#[test]
fn a_film_that_is_renamed_keeps_its_folder_and_another_one_gets_its_own() {
    let home = new_home();
    with_panel(&home, &[("Heat (1995)", 1), ("Alien (1979)", 2), ("Up (2009)", 3)], &[]);
    let renamed = [("DE: Heat (1995) 4K", 1), ("Ronin (1998)", 2), ("Up (2009)", 3)];
    let (status, report) = with_panel(&home, &renamed, &[]);
    assert_eq!((status, number_of(&report, "new")), (0, 1), "{report}");
    assert_eq!(number_of(&report, "absent"), 1, "{report}");
    for name in ["Heat (1995)", "Alien (1979)", "Ronin (1998)", "Up (2009)"] {
        strm(&home, name);
    }
    assert_eq!(home.tree().len(), 8);
}

#[test]
fn numbers_that_all_play_other_films_are_held_until_a_person_allows_it() {
    let [before, after] = contradicting_panels();
    for flags in [&[][..], &["--cleanup", "apply"][..]] {
        let home = new_home();
        assert_eq!(with_panel(&home, &borrowed(&before), flags).0, 0);
        let tree = home.tree();
        let mut ids = Vec::new();
        for _ in 0..3 {
            let (status, report) = with_panel(&home, &borrowed(&after), flags);
            assert_eq!((status, number_of(&report, "new")), (4, 0), "{report}");
            assert_eq!(report["held"][0]["titles"], 20, "{report}");
            ids.push(report["held"][0]["id"].as_str().unwrap_or("none").to_owned());
            assert_eq!(home.tree(), tree, "all stays as it is: {report}");
        }
        assert_eq!((&ids[0], &ids[1]), (&ids[1], &ids[2]), "{flags:?}");
        let dry = with_panel(&home, &borrowed(&after), &[flags, &["--dry-run"]].concat());
        assert_eq!(dry.0, 4, "{}", dry.1);
        let allow = format!("--allow-removals={}", ids[0]);
        let (status, report) =
            with_panel(&home, &borrowed(&after), &["--cleanup", "apply", &allow]);
        assert_eq!(status, 0, "{report}");
        assert_plays(&home, &borrowed(&after));
    }
}

/// A word that has no other's letters.
fn word(n: usize) -> String {
    let letter = |n: usize| char::from(b'a' + u8::try_from(n % 26).unwrap());
    format!("Film{}{}x", letter(n / 26), letter(n))
}

#[test]
fn a_few_numbers_that_play_other_films_are_new_films() {
    let names: Vec<String> = (0..30).map(|n| format!("{} (1990)", word(n))).collect();
    let other: Vec<String> = (0..5).map(|n| format!("{} (2020)", word(100 + n))).collect();
    let films = |first: &[String]| -> Vec<(String, u32)> {
        first.iter().chain(&names[first.len()..]).cloned().zip(1..).collect()
    };
    let run = |home: &Home, films: &[(String, u32)]| {
        with_panel(home, &borrowed(films), &["--cleanup", "apply"])
    };
    let home = new_home();
    run(&home, &films(&[]));
    let (status, report) = run(&home, &films(&other));
    assert_eq!(
        (status, number_of(&report, "new"), number_of(&report, "absent")),
        (0, 5, 5),
        "{report}"
    );
    assert_eq!(home.tree().len(), 70, "the old ones wait");
    assert_eq!(run(&home, &films(&other)).0, 0);
    assert_plays(&home, &borrowed(&films(&other)));
}

/// Films with numbers from 1, and what becomes of them when the first ones get other names.
#[test]
fn what_contradicts_is_new_and_what_does_not_keeps_its_folder() {
    for (before, after, is_new) in [
        ("Rocky (1976)", "Rocky II (1979)", true),
        ("Rocky II (1979)", "Rocky III (1982)", true),
        ("True Grit (1969)", "True Grit Returns (2010)", true),
        ("The Thing (1982)", "The Fly (1983)", true),
        ("Heat (1995)", "Heat (1986)", false),
        ("Heat (1995)", "Heat Extended (1996)", false),
        ("Ocean's Eleven (2001)", "Oceans 11 (2001)", false),
    ] {
        let home = new_home();
        with_panel(&home, &[(before, 1), ("Up (2009)", 2)], &[]);
        let (status, report) = with_panel(&home, &[(after, 1), ("Up (2009)", 2)], &[]);
        let new = u64::from(is_new);
        assert_eq!((status, number_of(&report, "new")), (0, new), "{before}, {after}: {report}");
        assert_eq!(number_of(&report, "absent"), new, "{before}, {after}: {report}");
        strm(&home, before);
    }
}

/// Twenty films whose numbers all play others from the second list on.
fn contradicting_panels() -> [Vec<(String, u32)>; 2] {
    [(0, 1990), (100, 2020)].map(|(first, year)| {
        let names = (0..20).map(|n| format!("{} ({year})", word(first + n)));
        names.zip(1..).collect()
    })
}

fn borrowed(films: &[(String, u32)]) -> Vec<(&str, u32)> {
    films.iter().map(|(name, number)| (name.as_str(), *number)).collect()
}

/// A list that is right again ends the hold, in a run without a cleanup, too.
#[test]
fn a_hold_of_other_films_ends_when_they_are_gone() {
    let [before, after] = contradicting_panels();
    for flags in [&[][..], &["--cleanup", "preview"][..], &["--cleanup", "apply"][..]] {
        let home = new_home();
        with_panel(&home, &borrowed(&before), flags);
        let tree = home.tree();
        let id = |report: &serde_json::Value| report["held"][0]["id"].as_str().unwrap().to_owned();
        let (_, report) = with_panel(&home, &borrowed(&after), flags);
        let first = id(&report);
        // One film is missing, and nothing is contradicted.
        assert_eq!(with_panel(&home, &borrowed(&before[1..]), flags).0, 0);
        let allow = format!("--allow-removals={first}");
        let (status, report) =
            with_panel(&home, &borrowed(&after), &["--cleanup", "apply", &allow]);
        assert_eq!(status, 2, "{flags:?} {report}");
        let (status, report) = with_panel(&home, &borrowed(&after), flags);
        assert_eq!(status, 4, "{report}");
        assert_ne!(id(&report), first, "another hold has another id");
        assert_eq!(home.tree(), tree);
    }
}

/// A run for a few ids says that what was asked for is held, and makes nothing of it.
#[test]
fn a_narrow_run_says_what_it_leaves_out() {
    let mut catalogue = vod2strm_testkit::generate::Catalogue::generate(
        7,
        vod2strm_testkit::generate::Size { movies: 30, series: 0, episodes_per_series: 0 },
        false,
    );
    for (n, movie) in catalogue.movies.iter_mut().enumerate() {
        (movie.name, movie.year) = (word(n), Some(1990));
        (movie.tmdb_id, movie.imdb_id) = (None, None);
    }
    let database = database(&catalogue);
    let home = new_home();
    home.generate(&database.url(), &BASE_URL);
    let tree = home.tree();
    for (n, movie) in catalogue.movies.iter().enumerate() {
        let name = word(100 + n);
        database.execute(&format!(
            "UPDATE vod_movie SET name = '{name}', year = 2020 WHERE id = {}",
            movie.id
        ));
    }
    let one = catalogue.movie_relations[0].movie_id.to_string();
    let narrow = [&BASE_URL[..], &["--movie-ids", &one]].concat();
    let (status, report) = home.try_generate(&database.url(), &narrow);
    assert_eq!((status, &report["held"][0]["titles"]), (4, &1.into()), "{report}");
    assert_eq!(home.tree(), tree);
    let (_, whole) = home.try_generate(&database.url(), &BASE_URL);
    let (status, report) = home.try_generate(&database.url(), &narrow);
    let is_whole_runs = |held: &serde_json::Value| held["id"] == report["held"][0]["id"];
    let has_id = whole["held"].as_array().unwrap().iter().any(is_whole_runs);
    assert!(status == 4 && has_id, "{report}");
}

/// Numbers of streams that are shifted in a whole catalogue without ids.
#[test]
fn no_folder_plays_another_film_after_a_panel_has_renumbered_itself() {
    let mut catalogue = vod2strm_testkit::generate::Catalogue::generate(
        7,
        vod2strm_testkit::generate::Size { movies: 60, series: 0, episodes_per_series: 0 },
        false,
    );
    for movie in &mut catalogue.movies {
        (movie.tmdb_id, movie.imdb_id) = (None, None);
    }
    let database = database(&catalogue);
    let home = new_home();
    let flags = [&BASE_URL[..], &["--versions", "best"]].concat();
    home.generate(&database.url(), &flags);
    let before = home.tree();
    database.execute(
        "UPDATE vod_m3umovierelation SET stream_id = 'old' || stream_id;
         UPDATE vod_m3umovierelation r SET stream_id = s.next FROM
           (SELECT id, substr(lead(stream_id, 1, min_id) OVER (PARTITION BY m3u_account_id ORDER BY id), 4) AS next
            FROM (SELECT id, m3u_account_id, stream_id,
                    first_value(stream_id) OVER (PARTITION BY m3u_account_id ORDER BY id) AS min_id
                  FROM vod_m3umovierelation) AS all_of) AS s
         WHERE s.id = r.id",
    );
    let (status, report) = home.try_generate(&database.url(), &flags);
    assert_eq!((status, number_of(&report, "new")), (0, 0), "{report}");
    let after = home.tree();
    assert!(before.keys().eq(after.keys()), "{report}");
    for (path, nfo) in before.iter().filter(|(path, _)| path.ends_with(".nfo")) {
        assert_eq!(text(&after[path]), text(nfo), "{path}");
    }
}

/// In the layouts whose folders have ids, too: only `--relayout` moves them.
#[test]
fn an_id_that_is_corrected_makes_no_second_folder_in_any_layout() {
    let mut catalogue = small();
    let id = catalogue.movies[0].id;
    (catalogue.movies[0].tmdb_id, catalogue.movies[0].imdb_id) = (Some("949".into()), None);
    for layout in vod2strm_core::layout::Layout::all() {
        let database = database(&catalogue);
        let home = new_home();
        let flags = [&BASE_URL[..], &["--layout", layout.as_str()]].concat();
        home.generate(&database.url(), &flags);
        let before = home.tree();
        for corrected in ["'999999'", "' 949'", "'0'", "''", "NULL", "'7'"] {
            database
                .execute(&format!("UPDATE vod_movie SET tmdb_id = {corrected} WHERE id = {id}"));
            let report = home.generate(&database.url(), &flags);
            assert_eq!(number_of(&report, "new"), 0, "{corrected} {report}");
            assert!(before.keys().eq(home.tree().keys()), "{} {corrected}", layout.as_str());
        }
    }
}

/// Dispatcharr makes a second row of a film for a night, and one of both again.
#[test]
fn a_title_that_is_split_and_joined_again_keeps_its_first_folder() {
    let mut catalogue = small();
    let movie = catalogue.movies[0].id;
    (catalogue.movies[0].tmdb_id, catalogue.movies[0].imdb_id) = (Some("949".into()), None);
    let mut stream = catalogue.movie_relations[0].clone();
    stream.stream_id = format!("{}9", stream.stream_id);
    catalogue.offer_movie(movie, stream);
    let database = database(&catalogue);
    let home = new_home();
    let flags = [&BASE_URL[..], &["--cleanup", "apply"]].concat();
    home.generate(&database.url(), &flags);
    let before = home.tree();
    let first = format!("(SELECT min(id) FROM vod_m3umovierelation WHERE movie_id = {movie})");
    database.execute(&format!(
        "CREATE TABLE split AS SELECT * FROM vod_movie WHERE id = {movie};
         UPDATE split SET id = 9999, uuid = gen_random_uuid(), tmdb_id = NULL;
         INSERT INTO vod_movie SELECT * FROM split;
         UPDATE vod_m3umovierelation SET movie_id = 9999 WHERE id = {first}"
    ));
    let report = home.generate(&database.url(), &flags);
    assert_eq!(number_of(&report, "new"), 0, "{report}");
    assert!(before.keys().eq(home.tree().keys()), "{:?}", home.tree().keys());
    database.execute(&format!(
        "UPDATE vod_m3umovierelation SET movie_id = {movie} WHERE movie_id = 9999;
         DELETE FROM vod_movie WHERE id = 9999"
    ));
    for _ in 0..3 {
        home.generate(&database.url(), &flags);
    }
    assert!(before.keys().eq(home.tree().keys()), "{:?}", home.tree().keys());
}

/// Namesakes without ids that are not one title are told apart by Dispatcharr's UUIDs when all numbers are others.
#[test]
fn namesakes_keep_their_folders_when_a_provider_renumbers_its_streams() {
    let mut catalogue = small();
    for (movie, name) in
        catalogue.movies.iter_mut().zip(["Red Signal", "RED SIGNAL", "Red  Signal"])
    {
        (movie.name, movie.year) = (name.into(), Some(1991));
        (movie.tmdb_id, movie.imdb_id) = (None, None);
    }
    for (n, movie) in catalogue.movies.iter_mut().enumerate() {
        movie.description = Some(format!("plot {n}"));
    }
    let database = database(&catalogue);
    let home = new_home();
    let flags = [&BASE_URL[..], &["--no-name-clean"]].concat();
    home.generate(&database.url(), &flags);
    let plots = |home: &Home| -> Vec<(String, String)> {
        let nfos = home.tree().into_iter().filter(|(path, _)| path.ends_with(".nfo"));
        nfos.map(|(path, nfo)| (path, text(&nfo))).collect()
    };
    let before = plots(&home);
    // The last row comes first.
    database.execute(
        "UPDATE vod_m3umovierelation SET stream_id = 'new' || stream_id;
         UPDATE vod_movie SET id = 100000 - id;
         UPDATE vod_m3umovierelation SET movie_id = 100000 - movie_id",
    );
    let report = home.generate(&database.url(), &flags);
    assert_eq!(number_of(&report, "new"), 0, "{report}");
    assert_eq!(plots(&home), before);
    let ledger = rusqlite::Connection::open(home.ledger()).unwrap();
    let sql = "SELECT count(*) FROM titles WHERE kind = 'movie' AND uuid IS NULL";
    let without: i64 = ledger.query_row(sql, [], |row| row.get(0)).unwrap();
    assert_eq!(without, 0);
}

/// What is unchanged costs no name; what is changed costs one statement more for all of a kind.
#[test]
fn names_are_read_only_when_something_is_missing_or_changed() {
    let database = database(&small());
    let home = new_home();
    home.generate(&database.url(), &BASE_URL);
    let statements = |sql: &str| {
        database.execute(sql);
        number(
            &home.generate(&database.url(), &[&BASE_URL[..], &["--full"]].concat()),
            "/sql_statements",
        )
    };
    let unchanged = statements("SELECT 1");
    assert_eq!(unchanged, statements("SELECT 1"), "each of them is about all titles");
    // One for the names, two for the batch.
    assert_eq!(statements("UPDATE vod_movie SET description = 'x'"), unchanged + 3);
    assert_eq!(statements("SELECT 1"), unchanged, "what is known is not asked for again");
}
