//! A text as it is searched: its words, without letter case, accents and marks.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::fold_key;

/// The letters and digits of a text in lower case and without accents, with one blank where anything else stands between
/// them: `Alien: Covenant` and `alien.covenant` are one. An apostrophe parts no words.
pub fn search_key(text: &str) -> String {
    let mut key = String::with_capacity(text.len());
    if text.is_ascii() {
        text.chars().for_each(|c| add(&mut key, c.to_ascii_lowercase()));
    } else {
        fold_key(text).nfd().for_each(|c| add(&mut key, c));
    }
    key.truncate(key.trim_end().len());
    key
}

fn add(key: &mut String, c: char) {
    match c {
        // Letters that have no accent to take off, and are written without one.
        'ł' => key.push('l'),
        'ø' => key.push('o'),
        'đ' | 'ð' => key.push('d'),
        'ı' => key.push('i'),
        'æ' => key.push_str("ae"),
        'œ' => key.push_str("oe"),
        '\'' | '’' => {}
        c if is_combining_mark(c) => {}
        c if c.is_alphanumeric() => key.push(c),
        _ if key.is_empty() || key.ends_with(' ') => {}
        _ => key.push(' '),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write_in_several_ways_is_one() {
        for (one, other) in [
            ("Amélie", "AMELIE"),
            ("Alien: Covenant (2017)", "alien.covenant.2017"),
            ("Don't Look Up", "dont look  up"),
            ("Straße", "STRASSE"),
            ("Zażółć Gęślą Jaźń", "zazolc gesla jazn"),
            ("  [REC] 2 ", "rec 2"),
            ("WALL·E", "Wall-E"),
        ] {
            assert_eq!(search_key(one), search_key(other), "{one}");
        }
        assert_eq!(search_key("?! …"), "");
        assert_eq!(search_key("千と千尋の神隠し"), search_key("千と千尋の神隠し "));
    }
}
