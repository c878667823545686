//! The end of a name, where providers put what is not the title. Brackets and separators say that a word is a tag. A
//! blank says next to nothing: the word has to be one that titles do not end with.

use super::normalize::{in_capitals, is_decoration, is_raised};
use super::separators::trim_separators;
use super::vocabulary::{
    Tag, are_partners, has_capitals, has_small_letters, is_ambiguous, is_bare_at_end, is_country,
    is_known, is_partner, is_technical, tag, words_of,
};
use super::words::{EPISODE, PARTS, VIETNAMESE_SOUND, has_word, is_word_of};
use crate::model::country::Country;

/// How many tags are taken from one end: real names have a dozen at most.
const ROUNDS: usize = 16;

/// The longest bracket that the names of a category can have in common, in bytes.
const LONGEST_SUFFIX: usize = 24;

/// Words that are no part of a title's end: what stands behind them belongs to it, like `WWII in HD`.
const LINKING: [&str; 14] =
    ["a", "an", "and", "da", "de", "el", "en", "for", "from", "in", "la", "of", "on", "the"];

/// Takes tags from the end, one after the other, as long as a title is left.
pub fn take_trailing<'a>(name: &'a str, tags: &mut Vec<Tag>) -> &'a str {
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

/// Takes one tag from the end of a name, if there is one.
fn trailing(name: &str) -> Option<(&str, Vec<Tag>)> {
    in_brackets(name)
        .or_else(|| behind_bar(name))
        .or_else(|| behind_dash(name))
        .or_else(|| after_underscore(name))
        .or_else(|| two_words(name))
        .or_else(|| last_word(name))
}

/// `(4K)`, `[Multi-Sub]`, `( مدبلج )`; with another bracket or a bar as its beginning, `|HDTS]`, if all of it is known.
fn in_brackets(name: &str) -> Option<(&str, Vec<Tag>)> {
    let opening = match name.chars().next_back()? {
        ')' => '(',
        ']' => '[',
        '}' => '{',
        _ => return None,
    };
    let of = |start: usize| name[start + 1..name.len() - 1].trim();
    if let Some(start) = name.rfind(opening) {
        return Some((&name[..start], bracket_tags(of(start))?));
    }
    let start = name.rfind(['(', '[', '{', '|'])?;
    Some((&name[..start], known_words(of(start)).filter(|tags| !tags.is_empty())?))
}

/// What a bracket says that is no part of the title. It is a mark of the provider, a country, or words that are all
/// known, or of which one says how the stream is made.
pub(super) fn bracket_tags(inside: &str) -> Option<Vec<Tag>> {
    if let Some(version) = version_in(inside) {
        return Some(vec![version]);
    }
    if let Some(country) = Country::read(inside) {
        return Some(vec![Tag::Country(country.code.to_owned())]);
    }
    if is_country(inside) {
        // By the codes of other countries providers mean a language, if there is one of that code.
        let language = tag(inside).filter(|found| matches!(found, Tag::Language(_)));
        return Some(vec![language.unwrap_or_else(|| Tag::Country(inside.to_owned()))]);
    }
    // An empty pair of brackets is what somebody's own cleaning left behind.
    known_words(inside).or_else(|| technical_words(inside))
}

/// The tags of words that are all known. A word that is as often part of a title is known in capitals alone.
fn known_words(text: &str) -> Option<Vec<Tag>> {
    let is_sure = |word: &str| has_capitals(word) || !is_ambiguous(&word.to_uppercase());
    let known = |word: &str| if is_sure(word) { tag(word) } else { None };
    words_of(text).map(known).collect()
}

/// The tags of words one of which is technical, if none is a plain word: `MULTi VQF/VO`, not `4K edition of a film`.
fn technical_words(text: &str) -> Option<Vec<Tag>> {
    let is_plain = |word: &str| word.starts_with(char::is_lowercase) && !is_known(word);
    let is_tag = words_of(text).any(is_technical) && !words_of(text).any(is_plain);
    is_tag.then(|| words_of(text).filter_map(tag).collect())
}

