//! What became of a title's plan on disk, and what follows: what listeners are told and what the ledger records, by
//! one rule.

use crate::event::{Reason, TitleOutcome};
use crate::hash::{ContentHash, Fingerprint, Written};
use crate::identity::known::{Cause, TitleId};
use crate::model::file::FileKey;
use crate::model::media::{EpisodeStream, MeasuredStream, Title};
use crate::model::ownership::Ownership;
use crate::model::stamp::StreamId;
use crate::plan::{Change, EpisodeChanges, FileChange, PlannedFile, TitlePlan, UnwantedFile};
use crate::render::Desired;
use crate::text::with_flags;

/// When a folder changed that has to be looked at again: a time that no folder has. 0 is none, since it
/// stands for a folder that is gone.
pub const UNKNOWN_TIME: i64 = -1;

/// An error of the storage, as far as the outcome of a title depends on it.
pub trait Failure {
    /// Whether the storage as a whole is in trouble, so that going on would fail on every title.
    fn is_storage(&self) -> bool;

    /// The error and its cause.
    fn words(&self) -> String;

    /// What a person can do about it, where that is worth a word at each title; settings by their keys.
    fn hint(&self) -> Option<&'static str>;
}

/// What became of one file; `E` is the error of the storage.
#[derive(Debug, PartialEq, Eq)]
pub enum FileResult<E> {
    /// It is on disk as planned; the reason says whether it was written.
    Right(Reason),
    /// It was left alone because it is not ours (any more).
    Left(Reason),
    /// It could not be written.
    Failed(E),
    /// It was not tried, because the storage failed before, or the run was to stop.
    NotTried,
}

impl<E: Failure> FileResult<E> {
    /// Why the file is not as it should be, as a sentence.
    pub fn problem(&self) -> Option<String> {
        match self {
            FileResult::Failed(error) => Some(match error.hint() {
                Some(hint) => format!("{}; {}", error.words(), with_flags(hint)),
                None => error.words(),
            }),
            FileResult::Left(Reason::ForeignFile) => {
                Some("a file that is not ours is in the way".to_owned())
            }
            FileResult::Right(_) | FileResult::Left(_) | FileResult::NotTried => None,
        }
    }
}

/// What became of a title: one result per planned file, in the plan's order; `E` is the error of the storage.
#[derive(Debug)]
pub struct TitleResult<E> {
    /// The results.
    pub files: Vec<FileResult<E>>,
    /// When the title's folders last changed, after all that was written: path below the title's
    /// folder, and nanoseconds since 1970. Empty when nothing was written, or it is not known.
    pub folders: Vec<(String, i64)>,
    /// The files that have their new names.
    pub renamed: Vec<FileKey>,
    /// Files that are not wanted any more, and hold what a run that was cut off wrote: key and content.
    pub recognised: Vec<(FileKey, Written)>,
    /// Companions of renamed `.strm` files that went along: paths below the title's folder, before and
    /// after.
    pub companions: Vec<(String, String)>,
    /// Whose the folder is, where this came to light; otherwise it is as the ledger has it.
    pub ownership: Ownership,
    /// What a run that was cut off left in the folder, and that went. Paths below the
    /// title's folder.
    pub strays: Vec<String>,
    /// Why something that a run that was cut off left in the folder is still there.
    pub stray: Option<E>,
}

impl<E> TitleResult<E> {
    /// Results of files, and nothing else that came to light.
    pub fn of(files: Vec<FileResult<E>>) -> TitleResult<E> {
        TitleResult {
            files,
            folders: Vec::new(),
            renamed: Vec::new(),
            recognised: Vec::new(),
            companions: Vec::new(),
            ownership: Ownership::Unknown,
            strays: Vec::new(),
            stray: None,
        }
    }

    /// The same result for each file.
    pub fn all(plan: &TitlePlan, result: impl Fn() -> FileResult<E>) -> TitleResult<E> {
        TitleResult::of(plan.files().map(|_| result()).collect())
    }

