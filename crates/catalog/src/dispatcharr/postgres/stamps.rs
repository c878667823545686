//! The first pass: unsorted scans, each table once, combined here into one stamp per title.

use std::cmp::Reverse;
use std::collections::HashMap;

use tokio_postgres::Row;
use vod2strm_core::entries::{KindEntries, WhyLeftOut};
use vod2strm_core::hash::{Fingerprint, RowHasher};
use vod2strm_core::model::ids::{ImdbId, TmdbId};
use vod2strm_core::model::media::{Kind, SourceKey};
use vod2strm_core::model::stamp::{ExternalId, Few, Stamp, StreamId};
use vod2strm_core::model::stated::Meaning;

use super::columns::{
    Columns, EPISODE_STREAMS, EPISODES, MOVIE_STREAMS, MOVIES, SERIES, SERIES_STREAMS,
};
use super::reader::DatabaseReader;
use super::schema::Schema;
use super::session::Session;
use crate::error::CatalogError;
use crate::source::Selection;

/// A title while its rows come in.
#[derive(Default)]
struct Gathered {
    fingerprint: Fingerprint,
    streams: Few<(Reverse<i32>, i64, StreamId)>,
    externals: Few<ExternalId>,
    episodes: u32,
    has_row: bool,
}

/// All titles of a kind by row id, and the entries that are left out.
#[derive(Default)]
struct Titles {
    gathered: HashMap<i64, Gathered>,
    /// Why a stream of a title does not count: of several, the one that lacks least.
    uncounted: HashMap<i64, WhyLeftOut>,
    entries: KindEntries,
}

impl Titles {
    /// Notes a stream that does not count.
    fn note_uncounted(&mut self, owner: i64, why: WhyLeftOut) {
        let noted = self.uncounted.entry(owner).or_insert(why);
        *noted = why.max(*noted);
    }

    /// The title that a row is of; one without a stream that counts is left out.
    fn with_row(&mut self, id: i64) -> Option<&mut Gathered> {
        let title = self.gathered.get_mut(&id);
        match title {
            Some(_) => self.entries.in_titles += 1,
            None => {
                let why = self.uncounted.get(&id).copied().unwrap_or(WhyLeftOut::NoStream);
                self.entries.leave_out(why, 1);
            }
        }
        title
    }
}

/// Stamps of all eligible titles of a kind.
pub(super) fn stamps(
    reader: &mut DatabaseReader,
    kind: Kind,
    selection: &Selection,
    sink: &mut dyn FnMut(Stamp),
) -> Result<(), CatalogError> {
    let mut titles = Titles::default();
    let ids: Option<Vec<i64>> = match selection {
        Selection::Ids(ids) => Some(ids.iter().copied().collect()),
        Selection::All | Selection::Nothing => None,
    };
    let ids = ids.as_deref();
    let (streams, rows) = match kind {
        Kind::Movie => (&MOVIE_STREAMS, &MOVIES),
        Kind::Series => (&SERIES_STREAMS, &SERIES),
    };
    add_streams(reader, kind, streams, ids, &mut titles)?;
    add_rows(reader, kind, rows, ids, &mut titles)?;
    if kind == Kind::Series {
        add_episodes(reader, ids, &mut titles)?;
        add_episode_streams(reader, ids, &mut titles)?;
    }
    if ids.is_none() {
        reader.entries.insert(Some(kind), titles.entries);
    }
    for (id, mut title) in titles.gathered.into_iter().filter(|(_, title)| title.has_row) {
        title.streams.sort_unstable();
        sink(Stamp {
            kind,
            key: SourceKey(id),
            streams: title.streams.into_iter().map(|(_, _, stream)| stream).collect(),
            externals: title.externals,
            fingerprint: title.fingerprint,
            episodes: title.episodes,
        });
    }
    Ok(())
}

