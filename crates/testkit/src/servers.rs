//! What media servers make of a library, restated from their sources as small rules. Every tree of the tests can be
//! held against these rules. They are not the code that avoids the traps turned around, but what the servers' own
//! patterns say.
//!
//! Sources: Jellyfin `Emby.Naming` (`NamingOptions.cs`, `VideoListResolver.cs`, `SeasonPathParser.cs`,
//! `ExtraRuleResolver.cs`), `MovieResolver.cs`, `IgnorePatterns.cs`, of 10.10 to 12.0; Kodi
//! `AdvancedSettings.cpp` of 20.

use std::collections::{BTreeMap, BTreeSet};

use crate::readings::{are_parts, reading_of_label};

/// Endings of base names that Jellyfin takes for extras, in its order.
const EXTRA_ENDINGS: [&str; 24] = [
    "-trailer",
    ".trailer",
    "_trailer",
    "- trailer",
    "-sample",
    ".sample",
    "_sample",
    "- sample",
    "-scene",
    "-clip",
    "-interview",
    "-behindthescenes",
    "-deleted",
    "-deletedscene",
    "-featurette",
    "-short",
    "-extra",
    "-other",
    "- other",
    "- scene",
    "- clip",
    "- short",
    "- extra",
    "- interview",
];

/// Folders, by their whole name, whose videos are extras in Jellyfin.
const EXTRA_FOLDERS: [&str; 17] = [
    "trailers",
    "theme-music",
    "backdrops",
    "extras",
    "extra",
    "other",
    "shorts",
    "clips",
    "scenes",
    "samples",
    "sample",
    "featurettes",
    "behind the scenes",
    "deleted scenes",
    "interviews",
    "specials",
    "trailer",
];

/// Components that Jellyfin or Kodi does not look into.
const IGNORED: [&str; 11] = [
    "metadata",
    "subs",
    "extrafanart",
    "extrathumbs",
    "lost+found",
    "@eadir",
    "#recycle",
    "proof",
    "ps3 update",
    "ps3 vprm",
    "bdmv",
];

/// A library as paths below its root, `Movies/…` and `TV/…`.
#[derive(Debug)]
pub struct LibraryPaths<'a> {
    strms: Vec<&'a str>,
    nfos: BTreeSet<&'a str>,
}

