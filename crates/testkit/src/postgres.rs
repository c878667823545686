//! Databases for tests, on the server that `scripts/test` starts: made empty, filled with a
//! [`Catalogue`], dropped when the value goes.
//!
//! Everything blocks the calling thread, which must not be one that runs an async runtime's tasks.

use std::env;
use std::fmt;
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use tokio::runtime::{Builder, Runtime};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, NoTls};

use crate::schema::{Catalogue, Generation};

/// A [`TableRows`]: `table!(name, rows, { field [as "column"]: "type", … }, constants)`.
macro_rules! table {
    ($name:expr, $rows:expr, { $($field:ident $(as $column:literal)?: $type:literal),* $(,)? }, $constants:expr) => {
        TableRows {
            name: $name,
            rows: $rows.len(),
            columns: vec![$(Column {
                name: [$($column,)? stringify!($field)][0],
                sql_type: $type,
                values: $rows.iter().map(|row| row.$field.sql_text()).collect(),
            }),*],
            constants: $constants.to_vec(),
        }
    };
}

/// A database of its own, which nobody else uses.
pub struct TestDatabase {
    name: String,
    server: String,
    generation: Option<Generation>,
    runtime: Runtime,
    client: Client,
}

impl fmt::Debug for TestDatabase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestDatabase")
            .field("name", &self.name)
            .field("generation", &self.generation)
            .finish_non_exhaustive()
    }
}

impl TestDatabase {
    /// A database with the tables of a generation, all of them empty.
    ///
    /// # Panics
    ///
    /// Without a server: tests that need one never pass silently.
    pub fn create(generation: Generation) -> TestDatabase {
        let mut database = TestDatabase::from_custom_sql(generation.sql());
        database.generation = Some(generation);
        database
    }

    /// A database made by the given statements, for whatever is not Dispatcharr's.
    ///
    /// # Panics
    ///
    /// As [`TestDatabase::create`].
    pub fn from_custom_sql(sql: &str) -> TestDatabase {
        let Ok(server) = env::var("V2S_TEST_PG") else {
            panic!("this test needs a PostgreSQL server (V2S_TEST_PG is not set): run scripts/test")
        };
        let runtime =
            Builder::new_current_thread().enable_all().build().expect("a runtime can be made");
        let name = unique_name();
        let admin = connect(&runtime, &server);
        run(&runtime, &admin, &format!("CREATE DATABASE {name}"));
        let client = connect(&runtime, &with_database(&server, &name));
        let database = TestDatabase { name, server, generation: None, runtime, client };
        database.execute(sql);
        database
    }

    /// The database's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where the program finds it: through the Unix socket, as superuser.
    pub fn url(&self) -> String {
        with_database(&self.server, &self.name)
    }

    /// The same over TCP, as another user; `login` is `user` or `user:password`, percent-encoded.
    ///
    /// # Panics
    ///
    /// When the environment does not name the server's port.
    pub fn tcp_url(&self, login: &str) -> String {
        let address = env::var("V2S_TEST_PG_TCP").expect("V2S_TEST_PG_TCP is set by scripts/test");
        format!("postgres://{login}@{address}/{}", self.name)
    }

    /// Runs statements, divided by semicolons.
    ///
    /// # Panics
    ///
    /// When one of them fails.
    pub fn execute(&self, sql: &str) {
        run(&self.runtime, &self.client, sql);
    }

    /// Runs statements in a session of their own, and ends all sessions of this database, also that of `execute`.
    /// The server has then counted all that they wrote.
    ///
    /// # Panics
    ///
    /// When one of the statements fails.
    pub fn execute_and_leave(&self, sql: &str) {
        let session = connect(&self.runtime, &self.url());
        run(&self.runtime, &session, sql);
        let admin = connect(&self.runtime, &self.server);
        let sessions = format!("FROM pg_stat_activity WHERE datname = '{}'", self.name);
        run(&self.runtime, &admin, &format!("SELECT pg_terminate_backend(pid) {sessions}"));
        let left = format!("SELECT count(*) {sessions}");
        let count = || self.runtime.block_on(admin.query_one(&left, &[]));
        while count().expect("the server tells its sessions").get::<_, i64>(0) > 0 {}
    }

