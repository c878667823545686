//! A newcomer's first run: the playlist that comes with the program, no database.

#![expect(clippy::unwrap_used, reason = "a failure here is a failed test")]

use std::path::{Path, PathBuf};

use vod2strm_testkit::home::{Home, assert_safe_paths, assert_well_formed, number, text};
use vod2strm_testkit::http::{Server, answer};

fn new_home() -> Home {
    Home::new(env!("CARGO_BIN_EXE_vod2strm"))
}

fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../examples/playlist.m3u")
        .canonicalize()
        .unwrap()
}

/// Folders right below a library root.
fn folders(home: &Home, root: &str) -> usize {
    std::fs::read_dir(home.output().join(root)).unwrap().count()
}

#[test]
fn the_example_becomes_37_movies_and_5_series() {
    // The classic layout makes a movie of each entry.
    for (layout, movies) in [("standard", 37), ("classic", 40)] {
        let home = new_home();
        let report = home.generate(example().to_str().unwrap(), &["--layout", layout]);
        assert_eq!(number(&report, "/titles/movie/new"), movies);
        assert_eq!(number(&report, "/titles/series/new"), 5);
        assert_eq!((folders(&home, "Movies"), folders(&home, "TV")), (movies as usize, 5));
        let tree = home.tree();
        assert_safe_paths(tree.keys());
        for (path, content) in &tree {
            if path.ends_with(".nfo") {
                assert_well_formed(path, content);
            } else {
                let line = text(content);
                assert!(
                    line.starts_with("http://") && line.ends_with('\n') && line.is_ascii(),
                    "{path}: {line}"
                );
            }
        }
    }
}

#[test]
fn every_strm_of_the_standard_layout_has_its_nfo_beside_it() {
    let home = new_home();
    home.generate(example().to_str().unwrap(), &[]);
    let tree = home.tree();
    let strms: Vec<_> = tree.keys().filter_map(|path| path.strip_suffix(".strm")).collect();
    assert!(strms.len() > 70);
    for stem in strms {
        assert!(tree.contains_key(&format!("{stem}.nfo")), "{stem}");
    }
    assert!(tree.keys().any(|path| path.contains("/Season 00/")), "specials have season 00");
}

#[test]
fn the_same_playlist_again_writes_nothing() {
    let home = new_home();
    home.generate(example().to_str().unwrap(), &[]);
    let before = home.stamps();
    let report = home.generate(example().to_str().unwrap(), &[]);
    assert_eq!(home.stamps(), before);
    assert_eq!(number(&report, "/titles/movie/unchanged"), 37);
}

#[test]
fn a_playlist_from_a_web_server_gives_the_same_library() {
    let playlist = std::fs::read(example()).unwrap();
    let server = Server::start(move |path, head| {
        assert!(head.contains("user-agent: vlc/"), "providers refuse unknown players: {head}");
        match path {
            "/list.m3u?username=joe&password=s3cret" => answer(200, "audio/x-mpegurl", &playlist),
            _ => answer(404, "text/html", b"<html>"),
        }
    });
    let (home, local) = (new_home(), new_home());
    let url = format!("{}/list.m3u?username=joe&password=s3cret", server.url());
    let report = home.generate(&url, &[]);
    local.generate(example().to_str().unwrap(), &[]);
    assert_eq!(home.tree(), local.tree());
    assert_eq!(server.requests(), 1);
    assert!(!report.to_string().contains("s3cret"), "{report}");
    for path in vod2strm_testkit::home::files(home.dir.path()) {
        let content = std::fs::read(&path).unwrap();
        assert!(!text(&content).contains("s3cret"), "{}", path.display());
    }
}

#[test]
fn the_summary_is_for_people() {
    let home = new_home();
    let (source, output) = (example(), home.output());
    // The folder is named as people name it; what they are to tell a media server is a whole path.
    let arguments = ["generate", "--source", source.to_str().unwrap(), "--output", "library"];
    let done = home.run(&arguments);
    assert!(done.status.success());
    let said = text(&done.stdout).replace(output.to_str().unwrap(), "OUTPUT");
    let said: String = said
        .lines()
        .filter(|line| !line.starts_with("Took"))
        .map(|line| format!("{line}\n"))
        .collect();
    insta::assert_snapshot!(said, @"
    library:
      movies: 37 new
      series: 5 new
    Files: 147 created, 0 updated.
    Left out:
      5 other entries: 4 live, 1 without an address that players open
    Note: the .strm files hold the login of your provider; who can read them can use it (see vod2strm doctor).
    Now add OUTPUT/Movies (movies) and OUTPUT/TV (shows) to your media server.
    ");
    let doctor = home.run(&[
        "doctor",
        "--source",
        source.to_str().unwrap(),
        "--output",
        output.to_str().unwrap(),
    ]);
    assert!(doctor.status.success(), "{}", text(&doctor.stdout));
    assert!(text(&doctor.stdout).contains("42 titles"), "{}", text(&doctor.stdout));
}

#[test]
fn a_list_over_https_gets_advice_for_web_servers_and_none_for_databases() {
    let server = Server::start(|_, _| answer(200, "audio/x-mpegurl", b"#EXTM3U\n"));
    let url = server.url().replace("http://", "https://");
    let home = new_home();
    let done = home.run(&["generate", "--source", &url, "--output", "library"]);
    let said = text(&done.stderr);
    assert_eq!(done.status.code(), Some(1));
    assert!(said.contains("cannot set up TLS") && said.contains("ca-certificates"), "{said}");
    assert!(!said.contains("sslmode"), "{said}");
}

#[test]
fn the_api_of_a_panel_is_told_from_a_login_that_is_refused() {
    for (body, expected) in [
        (r#"{"user_info":{"username":"u","auth":1,"status":"Active"}}"#, "type=m3u_plus"),
        (r#"{"user_info":{"auth":0}}"#, "refuses the login"),
    ] {
        let server = Server::start(move |_, _| answer(200, "application/json", body.as_bytes()));
        let home = new_home();
        let done = home.run(&["generate", "--source", server.url(), "--output", "library"]);
        let said = text(&done.stderr);
        assert!(done.status.code() == Some(1) && said.contains(expected), "{said}");
    }
}
