//! What somebody has deleted, in a dry run.

use std::collections::{HashMap, HashSet};

use vod2strm_core::identity::known::TitleId;
use vod2strm_core::render::slot::played;
use vod2strm_disk::ledger::Ledger;

use crate::error::RunError;
use crate::planner::Planner;

/// What somebody has deleted of titles that the catalogue has no more, as far as the ledger does not know it: that is
/// the user's will. A run tells the ledger, a dry run does not.
#[derive(Default)]
pub struct Deleted {
    /// The titles of which nothing is left to play.
    pub titles: HashSet<TitleId>,
    /// Episodes, by series and account.
    pub episodes: HashMap<(TitleId, i64), usize>,
}

impl Deleted {
    /// Asks the ledger what it knew of these; nothing unless it is a dry run.
    pub fn of(
        ledger: &Ledger,
        planner: &Planner<'_>,
        is_preview: bool,
    ) -> Result<Deleted, RunError> {
        let mut found = Deleted::default();
        let gone = planner.absent().map(|known| known.id).filter(|_| is_preview);
        let gone: Vec<TitleId> = gone.filter(|id| planner.deleted().contains_key(id)).collect();
        for (id, known) in ledger.titles(&gone)? {
            let is_gone = |slot: &str| planner.deleted()[&id].contains_key(slot);
            let strms = || known.files.iter().filter(|(slot, _)| played(slot).is_some());
            let mut places: HashMap<(i64, &str), bool> = HashMap::new();
            for (slot, file) in strms() {
                let place = played(slot).unwrap_or_default();
                let is_there = places.entry((file.account.unwrap_or(0), place)).or_default();
                *is_there |= !is_gone(slot);
            }
            for ((account, _), _) in places.into_iter().filter(|(_, is_there)| !is_there) {
                *found.episodes.entry((id, account)).or_default() += 1;
            }
            if strms().all(|(slot, _)| is_gone(slot)) {
                found.titles.insert(id);
            }
        }
        Ok(found)
    }

    /// Of this series, from this account.
    pub fn of_series(&self, title: TitleId, account: i64) -> usize {
        self.episodes.get(&(title, account)).copied().unwrap_or(0)
    }

    /// Of all series, from this account.
    pub fn of_account(&self, account: i64) -> usize {
        self.episodes.iter().filter(|((_, it), _)| *it == account).map(|(_, number)| number).sum()
    }
}
