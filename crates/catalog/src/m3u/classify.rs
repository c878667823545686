//! Movie, episode, live channel, or no title at all? What the user says comes first, then all signs together.

use vod2strm_core::names::episode_marks::{self, EpisodeMark, MarkStrength};
use vod2strm_core::names::traits::is_adult_category;
use vod2strm_core::names::years::Years;
use vod2strm_core::select::classify::{Classify, ClassifyAs};
use vod2strm_core::select::filter::Facts;

use super::address::NoVideo;
use super::entry::{PlaylistEntry, Tags};
use super::hints::{self, YearHint};
use super::marks::{best_name, is_film_part, number_in_group, of_mark, usable_mark};
use super::signs::{Class, Sign, Signs};
use super::votes::{GroupEntry, Groups, Neighbours};

/// A stream that lasts longer is no live channel, in seconds.
const LONG_SECS: i32 = 600;

/// Folders of addresses that say what is in them.
const FOLDERS: [(&str, Sign); 7] = [
    ("movie", Sign::PathMovie),
    ("movies", Sign::PathMovie),
    ("vod", Sign::PathVideo),
    ("series", Sign::FolderSeries),
    ("serie", Sign::FolderSeries),
    ("live", Sign::PathLive),
    ("timeshift", Sign::PathLive),
];

/// What some lists write where an entry is in no programme guide; others write `no_epg_cinema`.
const NO_GUIDE: [&str; 6] = ["none", "null", "noepg", "no", "n/a", "undefined"];

/// From this sum down no name makes an entry a film.
const LOST: i32 = -60;

/// From this sum on, no word in the name makes an entry a channel.
const SAFE: i32 = 40;

/// Why an entry is no title, whatever it plays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LeftOut {
    /// It parts the list: `##### MOVIES #####`.
    Heading,
    /// It leads to another list.
    List,
    /// It leads to a table, a picture or a text.
    NoVideo,
    /// It is a series, and none of its episodes.
    NoEpisode,
    /// `classify_skip` matches it.
    Skipped,
}

/// What an entry is, why, and the episode mark that was found on the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ClassifiedEntry {
    /// What it is.
    pub(super) class: Class,
    /// What says so; none where the user says it.
    pub(super) signs: Signs,
    /// Which of the user's expressions says it.
    pub(super) said: Option<ClassifyAs>,
    /// The text that names it: with the mark in it, if any. Empty for most channels.
    pub(super) name: String,
    /// The mark, for episodes.
    pub(super) mark: Option<EpisodeMark>,
}

/// What is known of an entry when it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Classification {
    /// It is no title.
    LeftOut(LeftOut),
    /// It is this.
    Decided(ClassifiedEntry),
    /// The majority of its neighbours may make something else of it.
    Open(ClassifiedEntry, Neighbours),
}

/// Classifies the entries of one list.
pub(super) struct Classifier {
    years: Years,
    classify: Classify,
    groups: Groups,
    /// How many entries each of the user's expressions decided, in the order of [`ClassifyAs::ALL`].
    pub(super) said: [u64; ClassifyAs::ALL.len()],
    /// Entries for which a pattern of the user's took too long.
    pub(super) too_slow: u64,
}

impl Classifier {
    /// Before the first entry.
    pub(super) fn new(years: Years, classify: Classify) -> Classifier {
        Classifier { years, classify, groups: Groups::default(), said: [0; 4], too_slow: 0 }
    }

