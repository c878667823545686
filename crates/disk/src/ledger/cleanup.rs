//! What the ledger is told of what is missing, waits, and was removed.

use std::collections::{BTreeMap, HashSet};

use rusqlite::{Transaction, params};
use vod2strm_core::identity::known::{FilterState, KnownStream, TitleId};
use vod2strm_core::model::file::{FileKey, FileKind};
use vod2strm_core::model::media::Kind;
use vod2strm_core::plan::settle::UNKNOWN_TIME;
use vod2strm_core::removal::record::{Completed, Holds, RemovalRecord};
use vod2strm_core::removal::{AccountContent, BestDay};

use super::clock::tick;
use super::facts::note_will;
use super::history::note_change;
use super::holds::{forget_numbers, lower_all, remember, settle_holds};
use super::left_behind::note_occupied;
use super::read::id_list;
use super::titles::{count_episodes, episodes_of, forget_file};
use super::write::settle_folder;
use super::{Ledger, LedgerError};

impl Ledger {
    /// Notes that a run has read all titles of some kinds, and what came of it.
    pub fn complete(&mut self, completed: &Completed) -> Result<(), LedgerError> {
        let (run, this_run) = (self.run.unwrap_or(0), Kind::ALL.map(|kind| self.this_run(kind)));
        let this_run = |kind: Kind| this_run[usize::from(kind == Kind::Series)];
        self.transaction(|transaction| {
            for kind in &completed.kinds {
                tick(transaction, *kind, completed.day)?;
                forget_numbers(transaction, *kind)?;
            }
            note_missing(transaction, completed, &this_run)?;
            count_what_is_let_in(transaction, completed)?;
            note_will(transaction, completed)?;
            lower_all(transaction, &completed.lowered)?;
            for (scope, had) in &completed.had {
                let by = [&completed.lowered, &completed.let_go];
                let by: usize = by.iter().filter_map(|by| by.get(scope)).sum();
                let had = BestDay {
                    highest: had.highest.saturating_sub(by),
                    offered: had.offered.saturating_sub(by),
                    run: this_run(scope.content.kind()),
                };
                remember(transaction, *scope, had)?;
            }
            match &completed.holds {
                Some(holds) => note_holds(transaction, run, &completed.kinds, holds, &this_run),
                None => Ok(()),
            }
        })?;
        self.clocks = self.read_clocks()?;
        Ok(())
    }

    /// Notes of titles that entries have left: what another title plays now is no loss, and goes as what the settings no
    /// longer want.
    pub fn release_left(&mut self, titles: &HashSet<TitleId>) -> Result<(), LedgerError> {
        if titles.is_empty() {
            return Ok(());
        }
        let list = id_list(titles.iter().copied());
        // All files are looked through once.
        let sql = format!(
            "WITH left_over AS MATERIALIZED (SELECT title, key, hash FROM files WHERE title IN ({list})
                AND gone IS NOT NULL AND cause = 'catalogue' AND played(key) IS NOT NULL)
             SELECT DISTINCT l.title, l.key FROM files f CROSS JOIN left_over l ON l.hash = f.hash
             WHERE f.gone IS NULL AND f.title <> l.title"
        );
        let mut over: Vec<(i64, String)> = Vec::new();
        self.each(&sql, |row| {
            over.push((row.get(0)?, row.get(1)?));
            Ok(())
        })?;
        self.transaction(|transaction| {
            over.iter().try_for_each(|(title, strm)| release(transaction, *title, strm))
        })
    }

    /// Notes that nothing of what was announced for these folders is there any more.
    pub fn settled(&mut self, folders: &[String]) -> Result<(), LedgerError> {
        self.transaction(|transaction| {
            folders.iter().try_for_each(|folder| settle_folder(transaction, folder))
        })
    }

    /// Records what was removed, all or nothing; it must be durable. `now` is in seconds since 1970.
    ///
    /// `lowered` is by how much the numbers sink that are remembered, since the user's will or a permission took that.
    pub fn removed(
        &mut self,
        removals: &[RemovalRecord],
        lowered: &BTreeMap<AccountContent, usize>,
        now: i64,
    ) -> Result<(), LedgerError> {
        let run = self.run;
        self.transaction(|transaction| {
            lower_all(transaction, lowered)?;
            for removal in removals {
                let is_whole = record_removal(transaction, removal, now)?;
                let what = if is_whole { "removed" } else { "changed" };
                if !removal.gone.is_empty() {
                    note_change(transaction, run, removal.title.0, what, removal.gone.len())?;
                }
            }
            Ok(())
        })
    }
}

