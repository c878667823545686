//! Nothing untrue is said: by a dry run, a report, a summary, an exit status, or `doctor`.

#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test plays the user")]

use std::fs::File;
use std::path::Path;
use std::process::Stdio;

use vod2strm_testkit::home::{Home, number, text};

fn new_home() -> Home {
    Home::new(env!("CARGO_BIN_EXE_vod2strm"))
}

/// A playlist of two movies in the home.
fn playlist(home: &Home) -> String {
    let path = home.dir.path().join("list.m3u");
    let list = "#EXTM3U\n#EXTINF:-1,Alien (1979)\nhttp://h/movie/u/p/1.mkv\n\
                #EXTINF:-1,Up (2009)\nhttp://h/movie/u/p/2.mkv\n";
    std::fs::write(&path, list).unwrap();
    path.to_str().unwrap().to_owned()
}

fn generate(home: &Home, source: &str, more: &[&str]) -> std::process::Output {
    let output = home.output();
    let mut arguments = vec!["generate", "--source", source, "--output", output.to_str().unwrap()];
    arguments.extend(more);
    home.run(&arguments)
}

fn plant(home: &Home, path: &str, content: &str) {
    let path = home.output().join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, content).unwrap();
}

#[test]
fn a_users_empty_file_stays_empty() {
    let home = new_home();
    let source = playlist(&home);
    plant(&home, "Movies/Alien (1979)/Alien (1979).nfo", "");
    for _ in 0..3 {
        assert_eq!(generate(&home, &source, &[]).status.code(), Some(3));
        assert_eq!(home.tree()["Movies/Alien (1979)/Alien (1979).nfo"], b"");
    }
}

#[test]
fn a_dry_run_foresees_what_is_in_the_way() {
    let home = new_home();
    let source = playlist(&home);
    plant(&home, "Movies/Alien (1979)/Alien (1979).strm", "somebody's");
    // The NFO beside it is not written either.
    let dry = generate(&home, &source, &["--dry-run"]);
    let real = generate(&home, &source, &[]);
    assert_eq!((dry.status.code(), real.status.code()), (Some(3), Some(3)));
    assert!(text(&dry.stdout).contains("2 would be created"), "{}", text(&dry.stdout));
    assert!(text(&real.stdout).contains("2 created"), "{}", text(&real.stdout));
}

/// What is not ours keeps a folder, and a dry run says so as the run does.
#[test]
fn a_dry_run_names_what_is_not_ours_in_folders_that_go() {
    let home = new_home();
    let list = home.dir.path().join("list.m3u");
    let write = |from: usize| {
        let entry = |n| format!("#EXTINF:-1,Film {n} ({})\nhttp://h/movie/u/p/{n}.mkv\n", 1950 + n);
        let entries: String = (from..40).map(entry).collect();
        std::fs::write(&list, format!("#EXTM3U\n{entries}")).unwrap();
    };
    write(1);
    let (source, cleanup) = (list.to_str().unwrap(), ["--cleanup", "apply", "--grace", "0"]);
    home.generate(source, &cleanup);
    plant(&home, "Movies/Film 1 (1951)/notes.txt", "mine");
    plant(&home, "Movies/Film 2 (1952)/Extras/deleted scene.mkv", "mine");
    plant(&home, "Movies/Film 3 (1953)/Film 3 (1953).nfo", "edited");
    write(6);
    let dry = home.generate(source, &[&cleanup[..], &["--dry-run"]].concat());
    let done = home.generate(source, &cleanup);
    assert_eq!(dry["files"]["would_delete"], done["files"]["deleted"], "{dry:#} {done:#}");
    assert_eq!(dry["files"]["skipped"], done["files"]["skipped"], "{dry:#} {done:#}");
    // Two folders with others' files; and an edited NFO, which is told of with its folder.
    assert_eq!(number(&dry, "/files/skipped/not_ours"), 4, "{dry:#}");
    assert_eq!(dry["titles"]["movie"]["would_remove"], done["titles"]["movie"]["removed"]);
}

#[test]
fn a_lost_ledger_is_filled_again_and_a_dry_run_knows_it() {
    let home = new_home();
    let source = playlist(&home);
    generate(&home, &source, &[]);
    std::fs::remove_dir_all(home.dir.path().join(".local")).unwrap();
    let before = home.tree();
    let dry = generate(&home, &source, &["--dry-run"]);
    assert!(text(&dry.stdout).contains("nothing to write"), "{}", text(&dry.stdout));
    assert!(!text(&dry.stdout).contains("a folder of yours"), "{}", text(&dry.stdout));
    let real = generate(&home, &source, &[]);
    assert!(text(&real.stdout).contains("nothing to write"), "{}", text(&real.stdout));
    assert!(text(&real.stderr).contains("ledger was lost"), "{}", text(&real.stderr));
    assert_eq!(home.tree(), before);
}

