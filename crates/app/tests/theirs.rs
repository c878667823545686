//! What is the user's, told with the binary: folders that were there before us, companions, and files in
//! the way of ours.

#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test plays the user")]

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;
use vod2strm_core::layout::Layout;
use vod2strm_testkit::home::{Home, number, text};

type Tree = BTreeMap<String, Vec<u8>>;

/// Entries of a playlist: attributes with the name, and the address.
fn list(home: &Home, entries: &[(&str, &str)]) -> String {
    let lines = entries.iter().map(|(name, url)| format!("#EXTINF:-1{name}\nhttp://h/{url}.mkv\n"));
    let path = home.dir.path().join("list.m3u");
    std::fs::write(&path, format!("#EXTM3U\n{}", lines.collect::<String>())).unwrap();
    path.to_str().unwrap().to_owned()
}

fn new_home() -> Home {
    Home::new(env!("CARGO_BIN_EXE_vod2strm"))
}

fn layouts() -> Vec<&'static str> {
    Layout::all().iter().map(Layout::as_str).collect()
}

fn put(home: &Home, path: &str, content: &str) {
    let path = home.output().join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, content).unwrap();
}

const HEAT: (&str, &str) = (" tmdb-id=\"949\",Heat (1995)", "movie/u/p/1");
const FARGO: (&str, &str) =
    (" tmdb-id=\"60622\" tvg-type=\"series\",Fargo (2014) S01E01 Pilot", "series/u/p/9");
const OTHERS: [(&str, &str); 5] = [
    (",Film One (2001)", "movie/u/p/11"),
    (",Film Two (2001)", "movie/u/p/12"),
    (",Film Three (2001)", "movie/u/p/13"),
    (" tvg-type=\"series\",Show One S01E01", "series/u/p/14"),
    (" tvg-type=\"series\",Show Two S01E01", "series/u/p/15"),
];

/// Everything, and the same without what the tests are about.
fn all() -> Vec<(&'static str, &'static str)> {
    [&[HEAT, FARGO][..], &OTHERS].concat()
}

const MINE: [(&str, &str); 5] = [
    ("Movies/Heat (1995)/Heat (1995).mkv", "my film"),
    ("Movies/Heat (1995)/Heat (1995)-poster.jpg", "my poster"),
    ("Movies/Heat (1995)/Extras/making of.mkv", "more of it"),
    ("TV/Fargo (2014)/Season 01/Fargo S01E02.mkv", "my episode"),
    ("TV/Fargo (2014)/notes.txt", "my notes"),
];

fn shared(report: &Value) -> (u64, u64) {
    (number(report, "/titles/movie/shared"), number(report, "/titles/series/shared"))
}

fn of_two_titles(tree: Tree) -> Tree {
    tree.into_iter().filter(|(path, _)| path.contains("Heat") || path.contains("Fargo")).collect()
}

/// From each layout to each of the others: nothing in the user's folders gets another name, all else
/// does, and the dry run says so.
#[test]
fn a_folder_that_was_there_before_us_never_moves() {
    let layouts = layouts();
    for (n, from) in layouts.iter().enumerate() {
        let home = new_home();
        for (path, content) in MINE {
            put(&home, path, content);
        }
        let source = list(&home, &all());
        let dry = home.generate(&source, &["--layout", from, "--dry-run"]);
        let first = home.generate(&source, &["--layout", from]);
        // The layouts with ids make folders of their own.
        let number_of_shared = shared(&first);
        assert_eq!(shared(&dry), number_of_shared, "{from}");
        let has_ids = ["jellyfin", "emby", "plex"].contains(from);
        assert_eq!(number_of_shared, if has_ids { (0, 0) } else { (1, 1) }, "{from}");
        for to in layouts.iter().cycle().skip(n + 1).take(layouts.len() - 1) {
            let before = of_two_titles(home.tree());
            let flags = ["--layout", to, "--relayout", "--cleanup", "apply", "--grace", "0"];
            let (dry_status, dry) =
                home.try_generate(&source, &[&flags[..], &["--dry-run"]].concat());
            let (status, report) = home.try_generate(&source, &flags);
            assert_eq!(shared(&dry), shared(&report), "{from} to {to}");
            // A folder of ours cannot move to where the user's is: that is told.
            assert_eq!(
                (dry_status, status),
                if has_ids { (dry_status, dry_status) } else { (0, 0) }
            );
            let moved =
                number(&report, "/files/moved/folder") + number(&report, "/files/moved/file");
            assert_eq!(number(&dry, "/files/skipped/dry_run_move"), moved, "{from} to {to}");
            let now = home.tree();
            for (path, content) in MINE {
                assert_eq!(text(&now[path]), content, "{from} to {to}");
            }
            if !has_ids {
                let strms = |tree: &Tree| -> Vec<String> {
                    tree.keys().filter(|path| path.ends_with(".strm")).cloned().collect()
                };
                assert_eq!(strms(&before), strms(&of_two_titles(now)), "{from} to {to}");
            }
        }
    }
}

