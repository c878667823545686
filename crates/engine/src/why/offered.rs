//! The source's part: the entries that match, and what a run would make of them. As many statements whatever its size.

use std::collections::{HashMap, HashSet};

use vod2strm_catalog::source::{AccountListing, EntryName, NotOffered};
use vod2strm_core::entries::WhyLeftOut;
use vod2strm_core::event::{Event, Observer, Phase};
use vod2strm_core::identity::compare::Work;
use vod2strm_core::identity::known::TitleId;
use vod2strm_core::identity::merge::MergeRules;
use vod2strm_core::identity::merges::Merges;
use vod2strm_core::model::media::{Kind, SourceKey, Title};
use vod2strm_core::model::stamp::Few;
use vod2strm_core::names::cleaner::NameCleaner;
use vod2strm_core::names::years::Years;
use vod2strm_core::plan::TitlePlan;
use vod2strm_core::select::Explanation;
use vod2strm_core::select::nearest::Nearest;
use vod2strm_core::select::search::{SearchedName, TitleSearch};
use vod2strm_disk::apply::ownership::is_taken;
use vod2strm_disk::inspect::presence::Presence;
use vod2strm_disk::ledger::{Ledger, TitleState};

use super::best::{Best, SHOWN};
use super::entries::{MergedEntry, merged_entries};
use crate::config::LibraryConfig;
use crate::error::RunError;
use crate::host::{Host, Listeners};
use crate::names::{NameRow, row};
use crate::planner::{Naming, Planner};
use crate::read::compare::{ReadStamps, compared};
use crate::read::load::{Loaded, entries as read_entries};
use crate::read::merge::EntryReader;
use crate::read::select::{Reading, is_played};
use crate::read::written::learn_what_is_written;
use crate::source::{Scope, Selection, SourceOptions};

/// An entry of the source.
#[derive(Clone, Debug)]
pub(super) struct FoundEntry {
    pub(super) kind: Option<Kind>,
    pub(super) key: Option<SourceKey>,
    pub(super) name: String,
    pub(super) year: Option<i32>,
    pub(super) uuid: Option<String>,
    pub(super) category: Option<String>,
    /// Why it is in no title, and what says so.
    pub(super) left_out: Option<(WhyLeftOut, String)>,
    /// Whether it matches; else it may be a title that does.
    pub(super) is_match: bool,
}

impl FoundEntry {
    fn of(entry: &EntryName<'_>, is_match: bool) -> FoundEntry {
        FoundEntry {
            is_match,
            kind: entry.kind,
            key: entry.key,
            name: entry.name.to_owned(),
            year: entry.year,
            uuid: entry.uuid.map(str::to_owned),
            category: entry.category.map(str::to_owned),
            left_out: entry.left_out.map(|(why, said)| (why, said.to_owned())),
        }
    }

    /// The same as it was looked up, as far as that tells which title of the ledger it may be.
    pub(super) fn name(&self) -> EntryName<'_> {
        let (kind, key, name, year) = (self.kind, self.key, self.name.as_str(), self.year);
        EntryName { kind, key, name, year, uuid: self.uuid.as_deref(), ..EntryName::default() }
    }
}

/// Whether an entry may be what the ledger has as this title: they have one UUID, or one name.
pub(super) fn may_be(entry: &EntryName<'_>, state: &TitleState) -> bool {
    let is_same_kind = entry.kind.is_none_or(|kind| kind == state.kind);
    let is_same_uuid = entry.uuid.is_some() && entry.uuid == state.uuid.as_deref();
    let is_same_year = entry.year == state.year || entry.key.is_none();
    is_same_kind && (is_same_uuid || entry.name == state.name && is_same_year)
}

/// What a run would make of an entry that is offered.
pub(super) struct PlannedEntry {
    /// What the next run does; with the title, named and chosen from.
    pub(super) plan: TitlePlan,
    pub(super) explanation: Explanation,
    pub(super) name: NameRow,
    /// Its entries; empty where it has one alone.
    pub(super) entries: Vec<MergedEntry>,
}

