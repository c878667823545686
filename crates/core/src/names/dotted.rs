//! Names of files: `The.Hangover.2.2011.2160p.WEB-DL`. Dots and underscores stand there for blanks, and a year ends the
//! title. What stands in front of a year or an episode's mark decides: `The.Outpost S03 E06` has one blank, too.

use std::borrow::Cow;

use super::episode_marks::{self, MarkStrength};
use super::separators::{is_abbreviation, without_full_stop};
use super::vocabulary::{Tag, tag};
use super::years::{LINKING, Years};

/// Endings of addresses of websites: no word of a title stands for them behind a dot.
const DOMAINS: [&str; 3] = ["com", "net", "org"];

/// A name with blanks where it has them in its words.
#[derive(Debug, PartialEq, Eq)]
pub struct Undotted<'a> {
    /// The name.
    pub text: Cow<'a, str>,
    /// Whether all of it was in dots or underscores, as names of files are.
    pub is_file: bool,
}

/// A name with blanks for its dots or underscores, and brackets around its year. `S.W.A.T.`, `4.3.2.1` and `Mr.Robot`
/// stay.
pub fn undotted<'a>(name: &'a str, years: &Years) -> Undotted<'a> {
    if !name.contains('.') && !name.contains('_') {
        return Undotted { text: Cow::Borrowed(name), is_file: false };
    }
    let text = name.trim_end_matches('.');
    let (text, is_file) = if text.contains(' ') {
        let dated = before_year(text, years);
        let plain = first_word(dated.as_deref().unwrap_or(text), years);
        (plain.or(dated), false)
    } else {
        let whole = whole(name, text, years);
        let is_file = whole.is_some();
        (whole, is_file)
    };
    Undotted { text: text.map_or(Cow::Borrowed(name), Cow::Owned), is_file }
}

/// A name that has no blank at all.
fn whole(name: &str, text: &str, years: &Years) -> Option<String> {
    let joint = joint_of(text);
    // `Heat_eng`
    let (text, ending) = match text.rsplit_once('_') {
        Some((front, ending)) if matches!(tag(ending), Some(Tag::Language(_))) => {
            (front, &text[front.len()..])
        }
        _ => (text, ""),
    };
    let words: Vec<&str> = text.split(joint).filter(|word| !word.is_empty()).collect();
    let is_year = |at: usize| {
        at > 0
            && years.read_whole(words[at]).is_some()
            && !LINKING.contains(&words[at - 1].to_lowercase().as_str())
    };
    let year = (0..words.len()).rfind(|at| is_year(*at));
    let joints = name.matches(joint).count() - ending.matches(joint).count();
    let has_letter = || words.iter().any(|word| word.chars().any(char::is_alphabetic));
    let has_words = words.iter().any(|word| is_word(word)) || year.is_some() && has_letter();
    if !has_words || joints < 2 && year.is_none_or(|at| at + 1 != words.len()) {
        return None;
    }
    let text = joined(&words, year) + ending;
    // `King_Zhou_2023.1080p`
    let dated = if year.is_none() && joint == '_' { before_year(&text, years) } else { None };
    dated.or(Some(text))
}

/// What stands for blanks: underscores, if there are several, or no dots.
fn joint_of(text: &str) -> char {
    let has_several = || text.split('_').filter(|word| !word.is_empty()).count() > 2;
    if text.contains('_') && (!text.contains('.') || has_several()) { '_' } else { '.' }
}

