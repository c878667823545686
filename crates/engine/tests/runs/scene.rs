//! A library over a playlist, and a listener that keeps what it is told.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tempfile::TempDir;
use vod2strm_core::cancel::Cancel;
use vod2strm_core::event::{Event, FileEvent, Observer};
use vod2strm_core::hold::Permission;
use vod2strm_core::layout::Layout;
use vod2strm_core::model::media::Kind;
use vod2strm_core::policy::Policy;
use vod2strm_core::status::Status;
use vod2strm_core::text::secrets::Redactor;
use vod2strm_engine::config::{Cleanup, Concurrency, LibraryConfig, Place, Roots, VersionOrigin};
use vod2strm_engine::host::{Clock, Host, Listener};
use vod2strm_engine::outcome::{End, Outcome};
use vod2strm_engine::request::{Mode, Request};
use vod2strm_engine::source::{OwnSources, Scope, Selection, SourceAddress, Sources};

/// When the first run begins: a second in November 2025.
pub const BEGIN: u64 = 1_764_000_000;

pub const DAY: u64 = 24 * 60 * 60;

/// A clock that stands until it is set.
pub struct SetClock(pub AtomicU64);

impl Clock for SetClock {
    fn since_1970(&self) -> Duration {
        Duration::from_secs(self.0.load(Ordering::Relaxed))
    }
}

/// A library in a folder of its own.
pub struct Scene {
    pub dir: TempDir,
    pub config: LibraryConfig,
    pub request: Request,
    pub clock: SetClock,
    pub cancel: Cancel,
}

/// The settings of a library in a folder, over the list there.
pub fn config(folder: &Path, name: &str) -> LibraryConfig {
    let list = folder.join("list.m3u");
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
        versions: VersionOrigin::Chosen,
        scope: Scope { movies: Selection::All, series: Selection::All },
        concurrency: Concurrency { bound: 1, is_fixed: true },
        cleanup: Cleanup::Off,
        grace: 1,
        file_mode: None,
        dir_mode: None,
        fetch: None,
        api: None,
    }
}

pub fn request(mode: Mode) -> Request {
    let (kinds, permission) = (Kind::ALL.to_vec(), Permission::Nothing);
    Request { mode, kinds, full: false, relayout: false, permission, trigger: None }
}

/// What a run gets from outside.
pub fn host<'a>(
    listeners: &'a [&'a dyn Listener],
    cancel: &'a Cancel,
    clock: &'a dyn Clock,
    sources: &'a dyn Sources,
) -> Host<'a> {
    // The tests have no secrets.
    static REDACTOR: std::sync::LazyLock<Redactor> = std::sync::LazyLock::new(Redactor::default);
    Host { listeners, cancel, clock, sources, who: "a test", redactor: &REDACTOR }
}

/// The lists of the tests: `Name (Year)` is a movie, `Name S01E02` an episode.
pub fn list(names: &[&str]) -> String {
    let entry = |name: &&str| {
        let kind = if name.contains(" S0") { "series" } else { "movie" };
        let id: u32 = name.bytes().fold(7, |id, byte| id * 31 % 99_991 + u32::from(byte));
        format!("#EXTINF:-1,{name}\nhttp://h.example/{kind}/u/p/{id}.mkv\n")
    };
    std::iter::once("#EXTM3U\n".to_owned()).chain(names.iter().map(entry)).collect()
}

pub const FILMS: [&str; 3] = ["Alien (1979)", "Heat (1995)", "Ran (1985)"];

/// Three movies, and a series of two episodes.
pub const TITLES: [&str; 5] =
    ["Alien (1979)", "Heat (1995)", "Ran (1985)", "Dark S01E01", "Dark S01E02"];

impl Scene {
    /// A library of these titles, not made yet.
    pub fn of(names: &[&str]) -> Scene {
        let dir = tempfile::tempdir().unwrap();
        let config = config(dir.path(), "films");
        let clock = SetClock(AtomicU64::new(BEGIN));
        let scene =
            Scene { dir, config, request: request(Mode::Real), clock, cancel: Cancel::default() };
        scene.offer(names);
        scene
    }

    /// A library of these titles, after its first run.
    pub fn made(names: &[&str]) -> Scene {
        let scene = Scene::of(names);
        scene.done();
        scene
    }

    /// From now on the source has these titles.
    pub fn offer(&self, names: &[&str]) {
        std::fs::write(self.dir.path().join("list.m3u"), list(names)).unwrap();
    }

    /// The clock goes on by some seconds.
    pub fn later(&self, seconds: u64) {
        self.clock.0.fetch_add(seconds, Ordering::Relaxed);
    }

