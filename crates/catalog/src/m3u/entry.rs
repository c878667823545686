//! One entry of a playlist: what its lines say, decoded, but not yet classified.

use super::address::{StreamIdentity, StreamUrl};
use super::extinf::ExtInf;
use super::text::{clean, decode};
use vod2strm_core::model::ids::ImdbId;
use vod2strm_core::model::media::Kind;
use vod2strm_core::model::stated::Meaning as _;
use vod2strm_core::names::episode_marks::{self, MarkStrength};
use vod2strm_core::names::words::{PARTS, has_word};
use vod2strm_core::text::percent::decoded;

/// Longer picture addresses are `data:` URIs or mistakes.
const MAX_POSTER_BYTES: usize = 2000;

/// Attributes that only films and episodes have.
const OF_FILMS: [&str; 7] = ["year", "plot", "director", "cast", "genres", "rating", "description"];

/// Shorter durations are placeholders, in seconds.
const SHORTEST_SECS: f64 = 60.0;

/// Longer ones are as well.
const LONGEST_SECS: f64 = 100_000.0;

/// What a rating stands behind.
const STARS: [char; 3] = ['⭐', '★', '✯'];

/// Numbers of parts that are no words and no codes of languages.
const ROMANS: [&str; 7] = ["II", "III", "IV", "VI", "VII", "VIII", "IX"];

/// What an `#EXTINF` line says; empty texts stand for what it does not say.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Tags {
    /// The text after the comma.
    pub(super) title: String,
    /// `tvg-name`.
    pub(super) name: String,
    /// `group-title`, or the entry's `#EXTGRP`; several with semicolons between them.
    pub(super) group: String,
    /// The group that version 0.1.0 read, where it is another: the first `group-title` alone, perhaps empty.
    pub(super) first_group: Option<String>,
    /// The address that version 0.1.0 read, where it is another: nothing behind a `#` that is escaped now.
    pub(super) former_address: Option<Box<StreamUrl>>,
    /// The name that version 0.1.0 read, where it is none any more: an option, an IMDb id.
    pub(super) former_name: Option<String>,
    /// `tvg-type` or `type`, in lower case.
    pub(super) kind: String,
    /// `tvg-id`.
    pub(super) id: String,
    /// Whether it has a channel's number: `tvg-chno`.
    pub(super) has_number: bool,
    /// Whether attributes or lines say what only films and episodes have: a year, a plot, a director.
    pub(super) is_described: bool,
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
    /// `imdb-id`, unless 0; or a `tvg-id` or `tvg-name` that is one.
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
    /// The entry's lines `#KODIPROP`, with line ends between them.
    pub(super) kodi_properties: Option<Box<str>>,
}

impl Tags {
    /// Takes over what matters of a line.
    pub(super) fn from_line(line: &ExtInf<'_>) -> Tags {
        let text = |key| clean(line.get(key).unwrap_or_default());
        let optional = |key| line.get(key).map(clean).filter(|value| !value.is_empty());
        let number = |key| line.get(key)?.parse::<i32>().ok().filter(|number| *number >= 0);
        let adult = ["is-adult", "is_adult", "adult", "censored"];
        let archive = ["catchup", "catchup-type", "catchup-source", "catchup-days", "timeshift"];
        let names = [clean(line.title), text("tvg-name")];
        let is_name = |name: &str| !is_option(name) && !is_imdb(name);
        let former_name = names.iter().find(|name| !name.is_empty()).filter(|name| !is_name(name));
        let former_name = former_name.cloned();
        let [title, name] = names;
        let group = groups(line);
        let first_group = first_group(line, &group);
        let of_imdb = |key| line.get(key).filter(|id| is_imdb(id)).map(str::to_owned);
        let imdb = || optional("imdb-id").filter(|id| is_id(id));
        let imdb = imdb().or_else(|| of_imdb("tvg-id")).or_else(|| of_imdb("tvg-name"));
        let duration = line.duration.filter(|secs| (SHORTEST_SECS..LONGEST_SECS).contains(secs));
        Tags {
            title: if is_option(&title) { String::new() } else { title },
            name: if is_name(&name) { name } else { String::new() },
            first_group,
            group,
            former_address: None,
            former_name,
            kind: line
                .get("tvg-type")
                .or(line.get("type"))
                .map(clean)
                .unwrap_or_default()
                .to_lowercase(),
            id: text("tvg-id"),
            has_number: line.get("tvg-chno").is_some(),
            is_described: OF_FILMS.iter().any(|key| line.get(key).is_some_and(says_something)),
            has_archive: archive.into_iter().chain(["tvg-rec"]).any(|key| says_yes(line.get(key))),
            radio: says_yes(line.get("radio")),
            duration: duration.map(|secs| secs as i32),
            season: number("tvg-season"),
            episode: number("tvg-episode"),
            tmdb: optional("tmdb-id").filter(|id| is_id(id)),
            imdb,
            tvdb: optional("tvdb-id").filter(|id| is_id(id)),
            is_adult: adult.into_iter().any(|key| is_yes(line.get(key))),
            year: optional("year"),
            plot: optional("plot"),
            rating: optional("rating"),
            poster: line.get("tvg-logo").filter(|logo| is_picture(logo)).map(str::to_owned),
            kodi_properties: None,
        }
    }

