//! Errors as a person meets them: what failed, why, what to try; and the exit status.

use std::error::Error as StdError;
use std::fmt::Write as _;
use std::io;
use std::path::PathBuf;
use std::thread::Builder;

use vod2strm_catalog::error::CatalogError;
use vod2strm_core::cancel::Cancelled;
use vod2strm_core::text::secrets::said;
use vod2strm_disk::fs::tree::TreeError;
use vod2strm_disk::inspect::presence::PresenceError;
use vod2strm_disk::ledger::LedgerError;
use vod2strm_disk::library::LibraryError;
use vod2strm_disk::library::lock::LockError;
use vod2strm_disk::library::marker::RaiseError;
use vod2strm_disk::moves::MoveError;

/// Exit statuses; scripts and the Dispatcharr plugin rely on them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Status {
    /// All is done.
    Done = 0,
    /// It failed; nothing more was tried.
    Failed = 1,
    /// Wrong use: flags, settings.
    Usage = 2,
    /// Done, but some titles failed.
    SomeFailed = 3,
    /// Done, but something is held and a person must act; some titles may have failed, too.
    Held = 4,
    /// Another run holds the lock.
    Locked = 5,
}

/// Why a run ended early.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// A setting is wrong; the text says which and what it should be.
    #[error("{0}")]
    Usage(String),
    /// The source's address is not one.
    #[error("{origin}: {error}")]
    Source {
        /// The flag, the variable, or the line of the settings file.
        origin: String,
        /// What is wrong with it.
        error: CatalogError,
    },
    /// The source.
    #[error(transparent)]
    Catalog(CatalogError),
    /// The library.
    #[error(transparent)]
    Library(#[from] LibraryError),
    /// The storage failed as a whole.
    #[error(transparent)]
    Storage(#[from] TreeError),
    /// The report file.
    #[error("cannot write the report {path}")]
    Report {
        /// The file.
        path: String,
        /// The system's reason.
        source: io::Error,
    },
    /// The log file.
    #[error("cannot write the log file {path}")]
    Log {
        /// The file.
        path: String,
        /// The system's reason.
        source: io::Error,
    },
    /// Something on disk cannot be looked at.
    #[error("cannot look at {}", path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// No server can prove by https who it is.
    #[error("this machine knows nobody who issues certificates: no https server is trusted")]
    NoAuthorities,
    /// A signal asked the run to end.
    #[error("interrupted; what was written is recorded, and the next run does the rest")]
    Interrupted(#[from] Cancelled),
    /// A fault of this program: a worker or the run itself panicked.
    #[error("a fault of vod2strm ended the run: {0}")]
    Fault(String),
    /// Something of the system itself.
    #[error("cannot {what}")]
    System {
        /// What was tried, as in "cannot … it".
        what: &'static str,
        /// The system's reason.
        source: io::Error,
    },
}

/// The system gives no further thread.
pub fn no_thread(source: io::Error) -> RunError {
    RunError::System { what: "begin a thread", source }
}

/// Makes sure that the system gives a thread at all. Libraries that need one have no other answer than a panic.
pub fn try_thread() -> Result<(), RunError> {
    let tried = Builder::new().spawn(|| ()).map_err(no_thread)?;
    // It has nothing to panic about.
    drop(tried.join());
    Ok(())
}

/// Does some work; a panic in it is an error, so that everything is released and told as after any other.
pub fn without_panic<T>(work: impl FnOnce() -> Result<T, RunError>) -> Result<T, RunError> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
        let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
        Err(RunError::Fault(text.unwrap_or_else(|| "no reason was given".to_owned())))
    })
}

/// What tokio-postgres says before it comes to the point.
const EMPTY_WORDS: [&str; 3] = ["db error", "invalid configuration", "error connecting to server"];

impl From<PresenceError> for RunError {
    fn from(error: PresenceError) -> RunError {
        match error {
            PresenceError::Ledger(error) => error.into(),
            PresenceError::Tree(error) => error.into(),
        }
    }
}

