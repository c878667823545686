//! Who may read what a run makes: .strm files with a login are not for everybody.

#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test plays the user")]

use std::collections::BTreeSet;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use vod2strm_testkit::home::{Home, files, text};

const LOGIN: &str = "http://tv.example/movie/joe/S3cr3t/";
const OPEN: &str = "http://tv.example/";

fn new_home(address: &str) -> Home {
    let home = Home::new(env!("CARGO_BIN_EXE_vod2strm"));
    list(&home, address);
    home
}

fn list(home: &Home, address: &str) {
    let list = format!(
        "#EXTM3U\n#EXTINF:-1,Heat (1995)\n{address}1.mkv\n#EXTINF:-1,Show S01E01\n{address}2.mkv\n"
    );
    std::fs::write(home.dir.path().join("a.m3u"), list).unwrap();
}

/// Runs the command under this umask.
fn run(home: &Home, umask: &str, command: &str, more: &[&str]) -> Output {
    let place = ["--source", "a.m3u", "--output", "library", "--state", "state"];
    run_with(home, umask, &[&[command][..], &place, more].concat())
}

fn run_with(home: &Home, umask: &str, arguments: &[&str]) -> Output {
    let mut shell = Command::new("/bin/sh");
    shell.env_clear().env("HOME", home.dir.path()).current_dir(home.dir.path());
    shell.arg("-c").arg(format!("umask {umask}; exec \"$0\" \"$@\""));
    shell.arg(env!("CARGO_BIN_EXE_vod2strm")).args(arguments).output().unwrap()
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().mode() & 0o777
}

/// The modes of all files, and of all folders, in `Movies` and `TV`.
fn modes(home: &Home) -> (Vec<u32>, Vec<u32>) {
    let own = home.dir.path().join("library/.vod2strm");
    let all: Vec<PathBuf> = files(&home.dir.path().join("library"));
    let all = all.into_iter().filter(|path| !path.starts_with(&own)).collect::<Vec<_>>();
    let of_files: BTreeSet<u32> = all.iter().map(|path| mode(path)).collect();
    let folders = all.iter().flat_map(|path| path.ancestors().skip(1));
    let library = home.dir.path().join("library");
    let below = folders.filter(|dir| dir.starts_with(&library) && **dir != library);
    let of_folders: BTreeSet<u32> = below.map(mode).collect();
    (of_files.into_iter().collect(), of_folders.into_iter().collect())
}

fn set_mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

fn strm(home: &Home) -> PathBuf {
    let is_strm = |path: &PathBuf| path.extension().is_some_and(|end| end == "strm");
    files(&home.dir.path().join("library/Movies")).into_iter().find(is_strm).unwrap()
}

#[test]
fn files_with_a_login_are_for_owner_and_group() {
    let home = new_home(LOGIN);
    let logs = ["--report", "r.csv", "--log-file", "v.log"];
    let done = run(&home, "022", "generate", &logs);
    assert_eq!(modes(&home), (vec![0o640], vec![0o750]), "{}", text(&done.stderr));
    assert!(text(&done.stdout).contains("hold the login"), "{}", text(&done.stdout));
    for own in files(&home.dir.path().join("state")) {
        assert_eq!(mode(&own), 0o640, "{}", own.display());
    }
    assert_eq!(
        (mode(&home.dir.path().join("r.csv")), mode(&home.dir.path().join("v.log"))),
        (0o640, 0o640)
    );
}

#[test]
fn files_without_one_are_as_the_umask_leaves_them() {
    let home = new_home(OPEN);
    let done = run(&home, "022", "generate", &[]);
    assert_eq!(modes(&home), (vec![0o644], vec![0o755]));
    assert!(!text(&done.stdout).contains("hold the login"));
    let home = new_home(LOGIN);
    run(&home, "077", "generate", &[]);
    assert_eq!(modes(&home), (vec![0o600], vec![0o700]), "the umask takes away");
}

