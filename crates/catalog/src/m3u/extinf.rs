//! `#EXTINF:<duration> <attributes>,<title>` as playlists really have it.
//!
//! Generators never escape quotes. So the end of a value is found by what follows it: another attribute, the
//! comma before the title, or the line's end.

/// Longer words before an equals sign are not attribute names.
const MAX_KEY_BYTES: usize = 64;

/// One `#EXTINF` line, cut into its parts; nothing is decoded yet.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct ExtInf<'a> {
    /// Seconds; `None` where the number is missing or negative.
    pub(super) duration: Option<f64>,
    /// Keys as written, with values.
    pub(super) attributes: Vec<(&'a str, &'a str)>,
    /// The text after the comma, trimmed; may be empty.
    pub(super) title: &'a str,
}

impl<'a> ExtInf<'a> {
    /// Cuts what stands after `#EXTINF:`. Never fails: what cannot be understood is skipped.
    pub(super) fn parse(text: &'a str) -> ExtInf<'a> {
        let bytes = text.as_bytes();
        let last_sign = memchr::memrchr3(b',', b'=', b'"', bytes).unwrap_or_default();
        Scanner { text, bytes, last_key: last_quoted_key(bytes), last_sign }.scan()
    }

    /// The first value of an attribute that is not empty, whatever its key's case.
    pub(super) fn get(&self, key: &str) -> Option<&'a str> {
        self.all(key).next()
    }

    /// All values of an attribute that are not empty: an entry may repeat one.
    pub(super) fn all(&self, key: &str) -> impl Iterator<Item = &'a str> {
        let named = self.attributes.iter().filter(move |(name, _)| name.eq_ignore_ascii_case(key));
        named.map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
    }
}

struct Scanner<'a> {
    text: &'a str,
    bytes: &'a [u8],
    /// Where the last `key="` begins: no title can begin before it.
    last_key: usize,
    /// Where the last comma, equals sign or quote stands.
    last_sign: usize,
}

