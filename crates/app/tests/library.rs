//! The main job on real parts: a real PostgreSQL, a real folder, the real binary.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a failure here is a failed test")]

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use vod2strm_core::layout::{Layout, TemplateKind};
use vod2strm_core::policy::{NfoDetail, Policy, Versions};
use vod2strm_testkit::generate::{Catalogue, Size, catalogues, small};
use vod2strm_testkit::home::{
    Home, assert_safe_paths, assert_same_tree, assert_well_formed, grouped, layout_flags, number,
    text,
};
use vod2strm_testkit::postgres::TestDatabase;
use vod2strm_testkit::readings::joined_shows;
use vod2strm_testkit::schema::Generation;
use vod2strm_testkit::servers::LibraryPaths;
use vod2strm_testkit::twin::twin;

const BASE_URL: &str = "http://dispatcharr:9191";

fn new_home() -> Home {
    Home::new(env!("CARGO_BIN_EXE_vod2strm"))
}

fn policy(layout: Layout, nfo: NfoDetail, versions: Versions, direct_urls: bool) -> Policy {
    let base_url = BASE_URL.parse().unwrap();
    Policy { direct_urls, nfo, versions: versions.into(), ..Policy::new(layout, base_url) }
}

fn flags(policy: &Policy) -> Vec<&str> {
    let mut flags = layout_flags(&policy.layout);
    flags.extend(["--base-url", BASE_URL]);
    flags.extend(["--nfo", policy.nfo.as_str()]);
    flags.extend((!policy.clean_names).then_some("--no-name-clean"));
    flags.extend(["--versions", policy.versions.movies.as_str()]);
    flags.extend(policy.direct_urls.then_some("--direct-urls"));
    flags
}

fn database(catalogue: &Catalogue) -> TestDatabase {
    let database = TestDatabase::create(Generation::NEWEST);
    database.insert(catalogue);
    database
}

fn assert_equals_twin(home: &Home, catalogue: &Catalogue, policy: &Policy) {
    let (tree, expected) = (home.tree(), twin(catalogue, policy));
    assert_same_tree(&tree, &expected);
    assert_servers_understand(&tree, policy);
}

/// What the media servers' own rules make of the tree. The classic layout has the plugin's names, traps
/// included.
fn assert_servers_understand(tree: &vod2strm_testkit::twin::FileTree, policy: &Policy) {
    if policy.layout.is_classic() {
        return;
    }
    let library = LibraryPaths::of(tree.keys());
    library.assert_understood();
    library.assert_episodes_are_numbered();
    if policy.layout.template(TemplateKind::MovieFile).as_str() == "{folder}" {
        library.assert_versions_are_grouped();
        library.assert_labels_are_labels();
    }
    if policy.nfo != NfoDetail::Off {
        library.assert_nfos_are_paired();
        assert_eq!(joined_shows(tree), [], "a server makes one show of two");
    }
}

/// Both layouts, and every combination of the switches that shape a library.
#[test]
fn the_tree_equals_the_naive_twins_over_random_catalogues() {
    let database = TestDatabase::create(Generation::NEWEST);
    let nfo_details = prop::sample::select(&NfoDetail::ALL[..]);
    let switches =
        (nfo_details, prop::sample::select(&Versions::ALL[..]), any::<bool>(), any::<bool>());
    let mut runner =
        TestRunner::new(Config { cases: 40, failure_persistence: None, ..Config::default() });
    runner
        .run(
            &(catalogues(), switches),
            |(mut catalogue, (nfo, versions, direct_urls, clean_names))| {
                if versions == Versions::Best {
                    catalogue.name_series_alike();
                }
                database.clear();
                database.insert(&catalogue);
                for layout in [Layout::standard(), Layout::classic(), grouped()] {
                    if layout.is_classic() && nfo == NfoDetail::Ids {
                        continue;
                    }
                    let policy = policy(layout, nfo, versions, direct_urls);
                    let policy = Policy { clean_names, ..policy };
                    let home = new_home();
                    home.generate(&database.url(), &flags(&policy));
                    assert_equals_twin(&home, &catalogue, &policy);
                    assert_safe_paths(home.tree().keys());
                }
                Ok(())
            },
        )
        .unwrap();
}

