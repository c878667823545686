//! The two ends of a name, where providers put what is not the title. What parts a word from the title decides how
//! sure it has to be. Pipes and brackets say that it is a tag, a blank says next to nothing.

use super::normalize::{in_capitals, is_decoration, is_raised};
use super::vocabulary::{
    Tag, has_capitals, is_ambiguous, is_bare_at_end, is_bare_at_start, is_country, tag,
};

/// Lines that panels draw between a tag and a title.
const PIPES: &[char] =
    &['|', '┃', '│', '｜', '¦', '▎', '➤', '»', '❖', '◉', '★', '✪', '●', '•', '⚫'];
/// The longest text that can be a tag before a title, in bytes.
const LONGEST_LEAD: usize = 24;

/// What parts a tag from the title.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Joint {
    /// `|EN| `, `EN| `.
    Pipe,
    /// `[EN] `, `(EN) `.
    Bracket,
    /// `EN - `.
    Dash,
    /// `EN: `, `EN- `.
    Colon,
    /// `EN `.
    Blank,
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

/// Finds what may be a tag at the beginning, the surest first: short, in capitals, and set apart.
pub fn leads_of(name: &str) -> impl Iterator<Item = Lead<'_>> {
    let name = name.trim_start();
    let all = [enclosed(name).or_else(|| set_apart(name)), first_word(name)];
    all.into_iter().flatten().filter_map(|lead| {
        let (text, rest) = (lead.text.trim(), lead.rest.trim_start());
        let is_short = (1..=LONGEST_LEAD).contains(&text.len()) && !rest.is_empty();
        let is_tag_like = has_capitals(text) && text.chars().any(char::is_alphanumeric);
        (is_short && is_tag_like).then_some(Lead { text, rest, ..lead })
    })
}

/// Whether the names of a category can have such a prefix in common. Before a colon or a blank only known words
/// can be a prefix. Titles in capitals begin with THE, and series of one city after the other with NCIS.
pub fn can_be_prefix(lead: &Lead<'_>) -> bool {
    let is_set_apart = !matches!(lead.joint, Joint::Blank | Joint::Colon);
    is_set_apart || words_of(lead.text).all(|word| tag(word).is_some())
}

/// `|EN| rest`, `[EN] rest`, `(EN) rest`.
fn enclosed(name: &str) -> Option<Lead<'_>> {
    let first = name.chars().next()?;
    let inside = &name[first.len_utf8()..];
    let (end, joint) = match first {
        '[' => (inside.find(']')?, Joint::Bracket),
        '(' => (inside.find(')')?, Joint::Bracket),
        pipe if PIPES.contains(&pipe) => (inside.find(PIPES)?, Joint::Pipe),
        _ => return None,
    };
    let mut rest = inside[end..].chars();
    rest.next();
    Some(Lead { text: &inside[..end], joint, rest: rest.as_str() })
}

/// `EN| rest`, `EN - rest`, `EN: rest`, `EN- rest`: the separator that comes first.
fn set_apart(name: &str) -> Option<Lead<'_>> {
    let places = name.char_indices().take_while(|(at, _)| *at <= LONGEST_LEAD);
    for (at, letter) in places {
        let (text, rest) = (&name[..at], &name[at + letter.len_utf8()..]);
        let joint = match letter {
            pipe if PIPES.contains(&pipe) => Joint::Pipe,
            _ if !rest.starts_with(' ') => continue,
            '-' | '–' | '—' if text.ends_with(' ') => Joint::Dash,
            ':' | '-' | '–' | '—' => Joint::Colon,
            _ => continue,
        };
        return Some(Lead { text, joint, rest });
    }
    None
}

fn first_word(name: &str) -> Option<Lead<'_>> {
    let (text, rest) = name.split_once(' ')?;
    Some(Lead { text, joint: Joint::Blank, rest })
}

