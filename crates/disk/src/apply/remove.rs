//! Removes what is no longer wanted, title by title: `.strm` files before NFOs, empty folders last.
//!
//! Only files whose content is still what we wrote go. Anything else stays, and is nobody's business
//! from then on but its owner's.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use vod2strm_core::cancel::Cancel;
use vod2strm_core::path::RelPath;
use vod2strm_core::removal::record::{FileOutcome, FileRemoval, Removed, TitleRemoval};

use crate::apply::leftovers::Leftovers;
use crate::apply::ownership::{Occupant, Ours};
use crate::apply::strays::find_strays;
use crate::apply::workers::WorkerPool;
use crate::fs::Way;
use crate::fs::dir::Dirs;
use crate::fs::tree::{Tree, TreeError};

/// Removes; answers come in the order of the removals. After a storage error, or when it is to cancel, no
/// further title is begun.
pub fn remove_batch(
    pool: &WorkerPool<'_>,
    leftovers: &Leftovers,
    removals: &[TitleRemoval],
    cancel: &Cancel,
) -> Vec<Removed<TreeError>> {
    let is_storage = |outcome: &FileOutcome<TreeError>| matches!(outcome, FileOutcome::Failed(error) if error.is_storage());
    let results = pool.share(
        &mut pool.tools(drop),
        removals,
        cancel,
        |(), removal| remove_title(pool.tree(), leftovers, removal),
        |removed: &Removed<TreeError>| removed.files.iter().any(is_storage),
    );
    let or_not_tried = |(removed, removal): (Option<Removed<TreeError>>, &TitleRemoval)| {
        removed.unwrap_or_else(|| Removed::not_tried(removal))
    };
    results.into_iter().zip(removals).map(or_not_tried).collect()
}

/// Whether `remove_batch` would change the library: something of ours is there, or a folder that is empty. What cannot
/// be looked at may be.
pub fn would_change(tree: &Tree, leftovers: &Leftovers, removals: &[TitleRemoval]) -> bool {
    removals.iter().any(|removal| {
        let mut context = RemovalContext { tree, leftovers, removal, dirs: Dirs::new(tree) };
        let files = outcomes_of(removal, |file| context.decide(file).map(|(outcome, _)| outcome));
        context.would_change(&Removed::of(files))
    })
}

/// A folder of ours that was to go when somebody's files were in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OccupiedFolder {
    /// Below the output folder.
    pub folder: String,
    /// It is a title's own folder; the others are in one.
    pub is_titles: bool,
}

/// Whether a folder of ours that others' files occupied is empty. `None` when the folder is not there, or when it is no
/// folder of the library, but a link or below one.
pub fn is_vacant(tree: &Tree, folder: &RelPath) -> Result<Option<bool>, TreeError> {
    match Dirs::new(tree).look(folder)? {
        Way::Real => Ok(Some(tree.list(folder)?.is_empty())),
        Way::Missing | Way::Blocked => Ok(None),
    }
}

/// Removes one title's files, and then its folders as far as they are empty.
fn remove_title(tree: &Tree, leftovers: &Leftovers, removal: &TitleRemoval) -> Removed<TreeError> {
    let mut context = RemovalContext { tree, leftovers, removal, dirs: Dirs::new(tree) };
    let files = outcomes_of(removal, |file| context.remove(file));
    let mut removed = Removed::of(files);
    // A title that never had anything to play has no folder.
    if !removal.folder.is_empty() {
        context.remove_folders(&mut removed);
    }
    removed
}

