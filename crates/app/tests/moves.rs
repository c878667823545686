//! Titles move when the settings name them otherwise, or when the user says so; with all that is in
//! their folders, and never over anything.

#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test plays the user")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde_json::Value;
use vod2strm_testkit::generate::{Catalogue, Size, small};
use vod2strm_testkit::home::{Home, assert_same_tree, number, text};
use vod2strm_testkit::postgres::TestDatabase;
use vod2strm_testkit::schema::Generation;
use vod2strm_testkit::twin;

const BASE_URL: [&str; 2] = ["--base-url", "http://dispatcharr:9191"];
const RELAYOUT: [&str; 3] = ["--base-url", "http://dispatcharr:9191", "--relayout"];

const JELLYFIN: [&str; 4] = ["--base-url", "http://dispatcharr:9191", "--layout", "jellyfin"];
const GROUPED: [&str; 6] = [
    "--base-url",
    "http://dispatcharr:9191",
    "--movie-folder",
    "{genre}/{year}/{title}",
    "--episode-file",
    "{mark}",
];

type Tree = BTreeMap<String, Vec<u8>>;

fn new_home() -> Home {
    Home::new(env!("CARGO_BIN_EXE_vod2strm"))
}

fn database(catalogue: &Catalogue) -> TestDatabase {
    let database = TestDatabase::create(Generation::NEWEST);
    database.insert(catalogue);
    database
}

/// Four movies whose names are easy to exchange.
fn films() -> TestDatabase {
    let size = Size { movies: 4, series: 0, episodes_per_series: 0 };
    let seeds = (0..).map(|seed| Catalogue::generate(seed, size, false));
    // All of them playable.
    let mut catalogue = { seeds }.find(|all| twin::titles(all).len() == 4).unwrap();
    let names = ["Alpha", "Beta", "Gamma", "Delta"];
    for (movie, name) in catalogue.movies.iter_mut().zip(names) {
        (movie.name, movie.year) = (name.into(), Some(2000));
        (movie.tmdb_id, movie.imdb_id) = (Some((500 + movie.id).to_string()), None);
    }
    database(&catalogue)
}

fn fresh(database: &TestDatabase, flags: &[&str]) -> Tree {
    let home = new_home();
    home.generate(&database.url(), flags);
    home.tree()
}

/// What a title's `.strm` files are on disk: inode by content.
fn inodes(home: &Home) -> BTreeMap<Vec<u8>, u64> {
    use std::os::unix::fs::MetadataExt;
    let strms = home.tree().into_iter().filter(|(path, _)| path.ends_with(".strm"));
    strms
        .map(|(path, content)| {
            (content, std::fs::metadata(home.output().join(path)).unwrap().ino())
        })
        .collect()
}

#[test]
fn another_layout_moves_the_library_and_rewrites_no_strm() {
    let size = Size { movies: 60, series: 8, episodes_per_series: 8 };
    for (from, to) in [(&JELLYFIN[..], &BASE_URL[..]), (&BASE_URL[..], &GROUPED[..])] {
        for more in [&[][..], &["--multi-provider"], &["--no-nfo"]] {
            let (from, to) = ([from, more].concat(), [to, more].concat());
            let database = database(&Catalogue::generate(41, size, false));
            let home = new_home();
            home.generate(&database.url(), &from);
            let before = inodes(&home);
            let (dry_status, dry) =
                home.try_generate(&database.url(), &[&to[..], &["--dry-run"]].concat());
            let clean = [&to[..], &["--cleanup", "apply"]].concat();
            let (status, report) = home.try_generate(&database.url(), &clean);
            assert_eq!((dry_status, status), (0, 0), "{report}");
            let moved = |report: &Value, path: &str| number(report, path);
            assert_eq!(
                moved(&dry, "/files/skipped/dry_run_move"),
                moved(&report, "/files/moved/folder") + moved(&report, "/files/moved/file"),
                "{dry} {report}"
            );
            assert_same_tree(&home.tree(), &fresh(&database, &to));
            assert_eq!(inodes(&home), before, "moved, not written");
            let quiet = home.stamps();
            let (_, report) = home.try_generate(&database.url(), &clean);
            assert_eq!(report["files"], serde_json::json!({}), "{report}");
            assert_eq!(quiet.keys().collect::<Vec<_>>(), home.stamps().keys().collect::<Vec<_>>());
        }
    }
}