#[test]
fn the_run_says_how_many_titles_share_a_folder_of_yours() {
    let home = new_home();
    put(&home, "Movies/Heat (1995)/Heat (1995).mkv", "my film");
    let source = list(&home, &all());
    let output = home.output();
    let arguments = ["generate", "--source", &source, "--output", output.to_str().unwrap()];
    for _ in 0..2 {
        let said = text(&home.run(&arguments).stdout);
        assert!(said.contains("1 title shares a folder of yours"), "{said}");
    }
}

/// Only our files go, and the folder stays, also when it was empty before us.
#[test]
fn a_folder_that_was_there_before_us_stays_when_its_title_goes() {
    for mine in [&MINE[..], &[]] {
        let home = new_home();
        std::fs::create_dir_all(home.output().join("Movies/Heat (1995)")).unwrap();
        std::fs::create_dir_all(home.output().join("TV/Fargo (2014)/Season 01")).unwrap();
        mine.iter().for_each(|(path, content)| put(&home, path, content));
        home.generate(&list(&home, &all()), &[]);
        assert!(home.tree().contains_key("Movies/Heat (1995)/Heat (1995).strm"));
        let source = list(&home, &OTHERS);
        for _ in 0..2 {
            home.generate(&source, &["--cleanup", "apply", "--grace", "0"]);
        }
        let rest: Vec<String> = of_two_titles(home.tree()).into_keys().collect();
        let mut kept: Vec<&str> = mine.iter().map(|(path, _)| *path).collect();
        kept.sort_unstable();
        assert_eq!(rest, kept);
        for folder in ["Movies/Heat (1995)", "TV/Fargo (2014)/Season 01"] {
            assert!(home.output().join(folder).is_dir(), "{folder}");
        }
    }
}

/// An empty folder that the user has put into one of ours stays; ours go.
#[test]
fn an_empty_folder_of_the_users_stays() {
    let home = new_home();
    home.generate(&list(&home, &all()), &[]);
    std::fs::create_dir(home.output().join("Movies/Heat (1995)/Extras")).unwrap();
    let source = list(&home, &OTHERS);
    for _ in 0..2 {
        home.generate(&source, &["--cleanup", "apply", "--grace", "0"]);
    }
    assert!(home.output().join("Movies/Heat (1995)/Extras").is_dir());
    assert!(!home.output().join("TV/Fargo (2014)").exists());
}