/// Decides on the files one by one, `.strm` files first; `take` is asked for those that nothing keeps.
fn outcomes_of(
    removal: &TitleRemoval,
    mut take: impl FnMut(&FileRemoval) -> Result<FileOutcome<TreeError>, TreeError>,
) -> Vec<FileOutcome<TreeError>> {
    let mut outcomes: Vec<FileOutcome<TreeError>> =
        removal.files.iter().map(|_| FileOutcome::NotTried).collect();
    let mut staying: BTreeMap<&str, bool> = BTreeMap::new();
    let mut resisting: Vec<&str> = Vec::new();
    let mut is_over = false;
    let mut order: Vec<usize> = (0..removal.files.len()).collect();
    order.sort_by_key(|at| !removal.files[*at].key.is_strm());
    for at in order {
        let file = &removal.files[at];
        let outcome = match staying.get(stem(&file.path)) {
            // A .strm that stays keeps its NFO.
            Some(true) => FileOutcome::NotOurs,
            Some(false) => FileOutcome::NotTried,
            None if is_over => FileOutcome::NotTried,
            None if !file.key.is_strm()
                && resisting.iter().any(|strm| is_in_folder_of(strm, &file.path)) =>
            {
                FileOutcome::NotTried
            }
            None => take(file).unwrap_or_else(FileOutcome::Failed),
        };
        if let (true, FileOutcome::NotOurs | FileOutcome::Failed(_)) =
            (file.key.is_strm(), &outcome)
        {
            staying.insert(stem(&file.path), matches!(outcome, FileOutcome::NotOurs));
            resisting
                .extend(matches!(outcome, FileOutcome::Failed(_)).then_some(file.path.as_str()));
        }
        is_over |= matches!(&outcome, FileOutcome::Failed(error) if error.is_storage());
        outcomes[at] = outcome;
    }
    outcomes
}

/// Whether an NFO may be about a `.strm` that could not be removed: it lies in its folder, or above.
fn is_in_folder_of(strm: &str, nfo: &str) -> bool {
    let dir = nfo.rsplit_once('/').map_or("", |(dir, _)| dir);
    dir.is_empty() || strm.strip_prefix(dir).is_some_and(|rest| rest.starts_with('/'))
}

/// The folder above a path; empty for what has none.
fn parent_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(dir, _)| dir)
}

/// A path without its extension.
fn stem(path: &str) -> &str {
    path.rsplit_once('.').map_or(path, |(stem, _)| stem)
}

/// One title's place on disk.
struct RemovalContext<'a> {
    tree: &'a Tree,
    leftovers: &'a Leftovers,
    removal: &'a TitleRemoval,
    dirs: Dirs<'a>,
}

