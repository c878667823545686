//! What was put together stays together, night after night, until its entries contradict it.

use vod2strm_testkit::home::{Home, number};
use vod2strm_testkit::postgres::TestDatabase;

use super::{BASE_URL, DUNE, list, movie_folders, movie_rows, new_home, of_movies, set, strms};

const ALL: [&str; 4] = ["--base-url", "http://dispatcharr:9191", "--versions", "all"];

fn with<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&ALL[..], more].concat()
}

#[test]
fn an_entry_that_is_missing_for_a_night_moves_nothing() {
    let database = movie_rows(&DUNE.map(|name| (name, None)));
    let home = new_home();
    home.generate(&database.url(), &ALL);
    let before = home.tree();
    // The first row is the one that gives the title its details.
    for row in [1, 4] {
        database.execute(&format!(
            "UPDATE vod_m3umovierelation SET movie_id = 100 + movie_id WHERE movie_id = {row};
             UPDATE vod_movie SET id = 100 + id WHERE id = {row}"
        ));
        for _ in 0..3 {
            let report = home.generate(&database.url(), &ALL);
            assert_eq!(of_movies(&report, "new"), 0, "row {row} has another id: {report:#}");
            assert!(before.keys().eq(home.tree().keys()), "{:?}", home.tree().keys());
        }
    }
    database.execute(
        "UPDATE vod_m3umovierelation SET stream_id = 'x' || stream_id WHERE movie_id > 100",
    );
    let report = home.generate(&database.url(), &ALL);
    assert_eq!(of_movies(&report, "new"), 0, "{report:#}");
    assert_eq!(movie_folders(&home), set(&["Dune (2021)"]));
}

#[test]
fn an_entry_that_contradicts_its_title_leaves_after_the_grace_and_one_run_more() {
    let database = movie_rows(&[("Dune (2021)", None), ("FR - Dune (2021)", None)]);
    let home = new_home();
    home.generate(&database.url(), &ALL);
    assert_eq!(strms(&home, "Movies/Dune (2021)").len(), 2);
    let before = home.tree();
    database.execute("UPDATE vod_movie SET name = 'FR - Arrival (2016)' WHERE id = 2");
    for run in 0..2 {
        let report = home.generate(&database.url(), &with(&["--grace", "2"]));
        assert_eq!(of_movies(&report, "new"), 0, "run {run}: {report:#}");
        assert!(before.keys().eq(home.tree().keys()), "run {run}: {:?}", home.tree().keys());
    }
    let report = home.generate(&database.url(), &with(&["--grace", "2"]));
    assert_eq!(of_movies(&report, "new"), 1, "{report:#}");
    assert_eq!(movie_folders(&home), set(&["Arrival (2016)", "Dune (2021)"]));
    let left = strms(&home, "Movies/Arrival (2016)");
    assert!(left[0].1.contains("stream_id=102"), "{left:?}");
}

/// The files of what left are another title's: that is no loss, and no folder plays another film for one more grace.
#[test]
fn what_an_entry_leaves_behind_goes_in_the_same_night_and_only_with_a_cleanup() {
    for (flags, files) in [(&["--cleanup", "apply"][..], 1), (&[], 2)] {
        let database = movie_rows(&[("Dune (2021)", None), ("FR - Dune (2021)", None)]);
        let home = new_home();
        home.generate(&database.url(), &ALL);
        database.execute("UPDATE vod_movie SET name = 'FR - Arrival (2016)' WHERE id = 2");
        home.generate(&database.url(), &with(flags));
        assert_eq!(strms(&home, "Movies/Dune (2021)").len(), 2, "it may be a slip of one night");
        let foreseen = home.generate(&database.url(), &with(&[flags, &["--dry-run"]].concat()));
        let report = home.generate(&database.url(), &with(flags));
        assert_eq!(of_movies(&report, "new"), 1, "{report:#}");
        assert_eq!(report["held"], serde_json::json!([]), "{report:#}");
        assert_eq!(strms(&home, "Movies/Dune (2021)").len(), files, "{flags:?}: {report:#}");
        assert_eq!(strms(&home, "Movies/Arrival (2016)").len(), 1, "{report:#}");
        let would_go = if files == 1 { 2 } else { 0 };
        assert_eq!(number(&foreseen, "/files/would_delete/not_wanted"), would_go, "{foreseen:#}");
    }
}

