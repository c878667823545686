//! What a run tells, in order, and what is counted of it.

use serde_json::json;
use vod2strm_core::event::{Action, Event, Observer, Phase, TitleOutcome};
use vod2strm_core::hold::Permission;
use vod2strm_core::layout::{Layout, TemplateKind};
use vod2strm_core::model::media::Kind;
use vod2strm_core::status::Status;
use vod2strm_engine::error::RunError;
use vod2strm_engine::host::Listener;
use vod2strm_engine::outcome::{End, Outcome};
use vod2strm_engine::source::Selection;
use vod2strm_engine::verify::verify;

use crate::scene::{BEGIN, DAY, FILMS, Scene, TITLES, Told};

fn counts(outcome: &Outcome) -> serde_json::Value {
    json!({"titles": outcome.counts.titles, "files": outcome.counts.files})
}

#[test]
fn a_first_run_is_told_from_its_beginning_to_its_end() {
    let scene = Scene::of(&["Heat (1995)", "Dark S01E02"]);
    let (outcome, told) = scene.told();
    let expected = [
        "started Some(1) of films at 1764000000",
        "phase Open None",
        "phase Stamps None",
        "phase Compare None",
        "phase Check None",
        "titles movie unchanged 0",
        "titles movie empty 0",
        "titles movie filtered 0",
        "titles series unchanged 0",
        "titles series empty 0",
        "titles series filtered 0",
        "phase Write Some(2)",
        "file written created movie_nfo Movies/Heat (1995)/Heat (1995).nfo",
        "file written created movie Movies/Heat (1995)/Heat (1995).strm",
        "title new Heat Some(1995) in Some(\"Movies/Heat (1995)\")",
        "file written created tvshow_nfo TV/Dark/tvshow.nfo",
        "file written created episode_nfo s1 \"\" TV/Dark/Season 01/Dark - S01E02.nfo",
        "file written created episode s1 \"\" TV/Dark/Season 01/Dark - S01E02.strm",
        "title new Dark None in Some(\"TV/Dark\")",
        "titles movie absent 0",
        "titles series absent 0",
        "titles movie shared 0",
        "titles series shared 0",
        "finished Some(1) of films at 1764000000: Done",
    ];
    assert_eq!(told.lines(), expected);
    let expected = json!({
        "titles": {
            "movie": {"new": 1, "unchanged": 0, "empty": 0, "filtered": 0, "absent": 0, "shared": 0},
            "series": {"new": 1, "unchanged": 0, "empty": 0, "filtered": 0, "absent": 0, "shared": 0},
        },
        "files": {"written": {"created": 5, "updated": 0}},
    });
    assert_eq!(counts(&outcome), expected);
    let calls = serde_json::to_value(outcome.file_system_calls.unwrap()).unwrap();
    assert!(calls["writes"].as_u64() >= Some(5), "{calls}");
    assert!(outcome.has_logins && !outcome.counts.untouched && !outcome.dry_run);
}

/// A run that has nothing to do tells numbers alone; one that has something tells it file by file.
#[test]
fn later_runs_tell_what_changed_and_count_the_rest() {
    let scene = Scene::made(&TITLES);
    scene.done();
    let (outcome, told) = scene.told();
    assert!(!outcome.counts.untouched, "a list that was read tells no state");
    assert_eq!([told.of("file"), told.of("title")], [[""; 0], [""; 0]]);
    assert!(told.of("phase").contains(&"phase Write Some(0)".to_owned()), "{:?}", told.lines());
    let expected = json!({"titles": {
        "movie": {"unchanged": 3, "empty": 0, "filtered": 0, "absent": 0, "shared": 0},
        "series": {"unchanged": 1, "empty": 0, "filtered": 0, "absent": 0, "shared": 0},
    }, "files": {}});
    assert_eq!(counts(&outcome), expected);
    scene.offer(&[&TITLES[..], &["Dark S01E03"]].concat());
    scene.remove("Movies/Heat (1995)/Heat (1995).strm");
    let (outcome, told) = scene.told();
    assert_eq!(
        told.of("title"),
        [
            "title changed Dark None in Some(\"TV/Dark\")",
            "title changed Heat Some(1995) in Some(\"Movies/Heat (1995)\")",
        ]
    );
    let restored = "file written restored movie Movies/Heat (1995)/Heat (1995).strm";
    assert!(told.of("file").contains(&restored.to_owned()), "{:?}", told.of("file"));
    assert_eq!(outcome.counts.titles_of(Kind::Movie, TitleOutcome::Unchanged), 2);
    assert_eq!(outcome.counts.files["written"]["restored"], 1);
    assert_eq!(outcome.counts.files["written"]["created"], 2);
}

