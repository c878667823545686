//! What nothing wants any more goes, and nothing else, whatever fails and whenever.

use vod2strm_core::model::media::Kind::{Movie, Series};
use vod2strm_core::removal::record::Removed;
use vod2strm_disk::fs::tree::TreeError;
use vod2strm_testkit::faulty_fs::{
    EACCES, EIO, ENOSPC, EROFS, Effect, InjectedError, InjectedFault, Span,
};

use crate::scene::Found::{Edited, Folder, Gone, Link, Ours};
use crate::scene::{Scene, Stock, said};
use crate::world::{MakeWorld, World, for_every_n};

/// Titles of every sort.
pub fn stocks() -> Vec<Stock> {
    let lost = Stock::new(Series, "Lost")
        .staying("tvshow.nfo")
        .unwanted("Season 01/season.nfo", Ours)
        .unwanted("Season 01/S01E01.nfo", Ours)
        .unwanted("Season 01/S01E01.strm", Ours)
        .unwanted("Season 01/S01E02.nfo", Ours)
        .unwanted("Season 01/S01E02.strm", Ours)
        .staying("Season 02/season.nfo")
        .staying("Season 02/S02E01.nfo")
        .staying("Season 02/S02E01.strm")
        .unwanted("Season 02/S02E02.nfo", Ours)
        .unwanted("Season 02/S02E02.strm", Ours);
    let dark = Stock::new(Series, "Dark")
        .unwanted("tvshow.nfo", Ours)
        .unwanted("Season 01/S01E01.nfo", Edited)
        .unwanted("Season 01/S01E01.strm", Ours)
        .unwanted("Season 02/S02E01.strm", Gone)
        .unwanted("Season 03/S03E01.nfo", Ours)
        .unwanted("Season 03/S03E01.strm", Ours)
        .guest("Season 04/mine.mkv");
    let movie = |name| Stock::new(Movie, name);
    vec![
        movie("Alien").unwanted("Alien.nfo", Ours).unwanted("Alien.strm", Ours).guest("poster.jpg"),
        lost,
        movie("Blade").unwanted("Blade.nfo", Edited).unwanted("Blade.strm", Ours),
        movie("Cube").unwanted("Cube.nfo", Ours).unwanted("Cube.strm", Edited),
        dark,
        movie("Dune").unwanted("Dune.nfo", Ours).unwanted("Dune.strm", Gone),
        movie("Exit").unwanted("Exit.nfo", Ours).unwanted("Exit.strm", Folder),
        Stock::new(Series, "Fargo")
            .unwanted("tvshow.nfo", Ours)
            .unwanted("Season 01/S01E01.nfo", Ours)
            .unwanted("Season 01/S01E01.strm", Ours)
            .link("Season 01"),
        movie("Heat").unwanted("Heat - 2.strm", Ours).staying("Heat.nfo").staying("Heat.strm"),
        movie("Gone").unwanted("Gone.nfo", Gone).unwanted("Gone.strm", Gone),
        movie("Ran").unwanted("Ran.nfo", Ours).unwanted("Ran.strm", Ours),
        Stock::new(Series, "Sun")
            .unwanted("tvshow.nfo", Ours)
            .unwanted("Season 01/S01E01.nfo", Ours)
            .unwanted("Season 01/S01E01.strm", Ours),
        movie("Quiz").unwanted("Quiz.nfo", Ours).unwanted("Quiz.strm", Ours).shared(),
        Stock::new(Series, "Roma")
            .unwanted("Season 01/S01E01.nfo", Ours)
            .unwanted("Season 01/S01E01.strm", Ours)
            .unwanted("Season 02/S02E01.strm", Gone)
            .staying("Season 03/S03E01.strm")
            .shared(),
        movie("Taxi").unwanted("Taxi.nfo", Ours).unwanted("Taxi.strm", Link),
        movie("Zero").staying("Zero.nfo").staying("Zero.strm"),
    ]
}

