//! The real file system, by calls relative to the descriptor of the output folder, or of a root that is elsewhere. If
//! the folder is renamed or something is mounted over it during a run, nothing is written elsewhere.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsFd, BorrowedFd, IntoRawFd, OwnedFd};
use std::path::Path;

use rustix::buffer::spare_capacity;
use rustix::fs::{
    AtFlags, CWD, Dir, FileType, Gid, Mode, OFlags, RenameFlags, Stat, Timespec, Timestamps,
    chmodat, chownat, fchown, fstat, mkdirat, openat, renameat, renameat_with, statat, unlinkat,
    utimensat,
};
use rustix::io::{Errno, retry_on_intr};
use rustix::process::getegid;
use vod2strm_core::path::RelPath;

use crate::fs::flush::{AtATime, flush, flush_volume, stir, with_each};
use crate::fs::modes::Modes;
use crate::fs::roots::OWN_DIR;
use crate::fs::touched::{Set, Touched, writes_everything};
use crate::fs::{Entry, Fs, Way};

/// More than most of our files have: they are read at once.
const READ_AT_ONCE: usize = 8 * 1024;

/// How a file is opened. Something else may have come to its place since its kind was asked: a FIFO
/// must not make the run wait.
const TO_READ: OFlags = OFlags::RDONLY.union(OFlags::NONBLOCK);

/// A directory of the machine.
#[derive(Debug)]
pub struct LocalFs {
    output: Volume,
    /// Roots that are elsewhere by their names; `None` while there is no such folder.
    elsewhere: Vec<(&'static str, Option<Volume>)>,
    /// What is to be made durable folder by folder.
    touched: Touched,
    /// How many files are written at a time.
    writing: AtATime,
    modes: Modes,
    /// Whether the kernel resolves a whole path without following links.
    resolves: bool,
}

/// A folder that has a file system of its own, or may have.
#[derive(Debug)]
struct Volume {
    folder: OwnedFd,
    /// Whether one call makes all of it durable; otherwise each file and each folder needs its own.
    is_synced_at_once: bool,
    /// The group that new files get, where they would get another one.
    group: Option<Gid>,
}

impl Volume {
    fn open(path: &Path) -> Result<Volume, Errno> {
        let flags = OFlags::DIRECTORY | OFlags::RDONLY | OFlags::CLOEXEC;
        let folder = openat(CWD, path, flags, Mode::empty())?;
        Ok(Volume { is_synced_at_once: writes_everything(&folder), folder, group: None })
    }

    /// The folder's group, if what we make in it would have another one.
    fn foreign_group(&self) -> Option<Gid> {
        let stat = fstat(&self.folder).ok()?;
        let inherits = Mode::from_raw_mode(stat.st_mode).contains(Mode::SGID);
        let group = Gid::from_raw(stat.st_gid);
        (!inherits && group != getegid()).then_some(group)
    }

    /// Flushes a new file, and with it what was renamed and removed before.
    fn flush_by_a_file(&self) -> io::Result<()> {
        let name = format!("{OWN_DIR}/flush");
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        match openat(&self.folder, &name, flags, Mode::from_raw_mode(0o640)) {
            Ok(file) => {
                stir(&file)?;
                flush(&file)?;
            }
            // Without a folder of ours nothing was done. A full disk must not keep anybody from removing.
            Err(Errno::NOENT | Errno::NOSPC | Errno::DQUOT) => return Ok(()),
            Err(error) => return Err(error.into()),
        }
        Ok(unlinkat(&self.folder, &name, AtFlags::empty())?)
    }
}

impl LocalFs {
    /// Opens the output folder, which must exist.
    pub fn open(root: &Path) -> io::Result<LocalFs> {
        let (elsewhere, touched, writing) = (Vec::new(), Touched::default(), AtATime::default());
        let (output, modes) = (Volume::open(root)?, Modes::OPEN);
        // An old kernel does not know the call, a container may forbid it. Whatever the reason is, it is not used then.
        let resolves = resolve(output.folder.as_fd(), ".").is_ok();
        Ok(LocalFs { output, elsewhere, touched, writing, modes, resolves })
    }

    /// The same, but ways to folders are asked step by step, as where the kernel knows no other way.
    pub fn step_by_step(self) -> LocalFs {
        LocalFs { resolves: false, ..self }
    }

    /// Opens the folder of a root that is elsewhere; without it, nothing is there.
    pub fn with_root(mut self, name: &'static str, folder: &Path) -> io::Result<LocalFs> {
        let opened = match Volume::open(folder) {
            Err(Errno::NOENT) => None,
            opened => Some(opened?),
        };
        self.elsewhere.push((name, opened));
        Ok(self)
    }

