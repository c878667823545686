//! Values of NFO files: what of a catalogue's texts can be right, in the form that servers read.
//!
//! What cannot be understood without a guess is left out: a server then looks for itself.

use std::borrow::Cow;
use std::collections::HashSet;

use crate::date::{self, Day, is_plausible_year};
use crate::model::media::{Details, Episode};
use crate::text::{collapse, find_byte, fold_key, is_placeholder, legal};

/// More actors than anybody looks through.
const MAX_ACTORS: usize = 50;

/// In one line; without what XML forbids first, so that it leaves no double blanks behind.
pub fn one_line(text: &str) -> Cow<'_, str> {
    match legal(text) {
        Cow::Borrowed(text) => collapse(text),
        Cow::Owned(text) => Cow::Owned(collapse(&text).into_owned()),
    }
}

/// A text of several lines. Every reader of XML takes the other line ends for `\n` anyway.
pub fn prose(text: &Option<String>) -> Cow<'_, str> {
    match legal(text.as_deref().unwrap_or_default()) {
        Cow::Borrowed(text) if find_byte(text.as_bytes(), |byte| byte == b'\r').is_none() => {
            Cow::Borrowed(text.trim())
        }
        text => Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n").trim().to_owned()),
    }
}

/// The day on which an episode was first aired. Servers take a placeholder such as 0001-01-01 for true.
pub fn aired(episode: &Episode) -> Option<Day> {
    episode.aired.filter(|day| is_plausible_year(day.year()))
}

/// When the source got to know a title, as NFO files have it, in UTC.
pub fn date_added(added: Option<i64>) -> Option<String> {
    let added = added.filter(|seconds| (1..=32_503_680_000).contains(seconds))?;
    date::moment(added).strip_suffix(" UTC").map(str::to_owned)
}

/// Media servers download images themselves and take absolute addresses only.
pub fn web_url(url: &Option<String>) -> Option<&str> {
    web_address(url.as_deref()?)
}

fn web_address(url: &str) -> Option<&str> {
    let url = url.trim();
    let is_web = url.starts_with("http://") || url.starts_with("https://");
    (is_web && !url.contains(char::is_whitespace)).then_some(url)
}

/// Seasons and the addresses of their posters, for Kodi. Jellyfin takes the first poster that it finds for
/// the show's: without one of the show there are none.
pub fn season_posters(details: &Details) -> Vec<(u16, &str)> {
    if web_url(&details.poster).is_none() {
        return Vec::new();
    }
    let lines = details.season_posters.as_deref().unwrap_or_default().lines();
    let parts = lines.filter_map(|line| line.split_once(' '));
    parts.filter_map(|(season, url)| Some((season.parse().ok()?, web_address(url)?))).collect()
}

/// The original title, if it is another than those that are known; providers repeat theirs, at times
/// with the year.
pub fn original_title(original: &Option<String>, year: Option<i32>, known: &[&str]) -> String {
    let Some(original) = original.as_deref().map(one_line) else { return String::new() };
    let suffix = year.map(|year| format!(" ({year})")).unwrap_or_default();
    let bare = original.strip_suffix(&suffix).unwrap_or(&original);
    let known: Vec<String> = known.iter().map(|name| fold_key(&one_line(name))).collect();
    let is_known = |text: &str| known.contains(&fold_key(text));
    if is_placeholder(bare) || is_known(bare) || is_known(&original) {
        return String::new();
    }
    bare.to_owned()
}

/// So many names of one list are kept: no film's cast in TMDB has as many.
const MAX_NAMES: usize = 1_000;

