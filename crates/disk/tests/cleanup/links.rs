//! Links on a real disk, and files that are not what they seem: a removal never leaves the library.

use vod2strm_core::hash::ContentHash;
use vod2strm_core::model::media::Kind::{Movie, Series};
use vod2strm_core::path::RelPath;
use vod2strm_core::removal::record::Removed;
use vod2strm_disk::apply::leftovers::Leftovers;
use vod2strm_disk::apply::remove::remove_batch;
use vod2strm_disk::apply::strays::clear_orphan;
use vod2strm_disk::fs::tree::TreeError;
use vod2strm_testkit::disks::folder;
use vod2strm_testkit::disks::pool;
use vod2strm_testkit::faulty_fs::{EIO, Effect, InjectedFault, Span};

use crate::removal::stocks;
use crate::scene::Found::{Gone, Ours};
use crate::scene::{Scene, Stock, said};
use crate::world::{GO_ON, World, for_every_n};

/// A series whose first season somebody keeps elsewhere, by a link; the same files are there.
#[expect(clippy::disallowed_methods, reason = "what others do to a library")]
fn linked() -> Scene {
    let fargo = Stock::new(Series, "Fargo")
        .unwanted("tvshow.nfo", Ours)
        .unwanted("Season 01/S01E01.nfo", Ours)
        .unwanted("Season 01/S01E01.strm", Ours)
        .unwanted("Season 02/S02E01.strm", Ours)
        .link("Season 01");
    let world = World::local();
    for name in ["S01E01.nfo", "S01E01.strm"] {
        let content = fargo.ours(&format!("Season 01/{name}"));
        std::fs::write(world.elsewhere(name), content).unwrap();
    }
    Scene::new(world, &[fargo])
}

#[test]
fn what_is_behind_a_link_stays_and_so_does_the_link() {
    let scene = linked();
    let before = folder(&scene.world.elsewhere(""));
    assert_eq!(before.len(), 2);
    let done = scene.clean_up(None, 1, false);
    assert_eq!(said(&done[0]), ["Removed", "NotOurs", "NotOurs", "Removed"]);
    assert!(done[0].keeps_others);
    scene.assert_done(false);
    assert_eq!(folder(&scene.world.elsewhere("")), before);
    assert!(scene.world.library().contains_key("TV/Fargo/Season 01@"));
}

#[test]
fn what_is_behind_a_link_stays_whatever_fails() {
    for (span, is_cut_off) in [(Span::Once, false), (Span::Crash, true)] {
        for_every_n(10, |nth| {
            let (scene, fault) = (linked(), InjectedFault::at_call(nth, EIO));
            let before = folder(&scene.world.elsewhere(""));
            let fault = fault.then(span).doing(Effect::Whole);
            scene.clean_up(Some(&fault), 1, is_cut_off);
            scene.assert_unharmed();
            scene.assert_recovers(!is_cut_off);
            assert_eq!(folder(&scene.world.elsewhere("")), before);
            fault.has_struck()
        });
    }
}

/// A title's own folder is a link: neither its files nor the link go.
#[test]
#[expect(clippy::disallowed_methods, reason = "what others do to a library")]
fn a_titles_folder_that_is_a_link_is_left_alone() {
    let ran = Stock::new(Movie, "Ran").unwanted("Ran.nfo", Gone).unwanted("Ran.strm", Gone);
    let world = World::local();
    std::fs::create_dir(world.real("Movies")).unwrap();
    std::os::unix::fs::symlink(world.elsewhere(""), world.real("Movies/Ran")).unwrap();
    for name in ["Ran.nfo", "Ran.strm"] {
        std::fs::write(world.elsewhere(name), ran.ours(name)).unwrap();
    }
    let scene = Scene::new(world, &[ran]);
    let done = scene.clean_up(None, 1, false);
    assert_eq!(said(&done[0]), ["NotOurs", "NotOurs"]);
    assert_eq!(folder(&scene.world.elsewhere("")).len(), 2);
    scene.assert_done(false);
}

