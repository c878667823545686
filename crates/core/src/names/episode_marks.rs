//! Where a name says which episode it is: `S01E02`, `1x02`, `Season 1 Episode 2`, dates and so on.
//!
//! The patterns are tried from the surest to the vaguest; of one pattern the leftmost place counts.

use super::words::{EPISODE, SEASON, SPECIAL, Word};
use crate::date::Day;

/// How sure a mark is to mean an episode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MarkStrength {
    /// Only inside what is known to be a series: ` - 1071`, `#12`, `SP01`.
    Weak,
    /// In anything that is no live channel and not said to be a movie: `Folge 12`, dates.
    Fair,
    /// Everywhere: season and episode together.
    Strong,
}

/// An episode mark, with its place in the name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EpisodeMark {
    /// Byte where it begins.
    pub start: usize,
    /// Byte after its end.
    pub end: usize,
    /// Season, where the mark says one.
    pub season: Option<i32>,
    /// Episode number, where the mark says one.
    pub number: Option<i32>,
    /// Last number of a range.
    pub last: Option<i32>,
    /// Air date.
    pub aired: Option<Day>,
    /// How sure it is.
    pub strength: MarkStrength,
}

/// Finds the best mark of at least this strength.
pub fn find(name: &str, least: MarkStrength) -> Option<EpisodeMark> {
    let numbers = count_numbers(name);
    let mut patterns = PATTERNS
        .iter()
        .filter(|pattern| pattern.strength >= least && pattern.numbers <= numbers)
        .peekable();
    patterns.peek()?;
    let text = FoldedName::new(name);
    patterns.find_map(|pattern| text.leftmost(pattern))
}

/// How many numbers stand in a name. Most names have none, or the year alone.
fn count_numbers(name: &str) -> usize {
    let mut is_inside = false;
    let begins = |letter: char| {
        let was_inside = is_inside;
        is_inside = super::words::folded(letter).is_ascii_digit();
        is_inside && !was_inside
    };
    name.chars().map(begins).filter(|begins| *begins).count()
}

/// Finds `S05` at the end of a name: a season without an episode. Gives its first byte and number.
pub fn trailing_season(name: &str) -> Option<(usize, i32)> {
    let text = FoldedName::new(name);
    let digits = text.letters.iter().rev().take_while(|letter| letter.is_ascii_digit()).count();
    let start = text.letters.len().checked_sub(digits + 1)?;
    let fits = (1..=2).contains(&digits) && text.letters[start] == 's' && text.begins_word(start);
    if start == 0 || !fits {
        return None;
    }
    let (_, season) = text.number(start + 1, 2)?;
    Some((text.places[start], season))
}

/// Whether a text is nothing but `Episode 12` in some language, or a number.
pub fn is_bare_episode(name: &str) -> bool {
    let text = FoldedName::new(name.trim());
    let after = match text.any_word(0, EPISODE) {
        Some(end) => text.skip(end, 3, is_joint),
        None => 0,
    };
    text.number(after, 4).is_some_and(|(end, _)| end == text.letters.len())
}

/// A numeric date at the beginning of a text, when nothing follows it.
pub fn whole_date(name: &str) -> Option<Day> {
    let text = FoldedName::new(name.trim());
    text.date(0).filter(|found| found.end == text.letters.len())?.aired
}

/// One form of marks.
struct Pattern {
    /// Reads a mark that begins at this letter.
    read: fn(&FoldedName, usize) -> Option<PatternMatch>,
    strength: MarkStrength,
    /// So many numbers it has at least: where fewer are, it is not looked for.
    numbers: usize,
}

/// From the surest to the vaguest.
const PATTERNS: [Pattern; 9] = {
    use MarkStrength::{Fair, Strong, Weak};
    [
        Pattern { read: FoldedName::compact, strength: Strong, numbers: 2 },
        Pattern { read: FoldedName::cross, strength: Strong, numbers: 2 },
        Pattern { read: FoldedName::spelled, strength: Strong, numbers: 2 },
        Pattern { read: FoldedName::compact_t, strength: Strong, numbers: 2 },
        Pattern { read: FoldedName::date, strength: Fair, numbers: 3 },
        Pattern { read: FoldedName::episode_only, strength: Fair, numbers: 1 },
        Pattern { read: FoldedName::numbered, strength: Weak, numbers: 1 },
        Pattern { read: FoldedName::special, strength: Weak, numbers: 0 },
        Pattern { read: FoldedName::absolute, strength: Weak, numbers: 1 },
    ]
};

