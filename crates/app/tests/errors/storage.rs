//! Folders that cannot be used: in the way, not writable, full, locked, gone.

use std::collections::BTreeMap;
use std::fs::{self, File, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::Command;

use insta::assert_snapshot;

use crate::scene::{Scene, TO_LIBRARY, files, names};

/// A user without rights: nobody.
pub const NOBODY: u32 = 65_534;

#[test]
fn a_file_where_a_folder_should_be() {
    let mut scene = Scene::with_playlist();
    scene.write("library", "");
    let output = scene.generate(&["--source", "list.m3u"]);
    let below = ["generate", "--source", "list.m3u", "--output", "library/below"];
    assert_snapshot!(output + &scene.run(&below), @r"
    status 1
    error: cannot use folder library/.vod2strm
      because: Not a directory (os error N)
      try: a file is where a folder should be: move it away
    status 1
    error: cannot use folder library/below/.vod2strm
      because: Not a directory (os error N)
      try: a file is where a folder should be: move it away
    ");
    assert_eq!(fs::read(scene.path("library")).unwrap(), b"");
    assert_eq!(names(&scene.path("")), ["library", "list.m3u"]);
}

#[test]
fn a_state_folder_and_a_report_that_cannot_be_made() {
    let mut scene = Scene::with_playlist();
    scene.write("file", "");
    let state = scene.generate(&["--source", "list.m3u", "--state", "file"]);
    let report = scene.generate(&["--source", "list.m3u", "--report", "file/report.csv"]);
    assert_snapshot!(state + &report, @r"
    status 1
    error: cannot use folder file/library-HASH
      because: Not a directory (os error N)
      try: a file is where a folder should be: move it away
    status 1
    error: cannot write the report file/report.csv
      because: File exists (os error N)
      try: name a file in a folder that exists and is writable
    ");
    assert!(!scene.path("library").exists());
}

/// The command as a user whom permissions stop; `None`, with a note, if there is no way.
pub fn unprivileged(scene: &Scene) -> Option<Command> {
    if fs::metadata(scene.path("")).unwrap().uid() != 0 {
        return Some(scene.binary());
    }
    // The binary may be where only its owner can go.
    let binary = scene.path("vod2strm");
    fs::copy(env!("CARGO_BIN_EXE_vod2strm"), &binary).unwrap();
    fs::set_permissions(scene.path(""), Permissions::from_mode(0o755)).unwrap();
    let ways: [&[&str]; 2] =
        [&["setpriv", "--reuid=65534", "--clear-groups"], &["runuser", "-u", "nobody", "--"]];
    for way in ways {
        let command = |program: &Path| {
            let mut command = scene.command(way[0]);
            command.args(&way[1..]).arg(program);
            command
        };
        let tried = command(&binary).arg("--version").output();
        if tried.is_ok_and(|output| output.status.success()) {
            return Some(command(&binary));
        }
    }
    eprintln!("not checked: neither setpriv nor runuser gives up rights here");
    None
}

/// A folder that nobody may write to, or that only `owner` may.
pub fn make_folder(scene: &Scene, name: &str, mode: u32, owner: u32) -> PathBuf {
    let path = scene.path(name);
    fs::create_dir(&path).unwrap();
    if fs::metadata(&path).unwrap().uid() == 0 {
        chown(&path, Some(owner), None).unwrap();
    }
    fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
    path
}

#[test]
fn folders_that_may_not_be_written_to() {
    let scene = Scene::with_playlist();
    make_folder(&scene, "mine", 0o755, NOBODY);
    let library = make_folder(&scene, "library", 0o555, 0);
    let run = |arguments: &[&str]| {
        let mut command = unprivileged(&scene)?;
        command.args(["generate", "--source", "list.m3u"]).args(arguments);
        Some(scene.report(&command.output().unwrap()))
    };
    let Some(output) = run(&["--output", "library", "--state", "mine/state"]) else { return };
    let below = run(&["--output", "library/below", "--state", "mine/state"]).unwrap();
    let state = run(&["--output", "mine/library", "--state", "library/state"]).unwrap();
    assert_snapshot!(output + &below + &state, @r"
    status 1
    error: cannot make folder library/.vod2strm
      because: Permission denied (os error N)
      try: make the folder writable for the user that runs vod2strm (see `id`), or choose another --output or --state
    status 1
    error: cannot use folder library/below
      because: Permission denied (os error N)
      try: make the folder writable for the user that runs vod2strm (see `id`), or choose another --output or --state
    status 1
    error: cannot use folder library/state/library-HASH
      because: Permission denied (os error N)
      try: make the folder writable for the user that runs vod2strm (see `id`), or choose another --output or --state
    ");
    assert!(names(&library).is_empty());
}

/// Puts `(process N)` for who holds the lock, and since when.
fn without_holder(text: &str) -> String {
    let mut parts = text.split(" (process ");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        text + " (process N)" + part.split_once(')').map_or(part, |(_, rest)| rest)
    })
}

#[test]
fn a_library_that_another_run_works_on() {
    let scene = Scene::with_playlist();
    scene.generate(&["--source", "list.m3u"]);
    let before = tree(&scene.path("library"));
    let lock = File::options().write(true).open(scene.path("library/.vod2strm/lock")).unwrap();
    lock.try_lock().unwrap();
    let run = scene.generate(&["--source", "list.m3u"]);
    let dry_run = scene.generate(&["--source", "list.m3u", "--dry-run"]);
    assert!(run.contains(", since 20") && run.contains(" UTC)"), "{run}");
    assert_snapshot!(without_holder(&(run + &dry_run)), @"
    status 5
    error: another run is working on library (process N)
      try: wait until it has finished; the lock vanishes by itself when its holder ends
    status 5
    error: another run is working on library (process N)
      try: wait until it has finished; the lock vanishes by itself when its holder ends
    ");
    assert_eq!(tree(&scene.path("library")), before);
    drop(lock);
    assert!(scene.generate(&["--source", "list.m3u"]).starts_with("status 0\n"));
}

#[test]
fn a_library_whose_storage_is_not_mounted() {
    let scene = Scene::with_playlist();
    scene.generate(&["--source", "list.m3u"]);
    fs::rename(scene.path("library"), scene.path("storage")).unwrap();
    fs::create_dir(scene.path("library")).unwrap();
    let run = scene.generate(&["--source", "list.m3u"]);
    let dry_run = scene.generate(&["--source", "list.m3u", "--dry-run"]);
    assert!(names(&scene.path("library")).is_empty(), "nothing is written below a mount point");
    fs::remove_dir(scene.path("library")).unwrap();
    let without = scene.generate(&["--source", "list.m3u"]);
    assert!(!scene.path("library").exists());
    assert_eq!(run, without);
    assert_eq!(run, dry_run);
    assert_snapshot!(run, @r"
    status 1
    error: library is not the library that the ledger HOME/.local/state/vod2strm/library-HASH/ledger.sqlite knows: the ledger has 1 title, and the folder lacks its marker, .vod2strm/library
      try: is the storage mounted? If you emptied the folder on purpose, move the ledger away and run again
    ");
    fs::rename(scene.path("storage"), scene.path("library")).unwrap();
    assert!(scene.generate(&["--source", "list.m3u"]).starts_with("status 0\n"));
}

/// Files by path below a folder.
fn tree(root: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let name = |path: &Path| path.strip_prefix(root).unwrap().to_owned();
    files(root).iter().map(|path| (name(path), fs::read(path).unwrap())).collect()
}

/// Runs twice on a file system of its own, which is much too small the first time. What is there
/// after each run is copied out of the mount, which nobody else sees.
const TOO_SMALL: &str = r#"
    set -u
    mount -t tmpfs -o size=256k tmpfs library || exit 99
    "$@" 2>first.txt; echo $? >first.status
    mkdir first second && cp -R library/. first/
    mount -o remount,size=64m library || exit 98
    "$@" 2>second.txt; echo $? >second.status
    cp -R library/. second/
"#;

#[test]
fn storage_that_is_full() {
    let mut scene = Scene::new();
    let mut list = "#EXTM3U\n".to_owned();
    for number in 0..300 {
        list += &format!("#EXTINF:-1 group-title=\"Movies\",Heat {number:03} (1995)\n");
        list += &format!("http://tv.example/heat{number}.mkv\n");
    }
    scene.write("list.m3u", list);
    fs::create_dir(scene.path("library")).unwrap();
    let is_root = fs::metadata(scene.path("")).unwrap().uid() == 0;
    let mut command = scene.command("unshare");
    command.args([if is_root { "-m" } else { "-rm" }, "sh", "-c", TOO_SMALL, "sh"]);
    command.arg(env!("CARGO_BIN_EXE_vod2strm")).args(TO_LIBRARY).args(["--source", "list.m3u"]);
    let done = command.output();
    if !done.as_ref().is_ok_and(|output| output.status.success()) {
        eprintln!("not checked: no file system can be mounted here: {done:?}");
        return;
    }
    let read = |name: &str| fs::read_to_string(scene.path(name)).unwrap();
    assert_eq!((read("first.status").as_str(), read("second.status").as_str()), ("1\n", "0\n"));
    let message = read("first.txt");
    let error = message.find("error: cannot ").unwrap_or_else(|| panic!("{message}"));
    let (first, rest) = message[error..].split_once('\n').unwrap();
    assert!(first.contains(" library/"), "{first}");
    assert_snapshot!(rest.replace("28", "N"), @r"
    because: No space left on device (os error N)
    try: free some space (or inodes: see `df -i`), then run again: what is written stays, the rest follows
    ");
    assert!(tree(&scene.path("first/.vod2strm/staging")).is_empty(), "half a title is left");
    let (first, second) = (tree(&scene.path("first/Movies")), tree(&scene.path("second/Movies")));
    assert_eq!(second.len(), 600);
    assert!((20..400).contains(&first.len()) && first.len() % 2 == 0, "{} files", first.len());
    for (path, content) in first {
        assert!(!content.is_empty() && second[&path] == content, "half of {}", path.display());
    }
}

/// The first movie's folder, and its NFO.
fn first_movie(library: &Path) -> (PathBuf, PathBuf) {
    let folder = fs::read_dir(library.join("Movies")).unwrap().next().unwrap().unwrap().path();
    let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
    let nfo = folder.join(format!("{name}.nfo"));
    (folder, nfo)
}

/// The failed run leaves the folder's time as it was: what is missing must not be forgotten for that.
#[test]
fn a_title_folder_that_may_not_be_written_to_is_tried_again() {
    let scene = Scene::with_playlist();
    make_folder(&scene, "mine", 0o755, NOBODY);
    let generate = || {
        let mut command = unprivileged(&scene)?;
        command.args(["generate", "--source", "list.m3u", "--output", "mine/library"]);
        Some(command.args(["--state", "mine/state"]).output().unwrap().status.code())
    };
    let Some(status) = generate() else { return };
    assert_eq!(status, Some(0));
    let (folder, nfo) = first_movie(&scene.path("mine/library"));
    let before = fs::read(&nfo).unwrap();
    fs::remove_file(&nfo).unwrap();
    fs::set_permissions(&folder, Permissions::from_mode(0o555)).unwrap();
    for _ in 0..2 {
        assert_eq!(generate(), Some(Some(3)));
    }
    fs::set_permissions(&folder, Permissions::from_mode(0o755)).unwrap();
    assert_eq!(generate(), Some(Some(0)));
    assert_eq!(fs::read(&nfo).unwrap(), before);
}
