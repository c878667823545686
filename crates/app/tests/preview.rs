//! A preview tells what the run after it does: sequences of runs that once broke this.

#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test plays the user")]

#[path = "model/told.rs"]
mod told;

use serde_json::Value;
use vod2strm_testkit::home::{Home, text};

use crate::told::Told;

/// A library that is filled from a playlist.
struct Library {
    home: Home,
}

impl Library {
    fn new() -> Library {
        let home = Home::new(env!("CARGO_BIN_EXE_vod2strm"));
        std::fs::create_dir(home.output()).unwrap();
        Library { home }
    }

    /// The playlist has these entries from now on: what stands after `-1`, and the number of the stream.
    fn list(&self, kind: &str, entries: &[(&str, u32)]) {
        let entry = |(name, number): &(&str, u32)| {
            format!("#EXTINF:-1{name}\nhttp://h/{kind}/u/p/{number}.mkv\n")
        };
        let list: String = entries.iter().map(entry).collect();
        std::fs::write(self.home.dir.path().join("list.m3u"), format!("#EXTM3U\n{list}")).unwrap();
    }

    fn generate(&self, flags: &[&str]) -> Value {
        let dir = self.home.dir.path();
        let (source, state) = (dir.join("list.m3u"), dir.join("state"));
        let output = self.home.output();
        let mut arguments = vec!["generate", "--json", "--source", source.to_str().unwrap()];
        arguments.extend(["--state", state.to_str().unwrap()]);
        arguments.extend(["--output", output.to_str().unwrap()]);
        arguments.extend(["--grace", "0"]);
        if !flags.contains(&"--cleanup") {
            arguments.extend(["--cleanup", "apply"]);
        }
        arguments.extend(flags);
        let done = self.home.run(&arguments);
        assert!(matches!(done.status.code(), Some(0 | 3 | 4)), "{}", text(&done.stderr));
        serde_json::from_slice(&done.stdout).unwrap()
    }

    /// Runs, and holds what a preview told before against that.
    fn run(&self, flags: &[&str]) -> Value {
        let csv = self.home.dir.path().join("told.csv");
        let path = csv.to_str().unwrap();
        let before = self.home.stamps();
        let preview = self.generate(&[flags, &["--dry-run", "--report", path]].concat());
        assert_eq!(self.home.stamps(), before, "a preview changes nothing");
        let foreseen = Told::of_preview(&csv, &preview);
        let report = self.generate(&[flags, &["--report", path]].concat());
        assert_eq!(preview["status"], report["status"], "{preview} {report}");
        foreseen.assert_same(&Told::of_run(&csv, &report), &report.to_string());
        report
    }

    fn ledger(&self) -> rusqlite::Connection {
        let state = vod2strm_testkit::home::files(&self.home.dir.path().join("state"));
        let ledger = state.iter().find(|path| path.ends_with("ledger.sqlite")).unwrap();
        rusqlite::Connection::open(ledger).unwrap()
    }
}

/// A title moves away, and a new one takes its folder.
#[test]
fn a_folder_that_another_title_leaves_is_free() {
    let library = Library::new();
    library.list("movie", &[(",Heat (1995)", 1)]);
    library.run(&[]);
    library.list("movie", &[(",Ronin (1998)", 1), (",Heat (1995)", 2)]);
    let report = library.run(&["--relayout"]);
    assert_eq!(report["status"], 0, "{report}");
}

/// Titles trade places, and one waits in the parking place.
#[test]
fn titles_that_trade_names_trade_folders() {
    let library = Library::new();
    library.list("movie", &[(",Heat (1995)", 1), (",Ronin (1998)", 2), (",Up (2009)", 3)]);
    library.run(&[]);
    library.list("movie", &[(",Ronin (1998)", 1), (",Heat (1995)", 2), (",Down (2009)", 3)]);
    let report = library.run(&["--relayout"]);
    assert_eq!(report["status"], 0, "{report}");
}

/// An episode without a number gets another stream while the layout changes.
#[test]
fn an_episode_without_a_number_that_gets_another_stream_is_told_alike() {
    let library = Library::new();
    library.list("series", &[(" tvg-type=\"series\",Daily Show", 1)]);
    library.run(&[]);
    library.list("series", &[(" tvg-type=\"series\",Daily Show", 2)]);
    library.run(&["--layout", "jellyfin"]);
    library.run(&[]);
}

/// The preview recognises what is on disk, as the run does.
#[test]
fn beside_a_lost_ledger_the_same_is_recognised() {
    let library = Library::new();
    library.list("movie", &[(",Heat (1995)", 1), (",Ronin (1998)", 2), (",Up (2009)", 3)]);
    library.run(&[]);
    std::fs::remove_dir_all(library.home.dir.path().join("state")).unwrap();
    std::fs::remove_dir_all(library.home.output().join("Movies/Up (2009)")).unwrap();
    library.list("movie", &[(",Heat (1995)", 1), (",Ronin (1998)", 9), (",Up (2009)", 3)]);
    library.run(&[]);
    library.run(&["--layout", "jellyfin"]);
}

/// A run that was cut off while it moved a title: the preview completes the move, as the run does.
#[test]
fn a_move_that_was_cut_off_is_completed_alike() {
    for (via, left) in [(0, false), (1, false), (1, true)] {
        let library = Library::new();
        library.list("movie", &[(",Heat (1995)", 1), (",Ronin (1998)", 2)]);
        library.run(&[]);
        let row = "INSERT INTO moves (title, source, target, via, stage)
                   SELECT id, 'Movies/' || folder, 'Movies/Elsewhere', ?1, ?2 FROM titles LIMIT 1";
        assert_eq!(library.ledger().execute(row, [via, i64::from(left)]).unwrap(), 1);
        library.list("movie", &[(",Heat (1995)", 1), (",Ronin (1998)", 2), (",Elsewhere", 3)]);
        library.run(&[]);
        library.run(&["--relayout"]);
    }
}

/// What somebody deleted of titles that the catalogue has no more counts as the user's will.
#[test]
fn what_was_deleted_by_hand_counts_alike() {
    let library = Library::new();
    let names: Vec<String> = (0..30).map(|n| format!(",Film {n} of all (2001)")).collect();
    let all: Vec<(&str, u32)> = names.iter().map(String::as_str).zip(1..).collect();
    library.list("movie", &all);
    library.run(&[]);
    for n in 0..9 {
        let folder = format!("Movies/Film {n} of all (2001)");
        std::fs::remove_dir_all(library.home.output().join(folder)).unwrap();
    }
    library.list("movie", &all[12..]);
    library.run(&[]);
    library.list("movie", &all[25..]);
    let report = library.run(&[]);
    assert_eq!(report["status"], 4, "{report}");
    library.run(&["--cleanup", "preview"]);
    library.run(&["--cleanup", "off", "--filter", "year < 1990"]);
    library.run(&["--filter", "year < 1990"]);
}
