//! What goes, what waits, what is held and what stays, in each mode of the cleanup.

use vod2strm_core::hold::Permission;
use vod2strm_core::status::Status;
use vod2strm_engine::config::Cleanup;

use crate::scene::{Scene, Told};

/// Eleven movies: one of them is no more than the share that may be gone.
const FILMS: [&str; 11] = [
    "Alien (1979)",
    "Brazil (1985)",
    "Cube (1997)",
    "Drive (2011)",
    "Eraserhead (1977)",
    "Fargo (1996)",
    "Gattaca (1997)",
    "Heat (1995)",
    "Ikiru (1952)",
    "Jaws (1975)",
    "Klute (1971)",
];

const STRM: &str = "Movies/Klute (1971)/Klute (1971).strm";
const NFO: &str = "Movies/Klute (1971)/Klute (1971).nfo";

fn scene(cleanup: Cleanup, grace: u32) -> Scene {
    let mut scene = Scene::made(&FILMS);
    (scene.config.cleanup, scene.config.grace) = (cleanup, grace);
    scene
}

/// A complete run, a minute later.
fn next(scene: &Scene) -> Told {
    scene.later(60);
    let (outcome, told) = scene.told();
    assert_eq!(outcome.status, Status::Done, "{outcome:?}");
    told
}

/// What was told of files but that they are as they were.
fn touched(told: &Told) -> Vec<String> {
    let mut lines = told.of("file");
    lines.retain(|line| !line.contains(" cached_skip "));
    lines
}

#[test]
fn what_is_missing_waits_through_the_grace_and_goes_then() {
    for grace in [0, 1, 3] {
        let scene = scene(Cleanup::Apply, grace);
        scene.offer(&FILMS[..10]);
        for _ in 0..grace {
            let told = next(&scene);
            assert_eq!(
                told.of("title"),
                ["title waiting Klute Some(1971) in Some(\"Movies/Klute (1971)\")"],
                "{grace}"
            );
            assert_eq!(told.of("file"), [""; 0], "{grace}");
            assert!(told.lines().contains(&"titles movie absent 1".to_owned()));
        }
        assert!(scene.at(STRM).exists());
        let told = next(&scene);
        assert_eq!(
            told.of("title"),
            ["title removed Klute Some(1971) in Some(\"Movies/Klute (1971)\")"],
            "{grace}"
        );
        let files = [
            format!("file deleted stale_movie movie {STRM}"),
            format!("file deleted stale_movie movie_nfo {NFO}"),
        ];
        assert_eq!(told.of("file"), files, "{grace}");
        assert!(!scene.at("Movies/Klute (1971)").exists());
        assert_eq!(scene.files(".strm").len(), 10);
        assert_eq!(next(&scene).of("title"), [""; 0]);
    }
}

/// It waits anew when it was there in between; without its files it is written again.
#[test]
fn what_returns_waits_anew() {
    let scene = scene(Cleanup::Apply, 1);
    for _ in 0..2 {
        scene.offer(&FILMS[..10]);
        next(&scene);
        scene.offer(&FILMS);
        next(&scene);
        assert!(scene.at(STRM).exists());
    }
    scene.offer(&FILMS[..10]);
    next(&scene);
    next(&scene);
    assert!(!scene.at(STRM).exists());
    scene.offer(&FILMS);
    let told = next(&scene);
    assert_eq!(told.of("title"), ["title new Klute Some(1971) in Some(\"Movies/Klute (1971)\")"]);
    assert!(scene.at(STRM).exists());
}

#[test]
fn without_a_cleanup_or_with_its_preview_everything_stays() {
    for (cleanup, titles, files) in [
        (Cleanup::Off, &[][..], &[][..]),
        (
            Cleanup::Preview,
            &["title would_remove Klute Some(1971) in Some(\"Movies/Klute (1971)\")"][..],
            &[
                "file would_delete stale_movie movie Movies/Klute (1971)/Klute (1971).strm",
                "file would_delete stale_movie movie_nfo Movies/Klute (1971)/Klute (1971).nfo",
            ][..],
        ),
    ] {
        let scene = scene(cleanup, 1);
        scene.offer(&FILMS[..10]);
        next(&scene);
        for _ in 0..2 {
            let told = next(&scene);
            assert_eq!(told.of("title"), titles, "{cleanup:?}");
            assert_eq!(told.of("file"), files, "{cleanup:?}");
        }
        assert!(scene.at(STRM).exists() && scene.at(NFO).exists());
    }
}

