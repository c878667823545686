//! Which stream of one title is the better one: `movie:tmdb:603 = language == de and quality >= 1080p`.

use std::str::FromStr;

use super::filter::{Facts, Filter, FilterError};
use super::lines::{BadLine, TitleLine, TitleLines};
use crate::hash::RowHasher;
use crate::model::media::{Details, Kind};

/// A preference for one title that cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadTitlePreference {
    /// It has no `=`.
    #[error("wanted is a title, =, and what is preferred: movie:tmdb:603 = language == de")]
    NoExpression,
    /// What stands before the `=`.
    #[error(transparent)]
    Title(#[from] BadLine),
    /// What stands behind it.
    #[error("behind the =, {0}")]
    Expression(#[from] FilterError),
}

/// Which streams of one title are the better ones.
#[derive(Clone, Debug)]
pub struct TitlePreference {
    text: String,
    line: TitleLine,
    filter: Filter,
}

impl FromStr for TitlePreference {
    type Err = BadTitlePreference;

    fn from_str(text: &str) -> Result<TitlePreference, BadTitlePreference> {
        // A name may have an `=` in it, and so may a value in quotation marks: what is behind the last one that can be
        // understood is the expression.
        let mut read = equals(text).map(|at| parted(text, at)).collect::<Vec<_>>();
        match read.iter().rposition(Result::is_ok) {
            Some(at) => read.swap_remove(at),
            None => read.into_iter().next().unwrap_or(Err(BadTitlePreference::NoExpression)),
        }
    }
}

/// A line that is parted at this place.
fn parted(text: &str, at: usize) -> Result<TitlePreference, BadTitlePreference> {
    let line = text[..at].parse()?;
    let filter = text[at + 1..].trim().parse()?;
    Ok(TitlePreference { text: text.trim().to_owned(), line, filter })
}

/// Where each `=` stands that is no part of a longer operator.
fn equals(text: &str) -> impl Iterator<Item = usize> {
    let bytes = text.as_bytes();
    let is_alone = move |at: &usize| {
        let before = at.checked_sub(1).and_then(|at| bytes.get(at));
        let is_part = |byte: Option<&u8>, of: &[u8]| byte.is_some_and(|byte| of.contains(byte));
        !is_part(before, b"=!<>") && !is_part(bytes.get(at + 1), b"=~")
    };
    text.match_indices('=').map(|(at, _)| at).filter(is_alone)
}

/// Preferences for single titles, the most important first.
#[derive(Clone, Debug, Default)]
pub struct TitlePreferences {
    all: Vec<TitlePreference>,
    /// The lines of all, in their order.
    lines: TitleLines,
    /// Stands for all that they say.
    digest: String,
}

impl TitlePreferences {
    /// These, in their order.
    pub fn new(all: Vec<TitlePreference>) -> TitlePreferences {
        let lines = TitleLines::in_order(all.iter().map(|own| own.line.clone()).collect());
        let mut hasher = RowHasher::default();
        hasher.start(b'o').text(lines.digest());
        all.iter().for_each(|own| {
            hasher.text(own.filter.normal());
        });
        let digest = format!("{:032x}", hasher.finish().0);
        TitlePreferences { all, lines, digest }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// All of them, as the user wrote them.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.all.iter().map(|own| own.text.as_str())
    }

    /// A short text that stands for all that they say.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// The places of those for a title.
    pub(super) fn of_title(&self, kind: Kind, details: &Details) -> Vec<usize> {
        self.lines.naming(kind, details)
    }

    /// Whether the one at this place prefers a stream; and whether a pattern took too long.
    pub(super) fn prefers(&self, at: usize, facts: &Facts<'_>) -> (bool, bool) {
        let evaluation = self.all[at].filter.evaluate(facts);
        (evaluation.is_wanted, evaluation.is_slow)
    }
}

impl PartialEq for TitlePreferences {
    fn eq(&self, other: &TitlePreferences) -> bool {
        let filters = |these: &TitlePreferences| {
            these.all.iter().map(|own| own.filter.clone()).collect::<Vec<_>>()
        };
        self.lines == other.lines && filters(self) == filters(other)
    }
}

impl Eq for TitlePreferences {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_title_and_an_expression() {
        let read = |text: &str| {
            text.parse::<TitlePreference>()
                .map(|own| own.line.as_str().to_owned() + "|" + own.filter.normal())
        };
        let filter = |text: &str| text.parse::<Filter>().unwrap().normal().to_owned();
        for (text, line, expression) in [
            ("movie:tmdb:603 = language == de", "movie:tmdb:603", "language == de"),
            (" imdb:tt0133093=quality >= 1080p ", "imdb:tt0133093", "quality >= 1080p"),
            ("name:Heat (1995) = name =~ 'a = b'", "name:Heat (1995)", "name =~ 'a = b'"),
            ("name:A = B (2020) = language == de", "name:A = B (2020)", "language == de"),
            ("name:A=B=name == 'x = y'", "name:A=B", "name == 'x = y'"),
        ] {
            assert_eq!(read(text), Ok(format!("{line}|{}", filter(expression))), "{text}");
        }
        for text in ["movie:tmdb:603", "", "movie:tmdb:603 == language", "name:Heat != adult"] {
            assert_eq!(read(text), Err(BadTitlePreference::NoExpression), "{text}");
        }
        assert!(matches!(read("tmdb:603 = adult"), Err(BadTitlePreference::Title(_))));
        let error = read("movie:tmdb:603 = stream == 5").unwrap_err();
        assert!(error.to_string().starts_with("behind the =, at column 1: "), "{error}");
    }

    #[test]
    fn what_differs_has_another_digest() {
        let of = |texts: &[&str]| {
            TitlePreferences::new(texts.iter().map(|text| text.parse().unwrap()).collect())
        };
        let first = of(&["name:Heat = language == de", "name:Dark = adult"]);
        let same = of(&["NAME:heat = (Language == 'de')", "name:Dark = adult"]);
        assert_eq!((first.digest(), &first), (same.digest(), &same));
        for other in [
            of(&["name:Heat = language == en", "name:Dark = adult"]),
            of(&["name:Heat = language == de"]),
            of(&["movie:name:Heat = language == de", "name:Dark = adult"]),
        ] {
            assert_ne!(first, other);
            assert_ne!(first.digest(), other.digest());
        }
    }
}
