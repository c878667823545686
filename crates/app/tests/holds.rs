//! Holds: what they name, how long they last, and what a person's permission covers.

#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test plays the user")]

#[path = "holds/fetches.rs"]
mod fetches;
#[path = "holds/nights.rs"]
mod nights;
#[path = "holds/permissions.rs"]
mod permissions;
#[path = "holds/numbers.rs"]
mod numbers;
#[path = "holds/remedies.rs"]
mod remedies;

use std::fmt::Write;

use serde_json::Value;
use vod2strm_testkit::generate::{Catalogue, Size};
use vod2strm_testkit::home::{ALL_FETCHED, Home, number, text};
use vod2strm_testkit::postgres::TestDatabase;
use vod2strm_testkit::schema::Generation;

const APPLY: [&str; 2] = ["--cleanup", "apply"];
const AT_ONCE: [&str; 4] = ["--cleanup", "apply", "--grace", "0"];

/// A library that a playlist makes.
struct Library {
    home: Home,
    list: String,
}

impl Library {
    fn new() -> Library {
        let home = Home::new(env!("CARGO_BIN_EXE_vod2strm"));
        let list = home.dir.path().join("list.m3u").to_str().unwrap().to_owned();
        Library { home, list }
    }

    /// The playlist has these films, by number, and these series with so many episodes, in a group.
    fn has_in(
        &self,
        group: &str,
        films: impl Iterator<Item = u32>,
        series: impl Iterator<Item = (u32, u32)>,
    ) {
        let mut list = "#EXTM3U\n".to_owned();
        for film in films {
            let name =
                format!("-1 group-title=\"{group}\",Film {film} of all ({})", 1950 + film % 60);
            writeln!(list, "#EXTINF:{name}\nhttp://h/movie/u/p/{film}.mkv").unwrap();
        }
        for (show, episodes) in series {
            for episode in 1..=episodes {
                let name = format!("-1 group-title=\"{group}\",Show {show} S01E{episode:02}");
                let number = show * 1_000 + episode;
                writeln!(list, "#EXTINF:{name}\nhttp://h/series/u/p/{number}.mkv").unwrap();
            }
        }
        std::fs::write(&self.list, list).unwrap();
    }

    fn has(&self, films: impl Iterator<Item = u32>, series: impl Iterator<Item = (u32, u32)>) {
        self.has_in("All", films, series);
    }

    fn run(&self, flags: &[&str]) -> (i32, Value) {
        self.home.try_generate(&self.list, flags)
    }

    fn strms(&self) -> usize {
        self.home.tree().keys().filter(|path| path.ends_with(".strm")).count()
    }

    /// As a night, a month later: so many days with a complete run have gone by.
    fn days_go_by(&self, days: i64) {
        let ledger = rusqlite::Connection::open(self.home.ledger()).unwrap();
        ledger.execute("UPDATE clock SET days = days + ?1", [days]).unwrap();
    }
}

fn none() -> impl Iterator<Item = (u32, u32)> {
    std::iter::empty()
}

/// The ids of what a run held.
fn ids(report: &Value) -> Vec<String> {
    let held = report["held"].as_array().unwrap();
    held.iter().map(|hold| hold["id"].as_str().unwrap_or("none").to_owned()).collect()
}

#[test]
fn half_of_all_episodes_are_held_though_every_series_keeps_half() {
    let library = Library::new();
    library.has(0..0, (0..50).map(|show| (show, 10)));
    library.run(&APPLY);
    library.has(0..0, (0..50).map(|show| (show, 5)));
    for _ in 0..3 {
        let (status, report) = library.run(&APPLY);
        assert_eq!((status, library.strms()), (4, 500), "{report}");
        assert_eq!(report["held"][0]["kind"], "episode", "{report}");
        assert_eq!(number(&report, "/held/0/titles"), 50, "{report}");
    }
    library.run(&["--cleanup", "apply", "--allow-removals"]);
    assert_eq!(library.strms(), 250);
    assert_eq!(library.run(&APPLY).0, 0, "and then all is quiet");
}

#[test]
fn a_series_that_shrinks_night_by_night_is_held_at_half() {
    let library = Library::new();
    for episodes in [9, 7, 5, 4, 2, 1] {
        library.has(0..0, (0..9).map(|show| (show, if show == 0 { episodes } else { 40 })));
        library.run(&AT_ONCE);
    }
    let left = library.home.tree().into_keys().filter(|path| path.contains("Show 0"));
    assert_eq!(left.filter(|path| path.ends_with(".strm")).count(), 5);
}

