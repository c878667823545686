//! A list that may be cut off: whole entries of it are written, and nothing that is missing from it is removed.

#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test plays the user")]

use std::process::Command;
use std::sync::{Arc, Mutex};

use serde_json::Value;
use vod2strm_testkit::home::{Home, number, text};
use vod2strm_testkit::http::{Server, answer};

const APPLY: [&str; 4] = ["--cleanup", "apply", "--grace", "0"];

fn new_home() -> Home {
    Home::new(env!("CARGO_BIN_EXE_vod2strm"))
}

fn entry(film: usize) -> String {
    format!("#EXTINF:-1,Film {film} (2001)\nhttp://h/movie/u/p/{film}.mkv\n")
}

fn list(films: impl IntoIterator<Item = usize>) -> String {
    films.into_iter().fold("#EXTM3U\n".to_owned(), |list, film| list + &entry(film))
}

/// An answer whose end is the connection's.
fn without_length(body: &str) -> Vec<u8> {
    format!("HTTP/1.0 200 OK\r\nContent-Type: audio/x-mpegurl\r\n\r\n{body}").into_bytes()
}

/// A server that gives what a test puts there.
fn server(first: Vec<u8>) -> (Server, Arc<Mutex<Vec<u8>>>) {
    let given = Arc::new(Mutex::new(first));
    let body = given.clone();
    (Server::start(move |_, _| body.lock().unwrap().clone()), given)
}

fn warnings(report: &Value) -> String {
    report["warnings"].to_string()
}

#[test]
fn an_answer_without_a_length_that_broke_off_removes_nothing_and_changes_no_address() {
    let whole = list(1001..1101);
    let (server, given) = server(answer(200, "audio/x-mpegurl", whole.as_bytes()));
    let home = new_home();
    let report = home.generate(server.url(), &APPLY);
    assert!(!warnings(&report).contains("cut off"), "a length was reached: {report:#}");
    let before = home.tree();
    // In the middle of a film's number, so that it names another one.
    let at = whole.find("/1091.mkv").unwrap() + "/109".len();
    *given.lock().unwrap() = without_length(&whole[..at]);
    for run in 0..3 {
        let (status, report) = home.try_generate(server.url(), &APPLY);
        assert_eq!((status, home.tree() == before), (4, true), "run {run}: {report:#}");
        assert!(warnings(&report).contains("the server tells no length"), "{report:#}");
        let held = report["held"].as_array().unwrap();
        assert_eq!((held.len(), number(&report, "/held/0/titles")), (1, 10), "{report:#}");
        let id = format!("--allow-removals={}", held[0]["id"].as_str().unwrap());
        let (status, report) = home.try_generate(server.url(), &[&APPLY[..], &[&id]].concat());
        assert_eq!((status, home.tree() == before), (2, true), "no permission helps: {report:#}");
    }
    *given.lock().unwrap() = answer(200, "audio/x-mpegurl", whole.as_bytes());
    let report = home.generate(server.url(), &APPLY);
    assert_eq!((number(&report, "/titles/movie/unchanged"), home.tree() == before), (100, true));
}

#[test]
fn a_whole_list_without_a_length_adds_and_changes_and_is_no_failure() {
    let (server, given) = server(without_length(&list(1..10)));
    let home = new_home();
    for (films, new) in [(1..10, 9), (1..10, 0), (1..12, 2)] {
        *given.lock().unwrap() = without_length(&list(films));
        let report = home.generate(server.url(), &APPLY);
        assert_eq!(number(&report, "/titles/movie/new"), new, "{report:#}");
        assert!(warnings(&report).contains("the server tells no length"), "{report:#}");
    }
    let chunk = list(1..12);
    let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    *given.lock().unwrap() =
        format!("{head}{:x}\r\n{chunk}\r\n0\r\n\r\n", chunk.len()).into_bytes();
    let report = home.generate(server.url(), &APPLY);
    assert!(!warnings(&report).contains("cut off"), "the last chunk was there: {report:#}");
}

