//! The service: it runs what is due and what has changed, ends in order, and refuses what would harm.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "a test plays the user"
)]

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::{Child, ChildStdout, Command, Stdio};

use vod2strm_testkit::generate::Size;
use vod2strm_testkit::home::{Home, text};
use vod2strm_testkit::http::{Server, answer};
use vod2strm_testkit::postgres::TestDatabase;
use vod2strm_testkit::schema::{Catalogue, Generation};

fn new_home() -> Home {
    Home::new(env!("CARGO_BIN_EXE_vod2strm"))
}

/// An address of this machine that nobody uses.
fn free_address() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

fn entry(film: usize) -> String {
    format!("#EXTINF:-1,Film {film} (2001)\nhttp://h/movie/u/p/{film}.mkv\n")
}

fn list(films: impl IntoIterator<Item = usize>) -> String {
    films.into_iter().fold("#EXTM3U\n".to_owned(), |list, film| list + &entry(film))
}

/// A service at work, whose lines a test reads.
struct Service {
    process: Child,
    lines: BufReader<ChildStdout>,
}

impl Service {
    fn start(home: &Home, arguments: &[&str]) -> Service {
        let mut command = home.command(&[&["serve", "--config", "v.toml"], arguments].concat());
        let mut process = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap());
        Service { process, lines }
    }

    /// Reads until a line has this text; gives the line.
    fn line(&mut self, wanted: &str) -> String {
        let mut all = String::new();
        loop {
            let mut line = String::new();
            let length = self.lines.read_line(&mut line).unwrap();
            all += &line;
            assert!(length > 0, "the service ended before it said {wanted:?}:\n{all}");
            if line.contains(wanted) {
                return line;
            }
        }
    }

    fn signal(&self, signal: &str) {
        let pid = self.process.id().to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
    }

    /// Asks it to end; its status.
    fn end(mut self) -> i32 {
        self.signal("-TERM");
        self.process.wait().unwrap().code().unwrap()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// Writes the settings of a service with one library.
fn settings(home: &Home, source: &str, listen: &str, more: &str) {
    let output = home.output();
    let file = format!(
        "listen = '{listen}'\ndebounce = '1s'\n[library.films]\nsource = '{source}'\noutput = '{}'\n{more}",
        output.display()
    );
    std::fs::write(home.dir.path().join("v.toml"), file).unwrap();
}

#[test]
fn a_playlist_that_changes_is_read_once_and_a_signal_ends_the_service_in_order() {
    let (home, listen) = (new_home(), free_address());
    let playlist = home.dir.path().join("list.m3u");
    std::fs::write(&playlist, list(1..4)).unwrap();
    settings(&home, playlist.to_str().unwrap(), &listen, "");
    let mut service = Service::start(&home, &[]);
    service.line("keeps 1 library (films)");
    service.line("films: run 1 begins (start)");
    service.line("run 1 is done: movies: 3 new");
    std::fs::write(&playlist, list(1..6)).unwrap();
    service.line("films: run 2 begins (change)");
    service.line("run 2 is done: movies: 2 new, 3 unchanged");
    assert_eq!(home.run(&["health", "--config", "v.toml"]).status.code(), Some(0));
    assert_eq!(service.end(), 0);
    let health = home.run(&["health", "--config", "v.toml"]);
    assert_eq!(health.status.code(), Some(1));
    assert!(text(&health.stderr).contains(&format!("the service at {listen} is not well")));
    let history = home.run(&["history", "--config", "v.toml", "--json"]);
    assert!(text(&history.stdout).contains(r#""trigger":"change""#), "{}", text(&history.stdout));
}

#[test]
fn a_second_service_names_the_first_and_may_replace_it() {
    let (home, listen) = (new_home(), free_address());
    let playlist = home.dir.path().join("list.m3u");
    std::fs::write(&playlist, list(1..4)).unwrap();
    settings(&home, playlist.to_str().unwrap(), &listen, "");
    let mut first = Service::start(&home, &[]);
    first.line("run 1 is done");
    let second = home.run(&["serve", "--config", "v.toml"]);
    assert_eq!(second.status.code(), Some(5));
    let error = text(&second.stderr);
    assert!(error.contains(&format!("process {}", first.process.id())), "{error}");
    // A person's run is no service, and is not refused.
    assert_eq!(home.run(&["generate", "--config", "v.toml"]).status.code(), Some(0));
    let mut third = Service::start(&home, &["--replace"]);
    third.line("keeps 1 library");
    assert_eq!(first.process.wait().unwrap().code(), Some(0));
    assert_eq!(third.end(), 0);
}

#[test]
fn what_cannot_begin_says_so_before_anything_is_made() {
    let (home, listen) = (new_home(), free_address());
    let playlist = home.dir.path().join("list.m3u");
    std::fs::write(&playlist, list(1..4)).unwrap();
    settings(&home, playlist.to_str().unwrap(), "0.0.0.0:9797", "");
    let open = home.run(&["serve", "--config", "v.toml"]);
    assert_eq!(open.status.code(), Some(2));
    let error = text(&open.stderr);
    assert!(error.contains("listen") && error.contains("token"), "{error}");
    let taken = TcpListener::bind(&listen).unwrap();
    settings(&home, playlist.to_str().unwrap(), &listen, "");
    let refused = home.run(&["serve", "--config", "v.toml"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused.stderr).contains(&listen), "{}", text(&refused.stderr));
    drop(taken);
    settings(&home, playlist.to_str().unwrap(), &listen, "schedule = 'often'");
    let unreadable = home.run(&["serve", "--config", "v.toml"]);
    assert_eq!(unreadable.status.code(), Some(2));
    assert!(!home.output().exists(), "nothing was made");
}

#[test]
fn settings_are_read_again_as_a_whole_or_not_at_all() {
    let (home, listen) = (new_home(), free_address());
    let playlist = home.dir.path().join("list.m3u");
    std::fs::write(&playlist, list(1..4)).unwrap();
    // The file comes after the service: a first start.
    let mut service = Service::start(&home, &["--listen", &listen]);
    service.line("the settings file is not there yet");
    settings(&home, playlist.to_str().unwrap(), &listen, "");
    service.signal("-HUP");
    service.line("run 1 is done: movies: 3 new");
    settings(&home, playlist.to_str().unwrap(), &listen, "grace = 'long'");
    service.signal("-HUP");
    service.line("the settings stay as they were: error: grace in ");
    std::fs::write(&playlist, list(1..5)).unwrap();
    service.line("run 2 is done: movies: 1 new, 3 unchanged");
    settings(&home, playlist.to_str().unwrap(), &listen, "no_nfo = true");
    service.signal("-HUP");
    service.line("the settings were read again");
    service.line("is done");
    assert_eq!(service.end(), 0);
}

#[test]
fn a_source_that_hangs_does_not_keep_the_service_from_its_end() {
    let (home, listen) = (new_home(), free_address());
    let (asked, was_asked) = std::sync::mpsc::channel();
    let (hold, held) = std::sync::mpsc::channel::<()>();
    let held = std::sync::Mutex::new(held);
    let server = Server::start(move |_, _| {
        let _ = asked.send(());
        let _ = held.lock().unwrap().recv();
        Vec::new()
    });
    settings(&home, server.url(), &listen, "schedule = '30 4 * * *'");
    let service = Service::start(&home, &[]);
    was_asked.recv().unwrap();
    assert_eq!(service.end(), 0);
    drop(hold);
}

#[test]
fn a_database_that_changes_is_read_and_one_that_goes_away_is_waited_for() {
    let (home, listen) = (new_home(), free_address());
    let database = TestDatabase::create(Generation::NEWEST);
    let size = Size { movies: 10, series: 2, episodes_per_series: 2 };
    database.insert(&Catalogue::generate(7, size, false));
    settings(&home, &database.url(), &listen, "");
    let mut service = Service::start(&home, &[]);
    service.line("run 1 is done");
    // That of the run goes in a moment.
    let open = "SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND state LIKE 'idle in transaction%'";
    while database.query_one_i64(open) > 0 {}
    // All sessions end, that of the service, too.
    database.execute_and_leave("UPDATE vod_movie SET name = name || ' Again', description = 'New'");
    service.line("films: run 2 begins (change)");
    service.line("run 2 is done: movies: ");
    // What looks at the database keeps no run from seeing that nobody has touched it.
    let report = home.run(&["generate", "--config", "v.toml", "--json"]);
    let report: serde_json::Value = serde_json::from_slice(&report.stdout).unwrap();
    assert_eq!(report["untouched"], true, "{report:#}");
    assert_eq!(service.end(), 0);
    assert!(home.tree().values().any(|nfo| text(nfo).contains("<plot>New</plot>")));
}

#[test]
fn a_run_that_went_well_is_told_to_who_counts_them() {
    let (home, listen) = (new_home(), free_address());
    let (asked, was_asked) = std::sync::mpsc::channel();
    let server = Server::start(move |path, _| {
        asked.send(path.to_owned()).unwrap();
        answer(200, "text/plain", b"OK")
    });
    let playlist = home.dir.path().join("list.m3u");
    std::fs::write(&playlist, "no playlist").unwrap();
    let ping = format!("ping_url = '{}/ping/1'", server.url());
    settings(&home, playlist.to_str().unwrap(), &listen, &ping);
    let mut service = Service::start(&home, &[]);
    service.line("run 1 ended early");
    assert_eq!(server.requests(), 0);
    std::fs::write(&playlist, list(1..4)).unwrap();
    service.line("is done: movies: 3 new");
    assert_eq!(was_asked.recv().unwrap(), "/ping/1");
    assert_eq!((service.end(), server.requests()), (0, 1));
}

/// What `systemd-analyze security` counts: 0 is shut in, 100 may do all.
const EXPOSURE: &str = "--threshold=25";

#[test]
fn the_units_for_systemd_may_do_little() {
    let units = concat!(env!("CARGO_MANIFEST_DIR"), "/../../deploy/systemd");
    for unit in ["vod2strm.service", "vod2strm-once.service"] {
        let path = format!("{units}/{unit}");
        let analyze = ["security", "--offline=yes", "--no-pager", EXPOSURE, &path];
        match Command::new("systemd-analyze").args(analyze).output() {
            Ok(done) => assert!(done.status.success(), "{unit}: {}", text(&done.stdout)),
            Err(error) => eprintln!("skipped: systemd-analyze {}: {error}", analyze.join(" ")),
        }
    }
}
