//! A library as a run finds it: output folder, lock, marker, ledger.
//!
//! A marker file in the output folder carries the library's id, and so does the ledger: an output
//! folder that is not mounted, or another one, is noticed before anything is written.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use vod2strm_core::hash::ContentHash;
use vod2strm_core::media::Kind;
use vod2strm_core::naming::library_root;
use vod2strm_core::path::RelPath;

use crate::fs::EntryKind;
use crate::ledger::{Ledger, LedgerError};
use crate::local::LocalFs;
use crate::lock::{LibraryLock, LockError, lock, lock_shared};
use crate::staging::{OWN_DIR, own_dir, prepare_own_dir};
use crate::tree::{Tree, TreeError};

/// Why a library cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LibraryError {
    /// A folder cannot be made or opened.
    #[error("cannot use folder {}", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The lock.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The ledger.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// A file of the library.
    #[error(transparent)]
    Tree(#[from] TreeError),
    /// The ledger has titles, and the folder does not look like a library.
    #[error("{} is not the library that the ledger {} knows: the ledger has {titles} titles, the folder has no marker", output.display(), ledger.display())]
    Unmarked {
        /// The output folder.
        output: PathBuf,
        /// The ledger.
        ledger: PathBuf,
        /// How many titles the ledger has.
        titles: u64,
    },
    /// The folder is a library, and the ledger is another one's.
    #[error("{} is not the library that the ledger {} knows: their ids differ", output.display(), ledger.display())]
    OtherLibrary {
        /// The output folder.
        output: PathBuf,
        /// The ledger.
        ledger: PathBuf,
    },
}

/// Where a library and its state are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The output folder; `Movies` and `TV` are below it.
    pub output: PathBuf,
    /// Where state of libraries is kept, each in a folder of its own.
    pub state: PathBuf,
    /// Whether the user named the state folder: then there is no other choice.
    pub is_state_chosen: bool,
}

/// A library that a run may change.
pub struct Library {
    /// Its files.
    pub tree: Tree,
    /// Its ledger.
    pub ledger: Ledger,
    /// The ledger was made just now, and the folder has been a library before.
    pub is_ledger_lost: bool,
    /// Where a ledger is that was damaged, and is not used any more.
    pub kept_aside: Option<PathBuf>,
    _lock: LibraryLock,
}

/// A library that a run only looks at.
pub struct LibraryView {
    /// Its ledger; empty if there is none.
    pub ledger: Ledger,
    /// Its files; `None` when there is no output folder yet.
    pub tree: Option<Tree>,
    /// The folder is a library, and there is no ledger.
    pub is_ledger_lost: bool,
    _lock: Option<LibraryLock>,
}

impl Place {
    /// The folder that holds this library's state: `<state>/<output's name>-<hash of its path>`.
    pub fn state_folder(&self) -> PathBuf {
        let path = self.absolute_output();
        let name = path.file_name().map_or("library".into(), |name| name.to_string_lossy());
        let hash = ContentHash::of(path.as_os_str().as_encoded_bytes()).0 as u64;
        self.state.join(format!("{name}-{hash:016x}"))
    }

    /// The ledger's file: in the state folder, or in the library if it is there.
    pub fn ledger_path(&self) -> PathBuf {
        let inside = self.ledger_inside();
        if !self.is_state_chosen && inside.exists() {
            return inside;
        }
        self.state_folder().join("ledger.sqlite")
    }

    fn ledger_inside(&self) -> PathBuf {
        self.output.join(OWN_DIR).join("ledger.sqlite")
    }

    /// The output folder by a name that does not depend on the working folder or on links.
    fn absolute_output(&self) -> PathBuf {
        let absolute = std::path::absolute(&self.output).unwrap_or_else(|_| self.output.clone());
        // It may not exist yet; what exists of its path is enough.
        let mut rest = PathBuf::new();
        for folder in absolute.ancestors() {
            if let Ok(real) = folder.canonicalize() {
                return if rest.as_os_str().is_empty() { real } else { real.join(rest) };
            }
            let name = folder.file_name().map(PathBuf::from).unwrap_or_default();
            rest = if rest.as_os_str().is_empty() { name } else { name.join(rest) };
        }
        absolute
    }
}

