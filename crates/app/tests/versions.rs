//! Several entries of the source are one title, with versions: which ones, how long, and which of them have a file.

#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test plays the user")]

#[path = "versions/labels.rs"]
mod labels;
#[path = "versions/nights.rs"]
mod nights;

use std::collections::BTreeSet;

use serde_json::Value;
use vod2strm_testkit::generate::small;
use vod2strm_testkit::home::{Home, number, text};
use vod2strm_testkit::postgres::TestDatabase;
use vod2strm_testkit::schema::Generation;

const BASE_URL: [&str; 2] = ["--base-url", "http://dispatcharr:9191"];

/// One film as four panels write it.
const DUNE: [&str; 4] =
    ["EN - Dune (2021)", "4K-EN - Dune (2021)", "|FR| Dune (2021) FHD", "DE: Dune 2021"];

fn new_home() -> Home {
    Home::new(env!("CARGO_BIN_EXE_vod2strm"))
}

/// A playlist of these entries: a group, a name, what its address ends with.
fn list(home: &Home, entries: &[(&str, &str, &str)]) -> String {
    let entry = |(group, name, path): &(&str, &str, &str)| {
        format!("#EXTINF:-1 group-title=\"{group}\",{name}\nhttp://panel.example/{path}\n")
    };
    let path = home.dir.path().join("list.m3u");
    let entries: String = entries.iter().map(entry).collect();
    std::fs::write(&path, format!("#EXTM3U\n{entries}")).unwrap();
    path.to_str().unwrap().to_owned()
}

/// A playlist of movies with these names.
fn movies(home: &Home, names: &[&str]) -> String {
    let paths: Vec<String> =
        (101..).take(names.len()).map(|id| format!("movie/u/p/{id}.mkv")).collect();
    let entries: Vec<(&str, &str, &str)> =
        names.iter().zip(&paths).map(|(name, path)| ("Movies", *name, path.as_str())).collect();
    list(home, &entries)
}

/// A database with a movie without ids for each of these names, each with one stream of the first account.
fn movie_rows(names: &[(&str, Option<i32>)]) -> TestDatabase {
    let movies: Vec<_> = names.iter().map(|(name, year)| (*name, *year, None)).collect();
    let all = small().with_movies(&movies);
    let database = TestDatabase::create(Generation::NEWEST);
    database.insert(&all);
    database
}

fn movie_folders(home: &Home) -> BTreeSet<String> {
    folders(home, "Movies")
}

/// The folders of titles below a root.
fn folders(home: &Home, root: &str) -> BTreeSet<String> {
    let tree = home.tree();
    let below = tree.keys().filter_map(|path| path.strip_prefix(root)?.strip_prefix('/'));
    below.filter_map(|path| Some(path.split_once('/')?.0.to_owned())).collect()
}

/// The `.strm` files of a title's folder, with what they play.
fn strms(home: &Home, folder: &str) -> Vec<(String, String)> {
    let tree = home.tree();
    let files = tree.iter().filter(|(path, _)| path.ends_with(".strm"));
    let own = files.filter_map(|(path, url)| Some((path.strip_prefix(folder)?, url)));
    own.map(|(path, url)| (path.trim_start_matches('/').to_owned(), text(url))).collect()
}

fn of_movies(report: &Value, what: &str) -> u64 {
    number(report, &format!("/titles/movie/{what}"))
}

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// A film in three languages and five layouts.
#[test]
fn one_film_in_four_entries_is_one_title_with_a_version_a_language() {
    for layout in ["standard", "jellyfin", "emby", "plex", "kodi", "channels", "classic"] {
        let home = new_home();
        let report = home.generate(&movies(&home, &DUNE), &["--layout", layout]);
        let (titles, files) = match layout {
            "classic" => (4, 4),
            "kodi" | "channels" => (1, 1),
            _ => (1, 3),
        };
        assert_eq!(of_movies(&report, "new"), titles, "{layout}: {report:#}");
        assert_eq!(strms(&home, "Movies").len(), files, "{layout}: {:?}", home.tree().keys());
        let again = home.generate(&movies(&home, &DUNE), &["--layout", layout]);
        assert_eq!(of_movies(&again, "unchanged"), titles, "{layout}: {again:#}");
        assert_eq!(number(&again, "/file_system_calls/writes"), 0, "{layout}");
    }
    let home = new_home();
    home.generate(&movies(&home, &DUNE), &[]);
    let english: Vec<String> = strms(&home, "Movies").into_iter().map(|(_, url)| url).collect();
    let english = english.iter().filter(|url| url.contains("/101") || url.contains("/102"));
    let best: Vec<&String> = english.collect();
    assert_eq!(best, ["http://panel.example/movie/u/p/102.mkv\n"], "the better one of a language");
}