/// What a pattern found; places are counted in characters.
#[derive(Debug, Default)]
struct PatternMatch {
    end: usize,
    season: Option<i32>,
    number: Option<i32>,
    last: Option<i32>,
    aired: Option<Day>,
}

/// A name, folded for comparison: one lower-case character without accents per original one.
struct FoldedName {
    letters: Vec<char>,
    places: Vec<usize>,
}

impl FoldedName {
    fn new(name: &str) -> FoldedName {
        let letters = name.chars().map(super::words::folded).collect();
        let mut places: Vec<usize> = name.char_indices().map(|(at, _)| at).collect();
        places.push(name.len());
        FoldedName { letters, places }
    }

    fn leftmost(&self, pattern: &Pattern) -> Option<EpisodeMark> {
        let (start, found) =
            (0..self.letters.len()).find_map(|at| Some((at, (pattern.read)(self, at)?)))?;
        Some(EpisodeMark {
            start: self.places[start],
            end: self.places[found.end],
            season: found.season,
            number: found.number,
            last: found.last,
            aired: found.aired,
            strength: pattern.strength,
        })
    }

    /// `S01E02`, `S1.E2`, `S01 - Ep 02`, ranges, and half episodes.
    fn compact(&self, at: usize) -> Option<PatternMatch> {
        self.season_and_episode(at, 's', 4)
    }

    /// `T01 E05`, as Spanish and Portuguese lists have it.
    fn compact_t(&self, at: usize) -> Option<PatternMatch> {
        self.season_and_episode(at, 't', 2)
    }

    fn season_and_episode(&self, at: usize, letter: char, digits: usize) -> Option<PatternMatch> {
        self.letter(at, letter)?;
        self.begins_word(at).then_some(())?;
        let (after_season, season) = self.number(at + 1, digits)?;
        let e = self.skip(after_season, 3, is_joint);
        let (end, number) = self.number(self.episode_letter(e)?, 4)?;
        if let Some((end, half)) = self.half(end) {
            // No number stands between 12 and 13, so it becomes a special of its own.
            let number = season.checked_mul(1000)?.checked_add(number * 10 + half)?;
            return Some(PatternMatch {
                end,
                season: Some(0),
                number: Some(number),
                ..PatternMatch::default()
            });
        }
        let (end, last) = self.range(end, number);
        Some(PatternMatch { end, season: Some(season), number: Some(number), last, aired: None })
    }

    /// After `e` or `ep`, and a dot or space after the latter.
    fn episode_letter(&self, at: usize) -> Option<usize> {
        let after = self.letter(at, 'e')?;
        match self.letter(after, 'p') {
            Some(after) => Some(self.skip(after, 2, |letter| letter == '.' || letter == ' ')),
            None => Some(after),
        }
    }

    /// The `.5` of `E12.5`.
    fn half(&self, at: usize) -> Option<(usize, i32)> {
        let (end, half) = self.number(self.letter(at, '.')?, 1)?;
        (!self.is_alphanumeric(end) && self.letter(end, '.').is_none()).then_some((end, half))
    }

    /// `-E02`, `E02`, `-02`, `+02`, ` - E02`, and chains of them. Gives the end and the last
    /// number.
    fn range(&self, at: usize, first: i32) -> (usize, Option<i32>) {
        let (mut end, mut last) = (at, None);
        loop {
            let previous = last.unwrap_or(first);
            let joined = self.skip(end, 3, |letter| is_joint(letter) || letter == '&');
            let spelled = self.episode_letter(joined);
            let bare = ['-', '+', '–'].iter().find_map(|joint| self.letter(end, *joint));
            let next = spelled.or(bare).and_then(|digits| self.number(digits, 4));
            match next {
                // A resolution or a year is no range, nor is the next season's number.
                Some((after, number))
                    if number > previous
                        && number - previous < 100
                        && (spelled.is_some() || !self.is_alphanumeric(after)) =>
                {
                    (end, last) = (after, Some(number));
                }
                _ => return (end, last),
            }
        }
    }

