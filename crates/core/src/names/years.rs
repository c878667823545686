//! Release years inside names: `(2017)`, `[2017]`, and ` - 2017`, `. 2017` or a bare ` 2017` at the
//! end.
//!
//! A number is a year only between 1900 and the year after next. It is none when nothing but it would be the name:
//! `2012`, `1917` and `Blade Runner 2049` are films.

use std::ops::RangeInclusive;

use super::separators::{trim_separators, without_full_stop};
use super::vocabulary::is_technical;
use super::words::{MOVIE_GROUPS, SERIES_GROUPS, is_word_of};
use crate::date::Day;

/// Words after which a number at the end belongs to the name: `Class of 1984`.
pub(super) const LINKING: [&str; 4] = ["of", "in", "since", "from"];

/// The year of the first version: a clock that says an earlier one was never set.
const FIRST_YEAR: i32 = 2026;

/// A clock that says a later one was never set, either.
const LAST_YEAR: i32 = 9999;

/// The longest word that stands in a bracket before a year, in bytes.
const LONGEST_WORD: usize = 28;

/// What can be a release year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Years(RangeInclusive<i32>);

/// A year that something sets apart from the rest of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct YearPlace {
    /// First byte of what sets it apart.
    pub start: usize,
    /// Byte after the last.
    pub end: usize,
    /// The year.
    pub year: i32,
    /// Whether brackets do it, and no dash.
    pub is_bracketed: bool,
}

impl Years {
    /// The years that are plausible in `current`: from 1900 to two years ahead.
    pub fn plausible_in(current: i32) -> Years {
        Years(1900..=current + 2)
    }

    /// The years that are plausible at a moment, in seconds since 1970. A clock that was not set makes no
    /// title's year implausible.
    pub fn plausible_at(now: i64) -> Years {
        let year = Day::after_1970(now.div_euclid(86_400)).year();
        Years::plausible_in(if year > LAST_YEAR { FIRST_YEAR } else { year.max(FIRST_YEAR) })
    }

    /// Reads a year that stands alone, such as an attribute; a date counts with its first four
    /// digits.
    pub fn read(&self, text: &str) -> Option<i32> {
        let digits = text.trim().get(..4)?;
        let alone = !text.trim().as_bytes().get(4).is_some_and(u8::is_ascii_digit);
        (alone && digits.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| digits.parse().ok())?
            .filter(|year| self.0.contains(year))
    }

    /// Reads a text that is nothing but a year.
    pub fn read_whole(&self, text: &str) -> Option<i32> {
        if text.len() == 4 { self.read(text) } else { None }
    }

    /// Takes the release year out of a name. `known` is the year that an attribute gives: a bare
    /// number at the end that differs from it is then part of the name.
    pub fn take(&self, name: &str, known: Option<i32>) -> (String, Option<i32>) {
        if let Some((rest, year)) = self.take_bracketed(name) {
            return (rest, Some(year));
        }
        match self.take_bare(name) {
            Some((rest, year)) if known.is_none_or(|known| known == year) => (rest, Some(year)),
            _ => (name.to_owned(), None),
        }
    }

    /// The years that brackets or a dash set apart, in order.
    pub fn set_apart<'a>(&'a self, name: &'a str) -> impl Iterator<Item = YearPlace> + 'a {
        let bytes = name.as_bytes();
        let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
        let begins = move |at: &usize| is_digit(*at) && (*at == 0 || !is_digit(at - 1));
        (0..bytes.len()).filter(begins).filter_map(|at| {
            let year = self.read(name.get(at..)?)?;
            bracketed(name, at)
                .or_else(|| dashed(name, at))
                .map(|(start, end, is_bracketed)| YearPlace { start, end, year, is_bracketed })
        })
    }

