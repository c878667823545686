//! A library as a run finds it: output folder, lock, markers, ledger.

pub mod lock;
pub mod marker;
pub mod mounts;
pub mod place;
pub mod service;
mod hint;
pub mod needed;
mod made;
mod recognise;
pub mod probe;

use std::fmt;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use vod2strm_core::model::media::Kind;
use vod2strm_core::path::RelPath;

use crate::fs::modes::own_file;
use crate::fs::roots::OWN_DIR;
use crate::fs::staging::{clear_staging, make_own_dir, prepare_own_dir, run_name};
use crate::fs::tree::Tree;
use crate::ledger::Ledger;
use crate::library::lock::{LibraryLock, LockError, LockReach, lock, lock_shared};
use crate::library::made::Made;
use crate::library::place::{HOLDER, exists, folder_error, make_folder, make_state_folder};
use crate::library::recognise::{
    LedgerMatch, RECOVERING, look, refuse_linked_roots, refuse_missing, refuse_nested, settle,
};

pub use crate::library::place::{LibraryError, Place};

/// Something about a library that its user should hear.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// The ledger was damaged; it is kept there, and not used any more.
    LedgerDamaged(PathBuf),
    /// The ledger was older than the library; it is not used any more, and is kept there. A preview keeps nothing.
    LedgerOlder(Option<PathBuf>),
    /// The library is older than the ledger.
    TreeOlder,
    /// A folder's marker was damaged, and has been written anew.
    MarkerRenewed(PathBuf),
    /// There are two ledgers: the one that is used, and another one.
    TwoLedgers(PathBuf, PathBuf),
    /// The file system knows no locks: only runs of this machine keep out of each other's way.
    NoLocks(PathBuf),
    /// The lock was given twice.
    IdleLocks(PathBuf),
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Note::LedgerDamaged(aside) => {
                write!(f, "the ledger is damaged; it is kept as {}", aside.display())
            }
            Note::LedgerOlder(aside) => {
                f.write_str(
                    "the ledger is older than the library: was a backup of it put back, or does another \
                     machine write here, too? ",
                )?;
                match aside {
                    Some(aside) => {
                        let aside = aside.display();
                        write!(f, "It is kept as {aside}, and what is on disk fills a new one")
                    }
                    None => f.write_str("What is on disk fills a new one"),
                }
            }
            Note::TreeOlder => f.write_str(
                "the library is older than its ledger: was a backup of it put back? Every file is \
                 read once, and what differs is written; folders that the ledger does not know stay",
            ),
            Note::MarkerRenewed(folder) => write!(
                f,
                "the marker of {} was damaged, as after a power cut; it has been written anew",
                folder.display()
            ),
            Note::TwoLedgers(used, other) => write!(
                f,
                "there are two ledgers: {} is used, {} is not; move away the one that is not needed",
                used.display(),
                other.display()
            ),
            Note::NoLocks(folder) => write!(
                f,
                "the file system of {} knows no locks: only runs of this machine keep out of each \
                 other's way (NFS: mount it with local_lock=flock, or start the server's lock service)",
                folder.display()
            ),
            Note::IdleLocks(folder) => write!(
                f,
                "locks have no effect in {}: see to it that only one run at a time writes there",
                folder.display()
            ),
        }
    }
}

/// A library that a run may change.
pub struct Library {
    /// Its files.
    pub tree: Tree,
    /// Its ledger.
    pub ledger: Ledger,
    /// The ledger was made just now, and the folder has been a library before.
    pub is_ledger_lost: bool,
    /// What its user should hear; whoever tells it takes it.
    pub notes: Vec<Note>,
    /// What this run has made, if the library is new.
    made: Option<Made>,
    /// A preview of what is not there yet has none.
    lock: Option<LibraryLock>,
}

/// A library that a run only looks at.
pub struct LibraryView {
    /// Its ledger; empty if there is none.
    pub ledger: Ledger,
    /// Its files; `None` when there is no output folder yet.
    pub tree: Option<Tree>,
    /// The folder is a library, and there is no ledger, or an older one, which counts as none.
    pub is_ledger_lost: bool,
    /// There is a ledger, and it is older than the folder.
    pub is_ledger_older: bool,
    /// The folder is older than the ledger: what its folders say proves nothing.
    pub is_tree_older: bool,
    lock: Option<LibraryLock>,
}