/// What a run that was cut off may have left is not looked for behind a link: there, the same content is somebody's.
#[test]
#[expect(clippy::disallowed_methods, reason = "what others do to a library")]
fn nothing_that_was_left_is_looked_for_behind_a_link_above_a_title() {
    let world = World::local();
    std::fs::create_dir(world.real("Movies")).unwrap();
    std::fs::create_dir(world.elsewhere("Ran")).unwrap();
    std::fs::write(world.elsewhere("Ran/Ran.strm"), "http://h/ran").unwrap();
    std::os::unix::fs::symlink(world.elsewhere(""), world.real("Movies/Drama")).unwrap();
    let (mut left, folder) = (Leftovers::default(), "Movies/Drama/Ran");
    left.add(folder.to_owned(), [ContentHash::of(b"http://h/ran")].into_iter());
    let (mut gone, path) = (Vec::new(), RelPath::parse(folder).unwrap());
    clear_orphan(&world.tree(None), &left, &path, &mut gone).unwrap();
    assert!(gone.is_empty(), "{gone:?}");
    assert!(world.elsewhere("Ran/Ran.strm").exists());
}

/// A preview says what would be, and touches nothing.
#[test]
fn a_preview_changes_nothing() {
    let scene = Scene::new(World::memory(), &stocks());
    scene.world.memory_fs().forget_calls();
    let (tree, none, removals) = (scene.world.tree(None), Leftovers::default(), scene.removals());
    let preview = tree.preview();
    let foreseen = remove_batch(&pool(&preview, 1), &none, &removals, &GO_ON);
    assert_eq!(foreseen.iter().map(said).collect::<Vec<_>>(), scene.words());
    assert_eq!(scene.world.memory_fs().changes(), Vec::<String>::new());
    // The folders that stay, too, since something else is in them.
    let keeping = |all: &[Removed<TreeError>]| {
        all.iter().map(|removed| removed.keeps_others).collect::<Vec<_>>()
    };
    assert_eq!(keeping(&foreseen), keeping(&scene.clean_up(None, 1, false)));
}

/// What a run that was cut off left keeps no folder, and goes with it.
#[test]
fn what_was_announced_keeps_no_folder() {
    for (guest, keeps_others) in [("b.txt", true), ("sub/old.strm", false)] {
        let ran = Stock::new(Movie, "Ran").unwanted("Ran.strm", Gone);
        let scene = Scene::new(World::memory(), &[ran]);
        scene.world.plant("Movies/Ran/old.nfo", "newer");
        scene.world.plant(&format!("Movies/Ran/{guest}"), "newer");
        let mut leftovers = Leftovers::default();
        leftovers.add("Movies/Ran".to_owned(), [ContentHash::of(b"newer")].into_iter());
        let tree = scene.world.tree(None);
        let done = remove_batch(&pool(&tree, 1), &leftovers, &scene.removals(), &GO_ON);
        assert_eq!(done[0].keeps_others, keeps_others, "{guest}");
    }
}

/// What a run that was cut off had announced for this folder is ours; for another one it is not.
#[test]
fn what_was_announced_goes_too() {
    for (place, word) in [("Movies/Ran", "Removed"), ("Movies/Blade", "NotOurs")] {
        let ran = Stock::new(Movie, "Ran").unwanted("Ran.strm", Gone);
        let scene = Scene::new(World::memory(), &[ran]);
        scene.world.plant("Movies/Ran/Ran.strm", "newer");
        let mut leftovers = Leftovers::default();
        leftovers.add(place.to_owned(), [ContentHash::of(b"newer")].into_iter());
        let tree = scene.world.tree(None);
        let done = remove_batch(&pool(&tree, 1), &leftovers, &scene.removals(), &GO_ON);
        assert_eq!(said(&done[0]), [word]);
        assert_eq!(scene.world.library().contains_key("Movies/Ran/Ran.strm"), word == "NotOurs");
    }
}
