//! Templates for names: text with values in it, `{title} ({year}) [tmdbid-{tmdb}]`.
//!
//! What stands in brackets, or between `<` and `>`, is left out when one of its values is not known. The
//! angle brackets are never part of a name. `{{` and `}}` are braces that are: `{{tmdb-{tmdb}}}`. A
//! `/` parts folders.

use std::fmt;

/// The longest template. Names are cut to what file systems hold, texts of the user are not.
const MAX_TEMPLATE: usize = 300;

/// How deep brackets may stand in brackets.
const MAX_DEPTH: usize = 8;

/// A value that a name can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NameField {
    /// The title of the movie or series.
    Title,
    /// Its year.
    Year,
    /// Its TMDB id.
    Tmdb,
    /// Its IMDb id, `tt…`.
    Imdb,
    /// Its TVDB id.
    Tvdb,
    /// Its first genre.
    Genre,
    /// The category of its best stream.
    Category,
    /// The account of its best stream.
    Account,
    /// The language of its best stream.
    Language,
    /// The picture quality of its best stream: `2160p`.
    Quality,
    /// The name of the title's folder.
    Folder,
    /// The season's number.
    Season,
    /// The episode's number.
    Episode,
    /// Season and episodes, as media servers read them: `S01E02`, `S01E02-E03`.
    Mark,
    /// The episode's own title.
    Name,
    /// The day on which the episode was first aired: `2024-05-31`.
    Aired,
}

impl NameField {
    const ALL: [(NameField, &str); 16] = [
        (NameField::Title, "title"),
        (NameField::Year, "year"),
        (NameField::Tmdb, "tmdb"),
        (NameField::Imdb, "imdb"),
        (NameField::Tvdb, "tvdb"),
        (NameField::Genre, "genre"),
        (NameField::Category, "category"),
        (NameField::Account, "account"),
        (NameField::Language, "language"),
        (NameField::Quality, "quality"),
        (NameField::Folder, "folder"),
        (NameField::Season, "season"),
        (NameField::Episode, "episode"),
        (NameField::Mark, "mark"),
        (NameField::Name, "name"),
        (NameField::Aired, "aired"),
    ];

    /// Whether every title or episode has it.
    fn is_always_known(self) -> bool {
        use NameField::{Episode, Folder, Mark, Season, Title};
        matches!(self, Title | Folder | Season | Episode | Mark)
    }

    /// The word between braces.
    pub fn as_str(self) -> &'static str {
        NameField::ALL.iter().find(|(field, _)| *field == self).map_or("", |(_, word)| word)
    }
}

impl fmt::Display for NameField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{{{}}}", self.as_str())
    }
}

/// Why a template cannot be used. The template itself stays out: a password may stand in the wrong line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct TemplateError(pub String);

/// A part of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
enum TemplatePiece {
    Text(String),
    /// A value, with leading zeros up to so many digits.
    Value(NameField, usize),
    /// Left out when one of its values is not known: between `<` and `>`.
    Group(Vec<TemplatePiece>),
    /// The same, in brackets that are shown: what it stands in goes with it.
    Bracket(Vec<TemplatePiece>),
}

/// A template that was understood. Equal texts are equal templates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    text: String,
    components: Vec<Vec<TemplatePiece>>,
}

