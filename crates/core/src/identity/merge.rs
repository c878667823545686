//! Which entries of a source are one title.
//!
//! Entries whose cleaned names and years are equal, and whose ids do not contradict each other, are one. What was
//! taken for a title stays with it while it does not contradict: the ledger has its streams there.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use crate::hash::Fingerprint;
use crate::identity::Label;
use crate::identity::compare::KnownIndex;
use crate::identity::known::TitleId;
use crate::identity::merges::Merges;
use crate::model::media::{Kind, SourceKey};
use crate::model::stamp::{ExternalId, Few, Stamp, StreamId};
use crate::names::called::Called;

/// How many titles of one name are looked at for an entry. A list of nothing but `Movie` must not take for ever.
const MOST_NAMESAKES: usize = 100;

/// A poster that more names than these share says nothing: it is a placeholder.
const MOST_NAMES: usize = 3;

/// What was read of an entry.
#[derive(Clone, Debug, Default)]
pub struct ReadEntry {
    /// What it is called.
    pub label: Label,
    /// Stands for the address of its poster.
    pub poster: Option<u64>,
}

/// What a title of the ledger is called, as far as entries are put to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownName {
    /// The title.
    pub title: TitleId,
    /// `Called::name_key` of its cleaned name.
    pub name: u64,
    /// The year.
    pub year: Option<i32>,
}

/// How entries are put together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MergeRules {
    /// Complete runs that an entry stays with a title that it contradicts.
    pub grace: u32,
    /// Titles of the ledger may become one, and entries leave at once: all names are given anew.
    pub is_anew: bool,
}

/// What has to be read before the entries of a kind can be put together.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Unread {
    /// Entries that are new, or of titles of which something changed.
    pub entries: Vec<SourceKey>,
    /// The titles that have these entries: what they are called decides whether an entry stays.
    pub titles: Vec<TitleId>,
}

/// Entries that were put together.
#[derive(Debug, Default)]
pub struct Merged {
    /// One stamp a title.
    pub stamps: Vec<Stamp>,
    /// Which entries they are of.
    pub merges: Merges,
    /// Streams of entries that contradict their title and are still with it.
    pub apart: HashSet<StreamId>,
    /// Titles of the ledger whose entries are another's now: that one.
    pub united: HashMap<TitleId, (Kind, TitleId)>,
    /// Titles of the ledger that some of their entries contradict, by the first of the entries that stay.
    pub staying: HashMap<(Kind, SourceKey), TitleId>,
    /// Titles of the ledger that some of their entries leave.
    pub left: HashSet<TitleId>,
}

/// Entries that are being put together.
#[derive(Debug)]
pub struct Merging<'a> {
    index: &'a KnownIndex,
    /// By kind, in the source's order.
    stamps: Vec<Stamp>,
    /// The title of the ledger that each entry is with: a place in the index.
    holders: Vec<Option<u32>>,
    /// The kinds that were put together.
    done: Vec<Kind>,
    /// The entries of titles that have several: places of stamps, the first being the title's own.
    groups: Vec<Few<usize>>,
    apart: HashSet<StreamId>,
    united: HashMap<TitleId, (Kind, TitleId)>,
    staying: HashMap<(Kind, SourceKey), TitleId>,
    left: HashSet<TitleId>,
}

