//! Puts entries of the source together: names are asked for only where something is new or changed.

use std::collections::{HashMap, HashSet};

use vod2strm_catalog::source::Catalog;
use vod2strm_core::identity::compare::KnownIndex;
use vod2strm_core::identity::known::TitleId;
use vod2strm_core::identity::merge::{KnownName, MergeRules, Merged, Merging, ReadEntry, Unread};
use vod2strm_core::identity::merges::Merges;
use vod2strm_core::identity::{Heading, Label};
use vod2strm_core::model::media::{Kind, SourceKey};
use vod2strm_core::model::stamp::Stamp;
use vod2strm_core::names::called::Called;
use vod2strm_core::names::cleaner::NameCleaner;
use vod2strm_core::names::years::Years;
use vod2strm_core::policy::Policy;
use vod2strm_disk::ledger::Ledger;

use crate::error::RunError;

/// Reads what entries and titles are called.
pub struct EntryReader<'a> {
    policy: &'a Policy,
    cleaner: NameCleaner,
    /// What was read, by kind.
    entries: [HashMap<SourceKey, ReadEntry>; Kind::ALL.len()],
    /// What was read of titles of the ledger, until somebody takes it.
    titles: HashMap<TitleId, Label>,
}

impl<'a> EntryReader<'a> {
    /// Nothing is read yet; `years` are the plausible ones.
    pub fn new(policy: &'a Policy, years: Years) -> EntryReader<'a> {
        // Names are read in one way whatever the layout shows, or another layout would make other titles.
        let cleaner = NameCleaner { takes_tags: true, ..policy.cleaner(years) };
        EntryReader { policy, cleaner, entries: Default::default(), titles: HashMap::new() }
    }

    /// Reads those of these titles' entries of which none was read.
    pub fn read(
        &mut self,
        kind: Kind,
        keys: &[SourceKey],
        merges: &Merges,
        catalog: &mut dyn Catalog,
    ) -> Result<(), RunError> {
        let entries = &self.entries[kind as usize];
        let is_read =
            |key: &SourceKey| merges.entries(kind, *key).iter().any(|it| entries.contains_key(it));
        let unread: Vec<SourceKey> = keys.iter().copied().filter(|key| !is_read(key)).collect();
        if unread.is_empty() {
            return Ok(());
        }
        Ok(catalog.headings(kind, &unread, &mut |key, heading| self.take(kind, key, heading))?)
    }

    /// Takes what an entry is called.
    pub fn take(&mut self, kind: Kind, key: SourceKey, heading: Heading<'_>) {
        let poster = heading.poster;
        let label = Label::read(&mut self.cleaner, kind, heading);
        self.entries[kind as usize].insert(key, ReadEntry { label, poster });
    }

    /// What a title of these entries is called; it has the episodes of all.
    pub fn label(&self, kind: Kind, entries: &[SourceKey]) -> Label {
        let read = |key: &SourceKey| self.entries[kind as usize].get(key);
        let mut read = entries.iter().filter_map(read).map(|entry| &entry.label);
        let Some(first) = read.next() else { return Label::default() };
        let further = read.flat_map(|label| label.episodes.iter().copied());
        Label { episodes: first.episodes.iter().copied().chain(further).collect(), ..first.clone() }
    }

    /// What titles of the ledger are called.
    pub fn titles(
        &mut self,
        kind: Kind,
        ids: &[TitleId],
        ledger: &Ledger,
    ) -> Result<HashMap<TitleId, Label>, RunError> {
        let of = |id: &TitleId| Some((*id, self.titles.remove(id)?));
        let mut titles: HashMap<TitleId, Label> = ids.iter().filter_map(of).collect();
        let unread: Vec<TitleId> =
            ids.iter().filter(|id| !titles.contains_key(id)).copied().collect();
        if !unread.is_empty() {
            ledger.each_heading(&unread, |id, heading| {
                titles.insert(id, Label::read(&mut self.cleaner, kind, heading));
            })?;
        }
        Ok(titles)
    }

    /// What the titles of the ledger are called that have the name of an entry that was read.
    fn namesakes(
        &mut self,
        kind: Kind,
        ledger: &Ledger,
    ) -> Result<HashMap<TitleId, KnownName>, RunError> {
        let entries = self.entries[kind as usize].values();
        let names: HashSet<u64> =
            entries.filter_map(|entry| entry.label.called.name_key()).collect();
        let mut namesakes = HashMap::new();
        let cleaner = &mut self.cleaner;
        let read = |name: &str, year| Called::read(cleaner, kind, name, year);
        ledger.each_known_name(kind, self.policy.reading(), read, |known| {
            if names.contains(&known.name) {
                namesakes.insert(known.title, known);
            }
        })?;
        Ok(namesakes)
    }
}

/// Puts the entries together, beside what a ledger has of them. Where names are shown as the source has them, each entry is a title.
pub fn put_together(
    index: &KnownIndex,
    stamps: Vec<Stamp>,
    reader: &mut EntryReader<'_>,
    rules: MergeRules,
    ledger: Option<&Ledger>,
    catalog: &mut dyn Catalog,
) -> Result<Merged, RunError> {
    if !reader.policy.are_names_cleaned() {
        return Ok(Merged { stamps, ..Merged::default() });
    }
    let mut merging = Merging::new(index, stamps);
    for kind in Kind::ALL {
        let Unread { entries, titles } = merging.unread(kind, reader.policy.fingerprint(), rules);
        if entries.is_empty() {
            continue;
        }
        reader.read(kind, &entries, &Merges::default(), catalog)?;
        let ledger = if index.is_empty() { None } else { ledger };
        let labels =
            ledger.map(|it| reader.titles(kind, &titles, it)).transpose()?.unwrap_or_default();
        let parted = merging.part(kind, rules, &reader.entries[kind as usize], &labels);
        let known = match ledger {
            Some(ledger) if parted.has_loose() => reader.namesakes(kind, ledger)?,
            _ => HashMap::new(),
        };
        merging.merge(kind, parted, rules, &reader.entries[kind as usize], &known);
        reader.titles.extend(labels);
        if index.is_empty() {
            // Nobody asks who they are in the ledger.
            reader.entries[kind as usize] = HashMap::new();
        }
    }
    Ok(merging.finish())
}
