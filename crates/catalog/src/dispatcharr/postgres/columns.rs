//! The columns that matter, each listed once. The same list is fingerprinted in the first pass and fetched in the
//! second, so that no column can be forgotten in one of them.

use tokio_postgres::Row;
use tokio_postgres::types::{FromSql, Type};
use vod2strm_core::hash::RowHasher;
use vod2strm_core::plan::quiet::without_query;

use super::json::{Json, JsonField};
use super::measured::{last_probed, of_panel, probed};
use super::schema::Schema;
use crate::error::BoxedError;

/// What is selected, and not fingerprinted: ids of rows, and when they were made. They are others when a row is made anew,
/// and no file has them. When a title was added is known from the first row of it.
const OF_ROWS: [&str; 3] = ["r.id", "e.id", "t.created_at"];

/// What is not fingerprinted where old addresses play: UUIDs, and whose UUID a stream is played by.
const UUIDS: [&str; 3] = ["t.uuid", "e.uuid", "r.episode_id"];

/// The place of a picture.
const LOGO_URL: &str = "{logo_url}";

/// A list of columns of one statement. The first column says whose row it is and is not
/// fingerprinted: a title's own row id comes and goes.
pub struct Columns {
    /// Keeps rows of different tables apart in a fingerprint.
    pub tag: u8,
    /// What is selected, in order.
    pub list: &'static [&'static str],
    /// What is selected after it: single keys of JSON documents, never a whole one, for those also hold
    /// what changes from day to day. Of the keys for the same field the first that can be used counts.
    pub json: &'static [(JsonField, &'static str)],
    /// The tables, with `{logo}` for the join of the logos.
    pub from: &'static str,
    /// The column by which `load` asks for some titles alone.
    pub owner: &'static str,
    /// Their table alone, for whoever asks only whose they are.
    pub table: &'static str,
}

/// How many of the first columns say whose a stream is: title, row, account, category, and the provider's number.
const WHOSE: usize = 5;

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
        "{is_adult}",
        "t.created_at",
    ],
    json: &[
        (JsonField::Director, "t.custom_properties->'director'"),
        (JsonField::Cast, "t.custom_properties->'actors'"),
        (JsonField::Country, "t.custom_properties->'country'"),
        (JsonField::Trailer, "t.custom_properties->'youtube_trailer'"),
        (JsonField::Picture, "t.custom_properties->'backdrop_path'"),
        (JsonField::Premiered, "t.custom_properties->'release_date'"),
    ],
    from: "vod_movie t {logo}",
    owner: "t.id",
    table: "vod_movie t",
};

/// Series; the same columns as movies.
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
        "NULL::integer",
        "false",
        "t.created_at",
    ],
    json: &[
        (JsonField::Original, "t.custom_properties->'original_name'"),
        (JsonField::Director, "t.custom_properties->'director'"),
        (JsonField::Cast, "t.custom_properties->'cast'"),
        (JsonField::Country, "t.custom_properties->'country'"),
        (JsonField::Mpaa, "t.custom_properties->'age'"),
        (JsonField::Trailer, "t.custom_properties->'youtube_trailer'"),
        (JsonField::Picture, "t.custom_properties->'backdrop_path'"),
        (JsonField::Premiered, "t.custom_properties->'first_air_date'"),
        (JsonField::Premiered, "t.custom_properties->'releaseDate'"),
        (JsonField::Premiered, "t.custom_properties->'release_date'"),
        (JsonField::Status, "t.custom_properties->'status'"),
        (JsonField::Seasons, "t.custom_properties->'seasons'"),
    ],
    from: "vod_series t {logo}",
    owner: "t.id",
    table: "vod_series t",
};