/// What a player, a NAS or the user put into folders of ours keeps them; once it is gone, a cleanup removes them.
/// What is still there stays, and so does a folder that has become the user's meanwhile.
#[test]
fn a_folder_of_ours_that_others_files_occupied_goes_once_they_are_gone() {
    const THEIRS: [&str; 6] = [
        "Movies/Heat (1995)/.@__thumb/Heat (1995).jpg",
        "Movies/Film One (2001)/.fuse_hidden0001",
        "Movies/Film Two (2001)/notes.txt",
        "Movies/Film Three (2001)/@eaDir/SYNOINDEX",
        "TV/Fargo (2014)/Season 01/.AppleDouble/Fargo",
        "TV/Show One/Thumbs.db",
    ];
    let home = new_home();
    home.generate(&list(&home, &all()), &[]);
    THEIRS.iter().for_each(|path| put(&home, path, "theirs"));
    let source = list(&home, &OTHERS[4..]);
    let clean = ["--cleanup", "apply", "--grace", "0"];
    home.try_generate(&source, &clean);
    home.try_generate(&source, &[&clean[..], &["--allow-removals"]].concat());
    let is_ours = |path: &&String| path.ends_with(".strm") && !path.contains("Show Two");
    assert_eq!(home.tree().keys().filter(is_ours).count(), 0);
    let output = home.output();
    let is_there = |path: &str| output.join(path).exists();
    home.generate(&source, &clean);
    assert!(THEIRS.iter().all(|path| is_there(path)));

    // Film Three's folder is the user's from now on: he has made a new one.
    std::fs::remove_dir_all(output.join("Movies/Film Three (2001)")).unwrap();
    put(&home, "Movies/Film Three (2001)/mine.mkv", "mine");
    home.generate(&list(&home, &[OTHERS[2], OTHERS[4]]), &[]);
    let source = list(&home, &OTHERS[4..]);
    std::fs::remove_file(output.join("Movies/Film Three (2001)/mine.mkv")).unwrap();
    for path in THEIRS.iter().filter(|path| !path.contains("Film T")) {
        std::fs::remove_file(output.join(path)).unwrap();
        let folder = output.join(path).parent().unwrap().to_owned();
        if folder.file_name().unwrap().to_str().unwrap().starts_with(['.', '@']) {
            std::fs::remove_dir(folder).unwrap();
        }
    }
    home.generate(&source, &[]);
    home.try_generate(&source, &["--cleanup", "preview"]);
    assert!(is_there("Movies/Heat (1995)"), "no cleanup, no removal");
    home.try_generate(&source, &clean);
    home.try_generate(&source, &[&clean[..], &["--allow-removals"]].concat());
    let gone = ["Movies/Heat (1995)", "Movies/Film One (2001)", "TV/Fargo (2014)", "TV/Show One"];
    assert!(gone.iter().all(|folder| !is_there(folder)), "{:?}", home.tree().keys());
    home.generate(&source, &clean);
    assert!(is_there("Movies/Film Two (2001)/notes.txt") && is_there("Movies/Film Three (2001)"));
    assert!(!home.tree().keys().any(|path| path.contains("Film Three")));
    std::fs::remove_file(output.join(THEIRS[2])).unwrap();
    home.generate(&source, &clean);
    assert!(!is_there("Movies/Film Two (2001)"));
}

/// A run that finds nothing of ours where a title was changes nothing, and says nothing else to the next run. The
/// number in the marker, which tells older libraries, stays.
#[test]
fn a_cleanup_that_removes_nothing_leaves_the_marker_as_it_is() {
    let home = new_home();
    home.generate(&list(&home, &all()), &[]);
    let generation = || std::fs::read(home.output().join(".vod2strm/library")).unwrap();
    let clean = ["--cleanup", "apply", "--grace", "0", "--allow-removals"];
    let without = |count: usize| list(&home, &all()[count..]);

    for path in home.tree().keys().filter(|path| path.contains("Heat")) {
        put(&home, path, "http://mine/");
    }
    let before = generation();
    let report = home.generate(&without(1), &clean[..4]);
    assert!(number(&report, "/files/skipped/not_ours") > 0, "{report}");
    assert_eq!(generation(), before, "all is the user's");

    std::fs::remove_dir_all(home.output().join("TV/Fargo (2014)")).unwrap();
    home.generate(&without(2), &clean[..4]);
    assert_eq!(generation(), before, "nothing is there");

    std::fs::remove_file(home.output().join("Movies/Film One (2001)/Film One (2001).strm"))
        .unwrap();
    std::fs::remove_file(home.output().join("Movies/Film One (2001)/Film One (2001).nfo")).unwrap();
    for flags in [&clean[..4], &clean] {
        home.try_generate(&without(3), flags);
    }
    assert!(!home.output().join("Movies/Film One (2001)").exists());
    assert_ne!(generation(), before, "an empty folder of ours");
}

