//! What no viewer notices rewrites nothing, and what he does notice is written, night by night. Which files have to change
//! is computed from the catalogue here.

#![expect(clippy::unwrap_used, reason = "a test plays the user")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use vod2strm_testkit::dispatcharr::{Dispatcharr, KEY};
use vod2strm_testkit::generate::{Size, small};
use vod2strm_testkit::home::{Home, number, text};
use vod2strm_testkit::nights::{Month, tenths};
use vod2strm_testkit::postgres::TestDatabase;
use vod2strm_testkit::schema::{Catalogue, Generation, MovieRelation};

const SIZE: Size = Size { movies: 60, series: 8, episodes_per_series: 8 };
const NIGHTS: i64 = 30;

fn new_home() -> Home {
    Home::in_memory(env!("CARGO_BIN_EXE_vod2strm"))
}

/// What a file is about: places of rows, which stay whatever the rows' ids.
#[derive(Clone, Copy, Debug)]
enum Subject {
    Movie(usize),
    Series(usize),
    Episode(usize),
    MovieStream(usize),
    EpisodeStream(usize),
}

/// What a viewer can notice of a file. The rating, in tenths, he notices from two tenths on.
#[derive(Clone, Debug, PartialEq)]
struct Noticed {
    values: Vec<Option<String>>,
    rating: Option<i64>,
}

impl Noticed {
    fn differs(&self, other: &Noticed) -> bool {
        let is_far = match (self.rating, other.rating) {
            (Some(one), Some(other)) => (one - other).abs() > 1,
            (one, other) => one != other,
        };
        self.values != other.values || is_far
    }
}

fn noticed(catalogue: &Catalogue, subject: Subject, base: &str) -> Noticed {
    let picture = |id: Option<i64>| {
        let logo = catalogue.logos.iter().find(|logo| Some(logo.id) == id)?;
        logo.url.split('?').next().map(str::to_owned)
    };
    let of = |values: &[Option<String>], rating: &Option<String>| Noticed {
        values: values.to_vec(),
        rating: tenths(rating),
    };
    let year = |year: Option<i32>| year.map(|year| year.to_string());
    match subject {
        Subject::Movie(at) => {
            let row = catalogue.movies[at].clone();
            let (year, picture) = (year(row.year), picture(row.logo_id));
            let values = [Some(row.name), row.description, year, row.tmdb_id, picture];
            of(&values, &row.rating)
        }
        Subject::Series(at) => {
            let row = catalogue.series[at].clone();
            let picture = picture(row.logo_id);
            of(&[Some(row.name), row.description, row.genre, picture], &row.rating)
        }
        Subject::Episode(at) => {
            let row = catalogue.episodes[at].clone();
            of(&[Some(row.name), row.description, row.air_date], &row.rating)
        }
        Subject::MovieStream(at) => {
            let row = &catalogue.movie_relations[at];
            of(&[Some(base.to_owned()), Some(row.stream_id.clone())], &None)
        }
        Subject::EpisodeStream(at) => {
            let row = &catalogue.episode_relations[at];
            of(&[Some(base.to_owned()), Some(row.stream_id.clone())], &None)
        }
    }
}

/// What each file of a fresh library is about, as its address says.
fn subjects(home: &Home, catalogue: &Catalogue) -> BTreeMap<String, Subject> {
    let mut subjects = BTreeMap::new();
    for (path, content) in home.tree().iter().filter(|(path, _)| path.ends_with(".strm")) {
        let address = text(content);
        let (_, query) = address.trim().split_once("?stream_id=").unwrap();
        let (stream, account) = query.split_once("&m3u_account_id=").unwrap();
        let account: i64 = account.parse().unwrap();
        let nfo = path.replace(".strm", ".nfo");
        if path.starts_with("Movies/") {
            let is_it = |row: &MovieRelation| row.account_id == account && row.stream_id == stream;
            let at = catalogue.movie_relations.iter().position(is_it).unwrap();
            let movie = catalogue.movie_relations[at].movie_id;
            let movie = catalogue.movies.iter().position(|row| row.id == movie).unwrap();
            subjects.insert(path.clone(), Subject::MovieStream(at));
            subjects.insert(nfo, Subject::Movie(movie));
        } else {
            let is_it = |row: &vod2strm_testkit::schema::EpisodeRelation| {
                row.account_id == account && row.stream_id == stream
            };
            let at = catalogue.episode_relations.iter().position(is_it).unwrap();
            let episode = catalogue.episode_relations[at].episode_id;
            let episode = catalogue.episodes.iter().position(|row| row.id == episode).unwrap();
            let series = catalogue.episodes[episode].series_id;
            let series = catalogue.series.iter().position(|row| row.id == series).unwrap();
            let folder = path.split('/').nth(1).unwrap();
            subjects.insert(path.clone(), Subject::EpisodeStream(at));
            subjects.insert(nfo, Subject::Episode(episode));
            subjects.insert(format!("TV/{folder}/tvshow.nfo"), Subject::Series(series));
        }
    }
    subjects
}

