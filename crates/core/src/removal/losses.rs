//! Counts what the library had, what is left of it, and what is missing: by account and kind.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::hold::Hold;
use crate::identity::compare::Comparison;
use crate::identity::known::{FilterState, Known, KnownStream, TitleId};
use crate::model::media::Kind;
use crate::model::stamp::StreamId;
use crate::removal::Memory;
use crate::removal::accounts::Roster;
use crate::removal::guard::{EpisodeCount, Guard, LossCounter, StreamNow};
use crate::removal::offered::OfferedTitles;
use crate::removal::reclassified::Reclassified;

/// What the first pass found to be missing.
#[derive(Debug, Default)]
pub struct Losses {
    /// The kinds of which the run is about all titles: nothing of another kind is missing.
    pub kinds: Vec<Kind>,
    streams: HashSet<StreamId>,
    /// Known streams that are another title's now, and whose they were: until that one is recorded, the ledger has them
    /// as they were.
    moved: HashMap<StreamId, TitleId>,
    /// Titles whose streams play other works all at once, and why they stay.
    pub contradicted: HashMap<TitleId, Hold>,
    /// Missing titles whose entries are taken for something else: these are no loss.
    pub reclassified: Reclassified,
    /// Titles that entries have left: what another title plays now is no loss.
    pub left: HashSet<TitleId>,
    /// The newest title that the ledger had before the run.
    newest: TitleId,
    /// The episodes that the library had before the run, by account.
    episodes: BTreeMap<i64, i64>,
    is_empty: bool,
    /// Whether the ledger has streams that no longer pass a filter which is the same as before.
    has_dropped: bool,
    /// Whether titles with files need no work.
    pub has_unchanged: bool,
}

impl Losses {
    /// Takes out of the comparison what is missing of the kinds that the run is about as a whole.
    pub fn of(
        comparison: &mut Comparison,
        kinds: Vec<Kind>,
        contradicted: HashMap<TitleId, Hold>,
        reclassified: Reclassified,
    ) -> Losses {
        let is_empty = comparison.work.is_empty() && comparison.unchanged.is_empty();
        let present = comparison.work.iter().chain(&comparison.unchanged);
        let known =
            present.filter_map(|work| work.known).chain(comparison.missing_titles.iter().copied());
        let newest = known.map(|known| known.id).max().unwrap_or_default();
        let mut unchanged = comparison.unchanged.iter().filter_map(|work| work.known);
        let has_unchanged = unchanged.any(|known| known.has_folder && known.left_out_by.is_none());
        let streams = std::mem::take(&mut comparison.missing_streams);
        let moved = std::mem::take(&mut comparison.moved);
        let left = std::mem::take(&mut comparison.left);
        let has_dropped = comparison.has_dropped;
        let episodes = BTreeMap::new();
        Losses {
            kinds,
            streams,
            moved,
            contradicted,
            reclassified,
            left,
            newest,
            episodes,
            is_empty,
            has_dropped,
            has_unchanged,
        }
    }

    /// Counts episodes that the library has from an account before the run writes.
    pub fn add_episodes(&mut self, account: i64, number: usize) {
        *self.episodes.entry(account).or_default() += number as i64;
    }

    /// Whether every known stream is there, and passes the filter as before.
    pub fn is_none(&self) -> bool {
        self.streams.is_empty() && !self.has_dropped
    }
}

/// What was counted.
#[derive(Debug)]
pub struct LossCount {
    /// What is held.
    pub guard: Guard,
    /// The streams that are missing, by title.
    pub missing_streams: HashMap<TitleId, Vec<KnownStream>>,
    /// The titles that the catalogue no longer has.
    pub missing_titles: HashMap<TitleId, Known>,
}

/// What is counted besides the ledger.
#[derive(Debug)]
pub struct LossSources<'a> {
    /// What the first pass found.
    pub losses: &'a Losses,
    /// Who offers the titles that were loaded.
    pub offered: &'a OfferedTitles,
    /// The accounts of the source.
    pub roster: &'a Roster,
    /// The titles that the catalogue no longer has, without those that were removed before.
    pub missing_titles: HashMap<TitleId, Known>,
    /// The titles that a person allows to go.
    pub allowed: HashSet<TitleId>,
    /// The same of episodes, by account.
    pub allowed_episodes: BTreeMap<i64, i64>,
    /// The run's number among the complete ones of each kind.
    pub this_run: BTreeMap<Kind, i64>,
}

/// Counts, after all is written that is there: first the streams, then those of titles that have none, then episodes.
#[derive(Debug)]
pub struct LossCounting<'a> {
    sources: LossSources<'a>,
    counter: LossCounter,
    missing_streams: HashMap<TitleId, Vec<KnownStream>>,
    /// Missing titles of which no stream was counted.
    bereft: HashSet<TitleId>,
}

