//! Files that settings name to be written: reports and the log. None of them is a file that somebody needs.

use std::path::Path;

use vod2strm_engine::config::Needed;
use vod2strm_engine::source::SourceAddress;

use super::layers::{Layers, usage};
use super::place;
use super::titles::TITLE_FILES;
use crate::error::CommandError;

/// A file that a command reads, and what it is for people.
pub type ReadFile<'a> = (&'a Path, &'static str);

/// Refuses libraries that have a folder in common, also where one lies in the other's.
pub fn refuse_overlaps(libraries: &[Layers]) -> Result<(), CommandError> {
    // What is wrong with the other settings is told by whoever needs them.
    let places: Vec<_> = libraries.iter().map(|layers| (layers, place(layers).ok())).collect();
    for (at, (first, place)) in places.iter().enumerate() {
        let Some(place) = place else { continue };
        for (second, other) in &places[at + 1..] {
            let Some((own, other)) = other.as_ref().and_then(|other| place.overlap(other)) else {
                continue;
            };
            return Err(usage(format!(
                "the libraries {} and {} share a folder: {} and {}; give each folders of its own",
                first.label(),
                second.label(),
                own.display(),
                other.display()
            )));
        }
    }
    Ok(())
}

/// Refuses a report or a log in the place of the source, the settings, or anything in a library and beside ledgers.
/// Nothing has been opened yet. All libraries count; `is_meant` are those that this run is about.
pub fn refuse_needed(
    libraries: &[Layers],
    is_meant: impl Fn(&Layers) -> bool,
    read: Option<ReadFile<'_>>,
) -> Result<(), CommandError> {
    let mut needed = Needed::default();
    for layers in libraries {
        // What is wrong with the other settings is told by whoever needs them.
        if let Some(Ok(source)) = layers.text("source").map(SourceAddress::parse) {
            source.files().into_iter().for_each(|(path, what)| needed.add_file(path, what));
        }
        layers.file.iter().for_each(|path| needed.add_file(path, "the settings file"));
        for (key, what) in TITLE_FILES {
            layers.text(key).into_iter().for_each(|path| needed.add_file(Path::new(path), what));
        }
        if let Ok(place) = place(layers) {
            needed.add_library(&place);
        }
    }
    read.iter().for_each(|(path, what)| needed.add_file(path, what));
    let Some(process) = libraries.first() else { return Ok(()) };
    refuse(process, "csv", |path| needed.reason(path))?;
    for layers in libraries.iter().filter(|layers| is_meant(layers)) {
        refuse(layers, "report", |path| needed.reason(path))?;
        let what = match &layers.name {
            Some(name) => format!("the report of {name}"),
            None => "the report".to_owned(),
        };
        layers.text("report").into_iter().for_each(|path| needed.add_file(Path::new(path), &what));
    }
    let csv = process.text("csv");
    csv.into_iter().for_each(|path| needed.add_file(Path::new(path), "the file of --csv"));
    refuse(process, "log_file", |path| needed.reason_numbered(path))
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
