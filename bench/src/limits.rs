//! Programs that do nothing but create, or remove, the same files.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::Instant;

/// A folder and the files in it: paths below the library, and contents.
type FolderFiles = (PathBuf, Vec<(PathBuf, Vec<u8>)>);

/// A library in memory: its folders in order.
pub struct MemoryTree {
    folders: Vec<FolderFiles>,
}

impl MemoryTree {
    /// Reads a library, or the folders with its first so many files.
    pub fn read(root: &Path, at_most: usize) -> MemoryTree {
        let mut tree = MemoryTree { folders: Vec::new() };
        tree.add(root, Path::new(""), &mut { at_most });
        tree
    }

    fn add(&mut self, root: &Path, below: &Path, left: &mut usize) {
        let (mut files, mut folders) = (Vec::new(), Vec::new());
        for entry in fs::read_dir(root.join(below)).expect("a readable library") {
            let entry = entry.expect("a readable library");
            let path = below.join(entry.file_name());
            if entry.file_type().expect("a readable library").is_dir() {
                folders.push(path);
            } else {
                let content = fs::read(entry.path()).expect("a readable library");
                files.push((path, content));
            }
        }
        *left = left.saturating_sub(files.len());
        self.folders.push((below.to_owned(), files));
        for folder in folders {
            if *left > 0 {
                self.add(root, &folder, left);
            }
        }
    }

    /// How many files there are.
    pub fn len(&self) -> usize {
        self.folders.iter().map(|(_, files)| files.len()).sum()
    }

    /// Writes all files below a new folder; gives the seconds.
    pub fn write(&self, root: &Path, threads: usize) -> f64 {
        self.write_some(root, threads, usize::MAX)
    }

    /// Writes at least so many files, each folder by one thread.
    pub fn write_some(&self, root: &Path, threads: usize, files: usize) -> f64 {
        let start = Instant::now();
        let mut left = files;
        let some: Vec<_> = self
            .folders
            .iter()
            .take_while(|(_, files)| {
                let is_wanted = left > 0;
                left = left.saturating_sub(files.len());
                is_wanted
            })
            .collect();
        thread::scope(|scope| {
            for part in some.chunks(some.len().div_ceil(threads).max(1)) {
                scope.spawn(move || {
                    for (folder, files) in part {
                        fs::create_dir_all(root.join(folder)).expect("a writable folder");
                        for (path, content) in files {
                            fs::write(root.join(path), content).expect("a writable folder");
                        }
                    }
                });
            }
        });
        start.elapsed().as_secs_f64()
    }

    /// The titles' folders of the library that are still there.
    pub fn folders(&self, root: &Path) -> BTreeSet<PathBuf> {
        let titles = self.folders.iter().map(|(folder, _)| folder);
        let titles = titles.filter(|folder| folder.components().count() == 2);
        titles.filter(|folder| root.join(folder).exists()).cloned().collect()
    }
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
