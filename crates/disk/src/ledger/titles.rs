//! A title's entries: its row, its streams, its files, its folders, its episodes.

use std::collections::{BTreeMap, HashMap, HashSet};

use rusqlite::{ToSql, Transaction, params};
use vod2strm_core::hold::Content;
use vod2strm_core::identity::known::FilterState;
use vod2strm_core::model::file::FileKey;
use vod2strm_core::model::left_out::LeftOutBy;
use vod2strm_core::model::media::{Kind, Stream};
use vod2strm_core::model::ownership::Ownership;
use vod2strm_core::model::stated::text;
use vod2strm_core::naming::TitleFolder;
use vod2strm_core::plan::settle::{FileNote, FileRecord, TitleRecord};
use vod2strm_core::removal::{AccountContent, REMEMBERED_DAYS};

use super::headings::kept_episodes;
use super::holds::lower_all;
use super::left_behind::forget_occupied;
use super::measured::note_measured;
use super::read::{filter_state_at, parse_kind};

pub(super) fn forget_file(db: &Transaction<'_>, title: i64, key: &FileKey) -> rusqlite::Result<()> {
    let sql = "DELETE FROM files WHERE title = ?1 AND key = ?2";
    db.prepare_cached(sql)?.execute(params![title, key.to_string()])?;
    Ok(())
}

/// Notes of a title that the catalogue has, and whose last file has gone, that its files were removed. The title has
/// nothing to play, and is counted as such.
pub(super) fn note_emptied(db: &Transaction<'_>, title: i64, now: i64) -> rusqlite::Result<()> {
    let sql = "UPDATE titles SET removed = coalesce(removed, ?2)
               WHERE id = ?1 AND gone IS NULL AND folder IS NOT NULL AND NOT EXISTS
               (SELECT 1 FROM files WHERE title = ?1 AND cause IS NOT 'kept')";
    if db.prepare_cached(sql)?.execute(params![title, now])? > 0 {
        db.prepare_cached("DELETE FROM dirs WHERE title = ?1")?.execute([title])?;
    }
    Ok(())
}

pub(super) fn stamp_folder(
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

/// Gives the title's id. `this_run` is the run's number among the complete ones of its kind.
pub(super) fn record_title(
    db: &Transaction<'_>,
    record: &TitleRecord,
    now: i64,
    this_run: i64,
    taken: &mut BTreeMap<AccountContent, usize>,
) -> rusqlite::Result<i64> {
    let filter_states = filter_states(db, record, taken)?;
    let id = write_title(db, record, now)?;
    let kind = record.title.kind.as_str();
    // What was dropped goes on to be counted as missing. A row that says so already is not written: its page
    // would be, and most streams are the same.
    let sql = "INSERT INTO copies (kind, account, stream, category, title, passage, since, let_in)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO UPDATE SET
               category = excluded.category, title = excluded.title, passage = excluded.passage,
               apart = CASE WHEN title = excluded.title THEN apart END,
               let_in = CASE WHEN excluded.passage IS NULL THEN coalesce(let_in, excluded.let_in) END,
               gone = CASE WHEN excluded.passage IS 'lapsed' THEN gone END
               WHERE (category, title, passage) IS NOT
                     (excluded.category, excluded.title, excluded.passage)
               OR passage IS NOT 'lapsed' AND gone IS NOT NULL";
    let mut statement = db.prepare_cached(sql)?;
    for (stream, (filter_state, is_let_in)) in record.title.streams.iter().zip(filter_states) {
        let (account, number, filter_state) =
            (stream.account.id, &stream.stream_id, filter_state.as_str());
        let let_in = is_let_in.then_some(1);
        let values =
            params![kind, account, number, stream.category, id, filter_state, this_run, let_in];
        statement.execute(values)?;
    }
    note_measured(db, record, id)?;
    write_files(db, record, id, this_run, now)?;
    if record.files.iter().any(|note| matches!(note, FileNote::Forgotten(_))) {
        note_emptied(db, id, now)?;
    }
    if let (Some(folder), Ownership::Users) = (&record.folder, record.ownership) {
        // It is the user's by now: it stays, also when it is empty.
        forget_occupied(db, &TitleFolder::new(record.title.kind, folder).to_string())?;
    }
    for (below, changed) in &record.folders {
        stamp_folder(db, id, below, *changed)?;
    }
    if record.title.kind == Kind::Series {
        count_episodes(db, id, record.episodes.taken)?;
        for (account, number) in &record.episodes.accounts {
            let scope = AccountContent { account: *account, content: Content::Episodes };
            *taken.entry(scope).or_default() += number;
        }
    }
    Ok(id)
}

/// How many episodes a series has that are wanted, or missing from the catalogue.
pub(super) fn episodes_of(db: &Transaction<'_>, title: i64) -> rusqlite::Result<usize> {
    let sql = "SELECT count(DISTINCT played(key)) FROM files
               WHERE title = ?1 AND (cause IS NULL OR cause = 'catalogue')";
    let number: u32 = db.prepare_cached(sql)?.query_row([title], |row| row.get(0))?;
    Ok(number as usize)
}

/// Counts the episodes of a series by account, and remembers the most that it had, lowered by what the user's will
/// or a permission took.
pub(super) fn count_episodes(
    db: &Transaction<'_>,
    title: i64,
    taken: usize,
) -> rusqlite::Result<()> {
    db.prepare_cached("DELETE FROM episodes WHERE title = ?1")?.execute([title])?;
    let sql = "WITH items AS MATERIALIZED (
                   SELECT account, played(key) AS item, gone FROM files
                   WHERE title = ?1 AND account IS NOT NULL AND (cause IS NULL OR cause = 'catalogue'))
               INSERT INTO episodes
               SELECT ?1, account, count(DISTINCT item),
                   count(DISTINCT CASE WHEN gone IS NULL THEN item END)
               FROM items WHERE item IS NOT NULL GROUP BY account";
    db.prepare_cached(sql)?.execute([title])?;
    let sql = "WITH now (days) AS (SELECT coalesce(max(days), 0) FROM clock WHERE kind = 'series')
               UPDATE titles SET (most, most_day) = (
                   SELECT CASE WHEN ?2 >= most - ?3 OR most_day <= days - ?4 THEN ?2 ELSE most - ?3 END,
                       CASE WHEN ?2 >= most - ?3 OR most_day <= days - ?4 THEN days ELSE most_day END
                   FROM now)
               WHERE id = ?1";
    let number = episodes_of(db, title)? as i64;
    db.prepare_cached(sql)?.execute(params![title, number, taken as i64, REMEMBERED_DAYS])?;
    Ok(())
}

