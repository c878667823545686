//! What is deleted by hand comes back; what others add stays; `verify` tells.

#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test plays the user")]

use std::path::PathBuf;

use vod2strm_testkit::generate::{Catalogue, Size};
use vod2strm_testkit::home::{Home, number, text};
use vod2strm_testkit::postgres::TestDatabase;
use vod2strm_testkit::schema::Generation;

const BASE_URL: [&str; 2] = ["--base-url", "http://dispatcharr:9191"];

/// A library of 60 movies and some series, and its database.
fn library() -> (Home, TestDatabase) {
    let size = Size { movies: 60, series: 8, episodes_per_series: 12 };
    let database = TestDatabase::create(Generation::NEWEST);
    database.insert(&Catalogue::generate(21, size, false));
    let home = Home::new(env!("CARGO_BIN_EXE_vod2strm"));
    home.generate(&database.url(), &BASE_URL);
    (home, database)
}

fn verify(home: &Home, more: &[&str]) -> (Option<i32>, String) {
    let output = home.output();
    let mut arguments = vec!["verify", "--output", output.to_str().unwrap()];
    arguments.extend(more);
    let done = home.run(&arguments);
    (done.status.code(), text(&done.stdout) + &text(&done.stderr))
}

/// The first path of the tree that ends like this.
fn some(home: &Home, ending: &str) -> PathBuf {
    let tree = home.tree();
    home.output().join(tree.keys().find(|path| path.ends_with(ending)).unwrap())
}

#[test]
fn verify_without_a_library_says_so_and_makes_none() {
    let (home, _) = library();
    for is_there in [false, true] {
        let typo = home.dir.path().join("libary");
        if is_there {
            std::fs::create_dir(&typo).unwrap();
        }
        for full in [&[][..], &["--full"]] {
            let done = home.run(&[&["verify", "--output", typo.to_str().unwrap()], full].concat());
            let said = text(&done.stderr);
            assert_eq!((done.status.code(), typo.exists()), (Some(2), is_there), "{said}");
            assert!(said.contains("is no library of vod2strm: is --output right?"), "{said}");
        }
    }
    assert_eq!(verify(&home, &[]).0, Some(0));
}

#[test]
fn what_was_deleted_by_hand_comes_back_and_nothing_else_is_touched() {
    let (home, database) = library();
    let before = home.tree();
    let nfo = some(&home, ".nfo");
    let episode = some(&home, ".strm").parent().unwrap().to_owned();
    let season = some(&home, "tvshow.nfo").parent().unwrap().join("Season 01");
    let movie = home.output().join("Movies").read_dir().unwrap().nth(7).unwrap().unwrap().path();
    let poster = nfo.with_file_name("poster.jpg");
    std::fs::write(&poster, "a picture").unwrap();
    std::fs::remove_file(&nfo).unwrap();
    std::fs::remove_dir_all(&season).unwrap();
    std::fs::remove_dir_all(&movie).unwrap();
    let gone = (before.len() + 1 - home.tree().len()) as u64;
    assert!(gone > 4 && episode.exists());

    let (status, said) = verify(&home, &[]);
    assert_eq!(status, Some(3), "{said}");
    assert!(said.contains(&format!("{gone} files are gone")), "{said}");
    assert!(said.contains(nfo.strip_prefix(home.output()).unwrap().to_str().unwrap()), "{said}");

    let dry = home.generate(&database.url(), &[&BASE_URL[..], &["--dry-run"]].concat());
    assert_eq!(number(&dry, "/files/skipped/dry_run_create"), gone);
    let intact = home.stamps();
    let report = home.generate(&database.url(), &BASE_URL);
    assert_eq!(number(&report, "/files/written/restored"), gone, "{report}");
    let mut after = home.tree();
    assert_eq!(
        after.remove(poster.strip_prefix(home.output()).unwrap().to_str().unwrap()).unwrap(),
        b"a picture"
    );
    assert_eq!(after, before);
    let files = intact
        .iter()
        .filter(|(path, stamp)| !stamp.3 && !path.starts_with(home.output().join(".vod2strm")));
    let now = home.stamps();
    files.for_each(|(path, stamp)| assert_eq!(now.get(path), Some(stamp), "{}", path.display()));

    let unchanged = home.generate(&database.url(), &BASE_URL);
    assert_eq!(home.stamps(), now, "and then all is quiet");
    assert_eq!(unchanged["files"], serde_json::json!({}));
    assert_eq!(verify(&home, &[]).0, Some(0));
}

