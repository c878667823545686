//! A month of nights at M: what a run writes, and how long it takes, when rows are made anew in every night.

use vod2strm_testkit::generate::Size;
use vod2strm_testkit::nights::Month;
use vod2strm_testkit::postgres::TestDatabase;
use vod2strm_testkit::schema::Generation;

use crate::rounds::{RoundTimes, settle};
use crate::subject::{Bench, BenchDatabase};
use crate::table::ResultTable;

const SIZE: Size = Size { movies: 10_000, series: 1_000, episodes_per_series: 20 };
const NIGHTS: usize = 30;
/// Every third night so many titles, episodes or streams change as viewers notice it.
const CHANGES: usize = 100;

/// Nights of new UUIDs and ids beside runs that find nothing to do; every third night something changes besides.
pub fn nights(bench: &Bench) {
    eprintln!("a month of nights");
    let tests = TestDatabase::create(Generation::NEWEST);
    let mut month = Month::new(3, SIZE);
    let mut table = ResultTable::new("nights", &month.catalogue);
    let put = |tests: &TestDatabase, month: &Month| {
        tests.clear();
        tests.insert(&month.catalogue);
        tests.execute("VACUUM ANALYZE");
    };
    put(&tests, &month);
    let database = BenchDatabase::new(tests);
    bench.generate(&database, "nights", &[]);
    let (mut quiet, mut unchanged, mut busy) = (Vec::new(), Vec::new(), Vec::new());
    let (mut quiet_files, mut busy_files) = (0, 0);
    for night in 1..=NIGHTS {
        month.remake();
        let is_busy = night % 3 == 0;
        if is_busy {
            month.change(CHANGES);
        }
        put(database.tests(), &month);
        settle();
        let run = bench.generate(&database, "nights", &[]);
        if is_busy {
            busy_files += run.files_changed;
            busy.push(run.seconds);
        } else {
            quiet_files += run.files_changed;
            quiet.push(run.seconds);
            unchanged.push(bench.generate(&database, "nights", &[]).seconds);
        }
    }
    let work = "night of new UUIDs and ids, seconds, beside a run that finds nothing to do";
    table.time(work, &RoundTimes { ours: quiet, limit: unchanged.clone() }, "at most 1.1");
    let work = "night in which 100 titles, episodes or streams change, too, beside the same";
    table.time(work, &RoundTimes { ours: busy, limit: unchanged }, "");
    table.fact("files written in 20 nights of new UUIDs and ids (0)", quiet_files as f64);
    table.fact("files written in 10 nights with changes", busy_files as f64);
    table.write();
}
