//! Escapes of addresses: `%20` is a blank.

/// The bytes of a text without escapes; what is no escape stays as it is.
pub fn decoded(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let escaped = (*first == b'%').then(|| escaped_byte(after)).flatten();
        bytes.push(escaped.unwrap_or(*first));
        rest = if escaped.is_some() { &after[2..] } else { after };
    }
    bytes
}

/// A text without escapes; bytes that are no text are replaced.
pub fn unescaped(text: &str) -> String {
    String::from_utf8_lossy(&decoded(text)).into_owned()
}

/// The byte that the two hexadecimal digits at the beginning stand for.
fn escaped_byte(text: &[u8]) -> Option<u8> {
    let digit = |at: usize| char::from(*text.get(at)?).to_digit(16);
    u8::try_from(digit(0)? * 16 + digit(1)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_two_hexadecimal_digits_are_an_escape() {
        for (text, expected) in [
            ("a%20b", "a b"),
            ("%c3%A9", "é"),
            ("%ff", "\u{fffd}"),
            ("100%", "100%"),
            ("%2", "%2"),
            ("%zz%41", "%zzA"),
            ("%+1%-1%g0", "%+1%-1%g0"),
            ("%%41", "%A"),
            ("é%é", "é%é"),
        ] {
            assert_eq!(unescaped(text), expected, "{text}");
        }
    }
}