#[test]
fn first_runs_at_the_same_time_make_one_library() {
    for _ in 0..5 {
        let home = new_home();
        let source = playlist(&home);
        let output = home.output();
        let arguments = ["generate", "--source", &source, "--output", output.to_str().unwrap()];
        let start = |_| {
            home.command(&arguments).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
        };
        let runs: Vec<_> = (0..5).map(start).collect();
        for run in runs {
            let done = run.wait_with_output().unwrap();
            assert!(matches!(done.status.code(), Some(0 | 5)), "{}", text(&done.stderr));
        }
        assert_eq!(home.tree().len(), 4);
    }
}

#[test]
fn a_run_that_may_not_begin_leaves_the_last_report_alone() {
    let home = new_home();
    let source = playlist(&home);
    let csv = home.dir.path().join("last.csv");
    let report = ["--report", csv.to_str().unwrap()];
    generate(&home, &source, &report);
    let before = std::fs::read(&csv).unwrap();
    let lock = File::options().write(true).open(home.output().join(".vod2strm/lock")).unwrap();
    lock.try_lock().unwrap();
    let held = generate(&home, &source, &[&report[..], &["--json"]].concat());
    assert_eq!(held.status.code(), Some(5));
    assert_eq!(std::fs::read(&csv).unwrap(), before);
    let said: serde_json::Value = serde_json::from_slice(&held.stdout).unwrap();
    assert_eq!(number(&said, "/status"), 5);
    assert!(said["error"].as_str().unwrap().contains("another run"), "{said}");
    drop(lock);
    // A report that stands in the settings is for real runs.
    std::fs::write(home.dir.path().join("vod2strm.toml"), format!("report = {:?}\n", csv)).unwrap();
    assert!(generate(&home, &source, &["--dry-run"]).status.success());
    assert_eq!(std::fs::read(&csv).unwrap(), before);
}

#[test]
fn a_ledger_that_was_never_finished_does_not_block_a_library() {
    let home = new_home();
    let source = playlist(&home);
    generate(&home, &source, &[]);
    std::fs::remove_dir_all(home.output()).unwrap();
    std::fs::write(home.ledger(), "").unwrap();
    assert!(generate(&home, &source, &[]).status.success());
    assert_eq!(home.tree().len(), 4);
}

#[test]
fn an_output_that_cannot_be_written_is_a_failure() {
    let home = new_home();
    let source = playlist(&home);
    let full = Path::new("/dev/full");
    if !full.exists() {
        return;
    }
    let output = home.output();
    let arguments =
        ["generate", "--json", "--source", &source, "--output", output.to_str().unwrap()];
    let file = File::options().write(true).open(full).unwrap();
    let done = home.command(&arguments).stdout(file).output().unwrap();
    assert_eq!(done.status.code(), Some(1), "{}", text(&done.stderr));
}

#[test]
fn doctor_sees_a_state_folder_that_cannot_be_made() {
    let home = new_home();
    let source = playlist(&home);
    let output = home.output();
    let blocked = home.dir.path().join("list.m3u/state");
    let arguments = [
        "doctor",
        "--source",
        &source,
        "--output",
        output.to_str().unwrap(),
        "--state",
        blocked.to_str().unwrap(),
    ];
    let done = home.run(&arguments);
    assert_eq!(done.status.code(), Some(1), "{}", text(&done.stdout));
    assert!(text(&done.stdout).contains("FAIL  state"), "{}", text(&done.stdout));
}

#[test]
fn a_run_that_made_nothing_fixes_no_layout() {
    let home = new_home();
    let list = home.dir.path().join("live.m3u");
    std::fs::write(&list, "#EXTM3U\n#EXTINF:-1 tvg-type=\"live\",News\nhttp://h/live/u/p/1.ts\n")
        .unwrap();
    generate(&home, list.to_str().unwrap(), &["--layout", "classic"]);
    assert!(generate(&home, &playlist(&home), &[]).status.success());
}

#[test]
fn a_file_url_may_have_escapes() {
    let home = new_home();
    let list = playlist(&home);
    let spaced = home.dir.path().join("a b.m3u");
    std::fs::rename(list, &spaced).unwrap();
    for url in [
        format!("file://{}", spaced.display()),
        format!("file://{}/a%20b.m3u", home.dir.path().display()),
    ] {
        assert!(generate(&home, &url, &[]).status.success(), "{url}");
    }
}

#[test]
fn a_dry_run_fails_where_a_run_does() {
    let home = new_home();
    let source = playlist(&home);
    std::fs::create_dir_all(home.output().join("elsewhere")).unwrap();
    std::os::unix::fs::symlink("elsewhere", home.output().join("Movies")).unwrap();
    let codes = [&["--dry-run"][..], &[]].map(|more| generate(&home, &source, more).status.code());
    assert_eq!(codes, [Some(1); 2], "a linked library root");
    std::fs::remove_file(home.output().join("Movies")).unwrap();
    std::fs::create_dir(home.output().join("Movies")).unwrap();
    std::os::unix::fs::symlink("../elsewhere", home.output().join("Movies/Up (2009)")).unwrap();
    let codes = [&["--dry-run"][..], &[]].map(|more| generate(&home, &source, more).status.code());
    assert_eq!(codes, [Some(3); 2], "a linked title folder");
}

