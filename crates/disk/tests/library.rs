//! A library as a run finds it: whose it is, where it is, what is made of a new one, and what is told.

#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test plays the user")]

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use vod2strm_core::model::media::Kind;
use vod2strm_disk::fs::roots::Roots;
use vod2strm_disk::ledger::Ledger;
use vod2strm_disk::library::lock::{LockReach, lock};
use vod2strm_disk::library::mounts::storage_of;
use vod2strm_disk::library::needed::Needed;
use vod2strm_disk::library::{Library, LibraryError, LibraryView, Note, Place, is_at_work};
use vod2strm_testkit::drafts::record;

/// A place in a folder of its own.
struct Scene {
    dir: TempDir,
    place: Place,
}

impl Scene {
    fn new() -> Scene {
        let dir = tempfile::tempdir().unwrap();
        let place = Place {
            output: dir.path().join("out"),
            roots: Roots::default(),
            state: dir.path().join("state"),
            is_state_chosen: true,
        };
        Scene { dir, place }
    }

    /// One with a movie and a series, in the ledger and on disk.
    fn filled() -> Scene {
        let scene = Scene::new();
        scene.fill();
        scene
    }

    fn fill(&self) {
        let mut library = self.open().unwrap();
        let records = [record(Kind::Movie, "Heat"), record(Kind::Series, "Dark")];
        library.ledger.record(&records, &[], 1).unwrap();
        for (kind, folder) in [(Kind::Movie, "Heat"), (Kind::Series, "Dark")] {
            fs::create_dir_all(self.place.root(kind).join(folder)).unwrap();
        }
    }

    fn at(&self, path: &str) -> PathBuf {
        self.dir.path().join(path)
    }

    fn open(&self) -> Result<Library, LibraryError> {
        Library::open(&self.place, "id-1", "me")
    }

    /// Why neither a run nor a look is let in: both say the same.
    fn refused(&self) -> String {
        let text = |error: LibraryError| format!("{error}; {}", error.hint().unwrap_or_default());
        let looked = text(LibraryView::open(&self.place).err().unwrap());
        assert_eq!(text(self.open().err().unwrap()), looked);
        looked.replace(self.dir.path().to_str().unwrap(), "")
    }

    fn ledger(&self) -> Ledger {
        Ledger::open(&self.place.ledger_outside()).unwrap()
    }

    /// Everything below the scene's folder.
    fn all(&self) -> Vec<String> {
        let (mut found, mut folders) = (Vec::new(), vec![self.dir.path().to_owned()]);
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder).unwrap() {
                let path = entry.unwrap().path();
                let name = path.strip_prefix(self.dir.path()).unwrap().to_str().unwrap();
                found.push(name.to_owned());
                if path.is_dir() {
                    folders.push(path);
                }
            }
        }
        found.sort();
        found
    }
}

fn notes(library: &Library) -> Vec<String> {
    library.notes.iter().map(ToString::to_string).collect()
}

#[test]
fn a_library_that_is_not_where_it_was_is_refused() {
    type Harm = fn(&mut Scene);
    let harms: [(&str, Harm); 9] = [
        ("is not the library that the ledger", |scene| {
            fs::remove_dir_all(scene.at("out/.vod2strm")).unwrap();
        }),
        ("the ledger has 2 titles, and the folder lacks its marker", |scene| {
            fs::remove_dir_all(scene.at("out")).unwrap();
        }),
        ("has none of the titles that the ledger", |scene| {
            scene.place.roots.put(Kind::Movie, scene.at("films"));
        }),
        ("has none of the titles that the ledger", |scene| {
            scene.place.roots.put(Kind::Movie, scene.at("films"));
            fs::create_dir_all(scene.at("films/Other")).unwrap();
        }),
        ("their ids differ", |scene| {
            scene.ledger().set_meta("library", "another").unwrap();
        }),
        ("/out/Movies lies in /out/Movies", |scene| {
            scene.place.roots.put(Kind::Series, scene.at("out/Movies"));
        }),
        ("/out/.vod2strm/films lies in /out/.vod2strm", |scene| {
            scene.place.roots.put(Kind::Movie, scene.at("out/.vod2strm/films"));
        }),
        ("mounted in /out/Movies than in the last run: Action (mounted no more); mount", |scene| {
            scene.ledger().set_meta("mounts in Movies", "Action").unwrap();
        }),
        (
            "mounted in /out/TV than in the last run: the folder itself, x (mounted no more)",
            |scene| {
                scene.ledger().set_meta("mounts in TV", ".\nx").unwrap();
            },
        ),
    ];
    for (expected, harm) in harms {
        let mut scene = Scene::filled();
        harm(&mut scene);
        let said = scene.refused();
        assert!(said.contains(expected), "{expected}: {said}");
        assert!(said.contains("; ") && !said.ends_with("; "), "it says what to do: {said}");
        assert!(!scene.at("films/.vod2strm").exists(), "nothing is made there");
    }
}

