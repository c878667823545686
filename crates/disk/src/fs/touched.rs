//! What has to be made durable piece by piece, where one call for the whole file system does not do it.

use std::collections::BTreeSet;
use std::os::fd::AsFd;
use std::sync::{Mutex, MutexGuard};

use vod2strm_core::path::RelPath;

/// File systems whose `syncfs` writes everything that they hold, by the numbers that `fstatfs` gives (`linux/magic.h`).
/// They are ext2 to ext4, XFS, Btrfs, F2FS, Bcachefs, ZFS, overlayfs, and those in memory. On FUSE the kernel hands the
/// call on to nobody; of any other file system it is not known.
#[cfg(target_os = "linux")]
const WRITE_EVERYTHING: [u64; 9] = [
    0xEF53,
    0x5846_5342,
    0x9123_683E,
    0xF2F5_2010,
    0xCA45_1A4E,
    0x2FC1_2FC1,
    0x794C_7630,
    0x0102_1994,
    0x8584_58F6,
];

/// Whether `syncfs` writes everything that the file system of this folder holds.
#[cfg(target_os = "linux")]
pub(crate) fn writes_everything(folder: impl AsFd) -> bool {
    let kind = rustix::fs::fstatfs(folder).map(|it| u64::try_from(it.f_type).unwrap_or(0));
    kind.is_ok_and(|kind| WRITE_EVERYTHING.contains(&kind))
}

/// Elsewhere there is no call for one file system alone.
#[cfg(not(target_os = "linux"))]
pub(crate) fn writes_everything(_: impl AsFd) -> bool {
    false
}

/// What came, went or was written since the last time that it was made durable, by its path of now.
#[derive(Debug, Default)]
pub(crate) struct Touched(Mutex<Set>);

/// Paths below the output folder.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Set {
    /// Files that were written.
    pub(crate) files: BTreeSet<String>,
    /// Folders in which entries came or went.
    pub(crate) folders: BTreeSet<String>,
}

impl Touched {
    fn lock(&self) -> MutexGuard<'_, Set> {
        self.0.lock().unwrap_or_else(|held| held.into_inner())
    }

    /// Notes that an entry came to its folder, or went.
    pub(crate) fn note(&self, entry: &RelPath) {
        let folder = entry.parent().map_or(String::new(), |folder| folder.as_str().to_owned());
        self.lock().folders.insert(folder);
    }

    /// Notes that a file was written.
    pub(crate) fn note_file(&self, file: &RelPath) {
        self.lock().files.insert(file.as_str().to_owned());
        self.note(file);
    }

    /// Notes that an entry was removed.
    pub(crate) fn note_removal(&self, entry: &RelPath) {
        let mut touched = self.lock();
        touched.files.remove(entry.as_str());
        touched.folders.remove(entry.as_str());
        drop(touched);
        self.note(entry);
    }

    /// Notes that an entry was moved, with all that is below it.
    pub(crate) fn note_move(&self, from: &RelPath, to: &RelPath) {
        let mut touched = self.lock();
        rename(&mut touched.files, from.as_str(), to.as_str());
        rename(&mut touched.folders, from.as_str(), to.as_str());
        drop(touched);
        self.note(from);
        self.note(to);
    }

    /// All of it; from now on there is nothing.
    pub(crate) fn take(&self) -> Set {
        std::mem::take(&mut self.lock())
    }
}

/// Gives a path, and those below it, another beginning.
fn rename(paths: &mut BTreeSet<String>, from: &str, to: &str) {
    let alike = paths.range(from.to_owned()..).take_while(|path| path.starts_with(from));
    let below = |path: &String| {
        let rest = path.strip_prefix(from)?;
        (rest.is_empty() || rest.starts_with('/')).then(|| (path.clone(), format!("{to}{rest}")))
    };
    for (old, new) in alike.filter_map(below).collect::<Vec<_>>() {
        paths.remove(&old);
        paths.insert(new);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_and_folders_are_known_by_their_new_names() {
        let touched = Touched::default();
        let path = |text: &str| RelPath::parse(text).unwrap();
        touched.note_file(&path("staging/1/A.strm"));
        touched.note_file(&path("staging/1/Season 01/A.strm"));
        touched.note_file(&path("staging/10/B.strm"));
        touched.note_file(&path("staging/1 more/C.strm"));
        touched.note_move(&path("staging/1"), &path("Movies/A"));
        touched.note_removal(&path("staging/1 more/C.strm"));
        touched.note_removal(&path("staging/1 more"));
        let Set { files, folders } = touched.take();
        let folders: Vec<String> = folders.into_iter().collect();
        assert_eq!(folders, ["Movies", "Movies/A", "Movies/A/Season 01", "staging", "staging/10"]);
        let files: Vec<String> = files.into_iter().collect();
        assert_eq!(files, ["Movies/A/A.strm", "Movies/A/Season 01/A.strm", "staging/10/B.strm"]);
        assert_eq!(touched.take(), Set::default());
    }
}
