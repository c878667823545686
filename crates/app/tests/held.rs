//! Losses that look like something else: they are held all the same.

#![expect(clippy::disallowed_methods, reason = "a test plays the user")]

use serde_json::Value;
use vod2strm_testkit::generate::{Catalogue, Size};
use vod2strm_testkit::home::{Home, number, text};
use vod2strm_testkit::postgres::TestDatabase;
use vod2strm_testkit::schema::Generation;

const APPLY: [&str; 4] = ["--base-url", "http://dispatcharr:9191", "--cleanup", "apply"];

/// Movies that all have TMDB ids, and some series.
fn catalogue() -> Catalogue {
    let size = Size { movies: 60, series: 8, episodes_per_series: 10 };
    let mut catalogue = Catalogue::generate(51, size, false);
    for movie in &mut catalogue.movies {
        (movie.tmdb_id, movie.imdb_id) = (Some((9_000 + movie.id).to_string()), None);
    }
    catalogue
}

/// Their library.
fn library() -> (Home, TestDatabase) {
    let database = TestDatabase::create(Generation::NEWEST);
    database.insert(&catalogue());
    let home = Home::new(env!("CARGO_BIN_EXE_vod2strm"));
    home.generate(&database.url(), &APPLY);
    (home, database)
}

fn assert_all_there(home: &Home, before: &[String], report: &Value) {
    let now = home.tree();
    let gone: Vec<_> = before.iter().filter(|path| !now.contains_key(*path)).collect();
    assert!(gone.is_empty(), "{gone:#?} {report}");
}

#[test]
fn streams_that_play_other_films_all_at_once_remove_nothing() {
    let (home, database) = library();
    let before: Vec<String> = home.tree().into_keys().collect();
    database.execute(
        "UPDATE vod_movie SET name = 'Other ' || id, tmdb_id = (50000 + id)::text, year = 1990",
    );
    for _ in 0..4 {
        let (status, report) = home.try_generate(&database.url(), &APPLY);
        assert_eq!(status, 4, "{report}");
        assert!(report["held"].to_string().contains("play other titles"), "{report}");
        assert_all_there(&home, &before, &report);
    }
}

/// The same films, whose ids were wrong before.
#[test]
fn ids_that_are_corrected_move_nothing() {
    let (home, database) = library();
    let before = home.tree();
    database.execute("UPDATE vod_movie SET tmdb_id = (50000 + id)::text");
    for _ in 0..3 {
        let (status, report) = home.try_generate(&database.url(), &APPLY);
        assert_eq!((status, number(&report, "/titles/movie/absent")), (0, 0), "{report}");
        assert!(home.tree().keys().eq(before.keys()));
    }
}

#[test]
fn an_account_that_offers_only_others_is_held_and_a_dry_run_says_so() {
    let (home, database) = library();
    let before: Vec<String> = home.tree().into_keys().collect();
    database.execute(
        "UPDATE vod_m3umovierelation SET stream_id = 'new' || id;
         UPDATE vod_movie SET name = 'Other ' || id, tmdb_id = (50000 + id)::text, year = 1990",
    );
    let (dry, said) = home.try_generate(&database.url(), &[&APPLY[..], &["--dry-run"]].concat());
    assert!(said["held"].to_string().contains("has exchanged its movies"), "{said}");
    let (dry_again, _) = home.try_generate(&database.url(), &[&APPLY[..], &["--dry-run"]].concat());
    for _ in 0..3 {
        let (status, report) = home.try_generate(&database.url(), &APPLY);
        assert_eq!((dry, dry_again, status), (4, 4, 4), "{report}");
        assert_all_there(&home, &before, &report);
    }
}

#[test]
fn most_episodes_at_once_are_held_also_when_some_stay() {
    let (home, database) = library();
    let before: Vec<String> = home.tree().into_keys().collect();
    database.execute(
        "DELETE FROM vod_m3uepisoderelation WHERE episode_id NOT IN
         (SELECT min(e.id) FROM vod_episode e JOIN vod_m3uepisoderelation r ON r.episode_id = e.id
          GROUP BY e.series_id)",
    );
    for _ in 0..3 {
        let (status, report) = home.try_generate(&database.url(), &APPLY);
        assert_eq!(status, 4, "{report}");
        assert!(report["held"].to_string().contains("most of their episodes"), "{report}");
        // One of two may go.
        let gone = before.iter().filter(|path| !home.tree().contains_key(*path)).count();
        assert!(gone <= 4, "{gone} {report}");
    }
}

