//! Stamps against the ledger: what is new, changed, unchanged, absent. Data in, data out.

use std::collections::{HashMap, HashSet};

use crate::hash::Fingerprint;
use crate::known::{Known, TitleId};
use crate::media::Kind;
use crate::stamp::{CopyId, ExternalId, Few, Stamp};

/// All titles of the ledger, and how to recognise them.
#[derive(Debug, Default)]
pub struct KnownIndex {
    titles: Vec<Known>,
    by_copy: HashMap<CopyId, KnownAt>,
    /// `None` for an id that several titles share: it recognises nothing.
    by_external: HashMap<ExternalId, Option<u32>>,
    /// The ids of each title.
    externals: Vec<Few<ExternalId>>,
    /// Copies that the last complete run missed.
    absent_copies: HashSet<CopyId>,
    has_lapsed: bool,
}

/// What the ledger says of a copy, as far as every run needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CopyState {
    /// Nothing.
    There,
    /// The last complete run missed it.
    Absent,
    /// It was there, and an unchanged filter let it through no longer.
    Lapsed,
}

/// A title's place in the index, and a copy's own: its ordinal.
#[derive(Clone, Copy, Debug)]
struct KnownAt {
    title: u32,
    copy: u32,
}

impl KnownIndex {
    /// Adds a title, in the order of their ids; what it is recognised by follows by `add_copy` and `add_external`.
    pub fn add(&mut self, known: Known) {
        self.titles.push(known);
        self.externals.push(Few::new());
    }

    /// Says that the title has this copy.
    pub fn add_copy(&mut self, title: TitleId, copy: CopyId, state: CopyState) {
        self.has_lapsed |= state == CopyState::Lapsed;
        let next = u32::try_from(self.by_copy.len());
        if let (Ok(copy_at), Some(title)) = (next, self.at(title)) {
            self.by_copy.insert(copy, KnownAt { title, copy: copy_at });
            if state == CopyState::Absent {
                self.absent_copies.insert(copy);
            }
        }
    }

    fn at(&self, title: TitleId) -> Option<u32> {
        let at = self.titles.binary_search_by_key(&title, |known| known.id).ok()?;
        u32::try_from(at).ok()
    }

    fn title_of(&self, copy: &CopyId) -> Option<usize> {
        self.by_copy.get(copy).map(|at| at.title as usize)
    }

    /// Says that the title has this TMDB or IMDb id.
    pub fn add_external(&mut self, title: TitleId, external: ExternalId) {
        if let Some(at) = self.at(title) {
            self.externals[at as usize].push(external);
            let entry = self.by_external.entry(external);
            entry.and_modify(|known| *known = None).or_insert(Some(at));
        }
    }

    /// How many titles the ledger holds.
    pub fn len(&self) -> usize {
        self.titles.len()
    }

    /// Whether the ledger holds no title.
    pub fn is_empty(&self) -> bool {
        self.titles.is_empty()
    }
}

/// A title that has to be loaded, and who it is in the ledger, if it is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Work {
    /// What the catalogue says.
    pub stamp: Stamp,
    /// Its entry in the ledger; `None` for a new title.
    pub known: Option<Known>,
    /// Catalogue and settings, mixed: to be recorded once the files are right.
    pub fingerprint: Fingerprint,
}

/// The outcome of the comparison.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// New and changed titles: movies first, in the source's order, so that equal catalogues give
    /// equal libraries.
    pub work: Vec<Work>,
    /// Known titles of which nothing that matters changed.
    pub unchanged: Vec<Work>,
    /// Known titles of the kinds compared that the catalogue no longer has.
    pub absent: Vec<Known>,
    /// Known copies that the catalogue no longer has, of titles of the kinds compared; not those of
    /// titles that were removed.
    pub missing: HashSet<CopyId>,
    /// Whether the ledger has copies that an unchanged filter lets through no longer.
    pub has_lapsed: bool,
    /// Unchanged titles of which the last complete run missed something that is back.
    pub returned: Vec<TitleId>,
}

impl Comparison {
    /// Sends unchanged titles back to work: those of which something is gone from the disk.
    pub fn revisit(&mut self, is_damaged: impl Fn(TitleId) -> bool) {
        let unchanged = std::mem::take(&mut self.unchanged);
        let is_damaged = |work: &Work| work.known.is_some_and(|known| is_damaged(known.id));
        let (damaged, unchanged) = unchanged.into_iter().partition(is_damaged);
        self.unchanged = unchanged;
        self.work.extend::<Vec<Work>>(damaged);
        self.work.sort_unstable_by_key(|work| (work.stamp.kind, work.stamp.key));
    }
}

