//! How often a run has the disk flush the ledger: on a slow disk each flush is a wait.

#![cfg(target_os = "linux")]
#![expect(clippy::disallowed_methods, clippy::print_stderr, reason = "a test plays the user")]

use vod2strm_testkit::home::{Home, text};
use vod2strm_testkit::preload::{COUNTED_FLUSHES, preloaded};

/// A run that finds nothing to do flushes the ledger's log when it makes and when it closes it, and for none of its notes.
#[test]
fn a_run_that_changes_nothing_flushes_no_note() {
    let home = Home::new(env!("CARGO_BIN_EXE_vod2strm"));
    let list = home.dir.path().join("list.m3u");
    let output = home.output();
    let arguments =
        ["generate", "--source", list.to_str().unwrap(), "--output", output.to_str().unwrap()];
    let write = |films: u32| {
        let entry = |film| {
            format!("#EXTINF:-1,Film number {film} (2001)\nhttp://h.example/movie/u/p/{film}.mkv\n")
        };
        let entries: String = (1..=films).map(entry).collect();
        std::fs::write(&list, format!("#EXTM3U\n{entries}")).unwrap();
    };
    let Some(object) = preloaded(home.dir.path(), COUNTED_FLUSHES) else {
        return eprintln!("SKIPPED: no cc; with it: scripts/test -p vod2strm --test flushes");
    };
    let count = home.dir.path().join("flushes");
    let flushes = || -> u32 {
        let mut run = home.command(&arguments);
        let done = run.env("LD_PRELOAD", &object).env("FLUSHES", &count).output().unwrap();
        assert!(done.status.success(), "{}", text(&done.stderr));
        std::fs::read_to_string(&count).unwrap().parse().unwrap()
    };
    write(20);
    let first = flushes();
    // The next run notes what the first one left, and each later one that nothing is left to do.
    flushes();
    let unchanged = flushes();
    // The new log and its folder; in the end the log, and the ledger that takes it over. None for a note.
    assert!(unchanged <= 4, "{unchanged}");
    write(21);
    let changed = flushes();
    assert!(
        changed > unchanged && first > unchanged,
        "what is announced is flushed: {first}, {changed}"
    );
}
