//! Why a title is in the library, or not: for each title the fact that decides, whatever the source.

#![expect(clippy::unwrap_used, reason = "a test plays the user")]

use serde_json::Value;
use vod2strm_testkit::generate::{Catalogue, Movie, MovieRelation, small};
use vod2strm_testkit::home::{Home, text};
use vod2strm_testkit::postgres::TestDatabase;
use vod2strm_testkit::schema::Generation;

fn new_home() -> Home {
    Home::new(env!("CARGO_BIN_EXE_vod2strm"))
}

/// Exit status and standard output of `why`; what goes to standard error besides.
fn asked(home: &Home, source: &str, query: &str, more: &[&str]) -> (i32, String, String) {
    let output = home.output();
    let place = ["--source", source, "--output", output.to_str().unwrap()];
    let done = home.run(&[&["why", query], &place[..], more].concat());
    (done.status.code().unwrap(), text(&done.stdout), text(&done.stderr))
}

fn why(home: &Home, source: &str, query: &str, more: &[&str]) -> Value {
    let (status, said, errors) = asked(home, source, query, &[more, &["--json"]].concat());
    assert_eq!(status, 0, "{query}: {said} {errors}");
    serde_json::from_str(&said).unwrap()
}

/// What is told of the one title that a query finds: verdict, reason, and what decides.
fn fact(answer: &Value) -> [String; 3] {
    let titles = answer["titles"].as_array().unwrap();
    assert_eq!(titles.len(), 1, "{answer:#}");
    ["verdict", "reason", "because"]
        .map(|key| titles[0][key].as_str().unwrap_or_default().to_owned())
}

/// Each query finds one title, for which just this is told; `…` stands for what differs from run to run.
fn assert_facts(home: &Home, source: &str, more: &[&str], facts: &[(&str, &str, &str, &str)]) {
    for (query, verdict, reason, because) in facts {
        let [is_verdict, is_reason, is_because] = fact(&why(home, source, query, more));
        assert_eq!((is_verdict.as_str(), is_reason.as_str()), (*verdict, *reason), "{query}");
        let parts: Vec<&str> = because.split('…').collect();
        let fits = parts.iter().all(|part| is_because.contains(part));
        assert!(fits && (parts.len() > 1 || is_because == *because), "{query}: {is_because}");
    }
}

/// The small catalogue with further movies, each offered by Alpha unless it is by nobody.
fn catalogue(further: &[(i64, &str, i32)]) -> Catalogue {
    let mut all = small();
    for (id, name, year) in further {
        let movie = all.movies[1].clone();
        let uuid = format!("00000001-0000-4000-8000-{id:012}");
        all.movies.push(Movie {
            id: *id,
            uuid,
            name: (*name).to_owned(),
            year: Some(*year),
            ..movie
        });
        if !name.contains("Nobody") {
            let stream = all.movie_relations[0].clone();
            let stream_id = format!("1{id:03}");
            all.offer_movie(*id, MovieRelation { stream_id, ..stream });
        }
    }
    all
}

const FURTHER: [(i64, &str, i32); 13] = [
    (7, "Nobody's Child", 1990),
    (8, "EN - Newest (2020)", 2020),
    (9, "Picked", 2021),
    (10, "|FR| Vanished (1991) 4K", 1991),
    (11, "Removed", 1992),
    (12, "Twins", 1988),
    (13, "Twins", 1989),
    (14, "Blocked Way", 1993),
    (15, "Amélie", 2001),
    (16, "Plain", 1981),
    (17, "Simple", 1982),
    (18, "Usual", 1983),
    (19, "Common", 1984),
];

const CHOICE: [&str; 6] = [
    "--filter",
    "(year < 2015 or kind == series) and account != Nowhere",
    "--block",
    "name:Solaris",
    "--pick",
    "movie:name:picked (2021)",
];

