//! Which Dispatcharr is this? Asked once per run; versions 0.9 to 0.31 differ in a few columns.

use std::collections::BTreeSet;

use super::error::DatabaseError;
use super::session::Session;
use crate::error::CatalogError;

/// What has been there since 0.9, the first release with VOD.
const REQUIRED: [(&str, &[&str]); 10] = [
    (
        "m3u_m3uaccount",
        &[
            "id",
            "name",
            "is_active",
            "priority",
            "account_type",
            "server_url",
            "username",
            "password",
        ],
    ),
    (
        "m3u_m3uaccountprofile",
        &["id", "m3u_account_id", "is_default", "is_active", "search_pattern", "replace_pattern"],
    ),
    ("vod_m3uvodcategoryrelation", &["m3u_account_id", "category_id", "enabled"]),
    (
        "vod_movie",
        &[
            "id",
            "custom_properties",
            "created_at",
            "uuid",
            "name",
            "description",
            "year",
            "rating",
            "genre",
            "duration_secs",
            "tmdb_id",
            "imdb_id",
            "logo_id",
        ],
    ),
    (
        "vod_m3umovierelation",
        &[
            "id",
            "movie_id",
            "m3u_account_id",
            "category_id",
            "stream_id",
            "container_extension",
            "last_seen",
            "custom_properties",
        ],
    ),
    (
        "vod_series",
        &[
            "id",
            "custom_properties",
            "created_at",
            "uuid",
            "name",
            "description",
            "year",
            "rating",
            "genre",
            "tmdb_id",
            "imdb_id",
            "logo_id",
        ],
    ),
    (
        "vod_m3useriesrelation",
        &[
            "id",
            "series_id",
            "m3u_account_id",
            "category_id",
            "external_series_id",
            "last_seen",
            "custom_properties",
        ],
    ),
    (
        "vod_episode",
        &[
            "id",
            "custom_properties",
            "uuid",
            "name",
            "description",
            "air_date",
            "rating",
            "duration_secs",
            "season_number",
            "episode_number",
            "tmdb_id",
            "imdb_id",
            "series_id",
        ],
    ),
    (
        "vod_m3uepisoderelation",
        &["id", "episode_id", "m3u_account_id", "stream_id", "container_extension"],
    ),
    ("vod_vodcategory", &["id", "name"]),
];

/// Where logos live: since 0.12, and before.
const LOGO_TABLES: [&str; 2] = ["vod_vodlogo", "dispatcharr_channels_logo"];

/// All tables that are read, by the names that they have in any version.
pub(super) fn tables() -> Vec<&'static str> {
    REQUIRED.iter().map(|(table, _)| *table).chain(LOGO_TABLES).collect()
}

/// The tables that this user sees in the search path, with their columns. Asked of the catalogue
/// itself: `information_schema` hides what the user may not read, and then says "missing".
const PROBE: &str = "
    SELECT c.relname::text, a.attname::text
    FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE c.relkind IN ('r', 'p', 'v', 'm') AND pg_catalog.pg_table_is_visible(c.oid)
      AND (c.relname LIKE 'vod\\_%' OR c.relname IN ('m3u_m3uaccount', 'm3u_m3uaccountprofile',
                                                        'dispatcharr_channels_logo'))";

/// What this database has beyond the required.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schema {
    /// The table of logos; `None` when there is none, and titles have no poster.
    pub logo_table: Option<&'static str>,
    /// Whether movies have `is_adult`; before, only the streams' JSON said it.
    pub has_is_adult: bool,
    /// Whether its proxy plays an address that names stream and account, whatever UUID it has: since 0.26, which has
    /// the tables of 0.20. `None` where the tables do not tell.
    pub keeps_uuids: Option<bool>,
    /// The releases that have such tables.
    pub generation: &'static str,
}

impl Schema {
    /// Looks at the tables; an error names what is missing.
    pub fn probe(session: &mut Session) -> Result<Schema, CatalogError> {
        let mut found: BTreeSet<(String, String)> = BTreeSet::new();
        session.rows("its tables", PROBE, &[], &mut |row| {
            found.insert((row.try_get(0)?, row.try_get(1)?));
            Ok(())
        })?;
        let missing = missing(&found);
        if missing.is_empty() {
            Ok(Schema {
                logo_table: logo_table(&found),
                has_is_adult: has(&found, "vod_movie", "is_adult"),
                keeps_uuids: keeps_uuids(&found),
                generation: generation(&found),
            })
        } else {
            let database = session.database().to_owned();
            Err(DatabaseError::NotDispatcharr { database, missing }.into())
        }
    }
}

fn has(found: &BTreeSet<(String, String)>, table: &str, column: &str) -> bool {
    found.contains(&(table.to_owned(), column.to_owned()))
}

fn missing(found: &BTreeSet<(String, String)>) -> Vec<String> {
    let mut missing = Vec::new();
    for (table, columns) in REQUIRED {
        if !found.iter().any(|(name, _)| name == table) {
            missing.push(format!("table {table}"));
            continue;
        }
        let without = columns.iter().filter(|column| !has(found, table, column));
        missing.extend(without.map(|column| format!("column {table}.{column}")));
    }
    missing
}

fn logo_table(found: &BTreeSet<(String, String)>) -> Option<&'static str> {
    LOGO_TABLES.into_iter().find(|table| has(found, table, "id") && has(found, table, "url"))
}

fn keeps_uuids(found: &BTreeSet<(String, String)>) -> Option<bool> {
    match () {
        () if has(found, "vod_movie", "is_adult") => Some(true),
        () if has(found, "vod_m3uepisoderelation", "series_relation_id") => None,
        () => Some(false),
    }
}

fn generation(found: &BTreeSet<(String, String)>) -> &'static str {
    match () {
        () if has(found, "vod_movie", "is_adult") => "0.29 or later",
        () if has(found, "vod_m3uepisoderelation", "series_relation_id") => "0.20 to 0.28",
        () if has(found, "vod_vodlogo", "url") => "0.12 to 0.19",
        () => "0.9 to 0.11",
    }
}
