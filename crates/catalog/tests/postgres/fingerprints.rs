//! Fingerprints: a column that matters changes those of the titles concerned, and of no other; what
//! does not matter changes none.

use std::collections::{BTreeMap, BTreeSet};

use vod2strm_catalog::source::{Catalog, Unfollowed};
use vod2strm_core::hash::Fingerprint;
use vod2strm_core::model::media::Kind;
use vod2strm_testkit::generate::{Catalogue, Size, small};
use vod2strm_testkit::postgres::TestDatabase;
use vod2strm_testkit::schema::Generation;

use super::{ALL, Key, filled, open, stamps};

/// Table, column, the rest of an UPDATE, and whose fingerprints it changes: `m1` is movie 1.
type Case = (&'static str, &'static str, &'static str, &'static str);

/// Every column that can influence a file, at rows that count and at rows that do not. Alpha, which is
/// account 1, offers something of `m1 m5 s1 s2`, and Beta, account 2, of `m1 m2 m6 s1`.
const CASES: &[Case] = &[
    ("m3u_m3uaccount", "name", "= 'New' WHERE id = 1", "m1 m5 s1 s2"),
    ("m3u_m3uaccount", "name", "= 'New' WHERE id = 2", "m1 m2 m6 s1"),
    ("m3u_m3uaccount", "name", "= 'New' WHERE id = 3", ""),
    ("m3u_m3uaccount", "priority", "= 1 WHERE id = 1", "m1 m5 s1 s2"),
    ("m3u_m3uaccount", "account_type", "= 'STD' WHERE id = 1", "m1 m5 s1 s2"),
    ("m3u_m3uaccount", "server_url", "= 'http://new.example' WHERE id = 1", "m1 m5 s1 s2"),
    ("m3u_m3uaccount", "username", "= 'new' WHERE id = 2", "m1 m2 m6 s1"),
    ("m3u_m3uaccount", "password", "= 'new' WHERE id = 2", "m1 m2 m6 s1"),
    ("m3u_m3uaccount", "password", "= NULL WHERE id = 2", "m1 m2 m6 s1"),
    ("m3u_m3uaccount", "password", "= 'new' WHERE id = 3", ""),
    ("m3u_m3uaccount", "is_active", "= false WHERE id = 1", "m1 m5 s1 s2"),
    ("m3u_m3uaccount", "is_active", "= false WHERE id = 2", "m1 m2 m6 s1"),
    ("vod_m3uvodcategoryrelation", "enabled", "= false WHERE id = 1", "m1 m5"),
    ("vod_m3uvodcategoryrelation", "enabled", "= true WHERE id = 2", "m3"),
    ("vod_m3uvodcategoryrelation", "enabled", "= false WHERE id = 4", "s1 s2"),
    ("vod_m3uvodcategoryrelation", "category_id", "= 3 WHERE id = 3", "m1 m6 s1"),
    ("vod_m3uvodcategoryrelation", "m3u_account_id", "= 3 WHERE id = 3", "m1 m6"),
    ("vod_vodcategory", "name", "= 'New' WHERE id = 1", "m1 m5 m6"),
    ("vod_vodcategory", "name", "= 'New' WHERE id = 2", ""),
    ("vod_vodcategory", "name", "= 'New' WHERE id = 3", "s1 s2"),
    ("vod_movie", "uuid", "= gen_random_uuid() WHERE id = 1", "m1"),
    ("vod_movie", "name", "= 'Heat 2' WHERE id = 1", "m1"),
    ("vod_movie", "name", "= 'heat' WHERE id = 1", "m1"),
    ("vod_movie", "name", "= name || ' ' WHERE id = 6", "m6"),
    ("vod_movie", "name", "= 'New' WHERE id IN (3, 4)", ""),
    ("vod_movie", "description", "= 'x' WHERE id = 5", "m5"),
    ("vod_movie", "description", "= '' WHERE id = 5", "m5"),
    ("vod_movie", "year", "= 1996 WHERE id = 1", "m1"),
    ("vod_movie", "year", "= 0 WHERE id = 6", "m6"),
    ("vod_movie", "rating", "= '7.8' WHERE id = 1", "m1"),
    ("vod_movie", "genre", "= 'Drama' WHERE id = 2", "m2"),
    ("vod_movie", "duration_secs", "= 1 WHERE id = 2", "m2"),
    ("vod_movie", "is_adult", "= true WHERE id = 2", "m2"),
    ("vod_movie", "tmdb_id", "= '950' WHERE id = 1", "m1"),
    ("vod_movie", "imdb_id", "= NULL WHERE id = 1", "m1"),
    ("vod_movie", "logo_id", "= NULL WHERE id = 1", "m1"),
    ("vod_movie", "is_adult", "= true WHERE id = 1", "m1"),
    ("vod_movie", "custom_properties", "= '{\"director\": \"New\"}' WHERE id = 1", "m1"),
    ("vod_movie", "custom_properties", "= '{\"tmdb_url\": \"New\"}'", ""),
    (
        "vod_m3umovierelation",
        "custom_properties",
        "= '{\"basic_data\": {\"name\": \"New\"}}' WHERE id = 2",
        "m1",
    ),
    (
        "vod_m3umovierelation",
        "custom_properties",
        "= '{\"detailed_info\": {\"cast\": [\"New\"]}}' WHERE id = 2",
        "m1",
    ),
    // What changes from day to day, and means nothing.
    (
        "vod_m3umovierelation",
        "custom_properties",
        "= '{\"basic_data\": {\"num\": 7}, \"detailed_info\": {\"bitrate\": 9}}'",
        "",
    ),
    ("vod_vodcategory", "name", "= 'New' WHERE id = 1", "m1 m5 m6"),
    ("vod_series", "custom_properties", "= '{\"cast\": \"New\"}' WHERE id = 1", "s1"),
    ("vod_series", "custom_properties", "= '{\"last_modified\": 1}'", ""),
    (
        "vod_m3useriesrelation",
        "custom_properties",
        "= '{\"basic_data\": {\"is_adult\": 1}}' WHERE id = 3",
        "s2",
    ),
    ("vod_m3useriesrelation", "custom_properties", "= '{\"episodes_fetched\": true}'", ""),
    ("vod_episode", "custom_properties", "= '{\"movie_image\": \"New\"}' WHERE id = 2", "s1"),
    ("vod_episode", "custom_properties", "= '{\"new\": 1}'", ""),
    ("vod_movie", "logo_id", "= 1 WHERE id = 5", "m5"),
    // A poster that does not exist is as good as none.
    ("vod_movie", "logo_id", "= 99 WHERE id = 5", ""),
    ("vod_vodlogo", "url", "= 'https://image.example/new.jpg'", "m1"),
    ("vod_vodlogo", "id", "= 2", "m1"),
    ("vod_m3umovierelation", "m3u_account_id", "= 2 WHERE id = 6", "m5"),
    ("vod_m3umovierelation", "movie_id", "= 5 WHERE id = 2", "m1 m5"),
    ("vod_m3umovierelation", "category_id", "= NULL WHERE id = 1", "m1"),
    ("vod_m3umovierelation", "category_id", "= NULL WHERE id = 4", "m3"),
    ("vod_m3umovierelation", "stream_id", "= 'new' WHERE id = 2", "m1"),
    ("vod_m3umovierelation", "stream_id", "= 'new' || id WHERE id IN (4, 5)", ""),
    ("vod_m3umovierelation", "container_extension", "= 'avi' WHERE id = 2", "m1"),
    ("vod_m3umovierelation", "container_extension", "= '' WHERE id = 7", "m6"),
    ("vod_series", "uuid", "= gen_random_uuid() WHERE id = 1", "s1"),
    ("vod_series", "name", "= 'New' WHERE id = 2", "s2"),
    ("vod_series", "description", "= 'x' WHERE id = 1", "s1"),
    ("vod_series", "year", "= NULL WHERE id = 1", "s1"),
    ("vod_series", "rating", "= '1' WHERE id = 1", "s1"),
    ("vod_series", "genre", "= 'x' WHERE id = 1", "s1"),
    ("vod_series", "tmdb_id", "= '1' WHERE id = 1", "s1"),
    ("vod_series", "imdb_id", "= 'tt1' WHERE id = 1", "s1"),
    ("vod_series", "logo_id", "= 1 WHERE id = 1", "s1"),
    ("vod_m3useriesrelation", "m3u_account_id", "= 2 WHERE id = 3", "s2"),
    ("vod_m3useriesrelation", "series_id", "= 2 WHERE id = 1", "s1 s2"),
    ("vod_m3useriesrelation", "category_id", "= NULL WHERE id = 2", "s1"),
    ("vod_m3useriesrelation", "external_series_id", "= 'new' WHERE id = 1", "s1"),
    ("vod_m3useriesrelation", "external_series_id", "= 'new' WHERE id = 2", ""),
    // Without a stream: nothing points to it.
    ("vod_episode", "id", "= 44 WHERE id = 4", ""),
    ("vod_episode", "uuid", "= gen_random_uuid() WHERE id = 1", "s1"),
    ("vod_episode", "series_id", "= 2 WHERE id = 4", "s1 s2"),
    ("vod_episode", "name", "= 'New' WHERE id = 2", "s1"),
    ("vod_episode", "description", "= 'x' WHERE id = 2", "s1"),
    ("vod_episode", "air_date", "= '2017-12-01' WHERE id = 2", "s1"),
    ("vod_episode", "rating", "= '9' WHERE id = 2", "s1"),
    ("vod_episode", "duration_secs", "= 3000 WHERE id = 2", "s1"),
    ("vod_episode", "season_number", "= 2 WHERE id = 2", "s1"),
    ("vod_episode", "episode_number", "= NULL WHERE id = 2", "s1"),
    ("vod_episode", "tmdb_id", "= '1' WHERE id = 2", "s1"),
    ("vod_episode", "imdb_id", "= 'tt1' WHERE id = 2", "s1"),
    ("vod_m3uepisoderelation", "m3u_account_id", "= 2 WHERE id = 3", "s1"),
    ("vod_m3uepisoderelation", "m3u_account_id", "= 3 WHERE id = 3", "s1"),
    ("vod_m3uepisoderelation", "episode_id", "= 4 WHERE id = 3", "s1"),
    ("vod_m3uepisoderelation", "stream_id", "= 'new' WHERE id = 4", "s1"),
    ("vod_m3uepisoderelation", "container_extension", "= 'ts' WHERE id = 4", "s1"),
];

