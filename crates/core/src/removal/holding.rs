//! What a run holds, and what is held no longer: collected title by title, for listeners and the ledger.

use std::collections::{BTreeMap, HashSet};

use crate::event::TitleOutcome;
use crate::hold::{Hold, HoldId, HoldKey, KnownHold, named};
use crate::identity::known::TitleId;
use crate::model::file::FileKey;
use crate::removal::candidate::Candidate;
use crate::removal::decide::Removal;
use crate::removal::record::Holds;

/// What is held for one reason.
#[derive(Debug, Default)]
pub struct HeldTitles {
    /// Titles of which something is held.
    pub titles: u64,
    /// Their files that are held.
    pub files: u64,
    items: Vec<HeldItem>,
}

/// A title that is held, or one of its files.
#[derive(Debug)]
struct HeldItem {
    title: TitleId,
    /// The file; `None` for the title as a whole.
    key: Option<FileKey>,
    /// The hold that kept it until now.
    before: Option<HoldId>,
}

/// What a run holds, and what is held no longer.
#[derive(Debug, Default)]
pub struct Holding {
    held: BTreeMap<Hold, HeldTitles>,
    /// What was held before, and waits now: a title, or one of its files.
    released: Vec<(TitleId, Option<FileKey>)>,
}

impl Holding {
    /// Notes what is decided of a candidate's files. Says how the title came out, if something of it is held or waits.
    pub fn note(&mut self, candidate: &Candidate, files: &[Removal]) -> Option<TitleOutcome> {
        let (mut held, mut waits) = (BTreeMap::<&Hold, Vec<HeldItem>>::new(), false);
        for ((file, unwanted), decision) in candidate.files.iter().zip(files) {
            let title = candidate.title;
            let key = (!candidate.is_missing()).then(|| file.key.clone());
            let before = candidate.held_by(*unwanted);
            match decision {
                Removal::Now => {}
                Removal::AfterGrace => {
                    waits = true;
                    if before.is_some() {
                        self.release(title, key);
                    }
                }
                Removal::Held(hold) => {
                    held.entry(hold).or_default().push(HeldItem { title, key, before });
                }
            }
        }
        let outcome = match (held.is_empty(), waits) {
            (false, _) => Some(TitleOutcome::Held),
            (true, true) => Some(TitleOutcome::Waiting),
            (true, false) => None,
        };
        for (hold, mut items) in held {
            let all = self.held.entry(hold.clone()).or_default();
            all.titles += 1;
            all.files += items.len() as u64;
            if candidate.is_missing() {
                // It is held as a whole.
                items.truncate(1);
            }
            all.items.extend(items);
        }
        outcome
    }

    fn release(&mut self, title: TitleId, key: Option<FileKey>) {
        let item = (title, key);
        if self.released.last() != Some(&item) {
            self.released.push(item);
        }
    }

    /// Keeps what is left out alone: that waits for a person without a cleanup, too.
    pub fn keep_left_out(&mut self) {
        self.held.retain(|hold, _| hold.reason.leaves_out());
        self.released.clear();
    }

    /// The holds, and how much each keeps.
    pub fn held(&self) -> impl Iterator<Item = (&Hold, &HeldTitles)> {
        self.held.iter()
    }

    /// The ids of the holds: those of `known` that last keep theirs, those in `ended` do not, and `run` gives new ones.
    pub fn ids(
        &self,
        run: i64,
        known: &[KnownHold],
        ended: &HashSet<HoldId>,
    ) -> BTreeMap<HoldKey, HoldId> {
        named(run, known, ended, self.held.keys().map(Hold::key))
    }

    /// What the ledger is to know of what is held now by another hold than before.
    pub fn into_holds(self, ids: BTreeMap<HoldKey, HoldId>, is_cleanup: bool) -> Holds {
        let mut holds = Holds { ids, is_cleanup, ..Holds::default() };
        let mut add = |title, key: Option<FileKey>, id| match key {
            Some(key) => holds.files.push((title, key, id)),
            None => holds.titles.push((title, id)),
        };
        for (title, key) in self.released {
            add(title, key, None);
        }
        for (hold, held) in self.held {
            let id = holds.ids.get(&hold.key()).copied();
            for item in held.items.into_iter().filter(|item| item.before != id) {
                add(item.title, item.key, id);
            }
        }
        holds
    }
}

#[cfg(test)]
mod tests;
