//! What a run needs of the storage: tried, not guessed. What a trial makes, it removes.

use std::path::{Path, PathBuf};

use rustix::fs::statvfs;
use vod2strm_core::model::media::Kind;
use vod2strm_core::path::RelPath;

use crate::fs::EntryKind;
use crate::fs::local::LocalFs;
use crate::fs::roots::{OWN_DIR, root_path};
use crate::fs::staging::{clear, make_own_dir, own_dir, run_name, staging};
use crate::fs::tree::{Tree, TreeError};
use crate::ledger::Ledger;
use crate::library::lock::{LibraryLock, LockError, LockReach, lock};
use crate::library::place::{LibraryError, Place, exists, folder_error};

/// What was found in the output folder, or in a root that is elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Probed {
    /// There is no such folder; the first run makes it.
    Missing {
        /// The nearest folder above it that exists: folders can be made there.
        nearest: PathBuf,
    },
    /// Files and folders can be made, moved to where titles are, and removed.
    Usable(Usable),
}

/// What a folder is good for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Usable {
    /// Whether the file system takes `A` and `a` for one.
    pub folds_case: bool,
    /// Whether a folder with something in it can be renamed; if not, files are moved one by one.
    pub moves_folders: bool,
    /// How much there is room for; `None` where the file system does not tell.
    pub room: Option<Room>,
}

/// How much there is room for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// Free space for this user, in bytes.
    pub bytes: u64,
    /// How many files and folders can be made; `None` where there is no limit of their own.
    pub files: Option<u64>,
    /// The longest name that a file may have, in bytes.
    pub longest_name: Option<u64>,
}

/// Where the ledger is, or will be made.
#[derive(Debug)]
pub enum StateFolder {
    /// In the state folder; a ledger could be made and written there.
    Outside,
    /// In the library.
    Inside,
    /// It will be in the library, since the state folder cannot be used.
    WillBeInside(LibraryError),
}

/// A folder of a trial's own, which goes with it.
struct ProbeFolder {
    folder: PathBuf,
}

impl ProbeFolder {
    fn new(parent: &Path) -> Result<ProbeFolder, LibraryError> {
        let folder = parent.join(format!("{OWN_DIR}-trial.{}", run_name()));
        std::fs::create_dir(&folder).map_err(|source| folder_error(parent, source))?;
        Ok(ProbeFolder { folder })
    }

    /// Removes what the trial made.
    fn end(&self) -> std::io::Result<()> {
        for entry in std::fs::read_dir(&self.folder)? {
            std::fs::remove_file(entry?.path())?;
        }
        std::fs::remove_dir(&self.folder)
    }
}

impl Drop for ProbeFolder {
    fn drop(&mut self) {
        // What cannot be removed could be made, which is what the trial is about.
        let _ = self.end();
    }
}

/// The folder itself, or the nearest one above it that exists. What cannot be looked at is an error.
fn nearest(path: &Path) -> Result<&Path, LibraryError> {
    for folder in path.ancestors() {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        if exists(folder)? {
            return Ok(folder);
        }
        // A link that leads nowhere: no folder can be made in its place.
        if folder.symlink_metadata().is_ok() {
            return Err(folder_error(folder, std::io::ErrorKind::NotADirectory.into()));
        }
    }
    Ok(Path::new("."))
}

