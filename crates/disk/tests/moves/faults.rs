//! Whatever fails, and whenever: no title is lost, and the next run brings all to where it belongs.

use std::io::ErrorKind;
use std::path::Path;

use vod2strm_core::model::media::Kind::Movie;
use vod2strm_disk::fs::Fs;
use vod2strm_disk::fs::tree::Tree;
use vod2strm_disk::ledger::OpenMove;
use vod2strm_disk::moves::MoveError;
use vod2strm_testkit::faulty_fs::{
    EACCES, EIO, ENOSPC, Effect, FaultyFs, InjectedError, InjectedFault, Span,
};
use vod2strm_testkit::memory_fs::MemoryFs;

use crate::scene::{DIRECT, FEW, GROUPED, HELD, WAYS, World, at};

/// How the n-th call fails.
type MakeFault<'a> = &'a dyn Fn(u64) -> InjectedFault;

/// Makes the moves with a fault at every n-th call, as long as it strikes; then looks.
fn at_every_call(world: &dyn Fn() -> World, fault: MakeFault<'_>, then: &dyn Fn(u64, &World)) {
    for nth in 1.. {
        let (world, fault) = (world(), fault(nth));
        let result = world.make(&world.faulty_tree(&fault), &world.moves);
        world.assert_whole();
        if result.is_ok() {
            world.assert_settled();
        }
        if !fault.has_struck() {
            assert!(nth > 20, "only {nth} calls");
            world.assert_done();
            return;
        }
        then(nth, &world);
    }
}

fn crash(nth: u64) -> InjectedFault {
    InjectedFault::at_call(nth, EIO).then(Span::Crash)
}

fn in_memory() -> World {
    World::in_memory(&WAYS).0
}

fn with_few() -> World {
    World::in_memory(&FEW).0
}

#[test]
fn a_crash_at_any_call_is_made_good() {
    for effect in [Effect::Nothing, Effect::Whole] {
        let fault = |nth| crash(nth).doing(effect);
        at_every_call(&in_memory, &fault, &|_, world| world.assert_recovers());
    }
}

#[test]
fn a_crash_at_any_call_is_made_good_in_roots_elsewhere() {
    for ways in [&WAYS[..], &GROUPED, &HELD] {
        at_every_call(&|| World::split(ways), &crash, &|_, world| world.assert_recovers());
    }
}

#[test]
fn a_fault_at_any_call_is_made_good() {
    for failure in [EACCES, ENOSPC] {
        for effect in [Effect::Nothing, Effect::Whole] {
            let fault = |nth| InjectedFault::at_call(nth, failure).doing(effect);
            at_every_call(&in_memory, &fault, &|_, world| world.assert_recovers());
        }
    }
}

#[test]
fn a_real_disk_that_crashes_is_made_good() {
    at_every_call(&|| World::on_disk(&WAYS), &crash, &|_, world| world.assert_recovers());
}

#[test]
fn a_crash_at_any_call_of_the_recovery_is_made_good() {
    let recover = |nth: u64, _: &World| {
        for again in 1.. {
            let effect = if again % 2 == 0 { Effect::Nothing } else { Effect::Whole };
            let (world, second) = (with_few(), crash(again).doing(effect));
            world.make(&world.faulty_tree(&crash(nth)), &world.moves).unwrap_err();
            drop(world.resume(&world.faulty_tree(&second)));
            world.assert_whole();
            world.assert_recovers();
            if !second.has_struck() {
                break;
            }
        }
    };
    at_every_call(&with_few, &crash, &recover);
}

#[test]
fn a_recovery_that_crashes_at_every_call_in_turn_gets_on() {
    let recover = |_: u64, world: &World| {
        for nth in 1.. {
            let fault = crash(nth);
            drop(world.resume(&world.faulty_tree(&fault)));
            world.assert_whole();
            if !fault.has_struck() {
                break;
            }
        }
        world.assert_recovers();
    };
    at_every_call(&in_memory, &crash, &recover);
}

/// The power fails: of the renames since the last flush, all but the first `kept` are undone.
fn cut_power(fs: &MemoryFs, kept: usize) {
    let calls = fs.calls();
    let flushed = calls.iter().rposition(|call| call == "sync").map_or(0, |at| at + 1);
    let since = calls[flushed..].iter().filter(|call| !call.contains(" ! "));
    let renames = since.filter_map(|call| call.strip_prefix("rename_new ")?.split_once(" -> "));
    for (from, to) in renames.skip(kept).collect::<Vec<_>>().into_iter().rev() {
        fs.rename_new(&at(to), &at(from)).unwrap();
    }
}

