//! What every file system that a library is written with has to do, as small checks.

use std::fmt::Debug;
use std::io::{self, ErrorKind};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};

use vod2strm_core::path::RelPath;
use vod2strm_disk::fs::{EntryKind, Fs, Way};

type Check = fn(&dyn Fs);

const CHECKS: &[(&str, Check)] = &[
    ("the root is an empty directory", the_root_is_an_empty_directory),
    ("what was written is read", what_was_written_is_read),
    ("nothing is made without its parent", nothing_is_made_without_its_parent),
    ("nothing is made where something is", nothing_is_made_where_something_is),
    ("what is not there is not found", what_is_not_there_is_not_found),
    ("a file has nothing below it", a_file_has_nothing_below_it),
    ("a directory is no file", a_directory_is_no_file),
    ("a way leads through directories alone", a_way_leads_through_directories_alone),
    ("a list has the entries of one directory", a_list_has_the_entries_of_one_directory),
    ("a file replaces a file or nothing", a_file_replaces_a_file_or_nothing),
    ("a file replaces no directory", a_file_replaces_no_directory),
    ("a directory replaces no file", a_directory_replaces_no_file),
    ("a replaced file is never missing", a_replaced_file_is_never_missing),
    ("a directory moves with all below it", a_directory_moves_with_all_below_it),
    ("a directory does not move into itself", a_directory_does_not_move_into_itself),
    ("a new place must be free", a_new_place_must_be_free),
    ("a removed file leaves its place free", a_removed_file_leaves_its_place_free),
    ("only an empty directory is removed", only_an_empty_directory_is_removed),
    ("names are kept as they are", names_are_kept_as_they_are),
    ("a name that is too long is refused", a_name_that_is_too_long_is_refused),
    ("of several threads one wins", of_several_threads_one_wins),
    ("syncing works", syncing_works),
];

/// Runs every check on a file system of its own, which `make` makes, empty.
///
/// # Panics
/// If a check fails; the message names all that do, each one's own stands before it.
pub fn run(make: &dyn Fn() -> Box<dyn Fs>) {
    let fails = |check: Check| catch_unwind(AssertUnwindSafe(|| check(make().as_ref()))).is_err();
    let failed: Vec<&str> =
        CHECKS.iter().filter(|(_, check)| fails(*check)).map(|(name, _)| *name).collect();
    assert!(failed.is_empty(), "not as it has to be: {failed:#?}");
}

fn at(path: &str) -> RelPath {
    RelPath::parse(path).expect("a path below the root")
}

fn dir(fs: &dyn Fs, path: &str) {
    fs.create_dir(&at(path)).expect("a directory can be made");
}

fn file(fs: &dyn Fs, path: &str, content: &str) {
    fs.write_new(&at(path), content.as_bytes()).expect("a file can be made");
}

fn kind(fs: &dyn Fs, path: &str) -> Option<EntryKind> {
    fs.kind(&at(path)).expect("one can ask")
}

fn text(fs: &dyn Fs, path: &str) -> String {
    let content = fs.read(&at(path)).expect("the file can be read");
    String::from_utf8(content).expect("the file is text")
}

fn names(fs: &dyn Fs, path: &str) -> Vec<String> {
    let mut names = fs.list(&at(path)).expect("the directory can be listed");
    names.sort();
    names
}

#[track_caller]
fn refuses<T: Debug>(result: io::Result<T>, kind: ErrorKind) {
    assert_eq!(result.expect_err("this must not work").kind(), kind);
}

fn the_root_is_an_empty_directory(fs: &dyn Fs) {
    assert_eq!(kind(fs, ""), Some(EntryKind::Dir));
    assert!(names(fs, "").is_empty());
    refuses(fs.create_dir(&at("")), ErrorKind::AlreadyExists);
    assert!(fs.remove_dir(&at("")).is_err());
}