#[test]
fn corrected_names_move_only_when_the_user_says_so() {
    let database = films();
    let home = new_home();
    home.generate(&database.url(), &BASE_URL);
    let folder = home.output().join("Movies/Alpha (2000)");
    std::fs::write(folder.join("poster.jpg"), "a picture").unwrap();
    std::fs::write(folder.join("Alpha (2000).en.srt"), "words").unwrap();
    std::fs::write(folder.join("Alpha (2000).nfo"), "<movie>mine</movie>").unwrap();
    database.execute("UPDATE vod_movie SET year = 2001 WHERE name = 'Alpha'");
    home.generate(&database.url(), &BASE_URL);
    assert!(folder.exists(), "a path is a promise");
    let dry = home.generate(&database.url(), &[&RELAYOUT[..], &["--dry-run"]].concat());
    assert_eq!(number(&dry, "/files/skipped/dry_run_move"), 3, "folder, file, subtitle: {dry}");
    assert!(folder.exists());
    let report = home.generate(&database.url(), &RELAYOUT);
    assert_eq!(number(&report, "/files/moved/folder"), 1, "{report}");
    assert_eq!(number(&report, "/files/moved/file"), 2, "{report}");
    let moved = home.output().join("Movies/Alpha (2001)");
    assert!(!folder.exists());
    let read = |name: &str| std::fs::read_to_string(moved.join(name)).unwrap();
    assert_eq!(read("poster.jpg"), "a picture");
    assert_eq!(read("Alpha (2001).en.srt"), "words");
    assert_eq!(read("Alpha (2001).nfo"), "<movie>mine</movie>", "an edit stays one");
    assert!(moved.join("Alpha (2001).strm").exists());
    let before = home.stamps();
    home.generate(&database.url(), &BASE_URL);
    assert_eq!(home.stamps(), before);
}

#[test]
fn titles_that_exchange_their_names_exchange_their_folders() {
    let database = films();
    let home = new_home();
    home.generate(&database.url(), &BASE_URL);
    for name in ["Alpha", "Beta", "Gamma", "Delta"] {
        let folder = home.output().join(format!("Movies/{name} (2000)"));
        std::fs::write(folder.join("poster.jpg"), name).unwrap();
    }
    database.execute(
        "UPDATE vod_movie SET name = CASE name WHEN 'Alpha' THEN 'Beta' WHEN 'Beta' THEN 'Alpha'
         WHEN 'Gamma' THEN 'GAMMA' ELSE name END",
    );
    home.try_generate(&database.url(), &BASE_URL);
    let (status, report) = home.try_generate(&database.url(), &RELAYOUT);
    assert_eq!((status, number(&report, "/files/moved/folder")), (0, 3), "{report}");
    let mut ours = home.tree();
    let poster = |ours: &mut Tree, name: &str| {
        text(&ours.remove(&format!("Movies/{name} (2000)/poster.jpg")).unwrap())
    };
    assert_eq!(poster(&mut ours, "Alpha"), "Beta", "companions go along");
    assert_eq!(poster(&mut ours, "Beta"), "Alpha");
    assert_eq!(poster(&mut ours, "GAMMA"), "Gamma");
    assert_eq!(poster(&mut ours, "Delta"), "Delta");
    assert_same_tree(&ours, &fresh(&database, &BASE_URL));
}

#[test]
fn a_folder_that_is_not_ours_is_in_the_way_and_stays() {
    let database = films();
    let home = new_home();
    home.generate(&database.url(), &BASE_URL);
    let before = home.tree();
    let foreign = home.output().join("Movies/Alpha (2001)");
    std::fs::create_dir(&foreign).unwrap();
    std::fs::write(foreign.join("mine.mkv"), "mine").unwrap();
    database.execute("UPDATE vod_movie SET year = 2001 WHERE name = 'Alpha'");
    home.try_generate(&database.url(), &BASE_URL);
    for _ in 0..2 {
        let (status, report) = home.try_generate(&database.url(), &RELAYOUT);
        assert_eq!(status, 3, "{report}");
        assert!(report["problems"].to_string().contains("something that is not ours"), "{report}");
        assert!(before.keys().all(|path| home.tree().contains_key(path)));
    }
    std::fs::remove_dir_all(&foreign).unwrap();
    let (status, _) = home.try_generate(&database.url(), &RELAYOUT);
    assert_eq!(status, 0);
    assert_same_tree(&home.tree(), &fresh(&database, &BASE_URL));
}

