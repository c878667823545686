//! What media servers read out of a file's name, besides what it is: years, parts, 3D, ids. The patterns are the servers'
//! own. By what they join shows, which stands in NFOs.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::sync::LazyLock;

use fancy_regex::Regex;

/// Jellyfin's `NamingOptions.CleanDateTimes`. Files of one folder are versions of one movie where their years are equal
/// (`VideoListResolver`).
const YEARS: [&str; 2] = [
    r"(.+[^_\,\.\(\)\[\]\-])[_\.\(\)\[\]\-](19[0-9]{2}|20[0-9]{2})(?![0-9]+|\W[0-9]{2}\W[0-9]{2})([ _\,\.\(\)\[\]\-][^0-9]|).*(19[0-9]{2}|20[0-9]{2})*",
    r"(.+[^_\,\.\(\)\[\]\-])[ _\.\(\)\[\]\-]+(19[0-9]{2}|20[0-9]{2})(?![0-9]+|\W[0-9]{2}\W[0-9]{2})([ _\,\.\(\)\[\]\-][^0-9]|).*(19[0-9]{2}|20[0-9]{2})*",
];

/// Kodi's `m_videoCleanDateTimeRegExp`.
const KODIS_YEAR: &str = r"(.*[^ _\,\.\(\)\[\]\-])[ _\.\(\)\[\]\-]+(19[0-9][0-9]|20[0-9][0-9])([ _\,\.\(\)\[\]\-]|[^0-9]$)?";

/// Jellyfin's `NamingOptions.VideoFileStackingRules`: files with equal names before the part are one item, of movies and of
/// episodes.
const PARTS: [&str; 2] = [
    r"^(?<filename>.*?)(?:(?<=[\]\)\}])|[ _.-]+)[\(\[]?(?<parttype>cd|dvd|part|pt|dis[ck])[ _.-]*(?<number>[0-9]+)[\)\]]?(?:\.[^.]+)?$",
    r"^(?<filename>.*?)(?:(?<=[\]\)\}])|[ _.-]+)[\(\[]?(?<parttype>cd|dvd|part|pt|dis[ck])[ _.-]*(?<number>[a-d])[\)\]]?(?:\.[^.]+)?$",
];

/// Kodi's `m_videoStackRegExps`, by which the files of a movie's folder are its parts (`CFileItemList::StackFiles`). Emby
/// has the same.
const STACKS: [&str; 3] = [
    r"(.*?)([ _.-]*(?:cd|dvd|p(?:(?:ar)?t)|dis[ck])[ _.-]*[0-9]+)(.*?)(\.[^.]+)$",
    r"(.*?)([ _.-]*(?:cd|dvd|p(?:(?:ar)?t)|dis[ck])[ _.-]*[a-d])(.*?)(\.[^.]+)$",
    r"(.*?)([ ._-]*[a-d])(.*?)(\.[^.]+)$",
];

/// Jellyfin's `NamingOptions.Format3DRules`, words between the marks of `Format3DParser`; Kodi's `m_stereoscopicregex_…`.
const STEREO: [&str; 9] = ["3d", "fsbs", "hsbs", "sbs", "ftab", "htab", "tab", "sbs3d", "mvc"];

/// Ids: Kodi's `m_videoFilenameIdentifierRegExp` (Plex's `{edition-…}` is one for it), and the numbers of IMDb that
/// Jellyfin finds anywhere in a path.
const IDS: [&str; 2] = [r"[\{\[](\w+?)(?:id)?[-=](\w+)[\}|\]]", r"tt[0-9]{7}"];

/// The endings of trailers and samples in Jellyfin 10.10, for which a blank is enough.
const SPACED_EXTRA: &str = r" (trailer|sample)[0-9]*$";

fn any_case(pattern: &str) -> Regex {
    Regex::new(&format!("(?i){pattern}")).expect("a pattern of a server")
}

fn matches(pattern: &Regex, name: &str) -> bool {
    pattern.is_match(name).expect("a name is short")
}

/// The year that Jellyfin reads out of a file's name without its ending.
pub fn year_of(stem: &str) -> Option<u16> {
    static ALL: LazyLock<[Regex; 2]> = LazyLock::new(|| YEARS.map(any_case));
    let year = |pattern: &Regex| pattern.captures(stem).ok()??.get(2)?.as_str().parse().ok();
    ALL.iter().find_map(year)
}

/// What a server reads out of the label behind a stem; `None` where a label is nothing but a label.
pub fn reading_of_label(stem: &str, label: &str) -> Option<&'static str> {
    static PART: LazyLock<[Regex; 2]> = LazyLock::new(|| PARTS.map(any_case));
    static KODI: LazyLock<Regex> = LazyLock::new(|| any_case(KODIS_YEAR));
    static ID: LazyLock<[Regex; 2]> = LazyLock::new(|| IDS.map(any_case));
    static EXTRA: LazyLock<Regex> = LazyLock::new(|| any_case(SPACED_EXTRA));
    let whole = format!("{stem} - {label}");
    let is_stereo = |word: &str| STEREO.iter().any(|it| it.eq_ignore_ascii_case(word));
    let readings = [
        (year_of(&whole) != year_of(stem), "a year"),
        (matches(&KODI, &format!("x - {label}")), "a year for Kodi"),
        (PART.iter().any(|it| matches(it, &whole)), "a part"),
        (label.split([' ', '(', ')', '-', '.', '_', '[', ']']).any(is_stereo), "3D"),
        (ID.iter().any(|it| matches(it, label)), "an id"),
        (matches(&EXTRA, &whole), "an extra"),
    ];
    readings.iter().find(|(is_so, _)| *is_so).map(|(_, what)| *what)
}