    /// What an entry is, as far as it is known by now.
    pub(super) fn classify(&mut self, entry: &PlaylistEntry) -> Classification {
        let (said, no_video) = (self.said(entry), no_video(entry));
        match (said, no_video) {
            (Some(ClassifyAs::Live | ClassifyAs::Skip), _) | (None, None) => {}
            (_, Some(reason)) => return Classification::LeftOut(reason),
            (Some(_), None) => {}
        }
        if let Some(said) = said {
            return said_to_be(entry, said, &self.years);
        }
        let path = of_path(entry);
        if path == Some(Sign::PathLive) && entry.tags.kind.is_empty() {
            // Most entries of most playlists are channels: nothing else is looked at.
            let mut signs = Signs::default();
            signs.note(Sign::PathLive, true);
            return Classification::Decided(ClassifiedEntry::channel(signs));
        }
        let mut signs = self.groups.signs(&entry.tags.group).with(of_lines(entry, path));
        if signs.demand() <= LOST {
            return Classification::Decided(ClassifiedEntry::channel(signs));
        }
        let least = match signs.demand() {
            ..=-36 => MarkStrength::Strong,
            -35..=-20 => MarkStrength::Fair,
            _ => MarkStrength::Weak,
        };
        let (name, mark) = best_name(entry, least);
        let year = hints::year_in(&name, &self.years);
        if year.is_none() && is_heading(entry, &name) {
            return Classification::LeftOut(LeftOut::Heading);
        }
        let mut mark = usable_mark(&name, mark, year, signs);
        if mark.as_ref().is_none_or(|mark| mark.strength == MarkStrength::Weak)
            && let Some(counted) = number_in_group(&name, &entry.tags.group)
        {
            signs.note(Sign::Counted, true);
            mark = Some(counted);
        } else {
            signs = signs.with(of_mark(&name, mark.as_ref()));
        }
        signs = signs.with(of_name(&name, mark.as_ref(), year, signs));
        let found = ClassifiedEntry { class: signs.class(), signs, said: None, name, mark };
        let neighbours = self.groups.count(found.in_group(entry));
        if found.signs.is_open() || found.may_be_series(entry) {
            Classification::Open(found, neighbours)
        } else {
            found.decided()
        }
    }

    /// What becomes of an entry that was left open, now that all are known.
    pub(super) fn settle(
        &mut self,
        entry: &PlaylistEntry,
        found: ClassifiedEntry,
        neighbours: Neighbours,
    ) -> Classification {
        let majority = self.groups.majority(neighbours, found.in_group(entry));
        let signs = found.signs.with(majority);
        let found = ClassifiedEntry { class: signs.class(), signs, ..found };
        // In a group of numbered episodes it is one whose mark nobody knows.
        let is_group = found.name.eq_ignore_ascii_case(entry.tags.group.trim());
        if found.may_be_series(entry) && (is_group || !self.groups.has_numbered(neighbours)) {
            return Classification::LeftOut(LeftOut::NoEpisode);
        }
        found.decided()
    }

    /// What the user says of an entry.
    fn said(&mut self, entry: &PlaylistEntry) -> Option<ClassifyAs> {
        if self.classify.is_empty() {
            return None;
        }
        let tags = &entry.tags;
        let name = entry.name();
        let some = |text: &str| !text.is_empty();
        let facts = Facts {
            category: Some(&*tags.group).filter(|text| some(text)),
            stated_type: Some(&*tags.kind).filter(|text| some(text)),
            list_id: Some(&*tags.id).filter(|text| some(text)),
            url: Some(&entry.address.url),
            duration: tags.duration,
            is_adult: tags.is_adult || is_adult_category(&tags.group),
            ..Facts::of([&name, &tags.name])
        };
        let (said, is_slow) = self.classify.decide(&facts);
        self.too_slow += u64::from(is_slow);
        if let Some(said) = said {
            self.said[said as usize] += 1;
        }
        said
    }
}

impl ClassifiedEntry {
    fn channel(signs: Signs) -> ClassifiedEntry {
        ClassifiedEntry { class: signs.class(), signs, said: None, name: String::new(), mark: None }
    }

    fn in_group<'a>(&'a self, entry: &'a PlaylistEntry) -> GroupEntry<'a> {
        GroupEntry { entry, name: &self.name, mark: self.mark.as_ref(), signs: self.signs }
    }

    fn decided(mut self) -> Classification {
        if self.class != Class::Episode {
            self.mark = None;
        }
        Classification::Decided(self)
    }

    /// Whether it has a panel's address of a series, and names no episode.
    fn may_be_series(&self, entry: &PlaylistEntry) -> bool {
        self.class == Class::Episode
            && self.signs.has(Sign::PathSeries)
            && self.mark.is_none()
            && entry.tags.episode.is_none()
            && entry.address.xtream_id().is_some()
            && episode_marks::trailing_season(&self.name).is_none()
    }
}

/// An entry that is what the user says.
fn said_to_be(entry: &PlaylistEntry, said: ClassifyAs, years: &Years) -> Classification {
    let (name, mark) = best_name(entry, MarkStrength::Weak);
    let is_heading = hints::year_in(&name, years).is_none() && is_heading(entry, &name);
    let class = match said {
        ClassifyAs::Live => Class::Live,
        ClassifyAs::Series | ClassifyAs::Movies if is_heading => {
            return Classification::LeftOut(LeftOut::Heading);
        }
        ClassifyAs::Series => Class::Episode,
        ClassifyAs::Movies => Class::Movie,
        ClassifyAs::Skip => return Classification::LeftOut(LeftOut::Skipped),
    };
    let mark = if class == Class::Episode { mark } else { None };
    let signs = Signs::default();
    Classification::Decided(ClassifiedEntry { class, signs, said: Some(said), name, mark })
}