    /// Whether `tvg-id` is one of a programme guide: no number, no IMDb id.
    pub(super) fn has_guide(&self) -> bool {
        self.id.chars().any(char::is_alphabetic) && !is_imdb(&self.id)
    }

    /// Takes over a line `#EXTIMG` or `#EXTDESC` of the entry, unless an attribute says the same.
    pub(super) fn add_line(&mut self, directive: EntryLine, text: &str) {
        let text = text.trim();
        match directive {
            EntryLine::Picture if self.poster.is_none() && is_picture(text) => {
                self.poster = Some(text.to_owned());
            }
            EntryLine::Plot if self.plot.is_none() => {
                self.plot = Some(clean(text)).filter(|plot| !plot.is_empty());
            }
            EntryLine::Picture | EntryLine::Plot => {}
        }
        self.is_described |= directive == EntryLine::Plot;
    }
}

/// A line between an entry's `#EXTINF` and its address that says something of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum EntryLine {
    /// `#EXTIMG`.
    Picture,
    /// `#EXTDESC`.
    Plot,
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

    /// What identifies the stream, as version 0.1.0 has it: other rules for groups and names would move every title whose
    /// address says nothing.
    pub(super) fn identity(&self, kind: Kind, name: &str) -> StreamIdentity {
        let tags = &self.tags;
        let group = tags.first_group.as_ref().unwrap_or(&tags.group);
        let address = match tags.former_address.as_deref() {
            // Episodes of one address before its `#` would be one stream.
            Some(former) if kind == Kind::Movie => former,
            _ => &self.address,
        };
        address.identity(tags.former_name.as_deref().unwrap_or(name), group)
    }

    /// A name without what a list puts behind it: `tvg-name`, where the name is that and a tail.
    pub(super) fn without_tail<'a>(&self, name: &'a str) -> &'a str {
        let own = &self.tags.name;
        match name.strip_prefix(own.as_str()) {
            Some(tail) if is_tail(own, tail) => &name[..own.len()],
            _ => name,
        }
    }
}

/// Whether what stands behind a name belongs to no title: brackets and stars, or anything behind a bracketed year. What
/// says an episode, a part of the work or a year belongs to the name.
fn is_tail(name: &str, tail: &str) -> bool {
    let text = tail.trim_start();
    let ends_in_year = name.len() > 6
        && name.ends_with([')', ']'])
        && name.bytes().rev().skip(1).take(4).all(|byte| byte.is_ascii_digit());
    let begins = |letter: char| {
        letter == '['
            || STARS.contains(&letter)
            || ends_in_year && !letter.is_numeric() && text.len() < tail.len()
    };
    let adds_year = !ends_in_year && count_digits(text) >= 4;
    !name.is_empty()
        && text.starts_with(begins)
        && !adds_year
        && !says_part(text)
        && episode_marks::find(text, MarkStrength::Fair).is_none()
}

/// Whether a text counts the parts of a work: `Part 2`, `[Vol. 2]`, `[2]`, `[II]`. What follows a star is a rating.
fn says_part(text: &str) -> bool {
    let counted = text.split(STARS).next().unwrap_or_default();
    let is_number = |word: &str| {
        (1..=3).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_digit())
    };
    let mut words = counted.split(|letter: char| !letter.is_alphanumeric());
    has_word(text, PARTS) || words.any(|word| is_number(word) || ROMANS.contains(&word))
}

/// The address as version 0.1.0 read it from a line, unless it is the same.
pub(super) fn former_address(line: &str, address: &StreamUrl) -> Option<Box<StreamUrl>> {
    let (front, _) = line.split_once('#')?;
    let escaped = |text: &str| text.matches("%23").count();
    if escaped(&address.url) == escaped(line) {
        return None;
    }
    let mut former = StreamUrl::parse(front)?;
    // Blanks before the `#` belonged to the address.
    former.url.push_str(&front[front.trim_end().len()..]);
    Some(Box::new(former))
}

/// How many digits stand side by side at most.
fn count_digits(text: &str) -> usize {
    let runs = text.split(|letter: char| !letter.is_ascii_digit());
    runs.map(str::len).max().unwrap_or_default()
}

/// All groups that an entry is in.
fn groups(line: &ExtInf<'_>) -> String {
    let mut groups = String::new();
    for group in ["group-title", "grupo-title"].into_iter().flat_map(|key| line.all(key)) {
        let group = clean(group);
        if groups.is_empty() {
            groups = group;
        } else if groups.split(';').all(|known| known != group) {
            groups.push(';');
            groups.push_str(&group);
        }
    }
    groups
}

