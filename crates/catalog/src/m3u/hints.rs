//! What names and groups hint at: years, words of channels, of dubbing and of groups.

use vod2strm_core::names::episode_marks::EpisodeMark;
use vod2strm_core::names::words::{MOVIE_GROUPS, SERIES_GROUPS, folded, has_word};
use vod2strm_core::names::years::Years;

use super::signs::{Sign, Signs};

/// Words of groups that hold video on demand, of whatever kind.
const VIDEO_GROUPS: [&str; 3] = ["vod", "demand", "videoteca"];

/// Words of groups that hold channels.
const LIVE_GROUPS: [&str; 21] = [
    "live",
    "canli",
    "directo",
    "vivo",
    "diretta",
    "channels",
    "canales",
    "canais",
    "canali",
    "chaines",
    "kanallar",
    "kanale",
    "kanaly",
    "sender",
    "قنوات",
    "каналы",
    "radio",
    "ppv",
    "iptv",
    "linear",
    "kenh",
];

/// Words that channels have in their names, and films seldom.
const CHANNEL_WORDS: [&str; 24] = [
    "hd", "fhd", "uhd", "sd", "qhd", "hevc", "tv", "channel", "canal", "kanal", "news", "sport",
    "sports", "radio", "fm", "live", "backup", "720p", "1080p", "576i", "1080i", "480p", "vip",
    "raw",
];

/// Words for what is spoken or written in a film: channels do not have them.
const SPOKEN: [&str; 23] = [
    "vietsub",
    "thuyết",
    "lồng",
    "dublaj",
    "dublajli",
    "altyazi",
    "altyazili",
    "lektor",
    "napisy",
    "dubbing",
    "dublado",
    "legendado",
    "doblada",
    "doblado",
    "subtitulada",
    "subtitulado",
    "subita",
    "vostfr",
    "truefrench",
    "dubbed",
    "subbed",
    "dublat",
    "titulky",
];

/// What runs all day is a channel, whatever it is called by.
const ROUND_THE_CLOCK: [&str; 4] = ["24/7", "24-7", "24x7", "7/24"];

/// The same as a word.
const ALL_DAY: [&str; 4] = ["24h", "24hs", "24hr", "24hrs"];

/// Hours of a whole day, as names of films have them, too: `24 Hours to Live (2017)`.
const HOURS: [&str; 4] = ["24 horas", "24 hours", "24 saat", "24 часа"];

/// Ornaments of headings.
const ORNAMENTS: &str = "#=*-_~+•●◆◇■□▪▬─━═│┃║▓▒░★☆✦✧❖►◄▶◀»«✪⭐✰|︎️";

/// What a group's name hints at.
pub(super) fn of_group(name: &str) -> Signs {
    let mut signs = Signs::default();
    if name.is_empty() {
        return signs;
    }
    signs.note(Sign::MovieGroup, has_word(name, MOVIE_GROUPS));
    signs.note(Sign::SeriesGroup, has_word(name, SERIES_GROUPS));
    signs.note(Sign::VideoGroup, has_word(name, &VIDEO_GROUPS));
    signs.note(Sign::LiveGroup, has_word(name, &LIVE_GROUPS));
    let lower = name.to_lowercase();
    signs.note(Sign::RoundTheClock, runs_all_day(&lower) || has_hours(&lower));
    signs
}

/// What the words of a name hint at. Where it has a year or an episode, words for quality are a film's.
pub(super) fn of_name(name: &str, is_title: bool) -> Signs {
    let mut signs = Signs::default();
    let text: String = name.chars().map(folded).collect();
    let mut words = text.split(|letter: char| !letter.is_alphanumeric());
    signs.note(Sign::Spoken, words.clone().any(|word| SPOKEN.contains(&word)));
    signs.note(Sign::Stars, has_rating(&text));
    signs.note(Sign::RoundTheClock, runs_all_day(&text) || !is_title && has_hours(&text));
    if !is_title {
        let is_channel = words.any(|word| CHANNEL_WORDS.contains(&word));
        let is_raised = text.contains(['ᴴ', 'ᶠ', 'ʰ', 'ᵁ']);
        signs.note(Sign::ChannelWord, is_channel || is_raised || has_call_sign(name));
    }
    signs
}