/// `The.Outpost S03 E06`, `A.Ghost.Story 2017.FRENCH`: the first word is the title, and a mark or a year follows.
fn first_word(name: &str, years: &Years) -> Option<String> {
    let (head, rest) = name.split_once(' ')?;
    let head = head.trim_end_matches('_');
    let joint = joint_of(head);
    let words: Vec<&str> = head.split(joint).filter(|word| !word.is_empty()).collect();
    // A dot alone is as often a title's own: `Mr.Robot`, `Ra.One`, `Startup.com`.
    let is_plain = |word: &&str| {
        let letters = word.chars().filter(|letter| letter.is_alphabetic()).count();
        letters > 2 && !is_abbreviation(word) && !DOMAINS.contains(word)
    };
    let is_title = match words.len() {
        0 | 1 => false,
        2 if joint == '.' => words.iter().all(is_plain),
        // `Jung_E`
        2 => words.iter().all(|word| is_word(word)),
        _ => words.iter().any(|word| is_word(word)),
    };
    let is_mark =
        || episode_marks::find(rest, MarkStrength::Strong).is_some_and(|mark| mark.start == 0);
    if !is_title || head.ends_with('.') || !(begins_with_year(rest, years) || is_mark()) {
        return None;
    }
    Some(joined(&words, None) + " " + rest)
}

/// `Les heures sombres.2018`, `A Ghost Story 2017.FRENCH`: a dot parts the year from the title, or from what follows.
fn before_year(name: &str, years: &Years) -> Option<String> {
    let is_digit = |at: usize| name.as_bytes().get(at).is_some_and(u8::is_ascii_digit);
    let begins = |at: &usize| !is_digit(*at) && is_digit(at + 1);
    let (front, year, rest) = (0..name.len()).rev().filter(begins).find_map(|at| {
        let (front, joint) = (name.get(..at)?, name.get(at..=at)?);
        let year = name.get(at + 1..at + 5).filter(|year| years.read_whole(year).is_some())?;
        let rest = &name[at + 5..];
        let is_tight = joint == "." && front.ends_with(char::is_alphabetic);
        // `2024.03.12` is a date, `2023.1080p` is none.
        let digits = rest.bytes().skip(1).take_while(u8::is_ascii_digit).count();
        let is_dotted = rest.starts_with('.') && !(1..=2).contains(&digits);
        let ends = rest.is_empty() || rest.starts_with(' ') && is_tight || is_dotted;
        let has_dot = is_tight || is_dotted && joint == " ";
        let word = front.rsplit([' ', '.']).next().unwrap_or_default().to_lowercase();
        (has_dot && ends && !LINKING.contains(&word.as_str())).then_some((front, year, rest))
    })?;
    let rest = if rest.contains(' ') { rest.into() } else { rest.replace('.', " ") };
    Some(format!("{} ({year}) {}", without_full_stop(front), rest.trim_start_matches(['.', ' '])))
}

/// Whether a year stands at the beginning.
fn begins_with_year(text: &str, years: &Years) -> bool {
    let year = text.trim_start_matches(['(', '[']).get(..4);
    year.is_some_and(|year| years.read_whole(year).is_some())
        && text.split(' ').next().is_some_and(|word| !word.contains('-'))
}

/// Words with blanks between them, and brackets around the one that is the year.
fn joined(words: &[&str], year: Option<usize>) -> String {
    // `Beast.German.2017` is spoken in German.
    let language = year.filter(|at| *at > 1 && is_language(words[at - 1]));
    let mut text = String::new();
    for (at, word) in words.iter().enumerate() {
        if language.is_some_and(|year| at + 1 == year) {
            continue;
        }
        push_apart(&mut text, at.checked_sub(1).map(|before| words[before]), word);
        if Some(at) == year {
            text.replace_range(text.len() - word.len().., &format!("({word})"));
            if let Some(year) = language {
                push_apart(&mut text, Some(""), words[year - 1]);
            }
        }
    }
    text
}

/// Whether a text has more than one letter.
fn is_word(text: &str) -> bool {
    text.chars().filter(|letter| letter.is_alphabetic()).count() > 1
}

/// Puts a word behind a text, with a blank between them; but the dots of `S.W.A.T.` stay.
fn push_apart(text: &mut String, before: Option<&str>, word: &str) {
    let is_letter = |word: &str| word.chars().count() == 1 && word.chars().all(char::is_alphabetic);
    let last = text.rsplit(' ').next().unwrap_or_default();
    let abbreviates = before.is_some_and(is_letter) && (is_letter(word) || last.contains('.'));
    if abbreviates {
        text.push('.');
    }
    let is_joined = text.is_empty() || abbreviates && is_letter(word);
    if !is_joined {
        text.push(' ');
    }
    text.push_str(word);
}