/// The first `group-title`, be it empty; `None` where all `groups` are that one.
fn first_group(line: &ExtInf<'_>, groups: &str) -> Option<String> {
    let mut all = line.attributes.iter();
    let first = all.find(|(key, _)| key.eq_ignore_ascii_case("group-title"));
    let first = first.map_or("", |(_, group)| group.trim());
    if first == groups { None } else { Some(clean(first)).filter(|first| first != groups) }
}

/// Whether a title is a line that belongs elsewhere: `#EXTVLCOPT:…`, `#KODIPROP:…`. `#ALIVE: Remake` is a film.
fn is_option(title: &str) -> bool {
    let word = title.strip_prefix('#').and_then(|rest| rest.split_once(':')).map(|(word, _)| word);
    word.is_some_and(|word| {
        let is_tag = word.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'-');
        word == "KODIPROP" || is_tag && word.starts_with("EXT")
    })
}

/// Whether an id is one of IMDb's titles.
fn is_imdb(id: &str) -> bool {
    ImdbId::read(id).is_some()
}

/// Whether an attribute's value is one, and no placeholder.
fn says_something(value: &str) -> bool {
    value.chars().any(|letter| letter.is_alphanumeric() && letter != '0')
        && !["N/A", "null", "none", "undefined"].iter().any(|none| value.eq_ignore_ascii_case(none))
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
    fn repeated_groups_and_ids_in_other_places_count() {
        let all = tags("-1 group-title=\"Dramat\" group-title=\"\" group-title=\"Serial\",T");
        assert_eq!(all.group, "Dramat;Serial");
        for line in [
            "-1 tvg-id=\"tt0062588\",T",
            "-1 tvg-name=\"tt0062588\",T",
            "-1 imdb-id=\"tt0062588\",T",
        ] {
            let found = tags(line);
            assert_eq!((found.imdb.as_deref(), &*found.name), (Some("tt0062588"), ""), "{line}");
            assert!(!found.has_guide());
        }
        let guide = tags("-1 tvg-id=\"ttv.de\" type=\"Movie\",T");
        assert_eq!((guide.imdb.clone(), guide.has_guide(), &*guide.kind), (None, true, "movie"));
        assert!(!tags("-1 tvg-id=\"987490\",T").has_guide());
    }

    #[test]
    fn an_option_is_no_title_and_a_tail_is_no_part_of_one() {
        assert_eq!(tags("-1,#EXTVLCOPT:http-user-agent=x").title, "");
        assert_eq!(tags("-1,#KODIPROP:inputstream=x").title, "");
        for film in ["#Alive: 2020", "#ALIVE: Remake", "#SAVE-ME: 1"] {
            assert_eq!(tags(&format!("-1,{film}")).title, film);
        }
        let cut = |name: &str, title: &str| {
            let tags = Tags { name: name.to_owned(), title: title.to_owned(), ..Tags::default() };
            let address = StreamUrl::parse("http://h/1.mkv").unwrap();
            let entry = PlaylistEntry { tags, address };
            entry.without_tail(title).to_owned()
        };
        let ever = "Best. Christmas. Ever! (2023)";
        for (name, title) in [
            (ever, "Best. Christmas. Ever! (2023) [Commedia] ⭐5.4"),
            (ever, "Best. Christmas. Ever! (2023) - Commedia"),
            (ever, "Best. Christmas. Ever! (2023) [4K] [1080p]"),
            ("Heat", "Heat [Azione] ⭐7"),
        ] {
            assert_eq!(cut(name, title), name);
        }
        for (name, title) in [
            ("Heat", "Heat (1995)"),
            ("Heat", "Heat [1995]"),
            ("Show", "Show S01E02"),
            ("Show (2020)", "Show (2020) S01E02"),
            ("Show (2020)", "Show (2020) 01 720p"),
            ("Star Wars", "Star Wars: A New Hope"),
            ("Dune (2021)", "Dune (2021) Part 2"),
            ("Dune (2021)", "Dune (2021) PART TWO"),
            ("Dune (2021)", "Dune (2021) (2) [4K]"),
            ("Kill Bill", "Kill Bill [Vol. 2]"),
            ("Kill Bill", "Kill Bill [II]"),
            ("", "[REC]"),
        ] {
            assert_eq!(cut(name, title), title);
        }
    }

    #[test]
    fn lines_of_an_entry_say_what_no_attribute_says() {
        let mut tags = tags("-1 plot=\"Own\",T");
        tags.add_line(EntryLine::Picture, " https://h/a.jpg ");
        tags.add_line(EntryLine::Plot, "Other");
        assert_eq!(
            (tags.poster.as_deref(), tags.plot.as_deref()),
            (Some("https://h/a.jpg"), Some("Own"))
        );
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
