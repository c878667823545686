//! The second pass: whole titles for a batch of ids, two statements for movies, four for series.

use std::collections::HashMap;

use tokio_postgres::Row;
use tokio_postgres::types::{FromSql, Type};
use vod2strm_core::date::Day;
use vod2strm_core::hash::{Fingerprint, RowHasher};
use vod2strm_core::identity::Heading;
use vod2strm_core::model::media::{Details, Episode, Kind, SourceKey, Stream, Title};
use vod2strm_core::model::stamp::StreamRank;
use vod2strm_core::model::stated::{Meaning, Premiere, Stated};

use super::accounts::Eligible;
use super::columns::{
    Columns, EPISODE_STREAMS, EPISODES, Fingerprinted, MOVIE_STREAMS, MOVIES, SERIES,
    SERIES_STREAMS,
};
use super::json::{Json, JsonField};
use super::reader::DatabaseReader;
use super::session::Session;
use crate::error::{BoxedError, CatalogError};

/// Adds rows to the fingerprints of their titles, as the first pass does, where somebody wants these.
struct Fingerprints {
    fingerprinted: Fingerprinted,
    hasher: RowHasher,
}

impl Fingerprints {
    fn new(reader: &DatabaseReader, columns: &Columns) -> Fingerprints {
        let fingerprinted = columns.fingerprinted(reader.leaves_out_uuids);
        Fingerprints { fingerprinted, hasher: RowHasher::default() }
    }

    /// Adds a row, and what else belongs to its fingerprint.
    fn add(
        &mut self,
        loaded: &mut Option<HashMap<SourceKey, Fingerprint>>,
        row: &Row,
        more: impl FnOnce(&mut RowHasher),
    ) -> Result<(), tokio_postgres::Error> {
        let Some(loaded) = loaded else { return Ok(()) };
        self.fingerprinted.hash(row, &mut self.hasher)?;
        more(&mut self.hasher);
        let title = loaded.entry(SourceKey(row.try_get(0)?)).or_default();
        *title = title.fold(self.hasher.finish());
        Ok(())
    }
}

/// A stream, its rank, and what its JSON says of the title.
struct RankedStream {
    rank: StreamRank,
    stream: Stream,
    said: Vec<(JsonField, String)>,
}

/// Loads the titles of a kind.
pub(super) fn load(
    reader: &mut DatabaseReader,
    kind: Kind,
    keys: &[SourceKey],
    sink: &mut dyn FnMut(Title),
) -> Result<(), CatalogError> {
    let ids: Vec<i64> = keys.iter().map(|key| key.0).collect();
    let (streams, rows) = match kind {
        Kind::Movie => (&MOVIE_STREAMS, &MOVIES),
        Kind::Series => (&SERIES_STREAMS, &SERIES),
    };
    reader.loaded.iter_mut().for_each(HashMap::clear);
    let mut streams = ranked(reader, kind, ("streams", streams), &ids, 0)?;
    let mut episodes = match kind {
        Kind::Movie => HashMap::new(),
        Kind::Series => episodes(reader, &ids)?,
    };
    let mut prints = Fingerprints::new(reader, rows);
    let DatabaseReader { session, schema, loaded, .. } = reader;
    session.rows("titles", &rows.select_some(schema), &[&ids], &mut |row| {
        let id: i64 = row.try_get(0)?;
        prints.add(loaded, row, |_| {})?;
        let Some(offers) = streams.remove(&id).filter(|streams| !streams.is_empty()) else {
            return Ok(());
        };
        let offers = best_first(offers);
        let mut details = details(row, rows)?;
        complete(&mut details, &offers);
        sink(Title {
            kind,
            key: SourceKey(id),
            uuid: row.try_get::<_, Option<Uuid>>(1)?.map(|uuid| uuid.0),
            details,
            streams: offers.into_iter().map(|offer| offer.stream).collect(),
            episodes: episodes.remove(&id).unwrap_or_default(),
        });
        Ok(())
    })
}

