//! The words that providers put around a title, and what they mean.
//!
//! Sources: the prefixes and suffixes of real panels and playlists; ISO 639 and ISO 3166 for codes.

use std::collections::HashMap;
use std::sync::LazyLock;

/// What a word around a title says. Languages are ISO 639-1 codes in lower case, countries and regions
/// upper-case codes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tag {
    /// The language that is spoken: `en`; `multi` for several.
    Language(String),
    /// The country that the title comes from, or a region: `GB`, `EXYU`.
    Country(String),
    /// The streaming service that it was taken from: `NF`.
    Platform(String),
    /// Picture: `4K`, `1080p`, `HDR10+`.
    Quality(String),
    /// Where the stream comes from: `BluRay`, `CAM`.
    Source(String),
    /// `HEVC`, `x264`.
    Codec(String),
    /// Sound, dubbing and subtitles: `Atmos`, `SUB`.
    Audio(String),
    /// An id in a database: `tmdb=526702`.
    Id(String),
    /// What a provider marks for itself: `TOP`.
    Other(String),
}

/// The sort of a word in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sort {
    Language,
    Region,
    Platform,
    Quality,
    Source,
    Codec,
    Audio,
    Other,
}

/// Codes that are as often a word of a title. Such codes count only inside of brackets and pipes, before ` - `,
/// or where a whole category has them.
const AMBIGUOUS: &[&str] = &["IN", "IT", "LAT", "NO", "TOP", "VO"];

/// Two letters that no country has as its code, or another one than the word means.
const NO_COUNTRIES: &[&str] = &["AR", "CS", "EN", "FA", "HI", "SC", "SR", "SV", "UK", "VF"];

/// Language codes that may stand bare at a name's end: no word of a title looks like them.
const BARE_AT_END: &[&str] = &[
    "AR", "BG", "CZ", "DE", "DK", "EN", "ES", "FI", "FR", "GR", "HR", "HU", "NL", "PL", "PT", "RO",
    "RU", "SE", "TR", "VF",
];