impl Template {
    /// Understands a template in which these fields may stand.
    ///
    /// # Errors
    /// A field that is not among them, brackets that do not match, an empty folder name.
    pub fn parse(text: &str, fields: &[NameField]) -> Result<Template, TemplateError> {
        if text.len() > MAX_TEMPLATE {
            return Err(TemplateError(format!("it is longer than {MAX_TEMPLATE} bytes")));
        }
        let mut parser = TemplateParser { rest: text, fields };
        let mut components = vec![Vec::new()];
        let parsed = parser.pieces(0, None).map_err(TemplateError)?;
        for piece in parsed {
            let TemplatePiece::Text(part) = piece else {
                components.last_mut().into_iter().for_each(|last| last.push(piece.clone()));
                continue;
            };
            for (n, name) in part.split('/').enumerate() {
                if n > 0 {
                    components.push(Vec::new());
                }
                if let (Some(last), false) = (components.last_mut(), name.is_empty()) {
                    last.push(TemplatePiece::Text(name.to_owned()));
                }
            }
        }
        let is_name = |pieces: &Vec<TemplatePiece>| match pieces.as_slice() {
            [] => false,
            [TemplatePiece::Text(name)] => !name.chars().all(|c| c == '.' || c.is_whitespace()),
            _ => true,
        };
        if !components.iter().all(is_name) {
            return Err(TemplateError("a folder in it has no name".to_owned()));
        }
        Ok(Template { text: text.to_owned(), components })
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// How many folders deep the names are that it makes, the name itself included.
    pub fn depth(&self) -> usize {
        self.components.len()
    }

    /// Whether a field stands in its last component.
    pub fn names(&self, field: NameField) -> bool {
        self.components.last().is_some_and(|pieces| has(pieces, &|own| own == field))
    }

    /// Whether a field that every title has stands in its last component whatever else is not known.
    pub fn always_names(&self, field: NameField) -> bool {
        fn always_has(pieces: &[TemplatePiece], field: NameField) -> bool {
            pieces.iter().any(|piece| match piece {
                TemplatePiece::Text(_) => false,
                TemplatePiece::Value(own, _) => *own == field,
                TemplatePiece::Group(pieces) | TemplatePiece::Bracket(pieces) => {
                    !has(pieces, &|own| !own.is_always_known()) && always_has(pieces, field)
                }
            })
        }
        self.components.last().is_some_and(|pieces| always_has(pieces, field))
    }

    /// Fills in the values, component by component. A value that is not known and stands outside of
    /// brackets is left out by itself.
    pub fn fill(&self, component: usize, value: &dyn Fn(NameField) -> Option<String>) -> String {
        let mut out = String::new();
        if let Some(pieces) = self.components.get(component) {
            fill(pieces, value, &mut out);
        }
        out
    }
}

impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Whether such a field stands in it.
fn has(pieces: &[TemplatePiece], is_it: &dyn Fn(NameField) -> bool) -> bool {
    pieces.iter().any(|piece| match piece {
        TemplatePiece::Text(_) => false,
        TemplatePiece::Value(own, _) => is_it(*own),
        TemplatePiece::Group(pieces) | TemplatePiece::Bracket(pieces) => has(pieces, is_it),
    })
}

/// Fills in the values; says whether all of them are known.
fn fill(
    pieces: &[TemplatePiece],
    value: &dyn Fn(NameField) -> Option<String>,
    out: &mut String,
) -> bool {
    let mut has_all = true;
    for piece in pieces {
        match piece {
            TemplatePiece::Text(text) => out.push_str(text),
            TemplatePiece::Value(field, width) => match value(*field) {
                Some(value) => {
                    let zeros = width.saturating_sub(value.len());
                    out.extend(std::iter::repeat_n('0', zeros));
                    out.push_str(&value);
                }
                None => has_all = false,
            },
            TemplatePiece::Group(pieces) | TemplatePiece::Bracket(pieces) => {
                let start = out.len();
                if !fill(pieces, value, out) {
                    out.truncate(start);
                    has_all &= matches!(piece, TemplatePiece::Group(_));
                }
            }
        }
    }
    has_all
}

struct TemplateParser<'a> {
    rest: &'a str,
    fields: &'a [NameField],
}

