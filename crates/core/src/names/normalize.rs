//! Entities, white space and decoration in front of a name. All of it comes off before anything is read.

use unicode_normalization::UnicodeNormalization;

use super::entities::unescape;
use crate::text::collapse;

/// A name without entities, doubled blanks, and decoration before its first letter.
pub fn normalized(raw: &str) -> String {
    undecorated(&collapse(&unescape(raw))).to_owned()
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
