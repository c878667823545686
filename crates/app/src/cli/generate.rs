//! `vod2strm generate`.

use std::cell::OnceCell;
use std::collections::HashSet;
use std::path::Path;

use clap::{Args, ValueEnum};
use vod2strm_catalog::source::{Catalog, Providers, Scope, Selection};
use vod2strm_core::cancel::Cancel;
use vod2strm_core::date;
use vod2strm_core::event::{Event, FanOut, Observer, Phase, TitleOutcome};
use vod2strm_core::hash::ContentHash;
use vod2strm_core::hold::{HoldId, KnownHold, Permission};
use vod2strm_core::model::media::Kind;
use vod2strm_core::render::strm_of;
use vod2strm_disk::ledger::{Ledger, NewRun};
use vod2strm_disk::library::{Library, LibraryView};

use super::{Asking, Common, Contents, open_library, print, switch, tell_notes, with_trouble};
use crate::clock;
use crate::config::Settings;
use crate::config::layers::Layers;
use crate::config::values::Cleanup;
use crate::error::{RunError, Status, without_panic};
use crate::log::Log;
use crate::look::look;
use crate::refresh::{Plan, RefreshReport, refresh};
use crate::report::csv::CsvReport;
use crate::report::progress::progress;
use crate::report::summary::RunReport;
use crate::report::tally::Tally;
use crate::stop;
use crate::sync::{Job, preview, sync};
use crate::writer::WriterSettings;

/// Make the library what the catalogue says: write what is new or changed, and nothing else.
///
/// Never replaces or removes a file that it did not write or that somebody has edited; removes only
/// with --cleanup apply, and never because a source answered wrongly.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Generate {
    /// What to generate
    #[arg(value_enum, default_value_t = What::All)]
    what: What,
    #[command(flatten)]
    common: Common,
    /// Say what would be written, and write nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    contents: Contents,
    /// Only these movies, by the source's ids
    #[arg(long, value_name = "1,2")]
    movie_ids: Option<String>,
    /// Only these series, by the source's ids
    #[arg(long, value_name = "3")]
    series_ids: Option<String>,
    /// The most titles that are written at a time; how many is found by trying [default: 64]
    #[arg(long, value_name = "N")]
    concurrency: Option<String>,
    /// Write as many titles at a time as --concurrency says [4], whatever the storage makes of it
    #[arg(long)]
    no_adaptive: bool,
    /// Write a CSV report of every file that was looked at
    #[arg(long, value_name = "FILE")]
    report: Option<String>,
    /// Print one JSON object at the end instead of the summary
    #[arg(long)]
    json: bool,
    /// Remove what the catalogue no longer has: off, preview (say what would go) or apply
    #[arg(long, value_name = "MODE")]
    cleanup: Option<String>,
    /// Further runs that have to miss something before it is removed [default: 1]
    #[arg(long, value_name = "RUNS")]
    grace: Option<String>,
    /// Remove, in this run, what the hold ID has held until now: 17.2, or 17 for all that began in run 17; without
    /// an ID all that the last run has held. Look first at why it is held
    #[arg(
        long,
        value_name = "ID",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "last"
    )]
    allow_removals: Option<String>,
    /// Give all titles the names that the catalogue has today: folders are renamed, with all in them
    #[arg(long)]
    relayout: bool,
    /// Afterwards, have Dispatcharr fetch the episodes that it does not have yet: see vod2strm refresh
    #[arg(long)]
    refresh: bool,
    #[command(flatten)]
    asking: Asking,
    /// Read every file of the library: a .strm that holds something else is written again
    #[arg(long)]
    full: bool,
}

const EXAMPLES: &str = "\
Examples:
  vod2strm generate --source playlist.m3u --output library
  vod2strm generate movies --source http://provider.example/list.m3u --output /media/vod
  vod2strm generate --source postgres://dispatch:secret@db/dispatcharr --output /media/vod \\
           --base-url http://192.168.1.5:9191 --report run.csv
  vod2strm generate --layout jellyfin --filter 'year >= 2015 and not adult' --dry-run
  vod2strm generate --cleanup preview
  vod2strm generate --cleanup apply --grace 3
  vod2strm generate --cleanup apply --allow-removals=17.2
  vod2strm generate --relayout --dry-run
  vod2strm generate --dry-run --json