/// What is called how: a row, and its heading.
type HeadingSink<'a> = dyn FnMut(&Row, Heading<'_>) -> Result<(), tokio_postgres::Error> + 'a;

/// The column with the TMDB id in rows that say what titles are called.
pub(super) const IDS_OF_NAMES: usize = 5;

/// What all titles of a kind are called, eligible or not.
pub(super) fn each_name(
    session: &mut Session,
    kind: Kind,
    sink: &mut HeadingSink<'_>,
) -> Result<(), CatalogError> {
    session.rows("names", &select_headings(kind), &[], &mut |row| with_heading(row, sink))
}

/// What the titles behind these keys are called. There is one row of logos for each address.
pub(super) fn headings(
    reader: &mut DatabaseReader,
    kind: Kind,
    keys: &[SourceKey],
    sink: &mut dyn FnMut(SourceKey, Heading<'_>),
) -> Result<(), CatalogError> {
    let ids: Vec<i64> = keys.iter().map(|key| key.0).collect();
    let select = format!("{} WHERE t.id = ANY($1)", select_headings(kind));
    let mut sink = |row: &Row, heading: Heading<'_>| {
        sink(SourceKey(row.try_get(0)?), heading);
        Ok(())
    };
    reader.session.rows("names", &select, &[&ids], &mut |row| with_heading(row, &mut sink))
}

fn with_heading(row: &Row, sink: &mut HeadingSink<'_>) -> Result<(), tokio_postgres::Error> {
    let uuid = row.try_get::<_, Option<Uuid>>(3)?.map(|uuid| uuid.0);
    let poster = row.try_get::<_, Option<i64>>(4)?.map(i64::cast_unsigned);
    let date = first_date(row, IDS_OF_NAMES + 2)?;
    let heading = Heading {
        name: row.try_get(1)?,
        year: row.try_get(2)?,
        uuid: uuid.as_deref(),
        episodes: &[],
        dated: date.as_deref().and_then(Premiere::year),
        poster,
    };
    sink(row, heading)
}

/// Where a year is missing, the dates of the first showing are asked for; nothing else is worth unpacking a document.
fn select_headings(kind: Kind) -> String {
    let (columns, table) = match kind {
        Kind::Movie => (&MOVIES, "vod_movie"),
        Kind::Series => (&SERIES, "vod_series"),
    };
    let dates = columns.json.iter().filter(|(field, _)| *field == JsonField::Premiered);
    let dates: String =
        dates.map(|(_, json)| format!(", CASE WHEN t.year IS NULL THEN {json} END")).collect();
    format!(
        "SELECT t.id, t.name, t.year, t.uuid, t.logo_id, t.tmdb_id, t.imdb_id{dates} FROM {table} t"
    )
}

/// The first date that the columns from a place on say, as titles have it that are loaded.
fn first_date(row: &Row, from: usize) -> Result<Option<String>, tokio_postgres::Error> {
    for place in from..row.len() {
        let json: Json = row.try_get(place)?;
        if let Some(date) = JsonField::Premiered.read(&json) {
            return Ok(Some(date));
        }
    }
    Ok(None)
}

/// What a title's own row says; movies and series have the same columns.
fn details(row: &Row, columns: &Columns) -> Result<Details, tokio_postgres::Error> {
    let mut details = Details {
        name: row.try_get(2)?,
        plot: row.try_get(3)?,
        year: row.try_get(4)?,
        rating: stated(row, 5)?,
        genre: row.try_get(6)?,
        tmdb: stated(row, 7)?,
        imdb: stated(row, 8)?,
        poster: row.try_get(9)?,
        duration_secs: row.try_get(10)?,
        is_adult: row.try_get(11)?,
        added: row.try_get::<_, Option<Moment>>(12)?.and_then(|moment| moment.0),
        ..Details::default()
    };
    for (field, text) in columns.said(row)? {
        state(&mut details, field, text);
    }
    Ok(details)
}