/// Counts a title anew of which somebody has deleted files that the ledger has forgotten: that is the user's will.
pub(super) fn lower_forgotten(db: &Transaction<'_>, title: i64) -> rusqlite::Result<()> {
    let numbers = |db: &Transaction<'_>| -> rusqlite::Result<BTreeMap<i64, usize>> {
        let mut statement =
            db.prepare_cached("SELECT account, number FROM episodes WHERE title = ?1")?;
        let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get::<_, u32>(1)? as usize));
        statement.query_map([title], row)?.collect()
    };
    let before = numbers(db)?;
    count_episodes(db, title, before.values().sum())?;
    let after = numbers(db)?;
    let mut taken = BTreeMap::new();
    for (account, had) in before {
        let by = had.saturating_sub(after.get(&account).copied().unwrap_or(0));
        taken.insert(AccountContent { account, content: Content::Episodes }, by);
    }
    let sql =
        "SELECT kind, account, count(*) FROM copies WHERE title = ?1 AND passage IS NOT 'barred'
               AND NOT EXISTS (SELECT 1 FROM files WHERE title = ?1 AND played(key) IS NOT NULL)
         GROUP BY kind, account";
    let mut statement = db.prepare_cached(sql)?;
    let mut rows = statement.query([title])?;
    while let Some(row) = rows.next()? {
        let (kind, account) = (parse_kind(row, 0)?, row.get(1)?);
        taken.insert(AccountContent::titles(kind, account), 1);
        let entries = row.get::<_, u32>(2)? as usize;
        taken.insert(AccountContent::entries(kind, account), entries);
    }
    lower_all(db, &taken)
}

/// Notes that a title's entries are another's now. What is ours of its files goes as what the settings no longer want;
/// an account has one title less, where it offers both.
pub(super) fn unite(
    db: &Transaction<'_>,
    title: i64,
    other: i64,
    this_run: i64,
) -> rusqlite::Result<()> {
    let sql = "SELECT DISTINCT kind, account FROM copies WHERE title = ?1 AND passage IS NOT 'barred'
               AND account IN (SELECT account FROM copies WHERE title = ?2 AND passage IS NOT 'barred')
               AND EXISTS (SELECT 1 FROM files WHERE title = ?1 AND played(key) IS NOT NULL)";
    let mut taken = BTreeMap::new();
    let mut statement = db.prepare_cached(sql)?;
    let mut rows = statement.query([title, other])?;
    while let Some(row) = rows.next()? {
        let scope = AccountContent::titles(parse_kind(row, 0)?, row.get(1)?);
        taken.insert(scope, 1);
    }
    let mut statement =
        db.prepare_cached("SELECT account, number FROM episodes WHERE title = ?1")?;
    let mut rows = statement.query([title])?;
    while let Some(row) = rows.next()? {
        taken.insert(AccountContent::episodes(row.get(0)?), row.get::<_, u32>(1)? as usize);
    }
    lower_all(db, &taken)?;
    db.prepare_cached("DELETE FROM episodes WHERE title = ?1")?.execute([title])?;
    db.prepare_cached("UPDATE copies SET title = ?2, apart = NULL WHERE title = ?1")?
        .execute([title, other])?;
    let sql = "UPDATE files SET gone = ?2, cause = 'settings', hold = NULL, lost = NULL
               WHERE title = ?1 AND cause IS NOT 'kept'";
    db.prepare_cached(sql)?.execute([title, this_run])?;
    let sql =
        "UPDATE titles SET united = ?2, gone = NULL, hold = NULL, problem = NULL WHERE id = ?1";
    db.prepare_cached(sql)?.execute([title, other]).map(drop)
}

