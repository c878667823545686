//! Storage as it is: what lies at our paths and is not ours, markers, older ledgers and trees.

#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test plays the user")]

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use vod2strm_core::hash::ContentHash;
use vod2strm_testkit::home::{Home, number, text};
use vod2strm_testkit::preload::{preloaded, without_calls};

/// Long enough for any run of a few films, and short enough to be waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// A home with a playlist of films.
struct Scene {
    home: Home,
}

impl Scene {
    fn new(films: u32) -> Scene {
        let scene = Scene { home: Home::new(env!("CARGO_BIN_EXE_vod2strm")) };
        scene.list(films, "h");
        scene
    }

    /// Writes the playlist anew: so many films on this host.
    fn list(&self, films: u32, host: &str) {
        let mut list = "#EXTM3U\n".to_owned();
        for number in 1..=films {
            list += &format!("#EXTINF:-1 tmdb-id=\"{number}\",Film {number} (2001)\n");
            list += &format!("http://{host}/movie/u/p/{number}.mkv\n");
        }
        std::fs::write(self.path("list.m3u"), list).unwrap();
    }

    fn path(&self, name: &str) -> PathBuf {
        self.home.dir.path().join(name)
    }

    fn generate(&self, more: &[&str]) -> (i32, serde_json::Value) {
        self.home.try_generate(self.path("list.m3u").to_str().unwrap(), more)
    }

    /// What a run says to people: status, and both streams.
    fn said(&self, command: &str, more: &[&str]) -> (i32, String) {
        let (list, output) = (self.path("list.m3u"), self.home.output());
        let mut arguments = vec![command, "--output", output.to_str().unwrap()];
        if command != "verify" && command != "history" {
            arguments.extend(["--source", list.to_str().unwrap()]);
        }
        arguments.extend(more);
        let done = ended(self.home.command(&arguments));
        (done.0, done.1)
    }

    /// The path of the first file that ends like this.
    fn some(&self, ending: &str) -> PathBuf {
        let tree = self.home.tree();
        self.home.output().join(tree.keys().find(|path| path.ends_with(ending)).unwrap())
    }
}

/// Runs a command that must end by itself: status, and all that it said.
fn ended(mut command: Command) -> (i32, String) {
    let out = tempfile::tempfile().unwrap();
    let err = tempfile::tempfile().unwrap();
    command.stdout(out.try_clone().unwrap()).stderr(err.try_clone().unwrap());
    let mut child = command.spawn().unwrap();
    let began = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if began.elapsed() > PATIENCE {
            child.kill().unwrap();
            panic!("it waits for something that does not come");
        }
        std::thread::yield_now();
    };
    (status.code().unwrap(), read(out) + &read(err))
}

fn read(mut file: File) -> String {
    use std::io::{Read, Seek};
    let mut content = Vec::new();
    file.rewind().unwrap();
    file.read_to_end(&mut content).unwrap();
    text(&content)
}

