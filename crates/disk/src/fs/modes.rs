//! Who may read what a run makes. The modes go with the calls that make files and folders, so that nothing is
//! readable for others for a moment. The process's umask takes away from them, and never adds.

use std::fs::{DirBuilder, OpenOptions};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::PathBuf;

/// The mode of files of our own: ledger, log, report.
const OWN_FILE: u32 = 0o640;

/// The mode of folders for these.
const OWN_FOLDER: u32 = 0o750;

/// That others may read a file, or change it.
const OTHERS: u32 = 0o006;

/// That others may change what is in a folder.
const OTHERS_WRITE: u32 = 0o002;

/// The modes of new files and folders of a library.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Modes {
    /// Of files.
    pub file: u32,
    /// Of folders.
    pub dir: u32,
    /// Whether they belong to the group of the folder that the library is in. If so, a file that replaces another one
    /// has that one's mode, too.
    pub is_guarded: bool,
}

impl Modes {
    /// What the umask leaves: for files that hold no secret.
    pub const OPEN: Modes = Modes { file: 0o666, dir: 0o777, is_guarded: false };

    /// For files that hold a login: others read nothing.
    pub const GUARDED: Modes = Modes { file: 0o640, dir: 0o750, is_guarded: true };
}

/// What makes a folder of our own, and those above it that are missing: others see nothing of them.
pub fn own_folder() -> DirBuilder {
    let mut builder = DirBuilder::new();
    builder.recursive(true).mode(OWN_FOLDER);
    builder
}

/// Those of these files of our own that others may read or change, and those of the folders that others may write to.
/// An older version or another program made them, or they are on storage without modes. What is not there, or cannot be
/// looked at, is no such.
pub fn open_to_others(paths: impl Iterator<Item = PathBuf>) -> Vec<PathBuf> {
    let is_open = |path: &PathBuf| {
        std::fs::symlink_metadata(path).is_ok_and(|found| {
            let much = if found.is_dir() { OTHERS_WRITE } else { OTHERS };
            found.mode() & much != 0 && !found.is_symlink()
        })
    };
    paths.filter(is_open).collect()
}

/// Options for a file of our own, which others than its group cannot read if it is made now.
pub fn own_file() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.create(true).mode(OWN_FILE);
    options
}