#[test]
fn a_file_whose_last_line_has_no_end_removes_nothing_until_it_has_one() {
    let home = new_home();
    let path = home.dir.path().join("list.m3u");
    let run = |content: &str| {
        std::fs::write(&path, content).unwrap();
        home.try_generate(path.to_str().unwrap(), &APPLY)
    };
    run(&list(1..9));
    let before = home.tree();
    // The last address is known just so: nothing is missing, and nothing is held.
    let (status, report) = run(list(1..9).trim_end());
    assert_eq!((status, number(&report, "/titles/movie/unchanged")), (0, 8), "{report:#}");
    assert!(warnings(&report).contains("end it with a line end"), "{report:#}");
    // A new one is not used: it may be a part of another one.
    let (status, report) = run(list(1..10).trim_end());
    assert_eq!((status, home.tree() == before), (0, true), "{report:#}");
    let (status, report) = run(list(2..9).trim_end());
    assert_eq!((status, home.tree() == before), (4, true), "{report:#}");
    let output = home.output();
    let arguments =
        ["generate", "--source", path.to_str().unwrap(), "--output", output.to_str().unwrap()];
    let said = text(&home.run(&[&arguments[..], &APPLY].concat()).stdout);
    assert!(said.contains("its last line has no line end"), "{said}");
    assert!(said.contains("if the list is whole, end it with a line end"), "{said}");
    for _ in 0..2 {
        run(&list(2..9));
    }
    assert_eq!(home.tree().len(), before.len() * 7 / 8, "whole, it is believed");
}

/// What is missing from a list that may have been cut off counts for no grace period.
#[test]
fn a_list_that_was_cut_off_is_no_first_night_of_a_loss() {
    let home = new_home();
    let path = home.dir.path().join("list.m3u");
    let run = |content: &str| {
        std::fs::write(&path, content).unwrap();
        home.generate(path.to_str().unwrap(), &["--cleanup", "apply", "--grace", "1"])
    };
    run(&list(1..40));
    let before = home.tree();
    run(list(1..39).trim_end());
    assert!(home.tree() == before);
    // Whole again, and the film is missing for the first time as far as anybody knows.
    run(&list(1..39));
    assert!(home.tree() == before, "one hiccup costs nothing");
    run(&list(1..39));
    assert_eq!(home.tree().len(), before.len() - 2, "the film's .strm and NFO");
}

#[test]
fn a_pipe_has_no_size_and_gzip_tells_its_end() {
    let home = new_home();
    let pipe = home.dir.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let write = |films| {
        let pipe = pipe.clone();
        std::thread::spawn(move || std::fs::write(pipe, list(films)).unwrap())
    };
    for (films, expected) in [(1..9, 0), (2..9, 4)] {
        let writer = write(films);
        let (status, report) = home.try_generate(pipe.to_str().unwrap(), &APPLY);
        writer.join().unwrap();
        assert_eq!(status, expected, "{report:#}");
        assert!(warnings(&report).contains("it was written to while it was read"), "{report:#}");
    }
    let plain = home.dir.path().join("list.m3u");
    std::fs::write(&plain, list(2..9).trim_end()).unwrap();
    assert!(Command::new("gzip").arg(&plain).status().unwrap().success());
    let path = home.dir.path().join("list.m3u.gz");
    let whole = std::fs::read(&path).unwrap();
    let (_, report) = home.try_generate(path.to_str().unwrap(), &APPLY);
    assert!(!warnings(&report).contains("cut off"), "{report:#}");
    std::fs::write(&path, &whole[..whole.len() - 4]).unwrap();
    let (status, report) = home.try_generate(path.to_str().unwrap(), &APPLY);
    assert!(status == 1 && report["error"].as_str().unwrap().contains("cut short"), "{report:#}");
}