/// Whether a star stands in front of a number: stars alone adorn channels.
fn has_rating(name: &str) -> bool {
    name.split(['⭐', '★']).skip(1).any(|rest| {
        let rest = rest.trim_start_matches([' ', '\u{fe0f}']);
        rest.starts_with(|letter: char| letter.is_ascii_digit())
    })
}

/// Whether a text says that something runs all day.
pub(super) fn runs_all_day(lower: &str) -> bool {
    lower.contains("24") && ROUND_THE_CLOCK.iter().any(|text| lower.contains(text))
        || lower.split(|letter: char| !letter.is_alphanumeric()).any(|word| ALL_DAY.contains(&word))
}

fn has_hours(lower: &str) -> bool {
    lower.contains("24") && HOURS.iter().any(|text| lower.contains(text))
}

/// `KABC-TV`, or nothing but `WNYW`: a station in North America.
fn has_call_sign(name: &str) -> bool {
    name.split([' ', '(', ')']).any(|word| {
        let (sign, kind) = word.split_once('-').unwrap_or((word, ""));
        let is_kind = ["TV", "DT", "LD", "CD", "LP"].contains(&kind) || sign == name;
        is_kind
            && sign.len() == 4
            && sign.starts_with(['K', 'W'])
            && sign.bytes().all(|byte| byte.is_ascii_uppercase())
    })
}

/// A year's place in a name, and how sure it is to be one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct YearHint {
    /// Byte where it begins.
    pub(super) at: usize,
    /// In brackets, or behind a dash, a bar or a dot; and not just a number at the end.
    pub(super) is_sure: bool,
}

impl YearHint {
    /// Whether it is part of an episode mark.
    pub(super) fn is_in(self, mark: &EpisodeMark) -> bool {
        (mark.start..mark.end).contains(&self.at)
    }
}

/// The last year in a name that has something before it.
pub(super) fn year_in(name: &str, years: &Years) -> Option<YearHint> {
    let bytes = name.as_bytes();
    let mut end = bytes.len();
    while let Some(last) = bytes[..end].iter().rposition(u8::is_ascii_digit) {
        let digits = bytes[..=last].iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
        let at = last + 1 - digits;
        if digits == 4 && years.read(&name[at..=last]).is_some() {
            let found = year_at(name, at);
            if found.is_some() {
                return found;
            }
        }
        end = at;
    }
    None
}

/// Four digits that are a year by what stands around them.
fn year_at(name: &str, at: usize) -> Option<YearHint> {
    let (before, after) = (&name[..at], &name[at + 4..]);
    if !before.chars().any(char::is_alphanumeric) {
        return None;
    }
    let is_last = !after.contains(char::is_alphanumeric);
    let is_in_brackets = before.ends_with(['(', '[']) && (after.starts_with([')', ']']) || is_last);
    let front = before.trim_end();
    let is_apart = front.len() < before.len();
    let ends = after.trim_start().is_empty() || after.trim_start().starts_with(['|', '[', '(']);
    let is_dashed = is_apart && ends && front.ends_with(['-', '–', '|']);
    let is_dotted = before.ends_with('.')
        && (after.is_empty() || after.starts_with('.'))
        && !before.contains(' ');
    if is_in_brackets || is_dashed || is_dotted {
        return Some(YearHint { at, is_sure: true });
    }
    // Stations are called so: `TV 2000`.
    let is_round = name[at..].starts_with("2000") || name[at..].starts_with("1900");
    (is_apart && is_last && !is_round).then_some(YearHint { at, is_sure: false })
}

