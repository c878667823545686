//! What the catalogue or the settings no longer want goes, and nothing else: after the grace period,
//! past the guard, and only what is ours.

#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test plays the user")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use vod2strm_testkit::generate::{Catalogue, Size};
use vod2strm_testkit::home::{Home, assert_same_tree, number, text};
use vod2strm_testkit::postgres::TestDatabase;
use vod2strm_testkit::schema::Generation;

const BASE_URL: [&str; 2] = ["--base-url", "http://dispatcharr:9191"];
const APPLY: [&str; 4] = ["--base-url", "http://dispatcharr:9191", "--cleanup", "apply"];

type Tree = BTreeMap<String, Vec<u8>>;

fn new_home() -> Home {
    Home::new(env!("CARGO_BIN_EXE_vod2strm"))
}

/// A library of 120 movies and some series, and its database.
fn library(flags: &[&str]) -> (Home, TestDatabase) {
    let size = Size { movies: 120, series: 10, episodes_per_series: 8 };
    let database = TestDatabase::create(Generation::NEWEST);
    database.insert(&Catalogue::generate(31, size, false));
    let home = new_home();
    home.generate(&database.url(), flags);
    (home, database)
}

/// The library after the change and the grace period, and the one that a fresh run makes.
fn after(home: &Home, database: &TestDatabase, flags: &[&str]) -> (Tree, Tree) {
    for _ in 0..2 {
        let (status, report) = home.try_generate(&database.url(), flags);
        assert_eq!(status, 0, "{report}");
    }
    let before = home.stamps();
    let (_, quiet) = home.try_generate(&database.url(), flags);
    assert_eq!(number(&quiet, "/files/deleted/stale_movie"), 0, "{quiet}");
    assert_eq!(library_stamps(&home.stamps()), library_stamps(&before), "and then all is quiet");
    let fresh = new_home();
    fresh.generate(&database.url(), flags);
    assert_eq!(home.empty_folders(), Vec::<String>::new());
    (home.tree(), fresh.tree())
}

fn library_stamps<T: Clone>(stamps: &BTreeMap<std::path::PathBuf, T>) -> Vec<(String, T)> {
    let all = stamps.iter().map(|(path, stamp)| (path.display().to_string(), stamp.clone()));
    all.filter(|(path, _)| !path.contains(".vod2strm")).collect()
}

/// The first file of the library that begins and ends like this.
fn some(home: &Home, start: &str, end: &str) -> PathBuf {
    let tree = home.tree();
    let path = tree.keys().find(|path| path.starts_with(start) && path.ends_with(end));
    home.output().join(path.unwrap())
}

/// The UUID that a `.strm` plays.
fn uuid(strm: &Path) -> String {
    let url = std::fs::read_to_string(strm).unwrap();
    url.split(['/', '?', '\n']).find(|part| part.len() == 36).unwrap().to_owned()
}

/// Same contents, whatever the names.
fn assert_same_contents(ours: &Tree, fresh: &Tree) {
    let contents = |tree: &Tree| {
        let mut contents: Vec<String> = tree.values().map(|content| text(content)).collect();
        contents.sort();
        contents
    };
    assert_eq!(contents(ours), contents(fresh));
}

#[test]
fn names_and_years_that_are_corrected_change_contents_and_no_path() {
    for change in [
        "UPDATE vod_movie SET name = 'New ' || name WHERE id % 3 = 0",
        "UPDATE vod_movie SET year = year + 1",
        "UPDATE vod_series SET name = 'New ' || name",
        "UPDATE vod_episode SET name = 'New ' || name WHERE id % 5 = 0",
    ] {
        let (home, database) = library(&APPLY);
        let before = home.tree();
        database.execute(change);
        let (ours, fresh) = after(&home, &database, &APPLY);
        assert!(ours.keys().eq(before.keys()), "{change}: a path is a promise");
        assert_same_contents(&ours, &fresh);
    }
}

#[test]
fn plots_priorities_and_the_base_url_reach_every_file() {
    let (home, database) = library(&APPLY);
    database.execute(
        "UPDATE vod_movie SET description = 'new'; UPDATE vod_series SET description = 'new';
         UPDATE vod_episode SET description = 'new'",
    );
    let (ours, fresh) = after(&home, &database, &APPLY);
    assert_same_tree(&ours, &fresh);
    database.execute("UPDATE m3u_m3uaccount SET priority = 100 - priority");
    let (ours, fresh) = after(&home, &database, &APPLY);
    assert_same_tree(&ours, &fresh);
    let elsewhere = ["--base-url", "https://tv.example", "--cleanup", "apply"];
    let (ours, fresh) = after(&home, &database, &elsewhere);
    assert_same_tree(&ours, &fresh);
    assert!(ours.values().all(|content| !text(content).contains("http://dispatcharr:9191/")));
}

