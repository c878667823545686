//! The real file system, by calls relative to the output folder's descriptor: if the folder is
//! renamed or something is mounted over it during a run, nothing is written elsewhere.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::path::Path;

use rustix::fs::{
    AtFlags, CWD, Dir, FileType, Mode, OFlags, RenameFlags, Timespec, Timestamps, mkdirat, openat,
    renameat, renameat_with, statat, unlinkat, utimensat,
};
use rustix::io::Errno;
use vod2strm_core::path::RelPath;

use crate::fs::{EntryKind, Fs};

/// A directory of the machine.
#[derive(Debug)]
pub struct LocalFs {
    root: OwnedFd,
}

impl LocalFs {
    /// Opens the output folder, which must exist.
    pub fn open(root: &Path) -> io::Result<LocalFs> {
        let flags = OFlags::DIRECTORY | OFlags::RDONLY | OFlags::CLOEXEC;
        Ok(LocalFs { root: openat(CWD, root, flags, Mode::empty())? })
    }

    fn open_at(&self, path: &RelPath, flags: OFlags) -> io::Result<OwnedFd> {
        let mode = Mode::from_raw_mode(0o666);
        Ok(openat(&self.root, at(path), flags | OFlags::NOFOLLOW | OFlags::CLOEXEC, mode)?)
    }
}

/// The root is "." to the kernel.
fn at(path: &RelPath) -> &str {
    if path.as_str().is_empty() { "." } else { path.as_str() }
}

impl Fs for LocalFs {
    fn kind(&self, path: &RelPath) -> io::Result<Option<EntryKind>> {
        match statat(&self.root, at(path), AtFlags::SYMLINK_NOFOLLOW) {
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
        match statat(&self.root, at(dir), AtFlags::SYMLINK_NOFOLLOW) {
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
        Ok(utimensat(&self.root, at(dir), &times, AtFlags::SYMLINK_NOFOLLOW)?)
    }

    fn read(&self, path: &RelPath) -> io::Result<Vec<u8>> {
        let mut content = Vec::new();
        File::from(self.open_at(path, OFlags::RDONLY)?).read_to_end(&mut content)?;
        Ok(content)
    }

    fn read_start(&self, path: &RelPath, limit: usize) -> io::Result<Vec<u8>> {
        let mut content = Vec::new();
        let file = File::from(self.open_at(path, OFlags::RDONLY)?);
        file.take(limit as u64).read_to_end(&mut content)?;
        Ok(content)
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
        Ok(mkdirat(&self.root, at(path), Mode::from_raw_mode(0o777))?)
    }

    fn write_new(&self, path: &RelPath, content: &[u8]) -> io::Result<()> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL;
        File::from(self.open_at(path, flags)?).write_all(content)
    }

    fn replace(&self, from: &RelPath, to: &RelPath) -> io::Result<()> {
        Ok(renameat(&self.root, at(from), &self.root, at(to))?)
    }

    fn rename_new(&self, from: &RelPath, to: &RelPath) -> io::Result<()> {
        match renameat_with(&self.root, at(from), &self.root, at(to), RenameFlags::NOREPLACE) {
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
        Ok(unlinkat(&self.root, at(path), AtFlags::empty())?)
    }

    fn remove_dir(&self, path: &RelPath) -> io::Result<()> {
        Ok(unlinkat(&self.root, at(path), AtFlags::REMOVEDIR)?)
    }

    fn sync(&self) -> io::Result<()> {
        #[cfg(target_os = "linux")]
        rustix::fs::syncfs(&self.root)?;
        // Elsewhere there is no call for one file system alone.
        #[cfg(not(target_os = "linux"))]
        rustix::fs::sync();
        Ok(())
    }
}
