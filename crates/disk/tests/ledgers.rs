//! Ledgers that older versions wrote: they open for ever.
//!
//! `ledgers/1-*.sqlite` were written by the first version. One is at rest with titles that wait and are held. One is of
//! a run that was killed while it wrote and of another that was killed while it moved titles. One was filled by
//! `adopt`.

#![expect(clippy::unwrap_used, reason = "a test")]

use std::path::{Path, PathBuf};

use vod2strm_core::entries::TitleCount;
use vod2strm_core::hash::Fingerprint;
use vod2strm_core::identity::known::TitleId;
use vod2strm_core::model::file::{FileKey, FileKind, Item, StreamRef};
use vod2strm_core::model::left_out::LeftOutBy;
use vod2strm_core::model::media::Kind;
use vod2strm_core::names::category_habits::Habits;
use vod2strm_disk::ledger::{Ledger, LedgerError};

/// Name, titles, files, folders that were announced, moves that are open, runs.
const LEDGERS: [(&str, u64, u64, usize, usize, usize); 3] =
    [("1-rest", 17, 72, 0, 0, 3), ("1-killed", 8, 36, 4, 4, 3), ("1-adopted", 8, 36, 0, 0, 0)];

fn copy_of(name: &str, dir: &Path) -> PathBuf {
    let path = dir.join("ledger.sqlite");
    let fixture =
        Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/ledgers/{name}.sqlite"));
    std::fs::copy(fixture, &path).unwrap();
    path
}

fn seen(ledger: &Ledger) -> (u64, u64, usize, usize, usize) {
    let tally = ledger.tally().unwrap();
    let leftovers = ledger.leftovers().unwrap().folders().len();
    let (moves, runs) = (ledger.open_moves().unwrap().len(), ledger.runs(100).unwrap().len());
    let index = ledger.index(Fingerprint::default()).unwrap();
    let ids: Vec<TitleId> = ledger.folders().unwrap().into_keys().collect();
    let titles = ledger.titles(&ids).unwrap();
    let files: usize = titles.values().map(|title| title.files.len()).sum();
    assert_eq!(files as u64, tally.files);
    (index.len() as u64, tally.files, leftovers, moves, runs)
}

#[test]
fn ledgers_of_older_versions_are_read_without_a_change() {
    for (name, titles, files, folders, moves, runs) in LEDGERS {
        let dir = tempfile::tempdir().unwrap();
        let path = copy_of(name, dir.path());
        let before = std::fs::read(&path).unwrap();
        let wanted = (titles, files, folders, moves, runs);
        assert_eq!(seen(&Ledger::open_read_only(&path).unwrap()), wanted, "{name}");
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1, "{name}");
        assert_eq!(seen(&Ledger::open_beside_runs(&path).unwrap()), wanted, "{name}");
        assert_eq!(std::fs::read(&path).unwrap(), before, "{name}");
    }
}

#[test]
fn ledgers_of_older_versions_are_brought_up_to_date_and_hold_what_they_held() {
    for (name, titles, files, folders, moves, runs) in LEDGERS {
        let dir = tempfile::tempdir().unwrap();
        let path = copy_of(name, dir.path());
        let wanted = (titles, files, folders, moves, runs);
        assert_eq!(seen(&Ledger::open(&path).unwrap()), wanted, "{name}");
        assert_eq!(seen(&Ledger::open_read_only(&path).unwrap()), wanted, "{name}: again");
    }
}

#[test]
fn what_an_older_ledger_says_of_titles_is_kept() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(&copy_of("1-rest", dir.path())).unwrap();
    let population = ledger.population(&Kind::ALL).unwrap();
    let (_, movies) = population.iter().find(|(kind, _)| *kind == Kind::Movie).unwrap();
    let by = movies.filtered.iter().map(|((by, _), number)| (*by, *number)).collect::<Vec<_>>();
    assert_eq!((movies.playable, by), (7, vec![(LeftOutBy::Filter, TitleCount::of(2))]));
    assert_eq!((movies.empty.titles, movies.failed, movies.missing), (0, 0, 0));
}

/// Nobody knows by which habits an older version named its titles: the first run learns them anew.
#[test]
fn an_older_ledger_knows_no_habits() {
    let dir = tempfile::tempdir().unwrap();
    let path = copy_of("1-rest", dir.path());
    for open in [Ledger::open_read_only, Ledger::open_beside_runs, Ledger::open, Ledger::open] {
        let mut ledger = open(&path).unwrap();
        assert_eq!(ledger.habits().unwrap(), Habits::new());
        ledger.announce(&[], &Habits::new()).unwrap();
    }
}

