//! Entries into the ledger: one transaction per batch of titles, after their files are durable.

use std::collections::HashMap;

use rusqlite::{Transaction, params};
use vod2strm_core::hash::{ContentHash, Fingerprint};
use vod2strm_core::known::{Cause, Passage, TitleId};
use vod2strm_core::media::{Copy, Title};
use vod2strm_core::plan::{Change, TitlePlan};

use super::history::note_change;
use super::read::passage_at;
use super::{FolderStamp, Ledger, LedgerError};

/// What is known of a title after it was applied.
#[derive(Debug)]
pub struct TitleRecord {
    /// The title, for its identity; its episodes are not looked at.
    pub title: Title,
    /// Its entry; `None` makes one.
    pub known: Option<TitleId>,
    /// Its folder, if it has one.
    pub folder: Option<String>,
    /// Zero when it has to be looked at again.
    pub fingerprint: Fingerprint,
    /// The rules by which its folder and files are named; `None` when they still have to be renamed.
    pub naming: Option<Fingerprint>,
    /// The filter by which its copies were judged; `None` without one, or when it is not known.
    pub filter: Option<Fingerprint>,
    /// Why it is not right; `None` when it is.
    pub problem: Option<String>,
    /// What the run did to it, in a word of `changes`; `None` when there is nothing to tell.
    pub what: Option<&'static str>,
    /// The files that are now on disk as given, and that the ledger has otherwise or not at all.
    pub files: Vec<FileRecord>,
    /// Slots of files that are gone and not wanted any more.
    pub forgotten: Vec<String>,
    /// Slots of files that nothing wants any more.
    pub unwanted: Vec<(String, Cause)>,
    /// Files of which the ledger did not know the content: slot and hash.
    pub recognised: Vec<(String, ContentHash)>,
    /// Files that were given another name: slot, and path below the title's folder.
    pub renamed: Vec<(String, String)>,
    /// Slots of files that are wanted again.
    pub revived: Vec<String>,
    /// The title's folders that were written to, and when: path below the title's folder, and
    /// nanoseconds since 1970.
    pub folders: Vec<(String, i64)>,
}

/// A file that is on disk.
#[derive(Debug)]
pub struct FileRecord {
    /// What it is for.
    pub slot: String,
    /// Path below the title's folder.
    pub path: String,
    /// Bytes.
    pub size: u64,
    /// Their hash.
    pub hash: ContentHash,
}

/// How long a removed title is remembered, in seconds: it gets its folder back when it returns. So long
/// runs are remembered, too.
const REMEMBERED: i64 = 90 * 24 * 60 * 60;

/// A run that begins.
#[derive(Debug)]
pub struct NewRun<'a> {
    /// Seconds since 1970.
    pub started: i64,
    /// The source, without credentials.
    pub source: &'a str,
}

impl Ledger {
    /// All or nothing.
    pub(super) fn transaction(
        &mut self,
        write: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<()>,
    ) -> Result<(), LedgerError> {
        let all = |db: &mut rusqlite::Connection| {
            let transaction = db.transaction()?;
            write(&transaction)?;
            transaction.commit()
        };
        let result = all(&mut self.db);
        result.map_err(|source| self.error("write", source))
    }

