//! What becomes of moves when the storage works.

use vod2strm_core::cancel::Cancel;
use vod2strm_core::hash::ContentHash;
use vod2strm_core::identity::known::TitleId;
use vod2strm_core::model::media::Kind;
use vod2strm_core::names::category_habits::Habits;
use vod2strm_core::plan::moves::Move;
use vod2strm_core::plan::{Change, FileChange, PlannedFile, TitlePlan};
use vod2strm_core::render::Desired;
use vod2strm_disk::fs::Fs;
use vod2strm_disk::fs::staging::{clear_staging, prepare_staging};
use vod2strm_disk::inspect::presence::{FolderTimes, look};
use vod2strm_disk::ledger::OpenMove;
use vod2strm_disk::moves::{foreign_at, make_moves};
use vod2strm_testkit::disks::pool;
use vod2strm_testkit::drafts;
use vod2strm_testkit::memory_fs::MemoryFs;

use crate::scene::{WAYS, World, at, with_fault};
use vod2strm_testkit::folding_fs::FoldingFs;

#[test]
fn all_kinds_of_moves_take_everything_along() {
    for world in [World::in_memory(&WAYS).0, World::on_disk(&WAYS)] {
        let told = world.make(&world.tree(), &world.moves).unwrap();
        let moved = (1..=8).map(|id| format!("{id} moved"));
        let expected: Vec<String> = moved.chain(["9 stayed".into(), "10 stayed".into()]).collect();
        let mut sorted = told.clone();
        sorted.sort_by_key(|it| it.split(' ').next().unwrap().parse::<u32>().unwrap());
        assert_eq!(sorted, expected);
        world.assert_done();
        let place_aside = world.tree().kind(&at(".vod2strm/moving")).unwrap();
        assert_eq!(place_aside, None, "nothing is left of the place aside");
    }
}

#[test]
fn a_disk_that_folds_case_gives_a_title_its_new_letters() {
    let fs = MemoryFs::default();
    let handle = fs.clone();
    let ways = [
        (Kind::Movie, "ALIEN", "Alien", true),
        (Kind::Movie, "Ame\u{301}lie", "Am\u{e9}lie", true),
    ];
    let world =
        World::new(&ways, Box::new(move |fault| with_fault(FoldingFs(handle.clone()), fault)));
    assert_eq!(world.make(&world.tree(), &world.moves).unwrap(), ["1 moved", "2 moved"]);
    world.assert_settled();
    let dirs = fs.dirs();
    assert!(dirs.contains("Movies/Alien") && !dirs.contains("Movies/ALIEN"), "{dirs:?}");
    assert!(dirs.contains("Movies/Am\u{e9}lie"), "{dirs:?}");
}

#[test]
fn a_direct_move_costs_one_rename_and_a_batch_one_flush() {
    let (world, fs) = World::in_memory(&WAYS);
    fs.forget_calls();
    world.make(&world.tree(), &world.moves[..1]).unwrap();
    let calls = fs.calls();
    let flushes = calls.iter().filter(|call| *call == "sync").count();
    assert_eq!((fs.changes().len(), flushes, calls.len()), (1, 1, 4), "{calls:?}");
}

#[test]
fn what_is_no_folder_does_not_move() {
    let (world, fs) = World::in_memory(&WAYS);
    fs.rename_new(&at("Movies/Direct"), &at("Movies/Elsewhere")).unwrap();
    fs.plant_other("Movies/Direct");
    fs.rename_new(&at("Movies/Heat"), &at("Movies/Elsewhere too")).unwrap();
    fs.plant("Movies/Heat", b"a file");
    let told = world.make(&world.tree(), &world.moves[..3]).unwrap();
    assert_eq!(told, ["1 stayed", "2 stayed", "3 stayed"]);
    assert_eq!(fs.snapshot()["Movies/Heat"], b"a file");
    assert!(fs.snapshot().contains_key("Movies/Ran/poster.jpg"));
    assert_eq!(world.ledger().open_moves().unwrap(), []);
}

