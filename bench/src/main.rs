//! `scripts/bench`: vod2strm beside what limits it, in turn, by medians.
#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a tool for developers: what it cannot do ends it, with its reason"
)]

mod count;
mod cpu;
mod instructions;
mod limits;
mod nights;
mod refresh;
mod rounds;
#[cfg(target_os = "linux")]
mod slow;
mod storage;
mod subject;
mod table;

use std::env;
use std::hint;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use vod2strm_testkit::generate::{Catalogue, Size};
use vod2strm_testkit::postgres::TestDatabase;
use vod2strm_testkit::schema::Generation;

use crate::cpu::{Cpu, with_cpu};
use crate::limits::MemoryTree;
use crate::rounds::{RoundTimes, in_turn, settle};
use crate::subject::{Bench, BenchDatabase};
use crate::table::ResultTable;

/// Rounds of a row: the median of each side counts.
const ROUNDS: usize = 5;
/// Files that the limit program has in memory for a row over a few of them.
const SOME_FILES: usize = 50_000;
/// Threads that do nothing but use the cores.
const BUSY_LOOPS: usize = 4;
/// Rounds of what makes or removes many files.
const LONG_ROUNDS: usize = 3;

fn main() {
    let mut arguments = env::args().skip(1);
    let usage = "usage: scripts/bench [M|L|XL|refresh|nights], or scripts/count";
    let (program, size) = (arguments.next().expect(usage), arguments.next().expect(usage));
    let size_of =
        |movies, series, episodes_per_series| Size { movies, series, episodes_per_series };
    let bench = Bench::new(PathBuf::from(program).canonicalize().expect("the program is built"));
    let sized = match size.as_str() {
        "refresh" => return refresh::refresh(&bench),
        "nights" => return nights::nights(&bench),
        "count" => return count::count(&bench, arguments.next().as_deref() == Some("--write")),
        "M" => size_of(10_000, 1_000, 20),
        "L" => size_of(100_000, 10_000, 20),
        "XL" => size_of(100_000, 100_000, 10),
        other => panic!("{other} is no size; {usage}"),
    };
    eprintln!("making the catalogue ({size})");
    let database = TestDatabase::create(Generation::NEWEST);
    let catalogue = Catalogue::generate(1, sized, false);
    database.insert(&catalogue);
    database.execute("VACUUM ANALYZE");
    let mut table = ResultTable::new(&size, &catalogue);
    cleaner(&bench, &catalogue, &mut table);
    drop(catalogue);
    let database = BenchDatabase::new(database);

    let is_huge = size == "XL";
    let library =
        library(&bench, &database, if is_huge { SOME_FILES } else { usize::MAX }, &mut table);
    let mut cpu = None;
    if !is_huge {
        cpu = all_first_runs(&bench, &database, &library, &mut table);
    }
    let unchanged = unchanged(&bench, &database, &mut table);
    few_changes(&bench, &database, &library, &mut table);
    untouched(&bench, &database, unchanged, &mut table);
    if is_huge {
        fewer_episodes(&bench, &database, &mut table);
    } else {
        removal(&bench, &database, &library, &mut table);
    }
    if size == "M" {
        on_busy_cores(&bench, &database, &mut table);
        instructions::count(&bench, &database, cpu, &mut table);
        #[cfg(target_os = "linux")]
        slow::slow_storage(&bench, &mut table);
    }
    table.write();
}

/// The cleaner over all movies' names, reading and printing included.
fn cleaner(bench: &Bench, catalogue: &Catalogue, table: &mut ResultTable) {
    let names: Vec<&str> = catalogue.movies.iter().map(|movie| movie.name.as_str()).collect();
    let times: Vec<f64> = (0..ROUNDS).map(|_| bench.clean(&names)).collect();
    let each = rounds::median(&times) * 1e6 / names.len() as f64;
    table.fact("cleaning a name, microseconds (under 5)", each);
}

/// The library that the other rows are about; at most so many of its files are read.
fn library(
    bench: &Bench,
    database: &BenchDatabase,
    files: usize,
    table: &mut ResultTable,
) -> MemoryTree {
    eprintln!("the library");
    let first = bench.generate(database, "first-0", &[]);
    table.ledger(&bench.ledger("first-0"), &first);
    table.fact("first run, files", first.files_changed as f64);
    table.fact("first run, seconds", first.seconds);
    table.fact("first run, peak memory in MiB", first.peak / 1_048_576.0);
    MemoryTree::read(&bench.library("first-0"), files)
}