#[test]
fn a_dry_run_of_a_cleanup_tells_what_would_go() {
    let mut scene = scene(Cleanup::Apply, 0);
    scene.offer(&FILMS[..10]);
    scene.later(60);
    let (_, told) = scene.preview();
    assert_eq!(
        told.of("title"),
        ["title would_remove Klute Some(1971) in Some(\"Movies/Klute (1971)\")"]
    );
    assert_eq!(told.of("file").len(), 2);
    assert!(told.of("file")[0].starts_with("file would_delete stale_movie movie "));
    assert!(scene.at(STRM).exists());
}

#[test]
fn what_the_user_added_or_edited_stays_when_a_title_goes() {
    let scene = scene(Cleanup::Apply, 0);
    scene.write("Movies/Klute (1971)/poster.jpg", "mine");
    scene.write("Movies/Jaws (1975)/Jaws (1975).nfo", "mine");
    scene.offer(&FILMS[..9]);
    let told = next(&scene);
    assert_eq!(
        told.of("file"),
        [
            "file deleted stale_movie movie Movies/Jaws (1975)/Jaws (1975).strm",
            "file deleted stale_movie movie Movies/Klute (1971)/Klute (1971).strm",
            "file deleted stale_movie movie_nfo Movies/Klute (1971)/Klute (1971).nfo",
            "file skipped not_ours movie Movies/Jaws (1975)",
            "file skipped not_ours movie Movies/Klute (1971)",
            "file skipped not_ours movie_nfo Movies/Jaws (1975)/Jaws (1975).nfo",
        ]
    );
    assert_eq!(scene.text("Movies/Jaws (1975)/Jaws (1975).nfo"), "mine");
    assert!(!scene.at(STRM).exists() && scene.at("Movies/Klute (1971)/poster.jpg").exists());
    // What was in the way is gone: so goes the folder, in the next run with a cleanup.
    scene.remove("Movies/Klute (1971)/poster.jpg");
    next(&scene);
    assert!(!scene.at("Movies/Klute (1971)").exists());
    assert!(scene.at("Movies/Jaws (1975)").exists());
}

#[test]
fn too_many_are_held_until_they_return_or_a_person_allows_it() {
    for (permission, is_allowed) in [
        (Permission::Nothing, false),
        (Permission::LastRun, true),
        (Permission::Run(2), true),
        (Permission::One("2.1".parse().unwrap()), true),
    ] {
        let mut scene = scene(Cleanup::Apply, 0);
        scene.offer(&FILMS[..6]);
        for _ in 0..2 {
            scene.later(60);
            let (outcome, told) = scene.told();
            assert_eq!(outcome.status, Status::Held);
            let held = told.of("held");
            assert_eq!(held.len(), 1, "{held:?}");
            assert!(
                held[0]
                    .starts_with("held Some(\"2.1\") 5 titles, 10 files: with these, 5 of the 11"),
                "{held:?}"
            );
            assert_eq!(told.of("title").len(), 5);
            assert!(told.of("title")[0].starts_with("title held "));
            let files = told.of("file");
            assert_eq!(files.len(), 10, "{files:?}");
            assert!(files[0].starts_with("file skipped held movie "), "{files:?}");
            let listed = &outcome.counts.held[0];
            assert_eq!((listed.id.as_deref(), listed.kind), (Some("2.1"), "movie"));
            assert!(listed.remedy.ends_with(", allow it (--allow-removals=2.1)"), "{listed:?}");
        }
        scene.request.permission = permission;
        scene.later(60);
        let outcome = scene.run();
        let (status, files) = if is_allowed { (Status::Done, 6) } else { (Status::Held, 11) };
        assert_eq!((outcome.status, scene.files(".strm").len()), (status, files), "{permission:?}");
        scene.request.permission = Permission::Nothing;
        scene.offer(&FILMS);
        scene.done();
        assert_eq!(scene.files(".strm").len(), 11);
    }
}