/// Nobody has lost this `.strm`, nor the NFO that goes with it.
fn release(db: &Transaction<'_>, title: i64, strm: &str) -> rusqlite::Result<()> {
    let nfo = match strm.parse() {
        Ok(FileKey::Item { item, version, .. }) => {
            FileKey::Item { item, kind: FileKind::Nfo, version }.to_string()
        }
        _ => String::new(),
    };
    let sql = "UPDATE files SET cause = 'settings', hold = NULL, lost = NULL
               WHERE title = ?1 AND key = ?2 AND gone IS NOT NULL AND cause = 'catalogue'";
    for key in [strm, &nfo] {
        db.prepare_cached(sql)?.execute(params![title, key])?;
    }
    Ok(())
}

/// Notes what is missing since this run, and what is so no longer, since its loss is accepted.
fn note_missing(
    db: &Transaction<'_>,
    completed: &Completed,
    this_run: &dyn Fn(Kind) -> i64,
) -> rusqlite::Result<()> {
    let sql = "UPDATE titles SET gone = CASE kind WHEN 'movie' THEN ?2 ELSE ?3 END
               WHERE id = ?1 AND gone IS NULL";
    for title in &completed.missing_titles {
        let values = params![title.0, this_run(Kind::Movie), this_run(Kind::Series)];
        db.prepare_cached(sql)?.execute(values)?;
    }
    let streams = |set: &str, streams: &[KnownStream]| -> rusqlite::Result<()> {
        let one = "WHERE kind = ?1 AND account = ?2 AND stream = ?3 AND title = ?4";
        let mut statement = db.prepare_cached(&format!("{set} {one}"))?;
        streams.iter().try_for_each(|stream| {
            let key =
                params![stream.kind.as_str(), stream.account, stream.stream_id, stream.title.0];
            statement.execute(key).map(drop)
        })
    };
    // The streams of titles whose streams all play others have no rows: what goes night by night must add up.
    let sql = "INSERT OR IGNORE INTO copies (kind, account, stream, title) VALUES (?1, ?2, ?3, ?4)";
    for stream in &completed.missing_streams {
        let row = params![stream.kind.as_str(), stream.account, stream.stream_id, stream.title.0];
        db.prepare_cached(sql)?.execute(row)?;
    }
    for kind in Kind::ALL {
        let of_kind = completed.missing_streams.iter().filter(|stream| stream.kind == kind);
        let of_kind: Vec<KnownStream> = of_kind.cloned().collect();
        streams(&format!("UPDATE copies SET gone = {}", this_run(kind)), &of_kind)?;
    }
    let (dropped, gone): (Vec<KnownStream>, Vec<KnownStream>) = completed
        .accepted
        .iter()
        .cloned()
        .partition(|stream| stream.filter_state == FilterState::Dropped);
    streams("DELETE FROM copies", &gone)?;
    let filtered = "UPDATE copies SET passage = 'barred', gone = NULL, let_in = NULL";
    streams(filtered, &dropped)?;
    streams(filtered, &completed.switched_off)
}

/// From now on what the user's will has let in counts like all else, of accounts of which nothing is held.
fn count_what_is_let_in(db: &Transaction<'_>, completed: &Completed) -> rusqlite::Result<()> {
    let sql = "UPDATE copies SET let_in = NULL WHERE let_in IS NOT NULL AND kind = ?1
               AND account NOT IN (SELECT value FROM json_each(?2))";
    for kind in &completed.kinds {
        let held = completed.held.iter().filter(|(it, _)| it == kind);
        let held: Vec<String> = held.map(|(_, account)| account.to_string()).collect();
        let held = format!("[{}]", held.join(","));
        db.prepare_cached(sql)?.execute(params![kind.as_str(), held])?;
    }
    Ok(())
}

