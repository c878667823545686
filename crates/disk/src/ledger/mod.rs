//! The ledger: what vod2strm wrote and for whom, in one SQLite file per library.

mod schema;
mod keys;
mod facts;
mod read;
mod headings;
mod population;
mod look_up;
mod left_behind;
mod clock;
mod history;
mod fetches;
mod habits;
mod measured;
mod holds;
mod titles;
mod write;
mod moves;
mod cleanup;

use std::cell::RefCell;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::backup::Backup;
use rusqlite::{Connection, OpenFlags};
use vod2strm_core::identity::known::TitleId;
use vod2strm_core::path::RelPath;

use crate::fs::modes::own_file;

use clock::Clocks;
pub use fetches::{Fetches, FilteredSeries};
pub use history::{LedgerNumbers, PastRun, TitleChange};
pub use keys::KeylessFile;
use keys::{KeylessFiles, teach_keys};
pub use left_behind::LeftBehind;
pub use look_up::{LookedUp, PastChange, TitleState};
pub use measured::Remembered;
pub use moves::OpenMove;
pub use population::Population;
pub use write::NewRun;

/// Why the ledger cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// What a preview would write has no place.
    #[error("cannot make a temporary copy of the ledger {}", path.display())]
    NoCopy {
        /// The ledger.
        path: PathBuf,
        /// The cause.
        source: rusqlite::Error,
    },
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
    /// It cannot be looked at, so that nobody knows whether it is there.
    #[error("cannot look at the ledger {}", path.display())]
    Unreachable {
        /// The database file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// It was made by a newer vod2strm.
    #[error("the ledger {} was made by a newer vod2strm (version {found}, this one knows {})", path.display(), schema::STEPS.len())]
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
            LedgerError::Sqlite { source, .. } | LedgerError::NoCopy { source, .. } => {
                matches!(source.sqlite_error_code(), Some(DatabaseCorrupt | NotADatabase))
            }
            LedgerError::TooNew { .. } | LedgerError::Unreachable { .. } => false,
        }
    }

    /// Whether the storage has no memory that processes share, which SQLite's write-ahead log needs.
    pub fn lacks_shared_memory(&self) -> bool {
        // SQLite's names: IOERR_SHMOPEN, IOERR_SHMSIZE, IOERR_SHMLOCK, IOERR_SHMMAP.
        const CODES: [i32; 4] = [4618, 4874, 5130, 5386];
        let LedgerError::Sqlite { source: rusqlite::Error::SqliteFailure(error, _), .. } = self
        else {
            return false;
        };
        CODES.contains(&error.extended_code) || error.code == rusqlite::ErrorCode::CannotOpen
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

/// How many pages of a ledger are copied at a time: all are, without a pause between.
const COPIED_PAGES: i32 = 10_000;

/// Tables that the ledgers of all versions have.
const TABLES: [&str; 4] = ["meta", "titles", "copies", "files"];

/// Ways of keeping a journal, the best one first: others may read meanwhile; nobody else may; without
/// anything but plain files.
const JOURNALS: [&str; 3] = [
    "PRAGMA journal_mode = WAL;",
    "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL;",
    PLAIN_JOURNAL,
];

const PLAIN_JOURNAL: &str = "PRAGMA journal_mode = TRUNCATE;";

/// An open ledger.
pub struct Ledger {
    db: Connection,
    path: PathBuf,
    /// The run that writes, if one was begun.
    run: Option<i64>,
    /// Complete runs before this one.
    clocks: Clocks,
    /// It was opened to be read: nothing is written to its file.
    is_view: bool,
    /// Files that were met without a key.
    keyless: RefCell<KeylessFiles>,
}

impl Ledger {
    fn of(db: Connection, path: &Path) -> Result<Ledger, LedgerError> {
        teach_keys(&db).map_err(|source| sqlite("prepare", path, source))?;
        let (path, clocks, keyless) = (path.to_owned(), Clocks::default(), RefCell::default());
        Ok(Ledger { db, path, run: None, clocks, is_view: false, keyless })
    }

    /// Opens the ledger for a run that writes; makes it when there is none. Its folder must exist.
    pub fn open(path: &Path) -> Result<Ledger, LedgerError> {
        let mut opened = Ledger::open_in(path, JOURNALS[0]);
        for journal in &JOURNALS[1..] {
            match opened {
                Err(error) if error.lacks_shared_memory() => {
                    opened = Ledger::open_in(path, journal);
                }
                opened => return opened,
            }
        }
        opened
    }

    /// Opens the ledger with this way of keeping a journal.
    fn open_in(path: &Path, journal: &str) -> Result<Ledger, LedgerError> {
        // SQLite would make it readable for all; its journals get the ledger's mode. What is wrong with the path it
        // says itself.
        let _ = own_file().append(true).open(path);
        let db = Connection::open(path).map_err(|source| sqlite("open", path, source))?;
        let mut ledger = Ledger::of(db, path)?;
        ledger.batch("prepare", journal)?;
        ledger.be_durable()?;
        ledger.migrate()?;
        // Only now: a migration may make a table anew that others refer to.
        ledger.batch("prepare", "PRAGMA foreign_keys = ON;")?;
        if journal != PLAIN_JOURNAL {
            // A power cut may take what a run noted that changed nothing, and never a part of it. It costs a flush at the
            // end, and none for each note.
            ledger.batch("prepare", "PRAGMA synchronous = NORMAL;")?;
        }
        ledger.clocks = ledger.read_clocks()?;
        Ok(ledger)
    }

    /// From now on, what is noted survives a power cut, and so does all that was noted before. What is announced in
    /// `pending` has to, or files that follow would not be known as ours.
    pub fn be_durable(&self) -> Result<(), LedgerError> {
        if self.is_view { Ok(()) } else { self.batch("prepare", "PRAGMA synchronous = FULL;") }
    }

    /// Opens the ledger for a run that only reads; an empty one in memory when there is none. No
    /// file is changed, and none is made, unless a run was cut off and left its write-ahead log.
    pub fn open_read_only(path: &Path) -> Result<Ledger, LedgerError> {
        if !exists(path)? {
            return Ledger::empty(path);
        }
        // Without a write-ahead log, "immutable" keeps SQLite from making one just for reading.
        let log = path.with_extension("sqlite-wal");
        let mode = if exists(&log)? { "mode=ro" } else { "immutable=1" };
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
        let db = Connection::open_with_flags(uri(path, mode), flags)
            .map_err(|source| sqlite("open", path, source))?;
        let mut ledger = Ledger::of(db, path)?;
        match ledger.steps_to_make()? {
            [] => {
                (ledger.clocks, ledger.is_view) = (ledger.read_clocks()?, true);
                Ok(ledger)
            }
            // Of an older version, or made by a run that is just beginning.
            _ => ledger.copied(),
        }
    }

    /// Opens the ledger to read it beside a run that may be writing: without the library's lock, and in one
    /// state of it. An empty one in memory when there is none.
    pub fn open_beside_runs(path: &Path) -> Result<Ledger, LedgerError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
        if exists(path)? {
            let opened = Connection::open_with_flags(uri(path, "mode=ro"), flags);
            let db = opened.map_err(|source| sqlite("open", path, source))?;
            let mut ledger = Ledger::of(db, path)?;
            if ledger.steps_to_make().is_ok_and(<[_]>::is_empty) {
                ledger.batch("read", "BEGIN")?;
                (ledger.clocks, ledger.is_view) = (ledger.read_clocks()?, true);
                return Ok(ledger);
            }
        }
        // Where SQLite may not make its own files beside it, nobody else writes either.
        Ledger::open_read_only(path)
    }

    /// One in memory, for a path at which there is none.
    pub(crate) fn empty(path: &Path) -> Result<Ledger, LedgerError> {
        let db = Connection::open_in_memory().map_err(|source| sqlite("open", path, source))?;
        let mut ledger = Ledger::of(db, path)?;
        ledger.migrate()?;
        ledger.clocks = ledger.read_clocks()?;
        Ok(ledger)
    }

    /// From now on, what is written to a ledger that was opened to be read goes to a copy: for a preview. Nobody else
    /// sees the copy, and it goes with the ledger. A ledger that was opened to be written stays itself.
    pub fn keep_changes_apart(&mut self) -> Result<(), LedgerError> {
        if self.is_view {
            *self = self.copied()?;
        }
        Ok(())
    }

    /// Whether it was opened to be read, and has no copy to be written to.
    pub fn is_view(&self) -> bool {
        self.is_view
    }

    /// A copy that has today's tables: the file stays as it is. What does not fit into SQLite's cache of it is in a
    /// file without a name, in the folder for temporary files.
    fn copied(&self) -> Result<Ledger, LedgerError> {
        let copy = || -> rusqlite::Result<Connection> {
            let mut db = Connection::open("")?;
            Backup::new(&self.db, &mut db)?.run_to_completion(
                COPIED_PAGES,
                Duration::ZERO,
                None,
            )?;
            db.execute_batch("PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF;")?;
            Ok(db)
        };
        let path = self.path.clone();
        let db = copy().map_err(|source| LedgerError::NoCopy { path, source })?;
        let mut ledger = Ledger::of(db, &self.path)?;
        ledger.migrate()?;
        ledger.batch("prepare", "PRAGMA foreign_keys = ON;")?;
        ledger.clocks = ledger.read_clocks()?;
        Ok(ledger)
    }

    /// Brings the tables to today's version, each step whole or not at all.
    fn migrate(&self) -> Result<(), LedgerError> {
        let steps = self.steps_to_make()?;
        for (step, version) in steps.iter().zip(schema::STEPS.len() - steps.len() + 1..) {
            let all = || -> rusqlite::Result<()> {
                let transaction = self.db.unchecked_transaction()?;
                transaction.execute_batch(step)?;
                transaction.execute_batch(&format!("PRAGMA user_version = {version}"))?;
                transaction.commit()
            };
            all().map_err(|source| self.error("bring up to date", source))?;
        }
        Ok(())
    }

    /// The migrations that this ledger lacks; an error for the ledger of a newer vod2strm.
    fn steps_to_make(&self) -> Result<&'static [&'static str], LedgerError> {
        let found = self.version()?;
        let made =
            usize::try_from(found).map_err(|_| self.damaged(format!("its version is {found}")))?;
        let [all, ours] = self.tables()?;
        if all > 0 && (made == 0 || ours < TABLES.len()) {
            return Err(self.damaged("it is a database of something else"));
        }
        match schema::STEPS.get(made..) {
            Some(steps) => Ok(steps),
            None if self.is_sound()? => Err(LedgerError::TooNew { path: self.path.clone(), found }),
            None => Err(self.damaged(format!("its version is {found}, and it cannot be read"))),
        }
    }

    /// How many tables there are, and how many of these every ledger has.
    fn tables(&self) -> Result<[usize; 2], LedgerError> {
        let mut names: Vec<String> = Vec::new();
        self.each("SELECT name FROM sqlite_schema WHERE type = 'table'", |row| {
            names.push(row.get(0)?);
            Ok(())
        })?;
        let ours = TABLES.iter().filter(|name| names.iter().any(|found| found == *name)).count();
        Ok([names.len(), ours])
    }

    /// Whether SQLite finds nothing wrong with the file.
    fn is_sound(&self) -> Result<bool, LedgerError> {
        let checked = self.db.query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0));
        match checked {
            Ok(said) => Ok(said == "ok"),
            Err(source) => {
                let error = self.error("read", source);
                if error.is_damaged() { Ok(false) } else { Err(error) }
            }
        }
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

/// Whether a file is there. What cannot be looked at is an error.
fn exists(path: &Path) -> Result<bool, LedgerError> {
    path.try_exists().map_err(|source| LedgerError::Unreachable { path: path.to_owned(), source })
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
