//! `vod2strm names`: what names say, from a list, from standard input and from a source.

#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test plays the user")]

use std::io::Write as _;
use std::process::{Output, Stdio};

use vod2strm_core::layout::Layout;
use vod2strm_core::policy::Policy;
use vod2strm_testkit::generate::{Size, small};
use vod2strm_testkit::home::{Home, assert_same_tree, number, text};
use vod2strm_testkit::postgres::TestDatabase;
use vod2strm_testkit::schema::{Catalogue, Generation};
use vod2strm_testkit::twin::twin;

fn new_home() -> Home {
    Home::new(env!("CARGO_BIN_EXE_vod2strm"))
}

/// The rows below the header, in columns.
fn rows(output: &Output) -> Vec<Vec<String>> {
    assert!(output.status.success(), "{}", text(&output.stderr));
    let table = text(&output.stdout);
    let mut lines = table.lines();
    let header = "raw\ttitle\tyear\tseason\tepisodes\tquality\tlanguage\tother\tkind\tcountry";
    assert_eq!(lines.next().unwrap(), header);
    lines.map(|line| line.split('\t').map(str::to_owned).collect()).collect()
}

#[test]
fn names_come_from_a_file_or_from_standard_input() {
    let home = new_home();
    let list = "EN - Heat (1995) [4K]\r\n\n4K-NF - Dark (2017) - S01E02-E03 - Lies\n";
    let path = home.dir.path().join("names.txt");
    std::fs::write(&path, list).unwrap();
    let of_file = home.run(&["names", path.to_str().unwrap()]);
    let expected = [
        ["EN - Heat (1995) [4K]", "Heat", "1995", "", "", "4K", "en", "", "", ""],
        [
            "4K-NF - Dark (2017) - S01E02-E03 - Lies",
            "Dark",
            "2017",
            "1",
            "2-3",
            "4K",
            "",
            "platform=NF; episode=Lies",
            "series",
            "",
        ],
    ];
    assert_eq!(rows(&of_file), expected);
    assert_eq!(rows(&from_standard_input(&home, list.as_bytes(), &[])), expected);
    assert!(home.tree().is_empty(), "nothing is written");
}

#[test]
fn the_kind_of_a_list_decides_what_a_bare_number_is() {
    let home = new_home();
    let path = home.dir.path().join("names.txt");
    std::fs::write(&path, "One Piece - 1071\n").unwrap();
    let read = |more: &[&str]| {
        let arguments = [&["names", path.to_str().unwrap()], more].concat();
        rows(&home.run(&arguments))[0][1..5].join("|")
    };
    assert_eq!(read(&["--kind", "series"]), "One Piece|||1071");
    assert_eq!(read(&[]), "One Piece - 1071|||");
    assert_eq!(read(&["--kind", "movie"]), "One Piece - 1071|||");
}

/// A list with two groups of films, a series and a channel; its last line has no end.
fn playlist() -> String {
    let mut list = String::new();
    for n in 0..12 {
        list += &format!(
            "#EXTINF:-1 group-title=\"Harbours\",XYZ - Harbour {n}\nhttp://h/movie/u/p/{n}.mkv\n\
             #EXTINF:-1 group-title=\"Roads\",Road {n} (2001)\nhttp://h/movie/u/p/20{n}.mkv\n"
        );
    }
    list + "#EXTINF:-1 group-title=\"Roads\",XYZ - Own\nhttp://h/movie/u/p/300.mkv\n\
            #EXTINF:-1,News\nhttp://h/live/u/p/301.ts\n\
            #EXTINF:-1,Dark S01E02\nhttp://h/series/u/p/302.mkv\n\
            #EXTINF:-1 group-title=\"Roads\",Last Road (2002)\nhttp://h/movie/u/p/303.mkv"
}

/// What the program says when this comes by standard input.
fn from_standard_input(home: &Home, bytes: &[u8], more: &[&str]) -> Output {
    let mut command = home.command(&[&["names", "-"], more].concat());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(bytes).unwrap();
    child.wait_with_output().unwrap()
}

