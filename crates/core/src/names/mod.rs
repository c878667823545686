//! Names as providers give them, taken apart: the title, and what else they say about it.
//!
//! `4K-NF - Slow Horses (2022) (GB) - S01E01 - Failure's Contagious` is a title, a year, an episode, and
//! three tags. Tags are known by their vocabulary, by what parts them from the title, and by what the
//! other names of the category have. Nothing is taken when no title would be left.

pub mod entities;
mod markup;
pub mod words;
pub mod separators;
mod folded;
pub mod episode_marks;
mod known_words;
pub mod vocabulary;
pub mod languages;
pub mod years;
pub mod quality;
pub mod normalize;
mod ids;
pub mod leads;
mod tail;
mod after_year;
mod fields;
mod dotted;
pub mod category_habits;
pub mod pattern;
pub mod traits;
pub mod cleaner;
pub mod called;

use self::after_year::release;
use self::category_habits::CategoryHabits;
use self::dotted::{Undotted, undotted};
use self::episode_marks::{EpisodeMark, MarkStrength, sure_season, trailing_season};
use self::fields::take_fields;
use self::ids::take_ids;
use self::leads::{
    Lead, bar_chain, bare_pair, can_be_prefix, first_mark, is_sure, lead_tags, leads_of,
};
use self::normalize::{normalized, undecorated};
use self::separators::{is_separator, trim_before_mark};
use self::tail::{brackets, can_be_suffix, last_bracket, only_tags, take_trailing};
use self::vocabulary::{Tag, has_capitals, tag};
use self::years::Years;
use crate::date::Day;
use crate::model::country::Country;
use crate::model::media::Kind;

/// The longest name that is taken apart, in bytes: no title is as long, and a hostile name costs no more.
const LONGEST_NAME: usize = 1024;

/// The longest text before an episode's mark in which repetitions are looked for, in bytes.
const LONGEST_TITLE: usize = 300;

/// How many tags are taken from the beginning: real names have four at most.
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
    /// What brackets behind the year say that nobody knows: no part of the title, but it can tell works of one title
    /// and year apart.
    pub remarks: String,
    /// The country that stands in brackets behind the title, which is without it.
    pub country: Option<Country>,
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
    pub habits: &'a CategoryHabits,
    /// Which numbers are years.
    pub years: &'a Years,
    /// The year that is known from elsewhere: another bare number at the end is then part of the title.
    pub known_year: Option<i32>,
}

/// Takes a name apart, from the outside to the title. One that is longer than any title stays whole.
pub fn clean(raw: &str, context: &Context<'_>) -> Cleaned {
    let mut cleaned = Cleaned::default();
    let name = normalized(raw);
    if name.len() > LONGEST_NAME {
        return Cleaned { title: name, ..cleaned };
    }
    let name = take_ids(name, &mut cleaned.tags);
    let fields = take_fields(&name, context.years, &mut cleaned.tags);
    let known_year = context.known_year.or(fields.year);
    let is_prefix = &mut |lead: &Lead<'_>| context.habits.has_prefix(lead);
    let rest = take_leads(fields.front, context.years, known_year, is_prefix, &mut cleaned.tags);
    let Undotted { text: rest, is_file } = undotted(rest, context.years);
    let mark = find_mark(&rest, context);
    let (front, own_title) = match &mark {
        None => (&*rest, ""),
        Some(mark) if is_first(&rest, mark) => {
            (take_sound(&rest[mark.end..], &mut cleaned.tags), "")
        }
        Some(mark) => (before_mark(&rest, mark), &rest[mark.end..]),
    };
    take_title(front, known_year, is_file, context, &mut cleaned);
    cleaned.year = cleaned.year.or(fields.year);
    take_season(mark.as_ref(), context.kind, &mut cleaned);
    cleaned.country = country_behind(front, &cleaned);
    if let Some(mark) = mark {
        take_numbers(&mark, &rest[mark.start..mark.end], &mut cleaned);
        take_own_title(own_title, context.years, &mut cleaned);
    }
    if cleaned.title.is_empty() {
        cleaned.title = if rest.is_empty() { name.clone() } else { rest.into_owned() };
    }
    cleaned.tags = each_once(cleaned.tags);
    cleaned
}

