//! A source that says nothing, hardly anything, or never ends: the run ends with an error, and the library is free.
//! The sources here stay as they are until the run has ended.

#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test plays the user")]
#![expect(clippy::disallowed_types, reason = "a test plays the source")]

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::thread;
use std::time::Duration;

use vod2strm_testkit::generate::{Catalogue, Size};
use vod2strm_testkit::home::{Home, text};
use vod2strm_testkit::postgres::TestDatabase;
use vod2strm_testkit::preload::{FEW_THREADS, preloaded};
use vod2strm_testkit::schema::Generation;

const HEAD: &str = "HTTP/1.1 200 OK\r\nContent-Type: audio/x-mpegurl\r\n\r\n#EXTM3U\n";
const ENTRY: &str = "#EXTINF:-1,Heat (1995)\nhttp://h.example/1.mkv\n";
const NOTICE: &[u8] = b"N\0\0\0\x1dSNOTICE\0C00000\0Mnothing\0\0";

/// A source that behaves so towards each of its guests; gives its port.
fn source(behave: impl Fn(&mut TcpStream) + Send + Sync + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        thread::scope(|scope| {
            for mut guest in listener.incoming().flatten() {
                let behave = &behave;
                scope.spawn(move || behave(&mut guest));
            }
        });
    });
    port
}

/// A web server that behaves so when it was asked.
fn web(behave: impl Fn(&mut TcpStream) + Send + Sync + 'static) -> u16 {
    source(move |guest| {
        let mut asked = Vec::new();
        while !asked.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            guest.read_exact(&mut byte).unwrap();
            asked.extend(byte);
        }
        behave(guest);
    })
}

/// Says no more until the guest has gone.
fn fall_silent(guest: &mut TcpStream) {
    let mut rest = [0; 1024];
    while guest.read(&mut rest).is_ok_and(|length| length > 0) {}
}

/// Repeats it until the guest has gone.
fn flood(guest: &mut TcpStream, text: &[u8]) {
    let many = text.repeat(1 + (1 << 16) / text.len());
    while guest.write_all(&many).is_ok() {}
}

/// Says one byte from time to time until the guest has gone.
fn trickle(guest: &mut TcpStream) {
    while guest.write_all(b"x").is_ok() {
        thread::sleep(Duration::from_millis(300));
    }
}

/// What PostgreSQL says to a guest whom it lets in without a password.
fn let_in(guest: &mut TcpStream) {
    greet(guest);
    guest.write_all(b"R\0\0\0\x08\0\0\0\0Z\0\0\0\x05I").unwrap();
}

/// Reads what a guest of PostgreSQL says first.
fn greet(guest: &mut TcpStream) {
    let mut startup = [0; 4];
    guest.read_exact(&mut startup).unwrap();
    let mut rest = vec![0; u32::from_be_bytes(startup) as usize - 4];
    guest.read_exact(&mut rest).unwrap();
}

/// A run on this source fails for this reason and says which setting allows it. The next run, on another source, finds
/// the library free.
fn assert_ends(source: &str, limits: &[&str], reason: &str, setting: &str) {
    let home = Home::new(env!("CARGO_BIN_EXE_vod2strm"));
    let place = ["--output", "library", "--state", "state"];
    let done = home.run(&[&["generate", "--source", source][..], &place, limits].concat());
    let said = text(&done.stderr);
    assert_eq!(done.status.code(), Some(1), "{said}");
    assert!(said.contains(reason), "{reason}: {said}");
    assert!(said.contains("try: ") && said.contains(setting), "{setting}: {said}");
    std::fs::write(home.dir.path().join("a.m3u"), format!("#EXTM3U\n{ENTRY}")).unwrap();
    let done = home.run(&[&["generate", "--source", "a.m3u"][..], &place].concat());
    assert!(done.status.success(), "{}", text(&done.stderr));
}

fn playlist(port: u16) -> String {
    format!("http://127.0.0.1:{port}/list.m3u")
}