Exit status: 0 done, 1 failed, 2 wrong use, 3 done but some titles failed, 4 done but something is
held and a person must act (some titles may have failed, too), 5 another run is at work.";

/// The kinds of titles to generate.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum What {
    /// Movies and series
    All,
    /// Movies alone
    Movies,
    /// Series alone
    Series,
}

impl Generate {
    fn flags(&self) -> Vec<(&'static str, Option<String>)> {
        let mut flags = vec![
            ("dry_run", switch(self.dry_run)),
            ("movie_ids", self.movie_ids.clone()),
            ("series_ids", self.series_ids.clone()),
            ("concurrency", self.concurrency.clone()),
            ("no_adaptive", switch(self.no_adaptive)),
            ("report", self.report.clone()),
            ("json", switch(self.json)),
            ("cleanup", self.cleanup.clone()),
            ("grace", self.grace.clone()),
            ("allow_removals", self.allow_removals.clone()),
            ("relayout", switch(self.relayout)),
            ("full", switch(self.full)),
            ("refresh", switch(self.refresh)),
        ];
        flags.extend(self.asking.flags());
        flags.extend(self.contents.flags());
        flags
    }
}

/// Runs the command.
pub(super) fn run(command: &Generate) -> Result<Status, RunError> {
    let (settings, layers) = command.common.settings(command.flags())?;
    execute(command.what, &settings, &layers)
}

/// Runs it with these settings.
pub(super) fn execute(
    what: What,
    settings: &Settings,
    layers: &Layers,
) -> Result<Status, RunError> {
    let (tally, progress) = (Tally::default(), progress());
    let mut report = RunReport::new(settings);
    let run = Run {
        what,
        settings,
        // A settings file may name a report for every run; a dry run writes one only if asked itself.
        csv: settings.report.as_deref().filter(|_| !settings.dry_run || layers.is_flag("report")),
        tally: &tally,
        progress: &*progress,
        unwritten: OnceCell::new(),
    };
    let result =
        if settings.dry_run { run.preview(&mut report) } else { run.generate(&mut report) };
    let unwritten = run.unwritten.into_inner();
    drop(progress);
    if let Err(error) = &result {
        report.fail(error);
    }
    report.log();
    let printed = match (&result, settings.json) {
        (_, true) => print(&report.json()),
        (Ok(_), false) => print(&report.summary()),
        (Err(_), false) => Ok(()),
    };
    // What ended the run is told last, and counts more.
    let trouble = unwritten.iter().chain(printed.as_ref().err());
    let untold = with_trouble(Status::Done, trouble);
    Ok(match result? {
        Status::Done => untold,
        status => status,
    })
}

/// One run of the command.
struct Run<'a> {
    what: What,
    settings: &'a Settings,
    csv: Option<&'a Path>,
    tally: &'a Tally,
    progress: &'a dyn Observer,
    /// Why the CSV report is not whole.
    unwritten: OnceCell<RunError>,
}

