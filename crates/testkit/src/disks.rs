//! The disks that a library is tested on, a real one and one in memory, and what is on them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use vod2strm_core::event::FanOut;
use vod2strm_core::path::RelPath;
use vod2strm_disk::apply::workers::{Concurrency, WorkerPool};
use vod2strm_disk::fs::local::LocalFs;
use vod2strm_disk::fs::tree::Tree;
use vod2strm_disk::fs::{EntryKind, Fs};

use crate::faulty_fs::{FaultyFs, InjectedFault};
use crate::memory_fs::MemoryFs;

/// So many workers on a tree, to whom nobody listens.
pub fn pool(tree: &Tree, workers: usize) -> WorkerPool<'_> {
    static NOBODY: FanOut<'static> = FanOut(Vec::new());
    WorkerPool::new(tree, Concurrency::fixed(workers), &NOBODY)
}

/// A library as text: files with their content, directories with a `/` and links with an `@` at
/// the end of their paths.
pub type Entries = BTreeMap<String, String>;

/// Where a test writes.
pub enum Disk {
    /// In memory.
    Memory(MemoryFs),
    /// In `library` below this; links lead to `elsewhere` beside it.
    Local(TempDir),
}

impl Disk {
    /// One in memory.
    pub fn memory() -> Disk {
        Disk::Memory(MemoryFs::default())
    }

    /// One in memory, with roots that are file systems of their own.
    pub fn split() -> Disk {
        Disk::Memory(MemoryFs::split())
    }

    /// A real one.
    pub fn local() -> Disk {
        let dir = tempfile::tempdir().expect("a temporary folder");
        for folder in ["library", "elsewhere"] {
            std::fs::create_dir(dir.path().join(folder)).expect("a folder in it");
        }
        Disk::Local(dir)
    }

    /// One of each.
    pub fn both() -> [Disk; 2] {
        [Disk::memory(), Disk::local()]
    }

    /// The one in memory, for looking at its calls.
    pub fn memory_fs(&self) -> &MemoryFs {
        match self {
            Disk::Memory(fs) => fs,
            Disk::Local(_) => panic!("a real disk does not tell its calls"),
        }
    }

    fn dir(&self) -> &Path {
        match self {
            Disk::Memory(_) => panic!("a disk in memory is nowhere"),
            Disk::Local(dir) => dir.path(),
        }
    }

    /// Where a path of the real library is.
    pub fn real(&self, path: &str) -> PathBuf {
        self.dir().join("library").join(path)
    }

    /// Where others have their files, outside of the real library.
    pub fn elsewhere(&self, path: &str) -> PathBuf {
        self.dir().join("elsewhere").join(path)
    }

    fn fs(&self) -> Box<dyn Fs> {
        match self {
            Disk::Memory(fs) => Box::new(fs.clone()),
            Disk::Local(_) => Box::new(open(&self.real(""))),
        }
    }

    /// A tree on it, with a fault or without.
    pub fn tree(&self, fault: Option<&InjectedFault>) -> Tree {
        let fs: Box<dyn Fs> = match (self, fault) {
            (_, None) => self.fs(),
            (Disk::Memory(fs), Some(fault)) => Box::new(FaultyFs::new(fs.clone(), fault.clone())),
            (Disk::Local(_), Some(fault)) => {
                Box::new(FaultyFs::new(open(&self.real("")), fault.clone()))
            }
        };
        let roots = match self {
            Disk::Memory(fs) => fs.roots(),
            Disk::Local(_) => Default::default(),
        };
        Tree::new(fs, Path::new("/library")).with_roots(roots)
    }

    /// Puts a file there, or a directory (`/`), or a link to [`Disk::elsewhere`] (`@`), as in [`Entries`].
    pub fn plant(&self, path: &str, content: &str) {
        let bare = path.trim_end_matches(['/', '@']);
        let is_dir = path.ends_with('/');
        match self {
            Disk::Memory(fs) if is_dir => fs.plant_dir(bare),
            Disk::Memory(fs) if path.ends_with('@') => fs.plant_other(bare),
            Disk::Memory(fs) => fs.plant(path, content.as_bytes()),
            Disk::Local(_) => {
                let real = self.real(bare);
                let dir = if is_dir { Some(real.as_path()) } else { real.parent() };
                std::fs::create_dir_all(dir.expect("below the library")).expect("a folder");
                if path.ends_with('@') {
                    std::os::unix::fs::symlink(self.elsewhere(""), real).expect("a link");
                } else if !is_dir {
                    std::fs::write(real, content).expect("a file");
                }
            }
        }
    }

    /// Everything in the library but our own folder.
    pub fn library(&self) -> Entries {
        let mut all = self.entries();
        all.retain(|path, _| !path.split('/').any(|name| name == ".vod2strm"));
        all
    }

    /// Everything in the library.
    pub fn entries(&self) -> Entries {
        entries_of(self.fs().as_ref())
    }
}

fn open(dir: &Path) -> LocalFs {
    LocalFs::open(dir).expect("a folder that is there")
}

/// Everything in a folder outside of any library.
pub fn folder(path: &Path) -> Entries {
    entries_of(&open(path))
}

/// Everything on a file system.
pub fn entries_of(fs: &dyn Fs) -> Entries {
    let mut all = Entries::new();
    walk(fs, &RelPath::default(), &mut all);
    all
}

fn walk(fs: &dyn Fs, dir: &RelPath, all: &mut Entries) {
    for name in fs.list(dir).expect("a folder that can be listed") {
        let path = dir.join(&name).expect("a name that is one");
        match fs.kind(&path).expect("a readable entry").expect("one that is there") {
            EntryKind::Dir => {
                all.insert(format!("{path}/"), String::new());
                walk(fs, &path, all);
            }
            EntryKind::File => {
                let content = fs.read(&path).expect("a readable file");
                all.insert(path.to_string(), String::from_utf8_lossy(&content).into_owned());
            }
            EntryKind::Other => drop(all.insert(format!("{path}@"), String::new())),
        }
    }
}

/// Adds the directories above a path.
pub fn with_dirs(all: &mut Entries, path: &str) {
    for (end, _) in path.match_indices('/') {
        all.insert(path[..=end].to_owned(), String::new());
    }
}
