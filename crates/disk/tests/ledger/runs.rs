//! Runs, what they did to titles, and what was fetched.

use std::collections::BTreeMap;

use vod2strm_core::event::TitleOutcome;
use vod2strm_core::hash::Fingerprint;
use vod2strm_core::identity::known::TitleId;
use vod2strm_core::model::media::Kind::Movie;
use vod2strm_core::model::media::Stream;
use vod2strm_core::pace::due::Fetched;
use vod2strm_core::plan::settle::TitleRecord;
use vod2strm_core::removal::record::Completed;
use vod2strm_disk::ledger::{PastRun, TitleChange};

use crate::scene::{Scene, again, file, movie, series, stream};

const DAY: i64 = 24 * 60 * 60;

fn done(what: TitleOutcome, record: TitleRecord) -> TitleRecord {
    TitleRecord { what: Some(what), ..record }
}

#[test]
fn a_run_is_known_from_its_start_and_closed_at_its_end() {
    let mut scene = Scene::with(&[]);
    assert_eq!(scene.ledger.last_start().unwrap(), None);
    let (first, second) = (scene.begin(100), scene.begin(200));
    scene.ledger.finish_run(first, 150, 3, "{}").unwrap();
    let scene = scene.reopened();
    assert_eq!(scene.ledger.last_start().unwrap(), Some(200));
    let run = |id, started, finished, status, report: Option<&str>| {
        let (source, report) = ("a list".to_owned(), report.map(str::to_owned));
        PastRun { id, started, finished, source, status, report }
    };
    let ended = run(first, 100, Some(150), Some(3), Some("{}"));
    let open = run(second, 200, None, None, None);
    assert_eq!(scene.ledger.runs(10).unwrap(), [open.clone(), ended.clone()]);
    assert_eq!(scene.ledger.runs(1).unwrap(), [open]);
    assert_eq!(scene.ledger.run(first).unwrap(), Some(ended));
    assert_eq!(scene.ledger.run(99).unwrap(), None);
}

/// Ninety days of runs are remembered, and what was removed and is missing; a clock of next year forgets nothing.
#[test]
fn what_is_old_is_forgotten_by_a_clock_and_by_runs() {
    let mut scene = Scene::with(&[movie("Heat", "7"), movie("Ran", "8")]);
    scene.begin(0);
    for id in [1, 2] {
        scene.remove(id, "Movies/Heat", &["strm"]);
    }
    scene.ledger.missed(&[TitleId(1)]).unwrap();
    let fetched = Fetched { tried: Some(5), ..Fetched::default() };
    scene.ledger.note_fetches([(1, "7", fetched)].into_iter()).unwrap();
    let there = |scene: &Scene| {
        let ids = [TitleId(1), TitleId(2)];
        let titles = scene.ledger.titles(&ids).unwrap().len();
        (titles, scene.ledger.fetches().unwrap().len(), scene.ledger.run(1).unwrap().is_some())
    };
    scene.begin(400 * DAY);
    assert_eq!(there(&scene), (2, 1, true), "one run with a clock of next year");
    for day in 401..489 {
        scene.begin(day * DAY);
        scene.begin((day + 1) * DAY - 1);
    }
    scene.begin(489 * DAY);
    assert_eq!(there(&scene), (2, 1, true), "two runs on a day are those of one day");
    scene.begin(490 * DAY);
    assert_eq!(there(&scene), (1, 0, false), "the other one is still in the catalogue");
    scene.ledger.missed(&[TitleId(2)]).unwrap();
    let behind = 490 * DAY - 1;
    scene.begin(behind);
    assert_eq!(there(&scene).0, 1, "the clock is behind the last run's");
    scene.begin(behind);
    assert_eq!(there(&scene).0, 0, "it is as it was in the last run");
    scene.begin(0);
    assert_eq!(scene.ledger.last_start().unwrap(), Some(0));
}

#[test]
fn what_a_run_did_is_told_title_by_title() {
    let mut scene = Scene::with(&[]);
    let run = scene.begin(100);
    let records = [
        done(TitleOutcome::New, movie("Heat", "7")),
        done(TitleOutcome::Failed, movie("Ran", "8")),
        movie("Alien", "9"),
    ];
    scene.ledger.record(&records, &[], 101).unwrap();
    let two = vec![file("strm", Some(1)), file("nfo", None)];
    let changed = done(TitleOutcome::Changed, again(1, movie("Heat", "7")));
    scene.ledger.record(&[TitleRecord { files: two, ..changed }], &[], 102).unwrap();
    scene.remove(3, "Movies/Alien", &["strm"]);
    let counts = scene.ledger.change_counts(run).unwrap();
    let wanted = [("changed", 1), ("failed", 1), ("new", 1), ("removed", 1)];
    let wanted = wanted.map(|(what, number)| (what.to_owned(), number));
    assert_eq!(counts, BTreeMap::from(wanted));
    let mut changes = Vec::new();
    scene.ledger.each_change(run, |change| changes.push(change)).unwrap();
    let change = |what: &str, name: &str, files| TitleChange {
        what: what.to_owned(),
        title: Some((Movie, name.to_owned(), None)),
        files,
    };
    changes.sort_by(|a, b| (&a.title, &a.what).cmp(&(&b.title, &b.what)));
    assert_eq!(
        changes,
        [
            change("removed", "Alien", 1),
            change("changed", "Heat", 2),
            change("new", "Heat", 1),
            change("failed", "Ran", 1),
        ]
    );
    let ids = [1, 2, 3].map(TitleId);
    assert_eq!(scene.ledger.written_in_this_run(&ids).unwrap(), 1, "new, and changed since");
    assert_eq!(scene.ledger.written_in_this_run(&ids[1..]).unwrap(), 0);
    scene.begin(200);
    assert_eq!(scene.ledger.written_in_this_run(&ids).unwrap(), 0, "another run has");
}

