//! The journal of moves: what is written down before a folder leaves its place. So a run that was cut off is completed,
//! whatever it had done.

use rusqlite::{OptionalExtension, Row, Transaction, params};
use vod2strm_core::identity::known::TitleId;
use vod2strm_core::path::RelPath;
use vod2strm_core::plan::settle::UNKNOWN_TIME;

use super::history::note_change;
use super::read::bad;
use super::write::add_pending;
use super::{Ledger, LedgerError};

/// A folder on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenMove {
    /// Whose folder it is.
    pub title: TitleId,
    /// Where it was, below the output folder.
    pub source: RelPath,
    /// Where it goes, below the output folder; the source itself when it goes back.
    pub target: RelPath,
    /// Whether it goes by way of a place aside.
    pub via: bool,
    /// Whether it has left the source: it is aside or at the target. Otherwise it is aside or at
    /// the source.
    pub has_left: bool,
    /// Whether it goes entry by entry, since the folder cannot be renamed: what is at the target is ours.
    pub by_entries: bool,
}

/// What the journal has of a move: it has left its source; it goes entry by entry.
const LEFT: i64 = 1;
const BY_ENTRIES: i64 = 2;

impl Ledger {
    /// Writes down moves that are about to begin, durably.
    pub fn plan_moves(&mut self, moves: &[OpenMove]) -> Result<(), LedgerError> {
        self.transaction(|transaction| {
            let sql = "INSERT INTO moves (title, source, target, via, stage)
                       VALUES (?1, ?2, ?3, ?4, ?5)";
            let mut statement = transaction.prepare_cached(sql)?;
            for open in moves {
                let (source, target) = (open.source.as_str(), open.target.as_str());
                let stage = if open.has_left { LEFT } else { 0 };
                let values = params![open.title.0, source, target, open.via, stage];
                statement.execute(values)?;
            }
            Ok(())
        })
    }

    /// The moves that were written down and not finished, by title.
    pub fn open_moves(&self) -> Result<Vec<OpenMove>, LedgerError> {
        let mut open = Vec::new();
        self.each("SELECT title, source, target, via, stage FROM moves ORDER BY title", |row| {
            let path = |column: usize| {
                let text: String = row.get(column)?;
                RelPath::parse(&text).map_err(|error| bad(column, error))
            };
            let title = TitleId(row.get(0)?);
            let (source, target) = (path(1)?, path(2)?);
            let (via, stage): (bool, i64) = (row.get(3)?, row.get(4)?);
            let (has_left, by_entries) = (stage == LEFT, stage == BY_ENTRIES);
            open.push(OpenMove { title, source, target, via, has_left, by_entries });
            Ok(())
        })?;
        Ok(open)
    }

    /// Notes that all folders that go by way of a place aside have left their sources.
    pub fn note_all_aside(&mut self) -> Result<(), LedgerError> {
        self.transaction(|transaction| {
            transaction.execute("UPDATE moves SET stage = 1 WHERE via = 1", [])?;
            Ok(())
        })
    }

    /// Notes that a folder goes entry by entry from now on, to a place in which nothing is.
    pub fn move_by_entries(&mut self, title: TitleId) -> Result<(), LedgerError> {
        self.transaction(|transaction| {
            let sql = "UPDATE moves SET stage = ?2 WHERE title = ?1";
            transaction.execute(sql, params![title.0, BY_ENTRIES]).map(drop)
        })
    }

    /// Notes that folders that are aside go back to where they came from.
    pub fn turn_back(&mut self, titles: &[TitleId]) -> Result<(), LedgerError> {
        self.transaction(|transaction| {
            let sql = "UPDATE moves SET target = source WHERE title = ?1";
            let mut statement = transaction.prepare_cached(sql)?;
            titles.iter().try_for_each(|title| statement.execute([title.0]).map(drop))
        })
    }

    /// Notes where folders are now (below the output folder), and that their moves are over. The next
    /// look at the library lists them.
    pub fn finish_moves(&mut self, places: &[(TitleId, RelPath)]) -> Result<(), LedgerError> {
        let run = self.run;
        self.transaction(|transaction| {
            // Taken from all before it is given to any: they may have changed places.
            let mut announced = Vec::new();
            for (title, place) in places {
                announced.push((place, take_pending(transaction, title.0)?));
                if settle(transaction, title.0, place)? {
                    note_change(transaction, run, title.0, "moved", 0)?;
                }
            }
            for (place, announced) in announced {
                if let Some((hashes, is_users)) = announced {
                    add_pending(transaction, place.as_str(), &hashes, is_users)?;
                }
            }
            Ok(())
        })
    }
}

/// What was announced for a title's folder before it moved, by a run that was cut off.
fn take_pending(db: &Transaction<'_>, title: i64) -> rusqlite::Result<Option<(Vec<u8>, bool)>> {
    let sql = "DELETE FROM pending WHERE folder = (SELECT source FROM moves WHERE title = ?1)
               RETURNING hashes, shared";
    let both = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?));
    db.prepare_cached(sql)?.query_row([title], both).optional()
}

/// Gives whether the folder is in another place than it was.
fn settle(db: &Transaction<'_>, title: i64, place: &RelPath) -> rusqlite::Result<bool> {
    let place = place.as_str();
    let sql = "SELECT source <> ?2 FROM moves WHERE title = ?1";
    let has_moved = db.prepare_cached(sql)?.query_row(params![title, place], |row| row.get(0));
    let folder = place.split_once('/').map_or(place, |(_, folder)| folder);
    db.prepare_cached("UPDATE titles SET folder = ?2 WHERE id = ?1")?
        .execute(params![title, folder])?;
    db.prepare_cached("UPDATE dirs SET changed = ?2 WHERE title = ?1")?
        .execute(params![title, UNKNOWN_TIME])?;
    db.prepare_cached("DELETE FROM moves WHERE title = ?1")?.execute([title])?;
    Ok(has_moved.optional()?.unwrap_or(false))
}