/// The same of a file's new name: both files stay, and the run says what is in the way.
#[test]
fn a_file_that_is_not_ours_is_in_the_way_of_a_new_name_and_stays() {
    let database = films();
    let (home, named) = (new_home(), [&BASE_URL[..], &["--movie-file", "{title}"]].concat());
    home.generate(&database.url(), &BASE_URL);
    let before = home.tree();
    let folder = home.output().join("Movies/Alpha (2000)");
    std::fs::write(folder.join("Alpha.strm"), "mine").unwrap();
    let old = folder.join("Alpha (2000).strm");
    for _ in 0..2 {
        let (status, report) = home.try_generate(&database.url(), &named);
        assert_eq!(status, 3, "{report}");
        let problem = format!(
            "Alpha: cannot rename {}: {} is there, and is not ours",
            old.display(),
            folder.join("Alpha.strm").display()
        );
        assert!(report["problems"].to_string().contains(&problem), "{report}");
        let played = &before["Movies/Alpha (2000)/Alpha (2000).strm"];
        assert_eq!(&std::fs::read(&old).unwrap(), played);
    }
    std::fs::remove_file(folder.join("Alpha.strm")).unwrap();
    home.generate(&database.url(), &named);
    assert_same_tree(&home.tree(), &fresh(&database, &named));
}

/// Two namesakes: who has a name that it may have keeps it.
#[test]
fn namesakes_do_not_move_for_each_other() {
    let mut catalogue = small();
    for (n, movie) in catalogue.movies.iter_mut().enumerate().take(3) {
        (movie.name, movie.year) = ("Alpha".into(), Some(2000));
        (movie.tmdb_id, movie.imdb_id) = (Some((500 + n).to_string()), None);
    }
    let database = database(&catalogue);
    let home = new_home();
    home.generate(&database.url(), &BASE_URL);
    let before = home.tree();
    let report = home.generate(&database.url(), &RELAYOUT);
    assert_eq!(number(&report, "/files/moved/folder"), 0, "{report}");
    assert_eq!(home.tree(), before);
}

#[test]
fn a_series_that_is_renamed_takes_seasons_and_companions_along() {
    let size = Size { movies: 1, series: 6, episodes_per_series: 8 };
    let database = database(&Catalogue::generate(41, size, false));
    let home = new_home();
    home.generate(&database.url(), &BASE_URL);
    let strms: Vec<PathBuf> = home
        .tree()
        .keys()
        .filter(|path| path.starts_with("TV/") && path.ends_with(".strm"))
        .map(|path| home.output().join(path))
        .collect();
    for strm in &strms {
        std::fs::write(strm.with_extension("en.srt"), "words").unwrap();
    }
    database.execute("UPDATE vod_series SET name = 'The ' || name");
    home.try_generate(&database.url(), &BASE_URL);
    let (status, report) = home.try_generate(&database.url(), &RELAYOUT);
    assert_eq!(status, 0, "{report}");
    let (subtitles, ours): (Tree, Tree) =
        home.tree().into_iter().partition(|(path, _)| path.ends_with(".srt"));
    assert_same_tree(&ours, &fresh(&database, &BASE_URL));
    assert_eq!(subtitles.len(), strms.len());
    assert!(subtitles.keys().all(|path| ours.contains_key(&path.replace(".en.srt", ".strm"))));
}

const TITLES: &str = "#EXTM3U
#EXTINF:-1,Heat (1995)
http://p.example/movie/u/p/1.mkv
#EXTINF:-1,Alien (1979)
http://p.example/movie/u/p/2.mkv
#EXTINF:-1,Dark (2017) S00E01 The Making
http://p.example/series/u/p/10.mkv
#EXTINF:-1,Dark (2017) S01E01 Secrets
http://p.example/series/u/p/11.mkv
#EXTINF:-1,Dark (2017) S01E02 Lies
http://p.example/series/u/p/12.mkv
#EXTINF:-1,Dark (2017) S02E01 Beginnings
http://p.example/series/u/p/13.mkv
";