/// Most episodes of the series are those of the entry that leaves.
#[test]
fn episodes_that_leave_with_their_entry_are_no_loss() {
    let home = new_home();
    let episode = |name: &str, n: usize, id: usize| {
        (format!("{name} S01E{n:02}"), format!("series/u/p/{id}.mkv"))
    };
    let source = |second: &str| {
        let one = (1..3).map(|n| episode("Fargo (2014)", n, n));
        let other = (1..9).map(|n| episode(second, n, 10 + n));
        let all: Vec<(String, String)> = one.chain(other).collect();
        let entries: Vec<(&str, &str, &str)> =
            all.iter().map(|(name, path)| ("TV", name.as_str(), path.as_str())).collect();
        list(&home, &entries)
    };
    let apply = ["--versions", "all", "--cleanup", "apply"];
    home.generate(&source("FR - Fargo (2014)"), &apply);
    assert_eq!(strms(&home, "TV/Fargo (2014)").len(), 10, "{:?}", home.tree().keys());
    for _ in 0..3 {
        let report = home.generate(&source("FR - Dark (2017)"), &apply);
        assert_eq!(report["held"], serde_json::json!([]), "{report:#}");
    }
    assert_eq!(strms(&home, "TV/Fargo (2014)").len(), 2, "{:?}", home.tree().keys());
    assert_eq!(strms(&home, "TV/Dark (2017)").len(), 8, "{:?}", home.tree().keys());
}

#[test]
fn an_entry_that_contradicts_for_one_night_alone_never_leaves() {
    let database = movie_rows(&[("Dune (2021)", None), ("FR - Dune (2021)", None)]);
    let home = new_home();
    home.generate(&database.url(), &ALL);
    let before = home.tree();
    for name in ["FR - Arrival (2016)", "FR - Dune (2021)", "Arrival (2016)", "FR - Dune 2021"] {
        database.execute(&format!("UPDATE vod_movie SET name = '{name}' WHERE id = 2"));
        let report = home.generate(&database.url(), &with(&["--cleanup", "apply"]));
        assert_eq!(of_movies(&report, "new"), 0, "{name}: {report:#}");
        assert!(before.keys().eq(home.tree().keys()), "{name}: {:?}", home.tree().keys());
    }
}

/// The second film gains the year that says which it is. The user's subtitle is in its folder.
#[test]
fn known_titles_become_one_only_with_relayout_and_what_is_the_users_stays() {
    let database = movie_rows(&[("Dune (2021)", None), ("FR - Dune", None)]);
    let home = new_home();
    home.generate(&database.url(), &ALL);
    database.execute("UPDATE vod_movie SET year = 2021 WHERE id = 2");
    let apply = with(&["--cleanup", "apply"]);
    for _ in 0..4 {
        let report = home.generate(&database.url(), &apply);
        assert_eq!(of_movies(&report, "new"), 0, "{report:#}");
        assert_eq!(movie_folders(&home), set(&["Dune", "Dune (2021)"]));
    }
    let subtitle = home.output().join("Movies/Dune/mine.srt");
    std::fs::write(&subtitle, "mine").unwrap();
    let before = home.tree();
    let preview = home.generate(&database.url(), &with(&["--relayout", "--dry-run"]));
    assert_eq!(home.tree(), before);
    assert!(preview["warnings"].to_string().contains("becomes one"), "{preview:#}");
    assert!(preview["warnings"].to_string().contains("Dune"), "{preview:#}");
    home.generate(&database.url(), &with(&["--relayout"]));
    assert_eq!(strms(&home, "Movies/Dune (2021)").len(), 2, "{:?}", home.tree().keys());
    let report = home.generate(&database.url(), &apply);
    assert_eq!(report["held"], serde_json::json!([]), "{report:#}");
    let tree = home.tree();
    let left: Vec<&String> = tree.keys().filter(|path| path.starts_with("Movies/Dune/")).collect();
    assert_eq!(left, ["Movies/Dune/mine.srt"], "{report:#}");
    assert_eq!(strms(&home, "Movies/Dune (2021)").len(), 2);
    let report = home.generate(&database.url(), &apply);
    assert_eq!(of_movies(&report, "unchanged"), 1, "{report:#}");
}

