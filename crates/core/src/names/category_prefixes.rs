//! What a category's names have in common: a prefix that nearly a third of them share is no part of a
//! title, whatever it says.

use std::collections::{HashMap, HashSet};

use super::leads::{Joint, Lead, can_be_prefix, leads_of};
use crate::hash::ContentHash;

/// The fewest names that a prefix is learnt from.
const FEWEST: usize = 10;

/// The prefixes that a category puts before its titles.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CategoryPrefixes {
    prefixes: HashSet<(Joint, String)>,
}

/// Learns from the names of a category, one after the other.
#[derive(Clone, Debug, Default)]
pub struct Learner {
    counts: HashMap<(Joint, String), usize>,
    /// Hashes of the names: each counts once.
    seen: HashSet<u128>,
}

impl Learner {
    /// Hears of a name.
    pub fn add(&mut self, name: &str) {
        if !self.seen.insert(ContentHash::of(name.as_bytes()).0) {
            return;
        }
        for lead in leads_of(name).filter(can_be_prefix) {
            *self.counts.entry((lead.joint, lead.text.to_owned())).or_default() += 1;
        }
    }

    /// What they have in common.
    pub fn prefixes(self) -> CategoryPrefixes {
        let names = self.seen.len();
        let is_prefix = |count: usize| names >= FEWEST && count * 10 >= names * 3;
        let prefixes = self.counts.into_iter().filter(|(_, count)| is_prefix(*count));
        CategoryPrefixes { prefixes: prefixes.map(|(text, _)| text).collect() }
    }
}

impl CategoryPrefixes {
    /// Learns from the names of a category, each of which counts once.
    pub fn learn<'a>(names: impl IntoIterator<Item = &'a str>) -> CategoryPrefixes {
        let mut learner = Learner::default();
        names.into_iter().for_each(|name| learner.add(name));
        learner.prefixes()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.prefixes.is_empty()
    }

    /// Whether the names of this category have this beginning in common.
    pub fn has(&self, lead: &Lead<'_>) -> bool {
        let is_it = |(joint, text): &(Joint, String)| *joint == lead.joint && text == lead.text;
        self.prefixes.iter().any(is_it)
    }

    /// The prefixes, in order.
    #[cfg(test)]
    pub(super) fn prefixes(&self) -> Vec<&str> {
        let mut prefixes: Vec<&str> = self.prefixes.iter().map(|(_, text)| text.as_str()).collect();
        prefixes.sort_unstable();
        prefixes
    }

    /// Takes over what another category of the same title does.
    pub fn merge(&mut self, other: &CategoryPrefixes) {
        self.prefixes.extend(other.prefixes.iter().cloned());
    }
}