fn make_fifo(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

#[test]
fn a_fifo_in_the_place_of_a_file_is_named_and_nobody_waits_for_it() {
    let scene = Scene::new(3);
    scene.generate(&[]);
    let (nfo, strm) = (scene.some(".nfo"), scene.some("Film 3 (2001).strm"));
    for path in [&nfo, &strm] {
        std::fs::remove_file(path).unwrap();
        make_fifo(path);
    }
    let (status, said) = scene.said("verify", &["--full"]);
    assert_eq!(status, 3, "{said}");
    assert!(said.contains("  a FIFO   Movies/"), "{said}");
    assert!(said.contains("2 are no files any more") && !said.contains("other content"), "{said}");
    let (status, said) = scene.said("generate", &["--full"]);
    assert_eq!(status, 3, "{said}");
    assert!(said.contains("Film 3 (2001).strm"), "{said}");
}

#[test]
fn a_giant_in_the_place_of_a_file_is_not_read_and_stays() {
    const SIZE: u64 = 3 << 30;
    let scene = Scene::new(3);
    scene.generate(&["--cleanup", "apply"]);
    let (nfo, strm) = (scene.some(".nfo"), scene.some("Film 3 (2001).strm"));
    for path in [&nfo, &strm] {
        std::fs::remove_file(path).unwrap();
        File::create(path).unwrap().set_len(SIZE).unwrap();
    }
    let is_frugal = |report: &serde_json::Value| {
        let peak = number(report, "/peak_memory_bytes");
        assert!(peak < 64 << 20, "{report}");
    };
    scene.list(3, "h2");
    for more in [&[][..], &["--full"]] {
        let (status, report) = scene.generate(more);
        assert_eq!(status, 3, "{report}");
        is_frugal(&report);
    }
    let (status, said) = scene.said("verify", &["--full"]);
    assert_eq!(status, 3, "{said}");
    // They leave the catalogue, and stay with their owner.
    scene.list(2, "h2");
    for _ in 0..3 {
        is_frugal(&scene.generate(&["--cleanup", "apply"]).1);
    }
    for path in [nfo, strm] {
        assert_eq!(std::fs::metadata(path).unwrap().len(), SIZE);
    }
}

/// Marker, lock and the rest of our own folder: nobody waits, and nothing of another kind is taken for ours.
#[test]
fn what_is_strange_in_our_own_folder_is_named_or_left_alone() {
    let scene = Scene::new(2);
    scene.generate(&[]);
    let own = scene.home.output().join(".vod2strm");
    for name in ["lock", "library", ".ignore"] {
        let (path, kept) = (own.join(name), own.join("kept"));
        std::fs::rename(&path, &kept).unwrap();
        make_fifo(&path);
        for command in ["generate", "verify"] {
            let (status, said) = scene.said(command, &["--full"]);
            let is_named = status == 1 && said.contains(path.to_str().unwrap());
            assert!(is_named || name == ".ignore" && status == 0, "{name}: {status} {said}");
        }
        std::fs::rename(&kept, &path).unwrap();
    }
    assert_eq!(scene.said("verify", &["--full"]).0, 0);
}

fn marker(scene: &Scene) -> PathBuf {
    scene.home.output().join(".vod2strm/library")
}

#[test]
fn a_marker_that_a_power_cut_left_empty_or_cut_is_written_anew() {
    let scene = Scene::new(5);
    scene.generate(&[]);
    let whole = std::fs::read(marker(&scene)).unwrap();
    let before = scene.home.tree();
    for broken in [&b""[..], &whole[..whole.len() - 1], &whole[..9], &vec![0; whole.len()]] {
        std::fs::write(marker(&scene), broken).unwrap();
        assert_eq!(scene.said("generate", &["--dry-run"]).0, 0);
        assert_eq!(std::fs::read(marker(&scene)).unwrap(), broken, "a dry run writes nothing");
        let (status, said) = scene.said("generate", &[]);
        assert!(status == 0 && said.contains("has been written anew"), "{said}");
        assert_eq!(
            (std::fs::read(marker(&scene)).unwrap(), scene.home.tree()),
            (whole.clone(), before.clone())
        );
    }
    // Without any of its titles it is an empty mount point, whatever else lies there.
    std::fs::rename(scene.home.output().join("Movies"), scene.path("kept")).unwrap();
    std::fs::create_dir_all(scene.home.output().join("Movies/Mine (1999)")).unwrap();
    std::fs::write(marker(&scene), "").unwrap();
    for more in [&["--dry-run"][..], &[]] {
        let (status, said) = scene.said("generate", more);
        assert!(status == 1 && said.contains("is the storage mounted?"), "{said}");
    }
    std::fs::remove_dir_all(scene.home.output().join("Movies")).unwrap();
    std::fs::rename(scene.path("kept"), scene.home.output().join("Movies")).unwrap();
    assert_eq!(scene.said("generate", &[]).0, 0);
}

#[test]
fn a_marker_that_is_missing_means_not_mounted_whatever_lies_there() {
    let scene = Scene::new(3);
    scene.generate(&["--movies-root", "films"]);
    let films = scene.home.output().join("films");
    for own in [&films, &scene.home.output()] {
        std::fs::rename(own.join(".vod2strm/library"), scene.path("kept")).unwrap();
        for more in [&["--movies-root", "films", "--dry-run"][..], &["--movies-root", "films"]] {
            let (status, said) = scene.said("generate", more);
            assert!(status == 1 && said.contains("lacks its marker"), "{said}");
            assert!(said.contains("is the storage mounted?"), "{said}");
        }
        assert!(!own.join(".vod2strm/library").exists());
        std::fs::rename(scene.path("kept"), own.join(".vod2strm/library")).unwrap();
    }
    assert_eq!(scene.generate(&["--movies-root", "films"]).0, 0);
}

/// Copies a folder with the times of all that is in it.
fn copy(from: &Path, to: &Path) {
    let done = Command::new("cp").arg("-a").arg(from).arg(to).status().unwrap();
    assert!(done.success());
}

#[test]
fn an_older_ledger_is_recognised_and_filled_from_the_tree() {
    let scene = Scene::new(4);
    let state = scene.path(".local");
    scene.generate(&[]);
    copy(&state, &scene.path("old"));
    scene.generate(&["--layout", "jellyfin"]);
    let before = scene.home.tree();
    std::fs::remove_dir_all(&state).unwrap();
    std::fs::rename(scene.path("old"), &state).unwrap();
    let (status, said) = scene.said("verify", &[]);
    assert!(status == 1 && said.contains("older than the library"), "{said}");
    let (status, said) = scene.said("generate", &["--layout", "jellyfin", "--dry-run"]);
    assert!(status == 0 && said.contains("older than the library"), "{said}");
    let (status, said) = scene.said("generate", &["--layout", "jellyfin", "--cleanup", "apply"]);
    assert!(status == 0 && said.contains("the ledger is older than the library"), "{said}");
    assert_eq!(scene.home.tree(), before);
    let (status, said) = scene.said("generate", &["--layout", "jellyfin", "--cleanup", "apply"]);
    assert!(status == 0 && !said.contains("older"), "{said}");
    assert_eq!(scene.home.tree(), before);
}

#[test]
fn an_older_tree_is_read_once_and_what_differs_is_written() {
    let scene = Scene::new(4);
    scene.generate(&[]);
    copy(&scene.home.output(), &scene.path("old"));
    scene.list(5, "h2");
    scene.generate(&[]);
    let before = scene.home.tree();
    std::fs::remove_dir_all(scene.home.output()).unwrap();
    std::fs::rename(scene.path("old"), scene.home.output()).unwrap();
    let (status, said) = scene.said("generate", &["--dry-run"]);
    assert!(status == 0 && said.contains("the library is older than its ledger"), "{said}");
    let (status, said) = scene.said("generate", &[]);
    assert!(status == 0 && said.contains("the library is older than its ledger"), "{said}");
    assert_eq!(scene.home.tree(), before);
    let (_, again) = scene.generate(&[]);
    assert!(
        again["files"].get("written").is_none() && !again.to_string().contains("older than"),
        "{again}"
    );
}

/// A run that was cut off had begun to write a title anew that was removed before; then the title is no more.
#[test]
fn what_a_run_that_was_cut_off_wrote_for_a_removed_title_goes() {
    let scene = Scene::new(9);
    scene.generate(&[]);
    let folder = scene.home.output().join("Movies/Film 9 (2001)");
    assert!(folder.exists());
    scene.list(8, "h");
    let clean = ["--cleanup", "apply", "--grace", "0"];
    assert_eq!(scene.generate(&clean).0, 0);
    assert!(!folder.exists());
    std::fs::create_dir(&folder).unwrap();
    let content = "http://h/movie/u/p/9.mkv\n";
    std::fs::write(folder.join("Film 9 (2001).strm"), content).unwrap();
    std::fs::write(folder.join("mine.txt"), "mine").unwrap();
    let ledger = rusqlite::Connection::open(scene.home.ledger()).unwrap();
    let announced = "INSERT INTO pending (folder, hashes) VALUES ('Movies/Film 9 (2001)', ?1)";
    let hash = ContentHash::of(content.as_bytes()).0.to_be_bytes();
    ledger.execute(announced, [&hash[..]]).unwrap();
    drop(ledger);
    let (_, report) = scene.generate(&clean);
    assert_eq!(number(&report, "/files/deleted/not_wanted"), 1, "{report}");
    let left: Vec<_> = folder.read_dir().unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["mine.txt"]);
}

