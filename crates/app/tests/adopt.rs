//! A tree that the ledger does not know is taken over, and nothing in it is touched.

#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test plays the user")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::Value;
use vod2strm_testkit::generate::{Catalogue, Size, catalogues, small};
use vod2strm_testkit::home::{Home, number, text};
use vod2strm_testkit::postgres::TestDatabase;
use vod2strm_testkit::schema::Generation;

const BASE_URL: [&str; 2] = ["--base-url", "http://dispatcharr:9191"];
const CLASSIC: [&str; 4] = ["--base-url", "http://dispatcharr:9191", "--layout", "classic"];

fn new_home() -> Home {
    Home::new(env!("CARGO_BIN_EXE_vod2strm"))
}

fn database(catalogue: &Catalogue) -> TestDatabase {
    let database = TestDatabase::create(Generation::NEWEST);
    database.insert(catalogue);
    database
}

/// The ledger is lost; the library stays.
fn lose_ledger(home: &Home) {
    std::fs::remove_dir_all(home.dir.path().join(".local/state/vod2strm")).unwrap();
}

/// Adopts with `--json`: exit status and object.
fn adopt(home: &Home, source: &str, more: &[&str]) -> (i32, Value) {
    let output = home.output();
    let mut arguments =
        vec!["adopt", "--json", "--source", source, "--output", output.to_str().unwrap()];
    arguments.extend(more);
    let done = home.run(&arguments);
    let report = serde_json::from_slice(&done.stdout);
    (done.status.code().unwrap(), report.unwrap_or_else(|_| panic!("{}", text(&done.stderr))))
}

/// What a write to the library would change; our own folder is ours.
fn stamps(home: &Home) -> BTreeMap<PathBuf, (i64, i64, u64, bool)> {
    let own = home.output().join(".vod2strm");
    home.stamps().into_iter().filter(|(path, _)| !path.starts_with(&own)).collect()
}

/// Paths of the files that were not recognised, with the reasons.
fn rest(report: &Value) -> Vec<(String, String)> {
    let field = |left: &Value, name: &str| left[name].as_str().unwrap().to_owned();
    let rest = report["not_recognised"].as_array().unwrap();
    rest.iter().map(|left| (field(left, "path"), field(left, "why"))).collect()
}

/// What a run writes or would like to: nothing, when all is adopted.
fn assert_idle(report: &Value) {
    for kind in ["movie", "series"] {
        for outcome in ["new", "changed", "failed", "absent"] {
            assert_eq!(number(report, &format!("/titles/{kind}/{outcome}")), 0, "{report:#}");
        }
    }
    assert_eq!(report["files"].get("written"), None, "{report:#}");
}

/// Generates, loses the ledger, adopts: everything is known again, and nothing was touched.
fn assert_adopted(source: &str, flags: &[&str]) {
    let home = new_home();
    let first = home.generate(source, flags);
    let before = stamps(&home);
    lose_ledger(&home);

    let (status, report) = adopt(&home, source, flags);
    assert_eq!(status, 0);
    assert_eq!(rest(&report), [], "{flags:?}");
    for (adopted, new) in [("/movies", "/titles/movie/new"), ("/series", "/titles/series/new")] {
        assert_eq!(number(&report, adopted), number(&first, new), "{flags:?}");
    }
    let files = number(&report, "/strm_files") + number(&report, "/nfo_files");
    assert_eq!(files, home.tree().len() as u64);
    assert_eq!(number(&report, "/incomplete_titles") + number(&report, "/edited_nfo_files"), 0);
    assert_eq!(stamps(&home), before, "adopting touched the library");

    let next = home.generate(source, flags);
    assert_idle(&next);
    assert!(!next["warnings"].to_string().contains("ledger was lost"), "{next:#}");
    assert_eq!(stamps(&home), before, "the run after adopting touched the library");
    let verify = home.run(&["verify", "--full", "--output", home.output().to_str().unwrap()]);
    assert!(verify.status.success(), "{}", text(&verify.stdout));
    let again = home.generate(source, flags);
    assert!(number(&again, "/file_system_calls/reads") < 50, "folders are listed: {again:#}");
}

