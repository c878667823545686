//! Settings of which each value is a type.

use std::str::FromStr;

use vod2strm_core::policy::BadValue;

/// The most workers that there may be.
pub(super) const MOST_WORKERS: usize = 64;
/// As many as a disk of this machine can use.
pub(super) const USUAL_WORKERS: usize = 4;

/// A number of workers.
pub(super) struct Workers(pub(super) usize);

impl FromStr for Workers {
    type Err = BadValue;

    fn from_str(text: &str) -> Result<Workers, BadValue> {
        let number = text.parse().ok().filter(|number| (1..=MOST_WORKERS).contains(number));
        let bad = || BadValue {
            given: text.to_owned(),
            wanted: format!("a number from 1 to {MOST_WORKERS}"),
        };
        number.map(Workers).ok_or_else(bad)
    }
}

/// Whether what is no longer wanted goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cleanup {
    /// It stays.
    Off,
    /// It stays, and what would go is told.
    Preview,
    /// It goes.
    Apply,
}

/// A number of runs.
pub(super) struct Grace(pub(super) u32);

impl FromStr for Grace {
    type Err = BadValue;

    fn from_str(text: &str) -> Result<Grace, BadValue> {
        let number = text.parse().ok().filter(|number| *number <= 1_000);
        let wanted = "a number of runs from 0 to 1000".to_owned();
        number.map(Grace).ok_or(BadValue { given: text.to_owned(), wanted })
    }
}

impl Cleanup {
    /// The word in settings and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Cleanup::Off => "off",
            Cleanup::Preview => "preview",
            Cleanup::Apply => "apply",
        }
    }
}

impl FromStr for Cleanup {
    type Err = BadValue;

    fn from_str(text: &str) -> Result<Cleanup, BadValue> {
        match text {
            "off" => Ok(Cleanup::Off),
            "preview" => Ok(Cleanup::Preview),
            "apply" => Ok(Cleanup::Apply),
            _ => {
                Err(BadValue { given: text.to_owned(), wanted: "off, preview or apply".to_owned() })
            }
        }
    }
}
