//! What folders and files are called, by layout. Every name that leaves here is safe on every file
//! system; whether two titles want the same one is decided in `claims`.

use crate::media::{Copy, Episode, Kind, Title};
use crate::nfo::{is_plausible_year, valid_tmdb};
use crate::policy::Layout;
use crate::text::{MAX_COMPONENT, collapse, is_edge, safe_component, truncate, visible};

/// The longest stem of a file: room for `.strm`.
const MAX_STEM: usize = MAX_COMPONENT - ".strm".len();
/// The longest folder name of the standard layout. Its movies' versions are named
/// `folder - label.strm`, and media servers group them only if the whole folder name is repeated.
const MAX_STANDARD_FOLDER: usize = 150;
/// The longest label of a version.
const MAX_LABEL: usize = MAX_STEM - MAX_STANDARD_FOLDER - " - ".len();
/// The longest part of an episode's file name that repeats the series.
const MAX_SHOW: usize = 110;

/// The folder, below the output folder, that media servers are pointed at.
pub fn library_root(kind: Kind) -> &'static str {
    match kind {
        Kind::Movie => "Movies",
        Kind::Series => "TV",
    }
}

/// Names that the title's folder may have, the preferred one first. The second and later ones tell
/// apart titles that share the first: TMDB id, then the best copy's id.
pub fn folder_candidates(layout: Layout, title: &Title) -> Vec<String> {
    let limit = match layout {
        Layout::Standard => MAX_STANDARD_FOLDER,
        Layout::Classic => MAX_STEM,
    };
    let mut names = vec![with_suffix(layout, title, "", limit)];
    if let Some(tmdb) = valid_tmdb(&title.details.tmdb) {
        names.push(with_suffix(layout, title, &format!(" [tmdbid-{tmdb}]"), limit));
    }
    if let Some(copy) = title.copies.first() {
        names.push(with_suffix(layout, title, &format!(" [{}]", copy_label(copy)), limit));
    }
    names
}

/// `account-stream`, safe and short: tells copies apart where nothing nicer does.
pub fn copy_label(copy: &Copy) -> String {
    safe_component(&format!("{}-{}", copy.account.id, copy.stream_id), MAX_LABEL)
}

fn with_suffix(layout: Layout, title: &Title, suffix: &str, limit: usize) -> String {
    let (name, year) = match layout {
        Layout::Standard => standard_name(title),
        Layout::Classic => classic_name(title),
    };
    fit(&name, &format!("{year}{suffix}"), limit)
}

/// `name` and `tail` in at most `limit` bytes: the name is what gets cut.
fn fit(name: &str, tail: &str, limit: usize) -> String {
    let name = truncate(name, limit.saturating_sub(tail.len())).trim_end();
    safe_component(&format!("{name}{tail}"), limit)
}

fn fallback(kind: Kind) -> &'static str {
    match kind {
        Kind::Movie => "Unknown Movie",
        Kind::Series => "Unknown Series",
    }
}

/// The shown name and its ` (year)`. A year at the name's end is not repeated; without a year of
/// its own, the title gets that one.
fn standard_name(title: &Title) -> (String, String) {
    let (name, year) = title.details.shown();
    let name = collapse(name);
    let year = year.filter(|year| is_plausible_year(*year));
    let (name, year) = match split_year(&name) {
        Some((front, in_name)) if year.is_none_or(|year| year == in_name) => {
            (front.to_owned(), is_plausible_year(in_name).then_some(in_name).or(year))
        }
        _ => (name, year),
    };
    let name = standard_text(&name);
    let name = if is_nothing(&name) { fallback(title.kind).to_owned() } else { name };
    (name, year.map_or(String::new(), |year| format!(" ({year})")))
}

fn is_nothing(name: &str) -> bool {
    name.chars().all(is_edge)
}

fn standard_text(name: &str) -> String {
    visible(&name.replace(':', " -"))
        .trim_start_matches(|c: char| c == '-' || c.is_whitespace())
        .to_owned()
}

