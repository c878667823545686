//! One comparison: a field, an operator, a value.

use std::borrow::Cow;
use std::cmp::Ordering;

use fancy_regex::Regex;

use super::Facts;
use crate::model::measured::{Hdr, Measured};
use crate::model::media::Kind;
use crate::names::languages::of_word;
use crate::names::quality::{codec, lines_of};
use crate::text::fold_key;
use crate::text::pattern::limited;
use crate::text::redact::without_login;

/// What can be asked of a title, or of one of its streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FilterField {
    Kind,
    Category,
    Account,
    Genre,
    Year,
    Rating,
    Language,
    Quality,
    Audio,
    Subtitles,
    Hdr,
    Codec,
    Adult,
    Name,
    Id,
    Tmdb,
    Imdb,
    Url,
    Type,
    /// `tvg-id`.
    ListId,
    Duration,
}

/// What can be asked of something, and what it is called there.
pub(super) type FieldNames = [(FilterField, &'static str)];

impl FilterField {
    /// Of a title and its streams.
    pub(super) const OF_TITLES: &'static FieldNames = &[
        (FilterField::Kind, "kind"),
        (FilterField::Category, "category"),
        (FilterField::Account, "account"),
        (FilterField::Genre, "genre"),
        (FilterField::Year, "year"),
        (FilterField::Rating, "rating"),
        (FilterField::Language, "language"),
        (FilterField::Quality, "quality"),
        (FilterField::Audio, "audio"),
        (FilterField::Subtitles, "subtitles"),
        (FilterField::Hdr, "hdr"),
        (FilterField::Codec, "codec"),
        (FilterField::Adult, "adult"),
        (FilterField::Name, "name"),
        (FilterField::Id, "id"),
        (FilterField::Tmdb, "tmdb"),
        (FilterField::Imdb, "imdb"),
        (FilterField::Url, "url"),
        (FilterField::Type, "type"),
    ];

    /// Of a playlist's entry, before anybody knows what it is.
    pub(super) const OF_ENTRIES: &'static FieldNames = &[
        (FilterField::Category, "category"),
        (FilterField::Name, "name"),
        (FilterField::Url, "url"),
        (FilterField::Type, "type"),
        (FilterField::ListId, "id"),
        (FilterField::Duration, "duration"),
        (FilterField::Adult, "adult"),
    ];

    pub(super) fn named(fields: &FieldNames, name: &str) -> Option<FilterField> {
        let found = fields.iter().find(|(_, word)| word.eq_ignore_ascii_case(name));
        found.map(|(field, _)| *field)
    }

    /// The name of a field that is known only of streams that were measured.
    pub(super) fn of_measured(self) -> Option<&'static str> {
        let is_measured = matches!(
            self,
            FilterField::Audio | FilterField::Subtitles | FilterField::Hdr | FilterField::Codec
        );
        let mut named = FilterField::OF_TITLES.iter().filter(|(field, _)| *field == self);
        if is_measured { named.next().map(|(_, name)| *name) } else { None }
    }

    fn is_number(self) -> bool {
        matches!(
            self,
            FilterField::Year
                | FilterField::Rating
                | FilterField::Id
                | FilterField::Quality
                | FilterField::Duration
        )
    }
}