/// The columns that mean nothing to a library, with a new value for all rows.
const IGNORED: &[(&str, &str, &str)] = &[
    ("m3u_m3uaccount", "file_path server_group_id max_streams user_agent_id", "7"),
    ("m3u_m3uaccount", "stream_profile_id refresh_interval refresh_task_id", "8"),
    ("m3u_m3uaccount", "stale_stream_days status last_message", "9"),
    ("m3u_m3uaccount", "created_at updated_at", "now()"),
    ("m3u_m3uaccount", "locked", "true"),
    ("m3u_m3uaccount", "custom_properties", "'{\"enable_vod\": false}'"),
    ("vod_vodcategory", "category_type", "'new' || id"),
    ("vod_vodcategory", "created_at updated_at", "now()"),
    ("vod_m3uvodcategoryrelation", "id", "id + 100"),
    ("vod_m3uvodcategoryrelation", "custom_properties", "'{}'"),
    ("vod_m3uvodcategoryrelation", "created_at updated_at", "now()"),
    ("vod_vodlogo", "name", "'new'"),
    ("vod_movie", "custom_properties", "'{\"new\": 1}'"),
    ("vod_movie", "custom_properties", "'\"{}\"'"),
    ("vod_movie", "created_at updated_at", "now()"),
    ("vod_m3umovierelation", "id", "id + 100"),
    ("vod_m3uepisoderelation", "id", "id + 100"),
    ("vod_vodlogo", "url", "url || '?token=' || id"),
    ("vod_m3umovierelation", "custom_properties", VOLATILE),
    ("vod_m3umovierelation", "custom_properties", "'[1]'"),
    ("vod_m3umovierelation", "created_at updated_at last_advanced_refresh last_seen", "now()"),
    ("vod_series", "custom_properties", "'{\"last_air_date\": 1, \"category_id\": 2}'"),
    ("vod_series", "created_at updated_at", "now()"),
    ("vod_m3useriesrelation", "custom_properties", VOLATILE),
    ("vod_m3useriesrelation", "created_at updated_at last_episode_refresh last_seen", "now()"),
    ("vod_episode", "created_at updated_at", "now()"),
    ("vod_m3uepisoderelation", "series_relation_id", "NULL"),
    ("vod_m3uepisoderelation", "custom_properties", "'{\"info\": {}}'"),
    ("vod_m3uepisoderelation", "created_at updated_at last_seen", "now()"),
];

