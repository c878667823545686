//! One run of one library: from its lock to its outcome.

mod relayout;
mod decider;
mod cleanup;
mod removal;
mod presence;
mod settled;
mod changes;
mod fetch;
mod story;

use std::collections::HashSet;

use vod2strm_core::date;
use vod2strm_core::event::{Event, FanOut, Observer, Phase, RunEvent};
use vod2strm_core::hold::{HoldId, KnownHold, Permission};
use vod2strm_core::status::Status;
use vod2strm_disk::ledger::{Ledger, NewRun};
use vod2strm_disk::library::Library;

use crate::config::{Cleanup, LibraryConfig};
use crate::context::{Run, narrowed};
use crate::counts::Tally;
use crate::effects::in_preview::InPreview;
use crate::error::{RunError, without_panic};
use crate::host::{Host, Listeners};
use crate::library::{open_library, tell_notes, with_versions};
use crate::outcome::{End, Outcome};
use crate::read::select::{Matches, Reading, is_played};
use crate::read::version::{is_first_of_version, note_version};
use crate::read::written::learn_what_is_written;
use crate::request::{Mode, Request};
use crate::sample::sample;
use crate::source::Scope;

/// Brings a library to what its source says; as a preview, says what that would change. A ledger that turns out to be
/// damaged ends a run; a second one goes on without that ledger. What was made of a new library goes again if the run
/// comes to nothing.
pub fn run(config: &LibraryConfig, request: &Request, host: &Host<'_>) -> Outcome {
    let opened = match request.mode {
        Mode::Real => open_library(&config.place, host),
        Mode::Preview => Library::open_for_preview(&config.place).map_err(RunError::from),
    };
    let mut library = match opened {
        Ok(library) => library,
        Err(error) => return failed(config, request, host, &error),
    };
    let config = match with_versions(config, &mut library) {
        Ok(config) => &config.clone(),
        // The ledger cannot be read: whoever asks next says so.
        Err(_) => config,
    };
    let mut outcome = once(config, request, host, &mut library);
    let is_damaged = outcome.end == (End::Failed { is_ledger_damaged: true });
    if is_damaged && request.mode == Mode::Real {
        let told = outcome.counts.warnings;
        outcome = match library.renew_ledger() {
            Ok(()) => once(config, request, host, &mut library),
            Err(error) => failed(config, request, host, &error.into()),
        };
        let news = std::mem::take(&mut outcome.counts.warnings);
        let news = news.into_iter().filter(|warning| !told.contains(warning)).collect::<Vec<_>>();
        outcome.counts.warnings = [told, news].concat();
    }
    if outcome.end != End::Whole {
        library.take_back();
    }
    outcome
}

fn failed(config: &LibraryConfig, request: &Request, host: &Host<'_>, error: &RunError) -> Outcome {
    let mut outcome = Outcome::new(config, request);
    outcome.fail(error, host.redactor);
    outcome
}

/// One run with a number of its own.
fn once(
    config: &LibraryConfig,
    request: &Request,
    host: &Host<'_>,
    library: &mut Library,
) -> Outcome {
    let (tally, mut outcome) = (Tally::default(), Outcome::new(config, request));
    let began = match Beginning::of(config, request, host, &mut library.ledger) {
        Ok(began) => began,
        Err(error) => {
            outcome.fail(&error, host.redactor);
            return outcome;
        }
    };
    let (done, untold) = listening(&began, config, request.mode, host, &tally, |observer| {
        let scope = narrowed(&config.scope, &request.kinds);
        let run = began.run(config, request, &scope, host, observer);
        tell_permission(&run, &began.held);
        let done = work(&run, host, library, &began, &tally, &mut outcome);
        if let Err(error @ RunError::Interrupted(_)) = &done {
            observer.event(&Event::Warning(&error.to_string()));
        }
        done
    });
    outcome.counts = tally.finish();
    let filled = outcome.refresh.as_ref().map_or(0, |refresh| refresh.new_entries);
    outcome.counts.leave_out(filled, &config.policy.choice.operands());
    let is_real = request.mode == Mode::Real;
    outcome.file_system_calls = is_real.then(|| library.tree.calls().into());
    match &done {
        Ok(()) => outcome.conclude(),
        Err(error @ RunError::Interrupted(_)) => outcome.cancel(error, host.redactor),
        Err(error) => outcome.fail(error, host.redactor),
    }
    untold.iter().for_each(|error| outcome.note_untold(error, host.redactor));
    if is_real {
        let (ended, status) = (host.clock.now(), outcome.status as u8);
        let noted = library.ledger.finish_run(began.id, ended, status, &outcome.json());
        // What ended the run counts more than that the ledger does not hear of it.
        if let (Err(error), Ok(()) | Err(RunError::Interrupted(_))) = (noted, &done) {
            outcome.fail(&error.into(), host.redactor);
        }
    }
    began.tell_end(host, &outcome);
    outcome
}