/// Who offers a movie, and what he says of it: `basic` is from his list, `detailed` is there once
/// somebody has looked at the movie.
pub const MOVIE_STREAMS: Columns = Columns {
    tag: b'M',
    list: &[
        "r.movie_id",
        "r.id",
        "r.m3u_account_id",
        "r.category_id",
        "r.stream_id",
        "r.container_extension",
        "j.basic->'name'",
        "j.basic->'is_adult'",
    ],
    json: &[
        (JsonField::Original, "j.detailed->'o_name'"),
        (JsonField::Director, "j.detailed->'director'"),
        (JsonField::Director, "j.basic->'director'"),
        (JsonField::Cast, "j.detailed->'cast'"),
        (JsonField::Cast, "j.detailed->'actors'"),
        (JsonField::Cast, "j.basic->'cast'"),
        (JsonField::Country, "j.detailed->'country'"),
        (JsonField::Studio, "j.detailed->'studio'"),
        (JsonField::Mpaa, "j.detailed->'mpaa_rating'"),
        (JsonField::Mpaa, "j.detailed->'age'"),
        (JsonField::Trailer, "j.detailed->'youtube_trailer'"),
        (JsonField::Trailer, "j.basic->'youtube_trailer'"),
        (JsonField::Trailer, "j.basic->'trailer'"),
        (JsonField::Picture, "j.detailed->'backdrop_path'"),
        (JsonField::Tvdb, "j.detailed->'tvdb_id'"),
        (JsonField::Premiered, "j.detailed->'releasedate'"),
        (JsonField::Premiered, "j.detailed->'release_date'"),
        (JsonField::Premiered, "j.basic->'release_date'"),
        (JsonField::Measured, probed!()),
        (JsonField::Measured, of_panel!("j.video", "j.audio")),
        (JsonField::Measured, last_probed!()),
    ],
    // Each look into a document unpacks all of it. OFFSET keeps the planner from merging the two that are here into
    // every column, which took 3.5 times as long.
    from: "vod_m3umovierelation r CROSS JOIN LATERAL (SELECT r.custom_properties->'basic_data' AS \
           basic, r.custom_properties->'detailed_info' AS detailed, r.custom_properties->'probe' AS probe \
           OFFSET 0) AS d CROSS JOIN LATERAL (SELECT d.*, coalesce(d.detailed#>'{video,0}', d.detailed->'video') \
           AS video, coalesce(d.detailed#>'{audio,0}', d.detailed->'audio') AS audio OFFSET 0) AS j",
    owner: "r.movie_id",
    table: "vod_m3umovierelation r",
};

/// Who offers a series. Dispatcharr itself copies most of what he says into the series.
pub const SERIES_STREAMS: Columns = Columns {
    tag: b'S',
    list: &[
        "r.series_id",
        "r.id",
        "r.m3u_account_id",
        "r.category_id",
        "r.external_series_id",
        "NULL::varchar",
        "j.basic->'name'",
        "j.basic->'is_adult'",
    ],
    json: &[(JsonField::Studio, "j.basic->'studio'"), (JsonField::Tvdb, "j.basic->'tvdb_id'")],
    from: "vod_m3useriesrelation r CROSS JOIN LATERAL (SELECT r.custom_properties->'basic_data' AS \
           basic OFFSET 0) AS j",
    owner: "r.series_id",
    table: "vod_m3useriesrelation r",
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
    json: &[
        (JsonField::Director, "e.custom_properties->'pool'"),
        (JsonField::Picture, "e.custom_properties->'movie_image'"),
    ],
    from: "vod_episode e",
    owner: "e.series_id",
    table: "vod_episode e",
};

/// Who offers an episode. Episodes have no category of their own, and of their documents only what was measured is
/// worth unpacking them in every run.
pub const EPISODE_STREAMS: Columns = Columns {
    tag: b'E',
    list: &[
        "e.series_id",
        "r.id",
        "r.m3u_account_id",
        "NULL::bigint",
        "r.stream_id",
        "r.container_extension",
        "NULL::jsonb",
        "NULL::jsonb",
        "r.episode_id",
        // Which episode a stream is of, whatever that episode's row. Without numbers the name tells.
        "e.season_number",
        "e.episode_number",
        "CASE WHEN e.season_number IS NULL OR e.episode_number IS NULL THEN e.name END",
    ],
    json: &[
        (JsonField::Measured, probed!()),
        (JsonField::Measured, of_panel!("j.video", "j.audio")),
        (JsonField::Measured, last_probed!()),
    ],
    from: "vod_m3uepisoderelation r JOIN vod_episode e ON e.id = r.episode_id CROSS JOIN LATERAL (SELECT \
           r.custom_properties->'probe' AS probe, r.custom_properties#>'{info,info}' AS info OFFSET 0) AS d \
           CROSS JOIN LATERAL (SELECT d.*, coalesce(d.info#>'{video,0}', d.info->'video') AS video, \
           coalesce(d.info#>'{audio,0}', d.info->'audio') AS audio OFFSET 0) AS j",
    owner: "e.series_id",
    table: "vod_m3uepisoderelation r",
};