/// The files of a library, with what a write would change.
fn times(home: &Home) -> BTreeMap<String, (i64, i64, u64)> {
    let output = home.output();
    let name = |path: &Path| path.strip_prefix(&output).unwrap().to_str().unwrap().to_owned();
    let files = home.stamps().into_iter().filter(|(_, stamp)| !stamp.3);
    let files =
        files.map(|(path, (seconds, nanos, inode, _))| (name(&path), (seconds, nanos, inode)));
    files.filter(|(path, _)| !path.contains(".vod2strm")).collect()
}

fn changed(
    before: &BTreeMap<String, (i64, i64, u64)>,
    after: &BTreeMap<String, (i64, i64, u64)>,
) -> BTreeSet<String> {
    let paths = before.keys().chain(after.keys());
    paths.filter(|path| before.get(*path) != after.get(*path)).cloned().collect()
}

/// Rows are made anew and have other times.
fn put(database: &TestDatabase, catalogue: &Catalogue, night: i64) {
    database.clear();
    database.insert(catalogue);
    for table in ["vod_movie", "vod_series", "vod_episode"] {
        database.execute(&format!("UPDATE {table} SET created_at = now() + interval '{night} s'"));
    }
    for table in ["vod_m3umovierelation", "vod_m3useriesrelation", "vod_m3uepisoderelation"] {
        database.execute(&format!("UPDATE {table} SET last_seen = now()"));
    }
}

#[test]
fn in_a_month_of_nights_the_files_that_change_are_those_of_which_a_viewer_notices_something() {
    let database = TestDatabase::create(Generation::NEWEST);
    let home = new_home();
    let mut month = Month::new(21, SIZE);
    let generate = |base: &str| home.generate(&database.url(), &["--base-url", base]);
    let mut base = "http://d:9191";
    put(&database, &month.catalogue, 0);
    generate(base);
    let subjects = subjects(&home, &month.catalogue);
    let mut files = times(&home);
    assert_eq!(files.keys().collect::<Vec<_>>(), subjects.keys().collect::<Vec<_>>());
    let facts = |catalogue: &Catalogue, base: &str| -> BTreeMap<String, Noticed> {
        let of = |(path, subject): (&String, &Subject)| {
            (path.clone(), noticed(catalogue, *subject, base))
        };
        subjects.iter().map(of).collect()
    };
    let mut written = facts(&month.catalogue, base);
    let (mut quiet, mut changes) = (0, 0);
    for night in 1..=NIGHTS {
        month.pass();
        if night % 3 != 0 {
            month.change(6);
        }
        if night == 20 {
            base = "http://e:9191";
        }
        put(&database, &month.catalogue, night);
        let report = generate(base);
        let (now, today) = (times(&home), facts(&month.catalogue, base));
        let expected: BTreeSet<String> = today
            .iter()
            .filter(|(path, now)| now.differs(&written[*path]))
            .map(|(path, _)| path.clone())
            .collect();
        assert_eq!(changed(&files, &now), expected, "night {night}: {report:#}");
        if expected.is_empty() {
            quiet += 1;
            let changed = |kind: &str| number(&report, &format!("/titles/{kind}/changed"));
            assert_eq!((changed("movie"), changed("series")), (0, 0), "{report:#}");
        }
        changes += expected.len();
        for path in expected {
            let now = today[&path].clone();
            written.insert(path, now);
        }
        files = now;
    }
    assert!(quiet >= 9 && changes > 200, "{quiet} quiet nights, {changes} changes");
}

