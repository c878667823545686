//! What the tests of the binary share: run it in an empty home, look at the tree that it made.

use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;
use vod2strm_core::layout::{Layout, TemplateKind};

/// SQL for a ledger: as if Dispatcharr had just fetched the episodes of all series.
pub const ALL_FETCHED: &str = "INSERT OR REPLACE INTO fetches (account, series, at, tried, empty, failures, due)
    SELECT account, stream, unixepoch() + 3600, unixepoch(), 0, 0, 0 FROM copies WHERE kind = 'series'";

/// From so many bytes on a file is none of ours, and is not read.
const LARGE: u64 = 1 << 30;

/// A home folder, an output folder, and the binary.
pub struct Home {
    /// The home folder.
    pub dir: TempDir,
    binary: PathBuf,
}

impl Home {
    /// A new, empty home for this binary.
    pub fn new(binary: &str) -> Home {
        Home { dir: tempfile::tempdir().expect("a temporary folder"), binary: binary.into() }
    }

    /// The same on a file system in memory, where there is one: for tests that ask nothing of storage.
    pub fn in_memory(binary: &str) -> Home {
        let dir = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir());
        Home { dir: dir.expect("a temporary folder"), binary: binary.into() }
    }

    /// A folder of its own on the same file system.
    pub fn neighbour(&self) -> TempDir {
        let above = self.dir.path().parent().expect("a temporary folder is below another");
        tempfile::tempdir_in(above).expect("a temporary folder")
    }

    /// The output folder; not made yet.
    pub fn output(&self) -> PathBuf {
        self.dir.path().join("library")
    }

    /// The library's ledger, in the default state folder.
    pub fn ledger(&self) -> PathBuf {
        let is_ledger = |path: &PathBuf| path.ends_with("ledger.sqlite");
        let state = self.dir.path().join(".local/state/vod2strm");
        files(&state).into_iter().find(is_ledger).expect("a run made a ledger")
    }

    /// Folders of the library in which nothing is.
    pub fn empty_folders(&self) -> Vec<String> {
        let (mut empty, mut folders) = (Vec::new(), vec![self.output()]);
        while let Some(folder) = folders.pop() {
            let entries = folder.read_dir().expect("a readable library");
            let entries: Vec<PathBuf> =
                entries.map(|entry| entry.expect("a readable library").path()).collect();
            if entries.is_empty() {
                empty.push(folder.display().to_string());
            }
            folders.extend(entries.into_iter().filter(|path| path.is_dir()));
        }
        empty
    }

    /// The command with nothing in its environment but this home.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.binary);
        command
            .args(arguments)
            .env_clear()
            .env("HOME", self.dir.path())
            .current_dir(self.dir.path());
        command
    }

    /// Runs the command to its end.
    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("a readable library")
    }

    /// Generates with `--json` and gives the object; the exit status must be 0.
    pub fn generate(&self, source: &str, more: &[&str]) -> serde_json::Value {
        let (status, report) = self.try_generate(source, more);
        assert_eq!(status, 0, "{report:#}");
        report
    }

    /// Generates with `--json`, whatever comes of it: exit status and object.
    pub fn try_generate(&self, source: &str, more: &[&str]) -> (i32, serde_json::Value) {
        let output = self.output();
        let output = output.to_str().expect("a readable library");
        let mut arguments = vec!["generate", "--json", "--source", source, "--output", output];
        arguments.extend(more);
        let done = self.run(&arguments);
        let report = serde_json::from_slice(&done.stdout);
        let report = report.unwrap_or_else(|_| panic!("{}", text(&done.stderr)));
        (done.status.code().expect("it was not killed"), report)
    }

    /// The library's files below `Movies` and `TV`.
    pub fn tree(&self) -> BTreeMap<String, Vec<u8>> {
        let mut tree = BTreeMap::new();
        for path in files(&self.output()) {
            let name = path
                .strip_prefix(self.output())
                .expect("a readable library")
                .to_str()
                .expect("a readable library")
                .to_owned();
            let is_plain = |meta: std::fs::Metadata| meta.is_file() && meta.len() < LARGE;
            // What is no plain file cannot be read, and may never end.
            if !name.starts_with(".vod2strm") && path.metadata().is_ok_and(is_plain) {
                tree.insert(name, std::fs::read(&path).expect("a readable library"));
            }
        }
        tree
    }

    /// Everything below the output folder, our own files too, with what a write would change.
    pub fn stamps(&self) -> BTreeMap<PathBuf, (i64, i64, u64, bool)> {
        let mut stamps = BTreeMap::new();
        let mut folders = vec![self.output()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(&folder).expect("a readable library") {
                let (path, meta) = entry
                    .map(|e| (e.path(), e.metadata().expect("a readable library")))
                    .expect("a readable library");
                if meta.is_dir() {
                    folders.push(path.clone());
                }
                stamps.insert(path, (meta.mtime(), meta.mtime_nsec(), meta.ino(), meta.is_dir()));
            }
        }
        stamps
    }
}