#[test]
fn the_name_of_a_folder_that_is_gone_moves_and_its_files_are_missed() {
    let (world, fs) = World::in_memory(&WAYS);
    for folder in ["Direct", "Heat"] {
        fs.rename_new(&at(&format!("Movies/{folder}")), &at(&format!("gone {folder}"))).unwrap();
    }
    let told = world.make(&world.tree(), &world.moves[..3]).unwrap();
    assert_eq!(told, ["1 moved", "2 moved", "3 moved"]);
    let folders = world.folders();
    assert_eq!(folders[&TitleId(1)], "Direct (1999)");
    assert_eq!((folders[&TitleId(2)].as_str(), folders[&TitleId(3)].as_str()), ("Ran", "Heat"));
    let tree = world.tree();
    let presence = look(&pool(&tree, 1), &world.ledger(), &Kind::ALL, FolderTimes::Kept).unwrap();
    assert!(presence.gone.contains_key(&TitleId(1)) && presence.gone.contains_key(&TitleId(2)));
    assert!(!presence.gone.contains_key(&TitleId(3)), "{:?}", presence.gone);
}

#[test]
fn a_run_that_is_to_stop_begins_nothing_and_leaves_nothing_open() {
    let (world, _) = World::in_memory(&WAYS);
    let cancel = Cancel::default();
    let mut told = Vec::new();
    let mut tell = |it: &Move, _| {
        told.push(it.id.0);
        cancel.cancel();
    };
    make_moves(&world.tree(), &mut world.ledger(), &world.moves, &cancel, &mut tell).unwrap();
    assert_eq!(told, [1, 9], "the direct ones are one batch; the others were not begun");
    world.assert_settled();
    make_moves(&world.tree(), &mut world.ledger(), &world.left(), &cancel, &mut |_, _| panic!())
        .unwrap();
    world.assert_settled();
}

#[test]
fn many_direct_moves_go_in_batches() {
    let names: Vec<(String, String)> =
        (0..1_100).map(|n| (format!("{n}"), format!("{n} new"))).collect();
    let leak = |text: &String| -> &'static str { text.clone().leak() };
    let ways: Vec<_> = names.iter().map(|(a, b)| (Kind::Movie, leak(a), leak(b), false)).collect();
    let (world, fs) = World::in_memory(&ways);
    fs.forget_calls();
    assert_eq!(world.make(&world.tree(), &world.moves).unwrap().len(), 1_100);
    assert_eq!(fs.calls().iter().filter(|call| *call == "sync").count(), 2);
    assert_eq!(world.left(), []);
}

#[test]
fn what_is_parked_outlives_a_cleared_staging_folder() {
    let (world, fs) = World::in_memory(&WAYS);
    fs.plant_dir(".vod2strm/moving");
    fs.rename_new(&at("Movies/Heat"), &at(".vod2strm/moving/2")).unwrap();
    let tree = world.tree();
    prepare_staging(&tree).unwrap();
    clear_staging(&tree).unwrap();
    world.assert_whole();
}

/// What a run leaves that was cut off when these titles were aside.
fn cut_off_while_parked(world: &World, fs: &MemoryFs, moves: &[Move]) {
    fs.plant_dir(".vod2strm/moving");
    let mut open = Vec::new();
    for it in moves {
        let path = |folder: &str| at(&format!("{}/{folder}", it.root));
        let (title, source, target) = (it.id, path(&it.from), path(&it.to));
        fs.rename_new(&source, &at(&format!(".vod2strm/moving/{}", title.0))).unwrap();
        open.push(OpenMove {
            title,
            source,
            target,
            via: true,
            has_left: false,
            by_entries: false,
        });
    }
    world.ledger().plan_moves(&open).unwrap();
}

#[test]
fn a_root_that_is_empty_meanwhile_may_be_removed() {
    let (world, fs) = World::in_memory(&WAYS);
    cut_off_while_parked(&world, &fs, &world.moves[3..6]);
    fs.remove_dir(&at("TV")).unwrap();
    assert_eq!(world.resume(&world.tree()).unwrap(), 3);
    world.make(&world.tree(), &world.left()).unwrap();
    world.assert_done();
}

