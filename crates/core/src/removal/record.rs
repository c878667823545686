//! What goes of a title, what became of that, and what the ledger is to know of it all.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use crate::hash::Written;
use crate::hold::{HoldId, HoldKey, KnownHold};
use crate::identity::known::{KnownStream, TitleId};
use crate::model::file::FileKey;
use crate::model::media::Kind;
use crate::model::ownership::Ownership;
use crate::plan::settle::Failure;
use crate::removal::accounts::Will;
use crate::removal::{AccountContent, BestDay};

/// A file that is to go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileRemoval {
    /// What it was for.
    pub key: FileKey,
    /// Path below the title's folder.
    pub path: String,
    /// What we wrote; `None` when it was seen to be gone.
    pub written: Option<Written>,
}

/// What is to go of one title.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TitleRemoval {
    /// Whose files.
    pub title: TitleId,
    /// The title's folder, below the output folder; empty when it has none.
    pub folder: String,
    /// The files.
    pub files: Vec<FileRemoval>,
    /// Whether it is all that the ledger has of the title.
    pub is_whole: bool,
    /// Whose the folder is: one that may be the user's stays, whatever is in it.
    pub ownership: Ownership,
    /// Folders that were written to, below the title's.
    pub dirs: Vec<String>,
}

/// What became of a file; `E` is the error of the storage.
#[derive(Debug, PartialEq, Eq)]
pub enum FileOutcome<E> {
    /// It is gone.
    Removed,
    /// It was gone already.
    Gone,
    /// It is not what we wrote, and stays.
    NotOurs,
    /// It could not be removed.
    Failed(E),
    /// It was not tried: the storage failed before, or the run was to cancel.
    NotTried,
}

/// What became of a removal: one outcome per file, in its order; `E` is the error of the storage.
#[derive(Debug)]
pub struct Removed<E> {
    /// The outcomes.
    pub files: Vec<FileOutcome<E>>,
    /// What a run that was cut off left besides, and that went. Paths below the title's
    /// folder.
    pub strays: Vec<String>,
    /// Folders that are gone, below the title's folder; empty stands for that folder itself.
    pub folders: Vec<String>,
    /// Folders of ours that are not empty, below the title's folder.
    pub occupied: Vec<String>,
    /// The title's folder is still there although nothing in it is ours.
    pub keeps_others: bool,
}

impl<E> Removed<E> {
    /// Outcomes of files, and nothing else that came to light.
    pub fn of(files: Vec<FileOutcome<E>>) -> Removed<E> {
        let (strays, folders, occupied) = (Vec::new(), Vec::new(), Vec::new());
        Removed { files, strays, folders, occupied, keeps_others: false }
    }

    /// Nothing of the removal was tried.
    pub fn not_tried(removal: &TitleRemoval) -> Removed<E> {
        Removed::of(removal.files.iter().map(|_| FileOutcome::NotTried).collect())
    }
}

impl<E: Failure> Removed<E> {
    /// The storage's error, when it failed as a whole.
    pub fn storage_error(self) -> Option<E> {
        self.files.into_iter().find_map(|outcome| match outcome {
            FileOutcome::Failed(error) if error.is_storage() => Some(error),
            _ => None,
        })
    }
}

/// What was removed of a title, as the ledger is to know it.
#[derive(Debug, PartialEq, Eq)]
pub struct RemovalRecord {
    /// Whose files.
    pub title: TitleId,
    /// The title's folder, below the output folder.
    pub folder: String,
    /// The files that are gone, or are not ours any more.
    pub gone: Vec<FileKey>,
    /// NFOs that somebody has edited: they are the user's from now on.
    pub kept: Vec<FileKey>,
    /// The folders below the title's that are gone; all others may have lost entries.
    pub folders: Vec<String>,
    /// The folders below the title's that are not empty.
    pub occupied: Vec<String>,
    /// The user's will or a permission took it.
    pub is_let_go: bool,
    /// The same of single files.
    pub let_go: Vec<FileKey>,
}

impl RemovalRecord {
    /// The files that are gone, or are not ours any more, to look some up.
    pub fn gone_keys(&self) -> HashSet<&FileKey> {
        self.gone.iter().collect()
    }

    /// What the ledger is to know of a removal: what is gone is forgotten, and what is not ours is no
    /// more our business. What failed or was not tried stays as it is.
    pub fn of<E>(removal: &TitleRemoval, removed: &Removed<E>, is_let_go: bool) -> RemovalRecord {
        let (mut gone, mut kept) = (Vec::new(), Vec::new());
        for (file, outcome) in removal.files.iter().zip(&removed.files) {
            match outcome {
                FileOutcome::Failed(_) | FileOutcome::NotTried => {}
                // When it is wanted again, it is an edit that is respected, and no stranger's file.
                FileOutcome::NotOurs if !file.key.is_strm() => kept.push(file.key.clone()),
                FileOutcome::Removed | FileOutcome::Gone | FileOutcome::NotOurs => {
                    gone.push(file.key.clone())
                }
            }
        }
        let (folder, folders) = (removal.folder.clone(), removed.folders.clone());
        let (title, let_go) = (removal.title, Vec::new());
        let occupied = removed.occupied.clone();
        RemovalRecord { title, folder, gone, kept, folders, occupied, is_let_go, let_go }
    }
}

/// What a run that has read all titles of some kinds tells the ledger at its end.
#[derive(Debug, Default)]
pub struct Completed {
    /// The kinds.
    pub kinds: Vec<Kind>,
    /// The day, in days since 1970.
    pub day: i64,
    /// Titles that the catalogue does not have since this run.
    pub missing_titles: Vec<TitleId>,
    /// Streams that the catalogue does not have, or that were dropped, since this run.
    pub missing_streams: Vec<KnownStream>,
    /// Streams that have been missing for long enough, or whose loss is allowed: it is accepted.
    pub accepted: Vec<KnownStream>,
    /// Streams whose account or category the user has switched off since the last run.
    pub switched_off: Vec<KnownStream>,
    /// What the library had when the run began; by scope.
    pub had: BTreeMap<AccountContent, BestDay>,
    /// What the user's will took in this run, by scope; and not by what the filter took, which is known already.
    pub lowered: BTreeMap<AccountContent, usize>,
    /// What went in this run at the user's will, or with permission: it was told of when it went.
    pub let_go: BTreeMap<AccountContent, usize>,
    /// The accounts of which something is held, whoever holds it: what the user's will has let in of them still makes
    /// up for no loss.
    pub held: BTreeSet<(Kind, i64)>,
    /// The user's will in this run; `None` when it is as before.
    pub will: Option<Will>,
    /// The holds, if the run makes some.
    pub holds: Option<Holds>,
}

/// What a run holds.
#[derive(Debug, Default)]
pub struct Holds {
    /// All that last, or begin.
    pub ids: BTreeMap<HoldKey, HoldId>,
    /// Titles that are held by another hold than before; `None`: by none any more.
    pub titles: Vec<(TitleId, Option<HoldId>)>,
    /// The same of files.
    pub files: Vec<(TitleId, FileKey, Option<HoldId>)>,
    /// The run has a cleanup: it has looked for all that is to be held.
    pub is_cleanup: bool,
}

impl Holds {
    /// Lets these holds last, whatever the run has seen of them.
    pub fn keep<'a>(&mut self, holds: impl Iterator<Item = &'a KnownHold>) {
        for hold in holds {
            self.ids.entry(hold.key.clone()).or_insert(hold.id);
        }
    }
}

#[cfg(test)]
mod tests;
