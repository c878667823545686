//! `vod2strm names`: what does vod2strm make of these names.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use vod2strm_core::model::media::Kind;
use vod2strm_core::status::Status;
use vod2strm_core::text::printable;
use vod2strm_engine::error::RunError;
use vod2strm_engine::host::{Host, Listener};
use vod2strm_engine::names::{NameRow, NameSink, of_address, of_list};
use vod2strm_engine::source::{SourceAddress, is_playlist};

use super::{Call, Process, print};
use crate::error::CommandError;
use crate::report::progress::progress;
use crate::settings;
use crate::settings::layers::Layers;

/// The columns.
const HEADER: &str =
    "raw\ttitle\tyear\tseason\tepisodes\tquality\tlanguage\tother\tkind\tcountry\n";

/// Take names apart and print what they say: title, year, season, episodes, quality, language, kind, country.
///
/// Names come from a file with one on each line, from a playlist (M3U), from standard input (-), or else from the
/// source. A prefix or a bracket at the end that nearly a third of a category's names share is learnt. The lines of a
/// file count as one category, and a playlist has its groups. The title is what a library shows with these settings.
/// Without a file, what the library in --output has learnt before counts, too: titles and years are those that generate
/// writes. With a file, a library gives its settings alone. Prints tab-separated values and changes nothing.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct NamesArgs {
    /// A file with one name on each line, or a playlist; - for standard input [default: the names of --source]
    #[arg(conflicts_with = "source")]
    file: Option<PathBuf>,
    /// What the names in the file are of; an episode may be marked by a number alone. A playlist says it itself
    #[arg(long, value_name = "KIND", requires = "file")]
    kind: Option<KindName>,
}

/// A kind on the command line.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum KindName {
    Movie,
    Series,
}

const EXAMPLES: &str = "\
Examples:
  vod2strm names names.txt
  echo '4K-NF - Dark (2017) - S01E02' | vod2strm names -
  curl -s 'http://…/get.php?…' | vod2strm names -
  vod2strm names --source playlist.m3u > names.tsv
  vod2strm names --library films

Exit status: 0 done, 1 failed, 2 wrong use.";

/// Runs the command.
pub(super) fn run(
    command: &NamesArgs,
    call: &Call,
    process: &Process,
) -> Result<Status, CommandError> {
    let list = command.file.as_deref().map(|path| (path, "the list of names"));
    let layers = call.library(list)?;
    let (policy, progress) = (settings::policy(&layers)?, progress());
    let is_json = layers.switch("json")?;
    let listeners: [&dyn Listener; 1] = [&*progress];
    let host = process.host(None, &listeners);
    let mut is_first = !is_json;
    let mut show = |rows: &[NameRow]| {
        let head = if std::mem::take(&mut is_first) { HEADER } else { "" };
        let line = |row: &NameRow| if is_json { json_line(row) } else { tsv_line(row) };
        print(&(head.to_owned() + &rows.iter().map(line).collect::<String>()))
    };
    match &command.file {
        Some(path) => of_file(path, command.kind, &layers, &host, &mut show)?,
        None => {
            let (source, _) = settings::source(&layers)?;
            let has_library = layers.text("output").is_some();
            let place = has_library.then(|| settings::place(&layers)).transpose()?;
            of_address(&source, &policy, place.as_ref(), &host, &mut show)?;
        }
    }
    show(&[])?;
    Ok(Status::Done)
}

/// The names of a playlist, or those that stand one on each line.
fn of_file(
    path: &Path,
    kind: Option<KindName>,
    layers: &Layers,
    host: &Host<'_>,
    show: &mut NameSink<'_>,
) -> Result<(), CommandError> {
    let (policy, bytes) = (settings::policy(layers)?, read(path)?);
    if !is_playlist(&bytes) {
        let text = String::from_utf8_lossy(&bytes);
        return Ok(of_list(&text, kind.map(kind_of), &policy, host, show)?);
    }
    let name = if is_standard_input(path) { "standard input".into() } else { path.to_owned() };
    if kind.is_some() {
        let text = format!("--kind: {} is a playlist, which says itself", name.display());
        return Err(CommandError::Usage(text));
    }
    let source = settings::ruled(SourceAddress::of_read(name, bytes), layers)?;
    Ok(of_address(&source, &policy, None, host, show)?)
}

/// A row as a JSON object.
fn json_line(row: &NameRow) -> String {
    // Texts and numbers: nothing in it can fail to be written.
    serde_json::to_string(row).unwrap_or_default() + "\n"
}

/// What would break a row or its columns.
const SPACES: [char; 3] = ['\t', '\n', '\r'];

/// A row with tabs between its columns.
fn tsv_line(row: &NameRow) -> String {
    let NameRow { raw, title, year, season, episodes, quality, language, other, kind, country } =
        row;
    let number = |number: &Option<i32>| number.map_or(String::new(), |number| number.to_string());
    let (year, season) = (number(year), number(season));
    let columns: [&str; 10] =
        [raw, title, &year, &season, episodes, quality, language, other, kind, country];
    let mut line = String::with_capacity(2 * raw.len() + 48);
    for (at, column) in columns.into_iter().enumerate() {
        if at > 0 {
            line.push('\t');
        }
        if column.contains(SPACES) {
            line.push_str(&printable(&column.replace(SPACES, " ")));
        } else {
            line.push_str(&printable(column));
        }
    }
    line.push('\n');
    line
}

fn kind_of(name: KindName) -> Kind {
    match name {
        KindName::Movie => Kind::Movie,
        KindName::Series => Kind::Series,
    }
}

/// Whether a path stands for standard input.
fn is_standard_input(path: &Path) -> bool {
    path == Path::new("-")
}

/// A whole file, or standard input.
fn read(path: &Path) -> Result<Vec<u8>, RunError> {
    if is_standard_input(path) {
        let mut bytes = Vec::new();
        let read = std::io::stdin().read_to_end(&mut bytes);
        read.map_err(|source| RunError::System { what: "read standard input", source })?;
        return Ok(bytes);
    }
    std::fs::read(path).map_err(|source| RunError::Read { path: path.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_break_the_table_or_the_terminal() {
        let raw = "a\tb\u{1b}[31m".to_owned();
        let row = NameRow { title: raw.clone(), raw, ..NameRow::default() };
        assert_eq!(tsv_line(&row), "a b\u{fffd}[31m\ta b\u{fffd}[31m\t\t\t\t\t\t\t\t\n");
    }
}