    /// `1x02`, but not `1920x1080` nor `16x9`.
    fn cross(&self, at: usize) -> Option<PatternMatch> {
        let (x, season) = self.leading_number(at, 2)?;
        let digits = self.letter(x, 'x').or_else(|| self.letter(x, '×'))?;
        let (mut end, number) = self.number(digits, 3)?;
        if end - digits < 2 {
            return None;
        }
        let mut last = None;
        if let Some((after, other)) = self.letter(end, '-').and_then(|at| self.number(at, 3)) {
            // `1x01-02` and `1x01-1x02`.
            let other = match self.letter(after, 'x').and_then(|at| self.number(at, 3)) {
                Some((after, number)) if other == season => Some((after, number)),
                Some(_) => None,
                None => Some((after, other)),
            };
            if let Some((after, other)) = other.filter(|other| other.1 > number) {
                (end, last) = (after, Some(other));
            }
        }
        (!self.is_alphanumeric(end)).then_some(PatternMatch {
            end,
            season: Some(season),
            number: Some(number),
            last,
            aired: None,
        })
    }

    /// `Season 1 Episode 2`, `2. Sezon 5. Bölüm`, `1 сезон 3 серия`, in either order.
    fn spelled(&self, at: usize) -> Option<PatternMatch> {
        if !self.begins_word(at) {
            return None;
        }
        for forward in [true, false] {
            for (first, second) in [(SEASON, EPISODE), (EPISODE, SEASON)] {
                let Some((end, one)) = self.counted(at, first, forward) else { continue };
                let next = self.skip(end, 5, |letter| is_joint(letter) || letter == '/');
                let other = self
                    .counted(next, second, forward)
                    .or_else(|| self.counted(next, second, !forward));
                let Some((end, two)) = other else { continue };
                let (season, number) = if first == SEASON { (one, two) } else { (two, one) };
                let (end, last) =
                    if first == SEASON { self.range(end, number) } else { (end, None) };
                let (season, number) = (Some(season), Some(number));
                return Some(PatternMatch { end, season, number, last, aired: None });
            }
        }
        None
    }

    /// A word with its number, `forward` when the word comes first.
    fn counted(&self, at: usize, words: &[Word], forward: bool) -> Option<(usize, i32)> {
        if forward {
            let word = self.any_word(at, words)?;
            let (end, number) = self.number(self.skip(word, 3, is_joint), 4)?;
            return (!self.is_alphanumeric(end)).then_some((end, number));
        }
        let (end, number) = self.number(at, 4)?;
        // `2nd season`, `1-я серия`, `3ª temporada`.
        let ordinal = ["nd", "st", "rd", "th", "-я", "-й", "ª", "º", "°", "."];
        let end = ordinal.iter().find_map(|word| self.word(end, word)).unwrap_or(end);
        let word = self.any_word(self.skip(end, 2, is_joint), words)?;
        // In `Friends 2 Season 1 Episode 3` the word counts what follows it.
        let follower = self.counted_after(word);
        (!follower || words == EPISODE || self.turkish_order(word)).then_some((word, number))
    }

    fn counted_after(&self, word: usize) -> bool {
        self.number(self.skip(word, 3, is_joint), 4).is_some()
    }

    /// Whether the number after a season's word belongs to an episode's word that nothing counts:
    /// `2 Sezon 5 Bölüm`.
    fn turkish_order(&self, season_word: usize) -> bool {
        let next = self.skip(season_word, 3, is_joint);
        self.counted(next, EPISODE, false).is_some_and(|(end, _)| !self.counted_after(end))
    }

    /// `2024.03.12`, `2024-03-12`, `12.03.2024`.
    fn date(&self, at: usize) -> Option<PatternMatch> {
        let (next, one) = self.leading_number(at, 4)?;
        let joint = *self.letters.get(next).filter(|joint| ['.', '-', '/'].contains(*joint))?;
        let (next_after, two) = self.number(next + 1, 2)?;
        let (end, three) = self.number(self.letter(next_after, joint)?, 4)?;
        let (year, month, day) = match (next - at, end - next_after - 1) {
            (4, 1 | 2) => (one, two, three),
            (1 | 2, 4) if joint == '.' => (three, two, one),
            _ => return None,
        };
        let aired = Day::new(year, month, day)?;
        let valid = (1900..=2100).contains(&year);
        (valid && !self.is_alphanumeric(end)).then(|| PatternMatch {
            end,
            season: Some(year),
            number: Some(month * 100 + day),
            last: None,
            aired: Some(aired),
        })
    }