/// The names in a list: of people, studios or countries. Each has a letter at least, and stands once. Of
/// more than a thousand the first ones count.
/// A slash divides only with blanks around it, as in Kodi: `AC/DC` is one.
pub fn names(list: &Option<String>) -> Vec<String> {
    let Some(list) = list.as_deref().map(one_line) else { return Vec::new() };
    let list = list.replace(" / ", ",");
    let mut known = HashSet::new();
    let is_name = |name: &&str| name.chars().any(char::is_alphabetic) && !is_placeholder(name);
    let names = list.split([',', ';', '|']).map(str::trim).filter(is_name);
    names.filter(|name| known.insert(*name)).take(MAX_NAMES).map(str::to_owned).collect()
}

/// The actors, the most important first.
pub fn actors(cast: &Option<String>) -> Vec<String> {
    let mut names = names(cast);
    names.truncate(MAX_ACTORS);
    names
}

/// An age rating as it stands; 0 is "unknown" more often than "for all".
pub fn age_rating(text: &Option<String>) -> String {
    let text = one_line(text.as_deref().unwrap_or_default());
    if is_placeholder(&text) || text == "0" { String::new() } else { text.into_owned() }
}

/// Whether there will be more of a series, where the source's word clearly says so.
pub fn series_status(text: &Option<String>) -> &'static str {
    match text.as_deref().unwrap_or_default().trim().to_lowercase().as_str() {
        "continuing" | "returning series" | "returning" | "ongoing" => "Continuing",
        "ended" | "canceled" | "cancelled" | "finished" => "Ended",
        _ => "",
    }
}

/// A trailer: of YouTube in the one form that Jellyfin and Kodi both play, elsewhere its URL.
pub fn trailer(text: &Option<String>) -> Option<String> {
    let text = text.as_deref()?.trim();
    let id = match youtube_rest(text) {
        Some(rest) => youtube_id(rest),
        None if is_bare_id(text) => Some(text),
        None => return web_url(&Some(text.to_owned())).map(str::to_owned),
    };
    id.map(|id| format!("plugin://plugin.video.youtube/play/?video_id={id}"))
}

/// What follows the host of a YouTube address, or the name of Kodi's add-on.
fn youtube_rest(text: &str) -> Option<&str> {
    if let Some(rest) = text.strip_prefix("plugin://plugin.video.youtube/") {
        return Some(rest);
    }
    let address = text.split_once("://").map_or(text, |(_, rest)| rest);
    let (host, rest) = address.split_once('/')?;
    let host = host.to_ascii_lowercase();
    let host =
        ["www.", "m.", "music."].iter().find_map(|front| host.strip_prefix(front)).unwrap_or(&host);
    ["youtube.com", "youtube-nocookie.com", "youtu.be"].contains(&host).then_some(rest)
}

/// The id in `watch?v=…`, `embed/…` and the like, `…` alone (`youtu.be`), or `play/?video_id=…`.
fn youtube_id(rest: &str) -> Option<&str> {
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    let query = query.split('#').next().unwrap_or_default();
    let named = query.split('&').filter_map(|pair| pair.split_once('='));
    let named = named.filter(|(key, _)| ["v", "video_id", "videoid"].contains(key));
    let last = path.split('#').next().unwrap_or_default().trim_end_matches('/').rsplit('/').next();
    let candidates = named.map(|(_, value)| value).chain(last);
    candidates.into_iter().find(|id| has_form_of_id(id))
}