/// Compares the stamps of the `kinds` that were read completely with the ledger.
///
/// A title is recognised by its copies, the best one first, then by a TMDB or IMDb id that one title
/// alone has. `settings` is the policy's fingerprint.
pub fn compare(
    index: &KnownIndex,
    mut stamps: Vec<Stamp>,
    settings: Fingerprint,
    kinds: &[Kind],
) -> Comparison {
    stamps.sort_unstable_by_key(|stamp| (stamp.kind, stamp.key));
    let recognised = recognise(index, &stamps);
    let mut present = vec![false; index.titles.len()];
    let mut comparison = Comparison::default();
    for (stamp, known) in stamps.into_iter().zip(recognised) {
        let fingerprint = stamp.fingerprint.mixed_with(settings);
        if let Some(at) = known {
            present[at] = true;
        }
        let known = known.map(|at| index.titles[at]);
        let work = Work { stamp, known, fingerprint };
        match known.is_some_and(|known| known.fingerprint == fingerprint) {
            true => comparison.unchanged.push(work),
            false => comparison.work.push(work),
        }
    }
    comparison.returned = returned(index, &comparison.unchanged);
    comparison.has_lapsed = index.has_lapsed;
    let seen = comparison.work.iter().chain(&comparison.unchanged).map(|work| &work.stamp);
    comparison.missing = missing(index, seen, kinds);
    let is_absent = |(at, known): &(usize, &Known)| !present[*at] && kinds.contains(&known.kind);
    comparison.absent =
        index.titles.iter().enumerate().filter(is_absent).map(|(_, known)| *known).collect();
    comparison
}

/// The known copies that no stamp has.
fn missing<'a>(
    index: &KnownIndex,
    stamps: impl Iterator<Item = &'a Stamp>,
    kinds: &[Kind],
) -> HashSet<CopyId> {
    let mut is_seen = vec![false; index.by_copy.len()];
    for at in stamps.flat_map(|stamp| &stamp.copies).filter_map(|copy| index.by_copy.get(copy)) {
        is_seen[at.copy as usize] = true;
    }
    let is_compared = |at: &KnownAt| {
        let title = &index.titles[at.title as usize];
        kinds.contains(&title.kind) && !title.is_removed
    };
    let unseen =
        index.by_copy.iter().filter(|(_, at)| !is_seen[at.copy as usize] && is_compared(at));
    unseen.map(|(copy, _)| *copy).collect()
}

/// The unchanged titles of which something was missing the last time.
fn returned(index: &KnownIndex, unchanged: &[Work]) -> Vec<TitleId> {
    let is_back = |work: &&Work| {
        work.known.is_some_and(|known| known.absent > 0)
            || work.stamp.copies.iter().any(|copy| index.absent_copies.contains(copy))
    };
    unchanged.iter().filter(is_back).filter_map(|work| work.known).map(|known| known.id).collect()
}

