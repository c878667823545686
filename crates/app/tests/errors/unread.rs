//! What may not be looked at, and file systems that come or go.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
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

/// A folder of somebody else's that may not be read: the title that has no place there leaves, and others with it.
#[test]
fn a_strangers_folder_that_may_not_be_read_keeps_no_title_from_leaving() {
    let mut scene = scene();
    make_folder(&scene, "mine/library", 0o755, NOBODY);
    make_folder(&scene, "mine/library/Movies", 0o755, NOBODY);
    let closed = make_folder(&scene, "mine/library/Movies/Heat (1995)", 0o700, 0);
    if fs::metadata(&closed).unwrap().uid() != 0 {
        eprintln!("not checked: a folder of another user's takes root");
        return;
    }
    let films = |numbers: std::ops::Range<u32>| -> String {
        let film = |n| format!("#EXTINF:-1,Film {n} (2001)\nhttp://h/{n}.mkv\n");
        numbers.map(film).collect()
    };
    scene.write("list.m3u", format!("{PLAYLIST}{}", films(1..20)));
    let apply = ["--cleanup", "apply", "--grace", "0"];
    let Some((status, said)) = run(&scene, "generate", &apply) else { return };
    assert!(status == 3 && said.contains("Heat (1995)"), "{said}");
    scene.write("list.m3u", format!("#EXTM3U\n{}", films(3..20)));
    let (status, said) = run(&scene, "generate", &apply).unwrap();
    assert!(status == 0 || status == 3, "{said}");
    let there = |n: u32| scene.path(&format!("mine/library/Movies/Film {n} (2001)")).exists();
    assert!(!there(1) && !there(2) && there(3), "{said}");
    assert!(closed.exists());
    assert_eq!(run(&scene, "generate", &apply).unwrap().0, 0);
}