/// What is held while an older tree is read has no work in that run: it is right once it is back.
#[test]
fn what_is_held_while_an_older_tree_is_put_back_is_right_when_it_returns() {
    let scene = Scene::new(9);
    scene.generate(&[]);
    copy(&scene.home.output(), &scene.path("kept"));
    scene.list(9, "g");
    scene.generate(&[]);
    let whole = scene.home.tree();
    scene.list(3, "g");
    assert_eq!(scene.generate(&["--cleanup", "apply"]).0, 4);
    std::fs::remove_dir_all(scene.home.output()).unwrap();
    copy(&scene.path("kept"), &scene.home.output());
    let (status, report) = scene.generate(&["--cleanup", "apply"]);
    assert!(status == 4 && report.to_string().contains("older than its ledger"), "{report}");
    scene.list(9, "g");
    let (status, report) = scene.generate(&["--cleanup", "apply"]);
    assert_eq!((status, scene.home.tree()), (0, whole), "{report:#}");
}

/// A power cut takes what the storage had said to be durable: the folders are as they were, the files are empty.
#[test]
fn after_another_boot_the_sizes_of_what_the_last_run_wrote_are_looked_at() {
    let scene = Scene::new(3);
    scene.generate(&[]);
    scene.list(6, "h");
    scene.generate(&[]);
    let whole = scene.home.tree();
    let of_first = scene.some("Film 1 (2001).strm");
    let (strm, nfo) = (scene.some("Film 4 (2001).strm"), scene.some("Film 5 (2001).nfo"));
    for path in [&of_first, &strm, &nfo] {
        File::options().write(true).open(path).unwrap().set_len(0).unwrap();
    }
    let edited = scene.some("Film 6 (2001).nfo");
    std::fs::write(&edited, "<movie><title>Mine</title></movie>").unwrap();
    // Nobody asks for each file in every night.
    assert_eq!(scene.said("verify", &[]).0, 0);
    assert_eq!(scene.generate(&[]).1["files"].get("written"), None);
    let ledger = rusqlite::Connection::open(scene.home.ledger()).unwrap();
    let noted = "SELECT value FROM meta WHERE key = 'boot'";
    let boot: String = ledger.query_row(noted, [], |row| row.get(0)).unwrap();
    ledger.execute("UPDATE meta SET value = 'another' WHERE key = 'boot'", []).unwrap();
    drop(ledger);
    let (status, said) = scene.said("verify", &[]);
    assert!(status == 3 && said.contains("damaged  Movies/Film 5 (2001)"), "{said}");
    assert!(said.contains("2 have other content") && !said.contains("Film 6"), "{said}");
    let (status, said) = scene.said("generate", &["--dry-run"]);
    assert!(status == 0 && said.contains("movies: 2 changed"), "{said}");
    let (status, report) = scene.generate(&[]);
    assert_eq!((status, number(&report, "/files/written/updated")), (0, 2), "{report}");
    let now = scene.home.tree();
    for (path, content) in whole {
        let is_other = [&of_first, &edited].iter().any(|it| it.ends_with(&path));
        assert_eq!(now[&path] == content, !is_other, "{path}");
    }
    let ledger = rusqlite::Connection::open(scene.home.ledger()).unwrap();
    assert_eq!(ledger.query_row(noted, [], |row| row.get::<_, String>(0)).unwrap(), boot);
    assert_eq!(scene.generate(&[]).1["files"].get("written"), None);
}