/// Whether an entry is a heading of the list. At a panel's number of a movie or an episode stands a heading only where
/// it is written as one: `##### MOVIES #####`, and not `**Heat**`.
fn is_heading(entry: &PlaylistEntry, name: &str) -> bool {
    let is_title = || entry.address.xtream_id().is_some() && !hints::names_part_of_list(name);
    hints::is_heading(name) && !is_title()
}

/// Why an address is none of a video.
fn no_video(entry: &PlaylistEntry) -> Option<LeftOut> {
    entry.address.no_video().map(|what| match what {
        NoVideo::List => LeftOut::List,
        NoVideo::Other => LeftOut::NoVideo,
    })
}

/// The signs of an entry's lines and address.
fn of_lines(entry: &PlaylistEntry, path: Option<Sign>) -> Signs {
    let (tags, address) = (&entry.tags, &entry.address);
    let mut signs = Signs::default();
    for sign in of_type(&tags.kind).into_iter().chain(path) {
        signs.note(sign, true);
    }
    let extension = address.extension.as_deref().unwrap_or_default();
    let is_one_of = |list: &[&str]| list.contains(&extension);
    signs.note(Sign::File, address.is_file());
    signs.note(Sign::FileInQuery, address.has_file_in_query());
    signs.note(Sign::Transport, extension == "ts");
    signs.note(Sign::Playlist, is_one_of(&["m3u8", "mpd"]));
    signs.note(Sign::Sound, is_one_of(&["mp3", "aac", "ogg", "flac", "m4a", "opus"]));
    if signs.has(Sign::Playlist) {
        signs.note(Sign::PackedFile, address.is_packed_file());
    }
    signs.note(Sign::Ids, tags.imdb.is_some() || tags.tmdb.is_some() || tags.tvdb.is_some());
    signs.note(Sign::Poster, tags.poster.as_deref().is_some_and(is_poster_at_tmdb));
    signs.note(Sign::Described, tags.is_described);
    signs.note(Sign::Numbered, tags.episode.is_some() && tags.season.is_some());
    signs.note(Sign::Duration, tags.duration.is_some_and(|secs| secs > LONG_SECS));
    signs.note(Sign::Archive, tags.has_archive);
    signs.note(Sign::Radio, tags.radio);
    signs.note(Sign::Guide, has_guide(tags));
    signs.note(Sign::ChannelNumber, tags.has_number);
    signs
}

/// Whether a picture is a film's or a series': the logos of stations at TMDB are no photographs.
fn is_poster_at_tmdb(picture: &str) -> bool {
    let end = picture.rsplit('.').next().unwrap_or_default();
    picture.contains("image.tmdb.org/") && ["jpg", "jpeg", "webp"].contains(&end)
}

/// Whether `tvg-id` is one of a guide: some lists repeat the name there.
fn has_guide(tags: &Tags) -> bool {
    let is_placeholder = || NO_GUIDE.iter().any(|text| tags.id.eq_ignore_ascii_case(text));
    let is_none = || tags.id.to_ascii_lowercase().starts_with("no_epg") || is_placeholder();
    tags.has_guide() && tags.id != tags.name && tags.id != tags.title && !is_none()
}

fn of_type(kind: &str) -> Option<Sign> {
    Some(match kind {
        "live" | "channel" | "tv" => Sign::TypeLive,
        "radio" => Sign::Radio,
        "movie" | "movies" | "film" => Sign::TypeMovie,
        "series" | "serie" | "tvshow" | "tvshows" | "show" | "shows" | "episode" | "episodes" => {
            Sign::TypeEpisode
        }
        // These two also name whatever is not live.
        "vod" | "video" => Sign::TypeVideo,
        _ => return None,
    })
}

