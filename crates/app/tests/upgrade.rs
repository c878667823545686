//! Another version over a library of an older one: no title that stays has another folder.
//!
//! `upgrade/lists` are small playlists as they are found in the wild, with invented hosts. `upgrade/made` is what version
//! 0.1.0 made of each at commit 035558f, and of a generated one: the ledger's rows, and the files with their contents.

#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test plays the user")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use vod2strm_testkit::home::{Home, number, text};
use vod2strm_testkit::playlists::everyday::everyday;

/// The generated list: its seed and entries.
const GENERATED: (u64, usize) = (19, 1_000);

/// Series that version 0.1.0 named after one of their episodes, each in a list: they are episodes of others now, whose
/// folders stay.
const JOINED: [(&str, &str, &str); 2] = [
    ("04_series_word_in_group", "TV/TEMP 2 CAPT 10", "TV/SERIE EL CHAPO"),
    ("24_film_in_parts_russian", "TV/Капитан Немо 2", "TV/Капитан Немо 1"),
];

/// Addresses that version 0.1.0 played, each in a list, and why they are no titles any more.
const NOT_PLAYED: [(&str, &str, &str); 2] = [
    (
        "06_series_rows_without_episodes",
        "http://h.example/player_api.php?username=u&password=p&action=get_series_info&series_id=51596",
        "it answers with a table",
    ),
    (
        "06_series_rows_without_episodes",
        "http://h.example/series/u/p/4711.mp4",
        "it is a series, and none of its episodes",
    ),
];

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/upgrade").join(name)
}

/// Every list: its name and its text.
fn lists() -> Vec<(String, String)> {
    let files = std::fs::read_dir(fixture("lists")).unwrap();
    let mut lists: Vec<_> = files
        .map(|file| {
            let path = file.unwrap().path();
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            (name, std::fs::read_to_string(path).unwrap())
        })
        .collect();
    lists.push(("generated".to_owned(), everyday(GENERATED.0, GENERATED.1)));
    lists.sort();
    lists
}

/// Writes the list, and generates from it. The fixture of the generated one has no NFOs.
fn generate(home: &Home, name: &str, list: &str) -> serde_json::Value {
    generate_with(home, name, list, &[])
}

/// The same with these flags besides.
fn generate_with(home: &Home, name: &str, list: &str, more: &[&str]) -> serde_json::Value {
    let path = home.dir.path().join("list.m3u");
    std::fs::write(&path, list).unwrap();
    let flags: &[&str] = if name == "generated" { &["--nfo", "off"] } else { &[] };
    home.generate(path.to_str().unwrap(), &[flags, more].concat())
}

/// A home with the library and the ledger that the older version made of a list.
fn old_library(name: &str) -> Home {
    let home = Home::in_memory(env!("CARGO_BIN_EXE_vod2strm"));
    // Where the ledger of this output folder belongs.
    generate(&home, name, "#EXTM3U\n");
    let ledger = home.ledger();
    for path in [home.output(), ledger.parent().unwrap().to_owned()] {
        std::fs::remove_dir_all(path).unwrap();
    }
    for line in std::fs::read_to_string(fixture(&format!("made/{name}.files"))).unwrap().lines() {
        let (path, content) = line.split_once('\t').unwrap();
        let path = home.output().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content.replace('\t', "\n")).unwrap();
    }
    std::fs::create_dir_all(ledger.parent().unwrap()).unwrap();
    let database = rusqlite::Connection::open(&ledger).unwrap();
    // Rows stand in the order of tables, and titles last.
    database.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
    for file in ["made/schema.sql".to_owned(), format!("made/{name}.sql")] {
        let sql = std::fs::read_to_string(fixture(&file)).unwrap();
        database.execute_batch(&format!("BEGIN; {sql} COMMIT;")).unwrap();
    }
    home
}

/// The folders of titles in which each address is played.
type Folders = BTreeMap<String, BTreeSet<String>>;

fn folders_by_address(home: &Home) -> Folders {
    let mut folders = Folders::new();
    for (path, content) in home.tree().iter().filter(|(path, _)| path.ends_with(".strm")) {
        let folder = path.split('/').take(2).collect::<Vec<_>>().join("/");
        folders.entry(text(content).trim().to_owned()).or_default().insert(folder);
    }
    folders
}

/// The addresses that a new library of the list would not play, except those for which there is a reason.
fn lost(name: &str, list: &str, before: &Folders) -> Vec<String> {
    let home = Home::in_memory(env!("CARGO_BIN_EXE_vod2strm"));
    generate_with(&home, name, list, &["--versions", "all"]);
    let after = folders_by_address(&home);
    let is_meant = |address: &str| {
        NOT_PLAYED.iter().any(|(list, known, _)| *list == name && *known == address)
    };
    let gone = before.keys().filter(|address| !after.contains_key(*address) && !is_meant(address));
    gone.map(|address| format!("{name}: {address}")).collect()
}

