//! One connection and one read-only snapshot: every statement of a run goes through here and is
//! counted.

use std::error::Error as _;
use std::time::Duration;

use futures_util::{StreamExt, pin_mut};
use tokio::runtime::Runtime;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Row};

use super::address::Address;
use super::tls;
use crate::error::CatalogError;

/// Read-only thrice over: the session, the transaction, and the statements we send. No parallel workers
/// and no JIT: others use the server too. A page at random for little more than the next one: with the usual
/// 4, PostgreSQL scans the whole table of episodes' copies for each batch of 500 series (160 ms at a million)
/// instead of looking them up (7 ms).
const SETTINGS: &str = "
    SET default_transaction_read_only = on;
    SET statement_timeout = '15min';
    SET lock_timeout = '1min';
    SET idle_in_transaction_session_timeout = 0;
    SET jit = off;
    SET random_page_cost = 1.1;
    SET max_parallel_workers_per_gather = 0";

const BEGIN: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

const CONNECT_TIMEOUT: Duration = Duration::from_secs(30);
const SILENT: &str = "the server accepts connections but does not answer";

/// A connection to Dispatcharr's database.
pub struct Session {
    // On a runtime of one thread, which costs half of a multi-threaded one's CPU; the connection's
    // own task runs while a statement is waited for.
    runtime: Runtime,
    client: Client,
    address: Address,
    statements: u64,
}

impl Session {
    /// Connects, and promises the server to be a good guest.
    pub fn open(address: Address) -> Result<Session, CatalogError> {
        let target = address.target();
        let unreachable = |source: std::io::Error| CatalogError::Unreachable {
            target: target.clone(),
            source: source.into(),
        };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .enable_time()
            .build()
            .map_err(unreachable)?;
        let connector = tls::connector(&address.tls)
            .map_err(|source| CatalogError::Tls { target: target.clone(), source })?;
        // The address' own timeout ends when the connection stands; a server may be silent then.
        let connecting = async {
            tokio::time::timeout(CONNECT_TIMEOUT, address.config.connect(connector)).await
        };
        let (client, connection) = match runtime.block_on(connecting) {
            Ok(connected) => connected.map_err(|error| connect_error(&address, error))?,
            Err(_) => return Err(CatalogError::Unreachable { target, source: SILENT.into() }),
        };
        // Its end shows in the client's next answer.
        runtime.spawn(async { drop(connection.await) });
        let mut session = Session { runtime, client, address, statements: 0 };
        session.say("its settings", SETTINGS)?;
        Ok(session)
    }

    /// Begins the transaction of which the first statement takes the snapshot: `load` gives what `stamps`
    /// saw.
    pub fn take_snapshot(&mut self) -> Result<(), CatalogError> {
        self.say("its snapshot", BEGIN)
    }

    /// Ends the transaction and begins another: the next statement takes a new snapshot.
    pub fn renew_snapshot(&mut self) -> Result<(), CatalogError> {
        self.say("its snapshot", &format!("COMMIT; {BEGIN}"))
    }

    fn say(&mut self, what: &'static str, sql: &str) -> Result<(), CatalogError> {
        self.statements += 1;
        let said = self.runtime.block_on(self.client.batch_execute(sql));
        said.map_err(|error| query_error(what, error))
    }

    /// The database, for messages.
    pub fn database(&self) -> &str {
        self.address.database()
    }

    /// Host and port, for messages.
    pub fn target(&self) -> String {
        self.address.target()
    }

    /// Statements sent so far.
    pub fn statements(&self) -> u64 {
        self.statements
    }

    /// Runs a statement and hands every row to `each` as it arrives; nothing is collected.
    pub fn rows(
        &mut self,
        what: &'static str,
        sql: &str,
        parameters: &[&(dyn ToSql + Sync)],
        each: &mut dyn FnMut(&Row) -> Result<(), tokio_postgres::Error>,
    ) -> Result<(), CatalogError> {
        self.statements += 1;
        let client = &self.client;
        let run = async {
            let stream = client.query_raw(sql, parameters.iter().copied()).await?;
            pin_mut!(stream);
            while let Some(row) = stream.next().await {
                each(&row?)?;
            }
            Ok(())
        };
        self.runtime.block_on(run).map_err(|error| query_error(what, error))
    }
}

fn connect_error(address: &Address, error: tokio_postgres::Error) -> CatalogError {
    let target = address.target();
    let code = error.code().cloned();
    let is_login = code.as_ref().is_some_and(|code| {
        [SqlState::INVALID_PASSWORD, SqlState::INVALID_AUTHORIZATION_SPECIFICATION].contains(code)
    });
    // A server that wants a password where the address has none.
    let lacks_password =
        address.config.get_password().is_none() && describes(&error, "password missing");
    if is_login || lacks_password {
        return CatalogError::Login { target, source: error.into() };
    }
    if code == Some(SqlState::INSUFFICIENT_PRIVILEGE) {
        let object = format!("database {}", address.database());
        return CatalogError::Forbidden { object, source: error.into() };
    }
    if code == Some(SqlState::INVALID_CATALOG_NAME) {
        let database = address.database().to_owned();
        return CatalogError::NoDatabase { target, database, source: error.into() };
    }
    if describes(&error, "TLS") || describes(&error, "certificate") {
        return CatalogError::Tls { target, source: error.into() };
    }
    CatalogError::Unreachable { target, source: error.into() }
}

/// tokio-postgres keeps its kinds to itself; the words of the chain are all there is.
fn describes(error: &tokio_postgres::Error, word: &str) -> bool {
    let mut cause = Some(error as &dyn std::error::Error);
    while let Some(error) = cause {
        if error.to_string().contains(word) {
            return true;
        }
        cause = error.source();
    }
    false
}

fn query_error(what: &'static str, error: tokio_postgres::Error) -> CatalogError {
    match error.code() {
        Some(&SqlState::INSUFFICIENT_PRIVILEGE) => {
            CatalogError::Forbidden { object: what.to_owned(), source: error.into() }
        }
        Some(&SqlState::QUERY_CANCELED | &SqlState::LOCK_NOT_AVAILABLE) => {
            CatalogError::Timeout { what, source: error.into() }
        }
        _ if error.is_closed()
            || error.source().is_some_and(|source| source.is::<std::io::Error>()) =>
        {
            CatalogError::Incomplete { target: "the database".to_owned(), source: error.into() }
        }
        _ => CatalogError::Query { what, source: error.into() },
    }
}