impl From<RaiseError> for RunError {
    fn from(error: RaiseError) -> RunError {
        RunError::Library(error.into())
    }
}

impl From<MoveError> for RunError {
    fn from(error: MoveError) -> RunError {
        match error {
            MoveError::Ledger(error) => error.into(),
            MoveError::Tree(error) => error.into(),
        }
    }
}

impl From<LedgerError> for RunError {
    fn from(error: LedgerError) -> RunError {
        RunError::Library(error.into())
    }
}

impl From<CatalogError> for RunError {
    fn from(error: CatalogError) -> RunError {
        match error {
            CatalogError::Cancelled(cancelled) => cancelled.into(),
            error => RunError::Catalog(error),
        }
    }
}

impl RunError {
    /// Whether the ledger turned out to be damaged.
    pub fn is_ledger_damaged(&self) -> bool {
        match self {
            RunError::Library(LibraryError::Ledger(error)) => error.is_damaged(),
            _ => false,
        }
    }

    /// The exit status.
    pub fn status(&self) -> Status {
        match self {
            RunError::Usage(_)
            | RunError::Source { .. }
            | RunError::Catalog(CatalogError::InvalidUrl { .. }) => Status::Usage,
            RunError::Library(LibraryError::Lock(LockError::Held { .. })) => Status::Locked,
            _ => Status::Failed,
        }
    }

    /// The error, its causes and what to try, without a credential, ready to be printed.
    pub fn render(&self) -> String {
        let mut text = format!("error: {}\n", shown(&self.to_string()));
        let mut cause = self.source();
        let mut last = self.to_string();
        while let Some(error) = cause {
            let words = error.to_string();
            cause = error.source();
            // Some libraries repeat their cause in their own words, others say nothing but "error".
            let is_empty = cause.is_some() && EMPTY_WORDS.contains(&words.as_str());
            if !last.ends_with(&words) && !is_empty {
                let _ =
                    writeln!(text, "  because: {}", shown(&words).replace('\n', "\n           "));
            }
            last = words;
        }
        if let Some(hint) = self.hint() {
            let _ = writeln!(text, "  try: {}", with_flags(hint));
        }
        text
    }

    /// What a person can do about it.
    fn hint(&self) -> Option<&'static str> {
        match self {
            RunError::Usage(_) => None,
            RunError::Fault(_) => {
                Some("run it again; if it happens again, tell the developers what the error says")
            }
            RunError::Source { error, .. } | RunError::Catalog(error) => error.hint(),
            RunError::Library(error) => library_hint(error),
            RunError::Storage(error) => storage_hint(&error.source),
            RunError::Read { source, .. } => storage_hint(source),
            RunError::Report { source, .. } | RunError::Log { source, .. } => {
                Some(file_room(source))
            }
            RunError::NoAuthorities => Some(
                "install Debian's package ca-certificates, or set SSL_CERT_FILE to a file of them",
            ),
            RunError::System { source, .. } if source.kind() == io::ErrorKind::WouldBlock => Some(
                "the limit of threads is reached: see `ulimit -u`, or the container's limit of pids",
            ),
            RunError::Interrupted(_) | RunError::System { .. } => None,
        }
    }
}

/// A hint as the command line says it: a setting, which stands as `<its_key>` in a hint, by its flag.
fn with_flags(hint: &str) -> String {
    let mut text = String::new();
    let mut rest = hint;
    while let Some((before, after)) = rest.split_once('<') {
        let Some((key, after)) = after.split_once('>') else { break };
        let _ = write!(text, "{before}--{}", key.replace('_', "-"));
        rest = after;
    }
    text + rest
}

/// What a person can do about a report or a log that cannot be written.
fn file_room(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "free some space there, or name a file on another disk"
        }
        _ => "name a file in a folder that exists and is writable",
    }
}