const OWN_NAMES: [&str; 8] = [
    "--season-folder",
    "S{season:2}",
    "--episode-file",
    "{title} {mark}",
    "--movie-folder",
    "{title} [{year}]",
    "--movie-file",
    "{title}",
];

/// Settings that give other names, or other NFOs.
const SETTINGS: [&[&str]; 5] =
    [&[], &OWN_NAMES, &["--layout", "classic"], &["--nfo", "ids"], &["--nfo", "off"]];

/// Calls `then` with settings that made the library and other ones of today, a home with the library, and its source.
/// The last argument is the trees that each of today's settings make anew. The home's ledger is lost.
fn with_other_settings(then: impl Fn((&[&str], &[&str]), &Home, &str, &[Tree])) {
    let list = new_home();
    let source = list.dir.path().join("list.m3u");
    std::fs::write(&source, TITLES).unwrap();
    let source = source.to_str().unwrap();
    let fresh = SETTINGS.map(|flags| {
        let home = new_home();
        home.generate(source, flags);
        home.tree()
    });
    for (before, today) in SETTINGS.iter().flat_map(|it| SETTINGS.iter().map(move |to| (it, to))) {
        let home = new_home();
        home.generate(source, before);
        std::fs::remove_dir_all(home.ledger().parent().unwrap()).unwrap();
        then((before, today), &home, source, &fresh);
    }
}

/// Names stay when the ledger is lost, and so do the places of NFOs. None is written where no `.strm` is, and none
/// of ours is left behind, whichever settings wrote it.
#[test]
fn a_lost_ledger_and_other_templates_leave_no_file_of_ours_behind() {
    with_other_settings(|(before, today), home, source, fresh| {
        let strms = |tree: Tree| -> Vec<String> {
            tree.into_keys().filter(|path| path.ends_with(".strm")).collect()
        };
        let was = strms(home.tree());
        let report = home.generate(source, today);
        let is_renamed = |flags: &[&str]| flags == OWN_NAMES || flags.contains(&"classic");
        let has_other_names = before != today && (is_renamed(before) || is_renamed(today));
        let said = report["warnings"].to_string();
        assert_eq!(said.contains("--relayout"), has_other_names, "{before:?} {today:?}: {said}");
        assert_eq!(strms(home.tree()), was, "{before:?} {today:?}");
        let folder = |path: &str| path.rsplit_once('/').map(|(folder, _)| folder.to_owned());
        let folders: BTreeSet<_> = was.iter().map(|path| folder(path)).collect();
        let is_beside =
            |path: &String| path.ends_with("/tvshow.nfo") || folders.contains(&folder(path));
        assert!(home.tree().keys().all(is_beside), "{before:?} {today:?}: {:?}", home.tree());

        home.generate(source, &[today, &["--cleanup", "apply", "--relayout"][..]].concat());
        let at = SETTINGS.iter().position(|it| *it == today).unwrap();
        assert_same_tree(&home.tree(), &fresh[at]);
    });
}

/// What lies where some settings would write an NFO, and has another content, is the user's and stays, edits of ours
/// among it.
#[test]
fn a_lost_ledger_and_other_templates_take_no_nfo_of_the_users_for_ours() {
    with_other_settings(|(before, today), home, source, fresh| {
        let nfos = fresh.iter().flat_map(Tree::keys).filter(|path| path.ends_with(".nfo"));
        let nfos: BTreeSet<&String> = nfos.collect();
        for path in &nfos {
            let file = home.output().join(path);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, format!("<movie><title>Mine: {path}</title></movie>")).unwrap();
        }
        let clean = ["--cleanup", "apply", "--grace", "0"];
        for flags in [&[][..], &clean, &[&clean[..], &["--relayout"]].concat(), &clean] {
            home.try_generate(source, &[today, flags].concat());
            let tree = home.tree();
            let there: BTreeSet<String> = tree.values().map(|content| text(content)).collect();
            for path in &nfos {
                let mine = format!("<movie><title>Mine: {path}</title></movie>");
                assert!(there.contains(&mine), "{before:?} {today:?} {flags:?}: {path}");
            }
        }
    });
}
