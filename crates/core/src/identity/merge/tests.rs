//! Entries that are one title, and entries that are not.

use super::*;
use crate::identity::Heading;
use crate::identity::compare::{Matching, StreamState, Work};
use crate::identity::known::Known;
use crate::names::category_habits::Habits;
use crate::names::cleaner::NameCleaner;
use crate::names::years::Years;

/// A name, a year, a TMDB id and a poster; 0 for none.
type Row = (&'static str, i32, u64, u64);

fn cleaner() -> NameCleaner {
    NameCleaner {
        pattern: None,
        takes_tags: true,
        years: Years::plausible_in(2026),
        habits: Habits::new(),
        too_slow: 0,
    }
}

fn stamp(kind: Kind, at: usize, tmdb: u64) -> Stamp {
    let externals = (tmdb > 0).then_some(ExternalId(tmdb * 2));
    Stamp {
        kind,
        key: SourceKey(at as i64),
        streams: Few::from_slice(&[StreamId(at as u64)]),
        externals: externals.into_iter().collect(),
        fingerprint: Fingerprint(at as u128 + 1),
        episodes: 1,
    }
}

fn read(rows: &[Row]) -> HashMap<SourceKey, ReadEntry> {
    let mut cleaner = cleaner();
    let mut of = |(at, (name, year, _, poster)): (usize, &Row)| {
        let year = (*year > 0).then_some(*year);
        let heading = Heading { name, year, ..Heading::default() };
        let label = Label::read(&mut cleaner, Kind::Series, heading);
        (SourceKey(at as i64), ReadEntry { label, poster: (*poster > 0).then_some(*poster) })
    };
    rows.iter().enumerate().map(&mut of).collect()
}

/// The entries of each title, when nothing is known before.
fn together(kind: Kind, rows: &[Row]) -> Vec<Vec<i64>> {
    let index = KnownIndex::default();
    let stamps = rows.iter().enumerate().map(|(at, row)| stamp(kind, at, row.2)).collect();
    let mut merging = Merging::new(&index, stamps);
    let rules = MergeRules::default();
    let unread = merging.unread(kind, Fingerprint::default(), rules);
    assert_eq!(unread.entries.len(), rows.len());
    let parted = merging.part(kind, rules, &read(rows), &HashMap::new());
    merging.merge(kind, parted, rules, &read(rows), &HashMap::new());
    keys(merging.finish())
}

fn keys(merged: Merged) -> Vec<Vec<i64>> {
    let of = |stamp: &Stamp| {
        let entries = merged.merges.entries(stamp.kind, stamp.key);
        entries.iter().map(|key| key.0).collect()
    };
    merged.stamps.iter().map(of).collect()
}

#[test]
fn films_of_one_name_and_year_are_one_unless_their_ids_differ() {
    let dune: [Row; 4] = [
        ("EN - Dune (2021)", 0, 0, 0),
        ("4K-EN - Dune (2021)", 0, 0, 0),
        ("|FR| Dune (2021) FHD", 0, 0, 0),
        ("DE: Dune 2021", 0, 0, 0),
    ];
    assert_eq!(together(Kind::Movie, &dune), [[0, 1, 2, 3]]);
    for (rows, expected) in [
        ([("Dune", 2021, 0, 0), ("Dune", 1984, 0, 0)], vec![vec![0], vec![1]]),
        ([("Dune", 2021, 7, 0), ("Dune", 2021, 8, 0)], vec![vec![0], vec![1]]),
        ([("Dune", 2021, 7, 0), ("Dune", 2021, 0, 0)], vec![vec![0, 1]]),
        ([("Dune", 0, 0, 0), ("Dune", 2021, 0, 0)], vec![vec![0], vec![1]]),
        ([("Dune", 0, 0, 0), ("Dune", 0, 0, 0)], vec![vec![0], vec![1]]),
        ([("Dune", 0, 7, 0), ("Dune", 2021, 7, 0)], vec![vec![0, 1]]),
        ([("Dune", 0, 0, 5), ("Dune", 2021, 0, 5)], vec![vec![0, 1]]),
        ([("Dune", 2021, 0, 0), ("Dune Part Two", 2021, 0, 0)], vec![vec![0], vec![1]]),
        ([("", 2021, 0, 0), ("", 2021, 0, 0)], vec![vec![0], vec![1]]),
    ] {
        assert_eq!(together(Kind::Movie, &rows), expected, "{rows:?}");
    }
}

#[test]
fn a_poster_that_many_names_share_says_nothing() {
    let rows = |names: usize| {
        let more = ["Alien", "Heat", "Solaris"].map(|name| (name, 1990, 0, 5));
        [&[("Dune", 0, 0, 5), ("Dune", 0, 0, 5)], &more[..names]].concat()
    };
    assert_eq!(together(Kind::Movie, &rows(2)).len(), 3);
    assert_eq!(together(Kind::Movie, &rows(3)).len(), 5);
}

#[test]
fn a_series_without_a_year_is_that_of_the_only_one_with_a_year() {
    let one: [Row; 3] = [("Fallout", 0, 0, 0), ("4K - Fallout", 2024, 0, 0), ("Fallout", 0, 0, 0)];
    assert_eq!(together(Kind::Series, &one), [[0, 1, 2]]);
    let two: [Row; 4] = [("V", 0, 0, 0), ("V", 1984, 0, 0), ("V", 2009, 0, 0), ("EN - V", 0, 0, 0)];
    assert_eq!(together(Kind::Series, &two), [vec![0, 3], vec![1], vec![2]]);
}

#[test]
fn shows_of_two_countries_are_two() {
    let rows: [Row; 4] = [
        ("The Office (US)", 0, 0, 0),
        ("The Office (UK)", 0, 0, 0),
        ("EN - The Office (US) 4K", 0, 0, 0),
        ("The Office (GB)", 0, 0, 0),
    ];
    assert_eq!(together(Kind::Series, &rows), [[0, 2], [1, 3]]);
}

/// The ledger has two entries at one title, as they were and with the fingerprint of both.
fn known(fingerprint: Fingerprint, apart: Option<u32>) -> KnownIndex {
    let mut index = KnownIndex::default();
    index.add(Known {
        id: TitleId(9),
        kind: Kind::Movie,
        fingerprint: fingerprint.mixed_with(Fingerprint::default()),
        has_folder: true,
        left_out_by: None,
        missing_runs: 0,
        has_old_names: false,
        is_removed: false,
    });
    for at in 0..2 {
        index.add_stream(TitleId(9), StreamId(at), StreamState::There);
    }
    apart.into_iter().for_each(|runs| index.add_apart(StreamId(1), runs));
    index
}

/// What becomes of the two entries, of which the second is called otherwise now.
fn with_other(name: &'static str, grace: u32, apart: Option<u32>) -> (Vec<Vec<i64>>, usize) {
    let index = known(Fingerprint(0), apart);
    let rows: [Row; 2] = [("Dune", 2021, 0, 0), (name, 2021, 0, 0)];
    let stamps = (0..2).map(|at| stamp(Kind::Movie, at, 0)).collect();
    let mut merging = Merging::new(&index, stamps);
    let rules = MergeRules { grace, is_anew: false };
    let unread = merging.unread(Kind::Movie, Fingerprint::default(), rules);
    assert_eq!((unread.entries.len(), unread.titles), (2, vec![TitleId(9)]));
    let label = Label::read(
        &mut cleaner(),
        Kind::Movie,
        Heading { name: "Dune", year: Some(2021), ..Heading::default() },
    );
    let labels = HashMap::from([(TitleId(9), label)]);
    let parted = merging.part(Kind::Movie, rules, &read(&rows), &labels);
    // What leaves may be any title of the ledger: what these are called is to be asked for.
    assert_eq!(parted.has_loose(), name == "Heat" && apart >= Some(grace));
    merging.merge(Kind::Movie, parted, rules, &read(&rows), &HashMap::new());
    let merged = merging.finish();
    let apart = merged.apart.len();
    (keys(merged), apart)
}

#[test]
fn an_entry_stays_with_its_title_until_it_has_contradicted_it_for_long_enough() {
    let (both, each) = (vec![vec![0, 1]], vec![vec![0], vec![1]]);
    assert_eq!(with_other("4K - Dune", 1, None), (both.clone(), 0));
    assert_eq!(with_other("Dune Part One", 1, None), (both.clone(), 0), "a name that may be it");
    assert_eq!(with_other("Heat", 1, None), (both.clone(), 1), "the first run that says so");
    assert_eq!(with_other("Heat", 1, Some(0)), (both, 1));
    assert_eq!(with_other("Heat", 1, Some(1)), (each.clone(), 0));
    assert_eq!(with_other("Heat", 0, Some(0)), (each, 0));
}

/// The title has its id from the entry that is another film now.
#[test]
fn a_title_is_that_of_the_entries_that_stay_whatever_id_the_others_took_along() {
    let mut index = known(Fingerprint(0), Some(1));
    let id = ExternalId(438_631 * 2);
    index.add_external(TitleId(9), id);
    let rows: [Row; 2] = [("Dune", 2021, 0, 0), ("Heat", 1995, 438_631, 0)];
    let stamps = vec![stamp(Kind::Movie, 0, 0), stamp(Kind::Movie, 1, 438_631)];
    let mut merging = Merging::new(&index, stamps);
    let rules = MergeRules { grace: 1, is_anew: false };
    let dune = Heading { name: "Dune", year: Some(2021), ..Heading::default() };
    let labels = HashMap::from([(TitleId(9), Label::read(&mut cleaner(), Kind::Movie, dune))]);
    let parted = merging.part(Kind::Movie, rules, &read(&rows), &labels);
    merging.merge(Kind::Movie, parted, rules, &read(&rows), &HashMap::new());
    let Merged { stamps, staying, .. } = merging.finish();
    let mut matching = Matching::new(&index, stamps, Fingerprint::default());
    matching.keep(&staying);
    let comparison = matching.compare(&Kind::ALL);
    let who = |work: &Work| (work.stamp.key.0, work.known.map(|known| known.id.0));
    assert_eq!(comparison.work.iter().map(who).collect::<Vec<_>>(), [(0, Some(9)), (1, None)]);
}

/// A library that was made when each entry was a title; the third entry is new.
#[test]
fn known_titles_stay_two_when_all_streams_have_other_numbers() {
    let mut index = KnownIndex::default();
    for id in [8, 9] {
        let title = Known { id: TitleId(id), ..*known(Fingerprint(0), None).title(0) };
        index.add(title);
    }
    let rows: [Row; 3] =
        [("Dune", 2021, 0, 0), ("FR - Dune", 2021, 0, 0), ("DE - Dune", 2021, 0, 0)];
    let stamps = (0..3).map(|at| stamp(Kind::Movie, at, 0)).collect();
    let mut merging = Merging::new(&index, stamps);
    let rules = MergeRules::default();
    let name = Called::new("Dune", None).name_key().unwrap();
    let of = |id| (TitleId(id), KnownName { title: TitleId(id), name, year: Some(2021) });
    let known = HashMap::from([of(8), of(9)]);
    let parted = merging.part(Kind::Movie, rules, &read(&rows), &HashMap::new());
    merging.merge(Kind::Movie, parted, rules, &read(&rows), &known);
    assert_eq!(keys(merging.finish()), [vec![0, 2], vec![1]]);
}

#[test]
fn entries_that_did_not_change_are_not_read() {
    let fingerprint = Fingerprint(1).fold(Fingerprint(2));
    let index = known(fingerprint, None);
    let stamps = (0..2).map(|at| stamp(Kind::Movie, at, 0)).collect();
    let merging = Merging::new(&index, stamps);
    let unread = merging.unread(Kind::Movie, Fingerprint::default(), MergeRules::default());
    assert_eq!(unread, Unread::default());
    assert_eq!(keys(merging.finish()), [[0, 1]]);
}

#[test]
fn a_new_entry_is_put_to_the_title_that_has_its_name() {
    let index = known(Fingerprint(1).fold(Fingerprint(2)), None);
    let rows: [Row; 3] = [("", 0, 0, 0), ("", 0, 0, 0), ("DE - Dune", 2021, 0, 0)];
    let stamps = (0..3).map(|at| stamp(Kind::Movie, at, 0)).collect();
    let mut merging = Merging::new(&index, stamps);
    let unread = merging.unread(Kind::Movie, Fingerprint::default(), MergeRules::default());
    assert_eq!(unread.entries, [SourceKey(2)]);
    let mut entries = read(&rows);
    entries.retain(|key, _| key.0 == 2);
    let name = Called::new("Dune", None).name_key().unwrap();
    let known = KnownName { title: TitleId(9), name, year: Some(2021) };
    let known = HashMap::from([(TitleId(9), known)]);
    let rules = MergeRules::default();
    let parted = merging.part(Kind::Movie, rules, &entries, &HashMap::new());
    merging.merge(Kind::Movie, parted, rules, &entries, &known);
    assert_eq!(keys(merging.finish()), [[0, 1, 2]]);
}
