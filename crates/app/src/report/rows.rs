//! Rows of numbers as they come: a table for people, a JSON object a line, and a CSV file. Nothing is kept.

use std::fs::File;
use std::path::{Path, PathBuf};

use serde_json::Value;
use vod2strm_engine::error::RunError;
use vod2strm_engine::host::own_file;
use vod2strm_engine::stats::StatsRow;

use super::csv::harmless;
use super::past::words;

/// What rows look like on standard output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowFormat {
    /// Sections with aligned lines.
    Text,
    /// A JSON object a line.
    Json,
}

/// Numbers in a CSV file, of one library or of several.
pub struct NumbersFile {
    path: PathBuf,
    csv: csv::Writer<File>,
    /// Whether each row names its library.
    has_names: bool,
}

impl NumbersFile {
    /// Makes the file, over the last one.
    pub fn create(path: &Path, has_names: bool) -> Result<NumbersFile, RunError> {
        let file = own_file().write(true).truncate(true).open(path);
        let file = file.map_err(|source| report_error(path, source))?;
        let csv = csv::Writer::from_writer(file);
        let mut numbers = NumbersFile { path: path.to_owned(), csv, has_names };
        numbers.write("library", ["section", "subject", "measure", "value"].map(str::to_owned))?;
        Ok(numbers)
    }

    /// Adds a row of a library.
    pub fn add(&mut self, library: &str, row: &StatsRow<'_>) -> Result<(), RunError> {
        let cells = [row.section, row.subject, row.measure, &shown(row)];
        self.write(library, cells.map(|cell| harmless(cell.to_owned())))
    }

    fn write(&mut self, library: &str, cells: [String; 4]) -> Result<(), RunError> {
        let name = self.has_names.then(|| library.to_owned());
        let record = self.csv.write_record(name.into_iter().chain(cells));
        record.map_err(|error| report_error(&self.path, error.into()))
    }

    /// Writes what is left.
    pub fn finish(mut self) -> Result<(), RunError> {
        self.csv.flush().map_err(|source| report_error(&self.path, source))
    }
}

/// Where rows go.
pub struct Rows<'a> {
    shape: RowFormat,
    print: &'a dyn Fn(&str) -> Result<(), RunError>,
    section: String,
}

impl<'a> Rows<'a> {
    /// Rows for standard output, by way of `print`.
    pub fn new(shape: RowFormat, print: &'a dyn Fn(&str) -> Result<(), RunError>) -> Rows<'a> {
        Rows { shape, print, section: String::new() }
    }

    /// Adds a row.
    pub fn add(&mut self, row: &StatsRow<'_>) -> Result<(), RunError> {
        match self.shape {
            // Texts and numbers: nothing in it can fail to be written.
            RowFormat::Json => {
                (self.print)(&(serde_json::to_string(row).unwrap_or_default() + "\n"))
            }
            RowFormat::Text => {
                let head = format!("{}: {}", row.section, row.subject);
                if head != self.section {
                    (self.print)(&format!("{head}\n"))?;
                    self.section = head;
                }
                let StatsRow { measure, .. } = row;
                (self.print)(&format!("  {measure:<36} {}\n", shown(row)))
            }
        }
    }
}

/// The value for people: words without quotes; of a run, what the list of runs says.
fn shown(row: &StatsRow<'_>) -> String {
    match &row.value {
        Value::String(text) => text.clone(),
        run @ Value::Object(_) => words(run),
        other => other.to_string(),
    }
}

fn report_error(path: &Path, source: std::io::Error) -> RunError {
    RunError::Report { path: path.display().to_string(), source }
}
