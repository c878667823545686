//! holds, the numbers that they are decided by, and the names of accounts.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use rusqlite::{Transaction, params};
use vod2strm_core::hold::{Content, HoldId, HoldKey, KnownHold};
use vod2strm_core::identity::known::TitleId;
use vod2strm_core::model::file::FileKey;
use vod2strm_core::model::media::Kind;
use vod2strm_core::removal::{AccountContent, BestDay, Memory, REMEMBERED_DAYS};

use super::keys::key_in;
use super::read::{bad, id_list};
use super::{Ledger, LedgerError};

/// Missing episodes (f), and who lists their series and was not asked for it since (c).
const UNFETCHED: &str = "
    FROM files f JOIN copies c ON c.title = f.title AND c.kind = 'series'
    LEFT JOIN fetches x ON x.account = c.account AND x.series = c.stream
    WHERE f.cause = 'catalogue' AND played(f.key) IS NOT NULL AND c.gone IS NULL AND c.passage IS NULL
        AND coalesce(x.at, 0) <= coalesce(f.lost, 0)
        AND (f.account IS NULL OR c.account = f.account OR NOT EXISTS (
            SELECT 1 FROM copies o WHERE o.title = f.title AND o.kind = 'series'
                AND o.account = f.account AND o.gone IS NULL))";

impl Ledger {
    /// The holds that last.
    pub fn holds(&self) -> Result<Vec<KnownHold>, LedgerError> {
        let mut holds = Vec::new();
        let sql = "SELECT run, number, reason, account, content,
                          (SELECT count(*) FROM titles
                           WHERE hold = h.run || '.' || h.number AND removed IS NULL)
                          + (SELECT count(*) FROM files WHERE hold = h.run || '.' || h.number),
                          held IS NULL OR held = (SELECT value FROM meta WHERE key = 'last cleanup')
                   FROM holds h WHERE ended IS NULL ORDER BY run, number";
        self.each(sql, |row| {
            let (reason, account) = (row.get(2)?, row.get(3)?);
            let key = HoldKey { reason, account, content: content_at(row, 4)? };
            let id = HoldId { run: row.get(0)?, number: row.get(1)? };
            let items = row.get::<_, i64>(5)?.unsigned_abs();
            holds.push(KnownHold { id, key, items, is_last: row.get(6)? });
            Ok(())
        })?;
        Ok(holds)
    }

    /// Titles and, by account, episodes that are held by one of these holds.
    pub fn held_by(
        &self,
        holds: &HashSet<HoldId>,
    ) -> Result<(HashSet<TitleId>, BTreeMap<i64, i64>), LedgerError> {
        let (mut titles, mut episodes) = (HashSet::new(), BTreeMap::new());
        for hold in holds {
            // Files that are held, and no episodes: of a title that is there, and is missing from an account or filtered.
            let sql = format!(
                "SELECT id FROM titles WHERE hold = '{hold}' UNION SELECT title FROM files WHERE hold = '{hold}'
                 AND EXISTS (SELECT 1 FROM holds WHERE run = {} AND number = {} AND content <> 'episode')",
                hold.run, hold.number
            );
            self.each(&sql, |row| {
                titles.insert(TitleId(row.get(0)?));
                Ok(())
            })?;
            let sql = format!(
                "SELECT account, count(DISTINCT title || ' ' || played(key))
                 FROM files JOIN titles ON id = title
                 WHERE files.hold = '{hold}' AND kind = 'series' AND cause = 'catalogue'
                     AND played(key) IS NOT NULL AND account IS NOT NULL
                 GROUP BY account"
            );
            self.each(&sql, |row| {
                *episodes.entry(row.get(0)?).or_default() += row.get::<_, i64>(1)?;
                Ok(())
            })?;
        }
        Ok((titles, episodes))
    }

