//! Questions to the ledger: a constant number of statements per run, and two per batch of changed
//! titles.

use std::collections::{HashMap, HashSet};

use rusqlite::Row;
use vod2strm_core::hash::{ContentHash, Fingerprint};
use vod2strm_core::hold::HoldId;
use vod2strm_core::identity::claims::Claims;
use vod2strm_core::identity::compare::{KnownIndex, StreamState};
use vod2strm_core::identity::known::{
    Cause, FilterState, Known, KnownFile, KnownStream, KnownTitle, TitleId, Unwanted,
};
use vod2strm_core::model::ids::{ImdbId, TmdbId};
use vod2strm_core::model::left_out::LeftOutBy;
use vod2strm_core::model::media::Kind;
use vod2strm_core::model::ownership::Ownership;
use vod2strm_core::model::stamp::{ExternalId, StreamId};
use vod2strm_core::model::stated::Meaning;
use vod2strm_core::naming::{TitleFolder, library_root};
use vod2strm_core::path::RelPath;
use vod2strm_core::removal::REMEMBERED_DAYS;

use super::keys::key_in;
use super::{FolderStamp, Ledger, LedgerError};
use crate::apply::leftovers::Leftovers;
use crate::fs::tree::TreeError;

/// Folders that are looked at together.
const CHUNK: usize = 2_048;

impl Ledger {
    /// Whether some file has just this content. Looks at all files: to be asked once a run.
    pub fn has_content(&self, hash: ContentHash) -> Result<bool, LedgerError> {
        let sql = "SELECT EXISTS (SELECT 1 FROM files WHERE hash = ?1)";
        let found = self.db.query_row(sql, [hash.0.to_be_bytes()], |row| row.get(0));
        found.map_err(|source| self.error("read", source))
    }

    /// Whether a title has files of several of its streams.
    pub fn has_versions(&self) -> Result<bool, LedgerError> {
        let sql =
            "SELECT EXISTS (SELECT 1 FROM files WHERE key GLOB 'strm@*' OR key GLOB 's*.strm@*')";
        let found = self.db.query_row(sql, [], |row| row.get(0));
        found.map_err(|source| self.error("read", source))
    }

    /// How many titles there are.
    pub fn count_titles(&self) -> Result<u64, LedgerError> {
        let count = self.db.query_row(
            "SELECT count(*) FROM titles WHERE removed IS NULL AND united IS NULL",
            [],
            |row| row.get::<_, i64>(0),
        );
        count.map(i64::unsigned_abs).map_err(|source| self.error("read", source))
    }

    /// The folders of the titles of a kind, below its root.
    pub fn folders_of(&self, kind: Kind) -> Result<Vec<String>, LedgerError> {
        let sql = "SELECT folder FROM titles
                   WHERE kind = ?1 AND removed IS NULL AND folder IS NOT NULL";
        let read = || -> rusqlite::Result<Vec<String>> {
            let mut statement = self.db.prepare_cached(sql)?;
            statement.query_map([kind.as_str()], |row| row.get(0))?.collect()
        };
        read().map_err(|source| self.error("read", source))
    }