#[test]
fn a_title_both_of_whose_places_are_taken_waits_and_goes_home_later() {
    let (world, fs) = World::in_memory(&WAYS);
    let tree = world.tree();
    let moves = &world.moves[6..7];
    cut_off_while_parked(&world, &fs, moves);
    fs.plant("Movies/Alien/theirs", b"");
    fs.plant("Movies/ALIEN/theirs", b"");
    for _ in 0..2 {
        assert_eq!(world.resume(&tree).unwrap(), 0);
        assert!(fs.snapshot().contains_key(".vod2strm/moving/7/poster.jpg"));
        assert_eq!(world.make(&tree, moves).unwrap(), ["7 stayed"]);
    }
    fs.rename_new(&at("Movies/ALIEN"), &at("Movies/Else")).unwrap();
    assert_eq!(world.resume(&tree).unwrap(), 1);
    assert!(fs.snapshot().contains_key("Movies/ALIEN/poster.jpg"));
    assert_eq!(world.folders()[&TitleId(7)], "ALIEN");
    assert_eq!(world.ledger().open_moves().unwrap(), []);
}

#[test]
fn a_tree_is_opened_only_if_a_move_is_to_be_completed() {
    let (world, fs) = World::in_memory(&WAYS);
    let tree = world.tree().closed();
    assert_eq!(world.resume(&tree).unwrap(), 0);
    assert!(!tree.is_open());
    cut_off_while_parked(&world, &fs, &world.moves[1..3]);
    assert_eq!(world.resume(&tree).unwrap(), 2);
    assert!(tree.is_open());
}

#[test]
fn a_strangers_folder_in_the_parking_place_is_nobodys() {
    let (world, fs) = World::in_memory(&WAYS);
    fs.plant(".vod2strm/moving/2/theirs", b"theirs");
    let told = world.make(&world.tree(), &world.moves[1..3]).unwrap();
    assert_eq!(told, ["2 stayed", "3 stayed"]);
    world.assert_settled();
    assert_eq!(fs.snapshot()[".vod2strm/moving/2/theirs"], b"theirs");
}

#[test]
fn what_was_announced_for_a_folder_is_known_in_its_new_place() {
    let (world, _) = World::in_memory(&WAYS);
    let mut ledger = world.ledger();
    ledger
        .announce(&[announced("Heat", "for heat"), announced("Ran", "for ran")], &Habits::new())
        .unwrap();
    world.make(&world.tree(), &world.moves[1..3]).unwrap();
    let leftovers = ledger.leftovers().unwrap();
    let knows = |folder: &str, content: &str| {
        leftovers.contains(&format!("Movies/{folder}"), ContentHash::of(content.as_bytes()))
    };
    assert!(knows("Ran", "for heat") && knows("Heat", "for ran"));
    assert!(!knows("Heat", "for heat") && !knows("Ran", "for ran"));
}

fn announced(folder: &str, content: &str) -> TitlePlan {
    let content = content.as_bytes().to_vec();
    let (key, path) = (drafts::key("strm"), "it.strm".to_owned());
    let file =
        Desired { key, path, content, season: None, episode: None, account: None, stream: None };
    let changes = vec![FileChange::Want(PlannedFile::new(file, Change::Create))];
    TitlePlan { changes, ..drafts::plan(Kind::Movie, folder) }
}

#[test]
fn a_place_is_foreign_when_something_is_there_or_nothing_can_be() {
    let (world, fs) = World::in_memory(&WAYS);
    fs.plant_other("Movies/link");
    let tree = world.tree();
    let is_foreign = |folder: &str| foreign_at(&tree, "Movies", folder);
    assert!(is_foreign("Taken") && is_foreign("link") && is_foreign(&"x".repeat(300)));
    assert!(is_foreign("..") && !is_foreign("Free"));
    assert!(!foreign_at(&tree, "TV", "Taken"));
}
