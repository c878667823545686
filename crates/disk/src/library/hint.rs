//! What a person can do when a library cannot be opened.

use crate::fs::hint::storage_hint;
use crate::ledger::LedgerError;
use crate::library::lock::LockError;
use crate::library::place::LibraryError;

impl LibraryError {
    /// What a person can do about it; a setting stands in it as `<its_key>`.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            LibraryError::Folder { source, .. } => storage_hint(source),
            LibraryError::Lock(LockError::Held { .. }) => {
                Some("wait until it has finished; the lock vanishes by itself when its holder ends")
            }
            LibraryError::Lock(LockError::Served { .. }) => {
                Some("end that one first, or start this one with --replace, which asks it to end")
            }
            LibraryError::Lock(error) if error.is_unsupported() => Some(
                "the file system knows no locks: mount it with local_lock=flock (NFS), start the server's \
                 lock service, or name a <state> folder on a disk of this machine",
            ),
            LibraryError::Lock(error) if error.is_link() => Some(
                "a link stands in the place of the lock file, and is not followed: remove the link",
            ),
            LibraryError::Lock(LockError::Io { source, .. }) => storage_hint(source),
            LibraryError::Tree(error) => storage_hint(&error.source),
            LibraryError::Ledger(LedgerError::TooNew { .. }) => {
                Some("use the newer vod2strm for this library")
            }
            LibraryError::Ledger(LedgerError::Unreachable { source, .. }) => storage_hint(source),
            LibraryError::Ledger(error) if error.lacks_shared_memory() => {
                Some("SQLite cannot work on this file system: choose <state> on a local disk")
            }
            LibraryError::Ledger(LedgerError::NoCopy { .. }) => Some(
                "a dry run needs room for a copy of the ledger in the folder for temporary files: is it full, or \
                 read-only? TMPDIR names another one",
            ),
            LibraryError::Ledger(_) => Some(
                "is the disk full, or the state folder read-only? A ledger can be moved away: the next \
                 run recognises titles by what is on disk",
            ),
            LibraryError::Unmarked { .. } => Some(
                "is the storage mounted? If you emptied the folder on purpose, move the ledger away \
                 and run again",
            ),
            LibraryError::Elsewhere { .. } => Some(
                "is the storage mounted? If titles are to be in another place from now on, move the folder \
                 there that they are in, with all that is in it",
            ),
            LibraryError::Mounts { .. } => Some(
                "mount what is missing, or unmount what is new. A disk of their own for movies or series needs \
                 <movies_root> or <series_root>: its titles, moved there with all that is in their folders. If \
                 it is so on purpose, move the ledger away: the next run recognises titles by what is on disk",
            ),
            LibraryError::NotRenewed { source, .. } => source.hint(),
            LibraryError::NoLedger { .. } => Some(
                "the next generate recognises titles by what is on disk (see vod2strm adopt); check <state>",
            ),
            LibraryError::Nested { .. } => Some("see <output>, <movies_root> and <series_root>"),
            LibraryError::OtherLibrary { .. } => {
                Some("check <output> and <state>; every library has a ledger of its own")
            }
        }
    }
}
