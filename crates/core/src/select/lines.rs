//! Lines by which the user names titles: `movie:tmdb:603`, `imdb:tt0133093`, `series:name:Dark (2017)`.

use std::collections::HashMap;
use std::str::FromStr;

use crate::hash::RowHasher;
use crate::model::ids::{ImdbId, TmdbId};
use crate::model::media::{Details, Kind};
use crate::model::stated::{Meaning, meaning};
use crate::text::{MAX_COMPONENT, fold_key, safe_component};

/// A line that names no title. Its own text stays out: a password may stand in the wrong line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadLine {
    /// It is none.
    #[error(
        "wanted is movie:tmdb:603, series:tmdb:1396, imdb:tt0133093 or name:The Matrix (1999); movie: or series: may stand \
         before imdb: and name:, too"
    )]
    Unknown,
    /// It has an id that a movie and a series may have.
    #[error("TMDB numbers movies and series apart: write movie:tmdb:{0} or series:tmdb:{0}")]
    NoKind(u64),
}

/// A line of the user that names titles.
#[derive(Clone, Debug)]
pub struct TitleLine {
    text: String,
    /// The same for all spellings.
    normal: String,
    /// The kind that it is about; both, without one.
    kind: Option<Kind>,
    named: Named,
}

/// What a title is named by.
#[derive(Clone, Debug)]
enum Named {
    Tmdb(TmdbId),
    Imdb(ImdbId),
    /// The name, folded. Without a year all titles of that name are meant.
    Name(String, Option<i32>),
}

/// What titles are looked up by.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum LineKey {
    Tmdb(u64),
    Imdb(u64, u8),
    Name(String),
}

impl TitleLine {
    /// As the user wrote it.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The name by which it names titles, folded, if it does so by name.
    pub(super) fn name(&self) -> Option<&str> {
        match &self.named {
            Named::Name(name, _) => Some(name),
            Named::Tmdb(_) | Named::Imdb(_) => None,
        }
    }

    fn new(text: &str, kind: Option<Kind>, named: Named) -> TitleLine {
        let kind_word = kind.map_or(String::new(), |kind| format!("{kind}:"));
        let normal = kind_word
            + &match &named {
                Named::Tmdb(id) => format!("tmdb:{id}"),
                Named::Imdb(id) => format!("imdb:{id}"),
                Named::Name(name, Some(year)) => format!("name:{name} ({year})"),
                Named::Name(name, None) => format!("name:{name}"),
            };
        TitleLine { text: text.to_owned(), normal, kind, named }
    }

    /// What titles that it may mean have, and the year that they must have then.
    fn key(&self) -> (LineKey, Option<i32>) {
        match &self.named {
            Named::Tmdb(id) => (LineKey::Tmdb(id.0), None),
            Named::Imdb(id) => (imdb_key(*id), None),
            Named::Name(name, year) => (LineKey::Name(name.clone()), *year),
        }
    }
}

impl FromStr for TitleLine {
    type Err = BadLine;

    fn from_str(text: &str) -> Result<TitleLine, BadLine> {
        let text = text.trim();
        let (first, rest) = word(text).ok_or(BadLine::Unknown)?;
        let kind = Kind::ALL.into_iter().find(|kind| kind.as_str() == first);
        let (field, value) = match kind {
            Some(_) => word(rest).ok_or(BadLine::Unknown)?,
            None => (first, rest),
        };
        let named = match field.as_str() {
            "tmdb" => {
                let id = TmdbId::read(value).ok_or(BadLine::Unknown)?;
                kind.ok_or(BadLine::NoKind(id.0))?;
                Named::Tmdb(id)
            }
            "imdb" => Named::Imdb(ImdbId::read(value).ok_or(BadLine::Unknown)?),
            "name" => match name_and_year(value, None) {
                (name, _) if name.is_empty() => return Err(BadLine::Unknown),
                (name, year) => Named::Name(name, year),
            },
            _ => return Err(BadLine::Unknown),
        };
        Ok(TitleLine::new(text, kind, named))
    }
}

