//! A refresh of a fresh Dispatcharr: some 10 000 series without an episode.

use vod2strm_testkit::dispatcharr::{Dispatcharr, KEY, Mood};
use vod2strm_testkit::generate::{Catalogue, Size};
use vod2strm_testkit::postgres::TestDatabase;
use vod2strm_testkit::schema::Generation;

use crate::subject::{Bench, BenchDatabase};
use crate::table::ResultTable;

/// Of these some 10 000 are offered by an active account in an enabled category.
const SERIES: usize = 14_200;
const EPISODES: i32 = 20;

/// As fast as it goes: what is measured is what we cost, not the pace that providers are promised.
pub fn refresh(bench: &Bench) {
    eprintln!("a refresh");
    let tests = TestDatabase::create(Generation::NEWEST);
    let size = Size { movies: 0, series: SERIES, episodes_per_series: 0 };
    let catalogue = Catalogue::generate(2, size, false);
    tests.insert(&catalogue);
    tests.execute("VACUUM ANALYZE");
    let mut table = ResultTable::new("refresh", &catalogue);
    let server = Dispatcharr::start(&tests.url());
    server.be(|_, _| Mood::Episodes(EPISODES));
    let database = BenchDatabase::new(tests);
    let flags = ["--refresh", "--api-url", server.url(), "--api-key", KEY];
    let flags = [&flags[..], &["--refresh-rate", "1000", "--refresh-parallel", "10"]].concat();
    let run = bench.generate(&database, "refreshed", &flags);
    table.fact("series asked for", server.asked().len() as f64);
    table.fact("files", run.files_changed as f64);
    table.fact("seconds", run.seconds);
    table.fact("SQL statements", run.statements);
    table.fact("peak memory in MiB (at most 64)", run.peak / 1_048_576.0);
    table.write();
}
