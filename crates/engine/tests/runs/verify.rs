//! What `verify` finds, by its folders alone and by reading every file.

use std::fs;

use vod2strm_core::status::Status;
use vod2strm_disk::ledger::Ledger;
use vod2strm_disk::library::Library;
use vod2strm_engine::error::RunError;
use vod2strm_engine::verify::{Verification, verify};

use crate::scene::{Scene, TITLES};

const HEAT: &str = "Movies/Heat (1995)/Heat (1995)";

fn look(scene: &Scene, is_full: bool) -> Result<Verification, RunError> {
    let config = &scene.config;
    verify(&config.place, config.concurrency, is_full, &scene.host(&[]))
}

fn found(scene: &Scene, is_full: bool) -> Vec<String> {
    let found = look(scene, is_full).unwrap();
    assert_eq!(found.is_whole(), found.differences.is_empty());
    found.differences.iter().map(|it| format!("{} {}", it.what, it.path)).collect()
}

#[test]
fn what_is_as_it_was_written_is_whole() {
    let scene = Scene::made(&TITLES);
    let (quick, full) = (look(&scene, false).unwrap(), look(&scene, true).unwrap());
    assert!(quick.is_whole() && full.is_whole());
    assert_eq!((quick.titles, quick.files), (4, None));
    assert_eq!((full.titles, full.files), (4, Some(scene.files("").len() as u64)));
    assert_eq!(scene.plain(&full.output), "/films");
}

/// Each kind of difference, by itself: what the folders tell, and what reading tells.
#[test]
fn every_difference_is_found_and_counted() {
    type Harm = fn(&Scene);
    let harms: [(&str, [u64; 3], bool, Harm); 6] = [
        ("gone .strm", [1, 0, 0], true, |scene| scene.remove(&format!("{HEAT}.strm"))),
        ("changed .strm", [0, 1, 0], false, |scene| scene.write(&format!("{HEAT}.strm"), "mine")),
        ("damaged .strm", [0, 1, 0], false, |scene| scene.write(&format!("{HEAT}.strm"), "")),
        ("changed .nfo", [0, 1, 0], false, |scene| scene.write(&format!("{HEAT}.nfo"), "mine")),
        ("a folder .strm", [0, 0, 1], false, |scene| {
            scene.remove(&format!("{HEAT}.strm"));
            fs::create_dir(scene.at(&format!("{HEAT}.strm"))).unwrap();
        }),
        ("a link .strm", [0, 0, 1], false, |scene| {
            scene.remove(&format!("{HEAT}.strm"));
            let path = scene.at(&format!("{HEAT}.strm"));
            std::os::unix::fs::symlink("/dev/null", path).unwrap();
        }),
    ];
    for (expected, counts, is_seen_by_folders, harm) in harms {
        let scene = Scene::made(&TITLES);
        harm(&scene);
        let (what, end) = expected.rsplit_once(' ').unwrap();
        let line = format!("{what} {HEAT}{end}");
        let quick: &[&str] = if is_seen_by_folders { &[&line] } else { &[] };
        assert_eq!(found(&scene, false), quick, "{expected}");
        assert_eq!(found(&scene, true), [line], "{expected}");
        let full = look(&scene, true).unwrap();
        assert_eq!([full.gone, full.changed, full.not_files], counts, "{expected}");
        assert_eq!((full.unread, full.is_whole()), (0, false));
    }
}

#[test]
fn a_title_that_is_gone_as_a_whole_lacks_each_of_its_files() {
    let scene = Scene::made(&TITLES);
    fs::remove_dir_all(scene.at("Movies/Heat (1995)")).unwrap();
    let lines = [format!("gone {HEAT}.nfo"), format!("gone {HEAT}.strm")];
    assert_eq!(found(&scene, false), lines);
    let mut full = found(&scene, true);
    full.sort();
    assert_eq!(full, lines);
}

/// A power cut may leave a file short: after another boot the sizes of what the last run wrote are looked at.
#[test]
fn after_another_boot_files_of_another_size_are_found() {
    let scene = Scene::made(&TITLES);
    scene.write(&format!("{HEAT}.strm"), "short");
    scene.write("Movies/Ran (1985)/Ran (1985).nfo", "an edit");
    scene.remove("Movies/Alien (1979)/Alien (1979).strm");
    let gone = "gone Movies/Alien (1979)/Alien (1979).strm";
    assert_eq!(found(&scene, false), [gone]);
    let ledger = Ledger::open(&scene.config.place.ledger_outside()).unwrap();
    ledger.set_meta("boot", "another one").unwrap();
    drop(ledger);
    assert_eq!(found(&scene, false), [gone.to_owned(), format!("changed {HEAT}.strm")]);
}

#[test]
fn what_is_no_library_or_at_work_is_refused() {
    let scene = Scene::of(&TITLES);
    let refused = look(&scene, false).unwrap_err();
    assert!(refused.to_string().contains("is no library of vod2strm"), "{refused}");
    assert_eq!(refused.status(), Status::Usage);
    scene.done();
    let library = Library::open(&scene.config.place, "id", "somebody").unwrap();
    let held = look(&scene, false).unwrap_err();
    assert!(held.to_string().contains("another run is working on"), "{held}");
    assert!(held.to_string().ends_with("(somebody)"), "{held}");
    assert_eq!(held.status(), Status::Locked);
    drop(library);
    fs::remove_file(scene.config.place.ledger_outside()).unwrap();
    let lost = look(&scene, true).unwrap_err();
    assert!(lost.to_string().contains("there is no ledger of"), "{lost}");
    assert_eq!(lost.status(), Status::Failed);
}
