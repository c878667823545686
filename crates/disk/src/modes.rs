//! Who may read what a run makes. The modes go with the calls that make files and folders, so that nothing is
//! readable for others for a moment; the process's umask takes away from them, and never adds.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;

/// The mode of files of our own: ledger, log, report.
const OWN_FILE: u32 = 0o640;

/// The modes of new files and folders of a library.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Modes {
    /// Of files.
    pub file: u32,
    /// Of folders.
    pub dir: u32,
    /// Whether they belong to the group of the folder that the library is in, and whether a file that replaces
    /// another one has that one's mode.
    pub is_guarded: bool,
}

impl Modes {
    /// What the umask leaves: for files that hold no secret.
    pub const OPEN: Modes = Modes { file: 0o666, dir: 0o777, is_guarded: false };

    /// For files that hold a login: others read nothing.
    pub const GUARDED: Modes = Modes { file: 0o640, dir: 0o750, is_guarded: true };
}

/// Options for a file of our own, which others than its group cannot read if it is made now.
pub fn own_file() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.create(true).mode(OWN_FILE);
    options
}
