//! HTML entities, which providers leave in names.

use std::borrow::Cow;

/// What entities with a name mean, by name: those of HTML that stand for letters and punctuation, in
/// order. A blank that does not break is a blank.
#[rustfmt::skip]
const NAMED: [(&str, char); 122] = [
    ("AElig", 'Æ'), ("Aacute", 'Á'), ("Acirc", 'Â'), ("Agrave", 'À'), ("Aring", 'Å'), ("Atilde", 'Ã'),
    ("Auml", 'Ä'), ("Ccedil", 'Ç'), ("ETH", 'Ð'), ("Eacute", 'É'), ("Ecirc", 'Ê'), ("Egrave", 'È'),
    ("Euml", 'Ë'), ("Iacute", 'Í'), ("Icirc", 'Î'), ("Igrave", 'Ì'), ("Iuml", 'Ï'), ("Ntilde", 'Ñ'),
    ("OElig", 'Œ'), ("Oacute", 'Ó'), ("Ocirc", 'Ô'), ("Ograve", 'Ò'), ("Oslash", 'Ø'), ("Otilde", 'Õ'),
    ("Ouml", 'Ö'), ("Scaron", 'Š'), ("THORN", 'Þ'), ("Uacute", 'Ú'), ("Ucirc", 'Û'), ("Ugrave", 'Ù'),
    ("Uuml", 'Ü'), ("Yacute", 'Ý'), ("Yuml", 'Ÿ'), ("aacute", 'á'), ("acirc", 'â'), ("acute", '´'),
    ("aelig", 'æ'), ("agrave", 'à'), ("amp", '&'), ("apos", '\''), ("aring", 'å'), ("atilde", 'ã'),
    ("auml", 'ä'), ("bdquo", '„'), ("brvbar", '¦'), ("bull", '•'), ("ccedil", 'ç'), ("cedil", '¸'),
    ("cent", '¢'), ("copy", '©'), ("curren", '¤'), ("deg", '°'), ("divide", '÷'), ("eacute", 'é'),
    ("ecirc", 'ê'), ("egrave", 'è'), ("eth", 'ð'), ("euml", 'ë'), ("euro", '€'), ("frac12", '½'),
    ("frac14", '¼'), ("frac34", '¾'), ("gt", '>'), ("hearts", '♥'), ("hellip", '…'), ("iacute", 'í'),
    ("icirc", 'î'), ("iexcl", '¡'), ("igrave", 'ì'), ("infin", '∞'), ("iquest", '¿'), ("iuml", 'ï'),
    ("laquo", '«'), ("ldquo", '“'), ("lsaquo", '‹'), ("lsquo", '‘'), ("lt", '<'), ("macr", '¯'),
    ("mdash", '—'), ("micro", 'µ'), ("middot", '·'), ("nbsp", ' '), ("ndash", '–'), ("not", '¬'),
    ("ntilde", 'ñ'), ("oacute", 'ó'), ("ocirc", 'ô'), ("oelig", 'œ'), ("ograve", 'ò'), ("ordf", 'ª'),
    ("ordm", 'º'), ("oslash", 'ø'), ("otilde", 'õ'), ("ouml", 'ö'), ("para", '¶'), ("plusmn", '±'),
    ("pound", '£'), ("prime", '′'), ("quot", '"'), ("raquo", '»'), ("rdquo", '”'), ("reg", '®'),
    ("rsaquo", '›'), ("rsquo", '’'), ("sbquo", '‚'), ("scaron", 'š'), ("sect", '§'), ("sup1", '¹'),
    ("sup2", '²'), ("sup3", '³'), ("szlig", 'ß'), ("thorn", 'þ'), ("times", '×'), ("trade", '™'),
    ("uacute", 'ú'), ("ucirc", 'û'), ("ugrave", 'ù'), ("uml", '¨'), ("uuml", 'ü'), ("yacute", 'ý'),
    ("yen", '¥'), ("yuml", 'ÿ'),
];

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
    let name = text.get(1..end)?;
    let meaning = match name.strip_prefix('#') {
        Some(digits) => {
            let code = match digits.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => digits.parse().ok()?,
            };
            // A NUL in a name helps nobody; the entity then stays as it stands.
            char::from_u32(code).filter(|meaning| *meaning != '\0')?
        }
        None => NAMED[NAMED.binary_search_by_key(&name, |(name, _)| name).ok()?].1,
    };
    Some((meaning, end + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_in_order_and_decoded_once() {
        assert!(NAMED.is_sorted());
        for (text, decoded) in [
            ("R&eacute;sum&eacute;", "Résumé"),
            ("Love &amp;amp; Death", "Love &amp; Death"),
            ("Tom&nbsp;&#38;&#x20;Jerry", "Tom & Jerry"),
            ("Q&A; &nothing; &#0; &", "Q&A; &nothing; &#0; &"),
        ] {
            assert_eq!(unescape(text), decoded);
        }
    }
}
