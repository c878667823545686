//! Runs as a service does them: several libraries in one process, each with its own wish to end.

#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test plays the user")]

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use vod2strm_core::cancel::Cancel;
use vod2strm_core::event::{Event, Observer, Phase};
use vod2strm_core::hold::Permission;
use vod2strm_core::layout::Layout;
use vod2strm_core::model::media::Kind;
use vod2strm_core::policy::Policy;
use vod2strm_core::status::Status;
use vod2strm_core::text::secrets::Redactor;
use vod2strm_engine::config::{Cleanup, Concurrency, LibraryConfig, Place, Roots};
use vod2strm_engine::host::{Clock, Host, Listener};
use vod2strm_engine::outcome::{End, Outcome};
use vod2strm_engine::request::{Mode, Request};
use vod2strm_engine::source::{
    Catalog, CatalogError, OwnSources, Scope, Selection, SourceAddress, SourceOptions, Sources,
};

const LIST: &str = "#EXTM3U\n#EXTINF:-1,Heat (1995)\nhttp://h.example/movie/u/p/1.mkv\n";

struct FixedClock;

impl Clock for FixedClock {
    fn since_1970(&self) -> Duration {
        Duration::from_secs(1_764_000_000)
    }
}

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
    let list = folder.join("list.m3u");
    std::fs::write(&list, LIST).unwrap();
    LibraryConfig {
        name: name.to_owned(),
        label: list.display().to_string(),
        source: SourceAddress::parse(&list.display().to_string()).unwrap(),
        place: Place {
            output: folder.join(name),
            roots: Roots::default(),
            state: folder.join("state"),
            is_state_chosen: true,
        },
        policy: Policy::new(Layout::standard(), "http://d:9191".parse().unwrap()),
        is_base_url_default: false,
        scope: Scope { movies: Selection::All, series: Selection::All },
        concurrency: Concurrency { bound: 2, is_fixed: true },
        cleanup: Cleanup::Off,
        grace: 1,
        file_mode: None,
        dir_mode: None,
        fetch: None,
    }
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
    let request = Request {
        mode,
        kinds: Kind::ALL.to_vec(),
        full: false,
        relayout: false,
        permission: Permission::Nothing,
    };
    let host = Host {
        listeners,
        cancel,
        clock: &FixedClock,
        sources,
        who: "a test",
        redactor: &Redactor::default(),
    };
    vod2strm_engine::run(config, &request, &host)
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
