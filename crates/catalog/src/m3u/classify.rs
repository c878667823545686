//! Movie, episode or live channel? The first rule that decides, decides.

use vod2strm_core::names::episode_marks::{self, EpisodeMark, MarkStrength};
use vod2strm_core::names::words::{MOVIE_GROUPS, SERIES_GROUPS, has_word};

use super::entry::{PlaylistEntry, Tags};

/// Extensions that only files have.
const FILES: [&str; 12] =
    ["mkv", "mp4", "avi", "m4v", "mov", "wmv", "flv", "mpg", "mpeg", "webm", "vob", "divx"];

/// A stream that lasts longer is no live channel, in seconds.
const LONG_SECS: i32 = 600;

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// A film.
    Movie,
    /// An episode of a series.
    Episode,
    /// A television channel.
    Live,
    /// A radio station.
    Radio,
}

/// Which rule decided; shown as facts of the playlist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rule {
    /// `tvg-type`.
    Type,
    /// A segment of the URL's path.
    Path,
    /// An archive or radio attribute.
    Archive,
    /// The extension.
    Extension,
    /// An episode mark in the name.
    Mark,
    /// The duration.
    Duration,
    /// The category's name.
    Group,
    /// None: a channel.
    Nothing,
}

impl Rule {
    /// How many there are.
    pub(super) const COUNT: usize = 8;

    /// The word for people.
    pub(super) fn name(index: usize) -> &'static str {
        ["type", "path", "attribute", "extension", "name", "duration", "group", "default"]
            .get(index)
            .copied()
            .unwrap_or_default()
    }
}

/// What an entry is, why, and the episode mark that was found on the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ClassifiedEntry {
    /// What it is.
    pub(super) class: Class,
    /// What decided.
    pub(super) rule: Rule,
    /// The text that names it: with the mark in it, if any.
    pub(super) name: String,
    /// The mark, for episodes.
    pub(super) mark: Option<EpisodeMark>,
}

/// Classifies an entry.
pub(super) fn classify(entry: &PlaylistEntry) -> ClassifiedEntry {
    let (class, rule) = class_of(entry, None);
    if matches!(class, Class::Live | Class::Radio) && rule != Rule::Nothing {
        // No mark changes that, and most entries of most playlists are channels.
        return ClassifiedEntry { class, rule, name: entry.name(), mark: None };
    }
    let (name, mark) = best_name(entry);
    let strength = mark.as_ref().map(|mark| mark.strength);
    let (class, rule) = class_of(entry, strength);
    let mark = if class == Class::Episode { mark } else { None };
    ClassifiedEntry { class, rule, name, mark }
}

/// Title or `tvg-name`, whichever has the surer mark; the title when they are equal.
fn best_name(entry: &PlaylistEntry) -> (String, Option<EpisodeMark>) {
    let name = entry.name();
    let mark = episode_marks::find(&name, MarkStrength::Weak);
    let other = &entry.tags.name;
    if mark.as_ref().is_some_and(|mark| mark.strength == MarkStrength::Strong) || *other == name {
        return (name, mark);
    }
    match episode_marks::find(other, MarkStrength::Strong) {
        Some(sure) => (other.clone(), Some(sure)),
        None => (name, mark),
    }
}

fn class_of(entry: &PlaylistEntry, mark: Option<MarkStrength>) -> (Class, Rule) {
    if let Some(class) = by_type(&entry.tags, mark) {
        return (class, Rule::Type);
    }
    if let Some(decision) = by_path(entry, mark) {
        return decision;
    }
    let tags = &entry.tags;
    if tags.radio {
        return (Class::Radio, Rule::Archive);
    }
    if tags.has_archive {
        return (Class::Live, Rule::Archive);
    }
    let series_group = has_word(&tags.group, SERIES_GROUPS);
    let counted = tags.episode.is_some() && tags.season.is_some();
    if counted || mark == Some(MarkStrength::Strong) {
        return (Class::Episode, Rule::Mark);
    }
    let least = if series_group { MarkStrength::Weak } else { MarkStrength::Fair };
    let vague = mark.is_some_and(|mark| mark >= least);
    let on_demand = if is_file(entry) {
        Some(Rule::Extension)
    } else if tags.duration.is_some_and(|secs| secs > LONG_SECS) {
        Some(Rule::Duration)
    } else {
        by_group(entry, series_group)
    };
    match on_demand {
        Some(_) if vague => (Class::Episode, Rule::Mark),
        Some(rule) => (Class::Movie, rule),
        None => (Class::Live, Rule::Nothing),
    }
}

fn by_type(tags: &Tags, mark: Option<MarkStrength>) -> Option<Class> {
    match tags.kind.as_str() {
        "live" | "channel" | "tv" => Some(Class::Live),
        "radio" => Some(Class::Radio),
        "movie" | "movies" => Some(Class::Movie),
        // These two also name whatever is not live.
        "vod" | "video" if mark == Some(MarkStrength::Strong) => Some(Class::Episode),
        "vod" | "video" => Some(Class::Movie),
        "series" | "serie" | "tvshow" | "tvshows" | "show" | "shows" | "episode" | "episodes" => {
            Some(Class::Episode)
        }
        _ => None,
    }
}

