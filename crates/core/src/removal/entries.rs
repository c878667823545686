//! Counts an account's entries of one kind. A title of several entries is there as long as one of them is: what is lost
//! of the others would be no loss of a title, and its versions would go unheld. The entries of a title that the account
//! has lost as a whole do not count: that is a title's loss.

use std::collections::BTreeMap;

use crate::identity::known::TitleId;
use crate::removal::BestDay;
use crate::removal::limits::{Availability, Loss};

/// An entry that is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LostEntry {
    /// Whose entry it was.
    pub title: TitleId,
    /// How it is missing.
    pub availability: Availability,
    /// The complete run of its kind that first found it.
    pub since: i64,
    /// The complete run of its kind that first missed it.
    pub missing_since: i64,
}

/// The entries that an account has of one kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EntryCount {
    /// By how much the number of entries rose or fell with each complete run before this one, as far as the ledger
    /// still has them.
    changes: BTreeMap<i64, i64>,
    /// Entries that are there now, new ones among them.
    left: usize,
    /// Entries that the library has and the catalogue has no more, or the filter.
    losses: usize,
    /// Whether the filter has some of these no more.
    has_dropped: bool,
    /// Entries that the user has switched off, and that a person allows to go.
    switched_off: usize,
    allowed: usize,
    /// Entries that the filter takes in this run.
    taken: usize,
}

impl EntryCount {
    /// Counts an entry that is there, since a complete run. `is_new` says that it came in this run: it was not there
    /// before. `is_offered` says that it is counted by `add_offered`.
    pub fn add_present(&mut self, since: i64, is_new: bool, is_offered: bool) {
        self.left += usize::from(!is_offered);
        if !is_new {
            self.change(since, 1);
        }
    }

    /// Counts an entry that is missing, of a title that the account has others of.
    pub fn add_lost(&mut self, lost: LostEntry) {
        self.losses += 1;
        self.has_dropped |= lost.availability == Availability::Dropped;
        self.change(lost.since, 1);
        self.change(lost.missing_since, -1);
    }

    /// Counts an entry that the user has switched off.
    pub fn add_switched_off(&mut self) {
        self.switched_off += 1;
    }

    /// Counts entries of titles that were loaded.
    pub fn add_offered(&mut self, number: usize) {
        self.left += number;
    }

    /// Counts an entry that a person allows to go.
    pub fn add_allowed(&mut self) {
        self.allowed += 1;
    }

    /// Counts an entry that the filter takes in this run.
    pub fn add_taken(&mut self) {
        self.taken += 1;
    }

    fn change(&mut self, run: i64, by: i64) {
        *self.changes.entry(run).or_default() += by;
    }

    /// The most entries that were there at one time: what came in the place of others counts once.
    fn had(&self) -> usize {
        let numbers = self.changes.values().scan(0, |number: &mut i64, change| {
            *number += change;
            Some(*number)
        });
        usize::try_from(numbers.max().unwrap_or(0)).unwrap_or(0)
    }

    /// What is missing; `best` are the best numbers within the last days.
    pub fn loss(&self, best: Option<BestDay>) -> Loss {
        let had = self.had();
        let by_will = self.switched_off + self.allowed + self.taken;
        let past = best.map_or(0, |best| best.highest.saturating_sub(by_will));
        let highest = had + self.switched_off + self.allowed;
        Loss {
            losses_now: self.losses,
            had: BestDay { highest, offered: 0, run: 0 },
            left: self.left,
            highest: past.max(had),
            // An entry that is exchanged for another of the title is none that is missing.
            exchanged: 0,
            of_best_day: 0,
            has_dropped: self.has_dropped,
            has_let_in: false,
        }
    }
}

#[cfg(test)]
mod tests;