/// A library and its database, after a first run and one that finds nothing to do. How many statements such a run
/// takes.
fn quiet_library(generation: Generation, flags: &[&str]) -> (Home, TestDatabase, Month, u64) {
    let (home, database) = (new_home(), TestDatabase::create(generation));
    let month = Month::new(22, SIZE);
    put(&database, &month.catalogue, 0);
    home.generate(&database.url(), flags);
    put(&database, &month.catalogue, 1);
    let report = home.generate(&database.url(), flags);
    let statements = number(&report, "/sql_statements");
    (home, database, month, statements)
}

/// How many addresses a night of new UUIDs and ids changes, and how many more statements it takes than a quiet run.
fn remade(generation: Generation, flags: &[&str]) -> (usize, u64) {
    let (home, database, mut month, statements) = quiet_library(generation, flags);
    let before = times(&home);
    month.remake();
    put(&database, &month.catalogue, 2);
    let preview = home.generate(&database.url(), &[flags, &["--dry-run"]].concat());
    let report = home.generate(&database.url(), flags);
    let changed = changed(&before, &times(&home));
    assert!(changed.iter().all(|path| path.ends_with(".strm")), "{changed:?}");
    for kind in ["movie", "series"] {
        let path = format!("/titles/{kind}/changed");
        assert_eq!(number(&preview, &path), number(&report, &path), "{preview:#}");
        assert_eq!(number(&report, &path) == 0, changed.is_empty(), "{report:#}");
    }
    (changed.len(), number(&report, "/sql_statements") - statements)
}

#[test]
fn a_night_of_new_uuids_and_ids_reads_no_title() {
    assert_eq!(remade(Generation::V0_29, &[]), (0, 0));
    assert_eq!(remade(Generation::V0_29, &["--layout", "kodi"]), (0, 0));
}

/// Where an address has no account, or Dispatcharr may not find a stream by it, the UUID is what plays.
#[test]
fn a_uuid_that_plays_is_followed() {
    let all = |home: &Home| home.tree().keys().filter(|path| path.ends_with(".strm")).count();
    let strms = all(&quiet_library(Generation::V0_29, &[]).0);
    for flags in [&["--unpinned-urls"][..], &["--layout", "classic"]] {
        let (changed, _) = remade(Generation::V0_29, flags);
        assert!(changed >= strms, "{flags:?}: {changed} of {strms}");
    }
    for generation in [Generation::V0_12, Generation::V0_20] {
        assert_eq!(remade(generation, &[]).0, strms, "{generation:?}");
    }
}

/// Where the tables do not tell the version, the API does; one that is away has the version that it had.
#[test]
fn the_api_tells_whether_a_uuid_is_followed() {
    let (home, database) = (new_home(), TestDatabase::create(Generation::V0_20));
    let mut month = Month::new(23, SIZE);
    put(&database, &month.catalogue, 0);
    let mut api = Dispatcharr::start(&database.url());
    api.tell_version("0.25.1");
    let url = api.url().to_owned();
    let flags = ["--api-url", &url, "--api-key", KEY];
    home.generate(&database.url(), &flags);
    let night = |month: &mut Month| {
        let before = times(&home);
        month.remake();
        put(&database, &month.catalogue, 2);
        let report = home.generate(&database.url(), &flags);
        (changed(&before, &times(&home)).len(), report["warnings"].clone())
    };
    assert!(night(&mut month).0 > 0, "0.25 plays by the UUID");
    api.tell_version("0.26.0");
    assert_eq!(night(&mut month).0, 0, "0.26 does not need it");
    api.die();
    let (changed, warnings) = night(&mut month);
    assert_eq!(changed, 0, "{warnings:#}");
}

