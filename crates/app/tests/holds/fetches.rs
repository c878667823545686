//! What was not fetched since it vanished is never covered by a permission; and an account's versions are its own.

use vod2strm_testkit::generate::{Catalogue, Size};
use vod2strm_testkit::home::{ALL_FETCHED, Home};
use vod2strm_testkit::postgres::TestDatabase;
use vod2strm_testkit::schema::Generation;

use super::{APPLY, dispatcharr};

const VANISH: &str = "CREATE TABLE IF NOT EXISTS gone AS SELECT id FROM vod_episode WHERE false";

/// Two accounts, each of which has every episode.
pub fn of_two_accounts() -> TestDatabase {
    let size = Size { movies: 5, series: 6, episodes_per_series: 8 };
    let database = TestDatabase::create(Generation::NEWEST);
    database.insert(&Catalogue::generate(31, size, false));
    database.execute(
        "DELETE FROM vod_m3uepisoderelation WHERE m3u_account_id <> 1;
         DELETE FROM vod_m3useriesrelation WHERE m3u_account_id <> 1;
         INSERT INTO vod_m3useriesrelation SELECT (jsonb_populate_record(r, jsonb_build_object(
             'id', r.id + 100000, 'm3u_account_id', 2,
             'external_series_id', 'x' || r.external_series_id))).* FROM vod_m3useriesrelation r;
         INSERT INTO vod_m3uepisoderelation SELECT (jsonb_populate_record(e, jsonb_build_object(
             'id', e.id + 100000, 'm3u_account_id', 2, 'stream_id', 'x' || e.stream_id))).*
             FROM vod_m3uepisoderelation e;
         DELETE FROM vod_m3uvodcategoryrelation WHERE NOT enabled",
    );
    database
}

/// Has the account's episodes vanish from Dispatcharr that are this condition.
pub fn vanish(database: &TestDatabase, which: &str) {
    database.execute(&format!(
        "{VANISH}; INSERT INTO gone SELECT id FROM vod_episode WHERE {which};
         DELETE FROM vod_m3uepisoderelation WHERE episode_id IN (SELECT id FROM gone);
         DELETE FROM vod_episode WHERE id IN (SELECT id FROM gone)"
    ));
}

fn episodes(home: &Home) -> usize {
    home.tree().keys().filter(|path| path.starts_with("TV/") && path.ends_with(".strm")).count()
}

/// A fetch proves the loss of what had vanished before it, and of nothing that vanished later.
#[test]
fn each_loss_needs_a_fetch_of_its_own() {
    let (home, database) = dispatcharr();
    let all = episodes(&home);
    vanish(&database, "id % 8 < 5");
    let first = home.try_generate(&database.url(), &APPLY);
    assert_eq!(first.0, 4, "{}", first.1);
    let ledger = rusqlite::Connection::open(home.ledger()).unwrap();
    let fetched_after = |seconds: i64| {
        ledger.execute_batch(ALL_FETCHED).unwrap();
        ledger.execute("UPDATE fetches SET at = unixepoch() + ?1", [seconds]).unwrap();
        // As if the loss had been found a day ago.
        ledger.execute("UPDATE files SET lost = lost - 86400 WHERE lost IS NOT NULL", []).unwrap();
    };
    fetched_after(-3_600);
    vanish(&database, "true");
    let (_, report) = home.try_generate(&database.url(), &APPLY);
    assert!(report["held"].to_string().contains("vod2strm refresh"), "{report}");
    let before = episodes(&home);
    assert_eq!(before, all, "{report}");
    let (status, report) =
        home.try_generate(&database.url(), &["--cleanup", "apply", "--allow-removals"]);
    assert_eq!(status, 4, "{report}");
    let held = report["held"].to_string();
    assert!(held.contains("vod2strm refresh"), "{report}");
    assert!(episodes(&home) > 0 && episodes(&home) < all, "only what was fetched since: {report}");
}