fn what_was_written_is_read(fs: &dyn Fs) {
    let bytes: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    dir(fs, "a");
    for (path, content) in [("empty", &[][..]), ("a/one", b"\0"), ("a/all", &bytes)] {
        fs.write_new(&at(path), content).expect("a file can be made");
        assert_eq!(fs.read(&at(path)).expect("it can be read"), content);
        let start = fs.read_start(&at(path), 300).expect("its beginning can be read");
        assert_eq!(start, &content[..content.len().min(300)]);
        assert_eq!(kind(fs, path), Some(EntryKind::File));
    }
    assert_eq!(kind(fs, "a"), Some(EntryKind::Dir));
}

fn nothing_is_made_without_its_parent(fs: &dyn Fs) {
    file(fs, "f", "text");
    refuses(fs.write_new(&at("a/f"), b""), ErrorKind::NotFound);
    refuses(fs.create_dir(&at("a/b")), ErrorKind::NotFound);
    refuses(fs.rename_new(&at("f"), &at("a/f")), ErrorKind::NotFound);
    refuses(fs.replace(&at("f"), &at("a/f")), ErrorKind::NotFound);
    assert_eq!(names(fs, ""), ["f"]);
}

fn nothing_is_made_where_something_is(fs: &dyn Fs) {
    file(fs, "f", "text");
    dir(fs, "d");
    for path in ["f", "d"] {
        refuses(fs.write_new(&at(path), b"other"), ErrorKind::AlreadyExists);
        refuses(fs.create_dir(&at(path)), ErrorKind::AlreadyExists);
    }
    assert_eq!(text(fs, "f"), "text");
    assert_eq!(kind(fs, "d"), Some(EntryKind::Dir));
}

fn what_is_not_there_is_not_found(fs: &dyn Fs) {
    dir(fs, "d");
    for path in ["a", "d/a", "a/b"] {
        assert_eq!(kind(fs, path), None, "{path}");
        refuses(fs.read(&at(path)), ErrorKind::NotFound);
        refuses(fs.list(&at(path)), ErrorKind::NotFound);
        refuses(fs.remove_file(&at(path)), ErrorKind::NotFound);
        refuses(fs.remove_dir(&at(path)), ErrorKind::NotFound);
        refuses(fs.rename_new(&at(path), &at("new")), ErrorKind::NotFound);
        refuses(fs.replace(&at(path), &at("new")), ErrorKind::NotFound);
    }
    assert_eq!(names(fs, ""), ["d"]);
}

fn a_file_has_nothing_below_it(fs: &dyn Fs) {
    file(fs, "f", "text");
    file(fs, "g", "other");
    refuses(fs.kind(&at("f/a")), ErrorKind::NotADirectory);
    refuses(fs.read(&at("f/a")), ErrorKind::NotADirectory);
    refuses(fs.list(&at("f")), ErrorKind::NotADirectory);
    refuses(fs.write_new(&at("f/a"), b""), ErrorKind::NotADirectory);
    refuses(fs.create_dir(&at("f/a")), ErrorKind::NotADirectory);
    refuses(fs.remove_dir(&at("f")), ErrorKind::NotADirectory);
    refuses(fs.rename_new(&at("g"), &at("f/a")), ErrorKind::NotADirectory);
    refuses(fs.replace(&at("g"), &at("f/a")), ErrorKind::NotADirectory);
    assert_eq!((text(fs, "f"), text(fs, "g")), ("text".into(), "other".into()));
}

fn a_directory_is_no_file(fs: &dyn Fs) {
    dir(fs, "d");
    refuses(fs.read(&at("d")), ErrorKind::IsADirectory);
    // Systems do not agree on the error.
    assert!(fs.remove_file(&at("d")).is_err());
    assert_eq!(kind(fs, "d"), Some(EntryKind::Dir));
}

/// As far as one call can tell.
fn a_way_leads_through_directories_alone(fs: &dyn Fs) {
    for path in ["a", "a/b", "a/b/c"] {
        dir(fs, path);
    }
    file(fs, "a/f", "text");
    for (path, way) in [
        ("", Way::Real),
        ("a", Way::Real),
        ("a/b/c", Way::Real),
        ("x", Way::Missing),
        ("a/b/x", Way::Missing),
        ("a/x/c", Way::Missing),
        ("a/f", Way::Blocked),
        ("a/f/c", Way::Blocked),
    ] {
        let answer = fs.way(&at(path)).expect("one can ask");
        assert!(answer.is_none_or(|answer| answer == way), "{path}: {answer:?}");
    }
}