/// What is known when a run begins.
struct Beginning {
    /// The run's number in the ledger; 0 for a preview.
    id: i64,
    /// The library's name.
    library: String,
    /// In seconds since 1970.
    now: i64,
    /// When the run before began, if the ledger knows one.
    last_start: Option<i64>,
    /// The holds that last; nobody asks without a permission.
    held: Vec<KnownHold>,
    /// The holds that a person allows to let go.
    allowed: HashSet<HoldId>,
}

impl Beginning {
    /// The ledger notes that a run began, unless it is a preview.
    fn of(
        config: &LibraryConfig,
        request: &Request,
        host: &Host<'_>,
        ledger: &mut Ledger,
    ) -> Result<Beginning, RunError> {
        let now = host.clock.now();
        let held = held(request.permission, ledger)?;
        let allowed = allowed(request.permission, &held)?;
        let last_start = ledger.last_start().ok().flatten();
        let id = match request.mode {
            Mode::Real => ledger.begin_run(&NewRun { started: now, source: &config.label })?,
            Mode::Preview => 0,
        };
        let library = config.name.clone();
        Ok(Beginning { id, library, now, last_start, held, allowed })
    }

    fn event(&self, at: i64) -> RunEvent<'_> {
        let run = Some(self.id).filter(|id| *id != 0);
        RunEvent { run, library: &self.library, at }
    }

    /// Tells that the run has ended, after all that the listeners had to write.
    fn tell_end(&self, host: &Host<'_>, outcome: &Outcome) {
        let event = Event::RunFinished(self.event(host.clock.now()), outcome.status);
        Listeners(host.listeners).event(&event);
    }

    fn run<'a>(
        &'a self,
        config: &'a LibraryConfig,
        request: &'a Request,
        scope: &'a Scope,
        host: &Host<'a>,
        observer: &'a dyn Observer,
    ) -> Run<'a> {
        Run {
            config,
            request,
            policy: &config.policy,
            scope,
            allowed: &self.allowed,
            now: self.now,
            id: self.id,
            observer,
            cancel: host.cancel,
            clock: host.clock,
            redactor: host.redactor,
        }
    }
}

/// Does some work with all listeners attached; what it comes to, and why a listener could not write all that it was
/// told.
fn listening(
    began: &Beginning,
    config: &LibraryConfig,
    mode: Mode,
    host: &Host<'_>,
    tally: &Tally,
    work: impl FnOnce(&dyn Observer) -> Result<(), RunError>,
) -> (Result<(), RunError>, Option<RunError>) {
    let listeners = Listeners(host.listeners);
    let observers = FanOut(vec![tally, &listeners]);
    let in_preview = InPreview(&observers);
    let observer: &dyn Observer = match mode {
        Mode::Real => &observers,
        Mode::Preview => &in_preview,
    };
    let begun = host.listeners.iter().try_for_each(|listener| listener.begin());
    let done = begun.and_then(|()| {
        observer.event(&Event::RunStarted(began.event(began.now)));
        for (setting, text) in config.advice() {
            observer.event(&Event::Warning(&format!("{setting}: {text}")));
        }
        without_panic(|| work(observer))
    });
    let ends = host.listeners.iter().map(|listener| listener.end());
    (done, ends.filter_map(Result::err).next())
}