/// The bracket that ends a name, if the names of its category can have it in common: what stands in front, and what
/// it says.
pub fn last_bracket(name: &str) -> Option<(&str, &str)> {
    let opening = match name.chars().next_back()? {
        ')' => '(',
        ']' => '[',
        _ => return None,
    };
    let start = name.rfind(opening)?;
    let (front, text) = (&name[..start], &name[start + 1..name.len() - 1]);
    (can_be_suffix(text) && front.chars().any(char::is_alphanumeric)).then_some((front, text))
}

/// What the short brackets of a name say.
pub fn brackets(name: &str) -> impl Iterator<Item = &str> {
    let inside = |(at, _)| {
        let text = &name[at + 1..];
        let mut letters = text.bytes().take(LONGEST_SUFFIX + 1);
        Some(&text[..letters.position(|byte| b")]".contains(&byte))?])
    };
    name.match_indices(['(', '[']).filter_map(inside)
}

/// Whether a bracket can be a mark that a provider puts behind all titles. It is short, has a letter, counts no part of
/// a work, and is no tag anyway.
pub fn can_be_suffix(text: &str) -> bool {
    let is_short = (2..=LONGEST_SUFFIX).contains(&text.len());
    let is_word = is_short && text.chars().any(char::is_alphabetic);
    is_word && !has_word(text, PARTS) && bracket_tags(text).is_none()
}

/// The tags that a text is, when it is nothing else: a bracket, or known words one of which is technical. A word alone
/// is one in capitals: `Lektor` is a title.
pub fn only_tags(text: &str) -> Option<Vec<Tag>> {
    let inside = text.strip_prefix(['[', '(']).and_then(|text| text.strip_suffix([']', ')']));
    match inside {
        Some(inside) => bracket_tags(inside.trim()),
        None if !text.contains(' ') && !has_capitals(text) => None,
        None if !words_of(text).any(is_technical) => None,
        None => known_words(text),
    }
}

/// `[L]`, `[V2]`: marks of providers, of no more use.
fn version_in(inside: &str) -> Option<Tag> {
    let is_mark = inside == "L"
        || inside.strip_prefix('V').is_some_and(|version| {
            version.len() == 1 && version.bytes().all(|byte| byte.is_ascii_digit())
        });
    is_mark.then(|| Tag::Other(inside.to_owned()))
}

/// `Heat|XYZ`: a code in capitals that nothing but a bar parts from a title with small letters.
fn behind_bar(name: &str) -> Option<(&str, Vec<Tag>)> {
    let (front, text) = name.rsplit_once('|')?;
    if let Some(tags) = known_words(text).filter(|tags| !tags.is_empty()) {
        return Some((front, tags));
    }
    let is_glued = !front.ends_with(' ') && !text.starts_with(' ');
    (is_glued && is_shouted(text) && has_small_letters(front))
        .then(|| (front, vec![Tag::Other(text.to_owned())]))
}

/// ` - Vietsub #1 [Full]`: what a server says of its sound, in a name that is no episode's; ` - Tập Full`, ` - Tập`: a
/// word for an episode that counts nothing.
fn behind_dash(name: &str) -> Option<(&str, Vec<Tag>)> {
    if name.ends_with(']') {
        let (front, text) = name.rsplit_once(" - ")?;
        let text = text.to_lowercase();
        let has_sound = VIETNAMESE_SOUND.iter().any(|sound| text.contains(sound));
        return has_sound.then(|| (front, vec![Tag::Language("vi".to_owned())]));
    }
    let (front, last) = name.rsplit_once(' ')?;
    let (front, word) =
        if last.eq_ignore_ascii_case("full") { front.rsplit_once(' ')? } else { (front, last) };
    let is_word = front.ends_with(" -") && word.len() > 3 && is_word_of(word, EPISODE);
    is_word.then(|| (front, Vec::new()))
}

/// `_eng`, `--esp`, `-DE`.
fn after_underscore(name: &str) -> Option<(&str, Vec<Tag>)> {
    let (front, word) = name.rsplit_once(['_', '-'])?;
    let is_doubled = name.as_bytes().get(front.len()) == Some(&b'_') || front.ends_with('-');
    // `Sin-DE`, but neither `SS-GB` nor `Anti-de`.
    let is_code = || word.len() == 2 && front.ends_with(char::is_lowercase) && is_bare_at_end(word);
    let known = tag(word)?;
    (is_doubled || is_code()).then(|| (front.trim_end_matches(['-', '_']), vec![known]))
}

