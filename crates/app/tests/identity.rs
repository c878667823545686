//! Who a title is: it keeps its folder however the catalogue turns it, and no other gets it.

#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test plays the user")]

use vod2strm_testkit::generate::small;
use vod2strm_testkit::home::{Home, number, text};
use vod2strm_testkit::postgres::TestDatabase;
use vod2strm_testkit::schema::{Catalogue, Generation};

const BASE_URL: [&str; 2] = ["--base-url", "http://dispatcharr:9191"];

fn new_home() -> Home {
    Home::new(env!("CARGO_BIN_EXE_vod2strm"))
}

/// Writes a playlist of movies, and generates from it.
fn with_playlist(home: &Home, movies: &[(&str, &str)]) -> serde_json::Value {
    let entries: String =
        movies.iter().map(|(name, url)| format!("#EXTINF:-1,{name}\n{url}\n")).collect();
    let path = home.dir.path().join("list.m3u");
    std::fs::write(&path, format!("#EXTM3U\n{entries}")).unwrap();
    home.generate(path.to_str().unwrap(), &[])
}

fn strm(home: &Home, name: &str) -> String {
    text(&home.tree()[&format!("Movies/{name}/{name}.strm")])
}

fn database(catalogue: &Catalogue) -> TestDatabase {
    let database = TestDatabase::create(Generation::NEWEST);
    database.insert(catalogue);
    database
}

#[test]
fn the_order_of_a_playlist_does_not_matter() {
    let home = new_home();
    let (alien, up) = (
        ("Alien (1979)", "http://a.example/movie/u/p/7.mkv"),
        ("Up (2009)", "http://b.example/movie/u/p/7.mkv"),
    );
    with_playlist(&home, &[alien, up]);
    let before = home.tree();
    let report = with_playlist(&home, &[up, alien]);
    assert_eq!(home.tree(), before);
    assert_eq!(number(&report, "/titles/movie/unchanged"), 2, "{report}");
}

#[test]
fn a_provider_that_moves_to_another_host_keeps_its_folders() {
    let home = new_home();
    with_playlist(&home, &[("Alien (1979)", "http://old.example/movie/u/p/7.mkv")]);
    let report = with_playlist(&home, &[("Alien (1979)", "http://new.example/movie/u/p/7.mkv")]);
    assert_eq!(number(&report, "/titles/movie/changed"), 1, "{report}");
    assert_eq!(number(&report, "/titles/movie/absent"), 0, "{report}");
    assert_eq!(home.tree().len(), 2);
    assert_eq!(strm(&home, "Alien (1979)"), "http://new.example/movie/u/p/7.mkv\n");
}

#[test]
fn another_providers_number_is_another_film() {
    let home = new_home();
    with_playlist(&home, &[("Alien (1979)", "http://a.example/movie/u/p/7.mkv")]);
    let report = with_playlist(&home, &[("Up (2009)", "http://c.example/movie/u/p/7.mkv")]);
    assert_eq!(strm(&home, "Alien (1979)"), "http://a.example/movie/u/p/7.mkv\n");
    assert_eq!(number(&report, "/titles/movie/absent"), 1, "{report}");
    assert_eq!(number(&report, "/titles/movie/new"), 1, "{report}");
}

#[test]
fn streams_that_are_exchanged_do_not_exchange_folders() {
    let mut catalogue = small();
    for (n, movie) in catalogue.movies.iter_mut().enumerate() {
        movie.tmdb_id = Some((500 + n).to_string());
        movie.imdb_id = None;
    }
    let ids: Vec<i64> = catalogue.movies.iter().map(|movie| movie.id).collect();
    let database = database(&catalogue);
    let home = new_home();
    home.generate(&database.url(), &BASE_URL);
    let before = home.tree();
    let (a, b) = (ids[0], ids[1]);
    database.execute(&format!(
        "UPDATE vod_m3umovierelation SET movie_id = CASE movie_id WHEN {a} THEN {b} ELSE {a} END
         WHERE movie_id IN ({a}, {b})"
    ));
    home.generate(&database.url(), &BASE_URL);
    let after = home.tree();
    assert!(before.keys().eq(after.keys()));
    for (path, content) in &before {
        assert!(!path.ends_with(".nfo") || after[path] == *content, "another film's NFO: {path}");
    }
}

