//! Regular expressions of users and providers, in Python's syntax, that end on every text.

use fancy_regex::{Regex, RegexBuilder};

/// Steps that a pattern may take back on one text. Patterns that need more hardly end at all on some
/// other text.
const MOST_STEPS: usize = 20_000;

/// A pattern took too long for a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooSlow;

/// A regular expression with a limit; the error says why it is none.
pub(crate) fn limited(text: &str) -> Result<Regex, String> {
    let regex = RegexBuilder::new(text).backtrack_limit(MOST_STEPS).build();
    regex.map_err(|error| error.to_string())
}
