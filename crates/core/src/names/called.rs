//! What a title is called, as far as that tells one work from another: without noise, folded.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::cleaner::NameCleaner;
use crate::hash::RowHasher;
use crate::model::media::Kind;
use crate::model::stamp::Few;
use crate::text::{collapse, fold_key};

/// Articles of the languages that catalogues are in, those of one and two letters left out.
const ARTICLES: [&str; 28] = [
    "the", "der", "die", "das", "den", "dem", "des", "ein", "eine", "einen", "einem", "einer",
    "les", "une", "des", "los", "las", "una", "uno", "unos", "unas", "gli", "het", "een", "det",
    "ett", "uma", "dos",
];

/// Numbers as words.
const NUMBERS: [&str; 12] = [
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
    "twelve",
];

/// Roman numbers of several letters.
const ROMAN: [(&str, u32); 17] = [
    ("ii", 2),
    ("iii", 3),
    ("iv", 4),
    ("vi", 6),
    ("vii", 7),
    ("viii", 8),
    ("ix", 9),
    ("xi", 11),
    ("xii", 12),
    ("xiii", 13),
    ("xiv", 14),
    ("xv", 15),
    ("xvi", 16),
    ("xvii", 17),
    ("xviii", 18),
    ("xix", 19),
    ("xx", 20),
];

/// Words before a number: a letter after them is one.
const PARTS: [&str; 6] = ["part", "episode", "chapter", "volume", "vol", "teil"];

/// How many letters a word has at most that says nothing, unless there is nothing else.
const SHORT: usize = 2;

/// The most digits of a number that counts parts; what is longer is a word.
const DIGITS: usize = 6;

/// A cleaned name, and the year.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Called {
    /// The words of the name, folded, with blanks between them.
    words: Box<str>,
    year: Option<i32>,
    /// The country behind a series' name: `The Office (US)` is another one than `The Office (UK)`.
    country: Option<&'static str>,
}

impl Called {
    /// What a source, or the ledger, calls a title. `cleaner` takes the noise away; what the names of a
    /// category have in common is not asked for, since the ledger does not know it.
    pub fn read(cleaner: &mut NameCleaner, kind: Kind, name: &str, year: Option<i32>) -> Called {
        let (cleaned, found, country) = cleaner.work(name, year);
        let country = if kind == Kind::Series { country.map(|country| country.code) } else { None };
        Called { country, ..Called::new(&cleaned, year.or(found)) }
    }

    /// The same, with this year where none is known.
    #[must_use]
    pub fn or_year(self, year: Option<i32>) -> Called {
        Called { year: self.year.or(year), ..self }
    }

    /// A name that is clean.
    pub fn new(name: &str, year: Option<i32>) -> Called {
        Called { words: folded(name).into(), year, country: None }
    }

    /// A key under which all are that `is_same` as this one; `None` for one without a name, which is like
    /// no other.
    pub fn key(&self) -> Option<u64> {
        let year = self.year.map_or(i64::MIN, i64::from);
        let mut hasher = RowHasher::default();
        hasher.start(b'n').text(&self.letters()).number(year);
        if let Some(country) = self.country {
            hasher.text(country);
        }
        (!self.words.is_empty()).then_some(hasher.finish().0 as u64)
    }

    /// A key that all have whose names are the same, whatever their years; `None` for one without a name.
    pub fn name_key(&self) -> Option<u64> {
        let mut hasher = RowHasher::default();
        hasher.start(b'c').text(&self.letters());
        if let Some(country) = self.country {
            hasher.text(country);
        }
        (!self.words.is_empty()).then_some(hasher.finish().0 as u64)
    }

    /// The year.
    pub fn year(&self) -> Option<i32> {
        self.year
    }

    /// Whether name and year are the same.
    pub fn is_same(&self, other: &Called) -> bool {
        self.year == other.year && self.has_name_of(other)
    }

    /// Whether these are two works by their names and years. An equal name with another year is a year that
    /// was corrected.
    pub fn contradicts(&self, other: &Called) -> bool {
        if self.has_name_of(other) {
            return false;
        }
        let is_apart = |(a, b): (i32, i32)| a.abs_diff(b) > 1;
        let countries = self.country.zip(other.country);
        self.year.zip(other.year).is_some_and(is_apart)
            || countries.is_some_and(|(a, b)| a != b)
            || !self.shares_word(other)
            || self.part_numbers(other) != other.part_numbers(self)
    }

    /// Whether these are two works, where an equal name with another year is another work.
    pub fn is_another_work(&self, other: &Called) -> bool {
        let years = self.year.zip(other.year);
        self.contradicts(other) || self.has_name_of(other) && years.is_some_and(|(a, b)| a != b)
    }

    /// Whether the names are the same: `Spider-Man` is `Spiderman`.
    fn has_name_of(&self, other: &Called) -> bool {
        let letters =
            |called: &Called| called.words.chars().filter(|c| *c != ' ').collect::<Few<char>>();
        self.country == other.country
            && (self.words == other.words || letters(self) == letters(other))
    }

