//! What came of asking for episodes.

use std::collections::BTreeMap;

use serde::Serialize;
use vod2strm_core::pace::requests::{MOST_FAILURES, StopReason};
use vod2strm_core::text::counted;

/// So many series, which a later run asks for.
pub fn left_for_later(series: usize) -> String {
    counted(series as u64, "series is left for later", "series are left for later")
}

/// What a refresh did; of a dry run, what it would do.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct RefreshReport {
    /// Series to ask for, by reason.
    pub due: BTreeMap<&'static str, u64>,
    /// Series that were empty or failed not long ago, and are left alone for a while.
    pub waiting: u64,
    /// Series whose episodes were fetched anew.
    pub fetched: u64,
    /// Episodes that these have.
    pub episodes: u64,
    /// Of the fetched, series that have none.
    pub empty: u64,
    /// Series that had nothing to play when the run read the source, and have their first files now.
    pub new: u64,
    /// How many entries these are made of.
    #[serde(skip)]
    pub new_entries: u64,
    /// Series of which further files were written, and that the run had not written before.
    pub changed: u64,
    /// Series that could not be fetched, by reason.
    pub failed: BTreeMap<String, u64>,
    /// Accounts that were not asked to the end.
    pub stopped: Vec<Stopped>,
    /// How long asking takes at least, in seconds: what the settings allow.
    pub seconds_at_least: f64,
    /// The first series in the line; of a dry run alone.
    pub first: Vec<String>,
}

/// An account that was not asked to the end.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Stopped {
    /// The account, by the source's id.
    pub account: i64,
    /// Its name.
    pub name: String,
    /// Its series that are left for later.
    pub left: usize,
    /// Why, in words.
    pub why: String,
    /// Whether it is the user's own limit.
    #[serde(skip)]
    pub is_wanted: bool,
}

impl Stopped {
    /// An account of which so many series are left.
    pub fn new(account: i64, name: String, end: StopReason, left: usize) -> Stopped {
        let (is_wanted, why) = match end {
            StopReason::Failures => (
                false,
                format!(
                    "it failed {MOST_FAILURES} times in a row, and is not asked any more in this run"
                ),
            ),
            StopReason::Budget => (true, "the budget of this run is used up".to_owned()),
        };
        Stopped { account, name, left, why, is_wanted }
    }
}

impl RefreshReport {
    /// Whether something was to be fetched and was not, for a reason that is no setting's.
    pub fn has_failed(&self) -> bool {
        !self.failed.is_empty() || self.stopped.iter().any(|stopped| !stopped.is_wanted)
    }
}