#[test]
fn a_tree_whose_ledger_is_lost_is_known_again_and_nothing_is_written() {
    let size = Size { movies: 120, series: 16, episodes_per_series: 8 };
    let database = database(&Catalogue::generate(11, size, true));
    for layout in ["classic", "standard"] {
        for more in [
            &[][..],
            &["--multi-provider"],
            &["--direct-urls"],
            &["--direct-urls", "--multi-provider"],
            &["--no-nfo"],
        ] {
            assert_adopted(&database.url(), &[&BASE_URL[..], &["--layout", layout], more].concat());
        }
    }
}

/// A lost ledger does not tell by which rules names were given: they stay, until somebody wants those of today.
#[test]
fn what_was_recognised_keeps_its_names_in_another_layout_until_it_is_told_to_move() {
    let size = Size { movies: 30, series: 4, episodes_per_series: 4 };
    let database = database(&Catalogue::generate(11, size, false));
    let (home, fresh) = (new_home(), new_home());
    home.generate(&database.url(), &[&BASE_URL[..], &["--layout", "standard"]].concat());
    let strms = |home: &Home| -> Vec<String> {
        home.tree().into_keys().filter(|path| path.ends_with(".strm")).collect()
    };
    let before = strms(&home);
    lose_ledger(&home);
    let other = [&BASE_URL[..], &["--layout", "emby"]].concat();
    home.generate(&database.url(), &other);
    assert_eq!(strms(&home), before);
    fresh.generate(&database.url(), &other);
    assert_ne!(strms(&fresh), before, "the layouts differ");
    home.generate(&database.url(), &[&other[..], &["--relayout"]].concat());
    assert_eq!(strms(&home), strms(&fresh));
}

/// The run itself fills a ledger that is lost, or damaged in whatever way; the old one is kept.
#[test]
fn a_damaged_ledger_is_kept_aside_and_filled_again() {
    let size = Size { movies: 60, series: 8, episodes_per_series: 8 };
    let database = database(&Catalogue::generate(11, size, false));
    let (home, flags) =
        (new_home(), [&BASE_URL[..], &["--cleanup", "apply", "--grace", "0"]].concat());
    home.generate(&database.url(), &flags);
    let ledger = home.ledger();
    let (before, sound) = (stamps(&home), std::fs::read(&ledger).unwrap());
    type Damage = fn(&[u8]) -> Vec<u8>;
    let damages: [Damage; 5] = [
        |_| Vec::new(),
        |_| b"this is no database, and never was one".to_vec(),
        |sound| sound[..sound.len() / 2].to_vec(),
        |sound| sound[..4096].iter().copied().chain(sound[4096..].iter().map(|_| 7)).collect(),
        |sound| {
            let is_hit = |at: usize| at > 8192 && at % 4096 < 200;
            sound
                .iter()
                .enumerate()
                .map(|(at, byte)| if is_hit(at) { !byte } else { *byte })
                .collect()
        },
    ];
    for (n, damage) in damages.into_iter().enumerate() {
        for log in ["-wal", "-shm"] {
            drop(std::fs::remove_file(format!("{}{log}", ledger.display())));
        }
        std::fs::write(&ledger, damage(&sound)).unwrap();
        let report = home.generate(&database.url(), &flags);
        assert_idle(&report);
        assert_eq!(stamps(&home), before, "{n}: {report}");
        let said = report["warnings"].to_string();
        assert!(said.contains("ledger was lost") || said.contains("damaged"), "{n}: {said}");
        assert_eq!(said.contains("kept as"), n > 0, "{n}: an empty file is a new ledger");
        assert_idle(&home.generate(&database.url(), &flags));
        assert_eq!(stamps(&home), before);
    }
}

/// Titles below further folders, as peers and users sort them.
#[test]
fn titles_below_further_folders_are_known_again() {
    let size = Size { movies: 60, series: 8, episodes_per_series: 8 };
    let database = database(&Catalogue::generate(11, size, false));
    let groups = ["--movie-folder", "{genre}/{year}/{title}", "--series-folder", "{genre}/{title}"];
    assert_adopted(&database.url(), &[&BASE_URL[..], &groups].concat());
}