/// The same of a run that meets nothing but files of others where titles are to be. The same of names that are taken,
/// and of notes about a run that was cut off before it wrote anything.
#[test]
fn a_run_that_others_keep_from_writing_leaves_the_marker_as_it_is() {
    let home = new_home();
    let clean = ["--cleanup", "apply", "--movie-file", "{title}"];
    home.generate(&list(&home, &all()[1..]), &[]);
    let generation = || std::fs::read(home.output().join(".vod2strm/library")).unwrap();
    put(&home, "Movies/Heat (1995)/Heat.strm", "mine");
    put(&home, "Movies/Film One (2001)/Film One.strm", "mine");
    let source = list(&home, &all());
    home.try_generate(&source, &clean);
    let db = rusqlite::Connection::open(home.ledger()).unwrap();
    db.execute("INSERT INTO pending (folder, hashes) VALUES ('Movies/Alien (1979)', x'')", ())
        .unwrap();
    let (before, tree) = (generation(), home.tree());
    let dry = home.try_generate(&source, &[&clean[..], &["--dry-run"]].concat());
    for _ in 0..2 {
        let done = home.try_generate(&source, &clean);
        assert_eq!((done.0, dry.0), (3, 3), "{}", done.1);
        assert_eq!(done.1["files"], dry.1["files"], "a dry run says the same");
        assert_eq!(problems(&done.1), problems(&dry.1));
    }
    let left = "SELECT count(*) FROM pending WHERE folder = 'Movies/Alien (1979)'";
    assert_eq!(db.query_row(left, (), |row| row.get::<_, i64>(0)).unwrap(), 0);
    assert_eq!((generation(), home.tree()), (before.clone(), tree), "nothing was changed");
    std::fs::remove_file(home.output().join("Movies/Heat (1995)/Heat.strm")).unwrap();
    home.try_generate(&source, &clean);
    assert_ne!(generation(), before);
}

/// What a run could not do, in order.
fn problems(report: &Value) -> Vec<String> {
    let problems = report["problems"].as_array().unwrap().iter();
    let mut problems: Vec<String> = problems.map(Value::to_string).collect();
    problems.sort();
    problems
}

/// A season's folder that goes late is looked for no more: the run after it does nothing.
#[test]
fn a_seasons_folder_that_goes_late_leaves_nothing_to_do() {
    let second =
        (" tmdb-id=\"60622\" tvg-type=\"series\",Fargo (2014) S02E01 Two", "series/u/p/10");
    let third =
        (" tmdb-id=\"60622\" tvg-type=\"series\",Fargo (2014) S01E02 Three", "series/u/p/16");
    let home = new_home();
    home.generate(&list(&home, &[&all()[..], &[second, third]].concat()), &[]);
    let mine = home.output().join("TV/Fargo (2014)/Season 02/.nfs0001");
    std::fs::write(&mine, "theirs").unwrap();
    let source = list(&home, &[&all()[..], &[third]].concat());
    let clean = ["--cleanup", "apply", "--grace", "0"];
    home.generate(&source, &clean);
    std::fs::remove_file(&mine).unwrap();
    home.generate(&source, &clean);
    assert!(!mine.parent().unwrap().exists());
    let db = rusqlite::Connection::open(home.ledger()).unwrap();
    let sql = "SELECT count(*) FROM dirs WHERE path = 'Season 02'";
    assert_eq!(db.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap(), 0);
    drop(db);
    home.generate(&source, &clean);
    let (stamps, report) = (home.stamps(), home.generate(&source, &clean));
    assert_eq!(report["files"], serde_json::json!({}), "{report}");
    assert_eq!(number(&report, "/titles/series/unchanged"), 3, "{report}");
    assert_eq!(home.stamps(), stamps);
}