impl Library {
    /// Opens a library for a run, and makes it when it is new. `fresh_id` becomes a new library's id,
    /// `holder` says who the run is.
    pub fn open(place: &Place, fresh_id: &str, holder: &str) -> Result<Library, LibraryError> {
        refuse_unmarked(place)?;
        make_folder(&place.output)?;
        let opened = LocalFs::open(&place.output);
        let fs = opened.map_err(|source| folder_error(&place.output, source))?;
        let tree = Tree::new(Box::new(fs), &place.output);
        refuse_linked_roots(&tree)?;
        if tree.kind(&own_dir())?.is_none() {
            tree.ensure_dir(&own_dir())?;
        }
        let lock = lock(&place.output, &place.output.join(OWN_DIR))
            .map_err(|error| naming_holder(place, error))?;
        prepare_own_dir(&tree)?;
        let (ledger, kept_aside) = open_ledger(place)?;
        note_holder(&ledger, holder)?;
        let mut library = Library { tree, ledger, is_ledger_lost: false, kept_aside, _lock: lock };
        match identify(&library.tree, &library.ledger, fresh_id) {
            Err(LibraryError::Ledger(error)) if error.is_damaged() => library.renew_ledger()?,
            is_lost => library.is_ledger_lost = is_lost?,
        }
        Ok(library)
    }

    /// Notes that a ledger that was lost has been filled again.
    pub fn recovered(&mut self) -> Result<(), LibraryError> {
        self.is_ledger_lost = false;
        Ok(self.ledger.unset_meta(RECOVERING)?)
    }

    /// Goes on with an empty ledger, after this one turned out to be damaged; it is kept aside.
    pub fn renew_ledger(&mut self) -> Result<(), LibraryError> {
        let path = self.ledger.path().to_owned();
        // The old one has to be closed before it is moved.
        self.ledger = Ledger::empty(&path)?;
        self.kept_aside = Some(keep_aside(&path)?);
        self.ledger = Ledger::open(&path)?;
        // Marker and ledger agree on the id; a new one is never needed.
        self.is_ledger_lost = identify(&self.tree, &self.ledger, "")?;
        Ok(())
    }
}

