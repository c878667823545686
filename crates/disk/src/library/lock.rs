//! One run per library: an OS lock on `<output>/.vod2strm/lock`, which the system lets go when its
//! holder ends, however it ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;
use rustix::io::Errno;

/// Why the lock could not be taken.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another run has it.
    #[error("another run is working on {}{}", library.display(), in_brackets(holder))]
    Held {
        /// The output folder.
        library: PathBuf,
        /// Who it is, as far as is known.
        holder: Option<String>,
    },
    /// Another service keeps the library.
    #[error("another service keeps {}{}", library.display(), in_brackets(holder))]
    Served {
        /// The output folder.
        library: PathBuf,
        /// Who it is, as far as is known.
        holder: Option<String>,
    },
    /// The lock file cannot be opened or locked.
    #[error("cannot lock {}", path.display())]
    Io {
        /// The lock file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
}

impl LockError {
    /// Whether a link stands in the place of the lock file.
    pub fn is_link(&self) -> bool {
        let LockError::Io { source, .. } = self else { return false };
        Errno::from_io_error(source) == Some(Errno::LOOP)
    }

    /// Whether the file system knows no locks.
    pub fn is_unsupported(&self) -> bool {
        let LockError::Io { source, .. } = self else { return false };
        let codes = [Errno::NOLCK, Errno::OPNOTSUPP, Errno::NOSYS, Errno::INVAL];
        source.raw_os_error().is_some_and(|code| codes.iter().any(|it| it.raw_os_error() == code))
    }
}

fn in_brackets(holder: &Option<String>) -> String {
    holder.as_ref().map_or(String::new(), |holder| format!(" ({holder})"))
}

/// Whom a lock keeps away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LockReach {
    /// All runs that the file system's locks reach.
    Alone,
    /// Runs of this machine.
    OnThisMachine,
    /// Nobody: a second lock was given beside it.
    ForShow,
}

/// The lock, as long as this value lives.
#[derive(Debug)]
pub struct LibraryLock {
    /// Whom it keeps away.
    pub held: LockReach,
    file: File,
}

impl LibraryLock {
    /// The same lock, taken in a place that other machines do not see.
    pub fn on_this_machine(self) -> LibraryLock {
        let held = if self.held == LockReach::Alone { LockReach::OnThisMachine } else { self.held };
        LibraryLock { held, ..self }
    }
}

/// Takes the lock for a run that writes; `folder` is vod2strm's own folder.
///
/// The file stays empty and untouched, so that an unchanged run changes nothing in the library.
pub fn lock(library: &Path, folder: &Path) -> Result<LibraryLock, LockError> {
    let path = folder.join("lock");
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    let mut lock = hold(library, &path, open(&path, &mut options)?, File::try_lock)?;
    if has_gone(&lock) {
        // A first run that came to nothing has just taken its folder away. (Or the file system counts no names.)
        let held = |_| LockError::Held { library: library.to_owned(), holder: None };
        lock = hold(library, &path, open(&path, &mut options).map_err(held)?, File::try_lock)?;
    }
    // Tried, not guessed: whoever opens it a second time must not get it.
    let second = open(&path, OpenOptions::new().read(true))?;
    if second.try_lock_shared().is_ok() {
        lock.held = LockReach::ForShow;
    }
    Ok(lock)
}

/// Makes sure that no run is writing, for one that only reads; makes no file.
pub fn lock_shared(library: &Path, folder: &Path) -> Result<Option<LibraryLock>, LockError> {
    let path = folder.join("lock");
    match open(&path, OpenOptions::new().read(true)) {
        Ok(file) => hold(library, &path, file, File::try_lock_shared).map(Some),
        Err(LockError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether a lock file has no name any more: then it keeps nobody away.
fn has_gone(lock: &LibraryLock) -> bool {
    lock.file.metadata().is_ok_and(|found| found.nlink() == 0)
}

/// Opens a lock file: a plain file, and no link that leads elsewhere. Of a FIFO nobody waits for the
/// other end.
fn open(path: &Path, options: &mut OpenOptions) -> Result<File, LockError> {
    let failed = |source| LockError::Io { path: path.to_owned(), source };
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed();
    let file = options.custom_flags(flags).open(path).map_err(failed)?;
    if file.metadata().map_err(failed)?.is_file() {
        Ok(file)
    } else {
        Err(failed(io::Error::new(io::ErrorKind::InvalidInput, "it is no plain file")))
    }
}

fn hold(
    library: &Path,
    path: &Path,
    file: File,
    take: fn(&File) -> Result<(), TryLockError>,
) -> Result<LibraryLock, LockError> {
    match take(&file) {
        Ok(()) => Ok(LibraryLock { held: LockReach::Alone, file }),
        Err(TryLockError::WouldBlock) => {
            Err(LockError::Held { library: library.to_owned(), holder: None })
        }
        Err(TryLockError::Error(source)) => Err(LockError::Io { path: path.to_owned(), source }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_keeps_others_away_until_it_goes() {
        let dir = tempfile::tempdir().unwrap();
        let held = lock(dir.path(), dir.path()).unwrap();
        assert_eq!(held.held, LockReach::Alone);
        assert!(matches!(lock(dir.path(), dir.path()), Err(LockError::Held { .. })));
        assert!(matches!(lock_shared(dir.path(), dir.path()), Err(LockError::Held { .. })));
        drop(held);
        drop(lock_shared(dir.path(), dir.path()).unwrap().unwrap());
        lock(dir.path(), dir.path()).unwrap();
    }

    #[test]
    fn a_link_in_the_place_of_the_lock_is_not_followed() {
        let dir = tempfile::tempdir().unwrap();
        let victim = dir.path().join("victim");
        std::os::unix::fs::symlink(&victim, dir.path().join("lock")).unwrap();
        assert!(matches!(lock(dir.path(), dir.path()), Err(LockError::Io { .. })));
        assert!(!victim.exists());
        drop(File::create(&victim).unwrap());
        assert!(matches!(lock(dir.path(), dir.path()), Err(LockError::Io { .. })));
        assert!(matches!(lock_shared(dir.path(), dir.path()), Err(LockError::Io { .. })));
    }

    #[test]
    fn what_is_no_plain_file_is_no_lock() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("lock")).unwrap();
        assert!(lock(dir.path(), dir.path()).is_err());
        let other = dir.path().join("other");
        std::fs::create_dir(&other).unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(other.join("lock")).unwrap();
        assert!(lock(dir.path(), &other).is_err());
    }

    #[test]
    fn locks_that_the_file_system_does_not_know_are_told_apart() {
        let error = |code| LockError::Io {
            path: PathBuf::from("lock"),
            source: io::Error::from_raw_os_error(code),
        };
        for code in [Errno::NOLCK, Errno::OPNOTSUPP, Errno::NOSYS, Errno::INVAL] {
            assert!(error(code.raw_os_error()).is_unsupported(), "{code}");
        }
        assert!(!error(Errno::ACCESS.raw_os_error()).is_unsupported());
    }
}
