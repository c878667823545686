//! An episode's name, taken apart: series, year, numbers, and the episode's own title.

use vod2strm_core::date::Day;
use vod2strm_core::names::before_mark;
use vod2strm_core::names::episode_marks::{self, EpisodeMark, MarkStrength};
use vod2strm_core::names::separators::{is_separator, trim_before_mark, trim_separators};
use vod2strm_core::names::words::{SERIES_GROUPS, SPECIAL, VAGUE_SEASONS, has_word};
use vod2strm_core::names::years::Years;

use super::classify::ClassifiedEntry;
use super::entry::PlaylistEntry;
use super::text::fold;

/// What an episode's name says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct EpisodeName {
    /// The series' name, without its year.
    pub(super) series: String,
    /// The series' year.
    pub(super) year: Option<i32>,
    /// A year behind the mark: the series' year if all episodes have the same, and no reason to part them.
    pub(super) shown_year: Option<String>,
    /// The season; 1 where nothing says another.
    pub(super) season: i32,
    /// The episode's number.
    pub(super) number: Option<i32>,
    /// The last number of a range.
    pub(super) last: Option<i32>,
    /// Air date, `YYYY-MM-DD`.
    pub(super) aired: Option<Day>,
    /// The episode's own title; empty when the name has none.
    pub(super) title: String,
}

/// Takes the name of an episode apart. Attributes win over what the name says.
pub(super) fn episode_name(
    entry: &PlaylistEntry,
    classified: &ClassifiedEntry,
    years: &Years,
) -> EpisodeName {
    let tags = &entry.tags;
    let mark = classified.mark.as_ref();
    let name = entry.without_tail(&classified.name);
    let name = if mark.is_some_and(|mark| mark.end > name.len()) {
        classified.name.as_str()
    } else {
        name
    };
    let (series, title, mark) = parts(name, mark);
    let own_words = !fold(&series).is_empty();
    let series = if own_words { series } else { fallback(entry) };
    let known = tags.year.as_deref().and_then(|year| years.read(year));
    let (mut series, year) = years.take(&series, known);
    let mut season = mark.as_ref().and_then(|mark| mark.season);
    // `VIKINGOS T5 CAPITULO 2`, `Show Season 05 (2013) S05 E09`
    if let Some((at, number)) = episode_marks::trailing_season(&series)
        && season.is_none_or(|season| season == number)
    {
        season = Some(number);
        series = trim_series(&series[..at]).to_owned();
    }
    // `Show - Bölüm 2 (Özel)` is another one than the second episode.
    if season.is_none() && is_special(title) {
        season = Some(0);
    }
    let mut aired = mark.as_ref().and_then(|mark| mark.aired);
    let mut title = cleaned_title(title, &series);
    let shown_year = whole_year(&title, years).map(str::to_owned);
    if shown_year.is_some() {
        title.clear();
    }
    if let Some(date) = episode_marks::whole_date(&title) {
        aired = aired.or(Some(date));
        title.clear();
    }
    if title.is_empty() && tags.title != classified.name && own_words {
        // The mark stood in `tvg-name`; the title proper may be the episode's.
        title = cleaned_title(&tags.title, &series);
    }
    // An attribute that contradicts a range knows only the range's beginning.
    let number = tags.episode.or(mark.as_ref().and_then(|mark| mark.number));
    let last = mark.and_then(|mark| mark.last).filter(|last| number.is_some_and(|one| one < *last));
    let of_group = || season_of_group(first_group(entry)).map(|(_, season)| season);
    let season = tags.season.or(season).or_else(of_group).unwrap_or(1);
    EpisodeName { series, year, shown_year, season, number, last, aired, title }
}

/// Series, episode title and mark of a name.
fn parts<'a>(name: &'a str, mark: Option<&EpisodeMark>) -> (String, &'a str, Option<EpisodeMark>) {
    match mark {
        Some(mark) => {
            let series = before_mark(name, mark).trim_start();
            (series.to_owned(), &name[mark.end..], Some(mark.clone()))
        }
        None => (name.to_owned(), "", None),
    }
}

/// What a series is called when nothing stands before the mark.
fn fallback(entry: &PlaylistEntry) -> String {
    let tags = &entry.tags;
    let other = match episode_marks::find(&tags.name, MarkStrength::Strong) {
        Some(mark) => trim_series(&tags.name[..mark.start]),
        None => tags.name.as_str(),
    };
    let candidates = [other, name_of_group(first_group(entry)), tags.title.as_str()];
    let usable = candidates.into_iter().find(|name| !fold(name).is_empty());
    usable.map_or_else(|| entry.name(), str::to_owned)
}

