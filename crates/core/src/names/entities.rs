//! HTML entities, which providers leave in names.

use std::borrow::Cow;

/// Decodes HTML entities one single time: `&amp;#039;` becomes `&#039;`.
pub fn unescape(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        decoded.push_str(&rest[..at]);
        rest = &rest[at..];
        match entity(rest) {
            Some((meaning, length)) => {
                decoded.push(meaning);
                rest = &rest[length..];
            }
            None => {
                decoded.push('&');
                rest = &rest[1..];
            }
        }
    }
    decoded.push_str(rest);
    Cow::Owned(decoded)
}

/// The character that the entity at the beginning of `text` means, and the entity's length.
fn entity(text: &str) -> Option<(char, usize)> {
    // The longest that are understood are like `&#1114111;`.
    let end = text.bytes().take(12).position(|byte| byte == b';')?;
    let meaning = match text.get(1..end)? {
        "amp" => '&',
        "quot" => '"',
        "apos" => '\'',
        "lt" => '<',
        "gt" => '>',
        "nbsp" => ' ',
        numeric => {
            let digits = numeric.strip_prefix('#')?;
            let code = match digits.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => digits.parse().ok()?,
            };
            // A NUL in a name helps nobody; the entity then stays as it stands.
            char::from_u32(code).filter(|meaning| *meaning != '\0')?
        }
    };
    Some((meaning, end + 1))
}
