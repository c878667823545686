//! Stamps against the ledger: what is new, changed, unchanged, missing, back.

use super::*;
use crate::names::called::Called;

const SETTINGS: Fingerprint = Fingerprint(7);

fn stamp(key: i64, streams: &[u64], external: Option<u64>, fingerprint: u128) -> Stamp {
    Stamp {
        kind: Kind::Movie,
        key: SourceKey(key),
        streams: streams.iter().map(|id| StreamId(*id)).collect(),
        externals: external.map(ExternalId).into_iter().collect(),
        fingerprint: Fingerprint(fingerprint),
        episodes: 0,
    }
}

/// A movie of the ledger.
fn movie(id: i64, fingerprint: u128) -> Known {
    Known {
        id: TitleId(id),
        kind: Kind::Movie,
        fingerprint: Fingerprint(fingerprint).mixed_with(SETTINGS),
        has_folder: true,
        missing_runs: 0,
        is_removed: false,
        left_out_by: None,
        has_old_names: false,
    }
}

fn index(titles: &[(i64, &[u64], Option<u64>, u128)]) -> KnownIndex {
    let mut index = KnownIndex::default();
    for (id, streams, external, fingerprint) in titles {
        index.add(movie(*id, *fingerprint));
        let id = TitleId(*id);
        streams
            .iter()
            .for_each(|stream| index.add_stream(id, StreamId(*stream), StreamState::There));
        external.iter().for_each(|external| index.add_external(id, ExternalId(*external)));
    }
    index
}

/// A comparison in which all titles were renamed, and no name contradicts another.
fn compare(
    index: &KnownIndex,
    stamps: Vec<Stamp>,
    settings: Fingerprint,
    kinds: &[Kind],
) -> Comparison {
    let label = |name| Label { called: Called::new(name, None), ..Label::default() };
    let mut matching = Matching::new(index, stamps, settings);
    for kind in Kind::ALL {
        let Unknowns { entries, titles } = matching.unknowns(kind);
        let entries = entries.into_iter().map(|key| (key, label("Heat"))).collect();
        let titles = titles.into_iter().map(|id| (id, label("Heat Extended"))).collect();
        matching.identify(kind, entries, titles);
    }
    matching.compare(kinds)
}

fn known(comparison: &Comparison) -> Vec<Option<i64>> {
    comparison.work.iter().map(|work| work.known.map(|known| known.id.0)).collect()
}

#[test]
fn titles_sort_into_new_changed_unchanged_and_missing() {
    let index = index(&[(1, &[10], None, 100), (2, &[20], None, 200), (3, &[30], None, 300)]);
    let stamps =
        vec![stamp(9, &[40], None, 1), stamp(5, &[20], None, 201), stamp(7, &[10], None, 100)];
    let comparison = compare(&index, stamps, SETTINGS, &[Kind::Movie]);
    assert_eq!(known(&comparison), [Some(2), None], "in the source's order");
    assert_eq!(comparison.unchanged.len(), 1);
    assert_eq!(comparison.missing_titles.iter().map(|k| k.id.0).collect::<Vec<_>>(), [3]);
}

#[test]
fn settings_change_everything() {
    let index = index(&[(1, &[10], None, 100)]);
    let comparison = compare(&index, vec![stamp(1, &[10], None, 100)], Fingerprint(8), &[]);
    assert_eq!(known(&comparison), [Some(1)]);
}

#[test]
fn row_ids_do_not_matter_and_any_copy_recognises() {
    let index = index(&[(1, &[10, 11], None, 100)]);
    let comparison = compare(&index, vec![stamp(77, &[99, 11], None, 100)], SETTINGS, &[]);
    assert_eq!(comparison.unchanged.len(), 1);
}

#[test]
fn names_are_asked_for_only_of_what_is_new_or_changed_and_of_what_it_may_be() {
    let index = index(&[(1, &[10], None, 100), (2, &[20], None, 200)]);
    let unknowns = |stamps| Matching::new(&index, stamps, SETTINGS).unknowns(Kind::Movie);
    let unchanged = || stamp(1, &[10], None, 100);
    assert_eq!(unknowns(vec![unchanged(), stamp(2, &[20], None, 200)]), Unknowns::default());
    assert_eq!(unknowns(vec![unchanged()]), Unknowns::default(), "one is missing");
    let new = || stamp(3, &[30], None, 300);
    let all_known = vec![unchanged(), stamp(2, &[20], None, 200), new()];
    assert_eq!(unknowns(all_known), Unknowns::default(), "one is new, and none is missing");
    let (entries, titles) = (vec![SourceKey(3)], vec![TitleId(2)]);
    assert_eq!(unknowns(vec![unchanged(), new()]), Unknowns { entries, titles });
}

