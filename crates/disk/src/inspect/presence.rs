//! Is the library still there? Folders are asked when an entry last came or went: one call a folder,
//! none a file. Only folders that changed are listed.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use vod2strm_core::cancel::Cancel;
use vod2strm_core::identity::known::{KnownFile, KnownFiles, TitleId};
use vod2strm_core::model::file::FileKey;
use vod2strm_core::model::media::Kind;
use vod2strm_core::model::ownership::Ownership;
use vod2strm_core::naming::TitleFolder;
use vod2strm_core::path::RelPath;

use crate::apply::ownership::{Occupant, Ours};
use crate::apply::remove::OccupiedFolder;
use crate::apply::workers::WorkerPool;
use crate::fs::staging::{clear, staging};
use crate::fs::tree::{Listing, Tree, TreeError};
use crate::fs::{Entry, EntryKind};
use crate::ledger::{FolderStamp, Ledger, LedgerError};

/// Folders that a worker asks at a time.
const PART: usize = 64;

/// What was found.
#[derive(Debug, Default)]
pub struct Presence {
    /// Files that are gone, by title, with their paths below the output folder.
    pub gone: HashMap<TitleId, BTreeMap<FileKey, String>>,
    /// `.strm` files that hold something else, by title. Only a look at everything finds them.
    pub edited: HashMap<TitleId, BTreeSet<FileKey>>,
    /// Titles that a run which was cut off was writing: the ledger may be behind the disk.
    pub unsure: HashSet<TitleId>,
    /// Folders of ours that were to go when somebody's files were in them.
    pub occupied: Vec<OccupiedFolder>,
    /// Titles of which a folder or file could not be looked at, and the first error.
    pub unread: HashMap<TitleId, TreeError>,
    /// Folders in which entries came or went, and all of ours are there: when they changed now.
    pub moved: Vec<FolderStamp>,
    /// Titles of which the ledger does not know whose their folders are, and whose they are.
    pub ownership: HashMap<TitleId, (Kind, Ownership)>,
}

impl Presence {
    /// Whether everything is there, as the ledger has it.
    pub fn is_whole(&self) -> bool {
        self.gone.is_empty()
            && self.edited.is_empty()
            && self.unsure.is_empty()
            && self.unread.is_empty()
            && self.ownership.is_empty()
    }

    /// Whose a title's folder turned out to be; nothing when the ledger knows.
    pub fn ownership(&self, title: TitleId) -> Ownership {
        self.ownership.get(&title).map_or(Ownership::Unknown, |(_, whose)| *whose)
    }

    /// Whether nothing of a title's files is there.
    pub fn is_all_gone(&self, title: TitleId, files: &KnownFiles) -> bool {
        let gone = self.gone.get(&title);
        gone.is_some_and(|gone| files.keys().all(|key| gone.contains_key(key)))
    }

    /// Whether something of a title may not be as the ledger has it.
    pub fn is_suspect(&self, title: TitleId) -> bool {
        self.gone.contains_key(&title)
            || self.edited.contains_key(&title)
            || self.must_be_read(title)
    }

    /// Whether each of a title's files has to be looked at: what the folders say is not enough.
    pub fn must_be_read(&self, title: TitleId) -> bool {
        self.unsure.contains(&title) || self.unread.contains_key(&title)
    }

    /// Notes a file that is not as it should be. What somebody edited is respected.
    pub fn note_difference(&mut self, found: FileDifference) {
        let is_respected = found.is_respected();
        let FileDifference { title, key, path, what } = found;
        match what {
            DifferenceKind::Gone => drop(self.gone.entry(title).or_default().insert(key, path)),
            DifferenceKind::Unread(error) => drop(self.unread.entry(title).or_insert(error)),
            DifferenceKind::Changed | DifferenceKind::Damaged | DifferenceKind::Strange(_)
                if !is_respected =>
            {
                self.edited.entry(title).or_default().insert(key);
            }
            DifferenceKind::Changed | DifferenceKind::Damaged | DifferenceKind::Strange(_) => {}
        }
    }

