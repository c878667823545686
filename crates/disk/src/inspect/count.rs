//! How many files of ours a folder holds: read as it comes, whatever its size.

use std::fs::DirEntry;
use std::io;
use std::path::{Path, PathBuf};

use vod2strm_core::path::{is_strm, is_strm_or_nfo};

/// Files by what they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Files {
    /// `.strm` files.
    pub strm: u64,
    /// `.nfo` files.
    pub nfo: u64,
}

/// Counts the files below a folder; `None` when there is no such folder. Links are not followed.
pub fn count_files(root: &Path) -> Result<Option<Files>, (PathBuf, io::Error)> {
    let mut files = Files::default();
    let is_there = walk(root, &mut |entry| match entry.file_name().to_string_lossy() {
        name if is_strm(&name) => files.strm += 1,
        name if is_strm_or_nfo(&name) => files.nfo += 1,
        _ => {}
    })?;
    Ok(is_there.then_some(files))
}

/// Hands all that is below a folder, but folders, to `take`; `false` when there is no such folder. Links are not
/// followed.
pub fn walk(root: &Path, take: &mut dyn FnMut(&DirEntry)) -> Result<bool, (PathBuf, io::Error)> {
    // One open folder per level.
    let mut open = match std::fs::read_dir(root) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        entries => vec![(root.to_owned(), entries.map_err(|error| (root.to_owned(), error))?)],
    };
    while let Some((folder, entries)) = open.last_mut() {
        let Some(entry) = entries.next() else {
            open.pop();
            continue;
        };
        let failed = |error| (folder.clone(), error);
        let entry = entry.map_err(failed)?;
        if !entry.file_type().map_err(failed)?.is_dir() {
            take(&entry);
            continue;
        }
        let below = entry.path();
        match std::fs::read_dir(&below) {
            // A run may take it away meanwhile.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            entries => {
                let entries = entries.map_err(|error| (below.clone(), error))?;
                open.push((below, entries));
            }
        }
    }
    Ok(true)
}
