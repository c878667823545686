//! What became of titles and their files on disk.

use vod2strm_core::event::Reason;
use vod2strm_core::hash::Written;
use vod2strm_core::plan::{Change, PlannedFile, TitlePlan};

use crate::fs::tree::TreeError;

/// What became of one file.
#[derive(Debug)]
pub enum FileOutcome {
    /// It is on disk as planned; the reason says whether it was written.
    Right(Reason),
    /// It was left alone because it is not ours (any more).
    Left(Reason),
    /// It could not be written.
    Failed(TreeError),
    /// It was not tried, because the storage failed before, or the run was to stop.
    NotTried,
}

/// What became of a title: one outcome per planned file, in the plan's order.
#[derive(Debug)]
pub struct Applied {
    /// The outcomes.
    pub files: Vec<FileOutcome>,
    /// When the title's folders last changed, after all that was written: path below the title's
    /// folder, and nanoseconds since 1970. Empty when nothing was written, or it is not known.
    pub folders: Vec<(String, i64)>,
    /// Slots of the files that have their new names.
    pub renamed: Vec<String>,
    /// Files that are not wanted any more, and hold what a run that was cut off wrote: slot and content.
    pub recognised: Vec<(String, Written)>,
    /// Companions of renamed `.strm` files that went along: paths below the title's folder, before and
    /// after.
    pub companions: Vec<(String, String)>,
    /// Whether the folder is the user's, where this came to light: it was there before the title.
    pub is_shared: Option<bool>,
    /// What a run that was cut off left in the folder, and that went; in a foresight: would go. Paths below the
    /// title's folder.
    pub strays: Vec<String>,
    /// Why something that a run that was cut off left in the folder is still there.
    pub stray: Option<TreeError>,
}

impl Applied {
    /// The outcome on a disk on which nothing is.
    pub fn as_planned(plan: &TitlePlan) -> Applied {
        let outcome = |file: &PlannedFile| FileOutcome::Right(reason_of(file.change));
        files_only(plan.files.iter().map(outcome).collect())
    }

    /// Whether every file is as planned, or an edit that is respected, and nothing else of ours is there.
    pub fn is_right(&self) -> bool {
        let good = |file: &FileOutcome| {
            matches!(file, FileOutcome::Right(_) | FileOutcome::Left(Reason::UserEdited))
        };
        self.stray.is_none() && self.files.iter().all(good)
    }

    /// Whether the title was not even begun.
    pub fn is_untried(&self) -> bool {
        !self.files.is_empty()
            && self.files.iter().all(|file| matches!(file, FileOutcome::NotTried))
    }

    /// Whether every file came out one way or the other: none failed, none was not tried.
    pub fn is_settled(&self) -> bool {
        let is_open =
            |file: &FileOutcome| matches!(file, FileOutcome::Failed(_) | FileOutcome::NotTried);
        self.stray.is_none() && !self.files.iter().any(is_open)
    }

    /// The storage's error, when it failed as a whole.
    pub fn storage_error(self) -> Option<TreeError> {
        let error = |file| match file {
            FileOutcome::Failed(error) => Some(error),
            _ => None,
        };
        let errors = self.files.into_iter().filter_map(error).chain(self.stray);
        errors.into_iter().find(TreeError::is_storage)
    }
}

/// Why a file is written where none is.
pub(crate) fn reason_of(change: Change) -> Reason {
    match change {
        Change::Create | Change::Keep => Reason::Created,
        Change::Restore | Change::Replace(_) => Reason::Restored,
    }
}

/// The same outcome for each file.
pub(crate) fn all(plan: &TitlePlan, outcome: impl Fn() -> FileOutcome) -> Applied {
    files_only(plan.files.iter().map(|_| outcome()).collect())
}

/// Outcomes of files, and nothing else that came to light.
pub(crate) fn files_only(files: Vec<FileOutcome>) -> Applied {
    Applied {
        files,
        folders: Vec::new(),
        renamed: Vec::new(),
        recognised: Vec::new(),
        companions: Vec::new(),
        is_shared: None,
        strays: Vec::new(),
        stray: None,
    }
}