/// A library that one user made and another one may write to, since both are in one group, or all may.
#[test]
fn a_second_user_who_may_write_can_run() {
    let scene = scene();
    if fs::metadata(scene.path("")).unwrap().uid() != 0 {
        eprintln!("not checked: a second user takes root");
        return;
    }
    let flags = ["--source", "list.m3u", "--file-mode", "666", "--dir-mode", "777"];
    let mut first = scene.command("sh");
    first.args(["-c", r#"umask 0; exec "$@""#, "sh", env!("CARGO_BIN_EXE_vod2strm")]);
    first.args(["generate", "--output", "mine/library", "--state", "theirs"]).args(flags);
    let first = first.output().unwrap();
    assert!(first.status.success(), "{first:?}");
    forbid(&scene.path("mine/library"), 0o777);
    let films = scene.path("mine/library/Movies");
    for folder in ["Heat (1995)", "Ronin (1998)"] {
        fs::remove_file(films.join(folder).join(format!("{folder}.nfo"))).unwrap();
    }
    for _ in 0..2 {
        let Some((status, said)) = run(&scene, "generate", &[]) else { return };
        assert_eq!(status, 0, "{said}");
    }
    assert!(films.join("Heat (1995)/Heat (1995).nfo").exists());
    // His trial of the times of folders says what they prove.
    fs::remove_file(films.join("Heat (1995)/Heat (1995).nfo")).unwrap();
    let (status, said) = run(&scene, "generate", &[]).unwrap();
    assert!(status == 0 && films.join("Heat (1995)/Heat (1995).nfo").exists(), "{said}");
}

/// Runs a script in which file systems can be mounted; `false`, with a note, where that is not possible.
fn mounting(scene: &Scene, script: &str, arguments: &[&str]) -> bool {
    let mut command = scene.command("unshare");
    command.args(["-rm", "sh", "-c", script, "sh", env!("CARGO_BIN_EXE_vod2strm")]);
    let done = command.args(arguments).output();
    let status = done.as_ref().ok().and_then(|output| output.status.code());
    if status == Some(0) {
        return true;
    }
    // The script's own numbers say that nothing can be mounted, and that of a program that is not there.
    assert!(matches!(status, None | Some(1 | 98 | 99 | 127)), "{done:?}");
    eprintln!("not checked: no file system can be mounted here: {done:?}");
    false
}

/// First run on a root; then something is mounted below it, and at it, with a folder of a title in it. After a run
/// with something mounted below it, that goes. `root` is where the titles are.
const MOUNTS: &str = r#"
    set -u
    root=$2 title=$3 binary=$1
    shift 3
    run() {
        "$binary" generate --output library --source list.m3u "$@" >"$name.txt" 2>&1
        echo $? >"$name.status"
    }
    name=first run "$@"
    mkdir "$root/Action"
    mount -t tmpfs tmpfs "$root/Action" || exit 99
    name=below run "$@"
    umount "$root/Action"
    name=again run "$@"
    mount -t tmpfs tmpfs "$root" || exit 98
    mkdir "$root/$title"
    name=at run "$@"
    find "$root" -type f >at.files
    umount "$root"
    rm -r library .local "$root"
    mkdir -p "$root/Action"
    mount -t tmpfs tmpfs "$root/Action"
    name=with run "$@"
    umount "$root/Action"
    mkdir "$root/Action/$title"
    name=gone run "$@"
    find "$root/Action" -type f >gone.files
    exit 0
"#;

#[test]
fn a_file_system_that_comes_or_goes_at_a_root_or_below_it_stops_the_run() {
    let roots = [
        ("library/Movies", &[][..], "Heat (1995)"),
        ("library/TV", &[], "Show"),
        ("films", &["--movies-root", "films"], "Heat (1995)"),
        ("shows", &["--series-root", "shows"], "Show"),
    ];
    for (root, flags, title) in roots {
        let mut scene = Scene::new();
        let show = "#EXTINF:-1,Show S01E01\nhttp://tv.example/series/u/p/1.mkv\n";
        scene.write("list.m3u", format!("{PLAYLIST}{show}"));
        let place = scene.path(root);
        let place = place.to_str().unwrap();
        let flags: Vec<&str> =
            flags.iter().map(|flag| if *flag == root { place } else { *flag }).collect();
        if !mounting(&scene, MOUNTS, &[&[place, title][..], &flags].concat()) {
            return;
        }
        let read = |name: &str| fs::read_to_string(scene.path(name)).unwrap();
        let [first, below, again, at, with, gone] =
            ["first", "below", "again", "at", "with", "gone"]
                .map(|name| (read(&format!("{name}.status")), read(&format!("{name}.txt"))));
        for (status, said) in [&first, &again, &with] {
            assert_eq!(status, "0\n", "{root}: {said}");
        }
        for (status, said) in [&below, &at, &gone] {
            assert!(status == "1\n" && said.contains("try: "), "{root}: {said}");
            assert!(said.contains(root), "{root}: {said}");
        }
        assert!(below.1.contains("Action (mounted since)"), "{}", below.1);
        assert!(gone.1.contains("Action (mounted no more)"), "{}", gone.1);
        if flags.is_empty() {
            assert!(at.1.contains("the folder itself (mounted since)"), "{}", at.1);
        } else {
            // Its marker is where its titles are.
            assert!(at.1.contains("lacks its marker"), "{}", at.1);
        }
        assert_eq!(read("at.files") + &read("gone.files"), "", "nothing is written there");
    }
}

/// The library is copied, with its times, to a disk that is mounted where the old one was.
const EXCHANGED: &str = r#"
    mkdir disk
    mount -t tmpfs tmpfs disk || exit 99
    "$1" generate --output disk/library --source list.m3u || exit 2
    cp -a disk/library kept
    mount -t tmpfs tmpfs disk || exit 98
    cp -a kept disk/library
    # Storage whose folders have one time for ever, imitated: what goes leaves no trace.
    film="disk/library/Movies/Heat (1995)"
    touch -r "$film" time
    rm "$film/Heat (1995).strm"
    touch -r time "$film"
    "$1" verify --output disk/library && exit 3
    "$1" generate --output disk/library --source list.m3u || exit 4
    test -e "$film/Heat (1995).strm" || exit 5
    "$1" verify --output disk/library || exit 6
"#;

#[test]
fn what_times_of_folders_prove_on_one_disk_they_do_not_on_another() {
    mounting(&scene(), EXCHANGED, &[]);
}
