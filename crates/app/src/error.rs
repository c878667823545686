//! Errors of commands: of settings and of the command line, beside those of the runs.

use std::io;

use vod2strm_core::status::Status;
use vod2strm_core::text::secrets::Redactor;
use vod2strm_engine::error::{RunError, rendered, room_for_file};
use vod2strm_engine::source::CatalogError;

/// Why a command ended early.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// A setting is wrong; the text says which and what it should be.
    #[error("{0}")]
    Usage(String),
    /// The source's address is not one.
    #[error("{origin}: {error}")]
    Source {
        /// The flag, the variable, or the line of the settings file.
        origin: String,
        /// What is wrong with it.
        error: CatalogError,
    },
    /// The log file.
    #[error("cannot write the log file {path}")]
    Log {
        /// The file.
        path: String,
        /// The system's reason.
        source: io::Error,
    },
    /// The run.
    #[error(transparent)]
    Run(#[from] RunError),
}

impl CommandError {
    /// The exit status.
    pub fn status(&self) -> Status {
        match self {
            CommandError::Usage(_) | CommandError::Source { .. } => Status::Usage,
            CommandError::Log { .. } => Status::Failed,
            CommandError::Run(error) => error.status(),
        }
    }

    /// The error, its causes and what to try, without a credential, ready to be printed.
    pub fn render(&self, redactor: &Redactor) -> String {
        match self {
            CommandError::Usage(_) => rendered(self, None, redactor),
            CommandError::Source { error, .. } => rendered(self, error.hint(), redactor),
            CommandError::Log { source, .. } => {
                rendered(self, Some(room_for_file(source)), redactor)
            }
            CommandError::Run(error) => error.render(redactor),
        }
    }
}
