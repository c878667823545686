//! `vod2strm generate`.

use clap::{Args, ValueEnum};
use vod2strm_core::model::media::Kind;
use vod2strm_core::status::Status;
use vod2strm_engine::host::Listener;
use vod2strm_engine::outcome::End;

use super::{Asking, Common, Contents, Process, print, switch, tell, with_trouble};
use crate::config::Settings;
use crate::config::layers::Layers;
use crate::error::CommandError;
use crate::log::Log;
use crate::report::csv::CsvReport;
use crate::report::progress::progress;
use crate::report::summary::Summary;

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
pub(super) fn run(command: &Generate, process: &Process) -> Result<Status, CommandError> {
    let (mut settings, layers) = command.common.settings(command.flags())?;
    settings.request.kinds = match command.what {
        What::All => Kind::ALL.to_vec(),
        What::Movies => vec![Kind::Movie],
        What::Series => vec![Kind::Series],
    };
    execute(&settings, &layers, process)
}

/// Runs a library with these settings, and says what that did.
pub(super) fn execute(
    settings: &Settings,
    layers: &Layers,
    process: &Process,
) -> Result<Status, CommandError> {
    let is_preview = settings.request.mode.is_preview();
    // A settings file may name a report for every run; a dry run writes one only if asked itself.
    let is_written = !is_preview || layers.is_flag("report");
    let path = if is_written { settings.report.as_deref() } else { None };
    let (progress, csv) = (progress(), path.map(|path| CsvReport::new(path, is_preview)));
    let mut listeners: Vec<&dyn Listener> = vec![&*progress, &Log];
    listeners.extend(csv.as_ref().map(|csv| csv as &dyn Listener));
    let outcome = vod2strm_engine::run(
        &settings.library,
        &settings.request,
        &process.host(Some(&settings.library.place), &listeners),
    );
    drop(listeners);
    drop(progress);
    let summary = Summary { outcome: &outcome, library: &settings.library };
    summary.log();
    let has_failed = matches!(outcome.end, End::Failed { .. });
    let printed = match (settings.json, has_failed) {
        (true, _) => print(&summary.json()),
        (false, false) => print(&summary.text()),
        (false, true) => Ok(()),
    };
    outcome.untold.iter().for_each(|text| tell(text));
    let untold = with_trouble(Status::Done, printed);
    // What ended the run is told last, and counts more.
    if has_failed {
        outcome.error.iter().for_each(|text| tell(text));
    }
    Ok(if outcome.status == Status::Done { untold } else { outcome.status })
}