fn of_path(entry: &PlaylistEntry) -> Option<Sign> {
    let address = &entry.address;
    let (last, folders) = address.segments.split_last()?;
    let named = folders.iter().find_map(|folder| {
        let known = FOLDERS.iter().find(|(word, _)| folder.eq_ignore_ascii_case(word));
        known.map(|(_, sign)| *sign)
    });
    // Some hosts of films have such a folder, too.
    if named == Some(Sign::FolderSeries) && address.xtream_id().is_some() {
        return Some(Sign::PathSeries);
    }
    // `/USER/PASSWORD/ID` and `/USER/PASSWORD/ID.ts` are a panel's channels.
    let streamed = address.extension.as_deref().is_none_or(|extension| extension == "ts");
    let numeric = !last.is_empty() && address.stem().bytes().all(|byte| byte.is_ascii_digit());
    let is_channel = folders.len() == 2 && numeric && streamed;
    named.or(is_channel.then_some(Sign::PanelChannel))
}

/// The signs of a name besides its mark. Where nothing depends on them, words are not looked for.
fn of_name(name: &str, mark: Option<&EpisodeMark>, year: Option<YearHint>, so_far: Signs) -> Signs {
    let mut signs = Signs::default();
    let year = year.filter(|year| !mark.is_some_and(|mark| year.is_in(mark)));
    signs.note(Sign::Year, year.is_some_and(|year| year.is_sure));
    signs.note(Sign::BareYear, year.is_some_and(|year| !year.is_sure));
    signs.note(Sign::FilmPart, is_film_part(name, mark, year));
    if (LOST..SAFE).contains(&so_far.demand()) {
        // A film's file is none of a channel, whatever its words: `Live Free or Die Hard`.
        let is_title = so_far.has(Sign::File)
            || year.is_some_and(|year| year.is_sure)
            || mark.is_some_and(|mark| mark.strength >= MarkStrength::Fair);
        signs = signs.with(hints::of_name(name, is_title));
    }
    signs
}

#[cfg(test)]
mod tests {
    use super::super::address::StreamUrl;
    use super::super::extinf::ExtInf;
    use super::*;

    fn entry(line: &str, url: &str) -> PlaylistEntry {
        let tags = Tags::from_line(&ExtInf::parse(line));
        PlaylistEntry { tags, address: StreamUrl::parse(url).unwrap() }
    }

    fn classifier(classify: Classify) -> Classifier {
        Classifier::new(Years::plausible_in(2026), classify)
    }

    fn classified_as(line: &str, url: &str) -> Classification {
        let entry = entry(line, url);
        let mut classifier = classifier(Classify::default());
        match classifier.classify(&entry) {
            Classification::Open(found, neighbours) => classifier.settle(&entry, found, neighbours),
            other => other,
        }
    }

    fn class_of(line: &str, url: &str) -> Class {
        match classified_as(line, url) {
            Classification::Decided(found) => found.class,
            other => panic!("{line}: {other:?}"),
        }
    }