    /// Notes a fact about the library itself.
    pub fn set_meta(&self, key: &str, value: &str) -> Result<(), LedgerError> {
        self.db
            .execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?1, ?2)", [key, value])
            .map(|_| ())
            .map_err(|source| self.error("write", source))
    }

    /// Forgets a fact about the library itself.
    pub fn unset_meta(&self, key: &str) -> Result<(), LedgerError> {
        self.db
            .execute("DELETE FROM meta WHERE key = ?1", [key])
            .map(drop)
            .map_err(|source| self.error("write", source))
    }

    /// Notes that a run began; gives its number. Titles that were removed long ago are forgotten.
    pub fn begin_run(&mut self, run: &NewRun<'_>) -> Result<i64, LedgerError> {
        self.db
            .execute(
                "DELETE FROM titles WHERE removed < ?1 AND absent > 0",
                [run.started.saturating_sub(REMEMBERED)],
            )
            .map_err(|source| self.error("write", source))?;
        self.db
            .execute(
                "INSERT INTO runs (started, source) VALUES (?1, ?2)",
                params![run.started, run.source],
            )
            .map_err(|source| self.error("write", source))?;
        let oldest = run.started.saturating_sub(REMEMBERED);
        self.db
            .execute("DELETE FROM runs WHERE started < ?1", [oldest])
            .and_then(|_| self.db.execute("DELETE FROM fetches WHERE tried < ?1", [oldest]))
            .map_err(|source| self.error("write", source))?;
        let id = self.db.last_insert_rowid();
        self.run = Some(id);
        Ok(id)
    }

    /// Notes how a run ended: time in seconds since 1970, exit status, the report as JSON.
    pub fn finish_run(
        &self,
        run: i64,
        finished: i64,
        status: u8,
        report: &str,
    ) -> Result<(), LedgerError> {
        self.db
            .execute(
                "UPDATE runs SET finished = ?2, status = ?3, report = ?4 WHERE id = ?1",
                params![run, finished, status, report],
            )
            .map(|_| ())
            .map_err(|source| self.error("write", source))
    }

    /// Announces what is about to be written, durably: plans with something to write.
    pub fn announce(&mut self, plans: &[TitlePlan]) -> Result<(), LedgerError> {
        self.transaction(|transaction| {
            for plan in plans.iter().filter(|plan| !plan.is_idle()) {
                announce_title(transaction, plan)?;
            }
            Ok(())
        })
    }

    /// Forgets files: they are gone, and nobody wants them back.
    pub fn forget(&mut self, files: &[(TitleId, &String)]) -> Result<(), LedgerError> {
        if files.is_empty() {
            return Ok(());
        }
        self.transaction(|transaction| {
            files.iter().try_for_each(|(title, slot)| forget_file(transaction, title.0, slot))
        })
    }

    /// Notes when folders of known titles last changed.
    pub fn restamp(&mut self, folders: &[FolderStamp]) -> Result<(), LedgerError> {
        if folders.is_empty() {
            return Ok(());
        }
        self.transaction(|transaction| {
            for folder in folders {
                stamp_folder(transaction, folder.title.0, &folder.below, folder.changed)?;
            }
            Ok(())
        })
    }

    /// Notes that something of these titles that was missing is back.
    pub fn returned(&mut self, titles: &[TitleId]) -> Result<(), LedgerError> {
        if titles.is_empty() {
            return Ok(());
        }
        self.transaction(|transaction| {
            for title in titles {
                for sql in [
                    "UPDATE titles SET absent = 0 WHERE id = ?1",
                    "UPDATE copies SET absent = 0, missing_since = NULL
                     WHERE title = ?1 AND passage IS NOT 'lapsed'",
                ] {
                    transaction.prepare_cached(sql)?.execute([title.0])?;
                }
            }
            Ok(())
        })
    }

    /// Records a batch of titles, all or none. `now` is in seconds since 1970.
    ///
    /// `settled` are folders (below the output folder) of which all that was announced is on disk or was
    /// refused: nothing in them is unaccounted for.
    pub fn record(
        &mut self,
        titles: &[TitleRecord],
        settled: &[String],
        now: i64,
    ) -> Result<(), LedgerError> {
        let run = self.run;
        self.transaction(|transaction| {
            for record in titles {
                let id = record_title(transaction, record, now)?;
                if let Some(what) = record.what {
                    let files = record.files.len() + record.renamed.len();
                    note_change(transaction, run, id, (what, files))?;
                }
            }
            for folder in settled {
                settle_folder(transaction, folder)?;
            }
            Ok(())
        })
    }
}

