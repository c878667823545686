//! What was measured of streams, as the source said last: a value that is only missing for a night changes nothing.

use std::collections::HashMap;

use rusqlite::{Transaction, params};
use vod2strm_core::identity::known::TitleId;
use vod2strm_core::model::media::MeasuredStream;
use vod2strm_core::model::stamp::StreamId;
use vod2strm_core::plan::settle::TitleRecord;

use super::read::{id_list, parse_kind, text_at};
use super::{Ledger, LedgerError};

/// Measurements as texts, by the stream.
pub type Remembered = HashMap<StreamId, Box<str>>;

impl Ledger {
    /// What is remembered of the streams of these titles: one statement.
    pub fn measured(
        &self,
        titles: impl Iterator<Item = TitleId>,
    ) -> Result<Remembered, LedgerError> {
        let mut remembered = Remembered::new();
        let list = id_list(titles);
        let sql =
            format!("SELECT kind, account, stream, said FROM measured WHERE title IN ({list})");
        self.each(&sql, |row| {
            let stream = text_at(row, 2)?.unwrap_or_default();
            let stream = StreamId::new(parse_kind(row, 0)?, row.get(1)?, stream);
            remembered.insert(stream, text_at(row, 3)?.unwrap_or_default().into());
            Ok(())
        })?;
        Ok(remembered)
    }
}

/// Remembers what holds of a title's streams, and forgets those that it has no longer. What is known already is not
/// written.
pub(super) fn note_measured(
    db: &Transaction<'_>,
    record: &TitleRecord,
    id: i64,
) -> rusqlite::Result<()> {
    let mut before: HashMap<(i64, String), String> = HashMap::new();
    if record.known.is_some() {
        let sql = "SELECT account, stream, said FROM measured WHERE title = ?1";
        let mut statement = db.prepare_cached(sql)?;
        let mut rows = statement.query([id])?;
        while let Some(row) = rows.next()? {
            before.insert((row.get(0)?, row.get(1)?), row.get(2)?);
        }
    }
    let kind = record.title.kind.as_str();
    for MeasuredStream { account, stream_id, said } in &record.measured {
        if before.remove(&(*account, stream_id.clone())).as_ref() != Some(said) {
            let sql = "INSERT INTO measured (kind, account, stream, title, said) VALUES (?1, ?2, ?3, ?4, ?5)
                       ON CONFLICT DO UPDATE SET title = excluded.title, said = excluded.said";
            db.prepare_cached(sql)?.execute(params![kind, account, stream_id, id, said])?;
        }
    }
    for (account, stream) in before.into_keys() {
        let sql =
            "DELETE FROM measured WHERE kind = ?1 AND account = ?2 AND stream = ?3 AND title = ?4";
        db.prepare_cached(sql)?.execute(params![kind, account, stream, id])?;
    }
    Ok(())
}
