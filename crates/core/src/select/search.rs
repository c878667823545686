//! What somebody looks for in a source or a ledger: a part of a name, or an id.

use std::str::FromStr;

use super::lines::{BadLine, TitleLine, TitleLines, begins_line, word};
use crate::model::media::{Details, Kind, Shown};
use crate::names::cleaner::NameCleaner;
use crate::text::words::search_key;

/// What nobody can look for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadSearch {
    /// It has neither a letter nor a digit.
    #[error("wanted is a part of a name, an id as movie:tmdb:603 or imdb:tt0133093, or a path")]
    Nothing,
    /// It begins as an id does, and is none.
    #[error("{0}; a part of a name may stand alone, or behind movie: or series:")]
    Line(#[from] BadLine),
}

/// What is looked for.
#[derive(Clone, Debug)]
pub struct TitleSearch {
    /// The words of the name, if it is looked for by name.
    words: Option<String>,
    /// The kind that is meant; both, without one.
    kind: Option<Kind>,
    /// Titles that are named as `block` names them.
    lines: Option<TitleLines>,
}

/// A title, or an entry of a source, as it is looked up.
#[derive(Clone, Copy, Debug, Default)]
pub struct SearchedName<'a> {
    /// Its kind, where that is known.
    pub kind: Option<Kind>,
    /// Its name, noise included.
    pub name: &'a str,
    /// Its year.
    pub year: Option<i32>,
    /// Its folder, if it has one.
    pub folder: Option<&'a str>,
    /// Its TMDB id.
    pub tmdb: Option<&'a str>,
    /// Its IMDb id.
    pub imdb: Option<&'a str>,
}

/// How well a name fits, the best first: the name, the words in it, the beginning of a word. Then come movies and series
/// before what is in no title, and shorter names before longer ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rank(u8, bool, usize);

impl FromStr for TitleSearch {
    type Err = BadSearch;

    fn from_str(text: &str) -> Result<TitleSearch, BadSearch> {
        if !begins_line(text) {
            return TitleSearch::of_words(None, text);
        }
        match text.parse::<TitleLine>() {
            Ok(line) => Ok(TitleSearch::of_lines(vec![line])),
            // Who looks for something may mean either.
            Err(BadLine::NoKind(id)) => {
                let line = |kind: Kind| format!("{kind}:tmdb:{id}").parse();
                let lines: Result<Vec<TitleLine>, BadLine> =
                    Kind::ALL.into_iter().map(line).collect();
                Ok(TitleSearch::of_lines(lines?))
            }
            Err(error) => match kind_and_text(text) {
                Some((kind, text)) => TitleSearch::of_words(Some(kind), text),
                None => Err(error.into()),
            },
        }
    }
}

/// `series:dark`: a part of the name of one kind.
fn kind_and_text(text: &str) -> Option<(Kind, &str)> {
    let (first, rest) = word(text)?;
    let kind = Kind::ALL.into_iter().find(|kind| kind.as_str() == first)?;
    (!begins_line(rest)).then_some((kind, rest))
}

impl TitleSearch {
    fn of_words(kind: Option<Kind>, text: &str) -> Result<TitleSearch, BadSearch> {
        let words = search_key(text);
        if words.is_empty() {
            return Err(BadSearch::Nothing);
        }
        Ok(TitleSearch { words: Some(words), kind, lines: None })
    }

    fn of_lines(lines: Vec<TitleLine>) -> TitleSearch {
        let words = lines.first().and_then(TitleLine::name).map(search_key);
        TitleSearch { words, kind: None, lines: Some(TitleLines::new(lines)) }
    }

    /// The words of the name that is looked for; `None` for an id.
    pub fn words(&self) -> Option<&str> {
        self.words.as_deref()
    }

    /// How well something fits; `None` if it is not looked for.
    pub fn rank(&self, named: &SearchedName<'_>, cleaner: &mut NameCleaner) -> Option<Rank> {
        if self.kind.is_some_and(|kind| named.kind.is_some_and(|it| it != kind)) {
            return None;
        }
        let Some(words) = &self.words else {
            return (self.is_named(named, None) == Some(true)).then_some(Rank(0, false, 0));
        };
        let key = search_key(named.name);
        let folder = named.folder.map(search_key).unwrap_or_default();
        let fits = fit(&key, named.year, words).into_iter().chain(fit(&folder, None, words));
        let fit = fits.min()?;
        let (is_other, length) = (named.kind.is_none(), key.len());
        if self.lines.is_none() && fit == Fit::Beginning {
            return Some(Rank(2, is_other, length));
        }
        let (name, year) = cleaner.name_and_year(named.name, named.kind, named.year);
        if self.lines.is_some() {
            let shown = Shown { name, year, country: None };
            return (self.is_named(named, Some(shown)) == Some(true))
                .then_some(Rank(0, is_other, length));
        }
        let clean = search_key(&name);
        let with_year = named.year.or(year).map(|year| format!("{clean} {year}"));
        let is_it = clean == *words || with_year.is_some_and(|it| it == *words);
        Some(Rank(u8::from(!is_it), is_other, length))
    }