#[test]
fn a_preview_tells_what_would_be_done_and_does_nothing() {
    let mut scene = Scene::of(&["Heat (1995)"]);
    let (outcome, told) = scene.preview();
    assert_eq!(
        told.of("file"),
        [
            "file skipped dry_run_create movie Movies/Heat (1995)/Heat (1995).strm",
            "file skipped dry_run_create movie_nfo Movies/Heat (1995)/Heat (1995).nfo",
        ]
    );
    assert_eq!(told.lines()[0], "started None of films at 1764000000");
    assert!(outcome.dry_run && outcome.file_system_calls.is_none());
    assert!(
        !told.lines().iter().any(|line| line.starts_with("phase Look")),
        "nothing is read twice"
    );
    assert!(!scene.at("").exists() && !scene.dir.path().join("state").exists());
    scene.done();
    scene.config.policy.direct_urls = true;
    scene.config.policy.strm_lines = vec!["#KODIPROP:a=b".to_owned()];
    let before = scene.text("Movies/Heat (1995)/Heat (1995).strm");
    let (outcome, told) = scene.preview();
    let line = "file skipped dry_run_update movie Movies/Heat (1995)/Heat (1995).strm".to_owned();
    assert!(told.of("file").contains(&line), "{:?}", told.of("file"));
    assert_eq!(outcome.counts.files["skipped"]["dry_run_update"], 1);
    assert_eq!(scene.text("Movies/Heat (1995)/Heat (1995).strm"), before);
    scene.done();
    assert!(scene.text("Movies/Heat (1995)/Heat (1995).strm").starts_with("#KODIPROP:a=b\n"));
}

/// A file of the user's in the way is an error of its title, named and counted, and the status says so.
#[test]
fn what_cannot_be_written_is_named_and_makes_the_status() {
    let scene = Scene::of(&FILMS);
    scene.write("Movies/Heat (1995)/Heat (1995).strm", "mine");
    let (outcome, told) = scene.told();
    assert_eq!((outcome.status, outcome.end), (Status::SomeFailed, End::Whole));
    assert_eq!(scene.text("Movies/Heat (1995)/Heat (1995).strm"), "mine");
    let errors: Vec<_> =
        told.of("file").into_iter().filter(|line| line.starts_with("file error")).collect();
    assert_eq!(errors.len(), 1, "{errors:?}");
    assert!(
        errors[0]
            .starts_with("file error foreign_file movie Movies/Heat (1995)/Heat (1995).strm (")
    );
    assert!(errors[0].ends_with(": Movies/Heat (1995)/Heat (1995).strm)"), "{errors:?}");
    assert_eq!(outcome.counts.problem_count, 1);
    assert!(outcome.counts.problems[0].starts_with("Heat: "), "{:?}", outcome.counts.problems);
    let of_error: Vec<_> = outcome.counts.files(Action::Error).collect();
    assert_eq!(of_error, [("foreign_file", 1)]);
    let failed = told.of("title").into_iter().find(|line| line.contains("failed")).unwrap();
    assert_eq!(failed, "title failed Heat Some(1995) in Some(\"Movies/Heat (1995)\")");
    assert_eq!(told.of("titles").last().unwrap(), "titles series unchanged 0");
    // It is tried again, and done once the way is free.
    assert_eq!(scene.run().status, Status::SomeFailed);
    scene.remove("Movies/Heat (1995)/Heat (1995).strm");
    scene.done();
}

/// More problems than are named: all are counted.
#[test]
fn twenty_problems_are_named_and_all_are_counted() {
    let films: Vec<String> = (0..23).map(|n| format!("Film {n} of all ({})", 1980 + n)).collect();
    let scene = Scene::of(&films.iter().map(String::as_str).collect::<Vec<_>>());
    for film in &films {
        scene.write(&format!("Movies/{film}/{film}.strm"), "mine");
    }
    let outcome = scene.run();
    assert_eq!((outcome.counts.problems.len(), outcome.counts.problem_count), (20, 23));
}

#[test]
fn a_run_over_some_titles_says_what_the_source_lacks() {
    let mut scene = Scene::made(&FILMS);
    scene.config.scope.movies = Selection::Ids([1, 77].into());
    scene.request.kinds = vec![Kind::Movie];
    let (_, told) = scene.told();
    let warnings = told.of("warning");
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(warnings[0].contains("movie_ids: "), "{warnings:?}");
    assert!(warnings[0].ends_with("nothing in the source has this id"), "{warnings:?}");
    assert!(told.of("titles").iter().all(|line| !line.contains("series")), "{:?}", told.lines());
}

