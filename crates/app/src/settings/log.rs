//! Settings of the log.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use vod2strm_core::policy::BadValue;

use super::layers::Layers;
use super::values::Count;
use crate::error::CommandError;

/// As the original had it: five files of 10 MiB.
const MOST_MIB: u64 = 10;
const MOST_FILES: u64 = 5;

/// What is logged, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogSettings {
    /// Whether standard error gets it, with what is for those who look for a cause.
    pub verbose: bool,
    /// `RUST_LOG`: what of which module; with it, standard error gets it.
    pub filter: Option<String>,
    /// The file that gets it.
    pub file: Option<PathBuf>,
    /// What a line looks like.
    pub format: Format,
    /// The file is begun anew when it has so many bytes.
    pub most_bytes: u64,
    /// So many files are kept, the one that is written among them.
    pub most_files: u32,
}

/// What a line looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Text,
    /// A JSON object.
    Json,
}

/// The name of the log's file that was filled so many files ago.
pub fn numbered(path: &Path, number: u32) -> PathBuf {
    match number {
        0 => path.to_owned(),
        number => PathBuf::from(format!("{}.{number}", path.display())),
    }
}

impl FromStr for Format {
    type Err = BadValue;

    fn from_str(text: &str) -> Result<Format, BadValue> {
        match text {
            "text" => Ok(Format::Text),
            "json" => Ok(Format::Json),
            _ => Err(BadValue("text or json".to_owned())),
        }
    }
}

impl LogSettings {
    /// All files that the log may be in, the one that is written first.
    pub fn files(&self) -> impl Iterator<Item = PathBuf> {
        let numbers = 0..self.most_files;
        self.file.iter().flat_map(move |path| numbers.clone().map(|number| numbered(path, number)))
    }

    /// The settings.
    pub fn resolve(layers: &Layers) -> Result<LogSettings, CommandError> {
        let most_mib = layers.parsed("log_size", Count(MOST_MIB))?.0;
        let most_files = layers.parsed("log_files", Count(MOST_FILES))?.0;
        Ok(LogSettings {
            verbose: layers.switch("verbose")?,
            filter: layers.env.get("RUST_LOG").filter(|filter| !filter.is_empty()).cloned(),
            file: layers.text("log_file").map(PathBuf::from),
            format: layers.parsed("log_format", Format::Text)?,
            most_bytes: most_mib << 20,
            most_files: u32::try_from(most_files).unwrap_or(u32::MAX),
        })
    }
}