#[test]
fn the_plugins_tree_moves_to_another_layout() {
    let size = Size { movies: 60, series: 8, episodes_per_series: 8 };
    let database = database(&Catalogue::generate(11, size, false));
    let home = new_home();
    let classic = [&BASE_URL[..], &["--layout", "classic"]].concat();
    home.generate(&database.url(), &classic);
    lose_ledger(&home);
    assert_eq!(adopt(&home, &database.url(), &classic).0, 0);
    home.generate(&database.url(), &[&BASE_URL[..], &["--cleanup", "apply"]].concat());
    let fresh = new_home();
    fresh.generate(&database.url(), &BASE_URL);
    assert_eq!(home.tree(), fresh.tree());
}

#[test]
fn random_libraries_are_known_again() {
    let database = TestDatabase::create(Generation::NEWEST);
    let switches = (any::<bool>(), any::<bool>(), any::<bool>());
    let mut runner =
        TestRunner::new(Config { cases: 25, failure_persistence: None, ..Config::default() });
    runner
        .run(&(catalogues(), switches), |(catalogue, (is_classic, is_multi, is_direct))| {
            database.clear();
            database.insert(&catalogue);
            let layout = if is_classic { "classic" } else { "standard" };
            let mut flags = vec!["--base-url", "http://dispatcharr:9191", "--layout", layout];
            flags.extend(is_multi.then_some("--multi-provider"));
            flags.extend(is_direct.then_some("--direct-urls"));
            assert_adopted(&database.url(), &flags);
            Ok(())
        })
        .unwrap();
}

#[test]
fn a_playlists_tree_is_known_by_its_urls() {
    let playlist = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/playlist.m3u");
    for layout in ["classic", "standard"] {
        assert_adopted(playlist.to_str().unwrap(), &["--layout", layout]);
    }
}

#[test]
fn an_edited_nfo_stays_whatever_the_plot_becomes() {
    let database = database(&small());
    let home = new_home();
    home.generate(&database.url(), &CLASSIC);
    lose_ledger(&home);
    let nfo = home.output().join("TV/Dark (2017)/tvshow.nfo");
    std::fs::write(&nfo, "<tvshow><title>Mine</title></tvshow>").unwrap();

    let (_, report) = adopt(&home, &database.url(), &CLASSIC);
    assert_eq!(number(&report, "/edited_nfo_files"), 1, "{report:#}");
    assert_idle(&home.generate(&database.url(), &CLASSIC));
    database.execute("UPDATE vod_series SET description = 'new plot'");
    let report = home.generate(&database.url(), &CLASSIC);
    assert_eq!(number(&report, "/files/skipped/user_edited"), 1, "{report:#}");
    assert_eq!(std::fs::read(&nfo).unwrap(), b"<tvshow><title>Mine</title></tvshow>");
}

/// What is adopted is looked after like what was written.
#[test]
fn what_is_deleted_after_adopting_comes_back() {
    let database = database(&small());
    let home = new_home();
    home.generate(&database.url(), &CLASSIC);
    let tree = home.tree();
    lose_ledger(&home);
    adopt(&home, &database.url(), &CLASSIC);
    for path in ["Movies/Heat (1995)/movie.nfo", "TV/Dark (2017)/Season 01/S01E02 - Lies.strm"] {
        std::fs::remove_file(home.output().join(path)).unwrap();
    }
    let report = home.generate(&database.url(), &CLASSIC);
    assert_eq!(number(&report, "/files/written/restored"), 2, "{report:#}");
    assert_eq!(home.tree(), tree);
}

/// The original wrote the poster's name where its address belongs.
#[test]
fn what_the_original_got_wrong_in_an_nfo_is_made_right_with_the_next_change() {
    let database = database(&small());
    let home = new_home();
    home.generate(&database.url(), &CLASSIC);
    lose_ledger(&home);
    let nfo = home.output().join("Movies/Heat (1995)/movie.nfo");
    let right = text(&std::fs::read(&nfo).unwrap());
    assert!(right.contains("<thumb>https://image.example/heat.jpg</thumb>"), "{right}");
    std::fs::write(&nfo, right.replace("https://image.example/heat.jpg", "Heat")).unwrap();

    let (_, report) = adopt(&home, &database.url(), &CLASSIC);
    assert_eq!(number(&report, "/edited_nfo_files"), 0, "{report:#}");
    assert_idle(&home.generate(&database.url(), &CLASSIC));
    database.execute("UPDATE vod_movie SET rating = '1.0'");
    home.generate(&database.url(), &CLASSIC);
    let after = text(&std::fs::read(&nfo).unwrap());
    assert!(after.contains("heat.jpg") && after.contains("1.0"), "{after}");
}

