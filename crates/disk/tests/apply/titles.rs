//! What appears on disk for new and for changed titles, and in which steps.

use std::path::Path;
use std::sync::Mutex;

use vod2strm_core::plan::settle::TitleResult;
use vod2strm_disk::apply::apply_batch;
use vod2strm_disk::fs::staging::{WorkerStaging, prepare_staging};
use vod2strm_disk::fs::tree::{Calls, Tree};
use vod2strm_testkit::disks::Disk;
use vod2strm_testkit::disks::pool;
use vod2strm_testkit::memory_fs::MemoryFs;

use crate::batch::{apply_one, context, entries, run, said};
use crate::drafts::{Draft, alien, blade, lost, movie, whole};

#[test]
fn a_new_title_appears_whole_by_one_rename() {
    let fs = MemoryFs::default();
    fs.plant_dir("Movies");
    fs.plant_dir("TV");
    let tree = Tree::new(Box::new(fs.clone()), Path::new("/library"));
    prepare_staging(&tree).unwrap();
    let pool = pool(&tree, 1);
    let mut stagings = pool.tools(WorkerStaging::of);
    fs.forget_calls();
    let plans = [alien(), lost()];
    let before = tree.calls();
    let applied = apply_batch(context(&pool, &mut stagings), &plans, &|_, _| {});
    assert!(applied.iter().all(TitleResult::is_right));
    let folders = applied.iter().map(|applied| applied.folders.len() as u64).sum::<u64>();
    let files = plans.iter().map(|plan| plan.files().count() as u64).sum::<u64>();
    // The staging folder is made once; every folder is made, and asked once when it last changed.
    let (dirs, stats, renames) =
        (before.dirs + 1 + folders, before.stats + folders, before.renames + 2);
    let writes = before.writes + files;
    assert_eq!(tree.calls(), Calls { dirs, writes, renames, stats, ..before }, "and no call more");
    let changes = fs.changes();
    let (inside, visible): (Vec<&String>, Vec<&String>) =
        changes.iter().partition(|call| call.split(' ').all(|word| !is_visible(word)));
    let visible: Vec<_> = visible.iter().map(|call| call.split_once(" -> ").unwrap()).collect();
    assert_eq!(visible.iter().map(|(_, to)| *to).collect::<Vec<_>>(), ["Movies/Alien", "TV/Lost"]);
    assert!(visible.iter().all(|(from, _)| from.starts_with("rename_new .vod2strm/staging/w0/")));
    let written = inside.iter().filter(|call| call.starts_with("write_new "));
    let names = plans.iter().flat_map(|plan| plan.files()).map(|file| &file.file.path);
    assert!(written.clone().zip(names.clone()).all(|(call, name)| call.ends_with(name)));
    assert_eq!(written.count(), names.count());
    assert!(inside.iter().all(|call| !call.starts_with("re")), "{inside:?}");
}

fn is_visible(word: &str) -> bool {
    word.starts_with("Movies") || word.starts_with("TV")
}

#[test]
fn the_library_roots_are_made_on_demand() {
    for disk in Disk::both() {
        assert_eq!(apply_one(&disk, alien()), ["Right(Created)", "Right(Created)"]);
        let mut expected = whole(&alien());
        expected.insert("Movies/".into(), String::new());
        assert_eq!(disk.library(), expected);
        assert!(run(&disk.tree(None), 2, &[lost()]).unwrap()[0].is_right());
        expected.extend(whole(&lost()));
        expected.insert("TV/".into(), String::new());
        assert_eq!(disk.library(), expected);
    }
}

#[test]
fn unchanged_titles_cost_no_call() {
    let fs = MemoryFs::default();
    let tree = Tree::new(Box::new(fs.clone()), Path::new("/library"));
    let idle = || movie("Alien").known().keep("Alien.nfo", "n").keep("Alien.strm", "s");
    let heard = Mutex::new(0);
    let applied = apply_batch(context(&pool(&tree, 1), &mut []), &[idle(), idle()], &|_, _| {
        *heard.lock().unwrap() += 1;
    });
    assert_eq!(said(&applied[1]), ["Right(CachedSkip)"; 2]);
    assert_eq!((applied.len(), heard.into_inner().unwrap(), fs.calls().len()), (2, 2, 0));
    let applied = run(&tree, 1, &[idle(), lost()]).unwrap();
    assert!(applied.iter().all(TitleResult::is_right));
    assert!(fs.calls().iter().all(|call| !call.contains("Alien")), "{:?}", fs.calls());
}

