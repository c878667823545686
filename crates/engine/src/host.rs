//! What a run gets from outside: who listens, who may cancel it, the time of day, sources, and whose process it is.

use std::fs::Metadata;
use std::io::{self, ErrorKind};
use std::path::Path;
use std::time::Duration;

use vod2strm_core::cancel::Cancel;
use vod2strm_core::event::{Event, Observer};
use vod2strm_core::text::secrets::Redactor;

pub use vod2strm_disk::fs::modes::own_file;

use crate::error::RunError;
use crate::source::Sources;

/// Everything that comes from outside.
#[derive(Clone, Copy)]
pub struct Host<'a> {
    /// Who listens.
    pub listeners: &'a [&'a dyn Listener],
    /// Who cancels it ends the run in order.
    pub cancel: &'a Cancel,
    /// The time of day.
    pub clock: &'a dyn Clock,
    /// Opens sources.
    pub sources: &'a dyn Sources,
    /// Who runs it, as another run is told that finds the library at work: `process 7`.
    pub who: &'a str,
    /// Knows what must not be shown of the library's settings, nor kept in its ledger.
    pub redactor: &'a Redactor,
}

/// The time of day.
pub trait Clock: Sync {
    /// How long 1970 is ago. No two runs on one machine see the same.
    fn since_1970(&self) -> Duration;

    /// Seconds since 1970.
    fn now(&self) -> i64 {
        i64::try_from(self.since_1970().as_secs()).unwrap_or(i64::MAX)
    }
}

/// A listener, which may have something to open before a run and to close after it, such as a file.
pub trait Listener: Observer {
    /// The run may begin, and has read nothing yet. An error ends it.
    fn begin(&self) -> Result<(), RunError> {
        Ok(())
    }

    /// The work is done, whatever came of it. An error is told beside what was done; `RunFinished`, whose status it
    /// may change, comes after.
    fn end(&self) -> Result<(), RunError> {
        Ok(())
    }
}

/// All listeners of a run, as one.
pub struct Listeners<'a>(pub &'a [&'a dyn Listener]);

impl Observer for Listeners<'_> {
    fn event(&self, event: &Event<'_>) {
        self.0.iter().for_each(|listener| listener.event(event));
    }
}

/// What is at a path; `None` if nothing is. An error if that cannot be looked at.
pub fn found(path: &Path) -> io::Result<Option<Metadata>> {
    match path.metadata() {
        Ok(found) => Ok(Some(found)),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}
