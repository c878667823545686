//! The file systems do what a library needs of them, and the real one is not led astray.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::cell::Cell;
use std::io::ErrorKind;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::Path;

use tempfile::TempDir;
use vod2strm_core::path::RelPath;
use vod2strm_disk::fs::local::LocalFs;
use vod2strm_disk::fs::{EntryKind, Fs};
use vod2strm_testkit::faulty_fs::{EIO, FaultyFs, InjectedFault};
use vod2strm_testkit::fs_suite;
use vod2strm_testkit::memory_fs::MemoryFs;

#[test]
fn the_real_file_system_is_as_it_has_to_be() {
    let dir = tempfile::tempdir().unwrap();
    let made = Cell::new(0);
    fs_suite::run(&|| {
        made.set(made.get() + 1);
        let root = dir.path().join(made.get().to_string());
        std::fs::create_dir(&root).unwrap();
        Box::new(LocalFs::open(&root).unwrap())
    });
    assert!(made.get() > 0);
}

#[test]
fn the_one_in_memory_is_as_it_has_to_be() {
    fs_suite::run(&|| Box::new(MemoryFs::default()));
}

#[test]
fn a_fault_that_does_not_strike_changes_nothing() {
    let never = || InjectedFault::at_change(u64::MAX, EIO);
    fs_suite::run(&|| Box::new(FaultyFs::new(MemoryFs::default(), never())));
}

#[test]
#[should_panic(expected = "syncing works")]
fn the_checks_notice_what_is_broken() {
    fs_suite::run(&|| {
        Box::new(FaultyFs::new(MemoryFs::default(), InjectedFault::on_question_of("", EIO)))
    });
}

/// A library, and beside it a file and a folder that no call may touch.
struct Site {
    dir: TempDir,
    fs: LocalFs,
}

impl Site {
    fn new() -> Site {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("library")).unwrap();
        std::fs::create_dir(dir.path().join("folder")).unwrap();
        put(&dir.path().join("folder/film"), "film");
        put(&dir.path().join("outside"), "secret");
        let fs = LocalFs::open(&dir.path().join("library")).unwrap();
        Site { dir, fs }
    }

    fn link(&self, target: &str, name: &str) -> RelPath {
        symlink(self.dir.path().join(target), self.dir.path().join("library").join(name)).unwrap();
        at(name)
    }

    fn assert_untouched(&self) {
        let read = |name: &str| std::fs::read_to_string(self.dir.path().join(name)).unwrap();
        assert_eq!((read("outside"), read("folder/film")), ("secret".into(), "film".into()));
        let mut names: Vec<String> = std::fs::read_dir(self.dir.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        assert_eq!(names, ["folder", "library", "outside"]);
    }
}

fn at(path: &str) -> RelPath {
    RelPath::parse(path).unwrap()
}

#[expect(clippy::disallowed_methods, reason = "what others do to a library")]
fn put(path: &Path, content: &str) {
    std::fs::write(path, content).unwrap();
}

#[test]
fn links_and_sockets_are_something_else() {
    let site = Site::new();
    let _socket = UnixListener::bind(site.dir.path().join("library/socket")).unwrap();
    let links = [("outside", "to file"), ("folder", "to folder"), ("nothing", "to nothing")];
    for (target, name) in links {
        assert_eq!(site.fs.kind(&site.link(target, name)).unwrap(), Some(EntryKind::Other));
    }
    assert_eq!(site.fs.kind(&at("socket")).unwrap(), Some(EntryKind::Other));
}

#[test]
fn nothing_is_read_through_a_link() {
    let site = Site::new();
    site.fs.read(&site.link("outside", "file")).unwrap_err();
    site.fs.read(&site.link("nothing", "nothing")).unwrap_err();
    site.fs.list(&site.link("folder", "folder")).unwrap_err();
    let mut names = site.fs.list(&at("")).unwrap();
    names.sort();
    assert_eq!(names, ["file", "folder", "nothing"]);
}

#[test]
fn nothing_is_written_through_a_link() {
    let site = Site::new();
    site.fs.write_new(&at("mine"), b"mine").unwrap();
    for (target, name) in [("outside", "file"), ("folder", "folder"), ("nothing", "nothing")] {
        let link = site.link(target, name);
        let taken = |result: std::io::Result<()>| {
            assert_eq!(result.unwrap_err().kind(), ErrorKind::AlreadyExists, "{name}");
        };
        taken(site.fs.write_new(&link, b"mine"));
        taken(site.fs.create_dir(&link));
        taken(site.fs.rename_new(&at("mine"), &link));
        assert_eq!(site.fs.kind(&link).unwrap(), Some(EntryKind::Other));
    }
    site.assert_untouched();
}

#[test]
fn replacing_and_removing_a_link_leaves_its_target() {
    let site = Site::new();
    for (target, name) in [("outside", "a"), ("folder", "b"), ("nothing", "c")] {
        let link = site.link(target, name);
        site.fs.remove_dir(&link).unwrap_err();
        site.fs.remove_file(&link).unwrap();
        assert_eq!(site.fs.kind(&link).unwrap(), None);
        let link = site.link(target, name);
        site.fs.write_new(&at("mine"), b"mine").unwrap();
        site.fs.replace(&at("mine"), &link).unwrap();
        assert_eq!(site.fs.kind(&link).unwrap(), Some(EntryKind::File));
        assert_eq!(site.fs.read(&link).unwrap(), b"mine");
    }
    site.assert_untouched();
}

#[test]
#[expect(clippy::disallowed_methods, reason = "what others do to a library")]
fn a_library_that_is_renamed_away_is_still_the_one_that_is_written() {
    let site = Site::new();
    site.fs.create_dir(&at("Movies")).unwrap();
    let (old, new) = (site.dir.path().join("library"), site.dir.path().join("moved"));
    std::fs::rename(&old, &new).unwrap();
    std::fs::create_dir_all(old.join("Movies")).unwrap();
    site.fs.write_new(&at("Movies/a"), b"a").unwrap();
    site.fs.write_new(&at("b"), b"b").unwrap();
    site.fs.rename_new(&at("b"), &at("Movies/b")).unwrap();
    assert_eq!(std::fs::read(new.join("Movies/a")).unwrap(), b"a");
    assert_eq!(std::fs::read(new.join("Movies/b")).unwrap(), b"b");
    assert_eq!(site.fs.read(&at("Movies/a")).unwrap(), b"a");
    assert_eq!(std::fs::read_dir(old.join("Movies")).unwrap().count(), 0);
}

#[test]
fn opening_a_file_as_a_library_fails() {
    let site = Site::new();
    assert!(LocalFs::open(&site.dir.path().join("outside")).is_err());
    assert!(LocalFs::open(&site.dir.path().join("nothing")).is_err());
}