/// A playlist is read as one, wherever it comes from: its groups are categories, and channels are none of its titles.
#[test]
fn a_playlist_is_read_as_one_from_a_file_and_from_standard_input() {
    let (home, list) = (new_home(), playlist());
    let path = home.dir.path().join("some.list");
    let read = |bytes: &[u8]| {
        std::fs::write(&path, bytes).unwrap();
        let table = rows(&home.run(&["names", path.to_str().unwrap()]));
        assert_eq!(rows(&from_standard_input(&home, bytes, &[])), table);
        table
    };
    let table = read(format!("{list}\n").as_bytes());
    assert_eq!(table, rows(&home.run(&["names", "--source", path.to_str().unwrap()])));
    let found = |raw: &str| {
        let row = table.iter().find(|row| row[0] == raw);
        row.map(|row| [&row[1], &row[2], &row[8]].map(String::as_str))
    };
    assert_eq!(table.len(), 27);
    assert_eq!(found("XYZ - Harbour 3"), Some(["Harbour 3", "", "movie"]));
    assert_eq!(found("XYZ - Own"), Some(["XYZ - Own", "", "movie"]), "another category");
    assert_eq!(found("Dark"), Some(["Dark", "", "series"]));
    assert_eq!(found("Last Road"), Some(["Last Road", "2002", "movie"]));
    // Whoever has read it to its end lacks nothing.
    for start in ["", "#EXTM3U\n", "\u{feff}#EXTM3U\n"] {
        assert_eq!(read(format!("{start}{list}").as_bytes()), table, "{start:?}");
    }
    let limits = home.run(&["names", path.to_str().unwrap(), "--max-entries", "5"]);
    assert!(text(&limits.stderr).contains("some.list"), "{}", text(&limits.stderr));
    let skipped = ["names", path.to_str().unwrap(), "--classify-skip", "category = Roads"];
    assert_eq!(rows(&home.run(&skipped)).len(), 13, "the user's word counts");
}

#[test]
fn a_playlist_says_itself_what_its_entries_are() {
    let home = new_home();
    let refused = from_standard_input(&home, playlist().as_bytes(), &["--kind", "movie"]);
    assert_eq!(refused.status.code(), Some(2));
    let said = text(&refused.stderr);
    assert!(said.contains("--kind: standard input is a playlist"), "{said}");
    let empty = from_standard_input(&home, b"#EXTINF:-1,Heat\n#EXTINF:-1,Ran\n", &[]);
    assert_eq!(rows(&empty).len(), 0);
    assert!(text(&empty.stderr).contains("no movie and no series"), "{}", text(&empty.stderr));
}

/// What a list is of is said, or seen by a season or an episode; a source knows it of each title.
#[test]
fn kind_and_country_come_last() {
    let home = new_home();
    let path = home.dir.path().join("names.txt");
    std::fs::write(&path, "Heat (1995) (US)\nDark S01E02 (DE)\n1923 S01\n").unwrap();
    let read = |more: &[&str]| {
        let arguments = [&["names", path.to_str().unwrap()], more].concat();
        rows(&home.run(&arguments)).into_iter().map(|row| row[8..].join("|")).collect::<Vec<_>>()
    };
    assert_eq!(read(&[]), ["|US", "series|", "series|"]);
    assert_eq!(read(&["--kind", "movie"]), ["movie|US", "movie|", "movie|"]);
    let said = text(&home.run(&["names", path.to_str().unwrap(), "--json"]).stdout);
    let fields = r#""other":"country=US","kind":"","country":"US"}"#;
    assert!(said.lines().next().unwrap().ends_with(fields), "{said}");
    let list = "#EXTM3U\n#EXTINF:-1,Alien (1979)\nhttp://h/movie/u/p/1.mkv\n\
                #EXTINF:-1,Dark S01E02\nhttp://h/series/u/p/2.mkv\n";
    let path = home.dir.path().join("list.m3u");
    std::fs::write(&path, list).unwrap();
    let table = rows(&home.run(&["names", "--source", path.to_str().unwrap()]));
    let kinds: Vec<[&str; 2]> = table.iter().map(|row| [&*row[1], &*row[8]]).collect();
    assert_eq!(kinds, [["Alien", "movie"], ["Dark", "series"]]);
}