    /// Puts a copy of the database into its place: equal in all that its tables have and count, and another
    /// one. The session of `execute` is gone with the old one.
    ///
    /// # Panics
    ///
    /// When the server refuses it.
    pub fn replace_by_copy(&self) {
        self.execute_and_leave("SELECT 1");
        let (admin, name) = (connect(&self.runtime, &self.server), &self.name);
        for sql in [
            format!("CREATE DATABASE {name}_copy TEMPLATE {name}"),
            format!("DROP DATABASE {name} WITH (FORCE)"),
            format!("ALTER DATABASE {name}_copy RENAME TO {name}"),
        ] {
            run(&self.runtime, &admin, &sql);
        }
    }

    /// A further session of the database, under a name, as another program has it. It stays until it is
    /// dropped, and its last statement is what the server shows of it.
    ///
    /// # Panics
    ///
    /// When the server refuses it.
    pub fn session(&self, application: &str) -> OtherSession<'_> {
        let client = connect(&self.runtime, &self.url());
        let session = OtherSession { database: self, client };
        session.execute(&format!("SET application_name = '{application}'"));
        session
    }

    /// The one `bigint` that a query yields; cast what is none (`count(*)` is one).
    ///
    /// # Panics
    ///
    /// When it yields anything else.
    pub fn query_one_i64(&self, sql: &str) -> i64 {
        self.runtime
            .block_on(self.client.query_one(sql, &[]))
            .unwrap_or_else(|error| panic!("{sql}: {error:?}"))
            .get(0)
    }

    /// Empties every table but `django_migrations`.
    ///
    /// # Panics
    ///
    /// When the database is not Dispatcharr's.
    pub fn clear(&self) {
        let logos = self.dispatcharr().logo_table();
        self.execute(&format!(
            "TRUNCATE m3u_m3uaccount, m3u_m3uaccountprofile, {logos}, vod_vodcategory, \
             vod_m3uvodcategoryrelation, vod_movie, vod_m3umovierelation, vod_series, \
             vod_m3useriesrelation, vod_episode, vod_m3uepisoderelation, plugins_pluginconfig \
             RESTART IDENTITY"
        ));
    }

    /// Inserts all rows of a catalogue, in one transaction, and what else Dispatcharr would have made
    /// with them: each account's default profile. Columns that the generation lacks are left out.
    /// Later inserts without ids get those that follow. In large catalogues foreign keys are not checked.
    ///
    /// # Panics
    ///
    /// When a row breaks a constraint, or the database is not Dispatcharr's.
    pub fn insert(&self, catalogue: &Catalogue) {
        let generation = self.dispatcharr();
        let logos = &catalogue.logos;
        let posters =
            table!(generation.logo_table(), logos, { id: "bigint", name: "text", url: "text" }, []);
        let large = catalogue.rows() > LARGE;
        self.execute("BEGIN");
        if large {
            // What checks half a million foreign keys takes longer than all the rest.
            self.execute("SET LOCAL session_replication_role = replica");
        }
        self.insert_table(&posters);
        for make in MAKERS {
            let mut table = make(catalogue);
            table.columns.retain(|column| match column.name {
                "is_adult" => generation.has_is_adult(),
                "series_relation_id" => generation.has_series_relation(),
                _ => true,
            });
            self.insert_table(&table);
        }
        self.execute(DEFAULT_PROFILES);
        self.execute("COMMIT");
        // A real server has statistics of large tables; small ones need none.
        if large {
            self.execute("ANALYZE");
        }
    }

    fn dispatcharr(&self) -> Generation {
        self.generation.expect("a database of a generation, not one from custom SQL")
    }

    /// All values travel as text arrays, one per column, and are cast by the server.
    fn insert_table(&self, table: &TableRows) {
        let name = table.name;
        for start in (0..table.rows).step_by(CHUNK) {
            let end = table.rows.min(start + CHUNK);
            let slices: Vec<Vec<Option<&str>>> = table
                .columns
                .iter()
                .map(|column| column.values[start..end].iter().map(Option::as_deref).collect())
                .collect();
            let values: Vec<&(dyn ToSql + Sync)> =
                slices.iter().map(|slice| slice as &(dyn ToSql + Sync)).collect();
            self.runtime
                .block_on(self.client.execute(&table.statement(), &values))
                .unwrap_or_else(|error| panic!("inserting into {name}: {error:?}"));
        }
        self.execute(&format!(
            "SELECT setval(pg_get_serial_sequence('{name}', 'id'), max(id)) FROM {name}"
        ));
    }
}

/// Another program's session.
pub struct OtherSession<'a> {
    database: &'a TestDatabase,
    client: Client,
}