#[test]
fn what_is_foreign_is_named_and_never_touched() {
    let database = database(&small());
    let home = new_home();
    home.generate(&database.url(), &CLASSIC);
    lose_ledger(&home);
    let foreign = [
        ("Movies/Heat (1995)/poster.jpg", "a picture"),
        ("Movies/Heat (1995)/bonus.strm", "http://elsewhere.example/movie/u/p/9.mkv\n"),
        ("Movies/Nosferatu (1922)/Nosferatu.strm", "http://elsewhere.example/movie/u/p/105.mkv\n"),
        ("Movies/loose.strm", "http://elsewhere.example/x.mkv\n"),
        ("TV/Mine/Season 01/mine.strm", "no address at all"),
        ("TV/Mine/Season 01/mine.nfo", "<x/>"),
    ];
    for (path, content) in foreign {
        let path = home.output().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }
    std::os::unix::fs::symlink("/", home.output().join("TV/elsewhere")).unwrap();
    let (before, tree) = (stamps_without_links(&home), tree_without_links(&home));

    let (status, report) = adopt(&home, &database.url(), &CLASSIC);
    assert_eq!(status, 0);
    let expected = [
        ("Movies/Heat (1995)/bonus.strm", "no title of the catalogue plays this"),
        ("Movies/Nosferatu (1922)/Nosferatu.strm", "no title of the catalogue plays this"),
        ("Movies/loose.strm", "it lies in no title's folder"),
        ("TV/Mine/Season 01/mine.strm", "not understood"),
    ]
    .map(|(path, why)| (path.to_owned(), why.to_owned()));
    assert_eq!(rest(&report), expected);
    assert!(report["notes"][0].as_str().unwrap().contains("TV/elsewhere is a link"), "{report:#}");
    assert_idle(&home.generate(&database.url(), &CLASSIC));
    assert_eq!((stamps_without_links(&home), tree_without_links(&home)), (before, tree));
}

/// Files below `Movies` and `TV`, links left out.
fn tree_without_links(home: &Home) -> BTreeMap<PathBuf, Vec<u8>> {
    let content = |path: PathBuf| Some((path.clone(), std::fs::read(&path).ok()?));
    stamps_without_links(home).into_keys().filter_map(content).collect()
}

fn stamps_without_links(home: &Home) -> BTreeMap<PathBuf, (i64, i64, u64, bool)> {
    // `stamps` asks for the entry itself, and goes into real folders alone.
    stamps(home).into_iter().filter(|(path, _)| !path.is_symlink()).collect()
}

#[test]
fn rows_that_were_re_created_are_known_by_their_stream_ids() {
    let database = database(&small());
    let home = new_home();
    home.generate(&database.url(), &CLASSIC);
    let paths: Vec<String> = home.tree().into_keys().collect();
    lose_ledger(&home);
    database.execute("UPDATE vod_movie SET uuid = gen_random_uuid()");
    database.execute("UPDATE vod_episode SET uuid = gen_random_uuid()");

    let (_, report) = adopt(&home, &database.url(), &CLASSIC);
    assert_eq!(rest(&report), []);
    assert_eq!(number(&report, "/incomplete_titles"), 5, "their addresses are old: {report:#}");
    let report = home.generate(&database.url(), &CLASSIC);
    assert!(number(&report, "/files/written/updated") > 0, "{report:#}");
    assert_eq!(number(&report, "/files/written/created"), 0, "{report:#}");
    assert!(home.tree().into_keys().eq(paths));
    assert_idle(&home.generate(&database.url(), &CLASSIC));
}

