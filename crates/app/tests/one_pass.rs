//! A library that has nothing yet is made in one pass over the source. What comes of it is what two passes make.

#![expect(clippy::unwrap_used, reason = "a test plays the user")]

use std::cell::Cell;
use std::collections::BTreeMap;

use proptest::test_runner::{Config, TestRunner};
use rusqlite::Connection;
use rusqlite::types::Value;
use vod2strm_testkit::generate::{Catalogue, Size, catalogues};
use vod2strm_testkit::home::{Home, number};
use vod2strm_testkit::postgres::TestDatabase;
use vod2strm_testkit::schema::Generation;

/// Tables that say when something was, and not what there is.
const OF_TIMES: [&str; 7] = ["meta", "runs", "changes", "clock", "fetches", "dirs", "numbers"];

/// Columns that do.
const TIMES: [&str; 3] = ["first_seen", "since", "most_day"];

/// What a ledger says, but for times: the rows of each table.
fn ledger(home: &Home) -> BTreeMap<String, Vec<Vec<Value>>> {
    let db = Connection::open(home.ledger()).unwrap();
    let texts = |sql: &str| -> Vec<String> {
        let mut all = db.prepare(sql).unwrap();
        all.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    };
    let mut tables = BTreeMap::new();
    for table in texts("SELECT name FROM sqlite_master WHERE type = 'table'") {
        if OF_TIMES.contains(&table.as_str()) {
            continue;
        }
        let columns = texts(&format!("SELECT name FROM pragma_table_info('{table}')"));
        let columns: Vec<String> =
            columns.into_iter().filter(|name| !TIMES.contains(&name.as_str())).collect();
        let list = columns.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ");
        let mut all = db.prepare(&format!("SELECT {list} FROM {table} ORDER BY {list}")).unwrap();
        let row = |row: &rusqlite::Row<'_>| (0..columns.len()).map(|at| row.get(at)).collect();
        tables.insert(table, all.query_map([], row).unwrap().map(Result::unwrap).collect());
    }
    tables
}

/// Makes a library in two passes: its ledger has something, if only an episode that was asked for once.
fn in_two_passes(source: &str, empty: &str, flags: &[&str]) -> Home {
    let home = Home::in_memory(env!("CARGO_BIN_EXE_vod2strm"));
    home.generate(empty, flags);
    let db = Connection::open(home.ledger()).unwrap();
    let sql =
        "INSERT INTO fetches (account, series, empty, failures, due) VALUES (99, 'x', 0, 0, 0)";
    db.execute(sql, []).unwrap();
    drop(db);
    home.generate(source, flags);
    home
}

fn assert_one_pass_is_two(database: &TestDatabase, empty: &TestDatabase, flags: &[&str]) {
    let flags = &[flags, &["--base-url", "http://d:9191"]].concat();
    let home = Home::in_memory(env!("CARGO_BIN_EXE_vod2strm"));
    let first = home.generate(&database.url(), flags);
    let two = in_two_passes(&database.url(), &empty.url(), flags);
    assert_eq!(home.tree(), two.tree(), "{first:#}");
    let (ours, theirs) = (ledger(&home), ledger(&two));
    for (table, rows) in &ours {
        let differ = rows.iter().zip(&theirs[table]).find(|(ours, theirs)| ours != theirs);
        assert_eq!(differ, None, "{table}");
    }
    assert_eq!(ours, theirs);
    let again = home.generate(&database.url(), flags);
    for outcome in ["changed", "new", "failed"] {
        for kind in ["movie", "series"] {
            assert_eq!(number(&again, &format!("/titles/{kind}/{outcome}")), 0, "{again:#}");
        }
    }
    let counts =
        |report: &serde_json::Value| [&report["left_out"], &report["entries"]].map(Clone::clone);
    assert_eq!(counts(&first), counts(&again));
}

/// How many random catalogues are tried: `ONE_PASS_CASES`, or few.
fn cases() -> u32 {
    std::env::var("ONE_PASS_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(25)
}

#[test]
fn one_pass_makes_the_tree_and_the_ledger_of_two_over_random_catalogues() {
    let (database, empty) =
        (TestDatabase::create(Generation::NEWEST), TestDatabase::create(Generation::NEWEST));
    let config = Config { cases: cases(), failure_persistence: None, ..Config::default() };
    let number = Cell::new(0);
    TestRunner::new(config)
        .run(&catalogues(), |mut catalogue| {
            number.set(number.get() + 1);
            if number.get() % 3 == 0 {
                catalogue.name_series_alike();
            }
            database.clear();
            database.insert(&catalogue);
            let flags: &[&str] = match number.get() % 4 {
                0 => &["--versions", "all"],
                1 => &["--filter", "year >= 1990 and not adult"],
                2 => &["--layout", "kodi", "--direct-urls"],
                _ => &[],
            };
            assert_one_pass_is_two(&database, &empty, flags);
            Ok(())
        })
        .unwrap();
}

#[test]
fn one_pass_makes_the_tree_and_the_ledger_of_two_in_each_generation() {
    for generation in Generation::ALL {
        let (database, empty) =
            (TestDatabase::create(generation), TestDatabase::create(generation));
        let size = Size { movies: 150, series: 20, episodes_per_series: 6 };
        database.insert(&Catalogue::generate(5, size, true));
        assert_one_pass_is_two(&database, &empty, &[]);
        assert_one_pass_is_two(&database, &empty, &["--layout", "classic"]);
    }
}
