//! `vod2strm history`: the last runs, and what one of them did.

use clap::Args;
use serde_json::Value;
use vod2strm_core::status::Status;
use vod2strm_core::text::{counted, printable};
use vod2strm_engine::history::History as Past;

use super::each::{Page, each};
use super::{Call, Process};
use crate::error::CommandError;
use crate::report::past::line;
use crate::settings;

/// Show the last runs with their counts and durations, or what one of them did, by title.
///
/// Reads the ledger alone, also while a run is at work. Runs are remembered for 90 days with a run.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct HistoryArgs {
    /// A run's number, as the list shows it: then its changes, title by title
    run: Option<i64>,
    /// How many runs are listed
    #[arg(long, value_name = "N", default_value_t = 20)]
    last: u32,
}

const EXAMPLES: &str = "\
Examples:
  vod2strm history
  vod2strm history --last 100 --json
  vod2strm history 17

Exit status: 0 done, 1 failed, 2 wrong use (there is no such run).";

/// Runs the command.
pub(super) fn run(
    command: &HistoryArgs,
    call: &Call,
    process: &Process,
) -> Result<Status, CommandError> {
    let libraries =
        call.libraries(|layers| Ok((settings::place(layers)?, layers.switch("json")?)))?;
    let is_json = libraries.first().is_some_and(|library| library.settings.1);
    each(&libraries, process, is_json, |library, page| {
        show(command, &Past::open(&library.settings.0)?, is_json, page)?;
        Ok(Status::Done)
    })
}

/// Shows the runs of a library, or one of them.
fn show(
    command: &HistoryArgs,
    past: &Past,
    is_json: bool,
    page: &Page<'_>,
) -> Result<(), CommandError> {
    let say = |value: &Value, text: fn(&Value) -> String| {
        if is_json { page.line(&format!("{value}\n")) } else { page.text(&text(value)) }
    };
    let Some(id) = command.run else {
        let runs = past.runs(command.last)?;
        if runs.is_empty() && !is_json {
            page.text("No run is known.\n")?;
        }
        return Ok(runs.iter().rev().try_for_each(|run| say(run, line))?);
    };
    say(&past.run(id)?, line)?;
    let mut said = Ok(());
    past.changes(id, &mut |change| {
        if said.is_ok() {
            said = say(change, change_line);
        }
    })?;
    Ok(said?)
}

fn change_line(change: &Value) -> String {
    let word = |key: &str| change[key].as_str().unwrap_or_default();
    let year = change["year"].as_i64().map_or(String::new(), |year| format!(" ({year})"));
    let files = counted(change["files"].as_u64().unwrap_or_default(), "file", "files");
    let (what, kind, name) = (word("change"), word("kind"), printable(word("name")));
    format!("  {what:<8} {kind:<7} {name}{year}, {files}\n")
}