/// Says what a lead means; `None` when it is probably the title. `is_prefix`: whether its category puts it
/// before titles; asked only when that decides.
pub fn lead_tags(lead: &Lead<'_>, is_prefix: impl FnOnce() -> bool) -> Option<Vec<Tag>> {
    let words: Vec<&str> = words_of(lead.text).collect();
    let known: Vec<Option<Tag>> = words.iter().map(|word| tag(word)).collect();
    let (of, hits) = (known.len(), known.iter().flatten().count());
    let is_letters =
        |word: &&str| word.chars().count() <= 6 && word.chars().all(char::is_alphabetic);
    let is_code =
        || words.len() == 1 && lead.text.chars().count() >= 2 && words.iter().all(is_letters);
    let is_sure = |word: &str| !is_ambiguous(word);
    let is_tag = match lead.joint {
        Joint::Pipe => hits == of || is_code(),
        Joint::Bracket => hits == of,
        // `4K-NF-DO`: what is unknown stands in known company.
        Joint::Dash => hits == of || (hits >= 2 && known[0].is_some()),
        Joint::Colon => hits == of && words.iter().all(|word| is_sure(word)),
        Joint::Blank => of == 1 && is_bare_at_start(lead.text),
    } || is_prefix();
    let unknown = |word: &str| Tag::Other(word.to_owned());
    let named = words.iter().zip(known).map(|(word, known)| known.unwrap_or_else(|| unknown(word)));
    is_tag.then(|| named.collect())
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

/// The words of a tag: `4K-NF-DO`, `EN SPOKEN`, `FR/DE`. `WEB-DL` is one.
fn words_of(text: &str) -> impl Iterator<Item = &str> {
    let is_one = tag(text).is_some();
    let parts = text.split(move |letter: char| !is_one && " -–_/,&|".contains(letter));
    parts.filter(|part| !part.is_empty())
}

/// Takes one tag from the end of a name, if there is one.
pub fn trailing(name: &str) -> Option<(&str, Vec<Tag>)> {
    in_brackets(name).or_else(|| after_underscore(name)).or_else(|| last_word(name))
}

/// `(4K)`, `[Multi-Sub]`, `{tmdb-123}`, `( مدبلج )`.
fn in_brackets(name: &str) -> Option<(&str, Vec<Tag>)> {
    let opening = match name.chars().next_back()? {
        ')' => '(',
        ']' => '[',
        '}' => '{',
        _ => return None,
    };
    let start = name.rfind(opening)?;
    let inside = name[start + 1..name.len() - 1].trim();
    let tags = match id_in(inside).or_else(|| version_in(inside)) {
        Some(tag) => vec![tag],
        None if is_country(inside) => vec![Tag::Country(inside.to_owned())],
        // An empty pair of brackets is what somebody's own cleaning left behind.
        None => words_of(inside).map(tag).collect::<Option<Vec<Tag>>>()?,
    };
    Some((&name[..start], tags))
}

/// `tmdbid-526702`, `imdb-tt0133093`.
fn id_in(inside: &str) -> Option<Tag> {
    let (kind, id) = inside.split_once(['-', '='])?;
    let kind = ["tmdb", "imdb", "tvdb"].into_iter().find(|known| {
        let rest = kind.get(known.len()..);
        kind.get(..known.len()).is_some_and(|start| start.eq_ignore_ascii_case(known))
            && rest.is_some_and(|rest| rest.is_empty() || rest.eq_ignore_ascii_case("id"))
    })?;
    let is_id = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_id.then(|| Tag::Id(format!("{kind}={id}")))
}

/// `[L]`, `[V2]`: marks of providers, of no more use.
fn version_in(inside: &str) -> Option<Tag> {
    let is_mark = inside == "L"
        || inside.strip_prefix('V').is_some_and(|version| {
            version.len() == 1 && version.bytes().all(|byte| byte.is_ascii_digit())
        });
    is_mark.then(|| Tag::Other(inside.to_owned()))
}

/// `_eng`, `--esp`, `-DE`.
fn after_underscore(name: &str) -> Option<(&str, Vec<Tag>)> {
    let (front, word) = name.rsplit_once(['_', '-'])?;
    let is_doubled = name.as_bytes().get(front.len()) == Some(&b'_') || front.ends_with('-');
    // `Sin-DE`, but neither `SS-GB` nor `Anti-de`.
    let is_code = || word.len() == 2 && front.ends_with(char::is_lowercase) && is_bare_at_end(word);
    let known = tag(word)?;
    (is_doubled || is_code()).then(|| (front.trim_end_matches(['-', '_']), vec![known]))
}

/// ` - 4K`, ` HEVC`, ` ES`; words that are nothing but superscript, or decoration.
fn last_word(name: &str) -> Option<(&str, Vec<Tag>)> {
    let (front, word) = name.rsplit_once(char::is_whitespace)?;
    if !word.chars().any(char::is_alphanumeric) && word.chars().any(is_decoration) {
        return Some((front, Vec::new()));
    }
    if word.chars().count() >= 2 && word.chars().all(is_raised) {
        let plain = in_capitals(word);
        return Some((front, vec![tag(&plain).unwrap_or(Tag::Other(plain))]));
    }
    let is_apart = front.trim_end().ends_with(['-', '–', '—', '|', ':']) && has_capitals(word);
    let is_other = || is_apart && !is_ambiguous(word) && tag(word).is_some();
    let is_title_cased =
        || front.chars().any(|letter| !letter.is_uppercase() && letter.is_alphabetic());
    let is_language = matches!(tag(word), Some(Tag::Language(_)));
    let is_bare = is_bare_at_end(word) && (!is_language || is_title_cased());
    (is_bare || is_other()).then(|| (front, tag(word).into_iter().collect()))
}