/// Whether a name can be read in another way if other names of its category have its beginning or its end.
pub fn asks_for_habits(raw: &str, years: &Years) -> bool {
    let mut asks = false;
    let is_prefix = &mut |lead: &Lead<'_>| {
        asks |= can_be_prefix(lead);
        false
    };
    let tags = &mut Vec::new();
    let name = normalized(raw);
    if name.len() > LONGEST_NAME {
        return false;
    }
    let name = take_ids(name, tags);
    let fields = take_fields(&name, years, tags);
    take_leads(fields.front, years, fields.year, is_prefix, tags);
    asks || brackets(&name).any(can_be_suffix)
}

/// Takes tags from the beginning, one after the other. `is_prefix` says whether the category puts a lead
/// before its titles; `known` is the year that is known.
fn take_leads<'a>(
    name: &'a str,
    years: &Years,
    known: Option<i32>,
    is_prefix: &mut dyn FnMut(&Lead<'_>) -> bool,
    tags: &mut Vec<Tag>,
) -> &'a str {
    let mut rest = name;
    for _ in 0..ROUNDS {
        let mut leads = leads_of(rest);
        let mut single =
            || leads.find_map(|lead| Some((lead_tags(&lead, || is_prefix(&lead))?, lead)));
        let (found, after, lead) = if let Some((found, after)) = bar_chain(rest) {
            (found, after, None)
        } else if let Some((found, lead)) = single() {
            (found, lead.rest, Some(lead))
        } else if let Some((found, after)) = bare_pair(rest).or_else(|| first_mark(rest)) {
            (found, after, None)
        } else {
            break;
        };
        let after = undecorated(after.trim_start_matches(is_separator));
        let is_ranked = found.iter().any(|tag| matches!(tag, Tag::Other(mark) if mark == "TOP"));
        let after = if is_ranked { unranked(after) } else { after };
        let mut is_lead = || lead.as_ref().is_none_or(|lead| is_sure(lead) || is_prefix(lead));
        if !is_title(after, years, known, &mut is_lead) {
            break;
        }
        tags.extend(found);
        rest = after;
    }
    rest
}

/// A name of a list of the best without its place: `49. 12 Years a Slave`.
fn unranked(name: &str) -> &str {
    let (place, rest) = name.split_once('.').unwrap_or(("", name));
    let is_place = (1..=4).contains(&place.len()) && place.bytes().all(|it| it.is_ascii_digit());
    if is_place && !rest.trim().is_empty() { rest.trim_start() } else { name }
}

/// Whether something is left that can be a title: more than tags, and more than a year. A year is one behind a lead that
/// is sure, and beside another year that is known.
fn is_title(
    rest: &str,
    years: &Years,
    known: Option<i32>,
    is_lead: &mut dyn FnMut() -> bool,
) -> bool {
    let bare = take_trailing(rest, &mut Vec::new());
    let bare = bare.trim_matches(|letter: char| "()[]".contains(letter) || letter.is_whitespace());
    if !bare.chars().any(char::is_alphanumeric) {
        return false;
    }
    let Some(year) = years.read_whole(bare) else { return true };
    known.is_some_and(|known| known != year) || bare == rest && is_lead()
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
    (!is_year && (has_front || is_first(name, &mark))).then_some(mark)
}

/// Whether a name is that of an episode, whatever its source calls it.
fn names_episode(name: &str) -> bool {
    episode_marks::find(name, MarkStrength::Fair).is_some()
}