/// What changes from day to day, or nobody reads.
const VOLATILE: &str = "'{\"basic_data\": {\"num\": 7, \"added\": \"1\", \"rating\": 5, \"last_modified\": \"1\"}, \
    \"detailed_fetched\": true, \"episodes_fetched\": true, \"movie_data\": {\"name\": \"x\"}, \
    \"detailed_info\": {\"bitrate\": 5, \"video\": {\"index\": 0}}}'";

/// Table, path of keys, and whose fingerprints they change, in row 1: every key of JSON that is read.
const KEYS: &[(&str, &str, &str, &str)] = &[
    ("vod_movie", "", "director actors country youtube_trailer backdrop_path release_date", "m1"),
    ("vod_m3umovierelation", "basic_data", "name is_adult director cast youtube_trailer", "m1"),
    ("vod_m3umovierelation", "basic_data", "trailer release_date", "m1"),
    ("vod_m3umovierelation", "detailed_info", "o_name director cast actors country studio", "m1"),
    ("vod_m3umovierelation", "detailed_info", "mpaa_rating age youtube_trailer", "m1"),
    ("vod_m3umovierelation", "detailed_info", "backdrop_path tvdb_id releasedate", "m1"),
    ("vod_m3umovierelation", "detailed_info", "release_date", "m1"),
    ("vod_series", "", "original_name director cast country age youtube_trailer", "s1"),
    (
        "vod_series",
        "",
        "backdrop_path first_air_date releaseDate release_date status seasons",
        "s1",
    ),
    ("vod_m3useriesrelation", "basic_data", "name is_adult studio tvdb_id", "s1"),
    ("vod_episode", "", "pool movie_image", "s1"),
];