impl<'a> Merging<'a> {
    /// Entries that are where the ledger has their streams.
    pub fn new(index: &'a KnownIndex, mut stamps: Vec<Stamp>) -> Merging<'a> {
        stamps.sort_unstable_by_key(|stamp| (stamp.kind, stamp.key));
        let holder = |stamp: &Stamp| {
            let mut holders = stamp.streams.iter().filter_map(|stream| index.title_of(stream));
            let holder = holders.find(|at| index.title(*at).kind == stamp.kind)?;
            u32::try_from(holder).ok()
        };
        let holders = stamps.iter().map(holder).collect();
        let (done, groups) = (Vec::new(), Vec::new());
        let (apart, left) = (HashSet::new(), HashSet::new());
        let (united, staying) = (HashMap::new(), HashMap::new());
        Merging { index, stamps, holders, done, groups, apart, united, staying, left }
    }

    fn of_kind(&self, kind: Kind) -> Range<usize> {
        let start = self.stamps.partition_point(|stamp| stamp.kind < kind);
        start..self.stamps.partition_point(|stamp| stamp.kind <= kind)
    }

    /// The titles of the ledger that have entries, the oldest first, each with its entries' places.
    fn held(&self, kind: Kind) -> Vec<(u32, usize)> {
        let held = self.of_kind(kind).filter_map(|at| Some((self.holders[at]?, at)));
        let mut held: Vec<(u32, usize)> = held.collect();
        held.sort_unstable();
        held
    }

    /// The entries that are with no title of the ledger.
    fn new_entries(&self, kind: Kind) -> impl Iterator<Item = usize> {
        self.of_kind(kind).filter(|at| self.holders[*at].is_none())
    }

    /// Whether nothing of a title's entries changed since it was recorded.
    fn is_settled(&self, title: u32, entries: &[usize], settings: Fingerprint) -> bool {
        let fingerprint = self.fingerprint(entries).mixed_with(settings);
        let is_apart = |at: &usize| self.runs_apart(*at).is_some();
        self.index.title(title as usize).fingerprint == fingerprint && !entries.iter().any(is_apart)
    }

    /// In how many complete runs an entry contradicted its title; `None` when it did not.
    fn runs_apart(&self, entry: usize) -> Option<u32> {
        self.stamps[entry].streams.iter().find_map(|stream| self.index.runs_apart(stream))
    }

    /// What has to be read of a kind; `settings` is the policy's fingerprint.
    pub fn unread(&self, kind: Kind, settings: Fingerprint, rules: MergeRules) -> Unread {
        let key = |at: &usize| self.stamps[*at].key;
        let mut unread = Unread::default();
        for group in self.held(kind).chunk_by(|a, b| a.0 == b.0) {
            let (title, entries) = (group[0].0, entries_of(group));
            if rules.is_anew || !self.is_settled(title, &entries, settings) {
                unread.entries.extend(entries.iter().map(key));
                unread.titles.push(self.index.title(title as usize).id);
            }
        }
        unread.entries.extend(self.new_entries(kind).map(|at| key(&at)));
        unread
    }

    /// Parts the entries of a kind from titles that they contradict. `read` are the entries that `unread` named,
    /// `labels` its titles.
    pub fn part(
        &mut self,
        kind: Kind,
        rules: MergeRules,
        read: &HashMap<SourceKey, ReadEntry>,
        labels: &HashMap<TitleId, Label>,
    ) -> PartedEntries {
        self.done.push(kind);
        let held = self.held(kind);
        let groups = held.chunk_by(|a, b| a.0 == b.0);
        let label = |title: u32| labels.get(&self.index.title(title as usize).id);
        let part = |group: &[(u32, usize)]| {
            let title = group[0].0;
            self.part_title(title, entries_of(group), read, label(title))
        };
        let parts: Vec<PartedTitle> = groups.map(part).collect();
        let exchanged: HashSet<u64> = parts
            .iter()
            .filter(|it| !it.others.is_empty())
            .filter_map(|it| label(it.title)?.called.key())
            .collect();
        let mut parted =
            PartedEntries { titles: Vec::new(), loose: self.new_entries(kind).collect() };
        for part in parts {
            let id = self.index.title(part.title as usize).id;
            if let (Some(first), false) = (part.stay.first(), part.others.is_empty()) {
                self.staying.insert((kind, self.stamps[*first].key), id);
            }
            let (stay, leave) = self.leave(part, rules, read, &exchanged);
            if !stay.is_empty() {
                self.left.extend((!leave.is_empty()).then_some(id));
                parted.titles.push((id, stay));
            }
            parted.loose.extend(leave);
        }
        parted.loose.sort_unstable();
        parted
    }

    /// Puts the entries of a kind together, as far as they were parted. `known` is what titles of the ledger are called
    /// that have the name of one of the entries that were read.
    pub fn merge(
        &mut self,
        kind: Kind,
        PartedEntries { titles, loose }: PartedEntries,
        rules: MergeRules,
        read: &HashMap<SourceKey, ReadEntry>,
        known: &HashMap<TitleId, KnownName>,
    ) {
        let mut names = Namesakes::new(kind, posters(read));
        if !rules.is_anew {
            names.vacant = self.vacant(&titles, known);
        }
        for (id, entries) in titles {
            let sign = match (read.get(&self.stamps[entries[0]].key), known.get(&id)) {
                (Some(entry), _) => sign(&entry.label.called),
                (None, Some(known)) => (Some(known.name), known.year),
                // No entry that was read has its name.
                (None, None) if entries.len() == 1 => continue,
                (None, None) => (None, None),
            };
            let group = EntryGroup { title: Some(id), ..self.group(entries, sign, read) };
            let older = if rules.is_anew { names.join(&group) } else { None };
            match older.and_then(|older| older.title) {
                Some(older) => drop(self.united.insert(id, (kind, older))),
                None => names.add(group),
            }
        }
        let sign = |at: &usize| read.get(&self.stamps[*at].key).map(|it| sign(&it.label.called));
        names.count_years(loose.iter().filter_map(sign));
        for at in loose {
            let group = self.group(Few::from_slice(&[at]), sign(&at).unwrap_or_default(), read);
            if names.takes_vacant(&group) || names.join(&group).is_none() {
                names.add(group);
            }
        }
        let entries = names.groups.into_iter().map(|group| group.entries);
        self.groups.extend(entries.filter(|entries| entries.len() > 1));
    }

    /// The titles of the ledger that have the name of an entry that was read, and no entry of their own; the oldest
    /// first. Their streams may have got other numbers.
    fn vacant(
        &self,
        titles: &[(TitleId, Few<usize>)],
        known: &HashMap<TitleId, KnownName>,
    ) -> HashMap<u64, Vec<VacantTitle>> {
        let held: HashSet<TitleId> = titles.iter().map(|(id, _)| *id).collect();
        let mut vacant: HashMap<u64, Vec<VacantTitle>> = HashMap::new();
        for known in known.values().filter(|known| !held.contains(&known.title)) {
            let Some(at) = self.index.at(known.title) else { continue };
            if !self.index.title(at as usize).is_removed {
                let externals = self.index.externals(at as usize).iter().copied().collect();
                let title = VacantTitle { id: known.title, year: known.year, externals };
                vacant.entry(known.name).or_default().push(title);
            }
        }
        vacant.values_mut().for_each(|titles| titles.sort_by_key(|title| title.id));
        vacant
    }

    /// The entries of a title that agree with it, and those that contradict it.
    fn part_title(
        &self,
        title: u32,
        entries: Few<usize>,
        read: &HashMap<SourceKey, ReadEntry>,
        label: Option<&Label>,
    ) -> PartedTitle {
        let Some(label) = label else {
            return PartedTitle { title, stay: entries, others: Few::new() };
        };
        let externals = self.index.externals(title as usize);
        let entry = |at: &usize| read.get(&self.stamps[*at].key);
        let has_other_ids = |at: &usize| {
            let others = entries.iter().filter(|other| *other != at);
            let others: Few<ExternalId> =
                others.flat_map(|other| self.stamps[*other].externals.iter().copied()).collect();
            let own = &self.stamps[*at].externals;
            // An id that no other entry has may have been corrected.
            ExternalId::contradict(own, externals)
                && (entries.len() == 1 || ExternalId::contradict(own, &others))
        };
        let agrees = |at: &usize| {
            let Some(called) = entry(at).map(|entry| &entry.label.called) else { return true };
            match entries.len() {
                // A year and an id that were corrected are no sign of another work.
                1 if shares(&self.stamps[*at].externals, externals) => true,
                1 => {
                    called.is_same(&label.called)
                        || !has_other_ids(at) && !called.contradicts(&label.called)
                }
                _ => !has_other_ids(at) && !called.is_another_work(&label.called),
            }
        };
        let (mut stay, others): (Few<usize>, Few<usize>) =
            entries.iter().copied().partition(agrees);
        // The row that gave the title its details goes on to give them, whatever order the rows have now.
        let is_first = |at: &usize| {
            label.uuid.is_some() && entry(at).is_some_and(|entry| entry.label.uuid == label.uuid)
        };
        stay.sort_by_key(|at| !is_first(at));
        PartedTitle { title, stay, others }
    }

    /// The entries of a title that stay, and those that leave. All leave where none agrees with it: who they are is then
    /// to be found out. So do those that are called as another title whose entries contradict it: `exchanged` are the
    /// keys of such titles' names, and streams were exchanged.
    fn leave(
        &mut self,
        PartedTitle { stay, others, .. }: PartedTitle,
        rules: MergeRules,
        read: &HashMap<SourceKey, ReadEntry>,
        exchanged: &HashSet<u64>,
    ) -> (Few<usize>, Few<usize>) {
        let Some(first) = stay.first() else { return (stay, others) };
        let key = |at: &usize| read.get(&self.stamps[*at].key).and_then(|it| it.label.called.key());
        let own = key(first);
        let is_due = |at: &usize| {
            let is_exchanged =
                key(at).is_some_and(|key| Some(key) != own && exchanged.contains(&key));
            rules.is_anew || is_exchanged || self.runs_apart(*at) >= Some(rules.grace)
        };
        let (leave, wait): (Few<usize>, Few<usize>) = others.into_iter().partition(is_due);
        let streams = wait.iter().flat_map(|at| &self.stamps[*at].streams);
        self.apart.extend(streams);
        (stay.into_iter().chain(wait).collect(), leave)
    }

    fn group(
        &self,
        entries: Few<usize>,
        (name, year): (Option<u64>, Option<i32>),
        read: &HashMap<SourceKey, ReadEntry>,
    ) -> EntryGroup {
        let externals = entries.iter().flat_map(|at| self.stamps[*at].externals.iter().copied());
        let poster = |at: &usize| read.get(&self.stamps[*at].key).and_then(|entry| entry.poster);
        let (externals, posters) =
            (externals.collect(), entries.iter().filter_map(poster).collect());
        EntryGroup { title: None, entries, name, year, externals, posters }
    }

    /// A stamp a title. Entries of which nothing had to be read are where they were.
    pub fn finish(mut self) -> Merged {
        for kind in Kind::ALL.into_iter().filter(|kind| !self.done.contains(kind)) {
            let held = self.held(kind);
            let groups = held.chunk_by(|a, b| a.0 == b.0).filter(|group| group.len() > 1);
            self.groups.extend(groups.map(entries_of));
        }
        let mut merges = Merges::default();
        let mut is_further = vec![false; self.stamps.len()];
        for entries in std::mem::take(&mut self.groups) {
            let stamp = self.stamp(&entries);
            let keys = entries.iter().map(|at| self.stamps[*at].key).collect();
            merges.add(stamp.kind, keys);
            entries[1..].iter().for_each(|at| is_further[*at] = true);
            self.stamps[entries[0]] = stamp;
        }
        let Merging { mut stamps, apart, united, staying, left, .. } = self;
        let mut is_further = is_further.into_iter();
        stamps.retain(|_| is_further.next() == Some(false));
        Merged { stamps, merges, apart, united, staying, left }
    }

    /// The stamp of a title with several entries.
    fn stamp(&self, entries: &[usize]) -> Stamp {
        let all = || entries.iter().map(|at| &self.stamps[*at]);
        let mut externals: Few<ExternalId> = Few::new();
        for id in all().flat_map(|stamp| &stamp.externals) {
            if !externals.contains(id) {
                externals.push(*id);
            }
        }
        Stamp {
            streams: all().flat_map(|stamp| stamp.streams.iter().copied()).collect(),
            externals,
            fingerprint: self.fingerprint(entries),
            episodes: all().map(|stamp| stamp.episodes).fold(0, u32::saturating_add),
            ..self.stamps[entries[0]]
        }
    }

    /// That of an only entry is its own. The order does not count: rows may be made anew in another one.
    fn fingerprint(&self, entries: &[usize]) -> Fingerprint {
        let mut all = entries.iter().map(|at| self.stamps[*at].fingerprint);
        let first = all.next().unwrap_or_default();
        all.fold(first, Fingerprint::fold)
    }
}

/// The places of entries, without their title's.
fn entries_of(group: &[(u32, usize)]) -> Few<usize> {
    group.iter().map(|(_, at)| *at).collect()
}

/// The key of a name, and the year.
fn sign(called: &Called) -> (Option<u64>, Option<i32>) {
    (called.name_key(), called.year())
}

/// The posters that may say that two entries are one: those that few names share.
fn posters(read: &HashMap<SourceKey, ReadEntry>) -> HashSet<u64> {
    let mut names: HashMap<u64, Few<u64>> = HashMap::new();
    for entry in read.values() {
        if let (Some(poster), Some(name)) = (entry.poster, entry.label.called.name_key()) {
            let names = names.entry(poster).or_default();
            if names.len() <= MOST_NAMES && !names.contains(&name) {
                names.push(name);
            }
        }
    }
    names.retain(|_, names| names.len() <= MOST_NAMES);
    names.into_keys().collect()
}

/// The entries of a kind, parted from titles that they contradict.
#[derive(Debug)]
pub struct PartedEntries {
    /// Titles of the ledger, the oldest first, with the entries that stay.
    titles: Vec<(TitleId, Few<usize>)>,
    /// Entries that are at no title.
    loose: Vec<usize>,
}

impl PartedEntries {
    /// Whether an entry is at none of the ledger's titles. It may be any of them.
    pub fn has_loose(&self) -> bool {
        !self.loose.is_empty()
    }
}

/// The entries of a title of the ledger.
#[derive(Debug)]
struct PartedTitle {
    /// Its place in the index.
    title: u32,
    /// Those that agree with it.
    stay: Few<usize>,
    /// Those that contradict it.
    others: Few<usize>,
}

/// A title of the ledger that has no entry by its streams.
#[derive(Debug)]
struct VacantTitle {
    id: TitleId,
    year: Option<i32>,
    externals: Few<ExternalId>,
}

/// Entries that are one title, as far as it is known.
#[derive(Debug)]
struct EntryGroup {
    /// The title of the ledger that has them, if there is one.
    title: Option<TitleId>,
    entries: Few<usize>,
    name: Option<u64>,
    year: Option<i32>,
    externals: Few<ExternalId>,
    posters: Few<u64>,
}

/// The years that titles of one name have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum YearsOfName {
    One(i32),
    Several,
}

