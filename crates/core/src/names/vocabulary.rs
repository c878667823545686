//! The words that providers put around a title, and what they mean.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::known_words::{
    AMBIGUOUS, BARE_AT_END, COUNTRIES, NO_COUNTRIES, PARTNERS, Sort, UNMISTAKABLE, WORDS,
};
use super::words::folded;

/// What a word around a title says. Languages are ISO 639-1 codes in lower case, countries and regions
/// upper-case codes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tag {
    /// The language that is spoken: `en`; `multi` for several.
    Language(String),
    /// The country that the title comes from, or a region: `GB`, `EXYU`.
    Country(String),
    /// The streaming service that it was taken from: `NF`.
    Platform(String),
    /// Picture: `4K`, `1080p`, `HDR10+`.
    Quality(String),
    /// Where the stream comes from: `BluRay`, `CAM`.
    Source(String),
    /// `HEVC`, `x264`.
    Codec(String),
    /// Sound, dubbing and subtitles: `Atmos`, `SUB`.
    Audio(String),
    /// An id in a database: `tmdb=526702`.
    Id(String),
    /// What a provider marks for itself: `TOP`.
    Other(String),
}

/// The longest word of the list, in bytes; what is longer is not looked up.
const LONGEST: usize = 36;

/// A word's line of the list, in whatever case it is written.
fn entry(word: &str) -> Option<(Sort, &'static str)> {
    static BY_WORD: LazyLock<HashMap<String, (Sort, &str)>> = LazyLock::new(|| {
        let key = |word: &str| word.chars().map(folded).collect::<String>();
        WORDS.iter().map(|(word, sort, name)| (key(word), (*sort, *name))).collect()
    });
    let mut key = [0; LONGEST];
    let mut length = 0;
    for letter in word.chars().map(folded) {
        let place = key.get_mut(length..length + letter.len_utf8())?;
        length += letter.encode_utf8(place).len();
    }
    BY_WORD.get(str::from_utf8(&key[..length]).ok()?).copied()
}

/// Whether a word is in the list.
pub fn is_known(word: &str) -> bool {
    entry(word).is_some() || frames_of(word).is_some()
}

/// What a word says, in whatever case it is written.
pub fn tag(word: &str) -> Option<Tag> {
    let Some((sort, name)) = entry(word) else {
        return frames_of(word).map(|frames| Tag::Quality(format!("{frames}fps")));
    };
    let name = name.to_owned();
    Some(match sort {
        Sort::Language => Tag::Language(name),
        Sort::Region => Tag::Country(name),
        Sort::Platform => Tag::Platform(name),
        Sort::Quality => Tag::Quality(name),
        Sort::Source => Tag::Source(name),
        Sort::Codec => Tag::Codec(name),
        Sort::Audio => Tag::Audio(name),
        Sort::Other => Tag::Other(name),
    })
}

/// The pictures a second: `60FPS`.
fn frames_of(word: &str) -> Option<u16> {
    let (digits, unit) = word.split_at_checked(word.len().checked_sub(3)?)?;
    let is_number = (2..=3).contains(&digits.len()) && digits.bytes().all(|it| it.is_ascii_digit());
    (is_number && unit.eq_ignore_ascii_case("fps")).then(|| digits.parse().ok())?
}

/// The words of a tag: `4K-NF-DO`, `EN SPOKEN`, `FR/DE`. `WEB-DL` is one.
pub fn words_of(text: &str) -> impl Iterator<Item = &str> {
    let is_one = is_known(text);
    let parts = text.split(move |letter: char| !is_one && " -–_/,&|".contains(letter));
    parts.filter(|part| !part.is_empty())
}

/// Whether a word is the code of a country, as in brackets at a name's end: `The Office (US)`.
pub fn is_country(word: &str) -> bool {
    let is_code = word.len() == 2 && word.bytes().all(|byte| byte.is_ascii_uppercase());
    is_code && !NO_COUNTRIES.contains(&word) && COUNTRIES.split(' ').any(|code| code == word)
}

/// Whether a word says how a stream is made, and could be no word of a title: `1080p`, `HEVC`, `MULTi`.
pub fn is_technical(word: &str) -> bool {
    let is_unlike_words =
        || has_capitals(word) || word.bytes().any(|byte| byte.is_ascii_digit()) || word.len() > 4;
    match entry(word) {
        Some((Sort::Quality | Sort::Source | Sort::Codec | Sort::Audio, _)) => {
            is_unlike_words() && !is_ambiguous(word)
        }
        Some((Sort::Language, "multi")) => true,
        _ => frames_of(word).is_some(),
    }
}