    /// The last bracketed year, taken out wherever it stands, its repetitions included.
    fn take_bracketed(&self, name: &str) -> Option<(String, i32)> {
        let brackets = || self.set_apart(name).filter(|place| place.is_bracketed);
        let year = brackets().last()?.year;
        let mut rest = String::with_capacity(name.len());
        let mut copied = 0;
        for place in brackets().filter(|place| place.year == year) {
            rest.push_str(&name[copied..place.start]);
            copied = place.end;
        }
        rest.push_str(&name[copied..]);
        let rest = rest.split_whitespace().collect::<Vec<_>>().join(" ");
        // `Smurfs (2017).` and `Midnight - (1962)` leave a separator behind.
        let ends = name.trim_end().ends_with([')', ']']) || copied == name.len();
        let rest = if ends {
            trim_separators(without_full_stop(&rest))
        } else {
            trim_separators(rest.trim_end_matches('.'))
        };
        rest.chars().any(char::is_alphanumeric).then(|| (rest.to_owned(), year))
    }

    /// A year at the very end, after white space.
    fn take_bare(&self, name: &str) -> Option<(String, i32)> {
        let (front, last) = name.trim_end().rsplit_once(char::is_whitespace)?;
        let year = self.read_whole(last)?;
        let front = front.trim_end();
        let rest = trim_separators(without_full_stop(front));
        let word = rest.rsplit(char::is_whitespace).next().unwrap_or(rest).to_lowercase();
        let linked = rest == front && LINKING.contains(&word.as_str());
        (!linked && rest.chars().any(char::is_alphanumeric)).then(|| (rest.to_owned(), year))
    }
}

/// Spans of years that begin earlier are what a film is about.
const FIRST_SPAN: &str = "1950";

/// `(2017)`, `[2017]`, `( 2017 )`, `(2017-2019)`, `(сериал 2017)` around the year at `at`, or `(2017` at the end: first
/// byte and the one after the last.
fn bracketed(name: &str, at: usize) -> Option<(usize, usize, bool)> {
    let first = at.saturating_sub(LONGEST_WORD);
    let opening = name.as_bytes()[first..at].iter().rposition(|byte| b"([".contains(byte))?;
    let start = first + opening;
    let word = name[start + 1..at].trim();
    let is_kind = || is_word_of(word, SERIES_GROUPS) || is_word_of(word, MOVIE_GROUPS);
    if !word.is_empty() && !is_kind() {
        return None;
    }
    let after = &name[at + 4..];
    let behind = after_span(after.trim_start());
    let rest = behind.trim_start();
    if behind.len() < after.trim_start().len() && !is_span_of_years(&name[at..at + 4], rest) {
        return None;
    }
    match rest.bytes().next() {
        Some(b')' | b']') => Some((start, name.len() - rest.len() + 1, true)),
        None if after.is_empty() => Some((start, name.len(), true)),
        _ => None,
    }
}

/// Whether a span is that of the years of a series. `The Great War (1914-1918) (1964)` has its year behind, and
/// `World War (1914-1918)` none.
fn is_span_of_years(first: &str, rest: &str) -> bool {
    let mut numbers = rest.split(|letter: char| !letter.is_ascii_digit());
    first >= FIRST_SPAN && !numbers.any(|number| number.len() == 4)
}

/// What stands behind the last year of a span: `-2019`, ` - `.
fn after_span(text: &str) -> &str {
    let Some(rest) = text.strip_prefix(['-', '–', '—']).map(str::trim_start) else {
        return text;
    };
    match rest.split_at_checked(4) {
        Some((year, rest)) if year.bytes().all(|byte| byte.is_ascii_digit()) => rest,
        _ => rest,
    }
}