/// A stream id changes, the TMDB id stays; later the name changes too.
#[test]
fn a_tmdb_id_recognises_what_its_stream_does_not() {
    let mut catalogue = small();
    catalogue
        .movies
        .iter_mut()
        .enumerate()
        .for_each(|(n, m)| m.tmdb_id = Some((500 + n).to_string()));
    let database = database(&catalogue);
    let home = new_home();
    home.generate(&database.url(), &BASE_URL);
    let before = home.tree();
    database.execute("UPDATE vod_m3umovierelation SET stream_id = stream_id || '9'; UPDATE vod_movie SET name = name || '!'");
    let report = home.generate(&database.url(), &BASE_URL);
    assert_eq!(number(&report, "/titles/movie/new"), 0, "{report}");
    assert!(before.keys().eq(home.tree().keys()));
}

#[test]
fn priorities_that_change_move_no_version() {
    let catalogue = small();
    let database = database(&catalogue);
    let home = new_home();
    let flags = [&BASE_URL[..], &["--multi-provider"]].concat();
    home.generate(&database.url(), &flags);
    let before = home.tree();
    assert!(
        before.keys().any(|path| path.contains(" - ") && path.starts_with("Movies/")),
        "versions"
    );
    database.execute("UPDATE m3u_m3uaccount SET priority = 100 - priority");
    let report = home.generate(&database.url(), &flags);
    assert_eq!(home.tree(), before, "{report}");
    assert_eq!(number(&report, "/files/skipped/obsolete"), 0, "{report}");
}

/// Long ids that differ only at their ends, or by case: every copy gets a path of its own.
#[test]
fn copies_of_one_account_have_paths_of_their_own() {
    let mut catalogue = small();
    let copy = catalogue.movie_relations[0].clone();
    let long = "x".repeat(60);
    for stream_id in
        [format!("{long}1"), format!("{long}2"), format!("{long}3"), "Ab".into(), "ab".into()]
    {
        let movie = copy.movie_id;
        let copy = vod2strm_testkit::schema::MovieRelation { stream_id, ..copy.clone() };
        catalogue.offer_movie(movie, copy);
    }
    let database = database(&catalogue);
    let home = new_home();
    let flags = [&BASE_URL[..], &["--multi-provider"]].concat();
    let report = home.generate(&database.url(), &flags);
    assert_eq!(number(&report, "/problem_count"), 0, "{report}");
    vod2strm_testkit::home::assert_safe_paths(home.tree().keys());
    let before = home.stamps();
    home.generate(&database.url(), &flags);
    assert_eq!(home.stamps(), before);
}

/// A run for a few ids knows who all the others are.
#[test]
fn a_narrow_run_takes_nobodys_folder() {
    let mut catalogue = small();
    for movie in &mut catalogue.movies {
        (movie.name, movie.year) = ("Alpha".into(), Some(2001 + movie.id as i32));
        (movie.tmdb_id, movie.imdb_id) = (Some((500 + movie.id).to_string()), None);
    }
    let (kept, taken) = (catalogue.movies[0].id, catalogue.movies[1].id);
    let database = database(&catalogue);
    let home = new_home();
    home.generate(&database.url(), &[&BASE_URL[..], &["--movie-ids", &kept.to_string()]].concat());
    let before = home.tree();
    // Another film appears with this one's TMDB id, as a second copy in bad data would.
    database.execute(&format!(
        "UPDATE vod_movie SET tmdb_id = NULL WHERE id = {kept};
         UPDATE vod_movie SET tmdb_id = '{}' WHERE id = {taken}",
        500 + kept
    ));
    home.generate(&database.url(), &[&BASE_URL[..], &["--movie-ids", &taken.to_string()]].concat());
    let after = home.tree();
    assert!(before.iter().all(|(path, content)| after.get(path) == Some(content)), "{after:?}");
    assert!(after.len() > before.len());
}