/// An entry, or all of a title, with all that the source says of it.
pub(super) struct Offered {
    /// The entry that was found; of a title's several the first.
    pub(super) entry: FoundEntry,
    /// The keys of all of the title's entries.
    pub(super) keys: Few<SourceKey>,
    pub(super) made: Option<PlannedEntry>,
    /// The accounts that list it.
    pub(super) listings: Vec<AccountListing>,
    pub(super) not_offered: Option<NotOffered>,
}

impl Offered {
    /// The title of the ledger that it is.
    pub(super) fn known(&self) -> Option<TitleId> {
        self.made.as_ref().and_then(|made| made.plan.known)
    }

    /// How many of these entries are told of with it.
    fn told(&self, matching: &HashSet<(Kind, SourceKey)>) -> u64 {
        let is_told =
            |kind| self.keys.iter().filter(|key| matching.contains(&(kind, **key))).count();
        match self.entry.kind {
            Some(kind) if !self.keys.is_empty() => is_told(kind) as u64,
            _ => u64::from(self.entry.is_match),
        }
    }
}

/// What is looked for in the source.
pub(super) struct Sought<'a> {
    /// Entries that match; nothing, where a path was asked for.
    pub(super) search: Option<&'a TitleSearch>,
    /// Titles of the ledger, whose entries are wanted whatever their names.
    pub(super) states: &'a [TitleState],
    pub(super) nearest: &'a mut Nearest,
    pub(super) cleaner: &'a mut NameCleaner,
}

/// What was found in the source.
pub(super) struct FoundEntries {
    pub(super) offered: Vec<Offered>,
    /// How many entries match.
    pub(super) number: u64,
    /// How many of them are of none of the titles that are told of.
    pub(super) untold: u64,
}

/// Entries that were found by their names.
struct MatchedNames {
    /// The best that match, and those that may be titles of the ledger.
    entries: Vec<FoundEntry>,
    number: u64,
    /// All that match and may be in a title.
    keys: HashSet<(Kind, SourceKey)>,
}

/// Looks for entries, and for those of titles of the ledger.
pub(super) fn look_into_source(
    config: &LibraryConfig,
    ledger: &Ledger,
    sought: Sought<'_>,
    host: &Host<'_>,
) -> Result<FoundEntries, RunError> {
    let listeners = Listeners(host.listeners);
    listeners.event(&Event::Phase(Phase::Open, None));
    let is_known = |properties: Option<&str>, address: &str| {
        is_played(&config.policy, ledger, properties, address)
    };
    let years = Years::plausible_at(host.clock.now());
    let options = SourceOptions { years, is_played: &is_known, keeps_left_out: true };
    let mut source = Reading::open_with(&config.source, &config.policy, host, &options)?;
    learn_what_is_written(&mut source, config, ledger, host, &listeners)?;
    source.selector.habits.keep(|| ledger.habits())?;
    listeners.event(&Event::Phase(Phase::Stamps, None));
    let MatchedNames { entries, number, keys } = matching(&mut source, sought, &listeners, host)?;
    let mut made = made(config, ledger, &mut source, &entries, host)?;
    let mut offered = by_title(entries, &mut made, &source.merges);
    let told = offered.iter().map(|it| it.told(&keys)).sum();
    add_listings(&mut source, &mut offered)?;
    source.selector.warn(&listeners);
    Ok(FoundEntries { offered, number, untold: number.saturating_sub(told) })
}

/// One of each title: entries of one title are told together.
fn by_title(
    entries: Vec<FoundEntry>,
    made: &mut HashMap<(Kind, SourceKey), PlannedEntry>,
    merges: &Merges,
) -> Vec<Offered> {
    let mut offered: Vec<Offered> = Vec::with_capacity(entries.len());
    for entry in entries {
        let of_title = |(kind, key)| merges.of_entry(kind, key);
        let keys = entry.kind.zip(entry.key).map(of_title).unwrap_or_default();
        let is_same =
            |it: &&mut Offered| it.entry.kind == entry.kind && !keys.is_empty() && it.keys == keys;
        if let Some(title) = offered.iter_mut().find(is_same) {
            title.entry.is_match |= entry.is_match;
            continue;
        }
        let made = entry.kind.zip(keys.first().copied()).and_then(|title| made.remove(&title));
        offered.push(Offered { entry, keys, made, listings: Vec::new(), not_offered: None });
    }
    offered
}

