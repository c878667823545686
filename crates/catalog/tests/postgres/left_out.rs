//! Why titles of the database are left out, counted while stamps are read.

use std::collections::BTreeMap;

use vod2strm_catalog::source::Catalog;
use vod2strm_core::entries::{KindEntries, WhyLeftOut};
use vod2strm_core::model::media::Kind;
use vod2strm_testkit::generate::{Catalogue, small};

use super::{ALL, filled, open, stamps};

/// A row of a title, and the account and the category of each of its streams.
type Row = (Kind, Vec<(i64, Option<i64>)>);

fn rows(catalogue: &Catalogue) -> Vec<Row> {
    let movies = catalogue.movies.iter().map(|movie| {
        let streams = catalogue.movie_relations.iter().filter(|it| it.movie_id == movie.id);
        (Kind::Movie, streams.map(|it| (it.account_id, it.category_id)).collect())
    });
    let series = catalogue.series.iter().map(|series| {
        let streams = catalogue.series_relations.iter().filter(|it| it.series_id == series.id);
        (Kind::Series, streams.map(|it| (it.account_id, it.category_id)).collect())
    });
    movies.chain(series).collect()
}

/// The reasons, found the slow and obvious way.
pub fn expected(catalogue: &Catalogue) -> BTreeMap<Option<Kind>, KindEntries> {
    let is_on = |id: i64| catalogue.accounts.iter().any(|it| it.id == id && it.is_active);
    let is_enabled = |account: i64, category: Option<i64>| {
        let mut relations = catalogue.category_relations.iter();
        category.is_none_or(|id| {
            relations.any(|it| it.account_id == account && it.category_id == id && it.enabled)
        })
    };
    let mut counts: BTreeMap<Option<Kind>, KindEntries> =
        Kind::ALL.map(|kind| (Some(kind), KindEntries::default())).into();
    for (kind, streams) in rows(catalogue) {
        let counts = counts.entry(Some(kind)).or_default();
        let on: Vec<_> = streams.iter().filter(|(account, _)| is_on(*account)).collect();
        if on.iter().any(|(account, category)| is_enabled(*account, *category)) {
            counts.in_titles += 1;
        } else if !on.is_empty() {
            counts.leave_out(WhyLeftOut::CategoryOff, 1);
        } else if !streams.is_empty() {
            counts.leave_out(WhyLeftOut::AccountOff, 1);
        } else {
            counts.leave_out(WhyLeftOut::NoStream, 1);
        }
    }
    counts
}

#[test]
fn each_title_that_nobody_offers_is_left_out_for_one_reason() {
    let mut catalogue = small();
    let nobodys = catalogue.movies[0].clone();
    catalogue.movies.push(nobodys);
    let nobodys = catalogue.movies.last_mut().unwrap();
    (nobodys.id, nobodys.uuid, nobodys.name) = (7, nobodys.uuid.replace('1', "7"), "Lost".into());
    (nobodys.tmdb_id, nobodys.imdb_id) = (None, None);
    let database = filled(&catalogue);
    let mut catalog = open(&database);
    stamps(&mut catalog, &ALL);
    let movies = &catalog.entries()[&Some(Kind::Movie)];
    let why = [WhyLeftOut::AccountOff, WhyLeftOut::CategoryOff, WhyLeftOut::NoStream];
    assert_eq!((movies.in_titles, &movies.left_out), (4, &why.map(|why| (why, 1)).into()));
    let series = &catalog.entries()[&Some(Kind::Series)];
    assert_eq!((series.in_titles, series.left_out.len()), (2, 0));
    assert_eq!(*catalog.entries(), expected(&catalogue));
}