/// Whether more of a name follows its year than signs.
pub(super) fn has_text_behind_year(name: &str, years: &Years) -> bool {
    let year = year_in(name, years).filter(|year| year.is_sure);
    year.is_some_and(|year| name[year.at + 4..].contains(char::is_alphanumeric))
}

/// Whether a name is a heading of the list, and no title: `##### MOVIES #####`, `▬▬▬ 4K ▬▬▬`.
pub(super) fn is_heading(name: &str) -> bool {
    let is_ornament = |letter: &char| ORNAMENTS.contains(*letter);
    let letters = || name.chars().filter(|letter| !letter.is_whitespace());
    let before = letters().take_while(is_ornament).count();
    let after = letters().rev().take_while(is_ornament).count();
    before >= 4 || (before >= 2 && after >= 2 && before < letters().count())
}

/// Whether a heading says what follows it: in capitals, or with a word for films, series or channels.
pub(super) fn names_part_of_list(name: &str) -> bool {
    let has_small = name.chars().any(char::is_lowercase);
    let groups = [MOVIE_GROUPS, SERIES_GROUPS, &VIDEO_GROUPS, &LIVE_GROUPS];
    !has_small || groups.iter().any(|words| has_word(name, words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn years() {
        let years = Years::plausible_in(2026);
        let sure = |name: &str| year_in(name, &years).map(|found| found.is_sure);
        for name in [
            "Heat (1995)",
            "Heat [1995] HD",
            "Heat - 1995",
            "Heat | 1995 | 7.1",
            "Heat (1995",
            "beast.german.2017.",
            "1917 (2019)",
            "2012 - 2009 [VOST]",
            "Heat (1995) [Azione] ⭐7.3",
        ] {
            assert_eq!(sure(name), Some(true), "{name}");
        }
        for name in ["Heat 1995", "Class of 1984"] {
            assert_eq!(sure(name), Some(false), "{name}");
        }
        for name in [
            "1917",
            "(1917)",
            "Blade Runner 2049",
            "TV 2000",
            "Heat 1995 4K",
            "Film (20170)",
            "é",
            "",
        ] {
            assert_eq!(sure(name), None, "{name}");
        }
    }

    #[test]
    fn headings() {
        for name in
            ["##### MOVIES #####", "▬▬▬ 4K ▬▬▬", "=== X", "-- Film --", "★ ★ ★ ★ VOD", "✦●✦ FR ✦●✦"]
        {
            assert_eq!(is_heading(name), name != "=== X", "{name}");
        }
        for name in [
            "|FR| Heat",
            "#Alive",
            "-dash",
            "..",
            "???",
            "[REC]",
            "*batteries not included",
            "",
            "M*A*S*H",
            "»*",
        ] {
            assert!(!is_heading(name), "{name}");
        }
    }

    #[test]
    fn words() {
        let has = |signs: Signs, sign| signs.has(sign);
        for name in ["24/7 Friends", "Friends 24h", "NARUTO 24 HORAS", "Show [Not 24/7]"] {
            assert!(has(of_name(name, false), Sign::RoundTheClock), "{name}");
        }
        for name in ["24 S01E02", "24 Hours to Live (2017)"] {
            assert!(!has(of_name(name, true), Sign::RoundTheClock), "{name}");
        }
        for name in ["SKY CINEMA HD", "WNYW", "KABC-TV", "beIN ᴴᴰ", "Kanal 7", "Film4 (1080p)"]
        {
            assert!(has(of_name(name, false), Sign::ChannelWord), "{name}");
        }
        assert!(!has(of_name("Dune FHD", true), Sign::ChannelWord));
        assert!(!has(of_name("WALL-E", false), Sign::ChannelWord));
        assert!(has(of_name("Babam Türkçe Dublaj", false), Sign::Spoken));
        let group = of_group("Canlı | Filmler 24/7");
        assert!(has(group, Sign::MovieGroup) && has(group, Sign::RoundTheClock));
        assert!(has(group, Sign::LiveGroup) && !has(group, Sign::SeriesGroup));
    }
}
