//! One connection and one read-only snapshot: every statement of a run goes through here and is
//! counted.

use std::error::Error as _;
use std::time::Duration;

use futures_util::{StreamExt, pin_mut};
use tokio::time::timeout;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Row, Statement, ToStatement};

use super::address::DatabaseAddress;
use super::bounded::Connect;
use super::error::DatabaseError;
use super::tls;
use crate::error::CatalogError;
use crate::limits::{Excess, Flow, SourceLimits, answer};
use crate::wait::Waiter;
use vod2strm_core::cancel::Cancelled;

/// Read-only thrice over: the session, the transaction, and the statements we send. No parallel workers
/// and no JIT: others use the server too. A page at random costs little more than the next one. With the usual 4,
/// PostgreSQL scans the whole table of episodes' streams for each batch of 500 series (160 ms at a million). Here it
/// looks them up (7 ms).
const SETTINGS: &str = "
    SET default_transaction_read_only = on;
    SET statement_timeout = '15min';
    SET lock_timeout = '45s';
    SET idle_in_transaction_session_timeout = 0;
    SET jit = off;
    SET random_page_cost = 1.1;
    SET max_parallel_workers_per_gather = 0";

const BEGIN: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// How long the server may take to be told that we want a statement's rows no more.
const CANCEL_TIMEOUT: Duration = Duration::from_secs(1);

/// A connection to Dispatcharr's database.
pub struct Session {
    // The connection's own task runs while a statement is waited for.
    waiter: Waiter,
    client: Client,
    connect: Connect,
    address: DatabaseAddress,
    statements: u64,
}

/// Why a statement did not end well.
enum StatementError {
    Cancelled(Cancelled),
    Excess(Excess),
    Failed(tokio_postgres::Error),
}

impl From<Cancelled> for StatementError {
    fn from(cancelled: Cancelled) -> StatementError {
        StatementError::Cancelled(cancelled)
    }
}

impl From<Excess> for StatementError {
    fn from(excess: Excess) -> StatementError {
        StatementError::Excess(excess)
    }
}

impl From<tokio_postgres::Error> for StatementError {
    fn from(error: tokio_postgres::Error) -> StatementError {
        StatementError::Failed(error)
    }
}

impl Session {
    /// Connects, and promises the server to be a good guest.
    pub fn open(mut address: DatabaseAddress) -> Result<Session, CatalogError> {
        let target = address.target();
        let unreachable = |source: std::io::Error| DatabaseError::Unreachable {
            target: target.clone(),
            source: source.into(),
        };
        let waiter = Waiter::new(&address.cancel).map_err(unreachable)?;
        let connector = tls::connector(&address.tls)
            .map_err(|source| DatabaseError::Tls { target: target.clone(), source })?;
        let limits = address.limits;
        let connect = Connect::new(connector, &mut address.config, limits.line);
        // The address' own timeout ends when the connection stands; a server may be silent then.
        let connecting =
            async { answer(limits.silence, address.config.connect(connect.clone())).await };
        let connected = waiter.wait(connecting)?.and_then(|connected| match connect.excess.get() {
            Some(excess) => Err(*excess),
            None => Ok(connected),
        });
        let (client, connection) = connected
            .map_err(|excess| CatalogError::Excess { target, excess })?
            .map_err(|error| connect_error(&address, error))?;
        // Its end shows in the client's next answer.
        waiter.spawn(async { drop(connection.await) });
        let mut session = Session { waiter, client, connect, address, statements: 0 };
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
        self.begin()?;
        let say = async {
            Ok(answer(self.address.limits.silence, self.client.batch_execute(sql)).await??)
        };
        let said = self.waiter.wait(say).map_err(StatementError::from).flatten();
        said.map_err(|trouble| self.explain(what, trouble))
    }

    /// Begins a statement, unless the reading is to end.
    fn begin(&mut self) -> Result<(), Cancelled> {
        self.address.cancel.check()?;
        self.statements += 1;
        Ok(())
    }

    /// What a statement's trouble comes from.
    fn explain(&self, what: &'static str, trouble: StatementError) -> CatalogError {
        let excess = match (self.connect.excess.get(), trouble) {
            (_, StatementError::Cancelled(cancelled)) => {
                self.cancel();
                return cancelled.into();
            }
            (Some(excess), _) => *excess,
            (None, StatementError::Failed(error)) => return query_error(what, error),
            // Notices are not what was asked for.
            (None, StatementError::Excess(Excess::Silent(time))) => Excess::NoAnswer(time),
            (None, StatementError::Excess(excess)) => excess,
        };
        self.cancel();
        CatalogError::Excess { target: self.target(), excess }
    }

