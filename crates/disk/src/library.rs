//! A library as a run finds it: output folder, lock, marker, ledger.
//!
//! A marker file in the output folder carries the library's id, and so does the ledger: an output
//! folder that is not mounted, or another one, is noticed before anything is written. So has every root
//! that is elsewhere.

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
use crate::lock::{LibraryLock, LockError, is_held, lock, lock_shared};
use crate::roots::{Roots, root_path};
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
    /// A root is not where it was, or not mounted.
    #[error("{} has none of the titles that the ledger {} knows there", root.display(), ledger.display())]
    Elsewhere {
        /// The folder of movies or series.
        root: PathBuf,
        /// The ledger.
        ledger: PathBuf,
    },
    /// Folders that must lie beside each other.
    #[error("{} lies in {}: movies, series and vod2strm's own files need folders beside each other", inner.display(), outer.display())]
    Nested {
        /// One of the folders.
        inner: PathBuf,
        /// The one that it lies in, or is.
        outer: PathBuf,
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
    /// The output folder; `Movies` and `TV` are below it, but those that are elsewhere.
    pub output: PathBuf,
    /// The roots that are elsewhere.
    pub roots: Roots,
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
        let path = real_path(&self.output);
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

    /// Whether a run that writes is at work.
    pub fn is_at_work(&self) -> bool {
        is_held(&self.output, &self.output.join(OWN_DIR))
    }

    fn ledger_inside(&self) -> PathBuf {
        self.output.join(OWN_DIR).join("ledger.sqlite")
    }

    /// Where the titles of a kind are.
    pub fn root(&self, kind: Kind) -> PathBuf {
        self.roots.real(&self.output, &root_path(kind))
    }

    /// Opens its files; the output folder must exist.
    fn open_tree(&self) -> Result<Tree, LibraryError> {
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |source| folder_error(&path, source)
        };
        let mut fs = LocalFs::open(&self.output).map_err(failed(&self.output))?;
        for (name, folder) in self.roots.elsewhere() {
            fs = fs.with_root(name, folder).map_err(failed(folder))?;
        }
        Ok(Tree::new(Box::new(fs), &self.output).with_roots(self.roots.clone()))
    }
}

