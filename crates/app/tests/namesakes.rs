//! Titles that want one folder: what tells them apart, who has the name alone, and how long that stays.

#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test plays the user")]

use std::collections::{BTreeMap, BTreeSet};

use vod2strm_core::layout::Layout;
use vod2strm_testkit::generate::small;
use vod2strm_testkit::home::{Home, number, text};
use vod2strm_testkit::postgres::TestDatabase;
use vod2strm_testkit::schema::Generation;
use vod2strm_testkit::servers::LibraryPaths;

fn new_home() -> Home {
    Home::in_memory(env!("CARGO_BIN_EXE_vod2strm"))
}

/// A playlist of films: the panel's number and the name of each. Those without a year never become one.
fn films(home: &Home, films: &[(u32, &str)]) -> String {
    let entry = |(id, name): &(u32, &str)| {
        format!("#EXTINF:-1,{name}\nhttp://panel.example/movie/u/p/{id}.mkv\n")
    };
    let path = home.dir.path().join("list.m3u");
    std::fs::write(&path, format!("#EXTM3U\n{}", films.iter().map(entry).collect::<String>()))
        .unwrap();
    path.to_str().unwrap().to_owned()
}

/// The number that is played in each folder of a film.
fn played(home: &Home) -> BTreeMap<String, String> {
    let tree = home.tree();
    let strms = tree.iter().filter(|(path, _)| path.ends_with(".strm"));
    let of = |(path, url): (&String, &Vec<u8>)| {
        let folder = path.strip_prefix("Movies/")?.split('/').next()?.to_owned();
        let url = text(url);
        Some((folder, url.trim().rsplit('/').next()?.trim_end_matches(".mkv").to_owned()))
    };
    strms.filter_map(of).collect()
}

fn folders(expected: &[(&str, &str)]) -> BTreeMap<String, String> {
    expected.iter().map(|(folder, id)| ((*folder).to_owned(), (*id).to_owned())).collect()
}

/// A list that is sorted in another way makes the same library. No name holds a hash or a host.
#[test]
fn the_smallest_number_has_the_name_alone_wherever_it_stands() {
    let all = [(103, "Dune"), (9, "Dune"), (101, "FR - Dune"), (7, "Heat (1995)")];
    for layout in Layout::all() {
        let mut trees = BTreeSet::new();
        for turn in 0..all.len() {
            let (home, mut list) = (new_home(), all);
            list.rotate_left(turn);
            home.generate(&films(&home, &list), &["--layout", layout.as_str()]);
            let expected = if layout.is_classic() {
                [("Dune", "9"), ("FR - Dune", "101"), ("Dune (2)", "103")]
            } else {
                [("Dune", "9"), ("Dune (2)", "101"), ("Dune (3)", "103")]
            };
            let expected = folders(&[&expected[..], &[("Heat (1995)", "7")]].concat());
            assert_eq!(played(&home), expected, "{}", layout.as_str());
            LibraryPaths::of(home.tree().keys()).assert_understood();
            trees.insert(home.tree());
        }
        assert_eq!(trees.len(), 1, "{}", layout.as_str());
    }
}

/// What goes or comes later takes nobody's name.
#[test]
fn a_number_once_given_stays() {
    let home = new_home();
    let cleanup = ["--cleanup", "apply", "--grace", "0"];
    home.generate(&films(&home, &[(20, "Dune"), (30, "Dune")]), &[]);
    let rest = films(&home, &[(30, "Dune")]);
    for flags in [&cleanup[..], &cleanup, &["--relayout"]] {
        home.generate(&rest, flags);
    }
    // Who was removed has its folder for 90 days.
    assert_eq!(played(&home), folders(&[("Dune (2)", "30")]));
    let all = films(&home, &[(10, "Dune"), (40, "Dune"), (30, "Dune"), (20, "Dune")]);
    for flags in [&[][..], &["--relayout"]] {
        home.generate(&all, flags);
        let expected = [("Dune", "20"), ("Dune (2)", "30"), ("Dune (3)", "10"), ("Dune (4)", "40")];
        assert_eq!(played(&home), folders(&expected), "{flags:?}");
    }
}

/// A folder of the user's that has the next number is nobody else's.
#[test]
fn a_folder_of_yours_with_a_number_is_never_taken() {
    let home = new_home();
    let mine = home.output().join("Movies/Dune (2)");
    std::fs::create_dir_all(&mine).unwrap();
    std::fs::write(mine.join("mine.mkv"), "mine").unwrap();
    let source = films(&home, &[(1, "Dune"), (2, "Dune"), (3, "Dune")]);
    let output = home.output();
    home.generate(&films(&home, &[(1, "Dune")]), &[]);
    let source_and_output = ["--source", &source, "--output", output.to_str().unwrap()];
    films(&home, &[(1, "Dune"), (2, "Dune")]);
    let told = home.run(&[&["why", "Dune"][..], &source_and_output].concat());
    let told = text(&told.stdout);
    assert!(told.contains("it would get Movies/Dune (3): another title has Dune"), "{told}");
    films(&home, &[(1, "Dune"), (2, "Dune"), (3, "Dune")]);
    home.generate(&source, &[]);
    assert_eq!(played(&home), folders(&[("Dune", "1"), ("Dune (3)", "2"), ("Dune (4)", "3")]));
    let files: Vec<_> =
        std::fs::read_dir(&mine).unwrap().map(|it| it.unwrap().file_name()).collect();
    assert_eq!(files, ["mine.mkv"]);
}

