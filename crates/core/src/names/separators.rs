//! What separates the parts of a name, and stays at their edges.

/// Removes separators, and brackets that nothing closes, from the end.
pub fn trim_separators(text: &str) -> &str {
    text.trim_end_matches(|last: char| last.is_whitespace() || "-–—|:_·•~,;".contains(last))
}

/// Removes a full stop that separates, but not that of `S.W.A.T.`.
pub fn without_full_stop(text: &str) -> &str {
    match text.strip_suffix('.') {
        Some(rest) => {
            let word = rest.rsplit(['.', ' ']).next().unwrap_or(rest);
            if word.chars().count() > 1 { rest } else { text }
        }
        None => text,
    }
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