    /// Whether a title of a kind has a folder.
    pub fn has_folders(&self, kind: Kind) -> Result<bool, LedgerError> {
        let sql = "SELECT EXISTS (SELECT 1 FROM titles
                   WHERE kind = ?1 AND removed IS NULL AND folder IS NOT NULL)";
        let has = self.db.query_row(sql, [kind.as_str()], |row| row.get(0));
        has.map_err(|source| self.error("read", source))
    }

    /// How many titles were named by other rules than these.
    pub fn count_old_names(&self, naming: Fingerprint) -> Result<u64, LedgerError> {
        let sql = "SELECT count(*) FROM titles
                   WHERE removed IS NULL AND folder IS NOT NULL AND NOT filtered AND united IS NULL
                     AND naming IS NOT ?1";
        let count = self.db.query_row(sql, [naming.0.to_be_bytes()], |row| row.get::<_, i64>(0));
        count.map(i64::unsigned_abs).map_err(|source| self.error("read", source))
    }

    /// All titles, in the form that every run needs: two statements, whatever their number.
    /// `naming` are the rules for names of today.
    pub fn index(&self, naming: Fingerprint) -> Result<KnownIndex, LedgerError> {
        self.index_of(naming, None)
    }

    /// As `index`, but only these titles, if some are named.
    pub fn index_of(
        &self,
        naming: Fingerprint,
        titles: Option<&[TitleId]>,
    ) -> Result<KnownIndex, LedgerError> {
        let mut index = KnownIndex::default();
        let only = |column: &str| match titles {
            Some(titles) => format!("{column} IN ({})", id_list(titles.iter().copied())),
            None => "TRUE".to_owned(),
        };
        self.each(
            &format!(
                "SELECT id, kind, fingerprint, folder IS NOT NULL AND removed IS NULL, tmdb, imdb, {},
                        removed IS NOT NULL, naming, filtered FROM titles
                 WHERE united IS NULL AND {} ORDER BY id",
                self.clocks.missed("kind", "gone"),
                only("id")
            ),
            |row| {
                let kind = parse_kind(row, 1)?;
                let id = TitleId(row.get(0)?);
                let fingerprint = Fingerprint(u128_at(row, 2)?);
                index.add(Known {
                    id,
                    kind,
                    fingerprint,
                    has_folder: row.get(3)?,
                    left_out_by: LeftOutBy::of_code(row.get(9)?),
                    missing_runs: row.get(6)?,
                    is_removed: row.get(7)?,
                    has_old_names: fingerprint_at(row, 8)? != Some(naming),
                });
                let tmdb = text_at(row, 4)?.and_then(TmdbId::read);
                let imdb = text_at(row, 5)?.and_then(ImdbId::read);
                for external in ExternalId::of(kind, tmdb, imdb) {
                    index.add_external(id, external);
                }
                Ok(())
            },
        )?;
        let sql = format!(
            "SELECT title, kind, account, stream, gone IS NOT NULL, passage IS 'lapsed', apart IS NOT NULL,
                    {} FROM copies WHERE {}",
            self.clocks.missed("kind", "apart"),
            only("title")
        );
        self.each(&sql, |row| {
            let stream = text_at(row, 3)?.unwrap_or_default();
            let stream = StreamId::new(parse_kind(row, 1)?, row.get(2)?, stream);
            let state = match (row.get(5)?, row.get(4)?) {
                (true, _) => StreamState::Dropped,
                (false, true) => StreamState::Missing,
                (false, false) => StreamState::There,
            };
            index.add_stream(TitleId(row.get(0)?), stream, state);
            if row.get(6)? {
                index.add_apart(stream, row.get(7)?);
            }
            Ok(())
        })?;
        Ok(index)
    }

    /// The folders that are given away, and the titles in series' NFOs; asked only when a title needs one.
    pub fn claims(&self) -> Result<Claims, LedgerError> {
        self.claims_where("TRUE")
    }

    /// The folders of titles whose files were not removed.
    pub fn claims_in_use(&self) -> Result<Claims, LedgerError> {
        self.claims_where("removed IS NULL")
    }

    fn claims_where(&self, which: &str) -> Result<Claims, LedgerError> {
        let mut claims = Claims::default();
        // The oldest decides how folders above titles are spelled.
        let sql = format!(
            "SELECT kind, folder, id, nfo_title FROM titles WHERE folder IS NOT NULL AND {which} ORDER BY id"
        );
        self.each(&sql, |row| {
            let folder = text_at(row, 1)?.unwrap_or_default();
            let id = TitleId(row.get(2)?);
            claims.insert(library_root(parse_kind(row, 0)?), folder, id);
            if let Some(title) = text_at(row, 3)? {
                claims.insert_nfo_title(title, id);
            }
            Ok(())
        })?;
        Ok(claims)
    }

    /// The folders of all titles, below their roots, and whose they are.
    pub fn folders(&self) -> Result<HashMap<TitleId, (String, Ownership)>, LedgerError> {
        let mut folders = HashMap::new();
        self.each("SELECT id, folder, shared FROM titles WHERE folder IS NOT NULL", |row| {
            let ownership = row.get::<_, Option<bool>>(2)?.into();
            folders.insert(TitleId(row.get(0)?), (row.get(1)?, ownership));
            Ok(())
        })?;
        Ok(folders)
    }

    /// The folders of which it is not known whether they are the user's, below the output folder. They are those of a
    /// ledger that an older vod2strm has written.
    pub fn unclear_folders(
        &self,
        kinds: &[Kind],
    ) -> Result<Vec<(TitleId, Kind, RelPath)>, LedgerError> {
        let mut unclear = Vec::new();
        let sql = "SELECT id, kind, folder FROM titles
                   WHERE shared IS NULL AND folder IS NOT NULL AND removed IS NULL";
        self.each(sql, |row| {
            let (kind, folder) = (parse_kind(row, 1)?, text_at(row, 2)?.unwrap_or_default());
            let path = TitleFolder::new(kind, folder).path();
            if kinds.contains(&kind) {
                unclear.push((TitleId(row.get(0)?), kind, path.map_err(|error| bad(2, error))?));
            }
            Ok(())
        })?;
        Ok(unclear)
    }

    /// How many titles of each of these kinds are in folders of the user's.
    pub fn count_shared(&self, kinds: &[Kind]) -> Result<Vec<(Kind, u64)>, LedgerError> {
        let mut counts: Vec<(Kind, u64)> = kinds.iter().map(|kind| (*kind, 0)).collect();
        let sql =
            "SELECT kind, count(*) FROM titles WHERE shared AND removed IS NULL GROUP BY kind";
        self.each(sql, |row| {
            let (kind, number) = (parse_kind(row, 0)?, row.get::<_, i64>(1)?.unsigned_abs());
            let count = counts.iter_mut().find(|(it, _)| *it == kind);
            count.into_iter().for_each(|(_, count)| *count = number);
            Ok(())
        })?;
        Ok(counts)
    }

    /// The folders below these titles' that were written to.
    pub fn dirs(&self, titles: &[TitleId]) -> Result<HashMap<TitleId, Vec<String>>, LedgerError> {
        let mut dirs: HashMap<TitleId, Vec<String>> = HashMap::new();
        let list = id_list(titles.iter().copied());
        let sql = format!("SELECT title, path FROM dirs WHERE title IN ({list}) AND path <> ''");
        self.each(&sql, |row| {
            dirs.entry(TitleId(row.get(0)?)).or_default().push(row.get(1)?);
            Ok(())
        })?;
        Ok(dirs)
    }

    /// The titles of which the ledger may know less than the disk has. A run that was cut off was writing some of them.
    /// Others were found to have files of which the ledger does not say what they are for.
    pub fn unsure(&self, leftovers: &Leftovers) -> Result<HashSet<TitleId>, LedgerError> {
        let keyless = self.keyless_files().into_iter();
        let mut unsure: HashSet<TitleId> = keyless.map(|file| file.title).collect();
        if !leftovers.folders().is_empty() {
            self.each("SELECT kind, folder, id FROM titles WHERE folder IS NOT NULL", |row| {
                let (kind, folder) = (parse_kind(row, 0)?, text_at(row, 1)?.unwrap_or_default());
                if leftovers.has(&TitleFolder::new(kind, folder).to_string()) {
                    unsure.insert(TitleId(row.get(2)?));
                }
                Ok(())
            })?;
        }
        Ok(unsure)
    }

    /// The ids of all titles, in groups of one kind and bounded size.
    pub fn title_groups(&self) -> Result<Vec<(Kind, Vec<TitleId>)>, LedgerError> {
        self.groups("TRUE")
    }

    /// The same of the titles that were written by the last complete run that wrote any, or by runs that were cut off
    /// after it. The run at work does not count.
    pub fn written_last(&self) -> Result<Vec<(Kind, Vec<TitleId>)>, LedgerError> {
        let run = self.run.unwrap_or(0);
        self.groups(&format!(
            "id IN (SELECT title FROM changes
                WHERE run <> {run} AND what IN ('new', 'changed', 'moved') AND run >= (
                    SELECT coalesce(max(run), 0) FROM changes JOIN runs ON runs.id = run
                    WHERE status IN (0, 3, 4) AND run <> {run} AND what IN ('new', 'changed', 'moved')))"
        ))
    }

    /// The ids of the titles that have a folder and of which this is true.
    fn groups(&self, which: &str) -> Result<Vec<(Kind, Vec<TitleId>)>, LedgerError> {
        let mut groups: Vec<(Kind, Vec<TitleId>)> = Vec::new();
        let sql = format!(
            "SELECT id, kind FROM titles WHERE folder IS NOT NULL AND removed IS NULL AND {which}
             ORDER BY kind, id"
        );
        self.each(&sql, |row| {
            let (id, kind) = (TitleId(row.get(0)?), parse_kind(row, 1)?);
            match groups.last_mut() {
                Some((last, ids)) if *last == kind && ids.len() < 500 => ids.push(id),
                _ => groups.push((kind, vec![id])),
            }
            Ok(())
        })?;
        Ok(groups)
    }

    /// The paths of all `.strm` files, below the output folder.
    pub fn strm_paths(&self) -> Result<HashSet<String>, LedgerError> {
        let mut paths = HashSet::new();
        let sql = "SELECT t.kind, t.folder, f.path FROM files f JOIN titles t ON t.id = f.title
                   WHERE t.folder IS NOT NULL AND played(f.key) IS NOT NULL";
        self.each(sql, |row| {
            let (kind, folder) = (parse_kind(row, 0)?, text_at(row, 1)?.unwrap_or_default());
            let path = text_at(row, 2)?.unwrap_or_default();
            paths.insert(TitleFolder::new(kind, folder).below(path));
            Ok(())
        })?;
        Ok(paths)
    }

    /// The folders of the titles of these kinds, in chunks of bounded size: one statement.
    pub fn each_folder(
        &self,
        kinds: &[Kind],
        mut take: impl FnMut(Vec<FolderStamp>) -> Result<(), TreeError>,
    ) -> Result<Result<(), TreeError>, LedgerError> {
        let (mut chunk, mut failed) = (Vec::with_capacity(CHUNK), None);
        let sql = "SELECT t.id, t.kind, t.folder, d.path, d.changed FROM dirs d
                   JOIN titles t ON t.id = d.title ORDER BY d.title";
        self.each(sql, |row| {
            let kind = parse_kind(row, 1)?;
            if failed.is_some() || !kinds.contains(&kind) {
                return Ok(());
            }
            let (folder, below): (String, String) = (row.get(2)?, row.get(3)?);
            let path = RelPath::parse(&TitleFolder::new(kind, &folder).below(&below));
            let path = path.map_err(|error| bad(2, error))?;
            let title = TitleId(row.get(0)?);
            chunk.push(FolderStamp { title, path, below, changed: row.get(4)? });
            if chunk.len() == CHUNK {
                failed = take(std::mem::take(&mut chunk)).err();
            }
            Ok(())
        })?;
        Ok(match failed {
            Some(error) => Err(error),
            None => take(chunk),
        })
    }

    /// Folder and files of these titles: two statements, whatever their number.
    pub fn titles(&self, ids: &[TitleId]) -> Result<HashMap<TitleId, KnownTitle>, LedgerError> {
        let mut titles: HashMap<TitleId, KnownTitle> = HashMap::with_capacity(ids.len());
        if ids.is_empty() {
            return Ok(titles);
        }
        let list = id_list(ids.iter().copied());
        self.each(
            &format!(
                "SELECT id, folder, kind, name, year, naming, added, filter, filtered, hold, most, most_day,
                        shared, nfo_title FROM titles WHERE id IN ({list})"
            ),
            |row| {
                let kind = parse_kind(row, 2)?;
                let title = titles.entry(TitleId(row.get(0)?)).or_default();
                (title.folder, title.name, title.year) = (row.get(1)?, row.get(3)?, row.get(4)?);
                title.naming = fingerprint_at(row, 5)?;
                title.added = row.get(6)?;
                title.filter = fingerprint_at(row, 7)?;
                (title.is_filtered, title.hold) = (row.get(8)?, hold_at(row, 9)?);
                title.most_episodes = match row.get::<_, i64>(11)? {
                    day if day > self.clocks.of(kind).days - REMEMBERED_DAYS => row.get::<_, u32>(10)? as usize,
                    _ => 0,
                };
                title.ownership = row.get::<_, Option<bool>>(12)?.into();
                title.nfo_title = row.get(13)?;
                Ok(())
            },
        )?;
        let files = format!(
            "SELECT title, key, path, hash, account, files.gone, cause, files.hold, {}, size, kind, files.stream
             FROM files JOIN titles ON titles.id = title WHERE title IN ({list})",
            self.clocks.missed("kind", "files.gone")
        );
        self.each(&files, |row| {
            let title = titles.entry(TitleId(row.get(0)?)).or_default();
            let Some(key) = key_in(row.get_ref(1)?) else {
                let kind = parse_kind(row, 10)?;
                self.keyless.borrow_mut().meet(row, kind, title.folder.as_deref())?;
                return Ok(());
            };
            let (path, hash) = (row.get(2)?, Some(ContentHash(u128_at(row, 3)?)));
            let (account, unwanted) = (row.get(4)?, unwanted_at(row, 5)?);
            let size = u64::try_from(row.get::<_, i64>(9)?).unwrap_or(0);
            let stream = row.get::<_, Option<i64>>(11)?.map(|stream| StreamId(stream as u64));
            let file = KnownFile { path, hash, size, account, stream, is_edited: false, unwanted };
            title.files.insert(key, file);
            Ok(())
        })?;
        Ok(titles)
    }

    /// All streams, also of titles that were removed: one statement.
    pub fn each_stream(&self, mut take: impl FnMut(KnownStream)) -> Result<(), LedgerError> {
        // A title that was removed had its streams until it was first missed.
        let sql = format!(
            "SELECT c.title, c.kind, c.account, c.category, c.stream, {}, coalesce(c.gone, t.gone),
                    c.passage, c.since, t.removed IS NOT NULL, t.let_go,
                    EXISTS (SELECT 1 FROM files f WHERE f.title = t.id AND played(f.key) IS NOT NULL),
                    c.let_in IS NOT NULL
             FROM copies c JOIN titles t ON t.id = c.title",
            self.clocks.missed("c.kind", "c.gone")
        );
        self.each(&sql, |row| {
            take(KnownStream {
                title: TitleId(row.get(0)?),
                kind: parse_kind(row, 1)?,
                account: row.get(2)?,
                category: row.get(3)?,
                stream_id: row.get(4)?,
                missing_runs: row.get(5)?,
                missing_since: row.get(6)?,
                filter_state: filter_state_at(row, 7)?,
                since: row.get(8)?,
                is_removed: row.get(9)?,
                is_let_go: row.get(10)?,
                has_files: row.get(11)?,
                is_let_in: row.get(12)?,
            });
            Ok(())
        })
    }

    /// For titles that have no streams any more: a stream from each account whose streams their files play, as if it had
    /// always been there. Its stream is another title's now; the title's own number stands for it.
    pub fn each_played(
        &self,
        titles: &[TitleId],
        mut take: impl FnMut(KnownStream),
    ) -> Result<(), LedgerError> {
        if titles.is_empty() {
            return Ok(());
        }
        let sql = format!(
            "SELECT DISTINCT t.id, t.kind, f.account, {}, t.gone FROM files f JOIN titles t ON t.id = f.title
             WHERE t.removed IS NULL AND f.account IS NOT NULL AND t.id IN ({})",
            self.clocks.missed("t.kind", "t.gone"),
            id_list(titles.iter().copied())
        );
        self.each(&sql, |row| {
            take(KnownStream {
                title: TitleId(row.get(0)?),
                kind: parse_kind(row, 1)?,
                account: row.get(2)?,
                category: None,
                stream_id: format!("title {}", row.get::<_, i64>(0)?),
                missing_runs: row.get(3)?,
                missing_since: row.get(4)?,
                filter_state: FilterState::Wanted,
                since: 0,
                is_removed: false,
                is_let_go: false,
                has_files: true,
                is_let_in: false,
            });
            Ok(())
        })
    }

    /// The texts of the filters under which titles were let in.
    pub fn filters(&self) -> Result<HashMap<Fingerprint, String>, LedgerError> {
        let mut filters = HashMap::new();
        self.each("SELECT filter, text FROM filters", |row| {
            filters.insert(Fingerprint(u128_at(row, 0)?), row.get(1)?);
            Ok(())
        })?;
        Ok(filters)
    }

    /// The titles that have files which nothing wants any more, and that are right otherwise. Where a title's entries are
    /// another's now, that one has to be right, too.
    pub fn with_unwanted(&self) -> Result<Vec<(TitleId, Kind)>, LedgerError> {
        let mut titles = Vec::new();
        let sql = "SELECT id, kind FROM titles t WHERE id IN
                   (SELECT title FROM files WHERE gone IS NOT NULL AND cause <> 'kept')
                   AND problem IS NULL
                   AND NOT EXISTS (SELECT 1 FROM titles o WHERE o.id = t.united AND o.problem IS NOT NULL)
                   ORDER BY id";
        self.each(sql, |row| {
            titles.push((TitleId(row.get(0)?), parse_kind(row, 1)?));
            Ok(())
        })?;
        Ok(titles)
    }

    pub(super) fn each(
        &self,
        sql: &str,
        mut take: impl FnMut(&Row<'_>) -> rusqlite::Result<()>,
    ) -> Result<(), LedgerError> {
        let mut read = || -> rusqlite::Result<()> {
            let mut statement = self.db.prepare(sql)?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                take(row)?;
            }
            Ok(())
        };
        read().map_err(|source| match source {
            rusqlite::Error::FromSqlConversionFailure(column, _, reason) => {
                self.damaged(format!("column {column} of \"{sql}\": {reason}"))
            }
            rusqlite::Error::InvalidColumnType(_, name, found) => {
                self.damaged(format!("{name} is {found}"))
            }
            source => self.error("read", source),
        })
    }
}

