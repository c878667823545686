//! TLS with libpq's degrees of distrust, as far as the server offers it.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, Stream};
use vod2strm_catalog::dispatcharr::postgres::error::DatabaseError;
use vod2strm_testkit::generate::small;
use vod2strm_testkit::postgres::TestDatabase;

use super::errors::{SECRET, refused, words};
use super::filled;

/// A server that takes one connection, reads a little, and gives one answer.
pub(super) fn answer_once(answer: &'static [u8]) -> (u16, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = thread::spawn(move || {
        let (mut connection, _) = listener.accept().unwrap();
        connection.read_exact(&mut [0; 8]).unwrap();
        connection.write_all(answer).unwrap();
    });
    (port, server)
}

/// The server's certificate, unless it offers no TLS.
fn certificate() -> Option<String> {
    let path = std::env::var("V2S_TEST_PG_CERT").unwrap_or_default();
    if path.is_empty() {
        eprintln!("not checked: this server offers no TLS");
    }
    Some(path).filter(|path| !path.is_empty())
}

/// The database over TCP by this host name, which is known to be here.
fn url(database: &TestDatabase, host: &str, options: &str) -> String {
    let url = database.tcp_url(&format!("postgres:{SECRET}"));
    format!("{}?hostaddr=127.0.0.1&{options}", url.replace("127.0.0.1", host))
}

/// Whether the connection that this address opens is encrypted.
fn is_encrypted(database: &TestDatabase, host: &str, options: &str) -> bool {
    let _catalog = crate::open_url(&url(database, host, options))
        .unwrap_or_else(|error| panic!("{host} {options}: {}", words(&error)));
    let encrypted = database.query_one_i64(
        "SELECT count(*) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) \
         WHERE ssl AND datname = current_database() AND application_name = 'vod2strm'",
    );
    encrypted > 0
}

fn assert_distrusted(database: &TestDatabase, host: &str, options: &str) {
    let error = refused(&url(database, host, options));
    assert!(matches!(error.reader(), Some(DatabaseError::Tls { .. })), "{options}: {error:?}");
    assert!(error.to_string().starts_with("cannot set up TLS with "), "{error}");
}

#[test]
fn sslmode_decides_about_encryption() {
    if certificate().is_none() {
        return;
    }
    let database = filled(&small());
    for (options, encrypted) in [
        ("", true),
        ("sslmode=prefer", true),
        ("sslmode=require", true),
        ("sslmode=disable", false),
    ] {
        assert_eq!(is_encrypted(&database, "localhost", options), encrypted, "{options}");
    }
}

#[test]
fn a_certificate_of_an_authority_that_nobody_named_is_distrusted() {
    if certificate().is_none() {
        return;
    }
    let database = filled(&small());
    for mode in ["verify-full", "verify-ca"] {
        assert_distrusted(&database, "localhost", &format!("sslmode={mode}"));
    }
}

#[test]
fn a_certificate_that_is_its_own_authority_is_trusted_where_it_is_named() {
    let Some(certificate) = certificate() else { return };
    let database = filled(&small());
    let root = format!("sslrootcert={}", certificate.replace('/', "%2F"));
    let full = format!("sslmode=verify-full&{root}");
    assert!(is_encrypted(&database, "localhost", &full));
    assert!(is_encrypted(&database, "127.0.0.1", &full));
    assert_distrusted(&database, "elsewhere.example", &full);
    let authority = format!("sslmode=verify-ca&{root}");
    assert!(is_encrypted(&database, "elsewhere.example", &authority));
}

/// Makes two authorities, and a certificate for localhost that the first of them signed.
const MAKE_CERTIFICATES: &str = "
    set -e
    new='-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes'
    for name in ca other; do
        openssl req -x509 $new -days 3650 -subj /CN=$name -keyout $name.key -out $name.pem
    done
    openssl req $new -subj /CN=localhost -keyout server.key -out server.csr
    echo 'subjectAltName=DNS:localhost,IP:127.0.0.1' >server.ext
    openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 3650 \
        -extfile server.ext -out server.pem
";

/// What a server says to a user whom it does not like, once it has been trusted with his name.
const NOT_YOU: &[u8] = b"E\x00\x00\x00\x1cSFATAL\0C28P01\0Mnot you\0\0";

/// A server that agrees on TLS, and then refuses everybody, as often as it is asked.
fn refuse_politely(folder: &Path, times: usize) -> (u16, JoinHandle<()>) {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let chain = CertificateDer::pem_file_iter(folder.join("server.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_file(folder.join("server.key")).unwrap();
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain.map(Result::unwrap).collect(), key)
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = thread::spawn(move || {
        for _ in 0..times {
            let (mut connection, _) = listener.accept().unwrap();
            connection.read_exact(&mut [0; 8]).unwrap();
            connection.write_all(b"S").unwrap();
            let mut session = ServerConnection::new(config.clone()).unwrap();
            let mut stream = Stream::new(&mut session, &mut connection);
            // A client that does not trust this server has gone by now.
            if stream.read(&mut [0; 1024]).is_ok_and(|length| length > 0) {
                stream.write_all(NOT_YOU).unwrap();
            }
        }
    });
    (port, server)
}

#[test]
fn a_certificate_is_checked_as_far_as_sslmode_says() {
    let folder = tempfile::tempdir().unwrap();
    let mut openssl = Command::new("sh");
    openssl.args(["-c", MAKE_CERTIFICATES]).current_dir(folder.path());
    if !openssl.output().is_ok_and(|output| output.status.success()) {
        eprintln!("not checked: openssl makes no certificates here");
        return;
    }
    let cases = [
        ("localhost", "verify-full", "ca", true),
        ("127.0.0.1", "verify-full", "ca", true),
        ("elsewhere.example", "verify-full", "ca", false),
        ("elsewhere.example", "verify-ca", "ca", true),
        ("elsewhere.example", "require", "ca", true),
        ("localhost", "verify-full", "other", false),
        ("localhost", "verify-ca", "other", false),
        ("localhost", "require", "other", false),
    ];
    let (port, server) = refuse_politely(folder.path(), cases.len());
    for (host, mode, root, trusted) in cases {
        let root = folder.path().join(format!("{root}.pem"));
        let error = refused(&format!(
            "postgres://joe:{SECRET}@{host}:{port}/tv?hostaddr=127.0.0.1&sslmode={mode}&sslrootcert={}",
            root.display()
        ));
        let is_login = matches!(error.reader(), Some(DatabaseError::Login { .. }));
        let is_tls = matches!(error.reader(), Some(DatabaseError::Tls { .. }));
        assert_eq!((is_login, is_tls), (trusted, !trusted), "{host} {mode}: {}", words(&error));
    }
    server.join().unwrap();
}

#[test]
fn a_root_certificate_that_is_not_there_is_named() {
    let database = filled(&small());
    let error = refused(&url(&database, "localhost", "sslmode=verify-full&sslrootcert=/no/ca.pem"));
    assert!(matches!(error.reader(), Some(DatabaseError::Tls { .. })), "{error:?}");
    assert!(words(&error).contains("/no/ca.pem"), "{}", words(&error));
}

#[test]
fn a_server_without_tls_is_refused_where_tls_is_required() {
    let (port, server) = answer_once(b"N");
    let error = refused(&format!("postgres://joe:{SECRET}@127.0.0.1:{port}/tv?sslmode=require"));
    server.join().unwrap();
    assert!(matches!(error.reader(), Some(DatabaseError::Tls { .. })), "{error:?}");
}
