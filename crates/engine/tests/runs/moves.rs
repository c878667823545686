//! Titles that get other names, because the settings changed or somebody asks for the names of today.

use vod2strm_core::layout::{Layout, TemplateKind};
use vod2strm_core::status::Status;

use crate::scene::{Scene, TITLES};

/// Other names for the folders of movies and series.
fn renamed(scene: &mut Scene) {
    let layout = Layout::standard().with(TemplateKind::MovieFolder, "{year} {title}").unwrap();
    scene.config.policy.layout = layout.with(TemplateKind::SeriesFolder, "{title} all").unwrap();
}

const MOVED: [&str; 4] = [
    "file moved folder movie Movies/1979 Alien < Movies/Alien (1979)",
    "file moved folder movie Movies/1985 Ran < Movies/Ran (1985)",
    "file moved folder movie Movies/1995 Heat < Movies/Heat (1995)",
    "file moved folder tvshow_nfo TV/Dark all < TV/Dark",
];

#[test]
fn folders_move_with_all_that_is_in_them_when_the_rules_change() {
    let mut scene = Scene::made(&TITLES);
    scene.write("Movies/Heat (1995)/poster.jpg", "mine");
    renamed(&mut scene);
    scene.later(60);
    let (outcome, told) = scene.preview();
    let moves = |lines: Vec<String>, word: &str| -> Vec<String> {
        lines.into_iter().filter(|line| line.contains(word)).collect()
    };
    let expected = MOVED.map(|line| line.replace("moved folder", "skipped dry_run_move"));
    assert_eq!(moves(told.of("file"), " < "), expected);
    assert_eq!(outcome.status, Status::Done);
    assert!(scene.at("Movies/Heat (1995)").exists());
    let (outcome, told) = scene.told();
    assert_eq!(moves(told.of("file"), "moved folder"), MOVED);
    assert_eq!(outcome.counts.files["moved"]["folder"], 4);
    assert_eq!(scene.text("Movies/1995 Heat/poster.jpg"), "mine");
    for old in ["Movies/Heat (1995)", "Movies/Ran (1985)", "TV/Dark"] {
        assert!(!scene.at(old).exists(), "{old}");
    }
    assert_eq!(scene.files(".strm").len(), 5);
    assert!(told.lines().contains(&"phase Move None".to_owned()));
    assert_eq!(scene.told().1.of("file"), [""; 0], "they are where they should be");
}

#[test]
fn a_name_that_somebody_has_is_refused_and_tried_again() {
    let mut scene = Scene::made(&TITLES);
    scene.write("Movies/1995 Heat", "mine");
    renamed(&mut scene);
    scene.later(60);
    let (outcome, told) = scene.told();
    let line = told.of("file").into_iter().find(|line| line.starts_with("file error")).unwrap();
    assert!(line.starts_with("file error move_failed movie Movies/1995 Heat"), "{line}");
    assert!(line.contains("(Movies/Heat (1995) stays: something that is not ours has the new name: Movies/1995 Heat)"), "{line}");
    assert_eq!(outcome.status, Status::SomeFailed);
    assert_eq!(scene.text("Movies/1995 Heat"), "mine");
    assert!(scene.at("Movies/Heat (1995)/Heat (1995).strm").exists());
    assert!(scene.at("Movies/1985 Ran").exists());
    scene.remove("Movies/1995 Heat");
    scene.later(60);
    let (_, told) = scene.told();
    assert!(told.of("file").contains(&MOVED[2].to_owned()), "{:?}", told.of("file"));
    assert!(!scene.at("Movies/Heat (1995)").exists());
}

/// A title's names stay when its name in the source changes, until somebody asks for the names of today.
#[test]
fn names_of_today_are_given_on_request() {
    let entry = |year: &str| {
        format!("#EXTM3U\n#EXTINF:-1 tvg-id=\"\",Heat{year}\nhttp://h.example/movie/u/p/7.mkv\n")
    };
    let mut scene = Scene::of(&[]);
    let offer = |scene: &Scene, year: &str| {
        std::fs::write(scene.dir.path().join("list.m3u"), entry(year)).unwrap();
    };
    offer(&scene, "");
    scene.done();
    offer(&scene, " (1995)");
    scene.done();
    assert_eq!(scene.files(".strm"), ["Movies/Heat/Heat.strm"]);
    scene.request.relayout = true;
    let (_, told) = scene.told();
    let moved = "file moved folder movie Movies/Heat (1995) < Movies/Heat".to_owned();
    assert!(told.of("file").contains(&moved), "{:?}", told.of("file"));
    assert_eq!(scene.files(".strm"), ["Movies/Heat (1995)/Heat (1995).strm"]);
    let renamed = told.of("file").into_iter().filter(|line| line.starts_with("file moved file "));
    assert_eq!(renamed.count(), 2, "{:?}", told.of("file"));
    assert_eq!(scene.told().1.of("file").iter().filter(|line| line.contains("moved")).count(), 0);
}

/// A subtitle that has a file's name goes along with it.
#[test]
fn what_has_a_files_name_goes_along() {
    let mut scene = Scene::made(&["Heat (1995)"]);
    scene.write("Movies/Heat (1995)/Heat (1995).en.srt", "mine");
    let layout = Layout::standard().with(TemplateKind::MovieFile, "{title}").unwrap();
    scene.config.policy.layout = layout;
    scene.later(60);
    let (_, told) = scene.told();
    assert_eq!(
        told.of("file"),
        [
            "file moved file companion Movies/Heat (1995)/Heat.en.srt < Movies/Heat (1995)/Heat (1995).en.srt",
            "file moved file movie Movies/Heat (1995)/Heat.strm",
            "file moved file movie_nfo Movies/Heat (1995)/Heat.nfo",
        ]
    );
    assert_eq!(scene.text("Movies/Heat (1995)/Heat.en.srt"), "mine");
}

/// A folder with a film of the user's is the user's: the title is written into it, and it never moves.
#[test]
fn a_folder_of_the_users_never_moves() {
    let mut scene = Scene::of(&TITLES);
    scene.write("Movies/Heat (1995)/Heat (1995) 1080p.mkv", "a film");
    scene.done();
    let shared = scene.told().1.of("titles");
    assert!(shared.contains(&"titles movie shared 1".to_owned()), "{shared:?}");
    renamed(&mut scene);
    scene.later(60);
    let (_, told) = scene.told();
    assert!(!told.of("file").contains(&MOVED[2].to_owned()), "{:?}", told.of("file"));
    assert!(told.of("file").contains(&MOVED[1].to_owned()), "{:?}", told.of("file"));
    assert_eq!(scene.text("Movies/Heat (1995)/Heat (1995) 1080p.mkv"), "a film");
}