#[test]
fn stream_ids_that_changed_are_known_by_their_rows() {
    let database = database(&small());
    let home = new_home();
    home.generate(&database.url(), &CLASSIC);
    lose_ledger(&home);
    database.execute("UPDATE vod_m3umovierelation SET stream_id = stream_id || '9'");
    database.execute("UPDATE vod_m3uepisoderelation SET stream_id = stream_id || '9'");
    let (_, report) = adopt(&home, &database.url(), &CLASSIC);
    assert_eq!(rest(&report), []);
    let report = home.generate(&database.url(), &CLASSIC);
    assert_eq!(number(&report, "/files/written/created"), 0, "{report:#}");
    let heat = text(&home.tree()["Movies/Heat (1995)/Heat (1995).strm"]);
    assert!(heat.ends_with("?stream_id=1019\n"), "{heat}");
}

#[test]
fn another_base_url_is_put_right_in_place() {
    let database = database(&small());
    let home = new_home();
    home.generate(&database.url(), &["--base-url", "http://old:1"]);
    lose_ledger(&home);
    let (_, report) = adopt(&home, &database.url(), &BASE_URL);
    assert_eq!(number(&report, "/incomplete_titles"), 5, "{report:#}");
    let report = home.generate(&database.url(), &BASE_URL);
    assert_eq!(number(&report, "/files/written/created"), 0, "{report:#}");
    let fresh = new_home();
    fresh.generate(&database.url(), &BASE_URL);
    assert_eq!(home.tree(), fresh.tree());
}

#[test]
fn of_two_series_in_one_folder_the_one_with_more_files_has_it() {
    let mut catalogue = small();
    catalogue.episodes[1].series_id = 2;
    let database = database(&catalogue);
    let home = new_home();
    home.generate(&database.url(), &CLASSIC);
    lose_ledger(&home);
    let (tv, name) = (home.output().join("TV"), "Season 01/S01E02 - Lies.strm");
    std::fs::rename(tv.join("Silent (2020)").join(name), tv.join("Dark (2017)").join(name))
        .unwrap();
    std::fs::remove_dir_all(tv.join("Silent (2020)")).unwrap();
    let before = home.tree();

    let (_, report) = adopt(&home, &database.url(), &CLASSIC);
    let path = "TV/Dark (2017)/Season 01/S01E02 - Lies.strm";
    let why = "another title has this folder";
    assert_eq!(rest(&report), [(path.to_owned(), why.to_owned())]);
    let report = home.generate(&database.url(), &CLASSIC);
    assert_eq!(number(&report, "/titles/series/new"), 1, "{report:#}");
    let after = home.tree();
    assert!(after.contains_key("TV/Silent (2020)/Season 01/S01E02 - Lies.strm"));
    assert!(before.iter().all(|(path, content)| after.get(path) == Some(content)));
}

/// The manifest as the plugin leaves it, with the paths of its container.
fn write_manifest(home: &Home, path: &Path, only: &str) {
    let mut files = serde_json::Map::new();
    for (strm, content) in home.tree().into_iter().filter(|(path, _)| path.ends_with(".strm")) {
        let url = text(&content);
        let uuid = url.split('/').next_back().unwrap().split('?').next().unwrap().trim().to_owned();
        let kind = if strm.starts_with("Movies/") { "movie" } else { "episode" };
        if strm.contains(only) {
            let entry = serde_json::json!({ "uuid": uuid, "type": kind, "url": url });
            files.insert(format!("/data/STRM/{strm}"), entry);
        }
    }
    let manifest = serde_json::json!({ "version": 1, "files": files });
    std::fs::write(path, manifest.to_string()).unwrap();
}

#[test]
fn the_plugins_manifest_helps_where_a_file_cannot_be_understood() {
    let database = database(&small());
    let home = new_home();
    home.generate(&database.url(), &CLASSIC);
    lose_ledger(&home);
    let manifest = home.output().join(".vod2strm_manifest.json");
    write_manifest(&home, &manifest, "");
    let strm = home.output().join("Movies/Heat (1995)/Heat (1995).strm");
    let right = std::fs::read(&strm).unwrap();
    std::fs::write(&strm, "").unwrap();

    let output = home.output();
    let arguments = ["adopt", "--source", &database.url(), "--output", output.to_str().unwrap()];
    let refused = home.run(&arguments);
    assert_eq!(refused.status.code(), Some(2), "the plugin's layout must be asked for");
    assert!(text(&refused.stderr).contains("--layout classic"), "{}", text(&refused.stderr));

    let (_, report) = adopt(&home, &database.url(), &CLASSIC);
    assert_eq!(rest(&report), []);
    assert_eq!(number(&report, "/incomplete_titles"), 1, "{report:#}");
    home.generate(&database.url(), &CLASSIC);
    assert_eq!(std::fs::read(&strm).unwrap(), right);
    assert!(manifest.exists());
}