impl LibraryView {
    /// Opens a library for a dry run; nothing is made, nothing is changed.
    pub fn open(place: &Place) -> Result<LibraryView, LibraryError> {
        refuse_unmarked(place)?;
        let lock = lock_shared(&place.output, &place.output.join(OWN_DIR))
            .map_err(|error| naming_holder(place, error))?;
        let ledger = Ledger::open_read_only(&place.ledger_path())?;
        let tree = match LocalFs::open(&place.output) {
            Ok(fs) => Some(Tree::new(Box::new(fs), &place.output)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(source) => return Err(folder_error(&place.output, source)),
        };
        let mut is_ledger_lost = false;
        if let Some(tree) = &tree {
            refuse_linked_roots(tree)?;
            refuse_other(tree, &ledger)?;
            let is_new = ledger.meta("library")?.is_none() || ledger.meta(RECOVERING)?.is_some();
            is_ledger_lost = is_new && tree.kind(&marker_path())?.is_some();
        }
        Ok(LibraryView { ledger, tree, is_ledger_lost, _lock: lock })
    }
}

/// An output folder without a marker, for which the ledger has titles: not mounted, or emptied.
fn refuse_unmarked(place: &Place) -> Result<(), LibraryError> {
    let path = place.ledger_path();
    if !path.exists() || place.output.join(OWN_DIR).join(MARKER).exists() {
        return Ok(());
    }
    match Ledger::open_read_only(&path)?.count_titles()? {
        0 => Ok(()),
        titles => {
            Err(LibraryError::Unmarked { output: place.output.clone(), ledger: path, titles })
        }
    }
}

const HOLDER: &str = "holder";

/// Says who holds the lock: beside the ledger, so that the library itself stays untouched.
fn note_holder(ledger: &Ledger, holder: &str) -> Result<(), LibraryError> {
    let path = ledger.path().with_file_name(HOLDER);
    let write = || File::create(&path)?.write_all(holder.as_bytes());
    write().map_err(|source| folder_error(&path, source))
}

fn naming_holder(place: &Place, error: LockError) -> LockError {
    match error {
        LockError::Held { library, .. } => {
            let noted = std::fs::read_to_string(place.ledger_path().with_file_name(HOLDER)).ok();
            LockError::Held { library, holder: noted.filter(|holder| !holder.is_empty()) }
        }
        other => other,
    }
}

/// `Movies` and `TV` are folders of the output folder itself: files are moved into them by renaming,
/// which a link to another place would send there.
fn refuse_linked_roots(tree: &Tree) -> Result<(), LibraryError> {
    for root in Kind::ALL.map(library_root) {
        let Ok(path) = RelPath::parse(root) else { continue };
        if !matches!(tree.kind(&path)?, None | Some(EntryKind::Dir)) {
            return Err(tree.not_a_folder(&path).into());
        }
    }
    Ok(())
}

const MARKER: &str = "library";

/// The fact in a ledger that is to be filled from what is on disk.
const RECOVERING: &str = "recovering";

/// An output folder whose marker is another library's than the ledger.
fn refuse_other(tree: &Tree, ledger: &Ledger) -> Result<(), LibraryError> {
    let marker =
        tree.read(&marker_path())?.map(|id| String::from_utf8_lossy(&id).trim().to_owned());
    match (marker, ledger.meta("library")?) {
        (Some(marker), Some(known)) if marker != known => Err(LibraryError::OtherLibrary {
            output: tree.root().to_owned(),
            ledger: ledger.path().to_owned(),
        }),
        _ => Ok(()),
    }
}

/// Makes ledger and marker agree on who they are; says whether the ledger is younger than the
/// library.
fn identify(tree: &Tree, ledger: &Ledger, fresh_id: &str) -> Result<bool, LibraryError> {
    refuse_other(tree, ledger)?;
    let path = marker_path();
    let marker = tree.read(&path)?.map(|id| String::from_utf8_lossy(&id).trim().to_owned());
    match (marker, ledger.meta("library")?) {
        (Some(_), Some(_)) => Ok(ledger.meta(RECOVERING)?.is_some()),
        (Some(marker), None) => {
            // A run that is cut off, or fails, before it has recognised what is on disk leaves that
            // to the next.
            ledger.set_meta(RECOVERING, "1")?;
            ledger.set_meta("library", &marker)?;
            Ok(true)
        }
        (None, known) => {
            let id = known.unwrap_or_else(|| fresh_id.to_owned());
            ledger.set_meta("library", &id)?;
            tree.write_new(&path, format!("{id}\n").as_bytes())?;
            Ok(false)
        }
    }
}

#[expect(clippy::expect_used, reason = "a constant name")]
fn marker_path() -> RelPath {
    own_dir().join(MARKER).expect("a single component")
}

/// The ledger in the state folder; in the library itself only when nothing else can be written.
fn open_ledger(place: &Place) -> Result<(Ledger, Option<PathBuf>), LibraryError> {
    let path = place.ledger_path();
    let folder = path.parent().unwrap_or(Path::new("."));
    match make_folder(folder) {
        Ok(()) => open_or_renew(&path),
        Err(error) if place.is_state_chosen => Err(error),
        Err(_) => open_or_renew(&place.ledger_inside()),
    }
}

/// Opens a ledger; one that is damaged is kept aside, and an empty one takes its place.
fn open_or_renew(path: &Path) -> Result<(Ledger, Option<PathBuf>), LibraryError> {
    match Ledger::open(path) {
        Err(error) if error.is_damaged() => {
            let aside = keep_aside(path)?;
            Ok((Ledger::open(path)?, Some(aside)))
        }
        opened => Ok((opened?, None)),
    }
}

/// Gives a damaged ledger another name, beside the one that it had.
#[expect(clippy::disallowed_methods, reason = "the ledger is no file of the library")]
fn keep_aside(path: &Path) -> Result<PathBuf, LibraryError> {
    let name = |n: u32| path.with_extension(format!("sqlite.damaged-{n}"));
    let aside = (1..).map(name).find(|aside| !aside.exists()).unwrap_or_else(|| name(0));
    std::fs::rename(path, &aside).map_err(|source| folder_error(path, source))?;
    for log in ["-wal", "-shm"] {
        let with = |path: &Path| PathBuf::from(format!("{}{log}", path.display()));
        match std::fs::rename(with(path), with(&aside)) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => {
                return Err(folder_error(&with(path), source));
            }
            _ => {}
        }
    }
    Ok(aside)
}

