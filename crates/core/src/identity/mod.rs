//! Which title of the ledger an entry of the source is, and why.
//!
//! Stream numbers alone say little: providers exchange, shift and re-use them. So names and years are heard
//! too, without the provider's noise and folded, ids before all. A playlist's series has no number of its own. The
//! streams of its episodes stand for it: the more of them two have in common, the more they say.

pub mod known;
pub mod merges;
pub mod compare;
pub mod merge;
pub mod candidates;
pub mod claims;

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::fmt;
use std::hash::Hash;

use crate::model::media::{EpisodeStream, Kind};
use crate::model::stamp::{ExternalId, Few};
use crate::names::called::Called;
use crate::names::cleaner::NameCleaner;

/// How many entries of one name, or of one id, are looked at for a title. Real catalogues have a dozen of
/// one name at most; a list of nothing but `Movie` must not take for ever.
const MOST_NAMESAKES: usize = 100;

/// How many titles of one UUID, or of one episode's stream, are looked at. Sources give one to a title. The ledger has a
/// second and a third one when a row became another work.
const MOST_HOLDERS: usize = 10;

/// Contradictions that are never held, and the part of an account's titles, in percent, from which on more
/// than these are.
const FEW: usize = 5;
const PERCENT: usize = 20;

/// What a source calls a title, or called it when the ledger heard of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Heading<'a> {
    /// The name, noise included.
    pub name: &'a str,
    /// The release year.
    pub year: Option<i32>,
    /// The source's UUID.
    pub uuid: Option<&'a str>,
    /// The streams of its episodes, of a playlist's series.
    pub episodes: &'a [EpisodeStream],
    /// The year of its first showing, of an entry.
    pub dated: Option<i32>,
    /// Stands for its poster, of an entry: equal ones are one picture.
    pub poster: Option<u64>,
}

/// A heading, read.
#[derive(Clone, Debug, Default)]
pub struct Label {
    /// Its name and year, without noise.
    pub called: Called,
    /// The UUID as a number; `None` where there is none.
    pub uuid: Option<u128>,
    /// The streams of its episodes, of a playlist's series.
    pub episodes: Box<[EpisodeStream]>,
}

impl Label {
    /// Reads a heading. What is no UUID is left out.
    pub fn read(cleaner: &mut NameCleaner, kind: Kind, heading: Heading<'_>) -> Label {
        let digits: String =
            heading.uuid.unwrap_or_default().chars().filter(|c| *c != '-').collect();
        let is_whole = digits.len() == 32 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        let uuid = if is_whole { u128::from_str_radix(&digits, 16).ok() } else { None };
        let called = Called::read(cleaner, kind, heading.name, heading.year).or_year(heading.dated);
        Label { called, uuid, episodes: heading.episodes.into() }
    }
}

/// An entry of the source.
#[derive(Clone, Debug)]
pub struct SourceEntry {
    /// The candidates that had one of its streams, by their places, the best stream's first.
    pub streams: Few<usize>,
    /// Its TMDB and IMDb id.
    pub externals: Few<ExternalId>,
    /// What it is called.
    pub label: Label,
}

/// A title of the ledger that an entry may be.
#[derive(Clone, Debug)]
pub struct LedgerTitle {
    /// Its TMDB and IMDb id.
    pub externals: Few<ExternalId>,
    /// What it was called when it was recorded.
    pub label: Label,
}

/// Why an entry is the title that it is; what counts more comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RecognisedBy {
    /// Nothing of it changed.
    Unchanged,
    /// It has the title's stream or UUID, and its id, or its name and year.
    Same,
    /// It has the title's id.
    Id,
    /// It carries the title's name and year; the streams say nothing else, or something else.
    NameAndYear,
    /// It has the title's UUID, under another name that does not contradict.
    RenamedRow,
    /// It has the title's stream, under another name that does not contradict. Or it has most of the streams of the
    /// title's episodes, under a name that has a word in common.
    RenamedStream,
    /// Nothing of it is known.
    New,
    /// It has a known title's stream, and is another work by its ids or its name.
    Contradicts,
}

impl fmt::Display for RecognisedBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            RecognisedBy::Unchanged => "nothing of it changed",
            RecognisedBy::Same => {
                "it has the title's stream or UUID, and its id or its name and year"
            }
            RecognisedBy::Id => "it has the title's id",
            RecognisedBy::NameAndYear => "it carries the title's name and year",
            RecognisedBy::RenamedRow => "it has the title's UUID, and another name",
            RecognisedBy::RenamedStream => "it has the title's stream, and another name",
            RecognisedBy::New => "it is new",
            RecognisedBy::Contradicts => "it has a title's stream, and is another work",
        })
    }
}

