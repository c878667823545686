//! Values that are fit for NFO files: what cannot be meant is left out.

use crate::date;
use crate::media::{Details, Episode};
use crate::text::{collapse, fold_key, is_placeholder, legal};

/// The most actors that are named.
const MOST_ACTORS: usize = 50;

/// Without what XML forbids first, so that it leaves no double blanks behind.
pub(super) fn one_line(text: &str) -> String {
    collapse(&legal(text))
}

/// A text of several lines. Every reader of XML takes the other line ends for `\n` anyway.
pub(super) fn prose(text: &Option<String>) -> String {
    let text = legal(text.as_deref().unwrap_or_default());
    text.replace("\r\n", "\n").replace('\r', "\n").trim().to_owned()
}

/// The day on which an episode was first aired; empty when unknown. Servers take a placeholder such as
/// 0001-01-01 for true.
pub fn aired(episode: &Episode) -> &str {
    let date = episode.aired.as_deref().unwrap_or_default().trim();
    let is_sound = date::year(date).is_some_and(is_plausible_year);
    if is_sound { date } else { "" }
}

/// Years that a film or series can have; catalogues also hold 0, -5 and 99999.
pub fn is_plausible_year(year: i32) -> bool {
    (1850..=2200).contains(&year)
}

/// Media servers download images themselves and take absolute addresses only.
pub(super) fn image_url(poster: &Option<String>) -> Option<&str> {
    let url = poster.as_deref()?.trim();
    let is_web = url.starts_with("http://") || url.starts_with("https://");
    (is_web && !url.contains(char::is_whitespace)).then_some(url)
}

/// Jellyfin 12 drops ids that are not numbers; an id of 0 means "unknown" at many providers.
pub fn valid_tmdb(id: &Option<String>) -> Option<&str> {
    let id = id.as_deref()?.trim();
    let is_number = !id.is_empty() && id.len() <= 12 && id.bytes().all(|b| b.is_ascii_digit());
    (is_number && !id.starts_with('0')).then_some(id)
}

/// An IMDb id, if it is one.
pub fn valid_imdb(id: &Option<String>) -> Option<&str> {
    let id = id.as_deref()?.trim();
    let digits = id.strip_prefix("tt")?;
    let is_number = (7..=10).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    is_number.then_some(id)
}

/// The day of the premiere, if it is known and not at odds with the year; a time behind it is cut off.
/// Days before months, and months before days, cannot be told apart: such dates are left out.
pub(super) fn premiered(details: &Details) -> Option<&str> {
    let text = details.premiered.as_deref()?.trim();
    let date = text.get(..10).filter(|_| !text[10..].starts_with(|c: char| c.is_ascii_digit()))?;
    let year = date::year(date).filter(|year| is_plausible_year(*year))?;
    let known = details.shown().1.filter(|year| is_plausible_year(*year));
    known.is_none_or(|known| known == year).then_some(date)
}

/// People, or other names, that the source has in one text, each once. Servers part at commas too.
pub(super) fn names(text: &Option<String>) -> Vec<String> {
    let text = text.as_deref().unwrap_or_default();
    let mut names: Vec<String> = Vec::new();
    for name in text.split([',', ';', '|', '\n']).map(one_line) {
        let is_new = |name: &String| !names.iter().any(|other| fold_key(other) == fold_key(name));
        if !is_placeholder(&name) && is_new(&name) && names.len() < MOST_ACTORS {
            names.push(name);
        }
    }
    names
}

/// The original title, where it is another one than people see.
pub(super) fn original(details: &Details) -> Option<String> {
    let original = one_line(details.original.as_deref()?);
    let is_known = [details.name.as_str(), details.shown().0]
        .iter()
        .any(|name| fold_key(&one_line(name)) == fold_key(&original));
    (!is_known && !is_placeholder(&original)).then_some(original)
}