/// The first of an entry's groups.
fn first_group(entry: &PlaylistEntry) -> &str {
    entry.tags.group.split(';').next().unwrap_or_default().trim()
}

/// The season that a group's name ends in, and where. `SERIES 4` is the fourth of many groups, and no season.
fn season_of_group(group: &str) -> Option<(usize, i32)> {
    let whole = || episode_marks::whole_season(group).map(|season| (0, season));
    let found = episode_marks::trailing_season(group).or_else(whole);
    found.filter(|(at, _)| !has_word(&group[*at..], VAGUE_SEASONS))
}

/// The series that a group is named by, without its season and the word for series: `SERIE EL CHAPO`, `Dark S02`.
fn name_of_group(group: &str) -> &str {
    let group = match season_of_group(group) {
        Some((0, _)) => return "",
        Some((at, _)) => trim_series(&group[..at]),
        None if episode_marks::whole_season(group).is_some() => return group,
        None => group,
    };
    match group.split_once(|letter: char| !letter.is_alphanumeric()) {
        Some((word, rest)) if has_word(word, SERIES_GROUPS) => {
            let rest = rest.trim_start_matches(is_separator).trim_start();
            if fold(rest).is_empty() { group } else { rest }
        }
        _ => group,
    }
}

/// Whether a title is nothing but a bracket with the word for special.
fn is_special(title: &str) -> bool {
    let inner =
        title.trim().strip_prefix(['(', '[']).and_then(|text| text.strip_suffix([')', ']']));
    inner.is_some_and(|text| !text.contains(' ') && has_word(text, SPECIAL))
}

/// The year that a text is, when it is nothing but one in brackets.
fn whole_year<'a>(text: &'a str, years: &Years) -> Option<&'a str> {
    let inner = text.strip_prefix(['(', '['])?.strip_suffix([')', ']'])?;
    (inner.len() == 4 && years.read(inner).is_some()).then_some(inner)
}

/// A series' name without what stands between it and the mark.
fn trim_series(before: &str) -> &str {
    trim_before_mark(before).trim_start()
}

/// The episode's title: without separators, and empty when it only repeats what is known.
fn cleaned_title(after: &str, series: &str) -> String {
    let mut title = trim_title(after);
    // `X - S01E01 - X - S01E01 - Pilot`
    if let Some(mark) = episode_marks::find(title, MarkStrength::Strong)
        && (mark.start == 0 || fold(trim_series(&title[..mark.start])) == fold(series))
    {
        title = trim_title(&title[mark.end..]);
    }
    let repeats = fold(title) == fold(series);
    if repeats || episode_marks::is_bare_episode(title) { String::new() } else { title.to_owned() }
}