    /// The best numbers of each scope within the last days.
    pub fn memory(&self) -> Result<Memory, LedgerError> {
        let mut memory = Memory::new();
        let sql = "SELECT account, content, day, run, highest, offered FROM numbers ORDER BY run";
        self.each(sql, |row| {
            let content = content_at(row, 1)?;
            let days = self.clocks.of(content.kind()).days;
            if row.get::<_, i64>(2)? <= days - REMEMBERED_DAYS {
                return Ok(());
            }
            let best: &mut BestDay =
                memory.entry(AccountContent { account: row.get(0)?, content }).or_default();
            best.highest = best.highest.max(row.get::<_, u32>(4)? as usize);
            // Of equal days the first: most of what was offered may have been exchanged since.
            let offered = row.get::<_, u32>(5)? as usize;
            if offered > best.offered {
                (best.offered, best.run) = (offered, row.get(3)?);
            }
            Ok(())
        })?;
        Ok(memory)
    }

    /// The missing episodes of these series whose source has not fetched them since: their files. The account that had
    /// them counts; where it no longer lists the series (it was added anew, under another number), any that does.
    pub fn unfetched(
        &self,
        titles: impl Iterator<Item = TitleId>,
    ) -> Result<HashMap<TitleId, HashSet<FileKey>>, LedgerError> {
        let mut unfetched: HashMap<TitleId, HashSet<FileKey>> = HashMap::new();
        let sql = format!("SELECT f.title, f.key {UNFETCHED} AND f.title IN ({})", id_list(titles));
        self.each(&sql, |row| {
            unfetched.entry(TitleId(row.get(0)?)).or_default().extend(key_in(row.get_ref(1)?));
            Ok(())
        })?;
        Ok(unfetched)
    }

    /// The accounts, and their ids of series, that have to be asked for episodes that are missing. The value is when the
    /// first of these episodes was found missing, in seconds since 1970.
    pub fn missing_episodes(&self) -> Result<HashMap<(i64, String), i64>, LedgerError> {
        let mut missing = HashMap::new();
        let sql = format!(
            "SELECT c.account, c.stream, min(coalesce(f.lost, 0)) {UNFETCHED} GROUP BY 1, 2"
        );
        self.each(&sql, |row| {
            missing.insert((row.get(0)?, row.get(1)?), row.get(2)?);
            Ok(())
        })?;
        Ok(missing)
    }

    /// The names of accounts, also of those that are gone.
    pub fn account_names(&self) -> Result<BTreeMap<i64, String>, LedgerError> {
        let mut names = BTreeMap::new();
        self.each("SELECT id, name FROM accounts", |row| {
            names.insert(row.get(0)?, row.get(1)?);
            Ok(())
        })?;
        Ok(names)
    }

    /// The series, and the accounts that offer them, that the user's will has let in and that make up for no loss.
    pub fn series_let_in(&self) -> Result<HashMap<TitleId, BTreeSet<i64>>, LedgerError> {
        let mut let_in: HashMap<_, BTreeSet<i64>> = HashMap::new();
        let sql = "SELECT title, account FROM copies c WHERE kind = 'series' AND let_in IS NOT NULL
                   AND NOT EXISTS (SELECT 1 FROM copies o WHERE o.title = c.title AND o.account = c.account
                       AND o.let_in IS NULL AND o.passage IS NOT 'barred')";
        self.each(sql, |row| {
            let_in.entry(TitleId(row.get(0)?)).or_default().insert(row.get(1)?);
            Ok(())
        })?;
        Ok(let_in)
    }

    /// Hands the episodes of each series from each account to `take`: all that are wanted or missing from the catalogue,
    /// and those that are wanted. What the user's will has let in, and makes up for no loss, is left out.
    pub fn each_episode_count(
        &self,
        mut take: impl FnMut(TitleId, i64, [usize; 2]),
    ) -> Result<(), LedgerError> {
        let let_in = self.series_let_in()?;
        let sql = "SELECT title, account, number, wanted FROM episodes JOIN titles ON id = title
                   WHERE removed IS NULL";
        self.each(sql, |row| {
            let number = |column| row.get::<_, u32>(column).map(|number| number as usize);
            let (title, account) = (TitleId(row.get(0)?), row.get(1)?);
            if let_in.get(&title).is_none_or(|let_in| !let_in.contains(&account)) {
                take(title, account, [number(2)?, number(3)?]);
            }
            Ok(())
        })
    }
}

