//! Several libraries in one settings file: a section each, and commands that go through all.

#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test plays the user")]

use std::path::Path;
use std::process::Output;

use serde_json::Value;
use vod2strm_testkit::home::{Home, files, text};

const SECTIONS: &str = "\
state = 'state'
layout = 'jellyfin'

[library.films]
source = 'a.m3u'
output = 'films'

[library.kids]
source = 'a.m3u'
output = 'kids'
layout = 'kodi'
";

/// A home with two playlists and this settings file.
fn home_with(settings: &str) -> Home {
    let home = Home::new(env!("CARGO_BIN_EXE_vod2strm"));
    let list = "#EXTM3U\n#EXTINF:-1,Alien (1979)\nhttp://h/movie/u/p/1.mkv\n";
    std::fs::write(home.dir.path().join("a.m3u"), list).unwrap();
    std::fs::write(home.dir.path().join("vod2strm.toml"), settings).unwrap();
    home
}

fn said(done: &Output) -> (Option<i32>, String) {
    (done.status.code(), text(&done.stdout) + &text(&done.stderr))
}

fn json(done: &Output) -> Value {
    serde_json::from_slice(&done.stdout).unwrap_or_else(|_| panic!("{}", said(done).1))
}

#[test]
fn without_a_name_commands_go_through_all_libraries() {
    let home = home_with(SECTIONS);
    for command in ["generate", "verify", "doctor", "stats", "history"] {
        let done = home.run(&[command]);
        let lines = text(&done.stdout);
        let heads: Vec<_> = lines.lines().filter(|line| line.starts_with("Library ")).collect();
        assert_eq!((done.status.code(), heads), (Some(0), vec!["Library films:", "Library kids:"]));
        let object = json(&home.run(&[command, "--json"]));
        assert_eq!(object["status"], 0, "{command}");
        assert!(object["libraries"]["films"] != Value::Null, "{command}: {object:#}");
        assert!(object["libraries"]["kids"] != Value::Null, "{command}: {object:#}");
        let one = home.run(&[command, "--library", "kids"]);
        assert_eq!(one.status.code(), Some(0));
        assert!(!text(&one.stdout).contains("Library "), "{command}: as with one library");
    }
    let one = json(&home.run(&["generate", "--json", "--library", "kids"]));
    assert_eq!(one["layout"], "kodi", "a section stands over the top: {one:#}");
    let all = json(&home.run(&["generate", "--json", "--layout", "emby"]));
    assert_eq!(all["libraries"]["kids"]["layout"], "emby", "a flag stands over every section");
    for file in ["films/Movies/Alien (1979)/Alien (1979).strm", "kids/Movies"] {
        assert!(home.dir.path().join(file).exists(), "{file}");
    }
}

#[test]
fn a_library_that_fails_keeps_no_other_from_its_run() {
    let settings = SECTIONS.replacen("a.m3u", "lost.m3u", 1);
    let home = home_with(&settings);
    let (status, words) = said(&home.run(&["generate"]));
    assert_eq!(status, Some(1), "{words}");
    assert!(words.contains("library films: error: cannot read lost.m3u"), "{words}");
    assert!(home.dir.path().join("kids/Movies/Alien (1979)").exists(), "{words}");
    let object = json(&home.run(&["generate", "--json"]));
    let statuses = ["films", "kids"].map(|name| object["libraries"][name]["status"].as_u64());
    assert_eq!((object["status"].as_u64(), statuses), (Some(1), [Some(1), Some(0)]));
    let object = json(&home.run(&["verify", "--json"]));
    assert_eq!(object["status"], 1);
    assert!(object["libraries"]["films"]["error"].as_str().unwrap().contains("no library"));
    assert_eq!(object["libraries"]["kids"]["status"], 0);
}

