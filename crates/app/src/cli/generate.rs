//! `vod2strm generate`.

use clap::{Args, ValueEnum};
use vod2strm_core::event::{Event, FanOut, Observer, Phase, TitleOutcome};
use vod2strm_core::hash::ContentHash;
use vod2strm_core::redact::redact;
use vod2strm_disk::ledger::NewRun;
use vod2strm_disk::library::{Library, LibraryView};

use super::{Common, print};
use crate::clock;
use crate::config::Settings;
use crate::error::{RunError, Status};
use crate::report::csv::CsvReport;
use crate::report::progress::progress;
use crate::report::summary::{RunReport, peak_memory};
use crate::report::tally::Tally;
use crate::stop;
use crate::sync::{Job, preview, sync};
use crate::writer::WriterSettings;

/// Make the library what the catalogue says: write what is new or changed, and nothing else.
///
/// Never removes anything, never replaces a file that it did not write, never moves a title.
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
    /// Write the provider's own URLs (with its user name and password in them) instead of
    /// Dispatcharr's
    #[arg(long)]
    direct_urls: bool,
    /// Write no NFO files
    #[arg(long)]
    no_nfo: bool,
    /// One .strm per provider instead of the best one's alone
    #[arg(long)]
    multi_provider: bool,
    /// Only these movies, by the source's ids
    #[arg(long, value_name = "1,2")]
    movie_ids: Option<String>,
    /// Only these series, by the source's ids
    #[arg(long, value_name = "3")]
    series_ids: Option<String>,
    /// Titles written at a time [default: 4]
    #[arg(long, value_name = "N")]
    concurrency: Option<String>,
    /// Write a CSV report of every file that was looked at
    #[arg(long, value_name = "FILE")]
    report: Option<String>,
    /// Print one JSON object at the end instead of the summary
    #[arg(long)]
    json: bool,
    /// Remove what the catalogue no longer has: off (preview and apply are not built yet)
    #[arg(long, value_name = "MODE")]
    cleanup: Option<String>,
}

const EXAMPLES: &str = "\
Examples:
  vod2strm generate --source playlist.m3u --output library
  vod2strm generate movies --source http://provider.example/list.m3u --output /media/vod
  vod2strm generate --source postgres://dispatch:secret@db/dispatcharr --output /media/vod \\
           --base-url http://192.168.1.5:9191 --report /tmp/run.csv
  vod2strm generate --dry-run --json";

/// The kinds of titles to generate.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum What {
    /// Movies and series
    All,
    /// Movies alone
    Movies,
    /// Series alone
    Series,
}

impl Generate {
    fn flags(&self) -> Vec<(&'static str, Option<String>)> {
        let switch = |on: bool| on.then(|| "true".to_owned());
        vec![
            ("dry_run", switch(self.dry_run)),
            ("direct_urls", switch(self.direct_urls)),
            ("no_nfo", switch(self.no_nfo)),
            ("multi_provider", switch(self.multi_provider)),
            ("movie_ids", self.movie_ids.clone()),
            ("series_ids", self.series_ids.clone()),
            ("concurrency", self.concurrency.clone()),
            ("report", self.report.clone()),
            ("json", switch(self.json)),
            ("cleanup", self.cleanup.clone()),
        ]
    }
}

/// Runs the command.
pub(super) fn run(command: &Generate) -> Result<Status, RunError> {
    let (settings, _) = command.common.settings(command.flags())?;
    let csv = settings.report.as_deref().map(|path| CsvReport::create(path, settings.dry_run));
    let csv = csv.transpose()?;
    let tally = Tally::default();
    let progress = progress();
    let mut observers: Vec<&dyn Observer> = vec![&tally, &*progress];
    observers.extend(csv.as_ref().map(|csv| csv as &dyn Observer));
    let report = generate(command.what, &settings, &FanOut(observers), &tally);
    drop(progress);
    if let (Some(csv), Some(path)) = (csv, &settings.report) {
        let path = path.display().to_string();
        csv.finish().map_err(|source| RunError::Report { path, source })?;
    }
    let (status, report) = report?;
    print(&if settings.json { json(&report) } else { report.summary() });
    Ok(status)
}

