//! Where a name says which season it is of, when no episode stands beside it.

use super::super::folded::{FoldedName, is_joint};
use super::super::words::{SEASON, VAGUE_SEASONS, folded, has_word};
use super::ordinal;

/// Finds the season at the end of a series' name, when no episode stands beside it: `S05`, `T5`, `Season 2`, `2 сезон`.
/// Gives its first byte and number; something stands in front.
pub fn trailing_season(name: &str) -> Option<(usize, i32)> {
    season_at_end(name, true).filter(|(start, _)| *start > 0)
}

/// Finds the season at the end of a name that may be a movie's: `Open Season 2` has none.
pub fn sure_season(name: &str) -> Option<(usize, i32)> {
    season_at_end(name, false).filter(|(start, _)| *start > 0)
}

/// Finds the words for this season in a name: `Show Season 05 dubbed` before `S05`. Gives their first byte and the one
/// behind them; something stands in front.
pub fn season_within(name: &str, season: i32) -> Option<(usize, usize)> {
    let mut numbers = name.split(|letter: char| !letter.is_ascii_digit());
    if !numbers.any(|number| number.len() < 3 && number.parse() == Ok(season)) {
        return None;
    }
    let text = FoldedName::new(name);
    let counted = |at: usize| {
        let forward = if text.begins_word(at) { text.counted(at, SEASON, true) } else { None };
        let found = forward.or_else(|| text.counted(at, SEASON, false));
        found.filter(|(_, number)| *number == season).map(|(end, _)| (at, end))
    };
    let (start, end) =
        (0..text.letters.len()).filter(|at| text.begins_word(*at)).find_map(counted)?;
    let has_front = text.letters[..start].iter().any(|letter| letter.is_alphanumeric());
    has_front.then_some((text.places[start], text.places[end]))
}

/// The season that a text is, when it is nothing else: `Temporada 1`.
pub fn whole_season(text: &str) -> Option<i32> {
    season_at_end(text.trim(), true).filter(|(start, _)| *start == 0).map(|(_, season)| season)
}

fn season_at_end(name: &str, is_series: bool) -> Option<(usize, i32)> {
    let inside = name.trim_end_matches([')', ']', '.', ' ']);
    let word = inside.rsplit(' ').next()?;
    let is_number = word.chars().next_back().is_some_and(|last| folded(last).is_ascii_digit());
    let has_number = || inside.bytes().any(|byte| byte.is_ascii_digit());
    let is_word = || has_number() && has_word(word, SEASON);
    if !is_number && ordinal(word).is_none() && !is_word() {
        return None;
    }
    let text = FoldedName::new(inside);
    let found = (0..text.letters.len()).find_map(|at| Some((at, text.season(at, is_series)?)));
    found.map(|(start, season)| (text.places[start], season))
}

impl FoldedName {
    /// A season that ends the name: `S05`, `2 сезон`, `2nd Season`, `الموسم الأول`. In a name that may be a movie's, words
    /// that titles have, too, count with an ordinal alone, or where something sets them apart: `Dark - Season 2`.
    fn season(&self, at: usize, is_series: bool) -> Option<i32> {
        if !self.begins_word(at) {
            return None;
        }
        let (end, season) = self
            .short_season(at, is_series)
            .or_else(|| self.spelled_season(at, is_series))
            .or_else(|| self.season_behind(at, is_series))?;
        (end == self.letters.len() && season < 100).then_some(season)
    }

    /// `S05`, and `S5` and `T5` in a series' name; something stands in front.
    fn short_season(&self, at: usize, is_series: bool) -> Option<(usize, i32)> {
        let letter = self.letters[at];
        // `Galaxy S10` and `Audi S4` are no seasons: one that may be a movie's has a nought.
        let is_padded = || letter == 's' && self.letters.get(at + 1) == Some(&'0');
        let is_season = is_padded() || is_series && ['s', 't'].contains(&letter);
        if is_season && at > 0 { self.number(at + 1, 2) } else { None }
    }

    /// `сезон 2`, ` - Season 2`.
    fn spelled_season(&self, at: usize, is_series: bool) -> Option<(usize, i32)> {
        let before = self.letters[..at].iter().rev().find(|letter| **letter != ' ');
        let is_apart = || before.is_some_and(|letter| "-–—|()[]".contains(*letter));
        let is_vague = || self.any_word(at, VAGUE_SEASONS).is_some();
        let is_sure = is_series || is_apart() || !is_vague();
        if is_sure { self.counted(at, SEASON, true) } else { None }
    }

    /// `2 сезон`, `2. Sezon`, `2nd Season`.
    fn season_behind(&self, at: usize, is_series: bool) -> Option<(usize, i32)> {
        let (digits, _) = self.number(at, 2)?;
        let end = self.ordinal_ending(digits);
        let word = self.skip(end.unwrap_or(digits), 2, is_joint);
        let is_sure = is_series || end.is_some() || self.any_word(word, VAGUE_SEASONS).is_none();
        if is_sure { self.counted(at, SEASON, false) } else { None }
    }
}