/// A umask that takes nothing away opens ledger, log and report to nobody. Files of titles are as it leaves them.
#[test]
fn what_may_hold_a_login_is_for_owner_and_group_whatever_the_umask() {
    for (address, file, dir) in [(LOGIN, 0o640, 0o750), (OPEN, 0o666, 0o777)] {
        let home = new_home(address);
        let path = |name: &str| home.dir.path().join(name);
        let done = run(&home, "000", "generate", &["--report", "r.csv", "--log-file", "v.log"]);
        assert_eq!(modes(&home), (vec![file], vec![dir]), "{}", text(&done.stderr));
        let state = files(&path("state"));
        assert!(state.len() > 1 && path("state").is_dir(), "{state:?}");
        for own in state.iter().chain(&[path("r.csv"), path("v.log")]) {
            assert_eq!(mode(own), 0o640, "{}", own.display());
        }
        for folder in [path("state").as_path(), state[0].parent().unwrap()] {
            assert_eq!(mode(folder), 0o750, "{}", folder.display());
        }
        let said = text(&run(&home, "000", "doctor", &["--log-file", "v.log"]).stdout);
        assert!(!said.contains("own files"), "{said}");
    }
    // A ledger that has to be in the library is not for all who may read that.
    let home = new_home(OPEN);
    std::fs::write(home.dir.path().join(".local"), "in the way").unwrap();
    let place = ["generate", "--source", "a.m3u", "--output", "library"];
    let done = run_with(&home, "000", &place);
    let ledger = home.dir.path().join("library/.vod2strm/ledger.sqlite");
    assert_eq!(mode(&ledger), 0o640, "{}", text(&done.stderr));
}

/// Modes that are wider stay: `doctor` says so, and what it prints helps.
#[test]
fn wider_modes_of_own_files_are_told_and_what_is_told_helps() {
    let home = new_home(LOGIN);
    let settings = "report = \"r.csv\"\nlog_file = \"it's.log\"\n";
    std::fs::write(home.dir.path().join("vod2strm.toml"), settings).unwrap();
    run(&home, "022", "generate", &[]);
    let of_state = files(&home.dir.path().join("state"));
    let is_ledger = |path: &&PathBuf| path.ends_with("ledger.sqlite");
    let ledger = of_state.iter().find(is_ledger).unwrap();
    let aside = ledger.with_extension("sqlite.damaged-1");
    std::fs::copy(ledger, &aside).unwrap();
    let path = |name: &str| home.dir.path().join(name);
    let (report, log) = (path("r.csv"), path("it's.log"));
    let told = [ledger, &aside, &report, &log];
    for own in told {
        set_mode(own, 0o644);
    }
    let folder = ledger.parent().unwrap();
    set_mode(folder, 0o777);
    let said = text(&run(&home, "022", "doctor", &[]).stdout);
    let line = said.lines().find(|line| line.contains("look  own files")).unwrap();
    let command = &line[line.find("chmod ").unwrap()..line.find(" (").unwrap()];
    assert_eq!((mode(ledger), mode(folder)), (0o644, 0o777), "doctor changes nothing");
    let mut shell = Command::new("/bin/sh");
    assert!(shell.args(["-c", command]).current_dir(home.dir.path()).status().unwrap().success());
    assert!(told.iter().all(|own| mode(own) == 0o640) && mode(folder) == 0o770, "{command}");
    let said = text(&run(&home, "022", "doctor", &[]).stdout);
    assert!(!said.contains("own files"), "{said}");
}

#[test]
fn the_settings_change_the_modes() {
    let home = new_home(LOGIN);
    run(&home, "022", "generate", &["--file-mode", "664", "--dir-mode", "775"]);
    assert_eq!(modes(&home), (vec![0o644], vec![0o755]));
    for wrong in ["1000", "040", "rw", "9"] {
        let done = run(&home, "022", "generate", &["--file-mode", wrong]);
        assert_eq!(done.status.code(), Some(2), "{wrong}");
    }
}

#[test]
fn a_file_that_exists_keeps_its_mode_and_doctor_says_how_to_change_it() {
    let home = new_home(OPEN);
    run(&home, "022", "generate", &[]);
    let strm = strm(&home);
    set_mode(&strm, 0o604);
    list(&home, LOGIN);
    run(&home, "022", "generate", &[]);
    assert!(std::fs::read_to_string(&strm).unwrap().contains("S3cr3t"), "it was replaced");
    assert_eq!(mode(&strm), 0o604);
    let said = text(&run(&home, "022", "doctor", &[]).stdout);
    assert!(said.contains("chmod -R o= 'library/Movies'") && said.contains("must be in"), "{said}");
}

#[test]
fn new_files_get_the_group_of_the_output_folder() {
    let home = new_home(LOGIN);
    let library = home.dir.path().join("library");
    std::fs::create_dir(&library).unwrap();
    // Only somebody with other groups may do that.
    if chown(&library, None, Some(12_345)).is_err() {
        return;
    }
    run(&home, "022", "generate", &[]);
    let group = |path: &Path| std::fs::metadata(path).unwrap().gid();
    let strm = strm(&home);
    assert_eq!((group(&strm), group(strm.parent().unwrap())), (12_345, 12_345));
    assert_eq!(mode(&strm), 0o640);
    let said = text(&run(&home, "022", "doctor", &[]).stdout);
    assert!(said.contains("group 12345"), "{said}");
}
