//! What has to be made durable piece by piece, where one call for the whole file system does not do it.

use std::collections::BTreeSet;
use std::os::fd::AsFd;
use std::sync::{Mutex, MutexGuard};

use vod2strm_core::path::RelPath;

/// File systems whose `syncfs` writes everything that they hold, by the numbers that `fstatfs` gives
/// (`linux/magic.h`): ext2 to ext4, XFS, Btrfs, F2FS, Bcachefs, ZFS, overlayfs, and those in memory. On FUSE the
/// kernel hands it on to nobody; of any other it is not known.
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

/// Folders in which entries came or went since the last time that they were made durable.
#[derive(Debug, Default)]
pub(crate) struct Touched(Mutex<BTreeSet<String>>);

impl Touched {
    fn lock(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.0.lock().unwrap_or_else(|held| held.into_inner())
    }

    /// Notes that an entry came to its folder, or went.
    pub(crate) fn note(&self, entry: &RelPath) {
        let folder = entry.parent().map_or(String::new(), |folder| folder.as_str().to_owned());
        self.lock().insert(folder);
    }

    /// Notes that an entry was moved, with all that is below it.
    pub(crate) fn note_move(&self, from: &RelPath, to: &RelPath) {
        let mut touched = self.lock();
        let below = |folder: &String| {
            let rest = folder.strip_prefix(from.as_str())?;
            (rest.is_empty() || rest.starts_with('/')).then(|| format!("{}{rest}", to.as_str()))
        };
        let moved: Vec<(String, String)> =
            touched.iter().filter_map(|old| Some((old.clone(), below(old)?))).collect();
        for (old, new) in moved {
            touched.remove(&old);
            touched.insert(new);
        }
        drop(touched);
        self.note(from);
        self.note(to);
    }

    /// The folders; from now on there are none.
    pub(crate) fn take(&self) -> BTreeSet<String> {
        std::mem::take(&mut self.lock())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_known_by_their_new_names() {
        let touched = Touched::default();
        let path = |text: &str| RelPath::parse(text).unwrap();
        touched.note(&path("staging/1/A.strm"));
        touched.note(&path("staging/1/Season 01/A.strm"));
        touched.note(&path("staging/10/B.strm"));
        touched.note_move(&path("staging/1"), &path("Movies/A"));
        let folders: Vec<String> = touched.take().into_iter().collect();
        assert_eq!(folders, ["Movies", "Movies/A", "Movies/A/Season 01", "staging", "staging/10"]);
        assert!(touched.take().is_empty());
    }
}
