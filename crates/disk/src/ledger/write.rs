//! Entries into the ledger: one transaction per batch of titles, after their files are durable.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rusqlite::{OptionalExtension, Transaction, params};
use vod2strm_core::hash::Fingerprint;
use vod2strm_core::identity::known::TitleId;
use vod2strm_core::model::file::FileKey;
use vod2strm_core::model::media::Kind;
use vod2strm_core::model::ownership::Ownership;
use vod2strm_core::names::category_habits::Habits;
use vod2strm_core::plan::settle::TitleRecord;
use vod2strm_core::plan::{Change, PlannedFile, TitlePlan};
use vod2strm_core::removal::AccountContent;

use super::habits::note_habits;
use super::history::note_change;
use super::holds::lower_all;
use super::keys::KeylessFiles;
use super::titles::{forget_file, lower_forgotten, record_title, stamp_folder, unite};
use super::{FolderStamp, Ledger, LedgerError};

/// How long a removed title is remembered at least, in seconds: it gets its folder back when it returns. So
/// long runs are remembered, too.
const REMEMBERED: i64 = 90 * DAY;

/// Seconds of a day.
const DAY: i64 = 24 * 60 * 60;

/// A run that begins.
#[derive(Debug)]
pub struct NewRun<'a> {
    /// Seconds since 1970.
    pub started: i64,
    /// The source, without credentials.
    pub source: &'a str,
}

impl Ledger {
    /// All or nothing. Files that were met without a key are forgotten.
    pub(super) fn transaction(
        &mut self,
        write: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<()>,
    ) -> Result<(), LedgerError> {
        let all = |db: &mut rusqlite::Connection, keyless: &KeylessFiles| {
            let transaction = db.transaction()?;
            keyless.forget(&transaction)?;
            write(&transaction)?;
            transaction.commit()
        };
        let result = all(&mut self.db, self.keyless.get_mut());
        result.map_err(|source| self.error("write", source))?;
        self.keyless.get_mut().are_forgotten();
        Ok(())
    }

    /// Notes that a run began; gives its number. What has long been remembered is forgotten.
    pub fn begin_run(&mut self, run: &NewRun<'_>) -> Result<i64, LedgerError> {
        self.forget_old(run.started)?;
        let insert = "INSERT INTO runs (started, source) VALUES (?1, ?2)";
        let begun = self.db.execute(insert, params![run.started, run.source]);
        begun.map_err(|source| self.error("write", source))?;
        let id = self.db.last_insert_rowid();
        self.run = Some(id);
        Ok(id)
    }

    /// Forgets what has long been remembered: by the complete runs and their days, whatever a clock says. `now` is in
    /// seconds since 1970.
    pub fn forget_old(&mut self, now: i64) -> Result<(), LedgerError> {
        let oldest = self.remembered_since(now)?;
        for forget in [
            "DELETE FROM titles WHERE removed < ?1 AND (gone IS NOT NULL OR united IS NOT NULL)",
            "DELETE FROM runs WHERE started < ?1",
            "DELETE FROM fetches WHERE tried < ?1",
        ] {
            self.db.execute(forget, [oldest]).map_err(|source| self.error("write", source))?;
        }
        Ok(())
    }

    /// When the last run began, in seconds since 1970.
    pub fn last_start(&self) -> Result<Option<i64>, LedgerError> {
        let sql = "SELECT started FROM runs ORDER BY id DESC LIMIT 1";
        let last = self.db.query_row(sql, [], |row| row.get(0)).optional();
        last.map_err(|source| self.error("read", source))
    }