#[test]
fn a_folder_that_a_crash_left_is_taken_over() {
    for disk in Disk::both() {
        whole(&lost()).iter().for_each(|(path, content)| disk.plant(path, content));
        disk.plant("TV/Lost/poster.jpg", "a poster");
        disk.plant("TV/Lost/Season 01/S01E01.srt", "subtitles");
        let before = disk.library();
        assert!(apply_one(&disk, lost()).iter().all(|said| said == "Right(SameContents)"));
        assert_eq!(disk.library(), before);
        if let Disk::Memory(fs) = &disk {
            let changed = |call: &String| call.contains("replace ") || call.contains("Lost");
            let failed = "-> TV/Lost ! AlreadyExists";
            let changes = fs.changes().into_iter().filter(changed);
            assert!(changes.clone().all(|call| call.ends_with(failed)), "{:?}", fs.changes());
            assert_eq!(changes.count(), 1);
        }
    }
}

#[test]
fn a_changed_file_is_replaced_by_one_rename() {
    let fs = MemoryFs::default();
    fs.plant("Movies/Blade/Blade.nfo", b"old nfo");
    fs.plant("Movies/Blade/Blade.strm", b"old url");
    let tree = Tree::new(Box::new(fs.clone()), Path::new("/library"));
    prepare_staging(&tree).unwrap();
    let pool = pool(&tree, 1);
    let mut stagings = pool.tools(WorkerStaging::of);
    fs.forget_calls();
    let applied = apply_batch(context(&pool, &mut stagings), &[blade()], &|_, _| {});
    assert_eq!(said(&applied[0]), ["Right(Updated)"; 2]);
    let calls = fs.changes();
    assert_eq!(calls[0], "create_dir .vod2strm/staging/w0", "the worker's staging folder, once");
    assert_eq!(calls.len(), 5, "{calls:?}");
    for (pair, name) in calls[1..].chunks(2).zip(["Blade.nfo", "Blade.strm"]) {
        let staged = pair[0].strip_prefix("write_new ").unwrap();
        assert!(staged.starts_with(".vod2strm/staging/"));
        assert_eq!(pair[1], format!("replace {staged} -> Movies/Blade/{name}"));
    }
    assert_eq!(fs.snapshot()["Movies/Blade/Blade.nfo"], b"new nfo");
    assert_eq!(fs.snapshot()["Movies/Blade/Blade.strm"], b"new url");
}

#[test]
fn what_is_right_already_is_not_written() {
    for disk in Disk::both() {
        disk.plant("Movies/Blade/Blade.nfo", "new nfo");
        disk.plant("Movies/Blade/Blade.strm", "new url");
        let tree = disk.tree(None);
        prepare_staging(&tree).unwrap();
        let pool = pool(&tree, 1);
        let mut stagings = pool.tools(WorkerStaging::of);
        let before = tree.calls();
        let applied = apply_batch(context(&pool, &mut stagings), &[blade()], &|_, _| {});
        assert_eq!(said(&applied[0]), ["Right(SameContents)"; 2]);
        let Calls { reads, stats, .. } = tree.calls();
        assert_eq!(tree.calls(), Calls { reads, stats, ..before });
    }
}

#[test]
fn an_edited_nfo_stays_and_an_edited_strm_is_restored() {
    for disk in Disk::both() {
        disk.plant("Movies/Blade/Blade.nfo", "my nfo");
        disk.plant("Movies/Blade/Blade.strm", "my url");
        let applied = run(&disk.tree(None), 1, &[blade()]).unwrap();
        assert_eq!(said(&applied[0]), ["Left(UserEdited)", "Right(Updated)"]);
        assert!(applied[0].is_right());
        let expected = [
            ("Movies/", ""),
            ("Movies/Blade/", ""),
            ("Movies/Blade/Blade.nfo", "my nfo"),
            ("Movies/Blade/Blade.strm", "new url"),
        ];
        assert_eq!(disk.library(), entries(expected));
    }
}

#[test]
fn what_vanished_is_written_again_when_it_changes() {
    for disk in Disk::both() {
        assert_eq!(apply_one(&disk, blade()), ["Right(Restored)"; 2]);
        disk.plant("TV/Lost/mine.txt", "mine");
        assert_eq!(apply_one(&disk, lost().known()), ["Right(Created)"; 7]);
        let mut expected = whole(&blade());
        expected.extend(whole(&lost()));
        expected.extend(entries([("Movies/", ""), ("TV/", ""), ("TV/Lost/mine.txt", "mine")]));
        assert_eq!(disk.library(), expected);
    }
}
