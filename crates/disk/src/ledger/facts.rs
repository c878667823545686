//! Facts about the library itself: its id, its generation, what has to be looked at.

use rusqlite::{OptionalExtension, Transaction};
use vod2strm_core::hash::Fingerprint;
use vod2strm_core::model::media::Kind;
use vod2strm_core::removal::accounts::Will;
use vod2strm_core::removal::record::Completed;

use super::{Ledger, LedgerError};

impl Ledger {
    /// A fact about the library itself.
    pub fn meta(&self, key: &str) -> Result<Option<String>, LedgerError> {
        self.db
            .query_row("SELECT value FROM meta WHERE key = ?1", [key], |row| row.get(0))
            .optional()
            .map_err(|source| self.error("read", source))
    }

    /// Whether nothing but runs and facts was ever noted: no title, nothing on its way, and nobody was asked for
    /// anything.
    pub fn is_blank(&self) -> Result<bool, LedgerError> {
        let sql = "SELECT NOT EXISTS (SELECT 1 FROM titles) AND NOT EXISTS (SELECT 1 FROM pending)
            AND NOT EXISTS (SELECT 1 FROM moves) AND NOT EXISTS (SELECT 1 FROM fetches)";
        let found = self.db.query_row(sql, [], |row| row.get(0));
        found.map_err(|source| self.error("read", source))
    }

    /// Whether it has titles of a kind.
    pub fn has_titles(&self, kind: Kind) -> Result<bool, LedgerError> {
        let sql = "SELECT EXISTS (SELECT 1 FROM titles WHERE kind = ?1)";
        let found = self.db.query_row(sql, [kind.as_str()], |row| row.get(0));
        found.map_err(|source| self.error("read", source))
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

    /// The user's will in the last complete run of a kind; `None` when that is not known.
    pub fn last_will(&self, kind: Kind) -> Result<Option<Will>, LedgerError> {
        Ok(self.meta(&will_fact(kind))?.map(|text| will_of(&text)))
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

/// Notes the user's will in a complete run.
pub(super) fn note_will(db: &Transaction<'_>, completed: &Completed) -> rusqlite::Result<()> {
    let Some(will) = &completed.will else { return Ok(()) };
    let text = text_of(will);
    let sql = "INSERT INTO meta (key, value) VALUES (?1, ?2)
               ON CONFLICT DO UPDATE SET value = excluded.value WHERE value <> excluded.value";
    for kind in &completed.kinds {
        db.prepare_cached(sql)?.execute([&will_fact(*kind), &text])?;
    }
    Ok(())
}

/// The user's will as a fact: the filter's fingerprint, or `all`, and the disabled categories, as `1:901`.
fn text_of(will: &Will) -> String {
    let filter = will.filter.map_or("all".to_owned(), |filter| format!("{:032x}", filter.0));
    let disabled = will.disabled.iter().map(|(account, category)| format!(" {account}:{category}"));
    filter + &disabled.collect::<String>()
}

fn will_of(text: &str) -> Will {
    let mut words = text.split(' ');
    let filter = words.next().and_then(|word| u128::from_str_radix(word, 16).ok());
    let pair = |word: &str| {
        let (account, category) = word.split_once(':')?;
        Some((account.parse().ok()?, category.parse().ok()?))
    };
    Will { filter: filter.map(Fingerprint), disabled: words.filter_map(pair).collect() }
}

/// The fact in a ledger that has the user's will in the last complete run of a kind.
fn will_fact(kind: Kind) -> String {
    format!("will about {}", kind.as_str())
}

/// The fact in a ledger that says that all files of a kind have to be read.
fn unread_fact(kind: Kind) -> String {
    format!("unread {}", kind.as_str())
}