#[test]
fn what_is_ours_goes_and_nothing_else() {
    for (make, workers) in World::BOTH.into_iter().flat_map(|make| [(make, 1), (make, 3)]) {
        let scene = Scene::new(make(), &stocks());
        let done = scene.clean_up(None, workers, false);
        assert_eq!(done.iter().map(said).collect::<Vec<_>>(), scene.words());
        scene.assert_done(false);
        let now = scene.world.library();
        // The goal is computed; this is not.
        for path in
            ["Movies/Ran/", "Movies/Dune/", "TV/Sun/", "TV/Lost/Season 01/", "TV/Dark/Season 03/"]
        {
            assert!(!now.contains_key(path), "{path} stays");
        }
        let staying = ["TV/Lost/Season 02/S02E01.strm", "TV/Dark/Season 04/mine.mkv", "TV/Lost/"];
        for path in staying.into_iter().chain(["Movies/Quiz/", "TV/Roma/Season 01/"]) {
            assert!(now.contains_key(path), "{path} went");
        }
        assert_eq!(now["Movies/Alien/poster.jpg"], "guest: poster.jpg");
        assert_eq!(now["Movies/Cube/Cube.strm"], "edited: Movies/Cube/Cube.strm");
        let keeping = done.iter().filter(|removed| removed.keeps_others).count();
        assert_eq!(keeping, 8, "Alien, Blade, Cube, Dark, Exit, Fargo, Quiz, Taxi");
    }
}

#[test]
fn a_second_cleanup_after_an_undisturbed_one_changes_nothing() {
    let scene = Scene::new(World::memory(), &stocks());
    scene.clean_up(None, 1, false);
    scene.world.memory_fs().forget_calls();
    scene.assert_recovers(false);
    assert_eq!(scene.world.memory_fs().changes(), Vec::<String>::new());
}

/// Cuts a cleanup off at every call, looks, and cleans up again.
fn crash_everywhere(make: MakeWorld, workers: usize, effect: Effect) {
    for_every_n(80, |nth| {
        let scene = Scene::new(make(), &stocks());
        let fault = InjectedFault::at_call(nth, EIO).then(Span::Crash).doing(effect);
        scene.clean_up(Some(&fault), workers, true);
        scene.assert_unharmed();
        scene.assert_ours_are_known();
        scene.assert_recovers(false);
        fault.has_struck()
    });
}

#[test]
fn a_cleanup_that_is_cut_off_anywhere_is_made_good() {
    for effect in [Effect::Nothing, Effect::Whole] {
        crash_everywhere(World::memory, 1, effect);
        crash_everywhere(World::memory, 3, effect);
    }
}

#[test]
fn a_cleanup_of_a_real_disk_that_is_cut_off_anywhere_is_made_good() {
    crash_everywhere(World::local, 1, Effect::Whole);
}

#[test]
fn a_cleanup_that_is_cut_off_again_and_again_gets_on() {
    let scene = Scene::new(World::memory(), &stocks());
    for_every_n(20, |nth| {
        let fault = InjectedFault::at_call(nth, EIO).then(Span::Crash).doing(Effect::Whole);
        scene.clean_up(Some(&fault), 1, true);
        scene.assert_unharmed();
        scene.assert_ours_are_known();
        fault.has_struck()
    });
    scene.assert_recovers(false);
}

/// Lets one call of a cleanup fail, every one in turn; the ledger hears of it. Then cleans up again.
fn fail_everywhere(make: MakeWorld, failure: InjectedError, span: Span, effect: Effect) {
    for_every_n(80, |nth| {
        let scene = Scene::new(make(), &stocks());
        let fault = InjectedFault::at_call(nth, failure).then(span).doing(effect);
        let done = scene.clean_up(Some(&fault), 1, false);
        scene.assert_unharmed();
        scene.assert_ours_are_known();
        assert_told(&scene, &done, failure);
        let is_told = done.iter().any(|removed| said(removed).contains(&"Failed"));
        // What is not told of is a folder that could not be removed.
        scene.assert_recovers(!is_told);
        fault.has_struck()
    });
}