fn library_hint(error: &LibraryError) -> Option<&'static str> {
    match error {
        LibraryError::Folder { source, .. } => storage_hint(source),
        LibraryError::Lock(LockError::Held { .. }) => {
            Some("wait until it has finished; the lock vanishes by itself when its holder ends")
        }
        LibraryError::Lock(error) if error.is_unsupported() => Some(
            "the file system knows no locks: mount it with local_lock=flock (NFS), start the server's \
             lock service, or name a --state folder on a disk of this machine",
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
            Some("SQLite cannot work on this file system: choose --state on a local disk")
        }
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
             --movies-root or --series-root: its titles, moved there with all that is in their folders. If \
             it is so on purpose, move the ledger away: the next run recognises titles by what is on disk",
        ),
        LibraryError::NotRenewed { source, .. } => library_hint(source),
        LibraryError::NoLedger { .. } => Some(
            "the next generate recognises titles by what is on disk (see vod2strm adopt); check --state",
        ),
        LibraryError::Nested { .. } => Some("see --output, --movies-root and --series-root"),
        LibraryError::OtherLibrary { .. } => {
            Some("check --output and --state; every library has a ledger of its own")
        }
    }
}

fn storage_hint(error: &io::Error) -> Option<&'static str> {
    use io::ErrorKind as K;
    Some(match error.kind() {
        K::PermissionDenied => {
            "make the folder writable for the user that runs vod2strm (see `id`), or choose \
             another --output or --state"
        }
        K::ReadOnlyFilesystem => {
            "the file system is mounted read-only: remount it, or choose another --output"
        }
        K::StorageFull | K::QuotaExceeded => {
            "free some space (or inodes: see `df -i`), then run again: what is written stays, \
             the rest follows"
        }
        K::StaleNetworkFileHandle => "the network storage went away: mount it again",
        K::NotADirectory | K::AlreadyExists => "a file is where a folder should be: move it away",
        K::NotFound => "check the path",
        K::CrossesDevices => {
            "another file system is mounted there: name it with --movies-root or --series-root, or move \
             it away"
        }
        K::TooManyLinks => {
            "the file system allows no more folders in this one: spread titles over several, for example with \
             --movie-folder '{genre}/{title} ({year})' or --series-folder '{genre}/{title} ({year})'"
        }
        K::NotConnected => "the mount's server has died: umount and mount again",
        _ => return None,
    })
}

/// What a person can do about the error of one title, where that is worth a word at each.
pub fn title_hint(error: &io::Error) -> Option<&'static str> {
    use io::ErrorKind as K;
    match error.kind() {
        K::CrossesDevices | K::TooManyLinks => storage_hint(error),
        K::InvalidFilename if error.raw_os_error().is_some() => Some(
            "the file system takes no such long names: a template with a shorter name helps (see --movie-folder)",
        ),
        _ => None,
    }
}

/// A text that cannot play tricks on a terminal: names of titles and files come from strangers.
pub fn printable(text: &str) -> String {
    let is_trick =
        |c: char| (c.is_control() && c != '\n') || ('\u{202A}'..='\u{2069}').contains(&c);
    text.chars().map(|c| if is_trick(c) { '\u{FFFD}' } else { c }).collect()
}

/// Words of an error or a warning, ready to be shown and kept: without a secret and not too long, whoever said
/// them.
pub fn shown(words: &str) -> String {
    printable(&said(words))
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use super::*;

    #[test]
    fn a_hint_names_a_setting_by_its_flag() {
        assert_eq!(
            with_flags("set <max_line> higher, or <state>"),
            "set --max-line higher, or --state"
        );
        assert_eq!(with_flags("as it is: {genre} < 5"), "as it is: {genre} < 5");
    }

    #[test]
    fn what_keeps_a_title_out_and_can_be_helped_is_told_with_the_way_out() {
        let hint = |number| title_hint(&io::Error::from_raw_os_error(number)).unwrap_or_default();
        let (exdev, emlink, too_long, enoent) = (18, 31, 36, 2);
        assert!(hint(exdev).contains("--movies-root"), "{}", hint(exdev));
        assert!(hint(emlink).contains("{genre}/"), "{}", hint(emlink));
        assert!(hint(too_long).contains("shorter name"), "{}", hint(too_long));
        assert_eq!(hint(enoent), "", "nothing that is not said already");
    }
}
