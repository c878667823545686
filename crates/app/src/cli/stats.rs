//! `vod2strm stats`: catalogue and library in numbers.

use std::cell::RefCell;
use std::path::PathBuf;

use clap::Args;
use vod2strm_core::status::Status;
use vod2strm_engine::config::Place;
use vod2strm_engine::source::SourceAddress;
use vod2strm_engine::stats::stats;

use super::each::each;
use super::{Call, Process};
use crate::error::CommandError;
use crate::report::rows::{NumbersFile, RowFormat, Rows};
use crate::settings;
use crate::settings::layers::Layers;

/// Show catalogue and library in numbers.
///
/// Of the catalogue: what there is, who offers how much of it, and which series have no episodes. Of the library:
/// files on disk, titles that the ledger holds, titles that are missing or failed, with the reason, and the last
/// runs. With --source or --output alone, only that side. Changes nothing.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct StatsArgs {}

const EXAMPLES: &str = "\
Examples:
  vod2strm stats
  vod2strm stats --source postgres://dispatch:secret@db/dispatcharr
  vod2strm stats --output /media/vod --csv numbers.csv
  vod2strm stats --json | jq 'select(.measure == \"failed\")'

Exit status: 0 done, 1 failed, 2 wrong use.";

/// What is needed of a library's settings.
struct StatsSettings {
    source: Option<SourceAddress>,
    place: Option<Place>,
    json: bool,
    csv: Option<PathBuf>,
}

impl StatsSettings {
    fn of(layers: &Layers) -> Result<StatsSettings, CommandError> {
        let has = |key| layers.text(key).is_some();
        if !has("source") && !has("output") {
            return Err(CommandError::Usage("give --source, --output, or both".to_owned()));
        }
        let source = has("source").then(|| settings::source(layers)).transpose()?;
        Ok(StatsSettings {
            source: source.map(|(source, _)| source),
            place: has("output").then(|| settings::place(layers)).transpose()?,
            json: layers.switch("json")?,
            csv: layers.text("csv").map(PathBuf::from),
        })
    }
}

/// Runs the command.
pub(super) fn run(call: &Call, process: &Process) -> Result<Status, CommandError> {
    let libraries = call.libraries(StatsSettings::of)?;
    let Some(first) = libraries.first() else { return Ok(Status::Done) };
    let (is_json, has_names) = (first.settings.json, libraries.len() > 1);
    let csv = first.settings.csv.as_ref();
    let csv = csv.map(|path| NumbersFile::create(path, has_names)).transpose()?.map(RefCell::new);
    let done = each(&libraries, process, is_json, |library, page| {
        let StatsSettings { source, place, json, .. } = &library.settings;
        let print = |text: &str| if *json { page.line(text) } else { page.text(text) };
        let shape = if *json { RowFormat::Json } else { RowFormat::Text };
        let mut rows = Rows::new(shape, &print);
        let name = library.layers.label();
        stats(source.as_ref(), place.as_ref(), &process.host(place.as_ref(), &[]), &mut |row| {
            csv.iter().try_for_each(|csv| csv.borrow_mut().add(name, row))?;
            rows.add(row)
        })?;
        Ok(Status::Done)
    });
    let written = csv.map_or(Ok(()), |csv| csv.into_inner().finish());
    let status = done?;
    written?;
    Ok(status)
}