    /// `Folge 1234`, `Ep. 12`, `E1071`, `Cap. 305`.
    fn episode_only(&self, at: usize) -> Option<PatternMatch> {
        let found =
            |end, number| PatternMatch { end, number: Some(number), ..PatternMatch::default() };
        if !self.begins_word(at) {
            return None;
        }
        if let Some((end, number)) = self.counted(at, EPISODE, true) {
            // A lone `e` needs its digits beside it, and two of them: `Vitamin E 1` is none.
            let lone = self.any_word(at, EPISODE) == Some(at + 1);
            if !lone || (self.number(at + 1, 4).is_some() && end >= at + 3) {
                let (end, last) = self.range(end, number);
                return Some(PatternMatch { last, ..found(end, number) });
            }
        }
        let (end, number) = self.counted(at, &EPISODE[..super::words::UNMISTAKABLE], false)?;
        Some(found(end, number))
    }

    /// `#12`.
    fn numbered(&self, at: usize) -> Option<PatternMatch> {
        let (end, number) = self.number(self.letter(at, '#')?, 4)?;
        (!self.is_alphanumeric(end)).then(|| PatternMatch {
            end,
            number: Some(number),
            ..PatternMatch::default()
        })
    }

    /// `SP01`, `OVA 2`, `Special`.
    fn special(&self, at: usize) -> Option<PatternMatch> {
        let word = self.any_word(at, SPECIAL)?;
        self.begins_word(at).then_some(())?;
        let counted = self.number(self.skip(word, 3, is_joint), 3);
        let counted = counted.filter(|(end, _)| !self.is_alphanumeric(*end));
        let (end, number) = counted.map_or((word, None), |(end, number)| (end, Some(number)));
        Some(PatternMatch { end, season: Some(0), number, ..PatternMatch::default() })
    }

    /// ` - 1071`, the numbering of long-running animated series.
    fn absolute(&self, at: usize) -> Option<PatternMatch> {
        let digits = [' ', '-', ' '].iter().try_fold(at, |at, letter| self.letter(at, *letter))?;
        let (end, number) = self.number(digits, 4)?;
        let version = self.letter(end, 'v').and_then(|at| self.number(at, 1));
        let end_of_all = version.map_or(end, |(end, _)| end);
        let ends = self.letters.get(end_of_all).is_none_or(|letter| letter.is_whitespace());
        (end - digits >= 2 && ends).then(|| PatternMatch {
            end: end_of_all,
            number: Some(number),
            ..PatternMatch::default()
        })
    }

    /// The end of a word of a list that stands at `at`, when a letter does not go on with it.
    fn any_word(&self, at: usize, words: &[Word]) -> Option<usize> {
        let mut buffer = [0; 4];
        let first = self.letters.get(at)?.encode_utf8(&mut buffer).as_bytes().first();
        // Most words are told apart by the first byte.
        words.iter().filter(|word| word.as_bytes().first() == first).find_map(|word| {
            let end = self.word(at, word)?;
            let open = self.letters.get(end).is_some_and(|letter| letter.is_alphabetic());
            (!open).then_some(end)
        })
    }

    /// The end of `word` when it stands at `at`; combining accents are overlooked.
    fn word(&self, mut at: usize, word: &str) -> Option<usize> {
        for expected in word.chars() {
            at = self.letter(at, expected)?;
            at = self.skip(at, 2, |letter| ('\u{300}'..='\u{36f}').contains(&letter));
        }
        Some(at)
    }

    fn letter(&self, at: usize, letter: char) -> Option<usize> {
        (self.letters.get(at) == Some(&letter)).then_some(at + 1)
    }

    /// A number of at most this many digits, which no further digit follows.
    fn number(&self, at: usize, digits: usize) -> Option<(usize, i32)> {
        let end = self.skip(at, digits + 1, |letter| letter.is_ascii_digit());
        if end == at || end - at > digits {
            return None;
        }
        let value = self.letters[at..end]
            .iter()
            .fold(0, |value, digit| value * 10 + (*digit as i32 - '0' as i32));
        Some((end, value))
    }

