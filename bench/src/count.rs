//! `scripts/count`: instructions and allocations of whole runs over a fixed catalogue, beside a committed table. Neither
//! depends on the load of the machine.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::process::exit;

use vod2strm_testkit::generate::{Catalogue, Size};
use vod2strm_testkit::postgres::TestDatabase;
use vod2strm_testkit::schema::Generation;

use crate::subject::{Bench, BenchDatabase};
use crate::table::said;

/// The committed table.
const TABLE: &str = "bench/counts.md";

/// How far a count may be from the table, either way. Two runs of one program differ by less than half of it.
const TOLERANCE: f64 = 0.03;

const SIZE: Size = Size { movies: 400, series: 100, episodes_per_series: 10 };

/// Threads would take turns in another order each time.
const FLAGS: [&str; 3] = ["--no-adaptive", "--concurrency", "1"];

/// Counts, and compares with the table; `writes` puts the counts there instead. Ends the process with 1 where one of them
/// is too far off.
pub fn count(bench: &Bench, writes: bool) {
    let database = TestDatabase::create(Generation::NEWEST);
    database.insert(&Catalogue::generate(1, SIZE, false));
    database.execute("VACUUM ANALYZE");
    let database = BenchDatabase::new(database);
    let mut counts = BTreeMap::new();
    for what in ["1 first run", "2 unchanged run", "3 run with 1 % changed"] {
        if what.starts_with('3') {
            database.change_one_percent(1);
        }
        counts.insert(format!("{what}, thousands of instructions"), instructions(bench, &database));
        counts.insert(format!("{what}, allocations"), allocations(bench, &database));
    }
    let table: String =
        counts.iter().map(|(what, count)| format!("| {what} | {count} |\n")).collect();
    println!("{table}");
    let compiler = said("rustc", &["--version"]);
    if writes {
        let text = format!(
            "# Counts of whole runs\n\n`scripts/count` compares with them, and `scripts/count --write` writes them: {} \
             movies, {} series, {} episodes each; made by {compiler}.\n\n| run | count |\n|---|---|\n{table}",
            SIZE.movies, SIZE.series, SIZE.episodes_per_series
        );
        fs::write(TABLE, text).expect("a writable project");
        return;
    }
    let text = fs::read_to_string(TABLE).unwrap_or_default();
    if !text.contains(&compiler) {
        eprintln!("SKIPPED: {TABLE} is not of {compiler}; to compare later: scripts/count --write");
        return;
    }
    if is_off(&counts, &known_counts(&text)) {
        eprintln!("if that is meant: scripts/count --write, and say why in the commit");
        exit(1);
    }
}

/// Whether a count is too far from what is known; tells which.
fn is_off(counts: &BTreeMap<String, u64>, known: &BTreeMap<String, u64>) -> bool {
    let mut is_off = false;
    for (what, count) in counts {
        let known = known.get(what).copied().unwrap_or(0);
        let ratio = *count as f64 / known as f64;
        if (ratio - 1.0).abs() > TOLERANCE {
            eprintln!("{what}: {count}, {ratio:.3} of {known} in {TABLE}");
            is_off = true;
        }
    }
    is_off
}

fn known_counts(text: &str) -> BTreeMap<String, u64> {
    let row = |line: &str| {
        let mut cells = line.split('|').map(str::trim).filter(|cell| !cell.is_empty());
        Some((cells.next()?.to_owned(), cells.next()?.parse().ok()?))
    };
    text.lines().filter_map(row).collect()
}

/// Of a run, in thousands.
fn instructions(bench: &Bench, database: &BenchDatabase) -> u64 {
    let out = bench.place().join("count.callgrind");
    let file = format!("--callgrind-out-file={}", out.display());
    let by = ["valgrind", "-q", "--tool=callgrind", &file].map(OsStr::new);
    bench.run_under(&by, &database.url(), "instructions", &FLAGS);
    let text = fs::read_to_string(&out).expect("callgrind writes");
    let total = text.lines().find_map(|line| line.strip_prefix("totals: "));
    let total: u64 = total.and_then(|total| total.trim().parse().ok()).expect("callgrind counts");
    total / 1_000
}

/// Blocks that a run allocates.
fn allocations(bench: &Bench, database: &BenchDatabase) -> u64 {
    let log = bench.place().join("count.dhat");
    let file = format!("--log-file={}", log.display());
    let by = ["valgrind", "--tool=dhat", "--dhat-out-file=/dev/null", &file].map(OsStr::new);
    bench.run_under(&by, &database.url(), "allocations", &FLAGS);
    let text = fs::read_to_string(&log).expect("valgrind writes");
    // ==7== Total:     12,345,678 bytes in 123,456 blocks
    let total = text.lines().find(|line| line.contains("Total:"));
    let blocks = total.and_then(|line| line.split(" in ").nth(1)?.split(' ').next());
    blocks.and_then(|blocks| blocks.replace(',', "").parse().ok()).expect("dhat counts")
}