/// Whether a folder is one of movies; otherwise it is one of series.
fn is_of_movies(folder: &str) -> bool {
    folder.starts_with("Movies/")
}

#[test]
fn no_folder_that_stays_has_another_path() {
    let mut moved = Vec::new();
    for (name, list) in lists() {
        let home = old_library(&name);
        let before = folders_by_address(&home);
        let report = generate(&home, &name, &list);
        assert_eq!(number(&report, "/titles/movie/failed"), 0, "{name}: {report:#}");
        for (address, folders) in folders_by_address(&home) {
            let Some(old) = before.get(&address) else { continue };
            let is_joined = |new: &str| {
                let is_old = |folder: &String| JOINED.contains(&(name.as_str(), folder, new));
                old.iter().any(is_old) && before.values().flatten().any(|folder| folder == new)
            };
            // What is taken for another kind of title now goes into a folder of that kind.
            let kinds = |kind| old.iter().any(|folder| is_of_movies(folder) == kind);
            let new = folders.difference(old).filter(|folder| kinds(is_of_movies(folder)));
            let new = new.filter(|folder| !is_joined(folder));
            moved.extend(new.map(|new| format!("{name}: {old:?} → {new}")));
        }
    }
    assert!(moved.is_empty(), "{moved:#?}");
}

/// What told titles apart was a hash or a host.
#[test]
fn labels_of_older_versions_stay_until_relayout_and_become_numbers() {
    let (name, list) = lists().into_iter().find(|(name, _)| name == "generated").unwrap();
    let home = old_library(&name);
    let labelled = || -> BTreeSet<String> {
        let folders = folders_by_address(&home).into_values().flatten();
        folders.filter(|folder| folder.contains(" [0-")).collect()
    };
    let before = labelled();
    assert_eq!(before.len(), 3, "{before:?}");
    generate(&home, &name, &list);
    assert_eq!(labelled(), before);
    generate_with(&home, &name, &list, &["--relayout"]);
    let after = folders_by_address(&home).into_values().flatten().collect::<BTreeSet<_>>();
    // A series that becomes one with another keeps its folder until a cleanup.
    assert!(labelled().iter().all(|folder| !is_of_movies(folder)), "{:?}", labelled());
    for folder in ["Movies/Last River", "Movies/Second Shadow"] {
        assert!(after.contains(&format!("{folder} (2)")), "{after:?}");
    }
}

#[test]
fn what_was_played_is_played() {
    let lists = lists();
    let lost = lists.iter().flat_map(|(name, list)| {
        let old = old_library(name);
        lost(name, list, &folders_by_address(&old))
    });
    let lost: Vec<_> = lost.collect();
    assert!(lost.is_empty(), "{lost:#?}");
}

/// A film that is taken for a channel now is no loss of the provider's: it waits for the grace, and the reports say why.
#[test]
fn what_is_taken_for_something_else_now_goes_when_the_grace_is_over_and_says_so() {
    let home = Home::in_memory(env!("CARGO_BIN_EXE_vod2strm"));
    let films: String = (0..9)
        .map(|n| format!("#EXTINF:-1,Film {n} of all ({})\nhttp://h/movie/u/p/{n}.mkv\n", 1950 + n))
        .collect();
    let path = home.dir.path().join("list.m3u");
    let run = |list: &str, flags: &[&str]| {
        std::fs::write(&path, format!("#EXTM3U\n{list}")).unwrap();
        home.generate(
            path.to_str().unwrap(),
            &[&["--cleanup", "apply", "--grace", "1"], flags].concat(),
        )
    };
    run(&films, &[]);
    let channel = films.replacen("-1,", "-1 tvg-type=\"live\",", 1);
    for flags in [&["--dry-run"][..], &[]] {
        let report = run(&channel, flags);
        let warnings = report["warnings"].to_string();
        assert!(warnings.contains("1 movie of the library still"), "{flags:?}: {warnings}");
        assert_eq!(number(&report, "/titles/movie/waiting"), 1, "{flags:?}: {report:#}");
    }
    let foreseen = run(&channel, &["--dry-run"]);
    assert_eq!(number(&foreseen, "/files/would_delete/reclassified"), 2, "{foreseen:#}");
    let report = run(&channel, &[]);
    assert_eq!(number(&report, "/files/deleted/reclassified"), 2, "{report:#}");
    assert!(report["held"].as_array().unwrap().is_empty(), "{report:#}");
    assert_eq!(number(&report, "/titles/movie/removed"), 1);
}
