//! The log: a line per run, in a file of bounded size; and no secret in anything that is written.

#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test plays the user")]

use std::path::Path;

use vod2strm_testkit::dispatcharr::{Dispatcharr, Mood, USER};
use vod2strm_testkit::generate::{Catalogue, Size};
use vod2strm_testkit::home::{Home, files, text};
use vod2strm_testkit::http::{Server, answer};
use vod2strm_testkit::postgres::TestDatabase;
use vod2strm_testkit::schema::Generation;

/// Nothing else has these letters.
const MARK: &str = "Mark0815Zz";
/// What Dispatcharr gives to those who log in.
const TOKEN: &str = "access-1";

fn new_home() -> Home {
    let home = Home::new(env!("CARGO_BIN_EXE_vod2strm"));
    let list = "#EXTM3U\n#EXTINF:-1,Heat (1995)\nhttp://h.example/movie/u/p/1.mkv\n";
    std::fs::write(home.dir.path().join("a.m3u"), list).unwrap();
    home
}

const PLAYLIST: [&str; 4] = ["--source", "a.m3u", "--output", "library"];

fn read(home: &Home, name: &str) -> String {
    std::fs::read_to_string(home.dir.path().join(name)).unwrap()
}

#[test]
fn a_run_leaves_a_line_that_says_it_all() {
    let home = new_home();
    let log = ["--log-file", "logs/run.log"];
    assert!(home.run(&[&["generate"][..], &PLAYLIST, &log].concat()).status.success());
    let first = read(&home, "logs/run.log");
    assert_eq!(first.lines().count(), 2, "{first}");
    for word in
        ["INFO", "run status=0", "movies=\"movies: 1 new\"", "2 created", "sql_statements=0"]
    {
        assert!(first.contains(word), "{word}: {first}");
    }
    let json = ["--log-file", "logs/run.json", "--log-format", "json", "--verbose"];
    let done = home.run(&[&["generate"][..], &PLAYLIST, &json].concat());
    let lines = read(&home, "logs/run.json");
    let lines: Vec<serde_json::Value> =
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let run = lines.iter().find(|line| line["message"] == "run").unwrap();
    assert_eq!((&run["status"], &run["movies"]), (&0.into(), &"movies: 1 unchanged".into()));
    assert!(lines.iter().any(|line| line["message"] == "reading the catalogue"), "{lines:?}");
    assert!(text(&done.stderr).contains("reading the catalogue\""), "and standard error has it");
}

#[test]
fn without_being_asked_it_logs_nothing_and_rust_log_asks() {
    let home = new_home();
    let arguments = [&["generate"][..], &PLAYLIST].concat();
    assert!(!text(&home.run(&arguments).stderr).contains("INFO"));
    let loud = home.command(&arguments).env("RUST_LOG", "vod2strm=info").output().unwrap();
    assert!(text(&loud.stderr).contains("INFO"));
    let quiet = home.command(&arguments).env("RUST_LOG", "error").output().unwrap();
    assert!(!text(&quiet.stderr).contains("INFO"));
}

#[test]
fn a_log_level_that_is_none_is_told_of_and_not_repeated() {
    let home = new_home();
    let arguments = [&["generate"][..], &PLAYLIST].concat();
    let done =
        home.command(&arguments).env("RUST_LOG", format!("vod2strm={MARK}")).output().unwrap();
    let said = text(&done.stdout) + &text(&done.stderr);
    assert_eq!(done.status.code(), Some(2), "{said}");
    assert!(said.contains("error: RUST_LOG") && !said.contains(MARK), "{said}");
    assert!(!home.dir.path().join("library").exists(), "nothing was begun");
}