/// Whether a mark stands in front of its title: `T2EP01 DUB Lucifer`, `[T6][Ep 07] Game of Thrones`, `Eps 5-Bidaah`. Behind
/// a dash with blanks stands an episode's own title.
fn is_first(name: &str, mark: &EpisodeMark) -> bool {
    if name[..mark.start].chars().any(char::is_alphanumeric) {
        return false;
    }
    let (text, after) = (name[mark.start..mark.end].to_lowercase(), &name[mark.end..]);
    let is_sort = text.starts_with('t') && mark.season.is_some() || text.starts_with("eps");
    is_sort && !after.starts_with(" -") && after.chars().any(char::is_alphanumeric)
}

/// A title without the words for sound and language between the mark in front and it.
fn take_sound<'a>(after: &'a str, tags: &mut Vec<Tag>) -> &'a str {
    let mut rest = after.trim_start_matches(is_separator);
    while let Some((word, title)) = rest.split_once(' ') {
        let found = if has_capitals(word) { tag(word) } else { None };
        let Some(found @ (Tag::Audio(_) | Tag::Language(_))) = found else { break };
        tags.push(found);
        rest = title.trim_start();
    }
    rest
}

/// What a name says in front of an episode's mark, each thing once: neither the title nor the season is repeated.
pub fn before_mark<'a>(name: &'a str, mark: &EpisodeMark) -> &'a str {
    let front = trim_before_mark(&name[..mark.start]);
    // No title is so long, and what is said twice is looked for at each blank.
    if front.len() > LONGEST_TITLE {
        return front;
    }
    let front = said_once(front);
    let season = mark.season.and_then(|season| episode_marks::season_within(front, season));
    match season {
        Some((start, end)) if is_of_stream(&front[end..]) => trim_before_mark(&front[..start]),
        _ => front,
    }
}

/// Whether a text is nothing but words that say how a stream is made or what is spoken, and particles.
/// `Love Island Season 5 UK` is another series than that of the USA.
fn is_of_stream(text: &str) -> bool {
    text.split_whitespace().all(|word| {
        let inner = word.trim_matches(|letter| is_separator(letter) || "()[]".contains(letter));
        let is_tag = || tag(inner).is_some_and(|it| !matches!(it, Tag::Country(_) | Tag::Id(_)));
        let is_particle = || inner.chars().count() < 3 && inner.chars().all(char::is_lowercase);
        inner.is_empty() || is_particle() || is_tag()
    })
}

/// The title of `Burger Quiz S01 |FR| Burger Quiz`, which a panel said twice.
fn said_once(front: &str) -> &str {
    let twice = front.match_indices(' ').find_map(|(at, _)| {
        let (one, rest) = (&front[..at], &front[at + 1..]);
        let (season, other) = rest.split_once(' ')?;
        trailing_season(&front[..at + 1 + season.len()]).filter(|(start, _)| *start == at + 1)?;
        let front = other.strip_suffix(one)?;
        let is_whole = !one.is_empty() && (front.is_empty() || front.ends_with(' '));
        is_whole.then_some(one)
    });
    twice.unwrap_or(front)
}

/// The title and its year, with the tags before and behind it. `known` is the year that is known from elsewhere.
fn take_title(
    front: &str,
    known: Option<i32>,
    is_file: bool,
    context: &Context<'_>,
    cleaned: &mut Cleaned,
) {
    let (years, habits) = (context.years, context.habits);
    let rest = take_end(front, habits, &mut cleaned.tags);
    if let Some(found) = release(rest, years, known, is_file) {
        cleaned.tags.extend(found.tags);
        cleaned.year = Some(found.year);
        cleaned.remarks = found.remarks.join(" ");
        cleaned.title = take_end(found.title, habits, &mut cleaned.tags).to_owned();
        return;
    }
    let (rest, year) = years.take(rest, known);
    cleaned.year = year;
    let rest = if year.is_some() { take_before_year(&rest, habits, cleaned) } else { &rest };
    cleaned.title = rest.to_owned();
}

