//! What the server sees of a run: one connection, one snapshot, few statements, and nothing written.

use vod2strm_catalog::dispatcharr::postgres::error::DatabaseError;
use vod2strm_catalog::source::{Catalog, Describe};
use vod2strm_core::model::media::Kind;
use vod2strm_testkit::generate::{Catalogue, Size, small};
use vod2strm_testkit::postgres::TestDatabase;

use super::errors::words;
use super::{ALL, Key, filled, load, load_stamped, open, stamps};

/// Statements of the whole first pass, and of one batch of each kind.
fn costs(movies: usize, series: usize) -> (u64, u64, u64) {
    let size = Size { movies, series, episodes_per_series: 4 };
    let database = filled(&Catalogue::generate(2, size, false));
    let mut catalog = open(&database);
    let keys: Vec<Key> = stamps(&mut catalog, &ALL).into_keys().collect();
    assert!(keys.len() > (movies + series) * 6 / 10, "{} titles", keys.len());
    let first_pass = catalog.statements();
    let mut batch = |kind| {
        let before = catalog.statements();
        let ids = keys.iter().filter(|key| key.0 == kind).map(|key| key.1).collect::<Vec<_>>();
        assert_eq!(load(&mut catalog, kind, &ids).len(), ids.len());
        catalog.statements() - before
    };
    let (of_movies, of_series) = (batch(Kind::Movie), batch(Kind::Series));
    (first_pass, of_movies, of_series)
}

#[test]
fn the_number_of_statements_does_not_depend_on_the_number_of_titles() {
    let few = costs(8, 3);
    assert_eq!(few, costs(1_500, 500));
    assert_eq!((few.1, few.2), (2, 4));
    assert!(few.0 <= 12, "{} statements", few.0);
}

/// A whole run as a user who may not write, and what the server counted of it.
#[test]
fn the_server_sees_nothing_but_reads() {
    let database = filled(&small());
    if database.query_one_i64(
        "SELECT count(*) FROM pg_settings WHERE name = 'shared_preload_libraries' \
         AND setting LIKE '%pg_stat_statements%'",
    ) == 0
    {
        eprintln!("not checked: this server has no pg_stat_statements");
        return;
    }
    database.execute(
        "CREATE EXTENSION pg_stat_statements; GRANT SELECT ON ALL TABLES IN SCHEMA public TO pwuser",
    );
    let password = std::env::var("V2S_TEST_PG_PASSWORD").unwrap();
    let url = database.tcp_url(&format!("pwuser:{password}"));
    let mut catalog = crate::open_url(&url).unwrap();
    let stamped = stamps(&mut catalog, &ALL);
    assert_eq!(load_stamped(&mut catalog, &stamped).len(), 6);
    // Its settings and its snapshot are no questions.
    let sent = catalog.statements() - 2;
    // The server counts a statement when the next one comes.
    catalog.facts().unwrap();
    let calls = |of: &str| {
        database.query_one_i64(&format!(
            "SELECT coalesce(sum(calls), 0)::bigint FROM pg_stat_statements \
             WHERE userid = 'pwuser'::regrole AND ({of}) \
             AND dbid = (SELECT oid FROM pg_database WHERE datname = current_database())"
        ))
    };
    let counted = "query !~ 'server_version|current_setting'";
    let selects = calls(&format!("query ~ '^\\s*SELECT' AND {counted}"));
    let settings = calls("query ~ '^\\s*SET '");
    assert_eq!(selects as u64, sent, "all others are queries");
    assert_eq!(calls("query ~ '^\\s*BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY'"), 1);
    assert_eq!(calls(counted), selects + settings + 1, "SELECT, SET, BEGIN, and nothing else");
}