impl Library {
    /// Opens a library for a run, and makes it when it is new. `fresh_id` becomes a new library's id,
    /// `holder` says who the run is.
    pub fn open(place: &Place, fresh_id: &str, holder: &str) -> Result<Library, LibraryError> {
        refuse_nested(place)?;
        refuse_missing(place)?;
        let made = Made::from_now_on(place);
        let (tree, lock) = open_locked(place).inspect_err(|error| {
            // Who holds the lock works in these folders.
            if !matches!(error, LibraryError::Lock(LockError::Held { .. })) {
                made.take_folders_away();
            }
        })?;
        // Where locks do nothing, another run may be at work in them, too.
        let made = Some(made).filter(|made| lock.held == LockReach::Alone && made.is_all(place));
        let opened = open_ledger(&tree, place, holder);
        let opened = opened.inspect_err(|_| made.iter().for_each(Made::take_away));
        let (ledger, mut notes) = opened?;
        notes.extend(match lock.held {
            LockReach::Alone => None,
            LockReach::OnThisMachine => Some(Note::NoLocks(place.output.clone())),
            LockReach::ForShow => Some(Note::IdleLocks(place.output.clone())),
        });
        let mut library =
            Library { tree, ledger, is_ledger_lost: false, notes, made, lock: Some(lock) };
        match library.recognise_or_renew(fresh_id) {
            Ok(()) => Ok(library),
            Err(error) => {
                library.take_back();
                Err(error)
            }
        }
    }

    /// Opens a library for a preview of a run. Nothing is made, nothing is changed: what the run changes is kept apart, and
    /// goes with the library.
    pub fn open_for_preview(place: &Place) -> Result<Library, LibraryError> {
        let view = LibraryView::open(place)?;
        let LibraryView {
            mut ledger,
            tree,
            mut is_ledger_lost,
            is_ledger_older,
            is_tree_older,
            lock,
        } = view;
        let tree = match tree {
            Some(tree) => tree.preview(),
            None => Tree::preview_of_nothing(&place.output).with_roots(place.roots.clone()),
        };
        let mut notes = Vec::new();
        if is_ledger_older {
            notes.push(Note::LedgerOlder(None));
        }
        if is_tree_older {
            notes.push(Note::TreeOlder);
            ledger.keep_changes_apart()?;
            ledger.distrust(&Kind::ALL)?;
        }
        is_ledger_lost |= ledger.meta(RECOVERING)?.is_some();
        let tree = tree.with_run(run_name(), true);
        Ok(Library { tree, ledger, is_ledger_lost, notes, made: None, lock })
    }

    /// To be called before the first change to the ledger: from now on, the run may change something. A preview's copy of
    /// the ledger forgets what a run's ledger has forgotten when it began. `now` is in seconds since 1970.
    pub fn begin_changes(&mut self, now: i64) -> Result<(), LibraryError> {
        if self.ledger.is_view() {
            self.ledger.keep_changes_apart()?;
            self.ledger.forget_old(now)?;
        }
        Ok(())
    }

    /// Notes what a run found that has nothing to do. A preview, which ends with that, notes nothing.
    pub fn note<E>(&mut self, noting: impl FnOnce(&mut Library) -> Result<(), E>) -> Result<(), E> {
        if self.ledger.is_view() { Ok(()) } else { noting(self) }
    }

    /// Ends a run that came to nothing: what it has made of a new library goes, if no title has been begun.
    pub fn take_back(self) {
        let Library { tree, ledger, made, lock, .. } = self;
        if let Some(made) = made
            && ledger.is_blank().unwrap_or(false)
        {
            // What resists stays, and keeps its folders.
            let _ = clear_staging(&tree);
            drop((tree, ledger));
            made.take_away();
        }
        drop(lock);
    }

    /// The same; a damaged ledger is replaced.
    fn recognise_or_renew(&mut self, fresh_id: &str) -> Result<(), LibraryError> {
        match self.recognise(fresh_id) {
            Err(LibraryError::Ledger(error)) if error.is_damaged() => self.renew_ledger(),
            recognised => recognised,
        }
    }