    /// Keeps the first error of a title; gives the error on if the storage failed as a whole.
    fn note(&mut self, title: TitleId, error: TreeError) -> Result<(), TreeError> {
        if error.is_storage() {
            return Err(error);
        }
        self.unread.entry(title).or_insert(error);
        Ok(())
    }
}

/// Why the library could not be looked at.
#[derive(Debug, thiserror::Error)]
pub enum PresenceError {
    /// The ledger.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The storage.
    #[error(transparent)]
    Tree(#[from] TreeError),
}

/// What the times of folders prove on a file system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FolderTimes {
    /// Each entry that comes or goes moves them.
    Kept,
    /// The same, but they are whole seconds, or pairs of them: a time proves nothing until it is older than that.
    /// `now` is in nanoseconds since 1970.
    Coarse {
        /// When the run began.
        now: i64,
    },
    /// Nothing.
    NotKept,
}

/// FAT's times are even seconds, the coarsest that there are; in nanoseconds, and a second for a clock that is
/// not quite ours.
const COARSEST: i64 = 3_000_000_000;

impl FolderTimes {
    /// Whether a folder that has this time still, and had all of ours when it was looked at, has it all. Some
    /// file systems have no times of folders and say 1970.
    fn is_proof(self, changed: i64) -> bool {
        match self {
            FolderTimes::Kept => changed > 0,
            FolderTimes::Coarse { now } => changed > 0 && changed < now - COARSEST,
            FolderTimes::NotKept => false,
        }
    }
}

/// A folder that may not be as it was.
struct Suspect {
    folder: FolderStamp,
    /// When it changed now; `None` when it is gone.
    now: Option<i64>,
}

/// Looks at the folders of all titles of these kinds. Those whose times prove nothing are listed. A folder that
/// cannot be looked at is its title's failure alone.
pub fn look(
    pool: &WorkerPool<'_>,
    ledger: &Ledger,
    kinds: &[Kind],
    times: FolderTimes,
) -> Result<Presence, PresenceError> {
    let mut presence = Presence::default();
    let mut suspects: Vec<Suspect> = Vec::new();
    ledger.each_folder(kinds, |chunk| {
        for found in changed_ones(pool, &chunk, times) {
            match found {
                Ok(suspect) => suspects.push(suspect),
                Err((title, error)) => presence.note(title, error)?,
            }
        }
        Ok(())
    })??;
    for group in suspects.chunks(500) {
        let ids: HashSet<TitleId> = group.iter().map(|suspect| suspect.folder.title).collect();
        let known = ledger.titles(&ids.into_iter().collect::<Vec<_>>())?;
        for suspect in group {
            let folder = &suspect.folder;
            let Some(title) = known.get(&folder.title) else { continue };
            let gone = match gone_from(pool.tree(), suspect, &title.files) {
                Ok(gone) => gone,
                Err(error) => {
                    presence.note(folder.title, error)?;
                    continue;
                }
            };
            match (gone.is_empty(), suspect.now.filter(|now| times.is_proof(*now))) {
                (true, Some(changed)) => {
                    presence.moved.push(FolderStamp { changed, ..folder.clone() });
                }
                (true, None) => {}
                (false, _) => presence.gone.entry(folder.title).or_default().extend(gone),
            }
        }
    }
    Ok(presence)
}

/// A folder that is not as it was, or of which that is not known. The error is whose folder it is, and why the folder
/// cannot be looked at.
type Changed = Result<Suspect, (TitleId, TreeError)>;