#[test]
fn a_power_cut_that_undoes_what_was_not_flushed_is_made_good() {
    for (ways, kept) in [&WAYS[..], &HELD].into_iter().flat_map(|it| (0..4).map(move |n| (it, n))) {
        for nth in 1.. {
            let (world, fs) = World::in_memory(ways);
            let fault = crash(nth).doing(Effect::Whole);
            drop(world.make(&world.faulty_tree(&fault), &world.moves));
            if !fault.has_struck() {
                break;
            }
            cut_power(&fs, kept);
            world.assert_whole();
            world.assert_recovers();
        }
    }
}

#[test]
fn who_took_the_place_of_one_that_comes_back_goes_back_too() {
    for world in [World::in_memory(&HELD).0, World::on_disk(&HELD)] {
        let mut told = world.make(&world.tree(), &world.moves).unwrap();
        told.sort_unstable();
        assert_eq!(told, ["1 moved", "2 stayed", "3 stayed"]);
        world.assert_done();
    }
    let held = || World::in_memory(&HELD).0;
    at_every_call(&held, &crash, &|_, world| world.assert_recovers());
}

#[test]
fn folders_above_titles_come_and_go_with_them_whatever_fails() {
    let grouped = || World::in_memory(&GROUPED).0;
    for effect in [Effect::Nothing, Effect::Whole] {
        let crash = |nth| crash(nth).doing(effect);
        at_every_call(&grouped, &crash, &|_, world| world.assert_recovers());
        let refuse = |nth| InjectedFault::at_call(nth, EACCES).doing(effect);
        at_every_call(&grouped, &refuse, &|_, world| world.assert_recovers());
    }
    for world in [grouped(), World::on_disk(&GROUPED)] {
        world.make(&world.tree(), &world.moves).unwrap();
        world.assert_done();
        assert_eq!(world.tree().kind(&at("Movies/Comedy")).unwrap(), None, "it is empty");
    }
}

#[test]
fn nothing_moves_through_a_link_above_a_title() {
    let world = World::on_disk(&GROUPED[..1]);
    let elsewhere = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(elsewhere.path(), world.root().join("Movies/Drama")).unwrap();
    assert_eq!(world.make(&world.tree(), &world.moves).unwrap(), ["1 stayed"]);
    assert!(world.root().join("Movies/Heat/poster.jpg").exists());
}

/// The folder is there, but behind the link: it is somebody's, wherever it lies. So is that of a move that was begun.
#[test]
#[expect(clippy::disallowed_methods, reason = "what others do to a library")]
fn a_title_behind_a_link_stays_and_ends_no_run() {
    let world = World::on_disk(&[
        (Movie, "Comedy/Ran", "Ran", false),
        (Movie, "Comedy/Up", "Comedy/Old", true),
    ]);
    let comedy = world.root().join("Movies/Comedy");
    let elsewhere = tempfile::tempdir().unwrap();
    let behind = elsewhere.path().join("Comedy");
    std::fs::rename(&comedy, &behind).unwrap();
    std::os::unix::fs::symlink(&behind, &comedy).unwrap();
    let are_there =
        || ["Ran", "Up"].iter().all(|name| behind.join(name).join("poster.jpg").exists());
    assert_eq!(world.make(&world.tree(), &world.moves).unwrap(), ["1 stayed", "2 stayed"]);
    assert!(are_there());
    for by_entries in [false, true] {
        for planned in &world.moves {
            let at = |name: &str| at(&format!("{}/{name}", planned.root));
            let (source, target) = (at(&planned.from), at(&planned.to));
            let (title, via) = (planned.id, planned.via && !by_entries);
            let open = OpenMove { title, source, target, via, has_left: false, by_entries };
            world.ledger().plan_moves(&[open]).unwrap();
            if by_entries {
                world.ledger().move_by_entries(title).unwrap();
            }
        }
        world.resume(&world.tree()).unwrap();
        assert!(are_there(), "by entries: {by_entries}");
        assert_eq!(world.ledger().open_moves().unwrap(), []);
    }
}

#[test]
fn a_storage_failure_ends_it_and_the_next_run_goes_on() {
    let world = in_memory();
    let fault = InjectedFault::on_change_of("Direct (1999)", ENOSPC);
    let failed = world.make(&world.faulty_tree(&fault), &world.moves);
    assert!(matches!(failed, Err(MoveError::Tree(error)) if error.is_storage()));
    assert_eq!(world.left(), world.moves);
    assert_eq!(world.resume(&world.tree()).unwrap(), 2, "the direct ones");
    world.assert_recovers();
}