#[test]
fn a_nasty_catalogue_becomes_a_library_that_every_server_can_read() {
    let size = Size { movies: 400, series: 40, episodes_per_series: 12 };
    let catalogue = Catalogue::generate(7, size, true);
    let database = database(&catalogue);
    for layout in Layout::all().iter().cloned().chain([grouped()]) {
        let (home, policy) = (new_home(), policy(layout, NfoDetail::Full, Versions::All, false));
        home.generate(&database.url(), &flags(&policy));
        let tree = home.tree();
        assert_equals_twin(&home, &catalogue, &policy);
        assert_safe_paths(tree.keys());
        for (path, content) in &tree {
            match path.rsplit('.').next() {
                Some("nfo") => assert_well_formed(path, content),
                Some("strm") => {
                    let line = text(content);
                    assert!(
                        line.starts_with("http://dispatcharr:9191/proxy/vod/"),
                        "{path}: {line}"
                    );
                    assert!(
                        line.is_ascii() && line.lines().count() == 1 && line.ends_with('\n'),
                        "{path}"
                    );
                    assert!(!line.trim_end().contains([' ', '|', '"']), "{path}: {line}");
                }
                _ => panic!("what is {path}?"),
            }
        }
    }
}

#[test]
fn every_generation_of_the_schema_gives_the_same_library() {
    let catalogue = small();
    let policy = policy(Layout::standard(), NfoDetail::Full, Versions::Best, false);
    for generation in Generation::ALL {
        let database = TestDatabase::create(generation);
        database.insert(&catalogue);
        let home = new_home();
        home.generate(&database.url(), &flags(&policy));
        assert_equals_twin(&home, &catalogue, &policy);
    }
}

/// It drives "recently added": a row that is made anew is nothing new to people.
#[test]
fn the_date_added_is_written_once() {
    let database = database(&small());
    let home = new_home();
    home.generate(&database.url(), &["--base-url", BASE_URL]);
    let nfo = "Movies/Heat (1995)/Heat (1995).nfo";
    assert!(text(&home.tree()[nfo]).contains("<dateadded>2026-01-01 00:00:00</dateadded>"));
    let before = home.stamps();
    database.execute("UPDATE vod_movie SET created_at = now()");
    let report = home.generate(&database.url(), &["--base-url", BASE_URL]);
    assert_eq!(number(&report, "/titles/movie/changed"), 0, "{report}");
    assert!(number(&report, "/titles/movie/unchanged") > 0, "{report}");
    assert_eq!(home.stamps(), before, "{report}");
}

#[test]
fn an_unchanged_run_writes_nothing_and_asks_nothing_per_title() {
    let database = database(&Catalogue::generate(
        3,
        Size { movies: 300, series: 30, episodes_per_series: 10 },
        true,
    ));
    let home = new_home();
    let first = home.generate(&database.url(), &["--base-url", BASE_URL]);
    assert!(number(&first, "/files/written/created") > 600, "{first}");
    let before = home.stamps();

    let second = home.generate(&database.url(), &["--base-url", BASE_URL]);
    assert_eq!(home.stamps(), before, "nothing below the output folder was touched");
    assert_eq!(second["files"], serde_json::json!({}));
    for call in ["dirs", "writes", "renames", "removals", "syncs"] {
        assert_eq!(number(&second, &format!("/file_system_calls/{call}")), 0, "{call}");
    }
    assert_eq!(number(&second, "/titles/movie/changed"), 0);
    assert_eq!(number(&second, "/titles/movie/unchanged"), number(&first, "/titles/movie/new"));
}

