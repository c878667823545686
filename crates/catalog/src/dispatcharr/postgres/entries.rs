//! All titles of the database by name, offered or not: for those who look one up.

use vod2strm_core::model::media::{Kind, SourceKey};

use super::load::Uuid;
use super::reader::DatabaseReader;
use crate::error::CatalogError;
use crate::source::{EntryName, EntrySink};

const MOVIES: &str = "SELECT id, name, year, uuid, tmdb_id, imdb_id FROM vod_movie";
const SERIES: &str = "SELECT id, name, year, uuid, tmdb_id, imdb_id FROM vod_series";

/// Hands them to `sink`: a statement a kind.
pub(super) fn each_entry(
    reader: &mut DatabaseReader,
    sink: &mut EntrySink<'_>,
) -> Result<(), CatalogError> {
    for (kind, sql) in [(Kind::Movie, MOVIES), (Kind::Series, SERIES)] {
        reader.session.rows("names", sql, &[], &mut |row| {
            let uuid = row.try_get::<_, Option<Uuid>>(3)?.map(|uuid| uuid.0);
            sink(EntryName {
                kind: Some(kind),
                key: Some(SourceKey(row.try_get(0)?)),
                name: row.try_get(1)?,
                year: row.try_get(2)?,
                uuid: uuid.as_deref(),
                tmdb: row.try_get(4)?,
                imdb: row.try_get(5)?,
                ..EntryName::default()
            });
            Ok(())
        })?;
    }
    Ok(())
}