/// Takes tags that stand before a bare year: `Film - Leg 2017`.
fn take_before_year<'a>(name: &'a str, habits: &CategoryHabits, cleaned: &mut Cleaned) -> &'a str {
    let rest = take_end(name, habits, &mut cleaned.tags);
    match rest.rsplit_once(" - ") {
        Some((front, word)) if word.chars().count() > 2 => match tag(word) {
            Some(found) if front.contains(char::is_alphanumeric) => {
                cleaned.tags.push(found);
                take_end(front, habits, &mut cleaned.tags)
            }
            _ => rest,
        },
        _ => rest,
    }
}

/// Takes tags from the end, and brackets that the names of the category have in common.
fn take_end<'a>(name: &'a str, habits: &CategoryHabits, tags: &mut Vec<Tag>) -> &'a str {
    let mut rest = take_trailing(name, tags);
    while let Some((front, text)) = last_bracket(rest).filter(|(_, it)| habits.has_suffix(it)) {
        tags.push(Tag::Other(text.to_owned()));
        rest = take_trailing(front, tags);
    }
    rest
}

/// The country that was taken off the title: the last one that a bracket of the name says.
fn country_behind(front: &str, cleaned: &Cleaned) -> Option<Country> {
    let country = brackets(front).filter_map(Country::read).last()?;
    let is_left = cleaned.title.contains(&format!("{})", country.written));
    (!is_left && cleaned.tags.contains(&Tag::Country(country.code.to_owned()))).then_some(country)
}

/// The season that ends the title: `Пацаны сезон 2`. Another one than that of the mark is part of the title.
fn take_season(mark: Option<&EpisodeMark>, kind: Option<Kind>, cleaned: &mut Cleaned) {
    let found = match (kind, mark) {
        (Some(Kind::Movie), _) => None,
        (None, None) => sure_season(&cleaned.title),
        _ => trailing_season(&cleaned.title),
    };
    let of_mark = mark.and_then(|mark| mark.season);
    let is_said = |season: i32| of_mark.is_none_or(|other| other == season);
    let Some((start, season)) = found.filter(|(_, season)| is_said(*season)) else { return };
    let title = take_trailing(trim_before_mark(&cleaned.title[..start]), &mut cleaned.tags);
    if title.chars().any(char::is_alphanumeric) {
        (cleaned.title, cleaned.season) = (title.to_owned(), Some(season));
    }
}

/// Season and episodes of a mark, of this text; a date is neither. `Temporada 7 [Cap.702]` says the season twice.
fn take_numbers(mark: &EpisodeMark, text: &str, cleaned: &mut Cleaned) {
    cleaned.aired = mark.aired;
    if mark.aired.is_some() {
        return;
    }
    cleaned.season = mark.season.or(cleaned.season);
    let says_twice = text.to_lowercase().contains("cap.");
    let hundreds = cleaned.season.filter(|season| says_twice && *season > 0);
    let number = |number: i32| if hundreds == Some(number / 100) { number % 100 } else { number };
    cleaned.episodes = mark.number.map(|first| (number(first), number(mark.last.unwrap_or(first))));
}

/// An episode's own title: what stands behind the mark, without tags. A year in brackets right behind the mark is that
/// of the series: `Капитан Немо 3 серия (1975)`.
fn take_own_title(after: &str, years: &Years, cleaned: &mut Cleaned) {
    let after = after.trim_start_matches(is_separator);
    let place = years.set_apart(after).next().filter(|it| it.is_bracketed && it.start == 0);
    let after = place.map_or(after, |place| after[place.end..].trim_start_matches(is_separator));
    cleaned.year = cleaned.year.or(place.map(|place| place.year));
    let title = take_trailing(after, &mut cleaned.tags);
    match only_tags(title) {
        Some(tags) => cleaned.tags.extend(tags),
        None => cleaned.episode_title = title.to_owned(),
    }
}

fn each_once(found: Vec<Tag>) -> Vec<Tag> {
    let mut tags = Vec::with_capacity(found.len());
    for tag in found {
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    tags
}

#[cfg(test)]
mod tests;