fn content_at(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<Content> {
    let word: String = row.get(column)?;
    let content = Content::ALL.into_iter().find(|content| content.as_str() == word);
    content.ok_or_else(|| bad(column, format!("{word:?} is nothing that is counted")))
}

/// Takes what the user's will or a permission took off the remembered numbers.
pub(super) fn lower(
    db: &Transaction<'_>,
    scope: AccountContent,
    by: usize,
) -> rusqlite::Result<()> {
    let sql = "UPDATE numbers SET highest = max(0, highest - ?3), offered = max(0, offered - ?3)
               WHERE account = ?1 AND content = ?2";
    db.prepare_cached(sql)?.execute(params![scope.account, scope.content.as_str(), by as i64])?;
    Ok(())
}

/// The same of several scopes.
pub(super) fn lower_all(
    db: &Transaction<'_>,
    taken: &BTreeMap<AccountContent, usize>,
) -> rusqlite::Result<()> {
    let taken = taken.iter().filter(|(_, by)| **by > 0);
    taken.into_iter().try_for_each(|(scope, by)| lower(db, *scope, *by))
}

/// Remembers what the library had from an account when a run began.
pub(super) fn remember(
    db: &Transaction<'_>,
    scope: AccountContent,
    had: BestDay,
) -> rusqlite::Result<()> {
    let sql = "INSERT INTO numbers (account, content, day, highest, offered, run)
               SELECT ?1, ?2, days, ?3, ?4, ?5 FROM clock WHERE kind = ?6
               ON CONFLICT DO UPDATE SET highest = max(highest, excluded.highest),
               run = CASE WHEN excluded.offered > offered THEN excluded.run ELSE run END,
               offered = max(offered, excluded.offered)";
    let (content, kind) = (scope.content.as_str(), scope.content.kind().as_str());
    let (highest, offered) = (had.highest as i64, had.offered as i64);
    let values = params![scope.account, content, highest, offered, had.run, kind];
    db.prepare_cached(sql)?.execute(values)?;
    Ok(())
}

/// Forgets numbers of days that are no more remembered.
pub(super) fn forget_numbers(db: &Transaction<'_>, kind: Kind) -> rusqlite::Result<()> {
    let of_kind = Content::ALL.into_iter().filter(|content| content.kind() == kind);
    for content in of_kind {
        let sql = "DELETE FROM numbers WHERE content = ?1
                   AND day <= (SELECT days FROM clock WHERE kind = ?2) - ?3";
        let values = params![content.as_str(), kind.as_str(), REMEMBERED_DAYS];
        db.prepare_cached(sql)?.execute(values)?;
    }
    Ok(())
}

/// Notes which holds there are after a run over these kinds.
pub(super) fn settle_holds(
    db: &Transaction<'_>,
    run: i64,
    kinds: &[Kind],
    holds: &BTreeMap<HoldKey, HoldId>,
    is_cleanup: bool,
) -> rusqlite::Result<()> {
    let mut ended = db.prepare_cached(
        "UPDATE holds SET ended = ?1 WHERE ended IS NULL AND content = ?2
         AND run || '.' || number NOT IN (SELECT value FROM json_each(?3))",
    )?;
    let ids: Vec<String> = holds.values().map(|id| format!("\"{id}\"")).collect();
    let ids = format!("[{}]", ids.join(","));
    for content in Content::ALL.into_iter().filter(|content| kinds.contains(&content.kind())) {
        ended.execute(params![run, content.as_str(), ids])?;
    }
    for (key, id) in holds {
        let sql = "INSERT OR IGNORE INTO holds (run, number, reason, account, content)
                   VALUES (?1, ?2, ?3, ?4, ?5)";
        let values = params![id.run, id.number, key.reason, key.account, key.content.as_str()];
        db.prepare_cached(sql)?.execute(values)?;
        if is_cleanup {
            let sql = "UPDATE holds SET held = ?3 WHERE run = ?1 AND number = ?2";
            db.prepare_cached(sql)?.execute(params![id.run, id.number, run])?;
        }
    }
    if is_cleanup {
        let sql =
            "INSERT OR REPLACE INTO meta (key, value) VALUES ('last cleanup', CAST(?1 AS TEXT))";
        db.prepare_cached(sql)?.execute([run])?;
    }
    Ok(())
}
