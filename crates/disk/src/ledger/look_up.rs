//! Looks titles up, for people: by name, by folder; and tells all that the ledger has of a few.

use std::collections::{BTreeSet, HashMap};

use vod2strm_core::hold::HoldId;
use vod2strm_core::identity::known::TitleId;
use vod2strm_core::model::media::Kind;

use super::read::{hold_at, id_list, parse_kind, text_at};
use super::{Ledger, LedgerError};

/// A title as it is looked up.
#[derive(Clone, Copy, Debug)]
pub struct LookedUp<'a> {
    /// The ledger's id.
    pub id: TitleId,
    /// Movie or series.
    pub kind: Kind,
    /// Its name, as the catalogue had it last.
    pub name: &'a str,
    /// Its year, likewise.
    pub year: Option<i32>,
    /// Its folder below its root, if it has one.
    pub folder: Option<&'a str>,
    /// Its TMDB id.
    pub tmdb: Option<&'a str>,
    /// Its IMDb id.
    pub imdb: Option<&'a str>,
}

/// All that the ledger has of a title, but its files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TitleState {
    /// The ledger's id.
    pub id: TitleId,
    /// Movie or series.
    pub kind: Kind,
    /// Its name, as the catalogue had it last.
    pub name: String,
    /// Its year, likewise.
    pub year: Option<i32>,
    /// What the source calls it besides.
    pub uuid: Option<String>,
    /// Its folder below its root, if it has one.
    pub folder: Option<String>,
    /// Whether the filter does not let it through.
    pub is_filtered: bool,
    /// Why the last run could not make it right.
    pub problem: Option<String>,
    /// In how many complete runs the catalogue did not have it; `None` if it is there.
    pub missing_runs: Option<u32>,
    /// The time of such a run, in seconds since 1970: at least since then it is missing.
    pub missing_since: Option<i64>,
    /// When its files were removed, in seconds since 1970.
    pub removed: Option<i64>,
    /// Whether they were at the user's will, or with a permission.
    pub is_let_go: bool,
    /// The hold that keeps it.
    pub hold: Option<HoldId>,
    /// The accounts that offer it, as far as it is known.
    pub accounts: BTreeSet<i64>,
}

/// What a run did to a title.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastChange {
    /// The run.
    pub run: i64,
    /// When it began, in seconds since 1970.
    pub started: i64,
    /// new, changed, moved, removed or failed.
    pub what: String,
}

impl Ledger {
    /// Hands all titles to `take`, also those that were removed: one statement.
    pub fn each_looked_up(&self, mut take: impl FnMut(LookedUp<'_>)) -> Result<(), LedgerError> {
        self.each("SELECT id, kind, name, year, folder, tmdb, imdb FROM titles", |row| {
            take(LookedUp {
                id: TitleId(row.get(0)?),
                kind: parse_kind(row, 1)?,
                name: text_at(row, 2)?.unwrap_or_default(),
                year: row.get(3)?,
                folder: text_at(row, 4)?,
                tmdb: text_at(row, 5)?,
                imdb: text_at(row, 6)?,
            });
            Ok(())
        })
    }

    /// Some titles of a kind whose folder is this one or lies below it, or above it; and how many there are.
    pub fn at_folder(
        &self,
        kind: Kind,
        folder: &str,
        most: usize,
    ) -> Result<(Vec<TitleId>, u64), LedgerError> {
        let (mut titles, mut number) = (Vec::new(), 0);
        let is_below = |inner: &str, outer: &str| {
            let rest = inner.strip_prefix(outer);
            outer.is_empty() || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let sql = "SELECT id, kind, folder FROM titles WHERE folder IS NOT NULL";
        self.each(sql, |row| {
            let own = text_at(row, 2)?.unwrap_or_default();
            if parse_kind(row, 1)? == kind && (is_below(own, folder) || is_below(folder, own)) {
                number += 1;
                if titles.len() < most {
                    titles.push(TitleId(row.get(0)?));
                }
            }
            Ok(())
        })?;
        Ok((titles, number))
    }

    /// All that is known of these titles, but their files; in their order.
    pub fn states(&self, titles: &[TitleId]) -> Result<Vec<TitleState>, LedgerError> {
        let list = id_list(titles.iter().copied());
        let mut states: HashMap<TitleId, TitleState> = HashMap::new();
        let sql = format!(
            "SELECT id, kind, name, year, uuid, folder, filtered, problem, gone, {}, removed, let_go, hold
             FROM titles WHERE id IN ({list})",
            self.clocks.missed("kind", "gone")
        );
        self.each(&sql, |row| {
            let (id, kind) = (TitleId(row.get(0)?), parse_kind(row, 1)?);
            let is_missing = row.get::<_, Option<i64>>(8)?.is_some();
            let missing_runs = if is_missing { Some(row.get(9)?) } else { None };
            let state = TitleState {
                id,
                kind,
                name: row.get(2)?,
                year: row.get(3)?,
                uuid: row.get(4)?,
                folder: row.get(5)?,
                is_filtered: row.get(6)?,
                problem: row.get(7)?,
                missing_runs,
                missing_since: None,
                removed: row.get(10)?,
                is_let_go: row.get(11)?,
                hold: hold_at(row, 12)?,
                accounts: BTreeSet::new(),
            };
            states.insert(id, state);
            Ok(())
        })?;
        self.each(&format!("SELECT title, account FROM copies WHERE title IN ({list})"), |row| {
            if let Some(state) = states.get_mut(&TitleId(row.get(0)?)) {
                state.accounts.insert(row.get(1)?);
            }
            Ok(())
        })?;
        for state in states.values_mut() {
            if let Some(runs) = state.missing_runs {
                state.missing_since = self.run_before(state.kind, runs)?;
            }
        }
        Ok(titles.iter().filter_map(|id| states.remove(id)).collect())
    }

    /// When the run began that is so many runs back which told something of a kind. Some of these may have been about a
    /// few titles alone.
    fn run_before(&self, kind: Kind, runs: u32) -> Result<Option<i64>, LedgerError> {
        let (mut at, Some(back)) = (None, runs.checked_sub(1)) else { return Ok(None) };
        let sql = format!(
            "SELECT started FROM runs WHERE status IN (0, 3, 4)
                 AND json_valid(report) AND json_extract(report, '$.titles.{kind}') IS NOT NULL
             ORDER BY id DESC LIMIT 1 OFFSET {back}"
        );
        self.each(&sql, |row| {
            at = Some(row.get(0)?);
            Ok(())
        })?;
        Ok(at)
    }

    /// What runs did to these titles, the newest first.
    pub fn changes_of(
        &self,
        titles: &[TitleId],
    ) -> Result<HashMap<TitleId, Vec<PastChange>>, LedgerError> {
        let mut changes: HashMap<TitleId, Vec<PastChange>> = HashMap::new();
        let list = id_list(titles.iter().copied());
        let sql = format!(
            "SELECT title, run, started, what FROM changes JOIN runs ON runs.id = run
             WHERE title IN ({list}) ORDER BY run DESC"
        );
        self.each(&sql, |row| {
            let change = PastChange { run: row.get(1)?, started: row.get(2)?, what: row.get(3)? };
            changes.entry(TitleId(row.get(0)?)).or_default().push(change);
            Ok(())
        })?;
        Ok(changes)
    }
}
