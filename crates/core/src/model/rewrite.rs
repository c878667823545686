//! What an account's profile makes of a provider's URLs: a search and a replacement. Dispatcharr applies them before
//! it plays (`regex.sub` of Python's `regex`, with `$1` and `$<name>` in the replacement).

use fancy_regex::Regex;

use crate::text::pattern::{BadPattern, TooSlow, limited};

/// A profile's search and replacement. Two are equal if their texts are.
#[derive(Clone, Debug)]
pub struct Rewrite {
    search: String,
    replace: String,
    regex: Regex,
    replacement: String,
}

impl Rewrite {
    /// A profile as its user wrote it; `None` for one that changes nothing, as all have at first.
    ///
    /// # Errors
    /// Why the search is no regular expression.
    pub fn new(search: &str, replace: &str) -> Result<Option<Rewrite>, BadPattern> {
        let is_identity = search.is_empty()
            || ["^(.*)$", "(.*)", "^(.*)", "(.*)$"].contains(&search)
                && ["$1", "\\1"].contains(&replace);
        if is_identity {
            return Ok(None);
        }
        let (regex, replacement) = (limited(search)?, replacement(replace));
        let (search, replace) = (search.to_owned(), replace.to_owned());
        Ok(Some(Rewrite { search, replace, regex, replacement }))
    }

    /// The two texts.
    pub fn texts(&self) -> [&str; 2] {
        [&self.search, &self.replace]
    }

    /// The URL that is played.
    pub fn apply(&self, url: &str) -> Result<String, TooSlow> {
        let replaced = self.regex.try_replacen(url, 0, self.replacement.as_str());
        replaced.map(|url| url.into_owned()).map_err(|_| TooSlow)
    }
}

impl PartialEq for Rewrite {
    fn eq(&self, other: &Rewrite) -> bool {
        self.texts() == other.texts()
    }
}

impl Eq for Rewrite {}

/// `$1`, `$<name>`, `\1` and `\g<name>` as `${…}`; any other `$` is one.
fn replacement(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        if let Some((group, after)) = group(rest) {
            out.push_str(&format!("${{{group}}}"));
            rest = after;
            continue;
        }
        out.push_str(if letter == '$' { "$$" } else { &rest[..letter.len_utf8()] });
        rest = &rest[letter.len_utf8()..];
    }
    out
}

/// A reference to a group at the beginning, and what follows it.
fn group(text: &str) -> Option<(&str, &str)> {
    for named in ["$<", "\\g<", "${"] {
        let Some(inner) = text.strip_prefix(named) else { continue };
        let end = inner.find(['>', '}'])?;
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let name = &inner[..end];
        return (!name.is_empty() && name.chars().all(is_name)).then(|| (name, &inner[end + 1..]));
    }
    let digits = text.strip_prefix(['$', '\\'])?;
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    (end > 0).then(|| digits.split_at(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn applied(search: &str, replace: &str) -> String {
        let rewrite = Rewrite::new(search, replace).unwrap().unwrap();
        rewrite.apply("http://old:80/movie/user/pass/7.mkv").unwrap()
    }

    #[test]
    fn profiles_change_urls_as_dispatcharr_does() {
        for (search, replace, url) in [
            ("http://old:80", "https://new", "https://new/movie/user/pass/7.mkv"),
            ("/user/pass/", "/u2/p$2/", "http://old:80/movie/u2/p/7.mkv"),
            ("(/movie/)user/(pass)", "$1other/${2}3", "http://old:80/movie/other/pass3/7.mkv"),
            ("(?<kind>movie)", "x$<kind>x", "http://old:80/xmoviex/user/pass/7.mkv"),
            ("(?P<kind>movie)/(user)", r"\g<kind>/\2\2", "http://old:80/movie/useruser/pass/7.mkv"),
            ("s", "$", "http://old:80/movie/u$er/pa$$/7.mkv"),
            ("nothing", "x", "http://old:80/movie/user/pass/7.mkv"),
        ] {
            assert_eq!(applied(search, replace), url, "{search} {replace}");
        }
    }

    #[test]
    fn a_rewrite_says_what_it_was_made_of() {
        let rewrite = Rewrite::new("http://old(:80)?", "https://new$1").unwrap().unwrap();
        assert_eq!(rewrite.texts(), ["http://old(:80)?", "https://new$1"]);
    }

    #[test]
    fn those_that_change_nothing_are_none() {
        assert_eq!(Rewrite::new("^(.*)$", "$1"), Ok(None));
        assert_eq!(Rewrite::new("", "x"), Ok(None));
        assert!(Rewrite::new("(", "x").is_err());
    }
}
