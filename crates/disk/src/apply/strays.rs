//! Files that a run which was cut off left on disk, and that nothing needs.

use std::collections::HashSet;

use vod2strm_core::path::{RelPath, is_strm_or_nfo};

use crate::apply::leftovers::Leftovers;
use crate::apply::ownership::{Occupant, Ours};
use crate::fs::dir::Dirs;
use crate::fs::tree::{Tree, TreeError};
use crate::fs::{EntryKind, Way};

/// What a run that was cut off has left in a folder and nothing needs: files with contents that were announced for it.
/// Files whose paths below the folder are in `keep` are left out. Files in a folder come before files in folders below
/// it.
///
/// Files at the names of a layout that the next run no longer wants are such. What is behind a link is not looked at.
pub fn find_strays(
    tree: &Tree,
    leftovers: &Leftovers,
    folder: &RelPath,
    keep: &HashSet<&str>,
) -> Result<Vec<RelPath>, TreeError> {
    let (mut dirs, mut strays) = (Vec::new(), Vec::new());
    if Dirs::in_root_of(tree, folder).look(folder)? == Way::Real {
        dirs.push(folder.clone());
    }
    let mut seen = 0;
    while let Some(dir) = dirs.get(seen).cloned() {
        seen += 1;
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
    folder: &RelPath,
    keep: &HashSet<&str>,
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
    clear_strays(tree, leftovers, folder, &HashSet::new(), gone)?;
    if !leftovers.is_users(folder.as_str()) {
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

/// Whether a run that was cut off left a file. An empty one may be somebody's.
pub fn is_stray(
    tree: &Tree,
    leftovers: &Leftovers,
    folder: &RelPath,
    path: &RelPath,
) -> Result<bool, TreeError> {
    if !is_strm_or_nfo(path.as_str()) {
        return Ok(false);
    }
    let found = Ours::left_in(leftovers, folder.as_str()).look(tree, path)?;
    Ok(matches!(found, Occupant::Ours(left) if left.size > 0))
}
