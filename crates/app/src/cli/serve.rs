//! `vod2strm serve`: keeps libraries true by itself.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use clap::Args;
use vod2strm_core::cancel::Cancel;
use vod2strm_core::date;
use vod2strm_core::status::Status;
use vod2strm_core::text::counted;
use vod2strm_engine::error::RunError;
use vod2strm_engine::host::Clock as _;
use vod2strm_engine::serve::{ServiceLock, ask_service_to_end, last_start, lock_for_service};

use super::{Call, Process};
use crate::clock::SystemClock;
use crate::error::CommandError;
use crate::log;
use crate::secrets::SECRETS;
use crate::serve::http::HttpServer;
use crate::serve::library::{Served, ServedLibrary};
use crate::serve::runs::RunsOfService;
use crate::serve::say::Say;
use crate::serve::sources::WatchedSources;
use crate::serve::state::LibraryStates;
use crate::settings::libraries::AllSettings;
use crate::settings::log::LogSettings;
use crate::settings::service::ServiceSettings;
use crate::signals::Signals;

/// So long another service has to end that was asked to: as long as any process of ours takes.
const REPLACING: Duration = Duration::from_secs(15);
const ASKED_EVERY: Duration = Duration::from_millis(100);

/// Keep all libraries true by itself: a run when the source has changed, and by a schedule.
///
/// Looks every few seconds whether a source has changed, without reading it, and waits until the source is quiet. SIGTERM
/// ends it in order, SIGHUP has it read its settings again.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct ServeArgs {
    /// Ask a service that keeps one of these libraries to end, wait for that, and take over
    #[arg(long)]
    replace: bool,
}

const EXAMPLES: &str = "\
Examples:
  vod2strm serve --config /etc/vod2strm/vod2strm.toml
  vod2strm serve --source playlist.m3u --output /media/vod --schedule '30 4 * * *'

Exit status: 0 ended by a signal, 1 failed, 2 wrong use, 5 another service keeps one of the libraries.";

/// Runs the command.
pub(super) fn run(
    command: &ServeArgs,
    call: &Call,
    process: &Process,
) -> Result<Status, CommandError> {
    let all = call.layers_of_service()?;
    let served = Served::resolve(&all)?;
    log::start_of_service(&LogSettings::resolve(&all.process())?)?;
    let say = Say { is_json: all.process().switch("json")? };
    let holder = format!("{}, since {}", process.who, date::moment(SystemClock.now()));
    let locks = locks(&served.libraries, &holder, command.replace, &process.signals.cancel)?;
    let http = HttpServer::bind(served.service.listen)?;
    let service = Service::new(call, process, say, holder, &served.service);
    say.of_service("started", &started(&served, all.process().file.is_some()));
    for (library, lock) in served.libraries.into_iter().zip(locks) {
        service.take_in(library, lock)?;
    }
    let http = http.begin(service.runs.state.clone())?;
    let state = service.runs.state.clone();
    service.follow_sources(served.service.debounce)?;
    let reloading = service.clone();
    Signals::at_hangup(move || reloading.reload())?;
    let end_http = http.ender();
    let end = move || {
        state.end();
        end_http();
    };
    process.signals.at_first(end.clone());
    if process.signals.cancel.is_cancelled() {
        // It came before anybody listened.
        end();
    }
    service.runs.state.wait_for_the_end();
    http.wait_for_the_end();
    say.of_service("ended", "the service has ended");
    Ok(Status::Done)
}

/// What the service does, in one line.
fn started(served: &Served, has_file: bool) -> String {
    let listen = served.service.listen;
    let names: Vec<&str> = served.libraries.iter().map(|it| it.name.as_str()).collect();
    let version = env!("CARGO_PKG_VERSION");
    if names.is_empty() {
        let what = if has_file { "has no library" } else { "is not there yet" };
        return format!(
            "vod2strm {version} answers at {listen}; the settings file {what}: write source and output, then send \
             SIGHUP"
        );
    }
    let libraries = counted(names.len() as u64, "library", "libraries");
    format!("vod2strm {version} keeps {libraries} ({}), and answers at {listen}", names.join(", "))
}

/// Takes all libraries, or none.
fn locks(
    libraries: &[ServedLibrary],
    holder: &str,
    replaces: bool,
    cancel: &Cancel,
) -> Result<Vec<ServiceLock>, RunError> {
    let lock = |library: &ServedLibrary| {
        let place = &library.settings.library.place;
        let first = lock_for_service(place, holder);
        match first {
            Err(error) if replaces && error.status() == Status::Locked => {
                replaced(library, holder, cancel, error)
            }
            first => first,
        }
    };
    libraries.iter().map(lock).collect()
}

