//! Text that is fit for file names and for XML.
//!
//! The rules for names follow Microsoft's "Naming Files, Paths, and Namespaces", the byte limits of
//! Linux file systems, and what media servers hide. One set for all platforms, since a library made
//! on ext4 is often read over SMB.

pub mod pattern;
pub mod percent;
pub mod redact;
pub mod secrets;
pub mod words;

use std::borrow::Cow;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// The longest file name, in bytes, that vod2strm writes. Room is left below the 255 of most file systems for
/// what others put beside it (`-fanart.jpg`).
pub const MAX_COMPONENT: usize = 200;

/// Whether XML 1.0 allows the character; others must be left out, escaping them is not legal either.
pub fn is_xml_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}

/// The text without what XML forbids.
pub fn legal(text: &str) -> Cow<'_, str> {
    // What is forbidden beyond the controls, U+FFFE and U+FFFF, begins with EF; hardly anything else does.
    let may_be_illegal =
        |byte| byte == 0xEF || byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r');
    match find_byte(text.as_bytes(), may_be_illegal) {
        Some(_) => text.chars().filter(|c| is_xml_char(*c)).collect(),
        None => Cow::Borrowed(text),
    }
}

/// The place of the first byte of a kind. Without an end in the middle, a part is looked at as a whole by the
/// processor. Plots are long, and what is looked for in them is rare.
pub fn find_byte(bytes: &[u8], is_it: impl Fn(u8) -> bool) -> Option<usize> {
    let has_one = |part: &[u8]| part.iter().fold(false, |has_one, byte| has_one | is_it(*byte));
    let (at, part) = bytes.chunks(PART).enumerate().find(|(_, part)| has_one(part))?;
    part.iter().position(|byte| is_it(*byte)).map(|place| at * PART + place)
}

/// How many bytes `find_byte` looks at together.
const PART: usize = 32;

/// A hint as the command line says it: a setting, which stands as `<its_key>` in a hint, by its flag.
pub fn with_flags(hint: &str) -> String {
    let mut text = String::new();
    let mut rest = hint;
    while let Some((before, after)) = rest.split_once('<') {
        let Some((key, after)) = after.split_once('>') else { break };
        text = text + before + "--" + &key.replace('_', "-");
        rest = after;
    }
    text + rest
}

/// A text that cannot play tricks on a terminal: names of titles and files come from strangers.
pub fn printable(text: &str) -> Cow<'_, str> {
    let is_trick =
        |c: char| (c.is_control() && c != '\n') || ('\u{202A}'..='\u{2069}').contains(&c);
    // Most have none, and there are many.
    if text.contains(is_trick) {
        Cow::Owned(text.replace(is_trick, "\u{FFFD}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// A number with what is counted: `1 title`, `2 titles`.
pub fn counted(number: u64, one: &str, more: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { more })
}

/// White space folded to single blanks, none at the ends.
pub fn collapse(text: &str) -> Cow<'_, str> {
    if is_plain(text) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    Cow::Owned(out)
}

/// Whether a text is of printable ASCII alone, with single blanks, and none at its ends. Most names are, and
/// there is little to do for them.
fn is_plain(text: &str) -> bool {
    let mut before = b' ';
    for byte in text.bytes() {
        if !matches!(byte, b' '..=b'~') || (byte == b' ' && before == b' ') {
            return false;
        }
        before = byte;
    }
    before != b' ' || text.is_empty()
}

/// Where a word of ASCII stands in a text, in capitals or not; nowhere if it has no letter.
pub fn find_ascii(text: &str, word: &str) -> Option<usize> {
    let is_it = |part: &[u8]| part.eq_ignore_ascii_case(word.as_bytes());
    text.as_bytes().windows(word.len().max(1)).position(is_it)
}

/// NFC, without a copy of what already is.
pub fn nfc(text: String) -> String {
    if text.is_ascii() {
        return text;
    }
    match is_nfc_quick(text.chars()) {
        IsNormalized::Yes => text,
        _ => text.nfc().collect(),
    }
}

/// Characters that nobody sees: controls, bidi marks and overrides, zero-width ones, tags,
/// non-characters. They make two names look alike, or turn one around. The two joiners stay: Persian
/// words and emoji are made with them, and `fold_key` sees through them.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
            | '\u{180B}'..='\u{180F}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}'
            | '\u{E0000}'..='\u{E0FFF}')
        || (c as u32 & 0xFFFE) == 0xFFFE
        || ('\u{FDD0}'..='\u{FDEF}').contains(&c)
}

/// Makes one path component safe on every file system, at most `limit` bytes long; empty if nothing
/// is left.
///
/// Afterwards it is NFC. It has no separator, no character that Windows forbids, and no control, bidi or zero-width
/// character. It neither begins nor ends with a dot or a blank, and is no reserved device name.
pub fn safe_component(text: &str, limit: usize) -> String {
    let name = visible(text);
    let name = name.trim_start_matches(is_edge);
    let name = truncate(name, limit).trim_end_matches(is_edge);
    if is_reserved(name) {
        return reserved_made_safe(name, limit);
    }
    name.to_owned()
}

