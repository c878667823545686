//! A disk, real or in memory, with a ledger beside it, and what is on both.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use tempfile::TempDir;
use vod2strm_core::path::RelPath;
use vod2strm_disk::fs::{EntryKind, Fs};
use vod2strm_disk::ledger::Ledger;
use vod2strm_disk::local::LocalFs;
use vod2strm_disk::tree::Tree;
use vod2strm_testkit::faulty_fs::{Fault, FaultyFs};
use vod2strm_testkit::memory_fs::MemoryFs;

/// A library as text: files with their content, directories with a `/` and what is neither with an `@`
/// at the end of their paths.
pub type Entries = BTreeMap<String, String>;

/// Nobody asks the run to end.
pub static GO_ON: AtomicBool = AtomicBool::new(false);

/// A library and its ledger.
pub struct World {
    dir: TempDir,
    memory: Option<MemoryFs>,
}

/// How a world is made.
pub type MakeWorld = fn() -> World;

impl World {
    /// One in memory.
    pub fn memory() -> World {
        World { dir: fast_dir(), memory: Some(MemoryFs::default()) }
    }

    /// A real one, in `library`; others have their files in `elsewhere` beside it.
    pub fn local() -> World {
        let dir = fast_dir();
        for folder in ["library", "elsewhere"] {
            std::fs::create_dir(dir.path().join(folder)).unwrap();
        }
        World { dir, memory: None }
    }

    /// Both ways to make one.
    pub const BOTH: [MakeWorld; 2] = [World::memory, World::local];

    fn fs(&self) -> Box<dyn Fs> {
        match &self.memory {
            Some(fs) => Box::new(fs.clone()),
            None => Box::new(LocalFs::open(&self.real("")).unwrap()),
        }
    }

    /// A tree, with a fault or without.
    pub fn tree(&self, fault: Option<&Fault>) -> Tree {
        let fs: Box<dyn Fs> = match (&self.memory, fault) {
            (_, None) => self.fs(),
            (Some(fs), Some(fault)) => Box::new(FaultyFs::new(fs.clone(), fault.clone())),
            (None, Some(fault)) => {
                let fs = LocalFs::open(&self.real("")).unwrap();
                Box::new(FaultyFs::new(fs, fault.clone()))
            }
        };
        Tree::new(fs, Path::new("/library"))
    }

    /// The ledger, opened anew.
    pub fn ledger(&self) -> Ledger {
        Ledger::open(&self.dir.path().join("ledger.sqlite")).unwrap()
    }

    /// Where a path of the real library is.
    pub fn real(&self, path: &str) -> PathBuf {
        self.dir.path().join("library").join(path)
    }

    /// Where others have their files.
    pub fn elsewhere(&self, path: &str) -> PathBuf {
        self.dir.path().join("elsewhere").join(path)
    }

    /// Puts a file there, or a directory (`/`), or something else (`@`), as in [`Entries`]. In a real
    /// library the latter is a link to a folder elsewhere.
    #[expect(clippy::disallowed_methods, reason = "what others do to a library")]
    pub fn plant(&self, path: &str, content: &str) {
        let bare = path.trim_end_matches(['/', '@']);
        let is_dir = path.ends_with('/');
        match &self.memory {
            Some(fs) if is_dir => fs.plant_dir(bare),
            Some(fs) if path.ends_with('@') => fs.plant_other(bare),
            Some(fs) => fs.plant(path, content.as_bytes()),
            None => {
                let real = self.real(bare);
                let dir = if is_dir { &real } else { real.parent().unwrap() };
                std::fs::create_dir_all(dir).unwrap();
                if path.ends_with('@') {
                    std::os::unix::fs::symlink(self.elsewhere(""), real).unwrap();
                } else if !is_dir {
                    std::fs::write(real, content).unwrap();
                }
            }
        }
    }

    /// Everything in the library but our own folder.
    pub fn library(&self) -> Entries {
        let mut all = self.entries();
        all.retain(|path, _| !path.starts_with(".vod2strm"));
        all
    }

    /// What is in the staging corners.
    pub fn staged(&self) -> Vec<String> {
        let is_staged = |path: &String| {
            let below = path.strip_prefix(".vod2strm/staging/");
            below.is_some_and(|below| below.trim_end_matches('/').contains('/'))
        };
        self.entries().into_keys().filter(is_staged).collect()
    }

    fn entries(&self) -> Entries {
        let mut all = Entries::new();
        walk(self.fs().as_ref(), &RelPath::default(), &mut all);
        all
    }
}

/// A ledger flushes with every entry: in memory that costs nothing.
fn fast_dir() -> TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

fn walk(fs: &dyn Fs, dir: &RelPath, all: &mut Entries) {
    for name in fs.list(dir).unwrap() {
        let path = dir.join(&name).unwrap();
        match fs.kind(&path).unwrap().unwrap() {
            EntryKind::Dir => {
                all.insert(format!("{path}/"), String::new());
                walk(fs, &path, all);
            }
            EntryKind::File => {
                let content = String::from_utf8(fs.read(&path).unwrap()).unwrap();
                all.insert(path.to_string(), content);
            }
            EntryKind::Other => drop(all.insert(format!("{path}@"), String::new())),
        }
    }
}

/// Everything in a folder outside of any library.
pub fn folder(path: &Path) -> Entries {
    let mut all = Entries::new();
    walk(&LocalFs::open(path).unwrap(), &RelPath::default(), &mut all);
    all
}

/// Plays for every n that a fault may have, until it does not strike any more: `play` says whether it
/// did. Fails when that is too early.
pub fn for_every_n(at_least: u64, play: impl Fn(u64) -> bool) {
    let last = (1..).find(|nth| !play(*nth)).unwrap();
    assert!(last > at_least, "only {last} calls");
}