/// Tries what a run does in the output folder (an empty `volume`) or in a root that is elsewhere. Makes a folder with a
/// file in it in staging, moves the folder to where titles are and back, and removes it.
pub fn storage(place: &Place, volume: &RelPath) -> Result<Probed, LibraryError> {
    let folder = match volume.as_str() {
        "" => place.output.clone(),
        _ => place.roots.real(&place.output, volume),
    };
    if !exists(&folder)? {
        let nearest = nearest(&folder)?;
        ProbeFolder::new(nearest)?.end().map_err(|source| folder_error(nearest, source))?;
        return Ok(Probed::Missing { nearest: nearest.to_owned() });
    }
    let opened = LocalFs::open(&folder).map_err(|source| folder_error(&folder, source))?;
    let tree = Tree::new(Box::new(opened), &folder).with_run(run_name(), true);
    let targets: Vec<RelPath> = match volume.as_str() {
        "" => Kind::ALL.into_iter().filter(|it| !place.roots.has(*it)).map(root_path).collect(),
        _ => vec![RelPath::default()],
    };
    let usable = try_storage(&tree, &targets)?;
    Ok(Probed::Usable(Usable { room: room(&folder), ..usable }))
}

fn try_storage(tree: &Tree, targets: &[RelPath]) -> Result<Usable, TreeError> {
    let volume = RelPath::default();
    let had_own = tree.kind(&own_dir(&volume))?.is_some();
    let own = make_own_dir(tree, &volume)?;
    let staging = staging(tree, &volume);
    let tried = tree.ensure_dir(&staging).and_then(|()| try_moves(tree, &staging, targets));
    let cleared = clear(tree, &staging);
    if !had_own {
        // A run may have begun meanwhile, whose folder it is then.
        let _ = tree.remove_dir(&own);
    }
    cleared.and(tried)
}

/// Moves a folder with a file in it to each of these and back.
fn try_moves(tree: &Tree, staging: &RelPath, targets: &[RelPath]) -> Result<Usable, TreeError> {
    let child = |dir: &RelPath, name: &str| dir.join(name).unwrap_or_default();
    let (folder, file) = (child(staging, "folder"), child(staging, "folder/file.strm"));
    tree.create_dir(&folder)?;
    tree.write_new(&file, b"vod2strm looks whether it can write here\n")?;
    let folds_case = tree.kind(&child(staging, "FOLDER"))?.is_some();
    let mut moves_folders = true;
    for target in targets {
        // The first run makes it beside staging.
        let target = match tree.kind(target)? {
            Some(EntryKind::Dir) => target.clone(),
            None => RelPath::default(),
            Some(EntryKind::File | EntryKind::Other) => return Err(tree.not_a_folder(target)),
        };
        let there = child(&target, &format!("{OWN_DIR}-trial.{}", tree.run()));
        if try_move(tree, &folder, &there).is_err() {
            try_move(tree, &file, &there)?;
            moves_folders = false;
        }
    }
    tree.sync()?;
    Ok(Usable { folds_case, moves_folders, room: None })
}

/// Moves something there and back.
fn try_move(tree: &Tree, from: &RelPath, to: &RelPath) -> Result<(), TreeError> {
    tree.rename_new(from, to)?;
    tree.rename_new(to, from)
}

/// How much a folder's file system has room for.
fn room(folder: &Path) -> Option<Room> {
    let space = statvfs(folder).ok()?;
    Some(Room {
        bytes: space.f_bavail.saturating_mul(space.f_frsize),
        files: (space.f_files > 0).then_some(space.f_favail),
        longest_name: (space.f_namemax > 0).then_some(space.f_namemax),
    })
}

/// The longest name in bytes that a file may have in the output folder and in all roots. `None` where a file system
/// does not tell.
pub fn longest_name(place: &Place) -> Option<u64> {
    let longest = |volume: RelPath| {
        room(nearest(&place.roots.real(&place.output, &volume)).ok()?)?.longest_name
    };
    place.roots.volumes().filter_map(longest).min()
}

/// Tries the lock that a run takes, in a folder of the trial's own beside it.
pub fn locks(place: &Place) -> Result<LockReach, LibraryError> {
    let try_in = |folder: &Path| -> Result<LibraryLock, LibraryError> {
        let trial = ProbeFolder::new(nearest(folder)?)?;
        Ok(lock(&place.output, &trial.folder)?)
    };
    match try_in(&place.output.join(OWN_DIR)) {
        Err(LibraryError::Lock(error)) if may_be_outside(place, &error)? => {
            Ok(try_in(&place.state_folder())?.on_this_machine().held)
        }
        taken => Ok(taken?.held),
    }
}

