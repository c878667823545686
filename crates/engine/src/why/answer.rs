//! What is told of a title, or of an entry of the source: the decisions one after the other, and what they come to.

use serde::Serialize;
use vod2strm_core::entries::WhyLeftOut;
use vod2strm_core::model::media::Kind;
use vod2strm_core::status::Status;

/// What comes of looking for something.
#[derive(Debug, Default, Serialize)]
pub struct Answer {
    /// What was looked for.
    pub query: String,
    /// How many entries of the source match; `None` if it was not asked.
    pub entries: Option<u64>,
    /// How many titles of the ledger match.
    pub known: u64,
    /// What is told of a path itself.
    pub path: Option<String>,
    /// Whether more matches than is told.
    #[serde(skip)]
    pub has_more: bool,
    /// The best of what matches.
    pub titles: Vec<TitleAnswer>,
    /// The nearest names, where nothing matches.
    pub nearest: Vec<String>,
    /// Why the source could not be read, ready to be printed.
    pub source_error: Option<String>,
    /// That the library has lost its ledger, ready to be printed.
    pub ledger_error: Option<String>,
}

impl Answer {
    /// Whether nothing matches.
    pub fn is_empty(&self) -> bool {
        self.titles.is_empty() && self.path.is_none()
    }

    /// What could not be read.
    pub fn errors(&self) -> impl Iterator<Item = &str> {
        self.ledger_error.iter().chain(&self.source_error).map(String::as_str)
    }

    /// The exit status: without the source, or the ledger, only a part is told.
    pub fn status(&self) -> Status {
        if self.errors().next().is_some() { Status::SomeFailed } else { Status::Done }
    }
}

/// What is told of one title.
#[derive(Debug, Serialize)]
pub struct TitleAnswer {
    /// Movie or series; `None` for an entry of which nobody can say.
    pub kind: Option<Kind>,
    /// The name that people see.
    pub name: String,
    /// The year.
    pub year: Option<i32>,
    /// What all decisions come to.
    pub verdict: Verdict,
    /// The reason for which it is left out, as `left_out` of a run has it.
    pub reason: Option<&'static str>,
    /// What decides.
    pub because: String,
    /// The decisions, in order.
    pub steps: Vec<DecisionStep>,
    /// Its folder, below the output folder: the one that it has, or would get.
    pub folder: Option<String>,
    /// Some of its files, as the ledger has them.
    pub files: Vec<FileAnswer>,
    /// How many further files there are.
    pub further_files: u64,
}

/// What the decisions on a title come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The library has it.
    InLibrary,
    /// The next run writes it.
    ToBeWritten,
    /// It is in the source, and left out.
    LeftOut,
    /// The source lacks it; it goes, or has gone on disk, with a cleanup.
    Missing,
    /// It waits for a person.
    Held,
    /// The last run could not make it right.
    Failed,
    /// Its files were removed.
    Removed,
}

impl Verdict {
    /// For people.
    pub fn words(self) -> &'static str {
        match self {
            Verdict::InLibrary => "in the library",
            Verdict::ToBeWritten => "not there yet",
            Verdict::LeftOut => "left out",
            Verdict::Missing => "missing from the source",
            Verdict::Held => "held",
            Verdict::Failed => "failed",
            Verdict::Removed => "removed",
        }
    }
}

/// A verdict with what decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct VerdictReason {
    pub(super) verdict: Verdict,
    pub(super) reason: Option<WhyLeftOut>,
    pub(super) because: String,
}

impl VerdictReason {
    /// A verdict without a reason for which entries are left out.
    pub(super) fn of(verdict: Verdict, because: impl Into<String>) -> VerdictReason {
        VerdictReason { verdict, reason: None, because: because.into() }
    }

    /// It is left out.
    pub(super) fn left_out(why: WhyLeftOut, because: impl Into<String>) -> VerdictReason {
        VerdictReason { reason: Some(why), ..VerdictReason::of(Verdict::LeftOut, because) }
    }
}

/// A decision on the way from an entry to its files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DecisionStep {
    /// What decides: `entry`, `account`, `category`, `filter`, `block`, `pick`, `ids`, `merge`, `version`, `name`,
    /// `folder`, `ledger`, `history`.
    pub step: &'static str,
    /// Whether it lets the title pass; `None` where it only says something.
    pub passes: Option<bool>,
    /// What was found.
    pub text: String,
    /// The parts of which it consists, each by itself.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<StepPart>,
}

/// A part of a decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StepPart {
    /// What it is.
    pub text: String,
    /// Whether it lets the title pass, or is used.
    pub passes: bool,
}

impl DecisionStep {
    /// One that only says something.
    pub(super) fn says(step: &'static str, text: impl Into<String>) -> DecisionStep {
        DecisionStep { step, passes: None, text: text.into(), parts: Vec::new() }
    }

    /// One that decides.
    pub(super) fn decides(
        step: &'static str,
        passes: bool,
        text: impl Into<String>,
    ) -> DecisionStep {
        DecisionStep { passes: Some(passes), ..DecisionStep::says(step, text) }
    }

    /// The same with its parts.
    pub(super) fn with(self, parts: Vec<StepPart>) -> DecisionStep {
        DecisionStep { parts, ..self }
    }
}

/// A file of a title, as the ledger has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FileAnswer {
    /// Below the output folder.
    pub path: String,
    /// Whether something is there on disk; `None` if that cannot be looked at.
    pub is_there: Option<bool>,
    /// Why it is to go, if it is.
    pub unwanted: Option<String>,
}