impl RemovalContext<'_> {
    fn remove(&mut self, file: &FileRemoval) -> Result<FileOutcome<TreeError>, TreeError> {
        let (outcome, path) = self.decide(file)?;
        if let (FileOutcome::Removed, Some(path)) = (&outcome, &path) {
            self.tree.remove_file(path)?;
        }
        Ok(outcome)
    }

    /// Looks at what is there.
    fn decide(
        &mut self,
        file: &FileRemoval,
    ) -> Result<(FileOutcome<TreeError>, Option<RelPath>), TreeError> {
        let path = RelPath::parse(&self.removal.folder).and_then(|folder| folder.join(&file.path));
        // A path that no vod2strm wrote into the ledger.
        let Ok(path) = path else { return Ok((FileOutcome::NotOurs, None)) };
        match self.dirs.look(&path.parent().unwrap_or_default())? {
            Way::Real => {}
            Way::Blocked => return Ok((FileOutcome::NotOurs, None)),
            Way::Missing => return Ok((FileOutcome::Gone, None)),
        }
        let ours = Ours::left_in(self.leftovers, &self.removal.folder).or_written(file.written);
        let outcome = match ours.look(self.tree, &path)? {
            Occupant::Nothing => FileOutcome::Gone,
            Occupant::Ours(_) => FileOutcome::Removed,
            Occupant::Damaged(_) | Occupant::Edited(_) | Occupant::Strange(_) => {
                FileOutcome::NotOurs
            }
        };
        Ok((outcome, Some(path)))
    }

    /// What is ours in a title's folder beyond the ledger's files. Such files have names that the ledger did not know
    /// when a run was cut off.
    fn strays(&mut self) -> Vec<RelPath> {
        let Ok(folder) = RelPath::parse(&self.removal.folder) else { return Vec::new() };
        let is_real = matches!(self.dirs.look(&folder), Ok(Way::Real));
        if !is_real || !self.leftovers.has(folder.as_str()) {
            return Vec::new();
        }
        find_strays(self.tree, self.leftovers, &folder, &HashSet::new()).unwrap_or_default()
    }

    /// Removes them, if the title goes as a whole; gives those that went, below the title's folder.
    fn clear_strays(&mut self) -> Vec<String> {
        let strays = if self.removal.is_whole { self.strays() } else { Vec::new() };
        let gone = strays.iter().filter(|path| self.tree.remove_file(path).is_ok());
        gone.map(|path| self.below(path)).collect()
    }

    /// A path below the title's folder.
    fn below(&self, path: &RelPath) -> String {
        let below = path.as_str().strip_prefix(&self.removal.folder).unwrap_or_default();
        below.trim_start_matches('/').to_owned()
    }

    /// Whether the title's removal would change anything on disk.
    fn would_change(&mut self, removed: &Removed<TreeError>) -> bool {
        let is_change = |outcome: &FileOutcome<TreeError>| {
            matches!(outcome, FileOutcome::Removed | FileOutcome::Failed(_))
        };
        if removed.files.iter().any(is_change) || self.removal.is_whole && !self.strays().is_empty()
        {
            return true;
        }
        let Ok(folder) = RelPath::parse(&self.removal.folder) else { return false };
        let is_ours = !self.removal.ownership.may_be_users() && !folder.as_str().is_empty();
        is_ours && {
            let left = self.folders_left(removed, &[]);
            let mut paths = left.iter().filter_map(|dir| {
                if dir.is_empty() { Some(folder.clone()) } else { folder.join(dir).ok() }
            });
            paths.any(|path| match self.dirs.look(&path) {
                Ok(Way::Real) => self.tree.list(&path).map_or(true, |names| names.is_empty()),
                Ok(_) => false,
                Err(_) => true,
            })
        }
    }

    /// The folders that the title's files go or went from, the deepest first, and the title's own last.
    fn folders_left(&self, removed: &Removed<TreeError>, strays: &[String]) -> Vec<String> {
        let outcomes = self.removal.files.iter().zip(&removed.files);
        let gone = outcomes
            .filter(|(_, outcome)| matches!(outcome, FileOutcome::Removed | FileOutcome::Gone));
        let mut paths: Vec<String> =
            gone.map(|(file, _)| parent_of(&file.path).to_owned()).collect();
        if self.removal.is_whole {
            // Its folders go, also those of files that were gone before.
            paths.extend(self.removal.dirs.iter().cloned());
            paths.extend(strays.iter().map(|path| parent_of(path).to_owned()));
        }
        let mut left = BTreeSet::new();
        for path in &paths {
            let mut dir = path.as_str();
            while !dir.is_empty() {
                left.insert(dir.to_owned());
                dir = parent_of(dir);
            }
        }
        // While something of the title stays, its own folder cannot be empty.
        left.extend(self.removal.is_whole.then(String::new));
        let mut left: Vec<String> = left.into_iter().collect();
        left.sort_by_key(|dir| std::cmp::Reverse((dir.matches('/').count(), !dir.is_empty())));
        left
    }

    /// Removes the folders of the files that went, the deepest first, and the title's own last. One that
    /// is not empty stays, and so does what cannot be removed: an empty folder harms nobody.
    fn remove_folders(&mut self, removed: &mut Removed<TreeError>) {
        removed.strays = self.clear_strays();
        for dir in self.folders_left(removed, &removed.strays) {
            let folder = RelPath::parse(&self.removal.folder);
            let Ok(path) = folder
                .and_then(|folder| if dir.is_empty() { Ok(folder) } else { folder.join(&dir) })
            else {
                continue;
            };
            match self.dirs.look(&path) {
                // It is the user's, also when it is empty.
                Ok(Way::Real) if self.removal.ownership.may_be_users() => {
                    removed.keeps_others |= dir.is_empty();
                    continue;
                }
                Ok(Way::Real) => {}
                // It went before, in a run that was cut off, or by somebody's hand.
                Ok(Way::Missing) => {
                    removed.folders.push(dir);
                    continue;
                }
                _ => continue,
            }
            match self.tree.remove_dir(&path) {
                Ok(()) => {
                    if dir.is_empty() {
                        self.tree.clear_groups(&path);
                    }
                    removed.folders.push(dir);
                }
                Err(error) if error.is_occupied() => {
                    removed.keeps_others |= dir.is_empty();
                    removed.occupied.push(dir);
                }
                Err(_) => {}
            }
        }
    }
}