/// Titles by their names.
#[derive(Debug)]
struct Namesakes {
    kind: Kind,
    posters: HashSet<u64>,
    groups: Vec<EntryGroup>,
    by_name: HashMap<u64, Few<usize>>,
    years: HashMap<u64, YearsOfName>,
    /// Titles of the ledger that wait for an entry, by their names.
    vacant: HashMap<u64, Vec<VacantTitle>>,
}

impl Namesakes {
    fn new(kind: Kind, posters: HashSet<u64>) -> Namesakes {
        let (by_name, years, vacant) = (HashMap::new(), HashMap::new(), HashMap::new());
        Namesakes { kind, posters, groups: Vec::new(), by_name, years, vacant }
    }

    fn add(&mut self, group: EntryGroup) {
        self.count_years([(group.name, group.year)].into_iter());
        if let Some(name) = group.name {
            self.by_name.entry(name).or_default().push(self.groups.len());
        }
        self.groups.push(group);
    }

    /// Notes which years titles of these names have.
    fn count_years(&mut self, signs: impl Iterator<Item = (Option<u64>, Option<i32>)>) {
        for (name, year) in signs.filter_map(|(name, year)| name.zip(year)) {
            let years = self.years.entry(name).or_insert(YearsOfName::One(year));
            if *years != YearsOfName::One(year) {
                *years = YearsOfName::Several;
            }
        }
    }

