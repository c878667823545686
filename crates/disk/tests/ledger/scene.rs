//! A ledger in a folder of its own, and plain records for it.

use std::collections::BTreeMap;
use std::sync::Arc;

use tempfile::TempDir;
use vod2strm_core::hash::{ContentHash, Written};
use vod2strm_core::identity::known::{FilterState, KnownStream, KnownTitle, TitleId};
use vod2strm_core::model::media::{Account, Kind, Stream, Title};
use vod2strm_core::plan::settle::{FileNote, FileRecord, TitleRecord};
use vod2strm_core::removal::record::{Completed, RemovalRecord};
use vod2strm_disk::ledger::{Ledger, NewRun};
use vod2strm_testkit::drafts;
pub use vod2strm_testkit::drafts::key;

/// A ledger on disk.
pub struct Scene {
    dir: TempDir,
    pub ledger: Ledger,
}

impl Scene {
    /// A ledger with these titles, whose ids are 1, 2 …
    pub fn with(records: &[TitleRecord]) -> Scene {
        let dir = tempfile::tempdir().unwrap();
        let mut ledger = Ledger::open(&dir.path().join("ledger.sqlite")).unwrap();
        ledger.record(records, &[], 1).unwrap();
        Scene { dir, ledger }
    }

    /// The same ledger, opened anew.
    pub fn reopened(self) -> Scene {
        let path = self.dir.path().join("ledger.sqlite");
        drop(self.ledger);
        let ledger = Ledger::open(&path).unwrap();
        Scene { dir: self.dir, ledger }
    }

    /// Changes the file by another hand.
    pub fn sql(&self, sql: &str) {
        let db = rusqlite::Connection::open(self.ledger.path()).unwrap();
        db.execute_batch(sql).unwrap();
    }

    /// Reads one number from the file.
    pub fn number(&self, sql: &str) -> i64 {
        let db = rusqlite::Connection::open(self.ledger.path()).unwrap();
        db.query_row(sql, [], |row| row.get(0)).unwrap()
    }

    /// Begins a run at this second.
    pub fn begin(&mut self, started: i64) -> i64 {
        self.ledger.begin_run(&NewRun { started, source: "a list" }).unwrap()
    }

    /// Ends a run over all movies and series on this day.
    pub fn complete(&mut self, day: i64, completed: Completed) {
        let kinds = Kind::ALL.to_vec();
        self.ledger.complete(&Completed { kinds, day, ..completed }).unwrap();
    }

    /// What the ledger knows of a title.
    pub fn known(&self, id: i64) -> KnownTitle {
        self.ledger.titles(&[TitleId(id)]).unwrap().remove(&TitleId(id)).unwrap()
    }

    /// All streams, by their numbers.
    pub fn streams(&self) -> BTreeMap<String, KnownStream> {
        let mut streams = BTreeMap::new();
        let mut take = |stream: KnownStream| drop(streams.insert(stream.stream_id.clone(), stream));
        self.ledger.each_stream(&mut take).unwrap();
        streams
    }

    /// Removes these files of a title, as a run does.
    pub fn remove(&mut self, id: i64, folder: &str, files: &[&str]) {
        let record = removal(id, folder, files);
        self.ledger.removed(&[record], &BTreeMap::new(), 5).unwrap();
    }
}

pub fn removal(id: i64, folder: &str, files: &[&str]) -> RemovalRecord {
    RemovalRecord {
        title: TitleId(id),
        folder: folder.to_owned(),
        gone: files.iter().map(|text| key(text)).collect(),
        kept: Vec::new(),
        folders: Vec::new(),
        occupied: Vec::new(),
        is_let_go: false,
        let_go: Vec::new(),
    }
}

/// A stream, or a series, of an account that is called by its id.
pub fn stream(account: i64, stream: &str) -> Stream {
    let (name, priority, login) = (format!("account {account}"), 0, None);
    let account = Arc::new(Account { id: account, name, priority, login });
    Stream { category: Some(9), ..Stream::new(account, stream.to_owned()) }
}

/// A file whose content and path are its key.
pub fn file(text: &str, account: Option<i64>) -> FileNote {
    let Written { hash, size } = Written::of(text.as_bytes());
    FileNote::Written(FileRecord {
        key: key(text),
        path: text.to_owned(),
        size,
        hash,
        account,
        stream: None,
    })
}

pub fn hash(text: &str) -> ContentHash {
    ContentHash::of(text.as_bytes())
}

/// A title with these streams and files.
pub fn title(kind: Kind, folder: &str, streams: Vec<Stream>, files: Vec<FileNote>) -> TitleRecord {
    let title = Title { streams, ..drafts::title(kind, folder) };
    let folders = vec![(String::new(), 7)];
    TitleRecord { title, files, folders, ..drafts::record(kind, folder) }
}

/// A movie with one stream of account 1, which its `.strm` plays.
pub fn movie(folder: &str, id: &str) -> TitleRecord {
    title(Kind::Movie, folder, vec![stream(1, id)], vec![file("strm", Some(1))])
}

/// A series of account 1 with these files.
pub fn series(folder: &str, id: &str, files: &[&str]) -> TitleRecord {
    let files = files.iter().map(|text| file(text, Some(1))).collect();
    title(Kind::Series, folder, vec![stream(1, id)], files)
}

/// The same title, recorded again: nothing of it was written.
pub fn again(id: i64, record: TitleRecord) -> TitleRecord {
    TitleRecord { known: Some(TitleId(id)), files: Vec::new(), ..record }
}

/// A stream as the first pass of a run says that it is missing.
pub fn known_stream(kind: Kind, title: i64, stream: &str) -> KnownStream {
    KnownStream {
        title: TitleId(title),
        kind,
        account: 1,
        category: Some(9),
        stream_id: stream.to_owned(),
        filter_state: FilterState::Wanted,
        since: 1,
        missing_since: None,
        missing_runs: 0,
        has_files: true,
        is_removed: false,
        is_let_go: false,
        is_let_in: false,
    }
}