/// A prefix that a category shares is learnt from that category, and from no other.
#[test]
fn a_category_of_the_database_teaches_its_prefix() {
    let size = Size { movies: 400, series: 4, episodes_per_series: 2 };
    let mut catalogue = Catalogue::generate(7, size, false);
    let category = catalogue.movie_relations[0].category_id;
    assert!(category.is_some());
    let in_category = |movie: i64, catalogue: &Catalogue| {
        let mut streams = catalogue.movie_relations.iter();
        streams.any(|stream| stream.movie_id == movie && stream.category_id == category)
    };
    let ids: Vec<i64> = catalogue.movies.iter().map(|movie| movie.id).collect();
    let (mut inside, mut outside) = (0, 0);
    for id in ids {
        let is_inside = in_category(id, &catalogue);
        let movie = catalogue.movies.iter_mut().find(|movie| movie.id == id).unwrap();
        *(if is_inside { &mut inside } else { &mut outside }) += 1;
        movie.name = format!("{} Film {id}", if is_inside || id % 7 == 0 { "IT:" } else { "The" });
    }
    assert!(inside >= 10 && outside >= 20, "{inside} and {outside}");
    let database = TestDatabase::create(Generation::NEWEST);
    database.insert(&catalogue);
    let home = new_home();
    let table = rows(&home.run(&["names", "--source", &database.url()]));
    let learnt = table.iter().filter(|row| row[6] == "it").count();
    let kept = table.iter().filter(|row| row[1].starts_with("IT: ")).count();
    assert!(learnt >= 10 && kept >= 1, "{learnt} and {kept}");
    assert!(table.iter().filter(|row| row[6] == "it").all(|row| row[1].starts_with("Film ")));
    // The library is named by it too, and stays as it is when the prefix is gone.
    let flags = ["--base-url", "http://d:9191"];
    home.generate(&database.url(), &flags);
    let folders = |start: &str| {
        let start = format!("Movies/{start}");
        home.tree().keys().filter(|path| path.starts_with(&start)).count()
    };
    assert!(folders("Film ") >= 10 && folders("IT - Film ") >= 1, "{:?}", home.tree().keys());
    let policy = Policy::new(Layout::standard(), "http://d:9191".parse().unwrap());
    assert_same_tree(&home.tree(), &twin(&catalogue, &policy));
    // The names of a category are read where they decide, and not where a name says all itself.
    let statements = |start: &str| {
        database.execute(&format!(
            "UPDATE vod_movie SET description = 'other' WHERE id =
             (SELECT min(id) FROM vod_movie WHERE name LIKE '{start}%')"
        ));
        home.generate(&database.url(), &flags)["sql_statements"].as_u64().unwrap()
    };
    assert_eq!(statements("IT:"), statements("The ") + 1);
    let before = home.tree();
    database.execute("UPDATE vod_vodcategory SET name = name || ' new'");
    database.execute("UPDATE vod_movie SET name = 'Other Film ' || id WHERE id % 2 = 0");
    home.generate(&database.url(), &flags);
    assert!(home.tree().keys().eq(before.keys()), "a path is a promise");
}