    /// Whether a line names it; `None` where there are none.
    fn is_named(&self, named: &SearchedName<'_>, shown: Option<Shown>) -> Option<bool> {
        let lines = self.lines.as_ref()?;
        let details = Details {
            name: named.name.to_owned(),
            year: named.year,
            tmdb: named.tmdb.map(Into::into),
            imdb: named.imdb.map(Into::into),
            shown,
            ..Details::default()
        };
        let is_named = |kind: &Kind| !lines.naming(*kind, &details).is_empty();
        let mut kinds =
            Kind::ALL.into_iter().filter(|kind| named.kind.is_none_or(|it| it == *kind));
        Some(kinds.any(|kind| is_named(&kind)))
    }
}

/// How words stand in a name.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    /// As whole words.
    Whole,
    /// The last one as the beginning of a word.
    Beginning,
}

/// How words stand in a name that has a year; `None` if they do not.
fn fit(key: &str, year: Option<i32>, words: &str) -> Option<Fit> {
    let mut found = None;
    for (at, _) in key.match_indices(words) {
        let (before, after) = (&key[..at], &key[at + words.len()..]);
        if !before.is_empty() && !before.ends_with(' ') {
            continue;
        }
        if after.is_empty() || after.starts_with(' ') {
            return Some(Fit::Whole);
        }
        found = Some(Fit::Beginning);
    }
    let ends_in_year = || {
        let front = words.strip_suffix(&year?.to_string())?.strip_suffix(' ')?;
        fit(key, None, front).filter(|fit| *fit == Fit::Whole)
    };
    ends_in_year().or(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::category_habits::Habits;
    use crate::names::years::Years;

    fn cleaner() -> NameCleaner {
        let (years, habits) = (Years::plausible_in(2026), Habits::new());
        NameCleaner { pattern: None, takes_tags: true, years, habits, too_slow: 0 }
    }

    fn ranks(text: &str, names: &[&str]) -> Vec<String> {
        let mut cleaner = cleaner();
        let search: TitleSearch = text.parse().unwrap();
        let mut found: Vec<(Rank, &str)> = names
            .iter()
            .filter_map(|name| {
                let named = SearchedName { name, ..SearchedName::default() };
                Some((search.rank(&named, &mut cleaner)?, *name))
            })
            .collect();
        found.sort_unstable();
        found.into_iter().map(|(_, name)| name.to_owned()).collect()
    }

    #[test]
    fn the_name_comes_before_the_words_in_it_and_these_before_beginnings() {
        let names = ["Heathers", "Wheat", "In the Heat of the Night", "EN - HÉAT (1995)", "Heat 2"];
        let expected = ["EN - HÉAT (1995)", "Heat 2", "In the Heat of the Night", "Heathers"];
        assert_eq!(ranks("héat", &names), expected);
        assert_eq!(ranks("Heat (1995)", &names), ["EN - HÉAT (1995)"]);
        assert_eq!(ranks("name:Heat", &names), ["EN - HÉAT (1995)"; 0], "accents part names");
        assert_eq!(ranks("name:Héat", &names), ["EN - HÉAT (1995)"]);
    }

    #[test]
    fn ids_and_kinds_are_heeded() {
        let mut cleaner = cleaner();
        let mut finds = |text: &str, kind| {
            let search: TitleSearch = text.parse().unwrap();
            let named = SearchedName {
                kind,
                name: "Dark",
                year: Some(2017),
                folder: Some("D/Finster (2017)"),
                tmdb: Some("70523"),
                imdb: Some("tt5753856"),
            };
            search.rank(&named, &mut cleaner).is_some()
        };
        let (movie, series) = (Some(Kind::Movie), Some(Kind::Series));
        for (text, kind, is_found) in [
            ("tmdb:70523", series, true),
            ("tmdb:70523", movie, true),
            ("series:tmdb:70523", movie, false),
            ("imdb:tt5753856", None, true),
            ("tmdb:1", series, false),
            ("series:dark", series, true),
            ("movie:dark", series, false),
            ("dark 2017", series, true),
            ("dark 2018", series, false),
            ("finster", series, true),
            ("name:Dark (2017)", series, true),
            ("movie:name:Dark", series, false),
        ] {
            assert_eq!(finds(text, kind), is_found, "{text} {kind:?}");
        }
    }

    #[test]
    fn what_cannot_be_looked_for_says_what_can() {
        for (text, expected) in [
            ("", BadSearch::Nothing),
            (" ?! ", BadSearch::Nothing),
            ("tmdb:abc", BadSearch::Line(BadLine::Unknown)),
            ("movie:imdb:603", BadSearch::Line(BadLine::Unknown)),
            ("series:", BadSearch::Nothing),
        ] {
            assert_eq!(text.parse::<TitleSearch>().unwrap_err(), expected, "{text}");
        }
    }
}
