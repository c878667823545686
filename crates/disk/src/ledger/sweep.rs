//! What the ledger is told of what is missing, waits, and was removed.

use rusqlite::{Transaction, params};
use vod2strm_core::known::{KnownCopy, TitleId};

use super::history::note_change;
use super::write::{forget_file, settle_folder};
use super::{Ledger, LedgerError};
use crate::remove::{Fate, Removal, Removed};
use crate::tree::UNKNOWN_TIME;

/// What a sweep has found of titles, copies and files that are missing or unwanted, and not held: one
/// complete run more.
#[derive(Debug, Default)]
pub struct Ageing {
    /// Titles that the catalogue does not have.
    pub titles: Vec<TitleId>,
    /// Titles of which files are not wanted.
    pub files_of: Vec<TitleId>,
    /// Copies that the catalogue does not have since this run, held or not.
    pub missing: Vec<KnownCopy>,
    /// The newest title that the ledger had before the run.
    pub newest: i64,
    /// Copies that the catalogue does not have.
    pub copies: Vec<KnownCopy>,
    /// Copies that it has not had, or that have lapsed, for long enough: their loss is accepted.
    pub accepted: Vec<KnownCopy>,
}

/// What was removed of a title.
#[derive(Debug)]
pub struct RemovalRecord {
    /// Whose files.
    pub title: TitleId,
    /// The title's folder, below the output folder.
    pub folder: String,
    /// Slots of what is gone, and of what is not ours any more.
    pub slots: Vec<String>,
    /// Slots of NFOs that somebody has edited: they are the user's from now on.
    pub kept: Vec<String>,
    /// The folders below the title's that are gone; all others may have lost entries.
    pub folders: Vec<String>,
}

impl RemovalRecord {
    /// What the ledger is to know of a removal: what is gone is forgotten, and what is not ours is no
    /// more our business. What failed or was not tried stays as it is.
    pub fn of(removal: &Removal, removed: &Removed) -> RemovalRecord {
        let (mut slots, mut kept) = (Vec::new(), Vec::new());
        for (file, fate) in removal.files.iter().zip(&removed.files) {
            match fate {
                Fate::Failed(_) | Fate::NotTried => {}
                // When it is wanted again, it is an edit that is respected, and no stranger's file.
                Fate::NotOurs if !file.role.is_strm() => kept.push(file.slot.clone()),
                Fate::Removed | Fate::Gone | Fate::NotOurs => slots.push(file.slot.clone()),
            }
        }
        let (folder, folders) = (removal.folder.clone(), removed.folders.clone());
        RemovalRecord { title: removal.title, folder, slots, kept, folders }
    }
}

impl Ledger {
    /// Counts one more run for what is missing.
    pub fn age(&mut self, ageing: &Ageing) -> Result<(), LedgerError> {
        self.transaction(|transaction| {
            let count = |sql: &str, ids: &[TitleId]| -> rusqlite::Result<()> {
                let mut statement = transaction.prepare_cached(sql)?;
                ids.iter().try_for_each(|id| statement.execute([id.0]).map(drop))
            };
            count("UPDATE titles SET absent = absent + 1 WHERE id = ?1", &ageing.titles)?;
            count(
                "UPDATE files SET unwanted = unwanted + 1 WHERE title = ?1 AND unwanted IS NOT NULL",
                &ageing.files_of,
            )?;
            let copies = |sql: &str, copies: &[KnownCopy]| -> rusqlite::Result<()> {
                let mut statement = transaction.prepare_cached(sql)?;
                copies.iter().try_for_each(|copy| {
                    let key = params![copy.kind.as_str(), copy.account, copy.stream, copy.title.0];
                    statement.execute(key).map(drop)
                })
            };
            let newest = ageing.newest;
            let one = "WHERE kind = ?1 AND account = ?2 AND stream = ?3 AND title = ?4";
            copies(&format!("UPDATE copies SET missing_since = {newest} {one}"), &ageing.missing)?;
            copies(&format!("UPDATE copies SET absent = absent + 1 {one}"), &ageing.copies)?;
            let gone = format!("DELETE FROM copies {one} AND passage IS NOT 'lapsed'");
            copies(&gone, &ageing.accepted)?;
            let bar = "SET passage = 'barred', absent = 0, missing_since = NULL";
            let lapsed = format!("UPDATE copies {bar} {one} AND passage IS 'lapsed'");
            copies(&lapsed, &ageing.accepted)
        })
    }

    /// Notes that nothing of what was announced for these folders is there any more.
    pub fn settled(&mut self, folders: &[String]) -> Result<(), LedgerError> {
        self.transaction(|transaction| {
            folders.iter().try_for_each(|folder| settle_folder(transaction, folder))
        })
    }

    /// Records what was removed, all or nothing; it must be durable. `now` is in seconds since 1970.
    pub fn removed(&mut self, removals: &[RemovalRecord], now: i64) -> Result<(), LedgerError> {
        let run = self.run;
        self.transaction(|transaction| {
            for removal in removals {
                let is_whole = record_removal(transaction, removal, now)?;
                let what = if is_whole { "removed" } else { "changed" };
                if !removal.slots.is_empty() {
                    let change = (what, removal.slots.len());
                    note_change(transaction, run, removal.title.0, change)?;
                }
            }
            Ok(())
        })
    }
}

/// Gives whether nothing of the title is left.
fn record_removal(
    db: &Transaction<'_>,
    removal: &RemovalRecord,
    now: i64,
) -> rusqlite::Result<bool> {
    let id = removal.title.0;
    for slot in &removal.slots {
        forget_file(db, id, slot)?;
    }
    for slot in &removal.kept {
        let sql = "UPDATE files SET unwanted = 0, cause = 'kept' WHERE title = ?1 AND slot = ?2";
        db.prepare_cached(sql)?.execute(params![id, slot])?;
    }
    for below in &removal.folders {
        db.prepare_cached("DELETE FROM dirs WHERE title = ?1 AND path = ?2")?
            .execute(params![id, below])?;
    }
    // What is left was not looked at: it is to be listed next time.
    db.prepare_cached("UPDATE dirs SET changed = ?2 WHERE title = ?1")?
        .execute(params![id, UNKNOWN_TIME])?;
    let sql = "UPDATE titles SET removed = ?2, fingerprint = zeroblob(16) WHERE id = ?1
               AND NOT EXISTS
               (SELECT 1 FROM files WHERE title = ?1 AND cause IS NOT 'kept')";
    let is_whole = db.prepare_cached(sql)?.execute(params![id, now])? > 0;
    if is_whole {
        db.prepare_cached("DELETE FROM dirs WHERE title = ?1")?.execute([id])?;
        settle_folder(db, &removal.folder)?;
    }
    Ok(is_whole)
}