#[test]
fn a_work_that_is_left_out_is_not_made_and_its_title_is_missing() {
    let index = index(&[(1, &[10], Some(4), 100), (2, &[20], Some(6), 100)]);
    let stamps = || vec![stamp(1, &[10], Some(8), 1), stamp(2, &[30], Some(6), 1)];
    let matching = || {
        let mut matching = Matching::new(&index, stamps(), SETTINGS);
        let called = |name| Label { called: Called::new(name, None), ..Label::default() };
        let entries = [(SourceKey(1), called("Ronin")), (SourceKey(2), called("Alien"))];
        let titles = [(TitleId(1), called("Heat")), (TitleId(2), called("Alien"))];
        matching.identify(Kind::Movie, entries.into(), titles.into());
        matching.compare(&[Kind::Movie])
    };
    let mut comparison = matching();
    let entry = (Kind::Movie, SourceKey(1));
    assert_eq!(comparison.contradictions, [Contradiction { entry, title: TitleId(1) }]);
    assert_eq!(known(&comparison), [None, Some(2)]);
    assert_eq!(comparison.moved, HashMap::from([(StreamId(10), TitleId(1))]));
    let left_out = comparison.leave_out(|title| title == TitleId(1));
    assert_eq!(left_out, HashSet::from([TitleId(1)]));
    assert_eq!(known(&comparison), [Some(2)]);
    assert_eq!(comparison.moved, HashMap::new(), "what is left out takes no stream");
    assert_eq!(comparison.missing_titles.iter().map(|k| k.id.0).collect::<Vec<_>>(), [1]);
}

#[test]
fn copies_that_are_gone_are_missed_and_those_that_are_back_are_noticed() {
    let mut index = index(&[(1, &[10, 11], None, 100), (2, &[20], None, 200)]);
    index.add_stream(TitleId(1), StreamId(12), StreamState::Missing);
    let stamps = vec![stamp(1, &[10, 12], None, 100)];
    let comparison = compare(&index, stamps, SETTINGS, &[Kind::Movie]);
    assert_eq!(comparison.missing_streams, HashSet::from([StreamId(11), StreamId(20)]));
    assert_eq!(comparison.returned, [TitleId(1)]);
}

/// Copies are missed of titles that were in the library and of kinds that were read.
#[test]
fn copies_of_removed_titles_and_of_other_kinds_are_not_missed() {
    let mut index = KnownIndex::default();
    let series = |id| Known { kind: Kind::Series, ..movie(id, 100) };
    let titles = [
        movie(1, 100),
        Known { is_removed: true, ..movie(2, 100) },
        series(3),
        Known { is_removed: true, ..series(4) },
    ];
    for known in titles {
        index.add(known);
        index.add_stream(known.id, StreamId(known.id.0 as u64), StreamState::There);
    }
    let comparison = compare(&index, Vec::new(), SETTINGS, &[Kind::Movie]);
    assert_eq!(comparison.missing_streams, HashSet::from([StreamId(1)]));
}

#[test]
fn what_was_missing_is_back_as_a_title_or_as_one_of_its_copies() {
    let returned = |runs: u32, state: StreamState| {
        let mut index = KnownIndex::default();
        index.add(Known { missing_runs: runs, ..movie(1, 100) });
        index.add_stream(TitleId(1), StreamId(10), state);
        compare(&index, vec![stamp(5, &[10], None, 100)], SETTINGS, &[]).returned
    };
    assert_eq!(returned(0, StreamState::There), []);
    assert_eq!(returned(0, StreamState::Dropped), [], "the catalogue had it");
    assert_eq!(returned(0, StreamState::Missing), [TitleId(1)]);
    assert_eq!(returned(1, StreamState::There), [TitleId(1)]);
    assert_eq!(returned(2, StreamState::There), [TitleId(1)]);
}

#[test]
fn one_stream_that_was_dropped_is_enough() {
    use StreamState::{Dropped, Missing, There};
    for (states, expected) in [
        (&[][..], false),
        (&[There, Missing], false),
        (&[Dropped], true),
        (&[There, Dropped, There], true),
    ] {
        let mut index = index(&[(1, &[], None, 100)]);
        for (n, state) in states.iter().enumerate() {
            index.add_stream(TitleId(1), StreamId(n as u64), *state);
        }
        let comparison = compare(&index, Vec::new(), SETTINGS, &[]);
        assert_eq!(comparison.has_dropped, expected, "{states:?}");
    }
}

#[test]
fn a_title_with_another_stream_is_recognised_by_its_id() {
    let index = index(&[(1, &[10], Some(4), 100), (2, &[20], Some(6), 100)]);
    let stamps = vec![stamp(1, &[30], Some(6), 1), stamp(2, &[40], Some(8), 1)];
    assert_eq!(known(&compare(&index, stamps, SETTINGS, &[])), [Some(2), None]);
}

#[test]
fn the_index_says_how_many_titles_it_has() {
    let sizes = |index: &KnownIndex| (index.len(), index.is_empty());
    assert_eq!(sizes(&KnownIndex::default()), (0, true));
    let two = index(&[(1, &[], None, 100), (2, &[], None, 100)]);
    assert_eq!(sizes(&two), (2, false));
}

#[test]
fn damaged_titles_go_back_to_work_in_the_sources_order() {
    let index = index(&[(1, &[10], None, 100), (2, &[20], None, 200), (3, &[30], None, 300)]);
    let stamps =
        vec![stamp(4, &[10], None, 100), stamp(2, &[20], None, 200), stamp(3, &[30], None, 1)];
    let mut comparison = compare(&index, stamps, SETTINGS, &[]);
    assert_eq!(known(&comparison), [Some(3)]);
    comparison.revisit(|title| title == TitleId(2));
    assert_eq!(known(&comparison), [Some(2), Some(3)]);
    let rest = comparison.unchanged.iter().filter_map(|work| work.known);
    assert_eq!(rest.map(|known| known.id.0).collect::<Vec<_>>(), [1]);
}

#[test]
fn kinds_that_were_not_read_are_not_missing() {
    let index = index(&[(1, &[10], None, 100)]);
    assert_eq!(compare(&index, Vec::new(), SETTINGS, &[Kind::Series]).missing_titles, []);
}
