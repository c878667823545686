//! `vod2strm why`: why is a title in the library, or not.

use clap::Args;
use serde_json::Value;
use vod2strm_core::status::Status;
use vod2strm_engine::why::answer::Answer;
use vod2strm_engine::why::why;

use super::each::each;
use super::{Call, Process, whole};
use crate::error::CommandError;
use crate::report::progress::progress;
use crate::report::why::text;
use crate::secrets::SECRETS;

/// Say why a title is in the library, or why it is not.
///
/// Looks titles up in the source and in the ledger, those that are left out too. Tells what decides, step by step: entry,
/// account, category, filter part by part, block and pick, streams, name, folder, ledger, files. Letter case, accents and
/// punctuation do not count. Ten titles are shown at most. Changes nothing, and waits for no run.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct WhyArgs {
    /// A part of a name, an id (movie:tmdb:603, tmdb:603, imdb:tt0133093), a whole name (name:The Matrix (1999)), or the
    /// path of a file or folder of the library; movie: or series: may stand before a name
    #[arg(value_name = "TEXT | ID | PATH")]
    query: String,
}

const EXAMPLES: &str = "\
Examples:
  vod2strm why matrix
  vod2strm why 'series:the office'
  vod2strm why movie:tmdb:603 --json
  vod2strm why '/media/vod/Movies/The Matrix (1999)'

Exit status: 0 done, also where nothing matches; 1 failed; 2 wrong use; 3 the source could not be
read, or the library has lost its ledger: only what the other has is told.";

/// Runs the command.
pub(super) fn run(
    command: &WhyArgs,
    call: &Call,
    process: &Process,
) -> Result<Status, CommandError> {
    let libraries = call.libraries(whole)?;
    let is_json = libraries.first().is_some_and(|library| library.settings.json);
    each(&libraries, process, is_json, |library, page| {
        let config = &library.settings.library;
        let progress = progress();
        let answer = why(config, &command.query, &process.host(Some(&config.place), &[&*progress]));
        drop(progress);
        let answer = answer?;
        if is_json {
            page.object(&json(&answer))?;
        } else {
            page.text(&text(&answer))?;
        }
        answer.errors().for_each(|error| page.tell(error));
        Ok(answer.status())
    })
}

fn json(answer: &Answer) -> String {
    let mut object = serde_json::to_value(answer).unwrap_or_default();
    object["status"] = Value::from(answer.status() as u8);
    // The words of servers and of the user's own settings may hold what is not to be shown.
    format!("{}\n", SECRETS.censored(&format!("{object:#}")))
}
