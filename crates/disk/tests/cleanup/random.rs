//! Random titles, edits and removals, with a fault anywhere: nothing is harmed, and the end is the same.

use proptest::prelude::*;
use vod2strm_core::model::media::Kind;
use vod2strm_testkit::faulty_fs::{EACCES, EIO, ENOSPC, Effect, InjectedFault, Span};

use crate::scene::{Found, Scene, Stock, said};
use crate::world::World;

type Draw = (bool, Vec<(Found, bool)>, bool, bool);

fn draws() -> impl Strategy<Value = Vec<Draw>> {
    let found = prop_oneof![
        5 => Just(Found::Ours), 1 => Just(Found::Edited), 1 => Just(Found::Gone),
        1 => Just(Found::Folder), 1 => Just(Found::Link)
    ];
    let files = prop::collection::vec((found, prop::bool::weighted(0.7)), 1..8);
    let draw = (any::<bool>(), files, prop::bool::weighted(0.2), prop::bool::weighted(0.1));
    prop::collection::vec(draw, 1..6)
}

/// The n-th title: pairs of `.strm` and NFO, those of a series in two seasons.
fn stock(n: usize, (is_series, files, has_guest, is_linked): &Draw) -> Stock {
    let kind = if *is_series { Kind::Series } else { Kind::Movie };
    let mut stock = Stock::new(kind, &format!("Title {n}"));
    for (at, (found, is_unwanted)) in files.iter().enumerate() {
        let dir = match is_series {
            true => format!("Season 0{}/", at / 2 % 2),
            false => String::new(),
        };
        let path = format!("{dir}{}.{}", at / 2, if at % 2 == 0 { "nfo" } else { "strm" });
        stock = match is_unwanted {
            true => stock.unwanted(&path, *found),
            false => stock.staying(&path),
        };
    }
    if *has_guest {
        stock = stock.guest("guest.txt");
    }
    if *is_linked && *is_series {
        stock = stock.link("Season 01");
    }
    stock
}

fn faults() -> impl Strategy<Value = (InjectedFault, bool)> {
    let effect = prop_oneof![Just(Effect::Nothing), Just(Effect::Whole)];
    let failure = prop_oneof![Just(EACCES), Just(EIO), Just(ENOSPC)];
    let fault = |(nth, failure, effect, is_crash)| {
        let span = if is_crash { Span::Crash } else { Span::Once };
        (InjectedFault::at_call(nth, failure).then(span).doing(effect), is_crash)
    };
    (1_u64..60, failure, effect, any::<bool>()).prop_map(fault)
}

fn check(world: World, draws: &[Draw], (fault, is_crash): (InjectedFault, bool), workers: usize) {
    let stocks: Vec<Stock> = draws.iter().enumerate().map(|(n, draw)| stock(n, draw)).collect();
    let scene = Scene::new(world, &stocks);
    let done = scene.clean_up(Some(&fault), workers, is_crash);
    scene.assert_unharmed();
    scene.assert_ours_are_known();
    let words: Vec<_> = done.iter().map(said).collect();
    if !fault.has_struck() {
        assert_eq!(words, scene.words());
    }
    let is_told = words.iter().flatten().any(|word| *word == "Failed");
    scene.assert_recovers(fault.has_struck() && !is_crash && !is_told);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..Default::default() })]

    #[test]
    fn a_disturbed_cleanup_ends_as_an_undisturbed_one(
        draws in draws(), fault in faults(), workers in 1_usize..4,
    ) {
        check(World::memory(), &draws, fault, workers);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 30, failure_persistence: None, ..Default::default() })]

    #[test]
    fn a_disturbed_cleanup_of_a_real_disk_ends_as_an_undisturbed_one(
        draws in draws(), fault in faults(), workers in 1_usize..4,
    ) {
        check(World::local(), &draws, fault, workers);
    }
}