/// A comparison. A value that is not known equals nothing.
#[derive(Clone, Debug)]
pub(super) enum Test {
    Kind(Kind, bool),
    Adult(bool),
    /// One of the field's texts is among these; or, negated, none.
    Texts(FilterField, Vec<String>, bool),
    /// One of the field's texts has a match; or, negated, none.
    Match(FilterField, Regex, bool),
    /// The number compares so with one of these; or, negated, with none.
    Numbers(FilterField, Vec<f64>, &'static [Ordering], bool),
}

/// What a comparison says of a stream.
pub(super) struct TestAnswer {
    pub(super) holds: bool,
    /// A pattern took too long for a text, which counts as no match.
    pub(super) is_slow: bool,
}

impl Test {
    /// `field operator value`.
    pub(super) fn of(field: FilterField, operator: &str, value: &str) -> Result<Test, String> {
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
        field: FilterField,
        values: &[T],
        negated: bool,
    ) -> Result<Test, String> {
        let values = values.iter().map(AsRef::as_ref);
        Ok(match field {
            FilterField::Kind | FilterField::Adult => {
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
            _ => {
                let values: Result<_, String> = values.map(|value| text(field, value)).collect();
                Test::Texts(field, values?, negated)
            }
        })
    }

    /// The field that it asks for, where it has a value.
    pub(super) fn field(&self) -> Option<FilterField> {
        match self {
            Test::Texts(field, ..) | Test::Match(field, ..) | Test::Numbers(field, ..) => {
                Some(*field)
            }
            Test::Kind(..) | Test::Adult(_) => None,
        }
    }

    /// Whether it holds for a stream of a title.
    pub(super) fn holds(&self, facts: &Facts<'_>) -> TestAnswer {
        let mut is_slow = false;
        let holds = match self {
            Test::Kind(kind, is) => (facts.kind == *kind) == *is,
            Test::Adult(is) => facts.is_adult == *is,
            Test::Texts(field, values, negated) => {
                let has = |text: &Cow<'_, str>| values.contains(&fold_key(text.trim()));
                texts(*field, facts).iter().any(has) != *negated
            }
            Test::Match(field, regex, negated) => {
                let mut found = false;
                for text in texts(*field, facts) {
                    let matched = regex.is_match(&*text);
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
        TestAnswer { holds, is_slow }
    }
}

fn texts<'a>(field: FilterField, facts: &Facts<'a>) -> Vec<Cow<'a, str>> {
    let one = |text: Option<&'a str>| text.map(Cow::Borrowed).into_iter().collect();
    let all =
        |texts: Option<Vec<&'a str>>| texts.into_iter().flatten().map(Cow::Borrowed).collect();
    match field {
        FilterField::Category => facts.category.into_iter().flat_map(categories).collect(),
        FilterField::Account => one(Some(facts.account)),
        FilterField::Genre => facts.genres.iter().copied().map(Cow::Borrowed).collect(),
        FilterField::Language => facts.languages.iter().copied().map(Cow::Borrowed).collect(),
        FilterField::Audio => all(facts.measured.map(Measured::languages)),
        FilterField::Subtitles => {
            let subtitles = facts.measured.map(|it| it.subtitles.iter().map(String::as_str));
            all(subtitles.map(Iterator::collect))
        }
        FilterField::Hdr => one(facts.measured.and_then(|it| it.hdr).map(Hdr::as_str)),
        FilterField::Codec => one(facts.measured.and_then(|it| it.video.as_deref())),
        FilterField::Name => facts.names.into_iter().map(Cow::Borrowed).collect(),
        FilterField::Tmdb => one(facts.tmdb),
        FilterField::Imdb => one(facts.imdb),
        FilterField::Url => facts.url.map(without_login).into_iter().map(Cow::Owned).collect(),
        FilterField::Type => one(facts.stated_type),
        FilterField::ListId => one(facts.list_id),
        _ => Vec::new(),
    }
}

/// A category's name, and of one that is several with semicolons between them each.
fn categories(name: &str) -> impl Iterator<Item = Cow<'_, str>> {
    let parts = name.split(';').map(str::trim).filter(move |part| *part != name);
    std::iter::once(name).chain(parts).map(Cow::Borrowed)
}

fn number_of(field: FilterField, facts: &Facts<'_>) -> Option<f64> {
    match field {
        FilterField::Year => facts.year.map(f64::from),
        FilterField::Rating => facts.rating,
        FilterField::Quality => facts.quality.map(f64::from),
        FilterField::Id => Some(facts.id as f64),
        FilterField::Duration => facts.duration.map(f64::from),
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

fn number(field: FilterField, value: &str) -> Result<f64, String> {
    if field == FilterField::Quality
        && let Some(lines) = lines_of(value)
    {
        return Ok(f64::from(lines));
    }
    let number = value.trim().replace(',', ".").parse::<f64>().ok();
    let wanted = match field {
        FilterField::Quality => "a quality such as SD, 720p, 1080p or 4K",
        _ => "a number",
    };
    let number = number.filter(|number| number.is_finite());
    number.ok_or_else(|| format!("wanted is {wanted}"))
}

fn truth(field: FilterField, value: &str, negated: bool) -> Result<Test, String> {
    let is = |words: &[&str]| words.iter().any(|word| word.eq_ignore_ascii_case(value));
    match field {
        FilterField::Kind if is(&["movie", "movies"]) => Ok(Test::Kind(Kind::Movie, !negated)),
        FilterField::Kind if is(&["series", "show", "shows"]) => {
            Ok(Test::Kind(Kind::Series, !negated))
        }
        FilterField::Kind => Err("wanted is movie or series".to_owned()),
        _ if is(&["true", "yes", "1"]) => Ok(Test::Adult(!negated)),
        _ if is(&["false", "no", "0"]) => Ok(Test::Adult(negated)),
        _ => Err("wanted is true or false".to_owned()),
    }
}

/// A value as texts of the field are: of languages and codecs every name is known.
fn text(field: FilterField, value: &str) -> Result<String, String> {
    let value = value.trim();
    Ok(match field {
        FilterField::Language | FilterField::Audio | FilterField::Subtitles => {
            of_word(value).unwrap_or_else(|| fold_key(value))
        }
        FilterField::Codec => codec(value),
        FilterField::Hdr if Hdr::named(value).is_none() => {
            let words = Hdr::ALL.map(Hdr::as_str);
            return Err(format!("wanted is one of {}", words.join(", ")));
        }
        _ => fold_key(value),
    })
}

fn pattern(field: FilterField, value: &str, negated: bool) -> Result<Test, String> {
    if field.is_number() || matches!(field, FilterField::Kind | FilterField::Adult) {
        return Err("=~ is for texts; here it is ==".to_owned());
    }
    match limited(&format!("(?i){value}")) {
        Ok(regex) => Ok(Test::Match(field, regex, negated)),
        Err(_) => Err("wanted is a regular expression".to_owned()),
    }
}
