//! The columns that matter, each listed once: the same list is fingerprinted in the first pass and
//! fetched in the second, so that no column can be forgotten in one of them.

use tokio_postgres::Row;
use tokio_postgres::types::{FromSql, Type};
use vod2strm_core::hash::RowHasher;

use super::schema::Schema;
use crate::error::Cause;

/// A list of columns of one statement. The first column says whose row it is and is not
/// fingerprinted: a title's own row id comes and goes.
pub struct Columns {
    /// Keeps rows of different tables apart in a fingerprint.
    pub tag: u8,
    /// What is selected, in order.
    pub list: &'static [&'static str],
    /// The tables, with `{logo}` for the join of the logos.
    pub from: &'static str,
    /// The column by which `load` asks for some titles alone.
    pub owner: &'static str,
}

/// Movies.
pub const MOVIES: Columns = Columns {
    tag: b'm',
    list: &[
        "t.id",
        "t.uuid",
        "t.name",
        "t.description",
        "t.year",
        "t.rating",
        "t.genre",
        "t.tmdb_id",
        "t.imdb_id",
        "{logo_url}",
        "t.duration_secs",
    ],
    from: "vod_movie t {logo}",
    owner: "t.id",
};

/// Series; the same columns as movies, which have a running time besides.
pub const SERIES: Columns = Columns {
    tag: b's',
    list: &[
        "t.id",
        "t.uuid",
        "t.name",
        "t.description",
        "t.year",
        "t.rating",
        "t.genre",
        "t.tmdb_id",
        "t.imdb_id",
        "{logo_url}",
    ],
    from: "vod_series t {logo}",
    owner: "t.id",
};

/// Who offers a movie.
pub const MOVIE_COPIES: Columns = Columns {
    tag: b'M',
    list: &[
        "r.movie_id",
        "r.id",
        "r.m3u_account_id",
        "r.category_id",
        "r.stream_id",
        "r.container_extension",
    ],
    from: "vod_m3umovierelation r",
    owner: "r.movie_id",
};

/// Who offers a series.
pub const SERIES_COPIES: Columns = Columns {
    tag: b'S',
    list: &[
        "r.series_id",
        "r.id",
        "r.m3u_account_id",
        "r.category_id",
        "r.external_series_id",
        "NULL::varchar",
    ],
    from: "vod_m3useriesrelation r",
    owner: "r.series_id",
};

/// Episodes.
pub const EPISODES: Columns = Columns {
    tag: b'e',
    list: &[
        "e.series_id",
        "e.id",
        "e.uuid",
        "e.name",
        "e.description",
        "e.air_date",
        "e.rating",
        "e.duration_secs",
        "e.season_number",
        "e.episode_number",
        "e.tmdb_id",
        "e.imdb_id",
    ],
    from: "vod_episode e",
    owner: "e.series_id",
};

/// Who offers an episode. Episodes have no category of their own.
pub const EPISODE_COPIES: Columns = Columns {
    tag: b'E',
    list: &[
        "e.series_id",
        "r.id",
        "r.m3u_account_id",
        "NULL::bigint",
        "r.stream_id",
        "r.container_extension",
        "r.episode_id",
    ],
    from: "vod_m3uepisoderelation r JOIN vod_episode e ON e.id = r.episode_id",
    owner: "e.series_id",
};

impl Columns {
    /// All rows, in whatever order the server finds cheapest.
    pub fn select_all(&self, schema: &Schema) -> String {
        // There is no foreign key on logo_id, so a logo may be missing.
        let (logo, url) = match schema.logo_table {
            Some(table) => (format!("LEFT JOIN {table} l ON l.id = t.logo_id"), "l.url"),
            None => (String::new(), "NULL::text"),
        };
        let list = self.list.join(", ").replace("{logo_url}", url);
        format!("SELECT {list} FROM {}", self.from.replace("{logo}", &logo))
    }

    /// The rows of some titles: `$1` is an array of their ids.
    pub fn select_some(&self, schema: &Schema) -> String {
        format!("{} WHERE {} = ANY($1)", self.select_all(schema), self.owner)
    }

    /// Begins a row's fingerprint with all its columns but the first.
    pub fn hash(&self, row: &Row, hasher: &mut RowHasher) -> Result<(), tokio_postgres::Error> {
        hasher.start(self.tag);
        for column in 1..row.len() {
            let raw: Option<Raw<'_>> = row.try_get(column)?;
            hasher.field(raw.map(|raw| raw.0));
        }
        Ok(())
    }
}

/// A value's bytes as they came over the wire, whatever its type: equal bytes, equal value.
struct Raw<'a>(&'a [u8]);

impl<'a> FromSql<'a> for Raw<'a> {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Raw<'a>, Cause> {
        Ok(Raw(raw))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}
