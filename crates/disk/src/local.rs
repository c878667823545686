//! The real file system, by calls relative to the descriptor of the output folder, or of a root that is
//! elsewhere: if the folder is renamed or something is mounted over it during a run, nothing is written
//! elsewhere.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;

use rustix::buffer::spare_capacity;
use rustix::fs::{
    AtFlags, CWD, Dir, FileType, Mode, OFlags, RenameFlags, Stat, Timespec, Timestamps, mkdirat,
    openat, renameat, renameat_with, statat, unlinkat, utimensat,
};
use rustix::io::{Errno, retry_on_intr};
use vod2strm_core::path::RelPath;

use crate::fs::{EntryKind, Fs};

/// More than most of our files have: they are read at once.
const READ_AT_ONCE: usize = 8 * 1024;

/// A directory of the machine.
#[derive(Debug)]
pub struct LocalFs {
    output: OwnedFd,
    /// Roots that are elsewhere by their names; `None` while there is no such folder.
    elsewhere: Vec<(&'static str, Option<OwnedFd>)>,
}

impl LocalFs {
    /// Opens the output folder, which must exist.
    pub fn open(root: &Path) -> io::Result<LocalFs> {
        Ok(LocalFs { output: open_dir(root)?, elsewhere: Vec::new() })
    }

    /// Opens the folder of a root that is elsewhere; without it, nothing is there.
    pub fn with_root(mut self, name: &'static str, folder: &Path) -> io::Result<LocalFs> {
        let opened = match open_dir(folder) {
            Err(Errno::NOENT) => None,
            opened => Some(opened?),
        };
        self.elsewhere.push((name, opened));
        Ok(self)
    }

    /// A path as the kernel takes it; a folder itself is "." to it.
    fn at<'a>(&'a self, path: &'a RelPath) -> Result<(BorrowedFd<'a>, &'a str), Errno> {
        let below = |text: &'a str| if text.is_empty() { "." } else { text };
        let (root, rest) = path.split_first();
        match self.elsewhere.iter().find(|(name, _)| *name == root) {
            Some((_, Some(folder))) => Ok((folder.as_fd(), below(rest))),
            Some((_, None)) => Err(Errno::NOENT),
            None => Ok((self.output.as_fd(), below(path.as_str()))),
        }
    }

    fn stat(&self, path: &RelPath) -> Result<Stat, Errno> {
        let (dir, name) = self.at(path)?;
        statat(dir, name, AtFlags::SYMLINK_NOFOLLOW)
    }

    fn unlink(&self, path: &RelPath, flags: AtFlags) -> io::Result<()> {
        let (dir, name) = self.at(path)?;
        Ok(unlinkat(dir, name, flags)?)
    }

    fn open_at(&self, path: &RelPath, flags: OFlags) -> io::Result<OwnedFd> {
        let mode = Mode::from_raw_mode(0o666);
        let (dir, name) = self.at(path)?;
        Ok(openat(dir, name, flags | OFlags::NOFOLLOW | OFlags::CLOEXEC, mode)?)
    }
}

fn open_dir(path: &Path) -> Result<OwnedFd, Errno> {
    let flags = OFlags::DIRECTORY | OFlags::RDONLY | OFlags::CLOEXEC;
    openat(CWD, path, flags, Mode::empty())
}

/// The first so many bytes of a file. Its size is not asked for, which is two calls less.
fn read_from(file: &OwnedFd, limit: usize) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    while content.len() < limit {
        content.reserve(READ_AT_ONCE);
        let read = retry_on_intr(|| rustix::io::read(file, spare_capacity(&mut content)))?;
        if read == 0 {
            break;
        }
    }
    content.truncate(limit);
    Ok(content)
}

