//! What a category's names have in common: a beginning, or a bracket at the end. What nearly a third of them share is
//! no part of a title, whatever it says.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::sync::Arc;

use super::leads::{Joint, Lead, can_be_prefix, leads_of};
use super::tail::{last_bracket, take_trailing};
use crate::hash::ContentHash;
use crate::model::media::Kind;

/// The fewest names that a habit is learnt from.
const FEWEST: usize = 10;

/// Where a bracket at the end of names stands, as a word: beside those of the joints of prefixes.
const END: &str = "end";

/// The habits of categories, by kind and the category's name.
pub type Habits = HashMap<(Kind, Arc<str>), CategoryHabits>;

/// What a category puts before and behind its titles.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CategoryHabits {
    prefixes: HashSet<(Joint, String)>,
    /// What brackets at the end of names say.
    suffixes: HashSet<String>,
}

/// Learns from the names of a category, one after the other.
#[derive(Clone, Debug, Default)]
pub struct Learner {
    prefixes: HashMap<(Joint, String), usize>,
    suffixes: HashMap<String, usize>,
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
            *self.prefixes.entry((lead.joint, lead.text.to_owned())).or_default() += 1;
        }
        if let Some((_, text)) = last_bracket(take_trailing(name, &mut Vec::new())) {
            *self.suffixes.entry(text.to_owned()).or_default() += 1;
        }
    }

    /// What they have in common. A habit of `kept` stays while a tenth of the names have it. So a name does not
    /// change whenever others of its category do. Where no name was heard, all stay.
    pub fn habits(self, kept: &CategoryHabits) -> CategoryHabits {
        let names = self.seen.len();
        if names == 0 {
            return kept.clone();
        }
        CategoryHabits {
            prefixes: shared(self.prefixes, &kept.prefixes, names),
            suffixes: shared(self.suffixes, &kept.suffixes, names),
        }
    }
}

/// What enough of so many names have.
fn shared<T: Eq + Hash>(counts: HashMap<T, usize>, kept: &HashSet<T>, names: usize) -> HashSet<T> {
    let is_habit = |text: &T, count: usize| {
        names >= FEWEST && count * 10 >= names * 3 || kept.contains(text) && count * 10 >= names
    };
    let habits = counts.into_iter().filter(|(text, count)| is_habit(text, *count));
    habits.map(|(text, _)| text).collect()
}

impl CategoryHabits {
    /// Learns from the names of a category, each of which counts once.
    pub fn learn<'a>(names: impl IntoIterator<Item = &'a str>) -> CategoryHabits {
        let mut learner = Learner::default();
        names.into_iter().for_each(|name| learner.add(name));
        learner.habits(&CategoryHabits::default())
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.prefixes.is_empty() && self.suffixes.is_empty()
    }

    /// Whether the names of this category have this beginning in common.
    pub fn has_prefix(&self, lead: &Lead<'_>) -> bool {
        let is_it = |(joint, text): &(Joint, String)| *joint == lead.joint && text == lead.text;
        self.prefixes.iter().any(is_it)
    }

    /// Whether the names of this category have a bracket at the end in common that says this.
    pub fn has_suffix(&self, text: &str) -> bool {
        self.suffixes.contains(text)
    }

    /// Each habit as two texts: the word for where it stands, and what it says.
    pub fn texts(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let prefixes = self.prefixes.iter().map(|(joint, text)| (joint.as_str(), text.as_str()));
        prefixes.chain(self.suffixes.iter().map(|text| (END, text.as_str())))
    }

    /// Adds a habit that `texts` gave. A word that nobody knows adds nothing.
    pub fn add(&mut self, place: &str, text: String) {
        if place == END {
            self.suffixes.insert(text);
        } else if let Some(joint) = Joint::parse(place) {
            self.prefixes.insert((joint, text));
        }
    }

    /// The prefixes, in order.
    #[cfg(test)]
    pub(super) fn prefixes(&self) -> Vec<&str> {
        let mut prefixes: Vec<&str> = self.prefixes.iter().map(|(_, text)| text.as_str()).collect();
        prefixes.sort_unstable();
        prefixes
    }

    /// Takes over what another category of the same title does.
    pub fn merge(&mut self, other: &CategoryHabits) {
        self.prefixes.extend(other.prefixes.iter().cloned());
        self.suffixes.extend(other.suffixes.iter().cloned());
    }
}