/// The best entries that match, and those that may be titles of the ledger.
fn matching(
    source: &mut Reading,
    sought: Sought<'_>,
    observer: &dyn Observer,
    host: &Host<'_>,
) -> Result<MatchedNames, RunError> {
    let Sought { search, states, nearest, cleaner } = sought;
    let (mut best, mut linked, mut seen) = (Best::new(), Vec::new(), 0_u64);
    let mut keys = HashSet::new();
    source.catalog.each_entry(&mut |entry: EntryName<'_>| {
        seen += 1;
        if seen.is_multiple_of(1_000) {
            observer.event(&Event::Stamps(1_000));
        }
        let EntryName { kind, name, year, tmdb, imdb, .. } = entry;
        let named = SearchedName { kind, name, year, tmdb, imdb, folder: None };
        let rank = search.and_then(|search| search.rank(&named, cleaner));
        if let Some(rank) = rank {
            keys.extend(kind.zip(entry.key));
            best.add(rank, name, || FoundEntry::of(&entry, true));
        } else if linked.len() < 2 * SHOWN && states.iter().any(|state| may_be(&entry, state)) {
            linked.push(FoundEntry::of(&entry, false));
        }
        if best.number == 0 {
            nearest.look_at(name, || shown(cleaner, name, kind, year));
        }
    })?;
    host.cancel.check()?;
    let number = best.number;
    let mut entries = best.into_best();
    entries.extend(linked);
    Ok(MatchedNames { entries, number, keys })
}

/// A name as people see it.
pub(super) fn shown(
    cleaner: &mut NameCleaner,
    name: &str,
    kind: Option<Kind>,
    year: Option<i32>,
) -> String {
    let (clean, in_name) = cleaner.name_and_year(name, kind, year);
    match year.or(in_name) {
        Some(year) => format!("{clean} ({year})"),
        None => clean,
    }
}

/// What a run would make of those that are offered, by kind and the key of their title's first entry. Who they are can
/// be said only beside all others of their kind.
fn made(
    config: &LibraryConfig,
    ledger: &Ledger,
    source: &mut Reading,
    entries: &[FoundEntry],
    host: &Host<'_>,
) -> Result<HashMap<(Kind, SourceKey), PlannedEntry>, RunError> {
    let found: HashSet<(Kind, SourceKey)> =
        entries.iter().filter_map(|entry| entry.kind.zip(entry.key)).collect();
    let whole = |kind: Kind| {
        let is_found = found.iter().any(|(of, _)| *of == kind);
        if is_found { Selection::All } else { Selection::Nothing }
    };
    let scope = Scope { movies: whole(Kind::Movie), series: whole(Kind::Series) };
    let stamps = read_entries(&mut *source.catalog, &scope, &Listeners(host.listeners))?;
    host.cancel.check()?;
    let policy = &config.policy;
    let rules = MergeRules { grace: config.grace, is_anew: false };
    let index = ledger.index(policy.naming())?;
    let names = EntryReader::new(policy, source.selector.cleaner.years.clone());
    let read = ReadStamps { stamps, names, kinds: &[], policy, rules };
    let comparison = compared(&index, read, ledger, source)?;
    let works = comparison.work.into_iter().chain(comparison.unchanged);
    let is_found = |work: &Work| {
        let entries = source.merges.entries(work.stamp.kind, work.stamp.key);
        entries.into_iter().any(|entry| found.contains(&(work.stamp.kind, entry)))
    };
    let works: Vec<Work> = works.filter(is_found).collect();
    source.remember(ledger, works.iter().filter_map(|work| Some(work.known?.id)))?;
    let years = source.selector.cleaner.years.clone();
    let mut cleaner = NameCleaner { takes_tags: true, ..policy.cleaner(years) };
    let (mut titles, mut entries) = (Vec::new(), HashMap::new());
    for kind in Kind::ALL {
        let of_kind = || works.iter().filter(|work| work.stamp.kind == kind);
        let keys: Vec<SourceKey> = of_kind().map(|work| work.stamp.key).collect();
        if !keys.is_empty() {
            titles.append(&mut source.titles(kind, &keys)?);
        }
        let merged = of_kind().map(|work| {
            (source.merges.entries(kind, work.stamp.key), work.known.map(|known| known.id))
        });
        let merged: Vec<_> = merged.filter(|(entries, _)| entries.len() > 1).collect();
        let told = merged_entries(kind, &merged, &index, source, &mut cleaner)?;
        entries.extend(told.into_iter().map(|(key, entries)| ((kind, key), entries)));
    }
    let works = works.into_iter().map(|work| ((work.stamp.kind, work.stamp.key), work)).collect();
    let mut made = planned(config, ledger, source, titles, works)?;
    for (title, entries) in entries {
        made.entry(title).and_modify(|made| made.entries = entries);
    }
    Ok(made)
}