/// Word in capitals, its sort, and what it is called.
const WORDS: &[(&str, Sort, &str)] = &[
    // Languages, by their own codes and by those of the countries that stand for them.
    ("AL", Sort::Language, "sq"),
    ("ALB", Sort::Language, "sq"),
    ("AR", Sort::Language, "ar"),
    ("ARA", Sort::Language, "ar"),
    ("BG", Sort::Language, "bg"),
    ("BR", Sort::Language, "pt"),
    ("BUL", Sort::Language, "bg"),
    ("CN", Sort::Language, "zh"),
    ("CS", Sort::Language, "cs"),
    ("CZ", Sort::Language, "cs"),
    ("DAN", Sort::Language, "da"),
    ("DE", Sort::Language, "de"),
    ("DEU", Sort::Language, "de"),
    ("DK", Sort::Language, "da"),
    ("EN", Sort::Language, "en"),
    ("ENG", Sort::Language, "en"),
    ("ENGLISH", Sort::Language, "en"),
    ("ES", Sort::Language, "es"),
    ("ESP", Sort::Language, "es"),
    ("FA", Sort::Language, "fa"),
    ("FI", Sort::Language, "fi"),
    ("FIN", Sort::Language, "fi"),
    ("FR", Sort::Language, "fr"),
    ("FRA", Sort::Language, "fr"),
    ("FRE", Sort::Language, "fr"),
    ("FRENCH", Sort::Language, "fr"),
    ("GER", Sort::Language, "de"),
    ("GERMAN", Sort::Language, "de"),
    ("GR", Sort::Language, "el"),
    ("GRE", Sort::Language, "el"),
    ("HEB", Sort::Language, "he"),
    ("HI", Sort::Language, "hi"),
    ("HINDI", Sort::Language, "hi"),
    ("HR", Sort::Language, "hr"),
    ("HU", Sort::Language, "hu"),
    ("HUN", Sort::Language, "hu"),
    ("IL", Sort::Language, "he"),
    ("IN", Sort::Language, "hi"),
    ("IT", Sort::Language, "it"),
    ("ITA", Sort::Language, "it"),
    ("JAP", Sort::Language, "ja"),
    ("JP", Sort::Language, "ja"),
    ("JPN", Sort::Language, "ja"),
    ("KOR", Sort::Language, "ko"),
    ("KR", Sort::Language, "ko"),
    ("LAT", Sort::Language, "es"),
    ("LATINO", Sort::Language, "es"),
    ("MK", Sort::Language, "mk"),
    ("MULTI", Sort::Language, "multi"),
    ("NL", Sort::Language, "nl"),
    ("NO", Sort::Language, "no"),
    ("NOR", Sort::Language, "no"),
    ("PL", Sort::Language, "pl"),
    ("POL", Sort::Language, "pl"),
    ("POR", Sort::Language, "pt"),
    ("PT", Sort::Language, "pt"),
    ("RO", Sort::Language, "ro"),
    ("RU", Sort::Language, "ru"),
    ("RUS", Sort::Language, "ru"),
    ("SE", Sort::Language, "sv"),
    ("SPA", Sort::Language, "es"),
    ("SR", Sort::Language, "sr"),
    ("SRB", Sort::Language, "sr"),
    ("SV", Sort::Language, "sv"),
    ("SWE", Sort::Language, "sv"),
    ("TR", Sort::Language, "tr"),
    ("TUR", Sort::Language, "tr"),
    ("UA", Sort::Language, "uk"),
    ("VF", Sort::Language, "fr"),
    ("VFF", Sort::Language, "fr"),
    ("VFQ", Sort::Language, "fr"),
    ("VO", Sort::Audio, "VO"),
    ("VOSTFR", Sort::Audio, "VOSTFR"),
    // Countries and regions that stand for no one language.
    ("AU", Sort::Region, "AU"),
    ("BE", Sort::Region, "BE"),
    ("CA", Sort::Region, "CA"),
    ("CH", Sort::Region, "CH"),
    ("EXYU", Sort::Region, "EXYU"),
    ("GB", Sort::Region, "GB"),
    ("IE", Sort::Region, "IE"),
    ("LATAM", Sort::Region, "LATAM"),
    ("MX", Sort::Region, "MX"),
    ("NORDIC", Sort::Region, "NORDIC"),
    ("NZ", Sort::Region, "NZ"),
    ("SC", Sort::Region, "SC"),
    ("SCANDI", Sort::Region, "SCANDI"),
    ("UK", Sort::Region, "GB"),
    ("US", Sort::Region, "US"),
    ("USA", Sort::Region, "US"),
    // Platforms.
    ("A+", Sort::Platform, "A+"),
    ("AMZ", Sort::Platform, "AMZ"),
    ("AMZN", Sort::Platform, "AMZ"),
    ("ATVP", Sort::Platform, "A+"),
    ("D+", Sort::Platform, "D+"),
    ("DSNP", Sort::Platform, "D+"),
    ("HBO", Sort::Platform, "HBO"),
    ("HMAX", Sort::Platform, "HBO"),
    ("HULU", Sort::Platform, "HULU"),
    ("NETFLIX", Sort::Platform, "NF"),
    ("NF", Sort::Platform, "NF"),
    ("OSN", Sort::Platform, "OSN"),
    ("OSN+", Sort::Platform, "OSN+"),
    ("P+", Sort::Platform, "P+"),
    ("PMTP", Sort::Platform, "P+"),
    // Picture.
    ("1080I", Sort::Quality, "1080i"),
    ("1080P", Sort::Quality, "1080p"),
    ("1440P", Sort::Quality, "1440p"),
    ("2160P", Sort::Quality, "4K"),
    ("3840P", Sort::Quality, "4K"),
    ("3D", Sort::Quality, "3D"),
    ("480P", Sort::Quality, "480p"),
    ("4K", Sort::Quality, "4K"),
    ("576P", Sort::Quality, "576p"),
    ("720P", Sort::Quality, "720p"),
    ("8K", Sort::Quality, "8K"),
    ("DV", Sort::Quality, "DV"),
    ("FHD", Sort::Quality, "1080p"),
    ("HD", Sort::Quality, "HD"),
    ("HDR", Sort::Quality, "HDR"),
    ("HDR+", Sort::Quality, "HDR10+"),
    ("HDR10", Sort::Quality, "HDR10"),
    ("HDR10+", Sort::Quality, "HDR10+"),
    ("SD", Sort::Quality, "SD"),
    ("UHD", Sort::Quality, "4K"),
    // Where a stream comes from.
    ("BDRIP", Sort::Source, "BDRip"),
    ("BLURAY", Sort::Source, "BluRay"),
    ("BRRIP", Sort::Source, "BRRip"),
    ("CAM", Sort::Source, "CAM"),
    ("DVDRIP", Sort::Source, "DVDRip"),
    ("HDCAM", Sort::Source, "CAM"),
    ("HDRIP", Sort::Source, "HDRip"),
    ("HDTS", Sort::Source, "TS"),
    ("HDTV", Sort::Source, "HDTV"),
    ("REMUX", Sort::Source, "Remux"),
    ("WEB-DL", Sort::Source, "WEB-DL"),
    ("WEBDL", Sort::Source, "WEB-DL"),
    ("WEBRIP", Sort::Source, "WEBRip"),
    // Codecs.
    ("10BIT", Sort::Codec, "10bit"),
    ("AV1", Sort::Codec, "AV1"),
    ("AVC", Sort::Codec, "AVC"),
    ("H.264", Sort::Codec, "H.264"),
    ("H.265", Sort::Codec, "HEVC"),
    ("H264", Sort::Codec, "H.264"),
    ("H265", Sort::Codec, "HEVC"),
    ("HEVC", Sort::Codec, "HEVC"),
    ("X264", Sort::Codec, "H.264"),
    ("X265", Sort::Codec, "HEVC"),
    ("XVID", Sort::Codec, "XviD"),
    // Sound and subtitles.
    ("5.1", Sort::Audio, "5.1"),
    ("7.1", Sort::Audio, "7.1"),
    ("AAC", Sort::Audio, "AAC"),
    ("AC3", Sort::Audio, "AC3"),
    ("ATMOS", Sort::Audio, "Atmos"),
    ("DDP5.1", Sort::Audio, "DDP5.1"),
    ("DTS", Sort::Audio, "DTS"),
    ("DUB", Sort::Audio, "DUB"),
    ("DUBBED", Sort::Audio, "DUB"),
    ("EAC3", Sort::Audio, "EAC3"),
    ("MSUB", Sort::Audio, "SUB"),
    ("SPOKEN", Sort::Audio, "SPOKEN"),
    ("SUB", Sort::Audio, "SUB"),
    ("SUBBED", Sort::Audio, "SUB"),
    ("SUBS", Sort::Audio, "SUB"),
    ("TRUEHD", Sort::Audio, "TrueHD"),
    ("مترجم", Sort::Audio, "SUB"),
    ("مدبلج", Sort::Audio, "DUB"),
    // A provider's own.
    ("TOP", Sort::Other, "TOP"),
    ("VIP", Sort::Other, "VIP"),
];

