//! The beginning of a name, where providers put what is not the title. What parts a word from the title decides how
//! sure it has to be. Pipes and brackets say that it is a tag, a blank says next to nothing.

use super::episode_marks::{self, MarkStrength};
use super::separators::PIPES;
use super::vocabulary::{
    Tag, has_capitals, has_small_letters, is_ambiguous, is_bare_at_start, is_known, tag, words_of,
};

/// The longest text that can be a tag before a title, in bytes.
const LONGEST_LEAD: usize = 24;
/// The ages from which films are allowed in one country or another.
const AGES: [&str; 8] = ["6", "7", "10", "12", "13", "15", "16", "18"];

/// Articles that titles begin with.
const ARTICLES: [&str; 14] =
    ["A", "An", "Das", "Der", "Die", "El", "Il", "L", "La", "Las", "Le", "Les", "Los", "The"];

/// What parts a tag from the title.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Joint {
    /// `|EN| `.
    Bars,
    /// `EN| `.
    Pipe,
    /// `[EN] `, `(EN) `.
    Bracket,
    /// `EN - `.
    Dash,
    /// `EN: `, `EN- `.
    Colon,
    /// `EN:Heat`.
    TightColon,
    /// `EN-Heat`.
    TightDash,
    /// `EN `.
    Blank,
}

impl Joint {
    /// All of them, each with its word.
    const WORDS: [(Joint, &str); 8] = [
        (Joint::Bars, "bars"),
        (Joint::Pipe, "pipe"),
        (Joint::Bracket, "bracket"),
        (Joint::Dash, "dash"),
        (Joint::Colon, "colon"),
        (Joint::TightColon, "tight colon"),
        (Joint::TightDash, "tight dash"),
        (Joint::Blank, "blank"),
    ];

    /// Its word, by which `parse` knows it again.
    pub fn as_str(self) -> &'static str {
        Joint::WORDS.iter().find(|(joint, _)| *joint == self).map_or("", |(_, word)| word)
    }

    /// The joint of a word; `None` for any other text.
    pub fn parse(word: &str) -> Option<Joint> {
        Joint::WORDS.iter().find(|(_, it)| *it == word).map(|(joint, _)| *joint)
    }
}

/// What may be a tag at the beginning of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lead<'a> {
    /// The text, without what encloses it.
    pub text: &'a str,
    /// What parts it from the rest.
    pub joint: Joint,
    /// The rest of the name.
    pub rest: &'a str,
}

/// Finds what may be a tag at the beginning, the surest first: short, in capitals, and set apart. Between two bars the
/// case does not matter.
pub fn leads_of(name: &str) -> impl Iterator<Item = Lead<'_>> {
    let name = name.trim_start();
    let all = [enclosed(name).or_else(|| set_apart(name)), tight(name), first_word(name)];
    all.into_iter().flatten().filter_map(|lead| {
        let (text, rest) = (lead.text.trim(), lead.rest.trim_start());
        let is_short = (1..=LONGEST_LEAD).contains(&text.len()) && !rest.is_empty();
        let is_barred = || name.starts_with(PIPES) && words_of(text).all(is_known);
        let is_tag_like =
            text.chars().any(char::is_alphanumeric) && (has_capitals(text) || is_barred());
        (is_short && is_tag_like).then_some(Lead { text, rest, ..lead })
    })
}

/// Whether the names of a category can have such a prefix in common. Before a colon or a blank only known words
/// can be a prefix. Titles in capitals begin with THE, and series of one city after the other with NCIS.
pub fn can_be_prefix(lead: &Lead<'_>) -> bool {
    let is_set_apart =
        matches!(lead.joint, Joint::Bars | Joint::Pipe | Joint::Bracket | Joint::Dash);
    is_set_apart || words_of(lead.text).all(is_known)
}

/// `|EN| rest`, `[EN] rest`, `(EN) rest`.
fn enclosed(name: &str) -> Option<Lead<'_>> {
    let first = name.chars().next()?;
    let inside = &name[first.len_utf8()..];
    let (end, joint) = match first {
        '[' => (inside.find(']')?, Joint::Bracket),
        '(' => (inside.find(')')?, Joint::Bracket),
        pipe if PIPES.contains(&pipe) => (inside.find(PIPES)?, Joint::Bars),
        _ => return None,
    };
    let mut rest = inside[end..].chars();
    rest.next();
    Some(Lead { text: &inside[..end], joint, rest: rest.as_str() })
}

