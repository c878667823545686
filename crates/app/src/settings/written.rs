//! Files that settings name to be written: reports and the log. None of them is a file that somebody needs.

use std::path::Path;

use vod2strm_engine::config::Needed;
use vod2strm_engine::source::SourceAddress;

use super::layers::{Layers, usage};
use super::place;
use crate::error::CommandError;

/// A file that a command reads, and what it is for people.
pub type ReadFile<'a> = (&'a Path, &'static str);

/// Refuses a report or a log in the place of the source, the settings, or anything in the library and beside
/// ledgers. Nothing has been opened yet.
pub fn refuse_needed(layers: &Layers, read: Option<ReadFile<'_>>) -> Result<(), CommandError> {
    let mut needed = Needed::default();
    // What is wrong with the other settings is told by whoever needs them.
    if let Some(Ok(source)) = layers.text("source").map(SourceAddress::parse) {
        source.files().into_iter().for_each(|(path, what)| needed.add_file(path, what));
    }
    read.iter().for_each(|(path, what)| needed.add_file(path, what));
    layers.file.iter().for_each(|path| needed.add_file(path, "the settings file"));
    if let Ok(place) = place(layers) {
        needed.add_library(&place);
    }
    for key in ["report", "csv"] {
        refuse(layers, key, |path| needed.reason(path))?;
    }
    for (key, what) in [("report", "the report"), ("csv", "the file of --csv")] {
        layers.text(key).into_iter().for_each(|path| needed.add_file(Path::new(path), what));
    }
    refuse(layers, "log_file", |path| needed.reason_numbered(path))
}

fn refuse(
    layers: &Layers,
    key: &str,
    reason: impl FnOnce(&Path) -> Option<String>,
) -> Result<(), CommandError> {
    let Some(given) = layers.given.get(key) else { return Ok(()) };
    match reason(Path::new(&given.text)) {
        None => Ok(()),
        Some(reason) => Err(usage(format!(
            "{}: {} {reason}, and would be written over: name another file",
            given.origin, given.text
        ))),
    }
}
