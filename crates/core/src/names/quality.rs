//! Picture qualities as lines, so that they can be compared: `4K` and `UHD` are 2160. Codecs by one name each.

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

/// The lines that a picture of this size is called by. What is cut off above and below does not count.
pub fn lines_of_size(width: u16, height: u16) -> u16 {
    match (width, height) {
        (6_000.., _) | (_, 3_000..) => 4320,
        (3_000.., _) | (_, 1_700..) => 2160,
        (2_300.., _) | (_, 1_300..) => 1440,
        (1_700.., _) | (_, 1_000..) => 1080,
        (1_100.., _) | (_, 700..) => 720,
        (_, 560..) => 576,
        _ => 480,
    }
}

/// A codec of pictures by the name that `ffprobe` has for it: `h265` and `x265` are `hevc`.
pub fn codec(word: &str) -> String {
    let word = word.trim().to_ascii_lowercase();
    match tag(&word) {
        Some(Tag::Codec(name)) if name == "HEVC" => "hevc".to_owned(),
        Some(Tag::Codec(name)) if name == "AVC" || name == "H.264" => "h264".to_owned(),
        _ => word,
    }
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

    #[test]
    fn a_picture_without_its_bars_has_its_quality() {
        for (size, lines) in [
            ((3840, 1600), 2160),
            ((1920, 800), 1080),
            ((1440, 1080), 1080),
            ((1280, 534), 720),
            ((720, 576), 576),
            ((640, 360), 480),
            ((7680, 4320), 4320),
            ((2560, 1440), 1440),
        ] {
            assert_eq!(lines_of_size(size.0, size.1), lines, "{size:?}");
        }
    }

    #[test]
    fn a_codec_has_one_name() {
        assert_eq!(["H.265", "x265", "HEVC"].map(codec), ["hevc"; 3]);
        assert_eq!(["avc", " h264 ", "vp9"].map(codec), ["h264", "h264", "vp9"]);
    }
}