/// Where no state folder can be made the ledger is in the library: then its own folder is all that changes.
#[test]
#[expect(clippy::disallowed_methods, reason = "a test's own file")]
fn with_its_ledger_inside_an_unchanged_run_writes_to_its_own_folder_alone() {
    let size = Size { movies: 20, series: 3, episodes_per_series: 4 };
    let database = database(&Catalogue::generate(3, size, false));
    let home = new_home();
    std::fs::write(home.dir.path().join(".local"), "no folder").unwrap();
    home.generate(&database.url(), &["--base-url", BASE_URL]);
    assert!(home.output().join(".vod2strm/ledger.sqlite").exists());
    let stamps = || {
        let mut stamps = home.stamps();
        stamps.retain(|path, _| !path.starts_with(home.output().join(".vod2strm")));
        stamps
    };
    let before = stamps();
    let second = home.generate(&database.url(), &["--base-url", BASE_URL]);
    assert_eq!((stamps(), &second["files"]), (before, &serde_json::json!({})));
}

/// Counts, not seconds: what a run of unchanged titles costs does not depend on their number.
#[test]
fn statements_and_calls_are_the_same_for_100_and_for_10_000_unchanged_titles() {
    let costs = [100, 10_000].map(|titles| {
        let size = Size { movies: titles * 4 / 5, series: titles / 5, episodes_per_series: 2 };
        let database = database(&Catalogue::generate(5, size, false));
        let home = new_home();
        // A session at work for all that time: one that is idle lets the run ask for the counters, too.
        database.execute("BEGIN");
        home.generate(&database.url(), &["--base-url", BASE_URL]);
        let report = home.generate(&database.url(), &["--base-url", BASE_URL]);
        let unchanged = number(&report, "/titles/movie/unchanged")
            + number(&report, "/titles/series/unchanged");
        assert!(unchanged > titles as u64 / 2, "{report}");
        let mut calls = report["file_system_calls"].clone();
        let folders = home.stamps().values().filter(|(.., is_dir)| *is_dir).count() as u64;
        // One question a folder: all but the output folder's Movies and TV, and our own.
        assert_eq!(calls["stats"].as_u64(), Some(folders - 3), "{report}");
        calls["stats"] = 0.into();
        (number(&report, "/sql_statements"), calls)
    });
    assert_eq!(costs[0], costs[1]);
    assert!(costs[0].0 <= 12, "{costs:?}");
}

#[test]
fn one_changed_title_costs_one_write_and_keeps_its_path() {
    let catalogue = small();
    let database = database(&catalogue);
    let home = new_home();
    home.generate(&database.url(), &["--base-url", BASE_URL]);
    let before = home.stamps();
    let id = catalogue.movies[0].id;
    database.execute(&format!(
        "UPDATE vod_movie SET description = 'Another plot', name = 'Renamed' WHERE id = {id}"
    ));

    let report = home.generate(&database.url(), &["--base-url", BASE_URL]);
    assert_eq!(number(&report, "/titles/movie/changed"), 1);
    assert_eq!(report["files"]["written"], serde_json::json!({ "created": 0, "updated": 1 }));
    let after = home.stamps();
    let changed: Vec<_> = after
        .iter()
        .filter(|(path, stamp)| before.get(*path) != Some(stamp))
        .map(|(path, _)| path.strip_prefix(home.output()).unwrap())
        .filter(|path| !path.starts_with(".vod2strm") && path.extension().is_some())
        .collect();
    assert_eq!(changed.len(), 1, "{changed:?}");
    let nfo = text(&std::fs::read(home.output().join(changed[0])).unwrap());
    assert!(nfo.contains("Another plot") && nfo.contains("<title>Renamed</title>"), "{nfo}");
    assert_eq!(before.len(), after.len(), "no path came or went");
}

