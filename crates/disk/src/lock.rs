//! One run per library: an OS lock on `<output>/.vod2strm/lock`, which the system lets go when its
//! holder ends, however it ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

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
    /// The lock file cannot be opened or locked.
    #[error("cannot lock {}", path.display())]
    Io {
        /// The lock file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
}

fn in_brackets(holder: &Option<String>) -> String {
    holder.as_ref().map_or(String::new(), |holder| format!(" ({holder})"))
}

/// The lock, as long as this value lives.
#[derive(Debug)]
pub struct LibraryLock {
    _file: File,
}

/// Takes the lock for a run that writes; `own_dir` is vod2strm's folder in the library.
///
/// The file stays empty and untouched, so that an unchanged run changes nothing in the library.
pub fn lock(library: &Path, own_dir: &Path) -> Result<LibraryLock, LockError> {
    let path = own_dir.join("lock");
    let opened = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
    let file = opened.map_err(|source| LockError::Io { path: path.clone(), source })?;
    hold(library, path, file, File::try_lock)
}

/// Makes sure that no run is writing, for one that only reads; makes no file.
pub fn lock_shared(library: &Path, own_dir: &Path) -> Result<Option<LibraryLock>, LockError> {
    let path = own_dir.join("lock");
    match File::open(&path) {
        Ok(file) => hold(library, path, file, File::try_lock_shared).map(Some),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(LockError::Io { path, source }),
    }
}

/// Whether a run that writes is at work. The lock is only tried, and let go at once.
pub fn is_held(library: &Path, own_dir: &Path) -> bool {
    matches!(lock_shared(library, own_dir), Err(LockError::Held { .. }))
}

fn hold(
    library: &Path,
    path: PathBuf,
    file: File,
    take: fn(&File) -> Result<(), TryLockError>,
) -> Result<LibraryLock, LockError> {
    match take(&file) {
        Ok(()) => Ok(LibraryLock { _file: file }),
        Err(TryLockError::WouldBlock) => {
            Err(LockError::Held { library: library.to_owned(), holder: None })
        }
        Err(TryLockError::Error(source)) => Err(LockError::Io { path, source }),
    }
}
