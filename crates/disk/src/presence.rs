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
use crate::staging::own_dir;
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

/// Looks at the folders of all titles of these kinds.
///
/// `is_trusted` says that this file system keeps the times of folders; otherwise all are listed.
pub fn look(
    crew: &Crew<'_>,
    ledger: &Ledger,
    kinds: &[Kind],
    is_trusted: bool,
) -> Result<Presence, PresenceError> {
    let mut suspects: Vec<FolderStamp> = Vec::new();
    ledger.each_folder(kinds, |chunk| {
        suspects.extend(changed_ones(crew, &chunk, is_trusted)?);
        Ok(())
    })??;
    let mut presence = Presence::default();
    for group in suspects.chunks(500) {
        let ids: HashSet<TitleId> = group.iter().map(|folder| folder.title).collect();
        let known = ledger.titles(&ids.into_iter().collect::<Vec<_>>())?;
        for folder in group {
            let Some(title) = known.get(&folder.title) else { continue };
            let gone = gone_from(crew.tree(), folder, &title.files)?;
            match gone.is_empty() {
                true => presence.moved.push(folder.clone()),
                false => presence.gone.entry(folder.title).or_default().extend(gone),
            }
        }
    }
    Ok(presence)
}

/// The folders that are not as they were, with the time that they have now.
fn changed_ones(
    crew: &Crew<'_>,
    chunk: &[FolderStamp],
    is_trusted: bool,
) -> Result<Vec<FolderStamp>, TreeError> {
    let ask = |(): &mut (), folders: &&[FolderStamp]| -> Result<Vec<FolderStamp>, TreeError> {
        let mut changed = Vec::new();
        for folder in *folders {
            // A folder that is gone has no time; 0 is one that no folder of ours has.
            let now = crew.tree().changed(&folder.path)?.unwrap_or(0);
            if now != folder.changed || !is_trusted {
                changed.push(FolderStamp { changed: now, ..folder.clone() });
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
    folder: &FolderStamp,
    files: &KnownFiles,
) -> Result<Vec<(String, String)>, TreeError> {
    let names: HashSet<String> = match folder.changed {
        0 => HashSet::new(),
        _ => tree.list(&folder.path)?.into_iter().collect(),
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
        let Difference { title, slot, path, is_gone } = found;
        match is_gone {
            true => drop(presence.gone.entry(title).or_default().insert(slot, path)),
            false if SlotParts::of(&slot).is_strm => {
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
                    }),
                }
            }
        }
    }
    Ok(read)
}

/// Tries whether this file system moves a folder's time when an entry comes: some network and union
/// file systems do not.
pub fn keeps_folder_times(tree: &Tree) -> Result<bool, TreeError> {
    for home in tree.roots().homes() {
        if !keeps_times_in(tree, own_dir(&home))? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn keeps_times_in(tree: &Tree, own: RelPath) -> Result<bool, TreeError> {
    let Ok(file) = own.join("time-test") else { return Ok(false) };
    tree.remove_file(&file)?;
    tree.age(&own)?;
    let before = tree.changed(&own)?;
    tree.write_new(&file, b"")?;
    let after = tree.changed(&own)?;
    tree.remove_file(&file)?;
    Ok(before != after)
}
