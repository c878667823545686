//! Names of files: `The.Hangover.2.2011.2160p.WEB-DL`. Dots stand there for blanks, and a year ends the title.

use std::borrow::Cow;

use super::vocabulary::{Tag, tag};
use super::years::{LINKING, Years};

/// A name with blanks for its dots, and brackets around its year. One that has blanks of its own stays, and so do
/// `S.W.A.T.`, `4.3.2.1` and `Mr.Robot`.
pub fn undotted<'a>(name: &'a str, years: &Years) -> Cow<'a, str> {
    let text = name.trim_end_matches('.');
    if text.contains(' ') || !text.contains('.') {
        return Cow::Borrowed(name);
    }
    let words: Vec<&str> = text.split('.').filter(|word| !word.is_empty()).collect();
    let is_year = |at: usize| {
        at > 0
            && years.read_whole(words[at]).is_some()
            && !LINKING.contains(&words[at - 1].to_lowercase().as_str())
    };
    let year = (0..words.len()).rfind(|at| is_year(*at));
    let is_word = |word: &&str| word.chars().filter(|letter| letter.is_alphabetic()).count() > 1;
    let dots = name.bytes().filter(|byte| *byte == b'.').count();
    let has_letter = || words.iter().any(|word| word.chars().any(char::is_alphabetic));
    let has_words = words.iter().any(is_word) || year.is_some() && has_letter();
    if !has_words || dots < 2 && year != Some(words.len() - 1) {
        return Cow::Borrowed(name);
    }
    // `Beast.German.2017` is spoken in German.
    let language = year.filter(|at| *at > 1 && is_language(words[at - 1]));
    let mut text = String::with_capacity(name.len() + 2);
    for (at, word) in words.iter().enumerate() {
        if language.is_some_and(|year| at + 1 == year) {
            continue;
        }
        push_apart(&mut text, at.checked_sub(1).map(|before| words[before]), word);
        if Some(at) == year {
            text.replace_range(text.len() - word.len().., &format!("({word})"));
            if let Some(year) = language {
                push_apart(&mut text, Some(""), words[year - 1]);
            }
        }
    }
    Cow::Owned(text)
}

/// Puts a word behind a text, with a blank between them; but the dots of `S.W.A.T.` stay.
fn push_apart(text: &mut String, before: Option<&str>, word: &str) {
    let is_letter = |word: &str| word.chars().count() == 1 && word.chars().all(char::is_alphabetic);
    let last = text.rsplit(' ').next().unwrap_or_default();
    let abbreviates = before.is_some_and(is_letter) && (is_letter(word) || last.contains('.'));
    if abbreviates {
        text.push('.');
    }
    let is_joined = text.is_empty() || abbreviates && is_letter(word);
    if !is_joined {
        text.push(' ');
    }
    text.push_str(word);
}

/// The name of a language, and no code.
fn is_language(word: &str) -> bool {
    word.len() > 4 && matches!(tag(word), Some(Tag::Language(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dots_for_blanks() {
        for (name, text) in [
            ("Amphitryon.1935.", "Amphitryon (1935)"),
            ("Heat.1995", "Heat (1995)"),
            ("beast.german.2017.", "beast (2017) german"),
            ("The.Hangover.2.2011.2160p.WEB-DL", "The Hangover 2 (2011) 2160p WEB-DL"),
            ("12.Years.A.Slave.2013", "12 Years A Slave (2013)"),
            ("Class.of.1984.720p", "Class of 1984 720p"),
            ("Run.&.Gun", "Run & Gun"),
            ("S.W.A.T.2017.1080p", "S.W.A.T. (2017) 1080p"),
            ("L.A.Confidential.1997", "L.A. Confidential (1997)"),
            ("S.W.A.T.", "S.W.A.T."),
            ("M.A.S.H", "M.A.S.H"),
            ("G.B.F", "G.B.F"),
            ("4.3.2.1", "4.3.2.1"),
            ("E.T.", "E.T."),
            ("Mr.Robot", "Mr.Robot"),
            ("Mr. Nice Guy", "Mr. Nice Guy"),
            ("Heat.", "Heat."),
        ] {
            assert_eq!(undotted(name, &Years::plausible_in(2026)), text, "{name}");
        }
    }
}