impl<'a> LibraryPaths<'a> {
    /// The library of these files.
    pub fn of(paths: impl Iterator<Item = &'a String> + Clone) -> LibraryPaths<'a> {
        let strms = paths.clone().filter(|path| path.ends_with(".strm"));
        let nfos = paths.filter(|path| path.ends_with(".nfo"));
        LibraryPaths {
            strms: strms.map(String::as_str).collect(),
            nfos: nfos.map(String::as_str).collect(),
        }
    }

    /// Every file is found, and taken for what it is.
    pub fn assert_understood(&self) {
        for path in &self.strms {
            let below = path.split_once('/').expect("it is below a root").1;
            for part in below.split('/') {
                let lower = part.to_lowercase();
                assert!(!IGNORED.contains(&lower.as_str()), "ignored: {path}");
                assert!(!part.starts_with('.'), "hidden: {path}");
                for ending in [".trickplay", ".sync", ".bts"] {
                    assert!(!lower.ends_with(ending), "ignored: {path}");
                }
            }
            let dirs = below.rsplit_once('/').expect("no file lies in a root").0;
            for dir in dirs.split('/') {
                let lower = dir.to_lowercase();
                // A season's folder may be called so in a layout; a title's may not.
                assert!(!EXTRA_FOLDERS.contains(&lower.as_str()), "extras: {path}");
            }
            let name = file_name(path);
            assert!(!has_word(name, "sample"), "skipped as a sample: {path}");
            let ending = name.to_lowercase();
            let ending = ending.trim_end_matches(|c: char| c.is_ascii_digit()).trim_end();
            let extra = EXTRA_ENDINGS.iter().find(|it| ending.ends_with(*it));
            assert!(extra.is_none(), "an extra: {path}");
            assert!(!is_movie(path) || !path.to_lowercase().contains("-trailer"), "Kodi: {path}");
        }
    }

    /// Jellyfin's versions. All videos of a movie's folder begin with the folder's name, followed by nothing, a dash
    /// or square brackets. Otherwise each becomes a movie of its own.
    pub fn assert_versions_are_grouped(&self) {
        for path in self.strms.iter().filter(|path| is_movie(path)) {
            let (dir, name) = path.rsplit_once('/').expect("no file lies in a root");
            let folder = dir.rsplit('/').next().unwrap_or(dir);
            let stem = name.strip_suffix(".strm").expect("a .strm");
            let rest = stem.to_lowercase().strip_prefix(&folder.to_lowercase()).map(str::to_owned);
            let rest = rest.unwrap_or_else(|| panic!("not named after its folder: {path}"));
            let rest = rest.trim();
            assert!(
                rest.is_empty() || rest.starts_with('-') || rest.starts_with('['),
                "no version of {folder}: {path}"
            );
        }
    }

    /// Nothing of a label is read as something else. A label is what a file's name has more than that of another file of its
    /// folder.
    pub fn assert_labels_are_labels(&self) {
        let mut folders: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for path in &self.strms {
            let (dir, file) = path.rsplit_once('/').expect("no file lies in a root");
            folders.entry(dir).or_default().push(file);
        }
        for (dir, files) in folders {
            for (one, other) in files.iter().flat_map(|one| files.iter().map(move |it| (one, it))) {
                let behind = file_name(other).strip_prefix(file_name(one));
                let label = behind.and_then(|rest| rest.strip_prefix(" - "));
                let reading = label.and_then(|label| reading_of_label(file_name(one), label));
                assert!(reading.is_none(), "{reading:?} in {other} of {dir}");
                let are_parts = is_movie(dir) && one < other && are_parts(one, other);
                assert!(!are_parts, "one film for Kodi: {one} and {other} of {dir}");
            }
        }
    }

    /// Every episode is in a season's folder that Jellyfin knows as one, and has one number, the same
    /// for Jellyfin and Kodi.
    pub fn assert_episodes_are_numbered(&self) {
        for path in self.strms.iter().filter(|path| !is_movie(path)) {
            let parts: Vec<&str> = path.split('/').collect();
            let season = parts[parts.len() - 2];
            let show = parts[parts.len() - 3];
            let number = season_number(season);
            let number = number.unwrap_or_else(|| panic!("no season for Jellyfin: {path}"));
            assert!(season_number(show).is_none(), "the show is a season: {path}");
            let name = file_name(path);
            let marks = marks(name);
            assert_eq!(marks.len(), 1, "episodes for Kodi: {marks:?} in {path}");
            assert_eq!(marks[0].0, number, "season and folder: {path}");
            let rest = &name[marks[0].2..];
            let rest = rest.strip_prefix(" - ").or_else(|| rest.strip_prefix('-')).unwrap_or(rest);
            let mut letters = rest.chars();
            let is_range = matches!(letters.next(), Some('x' | 'X' | 'e' | 'E'))
                && letters.next().is_some_and(|c| c.is_ascii_digit());
            // `S01E02-E03` is a range, and meant as one.
            let is_meant = name[marks[0].2..].starts_with("-E");
            assert!(!is_range || is_meant, "a range for Jellyfin: {path}");
        }
    }

    /// Every `.strm` has the NFO that servers pair with it, by its whole stem.
    pub fn assert_nfos_are_paired(&self) {
        for path in &self.strms {
            let nfo = format!("{}.nfo", path.strip_suffix(".strm").unwrap_or(path));
            assert!(self.nfos.contains(nfo.as_str()), "without an NFO: {path}");
        }
        let mut shows = BTreeMap::new();
        for path in self.strms.iter().filter(|path| !is_movie(path)) {
            let show = path.rsplitn(3, '/').nth(2).expect("a show's folder");
            shows.insert(show, format!("{show}/tvshow.nfo"));
        }
        for nfo in shows.values() {
            assert!(self.nfos.contains(nfo.as_str()), "without {nfo}");
        }
    }
}

fn is_movie(path: &str) -> bool {
    path.starts_with("Movies/")
}

fn file_name(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.strip_suffix(".strm").unwrap_or(name)
}

/// `\bword\b`, without regard to case.
fn has_word(text: &str, word: &str) -> bool {
    let text = text.to_lowercase();
    // .NET's `\w` has letters, digits, marks and connectors.
    let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == 'ʼ';
    text.match_indices(word).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + word.len()..].chars().next();
        !before.is_some_and(is_word) && !after.is_some_and(is_word)
    })
}