#[test]
fn the_title_is_what_the_library_shows_with_the_same_settings() {
    let home = new_home();
    let entry = |group: &str, name: &str, film: usize| {
        format!("#EXTINF:-1 group-title=\"{group}\",{name}\nhttp://h/movie/u/p/{film}.mkv\n")
    };
    let mut list = "#EXTM3U\n".to_owned();
    // One group shares a prefix, and another one of another kind of names does not.
    for film in 0..12 {
        list += &entry("Harbours", &format!("XYZ - Silent Harbour {film}"), 100 + film);
        list += &entry("Roads", &format!("(VIP) Lonely Road {film} [4K]"), 200 + film);
    }
    list += &entry("Roads", "XYZ - Own Name", 300);
    let path = home.dir.path().join("list.m3u");
    std::fs::write(&path, list).unwrap();
    let source = path.to_str().unwrap();
    let pattern = r"^\(VIP\)\s";
    let settings: [&[&str]; 4] = [
        &[],
        &["--name-clean-regex", pattern],
        &["--no-name-clean"],
        &["--no-name-clean", "--name-clean-regex", pattern],
    ];
    for flags in settings {
        let said = home.run(&[&["names", "--source", source], flags].concat());
        let mut titles: Vec<String> = rows(&said).into_iter().map(|row| row[1].clone()).collect();
        let fresh = new_home();
        fresh.generate(source, flags);
        let folders: std::collections::BTreeSet<String> =
            fresh.tree().keys().map(|path| path.split('/').nth(1).unwrap().to_owned()).collect();
        titles.sort();
        assert_eq!(titles, folders.into_iter().collect::<Vec<_>>(), "{flags:?}");
        let listed = home.dir.path().join("names.txt");
        std::fs::write(&listed, "(VIP) Lonely Road [4K]\n").unwrap();
        let arguments = [&["names", listed.to_str().unwrap()], flags].concat();
        let expected = match flags.len() {
            0 | 2 => "Lonely Road",
            1 => "(VIP) Lonely Road [4K]",
            _ => "Lonely Road [4K]",
        };
        assert_eq!(rows(&home.run(&arguments))[0][1], expected, "{flags:?}");
    }
    // A settings file says the same.
    let file = home.dir.path().join("vod2strm.toml");
    std::fs::write(&file, format!("no_name_clean = true\nname_clean_regex = '{pattern}'\n"))
        .unwrap();
    let said = home.run(&["names", "--source", source, "--config", file.to_str().unwrap()]);
    assert!(rows(&said).iter().any(|row| row[1] == "Lonely Road 3 [4K]"), "{}", text(&said.stdout));
}

