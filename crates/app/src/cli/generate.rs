//! `vod2strm generate`.

use clap::{Args, ValueEnum};
use vod2strm_core::model::media::Kind;
use vod2strm_core::status::Status;
use vod2strm_engine::host::Listener;
use vod2strm_engine::outcome::End;
use vod2strm_engine::request::Request;

use super::each::{ChosenLibrary, Page, each};
use super::{Call, Process, whole, with_trouble};
use crate::error::CommandError;
use crate::log::Log;
use crate::report::csv::CsvReport;
use crate::report::progress::progress;
use crate::report::summary::Summary;
use crate::settings::Settings;

/// Make the library what the catalogue says: write what is new or changed, and nothing else.
///
/// Never replaces or removes a file that it did not write or that somebody has edited. Removes only
/// with --cleanup apply, and never because a source answered wrongly.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct GenerateArgs {
    /// What to generate
    #[arg(value_enum, default_value_t = TitleKinds::All)]
    what: TitleKinds,
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
pub(super) enum TitleKinds {
    /// Movies and series
    All,
    /// Movies alone
    Movies,
    /// Series alone
    Series,
}

/// Runs the command.
pub(super) fn run(
    command: &GenerateArgs,
    call: &Call,
    process: &Process,
) -> Result<Status, CommandError> {
    let kinds = match command.what {
        TitleKinds::All => Kind::ALL.to_vec(),
        TitleKinds::Movies => vec![Kind::Movie],
        TitleKinds::Series => vec![Kind::Series],
    };
    execute(&call.libraries(whole)?, &kinds, process)
}

/// Runs libraries with their settings, and says what that did.
pub(super) fn execute(
    libraries: &[ChosenLibrary<Settings>],
    kinds: &[Kind],
    process: &Process,
) -> Result<Status, CommandError> {
    let is_json = libraries.first().is_some_and(|library| library.settings.json);
    each(libraries, process, is_json, |library, page| {
        Ok(execute_one(library, kinds, process, page))
    })
}

fn execute_one(
    ChosenLibrary { layers, settings, .. }: &ChosenLibrary<Settings>,
    kinds: &[Kind],
    process: &Process,
    page: &Page<'_>,
) -> Status {
    let request = Request { kinds: kinds.to_vec(), ..settings.request.clone() };
    let is_preview = request.mode.is_preview();
    // A settings file may name a report for every run; a dry run writes one only if asked itself.
    let is_written = !is_preview || layers.is_flag("report");
    let path = if is_written { settings.report.as_deref() } else { None };
    let (progress, csv) = (progress(), path.map(|path| CsvReport::new(path, is_preview)));
    let mut listeners: Vec<&dyn Listener> = vec![&*progress, &Log];
    listeners.extend(csv.as_ref().map(|csv| csv as &dyn Listener));
    let outcome = vod2strm_engine::run(
        &settings.library,
        &request,
        &process.host(Some(&settings.library.place), &listeners),
    );
    drop(listeners);
    drop(progress);
    let summary = Summary { outcome: &outcome, library: &settings.library };
    summary.log();
    let has_failed = matches!(outcome.end, End::Failed { .. });
    let printed = match (settings.json, has_failed) {
        (true, _) => page.object(&summary.json()),
        (false, false) => page.text(&summary.text()),
        (false, true) => Ok(()),
    };
    outcome.untold.iter().for_each(|text| page.tell(text));
    let untold = with_trouble(Status::Done, printed);
    // What ended the run is told last, and counts more.
    if has_failed {
        outcome.error.iter().for_each(|text| page.tell(text));
    }
    if outcome.status == Status::Done { untold } else { outcome.status }
}