    /// A number as before, which begins a word.
    fn leading_number(&self, at: usize, digits: usize) -> Option<(usize, i32)> {
        if self.begins_word(at) { self.number(at, digits) } else { None }
    }

    fn skip(&self, at: usize, limit: usize, wanted: impl Fn(char) -> bool) -> usize {
        let rest = self.letters.get(at..).unwrap_or_default();
        at + rest.iter().take(limit).take_while(|letter| wanted(**letter)).count()
    }

    fn is_alphanumeric(&self, at: usize) -> bool {
        self.letters.get(at).is_some_and(|letter| letter.is_alphanumeric())
    }

    fn begins_word(&self, at: usize) -> bool {
        at == 0 || !self.is_alphanumeric(at - 1)
    }
}

/// What may stand between a season and its episode.
fn is_joint(letter: char) -> bool {
    " ._-–:,|·+()[]\u{a0}".contains(letter)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Text before the mark, season, number, last number, strength.
    type Expected<'a> = (&'a str, Option<i32>, Option<i32>, Option<i32>, MarkStrength);

    #[test]
    fn marks_in_names() {
        use MarkStrength::{Fair, Strong, Weak};
        let strong = |before, season, number| (before, Some(season), Some(number), None, Strong);
        let range =
            |before, season, number, last| (before, Some(season), Some(number), Some(last), Strong);
        let cases: [(&str, Expected<'_>); 46] = [
            ("Mad Men S01E01", strong("Mad Men ", 1, 1)),
            ("Mad Men s1.e2 x", strong("Mad Men ", 1, 2)),
            ("مسلسل الهيبة S03 E05", strong("مسلسل الهيبة ", 3, 5)),
            ("X S01 - Ep. 02", strong("X ", 1, 2)),
            ("X S2024E123", strong("X ", 2024, 123)),
            ("X S00E03", strong("X ", 0, 3)),
            ("S.W.A.T. (2017) S02E10 Title 4K HEVC", strong("S.W.A.T. (2017) ", 2, 10)),
            ("9-1-1 S01E01", strong("9-1-1 ", 1, 1)),
            ("24 S01E01", strong("24 ", 1, 1)),
            ("X [S01E02]", strong("X [", 1, 2)),
            ("X S01E02-1080p", strong("X ", 1, 2)),
            ("X S01E02 - 24 Hours", strong("X ", 1, 2)),
            ("X S01E02.1080p", strong("X ", 1, 2)),
            ("The Simpsons S05E01-E02", range("The Simpsons ", 5, 1, 2)),
            ("X S05E01E02", range("X ", 5, 1, 2)),
            ("X S05E01-02", range("X ", 5, 1, 2)),
            ("X S05E01+02", range("X ", 5, 1, 2)),
            ("X S05E01 - E03", range("X ", 5, 1, 3)),
            ("X S05E01E02E03", range("X ", 5, 1, 3)),
            ("X S01E12.5", strong("X ", 0, 1125)),
            ("The Office 1x02", strong("The Office ", 1, 2)),
            ("X 1x01-02", range("X ", 1, 1, 2)),
            ("X 1x01-1x02", range("X ", 1, 1, 2)),
            ("Friends Season 1 Episode 2", strong("Friends ", 1, 2)),
            ("Friends 2 Season 1 Episode 3", strong("Friends 2 ", 1, 3)),
            ("X - Season 1, Episode 02", strong("X - ", 1, 2)),
            ("X Staffel 2 Folge 3", strong("X ", 2, 3)),
            ("X Saison 1 Épisode 4", strong("X ", 1, 4)),
            ("X Saison 1 E\u{301}pisode 4", strong("X ", 1, 4)),
            ("X Temporada 2 Capítulo 5", strong("X ", 2, 5)),
            ("X Stagione 1 Episodio 6", strong("X ", 1, 6)),
            ("X 2. Sezon 5. Bölüm", strong("X ", 2, 5)),
            ("X 2 SEZON 5 BÖLÜM", strong("X ", 2, 5)),
            ("X 1 сезон 3 серия", strong("X ", 1, 3)),
            ("X Сезон 1 Серия 3", strong("X ", 1, 3)),
            ("X الموسم 1 الحلقة ٢", strong("X ", 1, 2)),
            ("X Episode 3 Season 2", strong("X ", 2, 3)),
            ("X T01 E05", strong("X ", 1, 5)),
            ("X T1:Ep5", strong("X ", 1, 5)),
            ("Tatort Folge 1234", ("Tatort ", None, Some(1234), None, Fair)),
            ("X Cap. 305", ("X ", None, Some(305), None, Fair)),
            ("X E1071", ("X ", None, Some(1071), None, Fair)),
            ("X #12", ("X ", None, Some(12), None, Weak)),
            ("X SP02", ("X ", Some(0), Some(2), None, Weak)),
            ("X Christmas Special", ("X Christmas ", Some(0), None, None, Weak)),
            ("One Piece - 1071v2 x", ("One Piece", None, Some(1071), None, Weak)),
        ];
        for (name, (before, season, number, last, strength)) in cases {
            let mark = find(name, MarkStrength::Weak).unwrap_or_else(|| panic!("{name}"));
            assert_eq!(&name[..mark.start], before, "{name}");
            let found = (mark.season, mark.number, mark.last, mark.strength);
            assert_eq!(found, (season, number, last, strength), "{name}");
        }
    }

    #[test]
    fn dates() {
        for (name, season, number, aired) in [
            ("The Daily Show 2024.03.12", 2024, 312, "2024-03-12"),
            ("X 2024-3-2 Guest", 2024, 302, "2024-03-02"),
            ("X 12.03.2024", 2024, 312, "2024-03-12"),
        ] {
            let mark = find(name, MarkStrength::Fair).unwrap();
            assert_eq!((mark.season, mark.number), (Some(season), Some(number)));
            assert_eq!(mark.aired, Day::parse(aired));
        }
        assert_eq!(whole_date("2024-03-12"), Day::new(2024, 3, 12));
        assert_eq!(whole_date("2024-03-12 x"), None);
    }

    #[test]
    fn names_without_a_mark() {
        for name in [
            "1920x1080",
            "Film 16x9",
            "Film x264",
            "H.265 DDP5.1",
            "24/7",
            "9-1-1",
            "2012",
            "U-571",
            "Se7en",
            "T2E",
            "Film 2024.13.12",
            "Film 2024.03.45",
            "Film 2023.02.29",
            "Blade Runner 2049 (2017)",
            "Vitamin E 12",
            "WALL-E 2",
            "The Boys s05",
            "Ocean's 11x1",
            "Apollo 13",
            "",
            "é",
            "S",
            "Season 1",
            "Especially 12",
            "Eps 12",
            "Film 11x200x3",
        ] {
            assert_eq!(find(name, MarkStrength::Weak), None, "{name}");
        }
    }

    #[test]
    fn small_helpers() {
        assert_eq!(trailing_season("The Boys s05"), Some((9, 5)));
        assert_eq!(trailing_season("The Boys05"), None);
        assert_eq!(trailing_season("S05"), None);
        for (name, bare) in [
            ("Episode 1", true),
            ("Folge 12", true),
            ("Ep. 3", true),
            ("7", true),
            ("Pilot 1", false),
            ("", false),
        ] {
            assert_eq!(is_bare_episode(name), bare, "{name}");
        }
    }

    proptest! {
        #[test]
        fn no_name_panics_and_places_are_boundaries(
            name in "[sStTeExX0-9 .#é٣Bölüm-]{0,24}|\\PC{0,40}",
        ) {
            if let Some(mark) = find(&name, MarkStrength::Weak) {
                prop_assert!(mark.start <= mark.end && name.is_char_boundary(mark.start));
                prop_assert!(name.is_char_boundary(mark.end));
            }
            trailing_season(&name);
            is_bare_episode(&name);
        }

        #[test]
        fn what_is_not_looked_for_is_not_there(
            name in "([sStTeExX#. -]|[0-9]{1,4}|[٣-٥]|season|Folge|Bölüm|ep|special|2024.3.1|[()]){0,12}",
        ) {
            let text = FoldedName::new(&name);
            for least in [MarkStrength::Weak, MarkStrength::Fair, MarkStrength::Strong] {
                let mut all = PATTERNS.iter().filter(|pattern| pattern.strength >= least);
                let anywhere = all.find_map(|pattern| text.leftmost(pattern));
                prop_assert_eq!(find(&name, least), anywhere);
            }
        }
    }
}