/// Jellyfin's season of a folder: `Season 1`, `S1`, `Staffel 1`, a bare number.
fn season_number(folder: &str) -> Option<i32> {
    let lower = folder.to_lowercase();
    let words = ["season", "series", "staffel", "saison", "temporada", "s", ""];
    words.iter().find_map(|word| {
        let digits = lower.strip_prefix(word)?.trim_start_matches([' ', '.', '_', '-']);
        let is_number =
            (1..=4).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        is_number.then(|| digits.parse().ok()).flatten()
    })
}

/// Kodi's episodes of a name: `s([0-9]+)[ ._x-]*e([0-9]+)` and `([0-9]+)x([0-9]+)`: season, episode,
/// and where the mark ends.
fn marks(name: &str) -> Vec<(i32, i32, usize)> {
    let bytes = name.as_bytes();
    let number = |mut at: usize| {
        let start = at;
        while bytes.get(at).is_some_and(u8::is_ascii_digit) {
            at += 1;
        }
        name.get(start..at)?.parse::<i32>().ok().map(|number| (number, at))
    };
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let mark = match bytes[at] {
            b's' | b'S' => number(at + 1).and_then(|(season, mut end)| {
                while bytes.get(end).is_some_and(|c| b" ._x-".contains(c)) {
                    end += 1;
                }
                let is_e = bytes.get(end).is_some_and(|c| b"eE".contains(c));
                let (episode, end) = number(end + 1)?;
                is_e.then_some((season, episode, end))
            }),
            b'0'..=b'9' if at == 0 || b"\\/._ [(-".contains(&bytes[at - 1]) => {
                number(at).and_then(|(season, end)| {
                    let is_x = bytes.get(end) == Some(&b'x');
                    let (episode, end) = number(end + 1)?;
                    is_x.then_some((season, episode, end))
                })
            }
            _ => None,
        };
        at = mark.map_or(at + 1, |(.., end)| end);
        found.extend(mark);
    }
    found
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::sync::Arc;

    use proptest::prelude::*;
    use vod2strm_core::layout::Layout;
    use vod2strm_core::model::measured::Hdr;
    use vod2strm_core::model::media::{
        Account, Details, Episode, Kind, SourceKey, Stream, Title, Traits,
    };
    use vod2strm_core::policy::{NfoDetail, Policy, Versions};
    use vod2strm_core::render::{GivenNames, NameRule, render};

    use super::*;

    /// Words of accounts and categories: traps, and what they are made of.
    fn words() -> impl Strategy<Value = String> {
        let traps = proptest::sample::select(
            &[
                "part",
                "Part",
                "CD",
                "dvd",
                "pt",
                "disk",
                "1",
                "2",
                "a",
                "B",
                "D",
                "2020",
                "1999",
                "(2021)",
                "[tmdbid-5]",
                "{imdb-tt0133093}",
                "tt01330931",
                "SBS",
                "3D",
                "tab",
                "mvc",
                "sample",
                "Trailer",
                "-trailer",
                "extra",
                "-behindthescenes",
                "other",
                "S01E02",
                "4x04",
                "X2",
                "E5",
                "IPTV",
                "Süd",
                "漢字",
                "é",
                ".",
                "-",
                "_",
                "|",
                ":",
                "/",
                "·",
            ][..],
        );
        let gaps = proptest::sample::select(&["", " ", " ", "-", ".", "_", " - "][..]);
        let word = prop_oneof![4 => traps.prop_map(str::to_owned), 1 => ".{0,8}"];
        proptest::collection::vec((word, gaps), 0..7)
            .prop_map(|words| words.into_iter().map(|(word, gap)| word + gap).collect())
    }

    fn traits() -> impl Strategy<Value = Traits> {
        let languages = proptest::sample::subsequence(vec!["en", "pt", "bs", "cs"], 0..3);
        let quality = proptest::option::of(proptest::sample::select(&[480, 576, 1080, 2160][..]));
        let hdr = proptest::option::of(proptest::sample::select(&Hdr::ALL[..]));
        (languages, quality, hdr).prop_map(|(languages, quality, hdr)| {
            let languages = languages.into_iter().map(str::to_owned).collect();
            Traits { languages, quality, hdr }
        })
    }

    fn streams() -> impl Strategy<Value = Vec<Stream>> {
        let stream = (words(), proptest::option::of(words()), traits());
        proptest::collection::vec(stream, 2..6).prop_map(|streams| {
            let stream =
                |(id, (name, category, traits)): (i64, (String, Option<String>, Traits))| {
                    let account = Account { id, name, priority: 0, login: None };
                    let url = Some(format!("http://h/{id}"));
                    let category_name = category.map(Arc::from);
                    let plain = Stream::new(Arc::new(account), id.to_string());
                    Stream { url, category_name, traits, ..plain }
                };
            (0..).zip(streams).map(stream).collect()
        })
    }

    fn title(kind: Kind, name: &str, streams: &[Stream]) -> Title {
        let details = Details { name: name.to_owned(), ..Details::default() };
        let (season, number, streams) = (Some(1), Some(2), streams.to_vec());
        let episode = Episode { season, number, streams: streams.clone(), ..Episode::default() };
        let episodes = if kind == Kind::Series { vec![episode] } else { Vec::new() };
        Title { kind, key: SourceKey(1), uuid: None, details, streams, episodes }
    }

    proptest! {
        #[test]
        fn no_server_reads_a_label_as_something_else(streams in streams()) {
            let layouts = Layout::all().iter().filter(|layout| !layout.is_classic());
            for layout in layouts.flat_map(|layout| [layout.clone(), layout.clone().on(143)]) {
                for (kind, name) in [
                    (Kind::Movie, "Heat (1995)"),
                    (Kind::Movie, "Film"),
                    (Kind::Series, "Show"),
                ] {
                    let policy = Policy::new(layout.clone(), "http://h".parse().unwrap());
                    let (versions, nfo) = (Versions::All.into(), NfoDetail::Off);
                    let policy = Policy { versions, nfo, ..policy };
                    let title = title(kind, name, &streams);
                    let made = render(&policy, &title, &GivenNames::of(name), &Default::default(), NameRule::Keep);
                    let root = if kind == Kind::Movie { "Movies" } else { "TV" };
                    let path = |path: &str| format!("{root}/{name}/{path}");
                    let paths: Vec<_> = made.files.iter().map(|file| path(&file.path)).collect();
                    let different: BTreeSet<_> = paths.iter().map(|it| it.to_lowercase()).collect();
                    prop_assert_eq!(different.len(), streams.len(), "{:?}", paths);
                    let library = LibraryPaths::of(paths.iter());
                    library.assert_understood();
                    library.assert_versions_are_grouped();
                    library.assert_labels_are_labels();
                    library.assert_episodes_are_numbered();
                }
            }
        }
    }
}
