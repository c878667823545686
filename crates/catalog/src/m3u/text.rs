//! Text as playlists have it: undecided encodings, HTML entities, stray white space.

use std::borrow::Cow;

use vod2strm_core::names::entities::unescape;

/// Names longer than this are cut: no film has one, and memory stays bounded.
const MAX_TEXT_BYTES: usize = 4096;

/// What windows-1252 has at 0x80 to 0x9f; the rest of it is Latin-1.
const WINDOWS_1252_C1: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}',
    '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

/// A line's text: UTF-8 where it is valid, else windows-1252, which cannot fail.
pub(super) fn decode(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(bytes.iter().map(|byte| windows_1252(*byte)).collect()),
    }
}

fn windows_1252(byte: u8) -> char {
    match byte {
        0x80..=0x9f => WINDOWS_1252_C1[usize::from(byte - 0x80)],
        _ => char::from(byte),
    }
}

/// A name for people: entities decoded once, white space collapsed, at most 4096 bytes.
pub(super) fn clean(raw: &str) -> String {
    // Entities make a text shorter, never longer: twice the limit is enough to look at.
    let decoded = unescape(cut(raw, 2 * MAX_TEXT_BYTES));
    let mut clean = String::with_capacity(decoded.len());
    for word in decoded.split_whitespace() {
        if !clean.is_empty() {
            clean.push(' ');
        }
        clean.push_str(word);
    }
    let end = cut(&clean, MAX_TEXT_BYTES).len();
    clean.truncate(end);
    clean
}

/// The longest prefix of at most `limit` bytes that ends between two characters.
fn cut(text: &str, limit: usize) -> &str {
    let mut end = limit.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// What two spellings of one name have in common: case, white space and invisible characters do
/// not count.
pub(super) fn fold(name: &str) -> String {
    let visible: String = name.chars().filter(|letter| !is_invisible(*letter)).collect();
    visible.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Zero-width characters, direction marks and controls other than white space.
fn is_invisible(letter: char) -> bool {
    matches!(letter, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}')
        || letter == '\u{feff}'
        || (letter.is_control() && !letter.is_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn undecodable_bytes_are_read_as_windows_1252() {
        assert_eq!(decode("Amélie".as_bytes()), "Amélie");
        assert_eq!(decode(b"Am\xe9lie \x96 2001"), "Amélie – 2001");
        assert_eq!(decode(b"\xff\x81"), "ÿ\u{81}");
    }

    #[test]
    fn entities_are_decoded_once() {
        for (raw, expected) in [
            ("Love &amp; Death", "Love & Death"),
            ("It&#039;s &quot;X&quot;", "It's \"X\""),
            ("&amp;#039;", "&#039;"),
            ("a &lt;b&gt; &apos;c&apos; &#x41;", "a <b> 'c' A"),
            (
                "AT&T; R&D & more &unknown; &#0; &#x110000;",
                "AT&T; R&D & more &unknown; &#0; &#x110000;",
            ),
            ("one&#10;line\t here ", "one line here"),
            ("é&", "é&"),
        ] {
            assert_eq!(clean(raw), expected);
        }
    }

    #[test]
    fn long_texts_are_cut_between_characters() {
        let long = "é".repeat(5000);
        assert_eq!(clean(&long).len(), 4096);
    }

    #[test]
    fn folding_ignores_case_space_and_the_invisible() {
        assert_eq!(fold("The\u{200b}  OFFICE\u{7}"), fold("the office"));
        assert_eq!(fold("ΟΔΟΣ ÉTÉ"), fold("οδος été"));
    }
}