    /// Since when things are remembered, in seconds since 1970. Clocks err: only what is older than the last runs of
    /// that many days is forgotten. So one run with a clock of next year forgets nothing. While the clock is behind the
    /// last run's, nothing is forgotten.
    fn remembered_since(&self, now: i64) -> Result<i64, LedgerError> {
        if self.last_start()?.is_some_and(|last| now < last) {
            return Ok(i64::MIN);
        }
        // The day of the last run but so many, by the days on which there was one.
        let sql = format!(
            "SELECT started / {DAY} AS day FROM runs GROUP BY day ORDER BY day DESC LIMIT 1 OFFSET {}",
            REMEMBERED / DAY - 1
        );
        let first = self.db.query_row(&sql, [], |row| row.get::<_, i64>(0)).optional();
        let first = first.map_err(|source| self.error("read", source))?;
        let by_runs = first.map_or(i64::MIN, |day| day.saturating_mul(DAY));
        Ok(by_runs.min(now.saturating_sub(REMEMBERED)))
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

    /// Announces what is about to be written, durably: plans with something to write. The habits of the categories
    /// that were learnt for them are noted with it, so that no name is on disk whose habit the ledger does not know.
    pub fn announce(&mut self, plans: &[TitlePlan], habits: &Habits) -> Result<(), LedgerError> {
        self.transaction(|transaction| {
            note_habits(transaction, habits)?;
            for plan in plans.iter().filter(|plan| !plan.is_idle()) {
                announce_title(transaction, plan)?;
            }
            Ok(())
        })
    }

    /// Forgets files: they are gone, and nobody wants them back.
    pub fn forget(&mut self, files: &[(TitleId, &FileKey)]) -> Result<(), LedgerError> {
        if files.is_empty() {
            return Ok(());
        }
        let titles: BTreeSet<TitleId> = files.iter().map(|(title, _)| *title).collect();
        self.transaction(|transaction| {
            files.iter().try_for_each(|(title, key)| forget_file(transaction, title.0, key))?;
            titles.into_iter().try_for_each(|title| lower_forgotten(transaction, title.0))
        })
    }

    /// Notes of files that they hold something else than what was written. Their titles are looked at again, and the
    /// files are written anew once they are wanted.
    pub fn note_edited(&mut self, files: &[(TitleId, &FileKey)]) -> Result<(), LedgerError> {
        if files.is_empty() {
            return Ok(());
        }
        self.transaction(|transaction| {
            for (title, key) in files {
                let sql = "UPDATE files SET hash = zeroblob(16) WHERE title = ?1 AND key = ?2";
                transaction.prepare_cached(sql)?.execute(params![title.0, key.to_string()])?;
                let sql = "UPDATE titles SET fingerprint = zeroblob(16) WHERE id = ?1";
                transaction.prepare_cached(sql)?.execute([title.0])?;
            }
            Ok(())
        })
    }

    /// Notes of titles' folders whether they are the user's.
    pub fn note_ownership(&mut self, titles: &[(TitleId, Ownership)]) -> Result<(), LedgerError> {
        if titles.is_empty() {
            return Ok(());
        }
        self.transaction(|transaction| {
            let sql = "UPDATE titles SET shared = ?2 WHERE id = ?1";
            let mut statement = transaction.prepare_cached(sql)?;
            let mut note = |(id, whose): &(TitleId, Ownership)| {
                statement.execute(params![id.0, whose.is_users()]).map(drop)
            };
            titles.iter().try_for_each(&mut note)
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

    /// Notes of titles that were removed that the catalogue does not have them any more either.
    pub fn missed(&mut self, titles: &[TitleId]) -> Result<(), LedgerError> {
        if titles.is_empty() {
            return Ok(());
        }
        let this_run = self.clocks.this_run("kind");
        self.transaction(|transaction| {
            let sql = format!("UPDATE titles SET gone = {this_run} WHERE id = ?1 AND gone IS NULL");
            let mut statement = transaction.prepare_cached(&sql)?;
            titles.iter().try_for_each(|title| statement.execute([title.0]).map(drop))
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
                    "UPDATE titles SET gone = NULL, hold = NULL WHERE id = ?1",
                    "UPDATE copies SET gone = NULL WHERE title = ?1 AND passage IS NOT 'lapsed'",
                ] {
                    transaction.prepare_cached(sql)?.execute([title.0])?;
                }
            }
            Ok(())
        })
    }

    /// Notes of titles that their entries are other titles' now.
    pub fn unite(&mut self, titles: &HashMap<TitleId, (Kind, TitleId)>) -> Result<(), LedgerError> {
        if titles.is_empty() {
            return Ok(());
        }
        let this_run = Kind::ALL.map(|kind| self.this_run(kind));
        self.transaction(|transaction| {
            for (title, (kind, other)) in titles {
                unite(transaction, title.0, other.0, this_run[*kind as usize])?;
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
        let (run, this_run) = (self.run, Kind::ALL.map(|kind| self.this_run(kind)));
        self.transaction(|transaction| {
            let mut accounts: BTreeMap<i64, &str> = BTreeMap::new();
            let mut taken: BTreeMap<AccountContent, usize> = BTreeMap::new();
            for record in titles {
                let this_run = this_run[usize::from(record.title.kind == Kind::Series)];
                let streams = record.title.streams.iter();
                accounts.extend(streams.map(|stream| (stream.account.id, &*stream.account.name)));
                let id = record_title(transaction, record, now, this_run, &mut taken)?;
                if let Some(what) = record.what {
                    note_change(transaction, run, id, what.as_str(), record.changed())?;
                }
            }
            for folder in settled {
                settle_folder(transaction, folder)?;
            }
            note_accounts(transaction, &accounts)?;
            lower_all(transaction, &taken)
        })
    }

    /// Notes the text of a filter under which titles are let in. With a new one go those that nobody refers to any more.
    pub fn note_filter(&self, filter: Fingerprint, text: &str) -> Result<(), LedgerError> {
        let insert = "INSERT OR IGNORE INTO filters (filter, text) VALUES (?1, ?2)";
        let prune = "DELETE FROM filters WHERE filter <> ?1
                     AND filter NOT IN (SELECT filter FROM titles WHERE filter IS NOT NULL)
                     AND lower(hex(filter)) NOT IN
                         (SELECT substr(value, 1, 32) FROM meta WHERE key LIKE 'will about %')";
        let id = filter.0.to_be_bytes();
        let noted = self.db.execute(insert, params![id, text]).and_then(|new| match new {
            0 => Ok(0),
            _ => self.db.execute(prune, [id]),
        });
        noted.map(drop).map_err(|source| self.error("write", source))
    }
}

/// Remembers the names of accounts; a row that says so already is not written.
fn note_accounts(db: &Transaction<'_>, accounts: &BTreeMap<i64, &str>) -> rusqlite::Result<()> {
    let sql = "INSERT INTO accounts (id, name) VALUES (?1, ?2)
               ON CONFLICT DO UPDATE SET name = excluded.name WHERE name <> excluded.name";
    for (id, name) in accounts {
        db.prepare_cached(sql)?.execute(params![id, name])?;
    }
    Ok(())
}

/// All that was announced for a folder is accounted for.
pub(super) fn settle_folder(db: &Transaction<'_>, folder: &str) -> rusqlite::Result<()> {
    db.prepare_cached("DELETE FROM pending WHERE folder = ?1")?.execute([folder])?;
    Ok(())
}

fn announce_title(db: &Transaction<'_>, plan: &TitlePlan) -> rusqlite::Result<()> {
    let Some(folder) = plan.title_folder() else { return Ok(()) };
    let news = plan.files().filter(|file| file.change != Change::Keep);
    let renamed = plan.files().filter(|file| file.from.is_some());
    let renamed = renamed.filter_map(PlannedFile::written);
    let hashes = news.map(|file| file.hash).chain(renamed);
    let hashes: Vec<u8> = hashes.flat_map(|hash| hash.0.to_be_bytes()).collect();
    if let Some(id) = plan.known
        && plan.has_renames()
    {
        // If the run is cut off, the next one goes on renaming, whether it was asked to or not.
        db.prepare_cached("UPDATE titles SET naming = NULL WHERE id = ?1")?.execute([id.0])?;
    }
    let is_users = plan.ownership == Ownership::Users;
    add_pending(db, &folder.to_string(), &hashes, is_users)
}

/// Adds contents that may be in a folder (below the output folder), and whether it is the user's. What was noted
/// first stays: a run that was cut off may have put its files there since.
pub(super) fn add_pending(
    db: &Transaction<'_>,
    folder: &str,
    hashes: &[u8],
    is_users: bool,
) -> rusqlite::Result<()> {
    let sql = "INSERT INTO pending (folder, hashes, shared) VALUES (?1, ?2, ?3)
               ON CONFLICT (folder) DO UPDATE SET hashes = CAST(hashes || excluded.hashes AS BLOB)";
    db.prepare_cached(sql)?.execute(params![folder, hashes, is_users])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use vod2strm_core::hash::ContentHash;
    use vod2strm_core::model::file::Item;
    use vod2strm_core::model::media::{Account, Details, SourceKey, Stream, Title};
    use vod2strm_core::plan::settle::{FileNote, FileRecord};
    use vod2strm_core::plan::{EpisodeChanges, FileChange};
    use vod2strm_core::render::Desired;

    use super::*;

    fn title(name: &str, streams: &[&str]) -> Title {
        let account = Arc::new(Account { id: 7, name: "P".into(), priority: 0, login: None });
        let stream = |stream: &&str| Stream::new(account.clone(), (*stream).to_owned());
        Title {
            kind: Kind::Movie,
            key: SourceKey(1),
            uuid: None,
            details: Details { name: name.into(), tmdb: Some("603".into()), ..Details::default() },
            streams: streams.iter().map(stream).collect(),
            episodes: Vec::new(),
        }
    }

    fn record(title: &Title, known: Option<TitleId>, hash: u128) -> TitleRecord {
        let path = "A.strm".to_owned();
        TitleRecord {
            title: title.clone(),
            episode_streams: Vec::new(),
            measured: Vec::new(),
            ownership: Ownership::Ours,
            what: None,
            known,
            folder: Some("A".to_owned()),
            nfo_title: None,
            fingerprint: Fingerprint(u128::MAX - 5),
            problem: None,
            naming: Some(Fingerprint(3)),
            filter: None,
            is_filled: false,
            episodes: EpisodeChanges::default(),
            folders: vec![(String::new(), 5)],
            files: vec![FileNote::Written(FileRecord {
                key: FileKey::strm_of(Item::Movie),
                path,
                size: 10,
                hash: ContentHash(hash),
                account: Some(7),
                stream: None,
            })],
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
        assert_eq!(known.files[&FileKey::strm_of(Item::Movie)].hash, Some(ContentHash(5)));
    }

    #[test]
    fn recording_again_replaces_and_a_stream_has_one_title() {
        let dir = tempfile::tempdir().unwrap();
        let mut ledger = Ledger::open(&dir.path().join("ledger.sqlite")).unwrap();
        let (a, b) = (title("A", &["1", "2"]), title("B", &["2"]));
        ledger.record(&[record(&a, None, 5)], &[], 1).unwrap();
        ledger.record(&[record(&b, None, 6), record(&a, Some(TitleId(1)), 7)], &[], 2).unwrap();
        assert_eq!(ledger.count_titles().unwrap(), 2);
        let titles = ledger.titles(&[TitleId(1), TitleId(2)]).unwrap();
        assert_eq!(
            titles[&TitleId(1)].files[&FileKey::strm_of(Item::Movie)].hash,
            Some(ContentHash(7))
        );
        let streams: i64 =
            ledger.db.query_row("SELECT count(*) FROM copies", [], |r| r.get(0)).unwrap();
        assert_eq!(streams, 2);
    }

    #[test]
    fn what_was_announced_is_left_over_until_it_is_recorded() {
        let dir = tempfile::tempdir().unwrap();
        let mut ledger = Ledger::open(&dir.path().join("ledger.sqlite")).unwrap();
        let film = title("A", &["1"]);
        ledger.announce(&[plan_of(&film, b"one")], &Habits::new()).unwrap();
        ledger.announce(&[plan_of(&film, b"two")], &Habits::new()).unwrap();
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
            key: FileKey::strm_of(Item::Movie),
            path: "A.strm".into(),
            content: content.to_vec(),
            season: None,
            episode: None,
            account: Some(7),
            stream: None,
        };
        TitlePlan {
            title: title.clone(),
            known: None,
            fingerprint: Fingerprint(1),
            folder: Some("A".into()),
            nfo_title: None,
            naming: Fingerprint(3),
            filter: None,
            had_files: false,
            episodes: EpisodeChanges::default(),
            is_stuck: false,
            is_moved: false,
            changes: vec![FileChange::Want(PlannedFile::new(file, Change::Create))],
            omissions: Vec::new(),
            ownership: Ownership::Unknown,
            keeps_uuids: false,
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
