//! The ledger: what vod2strm wrote and for whom, in one SQLite file per library.

mod schema;
mod read;
mod history;
mod fetches;
mod write;
mod moves;
mod sweep;

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};
use vod2strm_core::known::TitleId;
use vod2strm_core::path::RelPath;

pub use fetches::{BarredSeries, Fetches};
pub use history::{Change, PastRun, Tally};
pub use moves::OpenMove;
pub use read::Population;
pub use sweep::{Ageing, RemovalRecord};
pub use write::{FileRecord, NewRun, TitleRecord};

/// Why the ledger cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// SQLite refuses.
    #[error("cannot {verb} the ledger {}", path.display())]
    Sqlite {
        /// What was tried, as in "cannot … the ledger".
        verb: &'static str,
        /// The database file.
        path: PathBuf,
        /// SQLite's reason.
        source: rusqlite::Error,
    },
    /// It was made by a newer vod2strm.
    #[error("the ledger {} was made by a newer vod2strm (version {found}, this one knows {})", path.display(), schema::VERSION)]
    TooNew {
        /// The database file.
        path: PathBuf,
        /// Its version.
        found: i64,
    },
    /// A row holds what no vod2strm wrote.
    #[error("the ledger {} is damaged: {what}", path.display())]
    Damaged {
        /// The database file.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
}

impl LedgerError {
    /// Whether the file is no ledger (any more): its entries cannot be had.
    pub fn is_damaged(&self) -> bool {
        use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
        match self {
            LedgerError::Damaged { .. } => true,
            LedgerError::Sqlite { source, .. } => {
                matches!(source.sqlite_error_code(), Some(DatabaseCorrupt | NotADatabase))
            }
            LedgerError::TooNew { .. } => false,
        }
    }
}

/// A folder of a title, and when an entry last came or went when we last looked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FolderStamp {
    /// Whose folder it is.
    pub title: TitleId,
    /// Below the output folder.
    pub path: RelPath,
    /// Below the title's folder; empty for that folder itself.
    pub below: String,
    /// Nanoseconds since 1970.
    pub changed: i64,
}

/// An open ledger.
pub struct Ledger {
    db: Connection,
    path: PathBuf,
    /// The run that writes, if one was begun.
    run: Option<i64>,
}

impl Ledger {
    /// Opens the ledger for a run that writes; makes it when there is none. Its folder must exist.
    pub fn open(path: &Path) -> Result<Ledger, LedgerError> {
        let db = Connection::open(path).map_err(|source| sqlite("open", path, source))?;
        let ledger = Ledger { db, path: path.to_owned(), run: None };
        // FULL: what is announced in `pending` has to survive a power cut, or files that follow would
        // not be known as ours.
        ledger.batch(
            "prepare",
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;",
        )?;
        match ledger.version()? {
            0 => ledger.batch(
                "create",
                &format!(
                    "BEGIN; {} {} PRAGMA user_version = {}; COMMIT;",
                    schema::CREATE,
                    schema::ADDED,
                    schema::VERSION
                ),
            )?,
            schema::VERSION => ledger.batch("prepare", schema::ADDED)?,
            found => return Err(LedgerError::TooNew { path: path.to_owned(), found }),
        }
        Ok(ledger)
    }

    /// Opens the ledger for a run that only reads; an empty one in memory when there is none. No
    /// file is changed, and none is made, unless a run was cut off and left its write-ahead log.
    pub fn open_read_only(path: &Path) -> Result<Ledger, LedgerError> {
        if !path.exists() {
            return Ledger::empty(path);
        }
        // Without a write-ahead log, "immutable" keeps SQLite from making one just for reading.
        let log = path.with_extension("sqlite-wal");
        let mode = if log.exists() { "mode=ro" } else { "immutable=1" };
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
        let db = Connection::open_with_flags(uri(path, mode), flags)
            .map_err(|source| sqlite("open", path, source))?;
        let ledger = Ledger { db, path: path.to_owned(), run: None };
        match ledger.version()? {
            schema::VERSION => Ok(ledger),
            // Made by a run that is just beginning, or that was cut off before it began.
            0 => Ledger::empty(path),
            found => Err(LedgerError::TooNew { path: path.to_owned(), found }),
        }
    }

    /// Opens the ledger to read it beside a run that may be writing: without the library's lock, and in one
    /// state of it. An empty one in memory when there is none.
    pub fn open_beside_runs(path: &Path) -> Result<Ledger, LedgerError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
        if path.exists() {
            let opened = Connection::open_with_flags(uri(path, "mode=ro"), flags);
            let db = opened.map_err(|source| sqlite("open", path, source))?;
            let ledger = Ledger { db, path: path.to_owned(), run: None };
            if ledger.version().is_ok_and(|version| version == schema::VERSION) {
                ledger.batch("read", "BEGIN")?;
                return Ok(ledger);
            }
        }
        // Where SQLite may not make its own files beside it, nobody else writes either.
        Ledger::open_read_only(path)
    }

    /// One in memory, for a path at which there is none.
    pub(crate) fn empty(path: &Path) -> Result<Ledger, LedgerError> {
        let db = Connection::open_in_memory().map_err(|source| sqlite("open", path, source))?;
        let ledger = Ledger { db, path: path.to_owned(), run: None };
        ledger.batch("create", schema::CREATE)?;
        ledger.batch("create", schema::ADDED)?;
        Ok(ledger)
    }

    /// The database file, for messages.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn version(&self) -> Result<i64, LedgerError> {
        let version = self.db.query_row("PRAGMA user_version", [], |row| row.get(0));
        version.map_err(|source| self.error("read", source))
    }

    fn batch(&self, verb: &'static str, sql: &str) -> Result<(), LedgerError> {
        self.db.execute_batch(sql).map_err(|source| self.error(verb, source))
    }

    fn error(&self, verb: &'static str, source: rusqlite::Error) -> LedgerError {
        sqlite(verb, &self.path, source)
    }

    fn damaged(&self, what: impl Into<String>) -> LedgerError {
        LedgerError::Damaged { path: self.path.clone(), what: what.into() }
    }
}

fn sqlite(verb: &'static str, path: &Path, source: rusqlite::Error) -> LedgerError {
    LedgerError::Sqlite { verb, path: path.to_owned(), source }
}

/// A `file:` URI, in which SQLite gives `?`, `#` and `%` a meaning.
fn uri(path: &Path, mode: &str) -> String {
    let mut uri = String::from("file:");
    for c in path.to_string_lossy().chars() {
        match c {
            '%' => uri.push_str("%25"),
            '?' => uri.push_str("%3f"),
            '#' => uri.push_str("%23"),
            c => uri.push(c),
        }
    }
    uri.push('?');
    uri.push_str(mode);
    uri
}
