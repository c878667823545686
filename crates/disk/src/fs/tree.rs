//! A library's tree: an `Fs` with counters and with errors that name their file.

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use vod2strm_core::path::{BadPath, RelPath};
use vod2strm_core::plan::settle::Failure;
use vod2strm_core::text::nfc;

use crate::fs::hint::title_hint;
use crate::fs::modes::Modes;
use crate::fs::preview::PreviewFs;
use crate::fs::roots::{OWN_DIR, Roots};
use crate::fs::{Entry, EntryKind, Fs, Way};

/// A file-system call that failed.
#[derive(Debug, thiserror::Error)]
#[error("cannot {verb} {}", path.display())]
pub struct TreeError {
    /// What was tried, as in "cannot … it".
    pub verb: &'static str,
    /// On what.
    pub path: PathBuf,
    /// The system's reason.
    pub source: io::Error,
    /// So many calls in a row have failed for this reason that the storage has gone away.
    pub has_repeated: bool,
}

/// What storage says that has gone away, by the system's numbers: the other end of a mount has died, or the device
/// is no more. On Linux: ENXIO, ENODEV, ENOTCONN, ESHUTDOWN, EHOSTDOWN, ENOMEDIUM.
#[cfg(target_os = "linux")]
const GONE_AWAY: [i32; 6] = [6, 19, 107, 108, 112, 123];
#[cfg(not(target_os = "linux"))]
const GONE_AWAY: [i32; 0] = [];

/// What may be one bad file, or all of the storage: EIO and ETIMEDOUT.
const MAY_BE_ALL: [i32; 2] = [5, 110];

/// So many failures in a row, and no success in between, are no bad files any more.
const IN_A_ROW: u64 = 10;

impl Failure for TreeError {
    fn is_storage(&self) -> bool {
        TreeError::is_storage(self)
    }

    fn words(&self) -> String {
        format!("{self}: {}", self.source)
    }

    fn hint(&self) -> Option<&'static str> {
        title_hint(&self.source)
    }
}

impl TreeError {
    /// Whether the storage as a whole is in trouble, so that going on would fail on every title.
    pub fn is_storage(&self) -> bool {
        use io::ErrorKind::{
            QuotaExceeded, ReadOnlyFilesystem, StaleNetworkFileHandle, StorageFull,
        };
        let is_full = matches!(
            self.source.kind(),
            StorageFull | QuotaExceeded | ReadOnlyFilesystem | StaleNetworkFileHandle
        );
        let has_gone = self.source.raw_os_error().is_some_and(|it| GONE_AWAY.contains(&it));
        is_full || has_gone || self.has_repeated
    }

    /// Whether something is already there.
    pub fn is_occupied(&self) -> bool {
        let kind = self.source.kind();
        kind == io::ErrorKind::AlreadyExists || kind == io::ErrorKind::DirectoryNotEmpty
    }

    /// Whether it may be about folders alone, which cannot be renamed there. An overlay's lower layer says that two
    /// file systems are meant. Others say that it is not permitted or that the folder is busy.
    pub fn may_be_of_folders(&self) -> bool {
        use io::ErrorKind::{CrossesDevices, PermissionDenied, ResourceBusy};
        matches!(self.source.kind(), CrossesDevices | PermissionDenied | ResourceBusy)
    }

    fn is_not_found(&self) -> bool {
        self.source.kind() == io::ErrorKind::NotFound
    }
}

/// What was found in the place of a file of ours.
#[derive(Debug, PartialEq, Eq)]
pub enum Found {
    /// Nothing.
    Nothing,
    /// A file of a size that ours may have, and its content.
    Content(Vec<u8>),
    /// Something that cannot be ours: no plain file, or one of another size. It was not opened.
    Strange(Entry),
}

/// The names in a folder. Some file systems give a name back in another normal form than it was given (that of a Mac
/// takes names apart). Both are the same name.
#[derive(Debug, Default)]
pub struct Listing(HashSet<String>);

impl Listing {
    /// These names.
    pub fn of(names: impl IntoIterator<Item = String>) -> Listing {
        Listing(names.into_iter().map(nfc).collect())
    }

    /// Whether a name is among them.
    pub fn has(&self, name: &str) -> bool {
        self.0.contains(name) || self.0.contains(&nfc(name.to_owned()))
    }
}

/// How many calls of each sort were made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Calls {
    /// Directories asked when they last changed.
    pub stats: u64,
    /// Questions: what is there, what is in it.
    pub reads: u64,
    /// Directories made.
    pub dirs: u64,
    /// Files written, under a temporary name or in a staging folder.
    pub writes: u64,
    /// Renames.
    pub renames: u64,
    /// Files and directories removed, staged ones included.
    pub removals: u64,
    /// Times that everything was made durable.
    pub syncs: u64,
}

