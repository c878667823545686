//! Storage with a network's latency: the number of workers that was found beside the best fixed one.

use std::fmt::Write as _;
use std::fs;
use std::thread;
use std::time::Duration;

use vod2strm_testkit::slow_disk::{Model, SlowDisk, Storage};

use crate::rounds::RoundTimes;
use crate::subject::Bench;
use crate::table::ResultTable;

const FILMS: usize = 1_500;
const LATENCY: Duration = Duration::from_millis(5);

/// Storage by what it can take, and by what it can take after half of the films.
struct StorageCase {
    name: &'static str,
    storage: Storage,
    later: Storage,
    /// Fixed numbers of workers, among them the best.
    fixed: [usize; 3],
}

const CASES: [StorageCase; 4] = [
    StorageCase {
        name: "no limit",
        storage: Storage::Flat,
        later: Storage::Flat,
        fixed: [16, 32, 64],
    },
    StorageCase {
        name: "a knee at 8",
        storage: Storage::Knee(8),
        later: Storage::Knee(8),
        fixed: [6, 8, 12],
    },
    StorageCase {
        name: "a cap at 16",
        storage: Storage::Cap(16),
        later: Storage::Cap(16),
        fixed: [12, 16, 32],
    },
    StorageCase {
        name: "a knee that goes from 24 to 6",
        storage: Storage::Knee(24),
        later: Storage::Knee(6),
        fixed: [6, 8, 16],
    },
];

/// A row per storage, and one about the order of the work, where FUSE is to be had.
pub fn slow_storage(bench: &Bench, table: &mut ResultTable) {
    let mut list = String::from("#EXTM3U\n");
    for film in 1..=FILMS {
        let _ = writeln!(list, "#EXTINF:-1,Film number {film} (2001)");
        let _ = writeln!(list, "http://provider.example/movie/user/word/{film}.mkv");
    }
    let source = bench.place().join("slow.m3u");
    fs::write(&source, list).expect("a place for a playlist");
    let source = source.to_str().expect("a readable path").to_owned();
    for case in &CASES {
        let run = |name: &str, flags: &[&str]| seconds(bench, case, (&source, name), flags);
        let Some(ours) = run("found", &[]) else { return };
        let fixed = case.fixed.map(|workers| {
            let workers = workers.to_string();
            let flags = ["--no-adaptive", "--concurrency", &workers];
            run(&format!("fixed-{workers}"), &flags).expect("FUSE, as before")
        });
        let best = fixed.into_iter().reduce(f64::min).expect("there are some");
        let work =
            format!("{FILMS} films, 5 ms an operation, {}, beside the best fixed", case.name);
        table.time(&work, &RoundTimes { ours: vec![ours], limit: vec![best] }, "at most 1.18");
    }
    side_by_side(bench, table);
}

/// Films and series, whose folders are in different ones, beside one kind after the other.
fn side_by_side(bench: &Bench, table: &mut ResultTable) {
    let mut list = String::from("#EXTM3U\n");
    for title in 1..=FILMS / 2 {
        let _ = writeln!(list, "#EXTINF:-1,Film number {title} (2001)");
        let _ = writeln!(list, "http://provider.example/movie/user/word/{title}.mkv");
        let _ = writeln!(list, "#EXTINF:-1,Show number {title} S01E01");
        let _ = writeln!(list, "http://provider.example/series/user/word/{title}.mkv");
    }
    let source = bench.place().join("both.m3u");
    fs::write(&source, list).expect("a place for a playlist");
    let source = source.to_str().expect("a readable path");
    let case = &CASES[0];
    let run = |name: &str, flags: &[&str]| seconds(bench, case, (source, name), flags);
    let Some(ours) = run("both", &[]) else { return };
    let kinds = ["movies", "series"].map(|kind| run(kind, &[kind]).expect("FUSE, as before"));
    let work = format!(
        "{} films and as many series, 5 ms an operation, beside one kind after the other",
        FILMS / 2
    );
    table.time(&work, &RoundTimes { ours: vec![ours], limit: vec![kinds.iter().sum()] }, "");
}

/// A run into an empty slow disk; `None`, and a note, where there is no FUSE.
fn seconds(
    bench: &Bench,
    case: &StorageCase,
    (source, name): (&str, &str),
    flags: &[&str],
) -> Option<f64> {
    let name = format!("slow-{name}");
    let library = bench.library(&name);
    fs::create_dir_all(&library).expect("a place for libraries");
    let model = |storage| Model { latency: LATENCY, storage };
    let disk = match SlowDisk::mount(&library, model(case.storage)) {
        Ok(disk) => disk,
        Err(why) => {
            eprintln!("SKIPPED: no FUSE here: {why}");
            return None;
        }
    };
    let seconds = thread::scope(|scope| {
        let run = scope.spawn(|| bench.run(source, &name, flags).seconds);
        let films = || disk.operations().get("rename").copied().unwrap_or(0);
        while films() < FILMS as u64 / 2 && !run.is_finished() {
            thread::sleep(Duration::from_millis(20));
        }
        disk.set(model(case.later));
        run.join().expect("the run ends")
    });
    drop(disk);
    fs::remove_dir_all(library.parent().expect("it is below the place")).expect("an empty disk");
    Some(seconds)
}