#[test]
fn a_link_in_the_place_of_a_root_is_refused() {
    let scene = Scene::filled();
    fs::rename(scene.at("out/Movies"), scene.at("films")).unwrap();
    std::os::unix::fs::symlink(scene.at("films"), scene.at("out/Movies")).unwrap();
    let said = scene.refused();
    assert!(said.contains("/out/Movies"), "{said}");
}

/// A root goes elsewhere with all that is in it; what is mounted is noted anew, and each root has its marker.
#[test]
fn a_root_that_moved_with_its_titles_is_known() {
    let mut scene = Scene::filled();
    fs::rename(scene.at("out/Movies"), scene.at("films")).unwrap();
    scene.place.roots.put(Kind::Movie, scene.at("films"));
    drop(scene.open().unwrap());
    assert!(scene.at("films/.vod2strm/library").exists());
    let noted = scene.ledger().meta("place of Movies").unwrap().unwrap();
    assert_eq!(Path::new(&noted), scene.at("films").canonicalize().unwrap());
    assert_eq!(scene.ledger().meta("place of TV").unwrap().as_deref(), Some(""));
    drop(scene.open().unwrap());
    // Not mounted: the empty folder in its place has no marker.
    fs::rename(scene.at("films"), scene.at("away")).unwrap();
    assert!(scene.refused().contains("/films has none of the titles"));
    fs::create_dir_all(scene.at("films/Other")).unwrap();
    assert!(scene.refused().contains("/films has none of the titles"));
    fs::create_dir_all(scene.at("films/Heat")).unwrap();
    let said = scene.refused();
    assert!(said.contains("/films is not the library that the ledger"), "{said}");
    fs::remove_dir_all(scene.at("films")).unwrap();
    fs::rename(scene.at("away"), scene.at("films")).unwrap();
    // Its marker goes where its titles go, so that a mount of the root itself is no surprise.
    scene.ledger().set_meta("mounts in Movies", ".").unwrap();
    drop(scene.open().unwrap());
    scene.ledger().set_meta("mounts in Movies", ".\nAction").unwrap();
    assert!(scene.refused().contains("last run: Action (mounted no more)"));
    // And back.
    scene.ledger().set_meta("mounts in Movies", "").unwrap();
    fs::remove_dir_all(scene.at("films/.vod2strm")).unwrap();
    fs::rename(scene.at("films"), scene.at("out/Movies")).unwrap();
    scene.place.roots = Roots::default();
    drop(scene.open().unwrap());
}

#[test]
fn what_was_mounted_counts_only_where_there_are_titles() {
    let scene = Scene::new();
    drop(scene.open().unwrap());
    scene.ledger().set_meta("mounts in Movies", "Action").unwrap();
    drop(scene.open().unwrap());
    assert_eq!(scene.ledger().meta("mounts in Movies").unwrap().as_deref(), Some(""));
}