/// All that was announced for a folder is accounted for.
pub(super) fn settle_folder(db: &Transaction<'_>, folder: &str) -> rusqlite::Result<()> {
    db.prepare_cached("DELETE FROM pending WHERE folder = ?1")?.execute([folder])?;
    Ok(())
}

fn announce_title(db: &Transaction<'_>, plan: &TitlePlan) -> rusqlite::Result<()> {
    let Some(folder) = &plan.folder else { return Ok(()) };
    let news = plan.files.iter().filter(|file| file.change != Change::Keep);
    let renamed = plan.renames.iter().filter_map(|rename| rename.hash);
    let hashes = news.map(|file| file.hash).chain(renamed);
    let hashes: Vec<u8> = hashes.flat_map(|hash| hash.0.to_be_bytes()).collect();
    if let (Some(id), false) = (plan.known, plan.renames.is_empty()) {
        // If the run is cut off, the next one goes on renaming, whether it was asked to or not.
        db.prepare_cached("UPDATE titles SET naming = NULL WHERE id = ?1")?.execute([id.0])?;
    }
    add_pending(db, &format!("{}/{folder}", plan.root()), &hashes)
}

/// Adds contents that may be in a folder (below the output folder).
pub(super) fn add_pending(
    db: &Transaction<'_>,
    folder: &str,
    hashes: &[u8],
) -> rusqlite::Result<()> {
    let sql = "INSERT INTO pending (folder, hashes) VALUES (?1, ?2)
               ON CONFLICT (folder) DO UPDATE SET hashes = CAST(hashes || excluded.hashes AS BLOB)";
    db.prepare_cached(sql)?.execute(params![folder, hashes])?;
    Ok(())
}

pub(super) fn forget_file(db: &Transaction<'_>, title: i64, slot: &str) -> rusqlite::Result<()> {
    let sql = "DELETE FROM files WHERE title = ?1 AND slot = ?2";
    db.prepare_cached(sql)?.execute(params![title, slot])?;
    Ok(())
}

fn stamp_folder(
    db: &Transaction<'_>,
    title: i64,
    below: &str,
    changed: i64,
) -> rusqlite::Result<()> {
    let sql = "INSERT INTO dirs (title, path, changed) VALUES (?1, ?2, ?3)
               ON CONFLICT DO UPDATE SET changed = excluded.changed";
    db.prepare_cached(sql)?.execute(params![title, below, changed])?;
    Ok(())
}

/// Gives the title's id.
fn record_title(db: &Transaction<'_>, record: &TitleRecord, now: i64) -> rusqlite::Result<i64> {
    let passages = passages(db, record)?;
    let id = write_title(db, record, now)?;
    let kind = record.title.kind.as_str();
    // What has lapsed goes on to be counted as missing. A row that says so already is not written: its page
    // would be, and most copies are the same.
    let sql = "INSERT INTO copies (kind, account, stream, category, title, passage)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO UPDATE SET
               category = excluded.category, title = excluded.title, passage = excluded.passage,
               absent = CASE WHEN excluded.passage IS 'lapsed' THEN absent ELSE 0 END,
               missing_since = CASE WHEN excluded.passage IS 'lapsed' THEN missing_since END
               WHERE (category, title, passage) IS NOT
                     (excluded.category, excluded.title, excluded.passage)
               OR passage IS NOT 'lapsed' AND (absent, missing_since) IS NOT (0, NULL)";
    let mut statement = db.prepare_cached(sql)?;
    for (copy, passage) in record.title.copies.iter().zip(passages) {
        let (account, stream) = (copy.account.id, &copy.stream_id);
        statement.execute(params![kind, account, stream, copy.category, id, passage.as_str()])?;
    }
    write_files(db, record, id)?;
    for (below, changed) in &record.folders {
        stamp_folder(db, id, below, *changed)?;
    }
    Ok(id)
}