/// Somebody's file has the name that the version is to have.
#[test]
fn what_becomes_one_keeps_its_files_until_the_other_title_has_them() {
    let database = movie_rows(&[("Dune (2021)", None), ("FR - Dune", None)]);
    let home = new_home();
    home.generate(&database.url(), &ALL);
    database.execute("UPDATE vod_movie SET year = 2021 WHERE id = 2");
    let taken = home.output().join("Movies/Dune (2021)/Dune (2021) - FR.strm");
    std::fs::write(&taken, "mine").unwrap();
    let before = strms(&home, "Movies/Dune/");
    for _ in 0..3 {
        let flags = with(&["--relayout", "--cleanup", "apply"]);
        let (status, report) = home.try_generate(&database.url(), &flags);
        assert_eq!(status, 3, "a file is in the way: {report:#}");
        assert_eq!(strms(&home, "Movies/Dune/"), before, "{report:#}");
    }
    std::fs::remove_file(&taken).unwrap();
    home.generate(&database.url(), &with(&["--cleanup", "apply"]));
    assert_eq!(movie_folders(&home), set(&["Dune (2021)"]));
    assert_eq!(strms(&home, "Movies/Dune (2021)/").len(), 2);
}

/// A row that becomes another film, which the library has, is a version of that one.
#[test]
fn an_entry_that_leaves_its_title_joins_the_one_that_it_is() {
    let database = movie_rows(&[("Dune (2021)", None), ("Arrakis (2021)", None)]);
    let home = new_home();
    home.generate(&database.url(), &ALL);
    database.execute("UPDATE vod_movie SET name = 'FR - Dune (2021)' WHERE id = 2");
    let apply = with(&["--cleanup", "apply", "--grace", "2"]);
    for folders in [2, 2, 1, 1] {
        home.generate(&database.url(), &apply);
        assert_eq!(strms(&home, "Movies/Dune (2021)/").len(), 2);
        assert_eq!(movie_folders(&home).len(), folders, "the old folder waits for the grace");
    }
}

/// A library that was made when each entry was a title.
#[test]
fn what_a_library_has_apart_stays_apart_after_an_update() {
    let database = movie_rows(&DUNE.map(|name| (name, None)));
    let home = new_home();
    home.generate(&database.url(), &[&BASE_URL[..], &["--no-name-clean"]].concat());
    let before = home.tree();
    assert_eq!(movie_folders(&home).len(), 4);
    let ledger = rusqlite::Connection::open(home.ledger()).unwrap();
    ledger.execute("DELETE FROM meta WHERE key = 'versions'", []).unwrap();
    drop(ledger);
    let report = home.generate(&database.url(), &[&BASE_URL[..], &["--no-name-clean"]].concat());
    assert!(report["warnings"].to_string().contains("versions"), "{report:#}");
    assert_eq!(home.tree(), before);
    let report = home.generate(&database.url(), &BASE_URL);
    assert_eq!((of_movies(&report, "new"), of_movies(&report, "absent")), (0, 0), "{report:#}");
    assert_eq!(movie_folders(&home).len(), 4);
    // A provider that gives all its streams other numbers.
    database.execute("UPDATE vod_m3umovierelation SET stream_id = 'x' || stream_id");
    let before = home.tree();
    for _ in 0..2 {
        let flags = [&BASE_URL[..], &["--cleanup", "apply"]].concat();
        let report = home.generate(&database.url(), &flags);
        assert_eq!(of_movies(&report, "absent"), 0, "{report:#}");
        assert!(before.keys().eq(home.tree().keys()), "{:?}", home.tree().keys());
    }
}

/// As after an update of this program that reads names in another way.
#[test]
fn names_that_are_read_in_another_way_move_nothing() {
    let database = movie_rows(&DUNE.map(|name| (name, None)));
    let home = new_home();
    home.generate(&database.url(), &ALL);
    let before = home.tree();
    let ledger = rusqlite::Connection::open(home.ledger()).unwrap();
    let other = "UPDATE meta SET value = 'another way' WHERE key = 'names read by'";
    ledger.execute(other, []).unwrap();
    ledger.execute("UPDATE titles SET called = 17 WHERE called IS NOT NULL", []).unwrap();
    drop(ledger);
    database.execute(
        "INSERT INTO vod_movie SELECT (jsonb_populate_record(m, jsonb_build_object('id', 9, 'name', 'PL - Dune (2021)',
           'uuid', '00000000-0000-4000-8000-000000000009'))).* FROM vod_movie m WHERE id = 1;
         INSERT INTO vod_m3umovierelation SELECT (jsonb_populate_record(r, jsonb_build_object('id', 9, 'movie_id', 9,
           'stream_id', '109'))).* FROM vod_m3umovierelation r WHERE movie_id = 1",
    );
    let report = home.generate(&database.url(), &ALL);
    assert_eq!((of_movies(&report, "new"), of_movies(&report, "changed")), (0, 1), "{report:#}");
    let after = home.tree();
    assert!(before.keys().all(|path| after.contains_key(path)), "{:?}", after.keys());
    assert_eq!(strms(&home, "Movies/Dune (2021)").len(), 5);
}

