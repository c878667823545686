//! Names as providers give them, taken apart: the title, and what else they say about it.
//!
//! `4K-NF - Slow Horses (2022) (GB) - S01E01 - Failure's Contagious` is a title, a year, an episode, and
//! three tags. Tags are known by their vocabulary, by what parts them from the title, and by what the
//! other names of the category have. Nothing is taken when no title would be left.

pub mod entities;
pub mod words;
pub mod separators;
pub mod years;
pub mod episode_marks;
pub mod vocabulary;
pub mod quality;
pub mod normalize;
pub mod affixes;
pub mod category_prefixes;
pub mod pattern;
pub mod traits;
pub mod cleaner;
pub mod called;

use self::affixes::{Lead, bare_pair, can_be_prefix, lead_tags, leads_of, trailing};
use self::category_prefixes::CategoryPrefixes;
use self::episode_marks::{EpisodeMark, MarkStrength};
use self::normalize::{normalized, undecorated};
use self::separators::{is_separator, trim_before_mark, trim_separators};
use self::vocabulary::Tag;
use self::years::Years;
use crate::date::Day;
use crate::model::media::Kind;

/// How many tags are taken from one end: real names have four at most.
const ROUNDS: usize = 6;

/// What a name says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cleaned {
    /// The title, of the movie or the series. Empty only if the name is.
    pub title: String,
    /// The release year.
    pub year: Option<i32>,
    /// The season; that of a date is none.
    pub season: Option<i32>,
    /// The episode's number, and the last one of a range.
    pub episodes: Option<(i32, i32)>,
    /// The date on which an episode was aired.
    pub aired: Option<Day>,
    /// The episode's own title; empty when the name has none.
    pub episode_title: String,
    /// What was taken off, in the order in which it was found.
    pub tags: Vec<Tag>,
}

/// What is known about a name before it is read.
#[derive(Clone, Debug)]
pub struct Context<'a> {
    /// What the name is of: a movie has no episodes, an episode may be marked by a number alone; `None`
    /// when nothing says.
    pub kind: Option<Kind>,
    /// What the names of its category have in common.
    pub prefixes: &'a CategoryPrefixes,
    /// Which numbers are years.
    pub years: &'a Years,
    /// The year that is known from elsewhere: another bare number at the end is then part of the title.
    pub known_year: Option<i32>,
}

/// Takes a name apart.
pub fn clean(raw: &str, context: &Context<'_>) -> Cleaned {
    let name = normalized(raw);
    let mut cleaned = Cleaned::default();
    let is_prefix = &mut |lead: &Lead<'_>| context.prefixes.has(lead);
    let rest = take_leads(&name, context.years, is_prefix, &mut cleaned.tags);
    let mark = find_mark(rest, context);
    let (front, after) = match &mark {
        Some(mark) => (trim_before_mark(&rest[..mark.start]), &rest[mark.end..]),
        None => (rest, ""),
    };
    take_title(front, context, &mut cleaned);
    if let Some(mark) = mark {
        (cleaned.season, cleaned.episodes) = numbers(&mark);
        cleaned.aired = mark.aired;
        let after = after.trim_start_matches(is_separator);
        cleaned.episode_title = take_trailing(after, &mut cleaned.tags).to_owned();
    }
    if cleaned.title.is_empty() {
        cleaned.title = if rest.is_empty() { name } else { rest.to_owned() };
    }
    let found = std::mem::take(&mut cleaned.tags);
    for tag in found {
        if !cleaned.tags.contains(&tag) {
            cleaned.tags.push(tag);
        }
    }
    cleaned
}

/// Whether a name is read in another way if other names of its category have its beginning.
pub fn asks_for_prefixes(raw: &str, years: &Years) -> bool {
    let mut asks = false;
    let is_prefix = &mut |lead: &Lead<'_>| {
        asks |= can_be_prefix(lead);
        false
    };
    take_leads(&normalized(raw), years, is_prefix, &mut Vec::new());
    asks
}

/// Takes tags from the beginning, one after the other. `is_prefix` says whether the category puts a lead
/// before its titles.
fn take_leads<'a>(
    name: &'a str,
    years: &Years,
    is_prefix: &mut dyn FnMut(&Lead<'_>) -> bool,
    tags: &mut Vec<Tag>,
) -> &'a str {
    let mut rest = name;
    for _ in 0..ROUNDS {
        let single = leads_of(rest).find_map(|lead| {
            let found = lead_tags(&lead, || is_prefix(&lead))?;
            Some((found, lead.rest))
        });
        let Some((found, after)) = single.or_else(|| bare_pair(rest)) else { break };
        let after = undecorated(after.trim_start_matches(is_separator));
        if !is_title(after, years) {
            break;
        }
        tags.extend(found);
        rest = after;
    }
    rest
}

/// Whether something is left that can be a title: more than a year, and more than tags.
fn is_title(rest: &str, years: &Years) -> bool {
    let bare = take_trailing(rest, &mut Vec::new());
    let bare = bare.trim_matches(|letter: char| "()[]".contains(letter) || letter.is_whitespace());
    bare.chars().any(char::is_alphanumeric) && !(bare.len() == 4 && years.read(bare).is_some())
}

/// Takes tags from the end, one after the other, as long as a title is left.
fn take_trailing<'a>(name: &'a str, tags: &mut Vec<Tag>) -> &'a str {
    let mut rest = trim_separators(name);
    for _ in 0..ROUNDS {
        let Some((front, found)) = trailing(rest) else { break };
        let front = trim_separators(front);
        if !front.chars().any(char::is_alphanumeric) {
            break;
        }
        tags.extend(found);
        rest = front;
    }
    rest
}

/// The title and its year, with the tags before and behind it.
fn take_title(front: &str, context: &Context<'_>, cleaned: &mut Cleaned) {
    let rest = take_trailing(front, &mut cleaned.tags);
    let (rest, year) = context.years.take(rest, context.known_year);
    cleaned.year = year;
    let rest = if year.is_some() { take_trailing(&rest, &mut cleaned.tags) } else { &rest };
    cleaned.title = rest.to_owned();
}

/// The episode that a name is of.
fn find_mark(name: &str, context: &Context<'_>) -> Option<EpisodeMark> {
    let least = match context.kind {
        Some(Kind::Movie) => return None,
        Some(Kind::Series) => MarkStrength::Weak,
        None => MarkStrength::Fair,
    };
    let mark = episode_marks::find(name, least)?;
    // `Alarum - 2025` is no episode 2025.
    let is_year = mark.strength == MarkStrength::Weak
        && mark.number.is_some_and(|number| context.years.read(&number.to_string()).is_some());
    let has_front = name[..mark.start].chars().any(char::is_alphanumeric);
    (!is_year && has_front).then_some(mark)
}

/// Season and episodes of a mark. A date is neither.
fn numbers(mark: &EpisodeMark) -> (Option<i32>, Option<(i32, i32)>) {
    if mark.aired.is_some() {
        return (None, None);
    }
    let episodes = mark.number.map(|first| (first, mark.last.unwrap_or(first)));
    (mark.season, episodes)
}

#[cfg(test)]
mod tests;
