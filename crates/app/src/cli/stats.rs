//! `vod2strm stats`: catalogue and library in numbers.

use std::path::PathBuf;

use clap::Args;
use vod2strm_core::status::Status;
use vod2strm_engine::stats::stats;

use super::{Common, Process, print, switch};
use crate::config;
use crate::error::CommandError;
use crate::report::rows::{Rows, Shape};

/// Show catalogue and library in numbers.
///
/// Of the catalogue: what there is, who offers how much of it, and which series have no episodes; of the
/// library: files on disk, titles that the ledger holds, that are missing, or that failed, with the
/// reason, and the last runs. With --source or --output alone, only that side. Changes nothing.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Stats {
    #[command(flatten)]
    common: Common,
    /// Write the numbers as a CSV file, too
    #[arg(long, value_name = "FILE")]
    csv: Option<String>,
    /// Print one JSON object per line instead of a table
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Examples:
  vod2strm stats
  vod2strm stats --source postgres://dispatch:secret@db/dispatcharr
  vod2strm stats --output /media/vod --csv numbers.csv
  vod2strm stats --json | jq 'select(.measure == \"failed\")'

Exit status: 0 done, 1 failed, 2 wrong use.";

/// Runs the command.
pub(super) fn run(command: &Stats, process: &Process) -> Result<Status, CommandError> {
    let own = vec![("csv", command.csv.clone()), ("json", switch(command.json))];
    let (layers, env) = command.common.layers(own)?;
    let has = |key| layers.text(key).is_some();
    if !has("source") && !has("output") {
        return Err(CommandError::Usage("give --source, --output, or both".to_owned()));
    }
    let shape = if layers.switch("json")? { Shape::Json } else { Shape::Text };
    let source = has("source").then(|| config::source(&layers)).transpose()?;
    let place = has("output").then(|| config::place(&layers, &env)).transpose()?;
    let mut rows = Rows::new(shape, layers.text("csv").map(PathBuf::from), &print)?;
    let source = source.as_ref().map(|(source, _)| source);
    stats(source, place.as_ref(), &process.host(place.as_ref(), &[]), &mut |row| rows.add(row))?;
    rows.finish()?;
    Ok(Status::Done)
}
