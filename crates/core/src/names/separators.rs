//! What separates the parts of a name, and stays at their edges.

/// Lines that panels draw between a tag and a title.
pub const PIPES: &[char] =
    &['|', '┃', '│', '｜', '¦', '▎', '➤', '»', '❖', '◉', '★', '✪', '●', '•', '⚫'];

/// Words that a full stop abbreviates.
const ABBREVIATIONS: [&str; 22] = [
    "bros", "co", "corp", "dr", "etc", "inc", "jr", "ltd", "mr", "mrs", "ms", "mt", "no", "nr",
    "prof", "pt", "sr", "st", "ste", "tv", "vol", "vs",
];

/// Removes separators, and brackets that nothing closes, from the end.
pub fn trim_separators(text: &str) -> &str {
    text.trim_end_matches(|last: char| last.is_whitespace() || "-–—|:_·•~,;".contains(last))
}

/// Removes a full stop that separates, but not that of `S.W.A.T.`, `Monsters, Inc.` and `To be continued...`.
pub fn without_full_stop(text: &str) -> &str {
    let Some(rest) = text.strip_suffix('.') else { return text };
    let word = rest.rsplit(['.', ' ']).next().unwrap_or(rest);
    let is_abbreviated = is_abbreviation(word);
    let is_letter = !word.ends_with(|last: char| last.is_numeric()) && word.chars().count() <= 1;
    if is_letter || is_abbreviated { text } else { rest }
}

/// Whether a full stop behind a word is its own.
pub fn is_abbreviation(word: &str) -> bool {
    ABBREVIATIONS.iter().any(|known| known.eq_ignore_ascii_case(word))
}

/// Removes separators and opening brackets between a title and an episode's mark.
pub fn trim_before_mark(title: &str) -> &str {
    // A full stop right before the mark separates words; one before a space abbreviates.
    let title = without_full_stop(title);
    let title = title.trim_end_matches(|last: char| last.is_whitespace() || "([{".contains(last));
    trim_separators(title)
}

/// What may stand between a mark or a tag and the text that follows it.
pub fn is_separator(letter: char) -> bool {
    letter.is_whitespace() || "-–—|:_·•~.,;)]}".contains(letter)
}
