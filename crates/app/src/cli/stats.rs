//! `vod2strm stats`: catalogue and library in numbers.

use std::path::PathBuf;

use clap::Args;
use vod2strm_core::status::Status;
use vod2strm_engine::stats::stats;

use super::{Call, Process, print};
use crate::error::CommandError;
use crate::report::rows::{Rows, Shape};
use crate::settings;

/// Show catalogue and library in numbers.
///
/// Of the catalogue: what there is, who offers how much of it, and which series have no episodes; of the
/// library: files on disk, titles that the ledger holds, that are missing, or that failed, with the
/// reason, and the last runs. With --source or --output alone, only that side. Changes nothing.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Stats {}

const EXAMPLES: &str = "\
Examples:
  vod2strm stats
  vod2strm stats --source postgres://dispatch:secret@db/dispatcharr
  vod2strm stats --output /media/vod --csv numbers.csv
  vod2strm stats --json | jq 'select(.measure == \"failed\")'

Exit status: 0 done, 1 failed, 2 wrong use.";

/// Runs the command.
pub(super) fn run(call: &Call, process: &Process) -> Result<Status, CommandError> {
    let layers = call.layers(None)?;
    let has = |key| layers.text(key).is_some();
    if !has("source") && !has("output") {
        return Err(CommandError::Usage("give --source, --output, or both".to_owned()));
    }
    let shape = if layers.switch("json")? { Shape::Json } else { Shape::Text };
    let source = has("source").then(|| settings::source(&layers)).transpose()?;
    let place = has("output").then(|| settings::place(&layers)).transpose()?;
    let mut rows = Rows::new(shape, layers.text("csv").map(PathBuf::from), &print)?;
    let source = source.as_ref().map(|(source, _)| source);
    stats(source, place.as_ref(), &process.host(place.as_ref(), &[]), &mut |row| rows.add(row))?;
    rows.finish()?;
    Ok(Status::Done)
}