/// Our folder is removed with its title; the user makes one of that name. The title returns under another
/// layout, and the user's folder stays.
#[test]
fn a_folder_that_came_in_the_place_of_ours_is_the_users() {
    for is_removed in [true, false] {
        let home = new_home();
        home.generate(&list(&home, &all()), &[]);
        if is_removed {
            let source = list(&home, &[&[FARGO][..], &OTHERS].concat());
            home.generate(&source, &["--cleanup", "apply", "--grace", "0"]);
        } else {
            std::fs::remove_dir_all(home.output().join("Movies/Heat (1995)")).unwrap();
        }
        assert!(!home.output().join("Movies/Heat (1995)").exists());
        put(&home, MINE[0].0, MINE[0].1);
        let report = home.generate(&list(&home, &all()), &["--layout", "jellyfin"]);
        assert_eq!(text(&home.tree()[MINE[0].0]), MINE[0].1, "{report}");
        assert_eq!(shared(&report), (1, 0), "{report}");
    }
}

/// The same, if our folder could only go late; and whatever the user has put into his.
#[test]
fn a_folder_that_came_in_the_place_of_one_that_went_late_is_the_users() {
    let home = new_home();
    home.generate(&list(&home, &all()), &[]);
    put(&home, "Movies/Heat (1995)/Thumbs.db", "theirs");
    let source = list(&home, &[&[FARGO][..], &OTHERS].concat());
    let clean = ["--cleanup", "apply", "--grace", "0"];
    home.generate(&source, &clean);
    std::fs::remove_file(home.output().join("Movies/Heat (1995)/Thumbs.db")).unwrap();
    home.generate(&source, &clean);
    assert!(!home.output().join("Movies/Heat (1995)").exists());
    put(&home, "Movies/Heat (1995)/notes.txt", "my notes");
    let source = list(&home, &all());
    for layout in ["standard", "jellyfin"] {
        let report = home.generate(&source, &["--layout", layout]);
        assert_eq!(shared(&report), (1, 0), "{report}");
        assert_eq!(text(&home.tree()["Movies/Heat (1995)/notes.txt"]), "my notes");
    }
}

/// A ledger of an older version does not know whose folders are: a film says that it is the user's.
#[test]
fn in_a_ledger_that_does_not_know_a_film_makes_a_folder_the_users() {
    let home = new_home();
    put(&home, MINE[0].0, MINE[0].1);
    put(&home, MINE[3].0, MINE[3].1);
    let source = list(&home, &all());
    home.generate(&source, &[]);
    let forget = || {
        let db = rusqlite::Connection::open(home.ledger()).unwrap();
        db.execute("UPDATE titles SET shared = NULL", []).unwrap();
    };
    forget();
    let resting = home.generate(&source, &[]);
    assert_eq!(shared(&resting), (1, 1), "{resting}");
    forget();
    let flags = ["--layout", "jellyfin"];
    let dry = home.generate(&source, &[&flags[..], &["--dry-run"]].concat());
    let report = home.generate(&source, &flags);
    assert_eq!((shared(&dry), shared(&report)), ((1, 1), (1, 1)), "{dry} {report}");
    let tree = home.tree();
    assert!(tree.contains_key(MINE[0].0) && tree.contains_key(MINE[3].0), "{:?}", tree.keys());
    assert!(tree.contains_key("Movies/Heat (1995)/Heat (1995).strm"));
}

/// A ledger that was lost is filled from the tree: likewise.
#[test]
fn after_the_ledger_is_lost_a_film_makes_a_folder_the_users() {
    for mine in ["mkv", "wtv", "mk3d", "dvr-ms", "img"] {
        let home = new_home();
        let mine = format!("Movies/Heat (1995)/Heat (1995).{mine}");
        put(&home, &mine, "my film");
        let source = list(&home, &all());
        home.generate(&source, &[]);
        std::fs::remove_dir_all(home.ledger().parent().unwrap()).unwrap();
        for flags in [&["--layout", "jellyfin"][..], &["--layout", "jellyfin", "--relayout"]] {
            let (status, report) = home.try_generate(&source, flags);
            assert_eq!((status, shared(&report)), (0, (1, 0)), "{mine}: {report}");
            assert!(home.tree().contains_key(&mine), "{mine}");
        }
    }
}

