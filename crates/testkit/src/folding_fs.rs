//! A file system that takes names for one that differ in case or form alone, as that of a Mac.

use std::io;

use vod2strm_core::path::RelPath;
use vod2strm_core::text::fold_key;
use vod2strm_disk::fs::{Entry, Fs};

use crate::memory_fs::MemoryFs;

/// One in memory that folds.
pub struct FoldingFs(pub MemoryFs);

impl FoldingFs {
    /// The path under the names that its entries have.
    fn real(&self, path: &RelPath) -> RelPath {
        let mut real = RelPath::default();
        for name in path.as_str().split('/').filter(|name| !name.is_empty()) {
            let there = self.0.list(&real).unwrap_or_default();
            let same = there.iter().find(|it| fold_key(it) == fold_key(name));
            real = real.join(same.map_or(name, String::as_str)).expect("names of paths are names");
        }
        real
    }
}

impl Fs for FoldingFs {
    fn entry(&self, path: &RelPath) -> io::Result<Option<Entry>> {
        self.0.entry(&self.real(path))
    }

    fn changed(&self, dir: &RelPath) -> io::Result<Option<i64>> {
        self.0.changed(&self.real(dir))
    }

    fn age(&self, dir: &RelPath) -> io::Result<()> {
        self.0.age(&self.real(dir))
    }

    fn read(&self, path: &RelPath) -> io::Result<Vec<u8>> {
        self.0.read(&self.real(path))
    }

    fn list(&self, path: &RelPath) -> io::Result<Vec<String>> {
        self.0.list(&self.real(path))
    }

    fn create_dir(&self, path: &RelPath) -> io::Result<()> {
        self.0.create_dir(&self.real(path))
    }

    fn write_new(&self, path: &RelPath, content: &[u8]) -> io::Result<()> {
        self.0.write_new(&self.real(path), content)
    }

    fn replace(&self, from: &RelPath, to: &RelPath) -> io::Result<()> {
        self.0.replace(&self.real(from), &self.real(to))
    }

    fn rename_new(&self, from: &RelPath, to: &RelPath) -> io::Result<()> {
        self.0.rename_new(&self.real(from), &self.real(to))
    }

    fn remove_file(&self, path: &RelPath) -> io::Result<()> {
        self.0.remove_file(&self.real(path))
    }

    fn remove_dir(&self, path: &RelPath) -> io::Result<()> {
        self.0.remove_dir(&self.real(path))
    }

    fn sync(&self) -> io::Result<()> {
        self.0.sync()
    }
}
