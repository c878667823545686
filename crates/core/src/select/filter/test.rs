//! One comparison: a field, an operator, a value.

use std::cmp::Ordering;

use fancy_regex::Regex;

use super::Facts;
use crate::model::media::Kind;
use crate::names::quality::lines_of;
use crate::names::vocabulary::{Tag, tag};
use crate::text::fold_key;
use crate::text::pattern::limited;

/// What can be asked of a title, or of one of its copies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Kind,
    Category,
    Account,
    Genre,
    Year,
    Rating,
    Language,
    Quality,
    Adult,
    Name,
    Id,
    Tmdb,
    Imdb,
}

impl Field {
    pub(super) const ALL: [(Field, &'static str); 13] = [
        (Field::Kind, "kind"),
        (Field::Category, "category"),
        (Field::Account, "account"),
        (Field::Genre, "genre"),
        (Field::Year, "year"),
        (Field::Rating, "rating"),
        (Field::Language, "language"),
        (Field::Quality, "quality"),
        (Field::Adult, "adult"),
        (Field::Name, "name"),
        (Field::Id, "id"),
        (Field::Tmdb, "tmdb"),
        (Field::Imdb, "imdb"),
    ];

    pub(super) fn named(name: &str) -> Option<Field> {
        let found = Field::ALL.iter().find(|(_, word)| word.eq_ignore_ascii_case(name));
        found.map(|(field, _)| *field)
    }

    fn is_number(self) -> bool {
        matches!(self, Field::Year | Field::Rating | Field::Id | Field::Quality)
    }
}

/// A comparison. A value that is not known equals nothing.
#[derive(Clone, Debug)]
pub(super) enum Test {
    Kind(Kind, bool),
    Adult(bool),
    /// One of the field's texts is among these; or, negated, none.
    Texts(Field, Vec<String>, bool),
    /// One of the field's texts has a match; or, negated, none.
    Match(Field, Regex, bool),
    /// The number compares so with one of these; or, negated, with none.
    Numbers(Field, Vec<f64>, &'static [Ordering], bool),
}

/// What a comparison says of a copy.
pub(super) struct Answer {
    pub(super) holds: bool,
    /// A pattern took too long for a text, which counts as no match.
    pub(super) is_slow: bool,
}

impl Test {
    /// `field operator value`.
    pub(super) fn of(field: Field, operator: &str, value: &str) -> Result<Test, String> {
        let values = std::slice::from_ref(&value);
        match operator {
            "==" => Test::of_set(field, values, false),
            "!=" => Test::of_set(field, values, true),
            "=~" => pattern(field, value, false),
            "!~" => pattern(field, value, true),
            _ if !field.is_number() => {
                Err(format!("{operator} is for numbers; here it is == or =~"))
            }
            _ => Ok(Test::Numbers(field, vec![number(field, value)?], orderings(operator), false)),
        }
    }

    /// `field in (values)`, or `not in`.
    pub(super) fn of_set<T: AsRef<str>>(
        field: Field,
        values: &[T],
        negated: bool,
    ) -> Result<Test, String> {
        let values = values.iter().map(AsRef::as_ref);
        let text = |value: &str| match field {
            Field::Language => fold_key(&language(value)),
            _ => fold_key(value.trim()),
        };
        Ok(match field {
            Field::Kind | Field::Adult => {
                let all: Vec<&str> = values.collect();
                let [value] = all.as_slice() else {
                    return Err("one value is enough here".to_owned());
                };
                return truth(field, value, negated);
            }
            _ if field.is_number() => {
                let numbers: Result<Vec<f64>, String> =
                    values.map(|value| number(field, value)).collect();
                Test::Numbers(field, numbers?, &[Ordering::Equal], negated)
            }
            _ => Test::Texts(field, values.map(text).collect(), negated),
        })
    }