/// `EN| rest`, `EN - rest`, `EN -rest`, `EN: rest`, `EN- rest`: the separator that comes first.
fn set_apart(name: &str) -> Option<Lead<'_>> {
    let places = name.char_indices().take_while(|(at, _)| *at <= LONGEST_LEAD);
    for (at, letter) in places {
        let (text, rest) = (&name[..at], &name[at + letter.len_utf8()..]);
        let joint = match letter {
            pipe if PIPES.contains(&pipe) => Joint::Pipe,
            '-' | '–' | '—' if text.ends_with(' ') => Joint::Dash,
            _ if !rest.starts_with(' ') => continue,
            ':' | '-' | '–' | '—' => Joint::Colon,
            _ => continue,
        };
        return Some(Lead { text, joint, rest });
    }
    None
}

/// `EN:rest`, `EN-rest`.
fn tight(name: &str) -> Option<Lead<'_>> {
    let (at, letter) =
        name.char_indices().take(LONGEST_LEAD).find(|(_, it)| ":- ".contains(*it))?;
    let (text, rest) = (&name[..at], &name[at + 1..]);
    let joint = match letter {
        ':' => Joint::TightColon,
        '-' => Joint::TightDash,
        _ => return None,
    };
    (!rest.starts_with(' ')).then_some(Lead { text, joint, rest })
}

fn first_word(name: &str) -> Option<Lead<'_>> {
    let (text, rest) = name.split_once(' ')?;
    Some(Lead { text, joint: Joint::Blank, rest })
}

/// Says what a lead means; `None` when it is probably the title. `is_prefix`: whether its category puts it
/// before titles; asked only when that decides.
pub fn lead_tags(lead: &Lead<'_>, is_prefix: impl FnOnce() -> bool) -> Option<Vec<Tag>> {
    let words = || words_of(lead.text);
    let is_known_all = words().all(is_known);
    let are_sure = || is_known_all && !words().any(is_ambiguous);
    let is_tag = match lead.joint {
        Joint::Bars => is_known_all || is_code(lead.text),
        // In `TOM|JERRY` capitals say nothing.
        Joint::Pipe => is_known_all || is_code(lead.text) && has_small_letters(lead.rest),
        Joint::Bracket => is_known_all,
        Joint::Dash => is_known_all || has_known_head(lead.text),
        Joint::Colon => are_sure(),
        // `AL:ONE` is a title in capitals.
        Joint::TightColon => are_sure() && !is_shouted(lead.rest),
        Joint::TightDash => are_sure() && begins_with_article(lead.rest),
        Joint::Blank => is_known_all && words().next().is_some_and(is_bare_at_start),
    } || is_prefix();
    let named = |word: &str| tag(word).unwrap_or_else(|| Tag::Other(word.to_owned()));
    is_tag.then(|| words().map(named).collect())
}

/// Whether a lead is no title, even if nothing but a year stands behind it: `|VO| 1922`, `FR - 1917`. `IT - 2017` is.
pub fn is_sure(lead: &Lead<'_>) -> bool {
    let is_word = |word: &str| !is_known(word) || is_ambiguous(word);
    matches!(lead.joint, Joint::Bars | Joint::Pipe) || !words_of(lead.text).any(is_word)
}

/// Whether a text is one word of two to six letters in capitals.
fn is_code(text: &str) -> bool {
    (2..=6).contains(&text.chars().count()) && text.chars().all(char::is_uppercase)
}

/// `4K-NF-XY`, `NF-DO`: what is unknown stands behind what is known: beside a second known word, or as a code of two
/// letters alone.
fn has_known_head(text: &str) -> bool {
    let known = words_of(text).filter(|word| is_known(word)).count();
    let is_code = |word: &str| word.len() == 2 && word.bytes().all(|it| it.is_ascii_uppercase());
    let has_code = || words_of(text).skip(1).all(|word| is_known(word) || is_code(word));
    let is_one = !text.contains(' ') && words_of(text).next().is_some_and(is_known);
    is_one && (known >= 2 || known == 1 && has_code())
}