    /// Nothing of the title was tried.
    pub fn not_tried(plan: &TitlePlan) -> TitleResult<E> {
        TitleResult::all(plan, || FileResult::NotTried)
    }

    /// Whether every file is as planned, or an edit that is respected, and nothing else of ours is there.
    pub fn is_right(&self) -> bool {
        let is_good = |file: &FileResult<E>| {
            matches!(file, FileResult::Right(_) | FileResult::Left(Reason::UserEdited))
        };
        self.stray.is_none() && self.files.iter().all(is_good)
    }

    /// Whether a file was written.
    fn has_written(&self) -> bool {
        use Reason::{Created, Restored, Updated};
        let is_written =
            |it: &FileResult<E>| matches!(it, FileResult::Right(Created | Updated | Restored));
        self.files.iter().any(is_written)
    }

    /// Whether the title was not even begun.
    pub fn is_untried(&self) -> bool {
        !self.files.is_empty() && self.files.iter().all(|file| matches!(file, FileResult::NotTried))
    }

    /// Whether every file came out one way or the other: none failed, none was not tried.
    pub fn is_settled(&self) -> bool {
        let is_open =
            |file: &FileResult<E>| matches!(file, FileResult::Failed(_) | FileResult::NotTried);
        self.stray.is_none() && !self.files.iter().any(is_open)
    }

    /// Whether a title that had nothing to play has got its first file that can be played.
    pub fn is_filled(&self, plan: &TitlePlan) -> bool {
        !plan.had_files && self.has_strm(plan)
    }

    /// Whether a file that can be played is as planned.
    pub fn has_strm(&self, plan: &TitlePlan) -> bool {
        let mut results = plan.files().zip(&self.files);
        results.any(|(planned, result)| {
            planned.file.key.is_strm() && matches!(result, FileResult::Right(_))
        })
    }
}

impl<E: Failure> TitleResult<E> {
    /// The storage's error, when it failed as a whole.
    pub fn storage_error(self) -> Option<E> {
        let error = |file| match file {
            FileResult::Failed(error) => Some(error),
            FileResult::Right(_) | FileResult::Left(_) | FileResult::NotTried => None,
        };
        let errors = self.files.into_iter().filter_map(error).chain(self.stray);
        errors.into_iter().find(E::is_storage)
    }

    /// Why the title is not right, as a sentence; `None` when nobody has to do anything about it.
    pub fn problem(&self) -> Option<String> {
        let of_files = self.files.iter().find_map(FileResult::problem);
        of_files.or_else(|| self.stray.as_ref().map(E::words))
    }
}

impl Change {
    /// Why a file is written where none is.
    pub fn reason(self) -> Reason {
        match self {
            Change::Create | Change::Keep => Reason::Created,
            Change::Restore | Change::Replace(_) => Reason::Restored,
        }
    }
}

impl TitlePlan {
    /// Whether a known title has no file any more, and gets some.
    pub fn is_back(&self) -> bool {
        let mut files = self.files().peekable();
        files.peek().is_some() && files.all(|file| file.change == Change::Create)
    }
}

/// What is known of a title after its plan was applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TitleRecord {
    /// The title, for its identity; its episodes are not looked at.
    pub title: Title,
    /// What it is recognised by besides, of a playlist's series.
    pub episode_streams: Vec<EpisodeStream>,
    /// What was measured of the streams that are played.
    pub measured: Vec<MeasuredStream>,
    /// Its entry; `None` makes one.
    pub known: Option<TitleId>,
    /// Its folder, if it has one.
    pub folder: Option<String>,
    /// The title that a series' NFO gives; `None` leaves it as the ledger has it.
    pub nfo_title: Option<String>,
    /// Zero when it has to be looked at again.
    pub fingerprint: Fingerprint,
    /// The rules by which its folder and files are named; `None` when they still have to be renamed.
    pub naming: Option<Fingerprint>,
    /// The filter by which its streams were evaluated; `None` without one, or when it is not known.
    pub filter: Option<Fingerprint>,
    /// Why it is not right; `None` when it is.
    pub problem: Option<String>,
    /// What the history says of it; `None` when there is nothing to tell.
    pub what: Option<TitleOutcome>,
    /// What is to be known of its files.
    pub files: Vec<FileNote>,
    /// It has got its first files that can be played.
    pub is_filled: bool,
    /// Which episodes went at the user's will.
    pub episodes: EpisodeChanges,
    /// The title's folders that were written to, and when: path below the title's folder, and
    /// nanoseconds since 1970.
    pub folders: Vec<(String, i64)>,
    /// Whose the folder is; where that is not known, it is as the ledger has it.
    pub ownership: Ownership,
}

