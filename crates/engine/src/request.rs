//! What somebody asks one run to do.

use vod2strm_core::hold::Permission;
use vod2strm_core::model::media::Kind;
use vod2strm_core::timing::agenda::RunTrigger;

/// Whether a run does what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// It does.
    Real,
    /// It says what it would do, and changes nothing.
    Preview,
}

impl Mode {
    /// Whether nothing is changed.
    pub fn is_preview(self) -> bool {
        self == Mode::Preview
    }
}

/// One run.
#[derive(Clone, Debug)]
pub struct Request {
    /// Whether it is done, or only told.
    pub mode: Mode,
    /// The kinds of titles that the run is about.
    pub kinds: Vec<Kind>,
    /// Whether every file is read, and not only every folder asked.
    pub full: bool,
    /// Whether known titles get the names of today.
    pub relayout: bool,
    /// What may be removed in this run, though it is held.
    pub permission: Permission,
    /// Why a service began it; `None` when a person did.
    pub trigger: Option<RunTrigger>,
}
