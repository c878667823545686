//! Runs as a service does them: several libraries in one process, each with its own wish to end.

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use vod2strm_core::cancel::Cancel;
use vod2strm_core::event::{Event, Observer, Phase};
use vod2strm_core::status::Status;
use vod2strm_engine::config::LibraryConfig;
use vod2strm_engine::host::Listener;
use vod2strm_engine::outcome::{End, Outcome};
use vod2strm_engine::request::Mode;
use vod2strm_engine::source::{
    Catalog, CatalogError, OwnSources, SourceAddress, SourceOptions, Sources,
};

use crate::scene::{BEGIN, SetClock, config, host, list, request};

/// Says when a source is to be opened, and opens it once that may be.
struct Gate {
    reached: Sender<()>,
    open: Mutex<Receiver<()>>,
}

impl Sources for Gate {
    fn open(
        &self,
        address: &SourceAddress,
        options: &SourceOptions<'_>,
        cancel: &Cancel,
    ) -> Result<Box<dyn Catalog>, CatalogError> {
        self.reached.send(()).unwrap();
        self.open.lock().unwrap().recv().unwrap();
        OwnSources.open(address, options, cancel)
    }
}

fn library(folder: &Path, name: &str) -> LibraryConfig {
    std::fs::write(folder.join("list.m3u"), list(&["Heat (1995)"])).unwrap();
    config(folder, name)
}

fn run(config: &LibraryConfig, sources: &dyn Sources, cancel: &Cancel) -> Outcome {
    run_as(Mode::Real, config, sources, cancel, &[])
}

fn run_as(
    mode: Mode,
    config: &LibraryConfig,
    sources: &dyn Sources,
    cancel: &Cancel,
    listeners: &[&dyn Listener],
) -> Outcome {
    let clock = SetClock(AtomicU64::new(BEGIN));
    let host = host(listeners, cancel, &clock, sources);
    vod2strm_engine::run(config, &request(mode), &host)
}

#[test]
fn of_two_libraries_at_work_one_is_cancelled_and_the_other_is_completed() {
    let folder = tempfile::tempdir().unwrap();
    let (one, other) = (library(folder.path(), "one"), library(folder.path(), "other"));
    let (process, (reached, is_reached), (open, opened)) =
        (Cancel::default(), channel(), channel());
    let gate = Gate { reached, open: Mutex::new(opened) };
    let (first, second) = (process.child(), process.child());
    thread::scope(|scope| {
        let cancelled = scope.spawn(|| run(&one, &gate, &first));
        let completed = scope.spawn(|| run(&other, &gate, &second));
        // Both are at work.
        is_reached.recv().unwrap();
        is_reached.recv().unwrap();
        first.cancel();
        open.send(()).unwrap();
        open.send(()).unwrap();
        let (cancelled, completed) = (cancelled.join().unwrap(), completed.join().unwrap());
        assert_eq!((cancelled.end, cancelled.status), (End::Cancelled, Status::Failed));
        assert_eq!((completed.end, completed.status), (End::Whole, Status::Done));
    });
    let film = "Movies/Heat (1995)/Heat (1995).strm";
    assert!(!one.place.output.join(film).exists() && other.place.output.join(film).exists());
    // A later run of the same process, for the same library, is not harmed.
    let later = run(&one, &OwnSources, &process.child());
    assert_eq!((later.end, later.status), (End::Whole, Status::Done));
    assert!(one.place.output.join(film).exists());
}

/// How many titles were loaded, to be written or to be looked at.
#[derive(Default)]
struct Loads {
    written: AtomicU64,
    looked_at: AtomicU64,
}

impl Observer for Loads {
    fn event(&self, event: &Event<'_>) {
        let (count, titles) = match event {
            Event::Phase(Phase::Write, Some(titles)) => (&self.written, titles),
            Event::Phase(Phase::Look, Some(titles)) => (&self.looked_at, titles),
            _ => return,
        };
        count.fetch_add(*titles, Ordering::Relaxed);
    }
}

impl Listener for Loads {}

/// With a filter a preview says what the filter does with all titles, and loads each once.
#[test]
fn with_a_filter_a_preview_loads_every_title_once() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = library(folder.path(), "one");
    let list = folder.path().join("list.m3u");
    let entry =
        |n: u32| format!("#EXTINF:-1,Film {n} of all ({})\nhttp://h/movie/u/p/{n}.mkv\n", 1980 + n);
    let films = |range: std::ops::Range<u32>| -> String {
        std::iter::once("#EXTM3U\n".to_owned()).chain(range.map(entry)).collect()
    };
    config.policy.choice.filter = Some("year < 1990".parse().unwrap());
    let preview = || {
        let loads = Loads::default();
        let listeners: [&dyn Listener; 1] = [&loads];
        let cancel = Cancel::default();
        let outcome = run_as(Mode::Preview, &config, &OwnSources, &cancel, &listeners);
        let matches = outcome.filter.unwrap();
        let loaded = (loads.written.into_inner(), loads.looked_at.into_inner());
        (loaded, (matches.titles, matches.wanted, matches.parts[0].titles))
    };
    std::fs::write(&list, films(0..20)).unwrap();
    assert_eq!(preview(), ((20, 0), (20, 10, 10)));
    run(&config, &OwnSources, &Cancel::default());
    assert_eq!(preview(), ((0, 20), (20, 10, 10)));
    std::fs::write(&list, films(0..23)).unwrap();
    assert_eq!(preview(), ((3, 20), (23, 10, 10)));
}