/// Takes a library from a service that is asked to end.
fn replaced(
    library: &ServedLibrary,
    holder: &str,
    cancel: &Cancel,
    mut error: RunError,
) -> Result<ServiceLock, RunError> {
    let place = &library.settings.library.place;
    if !ask_service_to_end(place) {
        return Err(error);
    }
    for _ in 0..REPLACING.as_millis() / ASKED_EVERY.as_millis() {
        cancel.check()?;
        std::thread::sleep(ASKED_EVERY);
        match lock_for_service(place, holder) {
            Err(still) if still.status() == Status::Locked => error = still,
            taken => return taken,
        }
    }
    Err(error)
}

/// A service at work.
#[derive(Clone)]
struct Service {
    call: Call,
    holder: String,
    runs: RunsOfService,
    sources: Arc<Mutex<WatchedSources>>,
    settings: ServiceSettings,
}

impl Service {
    fn new(
        call: &Call,
        process: &Process,
        say: Say,
        holder: String,
        settings: &ServiceSettings,
    ) -> Service {
        let runs = RunsOfService {
            state: Arc::new(LibraryStates::default()),
            cancel: process.signals.cancel.clone(),
            who: process.who.clone(),
            say,
            folders: process.signals.folders.clone(),
        };
        let (call, sources, settings) = (call.clone(), Arc::default(), settings.clone());
        Service { call, holder, runs, sources, settings }
    }

    /// Keeps a library from now on.
    fn take_in(&self, library: ServedLibrary, lock: ServiceLock) -> Result<(), RunError> {
        let name = library.name.clone();
        // A ledger that cannot be read is told of by the run.
        let last = last_start(&library.settings.library.place).ok().flatten();
        if let Some(schedule) = &library.schedule
            && let Some(next) = schedule.next(SystemClock.now())
        {
            let text = format!("the next scheduled run is at {}", date::moment(next));
            self.runs.say.of_library(&name, "next_run", &text);
        } else if library.schedule.is_none() && !library.address().is_watched() {
            let text = "this source has to be fetched to be known, and there is no schedule: set schedule, or nothing \
                        runs after the first time";
            self.runs.say.of_library(&name, "warning", text);
        }
        self.runs.state.add(library, last, lock);
        self.runs.begin(&name)
    }

    fn follow_sources(&self, debounce: Duration) -> Result<(), RunError> {
        let mut sources = self.sources.lock().unwrap_or_else(|held| held.into_inner());
        sources.follow(&self.runs.state, debounce, self.runs.say, &self.runs.cancel)
    }

    /// Reads the settings again. What cannot be taken over as a whole changes nothing.
    fn reload(&self) {
        let done = self.call.layers_of_service().and_then(|all| self.take_over(&all));
        match done {
            Ok(()) => self.runs.say.of_service("config", "the settings were read again"),
            Err(error) => {
                let text = error.render(&SECRETS).trim_end().to_owned();
                super::tell(&text);
                let told = format!("the settings stay as they were: {}", text.replace('\n', "; "));
                self.runs.say.of_service("config", &told);
            }
        }
    }

    fn take_over(&self, all: &AllSettings) -> Result<(), CommandError> {
        let served = Served::resolve(all)?;
        let log = LogSettings::resolve(&all.process())?;
        let state = &self.runs.state;
        let mut changes = Vec::new();
        for library in served.libraries {
            let known = state.library(&library.name);
            let place = |library: &ServedLibrary| library.settings.library.place.clone();
            let is_there = known.as_ref().is_some_and(|known| place(known) == place(&library));
            let lock = || lock_for_service(&place(&library), &self.holder);
            let lock = if is_there { None } else { Some(lock()?) };
            changes.push((known.is_some(), library, lock));
        }
        log::set_levels(&log)?;
        let names = changes.iter().map(|(_, library, _)| library.name.as_str());
        state.keep_only(&names.collect::<Vec<_>>());
        for (is_known, library, lock) in changes {
            match lock {
                Some(lock) if !is_known => self.take_in(library, lock)?,
                lock => state.renew(library, lock),
            }
        }
        if served.service.listen != self.settings.listen {
            let text = format!("listen = {} takes effect after a restart", served.service.listen);
            self.runs.say.of_service("config", &text);
        }
        Ok(self.follow_sources(served.service.debounce)?)
    }
}
