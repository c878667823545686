//! The user's own pattern for what is to go from names.

use std::str::FromStr;

use fancy_regex::Regex;

use crate::text::pattern::{BadPattern, TooSlow, limited};

/// A regular expression in Python's syntax, look-around and back-references included. Two are equal if
/// their texts are.
#[derive(Clone, Debug)]
pub struct NamePattern {
    text: String,
    regex: Regex,
}

impl NamePattern {
    /// The expression as the user wrote it.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The name without every match. What would leave nothing leaves the name.
    pub fn strip(&self, name: &str) -> Result<String, TooSlow> {
        let stripped = self.regex.try_replacen(name, 0, "").map_err(|_| TooSlow)?;
        let stripped = stripped.trim();
        Ok(if stripped.is_empty() { name } else { stripped }.to_owned())
    }
}

impl PartialEq for NamePattern {
    fn eq(&self, other: &NamePattern) -> bool {
        self.text == other.text
    }
}

impl Eq for NamePattern {}

impl FromStr for NamePattern {
    type Err = BadPattern;

    fn from_str(text: &str) -> Result<NamePattern, BadPattern> {
        Ok(NamePattern { text: text.to_owned(), regex: limited(text)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stripped(pattern: &str, name: &str) -> Result<String, TooSlow> {
        pattern.parse::<NamePattern>().unwrap().strip(name)
    }

    #[test]
    fn every_match_goes() {
        for (pattern, name, rest) in [
            (r"^(EN|FR) - ", "EN - Heat", "Heat"),
            (r"\[.*?\]", "Heat [4K] (1995) [x]", "Heat  (1995)"),
            (r"(?<=Heat) \d+", "Heat 2 Heat 3", "Heat Heat"),
            (r"(?P<tag>[A-Z]{2})\|(?!x)", "EN|Heat", "Heat"),
            (r"(?i)\bhd\b", "Heat HD hd", "Heat"),
            (r".*", "Heat", "Heat"),
            (r"x*", "Heat", "Heat"),
        ] {
            assert_eq!(stripped(pattern, name).unwrap(), rest, "{pattern}");
        }
    }

    #[test]
    fn a_pattern_that_never_ends_is_cut_off() {
        let name = "a".repeat(60);
        assert_eq!(stripped(r"(a|aa)+(?!a)\1b", &name), Err(TooSlow));
    }

    #[test]
    fn a_pattern_that_is_none_says_why() {
        let error = "(EN".parse::<NamePattern>().unwrap_err().to_string();
        assert!(error.contains("wanted is a regular expression"), "{error}");
    }
}