#[test]
fn a_manifest_that_cannot_be_read_stops_only_who_named_it() {
    let database = database(&small());
    let home = new_home();
    home.generate(&database.url(), &CLASSIC);
    lose_ledger(&home);
    let manifest = home.output().join("Movies/.vod2strm_manifest.json");
    std::fs::write(&manifest, "{").unwrap();
    let (output, url) = (home.output(), database.url());
    let common = ["adopt", "--source", &url, "--output", output.to_str().unwrap()];
    let named = [&common[..], &CLASSIC, &["--manifest", manifest.to_str().unwrap()]].concat();
    let refused = home.run(&named);
    assert_eq!(refused.status.code(), Some(2));
    assert!(
        text(&refused.stderr).contains("cannot read the manifest"),
        "{}",
        text(&refused.stderr)
    );
    let done = home.run(&[&common[..], &CLASSIC].concat());
    assert!(done.status.success() && text(&done.stderr).contains("cannot read the manifest"));
}

#[test]
fn a_dry_run_tells_the_ledger_nothing_and_a_second_run_has_nothing_to_do() {
    let database = database(&small());
    let home = new_home();
    home.generate(&database.url(), &CLASSIC);
    lose_ledger(&home);
    let dry = [&CLASSIC[..], &["--dry-run"]].concat();
    let before = home.stamps();
    let (_, foreseen) = adopt(&home, &database.url(), &dry);
    assert_eq!(home.stamps(), before, "also our own folder");
    assert!(!home.dir.path().join(".local/state/vod2strm").exists());

    let (_, done) = adopt(&home, &database.url(), &CLASSIC);
    for field in ["movies", "series", "strm_files", "nfo_files", "incomplete_titles"] {
        assert_eq!(foreseen[field], done[field], "{field}");
    }
    let (status, again) = adopt(&home, &database.url(), &CLASSIC);
    assert_eq!((status, number(&again, "/movies"), number(&again, "/series")), (0, 0, 0));
    assert_eq!(again["known_strm_files"], done["strm_files"]);
    assert_eq!(rest(&again), []);
}