impl Columns {
    /// All rows, in whatever order the server finds cheapest.
    pub fn select_all(&self, schema: &Schema) -> String {
        // There is no foreign key on logo_id, so a logo may be missing.
        let (logo, url) = match schema.logo_table {
            Some(table) => (format!("LEFT JOIN {table} l ON l.id = t.logo_id"), "l.url"),
            None => (String::new(), "NULL::text"),
        };
        let is_adult = if schema.has_is_adult { "t.is_adult" } else { "false" };
        let json = self.json.iter().map(|(_, key)| *key);
        let list: Vec<&str> = self.list.iter().copied().chain(json).collect();
        let list = list.join(", ").replace(LOGO_URL, url).replace("{is_adult}", is_adult);
        format!("SELECT {list} FROM {}", self.from.replace("{logo}", &logo))
    }

    /// All rows of streams, with the columns that say whose they are.
    pub fn select_whose(&self) -> String {
        format!("SELECT {} FROM {}", self.list[..WHOSE].join(", "), self.table)
    }

    /// The rows of some titles: `$1` is an array of their ids.
    pub fn select_some(&self, schema: &Schema) -> String {
        format!("{} WHERE {} = ANY($1)", self.select_all(schema), self.owner)
    }

    /// What a row's JSON says, each field once.
    pub fn said(&self, row: &Row) -> Result<Vec<(JsonField, String)>, tokio_postgres::Error> {
        let mut said: Vec<(JsonField, String)> = Vec::new();
        for (place, (field, _)) in (self.list.len()..).zip(self.json) {
            if said.iter().all(|(known, _)| known != field) {
                let json: Json = row.try_get(place)?;
                said.extend(field.read(&json).map(|text| (*field, text)));
            }
        }
        Ok(said)
    }

    /// What is fingerprinted of the rows; `keeps_uuids` where an address plays whatever UUID it has.
    pub fn fingerprinted(&self, keeps_uuids: bool) -> Fingerprinted {
        let is_left_out =
            |name: &&str| OF_ROWS.contains(name) || keeps_uuids && UUIDS.contains(name);
        let part = |name: &&str| match *name {
            _ if is_left_out(name) => HashedPart::Nothing,
            LOGO_URL => HashedPart::Picture,
            _ => HashedPart::Whole,
        };
        let json = self.json.iter().map(|_| HashedPart::Whole);
        Fingerprinted { tag: self.tag, parts: self.list.iter().map(part).chain(json).collect() }
    }
}

/// What of a column is fingerprinted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum HashedPart {
    Whole,
    /// An address without its query, if it names a picture.
    Picture,
    Nothing,
}

/// What is fingerprinted of rows.
pub struct Fingerprinted {
    tag: u8,
    parts: Vec<HashedPart>,
}

impl Fingerprinted {
    /// Begins a row's fingerprint with all that counts behind its first column.
    pub fn hash(&self, row: &Row, hasher: &mut RowHasher) -> Result<(), tokio_postgres::Error> {
        hasher.start(self.tag);
        for (column, part) in self.parts.iter().enumerate().skip(1) {
            if *part == HashedPart::Nothing {
                continue;
            }
            let raw: Option<Raw<'_>> = row.try_get(column)?;
            let raw = raw.map(|raw| raw.0);
            hasher.field(if *part == HashedPart::Picture { raw.map(without_query) } else { raw });
        }
        Ok(())
    }
}

/// A value's bytes as they came over the wire, whatever its type: equal bytes, equal value.
struct Raw<'a>(&'a [u8]);

impl<'a> FromSql<'a> for Raw<'a> {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Raw<'a>, BoxedError> {
        Ok(Raw(raw))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}
