//! Regular expressions of users and providers, in Python's syntax, that end on every text.

use fancy_regex::{Error, Regex, RegexBuilder};

/// Steps that a pattern may take back on one text. Patterns that need more hardly end at all on some
/// other text.
const MOST_STEPS: usize = 20_000;

/// A pattern took too long for a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooSlow;

/// A text that is no regular expression. The words of the library stay out: they repeat the text, and a password
/// may stand in the wrong line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadPattern {
    /// Something in it means nothing.
    #[error("wanted is a regular expression, and from byte {0} on it is none")]
    From(usize),
    /// Every part means something, and the whole cannot be used.
    #[error(
        "wanted is a regular expression that can be used: this one is too big, or names a group that it lacks"
    )]
    Whole,
}

/// A regular expression with a limit.
pub(crate) fn limited(text: &str) -> Result<Regex, BadPattern> {
    let regex = RegexBuilder::new(text).backtrack_limit(MOST_STEPS).build();
    regex.map_err(|error| match error {
        Error::ParseError(at, _) => BadPattern::From(at + 1),
        _ => BadPattern::Whole,
    })
}