#[test]
fn the_file_is_bounded_and_so_is_the_number_of_files() {
    let home = new_home();
    let path = home.dir.path().join("v.log");
    std::fs::write(&path, "x".repeat((1 << 20) - 100)).unwrap();
    let log = ["--log-file", "v.log", "--log-size", "1", "--log-files", "2"];
    for _ in 0..2 {
        assert!(home.run(&[&["generate"][..], &PLAYLIST, &log].concat()).status.success());
    }
    assert!(read(&home, "v.log.1").starts_with("xxx"), "the old one is kept");
    let new = read(&home, "v.log");
    assert!(new.contains("finished") && new.len() < 10_000, "{}", new.len());
    std::fs::write(&path, "y".repeat(1 << 20)).unwrap();
    assert!(home.run(&[&["generate"][..], &PLAYLIST, &log].concat()).status.success());
    assert!(read(&home, "v.log.1").starts_with("yyy"));
    assert!(!home.dir.path().join("v.log.2").exists(), "two are kept");
}

#[test]
fn a_log_that_cannot_be_written_is_told_of() {
    let home = new_home();
    let log = ["--log-file", "a.m3u/log"];
    let done = home.run(&[&["generate"][..], &PLAYLIST, &log].concat());
    assert_eq!(done.status.code(), Some(1));
    assert!(text(&done.stderr).contains("cannot write the log file"), "{}", text(&done.stderr));
}

/// Everything that the runs left in this home, but the settings file itself.
fn assert_clean(home: &Home, said: &str, what: &str) {
    let is_clean = |text: &str| !text.contains(MARK) && !text.contains(TOKEN);
    assert!(is_clean(said), "{what}: {said}");
    for path in files(home.dir.path()) {
        let content = std::fs::read(&path).unwrap();
        let is_settings = path.ends_with(Path::new("vod2strm.toml"));
        assert!(is_settings || is_clean(&text(&content)), "{what}: {}", path.display());
    }
}

/// Every command, with everything that may be logged.
fn all_commands(home: &Home, source: &[&str; 2], more: &[&str], what: &str) {
    let address = source[1];
    let source = &source[..];
    let output = ["--output", "library", "--state", "state"];
    let log = ["--log-file", "all.log", "--log-format", "json", "--verbose"];
    let cases: [(&[&str], bool); 12] = [
        (&["doctor"], true),
        (&["generate", "--report", "r.csv", "--json"], true),
        (&["generate", "--dry-run"], true),
        (&["generate", "--cleanup", "apply"], true),
        (&["refresh", "--json"], true),
        (&["refresh", "--dry-run"], true),
        (&["adopt", "--dry-run"], true),
        (&["verify", "--full"], true),
        (&["stats", "--csv", "s.csv"], true),
        (&["history"], true),
        (&["history", "--json"], true),
        (&["names"], false),
    ];
    for (command, has_output) in cases {
        let output = if has_output { &output[..] } else { &[] };
        let refreshes = command[0] == "refresh";
        if refreshes && more.is_empty() {
            continue;
        }
        let asking = if refreshes { more } else { &[] };
        // These look at no source; its address may stand in a variable all the same.
        let source = if ["verify", "history"].contains(&command[0]) { &[] } else { source };
        let arguments = [command, source, output, &log, asking].concat();
        let mut binary = home.command(&arguments);
        binary.env("RUST_LOG", "trace").env("VOD2STRM_SOURCE", address);
        let done = binary.output().unwrap();
        let said = text(&done.stdout) + &text(&done.stderr);
        // A first run that failed has left no library to look at.
        let is_no_library = said.contains("is no library of vod2strm");
        assert!(is_no_library || done.status.code() != Some(2), "{what} {command:?}: {said}");
        assert_clean(home, &said, &format!("{what} {command:?}"));
    }
}