impl Calls {
    /// All calls.
    pub fn sum(&self) -> u64 {
        let Calls { stats, reads, dirs, writes, renames, removals, syncs } = self;
        stats + reads + dirs + writes + renames + removals + syncs
    }
}

#[derive(Default)]
struct Counters {
    stats: AtomicU64,
    reads: AtomicU64,
    dirs: AtomicU64,
    writes: AtomicU64,
    renames: AtomicU64,
    removals: AtomicU64,
    syncs: AtomicU64,
}

/// A library's tree.
pub struct Tree {
    fs: Arc<dyn Fs>,
    root: PathBuf,
    roots: Roots,
    counters: Counters,
    /// Calls in a row that failed as those of storage that has gone away.
    failing: AtomicU64,
    run: String,
    is_alone: bool,
    /// Whether anything but our own folders may be changed.
    is_open: AtomicBool,
}

impl Tree {
    /// A tree on a file system; `root` is what messages show.
    pub fn new(fs: Box<dyn Fs>, root: &Path) -> Tree {
        let (roots, counters) = (Roots::default(), Counters::default());
        let (failing, run, is_alone) = (AtomicU64::new(0), String::new(), true);
        let is_open = AtomicBool::new(true);
        let fs = Arc::from(fs);
        Tree { fs, root: root.to_owned(), roots, counters, failing, run, is_alone, is_open }
    }

    /// A tree in which nothing is, and in which every change is kept in memory: that of a library to come.
    pub(crate) fn preview_of_nothing(root: &Path) -> Tree {
        Tree::new(Box::new(PreviewFs::over(None)), root)
    }

    /// The same files, as a tree in which every change is kept in memory.
    pub fn preview(&self) -> Tree {
        let fs = PreviewFs::over(Some(Arc::clone(&self.fs)));
        let (roots, run) = (self.roots.clone(), self.run.clone());
        Tree {
            run,
            is_alone: self.is_alone,
            ..Tree::new(Box::new(fs), &self.root).with_roots(roots)
        }
    }

    /// The same tree, with roots that are elsewhere.
    pub fn with_roots(self, roots: Roots) -> Tree {
        Tree { roots, ..self }
    }

    /// The same tree, with the name of the run that works on it, which no other run has. `is_alone` says
    /// that a lock keeps other runs of this machine away.
    pub fn with_run(self, run: String, is_alone: bool) -> Tree {
        Tree { run, is_alone, ..self }
    }

    /// The same tree, in which nothing changes but our own folders until it is opened: every other change is refused.
    pub fn closed(self) -> Tree {
        Tree { is_open: AtomicBool::new(false), ..self }
    }

    /// Lets all be changed from now on.
    pub(crate) fn open(&self) {
        self.is_open.store(true, Ordering::SeqCst);
    }

    /// Whether all may be changed.
    pub fn is_open(&self) -> bool {
        self.is_open.load(Ordering::SeqCst)
    }

    /// The name of the run that works on it; empty if it has none.
    pub fn run(&self) -> &str {
        &self.run
    }

    /// Whether no other run of this machine works on it.
    pub fn is_alone(&self) -> bool {
        self.is_alone
    }

    /// Gives these modes to all that is made from now on.
    pub fn set_modes(&mut self, modes: Modes) {
        // Before the tree is previewed: what is shared with a preview cannot be changed.
        if let Some(fs) = Arc::get_mut(&mut self.fs) {
            fs.set_modes(modes);
        }
    }

    /// Where its roots are.
    pub fn roots(&self) -> &Roots {
        &self.roots
    }

    /// Where a path really is, for messages.
    pub fn real(&self, path: &RelPath) -> PathBuf {
        self.roots.real(&self.root, path)
    }

    /// The output folder, for messages.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// What was done so far.
    pub fn calls(&self) -> Calls {
        let get = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Calls {
            stats: get(&self.counters.stats),
            reads: get(&self.counters.reads),
            dirs: get(&self.counters.dirs),
            writes: get(&self.counters.writes),
            renames: get(&self.counters.renames),
            removals: get(&self.counters.removals),
            syncs: get(&self.counters.syncs),
        }
    }

    fn call<T>(
        &self,
        counter: &AtomicU64,
        verb: &'static str,
        path: &RelPath,
        result: io::Result<T>,
    ) -> Result<T, TreeError> {
        counter.fetch_add(1, Ordering::Relaxed);
        match result {
            Ok(done) => {
                if self.failing.load(Ordering::Relaxed) != 0 {
                    self.failing.store(0, Ordering::Relaxed);
                }
                Ok(done)
            }
            Err(source) => {
                let has_repeated = self.has_repeated(&source);
                Err(TreeError { verb, path: self.real(path), source, has_repeated })
            }
        }
    }