/// The UUID goes in with what else changes in an address, and stays in one beside which an NFO changes.
#[test]
fn a_new_uuid_comes_with_the_next_change_of_its_address() {
    let (home, database, mut month, _) = quiet_library(Generation::NEWEST, &[]);
    let source = database.url();
    let strms = |home: &Home| -> BTreeMap<String, String> {
        let strm = home.tree().into_iter().filter(|(path, _)| path.ends_with(".strm"));
        strm.map(|(path, content)| (path, text(&content))).collect()
    };
    let before = strms(&home);
    month.remake();
    for movie in &mut month.catalogue.movies {
        movie.description = Some("Another plot.".to_owned());
    }
    put(&database, &month.catalogue, 2);
    let report = home.generate(&source, &[]);
    assert!(number(&report, "/titles/movie/changed") > 0, "{report:#}");
    assert_eq!(strms(&home), before);
    home.generate(&source, &["--strm-lines", "#EXTVLCOPT:network-caching=1"]);
    let after = strms(&home);
    let uuids: BTreeSet<&str> =
        month.catalogue.movies.iter().map(|row| row.uuid.as_str()).collect();
    let has_new = |(path, content): (&String, &String)| {
        !path.starts_with("Movies/") || uuids.iter().any(|uuid| content.contains(uuid))
    };
    assert!(after.iter().all(has_new), "{after:#?}");
    let report =
        home.generate(&source, &["--strm-lines", "#EXTVLCOPT:network-caching=1", "--full"]);
    assert!(report["files"]["written"].is_null(), "the ledger knows what is there: {report:#}");
}

/// A file goes on playing its stream after its UUID was left as it was, also when a better one comes.
#[test]
fn a_version_keeps_its_file_when_uuids_and_streams_come() {
    let (home, database, mut catalogue) =
        (new_home(), TestDatabase::create(Generation::NEWEST), small());
    let flags = ["--layout", "jellyfin", "--versions", "all"];
    put(&database, &catalogue, 0);
    home.generate(&database.url(), &flags);
    let of_heat = |home: &Home| -> BTreeMap<String, String> {
        let tree = home.tree().into_iter();
        let strms = tree.filter(|(path, _)| path.contains("Heat") && path.ends_with(".strm"));
        strms.map(|(path, content)| (path, text(&content))).collect()
    };
    let before = of_heat(&home);
    assert_eq!(before.len(), 2, "{before:#?}");
    for (night, stream) in [(1, None), (2, Some("50")), (3, Some("40"))] {
        for movie in &mut catalogue.movies {
            movie.uuid = format!("0000000{night}{}", &movie.uuid[8..]);
            movie.description = Some(format!("A plot of night {night}."));
        }
        if let Some(stream) = stream {
            let first = catalogue.movie_relations[0].clone();
            let (id, stream_id) = (900 + night, stream.to_owned());
            catalogue.movie_relations.push(MovieRelation { id, stream_id, ..first });
        }
        put(&database, &catalogue, night);
        home.generate(&database.url(), &flags);
        let after = of_heat(&home);
        assert_eq!(after.len(), 1 + usize::try_from(night).unwrap());
        for (path, content) in &before {
            assert_eq!(after.get(path), Some(content), "night {night}: {after:#?}");
        }
    }
}

/// What gets another name is told as that, whatever its UUID.
#[test]
fn a_file_that_is_renamed_after_a_night_of_new_uuids_is_told_as_renamed() {
    let report = |is_remade: bool, more: &[&str]| {
        let (home, database, mut month, _) = quiet_library(Generation::NEWEST, &[]);
        if is_remade {
            month.remake();
        }
        put(&database, &month.catalogue, 2);
        let flags = [&["--movie-file", "{title}", "--episode-file", "{title} {mark}"], more];
        home.generate(&database.url(), &flags.concat())["files"].clone()
    };
    for more in [&[][..], &["--dry-run"]] {
        let (plain, remade) = (report(false, more), report(true, more));
        // One has the name that it had, and is another address.
        let renamed = |files: &serde_json::Value| {
            (files["moved"].clone(), files["skipped"]["dry_run_move"].clone())
        };
        assert_eq!(renamed(&plain), renamed(&remade));
        assert_ne!(renamed(&plain), (serde_json::Value::Null, serde_json::Value::Null));
    }
}