#[test]
fn rows_that_were_re_created_keep_their_folders() {
    let catalogue = small();
    let database = database(&catalogue);
    let home = new_home();
    home.generate(&database.url(), &["--base-url", BASE_URL]);
    let before = home.tree();
    // As Dispatcharr does over night: new ids, new UUIDs, the same streams.
    let mut reborn = catalogue;
    for movie in &mut reborn.movies {
        movie.id += 1_000;
        movie.uuid = movie.uuid.replacen(&movie.uuid[..8], &format!("{:08x}", movie.id), 1);
    }
    for relation in &mut reborn.movie_relations {
        relation.movie_id += 1_000;
    }
    database.clear();
    database.insert(&reborn);

    let report = home.generate(&database.url(), &["--base-url", BASE_URL]);
    assert_eq!(number(&report, "/titles/movie/new"), 0, "{report}");
    assert_eq!(number(&report, "/titles/movie/absent"), 0, "{report}");
    let after = home.tree();
    assert_eq!(before, after, "their addresses play whatever UUID they have");
}

#[test]
fn titles_with_one_name_never_share_a_path_and_keep_it() {
    let mut catalogue = small();
    let name = catalogue.movies[0].name.clone();
    let year = catalogue.movies[0].year;
    for (n, movie) in catalogue.movies.iter_mut().enumerate() {
        movie.name = if n % 2 == 0 { name.to_uppercase() } else { name.to_lowercase() };
        movie.year = year;
        movie.tmdb_id = Some((9_000 + n).to_string());
    }
    let database = database(&catalogue);
    let home = new_home();
    home.generate(&database.url(), &["--base-url", BASE_URL]);
    let before = home.tree();
    assert_safe_paths(before.keys());
    // The first one leaves: nobody may move up into its place.
    let first = catalogue.movies[0].id;
    database.execute(&format!("DELETE FROM vod_m3umovierelation WHERE movie_id = {first}"));
    database.execute("UPDATE vod_movie SET description = 'new plot'");
    home.generate(&database.url(), &["--base-url", BASE_URL]);
    assert!(before.keys().eq(home.tree().keys()));
}

#[test]
fn a_dry_run_says_what_a_run_does_and_writes_nothing_at_all() {
    let database = database(&small());
    let home = new_home();
    let dry = home.generate(&database.url(), &["--dry-run", "--base-url", BASE_URL]);
    assert_eq!(
        std::fs::read_dir(home.dir.path()).unwrap().count(),
        0,
        "no output, no ledger, nothing"
    );
    let real = home.generate(&database.url(), &["--base-url", BASE_URL]);
    assert_eq!(
        number(&dry, "/files/skipped/dry_run_create"),
        number(&real, "/files/written/created")
    );
    assert_eq!(dry["titles"], real["titles"]);

    database.execute("UPDATE vod_series SET description = 'new plot'");
    let before = home.stamps();
    let dry = home.generate(&database.url(), &["--dry-run", "--base-url", BASE_URL]);
    assert_eq!(home.stamps(), before);
    let real = home.generate(&database.url(), &["--base-url", BASE_URL]);
    assert!(number(&real, "/files/written/updated") > 0);
    assert_eq!(
        number(&dry, "/files/skipped/dry_run_update"),
        number(&real, "/files/written/updated")
    );
}

#[test]
fn movies_series_and_ids_narrow_a_run() {
    let catalogue = small();
    let database = database(&catalogue);
    let home = new_home();
    home.generate(&database.url(), &["movies", "--base-url", BASE_URL]);
    assert!(home.tree().keys().all(|path| path.starts_with("Movies/")));
    let before = home.tree();
    let report = home.generate(&database.url(), &["series", "--base-url", BASE_URL]);
    assert_eq!(number(&report, "/titles/movie/absent"), 0, "what was not asked for is not missing");
    assert!(home.tree().len() > before.len());

    let other = new_home();
    let id = catalogue.movies[1].id.to_string();
    let report =
        other.generate(&database.url(), &["movies", "--movie-ids", &id, "--base-url", BASE_URL]);
    assert_eq!(number(&report, "/titles/movie/new"), 1, "{report}");
    assert!(!report["warnings"].to_string().contains("movie_ids"), "{report}");
    let ids = format!("{id},987654");
    let report = other.generate(
        &database.url(),
        &["movies", "--movie-ids", &ids, "--base-url", BASE_URL, "--dry-run"],
    );
    assert!(report["warnings"].to_string().contains("movie_ids: 987654: nothing"), "{report}");
}