/// Even a superuser's run, and even a view with a function behind it that writes.
#[test]
fn the_server_would_refuse_a_write() {
    let database = filled(&small());
    database.execute(
        "CREATE TABLE trace (n integer); \
         CREATE FUNCTION leave_a_trace() RETURNS boolean LANGUAGE plpgsql AS \
         $$ BEGIN INSERT INTO trace VALUES (1); RETURN true; END $$; \
         ALTER TABLE vod_episode RENAME TO episode; \
         CREATE VIEW vod_episode AS SELECT * FROM episode WHERE leave_a_trace()",
    );
    assert_eq!(database.query_one_i64("SELECT count(*) FROM vod_episode"), 4);
    assert_eq!(database.query_one_i64("SELECT count(*) FROM trace"), 4, "the trap works");
    let error = open(&database).stamps(&ALL, &mut |_| {}).unwrap_err();
    assert!(
        matches!(error.reader(), Some(DatabaseError::Query { what: "episodes", .. })),
        "{error}"
    );
    assert!(words(&error).contains("read-only transaction"), "{}", words(&error));
    assert_eq!(database.query_one_i64("SELECT count(*) FROM trace"), 4);
}

fn sessions(database: &TestDatabase, condition: &str) -> i64 {
    database.query_one_i64(&format!(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
         AND application_name = 'vod2strm' AND {condition}"
    ))
}

#[test]
fn a_run_is_one_connection_that_never_gets_a_transaction_to_write_in() {
    let database = filled(&small());
    let mut catalog = open(&database);
    let is_idle = "state = 'idle in transaction' AND backend_xid IS NULL";
    assert_eq!((sessions(&database, "true"), sessions(&database, is_idle)), (1, 1));
    let stamped = stamps(&mut catalog, &ALL);
    assert_eq!(load_stamped(&mut catalog, &stamped).len(), 6);
    assert_eq!((sessions(&database, "true"), sessions(&database, is_idle)), (1, 1));
    let strong = "SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid) \
                  WHERE application_name = 'vod2strm' AND datname = current_database() \
                  AND mode NOT IN ('AccessShareLock', 'ExclusiveLock')";
    assert_eq!(database.query_one_i64(strong), 0, "readers' locks, and that of its own number");
}

#[test]
fn a_run_sees_one_state_of_the_catalogue_from_its_beginning_to_its_end() {
    let database = filled(&small());
    let untouched = {
        let mut catalog = open(&database);
        let stamped = stamps(&mut catalog, &ALL);
        (load_stamped(&mut catalog, &stamped), stamped)
    };
    let mut catalog = open(&database);
    database.execute("UPDATE vod_movie SET name = 'Changed before the stamps' WHERE id = 1");
    let stamped = stamps(&mut catalog, &ALL);
    database.execute(
        "UPDATE vod_movie SET name = 'Changed after the stamps', logo_id = NULL; \
         DELETE FROM vod_m3umovierelation WHERE id = 2; \
         UPDATE m3u_m3uaccount SET is_active = NOT is_active, priority = 50 - id; \
         UPDATE vod_m3uvodcategoryrelation SET enabled = NOT enabled; \
         DELETE FROM vod_m3uepisoderelation; DELETE FROM vod_episode",
    );
    let loaded = load_stamped(&mut catalog, &stamped);
    assert_eq!(stamped, untouched.1);
    assert_eq!(loaded, untouched.0);
    assert_ne!(stamps(&mut open(&database), &ALL), stamped, "the next run sees all of it");
}

/// A batch costs what is in it: no table is scanned for it.
#[test]
fn a_batch_is_looked_up_also_in_a_large_catalogue() {
    let size = Size { movies: 10, series: 3_000, episodes_per_series: 10 };
    let database = filled(&Catalogue::generate(6, size, false));
    database.execute("ANALYZE");
    let count = |what: &str| {
        database.query_one_i64(&format!(
            "SELECT coalesce(sum({what}), 0)::bigint FROM pg_stat_user_tables
             WHERE relname IN ('vod_episode', 'vod_m3uepisoderelation')"
        ))
    };
    let (scans, lookups) = (count("seq_scan"), count("idx_scan"));
    let mut catalog = open(&database);
    let ids: Vec<i64> = (1..=40).collect();
    assert!(load(&mut catalog, Kind::Series, &ids).len() > 20);
    // The server counts what a session did when that ends.
    drop(catalog);
    while count("idx_scan") == lookups {
        std::thread::yield_now();
    }
    assert_eq!(count("seq_scan"), scans, "tables were scanned");
}
