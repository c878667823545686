//! What stands behind a release year that brackets or a dash set apart. It is no part of the title, if it is nothing
//! but brackets, capitals and words that are known. `Title (2019) Part 2` goes on behind the year.

use super::normalize::is_decoration;
use super::separators::{is_separator, trim_separators, without_full_stop};
use super::tail::{bracket_tags, is_rating, is_shouted};
use super::vocabulary::{
    Tag, has_capitals, has_small_letters, is_ambiguous, is_known, is_technical, tag, words_of,
};
use super::words::{PARTS, has_word, is_word_of};
use super::years::{LINKING, Years};

/// How many years are looked at from the end.
const MOST_YEARS: usize = 4;

/// How many words are looked at from the end for a year that nothing sets apart.
const MOST_WORDS: usize = 12;

/// Words for a sound that is not dubbed. Titles have them, too.
const ORIGINAL: [&str; 8] =
    ["original", "originale", "orijinal", "oryginał", "eredeti", "оригинал", "оригінал", "ต้นฉบับ"];

/// A name that ends at its release year.
#[derive(Debug, PartialEq, Eq)]
pub struct Release<'a> {
    /// What stands in front of the year.
    pub title: &'a str,
    /// The year.
    pub year: i32,
    /// What is said behind it.
    pub tags: Vec<Tag>,
    /// What brackets behind it say that nobody knows: `The Argentine`.
    pub remarks: Vec<&'a str>,
}

/// Finds the year that ends a title. `known` is the year that an attribute gives: another one behind a dash is then
/// part of the title. Behind the year of a file's name everything goes.
pub fn release<'a>(
    name: &'a str,
    years: &Years,
    known: Option<i32>,
    is_file: bool,
) -> Option<Release<'a>> {
    let others = years.set_apart(name).count().saturating_sub(MOST_YEARS);
    let set_apart = years.set_apart(name).skip(others).find_map(|place| {
        let title = trim_separators(&name[..place.start]);
        let is_title = title.chars().any(char::is_alphanumeric);
        // `Dieudonné - 1905 (2005)`
        let is_passed = || {
            let mut behind = years.set_apart(&name[place.end..]);
            behind.any(|other| other.is_bracketed && other.year != place.year)
        };
        let is_release =
            place.is_bracketed || known.is_none_or(|known| known == place.year) && !is_passed();
        if !is_title || !is_release {
            return None;
        }
        let tail = &name[place.end..];
        let (tags, remarks) = read_tail(tail, title, is_file).or_else(|| {
            if is_technical_tail(tail) { read_tail(tail, title, true) } else { None }
        })?;
        Some(Release { title: without_full_stop(title), year: place.year, tags, remarks })
    });
    set_apart.or_else(|| bare_release(name, years, known))
}

/// `Aladin 2015 French` and `Tashan 2008 Hindi 720p SilverRG` have a bare year. Nothing but known words stands behind it,
/// or one of them says how a stream is made.
fn bare_release<'a>(name: &'a str, years: &Years, known: Option<i32>) -> Option<Release<'a>> {
    if !name.bytes().any(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (start, year) = name.rmatch_indices(' ').take(MOST_WORDS).find_map(|(at, _)| {
        let word = name[at + 1..].split(' ').next()?;
        years.read_whole(word).map(|year| (at, year))
    })?;
    let tail = &name[start + 5..];
    let title = trim_separators(&name[..start]);
    let word = title.rsplit(' ').next().unwrap_or_default().to_lowercase();
    let is_title = title.contains(char::is_alphanumeric) && !LINKING.contains(&word.as_str());
    if !is_title || tail.is_empty() || known.is_some_and(|known| known != year) {
        return None;
    }
    let is_technical = is_technical_tail(tail);
    // Capitals say nothing here.
    let (tags, remarks) = read_tail(tail, "", is_technical)?;
    let is_release = is_technical || remarks.is_empty();
    is_release.then(|| Release { title: without_full_stop(title), year, tags, remarks })
}

/// Whether one of the first two words says how a stream is made: what else stands there is no title.
fn is_technical_tail(text: &str) -> bool {
    let words = text.split(|it: char| is_separator(it) || "([".contains(it));
    let words = words.filter(|word| !word.is_empty()).take(2);
    words.into_iter().any(|word| {
        let sort = || matches!(tag(word), Some(Tag::Quality(_) | Tag::Source(_) | Tag::Codec(_)));
        is_technical(word) && sort()
    })
}

/// The tags and the unknown brackets of a text that is nothing but brackets, capitals, ratings and known words. `None`
/// for another one, if it does not take `any`, and for one that counts parts. Capitals say nothing behind a title in
/// capitals.
fn read_tail<'a>(text: &'a str, title: &str, any: bool) -> Option<(Vec<Tag>, Vec<&'a str>)> {
    let mut remarks = Vec::new();
    let can_shout = has_small_letters(title);
    let (mut tags, mut of_words, mut has_name, mut rest) = (Vec::new(), Vec::new(), false, text);
    while let Some((piece, after)) = first_piece(rest) {
        rest = after;
        if let Some(inside) = piece.strip_prefix(['(', '[', '{']) {
            let inside = inside.trim_end_matches([')', ']', '}']).trim();
            if goes_on(inside) {
                return None;
            }
            match bracket_tags(inside) {
                Some(found) => tags.extend(found),
                None if inside.chars().any(char::is_alphabetic) => remarks.push(inside),
                None => {}
            }
            continue;
        }
        if has_word(piece, PARTS) {
            return None;
        }
        let word = piece.trim_matches(['.', ',', '|', ']', ')']);
        let is_known = words_of(word).all(is_sure) || !word.contains(char::is_alphanumeric);
        let is_name = !is_known && can_shout && is_shouted(word);
        if !(any || is_known || is_name || word.contains('.') && is_rating(word)) {
            return None;
        }
        has_name |= is_name;
        of_words.extend(words_of(word).filter_map(tag));
    }
    // In `(1995) AL PACINO` nobody speaks Albanian.
    let is_code = |tag: &Tag| matches!(tag, Tag::Language(_) | Tag::Country(_) | Tag::Platform(_));
    tags.extend(of_words.into_iter().filter(|tag| !has_name || !is_code(tag)));
    Some((tags, remarks))
}

/// The bracket or word that a text begins with, and the rest.
fn first_piece(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start_matches(|letter| is_separator(letter) || is_decoration(letter));
    let end = match text.chars().next()? {
        '(' => text.find(')').map(|end| end + 1),
        '[' => text.find(']').map(|end| end + 1),
        '{' => text.find('}').map(|end| end + 1),
        _ => text.find([' ', '(', '[', '{']),
    };
    Some(text.split_at(end.unwrap_or(text.len())))
}

/// Whether a word is known, and no word of titles in small letters.
fn is_sure(word: &str) -> bool {
    if !is_known(word) {
        return is_word_of(word, &ORIGINAL);
    }
    let is_code = word.chars().count() > 3 || has_capitals(word);
    is_code && (has_capitals(word) || !is_ambiguous(&word.to_uppercase()))
}

/// Whether a bracket counts the parts of a work: `(Part 2)`, `(2)`.
fn goes_on(inside: &str) -> bool {
    let is_number = (1..=3).contains(&inside.len()) && inside.bytes().all(|it| it.is_ascii_digit());
    is_number || has_word(inside, PARTS)
}