    fn letters(&self) -> String {
        self.words.replace(' ', "")
    }

    /// Whether the names have a word in common that tells.
    pub fn shares_word(&self, other: &Called) -> bool {
        let theirs = other.telling_words();
        self.telling_words().iter().any(|word| theirs.contains(word))
    }

    /// The words that tell names apart: all, if there is none but articles and short ones.
    fn telling_words(&self) -> Vec<&str> {
        let is_telling = |word: &&str| word.chars().count() > SHORT && !ARTICLES.contains(word);
        let telling: Vec<&str> = self.words.split(' ').filter(is_telling).collect();
        if telling.is_empty() {
            self.words.split(' ').filter(|word| !word.is_empty()).collect()
        } else {
            telling
        }
    }

    /// The numbers in the name, in order. Left out are 1, which a first part may have or not, and the year of one
    /// of the two names.
    fn part_numbers(&self, other: &Called) -> Few<u32> {
        let years = [self.year, other.year];
        let is_year = |n: u32| years.iter().flatten().any(|year| i64::from(*year) == i64::from(n));
        let words: Vec<&str> = self.words.split(' ').collect();
        let numbers = (0..words.len()).filter_map(|at| number(&words, at));
        let mut numbers: Few<u32> = numbers.filter(|n| *n != 1 && !is_year(*n)).collect();
        numbers.sort_unstable();
        numbers.dedup();
        numbers
    }
}

/// The number that a word of a name is.
fn number(words: &[&str], at: usize) -> Option<u32> {
    let word = words[at];
    if word.len() <= DIGITS && word.bytes().all(|byte| byte.is_ascii_digit()) {
        return word.parse().ok();
    }
    if let Some(place) = NUMBERS.iter().position(|known| *known == word) {
        return u32::try_from(place + 1).ok();
    }
    // `V for Vendetta` and `Batman v Superman` have no number.
    let is_behind_part = at > 0 && PARTS.contains(&words[at - 1]);
    let can_be_roman = is_behind_part || at > 0 && at + 1 == words.len();
    match word {
        "v" if can_be_roman => Some(5),
        "x" if can_be_roman => Some(10),
        _ => ROMAN.iter().find(|(roman, _)| at > 0 && *roman == word).map(|(_, number)| *number),
    }
}