/// Who an entry is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentifiedEntry {
    /// The candidate's place; `None` for a new title.
    pub title: Option<usize>,
    /// Why.
    pub reason: RecognisedBy,
    /// The candidates that had one of its streams and are missing now: it contradicts them.
    pub contradicts: Few<usize>,
}

/// Says who the entries are: each is one candidate at most, and each candidate is one entry's at most. All are
/// of one kind; of candidates with equal claims the first is taken, so the oldest come first.
pub fn identify(candidates: &[LedgerTitle], entries: &[SourceEntry]) -> Vec<IdentifiedEntry> {
    let mut assignment = Assignment::new(candidates, entries);
    assignment.give(assignment.near(|claim| claim == ClaimBasis::Sound));
    assignment.give_by_ids();
    // Only now: an id that another entry has was not corrected.
    assignment.give(assignment.near(|claim| claim == ClaimBasis::Corrected));
    assignment.give_by_names();
    assignment.give(assignment.near(|claim| claim == ClaimBasis::Renamed));
    assignment.results()
}

/// Entries and candidates, and who was given to whom.
struct Assignment<'a> {
    candidates: &'a [LedgerTitle],
    entries: &'a [SourceEntry],
    /// The candidates by UUID, of one UUID the first ones.
    by_uuid: HashMap<u128, Few<usize>>,
    /// Of each entry: the candidates that have streams of its episodes, and how many; those with most first.
    in_common: Vec<Vec<(usize, usize)>>,
    /// Ids that several candidates, or several entries, have: they outrank no name.
    shared: HashSet<ExternalId>,
    is_taken: Vec<bool>,
    given: Vec<Option<(usize, RecognisedBy)>>,
}

/// What an entry's claim to a candidate rests on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ClaimBasis {
    /// An id, or name and year, and no id says otherwise.
    Sound,
    /// Name and year; an id says otherwise, and may have been corrected.
    Corrected,
    /// A stream or a UUID alone; nothing contradicts it.
    Renamed,
}

/// A candidate and an entry that has its stream or UUID; what counts more is less.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct CandidatePair {
    /// For a title that was renamed: a UUID says more than a stream.
    is_by_stream: bool,
    /// How many streams of episodes they have in common: the more, the less this is.
    in_common: Reverse<usize>,
    candidate: usize,
    lacks_id: bool,
    has_other_name: bool,
    /// Which of the entry's streams it is, the best being 0.
    stream: usize,
    entry: usize,
    reason: RecognisedBy,
}