/// A fifth may go within a month, be it at once or night by night.
#[test]
fn a_slow_leak_is_held() {
    let library = Library::new();
    let mut left = 100;
    library.has(0..left, none());
    library.run(&AT_ONCE);
    for _ in 0..4 {
        left = left * 81 / 100;
        library.has(0..left, none());
        library.run(&AT_ONCE);
    }
    assert_eq!(library.strms(), 81, "the first night's loss went, and no other");
    library.days_go_by(31);
    let (status, report) = library.run(&AT_ONCE);
    assert_eq!((status, library.strms()), (4, 81), "what is held does not go by itself: {report}");
}

#[test]
fn what_went_a_month_ago_holds_nothing() {
    for (days, status) in [(29, 4), (31, 0)] {
        let library = Library::new();
        library.has(0..100, none());
        library.run(&AT_ONCE);
        library.has(0..81, none());
        library.run(&AT_ONCE);
        library.days_go_by(days);
        library.has(0..79, none());
        assert_eq!(library.run(&AT_ONCE).0, status, "{days} days");
    }
}

#[test]
fn an_account_that_exchanges_its_titles_night_by_night_is_held() {
    let library = Library::new();
    library.has(0..100, none());
    library.run(&AT_ONCE);
    let mut statuses = Vec::new();
    for night in 1..=4 {
        library.has(night * 19..night * 19 + 100, none());
        let (status, report) = library.run(&AT_ONCE);
        statuses.push(status);
        if status == 4 {
            assert!(report["held"].to_string().contains("has exchanged its movies"), "{report}");
        }
    }
    assert_eq!(statuses, [0, 0, 4, 4]);
}

#[test]
fn a_permission_is_no_setting() {
    let library = Library::new();
    library.has(0..20, none());
    library.run(&APPLY);
    library.has(0..0, none());
    let file = library.home.dir.path().join("v.toml");
    for value in ["true", "\"1.1\"", "false"] {
        std::fs::write(&file, format!("allow_removals = {value}\n")).unwrap();
        let output = library.home.output();
        let config = ["--config", file.to_str().unwrap(), "--output", output.to_str().unwrap()];
        let arguments = [&["generate", "--source", &library.list], &config[..], &APPLY].concat();
        let done = library.home.run(&arguments);
        assert_eq!((done.status.code(), library.strms()), (Some(2), 20));
        assert!(text(&done.stderr).contains("for one run"), "{}", text(&done.stderr));
    }
    let mut command = library.home.command(&["stats"]);
    let done = command.env("VOD2STRM_ALLOW_REMOVALS", "1.1").output().unwrap();
    assert_eq!(done.status.code(), Some(2));
}