/// The folders that are not as they were, or of which that is not known.
fn changed_ones(pool: &WorkerPool<'_>, chunk: &[FolderStamp], times: FolderTimes) -> Vec<Changed> {
    let ask = |(): &mut (), folders: &&[FolderStamp]| -> Vec<Changed> {
        let mut changed = Vec::new();
        for folder in *folders {
            match pool.tree().changed(&folder.path) {
                Ok(now) => {
                    let is_as_it_was = now == Some(folder.changed)
                        && folder.changed > 0
                        && times != FolderTimes::NotKept;
                    if !is_as_it_was {
                        changed.push(Ok(Suspect { folder: folder.clone(), now }));
                    }
                }
                Err(error) => changed.push(Err((folder.title, error))),
            }
        }
        changed
    };
    let is_storage = |found: &Changed| matches!(found, Err((_, error)) if error.is_storage());
    let is_over = |found: &Vec<Changed>| found.iter().any(is_storage);
    let parts: Vec<&[FolderStamp]> = chunk.chunks(PART).collect();
    let go_on = Cancel::default();
    let found = pool.share(&mut pool.tools(drop), &parts, &go_on, ask, is_over);
    found.into_iter().flatten().flatten().collect()
}

/// The files that should be in this folder and are not, with their paths.
fn gone_from(
    tree: &Tree,
    Suspect { folder, now }: &Suspect,
    files: &KnownFiles,
) -> Result<Vec<(FileKey, String)>, TreeError> {
    let names = match now {
        None => Listing::default(),
        Some(_) => Listing::of(tree.list(&folder.path)?),
    };
    let gone = files.iter().filter_map(|(key, file)| {
        let (dir, name) = file.path.rsplit_once('/').unwrap_or(("", &file.path));
        let is_gone = dir == folder.below && !names.has(name);
        is_gone.then(|| (key.clone(), format!("{}/{name}", folder.path)))
    });
    Ok(gone.collect())
}

/// Reads every file of the titles of these kinds: what is gone, and which `.strm` hold something else.
pub fn look_at_all(
    tree: &Tree,
    ledger: &Ledger,
    kinds: &[Kind],
) -> Result<Presence, PresenceError> {
    let mut presence = Presence::default();
    compare_all(tree, ledger, kinds, &mut |found| presence.note_difference(found))?;
    Ok(presence)
}

/// How a file is not as the ledger has it.
#[derive(Debug)]
pub enum DifferenceKind {
    /// It is gone.
    Gone,
    /// It has other content.
    Changed,
    /// There is nothing in it, or zeros alone: what a power cut leaves, and nobody's edit.
    Damaged,
    /// There is something else in its place: no plain file.
    Strange(Entry),
    /// It cannot be looked at, so that nothing is known of it.
    Unread(TreeError),
}

/// A file that is not as the ledger has it.
#[derive(Debug)]
pub struct FileDifference {
    /// Whose file it is.
    pub title: TitleId,
    /// What it is for.
    pub key: FileKey,
    /// Below the output folder.
    pub path: String,
    /// How it differs.
    pub what: DifferenceKind,
}

impl FileDifference {
    /// Whether it is what somebody made of an NFO, which is respected.
    pub fn is_respected(&self) -> bool {
        matches!(self.what, DifferenceKind::Changed | DifferenceKind::Strange(_))
            && !self.key.is_strm()
    }
}

/// Reads every file of every title and compares; hands what differs to `found`. Gives the number of
/// files that were compared.
pub fn compare_all(
    tree: &Tree,
    ledger: &Ledger,
    kinds: &[Kind],
    found: &mut dyn FnMut(FileDifference),
) -> Result<u64, PresenceError> {
    let mut compared = 0;
    for (kind, group) in ledger.title_groups()?.into_iter().filter(|(kind, _)| kinds.contains(kind))
    {
        let titles = ledger.titles(&group)?;
        for (id, title) in group.iter().filter_map(|id| Some((id, titles.get(id)?))) {
            let Some(folder) = &title.folder else { continue };
            let folder = TitleFolder::new(kind, folder);
            // What lies behind a link is not ours.
            let is_real = match folder.path().map(|folder| tree.kind(&folder)) {
                Ok(Ok(kind)) => kind == Some(EntryKind::Dir),
                Ok(Err(error)) if error.is_storage() => return Err(error.into()),
                // Each of its files says why.
                Ok(Err(_)) => true,
                Err(_) => false,
            };
            for (key, file) in &title.files {
                let path = folder.below(&file.path);
                compared += 1;
                let what = match RelPath::parse(&path) {
                    Ok(path) if is_real => compare(tree, &path, file)?,
                    _ => Some(DifferenceKind::Gone),
                };
                if let Some(what) = what {
                    found(FileDifference { title: *id, key: key.clone(), path, what });
                }
            }
        }
    }
    Ok(compared)
}