impl OtherSession<'_> {
    /// Runs statements, divided by semicolons, as one message.
    ///
    /// # Panics
    ///
    /// When one of them fails.
    pub fn execute(&self, sql: &str) {
        run(&self.database.runtime, &self.client, sql);
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let admin = connect(&self.runtime, &self.server);
        run(&self.runtime, &admin, &format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name));
    }
}

/// Catalogues with more rows get no check of their foreign keys, but statistics.
const LARGE: usize = 20_000;

/// Rows per statement.
const CHUNK: usize = 5_000;

/// What Dispatcharr adds to a new account.
const DEFAULT_PROFILES: &str = "INSERT INTO m3u_m3uaccountprofile (m3u_account_id, name, is_default, \
    max_streams, is_active, search_pattern, replace_pattern, current_viewers) \
    SELECT id, name || ' Default', true, max_streams, true, '^(.*)$', '$1', 0 FROM m3u_m3uaccount \
    ON CONFLICT DO NOTHING";

fn unique_name() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("the clock is right");
    format!("v2s_{}_{}_{count}", process::id(), now.as_micros())
}

/// The URL with another database in its path.
fn with_database(url: &str, database: &str) -> String {
    let (scheme, rest) = url.split_once("://").expect("V2S_TEST_PG is a URL");
    let (before, query) = rest.split_once('?').map_or((rest, None), |(a, b)| (a, Some(b)));
    let authority = before.split('/').next().unwrap_or_default();
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    format!("{scheme}://{authority}/{database}{query}")
}

fn connect(runtime: &Runtime, url: &str) -> Client {
    runtime.block_on(async {
        let (client, connection) = tokio_postgres::connect(url, NoTls)
            .await
            .unwrap_or_else(|error| panic!("no PostgreSQL server at {url}: {error:?}"));
        // Ends by itself when the client or the server goes.
        tokio::spawn(connection);
        client
    })
}

fn run(runtime: &Runtime, client: &Client, sql: &str) {
    let result = runtime.block_on(client.batch_execute(sql));
    result.unwrap_or_else(|error| panic!("{}: {error:?}", sql.get(..200).unwrap_or(sql)));
}

/// A column of a table: its SQL type, and a value for each row.
struct Column {
    name: &'static str,
    sql_type: &'static str,
    values: Vec<Option<String>>,
}

/// A table to fill.
struct TableRows {
    name: &'static str,
    rows: usize,
    columns: Vec<Column>,
    /// Columns that are the same in all rows, as SQL.
    constants: Vec<(&'static str, &'static str)>,
}

impl TableRows {
    fn statement(&self) -> String {
        let varying = self.columns.iter().map(|column| column.name);
        let names: Vec<_> = varying.chain(self.constants.iter().map(|(name, _)| *name)).collect();
        let casts = self.columns.iter().enumerate();
        let casts = casts.map(|(index, column)| format!("c{index}::{}", column.sql_type));
        let constants = self.constants.iter().map(|(_, value)| (*value).to_owned());
        let values: Vec<_> = casts.chain(constants).collect();
        let indices = 0..self.columns.len();
        let aliases: Vec<_> = indices.clone().map(|index| format!("c{index}")).collect();
        let arrays: Vec<_> = indices.map(|index| format!("${}::text[]", index + 1)).collect();
        format!(
            "INSERT INTO {} ({}) SELECT {} FROM unnest({}) AS v ({})",
            self.name,
            names.join(", "),
            values.join(", "),
            arrays.join(", "),
            aliases.join(", ")
        )
    }
}

/// A row's value as PostgreSQL's text, or NULL.
trait Value {
    fn sql_text(&self) -> Option<String>;
}

impl Value for String {
    fn sql_text(&self) -> Option<String> {
        Some(self.clone())
    }
}

impl Value for i64 {
    fn sql_text(&self) -> Option<String> {
        Some(self.to_string())
    }
}

impl Value for i32 {
    fn sql_text(&self) -> Option<String> {
        Some(self.to_string())
    }
}

impl Value for bool {
    fn sql_text(&self) -> Option<String> {
        Some(self.to_string())
    }
}

impl<T: Value> Value for Option<T> {
    fn sql_text(&self) -> Option<String> {
        self.as_ref().and_then(Value::sql_text)
    }
}