#[test]
fn what_others_put_there_costs_one_look_and_no_write() {
    let (home, database) = library();
    home.generate(&database.url(), &BASE_URL);
    let quiet = home.generate(&database.url(), &BASE_URL);
    std::fs::write(some(&home, ".strm").with_file_name("fanart.jpg"), "a picture").unwrap();
    let before = home.stamps();
    let looked = home.generate(&database.url(), &BASE_URL);
    assert_eq!(
        number(&looked, "/file_system_calls/reads"),
        number(&quiet, "/file_system_calls/reads") + 1
    );
    let again = home.generate(&database.url(), &BASE_URL);
    assert_eq!(again["file_system_calls"], quiet["file_system_calls"]);
    assert_eq!(home.stamps(), before);
}

/// What could not be restored is not forgotten.
#[test]
fn what_cannot_come_back_now_comes_back_later() {
    let (home, database) = library();
    let before = home.tree();
    let season = some(&home, "tvshow.nfo").parent().unwrap().join("Season 01");
    std::fs::remove_dir_all(&season).unwrap();
    std::fs::write(&season, "in the way").unwrap();
    let output = home.output();
    let source = database.url();
    let arguments =
        [&["generate", "--source", &source, "--output", output.to_str().unwrap()], &BASE_URL[..]]
            .concat();
    for _ in 0..2 {
        let done = home.run(&arguments);
        assert_eq!(done.status.code(), Some(3), "{}", text(&done.stdout));
    }
    std::fs::remove_file(&season).unwrap();
    let report = home.generate(&source, &BASE_URL);
    assert!(number(&report, "/files/written/restored") > 0, "{report}");
    assert_eq!(home.tree(), before);
}

/// A title that changed in the catalogue and of which another file is gone gets both.
#[test]
fn a_changed_title_gets_back_what_is_gone() {
    let (home, database) = library();
    let strm = some(&home, ".strm");
    std::fs::remove_file(&strm).unwrap();
    database.execute("UPDATE vod_movie SET description = 'new plot'; UPDATE vod_series SET description = 'new plot'");
    home.generate(&database.url(), &BASE_URL);
    assert!(strm.exists());
    assert_eq!(verify(&home, &["--full"]).0, Some(0));
}

#[test]
fn verify_reads_every_file_when_asked_to() {
    let (home, database) = library();
    let (status, said) = verify(&home, &["--full"]);
    assert_eq!(status, Some(0), "{said}");
    assert!(said.contains(&format!("{} files of", home.tree().len())), "{said}");
    let (strm, nfo) = (some(&home, ".strm"), some(&home, ".nfo"));
    std::fs::write(&strm, "http://elsewhere/\n").unwrap();
    std::fs::remove_file(&nfo).unwrap();
    let before = home.stamps();
    let (status, said) = verify(&home, &["--full"]);
    assert_eq!((status, home.stamps()), (Some(3), before), "{said}");
    assert!(said.contains("1 file is gone, 1 has other content"), "{said}");
    drop(database);
}

/// Files that nobody wants any more, deleted by hand: they are forgotten, and all is quiet.
#[test]
fn unwanted_files_that_were_deleted_are_forgotten() {
    let (home, database) = library();
    let flags = [&BASE_URL[..], &["--no-nfo"]].concat();
    home.generate(&database.url(), &flags);
    for path in vod2strm_testkit::home::files(&home.output()) {
        if path.extension().is_some_and(|extension| extension == "nfo") {
            std::fs::remove_file(path).unwrap();
        }
    }
    let report = home.generate(&database.url(), &flags);
    assert_eq!(number(&report, "/files/skipped/obsolete"), 0, "{report}");
    let quiet = home.generate(&database.url(), &flags);
    assert_eq!(
        (&quiet["files"], number(&quiet, "/titles/movie/changed")),
        (&serde_json::json!({}), 0)
    );
    assert_eq!(verify(&home, &[]).0, Some(0));
}

/// A title that the catalogue no longer has, and whose folder was deleted by hand.
#[test]
fn missing_titles_that_were_deleted_are_not_looked_for() {
    let (home, database) = library();
    let movie = home.output().join("Movies").read_dir().unwrap().next().unwrap().unwrap().path();
    database.execute("DELETE FROM vod_m3umovierelation");
    std::fs::remove_dir_all(&movie).unwrap();
    home.generate(&database.url(), &BASE_URL);
    let (status, said) = verify(&home, &[]);
    assert_eq!(status, Some(0), "{said}");
    assert!(!movie.exists());
}

