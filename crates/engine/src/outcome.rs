//! How a run ended and what it did: what `--json` prints, and what the ledger keeps of it.

use serde::{Serialize, Serializer};
use vod2strm_core::status::Status;
use vod2strm_core::text::secrets::Redactor;
use vod2strm_core::timing::agenda::RunTrigger;
use vod2strm_disk::fs::tree::Calls;

use crate::config::LibraryConfig;
use crate::counts::Counts;
use crate::error::RunError;
use crate::fetched::RefreshReport;
use crate::read::select::Matches;
use crate::request::Request;

/// All that is known at the end of a run.
#[derive(Clone, Debug, Serialize)]
pub struct Outcome {
    /// How it ended; in JSON the exit status.
    #[serde(serialize_with = "number")]
    pub status: Status,
    /// Why the run failed, in several lines; `None` when it came to its end.
    pub error: Option<String>,
    /// Whether nothing was written on purpose.
    pub dry_run: bool,
    /// Why a service began it; `None` when a person did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trigger: Option<RunTrigger>,
    /// The source, without credentials.
    pub source: String,
    /// The output folder.
    pub output: String,
    /// The layout.
    pub layout: &'static str,
    /// What the filter does with all titles; looked at in dry runs alone.
    pub filter: Option<Matches>,
    /// What came of asking for episodes; `None` when nobody was asked.
    pub refresh: Option<RefreshReport>,
    /// Titles, files, problems, warnings, seconds by phase.
    #[serde(flatten)]
    pub counts: Counts,
    /// Whether addresses in `.strm` files hold a login.
    pub has_logins: bool,
    /// SQL statements sent to the source.
    pub sql_statements: u64,
    /// Whether what is no longer wanted goes: off, preview or apply.
    pub cleanup: &'static str,
    /// Calls to the file system below the output folder; `None` for a dry run.
    pub file_system_calls: Option<CallCounts>,
    /// Peak memory of the process in bytes, where the system tells; whoever runs it knows.
    pub peak_memory_bytes: Option<u64>,
    /// Files may be written because this version says more in them than the one that wrote them.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub says_more: bool,
    /// How far the run came.
    #[serde(skip)]
    pub end: End,
    /// Why a listener could not write all that it was told, in several lines.
    #[serde(skip)]
    pub untold: Option<String>,
}

/// How far a run came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// To its end; some titles may have failed.
    Whole,
    /// Until somebody cancelled it; what it did until then is whole.
    Cancelled,
    /// Until an error ended it.
    Failed {
        /// The ledger is damaged: another run can do without it.
        is_ledger_damaged: bool,
    },
}

/// How many calls there were to the file system, by kind.
#[derive(Clone, Debug, Serialize)]
pub struct CallCounts {
    stats: u64,
    reads: u64,
    dirs: u64,
    writes: u64,
    renames: u64,
    removals: u64,
    syncs: u64,
}

impl From<Calls> for CallCounts {
    fn from(calls: Calls) -> CallCounts {
        let Calls { stats, reads, dirs, writes, renames, removals, syncs } = calls;
        CallCounts { stats, reads, dirs, writes, renames, removals, syncs }
    }
}

/// A status as a number.
fn number<S: Serializer>(status: &Status, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u8(*status as u8)
}

impl Outcome {
    /// Of a run that has done nothing yet.
    pub fn new(config: &LibraryConfig, request: &Request) -> Outcome {
        Outcome {
            status: Status::Done,
            error: None,
            dry_run: request.mode.is_preview(),
            trigger: request.trigger,
            source: config.label.clone(),
            output: config.place.output.display().to_string(),
            layout: config.policy.layout.as_str(),
            filter: None,
            refresh: None,
            counts: Counts::default(),
            has_logins: false,
            sql_statements: 0,
            cleanup: config.cleanup.as_str(),
            file_system_calls: None,
            peak_memory_bytes: None,
            says_more: false,
            end: End::Whole,
            untold: None,
        }
    }

    /// Notes that an error ended the run.
    pub fn fail(&mut self, error: &RunError, redactor: &Redactor) {
        self.status = error.status();
        self.error = Some(error.render(redactor).trim_end().to_owned());
        self.end = End::Failed { is_ledger_damaged: error.is_ledger_damaged() };
    }

    /// Notes that somebody cancelled the run.
    pub fn cancel(&mut self, error: &RunError, redactor: &Redactor) {
        self.fail(error, redactor);
        self.end = End::Cancelled;
    }

    /// Notes how the run ended that did all it could.
    pub fn conclude(&mut self) {
        self.status = self.counts.status();
        let has_failed = self.refresh.as_ref().is_some_and(RefreshReport::has_failed);
        if self.status == Status::Done && has_failed {
            self.status = Status::SomeFailed;
        }
    }

    /// Notes that a listener could not write all that it was told. What ended the run counts more.
    pub fn note_untold(&mut self, error: &RunError, redactor: &Redactor) {
        let text = error.render(redactor).trim_end().to_owned();
        if self.end == End::Whole {
            self.error = Some(text.clone());
            if self.status == Status::Done {
                self.status = error.status();
            }
        }
        self.untold = Some(text);
    }

    /// One JSON object, with a line end.
    pub fn json(&self) -> String {
        // Maps with text keys and numbers: nothing in it can fail to be written.
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }
}