/// How a file differs from what the ledger has; an error if the storage fails as a whole.
pub(crate) fn compare(
    tree: &Tree,
    path: &RelPath,
    file: &KnownFile,
) -> Result<Option<DifferenceKind>, TreeError> {
    Ok(match Ours::known(file).look(tree, path) {
        Ok(Occupant::Ours(_)) => None,
        Ok(Occupant::Nothing) => Some(DifferenceKind::Gone),
        Ok(Occupant::Damaged(_)) => Some(DifferenceKind::Damaged),
        Ok(Occupant::Edited(_) | Occupant::Strange(Entry::File { .. })) => {
            Some(DifferenceKind::Changed)
        }
        Ok(Occupant::Strange(entry)) => Some(DifferenceKind::Strange(entry)),
        Err(error) if error.is_storage() => return Err(error),
        Err(error) => Some(DifferenceKind::Unread(error)),
    })
}

/// What a trial of the times of folders showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrialResult {
    /// Each entry that comes or goes moves them.
    Kept,
    /// The same, in whole seconds.
    Coarse,
    /// They cannot be relied on, or that cannot be tried.
    NotKept,
}

/// Entries that a trial makes and removes. On a pool of several disks a folder may show one disk's time, which half of
/// the entries move by chance.
const TRIED: usize = 8;

/// Tries whether this file system moves a folder's time when an entry comes and when one goes: some network and
/// union file systems do not.
pub fn try_folder_times(tree: &Tree) -> TrialResult {
    let volumes = tree.roots().volumes();
    let trials = volumes.map(|volume| try_times_in(tree, &staging(tree, &volume)));
    // What cannot be tried is not relied on.
    let trials: Vec<TrialResult> =
        trials.map(|trial| trial.unwrap_or(TrialResult::NotKept)).collect();
    let is = |wanted: TrialResult| trials.contains(&wanted);
    match (is(TrialResult::NotKept), is(TrialResult::Coarse)) {
        (true, _) => TrialResult::NotKept,
        (false, true) => TrialResult::Coarse,
        (false, false) => TrialResult::Kept,
    }
}

/// In a folder of the trial's own: only its owner may set its time. Who writes nothing has no staging folder.
fn try_times_in(tree: &Tree, staging: &RelPath) -> Result<TrialResult, TreeError> {
    let Ok(folder) = staging.join("time-test") else { return Ok(TrialResult::NotKept) };
    let is_staging = tree.kind(staging)?.is_some();
    tree.ensure_dir(staging)?;
    clear(tree, &folder)?;
    tree.ensure_dir(&folder)?;
    let tried = try_entries(tree, &folder);
    clear(tree, if is_staging { &folder } else { staging })?;
    tried
}

fn try_entries(tree: &Tree, folder: &RelPath) -> Result<TrialResult, TreeError> {
    let mut times = Vec::new();
    for number in 0..TRIED {
        let Ok(file) = folder.join(&number.to_string()) else { return Ok(TrialResult::NotKept) };
        for is_arrival in [true, false] {
            tree.age(folder)?;
            let before = tree.changed(folder)?;
            if is_arrival {
                tree.write_new(&file, b"")?;
            } else {
                tree.remove_file(&file)?;
            }
            let after = tree.changed(folder)?;
            if before == after {
                return Ok(TrialResult::NotKept);
            }
            times.extend(after);
        }
    }
    let is_whole = |time: &i64| time % 1_000_000_000 == 0;
    Ok(if times.iter().all(is_whole) { TrialResult::Coarse } else { TrialResult::Kept })
}
