//! A run that is ended from outside: `kill -9` leaves nothing half-made, and the next run completes what is missing.
//! SIGTERM and SIGINT end the run in order.

#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test plays the user")]

use std::collections::BTreeMap;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use vod2strm_core::layout::Layout;
use vod2strm_core::policy::{NfoDetail, Policy, Versions};
use vod2strm_testkit::generate::{Catalogue, Size};
use vod2strm_testkit::home::{Home, grouped, layout_flags, number, text};
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

/// Empty folders that the user has made for titles, some with an empty season in it, and a playlist of these and
/// others.
fn users_folders(home: &Home) -> (String, Vec<String>) {
    let list = home.dir.path().join("list.m3u");
    let film = |n: u32| format!("#EXTINF:-1,Film {n} (2001)\nhttp://h/movie/u/p/{n}.mkv\n");
    let show = |n: u32| {
        let name = format!("Show {n} (2010) S01E01");
        format!("#EXTINF:-1 tvg-type=\"series\",{name}\nhttp://h/series/u/p/{n}.mkv\n")
    };
    let entries: String = (0..400).map(|n| film(n) + &show(n)).collect();
    std::fs::write(&list, format!("#EXTM3U\n{entries}")).unwrap();
    let theirs = |n| [format!("Movies/Film {n} (2001)"), format!("TV/Show {n} (2010)/Season 01")];
    let theirs: Vec<String> = (0..400).filter(|n| n % 4 == 0).flat_map(theirs).collect();
    for folder in &theirs {
        std::fs::create_dir_all(home.output().join(folder)).unwrap();
    }
    (list.to_str().unwrap().to_owned(), theirs)
}

