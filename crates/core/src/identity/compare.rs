//! Stamps against the ledger: what is new, changed, unchanged, missing. Data in, data out.

use std::collections::{HashMap, HashSet};

use crate::hash::Fingerprint;
use crate::identity::known::{Known, TitleId};
use crate::identity::{IdentifiedEntry, Label, LedgerTitle, RecognisedBy, SourceEntry, identify};
use crate::model::media::{Kind, SourceKey};
use crate::model::stamp::{ExternalId, Few, Stamp, StreamId};

/// All titles of the ledger, and how to recognise them.
#[derive(Debug, Default)]
pub struct KnownIndex {
    titles: Vec<Known>,
    by_stream: HashMap<StreamId, KnownAt>,
    /// The ids of each title.
    externals: Vec<Few<ExternalId>>,
    /// Streams that the last complete run missed.
    missed_streams: HashSet<StreamId>,
    /// Streams of entries that contradict the title that they are with, and in how many complete runs they did.
    apart: HashMap<StreamId, u32>,
    has_dropped: bool,
}

/// What the ledger says of a stream, as far as every run needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StreamState {
    /// Nothing.
    There,
    /// The last complete run missed it.
    Missing,
    /// It was there, and an unchanged filter let it through no longer.
    Dropped,
}

/// A title's place in the index, and a stream's own: its ordinal.
#[derive(Clone, Copy, Debug)]
struct KnownAt {
    title: u32,
    stream: u32,
}

impl KnownIndex {
    /// Adds a title, in the order of their ids; what it is recognised by follows by `add_stream` and `add_external`.
    pub fn add(&mut self, known: Known) {
        self.titles.push(known);
        self.externals.push(Few::new());
    }

    /// Says that the title has this stream.
    pub fn add_stream(&mut self, title: TitleId, stream: StreamId, state: StreamState) {
        self.has_dropped |= state == StreamState::Dropped;
        let next = u32::try_from(self.by_stream.len());
        if let (Ok(stream_at), Some(title)) = (next, self.at(title)) {
            self.by_stream.insert(stream, KnownAt { title, stream: stream_at });
            if state == StreamState::Missing {
                self.missed_streams.insert(stream);
            }
        }
    }

    pub(super) fn at(&self, title: TitleId) -> Option<u32> {
        let at = self.titles.binary_search_by_key(&title, |known| known.id).ok()?;
        u32::try_from(at).ok()
    }

    /// The title that has a stream.
    pub fn holder(&self, stream: &StreamId) -> Option<TitleId> {
        Some(self.titles[self.title_of(stream)?].id)
    }

    /// Says that the entry of this stream contradicted its title in so many complete runs.
    pub fn add_apart(&mut self, stream: StreamId, runs: u32) {
        self.apart.insert(stream, runs);
    }

    /// In how many complete runs the entry of a stream contradicted its title; `None` when it did not.
    pub(super) fn runs_apart(&self, stream: &StreamId) -> Option<u32> {
        self.apart.get(stream).copied()
    }

    /// Whether an entry contradicted its title.
    pub fn has_apart(&self) -> bool {
        !self.apart.is_empty()
    }

    /// The title at a place.
    pub(super) fn title(&self, at: usize) -> &Known {
        &self.titles[at]
    }

    /// The ids of the title at a place.
    pub(super) fn externals(&self, at: usize) -> &[ExternalId] {
        &self.externals[at]
    }

    pub(super) fn title_of(&self, stream: &StreamId) -> Option<usize> {
        self.by_stream.get(stream).map(|at| at.title as usize)
    }

