//! Names that are a row of fields between bars: `Title | 2025 | 6.3 | LOWQ`.

use super::separators::PIPES;
use super::tail::is_rating;
use super::vocabulary::{Tag, is_known, tag, words_of};
use super::years::Years;

/// How many bars are looked at from the end: real names have five.
const MOST: usize = 12;

/// A name without the fields that are no title.
#[derive(Debug, PartialEq, Eq)]
pub struct Fields<'a> {
    /// The fields in front: the title, and what may stand before it.
    pub front: &'a str,
    /// The year, if a field is one.
    pub year: Option<i32>,
}

/// Takes years, ratings and known words from the end of a row of fields. Behind a year every field goes that is of
/// words alone: `Мумия | The Mummy` has two titles, and no year.
pub fn take_fields<'a>(name: &'a str, years: &Years, tags: &mut Vec<Tag>) -> Fields<'a> {
    let mut fields = Fields { front: name, year: None };
    let (mut rest, mut pending) = (name, Vec::new());
    for _ in 0..MOST {
        let Some((front, field)) = last_field(rest) else { break };
        let year = years.read_whole(field);
        // `7.1` behind a bar is a rating, and no sound.
        let is_rating = is_rating(field) && field.contains(['.', ',']);
        let is_tag = !field.is_empty() && !is_rating && words_of(field).all(is_known);
        let is_behind = is_tag || field.is_empty() || is_rating;
        let is_word = fields.year.is_none() && !field.bytes().any(|byte| byte.is_ascii_digit());
        let is_year = year.is_some() && fields.year.is_none();
        if !(is_year || is_behind || is_word) {
            break;
        }
        if is_tag {
            pending.extend(words_of(field).filter_map(tag));
        }
        let is_next = fields.front.len() == rest.len();
        if is_year || is_next && (is_tag || field.is_empty() || fields.year.is_some()) {
            fields.front = front;
            tags.append(&mut pending);
        }
        fields.year = fields.year.or(year);
        rest = front;
    }
    fields
}

/// The text behind the last bar that has a blank before it, and what stands in front of the bar.
fn last_field(name: &str) -> Option<(&str, &str)> {
    let bars = name.rmatch_indices(PIPES).take(MOST);
    let is_field = |front: &str| front.ends_with(' ') && front.chars().any(char::is_alphanumeric);
    bars.map(|(at, bar)| (&name[..at], name[at + bar.len()..].trim()))
        .find(|(front, _)| is_field(front))
        .map(|(front, field)| (front.trim_end(), field))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_behind_a_title() {
        for (name, front, year) in [
            ("22 Bahnen | 2025 | 6.3", "22 Bahnen", Some(2025)),
            ("Ant-Man | 7.3 | 2015", "Ant-Man", Some(2015)),
            ("Babygirl | 2024 | 5.7 | +18 |", "Babygirl", Some(2024)),
            ("Jawan | 2023 | UNTERTITEL | 7.1", "Jawan", Some(2023)),
            ("Jawan | 2023 | Ein Wort | 7.1", "Jawan", Some(2023)),
            ("1992 | 2024 | 6.6 |", "1992", Some(2024)),
            ("2012 | 2009 | 5.8", "2012", Some(2009)),
            ("EN | 1992 | 2024", "EN | 1992", Some(2024)),
            ("|FR| Adios Amigos | 2016", "|FR| Adios Amigos", Some(2016)),
            ("Dark | S01E02 | 2017 | 8.1", "Dark | S01E02", Some(2017)),
            ("Dark | 2017 | S01E02", "Dark | 2017 | S01E02", None),
            ("Heat | 4K | MULTI", "Heat", None),
            ("Мумия | The Mummy", "Мумия | The Mummy", None),
            ("Мумия | The Mummy | 2017", "Мумия | The Mummy", Some(2017)),
            ("Love | Hate", "Love | Hate", None),
            ("Version | 2.0", "Version | 2.0", None),
            ("|FR| Heat", "|FR| Heat", None),
            ("2012 |", "2012", None),
        ] {
            let found = take_fields(name, &Years::plausible_in(2026), &mut Vec::new());
            assert_eq!((found.front, found.year), (front, year), "{name}");
        }
    }
}
