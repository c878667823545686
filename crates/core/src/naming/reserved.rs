//! Words in names that media servers take for something else, and what is done about them.
//!
//! Sources: Jellyfin's `NamingOptions`, `MovieResolver` and `IgnorePatterns`, Kodi's
//! `AdvancedSettings`; the rules are written out in `testkit/src/servers.rs`, which every tree of the
//! tests is held against. A name that is not a trap is not touched.

use std::borrow::Cow;

use crate::model::media::Kind;
use crate::text::{find_ascii, is_edge, truncate, visible};

/// Endings by which servers know extras: `Pilot - Trailer` would be no episode.
const EXTRAS: [&str; 13] = [
    "trailer",
    "sample",
    "scene",
    "clip",
    "interview",
    "behindthescenes",
    "deleted",
    "deletedscene",
    "featurette",
    "short",
    "extra",
    "other",
    "theme",
];

/// Folders whose files are extras, or which are not looked into.
const FOLDERS: [&str; 27] = [
    "backdrops",
    "behind the scenes",
    "clips",
    "deleted scenes",
    "extra",
    "extrafanart",
    "extras",
    "extrathumbs",
    "featurettes",
    "interviews",
    "lost+found",
    "metadata",
    "other",
    "proof",
    "sample",
    "samples",
    "scenes",
    "shorts",
    "specials",
    "subs",
    "subtitles",
    "theme-music",
    "theme-videos",
    "trailer",
    "trailers",
    "@eadir",
    "#recycle",
];

/// Words by which servers know the parts of one film, with a number or a letter behind them: `cd2`, `Part B`.
const PARTS: [&str; 6] = ["cd", "dvd", "part", "pt", "disc", "disk"];

/// What may stand between such a word and its number.
const PART_GAP: [char; 4] = [' ', '_', '.', '-'];

/// Words by which servers know films for two eyes: half of such a picture is cut away.
const STEREO: [&str; 9] = ["3d", "sbs", "hsbs", "fsbs", "sbs3d", "tab", "htab", "ftab", "mvc"];

/// A dot that parts nothing for a server, and that people hardly see.
const DOT: char = '·';

/// Takes the meaning from words inside of a title's name. Marks of episodes have none in a film's.
pub fn harmless_in(kind: Kind, name: &str) -> String {
    match kind {
        Kind::Movie => harmless_word(name).into_owned(),
        Kind::Series => harmless(name).into_owned(),
    }
}

/// Takes the meaning from words inside of a name: `Sample`, and further marks of episodes.
pub fn harmless(name: &str) -> Cow<'_, str> {
    let mut out = harmless_word(name);
    // `S01E05` and `4x04` count as further episodes.
    while let Some(at) = mark(&out) {
        out.to_mut().insert(at, DOT);
    }
    out
}

fn harmless_word(name: &str) -> Cow<'_, str> {
    let mut out = Cow::Borrowed(name);
    // A letter, so that it is another word; it looks like an apostrophe.
    while let Some(end) = sample(&out) {
        out.to_mut().insert(end, 'ʼ');
    }
    // Kodi leaves out whatever has it in its path.
    while let Some(at) = find_ascii(&out, "-trailer") {
        out.to_mut().insert(at + 1, DOT);
    }
    out
}

/// The end of a whole word `sample`.
fn sample(name: &str) -> Option<usize> {
    let is_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == 'ʼ');
    let mut from = 0;
    while let Some(at) = find_ascii(&name[from..], "sample") {
        let (start, end) = (from + at, from + at + "sample".len());
        if !is_word(name[..start].chars().next_back()) && !is_word(name[end..].chars().next()) {
            return Some(end);
        }
        from = end;
    }
    None
}

/// Where an episode's mark can be parted: behind its season's number. Between season and episode there
/// may be separators.
fn mark(name: &str) -> Option<usize> {
    let bytes = name.as_bytes();
    let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let end_of_digits = |mut at: usize| {
        while is_digit(at) {
            at += 1;
        }
        at
    };
    let has_edge = |at: usize| at == 0 || !bytes[at - 1].is_ascii_digit();
    (0..bytes.len()).find_map(|at| {
        let has_season = matches!(bytes[at], b's' | b'S') && is_digit(at + 1);
        let is_number = is_digit(at) && has_edge(at);
        if !has_season && !is_number {
            return None;
        }
        let end = end_of_digits(at + usize::from(has_season));
        let mut next = end;
        while has_season && matches!(bytes.get(next), Some(b' ' | b'.' | b'_' | b'-' | b'x')) {
            next += 1;
        }
        let letters: &[u8] = if has_season { b"eE" } else { b"xX" };
        let is_mark = bytes.get(next).is_some_and(|c| letters.contains(c)) && is_digit(next + 1)
            // The `x` of a mark may have been taken for a separator.
            || has_season && next > end && bytes[next - 1] == b'x' && is_digit(next);
        is_mark.then_some(end)
    })
}