#[test]
fn an_account_that_is_switched_off_takes_its_files_along() {
    for flags in [&APPLY[..], &[&APPLY[..], &["--multi-provider"]].concat()] {
        let (home, database) = library(flags);
        let before = home.tree();
        database.execute("UPDATE m3u_m3uaccount SET is_active = false WHERE id = 1");
        let (ours, fresh) = after(&home, &database, flags);
        assert!(ours.len() < before.len(), "some titles are on this account alone");
        assert_same_contents(&ours, &fresh);
        assert!(ours.keys().all(|path| before.contains_key(path)), "what stays keeps its path");

        database.execute("UPDATE m3u_m3uaccount SET is_active = true WHERE id = 1");
        let (ours, _) = after(&home, &database, flags);
        // Another version may have moved up into the plain file meanwhile, and keeps it.
        assert_same_contents(&ours, &before);
    }
}

#[test]
fn settings_that_are_switched_off_take_their_files_along_at_once() {
    let all = [&APPLY[..], &["--multi-provider"]].concat();
    let (home, database) = library(&all);
    let (_, report) = home.try_generate(&database.url(), &APPLY);
    let versions = number(&report, "/files/deleted/not_wanted");
    assert!(versions > 10, "{report}");
    let (ours, fresh) = after(&home, &database, &APPLY);
    assert_same_tree(&ours, &fresh);
    let ids = [&APPLY[..], &["--nfo", "ids"]].concat();
    let (_, report) = home.try_generate(&database.url(), &ids);
    assert!(number(&report, "/files/written/updated") > 10, "{report}");
    let (ours, fresh) = after(&home, &database, &ids);
    assert_same_tree(&ours, &fresh);
    let none = [&APPLY[..], &["--no-nfo"]].concat();
    home.try_generate(&database.url(), &none);
    assert!(!home.tree().keys().any(|path| path.ends_with(".nfo")));
    let (ours, fresh) = after(&home, &database, &none);
    assert_same_tree(&ours, &fresh);
}

#[test]
fn an_empty_catalogue_removes_nothing() {
    for change in [
        "UPDATE m3u_m3uaccount SET is_active = false",
        "DELETE FROM vod_m3umovierelation; DELETE FROM vod_m3uepisoderelation; DELETE FROM vod_m3useriesrelation",
    ] {
        let (home, database) = library(&APPLY);
        let before = library_stamps(&home.stamps());
        database.execute(change);
        for _ in 0..3 {
            let (status, report) = home.try_generate(&database.url(), &APPLY);
            assert_eq!(status, 4, "{report}");
            assert_eq!(report["held"][0]["reason"], "the catalogue is empty", "{report}");
            assert_eq!(library_stamps(&home.stamps()), before);
        }
        let allowed = [&APPLY[..], &["--allow-removals", "--grace", "0"]].concat();
        let (status, report) = home.try_generate(&database.url(), &allowed);
        assert_eq!((status, home.tree().len()), (0, 0), "{report}");
    }
}

#[test]
fn a_provider_that_answers_with_nothing_loses_nothing() {
    let flags = [&APPLY[..], &["--multi-provider"]].concat();
    let (home, database) = library(&flags);
    let before = home.tree();
    let backup = "CREATE TABLE kept AS SELECT * FROM vod_m3umovierelation WHERE m3u_account_id = 1";
    database
        .execute(&format!("{backup}; DELETE FROM vod_m3umovierelation WHERE m3u_account_id = 1"));
    for _ in 0..3 {
        let (status, report) = home.try_generate(&database.url(), &flags);
        assert_eq!(status, 4, "{report}");
        let held = report["held"].to_string();
        assert!(held.contains("offers none of the") && held.contains("--allow-removals"), "{held}");
        let now = home.tree();
        let gone: Vec<_> = before.keys().filter(|path| !now.contains_key(*path)).collect();
        assert!(gone.is_empty(), "{gone:#?} {report}");
    }
    database.execute("INSERT INTO vod_m3umovierelation SELECT * FROM kept");
    let (ours, _) = after(&home, &database, &flags);
    assert_same_contents(&ours, &before);
}

