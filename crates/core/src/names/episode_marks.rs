//! Where a name says which episode it is: `S01E02`, `1x02`, `Season 1 Episode 2`, dates and so on.
//!
//! The patterns are tried from the surest to the vaguest; of one pattern the leftmost place counts.

mod seasons;

pub use self::seasons::{season_within, sure_season, trailing_season, whole_season};

use super::folded::{FoldedName, is_joint};
use super::words::{
    EPISODE, ORDINALS, PART_EPISODES, SEASON, SPECIAL, TURKISH_SOUND, VIETNAMESE_SOUND, Word,
};
use crate::date::Day;

/// How sure a mark is to mean an episode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MarkStrength {
    /// Only inside what is known to be a series: ` - 1071`, `#12`, `SP01`, and what may count a film's part: `Kill Bill:
    /// Bölüm 1`.
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

/// How many numbers stand in a name, spelled ones included. Most names have none, or the year alone.
fn count_numbers(name: &str) -> usize {
    let mut is_inside = false;
    let begins = |letter: char| {
        let was_inside = is_inside;
        is_inside = super::words::folded(letter).is_ascii_digit();
        is_inside && !was_inside
    };
    let digits = name.chars().map(begins).filter(|begins| *begins).count();
    if name.is_ascii() {
        return digits;
    }
    digits + name.split_whitespace().filter(|word| ordinal(word).is_some()).count()
}