/// Keys that other rows point to; they have a test of their own.
const ROW_IDS: &[&str] = &[
    "m3u_m3uaccount.id",
    "vod_vodcategory.id",
    "vod_movie.id",
    "vod_series.id",
    "vod_m3useriesrelation.id",
];

fn ignored() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    IGNORED.iter().flat_map(|(table, columns, value)| {
        columns.split(' ').map(move |column| (*table, column, *value))
    })
}

fn fingerprints(database: &TestDatabase) -> BTreeMap<Key, Fingerprint> {
    let stamps = stamps(&mut open(database), &ALL);
    stamps.into_iter().map(|(key, stamp)| (key, stamp.fingerprint)).collect()
}

/// The titles whose fingerprints differ, those that came and went included, as in [`Case`].
fn difference(before: &BTreeMap<Key, Fingerprint>, after: &BTreeMap<Key, Fingerprint>) -> String {
    let keys: BTreeSet<Key> = before.keys().chain(after.keys()).copied().collect();
    let changed = keys.into_iter().filter(|key| before.get(key) != after.get(key));
    let names = changed.map(|(kind, id)| match kind {
        Kind::Movie => format!("m{id}"),
        Kind::Series => format!("s{id}"),
    });
    names.collect::<Vec<_>>().join(" ")
}