const TIMES: [(&str, &str); 2] = [("created_at", WHEN), ("updated_at", WHEN)];
const SEEN: [(&str, &str); 3] = [TIMES[0], TIMES[1], ("last_seen", WHEN)];
const WHEN: &str = "'2026-01-01 00:00:00+00'::timestamptz";
const ACCOUNT: [(&str, &str); 6] = [
    TIMES[0],
    TIMES[1],
    ("max_streams", "1"),
    ("status", "'success'"),
    ("refresh_interval", "24"),
    ("stale_stream_days", "7"),
];

/// What makes a table of a catalogue; one at a time is in memory.
type Maker = fn(&Catalogue) -> TableRows;

/// The tables in an order in which they can be filled; the posters', whose name depends, are extra.
const MAKERS: [Maker; 9] = [
    |all| {
        table!("m3u_m3uaccount", all.accounts, {
        id: "bigint", name: "text", account_type: "text", server_url: "text", username: "text",
        password: "text", is_active: "boolean", priority: "integer", locked: "boolean",
        custom_properties: "jsonb",
    }, ACCOUNT)
    },
    |all| {
        table!("vod_vodcategory", all.categories, {
        id: "bigint", name: "text", category_type: "text",
    }, TIMES)
    },
    |all| {
        table!("vod_m3uvodcategoryrelation", all.category_relations, {
        id: "bigint", account_id as "m3u_account_id": "bigint", category_id: "bigint",
        enabled: "boolean",
    }, TIMES)
    },
    |all| {
        table!("vod_movie", all.movies, {
        id: "bigint", uuid: "uuid", name: "text", description: "text", year: "integer",
        rating: "text", genre: "text", duration_secs: "integer", tmdb_id: "text",
        imdb_id: "text", custom_properties: "jsonb", logo_id: "bigint", is_adult: "boolean",
    }, TIMES)
    },
    |all| {
        table!("vod_m3umovierelation", all.movie_relations, {
        id: "bigint", account_id as "m3u_account_id": "bigint", movie_id: "bigint",
        category_id: "bigint", stream_id: "text", container_extension: "text",
        custom_properties: "jsonb",
    }, SEEN)
    },
    |all| {
        table!("vod_series", all.series, {
        id: "bigint", uuid: "uuid", name: "text", description: "text", year: "integer",
        rating: "text", genre: "text", tmdb_id: "text", imdb_id: "text",
        custom_properties: "jsonb", logo_id: "bigint",
    }, TIMES)
    },
    |all| {
        table!("vod_m3useriesrelation", all.series_relations, {
        id: "bigint", account_id as "m3u_account_id": "bigint", series_id: "bigint",
        category_id: "bigint", external_series_id: "text", custom_properties: "jsonb",
    }, SEEN)
    },
    |all| {
        table!("vod_episode", all.episodes, {
        id: "bigint", uuid: "uuid", series_id: "bigint", name: "text", description: "text",
        air_date: "date", rating: "text", duration_secs: "integer", season_number: "integer",
        episode_number: "integer", tmdb_id: "text", imdb_id: "text",
        custom_properties: "jsonb",
    }, TIMES)
    },
    |all| {
        table!("vod_m3uepisoderelation", all.episode_relations, {
        id: "bigint", account_id as "m3u_account_id": "bigint", episode_id: "bigint",
        series_relation_id: "bigint", stream_id: "text", container_extension: "text",
        custom_properties: "jsonb",
    }, SEEN)
    },
];

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use proptest::strategy::{Strategy, ValueTree};
    use proptest::test_runner::TestRunner;

    use super::*;
    use crate::generate::{Size, catalogues, small};

    const TABLES: [&str; 9] = [
        "m3u_m3uaccount",
        "vod_vodcategory",
        "vod_m3uvodcategoryrelation",
        "vod_movie",
        "vod_m3umovierelation",
        "vod_series",
        "vod_m3useriesrelation",
        "vod_episode",
        "vod_m3uepisoderelation",
    ];

    fn rows(database: &TestDatabase, generation: Generation) -> usize {
        let tables = TABLES.iter().copied().chain([generation.logo_table()]);
        let count = |table| database.query_one_i64(&format!("SELECT count(*) FROM {table}"));
        tables.map(count).sum::<i64>() as usize
    }

    #[test]
    fn every_generation_takes_every_kind_of_catalogue() {
        let size = Size { movies: 1_500, series: 80, episodes_per_series: 12 };
        for generation in Generation::ALL {
            let database = TestDatabase::create(generation);
            for all in [small(), Catalogue::generate(1, size, true), Catalogue::default()] {
                database.insert(&all);
                assert_eq!(rows(&database, generation), all.rows(), "{generation:?}");
                database.clear();
            }
        }
    }

    #[test]
    fn random_catalogues_satisfy_the_constraints() {
        let database = TestDatabase::create(Generation::NEWEST);
        let mut runner = TestRunner::deterministic();
        for _ in 0..64 {
            let all = catalogues().new_tree(&mut runner).expect("a catalogue").current();
            database.insert(&all);
            assert_eq!(rows(&database, Generation::NEWEST), all.rows());
            database.clear();
        }
    }

    #[test]
    fn values_arrive_as_they_are() {
        let all =
            Catalogue::generate(3, Size { movies: 300, series: 0, episodes_per_series: 0 }, true);
        let database = TestDatabase::create(Generation::NEWEST);
        database.insert(&all);
        let sql = "SELECT id, name, stream_id FROM vod_movie JOIN (SELECT DISTINCT ON (movie_id) \
                   movie_id, stream_id FROM vod_m3umovierelation ORDER BY movie_id, id) r \
                   ON movie_id = id ORDER BY id";
        let found = database.runtime.block_on(database.client.query(sql, &[])).expect("rows");
        assert!(found.len() > 250);
        for row in found {
            let id: i64 = row.get(0);
            let movie = &all.movies[id as usize - 1];
            let stream = all.movie_relations.iter().find(|stream| stream.movie_id == id);
            assert_eq!(movie.name, row.get::<_, String>(1));
            assert_eq!(stream.map(|stream| stream.stream_id.clone()), Some(row.get(2)));
        }
    }

    #[test]
    fn generations_differ_in_the_columns_that_they_say() {
        let column = |database: &TestDatabase, table: &str, column: &str| {
            database.query_one_i64(&format!(
                "SELECT count(*) FROM information_schema.columns \
                 WHERE table_name = '{table}' AND column_name = '{column}'"
            )) == 1
        };
        for generation in Generation::ALL {
            let it = TestDatabase::create(generation);
            assert_eq!(column(&it, "vod_vodlogo", "url"), generation.has_logo_table_vod());
            assert_eq!(column(&it, "vod_movie", "is_adult"), generation.has_is_adult());
            let table = "vod_m3uepisoderelation";
            assert_eq!(column(&it, table, "series_relation_id"), generation.has_series_relation());
        }
    }

    #[test]
    fn later_rows_get_later_ids_and_accounts_a_profile() {
        let database = TestDatabase::create(Generation::V0_9);
        database.insert(&small());
        database.execute("INSERT INTO dispatcharr_channels_logo (name, url) VALUES ('x', 'y')");
        assert_eq!(database.query_one_i64("SELECT max(id) FROM dispatcharr_channels_logo"), 2);
        assert_eq!(database.query_one_i64("SELECT count(*) FROM m3u_m3uaccountprofile"), 3);
    }

    #[test]
    fn a_database_goes_with_its_value() {
        let watcher = TestDatabase::from_custom_sql("CREATE TABLE unlike_dispatcharr (id bigint)");
        let sql = |name: &str| format!("SELECT count(*) FROM pg_database WHERE datname = '{name}'");
        let other = TestDatabase::from_custom_sql("");
        let name = other.name().to_owned();
        assert_eq!(watcher.query_one_i64(&sql(&name)), 1);
        drop(other);
        assert_eq!(watcher.query_one_i64(&sql(&name)), 0);
    }

    #[test]
    fn the_url_gets_another_path_and_nothing_else() {
        let socket = "postgres://postgres@/postgres?host=%2Ftmp%2Fx&port=5433";
        assert_eq!(with_database(socket, "a"), "postgres://postgres@/a?host=%2Ftmp%2Fx&port=5433");
        assert_eq!(with_database("postgres://u:p@h:1/b", "a"), "postgres://u:p@h:1/a");
        assert_eq!(with_database("postgres://h", "a"), "postgres://h/a");
    }

    #[test]
    #[ignore = "a measurement"]
    fn a_large_catalogue_is_inserted_quickly() {
        let size = Size { movies: 100_000, series: 10_000, episodes_per_series: 20 };
        let all = Catalogue::generate(1, size, true);
        let database = TestDatabase::create(Generation::NEWEST);
        let start = Instant::now();
        database.insert(&all);
        let (took, rows) = (start.elapsed(), all.rows());
        assert!(took < Duration::from_secs(60), "{rows} rows took {took:?}");
    }
}