#[test]
fn too_many_at_once_are_held_and_go_when_they_may() {
    let (home, database) = library(&APPLY);
    let before = home.tree();
    database.execute("DELETE FROM vod_m3umovierelation WHERE movie_id % 2 = 0");
    let (status, report) = home.try_generate(&database.url(), &APPLY);
    assert_eq!(status, 4, "{report}");
    assert!(report["held"].to_string().contains("are gone, more than 20 %"), "{report}");
    assert_same_tree(&home.tree(), &before);
    let allowed = [&APPLY[..], &["--allow-removals"]].concat();
    let (status, _) = home.try_generate(&database.url(), &allowed);
    assert_eq!(status, 0, "a person has said so: no further run is waited for");
    assert_eq!(home.try_generate(&database.url(), &APPLY).0, 0, "and then all is quiet");
    let fresh = new_home();
    fresh.generate(&database.url(), &APPLY);
    assert_same_tree(&home.tree(), &fresh.tree());
}

#[test]
fn a_few_go_after_the_grace_period_and_what_returns_is_as_before() {
    let (home, database) = library(&APPLY);
    let before = home.tree();
    database.execute("CREATE TABLE kept AS SELECT * FROM vod_m3umovierelation WHERE movie_id IN (5, 6, 7); DELETE FROM vod_m3umovierelation WHERE movie_id IN (5, 6, 7)");
    let graceful = [&APPLY[..], &["--grace", "2"]].concat();
    for waited in 0..2 {
        let (status, report) = home.try_generate(&database.url(), &graceful);
        assert_eq!(
            (status, number(&report, "/titles/movie/waiting")),
            (0, 3),
            "{waited}: {report}"
        );
        assert_same_tree(&home.tree(), &before);
    }
    let (_, report) = home.try_generate(&database.url(), &graceful);
    assert_eq!(number(&report, "/titles/movie/removed"), 3, "{report}");
    assert_eq!(number(&report, "/files/deleted/stale_movie"), 6, "{report}");
    assert_eq!(home.tree().len(), before.len() - 6);
    database.execute("INSERT INTO vod_m3umovierelation SELECT * FROM kept");
    let (_, report) = home.try_generate(&database.url(), &graceful);
    assert_eq!(number(&report, "/titles/movie/new"), 3, "{report}");
    assert_same_tree(&home.tree(), &before);
}

/// One run without it is a hiccup; the count begins anew when it is back.
#[test]
fn a_title_that_comes_and_goes_stays() {
    let (home, database) = library(&APPLY);
    let before = home.tree();
    for _ in 0..3 {
        database.execute("UPDATE m3u_m3uaccount SET is_active = false WHERE id = 1");
        home.try_generate(&database.url(), &APPLY);
        database.execute("UPDATE m3u_m3uaccount SET is_active = true WHERE id = 1");
        home.try_generate(&database.url(), &APPLY);
    }
    assert_same_tree(&home.tree(), &before);
}

#[test]
fn a_category_that_is_disabled_takes_its_titles_along() {
    let (home, database) = library(&APPLY);
    let before = home.tree();
    database.execute(
        "UPDATE vod_m3uvodcategoryrelation SET enabled = false WHERE category_id IN
         (SELECT category_id FROM vod_m3umovierelation WHERE category_id IS NOT NULL LIMIT 1)",
    );
    let (ours, fresh) = after(&home, &database, &APPLY);
    assert!(ours.len() < before.len());
    assert_same_contents(&ours, &fresh);
}

#[test]
fn an_id_filter_is_no_loss() {
    let (home, database) = library(&APPLY);
    let before = home.tree();
    let narrow =
        [&APPLY[..], &["--movie-ids", "3,4", "--series-ids", "1", "--grace", "0"]].concat();
    for _ in 0..3 {
        let (status, report) = home.try_generate(&database.url(), &narrow);
        assert_eq!((status, number(&report, "/titles/movie/absent")), (0, 0), "{report}");
    }
    assert_same_tree(&home.tree(), &before);
    let movies =
        [&["--cleanup", "apply", "--grace", "0", "--movie-ids", ""], &BASE_URL[..]].concat();
    assert_eq!(home.try_generate(&database.url(), &movies).0, 0);
    assert_same_tree(&home.tree(), &before);
}

#[test]
fn a_series_whose_row_was_re_created_without_episodes_is_held() {
    let (home, database) = library(&APPLY);
    let before = home.tree();
    let series = format!(
        "(SELECT series_id FROM vod_episode WHERE uuid = '{}')",
        uuid(&some(&home, "TV/", ".strm"))
    );
    database.execute(&format!(
        "DELETE FROM vod_m3uepisoderelation WHERE episode_id IN
         (SELECT id FROM vod_episode WHERE series_id = {series});
         DELETE FROM vod_episode WHERE series_id = {series}"
    ));
    for _ in 0..3 {
        let (status, report) = home.try_generate(&database.url(), &APPLY);
        assert_eq!(status, 4, "{report}");
        let held = report["held"].to_string();
        assert!(held.contains("most of their episodes"), "{held}");
        assert_same_tree(&home.tree(), &before);
    }
}

