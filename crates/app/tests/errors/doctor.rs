//! `doctor` finds what a run would find, and leaves nothing behind.

use std::fs;
use std::path::PathBuf;

use crate::scene::{Scene, TO_LIBRARY, files};
use crate::storage::{NOBODY, make_folder, unprivileged};

/// All files and folders below the home, without what the test itself put there.
fn all(scene: &Scene) -> Vec<PathBuf> {
    let (mut found, mut folders) = (files(&scene.path("")), vec![scene.path("")]);
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
        let below: Vec<PathBuf> = entries.filter(|path| path.is_dir()).collect();
        found.extend(below.iter().cloned());
        folders.extend(below);
    }
    found.sort();
    found
}

/// Status, and what is said to the user.
fn doctor(scene: &Scene, more: &[&str]) -> (i32, String) {
    let mut command = scene.binary();
    command.args(["doctor", "--source", "list.m3u"]).args(more);
    said(scene, command)
}

fn said(scene: &Scene, mut command: std::process::Command) -> (i32, String) {
    let output = command.output().unwrap();
    drop(scene.report(&output));
    (output.status.code().unwrap(), String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
fn it_leaves_nothing_behind() {
    let scene = Scene::with_playlist();
    let roots = ["--output", "library", "--movies-root", "films/all"];
    let before = all(&scene);
    let (status, said) = doctor(&scene, &roots);
    assert!(
        status == 0 && said.contains("library/films/all will be made by the first run"),
        "{said}"
    );
    assert!(
        said.contains("SQLite works there") && said.contains("keeps other runs away"),
        "{said}"
    );
    assert_eq!(all(&scene), before);
    let generate = [&TO_LIBRARY[..1], &roots, &["--source", "list.m3u"]].concat();
    assert!(scene.run(&generate).starts_with("status 0\n"));
    let before = all(&scene);
    let (status, said) = doctor(&scene, &roots);
    assert!(status == 0 && said.contains("library/films/all is writable"), "{said}");
    assert_eq!(all(&scene), before);
    assert!(scene.run(&generate).starts_with("status 0\n"));
}

#[test]
fn a_folder_that_cannot_be_made_is_found() {
    let mut scene = Scene::with_playlist();
    let (status, said) = doctor(&scene, &["--output", "/proc/nope/library"]);
    assert!(status == 1 && said.contains("FAIL  output"), "{said}");
    scene.write("file", "");
    let below = scene.path("file/films");
    let below = below.to_str().unwrap();
    for more in [
        ["--output", "file/library", "--state", "state"],
        ["--output", "library", "--movies-root", below],
        ["--output", "library", "--state", "file"],
    ] {
        let (status, said) = doctor(&scene, &more);
        assert!(status == 1 && said.contains("a file is where a folder should be"), "{said}");
    }
}

#[test]
fn what_may_not_be_written_or_looked_at_is_found() {
    let scene = Scene::with_playlist();
    make_folder(&scene, "theirs", 0o755, 0);
    make_folder(&scene, "closed", 0o700, 0);
    make_folder(&scene, "mine", 0o755, NOBODY);
    for (output, state, label) in [
        ("theirs/library", "mine/state", "output"),
        ("closed/library", "mine/state", "output"),
        ("mine/library", "theirs/state", "state"),
        ("mine/library", "closed/state", "state"),
    ] {
        let Some(mut command) = unprivileged(&scene) else { return };
        command.args(["doctor", "--source", "list.m3u", "--output", output, "--state", state]);
        let (status, said) = said(&scene, command);
        assert_eq!(status, 1, "{said}");
        assert!(said.contains(&format!("FAIL  {label}\n")), "{output} {state}: {said}");
        assert!(said.contains("Permission denied"), "{output} {state}: {said}");
    }
}

/// Where the default state folder cannot be used, a first run keeps the ledger in the library.
#[test]
fn a_ledger_that_will_be_in_the_library_is_told_of() {
    let mut scene = Scene::with_playlist();
    scene.write(".local", "in the way");
    let (status, said) = doctor(&scene, &["--output", "library"]);
    assert!(status == 0 && said.contains("will keep its ledger in the library"), "{said}");
    assert!(scene.generate(&["--source", "list.m3u"]).starts_with("status 0\n"));
    let (status, said) = doctor(&scene, &["--output", "library"]);
    assert!(status == 0 && said.contains("the ledger is in the library"), "{said}");
}

/// A run that is at work is no fault of anything.
#[test]
fn it_finds_no_fault_beside_a_run() {
    let scene = Scene::with_playlist();
    scene.generate(&["--source", "list.m3u"]);
    let lock = fs::File::open(scene.path("library/.vod2strm/lock")).unwrap();
    lock.try_lock().unwrap();
    let (status, said) = doctor(&scene, &["--output", "library"]);
    assert!(status == 0 && said.contains("a run is at work") && !said.contains("FAIL"), "{said}");
}

#[test]
fn a_link_in_the_place_of_the_lock_says_what_to_do() {
    let scene = Scene::with_playlist();
    scene.generate(&["--source", "list.m3u"]);
    let lock = scene.path("library/.vod2strm/lock");
    fs::remove_file(&lock).unwrap();
    std::os::unix::fs::symlink(scene.path("list.m3u"), &lock).unwrap();
    let run = scene.generate(&["--source", "list.m3u"]);
    assert!(run.starts_with("status 1\n") && run.contains("remove the link"), "{run}");
    let (status, said) = doctor(&scene, &["--output", "library"]);
    assert!(status == 1 && said.contains("remove the link"), "{said}");
}

/// A tree from a backup, and a slash at the end of its path.
#[test]
fn a_library_that_is_older_than_its_ledger_is_told_of() {
    let scene = Scene::with_playlist();
    scene.generate(&["--source", "list.m3u"]);
    let marker = fs::read(scene.path("library/.vod2strm/library")).unwrap();
    fs::remove_dir_all(scene.path("library/Movies")).unwrap();
    scene.generate(&["--source", "list.m3u"]);
    let (_, said_now) = doctor(&scene, &["--output", "library/"]);
    assert!(!said_now.contains("older than its ledger"), "{said_now}");
    assert!(said_now.contains("output: library is writable"), "{said_now}");
    fs::write(scene.path("library/.vod2strm/library"), marker).unwrap();
    let (status, said) = doctor(&scene, &["--output", "library"]);
    assert!(status == 0 && said.contains("look  library: the library is older"), "{said}");
}

#[test]
fn a_machine_that_trusts_nobody_is_found_where_https_is_asked() {
    let mut scene = Scene::with_playlist();
    scene.write("none.pem", "");
    let with = |source: &str| {
        let mut command = scene.binary();
        command
            .env("SSL_CERT_FILE", scene.path("none.pem"))
            .env("SSL_CERT_DIR", scene.path("none"));
        command.args(["doctor", "--output", "library", "--source", source]);
        said(&scene, command)
    };
    let (status, said) = with("https://127.0.0.1:1/get.php");
    assert!(status == 1 && said.contains("FAIL  certificates"), "{said}");
    assert!(said.contains("ca-certificates"), "{said}");
    let (status, said) = with("list.m3u");
    assert!(status == 0 && !said.contains("certificates"), "{said}");
}

/// `Movies` on another file system: what is made beside it cannot be renamed into it.
const MOUNT: &str = r#"
    mkdir -p library/Movies
    mount -t tmpfs tmpfs library/Movies || exit 99
    "$0" doctor "$@" >doctor.txt 2>&1; echo $? >doctor.status
    find library -mindepth 1 >doctor.files
    "$0" generate "$@" >run.txt 2>&1; echo $? >run.status
"#;

#[test]
fn a_root_on_another_file_system_is_found() {
    let scene = Scene::with_playlist();
    let mut command = scene.command("unshare");
    command.args(["-rm", "sh", "-c", MOUNT, env!("CARGO_BIN_EXE_vod2strm")]);
    command.args(["--output", "library", "--source", "list.m3u"]);
    let done = command.output();
    if !done.as_ref().is_ok_and(|output| output.status.success()) {
        eprintln!("not checked: no file system can be mounted here: {done:?}");
        return;
    }
    let read = |name: &str| fs::read_to_string(scene.path(name)).unwrap();
    for (command, status) in [("doctor", "1\n"), ("run", "3\n")] {
        let said = read(&format!("{command}.txt"));
        assert_eq!(read(&format!("{command}.status")), status, "{said}");
        assert!(said.contains("Invalid cross-device link"), "{said}");
        assert!(said.contains("name it with --movies-root"), "{said}");
    }
    assert_eq!(read("doctor.files"), "library/Movies\n");
}