/// The words of a name with blanks between them: accents and apostrophes do not count. A name without a
/// letter stays.
fn folded(name: &str) -> String {
    let is_accent = |c: &char| ('\u{300}'..='\u{36f}').contains(c);
    let is_apostrophe = |c: &char| matches!(c, '\'' | '’' | '‘' | '`' | '´' | '\u{2bc}');
    let letters = name.chars().filter(|c| !is_apostrophe(c)).nfkd().filter(|c| !is_accent(c));
    let folded = fold_key(&letters.collect::<String>());
    let is_part = |c: char| c.is_alphanumeric() || is_combining_mark(c);
    let words: Vec<&str> =
        folded.split(|c: char| !is_part(c)).filter(|word| !word.is_empty()).collect();
    if words.is_empty() { collapse(&fold_key(name)).into_owned() } else { words.join(" ") }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// `Heat (1995)` or `Heat`, as the catalogue of a test has it.
    fn called(text: &str) -> Called {
        let year = text.strip_suffix(')').and_then(|text| text.rsplit_once(" ("));
        match year {
            Some((name, year)) => Called::new(name, year.parse().ok()),
            None => Called::new(text, None),
        }
    }

    #[test]
    fn names_that_contradict() {
        for (a, b) in [
            ("Heat", "Ronin"),
            ("The Thing", "The Fly"),
            ("Der Untergang", "Der Richter"),
            ("Up", "Up Close"),
            ("It", "Us"),
            ("24", "25"),
            ("Rocky", "Rocky II"),
            ("Rocky 2", "Rocky III"),
            ("Rocky IV", "Rocky V"),
            ("Dune: Part One", "Dune: Part Two"),
            ("21 Jump Street", "22 Jump Street"),
            ("Film 1 of all", "Film 2 of all"),
            ("Film 9999 of all", "Film 10000 of all"),
            ("Kill Bill: Vol. 1", "Kill Bill: Vol. 2"),
            ("Star Wars: Episode V", "Star Wars: Episode VI"),
            ("Star Wars: Episode V Remastered", "Star Wars: Episode 4 Remastered"),
            ("Rocky V", "Rocky 4"),
            ("Saw X", "Saw 9"),
            ("Blade Runner", "Blade Runner 2049"),
            ("True Grit (1969)", "True Grit Returns (2010)"),
            ("寄生", "怪物"),
            ("!!!", "???"),
            ("", "Heat"),
        ] {
            assert!(called(a).contradicts(&called(b)), "{a} and {b}");
            assert!(called(b).contradicts(&called(a)), "{b} and {a}");
        }
    }

    #[test]
    fn what_brackets_behind_a_year_say_tells_works_apart() {
        let (pattern, years) = (None, super::super::years::Years::plausible_in(2026));
        let habits = std::collections::HashMap::new();
        let mut cleaner = NameCleaner { pattern, takes_tags: true, years, habits, too_slow: 0 };
        let mut read = |name: &str| Called::read(&mut cleaner, Kind::Movie, name, None);
        let (one, two) = (read("Che (2008) (The Argentine)"), read("Che (2008) (Guerrilla)"));
        assert!(!one.is_same(&two) && one.key() != two.key());
        assert!(read("EN - Che (2008) 4K").is_same(&read("Che (2008)")));
    }

    #[test]
    fn a_country_tells_shows_apart_and_not_films() {
        let (pattern, years) = (None, super::super::years::Years::plausible_in(2026));
        let habits = std::collections::HashMap::new();
        let mut cleaner = NameCleaner { pattern, takes_tags: true, years, habits, too_slow: 0 };
        let mut read = |kind, name: &str| Called::read(&mut cleaner, kind, name, None);
        let (us, uk) = ("The Office (US)", "The Office (UK)");
        let [one, other] = [us, uk].map(|name| read(Kind::Series, name));
        assert!(!one.is_same(&other) && one.contradicts(&other));
        assert!(one.name_key() != other.name_key() && one.key() != other.key());
        assert!(read(Kind::Series, "The Office (GB)").is_same(&other), "one country");
        let plain = read(Kind::Series, "The Office");
        assert!(!plain.is_same(&one) && !plain.contradicts(&one), "one that got its country");
        assert!(read(Kind::Movie, us).is_same(&read(Kind::Movie, uk)));
    }

    #[test]
    fn names_that_do_not() {
        for (a, b) in [
            ("Heat", "Heat (1995)"),
            ("Heat (1995)", "Heat (1986)"),
            ("Heat", "Heat Director's Cut"),
            ("Heat (1995)", "Heat Remastered (1996)"),
            ("Rocky", "Rocky I"),
            ("Rocky 2", "Rocky II"),
            ("Rocky V", "Rocky 5"),
            ("Star Wars: Episode V Remastered", "Star Wars: Episode 5 Remastered"),
            ("Saw X", "Saw 10"),
            ("Malcolm X Story", "Malcolm Story"),
            ("Dune", "Dune: Part One"),
            ("Ocean's Eleven", "Oceans 11"),
            ("Amélie", "Amelie Poulain"),
            ("Spider-Man", "Spiderman"),
            ("V for Vendetta", "Vendetta"),
            ("Batman v Superman", "Batman vs. Superman"),
            ("Heat 1995", "Heat (1995)"),
            ("1917", "1917 Extended"),
            ("The The", "The"),
            ("Up", "UP!"),
            ("???", "???"),
        ] {
            assert!(!called(a).contradicts(&called(b)), "{a} and {b}");
            assert!(!called(b).contradicts(&called(a)), "{b} and {a}");
        }
    }

    proptest! {
        #[test]
        fn the_rules_are_the_same_from_both_sides(
            a in "(the )?([a-z]{1,4} ){0,3}([0-9]{1,7}|ii|v)?|.{0,12}", b in "([a-zA-Z-]{1,4} ?){0,3}[0-9]{0,2}|.{0,12}",
            years in (prop::option::of(1990..1994), prop::option::of(1990..1994)),
        ) {
            let (a, b) = (Called::new(&a, years.0), Called::new(&b, years.1));
            prop_assert_eq!(a.contradicts(&b), b.contradicts(&a));
            prop_assert_eq!(a.is_same(&b), b.is_same(&a));
            prop_assert!(a.is_same(&a) && !a.contradicts(&a));
            prop_assert!(!(a.is_same(&b) && a.contradicts(&b)));
            if a.key().is_some() && b.key().is_some() {
                prop_assert_eq!(a.key() == b.key(), a.is_same(&b));
            }
        }

        #[test]
        fn another_year_alone_contradicts_nothing(name in ".{0,20}", a in 0..3_000, b in 0..3_000) {
            prop_assert!(!Called::new(&name, Some(a)).contradicts(&Called::new(&name, Some(b))));
        }

        #[test]
        fn names_without_a_word_in_common_contradict(a in "[a-f]{3,8}( [a-f]{3,8}){0,2}", b in "[g-m]{3,8}( [g-m]{3,8}){0,2}") {
            prop_assert!(Called::new(&a, None).contradicts(&Called::new(&b, None)));
        }

        #[test]
        fn years_that_are_far_apart_contradict_other_names(a in "[a-m]{3,8}", year in 1900..2000, by in 0..9) {
            let (one, more) = (Called::new(&a, Some(year)), format!("{a} again"));
            prop_assert_eq!(one.contradicts(&Called::new(&more, Some(year + by))), by > 1);
        }
    }
}