#[test]
fn what_the_user_has_put_there_stays() {
    let database = database(&small());
    let home = new_home();
    home.generate(&database.url(), &["--base-url", BASE_URL]);
    let (nfo, _) = home.tree().into_iter().find(|(path, _)| path.ends_with("tvshow.nfo")).unwrap();
    let (strm, _) = home.tree().into_iter().find(|(path, _)| path.ends_with(".strm")).unwrap();
    let folder = home.output().join(&strm).parent().unwrap().to_owned();
    let poster = folder.join("poster.jpg");
    write(&home.output().join(&nfo), "<tvshow><title>Mine</title></tvshow>");
    write(&poster, "a picture");
    write(&home.output().join(&strm), "http://elsewhere/\n");
    database.execute("UPDATE vod_series SET description = 'new plot'");

    let report = home.generate(&database.url(), &["--base-url", "http://moved:9191"]);
    assert_eq!(text(&home.tree()[&nfo]), "<tvshow><title>Mine</title></tvshow>");
    assert_eq!(number(&report, "/files/skipped/user_edited"), 1, "{report}");
    assert!(poster.exists());
    assert!(text(&home.tree()[&strm]).starts_with("http://moved:9191/"), "a .strm is ours");
}

#[test]
fn a_foreign_file_in_the_way_is_reported_and_not_touched() {
    let catalogue = small();
    let database = database(&catalogue);
    let probe = new_home();
    probe.generate(&database.url(), &["movies", "--base-url", BASE_URL]);
    let path = probe.tree().keys().find(|path| path.ends_with(".nfo")).unwrap().clone();

    let home = new_home();
    let foreign = home.output().join(&path);
    std::fs::create_dir_all(foreign.parent().unwrap()).unwrap();
    write(&foreign, "not yours");
    let output = home.output();
    let url = database.url();
    let arguments = [
        "generate",
        "movies",
        "--source",
        &url,
        "--base-url",
        BASE_URL,
        "--output",
        output.to_str().unwrap(),
    ];
    for _ in 0..2 {
        let done = home.run(&arguments);
        assert_eq!(done.status.code(), Some(3), "{}", text(&done.stderr));
        let said = text(&done.stdout);
        assert!(
            said.contains("1 title FAILED") && said.contains("not ours") && said.contains(&path),
            "{said}"
        );
        assert_eq!(std::fs::read(&foreign).unwrap(), b"not yours");
        assert_eq!(home.tree().len(), probe.tree().len(), "all others are there");
    }
    remove(&foreign);
    assert!(home.run(&arguments).status.success());
    assert_eq!(home.tree(), probe.tree());
}

#[test]
fn the_report_has_the_originals_columns_and_a_row_per_file() {
    let database = database(&small());
    let home = new_home();
    let csv = home.dir.path().join("reports/run.csv");
    home.generate(&database.url(), &["--base-url", BASE_URL, "--report", csv.to_str().unwrap()]);
    let mut reader = csv::Reader::from_path(&csv).unwrap();
    let header: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    assert_eq!(
        header.join(","),
        "type,series_name,season,title,year,db_uuid,strm_path,nfo_path,action,reason"
    );
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let created: Vec<String> = rows
        .iter()
        .filter(|row| &row[8] == "written" && &row[9] == "created")
        .map(|row| format!("{}{}", &row[6], &row[7]))
        .collect();
    let mut sorted = created.clone();
    sorted.sort();
    assert_eq!(sorted, home.tree().into_keys().collect::<Vec<_>>());
    assert!(
        rows.iter().any(|row| &row[0] == "episode" && !row[1].is_empty() && !row[5].is_empty())
    );
}

#[expect(clippy::disallowed_methods, reason = "a user's own file")]
fn write(path: &std::path::Path, content: &str) {
    std::fs::write(path, content).expect("the folder exists");
}

#[expect(clippy::disallowed_methods, reason = "a user's own file")]
fn remove(path: &std::path::Path) {
    std::fs::remove_file(path).expect("the file exists");
}
