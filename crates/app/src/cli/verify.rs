//! `vod2strm verify`: does the disk still hold what the ledger says.

use std::fmt::Write as _;

use clap::Args;
use serde::Serialize;
use vod2strm_core::status::Status;
use vod2strm_core::text::{counted, printable};
use vod2strm_engine::config::{Concurrency, Place};
use vod2strm_engine::verify::{Difference, Verification, verify};

use super::each::each;
use super::{Call, Process};
use crate::error::CommandError;
use crate::report::progress::progress;
use crate::settings;

/// Check whether the disk still holds what the ledger says, and name what does not.
///
/// Asks the folders whether something came or went; with --full, reads every file. Changes nothing:
/// the next generate restores what is gone.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct VerifyArgs {}

const EXAMPLES: &str = "\
Examples:
  vod2strm verify --output library
  vod2strm verify --output library --full

Exit status: 0 all is there, 3 something is gone, changed or cannot be looked at, 1 failed,
2 wrong use or no library there, 5 a run is at work.";

/// What is needed of a library's settings.
struct VerifySettings {
    place: Place,
    concurrency: Concurrency,
    full: bool,
    json: bool,
}

/// Runs the command.
pub(super) fn run(call: &Call, process: &Process) -> Result<Status, CommandError> {
    let libraries = call.libraries(|layers| {
        Ok(VerifySettings {
            place: settings::place(layers)?,
            concurrency: settings::concurrency(layers)?,
            full: layers.switch("full")?,
            json: layers.switch("json")?,
        })
    })?;
    let is_json = libraries.first().is_some_and(|library| library.settings.json);
    each(&libraries, process, is_json, |library, page| {
        let VerifySettings { place, concurrency, full, json: is_json } = &library.settings;
        let progress = progress();
        let found = verify(place, *concurrency, *full, &process.host(Some(place), &[&*progress]))?;
        drop(progress);
        let status = if found.is_whole() { Status::Done } else { Status::SomeFailed };
        if *is_json {
            page.object(&json(&found, status))?;
        } else {
            page.text(&text(&found))?;
        }
        Ok(status)
    })
}

/// What `--json` prints.
#[derive(Serialize)]
struct VerifyReport<'a> {
    status: u8,
    #[serde(flatten)]
    found: &'a Verification,
}

fn json(found: &Verification, status: Status) -> String {
    let report = VerifyReport { status: status as u8, found };
    // Texts and numbers: nothing in it can fail to be written.
    serde_json::to_string_pretty(&report).unwrap_or_default() + "\n"
}

fn text(found: &Verification) -> String {
    let mut text = String::new();
    for Difference { what, path } in &found.differences {
        let _ = writeln!(text, "  {what:<9}{}", printable(path));
    }
    let titles = counted(found.titles, "title", "titles");
    let looked_at = match found.files {
        Some(files) => format!("compared {} of {titles}", counted(files, "file", "files")),
        None => format!("asked the folders of {titles}"),
    };
    let _ = writeln!(text, "{}: {looked_at}; {}", printable(&found.output), result(found));
    text
}

fn result(found: &Verification) -> String {
    let counts = [
        (found.gone, "file is gone", "files are gone"),
        (found.changed, "has other content", "have other content"),
        (found.not_files, "is no file any more", "are no files any more"),
        (found.unread, "could not be looked at", "could not be looked at"),
    ];
    let parts = counts.iter().filter(|(number, ..)| *number > 0);
    let parts: Vec<String> = parts.map(|(number, one, more)| counted(*number, one, more)).collect();
    match found.changed + found.not_files + found.unread {
        _ if parts.is_empty() => "all is there.".to_owned(),
        0 => format!(
            "{}; the next generate restores what the catalogue still has.",
            parts.join(", ")
        ),
        _ => format!("{}.", parts.join(", ")),
    }
}
