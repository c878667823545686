//! What runs did, and what the ledger holds: for people.

use std::collections::BTreeMap;

use rusqlite::{Row, Transaction, params};
use vod2strm_core::identity::known::TitleId;
use vod2strm_core::model::media::Kind;

use super::population::Population;
use super::read::{id_list, parse_kind};
use super::{Ledger, LedgerError};

/// A run of the past.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastRun {
    /// Its number.
    pub id: i64,
    /// When it began and ended, in seconds since 1970; `None` when it was cut off, or is at work.
    pub started: i64,
    /// See `started`.
    pub finished: Option<i64>,
    /// Where it read, without credentials.
    pub source: String,
    /// Its exit status.
    pub status: Option<u8>,
    /// The object that `--json` printed.
    pub report: Option<String>,
}

/// What a run did to a title.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TitleChange {
    /// new, changed, moved, removed or failed.
    pub what: String,
    /// The title, as the ledger has it now; without its name once the ledger has forgotten it.
    pub title: Option<(Kind, String, Option<i32>)>,
    /// How many of its files.
    pub files: u64,
}

/// What the ledger holds, in numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LedgerNumbers {
    /// Titles by kind.
    pub titles: Vec<(Kind, Population)>,
    /// Files that are held.
    pub files: u64,
    /// Series that could not be fetched, and those that had no episodes, at the last time.
    pub fetches: (u64, u64),
}

impl Ledger {
    /// The last so many runs, the newest first.
    pub fn runs(&self, most: u32) -> Result<Vec<PastRun>, LedgerError> {
        self.past_runs(&format!("ORDER BY id DESC LIMIT {most}"))
    }

    /// One run.
    pub fn run(&self, id: i64) -> Result<Option<PastRun>, LedgerError> {
        Ok(self.past_runs(&format!("WHERE id = {id}"))?.pop())
    }

    fn past_runs(&self, which: &str) -> Result<Vec<PastRun>, LedgerError> {
        let mut runs = Vec::new();
        let sql = format!("SELECT id, started, finished, source, status, report FROM runs {which}");
        self.each(&sql, |row| {
            runs.push(PastRun {
                id: row.get(0)?,
                started: row.get(1)?,
                finished: row.get(2)?,
                source: row.get(3)?,
                status: row.get(4)?,
                report: row.get(5)?,
            });
            Ok(())
        })?;
        Ok(runs)
    }

    /// How many titles a run has made, changed, moved, removed, or could not make right, by these words.
    pub fn change_counts(&self, run: i64) -> Result<BTreeMap<String, u64>, LedgerError> {
        let mut counts = BTreeMap::new();
        let sql = format!("SELECT what, count(*) FROM changes WHERE run = {run} GROUP BY what");
        self.each(&sql, |row| {
            counts.insert(row.get(0)?, count(row, 1)?);
            Ok(())
        })?;
        Ok(counts)
    }

    /// Hands what a run did to `take`, title by title: removed and failed ones among them.
    pub fn each_change(
        &self,
        run: i64,
        mut take: impl FnMut(TitleChange),
    ) -> Result<(), LedgerError> {
        let sql = format!(
            "SELECT c.what, c.files, t.kind, t.name, t.year FROM changes c
             LEFT JOIN titles t ON t.id = c.title WHERE c.run = {run} ORDER BY t.kind, t.name, c.title"
        );
        self.each(&sql, |row| {
            let title = match row.get::<_, Option<String>>(3)? {
                Some(name) => Some((parse_kind(row, 2)?, name, row.get(4)?)),
                None => None,
            };
            take(TitleChange { what: row.get(0)?, title, files: count(row, 1)? });
            Ok(())
        })
    }

    /// How many of these titles the run at work has written already.
    pub fn written_in_this_run(&self, titles: &[TitleId]) -> Result<u64, LedgerError> {
        let (Some(run), mut number) = (self.run, 0_i64) else { return Ok(0) };
        let list = id_list(titles.iter().copied());
        let sql = format!(
            "SELECT count(DISTINCT title) FROM changes
             WHERE run = {run} AND title IN ({list}) AND what IN ('new', 'changed')"
        );
        self.each(&sql, |row| {
            number = row.get(0)?;
            Ok(())
        })?;
        Ok(number.unsigned_abs())
    }

    /// What it holds, in numbers: each table once.
    pub fn tally(&self) -> Result<LedgerNumbers, LedgerError> {
        let mut tally =
            LedgerNumbers { titles: self.population(&Kind::ALL)?, ..LedgerNumbers::default() };
        // What somebody had edited when it was to go is the user's.
        self.each("SELECT count(*) FROM files WHERE cause IS NOT 'kept'", |row| {
            tally.files = count(row, 0)?;
            Ok(())
        })?;
        let sql = "SELECT count(*) FILTER (WHERE failures > 0), count(*) FILTER (WHERE empty > 0)
                   FROM fetches";
        self.each(sql, |row| {
            tally.fetches = (count(row, 0)?, count(row, 1)?);
            Ok(())
        })?;
        Ok(tally)
    }

    /// Hands the titles that are missing from the catalogue, or that the last run could not make right, to `take`.
    /// `take` gets the kind, the name, in how many runs the title was missing, and why it failed.
    pub fn each_problem(
        &self,
        mut take: impl FnMut(Kind, &str, u64, Option<&str>),
    ) -> Result<(), LedgerError> {
        let sql = format!(
            "SELECT kind, name, {}, problem FROM titles
             WHERE removed IS NULL AND (gone IS NOT NULL OR problem IS NOT NULL) ORDER BY kind, name",
            self.clocks.missed("kind", "gone")
        );
        self.each(&sql, |row| {
            let (name, problem): (String, Option<String>) = (row.get(1)?, row.get(3)?);
            take(parse_kind(row, 0)?, &name, count(row, 2)?, problem.as_deref());
            Ok(())
        })
    }
}

fn count(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    row.get::<_, i64>(column).map(i64::unsigned_abs)
}

/// Notes what the run that is at work did to a title.
pub(super) fn note_change(
    db: &Transaction<'_>,
    run: Option<i64>,
    title: i64,
    what: &str,
    files: usize,
) -> rusqlite::Result<()> {
    let Some(run) = run else { return Ok(()) };
    let sql = "INSERT INTO changes (run, title, what, files) VALUES (?1, ?2, ?3, ?4)
               ON CONFLICT DO UPDATE SET files = files + excluded.files";
    db.prepare_cached(sql)?.execute(params![run, title, what, files as i64])?;
    Ok(())
}
