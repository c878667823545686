//! A tree that no ledger knows is taken over, by request or by a run.

use std::fs;

use vod2strm_core::layout::Layout;
use vod2strm_engine::adopt::{AdoptRequest, Adoption, adopt};
use vod2strm_engine::error::RunError;
use vod2strm_engine::request::Mode;

use crate::scene::{FILMS, Scene, TITLES, Told};

fn request(mode: Mode) -> AdoptRequest {
    AdoptRequest { mode, manifest: None, is_layout_chosen: false }
}

fn taken(scene: &Scene, request: &AdoptRequest) -> (Result<Adoption, RunError>, Told) {
    let told = Told::default();
    let adoption = adopt(&scene.config, request, &scene.host(&[&told]));
    (adoption, told)
}

/// A library whose ledger and markers are lost: a tree as any other.
fn strange() -> Scene {
    let scene = Scene::made(&TITLES);
    fs::remove_dir_all(scene.dir.path().join("state")).unwrap();
    fs::remove_dir_all(scene.at(".vod2strm")).unwrap();
    scene
}

#[test]
fn what_is_recognised_is_known_and_nothing_is_written() {
    let scene = strange();
    scene.write("Movies/Heat (1995)/Heat (1995).nfo", "mine");
    scene.remove("Movies/Ran (1985)/Ran (1985).nfo");
    scene.write("Movies/Unknown (2001)/Unknown (2001).strm", "http://elsewhere.example/1.mkv\n");
    let before = scene.files("");
    for mode in [Mode::Preview, Mode::Real] {
        let (adoption, told) = taken(&scene, &request(mode));
        let adoption = adoption.unwrap();
        let numbers = [adoption.movies, adoption.series, adoption.strms, adoption.nfos];
        assert_eq!(numbers, [3, 1, 5, 5], "{mode:?} {adoption:?}");
        assert_eq!([adoption.edited, adoption.incomplete, adoption.known], [1, 1, 0], "{mode:?}");
        assert_eq!((adoption.titles(), adoption.other_names), (4, 0));
        assert_eq!(adoption.note_on_names(), None);
        assert_eq!(adoption.rest.len(), 1);
        assert_eq!(adoption.rest[0].0, "Movies/Unknown (2001)/Unknown (2001).strm");
        let phases =
            ["phase Adopt None", "phase Check None", "phase Open None", "phase Stamps None"];
        assert_eq!(told.of("phase"), phases);
        assert_eq!(scene.at(".vod2strm").exists(), mode == Mode::Real);
        assert_eq!(scene.files(""), before);
    }
    let again = taken(&scene, &request(Mode::Real)).0.unwrap();
    assert_eq!((again.titles(), again.known), (0, 5));
    let (_, told) = scene.told();
    assert_eq!(
        told.of("file"),
        [
            "file written created movie_nfo Movies/Ran (1985)/Ran (1985).nfo",
            "file skipped cached_skip movie Movies/Ran (1985)/Ran (1985).strm"
        ]
        .into_iter()
        .rev()
        .collect::<Vec<_>>()
    );
    assert_eq!(scene.text("Movies/Heat (1995)/Heat (1995).nfo"), "mine");
}

#[test]
fn names_of_another_layout_are_counted() {
    let mut scene = strange();
    scene.config.policy.layout = Layout::classic();
    let adoption = taken(&scene, &request(Mode::Preview)).0.unwrap();
    assert!(adoption.other_names > 0, "{adoption:?}");
    let note = adoption.note_on_names().unwrap();
    let end = "other names than the layout and the templates of today give: names stay until generate --relayout";
    assert!(note.ends_with(end), "{note}");
}

#[test]
fn a_folder_in_which_nothing_is_recognised_becomes_no_library() {
    let scene = Scene::of(&TITLES);
    scene.write("Movies/Holidays/1.mkv", "mine");
    let adoption = taken(&scene, &request(Mode::Real)).0.unwrap();
    assert_eq!((adoption.titles(), adoption.rest.len()), (0, 0));
    assert!(!scene.at(".vod2strm").exists() && !scene.dir.path().join("state").exists());
}

/// A run finds its ledger lost: it takes over what is there, and goes on.
#[test]
fn a_run_recognises_what_is_on_disk_when_its_ledger_is_lost() {
    let scene = Scene::made(&TITLES);
    fs::remove_dir_all(scene.dir.path().join("state")).unwrap();
    scene.write("Movies/Unknown (2001)/Unknown (2001).strm", "http://elsewhere.example/1.mkv\n");
    scene.offer(&[&TITLES[..], &["Jaws (1975)"]].concat());
    let (outcome, told) = scene.told();
    let text = "warning the ledger was lost, or is older: 4 titles were recognised by what is on disk, and 1 .strm file was \
                not (vod2strm adopt names what was not)";
    assert_eq!(told.of("warning"), [text]);
    assert_eq!(told.of("title"), ["title new Jaws Some(1975) in Some(\"Movies/Jaws (1975)\")"]);
    assert_eq!(outcome.counts.files["written"]["created"], 2);
    let (_, told) = scene.told();
    assert_eq!(told.of("warning"), [""; 0], "it is told once");
    assert_eq!(scene.files(".strm").len(), 7);
}

#[test]
fn a_ledger_that_is_damaged_is_kept_and_filled_again() {
    let scene = Scene::made(&FILMS);
    fs::write(scene.config.place.ledger_outside(), "no database at all, but a text of some length")
        .unwrap();
    let (outcome, told) = scene.told();
    let warnings = told.of("warning");
    assert_eq!(warnings.len(), 2, "{warnings:?}");
    assert!(
        warnings[0].starts_with("warning the ledger is damaged; it is kept as "),
        "{warnings:?}"
    );
    assert!(warnings[1].contains(": 3 titles were recognised by what is on disk"), "{warnings:?}");
    assert!(outcome.counts.files.is_empty(), "{outcome:?}");
}

const MANIFEST: &str = ".vod2strm_manifest.json";

/// The manifest of the plugin in its place asks for a layout; one that is named has to be readable.
#[test]
fn a_manifest_is_read_where_it_is_named_or_in_its_place() {
    let scene = strange();
    for place in [MANIFEST.to_owned(), format!("Movies/{MANIFEST}")] {
        scene.write(&place, r#"{"files": {"/x/a.strm": {"type": "movie", "uuid": "u"}}}"#);
        let refused = taken(&scene, &request(Mode::Preview)).0.unwrap_err().to_string();
        assert!(refused.contains("was made by the Dispatcharr plugin vod2strm"), "{refused}");
        let chosen = AdoptRequest { is_layout_chosen: true, ..request(Mode::Preview) };
        let (adoption, told) = taken(&scene, &chosen);
        assert_eq!((adoption.unwrap().titles(), told.of("warning").len()), (4, 0));
        scene.write(&place, "[]");
        let (adoption, told) = taken(&scene, &chosen);
        assert_eq!(adoption.unwrap().titles(), 4);
        let warnings = told.of("warning");
        assert!(warnings[0].ends_with("it has no list of files"), "{warnings:?}");
        let named = AdoptRequest { manifest: Some(scene.at(&place)), ..chosen };
        let wrong = taken(&scene, &named).0.unwrap_err().to_string();
        assert!(
            wrong.starts_with("cannot read the manifest ")
                && wrong.ends_with("it has no list of files")
        );
        scene.remove(&place);
        let missing = taken(&scene, &named).0.unwrap_err().to_string();
        assert!(missing.contains("cannot read the manifest"), "{missing}");
    }
}