/// Whether a text is one word in capitals.
fn is_shouted(text: &str) -> bool {
    !text.contains(' ') && text.contains(char::is_uppercase) && !has_small_letters(text)
}

/// `The Silent Hour`: no compound goes on with an article, so that what is glued to one is no part of its word.
fn begins_with_article(rest: &str) -> bool {
    let first = rest.split([' ', '\'', '’']).next().unwrap_or_default();
    first.len() < rest.len() && ARTICLES.contains(&first)
}

/// `D|DE|FHD| rest`: short fields in capitals in a chain of bars without blanks, of which one is known, or a code.
pub fn bar_chain(name: &str) -> Option<(Vec<Tag>, &str)> {
    let (chain, rest) = name.split_once(' ').filter(|(chain, _)| chain.ends_with(PIPES))?;
    let fields = || chain.trim_end_matches(PIPES).split(PIPES);
    let is_short = |field: &str| {
        let is_letter = |letter: char| letter.is_uppercase() || letter.is_ascii_digit();
        (1..=5).contains(&field.chars().count()) && field.chars().all(is_letter)
    };
    let is_chain = chain.len() <= LONGEST_LEAD
        && fields().count() > 1
        && fields().all(is_short)
        && fields().any(|field| is_known(field) || is_code(field))
        && has_small_letters(rest);
    let named = |word: &str| tag(word).unwrap_or_else(|| Tag::Other(word.to_owned()));
    is_chain.then(|| (fields().map(named).collect(), rest))
}

/// `+12 rest`, the age from which a film is allowed, and `@Channel rest`, whose files they are.
pub fn first_mark(name: &str) -> Option<(Vec<Tag>, &str)> {
    let (word, rest) = if name.starts_with(['+', '@']) { name.split_once(' ')? } else { None? };
    // `+7 дней` is a title.
    let begins = rest.chars().next().is_some_and(|first| !first.is_lowercase());
    let is_age = begins && word.strip_prefix('+').is_some_and(|age| AGES.contains(&age));
    let is_mark = is_age || word.len() > 1 && word.starts_with('@');
    // `@midnight S01E02`
    let is_title = || episode_marks::find(rest, MarkStrength::Fair).is_none_or(|it| it.start > 0);
    let named = || tag(word).unwrap_or_else(|| Tag::Other(word.to_owned()));
    (is_mark && is_title()).then(|| (vec![named()], rest))
}

/// `FR DV rest`: a language and a picture, in capitals and beside each other, are sure together.
pub fn bare_pair(name: &str) -> Option<(Vec<Tag>, &str)> {
    let (first, rest) = name.split_once(' ')?;
    let (second, rest) = rest.trim_start().split_once(' ')?;
    let are_capitals = has_capitals(first) && has_capitals(second);
    match (tag(first), tag(second)) {
        (Some(language @ Tag::Language(_)), Some(quality @ Tag::Quality(_))) if are_capitals => {
            Some((vec![language, quality], rest.trim_start()))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chains_of_bars() {
        for (name, rest) in [
            ("D|DE|FHD| Breaking Bad", Some("Breaking Bad")),
            ("KIDS|D| Paw Patrol", Some("Paw Patrol")),
            ("DE|4K| Heat", Some("Heat")),
            ("IT | Il Commissario", None),
            ("TOM|JERRY| THE MOVIE", None),
            ("Tom|Jerry| Movie", None),
            ("A|B| Song", None),
            ("|a| Song", None),
            ("DE| Heat", None),
        ] {
            assert_eq!(bar_chain(name).map(|(_, rest)| rest), rest, "{name}");
        }
    }

    #[test]
    fn ages_and_channels_in_front() {
        for (name, rest) in [
            ("+12 9/11", Some("9/11")),
            ("+16 The Death of Stalin", Some("The Death of Stalin")),
            ("@SONYAXN - Elite", Some("- Elite")),
            ("+1 (One Plus)", None),
            ("+7 дней", None),
            ("+11 Heat", None),
            ("+12", None),
            ("@midnight S01E02", None),
            ("1+1", None),
            ("@ Home", None),
        ] {
            assert_eq!(first_mark(name).map(|(_, rest)| rest), rest, "{name}");
        }
    }
}