#[test]
fn a_run_that_changes_nothing_raises_nothing() {
    let scene = Scene::new(3);
    scene.generate(&[]);
    let (first, stamps) = (std::fs::read(marker(&scene)).unwrap(), scene.home.stamps());
    scene.generate(&[]);
    assert_eq!(scene.home.stamps(), stamps);
    scene.list(4, "h");
    scene.generate(&[]);
    let second = std::fs::read(marker(&scene)).unwrap();
    let number = |marker: &[u8]| text(marker).trim().rsplit(' ').next().unwrap().parse::<u64>();
    assert_eq!(number(&second).unwrap(), number(&first).unwrap() + 1);
}

/// Locks do nothing, as on some shares.
const IDLE_LOCKS: &str = "int flock(int fd, int op) { (void)fd; (void)op; return 0; }\n";

/// The file system of the library knows no locks; that of the state folder does.
const NO_LOCKS: &str = r#"
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
int flock(int fd, int op) {
    char link[64], path[4096] = "";
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    if (readlink(link, path, sizeof path - 1) > 0 && strstr(path, "/library/")) {
        errno = ENOLCK;
        return -1;
    }
    return syscall(SYS_flock, fd, op);
}
"#;

/// Storage without memory that processes share: SQLite cannot map its index of the write-ahead log.
const NO_SHARED_MEMORY: &str = r#"
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
static int is_index(int flags, int fd) {
    char link[64], path[4096] = "";
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    return fd >= 0 && (flags & MAP_SHARED) && readlink(link, path, sizeof path - 1) > 0 && strstr(path, "-shm");
}
void *mmap(void *at, size_t length, int prot, int flags, int fd, off_t offset) {
    if (is_index(flags, fd)) {
        errno = ENODEV;
        return MAP_FAILED;
    }
    return (void *)syscall(SYS_mmap, at, length, prot, flags, fd, offset);
}
void *mmap64(void *at, size_t length, int prot, int flags, int fd, off_t offset) {
    return mmap(at, length, prot, flags, fd, offset);
}
"#;