/// While one file of a title is in dispute, another one that goes is missed all the same.
#[test]
fn a_file_of_a_title_that_failed_comes_back_too() {
    let (home, database) = library();
    let nfo = some(&home, ".nfo");
    let strm = nfo.with_extension("strm");
    let fresh = Home::new(env!("CARGO_BIN_EXE_vod2strm"));
    let foreign = fresh.output().join(nfo.strip_prefix(home.output()).unwrap());
    let strm = fresh.output().join(strm.strip_prefix(home.output()).unwrap());
    std::fs::create_dir_all(foreign.parent().unwrap()).unwrap();
    std::fs::write(&foreign, "mine").unwrap();
    let output = fresh.output();
    let source = database.url();
    let arguments =
        [&["generate", "--source", &source, "--output", output.to_str().unwrap()], &BASE_URL[..]]
            .concat();
    assert_eq!(fresh.run(&arguments).status.code(), Some(3));
    assert!(strm.exists());
    std::fs::remove_file(&strm).unwrap();
    assert_eq!(fresh.run(&arguments).status.code(), Some(3));
    assert!(strm.exists(), "restored beside what is in dispute");
    std::fs::remove_file(&foreign).unwrap();
    assert_eq!(fresh.run(&arguments).status.code(), Some(0));
    assert_eq!(fresh.tree(), home.tree());
}

#[test]
fn verify_goes_on_where_a_file_is_a_folder_or_a_link() {
    let (home, _database) = library();
    let (strm, nfo) = (some(&home, ".strm"), some(&home, "tvshow.nfo"));
    std::fs::remove_file(&strm).unwrap();
    std::fs::create_dir(&strm).unwrap();
    std::fs::remove_file(&nfo).unwrap();
    std::os::unix::fs::symlink("/etc/hostname", &nfo).unwrap();
    let (status, said) = verify(&home, &["--full"]);
    assert_eq!(status, Some(3), "{said}");
    assert!(said.contains("2 are no files any more"), "{said}");
}

/// What a power cut leaves of an NFO is no edit.
#[test]
fn an_nfo_that_a_power_cut_emptied_is_written_again() {
    let home = Home::new(env!("CARGO_BIN_EXE_vod2strm"));
    let list = home.dir.path().join("list.m3u");
    std::fs::write(&list, "#EXTM3U\n#EXTINF:-1,Heat (1995)\nhttp://h/movie/u/p/1.mkv\n").unwrap();
    let source = list.to_str().unwrap();
    home.generate(source, &[]);
    let whole = home.tree();
    let nfo = home.output().join("Movies/Heat (1995)/Heat (1995).nfo");
    for damage in [&b""[..], b"\0\0\0\0"] {
        std::fs::write(&nfo, damage).unwrap();
        let report = home.generate(source, &["--full"]);
        assert_eq!(number(&report, "/files/written/updated"), 1, "{report}");
        assert_eq!(home.tree(), whole);
    }
    std::fs::write(&nfo, "mine").unwrap();
    home.generate(source, &["--full"]);
    assert_eq!(std::fs::read(&nfo).unwrap(), b"mine");
}

/// Some file systems know no times of folders: a folder of 1970 is not gone, and proves nothing either.
#[test]
fn folders_of_1970_are_listed_and_what_is_gone_is_missed() {
    let home = Home::new(env!("CARGO_BIN_EXE_vod2strm"));
    let list = home.dir.path().join("list.m3u");
    std::fs::write(&list, "#EXTM3U\n#EXTINF:-1,Heat (1995)\nhttp://h/movie/u/p/1.mkv\n").unwrap();
    let source = list.to_str().unwrap();
    home.generate(source, &[]);
    let folder = home.output().join("Movies/Heat (1995)");
    let age = || {
        let opened = std::fs::File::open(&folder).unwrap();
        opened.set_modified(std::time::UNIX_EPOCH).unwrap();
    };
    age();
    let quiet = home.generate(source, &[]);
    assert_eq!(quiet["files"], serde_json::json!({}), "{quiet}");
    std::fs::remove_file(folder.join("Heat (1995).strm")).unwrap();
    age();
    let report = home.generate(source, &[]);
    assert_eq!(number(&report, "/files/written/restored"), 1, "{report}");
}