#[test]
fn what_only_one_library_can_have_needs_its_name() {
    let home = home_with(SECTIONS);
    for flag in
        ["--source=x", "--output=x", "--movies-root=x", "--series-root=x", "--allow-removals"]
    {
        let (status, words) = said(&home.run(&["generate", flag]));
        assert_eq!(status, Some(2), "{flag}: {words}");
        assert!(words.contains("--library (films, kids)"), "{flag}: {words}");
    }
    let mut command = home.command(&["generate"]);
    let (status, words) = said(&command.env("VOD2STRM_OUTPUT", "x").output().unwrap());
    assert_eq!(status, Some(2), "{words}");
    assert!(words.contains("variable VOD2STRM_OUTPUT: there are several"), "{words}");
    for command in ["adopt", "names"] {
        let (status, words) = said(&home.run(&[command]));
        assert_eq!(status, Some(2), "{command}: {words}");
        assert!(words.contains("--library (films, kids)"), "{command}: {words}");
    }
    assert!(!home.dir.path().join("films").exists(), "nothing ran");
    let done = home.run(&["generate", "--library", "kids", "--output", "elsewhere"]);
    assert_eq!(done.status.code(), Some(0), "{}", said(&done).1);
    assert!(home.dir.path().join("elsewhere/Movies").exists());
    let (status, words) = said(&home.run(&["generate", "--library", "nobody"]));
    assert_eq!(status, Some(2), "{words}");
    assert!(words.contains("there are films, kids"), "{words}");
}

#[test]
fn libraries_that_share_a_folder_are_refused() {
    let films = "[library.films]\nsource = 'a.m3u'\noutput = 'films'\n";
    for kids in [
        "output = 'films'",
        "output = './films/'",
        "output = 'films/kids'",
        "output = '.'",
        "output = 'kids'\nmovies_root = '../films/Movies'",
    ] {
        let home = home_with(&format!("{films}[library.kids]\nsource = 'a.m3u'\n{kids}\n"));
        for arguments in [&["generate"][..], &["generate", "--library", "films"]] {
            let (status, words) = said(&home.run(arguments));
            assert_eq!(status, Some(2), "{kids}: {words}");
            assert!(words.contains("films and kids share a folder"), "{kids}: {words}");
        }
        assert!(!home.dir.path().join("films").exists());
    }
}

#[test]
fn a_report_has_one_library_and_lies_in_none() {
    let home = home_with(&format!("report = 'last.csv'\n{SECTIONS}"));
    let (status, words) = said(&home.run(&["generate"]));
    assert_eq!(status, Some(2), "{words}");
    assert!(words.contains("last.csv is the report of films"), "{words}");
    let home = home_with(SECTIONS);
    assert_eq!(home.run(&["generate"]).status.code(), Some(0));
    let report = ["generate", "--library", "films", "--report", "kids/Movies/last.csv"];
    let (status, words) = said(&home.run(&report));
    assert_eq!(status, Some(2), "{words}");
    assert!(words.contains("would be written over"), "{words}");
    let numbers = home.run(&["stats", "--csv", "n.csv"]);
    assert_eq!(numbers.status.code(), Some(0));
    let numbers = std::fs::read_to_string(home.dir.path().join("n.csv")).unwrap();
    assert!(numbers.starts_with("library,section,") && numbers.contains("\nkids,"), "{numbers}");
}

/// The ledger follows from the output folder: sections can be written around a library that exists.
#[test]
fn a_flat_file_that_gets_sections_loses_nothing() {
    let home = home_with("state = 'state'\nsource = 'a.m3u'\noutput = 'films'\n");
    let first = json(&home.run(&["generate", "--json"]));
    assert_eq!(first["titles"]["movie"]["new"], 1, "{first:#}");
    let sections = SECTIONS.replace("layout = 'jellyfin'\n", "");
    std::fs::write(home.dir.path().join("vod2strm.toml"), sections).unwrap();
    let again = json(&home.run(&["generate", "--json"]));
    assert_eq!(again["libraries"]["films"]["titles"]["movie"]["unchanged"], 1, "{again:#}");
    assert_eq!(again["libraries"]["kids"]["titles"]["movie"]["new"], 1, "{again:#}");
    let single = SECTIONS.split("\n[library.kids]").next().unwrap();
    std::fs::write(home.dir.path().join("vod2strm.toml"), single).unwrap();
    let one = json(&home.run(&["generate", "--json", "--output", "films"]));
    assert_eq!(one["output"], "films", "one section is one library: {one:#}");
}

