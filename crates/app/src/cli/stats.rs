//! `vod2strm stats`: catalogue and library in numbers.

use std::path::PathBuf;

use clap::Args;
use vod2strm_catalog::source::Numbers;
use vod2strm_core::cancel::Cancel;
use vod2strm_core::model::media::Kind;
use vod2strm_disk::inspect::count::count_files;
use vod2strm_disk::ledger::{Ledger, Population};
use vod2strm_disk::library::is_at_work;

use super::history::{Past, words};
use super::{Common, print, switch};
use crate::config;
use crate::error::{RunError, Status, printable};
use crate::report::rows::{Row, Rows, Shape};

/// Runs of the past that are told of.
const RUNS: u32 = 5;

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
pub(super) fn run(command: &Stats) -> Result<Status, RunError> {
    let own = vec![("csv", command.csv.clone()), ("json", switch(command.json))];
    let (layers, env) = command.common.layers(own)?;
    let has = |key| layers.text(key).is_some();
    if !has("source") && !has("output") {
        return Err(RunError::Usage("give --source, --output, or both".to_owned()));
    }
    let shape = if layers.switch("json")? { Shape::Json } else { Shape::Text };
    let mut rows = Rows::new(shape, layers.text("csv").map(PathBuf::from), &print)?;
    if has("source") {
        let (source, _) = config::source(&layers)?;
        catalogue(source.open(&|_| false, &Cancel::default())?.numbers()?, &mut rows)?;
    }
    if has("output") {
        let place = config::place(&layers, &env)?;
        for kind in Kind::ALL {
            let root = place.root(kind);
            let files = count_files(&root);
            let files = files.map_err(|(path, source)| RunError::Read { path, source })?;
            let subject = printable(&root.display().to_string());
            let Some(files) = files else {
                rows.add(&Row::text("disk", &subject, "folder", "missing"))?;
                continue;
            };
            rows.add(&Row::number("disk", &subject, ".strm files", files.strm))?;
            rows.add(&Row::number("disk", &subject, ".nfo files", files.nfo))?;
        }
        let ledger = Ledger::open_beside_runs(&place.ledger_path()?)?;
        library(&Past { is_at_work: is_at_work(&place), ledger: &ledger }, &mut rows)?;
    }
    rows.finish()?;
    Ok(Status::Done)
}

fn catalogue(numbers: Numbers, rows: &mut Rows<'_>) -> Result<(), RunError> {
    for (measure, number) in [
        ("movies", numbers.movies),
        ("series", numbers.series),
        ("episodes", numbers.episodes),
        ("series without episodes", numbers.series_without_episodes),
    ] {
        rows.add(&Row::number("catalogue", "all", measure, number))?;
    }
    for account in numbers.accounts {
        let subject = printable(&account.name);
        let state = if account.is_active { "active" } else { "switched off" };
        let what = format!("{state}, {}, priority {}", account.kind, account.priority);
        rows.add(&Row::text("account", &subject, "state", &what))?;
        for (measure, number) in
            [("movies", account.movies), ("series", account.series), ("episodes", account.episodes)]
        {
            rows.add(&Row::number("account", &subject, measure, number))?;
        }
    }
    Ok(())
}

fn library(past: &Past<'_>, rows: &mut Rows<'_>) -> Result<(), RunError> {
    let ledger = past.ledger;
    let tally = ledger.tally()?;
    rows.add(&Row::number("ledger", "all", "files held", tally.files))?;
    for (kind, Population { playable, empty, filtered, missing }) in tally.titles {
        for (measure, number) in [
            ("titles held", playable),
            ("titles without anything to play", empty),
            ("titles filtered", filtered),
            ("titles missing from the catalogue", missing),
        ] {
            rows.add(&Row::number("ledger", kind.as_str(), measure, number))?;
        }
    }
    rows.add(&Row::number("ledger", "series", "not fetched the last time", tally.fetches.0))?;
    rows.add(&Row::number("ledger", "series", "fetched and empty", tally.fetches.1))?;
    let mut failed = Ok(());
    ledger.each_problem(|kind, name, absent, problem| {
        let subject = format!("{}: {}", kind.as_str(), printable(name));
        let row = match problem {
            Some(problem) => Row::text("title", &subject, "failed", &printable(problem)),
            None => Row::number("title", &subject, "missing for so many runs", absent),
        };
        if failed.is_ok() {
            failed = rows.add(&row);
        }
    })?;
    failed?;
    for run in ledger.runs(RUNS)? {
        let (value, subject) = (past.json(&run)?, run.id.to_string());
        let words = Some(words(&run, &value));
        rows.add(&Row { section: "run", subject: &subject, measure: "run", value, words })?;
    }
    Ok(())
}