/// Looking at what a permission would let go does not end the hold; nor does a run without a cleanup.
#[test]
fn a_hold_outlasts_previews_and_runs_without_a_cleanup() {
    let mut scene = scene(Cleanup::Preview, 0);
    scene.offer(&FILMS[..6]);
    scene.later(60);
    assert_eq!(scene.run().status, Status::Held);
    let ids = |scene: &Scene| -> Vec<Option<String>> {
        let outcome = scene.run();
        outcome.counts.held.into_iter().map(|held| held.id).collect()
    };
    scene.request.permission = Permission::LastRun;
    assert_eq!(ids(&scene), [None::<String>; 0], "it would go");
    assert_eq!(scene.files(".strm").len(), 11);
    scene.request.permission = Permission::Nothing;
    scene.config.cleanup = Cleanup::Off;
    assert_eq!(ids(&scene), [None::<String>; 0]);
    scene.config.cleanup = Cleanup::Apply;
    assert_eq!(ids(&scene), [Some("2.1".to_owned())]);
    assert_eq!(scene.files(".strm").len(), 11);
}

/// A preview makes no holds: what no run has held has no id that could be allowed.
#[test]
fn a_dry_run_names_only_holds_that_a_run_has_made() {
    let mut scene = scene(Cleanup::Apply, 0);
    scene.offer(&FILMS[..6]);
    let first = |scene: &mut Scene| scene.preview().1.of("held")[0].clone();
    assert!(first(&mut scene).starts_with("held None 5 titles"));
    let (outcome, _) = scene.preview();
    let remedy = &outcome.counts.held[0].remedy;
    assert!(
        remedy.ends_with("(a run with --cleanup apply or preview gives it an id to allow)"),
        "{remedy}"
    );
    scene.run();
    assert!(first(&mut scene).starts_with("held Some(\"2.1\") 5 titles"));
}

/// What the settings no longer want goes at once.
#[test]
fn what_the_filter_or_the_settings_no_longer_want_goes_at_once() {
    let mut scene = scene(Cleanup::Apply, 3);
    scene.config.policy.nfo = vod2strm_core::policy::NfoDetail::Off;
    let told = next(&scene);
    let deleted = touched(&told);
    assert_eq!(deleted.len(), 11);
    let is_nfo = |line: &String| line.starts_with("file deleted not_wanted movie_nfo ");
    assert!(deleted.iter().all(is_nfo), "{deleted:?}");
    assert_eq!((scene.files(".nfo").len(), scene.files(".strm").len()), (0, 11));
    scene.config.policy.choice.filter = Some("year > 1974".parse().unwrap());
    for _ in 0..3 {
        next(&scene);
    }
    let told = next(&scene);
    assert_eq!(scene.files(".strm").len(), 9, "{:?}", told.lines());
    assert!(told.lines().contains(&"titles movie filtered 2".to_owned()), "{:?}", told.lines());
}

#[test]
fn episodes_that_are_missing_go_by_themselves() {
    let episodes: Vec<String> = (1..=8).map(|n| format!("Dark S01E0{n}")).collect();
    let episodes: Vec<&str> = episodes.iter().map(String::as_str).collect();
    let mut scene = Scene::made(&episodes);
    (scene.config.cleanup, scene.config.grace) = (Cleanup::Apply, 1);
    scene.offer(&episodes[..7]);
    let told = next(&scene);
    assert_eq!(
        touched(&told),
        [
            "file skipped obsolete episode TV/Dark/Season 01/Dark - S01E08.strm",
            "file skipped obsolete episode_nfo TV/Dark/Season 01/Dark - S01E08.nfo",
        ]
    );
    let told = next(&scene);
    assert_eq!(
        touched(&told),
        [
            "file deleted stale_episode episode TV/Dark/Season 01/Dark - S01E08.strm",
            "file deleted stale_episode episode_nfo TV/Dark/Season 01/Dark - S01E08.nfo",
        ]
    );
    assert_eq!(scene.files(".strm").len(), 7);
    // Most of them are too many for one series.
    scene.offer(&episodes[..2]);
    scene.later(60);
    assert_eq!(scene.run().status, Status::Held);
    assert_eq!(scene.files(".strm").len(), 7);
}