    #[test]
    fn entries_as_they_are_in_lists() {
        use Class::{Episode, Live, Movie, Radio};
        for (line, url, expected) in [
            ("-1 tvg-type=\"live\",A S01E01", "http://h/movie/u/p/1.mkv", Live),
            ("-1 tvg-type=\"tvshows\",A", "http://h/1.ts", Episode),
            ("-1 tvg-type=\"video\",A S01E01", "http://h/1.ts", Episode),
            ("-1 type=\"movie\",A", "http://h/1.ts", Movie),
            ("-1,A", "http://h/movie/u/p/1", Movie),
            ("-1,A S01E02", "http://h/movie/u/p/1.mkv", Episode),
            ("-1,Star Wars Episode 4", "http://h/movie/u/p/1.mkv", Movie),
            ("-1,Concert 2024.03.12", "http://h/movie/u/p/1.mkv", Movie),
            ("-1,A Folge 3", "http://h/series/u/p/1.mkv", Episode),
            ("-1,A Folge 3", "http://h/vod/1.mp4", Episode),
            ("-1,Star Wars Episode 4", "http://h/vod/1.mp4", Movie),
            ("-1,A S05", "http://h/series/u/p/1.mkv", Episode),
            ("-1,A", "http://h/live/u/p/1.ts", Live),
            ("-1 group-title=\"Movies\",A", "http://h/u/p/1", Live),
            ("-1,A", "http://h/u/p/1.ts", Live),
            ("-1,A S01E02", "http://h/u/p/1.ts", Episode),
            ("-1,A", "http://h/u/p/1.mkv", Movie),
            ("-1 radio=\"true\",A", "http://h/1.mp4", Radio),
            ("-1,A", "http://h/1.mp3", Radio),
            ("-1 catchup=\"xc\",A", "http://h/1.mp4", Live),
            ("-1,A", "http://h/1.ts?x=.mkv", Live),
            ("-1,A", "http://h/get.php?file=a.mkv", Movie),
            ("-1,A 1x02", "http://h/1.m3u8", Episode),
            ("-1,Sandokan Ep. 1", "http://h/i/a,.mp4.csmil/master.m3u8", Episode),
            ("-1,Show S01E02", "http://h/play/AbC#.mkv", Episode),
            ("-1,Tatort Folge 1234", "http://h/1.mkv", Episode),
            ("-1,E4 HD", "http://h/1.ts", Live),
            ("-1,E24", "http://h/1.m3u8", Live),
            ("-1,One Piece - 1071", "http://h/1.mkv", Movie),
            ("-1 group-title=\"Dizi\",One Piece - 1071", "http://h/1.mkv", Episode),
            ("-1 group-title=\"Dizi\",A - Bölüm - B", "http://h/1.mkv", Episode),
            ("5400,A", "http://h/1.m3u8", Movie),
            ("-1 group-title=\"TV VOD\",A", "http://h/play/xyz", Live),
            ("-1 group-title=\"TV VOD\",A (2020)", "http://h/play/xyz.m3u8", Movie),
            ("-1 tvg-id=\"a.b\" group-title=\"Movies\",A (2020)", "http://h/c/x", Live),
            ("-1 tvg-id=\"tt0110737\",A", "http://h/vs/x", Movie),
            ("-1 tvg-name=\"A S01E02\",Pilot", "http://h/x.mkv", Episode),
            ("-1,A", "http://h/c/news", Live),
            ("-1,24x7 Movies", "http://h/c/1.m3u8", Live),
            ("-1,24x07 Movies", "http://h/c/1.m3u8", Episode),
            ("-1 group-title=\"Movies\",Studio 2000", "http://h/c/1", Live),
            ("-1 group-title=\"Movies\",Dune 2021", "http://h/c/1", Movie),
            ("-1 tvg-logo=\"https://image.tmdb.org/t/p/w92/a.png\",HBO", "http://h/c/1", Live),
            ("-1 tvg-logo=\"https://image.tmdb.org/t/p/w92/a.jpg\",Dune", "http://h/c/1", Movie),
            ("-1,★ SKY 1 ★", "http://h/c/1", Live),
            ("-1,Dune ⭐7.3", "http://h/c/1", Movie),
            ("-1 group-title=\"Movies\",24/7 Friends (1994)", "http://h/c/1.m3u8", Live),
            ("-1,24 Hours to Live (2017)", "http://h/1.m3u8", Movie),
            ("-1 tvg-id=\"Dizi.tr\",TR: Yol 118 Bölüm", "http://h/1.m3u8", Episode),
            ("-1 tvg-id=\"no_epg_cinema\",Dune (2021)", "http://h/1.m3u8", Movie),
            ("-1 group-title=\"Film 1\",Dune", "http://h/series/a.mp4/index.m3u8", Movie),
            ("-1 group-title=\"Film 1\",Kill Bill: Bölüm 1 - Vol. 1", "http://h/1.mp4", Movie),
            ("-1,Gizli Bahçe - Bölüm 2", "http://h/1.mp4", Episode),
            ("-1 group-title=\"Filmes\",4x100: Um Sonho (2021)", "http://h/1.mp4", Movie),
            ("-1 group-title=\"Dark\",1x03", "http://h/1.mp4", Episode),
            ("-1,Wars. Episode 2: Clones (2002)", "http://h/1.mp4", Movie),
            ("-1 group-title=\"Кино\",Ночь - 1967", "http://h/1.m3u8", Movie),
            ("-1 year=\"2024\" duration=\"96\",Kali", "http://h/1.m3u8", Movie),
            ("-1 tvg-id=\"heat-x\" tvg-type=\"vod\",Heat", "http://h/x.m3u8", Movie),
            ("-1 tvg-type=\"vod\",Heat", "http://h/u/p/123", Movie),
            ("-1 tvg-type=\"video\",Heat", "http://h/live/u/p/123", Live),
            ("-1 tvg-id=\"live.free\",Live Free or Die Hard", "http://h/1.mp4", Movie),
            ("-1,**Heat**", "http://h/movie/u/p/3.mkv", Movie),
        ] {
            assert_eq!(class_of(line, url), expected, "{line} {url}");
        }
    }