/// Libraries made from nothing, each on a file system without a past; gives the CPU that one takes in memory.
fn all_first_runs(
    bench: &Bench,
    database: &BenchDatabase,
    library: &MemoryTree,
    table: &mut ResultTable,
) -> Option<Cpu> {
    let memory = Path::new("/dev/shm");
    let mut ext4 = || bench.on_fresh_ext4(memory).map_err(|why| format!("no fresh ext4: {why}"));
    first_runs(("a fresh ext4", "at least 0.8"), &mut ext4, (database, library), table);
    let mut tmpfs = || bench.elsewhere(memory).ok_or_else(|| "no /dev/shm".to_owned());
    first_runs(("tmpfs", "at least 0.32"), &mut tmpfs, (database, library), table)
}

/// A library made from nothing, beside a program that only writes the same files; gives the CPU that it takes.
/// `new_place` makes a new place for each of them.
fn first_runs(
    (place, target): (&str, &str),
    new_place: &mut dyn FnMut() -> Result<Bench, String>,
    (database, library): (&BenchDatabase, &MemoryTree),
    table: &mut ResultTable,
) -> Option<Cpu> {
    eprintln!("first runs on {place}");
    if let Err(why) = new_place() {
        eprintln!("SKIPPED: {why}");
        return None;
    }
    let mut place_again = || new_place().expect("a place, as before");
    let (mut pair, mut cpus) = (RoundTimes { ours: Vec::new(), limit: Vec::new() }, Vec::new());
    let mut limit_cpu = None;
    for _ in 0..LONG_ROUNDS {
        let bench = place_again();
        settle();
        let (run, cpu) = with_cpu(|| bench.generate(database, "first", &[]));
        pair.ours.push(run.seconds);
        cpus.extend(cpu);
        let bench = place_again();
        settle();
        let (seconds, cpu) = with_cpu(|| library.write(&bench.library("limit")));
        pair.limit.push(seconds);
        limit_cpu = cpu;
    }
    let files = library.len() as f64;
    table.rate(&format!("first run on {place}, files a second"), &pair, files, target);
    cpus.sort_by(|one, other| one.user.total_cmp(&other.user));
    let cpu = cpus.get(cpus.len() / 2).copied();
    table.cpu(&format!("first run on {place}"), cpu);
    if let Some((cpu, limit)) = cpu.zip(limit_cpu) {
        let work = format!("first run on {place}, microseconds of CPU outside of the kernel");
        table.fact(&format!("{work}, a file (at most 11)"), 1e6 * cpu.user / files);
        table.fact(&format!("its limit on {place}, seconds of CPU"), limit.own);
    }
    cpu
}

/// First runs in memory while others want the cores, too: the number of workers that is found beside four.
fn on_busy_cores(bench: &Bench, database: &BenchDatabase, table: &mut ResultTable) {
    let Some(bench) = bench.elsewhere(Path::new("/dev/shm")) else {
        return eprintln!("SKIPPED: no /dev/shm");
    };
    eprintln!("busy cores");
    let is_over = AtomicBool::new(false);
    let pair = thread::scope(|scope| {
        for _ in 0..BUSY_LOOPS {
            scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    hint::spin_loop();
                }
            });
        }
        let run = |name: String, flags: &[&str]| bench.generate(database, &name, flags).seconds;
        let pair = in_turn(
            LONG_ROUNDS,
            |round| run(format!("found-{round}"), &[]),
            |round| run(format!("fixed-{round}"), &["--no-adaptive", "--concurrency", "4"]),
        );
        is_over.store(true, Ordering::Relaxed);
        pair
    });
    let work = "first run on tmpfs beside four busy loops, seconds, beside 4 workers";
    table.time(work, &pair, "at most 1.18");
}