    /// Whether a title of the ledger with this name and year waits for an entry: two titles that are known stay two, also
    /// when all their streams have other numbers. An id that says which title it is outranks that.
    fn takes_vacant(&mut self, group: &EntryGroup) -> bool {
        let Some(name) = group.name else { return false };
        let Some(vacant) = self.vacant.get_mut(&name) else { return false };
        let fits = |it: &VacantTitle| {
            it.year == group.year && !ExternalId::contradict(&it.externals, &group.externals)
        };
        let has_id = |it: &VacantTitle| fits(it) && shares(&it.externals, &group.externals);
        let by_id = vacant.iter().position(has_id);
        let Some(at) = by_id.or_else(|| vacant.iter().position(fits)) else { return false };
        let is_known = |at: &usize| shares(&self.groups[*at].externals, &group.externals);
        let mut places = self.by_name.get(&name).into_iter().flatten().take(MOST_NAMESAKES);
        if by_id.is_none() && places.any(is_known) {
            return false;
        }
        vacant.remove(at);
        true
    }

    /// Puts the entries to the title that they are of, if there is one: one with an id of theirs before others.
    fn join(&mut self, group: &EntryGroup) -> Option<&EntryGroup> {
        let places = self.by_name.get(&group.name?)?;
        let fits = |at: &&usize| self.is_one(group, &self.groups[**at]);
        let fitting = || places.iter().take(MOST_NAMESAKES).filter(fits);
        let by_id = fitting().find(|at| shares(&group.externals, &self.groups[**at].externals));
        let at = *by_id.or_else(|| fitting().next())?;
        let title = &mut self.groups[at];
        title.entries.extend(group.entries.iter().copied());
        title.year = title.year.or(group.year);
        title.externals.extend(group.externals.iter().copied());
        title.posters.extend(group.posters.iter().copied());
        Some(title)
    }

    /// Whether two of one name are one title.
    fn is_one(&self, some: &EntryGroup, other: &EntryGroup) -> bool {
        if ExternalId::contradict(&some.externals, &other.externals) {
            return false;
        }
        match (self.kind, some.year, other.year) {
            (_, Some(a), Some(b)) => a == b,
            (Kind::Series, None, None) => true,
            (Kind::Series, ..) => {
                let years = some.name.and_then(|name| self.years.get(&name));
                matches!(years, Some(YearsOfName::One(_)))
            }
            (Kind::Movie, ..) => {
                let is_sign = |poster: &&u64| self.posters.contains(poster);
                let mut posters = some.posters.iter().filter(is_sign);
                shares(&some.externals, &other.externals)
                    || posters.any(|poster| other.posters.contains(poster))
            }
        }
    }
}

fn shares<T: PartialEq>(some: &[T], others: &[T]) -> bool {
    some.iter().any(|it| others.contains(it))
}

#[cfg(test)]
mod tests;