    /// A path as the kernel takes it; a folder itself is "." to it.
    fn at<'a>(&'a self, path: &'a RelPath) -> Result<(BorrowedFd<'a>, &'a str), Errno> {
        let (volume, path) = self.volume(path)?;
        Ok((volume.folder.as_fd(), path))
    }

    fn volume<'a>(&'a self, path: &'a RelPath) -> Result<(&'a Volume, &'a str), Errno> {
        let below = |text: &'a str| if text.is_empty() { "." } else { text };
        let (root, rest) = path.split_first();
        match self.elsewhere.iter().find(|(name, _)| *name == root) {
            Some((_, Some(volume))) => Ok((volume, below(rest))),
            Some((_, None)) => Err(Errno::NOENT),
            None => Ok((&self.output, below(path.as_str()))),
        }
    }

    fn is_synced_at_once(&self, path: &RelPath) -> bool {
        self.volume(path).is_ok_and(|(volume, _)| volume.is_synced_at_once)
    }

    /// Notes that an entry came or went, where its folder has to be made durable by itself.
    fn note(&self, entry: &RelPath) {
        if !self.is_synced_at_once(entry) {
            self.touched.note(entry);
        }
    }

    fn note_move(&self, from: &RelPath, to: &RelPath) {
        if !self.is_synced_at_once(to) {
            self.touched.note_move(from, to);
        }
    }

    fn group(&self, path: &RelPath) -> Option<Gid> {
        self.volume(path).ok().and_then(|(volume, _)| volume.group)
    }

    /// Makes durable, one by one, what has to be.
    fn flush_touched(&self, Set { files, folders }: &Set) -> io::Result<()> {
        let (files, at_a_time): (Vec<&String>, _) = (files.iter().collect(), self.writing.most());
        // All are changed before the first is flushed: that one flush brings the changes of most to the disk.
        with_each(&files, at_a_time, |file| self.with_opened(file, OFlags::empty(), stir))?;
        with_each(&files, at_a_time, |file| self.with_opened(file, OFlags::empty(), flush))?;
        let folders: Vec<&String> = folders.iter().collect();
        with_each(&folders, at_a_time, |folder| self.with_opened(folder, OFlags::DIRECTORY, flush))
    }

    /// Does something with a file or folder of ours. One that is gone, or that somebody has replaced, is not ours.
    fn with_opened(
        &self,
        path: &str,
        flags: OFlags,
        act: impl FnOnce(OwnedFd) -> io::Result<()>,
    ) -> io::Result<()> {
        const NOT_OURS: [Errno; 4] = [Errno::LOOP, Errno::NOTDIR, Errno::NOENT, Errno::ACCESS];
        let path = RelPath::parse(path).unwrap_or_default();
        match self.open_at(&path, OFlags::RDONLY | OFlags::NONBLOCK | flags) {
            Ok(opened) => act(opened),
            Err(error) if Errno::from_io_error(&error).is_some_and(|it| NOT_OURS.contains(&it)) => {
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    fn stat(&self, path: &RelPath) -> Result<Stat, Errno> {
        let (dir, name) = self.at(path)?;
        statat(dir, name, AtFlags::SYMLINK_NOFOLLOW)
    }

    fn unlink(&self, path: &RelPath, flags: AtFlags) -> io::Result<()> {
        let (dir, name) = self.at(path)?;
        unlinkat(dir, name, flags)?;
        if !self.is_synced_at_once(path) {
            self.touched.note_removal(path);
        }
        Ok(())
    }

    fn open_at(&self, path: &RelPath, flags: OFlags) -> io::Result<OwnedFd> {
        let mode = Mode::from_raw_mode(self.modes.file);
        let (dir, name) = self.at(path)?;
        Ok(openat(dir, name, flags | OFlags::NOFOLLOW | OFlags::CLOEXEC, mode)?)
    }
}

/// Resolves a path through folders alone. The descriptor that comes of it is good for nothing else, and needs no more
/// rights than to look at the folder.
#[cfg(target_os = "linux")]
fn resolve(folder: BorrowedFd<'_>, path: &str) -> Result<OwnedFd, Errno> {
    use rustix::fs::{ResolveFlags, openat2};
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let beneath = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS;
    openat2(folder, path, flags, Mode::empty(), beneath)
}

#[cfg(not(target_os = "linux"))]
fn resolve(_: BorrowedFd<'_>, _: &str) -> Result<OwnedFd, Errno> {
    Err(Errno::NOSYS)
}

/// Gives a new file the mode and the group of the file that it replaces, if any, as far as that is allowed. Somebody
/// may have chosen them for the media server.
fn keep_mode(source: BorrowedFd<'_>, new: &str, target: BorrowedFd<'_>, old: &str) {
    let Ok(stat) = statat(target, old, AtFlags::SYMLINK_NOFOLLOW) else { return };
    if FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile {
        let (mode, group) = (Mode::from_raw_mode(stat.st_mode), Gid::from_raw(stat.st_gid));
        let _ = chownat(source, new, None, Some(group), AtFlags::SYMLINK_NOFOLLOW);
        let _ = chmodat(source, new, mode, AtFlags::empty());
    }
}

/// Closes a file that was written. Network file systems tell of a full disk or quota no sooner. After EINTR the
/// descriptor is gone, and was flushed or will be: a second close would close somebody else's.
fn close(file: OwnedFd) -> io::Result<()> {
    #[expect(unsafe_code, reason = "the standard library drops the error of close")]
    // SAFETY: `into_raw_fd` gives the descriptor up, so that nobody else has it or closes it.
    let closed = unsafe { rustix::io::try_close(file.into_raw_fd()) };
    match closed {
        Ok(()) | Err(Errno::INTR) => Ok(()),
        Err(error) => Err(error.into()),
    }
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
    fn set_modes(&mut self, modes: Modes) {
        self.modes = modes;
        let elsewhere = self.elsewhere.iter_mut().filter_map(|(_, volume)| volume.as_mut());
        for volume in std::iter::once(&mut self.output).chain(elsewhere) {
            volume.group = modes.is_guarded.then(|| volume.foreign_group()).flatten();
        }
    }

    fn entry(&self, path: &RelPath) -> io::Result<Option<Entry>> {
        match self.stat(path) {
            Ok(stat) => Ok(Some(match FileType::from_raw_mode(stat.st_mode) {
                FileType::RegularFile => {
                    Entry::File { size: u64::try_from(stat.st_size).unwrap_or(0) }
                }
                FileType::Directory => Entry::Dir,
                FileType::Symlink => Entry::Link,
                FileType::Fifo => Entry::Fifo,
                FileType::Socket => Entry::Socket,
                _ => Entry::Device,
            })),
            Err(Errno::NOENT) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn way(&self, dir: &RelPath) -> io::Result<Option<Way>> {
        if !self.resolves {
            return Ok(None);
        }
        let resolved = self.at(dir).and_then(|(folder, path)| resolve(folder, path));
        Ok(match resolved {
            Ok(_) => Some(Way::Real),
            Err(Errno::NOENT) => Some(Way::Missing),
            Err(Errno::LOOP | Errno::NOTDIR) => Some(Way::Blocked),
            // Step by step, the error is that of the name at which it goes wrong.
            Err(_) => None,
        })
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
        read_from(&self.open_at(path, TO_READ)?, usize::MAX)
    }

    fn read_start(&self, path: &RelPath, limit: usize) -> io::Result<Vec<u8>> {
        read_from(&self.open_at(path, TO_READ)?, limit)
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
        mkdirat(dir, name, Mode::from_raw_mode(self.modes.dir))?;
        if let Some(group) = self.group(path) {
            // Who is not in that group may not give it away: then it stays the owner's.
            let _ = chownat(dir, name, None, Some(group), AtFlags::SYMLINK_NOFOLLOW);
        }
        self.note(path);
        Ok(())
    }

    fn write_new(&self, path: &RelPath, content: &[u8]) -> io::Result<()> {
        self.writing.count(|| {
            let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL;
            let mut file = File::from(self.open_at(path, flags)?);
            if let Some(group) = self.group(path) {
                // As with folders.
                let _ = fchown(&file, None, Some(group));
            }
            file.write_all(content)?;
            if !self.is_synced_at_once(path) {
                flush(&file)?;
                self.touched.note_file(path);
            }
            close(file.into())
        })
    }

    fn replace(&self, from: &RelPath, to: &RelPath) -> io::Result<()> {
        let ((source, old), (target, new)) = (self.at(from)?, self.at(to)?);
        if self.modes.is_guarded {
            keep_mode(source, old, target, new);
        }
        renameat(source, old, target, new)?;
        self.note_move(from, to);
        Ok(())
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
            Err(error) => Err(error.into()),
            Ok(()) => {
                self.note_move(from, to);
                Ok(())
            }
        }
    }

    fn remove_file(&self, path: &RelPath) -> io::Result<()> {
        self.unlink(path, AtFlags::empty())
    }

    fn remove_dir(&self, path: &RelPath) -> io::Result<()> {
        self.unlink(path, AtFlags::REMOVEDIR)
    }

    fn sync(&self) -> io::Result<()> {
        let elsewhere = self.elsewhere.iter().filter_map(|(_, volume)| volume.as_ref());
        let touched = self.touched.take();
        for volume in std::iter::once(&self.output).chain(elsewhere) {
            match volume.is_synced_at_once {
                true => flush_volume(&volume.folder)?,
                false if touched != Set::default() => volume.flush_by_a_file()?,
                false => {}
            }
        }
        self.flush_touched(&touched)
    }
}
