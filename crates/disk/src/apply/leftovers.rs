//! What a run that was cut off may have left on disk without telling the ledger.
//!
//! Before a batch is written, the ledger is told which contents are about to appear in which folder;
//! once the batch is recorded, that note goes. If the note is still there at the next start, a file in
//! that folder with one of these contents is ours, and not somebody's: it may be replaced.

use std::collections::{HashMap, HashSet};

use vod2strm_core::hash::ContentHash;
use vod2strm_core::path::{RelPath, is_strm_or_nfo};

use crate::fs::EntryKind;
use crate::fs::tree::{Found, Tree, TreeError};

/// Whether a file of this size, in bytes, may be one that was announced: sizes are not. Ours have a few
/// kilobytes.
pub fn may_be_left(size: u64) -> bool {
    size <= 4 * 1024 * 1024
}

/// Contents by folder (below the output folder, as in `Movies/Alien (1979)`).
#[derive(Debug, Default)]
pub struct Leftovers {
    by_folder: HashMap<String, HashSet<ContentHash>>,
    /// Folders that were there before anything of ours: they are the user's.
    shared: HashSet<String>,
}

impl Leftovers {
    /// Notes that these contents may be in this folder.
    pub fn add(&mut self, folder: String, contents: impl Iterator<Item = ContentHash>) {
        let known = self.by_folder.entry(folder).or_default();
        known.extend(contents);
        // A power cut can leave a file that was renamed into place and never filled.
        known.insert(ContentHash::of(b""));
    }

    /// Notes that this folder was there before anything of ours.
    pub fn note_shared(&mut self, folder: String) {
        self.shared.insert(folder);
    }

    /// Whether this folder is noted to have been there before anything of ours.
    pub fn is_shared(&self, folder: &str) -> bool {
        self.shared.contains(folder)
    }

    /// Whether there is a note for this folder.
    pub fn has(&self, folder: &str) -> bool {
        self.by_folder.contains_key(folder)
    }

    /// The folders that there are notes for, in order.
    pub fn folders(&self) -> Vec<&str> {
        let mut folders: Vec<&str> = self.by_folder.keys().map(String::as_str).collect();
        folders.sort_unstable();
        folders
    }

    /// Whether a file in this folder with this content is ours.
    pub fn contains(&self, folder: &str, content: ContentHash) -> bool {
        self.by_folder.get(folder).is_some_and(|contents| contents.contains(&content))
    }
}

/// What a run that was cut off has left in a folder and nothing needs: files with contents that were
/// announced for it, but those whose paths below the folder are in `keep`; those in a folder before those
/// in folders below it.
///
/// Files at the names of a layout that the next run no longer wants are such.
pub fn find_strays(
    tree: &Tree,
    leftovers: &Leftovers,
    folder: &RelPath,
    keep: &HashSet<&str>,
) -> Result<Vec<RelPath>, TreeError> {
    let (mut dirs, mut strays) = (vec![folder.clone()], Vec::new());
    let mut seen = 0;
    while let Some(dir) = dirs.get(seen).cloned() {
        seen += 1;
        if tree.kind(&dir)? != Some(EntryKind::Dir) {
            continue;
        }
        for path in tree.list(&dir)?.iter().filter_map(|name| dir.join(name).ok()) {
            let below = path.as_str().strip_prefix(folder.as_str()).unwrap_or_default();
            match tree.kind(&path)? {
                Some(EntryKind::Dir) => dirs.push(path),
                Some(EntryKind::File)
                    if !keep.contains(below.trim_start_matches('/'))
                        && is_stray(tree, leftovers, folder, &path)? =>
                {
                    strays.push(path);
                }
                _ => {}
            }
        }
    }
    Ok(strays)
}

/// Removes what [`find_strays`] finds, until one resists. `gone` gets the files that went.
pub fn clear_strays(
    tree: &Tree,
    leftovers: &Leftovers,
    (folder, keep): (&RelPath, &HashSet<&str>),
    gone: &mut Vec<RelPath>,
) -> Result<(), TreeError> {
    for path in find_strays(tree, leftovers, folder, keep)? {
        tree.remove_file(&path)?;
        gone.push(path);
    }
    Ok(())
}

/// Whether [`clear_strays`] would remove anything. What cannot be looked at may be removed.
pub fn has_strays(
    tree: &Tree,
    leftovers: &Leftovers,
    folder: &RelPath,
    keep: &HashSet<&str>,
) -> bool {
    let strays = || find_strays(tree, leftovers, folder, keep);
    leftovers.has(folder.as_str()) && strays().map_or(true, |strays| !strays.is_empty())
}

/// Removes what a run that was cut off has left in a folder that no title has, and the folder, unless it is the
/// user's. `gone` gets the files that went.
pub fn clear_orphan(
    tree: &Tree,
    leftovers: &Leftovers,
    folder: &RelPath,
    gone: &mut Vec<RelPath>,
) -> Result<(), TreeError> {
    clear_strays(tree, leftovers, (folder, &HashSet::new()), gone)?;
    if !leftovers.is_shared(folder.as_str()) {
        clear_left(tree, folders_of(gone), folder);
    }
    Ok(())
}

/// The folders that files went from, the deepest first.
pub fn folders_of(gone: &[RelPath]) -> Vec<RelPath> {
    let mut left: Vec<RelPath> = gone.iter().filter_map(RelPath::parent).collect();
    left.dedup();
    left.reverse();
    left
}

/// Removes folders that files went from, and those above them, down from `top`, as far as they are empty.
/// An empty folder that nothing went from may be somebody's. One that cannot be removed stays, and harms
/// nobody.
pub fn clear_left(tree: &Tree, left: Vec<RelPath>, top: &RelPath) {
    for dir in left {
        let mut dir = Some(dir);
        let is_below = |dir: &RelPath| dir.as_str().starts_with(top.as_str());
        while let Some(path) = dir.filter(|dir| is_below(dir) && tree.remove_dir(dir).is_ok()) {
            dir = path.parent();
        }
    }
}

fn is_named_like_ours(path: &RelPath) -> bool {
    is_strm_or_nfo(path.as_str())
}

/// Whether a run that was cut off left a file.
pub fn is_stray(
    tree: &Tree,
    leftovers: &Leftovers,
    folder: &RelPath,
    path: &RelPath,
) -> Result<bool, TreeError> {
    if !is_named_like_ours(path) {
        return Ok(false);
    }
    // An empty one may be somebody's.
    let is_ours = |content: &[u8]| {
        !content.is_empty() && leftovers.contains(folder.as_str(), ContentHash::of(content))
    };
    let found = tree.read_ours(path, may_be_left)?;
    Ok(matches!(found, Found::Content(content) if is_ours(&content)))
}
