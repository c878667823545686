//! Markup that panels and lists leave in names: tags of HTML, and those of Kodi, `[COLOR lime]Heat[/COLOR]`.

use std::borrow::Cow;

/// Tags of HTML that panels leave in names. Other words between `<` and `>` are a name's own.
const HTML: [&str; 22] = [
    "a", "b", "big", "br", "center", "div", "em", "font", "h1", "h2", "h3", "i", "img", "li", "p",
    "s", "small", "span", "strong", "sub", "sup", "u",
];

/// Tags of Kodi that end again.
const KODI: [&str; 7] = ["B", "CAPITALIZE", "COLOR", "I", "LIGHT", "LOWERCASE", "UPPERCASE"];

/// The longest tag that is looked for, in bytes.
const LONGEST: usize = 256;

/// A tag's place in a text.
#[derive(Clone, Copy)]
struct Markup {
    start: usize,
    end: usize,
    sort: MarkupSort,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum MarkupSort {
    Html,
    Opening,
    Closing,
    LineBreak,
}

/// A name without `<b>` and `</b>`, `[B]` and `[/B]`. What Kodi's tags enclose goes with them, if it has no letter.
pub fn without_markup(text: &str) -> Cow<'_, str> {
    let is_kodi = text.contains('[') && (text.contains("[/") || text.contains("[COLOR "));
    if !is_kodi && !text.contains('<') {
        return Cow::Borrowed(text);
    }
    let Some(mut last) = next_markup(text, 0, is_kodi) else { return Cow::Borrowed(text) };
    let mut plain = text[..last.start].to_owned();
    while let Some(next) = next_markup(text, last.end, is_kodi) {
        push_between(&mut plain, &text[last.end..next.start], last.sort, next.sort);
        last = next;
    }
    push_between(&mut plain, &text[last.end..], last.sort, MarkupSort::LineBreak);
    Cow::Owned(plain)
}

fn push_between(plain: &mut String, text: &str, before: MarkupSort, behind: MarkupSort) {
    if before == MarkupSort::LineBreak {
        plain.push(' ');
    }
    let is_enclosed = before == MarkupSort::Opening && behind == MarkupSort::Closing;
    let is_ornament = is_enclosed && !text.chars().any(char::is_alphanumeric);
    plain.push_str(if is_ornament { " " } else { text });
}

/// The first tag from `from` on.
fn next_markup(text: &str, from: usize, is_kodi: bool) -> Option<Markup> {
    let is_start = |letter: char| letter == '<' || is_kodi && letter == '[';
    text[from..].match_indices(is_start).find_map(|(at, bracket)| {
        let start = from + at;
        let closing = if bracket == "<" { b'>' } else { b']' };
        let mut letters = text[start..].bytes().take(LONGEST);
        let inside = &text[start + 1..start + letters.position(|byte| byte == closing)?];
        let sort = if bracket == "<" { html(inside) } else { kodi(inside, text) }?;
        Some(Markup { start, end: start + inside.len() + 2, sort })
    })
}

fn html(inside: &str) -> Option<MarkupSort> {
    let name = inside.trim_matches('/').split_whitespace().next()?;
    let is_known = HTML.iter().any(|known| known.eq_ignore_ascii_case(name));
    is_known.then_some(MarkupSort::Html)
}

/// A tag of Kodi. `[B]` is one only if something ends it: a title may stand in brackets.
fn kodi(inside: &str, text: &str) -> Option<MarkupSort> {
    let is_known = |name: &str| KODI.iter().any(|known| known.eq_ignore_ascii_case(name));
    if let Some(name) = inside.strip_prefix('/') {
        return is_known(name).then_some(MarkupSort::Closing);
    }
    if inside == "CR" {
        return Some(MarkupSort::LineBreak);
    }
    let (name, argument) = inside.split_once(' ').unwrap_or((inside, ""));
    let is_color = name.eq_ignore_ascii_case("COLOR") && !argument.is_empty();
    let is_ended = || argument.is_empty() && is_known(name) && text.contains(&format!("[/{name}]"));
    (is_color || is_ended()).then_some(MarkupSort::Opening)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_goes_and_brackets_stay() {
        for (text, plain) in [
            ("<b>Bold</b> <i>Move</i>", "Bold Move"),
            ("I <3 You > Me <Me>", "I <3 You > Me <Me>"),
            ("[COLOR lime]1984 [/COLOR][COLOR tomato](HD)[/COLOR]", "1984 (HD)"),
            ("[COLOR yellowgreen] **[/COLOR]Un plan", " Un plan"),
            ("[B][COLOR red]Heat[/COLOR][/B] - [I](1995)[/I]", "Heat - (1995)"),
            ("[UPPERCASE]Heat[/UPPERCASE][CR]Ronin", "Heat Ronin"),
            ("[B]*batteries[/B]", "*batteries"),
            ("[REC] 2", "[REC] 2"),
            ("[I] Heat [CR]", "[I] Heat [CR]"),
            ("[I] Heat [/B]", "[I] Heat "),
            ("[COLOR] Heat", "[COLOR] Heat"),
        ] {
            assert_eq!(without_markup(text), plain, "{text}");
        }
    }
}