fn a_list_has_the_entries_of_one_directory(fs: &dyn Fs) {
    for path in ["a", "a/b", "a b", "a/b/c"] {
        dir(fs, path);
    }
    for path in ["a/f", "a/b/f", "a b/g", "a.f", ".hidden"] {
        file(fs, path, "");
    }
    assert_eq!(names(fs, ""), [".hidden", "a", "a b", "a.f"]);
    assert_eq!(names(fs, "a"), ["b", "f"]);
    assert_eq!(names(fs, "a/b"), ["c", "f"]);
    assert!(names(fs, "a/b/c").is_empty());
}

fn a_file_replaces_a_file_or_nothing(fs: &dyn Fs) {
    dir(fs, "d");
    file(fs, "d/old", "old");
    file(fs, "new", "new");
    fs.replace(&at("new"), &at("d/old")).expect("a file can be replaced");
    assert_eq!(text(fs, "d/old"), "new");
    assert_eq!(names(fs, ""), ["d"]);
    fs.replace(&at("d/old"), &at("free")).expect("a free place will do");
    assert_eq!(text(fs, "free"), "new");
    assert!(names(fs, "d").is_empty());
}

fn a_file_replaces_no_directory(fs: &dyn Fs) {
    dir(fs, "empty");
    dir(fs, "full");
    file(fs, "full/x", "x");
    file(fs, "f", "text");
    for path in ["empty", "full"] {
        refuses(fs.replace(&at("f"), &at(path)), ErrorKind::IsADirectory);
    }
    assert_eq!(text(fs, "f"), "text");
    assert_eq!(text(fs, "full/x"), "x");
    assert_eq!(kind(fs, "empty"), Some(EntryKind::Dir));
}

fn a_directory_replaces_no_file(fs: &dyn Fs) {
    for path in ["d", "full"] {
        dir(fs, path);
        file(fs, &format!("{path}/x"), path);
    }
    file(fs, "f", "text");
    refuses(fs.replace(&at("d"), &at("f")), ErrorKind::NotADirectory);
    refuses(fs.replace(&at("d"), &at("full")), ErrorKind::DirectoryNotEmpty);
    assert_eq!(text(fs, "f"), "text");
    assert_eq!((text(fs, "d/x"), text(fs, "full/x")), ("d".into(), "full".into()));
}

fn a_replaced_file_is_never_missing(fs: &dyn Fs) {
    const TIMES: usize = 200;
    let versions = [vec![b'a'; 5000], vec![b'b'; 3]];
    fs.write_new(&at("f"), &versions[0]).expect("a file can be made");
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            for n in 1..=TIMES {
                fs.write_new(&at("staged"), &versions[n % 2]).expect("a file can be made");
                fs.replace(&at("staged"), &at("f")).expect("a file can be replaced");
            }
        });
        while !writer.is_finished() {
            let seen = fs.read(&at("f")).expect("it is always there");
            assert!(versions.contains(&seen), "{} bytes", seen.len());
        }
    });
}

fn a_directory_moves_with_all_below_it(fs: &dyn Fs) {
    for path in ["a", "a/b", "a/b/empty", "a b", "d"] {
        dir(fs, path);
    }
    for path in ["a/f", "a/b/g", "a b/h", "a.f"] {
        file(fs, path, path);
    }
    fs.rename_new(&at("a"), &at("d/new")).expect("a directory can be moved");
    assert_eq!(names(fs, ""), ["a b", "a.f", "d"]);
    assert_eq!(names(fs, "d/new"), ["b", "f"]);
    assert_eq!(names(fs, "d/new/b"), ["empty", "g"]);
    assert_eq!((text(fs, "d/new/f"), text(fs, "d/new/b/g")), ("a/f".into(), "a/b/g".into()));
    assert_eq!(text(fs, "a b/h"), "a b/h");
}

fn a_directory_does_not_move_into_itself(fs: &dyn Fs) {
    dir(fs, "a");
    file(fs, "a/f", "text");
    refuses(fs.rename_new(&at("a"), &at("a/b")), ErrorKind::InvalidInput);
    refuses(fs.replace(&at("a"), &at("a/b")), ErrorKind::InvalidInput);
    assert_eq!(text(fs, "a/f"), "text");
}

