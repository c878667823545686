//! Files that a report or a log must not be written over: the source, the settings, whatever is in a library, and
//! ledgers. A file is known by its path, by its inode, and by the folders that it is in.

use std::fs::Metadata;
use std::os::unix::fs::{DirEntryExt, MetadataExt};
use std::path::{Path, PathBuf};

use vod2strm_core::model::media::Kind;

use crate::fs::roots::OWN_DIR;
use crate::inspect::count::walk;
use crate::library::place::{LEDGER, Place, real_path};

/// What must not be written over, each with words for people.
#[derive(Debug, Default)]
pub struct Needed {
    files: Vec<(PathBuf, String)>,
    folders: Vec<PathBuf>,
}

impl Needed {
    /// Adds a file; `what` says what it is, as in "is …".
    pub fn add_file(&mut self, path: &Path, what: &str) {
        self.files.push((path.to_owned(), what.to_owned()));
    }

    /// Adds all that is in a library, and beside its ledger.
    pub fn add_library(&mut self, place: &Place) {
        self.folders.extend(Kind::ALL.map(|kind| place.root(kind)));
        self.folders.extend([place.output.join(OWN_DIR), place.state_folder()]);
    }

    /// Why nothing may be written at a path, in words that follow it; `None` if it is free.
    pub fn reason(&self, path: &Path) -> Option<String> {
        let (real, found) = (real_path(path), path.metadata().ok());
        if let Some((_, what)) = self.files.iter().find(|(file, _)| {
            real_path(file) == real || is_one(file.metadata().ok().as_ref(), found.as_ref())
        }) {
            return Some(format!("is {what}"));
        }
        if let Some(folder) = self.folders.iter().find(|folder| is_in(folder, &real)) {
            return Some(format!("is in {}", folder.display()));
        }
        if real.parent().is_some_and(|folder| folder.join(LEDGER).is_file()) {
            return Some("is beside a ledger".to_owned());
        }
        let found = found.filter(|found| found.is_file() && found.nlink() > 1)?;
        self.folders.iter().find_map(|folder| other_name(folder, &found))
    }

    /// The same for a file that is moved to `FILE.1`, `FILE.2` … when it is full.
    pub fn reason_numbered(&self, path: &Path) -> Option<String> {
        let stem = format!("{}.", real_path(path).display());
        let is_numbered = |file: &Path| {
            let file = real_path(file).display().to_string();
            let number = file.strip_prefix(&stem);
            number.is_some_and(|it| !it.is_empty() && it.bytes().all(|byte| byte.is_ascii_digit()))
        };
        let taken = self.files.iter().find(|(file, _)| is_numbered(file));
        let taken = taken
            .map(|(file, what)| format!("becomes {} in time, which is {what}", file.display()));
        self.reason(path).or(taken)
    }
}

/// Whether both are one file.
fn is_one(one: Option<&Metadata>, other: Option<&Metadata>) -> bool {
    match (one, other) {
        // A terminal or /dev/null may well be both.
        (Some(one), Some(other)) => {
            one.is_file() && (one.dev(), one.ino()) == (other.dev(), other.ino())
        }
        _ => false,
    }
}

/// Whether a path is in a folder, under whatever name that is mounted.
fn is_in(folder: &Path, path: &Path) -> bool {
    if path.starts_with(real_path(folder)) {
        return true;
    }
    let Ok(folder) = folder.metadata() else { return false };
    let is_folder = |found: Metadata| (found.dev(), found.ino()) == (folder.dev(), folder.ino());
    path.ancestors().skip(1).any(|above| above.metadata().is_ok_and(is_folder))
}

/// Whether a file with several names has one of them in a folder. Only then all names are looked at.
fn other_name(folder: &Path, file: &Metadata) -> Option<String> {
    folder.metadata().ok().filter(|found| found.dev() == file.dev())?;
    let mut name = None;
    let walked = walk(folder, &mut |entry| {
        if entry.ino() == file.ino() {
            name = Some(entry.path());
        }
    });
    match (name, walked) {
        (Some(name), _) => Some(format!("is {}, too", name.display())),
        (None, Ok(_)) => None,
        (None, Err((path, error))) => Some(format!(
            "has further names, perhaps in the library: {} cannot be looked at: {error}",
            path.display()
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fs::roots::Roots;

    #[test]
    fn a_file_is_known_by_whatever_name_it_is_called() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        for folder in ["out/Movies/Heat", "elsewhere", "state/x-1"] {
            std::fs::create_dir_all(at(folder)).unwrap();
        }
        for file in ["a.m3u", "out/Movies/Heat/film.mkv", "state/x-1/ledger.sqlite", "free.csv"] {
            drop(std::fs::File::create(at(file)).unwrap());
        }
        let link = |target: &str, name: &str| std::os::unix::fs::symlink(target, at(name)).unwrap();
        link("a.m3u", "to-source");
        link("out/Movies/new.csv", "to-nothing-yet");
        link("out/Movies", "to-movies");
        link("loop", "loop");
        std::fs::hard_link(at("a.m3u"), at("hard-source")).unwrap();
        std::fs::hard_link(at("out/Movies/Heat/film.mkv"), at("hard-film")).unwrap();
        std::fs::hard_link(at("free.csv"), at("hard-free")).unwrap();
        let place = Place {
            output: at("out"),
            roots: Roots::default(),
            state: at("state"),
            is_state_chosen: true,
        };
        let mut needed = Needed::default();
        needed.add_file(&at("a.m3u"), "the source");
        needed.add_library(&place);
        for taken in [
            "a.m3u",
            "to-source",
            "hard-source",
            "absent/../a.m3u",
            "out/Movies/Heat/film.mkv",
            "out/Movies/new.csv",
            "out/TV/new.csv",
            "out/.vod2strm/library",
            "to-movies/new.csv",
            "to-nothing-yet",
            "elsewhere/../out/Movies/new.csv",
            "absent/../out/Movies/new.csv",
            "hard-film",
            "state/x-1/ledger.sqlite-wal",
            "state/x-1/new.csv",
        ] {
            assert!(needed.reason(&at(taken)).is_some(), "{taken}");
        }
        let own = place.state_folder().join("new.csv");
        assert!(needed.reason(&own).is_some());
        for free in ["free.csv", "hard-free", "out/last.csv", "b/c.csv", "state/last.csv", "loop"] {
            assert_eq!(needed.reason(&at(free)), None, "{free}");
        }
        assert_eq!(needed.reason(Path::new("/dev/null")), None);
        needed.add_file(&at("log.1"), "the settings file");
        assert!(needed.reason_numbered(&at("log")).is_some());
        assert_eq!(needed.reason_numbered(&at("lo")), None);
    }
}