/// The streams say which titles are eligible at all.
fn add_streams(
    reader: &mut DatabaseReader,
    kind: Kind,
    columns: &Columns,
    ids: Option<&[i64]>,
    titles: &mut Titles,
) -> Result<(), CatalogError> {
    let DatabaseReader { session, schema, accounts, .. } = reader;
    let mut hasher = RowHasher::default();
    select(session, "streams", columns, schema, ids, &mut |row| {
        let (owner, account) = (row.try_get(0)?, row.try_get(2)?);
        let Some(eligible) = accounts.eligible(account, row.try_get(3)?) else {
            titles.note_uncounted(owner, accounts.why_left_out(account));
            return Ok(());
        };
        columns.hash(row, &mut hasher)?;
        eligible.hash(&mut hasher);
        let title = titles.gathered.entry(owner).or_default();
        title.fingerprint = title.fingerprint.fold(hasher.finish());
        let account = eligible.account;
        let stream = StreamId::new(kind, account.id, row.try_get(4)?);
        title.streams.push((Reverse(account.priority), row.try_get(1)?, stream));
        Ok(())
    })
}

fn add_rows(
    reader: &mut DatabaseReader,
    kind: Kind,
    columns: &Columns,
    ids: Option<&[i64]>,
    titles: &mut Titles,
) -> Result<(), CatalogError> {
    let DatabaseReader { session, schema, .. } = reader;
    let what = match kind {
        Kind::Movie => "movies",
        Kind::Series => "series",
    };
    fold_rows(session, what, columns, schema, ids, &mut |row, fingerprint| {
        let Some(title) = titles.with_row(row.try_get(0)?) else { return Ok(()) };
        title.fingerprint = title.fingerprint.fold(fingerprint);
        title.has_row = true;
        let (tmdb, imdb): (Option<&str>, Option<&str>) = (row.try_get(7)?, row.try_get(8)?);
        let ids = (tmdb.and_then(TmdbId::read), imdb.and_then(ImdbId::read));
        title.externals = ExternalId::of(kind, ids.0, ids.1);
        Ok(())
    })
}

fn add_episodes(
    reader: &mut DatabaseReader,
    ids: Option<&[i64]>,
    titles: &mut Titles,
) -> Result<(), CatalogError> {
    let DatabaseReader { session, schema, .. } = reader;
    fold_rows(session, "episodes", &EPISODES, schema, ids, &mut |row, fingerprint| {
        if let Some(title) = titles.gathered.get_mut(&row.try_get(0)?) {
            title.fingerprint = title.fingerprint.fold(fingerprint);
            title.episodes += 1;
        }
        Ok(())
    })
}

fn add_episode_streams(
    reader: &mut DatabaseReader,
    ids: Option<&[i64]>,
    titles: &mut Titles,
) -> Result<(), CatalogError> {
    let DatabaseReader { session, schema, accounts, .. } = reader;
    let mut hasher = RowHasher::default();
    select(session, "streams of episodes", &EPISODE_STREAMS, schema, ids, &mut |row| {
        let Some(title) = titles.gathered.get_mut(&row.try_get(0)?) else { return Ok(()) };
        let Some(eligible) = accounts.eligible(row.try_get(2)?, None) else { return Ok(()) };
        EPISODE_STREAMS.hash(row, &mut hasher)?;
        eligible.hash(&mut hasher);
        title.fingerprint = title.fingerprint.fold(hasher.finish());
        Ok(())
    })
}

fn fold_rows(
    session: &mut Session,
    what: &'static str,
    columns: &Columns,
    schema: &Schema,
    ids: Option<&[i64]>,
    each: &mut dyn FnMut(&Row, Fingerprint) -> Result<(), tokio_postgres::Error>,
) -> Result<(), CatalogError> {
    let mut hasher = RowHasher::default();
    select(session, what, columns, schema, ids, &mut |row| {
        columns.hash(row, &mut hasher)?;
        each(row, hasher.finish())
    })
}

/// All rows, or those of some titles alone.
pub(super) fn select(
    session: &mut Session,
    what: &'static str,
    columns: &Columns,
    schema: &Schema,
    ids: Option<&[i64]>,
    each: &mut dyn FnMut(&Row) -> Result<(), tokio_postgres::Error>,
) -> Result<(), CatalogError> {
    match ids {
        Some(ids) => session.rows(what, &columns.select_some(schema), &[&ids], each),
        None => session.rows(what, &columns.select_all(schema), &[], each),
    }
}
