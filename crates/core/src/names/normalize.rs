//! What comes off a name before anything is read: entities, markup, letters that nobody sees, doubled blanks, and
//! decoration in front.

use std::borrow::Cow;

use unicode_normalization::{UnicodeNormalization, is_nfc};

use super::entities::unescape;
use super::markup::without_markup;
use crate::text::collapse;

/// What names of files of video end with.
const VIDEO: [&str; 14] = [
    "avi", "divx", "flv", "m2ts", "m4v", "mkv", "mov", "mp4", "mpeg", "mpg", "ts", "vob", "webm",
    "wmv",
];

/// A name without entities, markup, doubled blanks, a file's ending, and decoration before its first letter. A name that would have
/// no word left keeps its markup.
pub fn normalized(raw: &str) -> String {
    let text = unescape(raw);
    let plain = without_markup(&text);
    let has_word = plain.chars().any(char::is_alphanumeric);
    let plain = without_unseen(if has_word { &plain } else { &text });
    let name = undecorated(without_extension(without_rating(&collapse(&plain)))).to_owned();
    // Letters that a panel writes in pieces are compared and shown whole.
    if name.is_ascii() || is_nfc(&name) { name } else { name.nfc().collect() }
}

/// A name without the rating behind it, and the genres in front of that: `Rocky 2 [Azione] ⭐7.3`. Its digits are none of
/// a part's.
fn without_rating(name: &str) -> &str {
    let Some((front, rating)) = name.rsplit_once('⭐') else { return name };
    let rating = rating.trim_start_matches(['\u{fe0f}', ' ']);
    let is_number = rating.chars().all(|letter| letter.is_ascii_digit() || ".,/".contains(letter));
    let is_rating = is_number && rating.starts_with(|letter: char| letter.is_ascii_digit());
    if !is_rating || !front.contains(char::is_alphanumeric) {
        return name;
    }
    let front = front.trim_end();
    let before_genres = front.strip_suffix(']').and_then(|inside| inside.rsplit_once('['));
    match before_genres {
        Some((title, _)) if title.contains(char::is_alphanumeric) => title.trim_end(),
        _ => front,
    }
}

/// A name without the ending of a video's file. `Heat TS` was filmed in a cinema.
fn without_extension(name: &str) -> &str {
    let Some((front, ending)) = name.rsplit_once('.') else { return name };
    let is_video = (2..=4).contains(&ending.len())
        && ending != "TS"
        && VIDEO.iter().any(|known| known.eq_ignore_ascii_case(ending));
    if is_video && front.contains(char::is_alphanumeric) { front.trim_end() } else { name }
}

/// A name without letters that nobody sees (marks of order and of width), and with the apostrophes of a shell's
/// scripts (`'\''`) as plain ones.
fn without_unseen(text: &str) -> Cow<'_, str> {
    let is_escaped = text.contains("\\'");
    if !is_escaped && (text.is_ascii() || !text.chars().any(is_unseen)) {
        return Cow::Borrowed(text);
    }
    let seen: String = text.chars().filter(|letter| !is_unseen(*letter)).collect();
    Cow::Owned(if is_escaped { seen.replace("'\\''", "'").replace("\\'", "'") } else { seen })
}

/// Letters without a width that change no word: those that join letters of Persian and of pictures stay.
fn is_unseen(letter: char) -> bool {
    matches!(letter, '\u{ad}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// Superscript as ordinary letters, in capitals.
pub fn in_capitals(word: &str) -> String {
    word.nfkc().collect::<String>().to_uppercase()
}

/// A name without the decoration before its first word.
pub fn undecorated(name: &str) -> &str {
    let mut rest = name;
    while let Some((word, after)) = rest.split_once(' ') {
        let is_raised_word = word.chars().count() >= 2 && word.chars().all(is_raised);
        if !(word.chars().all(is_decoration) || is_raised_word) {
            break;
        }
        rest = after;
    }
    rest
}

/// Symbols that panels decorate names with; punctuation belongs to titles.
pub fn is_decoration(letter: char) -> bool {
    matches!(letter, '\u{2190}'..='\u{21ff}' | '\u{2460}'..='\u{27bf}' | '\u{2b00}'..='\u{2bff}'
        | '\u{1f000}'..='\u{1faff}' | '\u{fe0e}' | '\u{fe0f}' | '\u{200d}' | '•')
}

/// Superscript letters and digits.
pub fn is_raised(letter: char) -> bool {
    matches!(letter, '\u{1d2c}'..='\u{1d6a}' | '\u{1d78}' | '\u{1d9b}'..='\u{1dbf}' | '\u{2070}'..='\u{208e}'
        | '²' | '³' | '¹' | 'ª' | 'º' | 'ʰ'..='ʸ' | 'ˡ'..='ˣ' | '\u{2c7d}' | 'ꟸ' | 'ꟹ')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_part_of_a_name() {
        for (raw, name) in [
            ("Heat<br/>", "Heat"),
            ("Heat (1995).mkv", "Heat (1995)"),
            ("Heat.1995.TS", "Heat.1995.TS"),
            ("Heat.Vol", "Heat.Vol"),
            ("?.mkv", "?.mkv"),
            ("A Witches'\\'' Ball", "A Witches' Ball"),
            ("Ocean\\'s 8", "Ocean's 8"),
            ("\u{200e}|FR| Heat\u{feff}", "|FR| Heat"),
            ("R&eacute;sum&eacute;", "Résumé"),
            ("a < b", "a < b"),
            ("Rocky 2 [Dramma] ⭐7.3", "Rocky 2"),
            ("[REC] ⭐7", "[REC]"),
            ("Heat ⭐ New", "Heat ⭐ New"),
        ] {
            assert_eq!(normalized(raw), name);
        }
    }
}
