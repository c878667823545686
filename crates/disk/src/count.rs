//! How many files of ours a folder holds: read as it comes, whatever its size.

use std::io;
use std::path::{Path, PathBuf};

/// Files by what they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Files {
    /// `.strm` files.
    pub strm: u64,
    /// `.nfo` files.
    pub nfo: u64,
}

/// Counts the files below a folder; none when there is no such folder. Links are not followed.
pub fn count_files(root: &Path) -> Result<Files, (PathBuf, io::Error)> {
    let mut files = Files::default();
    // Folders are few: only their paths are kept.
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        let failed = |error| (folder.clone(), error);
        let entries = match std::fs::read_dir(&folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            entries => entries.map_err(failed)?,
        };
        for entry in entries {
            let entry = entry.map_err(failed)?;
            if entry.file_type().map_err(failed)?.is_dir() {
                folders.push(entry.path());
                continue;
            }
            let name = entry.file_name();
            match Path::new(&name).extension().and_then(|end| end.to_str()) {
                Some("strm") => files.strm += 1,
                Some("nfo") => files.nfo += 1,
                _ => {}
            }
        }
    }
    Ok(files)
}