    #[test]
    fn what_is_no_title() {
        for (line, url, reason) in [
            ("-1,##### MOVIES #####", "http://h/movie/u/p/1.mp4", LeftOut::Heading),
            ("-1,-- Filme --", "http://h/movie/u/p/1.mp4", LeftOut::Heading),
            ("-1,Digimon", "http://h/d20.m3u", LeftOut::List),
            ("-1,Digimon", "http://h/get.php?type=m3u_plus&username=u", LeftOut::List),
            ("-1,Colony", "http://h/player_api.php?action=get_series_info", LeftOut::NoVideo),
            ("-1,Dark", "http://h/series/u/p/4711.mp4", LeftOut::NoEpisode),
        ] {
            assert_eq!(classified_as(line, url), Classification::LeftOut(reason), "{line}");
        }
    }

    #[test]
    fn the_user_s_word_comes_first() {
        let filter = |text: &str| Some(text.parse().unwrap());
        let classify = Classify([
            filter("name =~ news"),
            None,
            filter("category =~ Filmler and duration > 60"),
            filter("type == movie"),
        ]);
        let mut classifier = classifier(classify);
        let mut classify = |line: &str| classifier.classify(&entry(line, "http://h/movie/u/p/1"));
        let class = |classification: Classification| match classification {
            Classification::Decided(found) => Some((found.class, found.said)),
            _ => None,
        };
        assert_eq!(class(classify("-1,News S01E02")), Some((Class::Live, Some(ClassifyAs::Live))));
        let film = classify("90 group-title=\"4K Filmler\",A S01E02");
        assert_eq!(class(film), Some((Class::Movie, Some(ClassifyAs::Movies))));
        assert_eq!(classify("-1 type=\"movie\",A"), Classification::LeftOut(LeftOut::Skipped));
        assert_eq!(class(classify("-1,A")), Some((Class::Movie, None)));
        assert_eq!(classifier.said, [1, 0, 1, 1]);
    }

    #[test]
    fn the_user_s_word_makes_no_film_of_what_plays_nothing() {
        let mut classifier =
            classifier(Classify([None, None, Some("category =~ Film".parse().unwrap()), None]));
        for (name, url, reason) in [
            ("##### FILMLER #####", "http://h/1.mp4", LeftOut::Heading),
            ("More", "http://h/more.m3u", LeftOut::List),
            ("Colony", "http://h/player_api.php?series_id=1", LeftOut::NoVideo),
        ] {
            let entry = entry(&format!("-1 group-title=\"Filmler\",{name}"), url);
            assert_eq!(classifier.classify(&entry), Classification::LeftOut(reason), "{name}");
        }
    }

    /// Such a row is the series itself, but among numbered episodes: there it is one whose mark nobody knows.
    #[test]
    fn a_row_of_a_series_without_a_number() {
        let settled = |group: &[&str], name: &str| {
            let mut classifier = classifier(Classify::default());
            let line = |name: &str| format!("-1 group-title=\"Dark\",{name}");
            for name in group {
                classifier.classify(&entry(&line(name), "http://h/series/u/p/1.mkv"));
            }
            let entry = entry(&line(name), "http://h/series/u/p/9.mkv");
            match classifier.classify(&entry) {
                Classification::Open(found, neighbours) => {
                    classifier.settle(&entry, found, neighbours)
                }
                other => other,
            }
        };
        let left_out = Classification::LeftOut(LeftOut::NoEpisode);
        assert_eq!(settled(&["Barbaren"], "Dark - Pilot"), left_out);
        assert_eq!(settled(&["Dark S01E02"], "Dark"), left_out);
        let pilot = settled(&["Dark S01E02"], "Dark - Pilot");
        assert!(matches!(
            pilot,
            Classification::Decided(ClassifiedEntry { class: Class::Episode, .. })
        ));
    }

    #[test]
    fn the_majority_of_a_group_decides_what_is_open() {
        let mut classifier = classifier(Classify::default());
        let mut open = Vec::new();
        for n in 0..10 {
            let name = if n < 7 { format!("A {n} (2020)") } else { format!("B {n}") };
            let entry = entry(&format!("-1 group-title=\"G\",{name}"), "http://h/1.m3u8");
            if let Classification::Open(found, neighbours) = classifier.classify(&entry) {
                open.push((entry, found, neighbours));
            }
        }
        assert_eq!(open.len(), 3);
        for (entry, found, neighbours) in open {
            let settled = classifier.settle(&entry, found, neighbours);
            assert!(matches!(
                settled,
                Classification::Decided(ClassifiedEntry { class: Class::Movie, .. })
            ));
        }
    }
}
