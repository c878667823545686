//! Reports, logs and what is printed: they take nobody's place, and what could not be written is told of.

#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test plays the user")]

use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::os::unix::fs::{FileExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Output;

use vod2strm_testkit::home::{Home, files, number, text};

/// Where no byte has room.
const FULL: &str = "/dev/full";

/// A home with a playlist of two movies.
fn scene() -> Home {
    let home = Home::new(env!("CARGO_BIN_EXE_vod2strm"));
    let list = "#EXTM3U\n#EXTINF:-1,Alien (1979)\nhttp://h/movie/u/p/1.mkv\n\
                #EXTINF:-1,Up (2009)\nhttp://h/movie/u/p/2.mkv\n";
    std::fs::write(home.dir.path().join("a.m3u"), list).unwrap();
    home
}

const TO_LIBRARY: [&str; 5] = ["generate", "--source", "a.m3u", "--output", "library"];

/// All files of a home with their contents, ledgers left out: who may write there writes to them.
fn contents(home: &Home) -> Vec<(PathBuf, Option<Vec<u8>>)> {
    let is_ledger = |path: &PathBuf| path.to_string_lossy().contains("ledger.sqlite");
    let all = files(home.dir.path()).into_iter().filter(|path| !is_ledger(path));
    all.map(|path| (path.clone(), std::fs::read(path).ok())).collect()
}

/// Every option that names a file to be written, with a command that writes it.
fn writers() -> Vec<(Vec<&'static str>, &'static str)> {
    let stats = ["stats", "--source", "a.m3u", "--output", "library"];
    let with = |command: &[&'static str], more: &[&'static str]| [command, more].concat();
    vec![
        (with(&TO_LIBRARY, &[]), "--report"),
        (with(&TO_LIBRARY, &["--dry-run"]), "--report"),
        (with(&TO_LIBRARY, &[]), "--log-file"),
        (stats.to_vec(), "--csv"),
        (stats.to_vec(), "--log-file"),
        (vec!["names", "a.m3u"], "--log-file"),
        (vec!["verify", "--output", "library"], "--log-file"),
    ]
}

#[test]
fn a_report_or_a_log_takes_the_place_of_no_file_that_is_needed() {
    let home = scene();
    let at = |name: &str| home.dir.path().join(name);
    std::fs::write(at("vod2strm.toml"), "source = \"a.m3u\"\noutput = \"library\"\n").unwrap();
    home.generate("a.m3u", &[]);
    std::fs::write(at("library/Movies/film.mkv"), "mine").unwrap();
    symlink("a.m3u", at("link.csv")).unwrap();
    symlink("library/Movies/later.csv", at("dangling.csv")).unwrap();
    std::fs::hard_link(at("a.m3u"), at("hard.csv")).unwrap();
    std::fs::hard_link(at("library/Movies/film.mkv"), at("film.csv")).unwrap();
    let ledger = home.ledger();
    let beside = ledger.with_file_name("new.csv");
    let before = contents(&home);
    for (command, option) in writers() {
        for path in [
            "a.m3u",
            "./library/../a.m3u",
            "link.csv",
            "hard.csv",
            "vod2strm.toml",
            "library/Movies/film.mkv",
            "library/Movies/new.csv",
            "library/TV/new/new.csv",
            "none/../library/Movies/new.csv",
            "dangling.csv",
            "film.csv",
            "library/.vod2strm/library",
            "library/.vod2strm/new.csv",
            ledger.to_str().unwrap(),
            beside.to_str().unwrap(),
        ] {
            let done = home.run(&[&command[..], &[option, path]].concat());
            let said = text(&done.stderr);
            assert_eq!(done.status.code(), Some(2), "{command:?} {option} {path}: {said}");
            assert!(said.contains(option) && said.contains("name another file"), "{said}");
            assert_eq!(contents(&home), before, "{command:?} {option} {path}");
        }
    }
    // The same in the settings file, and for the names that a log gets when it is full.
    std::fs::write(at("vod2strm.toml"), "source = \"a.m3u\"\nreport = \"hard.csv\"\n").unwrap();
    let done = home.run(&["generate", "--output", "library"]);
    assert_eq!(done.status.code(), Some(2), "{}", text(&done.stderr));
    std::fs::rename(at("a.m3u"), at("list.1")).unwrap();
    std::fs::write(at("vod2strm.toml"), "").unwrap();
    let numbered = ["generate", "--source", "list.1", "--output", "library", "--log-file", "list"];
    assert_eq!(home.run(&numbered).status.code(), Some(2));
    // What is free is free.
    let report = ["--report", "library/last.csv", "--log-file", ".local/state/vod2strm/log"];
    home.generate("list.1", &report);
    assert!(at("library/last.csv").is_file() && at(".local/state/vod2strm/log").is_file());
}

/// Runs the command with standard output to where no byte has room.
fn to_full(home: &Home, arguments: &[&str]) -> Output {
    let full = OpenOptions::new().write(true).open(FULL).unwrap();
    home.command(arguments).stdout(full).output().unwrap()
}

#[test]
fn what_cannot_be_printed_is_told_of_by_every_command() {
    if !Path::new(FULL).exists() {
        return;
    }
    let home = scene();
    home.generate("a.m3u", &[]);
    let tree = home.tree();
    let source = ["--source", "a.m3u"];
    let output = ["--output", "library"];
    for (command, flags) in [
        (&["--version"][..], &[][..]),
        (&["--help"], &[]),
        (&["generate", "--help"], &[]),
        (&["generate"], &[source, output].concat()),
        (&["generate", "--json"], &[source, output].concat()),
        (&["generate", "--dry-run"], &[source, output].concat()),
        (&["adopt", "--dry-run"], &[source, output].concat()),
        (&["doctor"], &[source, output].concat()),
        (&["stats"], &[source, output].concat()),
        (&["stats", "--json"], &[source, output].concat()),
        (&["verify"], &output),
        (&["history"], &output),
        (&["history", "1"], &output),
        (&["names"], &source),
        (&["why", "film"], &[source, output].concat()),
    ] {
        let done = to_full(&home, &[command, flags].concat());
        let said = text(&done.stderr);
        assert_eq!(done.status.code(), Some(1), "{command:?}: {said}");
        assert!(said.contains("cannot write to standard output"), "{command:?}: {said}");
        assert!(!said.contains("panicked"), "{command:?}: {said}");
        assert_eq!(home.tree(), tree, "{command:?}");
    }
    // The run's own error is told, too.
    let done = to_full(&home, &["generate", "--json", "--source", "b.m3u", "--output", "library"]);
    let said = text(&done.stderr);
    assert!(said.contains("cannot read b.m3u") && said.contains("standard output"), "{said}");
}

#[test]
fn a_report_or_a_log_without_room_is_told_of_and_the_library_is_right() {
    if !Path::new(FULL).exists() {
        return;
    }
    for (option, words) in
        [("--report", "the report /dev/full"), ("--log-file", "the log file /dev/full")]
    {
        let home = scene();
        let (status, report) = home.try_generate("a.m3u", &[option, FULL]);
        assert_eq!((status, home.tree().len()), (1, 4), "{option}: {report:#}");
        assert_eq!(number(&report, "/titles/movie/new"), 2, "{option}: {report:#}");
        let done = home.run(&[&TO_LIBRARY[..], &[option, FULL]].concat());
        let said = text(&done.stderr);
        assert_eq!(done.status.code(), Some(1), "{said}");
        assert!(said.contains(words) && said.contains("No space left"), "{said}");
        assert!(said.contains("free some space"), "{said}");
        assert!(text(&done.stdout).contains("2 unchanged"), "what was done is told: {said}");
        // What ended the run, and what is held or failed, counts more.
        let unread = ["generate", "--source", "b.m3u", "--output", "library", option, FULL];
        let said = text(&home.run(&unread).stderr);
        assert!(said.contains("cannot read b.m3u") && said.contains(words), "{said}");
        home.generate("a.m3u", &[]);
    }
    let home = scene();
    std::fs::create_dir_all(home.output().join("Movies")).unwrap();
    drop(File::create(home.output().join("Movies/Up (2009)")).unwrap());
    let (status, report) = home.try_generate("a.m3u", &["--report", FULL]);
    assert_eq!(status, 3, "{report:#}");
    assert!(report["error"].to_string().contains("the report /dev/full"), "{report:#}");
    let done = home.run(&["stats", "--output", "library", "--csv", FULL]);
    assert_eq!(done.status.code(), Some(1));
    assert!(text(&done.stderr).contains("the report /dev/full"), "{}", text(&done.stderr));
}

/// The ledger's pages that are the roots of tables and indexes.
fn roots(ledger: &Path) -> Vec<(String, u64)> {
    let db = rusqlite::Connection::open(ledger).unwrap();
    let sql = "SELECT name, rootpage FROM sqlite_schema WHERE rootpage > 0 ORDER BY rootpage";
    let mut statement = db.prepare(sql).unwrap();
    let rows =
        statement.query_map([], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs())));
    rows.unwrap().map(Result::unwrap).collect()
}