/// What a column states, read.
fn stated<T: Meaning>(row: &Row, at: usize) -> Result<Option<Stated<T>>, tokio_postgres::Error> {
    Ok(row.try_get::<_, Option<String>>(at)?.map(Stated::from))
}

/// What the title's row does not say, the best stream may. A movie is for adults if one of its streams is:
/// old generations say it there alone.
fn complete(details: &mut Details, offers: &[RankedStream]) {
    for (field, text) in offers.first().into_iter().flat_map(|best| &best.said) {
        state(details, *field, text.clone());
    }
    details.is_adult |= offers.iter().any(|offer| offer.stream.is_adult);
}

/// Takes over a text, unless the details have one already.
fn state(details: &mut Details, field: JsonField, text: String) {
    match field {
        JsonField::Original => fill(&mut details.original, text),
        JsonField::Director => fill(&mut details.director, text),
        JsonField::Cast => fill(&mut details.cast, text),
        JsonField::Country => fill(&mut details.country, text),
        JsonField::Studio => fill(&mut details.studio, text),
        JsonField::Mpaa => fill(&mut details.mpaa, text),
        JsonField::Trailer => fill(&mut details.trailer, text),
        JsonField::Picture => fill(&mut details.fanart, text),
        JsonField::Tvdb => fill(&mut details.tvdb, text),
        JsonField::Premiered => fill(&mut details.premiered, text),
        JsonField::Status => fill(&mut details.status, text),
        JsonField::Seasons => fill(&mut details.season_posters, text),
        // That is the stream's.
        JsonField::Measured => {}
    }
}

fn fill<T: From<String>>(slot: &mut Option<T>, text: String) {
    if slot.is_none() {
        *slot = Some(text.into());
    }
}

fn best_first(mut offers: Vec<RankedStream>) -> Vec<RankedStream> {
    offers.sort_by_key(|offer| offer.rank);
    offers
}

fn streams_of(offers: Vec<RankedStream>) -> Vec<Stream> {
    best_first(offers).into_iter().map(|offer| offer.stream).collect()
}

