//! The episode mark of an entry, as far as it is one.

use vod2strm_core::names::episode_marks::{self, EpisodeMark, MarkStrength};
use vod2strm_core::names::words::{EPISODE, folded, has_word};

use super::entry::PlaylistEntry;
use super::hints::{self, YearHint};
use super::signs::{Sign, Signs};

/// Title or `tvg-name`, whichever has the surer mark; the title when they are equal.
pub(super) fn best_name(
    entry: &PlaylistEntry,
    least: MarkStrength,
) -> (String, Option<EpisodeMark>) {
    let name = entry.name();
    let mark = episode_marks::find(&name, least);
    let other = &entry.tags.name;
    if mark.as_ref().is_some_and(|mark| mark.strength == MarkStrength::Strong) || *other == name {
        return (name, mark);
    }
    match episode_marks::find(other, MarkStrength::Strong) {
        Some(sure) => (other.clone(), Some(sure)),
        None => (name, mark),
    }
}

/// The word for episode where no number follows: `Show - Odcinek - Title`.
fn mark_without_number(name: &str) -> Option<EpisodeMark> {
    let mut start = 0;
    for piece in name.split_inclusive(|letter: char| !letter.is_alphanumeric()) {
        let word = piece.trim_end_matches(|letter: char| !letter.is_alphanumeric());
        let folded: String = word.chars().map(folded).collect();
        if start > 0 && word.len() > 4 && EPISODE.contains(&folded.as_str()) {
            let (end, strength) = (start + word.len(), MarkStrength::Weak);
            let (season, number, last, aired) = (None, None, None, None);
            return Some(EpisodeMark { start, end, season, number, last, aired, strength });
        }
        start += piece.len();
    }
    None
}

pub(super) fn of_mark(name: &str, mark: Option<&EpisodeMark>) -> Signs {
    let mut signs = Signs::default();
    let Some(mark) = mark else { return signs };
    let text = name[mark.start..mark.end].to_lowercase();
    let letters = text.chars().filter(|letter| letter.is_alphabetic()).count();
    let sign = match mark.strength {
        MarkStrength::Strong => Sign::StrongMark,
        // A lone `e` is too little for a word: `E4 HD`.
        MarkStrength::Fair if mark.aired.is_some() || letters < 2 => Sign::DateMark,
        // Films of a series are called so, too.
        MarkStrength::Fair if text.contains("epi") || text.contains("эпи") => Sign::EpisodeMark,
        MarkStrength::Fair => Sign::WordMark,
        MarkStrength::Weak if mark.number.is_none() && mark.season.is_none() => Sign::EpisodeWord,
        // `Kill Bill: Bölüm 1`
        MarkStrength::Weak if has_word(&text, EPISODE) => Sign::PartMark,
        MarkStrength::Weak => Sign::WeakMark,
    };
    signs.note(sign, true);
    signs
}

/// The mark that a name has, as far as it is one: ` - 1967` at the end of a film's name is its year. In a group of series
/// the mere word for episode counts, too.
pub(super) fn usable_mark(
    name: &str,
    mark: Option<EpisodeMark>,
    year: Option<YearHint>,
    so_far: Signs,
) -> Option<EpisodeMark> {
    let has = |signs: &[Sign]| signs.iter().any(|sign| so_far.has(*sign));
    let is_year = |mark: &EpisodeMark| {
        mark.strength == MarkStrength::Weak
            && year.is_some_and(|year| year.is_sure && year.is_in(mark))
    };
    match mark {
        Some(mark) if hints::runs_all_day(&name[mark.start..mark.end].to_lowercase()) => None,
        Some(mark) if is_size(name, &mark) && (year.is_some() || has(&OF_FILMS)) => None,
        Some(mark) if !is_year(&mark) => Some(mark),
        Some(mark) if has(&OF_SERIES) => Some(mark),
        None if so_far.has(Sign::SeriesGroup) => mark_without_number(name),
        _ => None,
    }
}

/// What stands where episodes do.
const OF_SERIES: [Sign; 4] =
    [Sign::SeriesGroup, Sign::PathSeries, Sign::FolderSeries, Sign::TypeEpisode];

/// What stands where films do.
const OF_FILMS: [Sign; 3] = [Sign::MovieGroup, Sign::PathMovie, Sign::TypeMovie];

/// Whether a mark may be a size at the beginning of a film's name: `4x100: Running for a Dream (2021)`, `10x10`.
fn is_size(name: &str, mark: &EpisodeMark) -> bool {
    let is_part_of_size = |letter: char| letter.is_ascii_digit() || "xX×".contains(letter);
    !name[..mark.start].contains(char::is_alphabetic)
        && name[mark.start..mark.end].trim().chars().all(is_part_of_size)
}

/// `Star Wars. Episode 2: Attack of the Clones (2002)` is a film: its own title follows the number, and a year.
pub(super) fn is_film_part(name: &str, mark: Option<&EpisodeMark>, year: Option<YearHint>) -> bool {
    let (Some(mark), Some(year)) = (mark, year) else { return false };
    mark.strength == MarkStrength::Fair
        && mark.aired.is_none()
        && name.get(mark.end..year.at).is_some_and(|text| text.contains(char::is_alphabetic))
}

/// The number that a name is, or that follows its group's name: `127` and `ONE PIECE 513` in the groups of these series.
/// Whether it is an episode's, the other names of the group say.
pub(super) fn number_in_group(name: &str, group: &str) -> Option<EpisodeMark> {
    // `101 F` is an episode that its makers filled in.
    let name = name.trim_end();
    let name = name.strip_suffix(" F").unwrap_or(name).trim_end();
    let digits = name.bytes().rev().take_while(u8::is_ascii_digit).count();
    if !(1..=4).contains(&digits) {
        return None;
    }
    let start = name.len() - digits;
    let (front, number) = name.split_at_checked(start)?;
    let number: i32 = number.parse().ok()?;
    let front = front.trim_end_matches(|letter: char| !letter.is_alphanumeric());
    let is_apart = front.len() < start || start == 0;
    let group = group.split(';').next().unwrap_or_default().trim().to_lowercase();
    let front = front.trim_start().to_lowercase();
    // `Eurovision 2008` has a year.
    if !is_apart || !front.is_empty() && front != group || episode_marks::is_like_year(number) {
        return None;
    }
    let (season, number, strength) = (None, Some(number), MarkStrength::Weak);
    Some(EpisodeMark { start, end: name.len(), season, number, last: None, aired: None, strength })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_groups() {
        for (name, group, number, start) in [
            ("127", "Hunter x Hunter", Some(127), 0),
            ("ONE PIECE 513 ", "One Piece;Anime", Some(513), 10),
            ("Naruto - 65 F", "Naruto", Some(65), 9),
            ("Fast 7", "Fast & Furious", None, 0),
            ("Eurovision 2008", "Eurovision", None, 0),
            ("Rocky 3", "Drama", None, 0),
            ("Rocky3", "Rocky", None, 0),
            ("12345", "Rocky", None, 0),
            ("Rocky", "Rocky", None, 0),
            ("Ölüm 3", "Ölüm", Some(3), 7),
            ("", "", None, 0),
        ] {
            let found = number_in_group(name, group);
            assert_eq!(found.as_ref().and_then(|mark| mark.number), number, "{name}");
            assert_eq!(found.map_or(0, |mark| mark.start), start, "{name}");
        }
    }
}