/// All files below a folder.
pub fn files(root: &Path) -> Vec<PathBuf> {
    let (mut found, mut folders) = (Vec::new(), vec![root.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten() {
            let path = entry.expect("a readable library").path();
            if path.is_dir() { folders.push(path) } else { found.push(path) }
        }
    }
    found
}

/// Output as text.
pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A number in a JSON object, by a path such as `/titles/movie/new`; 0 where there is none.
pub fn number(report: &serde_json::Value, path: &str) -> u64 {
    report.pointer(path).and_then(serde_json::Value::as_u64).unwrap_or(0)
}

/// A layout as flags: its name, and all its templates.
pub fn layout_flags(layout: &Layout) -> Vec<&str> {
    let mut flags = vec!["--layout", layout.as_str()];
    for (flag, slot) in [
        ("--movie-folder", TemplateKind::MovieFolder),
        ("--movie-file", TemplateKind::MovieFile),
        ("--series-folder", TemplateKind::SeriesFolder),
        ("--season-folder", TemplateKind::SeasonFolder),
        ("--specials-folder", TemplateKind::SpecialsFolder),
        ("--episode-file", TemplateKind::EpisodeFile),
    ] {
        flags.extend([flag, layout.template(slot).as_str()]);
    }
    flags
}

/// A layout that sorts titles below further folders.
pub fn grouped() -> Layout {
    let templates = [
        (TemplateKind::MovieFolder, "{account}/{year}/{title} ({year}) [tmdbid-{tmdb}]"),
        (TemplateKind::SeriesFolder, "{genre}/{title}"),
        (TemplateKind::MovieFile, "{title} ({year})"),
    ];
    templates
        .into_iter()
        .fold(Layout::named("jellyfin").expect("it is one"), |layout, (slot, text)| {
            layout.with(slot, text).expect("a sound template")
        })
}

/// The rules that every path obeys, for every file system and media server.
pub fn assert_safe_paths<'a>(paths: impl Iterator<Item = &'a String>) {
    let mut folded = std::collections::HashMap::new();
    for path in paths {
        for part in path.split('/') {
            assert!(part.len() <= 200, "too long: {part}");
            assert!(!part.starts_with('.') && !part.ends_with(['.', ' ']), "edges: {part:?}");
            assert!(!part.contains(['\\', ':', '?', '*', '"', '<', '>', '|']), "illegal: {part:?}");
            let is_odd = |c: char| {
                c.is_control()
                    || matches!(c, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}' | '\u{200B}')
            };
            assert!(!part.chars().any(is_odd), "invisible: {part:?}");
            let stem = part.split('.').next().expect("a readable library").to_ascii_uppercase();
            let reserved = ["CON", "PRN", "AUX", "NUL", "COM1", "LPT1", "COM9", "LPT9"];
            assert!(!reserved.contains(&stem.as_str()), "reserved: {part}");
        }
        let key = path.to_lowercase().to_uppercase();
        if let Some(other) = folded.insert(key, path) {
            panic!("one path for a file system that folds case: {other} and {path}");
        }
    }
}

/// A strict reader finds one root element, closed, and nothing illegal.
pub fn assert_well_formed(path: &str, nfo: &[u8]) {
    let content = std::str::from_utf8(nfo).unwrap_or_else(|_| panic!("{path} is not UTF-8"));
    let legal = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..);
    assert!(content.chars().all(legal), "{path} has characters that XML forbids");
    let mut reader = quick_xml::Reader::from_str(content);
    reader.config_mut().check_end_names = true;
    let (mut depth, mut roots) = (0_i32, 0);
    loop {
        use quick_xml::events::Event;
        match reader.read_event().unwrap_or_else(|error| panic!("{path}: {error}\n{content}")) {
            Event::Start(_) => {
                roots += i32::from(depth == 0);
                depth += 1;
            }
            Event::End(_) => depth -= 1,
            Event::Eof => break,
            _ => {}
        }
    }
    assert_eq!((depth, roots), (0, 1), "{path}: {content}");
}

/// The same files with the same contents.
pub fn assert_same_tree(ours: &BTreeMap<String, Vec<u8>>, fresh: &BTreeMap<String, Vec<u8>>) {
    let missing: Vec<_> = fresh.keys().filter(|path| !ours.contains_key(*path)).collect();
    let extra: Vec<_> = ours.keys().filter(|path| !fresh.contains_key(*path)).collect();
    assert!(missing.is_empty() && extra.is_empty(), "missing {missing:#?}, extra {extra:#?}");
    fresh.iter().for_each(|(path, content)| assert_eq!(ours[path], *content, "{path}"));
}