/// Whether Kodi takes two files of one folder for parts of one film.
pub fn are_parts(one: &str, other: &str) -> bool {
    static ALL: LazyLock<[Regex; 3]> = LazyLock::new(|| STACKS.map(any_case));
    let (one, other) = (one.to_lowercase(), other.to_lowercase());
    ALL.iter().any(|pattern| are_parts_by(pattern, &one, &other))
}

/// The same by one pattern, as in `StackFiles`: where both have the same there, it looks behind that.
fn are_parts_by(pattern: &Regex, one: &str, other: &str) -> bool {
    let found = |name: &str, from: usize| {
        let groups = pattern.captures_from_pos(name, from).ok()??;
        let (volume, rest) = (groups.get(2)?.range(), groups.get(3)?.range());
        let text = |range: Range<usize>| name[range].to_owned();
        Some((text(0..volume.start), text(volume), rest.start, text(rest)))
    };
    let mut from = 0;
    while let (Some(one), Some(other)) = (found(one, from), found(other, from)) {
        let (is_title, is_volume, is_rest) = (one.0 == other.0, one.1 == other.1, one.3 == other.3);
        if !is_title || is_volume == is_rest {
            return false;
        }
        if is_rest {
            return true;
        }
        from = one.2;
    }
    false
}

/// By what Kodi joins shows: title and premiere (`CVideoDatabase::GetDuplicateShows`).
pub fn kodis_show(nfo: &str) -> (String, String) {
    (element(nfo, "title"), element(nfo, "premiered"))
}

/// By what Jellyfin 12 joins series that have no TVDB and no IMDb id: the title in small letters
/// (`Series.CreatePresentationUniqueKey`).
pub fn jellyfins_show(nfo: &str) -> String {
    element(nfo, "title").to_lowercase()
}

/// The text of an element of an NFO, as it stands there; nothing where there is none.
fn element(nfo: &str, name: &str) -> String {
    let (begin, end) = (format!("<{name}>"), format!("</{name}>"));
    let text = nfo.split_once(&begin).and_then(|(_, rest)| rest.split_once(&end));
    text.map(|(text, _)| text.to_owned()).unwrap_or_default()
}

/// The series of which a server would make one show, by the paths of their NFOs. One without a title is called by its
/// folder.
pub fn joined_shows(tree: &BTreeMap<String, Vec<u8>>) -> Vec<(&str, &str)> {
    let (mut of_kodi, mut of_jellyfin, mut joined) = (HashMap::new(), HashMap::new(), Vec::new());
    for (path, nfo) in tree.iter().filter(|(path, _)| path.ends_with("/tvshow.nfo")) {
        let nfo = String::from_utf8_lossy(nfo);
        if jellyfins_show(&nfo).is_empty() {
            continue;
        }
        let others = [
            of_kodi.insert(kodis_show(&nfo), path.as_str()),
            of_jellyfin.insert(jellyfins_show(&nfo), path.as_str()),
        ];
        joined.extend(others.into_iter().flatten().map(|other| (other, path.as_str())));
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_read_these_labels_as_something_else() {
        for (label, reading) in [
            ("Prov-2020", Some("a year")),
            ("Prov (2020)", Some("a year")),
            ("Prov 2020", Some("a year for Kodi")),
            ("1999", Some("a year for Kodi")),
            ("20201", Some("a year for Kodi")),
            ("IPTV2020", None),
            ("List cd2", Some("a part")),
            ("Part 1", Some("a part")),
            ("DVD-B", Some("a part")),
            ("1080p PT 2", Some("a part")),
            ("1080p PT (2)", None),
            ("Part of it", None),
            ("half.SBS", Some("3D")),
            ("Tables", None),
            ("{edition-Cut}", Some("an id")),
            ("xtt1234567", Some("an id")),
            ("My Trailer2", Some("an extra")),
            ("Retrailer", None),
            ("2160p HDR FR", None),
        ] {
            assert_eq!(reading_of_label("Heat (1995)", label), reading, "{label}");
        }
        for (one, other, expected) in [
            ("Heat - List A", "Heat - List B", true),
            ("Heat - BS", "Heat - CS", true),
            ("Heat - BS x", "Heat - CS y", false),
            ("Heat - DE", "Heat - EN", false),
            ("Heat - disc1 x", "Heat - disc2 x", true),
            ("Heat", "Heat - D", false),
        ] {
            let file = |name: &str| format!("{name}.strm");
            assert_eq!(are_parts(&file(one), &file(other)), expected, "{one}, {other}");
        }
    }

    #[test]
    fn servers_make_one_show_of_these() {
        let nfo = |title: &str, premiered: &str| {
            format!("<tvshow><title>{title}</title><premiered>{premiered}</premiered></tvshow>")
        };
        for (one, other, joined) in [
            (nfo("Dark", "2017-12-01"), nfo("Dark", "2017-12-01"), 2),
            (nfo("Dark", "2017-12-01"), nfo("DARK", ""), 1),
            (nfo("Dark", ""), nfo("Dark (2020)", ""), 0),
            (nfo("", ""), nfo("", ""), 0),
        ] {
            let path = |folder: &str| format!("TV/{folder}/tvshow.nfo");
            let tree = [(path("a"), one.into_bytes()), (path("b"), other.into_bytes())];
            assert_eq!(joined_shows(&BTreeMap::from(tree)).len(), joined);
        }
    }
}
