//! Picture qualities as lines, so that they can be compared: `4K` and `UHD` are 2160.

use super::vocabulary::{Tag, tag};

/// The lines that a word for a quality stands for; `None` for words that say something else of the
/// picture (`HDR`) or nothing.
pub fn lines_of(word: &str) -> Option<u16> {
    match tag(word) {
        Some(Tag::Quality(name)) => lines(&name),
        _ => None,
    }
}

/// The lines of a quality as `vocabulary` calls it.
pub fn lines(quality: &str) -> Option<u16> {
    Some(match quality {
        "8K" => 4320,
        "4K" => 2160,
        "1440p" => 1440,
        "1080p" | "1080i" => 1080,
        "720p" | "HD" => 720,
        "576p" => 576,
        "480p" | "SD" => 480,
        _ => return None,
    })
}

/// What versions are called by: `2160p`, `SD`.
pub fn label(lines: u16) -> String {
    if lines < 720 { "SD".to_owned() } else { format!("{lines}p") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_for_one_quality_are_one_number() {
        for (word, expected) in [
            ("4k", Some(2160)),
            ("UHD", Some(2160)),
            ("FHD", Some(1080)),
            ("1080p", Some(1080)),
            ("hd", Some(720)),
            ("SD", Some(480)),
            ("HDR", None),
            ("best", None),
        ] {
            assert_eq!(lines_of(word), expected, "{word}");
        }
        assert_eq!((label(2160), label(576)), ("2160p".to_owned(), "SD".to_owned()));
    }
}