/// A statement that gives these ids.
pub(super) fn id_list(ids: impl Iterator<Item = TitleId>) -> String {
    let ids: Vec<String> = ids.map(|id| id.0.to_string()).collect();
    format!("SELECT value FROM json_each('[{}]')", ids.join(","))
}

pub(super) fn text_at<'a>(row: &'a Row<'_>, column: usize) -> rusqlite::Result<Option<&'a str>> {
    let value = row.get_ref(column)?;
    value.as_str_or_null().map_err(|error| bad(column, error))
}

pub(super) fn parse_kind(row: &Row<'_>, column: usize) -> rusqlite::Result<Kind> {
    let text = text_at(row, column)?.unwrap_or_default();
    Kind::ALL
        .into_iter()
        .find(|kind| kind.as_str() == text)
        .ok_or_else(|| bad(column, format!("{text:?} is no kind of title")))
}

pub(super) fn filter_state_at(row: &Row<'_>, column: usize) -> rusqlite::Result<FilterState> {
    let word = text_at(row, column)?;
    let filter_state =
        FilterState::ALL.into_iter().find(|filter_state| filter_state.as_str() == word);
    filter_state.ok_or_else(|| bad(column, format!("{word:?} says nothing of a filter")))
}

/// Columns: the run since which nothing wants the file, the cause, the hold, and the runs that missed it.
fn unwanted_at(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Unwanted>> {
    if row.get::<_, Option<i64>>(column)?.is_none() {
        return Ok(None);
    }
    let word = text_at(row, column + 1)?.unwrap_or_default();
    let cause = Cause::ALL.into_iter().find(|cause| cause.as_str() == word);
    let cause = cause.ok_or_else(|| bad(column + 1, format!("{word:?} is no cause")))?;
    Ok(Some(Unwanted { cause, runs: row.get(column + 3)?, hold: hold_at(row, column + 2)? }))
}

pub(super) fn hold_at(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<HoldId>> {
    let Some(text) = text_at(row, column)? else { return Ok(None) };
    text.parse().map(Some).map_err(|error| bad(column, error))
}

pub(super) fn fingerprint_at(
    row: &Row<'_>,
    column: usize,
) -> rusqlite::Result<Option<Fingerprint>> {
    match row.get_ref(column)? {
        rusqlite::types::ValueRef::Null => Ok(None),
        _ => Ok(Some(Fingerprint(u128_at(row, column)?))),
    }
}

fn u128_at(row: &Row<'_>, column: usize) -> rusqlite::Result<u128> {
    let bytes = row.get_ref(column)?.as_blob().map_err(|error| bad(column, error))?;
    let bytes: [u8; 16] = bytes.try_into().map_err(|_| bad(column, "not 16 bytes"))?;
    Ok(u128::from_be_bytes(bytes))
}

pub(super) fn bad(
    column: usize,
    reason: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> rusqlite::Error {
    let kind = rusqlite::types::Type::Null;
    rusqlite::Error::FromSqlConversionFailure(column, kind, reason.into())
}