/// A film that is really called so keeps its name, and so does one that is called after a year.
#[test]
fn a_number_of_a_films_own_is_none_of_ours() {
    let home = new_home();
    let all = [(1, "Cube (2)"), (2, "Cube"), (3, "Cube"), (4, "Heat (1995)"), (5, "Heat")];
    let source = films(&home, &all);
    home.generate(&source, &["--layout", "classic"]);
    let expected = folders(&[
        ("Cube (2)", "1"),
        ("Cube", "2"),
        ("Cube (3)", "3"),
        ("Heat (1995)", "4"),
        ("Heat", "5"),
    ]);
    assert_eq!(played(&home), expected);
    let report = home.generate(&source, &["--layout", "classic", "--relayout"]);
    assert_eq!(number(&report, "/files/moved/folder"), 0, "{report:#}");
    assert_eq!(played(&home), expected);
}

/// Folders with numbers, and with labels of former versions, are known again when the ledger is lost.
#[test]
fn numbers_and_former_labels_are_known_again() {
    for is_host_another in [false, true] {
        let home = new_home();
        let source = films(&home, &[(1, "Dune"), (2, "Dune"), (3, "Dune"), (4, "Heat (1995)")]);
        home.generate(&source, &[]);
        std::fs::remove_dir_all(home.dir.path().join(".local/state/vod2strm")).unwrap();
        let former = "Dune [0-3@panel.example]";
        let root = home.output().join("Movies");
        std::fs::rename(root.join("Dune (3)"), root.join(former)).unwrap();
        for ending in ["nfo", "strm"] {
            let name = |stem: &str| root.join(former).join(format!("{stem}.{ending}"));
            std::fs::rename(name("Dune (3)"), name(former)).unwrap();
        }
        if is_host_another {
            let list = std::fs::read_to_string(&source).unwrap();
            std::fs::write(&source, list.replace("panel.example", "other.example")).unwrap();
        }
        let output = home.output();
        let flags = ["--source", &source, "--output", output.to_str().unwrap()];
        let told = home.run(&[&["adopt", "--json"][..], &flags].concat());
        let adopted: serde_json::Value = serde_json::from_slice(&told.stdout).unwrap();
        assert_eq!(number(&adopted, "/movies"), 4, "{adopted:#}");
        let report = home.generate(&source, &[]);
        assert_eq!(number(&report, "/titles/movie/new"), 0, "{report:#}");
        let others = [("Dune", "1"), ("Dune (2)", "2"), ("Heat (1995)", "4")];
        let expected = |third: &str| folders(&[&others[..], &[(third, "3")]].concat());
        assert_eq!(played(&home), expected(former), "a label stays");
        home.generate(&source, &["--relayout"]);
        assert_eq!(played(&home), expected("Dune (3)"));
    }
}

/// Shows of one name that nothing puts together: a number behind the folder is none of a season or an episode.
#[test]
fn shows_of_one_name_have_numbers_that_servers_do_not_read() {
    let mut all = small();
    for row in &mut all.series {
        (row.name, row.year) = ("24".to_owned(), None);
        (row.tmdb_id, row.imdb_id, row.custom_properties) = (None, None, None);
    }
    all.episodes[1].series_id = 2;
    let database = TestDatabase::create(Generation::NEWEST);
    database.insert(&all);
    for layout in Layout::all().iter().filter(|layout| !layout.is_classic()) {
        let home = new_home();
        let flags = ["--layout", layout.as_str(), "--base-url", "http://d:9191"];
        home.generate(&database.url(), &[&flags[..], &["--no-name-clean"]].concat());
        let tree = home.tree();
        let shows = tree.keys().filter_map(|path| path.strip_prefix("TV/")?.split('/').next());
        let shows: BTreeSet<&str> = shows.collect();
        assert_eq!(shows, BTreeSet::from(["24 (2)", "24 ·"]), "{}", layout.as_str());
        LibraryPaths::of(tree.keys()).assert_understood();
    }
}

/// Two films of one name and year, of different ids and countries, from a database.
#[test]
fn films_of_one_name_are_told_apart_by_country_id_and_number() {
    let all = small().with_movies(&[
        ("Cats (US)", Some(2019), Some("601")),
        ("Cats (UK)", Some(2019), Some("602")),
        ("Cats", Some(2019), Some("603")),
        ("Cats", Some(2019), Some("604")),
    ]);
    let database = TestDatabase::create(Generation::NEWEST);
    database.insert(&all);
    for (layout, expected) in [
        (
            "standard",
            [
                "Cats (2019)",
                "Cats (2019) (UK)",
                "Cats (2019) [tmdbid-603]",
                "Cats (2019) [tmdbid-604]",
            ],
        ),
        (
            "emby",
            [
                "Cats (2019) [tmdbid=601]",
                "Cats (2019) [tmdbid=602]",
                "Cats (2019) [tmdbid=603]",
                "Cats (2019) [tmdbid=604]",
            ],
        ),
        (
            "kodi",
            [
                "Cats (2019)",
                "Cats (2019) (UK)",
                "Cats (2019) [tmdbid-603]",
                "Cats (2019) [tmdbid-604]",
            ],
        ),
        (
            "classic",
            ["Cats (2019)", "Cats (2019) [tmdbid-604]", "Cats (UK) (2019)", "Cats (US) (2019)"],
        ),
    ] {
        let home = new_home();
        home.generate(&database.url(), &["--layout", layout, "--base-url", "http://d:9191"]);
        let names: Vec<String> = played(&home).into_keys().collect();
        assert_eq!(names, expected, "{layout}");
        LibraryPaths::of(home.tree().keys()).assert_understood();
    }
}