impl TitleRecord {
    /// How many of its files were written, or have another name.
    pub fn changed(&self) -> usize {
        self.files.iter().filter(|note| note.is_change()).count()
    }

    /// Whether some of its files were written.
    pub fn has_written(&self) -> bool {
        self.files.iter().any(|note| matches!(note, FileNote::Written(_)))
    }
}

/// What the ledger is to know of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileNote {
    /// It is on disk like this.
    Written(FileRecord),
    /// It has another name: its path below the title's folder.
    Renamed(FileKey, String),
    /// It holds this, which the ledger did not know.
    Holds(FileKey, Written),
    /// It stays as it is, and plays this account's stream: that one.
    Reassigned(FileKey, Option<i64>, Option<StreamId>),
    /// It is wanted again.
    Revived(FileKey),
    /// Nothing wants it any more: why, and whose loss it stands for.
    Unwanted(FileKey, Cause, Option<i64>),
    /// It is gone, and nothing wants it any more.
    Forgotten(FileKey),
}

impl FileNote {
    /// Whether the file was written, or has another name.
    pub fn is_change(&self) -> bool {
        matches!(self, FileNote::Written(_) | FileNote::Renamed(..))
    }
}

/// A file that is on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileRecord {
    /// What it is for.
    pub key: FileKey,
    /// Path below the title's folder.
    pub path: String,
    /// Bytes.
    pub size: u64,
    /// Their hash.
    pub hash: ContentHash,
    /// Of a `.strm`: the account whose stream it plays; `None` when that is not known.
    pub account: Option<i64>,
    /// Of a `.strm`: that stream; `None` when that is not known.
    pub stream: Option<StreamId>,
}

impl From<PlannedFile> for FileRecord {
    fn from(planned: PlannedFile) -> FileRecord {
        let (file, hash) = (planned.file, planned.hash);
        let size = file.content.len() as u64;
        let Desired { key, path, account, stream, .. } = file;
        FileRecord { key, path, size, hash, account, stream }
    }
}

/// How a title came out, as listeners are told.
pub fn outcome<E>(plan: &TitlePlan, result: &TitleResult<E>) -> TitleOutcome {
    if !result.is_right() || plan.is_stuck {
        return TitleOutcome::Failed;
    }
    if let Some(by) = plan.title.left_out_by() {
        return TitleOutcome::Filtered(by);
    }
    match (&plan.folder, plan.known) {
        (None, _) => TitleOutcome::Empty,
        (Some(_), None) => TitleOutcome::New,
        (Some(_), Some(_)) if plan.is_back() => TitleOutcome::New,
        (Some(_), Some(_)) if result.has_written() => TitleOutcome::Changed,
        (Some(_), Some(_)) if plan.is_moved || !result.renamed.is_empty() => TitleOutcome::Moved,
        (Some(_), Some(_)) => TitleOutcome::Unchanged,
    }
}

/// What the ledger is to know of a title, and how it came out; no record of one that was not even begun.
pub fn settle<E: Failure>(
    plan: TitlePlan,
    result: &TitleResult<E>,
) -> (Option<TitleRecord>, TitleOutcome) {
    let outcome = outcome(&plan, result);
    let record = (!result.is_untried()).then(|| record(plan, result, outcome));
    (record, outcome)
}

