//! The ways in which a ledger is opened: for a run, to read it, and to keep what is written apart.

use rusqlite::ffi;
use vod2strm_core::hash::Fingerprint;
use vod2strm_disk::ledger::{Ledger, LedgerError};

use crate::scene::movie;

/// How many titles there are.
fn titles(ledger: &Ledger) -> usize {
    ledger.index(Fingerprint::default()).unwrap().len()
}

fn add(ledger: &mut Ledger, folder: &str) {
    ledger.record(&[movie(folder, folder)], &[], 1).unwrap();
}

#[test]
fn a_ledger_that_is_only_read_keeps_changes_apart() {
    let dir = tempfile::tempdir().unwrap();
    // Letters to which SQLite gives a meaning.
    let path = dir.path().join("a?b#c%41.sqlite");
    let mut first = Ledger::open(&path).unwrap();
    assert!(!first.is_view());
    add(&mut first, "Heat");
    first.keep_changes_apart().unwrap();
    add(&mut first, "Ronin");
    drop(first);
    let opened = [Ledger::open_read_only(&path), Ledger::open_beside_runs(&path)];
    for mut ledger in opened.map(Result::unwrap) {
        assert!(ledger.is_view());
        assert_eq!(titles(&ledger), 2, "what may be written to anyway is no copy");
        ledger.keep_changes_apart().unwrap();
        assert!(!ledger.is_view());
        assert_eq!((titles(&ledger), ledger.path()), (2, path.as_path()));
        add(&mut ledger, "Alien");
        assert_eq!(titles(&ledger), 3);
    }
    assert_eq!(titles(&Ledger::open(&path).unwrap()), 2);
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1, "no file is left beside it");
}

#[test]
fn a_ledger_that_is_not_there_is_empty_and_is_not_made() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ledger.sqlite");
    for ledger in [Ledger::open_read_only(&path), Ledger::open_beside_runs(&path)] {
        assert_eq!(titles(&ledger.unwrap()), 0);
    }
    assert!(!path.exists());
}

/// What a run begun and did not end is seen beside it, in one state.
#[test]
fn who_reads_beside_a_run_sees_one_state() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ledger.sqlite");
    let mut run = Ledger::open(&path).unwrap();
    add(&mut run, "Heat");
    let beside = Ledger::open_beside_runs(&path).unwrap();
    assert_eq!(titles(&beside), 1);
    add(&mut run, "Ronin");
    assert_eq!((titles(&beside), titles(&run)), (1, 2));
    assert_eq!(titles(&Ledger::open_beside_runs(&path).unwrap()), 2);
}

/// What to do about an error depends on what it means.
#[test]
fn errors_say_whether_the_file_or_the_storage_is_unfit() {
    let of = |code| {
        let source = rusqlite::Error::SqliteFailure(ffi::Error::new(code), None);
        LedgerError::Sqlite { verb: "open", path: "l.sqlite".into(), source }
    };
    let (path, what) = ("l.sqlite".into(), String::new());
    let unreachable =
        LedgerError::Unreachable { path: "l.sqlite".into(), source: std::io::Error::other("gone") };
    for (error, is_damaged, lacks_shared_memory) in [
        (of(ffi::SQLITE_CORRUPT), true, false),
        (of(ffi::SQLITE_NOTADB), true, false),
        (of(ffi::SQLITE_BUSY), false, false),
        (of(ffi::SQLITE_IOERR_WRITE), false, false),
        (of(ffi::SQLITE_IOERR_SHMOPEN), false, true),
        (of(ffi::SQLITE_IOERR_SHMSIZE), false, true),
        (of(ffi::SQLITE_IOERR_SHMLOCK), false, true),
        (of(ffi::SQLITE_IOERR_SHMMAP), false, true),
        (of(ffi::SQLITE_CANTOPEN), false, true),
        (LedgerError::Damaged { path, what }, true, false),
        (LedgerError::TooNew { path: "l.sqlite".into(), found: 99 }, false, false),
        (unreachable, false, false),
    ] {
        assert_eq!(error.is_damaged(), is_damaged, "{error:?}");
        assert_eq!(error.lacks_shared_memory(), lacks_shared_memory, "{error:?}");
    }
}