/// Texts for what files are for that could be read in two ways are carried over, in a preview, too. What says nothing
/// costs its file alone.
#[test]
fn what_files_are_for_is_carried_over() {
    let dir = tempfile::tempdir().unwrap();
    let path = copy_of("1-rest", dir.path());
    let db = rusqlite::Connection::open(&path).unwrap();
    let series = "SELECT max(id) FROM titles WHERE kind = 'series' AND folder IS NOT NULL";
    let series: i64 = db.query_row(series, [], |row| row.get(0)).unwrap();
    let before = db.query_row("SELECT count(*) FROM files WHERE title = ?1", [series], |row| {
        row.get::<_, u32>(0)
    });
    let before = before.unwrap() as usize;
    for (n, slot) in [
        "s01e?#1:x.y.strm",
        "s01e?#1:x%2Ey.nfo",
        "s?e?#0:12@media.example.nfo.+strm@2:9@h.tv",
        "s?e?#-1:.strm",
        "s?e?#1:a.mkv",
        "sample",
    ]
    .into_iter()
    .enumerate()
    {
        let sql = "INSERT INTO files (title, slot, path, size, hash)
                   VALUES (?1, ?2, ?3, 1, zeroblob(16))";
        db.execute(sql, rusqlite::params![series, slot, format!("{n}.strm")]).unwrap();
    }
    drop(db);
    let stream = |account, id: &str| StreamRef { account, id: id.to_owned() };
    let item = |season, stream, repeat| Item::Unnumbered { season, number: None, stream, repeat };
    let plain = |item, kind| FileKey::Item { item, kind, version: None };
    let version = FileKey::Item {
        item: item(None, stream(0, "12@media.example.nfo"), 1),
        kind: FileKind::Strm,
        version: Some(stream(2, "9@h.tv")),
    };
    let expected = [
        plain(item(Some(1), stream(1, "x.y"), 0), FileKind::Strm),
        plain(item(Some(1), stream(1, "x%2Ey"), 0), FileKind::Nfo),
        version,
        plain(item(None, stream(-1, ""), 0), FileKind::Strm),
    ];
    for open in [Ledger::open_read_only, Ledger::open, Ledger::open, Ledger::open_read_only] {
        let ledger = open(&path).unwrap();
        let title = ledger.titles(&[TitleId(series)]).unwrap().remove(&TitleId(series)).unwrap();
        for (n, key) in expected.iter().enumerate() {
            assert_eq!(title.files.get(key).unwrap().path, format!("{n}.strm"), "{key:?}");
        }
        assert_eq!(title.files.len(), before + expected.len());
        let keyless = ledger.keyless_files();
        let keyless: Vec<&[u8]> = keyless.iter().map(|file| file.key.as_slice()).collect();
        assert_eq!(keyless, [b"s?e?#1:a.mkv".as_slice(), b"sample"]);
    }
}

#[test]
fn only_a_newer_ledger_is_called_newer() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ledger.sqlite");
    drop(Ledger::open(&path).unwrap());
    let db = rusqlite::Connection::open(&path).unwrap();
    let today: i64 = db.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap();
    for version in [today + 1, i64::from(i32::MAX), -1] {
        db.execute_batch(&format!("PRAGMA user_version = {version}")).unwrap();
        for opened in [Ledger::open(&path), Ledger::open_read_only(&path)] {
            let error = opened.err().unwrap();
            assert_eq!(matches!(error, LedgerError::TooNew { .. }), version > 0, "{error}");
        }
    }
}

/// What is no ledger, or one whose pages are destroyed, is no newer ledger, whatever version it says; nothing is
/// written into it.
#[test]
#[expect(clippy::disallowed_methods, reason = "what others do to a library")]
fn what_is_no_ledger_is_not_called_newer_and_stays_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    for version in [0, 1, 30] {
        let path = dir.path().join(format!("foreign-{version}.sqlite"));
        let db = rusqlite::Connection::open(&path).unwrap();
        db.execute_batch(&format!("CREATE TABLE a (b); PRAGMA user_version = {version}")).unwrap();
        drop(db);
        for opened in [Ledger::open_read_only(&path), Ledger::open(&path)] {
            let error = opened.err().unwrap();
            assert!(error.is_damaged(), "{version}: {error}");
        }
        let db = rusqlite::Connection::open(&path).unwrap();
        let tables = "SELECT count(*) FROM sqlite_schema WHERE type = 'table'";
        let tables: i64 = db.query_row(tables, [], |row| row.get(0)).unwrap();
        assert_eq!(tables, 1, "{version}");
    }
    let path = dir.path().join("ledger.sqlite");
    drop(Ledger::open(&path).unwrap());
    let mut bytes = std::fs::read(&path).unwrap();
    let end = bytes.len();
    bytes[60..64].copy_from_slice(&70_u32.to_be_bytes());
    bytes[8_192..end - 4_096].fill(0x5a);
    std::fs::write(&path, bytes).unwrap();
    for opened in [Ledger::open_read_only(&path), Ledger::open(&path)] {
        let error = opened.err().unwrap();
        assert!(error.is_damaged(), "{error}");
    }
}

/// Its tables can be listed, and one of them cannot be read: a newer program is no help.
#[test]
#[expect(clippy::disallowed_methods, reason = "what others do to a library")]
fn a_newer_ledger_with_a_destroyed_table_is_damaged() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ledger.sqlite");
    drop(Ledger::open(&path).unwrap());
    let db = rusqlite::Connection::open(&path).unwrap();
    let number = |sql: &str| db.query_row(sql, [], |row| row.get::<_, u32>(0)).unwrap() as usize;
    let page = number("SELECT rootpage FROM sqlite_schema WHERE name = 'files'");
    let size = number("PRAGMA page_size");
    db.execute_batch("PRAGMA journal_mode = DELETE; PRAGMA user_version = 70;").unwrap();
    drop(db);
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[(page - 1) * size..page * size].fill(0x5a);
    std::fs::write(&path, bytes).unwrap();
    for opened in [Ledger::open_read_only(&path), Ledger::open(&path)] {
        let error = opened.err().unwrap();
        assert!(error.is_damaged(), "{error}");
    }
}