impl TemplateParser<'_> {
    /// Reads up to the closing bracket `until`, or to the end.
    fn pieces(&mut self, depth: usize, until: Option<&str>) -> Result<Vec<TemplatePiece>, String> {
        if depth > MAX_DEPTH {
            return Err("there are too many brackets inside of brackets".to_owned());
        }
        let mut pieces = Vec::new();
        while !self.rest.is_empty() {
            if until.is_some_and(|until| self.take(until)) {
                return Ok(pieces);
            }
            match self.piece(depth, until)? {
                // One text, so that it can be parted at its slashes.
                TemplatePiece::Text(more) => match pieces.last_mut() {
                    Some(TemplatePiece::Text(text)) => text.push_str(&more),
                    _ => pieces.push(TemplatePiece::Text(more)),
                },
                piece => pieces.push(piece),
            }
        }
        match until {
            Some(until) => Err(format!("{until} is missing")),
            None => Ok(pieces),
        }
    }

    fn piece(&mut self, depth: usize, until: Option<&str>) -> Result<TemplatePiece, String> {
        for (open, close) in [("{{", "}}"), ("(", ")"), ("[", "]"), ("<", ">")] {
            if self.take(open) {
                return self.group(depth, open, close);
            }
        }
        if self.take("{") {
            return self.value();
        }
        let mut letters = self.rest.chars();
        let letter = letters.next().unwrap_or_default();
        match letter {
            '>' | '}' => return Err(format!("there is a {letter} too many")),
            '/' if until.is_some() => {
                return Err("a / inside of brackets parts no folders".to_owned());
            }
            '\\' | ':' | '"' | '|' | '?' | '*' | '\0'..='\u{1f}' => {
                return Err(format!("{letter:?} cannot stand in a name"));
            }
            _ => {}
        }
        self.rest = letters.as_str();
        Ok(TemplatePiece::Text(letter.to_string()))
    }

    fn group(&mut self, depth: usize, open: &str, close: &str) -> Result<TemplatePiece, String> {
        let inner = self.pieces(depth + 1, Some(close))?;
        let is_shown = open != "<";
        let has_values = inner.iter().any(|piece| !matches!(piece, TemplatePiece::Text(_)));
        if !is_shown {
            return if has_values {
                Ok(TemplatePiece::Group(inner))
            } else {
                Err("there is no value between < and >".to_owned())
            };
        }
        let (open, close) = (&open[..1], &close[..1]);
        let mut whole = vec![TemplatePiece::Text(open.to_owned())];
        whole.extend(inner);
        whole.push(TemplatePiece::Text(close.to_owned()));
        if has_values {
            return Ok(TemplatePiece::Bracket(whole));
        }
        let text = whole.iter().map(|piece| match piece {
            TemplatePiece::Text(text) => text.as_str(),
            _ => "",
        });
        Ok(TemplatePiece::Text(text.collect()))
    }

    /// `title}`, or `season:2}` for two digits at least.
    fn value(&mut self) -> Result<TemplatePiece, String> {
        let end = self.rest.find('}').ok_or_else(|| "} is missing".to_owned())?;
        let (inner, rest) = (&self.rest[..end], &self.rest[end + 1..]);
        let (word, width) = match inner.split_once(':') {
            None => (inner, 0),
            Some((word, digits)) => match digits.parse() {
                Ok(width @ 1..=9) => (word, width),
                _ => {
                    return Err(
                        "behind a : in { } wanted is a number of digits from 1 to 9".to_owned()
                    );
                }
            },
        };
        let named = NameField::ALL.iter().find(|(_, name)| *name == word.trim());
        let Some((field, _)) = named.filter(|(field, _)| self.fields.contains(field)) else {
            let fields: Vec<String> = self.fields.iter().map(NameField::to_string).collect();
            return Err(format!("wanted in {{ }} is one of {}", fields.join(", ")));
        };
        self.rest = rest;
        Ok(TemplatePiece::Value(*field, width))
    }

    fn take(&mut self, text: &str) -> bool {
        let rest = self.rest.strip_prefix(text);
        // `{tmdb}}}` ends a value first, then the brace that is shown.
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const FIELDS: [NameField; 4] =
        [NameField::Title, NameField::Year, NameField::Tmdb, NameField::Season];

    fn filled(template: &str, year: Option<&str>, tmdb: Option<&str>) -> String {
        let template = Template::parse(template, &FIELDS).unwrap();
        let value = |field| match field {
            NameField::Title => Some("Heat".to_owned()),
            NameField::Year => year.map(str::to_owned),
            NameField::Tmdb => tmdb.map(str::to_owned),
            _ => Some("3".to_owned()),
        };
        let parts: Vec<String> = (0..template.depth()).map(|n| template.fill(n, &value)).collect();
        parts.join("/")
    }

    #[test]
    fn brackets_go_with_what_is_missing() {
        let (all, none) = ((Some("1995"), Some("949")), (None, None));
        for (template, with, without) in [
            ("{title}< ({year})>< [tmdbid-{tmdb}]>", "Heat (1995) [tmdbid-949]", "Heat"),
            ("{title} ({year})", "Heat (1995)", "Heat "),
            ("{title} {{tmdb-{tmdb}}}", "Heat {tmdb-949}", "Heat "),
            ("{title} (film)", "Heat (film)", "Heat (film)"),
            ("{year}/{title}", "1995/Heat", "/Heat"),
            ("{title}<, {year}< and {tmdb}>>", "Heat, 1995 and 949", "Heat"),
            ("S{season:2}", "S03", "S03"),
            ("S{season}", "S3", "S3"),
        ] {
            assert_eq!(filled(template, all.0, all.1), with, "{template}");
            assert_eq!(filled(template, none.0, none.1), without, "{template}");
        }
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (template, problem) in [
            ("{titel}", "wanted in { } is one of {title}, {year}, {tmdb}, {season}"),
            ("{name}", "wanted in { } is one of"),
            ("{title", "} is missing"),
            ("{title} ({year}", ") is missing"),
            ("{title}}", "a } too many"),
            ("{title}>", "a > too many"),
            ("<film>", "no value between"),
            ("({year}/{title})", "a / inside of brackets"),
            ("a//{title}", "a folder in it has no name"),
            ("/{title}", "a folder in it has no name"),
            ("{title}/", "a folder in it has no name"),
            ("../{title}", "a folder in it has no name"),
            ("", "a folder in it has no name"),
            ("a:{title}", "':' cannot stand in a name"),
            ("{season:0}", "digits from 1 to 9"),
        ] {
            let error = Template::parse(template, &FIELDS).unwrap_err();
            assert!(error.0.contains(problem), "{template}: {error}");
        }
        let deep = format!("{}{{title}}{}", "(".repeat(20), ")".repeat(20));
        assert!(Template::parse(&deep, &FIELDS).is_err());
    }

    proptest! {
        #[test]
        fn any_text_is_understood_or_refused(text in "[<>(){}\\[\\]/a-c.:0-9]{0,40}|.{0,60}") {
            if let Ok(template) = Template::parse(&text, &FIELDS) {
                for component in 0..template.depth() {
                    template.fill(component, &|_| None);
                }
            }
        }
    }
}
