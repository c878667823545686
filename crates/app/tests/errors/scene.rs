//! A home folder in which the binary is run, and what every run is held to: no panic, no password.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// The password that nothing may repeat.
pub const SECRET: &str = "s3cr3t-marker";

/// A playlist of one movie.
pub const PLAYLIST: &str =
    "#EXTM3U\n#EXTINF:-1 group-title=\"Movies\",Heat (1995)\nhttp://tv.example/heat.mkv\n";

/// The flags that nearly all runs share; the library is `library` in the home folder.
pub const TO_LIBRARY: [&str; 5] =
    ["generate", "--output", "library", "--base-url", "http://dispatcharr:9191"];

/// A home folder; runs take place in it.
pub struct Scene {
    dir: TempDir,
    /// Files that the test wrote itself, and which may hold the password.
    given: Vec<PathBuf>,
}

impl Scene {
    /// An empty home.
    pub fn new() -> Scene {
        Scene { dir: tempfile::tempdir().unwrap(), given: Vec::new() }
    }

    /// A home with a playlist, `list.m3u`.
    pub fn with_playlist() -> Scene {
        let mut scene = Scene::new();
        scene.write("list.m3u", PLAYLIST);
        scene
    }

    /// A path in the home folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Writes a file of the test's own.
    pub fn write(&mut self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        self.given.push(path);
    }

    /// A command with nothing in its environment but what it needs.
    pub fn command(&self, program: impl AsRef<Path>) -> Command {
        let mut command = Command::new(program.as_ref());
        command
            .env_clear()
            .env("PATH", std::env::var("PATH").unwrap())
            .env("HOME", self.dir.path());
        command.current_dir(self.dir.path());
        command
    }

    /// The binary.
    pub fn binary(&self) -> Command {
        self.command(env!("CARGO_BIN_EXE_vod2strm"))
    }

    /// Runs the binary with these arguments; gives exit status and standard error as one text.
    pub fn run(&self, arguments: &[&str]) -> String {
        self.report(&self.binary().args(arguments).output().unwrap())
    }

    /// Runs `generate` into `library`.
    pub fn generate(&self, arguments: &[&str]) -> String {
        self.run(&[&TO_LIBRARY, arguments].concat())
    }

    /// A run's exit status and standard error, once they are known to be harmless.
    pub fn report(&self, output: &Output) -> String {
        let stdout = String::from_utf8_lossy(&output.stdout);
        let stderr = String::from_utf8_lossy(&output.stderr);
        for text in [&stdout, &stderr] {
            assert!(!text.contains(SECRET), "a password is printed: {text}");
            assert!(!text.contains("panicked") && !text.contains("backtrace"), "{text}");
        }
        self.assert_files_keep_secrets();
        let status = output.status.code().map_or("none".to_owned(), |code| code.to_string());
        let stderr = stderr.replace(&self.dir.path().display().to_string(), "HOME");
        let mut report = format!("status {status}\n");
        for line in without_numbers(&stderr).lines() {
            let _ = writeln!(report, "{}", line.trim_end());
        }
        report
    }

    fn assert_files_keep_secrets(&self) {
        for path in files(self.dir.path()) {
            let content = fs::read(&path).unwrap();
            let tells = content.windows(SECRET.len()).any(|bytes| bytes == SECRET.as_bytes());
            assert!(!tells || self.given.contains(&path), "a password is in {}", path.display());
        }
    }
}

/// All files below a folder.
pub fn files(root: &Path) -> Vec<PathBuf> {
    let (mut found, mut folders) = (Vec::new(), vec![root.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten() {
            let entry = entry.unwrap();
            let path = entry.path();
            if entry.file_type().unwrap().is_dir() { folders.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    found
}

/// What is in a folder, by name.
pub fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// Puts `N` for the numbers of the system's errors, `PORT` for ports on this machine, and `HASH` for
/// what tells libraries' states apart.
fn without_numbers(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    let marks = [("os error ", "N"), ("127.0.0.1:", "PORT"), ("/library-", "HASH")];
    let next = |rest: &str| {
        let places =
            marks.iter().filter_map(|mark| Some((rest.find(mark.0)? + mark.0.len(), mark.1)));
        places.min()
    };
    while let Some((at, name)) = next(rest) {
        out.push_str(&rest[..at]);
        let tail = &rest[at..];
        let end = tail.find(|c: char| !c.is_ascii_hexdigit()).unwrap_or(tail.len());
        out.push_str(if end > 0 { name } else { "" });
        rest = &tail[end..];
    }
    without_letters(&(out + rest))
}

/// Puts `MARK` for the four letters that tell sources of one host apart: they depend on the port.
fn without_letters(text: &str) -> String {
    let mut parts = text.split(" (");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.push_str(" (");
        let letters = part.split(')').next().unwrap_or_default();
        let is_mark = letters.len() == 4 && letters.bytes().all(|byte| byte.is_ascii_lowercase());
        out.push_str(if is_mark { "MARK" } else { letters });
        out.push_str(&part[letters.len()..]);
    }
    out
}
