//! Catalogue and library in numbers, and what runs of the past did.

#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test plays the user")]

use serde_json::Value;
use vod2strm_testkit::generate::{Catalogue, Size};
use vod2strm_testkit::home::{Home, text};
use vod2strm_testkit::postgres::TestDatabase;
use vod2strm_testkit::schema::Generation;

const FLAGS: [&str; 2] = ["--base-url", "http://dispatcharr:9191"];

fn library() -> (Home, TestDatabase) {
    let size = Size { movies: 60, series: 8, episodes_per_series: 5 };
    let database = TestDatabase::create(Generation::NEWEST);
    database.insert(&Catalogue::generate(4, size, false));
    let home = Home::new(env!("CARGO_BIN_EXE_vod2strm"));
    home.generate(&database.url(), &FLAGS);
    (home, database)
}

fn lines(home: &Home, arguments: &[&str]) -> Vec<Value> {
    let done = home.run(arguments);
    assert!(done.status.success(), "{}", text(&done.stderr));
    text(&done.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn value<'a>(rows: &'a [Value], section: &str, subject: &str, measure: &str) -> &'a Value {
    let is_it = |row: &&Value| {
        row["section"] == section
            && row["subject"].as_str().unwrap().ends_with(subject)
            && row["measure"] == measure
    };
    &rows.iter().find(is_it).unwrap_or_else(|| panic!("{section} {subject} {measure}: {rows:#?}"))["value"]
}

#[test]
fn the_numbers_are_those_of_database_disk_and_ledger() {
    let (home, database) = library();
    database.execute("DELETE FROM vod_m3umovierelation WHERE movie_id = (SELECT min(movie_id) FROM vod_m3umovierelation)");
    home.generate(&database.url(), &[&FLAGS[..], &["--cleanup", "apply"]].concat());
    let (url, output) = (database.url(), home.output());
    let arguments = [
        "stats",
        "--json",
        "--csv",
        "s.csv",
        "--source",
        &url,
        "--output",
        output.to_str().unwrap(),
    ];
    let rows = lines(&home, &arguments);
    let count =
        |sql: &str| Value::from(database.query_one_i64(&format!("SELECT count(*) FROM {sql}")));
    assert_eq!(*value(&rows, "catalogue", "all", "movies"), count("vod_movie"));
    assert_eq!(*value(&rows, "catalogue", "all", "episodes"), count("vod_episode"));
    let bare =
        "vod_series s WHERE NOT EXISTS (SELECT 1 FROM vod_episode e WHERE e.series_id = s.id)";
    assert_eq!(*value(&rows, "catalogue", "all", "series without episodes"), count(bare));
    let of_alpha =
        "(SELECT DISTINCT movie_id FROM vod_m3umovierelation WHERE m3u_account_id = 1) x";
    assert_eq!(*value(&rows, "account", "Alpha", "movies"), count(of_alpha));
    assert_eq!(*value(&rows, "account", "Alpha", "state"), "active, XC, priority 10");
    assert_eq!(*value(&rows, "account", "Old", "state"), "switched off, XC, priority 100");
    let on_disk = |end: &str, root: &str| {
        let is_it = |path: &&String| path.starts_with(root) && path.ends_with(end);
        Value::from(home.tree().keys().filter(is_it).count())
    };
    assert_eq!(*value(&rows, "disk", "/Movies", ".strm files"), on_disk(".strm", "Movies/"));
    assert_eq!(*value(&rows, "disk", "/TV", ".nfo files"), on_disk(".nfo", "TV/"));
    assert_eq!(*value(&rows, "ledger", "all", "files held"), Value::from(home.tree().len()));
    assert_eq!(*value(&rows, "ledger", "movie", "titles missing from the catalogue"), 1);
    let missing = rows.iter().filter(|row| row["measure"] == "missing for so many runs");
    assert_eq!(missing.count(), 1);
    assert_eq!(rows.iter().filter(|row| row["section"] == "run").count(), 2);
    let csv = std::fs::read_to_string(home.dir.path().join("s.csv")).unwrap();
    assert_eq!(csv.lines().count(), rows.len() + 1);
    assert!(csv.starts_with("section,subject,measure,value\ncatalogue,all,movies,60\n"), "{csv}");
}

#[test]
fn what_somebody_edited_and_a_removal_left_is_held_no_more() {
    let (home, database) = library();
    let edited = home.tree().into_keys().find(|path| path.ends_with(".nfo")).unwrap();
    std::fs::write(home.output().join(&edited), "mine").unwrap();
    let held = |home: &Home| {
        let output = home.output();
        let rows = lines(home, &["stats", "--json", "--output", output.to_str().unwrap()]);
        value(&rows, "ledger", "all", "files held").as_u64().unwrap()
    };
    home.generate(&database.url(), &[&FLAGS[..], &["--nfo", "off", "--cleanup", "apply"]].concat());
    let tree = home.tree();
    assert_eq!(tree.get(&edited).map(|nfo| text(nfo)).as_deref(), Some("mine"));
    assert_eq!(held(&home), tree.len() as u64 - 1, "all but the edited one: it is the user's");
}