fn has_form_of_id(text: &str) -> bool {
    text.len() == 11 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

/// An id is a mixture; `unavailable` and `Placeholder` have eleven letters as well.
fn is_bare_id(text: &str) -> bool {
    let rest = text.as_bytes().get(1..).unwrap_or_default();
    let kinds: [fn(&u8) -> bool; 3] =
        [u8::is_ascii_lowercase, u8::is_ascii_uppercase, u8::is_ascii_digit];
    has_form_of_id(text) && kinds.iter().filter(|is_kind| rest.iter().any(is_kind)).count() > 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn an_episode_is_aired_in_a_year_that_can_be() {
        let on = |date| Episode { aired: Day::parse(date), ..Episode::default() };
        assert_eq!(aired(&on("2020-02-29")), Day::new(2020, 2, 29));
        assert_eq!(["0001-01-01", "9999-01-01"].map(|date| aired(&on(date))), [None; 2]);
    }

    #[test]
    fn moments_are_those_that_can_be() {
        assert_eq!(date_added(Some(1_709_251_199)), some("2024-02-29 23:59:59"));
        assert_eq!([Some(0), Some(-5), Some(i64::MAX), None].map(date_added), [const { None }; 4]);
    }

    #[test]
    fn trailers_are_played_by_the_add_on() {
        let plugin = "plugin://plugin.video.youtube/play/?video_id=dQw4w9WgXcQ";
        for text in [
            "dQw4w9WgXcQ",
            " https://www.youtube.com/watch?v=dQw4w9WgXcQ ",
            "http://youtube.com/watch?feature=x&v=dQw4w9WgXcQ&t=3",
            "youtube.com/watch?v=dQw4w9WgXcQ#t=3",
            "https://youtu.be/dQw4w9WgXcQ?si=abc",
            "https://m.youtube.com/shorts/dQw4w9WgXcQ/",
            "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ?autoplay=1",
            "plugin://plugin.video.youtube/?action=play_video&videoid=dQw4w9WgXcQ",
            plugin,
        ] {
            assert_eq!(trailer(&some(text)).as_deref(), Some(plugin), "{text}");
        }
        let other = "https://trailers.example/a.mp4?x=1";
        assert_eq!(trailer(&some(other)).as_deref(), Some(other));
        for text in [
            "",
            "unavailable",
            "Placeholder",
            "12345678901",
            "dQw4w9WgXc",
            "dQw4w9WgX\"Q",
            "https://www.youtube.com/",
            "https://www.youtube.com/watch?v=short",
            "https://a b/c.mp4",
            "/trailer.mp4",
            "ftp://h/x",
        ] {
            assert_eq!(trailer(&some(text)), None, "{text}");
        }
    }

    #[test]
    fn original_titles_are_those_that_say_more() {
        let of =
            |text: &str| original_title(&some(text), Some(1994), &["Il Postino", "IT - Postino"]);
        assert_eq!(of("The Postman"), "The Postman");
        assert_eq!(of("The  Postman (1994)"), "The Postman");
        for same in ["Il Postino", "il postino", "Il Postino (1994)", "IT - Postino", "N/A", " "] {
            assert_eq!(of(same), "", "{same}");
        }
    }

    #[test]
    fn names_have_letters_and_come_once() {
        let list = some(" A. Nother,Q. Else;A. Nother / N/A, AC/DC, 0,-,, 50 Cent \n|\u{1}");
        assert_eq!(names(&list), ["A. Nother", "Q. Else", "AC/DC", "50 Cent"]);
        assert_eq!(names(&some("none")), [""; 0]);
        // The time for a list grows with its length, not with its square.
        let crowd: Vec<String> = (0..400_000).map(|n| format!("A. Nother {n}")).collect();
        assert_eq!(names(&some(&crowd.join(","))).len(), MAX_NAMES);
        let many: Vec<String> = (0..99).map(|n| format!("A{n}")).collect();
        assert_eq!(actors(&Some(many.join(", "))), many[..50]);
    }

    #[test]
    fn only_clear_words_say_whether_a_series_goes_on() {
        for (text, status) in [
            ("Returning Series", "Continuing"),
            (" ENDED ", "Ended"),
            ("Canceled", "Ended"),
            ("Planned", ""),
            ("1", ""),
            ("Not ended", ""),
        ] {
            assert_eq!(series_status(&some(text)), status, "{text}");
        }
    }

    #[test]
    fn ages_are_left_as_they_are() {
        assert_eq!(
            ["FSK  16", "12", "0", "n/a"].map(|age| age_rating(&some(age))),
            ["FSK 16", "12", "", ""]
        );
    }
}
