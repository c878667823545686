//! How far a permission goes, and what is said where it goes nowhere.

use std::process::Stdio;

use serde_json::Value;
use vod2strm_testkit::home::{number, text};

use super::{APPLY, Library, ids, none};

const ONE: [&str; 3] = ["--cleanup", "apply", "--allow-removals=2.1"];
const ALL: [&str; 3] = ["--cleanup", "apply", "--allow-removals"];

/// A hold ends with its permission: one that stays in a time table lets nothing more go.
#[test]
fn an_id_does_not_outlive_its_permission() {
    let library = Library::new();
    library.has(0..100, none());
    library.run(&APPLY);
    library.has(0..70, none());
    assert_eq!(ids(&library.run(&APPLY).1), ["2.1"]);
    library.has(0..45, none());
    let dry = [&ONE[..], &["--dry-run"]].concat();
    assert_eq!(ids(&library.run(&dry).1), ["none"]);
    let (status, report) = library.run(&ONE);
    assert_eq!(
        (status, library.strms(), ids(&report)),
        (4, 70, vec!["3.1".to_owned()]),
        "{report}"
    );
    for films in [45, 30, 18] {
        library.has(0..films, none());
        assert_eq!((library.run(&ONE).0, library.strms()), (2, 70));
    }
}

/// Without an id it covers what the last complete run with a cleanup held, and not what an earlier one did.
#[test]
fn a_permission_without_an_id_covers_the_last_run_alone() {
    let library = Library::new();
    library.has(0..40, (0..20).map(|show| (show, 3)));
    library.run(&APPLY);
    library.has(0..20, (0..10).map(|show| (show, 3)));
    assert_eq!(ids(&library.run(&APPLY).1), ["2.1", "2.2"]);
    assert_eq!(library.run(&["movies", "--cleanup", "apply"]).0, 4);
    let (status, report) = library.run(&ALL);
    assert_eq!((status, ids(&report)), (4, vec!["2.1".to_owned()]), "{report}");
    assert_eq!(library.strms(), 20 + 60);
}

/// What is newly missing waits its grace period also where the hold was for the filter, or for a series' episodes.
#[test]
fn what_is_newly_missing_waits_beside_what_is_let_go() {
    let filter = ["--cleanup", "apply", "--filter", "category == Old"];
    let library = Library::new();
    library.has_in("Old", 0..100, none());
    library.run(&filter);
    let only_these_pass = |films: &mut dyn Iterator<Item = u32>| {
        library.has_in("Old", films, none());
        let old = std::fs::read_to_string(&library.list).unwrap();
        library.has_in("New", 70..100, none());
        let new = std::fs::read_to_string(&library.list).unwrap();
        std::fs::write(&library.list, old + new.trim_start_matches("#EXTM3U\n")).unwrap();
    };
    only_these_pass(&mut (0..70));
    assert_eq!(ids(&library.run(&filter).1), ["2.1"]);
    only_these_pass(&mut (0..70).filter(|film| *film != 5));
    let (status, report) = library.run(&[&filter[..], &["--allow-removals"]].concat());
    assert_eq!((status, number(&report, "/titles/movie/waiting")), (0, 1), "{report}");
    assert_eq!((library.run(&filter).0, library.strms()), (0, 69));
    let library = Library::new();
    let shows = |episodes| (0..20).map(move |show| (show, if show == 0 { episodes } else { 40 }));
    for episodes in [12, 5] {
        library.has(0..0, shows(episodes));
        library.run(&APPLY);
    }
    library.has(0..0, shows(4));
    let (status, report) = library.run(&ALL);
    assert_eq!((status, number(&report, "/titles/series/waiting")), (0, 1), "{report}");
    assert_eq!((library.run(&APPLY).0, library.strms()), (0, 19 * 40 + 4));
}

/// While the list may be cut off nothing is let go, and the hold keeps its id.
#[test]
fn a_permission_for_a_list_that_may_be_cut_off_loses_no_id() {
    let library = Library::new();
    library.has(0..40, none());
    library.run(&APPLY);
    library.has(0..20, none());
    assert_eq!(ids(&library.run(&APPLY).1), ["2.1"]);
    let list = std::fs::read_to_string(&library.list).unwrap();
    std::fs::write(&library.list, list.trim_end()).unwrap();
    let (status, report) = library.run(&ONE);
    assert_eq!(
        (status, library.strms(), ids(&report)),
        (4, 40, vec!["2.1".to_owned()]),
        "{report}"
    );
    assert!(report["warnings"].to_string().contains("nothing is let go"), "{report}");
    std::fs::write(&library.list, list).unwrap();
    assert_eq!((library.run(&ONE).0, library.strms()), (0, 20));
}

/// What a permission took lowers the number although the run was ended in between.
#[test]
fn a_permission_run_that_is_ended_lowers_by_what_went() {
    let library = Library::new();
    library.has(0..1_500, none());
    library.run(&APPLY);
    library.has(0..750, none());
    library.run(&APPLY);
    let output = library.home.output();
    let arguments = ["--source", &library.list, "--output", output.to_str().unwrap()];
    let mut run = library.home.command(&[&["generate"], &arguments[..], &ALL].concat());
    let mut run = run.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let films = || std::fs::read_dir(output.join("Movies")).unwrap().count();
    while run.try_wait().unwrap().is_none() && films() > 1_450 {}
    let pid = run.id().to_string();
    let killed = std::process::Command::new("kill").args(["-INT", &pid]).status().unwrap();
    run.wait().unwrap();
    assert!(killed.success());
    let left = library.strms();
    library.run(&APPLY);
    let ledger = rusqlite::Connection::open(library.home.ledger()).unwrap();
    let sql = "SELECT max(highest) FROM numbers WHERE content = 'movie'";
    let highest: i64 = ledger.query_row(sql, [], |row| row.get(0)).unwrap();
    assert_eq!(usize::try_from(highest).unwrap(), left);
}

/// What a permission does not do is said.
#[test]
fn a_permission_that_does_nothing_says_so() {
    let library = Library::new();
    library.has(0..40, (0..20).map(|show| (show, 3)));
    library.run(&APPLY);
    library.has(0..20, (0..20).map(|show| (show, 3)));
    library.run(&APPLY);
    let warnings = |flags: &[&str]| library.run(flags).1["warnings"].to_string();
    let said = warnings(&["--allow-removals=2.1"]);
    assert!(said.contains("2.1 stays held: this run has no --cleanup"), "{said}");
    let said = warnings(&["series", "--cleanup", "apply", "--allow-removals=2.1"]);
    assert!(said.contains("2.1 is about movies, and this run is not"), "{said}");
    assert_eq!(library.strms(), 40 + 60);
    let output = library.home.output();
    let arguments = ["--source", &library.list, "--output", output.to_str().unwrap()];
    let done = library.home.run(&[&["generate"], &arguments[..]].concat());
    assert!(text(&done.stdout).contains("they stay (--cleanup preview"), "{}", text(&done.stdout));
}

/// `generate --json` and `history --json` show what is held in the same form.
#[test]
fn history_shows_what_is_held_as_the_run_did() {
    let library = Library::new();
    library.has(0..20, none());
    library.run(&APPLY);
    library.has(0..10, none());
    let (_, report) = library.run(&APPLY);
    let output = library.home.output();
    let arguments = ["history", "--json", "--output", output.to_str().unwrap(), "2"];
    let said = library.home.run(&arguments);
    let past: Value = serde_json::from_str(text(&said.stdout).lines().next().unwrap()).unwrap();
    assert_eq!(past["held"], report["held"], "{past}");
    assert_eq!(past["held_titles"], 10, "{past}");
}