/// A run that finds nothing to do, beside `psql` reading the same columns to nowhere; gives its seconds.
fn unchanged(bench: &Bench, database: &BenchDatabase, table: &mut ResultTable) -> Vec<f64> {
    eprintln!("unchanged runs");
    let statements = database.statements_of(|| drop(bench.generate(database, "first-0", &[])));
    let (mut last, mut last_cpu) = (None, None);
    let pair = in_turn(
        ROUNDS,
        |_| {
            let (run, cpu) = with_cpu(|| bench.generate(database, "first-0", &[]));
            last_cpu = cpu;
            assert_eq!(run.files_changed, 0, "an unchanged run writes nothing");
            assert!(!run.is_untouched, "it reads the catalogue");
            let seconds = run.seconds;
            last = Some(run);
            seconds
        },
        |_| database.copy(&statements),
    );
    table.time("unchanged run, seconds, beside psql \\copy", &pair, "at most 1.0");
    table.cpu("unchanged run", last_cpu);
    if let Some(run) = last {
        table.fact("unchanged run, peak memory in MiB (at most 96)", run.peak / 1_048_576.0);
        table.fact("unchanged run, SQL statements (at most 25)", run.statements);
        for (phase, seconds) in &run.phases {
            table.fact(&format!("unchanged run, seconds in {phase}"), *seconds);
        }
    }
    pair.ours
}

/// A run of a catalogue that nobody has written to, beside the unchanged runs that read it.
fn untouched(
    bench: &Bench,
    database: &BenchDatabase,
    unchanged: Vec<f64>,
    table: &mut ResultTable,
) {
    let rested = |_| {
        database.leave();
        let run = bench.generate(database, "first-0", &[]);
        assert!(run.is_untouched, "the server's counters prove that nothing was written");
        run.seconds
    };
    // The first one that finds the database quiet reads, and notes that it left nothing to do.
    database.leave();
    bench.generate(database, "first-0", &[]);
    let pair = RoundTimes { ours: (0..ROUNDS).map(rested).collect(), limit: unchanged };
    table.time("untouched catalogue, seconds, beside an unchanged run", &pair, "at most 0.2");
}

/// One title in a hundred has another plot; beside an unchanged run.
fn few_changes(
    bench: &Bench,
    database: &BenchDatabase,
    library: &MemoryTree,
    table: &mut ResultTable,
) {
    eprintln!("few changes");
    let mut files = 0;
    let pair = in_turn(
        LONG_ROUNDS,
        |round| {
            database.change_one_percent(round);
            settle();
            let run = bench.generate(database, "first-0", &[]);
            files = run.files_changed;
            run.seconds
        },
        |_| bench.generate(database, "first-0", &[]).seconds,
    );
    let limit = library.write_some(&bench.library("few"), files as usize);
    table.over("1 % changed, seconds, beside an unchanged run", &pair, files, 1.3 * limit);
}

/// Peak memory is a matter of titles, not of episodes: an unchanged run with a fifth of them.
fn fewer_episodes(bench: &Bench, database: &BenchDatabase, table: &mut ResultTable) {
    // Nobody writes to it before the second one, which would read nothing otherwise.
    let peak = |name: &str| bench.generate(database, name, &["--full"]).peak;
    let many = peak("first-0");
    database.keep_one_episode_in_five();
    bench.generate(database, "fewer", &[]);
    let what = "peak memory, beside the same titles with a fifth of the episodes (at most 1.3)";
    table.fact(what, many / peak("fewer"));
}

/// One title in ten goes; beside `rm -rf` of the same folders in a copy.
fn removal(bench: &Bench, database: &BenchDatabase, library: &MemoryTree, table: &mut ResultTable) {
    eprintln!("removals");
    // Both are fresh: what was not read for long would be read from the disk, by one of them alone.
    bench.generate(database, "removed", &[]);
    let copy = bench.library("copy");
    library.write(&copy);
    let mut folders = library.folders(&bench.library("removed"));
    let flags = ["--cleanup", "apply", "--grace", "0", "--allow-removals"];
    let mut whole = Vec::new();
    let rounds = (0..LONG_ROUNDS).map(|round| {
        database.remove_one_in_ten(round);
        // Three tenths in a day are held: what a run has held, the next may let go.
        bench.generate(database, "removed", &["--cleanup", "preview", "--grace", "0"]);
        settle();
        let run = bench.generate(database, "removed", &flags);
        whole.push(run.seconds);
        let left = library.folders(&bench.library("removed"));
        let gone: Vec<PathBuf> = folders.difference(&left).cloned().collect();
        folders = left;
        settle();
        (run.phases["sweep"], limits::remove(&copy, &gone))
    });
    let (ours, limit): (Vec<f64>, Vec<f64>) = rounds.unzip();
    let work = "removal of 10 %, seconds after reading, beside rm -rf";
    table.time(work, &RoundTimes { ours, limit: limit.clone() }, "at most 1.25");
    let work = "removal of 10 %, seconds of the whole run, beside rm -rf";
    table.time(work, &RoundTimes { ours: whole, limit }, "");
}