/// Whether two words are a tag together: sound, and its language: `Lektor PL`, `Türkçe Dublaj`.
pub fn are_partners(one: &str, other: &str) -> bool {
    let is_language = |word: &str| {
        let is_sure = has_capitals(word) || word.chars().count() > 3;
        is_sure && matches!(entry(word), Some((Sort::Language, _)))
    };
    (is_partner(one) && is_language(other)) || (is_language(one) && is_partner(other))
}

/// Whether a word of sound has its language beside it.
pub fn is_partner(word: &str) -> bool {
    is_of(word, PARTNERS)
}

/// Whether a word is in a list of capitals, in whatever case it is written.
fn is_of(word: &str, list: &[&str]) -> bool {
    list.iter().any(|known| known.eq_ignore_ascii_case(word))
        || !word.is_ascii() && list.contains(&word.to_uppercase().replace('İ', "I").as_str())
}

/// Whether a word in capitals is as often part of a title.
pub fn is_ambiguous(word: &str) -> bool {
    AMBIGUOUS.contains(&word)
}

/// Whether a word that nothing but a blank parts from the title may be taken from its end.
pub fn is_bare_at_end(word: &str) -> bool {
    let Some((sort, name)) = entry(word) else { return false };
    match sort {
        _ if is_of(word, UNMISTAKABLE) => true,
        Sort::Language if name == "multi" => word.starts_with('M'),
        Sort::Language => BARE_AT_END.contains(&word),
        Sort::Quality => name != "3D" && has_capitals(word),
        Sort::Codec | Sort::Source if matches!(name, "CAM" | "TS" | "TC") => has_capitals(word),
        // A spider's web is no source.
        Sort::Codec | Sort::Source => name != "WEB" && !is_ambiguous(word),
        Sort::Audio => has_capitals(word) && !is_ambiguous(word) && !is_word_of_titles(word),
        _ => false,
    }
}

/// A word of sound that titles have, too, even in capitals.
fn is_word_of_titles(word: &str) -> bool {
    matches!(word, "AUDIO" | "DUBBING" | "LEG" | "LEKTOR" | "SPOKEN" | "ซับ" | "字幕")
}

/// Whether a word that nothing but a blank parts from the title may be taken from its beginning.
pub fn is_bare_at_start(word: &str) -> bool {
    match entry(word) {
        Some((Sort::Quality, name)) => {
            !["3D", "DV", "HD", "SD"].contains(&name) && has_capitals(word)
        }
        Some((Sort::Platform, _)) => word.ends_with('+') && has_capitals(word),
        Some((Sort::Codec, _)) => has_capitals(word),
        _ => false,
    }
}

/// Whether no letter is a small one, but the `p` of `1080p`.
pub fn has_capitals(word: &str) -> bool {
    let word = match word.strip_suffix(['p', 'i']) {
        Some(number) if number.bytes().all(|byte| byte.is_ascii_digit()) => number,
        _ => word,
    };
    !word.chars().any(char::is_lowercase)
}

/// Whether a title has small letters, so that capitals beside it say something.
pub fn has_small_letters(title: &str) -> bool {
    title.chars().any(|letter| !letter.is_uppercase() && letter.is_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_listed_once_in_capitals_and_are_short_enough() {
        for (at, (word, ..)) in WORDS.iter().enumerate() {
            assert_eq!(word.to_uppercase(), **word);
            assert!(word.len() <= LONGEST, "{word}");
            assert!(!WORDS[..at].iter().any(|(other, ..)| other == word), "{word} twice");
        }
        let lists = [AMBIGUOUS, BARE_AT_END, UNMISTAKABLE, PARTNERS];
        for word in lists.concat() {
            assert!(entry(word).is_some(), "{word}");
        }
        assert!(NO_COUNTRIES.iter().all(|code| COUNTRIES.split(' ').any(|known| known == *code)));
    }

    #[test]
    fn words_are_known_in_any_case() {
        assert_eq!(tag("español"), tag("ESPAÑOL"));
        assert_eq!(tag("Altyazılı"), Some(Tag::Audio("SUB".to_owned())));
        assert_eq!(tag("60FPS"), Some(Tag::Quality("60fps".to_owned())));
        assert!(["CL", "GB", "US"].into_iter().all(is_country));
        assert!(!["AR", "UK", "us", "USA"].into_iter().any(is_country));
        assert!(are_partners("Lektor", "PL") && are_partners("Türkçe", "Dublaj"));
        assert!(!are_partners("Lektor", "pl") && !are_partners("PL", "DE"));
    }
}