#[test]
fn a_server_that_falls_silent() {
    let before_its_head = web(fall_silent);
    let in_its_head = web(|guest| {
        guest.write_all(b"HTTP/1.1 200 OK\r\nX: ").unwrap();
        fall_silent(guest);
    });
    let limits = ["--max-silence", "1"];
    for port in [before_its_head, in_its_head] {
        assert_ends(&playlist(port), &limits, "it did not answer within 1 s", "--max-silence");
    }
    let in_its_list = web(|guest| {
        guest.write_all(format!("{HEAD}{ENTRY}").as_bytes()).unwrap();
        fall_silent(guest);
    });
    assert_ends(&playlist(in_its_list), &limits, "it said nothing for 1 s", "--max-silence");
}

#[test]
fn a_pipe_that_nobody_writes_to() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe.m3u");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let limits = ["--max-silence", "1"];
    assert_ends(pipe.to_str().unwrap(), &limits, "it said nothing for 1 s", "--max-silence");
}

#[test]
fn a_server_that_is_too_slow() {
    let port = web(|guest| {
        guest.write_all(HEAD.as_bytes()).unwrap();
        trickle(guest);
    });
    let limits = ["--speed-window", "1"];
    assert_ends(&playlist(port), &limits, "fewer than 1024 bytes a second", "--min-speed");
    let head = web(|guest| {
        guest.write_all(b"HTTP/1.1 200 OK\r\nX: ").unwrap();
        trickle(guest);
    });
    let limits = ["--max-silence", "1"];
    assert_ends(&playlist(head), &limits, "it did not answer within 1 s", "--max-silence");
}

#[test]
fn a_server_that_never_ends() {
    let endless = |head: &'static str, text: &'static str| {
        playlist(web(move |guest| {
            guest.write_all(head.as_bytes()).unwrap();
            flood(guest, text.as_bytes());
        }))
    };
    for (text, flag, value, reason) in [
        ("x", "--max-line", "64", "a line has more than 64 KiB"),
        ("#\n", "--max-size", "2", "it has more than 2 MiB"),
        (ENTRY, "--max-entries", "100", "it has more than 100 entries"),
    ] {
        assert_ends(&endless(HEAD, text), &[flag, value], reason, flag);
    }
    let head = "the head of its answer has more than 100 lines or 400 KiB";
    assert_ends(&endless("HTTP/1.1 200 OK\r\nX: ", "x"), &[], head, "address");
    assert_ends(&endless("HTTP/1.1 200 OK\r\n", "X: y\r\n"), &[], head, "address");
    let again = endless("", "HTTP/1.1 100 Continue\r\n\r\n");
    let limits = ["--max-silence", "1"];
    assert_ends(&again, &limits, "it did not answer within 1 s", "--max-silence");
}

fn database(port: u16) -> String {
    format!("postgres://joe@127.0.0.1:{port}/tv?sslmode=disable")
}

#[test]
fn a_database_that_falls_silent_or_says_what_nobody_asked() {
    let at_login = source(fall_silent);
    let after_it = source(|guest| {
        let_in(guest);
        fall_silent(guest);
    });
    let notices = source(|guest| {
        let_in(guest);
        flood(guest, NOTICE);
    });
    for port in [at_login, after_it, notices] {
        let limits = ["--max-silence", "1"];
        assert_ends(&database(port), &limits, "it did not answer within 1 s", "--max-silence");
    }
}

#[test]
fn a_database_that_never_ends() {
    let notices_at_login = source(|guest| {
        greet(guest);
        guest.write_all(b"R\0\0\0\x08\0\0\0\0").unwrap();
        flood(guest, NOTICE);
    });
    let message = source(|guest| {
        let_in(guest);
        guest.write_all(b"D\x7f\xff\xff\xff").unwrap();
        flood(guest, b"x");
    });
    let parameters = source(|guest| {
        let_in(guest);
        flood(guest, b"S\0\0\0\x08a\0b\0");
    });
    for port in [notices_at_login, message, parameters] {
        assert_ends(&database(port), &[], "has more than 1024 KiB", "--max-line");
    }
}

