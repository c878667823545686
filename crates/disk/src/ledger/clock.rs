//! The clock by which things are missing: complete runs of each kind, and the days on which there were some.

use rusqlite::{Transaction, params};
use vod2strm_core::model::media::Kind;

use super::read::parse_kind;
use super::{Ledger, LedgerError};

/// The complete runs of a kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct CompleteRuns {
    /// How many there were.
    pub(super) runs: i64,
    /// On how many days.
    pub(super) days: i64,
}

/// The clocks of both kinds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Clocks {
    movies: CompleteRuns,
    series: CompleteRuns,
}

impl Clocks {
    pub(super) fn of(&self, kind: Kind) -> CompleteRuns {
        match kind {
            Kind::Movie => self.movies,
            Kind::Series => self.series,
        }
    }

    /// SQL for the number of this run among the complete ones of a kind, should it become one.
    pub(super) fn this_run(&self, kind: &str) -> String {
        let (movies, series) = (self.movies.runs + 1, self.series.runs + 1);
        format!("(CASE {kind} WHEN 'movie' THEN {movies} ELSE {series} END)")
    }

    /// SQL for the complete runs before this one that missed what was first missed in the run `gone`.
    pub(super) fn missed(&self, kind: &str, gone: &str) -> String {
        format!("coalesce({} - {gone}, 0)", self.this_run(kind))
    }
}

impl Ledger {
    /// The number of this run among the complete ones of a kind, should it become one.
    pub fn this_run(&self, kind: Kind) -> i64 {
        self.clocks.of(kind).runs + 1
    }

    pub(super) fn read_clocks(&self) -> Result<Clocks, LedgerError> {
        let mut clocks = Clocks::default();
        self.each("SELECT kind, runs, days FROM clock", |row| {
            let clock = CompleteRuns { runs: row.get(1)?, days: row.get(2)? };
            match parse_kind(row, 0)? {
                Kind::Movie => clocks.movies = clock,
                Kind::Series => clocks.series = clock,
            }
            Ok(())
        })?;
        Ok(clocks)
    }
}

/// Notes that a run has read all titles of a kind; `day` is in days since 1970. Only whether the day is another
/// than the last one counts: clocks may differ.
pub(super) fn tick(db: &Transaction<'_>, kind: Kind, day: i64) -> rusqlite::Result<()> {
    let sql = "INSERT INTO clock (kind, runs, days, day) VALUES (?1, 1, 1, ?2)
               ON CONFLICT DO UPDATE SET runs = runs + 1, days = days + (day <> ?2), day = ?2";
    db.prepare_cached(sql)?.execute(params![kind.as_str(), day])?;
    Ok(())
}