/// An episode's own title behind ` - `: one that begins like a range (`X2`, `E5`) would be one.
pub fn harmless_start(name: &str) -> Cow<'_, str> {
    let mut letters = name.chars();
    let is_range = matches!(letters.next(), Some('x' | 'X' | 'e' | 'E'))
        && letters.next().is_some_and(|c| c.is_ascii_digit());
    if is_range { Cow::Owned(format!("{DOT}{name}")) } else { Cow::Borrowed(name) }
}

/// The label of a version, in at most `limit` bytes. It holds no year, part, id, 3D or other mark for a server, and no
/// bracket: what stands in these is a mark as a rule.
pub fn harmless_label(text: &str, limit: usize) -> String {
    let text = text.replace(':', " -").replace(['|', '(', ')', '[', ']', '{', '}'], " ");
    let text = visible(&text);
    let is_end = |c: char| is_edge(c) || matches!(c, '-' | '_');
    let mut room = limit;
    loop {
        let label = without_marks(truncate(text.trim_matches(is_end), room).trim_matches(is_end));
        if label.len() <= limit {
            return label;
        }
        room = room.saturating_sub(label.len() - limit);
    }
}

fn without_marks(label: &str) -> String {
    let mut out = harmless_start(&harmless(label)).into_owned();
    for mark in [year, part, stereo, imdb] {
        while let Some(at) = mark(&out) {
            out.insert(at, DOT);
        }
    }
    // A blank before it is enough for Jellyfin 10.10.
    let words = out.trim_end_matches(|c: char| c.is_ascii_digit() || c == ' ');
    let is_trailer = words.rsplit(' ').next().is_some_and(|it| it.eq_ignore_ascii_case("trailer"));
    let stem = format!("- {out}");
    let stem = if is_trailer { format!("{stem} {DOT}") } else { harmless_stem(stem) };
    stem.strip_prefix("- ").unwrap_or_default().to_owned()
}

/// The middle of a year: `1995`, and not `x1995`. Kodi reads one in `19951`, too.
fn year(name: &str) -> Option<usize> {
    let bytes = name.as_bytes();
    let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    (0..bytes.len()).find_map(|at| {
        let is_century = matches!(bytes.get(at..at + 2), Some(b"19" | b"20"));
        let is_year = is_century && is_digit(at + 2) && is_digit(at + 3);
        let before = name.get(..at).and_then(|front| front.chars().next_back());
        (is_year && !before.is_some_and(char::is_alphanumeric)).then_some(at + 2)
    })
}

/// Where the number of a part, or its letter, begins.
fn part(name: &str) -> Option<usize> {
    let found = |word: &&str| {
        let mut from = 0;
        while let Some(at) = find_ascii(&name[from..], word) {
            let end = from + at + word.len();
            let rest = name[end..].trim_start_matches(PART_GAP);
            let mut letters = rest.chars();
            let first = letters.next();
            let is_letter = matches!(first, Some('a'..='d' | 'A'..='D'))
                && !letters.next().is_some_and(char::is_alphanumeric);
            if first.is_some_and(|c| c.is_ascii_digit()) || is_letter {
                return Some(name.len() - rest.len());
            }
            from = end;
        }
        None
    };
    PARTS.iter().find_map(found)
}

/// Where a word for a film in 3D begins.
fn stereo(name: &str) -> Option<usize> {
    let mut at = 0;
    for word in name.split(|c: char| " ()-._[]".contains(c)) {
        if STEREO.iter().any(|mark| word.eq_ignore_ascii_case(mark)) {
            return Some(at);
        }
        at += word.len() + 1;
    }
    None
}

/// Where the number of an IMDb id begins.
fn imdb(name: &str) -> Option<usize> {
    let digits = |rest: &str| rest.bytes().take_while(u8::is_ascii_digit).count();
    let mut words = name.char_indices().filter(|(at, _)| {
        let word = name.get(*at..*at + 2);
        word.is_some_and(|word| word.eq_ignore_ascii_case("tt")) && digits(&name[*at + 2..]) >= 7
    });
    words.next().map(|(at, _)| at + 2)
}