impl<'a> Assignment<'a> {
    fn new(candidates: &'a [LedgerTitle], entries: &'a [SourceEntry]) -> Assignment<'a> {
        let mut shared = repeated(candidates.iter().map(|it| &it.externals));
        shared.extend(repeated(entries.iter().map(|it| &it.externals)));
        let by_uuid = holders(candidates.iter().map(|it| it.label.uuid));
        let in_common = in_common(candidates, entries);
        let (is_taken, given) = (vec![false; candidates.len()], vec![None; entries.len()]);
        Assignment { candidates, entries, by_uuid, in_common, shared, is_taken, given }
    }

    /// The candidates that have one of an entry's streams, its UUID, or streams of its episodes; each once.
    fn neighbours(&self, entry: usize) -> Few<usize> {
        let in_common = self.in_common[entry].iter().map(|(candidate, _)| candidate);
        let entry = &self.entries[entry];
        let rows = entry.label.uuid.iter().filter_map(|uuid| self.by_uuid.get(uuid)).flatten();
        once(entry.streams.iter().chain(rows).chain(in_common).copied())
    }

    /// How many streams of episodes an entry and a candidate have in common.
    fn number_in_common(&self, entry: usize, candidate: usize) -> usize {
        let found = self.in_common[entry].iter().find(|(at, _)| *at == candidate);
        found.map_or(0, |(_, number)| *number)
    }

    /// The pairs of neighbours with such claims, the best first.
    fn near(&self, is_wanted: impl Fn(ClaimBasis) -> bool) -> Vec<CandidatePair> {
        let mut pairs = Vec::new();
        for (at, entry) in self.entries.iter().enumerate().filter(|(at, _)| self.is_open(*at)) {
            let is_left = |(_, candidate): &(usize, usize)| !self.is_taken[*candidate];
            let neighbours = self.neighbours(at).into_iter().enumerate().filter(is_left);
            for (stream, candidate) in neighbours {
                let known = &self.candidates[candidate];
                let in_common = self.number_in_common(at, candidate);
                let claim = self.claim(entry, known, in_common);
                let Some(claim) = claim.filter(|it| is_wanted(*it)) else {
                    continue;
                };
                let reason = reason(claim, entry, known);
                pairs.push(CandidatePair {
                    is_by_stream: reason == RecognisedBy::RenamedStream,
                    in_common: Reverse(in_common),
                    candidate,
                    lacks_id: !self.shares_id(entry, known),
                    has_other_name: !entry.label.called.is_same(&known.label.called),
                    stream,
                    entry: at,
                    reason,
                });
            }
        }
        pairs.sort_unstable();
        pairs
    }

    /// What a neighbour's claim to a candidate rests on; `None` when it is another work.
    fn claim(
        &self,
        entry: &SourceEntry,
        known: &LedgerTitle,
        in_common: usize,
    ) -> Option<ClaimBasis> {
        let has_other_ids = ExternalId::contradict(&entry.externals, &known.externals);
        let is_same = entry.label.called.is_same(&known.label.called);
        if self.shares_id(entry, known) || is_same && !has_other_ids {
            return Some(ClaimBasis::Sound);
        }
        if is_same {
            return Some(ClaimBasis::Corrected);
        }
        let is_other = has_other_ids
            || entry.label.called.contradicts(&known.label.called)
                && !outweighs_name(entry, known, in_common);
        (!is_other).then_some(ClaimBasis::Renamed)
    }

    /// Whether both have an id in common that says more than names do.
    fn shares_id(&self, entry: &SourceEntry, known: &LedgerTitle) -> bool {
        let tells = |id: &ExternalId| {
            known.externals.contains(id)
                && (!self.shared.contains(id)
                    || !entry.label.called.contradicts(&known.label.called))
        };
        entry.externals.iter().any(tells)
    }

    fn is_open(&self, entry: usize) -> bool {
        self.given[entry].is_none()
    }

    fn give(&mut self, pairs: Vec<CandidatePair>) {
        for CandidatePair { reason, candidate, entry, .. } in pairs {
            self.take(candidate, entry, reason);
        }
    }

    fn take(&mut self, candidate: usize, entry: usize, reason: RecognisedBy) {
        if !self.is_taken[candidate] && self.is_open(entry) {
            self.is_taken[candidate] = true;
            self.given[entry] = Some((candidate, reason));
        }
    }

    /// Titles whose stream and UUID are others, and whose id is in the list.
    fn give_by_ids(&mut self) {
        let known = |at: &LedgerTitle| at.externals.iter().map(|id| id.0).collect();
        let offered = |at: &SourceEntry| at.externals.iter().map(|id| id.0).collect();
        let fits = |assignment: &Assignment<'_>, entry: &SourceEntry, known: &LedgerTitle| {
            assignment.shares_id(entry, known)
        };
        self.give_in_groups(RecognisedBy::Id, (known, offered), fits);
    }

    /// Titles whose name and year another entry carries, whatever the streams say.
    fn give_by_names(&mut self) {
        let key = |called: &Called| called.key().into_iter().collect::<Few<u64>>();
        let fits = |_: &Assignment<'_>, entry: &SourceEntry, known: &LedgerTitle| {
            entry.label.called.is_same(&known.label.called)
                && !ExternalId::contradict(&entry.externals, &known.externals)
        };
        let keys =
            (|at: &LedgerTitle| key(&at.label.called), |at: &SourceEntry| key(&at.label.called));
        self.give_in_groups(RecognisedBy::NameAndYear, keys, fits);
    }

    /// Gives the candidates that are left, in their order, to the first entries that have a key of theirs.
    fn give_in_groups(
        &mut self,
        reason: RecognisedBy,
        keys: (impl Fn(&LedgerTitle) -> Few<u64>, impl Fn(&SourceEntry) -> Few<u64>),
        fits: impl Fn(&Assignment<'a>, &SourceEntry, &LedgerTitle) -> bool,
    ) {
        let mut groups: HashMap<u64, VecDeque<usize>> = HashMap::new();
        for entry in (0..self.entries.len()).filter(|entry| self.is_open(*entry)) {
            for key in (keys.1)(&self.entries[entry]) {
                groups.entry(key).or_default().push_back(entry);
            }
        }
        for candidate in 0..self.candidates.len() {
            if self.is_taken[candidate] {
                continue;
            }
            let known = &self.candidates[candidate];
            for key in (keys.0)(known) {
                let Some(group) = groups.get_mut(&key) else { continue };
                let some = group.iter().take(MOST_NAMESAKES);
                let found = some.copied().enumerate().find(|(_, entry)| {
                    self.is_open(*entry) && fits(self, &self.entries[*entry], known)
                });
                if let Some((place, entry)) = found {
                    group.remove(place);
                    self.take(candidate, entry, reason);
                    break;
                }
            }
        }
    }

    fn results(self) -> Vec<IdentifiedEntry> {
        let result = |(at, given): (usize, &Option<(usize, RecognisedBy)>)| match given {
            Some((title, reason)) => {
                IdentifiedEntry { title: Some(*title), reason: *reason, contradicts: Few::new() }
            }
            None => {
                let mut contradicts = once(self.entries[at].streams.iter().copied());
                contradicts.retain(|candidate| !self.is_taken[*candidate]);
                let is_new = contradicts.is_empty();
                let reason = if is_new { RecognisedBy::New } else { RecognisedBy::Contradicts };
                IdentifiedEntry { title: None, reason, contradicts }
            }
        };
        self.given.iter().enumerate().map(result).collect()
    }
}