/// A library made of the database, from which some titles have gone since, and one cannot be written.
fn grown(database: &TestDatabase) -> Home {
    database.insert(&catalogue(&FURTHER));
    let home = new_home();
    let flags = [&CHOICE[..], &["--base-url", "http://d:9191", "--cleanup", "apply"]].concat();
    let run = |more: &[&str]| home.try_generate(&database.url(), &[&flags[..], more].concat()).0;
    let way = home.output().join("Movies/Blocked Way (1993)/Blocked Way (1993).strm");
    std::fs::create_dir_all(way).unwrap();
    assert_eq!(run(&[]), 3, "one failed");
    let gone = |id: i64| {
        format!(
            "DELETE FROM vod_m3umovierelation WHERE movie_id = {id}; DELETE FROM vod_movie WHERE id = {id}"
        )
    };
    database.execute(&gone(11));
    assert_eq!(run(&["--grace", "0"]), 3);
    database.execute(&gone(10));
    run(&["--grace", "5"]);
    run(&["--grace", "5"]);
    database.execute(
        "INSERT INTO vod_movie SELECT (jsonb_populate_record(m, jsonb_build_object('id', 99, 'name', 'EN - Late (2003)',
             'year', 2003, 'uuid', gen_random_uuid(), 'tmdb_id', NULL, 'imdb_id', NULL))).*
         FROM vod_movie m WHERE id = 2;
         INSERT INTO vod_m3umovierelation SELECT (jsonb_populate_record(r, jsonb_build_object('id', 999,
             'movie_id', 99, 'stream_id', '9999', 'uuid', gen_random_uuid()))).*
         FROM vod_m3umovierelation r WHERE movie_id = 2",
    );
    home
}

/// Twenty titles of a database.
#[test]
fn each_title_of_a_database_has_its_deciding_fact() {
    let database = TestDatabase::create(Generation::NEWEST);
    let home = grown(&database);
    let url = database.url();
    let filter = "the filter: (year < 2015 or kind == series)";
    let facts = [
        ("heat", "in_library", "", "Movies/Heat (1995)"),
        ("imdb:tt0113277", "in_library", "", "Movies/Heat (1995)"),
        ("tmdb:949", "in_library", "", "Movies/Heat (1995)"),
        ("name:HEAT (1995)", "in_library", "", "Movies/Heat (1995)"),
        ("Alien (1979)", "in_library", "", "Movies/Alien (1979)"),
        ("AMELIE", "in_library", "", "Movies/Amélie (2001)"),
        ("series:dark", "in_library", "", "TV/Dark (2017)"),
        ("nemo", "left_out", "category_off", "it is in disabled categories alone, on Alpha"),
        (
            "gone",
            "left_out",
            "account_off",
            "only provider accounts that are switched off offer it: Gamma",
        ),
        ("nobodys child", "left_out", "no_stream", "no provider account offers it"),
        ("solaris", "left_out", "filtered", "block: name:Solaris"),
        ("untitled", "left_out", "filtered", filter),
        ("newest 2020", "left_out", "filtered", filter),
        ("picked", "in_library", "", "Movies/Picked (2021)"),
        (
            "silent",
            "left_out",
            "no_episodes",
            "the source has no episode of it; vod2strm refresh has them fetched",
        ),
        (
            "vanished",
            "missing",
            "",
            "complete runs have not found it in the source…at least since…",
        ),
        ("removed", "removed", "", "its files were removed on…"),
        ("Twins (1988)", "in_library", "", "Movies/Twins (1988)"),
        ("blocked way", "failed", "", "a file that is not ours is in the way"),
        ("late", "to_be_written", "", "the next generate writes it to Movies/Late (2003)"),
    ];
    let flags = [&CHOICE[..], &["--base-url", "http://d:9191"]].concat();
    assert_facts(&home, &url, &flags, &facts);
    let narrow = [&flags[..], &["--movie-ids", "2"]].concat();
    let asked =
        [("heat", "left_out", "not_asked", "movie_ids has other ids alone…its files stay…")];
    assert_facts(&home, &url, &narrow, &asked);
    let twins = why(&home, &url, "twins", &flags);
    let names: Vec<&Value> =
        twins["titles"].as_array().unwrap().iter().map(|it| &it["year"]).collect();
    assert_eq!(names, [1988, 1989], "{twins:#}");
}
