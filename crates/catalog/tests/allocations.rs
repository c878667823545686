//! What a row costs in the first pass: the library that reads it allocates once, we do not.

#![expect(clippy::unwrap_used, reason = "a failure here is a failed test")]

use allocation_counter::measure;
use vod2strm_catalog::dispatcharr::postgres::PgCatalog;
use vod2strm_catalog::dispatcharr::postgres::address::DatabaseAddress;
use vod2strm_catalog::source::{Catalog, Scope, Selection};
use vod2strm_testkit::generate::{Catalogue, Size};
use vod2strm_testkit::postgres::TestDatabase;
use vod2strm_testkit::schema::Generation;

/// Rows of the catalogue, allocations while they are stamped, and the most bytes at a time.
fn first_pass(episodes_per_series: usize) -> (u64, u64, u64) {
    let size = Size { movies: 400, series: 300, episodes_per_series };
    let catalogue = Catalogue::generate(5, size, false);
    let database = TestDatabase::create(Generation::NEWEST);
    database.insert(&catalogue);
    let mut catalog = PgCatalog::open(&DatabaseAddress::parse(&database.url()).unwrap()).unwrap();
    let scope = Scope { movies: Selection::All, series: Selection::All };
    let mut titles = 0;
    let costs = measure(|| catalog.stamps(&scope, &mut |_| titles += 1).unwrap());
    assert!(titles > 400, "{titles} titles");
    let rows = catalogue.episodes.len() + catalogue.episode_relations.len();
    (rows as u64, costs.count_total, costs.bytes_max)
}

#[test]
fn an_episode_costs_what_the_library_allocates_for_its_rows_and_nothing_that_stays() {
    let (few_rows, few, least) = first_pass(3);
    let (many_rows, many, most) = first_pass(30);
    let each = (many - few) as f64 / (many_rows - few_rows) as f64;
    assert!(each < 1.5, "{each} allocations a row");
    assert!(
        most < least * 2,
        "{least} and {most} bytes: memory grows with titles, not with episodes"
    );
}