#[test]
fn sections_that_are_wrong_say_where_and_show_no_value() {
    const SECRET: &str = "S3cr3tZq";
    for (settings, words) in [
        ("library = 'S3cr3tZq'", "line 1: a library's settings stand in a section"),
        ("[library]\noutput = 'S3cr3tZq'", "line 2: a library's settings stand in a section"),
        ("[library.'S3cr3tZq!']\noutput = 'x'", "line 1: a library's name has letters"),
        (
            "[library.a]\nstate = 'S3cr3tZq'",
            "state in vod2strm.toml, line 2: it is the same for all",
        ),
        ("[library.a]\ndry_run = true", "dry_run in vod2strm.toml, line 2: it is for one run"),
        ("[library.a]\nS3cr3tZq = 1", "line 2: there is no such setting"),
        ("[libary.a]\noutput = 'x'", "line 1: there is no such section"),
        (
            "[library.a]\noutput = 'x'\n[library.b]\nsource = 'a.m3u'",
            "library a: --source is missing",
        ),
    ] {
        let home = home_with(settings);
        let (status, told) = said(&home.run(&["generate"]));
        assert_eq!(status, Some(2), "{settings}: {told}");
        assert!(told.contains(words) && !told.contains(SECRET), "{settings}: {told}");
    }
}

#[test]
fn secrets_of_all_sections_are_kept() {
    let home = home_with(
        "log_file = 'all.log'\nverbose = true\n\
         [library.a]\nsource = 'S3cr3tZq.m3u'\noutput = 'x'\n\
         [library.b]\nsource = 'postgres://joe:S3cr3tZq@127.0.0.1:1/d'\noutput = 'y'\n",
    );
    let (status, words) = said(&home.run(&["generate", "--library", "a"]));
    assert_eq!(status, Some(1), "{words}");
    let log = std::fs::read_to_string(home.dir.path().join("all.log")).unwrap();
    assert!(words.contains("***") && !words.contains("S3cr3tZq"), "{words}");
    assert!(!log.contains("S3cr3tZq"), "{log}");
}

#[test]
fn a_switch_can_say_no_for_one_run() {
    let home = home_with(&format!("no_nfo = true\n{SECTIONS}"));
    let done = home.run(&["generate", "--dry-run=false", "--no-nfo=false", "movies"]);
    assert_eq!(done.status.code(), Some(0), "{}", said(&done).1);
    let made = files(&home.dir.path().join("films/Movies"));
    assert!(made.iter().any(|path| path.extension().is_some_and(|it| it == "nfo")), "{made:?}");
    let (status, words) = said(&home.run(&["generate", "--dry-run", "movies"]));
    assert_eq!(status, Some(0), "a word behind it is no value: {words}");
    let (status, words) = said(&home.run(&["generate", "--dry-run=perhaps"]));
    assert_eq!(status, Some(2), "{words}");
    assert!(words.contains("--dry-run: wanted is true or false"), "{words}");
}

/// What stands in the documentation's example is what the program takes.
#[test]
fn the_example_of_several_libraries_is_accepted_as_it_is() {
    let home = Home::new(env!("CARGO_BIN_EXE_vod2strm"));
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    std::os::unix::fs::symlink(examples, home.dir.path().join("examples")).unwrap();
    let done = home.run(&["generate", "--json", "--config", "examples/libraries.toml"]);
    let report = json(&done);
    assert_eq!((done.status.code(), report["status"].as_u64()), (Some(0), Some(0)), "{report:#}");
    for (library, root, layout) in [("films", "Movies", "jellyfin"), ("shows", "TV", "kodi")] {
        assert_eq!(report["libraries"][library]["layout"], layout);
        let folder = home.dir.path().join("libraries").join(library).join(root);
        assert!(std::fs::read_dir(folder).unwrap().count() > 0, "{library}");
    }
    assert!(!home.dir.path().join("libraries/films/TV").exists(), "films alone: {report:#}");
}
