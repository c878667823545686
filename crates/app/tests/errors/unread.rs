//! What may not be looked at, and file systems that come or go.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::Path;

use crate::scene::{PLAYLIST, Scene};
use crate::storage::{NOBODY, make_folder, unprivileged};

/// A home with two films, and a folder `mine` of the user without rights.
fn scene() -> Scene {
    let mut scene = Scene::with_playlist();
    let second = "#EXTINF:-1 group-title=\"Movies\",Ronin (1998)\nhttp://tv.example/ronin.mkv\n";
    scene.write("list.m3u", format!("{PLAYLIST}{second}"));
    make_folder(&scene, "mine", 0o755, NOBODY);
    scene
}

/// Runs the binary as that user; status, and all that it said.
fn run(scene: &Scene, command: &str, more: &[&str]) -> Option<(i32, String)> {
    let mut binary = unprivileged(scene)?;
    binary.args([command, "--output", "mine/library", "--state", "mine/state"]);
    if command == "generate" {
        binary.args(["--source", "list.m3u"]);
    }
    let output = binary.args(more).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    Some((output.status.code().unwrap(), said.into_owned()))
}

fn forbid(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_folder_that_may_not_be_read_is_its_titles_failure_alone() {
    let scene = scene();
    let Some((status, said)) = run(&scene, "generate", &[]) else { return };
    assert_eq!(status, 0, "{said}");
    let films = scene.path("mine/library/Movies");
    let (closed, open) = (films.join("Heat (1995)"), films.join("Ronin (1998)/Ronin (1998).nfo"));
    fs::remove_file(&open).unwrap();
    // Its time is new, so that it has to be listed.
    File::create(closed.join("mine.txt")).unwrap();
    forbid(&closed, 0o000);
    for more in [&["--dry-run"][..], &[], &["--full"]] {
        let (status, said) = run(&scene, "generate", more).unwrap();
        assert!(status == 3 && said.contains("Heat (1995)"), "{more:?}: {said}");
        assert!(said.contains("Permission denied"), "{more:?}: {said}");
        assert_eq!(open.exists(), !more.contains(&"--dry-run"), "others go on");
    }
    for more in [&[][..], &["--full"]] {
        let (status, said) = run(&scene, "verify", more).unwrap();
        assert!(status == 3 && said.contains("  unread   "), "{more:?}: {said}");
        assert!(!said.contains("other content") && !said.contains("gone"), "{more:?}: {said}");
    }
    forbid(&closed, 0o755);
    assert_eq!(run(&scene, "generate", &[]).unwrap().0, 0);
    assert_eq!(run(&scene, "verify", &["--full"]).unwrap().0, 0);
}

#[test]
fn a_state_folder_that_may_not_be_looked_at_is_no_empty_one() {
    let scene = scene();
    let Some((status, said)) = run(&scene, "generate", &[]) else { return };
    assert_eq!(status, 0, "{said}");
    forbid(&scene.path("mine/state"), 0o000);
    for (command, more) in [
        ("verify", &[][..]),
        ("verify", &["--full"]),
        ("history", &[]),
        ("generate", &["--dry-run"]),
        ("generate", &[]),
    ] {
        let (status, said) = run(&scene, command, more).unwrap();
        assert!(status == 1 && said.contains("Permission denied"), "{command} {more:?}: {said}");
    }
    forbid(&scene.path("mine/state"), 0o755);
    assert_eq!(run(&scene, "generate", &[]).unwrap().0, 0);
}

/// What another user's run left in staging, and that may not be removed.
#[test]
fn a_staging_folder_of_another_user_ends_no_run() {
    let scene = scene();
    let Some((status, said)) = run(&scene, "generate", &[]) else { return };
    assert_eq!(status, 0, "{said}");
    let left = scene.path("mine/library/.vod2strm/staging/w0/17");
    fs::create_dir_all(&left).unwrap();
    File::create(left.join("x.strm")).unwrap();
    if chown(&left, Some(0), None).is_err() {
        return;
    }
    fs::remove_file(scene.path("mine/library/Movies/Heat (1995)/Heat (1995).nfo")).unwrap();
    let (status, said) = run(&scene, "generate", &[]).unwrap();
    assert_eq!(status, 0, "{said}");
    assert!(scene.path("mine/library/Movies/Heat (1995)/Heat (1995).nfo").exists());
}

/// A ledger stays where it is in a night in which its folder is away.
#[test]
fn a_ledger_never_moves_into_the_library_for_a_night() {
    let scene = scene();
    assert!(scene.generate(&["--source", "list.m3u"]).starts_with("status 0\n"));
    let (state, kept) = (scene.path(".local"), scene.path("kept"));
    fs::rename(&state, &kept).unwrap();
    fs::write(&state, "in the way").unwrap();
    for more in [&["--source", "list.m3u"][..], &["--source", "list.m3u", "--dry-run"]] {
        let said = scene.generate(more);
        assert!(said.starts_with("status 1\n") && said.contains("Not a directory"), "{said}");
    }
    assert!(!scene.path("library/.vod2strm/ledger.sqlite").exists());
    fs::remove_file(&state).unwrap();
    fs::rename(&kept, &state).unwrap();
    assert!(scene.generate(&["--source", "list.m3u"]).starts_with("status 0\n"));
}

/// First run; then something is mounted below the root, and at it, with a few folders in it.
const MOUNTS: &str = r#"
    set -u
    "$@" >first.txt 2>&1; echo $? >first.status
    mkdir library/Movies/Action
    mount -t tmpfs tmpfs library/Movies/Action || exit 99
    "$@" >below.txt 2>&1; echo $? >below.status
    umount library/Movies/Action
    "$@" >again.txt 2>&1; echo $? >again.status
    mount -t tmpfs tmpfs library/Movies || exit 98
    mkdir "library/Movies/Heat (1995)"
    "$@" >at.txt 2>&1; echo $? >at.status
    find library/Movies -type f >at.files
    umount library/Movies
"#;

#[test]
fn a_file_system_that_comes_at_a_root_or_below_it_stops_the_run() {
    let scene = scene();
    let mut command = scene.command("unshare");
    command.args(["-rm", "sh", "-c", MOUNTS, "sh", env!("CARGO_BIN_EXE_vod2strm")]);
    command.args(["generate", "--output", "library", "--source", "list.m3u"]);
    let done = command.output();
    if !done.as_ref().is_ok_and(|output| output.status.success()) {
        eprintln!("not checked: no file system can be mounted here: {done:?}");
        return;
    }
    let read = |name: &str| fs::read_to_string(scene.path(name)).unwrap();
    let statuses = ["first", "below", "again", "at"].map(|name| read(&format!("{name}.status")));
    assert_eq!(statuses, ["0\n", "1\n", "0\n", "1\n"], "{} {}", read("below.txt"), read("at.txt"));
    assert!(read("below.txt").contains("Action (mounted since)"), "{}", read("below.txt"));
    assert!(read("at.txt").contains("the folder itself (mounted since)"), "{}", read("at.txt"));
    assert!(read("at.txt").contains("--movies-root"), "{}", read("at.txt"));
    assert_eq!(read("at.files"), "", "nothing is written below a mount");
}
