//! Movies and series in places of their own, on other file systems too.

#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test plays the user")]

use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use tempfile::TempDir;
use vod2strm_testkit::generate::{Catalogue, Size};
use vod2strm_testkit::home::{Home, assert_same_tree, text};
use vod2strm_testkit::postgres::TestDatabase;
use vod2strm_testkit::schema::Generation;

fn new_home() -> Home {
    Home::new(env!("CARGO_BIN_EXE_vod2strm"))
}

/// A folder on another file system than the library's, where the machine has one.
#[expect(clippy::print_stderr, reason = "a note on what was not tried")]
fn elsewhere(home: &Home) -> TempDir {
    let memory = Path::new("/dev/shm");
    let device = |path: &Path| std::fs::metadata(path).map(|found| found.dev()).ok();
    let is_other =
        device(memory).is_some() && device(memory) != device(home.output().parent().unwrap());
    let made = is_other.then(|| tempfile::tempdir_in(memory).ok()).flatten();
    made.unwrap_or_else(|| {
        eprintln!("note: no second file system; another folder stands for it");
        tempfile::tempdir().unwrap()
    })
}

fn database(seed: u64) -> TestDatabase {
    let size = Size { movies: 80, series: 10, episodes_per_series: 6 };
    let catalogue = Catalogue::generate(seed, size, false);
    let database = TestDatabase::create(Generation::NEWEST);
    database.insert(&catalogue);
    database
}

fn add(tree: &mut BTreeMap<String, Vec<u8>>, folder: &Path, name: &str) {
    for entry in folder.read_dir().unwrap() {
        let path = entry.unwrap().path();
        let own = path.file_name().unwrap().to_str().unwrap();
        let name = format!("{name}/{own}");
        match path.is_dir() {
            true if own == ".vod2strm" => {
                assert!(!path.join("staging").exists() && !path.join("moving").exists());
            }
            true => add(tree, &path, &name),
            false => drop(tree.insert(name, std::fs::read(&path).unwrap())),
        }
    }
}

/// A library as it would be in one output folder.
fn whole(home: &Home, movies: &Path) -> BTreeMap<String, Vec<u8>> {
    assert!(!home.output().join("Movies").exists());
    let mut tree = home.tree();
    add(&mut tree, movies, "Movies");
    tree
}

const URL: [&str; 2] = ["--base-url", "http://dispatcharr:9191"];

/// Writing, rewriting, moving to and fro, removing, repairing, and recognising after a lost ledger are
/// the same wherever the movies are.
#[test]
fn movies_elsewhere_are_the_same_library() {
    let database = database(41);
    let (home, plain) = (new_home(), new_home());
    let place = elsewhere(&home);
    let movies = place.path().join("films");
    let root = ["--movies-root", movies.to_str().unwrap()];
    let apply = ["--cleanup", "apply", "--grace", "0"];
    let steps: [&[&str]; 6] = [
        &[],
        &["--layout", "jellyfin"],
        &["--movie-folder", "{genre}/{title}"],
        &["--multi-provider", "--relayout"],
        &["--filter", "year < 1995 or kind == series"],
        &["--no-nfo"],
    ];
    for (at, more) in steps.iter().enumerate() {
        let flags = [&URL[..], &apply[..], more].concat();
        let report = home.generate(&database.url(), &[&flags[..], &root[..]].concat());
        plain.generate(&database.url(), &flags);
        assert_same_tree(&whole(&home, &movies), &plain.tree());
        let again = home.generate(&database.url(), &[&flags[..], &root[..]].concat());
        let idle =
            ["dirs", "writes", "renames", "removals"].map(|it| &again["file_system_calls"][it]);
        let is_idle = |count: &&serde_json::Value| count.as_u64().is_some_and(|calls| calls <= 8);
        assert!(idle.iter().all(is_idle), "step {at}: {report}\n{again}");
        assert!(again["files"].get("written").is_none(), "step {at}: {again}");
        database.execute(&format!("UPDATE vod_movie SET name = name || ' II' WHERE id % 7 = {at}"));
    }
}

/// Titles whose new place is somebody's old one wait aside: that is in their own root.
#[test]
fn names_that_trade_places_do_so_elsewhere_too() {
    let database = database(46);
    let (home, plain) = (new_home(), new_home());
    let place = elsewhere(&home);
    let flags = [&URL[..], &["--relayout"]].concat();
    let there = [&flags[..], &["--movies-root", place.path().to_str().unwrap()]].concat();
    let both = || {
        let report = home.generate(&database.url(), &there);
        plain.generate(&database.url(), &flags);
        assert_same_tree(&whole(&home, place.path()), &plain.tree());
        report
    };
    both();
    database.execute("UPDATE vod_movie SET name = upper(name) WHERE id % 2 = 0");
    let report = both();
    assert!(report["files"]["moved"].is_object(), "{report}");
}

#[test]
fn a_lost_ledger_is_filled_from_both_places() {
    let database = database(42);
    let home = new_home();
    let place = elsewhere(&home);
    let flags = [&URL[..], &["--movies-root", place.path().to_str().unwrap()]].concat();
    home.generate(&database.url(), &flags);
    let before = whole(&home, place.path());
    std::fs::remove_dir_all(home.output().with_file_name(".local")).unwrap();
    let report = home.generate(&database.url(), &flags);
    assert!(report["files"].get("written").is_none(), "{report}");
    assert_same_tree(&whole(&home, place.path()), &before);
}

