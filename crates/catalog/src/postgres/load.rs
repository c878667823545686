//! The second pass: whole titles for a batch of ids, two statements for movies, four for series.

use std::cmp::Reverse;
use std::collections::HashMap;

use tokio_postgres::Row;
use tokio_postgres::types::{FromSql, Type};
use vod2strm_core::date;
use vod2strm_core::media::{Copy, Details, Episode, Kind, SourceKey, Title};

use super::columns::{
    Columns, EPISODE_COPIES, EPISODES, MOVIE_COPIES, MOVIES, SERIES, SERIES_COPIES,
};
use super::reader::Reader;
use crate::error::{CatalogError, Cause};

/// Copies with their rank: account priority descending, relation id ascending.
type Ranked = Vec<(Reverse<i32>, i64, Copy)>;

/// Loads the titles of a kind.
pub(super) fn load(
    reader: &mut Reader,
    kind: Kind,
    keys: &[SourceKey],
    sink: &mut dyn FnMut(Title),
) -> Result<(), CatalogError> {
    let ids: Vec<i64> = keys.iter().map(|key| key.0).collect();
    let (copies, rows) = match kind {
        Kind::Movie => (&MOVIE_COPIES, &MOVIES),
        Kind::Series => (&SERIES_COPIES, &SERIES),
    };
    let mut copies = ranked(reader, "copies", copies, &ids, 0)?;
    let mut episodes = match kind {
        Kind::Movie => HashMap::new(),
        Kind::Series => episodes(reader, &ids)?,
    };
    let Reader { session, schema, .. } = reader;
    session.rows("titles", &rows.select_some(schema), &[&ids], &mut |row| {
        let id: i64 = row.try_get(0)?;
        let Some(copies) = copies.remove(&id).filter(|copies| !copies.is_empty()) else {
            return Ok(());
        };
        sink(Title {
            kind,
            key: SourceKey(id),
            uuid: row.try_get::<_, Option<Uuid>>(1)?.map(|uuid| uuid.0),
            details: details(row)?,
            copies: best_first(copies),
            episodes: episodes.remove(&id).unwrap_or_default(),
        });
        Ok(())
    })
}

/// The columns that movies and series share; movies have a running time after them.
fn details(row: &Row) -> Result<Details, tokio_postgres::Error> {
    Ok(Details {
        name: row.try_get(2)?,
        plot: row.try_get(3)?,
        year: row.try_get(4)?,
        rating: row.try_get(5)?,
        genre: row.try_get(6)?,
        tmdb: row.try_get(7)?,
        imdb: row.try_get(8)?,
        poster: row.try_get(9)?,
        duration_secs: if row.len() > 10 { row.try_get(10)? } else { None },
        shown: None,
    })
}

fn best_first(mut ranked: Ranked) -> Vec<Copy> {
    ranked.sort_by_key(|(priority, id, _)| (*priority, *id));
    ranked.into_iter().map(|(_, _, copy)| copy).collect()
}

/// The eligible copies of some titles, by the id in column `by`: the title, or the episode. One that has
/// copies, and none that is eligible, is there with none.
fn ranked(
    reader: &mut Reader,
    what: &'static str,
    columns: &Columns,
    ids: &Vec<i64>,
    by: usize,
) -> Result<HashMap<i64, Ranked>, CatalogError> {
    let Reader { session, schema, accounts } = reader;
    let mut copies: HashMap<i64, Ranked> = HashMap::new();
    session.rows(what, &columns.select_some(schema), &[ids], &mut |row| {
        let eligible = accounts.eligible(row.try_get(2)?, row.try_get(3)?);
        let copies = copies.entry(row.try_get(by)?).or_default();
        if let Some((account, _)) = eligible {
            let copy = Copy {
                account: account.clone(),
                stream_id: row.try_get(4)?,
                category: row.try_get(3)?,
                container: row.try_get(5)?,
                url: None,
            };
            let rank = (Reverse(account.priority), row.try_get(1)?, copy);
            copies.push(rank);
        }
        Ok(())
    })?;
    Ok(copies)
}

fn episodes(
    reader: &mut Reader,
    ids: &Vec<i64>,
) -> Result<HashMap<i64, Vec<Episode>>, CatalogError> {
    let mut copies = ranked(reader, "copies of episodes", &EPISODE_COPIES, ids, 6)?;
    let Reader { session, schema, .. } = reader;
    let mut episodes: HashMap<i64, Vec<Episode>> = HashMap::new();
    session.rows("episodes", &EPISODES.select_some(schema), &[ids], &mut |row| {
        let id: i64 = row.try_get(1)?;
        let offers = copies.remove(&id);
        let episode = Episode {
            is_switched_off: offers.as_ref().is_some_and(Vec::is_empty),
            uuid: row.try_get::<_, Option<Uuid>>(2)?.map(|uuid| uuid.0),
            name: row.try_get(3)?,
            plot: row.try_get(4)?,
            aired: row.try_get::<_, Option<Date>>(5)?.and_then(|date| date.0),
            rating: row.try_get(6)?,
            duration_secs: row.try_get(7)?,
            season: row.try_get(8)?,
            number: row.try_get(9)?,
            last_number: None,
            shown: None,
            tmdb: row.try_get(10)?,
            imdb: row.try_get(11)?,
            copies: offers.map(best_first).unwrap_or_default(),
        };
        episodes.entry(row.try_get(0)?).or_default().push(episode);
        Ok(())
    })?;
    Ok(episodes)
}

/// A UUID in its usual spelling.
struct Uuid(String);

impl<'a> FromSql<'a> for Uuid {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Uuid, Cause> {
        let bytes: [u8; 16] = raw.try_into()?;
        let hex = format!("{:032x}", u128::from_be_bytes(bytes));
        let parts = [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]];
        Ok(Uuid(parts.join("-")))
    }

    fn accepts(ty: &Type) -> bool {
        *ty == Type::UUID
    }
}

/// A date as `YYYY-MM-DD`; the server sends days since 2000-01-01.
struct Date(Option<String>);

impl<'a> FromSql<'a> for Date {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Date, Cause> {
        let days = i32::from_be_bytes(raw.try_into()?);
        // The ends of the range are PostgreSQL's "infinity", which no NFO can say.
        let is_finite = days != i32::MAX && days != i32::MIN;
        Ok(Date(is_finite.then(|| date::civil(i64::from(days) + 10_957))))
    }

    fn accepts(ty: &Type) -> bool {
        *ty == Type::DATE
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
