//! A name as a row of folded characters, and the small readers that patterns are made of.
//!
//! A reader says where what it reads ends; places are counted in characters.

use super::words::{Word, folded};

/// A name, folded for comparison: one lower-case character without accents per original one.
pub(super) struct FoldedName {
    /// Its characters.
    pub(super) letters: Vec<char>,
    /// The byte at which each begins, and that after the last.
    pub(super) places: Vec<usize>,
}

impl FoldedName {
    /// Folds a name.
    pub(super) fn new(name: &str) -> FoldedName {
        let letters = name.chars().map(folded).collect();
        let mut places: Vec<usize> = name.char_indices().map(|(at, _)| at).collect();
        places.push(name.len());
        FoldedName { letters, places }
    }

    /// The end of a word of a list that stands at `at`, when a letter does not go on with it.
    pub(super) fn any_word(&self, at: usize, words: &[Word]) -> Option<usize> {
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
    pub(super) fn word(&self, mut at: usize, word: &str) -> Option<usize> {
        for expected in word.chars() {
            at = self.letter(at, expected)?;
            at = self.skip(at, 2, |letter| ('\u{300}'..='\u{36f}').contains(&letter));
        }
        Some(at)
    }

    /// The place behind this letter, when it stands at `at`.
    pub(super) fn letter(&self, at: usize, letter: char) -> Option<usize> {
        (self.letters.get(at) == Some(&letter)).then_some(at + 1)
    }

    /// A number of at most this many digits, which no further digit follows.
    pub(super) fn number(&self, at: usize, digits: usize) -> Option<(usize, i32)> {
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
    pub(super) fn leading_number(&self, at: usize, digits: usize) -> Option<(usize, i32)> {
        if self.begins_word(at) { self.number(at, digits) } else { None }
    }

    /// The place behind at most so many letters that are wanted.
    pub(super) fn skip(&self, at: usize, limit: usize, wanted: impl Fn(char) -> bool) -> usize {
        let rest = self.letters.get(at..).unwrap_or_default();
        at + rest.iter().take(limit).take_while(|letter| wanted(**letter)).count()
    }

    /// Whether a letter or digit stands at `at`.
    pub(super) fn is_alphanumeric(&self, at: usize) -> bool {
        self.letters.get(at).is_some_and(|letter| letter.is_alphanumeric())
    }

    /// Whether a word can begin at `at`.
    pub(super) fn begins_word(&self, at: usize) -> bool {
        at == 0 || !self.is_alphanumeric(at - 1)
    }
}

/// What may stand between a season and its episode.
pub(super) fn is_joint(letter: char) -> bool {
    " ._-–:,|·+()[]\u{a0}".contains(letter)
}