/// The plans of titles: what the next run does.
fn planned(
    config: &LibraryConfig,
    ledger: &Ledger,
    source: &mut Reading,
    titles: Vec<Title>,
    mut works: HashMap<(Kind, SourceKey), Work>,
) -> Result<HashMap<(Kind, SourceKey), PlannedEntry>, RunError> {
    let cleaner = &mut source.selector.cleaner;
    let (mut batch, mut told) = (Vec::new(), Vec::new());
    for title in titles {
        let Some(work) = works.remove(&(title.kind, title.key)) else { continue };
        let explanation = config.policy.choice.explain(&title);
        let name = row(&title.details.name, Some(title.kind), &cleaner.explain(&title));
        told.push((explanation, name));
        let (known, fingerprint) = (work.known.map(|known| known.id), work.fingerprint);
        batch.push(Loaded { title, known, fingerprint });
    }
    let (naming, presence) = (Naming::default(), Presence::default());
    let mut planner = Planner::new(&config.policy, source, naming, presence, &[]);
    let (tree, leftovers) = (config.place.open_tree().ok(), ledger.leftovers()?);
    let mut is_foreign = |root: &'static str, folder: &str| {
        tree.as_ref().is_some_and(|tree| is_taken(tree, &leftovers, root, folder))
    };
    let plans = planner.plans(ledger, batch, &mut is_foreign)?.into_iter().zip(told);
    let made = |(plan, (explanation, name)): (TitlePlan, _)| {
        (
            (plan.title.kind, plan.title.key),
            PlannedEntry { plan, explanation, name, entries: Vec::new() },
        )
    };
    Ok(plans.map(made).collect())
}

/// Adds who lists the entries, and why some are not offered.
fn add_listings(source: &mut Reading, offered: &mut [Offered]) -> Result<(), RunError> {
    for kind in Kind::ALL {
        let of_kind = || offered.iter().filter(|it| it.entry.kind == Some(kind));
        let ids = |it: &Offered| it.keys.iter().map(|key| key.0).collect::<Vec<i64>>();
        let all: Vec<i64> = of_kind().flat_map(ids).collect();
        let open: Vec<i64> = of_kind().filter(|it| it.made.is_none()).flat_map(ids).collect();
        if all.is_empty() {
            continue;
        }
        let listings = source.catalog.listings(kind, &all)?;
        let mut why: HashMap<i64, NotOffered> = HashMap::new();
        if !open.is_empty() {
            why.extend(source.catalog.not_offered(kind, &open)?);
        }
        for it in offered.iter_mut().filter(|it| it.entry.kind == Some(kind)) {
            let Some(first) = it.keys.first().copied() else { continue };
            let is_own = |listing: &&AccountListing| it.keys.contains(&SourceKey(listing.title));
            it.listings = listings.iter().filter(is_own).cloned().collect();
            it.not_offered = why.remove(&first.0);
        }
    }
    Ok(())
}
