//! `vod2strm adopt`: takes over a tree that the ledger does not know.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;
use serde::Serialize;
use vod2strm_core::status::Status;
use vod2strm_core::text::{counted, printable};
use vod2strm_engine::adopt::{AdoptRequest, Adoption, adopt};

use super::{Call, Process, print, whole};
use crate::error::CommandError;
use crate::report::progress::progress;
use crate::settings::Settings;

/// How many files that were not recognised are named.
const NAMED: usize = 50;

/// Take over a tree that the Dispatcharr plugin vod2strm made, or one whose ledger was lost.
///
/// Reads the .strm files below the output folder, finds out which title of the catalogue each of them
/// plays, and tells the ledger. Afterwards generate treats them as its own: it writes only what is
/// missing or out of date. No file of the library is written, moved or removed by adopt; what it does
/// not recognise it names. Give it the settings that generate will have.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct AdoptArgs {
    /// The plugin's manifest [default: .vod2strm_manifest.json in the output folder or in its Movies]
    #[arg(long, value_name = "FILE")]
    manifest: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  vod2strm adopt --source postgres://dispatch:secret@db/dispatcharr --output /data/STRM \\
           --layout classic --base-url http://192.168.1.5:9191 --dry-run
  vod2strm adopt --source playlist.m3u --output library

Exit status: 0 done, 1 failed, 2 wrong use, 3 there are .strm files and none was recognised,
5 a run is at work.";

/// Runs the command.
pub(super) fn run(
    command: &AdoptArgs,
    call: &Call,
    process: &Process,
) -> Result<Status, CommandError> {
    let manifest = command.manifest.as_deref().map(|path| (path, "the manifest"));
    let layers = call.library(manifest)?;
    let settings = whole(&layers)?;
    let request = AdoptRequest {
        mode: settings.request.mode,
        manifest: command.manifest.clone(),
        is_layout_chosen: layers.text("layout").is_some(),
    };
    let progress = progress();
    let adoption = adopt(
        &settings.library,
        &request,
        &process.host(Some(&settings.library.place), &[&*progress]),
    )?;
    drop(progress);
    let status = match (adoption.titles() + adoption.known, adoption.rest.len()) {
        (0, 1..) => Status::SomeFailed,
        _ => Status::Done,
    };
    print(&if settings.json {
        json(&settings, &adoption, status)
    } else {
        text(&settings, &adoption)
    })?;
    Ok(status)
}

/// What was done, for a person.
fn text(settings: &Settings, adoption: &Adoption) -> String {
    let mut text = String::new();
    let output = settings.library.place.output.display().to_string();
    let output = printable(&output);
    let adopted = if settings.request.mode.is_preview() { "would be adopted" } else { "adopted" };
    let (movies, series) = (adoption.movies, adoption.series);
    let files = counted(adoption.strms + adoption.nfos, "file", "files");
    let movies = counted(movies, "movie", "movies");
    let _ = match adoption.titles() {
        0 => writeln!(text, "{output}: nothing {adopted}."),
        _ => writeln!(text, "{output}: {movies} and {series} series {adopted} ({files})."),
    };
    let notes = [
        (adoption.known, "known to the ledger already", ".strm file is", ".strm files are"),
        (
            adoption.edited,
            "not as vod2strm would write them, and are kept as they are",
            "NFO is",
            "NFOs are",
        ),
        (
            adoption.incomplete,
            "a file that is missing, or another address than these settings give: the next generate makes that right",
            "title has",
            "titles have",
        ),
    ];
    for (number, note, one, more) in notes.into_iter().filter(|(number, ..)| *number > 0) {
        let _ = writeln!(text, "  {} {note}.", counted(number, one, more));
    }
    for note in adoption.notes.iter().chain(&adoption.note_on_names()) {
        let _ = writeln!(text, "  Note: {}.", printable(note));
    }
    let left = adoption.rest.len();
    if left > 0 {
        let files = counted(left as u64, ".strm file was", ".strm files were");
        let _ = writeln!(text, "{files} not recognised, and left alone:");
    }
    for (path, why) in adoption.rest.iter().take(NAMED) {
        let _ = writeln!(text, "  {}: {}", printable(path), why.as_str());
    }
    if left > NAMED {
        let _ = writeln!(text, "  and {} more; --json lists them all", left - NAMED);
    }
    text
}

/// What `--json` prints.
#[derive(Serialize)]
struct AdoptReport<'a> {
    status: u8,
    dry_run: bool,
    source: String,
    output: String,
    layout: &'static str,
    movies: u64,
    series: u64,
    strm_files: u64,
    nfo_files: u64,
    edited_nfo_files: u64,
    incomplete_titles: u64,
    titles_with_other_names: u64,
    known_strm_files: u64,
    not_recognised: Vec<Left<'a>>,
    notes: &'a [String],
}

/// A file that was not recognised.
#[derive(Serialize)]
struct Left<'a> {
    path: &'a str,
    why: &'static str,
}

fn json(settings: &Settings, adoption: &Adoption, status: Status) -> String {
    let rest = adoption.rest.iter();
    let report = AdoptReport {
        status: status as u8,
        dry_run: settings.request.mode.is_preview(),
        source: settings.library.label.clone(),
        output: settings.library.place.output.display().to_string(),
        layout: settings.library.policy.layout.as_str(),
        movies: adoption.movies,
        series: adoption.series,
        strm_files: adoption.strms,
        nfo_files: adoption.nfos,
        edited_nfo_files: adoption.edited,
        incomplete_titles: adoption.incomplete,
        titles_with_other_names: adoption.other_names,
        known_strm_files: adoption.known,
        not_recognised: rest.map(|(path, why)| Left { path, why: why.as_str() }).collect(),
        notes: &adoption.notes,
    };
    // Texts and numbers: nothing in it can fail to be written.
    serde_json::to_string_pretty(&report).unwrap_or_default() + "\n"
}