/// A folder by a name that does not depend on the working folder or on links. It may not exist yet;
/// what exists of its path is enough.
fn real_path(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
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

impl Library {
    /// Opens a library for a run, and makes it when it is new. `fresh_id` becomes a new library's id,
    /// `holder` says who the run is.
    pub fn open(place: &Place, fresh_id: &str, holder: &str) -> Result<Library, LibraryError> {
        refuse_nested(place)?;
        refuse_unmarked(place)?;
        make_folder(&place.output)?;
        place.roots.elsewhere().try_for_each(|(_, folder)| make_folder(folder))?;
        let tree = place.open_tree()?;
        refuse_linked_roots(&tree)?;
        let (home, own) = (RelPath::default(), own_dir(&RelPath::default()));
        if tree.kind(&own)?.is_none() {
            tree.ensure_dir(&own)?;
        }
        let lock = lock(&place.output, &place.output.join(OWN_DIR))
            .map_err(|error| naming_holder(place, error))?;
        prepare_own_dir(&tree, &home)?;
        let (ledger, kept_aside) = open_ledger(place)?;
        note_holder(&ledger, holder)?;
        let mut library = Library { tree, ledger, is_ledger_lost: false, kept_aside, _lock: lock };
        match identify(&library.tree, &library.ledger, fresh_id) {
            Err(LibraryError::Ledger(error)) if error.is_damaged() => library.renew_ledger()?,
            is_lost => library.is_ledger_lost = is_lost?,
        }
        settle_roots(&library.tree, &library.ledger)?;
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
        refuse_nested(place)?;
        refuse_unmarked(place)?;
        let lock = lock_shared(&place.output, &place.output.join(OWN_DIR))
            .map_err(|error| naming_holder(place, error))?;
        let ledger = Ledger::open_read_only(&place.ledger_path())?;
        let is_there = place.output.try_exists();
        let is_there = is_there.map_err(|source| folder_error(&place.output, source))?;
        let tree = is_there.then(|| place.open_tree()).transpose()?;
        let mut is_ledger_lost = false;
        if let Some(tree) = &tree {
            refuse_linked_roots(tree)?;
            refuse_other(tree, &ledger, &RelPath::default())?;
            Kind::ALL.iter().try_for_each(|kind| check_root(tree, &ledger, *kind))?;
            let is_new = ledger.meta("library")?.is_none() || ledger.meta(RECOVERING)?.is_some();
            is_ledger_lost = is_new && tree.kind(&marker_path(&RelPath::default()))?.is_some();
        }
        Ok(LibraryView { ledger, tree, is_ledger_lost, _lock: lock })
    }
}

/// An output folder without a marker, for which the ledger has titles: not mounted, or emptied.
fn refuse_unmarked(place: &Place) -> Result<(), LibraryError> {
    let path = place.ledger_path();
    if !path.exists() {
        return Ok(());
    }
    for kind in Kind::ALL.into_iter().filter(|kind| !place.root(*kind).exists()) {
        if place.roots.has(kind) && !Ledger::open_read_only(&path)?.some_folders(kind)?.is_empty() {
            return Err(LibraryError::Elsewhere { root: place.root(kind), ledger: path });
        }
    }
    if place.output.join(OWN_DIR).join(MARKER).exists() {
        return Ok(());
    }
    match Ledger::open_read_only(&path)?.count_titles()? {
        0 => Ok(()),
        titles => {
            Err(LibraryError::Unmarked { output: place.output.clone(), ledger: path, titles })
        }
    }
}

/// Roots in one another: titles of one kind would be found among those of the other, and what is on its
/// way among titles.
fn refuse_nested(place: &Place) -> Result<(), LibraryError> {
    let [movies, series] = Kind::ALL.map(|kind| real_path(&place.root(kind)));
    let own = real_path(&place.output.join(OWN_DIR));
    for (a, b) in [(&movies, &series), (&own, &movies), (&own, &series)] {
        for (inner, outer) in [(a, b), (b, a)] {
            if inner.starts_with(outer) {
                let (inner, outer) = (inner.clone(), outer.clone());
                return Err(LibraryError::Nested { inner, outer });
            }
        }
    }
    Ok(())
}

/// Makes roots known to the ledger, and those that are elsewhere by a marker of their own.
fn settle_roots(tree: &Tree, ledger: &Ledger) -> Result<(), LibraryError> {
    for kind in Kind::ALL {
        check_root(tree, ledger, kind)?;
        let root = root_path(kind);
        let place = place_of(tree, kind);
        if known_place(ledger, kind)? != place {
            ledger.set_meta(&place_fact(kind), &place)?;
        }
        if place.is_empty() {
            continue;
        }
        prepare_own_dir(tree, &root)?;
        let path = marker_path(&root);
        if let (None, Some(id)) = (tree.read(&path)?, ledger.meta("library")?) {
            tree.write_new(&path, format!("{id}\n").as_bytes())?;
        }
    }
    Ok(())
}

/// A root that is another one than in the last run, or has lost its marker, must have a title that the
/// ledger knows; or else it is not mounted, or its titles are still where it was.
fn check_root(tree: &Tree, ledger: &Ledger, kind: Kind) -> Result<(), LibraryError> {
    let root = root_path(kind);
    refuse_other(tree, ledger, &root)?;
    let place = place_of(tree, kind);
    let is_marked = place.is_empty() || tree.kind(&marker_path(&root))?.is_some();
    if is_marked && known_place(ledger, kind)? == place {
        return Ok(());
    }
    let folders = ledger.some_folders(kind)?;
    for folder in folders.iter().filter_map(|folder| root.join(folder).ok()) {
        if tree.kind(&folder)?.is_some() {
            return Ok(());
        }
    }
    if folders.is_empty() {
        return Ok(());
    }
    Err(LibraryError::Elsewhere { root: tree.real(&root), ledger: ledger.path().to_owned() })
}

/// Where a root is, if it is elsewhere.
fn place_of(tree: &Tree, kind: Kind) -> String {
    if !tree.roots().has(kind) {
        return String::new();
    }
    real_path(&tree.real(&root_path(kind))).to_string_lossy().into_owned()
}

fn known_place(ledger: &Ledger, kind: Kind) -> Result<String, LedgerError> {
    Ok(ledger.meta(&place_fact(kind))?.unwrap_or_default())
}

/// The fact in a ledger that says where a root was in the last run.
fn place_fact(kind: Kind) -> String {
    format!("place of {}", library_root(kind))
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

/// `Movies` and `TV` of the output folder are folders: files are moved into them by renaming, which a
/// link to another place would send there.
fn refuse_linked_roots(tree: &Tree) -> Result<(), LibraryError> {
    for path in Kind::ALL.map(root_path) {
        if !matches!(tree.kind(&path)?, None | Some(EntryKind::Dir)) {
            return Err(tree.not_a_folder(&path).into());
        }
    }
    Ok(())
}

const MARKER: &str = "library";

/// The fact in a ledger that is to be filled from what is on disk.
const RECOVERING: &str = "recovering";

/// An output folder, or a root, whose marker is another library's than the ledger.
fn refuse_other(tree: &Tree, ledger: &Ledger, home: &RelPath) -> Result<(), LibraryError> {
    let marker =
        tree.read(&marker_path(home))?.map(|id| String::from_utf8_lossy(&id).trim().to_owned());
    match (marker, ledger.meta("library")?) {
        (Some(marker), Some(known)) if marker != known => Err(LibraryError::OtherLibrary {
            output: tree.real(home),
            ledger: ledger.path().to_owned(),
        }),
        _ => Ok(()),
    }
}

/// Makes ledger and marker agree on who they are; says whether the ledger is younger than the
/// library.
fn identify(tree: &Tree, ledger: &Ledger, fresh_id: &str) -> Result<bool, LibraryError> {
    refuse_other(tree, ledger, &RelPath::default())?;
    let path = marker_path(&RelPath::default());
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
fn marker_path(home: &RelPath) -> RelPath {
    own_dir(home).join(MARKER).expect("a single component")
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
        Place {
            output: dir.join("out"),
            roots: Roots::default(),
            state: dir.join("state"),
            is_state_chosen: true,
        }
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