fn trim_title(text: &str) -> &str {
    let text = trim_separators(text.trim_start_matches(is_separator));
    // A bracket that stood around the mark and the title.
    match text.strip_suffix([')', ']']) {
        Some(inner) if !inner.contains(['(', '[']) => inner.trim_end(),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::super::address::StreamUrl;
    use super::super::classify::{Classification, Classifier};
    use super::super::entry::Tags;
    use super::super::extinf::ExtInf;
    use super::*;
    use vod2strm_core::select::classify::Classify;

    fn named(line: &str) -> EpisodeName {
        let tags = Tags::from_line(&ExtInf::parse(line));
        let address = StreamUrl::parse("http://h/series/1.mkv").unwrap();
        let entry = PlaylistEntry { tags, address };
        let years = Years::plausible_in(2026);
        match Classifier::new(years.clone(), Classify::default()).classify(&entry) {
            Classification::Decided(classified) => episode_name(&entry, &classified, &years),
            other => panic!("{line}: {other:?}"),
        }
    }

    #[test]
    fn series_and_titles() {
        for (name, series, year, season, number, title) in [
            ("Mad Men S01E01", "Mad Men", None, 1, Some(1), ""),
            ("X (2020) - S01E02 - Ryomen Sukuna", "X", Some(2020), 1, Some(2), "Ryomen Sukuna"),
            ("S.W.A.T. (2017) S02E10 Title", "S.W.A.T.", Some(2017), 2, Some(10), "Title"),
            ("S.W.A.T.S02E10", "S.W.A.T.", None, 2, Some(10), ""),
            ("Show.Name.S02E10.Title", "Show.Name", None, 2, Some(10), "Title"),
            ("Slow Horses (2022) (GB) - S01E01", "Slow Horses (GB)", Some(2022), 1, Some(1), ""),
            ("Zoey 101 S01E01", "Zoey 101", None, 1, Some(1), ""),
            ("24 S01E01", "24", None, 1, Some(1), ""),
            ("X - S01E01 - X - S01E01 - Pilot", "X", None, 1, Some(1), "Pilot"),
            ("X - S01E01 - X", "X", None, 1, Some(1), ""),
            ("X S01E04 - Episode 4", "X", None, 1, Some(4), ""),
            ("X [S01E04] (Pilot)", "X", None, 1, Some(4), "(Pilot)"),
            ("X (S01E04 Pilot)", "X", None, 1, Some(4), "Pilot"),
            (
                "Small - S01E01 - Monday, May 2, 2025",
                "Small",
                None,
                1,
                Some(1),
                "Monday, May 2, 2025",
            ),
            ("One Piece - 1071", "One Piece", None, 1, Some(1071), ""),
            ("Tatort Folge 1234", "Tatort", None, 1, Some(1234), ""),
            ("The Boys S05", "The Boys", None, 5, None, ""),
            // The season, or the series, is said twice.
            ("Show Season 05 (2013) S05 E09", "Show", Some(2013), 5, Some(9), ""),
            ("Show ซีซั่น 19 an S19 E87", "Show", None, 19, Some(87), ""),
            ("Show Season 4 S05 E09", "Show Season 4", None, 5, Some(9), ""),
            ("Show Season 5 UK S05E01", "Show Season 5 UK", None, 5, Some(1), ""),
            ("Sun | Tamil S01 Sun | Tamil - S01E02", "Sun | Tamil", None, 1, Some(2), ""),
            ("You Me Her - 4.S Dublaj - Bölüm 7", "You Me Her", None, 4, Some(7), ""),
            ("Gönül - Bölüm 2 (Özel)", "Gönül", None, 0, Some(2), "(Özel)"),
            ("Show S02E05 (Special)", "Show", None, 2, Some(5), "(Special)"),
            ("Just a Name", "Just a Name", None, 1, None, ""),
        ] {
            let found = named(&format!("-1,{name}"));
            let got = (&*found.series, found.year, found.season, found.number, &*found.title);
            assert_eq!(got, (series, year, season, number, title), "{name}");
        }
    }

    #[test]
    fn dates() {
        let found = named("-1,The Daily Show 2024.03.12 - Guest");
        assert_eq!((found.season, found.number), (2024, Some(312)));
        assert_eq!((&*found.title, found.aired), ("Guest", Day::new(2024, 3, 12)));
        let found = named("-1,Show S01E02 2024-03-12");
        assert_eq!((&*found.title, found.aired), ("", Day::new(2024, 3, 12)));
        assert_eq!((found.season, found.number, found.year), (1, Some(2), None));
    }

    #[test]
    fn other_sources_of_names_and_numbers() {
        let found = named("-1 tvg-name=\"Show S02E03\",Pilot");
        assert_eq!((&*found.series, &*found.title), ("Show", "Pilot"));
        let found = named("-1 tvg-season=\"4\" tvg-episode=\"5\",Show");
        assert_eq!((&*found.series, found.season, found.number), ("Show", 4, Some(5)));
        let found = named("-1 group-title=\"Show\",S02E03 - Pilot");
        assert_eq!((&*found.series, &*found.title), ("Show", "Pilot"));
        let found = named("-1 tvg-episode=\"5\",Show S01E04-E05");
        assert_eq!((found.number, found.last), (Some(5), None));
        assert_eq!(named("-1,S02E03").series, "S02E03");
        let found = named("-1 group-title=\"SERIE EL CHAPO\",S02E03 - Pilot");
        assert_eq!((&*found.series, &*found.title), ("EL CHAPO", "Pilot"));
        let found = named("-1 group-title=\"Dark S02;Drama\",EP3");
        assert_eq!((&*found.series, found.season, found.number), ("Dark", 2, Some(3)));
        let found = named("-1 group-title=\"Temporada 3\",Show Ep 3 (2020)");
        assert_eq!((&*found.series, found.shown_year.as_deref()), ("Show", Some("2020")));
        assert_eq!((found.year, found.season, &*found.title), (None, 3, ""));
        for group in ["SERIES 4", "Season 2", "Serie 3;Drama", "Neue Series 7"] {
            let found = named(&format!("-1 group-title=\"{group}\",Tatort Folge 12"));
            assert_eq!((found.season, found.number), (1, Some(12)), "{group}");
        }
        let found = named("-1 group-title=\"SERIES 4\",S02E03");
        assert_eq!((&*found.series, found.season), ("SERIES 4", 2), "as before");
        let found = named("-1 tvg-name=\"Show (2020) S01E02\",Show (2020) S01E02 [Dramma] ⭐7");
        assert_eq!((&*found.series, &*found.title), ("Show", ""));
        let found = named("-1 group-title=\"Serial\",Tato! - Odcinek - Brokuły");
        assert_eq!((&*found.series, &*found.title, found.number), ("Tato!", "Brokuły", None));
    }
}