/// What a run has held may go; what is missing for the first time waits as ever.
#[test]
fn a_permission_covers_what_was_held_and_nothing_else() {
    let library = Library::new();
    library.has(0..100, (0..20).map(|show| (show, 3)));
    library.run(&APPLY);
    library.has(0..70, (0..20).map(|show| (show, 3)));
    let (_, first) = library.run(&APPLY);
    let (_, second) = library.run(&APPLY);
    assert_eq!((ids(&first), ids(&second)), (vec!["2.1".to_owned()], vec!["2.1".to_owned()]));
    assert_eq!(number(&second, "/held/0/files"), 60, "{second}");
    // This night all series and more films are gone.
    library.has(0..60, none());
    let (status, report) = library.run(&["--cleanup", "apply", "--allow-removals"]);
    assert_eq!((status, library.strms()), (4, 70 + 60), "{report}");
    let kinds: Vec<&str> =
        report["held"].as_array().unwrap().iter().map(|it| it["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["series"], "ten of seventy films are few: they wait: {report}");
    assert_eq!(number(&report, "/titles/movie/waiting"), 10, "{report}");
}

#[test]
fn ids_name_one_hold_or_a_runs_and_unknown_ones_remove_nothing() {
    let library = Library::new();
    library.has(0..20, (0..20).map(|show| (show, 2)));
    library.run(&APPLY);
    library.has(0..10, (0..10).map(|show| (show, 2)));
    let (status, report) = library.run(&["--cleanup", "apply", "--grace", "0"]);
    assert_eq!((status, ids(&report)), (4, vec!["2.1".to_owned(), "2.2".to_owned()]), "{report}");
    for unknown in ["2.3", "1.1", "1", "17", "2.01", "x", "2.", "-1"] {
        let output = library.home.output();
        let permission = format!("--allow-removals={unknown}");
        let arguments = ["--source", &library.list, "--output", output.to_str().unwrap()];
        let done =
            library.home.run(&[&["generate"], &arguments[..], &APPLY, &[&permission]].concat());
        assert_eq!((done.status.code(), library.strms()), (Some(2), 60), "{unknown}");
    }
    let (status, report) = library.run(&["--cleanup", "apply", "--allow-removals=2.2"]);
    assert_eq!((status, library.strms()), (4, 40), "the series went: {report}");
    assert_eq!(ids(&report), ["2.1"]);
    let (status, _) = library.run(&["--cleanup", "apply", "--allow-removals=2.2"]);
    assert_eq!(status, 2, "nothing of it is held any more");
    let (status, _) = library.run(&["movies", "--cleanup", "apply", "--allow-removals=2"]);
    assert_eq!((status, library.strms()), (0, 30));
    let (status, report) = library.run(&["--cleanup", "apply", "--allow-removals", "movies"]);
    assert_eq!(status, 0, "{report}");
    assert!(report["warnings"].to_string().contains("nothing that could be allowed"), "{report}");
}

#[test]
fn a_dry_run_shows_what_an_id_would_let_go_and_a_preview_makes_holds() {
    let library = Library::new();
    library.has(0..20, none());
    library.run(&APPLY);
    library.has(0..10, none());
    let (status, report) = library.run(&["--cleanup", "apply", "--dry-run"]);
    assert_eq!((status, ids(&report)), (4, vec!["none".to_owned()]), "{report}");
    let (_, report) = library.run(&["--cleanup", "preview"]);
    assert_eq!(ids(&report), ["2.1"], "{report}");
    for _ in 0..2 {
        for mode in [&["--dry-run", "--cleanup", "apply"][..], &["--cleanup", "preview"]] {
            let (status, report) = library.run(&[mode, &["--allow-removals=2.1"]].concat());
            assert_eq!((status, library.strms()), (0, 20), "{report}");
            assert_eq!(number(&report, "/titles/movie/would_remove"), 10, "{report}");
        }
    }
    assert_eq!(library.run(&APPLY).0, 4, "looking is no permission");
    assert_eq!(library.run(&["--cleanup", "apply", "--allow-removals=2.1"]).0, 0);
    assert_eq!(library.strms(), 10);
}

/// What is back and goes again was not missing without a break.
#[test]
fn what_was_back_in_between_is_not_covered() {
    let library = Library::new();
    library.has(0..20, none());
    library.run(&APPLY);
    library.has(0..10, none());
    library.run(&APPLY);
    library.has(0..15, none());
    library.run(&APPLY);
    library.has(0..10, none());
    let (status, report) = library.run(&["--cleanup", "apply", "--allow-removals=2.1"]);
    assert_eq!((status, library.strms()), (4, 15), "{report}");
}

#[test]
fn another_spelling_of_a_filter_lifts_no_hold() {
    let library = Library::new();
    let flags = |filter: &'static str| ["--cleanup", "apply", "--grace", "0", "--filter", filter];
    library.has_in("EN Films", 0..50, none());
    library.run(&flags("category == \"EN Films\""));
    library.has_in("ENG Films", 0..50, none());
    for filter in
        ["category == \"EN Films\"", "category  ==  'en films'", "(CATEGORY = \"EN Films\")"]
    {
        let (status, report) = library.run(&flags(filter));
        assert_eq!((status, library.strms()), (4, 50), "{filter}: {report}");
    }
}

/// Another filter in the night of a loss. What the old one would let through today is the user's will. The rest is
/// decided as if the filter had not changed.
#[test]
fn another_filter_in_the_night_of_a_loss_lifts_no_hold() {
    let flags = |filter: &'static str| ["--cleanup", "apply", "--grace", "0", "--filter", filter];
    let library = Library::new();
    library.has_in("EN Films", 0..50, none());
    library.run(&flags("category == \"EN Films\""));
    library.has_in("ENG Films", 0..50, none());
    let (status, report) = library.run(&flags("category == \"EN Films\" and year > 0"));
    assert_eq!((status, library.strms()), (4, 50), "{report}");
    // The films are there as before, and the user does not want them any more.
    let library = Library::new();
    library.has_in("EN Films", 0..50, none());
    library.run(&flags("category == \"EN Films\""));
    let (status, report) = library.run(&flags("category == \"EN Films\" and year < 1955"));
    assert_eq!(status, 0, "{report}");
    assert!(library.strms() < 10, "{report}");
}

/// In a source that cannot fetch, such a hold can be allowed at once, and its text speaks of no refresh.
#[test]
fn series_of_a_playlist_of_which_most_episodes_are_missing_can_be_allowed() {
    let library = Library::new();
    library.has(0..0, (0..40).map(|show| (show, if show == 0 { 12 } else { 40 })));
    library.run(&APPLY);
    library.has(0..0, (0..40).map(|show| (show, if show == 0 { 2 } else { 40 })));
    let (status, report) = library.run(&APPLY);
    assert_eq!((status, number(&report, "/held/0/files")), (4, 20), "{report}");
    let held = report["held"].to_string();
    assert!(held.contains("most of their episodes") && !held.contains("refresh"), "{held}");
    assert_eq!(library.run(&["--cleanup", "apply", "--allow-removals=2.1"]).0, 0);
    assert_eq!(library.strms(), 39 * 40 + 2);
}

/// A library of Dispatcharr's.
fn dispatcharr() -> (Home, TestDatabase) {
    let size = Size { movies: 40, series: 6, episodes_per_series: 8 };
    let database = TestDatabase::create(Generation::NEWEST);
    database.insert(&Catalogue::generate(31, size, false));
    let home = Home::new(env!("CARGO_BIN_EXE_vod2strm"));
    home.generate(&database.url(), &AT_ONCE);
    (home, database)
}

/// Dispatcharr still lists the series, and has not fetched its episodes since they vanished.
#[test]
fn series_that_were_not_fetched_since_their_episodes_are_missing_are_never_covered() {
    let (home, database) = dispatcharr();
    let whole = home.tree();
    database.execute("DELETE FROM vod_m3uepisoderelation; DELETE FROM vod_episode");
    let (status, report) = home.try_generate(&database.url(), &AT_ONCE);
    let (id, remedy) = (&ids(&report)[0], report["held"][0]["remedy"].to_string());
    assert!(status == 4 && remedy.contains("vod2strm refresh"), "{report}");
    let one = format!("--allow-removals={id}");
    let output = home.output();
    let arguments =
        ["--source", &database.url(), "--output", output.to_str().unwrap()].map(str::to_owned);
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = home.run(&[&["generate"], &arguments[..], &APPLY, &[&one]].concat());
    assert_eq!(done.status.code(), Some(2));
    assert!(text(&done.stderr).contains("vod2strm refresh"), "{}", text(&done.stderr));
    for permission in ["--allow-removals", "--allow-removals"] {
        let (status, report) =
            home.try_generate(&database.url(), &[&AT_ONCE[..], &[permission]].concat());
        assert_eq!((status, home.tree() == whole), (4, true), "{report}");
    }
    // A fetch that succeeded after the loss does not have them: the loss is an ordinary one.
    let ledger = rusqlite::Connection::open(home.ledger()).unwrap();
    ledger.execute_batch(ALL_FETCHED).unwrap();
    let (_, report) = home.try_generate(&database.url(), &AT_ONCE);
    assert!(!report["held"].to_string().contains("refresh"), "{report}");
    let (status, report) =
        home.try_generate(&database.url(), &[&AT_ONCE[..], &["--allow-removals"]].concat());
    assert_eq!(status, 0, "{report}");
    assert!(!home.tree().keys().any(|path| path.ends_with(".strm") && path.starts_with("TV/")));
}

const DELETE_ALPHA: &str = "DELETE FROM vod_m3umovierelation WHERE m3u_account_id = 1;
     DELETE FROM vod_m3uepisoderelation WHERE m3u_account_id = 1;
     DELETE FROM vod_m3useriesrelation WHERE m3u_account_id = 1;
     DELETE FROM vod_m3uvodcategoryrelation WHERE m3u_account_id = 1;
     DELETE FROM m3u_m3uaccountprofile WHERE m3u_account_id = 1;
     DELETE FROM m3u_m3uaccount WHERE id = 1";

/// An account that was deleted is named, and its streams of titles that others offer are no loss.
#[test]
fn a_deleted_account_is_named_and_takes_only_its_streams_along() {
    let (home, database) = dispatcharr();
    let whole = home.tree();
    database.execute(DELETE_ALPHA);
    let (status, report) = home.try_generate(&database.url(), &AT_ONCE);
    let held = report["held"].to_string();
    assert!(status == 4 && held.contains("the account Alpha is no longer in the source"), "{held}");
    let now = home.tree();
    assert!(whole.keys().all(|path| now.contains_key(path)), "{report}");
}

/// An account that is added anew gets another number, and so do its streams; nothing is missing but their old ones.
#[test]
fn an_account_that_was_added_anew_holds_nothing_and_leaves_no_dead_version() {
    for more in [&[][..], &["--multi-provider"]] {
        let size = Size { movies: 40, series: 6, episodes_per_series: 8 };
        let database = TestDatabase::create(Generation::NEWEST);
        database.insert(&Catalogue::generate(31, size, false));
        let home = Home::new(env!("CARGO_BIN_EXE_vod2strm"));
        let flags = ["--base-url", "http://d:9191", "--cleanup", "apply"];
        let flags = [&flags[..], more].concat();
        home.generate(&database.url(), &flags);
        let old = |home: &Home| {
            let is_old = |content: &Vec<u8>| text(content).contains("m3u_account_id=1\n");
            home.tree().values().filter(|content| is_old(content)).count()
        };
        let before = home.tree();
        assert!(old(&home) > 10);
        database.execute(
            "UPDATE m3u_m3uaccount SET name = 'old' WHERE id = 1;
             INSERT INTO m3u_m3uaccount SELECT (jsonb_populate_record(a, '{\"id\": 9, \"name\": \"Alpha\"}')).*
               FROM m3u_m3uaccount a WHERE id = 1;
             UPDATE vod_m3umovierelation SET m3u_account_id = 9 WHERE m3u_account_id = 1;
             UPDATE vod_m3uepisoderelation SET m3u_account_id = 9 WHERE m3u_account_id = 1;
             UPDATE vod_m3useriesrelation SET m3u_account_id = 9 WHERE m3u_account_id = 1;
             UPDATE vod_m3uvodcategoryrelation SET m3u_account_id = 9 WHERE m3u_account_id = 1;
             UPDATE m3u_m3uaccountprofile SET m3u_account_id = 9 WHERE m3u_account_id = 1;
             DELETE FROM m3u_m3uaccount WHERE id = 1",
        );
        for night in 0..3 {
            let (status, report) = home.try_generate(&database.url(), &flags);
            assert_eq!(status, 0, "night {night} {more:?}: {report:#}");
        }
        assert_eq!(old(&home), 0, "{more:?}");
        assert_eq!(home.tree().len(), before.len(), "{more:?}");
    }
}

#[test]
fn text_and_history_show_the_ids() {
    let library = Library::new();
    library.has(0..20, none());
    library.run(&APPLY);
    library.has(0..10, none());
    let output = library.home.output();
    let arguments = ["--source", &library.list, "--output", output.to_str().unwrap()];
    let done = library.home.run(&[&["generate"], &arguments[..], &APPLY].concat());
    let said = text(&done.stdout);
    assert!(
        said.contains("HELD 2.1: 10 movies: ") && said.contains("--allow-removals=2.1"),
        "{said}"
    );
    let past = library.home.run(&["history", "--output", output.to_str().unwrap(), "2"]);
    assert!(text(&past.stdout).contains("2.1"), "{}", text(&past.stdout));
}

/// A person must act, whatever else there was; both are told.
#[test]
fn held_outranks_failed() {
    let library = Library::new();
    library.has(0..20, none());
    library.run(&APPLY);
    // A film whose file somebody has put there already, and ten that are gone.
    let folder = library.home.output().join("Movies/Film 99 of all (1989)");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("Film 99 of all (1989).strm"), "http://mine/\n").unwrap();
    library.has((0..10).chain([99]), none());
    let (status, report) = library.run(&APPLY);
    assert_eq!(status, 4, "{report}");
    assert_eq!(number(&report, "/titles/movie/failed"), 1, "{report}");
    assert_eq!(number(&report, "/held/0/titles"), 10, "{report}");
}