    /// Says that the title has this TMDB or IMDb id.
    pub fn add_external(&mut self, title: TitleId, external: ExternalId) {
        if let Some(at) = self.at(title) {
            self.externals[at as usize].push(external);
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
    /// Why it is that title, or a new one.
    pub reason: RecognisedBy,
}

impl Work {
    /// A title that nothing is known of.
    pub fn of_new(stamp: Stamp) -> Work {
        let fingerprint = stamp.fingerprint;
        Work { stamp, known: None, fingerprint, reason: RecognisedBy::New }
    }
}

/// A work whose stream was a known title's that is missing now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contradiction {
    /// Its kind, and the source's key.
    pub entry: (Kind, SourceKey),
    /// The known title.
    pub title: TitleId,
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
    pub missing_titles: Vec<Known>,
    /// Known streams that the catalogue no longer has, of titles of the kinds compared; not those of
    /// titles that were removed.
    pub missing_streams: HashSet<StreamId>,
    /// Known streams that are another title's now, and whose they were.
    pub moved: HashMap<StreamId, TitleId>,
    /// Whether the ledger has streams that an unchanged filter lets through no longer.
    pub has_dropped: bool,
    /// Unchanged titles of which the last complete run missed something that is back.
    pub returned: Vec<TitleId>,
    /// New works whose streams were those of missing titles.
    pub contradictions: Vec<Contradiction>,
    /// Titles of the ledger whose entries are another's now: that one.
    pub united: HashMap<TitleId, (Kind, TitleId)>,
    /// Streams of entries that contradict their title and are still with it.
    pub apart: HashSet<StreamId>,
    /// Titles of the ledger that some of their entries leave.
    pub left: HashSet<TitleId>,
}

impl Comparison {
    /// Leaves out the works that contradict these titles: nothing is made of them. Gives the titles.
    pub fn leave_out(&mut self, titles: impl Fn(TitleId) -> bool) -> HashSet<TitleId> {
        let mut held: HashMap<(Kind, SourceKey), Vec<TitleId>> = HashMap::new();
        for it in self.contradictions.iter().filter(|it| titles(it.title)) {
            held.entry(it.entry).or_default().push(it.title);
        }
        let mut left_out = HashSet::new();
        let moved = &mut self.moved;
        self.work.retain(|work| match held.get(&(work.stamp.kind, work.stamp.key)) {
            Some(titles) => {
                left_out.extend(titles);
                for stream in &work.stamp.streams {
                    moved.remove(stream);
                }
                false
            }
            None => true,
        });
        left_out
    }

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

/// What has to be asked for before it can be said who the entries of a kind are. These are the entries that are new
/// or changed, and the titles that they may be.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Unknowns {
    /// The source's keys of the entries.
    pub entries: Vec<SourceKey>,
    /// The titles of the ledger.
    pub titles: Vec<TitleId>,
}

/// Stamps that are being compared with the ledger.
#[derive(Debug)]
pub struct Matching<'a> {
    index: &'a KnownIndex,
    settings: Fingerprint,
    /// Movies first, in the source's order.
    stamps: Vec<Stamp>,
    /// Who each is: a place in the index.
    results: Vec<(Option<u32>, RecognisedBy)>,
    is_taken: Vec<bool>,
    contradictions: Vec<Contradiction>,
}

impl<'a> Matching<'a> {
    /// Recognises what is unchanged: a title that has one of the streams and the same fingerprint.
    /// `settings` is the policy's fingerprint.
    pub fn new(
        index: &'a KnownIndex,
        mut stamps: Vec<Stamp>,
        settings: Fingerprint,
    ) -> Matching<'a> {
        stamps.sort_unstable_by_key(|stamp| (stamp.kind, stamp.key));
        let mut is_taken = vec![false; index.titles.len()];
        let unchanged = |stamp: &Stamp| {
            let fingerprint = stamp.fingerprint.mixed_with(settings);
            let mut holders = stamp.streams.iter().filter_map(|stream| index.title_of(stream));
            let at = holders.find(|at| {
                let known = &index.titles[*at];
                !is_taken[*at] && known.kind == stamp.kind && known.fingerprint == fingerprint
            })?;
            is_taken[at] = true;
            u32::try_from(at).ok()
        };
        let known: Vec<Option<u32>> = stamps.iter().map(unchanged).collect();
        let reason = |known: &Option<u32>| match known {
            Some(_) => RecognisedBy::Unchanged,
            None => RecognisedBy::New,
        };
        let results = known.into_iter().map(|known| (known, reason(&known))).collect();
        Matching { index, settings, stamps, results, is_taken, contradictions: Vec::new() }
    }

    /// Says which titles these entries are, by the source's keys: they stay with them, whatever the ids of others say.
    pub fn keep(&mut self, staying: &HashMap<(Kind, SourceKey), TitleId>) {
        if staying.is_empty() {
            return;
        }
        for (stamp, result) in self.stamps.iter().zip(&mut self.results) {
            let title = staying.get(&(stamp.kind, stamp.key));
            let Some(at) = title.and_then(|title| self.index.at(*title)) else { continue };
            let is_taken = &mut self.is_taken[at as usize];
            if result.0.is_none() && !*is_taken {
                *is_taken = true;
                *result = (Some(at), RecognisedBy::Same);
            }
        }
    }

    /// What has to be known besides; nothing where all entries of a kind are unchanged, or all titles are.
    pub fn unknowns(&self, kind: Kind) -> Unknowns {
        let (entries, titles) = (self.open_entries(kind), self.open_titles(kind));
        if entries.is_empty() || titles.is_empty() {
            return Unknowns::default();
        }
        let key = |at: usize| self.stamps[at].key;
        let id = |at: usize| self.index.titles[at].id;
        Unknowns {
            entries: entries.into_iter().map(key).collect(),
            titles: titles.into_iter().map(id).collect(),
        }
    }

    /// Says who the entries are of which something was unknown.
    pub fn identify(
        &mut self,
        kind: Kind,
        mut entries: HashMap<SourceKey, Label>,
        mut titles: HashMap<TitleId, Label>,
    ) {
        let (open, known) = (self.open_entries(kind), self.open_titles(kind));
        let place: HashMap<usize, usize> =
            known.iter().enumerate().map(|(n, at)| (*at, n)).collect();
        let candidates: Vec<LedgerTitle> = known
            .iter()
            .map(|at| {
                let label = titles.remove(&self.index.titles[*at].id).unwrap_or_default();
                LedgerTitle { externals: self.index.externals[*at].clone(), label }
            })
            .collect();
        let entries: Vec<SourceEntry> = open
            .iter()
            .map(|at| {
                let stamp = &self.stamps[*at];
                let label = entries.remove(&stamp.key).unwrap_or_default();
                let holders = stamp.streams.iter().filter_map(|stream| self.index.title_of(stream));
                let streams = holders.filter_map(|at| place.get(&at).copied()).collect();
                SourceEntry { streams, externals: stamp.externals.clone(), label }
            })
            .collect();
        for (at, result) in open.into_iter().zip(identify(&candidates, &entries)) {
            let IdentifiedEntry { title, reason, contradicts } = result;
            let title = title.map(|place| known[place]);
            title.into_iter().for_each(|title| self.is_taken[title] = true);
            self.results[at] = (title.and_then(|title| u32::try_from(title).ok()), reason);
            let entry = (kind, self.stamps[at].key);
            let titles = contradicts.into_iter().map(|place| self.index.titles[known[place]].id);
            self.contradictions.extend(titles.map(|title| Contradiction { entry, title }));
        }
    }

    /// The places of the entries of a kind that are not recognised yet.
    fn open_entries(&self, kind: Kind) -> Vec<usize> {
        let all = self.stamps.iter().zip(&self.results).enumerate();
        let open = all.filter(|(_, (stamp, (known, _)))| stamp.kind == kind && known.is_none());
        open.map(|(at, _)| at).collect()
    }

    /// The places of the titles of a kind that no entry is yet. Those in the library come before those that were
    /// removed, then the oldest first.
    fn open_titles(&self, kind: Kind) -> Vec<usize> {
        let all = self.index.titles.iter().zip(&self.is_taken).enumerate();
        let open = all.filter(|(_, (known, is_taken))| known.kind == kind && !**is_taken);
        let mut open: Vec<usize> = open.map(|(at, _)| at).collect();
        open.sort_by_key(|at| self.index.titles[*at].is_removed);
        open
    }

    /// The outcome; `kinds` are those of which all stamps were read.
    pub fn compare(self, kinds: &[Kind]) -> Comparison {
        let Matching { index, settings, stamps, results, is_taken, contradictions } = self;
        let mut comparison = Comparison { contradictions, ..Comparison::default() };
        for (stamp, (known, reason)) in stamps.into_iter().zip(results) {
            let fingerprint = stamp.fingerprint.mixed_with(settings);
            let known = known.map(|at| index.titles[at as usize]);
            let work = Work { stamp, known, fingerprint, reason };
            if known.is_some_and(|known| known.fingerprint == fingerprint) {
                comparison.unchanged.push(work);
            } else {
                comparison.work.push(work);
            }
        }
        comparison.returned = returned(index, &comparison.unchanged);
        comparison.has_dropped = index.has_dropped;
        let seen = comparison.work.iter().chain(&comparison.unchanged).map(|work| &work.stamp);
        comparison.missing_streams = missing_streams(index, seen, kinds);
        comparison.moved = moved(index, &comparison.work);
        let is_missing =
            |(at, known): &(usize, &Known)| !is_taken[*at] && kinds.contains(&known.kind);
        comparison.missing_titles =
            index.titles.iter().enumerate().filter(is_missing).map(|(_, known)| *known).collect();
        comparison
    }
}