/// A root that is not mounted, or not where the settings say, is no reason to write everything anew.
#[test]
fn a_root_that_is_not_there_is_noticed() {
    let database = database(43);
    let home = new_home();
    let place = elsewhere(&home);
    let (films, other) = (place.path().join("films"), place.path().join("other"));
    let url = database.url();
    let run = |root: &Path, dry: bool| {
        let (output, root) = (home.output(), root.to_str().unwrap());
        let output = output.to_str().unwrap();
        let mut flags =
            vec!["generate", "--source", &url, "--output", output, "--movies-root", root];
        flags.extend(URL);
        flags.extend(dry.then_some("--dry-run"));
        let done = home.run(&flags);
        (done.status.code().unwrap(), text(&done.stderr).to_owned() + &text(&done.stdout))
    };
    let (status, said) = run(&films, false);
    assert_eq!(status, 0, "{said}");
    assert!(said.contains(&format!("Now add {} (movies)", films.display())), "{said}");
    let before = whole(&home, &films);

    std::fs::rename(&films, &other).unwrap();
    let refused = |root: &Path, what: &str| {
        for dry in [true, false] {
            let (status, said) = run(root, dry);
            assert!(status != 0 && said.contains("has none of the titles"), "{what}: {said}");
            assert!(said.contains("is the storage mounted?"), "{what}: {said}");
        }
    };
    refused(&films, "the folder is gone");
    assert!(!films.exists());
    std::fs::create_dir(&films).unwrap();
    refused(&films, "an empty mount point");
    assert_eq!(films.read_dir().unwrap().count(), 0);
    let done =
        home.run(&["generate", "--source", &url, "--output", home.output().to_str().unwrap()]);
    assert!(text(&done.stderr).contains("has none of the titles"), "the setting was forgotten");

    assert_eq!(run(&other, true).0, 0, "moved there with all that is in it");
    let inode = |root: &Path| {
        std::fs::metadata(root.read_dir().unwrap().next().unwrap().unwrap().path()).unwrap().ino()
    };
    let first = inode(&other);
    assert_eq!(run(&other, false).0, 0);
    assert_eq!(inode(&other), first);
    assert_same_tree(&whole(&home, &other), &before);
}

#[test]
fn another_librarys_root_and_roots_in_one_another_are_refused() {
    let database = database(44);
    let (home, second) = (new_home(), new_home());
    let place = elsewhere(&home);
    let root = place.path().to_str().unwrap().to_owned();
    home.generate(&database.url(), &[&URL[..], &["--movies-root", &root]].concat());
    let before = whole(&home, place.path());
    let run = |flags: &[&str]| {
        let (output, url) = (second.output(), database.url());
        let all =
            [&["generate", "--source", &url, "--output"][..], &[output.to_str().unwrap()], flags];
        text(&second.run(&all.concat()).stderr).to_owned()
    };
    assert!(run(&["--movies-root", &root]).contains("is not the library that the ledger"));
    assert_same_tree(&whole(&home, place.path()), &before);
    for flags in [
        ["--movies-root", "."],
        ["--movies-root", "TV"],
        ["--series-root", "Movies/shows"],
        ["--series-root", ".vod2strm"],
        ["--series-root", ".."],
    ] {
        let said = run(&flags);
        assert!(said.contains("need folders beside each other"), "{flags:?}: {said}");
    }
    assert!(!second.output().join("TV").exists());
}

/// A name alone is a folder of the output folder.
#[test]
fn roots_may_have_other_names() {
    let database = database(45);
    let (home, plain) = (new_home(), new_home());
    let names = ["--movies-root", "Filme", "--series-root", "Serien"];
    home.generate(&database.url(), &[&URL[..], &names].concat());
    plain.generate(&database.url(), &URL);
    let mut tree = BTreeMap::new();
    add(&mut tree, &home.output().join("Filme"), "Movies");
    add(&mut tree, &home.output().join("Serien"), "TV");
    assert_same_tree(&tree, &plain.tree());
}

/// A name that is taken is an error that names the file where it is, and its NFO keeps its name, too.
#[test]
fn errors_name_the_real_path() {
    let home = new_home();
    let list = home.dir.path().join("list.m3u");
    std::fs::write(&list, "#EXTM3U\n#EXTINF:-1,Alien (1979)\nhttp://h/movie/u/p/1.mkv\n").unwrap();
    let films = home.dir.path().join("films");
    let (output, list) = (home.output(), list.to_str().unwrap());
    let run = |more: &[&str]| {
        let own = ["generate", "--source", list, "--output", output.to_str().unwrap()];
        let root = ["--movies-root", films.to_str().unwrap()];
        home.run(&[&own[..], &root, more].concat())
    };
    assert!(run(&[]).status.success());
    let taken = films.join("Alien (1979)/Alien (1979) x.strm");
    std::fs::write(&taken, "mine").unwrap();
    let done = run(&["--movie-file", "{title} ({year}) x"]);
    let said = text(&done.stdout) + &text(&done.stderr);
    assert_eq!(done.status.code(), Some(3), "{said}");
    assert!(said.contains(&format!("{} is there, and is not ours", taken.display())), "{said}");
    assert!(!said.contains(output.join("Movies").to_str().unwrap()), "{said}");
    assert_eq!(std::fs::read(&taken).unwrap(), b"mine");
    for name in ["Alien (1979).strm", "Alien (1979).nfo"] {
        assert!(films.join("Alien (1979)").join(name).exists(), "{name} keeps its name");
    }
}