impl Fs for LocalFs {
    fn kind(&self, path: &RelPath) -> io::Result<Option<EntryKind>> {
        match self.stat(path) {
            Ok(stat) => Ok(Some(match FileType::from_raw_mode(stat.st_mode) {
                FileType::RegularFile => EntryKind::File,
                FileType::Directory => EntryKind::Dir,
                _ => EntryKind::Other,
            })),
            Err(Errno::NOENT) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn changed(&self, dir: &RelPath) -> io::Result<Option<i64>> {
        match self.stat(dir) {
            Ok(stat) if FileType::from_raw_mode(stat.st_mode) == FileType::Directory => {
                let seconds = stat.st_mtime;
                let nanoseconds = i64::try_from(stat.st_mtime_nsec).unwrap_or(0);
                Ok(Some(seconds.saturating_mul(1_000_000_000).saturating_add(nanoseconds)))
            }
            Ok(_) | Err(Errno::NOENT | Errno::NOTDIR) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn age(&self, dir: &RelPath) -> io::Result<()> {
        let epoch = Timespec { tv_sec: 0, tv_nsec: 0 };
        let times = Timestamps { last_access: epoch, last_modification: epoch };
        let (folder, name) = self.at(dir)?;
        Ok(utimensat(folder, name, &times, AtFlags::SYMLINK_NOFOLLOW)?)
    }

    fn read(&self, path: &RelPath) -> io::Result<Vec<u8>> {
        read_from(&self.open_at(path, OFlags::RDONLY)?, usize::MAX)
    }

    fn read_start(&self, path: &RelPath, limit: usize) -> io::Result<Vec<u8>> {
        read_from(&self.open_at(path, OFlags::RDONLY)?, limit)
    }

    fn list(&self, path: &RelPath) -> io::Result<Vec<String>> {
        let dir = self.open_at(path, OFlags::RDONLY | OFlags::DIRECTORY)?;
        let mut names = Vec::new();
        for entry in Dir::read_from(&dir)? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            if name != "." && name != ".." {
                names.push(name);
            }
        }
        Ok(names)
    }

    fn create_dir(&self, path: &RelPath) -> io::Result<()> {
        let (dir, name) = self.at(path)?;
        Ok(mkdirat(dir, name, Mode::from_raw_mode(0o777))?)
    }

    fn write_new(&self, path: &RelPath, content: &[u8]) -> io::Result<()> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL;
        File::from(self.open_at(path, flags)?).write_all(content)
    }

    fn replace(&self, from: &RelPath, to: &RelPath) -> io::Result<()> {
        let ((source, old), (target, new)) = (self.at(from)?, self.at(to)?);
        Ok(renameat(source, old, target, new)?)
    }

    fn rename_new(&self, from: &RelPath, to: &RelPath) -> io::Result<()> {
        let ((source, old), (target, new)) = (self.at(from)?, self.at(to)?);
        match renameat_with(source, old, target, new, RenameFlags::NOREPLACE) {
            // Some file systems (older NFS, FUSE, SMB) know no exclusive rename. The lock keeps
            // other runs away, so that asking first is as good as it gets there.
            Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => match self.kind(to)? {
                Some(_) => Err(io::ErrorKind::AlreadyExists.into()),
                None => self.replace(from, to),
            },
            done => Ok(done?),
        }
    }

    fn remove_file(&self, path: &RelPath) -> io::Result<()> {
        self.unlink(path, AtFlags::empty())
    }

    fn remove_dir(&self, path: &RelPath) -> io::Result<()> {
        self.unlink(path, AtFlags::REMOVEDIR)
    }

    fn sync(&self) -> io::Result<()> {
        #[cfg(target_os = "linux")]
        let elsewhere = self.elsewhere.iter().filter_map(|(_, folder)| folder.as_ref());
        #[cfg(target_os = "linux")]
        for folder in std::iter::once(&self.output).chain(elsewhere) {
            rustix::fs::syncfs(folder)?;
        }
        // Elsewhere there is no call for one file system alone.
        #[cfg(not(target_os = "linux"))]
        rustix::fs::sync();
        Ok(())
    }
}
