//! Programs that do nothing but create, or remove, the same files.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

/// The folder, below the library, in which titles are made before one rename puts them into their place.
const STAGING: &str = ".staging";

/// A title in memory. All paths are below the title's folder, a folder before what is in it.
struct MemoryTitle {
    /// Below the library.
    folder: PathBuf,
    folders: Vec<PathBuf>,
    files: Vec<(PathBuf, Vec<u8>)>,
}

/// A library in memory.
pub struct MemoryTree {
    /// By the names of their folders, so that movies and series take turns.
    titles: Vec<MemoryTitle>,
}

impl MemoryTree {
    /// Reads a library, or the titles with its first so many files.
    pub fn read(root: &Path, at_most: usize) -> MemoryTree {
        let mut folders = Vec::new();
        for kind in folders_in(root) {
            folders.extend(folders_in(&kind));
        }
        folders.sort_by(|one, other| one.file_name().cmp(&other.file_name()));
        let (mut titles, mut files) = (Vec::new(), 0);
        for folder in folders {
            if files >= at_most {
                break;
            }
            let title = MemoryTitle::read(root, &folder);
            files += title.files.len();
            titles.push(title);
        }
        MemoryTree { titles }
    }

    /// How many files there are.
    pub fn len(&self) -> usize {
        self.titles.iter().map(|title| title.files.len()).sum()
    }

    /// Writes all files below a new folder; gives the seconds.
    pub fn write(&self, root: &Path) -> f64 {
        self.write_some(root, usize::MAX)
    }

    /// Writes at least so many files, with the promise of a run: a title is made elsewhere and appears by one
    /// rename, each folder is asked when it last changed, and all is on the disk in the end.
    ///
    /// There is a thread for each core, and each takes the next title that nobody has taken.
    pub fn write_some(&self, root: &Path, files: usize) -> f64 {
        let start = Instant::now();
        for title in &self.titles {
            let above = title.folder.parent().expect("a title is in its kind's folder");
            fs::create_dir_all(root.join(above)).expect("a writable folder");
        }
        let (next, written) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let threads = thread::available_parallelism().map_or(1, usize::from);
        thread::scope(|scope| {
            for thread in 0..threads {
                let staging = root.join(STAGING).join(thread.to_string());
                let (next, written) = (&next, &written);
                scope.spawn(move || {
                    fs::create_dir_all(&staging).expect("a writable folder");
                    while written.load(Ordering::Relaxed) < files
                        && let Some(title) = self.titles.get(next.fetch_add(1, Ordering::Relaxed))
                    {
                        written.fetch_add(title.files.len(), Ordering::Relaxed);
                        title.write(root, &staging.join("title"));
                    }
                });
            }
        });
        let disk = File::open(root).expect("a readable library");
        rustix::fs::syncfs(disk).expect("a disk that can be written to");
        start.elapsed().as_secs_f64()
    }

    /// The titles' folders of the library that are still there.
    pub fn folders(&self, root: &Path) -> BTreeSet<PathBuf> {
        let titles = self.titles.iter().map(|title| &title.folder);
        titles.filter(|folder| root.join(folder).exists()).cloned().collect()
    }
}

impl MemoryTitle {
    fn read(root: &Path, folder: &Path) -> MemoryTitle {
        let below = folder.strip_prefix(root).expect("it is in the library");
        let mut title =
            MemoryTitle { folder: below.to_owned(), folders: Vec::new(), files: Vec::new() };
        title.add(folder, Path::new(""));
        title
    }

    fn add(&mut self, title: &Path, below: &Path) {
        for entry in fs::read_dir(title.join(below)).expect("a readable library") {
            let entry = entry.expect("a readable library");
            let path = below.join(entry.file_name());
            if entry.file_type().expect("a readable library").is_dir() {
                self.folders.push(path.clone());
                self.add(title, &path);
            } else {
                let content = fs::read(entry.path()).expect("a readable library");
                self.files.push((path, content));
            }
        }
    }

    fn write(&self, root: &Path, staged: &Path) {
        fs::create_dir(staged).expect("a writable folder");
        for folder in &self.folders {
            fs::create_dir(staged.join(folder)).expect("a writable folder");
        }
        for (path, content) in &self.files {
            fs::write(staged.join(path), content).expect("a writable folder");
        }
        for folder in self.folders.iter().map(PathBuf::as_path).chain([Path::new("")]) {
            fs::metadata(staged.join(folder)).expect("a readable folder");
        }
        fs::rename(staged, root.join(&self.folder)).expect("a writable folder");
    }
}

/// The folders in a folder; none whose name begins with a dot.
fn folders_in(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a readable library");
    let paths = entries.map(|entry| entry.expect("a readable library").path());
    let is_hidden =
        |path: &PathBuf| path.file_name().is_some_and(|name| name.as_encoded_bytes()[0] == b'.');
    paths.filter(|path| path.is_dir() && !is_hidden(path)).collect()
}

/// `rm -rf` of these folders below a root; gives the seconds.
pub fn remove(root: &Path, folders: &[PathBuf]) -> f64 {
    let start = Instant::now();
    for some in folders.chunks(1_000) {
        let status = Command::new("rm").arg("-rf").args(some).current_dir(root).status();
        assert!(status.expect("rm is there").success());
    }
    start.elapsed().as_secs_f64()
}
