//! Which file systems are mounted at a folder and below it. One that comes or goes unnoticed makes titles seem to be
//! gone, or puts new titles where nobody sees them.

use std::collections::BTreeSet;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustix::fs::statvfs;

use crate::fs::tree::Tree;

/// Where the kernel lists what is mounted.
const TABLE: &str = "/proc/self/mountinfo";

/// The folders at and below `folder` that are on a file system of their own: paths below it, `.` for the folder itself.
/// `folder` is an absolute path without links. Where no table of mounts can be read, only the folder itself is looked
/// at.
pub fn mounts_at(folder: &Path) -> BTreeSet<String> {
    let table = std::fs::read_to_string(TABLE).unwrap_or_default();
    let mut mounts = listed(&table, folder);
    if is_apart(folder) {
        mounts.insert(".".to_owned());
    }
    mounts
}

/// Whether a folder is on another device than the folder that it lies in: a mount, or a subvolume.
fn is_apart(folder: &Path) -> bool {
    let device = |path: &Path| std::fs::metadata(path).map(|found| found.dev()).ok();
    match (device(folder), folder.parent().and_then(device)) {
        (Some(own), Some(above)) => own != above,
        _ => false,
    }
}

/// A text that differs when a library's folders lie on other file systems than they did. An example is a disk that was
/// exchanged under the same path.
pub fn storage_of(tree: &Tree) -> String {
    let known =
        tree.roots().volumes().map(|volume| file_system(&tree.real(&volume)).unwrap_or_default());
    known.collect::<Vec<_>>().join(" ")
}

/// What tells the file system of a folder from others: its own number. Where it has none (FUSE, NFS), the number
/// of its device serves, which may be another one after a restart.
fn file_system(folder: &Path) -> Option<String> {
    match statvfs(folder) {
        Ok(found) if found.f_fsid != 0 => Some(format!("{:x}", found.f_fsid)),
        _ => std::fs::metadata(folder).ok().map(|found| format!("device {:x}", found.dev())),
    }
}

/// What a table of mounts has at and below a folder.
fn listed(table: &str, folder: &Path) -> BTreeSet<String> {
    let below = |line: &str| {
        let point = PathBuf::from(unescaped(line.split(' ').nth(4)?));
        let below = point.strip_prefix(folder).ok()?.to_string_lossy().into_owned();
        Some(if below.is_empty() { ".".to_owned() } else { below })
    };
    table.lines().filter_map(below).collect()
}

/// A path of the table: blanks, tabs, line ends and backslashes are octal numbers in it.
fn unescaped(text: &str) -> String {
    let escapes = [("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")];
    escapes.iter().fold(text.to_owned(), |text, (escape, plain)| text.replace(escape, plain))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINES: &str = "\
22 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw
30 22 8:2 / /media/my\\040films rw - ext4 /dev/sdb1 rw
31 30 8:3 / /media/my\\040films/Action rw - ext4 /dev/sdc1 rw
32 22 8:4 / /media/my\\040films\\0402 rw - ext4 /dev/sdd1 rw
";

    #[test]
    fn mounts_at_and_below_a_folder_are_found() {
        let found = |folder: &str| listed(LINES, Path::new(folder)).into_iter().collect::<Vec<_>>();
        assert_eq!(found("/media/my films"), [".", "Action"]);
        assert_eq!(found("/media/my films/Action"), ["."]);
        assert_eq!(found("/media/my films/Comedy"), [""; 0]);
        assert_eq!(found("/media/my"), [""; 0]);
    }

    #[test]
    fn an_ordinary_folder_has_no_mounts() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().canonicalize().unwrap().join("films");
        assert!(mounts_at(&folder).is_empty());
        std::fs::create_dir(&folder).unwrap();
        assert!(mounts_at(&folder).is_empty());
    }
}