fn by_path(entry: &PlaylistEntry, mark: Option<MarkStrength>) -> Option<(Class, Rule)> {
    let address = &entry.address;
    let (last, folders) = address.segments.split_last()?;
    for folder in folders {
        match folder.to_lowercase().as_str() {
            // Many small panels keep their series among the movies.
            "movie" | "movies" | "vod" if mark == Some(MarkStrength::Strong) => {
                return Some((Class::Episode, Rule::Mark));
            }
            "movie" | "movies" | "vod" => return Some((Class::Movie, Rule::Path)),
            "series" | "serie" => return Some((Class::Episode, Rule::Path)),
            "live" | "timeshift" => return Some((Class::Live, Rule::Path)),
            _ => {}
        }
    }
    // `/USER/PASSWORD/ID` and `/USER/PASSWORD/ID.ts` are a panel's channels.
    let streamed = address.extension.as_deref().is_none_or(|extension| extension == "ts");
    let numeric = !last.is_empty() && address.stem().bytes().all(|byte| byte.is_ascii_digit());
    (folders.len() == 2 && numeric && streamed).then_some((Class::Live, Rule::Path))
}

fn is_file(entry: &PlaylistEntry) -> bool {
    let extension = entry.address.extension.as_deref();
    extension.is_some_and(|extension| FILES.contains(&extension) || extension == "3gp")
}

/// Categories are a hint only: channels stand in categories named `Movies` too, but have a guide
/// or an extension of live streams.
fn by_group(entry: &PlaylistEntry, series_group: bool) -> Option<Rule> {
    let streamed = ["ts", "m3u8", "mpd"].map(Some).contains(&entry.address.extension.as_deref());
    let hinted = series_group || has_word(&entry.tags.group, MOVIE_GROUPS);
    (hinted && !streamed && !entry.tags.has_guide).then_some(Rule::Group)
}

#[cfg(test)]
mod tests {
    use super::super::address::StreamUrl;
    use super::super::extinf::ExtInf;
    use super::*;

    fn class_of(line: &str, url: &str) -> (Class, Rule) {
        let tags = Tags::from_line(&ExtInf::parse(line));
        let classified = classify(&PlaylistEntry { tags, address: StreamUrl::parse(url).unwrap() });
        (classified.class, classified.rule)
    }

    #[test]
    fn rules_in_order() {
        use Class::{Episode, Live, Movie, Radio};
        for (line, url, expected) in [
            ("-1 tvg-type=\"live\",A S01E01", "http://h/movie/u/p/1.mkv", (Live, Rule::Type)),
            ("-1 tvg-type=\"tvshows\",A", "http://h/1.ts", (Episode, Rule::Type)),
            ("-1 tvg-type=\"video\",A S01E01", "http://h/1.ts", (Episode, Rule::Type)),
            ("-1,A", "http://h/movie/u/p/1", (Movie, Rule::Path)),
            ("-1,A S01E02", "http://h/movie/u/p/1.mkv", (Episode, Rule::Mark)),
            ("-1,Star Wars Episode 4", "http://h/movie/u/p/1.mkv", (Movie, Rule::Path)),
            ("-1,Concert 2024.03.12", "http://h/movie/u/p/1.mkv", (Movie, Rule::Path)),
            ("-1,A", "http://h/series/u/p/1.mkv", (Episode, Rule::Path)),
            ("-1,A", "http://h/live/u/p/1.ts", (Live, Rule::Path)),
            ("-1 group-title=\"Movies\",A", "http://h/u/p/1", (Live, Rule::Path)),
            ("-1,A", "http://h/u/p/1.ts", (Live, Rule::Path)),
            ("-1,A", "http://h/u/p/1.mkv", (Movie, Rule::Extension)),
            ("-1 radio=\"true\",A", "http://h/1.mp4", (Radio, Rule::Archive)),
            ("-1 catchup=\"xc\",A", "http://h/1.mp4", (Live, Rule::Archive)),
            ("-1,A", "http://h/1.ts?x=.mkv", (Live, Rule::Nothing)),
            ("-1,A 1x02", "http://h/1.m3u8", (Episode, Rule::Mark)),
            ("-1,Show S01E02", "http://h/play/AbC#.mkv", (Episode, Rule::Mark)),
            ("-1,Tatort Folge 1234", "http://h/1.mkv", (Episode, Rule::Mark)),
            ("-1,E4 HD", "http://h/1.ts", (Live, Rule::Nothing)),
            ("-1,One Piece - 1071", "http://h/1.mkv", (Movie, Rule::Extension)),
            ("-1 group-title=\"Dizi\",One Piece - 1071", "http://h/1.mkv", (Episode, Rule::Mark)),
            ("5400,A", "http://h/1.m3u8", (Movie, Rule::Duration)),
            ("-1 group-title=\"TV VOD\",A", "http://h/play/xyz", (Movie, Rule::Group)),
            ("-1 tvg-id=\"a.b\" group-title=\"Movies\",A", "http://h/c/x", (Live, Rule::Nothing)),
            ("-1 tvg-name=\"A S01E02\",Pilot", "http://h/x.mkv", (Episode, Rule::Mark)),
            ("-1,A", "http://h/c/news", (Live, Rule::Nothing)),
        ] {
            assert_eq!(class_of(line, url), expected, "{line} {url}");
        }
    }

    #[test]
    fn every_rule_has_a_name() {
        assert!((0..Rule::COUNT).all(|index| !Rule::name(index).is_empty()));
        assert_eq!(Rule::name(Rule::Nothing as usize), "default");
    }
}
