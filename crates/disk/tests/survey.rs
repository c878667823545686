//! Looking through a tree that nobody knows: everything is seen, nothing is changed or followed.

use std::collections::{BTreeMap, HashSet};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use vod2strm_core::cancel::Cancel;

use vod2strm_disk::fs::Fs;
use vod2strm_disk::fs::local::LocalFs;
use vod2strm_disk::fs::tree::{Tree, TreeError};
use vod2strm_disk::inspect::survey::{Survey, survey};
use vod2strm_testkit::faulty_fs::{EACCES, ENOSPC, FaultyFs, InjectedFault};
use vod2strm_testkit::memory_fs::MemoryFs;

type Strms = BTreeMap<String, Option<Vec<u8>>>;

fn look(fs: impl Fs + 'static, known: &[&str]) -> Result<(Survey, Strms), TreeError> {
    let tree = Tree::new(Box::new(fs), Path::new("/library"));
    let known: HashSet<String> = known.iter().map(|path| (*path).to_owned()).collect();
    let mut strms = Strms::new();
    let mut take = |path, content| assert!(strms.insert(path, content).is_none());
    let seen = survey(&tree, &known, &Cancel::default(), &mut take)?;
    Ok((seen, strms))
}

fn planted() -> MemoryFs {
    let fs = MemoryFs::default();
    for path in ["Movies/A/A.strm", "Movies/A/A.nfo", "TV/S/Season 01/x.STRM", "Other/B/B.strm"] {
        fs.plant(path, path.as_bytes());
    }
    fs
}

fn paths(strms: &Strms) -> Vec<&str> {
    strms.keys().map(String::as_str).collect()
}

#[test]
fn every_strm_is_read_and_every_folder_has_its_time() {
    let fs = planted();
    let (seen, strms) = look(fs.clone(), &[]).unwrap();
    assert_eq!(paths(&strms), ["Movies/A/A.strm", "TV/S/Season 01/x.STRM"]);
    assert_eq!(strms["Movies/A/A.strm"].as_deref(), Some(&b"Movies/A/A.strm"[..]));
    let mut folders: Vec<&str> = seen.folders.keys().map(String::as_str).collect();
    folders.sort_unstable();
    assert_eq!(folders, ["Movies", "Movies/A", "TV", "TV/S", "TV/S/Season 01"]);
    assert!(seen.notes.is_empty());
    assert_eq!(fs.changes().iter().filter(|call| !call.starts_with("changed")).count(), 0);
}

#[test]
fn what_the_ledger_knows_is_not_read() {
    let fs = planted();
    let (_, strms) = look(fs.clone(), &["Movies/A/A.strm"]).unwrap();
    assert_eq!(paths(&strms), ["TV/S/Season 01/x.STRM"]);
    assert!(!fs.calls().iter().any(|call| call.contains("A.strm")));
}

#[test]
fn what_is_too_large_is_no_strm() {
    let fs = planted();
    fs.plant("Movies/Big/big.strm", &[b'x'; 70_000]);
    let (_, strms) = look(fs, &[]).unwrap();
    assert_eq!(strms["Movies/Big/big.strm"], None);
}

#[test]
fn links_and_impossible_names_are_noted() {
    let fs = planted();
    fs.plant_other("Movies/link");
    fs.plant("Movies/A/back\\slash.strm", b"x");
    let (seen, strms) = look(fs, &[]).unwrap();
    assert_eq!(strms.len(), 2);
    assert_eq!(seen.notes.len(), 2, "{:?}", seen.notes);
    assert!(seen.notes.iter().any(|note| note.contains("Movies/link")), "{:?}", seen.notes);
}

#[test]
fn trouble_with_a_folder_is_noted_and_trouble_with_the_storage_ends_it() {
    let faulty = FaultyFs::new(planted(), InjectedFault::on_question_of("TV/S", EACCES));
    let (seen, strms) = look(faulty, &[]).unwrap();
    assert_eq!(paths(&strms), ["Movies/A/A.strm"]);
    assert!(seen.notes[0].contains("TV/S") && seen.notes[0].contains("ermission"), "{seen:?}");

    let faulty = FaultyFs::new(planted(), InjectedFault::on_question_of("TV/S", ENOSPC));
    assert!(look(faulty, &[]).is_err());
}

#[test]
fn what_is_on_its_way_in_a_root_that_is_elsewhere_is_no_title() {
    let fs = MemoryFs::split();
    fs.plant("Movies/.vod2strm/staging/w0/1/Alien.strm", b"http://half");
    fs.plant("Movies/Alien/Alien.strm", b"http://whole");
    let tree = Tree::new(Box::new(fs.clone()), Path::new("/library")).with_roots(fs.roots());
    let mut seen = Vec::new();
    let cancel = Cancel::default();
    survey(&tree, &HashSet::new(), &cancel, &mut |path, _| seen.push(path)).unwrap();
    assert_eq!(seen, ["Movies/Alien/Alien.strm"]);
}

#[test]
fn names_that_are_not_utf_8_are_noted() {
    let dir = tempfile::tempdir().unwrap();
    let odd = OsStr::from_bytes(b"Caf\xe9 (1999)");
    std::fs::create_dir_all(dir.path().join("Movies").join(odd)).unwrap();
    let dir = dir.path();
    let tree = Tree::new(Box::new(LocalFs::open(dir).unwrap()), dir);
    let cancel = Cancel::default();
    let seen = survey(&tree, &HashSet::new(), &cancel, &mut |_, _| {}).unwrap();
    assert!(seen.notes[0].contains("(1999) has a name that is not UTF-8"), "{seen:?}");
}

/// A folder is the user's where a film of somebody's is in it, or below it; another file is none.
#[test]
fn folders_with_films_are_seen() {
    let fs = planted();
    for path in ["Movies/A/poster.jpg", "Movies/B/film.mkv", "TV/S/Season 02/1.mp4", "TV/S2/x.txt"]
    {
        fs.plant(path, b"x");
    }
    let (seen, _) = look(fs, &[]).unwrap();
    for (folder, expected) in [
        ("Movies/A", false),
        ("Movies/B", true),
        ("TV/S", true),
        ("TV/S/Season 01", false),
        ("TV/S/Season 02", true),
        ("TV/S2", false),
    ] {
        assert_eq!(seen.holds_film(folder), expected, "{folder}");
    }
}