#[test]
fn no_command_writes_a_secret_anywhere() {
    let size = Size { movies: 4, series: 6, episodes_per_series: 0 };
    let database = TestDatabase::create(Generation::NEWEST);
    database.insert(&Catalogue::generate(3, size, false));
    let role = format!("marked_{}", database.name());
    database.execute(&format!(
        "CREATE ROLE {role} LOGIN PASSWORD '{MARK}'; GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}"
    ));
    let server = Dispatcharr::start(&database.url());
    let good = database.tcp_url(&format!("{role}:{MARK}"));
    let wrong = good.replace(&role, "nobody_at_all");
    let dead = format!("postgres://u:{MARK}@127.0.0.1:1/d");
    let api = ["--api-url", server.url(), "--refresh-rate", "100"];
    server.let_in(MARK);
    server.be(|number, _| if number % 2 == 0 { Mood::Episodes(2) } else { Mood::Parrot });
    for (what, source) in [("good", &good), ("wrong", &wrong), ("dead", &dead)] {
        let home = new_home();
        let key = [&api[..], &["--api-key", MARK]].concat();
        all_commands(&home, &["--source", source], &key, what);
        let user = [&api[..], &["--api-user", "u", "--api-password", MARK]].concat();
        all_commands(&home, &["--source", source], &user, what);
        let known = [&api[..], &["--api-user", USER.0, "--api-password", USER.1]].concat();
        all_commands(&home, &["--source", source], &known, what);
    }
    database.execute(&format!("DROP OWNED BY {role}; DROP ROLE {role}"));
}

#[test]
fn no_form_of_an_address_leaves_a_secret_anywhere() {
    let list = "#EXTM3U\n#EXTINF:-1,Heat (1995)\nhttp://h.example/movie/u/p/1.mkv\n";
    let list = Server::start(|_, _| answer(200, "audio/x-mpegurl", list.as_bytes()));
    let missing = Server::start(|_, _| answer(404, "text/plain", b"no"));
    for server in [&list, &missing] {
        let host = server.url().trim_start_matches("http://");
        for form in [
            "http://HOST/get.php?username=u&password=MARK",
            "http://HOST/get.php?username=MARK&password=p",
            "http://HOST/get.php?username=u@mail.example&password=MARK",
            "http://HOST/MARK/list.m3u",
            "http://HOST/someone/MARK/list",
            "http://HOST/movie/USERX/MARK/1.mkv",
            "http://HOST/list.m3u#pass=MARK",
            "http://HOST/list.m3u?url=http://h/movie/u/MARK/1.mkv",
            "http://joe:MARK@HOST/list.m3u",
            "http://MARK@HOST/list.m3u",
        ] {
            let source = form.replace("HOST", host).replace("MARK", MARK);
            all_commands(&new_home(), &["--source", &source], &[], form);
        }
    }
}

/// What cannot be used is told of, and neither user nor password with it.
#[test]
fn no_address_that_is_wrong_shows_its_login() {
    for source in [
        "postgres://Joe4711:12/MARK@127.0.0.1/db",
        "postgres://Joe4711:12#MARK@127.0.0.1/db",
        "postgres://Joe4711:12?MARK@127.0.0.1/db",
        "postgres://Joe4711:12,MARK@127.0.0.1:1/db",
        "postgres://Joe4711:MARK@127.0.0.1:1/db",
        "postgres://Joe4711:MARK@127.0.0.1/db?sslmode=MARK",
        "postgres://Joe4711:MARK",
        "http://Joe4711:12/MARK@127.0.0.1/list.m3u",
        "http://Joe4711:MARK@127.0.0.1:99999/list.m3u",
        "http://127.0.0.1:99999/Joe4711/MARK/list.m3u",
        "xtream+http://Joe4711:MARK@127.0.0.1",
        "mysql://Joe4711:MARK@127.0.0.1/db",
    ] {
        let (home, source) = (new_home(), source.replace("MARK", MARK));
        for command in ["generate", "doctor", "stats"] {
            let place = ["--source", &source, "--output", "library", "--state", "state"];
            let log = ["--log-file", "all.log", "--verbose"];
            let done = home.run(&[&[command][..], &place, &log].concat());
            let said = text(&done.stdout) + &text(&done.stderr);
            assert!(!done.status.success() && !said.contains("Joe4711"), "{source}: {said}");
            assert_clean(&home, &said, &source);
        }
    }
}
