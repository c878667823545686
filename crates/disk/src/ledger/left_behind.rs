//! What earlier runs left behind: contents that were announced, and folders that could not go.

use rusqlite::{OptionalExtension, Transaction, params};
use vod2strm_core::hash::ContentHash;
use vod2strm_core::model::media::Kind;
use vod2strm_core::naming::library_root;

use super::read::bad;
use super::{Ledger, LedgerError};
use crate::apply::leftovers::Leftovers;
use crate::apply::remove::OccupiedFolder;

/// What earlier runs left behind.
#[derive(Debug, Default)]
pub struct LeftBehind {
    /// What one that was cut off announced and never recorded.
    pub leftovers: Leftovers,
    /// Folders that could not go.
    pub occupied: Vec<OccupiedFolder>,
}

impl Ledger {
    /// What a run that was cut off announced and never recorded.
    pub fn leftovers(&self) -> Result<Leftovers, LedgerError> {
        Ok(self.left_behind()?.leftovers)
    }

    /// What earlier runs left behind.
    pub fn left_behind(&self) -> Result<LeftBehind, LedgerError> {
        let mut left = LeftBehind::default();
        let sql = "SELECT folder, hashes, shared FROM pending
                   UNION ALL SELECT folder, NULL, path = '' FROM occupied_folders";
        self.each(sql, |row| {
            let folder: String = row.get(0)?;
            let hashes = row.get_ref(1)?.as_blob_or_null().map_err(|error| bad(1, error))?;
            let Some(hashes) = hashes else {
                left.occupied.push(OccupiedFolder { folder, is_titles: row.get(2)? });
                return Ok(());
            };
            let (hashes, _) = hashes.as_chunks::<16>();
            let hashes = hashes.iter().map(|bytes| ContentHash(u128::from_be_bytes(*bytes)));
            if row.get(2)? {
                left.leftovers.note_users(folder.clone());
            }
            left.leftovers.add(folder, hashes);
            Ok(())
        })?;
        Ok(left)
    }

    /// Notes that folders which others' files occupied are gone.
    pub fn vacated(&mut self, folders: &[String]) -> Result<(), LedgerError> {
        self.transaction(|transaction| {
            folders.iter().try_for_each(|folder| forget_vacated(transaction, folder))
        })
    }
}

/// Notes that a folder is to go once it is empty, if no file of ours is in it.
pub(super) fn note_occupied(
    db: &Transaction<'_>,
    title: i64,
    folder: &str,
    below: &str,
) -> rusqlite::Result<()> {
    let sql = "INSERT OR REPLACE INTO occupied_folders (folder, title, path)
               SELECT ?1, ?2, ?3 WHERE NOT EXISTS (SELECT 1 FROM files
               WHERE title = ?2 AND cause IS NOT 'kept'
               AND (?3 = '' OR substr(path, 1, length(?3) + 1) = ?3 || '/'))";
    let folder = format!("{folder}/{below}");
    let values = params![folder.trim_end_matches('/'), title, below];
    db.prepare_cached(sql)?.execute(values).map(drop)
}

/// A folder that others' files occupied is gone: it is looked for no more, and another one in its place is not ours.
fn forget_vacated(db: &Transaction<'_>, folder: &str) -> rusqlite::Result<()> {
    let sql = "SELECT o.title, o.path FROM occupied_folders o JOIN titles t ON t.id = o.title
               WHERE o.folder = ?1 AND ?1 = CASE t.kind WHEN 'movie' THEN ?2 ELSE ?3 END
                   || '/' || t.folder || CASE o.path WHEN '' THEN '' ELSE '/' || o.path END";
    let [movies, series] = Kind::ALL.map(library_root);
    let values = params![folder, movies, series];
    let found = db.prepare_cached(sql)?.query_row(values, |row| Ok((row.get(0)?, row.get(1)?)));
    if let Some((title, path)) = found.optional()? {
        let (title, path): (i64, String) = (title, path);
        db.prepare_cached("DELETE FROM dirs WHERE title = ?1 AND path = ?2")?
            .execute(params![title, path])?;
        let sql =
            "UPDATE titles SET shared = NULL WHERE id = ?1 AND ?2 = '' AND removed IS NOT NULL";
        db.prepare_cached(sql)?.execute(params![title, path])?;
    }
    forget_occupied(db, folder)
}

/// A folder, and those below it, are not to go, or are gone.
pub(super) fn forget_occupied(db: &Transaction<'_>, folder: &str) -> rusqlite::Result<()> {
    let sql = "DELETE FROM occupied_folders
               WHERE folder = ?1 OR substr(folder, 1, length(?1) + 1) = ?1 || '/'";
    db.prepare_cached(sql)?.execute([folder]).map(drop)
}