#[test]
fn a_clock_that_went_back_is_told_of() {
    let scene = Scene::made(&FILMS);
    scene.clock.0.store(BEGIN - DAY, std::sync::atomic::Ordering::Relaxed);
    let (_, told) = scene.told();
    let text = "warning the clock says 2025-11-23 16:00:00 UTC, and the last run began at 2025-11-24 16:01:00 UTC: one of them \
                is wrong; nothing is forgotten";
    assert_eq!(told.of("warning"), [text]);
    scene.clock.0.store(BEGIN + DAY, std::sync::atomic::Ordering::Relaxed);
    assert_eq!(scene.told().1.of("warning"), [""; 0]);
}

/// A list that may be cut off loses nothing, and says why.
#[test]
fn a_list_without_a_line_end_is_doubted() {
    let scene = Scene::made(&FILMS);
    let list = crate::scene::list(&FILMS[..2]);
    std::fs::write(scene.dir.path().join("list.m3u"), list.trim_end()).unwrap();
    let (outcome, told) = scene.told();
    let text = "warning the list may be cut off: its last line has no line end: whole entries are written, and nothing \
                that is missing is removed; if the list is whole, end it with a line end";
    assert_eq!(told.of("warning"), [text]);
    assert_eq!(outcome.end, End::Whole);
    assert_eq!(scene.files(".strm").len(), 3);
}

#[test]
fn a_permission_for_what_is_not_held_is_wrong_use() {
    let mut scene = Scene::made(&FILMS);
    scene.request.permission = Permission::Run(7);
    let outcome = scene.run();
    assert_eq!(
        (outcome.status, outcome.end),
        (Status::Usage, End::Failed { is_ledger_damaged: false })
    );
    let error = outcome.error.unwrap();
    assert!(error.starts_with("error: --allow-removals: nothing is held under 7"), "{error}");
}

/// Cancels the run at a phase.
struct CancelAt<'a>(&'a Scene, Phase);

impl Observer for CancelAt<'_> {
    fn event(&self, event: &Event<'_>) {
        if matches!(event, Event::Phase(phase, _) if *phase == self.1) {
            self.0.cancel.cancel();
        }
    }
}

impl Listener for CancelAt<'_> {}

#[test]
fn a_run_that_is_cancelled_says_so_and_the_next_one_does_the_rest() {
    for phase in [Phase::Open, Phase::Stamps, Phase::Write] {
        let scene = Scene::of(&TITLES);
        let (told, cancels) = (Told::default(), CancelAt(&scene, phase));
        let listeners: [&dyn Listener; 2] = [&cancels, &told];
        let outcome = vod2strm_engine::run(&scene.config, &scene.request, &scene.host(&listeners));
        assert_eq!((outcome.status, outcome.end), (Status::Failed, End::Cancelled), "{phase:?}");
        let words = "interrupted; what was written is recorded, and the next run does the rest";
        assert_eq!(told.of("warning"), [format!("warning {words}")], "{phase:?}");
        assert!(outcome.error.unwrap().starts_with(&format!("error: {words}")));
        let after = Scene { cancel: Default::default(), ..scene };
        assert_eq!(after.done().end, End::Whole);
        assert_eq!(after.files(".strm").len(), 5);
    }
}

/// A listener whose file cannot be written, from the first moment or at the end.
struct Unwritable {
    is_begun: bool,
}

impl Observer for Unwritable {
    fn event(&self, _event: &Event<'_>) {}
}

impl Listener for Unwritable {
    fn begin(&self) -> Result<(), RunError> {
        if self.is_begun { Ok(()) } else { self.end() }
    }