fn record<E: Failure>(
    plan: TitlePlan,
    result: &TitleResult<E>,
    outcome: TitleOutcome,
) -> TitleRecord {
    let is_right = outcome != TitleOutcome::Failed;
    let is_filled = result.is_filled(&plan);
    // Without anything to play, a folder that was claimed is not the title's yet.
    let is_new_strm = |(file, result): (&PlannedFile, &FileResult<E>)| {
        file.file.key.is_strm() && is_new(file, result)
    };
    let has_strm = plan.files().zip(&result.files).any(is_new_strm);
    let has_folder = is_right || has_strm || plan.known.is_some();
    let files = notes(plan.changes, result, has_folder);
    let what = match outcome {
        TitleOutcome::Failed | TitleOutcome::New | TitleOutcome::Changed => Some(outcome),
        TitleOutcome::Unchanged => None,
        // The move of its folder is on record.
        TitleOutcome::Moved => (!plan.is_moved).then_some(outcome),
        _ if !files.iter().any(FileNote::is_change) => None,
        _ => Some(TitleOutcome::Changed),
    };
    // What the filter does not let through keeps its names; should it come back, they are looked at.
    let is_named = plan.known.is_none() || is_right && !plan.title.is_filtered();
    // A folder that lacks something must look changed next time.
    let folder_time =
        |(dir, time): &(String, i64)| (dir.clone(), if is_right { *time } else { UNKNOWN_TIME });
    let folders = if has_folder { result.folders.as_slice() } else { &[] };
    TitleRecord {
        episode_streams: plan.title.episode_streams(),
        measured: plan.title.measured(),
        title: Title { episodes: Vec::new(), ..plan.title },
        known: plan.known,
        what,
        folder: if has_folder { plan.folder } else { None },
        // Without a folder nobody would know that it is given away.
        nfo_title: if has_folder { plan.nfo_title } else { None },
        ownership: if has_folder { result.ownership } else { Ownership::Unknown },
        fingerprint: if is_right { plan.fingerprint } else { Fingerprint::default() },
        naming: is_named.then_some(plan.naming),
        filter: plan.filter,
        problem: result.problem(),
        files,
        is_filled,
        folders: folders.iter().map(folder_time).collect(),
        // What is not right yet is planned again, and counted then.
        episodes: if is_right { plan.episodes } else { EpisodeChanges::default() },
    }
}

/// Whether a file is on disk as planned, and the ledger has it otherwise or not at all. What stays as it is, since
/// nobody notices a difference, the ledger has.
fn is_new<E>(file: &PlannedFile, result: &FileResult<E>) -> bool {
    let is_there = matches!(result, FileResult::Right(reason) if *reason != Reason::SameToViewers);
    file.change != Change::Keep && is_there
}

/// What the ledger is to know of each file; of what was written, only if the title has a folder.
fn notes<E>(changes: Vec<FileChange>, result: &TitleResult<E>, has_folder: bool) -> Vec<FileNote> {
    let mut results = result.files.iter();
    let mut notes = Vec::with_capacity(changes.len());
    for change in changes {
        match change {
            FileChange::Want(file) => {
                let is_new = results.next().is_some_and(|it| is_new(&file, it)) && has_folder;
                let is_renamed = file.from.is_some() && result.renamed.contains(&file.file.key);
                let PlannedFile { is_revived, is_reassigned, .. } = file;
                let (key, path, account) = (&file.file.key, &file.file.path, file.file.account);
                notes.extend(is_renamed.then(|| FileNote::Renamed(key.clone(), path.clone())));
                notes.extend(is_revived.then(|| FileNote::Revived(key.clone())));
                let stays = is_reassigned && !is_new;
                let stream = file.file.stream;
                notes.extend(stays.then(|| FileNote::Reassigned(key.clone(), account, stream)));
                if is_new {
                    notes.push(FileNote::Written(file.into()));
                }
            }
            FileChange::Retire(UnwantedFile { key, account, cause, .. }) => {
                notes.push(FileNote::Unwanted(key, cause, account));
            }
            FileChange::Forget(key) => notes.push(FileNote::Forgotten(key)),
        }
    }
    let holds = result.recognised.iter().cloned();
    notes.extend(holds.map(|(key, written)| FileNote::Holds(key, written)));
    notes
}

#[cfg(test)]
mod tests;