    /// Finds out whether the library is the ledger's, and makes both agree.
    fn recognise(&mut self, fresh_id: &str) -> Result<(), LibraryError> {
        let ledger_match = look(&self.tree, &self.ledger)?;
        if ledger_match == LedgerMatch::LedgerOlder {
            return self.put_aside("older", |aside| Note::LedgerOlder(Some(aside)));
        }
        let renewed = settle(&self.tree, &self.ledger, fresh_id)?;
        self.notes.extend(renewed.into_iter().map(Note::MarkerRenewed));
        if ledger_match == LedgerMatch::TreeOlder {
            self.notes.push(Note::TreeOlder);
            self.ledger.distrust(&Kind::ALL)?;
            // Whatever becomes of this run, the next one must not take the tree for a younger one.
            marker::raise(&self.tree, &self.ledger)?;
        }
        self.is_ledger_lost = self.ledger.meta(RECOVERING)?.is_some();
        Ok(())
    }

    /// Notes that a ledger that was lost has been filled again.
    pub fn recovered(&mut self) -> Result<(), LibraryError> {
        self.is_ledger_lost = false;
        Ok(self.ledger.unset_meta(RECOVERING)?)
    }

    /// Goes on with an empty ledger, after this one turned out to be damaged; it is kept aside.
    pub fn renew_ledger(&mut self) -> Result<(), LibraryError> {
        let ledger = self.ledger.path().to_owned();
        self.put_aside("damaged", Note::LedgerDamaged).map_err(not_renewed(ledger))
    }

    fn put_aside(
        &mut self,
        why: &str,
        note: impl FnOnce(PathBuf) -> Note,
    ) -> Result<(), LibraryError> {
        let path = self.ledger.path().to_owned();
        // The old one has to be closed before it is moved.
        self.ledger = Ledger::empty(&path)?;
        self.notes.push(note(keep_aside(&path, why)?));
        self.ledger = Ledger::open(&path)?;
        // The new ledger takes its id from the marker; a fresh one is never needed.
        self.recognise("")
    }
}

impl LibraryView {
    /// Opens a library to look at it; nothing is made, nothing is changed.
    pub fn open(place: &Place) -> Result<LibraryView, LibraryError> {
        refuse_nested(place)?;
        refuse_missing(place)?;
        let path = place.ledger_path()?;
        let lock = take_shared_lock(place)?;
        let mut ledger = Ledger::open_read_only(&path)?;
        let tree = exists(&place.output)?.then(|| place.open_tree()).transpose()?;
        let mut ledger_match = LedgerMatch::Known;
        if let Some(tree) = &tree {
            refuse_linked_roots(tree)?;
            ledger_match = look(tree, &ledger)?;
        }
        if ledger_match == LedgerMatch::LedgerOlder {
            ledger = Ledger::empty(&path)?;
        }
        Ok(LibraryView {
            ledger,
            tree,
            is_ledger_lost: matches!(
                ledger_match,
                LedgerMatch::LedgerLost | LedgerMatch::LedgerOlder
            ),
            is_ledger_older: ledger_match == LedgerMatch::LedgerOlder,
            is_tree_older: ledger_match == LedgerMatch::TreeOlder,
            lock,
        })
    }
}

/// Takes the lock in the library; where the file system knows none, one beside the ledger, which runs of
/// this machine share.
fn take_lock(place: &Place) -> Result<LibraryLock, LibraryError> {
    let taken = match lock(&place.output, &place.output.join(OWN_DIR)) {
        Err(error) if error.is_unsupported() && place.ledger_path()? == place.ledger_outside() => {
            let folder = place.state_folder();
            make_state_folder(&folder)?;
            lock(&place.output, &folder).map(LibraryLock::on_this_machine)
        }
        taken => taken,
    };
    taken.map_err(|error| naming_holder(place, error).into())
}

/// The same for a run that only reads.
fn take_shared_lock(place: &Place) -> Result<Option<LibraryLock>, LibraryError> {
    let taken = match lock_shared(&place.output, &place.output.join(OWN_DIR)) {
        Err(error) if error.is_unsupported() => lock_shared(&place.output, &place.state_folder()),
        taken => taken,
    };
    taken.map_err(|error| naming_holder(place, error).into())
}