/// Streams that play other works all at once: the old titles stay, and nothing is made of the new ones.
#[test]
fn works_that_contradict_the_library_are_left_out_and_held() {
    for cleanup in [Cleanup::Off, Cleanup::Apply] {
        let mut scene = Scene::of(&[]);
        scene.config.cleanup = cleanup;
        let offer = |scene: &Scene, names: &[&str]| {
            let entry = |(n, name): (usize, &&str)| {
                format!("#EXTINF:-1,{name}\nhttp://h.example/movie/u/p/{n}.mkv\n")
            };
            let entries: String = names.iter().enumerate().map(entry).collect();
            std::fs::write(scene.dir.path().join("list.m3u"), format!("#EXTM3U\n{entries}"))
                .unwrap();
        };
        offer(&scene, &FILMS);
        scene.done();
        let others = FILMS.map(|film| format!("Other {}", film.split_once(" (").unwrap().1));
        let others: Vec<String> = others
            .iter()
            .enumerate()
            .map(|(n, it)| format!("Work number {n} ({}", it.trim_start_matches("Other ")))
            .collect();
        offer(&scene, &others.iter().map(String::as_str).collect::<Vec<_>>());
        scene.later(60);
        let (outcome, told) = scene.told();
        assert_eq!(outcome.status, Status::Held, "{cleanup:?}");
        let held = told.of("held");
        assert!(held[0].starts_with("held Some(\"2.1\") 11 titles"), "{held:?}");
        assert!(held[0].contains("play other titles all at once"), "{held:?}");
        assert!(scene.at("Movies/Heat (1995)/Heat (1995).strm").exists());
        assert_eq!(scene.files(".strm").len(), 11, "{cleanup:?}");
        scene.request.permission = Permission::LastRun;
        scene.later(60);
        scene.run();
        assert!(scene.files(".strm").iter().any(|path| path.contains("Work number 3")));
    }
}

/// Media servers' files beside ours: what a removed title leaves behind is told once.
#[test]
fn a_permission_says_what_it_does_not_do() {
    let mut scene = scene(Cleanup::Apply, 0);
    scene.offer(&FILMS[..6]);
    scene.run();
    scene.config.cleanup = Cleanup::Off;
    scene.request.permission = Permission::LastRun;
    let (_, told) = scene.told();
    let warnings = told.of("warning");
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(warnings[0].starts_with("warning --allow-removals: "), "{warnings:?}");
    assert_eq!(scene.files(".strm").len(), 11);
}

/// What is let go counts no more: of the six that are left, one may be gone.
#[test]
fn what_was_let_go_is_no_loss_of_later_runs() {
    let mut scene = scene(Cleanup::Apply, 0);
    scene.offer(&FILMS[..6]);
    scene.later(60);
    assert_eq!(scene.run().status, Status::Held);
    scene.request.permission = Permission::LastRun;
    next(&scene);
    scene.request.permission = Permission::Nothing;
    scene.offer(&FILMS[..5]);
    next(&scene);
    assert_eq!(scene.files(".strm").len(), 5);
}

/// A filter is the user's will, however much it takes: from none to one, from one to another, and back.
#[test]
fn a_filter_takes_as_much_as_it_wants() {
    let mut scene = scene(Cleanup::Apply, 0);
    for (filter, left) in [(Some("year > 1980"), 6), (Some("year > 1996"), 3), (None, 11)] {
        scene.config.policy.choice.filter = filter.map(|text| text.parse().unwrap());
        for _ in 0..2 {
            next(&scene);
        }
        assert_eq!(scene.files(".strm").len(), left, "{filter:?}");
    }
}

/// Under one and the same filter, what no longer passes it is a loss.
#[test]
fn what_no_longer_passes_the_same_filter_is_held() {
    let mut scene = scene(Cleanup::Apply, 0);
    scene.config.policy.choice.filter = Some("year > 1900".parse().unwrap());
    next(&scene);
    let offered = std::fs::read_to_string(scene.dir.path().join("list.m3u")).unwrap();
    let nameless = offered.replace("(199", "(189");
    std::fs::write(scene.dir.path().join("list.m3u"), nameless.replace("(197", "(187")).unwrap();
    scene.later(60);
    scene.run();
    assert_eq!(scene.files(".strm").len(), 11);
}