/// Whether a run takes its lock beside the ledger after this error.
fn may_be_outside(place: &Place, error: &LockError) -> Result<bool, LibraryError> {
    Ok(error.is_unsupported() && place.ledger_path()? == place.ledger_outside())
}

/// Opens a ledger for trial where the run keeps its own, as the run does.
pub fn state(place: &Place) -> Result<StateFolder, LibraryError> {
    if place.ledger_path()? == place.ledger_inside() && exists(&place.ledger_inside())? {
        return Ok(StateFolder::Inside);
    }
    match try_ledger(&place.state_folder()) {
        Ok(()) => Ok(StateFolder::Outside),
        Err(error) if !place.is_state_chosen && place.is_new()? => {
            Ok(StateFolder::WillBeInside(error))
        }
        Err(error) => Err(error),
    }
}

fn try_ledger(folder: &Path) -> Result<(), LibraryError> {
    let trial = ProbeFolder::new(nearest(folder)?)?;
    let ledger = Ledger::open(&trial.folder.join("ledger.sqlite"))?;
    drop(ledger);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fs::roots::Roots;

    fn place(dir: &Path) -> Place {
        let (output, state) = (dir.join("out"), dir.join("state"));
        Place { output, roots: Roots::default(), state, is_state_chosen: true }
    }

    fn names(dir: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(dir).unwrap();
        let mut names: Vec<String> =
            entries.map(|it| it.unwrap().file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_trial_leaves_nothing_behind() {
        let dir = tempfile::tempdir().unwrap();
        let mut place = place(dir.path());
        place.roots.put(Kind::Series, dir.path().join("series"));
        let all = |place: &Place| {
            let found = storage(place, &RelPath::default()).unwrap();
            let series = storage(place, &root_path(Kind::Series)).unwrap();
            assert_eq!(locks(place).unwrap(), LockReach::Alone);
            assert!(matches!(state(place).unwrap(), StateFolder::Outside));
            [found, series]
        };
        let nearest = dir.path().to_owned();
        assert_eq!(
            all(&place),
            [Probed::Missing { nearest: nearest.clone() }, Probed::Missing { nearest }]
        );
        assert_eq!(names(dir.path()), [""; 0]);
        for folder in ["out/Movies", "series", "state"] {
            std::fs::create_dir_all(dir.path().join(folder)).unwrap();
        }
        for found in all(&place) {
            assert!(
                matches!(found, Probed::Usable(Usable { moves_folders: true, .. })),
                "{found:?}"
            );
        }
        assert_eq!(names(dir.path()), ["out", "series", "state"]);
        assert_eq!(names(&dir.path().join("out")), ["Movies"]);
        for folder in ["out/Movies", "series", "state"] {
            assert_eq!(names(&dir.path().join(folder)), [""; 0]);
        }
    }

    #[test]
    fn what_is_no_folder_is_an_error_that_names_it() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("file");
        drop(std::fs::File::create(&file).unwrap());
        std::os::unix::fs::symlink(dir.path().join("nowhere"), dir.path().join("link")).unwrap();
        for output in ["file", "file/below", "link", "link/below"] {
            let place = Place { output: dir.path().join(output), ..place(dir.path()) };
            let error = storage(&place, &RelPath::default()).unwrap_err().to_string();
            let name = output.split('/').next().unwrap();
            assert!(error.contains(name), "{output}: {error}");
        }
        let place = Place { state: file, ..place(dir.path()) };
        assert!(state(&place).unwrap_err().to_string().contains("file"));
        let place = Place { is_state_chosen: false, ..place };
        assert!(matches!(state(&place).unwrap(), StateFolder::WillBeInside(_)));
    }
}