/// The name of a language, and no code.
fn is_language(word: &str) -> bool {
    word.len() > 4 && matches!(tag(word), Some(Tag::Language(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dots_for_blanks() {
        for (name, text) in [
            ("Amphitryon.1935.", "Amphitryon (1935)"),
            ("Heat.1995", "Heat (1995)"),
            ("beast.german.2017.", "beast (2017) german"),
            ("The.Hangover.2.2011.2160p.WEB-DL", "The Hangover 2 (2011) 2160p WEB-DL"),
            ("12.Years.A.Slave.2013", "12 Years A Slave (2013)"),
            ("Class.of.1984.720p", "Class of 1984 720p"),
            ("Run.&.Gun", "Run & Gun"),
            ("S.W.A.T.2017.1080p", "S.W.A.T. (2017) 1080p"),
            ("L.A.Confidential.1997", "L.A. Confidential (1997)"),
            ("S.W.A.T.", "S.W.A.T."),
            ("M.A.S.H", "M.A.S.H"),
            ("G.B.F", "G.B.F"),
            ("4.3.2.1", "4.3.2.1"),
            ("E.T.", "E.T."),
            ("Mr.Robot", "Mr.Robot"),
            ("Mr. Nice Guy", "Mr. Nice Guy"),
            ("Heat.", "Heat."),
            // What stands in front of a mark or a year decides.
            ("The.Outpost S03 E06", "The Outpost S03 E06"),
            ("Masra7.masr S01 E39", "Masra7 masr S01 E39"),
            ("El_Heeba_S01E23", "El Heeba S01E23"),
            ("Al_Hissan S01E07", "Al Hissan S01E07"),
            ("A.Ghost.Story 2017.FRENCH", "A Ghost Story (2017) FRENCH"),
            ("Same Kind Of Me 2017.FRENCH.720p", "Same Kind Of Me (2017) FRENCH 720p"),
            ("Des.Ailes.2019 FRENCH", "Des Ailes (2019) FRENCH"),
            ("Les heures sombres.2018", "Les heures sombres (2018) "),
            ("S.W.A.T. S02E10", "S.W.A.T. S02E10"),
            ("S.W.A.T. (2017) S02E10", "S.W.A.T. (2017) S02E10"),
            ("M.A.S.H S01E01", "M.A.S.H S01E01"),
            ("Mr.Robot S01E01", "Mr.Robot S01E01"),
            ("Ra.One S01E01", "Ra.One S01E01"),
            ("Ra.One", "Ra.One"),
            ("Startup.com (2001)", "Startup.com (2001)"),
            ("Mission.Impossible rogue", "Mission.Impossible rogue"),
            ("Only the Brave. 2017", "Only the Brave. 2017"),
            ("The Daily Show 2024.03.12", "The Daily Show 2024.03.12"),
            ("Show 12.03.2024", "Show 12.03.2024"),
            ("Class of.1984", "Class of.1984"),
            // Underscores.
            ("Before_I_Wake_2016_BluRay", "Before I Wake (2016) BluRay"),
            ("S.W.A.T._2003_5.1_x264", "S.W.A.T. (2003) 5.1 x264"),
            ("King_of_Zhou_2023.1080p.WEB", "King of Zhou (2023) 1080p WEB"),
            ("The_Heat_eng", "The_Heat_eng"),
            ("The_Last_Heat_eng", "The Last Heat_eng"),
            ("Rambo_.Last.Blood.FRENCH", "Rambo_ Last Blood FRENCH"),
            ("Follow_dead (2023)", "Follow dead (2023)"),
            ("Jung_E (2023)", "Jung_E (2023)"),
            ("Love_Hate", "Love_Hate"),
        ] {
            assert_eq!(undotted(name, &Years::plausible_in(2026)).text, text, "{name}");
        }
    }
}