/// `Name (1999)` as its parts.
fn split_year(name: &str) -> Option<(&str, i32)> {
    let (front, rest) = name.strip_suffix(')')?.rsplit_once('(')?;
    let digits: Option<Vec<u32>> = rest.chars().map(|c| c.to_digit(10)).collect();
    let digits = digits.filter(|digits| digits.len() == 4)?;
    let year = digits.iter().fold(0, |year, digit| year * 10 + *digit as i32);
    Some((front.trim_end(), year))
}

/// The original's rules: a movie's trailing `(YYYY)` is cut and the known year added; a series gets
/// its year unless it already ends in it.
fn classic_name(title: &Title) -> (String, String) {
    let (name, year) = title.details.shown();
    let year = year.filter(|year| *year != 0);
    // A nameless movie gets a name at once, a nameless series only if it has no year either.
    let is_nameless = name.is_empty();
    let name = match is_nameless && (title.kind == Kind::Movie || year.is_none()) {
        true => fallback(title.kind),
        false => name.trim(),
    };
    let name = match title.kind {
        Kind::Movie => cut_trailing_year(name).to_owned(),
        Kind::Series => match year.and_then(|year| name.strip_suffix(&format!("({year})"))) {
            Some(front) => front.trim_end().to_owned(),
            None => name.to_owned(),
        },
    };
    let name = classic_text(&name);
    // The original lets a year stand alone, "(2011)", and calls what has neither "Unknown".
    let name = if is_nothing(&name) && year.is_none() { "Unknown".to_owned() } else { name };
    (name, year.map_or(String::new(), |year| format!(" ({year})")))
}

/// Like the original's `\(\d{4}\)$`, where a digit is any script's digit.
fn cut_trailing_year(name: &str) -> &str {
    let cut = name.strip_suffix(')').and_then(|rest| rest.rsplit_once('('));
    match cut {
        Some((front, digits))
            if digits.chars().count() == 4 && digits.chars().all(char::is_numeric) =>
        {
            front.trim_end()
        }
        _ => name,
    }
}

/// The original's replacements.
fn classic_text(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        match c {
            '/' | '\\' | '|' => out.push('-'),
            ':' => out.push_str(" -"),
            '?' | '*' => {}
            '"' => out.push('\''),
            '<' => out.push('('),
            '>' => out.push(')'),
            c => out.push(c),
        }
    }
    visible(&out)
}

/// The folder of a season.
pub fn season_folder(layout: Layout, season: i32) -> String {
    match (layout, season.max(0)) {
        (Layout::Classic, 0) => "Season 00 (Specials)".to_owned(),
        (_, season) => format!("Season {season:02}"),
    }
}

/// The file name of an episode's `.strm`, without the extension.
pub fn episode_stem(layout: Layout, title: &Title, episode: &Episode) -> String {
    let mark = episode_mark(episode);
    match layout {
        Layout::Classic => {
            let name = classic_text(episode.shown());
            let name = if name.is_empty() { "Episode" } else { &name };
            safe_stem(&format!("{mark} - {name}"))
        }
        Layout::Standard => {
            let (show, year) = standard_name(title);
            let show = fit(&show, &year, MAX_SHOW);
            let name = standard_text(after_mark(episode.shown(), &mark));
            let name = if name.is_empty() { name } else { format!(" - {name}") };
            safe_component(&format!("{show} - {mark}{name}"), MAX_STEM)
        }
    }
}

/// Providers repeat the show and the number in an episode's name. Kodi takes a second number for a
/// second episode, so what stands before it goes with it.
fn after_mark<'a>(name: &'a str, mark: &str) -> &'a str {
    let at = name.to_ascii_uppercase().find(mark);
    let rest = at.map_or(name, |at| &name[at + mark.len()..]);
    match rest.starts_with(|c: char| c.is_ascii_digit()) {
        true => name,
        false => rest.trim_start_matches(|c: char| c.is_whitespace() || "-.:_".contains(c)),
    }
}