/// The eligible streams of some titles, by the id in column `by`: the title, or the episode. One that has
/// streams, and none that is eligible, is there with none.
fn ranked(
    reader: &mut DatabaseReader,
    kind: Kind,
    (what, columns): (&'static str, &Columns),
    ids: &Vec<i64>,
    by: usize,
) -> Result<HashMap<i64, Vec<RankedStream>>, CatalogError> {
    let mut prints = Fingerprints::new(reader, columns);
    let DatabaseReader { session, schema, accounts, loaded, .. } = reader;
    let mut streams: HashMap<i64, Vec<RankedStream>> = HashMap::new();
    session.rows(what, &columns.select_some(schema), &[ids], &mut |row| {
        let eligible = accounts.eligible(row.try_get(2)?, row.try_get(3)?);
        let streams = streams.entry(row.try_get(by)?).or_default();
        if let Some(eligible) = eligible {
            prints.add(loaded, row, |hasher| eligible.hash(hasher))?;
            let rank = StreamRank::new(kind, eligible.account, row.try_get(4)?);
            let said = columns.said(row)?;
            let measured = said.iter().find(|(field, _)| *field == JsonField::Measured);
            let measured = measured.and_then(|(_, text)| text.parse().ok()).map(Box::new);
            let stream = Stream { measured, ..stream(row, &eligible)? };
            streams.push(RankedStream { rank, stream, said });
        }
        Ok(())
    })?;
    Ok(streams)
}

fn stream(row: &Row, eligible: &Eligible<'_>) -> Result<Stream, tokio_postgres::Error> {
    Ok(Stream {
        category: row.try_get(3)?,
        container: row.try_get(5)?,
        name: row.try_get::<_, Json>(6)?.name(),
        category_name: eligible.category_name.cloned(),
        is_adult: row.try_get::<_, Json>(7)?.is_yes(),
        ..Stream::new(eligible.account.clone(), row.try_get(4)?)
    })
}

fn episodes(
    reader: &mut DatabaseReader,
    ids: &Vec<i64>,
) -> Result<HashMap<i64, Vec<Episode>>, CatalogError> {
    let columns = ("streams of episodes", &EPISODE_STREAMS);
    let mut streams = ranked(reader, Kind::Series, columns, ids, 8)?;
    let mut prints = Fingerprints::new(reader, &EPISODES);
    let DatabaseReader { session, schema, loaded, .. } = reader;
    let mut episodes: HashMap<i64, Vec<Episode>> = HashMap::new();
    session.rows("episodes", &EPISODES.select_some(schema), &[ids], &mut |row| {
        prints.add(loaded, row, |_| {})?;
        let id: i64 = row.try_get(1)?;
        let offers = streams.remove(&id);
        let said = EPISODES.said(row)?;
        let says =
            |field| said.iter().find(|(known, _)| *known == field).map(|(_, text)| text.clone());
        let episode = Episode {
            is_switched_off: offers.as_ref().is_some_and(Vec::is_empty),
            uuid: row.try_get::<_, Option<Uuid>>(2)?.map(|uuid| uuid.0),
            name: row.try_get(3)?,
            plot: row.try_get(4)?,
            aired: row.try_get::<_, Option<Date>>(5)?.and_then(|date| date.0),
            rating: stated(row, 6)?,
            duration_secs: row.try_get(7)?,
            season: row.try_get(8)?,
            number: row.try_get(9)?,
            last_number: None,
            tmdb: stated(row, 10)?,
            imdb: stated(row, 11)?,
            director: says(JsonField::Director),
            thumb: says(JsonField::Picture),
            shown: None,
            streams: offers.map(streams_of).unwrap_or_default(),
        };
        episodes.entry(row.try_get(0)?).or_default().push(episode);
        Ok(())
    })?;
    Ok(episodes)
}

/// A UUID in its usual spelling.
pub(super) struct Uuid(pub(super) String);

impl<'a> FromSql<'a> for Uuid {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Uuid, BoxedError> {
        let bytes: [u8; 16] = raw.try_into()?;
        let hex = format!("{:032x}", u128::from_be_bytes(bytes));
        let parts = [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]];
        Ok(Uuid(parts.join("-")))
    }

    fn accepts(ty: &Type) -> bool {
        *ty == Type::UUID
    }
}

/// A date; the server sends days since 2000-01-01.
struct Date(Option<Day>);

impl<'a> FromSql<'a> for Date {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Date, BoxedError> {
        let days = i32::from_be_bytes(raw.try_into()?);
        // The ends of the range are PostgreSQL's "infinity", which no NFO can say.
        let is_finite = days != i32::MAX && days != i32::MIN;
        Ok(Date(is_finite.then(|| Day::after_1970(i64::from(days) + 10_957))))
    }

    fn accepts(ty: &Type) -> bool {
        *ty == Type::DATE
    }
}

/// A moment in seconds since 1970; the server sends microseconds since 2000-01-01.
struct Moment(Option<i64>);

impl<'a> FromSql<'a> for Moment {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Moment, BoxedError> {
        let micros = i64::from_be_bytes(raw.try_into()?);
        // As with dates: the ends of the range are "infinity".
        let is_finite = micros != i64::MAX && micros != i64::MIN;
        Ok(Moment(is_finite.then(|| micros.div_euclid(1_000_000) + 946_684_800)))
    }

    fn accepts(ty: &Type) -> bool {
        *ty == Type::TIMESTAMPTZ
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uuids_are_spelled_as_usual() {
        let raw: Vec<u8> = (0..16).collect();
        let uuid = Uuid::from_sql(&Type::UUID, &raw).unwrap();
        assert_eq!(uuid.0, "00010203-0405-0607-0809-0a0b0c0d0e0f");
    }
}