/// Opens the source, and brings the library to what it says.
fn work(
    run: &Run<'_>,
    host: &Host<'_>,
    library: &mut Library,
    began: &Beginning,
    tally: &Tally,
    outcome: &mut Outcome,
) -> Result<(), RunError> {
    run.observer.event(&Event::Phase(Phase::Open, None));
    let is_known = |properties: Option<&str>, address: &str| {
        is_played(run.policy, &library.ledger, properties, address)
    };
    let mut source = Reading::open(&run.config.source, run.policy, host, &is_known)?;
    learn_what_is_written(&mut source, run.config, &library.ledger, host, run.observer)?;
    outcome.has_logins = run.policy.direct_urls || source.catalog.has_logins();
    library.tree.set_modes(run.config.modes(outcome.has_logins));
    tell_clock(began, run.observer);
    tell_notes(library, run.observer);
    let tells_matches = run.request.mode.is_preview() && run.policy.choice.can_miss();
    if tells_matches {
        // All titles are loaded.
        source.selector.habits.keep(|| library.ledger.habits())?;
        source.selector.count_matches();
    }
    if run.request.relayout {
        source.selector.habits.learn_anew(run.whole_kinds());
    }
    outcome.says_more = is_first_of_version(&run.kinds(), run.policy, &library.ledger)?;
    let done = story::sync(run, library, &mut source, &mut outcome.refresh);
    if tells_matches && done.is_ok() {
        outcome.filter = matches(run, &mut source)?;
        outcome.filter.iter().for_each(|matches| matches.warn(run.observer));
    } else if done.is_ok() {
        source.selector.matches().iter().for_each(|it| it.warn_of_lines(run.observer));
    }
    if done.is_ok() {
        library.note(|library| note_version(&run.whole_kinds(), &library.ledger))?;
    }
    outcome.sql_statements = source.catalog.statements();
    source.selector.warn(run.observer);
    tell_keyless(&library.ledger, run.observer);
    match done? {
        Some(state) if tally.finish().status() == Status::Done => {
            library.note(|library| state.note(&library.ledger))
        }
        _ => Ok(()),
    }
}

/// What the user's choice does with all titles. Where nothing had to be done, none of them has been loaded.
fn matches(run: &Run<'_>, source: &mut Reading) -> Result<Option<Matches>, RunError> {
    match source.selector.matches() {
        Some(counted) if counted.titles > 0 => Ok(Some(counted)),
        _ => Ok(sample(source, run.policy, run.scope, run.observer, run.cancel)?.filter),
    }
}

/// The holds that last; nobody asks without a permission.
fn held(permission: Permission, ledger: &Ledger) -> Result<Vec<KnownHold>, RunError> {
    if permission == Permission::Nothing {
        return Ok(Vec::new());
    }
    match ledger.holds() {
        // It will be filled again, without holds.
        Err(error) if error.is_damaged() => Ok(Vec::new()),
        held => Ok(held?),
    }
}

/// The holds that the user allows to let go.
fn allowed(permission: Permission, held: &[KnownHold]) -> Result<HashSet<HoldId>, RunError> {
    permission.holds(held).map_err(|error| RunError::Refused(format!("--allow-removals: {error}")))
}

/// Says what a permission does not do.
fn tell_permission(run: &Run<'_>, held: &[KnownHold]) {
    let is_removing = run.config.cleanup != Cleanup::Off;
    for remark in run.request.permission.remarks(held, is_removing, &run.whole_kinds()) {
        run.observer.event(&Event::Warning(&format!("--allow-removals: {remark}")));
    }
}

/// Says of which files the ledger does not say what they are for.
fn tell_keyless(ledger: &Ledger, observer: &dyn Observer) {
    for file in ledger.keyless_files() {
        let (path, key) = (&file.path, String::from_utf8_lossy(&file.key));
        let text = format!(
            "the ledger cannot say what {path} is for (it has {key:?}): the file is yours now, unless it is as it should be"
        );
        observer.event(&Event::Warning(&text));
    }
}

/// Says so if the clock is behind the last run's start: nothing is forgotten until it is right.
fn tell_clock(began: &Beginning, observer: &dyn Observer) {
    if let Some(last) = began.last_start.filter(|last| began.now < *last) {
        let text = format!(
            "the clock says {}, and the last run began at {}: one of them is wrong; nothing is forgotten",
            date::moment(began.now),
            date::moment(last)
        );
        observer.event(&Event::Warning(&text));
    }
}