#[test]
fn the_same_rows_in_a_database_are_the_same_title() {
    // Dispatcharr's importer keeps apart what has another name.
    let database = movie_rows(&DUNE.map(|name| (name, None)));
    let home = new_home();
    let report = home.generate(&database.url(), &BASE_URL);
    assert_eq!((of_movies(&report, "new"), strms(&home, "Movies").len()), (1, 3), "{report:#}");
    assert_eq!(movie_folders(&home), set(&["Dune (2021)"]));
    assert_eq!(number(&report, "/entries/movie"), 4, "{report:#}");
    let again = home.generate(&database.url(), &[&BASE_URL[..], &["--full"]].concat());
    assert_eq!(of_movies(&again, "unchanged"), 1, "{again:#}");
    assert_eq!(number(&again, "/file_system_calls/writes"), 0, "{again:#}");
}

/// A panel has a film three times: in 4K, plain, and plain in another group.
#[test]
fn the_versions_setting_says_which_streams_have_a_file() {
    let entries = [
        ("Movies 4K", "4K - Heat (1995)", "movie/u/p/1.mkv"),
        ("Movies", "Heat (1995)", "movie/u/p/2.mkv"),
        ("Classics", "Heat (1995)", "movie/u/p/3.mkv"),
    ];
    for (flags, files) in [
        (&["--versions", "best"][..], 1),
        // None of them tells a language.
        (&["--versions", "languages"][..], 1),
        (&["--versions", "all"][..], 3),
        (&["--multi-provider"][..], 3),
        (&["--multi-provider", "--versions", "all"][..], 3),
    ] {
        let home = new_home();
        let report = home.generate(&list(&home, &entries), flags);
        assert_eq!(of_movies(&report, "new"), 1, "{flags:?}: {report:#}");
        let strms = strms(&home, "Movies");
        assert_eq!(strms.len(), files, "{flags:?}: {strms:?}");
        let plain = strms.iter().find(|(path, _)| path == "Heat (1995)/Heat (1995).strm");
        assert_eq!(plain.unwrap().1, "http://panel.example/movie/u/p/1.mkv\n", "{flags:?}");
    }
    let home = new_home();
    let (source, output) = (list(&home, &entries), home.output());
    let output = output.to_str().unwrap();
    let both = ["--multi-provider", "--versions", "best", "--source", &source, "--output", output];
    let refused = home.run(&[&["generate"], &both[..]].concat());
    assert_eq!(refused.status.code(), Some(2), "{}", text(&refused.stderr));
    assert!(text(&refused.stderr).contains("exclude each other"), "{}", text(&refused.stderr));
    assert!(!home.output().exists(), "nothing is written");
}

#[test]
fn ids_years_and_countries_keep_titles_apart() {
    let home = new_home();
    let report = home.generate(
        &list(
            &home,
            &[
                ("Movies", "Dune (2021)", "movie/u/p/1.mkv"),
                ("Movies", "Dune (1984)", "movie/u/p/2.mkv"),
                ("Movies", "Dune", "movie/u/p/3.mkv"),
                ("Movies", "FR - Dune", "movie/u/p/4.mkv"),
            ],
        ),
        &[],
    );
    assert_eq!(of_movies(&report, "new"), 4, "without a year nothing says which: {report:#}");
    let home = new_home();
    let report = home.generate(
        &list(
            &home,
            &[
                ("TV", "The Office (US) S01E01", "series/u/p/1.mkv"),
                ("TV", "The Office (UK) S01E01", "series/u/p/2.mkv"),
                ("TV", "EN - The Office (GB) S01E02", "series/u/p/3.mkv"),
            ],
        ),
        &[],
    );
    assert_eq!(number(&report, "/titles/series/new"), 2, "{report:#}");
    assert_eq!(folders(&home, "TV"), set(&["The Office (UK)", "The Office (US)"]));
    let database = movie_rows(&[("Dune (2021)", None), ("FR - Dune (2021)", None)]);
    database.execute("UPDATE vod_movie SET tmdb_id = (438630 + id)::text");
    let home = new_home();
    let report = home.generate(&database.url(), &BASE_URL);
    assert_eq!(of_movies(&report, "new"), 2, "{report:#}");
}

