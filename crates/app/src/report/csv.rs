//! The CSV report, with the columns of the original's, written while the run goes: a run that is
//! cut off leaves what it did until then.

use std::fs::File;
use std::io::{self, Seek};
use std::path::Path;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use vod2strm_core::event::{Event, FileEvent, Observer, Reason, Role};
use vod2strm_core::model::media::Kind;
use vod2strm_disk::fs::modes::own_file;

use crate::error::RunError;

const COLUMNS: [&str; 10] = [
    "type",
    "series_name",
    "season",
    "title",
    "year",
    "db_uuid",
    "strm_path",
    "nfo_path",
    "action",
    "reason",
];

/// How much of the report may be lost by a crash.
const FLUSH_EVERY: Duration = Duration::from_secs(1);

/// The listener that writes the report.
pub struct CsvReport {
    state: Mutex<State>,
}

struct State {
    writer: csv::Writer<File>,
    flushed: Instant,
    error: Option<csv::Error>,
}

impl CsvReport {
    /// Makes the file, over one that is there. Its folder is made too, unless it is a dry run.
    pub fn create(path: &Path, is_dry: bool) -> Result<CsvReport, RunError> {
        let failed =
            |source: io::Error| RunError::Report { path: path.display().to_string(), source };
        if let Some(folder) = path.parent().filter(|_| !is_dry) {
            std::fs::create_dir_all(folder).map_err(failed)?;
        }
        let file = own_file().write(true).truncate(true).open(path).map_err(failed)?;
        let state = State::begin(file).map_err(|error| failed(error.into()))?;
        Ok(CsvReport { state: Mutex::new(state) })
    }

    /// Writes the rest; the first error of the whole report comes to light here.
    pub fn finish(self) -> io::Result<()> {
        let mut state = self.state.into_inner().unwrap_or_else(|held| held.into_inner());
        match state.error {
            Some(error) => Err(error.into()),
            None => state.writer.flush(),
        }
    }
}

impl State {
    /// A report with nothing but its head.
    fn begin(file: File) -> csv::Result<State> {
        let mut writer = csv::Writer::from_writer(file);
        writer.write_record(COLUMNS)?;
        Ok(State { writer, flushed: Instant::now(), error: None })
    }

    fn add(&mut self, file: &FileEvent<'_>) -> csv::Result<()> {
        self.writer.write_record(row(file).map(harmless))?;
        if self.flushed.elapsed() > FLUSH_EVERY {
            self.writer.flush()?;
            self.flushed = Instant::now();
        }
        Ok(())
    }

    /// Takes back all rows. What is no plain file keeps them: a pipe has passed them on.
    fn begin_anew(&mut self) -> csv::Result<()> {
        self.writer.flush()?;
        let mut file = self.writer.get_ref().try_clone()?;
        if file.metadata()?.is_file() {
            file.set_len(0)?;
            file.rewind()?;
            *self = State::begin(file)?;
        }
        Ok(())
    }
}

impl Observer for CsvReport {
    fn event(&self, event: &Event<'_>) {
        let mut state = self.state.lock().unwrap_or_else(|held| held.into_inner());
        if state.error.is_some() {
            return;
        }
        let done = match event {
            Event::File(file) => state.add(file),
            Event::Anew => state.begin_anew(),
            _ => Ok(()),
        };
        state.error = done.err();
    }
}

/// A cell that no spreadsheet takes for a formula: names come from strangers.
pub fn harmless(cell: String) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell }
}

fn row(file: &FileEvent<'_>) -> [String; 10] {
    let title = &file.title;
    let series = if title.kind == Kind::Series { title.name } else { "" };
    let (name, uuid) = match file.episode {
        Some((name, uuid)) => (name, uuid),
        None => (title.name, title.uuid),
    };
    let (strm, nfo) = if file.role.is_strm() { (file.path, "") } else { ("", file.path) };
    let is_series_itself = file.reason == Reason::NoEpisodes && file.role == Role::TvshowNfo;
    let role = if is_series_itself { "series" } else { file.role.as_str() };
    [
        role.to_owned(),
        series.to_owned(),
        file.season.map_or(String::new(), |season| season.to_string()),
        name.to_owned(),
        title.year.map_or(String::new(), |year| year.to_string()),
        uuid.unwrap_or_default().to_owned(),
        strm.to_owned(),
        nfo.to_owned(),
        file.action.as_str().to_owned(),
        match file.detail {
            Some(detail) => format!("{}: {detail}", file.reason.as_str()),
            None => file.reason.as_str().to_owned(),
        },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_begins_a_formula_gets_a_mark() {
        for cell in ["=1", "+1", "-1", "@A1", "\t=1", "\r=1"] {
            assert_eq!(harmless(cell.to_owned()), format!("'{cell}"));
        }
        for cell in ["", "Heat", "'=1", " =1", "1=1"] {
            assert_eq!(harmless(cell.to_owned()), cell);
        }
    }
}
