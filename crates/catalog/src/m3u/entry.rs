//! One entry of a playlist: what its lines say, decoded, but not yet classified.

use super::address::StreamUrl;
use super::extinf::ExtInf;
use super::text::{clean, decode};
use vod2strm_core::text::percent::decoded;

/// Longer picture addresses are `data:` URIs or mistakes.
const MAX_POSTER_BYTES: usize = 2000;

/// Shorter durations are placeholders, in seconds.
const SHORTEST_SECS: f64 = 60.0;

/// Longer ones are as well.
const LONGEST_SECS: f64 = 100_000.0;

/// What an `#EXTINF` line says; empty texts stand for what it does not say.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Tags {
    /// The text after the comma.
    pub(super) title: String,
    /// `tvg-name`.
    pub(super) name: String,
    /// `group-title`, or the entry's `#EXTGRP`.
    pub(super) group: String,
    /// `tvg-type` in lower case.
    pub(super) kind: String,
    /// Whether `tvg-id` names a channel of a programme guide.
    pub(super) has_guide: bool,
    /// Whether an attribute speaks of an archive of live broadcasts.
    pub(super) has_archive: bool,
    /// `radio="true"`.
    pub(super) radio: bool,
    /// Seconds, where they are plausible.
    pub(super) duration: Option<i32>,
    /// `tvg-season`.
    pub(super) season: Option<i32>,
    /// `tvg-episode`.
    pub(super) episode: Option<i32>,
    /// `tmdb-id`, unless 0.
    pub(super) tmdb: Option<String>,
    /// `imdb-id`, unless 0.
    pub(super) imdb: Option<String>,
    /// `tvdb-id`, unless 0.
    pub(super) tvdb: Option<String>,
    /// An attribute says that it is for adults.
    pub(super) is_adult: bool,
    /// `year` as it stands.
    pub(super) year: Option<String>,
    /// `plot`.
    pub(super) plot: Option<String>,
    /// `rating`.
    pub(super) rating: Option<String>,
    /// `tvg-logo`, when it is an http(s) URL of ordinary length.
    pub(super) poster: Option<String>,
}

impl Tags {
    /// Takes over what matters of a line.
    pub(super) fn from_line(line: &ExtInf<'_>) -> Tags {
        let text = |key| clean(line.get(key).unwrap_or_default());
        let optional = |key| line.get(key).map(clean).filter(|value| !value.is_empty());
        let number = |key| line.get(key)?.parse::<i32>().ok().filter(|number| *number >= 0);
        let adult = ["is-adult", "is_adult", "adult", "censored"];
        let archive = ["catchup", "catchup-type", "catchup-source", "catchup-days", "timeshift"];
        let duration = line.duration.filter(|secs| (SHORTEST_SECS..LONGEST_SECS).contains(secs));
        Tags {
            title: clean(line.title),
            name: text("tvg-name"),
            group: text("group-title"),
            kind: text("tvg-type").to_lowercase(),
            has_guide: line.get("tvg-id").is_some(),
            has_archive: archive.into_iter().chain(["tvg-rec"]).any(|key| says_yes(line.get(key))),
            radio: says_yes(line.get("radio")),
            duration: duration.map(|secs| secs as i32),
            season: number("tvg-season"),
            episode: number("tvg-episode"),
            tmdb: optional("tmdb-id").filter(|id| is_id(id)),
            imdb: optional("imdb-id").filter(|id| is_id(id)),
            tvdb: optional("tvdb-id").filter(|id| is_id(id)),
            is_adult: adult.into_iter().any(|key| is_yes(line.get(key))),
            year: optional("year"),
            plot: optional("plot"),
            rating: optional("rating"),
            poster: line.get("tvg-logo").filter(|logo| is_picture(logo)).map(str::to_owned),
        }
    }
}

/// An entry with a playable address.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct PlaylistEntry {
    /// What its `#EXTINF` says.
    pub(super) tags: Tags,
    /// Where it plays.
    pub(super) address: StreamUrl,
}

