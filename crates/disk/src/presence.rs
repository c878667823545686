//! Is the library still there? Folders are asked when an entry last came or went: one call a folder,
//! none a file. Only folders that changed are listed.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::atomic::AtomicBool;

use vod2strm_core::hash::ContentHash;
use vod2strm_core::known::{KnownFiles, TitleId};
use vod2strm_core::media::Kind;
use vod2strm_core::naming::library_root;
use vod2strm_core::path::RelPath;
use vod2strm_core::slot::SlotParts;

use crate::crew::Crew;
use crate::fs::EntryKind;
use crate::ledger::{FolderStamp, Ledger, LedgerError};
use crate::ownership::is_damage;
use crate::staging::{clear, staging};
use crate::tree::{Tree, TreeError};

/// Folders that a worker asks at a time.
const PART: usize = 64;

/// What was found.
#[derive(Debug, Default)]
pub struct Presence {
    /// Files that are gone, by title: slots, with paths below the output folder.
    pub gone: HashMap<TitleId, BTreeMap<String, String>>,
    /// `.strm` files that hold something else, by title: slots. Only a look at everything finds them.
    pub edited: HashMap<TitleId, BTreeSet<String>>,
    /// Titles that a run which was cut off was writing: the ledger may be behind the disk.
    pub unsure: HashSet<TitleId>,
    /// Folders in which entries came or went, and all of ours are there: when they changed now.
    pub moved: Vec<FolderStamp>,
    /// Titles of which the ledger does not know whether their folders are the user's, and whether they are.
    pub shared: HashMap<TitleId, (Kind, bool)>,
}

impl Presence {
    /// Whether everything is there, as the ledger has it.
    pub fn is_whole(&self) -> bool {
        self.gone.is_empty() && self.edited.is_empty() && self.unsure.is_empty()
    }

    /// Whether a title's folder turned out to be the user's; `None` when the ledger knows.
    pub fn is_shared(&self, title: TitleId) -> Option<bool> {
        self.shared.get(&title).map(|(_, is_shared)| *is_shared)
    }

    /// Adds the titles whose folders turned out to be the user's to these numbers.
    pub fn count_shared(&self, mut counts: Vec<(Kind, u64)>) -> Vec<(Kind, u64)> {
        for (kind, count) in &mut counts {
            *count += self.shared.values().filter(|it| **it == (*kind, true)).count() as u64;
        }
        counts
    }

    /// Whether nothing of a title's files is there.
    pub fn is_all_gone(&self, title: TitleId, files: &KnownFiles) -> bool {
        let gone = self.gone.get(&title);
        gone.is_some_and(|gone| files.keys().all(|slot| gone.contains_key(slot)))
    }

