//! When series were asked for, and what came of it.

use std::collections::{HashMap, HashSet};

use rusqlite::{OptionalExtension, params};
use vod2strm_core::hash::Fingerprint;
use vod2strm_core::identity::compare::KnownIndex;
use vod2strm_core::identity::known::TitleId;
use vod2strm_core::pace::due::Fetched;

use super::{Ledger, LedgerError};

/// What is remembered, by account and the provider's id of the series.
pub type Fetches = HashMap<(i64, String), Fetched>;

/// Streams of series that the filter does not let through: account, and the provider's id.
pub type FilteredSeries = HashSet<(i64, String)>;

impl Ledger {
    /// All that is remembered: one statement.
    pub fn fetches(&self) -> Result<Fetches, LedgerError> {
        let mut fetches = Fetches::new();
        let sql = "SELECT account, series, modified, at, empty, failures, due, problem, tried FROM fetches";
        self.each(sql, |row| {
            let fetched = Fetched {
                modified: row.get(2)?,
                at: row.get(3)?,
                empty: row.get(4)?,
                failures: row.get(5)?,
                due: row.get(6)?,
                problem: row.get(7)?,
                tried: row.get(8)?,
            };
            fetches.insert((row.get(0)?, row.get(1)?), fetched);
            Ok(())
        })?;
        Ok(fetches)
    }

    /// Remembers, all or nothing.
    pub fn note_fetches<'a>(
        &mut self,
        fetches: impl Iterator<Item = (i64, &'a str, Fetched)>,
    ) -> Result<(), LedgerError> {
        self.transaction(|transaction| {
            let sql = "INSERT OR REPLACE INTO fetches
                       (account, series, modified, at, empty, failures, due, problem, tried)
                       VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
            let mut statement = transaction.prepare_cached(sql)?;
            for (account, series, fetched) in fetches {
                let Fetched { modified, at, empty, failures, due, problem, tried } = fetched;
                let values =
                    params![account, series, modified, at, empty, failures, due, problem, tried];
                statement.execute(values)?;
            }
            Ok(())
        })
    }

    /// The streams of series that the filter does not let through: one statement.
    pub fn filtered_series(&self) -> Result<FilteredSeries, LedgerError> {
        let mut filtered = FilteredSeries::new();
        let sql =
            "SELECT account, stream FROM copies WHERE kind = 'series' AND passage IS NOT NULL";
        self.each(sql, |row| {
            filtered.insert((row.get(0)?, row.get(1)?));
            Ok(())
        })?;
        Ok(filtered)
    }

    /// As `index`, but only the series that have one of these streams.
    pub fn index_of_series<'a>(
        &self,
        naming: Fingerprint,
        streams: impl Iterator<Item = (i64, &'a str)>,
    ) -> Result<KnownIndex, LedgerError> {
        let mut titles: Vec<TitleId> = Vec::new();
        let find = || -> rusqlite::Result<()> {
            let sql =
                "SELECT title FROM copies WHERE kind = 'series' AND account = ?1 AND stream = ?2";
            let mut statement = self.db.prepare_cached(sql)?;
            for (account, stream) in streams {
                let found = statement.query_row(params![account, stream], |row| row.get(0));
                titles.extend(found.optional()?.map(TitleId));
            }
            Ok(())
        };
        find().map_err(|source| self.error("read", source))?;
        self.index_of(naming, Some(&titles))
    }
}