#[test]
fn a_column_that_matters_changes_the_titles_concerned_and_no_other() {
    let database = filled(&small());
    let before = fingerprints(&database);
    for (table, column, rest, concerned) in CASES {
        let sql = format!("UPDATE {table} SET {column} {rest}");
        database.execute(&sql);
        assert_eq!(difference(&before, &fingerprints(&database)), *concerned, "{sql}");
        database.clear();
        database.insert(&small());
    }
    assert_eq!(fingerprints(&database), before, "rows that were inserted again");
}

#[test]
fn a_key_that_matters_changes_the_title_concerned_whatever_is_beside_it() {
    let database = filled(&small());
    for (table, path, keys, concerned) in KEYS {
        for key in keys.split(' ') {
            let set = |value: &str| {
                let document = match *path {
                    "" => format!("{{\"{key}\": {value}}}"),
                    path => format!("{{\"{path}\": {{\"num\": 1, \"{key}\": {value}}}}}"),
                };
                let sql =
                    format!("UPDATE {table} SET custom_properties = '{document}' WHERE id = 1");
                database.execute(&sql);
                fingerprints(&database)
            };
            let before = set("\"1\"");
            for value in ["1", "[\"1\"]", "{\"1\": 1}", "\"2\"", "null"] {
                let after = set(value);
                assert_eq!(difference(&before, &after), *concerned, "{table} {path} {key} {value}");
            }
        }
        database.execute(&format!("UPDATE {table} SET custom_properties = NULL"));
    }
}

#[test]
fn a_column_that_does_not_matter_changes_no_title() {
    let database = filled(&small());
    let before = fingerprints(&database);
    for (table, column, value) in ignored() {
        let sql = format!("UPDATE {table} SET {column} = {value}");
        database.execute(&sql);
        assert_eq!(difference(&before, &fingerprints(&database)), "", "{sql}");
    }
}

/// Where a file keeps its UUID, and has no login, neither changes a title.
#[test]
fn what_files_do_not_follow_changes_no_title() {
    let database = filled(&small());
    let fingerprints = || {
        let mut catalog = open(&database);
        catalog.leave_out(Unfollowed { uuids: true, logins: true });
        let stamps = stamps(&mut catalog, &ALL).into_iter();
        stamps.map(|(key, stamp)| (key, stamp.fingerprint)).collect::<BTreeMap<_, _>>()
    };
    let before = fingerprints();
    for sql in [
        "UPDATE vod_movie SET uuid = gen_random_uuid()",
        "UPDATE vod_series SET uuid = gen_random_uuid()",
        "UPDATE vod_episode SET uuid = gen_random_uuid()",
        "UPDATE m3u_m3uaccount SET server_url = 'http://new.example', password = 'new'",
    ] {
        database.execute(sql);
        assert_eq!(difference(&before, &fingerprints()), "", "{sql}");
    }
    database.execute("UPDATE m3u_m3uaccount SET name = 'New' WHERE id = 1");
    assert_eq!(difference(&before, &fingerprints()), "m1 m5 s1 s2");
}

#[test]
fn a_default_profile_that_changes_urls_counts_and_no_other() {
    let database = filled(&small());
    let before = fingerprints(&database);
    let insert = |name: &str, flags: &str, search: &str| {
        database.execute(&format!(
            "INSERT INTO m3u_m3uaccountprofile (m3u_account_id, name, is_default, is_active, \
             search_pattern, replace_pattern, max_streams, current_viewers) \
             VALUES (1, '{name}', {flags}, '{search}', '$1', 0, 0)"
        ));
    };
    insert("identity", "true, true", "^(.*)$");
    insert("another", "false, true", "(x)");
    assert_eq!(difference(&before, &fingerprints(&database)), "");
    database.execute(
        "UPDATE m3u_m3uaccountprofile SET search_pattern = '(y)' WHERE m3u_account_id = 1",
    );
    assert_eq!(difference(&before, &fingerprints(&database)), "m1 m5 s1 s2");
}

