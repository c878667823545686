//! Markers and ledger agree on who they are and how many runs they have seen, wherever a run is cut off.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::path::Path;

use tempfile::TempDir;
use vod2strm_core::path::RelPath;
use vod2strm_disk::fs::dir::Dirs;
use vod2strm_disk::fs::staging::make_own_dir;
use vod2strm_disk::fs::tree::{Tree, TreeError};
use vod2strm_disk::fs::{Entry, Fs};
use vod2strm_disk::ledger::Ledger;
use vod2strm_disk::library::marker::{
    Marker, MarkerContent, Standing, compare, make, raise, read, renew,
};
use vod2strm_testkit::faulty_fs::{EACCES, EIO, FaultyFs, InjectedFault, Span};
use vod2strm_testkit::memory_fs::MemoryFs;

fn mark(generation: u64) -> MarkerContent {
    MarkerContent { id: "id-1".to_owned(), generation }
}

/// A ledger with this generation.
fn ledger(generation: &str) -> (TempDir, Ledger) {
    let dir = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(&dir.path().join("ledger.sqlite")).unwrap();
    ledger.set_meta("library", "id-1").unwrap();
    ledger.set_meta("generation", generation).unwrap();
    (dir, ledger)
}

fn generation(ledger: &Ledger) -> String {
    ledger.meta("generation").unwrap().unwrap()
}

/// Samba's `veto files`: what is wrong is said, also where the share says that the folder may not be written to.
#[test]
fn a_share_that_takes_no_names_with_a_dot_is_told_of() {
    let said = |part: &str, fs: MemoryFs| {
        let fault = InjectedFault::on_change_of(part, EACCES);
        let tree = Tree::new(Box::new(FaultyFs::new(fs.clone(), fault)), Path::new("/"));
        let error = make_own_dir(&tree, &RelPath::default()).unwrap_err();
        assert_eq!(fs.list(&RelPath::default()).unwrap(), [""; 0]);
        error.source.to_string()
    };
    assert!(said(".vod2strm", MemoryFs::default()).contains("begin with a dot"));
    assert!(said("", MemoryFs::default()).contains("denied"));
}

#[test]
fn who_is_ahead_is_the_younger() {
    use Standing::{OlderLedger, OlderTree, Same};
    for (in_ledger, in_marker, expected) in [
        ("5", 5, Same),
        ("5", 6, OlderLedger),
        ("5", u64::MAX, OlderLedger),
        ("5", 4, OlderTree),
        ("5", 0, OlderTree),
        ("5 begun", 6, OlderLedger),
        ("5 begun", 5, Same),
        ("5 begun", 4, Same),
        ("5 begun", 3, OlderTree),
        ("", 0, Same),
        ("", 1, OlderLedger),
    ] {
        let (_dir, ledger) = ledger(in_ledger);
        let standing = compare(&ledger, &mark(in_marker)).unwrap();
        assert_eq!(standing, expected, "{in_ledger:?} and {in_marker}");
    }
}

#[test]
fn a_run_raises_once_and_wherever_it_is_cut_off_both_agree() {
    for at in 1.. {
        let fs = MemoryFs::split();
        let roots = fs.roots();
        let tree = |fs: Box<dyn vod2strm_disk::fs::Fs>| {
            Tree::new(fs, Path::new("/")).with_roots(roots.clone()).closed()
        };
        let (_dir, first) = ledger("5");
        let plain = tree(Box::new(fs.clone()));
        for home in roots.volumes() {
            renew(&plain, &home, &mark(5)).unwrap();
        }
        let fault = InjectedFault::at_call(at, EIO).then(Span::Crash);
        let faulty = tree(Box::new(FaultyFs::new(fs, fault.clone())));
        let raised = raise(&faulty, &first);
        for home in roots.volumes() {
            let Marker::Whole(found) = read(&plain, &home).unwrap() else { panic!("call {at}") };
            assert_eq!(compare(&first, &found).unwrap(), Standing::Same, "call {at}");
        }
        if !fault.has_struck() {
            raised.unwrap();
            raise(&faulty, &first).unwrap();
            assert_eq!(generation(&first), "6", "raised once");
            return;
        }
        raised.unwrap_err();
        raise(&plain, &first).unwrap();
        assert_eq!(generation(&first), "7", "call {at}");
    }
}