#[test]
fn a_move_that_was_made_and_whose_answer_was_lost_is_made() {
    let world = in_memory();
    let fault = InjectedFault::on_change_of("Direct (1999)", EACCES).doing(Effect::Whole);
    let told = world.make(&world.faulty_tree(&fault), &world.moves[..1]).unwrap();
    assert_eq!(told, ["1 moved"]);
    world.assert_settled();
}

#[test]
fn a_folder_that_may_not_be_moved_stays_with_those_that_need_its_place() {
    for (part, staying) in [
        ("Movies/Heat", vec!["2", "3"]),
        ("TV/Two", vec!["4", "5", "6"]),
        ("moving/6", vec!["4", "5", "6"]),
        ("Movies/Direct (1999)", vec!["1", "8"]),
    ] {
        for world in [in_memory(), World::on_disk(&WAYS)] {
            let fault = InjectedFault::on_change_of(part, EACCES);
            let mut told = world.make(&world.faulty_tree(&fault), &world.moves).unwrap();
            told.retain(|it| it.ends_with("stayed"));
            let told = told.iter().map(|it| it.split(' ').next().unwrap());
            let mut told: Vec<&str> = told.filter(|id| !["9", "10"].contains(id)).collect();
            told.sort_unstable();
            assert_eq!(told, staying, "{part}");
            world.assert_whole();
            world.assert_settled();
            world.assert_recovers();
        }
    }
}

/// Where folders cannot be renamed, what is in them goes entry by entry; nothing is lost or doubled meanwhile.
#[test]
fn a_crash_or_a_fault_at_any_call_of_a_move_by_entries_is_made_good() {
    let world = || {
        let (world, fs) = World::in_memory(&DIRECT);
        fs.keep_folders();
        world
    };
    let contents = |world: &World| {
        let mut contents: Vec<String> = world.files().into_values().collect();
        contents.sort();
        contents
    };
    let all = contents(&world());
    let faults: [MakeFault<'_>; 4] = [
        &crash,
        &|nth| crash(nth).doing(Effect::Whole),
        &|nth| InjectedFault::at_call(nth, EACCES),
        &|nth| InjectedFault::at_call(nth, ENOSPC),
    ];
    for fault in faults {
        for nth in 1.. {
            let (world, fault) = (world(), fault(nth));
            drop(world.make(&world.faulty_tree(&fault), &world.moves));
            assert_eq!(contents(&world), all, "call {nth}");
            world.assert_recovers();
            if !fault.has_struck() {
                assert!(nth > 20, "only {nth} calls");
                break;
            }
        }
    }
}

/// A name that the storage refuses for any other reason is no matter of folders.
#[test]
fn what_is_refused_otherwise_does_not_go_by_entries() {
    let (world, _) = World::in_memory(&DIRECT[..1]);
    let invalid = InjectedFault::at_change(1, InjectedError::Os(22));
    assert_eq!(world.make(&world.faulty_tree(&invalid), &world.moves).unwrap(), ["1 stayed"]);
    world.assert_whole();
    world.assert_settled();
}

/// One of the entries resists, and the way back fails, too: the next run goes on. What came into the new folder meanwhile
/// stays there.
#[test]
fn entries_that_cannot_go_back_are_gone_on_with() {
    let make = |back: &InjectedFault| {
        let (world, fs) = World::in_memory(&DIRECT[..1]);
        fs.keep_folders();
        let there = InjectedFault::on_change_of("poster.jpg", EACCES);
        let fs = FaultyFs::new(FaultyFs::new(fs, there), back.clone());
        let tree = Tree::new(Box::new(fs), Path::new("/library"));
        let told = world.make(&tree, &world.moves);
        (world, told)
    };
    let mut last = 0;
    for nth in 1.. {
        let back = InjectedFault::at_change(nth, EACCES);
        let (world, _) = make(&back);
        world.assert_recovers();
        if !back.has_struck() {
            break;
        }
        last = nth;
    }
    assert!(last > 4, "only {last} changes");
    let occupied =
        InjectedFault::at_change(last, InjectedError::Kind(ErrorKind::DirectoryNotEmpty));
    let (world, told) = make(&occupied);
    assert!(occupied.has_struck());
    assert_eq!(told.unwrap(), ["1 stayed"]);
    world.assert_settled();
}
