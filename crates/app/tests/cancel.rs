//! A run that waits for its source ends when it is asked to, and the library is free.
//! The sources here stay as they are until the run has ended.

#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test plays the user")]
#![expect(clippy::disallowed_types, reason = "a test plays the source")]

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Instant;

use vod2strm_testkit::generate::{Catalogue, Size, small};
use vod2strm_testkit::home::{Home, text};
use vod2strm_testkit::postgres::TestDatabase;
#[cfg(target_os = "linux")]
use vod2strm_testkit::preload::{SILENT_RESOLVER, preloaded};
use vod2strm_testkit::schema::Generation;

/// The longest silence that a setting allows: nothing but the signal ends the run.
const PATIENT: [&str; 2] = ["--max-silence", "3600"];

/// A source that behaves so towards its first guest, and then says no more until the guest has gone. Gives the source's
/// port, and what tells that the source has fallen silent.
fn source(behave: impl FnOnce(&mut TcpStream) + Send + 'static) -> (u16, Receiver<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (silent, is_silent) = channel();
    thread::spawn(move || {
        let (mut guest, _) = listener.accept().unwrap();
        behave(&mut guest);
        silent.send(()).unwrap();
        let mut rest = [0; 1024];
        while guest.read(&mut rest).is_ok_and(|length| length > 0) {}
    });
    (port, is_silent)
}

/// Reads until this was said.
fn hear(guest: &mut TcpStream, end: &[u8]) {
    let mut heard = Vec::new();
    while !heard.ends_with(end) {
        let mut byte = [0];
        guest.read_exact(&mut byte).unwrap();
        heard.extend(byte);
    }
}

/// Asks a command to end, and waits until it has. How soon that was is noted where somebody measures it.
fn ended(run: Child) -> Output {
    let asked = Instant::now();
    let signal = Command::new("kill").args(["-TERM", &run.id().to_string()]).status().unwrap();
    assert!(signal.success());
    let done = run.wait_with_output().unwrap();
    if let Some(path) = std::env::var_os("CANCEL_TIMES") {
        let took = asked.elapsed().as_secs_f64();
        let line = format!("{took:.2} {}\n", thread::current().name().unwrap_or_default());
        let mut times = OpenOptions::new().create(true).append(true).open(path).unwrap();
        times.write_all(line.as_bytes()).unwrap();
    }
    done
}

/// A run on this source is asked to end once it waits, and ends; the next one, on another source, finds the library
/// free.
fn assert_ends(source: &str, until_it_waits: impl FnOnce()) {
    assert_command_ends(&["generate", "--source", source], &[], until_it_waits);
}

/// The same of any command that works on a library, with more variables.
fn assert_command_ends(
    command: &[&str],
    variables: &[(&str, &Path)],
    until_it_waits: impl FnOnce(),
) {
    let home = Home::new(env!("CARGO_BIN_EXE_vod2strm"));
    let place = ["--output", "library", "--state", "state"];
    let mut run = home.command(&[command, &["--json"], &place, &PATIENT].concat());
    run.envs(variables.iter().copied());
    let run = run.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    until_it_waits();
    let done = ended(run);
    let said = text(&done.stderr);
    assert_eq!(done.status.code(), Some(1), "{said}");
    let report: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
    assert!(report["error"].as_str().unwrap().contains("interrupted"), "{report}");
    let list = "#EXTM3U\n#EXTINF:-1,Heat (1995)\nhttp://h.example/1.mkv\n";
    std::fs::write(home.dir.path().join("a.m3u"), list).unwrap();
    let done = home.run(&[&["generate", "--source", "a.m3u"][..], &place].concat());
    assert!(done.status.success(), "{}", text(&done.stderr));
}

/// Of several libraries, one whose turn did not come is named with what became of it.
#[test]
fn before_the_turn_of_a_further_library() {
    let (port, is_silent) = source(|guest| hear(guest, b"\r\n\r\n"));
    let home = Home::new(env!("CARGO_BIN_EXE_vod2strm"));
    let section =
        |name, source: &str| format!("[library.{name}]\nsource = '{source}'\noutput = '{name}'\n");
    let slow = section("slow", &format!("http://127.0.0.1:{port}/list.m3u"));
    let file = format!("state = 'state'\n{slow}{}", section("later", "a.m3u"));
    std::fs::write(home.dir.path().join("vod2strm.toml"), file).unwrap();
    let mut run = home.command(&[&["generate", "--json"], &PATIENT[..]].concat());
    let run = run.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    is_silent.recv().unwrap();
    let done = ended(run);
    let report: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
    let of = |name: &str| {
        let it = &report["libraries"][name];
        (it["status"].as_u64(), it["error"].as_str().unwrap_or_default().to_owned())
    };
    assert_eq!(
        (report["status"].as_u64(), of("slow").0, of("later").0),
        (Some(1), Some(1), Some(1))
    );
    assert!(of("slow").1.contains("interrupted"), "{report:#}");
    assert!(of("later").1.contains("the command was ended before"), "{report:#}");
    assert!(!home.dir.path().join("later").exists());
}

/// A database with series of which Dispatcharr has no episode.
fn without_episodes() -> TestDatabase {
    let size = Size { movies: 3, series: 2, episodes_per_series: 0 };
    let database = TestDatabase::create(Generation::NEWEST);
    database.insert(&Catalogue::generate(8, size, false));
    database
}