/// The longest word of the list, in bytes; what is longer is not looked up.
const LONGEST: usize = 12;

fn entry(word: &str) -> Option<(Sort, &'static str)> {
    if word.len() > LONGEST {
        return None;
    }
    static BY_WORD: LazyLock<HashMap<&[u8], (Sort, &str)>> = LazyLock::new(|| {
        WORDS.iter().map(|(word, sort, name)| (word.as_bytes(), (*sort, *name))).collect()
    });
    let mut capitals = [0; LONGEST];
    let capitals = &mut capitals[..word.len()];
    capitals.copy_from_slice(word.as_bytes());
    capitals.make_ascii_uppercase();
    BY_WORD.get(&*capitals).copied()
}

/// What a word says, in whatever case it is written.
pub fn tag(word: &str) -> Option<Tag> {
    let (sort, name) = entry(word)?;
    let name = name.to_owned();
    Some(match sort {
        Sort::Language => Tag::Language(name),
        Sort::Region => Tag::Country(name),
        Sort::Platform => Tag::Platform(name),
        Sort::Quality => Tag::Quality(name),
        Sort::Source => Tag::Source(name),
        Sort::Codec => Tag::Codec(name),
        Sort::Audio => Tag::Audio(name),
        Sort::Other => Tag::Other(name),
    })
}

/// Whether a word is the code of a country, as in brackets at a name's end: `The Office (US)`.
pub fn is_country(word: &str) -> bool {
    let is_code = word.len() == 2 && word.bytes().all(|byte| byte.is_ascii_uppercase());
    let is_place = matches!(entry(word), Some((Sort::Language | Sort::Region, _)));
    is_code && is_place && !NO_COUNTRIES.contains(&word)
}

/// Whether a word in capitals is as often part of a title.
pub fn is_ambiguous(word: &str) -> bool {
    AMBIGUOUS.contains(&word)
}

/// Whether a word that nothing but a blank parts from the title may be taken from its end.
pub fn is_bare_at_end(word: &str) -> bool {
    match entry(word) {
        Some((Sort::Language, "multi")) => word.starts_with('M'),
        Some((Sort::Language, _)) => BARE_AT_END.contains(&word),
        Some((Sort::Quality, name)) => name != "3D" && has_capitals(word),
        Some((Sort::Codec | Sort::Source, "CAM" | "TS")) => has_capitals(word),
        Some((Sort::Codec | Sort::Source, _)) => true,
        Some((Sort::Audio, _)) => has_capitals(word) && !is_ambiguous(word),
        _ => false,
    }
}

/// Whether a word that nothing but a blank parts from the title may be taken from its beginning.
pub fn is_bare_at_start(word: &str) -> bool {
    match entry(word) {
        Some((Sort::Quality, name)) => {
            !["3D", "DV", "HD", "SD"].contains(&name) && has_capitals(word)
        }
        Some((Sort::Platform, _)) => word.ends_with('+') && has_capitals(word),
        Some((Sort::Codec, _)) => has_capitals(word),
        _ => false,
    }
}

/// Whether no letter is a small one, but the `p` of `1080p`.
pub fn has_capitals(word: &str) -> bool {
    let word = match word.strip_suffix(['p', 'i']) {
        Some(number) if number.bytes().all(|byte| byte.is_ascii_digit()) => number,
        _ => word,
    };
    !word.chars().any(char::is_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_listed_once_in_capitals_and_are_short_enough() {
        for (at, (word, ..)) in WORDS.iter().enumerate() {
            assert_eq!(word.to_uppercase(), **word);
            assert!(word.len() <= LONGEST, "{word}");
            assert!(!WORDS[..at].iter().any(|(other, ..)| other == word), "{word} twice");
        }
        for word in AMBIGUOUS.iter().chain(NO_COUNTRIES).chain(BARE_AT_END) {
            assert!(entry(word).is_some(), "{word}");
        }
    }
}
