//! What can go wrong with Dispatcharr's database, and what a person can do about it.

use crate::error::{BoxedError, CatalogError};

/// Why the database could not be read.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// Nobody answers there.
    #[error("cannot reach {target}")]
    Unreachable {
        /// Host and port, or socket.
        target: String,
        /// The network's error.
        source: BoxedError,
    },
    /// The server was reached, but TLS could not be agreed upon.
    #[error("cannot set up TLS with {target}")]
    Tls {
        /// Host and port.
        target: String,
        /// The reason.
        source: BoxedError,
    },
    /// The server refuses this user or password.
    #[error("{target} refuses the user or the password")]
    Login {
        /// Host and port.
        target: String,
        /// The server's words.
        source: BoxedError,
    },
    /// The server has no such database.
    #[error("{target} has no database {database}")]
    NoDatabase {
        /// Host and port.
        target: String,
        /// The database that was asked for.
        database: String,
        /// The server's words.
        source: BoxedError,
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
        source: BoxedError,
    },
    /// A statement took longer than the limit.
    #[error("the database did not finish reading {what} in time")]
    Timeout {
        /// The statement's purpose.
        what: &'static str,
        /// The server's words.
        source: BoxedError,
    },
    /// A statement failed for another reason.
    #[error("cannot read {what} from the database")]
    Query {
        /// The statement's purpose.
        what: &'static str,
        /// The server's words.
        source: BoxedError,
    },
}

impl DatabaseError {
    fn hint(&self) -> &'static str {
        use DatabaseError as E;
        match self {
            E::Unreachable { .. } => {
                "is the address right, and the server running and reachable from here? Dispatcharr's \
                 PostgreSQL listens inside Docker: join its network, or publish its port"
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
        }
    }
}

impl From<DatabaseError> for CatalogError {
    fn from(error: DatabaseError) -> CatalogError {
        let hint = error.hint();
        CatalogError::of_reader(error, hint)
    }
}
