//! The file systems do what a library needs of them, and the real one is not led astray.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::cell::Cell;
use std::io::ErrorKind;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::Path;

use tempfile::TempDir;
use vod2strm_core::path::RelPath;
use vod2strm_disk::fs::dir::Dirs;
use vod2strm_disk::fs::local::LocalFs;
use vod2strm_disk::fs::tree::Tree;
use vod2strm_disk::fs::{EntryKind, Fs, Way};
use vod2strm_testkit::faulty_fs::{EIO, FaultyFs, InjectedFault};
use vod2strm_testkit::fs_suite;
use vod2strm_testkit::memory_fs::MemoryFs;

/// The real file system is asked for whole paths, where the kernel can be, or step by step.
const WAYS: [fn(LocalFs) -> LocalFs; 2] = [|fs| fs, LocalFs::step_by_step];

#[test]
fn the_real_file_system_is_as_it_has_to_be() {
    for ask in WAYS {
        let dir = tempfile::tempdir().unwrap();
        let made = Cell::new(0);
        fs_suite::run(&|| {
            made.set(made.get() + 1);
            let root = dir.path().join(made.get().to_string());
            std::fs::create_dir(&root).unwrap();
            Box::new(ask(LocalFs::open(&root).unwrap()))
        });
        assert!(made.get() > 0);
    }
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

/// A tree on a library with folders, a file, and a link to a folder in which the same is.
fn with_ways(ask: fn(LocalFs) -> LocalFs) -> (Site, Tree) {
    let site = Site::new();
    std::fs::create_dir_all(site.dir.path().join("library/TV/Fargo/Season 01")).unwrap();
    std::fs::create_dir_all(site.dir.path().join("folder/Season 01")).unwrap();
    put(&site.dir.path().join("library/TV/file"), "text");
    site.link("folder", "TV/link");
    let root = site.dir.path().join("library");
    let tree = Tree::new(Box::new(ask(LocalFs::open(&root).unwrap())), Path::new("/out"));
    (site, tree)
}

#[test]
fn the_way_to_a_folder_is_the_same_however_it_is_asked() {
    for ask in WAYS {
        let (site, tree) = with_ways(ask);
        for (path, way) in [
            ("", Way::Real),
            ("TV", Way::Real),
            ("TV/Fargo/Season 01", Way::Real),
            ("TV/Fargo/Season 02", Way::Missing),
            ("TV/Dark/Season 01", Way::Missing),
            ("Movies/Ran", Way::Missing),
            ("TV/file", Way::Blocked),
            ("TV/file/Season 01", Way::Blocked),
            ("TV/link", Way::Blocked),
            ("TV/link/Season 01", Way::Blocked),
            ("TV/link/Season 02", Way::Blocked),
        ] {
            let mut dirs = Dirs::new(&tree);
            // What was asked before changes no answer.
            for _ in 0..2 {
                assert_eq!(dirs.look(&at(path)).unwrap(), way, "{path}");
            }
        }
        let mut dirs = Dirs::new(&tree);
        for (path, blocked) in [
            ("TV/file", "/out/TV/file"),
            ("TV/file/Season 01", "/out/TV/file"),
            ("TV/link/Season 01/a", "/out/TV/link"),
            ("TV/link/Season 01", "/out/TV/link"),
        ] {
            let error = dirs.make(&at(path)).unwrap_err();
            assert_eq!(error.path, Path::new(blocked), "{path}");
            assert_eq!(error.source.kind(), ErrorKind::NotADirectory);
        }
        assert!(dirs.made().is_empty());
        site.assert_untouched();
        assert_eq!(std::fs::read_dir(site.dir.path().join("folder/Season 01")).unwrap().count(), 0);
    }
}

#[test]
fn folders_are_made_where_they_are_missing() {
    for ask in WAYS {
        let (site, tree) = with_ways(ask);
        let mut dirs = Dirs::in_root_of(&tree, &at("Movies/R/Ran"));
        dirs.make(&at("Movies/R/Ran")).unwrap();
        assert_eq!(dirs.made(), [at("Movies/R"), at("Movies/R/Ran")]);
        dirs.make(&at("TV/Fargo/Season 02")).unwrap();
        dirs.make(&at("TV/Fargo/Season 01")).unwrap();
        assert_eq!(dirs.made().len(), 3, "no other was missing");
        for made in ["Movies/R/Ran", "TV/Fargo/Season 02"] {
            assert!(site.dir.path().join("library").join(made).is_dir());
        }
    }
}

type Act = fn(&mut Dirs<'_>);

/// Step by step, a folder costs a question for each name that is not known; asked at once, it costs one.
#[test]
fn a_deep_folder_costs_one_question() {
    let deep = "TV/F/Fargo/Season 01";
    let questions = |ask: fn(LocalFs) -> LocalFs, act: Act| {
        let (site, tree) = with_ways(ask);
        std::fs::create_dir_all(site.dir.path().join("library").join(deep)).unwrap();
        let mut dirs = Dirs::in_root_of(&tree, &at(deep));
        act(&mut dirs);
        tree.calls().reads
    };
    let looks: [(Act, [u64; 2]); 5] = [
        (|dirs| drop(dirs.look(&at("TV/F/Fargo/Season 01"))), [1, 3]),
        // Where the way is known but for one name, that is all there is to ask.
        (|dirs| drop(dirs.look(&at("TV/Fargo"))), [1, 1]),
        (
            |dirs| {
                for season in ["Season 01", "Season 02", "Season 01"] {
                    drop(dirs.look(&at(&format!("TV/F/Fargo/{season}"))));
                }
            },
            [2, 4],
        ),
        (|dirs| dirs.make(&at("TV/F/Fargo/Season 02")).unwrap(), [2, 3]),
        (|dirs| dirs.make(&at("TV/G/Go/Season 01")).unwrap(), [3, 3]),
    ];
    for (act, [at_once, step_by_step]) in looks {
        assert_eq!(questions(LocalFs::step_by_step, act), step_by_step);
        let asked = questions(|fs| fs, act);
        // A kernel without the call makes steps, too.
        assert!([at_once, step_by_step].contains(&asked), "{asked}");
    }
}