/// Whether a run that writes is at work. The lock is only tried, and let go at once.
pub fn is_at_work(place: &Place) -> bool {
    matches!(take_shared_lock(place), Err(LibraryError::Lock(LockError::Held { .. })))
}

/// Says who holds the lock: beside the ledger, so that the library itself stays untouched.
fn note_holder(ledger: &Ledger, holder: &str) -> Result<(), LibraryError> {
    let path = ledger.path().with_file_name(HOLDER);
    let write = || own_file().write(true).truncate(true).open(&path)?.write_all(holder.as_bytes());
    write().map_err(|source| folder_error(&path, source))
}

fn naming_holder(place: &Place, error: LockError) -> LockError {
    match error {
        LockError::Held { library, .. } => {
            let note = place.ledger_path().map(|path| path.with_file_name(HOLDER));
            let noted = note.ok().and_then(|path| std::fs::read_to_string(path).ok());
            LockError::Held { library, holder: noted.filter(|holder| !holder.is_empty()) }
        }
        other => other,
    }
}

/// Makes the folders of a library, opens its files, and takes its lock.
fn open_locked(place: &Place) -> Result<(Tree, LibraryLock), LibraryError> {
    make_folder(&place.output)?;
    place.roots.elsewhere().try_for_each(|(_, folder)| make_folder(folder))?;
    let tree = place.open_tree()?;
    refuse_linked_roots(&tree)?;
    make_own_dir(&tree, &RelPath::default())?;
    let lock = take_lock(place)?;
    Ok((tree.with_run(run_name(), lock.held == LockReach::Alone).closed(), lock))
}

/// Opens the ledger of a library, and notes who holds it.
fn open_ledger(
    tree: &Tree,
    place: &Place,
    holder: &str,
) -> Result<(Ledger, Vec<Note>), LibraryError> {
    prepare_own_dir(tree, &RelPath::default())?;
    let (ledger, aside) = find_ledger(place)?;
    note_holder(&ledger, holder)?;
    let other = place.second_ledger()?;
    let other = other.map(|other| Note::TwoLedgers(ledger.path().to_owned(), other));
    let notes = aside.map(Note::LedgerDamaged).into_iter().chain(other).collect();
    Ok((ledger, notes))
}

/// The ledger in the state folder; in the library itself only when nothing else can be written in a
/// library's first run.
fn find_ledger(place: &Place) -> Result<(Ledger, Option<PathBuf>), LibraryError> {
    let path = place.ledger_path()?;
    let folder = path.parent().unwrap_or(Path::new("."));
    match make_state_folder(folder) {
        Ok(()) => open_or_renew(&path),
        Err(_) if !place.is_state_chosen && place.is_new()? => {
            open_or_renew(&place.ledger_inside())
        }
        Err(error) => Err(error),
    }
}

/// Opens a ledger; one that is damaged is kept aside, and an empty one takes its place.
fn open_or_renew(path: &Path) -> Result<(Ledger, Option<PathBuf>), LibraryError> {
    match Ledger::open(path) {
        Err(error) if error.is_damaged() => {
            let renew = || {
                let aside = keep_aside(path, "damaged")?;
                Ok((Ledger::open(path)?, Some(aside)))
            };
            renew().map_err(not_renewed(path.to_owned()))
        }
        opened => Ok((opened?, None)),
    }
}

/// Keeps in mind that the ledger was damaged, when something else fails because of it.
fn not_renewed(ledger: PathBuf) -> impl FnOnce(LibraryError) -> LibraryError {
    |source| LibraryError::NotRenewed { ledger, source: Box::new(source) }
}

/// Gives a ledger that is not used any more another name, beside the one that it had.
#[expect(clippy::disallowed_methods, reason = "the ledger is no file of the library")]
fn keep_aside(path: &Path, why: &str) -> Result<PathBuf, LibraryError> {
    let name = |n: u32| path.with_extension(format!("sqlite.{why}-{n}"));
    let mut number = 1;
    while exists(&name(number))? {
        number += 1;
    }
    let aside = name(number);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fs::roots::Roots;

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
        std::fs::copy(from.ledger_outside(), to.ledger_outside()).unwrap();
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
        std::fs::remove_file(place.ledger_outside()).unwrap();
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
        assert_eq!(place.ledger_path().unwrap(), dir.path().join("out/.vod2strm/ledger.sqlite"));
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