/// Runs a command with this loaded: status, and all that it said.
fn with_preloaded(scene: &Scene, object: &Path, command: &str) -> (i32, String) {
    let (list, output) = (scene.path("list.m3u"), scene.home.output());
    let mut arguments = vec![command, "--output", output.to_str().unwrap()];
    if command != "verify" {
        arguments.extend(["--source", list.to_str().unwrap()]);
    }
    let mut command = scene.home.command(&arguments);
    command.env("LD_PRELOAD", object);
    ended(command)
}

#[test]
#[expect(clippy::print_stderr, reason = "a note on what was not tried")]
fn where_no_locks_are_known_one_beside_the_ledger_keeps_runs_of_this_machine_apart() {
    let scene = Scene::new(3);
    let Some(object) = preloaded(&scene.path(""), NO_LOCKS) else {
        eprintln!("not checked: there is no compiler");
        return;
    };
    let run = |command: &str| with_preloaded(&scene, &object, command);
    for command in ["generate", "doctor", "generate"] {
        let (status, said) = run(command);
        assert!(status == 0 && said.contains("knows no locks"), "{command}: {said}");
    }
    let beside = scene.home.ledger().with_file_name("lock");
    let held = File::options().read(true).write(true).open(&beside).unwrap();
    held.lock().unwrap();
    for command in ["generate", "verify"] {
        let (status, said) = run(command);
        assert!(status == 5 && said.contains("another run is working"), "{command}: {said}");
    }
    drop(held);
    assert_eq!(run("verify").0, 0);
}

#[test]
#[expect(clippy::print_stderr, reason = "a note on what was not tried")]
fn doctor_says_so_where_locks_do_nothing() {
    let scene = Scene::new(3);
    let Some(object) = preloaded(&scene.path(""), IDLE_LOCKS) else {
        eprintln!("not checked: there is no compiler");
        return;
    };
    let (status, said) = with_preloaded(&scene, &object, "doctor");
    assert!(status == 0 && said.contains("look  lock: locks have no effect"), "{said}");
}

#[test]
#[expect(clippy::print_stderr, reason = "a note on what was not tried")]
fn a_ledger_works_where_no_memory_is_shared() {
    let scene = Scene::new(3);
    let Some(object) = preloaded(&scene.path(""), NO_SHARED_MEMORY) else {
        eprintln!("not checked: there is no compiler");
        return;
    };
    for films in [3, 3, 5] {
        scene.list(films, "h");
        for command in ["doctor", "generate", "verify"] {
            let (status, said) = with_preloaded(&scene, &object, command);
            assert_eq!(status, 0, "{command}: {said}");
        }
    }
    // The same ledger, on storage that shares it.
    assert_eq!(scene.home.tree().len(), 10);
    assert_eq!(scene.said("verify", &["--full"]).0, 0);
    assert_eq!(scene.generate(&[]).1["files"].get("written"), None);
}

