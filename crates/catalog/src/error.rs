//! What can go wrong while a catalogue is read.
//!
//! Every message names what failed and on what. No message repeats its source, since the chain is printed. No
//! message contains a credential: targets are labels when they get here.

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::path::PathBuf;

use crate::limits::Excess;
use vod2strm_core::cancel::Cancelled;

/// A boxed cause from a library.
pub type BoxedError = Box<dyn StdError + Send + Sync>;

/// Why a catalogue could not be read.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    /// The run was to end while the source was waited for.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// The source's address is not one.
    #[error("{url} is not a usable source: {reason}")]
    InvalidUrl {
        /// The redacted address.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// No web server answers there.
    #[error("cannot reach {target}")]
    Unreachable {
        /// The redacted address.
        target: String,
        /// The network's error.
        source: BoxedError,
    },
    /// The web server was reached, but TLS could not be agreed upon.
    #[error("cannot set up TLS with {target}")]
    Tls {
        /// The redacted address.
        target: String,
        /// The reason.
        source: BoxedError,
    },
    /// A playlist file cannot be read.
    #[error("cannot read {}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// A web server answers with something else than 200.
    #[error("{target} answers with status {status}")]
    Status {
        /// The redacted address.
        target: String,
        /// The HTTP status.
        status: u16,
    },
    /// The answer broke off, so that nobody knows what is missing.
    #[error("the answer of {target} broke off")]
    Incomplete {
        /// The redacted address.
        target: String,
        /// The network's error.
        source: BoxedError,
    },
    /// The source does what no source may: it would never end, or take all memory.
    #[error("{target} is not read to its end: {excess}")]
    Excess {
        /// Host and port, label or file.
        target: String,
        /// What it did.
        excess: Excess,
    },
    /// What only one reader can say.
    #[error(transparent)]
    Reader(ReaderError),
    /// What came is no playlist of titles.
    #[error("{target} is not an M3U playlist: {reason}")]
    NotAPlaylist {
        /// File or redacted address.
        target: String,
        /// What it seems to be.
        reason: String,
    },
}

/// What only one reader can say, and what a person can do about it.
#[derive(Debug)]
pub struct ReaderError {
    error: BoxedError,
    hint: &'static str,
}

impl fmt::Display for ReaderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl StdError for ReaderError {
    /// It speaks in the error's place.
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.error.source()
    }
}

impl CatalogError {
    /// What one reader alone says, with what a person can do about it.
    pub fn of_reader(error: impl Into<BoxedError>, hint: &'static str) -> CatalogError {
        CatalogError::Reader(ReaderError { error: error.into(), hint })
    }

    /// What one reader alone says, if it is of this type.
    pub fn reader<E: StdError + 'static>(&self) -> Option<&E> {
        match self {
            CatalogError::Reader(ReaderError { error, .. }) => error.downcast_ref(),
            _ => None,
        }
    }

    /// What a person can do about it; a setting stands in it as `<its_key>`.
    pub fn hint(&self) -> Option<&'static str> {
        use CatalogError as E;
        Some(match self {
            E::Cancelled(_) => return None,
            E::InvalidUrl { .. } => {
                "postgres://USER:PASSWORD@HOST:5432/DATABASE, http(s)://… or the path of an M3U \
                 playlist; in a user name or password write @ as %40, / as %2F, % as %25"
            }
            E::Unreachable { .. } => {
                "is the address right, and the provider's server up? Open it in a browser"
            }
            E::Tls { .. } => {
                "is it really https? If so: is the certificate made out to this name, and does this machine know \
                 who issued it (Debian's package ca-certificates)?"
            }
            E::File { source, .. } => file_hint(source),
            E::Status { status: 401 | 403, .. } => {
                "the provider refuses: check user name and password in the address"
            }
            E::Status { .. } => "open the address in a browser, and see what the server says",
            E::Incomplete { .. } => "nothing was changed for what is missing; run again",
            E::Excess { excess, .. } => excess.hint(),
            E::Reader(error) => error.hint,
            E::NotAPlaylist { .. } => {
                "the address must give a list that begins with #EXTM3U; providers often want \
                 type=m3u_plus in it"
            }
        })
    }
}

/// What a person can do about a playlist file that cannot be read.
fn file_hint(error: &io::Error) -> &'static str {
    use io::ErrorKind::{InvalidData, InvalidInput, UnexpectedEof};
    match error.kind() {
        UnexpectedEof | InvalidData | InvalidInput => {
            "the file is cut short or damaged: fetch it again"
        }
        _ => "check the path and its permissions",
    }
}
