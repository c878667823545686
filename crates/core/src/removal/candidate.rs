//! A title of which something may have to go, as the ledger has it.

use std::collections::{HashMap, HashSet};

use crate::hold::HoldId;
use crate::identity::known::{Cause, Known, KnownTitle, TitleId, Unwanted};
use crate::model::file::FileKey;
use crate::model::media::Kind;
use crate::model::ownership::Ownership;
use crate::naming::TitleFolder;
use crate::plan::count_played;
use crate::removal::record::FileRemoval;

/// A title that something has to be decided of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UndecidedTitle {
    /// Its entry in the ledger.
    pub id: TitleId,
    /// Movie or series.
    pub kind: Kind,
    /// Of a missing title: how many complete runs have missed it before.
    pub missing_runs: Option<u32>,
}

/// The cases of these kinds: missing titles, and those of `unwanted`, which have files that nothing wants.
pub fn cases<'a>(
    missing: impl Iterator<Item = &'a Known>,
    unwanted: Vec<(TitleId, Kind)>,
    kinds: &[Kind],
) -> Vec<UndecidedTitle> {
    let missing = missing.map(|known| {
        let Known { id, kind, missing_runs, .. } = *known;
        UndecidedTitle { id, kind, missing_runs: Some(missing_runs) }
    });
    let mut cases: Vec<UndecidedTitle> = missing.collect();
    let is_missing: HashSet<TitleId> = cases.iter().map(|case| case.id).collect();
    let unwanted = unwanted.into_iter().filter(|(id, _)| !is_missing.contains(id));
    cases.extend(unwanted.map(|(id, kind)| UndecidedTitle { id, kind, missing_runs: None }));
    cases.retain(|case| kinds.contains(&case.kind));
    cases.sort_unstable_by_key(|case| (case.kind, case.id));
    cases
}

/// A title of which something may have to go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Its entry in the ledger.
    pub title: TitleId,
    /// Movie or series.
    pub kind: Kind,
    /// Its name.
    pub name: String,
    /// Its year.
    pub year: Option<i32>,
    /// Its folder, below the output folder; `None` when it never had one.
    pub folder: Option<String>,
    /// The files in question, and why they are.
    pub files: Vec<(FileRemoval, Option<Unwanted>)>,
    /// The accounts whose streams these files play, as far as they are known.
    pub accounts: HashMap<FileKey, i64>,
    /// Of a missing title: how many complete runs have missed it before.
    pub missing_runs: Option<u32>,
    /// The hold that keeps it, of a missing title.
    pub hold: Option<HoldId>,
    /// How many files it has, those that are wanted included.
    pub of: usize,
    /// How many movies or episodes it plays, and the most that it played within the last days; what the user's
    /// will took is not counted.
    pub played: (usize, usize),
    /// Whether the filter lets none of it through.
    pub is_filtered: bool,
    /// Files of missing episodes that the source has not fetched since.
    pub unfetched: HashSet<FileKey>,
    /// Whose the folder is: one that may be the user's stays.
    pub ownership: Ownership,
    /// Folders below it that were written to.
    pub dirs: Vec<String>,
}

impl Candidate {
    /// A title of the ledger.
    pub fn known(
        id: TitleId,
        kind: Kind,
        known: &KnownTitle,
        missing_runs: Option<u32>,
    ) -> Candidate {
        let files = known.files.iter().filter(|(_, file)| !file.is_kept());
        let of = files.clone().count();
        let strms = || {
            let strms = known.files.iter().filter(|(key, _)| key.is_strm());
            strms.filter(|(_, file)| file.unwanted.is_none_or(|it| it.cause == Cause::Catalogue))
        };
        let played = |is_all: bool| {
            let files = strms().filter(move |(_, file)| is_all || file.unwanted.is_none());
            count_played(files.map(|(key, _)| key))
        };
        let accounts = known.files.iter().filter_map(|(key, it)| Some((key.clone(), it.account?)));
        let files = files.filter(|(_, file)| missing_runs.is_some() || file.unwanted.is_some());
        let files = files.map(|(key, file)| {
            let (key, path) = (key.clone(), file.path.clone());
            (FileRemoval { key, path, written: file.written() }, file.unwanted)
        });
        Candidate {
            title: id,
            kind,
            name: known.name.clone(),
            year: known.year,
            folder: known.folder.as_ref().map(|folder| TitleFolder::new(kind, folder).to_string()),
            files: files.collect(),
            accounts: accounts.collect(),
            missing_runs,
            hold: known.hold,
            of,
            played: (played(false), played(true).max(known.most_episodes)),
            is_filtered: known.is_filtered,
            unfetched: HashSet::new(),
            ownership: known.ownership,
            dirs: Vec::new(),
        }
    }

    /// Whether the catalogue no longer has it.
    pub fn is_missing(&self) -> bool {
        self.missing_runs.is_some()
    }

    /// The hold that keeps a file, or the title as a whole.
    pub fn held_by(&self, unwanted: Option<Unwanted>) -> Option<HoldId> {
        match self.missing_runs {
            Some(_) => self.hold,
            None => unwanted.and_then(|unwanted| unwanted.hold),
        }
    }

    /// The account whose stream a file played; of an NFO, the first one whose streams are missing.
    pub fn account_of(&self, key: &FileKey) -> Option<i64> {
        // A file that names its account, as nearly all do, has to look at no other.
        let first = || {
            let is_missing =
                |it: &Option<Unwanted>| it.is_some_and(|it| it.cause == Cause::Catalogue);
            let missing = self.files.iter().filter(|(_, it)| is_missing(it));
            missing.filter_map(|(file, _)| self.accounts.get(&file.key)).min()
        };
        self.accounts.get(key).or_else(first).copied()
    }
}

#[cfg(test)]
mod tests;