/// Until the generation is raised, a run's tree refuses what would change it, and what the file system refuses anyway as
/// the file system does.
#[test]
fn nothing_but_our_own_folders_changes_before_the_generation_is_raised() {
    let (_dir, ledger) = ledger("5");
    let fs = MemoryFs::split();
    let roots = fs.roots();
    let tree = Tree::new(Box::new(fs.clone()), Path::new("/")).with_roots(roots.clone()).closed();
    let path = |path: &str| RelPath::parse(path).unwrap();
    fs.plant("Movies/A/A.strm", b"a");
    let own: Vec<RelPath> =
        roots.volumes().map(|home| make_own_dir(&tree, &home).unwrap()).collect();
    for own in &own {
        tree.write_new(&own.join("draft").unwrap(), b"a").unwrap();
    }
    let draft = own[0].join("draft").unwrap();
    let before = fs.snapshot();
    let (file, folder, free) = (path("Movies/A/A.strm"), path("Movies/A"), path("Movies/B"));
    let changes: [&dyn Fn() -> Result<(), TreeError>; 6] = [
        &|| tree.create_dir(&free),
        &|| tree.write_new(&free, b"b"),
        &|| tree.replace(&draft, &file),
        &|| tree.rename_new(&draft, &free),
        &|| tree.remove_file(&file),
        &|| tree.rename_new(&folder, &free),
    ];
    for change in changes {
        let error = change().unwrap_err();
        assert!(error.source.to_string().contains("next run"), "{error}: {}", error.source);
    }
    assert!(tree.create_dir(&folder).unwrap_err().is_occupied());
    assert!(tree.rename_new(&draft, &file).unwrap_err().is_occupied());
    assert!(tree.remove_dir(&folder).unwrap_err().is_occupied());
    Dirs::new(&tree).make(&folder).unwrap();
    tree.remove_file(&free).unwrap();
    tree.remove_dir(&free).unwrap();
    assert_eq!(fs.snapshot(), before);
    raise(&tree, &ledger).unwrap();
    tree.remove_file(&file).unwrap();
    tree.remove_dir(&folder).unwrap();
}

#[test]
fn of_two_first_runs_one_makes_the_marker() {
    let fs = MemoryFs::default();
    let tree = Tree::new(Box::new(fs.clone()), Path::new("/out"));
    let (home, other) =
        (RelPath::default(), MarkerContent { id: "id-2".to_owned(), generation: 0 });
    fs.plant_dir(".vod2strm");
    assert!(make(&tree, &home, &mark(0)).unwrap());
    assert!(!make(&tree, &home, &other).unwrap());
    assert_eq!(read(&tree, &home).unwrap(), Marker::Whole(mark(0)));
    assert!(!fs.snapshot().keys().any(|path| path.contains("staging")), "no draft is left");
}

#[test]
fn what_is_no_file_is_no_marker_and_is_not_opened() {
    let fs = MemoryFs::default();
    fs.plant_entry(".vod2strm/library", Entry::Fifo);
    let tree = Tree::new(Box::new(fs.clone()), Path::new("/out"));
    let error = read(&tree, &RelPath::default()).unwrap_err();
    assert!(error.source.to_string().contains("a FIFO"), "{}", error.source);
    fs.plant(".vod2strm/library", &vec![0; 1 << 20]);
    assert_eq!(read(&tree, &RelPath::default()).unwrap(), Marker::Damaged);
    assert!(!fs.calls().iter().any(|call| call.starts_with("read ")));
}