/// Whether streams of episodes say more than a name that contradicts: most of both are the same, and so is a word of the
/// names. Where one stream of a series is known, that one is enough. A number or a year in a series' name is often that of a season or an episode.
fn outweighs_name(entry: &SourceEntry, known: &LedgerTitle, in_common: usize) -> bool {
    let (entry, known) = (&entry.label, &known.label);
    let is_most = |of: &[EpisodeStream]| 2 * in_common > of.len();
    // An older ledger knows one stream of a series.
    let is_whole = known.episodes.len() == 1 || is_most(&entry.episodes);
    is_whole && is_most(&known.episodes) && entry.called.shares_word(&known.called)
}

/// The candidates by what they have, of each the first ones.
fn holders<K: Eq + Hash>(
    keys: impl Iterator<Item = impl IntoIterator<Item = K>>,
) -> HashMap<K, Few<usize>> {
    let mut holders: HashMap<K, Few<usize>> = HashMap::new();
    for (at, keys) in keys.enumerate() {
        for key in keys {
            let some = holders.entry(key).or_default();
            if some.len() < MOST_HOLDERS {
                some.push(at);
            }
        }
    }
    holders
}

/// Of each entry: the candidates that have streams of its episodes, and how many; those with most first, then the first
/// ones.
fn in_common(candidates: &[LedgerTitle], entries: &[SourceEntry]) -> Vec<Vec<(usize, usize)>> {
    let holders = holders(candidates.iter().map(|it| it.label.episodes.iter().copied()));
    let of = |entry: &SourceEntry| {
        let mut numbers: HashMap<usize, usize> = HashMap::new();
        for candidate in entry.label.episodes.iter().filter_map(|it| holders.get(it)).flatten() {
            *numbers.entry(*candidate).or_default() += 1;
        }
        let mut numbers: Vec<(usize, usize)> = numbers.into_iter().collect();
        numbers.sort_unstable_by_key(|(candidate, number)| (Reverse(*number), *candidate));
        numbers.truncate(MOST_NAMESAKES);
        numbers
    };
    entries.iter().map(of).collect()
}

/// What is said of a claim.
fn reason(claim: ClaimBasis, entry: &SourceEntry, known: &LedgerTitle) -> RecognisedBy {
    let has_uuid = entry.label.uuid.is_some() && entry.label.uuid == known.label.uuid;
    match claim {
        ClaimBasis::Renamed if has_uuid => RecognisedBy::RenamedRow,
        ClaimBasis::Renamed => RecognisedBy::RenamedStream,
        ClaimBasis::Sound | ClaimBasis::Corrected => RecognisedBy::Same,
    }
}

/// The places, each once, in their order.
fn once(places: impl Iterator<Item = usize>) -> Few<usize> {
    let mut once = Few::new();
    for place in places {
        if !once.contains(&place) {
            once.push(place);
        }
    }
    once
}

/// The ids that stand in several lists.
fn repeated<'a>(lists: impl Iterator<Item = &'a Few<ExternalId>>) -> HashSet<ExternalId> {
    let (mut once, mut again) = (HashSet::new(), HashSet::new());
    again.extend(lists.flatten().copied().filter(|id| !once.insert(*id)));
    again
}

/// The accounts of which too many streams play other works all at once: how many titles they are, and of
/// how many. `contradicted` says how many titles of an account are contradicted, `titles` how many the ledger
/// has from it.
pub fn too_many<A: Ord + Copy>(
    contradicted: impl Iterator<Item = (A, usize)>,
    titles: &BTreeMap<A, usize>,
) -> BTreeMap<A, (usize, usize)> {
    let with_all =
        |(account, number)| (account, (number, titles.get(&account).copied().unwrap_or(number)));
    let is_much =
        |(_, (number, all)): &(A, (usize, usize))| *number > FEW && number * 100 > all * PERCENT;
    contradicted.map(with_all).filter(is_much).collect()
}

#[cfg(test)]
mod tests;