fn a_new_place_must_be_free(fs: &dyn Fs) {
    for path in ["empty", "full", "d"] {
        dir(fs, path);
    }
    for path in ["full/x", "d/x", "f", "g"] {
        file(fs, path, path);
    }
    for from in ["d", "g"] {
        for to in ["empty", "full", "f", from] {
            refuses(fs.rename_new(&at(from), &at(to)), ErrorKind::AlreadyExists);
        }
    }
    for path in ["full/x", "d/x", "f", "g"] {
        assert_eq!(text(fs, path), path);
    }
    assert!(names(fs, "empty").is_empty());
    fs.rename_new(&at("g"), &at("empty/g")).expect("a file can be moved into a free place");
    assert_eq!((kind(fs, "g"), text(fs, "empty/g")), (None, "g".into()));
}

fn a_removed_file_leaves_its_place_free(fs: &dyn Fs) {
    file(fs, "f", "old");
    fs.remove_file(&at("f")).expect("a file can be removed");
    assert_eq!(kind(fs, "f"), None);
    file(fs, "f", "new");
    assert_eq!(text(fs, "f"), "new");
}

fn only_an_empty_directory_is_removed(fs: &dyn Fs) {
    for path in ["a", "a/b", "a b"] {
        dir(fs, path);
    }
    refuses(fs.remove_dir(&at("a")), ErrorKind::DirectoryNotEmpty);
    assert_eq!(kind(fs, "a/b"), Some(EntryKind::Dir));
    fs.remove_dir(&at("a/b")).expect("an empty directory can be removed");
    fs.remove_dir(&at("a")).expect("and then the one above it");
    assert_eq!(names(fs, ""), ["a b"]);
}

fn names_are_kept_as_they_are(fs: &dyn Fs) {
    let mut given: Vec<String> =
        ["...", " a ", "a.", "- [tmdbid-1]", "100% \"*?<>|:", "new\nline", "电影 🎬", "é"]
            .map(str::to_owned)
            .into();
    given.push("x".repeat(255));
    for name in &given {
        file(fs, name, name);
    }
    given.sort();
    assert_eq!(names(fs, ""), given);
    for name in &given {
        assert_eq!(text(fs, name), *name);
    }
}

fn a_name_that_is_too_long_is_refused(fs: &dyn Fs) {
    let long = "x".repeat(256);
    file(fs, "f", "text");
    refuses(fs.write_new(&at(&long), b""), ErrorKind::InvalidFilename);
    refuses(fs.create_dir(&at(&long)), ErrorKind::InvalidFilename);
    refuses(fs.rename_new(&at("f"), &at(&long)), ErrorKind::InvalidFilename);
    refuses(fs.kind(&at(&long)), ErrorKind::InvalidFilename);
    assert_eq!(names(fs, ""), ["f"]);
}

fn of_several_threads_one_wins(fs: &dyn Fs) {
    const THREADS: usize = 4;
    for n in 0..THREADS {
        file(fs, &format!("from {n}"), &n.to_string());
    }
    let race = |act: &(dyn Fn(usize) -> io::Result<()> + Sync)| {
        let winners = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for n in 0..THREADS {
                let winners = &winners;
                scope.spawn(move || match act(n) {
                    Ok(()) => drop(winners.fetch_add(1, Ordering::Relaxed)),
                    Err(error) => assert_eq!(error.kind(), ErrorKind::AlreadyExists),
                });
            }
        });
        assert_eq!(winners.into_inner(), 1);
    };
    race(&|n| fs.write_new(&at("written"), n.to_string().as_bytes()));
    race(&|_| fs.create_dir(&at("made")));
    race(&|n| fs.rename_new(&at(&format!("from {n}")), &at("moved")));
    assert_eq!(names(fs, "").len(), 3 + THREADS - 1);
}

fn syncing_works(fs: &dyn Fs) {
    file(fs, "f", "text");
    fs.sync().expect("it can be made durable");
    assert_eq!(text(fs, "f"), "text");
}