    fn end(&self) -> Result<(), RunError> {
        let source = std::io::ErrorKind::StorageFull.into();
        Err(RunError::Report { path: "report.csv".to_owned(), source })
    }
}

#[test]
fn a_listener_that_cannot_begin_ends_the_run_and_one_that_cannot_end_is_told_of() {
    for is_begun in [false, true] {
        let scene = Scene::of(&FILMS);
        let (told, report) = (Told::default(), Unwritable { is_begun });
        let listeners: [&dyn Listener; 2] = [&report, &told];
        let outcome = vod2strm_engine::run(&scene.config, &scene.request, &scene.host(&listeners));
        let text = "error: cannot write the report report.csv\n  because: no storage space\n  try: free some space \
                    there, or name a file on another disk";
        assert_eq!(outcome.untold.as_deref(), Some(text), "{is_begun}");
        assert_eq!(outcome.error.as_deref(), Some(text), "{is_begun}");
        assert_eq!(outcome.status, Status::Failed, "{is_begun}");
        assert_eq!(outcome.end == End::Whole, is_begun);
        assert_eq!(scene.files(".strm").len(), if is_begun { 3 } else { 0 });
        assert_eq!(scene.at("").exists(), is_begun, "a new library that came to nothing goes");
        assert_eq!(told.of("finished").len(), 1);
    }
}

/// What is allowed and hardly meant is told at the beginning of each run.
#[test]
fn advice_about_settings_is_a_warning() {
    let mut scene = Scene::of(&FILMS);
    scene.config.policy.versions = vod2strm_core::policy::Versions::All.into();
    let layout = Layout::standard().with(TemplateKind::MovieFile, "{title}").unwrap();
    scene.config.policy.layout = layout;
    let text = "warning movie_file: media servers group a movie's versions only if its files begin with {folder}";
    let (_, told) = scene.told();
    assert_eq!(told.of("warning"), [text]);
}

/// A run over everything reads every file; another one asks the folders alone.
#[test]
fn a_full_run_finds_what_somebody_changed() {
    let mut scene = Scene::made(&FILMS);
    let strm = "Movies/Heat (1995)/Heat (1995).strm";
    let ours = scene.text(strm);
    scene.write(strm, "http://other.example\n");
    assert_eq!(scene.told().1.of("file"), [""; 0]);
    scene.request.full = true;
    let (_, told) = scene.told();
    assert!(
        told.of("file").contains(&format!("file written updated movie {strm}")),
        "{:?}",
        told.lines()
    );
    assert_eq!(scene.text(strm), ours);
}

/// A part of a filter that matches nothing is mostly a slip; a pattern that takes too long counts as no match.
#[test]
fn slips_in_filters_and_slow_patterns_are_told_of() {
    let slow = r"(a|aa)+(?!a)\1b";
    let name = format!("{} (1990)", "a".repeat(60));
    let mut scene = Scene::of(&[&name, "Heat (1995)"]);
    scene.config.policy.choice.filter = Some("year > 1980 or year > 2050".parse().unwrap());
    let (_, told) = scene.preview();
    assert_eq!(told.of("warning"), ["warning filter: year > 2050 matches none of 2 titles"]);
    assert_eq!(scene.told().1.of("warning"), [""; 0], "a run that writes does not count");
    scene.config.policy.choice.filter = Some(format!("name !~ '{slow}'").parse().unwrap());
    let warnings = scene.told().1.of("warning");
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(warnings[0].contains("a pattern of the filter takes too long for some titles (1)"));
    scene.config.policy.choice.filter = None;
    scene.config.policy.name_pattern = Some(slow.parse().unwrap());
    let warnings = scene.told().1.of("warning");
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    // The title's name and its stream's.
    assert!(
        warnings[0].contains("name_clean_regex takes too long for some names (2)"),
        "{warnings:?}"
    );
}

/// A ledger that turns out to be damaged ends that run, and a second one goes on without it.
#[test]
fn a_ledger_that_is_damaged_inside_is_replaced_within_the_call() {
    use std::os::unix::fs::FileExt;
    for permission in [Permission::Nothing, Permission::LastRun] {
        let mut scene = Scene::made(&TITLES);
        let path = scene.config.place.ledger_outside();
        let file = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
        let size = usize::try_from(file.metadata().unwrap().len()).unwrap();
        file.write_all_at(&vec![0xff; size - 8192], 8192).unwrap();
        scene.request.permission = permission;
        scene.later(60);
        let (outcome, told) = scene.told();
        assert_eq!((outcome.end, outcome.status), (End::Whole, Status::Done), "{outcome:?}");
        let warnings = told.of("warning");
        let damaged = warnings.iter().filter(|line| line.contains("the ledger is damaged"));
        assert_eq!(damaged.count(), 1, "{warnings:?}");
        assert!(
            warnings.iter().any(|line| line.contains("4 titles were recognised")),
            "{warnings:?}"
        );
        let counted = &outcome.counts.warnings;
        assert_eq!(counted.len(), warnings.len(), "each is told once: {counted:?}");
        assert_eq!(scene.files(".strm").len(), 5);
    }
}

/// A file of which the ledger cannot say what it is for is the user's, and is told of.
#[test]
fn a_file_that_the_ledger_cannot_place_is_told_of() {
    let scene = Scene::made(&FILMS);
    let ledger = rusqlite::Connection::open(scene.config.place.ledger_outside()).unwrap();
    let spoil = "UPDATE files SET key = 'nonsense' WHERE path = 'Heat (1995).nfo'";
    assert_eq!(ledger.execute(spoil, []).unwrap(), 1);
    drop(ledger);
    let found =
        verify(&scene.config.place, scene.config.concurrency, true, &scene.host(&[])).unwrap();
    let line = "Movies/Heat (1995)/Heat (1995).nfo: the ledger cannot say what it is for";
    assert_eq!((found.unread, found.differences[0].path.as_str()), (1, line));
    let mut scene = scene;
    scene.request.full = true;
    scene.request.relayout = true;
    let warnings = scene.told().1.of("warning");
    let start = "warning the ledger cannot say what Movies/Heat (1995)/Heat (1995).nfo is for";
    assert_eq!(warnings.iter().filter(|line| line.starts_with(start)).count(), 1, "{warnings:?}");
}