#[test]
fn a_dispatcharr_that_falls_silent_or_never_ends() {
    let tables = TestDatabase::create(Generation::NEWEST);
    let size = Size { movies: 1, series: 1, episodes_per_series: 0 };
    tables.insert(&Catalogue::generate(8, size, false));
    let head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{\"a\":\"";
    let silent = web(|guest| {
        guest.write_all(head).unwrap();
        fall_silent(guest);
    });
    let slow = web(|guest| {
        guest.write_all(head).unwrap();
        trickle(guest);
    });
    let endless = web(|guest| {
        guest.write_all(head).unwrap();
        flood(guest, b"x");
    });
    for (port, limits, reason) in [
        (silent, ["--max-silence", "1"], "it said nothing for 1 s"),
        (slow, ["--speed-window", "1"], "fewer than 1024 bytes a second"),
        (endless, ["--max-silence", "60"], "answer is too long"),
    ] {
        let home = Home::new(env!("CARGO_BIN_EXE_vod2strm"));
        let (url, api) = (tables.url(), format!("http://127.0.0.1:{port}"));
        let place = ["--source", &url, "--output", "library", "--state", "state"];
        let asks = ["--base-url", "http://d:9191", "--api-url", &api, "--api-key", "key"];
        let done = home.run(&[&["refresh"][..], &place, &asks, &limits].concat());
        let said = text(&done.stderr) + &text(&done.stdout);
        assert!(!done.status.success() && said.contains(reason), "{reason}: {said}");
    }
}

/// However few threads the system gives: a run does its work or says why not, and the next one does the rest.
#[test]
#[expect(clippy::print_stderr, reason = "a note on what was not tried")]
fn a_system_that_gives_no_thread() {
    let home = Home::new(env!("CARGO_BIN_EXE_vod2strm"));
    let Some(object) = preloaded(home.dir.path(), FEW_THREADS) else {
        eprintln!("not checked: there is no compiler");
        return;
    };
    let entries: String = (1..50)
        .map(|n| format!("#EXTINF:-1,Film {n} (2001)\nhttp://h/movie/u/p/{n}.mkv\n"))
        .collect();
    let list = format!("#EXTM3U\n{entries}");
    std::fs::write(home.dir.path().join("a.m3u"), &list).unwrap();
    let tables = TestDatabase::create(Generation::NEWEST);
    tables.insert(&Catalogue::generate(
        8,
        Size { movies: 9, series: 3, episodes_per_series: 2 },
        false,
    ));
    let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{list}", list.len());
    let server = web(move |guest| guest.write_all(answer.as_bytes()).unwrap());
    let by_name = playlist(server).replace("127.0.0.1", "localhost");
    for (source, output) in [("a.m3u", "file"), (&by_name, "web"), (&tables.url(), "tables")] {
        let url = ["--base-url", "http://dispatcharr:9191"];
        let place = ["generate", "--source", source, "--output", output, "--state", output];
        let arguments = [&place[..], &url].concat();
        let mut succeeded = 0;
        for threads in 0..7 {
            let mut command = home.command(&arguments);
            command.env("LD_PRELOAD", &object).env("THREADS", threads.to_string());
            let done = command.output().unwrap();
            let said = text(&done.stderr);
            match done.status.code() {
                Some(0) => succeeded += 1,
                Some(1) => {
                    assert!(
                        said.contains("error: cannot begin a thread"),
                        "{output} {threads}: {said}"
                    );
                    assert!(said.contains("the limit of threads is reached"), "{said}");
                }
                status => panic!("{output} {threads}: {status:?} {said}"),
            }
            assert!(!said.contains("panicked"), "{output} {threads}: {said}");
        }
        assert!(succeeded > 0, "{output} never succeeds");
        assert!(home.run(&arguments).status.success(), "{output} is free and whole");
        let verify = ["verify", "--full", "--output", output, "--state", output];
        assert!(home.run(&verify).status.success(), "{output} is whole");
    }
}