/// What the filter says of each stream, beside what it said before. The flag says whether the filter lets the stream in
/// at the user's will, of an account that did not have the title. What the filter takes from an account is counted in
/// `taken`: that is the user's will, too.
fn filter_states(
    db: &Transaction<'_>,
    record: &TitleRecord,
    taken: &mut BTreeMap<AccountContent, usize>,
) -> rusqlite::Result<Vec<(FilterState, bool)>> {
    let streams = &record.title.streams;
    let mut before: HashMap<(i64, String), (FilterState, bool)> = HashMap::new();
    let is_evaluated = |stream: &Stream| !stream.is_wanted || stream.is_let_in;
    if let Some(known) = record.known
        && streams.iter().any(is_evaluated)
    {
        let sql =
            "SELECT account, stream, passage, let_in IS NOT NULL FROM copies WHERE title = ?1";
        let mut statement = db.prepare_cached(sql)?;
        let mut rows = statement.query([known.0])?;
        while let Some(row) = rows.next()? {
            before.insert((row.get(0)?, row.get(1)?), (filter_state_at(row, 2)?, row.get(3)?));
        }
    }
    // A stream that the title did not have was never let through.
    let of = |stream: &Stream| {
        let key = (stream.account.id, stream.stream_id.clone());
        before.get(&key).copied().unwrap_or((FilterState::Filtered, false))
    };
    let filter_states: Vec<FilterState> =
        streams.iter().map(|stream| of(stream).0.then(stream.is_wanted, stream.is_taken)).collect();
    let is_in = |filter_state: FilterState| filter_state != FilterState::Filtered;
    let counted =
        |(filter_state, is_let_in): (FilterState, bool)| is_in(filter_state) && !is_let_in;
    let had = streams.iter().filter(|stream| counted(of(stream))).map(|stream| stream.account.id);
    let had: HashSet<i64> = had.collect();
    let has = streams.iter().zip(&filter_states).filter(|(_, filter_state)| is_in(**filter_state));
    let has: HashSet<i64> = has.map(|(stream, _)| stream.account.id).collect();
    for account in had.difference(&has) {
        let scope = AccountContent::titles(record.title.kind, *account);
        *taken.entry(scope).or_default() += 1;
    }
    let is_taken = |(stream, now): &(&Stream, &FilterState)| counted(of(stream)) && !is_in(**now);
    for (stream, _) in streams.iter().zip(&filter_states).filter(is_taken) {
        let scope = AccountContent::entries(record.title.kind, stream.account.id);
        *taken.entry(scope).or_default() += 1;
    }
    let ever = before.iter().filter(|(_, it)| counted(**it)).map(|((account, _), _)| *account);
    let had: HashSet<i64> = ever.collect();
    let is_let_in = |stream: &Stream| stream.is_let_in && !had.contains(&stream.account.id);
    Ok(streams.iter().zip(filter_states).map(|(stream, it)| (it, is_let_in(stream))).collect())
}