fn make_folder(path: &Path) -> Result<(), LibraryError> {
    std::fs::create_dir_all(path).map_err(|source| folder_error(path, source))
}

fn folder_error(path: &Path, source: io::Error) -> LibraryError {
    LibraryError::Folder { path: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(dir: &Path) -> Place {
        Place { output: dir.join("out"), state: dir.join("state"), is_state_chosen: true }
    }

    fn copy_ledger(from: &Place, to: &Place) {
        std::fs::create_dir_all(to.state_folder()).unwrap();
        std::fs::copy(from.ledger_path(), to.ledger_path()).unwrap();
    }

    #[test]
    fn a_library_is_recognised_and_locked() {
        let dir = tempfile::tempdir().unwrap();
        let place = place(dir.path());
        let library = Library::open(&place, "id-1", "me").unwrap();
        assert!(matches!(
            Library::open(&place, "id-2", "me"),
            Err(LibraryError::Lock(LockError::Held { .. }))
        ));
        assert!(matches!(
            LibraryView::open(&place),
            Err(LibraryError::Lock(LockError::Held { .. }))
        ));
        drop(library);
        let library = Library::open(&place, "id-2", "me").unwrap();
        assert_eq!(library.ledger.meta("library").unwrap().as_deref(), Some("id-1"));
        assert!(!library.is_ledger_lost);
    }

    #[test]
    fn a_lost_ledger_is_noticed() {
        let dir = tempfile::tempdir().unwrap();
        let place = place(dir.path());
        drop(Library::open(&place, "id-1", "me").unwrap());
        std::fs::remove_file(place.ledger_path()).unwrap();
        assert!(Library::open(&place, "id-2", "me").unwrap().is_ledger_lost);
    }

    #[test]
    fn another_librarys_ledger_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let (a, b) = (place(&dir.path().join("a")), place(&dir.path().join("b")));
        drop(Library::open(&a, "id-a", "me").unwrap());
        drop(Library::open(&b, "id-b", "me").unwrap());
        copy_ledger(&a, &b);
        assert!(matches!(Library::open(&b, "id-c", "me"), Err(LibraryError::OtherLibrary { .. })));
    }

    #[test]
    fn the_state_goes_into_the_library_only_when_it_must() {
        let dir = tempfile::tempdir().unwrap();
        drop(std::fs::File::create(dir.path().join("state")).unwrap());
        let place = Place { is_state_chosen: false, ..place(dir.path()) };
        drop(Library::open(&place, "id-1", "me").unwrap());
        assert_eq!(place.ledger_path(), dir.path().join("out/.vod2strm/ledger.sqlite"));
        drop(Library::open(&place, "id-1", "me").unwrap());
        let chosen = Place { is_state_chosen: true, ..place };
        assert!(matches!(Library::open(&chosen, "id-1", "me"), Err(LibraryError::Folder { .. })));
    }

    #[test]
    fn looking_makes_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let place = place(dir.path());
        assert!(
            LibraryView::open(&place).unwrap().ledger.index(Default::default()).unwrap().is_empty()
        );
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
    }
}
