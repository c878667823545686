//! The log: what a run says, a line each, for machines and for those who look for a cause. On standard
//! error when asked for, and in a file that is begun anew when it gets too big.

use std::fs::File;
use std::io::{self, Write, stderr};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock};

use tracing::{debug, info, warn};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::Layer;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::reload;
use tracing_subscriber::util::SubscriberInitExt;
use vod2strm_core::event::{Event, HeldEvent, Observer};
use vod2strm_core::text::printable;
use vod2strm_engine::host::{Listener, own_file};

use crate::error::CommandError;
use crate::secrets::SECRETS;
use crate::settings::log::{Format, LogSettings, numbered};

/// Begins to log, once for the process; without settings that ask for it, nothing is written.
pub fn start(settings: &LogSettings) -> Result<(), CommandError> {
    begin(settings, false)
}

/// The same for a service, whose levels may change while it works.
pub fn start_of_service(settings: &LogSettings) -> Result<(), CommandError> {
    begin(settings, true)
}

/// What is logged of which module: in the file, and on standard error.
fn levels(settings: &LogSettings) -> Result<(EnvFilter, EnvFilter), CommandError> {
    let usual = if settings.verbose { "vod2strm=debug" } else { "vod2strm=info" };
    let wanted = settings.filter.as_deref().unwrap_or(usual);
    let filter = EnvFilter::builder().parse(wanted).map_err(|_| bad_filter())?;
    let is_loud = settings.verbose || settings.filter.is_some();
    let on_stderr = if is_loud { filter.clone() } else { EnvFilter::new("off") };
    Ok((filter, on_stderr))
}

/// Changes the levels of a log.
type SetLevels = Box<dyn Fn(EnvFilter, EnvFilter) + Send + Sync>;

/// What changes the levels of a service's log.
static LEVELS: OnceLock<SetLevels> = OnceLock::new();

/// Has a service log by these levels from now on.
pub fn set_levels(settings: &LogSettings) -> Result<(), CommandError> {
    let (in_file, on_stderr) = levels(settings)?;
    LEVELS.get().into_iter().for_each(|set| set(in_file.clone(), on_stderr.clone()));
    Ok(())
}

fn begin(settings: &LogSettings, is_service: bool) -> Result<(), CommandError> {
    let (filter, stderr_filter) = levels(settings)?;
    let file = settings.file.as_ref().map(|path| LogFile::open(path, settings)).transpose()?;
    file.iter().for_each(|file| drop(FILE.set(file.clone())));
    let is_loud = settings.verbose || settings.filter.is_some() || is_service;
    let on_stderr = is_loud.then(|| layer(Censored(LogSink::Stderr), settings.format));
    let in_file = file.map(|file| layer(Censored(LogSink::File(file)), settings.format));
    let (stderr_filter, stderr_levels) = reload::Layer::new(stderr_filter);
    let (filter, file_levels) = reload::Layer::new(filter);
    let started = tracing_subscriber::registry()
        .with(on_stderr.map(|it| it.with_filter(stderr_filter)))
        .with(in_file.map(|it| it.with_filter(filter)))
        .try_init();
    let set = move |in_file, on_stderr| {
        // A log that nobody began has no levels.
        drop(file_levels.reload(in_file));
        drop(stderr_levels.reload(on_stderr));
    };
    drop(LEVELS.set(Box::new(set)));
    // Somebody who uses this as a library may log already.
    drop(started);
    Ok(())
}

/// The value is not shown: whoever mixes up two variables may have written a password there.
fn bad_filter() -> CommandError {
    let text = "RUST_LOG: what is there says no levels; write for example vod2strm=debug,hyper=info, or unset it";
    CommandError::Usage(text.to_owned())
}

type AnyLayer<S> = Box<dyn Layer<S> + Send + Sync>;

fn layer<S>(writer: Censored, format: Format) -> AnyLayer<S>
where
    S: tracing::Subscriber + for<'a> tracing_subscriber::registry::LookupSpan<'a>,
{
    let layer = tracing_subscriber::fmt::layer().with_writer(writer).with_ansi(false);
    match format {
        Format::Text => Box::new(layer),
        Format::Json => Box::new(layer.json().flatten_event(true)),
    }
}

/// Where lines go.
#[derive(Clone)]
enum LogSink {
    Stderr,
    File(Arc<Mutex<LogFile>>),
}

/// Lines without what is secret: each is written at once, whatever library it comes from.
#[derive(Clone)]
struct Censored(LogSink);

impl<'a> MakeWriter<'a> for Censored {
    type Writer = Censored;