/// Whether a text begins as a line does that names titles.
pub fn begins_line(text: &str) -> bool {
    let is_first = |first: &str| ["movie", "series", "tmdb", "imdb", "name"].contains(&first);
    word(text).is_some_and(|(first, _)| is_first(&first))
}

/// The word before the first colon, in lower case, and what follows.
pub(super) fn word(text: &str) -> Option<(String, &str)> {
    let (word, rest) = text.split_once(':')?;
    Some((word.trim().to_ascii_lowercase(), rest.trim()))
}

/// A name, folded, and its year: the known one, or the one in brackets behind the name, which is no part of it then.
fn name_and_year(text: &str, known: Option<i32>) -> (String, Option<i32>) {
    let parts = text.trim_end().strip_suffix(')').and_then(|text| text.rsplit_once('('));
    let is_year = |year: &str| year.len() == 4 && year.bytes().all(|byte| byte.is_ascii_digit());
    if let Some((front, digits)) = parts.filter(|(_, digits)| is_year(digits)) {
        let (name, year) = (name_key(front), digits.parse().ok());
        if !name.is_empty() && (known.is_none() || known == year) {
            return (name, year);
        }
    }
    (name_key(text), known)
}

/// What two names share that would be one folder.
fn name_key(name: &str) -> String {
    fold_key(&safe_component(&name.replace(':', " -"), MAX_COMPONENT))
}

fn imdb_key(id: ImdbId) -> LineKey {
    let (number, digits) = id.parts();
    LineKey::Imdb(number, digits)
}

/// Lines that name titles. Two of them are equal if they say the same, whatever the spelling.
#[derive(Clone, Debug, Default)]
pub struct TitleLines {
    lines: Vec<TitleLine>,
    /// The lines of each key by their places, and the year that a title must have.
    places: HashMap<LineKey, Vec<(usize, Option<i32>)>>,
    /// Stands for all that they say.
    digest: String,
}

impl TitleLines {
    /// These lines, each once, in an order of their own.
    pub fn new(mut lines: Vec<TitleLine>) -> TitleLines {
        lines.sort_by(|a, b| a.normal.cmp(&b.normal));
        lines.dedup_by(|a, b| a.normal == b.normal);
        TitleLines::in_order(lines)
    }

    /// These lines, as they are.
    pub(super) fn in_order(lines: Vec<TitleLine>) -> TitleLines {
        let mut places: HashMap<LineKey, Vec<(usize, Option<i32>)>> = HashMap::new();
        let mut hasher = RowHasher::default();
        hasher.start(b't');
        for (at, line) in lines.iter().enumerate() {
            hasher.text(&line.normal);
            let (key, year) = line.key();
            places.entry(key).or_default().push((at, year));
        }
        let digest = format!("{:032x}", hasher.finish().0);
        let digest = if lines.is_empty() { String::new() } else { digest };
        TitleLines { lines, places, digest }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// All of them.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &TitleLine> {
        self.lines.iter()
    }

    /// A short text that stands for all that they say.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// All that they say, a line each behind this word.
    pub(super) fn normal(&self, word: &str) -> String {
        self.lines.iter().map(|line| format!("{word} {}\n", line.normal)).collect()
    }

    /// The places of the lines that name a title.
    pub fn naming(&self, kind: Kind, details: &Details) -> Vec<usize> {
        if self.is_empty() {
            return Vec::new();
        }
        let (shown, year) = details.shown();
        let tmdb = meaning(&details.tmdb).map(|id| LineKey::Tmdb(id.0));
        let ids = tmdb.into_iter().chain(meaning(&details.imdb).map(imdb_key));
        let names = [(shown, year), (details.name.as_str(), details.year)].map(|(name, year)| {
            let (name, year) = name_and_year(name, year);
            (LineKey::Name(name), year)
        });
        let mut naming = Vec::new();
        for (key, year) in ids.map(|id| (id, None)).chain(names) {
            let lines = self.places.get(&key).into_iter().flatten();
            let is_meant = |(at, wanted): &&(usize, Option<i32>)| {
                self.lines[*at].kind.is_none_or(|only| only == kind)
                    && (wanted.is_none() || *wanted == year)
            };
            naming.extend(lines.filter(is_meant).map(|(at, _)| *at));
        }
        naming.sort_unstable();
        naming.dedup();
        naming
    }
}