    /// Whether something of a title may not be as the ledger has it.
    pub fn is_suspect(&self, title: TitleId) -> bool {
        self.gone.contains_key(&title)
            || self.edited.contains_key(&title)
            || self.unsure.contains(&title)
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

/// Looks at the folders of all titles of these kinds. Those whose times prove nothing are listed.
pub fn look(
    crew: &Crew<'_>,
    ledger: &Ledger,
    kinds: &[Kind],
    times: FolderTimes,
) -> Result<Presence, PresenceError> {
    let mut suspects: Vec<Suspect> = Vec::new();
    ledger.each_folder(kinds, |chunk| {
        suspects.extend(changed_ones(crew, &chunk, times)?);
        Ok(())
    })??;
    let mut presence = Presence::default();
    for group in suspects.chunks(500) {
        let ids: HashSet<TitleId> = group.iter().map(|suspect| suspect.folder.title).collect();
        let known = ledger.titles(&ids.into_iter().collect::<Vec<_>>())?;
        for suspect in group {
            let folder = &suspect.folder;
            let Some(title) = known.get(&folder.title) else { continue };
            let gone = gone_from(crew.tree(), suspect, &title.files)?;
            match (gone.is_empty(), suspect.now.filter(|now| times.is_proof(*now))) {
                (true, Some(changed)) if changed != folder.changed => {
                    presence.moved.push(FolderStamp { changed, ..folder.clone() });
                }
                (true, _) => {}
                (false, _) => presence.gone.entry(folder.title).or_default().extend(gone),
            }
        }
    }
    Ok(presence)
}

/// The folders that are not as they were, or of which that is not known.
fn changed_ones(
    crew: &Crew<'_>,
    chunk: &[FolderStamp],
    times: FolderTimes,
) -> Result<Vec<Suspect>, TreeError> {
    let ask = |(): &mut (), folders: &&[FolderStamp]| -> Result<Vec<Suspect>, TreeError> {
        let mut changed = Vec::new();
        for folder in *folders {
            let now = crew.tree().changed(&folder.path)?;
            let is_as_it_was =
                now == Some(folder.changed) && folder.changed > 0 && times != FolderTimes::NotKept;
            if !is_as_it_was {
                changed.push(Suspect { folder: folder.clone(), now });
            }
        }
        Ok(changed)
    };
    let parts: Vec<&[FolderStamp]> = chunk.chunks(PART).collect();
    let go_on = AtomicBool::new(false);
    let mut changed = Vec::new();
    for found in crew.share(&mut crew.tools(drop), &parts, &go_on, ask, Result::is_err) {
        changed.extend(found.into_iter().collect::<Result<Vec<_>, _>>()?.into_iter().flatten());
    }
    Ok(changed)
}

/// The files that should be in this folder and are not: slot and path.
fn gone_from(
    tree: &Tree,
    Suspect { folder, now }: &Suspect,
    files: &KnownFiles,
) -> Result<Vec<(String, String)>, TreeError> {
    let names: HashSet<String> = match now {
        None => HashSet::new(),
        Some(_) => tree.list(&folder.path)?.into_iter().collect(),
    };
    let gone = files.iter().filter_map(|(slot, file)| {
        let (dir, name) = file.path.rsplit_once('/').unwrap_or(("", &file.path));
        let is_gone = dir == folder.below && !names.contains(name);
        is_gone.then(|| (slot.clone(), format!("{}/{name}", folder.path)))
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
    compare_all(tree, ledger, kinds, &mut |found| {
        let Difference { title, slot, path, is_gone, is_damaged } = found;
        match is_gone {
            true => drop(presence.gone.entry(title).or_default().insert(slot, path)),
            false if is_damaged || SlotParts::of(&slot).is_strm => {
                presence.edited.entry(title).or_default().insert(slot);
            }
            // An NFO that somebody edited is respected.
            false => {}
        }
    })?;
    Ok(presence)
}

/// A file that is not as the ledger has it.
#[derive(Debug, PartialEq, Eq)]
pub struct Difference {
    /// Whose file it is.
    pub title: TitleId,
    /// What it is for.
    pub slot: String,
    /// Below the output folder.
    pub path: String,
    /// Gone, or there with other content.
    pub is_gone: bool,
    /// There, with nothing in it, or zeros alone: what a power cut leaves, and nobody's edit.
    pub is_damaged: bool,
}

/// Reads every file of every title and compares; hands what differs to `found`. Gives the number of
/// files that were read.
pub fn compare_all(
    tree: &Tree,
    ledger: &Ledger,
    kinds: &[Kind],
    found: &mut dyn FnMut(Difference),
) -> Result<u64, PresenceError> {
    let mut read = 0;
    for (kind, group) in ledger.title_groups()?.into_iter().filter(|(kind, _)| kinds.contains(kind))
    {
        let titles = ledger.titles(&group)?;
        for (id, title) in group.iter().filter_map(|id| Some((id, titles.get(id)?))) {
            let Some(folder) = &title.folder else { continue };
            let root = RelPath::parse(&format!("{}/{folder}", library_root(kind))).ok();
            let is_real = match root.map(|root| tree.kind(&root)).transpose()? {
                Some(Some(EntryKind::Dir)) => true,
                Some(None | Some(_)) | None => false,
            };
            for (slot, file) in &title.files {
                let path = format!("{}/{folder}/{}", library_root(kind), file.path);
                read += 1;
                let is_same = |content: &Vec<u8>| Some(ContentHash::of(content)) == file.hash;
                let content = match RelPath::parse(&path) {
                    Ok(path) if is_real => match tree.read(&path) {
                        Err(error) if error.is_storage() => return Err(error.into()),
                        // A folder or a link in its place, or one that may not be read.
                        Err(_) => Some(Vec::new()),
                        Ok(content) => content,
                    },
                    _ => None,
                };
                match content {
                    Some(content) if is_same(&content) => {}
                    content => found(Difference {
                        title: *id,
                        slot: slot.clone(),
                        path,
                        is_gone: content.is_none(),
                        is_damaged: content.is_some_and(|content| is_damage(&content)),
                    }),
                }
            }
        }
    }
    Ok(read)
}

/// What a trial of the times of folders showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trial {
    /// Each entry that comes or goes moves them.
    Kept,
    /// The same, in whole seconds.
    Coarse,
    /// They cannot be relied on, or that cannot be tried.
    NotKept,
}

/// Entries that a trial makes and removes: on a pool of several disks a folder may show one disk's time, which
/// half of the entries move by chance.
const TRIED: usize = 8;

/// Tries whether this file system moves a folder's time when an entry comes and when one goes: some network and
/// union file systems do not.
pub fn try_folder_times(tree: &Tree) -> Trial {
    let homes = tree.roots().homes();
    let trials = homes.map(|home| try_times_in(tree, &staging(&home)));
    // What cannot be tried is not relied on.
    let trials: Vec<Trial> = trials.map(|trial| trial.unwrap_or(Trial::NotKept)).collect();
    let is = |wanted: Trial| trials.contains(&wanted);
    match (is(Trial::NotKept), is(Trial::Coarse)) {
        (true, _) => Trial::NotKept,
        (false, true) => Trial::Coarse,
        (false, false) => Trial::Kept,
    }
}

/// In a folder of the trial's own: only its owner may set its time.
fn try_times_in(tree: &Tree, staging: &RelPath) -> Result<Trial, TreeError> {
    let Ok(folder) = staging.join("time-test") else { return Ok(Trial::NotKept) };
    clear(tree, &folder)?;
    tree.ensure_dir(&folder)?;
    let tried = try_entries(tree, &folder);
    clear(tree, &folder)?;
    tried
}

fn try_entries(tree: &Tree, folder: &RelPath) -> Result<Trial, TreeError> {
    let mut times = Vec::new();
    for number in 0..TRIED {
        let Ok(file) = folder.join(&number.to_string()) else { return Ok(Trial::NotKept) };
        for is_arrival in [true, false] {
            tree.age(folder)?;
            let before = tree.changed(folder)?;
            match is_arrival {
                true => tree.write_new(&file, b"")?,
                false => drop(tree.remove_file(&file)?),
            }
            let after = tree.changed(folder)?;
            if before == after {
                return Ok(Trial::NotKept);
            }
            times.extend(after);
        }
    }
    let is_whole = |time: &i64| time % 1_000_000_000 == 0;
    Ok(if times.iter().all(is_whole) { Trial::Coarse } else { Trial::Kept })
}
