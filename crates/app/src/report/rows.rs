//! Rows of numbers as they come: a table for people, a JSON object a line, and a CSV file. Nothing is kept.

use std::fs::File;
use std::path::PathBuf;

use serde_json::Value;
use vod2strm_engine::error::RunError;
use vod2strm_engine::host::own_file;
use vod2strm_engine::stats::Row;

use super::csv::harmless;
use super::past::words;

/// What rows look like on standard output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Sections with aligned lines.
    Text,
    /// A JSON object a line.
    Json,
}

/// Where rows go.
pub struct Rows<'a> {
    shape: Shape,
    print: &'a dyn Fn(&str) -> Result<(), RunError>,
    csv: Option<(PathBuf, csv::Writer<File>)>,
    section: String,
}

impl<'a> Rows<'a> {
    /// Rows for standard output, by way of `print`, and perhaps a CSV file.
    pub fn new(
        shape: Shape,
        csv: Option<PathBuf>,
        print: &'a dyn Fn(&str) -> Result<(), RunError>,
    ) -> Result<Rows<'a>, RunError> {
        let csv = csv.map(|path| -> Result<_, RunError> {
            let file = own_file().write(true).truncate(true).open(&path);
            let file = file.map_err(|source| report_error(&path, source))?;
            let mut writer = csv::Writer::from_writer(file);
            let head = writer.write_record(["section", "subject", "measure", "value"]);
            head.map_err(|error| report_error(&path, error.into()))?;
            Ok((path, writer))
        });
        Ok(Rows { shape, print, csv: csv.transpose()?, section: String::new() })
    }

    /// Adds a row.
    pub fn add(&mut self, row: &Row<'_>) -> Result<(), RunError> {
        if let Some((path, csv)) = &mut self.csv {
            let cells = [row.section, row.subject, row.measure, &shown(row)];
            let record = csv.write_record(cells.map(|cell| harmless(cell.to_owned())));
            record.map_err(|error| report_error(path, error.into()))?;
        }
        match self.shape {
            // Texts and numbers: nothing in it can fail to be written.
            Shape::Json => (self.print)(&(serde_json::to_string(row).unwrap_or_default() + "\n")),
            Shape::Text => {
                let head = format!("{}: {}", row.section, row.subject);
                if head != self.section {
                    (self.print)(&format!("{head}\n"))?;
                    self.section = head;
                }
                let Row { measure, .. } = row;
                (self.print)(&format!("  {measure:<36} {}\n", shown(row)))
            }
        }
    }

    /// Writes what is left.
    pub fn finish(self) -> Result<(), RunError> {
        match self.csv {
            Some((path, mut csv)) => csv.flush().map_err(|source| report_error(&path, source)),
            None => Ok(()),
        }
    }
}

/// The value for people: words without quotes; of a run, what the list of runs says.
fn shown(row: &Row<'_>) -> String {
    match &row.value {
        Value::String(text) => text.clone(),
        run @ Value::Object(_) => words(run),
        other => other.to_string(),
    }
}

fn report_error(path: &std::path::Path, source: std::io::Error) -> RunError {
    RunError::Report { path: path.display().to_string(), source }
}
