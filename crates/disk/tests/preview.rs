//! A preview's file system answers as the real one would, and changes nothing.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use proptest::prelude::*;
use vod2strm_core::path::RelPath;
use vod2strm_disk::fs::preview::PreviewFs;
use vod2strm_disk::fs::{EntryKind, Fs};
use vod2strm_testkit::folding_fs::FoldingFs;
use vod2strm_testkit::fs_suite;
use vod2strm_testkit::memory_fs::MemoryFs;

#[test]
fn it_is_as_a_file_system_has_to_be() {
    fs_suite::run(&|| Box::new(PreviewFs::over(None)));
    fs_suite::run(&|| Box::new(PreviewFs::over(Some(Arc::new(MemoryFs::default())))));
}

#[derive(Clone, Debug)]
enum Step {
    Dir(&'static str),
    Write(&'static str),
    Replace(&'static str, &'static str),
    Rename(&'static str, &'static str),
    RemoveFile(&'static str),
    RemoveDir(&'static str),
}

fn path() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "a", "b", "a/a", "a/b", "b/a", "b/b", "a/a/a", "a/a/b", "a/b/a", "b/a/b",
    ])
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        path().prop_map(Step::Dir),
        path().prop_map(Step::Write),
        (path(), path()).prop_map(|(from, to)| Step::Replace(from, to)),
        (path(), path()).prop_map(|(from, to)| Step::Rename(from, to)),
        path().prop_map(Step::RemoveFile),
        path().prop_map(Step::RemoveDir),
    ]
}

fn at(path: &str) -> RelPath {
    RelPath::parse(path).unwrap()
}

/// What a step comes to: nothing, or the kind of the error. `number` makes contents differ.
fn take(fs: &dyn Fs, step: &Step, number: usize) -> Result<(), io::ErrorKind> {
    let done = match step {
        Step::Dir(path) => fs.create_dir(&at(path)),
        Step::Write(path) => fs.write_new(&at(path), number.to_string().as_bytes()),
        Step::Replace(from, to) => fs.replace(&at(from), &at(to)),
        Step::Rename(from, to) => fs.rename_new(&at(from), &at(to)),
        Step::RemoveFile(path) => fs.remove_file(&at(path)),
        Step::RemoveDir(path) => fs.remove_dir(&at(path)),
    };
    done.map_err(|error| error.kind())
}

/// All that is in a file system: content by path, `None` for folders.
fn all(fs: &dyn Fs) -> BTreeMap<String, Option<Vec<u8>>> {
    let (mut found, mut rest) = (BTreeMap::new(), vec![RelPath::default()]);
    while let Some(dir) = rest.pop() {
        for name in fs.list(&dir).unwrap() {
            let path = dir.join(&name).unwrap();
            let is_dir = fs.kind(&path).unwrap() == Some(EntryKind::Dir);
            found.insert(path.as_str().to_owned(), (!is_dir).then(|| fs.read(&path).unwrap()));
            if is_dir {
                rest.push(path);
            }
        }
    }
    found
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn it_answers_as_the_real_one_and_changes_nothing(
        before in prop::collection::vec(step(), 0..12),
        steps in prop::collection::vec(step(), 1..16),
    ) {
        let (real, stored) = (MemoryFs::default(), MemoryFs::default());
        for (number, step) in before.iter().enumerate() {
            // Whatever can be made is there.
            let _ = (take(&real, step, number), take(&stored, step, number));
        }
        let stored_before = all(&stored);
        let preview = PreviewFs::over(Some(Arc::new(stored.clone())));
        for (number, step) in steps.iter().enumerate() {
            let number = 100 + number;
            prop_assert_eq!(take(&preview, step, number), take(&real, step, number), "{:?}", step);
            prop_assert_eq!(all(&preview), all(&real), "after {:?}", step);
        }
        prop_assert_eq!(all(&stored), stored_before);
    }
}

#[test]
fn what_was_written_is_forgotten_and_what_moved_or_went_is_not() {
    let stored = MemoryFs::default();
    for dir in ["Movies", "Movies/Heat", "Movies/Alien"] {
        stored.create_dir(&at(dir)).unwrap();
    }
    stored.write_new(&at("Movies/Heat/Heat.strm"), b"http://heat").unwrap();
    let fs = PreviewFs::over(Some(Arc::new(stored)));
    fs.rename_new(&at("Movies/Heat"), &at("Movies/Heat (1995)")).unwrap();
    fs.remove_dir(&at("Movies/Alien")).unwrap();
    for new in ["Movies/Heat", "Movies/Ronin", ".vod2strm", ".vod2strm/staging"] {
        fs.create_dir(&at(new)).unwrap();
    }
    fs.write_new(&at("Movies/Ronin/Ronin.strm"), b"http://ronin").unwrap();
    fs.forget_written();
    let found: Vec<String> = all(&fs).into_keys().collect();
    assert_eq!(
        found,
        [
            ".vod2strm",
            ".vod2strm/staging",
            "Movies",
            "Movies/Heat (1995)",
            "Movies/Heat (1995)/Heat.strm"
        ]
    );
    assert_eq!(fs.read(&at("Movies/Heat (1995)/Heat.strm")).unwrap(), b"http://heat");
    // Where a folder was that moved away, the storage's is not seen again.
    assert_eq!(fs.kind(&at("Movies/Heat")).unwrap(), None);
}

#[test]
fn a_name_that_has_gone_is_gone_in_every_spelling_of_the_storage() {
    let stored = MemoryFs::default();
    for dir in ["Movies", "Movies/Heat", "Movies/Alien"] {
        stored.create_dir(&at(dir)).unwrap();
    }
    stored.write_new(&at("Movies/Alien/Alien.strm"), b"http://alien").unwrap();
    let fs = PreviewFs::over(Some(Arc::new(FoldingFs(stored))));
    fs.rename_new(&at("Movies/Heat"), &at("aside")).unwrap();
    fs.rename_new(&at("aside"), &at("Movies/HEAT")).unwrap();
    assert_eq!(fs.kind(&at("Movies/HEAT")).unwrap(), Some(EntryKind::Dir));
    // What is there in another spelling alone is in the way.
    let taken = fs.create_dir(&at("Movies/ALIEN")).unwrap_err();
    assert_eq!(taken.kind(), io::ErrorKind::AlreadyExists);
    fs.remove_file(&at("Movies/Alien/ALIEN.strm")).unwrap();
    fs.remove_dir(&at("Movies/Alien")).unwrap();
    let mut names = fs.list(&at("Movies")).unwrap();
    names.sort();
    assert_eq!(names, ["HEAT"]);
}