/// The known streams that no stamp has.
fn missing_streams<'a>(
    index: &KnownIndex,
    stamps: impl Iterator<Item = &'a Stamp>,
    kinds: &[Kind],
) -> HashSet<StreamId> {
    let mut is_seen = vec![false; index.by_stream.len()];
    for at in
        stamps.flat_map(|stamp| &stamp.streams).filter_map(|stream| index.by_stream.get(stream))
    {
        is_seen[at.stream as usize] = true;
    }
    let is_compared = |at: &KnownAt| {
        let title = &index.titles[at.title as usize];
        kinds.contains(&title.kind) && !title.is_removed
    };
    let unseen =
        index.by_stream.iter().filter(|(_, at)| !is_seen[at.stream as usize] && is_compared(at));
    unseen.map(|(stream, _)| *stream).collect()
}

/// The known streams that are another title's now, and whose they were.
fn moved(index: &KnownIndex, work: &[Work]) -> HashMap<StreamId, TitleId> {
    let of = |work: &Work| -> Vec<(StreamId, TitleId)> {
        let known = work.known.map(|known| known.id);
        let holders =
            work.stamp.streams.iter().filter_map(|stream| Some((*stream, index.holder(stream)?)));
        holders.filter(|(_, holder)| Some(*holder) != known).collect()
    };
    work.iter().flat_map(of).collect()
}

/// The unchanged titles of which something was missing the last time.
fn returned(index: &KnownIndex, unchanged: &[Work]) -> Vec<TitleId> {
    let is_back = |work: &&Work| {
        work.known.is_some_and(|known| known.missing_runs > 0)
            || work.stamp.streams.iter().any(|stream| index.missed_streams.contains(stream))
    };
    unchanged.iter().filter(is_back).filter_map(|work| work.known).map(|known| known.id).collect()
}

#[cfg(test)]
mod tests;
