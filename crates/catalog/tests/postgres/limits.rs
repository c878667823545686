//! A server that stops to speak in the middle of a run: the real one, behind a relay that stops to pass on.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use vod2strm_catalog::dispatcharr::postgres::PgCatalog;
use vod2strm_catalog::dispatcharr::postgres::address::DatabaseAddress;
use vod2strm_catalog::error::CatalogError;
use vod2strm_catalog::limits::{Excess, SourceLimits};
use vod2strm_catalog::source::Catalog;
use vod2strm_testkit::generate::{Catalogue, Size, small};

use super::{ALL, filled};

const SILENCE: Duration = Duration::from_secs(1);

/// Passes all on to the server and back, until this many bytes have come back after the client said the word.
fn relay(server: u16, word: &'static str, bytes: usize) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let server = TcpStream::connect(("127.0.0.1", server)).unwrap();
            let said = Arc::new(AtomicBool::new(false));
            let (from, to, heard) =
                (client.try_clone().unwrap(), server.try_clone().unwrap(), said.clone());
            thread::spawn(move || {
                pass(from, to, |text| {
                    let has = text.windows(word.len()).any(|part| part == word.as_bytes());
                    heard.fetch_or(has, Ordering::SeqCst);
                    text.len()
                });
            });
            let mut rest = bytes;
            thread::spawn(move || {
                pass(server, client, move |text| {
                    let most =
                        if said.load(Ordering::SeqCst) { rest.min(text.len()) } else { text.len() };
                    rest -= if said.load(Ordering::SeqCst) { most } else { 0 };
                    most
                });
            });
        }
    });
    port
}

/// Passes on as many bytes of each piece as the rule says, until one of both has gone.
fn pass(mut from: TcpStream, mut to: TcpStream, mut rule: impl FnMut(&[u8]) -> usize) {
    let mut piece = vec![0; 4096];
    while let Ok(length @ 1..) = from.read(&mut piece) {
        let most = rule(&piece[..length]);
        if to.write_all(&piece[..most]).is_err() {
            return;
        }
    }
}

/// The port in an address.
fn port_of(url: &str) -> u16 {
    let after = url.rsplit_once("127.0.0.1:").unwrap().1;
    after.split('/').next().unwrap().parse().unwrap()
}

fn open(url: &str, limits: SourceLimits) -> Result<PgCatalog, CatalogError> {
    PgCatalog::open(&DatabaseAddress { limits, ..DatabaseAddress::parse(url)? })
}

fn login() -> String {
    format!("pwuser:{}", std::env::var("V2S_TEST_PG_PASSWORD").unwrap())
}

/// A first pass over the database, and then a second one on a new snapshot.
fn two_passes(url: &str, limits: SourceLimits) -> Result<(), CatalogError> {
    let mut catalog = open(url, limits)?;
    catalog.stamps(&ALL, &mut |_| {})?;
    catalog.renew()?;
    catalog.stamps(&ALL, &mut |_| {})
}

#[test]
fn a_server_that_stops_to_speak_between_rows_or_at_the_end_of_a_transaction() {
    let database = filled(&Catalogue::generate(
        3,
        Size { movies: 400, series: 10, episodes_per_series: 2 },
        false,
    ));
    database.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO pwuser");
    let url = format!("{}?sslmode=disable", database.tcp_url(&login()));
    let limits = SourceLimits { silence: SILENCE, ..SourceLimits::default() };
    two_passes(&url, limits).unwrap();
    for (word, bytes) in [("SET default", 0), ("vod_m3umovierelation", 6000), ("COMMIT", 0)] {
        let port = relay(port_of(&url), word, bytes);
        let relayed = url.replace(&format!(":{}/", port_of(&url)), &format!(":{port}/"));
        match two_passes(&relayed, limits) {
            Err(CatalogError::Excess { excess: Excess::NoAnswer(SILENCE), .. }) => {}
            other => panic!("{word}: {other:?}"),
        }
    }
}

#[test]
fn rows_are_bounded() {
    let database = filled(&small());
    let usual = SourceLimits::default();
    for (limits, excess) in [
        (SourceLimits { entries: 1, ..usual }, Excess::Entries(1)),
        (SourceLimits { size: 10, ..usual }, Excess::Size(10)),
    ] {
        let failed = open(&database.url(), limits).and_then(|mut it| it.stamps(&ALL, &mut |_| {}));
        let Err(CatalogError::Excess { excess: found, .. }) = failed else { panic!("{failed:?}") };
        assert_eq!(found, excess);
    }
}

/// A statement without rows hears nothing of a client that has gone, unless it is told.
#[test]
fn a_statement_that_nobody_waits_for_any_more_is_ended() {
    let database = filled(&small());
    database.execute(
        "ALTER TABLE vod_episode RENAME TO episode; \
         CREATE VIEW vod_episode AS SELECT * FROM episode WHERE pg_sleep(600) IS NOT NULL",
    );
    let mut catalog =
        open(&database.url(), SourceLimits { silence: SILENCE, ..SourceLimits::default() })
            .unwrap();
    let failed = catalog.stamps(&ALL, &mut |_| {});
    assert!(
        matches!(failed, Err(CatalogError::Excess { excess: Excess::NoAnswer(SILENCE), .. })),
        "{failed:?}"
    );
    let asleep = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
                  AND application_name = 'vod2strm' AND wait_event = 'PgSleep'";
    while database.query_one_i64(asleep) > 0 {}
}
