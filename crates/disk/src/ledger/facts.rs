//! Facts about the library itself: its id, its generation, what has to be looked at.

use rusqlite::OptionalExtension;
use vod2strm_core::media::Kind;

use super::{Ledger, LedgerError};

impl Ledger {
    /// A fact about the library itself.
    pub fn meta(&self, key: &str) -> Result<Option<String>, LedgerError> {
        self.db
            .query_row("SELECT value FROM meta WHERE key = ?1", [key], |row| row.get(0))
            .optional()
            .map_err(|source| self.error("read", source))
    }

    /// Notes a fact about the library itself.
    pub fn set_meta(&self, key: &str, value: &str) -> Result<(), LedgerError> {
        self.db
            .execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?1, ?2)", [key, value])
            .map(|_| ())
            .map_err(|source| self.error("write", source))
    }

    /// Notes that what folders say of these kinds proves nothing, until all their files have been read.
    pub fn distrust(&self, kinds: &[Kind]) -> Result<(), LedgerError> {
        kinds.iter().try_for_each(|kind| self.set_meta(&unread_fact(*kind), "1"))
    }

    /// Notes that all files of these kinds have been read.
    pub fn trust(&self, kinds: &[Kind]) -> Result<(), LedgerError> {
        kinds.iter().try_for_each(|kind| self.unset_meta(&unread_fact(*kind)))
    }

    /// Whether files of one of these kinds still have to be read.
    pub fn is_distrusted(&self, kinds: &[Kind]) -> Result<bool, LedgerError> {
        for kind in kinds {
            if self.meta(&unread_fact(*kind))?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Notes that this run cannot prove that it has seen all titles of these kinds; before it is complete.
    pub fn note_doubt(&self, kinds: &[Kind]) -> Result<(), LedgerError> {
        let note =
            |kind: &Kind| self.set_meta(&doubt_fact(*kind), &self.this_run(*kind).to_string());
        kinds.iter().try_for_each(note)
    }

    /// The complete runs before this one that have seen all titles of a kind, since the last of which that is not
    /// proved.
    pub fn proved_runs(&self, kind: Kind) -> Result<u32, LedgerError> {
        let doubted = self.meta(&doubt_fact(kind))?.and_then(|run| run.parse::<i64>().ok());
        let since = |run| u32::try_from(self.this_run(kind) - run - 1).unwrap_or(0);
        Ok(doubted.map_or(u32::MAX, since))
    }

    /// Forgets a fact about the library itself.
    pub fn unset_meta(&self, key: &str) -> Result<(), LedgerError> {
        self.db
            .execute("DELETE FROM meta WHERE key = ?1", [key])
            .map(drop)
            .map_err(|source| self.error("write", source))
    }
}

/// The fact in a ledger that has the number of the last complete run of a kind whose source may have been cut off.
fn doubt_fact(kind: Kind) -> String {
    format!("doubted {}", kind.as_str())
}

/// The fact in a ledger that says that all files of a kind have to be read.
fn unread_fact(kind: Kind) -> String {
    format!("unread {}", kind.as_str())
}