#[test]
fn somebody_thought_of_every_column() {
    let database = TestDatabase::create(Generation::NEWEST);
    let cases = CASES.iter().map(|(table, column, ..)| format!("{table}.{column}"));
    let ignored = ignored().map(|(table, column, _)| format!("{table}.{column}"));
    let row_ids = ROW_IDS.iter().map(|name| (*name).to_owned());
    let known: BTreeSet<String> = cases.chain(ignored).chain(row_ids).collect();
    let tables: BTreeSet<&str> = known.iter().map(|name| name.split('.').next().unwrap()).collect();
    let quoted = |names: Vec<&str>| format!("('{}')", names.join("', '"));
    let sql = format!(
        "SELECT count(*) FROM information_schema.columns WHERE table_name IN {} \
         AND (table_name || '.' || column_name IN {})",
        quoted(tables.into_iter().collect()),
        quoted(known.iter().map(String::as_str).collect()),
    );
    let named = database.query_one_i64(&sql);
    let others = database.query_one_i64(&sql.replace("AND (", "AND NOT ("));
    assert_eq!(
        (named, others),
        (known.len() as i64, 0),
        "columns that exist, and those unthought of"
    );
}

#[test]
fn a_titles_own_row_id_and_its_categorys_come_and_go() {
    let database = filled(&small());
    let before = fingerprints(&database);
    database.execute(
        "UPDATE vod_movie SET id = 55 WHERE id = 5; \
         UPDATE vod_m3umovierelation SET movie_id = 55 WHERE movie_id = 5; \
         UPDATE vod_series SET id = 22 WHERE id = 2; \
         UPDATE vod_m3useriesrelation SET series_id = 22 WHERE series_id = 2",
    );
    let after = fingerprints(&database);
    assert_eq!(difference(&before, &after), "m5 m55 s2 s22");
    assert_eq!(before[&(Kind::Movie, 5)], after[&(Kind::Movie, 55)]);
    assert_eq!(before[&(Kind::Series, 2)], after[&(Kind::Series, 22)]);
}

#[test]
fn the_order_of_the_rows_on_disk_means_nothing() {
    let size = Size { movies: 300, series: 30, episodes_per_series: 8 };
    let catalogue = Catalogue::generate(5, size, true);
    let database = filled(&catalogue);
    let before = fingerprints(&database);
    let tables = [
        "m3u_m3uaccount",
        "vod_m3uvodcategoryrelation",
        "vod_vodlogo",
        "vod_movie",
        "vod_m3umovierelation",
        "vod_series",
        "vod_m3useriesrelation",
        "vod_episode",
        "vod_m3uepisoderelation",
    ];
    for table in tables {
        // Every third row, and then every second, moves to the end of its table.
        for step in [3, 2] {
            database.execute(&format!("UPDATE {table} SET id = id WHERE id % {step} = 0"));
        }
    }
    assert_eq!(fingerprints(&database), before, "after updates without a change");
    for table in tables {
        database.execute(&format!("CREATE INDEX {table}_backwards ON {table} ((-id))"));
        database.execute(&format!("CLUSTER {table} USING {table}_backwards"));
    }
    assert_eq!(fingerprints(&database), before, "backwards");
    for table in tables {
        database.execute(&format!(
            "BEGIN; SET LOCAL session_replication_role = replica; \
             CREATE TEMPORARY TABLE kept ON COMMIT DROP AS SELECT * FROM {table}; \
             DELETE FROM {table}; \
             INSERT INTO {table} SELECT * FROM kept ORDER BY md5(id::text); COMMIT"
        ));
    }
    assert_eq!(fingerprints(&database), before, "deleted and inserted again, shuffled");
    assert!(before.len() > 200, "{} titles", before.len());
}

#[test]
fn generations_agree_on_fingerprints_too() {
    let of = |generation| {
        let database = TestDatabase::create(generation);
        database.insert(&small());
        fingerprints(&database)
    };
    // An upgrade of Dispatcharr rewrites no library.
    let newest = of(Generation::NEWEST);
    for generation in Generation::ALL {
        assert_eq!(of(generation), newest, "{}", generation.name());
    }
}