    /// Makes a change, unless it is refused while the tree is closed: as the file system would refuse it, or else by us.
    fn change(
        &self,
        path: &RelPath,
        refused: impl FnOnce(&RelPath) -> io::Result<()>,
        change: impl FnOnce() -> io::Result<()>,
    ) -> io::Result<()> {
        let is_own = || path.as_str().split('/').take(2).any(|name| name == OWN_DIR);
        if self.is_open() || is_own() {
            return change();
        }
        refused(path)?;
        Err(io::Error::other("it has changed since it was looked at; the next run tries again"))
    }

    /// Refuses a place that is taken.
    fn refuse_taken(&self, path: &RelPath) -> io::Result<()> {
        match self.fs.kind(path)? {
            Some(_) => Err(io::ErrorKind::AlreadyExists.into()),
            None => Ok(()),
        }
    }

    /// Refuses a place in which nothing is.
    fn refuse_free(&self, path: &RelPath) -> io::Result<()> {
        match self.fs.kind(path)? {
            Some(_) => Ok(()),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }

    /// Refuses a folder that is not empty, or not there.
    fn refuse_occupied(&self, path: &RelPath) -> io::Result<()> {
        if self.fs.list(path)?.is_empty() {
            Ok(())
        } else {
            Err(io::ErrorKind::DirectoryNotEmpty.into())
        }
    }

    /// Counts failures in a row that may be those of all of the storage.
    fn has_repeated(&self, error: &io::Error) -> bool {
        let is_suspect = error.raw_os_error().is_some_and(|number| MAY_BE_ALL.contains(&number));
        is_suspect && self.failing.fetch_add(1, Ordering::Relaxed) + 1 >= IN_A_ROW
    }

    /// An error of a staged file, told of the file that it was to become.
    pub fn naming(&self, error: TreeError, path: &RelPath) -> TreeError {
        TreeError { path: self.real(path), ..error }
    }

    /// The error of something else where a folder should be, for example a link.
    pub fn not_a_folder(&self, path: &RelPath) -> TreeError {
        let source = io::Error::new(io::ErrorKind::NotADirectory, "it is no folder, or a link");
        TreeError { verb: "use", path: self.real(path), source, has_repeated: false }
    }

    /// The error of something else where a file of ours should be.
    pub fn no_file(&self, path: &RelPath, entry: Entry) -> TreeError {
        let words = format!("it is {}, and no file", entry.as_str());
        let source = io::Error::new(io::ErrorKind::InvalidInput, words);
        TreeError { verb: "use", path: self.real(path), source, has_repeated: false }
    }

    /// The error of a text that is no path below a folder.
    pub fn not_a_path(&self, folder: &RelPath, below: &str) -> TreeError {
        let error = BadPath(below.to_owned());
        let source = io::Error::new(io::ErrorKind::InvalidInput, error);
        TreeError { verb: "use a path in", path: self.real(folder), source, has_repeated: false }
    }

    /// What is at the path, and of a file its size; `None` when nothing is.
    pub fn entry(&self, path: &RelPath) -> Result<Option<Entry>, TreeError> {
        self.call(&self.counters.reads, "look at", path, self.fs.entry(path))
    }

    /// Reads a file of ours. Nothing is opened but a plain file of which `is_ours` says that its size,
    /// in bytes, may be ours.
    pub fn read_ours(
        &self,
        path: &RelPath,
        is_ours: impl FnOnce(u64) -> bool,
    ) -> Result<Found, TreeError> {
        match self.entry(path)? {
            None => Ok(Found::Nothing),
            Some(Entry::File { size }) if is_ours(size) => {
                Ok(self.read(path)?.map_or(Found::Nothing, Found::Content))
            }
            Some(entry) => Ok(Found::Strange(entry)),
        }
    }

    /// What is at the path; `None` when nothing is.
    pub fn kind(&self, path: &RelPath) -> Result<Option<EntryKind>, TreeError> {
        self.call(&self.counters.reads, "look at", path, self.fs.kind(path))
    }

    /// What is on the way to a folder, if one call can tell. [`Dirs`](crate::fs::dir::Dirs) asks otherwise.
    pub(crate) fn way(&self, dir: &RelPath) -> Result<Option<Way>, TreeError> {
        match self.fs.way(dir) {
            Ok(None) => Ok(None),
            answered => self.call(&self.counters.reads, "look at", dir, answered),
        }
    }

    /// When an entry last came to or went from a directory; `None` when there is no directory.
    pub fn changed(&self, dir: &RelPath) -> Result<Option<i64>, TreeError> {
        self.call(&self.counters.stats, "look at folder", dir, self.fs.changed(dir))
    }

    /// Sets that time back, to try whether the file system moves it forward.
    pub fn age(&self, dir: &RelPath) -> Result<(), TreeError> {
        self.call(&self.counters.dirs, "age folder", dir, self.fs.age(dir))
    }

    /// A file's content; `None` when there is no file.
    pub fn read(&self, path: &RelPath) -> Result<Option<Vec<u8>>, TreeError> {
        self.content(path, self.fs.read(path))
    }

    /// At most `limit` bytes from the beginning of a file; `None` when there is no file.
    pub fn read_start(&self, path: &RelPath, limit: usize) -> Result<Option<Vec<u8>>, TreeError> {
        self.content(path, self.fs.read_start(path, limit))
    }

    fn content(
        &self,
        path: &RelPath,
        read: io::Result<Vec<u8>>,
    ) -> Result<Option<Vec<u8>>, TreeError> {
        match self.call(&self.counters.reads, "read", path, read) {
            Ok(content) => Ok(Some(content)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Names in a directory; none when it does not exist.
    pub fn list(&self, path: &RelPath) -> Result<Vec<String>, TreeError> {
        match self.call(&self.counters.reads, "list", path, self.fs.list(path)) {
            Ok(names) => Ok(names),
            Err(error) if error.is_not_found() => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    /// Makes a directory whose parent exists, and in whose place nothing may be.
    pub fn create_dir(&self, path: &RelPath) -> Result<(), TreeError> {
        let refused = |path: &RelPath| self.refuse_taken(path);
        let made = self.change(path, refused, || self.fs.create_dir(path));
        self.call(&self.counters.dirs, "make folder", path, made)
    }

    /// Makes a directory whose parent exists; one that is there already is fine.
    pub fn ensure_dir(&self, path: &RelPath) -> Result<(), TreeError> {
        match self.create_dir(path) {
            Err(error) if error.is_occupied() => match self.kind(path)? {
                Some(EntryKind::Dir) => Ok(()),
                _ => Err(error),
            },
            done => done,
        }
    }

    /// Removes the folders between a title's place and its library root, as far as they are empty. What
    /// cannot be removed stays: an empty folder harms nobody.
    pub fn clear_groups(&self, folder: &RelPath) {
        let mut above = folder.parent();
        while let Some(group) = above.filter(|dir| dir.as_str().contains('/')) {
            if self.remove_dir(&group).is_err() {
                break;
            }
            above = group.parent();
        }
    }

    /// Makes a file that must not be there yet.
    pub fn write_new(&self, path: &RelPath, content: &[u8]) -> Result<(), TreeError> {
        let refused = |path: &RelPath| self.refuse_taken(path);
        let written = self.change(path, refused, || self.fs.write_new(path, content));
        self.call(&self.counters.writes, "write", path, written)
    }

    /// Moves a file over another one, or into a free place.
    pub fn replace(&self, from: &RelPath, to: &RelPath) -> Result<(), TreeError> {
        let replaced = self.change(to, |_| Ok(()), || self.fs.replace(from, to));
        self.call(&self.counters.renames, "replace", to, replaced)
    }

    /// Moves a file or directory into a place that must be free.
    pub fn rename_new(&self, from: &RelPath, to: &RelPath) -> Result<(), TreeError> {
        let refused = |path: &RelPath| self.refuse_taken(path);
        let renamed = self.change(to, refused, || self.fs.rename_new(from, to));
        self.call(&self.counters.renames, "create", to, renamed)
    }

    /// Removes a file; one that is gone already is fine.
    pub fn remove_file(&self, path: &RelPath) -> Result<(), TreeError> {
        let refused = |path: &RelPath| self.refuse_free(path);
        let removed = self.change(path, refused, || self.fs.remove_file(path));
        ignore_not_found(self.call(&self.counters.removals, "remove", path, removed))
    }

    /// Removes an empty directory; one that is gone already is fine.
    pub fn remove_dir(&self, path: &RelPath) -> Result<(), TreeError> {
        let refused = |path: &RelPath| self.refuse_occupied(path);
        let removed = self.change(path, refused, || self.fs.remove_dir(path));
        ignore_not_found(self.call(&self.counters.removals, "remove folder", path, removed))
    }

    /// Makes everything written so far survive a power cut.
    pub fn sync(&self) -> Result<(), TreeError> {
        self.call(&self.counters.syncs, "flush", &RelPath::default(), self.fs.sync())
    }

    /// Nobody looks again at what was written so far, outside of our own folders.
    pub fn forget_written(&self) {
        self.fs.forget_written();
    }
}

fn ignore_not_found(result: Result<(), TreeError>) -> Result<(), TreeError> {
    match result {
        Err(error) if error.is_not_found() => Ok(()),
        done => done,
    }
}