impl Run<'_> {
    /// A run that writes. What it has made of a new library goes again if it comes to nothing.
    fn generate(&self, report: &mut RunReport) -> Result<Status, RunError> {
        let now = clock::now();
        let mut library = open_library(self.settings, now)?;
        let done = self.fill(&mut library, now, report);
        if !matches!(done, Ok((_, true))) {
            library.take_back();
        }
        done.map(|(status, _)| status)
    }

    /// Brings a library up to date: its status, and whether the run came to its end.
    fn fill(
        &self,
        library: &mut Library,
        now: i64,
        report: &mut RunReport,
    ) -> Result<(Status, bool), RunError> {
        let settings = self.settings;
        let held = held(settings.permission, &library.ledger)?;
        let allowed = allowed(settings.permission, &held)?;
        let begin = NewRun { started: now, source: &settings.label };
        let last_start = library.ledger.last_start().ok().flatten();
        let mut run = begin_run(library, &begin)?;
        let done = self.listening(|observer, cancel| {
            observer.event(&Event::Phase(Phase::Open, None));
            let mut catalog = settings.open_source(&self.is_played(&library.ledger), cancel)?;
            report.has_logins = settings.policy.direct_urls || catalog.has_logins();
            library.tree.set_modes(settings.modes(report.has_logins));
            let job = self.job((run, now), (&self.settings.label, &allowed), observer, cancel);
            self.tell_permission(&held, observer);
            tell_clock(last_start, now, observer);
            tell_notes(library, observer);
            let mut meanwhile = |library: &mut Library, catalog: &mut dyn Catalog| {
                self.refresh(&job, library, catalog, report)
            };
            let mut done = sync(&job, library, &mut catalog, &mut meanwhile);
            if done.as_ref().is_err_and(RunError::is_ledger_damaged) {
                library.renew_ledger()?;
                observer.event(&Event::Anew);
                tell_notes(library, observer);
                run = library.ledger.begin_run(&begin)?;
                done = sync(&job, library, &mut catalog, &mut meanwhile);
            }
            report.sql_statements = catalog.statements();
            catalog.warn(observer);
            match done {
                Err(error @ RunError::Interrupted(_)) => {
                    observer.event(&Event::Warning(&error.to_string()));
                    report.fail(&error);
                    Ok(Some(Status::Failed))
                }
                done => {
                    let rest = done?.filter(|_| self.status(None) == Status::Done);
                    rest.map_or(Ok(()), |rest| rest.note(&library.ledger))?;
                    Ok(None)
                }
            }
        });
        report.counts = self.tally.finish();
        report.file_system_calls = Some(library.tree.calls().into());
        let failed = report.refresh.as_ref().is_some_and(RefreshReport::has_failed);
        let interrupted = done.as_ref().ok().copied().flatten();
        let status = match self.status(interrupted) {
            Status::Done if failed => Status::SomeFailed,
            status => status,
        };
        match &done {
            Ok(_) => self.note_status(status, report),
            Err(error) => report.fail(error),
        }
        let noted = library.ledger.finish_run(run, clock::now(), report.status, &report.json());
        // What ended the run counts more than that the ledger does not hear of it.
        done?;
        noted?;
        Ok((status, interrupted.is_none()))
    }

    /// Has episodes fetched, if that is wanted.
    fn refresh(
        &self,
        job: &Job<'_>,
        library: &mut Library,
        catalog: &mut dyn Catalog,
        report: &mut RunReport,
    ) -> Result<(), RunError> {
        let Some(settings) = &self.settings.refresh else { return Ok(()) };
        let wanted = (&job.scope.series, self.providers());
        let plan = Plan::new(settings, wanted, &library.ledger, catalog, clock::now())?;
        let fetched = report.refresh.insert(plan.report.clone());
        refresh(job, (settings, &plan, &clock::now), library, catalog, fetched)
    }

    /// Whom to ask for episodes: versions of all providers need those of all.
    fn providers(&self) -> Providers {
        if self.settings.policy.multi_provider { Providers::All } else { Providers::Best }
    }

    /// Says what a permission does not do.
    fn tell_permission(&self, held: &[KnownHold], observer: &dyn Observer) {
        let scope = self.scope();
        let kinds = Kind::ALL.into_iter().filter(|kind| *scope.of(*kind) == Selection::All);
        let (kinds, settings) = (kinds.collect::<Vec<Kind>>(), self.settings);
        let is_removing = settings.cleanup != Cleanup::Off;
        for remark in settings.permission.remarks(held, is_removing, &kinds) {
            observer.event(&Event::Warning(&format!("--allow-removals: {remark}")));
        }
    }

    /// A run that only says what it would do.
    fn preview(&self, report: &mut RunReport) -> Result<Status, RunError> {
        let view = LibraryView::open(&self.settings.place)?;
        self.listening(|observer, cancel| {
            observer.event(&Event::Phase(Phase::Open, None));
            let mut catalog = self.settings.open_source(&self.is_played(&view.ledger), cancel)?;
            report.has_logins = self.settings.policy.direct_urls || catalog.has_logins();
            let held = held(self.settings.permission, &view.ledger)?;
            let allowed = allowed(self.settings.permission, &held)?;
            self.tell_permission(&held, observer);
            let job =
                self.job((0, clock::now()), (&self.settings.label, &allowed), observer, cancel);
            preview(&job, &view, &mut catalog)?;
            if self.settings.policy.choice.filter.is_some() {
                let policy = &self.settings.policy;
                report.filter =
                    look(&mut catalog, policy, &self.scope(), (observer, cancel))?.filter;
                report.filter.iter().for_each(|matches| matches.warn(observer));
            }
            if let Some(settings) = &self.settings.refresh {
                let series = self.scope().series;
                let wanted = (&series, self.providers());
                let plan = Plan::new(settings, wanted, &view.ledger, &mut catalog, clock::now())?;
                report.refresh = Some(plan.foreseen());
            }
            report.sql_statements = catalog.statements();
            catalog.warn(observer);
            Ok(())
        })?;
        report.counts = self.tally.finish();
        let status = self.status(None);
        self.note_status(status, report);
        Ok(status)
    }

    /// Notes how a run ended that did all it could.
    fn note_status(&self, status: Status, report: &mut RunReport) {
        report.status = status as u8;
        if let Some(error) = self.unwritten.get() {
            report.fail(error);
            report.status = report.status.max(status as u8);
        }
    }

    /// Does the work with all listeners attached. The CSV report is made here, under the lock, so that
    /// a run that may not begin leaves the last one's alone.
    fn listening<T>(
        &self,
        work: impl FnOnce(&dyn Observer, &Cancel) -> Result<T, RunError>,
    ) -> Result<T, RunError> {
        let cancel = stop::on_signals()?;
        let create = |path| CsvReport::create(path, self.settings.dry_run);
        let csv = self.csv.map(create).transpose()?;
        let mut observers: Vec<&dyn Observer> = vec![self.tally, self.progress, &Log];
        observers.extend(csv.as_ref().map(|csv| csv as &dyn Observer));
        let observers = FanOut(observers);
        for (setting, text) in self.settings.advice() {
            observers.event(&Event::Warning(&format!("{setting}: {text}")));
        }
        let done = without_panic(|| work(&observers, &cancel));
        drop(observers);
        if let (Some(Err(source)), Some(path)) = (csv.map(CsvReport::finish), self.csv) {
            let path = path.display().to_string();
            // Nobody else sets it.
            let _ = self.unwritten.set(RunError::Report { path, source });
        }
        done
    }

    fn scope(&self) -> Scope {
        let (movies, series) =
            (!matches!(self.what, What::Series), !matches!(self.what, What::Movies));
        self.settings.scope(movies, series)
    }

    fn job<'a>(
        &'a self,
        (run, now): (i64, i64),
        (source, allowed): (&'a str, &HashSet<HoldId>),
        observer: &'a dyn Observer,
        cancel: &'a Cancel,
    ) -> Job<'a> {
        let (policy, concurrency) = (&self.settings.policy, self.settings.concurrency);
        Job {
            scope: self.scope(),
            source,
            settings: WriterSettings { policy, concurrency, now, observer, cancel },
            cleanup: self.settings.cleanup,
            grace: self.settings.grace,
            allowed: allowed.clone(),
            run,
            full: self.settings.full,
            relayout: self.settings.relayout,
        }
    }

    /// Whether a `.strm` of the library plays just this address. A ledger that cannot be read knows none: the
    /// run meets its error next.
    fn is_played<'a>(&'a self, ledger: &'a Ledger) -> impl Fn(&str) -> bool + 'a {
        move |address| {
            let content = strm_of(&self.settings.policy, address);
            let hash = content.map(|content| ContentHash::of(&content));
            hash.is_some_and(|hash| ledger.has_content(hash).unwrap_or(false))
        }
    }

    /// The status of a run that came to its end.
    fn status(&self, interrupted: Option<Status>) -> Status {
        let counts = self.tally.finish();
        match interrupted {
            Some(status) => status,
            // A person must act, whatever else there was.
            None if !counts.held.is_empty() => Status::Held,
            None if counts.titles(TitleOutcome::Failed) > 0 => Status::SomeFailed,
            None => Status::Done,
        }
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
    permission.holds(held).map_err(|error| RunError::Usage(format!("--allow-removals: {error}")))
}

/// Says so if the clock is behind the last run's start: nothing is forgotten until it is right.
fn tell_clock(last_start: Option<i64>, now: i64, observer: &dyn Observer) {
    if let Some(last) = last_start.filter(|last| now < *last) {
        let text = format!(
            "the clock says {}, and the last run began at {}: one of them is wrong; nothing is forgotten",
            date::moment(now),
            date::moment(last)
        );
        observer.event(&Event::Warning(&text));
    }
}

/// Notes that a run began; in an empty ledger if this one is damaged.
fn begin_run(library: &mut Library, run: &NewRun<'_>) -> Result<i64, RunError> {
    match library.ledger.begin_run(run) {
        Err(error) if error.is_damaged() => {
            library.renew_ledger()?;
            Ok(library.ledger.begin_run(run)?)
        }
        begun => Ok(begun?),
    }
}
