//! `vod2strm history`: the last runs, and what one of them did.

use clap::Args;
use serde_json::Value;
use vod2strm_core::status::Status;
use vod2strm_core::text::{counted, printable};
use vod2strm_engine::history::History as Past;

use super::{Call, print};
use crate::error::CommandError;
use crate::report::past::line;
use crate::settings;

/// Show the last runs with their counts and durations, or what one of them did, by title.
///
/// Reads the ledger alone, also while a run is at work. Runs are remembered for 90 days with a run.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct History {
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
pub(super) fn run(command: &History, call: &Call) -> Result<Status, CommandError> {
    let layers = call.layers(None)?;
    let is_json = layers.switch("json")?;
    let past = Past::open(&settings::place(&layers)?)?;
    let text = |run: &Value| if is_json { format!("{run}\n") } else { line(run) };
    match command.run {
        Some(id) => {
            print(&text(&past.run(id)?))?;
            let mut printed = Ok(());
            past.changes(id, &mut |change| {
                let text = if is_json { format!("{change}\n") } else { change_line(change) };
                if printed.is_ok() {
                    printed = print(&text);
                }
            })?;
            printed?;
        }
        None => {
            let runs = past.runs(command.last)?;
            if runs.is_empty() && !is_json {
                print("No run is known.\n")?;
            }
            runs.iter().rev().try_for_each(|run| print(&text(run)))?;
        }
    }
    Ok(Status::Done)
}

fn change_line(change: &Value) -> String {
    let word = |key: &str| change[key].as_str().unwrap_or_default();
    let year = change["year"].as_i64().map_or(String::new(), |year| format!(" ({year})"));
    let files = counted(change["files"].as_u64().unwrap_or_default(), "file", "files");
    let (what, kind, name) = (word("change"), word("kind"), printable(word("name")));
    format!("  {what:<8} {kind:<7} {name}{year}, {files}\n")
}