/// The name without the letters by which Kodi takes files of one folder for the parts of a film: two names that have only
/// one of these in another form are one film, in its pattern `[ ._-]*[a-d]`.
pub fn without_part_letters(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        if matches!(c, 'a'..='d' | 'A'..='D') {
            out.truncate(out.trim_end_matches(PART_GAP).len());
            out.push('a');
        } else {
            out.push(c);
        }
    }
    out
}

/// The stem of a file: one that ends as extras do gets something behind it.
pub fn harmless_stem(stem: String) -> String {
    let word = stem.trim_end_matches(|c: char| c.is_ascii_digit()).trim_end();
    let is_extra = |ending: &&str| {
        let front = word.len().checked_sub(ending.len()).and_then(|at| word.split_at_checked(at));
        front.is_some_and(|(front, end)| {
            end.eq_ignore_ascii_case(ending) && front.trim_end().ends_with(['-', '.', '_'])
        })
    };
    // These are extras by their whole name.
    let is_whole = ["trailer", "theme"].iter().any(|name| stem.eq_ignore_ascii_case(name));
    if is_whole || EXTRAS.iter().any(is_extra) { format!("{stem} {DOT}") } else { stem }
}

/// The name of a folder that is no season's.
pub fn harmless_folder(folder: String) -> String {
    if FOLDERS.iter().any(|trap| folder.eq_ignore_ascii_case(trap)) {
        format!("{folder} {DOT}")
    } else {
        folder
    }
}

/// The name of a series' folder.
pub fn harmless_series(folder: String) -> String {
    if is_season(&folder) { format!("{folder} {DOT}") } else { harmless_folder(folder) }
}

/// Whether a server could take a series' folder for one of its seasons.
fn is_season(folder: &str) -> bool {
    let lower = folder.to_ascii_lowercase();
    let words = ["season", "series", "staffel", "saison", "temporada", "s", ""];
    words.iter().any(|word| {
        let rest = lower.strip_prefix(word);
        let rest = rest.map(|rest| rest.trim_start_matches([' ', '.', '_', '-']));
        rest.is_some_and(|rest| {
            rest.len() <= 4 && rest.bytes().all(|b| b.is_ascii_digit()) && !lower.is_empty()
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn traps_lose_their_meaning_and_nothing_else_changes() {
        for (name, expected) in [
            ("The Sample", "The Sampleʼ"),
            ("sample Sample", "sampleʼ Sampleʼ"),
            ("Samples", "Samples"),
            ("A-Trailer-trailer", "A-·Trailer-·trailer"),
            ("Resample it", "Resample it"),
            ("S.W.A.T. S2E3", "S.W.A.T. S2·E3"),
            ("X - S01 E05 - Y", "X - S01· E05 - Y"),
            ("s01.e02 and S3xE4", "s01·.e02 and S3·xE4"),
            ("S1x2", "S1·x2"),
            ("4x04", "4·x04"),
            ("1080p x264", "1080p x264"),
            ("Season 3", "Season 3"),
            ("24 Hours", "24 Hours"),
        ] {
            assert_eq!(harmless(name), expected, "{name}");
        }
        assert_eq!(harmless_in(Kind::Movie, "5x2, a sample"), "5x2, a sampleʼ");
        assert_eq!(harmless_in(Kind::Series, "5x2"), "5·x2");
        assert_eq!(harmless_start("X2 Unbound"), "·X2 Unbound");
        assert_eq!(harmless_start("Extra"), "Extra");
        for (stem, expected) in [
            ("Show - S01E01 - Trailer", "Show - S01E01 - Trailer ·"),
            ("Show - S01E01 - The Other", "Show - S01E01 - The Other"),
            ("Foo-other2", "Foo-other2 ·"),
            ("Trailer", "Trailer ·"),
            ("Theme", "Theme ·"),
            ("Other (2001)", "Other (2001)"),
            ("Übersetzung", "Übersetzung"),
        ] {
            assert_eq!(harmless_stem(stem.to_owned()), expected);
        }
        assert_eq!(harmless_folder("1917".to_owned()), "1917");
        for (folder, expected) in [
            ("Extras", "Extras ·"),
            ("Extras (2005)", "Extras (2005)"),
            ("24", "24 ·"),
            ("Season 1", "Season 1 ·"),
            ("Season-2", "Season-2 ·"),
            ("S.1", "S.1 ·"),
            ("S", "S ·"),
            ("1917 (2019)", "1917 (2019)"),
        ] {
            assert_eq!(harmless_series(folder.to_owned()), expected);
        }
    }
}