/// What the filter says of each copy, beside what it said before.
fn passages(db: &Transaction<'_>, record: &TitleRecord) -> rusqlite::Result<Vec<Passage>> {
    let copies = &record.title.copies;
    let mut before: HashMap<(i64, String), Passage> = HashMap::new();
    let mut is_same_filter = false;
    if let Some(known) = record.known.filter(|_| copies.iter().any(|copy| !copy.is_wanted)) {
        let sql = "SELECT filter IS ?2 FROM titles WHERE id = ?1";
        let filter = record.filter.map(|filter| filter.0.to_be_bytes());
        is_same_filter =
            db.prepare_cached(sql)?.query_row(params![known.0, filter], |row| row.get(0))?;
        let sql = "SELECT account, stream, passage FROM copies WHERE title = ?1";
        let mut statement = db.prepare_cached(sql)?;
        let mut rows = statement.query([known.0])?;
        while let Some(row) = rows.next()? {
            before.insert((row.get(0)?, row.get(1)?), passage_at(row, 2)?);
        }
    }
    let passage = |copy: &Copy| {
        let key = (copy.account.id, copy.stream_id.clone());
        // A copy that the title did not have was never let through.
        let before = before.get(&key).copied().unwrap_or(Passage::Barred);
        before.then(copy.is_wanted, is_same_filter)
    };
    Ok(copies.iter().map(passage).collect())
}

/// The title's own row; gives its id.
fn write_title(db: &Transaction<'_>, record: &TitleRecord, now: i64) -> rusqlite::Result<i64> {
    let (details, kind) = (&record.title.details, record.title.kind.as_str());
    let fingerprint = record.fingerprint.0.to_be_bytes();
    let naming = record.naming.map(|naming| naming.0.to_be_bytes());
    let filter = record.filter.map(|filter| filter.0.to_be_bytes());
    let is_filtered = record.title.is_filtered();
    match record.known {
        Some(id) => {
            let sql = "UPDATE titles SET folder = ?2, name = ?3, year = ?4, tmdb = ?5, imdb = ?6,
                       fingerprint = ?7, problem = ?8, absent = 0,
                       removed = CASE WHEN ?9 THEN NULL ELSE removed END,
                       naming = coalesce(?10, naming), filtered = ?11,
                       added = coalesce(added, ?12), filter = ?13 WHERE id = ?1";
            let values = params![
                id.0,
                record.folder,
                details.name,
                details.year,
                details.tmdb,
                details.imdb,
                fingerprint,
                record.problem,
                !record.files.is_empty(),
                naming,
                is_filtered,
                details.added,
                filter
            ];
            db.prepare_cached(sql)?.execute(values)?;
            Ok(id.0)
        }
        None => {
            let sql =
                "INSERT INTO titles (kind, folder, name, year, tmdb, imdb, fingerprint, first_seen,
                       problem, naming, filtered, added, filter)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";
            let values = params![
                kind,
                record.folder,
                details.name,
                details.year,
                details.tmdb,
                details.imdb,
                fingerprint,
                now,
                record.problem,
                naming,
                is_filtered,
                details.added,
                filter
            ];
            db.prepare_cached(sql)?.insert(values)
        }
    }
}