/// Our NFO is not written beside somebody's `.strm`; the title is listed as failed, and what was counted
/// as written is there. When the title goes, nothing of ours is left.
#[test]
fn nothing_of_ours_is_left_beside_somebodys_strm() {
    for layout in layouts() {
        let home = new_home();
        let source = list(&home, &all());
        home.generate(&source, &["--layout", layout]);
        let tree = home.tree();
        let strm = tree.keys().find(|path| path.contains("Heat")).unwrap();
        let strm = strm.replace("movie.nfo", "Heat (1995).nfo").replace(".nfo", ".strm");
        let home = new_home();
        let source = list(&home, &all());
        put(&home, &strm, "http://mine/");
        let (dry_status, dry) = home.try_generate(&source, &["--layout", layout, "--dry-run"]);
        let (status, report) = home.try_generate(&source, &["--layout", layout]);
        assert_eq!((dry_status, status), (3, 3), "{layout} {report}");
        let ours =
            |tree: &Tree| tree.iter().filter(|(_, it)| *it != b"http://mine/").count() as u64;
        assert_eq!(number(&report, "/files/written/created"), ours(&home.tree()), "{layout}");
        let foreseen = number(&dry, "/files/skipped/dry_run_create");
        assert_eq!(foreseen, ours(&home.tree()), "{layout}");
        let output = home.output();
        let history = home.run(&["history", "1", "--output", output.to_str().unwrap()]);
        let history = text(&history.stdout);
        assert!(history.contains("failed") && history.contains("Heat"), "{layout} {history}");
        let source = list(&home, &OTHERS);
        for _ in 0..3 {
            let flags = ["--layout", layout, "--cleanup", "apply", "--grace", "0"];
            let (_, report) = home.try_generate(&source, &flags);
            assert_eq!(report["problems"], serde_json::json!([]), "{layout}");
        }
        let folder = output.join(Path::new(&strm).parent().unwrap());
        assert_eq!(std::fs::read_dir(folder).unwrap().count(), 1, "{layout}");
    }
}

/// An episode without a number gets another stream number while the layout changes. No file of ours is called
/// somebody's, and the ledger has no path twice.
#[test]
fn a_slot_that_goes_keeps_its_path_while_names_change() {
    let layouts = layouts();
    for (n, from) in layouts.iter().enumerate() {
        let to = layouts[(n + 1) % layouts.len()];
        let home = new_home();
        let episode = " tvg-type=\"series\",Daily Show";
        let source = list(&home, &[&[(episode, "series/u/p/1")][..], &OTHERS].concat());
        home.generate(&source, &["--layout", from]);
        let source = list(&home, &[&[(episode, "series/u/p/2")][..], &OTHERS].concat());
        home.generate(&source, &["--layout", to, "--relayout"]);
        let db = rusqlite::Connection::open(home.ledger()).unwrap();
        let sql = "SELECT count(*) - count(DISTINCT title || '/' || path) FROM files";
        let twice: i64 = db.query_row(sql, [], |row| row.get(0)).unwrap();
        assert_eq!(twice, 0, "{from} to {to}");
        drop(db);
        let flags = ["--layout", to, "--cleanup", "apply", "--grace", "0"];
        let dry = home.try_generate(&source, &[&flags[..], &["--dry-run"]].concat()).1;
        let report = home.try_generate(&source, &flags).1;
        let sum = |action: &str, report: &Value| -> u64 {
            let counts = report["files"][action].as_object().into_iter().flatten();
            counts.filter_map(|(_, number)| number.as_u64()).sum()
        };
        assert_eq!(sum("would_delete", &dry), sum("deleted", &report), "{from} to {to}");
    }
}