/// What was put together costs no more than what was not.
#[test]
fn an_unchanged_run_has_as_many_statements_as_ever() {
    let database = movie_rows(&DUNE.map(|name| (name, None)));
    // A session at work for all that time: one that is idle lets the run ask for the counters, too.
    database.execute("BEGIN");
    let home = new_home();
    home.generate(&database.url(), &ALL);
    let report = home.generate(&database.url(), &ALL);
    assert_eq!(of_movies(&report, "unchanged"), 1, "{report:#}");
    assert!(number(&report, "/sql_statements") <= 12, "{report:#}");
    assert_eq!(number(&report, "/file_system_calls/writes"), 0, "{report:#}");
}

/// Ten films of three entries each, and the ledger of a library of them.
fn ten_films() -> (Home, TestDatabase) {
    let names: Vec<String> = ["EN", "FR", "DE"]
        .iter()
        .flat_map(|language| (1..=10).map(move |film| format!("{language} - Film {film} (2021)")))
        .collect();
    let names: Vec<(&str, Option<i32>)> = names.iter().map(|name| (name.as_str(), None)).collect();
    let (database, home) = (movie_rows(&names), new_home());
    home.generate(&database.url(), &ALL);
    assert_eq!((movie_folders(&home).len(), versions_of(&home)), (10, 30));
    (home, database)
}

fn versions_of(home: &Home) -> usize {
    let tree = home.tree();
    let strms = tree.keys().filter(|path| path.ends_with(".strm"));
    strms.filter(|path| path.starts_with("Movies/")).count()
}

/// What the provider no longer has: the entries with these numbers.
fn lose(database: &TestDatabase, rows: std::ops::RangeInclusive<u32>) {
    let (first, last) = (rows.start(), rows.end());
    database.execute(&format!(
        "DELETE FROM vod_m3umovierelation WHERE movie_id BETWEEN {first} AND {last};
         DELETE FROM vod_movie WHERE id BETWEEN {first} AND {last}"
    ));
}

/// Every film is there by its other entries: no title is lost, and seven of thirty versions are.
#[test]
fn versions_are_held_when_an_account_loses_more_than_a_fifth_of_its_entries() {
    let (home, database) = ten_films();
    lose(&database, 11..=17);
    let apply = with(&["--cleanup", "apply", "--grace", "0"]);
    let held = serde_json::json!({"kind": "movie_entry", "titles": 7, "files": 14});
    for more in [&["--dry-run"][..], &[], &[]] {
        let (status, report) = home.try_generate(&database.url(), &[&apply, more].concat());
        assert_eq!((status, versions_of(&home)), (4, 30), "{report:#}");
        let told = &report["held"][0];
        for field in ["kind", "titles", "files"] {
            assert_eq!(told[field], held[field], "{report:#}");
        }
        assert!(told.to_string().contains("7 of the 30 entries of movies"), "{told:#}");
    }
    let permission = [&apply[..], &["--allow-removals"]].concat();
    let (status, report) = home.try_generate(&database.url(), &permission);
    assert_eq!((status, versions_of(&home)), (0, 23), "{report:#}");
    lose(&database, 21..=24);
    let (status, report) = home.try_generate(&database.url(), &apply);
    assert_eq!((status, versions_of(&home)), (0, 19), "four of 23: {report:#}");
}

#[test]
fn versions_that_go_night_by_night_add_up_and_other_numbers_are_no_loss() {
    let (home, database) = ten_films();
    let apply = with(&["--cleanup", "apply", "--grace", "0"]);
    database.execute("UPDATE vod_m3umovierelation SET stream_id = 'x' || stream_id");
    for _ in 0..2 {
        let (status, report) = home.try_generate(&database.url(), &apply);
        assert_eq!((status, versions_of(&home)), (0, 30), "{report:#}");
    }
    for (rows, expected) in [(11..=13, (0, 27)), (14..=16, (0, 24)), (17..=17, (4, 24))] {
        lose(&database, rows);
        let (status, report) = home.try_generate(&database.url(), &apply);
        assert_eq!((status, versions_of(&home)), expected, "{report:#}");
    }
}