/// Ledger and folder count runs: the one that has seen fewer is a backup that was put back.
#[test]
fn a_ledger_or_a_tree_from_before_the_last_runs_is_told_apart() {
    for (generation, is_lost, is_distrusted, said) in [
        ("7", false, false, None),
        ("5", true, false, Some("the ledger is older than the library")),
        ("9", false, true, Some("the library is older than its ledger")),
    ] {
        let scene = Scene::filled();
        scene.ledger().set_meta("generation", "7").unwrap();
        let marker = scene.at("out/.vod2strm/library");
        let text = fs::read_to_string(&marker).unwrap();
        fs::write(&marker, text.replace(" 0\n", " 7\n")).unwrap();
        scene.ledger().set_meta("generation", generation).unwrap();
        let view = LibraryView::open(&scene.place).unwrap();
        assert_eq!((view.is_ledger_lost, view.is_ledger_older), (is_lost, is_lost), "{generation}");
        assert_eq!(view.is_tree_older, is_distrusted, "{generation}");
        assert_eq!(view.ledger.count_titles().unwrap(), if is_lost { 0 } else { 2 });
        drop(view);
        let preview = Library::open_for_preview(&scene.place).unwrap();
        assert_eq!(preview.is_ledger_lost, is_lost);
        assert_eq!(preview.ledger.is_distrusted(&Kind::ALL).unwrap(), is_distrusted);
        let of_preview = notes(&preview);
        assert_eq!(of_preview.len(), usize::from(said.is_some()), "{of_preview:?}");
        drop(preview);
        let library = scene.open().unwrap();
        assert_eq!(library.is_ledger_lost, is_lost, "{generation}");
        assert_eq!(library.ledger.is_distrusted(&Kind::ALL).unwrap(), is_distrusted);
        let told = notes(&library);
        for (of_run, of_preview) in told.iter().zip(&of_preview) {
            let said = said.unwrap();
            assert!(of_run.starts_with(said) && of_preview.starts_with(said), "{told:?}");
        }
        assert_eq!(told.len(), usize::from(said.is_some()), "{told:?}");
        let aside = scene.place.ledger_outside().with_extension("sqlite.older-1");
        assert_eq!(aside.exists(), is_lost);
        drop(library);
        let again = scene.open().unwrap();
        assert_eq!((again.is_ledger_lost, notes(&again).len()), (is_lost, 0), "{generation}");
    }
}

#[test]
fn a_damaged_ledger_is_kept_aside_each_time_and_a_damaged_marker_is_written_anew() {
    let scene = Scene::filled();
    for number in 1..=2 {
        fs::write(scene.place.ledger_outside(), "a text that is no database, and long enough")
            .unwrap();
        let mut library = scene.open().unwrap();
        let aside = format!("ledger.sqlite.damaged-{number}");
        assert!(notes(&library)[0].ends_with(&aside), "{:?}", library.notes);
        assert!(library.is_ledger_lost, "it is filled from what is on disk");
        assert!(scene.place.ledger_outside().with_file_name(aside).exists());
        library.recovered().unwrap();
        assert!(!library.is_ledger_lost);
        drop(library);
        assert!(!scene.open().unwrap().is_ledger_lost);
    }
    let files = scene.place.ledger_files();
    let names: Vec<_> =
        files.iter().map(|path| path.file_name().unwrap().to_str().unwrap()).collect();
    let folder = scene.place.state_folder();
    assert_eq!(names[0], folder.file_name().unwrap().to_str().unwrap());
    let kept: Vec<_> = names[1..]
        .iter()
        .filter(|name| !name.ends_with("-wal") && !name.ends_with("-shm"))
        .collect();
    assert_eq!(kept, [&"ledger.sqlite", &"ledger.sqlite.damaged-1", &"ledger.sqlite.damaged-2"]);
    fs::write(scene.at("out/.vod2strm/library"), "").unwrap();
    let library = scene.open().unwrap();
    assert_eq!(library.notes, [Note::MarkerRenewed(scene.at("out"))]);
    drop(library);
    assert_eq!(scene.open().unwrap().notes, []);
}

#[test]
fn a_ledger_turned_out_to_be_damaged_is_replaced_by_an_empty_one() {
    let scene = Scene::filled();
    let mut library = scene.open().unwrap();
    assert!(!library.is_ledger_lost);
    library.renew_ledger().unwrap();
    assert_eq!(library.ledger.count_titles().unwrap(), 0);
    assert!(library.is_ledger_lost, "what is on disk fills it");
    assert!(matches!(&library.notes[..], [Note::LedgerDamaged(_)]));
    assert!(scene.place.ledger_outside().with_extension("sqlite.damaged-1").exists());
}