/// Notes which holds there are, and what they hold. What is held no longer waits anew.
fn note_holds(
    db: &Transaction<'_>,
    run: i64,
    kinds: &[Kind],
    holds: &Holds,
    this_run: &dyn Fn(Kind) -> i64,
) -> rusqlite::Result<()> {
    settle_holds(db, run, kinds, &holds.ids, holds.is_cleanup)?;
    let (movies, series) = (this_run(Kind::Movie), this_run(Kind::Series));
    for (title, hold) in &holds.titles {
        let sql = "UPDATE titles SET hold = ?2, gone = CASE WHEN ?2 IS NOT NULL OR gone IS NULL
                   THEN gone WHEN kind = 'movie' THEN ?3 ELSE ?4 END WHERE id = ?1";
        let hold = hold.map(|hold| hold.to_string());
        db.prepare_cached(sql)?.execute(params![title.0, hold, movies, series])?;
    }
    for (title, key, hold) in &holds.files {
        let sql = "UPDATE files SET hold = ?3, gone = CASE WHEN ?3 IS NOT NULL OR gone IS NULL
                   THEN gone WHEN (SELECT kind FROM titles WHERE id = ?1) = 'movie'
                   THEN ?4 ELSE ?5 END WHERE title = ?1 AND key = ?2";
        let hold = hold.map(|hold| hold.to_string());
        db.prepare_cached(sql)?.execute(params![title.0, key.to_string(), hold, movies, series])?;
    }
    Ok(())
}

/// Gives whether nothing of the title is left.
fn record_removal(
    db: &Transaction<'_>,
    removal: &RemovalRecord,
    now: i64,
) -> rusqlite::Result<bool> {
    let id = removal.title.0;
    let had = episodes_of(db, id)?;
    for key in &removal.let_go {
        forget_file(db, id, key)?;
    }
    let left = episodes_of(db, id)?;
    for key in &removal.gone {
        forget_file(db, id, key)?;
    }
    for key in &removal.kept {
        let sql = "UPDATE files SET gone = coalesce(gone, 0), cause = 'kept', hold = NULL WHERE title = ?1 AND key = ?2";
        db.prepare_cached(sql)?.execute(params![id, key.to_string()])?;
    }
    for below in &removal.folders {
        db.prepare_cached("DELETE FROM dirs WHERE title = ?1 AND path = ?2")?
            .execute(params![id, below])?;
    }
    for below in &removal.occupied {
        note_occupied(db, id, &removal.folder, below)?;
    }
    // What is left was not looked at: it is to be listed next time.
    db.prepare_cached("UPDATE dirs SET changed = ?2 WHERE title = ?1")?
        .execute(params![id, UNKNOWN_TIME])?;
    count_episodes(db, id, had - left)?;
    let sql = "UPDATE titles SET removed = ?2, fingerprint = zeroblob(16), hold = NULL, let_go = ?3
               WHERE id = ?1 AND NOT EXISTS
               (SELECT 1 FROM files WHERE title = ?1 AND cause IS NOT 'kept')";
    let is_whole = db.prepare_cached(sql)?.execute(params![id, now, removal.is_let_go])? > 0;
    if is_whole {
        db.prepare_cached("DELETE FROM dirs WHERE title = ?1")?.execute([id])?;
        db.prepare_cached("DELETE FROM measured WHERE title = ?1")?.execute([id])?;
        settle_folder(db, &removal.folder)?;
        if removal.folders.iter().any(String::is_empty) {
            // Another one in its place is not ours.
            db.prepare_cached("UPDATE titles SET shared = NULL WHERE id = ?1")?.execute([id])?;
        }
    }
    Ok(is_whole)
}