impl PartialEq for TitleLines {
    fn eq(&self, other: &TitleLines) -> bool {
        self.lines.iter().map(|line| &line.normal).eq(other.lines.iter().map(|line| &line.normal))
    }
}

impl Eq for TitleLines {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::media::Shown;

    fn lines(texts: &[&str]) -> TitleLines {
        TitleLines::new(texts.iter().map(|text| text.parse().unwrap()).collect())
    }

    /// A movie as a provider has it, with the name that people see.
    fn matrix() -> Details {
        let shown = Shown { name: "The Matrix".into(), year: Some(1999), country: None };
        Details {
            name: "EN - The Matrix (1999)".into(),
            tmdb: Some("603".into()),
            imdb: Some("tt0133093".into()),
            shown: Some(shown),
            ..Details::default()
        }
    }

    #[test]
    fn a_line_names_titles_by_id_or_name() {
        let names = |line: &str, kind| !lines(&[line]).naming(kind, &matrix()).is_empty();
        for (line, movie, series) in [
            ("movie:tmdb:603", true, false),
            (" Movie : TMDB : 603 ", true, false),
            ("series:tmdb:603", false, true),
            ("movie:tmdb:604", false, false),
            ("imdb:tt0133093", true, true),
            ("series:imdb:tt0133093", false, true),
            ("name:the  MATRIX (1999)", true, true),
            ("movie:name:The Matrix", true, false),
            ("name:The Matrix (2021)", false, false),
            ("name:EN - The Matrix (1999)", true, true),
            ("name:The Matrix Reloaded", false, false),
        ] {
            assert_eq!(
                (names(line, Kind::Movie), names(line, Kind::Series)),
                (movie, series),
                "{line}"
            );
        }
    }

    #[test]
    fn names_are_compared_as_folders_are() {
        let names = |line: &str, name: &str| {
            let details = Details { name: name.into(), ..Details::default() };
            !lines(&[line]).naming(Kind::Movie, &details).is_empty()
        };
        assert!(names("name:Alien - Covenant", "Alien: Covenant"));
        assert!(names("name:Alien: Covenant", "Alien: Covenant"));
        assert!(names("name:STRASSE", "Straße"));
        assert!(
            names("name:Heat (1995)", "Heat (1995)"),
            "a year that the source keeps in the name"
        );
        assert!(!names("name:Heat (1995)", "Heat"), "nobody knows whether it is that one");
        assert!(names("name:Heat", "Heat (1995)"), "without a year all of that name");
        assert!(!names("name:Heat (1995)", "Heat (1996)"));
        assert!(names("name:(500)", "(500)") && names("name:(1999)", "(1999)"));
    }

    #[test]
    fn what_names_no_title_is_refused() {
        for line in [
            "",
            "603",
            "movie",
            "movie:",
            "movie:603",
            "tmdb:",
            "movie:tmdb:",
            "movie:tmdb:0603",
            "imdb:603",
            "name:",
            "name: ?",
            "films:tmdb:603",
            "movie:movie:tmdb:603",
            "id:5",
            "Heat (1995)",
        ] {
            assert_eq!(line.parse::<TitleLine>().unwrap_err(), BadLine::Unknown, "{line}");
        }
        let error = "tmdb:603".parse::<TitleLine>().unwrap_err().to_string();
        assert!(error.contains("movie:tmdb:603") && error.contains("series:tmdb:603"), "{error}");
    }

    #[test]
    fn equal_lists_in_another_order_and_spelling_are_the_same() {
        let first = lines(&["name:Heat (1995)", "movie:tmdb:603", "movie:tmdb:603"]);
        let second = lines(&["MOVIE:tmdb:603", "name: HEAT  (1995)"]);
        assert_eq!(first, second);
        assert_eq!(first.digest(), second.digest());
        assert_eq!(first.iter().len(), 2);
        let third = lines(&["movie:tmdb:603", "movie:name:Heat (1995)"]);
        assert_ne!(first, third);
        assert_ne!(first.digest(), third.digest());
    }
}
