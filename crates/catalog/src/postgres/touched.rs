//! Was anything written since the last run? PostgreSQL counts the rows that are written to every table;
//! while its counters stay as they were, no table has to be read.
//!
//! The counters prove something only where all that was committed is in them. They count as no proof
//! - before PostgreSQL 15: until then they went by datagrams, which may be lost;
//! - on a standby, which replays rows without counting them, and where counting is switched off;
//! - where a name stands for anything but one plain table whose rows all may be read;
//! - while another session of the database is at work, or was a moment ago: a session counts what it has
//!   committed up to ten seconds later, or as it ends. Sessions that we may not look at count as working.
//!
//! Besides the counters, the answer has everything that says that they began anew (the server's start, the
//! resets of statistics, also those after a crash), and each table's file, for TRUNCATE is not counted.

use vod2strm_core::hash::{Fingerprint, RowHasher};

use super::schema::tables;
use super::session::Session;

/// Sessions that may have committed something that is not counted yet.
const BUSY: &str = "
    SELECT count(*) FROM pg_catalog.pg_stat_activity a
    WHERE a.datname = current_database() AND a.pid <> pg_catalog.pg_backend_pid()
      AND coalesce(a.backend_type, '') NOT IN ('autovacuum worker', 'walsender')
      AND (a.state = 'idle' AND a.state_change < clock_timestamp() - interval '15 seconds') IS NOT TRUE";

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

/// What the counters of all tables that are read say; `None` where they prove nothing.
///
/// To be asked before the snapshot is taken: what is committed in between is then seen by this run, and
/// counted in the next one's answer. The sessions are looked at first: one that has ended by then has
/// counted everything. Two statements at most.
pub(super) fn counters(session: &mut Session) -> Option<Fingerprint> {
    // A server that does not tell is read: an error here ends nothing.
    let (mut is_quiet, mut fingerprint) = (false, None);
    let asked = session.rows("other sessions", BUSY, &[], &mut |row| {
        is_quiet = row.try_get::<_, i64>(0)? == 0;
        Ok(())
    });
    asked.ok().filter(|()| is_quiet)?;
    let names = tables();
    let asked = session.rows("counters of its tables", COUNTERS, &[&names], &mut |row| {
        if row.try_get::<_, Option<bool>>(0)? == Some(true) {
            fingerprint = Some(RowHasher::default().start(b'w').text(row.try_get(1)?).finish());
        }
        Ok(())
    });
    asked.ok().and(fingerprint)
}