    /// Tells the server to stop: it would go on until it has a row that it cannot send.
    fn cancel(&self) {
        let token = self.client.cancel_token();
        let cancel = token.cancel_query(self.connect.clone());
        // Whether it hears it or not, nobody waits for it any more.
        let told = async { timeout(CANCEL_TIMEOUT, cancel).await };
        drop(self.waiter.block_on(told));
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

    /// Has the server understand a statement that is run again and again.
    pub fn prepare(&mut self, what: &'static str, sql: &str) -> Result<Statement, CatalogError> {
        self.begin()?;
        let prepare =
            async { Ok(answer(self.address.limits.silence, self.client.prepare(sql)).await??) };
        let prepared = self.waiter.wait(prepare).map_err(StatementError::from).flatten();
        prepared.map_err(|trouble| self.explain(what, trouble))
    }

    /// Runs a statement and hands every row to `each` as it arrives; nothing is collected.
    pub fn rows(
        &mut self,
        what: &'static str,
        sql: &(impl ToStatement + ?Sized),
        parameters: &[&(dyn ToSql + Sync)],
        each: &mut dyn FnMut(&Row) -> Result<(), tokio_postgres::Error>,
    ) -> Result<(), CatalogError> {
        self.begin()?;
        let (client, limits) = (&self.client, self.address.limits);
        let run = async {
            let stream = answer(limits.silence, client.query_raw(sql, parameters.iter().copied()));
            let stream = stream.await??;
            pin_mut!(stream);
            let (mut flow, mut seen) = (Flow::new(limits), Seen::default());
            while let Some(row) = flow.next(stream.next(), size).await? {
                let row = row?;
                seen.take(&row, &limits)?;
                each(&row)?;
            }
            Ok(())
        };
        let ran = self.waiter.wait(run).map_err(StatementError::from).flatten();
        ran.map_err(|trouble| self.explain(what, trouble))
    }
}

/// Rows of a statement so far, and their bytes.
#[derive(Default)]
struct Seen {
    rows: u64,
    bytes: u64,
}

impl Seen {
    fn take(&mut self, row: &Row, limits: &SourceLimits) -> Result<(), Excess> {
        self.rows += 1;
        self.bytes += row.raw_size_bytes() as u64;
        if self.rows > limits.entries {
            return Err(Excess::Entries(limits.entries));
        }
        if self.bytes > limits.size { Err(Excess::Size(limits.size)) } else { Ok(()) }
    }
}

fn size(row: &Option<Result<Row, tokio_postgres::Error>>) -> usize {
    row.as_ref().and_then(|row| row.as_ref().ok()).map_or(0, Row::raw_size_bytes)
}

fn connect_error(address: &DatabaseAddress, error: tokio_postgres::Error) -> DatabaseError {
    let target = address.target();
    let code = error.code().cloned();
    let is_login = code.as_ref().is_some_and(|code| {
        [SqlState::INVALID_PASSWORD, SqlState::INVALID_AUTHORIZATION_SPECIFICATION].contains(code)
    });
    // A server that wants a password where the address has none.
    let lacks_password =
        address.config.get_password().is_none() && describes(&error, "password missing");
    if is_login || lacks_password {
        return DatabaseError::Login { target, source: error.into() };
    }
    if code == Some(SqlState::INSUFFICIENT_PRIVILEGE) {
        let object = format!("database {}", address.database());
        return DatabaseError::Forbidden { object, source: error.into() };
    }
    if code == Some(SqlState::INVALID_CATALOG_NAME) {
        let database = address.database().to_owned();
        return DatabaseError::NoDatabase { target, database, source: error.into() };
    }
    if describes(&error, "TLS") || describes(&error, "certificate") {
        return DatabaseError::Tls { target, source: error.into() };
    }
    DatabaseError::Unreachable { target, source: error.into() }
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
            DatabaseError::Forbidden { object: what.to_owned(), source: error.into() }.into()
        }
        Some(&SqlState::QUERY_CANCELED | &SqlState::LOCK_NOT_AVAILABLE) => {
            DatabaseError::Timeout { what, source: error.into() }.into()
        }
        _ if error.is_closed()
            || error.source().is_some_and(|source| source.is::<std::io::Error>()) =>
        {
            CatalogError::Incomplete { target: "the database".to_owned(), source: error.into() }
        }
        _ => DatabaseError::Query { what, source: error.into() }.into(),
    }
}
