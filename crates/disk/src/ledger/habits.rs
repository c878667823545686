//! What the names of categories have in common, as runs have learnt it.

use std::sync::Arc;

use rusqlite::{Transaction, params};
use vod2strm_core::names::category_habits::Habits;

use super::read::parse_kind;
use super::{Ledger, LedgerError};

impl Ledger {
    /// The habits of all categories that have some: one statement.
    pub fn habits(&self) -> Result<Habits, LedgerError> {
        let mut habits = Habits::new();
        self.each("SELECT kind, category, place, text FROM habits", |row| {
            let category: Arc<str> = row.get::<_, String>(1)?.into();
            let place: String = row.get(2)?;
            habits.entry((parse_kind(row, 0)?, category)).or_default().add(&place, row.get(3)?);
            Ok(())
        })?;
        Ok(habits)
    }
}

/// Notes the habits of these categories in place of what was known of them.
pub(super) fn note_habits(db: &Transaction<'_>, habits: &Habits) -> rusqlite::Result<()> {
    for ((kind, category), habits) in habits {
        let sql = "DELETE FROM habits WHERE kind = ?1 AND category = ?2";
        db.prepare_cached(sql)?.execute(params![kind.as_str(), category])?;
        let sql = "INSERT INTO habits (kind, category, place, text) VALUES (?1, ?2, ?3, ?4)";
        let mut insert = db.prepare_cached(sql)?;
        for (place, text) in habits.texts() {
            insert.execute(params![kind.as_str(), category, place, text])?;
        }
    }
    Ok(())
}
