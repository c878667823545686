//! Was anything written since the last run? PostgreSQL counts the rows that are written to every table;
//! while its counters stay as they were, no table has to be read.
//!
//! The counters prove something only where all that was committed is in them. They count as no proof
//! - before PostgreSQL 15: until then they went by datagrams, which may be lost;
//! - on a standby, which replays rows without counting them, and where counting is switched off;
//! - where a name stands for anything but one plain table whose rows all may be read;
//! - while another session of the database is at work, or was a moment ago. A session counts what it has
//!   committed up to ten seconds later, or as it ends. Sessions that we may not look at count as working: without
//!   the role `pg_read_all_stats`, all of other users.
//!
//! Two kinds of sessions never count. Those of this program only read. In the other one Dispatcharr's scheduler
//! asks for its own tables every five seconds. The scheduler's session is known by the name that it gives itself
//! and by its last statement. It is trusted to have committed nothing to a table that is read, as Dispatcharr's
//! does not.
//!
//! Besides the counters, the answer has all that says that the counters began anew. That is the server's start,
//! and the resets of statistics, also those after a crash. The answer has each table's file, for TRUNCATE is
//! not counted. And it has which database it is: copies of one have equal counters.

use tokio_postgres::{Statement, ToStatement};
use vod2strm_core::hash::{Fingerprint, RowHasher};

use super::address::APPLICATION;
use super::schema::tables;
use super::session::Session;
use crate::error::CatalogError;
use crate::source::DatabaseId;

/// Which database this is, and how many sessions may have committed something that is not counted yet.
/// What the scheduler asks is known from Dispatcharr 0.29: `SELECT … FROM django_celery_beat_periodictasks`,
/// also inside a transaction. `$1` begins the names of our own sessions.
const WHO: &str = "
    SELECT d.oid, count(a.pid), {server}
    FROM pg_catalog.pg_database d
    LEFT JOIN pg_catalog.pg_stat_activity a
      ON a.datid = d.oid AND a.pid <> pg_catalog.pg_backend_pid()
         AND coalesce(a.backend_type, '') NOT IN ('autovacuum worker', 'walsender')
         AND NOT pg_catalog.starts_with(a.application_name, $1)
         AND (a.state = 'idle' AND a.state_change < clock_timestamp() - interval '15 seconds') IS NOT TRUE
         AND (a.application_name LIKE 'Dispatcharr-celery-beat-%' AND a.backend_xid IS NULL
              AND a.query ~* '^\\s*SELECT\\M.*\\mdjango_celery_beat_') IS NOT TRUE
    WHERE d.datname = current_database() GROUP BY d.oid";

/// Which server it is: the same after every start, another after every `initdb`. Whoever may not ask is
/// told by the database's number alone, and the counters by the server's start.
const SERVERS: [&str; 2] =
    ["(SELECT system_identifier FROM pg_catalog.pg_control_system())", "NULL::bigint"];

const COUNTERS: &str = "
    WITH tables AS (
        SELECT c.oid, c.relname, pg_catalog.pg_relation_filenode(c.oid) AS file,
               c.relkind = 'r' AND NOT c.relhassubclass AND NOT c.relrowsecurity AS is_plain,
               pg_catalog.pg_stat_get_tuples_inserted(c.oid) AS inserted,
               pg_catalog.pg_stat_get_tuples_updated(c.oid) AS updated,
               pg_catalog.pg_stat_get_tuples_deleted(c.oid) AS deleted,
               (SELECT string_agg(a.attname || ':' || a.atttypid, ',' ORDER BY a.attnum)
                FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0) AS columns
        FROM pg_catalog.pg_class c
        WHERE c.relname = ANY($1) AND pg_catalog.pg_table_is_visible(c.oid))
    SELECT current_setting('server_version_num')::int >= 150000
           AND current_setting('track_counts')::bool
           AND NOT pg_catalog.pg_is_in_recovery()
           AND NOT EXISTS (SELECT FROM pg_catalog.pg_db_role_setting
                           WHERE setdatabase IN (0, (SELECT oid FROM pg_catalog.pg_database
                                                    WHERE datname = current_database()))
                           AND array_to_string(setconfig, ',') LIKE '%track_counts%')
           AND (SELECT coalesce(bool_and(is_plain), false) FROM tables),
           concat_ws(' ', pg_catalog.pg_postmaster_start_time(),
               (SELECT d.stats_reset FROM pg_catalog.pg_stat_database d
                WHERE d.datname = current_database()),
               (SELECT b.stats_reset FROM pg_catalog.pg_stat_bgwriter b),
               (SELECT w.stats_reset FROM pg_catalog.pg_stat_archiver w),
               (SELECT string_agg(concat_ws(' ', oid, relname, file, inserted, updated, deleted, columns),
                                  ';' ORDER BY oid) FROM tables))";

