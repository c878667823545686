//! Databases that cannot be read: each error says which it is, and none says a password.

use std::error::Error as _;
use std::fmt::Write as _;
use std::net::TcpListener;

use vod2strm_catalog::dispatcharr::postgres::error::DatabaseError;
use vod2strm_catalog::error::CatalogError;
use vod2strm_catalog::source::Catalog;
use vod2strm_testkit::generate::small;
use vod2strm_testkit::postgres::TestDatabase;
use vod2strm_testkit::schema::Generation;

use super::{ALL, filled};

/// The password that no error may repeat.
pub(super) const SECRET: &str = "s3cr3t-marker";

/// All that an error and its causes can be made to say.
pub(super) fn words(error: &CatalogError) -> String {
    let mut text = format!("{error}\n{error:?}\n{error:#?}\n");
    let mut cause = error.source();
    while let Some(error) = cause {
        let _ = writeln!(text, "{error}\n{error:?}");
        cause = error.source();
    }
    text
}

/// The error of a catalogue that cannot be opened.
pub(super) fn refused(url: &str) -> CatalogError {
    let Err(error) = crate::open_url(url) else { panic!("{url} can be opened") };
    assert!(!words(&error).contains(SECRET), "{}", words(&error));
    error
}

/// A user of the server, for as long as the value lives.
struct Role<'a> {
    database: &'a TestDatabase,
    name: String,
}

impl Role<'_> {
    fn new(database: &TestDatabase) -> Role<'_> {
        let name = format!("{}_user", database.name());
        database.execute(&format!("CREATE ROLE {name} LOGIN"));
        Role { database, name }
    }

    fn url(&self) -> String {
        self.database.tcp_url(&format!("{}:{SECRET}", self.name))
    }
}

impl Drop for Role<'_> {
    fn drop(&mut self) {
        let name = &self.name;
        self.database.execute(&format!("DROP OWNED BY {name}; DROP ROLE {name}"));
    }
}

/// A port at which nobody listens.
fn closed_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[test]
fn a_server_that_is_not_there() {
    let port = closed_port();
    let error = refused(&format!("postgres://joe:{SECRET}@127.0.0.1:{port}/tv"));
    assert!(matches!(error.reader(), Some(DatabaseError::Unreachable { .. })), "{error:?}");
    assert_eq!(error.to_string(), format!("cannot reach 127.0.0.1:{port}"));
    assert!(words(&error).contains("refused"), "{}", words(&error));
    let error = refused(&format!("postgres://joe:{SECRET}@%2Fnonexistent/tv"));
    assert!(matches!(error.reader(), Some(DatabaseError::Unreachable { .. })), "{error:?}");
    assert_eq!(error.to_string(), "cannot reach /nonexistent/.s.PGSQL.5432");
}

#[test]
fn a_server_that_is_not_postgresql() {
    let (port, server) = super::tls::answer_once(b"HTTP/1.1 400 Bad Request\r\n\r\n");
    let error = refused(&format!("postgres://joe:{SECRET}@127.0.0.1:{port}/tv"));
    server.join().unwrap();
    assert!(matches!(error.reader(), Some(DatabaseError::Unreachable { .. })), "{error:?}");
}

#[test]
fn a_database_that_is_not_there() {
    let database = TestDatabase::from_custom_sql("");
    let url = database.tcp_url(&format!("postgres:{SECRET}"));
    let error = refused(&url.replace(database.name(), "no_such_database"));
    assert!(matches!(error.reader(), Some(DatabaseError::NoDatabase { .. })), "{error:?}");
    let text = error.to_string();
    assert!(text.ends_with(" has no database no_such_database"), "{text}");
}