#[test]
fn a_series_whose_episodes_are_missing_and_whose_files_somebody_deleted_has_nothing_to_play() {
    let (home, database) = library(&APPLY);
    let before = home.tree();
    let numbers = |report: &serde_json::Value| {
        ["unchanged", "empty"].map(|it| number(report, &format!("/titles/series/{it}")))
    };
    let [playable, empty] = numbers(&home.generate(&database.url(), &APPLY));
    let right = [playable - 1, empty + 1];
    let strm = some(&home, "TV/", ".strm");
    let folder = strm.ancestors().nth(2).unwrap();
    database.execute(&format!(
        "CREATE TABLE lost AS SELECT id FROM vod_episode WHERE series_id =
         (SELECT series_id FROM vod_episode WHERE uuid = '{}');
         DELETE FROM vod_m3uepisoderelation WHERE episode_id IN (SELECT id FROM lost);
         DELETE FROM vod_episode WHERE id IN (SELECT id FROM lost)",
        uuid(&strm)
    ));
    let (status, report) = home.try_generate(&database.url(), &APPLY);
    assert_eq!(status, 4, "{report}");
    assert_same_tree(&home.tree(), &before);
    std::fs::remove_dir_all(folder).unwrap();
    let whole: &[&str] = &[&APPLY[..], &["--full"]].concat();
    let (status, report) = home.try_generate(&database.url(), &APPLY);
    assert_eq!(status, 0, "{report}");
    // One that looks, ones that have nothing to look at, one that looks at all.
    for flags in [&APPLY[..], &APPLY, &APPLY, whole] {
        let (status, report) = home.try_generate(&database.url(), flags);
        assert_eq!(status, 0, "{report}");
        assert_eq!(numbers(&report), right, "{flags:?} {report}");
        assert!(!folder.exists(), "{report}");
    }
    let output = home.output();
    let stats = text(&home.run(&["stats", "--json", "--output", output.to_str().unwrap()]).stdout);
    let rows = stats.lines().map(|row| serde_json::from_str::<serde_json::Value>(row).unwrap());
    let rows: Vec<serde_json::Value> = rows.collect();
    let told = ["titles held", "titles without anything to play"].map(|measure| {
        let is_it = |row: &&serde_json::Value| {
            row["subject"] == "series" && row["section"] == "ledger" && row["measure"] == measure
        };
        rows.iter().find(is_it).unwrap()["value"].as_u64().unwrap()
    });
    assert_eq!(told, right);
}

#[test]
fn episodes_that_went_go_after_the_grace_period() {
    let (home, database) = library(&APPLY);
    let before = home.tree();
    let one = uuid(&some(&home, "TV/", ".strm"));
    database.execute(&format!(
        "DELETE FROM vod_m3uepisoderelation WHERE episode_id =
         (SELECT id FROM vod_episode WHERE uuid = '{one}');
         DELETE FROM vod_episode WHERE uuid = '{one}'"
    ));
    home.try_generate(&database.url(), &APPLY);
    assert_same_tree(&home.tree(), &before);
    let (ours, fresh) = after(&home, &database, &APPLY);
    assert_eq!(ours.len(), before.len() - 2);
    assert_same_tree(&ours, &fresh);
}

#[test]
fn nothing_goes_while_dispatcharr_reads_a_catalogue() {
    let (home, database) = library(&APPLY);
    let before = home.tree();
    database.execute("DELETE FROM vod_m3umovierelation WHERE movie_id = 5");
    database.execute("UPDATE vod_m3umovierelation SET last_seen = now() WHERE id % 2 = 0");
    for _ in 0..2 {
        let (status, report) = home.try_generate(&database.url(), &APPLY);
        assert_eq!(status, 4, "{report}");
        assert!(report["held"].to_string().contains("being read"), "{report}");
    }
    assert_same_tree(&home.tree(), &before);
    database.execute("UPDATE vod_m3umovierelation SET last_seen = now(); UPDATE vod_m3useriesrelation SET last_seen = (SELECT max(last_seen) FROM vod_m3umovierelation)");
    home.try_generate(&database.url(), &APPLY);
    let (status, _) = home.try_generate(&database.url(), &APPLY);
    assert_eq!((status, home.tree().len()), (0, before.len() - 2));
}

