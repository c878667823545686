//! The CSV report, with the columns of the original's. It is written while the run goes: a run that is cut off leaves
//! what it did until then.

use std::fs::File;
use std::io::{self, Seek};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

use vod2strm_core::event::{Event, FileEvent, Observer, Reason, Role};
use vod2strm_core::model::media::Kind;
use vod2strm_engine::error::RunError;
use vod2strm_engine::host::{Listener, own_file};

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
    path: PathBuf,
    /// Whether the folder of the report is made where it is missing.
    makes_folder: bool,
    /// `None` until the run may begin: one that may not leaves the last one's report alone.
    state: Mutex<Option<CsvState>>,
}

struct CsvState {
    writer: csv::Writer<File>,
    flushed: Instant,
    error: Option<csv::Error>,
}

impl CsvReport {
    /// A report at this path, over one that is there. Its folder is made too, unless it is a preview.
    pub fn new(path: &Path, is_preview: bool) -> CsvReport {
        CsvReport { path: path.to_owned(), makes_folder: !is_preview, state: Mutex::new(None) }
    }

    fn create(&self) -> io::Result<CsvState> {
        if self.makes_folder
            && let Some(folder) = self.path.parent()
        {
            std::fs::create_dir_all(folder)?;
        }
        Ok(CsvState::begin(own_file().write(true).truncate(true).open(&self.path)?)?)
    }

    fn lock(&self) -> MutexGuard<'_, Option<CsvState>> {
        self.state.lock().unwrap_or_else(|held| held.into_inner())
    }

    fn failed(&self, source: io::Error) -> RunError {
        RunError::Report { path: self.path.display().to_string(), source }
    }
}

impl Listener for CsvReport {
    /// Makes the file. If a second run goes on where a first one was ended by a damaged ledger, the report is that of
    /// the second.
    fn begin(&self) -> Result<(), RunError> {
        let mut state = self.lock();
        let begun = match state.take() {
            None => self.create(),
            Some(before) => before.begin_anew(),
        };
        *state = Some(begun.map_err(|error| self.failed(error))?);
        Ok(())
    }

    /// Writes the rest; the first error of the whole report comes to light here.
    fn end(&self) -> Result<(), RunError> {
        let mut state = self.lock();
        let Some(state) = state.as_mut() else { return Ok(()) };
        let written = match state.error.take() {
            Some(error) => Err(error.into()),
            None => state.writer.flush(),
        };
        written.map_err(|error| self.failed(error))
    }
}

impl CsvState {
    /// A report with nothing but its head.
    fn begin(file: File) -> csv::Result<CsvState> {
        let mut writer = csv::Writer::from_writer(file);
        writer.write_record(COLUMNS)?;
        Ok(CsvState { writer, flushed: Instant::now(), error: None })
    }

    fn add(&mut self, file: &FileEvent<'_>) -> csv::Result<()> {
        self.writer.write_record(row(file).map(harmless))?;
        if self.flushed.elapsed() > FLUSH_EVERY {
            self.writer.flush()?;
            self.flushed = Instant::now();
        }
        Ok(())
    }

    /// The same report without its rows. What is no plain file keeps them: a pipe has passed them on.
    fn begin_anew(mut self) -> io::Result<CsvState> {
        self.writer.flush()?;
        let mut file = self.writer.get_ref().try_clone()?;
        if !file.metadata()?.is_file() {
            return Ok(self);
        }
        file.set_len(0)?;
        file.rewind()?;
        Ok(CsvState::begin(file)?)
    }
}

impl Observer for CsvReport {
    fn event(&self, event: &Event<'_>) {
        let mut state = self.lock();
        let (Event::File(file), Some(state)) = (event, state.as_mut()) else { return };
        if state.error.is_none() {
            state.error = state.add(file).err();
        }
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
        match (file.from, file.detail) {
            (Some(from), _) => format!("{}: from {from}", file.reason.as_str()),
            (None, Some(detail)) => format!("{}: {detail}", file.reason.as_str()),
            (None, None) => file.reason.as_str().to_owned(),
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