#[test]
fn each_side_can_be_asked_alone_and_people_get_a_table() {
    let (home, database) = library();
    let (url, output) = (database.url(), home.output());
    let source = home.run(&["stats", "--source", &url]);
    let said = text(&source.stdout);
    assert!(said.starts_with("catalogue: all\n  movies ") && !said.contains("disk:"), "{said}");
    let said = text(&home.run(&["stats", "--output", output.to_str().unwrap()]).stdout);
    assert!(said.starts_with("disk: ") && said.contains("run: 1\n"), "{said}");
    assert!(
        said.contains("status 0") && !said.contains(['{', '"']),
        "runs are told in words: {said}"
    );
    let neither = home.run(&["stats"]);
    assert_eq!(neither.status.code(), Some(2));
    std::fs::write(
        home.dir.path().join("a.m3u"),
        "#EXTM3U\n#EXTINF:-1,Heat\nhttp://h/movie/u/p/1.mkv\n",
    )
    .unwrap();
    let said = text(&home.run(&["stats", "--source", "a.m3u"]).stdout);
    assert!(said.contains("movies                               1\n"), "{said}");
}

#[test]
fn what_runs_did_can_be_read_title_by_title() {
    let (home, database) = library();
    database.execute("UPDATE vod_movie SET description = 'new' WHERE id = 3");
    home.generate(&database.url(), &FLAGS);
    home.generate(&database.url(), &FLAGS);
    database.execute("DELETE FROM vod_m3umovierelation WHERE movie_id = 3");
    home.generate(&database.url(), &[&FLAGS[..], &["--cleanup", "apply", "--grace", "0"]].concat());
    let output = home.output();
    let output = ["--output", output.to_str().unwrap()];
    let history =
        |more: &[&str]| lines(&home, &[&["history", "--json"][..], more, &output].concat());
    let runs = history(&[]);
    assert_eq!(runs.len(), 4, "{runs:#?}");
    assert_eq!((&runs[1]["changed"], &runs[1]["status"]), (&1.into(), &0.into()));
    assert!(runs[0]["new"].as_u64().unwrap() > 30 && runs[2].get("changed").is_none());
    let first = history(&["1"]);
    let new = first.iter().filter(|change| change["change"] == "new").count();
    assert_eq!(runs[0]["new"], new);
    let second = history(&["2"]);
    assert_eq!(second.len(), 2, "{second:#?}");
    assert_eq!((&second[1]["change"], &second[1]["files"]), (&"changed".into(), &1.into()));
    assert_eq!(history(&["3"]).len(), 1, "an unchanged run did nothing");
    let fourth = history(&["4"]);
    assert_eq!(fourth[1]["change"], "removed", "{fourth:#?}");
    assert_eq!(fourth[1]["name"], second[1]["name"], "a title that went still has its name");
    let said = text(&home.run(&[&["history"][..], &output].concat()).stdout);
    assert!(said.contains("1 changed\n") && said.contains("nothing changed\n"), "{said}");
    let none = home.run(&[&["history", "99"][..], &output].concat());
    assert_eq!(none.status.code(), Some(2));
}

/// A name that a spreadsheet would take for a formula is a text in the report.
#[test]
fn no_cell_of_a_report_is_a_formula() {
    let home = Home::new(env!("CARGO_BIN_EXE_vod2strm"));
    let list = home.dir.path().join("a.m3u");
    let entries = "#EXTM3U\n#EXTINF:-1,=HYPERLINK(1)\nhttp://h/movie/u/p/1.mkv\n\
                   #EXTINF:-1,@SUM(2)\nhttp://h/movie/u/p/2.mkv\n";
    std::fs::write(&list, entries).unwrap();
    let more = ["--no-name-clean", "--report", "r.csv"];
    home.generate(list.to_str().unwrap(), &more);
    let csv = std::fs::read_to_string(home.dir.path().join("r.csv")).unwrap();
    assert!(csv.contains(",'=HYPERLINK(1),") && csv.contains(",'@SUM(2),"), "{csv}");
}

/// One run with a wrong clock costs neither the history nor the memory of titles that were removed.
#[test]
fn a_wrong_clock_forgets_nothing_and_one_that_is_behind_is_told_of() {
    let (home, database) = library();
    let db = || rusqlite::Connection::open(home.ledger()).unwrap();
    // As if the run before had been so many days ago: the next one's clock is as far ahead.
    let age = |days: i64| {
        db().execute_batch(&format!(
            "UPDATE runs SET started = started - {days} * 86400, finished = finished - {days} * 86400;
             UPDATE titles SET removed = removed - {days} * 86400"
        ))
        .unwrap();
    };
    database.execute("DELETE FROM vod_m3umovierelation WHERE movie_id = 3");
    let cleanup = [&FLAGS[..], &["--cleanup", "apply", "--grace", "0"]].concat();
    home.generate(&database.url(), &cleanup);
    let count = |table: &str| {
        let sql = format!("SELECT count(*) FROM {table}");
        db().query_row(&sql, [], |row| row.get::<_, i64>(0)).unwrap()
    };
    let titles = count("titles");
    age(400);
    home.generate(&database.url(), &cleanup);
    assert_eq!((count("runs"), count("titles")), (3, titles), "a clock that is ahead");
    age(-4);
    let behind = home.generate(&database.url(), &cleanup);
    assert!(behind["warnings"].to_string().contains("the last run began at"), "{behind:#}");
    assert_eq!((count("runs"), count("titles")), (4, titles), "a clock that is behind");
}