#[test]
fn a_wrong_password_a_missing_one_and_an_unknown_user() {
    let database = TestDatabase::from_custom_sql("");
    let login = |login: &str| {
        let error = refused(&database.tcp_url(login));
        assert!(matches!(error.reader(), Some(DatabaseError::Login { .. })), "{login}: {error:?}");
        assert!(error.to_string().ends_with(" refuses the user or the password"), "{error}");
        words(&error)
    };
    let wrong = login(&format!("pwuser:{SECRET}"));
    assert!(wrong.contains("password authentication failed"), "{wrong}");
    let missing = login("pwuser");
    assert!(missing.contains("password missing"), "{missing}");
    let unknown = login(&format!("nobody_knows_him:{SECRET}"));
    assert!(unknown.contains("does not exist"), "{unknown}");
}

#[test]
fn a_database_that_is_not_dispatcharrs_names_what_it_lacks() {
    let database = TestDatabase::from_custom_sql("CREATE TABLE vod_movie (id bigint, name text)");
    let error = refused(&database.url());
    let Some(DatabaseError::NotDispatcharr { missing, .. }) = error.reader() else {
        panic!("{error:?}")
    };
    assert_eq!(missing.first().map(String::as_str), Some("table m3u_m3uaccount"));
    assert!(missing.contains(&"column vod_movie.uuid".to_owned()), "{missing:?}");
    assert!(!missing.contains(&"column vod_movie.name".to_owned()), "{missing:?}");
    assert!(!missing.contains(&"table vod_movie".to_owned()), "{missing:?}");
    let text = error.to_string();
    assert!(text.starts_with(&format!("database {} is not", database.name())), "{text}");
    assert!(text.contains("table vod_m3umovierelation"), "{text}");
}

#[test]
fn a_column_that_is_missing_is_named() {
    for generation in Generation::ALL {
        let database = TestDatabase::create(generation);
        database.execute("ALTER TABLE vod_episode DROP COLUMN season_number");
        database.execute("ALTER TABLE m3u_m3uaccount DROP COLUMN priority");
        let error = refused(&database.url());
        let Some(DatabaseError::NotDispatcharr { missing, .. }) = error.reader() else {
            panic!("{error:?}")
        };
        assert_eq!(
            *missing,
            ["column m3u_m3uaccount.priority", "column vod_episode.season_number"]
        );
    }
}

#[test]
fn a_database_without_posters_is_still_one() {
    let database = filled(&small());
    database.execute("DROP TABLE vod_vodlogo");
    let mut found = 0;
    super::open(&database).stamps(&ALL, &mut |_| found += 1).unwrap();
    assert_eq!(found, 6);
}

#[test]
fn a_user_without_rights_learns_what_he_may_not_read() {
    let database = filled(&small());
    let role = Role::new(&database);
    let error = refused(&role.url());
    assert!(matches!(error.reader(), Some(DatabaseError::Forbidden { .. })), "{error:?}");
    assert_eq!(error.to_string(), "the database user may not read accounts");
    assert!(words(&error).contains("permission denied for table m3u_m3uaccount"));
    let name = &role.name;
    database.execute(&format!(
        "GRANT SELECT ON ALL TABLES IN SCHEMA public TO {name}; \
         REVOKE SELECT ON vod_episode FROM {name}"
    ));
    let error = crate::open_url(&role.url()).unwrap().stamps(&ALL, &mut |_| {}).unwrap_err();
    assert_eq!(error.to_string(), "the database user may not read episodes");
    assert!(!words(&error).contains(SECRET), "{}", words(&error));
    database.execute(&format!("GRANT SELECT ON vod_episode TO {name}"));
    crate::open_url(&role.url()).unwrap().stamps(&ALL, &mut |_| {}).unwrap();
}

#[test]
fn a_server_that_goes_away_is_no_end_of_the_catalogue() {
    let database = filled(&small());
    let mut catalog = super::open(&database);
    let ended = database.query_one_i64(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
         WHERE datname = current_database() AND application_name = 'vod2strm'",
    );
    assert_eq!(ended, 1);
    let error = catalog.stamps(&ALL, &mut |_| {}).unwrap_err();
    assert!(matches!(error, CatalogError::Incomplete { .. }), "{error:?}");
    assert_eq!(error.to_string(), "the answer of the database broke off");
}