    pub fn host<'a>(&'a self, listeners: &'a [&'a dyn Listener]) -> Host<'a> {
        host(listeners, &self.cancel, &self.clock, &OwnSources)
    }

    /// One run, and what was told of it.
    pub fn told(&self) -> (Outcome, Told) {
        let told = Told::default();
        let outcome = vod2strm_engine::run(&self.config, &self.request, &self.host(&[&told]));
        (outcome, told)
    }

    pub fn run(&self) -> Outcome {
        self.told().0
    }

    /// One run a minute later, which does all it should.
    pub fn done(&self) -> Outcome {
        self.later(60);
        let outcome = self.run();
        assert_eq!((outcome.end, outcome.status), (End::Whole, Status::Done), "{outcome:?}");
        outcome
    }

    /// The same as a preview.
    pub fn preview(&mut self) -> (Outcome, Told) {
        self.request.mode = Mode::Preview;
        let told = self.told();
        self.request.mode = Mode::Real;
        told
    }

    /// A path below the output folder.
    pub fn at(&self, path: &str) -> PathBuf {
        self.config.place.output.join(path)
    }

    pub fn write(&self, path: &str, content: &str) {
        std::fs::create_dir_all(self.at(path).parent().unwrap()).unwrap();
        std::fs::write(self.at(path), content).unwrap();
    }

    pub fn remove(&self, path: &str) {
        std::fs::remove_file(self.at(path)).unwrap();
    }

    pub fn text(&self, path: &str) -> String {
        std::fs::read_to_string(self.at(path)).unwrap()
    }

    /// The `.strm` files and all else that ends so, below the output folder, in order.
    pub fn files(&self, end: &str) -> Vec<String> {
        let (mut found, mut folders) = (Vec::new(), vec![self.at("")]);
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(&folder).into_iter().flatten() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.to_str().unwrap().ends_with(end) {
                    let path = path.strip_prefix(self.at("")).unwrap();
                    found.push(path.to_str().unwrap().to_owned());
                }
            }
        }
        found.retain(|path| !path.starts_with(".vod2strm"));
        found.sort();
        found
    }

    /// A text without the folder of the test.
    pub fn plain(&self, text: &str) -> String {
        text.replace(self.dir.path().to_str().unwrap(), "")
    }
}

/// What a listener was told, a line each.
#[derive(Default)]
pub struct Told(Mutex<Vec<String>>);

impl Told {
    pub fn lines(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }

    /// The lines that begin with this word, in alphabetical order.
    pub fn of(&self, word: &str) -> Vec<String> {
        let mut lines = self.lines();
        lines.retain(|line| line.split(' ').next() == Some(word));
        lines.sort();
        lines
    }
}

fn file_line(file: &FileEvent<'_>) -> String {
    let (action, reason) = (file.action.as_str(), file.reason.as_str());
    let mut line = format!("file {action} {reason} {}", file.role.as_str());
    if let (Some(season), Some((episode, _))) = (file.season, file.episode) {
        write!(line, " s{season} {episode:?}").unwrap();
    }
    write!(line, " {}", file.path).unwrap();
    file.from.iter().for_each(|from| write!(line, " < {from}").unwrap());
    file.detail.iter().for_each(|detail| write!(line, " ({detail})").unwrap());
    line
}

impl Observer for Told {
    fn event(&self, event: &Event<'_>) {
        let line = match event {
            Event::RunStarted(run) => {
                format!("started {:?} of {} at {}", run.run, run.library, run.at)
            }
            Event::RunFinished(run, status) => {
                format!("finished {:?} of {} at {}: {status:?}", run.run, run.library, run.at)
            }
            Event::Phase(phase, titles) => format!("phase {phase:?} {titles:?}"),
            Event::Untouched => "untouched".to_owned(),
            Event::File(file) => file_line(file),
            Event::Title(it) => {
                let (name, year) = (it.title.name, it.title.year);
                format!("title {} {name} {year:?} in {:?}", it.outcome.as_str(), it.folder)
            }
            Event::Titles(kind, outcome, number) => {
                format!("titles {} {} {}", kind.as_str(), outcome.as_str(), number.titles)
            }
            Event::Held(held) => {
                let id = held.id.map(|id| id.to_string());
                format!("held {id:?} {} titles, {} files: {}", held.titles, held.files, held.hold)
            }
            Event::Warning(text) => format!("warning {text}"),
            Event::Entries(_) | Event::Stamps(_) | Event::Asked(_) | Event::Workers(_) => return,
        };
        self.0.lock().unwrap().push(line);
    }
}

impl Listener for Told {}