/// The characters that may stand in a name, in NFC, white space collapsed.
pub fn visible(text: &str) -> String {
    let is_special =
        |byte| matches!(byte, b'/' | b'\\' | b':' | b'?' | b'*' | b'"' | b'<' | b'>' | b'|');
    if is_plain(text) && !text.bytes().any(is_special) {
        return text.to_owned();
    }
    let mut visible = String::with_capacity(text.len());
    visible.extend(text.chars().filter_map(|c| match c {
        '/' | '\\' => Some('-'),
        ':' | '?' | '*' | '"' | '<' | '>' | '|' => None,
        ' '..='~' => Some(c),
        c if c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c) => Some(' '),
        c if is_invisible(c) => None,
        c => Some(c),
    }));
    nfc(collapse(&visible).into_owned())
}

/// What a name may neither begin nor end with: hidden files, and what Windows cuts off.
pub fn is_edge(c: char) -> bool {
    c == '.' || c.is_whitespace() || is_joiner(c)
}

/// Zero-width joiner and non-joiner: meaning inside of a word, nothing at its edge.
fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200C}' | '\u{200D}')
}

/// Device names that Windows reserves, with any extension.
fn is_reserved(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or(name).trim_end();
    if stem.len() > "CLOCK$ ".len() {
        return false;
    }
    let stem = stem.to_ascii_uppercase();
    if matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$" | "CLOCK$") {
        return true;
    }
    let Some(number) = stem.strip_prefix("COM").or_else(|| stem.strip_prefix("LPT")) else {
        return false;
    };
    matches!(number, "0" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9" | "¹" | "²" | "³")
}

/// `CON.x` becomes `CON_.x`: the device name ends at the first dot.
fn reserved_made_safe(name: &str, limit: usize) -> String {
    let (stem, rest) = name.split_at(name.find('.').unwrap_or(name.len()));
    let safe = format!("{}_{rest}", stem.trim_end());
    truncate(&safe, limit).trim_end_matches(is_edge).to_owned()
}

/// The longest beginning of at most `limit` bytes that ends on a character boundary, and does not
/// tear a combining mark from its letter.
pub fn truncate(text: &str, limit: usize) -> &str {
    if text.len() <= limit {
        return text;
    }
    let mut end = limit;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let tears = |end: usize| {
        text[end..].chars().next().is_some_and(unicode_normalization::char::is_combining_mark)
    };
    let mut whole = end;
    while whole > 0 && tears(whole) {
        whole = text[..whole].char_indices().next_back().map_or(0, |(at, _)| at);
    }
    // A name made of nothing but marks is cut anyway.
    if whole == 0 { &text[..end] } else { &text[..whole] }
}

/// What two names share when some file system would take them for one. Case, normal form and ligatures are folded
/// (`Straße` = `STRASSE`, as on case-folding ext4 and HFS+).
pub fn fold_key(name: &str) -> String {
    let mut key = String::with_capacity(name.len());
    let mut rest = name;
    // An ASCII letter joins nothing that stands before it, but a mark that stands behind it joins it.
    while let Some(at) = rest.bytes().position(|byte| !byte.is_ascii()) {
        let (plain, other) = rest.split_at(at.saturating_sub(1));
        let first = usize::from(at > 0);
        let end = other.bytes().skip(first).position(|byte| byte.is_ascii());
        let (other, after) = other.split_at(end.map_or(other.len(), |end| end + first));
        key.push_str(plain);
        key.push_str(&fold_letters(other));
        rest = after;
    }
    key.push_str(rest);
    key.make_ascii_lowercase();
    key
}

fn fold_letters(name: &str) -> String {
    let folded: String = name
        .nfd()
        .filter(|c| !is_joiner(*c))
        .flat_map(char::to_lowercase)
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
        .collect();
    folded.nfc().collect()
}

/// What providers write where they know nothing.
pub fn is_placeholder(text: &str) -> bool {
    let text = text.trim();
    text.is_empty()
        || ["n/a", "none", "null", "undefined", "-"].iter().any(|no| text.eq_ignore_ascii_case(no))
}