/// After a power cut the titles of the last complete run, and of those that were cut off after it, are looked at.
#[test]
fn what_was_written_last_is_that_of_the_last_complete_run_and_after() {
    let mut scene = Scene::with(&[]);
    let write = |scene: &mut Scene, folder: &str, status| {
        let run = scene.begin(100);
        let record = done(TitleOutcome::New, movie(folder, folder));
        scene.ledger.record(&[record], &[], 1).unwrap();
        if let Some(status) = status {
            scene.ledger.finish_run(run, 101, status, "{}").unwrap();
        }
    };
    write(&mut scene, "A", Some(0));
    write(&mut scene, "B", Some(3));
    write(&mut scene, "C", None);
    write(&mut scene, "D", Some(1));
    let written = |scene: &Scene| scene.ledger.written_last().unwrap();
    assert_eq!(written(&scene), [(Movie, vec![TitleId(2), TitleId(3)])], "one is at work");
    scene.begin(200);
    assert_eq!(written(&scene), [(Movie, vec![TitleId(2), TitleId(3), TitleId(4)])]);
}

#[test]
fn problems_are_titles_that_are_missing_or_could_not_be_made_right() {
    let failed = TitleRecord { problem: Some("full".to_owned()), ..movie("Ran", "8") };
    let mut scene = Scene::with(&[movie("Heat", "7"), failed, movie("Alien", "9")]);
    let missing = Completed { missing_titles: vec![TitleId(1)], ..Completed::default() };
    scene.complete(1, missing);
    scene.complete(1, Completed::default());
    let mut problems = Vec::new();
    let take = |_, name: &str, runs, problem: Option<&str>| {
        problems.push((name.to_owned(), runs, problem.map(str::to_owned)));
    };
    scene.ledger.each_problem(take).unwrap();
    let ran = ("Ran".to_owned(), 0, Some("full".to_owned()));
    assert_eq!(problems, [("Heat".to_owned(), 2, None), ran]);
}

#[test]
fn fetches_are_remembered_whole_and_counted() {
    let fetched = |empty, failures| Fetched {
        modified: Some("today".to_owned()),
        at: Some(3),
        tried: Some(4),
        empty,
        failures,
        due: 5,
        problem: Some("no answer".to_owned()),
    };
    let mut scene = Scene::with(&[]);
    let first = [(1, "7", fetched(0, 0)), (1, "8", fetched(1, 0)), (2, "7", fetched(0, 2))];
    scene.ledger.note_fetches(first.into_iter()).unwrap();
    scene.ledger.note_fetches([(1, "7", fetched(0, 1))].into_iter()).unwrap();
    let scene = scene.reopened();
    let fetches = scene.ledger.fetches().unwrap();
    assert_eq!(fetches.len(), 3);
    assert_eq!(fetches[&(1, "7".to_owned())], fetched(0, 1), "the last one counts");
    assert_eq!(scene.ledger.tally().unwrap().fetches, (2, 1), "that failed, and that are empty");
}

#[test]
fn series_are_found_by_their_streams_and_filtered_ones_are_known() {
    let filtered = Stream { is_wanted: false, ..stream(2, "8") };
    let show = series("Show", "7", &["s01e01.strm"]);
    let mut other = series("Other", "9", &[]);
    other.title.streams.push(filtered);
    let scene = Scene::with(&[show, other, movie("Heat", "7")]);
    let series_of = |streams: &[(i64, &str)]| {
        let streams = streams.iter().copied();
        scene.ledger.index_of_series(Fingerprint(3), streams).unwrap().len()
    };
    assert_eq!(series_of(&[]), 0);
    assert_eq!(series_of(&[(1, "7"), (1, "unknown")]), 1);
    assert_eq!(series_of(&[(1, "7"), (2, "8")]), 2);
    let wanted = [(2, "8".to_owned())].into();
    assert_eq!(scene.ledger.filtered_series().unwrap(), wanted);
}