/// The command that has Dispatcharr at this address fetch them.
fn refresh<'a>(source: &'a str, api: &'a str) -> Vec<&'a str> {
    let base = ["--base-url", "http://dispatcharr:9191"];
    [&["refresh", "--source", source, "--api-url", api, "--api-key", "key"][..], &base].concat()
}

#[test]
fn while_a_web_server_does_not_answer_or_falls_silent() {
    for said in ["", "HTTP/1.1 200 OK\r\n\r\n#EXTM3U\n#EXTINF:-1,Heat (1995)\n"] {
        let (port, is_silent) = source(move |guest| {
            hear(guest, b"\r\n\r\n");
            guest.write_all(said.as_bytes()).unwrap();
        });
        let playlist = format!("http://127.0.0.1:{port}/list.m3u");
        assert_ends(&playlist, || is_silent.recv().unwrap());
    }
}

#[test]
fn while_nobody_writes_to_a_pipe() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe.m3u");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let mut writer = None;
    // It opens once somebody reads.
    let reads = || writer = Some(OpenOptions::new().write(true).open(&pipe).unwrap());
    assert_ends(pipe.to_str().unwrap(), reads);
}

#[test]
fn while_a_database_does_not_answer() {
    // Its first message has a length, and then as many bytes.
    let (port, is_silent) = source(|guest| {
        let mut length = [0; 4];
        guest.read_exact(&mut length).unwrap();
        let mut rest = vec![0; u32::from_be_bytes(length) as usize - 4];
        guest.read_exact(&mut rest).unwrap();
    });
    let database = format!("postgres://u@127.0.0.1:{port}/d?sslmode=disable");
    assert_ends(&database, || is_silent.recv().unwrap());
}

#[test]
fn while_somebody_holds_a_table() {
    let database = TestDatabase::create(Generation::NEWEST);
    database.insert(&small());
    let other = database.session("somebody");
    other.execute("BEGIN; LOCK TABLE vod_movie IN ACCESS EXCLUSIVE MODE");
    let is_waited_for = || {
        let waiting = "SELECT count(*) FROM pg_locks JOIN pg_database d ON d.oid = database
                       WHERE NOT granted AND datname = current_database()";
        database.query_one_i64(waiting) > 0
    };
    assert_ends(&database.url(), || {
        while !is_waited_for() {
            thread::yield_now();
        }
    });
    // The server was told that nobody waits any more.
    while is_waited_for() {
        thread::yield_now();
    }
}

#[test]
fn while_dispatcharr_does_not_answer_or_falls_silent() {
    let database = without_episodes();
    let begun = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{";
    for said in ["", begun] {
        let (port, is_silent) = source(move |guest| {
            hear(guest, b"\r\n\r\n");
            guest.write_all(said.as_bytes()).unwrap();
        });
        let api = format!("http://127.0.0.1:{port}");
        assert_command_ends(&refresh(&database.url(), &api), &[], || is_silent.recv().unwrap());
    }
}

#[cfg(target_os = "linux")]
#[test]
#[expect(clippy::print_stderr, reason = "a note on what was not tried")]
fn while_a_name_is_resolved() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("resolving");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let Some(object) = preloaded(folder.path(), SILENT_RESOLVER) else {
        eprintln!("not checked: there is no compiler");
        return;
    };
    let variables = [("LD_PRELOAD", object.as_path()), ("RESOLVING", pipe.as_path())];
    let database = without_episodes();
    for command in [
        vec!["generate", "--source", "http://playlist.never/list.m3u"],
        vec!["generate", "--source", "postgres://u@database.never/d"],
        refresh(&database.url(), "http://dispatcharr.never:9191"),
    ] {
        // It opens once the name is looked up.
        let looks_up = || drop(File::open(&pipe).unwrap());
        assert_command_ends(&command, &variables, looks_up);
    }
}

/// A call of the system that never comes back: the report is a pipe that is full, and nobody reads it.
#[test]
fn a_call_that_never_comes_back_does_not_keep_the_process() {
    const NON_BLOCKING: i32 = 0o4000;
    let home = Home::new(env!("CARGO_BIN_EXE_vod2strm"));
    let path = home.dir.path().join("report.csv");
    assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
    let mut options = OpenOptions::new();
    let mut pipe = options.read(true).write(true).custom_flags(NON_BLOCKING).open(&path).unwrap();
    while pipe.write(&[b'x'; 4096]).is_ok() {}
    let list = "#EXTM3U\n#EXTINF:-1,Heat (1995)\nhttp://h.example/1.mkv\n";
    std::fs::write(home.dir.path().join("a.m3u"), list).unwrap();
    let place = ["--source", "a.m3u", "--output", "library", "--state", "state"];
    let run = [&["generate", "--report", "report.csv"][..], &place].concat();
    let run = home.command(&run).stderr(Stdio::piped()).spawn().unwrap();
    // Signals are registered before anything is made.
    while !home.output().exists() {
        thread::yield_now();
    }
    let done = ended(run);
    assert_eq!(done.status.code(), Some(1));
    assert!(text(&done.stderr).contains("a call to the system does not come back"));
    let done = home.run(&[&["generate"][..], &place].concat());
    assert!(done.status.success(), "{}", text(&done.stderr));
}