/// A run that is killed while it writes into the user's empty folders does not make them ours.
#[test]
fn an_empty_folder_of_the_users_stays_theirs_when_the_first_run_is_killed() {
    let mut killed = 0;
    for wanted in [1, 10, 40, 100] {
        let home = Home::new(env!("CARGO_BIN_EXE_vod2strm"));
        let (source, theirs) = users_folders(&home);
        let output = home.output();
        let arguments = ["generate", "--source", &source, "--output", output.to_str().unwrap()];
        let mut run =
            home.command(&arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let is_written = |folder: &&String| output.join(folder).read_dir().unwrap().count() > 0;
        while theirs.iter().filter(is_written).count() < wanted && run.try_wait().unwrap().is_none()
        {
            std::thread::yield_now();
        }
        drop(run.kill());
        killed += usize::from(run.wait().unwrap().code().is_none());
        home.generate(&source, &[]);
        let flags = ["--layout", "jellyfin", "--relayout", "--cleanup", "apply", "--grace", "0"];
        home.generate(&source, &[&flags[..], &["--movie-folder", "{title} [{year}]"]].concat());
        home.generate(&source, &[&flags[..], &["--series-folder", "{title} [{year}]"]].concat());
        for folder in &theirs {
            assert!(is_written(&folder), "{folder} is left, at {wanted}");
        }
        let others = home.tree().keys().filter(|path| path.contains('[')).count();
        assert!(others > 400, "all else moves: {others}");
    }
    assert!(killed > 0, "every run was done before it was killed");
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
    let policy = Policy::new(Layout::standard(), BASE_URL.parse().unwrap());
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

/// What changes before each run that is killed: plots, the layout, NFOs, versions, an account, names.
fn change(round: usize, catalogue: &mut Catalogue, policy: &mut Policy) {
    match round % 7 {
        0 => {
            let plot = Some(format!("plot {round}"));
            catalogue.movies.iter_mut().for_each(|row| row.description.clone_from(&plot));
            catalogue.episodes.iter_mut().for_each(|row| row.description.clone_from(&plot));
        }
        1 | 4 => {
            policy.layout = match policy.layout.as_str() {
                "standard" => Layout::classic(),
                "classic" => grouped(),
                _ => Layout::standard(),
            }
        }
        2 => {
            policy.nfo = match policy.nfo {
                NfoDetail::Full => NfoDetail::Off,
                _ => NfoDetail::Full,
            }
        }
        3 => {
            let versions = [Versions::Best, Versions::Languages, Versions::All];
            policy.versions = versions[round / 7 % 3].into();
        }
        5 => catalogue.accounts[0].is_active ^= true,
        _ => {
            // A word, since another number in a name is another part, and so another work.
            let word = ["Red", "Blue", "Green"][round % 3];
            for row in catalogue.movies.iter_mut().filter(|row| row.id % 3 == 0) {
                row.name = format!("{} {word}", row.name.split(' ').next().unwrap_or_default());
            }
            for row in &mut catalogue.series {
                row.name = format!("Show {} {word}", row.id);
            }
        }
    }
}

fn flags(policy: &Policy) -> Vec<&str> {
    let mut flags = layout_flags(&policy.layout);
    flags.extend(["--base-url", BASE_URL, "--relayout"]);
    flags.extend(["--cleanup", "apply", "--grace", "0", "--allow-removals"]);
    flags.extend(["--nfo", policy.nfo.as_str()]);
    flags.extend(["--versions", policy.versions.movies.as_str()]);
    flags
}

/// Starts a run and kills it at this moment, wherever it is by then.
fn kill_after(home: &Home, source: &str, flags: &[&str], moment: Duration) {
    let (output, start) = (home.output(), Instant::now());
    let mut arguments = vec!["generate", "--source", source, "--output", output.to_str().unwrap()];
    arguments.extend(flags);
    let mut run =
        home.command(&arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    while start.elapsed() < moment && run.try_wait().unwrap().is_none() {
        std::thread::yield_now();
    }
    drop(run.kill());
    run.wait().unwrap();
}

/// A run that comes to its end. What no run before it has come to hold, it holds, and the next one lets go.
fn complete(home: &Home, source: &str, flags: &[&str]) -> serde_json::Value {
    match home.try_generate(source, flags) {
        (4, _) => home.generate(source, flags),
        (status, report) => {
            assert_eq!(status, 0, "{report:#}");
            report
        }
    }
}

/// Writing, replacing, renaming, moving and removing, each killed at a random moment, 56 times over.
#[test]
fn a_library_survives_being_killed_at_any_moment() {
    let size = Size { movies: 150, series: 12, episodes_per_series: 6 };
    let mut catalogue = Catalogue::generate(13, size, false);
    let database = TestDatabase::create(Generation::NEWEST);
    let mut policy = Policy::new(Layout::standard(), BASE_URL.parse().unwrap());
    database.insert(&catalogue);
    let home = Home::new(env!("CARGO_BIN_EXE_vod2strm"));
    let whole = Instant::now();
    home.generate(&database.url(), &flags(&policy));
    let whole = whole.elapsed();
    let strms = |tree: BTreeMap<String, Vec<u8>>| -> Vec<Vec<u8>> {
        let strms = tree.into_iter().filter(|(path, _)| path.ends_with(".strm"));
        let mut strms: Vec<Vec<u8>> = strms.map(|(_, content)| content).collect();
        strms.sort();
        strms
    };
    let mut theirs = Vec::new();
    let mut random = 0x2545_F491_4F6C_DD1D_u64;
    for round in 0..56 {
        random =
            random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let paths: Vec<String> = home.tree().into_keys().collect();
        let path = &paths[(random >> 33) as usize % paths.len()];
        let poster = home.output().join(path).with_file_name(format!("poster-{round}.jpg"));
        std::fs::write(poster, format!("picture {round}")).unwrap();
        theirs.push(format!("picture {round}").into_bytes());
        change(round, &mut catalogue, &mut policy);
        database.clear();
        database.insert(&catalogue);
        let part = u32::try_from(random >> 48).unwrap();
        kill_after(&home, &database.url(), &flags(&policy), whole * part / 65_536);
        let tree = home.tree();
        assert!(tree.values().all(|content| !content.is_empty()), "half-made");
        if round % 3 == 2 {
            let report = complete(&home, &database.url(), &flags(&policy));
            let mut ours = home.tree();
            ours.retain(|_, content| !theirs.contains(content));
            assert_eq!(strms(ours.clone()), strms(twin(&catalogue, &policy)), "{round}: {report}");
            let nfos = ours.keys().filter(|path| path.ends_with(".nfo")).count();
            assert_eq!(nfos, ours.len() - strms(ours).len(), "{round}");
            assert_eq!(nfos > 0, policy.nfo != NfoDetail::Off, "{round}");
        }
    }
    complete(&home, &database.url(), &flags(&policy));
    let contents: Vec<Vec<u8>> = home.tree().into_values().collect();
    assert!(theirs.iter().all(|picture| contents.contains(picture)), "a picture is lost");
    for left in ["staging", "moving"] {
        assert!(!home.output().join(".vod2strm").join(left).exists(), "{left} is cleared away");
    }
    let output = home.output();
    let verify = home.run(&["verify", "--full", "--output", output.to_str().unwrap()]);
    assert!(verify.status.success(), "{}", String::from_utf8_lossy(&verify.stdout));
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
        // An entry that the first run did not come to may be one with a title that it wrote.
        let known = ["unchanged", "changed"]
            .map(|what| rest["titles"]["movie"][what].as_u64().unwrap_or(0));
        assert_eq!(known[0] + known[1], written, "all that was written was recorded {rest:#}");
        assert!(known[0] > known[1], "{rest:#}");
        assert!(number(&rest, "/titles/movie/new") > 0, "it was interrupted before its end");
    }
}

/// A run at work, one that was cut off, and one that ended are told apart, with what was done.
#[test]
fn history_tells_a_run_at_work_from_one_that_was_cut_off() {
    let home = Home::new(env!("CARGO_BIN_EXE_vod2strm"));
    let list = home.dir.path().join("list.m3u");
    let entry = |film: u32| {
        format!("#EXTINF:-1,Film {film} of all (2001)\nhttp://h/movie/u/p/{film}.mkv\n")
    };
    std::fs::write(&list, format!("#EXTM3U\n{}", (0..30_000).map(entry).collect::<String>()))
        .unwrap();
    let (source, output) = (list.to_str().unwrap(), home.output());
    let output = output.to_str().unwrap();
    let arguments = ["generate", "--source", source, "--output", output];
    let mut run =
        home.command(&arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let said = |more: &[&str]| {
        let arguments = [&["history", "--json", "--output", output], more].concat();
        text(&home.run(&arguments).stdout)
    };
    // Something was recorded, and the run is at work still.
    while !said(&[]).contains("\"new\":") {
        assert!(run.try_wait().unwrap().is_none(), "it ended too soon: {}", said(&[]));
    }
    assert!(said(&[]).contains("\"state\":\"running\""), "{}", said(&[]));
    run.kill().unwrap();
    run.wait().unwrap();
    let cut_off = said(&[]);
    assert!(cut_off.contains("\"state\":\"cut off\"") && cut_off.contains("\"new\":"), "{cut_off}");
    std::fs::write(&list, format!("#EXTM3U\n{}", entry(1))).unwrap();
    assert!(home.run(&arguments).status.success());
    let (first, second) = (said(&[]), said(&["2"]));
    assert!(
        first.contains("\"state\":\"done\"") && first.contains("\"state\":\"cut off\""),
        "{first}"
    );
    assert!(second.starts_with("{") && second.contains("\"state\":\"done\""), "{second}");
}
