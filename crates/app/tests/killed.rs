//! A run that is ended from outside: `kill -9` leaves nothing half-made, and the next run makes it good;
//! SIGTERM and SIGINT end it in order.

#![expect(clippy::unwrap_used, reason = "a failure here is a failed test")]

use std::process::{Child, Command, Stdio};

use vod2strm_core::policy::{Layout, Policy};
use vod2strm_testkit::generate::{Catalogue, Size};
use vod2strm_testkit::home::{Home, number};
use vod2strm_testkit::postgres::TestDatabase;
use vod2strm_testkit::schema::Generation;
use vod2strm_testkit::twin::twin;

const BASE_URL: &str = "http://dispatcharr:9191";

fn titles(home: &Home) -> usize {
    ["Movies", "TV"]
        .iter()
        .filter_map(|root| std::fs::read_dir(home.output().join(root)).ok())
        .map(Iterator::count)
        .sum()
}

/// Starts a run and kills it as soon as it has made this many titles; it may be done before.
fn kill_at(home: &Home, source: &str, wanted: usize) {
    let mut run = start_until(home, source, wanted);
    drop(run.kill());
    run.wait().unwrap();
}

/// Starts a run, and gives it when it has made this many titles.
fn start_until(home: &Home, source: &str, wanted: usize) -> Child {
    let output = home.output();
    let arguments = [
        "generate",
        "--json",
        "--source",
        source,
        "--base-url",
        BASE_URL,
        "--output",
        output.to_str().unwrap(),
    ];
    let mut run =
        home.command(&arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    while titles(home) < wanted && run.try_wait().unwrap().is_none() {
        std::thread::yield_now();
    }
    run
}

#[test]
fn a_run_that_is_killed_is_made_good_by_the_next() {
    let size = Size { movies: 500, series: 60, episodes_per_series: 6 };
    let mut catalogue = Catalogue::generate(11, size, true);
    let database = TestDatabase::create(Generation::NEWEST);
    database.insert(&catalogue);
    let policy = Policy {
        layout: Layout::Standard,
        base_url: BASE_URL.parse().unwrap(),
        direct_urls: false,
        nfo: true,
        multi_provider: false,
    };
    let home = Home::new(env!("CARGO_BIN_EXE_vod2strm"));
    let expected = twin(&catalogue, &policy).len();
    assert!(expected > 500);
    for step in 1..=12 {
        kill_at(&home, &database.url(), step * 30);
        for (path, content) in home.tree() {
            assert!(!content.is_empty(), "half-made: {path}");
            if let Some(stem) = path.strip_suffix(".strm") {
                assert!(
                    home.tree().contains_key(&format!("{stem}.nfo")),
                    "without its NFO: {path}"
                );
            }
        }
        // The catalogue does not wait: what was written and not recorded is out of date by now.
        database.execute(&format!("UPDATE vod_movie SET description = 'plot {step}'"));
        catalogue
            .movies
            .iter_mut()
            .for_each(|movie| movie.description = Some(format!("plot {step}")));
    }
    let report = home.generate(&database.url(), &["--base-url", BASE_URL]);
    assert_eq!(number(&report, "/problem_count"), 0, "{report}");
    let (tree, expected) = (home.tree(), twin(&catalogue, &policy));
    assert!(tree.keys().eq(expected.keys()), "nothing is missing, nothing is left over");
    for (path, content) in &expected {
        assert_eq!(tree[path], *content, "{path}");
    }
    assert!(!home.output().join(".vod2strm/staging").exists(), "staging is cleared away");
}

#[test]
fn a_signal_ends_the_run_in_order_and_the_next_does_the_rest() {
    let catalogue =
        Catalogue::generate(12, Size { movies: 2_000, series: 0, episodes_per_series: 1 }, false);
    let database = TestDatabase::create(Generation::NEWEST);
    database.insert(&catalogue);
    for signal in ["TERM", "INT"] {
        let home = Home::new(env!("CARGO_BIN_EXE_vod2strm"));
        let run = start_until(&home, &database.url(), 20);
        let id = run.id().to_string();
        assert!(Command::new("kill").args(["-s", signal, &id]).status().unwrap().success());
        let done = run.wait_with_output().unwrap();
        assert_eq!(done.status.code(), Some(1), "{signal}");
        let report: serde_json::Value = serde_json::from_slice(&done.stdout)
            .unwrap_or_else(|_| panic!("{signal}: {}", String::from_utf8_lossy(&done.stderr)));
        assert!(report["warnings"].to_string().contains("interrupted"), "{report}");
        let written = number(&report, "/titles/movie/new");
        assert_eq!(written, titles(&home) as u64, "the report tells what is there");
        assert!(!home.output().join(".vod2strm/staging").exists());

        let rest = home.generate(&database.url(), &["--base-url", BASE_URL]);
        assert_eq!(
            number(&rest, "/titles/movie/unchanged"),
            written,
            "all that was written was recorded"
        );
        assert!(number(&rest, "/titles/movie/new") > 0, "it was interrupted before its end");
    }
}