/// Times of folders may not be set on a share, or on another user's disk. A sandbox or an emulator cannot flush a
/// whole file system. Some file systems do not tell how much room there is.
#[test]
#[expect(clippy::print_stderr, reason = "a note on what was not tried")]
fn a_run_does_without_calls_that_the_storage_does_not_have() {
    for calls in [
        &[("utimensat", "EPERM")][..],
        &[("syncfs", "ENOSYS")],
        &[("syncfs", "EOPNOTSUPP")],
        &[("statfs", "ENOSYS"), ("fstatfs", "ENOSYS")],
    ] {
        let scene = Scene::new(4);
        let Some(object) = preloaded(&scene.path(""), &without_calls(calls)) else {
            eprintln!("not checked: there is no compiler");
            return;
        };
        let run = |command: &str| with_preloaded(&scene, &object, command);
        for command in ["doctor", "generate", "doctor", "generate", "verify"] {
            let (status, said) = run(command);
            assert_eq!(status, 0, "{calls:?} {command}: {said}");
        }
        let whole = scene.home.tree();
        assert_eq!(whole.len(), 8);
        std::fs::remove_file(scene.some(".strm")).unwrap();
        let (status, said) = run("verify");
        assert!(status == 3 && said.contains("1 file is gone"), "{calls:?}: {said}");
        let (status, said) = run("generate");
        assert!(status == 0 && scene.home.tree() == whole, "{calls:?}: {said}");
    }
}

/// Files that lie in the folder of another film.
fn strays(scene: &Scene) -> Vec<String> {
    let is_stray = |path: &String| {
        let mut parts = path.split('/').skip(1);
        let (folder, file) = (parts.next().unwrap(), parts.next().unwrap());
        file.rsplit_once('.').unwrap().0 != folder
    };
    scene.home.tree().into_keys().filter(is_stray).collect()
}

/// Two runs whose locks do not reach each other: states apart, lists in opposite order, both at once.
/// `VOD2STRM_TRIES` says how often.
#[test]
#[expect(clippy::print_stderr, reason = "a note on what was not tried")]
fn two_machines_without_a_lock_never_mix_two_titles() {
    let tries =
        std::env::var("VOD2STRM_TRIES").ok().and_then(|text| text.parse().ok()).unwrap_or(3);
    for _ in 0..tries {
        let scene = Scene::new(300);
        let Some(object) = preloaded(&scene.path(""), IDLE_LOCKS) else {
            eprintln!("not checked: there is no compiler");
            return;
        };
        let list = std::fs::read_to_string(scene.path("list.m3u")).unwrap();
        let lines: Vec<&str> = list.lines().skip(1).collect();
        let mut entries: Vec<&[&str]> = lines.chunks(2).collect();
        entries.reverse();
        let reversed = entries.concat().join("\n");
        std::fs::write(scene.path("reversed.m3u"), format!("#EXTM3U\n{reversed}\n")).unwrap();
        let machine = |list: &str, state: &str| {
            let output = scene.home.output();
            let arguments = ["generate", "--source", list, "--state", state, "--output"];
            let mut command = scene.home.command(&arguments);
            command.arg(output).env("LD_PRELOAD", &object);
            command
        };
        let quiet = |mut command: Command| {
            command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
            command.spawn().unwrap()
        };
        let machines = [("list.m3u", "state-a"), ("reversed.m3u", "state-b")];
        for mut run in machines.map(|(list, state)| quiet(machine(list, state))) {
            run.wait().unwrap();
        }
        assert_eq!(strays(&scene), [""; 0]);
        // One after the other, they are content.
        for (list, state) in machines {
            let (_, first) = ended(machine(list, state));
            let (status, second) = ended(machine(list, state));
            assert_eq!(status, 0, "{state}: {first}\n{second}");
            let (status, said) = scene.said("verify", &["--full", "--state", state]);
            assert_eq!(status, 0, "{said}\n{first}\n{second}");
        }
        assert_eq!(scene.home.tree().len(), 600);
        assert_eq!(strays(&scene), [""; 0]);
    }
}