/// What is said of each file is so; after a storage error nothing more is tried.
fn assert_told(scene: &Scene, done: &[Removed<TreeError>], failure: InjectedError) {
    let (now, words) = (scene.world.library(), scene.words());
    let unwanted = |stock: &Stock| -> Vec<String> {
        let unwanted = stock.pieces.iter().filter(|piece| piece.is_unwanted);
        unwanted.map(|piece| stock.at(&piece.path)).collect()
    };
    let paths = scene.stocks.iter().map(unwanted).filter(|paths| !paths.is_empty());
    for ((removed, expected), paths) in done.iter().zip(&words).zip(paths) {
        for ((said, expected), path) in said(removed).iter().zip(expected).zip(paths) {
            assert!([expected, "Failed", "NotTried"].contains(said), "{said} of {path}");
            assert!(*said != "Removed" || !now.contains_key(&path), "{path} is still there");
        }
    }
    let is_cut = |removed: &Removed<TreeError>| said(removed).contains(&"Failed");
    let Some(cut) = done.iter().position(is_cut) else { return };
    assert!(!done[cut + 1..].iter().any(is_cut), "a single fault");
    let is_storage = [ENOSPC, EROFS].contains(&failure);
    let is_tried =
        |removed: &Removed<TreeError>| said(removed).iter().any(|word| *word != "NotTried");
    assert_eq!(done[cut + 1..].iter().any(is_tried), !is_storage && cut + 1 < done.len());
}

#[test]
fn a_cleanup_that_fails_anywhere_is_made_good() {
    for failure in [EACCES, ENOSPC, EROFS] {
        for effect in [Effect::Nothing, Effect::Whole] {
            fail_everywhere(World::memory, failure, Span::Once, effect);
        }
    }
    fail_everywhere(World::memory, ENOSPC, Span::Full, Effect::Nothing);
}

#[test]
fn a_cleanup_of_a_real_disk_that_fails_anywhere_is_made_good() {
    for failure in [EACCES, EROFS] {
        fail_everywhere(World::local, failure, Span::Once, Effect::Nothing);
    }
}

#[test]
fn a_storage_error_is_handed_on() {
    let scene = Scene::new(World::memory(), &stocks());
    let fault = InjectedFault::on_change_of("Lost/Season 01/S01E01.strm", EROFS);
    let done = scene.clean_up(Some(&fault), 1, false);
    assert_eq!(said(&done[0]), ["Removed", "Removed"]);
    let rest = ["NotTried", "NotTried", "Failed", "NotTried", "NotTried", "NotTried", "NotTried"];
    assert_eq!(said(&done[1]), rest, "nothing more of it is tried");
    let error = done.into_iter().find_map(Removed::storage_error).unwrap();
    assert!(error.path.ends_with("Lost/Season 01/S01E01.strm"), "{error}");
    scene.assert_recovers(false);
}

/// The `.strm` is forgotten as somebody's, so the NFO must be too, or the next run would remove it.
#[test]
fn a_storage_error_does_not_part_an_nfo_from_somebodys_strm() {
    let cube = Stock::new(Movie, "Cube")
        .unwanted("Cube.nfo", Ours)
        .unwanted("Cube.strm", Edited)
        .unwanted("Cube - 2.strm", Ours);
    let scene = Scene::new(World::memory(), &[cube]);
    let done = scene.clean_up(Some(&InjectedFault::on_change_of("Cube - 2.strm", EROFS)), 1, false);
    assert_eq!(said(&done[0]), ["NotOurs", "NotOurs", "Failed"]);
    scene.assert_recovers(false);
}

/// As long as a `.strm` resists, what is about it stays with it; the rest goes.
#[test]
fn a_strm_that_cannot_be_removed_keeps_its_nfos() {
    let scene = Scene::new(World::memory(), &stocks());
    for part in ["Ran.strm", "Dark/Season 03/S03E01.strm"] {
        for fault in
            [InjectedFault::on_change_of(part, EACCES), InjectedFault::on_question_of(part, EIO)]
        {
            scene.clean_up(Some(&fault), 2, false);
            scene.assert_unharmed();
            scene.assert_ours_are_known();
        }
    }
    let now = scene.world.library();
    assert!(!now.contains_key("TV/Lost/Season 01/"), "of another title");
    assert!(!now.contains_key("TV/Dark/Season 01/S01E01.strm"), "of another season");
    scene.assert_recovers(false);
}

/// What a cleanup was to remove was gone with its folder: the ledger forgets the folder too.
#[test]
fn folders_that_are_gone_are_forgotten() {
    let lost = Stock::new(Series, "Lost")
        .staying("tvshow.nfo")
        .unwanted("Season 01/S01E01.nfo", Gone)
        .unwanted("Season 01/S01E01.strm", Gone);
    for make in World::BOTH {
        let scene = Scene::new(make(), std::slice::from_ref(&lost));
        scene.assert_recovers(false);
    }
}
