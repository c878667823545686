//! What can go wrong while a catalogue is read.
//!
//! Every message names what failed and on what; none repeats its source (the chain is printed), and
//! none contains a credential: targets are labels when they get here.

use std::error::Error as StdError;
use std::io;
use std::path::PathBuf;

use crate::limits::Excess;
use vod2strm_core::cancel::Cancelled;

/// A boxed cause from a library.
pub type Cause = Box<dyn StdError + Send + Sync>;

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
    /// Nobody answers there.
    #[error("cannot reach {target}")]
    Unreachable {
        /// Host and port, or socket.
        target: String,
        /// The network's error.
        source: Cause,
    },
    /// The server was reached, but TLS could not be agreed upon.
    #[error("cannot set up TLS with {target}")]
    Tls {
        /// Host and port.
        target: String,
        /// The reason.
        source: Cause,
    },
    /// The server refuses this user or password.
    #[error("{target} refuses the user or the password")]
    Login {
        /// Host and port.
        target: String,
        /// The server's words.
        source: Cause,
    },
    /// The server has no such database.
    #[error("{target} has no database {database}")]
    NoDatabase {
        /// Host and port.
        target: String,
        /// The database that was asked for.
        database: String,
        /// The server's words.
        source: Cause,
    },
    /// The database is not one of Dispatcharr's, or of a version before 0.9.
    #[error("database {database} is not Dispatcharr's: it lacks {}", missing.join(", "))]
    NotDispatcharr {
        /// The database's name.
        database: String,
        /// Tables and columns that are not there.
        missing: Vec<String>,
    },
    /// The user may not read a table.
    #[error("the database user may not read {object}")]
    Forbidden {
        /// The table, or the statement's purpose.
        object: String,
        /// The server's words.
        source: Cause,
    },
    /// A statement took longer than the limit.
    #[error("the database did not finish reading {what} in time")]
    Timeout {
        /// The statement's purpose.
        what: &'static str,
        /// The server's words.
        source: Cause,
    },
    /// A statement failed for another reason.
    #[error("cannot read {what} from the database")]
    Query {
        /// The statement's purpose.
        what: &'static str,
        /// The server's words.
        source: Cause,
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
        source: Cause,
    },
    /// The source does what no source may: it would never end, or take all memory.
    #[error("{target} is not read to its end: {excess}")]
    Excess {
        /// Host and port, label or file.
        target: String,
        /// What it did.
        excess: Excess,
    },
    /// What answers is not Dispatcharr's API.
    #[error("{target} is not Dispatcharr's API: it answers with something else")]
    NoApi {
        /// The redacted address.
        target: String,
    },
    /// Dispatcharr does not run there.
    #[error("{}", down(target, *status))]
    ApiDown {
        /// The redacted address.
        target: String,
        /// What a server before Dispatcharr says; `None` when nothing listens.
        status: Option<u16>,
    },
    /// Dispatcharr's API refuses our credentials.
    #[error("{target} refuses to fetch episodes for us{words}")]
    ApiDenied {
        /// The redacted address.
        target: String,
        /// Dispatcharr's words.
        words: String,
    },
    /// What came is no playlist of titles.
    #[error("{target} is not an M3U playlist: {reason}")]
    NotAPlaylist {
        /// File or redacted address.
        target: String,
        /// What it seems to be.
        reason: String,
    },
}

fn down(target: &str, status: Option<u16>) -> String {
    match status {
        None => format!("nothing listens at {target}"),
        Some(status) => {
            format!("{target} answers with status {status}: Dispatcharr does not run behind it")
        }
    }
}