/// What says of movies without a year that they are one.
#[test]
fn movies_without_a_year_are_one_where_an_id_or_a_poster_says_so() {
    let one = |change: &str| {
        let database = movie_rows(&[("Dune (2021)", None), ("FR - Dune", None)]);
        database.execute(change);
        let home = new_home();
        of_movies(&home.generate(&database.url(), &BASE_URL), "new")
    };
    assert_eq!(one("SELECT 1"), 2);
    assert_eq!(one("UPDATE vod_movie SET tmdb_id = '438631' WHERE id = 1"), 2);
    assert_eq!(one("UPDATE vod_movie SET logo_id = 1"), 1, "the same poster");
    let dates = "UPDATE vod_movie SET custom_properties = '{\"release_date\": \"2021-09-15\"}'";
    assert_eq!(one(&format!("{dates} WHERE id = 2")), 1, "a date has a year");
}

#[test]
fn a_series_and_its_4k_twin_are_one_show() {
    let home = new_home();
    let entries = [
        ("Series 4K HDR/DV", "4K - Fallout S01E01", "series/u/p/1.mkv"),
        ("Series 4K HDR/DV", "4K - Fallout S01E02", "series/u/p/2.mkv"),
        ("Series Drama", "Fallout S01E01", "series/u/p/3.mkv"),
        ("Series Drama", "Fallout S01E03", "series/u/p/4.mkv"),
        ("Series Drama", "FR - Fallout (2024) S01E04", "series/u/p/5.mkv"),
    ];
    let report = home.generate(&list(&home, &entries), &[]);
    assert_eq!(number(&report, "/titles/series/new"), 1, "{report:#}");
    let played: Vec<String> = strms(&home, "TV").into_iter().map(|(_, url)| url).collect();
    let ends = |id: u32| played.iter().any(|url| url.ends_with(&format!("/{id}.mkv\n")));
    assert_eq!(played.len(), 4, "{played:?}");
    assert!(ends(1) && ends(2) && ends(4) && ends(5), "the better one of the first: {played:?}");
}

/// Old entries of one name, in two years, do not say whose an entry without a year is.
#[test]
fn a_series_without_a_year_is_the_only_one_of_its_name() {
    for (further, shows) in [("Fargo (2014) S01E02", 1), ("Fargo (1996) S01E02", 3)] {
        let home = new_home();
        let entries = [
            ("TV", "Fargo (2014) S01E01", "series/u/p/1.mkv"),
            ("TV", further, "series/u/p/2.mkv"),
            ("TV", "EN - Fargo S01E03", "series/u/p/3.mkv"),
        ];
        let report = home.generate(&list(&home, &entries), &[]);
        assert_eq!(number(&report, "/titles/series/new"), shows, "{further}: {report:#}");
    }
}

/// Who asks for one row gets its title.
#[test]
fn a_run_for_one_id_loads_the_whole_title_and_misses_none_of_its_entries() {
    let database = movie_rows(&DUNE.map(|name| (name, None)));
    let home = new_home();
    let narrow = [&BASE_URL[..], &["--movie-ids", "3", "--versions", "all"]].concat();
    let report = home.generate(&database.url(), &narrow);
    assert_eq!((of_movies(&report, "new"), strms(&home, "Movies").len()), (1, 4), "{report:#}");
    database.execute("UPDATE vod_movie SET description = 'Sand' WHERE id = 2");
    let report = home.generate(&database.url(), &narrow);
    assert_eq!((of_movies(&report, "absent"), strms(&home, "Movies").len()), (0, 4), "{report:#}");
    let whole = [&BASE_URL[..], &["--versions", "all"]].concat();
    let report = home.generate(&database.url(), &whole);
    assert_eq!((of_movies(&report, "new"), of_movies(&report, "absent")), (0, 0), "{report:#}");
}

/// What a tree is taken over for is the title that the entries make.
#[test]
fn adopt_gives_a_folder_to_the_title_of_several_entries() {
    let home = new_home();
    let source = movies(&home, &DUNE);
    home.generate(&source, &[]);
    let before = home.tree();
    std::fs::remove_dir_all(home.ledger().parent().unwrap()).unwrap();
    let output = home.output();
    let output = output.to_str().unwrap();
    let adopted = home.run(&["adopt", "--source", &source, "--output", output]);
    assert!(adopted.status.success(), "{}", text(&adopted.stderr));
    let report = home.generate(&source, &[]);
    assert_eq!(of_movies(&report, "new"), 0, "{report:#}");
    assert_eq!(home.tree(), before);
}