#[test]
fn what_is_not_ours_stays_and_is_told_once() {
    let (home, database) = library(&APPLY);
    let strm = some(&home, "Movies/", ".strm");
    let nfo = strm.with_extension("nfo");
    let poster = strm.with_file_name("poster.jpg");
    std::fs::write(&nfo, "<movie>mine</movie>").unwrap();
    std::fs::write(&poster, "a picture").unwrap();
    database.execute(&format!(
        "CREATE TABLE kept AS SELECT * FROM vod_m3umovierelation
         WHERE movie_id = (SELECT id FROM vod_movie WHERE uuid = '{}');
         DELETE FROM vod_m3umovierelation WHERE id IN (SELECT id FROM kept)",
        uuid(&strm)
    ));
    home.try_generate(&database.url(), &APPLY);
    let (status, report) = home.try_generate(&database.url(), &APPLY);
    assert_eq!(status, 0, "{report}");
    assert_eq!(number(&report, "/files/skipped/not_ours"), 2, "the NFO and the folder: {report}");
    assert!(!strm.exists() && nfo.exists() && poster.exists());
    let (_, report) = home.try_generate(&database.url(), &APPLY);
    assert_eq!(number(&report, "/files/skipped/not_ours"), 0, "{report}");
    assert_eq!(std::fs::read_to_string(&nfo).unwrap(), "<movie>mine</movie>");
    database.execute("INSERT INTO vod_m3umovierelation SELECT * FROM kept");
    let (status, report) = home.try_generate(&database.url(), &APPLY);
    assert_eq!(status, 0, "an edit is respected, also when the title returns: {report}");
    assert!(strm.exists());
    assert_eq!(std::fs::read_to_string(&nfo).unwrap(), "<movie>mine</movie>");
}

#[test]
fn a_preview_tells_exactly_what_goes_and_removes_nothing() {
    let (home, database) = library(&[&APPLY[..], &["--versions", "all"]].concat());
    database.execute("DELETE FROM vod_m3umovierelation WHERE movie_id IN (5, 6); UPDATE vod_movie SET name = 'New' WHERE id = 9");
    home.try_generate(&database.url(), &[&BASE_URL[..], &["--multi-provider"]].concat());
    let told = |flags: &[&str]| {
        let csv = home.dir.path().join("run.csv");
        let _ = std::fs::remove_file(&csv);
        let more = ["--report", csv.to_str().unwrap(), "--no-nfo", "--versions", "best"];
        let flags = [flags, &BASE_URL, &more].concat();
        let (status, report) = home.try_generate(&database.url(), &flags);
        assert_eq!(status, 0, "{report}");
        let text = std::fs::read_to_string(&csv).unwrap();
        let rows = text.lines().filter(|row| row.contains("delete"));
        let mut rows: Vec<String> =
            rows.map(|row| row.replace("would_delete", "deleted")).collect();
        rows.sort();
        rows
    };
    let before = home.tree();
    let dry = told(&["--dry-run", "--cleanup", "apply"]);
    assert_same_tree(&home.tree(), &before);
    let preview = told(&["--cleanup", "preview", "--grace", "1"]);
    assert_eq!(dry, preview);
    assert_same_tree(&home.tree(), &before);
    let applied = told(&["--cleanup", "apply"]);
    assert_eq!(preview, applied);
    assert_eq!(home.tree().len(), before.len() - applied.len());
    assert!(applied.len() > 100, "{applied:#?}");
}

/// A series that never had anything to play has no folder: there is nothing on disk to look at for it.
#[test]
fn a_title_without_a_folder_goes_and_nobodys_folders_with_it() {
    let (_, database) = library(&APPLY);
    let home = new_home();
    let one = "FROM vod_m3useriesrelation WHERE series_id = (SELECT min(id) FROM vod_series)";
    let empty = "(SELECT id FROM vod_episode WHERE series_id = (SELECT min(id) FROM vod_series))";
    database.execute(&format!("DELETE FROM vod_m3uepisoderelation WHERE episode_id IN {empty}"));
    let flags = [&APPLY[..], &["--allow-removals", "--grace", "0"]].concat();
    home.generate(&database.url(), &flags);
    let theirs =
        ["Movies/Mine", "TV/Mine/Season 01", "Photos/2026"].map(|it| home.output().join(it));
    theirs.iter().for_each(|folder| std::fs::create_dir_all(folder).unwrap());
    database.execute(&format!("DELETE {one}"));
    let report = home.generate(&database.url(), &flags);
    assert_eq!(number(&report, "/titles/series/absent"), 1, "{report:#}");
    assert!(theirs.iter().all(|folder| folder.is_dir()), "somebody's folders stay");
}
