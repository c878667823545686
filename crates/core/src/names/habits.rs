//! What a category's names have in common: a prefix that nearly a third of them share is no part of a
//! title, whatever it says.

use std::collections::{HashMap, HashSet};

use super::ends::{Joint, Lead, can_be_habit, leads_of};

/// The fewest names that a habit is learnt from.
const FEWEST: usize = 10;

/// The prefixes that a category puts before its titles.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Habits {
    prefixes: HashSet<(Joint, String)>,
}

impl Habits {
    /// Learns from the names of a category, each of which counts once.
    pub fn learn<'a>(names: impl IntoIterator<Item = &'a str>) -> Habits {
        let mut counts: HashMap<(Joint, String), usize> = HashMap::new();
        let mut seen = HashSet::new();
        for name in names.into_iter().filter(|name| seen.insert(*name)) {
            for lead in leads_of(name).filter(can_be_habit) {
                *counts.entry((lead.joint, lead.text.to_owned())).or_default() += 1;
            }
        }
        let is_habit = |count: usize| seen.len() >= FEWEST && count * 10 >= seen.len() * 3;
        let habits = counts.into_iter().filter(|(_, count)| is_habit(*count));
        Habits { prefixes: habits.map(|(text, _)| text).collect() }
    }

    /// Whether names of this category begin like this as a habit.
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
    pub fn merge(&mut self, other: &Habits) {
        self.prefixes.extend(other.prefixes.iter().cloned());
    }
}
