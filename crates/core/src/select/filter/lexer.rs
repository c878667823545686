//! The words of a filter expression, each with where it stands.

use super::FilterError;

/// A word of an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum FilterWord {
    /// A field, a keyword, or a value without quotation marks.
    Bare(String),
    /// A value in quotation marks, as a pattern takes it: two backslashes are still two.
    Quoted(String),
    /// An operator.
    Operator(&'static str),
    Open,
    Close,
    Comma,
}

/// A word and where it begins and ends, in bytes.
pub(super) type PlacedWord = (FilterWord, usize, usize);

/// Longer ones first.
const OPERATORS: [(&str, &str); 14] = [
    ("==", "=="),
    ("!=", "!="),
    ("<=", "<="),
    (">=", ">="),
    ("=~", "=~"),
    ("!~", "!~"),
    ("&&", "and"),
    ("||", "or"),
    ("<", "<"),
    (">", ">"),
    ("=", "=="),
    ("!", "not"),
    ("≥", ">="),
    ("≤", "<="),
];

/// Takes an expression apart.
pub(super) fn words(text: &str) -> Result<Vec<PlacedWord>, FilterError> {
    let (mut words, mut at) = (Vec::new(), 0);
    while let Some(letter) = text[at..].chars().next() {
        let start = at;
        let rest = &text[at..];
        let word = match letter {
            _ if letter.is_whitespace() => {
                at += letter.len_utf8();
                continue;
            }
            '(' => FilterWord::Open,
            ')' => FilterWord::Close,
            ',' => FilterWord::Comma,
            '"' | '\'' => {
                let (value, length) = quoted(rest, letter).ok_or_else(|| {
                    FilterError::at(text, start, format!("the closing {letter} is missing"))
                })?;
                at += length;
                words.push((FilterWord::Quoted(value), start, at));
                continue;
            }
            _ => match OPERATORS.iter().find(|(sign, _)| rest.starts_with(sign)) {
                Some((sign, name)) => {
                    at += sign.len();
                    words.push((FilterWord::Operator(name), start, at));
                    continue;
                }
                None => {
                    let ends = |c: char| c.is_whitespace() || "(),\"'=!<>&|≤≥".contains(c);
                    let length = rest.find(ends).unwrap_or(rest.len());
                    if length == 0 {
                        let problem = format!("{letter} means nothing here");
                        return Err(FilterError::at(text, start, problem));
                    }
                    at += length;
                    words.push((FilterWord::Bare(rest[..length].to_owned()), start, at));
                    continue;
                }
            },
        };
        at += letter.len_utf8();
        words.push((word, start, at));
    }
    Ok(words)
}

/// A value in quotation marks and how many bytes it takes. A backslash hides a quotation mark or another
/// backslash; before anything else it stays, for the sake of patterns.
fn quoted(text: &str, mark: char) -> Option<(String, usize)> {
    let mut value = String::new();
    let mut letters = text.char_indices().skip(1).peekable();
    while let Some((at, letter)) = letters.next() {
        match letter {
            _ if letter == mark => return Some((value, at + 1)),
            '\\' => match letters.peek() {
                Some((_, next)) if *next == mark => {
                    value.push(mark);
                    letters.next();
                }
                Some((_, '\\')) => {
                    value.push_str("\\\\");
                    letters.next();
                }
                _ => value.push('\\'),
            },
            _ => value.push(letter),
        }
    }
    None
}