/// A stem as the original has it, final dots included: they are harmless before an extension.
fn safe_stem(stem: &str) -> String {
    let file = safe_component(&format!("{}.strm", truncate(stem, MAX_STEM)), MAX_COMPONENT);
    file.strip_suffix(".strm").unwrap_or(&file).to_owned()
}

/// `S01E02`, or `S01E02-E03`; unknown numbers count as 0, as in the original.
pub fn episode_mark(episode: &Episode) -> String {
    let (season, number) = (episode.season.unwrap_or(0).max(0), episode.number.unwrap_or(0).max(0));
    match episode.last_number.filter(|last| *last > number) {
        Some(last) => format!("S{season:02}E{number:02}-E{last:02}"),
        None => format!("S{season:02}E{number:02}"),
    }
}

/// The stem of a further version: `stem - label`, in which the label is what may not be cut.
pub fn version_stem(stem: &str, copy: &Copy) -> String {
    let label = safe_component(&classic_text(&copy.account.name), MAX_LABEL);
    let label = if label.is_empty() { copy_label(copy) } else { label };
    joined(stem, " - ", &label, "")
}

/// The stem, then with something that tells it apart (`stem [what]`), then with a number besides: one
/// of them is free.
pub fn stem_candidates(stem: &str, what: &str) -> impl Iterator<Item = String> {
    let distinct = joined(stem, " [", what, "]");
    let numbered = (2_u64..).map({
        let (stem, what) = (stem.to_owned(), what.to_owned());
        move |n| joined(&stem, " [", &what, &format!("] {n}"))
    });
    [stem.to_owned(), distinct].into_iter().chain(numbered)
}