#[test]
fn the_summary_is_for_people() {
    let database = database(&small());
    let home = new_home();
    home.generate(&database.url(), &CLASSIC);
    lose_ledger(&home);
    let strm = home.output().join("Movies/Solaris (1972)/Solaris (1972).strm");
    std::fs::write(&strm, "http://elsewhere.example/solaris.mkv\n").unwrap();
    let (output, url) = (home.output(), database.url());
    let common = ["adopt", "--source", &url, "--output", output.to_str().unwrap()];
    let arguments = [&common[..], &CLASSIC].concat();
    let done = home.run(&arguments);
    assert_eq!(done.status.code(), Some(0));
    let said = text(&done.stdout).replace(output.to_str().unwrap(), "OUTPUT");
    insta::assert_snapshot!(said, @"
    OUTPUT: 3 movies and 1 series adopted (15 files).
    1 .strm file was not recognised, and left alone:
      Movies/Solaris (1972)/Solaris (1972).strm: no title of the catalogue plays this
    ");
}

#[test]
fn nothing_recognised_at_all_is_no_success() {
    let database = database(&small());
    let home = new_home();
    let strm = home.output().join("Movies/A/A.strm");
    std::fs::create_dir_all(strm.parent().unwrap()).unwrap();
    std::fs::write(&strm, "http://elsewhere.example/a.mkv\n").unwrap();
    assert_eq!(adopt(&home, &database.url(), &CLASSIC).0, 3);
    assert_eq!(std::fs::read(&strm).unwrap(), b"http://elsewhere.example/a.mkv\n");
}

fn write_list(home: &Home, entries: &[(String, String)]) -> String {
    let entries = entries.iter().map(|(name, url)| format!("#EXTINF:-1,{name}\n{url}\n"));
    let list = home.dir.path().join("list.m3u");
    std::fs::write(&list, format!("#EXTM3U\n{}", entries.collect::<String>())).unwrap();
    list.to_str().unwrap().to_owned()
}

/// What a file is for is what the ledger has it for: letter case decides nothing.
#[test]
fn a_strm_in_capitals_is_guarded_repaired_and_paired_like_any_other() {
    let home = new_home();
    let episode =
        |n: u32| (format!("Show S01E{n:02}"), format!("http://h.example/series/u/p/{n}.mkv"));
    let film = ("Heat (1995)".to_owned(), "http://h.example/movie/u/p/99.mkv".to_owned());
    let mut entries: Vec<(String, String)> = (1..=10).map(episode).collect();
    entries.push(film.clone());
    let source = write_list(&home, &entries);
    for (n, (_, url)) in (1..=10).zip(&entries) {
        let folder = home.output().join("TV/Show/Season 01");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(format!("Show - S01E{n:02}.STRM")), format!("{url}\n")).unwrap();
    }
    let heat = home.output().join("Movies/Heat (1995)/Heat (1995).STRM");
    std::fs::create_dir_all(heat.parent().unwrap()).unwrap();
    std::fs::write(&heat, format!("{}\n", film.1)).unwrap();
    let (status, report) = adopt(&home, &source, &[]);
    assert_eq!((status, number(&report, "/strm_files")), (0, 11), "{report:#}");
    home.generate(&source, &[]);
    assert!(heat.with_extension("nfo").exists(), "servers pair an NFO by the whole stem");

    std::fs::write(&heat, "broken\n").unwrap();
    home.generate(&source, &["--full"]);
    assert_eq!(std::fs::read_to_string(&heat).unwrap(), format!("{}\n", film.1));

    let source = write_list(&home, &[entries[0].clone(), film]);
    for _ in 0..2 {
        let (status, report) =
            home.try_generate(&source, &["--nfo", "off", "--cleanup", "apply", "--grace", "0"]);
        assert_eq!(status, 4, "{report:#}");
    }
    let capitals = home.tree().into_keys().filter(|path| path.ends_with(".STRM")).count();
    assert_eq!(capitals, 11);
}

/// State and server are others; numbers, names and folders are the same.
#[test]
fn a_playlist_on_another_host_is_taken_over() {
    let home = Home::new(env!("CARGO_BIN_EXE_vod2strm"));
    let list = home.dir.path().join("list.m3u");
    let has = |host: &str| {
        let films = (1..=5).map(|n| {
            format!("#EXTINF:-1,Film {n} of all (2001)\nhttp://{host}/movie/u/p/{n}.mkv\n")
        });
        let show = format!("#EXTINF:-1,Show S01E01\nhttp://{host}/series/u/p/9.mkv\n");
        std::fs::write(&list, format!("#EXTM3U\n{}{show}", films.collect::<String>())).unwrap();
    };
    let (source, output) = (list.to_str().unwrap(), home.output());
    has("old.example:8080");
    home.generate(source, &[]);
    let before: Vec<String> = home.tree().into_keys().collect();
    std::fs::remove_dir_all(home.dir.path().join(".local/state/vod2strm")).unwrap();
    has("new.example");
    let arguments = ["adopt", "--json", "--source", source, "--output", output.to_str().unwrap()];
    let done = home.run(&arguments);
    let adopted: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!((number(&adopted, "/movies"), number(&adopted, "/series")), (5, 1), "{adopted}");
    let (status, report) = home.try_generate(source, &[]);
    assert_eq!((status, number(&report, "/files/written/created")), (0, 0), "{report}");
    let tree = home.tree();
    assert!(before.iter().eq(tree.keys()));
    let strms = tree.iter().filter(|(path, _)| path.ends_with(".strm"));
    strms.for_each(|(path, url)| assert!(text(url).contains("new.example"), "{path}"));
}