/// The title's files: written, renamed, forgotten, not wanted, wanted again.
fn write_files(db: &Transaction<'_>, record: &TitleRecord, id: i64) -> rusqlite::Result<()> {
    // OR REPLACE would keep a journal for every row: an eighth more work in a first run's entries.
    let sql = "INSERT INTO files (title, slot, path, size, hash) VALUES (?1, ?2, ?3, ?4, ?5)
               ON CONFLICT DO UPDATE SET path = excluded.path, size = excluded.size,
               hash = excluded.hash, unwanted = NULL, cause = NULL";
    let mut statement = db.prepare_cached(sql)?;
    for file in &record.files {
        let size = i64::try_from(file.size).unwrap_or(i64::MAX);
        let hash = file.hash.0.to_be_bytes();
        statement.execute(params![id, file.slot, file.path, size, hash])?;
    }
    if !record.renamed.is_empty() {
        // Folders that are empty now are gone; the others follow below.
        db.prepare_cached("DELETE FROM dirs WHERE title = ?1")?.execute([id])?;
    }
    for (slot, path) in &record.renamed {
        db.prepare_cached("UPDATE files SET path = ?3 WHERE title = ?1 AND slot = ?2")?
            .execute(params![id, slot, path])?;
    }
    for (slot, hash) in &record.recognised {
        db.prepare_cached("UPDATE files SET hash = ?3 WHERE title = ?1 AND slot = ?2")?
            .execute(params![id, slot, hash.0.to_be_bytes()])?;
    }
    for slot in &record.forgotten {
        forget_file(db, id, slot)?;
    }
    let sql = "UPDATE files
               SET unwanted = CASE WHEN cause IS ?3 THEN coalesce(unwanted, 0) ELSE 0 END, cause = ?3
               WHERE title = ?1 AND slot = ?2";
    for (slot, cause) in &record.unwanted {
        db.prepare_cached(sql)?.execute(params![id, slot, cause.as_str()])?;
    }
    let sql = "UPDATE files SET unwanted = NULL, cause = NULL WHERE title = ?1 AND slot = ?2";
    for slot in &record.revived {
        db.prepare_cached(sql)?.execute(params![id, slot])?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use vod2strm_core::event::Role;
    use vod2strm_core::media::{Account, Copy, Details, Kind, SourceKey};
    use vod2strm_core::plan::PlannedFile;
    use vod2strm_core::render::Desired;

    use super::*;

    fn title(name: &str, streams: &[&str]) -> Title {
        let account = Arc::new(Account { id: 7, name: "P".into(), priority: 0, login: None });
        let copy = |stream: &&str| Copy::new(account.clone(), (*stream).to_owned());
        Title {
            kind: Kind::Movie,
            key: SourceKey(1),
            uuid: None,
            details: Details { name: name.into(), tmdb: Some("603".into()), ..Details::default() },
            copies: streams.iter().map(copy).collect(),
            episodes: Vec::new(),
        }
    }

    fn record(title: &Title, known: Option<TitleId>, hash: u128) -> TitleRecord {
        let (slot, path) = ("strm".to_owned(), "A.strm".to_owned());
        TitleRecord {
            title: title.clone(),
            what: None,
            known,
            folder: Some("A".to_owned()),
            fingerprint: Fingerprint(u128::MAX - 5),
            problem: None,
            naming: Some(Fingerprint(3)),
            filter: None,
            forgotten: Vec::new(),
            unwanted: Vec::new(),
            revived: Vec::new(),
            renamed: Vec::new(),
            recognised: Vec::new(),
            folders: vec![(String::new(), 5)],
            files: vec![FileRecord { slot, path, size: 10, hash: ContentHash(hash) }],
        }
    }

    #[test]
    fn what_was_recorded_is_read_again() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("ledger.sqlite");
        let mut ledger = Ledger::open(&path).unwrap();
        let film = title("A", &["1", "2"]);
        ledger.record(&[record(&film, None, 5)], &[], 1_000).unwrap();
        drop(ledger);

        let ledger = Ledger::open_read_only(&path).unwrap();
        assert_eq!(ledger.index(Fingerprint::default()).unwrap().len(), 1);
        let known = ledger.titles(&[TitleId(1)]).unwrap().remove(&TitleId(1)).unwrap();
        assert_eq!(known.folder.as_deref(), Some("A"));
        assert_eq!(known.files["strm"].hash, Some(ContentHash(5)));
    }

    #[test]
    fn recording_again_replaces_and_a_copy_has_one_title() {
        let dir = tempfile::tempdir().unwrap();
        let mut ledger = Ledger::open(&dir.path().join("ledger.sqlite")).unwrap();
        let (a, b) = (title("A", &["1", "2"]), title("B", &["2"]));
        ledger.record(&[record(&a, None, 5)], &[], 1).unwrap();
        ledger.record(&[record(&b, None, 6), record(&a, Some(TitleId(1)), 7)], &[], 2).unwrap();
        assert_eq!(ledger.count_titles().unwrap(), 2);
        let titles = ledger.titles(&[TitleId(1), TitleId(2)]).unwrap();
        assert_eq!(titles[&TitleId(1)].files["strm"].hash, Some(ContentHash(7)));
        let copies: i64 =
            ledger.db.query_row("SELECT count(*) FROM copies", [], |r| r.get(0)).unwrap();
        assert_eq!(copies, 2);
    }

    #[test]
    fn what_was_announced_is_left_over_until_it_is_recorded() {
        let dir = tempfile::tempdir().unwrap();
        let mut ledger = Ledger::open(&dir.path().join("ledger.sqlite")).unwrap();
        let film = title("A", &["1"]);
        ledger.announce(&[plan_of(&film, b"one")]).unwrap();
        ledger.announce(&[plan_of(&film, b"two")]).unwrap();
        let leftovers = ledger.leftovers().unwrap();
        for content in ["one", "two", ""] {
            assert!(
                leftovers.contains("Movies/A", ContentHash::of(content.as_bytes())),
                "{content}"
            );
        }
        assert!(!leftovers.contains("Movies/A", ContentHash::of(b"somebody's")));
        ledger.record(&[record(&film, None, 5)], &["Movies/A".to_owned()], 1).unwrap();
        assert!(!ledger.leftovers().unwrap().contains("Movies/A", ContentHash::of(b"one")));
    }

    fn plan_of(title: &Title, content: &[u8]) -> TitlePlan {
        let file = Desired {
            slot: "strm".into(),
            path: "A.strm".into(),
            role: Role::Movie,
            content: content.to_vec(),
            season: None,
            episode: None,
        };
        let hash = ContentHash::of(content);
        TitlePlan {
            title: title.clone(),
            known: None,
            fingerprint: Fingerprint(1),
            folder: Some("A".into()),
            naming: Fingerprint(3),
            filter: None,
            moves_from: None,
            is_stuck: false,
            renames: Vec::new(),
            files: vec![PlannedFile { file, hash, change: Change::Create }],
            missing: Vec::new(),
            obsolete: Vec::new(),
            revived: Vec::new(),
            forgotten: Vec::new(),
        }
    }

    #[test]
    fn a_ledger_that_was_never_finished_is_an_empty_one() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("ledger.sqlite");
        drop(std::fs::File::create(&path).unwrap());
        assert_eq!(Ledger::open_read_only(&path).unwrap().count_titles().unwrap(), 0);
        assert_eq!(Ledger::open(&path).unwrap().count_titles().unwrap(), 0);
    }

    #[test]
    fn reading_makes_no_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a %?#b").join("ledger.sqlite");
        assert!(
            Ledger::open_read_only(&path)
                .unwrap()
                .index(Fingerprint::default())
                .unwrap()
                .is_empty()
        );
        std::fs::create_dir(path.parent().unwrap()).unwrap();
        drop(Ledger::open(&path).unwrap());
        let before = std::fs::read_dir(path.parent().unwrap()).unwrap().count();
        assert!(
            Ledger::open_read_only(&path)
                .unwrap()
                .index(Fingerprint::default())
                .unwrap()
                .is_empty()
        );
        assert_eq!(std::fs::read_dir(path.parent().unwrap()).unwrap().count(), before);
    }

    #[test]
    fn a_damaged_row_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let mut ledger = Ledger::open(&dir.path().join("ledger.sqlite")).unwrap();
        ledger.record(&[record(&title("A", &["1"]), None, 5)], &[], 1).unwrap();
        ledger.db.execute("UPDATE titles SET fingerprint = x'00'", []).unwrap();
        let error = ledger.index(Fingerprint::default()).unwrap_err().to_string();
        assert!(error.contains("damaged") && error.contains("16 bytes"), "{error}");
    }
}