/// Text between commas, slashes, bars or semicolons: providers list genres in all these ways.
/// Placeholders are none.
pub fn split_list(text: &str) -> Vec<&str> {
    let mut parts: Vec<&str> = Vec::new();
    let said = text.split([',', '|', ';']).filter(|part| !is_placeholder(part));
    for part in said.flat_map(|part| part.split('/')).map(str::trim) {
        if !is_placeholder(part) && !parts.contains(&part) {
            parts.push(part);
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn one_thing_is_not_many() {
        let said = [0, 1, 2].map(|number| counted(number, "file is gone", "files are gone"));
        assert_eq!(said, ["0 files are gone", "1 file is gone", "2 files are gone"]);
    }

    #[test]
    fn a_hint_names_a_setting_by_its_flag() {
        assert_eq!(
            with_flags("set <max_line> higher, or <state>"),
            "set --max-line higher, or --state"
        );
        assert_eq!(with_flags("as it is: {genre} < 5"), "as it is: {genre} < 5");
    }

    #[test]
    fn components_are_safe_everywhere() {
        for (raw, expected) in [
            ("Alien", "Alien"),
            ("../../etc/passwd", "-..-etc-passwd"),
            ("..", ""),
            (".hidden", "hidden"),
            ("Ends with dots...", "Ends with dots"),
            ("a/b\\c", "a-b-c"),
            ("CON", "CON_"),
            ("con.strm", "con_.strm"),
            ("COM1 .txt", "COM1_.txt"),
            ("LPT10", "LPT10"),
            ("Contact", "Contact"),
            ("rtl\u{202E}override", "rtloverride"),
            ("zero\u{200B}width", "zerowidth"),
            ("bell\u{7} rings", "bell rings"),
            ("vt\u{b}ff", "vt ff"),
            ("\u{1F468}\u{200D}\u{1F469} \u{200D}", "\u{1F468}\u{200D}\u{1F469}"),
            ("line\nbreak", "line break"),
            ("Ame\u{301}lie", "Am\u{e9}lie"),
            ("who? \"me\" <you> *|:", "who me you"),
        ] {
            assert_eq!(safe_component(raw, MAX_COMPONENT), expected, "{raw:?}");
        }
    }

    #[test]
    fn cutting_respects_characters_and_marks() {
        assert_eq!(truncate("漢漢漢", 7), "漢漢");
        assert_eq!(truncate("abc", 2), "ab");
        assert_eq!(truncate("ab\u{301}c", 3), "a");
        assert_eq!(truncate("\u{301}\u{301}", 3), "\u{301}");
    }

    #[test]
    fn keys_fold_case_form_and_ligatures() {
        for (a, b) in [
            ("The Matrix", "THE MATRIX"),
            ("Straße", "STRASSE"),
            ("ﬁlm", "film"),
            ("Ame\u{301}lie", "Am\u{c9}LIE"),
            ("ΣΊΣΥΦΟΣ", "σίσυφος"),
            ("می\u{200C}خواهم", "میخواهم"),
        ] {
            assert_eq!(fold_key(a), fold_key(b), "{a} {b}");
        }
        assert_ne!(fold_key("Café"), fold_key("Cafe"));
    }

    #[test]
    fn lists_split_at_every_separator() {
        assert_eq!(split_list("Drama, Comedy / Sci-Fi|Drama;"), ["Drama", "Comedy", "Sci-Fi"]);
        assert_eq!(split_list("N/A | none / Drama, -"), ["Drama"]);
    }

    #[test]
    fn placeholders_say_nothing() {
        assert!([" ", "N/A", " null ", "NONE", "-"].into_iter().all(is_placeholder));
        assert!(!["None of Us", "0", "Ona"].into_iter().any(is_placeholder));
    }

    proptest! {
        #[test]
        fn plain_text_is_no_case_of_its_own(text in "[ -~\t]{0,40}") {
            prop_assert_eq!(fold_key(&text), fold_letters(&text));
            prop_assert_eq!(&legal(&text), &text);
            // A letter that is not ASCII takes the long way; it stays what it is.
            let long = |make: fn(&str) -> String| make(&format!("é{text}é"));
            let short = |make: fn(&str) -> String| make(&format!("e{text}e")).replace('e', "");
            for make in [|text: &str| collapse(text).into_owned(), visible] {
                prop_assert_eq!(short(make), long(make).replace(['é', 'e'], ""));
            }
            prop_assert_eq!(collapse(&text), text.split_whitespace().collect::<Vec<_>>().join(" "));
        }

        #[test]
        fn what_is_folded_piece_by_piece_is_folded_as_a_whole(
            text in "([a-zA-Z ]{0,3}[éÉİıſKßΣςﬁ\u{301}\u{300}\u{327}\u{200d}\u{1100}\u{1161}漢]{0,3}){0,4}|.{0,40}"
        ) {
            prop_assert_eq!(fold_key(&text), fold_letters(&text));
        }

        #[test]
        fn what_xml_forbids_is_left_out(text in "(.|[\\x00-\\x1f\u{FFFE}\u{FFFF}\u{FFFD}\u{FEFF}ﬁ]){0,20}") {
            prop_assert_eq!(legal(&text), text.chars().filter(|c| is_xml_char(*c)).collect::<String>());
        }

        #[test]
        fn any_text_becomes_a_safe_component(text in "\\PC*|[\\x00-\\x7f]{0,300}|.{0,300}", limit in 20usize..220) {
            let name = safe_component(&text, limit);
            prop_assert!(name.len() <= limit);
            prop_assert!(!name.contains(['/', '\\', ':', '?', '*', '"', '<', '>', '|', '\0']));
            prop_assert!(!name.chars().any(is_invisible));
            prop_assert!(!name.starts_with('.') && !name.ends_with(['.', ' ']));
            prop_assert!(!is_reserved(&name));
            prop_assert_eq!(nfc(name.clone()), name.clone());
            prop_assert_eq!(safe_component(&name, limit), name, "a safe name stays as it is");
        }
    }
}
