//! Which entries of a source a title has.

use std::collections::HashMap;

use crate::model::media::{Kind, SourceKey};
use crate::model::stamp::Few;

/// The entries of titles that have several, by the source's keys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Merges {
    lists: HashMap<(Kind, SourceKey), Few<SourceKey>>,
    /// The titles' own keys, by those of their further entries.
    titles: HashMap<(Kind, SourceKey), SourceKey>,
}

impl Merges {
    /// Notes the entries of a title, its own key first.
    pub fn add(&mut self, kind: Kind, entries: Few<SourceKey>) {
        let Some((first, further)) = entries.split_first() else { return };
        self.titles.extend(further.iter().map(|key| ((kind, *key), *first)));
        self.lists.insert((kind, *first), entries);
    }

    /// Takes over what was put together of other entries.
    pub fn extend(&mut self, others: Merges) {
        self.lists.extend(others.lists);
        self.titles.extend(others.titles);
    }

    /// The entries of the title whose key this is; the key alone where it has no other.
    pub fn entries(&self, kind: Kind, key: SourceKey) -> Few<SourceKey> {
        self.lists.get(&(kind, key)).cloned().unwrap_or_else(|| Few::from_slice(&[key]))
    }

    /// How many entries the title has whose key this is.
    pub fn number(&self, kind: Kind, key: SourceKey) -> u64 {
        self.lists.get(&(kind, key)).map_or(1, |entries| entries.len() as u64)
    }

    /// The entries of the title that this entry is of.
    pub fn of_entry(&self, kind: Kind, entry: SourceKey) -> Few<SourceKey> {
        self.entries(kind, self.titles.get(&(kind, entry)).copied().unwrap_or(entry))
    }

    /// Whether no title has several entries.
    pub fn is_empty(&self) -> bool {
        self.lists.is_empty()
    }
}