/// The title's own row; gives its id.
fn write_title(db: &Transaction<'_>, record: &TitleRecord, now: i64) -> rusqlite::Result<i64> {
    let (details, kind) = (&record.title.details, record.title.kind.as_str());
    let fingerprint = record.fingerprint.0.to_be_bytes();
    let naming = record.naming.map(|naming| naming.0.to_be_bytes());
    let filter = record.filter.map(|filter| filter.0.to_be_bytes());
    let left_out_by = record.title.left_out_by().map_or(0, LeftOutBy::code);
    let episodes = kept_episodes(&record.episode_streams);
    let (_, seen_year) = details.shown();
    let entries = as_integer(record.title.entries());
    let values = params![
        record.known.map(|id| id.0),
        kind,
        now,
        record.has_written(),
        record.folder,
        details.name,
        details.year,
        text(&details.tmdb),
        text(&details.imdb),
        fingerprint,
        record.problem,
        naming,
        left_out_by,
        details.added,
        filter,
        record.ownership.is_users(),
        record.title.uuid,
        episodes,
        seen_year,
        entries,
        record.nfo_title
    ];
    match record.known {
        Some(id) => {
            let sql = "UPDATE titles SET folder = ?5, name = ?6, year = ?7, tmdb = ?8, imdb = ?9,
                       called = CASE WHEN name IS ?6 AND year IS ?7 THEN called END, called_year = ?19,
                       fingerprint = ?10, problem = ?11, gone = NULL, hold = NULL,
                       removed = CASE WHEN ?4 THEN NULL ELSE removed END,
                       let_go = CASE WHEN ?4 THEN 0 ELSE let_go END,
                       naming = coalesce(?12, naming), filtered = ?13, added = coalesce(added, ?14),
                       filter = ?15, shared = coalesce(?16, shared), uuid = ?17,
                       episode_streams = ?18, entries = ?20,
                       nfo_title = CASE WHEN ?5 IS NOT NULL THEN coalesce(?21, nfo_title) END WHERE id = ?1";
            db.prepare_cached(sql)?.execute(values)?;
            Ok(id.0)
        }
        None => {
            let sql = "INSERT INTO titles (kind, first_seen, folder, name, year, tmdb, imdb, fingerprint,
                       problem, naming, filtered, added, filter, shared, uuid, episode_streams,
                       called_year, entries, nfo_title)
                 VALUES (?2, ?3, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21)";
            db.prepare_cached(sql)?.insert(values)
        }
    }
}

fn as_integer(size: u64) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}

/// What is to be known of the title's files.
fn write_files(
    db: &Transaction<'_>,
    record: &TitleRecord,
    id: i64,
    this_run: i64,
    now: i64,
) -> rusqlite::Result<()> {
    if record.files.iter().any(|note| matches!(note, FileNote::Renamed(..))) {
        // Folders that are empty now are gone; the others follow below.
        db.prepare_cached("DELETE FROM dirs WHERE title = ?1")?.execute([id])?;
    }
    for note in &record.files {
        match note {
            FileNote::Written(file) => write_file(db, id, file)?,
            FileNote::Forgotten(key) => forget_file(db, id, key)?,
            note => change_file(db, note, id, this_run, now)?,
        }
    }
    Ok(())
}

fn write_file(db: &Transaction<'_>, id: i64, file: &FileRecord) -> rusqlite::Result<()> {
    // OR REPLACE would keep a journal for every row: an eighth more work in a first run's entries.
    let sql = "INSERT INTO files (title, key, path, size, hash, account, stream)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
               ON CONFLICT DO UPDATE SET path = excluded.path, size = excluded.size, hash = excluded.hash,
               account = excluded.account, stream = excluded.stream, gone = NULL, cause = NULL, hold = NULL, lost = NULL";
    let (size, hash) = (as_integer(file.size), file.hash.0.to_be_bytes());
    let stream = file.stream.map(|stream| stream.0 as i64);
    let values = params![id, file.key.to_string(), file.path, size, hash, file.account, stream];
    db.prepare_cached(sql)?.execute(values).map(drop)
}

/// Changes what the ledger has of a file that it knows.
fn change_file(
    db: &Transaction<'_>,
    note: &FileNote,
    id: i64,
    this_run: i64,
    now: i64,
) -> rusqlite::Result<()> {
    let change = |set: &str, key: &FileKey, values: &[&dyn ToSql]| {
        let sql = format!("UPDATE files SET {set} WHERE title = ?1 AND key = ?2");
        let key = key.to_string();
        let values = [&[&id as &dyn ToSql, &key], values].concat();
        db.prepare_cached(&sql)?.execute(values.as_slice()).map(drop)
    };
    match note {
        FileNote::Written(_) | FileNote::Forgotten(_) => Ok(()),
        FileNote::Renamed(key, path) => change("path = ?3", key, &[path]),
        FileNote::Holds(key, written) => {
            let (hash, size) = (written.hash.0.to_be_bytes(), as_integer(written.size));
            change("hash = ?3, size = ?4", key, &[&hash, &size])
        }
        FileNote::Reassigned(key, account, stream) => {
            let stream = stream.map(|stream| stream.0 as i64);
            change("account = ?3, stream = ?4", key, &[account, &stream])
        }
        FileNote::Revived(key) => {
            change("gone = NULL, cause = NULL, hold = NULL, lost = NULL", key, &[])
        }
        FileNote::Unwanted(key, cause, account) => {
            // Another cause begins to wait anew.
            let set = "gone = CASE WHEN cause IS ?3 THEN coalesce(gone, ?4) ELSE ?4 END,
                hold = CASE WHEN cause IS ?3 THEN hold END,
                lost = CASE WHEN ?3 = 'catalogue' THEN CASE WHEN cause IS ?3 THEN coalesce(lost, ?5) ELSE ?5 END END,
                account = ?6, cause = ?3";
            change(set, key, &[&cause.as_str(), &this_run, &now, account])
        }
    }
}
