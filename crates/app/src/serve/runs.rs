//! The thread of a library: it does the library's runs, one after another, and says what came of each.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::thread::Builder;
use std::time::Duration;

use vod2strm_core::cancel::Cancel;
use vod2strm_core::date;
use vod2strm_core::event::{Event, Observer};
use vod2strm_core::status::Status;
use vod2strm_core::timing::agenda::{RunEnd, RunTrigger};
use vod2strm_engine::error::{RunError, no_thread, without_panic};
use vod2strm_engine::host::{Host, Listener};
use vod2strm_engine::outcome::{End, Outcome};
use vod2strm_engine::request::Request;
use vod2strm_engine::serve::{is_settled, ping};
use vod2strm_engine::source::OwnSources;

use super::library::ServedLibrary;
use super::say::Say;
use super::state::{LibraryStates, Task};
use crate::clock::SystemClock;
use crate::log::Log;
use crate::report::csv::CsvReport;
use crate::report::summary::Summary;
use crate::secrets::SECRETS;
use crate::signals::WatchedFolders;

/// Who counts runs answers at once, or not at all; the process is gone 10 s after it is told to end.
const PING_PATIENCE: Duration = Duration::from_secs(4);
const PING_AGAIN: Duration = Duration::from_secs(5);

/// What the runs of a service share.
#[derive(Clone)]
pub struct RunsOfService {
    /// What all threads know.
    pub state: Arc<LibraryStates>,
    /// Ends all.
    pub cancel: Cancel,
    /// As another run is told that finds a library at work.
    pub who: String,
    /// Says what happens.
    pub say: Say,
    /// Names the storage that keeps the process from its end.
    pub folders: WatchedFolders,
}

impl RunsOfService {
    /// Begins to do a library's runs.
    pub fn begin(&self, library: &str) -> Result<(), RunError> {
        let thread = LibraryThread {
            service: self.clone(),
            name: library.to_owned(),
            warnings: BTreeSet::new(),
        };
        let begin = move || thread.work();
        Builder::new().name("library".to_owned()).spawn(begin).map(drop).map_err(no_thread)
    }
}

struct LibraryThread {
    service: RunsOfService,
    name: String,
    /// What the last run warned of: it is not said again every night.
    warnings: BTreeSet<String>,
}

impl LibraryThread {
    fn work(mut self) {
        loop {
            match self.service.state.next_task(&self.name) {
                Task::End => return,
                Task::Compare(library) => self.compare(&library),
                Task::Run(library, trigger) => self.run(&library, trigger),
            }
        }
    }

    /// Asks for a run if the source has changed since the last one.
    fn compare(&self, library: &ServedLibrary) {
        let config = &library.settings.library;
        let settled = without_panic(|| is_settled(config, &self.host(&[])));
        // What is wrong is told by the run that finds it out, too.
        if !settled.unwrap_or(false) {
            self.service.state.ask(&self.name, RunTrigger::Start);
        }
    }

    fn run(&mut self, library: &ServedLibrary, trigger: RunTrigger) {
        self.service.folders.add(&library.settings.library.place);
        let config = library.settings.library.clone().fitted();
        let request = Request { trigger: Some(trigger), ..library.settings.request.clone() };
        let is_preview = request.mode.is_preview();
        let path = if is_preview { None } else { library.settings.report.as_deref() };
        let csv = path.map(|path| CsvReport::new(path, false));
        let begins = Begins { thread: self, trigger, run: AtomicI64::new(0) };
        let mut listeners: Vec<&dyn Listener> = vec![&Log, &begins];
        listeners.extend(csv.as_ref().map(|csv| csv as &dyn Listener));
        let outcome = vod2strm_engine::run(&config, &request, &self.host(&listeners));
        let number = begins.run.load(Ordering::Relaxed);
        drop(listeners);
        let summary = Summary { outcome: &outcome, library: &config };
        summary.log();
        self.tell(number, &outcome, &summary);
        let end = match outcome.end {
            End::Failed { .. } if outcome.status == Status::Locked => RunEnd::Locked,
            End::Failed { .. } => RunEnd::Failed,
            End::Whole | End::Cancelled => RunEnd::Done,
        };
        self.service.state.ended(&self.name, trigger, end);
        if let Some(url) = &library.ping_url
            && outcome.status == Status::Done
            && !is_preview
        {
            self.ping(url);
        }
        if let Some(next) = self.service.state.next_run(&self.name) {
            let text = format!("the next scheduled run is at {}", date::moment(next));
            self.service.say.of_library(&self.name, "next_run", &text);
        }
    }

    /// Tells who counts them that a run went well; once more if the first time fails.
    fn ping(&self, url: &str) {
        let tell = || ping(url, PING_PATIENCE);
        let first = tell();
        if first.is_err() {
            self.service.state.wait(PING_AGAIN, || false);
        }
        if let Err(error) = first.or_else(|_| tell()) {
            let error = error.render(&SECRETS).trim().replace('\n', "; ");
            let text = format!("warning: ping_url could not be asked for: {error}");
            self.service.say.of_library(&self.name, "warning", &text);
        }
    }

    /// Says how a run ended, and what the one before did not warn of.
    fn tell(&mut self, number: i64, outcome: &Outcome, summary: &Summary<'_>) {
        let say = |event: &str, text: &str| self.service.say.of_library(&self.name, event, text);
        let of_run = if number == 0 { "a run".to_owned() } else { format!("run {number}") };
        let how = match outcome.status {
            Status::Done => "is done",
            Status::SomeFailed => "is done, and some titles failed",
            Status::Held => "is done, and removals wait for a person",
            Status::Locked => "waits: another process is at work on the library",
            Status::Failed | Status::Usage => "ended early",
        };
        let what = match &outcome.error {
            Some(error) => error.trim().replace('\n', "; "),
            None => summary.line(),
        };
        say("run_finished", &format!("{of_run} {how}: {what}"));
        outcome.untold.iter().for_each(|text| say("warning", text));
        let warnings = &outcome.counts.warnings;
        for warning in warnings.iter().filter(|it| !self.warnings.contains(*it)) {
            say("warning", &format!("warning: {warning}"));
        }
        self.warnings = warnings.iter().cloned().collect();
    }

    fn host<'a>(&'a self, listeners: &'a [&'a dyn Listener]) -> Host<'a> {
        Host {
            listeners,
            cancel: &self.service.cancel,
            clock: &SystemClock,
            sources: &OwnSources,
            who: &self.service.who,
            redactor: &SECRETS,
        }
    }
}

/// Says that a run begins, and learns its number.
struct Begins<'a> {
    thread: &'a LibraryThread,
    trigger: RunTrigger,
    run: AtomicI64,
}

impl Observer for Begins<'_> {
    fn event(&self, event: &Event<'_>) {
        let Event::RunStarted(run) = event else { return };
        let number = run.run.unwrap_or_default();
        self.run.store(number, Ordering::Relaxed);
        let text = format!("run {number} begins ({})", self.trigger.as_str());
        self.thread.service.say.of_library(&self.thread.name, "run_started", &text);
    }
}

impl Listener for Begins<'_> {}
