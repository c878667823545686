//! What a row costs in the first pass: the library that reads it allocates once, we do not. What an entry of a playlist
//! costs.

#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "a failed test")]

use std::fmt::Write as _;

use allocation_counter::measure;
use vod2strm_catalog::dispatcharr::postgres::PgCatalog;
use vod2strm_catalog::dispatcharr::postgres::address::DatabaseAddress;
use vod2strm_catalog::m3u::{Location, M3uCatalog};
use vod2strm_catalog::source::{Catalog, Scope, Selection};
use vod2strm_core::names::years::Years;
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

/// Allocations while a list of so many movies or channels is read, and the bytes that stay.
fn playlist(entries: usize, folder: &str) -> (u64, i64) {
    let mut list = "#EXTM3U\n".to_owned();
    for n in 0..entries {
        writeln!(
            list,
            "#EXTINF:-1 tvg-id=\"\" tvg-name=\"EN - Film Number {n} (1999)\" \
             tvg-logo=\"https://image.tmdb.org/t/p/w600_and_h900_bestv2/abc{n}.jpg\" group-title=\"Movies\",\
             EN - Film Number {n} (1999)\nhttp://h.example:8080/{folder}/user/password/{n}.mkv"
        )
        .unwrap();
    }
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), list).unwrap();
    let location = Location::File(file.path().to_owned());
    let mut kept = None;
    let open = || M3uCatalog::open(&location, Years::plausible_in(2026), &|_, _| false).unwrap();
    let costs = measure(|| kept = Some(open()));
    (costs.count_total, costs.bytes_current)
}

/// Before all signs of an entry counted (2026-11-29) it was 53 allocations a movie and 15 a channel. What an entry was
/// recognised by before has cost three more since. The place of a country behind the name has 8 bytes (2026-11-30).
#[test]
fn an_entry_of_a_playlist_costs_little_and_a_channel_nothing_that_stays() {
    for (folder, most, bytes) in [("movie", 57.0, 1320.0), ("live", 15.5, 0.1)] {
        let ((few, least), (many, all)) = (playlist(1_000, folder), playlist(3_000, folder));
        let each = (many - few) as f64 / 2_000.0;
        let kept = (all - least) as f64 / 2_000.0;
        assert!(each <= most && kept <= bytes, "{folder}: {each} allocations, {kept} bytes");
    }
}
