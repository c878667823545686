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

impl CatalogError {
    /// What a person can do about it; a setting stands in it as `<its_key>`.
    pub fn hint(&self) -> Option<&'static str> {
        use CatalogError as E;
        Some(match self {
            E::Cancelled(_) => return None,
            E::InvalidUrl { .. } => {
                "postgres://USER:PASSWORD@HOST:5432/DATABASE, http(s)://… or the path of an M3U \
                 playlist; in a user name or password write @ as %40, / as %2F, % as %25"
            }
            E::Unreachable { target, .. } if target.starts_with("http") => {
                "is the address right, and the provider's server up? Open it in a browser"
            }
            E::Unreachable { .. } => {
                "is the address right, and the server running and reachable from here? Dispatcharr's \
                 PostgreSQL listens inside Docker: join its network, or publish its port"
            }
            E::Tls { target, .. } if target.starts_with("http") => {
                "is it really https? If so: is the certificate made out to this name, and does this machine know \
                 who issued it (Debian's package ca-certificates)?"
            }
            E::Tls { .. } => {
                "sslmode=require does without a trusted certificate, sslmode=disable without TLS; \
                 sslrootcert=FILE names the authority to trust"
            }
            E::Login { .. } => {
                "check user and password, and whether pg_hba.conf lets the user in; Dispatcharr's own are in POSTGRES_USER and \
                 POSTGRES_PASSWORD of its container (by default dispatch and secret)"
            }
            E::NoDatabase { .. } => {
                "Dispatcharr's database is called dispatcharr unless POSTGRES_DB says otherwise"
            }
            E::NotDispatcharr { .. } => {
                "is this the right database? vod2strm reads Dispatcharr 0.9 and later; and its user must \
                 see the tables: GRANT pg_read_all_data TO it"
            }
            E::Forbidden { .. } => {
                "as an administrator of the database: GRANT pg_read_all_data TO the user in <source>"
            }
            E::Timeout { .. } => {
                "the server is very busy, or a migration holds its tables: run again later"
            }
            E::Query { .. } => {
                "run `vod2strm doctor`; if it finds nothing, this is worth a bug report"
            }
            E::File { source, .. } => file_hint(source),
            E::Status { status: 401 | 403, .. } => {
                "the provider refuses: check user name and password in the address"
            }
            E::Status { .. } => "open the address in a browser, and see what the server says",
            E::Incomplete { .. } => "nothing was changed for what is missing; run again",
            E::ApiDown { .. } => {
                "is <api_url> right, and does Dispatcharr run? No series was marked as failed: run again"
            }
            E::Excess { excess, .. } => excess.hint(),
            E::NoApi { .. } => {
                "set api_url to Dispatcharr's own address, for example http://192.168.1.5:9191"
            }
            E::ApiDenied { .. } => {
                "check api_key, or api_user and api_password: each of Dispatcharr's users may have one key"
            }
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
