//! Whatever a catalogue says, a strict reader of XML finds it again in the NFO, and nothing else.

#![expect(clippy::unwrap_used, reason = "a failure here is a failed test")]

use proptest::prelude::*;
use vod2strm_core::date::Day;
use vod2strm_core::model::media::{Details, Episode, Kind, SourceKey, Title};
use vod2strm_core::model::stated::Stated;
use vod2strm_core::policy::{NfoDetail, Policy};
use vod2strm_core::render::nfo::{episode_nfo, title_nfo};
use vod2strm_core::text::{is_xml_char, split_list};

/// A layout's name, and how much NFOs say.
type Style = (&'static str, NfoDetail);

/// The ways to write NFOs: the standard layout's two, and the classic one.
const STANDARD: Style = ("standard", NfoDetail::Full);
const IDS: Style = ("standard", NfoDetail::Ids);
const CLASSIC: Style = ("classic", NfoDetail::Full);

fn policy((layout, nfo): Style) -> Policy {
    let base_url = "http://d:9191".parse().unwrap();
    Policy { nfo, ..Policy::new(layout.parse().unwrap(), base_url) }
}

fn of_title(style: Style, title: &Title) -> String {
    String::from_utf8(title_nfo(&policy(style), title, None).unwrap()).unwrap()
}

fn of_episode(style: Style, episode: &Episode) -> String {
    String::from_utf8(episode_nfo(&policy(style), episode).unwrap()).unwrap()
}

fn title(kind: Kind, details: Details) -> Title {
    let (streams, episodes) = (Vec::new(), Vec::new());
    Title { kind, key: SourceKey(1), uuid: None, details, streams, episodes }
}

/// Any text, with a good share of what is special to XML or illegal in it.
fn any_text() -> impl Strategy<Value = String> {
    let special = "\0\u{1}\u{B}\u{1F}\u{7F}\u{85}\u{2028}\u{FFFE}\u{FFFF}\t\r\n &<>\"']]>,/|;#x";
    let special: Vec<char> = special.chars().collect();
    let letter = prop_oneof![any::<char>(), prop::sample::select(special)];
    prop::collection::vec(letter, 0..30).prop_map(String::from_iter)
}

fn any_field() -> impl Strategy<Value = Option<String>> {
    let likely = "https?://[a-z&<]{1,9}|[0-9][.,][0-9]|20[0-9]{2}-[01][0-9]-[0-3][0-9]";
    prop::option::of(prop_oneof![any_text(), likely.prop_map(String::from)])
}

const TMDB: &str = "[0-9]{1,13}";
const IMDB: &str = "tt[0-9]{6,11}";
const POSTERS: &str = "([0-9]{1,2} https?://[a-z&<\"]{1,9}\n){1,3}";
const TRAILER: &str = "(https://youtu.be/)?[a-zA-Z0-9_&-]{11}|http://h/[a-z&<\"]{1,9}";

/// An id of this form more often than not, so that both may be there.
fn any_id(form: &'static str) -> impl Strategy<Value = Option<String>> {
    prop::option::of(prop_oneof![1 => any_text(), 4 => form.prop_map(String::from)])
}

prop_compose! {
    fn any_details()(
        name in any_text(), year: Option<i32>, duration_secs: Option<i32>,
        [plot, rating, genre, poster] in prop::array::uniform4(any_field()),
        [original, mpaa, fanart, premiered] in prop::array::uniform4(any_field()),
        [director, cast, country, studio] in prop::array::uniform4(any_list()),
        trailer in any_id(TRAILER), season_posters in any_id(POSTERS), status in any_id("Ended|[Cc]ontinuing"),
        tmdb in any_id(TMDB), imdb in any_id(IMDB), tvdb in any_id(TMDB),
    ) -> Details {
        let (tmdb, imdb) = (tmdb.map(Stated::from), imdb.map(Stated::from));
        let (tvdb, premiered) = (tvdb.map(Stated::from), premiered.map(Stated::from));
        let known = Details { name, year, duration_secs, tmdb, imdb, tvdb, ..Details::default() };
        let rating = rating.map(Stated::from);
        let known = Details { plot, rating, genre, poster, original, mpaa, fanart, ..known };
        let known = Details { director, cast, country, studio, premiered, ..known };
        Details { trailer, status, season_posters, ..known }
    }
}

/// Names between separators, some of them twice, and any text.
fn any_list() -> impl Strategy<Value = Option<String>> {
    let names =
        prop::collection::vec("[A-K&<]{1,2}|[A-Z]{2}|[A-Z][a-z]|[0-9]|N/A| \u{e9}\u{1}", 0..150);
    let names = (names, "[,;|]| / ").prop_map(|(names, separator)| names.join(&separator));
    prop::option::of(prop_oneof![any_text(), names])
}

prop_compose! {
    fn any_episode()(
        name in any_text(), numbers: [Option<i32>; 4],
        [plot, aired, rating, thumb] in prop::array::uniform4(any_field()),
        director in any_list(),
        tmdb in any_id(TMDB), imdb in any_id(IMDB),
    ) -> Episode {
        let [season, number, last_number, duration_secs] = numbers;
        let known = Episode { season, number, last_number, duration_secs, ..Episode::default() };
        let (tmdb, imdb) = (tmdb.map(Stated::from), imdb.map(Stated::from));
        let (aired, rating) = (aired.as_deref().and_then(Day::parse), rating.map(Stated::from));
        Episode { name, plot, aired, rating, tmdb, imdb, director, thumb, ..known }
    }
}

/// An element without elements in it: name, attributes, text.
type Leaf = (String, String, String);

/// What a strict reader sees.
fn leaves(nfo: &str) -> Result<Vec<Leaf>, TestCaseError> {
    use quick_xml::events::Event;
    let fail = |error: String| TestCaseError::fail(format!("{error}: {nfo}"));
    prop_assert!(nfo.chars().all(is_xml_char), "{nfo:?}");
    let mut reader = quick_xml::Reader::from_str(nfo);
    reader.config_mut().check_end_names = true;
    let (mut leaves, mut open) = (Vec::new(), None);
    loop {
        let event = reader.read_event().map_err(|error| fail(error.to_string()))?;
        let more = match event {
            Event::Eof => return Ok(leaves),
            Event::Start(tag) => {
                let (name, attributes) = (tag.name().0.to_owned(), tag.attributes_raw());
                open = Some((name, attributes.trim().to_owned(), String::new()));
                continue;
            }
            Event::End(_) => {
                // A root with nothing in it is no leaf, and blanks are no text.
                leaves.extend(open.take().filter(|leaf: &Leaf| !leaf.2.trim().is_empty()));
                continue;
            }
            Event::Text(text) => text.xml10_content().into_owned(),
            Event::GeneralRef(name) => quick_xml::escape::resolve_xml_entity(&name)
                .ok_or_else(|| fail(format!("{name:?}")))?
                .to_owned(),
            _ => continue,
        };
        if let Some((_, _, text)) = &mut open {
            text.push_str(&more);
        }
    }
}

/// The texts of the elements of this name.
fn texts(leaves: &[Leaf], name: &str) -> Vec<String> {
    leaves.iter().filter(|leaf| leaf.0 == name).map(|leaf| leaf.2.clone()).collect()
}

/// The words of a text.
fn words(text: &str) -> String {
    let legal = text.replace(|c| !is_xml_char(c), "");
    legal.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A text as a reader of XML gives it, without blanks around it.
fn lines(text: &Option<String>) -> String {
    let legal = text.clone().unwrap_or_default().replace(|c| !is_xml_char(c), "");
    legal.replace("\r\n", "\n").replace('\r', "\n").trim().to_owned()
}

/// The names that are to be read of a list, in their order.
fn wanted_names(list: &Option<String>) -> Vec<String> {
    let list = words(list.as_deref().unwrap_or_default()).replace(" / ", "|");
    let names = list.split(['|', ',', ';']).map(str::trim);
    let mut seen = std::collections::HashSet::new();
    names
        .filter(|name| name.contains(char::is_alphabetic))
        .filter(|name| !["n/a", "none", "null", "undefined"].contains(&&*name.to_ascii_lowercase()))
        .filter(|name| seen.insert(name.to_owned()))
        .map(str::to_owned)
        .collect()
}

/// That what may be left out is right where it is there.
fn assert_sound_rest(leaves: &[Leaf], title: &Title) -> Result<(), TestCaseError> {
    let details = &title.details;
    let raw = |text: &Option<String>| words(text.as_deref().unwrap_or_default());
    for original in texts(leaves, "originaltitle") {
        prop_assert!(raw(&details.original).starts_with(&original) && !original.is_empty());
        prop_assert_ne!(original, words(&details.name));
    }
    for mpaa in texts(leaves, "mpaa") {
        prop_assert_eq!(mpaa, raw(&details.mpaa));
    }
    for date in texts(leaves, "premiered") {
        prop_assert!(Day::parse(&date).is_some(), "{}", date);
    }
    for trailer in texts(leaves, "trailer") {
        let id = trailer.strip_prefix("plugin://plugin.video.youtube/play/?video_id=");
        prop_assert!(id.is_none_or(|id| id.len() == 11));
        prop_assert!(raw(&details.trailer).ends_with(id.unwrap_or(&trailer)));
    }
    let states = texts(leaves, "status");
    let is_state = |state: &String| ["Continuing", "Ended"].contains(&state.as_str());
    prop_assert!(
        states.iter().all(is_state) && states.len() <= usize::from(title.kind == Kind::Series)
    );
    Ok(())
}

/// What is to be read of a text: nothing of an empty one.
fn wanted(text: &str) -> Vec<String> {
    Some(text.to_owned()).filter(|text| !text.is_empty()).into_iter().collect()
}

fn assert_sound_ids(leaves: &[Leaf]) -> Result<(), TestCaseError> {
    let ids: Vec<_> = leaves.iter().filter(|leaf| leaf.0 == "uniqueid").collect();
    let defaults = ids.iter().filter(|id| id.1.contains("default=\"true\"")).count();
    prop_assert_eq!(defaults, ids.len().min(1));
    Ok(())
}

const FULL: &[&str] = &[
    "title",
    "originaltitle",
    "plot",
    "year",
    "premiered",
    "aired",
    "runtime",
    "value",
    "mpaa",
    "genre",
    "country",
    "studio",
    "director",
    "name",
    "order",
    "status",
    "uniqueid",
    "trailer",
    "thumb",
    "season",
    "episode",
    "episodenumberend",
];
const SCANT: &[&str] = &["title", "uniqueid", "season", "episode", "episodenumberend"];

/// That there is nothing else: no lock, no playcount, nothing that was to be left out.
fn assert_only(known: &[&str], leaves: &[Leaf]) -> Result<(), TestCaseError> {
    let other = leaves.iter().find(|leaf| !known.contains(&leaf.0.as_str()));
    prop_assert_eq!(other, None);
    Ok(())
}

proptest! {
    /// Media servers swallow XML errors and keep half the data; so none may ever be written.
    #[test]
    fn every_title_is_read_back_as_it_was(details in any_details(), is_movie: bool) {
        let kind = if is_movie { Kind::Movie } else { Kind::Series };
        let title = title(kind, details.clone());
        leaves(&of_title(CLASSIC, &title))?;
        let (full, ids) = (leaves(&of_title(STANDARD, &title))?, leaves(&of_title(IDS, &title))?);
        assert_only(FULL, &full)?;
        assert_only(SCANT, &ids)?;
        for leaves in [&full, &ids] {
            prop_assert_eq!(texts(leaves, "title"), wanted(&words(&details.name)));
            assert_sound_ids(leaves)?;
        }
        prop_assert_eq!(texts(&full, "uniqueid"), texts(&ids, "uniqueid"));
        prop_assert_eq!(texts(&full, "plot"), wanted(&lines(&details.plot)));
        prop_assert_eq!(texts(&full, "director"), wanted_names(&details.director));
        prop_assert_eq!(texts(&full, "studio"), wanted_names(&details.studio));
        prop_assert_eq!(texts(&full, "country"), wanted(&wanted_names(&details.country).join(" / ")));
        let cast: Vec<String> = wanted_names(&details.cast).into_iter().take(50).collect();
        let orders: Vec<String> = (0..cast.len()).map(|order| order.to_string()).collect();
        prop_assert_eq!((texts(&full, "name"), texts(&full, "order")), (cast, orders));
        assert_sound_rest(&full, &title)?;
        let genres = words(&details.genre.unwrap_or_default());
        prop_assert_eq!(texts(&full, "genre"), split_list(&genres));
        for (_, aspect, url) in full.iter().filter(|leaf| leaf.0 == "thumb") {
            if aspect.contains("season") {
                let lines = details.season_posters.as_deref().unwrap_or_default();
                prop_assert!(lines.lines().any(|line| words(line).ends_with(url.as_str())), "{}", url);
                continue;
            }
            let source = if aspect.is_empty() { &details.fanart } else { &details.poster };
            prop_assert_eq!(url, &words(source.as_deref().unwrap_or_default()));
        }
    }

    #[test]
    fn every_episode_is_read_back_as_it_was(episode in any_episode()) {
        leaves(&of_episode(CLASSIC, &episode))?;
        let (full, ids) = (leaves(&of_episode(STANDARD, &episode))?, leaves(&of_episode(IDS, &episode))?);
        assert_only(FULL, &full)?;
        assert_only(SCANT, &ids)?;
        let name = wanted(&words(&episode.name));
        let by_number = episode.number.filter(|number| *number >= 0 && name.is_empty());
        let numbered = by_number.map(|number| vec![format!("Episode {number}")]);
        prop_assert_eq!(texts(&full, "title"), numbered.unwrap_or_else(|| name.clone()));
        prop_assert_eq!(texts(&ids, "title"), name);
        for leaves in [&full, &ids] {
            let number = |number: Option<i32>| number.unwrap_or(0).max(0).to_string();
            prop_assert_eq!(texts(leaves, "season"), [number(episode.season)]);
            prop_assert_eq!(texts(leaves, "episode"), [number(episode.number)]);
            assert_sound_ids(leaves)?;
        }
        prop_assert_eq!(texts(&full, "plot"), wanted(&lines(&episode.plot)));
        prop_assert_eq!(texts(&full, "director"), wanted_names(&episode.director));
        for thumb in texts(&full, "thumb") {
            prop_assert_eq!(thumb, words(episode.thumb.as_deref().unwrap_or_default()));
        }
        let aired = episode.aired.map(|day| day.to_string());
        for date in texts(&full, "aired") {
            prop_assert_eq!(Some(date), aired.clone());
        }
    }
}
