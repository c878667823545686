//! Facts about the library itself.

use std::collections::BTreeSet;

use vod2strm_core::hash::Fingerprint;
use vod2strm_core::model::media::Kind::{self, Movie, Series};
use vod2strm_core::pace::due::Fetched;
use vod2strm_core::plan::settle::TitleRecord;
use vod2strm_core::removal::accounts::Will;
use vod2strm_core::removal::record::Completed;

use crate::scene::{Scene, movie};

#[test]
fn a_fact_lasts_until_it_is_unset() {
    let scene = Scene::with(&[]);
    scene.ledger.set_meta("a", "1").unwrap();
    scene.ledger.set_meta("a", "2").unwrap();
    scene.ledger.set_meta("b", "3").unwrap();
    let scene = scene.reopened();
    assert_eq!(scene.ledger.meta("a").unwrap().as_deref(), Some("2"));
    scene.ledger.unset_meta("a").unwrap();
    assert_eq!(scene.ledger.meta("a").unwrap(), None);
    assert_eq!(scene.ledger.meta("b").unwrap().as_deref(), Some("3"));
}

#[test]
fn a_ledger_is_blank_until_a_title_or_a_fetch_is_noted() {
    let mut scene = Scene::with(&[]);
    scene.begin(1);
    scene.ledger.set_meta("a", "1").unwrap();
    assert!(scene.ledger.is_blank().unwrap());
    let fetched = Fetched { due: 5, ..Fetched::default() };
    scene.ledger.note_fetches([(1, "7", fetched)].into_iter()).unwrap();
    assert!(!scene.ledger.is_blank().unwrap());
    assert!(!Scene::with(&[movie("Heat", "7")]).ledger.is_blank().unwrap());
}

#[test]
fn kinds_are_distrusted_until_their_files_were_read() {
    let scene = Scene::with(&[]);
    assert!(!scene.ledger.is_distrusted(&Kind::ALL).unwrap());
    scene.ledger.distrust(&Kind::ALL).unwrap();
    let scene = scene.reopened();
    scene.ledger.trust(&[Movie]).unwrap();
    assert!(!scene.ledger.is_distrusted(&[Movie]).unwrap());
    assert!(scene.ledger.is_distrusted(&[Series]).unwrap());
    assert!(scene.ledger.is_distrusted(&Kind::ALL).unwrap());
}

/// A run that may not have seen all proves nothing of what was missing before it.
#[test]
fn runs_count_from_the_last_one_in_doubt() {
    let mut scene = Scene::with(&[]);
    assert_eq!(scene.ledger.proved_runs(Movie).unwrap(), u32::MAX);
    scene.ledger.note_doubt(&[Movie]).unwrap();
    for runs in 0..3 {
        scene.complete(1, Completed::default());
        assert_eq!(scene.ledger.this_run(Movie), i64::from(runs) + 2);
        assert_eq!(scene.ledger.proved_runs(Movie).unwrap(), runs);
        assert_eq!(scene.ledger.proved_runs(Series).unwrap(), u32::MAX);
    }
    let scene = scene.reopened();
    assert_eq!((scene.ledger.this_run(Movie), scene.ledger.this_run(Series)), (4, 4));
    assert_eq!(scene.ledger.proved_runs(Movie).unwrap(), 2);
}

#[test]
fn the_users_will_is_that_of_the_last_run_that_said_one() {
    let mut scene = Scene::with(&[]);
    assert_eq!(scene.ledger.last_will(Movie).unwrap(), None);
    let will = |filter: Option<u128>, disabled: &[(i64, i64)]| Will {
        filter: filter.map(Fingerprint),
        disabled: disabled.iter().copied().collect::<BTreeSet<_>>(),
    };
    for wanted in [will(None, &[]), will(Some(7), &[(1, 9), (2, 8)])] {
        let will = Some(wanted.clone());
        let completed = Completed { kinds: vec![Movie], will, ..Completed::default() };
        scene.ledger.complete(&completed).unwrap();
        scene.complete(1, Completed::default());
        assert_eq!(scene.ledger.last_will(Movie).unwrap(), Some(wanted));
        assert_eq!(scene.ledger.last_will(Series).unwrap(), None);
    }
}

#[test]
fn a_filters_text_is_known_by_its_fingerprint() {
    let scene = Scene::with(&[]);
    scene.ledger.note_filter(Fingerprint(7), "year > 1990").unwrap();
    scene.ledger.note_filter(Fingerprint(7), "year > 2000").unwrap();
    let filters = scene.reopened().ledger.filters().unwrap();
    assert_eq!(filters.len(), 1);
    assert_eq!(filters[&Fingerprint(7)], "year > 1990", "one fingerprint is one text");
}

/// A filter may have thousands of lines of `block` in it, and another version comes with each of them.
#[test]
fn a_filter_that_nobody_refers_to_goes_with_the_next_one() {
    let asked = TitleRecord { filter: Some(Fingerprint(7)), ..movie("Heat", "7") };
    let mut scene = Scene::with(&[asked]);
    let will = Some(Will { filter: Some(Fingerprint(8)), disabled: BTreeSet::new() });
    let completed = Completed { kinds: vec![Movie], will, ..Completed::default() };
    scene.ledger.complete(&completed).unwrap();
    for filter in 6..=10 {
        scene.ledger.note_filter(Fingerprint(filter), "year > 1990").unwrap();
    }
    let mut filters: Vec<_> = scene.ledger.filters().unwrap().into_keys().collect();
    filters.sort_unstable();
    assert_eq!(filters, [7, 8, 10].map(Fingerprint), "of a title, of the last will, of today");
}