#[test]
fn of_two_ledgers_the_one_in_the_library_is_used_and_both_are_named() {
    let mut scene = Scene::new();
    scene.place.is_state_chosen = false;
    fs::write(scene.at("state"), "a file").unwrap();
    drop(scene.open().unwrap());
    let inside = scene.place.ledger_inside();
    assert_eq!(scene.place.ledger_path().unwrap(), inside);
    assert!(scene.place.ledger_files().iter().all(|path| path.starts_with(scene.at("out"))));
    assert_eq!(scene.place.second_ledger().unwrap(), None);
    fs::remove_file(scene.at("state")).unwrap();
    let outside = scene.place.ledger_outside();
    fs::create_dir_all(outside.parent().unwrap()).unwrap();
    fs::copy(&inside, &outside).unwrap();
    assert_eq!(scene.place.second_ledger().unwrap(), Some(outside.clone()));
    let library = scene.open().unwrap();
    assert_eq!(library.notes, [Note::TwoLedgers(inside, outside)]);
}

#[test]
fn a_new_library_that_came_to_nothing_goes_and_one_with_titles_stays() {
    let scene = Scene::new();
    fs::create_dir_all(scene.at("out")).unwrap();
    fs::write(scene.at("out/mine.txt"), "mine").unwrap();
    let before = scene.all();
    scene.open().unwrap().take_back();
    assert_eq!(scene.all(), before);
    // What somebody put into our folders stays, with its folders.
    let library = scene.open().unwrap();
    fs::write(scene.at("out/.vod2strm/mine"), "mine").unwrap();
    library.take_back();
    assert_eq!(scene.all(), ["out", "out/.vod2strm", "out/.vod2strm/mine", "out/mine.txt"]);
    fs::remove_dir_all(scene.at("out/.vod2strm")).unwrap();
    let mut library = scene.open().unwrap();
    library.ledger.record(&[record(Kind::Movie, "Heat")], &[], 1).unwrap();
    library.take_back();
    assert!(scene.at("out/.vod2strm/library").exists() && scene.place.ledger_outside().exists());
}

#[test]
fn a_library_that_was_one_before_stays_when_a_run_comes_to_nothing() {
    let scene = Scene::new();
    drop(scene.open().unwrap());
    let before = scene.all();
    scene.open().unwrap().take_back();
    assert_eq!(scene.all(), before);
}

#[test]
fn folders_that_a_refused_run_made_go_again() {
    let mut scene = Scene::new();
    fs::write(scene.at("state"), "a file").unwrap();
    scene.place.roots.put(Kind::Movie, scene.at("nas/films"));
    let before = scene.all();
    let error = scene.open().err().unwrap();
    assert!(matches!(error, LibraryError::Folder { .. }), "{error}");
    assert_eq!(scene.all(), before);
}

#[test]
fn who_is_at_work_is_named_and_its_folders_are_left_alone() {
    let scene = Scene::new();
    assert!(!is_at_work(&scene.place));
    let library = Library::open(&scene.place, "id-1", "process 7").unwrap();
    assert!(is_at_work(&scene.place));
    let before = scene.all();
    let held = scene.open().err().unwrap();
    assert!(held.to_string().ends_with("(process 7)"), "{held}");
    assert!(held.hint().unwrap().starts_with("wait until it has finished"));
    assert_eq!(scene.all(), before);
    drop(library);
    assert!(!is_at_work(&scene.place));
    // One who only looks keeps writers away, too.
    let view = LibraryView::open(&scene.place).unwrap();
    assert!(scene.open().is_err() && !is_at_work(&scene.place));
    drop(view);
    scene.open().unwrap();
}

#[test]
fn a_lock_beside_the_ledger_keeps_this_machine_away_alone() {
    let dir = tempfile::tempdir().unwrap();
    let held = lock(dir.path(), dir.path()).unwrap();
    let mut held = held.on_this_machine();
    assert_eq!(held.held, LockReach::OnThisMachine);
    held.held = LockReach::ForShow;
    assert_eq!(held.on_this_machine().held, LockReach::ForShow);
}

