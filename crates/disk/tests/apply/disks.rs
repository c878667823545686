//! The disks that plans are applied to, a real one and one in memory, and what is on them.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::LazyLock;
use std::sync::atomic::AtomicBool;

use tempfile::TempDir;
use vod2strm_core::path::RelPath;
use vod2strm_core::plan::TitlePlan;
use vod2strm_disk::apply::{Applied, FileOutcome, Site, apply_batch};
use vod2strm_disk::fs::{EntryKind, Fs};
use vod2strm_disk::leftovers::Leftovers;
use vod2strm_disk::local::LocalFs;
use vod2strm_disk::staging::{Corner, prepare_staging};
use vod2strm_disk::tree::{Tree, TreeError};
use vod2strm_testkit::faulty_fs::{Fault, FaultyFs};
use vod2strm_testkit::memory_fs::MemoryFs;

/// A library as text: files with their content, directories with a `/` and links with an `@` at
/// the end of their paths.
pub type Entries = BTreeMap<String, String>;

/// Where a test writes.
pub enum Disk {
    /// In memory.
    Memory(MemoryFs),
    /// In `library` below this; links lead to `outside` beside it.
    Local(TempDir),
}

impl Disk {
    /// One in memory.
    pub fn memory() -> Disk {
        Disk::Memory(MemoryFs::default())
    }

    /// A real one.
    pub fn local() -> Disk {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("library")).unwrap();
        Disk::Local(dir)
    }

    /// One of each.
    pub fn both() -> [Disk; 2] {
        [Disk::memory(), Disk::local()]
    }

    fn fs(&self) -> Box<dyn Fs> {
        match self {
            Disk::Memory(fs) => Box::new(fs.clone()),
            Disk::Local(dir) => Box::new(LocalFs::open(&dir.path().join("library")).unwrap()),
        }
    }

    /// A tree on it.
    pub fn tree(&self) -> Tree {
        Tree::new(self.fs(), Path::new("/library"))
    }

    /// A tree on it that fails.
    pub fn faulty_tree(&self, fault: &Fault) -> Tree {
        let fault = fault.clone();
        let fs: Box<dyn Fs> = match self {
            Disk::Memory(fs) => Box::new(FaultyFs::new(fs.clone(), fault)),
            Disk::Local(dir) => {
                let fs = LocalFs::open(&dir.path().join("library")).unwrap();
                Box::new(FaultyFs::new(fs, fault))
            }
        };
        Tree::new(fs, Path::new("/library"))
    }

    /// Puts a file there, or a directory (`/`), or something else (`@`), as in [`Entries`].
    #[expect(clippy::disallowed_methods, reason = "what others do to a library")]
    pub fn plant(&self, path: &str, content: &str) {
        let bare = path.trim_end_matches(['/', '@']);
        let is_dir = path.ends_with('/');
        match self {
            Disk::Memory(fs) if is_dir => fs.plant_dir(bare),
            Disk::Memory(fs) if path.ends_with('@') => fs.plant_other(bare),
            Disk::Memory(fs) => fs.plant(path, content.as_bytes()),
            Disk::Local(dir) => {
                let real = dir.path().join("library").join(bare);
                std::fs::create_dir_all(if is_dir { &real } else { real.parent().unwrap() })
                    .unwrap();
                if path.ends_with('@') {
                    let outside = dir.path().join("outside");
                    std::fs::write(&outside, "outside").unwrap();
                    std::os::unix::fs::symlink(outside, real).unwrap();
                } else if !is_dir {
                    std::fs::write(real, content).unwrap();
                }
            }
        }
    }

    /// Everything but our own folder.
    pub fn library(&self) -> Entries {
        let mut all = self.entries();
        all.retain(|path, _| !path.starts_with(".vod2strm"));
        all
    }

    /// Everything. Fails if somebody wrote through a link.
    pub fn entries(&self) -> Entries {
        if let Disk::Local(dir) = self
            && let Ok(outside) = std::fs::read_to_string(dir.path().join("outside"))
        {
            assert_eq!(outside, "outside", "a link was written through");
        }
        let mut all = Entries::new();
        walk(self.fs().as_ref(), &RelPath::default(), &mut all);
        all
    }
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

/// What a batch is applied to, after a run that was not cut off.
pub fn site<'a>(tree: &'a Tree, corners: &'a mut [Corner]) -> Site<'a> {
    static NOTHING: LazyLock<Leftovers> = LazyLock::new(Leftovers::default);
    static GO_ON: AtomicBool = AtomicBool::new(false);
    Site { tree, corners, leftovers: &NOTHING, stop: &GO_ON }
}

/// Prepares staging and applies a batch.
pub fn run(tree: &Tree, workers: usize, plans: &[TitlePlan]) -> Result<Vec<Applied>, TreeError> {
    let mut corners = prepare_staging(tree, workers)?;
    Ok(apply_batch(site(tree, &mut corners), plans, &|_, _| {}))
}

/// Applies one plan by one worker.
pub fn apply_one(disk: &Disk, plan: TitlePlan) -> Vec<String> {
    said(&run(&disk.tree(), 1, &[plan]).unwrap()[0])
}

/// The outcomes as words.
pub fn said(applied: &Applied) -> Vec<String> {
    let word = |file: &FileOutcome| match file {
        FileOutcome::Failed(_) => "Failed".to_owned(),
        other => format!("{other:?}"),
    };
    applied.files.iter().map(word).collect()
}

/// Entries, written down.
pub fn entries<const N: usize>(all: [(&str, &str); N]) -> Entries {
    all.map(|(path, content)| (path.to_owned(), content.to_owned())).into()
}
