//! Why a run ended early: what failed, why, and what to try.

use std::error::Error as StdError;
use std::fmt::Write as _;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::thread::Builder;

use vod2strm_catalog::error::CatalogError;
use vod2strm_core::cancel::Cancelled;
use vod2strm_core::status::Status;
use vod2strm_core::text::secrets::Redactor;
use vod2strm_core::text::with_flags;
use vod2strm_disk::fs::hint::storage_hint;
use vod2strm_disk::fs::tree::TreeError;
use vod2strm_disk::inspect::presence::PresenceError;
use vod2strm_disk::ledger::LedgerError;
use vod2strm_disk::library::LibraryError;
use vod2strm_disk::library::lock::LockError;
use vod2strm_disk::library::marker::RaiseError;
use vod2strm_disk::moves::MoveError;

/// Why a run ended early.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// What was asked for cannot be; the text says why, and what to ask for instead.
    #[error("{0}")]
    Refused(String),
    /// The source.
    #[error(transparent)]
    Catalog(CatalogError),
    /// The library.
    #[error(transparent)]
    Library(#[from] LibraryError),
    /// The storage failed as a whole.
    #[error(transparent)]
    Storage(#[from] TreeError),
    /// The file that a listener writes.
    #[error("cannot write the report {path}")]
    Report {
        /// The file.
        path: String,
        /// The system's reason.
        source: io::Error,
    },
    /// Where a service is to answer, something else does, or nothing may.
    #[error("cannot listen at {listen}")]
    Listen {
        /// The address and its port.
        listen: SocketAddr,
        /// The system's reason.
        source: io::Error,
    },
    /// A service does not say that it is well.
    #[error("the service at {listen} is not well")]
    NotWell {
        /// Where it should answer.
        listen: SocketAddr,
        /// What came instead of an answer.
        source: CatalogError,
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
pub fn without_panic<T, E: From<RunError>>(work: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
        let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
        Err(RunError::Fault(text.unwrap_or_else(|| "no reason was given".to_owned())).into())
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
            RunError::Refused(_) | RunError::Catalog(CatalogError::InvalidUrl { .. }) => {
                Status::Usage
            }
            RunError::Library(LibraryError::Lock(
                LockError::Held { .. } | LockError::Served { .. },
            )) => Status::Locked,
            _ => Status::Failed,
        }
    }

    /// The error, its causes and what to try, without a credential, ready to be printed.
    pub fn render(&self, redactor: &Redactor) -> String {
        rendered(self, self.hint(), redactor)
    }

    /// What a person can do about it.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            RunError::Fault(_) => {
                Some("run it again; if it happens again, tell the developers what the error says")
            }
            RunError::Catalog(error) => error.hint(),
            RunError::Library(error) => error.hint(),
            RunError::Storage(error) => storage_hint(&error.source),
            RunError::Read { source, .. } => storage_hint(source),
            RunError::Listen { source, .. } if source.kind() == io::ErrorKind::AddrInUse => {
                Some("another program has this port: end it, or give listen another port")
            }
            RunError::NotWell { .. } => {
                Some("is it running, and is listen its address? What it said stands in its log")
            }
            RunError::Listen { .. } => Some("give listen an address of this machine, and a port"),
            RunError::Report { source, .. } => Some(room_for_file(source)),
            RunError::NoAuthorities => Some(
                "install Debian's package ca-certificates, or set SSL_CERT_FILE to a file of them",
            ),
            RunError::System { source, .. } if source.kind() == io::ErrorKind::WouldBlock => Some(
                "the limit of threads is reached: see `ulimit -u`, or the container's limit of pids",
            ),
            RunError::Refused(_) | RunError::Interrupted(_) | RunError::System { .. } => None,
        }
    }
}

/// An error, its causes and what to try, without a credential, ready to be printed.
pub fn rendered(error: &dyn StdError, hint: Option<&str>, redactor: &Redactor) -> String {
    let mut text = format!("error: {}\n", redactor.shown(&error.to_string()));
    let mut cause = error.source();
    let mut last = error.to_string();
    while let Some(error) = cause {
        let words = error.to_string();
        cause = error.source();
        // Some libraries repeat their cause in their own words, others say nothing but "error".
        let is_empty = cause.is_some() && EMPTY_WORDS.contains(&words.as_str());
        if !last.ends_with(&words) && !is_empty {
            let shown = redactor.shown(&words).replace('\n', "\n           ");
            let _ = writeln!(text, "  because: {shown}");
        }
        last = words;
    }
    if let Some(hint) = hint {
        let _ = writeln!(text, "  try: {}", with_flags(hint));
    }
    text
}

/// What a person can do about a file of a listener that cannot be written.
pub fn room_for_file(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "free some space there, or name a file on another disk"
        }
        _ => "name a file in a folder that exists and is writable",
    }
}