/// A preview changes nothing: what a run tells its ledger is kept apart from the first change on.
#[test]
fn a_preview_keeps_its_changes_apart() {
    let scene = Scene::filled();
    let before = scene.all();
    let mut preview = Library::open_for_preview(&scene.place).unwrap();
    let mut noted = 0;
    let mut note = |library: &mut Library| {
        library.note(|_| {
            noted += 1;
            Ok::<_, LibraryError>(())
        })
    };
    note(&mut preview).unwrap();
    preview.begin_changes(1).unwrap();
    preview.ledger.set_meta("library", "x").unwrap();
    preview.ledger.record(&[record(Kind::Movie, "Ran")], &[], 1).unwrap();
    assert_eq!(preview.ledger.count_titles().unwrap(), 3);
    drop(preview);
    assert_eq!(noted, 0, "a preview notes nothing before");
    let ledger = scene.ledger();
    assert_eq!(ledger.count_titles().unwrap(), 2);
    assert_eq!(ledger.meta("library").unwrap().as_deref(), Some("id-1"));
    drop(ledger);
    assert_eq!(scene.all().len(), before.len());
    let nowhere = Scene::new();
    let preview = Library::open_for_preview(&nowhere.place).unwrap();
    assert_eq!((preview.ledger.count_titles().unwrap(), preview.is_ledger_lost), (0, false));
    drop(preview);
    assert_eq!(nowhere.all(), [""; 0]);
}

#[test]
fn what_must_not_be_written_over_is_named() {
    let scene = Scene::filled();
    let mut needed = Needed::default();
    fs::write(scene.at("a.m3u"), "x").unwrap();
    fs::write(scene.at("out/Movies/Heat/film.mkv"), "x").unwrap();
    fs::hard_link(scene.at("out/Movies/Heat/film.mkv"), scene.at("film")).unwrap();
    fs::create_dir_all(scene.at("other")).unwrap();
    fs::write(scene.at("other/ledger.sqlite"), "x").unwrap();
    needed.add_file(&scene.at("a.m3u"), "the source");
    needed.add_library(&scene.place);
    for (path, reason) in [
        ("a.m3u", "is the source"),
        ("out/Movies/a.csv", "is in /out/Movies"),
        ("out/TV/a.csv", "is in /out/TV"),
        ("out/.vod2strm/a.csv", "is in /out/.vod2strm"),
        ("film", "is /out/Movies/Heat/film.mkv, too"),
        ("other/a.csv", "is beside a ledger"),
    ] {
        let said = needed.reason(&scene.at(path)).unwrap();
        assert_eq!(said.replace(scene.dir.path().to_str().unwrap(), ""), reason, "{path}");
    }
    assert_eq!(needed.reason(&scene.at("free.csv")), None);
    needed.add_file(&scene.at("log.12"), "the settings file");
    let becomes = needed.reason_numbered(&scene.at("log")).unwrap();
    assert!(becomes.ends_with("log.12 in time, which is the settings file"), "{becomes}");
    for free in ["log.1", "log.12.3", "lo"] {
        assert_eq!(needed.reason_numbered(&scene.at(free)), None, "{free}");
    }
}

#[test]
fn what_tells_the_storage_of_a_library_is_never_empty() {
    let mut scene = Scene::filled();
    let one = storage_of(&scene.place.open_tree().unwrap());
    assert!(!one.trim().is_empty());
    fs::create_dir(scene.at("films")).unwrap();
    scene.place.roots.put(Kind::Movie, scene.at("films"));
    let two = storage_of(&scene.place.open_tree().unwrap());
    assert_eq!(two, format!("{one} {one}"), "both folders are on one disk");
}

#[test]
fn a_ledger_that_cannot_be_opened_says_what_can_be_done() {
    let scene = Scene::new();
    fs::create_dir_all(scene.place.ledger_outside()).unwrap();
    let error = scene.open().err().unwrap();
    let hint = error.hint().unwrap();
    assert!(!hint.contains("SQLite cannot work on this file system"), "{error}: {hint}");
}