    fn make_writer(&'a self) -> Censored {
        self.clone()
    }
}

impl Write for Censored {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(line);
        let text = SECRETS.censored(&text);
        let text = printable(&text);
        match &self.0 {
            // A closed standard error is no reason to fail, and nobody could be told.
            LogSink::Stderr => drop(stderr().write_all(text.as_bytes())),
            LogSink::File(file) => locked(file).write(text.as_bytes()),
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A file of bounded size. When it is full it becomes `FILE.1`, the one before `FILE.2`, and so on.
struct LogFile {
    path: PathBuf,
    file: File,
    size: u64,
    most_bytes: u64,
    most_files: u32,
    /// The first error; it is told at the end.
    error: Option<io::Error>,
}

/// The log file, if there is one: whoever ends the process asks whether all was written.
static FILE: OnceLock<Arc<Mutex<LogFile>>> = OnceLock::new();

fn locked(file: &Mutex<LogFile>) -> MutexGuard<'_, LogFile> {
    file.lock().unwrap_or_else(|held| held.into_inner())
}

impl LogFile {
    fn open(path: &Path, settings: &LogSettings) -> Result<Arc<Mutex<LogFile>>, CommandError> {
        let failed = |source| CommandError::Log { path: path.display().to_string(), source };
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(failed)?;
        }
        let file = append(path).map_err(failed)?;
        let size = file.metadata().map_err(failed)?.len();
        let LogSettings { most_bytes, most_files, .. } = *settings;
        let path = path.to_owned();
        let log = LogFile { path, file, size, most_bytes, most_files, error: None };
        Ok(Arc::new(Mutex::new(log)))
    }

    /// Writes a line; of what fails the first error is kept.
    fn write(&mut self, line: &[u8]) {
        let written = self.append(line);
        self.error = self.error.take().or(written.err());
    }

    fn append(&mut self, line: &[u8]) -> io::Result<()> {
        if self.size > 0 && self.size + line.len() as u64 > self.most_bytes {
            self.begin_anew()?;
        }
        self.file.write_all(line)?;
        self.size += line.len() as u64;
        Ok(())
    }

    #[expect(clippy::disallowed_methods, reason = "its own files, and no library's")]
    fn begin_anew(&mut self) -> io::Result<()> {
        let numbered = |number: u32| numbered(&self.path, number);
        for number in (1..self.most_files).rev() {
            match std::fs::rename(numbered(number - 1), numbered(number)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        if self.most_files == 1 {
            self.file.set_len(0)?;
        }
        self.file = append(&self.path)?;
        self.size = 0;
        Ok(())
    }
}

fn append(path: &Path) -> io::Result<File> {
    own_file().append(true).open(path)
}

/// The listener that logs what a run says.
pub struct Log;

impl Observer for Log {
    fn event(&self, event: &Event<'_>) {
        match event {
            Event::Phase(phase, titles) => debug!(titles, "{}", phase.as_str()),
            Event::Warning(text) => warn!("{}", SECRETS.shown(text)),
            Event::Held(HeldEvent { hold, id, titles, files }) => {
                let id = id.map(|id| id.to_string());
                warn!(id, titles, files, "held: {hold}");
            }
            Event::Untouched => debug!("the catalogue was not touched since the last run"),
            Event::Workers(number) => debug!(number, "workers"),
            Event::File(file) => debug!(
                action = file.action.as_str(),
                reason = file.reason.as_str(),
                path = file.path,
                from = file.from,
                detail = file.detail,
                "file"
            ),
            Event::RunStarted(run) => debug!(run = run.run, library = run.library, "run started"),
            Event::RunFinished(run, status) => {
                let status = *status as u8;
                debug!(run = run.run, library = run.library, status, "run finished");
            }
            Event::Title(title) => debug!(
                kind = title.title.kind.as_str(),
                name = title.title.name,
                folder = title.folder,
                outcome = title.outcome.as_str(),
                "title"
            ),
            Event::Titles(..) | Event::Entries(_) | Event::Stamps(_) | Event::Asked(_) => {}
        }
    }
}

impl Listener for Log {}

/// The line that a command leaves at its end. An error if the log file lacks a line.
pub fn finished(command: &str, status: u8, seconds: f64) -> Result<(), CommandError> {
    info!(status, seconds, "{command} finished");
    let Some(file) = FILE.get() else { return Ok(()) };
    let mut file = locked(file);
    let path = file.path.display().to_string();
    file.error.take().map_or(Ok(()), |source| Err(CommandError::Log { path, source }))
}