/// Looking twice is no permission.
#[test]
fn a_preview_of_what_is_held_changes_no_verdict() {
    for mode in ["preview", "off"] {
        let (home, database) = library();
        let before: Vec<String> = home.tree().into_keys().collect();
        database.execute("DELETE FROM vod_m3umovierelation WHERE movie_id % 2 = 0");
        assert_eq!(home.try_generate(&database.url(), &APPLY).0, 4);
        for _ in 0..3 {
            let look = ["--base-url", APPLY[1], "--cleanup", mode, "--allow-removals"];
            assert_eq!(home.try_generate(&database.url(), &look).0, 0);
        }
        let (status, report) = home.try_generate(&database.url(), &APPLY);
        assert_eq!(status, 4, "{mode}: {report}");
        // A single title of an account may go.
        let gone = before.iter().filter(|path| !home.tree().contains_key(*path)).count();
        assert!(gone <= 4, "{gone} {report}");
    }
}

/// A title without any id, under another name by now, keeps its folder while it is missing.
#[test]
fn a_title_that_was_missing_for_long_is_recognised_by_its_stream() {
    for flags in [&APPLY[..], &APPLY[..2]] {
        let (home, database) = library();
        database.execute("UPDATE vod_movie SET tmdb_id = NULL");
        home.try_generate(&database.url(), flags);
        let before = home.tree();
        database.execute(
            "UPDATE vod_movie SET name = name || ' Prime' WHERE id = 5;
             CREATE TABLE kept AS SELECT * FROM vod_m3umovierelation WHERE movie_id = 5",
        );
        home.try_generate(&database.url(), flags);
        database.execute("DELETE FROM vod_m3umovierelation WHERE movie_id = 5");
        (0..4).for_each(|_| drop(home.try_generate(&database.url(), flags)));
        database.execute("INSERT INTO vod_m3umovierelation SELECT * FROM kept");
        let (status, report) = home.try_generate(&database.url(), flags);
        assert_eq!(status, 0, "{report}");
        assert!(home.tree().keys().eq(before.keys()), "a path is a promise: {report}");
    }
}

#[test]
fn a_lost_ledger_is_filled_by_the_first_run_that_can() {
    let (home, database) = library();
    let before = home.tree();
    database.execute("UPDATE vod_movie SET name = name || ' Prime'");
    home.try_generate(&database.url(), &APPLY);
    let paths: Vec<String> = home.tree().into_keys().collect();
    drop(before);
    std::fs::remove_dir_all(home.dir.path().join(".local/state/vod2strm")).unwrap();
    let output = home.output();
    let nowhere = "postgres://nobody@127.0.0.1:1/none";
    let arguments = ["generate", "--source", nowhere, "--output", output.to_str().unwrap()];
    assert_eq!(home.run(&arguments).status.code(), Some(1));
    let (status, report) = home.try_generate(&database.url(), &APPLY);
    assert_eq!(status, 0, "{report}");
    assert!(report["warnings"].to_string().contains("ledger was lost"), "{report}");
    assert!(home.tree().into_keys().eq(paths), "recognised, not written twice");
}

/// Without the ledger that knew it, a file of ours that nothing wants cannot be told from one that the user put
/// there. That is what nothing plays any more, and the second file of a movie that was renamed.
#[test]
fn what_waited_when_the_ledger_was_lost_stays_and_is_named() {
    let (home, database) = library();
    let strm_of = |id: usize| {
        let mut strms = home.tree().into_iter().filter(|(path, _)| path.ends_with(".strm"));
        let uuid = &catalogue().movies[id - 1].uuid;
        strms.find(|(_, content)| text(content).contains(uuid)).unwrap().0
    };
    let (gone, renamed) = (strm_of(5), strm_of(6));
    let mine = "Movies/Mine/copy.strm".to_owned();
    std::fs::create_dir_all(home.output().join("Movies/Mine")).unwrap();
    std::fs::copy(home.output().join(strm_of(7)), home.output().join(&mine)).unwrap();
    database.execute(
        "DELETE FROM vod_m3umovierelation WHERE movie_id = 5;
         UPDATE vod_movie SET name = 'Zyzzyva', tmdb_id = NULL WHERE id = 6",
    );
    home.try_generate(&database.url(), &APPLY);
    std::fs::remove_dir_all(home.dir.path().join(".local/state/vod2strm")).unwrap();
    let rest = [&gone, &renamed, &mine];
    for _ in 0..4 {
        let flags = [&APPLY[..], &["--grace", "0", "--allow-removals"]].concat();
        let (status, report) = home.try_generate(&database.url(), &flags);
        assert_eq!(status, 0, "{report}");
        rest.iter().for_each(|path| assert!(home.tree().contains_key(*path), "{path} {report}"));
    }
    let output = home.output();
    let flags = ["--dry-run", "--json", "--source", &database.url(), "--output"];
    let arguments = [&["adopt"], &flags[..], &[output.to_str().unwrap()], &APPLY[..2]].concat();
    let report: Value = serde_json::from_slice(&home.run(&arguments).stdout).unwrap();
    let left = report["not_recognised"].as_array().unwrap().iter();
    let left: Vec<&str> = left.map(|it| it["path"].as_str().unwrap()).collect();
    let mut expected: Vec<&str> = rest.iter().map(|path| path.as_str()).collect();
    expected.sort_unstable();
    assert_eq!(left, expected, "{report}");
}
