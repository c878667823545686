//! The names that are nearest to a text that no name has: those that share most pairs of letters with it.

use crate::text::words::search_key;

/// How many names are told.
const TOLD: usize = 3;

/// How many pairs of the text count: more than any name that people type.
const MOST_PAIRS: usize = 64;

/// A name that shares less than one in so many pairs is not near.
const FAR: u32 = 3;

/// Two letters, one after the other.
type LetterPair = [char; 2];

/// Looks for the names that are nearest to a text.
#[derive(Clone, Debug)]
pub struct Nearest {
    pairs: Vec<LetterPair>,
    /// The best so far, with what they share.
    best: Vec<(u32, String)>,
}

impl Nearest {
    /// Nothing was looked at yet.
    pub fn to(text: &str) -> Nearest {
        let mut pairs = pairs(&search_key(text));
        pairs.sort_unstable();
        pairs.dedup();
        pairs.truncate(MOST_PAIRS);
        Nearest { pairs, best: Vec::new() }
    }

    /// Looks at a name; `shown` makes of it what people see.
    pub fn look_at(&mut self, name: &str, shown: impl FnOnce() -> String) {
        let score = self.score(&search_key(name));
        let worst = self.best.last().map_or(0, |(score, _)| *score);
        if score == 0 || self.best.len() == TOLD && score <= worst {
            return;
        }
        let shown = shown();
        if self.best.iter().any(|(_, known)| *known == shown) {
            return;
        }
        let at = self.best.partition_point(|(known, _)| *known >= score);
        self.best.insert(at, (score, shown));
        self.best.truncate(TOLD);
    }

    /// The nearest first.
    pub fn names(self) -> Vec<String> {
        self.best.into_iter().map(|(_, name)| name).collect()
    }

    /// What a name shares with the text; what it has besides counts less, since providers add much to names.
    fn score(&self, key: &str) -> u32 {
        let (mut seen, mut all) = (0_u64, 0_u32);
        for pair in pairs(key) {
            all += 1;
            if let Ok(at) = self.pairs.binary_search(&pair) {
                seen |= 1 << at;
            }
        }
        let shared = seen.count_ones();
        if shared * FAR < self.pairs.len() as u32 {
            return 0;
        }
        let besides = all.saturating_sub(shared);
        8_000 * shared / (8 * self.pairs.len() as u32 + besides).max(1)
    }
}

/// All pairs of a text with a blank at its ends.
fn pairs(key: &str) -> Vec<LetterPair> {
    let letters: Vec<char> = [' '].into_iter().chain(key.chars()).chain([' ']).collect();
    letters.windows(2).map(|two| [two[0], two[1]]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nearest(text: &str, names: &[&str]) -> Vec<String> {
        let mut nearest = Nearest::to(text);
        names.iter().for_each(|name| nearest.look_at(name, || (*name).to_owned()));
        nearest.names()
    }

    #[test]
    fn slips_find_the_name_that_was_meant() {
        let names =
            ["Heat", "EN - Interstellar (2014)", "Stellar", "The Matrix", "Matrix", "Zorro"];
        assert_eq!(nearest("intrstellar", &names)[0], "EN - Interstellar (2014)");
        assert_eq!(nearest("Matrx", &names)[..2], ["Matrix", "The Matrix"]);
        assert_eq!(nearest("xqj", &names), [""; 0], "nothing is near");
        assert_eq!(nearest("completely another", &names), [""; 0], "the pairs of the are few");
        assert_eq!(nearest("zoro", &names)[0], "Zorro");
        assert_eq!(nearest("drak", &["Heat", "Dark", "Park"])[0], "Dark");
    }

    #[test]
    fn a_name_is_told_once_and_three_at_most() {
        let names = ["Dune", "Dune", "Dunes", "Dune 2", "Dune Part Two"];
        assert_eq!(nearest("dun", &names), ["Dune", "Dunes", "Dune 2"]);
    }
}