fn json(report: &RunReport) -> String {
    // Maps with text keys and numbers: nothing in it can fail to be written.
    serde_json::to_string_pretty(report).unwrap_or_default() + "\n"
}

fn generate(
    what: What,
    settings: &Settings,
    observer: &dyn Observer,
    tally: &Tally,
) -> Result<(Status, RunReport), RunError> {
    let now = clock::now();
    let stop = stop::on_signals()?;
    warn_of_local_base_url(settings, observer);
    let job = Job {
        scope: settings.scope(!matches!(what, What::Series), !matches!(what, What::Movies)),
        settings: WriterSettings {
            policy: &settings.policy,
            concurrency: settings.concurrency,
            now,
            observer,
            stop: &stop,
        },
    };
    if settings.dry_run {
        let view = LibraryView::open(&settings.place)?;
        observer.event(&Event::Phase(Phase::Open, None));
        let mut catalog = settings.source.open()?;
        preview(&job, &view, &mut *catalog)?;
        return Ok(report(settings, tally, catalog.statements(), None));
    }
    let mut library = Library::open(&settings.place, &fresh_id(settings))?;
    let source = redact(&settings.address);
    let run = library.ledger.begin_run(&NewRun { started: now, source: &source })?;
    let mut statements = 0;
    let mut work = || {
        observer.event(&Event::Phase(Phase::Open, None));
        let mut catalog = settings.source.open()?;
        let done = sync(&job, &mut library, &mut *catalog);
        statements = catalog.statements();
        done
    };
    let done = work();
    let is_interrupted = matches!(done, Err(RunError::Interrupted));
    if is_interrupted {
        observer.event(&Event::Warning(&RunError::Interrupted.to_string()));
    }
    let (status, mut report) = report(settings, tally, statements, Some(&library));
    let status = done.as_ref().map_or_else(RunError::status, |()| status);
    report.status = status as u8;
    library.ledger.finish_run(run, clock::now(), report.status, &json(&report))?;
    match done {
        Err(error) if !is_interrupted => Err(error),
        _ => Ok((status, report)),
    }
}

/// The report of a run that came to its end.
fn report(
    settings: &Settings,
    tally: &Tally,
    sql_statements: u64,
    library: Option<&Library>,
) -> (Status, RunReport) {
    let counts = tally.finish();
    let status = match counts.titles(TitleOutcome::Failed) {
        0 => Status::Done,
        _ => Status::SomeFailed,
    };
    let report = RunReport {
        status: status as u8,
        dry_run: settings.dry_run,
        source: redact(&settings.address),
        output: settings.place.output.display().to_string(),
        layout: settings.policy.layout.as_str(),
        counts,
        sql_statements,
        file_system_calls: library.map(|library| library.tree.calls().into()),
        peak_memory_bytes: peak_memory(),
    };
    (status, report)
}

/// The default base URL works on Dispatcharr's own machine alone.
fn warn_of_local_base_url(settings: &Settings, observer: &dyn Observer) {
    let is_proxied = settings.source.is_dispatcharr() && !settings.policy.direct_urls;
    if is_proxied && settings.policy.base_url.is_local() {
        let text = format!(
            "base_url is {}{}: players on other machines cannot open it; set --base-url to \
             Dispatcharr's address in your network",
            settings.policy.base_url.as_str(),
            if settings.is_base_url_default { ", the default" } else { "" },
        );
        observer.event(&Event::Warning(&text));
    }
}

/// A new library's id: it tells libraries apart, no more.
fn fresh_id(settings: &Settings) -> String {
    let seed = format!(
        "{}|{}|{}",
        settings.place.state_folder().display(),
        clock::nanoseconds(),
        std::process::id(),
    );
    format!("{:032x}", ContentHash::of(seed.as_bytes()).0)
}