/// A trailer as media servers take it. Jellyfin knows YouTube's in Kodi's form alone.
pub(super) fn trailer(text: &Option<String>) -> Option<String> {
    let text = text.as_deref()?.trim();
    let is_id = |id: &str| {
        id.len() == 11 && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
    };
    let youtube = |id: &str| format!("plugin://plugin.video.youtube/play/?video_id={id}");
    if is_id(text) {
        return Some(youtube(text));
    }
    let lower = text.to_ascii_lowercase();
    if ["youtube.com/", "youtu.be/", "youtube-nocookie.com/"].iter().any(|it| lower.contains(it)) {
        let marks = ["v=", "youtu.be/", "/embed/", "/shorts/", "/v/", "video_id="];
        let ids = marks.iter().filter_map(|mark| {
            let start = lower.find(mark)? + mark.len();
            text.get(start..start + 11)
        });
        return ids.into_iter().find(|id| is_id(id)).map(youtube);
    }
    image_url(&Some(text.to_owned())).map(str::to_owned)
}

/// Whether a series goes on, where the source's words leave no doubt.
pub(super) fn status(text: &Option<String>) -> Option<&'static str> {
    match text.as_deref()?.trim().to_lowercase().as_str() {
        "ended" | "canceled" | "cancelled" => Some("Ended"),
        "returning series" | "continuing" | "ongoing" | "returning" => Some("Continuing"),
        _ => None,
    }
}

/// An age rating as the source has it; 0 and the like say nothing.
pub(super) fn mpaa(text: &Option<String>) -> Option<String> {
    let rating = one_line(text.as_deref()?);
    (!is_placeholder(&rating) && rating != "0" && rating.len() <= 40).then_some(rating)
}

/// A moment as NFO files have it, in UTC.
pub(super) fn date_added(added: Option<i64>) -> Option<String> {
    let added = added.filter(|seconds| (0..=32_503_680_000).contains(seconds))?;
    date::moment(added).strip_suffix(" UTC").map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn trailers_take_the_form_that_servers_know() {
        let plugin = some("plugin://plugin.video.youtube/play/?video_id=dQw4w9WgXcQ");
        for text in [
            "dQw4w9WgXcQ",
            " https://www.youtube.com/watch?v=dQw4w9WgXcQ&t=1 ",
            "http://youtu.be/dQw4w9WgXcQ",
            "https://www.YouTube.com/embed/dQw4w9WgXcQ?rel=0",
        ] {
            assert_eq!(trailer(&some(text)), plugin, "{text}");
        }
        assert_eq!(trailer(&some("https://host/trailer.mp4")), some("https://host/trailer.mp4"));
        for text in ["", "none", "https://youtube.com/", "https://youtube.com/watch?v=é23456789012"]
        {
            assert_eq!(trailer(&some(text)), None, "{text}");
        }
    }

    #[test]
    fn premieres_are_whole_days_of_the_known_year() {
        let day = |text: &str, year| {
            let details = Details { premiered: some(text), year, ..Details::default() };
            premiered(&details).map(str::to_owned)
        };
        assert_eq!(day("1995-12-15", Some(1995)), some("1995-12-15"));
        assert_eq!(day("1995-12-15 00:00:00", None), some("1995-12-15"));
        assert_eq!(day("1995-12-15T10:00Z", Some(0)), some("1995-12-15"));
        for (text, year) in [
            ("1995-12-15", Some(1996)),
            ("15-12-1995", None),
            ("1995", None),
            ("0001-01-01", None),
            ("1995-12-151", None),
            ("é995-12-15", None),
        ] {
            assert_eq!(day(text, year), None, "{text}");
        }
    }

    #[test]
    fn names_are_parted_and_come_once() {
        assert_eq!(names(&some("A. One, b Two ;  a. one|N/A,,C")), ["A. One", "b Two", "C"]);
        assert_eq!(names(&some(&vec!["x"; 200].join(","))).len(), 1);
        let many: Vec<String> = (0..99).map(|n| n.to_string()).collect();
        assert_eq!(names(&Some(many.join(","))).len(), MOST_ACTORS);
    }

    #[test]
    fn words_that_leave_a_doubt_say_nothing() {
        assert_eq!(status(&some("Returning Series")), Some("Continuing"));
        assert_eq!(status(&some("ENDED")), Some("Ended"));
        assert_eq!(status(&some("Pilot")), None);
        assert_eq!(mpaa(&some("0")), None);
        assert_eq!(date_added(Some(1_709_251_199)), some("2024-02-29 23:59:59"));
        assert_eq!(date_added(Some(-5)), None);
        let original = |text: &str| {
            let details =
                Details { name: "EN - Heat".into(), original: some(text), ..Details::default() };
            original(&details)
        };
        assert_eq!([original("Hitze"), original("en - heat")], [some("Hitze"), None]);
    }
}