impl<'a> LossCounting<'a> {
    /// Nothing is counted yet.
    pub fn new(sources: LossSources<'a>) -> LossCounting<'a> {
        let bereft = sources.missing_titles.keys().copied().collect();
        let (counter, missing_streams) = (LossCounter::default(), HashMap::new());
        LossCounting { sources, counter, missing_streams, bereft }
    }

    /// Counts a stream of the ledger.
    pub fn add_stream(&mut self, stream: KnownStream) {
        let LossSources { losses, offered, .. } = self.sources;
        let id = StreamId::new(stream.kind, stream.account, &stream.stream_id);
        if losses.moved.get(&id) == Some(&stream.title) {
            return;
        }
        self.bereft.remove(&stream.title);
        // Titles that are new, or have only now got files, are counted by what was loaded.
        if stream.title > losses.newest || offered.filled.contains(&stream.title) {
            return;
        }
        let is_present = !losses.streams.contains(&id);
        let filter_state = offered.filter_state(&id, stream.filter_state);
        let is_loss = !stream.is_removed && (!is_present || filter_state == FilterState::Dropped);
        if is_loss && self.may_go(stream.title) {
            self.counter.add_allowed(&stream);
        } else {
            let is_offered = offered.known_entries.contains(&id);
            self.count(&stream, StreamNow { filter_state, is_present, is_offered });
        }
        if is_loss {
            self.missing_streams
                .entry(stream.title)
                .or_default()
                .push(KnownStream { filter_state, ..stream });
        }
    }

    fn count(&mut self, stream: &KnownStream, now: StreamNow) {
        let this_run = self.sources.this_run.get(&stream.kind).copied().unwrap_or(i64::MAX);
        self.counter.add(self.sources.roster, this_run, stream, now);
    }

    /// Whether a missing title is no loss: a person allows it to go, or its entries are taken for something else.
    fn may_go(&self, title: TitleId) -> bool {
        let LossSources { losses, allowed, .. } = &self.sources;
        allowed.contains(&title) || losses.reclassified.contains(title)
    }

    /// The titles whose streams all play others now: their files say which account's they were.
    pub fn bereft(&self) -> Vec<TitleId> {
        self.bereft.iter().copied().collect()
    }

    /// Counts a stream that such a title's files play.
    pub fn add_played(&mut self, stream: KnownStream) {
        if self.may_go(stream.title) {
            self.counter.add_allowed(&stream);
        } else {
            let filter_state = stream.filter_state;
            self.count(&stream, StreamNow { filter_state, is_present: false, is_offered: false });
        }
        self.missing_streams.entry(stream.title).or_default().push(stream);
    }

    /// Counts the episodes that the ledger has of a series from an account: all that are wanted or missing, and those
    /// that are wanted.
    pub fn add_episodes(&mut self, title: TitleId, account: i64, [all, wanted]: [usize; 2]) {
        let nothing = EpisodeCount::default();
        let (number, all, wanted) = (all, all as i64, wanted as i64);
        let is_missing = self.sources.missing_titles.contains_key(&title);
        let count = match (is_missing, self.may_go(title)) {
            (true, true) => EpisodeCount { allowed: all, missing: all, ..nothing },
            (true, false) => return self.counter.add_whole(account, title, number),
            (false, _) => EpisodeCount { left: wanted, missing: all - wanted, ..nothing },
        };
        self.counter.add_episodes(account, count);
    }

    /// What comes of it; `memory` are the best numbers of each scope, `names` those of accounts that the source may not
    /// have any more.
    pub fn finish(mut self, memory: Memory, names: &BTreeMap<i64, String>) -> LossCount {
        self.add_offered();
        for (account, allowed) in &self.sources.allowed_episodes {
            let count = EpisodeCount { allowed: *allowed, ..EpisodeCount::default() };
            self.counter.add_episodes(*account, count);
        }
        self.add_changes();
        let LossSources { losses, roster, missing_titles, .. } = self.sources;
        let guard = self.counter.decide(roster, &memory, names, losses.is_empty);
        LossCount { guard, missing_streams: self.missing_streams, missing_titles }
    }

    /// Counts what is known of titles that were loaded.
    fn add_offered(&mut self) {
        let offered = self.sources.offered;
        for (title, kind, account, is_let_in) in &offered.present {
            if *is_let_in {
                self.counter.add_let_in(*kind, *account, Some(*title));
            } else {
                self.counter.add_present(*kind, *account, *title);
            }
        }
        for (kind, account) in &offered.let_in {
            self.counter.add_let_in(*kind, *account, None);
        }
        for ((kind, account), number) in &offered.new {
            self.counter.add_new(*kind, *account, *number);
        }
        for ((kind, account), number) in &offered.entries {
            self.counter.add_offered_entries(*kind, *account, *number);
        }
    }

    /// Counts the episodes that the library had before the run, and those that the settings take.
    fn add_changes(&mut self) {
        let nothing = EpisodeCount::default();
        for (account, had) in &self.sources.losses.episodes {
            self.counter.add_episodes(*account, EpisodeCount { had: *had, ..nothing });
        }
        for (account, taken) in &self.sources.offered.taken {
            let taken = *taken as i64;
            self.counter.add_episodes(*account, EpisodeCount { taken, ..nothing });
        }
    }
}

#[cfg(test)]
pub mod drafts;
#[cfg(test)]
mod tests;