impl<'a> Scanner<'a> {
    fn scan(&self) -> ExtInf<'a> {
        let mut found = ExtInf::default();
        let mut at = self.skip_space(0);
        let number = self.run(at, |byte| byte.is_ascii_digit() || b"+-.".contains(&byte));
        found.duration = self.text[at..number].parse().ok().filter(|seconds| *seconds > 0.0);
        at = number;
        loop {
            at = self.skip_space(at);
            match self.bytes.get(at) {
                None => break,
                Some(b',') if at >= self.last_key => {
                    found.title = self.text[at + 1..].trim();
                    break;
                }
                // The comma is missing: `group-title="Anime"Saint Seiya`.
                Some(_) if !found.attributes.is_empty() && self.is_title(at) => {
                    found.title = self.text[at..].trim();
                    break;
                }
                Some(_) => at = self.attribute(at, &mut found.attributes),
            }
        }
        found
    }

    /// Whether what is left is a title without its comma: behind all attributes, and without a comma.
    fn is_title(&self, at: usize) -> bool {
        at > self.last_key && at > self.last_sign
    }

    /// Reads one attribute at `at`, or skips what is none; returns where to go on.
    fn attribute(&self, at: usize, attributes: &mut Vec<(&'a str, &'a str)>) -> usize {
        let Some((key_end, value_at)) = key_at(self.bytes, at) else {
            // A stray word, quote or comma.
            let end = self.run(at, |byte| !byte.is_ascii_whitespace() && byte != b',');
            return end.max(at + 1);
        };
        let (value, next) = match self.bytes.get(value_at) {
            Some(quote @ (b'"' | b'\'')) => self.quoted(value_at + 1, *quote),
            _ => {
                let end = self.run(value_at, |byte| !byte.is_ascii_whitespace() && byte != b',');
                (&self.text[value_at..end], end)
            }
        };
        attributes.push((&self.text[at..key_end], value));
        next
    }

    /// The value that begins at `start`, after its opening quote, and where to go on.
    fn quoted(&self, start: usize, quote: u8) -> (&'a str, usize) {
        let mut at = start;
        while let Some(found) = memchr::memchr(quote, &self.bytes[at..]) {
            let end = at + found;
            if self.closes(end) {
                return (&self.text[start..end], end + 1);
            }
            if let Some(key) = self.opened_by(start, end) {
                // The closing quote is missing: this one opens the next attribute's value.
                return (self.text[start..key].trim_end(), key);
            }
            at = end + 1;
        }
        // No closing quote at all: the value ends at the first comma that can begin a title.
        let from = start.max(self.last_key.min(self.bytes.len()));
        let comma = memchr::memchr(b',', &self.bytes[from..]);
        if let Some(found) = comma {
            return (&self.text[start..from + found], from + found);
        }
        // There is no title that begins with a comma: what stands behind the quote may be one.
        match memchr::memchr(quote, &self.bytes[start..]) {
            Some(found) => (&self.text[start..start + found], start + found + 1),
            None => (&self.text[start..], self.bytes.len()),
        }
    }

    /// Whether the quote at `at` ends a value.
    fn closes(&self, at: usize) -> bool {
        let next = self.skip_space(at + 1);
        match self.bytes.get(next) {
            None => true,
            // A comma inside a value is followed by further attributes; the title's is not, unless
            // the attributes themselves are separated by commas.
            Some(b',') => {
                next >= self.last_key || key_at(self.bytes, self.skip_space(next + 1)).is_some()
            }
            Some(_) => key_at(self.bytes, next).is_some(),
        }
    }

    /// Where the key begins whose value the quote at `at` opens, when it does so.
    fn opened_by(&self, start: usize, at: usize) -> Option<usize> {
        let before = self.bytes[start..at].trim_ascii_end().strip_suffix(b"=")?.trim_ascii_end();
        let key = before.iter().rev().take(MAX_KEY_BYTES).take_while(|byte| is_key(**byte)).count();
        let key_at = start + before.len() - key;
        let apart = key_at == start || self.bytes[key_at - 1].is_ascii_whitespace();
        (key > 0 && apart && self.bytes[key_at].is_ascii_alphabetic()).then_some(key_at)
    }

    fn run(&self, at: usize, wanted: impl Fn(u8) -> bool) -> usize {
        let length = self.bytes[at..].iter().take_while(|byte| wanted(**byte)).count();
        at + length
    }

    fn skip_space(&self, at: usize) -> usize {
        self.run(at, |byte| byte.is_ascii_whitespace())
    }
}

fn is_key(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)
}

/// If `key =` stands at `at`: the key's end, and where its value begins.
fn key_at(bytes: &[u8], at: usize) -> Option<(usize, usize)> {
    let rest = bytes.get(at..)?;
    if !rest.first()?.is_ascii_alphabetic() {
        return None;
    }
    let key = rest.iter().take(MAX_KEY_BYTES).take_while(|byte| is_key(**byte)).count();
    let space = rest[key..].iter().take(8).take_while(|byte| byte.is_ascii_whitespace()).count();
    if rest.get(key + space) != Some(&b'=') {
        return None;
    }
    let value = key + space + 1;
    let space = rest[value..].iter().take(8).take_while(|byte| byte.is_ascii_whitespace()).count();
    Some((at + key, at + value + space))
}