/// Who each stamp is. Copies decide for all stamps before ids do for any: a title that lost its
/// stream id must not be taken by a namesake's TMDB id. A copy does not decide against ids that
/// contradict it: providers give a stream id to another film now and then.
fn recognise(index: &KnownIndex, stamps: &[Stamp]) -> Vec<Option<usize>> {
    let mut is_taken = vec![false; index.titles.len()];
    let mut take = |at: usize, kind: Kind| {
        let free = !is_taken[at] && index.titles[at].kind == kind;
        is_taken[at] |= free;
        free
    };
    let mut recognised: Vec<Option<usize>> = stamps
        .iter()
        .map(|stamp| {
            let mut candidates = stamp.copies.iter().filter_map(|copy| index.title_of(copy));
            let is_other =
                |at: usize| ExternalId::contradict(&stamp.externals, &index.externals[at]);
            candidates.find(|at| !is_other(*at) && take(*at, stamp.kind))
        })
        .collect();
    for (stamp, known) in stamps.iter().zip(&mut recognised) {
        if known.is_none() {
            let title = |id| index.by_external.get(id).copied().flatten();
            let candidates = stamp.externals.iter().filter_map(title);
            *known = candidates.map(|at| at as usize).find(|at| take(*at, stamp.kind));
        }
    }
    recognised
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::SourceKey;

    const SETTINGS: Fingerprint = Fingerprint(7);

    fn stamp(key: i64, copies: &[u64], external: Option<u64>, fingerprint: u128) -> Stamp {
        Stamp {
            kind: Kind::Movie,
            key: SourceKey(key),
            copies: copies.iter().map(|id| CopyId(*id)).collect(),
            externals: external.map(ExternalId).into_iter().collect(),
            fingerprint: Fingerprint(fingerprint),
            episodes: 0,
        }
    }

    fn index(titles: &[(i64, &[u64], Option<u64>, u128)]) -> KnownIndex {
        let mut index = KnownIndex::default();
        for (id, copies, external, fingerprint) in titles {
            let id = TitleId(*id);
            let fingerprint = Fingerprint(*fingerprint).mixed_with(SETTINGS);
            index.add(Known {
                id,
                kind: Kind::Movie,
                fingerprint,
                has_folder: true,
                absent: 0,
                is_removed: false,
                is_filtered: false,
                has_old_names: false,
            });
            copies.iter().for_each(|copy| index.add_copy(id, CopyId(*copy), CopyState::There));
            external.iter().for_each(|external| index.add_external(id, ExternalId(*external)));
        }
        index
    }

    fn known(comparison: &Comparison) -> Vec<Option<i64>> {
        comparison.work.iter().map(|work| work.known.map(|known| known.id.0)).collect()
    }

    #[test]
    fn titles_sort_into_new_changed_unchanged_and_absent() {
        let index = index(&[(1, &[10], None, 100), (2, &[20], None, 200), (3, &[30], None, 300)]);
        let stamps =
            vec![stamp(9, &[40], None, 1), stamp(5, &[20], None, 201), stamp(7, &[10], None, 100)];
        let comparison = compare(&index, stamps, SETTINGS, &[Kind::Movie]);
        assert_eq!(known(&comparison), [Some(2), None], "in the source's order");
        assert_eq!(comparison.unchanged.len(), 1);
        assert_eq!(comparison.absent.iter().map(|k| k.id.0).collect::<Vec<_>>(), [3]);
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
    fn a_unique_id_recognises_what_no_copy_does() {
        let by_id = index(&[(1, &[10], Some(5), 100)]);
        assert_eq!(
            known(&compare(&by_id, vec![stamp(1, &[99], Some(5), 1)], SETTINGS, &[])),
            [Some(1)]
        );
        let ambiguous = index(&[(1, &[10], Some(5), 100), (2, &[20], Some(5), 100)]);
        assert_eq!(
            known(&compare(&ambiguous, vec![stamp(1, &[99], Some(5), 1)], SETTINGS, &[])),
            [None]
        );
    }

    #[test]
    fn copies_win_over_ids_and_nobody_is_taken_twice() {
        let index = index(&[(1, &[10], Some(5), 100)]);
        let stamps = vec![stamp(1, &[99], Some(5), 1), stamp(2, &[10], None, 1)];
        assert_eq!(known(&compare(&index, stamps, SETTINGS, &[])), [None, Some(1)]);
    }

    #[test]
    fn a_stream_id_that_now_plays_another_film_recognises_nothing() {
        let index = index(&[(1, &[10], Some(4), 100), (2, &[20], Some(6), 100)]);
        let swapped = vec![stamp(1, &[20], Some(4), 1), stamp(2, &[10], Some(6), 1)];
        assert_eq!(known(&compare(&index, swapped, SETTINGS, &[])), [Some(1), Some(2)]);
        let reused = vec![stamp(1, &[10], Some(8), 1)];
        assert_eq!(known(&compare(&index, reused, SETTINGS, &[])), [None]);
        let at_another_registry = vec![stamp(1, &[10], Some(9), 1)];
        assert_eq!(known(&compare(&index, at_another_registry, SETTINGS, &[])), [Some(1)]);
    }

    #[test]
    fn copies_that_are_gone_are_missed_and_those_that_are_back_are_noticed() {
        let mut index = index(&[(1, &[10, 11], None, 100), (2, &[20], None, 200)]);
        index.add_copy(TitleId(1), CopyId(12), CopyState::Absent);
        let stamps = vec![stamp(1, &[10, 12], None, 100)];
        let comparison = compare(&index, stamps, SETTINGS, &[Kind::Movie]);
        assert_eq!(comparison.missing, HashSet::from([CopyId(11), CopyId(20)]));
        assert_eq!(comparison.returned, [TitleId(1)]);
    }

    #[test]
    fn kinds_that_were_not_read_are_not_absent() {
        let index = index(&[(1, &[10], None, 100)]);
        assert_eq!(compare(&index, Vec::new(), SETTINGS, &[Kind::Series]).absent, []);
    }
}
