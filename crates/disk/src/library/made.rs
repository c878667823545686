//! What a library's first run makes before its first title: taken away again if the run comes to nothing.
//! Only what was not there before goes, and of folders only those that are empty.

use std::io;
use std::path::{Path, PathBuf};

use vod2strm_core::model::media::Kind;

use crate::fs::roots::OWN_DIR;
use crate::fs::staging::{IGNORE_FILES, STAGING};
use crate::library::place::{HOLDER, LEDGER, Place, real_path};

/// What of a library was not there before a run.
#[derive(Debug)]
pub struct Made {
    /// Folders, each before those that it is in.
    folders: Vec<PathBuf>,
    /// Those of them that hold our own files.
    own: Vec<PathBuf>,
}

impl Made {
    /// What is not there now, and will be made.
    pub fn from_now_on(place: &Place) -> Made {
        let volumes: Vec<PathBuf> =
            place.roots.volumes().map(|volume| place.roots.real(&place.output, &volume)).collect();
        let own = volumes.iter().map(|volume| volume.join(OWN_DIR)).chain([place.state_folder()]);
        let own: Vec<PathBuf> = own.map(|folder| real_path(&folder)).collect();
        let all = own.iter().cloned().chain(Kind::ALL.map(|kind| real_path(&place.root(kind))));
        let mut folders: Vec<PathBuf> = all.flat_map(|folder| missing(&folder)).collect();
        folders.sort_by_key(|folder| std::cmp::Reverse(folder.components().count()));
        folders.dedup();
        let own = own.into_iter().filter(|folder| folders.contains(folder)).collect();
        Made { folders, own }
    }

    /// Whether the library itself is new, and its ledger with it.
    pub fn is_all(&self, place: &Place) -> bool {
        [place.output.join(OWN_DIR), place.state_folder()]
            .iter()
            .all(|folder| self.own.contains(&real_path(folder)))
    }

    /// Takes away our own files, and the folders if they are empty then. Whoever calls it has the lock, and has
    /// closed the ledger. What resists stays.
    pub fn take_away(&self) {
        for folder in &self.own {
            for entry in folder.read_dir().into_iter().flatten().flatten() {
                if entry.file_name().to_str().is_some_and(is_our_file) {
                    // What is a folder is not removed by this.
                    let _ = std::fs::remove_file(entry.path());
                }
            }
        }
        self.take_folders_away();
    }

    /// Takes away the folders that are empty.
    pub fn take_folders_away(&self) {
        for folder in &self.folders {
            let _ = std::fs::remove_dir(folder);
        }
    }
}

/// The folders of a path that are not there, the innermost first.
fn missing(folder: &Path) -> Vec<PathBuf> {
    let is_missing = |path: &&Path| matches!(path.symlink_metadata(), Err(error) if error.kind() == io::ErrorKind::NotFound);
    folder.ancestors().take_while(is_missing).map(Path::to_owned).collect()
}

/// Whether a file in one of our own folders has a name that a run gives before its first title.
fn is_our_file(name: &str) -> bool {
    let is_ignore = IGNORE_FILES.iter().any(|(ignore, _)| *ignore == name);
    let is_ledger = name.strip_prefix(LEDGER);
    let is_ledger = is_ledger.is_some_and(|end| ["", "-wal", "-shm", "-journal"].contains(&end));
    is_ignore
        || is_ledger
        || ["library", "lock", HOLDER].contains(&name)
        || name.strip_prefix(STAGING).is_some_and(|rest| rest.starts_with(".library."))
}
