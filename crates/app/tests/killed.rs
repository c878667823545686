//! `kill -9` in the middle of a run: nothing half-made is visible, and the next run makes it good.

#![expect(clippy::unwrap_used, reason = "a failure here is a failed test")]

use std::process::Stdio;

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
    let output = home.output();
    let arguments = [
        "generate",
        "--source",
        source,
        "--base-url",
        BASE_URL,
        "--output",
        output.to_str().unwrap(),
    ];
    let mut run =
        home.command(&arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    while titles(home) < wanted && run.try_wait().unwrap().is_none() {
        std::thread::yield_now();
    }
    drop(run.kill());
    run.wait().unwrap();
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