/// The number that an ordinal is.
fn ordinal(word: &str) -> Option<i32> {
    ORDINALS.iter().find(|(known, _)| *known == word).map(|(_, number)| *number)
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

/// The longest name of a server with its episode, in characters.
const LONGEST_SERVER: usize = 80;

/// One form of marks.
struct Pattern {
    /// Reads a mark that begins at this letter.
    read: fn(&FoldedName, usize) -> Option<PatternMatch>,
    strength: MarkStrength,
    /// So many numbers it has at least: where fewer are, it is not looked for.
    numbers: usize,
}

/// From the surest to the vaguest.
const PATTERNS: [Pattern; 14] = {
    use MarkStrength::{Fair, Strong, Weak};
    [
        Pattern { read: FoldedName::compact, strength: Strong, numbers: 2 },
        Pattern { read: FoldedName::cross, strength: Strong, numbers: 2 },
        Pattern { read: FoldedName::spelled, strength: Strong, numbers: 2 },
        Pattern { read: FoldedName::compact_t, strength: Strong, numbers: 2 },
        Pattern { read: FoldedName::letters_behind, strength: Strong, numbers: 2 },
        Pattern { read: FoldedName::date, strength: Fair, numbers: 3 },
        Pattern { read: FoldedName::season_and_number, strength: Fair, numbers: 2 },
        Pattern { read: FoldedName::server, strength: Fair, numbers: 1 },
        Pattern { read: FoldedName::episode_only, strength: Fair, numbers: 1 },
        Pattern { read: FoldedName::behind_year, strength: Fair, numbers: 2 },
        Pattern { read: FoldedName::vague_episode, strength: Weak, numbers: 1 },
        Pattern { read: FoldedName::numbered, strength: Weak, numbers: 1 },
        Pattern { read: FoldedName::special, strength: Weak, numbers: 0 },
        Pattern { read: FoldedName::absolute, strength: Weak, numbers: 1 },
    ]
};

/// How far around a word for episode a year or a season is looked for, in characters.
const LONGEST_TAIL: usize = 80;

/// The lines of pictures: `Show S1 - 720` has no such episode.
const LINES: [i32; 6] = [480, 540, 576, 720, 1080, 2160];

/// Whether a number is one that years have, whatever year it is now.
pub fn is_like_year(number: i32) -> bool {
    (1900..2100).contains(&number)
}

/// What a pattern found; places are counted in characters.
#[derive(Debug, Default)]
struct PatternMatch {
    end: usize,
    season: Option<i32>,
    number: Option<i32>,
    last: Option<i32>,
    aired: Option<Day>,
}

impl FoldedName {
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
            let bare = ['-', '+', '–', '_'].iter().find_map(|joint| self.letter(end, *joint));
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

    /// `1x02`, `02x5`, but not `1920x1080` nor `16x9`.
    fn cross(&self, at: usize) -> Option<PatternMatch> {
        let (x, season) = self.leading_number(at, 2)?;
        let digits = self.letter(x, 'x').or_else(|| self.letter(x, '×'))?;
        let (mut end, number) = self.number(digits, 3)?;
        let is_padded = x - at == 2 && self.letters[at] == '0';
        if end - digits < 2 && !is_padded {
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
                let of_so_many = if first == SEASON { self.of_so_many(end, one) } else { None };
                if of_so_many.is_some() {
                    return of_so_many;
                }
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

    /// The `/8` of `Saison 3/8`, but no date.
    fn of_so_many(&self, end: usize, season: i32) -> Option<PatternMatch> {
        let (end, number) = self.number(self.letter(end, '/')?, 3)?;
        let (is_over, season, number) = (
            !self.is_alphanumeric(end) && self.letter(end, '/').is_none(),
            Some(season),
            Some(number),
        );
        is_over.then_some(PatternMatch { end, season, number, ..PatternMatch::default() })
    }

    /// A word with its number, `forward` when the word comes first.
    fn counted(&self, at: usize, words: &[Word], forward: bool) -> Option<(usize, i32)> {
        if forward {
            let word = self.any_word(at, words)?;
            // `Tập Tập 09`
            let next = self.skip(word, 1, |letter| letter == ' ');
            let is_same = |end: &usize| self.letters[next..*end] == self.letters[at..word];
            let word = self.any_word(next, words).filter(is_same).unwrap_or(word);
            // A lone `e` needs its digits beside it: `WALL-E - 2. Sezon` has none.
            let (end, number) =
                if word == at + 1 { self.number(word, 4)? } else { self.linked_number(word)? };
            return (!self.is_alphanumeric(end)).then_some((end, number));
        }
        let (end, number) = self.number(at, 4)?;
        let end = self.ordinal_ending(end).unwrap_or(end);
        let word = self.any_word(self.skip(end, 2, is_joint), words)?;
        // In `Friends 2 Season 1 Episode 3` the word counts what follows it.
        let follower = self.counted_after(word);
        (!follower || words == EPISODE || self.turkish_order(word)).then_some((word, number))
    }

    /// `2nd season`, `1-я серия`, `3ª temporada`.
    fn ordinal_ending(&self, at: usize) -> Option<usize> {
        ["nd", "st", "rd", "th", "-я", "-й", "ª", "º", "°", "."]
            .iter()
            .find_map(|word| self.word(at, word))
    }

    /// The number behind a word that counts, or an ordinal.
    fn linked_number(&self, word: usize) -> Option<(usize, i32)> {
        let at = self.skip(word, 3, is_joint);
        if let Some((end, number)) = self.number(at, 4) {
            return (!self.is_bracketed_year(at, end)).then_some((end, number));
        }
        ORDINALS.iter().find_map(|(ordinal, number)| Some((self.word(at, ordinal)?, *number)))
    }

    /// A bracketed year is never what a word counts.
    fn is_bracketed_year(&self, at: usize, end: usize) -> bool {
        end - at == 4 && at > 0 && ['(', '['].contains(&self.letters[at - 1])
    }

    /// Whether a word counts what follows it; a year is none of it.
    fn counted_after(&self, word: usize) -> bool {
        self.linked_number(word).is_some_and(|(_, number)| !is_like_year(number))
    }

    /// Whether the number after a season's word belongs to an episode's word that nothing counts:
    /// `2 Sezon 5 Bölüm`.
    fn turkish_order(&self, season_word: usize) -> bool {
        let next = self.skip(season_word, 3, is_joint);
        self.counted(next, EPISODE, false).is_some_and(|(end, _)| !self.counted_after(end))
    }

    /// `2024.03.12`, `2024-03-12`, `2024 03 12`, `12.03.2024`.
    fn date(&self, at: usize) -> Option<PatternMatch> {
        let (next, one) = self.leading_number(at, 4)?;
        let joint =
            *self.letters.get(next).filter(|joint| ['.', '-', '/', ' '].contains(*joint))?;
        let (next_after, two) = self.number(next + 1, 2)?;
        let (end, three) = self.number(self.letter(next_after, joint)?, 4)?;
        let (year, month, day) = match (next - at, end - next_after - 1) {
            (4, 2) if next_after - next == 3 => (one, two, three),
            (4, 1 | 2) if joint != ' ' => (one, two, three),
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

    /// `Folge 1234`, `Ep. 12`, `E1071`, `Cap. 305`; in `Ice Cap 2` it is a word.
    fn episode_only(&self, at: usize) -> Option<PatternMatch> {
        let is_cap = self.any_word(at, &["cap"]);
        let is_sure = |end: usize| {
            let before = self.letters[..at].iter().rev().find(|letter| **letter != ' ');
            let is_set_apart = before.is_none_or(|letter| !letter.is_alphanumeric());
            let number = self.skip(end, 1, |letter| letter == ' ');
            is_set_apart
                || self.letters.get(end) == Some(&'.')
                || self.letters.get(number) == Some(&'0')
        };
        let is_vague = is_cap.is_some_and(|end| !is_sure(end));
        if is_vague { None } else { self.vague_episode(at).filter(|it| !self.is_part(at, it)) }
    }

    /// Whether a mark may count a film's part: `Kill Bill: Bölüm 1`, `It - Capítulo 2 (2019)`. A colon stands in front, or
    /// the year behind. No film has ten parts. What has a season, or is one of a number, is an episode.
    fn is_part(&self, at: usize, found: &PatternMatch) -> bool {
        if self.any_word(at, PART_EPISODES).is_none() || found.number >= Some(10) {
            return false;
        }
        let before = self.letters[..at].iter().rev().find(|letter| **letter != ' ');
        let behind = found.end..self.letters.len().min(found.end + LONGEST_TAIL);
        let has_mark = || before == Some(&':') || behind.clone().any(|at| self.is_own_year(at));
        has_mark() && !self.is_counted_through(at, found.end) && !self.has_season_or_year(at)
    }

    /// `05` and `5 of 12`: who writes so counts episodes.
    fn is_counted_through(&self, at: usize, end: usize) -> bool {
        let digits = self.letters[at..end].iter().skip_while(|letter| !letter.is_ascii_digit());
        let next = self.skip(end, 1, |letter| letter == ' ');
        let of = self.word(next, "of ").or_else(|| self.letter(next, '/'));
        digits.clone().next() == Some(&'0') || of.is_some_and(|at| self.number(at, 4).is_some())
    }

    /// Whether a season or a year in brackets stands in front.
    fn has_season_or_year(&self, at: usize) -> bool {
        let is_season = |place: usize| {
            let short = self.letter(place, 's').and_then(|end| self.number(end, 2));
            let spelled = || self.counted(place, SEASON, true);
            let found = if self.begins_word(place) { short.or_else(spelled) } else { None };
            found.is_some_and(|(end, _)| !self.is_alphanumeric(end))
        };
        let from = at.saturating_sub(LONGEST_TAIL);
        (from..at).any(|place| is_season(place) || self.is_own_year(place))
    }

    /// Whether a year stands here, in brackets or behind a dash.
    fn is_own_year(&self, at: usize) -> bool {
        let is_dashed = || self.letters[..at].ends_with(&['-', ' ']);
        self.leading_number(at, 4).is_some_and(|(end, number)| {
            end == at + 4
                && is_like_year(number)
                && (self.is_bracketed_year(at, end) || is_dashed())
        })
    }

    /// The same, whatever its word stands behind.
    fn vague_episode(&self, at: usize) -> Option<PatternMatch> {
        let found =
            |end, number| PatternMatch { end, number: Some(number), ..PatternMatch::default() };
        if !self.begins_word(at) {
            return None;
        }
        if let Some((end, number)) = self.counted(at, EPISODE, true) {
            // A lone `e` needs two digits: `Vitamin E1` is none.
            let is_lone = self.any_word(at, EPISODE) == Some(at + 1);
            if !is_lone || end >= at + 3 {
                let (end, last) = self.range(end, number);
                return Some(PatternMatch { last, ..found(end, number) });
            }
        }
        let (end, number) = self.counted(at, &EPISODE[..super::words::UNMISTAKABLE], false)?;
        Some(found(end, number))
    }

    /// `1.S Altyazı - Bölüm 9`, as Turkish lists have it.
    fn season_letter(&self, dot: usize, season: i32) -> Option<PatternMatch> {
        let end = self.letter(dot, 's')?;
        let mut next = self.skip(end, 3, is_joint);
        while let Some(end) = self.any_word(next, TURKISH_SOUND) {
            next = self.skip(end, 3, is_joint);
        }
        let (end, number) = self.counted(next, EPISODE, true)?;
        let (season, number) = (Some(season), Some(number));
        Some(PatternMatch { end, season, number, ..PatternMatch::default() })
    }

    /// `S2 - 13`, at the end or before brackets.
    fn season_and_number(&self, at: usize) -> Option<PatternMatch> {
        self.letter(at, 's')?;
        let (end, season) = if self.begins_word(at) { self.number(at + 1, 2)? } else { None? };
        let digits = [' ', '-', ' '].iter().try_fold(end, |at, letter| self.letter(at, *letter))?;
        let (end, number) = self.number(digits, 4).filter(|(end, _)| *end >= digits + 2)?;
        if is_like_year(number) || LINES.contains(&number) {
            return None;
        }
        let next = self.skip(end, 1, |letter| letter == ' ');
        let is_over = self.letters.get(next).is_none_or(|letter| "([".contains(*letter));
        let (season, number) = (Some(season), Some(number));
        is_over.then_some(PatternMatch { end, season, number, ..PatternMatch::default() })
    }

    /// `1S 181B`, as Turkish lists have it: Sezon, Bölüm; `1с-5с`, as Russian ones do.
    fn letters_behind(&self, at: usize) -> Option<PatternMatch> {
        let (end, season) = self.leading_number(at, 2)?;
        if let Some(next) = self.letter(end, '.') {
            return self.season_letter(next, season);
        }
        if let Some(next) = self.letter(end, 'с') {
            let (end, number) = self.number(self.letter(next, '-')?, 4)?;
            let end = self.letter(end, 'с').filter(|end| !self.is_alphanumeric(*end))?;
            let (season, number) = (Some(season), Some(number));
            return Some(PatternMatch { end, season, number, ..PatternMatch::default() });
        }
        let next = self.letter(self.letter(end, 's')?, ' ')?;
        let (end, number) = self.number(next, 4)?;
        let end = self.letter(end, 'b').filter(|end| !self.is_alphanumeric(*end))?;
        let (season, number) = (Some(season), Some(number));
        Some(PatternMatch { end, season, number, ..PatternMatch::default() })
    }

    /// ` - Vietsub #1 [574]`, ` - #Hà Nội (Vietsub) [Tập 130]`: a server, its sound, and the episode, at the end.
    fn server(&self, at: usize) -> Option<PatternMatch> {
        let begins = |at: usize| self.letters[at..].starts_with(&[' ', '-', ' ']);
        let end = self.letters.len();
        if end - at > LONGEST_SERVER
            || !begins(at)
            || self.letters.last() != Some(&']')
            || (at + 1..end).any(begins)
        {
            return None;
        }
        let opening = (at..end).rfind(|at| self.letters[*at] == '[')?;
        let has_sound =
            |at: usize| self.begins_word(at) && self.any_word(at, VIETNAMESE_SOUND).is_some();
        if !(at..opening).any(has_sound) {
            return None;
        }
        let counted = self.counted(opening + 1, EPISODE, true);
        let (close, number) = counted.or_else(|| self.number(opening + 1, 4))?;
        (close + 1 == end).then(|| PatternMatch {
            end,
            number: Some(number),
            ..PatternMatch::default()
        })
    }

    /// `(2023) 01`, `(2023) 12 720p`: a number of two digits behind a bracketed year.
    fn behind_year(&self, at: usize) -> Option<PatternMatch> {
        let year = at.checked_sub(6)?;
        let is_year = self.letters[year] == '('
            && self.letters[at - 1] == ')'
            && self.number(year + 1, 4).is_some_and(|(end, _)| end == at - 1);
        if !is_year {
            return None;
        }
        let digits = self.letter(at, ' ')?;
        let (end, number) = self.number(digits, 2).filter(|(end, _)| *end == digits + 2)?;
        let before_quality = || {
            let quality = self.number(self.letter(end, ' ')?, 4);
            quality.and_then(|(end, _)| self.letter(end, 'p'))
        };
        let is_padded = self.letters[digits] == '0' && end == self.letters.len();
        (is_padded || before_quality().is_some()).then(|| PatternMatch {
            end,
            number: Some(number),
            ..PatternMatch::default()
        })
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
}

#[cfg(test)]
mod tests;