fn joined(stem: &str, before: &str, what: &str, after: &str) -> String {
    let tail = format!("{before}{what}{after}");
    fit(stem, &tail, MAX_STEM)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;
    use crate::media::{Account, Details, SourceKey};

    fn title(kind: Kind, name: &str, year: Option<i32>) -> Title {
        let account = Account { id: 3, name: "Süd / EU".into(), priority: 0, login: None };
        let copy = Copy {
            account: Arc::new(account),
            stream_id: "a/7".into(),
            category: None,
            container: None,
            url: None,
        };
        Title {
            kind,
            key: SourceKey(1),
            uuid: None,
            details: Details {
                name: name.into(),
                year,
                tmdb: Some("603".into()),
                ..Details::default()
            },
            copies: vec![copy],
            episodes: Vec::new(),
        }
    }

    fn folder(layout: Layout, kind: Kind, name: &str, year: Option<i32>) -> String {
        folder_candidates(layout, &title(kind, name, year)).remove(0)
    }

    #[test]
    fn standard_folders() {
        for (name, year, expected) in [
            ("The Matrix (1999)", Some(1999), "The Matrix (1999)"),
            ("The Matrix", Some(1999), "The Matrix (1999)"),
            ("The Matrix (1999)", None, "The Matrix (1999)"),
            ("2012 (2009)", Some(2009), "2012 (2009)"),
            ("Doctor Who (2005)", Some(2023), "Doctor Who (2005) (2023)"),
            ("AC/DC: Live?", Some(1980), "AC-DC - Live (1980)"),
            ("", Some(1980), "Unknown Movie (1980)"),
            ("..", None, "Unknown Movie"),
            ("(1984)", None, "Unknown Movie (1984)"),
            ("Far Future", Some(99_999), "Far Future"),
            ("CON", None, "CON_"),
            ("CON", Some(2001), "CON (2001)"),
            ("-rf", Some(2020), "rf (2020)"),
        ] {
            assert_eq!(folder(Layout::Standard, Kind::Movie, name, year), expected, "{name:?}");
        }
    }

    #[test]
    fn classic_folders() {
        for (kind, name, year, expected) in [
            (Kind::Movie, "Double (2001) (2001)", Some(2001), "Double (2001) (2001)"),
            (Kind::Movie, "1917 (2019)", None, "1917"),
            (Kind::Movie, "Far Future", Some(99_999), "Far Future (99999)"),
            (Kind::Movie, "Arabic digits (٢٠٢٠)", Some(2020), "Arabic digits (2020)"),
            (Kind::Movie, "A < B > \"C\"", None, "A ( B ) 'C'"),
            (Kind::Movie, "", Some(2011), "Unknown Movie (2011)"),
            (Kind::Movie, " ", Some(2012), "(2012)"),
            (Kind::Series, "", Some(2011), "(2011)"),
            (Kind::Series, "", None, "Unknown Series"),
            (Kind::Movie, "(1984)", None, "Unknown"),
            (Kind::Series, "Doctor Who (2005)", Some(2005), "Doctor Who (2005)"),
            (Kind::Series, "Doctor Who (2005)", None, "Doctor Who (2005)"),
            (Kind::Series, "Doctor Who (2005)", Some(2023), "Doctor Who (2005) (2023)"),
        ] {
            assert_eq!(folder(Layout::Classic, kind, name, year), expected, "{name:?}");
        }
    }

    #[test]
    fn later_candidates_carry_an_id() {
        assert_eq!(
            folder_candidates(Layout::Standard, &title(Kind::Movie, "The Matrix", Some(1999))),
            ["The Matrix (1999)", "The Matrix (1999) [tmdbid-603]", "The Matrix (1999) [3-a-7]"]
        );
    }

    #[test]
    fn episodes_are_named_after_show_and_number() {
        let show = title(Kind::Series, "Show: One", Some(2001));
        let mut episode = Episode {
            season: Some(1),
            number: Some(2),
            name: "Pilot".into(),
            ..Episode::default()
        };
        assert_eq!(
            episode_stem(Layout::Standard, &show, &episode),
            "Show - One (2001) - S01E02 - Pilot"
        );
        assert_eq!(episode_stem(Layout::Classic, &show, &episode), "S01E02 - Pilot");
        for (name, expected) in [
            ("Show: One (2001) - S01E02 - Pilot", "Show - One (2001) - S01E02 - Pilot"),
            ("show s01e02", "Show - One (2001) - S01E02"),
            ("S01E023 is longer", "Show - One (2001) - S01E02 - S01E023 is longer"),
        ] {
            episode.name = name.into();
            assert_eq!(episode_stem(Layout::Standard, &show, &episode), expected);
        }
        episode.name = String::new();
        episode.last_number = Some(3);
        assert_eq!(
            episode_stem(Layout::Standard, &show, &episode),
            "Show - One (2001) - S01E02-E03"
        );
        assert_eq!(episode_stem(Layout::Classic, &show, &episode), "S01E02-E03 - Episode");
        assert_eq!(season_folder(Layout::Standard, 0), "Season 00");
        assert_eq!(season_folder(Layout::Classic, 0), "Season 00 (Specials)");
    }

    #[test]
    fn versions_repeat_the_whole_folder_name() {
        let film = title(Kind::Movie, &"漢".repeat(255), Some(1999));
        let folder = folder_candidates(Layout::Standard, &film).remove(0);
        let stem = version_stem(&folder, &film.copies[0]);
        assert!(stem.starts_with(&folder) && stem.ends_with(" - Süd - EU"), "{stem}");
    }

    proptest! {
        #[test]
        fn names_keep_their_year_and_number_however_long(name in ".{0,300}", episode in ".{0,300}") {
            for layout in Layout::ALL {
                let show = title(Kind::Series, &name, Some(1999));
                for candidate in folder_candidates(layout, &show) {
                    prop_assert!(candidate.len() <= MAX_STEM && !candidate.is_empty());
                    prop_assert!(candidate.contains("(1999)"), "{}", candidate);
                }
                let episode = Episode { season: Some(1), number: Some(2), name: episode.clone(), ..Episode::default() };
                let stem = episode_stem(layout, &show, &episode);
                prop_assert!(stem.len() <= MAX_STEM && stem.contains("S01E02"), "{}", stem);
            }
        }
    }
}
