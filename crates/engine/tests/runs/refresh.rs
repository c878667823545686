//! Episodes that a service fetches, and runs over a source that tells its state.

use std::collections::BTreeMap;

use vod2strm_catalog::source::DatabaseId;
use vod2strm_core::hash::Fingerprint;
use vod2strm_core::pace::due::FetchOutcome;
use vod2strm_core::status::Status;
use vod2strm_engine::fetched::RefreshReport;
use vod2strm_engine::history::History;
use vod2strm_engine::outcome::Outcome;
use vod2strm_engine::request::Mode;

use crate::fetching::{Disguised, Traits, service, settings};
use crate::scene::{DAY, FILMS, Scene, TITLES, Told, host, list};

const SHOWS: [&str; 3] = ["Dark S01E01", "Lost S01E01", "Oz S01E01"];

fn answering(answers: &[(&'static str, FetchOutcome)]) -> Disguised {
    let answers = Some(answers.iter().cloned().collect::<BTreeMap<_, _>>());
    Disguised(Traits { answers, ..Traits::default() }.into())
}

fn run(scene: &Scene, source: &Disguised) -> (Outcome, Told) {
    scene.later(60);
    let told = Told::default();
    let listeners: [&dyn vod2strm_engine::host::Listener; 1] = [&told];
    let host = host(&listeners, &scene.cancel, &scene.clock, source);
    (vod2strm_engine::run(&scene.config, &scene.request, &host), told)
}

/// Three series, none of which was asked for yet, and a service that adds an episode to the first.
fn scene(run: Option<u64>) -> (Scene, vod2strm_testkit::http::Server) {
    let mut scene = Scene::of(&SHOWS);
    let path = scene.dir.path().join("list.m3u");
    let more = list(&[&SHOWS[..], &["Dark S01E02"]].concat());
    let service = service(move || std::fs::write(&path, &more).unwrap());
    scene.config.fetch = Some(settings(&service, run));
    (scene, service)
}

const FETCHED: [(&str, FetchOutcome); 3] = [
    ("Dark", FetchOutcome::Fetched(2)),
    ("Lost", FetchOutcome::Fetched(1)),
    ("Oz", FetchOutcome::Fetched(0)),
];

#[test]
fn what_is_fetched_is_written_in_the_same_run_and_not_asked_for_again() {
    let (scene, service) = scene(None);
    let source = answering(&FETCHED);
    let (outcome, told) = run(&scene, &source);
    assert_eq!((outcome.status, service.requests()), (Status::Done, 3), "{outcome:?}");
    let report = RefreshReport {
        due: [("old", 3)].into(),
        fetched: 3,
        episodes: 3,
        empty: 1,
        ..RefreshReport::default()
    };
    assert_eq!(outcome.refresh.unwrap(), report);
    assert_eq!(scene.files("E02.strm"), ["TV/Dark/Season 01/Dark - S01E02.strm"]);
    assert!(told.of("phase").contains(&"phase Refresh Some(3)".to_owned()));
    assert_eq!(told.of("title").len(), 3, "each title is told of once: {:?}", told.of("title"));
    let (outcome, _) = run(&scene, &source);
    assert_eq!(outcome.refresh.unwrap(), RefreshReport::default());
    assert_eq!(service.requests(), 3);
    scene.later(12 * DAY);
    let (outcome, _) = run(&scene, &source);
    assert_eq!(outcome.refresh.unwrap().due, [("old", 3)].into(), "they are old by now");
}

/// What the run itself had not written is counted as changed.
#[test]
fn further_episodes_of_known_series_are_changes() {
    let (mut scene, service) = scene(None);
    let fetch = scene.config.fetch.take();
    let source = answering(&FETCHED);
    run(&scene, &source);
    assert_eq!(service.requests(), 0, "nobody is asked unless it is wanted");
    scene.config.fetch = fetch;
    let report = run(&scene, &source).0.refresh.unwrap();
    assert_eq!((report.new, report.changed, report.fetched), (0, 1, 3));
    assert_eq!(scene.files("E02.strm").len(), 1);
    let past = History::open(&scene.config.place).unwrap().runs(2).unwrap();
    assert_eq!((&past[0]["changed"], &past[0]["fetched"]), (&1.into(), &3.into()));
    assert_eq!(past[1].get("fetched"), None);
    run(&scene, &source);
    let last = History::open(&scene.config.place).unwrap().run(3).unwrap();
    assert_eq!((last.get("changed"), last.get("fetched")), (None, None));
}

#[test]
fn a_preview_says_who_would_be_asked_and_asks_nobody() {
    let (mut scene, service) = scene(None);
    scene.config.fetch.as_mut().unwrap().limits.gap = std::time::Duration::from_secs(5);
    scene.request.mode = Mode::Preview;
    let report = run(&scene, &answering(&FETCHED)).0.refresh.unwrap();
    assert_eq!((report.due, report.fetched), ([("old", 3)].into(), 0));
    let mut first = report.first;
    first.sort();
    assert_eq!(first, ["Dark", "Lost", "Oz"]);
    assert_eq!(report.seconds_at_least, 15.0);
    assert_eq!(service.requests(), 0);
    for (hour, run_limit, seconds) in
        [(Some(1), None, 2.0 * 3_600.0), (Some(2), None, 3_600.0), (None, Some(2), 10.0)]
    {
        let limits = &mut scene.config.fetch.as_mut().unwrap().limits;
        (limits.hour, limits.run) = (hour, run_limit);
        let report = run(&scene, &answering(&FETCHED)).0.refresh.unwrap();
        assert_eq!(report.seconds_at_least, seconds, "{hour:?} {run_limit:?}");
    }
}

/// What fails is counted by its reason, changes the status, and waits.
#[test]
fn what_could_not_be_fetched_is_told_and_waits() {
    let (scene, service) = scene(None);
    let failed = || FetchOutcome::Failed("the provider was silent".to_owned());
    let source =
        answering(&[("Dark", failed()), ("Lost", failed()), ("Oz", FetchOutcome::Fetched(1))]);
    // A pause comes after each failure: one series fails, and then another.
    let (outcome, _) = run(&scene, &source);
    assert_eq!(outcome.status, Status::SomeFailed);
    let report = outcome.refresh.unwrap();
    assert_eq!(report.failed, [("the provider was silent".to_owned(), 2)].into());
    assert_eq!((report.fetched, report.waiting), (1, 0));
    let (outcome, _) = run(&scene, &source);
    assert_eq!(outcome.status, Status::Done);
    assert_eq!(outcome.refresh.unwrap().waiting, 2);
    assert_eq!(service.requests(), 3);
}

#[test]
fn an_account_whose_budget_is_used_up_is_left_for_later() {
    let (scene, service) = scene(Some(1));
    let (outcome, told) = run(&scene, &answering(&FETCHED));
    assert_eq!((outcome.status, service.requests()), (Status::Done, 1), "it is the user's will");
    let stopped = &outcome.refresh.unwrap().stopped;
    assert_eq!((stopped.len(), stopped[0].left, &*stopped[0].name), (1, 2, "a provider"));
    let text = "warning a provider: 2 series are left for later: the budget of this run is used up";
    assert!(told.of("warning").contains(&text.to_owned()), "{:?}", told.of("warning"));
    assert_eq!(run(&scene, &answering(&FETCHED)).0.refresh.unwrap().due, [("old", 2)].into());
}

/// A source that is what it was is not read, unless something else asks for it.
#[test]
fn a_source_that_is_as_it_was_is_not_read() {
    let mut scene = Scene::of(&TITLES);
    let source = Disguised::default();
    let set = |state: u128| source.0.lock().unwrap().state = Some(Fingerprint(state));
    set(1);
    assert!(!run(&scene, &source).0.counts.untouched);
    let (outcome, told) = run(&scene, &source);
    assert!(outcome.counts.untouched);
    assert_eq!(
        told.lines()[1..told.lines().len() - 1],
        [
            "phase Open None",
            "phase Check None",
            "untouched",
            "titles movie unchanged 3",
            "titles movie empty 0",
            "titles movie filtered 0",
            "titles movie absent 0",
            "titles series unchanged 1",
            "titles series empty 0",
            "titles series filtered 0",
            "titles series absent 0",
            "titles movie shared 0",
            "titles series shared 0",
        ]
    );
    let reads = |scene: &Scene| !run(scene, &source).0.counts.untouched;
    scene.remove("Movies/Heat (1995)/Heat (1995).strm");
    assert!(reads(&scene) && scene.at("Movies/Heat (1995)/Heat (1995).strm").exists());
    assert!(!reads(&scene));
    scene.request.full = true;
    assert!(reads(&scene));
    scene.request.full = false;
    scene.request.relayout = true;
    assert!(reads(&scene));
    scene.request.relayout = false;
    assert!(reads(&scene) && !reads(&scene), "a run that looks at more notes nothing");
    set(2);
    assert!(reads(&scene) && !reads(&scene));
    scene.config.policy.unpinned_urls = true;
    scene.config.policy.versions = vod2strm_core::policy::Versions::All.into();
    assert!(reads(&scene), "the settings are others");
    // Nothing is settled as long as something is missing.
    scene.offer(&TITLES[1..]);
    set(3);
    assert!(reads(&scene) && reads(&scene));
}

#[test]
fn another_database_at_the_same_address_is_told_of_once() {
    let scene = Scene::of(&FILMS);
    let source = Disguised::default();
    let warnings = |server: i64, database: u32| {
        source.0.lock().unwrap().identity = Some(DatabaseId { server: Some(server), database });
        run(&scene, &source).1.of("warning")
    };
    assert_eq!(warnings(1, 1), [""; 0]);
    assert_eq!(warnings(1, 1), [""; 0]);
    for (server, database) in [(1, 2), (2, 2)] {
        let told = warnings(server, database);
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].starts_with("warning the source is another database than in the last run"));
        assert_eq!(warnings(server, database), [""; 0]);
    }
}

/// A preview of a settled library, which loads nothing, still says what the filter does.
#[test]
fn a_preview_that_reads_nothing_counts_what_the_filter_matches() {
    let mut scene = Scene::of(&TITLES);
    let source = Disguised(Traits { state: Some(Fingerprint(1)), ..Traits::default() }.into());
    scene.config.policy.choice.filter = Some("year > 1990".parse().unwrap());
    run(&scene, &source);
    scene.request.mode = Mode::Preview;
    let (outcome, told) = run(&scene, &source);
    assert!(told.lines().contains(&"untouched".to_owned()), "{:?}", told.lines());
    let filter = outcome.filter.unwrap();
    assert_eq!((filter.titles, filter.wanted), (4, 1));
}