/// Each account's loss is proved by a fetch from that account, and is that account's although another one takes
/// over the file.
#[test]
fn an_accounts_versions_are_held_for_that_account() {
    for account in [1, 2] {
        let database = of_two_accounts();
        let home = Home::new(env!("CARGO_BIN_EXE_vod2strm"));
        let flags = ["--cleanup", "apply", "--grace", "0", "--multi-provider"];
        home.generate(&database.url(), &flags);
        let all = episodes(&home);
        assert!(all > 20);
        database.execute(&format!(
            "DELETE FROM vod_m3uepisoderelation WHERE m3u_account_id = {account}"
        ));
        let held = |more: &[&str]| {
            let (_, report) = home.try_generate(&database.url(), &[&flags[..], more].concat());
            assert_eq!(report["held"][0]["kind"], "episode", "{account}: {report}");
            (episodes(&home), report["held"].to_string())
        };
        assert!(held(&["--dry-run"]).1.contains("vod2strm refresh"), "{account}");
        assert_eq!(held(&[]).0, all, "{account}");
        let ledger = rusqlite::Connection::open(home.ledger()).unwrap();
        let fetch = |account: i64| {
            let of = format!("{ALL_FETCHED} AND account = {account}");
            ledger.execute_batch(&of).unwrap();
        };
        fetch(3 - account);
        let (left, report) = held(&["--allow-removals"]);
        assert!(left == all && report.contains("vod2strm refresh"), "{account}: {report}");
        fetch(account);
        let (left, report) = held(&[]);
        assert!(left == all && !report.contains("vod2strm refresh"), "{account}: {report}");
        let (status, report) =
            home.try_generate(&database.url(), &[&flags[..], &["--allow-removals"]].concat());
        assert_eq!((status, episodes(&home)), (0, all / 2), "{account}: {report}");
    }
}

/// An account that was deleted and added again lists its series under another number, and nobody has fetched their
/// episodes from it.
#[test]
fn what_an_account_that_was_added_anew_lists_and_nobody_fetched_is_never_covered() {
    let (home, database) = dispatcharr();
    let all = episodes(&home);
    database.execute(
        "INSERT INTO m3u_m3uaccount SELECT (jsonb_populate_record(a, '{\"id\": 9, \"name\": \"Anew\"}')).*
           FROM m3u_m3uaccount a WHERE id = 1;
         DELETE FROM vod_m3uepisoderelation WHERE m3u_account_id = 1;
         DELETE FROM vod_episode e
           WHERE NOT EXISTS (SELECT 1 FROM vod_m3uepisoderelation r WHERE r.episode_id = e.id);
         UPDATE vod_m3umovierelation SET m3u_account_id = 9 WHERE m3u_account_id = 1;
         UPDATE vod_m3useriesrelation SET m3u_account_id = 9, last_episode_refresh = NULL
           WHERE m3u_account_id = 1;
         UPDATE vod_m3uvodcategoryrelation SET m3u_account_id = 9 WHERE m3u_account_id = 1;
         UPDATE m3u_m3uaccountprofile SET m3u_account_id = 9 WHERE m3u_account_id = 1;
         DELETE FROM m3u_m3uaccount WHERE id = 1",
    );
    for more in [&[][..], &[], &["--allow-removals"]] {
        let (status, report) = home.try_generate(&database.url(), &[&APPLY[..], more].concat());
        let held = report["held"].to_string();
        assert!(status == 4 && held.contains("vod2strm refresh"), "{more:?}: {report}");
        assert_eq!(episodes(&home), all, "{more:?}: {report}");
    }
}

/// Two accounts whose series lose most of their episodes at once are two holds: a permission for one covers nothing
/// of the other.
#[test]
fn each_account_of_whose_series_most_episodes_are_missing_is_held_by_itself() {
    let (home, database) = dispatcharr();
    let all = episodes(&home);
    vanish(&database, "id % 8 < 5");
    home.try_generate(&database.url(), &APPLY);
    let ledger = rusqlite::Connection::open(home.ledger()).unwrap();
    ledger.execute_batch(ALL_FETCHED).unwrap();
    let (status, report) = home.try_generate(&database.url(), &APPLY);
    let held = report["held"].as_array().unwrap().clone();
    let accounts: Vec<&str> = held.iter().filter_map(|it| it["account"].as_str()).collect();
    assert!(status == 4 && held.len() > 1 && accounts.len() == held.len(), "{report}");
    let permission = format!("--allow-removals={}", held[0]["id"].as_str().unwrap());
    let (status, report) =
        home.try_generate(&database.url(), &[&APPLY[..], &[&permission]].concat());
    let left = report["held"].as_array().unwrap();
    assert!(status == 4 && left.iter().all(|it| it["account"] != held[0]["account"]), "{report}");
    assert!(episodes(&home) < all, "{report}");
    let files =
        |held: &[serde_json::Value]| held.iter().filter_map(|it| it["files"].as_u64()).sum::<u64>();
    assert_eq!(files(left), files(&held[1..]), "{report}");
}