#[test]
fn a_list_that_is_not_there_is_a_clear_error() {
    let home = new_home();
    let output = home.run(&["names", "nowhere.txt"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        text(&output.stderr).contains("cannot look at nowhere.txt"),
        "{}",
        text(&output.stderr)
    );
    // Names come from one place, and settings of a library are taken by every command.
    for (flag, status) in [("--source", 2), ("--output", 1)] {
        let output = home.run(&["names", "names.txt", flag, "somewhere"]);
        assert_eq!(output.status.code(), Some(status), "{flag}");
    }
    let output = home.run(&["names"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("--source is missing"), "{}", text(&output.stderr));
}

/// Movies and episodes as a provider names them, and what the library shows.
fn noisy() -> Catalogue {
    let mut catalogue = small();
    let movie = |name: &str, year| (name.to_owned(), year);
    let names = [
        movie("4K-NF - Heat (1995) [2160p]", None),
        movie("EN - Alien", Some(1979)),
        movie("|FR| U-571 HEVC", Some(2000)),
    ];
    for (row, (name, year)) in catalogue.movies.iter_mut().zip(names) {
        (row.name, row.year) = (name, year);
        (row.tmdb_id, row.imdb_id) = (None, None);
    }
    catalogue
}

#[test]
fn folders_files_and_nfos_have_clean_names_unless_the_user_wants_them_as_they_are() {
    let database = TestDatabase::create(Generation::NEWEST);
    database.insert(&noisy());
    let url = ["--base-url", "http://d:9191"];
    let home = new_home();
    home.generate(&database.url(), &url);
    let tree = home.tree();
    let nfo = text(&tree["Movies/Heat (1995)/Heat (1995).nfo"]);
    assert!(nfo.contains("<title>Heat</title>") && nfo.contains("<year>1995</year>"), "{nfo}");
    assert!(tree.contains_key("Movies/Alien (1979)/Alien (1979).strm"), "{:?}", tree.keys());
    let strm = tree["Movies/Heat (1995)/Heat (1995).strm"].clone();
    // The other way is another rule for names: titles move.
    home.generate(&database.url(), &[&url[..], &["--no-name-clean"]].concat());
    let raw = "4K-NF - Heat (1995) [2160p]";
    let tree = home.tree();
    assert_eq!(tree[&format!("Movies/{raw}/{raw}.strm")], strm);
    assert!(!tree.contains_key("Movies/Heat (1995)/Heat (1995).strm"));
    assert!(tree.contains_key("Movies/EN - Alien (1979)/EN - Alien (1979).strm"));
    // And an unchanged run writes nothing.
    let report = home.generate(&database.url(), &[&url[..], &["--no-name-clean"]].concat());
    assert_eq!(number(&report, "/files/created"), 0, "{report:#}");
    assert_eq!(home.tree(), tree);
}

#[test]
fn the_users_pattern_works_on_folders_files_and_nfos_of_every_layout() {
    let database = TestDatabase::create(Generation::NEWEST);
    let mut catalogue = noisy();
    catalogue.movies[0].name = "(VIP) Heat".to_owned();
    let series = catalogue.episodes[0].series_id;
    for row in catalogue.series.iter_mut().filter(|row| row.id == series) {
        row.name = "(VIP) Dark".to_owned();
    }
    for row in catalogue.episodes.iter_mut().filter(|row| row.series_id == series) {
        row.name = "(VIP) Lies".to_owned();
    }
    database.insert(&catalogue);
    for layout in ["standard", "classic"] {
        let home = new_home();
        let flags = ["--base-url", "http://d:9191", "--layout", layout];
        home.generate(
            &database.url(),
            &[&flags[..], &["--name-clean-regex", r"^\(VIP\)\s"]].concat(),
        );
        let tree = home.tree();
        assert!(tree.keys().all(|path| !path.contains("VIP")), "{layout}: {:#?}", tree.keys());
        assert!(tree.keys().any(|path| path.starts_with("Movies/Heat")), "{:#?}", tree.keys());
        assert!(tree.keys().any(|path| path.contains("Lies.strm")), "{:#?}", tree.keys());
        assert!(tree.values().all(|content| !text(content).contains("VIP")), "{layout}");
    }
}

#[test]
fn a_pattern_that_is_none_is_an_error_and_a_slow_one_a_warning() {
    let database = TestDatabase::create(Generation::NEWEST);
    let mut catalogue = noisy();
    catalogue.movies[0].name = "a".repeat(60);
    database.insert(&catalogue);
    let home = new_home();
    let run = |pattern: &str| {
        let url = database.url();
        let output = home.output();
        home.run(&[
            "generate",
            "--source",
            &url,
            "--output",
            output.to_str().unwrap(),
            "--base-url",
            "http://d:9191",
            "--name-clean-regex",
            pattern,
        ])
    };
    let wrong = run("(EN");
    assert_eq!(wrong.status.code(), Some(2));
    let said = text(&wrong.stderr);
    assert!(said.contains("--name-clean-regex: wanted is a regular expression"), "{said}");
    assert!(home.tree().is_empty());
    let slow = run(r"(a|aa)+(?!a)\1b");
    assert_eq!(slow.status.code(), Some(0), "{}", text(&slow.stderr));
    let said = text(&slow.stderr) + &text(&slow.stdout);
    assert!(said.contains("takes too long for some names (1)"), "{said}");
    assert!(home.tree().keys().any(|path| path.contains(&"a".repeat(60))));
    // Whoever takes the library over hears it too.
    let (url, output) = (database.url(), home.output());
    let state = home.dir.path().join("another");
    let adopted = home.run(&[
        "adopt",
        "--source",
        &url,
        "--output",
        output.to_str().unwrap(),
        "--state",
        state.to_str().unwrap(),
        "--base-url",
        "http://d:9191",
        "--name-clean-regex",
        r"(a|aa)+(?!a)\1b",
    ]);
    let said = text(&adopted.stderr) + &text(&adopted.stdout);
    assert!(said.contains("takes too long for some names"), "{said}");
}

/// The original left all files at their old names and wrote new ones beside them.
#[test]
fn a_pattern_that_is_switched_on_leaves_nothing_at_the_old_names() {
    let database = TestDatabase::create(Generation::NEWEST);
    let mut catalogue = noisy();
    catalogue.movies.iter_mut().for_each(|row| row.name.insert_str(0, "(VIP) "));
    catalogue.series.iter_mut().for_each(|row| row.name.insert_str(0, "(VIP) "));
    database.insert(&catalogue);
    for layout in ["standard", "classic"] {
        let flags = ["--base-url", "http://d:9191", "--layout", layout];
        let with = [&flags[..], &["--name-clean-regex", r"^\(VIP\)\s"]].concat();
        let (home, fresh) = (new_home(), new_home());
        home.generate(&database.url(), &flags);
        home.generate(&database.url(), &with);
        fresh.generate(&database.url(), &with);
        assert_same_tree(&home.tree(), &fresh.tree());
        let report = home.generate(&database.url(), &with);
        assert_eq!(number(&report, "/files/created"), 0, "{report:#}");
    }
}