/// What a server says of itself before anything is read.
#[derive(Debug, Default)]
pub(super) struct Books {
    /// Which database it is.
    pub(super) identity: Option<DatabaseId>,
    /// What the counters of all tables that are read say; `None` where they prove nothing.
    pub(super) state: Option<Fingerprint>,
}

impl Books {
    /// To be asked before the snapshot is taken. This run then sees what is committed in between, and the next
    /// run's answer counts it. The sessions are looked at before the counters: one that has ended by then has
    /// counted everything. Three statements at most, and two where everything may be asked.
    pub(super) fn read(session: &mut Session) -> Result<Books, CatalogError> {
        for server in SERVERS {
            let Some((identity, busy)) = who(session, server)? else { continue };
            let state = if busy == 0 { counters(session, identity)? } else { None };
            return Ok(Books { identity: Some(identity), state });
        }
        Ok(Books::default())
    }
}

/// A server that does not tell is read: a refusal ends nothing. What exceeds a limit or is cancelled ends the
/// run, as everywhere. The server was told to stop, and what it stops may be the next statement.
fn told<T>(asked: Result<(), CatalogError>, answer: Option<T>) -> Result<Option<T>, CatalogError> {
    match asked {
        Ok(()) => Ok(answer),
        Err(end @ (CatalogError::Excess { .. } | CatalogError::Cancelled(_))) => Err(end),
        Err(_) => Ok(None),
    }
}

fn who(session: &mut Session, server: &str) -> Result<Option<(DatabaseId, i64)>, CatalogError> {
    let (mut who, own) = (None, APPLICATION);
    let asked =
        session.rows("other sessions", &WHO.replace("{server}", server), &[&own], &mut |row| {
            let identity = DatabaseId { server: row.try_get(2)?, database: row.try_get(0)? };
            who = Some((identity, row.try_get(1)?));
            Ok(())
        });
    told(asked, who)
}

fn counters(
    session: &mut Session,
    identity: DatabaseId,
) -> Result<Option<Fingerprint>, CatalogError> {
    let mut fingerprint = None;
    let asked = each_counters(session, COUNTERS, &mut |proves, counters| {
        fingerprint = proves.then(|| {
            let mut hasher = RowHasher::default();
            hasher.start(b'w').text(&identity.to_string()).text(counters).finish()
        });
    });
    told(asked, fingerprint)
}

/// The counters of all tables, to be asked for again and again.
pub(super) struct CounterQuery(Statement);

impl CounterQuery {
    pub(super) fn prepare(session: &mut Session) -> Result<CounterQuery, CatalogError> {
        Ok(CounterQuery(session.prepare("counters of its tables", COUNTERS)?))
    }
}

/// What the counters of all tables say, whether they prove something or not: that they move says enough to look closer.
pub(super) fn written(
    session: &mut Session,
    counters: &CounterQuery,
) -> Result<Fingerprint, CatalogError> {
    let mut fingerprint = Fingerprint::default();
    each_counters(session, &counters.0, &mut |_, counters| {
        fingerprint = RowHasher::default().start(b'w').text(counters).finish();
    })?;
    Ok(fingerprint)
}

/// Hands the counters to `sink`, after whether they prove something.
fn each_counters(
    session: &mut Session,
    statement: &(impl ToStatement + ?Sized),
    sink: &mut dyn FnMut(bool, &str),
) -> Result<(), CatalogError> {
    session.rows("counters of its tables", statement, &[&tables()], &mut |row| {
        let counters = row.try_get::<_, Option<&str>>(1)?.unwrap_or_default();
        sink(row.try_get::<_, Option<bool>>(0)? == Some(true), counters);
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use vod2strm_core::cancel::Cancelled;

    use crate::limits::Excess;

    use super::super::error::DatabaseError;
    use super::*;

    #[test]
    fn a_refusal_is_no_answer_and_an_excess_or_the_end_of_the_run_is_an_error() {
        let refused =
            DatabaseError::Forbidden { object: "its files".to_owned(), source: "no".into() };
        assert!(matches!(told(Err(refused.into()), Some(1)), Ok(None)));
        let excess = CatalogError::Excess { target: "db".to_owned(), excess: Excess::Size(10) };
        assert!(matches!(told(Err(excess), Some(1)), Err(CatalogError::Excess { .. })));
        let cancelled = CatalogError::Cancelled(Cancelled);
        assert!(matches!(told(Err(cancelled), Some(1)), Err(CatalogError::Cancelled(_))));
        assert!(matches!(told(Ok(()), Some(1)), Ok(Some(1))));
    }
}