impl PlaylistEntry {
    /// The entry's name: title, `tvg-name`, the URL's last segment, in this order.
    pub(super) fn name(&self) -> String {
        let tags = &self.tags;
        for name in [&tags.title, &tags.name] {
            if !name.is_empty() {
                return name.clone();
            }
        }
        let stem = clean(&decode(&decoded(self.address.stem())));
        if self.tags.title.is_empty() && stem.bytes().all(|byte| byte.is_ascii_digit()) {
            return format!("stream {stem}").trim_end().to_owned();
        }
        stem
    }
}

fn says_yes(value: Option<&str>) -> bool {
    value.is_some_and(|value| {
        !["0", "false", "no", "none"].iter().any(|no| value.eq_ignore_ascii_case(no))
    })
}

/// Stricter than [`says_yes`]: what is not said in so many words is not said.
fn is_yes(value: Option<&str>) -> bool {
    value
        .is_some_and(|value| ["1", "true", "yes"].iter().any(|yes| value.eq_ignore_ascii_case(yes)))
}

fn is_id(id: &str) -> bool {
    id.bytes().any(|byte| (b'1'..=b'9').contains(&byte))
}

fn is_picture(logo: &str) -> bool {
    let scheme = logo.split("://").next().unwrap_or_default();
    let web = ["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known));
    web && scheme.len() < logo.len() && logo.len() <= MAX_POSTER_BYTES
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(line: &str) -> Tags {
        Tags::from_line(&ExtInf::parse(line))
    }

    #[test]
    fn attributes_are_taken_over() {
        let tags = tags(
            "5400 tvg-type=\"Movie\" tmdb-id=\"603\" imdb-id=\"tt0\" year=\"1999\" plot=\"A &amp; B\" \
             tvg-season=\"1\" tvg-episode=\"x\" tvg-rec=\"0\" tvg-logo=\"https://h/a b.jpg\",T",
        );
        assert_eq!(tags.kind, "movie");
        assert_eq!(tags.tmdb.as_deref(), Some("603"));
        assert_eq!((tags.imdb, tags.season, tags.episode), (None, Some(1), None));
        assert_eq!(tags.plot.as_deref(), Some("A & B"));
        assert_eq!(tags.duration, Some(5400));
        assert!(!tags.has_archive);
        assert_eq!(tags.poster.as_deref(), Some("https://h/a b.jpg"));
    }

    #[test]
    fn unusable_pictures_and_ids_are_dropped() {
        let long = format!("http://h/{}", "x".repeat(2000));
        for logo in ["data:image/png;base64,AA", "/a.jpg", "http", &long] {
            assert_eq!(tags(&format!("-1 tvg-logo=\"{logo}\",T")).poster, None);
        }
        assert_eq!(tags("-1 tmdb-id=\"0\",T").tmdb, None);
        assert_eq!(tags("-1 tmdb-id=\"\",T").tmdb, None);
    }

    #[test]
    fn adult_is_what_says_so() {
        for yes in ["adult=\"1\"", "censored=1", "is_adult=\"True\"", "is-adult='yes'"] {
            assert!(tags(&format!("-1 {yes},T")).is_adult, "{yes}");
        }
        for no in ["adult=\"0\"", "adult=\"\"", "censored=\"18+\"", "group-title=\"Adult 1\""] {
            assert!(!tags(&format!("-1 {no},T")).is_adult, "{no}");
        }
    }

    #[test]
    fn names_fall_back_to_the_url() {
        for (line, url, name) in [
            ("-1 tvg-name=\"B\",A", "http://h/c.mkv", "A"),
            ("-1 tvg-name=\"B\",", "http://h/c.mkv", "B"),
            ("-1,", "http://h/The%20Film.mkv", "The Film"),
            ("-1,", "http://h/100%.mkv", "100%"),
            ("-1,", "http://h/movie/u/p/7.mkv", "stream 7"),
            ("-1,", "http://h", "stream"),
        ] {
            let entry = PlaylistEntry { tags: tags(line), address: StreamUrl::parse(url).unwrap() };
            assert_eq!(entry.name(), name);
        }
    }
}
