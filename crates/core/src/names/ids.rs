//! Ids of databases in names: `Heat {tmdb-949}`, `[tmdbid-603] Matrix`. They come out wherever they stand: a media
//! server would take them for the folder's own.

use super::vocabulary::Tag;
use crate::model::ids::ImdbId;
use crate::model::stated::Meaning as _;
use crate::text::collapse;

/// The longest bracket that can be an id, in bytes: however many are open, each is looked at so far.
const LONGEST: usize = 48;

/// A name without its ids, which become tags. A name that is nothing else stays.
pub fn take_ids(name: String, tags: &mut Vec<Tag>) -> String {
    if !name.contains(['[', '{', '(']) {
        return name;
    }
    let (mut rest, mut found, mut copied) = (String::new(), Vec::new(), 0);
    while let Some((start, end, tag)) = bracketed_id(&name, copied) {
        rest.push_str(&name[copied..start]);
        found.push(tag);
        copied = end;
    }
    rest.push_str(&name[copied..]);
    let rest = collapse(&rest);
    if found.is_empty() || !rest.chars().any(char::is_alphanumeric) {
        return name;
    }
    tags.extend(found);
    rest.into_owned()
}

/// The first bracket from `from` on that is an id: its first byte, the one after its end, and what it says.
fn bracketed_id(name: &str, from: usize) -> Option<(usize, usize, Tag)> {
    name[from..].match_indices(['[', '{', '(']).find_map(|(at, _)| {
        let start = from + at;
        let inside = &name[start + 1..];
        let end = inside.bytes().take(LONGEST).position(|byte| b"]})".contains(&byte))?;
        Some((start, start + 1 + end + 1, id_in(inside[..end].trim())?))
    })
}

/// `tmdbid-526702`, `imdb=tt0133093`, `tt0133093`.
fn id_in(inside: &str) -> Option<Tag> {
    if ImdbId::read(inside).is_some() {
        return Some(Tag::Id(format!("imdb={inside}")));
    }
    let (kind, id) = inside.split_once(['-', '=', ':'])?;
    let kind = ["tmdb", "imdb", "tvdb"].into_iter().find(|known| {
        let rest = kind.get(known.len()..);
        kind.get(..known.len()).is_some_and(|start| start.eq_ignore_ascii_case(known))
            && rest.is_some_and(|rest| rest.is_empty() || rest.eq_ignore_ascii_case("id"))
    })?;
    let is_id = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_id.then(|| Tag::Id(format!("{kind}={id}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_come_out_wherever_they_stand() {
        for (name, rest, ids) in [
            ("[tmdbid-603] Fake", "Fake", 1),
            ("{imdb-tt0133093} Fake (1999)", "Fake (1999)", 1),
            ("Heat {tmdb-949} [tt0113277] Cut", "Heat Cut", 2),
            ("Heat [tvdb:7]", "Heat", 1),
            ("[tmdbid-603]", "[tmdbid-603]", 0),
            ("Heat [[tmdb-949]", "Heat [", 1),
            ("Heat [tmdb-] (x-1) [tt12]", "Heat [tmdb-] (x-1) [tt12]", 0),
        ] {
            let mut tags = Vec::new();
            assert_eq!(take_ids(name.to_owned(), &mut tags), rest, "{name}");
            assert_eq!(tags.len(), ids, "{name}");
        }
    }
}
