//! Sources that cannot be read: databases and playlists.

use std::io::{Read, Write};
use std::net::TcpListener;

use insta::assert_snapshot;
use vod2strm_testkit::generate::small;
use vod2strm_testkit::http::{Server, answer};
use vod2strm_testkit::postgres::TestDatabase;
use vod2strm_testkit::schema::Generation;

use crate::scene::{PLAYLIST, SECRET, Scene};

/// A source that could not be read has made nothing.
fn assert_nothing(scene: &Scene) {
    assert!(!scene.path("library").exists() && !scene.path(".local").exists());
}

fn closed_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[test]
fn a_database_that_is_not_there() {
    let scene = Scene::new();
    let source = format!("postgres://joe:{SECRET}@127.0.0.1:{}/tv", closed_port());
    assert_snapshot!(scene.generate(&["--source", &source]), @"
    status 1
    opening the source
    error: cannot reach 127.0.0.1:PORT
      because: Connection refused (os error N)
      try: is the address right, and the server running and reachable from here? Dispatcharr's PostgreSQL listens inside Docker: join its network, or publish its port
    ");
    assert_nothing(&scene);
    // The same by the environment, and without a library.
    let mut command = scene.binary();
    command.args(["generate", "--output", "library", "--dry-run", "--json"]);
    let dry = scene.report(&command.env("VOD2STRM_SOURCE", source).output().unwrap());
    assert_snapshot!(dry, @"
    status 1
    warning: base_url: http://localhost:9191, the default: players on other machines cannot open it; set --base-url to Dispatcharr's address in your network
    opening the source
    error: cannot reach 127.0.0.1:PORT
      because: Connection refused (os error N)
      try: is the address right, and the server running and reachable from here? Dispatcharr's PostgreSQL listens inside Docker: join its network, or publish its port
    ");
}

#[test]
fn a_wrong_password_and_a_missing_one() {
    let (scene, database) = (Scene::new(), TestDatabase::from_custom_sql(""));
    let run = |login: &str| scene.generate(&["--source", &database.tcp_url(login)]);
    let report = run(&format!("pwuser:{SECRET}")) + &run("pwuser");
    assert_snapshot!(report, @r#"
    status 1
    opening the source
    error: 127.0.0.1:PORT refuses the user or the password
      because: FATAL: password authentication failed for ***
      try: check user and password, and whether pg_hba.conf lets the user in; Dispatcharr's own are in POSTGRES_USER and POSTGRES_PASSWORD of its container (by default dispatch and secret)
    status 1
    opening the source
    error: 127.0.0.1:PORT refuses the user or the password
      because: password missing
      try: check user and password, and whether pg_hba.conf lets the user in; Dispatcharr's own are in POSTGRES_USER and POSTGRES_PASSWORD of its container (by default dispatch and secret)
    "#);
    assert_nothing(&scene);
}

#[test]
fn a_database_that_the_server_does_not_have() {
    let (scene, database) = (Scene::new(), TestDatabase::from_custom_sql(""));
    let url = database.tcp_url(&format!("postgres:{SECRET}"));
    let report = scene.generate(&["--source", &url.replace(database.name(), "tv")]);
    assert_snapshot!(report, @r#"
    status 1
    opening the source
    error: 127.0.0.1:PORT has no database tv
      because: FATAL: database "tv" does not exist
      try: Dispatcharr's database is called dispatcharr unless POSTGRES_DB says otherwise
    "#);
}

#[test]
fn a_database_that_is_not_dispatcharrs() {
    let scene = Scene::new();
    let database = TestDatabase::create(Generation::NEWEST);
    database.execute("DROP TABLE vod_m3umovierelation; ALTER TABLE vod_movie DROP COLUMN genre");
    let source = database.tcp_url(&format!("postgres:{SECRET}"));
    let report = scene.generate(&["--source", &source]).replace(database.name(), "tv");
    assert_snapshot!(report, @"
    status 1
    opening the source
    error: database tv is not Dispatcharr's: it lacks column vod_movie.genre, table vod_m3umovierelation
      try: is this the right database? vod2strm reads Dispatcharr 0.9 and later; and its user must see the tables: GRANT pg_read_all_data TO it
    ");
    assert_nothing(&scene);
}

#[test]
fn a_user_without_rights() {
    let scene = Scene::new();
    let database = TestDatabase::create(Generation::NEWEST);
    database.insert(&small());
    let user = format!("{}_user", database.name());
    database.execute(&format!("CREATE ROLE {user} LOGIN"));
    let source = database.tcp_url(&format!("{user}:{SECRET}"));
    let report = scene.generate(&["--source", &source]);
    let mut doctor = scene.binary();
    doctor.args(["doctor", "--output", "library", "--source", &source]);
    let doctor = doctor.output().unwrap();
    database.execute(&format!("DROP ROLE {user}"));
    assert_snapshot!(report, @"
    status 1
    opening the source
    error: the database user may not read accounts
      because: ERROR: permission denied for table m3u_m3uaccount
      try: as an administrator of the database: GRANT pg_read_all_data TO the user in --source
    ");
    assert_eq!(scene.report(&doctor), "status 1\nopening the source\n");
    let findings = String::from_utf8(doctor.stdout).unwrap();
    let start = findings.find("  FAIL").unwrap();
    let end = findings.find("  ok    output").unwrap();
    assert_snapshot!(&findings[start..end], @"
    FAIL  source
          the database user may not read accounts
            because: ERROR: permission denied for table m3u_m3uaccount
            try: as an administrator of the database: GRANT pg_read_all_data TO the user in --source
    ");
    assert_nothing(&scene);
}

#[test]
fn playlists_that_are_not_there_or_none() {
    let mut scene = Scene::new();
    scene.write("page.m3u", "<!DOCTYPE html><title>Login</title>");
    scene.write("empty.m3u", "");
    scene.write("cut.m3u.gz", CUT_GZIP);
    let sources = ["absent.m3u", ".", "page.m3u", "empty.m3u", "cut.m3u.gz"];
    let run = |source: &str| scene.generate(&["--source", source]);
    assert_snapshot!(sources.map(run).concat(), @"
    status 1
    opening the source
    error: cannot read absent.m3u
      because: No such file or directory (os error N)
      try: check the path and its permissions
    status 1
    opening the source
    error: cannot read .
      because: Is a directory (os error N)
      try: check the path and its permissions
    status 1
    opening the source
    error: page.m3u is not an M3U playlist: it is a web page (HTML): a login, block or error page
      try: the address must give a list that begins with #EXTM3U; providers often want type=m3u_plus in it
    status 1
    opening the source
    error: empty.m3u is not an M3U playlist: it is empty
      try: the address must give a list that begins with #EXTM3U; providers often want type=m3u_plus in it
    status 1
    opening the source
    error: cannot read cut.m3u.gz
      because: incomplete deflate stream
      try: the file is cut short or damaged: fetch it again
    ");
    assert_nothing(&scene);
}

/// A playlist, compressed, without its end.
const CUT_GZIP: &[u8] =
    b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\x53\x76\x8d\x08\xf1\x35\x0e\xe5\x52\x06\
    \xd2\x9e\x7e\x6e\x56\xba\x86\x0a\xe9\x45\xf9\xa5\x05\xba\x25\x99\x25\x39\xa9\xb6\
    \x4a\xbe\xf9\x65\x99\xa9\xc5\x4a\x3a\x1e\xa9\x89\x25\x0a\x1a\x86\x96\x96\xa6\x9a";

/// Runs `generate` on the address of a server that gives this answer.
fn with_answer(scene: &Scene, answer: Vec<u8>) -> String {
    let server = Server::start(move |_, _| answer.clone());
    let query = format!("username=joe&password={SECRET}&type=m3u_plus");
    let report = scene.generate(&["--source", &format!("{}/get.php?{query}", server.url())]);
    assert_eq!(server.requests(), 1);
    report
}

fn playlist_answer(body: &[u8]) -> Vec<u8> {
    answer(200, "audio/x-mpegurl", body)
}

#[test]
fn playlists_that_a_server_refuses() {
    let scene = Scene::new();
    let run = |status: u16| with_answer(&scene, answer(status, "text/plain", b"#EXTM3U\n"));
    assert_snapshot!([403, 404, 500].map(run).concat(), @r"
    status 1
    opening the source
    error: http://127.0.0.1:PORT/get.php (MARK) answers with status 403
      try: the provider refuses: check user name and password in the address
    status 1
    opening the source
    error: http://127.0.0.1:PORT/get.php (MARK) answers with status 404
      try: open the address in a browser, and see what the server says
    status 1
    opening the source
    error: http://127.0.0.1:PORT/get.php (MARK) answers with status 500
      try: open the address in a browser, and see what the server says
    ");
    assert_nothing(&scene);
}

#[test]
fn answers_that_are_no_playlists() {
    let scene = Scene::new();
    let run = |body: &[u8]| with_answer(&scene, playlist_answer(body));
    let bodies = [&b"<html><h1>Blocked</h1>"[..], b"{\"user_info\":{\"auth\":0}}"];
    assert_snapshot!(bodies.map(run).concat(), @r"
    status 1
    opening the source
    error: http://127.0.0.1:PORT/get.php (MARK) is not an M3U playlist: it is a web page (HTML): a login, block or error page
      try: the address must give a list that begins with #EXTM3U; providers often want type=m3u_plus in it
    status 1
    opening the source
    error: http://127.0.0.1:PORT/get.php (MARK) is not an M3U playlist: it is JSON that refuses the login
      try: the address must give a list that begins with #EXTM3U; providers often want type=m3u_plus in it
    ");
    assert_nothing(&scene);
}

#[test]
fn answers_that_break_off() {
    let scene = Scene::new();
    let cut_gzip = with_answer(&scene, playlist_answer(CUT_GZIP));
    let encoded = answer(200, "audio/x-mpegurl\r\nContent-Encoding: gzip", CUT_GZIP);
    let cut_encoding = with_answer(&scene, encoded);
    let whole = playlist_answer(PLAYLIST.as_bytes());
    let cut_body = with_answer(&scene, whole[..whole.len() - 5].to_vec());
    assert_snapshot!(cut_gzip + &cut_encoding + &cut_body, @r"
    status 1
    opening the source
    error: the answer of http://127.0.0.1:PORT/get.php (MARK) broke off
      because: incomplete deflate stream
      try: nothing was changed for what is missing; run again
    status 1
    opening the source
    error: the answer of http://127.0.0.1:PORT/get.php (MARK) broke off
      because: incomplete deflate stream
      try: nothing was changed for what is missing; run again
    status 1
    opening the source
    error: the answer of http://127.0.0.1:PORT/get.php (MARK) broke off
      because: error decoding response body
      because: error reading a body from connection
      because: end of file before message length reached
      try: nothing was changed for what is missing; run again
    ");
    assert_nothing(&scene);
}

#[test]
fn a_web_server_that_is_not_there() {
    let scene = Scene::new();
    let source = format!("http://joe:{SECRET}@127.0.0.1:{}/list.m3u", closed_port());
    assert_snapshot!(scene.generate(&["--source", &source]), @"
    status 1
    opening the source
    error: cannot reach http://***@127.0.0.1:PORT (MARK)
      because: error sending request
      because: client error (Connect)
      because: tcp connect error
      because: Connection refused (os error N)
      try: is the address right, and the provider's server up? Open it in a browser
    ");
    assert_nothing(&scene);
}

/// What is said of a playlist is for playlists, also where TLS fails.
#[test]
fn a_playlist_over_https_gets_no_hint_for_a_database() {
    let scene = Scene::new();
    let source = format!("https://joe:{SECRET}@127.0.0.1:{}/list.m3u", closed_port());
    let nobody = scene.generate(&["--source", &source]);
    assert!(
        nobody.contains("try: is the address right, and the provider's server up?"),
        "{nobody}"
    );
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let source = format!("https://joe:{SECRET}@{}/list.m3u", server.local_addr().unwrap());
    let speaks_no_tls = std::thread::spawn(move || {
        let (mut stream, _) = server.accept().unwrap();
        let _ = stream.read(&mut [0; 1024]);
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
    });
    let no_tls = scene.generate(&["--source", &source]);
    speaks_no_tls.join().unwrap();
    assert!(no_tls.contains("try: is it really https?"), "{no_tls}");
    for said in [nobody, no_tls] {
        for word in ["PostgreSQL", "sslmode", "pg_hba"] {
            assert!(!said.contains(word), "{word}: {said}");
        }
    }
    assert_nothing(&scene);
}