/// Wherever the ledger is damaged, and whenever the run finds that, the report has each row once.
#[test]
fn a_run_that_begins_anew_with_an_empty_ledger_begins_its_report_anew() {
    let home = scene();
    let at = |name: &str| home.dir.path().join(name);
    home.generate("a.m3u", &[]);
    let ledger = home.ledger();
    let sound = std::fs::read(&ledger).unwrap();
    // Something is new and something has changed, so that there are rows when the damage is found.
    let list = "#EXTM3U\n#EXTINF:-1 tvg-logo=\"http://h/a.png\",Alien (1979)\nhttp://h/movie/u/p/1.mkv\n\
                #EXTINF:-1,Heat (1995)\nhttp://h/movie/u/p/3.mkv\n";
    std::fs::write(at("b.m3u"), list).unwrap();
    let library = contents(&home);
    let mut begun_anew = Vec::new();
    for (table, page) in roots(&ledger) {
        for path in files(&home.output()) {
            std::fs::remove_file(path).unwrap();
        }
        for (path, content) in &library {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, content.as_ref().unwrap()).unwrap();
        }
        for path in files(ledger.parent().unwrap()) {
            std::fs::remove_file(path).unwrap();
        }
        std::fs::write(&ledger, &sound).unwrap();
        let size = u64::from(u16::from_be_bytes([sound[16], sound[17]]));
        let damaged = OpenOptions::new().write(true).open(&ledger).unwrap();
        // The file's own head stays, so that it is found while the run is at work.
        let start = (page - 1) * size + if page == 1 { 100 } else { 0 };
        damaged.write_all_at(&[0xA5; 64], start).unwrap();
        let more = ["--report", "r.csv", "--cleanup", "apply"];
        let (status, report) = home.try_generate("b.m3u", &more);
        assert_eq!(status, 0, "{table}: {report:#}");
        let csv = std::fs::read_to_string(at("r.csv")).unwrap();
        let rows: Vec<&str> = csv.lines().collect();
        let once: BTreeSet<&&str> = rows.iter().collect();
        assert_eq!(once.len(), rows.len(), "{table}: {csv}");
        let told = report["files"].as_object().unwrap().values();
        let told = told.flat_map(|reasons| reasons.as_object().unwrap().values());
        let told: u64 = told.map(|number| number.as_u64().unwrap()).sum();
        assert_eq!(told, rows.len() as u64 - 1, "{table}: {csv}{report:#}");
        if report["warnings"].to_string().contains("the ledger is damaged") {
            begun_anew.push(table);
        }
    }
    assert!(begun_anew.len() > 3, "{begun_anew:?}");
}