/// ` - 2017` and ` -2017`, when a word ends there, and `5-2017-720p`.
fn dashed(name: &str, at: usize) -> Option<(usize, usize, bool)> {
    let before = name[..at].strip_suffix(' ').unwrap_or(&name[..at]);
    let front = before.strip_suffix(['-', '–', '—'])?;
    let after = &name[at + 4..];
    let ends = || after.chars().next().is_none_or(|next| " _([".contains(next));
    let is_tight = || after.strip_prefix('-').is_some_and(is_technical);
    let is_apart = if front.ends_with(' ') { ends() } else { is_tight() };
    is_apart.then_some((front.len(), at + 4, false))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn years_in_names() {
        for (name, rest, year) in [
            ("Blade Runner 2049 (2017)", "Blade Runner 2049", Some(2017)),
            ("Blade Runner 2049", "Blade Runner 2049", None),
            ("Blade Runner 2049 2017", "Blade Runner 2049", Some(2017)),
            ("2012", "2012", None),
            ("(2012)", "(2012)", None),
            ("2012 (2009)", "2012", Some(2009)),
            ("2012 2009", "2012", Some(2009)),
            ("1917 [2019]", "1917", Some(2019)),
            ("Alarum - 2025", "Alarum", Some(2025)),
            ("- 2019", "- 2019", None),
            ("Only the Brave. 2017", "Only the Brave", Some(2017)),
            ("Smurfs The Lost Village (2017).", "Smurfs The Lost Village", Some(2017)),
            ("EN - Five Miles to Midnight - (1962)", "EN - Five Miles to Midnight", Some(1962)),
            ("B-Boy Blues  (2021)", "B-Boy Blues", Some(2021)),
            ("Koati 2022", "Koati", Some(2022)),
            ("Monsters, Inc. (2001)", "Monsters, Inc.", Some(2001)),
            ("The Office (2005) (US)", "The Office (US)", Some(2005)),
            ("Title (2025) (DE) (2025)", "Title (DE)", Some(2025)),
            ("1984 (1956) remade (1984)", "1984 (1956) remade", Some(1984)),
            ("Betting On Paradise (2025) [1080p]", "Betting On Paradise [1080p]", Some(2025)),
            ("S.W.A.T. (2017)", "S.W.A.T.", Some(2017)),
            ("Class of 1984", "Class of 1984", None),
            ("Class of 1984 (1982)", "Class of 1984", Some(1982)),
            ("Renfield ( 2023 )", "Renfield", Some(2023)),
            ("Комета (2018-2019)", "Комета", Some(2018)),
            ("Show (2018 – )", "Show", Some(2018)),
            ("Король и Шут (сериал 2023)", "Король и Шут", Some(2023)),
            ("Alien (Director's film 1979)", "Alien (Director's film 1979)", None),
            ("War (1899-1902)", "War (1899-1902)", None),
            ("Diary (1999-12-31)", "Diary (1999-12-31)", None),
            ("Diary (Summer 1999)", "Diary (Summer 1999)", None),
            ("Film (2017) (2018", "Film (2017)", Some(2018)),
            ("2235 - I Am Mortal", "2235 - I Am Mortal", None),
            ("U-571", "U-571", None),
            ("Film (20170)", "Film (20170)", None),
            ("Film (1899)", "Film (1899)", None),
            ("Film (2029)", "Film (2029)", None),
            ("Film 12017", "Film 12017", None),
            ("", "", None),
            ("é (ééé)", "é (ééé)", None),
        ] {
            let years = Years::plausible_in(2026);
            assert_eq!(years.take(name, None), (rest.to_owned(), year), "{name}");
        }
    }

    #[test]
    fn a_moment_has_a_year() {
        assert_eq!(Years::plausible_at(0), Years::plausible_in(FIRST_YEAR), "it was not set");
        assert_eq!(Years::plausible_at(-1), Years::plausible_at(0));
        assert_eq!(Years::plausible_at(1_798_761_599), Years::plausible_in(2026));
        assert_eq!(Years::plausible_at(1_798_761_600), Years::plausible_in(2027));
    }

    #[test]
    fn an_attribute_protects_a_number_in_the_name() {
        let years = Years::plausible_in(2026);
        let kept = ("Wonder Woman 1984".to_owned(), None);
        assert_eq!(years.take("Wonder Woman 1984", Some(2020)), kept);
        assert_eq!(years.take("Heat 1995", Some(1995)), ("Heat".to_owned(), Some(1995)));
    }

    #[test]
    fn attributes() {
        let years = Years::plausible_in(2026);
        for (text, year) in [
            ("2017", Some(2017)),
            (" 2017-03-01 ", Some(2017)),
            ("20170301", None),
            ("0", None),
            ("", None),
            ("n/a é", None),
            ("2031", None),
        ] {
            assert_eq!(years.read(text), year, "{text}");
        }
    }
}
