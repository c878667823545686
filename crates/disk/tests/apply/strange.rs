//! What lies at a path of ours and cannot be ours by its kind or size is not opened.

use vod2strm_disk::fs::Entry;
use vod2strm_testkit::disks::Disk;
use vod2strm_testkit::memory_fs::MemoryFs;

use crate::batch::{apply_one, run, said};
use crate::drafts::{alien, blade};

const FOREIGN: &str = "Left(ForeignFile)";

/// What becomes of the files of `Blade`, in a run and in its preview; nothing of it may be read.
fn unopened(plant: impl Fn(&MemoryFs)) -> Vec<String> {
    let disk = Disk::memory();
    plant(disk.memory_fs());
    let foreseen = said(&run(&disk.tree(None).preview(), 1, &[blade()]).unwrap()[0]);
    let tree = disk.tree(None);
    let applied = said(&run(&tree, 1, &[blade()]).unwrap()[0]);
    let calls = disk.memory_fs().calls();
    let opened: Vec<&String> =
        calls.iter().filter(|call| call.starts_with("read Movies/Blade")).collect();
    assert!(opened.is_empty(), "{opened:?}");
    assert_eq!(foreseen, applied);
    applied
}

#[test]
fn what_is_no_plain_file_is_not_opened_and_stays() {
    for entry in [Entry::Fifo, Entry::Socket, Entry::Device, Entry::Link] {
        let said = unopened(|fs| {
            fs.plant_entry("Movies/Blade/Blade.nfo", entry);
            fs.plant_entry("Movies/Blade/Blade.strm", entry);
        });
        assert_eq!(said, [FOREIGN, FOREIGN], "{entry:?}");
    }
}

#[test]
fn a_file_of_another_size_is_an_edit_without_being_read() {
    let said = unopened(|fs| {
        fs.plant("Movies/Blade/Blade.nfo", b"somebody's own words");
        fs.plant("Movies/Blade/Blade.strm", b"http://somebody's.example/");
    });
    assert_eq!(said, ["Left(UserEdited)", "Right(Updated)"]);
}

#[test]
fn a_film_in_the_place_of_a_strm_is_not_opened_and_stays() {
    let film = vec![b'x'; 2 * 1024 * 1024];
    let said = unopened(|fs| fs.plant("Movies/Blade/Blade.strm", &film));
    assert_eq!(said, ["Right(Restored)", FOREIGN]);
}

/// A file of the very size is read: only its content tells whether it is ours.
#[test]
fn a_file_of_our_size_is_read() {
    let with = |path: &str, content: &str| {
        let disk = Disk::memory();
        disk.plant(path, content);
        apply_one(&disk, alien())
    };
    let created = "Right(Created)";
    assert_eq!(with("Movies/Alien/Alien.nfo", "<alien/>"), ["Right(SameContents)", created]);
    assert_eq!(with("Movies/Alien/Alien.strm", "http://alien"), [created, "Right(SameContents)"]);
    assert_eq!(with("Movies/Alien/Alien.strm", "http://other"), ["Left(NoStrm)", FOREIGN]);
}