/// `Lektor PL`, `sub español`: two words that are a tag together. `⭐ 7.3`: a rating.
fn two_words(name: &str) -> Option<(&str, Vec<Tag>)> {
    let (front, last) = name.rsplit_once(' ')?;
    let (front, first) = front.rsplit_once(' ')?;
    if is_rating(last) && first.chars().all(is_decoration) {
        return Some((front, Vec::new()));
    }
    are_partners(first, last)
        .then(|| (front, [tag(first), tag(last)].into_iter().flatten().collect()))
}

/// ` - 4K`, ` HEVC`, ` ES`; words that are nothing but superscript, or decoration.
fn last_word(name: &str) -> Option<(&str, Vec<Tag>)> {
    let (front, word) = name.rsplit_once(char::is_whitespace)?;
    let undecorated = word.trim_start_matches(is_decoration);
    if undecorated.len() < word.len() && (undecorated.is_empty() || is_rating(undecorated)) {
        return Some((front, Vec::new()));
    }
    if word.chars().count() >= 2 && word.chars().all(is_raised) {
        let plain = in_capitals(word);
        return Some((front, vec![tag(&plain).unwrap_or(Tag::Other(plain))]));
    }
    if let Some(tags) = of_a_group(word) {
        return Some((front, tags));
    }
    let found = tag(word)?;
    let before = front.trim_end();
    let is_apart = before.ends_with(['-', '–', '—', '|', ':']);
    let is_sure = if is_apart {
        has_capitals(word) && !is_ambiguous(word) || is_bare_at_end(word)
    } else {
        let is_code = word.len() == 2 && matches!(found, Tag::Language(_));
        let is_bare = is_bare_at_end(word) || is_technical(word) && is_behind_technical(before);
        is_bare && !is_part_of_title(before) && (!is_code || has_small_letters(front))
    };
    is_sure.then(|| (front, vec![found]))
}

/// `720p` before `WEB`: what alone could be a word of a title is none there.
fn is_behind_technical(before: &str) -> bool {
    before.rsplit_once(' ').is_some_and(|(_, word)| is_technical(word) && has_capitals(word))
}

/// Whether what stands in front keeps the last word: a preposition, or a tag's partner that has to stay.
fn is_part_of_title(before: &str) -> bool {
    let word = before.rsplit(' ').next().unwrap_or(before);
    is_partner(word) || LINKING.iter().any(|linking| linking.eq_ignore_ascii_case(word))
}

/// `x264-GROUP`: a codec and who made the file.
fn of_a_group(word: &str) -> Option<Vec<Tag>> {
    let (head, group) = word.split_once('-')?;
    let is_group = !group.is_empty() && group.chars().all(char::is_alphanumeric);
    match tag(head)? {
        codec @ (Tag::Codec(_) | Tag::Quality(_) | Tag::Source(_))
            if is_group && is_technical(head) =>
        {
            Some(vec![codec])
        }
        _ => None,
    }
}

/// `7.3`, `10.0`, `8.1/10`.
pub(super) fn is_rating(text: &str) -> bool {
    let number = text.strip_suffix("/10").unwrap_or(text);
    let are_digits = |part: &str| !part.is_empty() && part.bytes().all(|it| it.is_ascii_digit());
    let parts = number.split_once(['.', ',']);
    parts.is_some_and(|(whole, part)| {
        are_digits(whole) && are_digits(part) && whole.len() <= 2 && part.len() == 1
    }) || are_digits(number) && number.len() <= 2
}

/// Whether a word is of capital letters alone, and no number of the Romans.
pub(super) fn is_shouted(word: &str) -> bool {
    let is_roman = || word.chars().all(|letter| "IVX".contains(letter));
    let is_capital = |letter: char| letter.is_uppercase() || "-+/&".contains(letter);
    word.chars().filter(|it| it.is_uppercase()).count() > 1
        && word.chars().all(is_capital)
        && !is_roman()
}