    /// Whether it holds for a copy of a title.
    pub(super) fn holds(&self, facts: &Facts<'_>) -> Answer {
        let mut is_slow = false;
        let holds = match self {
            Test::Kind(kind, is) => (facts.kind == *kind) == *is,
            Test::Adult(is) => facts.is_adult == *is,
            Test::Texts(field, values, negated) => {
                let has = |text: &&str| values.contains(&fold_key(text.trim()));
                texts(*field, facts).iter().any(has) != *negated
            }
            Test::Match(field, regex, negated) => {
                let mut found = false;
                for text in texts(*field, facts) {
                    let matched = regex.is_match(text);
                    is_slow |= matched.is_err();
                    found |= matched.unwrap_or(false);
                }
                found != *negated
            }
            Test::Numbers(field, values, orderings, negated) => {
                let compares = |number: f64| {
                    let mut all = values.iter().filter_map(|value| number.partial_cmp(value));
                    all.any(|ordering| orderings.contains(&ordering))
                };
                number_of(*field, facts).is_some_and(compares) != *negated
            }
        };
        Answer { holds, is_slow }
    }
}

fn texts<'a>(field: Field, facts: &Facts<'a>) -> Vec<&'a str> {
    match field {
        Field::Category => facts.category.into_iter().collect(),
        Field::Account => vec![facts.account],
        Field::Genre => facts.genres.clone(),
        Field::Language => facts.languages.clone(),
        Field::Name => facts.names.to_vec(),
        Field::Tmdb => facts.tmdb.into_iter().collect(),
        Field::Imdb => facts.imdb.into_iter().collect(),
        _ => Vec::new(),
    }
}

fn number_of(field: Field, facts: &Facts<'_>) -> Option<f64> {
    match field {
        Field::Year => facts.year.map(f64::from),
        Field::Rating => facts.rating,
        Field::Quality => facts.quality.map(f64::from),
        Field::Id => Some(facts.id as f64),
        _ => None,
    }
}

fn orderings(operator: &str) -> &'static [Ordering] {
    match operator {
        "<" => &[Ordering::Less],
        "<=" => &[Ordering::Less, Ordering::Equal],
        ">" => &[Ordering::Greater],
        _ => &[Ordering::Greater, Ordering::Equal],
    }
}

fn number(field: Field, value: &str) -> Result<f64, String> {
    if field == Field::Quality
        && let Some(lines) = lines_of(value)
    {
        return Ok(f64::from(lines));
    }
    let number = value.trim().replace(',', ".").parse::<f64>().ok();
    let wanted = match field {
        Field::Quality => "a quality such as SD, 720p, 1080p or 4K",
        _ => "a number",
    };
    let number = number.filter(|number| number.is_finite());
    number.ok_or_else(|| format!("wanted is {wanted}"))
}

fn truth(field: Field, value: &str, negated: bool) -> Result<Test, String> {
    let is = |words: &[&str]| words.iter().any(|word| word.eq_ignore_ascii_case(value));
    match field {
        Field::Kind if is(&["movie", "movies"]) => Ok(Test::Kind(Kind::Movie, !negated)),
        Field::Kind if is(&["series", "show", "shows"]) => Ok(Test::Kind(Kind::Series, !negated)),
        Field::Kind => Err("wanted is movie or series".to_owned()),
        _ if is(&["true", "yes", "1"]) => Ok(Test::Adult(!negated)),
        _ if is(&["false", "no", "0"]) => Ok(Test::Adult(negated)),
        _ => Err("wanted is true or false".to_owned()),
    }
}

/// A language's code, as it is kept, for any of its names.
fn language(value: &str) -> String {
    match tag(&value.trim().to_uppercase()) {
        Some(Tag::Language(code)) => code,
        _ => value.trim().to_owned(),
    }
}

fn pattern(field: Field, value: &str, negated: bool) -> Result<Test, String> {
    if field.is_number() || matches!(field, Field::Kind | Field::Adult) {
        return Err("=~ is for texts; here it is ==".to_owned());
    }
    match limited(&format!("(?i){value}")) {
        Ok(regex) => Ok(Test::Match(field, regex, negated)),
        Err(_) => Err("wanted is a regular expression".to_owned()),
    }
}