#[test]
fn an_older_ledger_is_read_by_stats_and_a_dry_run_without_a_change() {
    let home = new_home();
    let list = playlist(&home);
    generate(&home, &list, &[]);
    let ledger = home.ledger();
    // What the first version wrote, for this library.
    let marker = home.output().join(".vod2strm/library");
    let id = std::fs::read_to_string(&marker).unwrap();
    let id = id.split_whitespace().next().unwrap();
    std::fs::write(&marker, format!("{id}\n")).unwrap();
    let fixture = concat!(env!("CARGO_MANIFEST_DIR"), "/../disk/tests/ledgers/1-rest.sqlite");
    std::fs::copy(fixture, &ledger).unwrap();
    let db = rusqlite::Connection::open(&ledger).unwrap();
    db.execute("UPDATE meta SET value = ?1 WHERE key = 'library'", [id]).unwrap();
    db.execute_batch("PRAGMA journal_mode = DELETE").unwrap();
    drop(db);
    let before = std::fs::read(&ledger).unwrap();
    let stats = home.run(&["stats", "--output", home.output().to_str().unwrap()]);
    assert!(text(&stats.stdout).contains("Show 8"), "{}", text(&stats.stdout));
    let foreseen = generate(&home, &list, &["--dry-run"]);
    assert!(foreseen.status.success(), "{}", text(&foreseen.stderr));
    assert!(std::fs::read(&ledger).unwrap() == before, "the ledger has changed");
}

/// A title that moves away leaves its folder to another, in a dry run as in a run.
#[test]
fn a_dry_run_knows_that_a_folder_is_left_before_another_title_gets_it() {
    let home = new_home();
    let list = playlist(&home);
    generate(&home, &list, &[]);
    let names = "#EXTM3U\n#EXTINF:-1,Alien Nation (1988)\nhttp://h/movie/u/p/1.mkv\n\
                 #EXTINF:-1,Alien (1979)\nhttp://h/movie/u/p/3.mkv\n\
                 #EXTINF:-1,Up (2009)\nhttp://h/movie/u/p/2.mkv\n";
    std::fs::write(&list, names).unwrap();
    let dry = generate(&home, &list, &["--relayout", "--dry-run"]);
    let run = generate(&home, &list, &["--relayout"]);
    let status = |done: std::process::Output| (done.status.code(), text(&done.stderr));
    let (dry, run) = (status(dry), status(run));
    assert_eq!(dry.0, run.0, "{} {}", dry.1, run.1);
}

/// What the ledger cannot say of a file costs that file alone. The file is ours again where it is as it should be, and
/// somebody's where it is not. Every run says so, and a dry run beforehand.
#[test]
fn a_file_of_which_the_ledger_says_nothing_costs_no_library() {
    let home = new_home();
    let source = playlist(&home);
    generate(&home, &source, &[]);
    let before = home.tree();
    let damage = |word: &str| {
        let db = rusqlite::Connection::open(home.ledger()).unwrap();
        let sql = "UPDATE files SET key = ?1 WHERE path = 'Up (2009).strm'";
        assert_eq!(db.execute(sql, [word]).unwrap(), 1);
    };
    let said = |arguments: &[&str]| {
        let done = generate(&home, &source, &[&["--json", "--full"], arguments].concat());
        let report: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
        let warnings = report["warnings"].to_string();
        let is_named = warnings.contains("Movies/Up (2009)/Up (2009).strm is for (it has ");
        (done.status.code().unwrap(), is_named, number(&report, "/files/error/foreign_file"))
    };
    assert_eq!(said(&[]), (0, false, 0));
    damage("nonsense");
    let output = home.output();
    let verified = home.run(&["verify", "--full", "--output", output.to_str().unwrap()]);
    assert_eq!(verified.status.code(), Some(3), "{}", text(&verified.stdout));
    assert!(text(&verified.stdout).contains("Up (2009).strm"), "{}", text(&verified.stdout));
    assert_eq!(said(&["--dry-run"]), (0, true, 0));
    assert_eq!(said(&[]), (0, true, 0));
    assert_eq!(said(&[]), (0, false, 0), "it is ours again");
    assert_eq!(home.tree(), before);

    damage("nonsense, too");
    plant(&home, "Movies/Up (2009)/Up (2009).strm", "somebody's");
    assert_eq!(said(&["--dry-run"]), (3, true, 1));
    assert_eq!(said(&[]), (3, true, 1));
    assert_eq!(said(&[]), (3, false, 1), "it is somebody's");
    assert_eq!(home.tree()["Movies/Up (2009)/Up (2009).strm"], b"somebody's");
    assert_eq!(home.tree().len(), before.len());
}