/// Where the last `key="` of a line begins; 0 without one.
fn last_quoted_key(bytes: &[u8]) -> usize {
    for quote in memchr::memchr2_iter(b'"', b'\'', bytes).rev() {
        let Some(before) = bytes[..quote].trim_ascii_end().strip_suffix(b"=") else { continue };
        let before = before.trim_ascii_end();
        let key = before.iter().rev().take(MAX_KEY_BYTES).take_while(|byte| is_key(**byte)).count();
        let at = before.len() - key;
        if key > 0 && bytes[at].is_ascii_alphabetic() {
            return at;
        }
    }
    0
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(line: &str, attributes: &[(&str, &str)], title: &str) {
        let found = ExtInf::parse(line);
        assert_eq!(found.attributes, attributes, "{line}");
        assert_eq!(found.title, title, "{line}");
    }

    #[test]
    fn ordinary_lines() {
        check("-1,Heat", &[], "Heat");
        check(" -1 , Heat (1995) ", &[], "Heat (1995)");
        check(",Heat", &[], "Heat");
        check("", &[], "");
        check("-1", &[], "");
        check(
            "-1 tvg-id=\"\" TVG-Name=\"Heat\" group-title=\"VOD | Film\",Heat, uncut, at last",
            &[("tvg-id", ""), ("TVG-Name", "Heat"), ("group-title", "VOD | Film")],
            "Heat, uncut, at last",
        );
        assert_eq!(ExtInf::parse("5400.5 x=\"y\",T").duration, Some(5400.5));
        assert_eq!(ExtInf::parse("-1,T").duration, None);
    }

    #[test]
    fn quotes_and_commas_inside_values() {
        check(
            "-1 tvg-name=\"The \"Burbs\" (1989)\" tvg-logo=\"http://x/a,b.jpg\" group-title=\"A,B\",The \"Burbs\", uncut (1989)",
            &[
                ("tvg-name", "The \"Burbs\" (1989)"),
                ("tvg-logo", "http://x/a,b.jpg"),
                ("group-title", "A,B"),
            ],
            "The \"Burbs\", uncut (1989)",
        );
        check(
            "-1 tvg-name=\"The \"Burbs\", uncut\" group-title=\"G\",T",
            &[("tvg-name", "The \"Burbs\", uncut"), ("group-title", "G")],
            "T",
        );
        check("-1 tvg-logo=\"data:x;base64,AA==\",T", &[("tvg-logo", "data:x;base64,AA==")], "T");
        check("-1 tvg-name='It's on', x", &[("tvg-name", "It's on")], "x");
    }

    #[test]
    fn sloppy_lines() {
        check("-1,tvg-id=\"x\",Name", &[("tvg-id", "x")], "Name");
        check("-1 tvg-id=\"x\",group-title=\"g\",N", &[("tvg-id", "x"), ("group-title", "g")], "N");
        check("-1 tvg-id=x y=1,N=1, M", &[("tvg-id", "x"), ("y", "1")], "N=1, M");
        check("-1 key = \"v\" , N", &[("key", "v")], "N");
        check("-1 tvg-id=\"x\"tvg-name=\"n\",N", &[("tvg-id", "x"), ("tvg-name", "n")], "N");
        check("-1 tvg-id=\"x,Name", &[("tvg-id", "x")], "Name");
        check(
            "-1 tvg-id=\"abc tvg-name=\"x\" group-title=\"G\",T",
            &[("tvg-id", "abc"), ("tvg-name", "x"), ("group-title", "G")],
            "T",
        );
        check("-1 stray word x=\"1\",T", &[("x", "1")], "T");
        check("-1 tvg-name=\"Heat, again\"", &[("tvg-name", "Heat, again")], "");
        check("-1 g=\"Anime\"Saint Seiya ", &[("g", "Anime")], "Saint Seiya");
    }

    #[test]
    fn keys_ignore_case_and_the_first_one_wins_that_says_something() {
        let found = ExtInf::parse("-1 x=\"\" TVG-ID=\" a \" tvg-id=\"b\" x=\"c\" empty=\"\",T");
        assert_eq!((found.get("tvg-id"), found.get("x")), (Some("a"), Some("c")));
        assert_eq!(found.all("tvg-id").collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(found.get("empty"), None);
        assert_eq!(found.get("none"), None);
    }

    #[test]
    fn a_hostile_line_takes_linear_time() {
        let line = format!("-1 x=\"{}", "\",a=\" ".repeat(100_000));
        assert!(!ExtInf::parse(&line).attributes.is_empty());
        let line = format!("-1 x=y {},T", "a ".repeat(500_000));
        assert_eq!(ExtInf::parse(&line).title, "T");
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "[-\"',= a-z0-9é]{0,60}") {
            ExtInf::parse(&text);
        }

        #[test]
        fn a_plain_title_always_comes_through(name in "[a-zA-Z0-9 ,.\"é]{0,30}", title in "[a-z, é]{0,30}") {
            let line = format!("-1 tvg-name=\"{name}\" group-title=\"g\",{title}");
            let found = ExtInf::parse(&line);
            prop_assert_eq!(found.title, title.trim());
        }
    }
}
