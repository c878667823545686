//! The first pass: unsorted scans, each table once, combined here into one stamp per title.

use std::collections::HashMap;

use tokio_postgres::Row;
use vod2strm_core::entries::{KindEntries, WhyLeftOut};
use vod2strm_core::hash::{Fingerprint, RowHasher};
use vod2strm_core::model::ids::{ImdbId, TmdbId};
use vod2strm_core::model::media::{Kind, SourceKey};
use vod2strm_core::model::stamp::{ExternalId, Few, Stamp, StreamRank};
use vod2strm_core::model::stated::Meaning;

use super::accounts::{Accounts, Eligible};
use super::columns::{
    Columns, EPISODE_STREAMS, EPISODES, Fingerprinted, MOVIE_STREAMS, MOVIES, SERIES,
    SERIES_STREAMS,
};
use super::reader::DatabaseReader;
use super::schema::Schema;
use super::session::Session;
use crate::error::CatalogError;
use crate::source::Selection;

/// The column with the TMDB id in the rows of movies and series.
const TMDB: usize = 7;

/// A title while its rows come in.
#[derive(Default)]
pub(super) struct Gathered {
    fingerprint: Fingerprint,
    streams: Few<StreamRank>,
    pub(super) externals: Few<ExternalId>,
    pub(super) episodes: u32,
    pub(super) has_row: bool,
}

/// All titles of a kind by row id, and the entries that are left out.
#[derive(Default)]
pub(super) struct Titles {
    pub(super) gathered: HashMap<i64, Gathered>,
    /// Why a stream of a title does not count: of several, the one that lacks least.
    uncounted: HashMap<i64, WhyLeftOut>,
    pub(super) entries: KindEntries,
}

impl Titles {
    /// Notes a stream that does not count.
    fn note_uncounted(&mut self, owner: i64, why: WhyLeftOut) {
        let noted = self.uncounted.entry(owner).or_insert(why);
        *noted = why.max(*noted);
    }

    /// Adds a stream to its title, if it counts; gives both.
    pub(super) fn add_stream<'a>(
        &mut self,
        kind: Kind,
        row: &Row,
        accounts: &'a Accounts,
    ) -> Result<Option<(&mut Gathered, Eligible<'a>)>, tokio_postgres::Error> {
        let (owner, account) = (row.try_get(0)?, row.try_get(2)?);
        let Some(eligible) = accounts.eligible(account, row.try_get(3)?) else {
            self.note_uncounted(owner, accounts.why_left_out(account));
            return Ok(None);
        };
        let title = self.gathered.entry(owner).or_default();
        title.streams.push(StreamRank::new(kind, eligible.account, row.try_get(4)?));
        Ok(Some((title, eligible)))
    }

    /// Hands one stamp a title over.
    pub(super) fn hand_over(self, kind: Kind, sink: &mut dyn FnMut(Stamp)) {
        for (id, mut title) in self.gathered.into_iter().filter(|(_, title)| title.has_row) {
            title.streams.sort_unstable();
            sink(Stamp {
                kind,
                key: SourceKey(id),
                streams: title.streams.into_iter().map(|rank| rank.stream).collect(),
                externals: title.externals,
                fingerprint: title.fingerprint,
                episodes: title.episodes,
            });
        }
    }

    /// The title that a row is of; one without a stream that counts is left out.
    pub(super) fn with_row(&mut self, id: i64) -> Option<&mut Gathered> {
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
        reader.entries.insert(Some(kind), titles.entries.clone());
    }
    titles.hand_over(kind, sink);
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
    let fingerprinted = columns.fingerprinted(reader.leaves_out_uuids);
    let DatabaseReader { session, schema, accounts, .. } = reader;
    let mut hasher = RowHasher::default();
    select(session, "streams", columns, schema, ids, &mut |row| {
        if let Some((title, eligible)) = titles.add_stream(kind, row, accounts)? {
            fingerprinted.hash(row, &mut hasher)?;
            eligible.hash(&mut hasher);
            title.fingerprint = title.fingerprint.fold(hasher.finish());
        }
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
    let fingerprinted = columns.fingerprinted(reader.leaves_out_uuids);
    let DatabaseReader { session, schema, .. } = reader;
    let what = match kind {
        Kind::Movie => "movies",
        Kind::Series => "series",
    };
    fold_rows(session, what, (columns, &fingerprinted), schema, ids, &mut |row, fingerprint| {
        let Some(title) = titles.with_row(row.try_get(0)?) else { return Ok(()) };
        title.fingerprint = title.fingerprint.fold(fingerprint);
        title.has_row = true;
        title.externals = externals(kind, row, TMDB)?;
        Ok(())
    })
}

/// The ids at third parties in a row: that of TMDB in this column, that of IMDb in the next.
pub(super) fn externals(
    kind: Kind,
    row: &Row,
    tmdb: usize,
) -> Result<Few<ExternalId>, tokio_postgres::Error> {
    let (tmdb, imdb): (Option<&str>, Option<&str>) = (row.try_get(tmdb)?, row.try_get(tmdb + 1)?);
    Ok(ExternalId::of(kind, tmdb.and_then(TmdbId::read), imdb.and_then(ImdbId::read)))
}

fn add_episodes(
    reader: &mut DatabaseReader,
    ids: Option<&[i64]>,
    titles: &mut Titles,
) -> Result<(), CatalogError> {
    let fingerprinted = EPISODES.fingerprinted(reader.leaves_out_uuids);
    let DatabaseReader { session, schema, .. } = reader;
    fold_rows(
        session,
        "episodes",
        (&EPISODES, &fingerprinted),
        schema,
        ids,
        &mut |row, fingerprint| {
            if let Some(title) = titles.gathered.get_mut(&row.try_get(0)?) {
                title.fingerprint = title.fingerprint.fold(fingerprint);
                title.episodes += 1;
            }
            Ok(())
        },
    )
}

fn add_episode_streams(
    reader: &mut DatabaseReader,
    ids: Option<&[i64]>,
    titles: &mut Titles,
) -> Result<(), CatalogError> {
    let fingerprinted = EPISODE_STREAMS.fingerprinted(reader.leaves_out_uuids);
    let DatabaseReader { session, schema, accounts, .. } = reader;
    let mut hasher = RowHasher::default();
    select(session, "streams of episodes", &EPISODE_STREAMS, schema, ids, &mut |row| {
        let Some(title) = titles.gathered.get_mut(&row.try_get(0)?) else { return Ok(()) };
        let Some(eligible) = accounts.eligible(row.try_get(2)?, None) else { return Ok(()) };
        fingerprinted.hash(row, &mut hasher)?;
        eligible.hash(&mut hasher);
        title.fingerprint = title.fingerprint.fold(hasher.finish());
        Ok(())
    })
}

fn fold_rows(
    session: &mut Session,
    what: &'static str,
    (columns, fingerprinted): (&Columns, &Fingerprinted),
    schema: &Schema,
    ids: Option<&[i64]>,
    each: &mut dyn FnMut(&Row, Fingerprint) -> Result<(), tokio_postgres::Error>,
) -> Result<(), CatalogError> {
    let mut hasher = RowHasher::default();
    select(session, what, columns, schema, ids, &mut |row| {
        fingerprinted.hash(row, &mut hasher)?;
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
