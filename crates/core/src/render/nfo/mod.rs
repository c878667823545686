//! NFO files: the XML that media servers read beside a `.strm`.
//!
//! Two dialects. *Standard* writes what Jellyfin, Emby and Kodi document and were seen to read. That is all that
//! is known, or only what tells them which title it is. Never what would lock an item or say what was watched,
//! which is the server's to know.
//!
//! *Classic* writes the bytes of vod2strm 0.0.13, except where those were broken. The thumb is a URL, season 0 and
//! episode 0 are kept, and characters that XML forbids are left out.

mod xml;
pub mod file_info;

use self::xml::Xml;
use crate::layout::Dialect;
use crate::model::media::{Details, Episode, Kind, Title};
use crate::model::stated::{meaning, text};
use crate::model::values::{
    actors, age_rating, aired, date_added, names, one_line, original_title, prose, season_posters,
    series_status, trailer, web_url,
};
use crate::names::entities::unescape;
use crate::policy::{NfoDetail, Policy};
use crate::text::split_list;

/// A movie's or a series' NFO (`<movie>` or `<tvshow>`), where NFOs are wanted. `given` is the title that it gives; `None`
/// for its own name.
pub fn title_nfo(policy: &Policy, title: &Title, given: Option<&str>) -> Option<Vec<u8>> {
    let root = match title.kind {
        Kind::Movie => "movie",
        Kind::Series => "tvshow",
    };
    match (policy.nfo, policy.layout.dialect) {
        (NfoDetail::Off, _) => None,
        (_, Dialect::Classic) => Some(classic_title(root, &title.details)),
        (detail, Dialect::Standard) => Some(standard_title(root, title, given, detail)),
    }
}

/// An episode's NFO (`<episodedetails>`), where NFOs are wanted.
pub fn episode_nfo(policy: &Policy, episode: &Episode) -> Option<Vec<u8>> {
    match (policy.nfo, policy.layout.dialect) {
        (NfoDetail::Off, _) => None,
        (_, Dialect::Classic) => Some(classic_episode(episode)),
        (detail, Dialect::Standard) => {
            // With ids alone, servers find the names themselves: what an NFO says outranks what they find.
            let names_by_number = policy.layout.names_by_number && detail == NfoDetail::Full;
            Some(standard_episode(episode, detail, names_by_number))
        }
    }
}

/// A season's NFO, which only the classic layout has; `show` is the series' folder name.
pub fn season_nfo(policy: &Policy, season: i32, show: &str) -> Option<Vec<u8>> {
    if !policy.layout.is_classic() || policy.nfo == NfoDetail::Off {
        return None;
    }
    let mut xml = Xml::bare("season");
    xml.number("seasonnumber", i64::from(season));
    xml.text("tvshowtitle", show);
    Some(xml.finish("season"))
}

fn classic_title(root: &str, details: &Details) -> Vec<u8> {
    let mut xml = Xml::bare(root);
    xml.text("title", details.shown().0);
    xml.optional("plot", details.plot.as_deref());
    if let Some(year) = details.year.filter(|year| *year != 0) {
        xml.number("year", i64::from(year));
    }
    xml.optional("rating", text(&details.rating));
    xml.optional("genre", details.genre.as_deref());
    xml.classic_ids(&details.tmdb, &details.imdb);
    if let Some(url) = web_url(&details.poster) {
        xml.text("thumb", url);
    }
    xml.finish(root)
}

fn classic_episode(episode: &Episode) -> Vec<u8> {
    let mut xml = Xml::bare("episodedetails");
    xml.text("title", episode.shown());
    xml.number("season", i64::from(episode.season.unwrap_or(0)));
    xml.number("episode", i64::from(episode.number.unwrap_or(0)));
    xml.day("aired", episode.aired);
    xml.optional("plot", episode.plot.as_deref());
    xml.optional("rating", text(&episode.rating));
    xml.classic_ids(&episode.tmdb, &episode.imdb);
    xml.finish("episodedetails")
}

fn standard_title(root: &str, title: &Title, given: Option<&str>, detail: NfoDetail) -> Vec<u8> {
    let details = &title.details;
    let mut xml = Xml::declared(root);
    let (name, year) = details.shown();
    xml.text("title", &one_line(given.unwrap_or(name)));
    if detail == NfoDetail::Full {
        xml.text("originaltitle", &original(title));
        xml.text("plot", &prose(&details.plot));
        xml.dates(year, meaning(&details.premiered).map(|it| it.0), title.kind);
        xml.runtime(details.duration_secs);
        xml.rating(&details.rating);
        xml.text("mpaa", &age_rating(&details.mpaa));
        for genre in split_list(&one_line(details.genre.as_deref().unwrap_or_default())) {
            xml.text("genre", genre);
        }
        // Of several elements Jellyfin keeps the last; both it and Kodi divide one at the slashes.
        xml.text("country", &names(&details.country).join(" / "));
        xml.each("studio", &names(&details.studio));
        xml.each("director", &names(&details.director));
        xml.actors(&actors(&details.cast));
        if title.kind == Kind::Series {
            xml.text("status", series_status(&details.status));
        }
        xml.text("dateadded", &date_added(details.added).unwrap_or_default());
    }
    xml.standard_ids(meaning(&details.tmdb), meaning(&details.imdb), meaning(&details.tvdb));
    if detail == NfoDetail::Full {
        xml.text("trailer", &trailer(&details.trailer).unwrap_or_default());
        xml.element("thumb", " aspect=\"poster\"", web_url(&details.poster).unwrap_or_default());
        for (season, url) in season_posters(details) {
            let attributes = format!(" aspect=\"poster\" type=\"season\" season=\"{season}\"");
            xml.element("thumb", &attributes, url);
        }
        xml.fanart(web_url(&details.fanart));
    }
    xml.finish(root)
}

/// The path of a series' NFO below its folder.
pub const SHOW_NFO: &str = "tvshow.nfo";

/// The title that an NFO of ours gives; `None` for what is no such NFO.
pub fn title_in(nfo: &[u8]) -> Option<String> {
    let text = str::from_utf8(nfo).ok()?;
    let (_, rest) = text.split_once("<title>")?;
    let (title, _) = rest.split_once("</title>")?;
    Some(unescape(title).into_owned())
}

/// The original title, where it is neither the shown one nor a provider's name for the title.
fn original(title: &Title) -> String {
    let details = &title.details;
    let (name, year) = details.shown();
    let offered = title.streams.iter().filter_map(|stream| stream.name.as_deref());
    let known: Vec<&str> = [name, &details.name].into_iter().chain(offered).collect();
    original_title(&details.original, year, &known)
}

fn standard_episode(episode: &Episode, detail: NfoDetail, names_by_number: bool) -> Vec<u8> {
    let mut xml = Xml::declared("episodedetails");
    let title = one_line(episode.shown());
    match episode.number {
        Some(number) if names_by_number && number >= 0 && title.is_empty() => {
            xml.text("title", &format!("Episode {number}"));
        }
        _ => xml.text("title", &title),
    }
    xml.number("season", i64::from(episode.season.unwrap_or(0).max(0)));
    xml.number("episode", i64::from(episode.number.unwrap_or(0).max(0)));
    if let Some(last) = episode.last_number.filter(|last| Some(*last) > episode.number) {
        xml.number("episodenumberend", i64::from(last));
    }
    if detail == NfoDetail::Full {
        xml.text("plot", &prose(&episode.plot));
        xml.day("aired", aired(episode));
        xml.runtime(episode.duration_secs);
        xml.rating(&episode.rating);
        xml.each("director", &names(&episode.director));
    }
    xml.standard_ids(meaning(&episode.tmdb), meaning(&episode.imdb), None);
    if detail == NfoDetail::Full {
        xml.text("thumb", web_url(&episode.thumb).unwrap_or_default());
    }
    xml.finish("episodedetails")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    use crate::date::Day;
    use crate::model::media::{Account, SourceKey, Stream};

    /// A layout's name, and how much NFOs say.
    type Style = (&'static str, NfoDetail);

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

    fn movie(details: Details) -> Title {
        Title {
            kind: Kind::Movie,
            key: SourceKey(1),
            uuid: None,
            details,
            streams: Vec::new(),
            episodes: Vec::new(),
        }
    }

    fn nasty() -> Details {
        Details {
            name: "Tom & \"Jerry\"\u{1} <3".into(),
            year: Some(1992),
            plot: Some("It's\u{FFFE} 1 > 0".into()),
            rating: Some("7,25".into()),
            genre: Some("Drama, Sci-Fi / Comedy".into()),
            tmdb: Some("603".into()),
            imdb: Some("tt0133093".into()),
            poster: Some("http://img/x.jpg?a=1&b=2".into()),
            duration_secs: Some(6_000),
            original: Some("Tom und Jerry <3 (1992)".into()),
            director: Some("W. Hanna, J. Barbera".into()),
            cast: Some("Tom & Co, Jerry, Tom & Co".into()),
            country: Some("US, Germany".into()),
            studio: Some("MGM, <Film> Roman".into()),
            mpaa: Some("FSK  6".into()),
            trailer: Some("https://youtu.be/dQw4w9WgXcQ".into()),
            fanart: Some("http://img/f.jpg?a=1&b=2".into()),
            tvdb: Some("72860".into()),
            premiered: Some("31-10-1992".into()),
            status: Some("Ended".into()),
            ..Details::default()
        }
    }

    #[test]
    fn only_an_episode_of_several_numbers_has_a_last_one() {
        for (last, is_told) in [(None, false), (Some(2), false), (Some(1), false), (Some(3), true)]
        {
            let episode = Episode {
                season: Some(1),
                number: Some(2),
                last_number: last,
                ..Episode::default()
            };
            let xml = of_episode(STANDARD, &episode);
            assert_eq!(xml.contains("<episodenumberend>"), is_told, "{last:?}");
        }
    }

    #[test]
    fn standard_movie() {
        insta::assert_snapshot!(of_title(STANDARD, &movie(nasty())), @r#"
        <?xml version="1.0" encoding="UTF-8" standalone="yes"?>
        <movie>
          <title>Tom &amp; &quot;Jerry&quot; &lt;3</title>
          <originaltitle>Tom und Jerry &lt;3</originaltitle>
          <plot>It&apos;s 1 &gt; 0</plot>
          <year>1992</year>
          <premiered>1992-10-31</premiered>
          <runtime>100</runtime>
          <ratings>
            <rating name="default" max="10" default="true">
              <value>7.2</value>
            </rating>
          </ratings>
          <mpaa>FSK 6</mpaa>
          <genre>Drama</genre>
          <genre>Sci-Fi</genre>
          <genre>Comedy</genre>
          <country>US / Germany</country>
          <studio>MGM</studio>
          <studio>&lt;Film&gt; Roman</studio>
          <director>W. Hanna</director>
          <director>J. Barbera</director>
          <actor>
            <name>Tom &amp; Co</name>
            <order>0</order>
          </actor>
          <actor>
            <name>Jerry</name>
            <order>1</order>
          </actor>
          <uniqueid type="tmdb" default="true">603</uniqueid>
          <uniqueid type="imdb">tt0133093</uniqueid>
          <uniqueid type="tvdb">72860</uniqueid>
          <trailer>plugin://plugin.video.youtube/play/?video_id=dQw4w9WgXcQ</trailer>
          <thumb aspect="poster">http://img/x.jpg?a=1&amp;b=2</thumb>
          <fanart>
            <thumb>http://img/f.jpg?a=1&amp;b=2</thumb>
          </fanart>
        </movie>
        "#);
    }

    #[test]
    fn classic_movie() {
        insta::assert_snapshot!(of_title(CLASSIC, &movie(nasty())), @r#"
        <movie>
          <title>Tom &amp; &quot;Jerry&quot; &lt;3</title>
          <plot>It&apos;s 1 &gt; 0</plot>
          <year>1992</year>
          <rating>7,25</rating>
          <genre>Drama, Sci-Fi / Comedy</genre>
          <uniqueid type="tmdb">603</uniqueid>
          <uniqueid type="imdb">tt0133093</uniqueid>
          <thumb>http://img/x.jpg?a=1&amp;b=2</thumb>
        </movie>
        "#);
    }

    #[test]
    fn specials_keep_their_season_in_both_dialects() {
        let episode = Episode { name: "Special".into(), season: Some(0), ..Episode::default() };
        for style in [STANDARD, IDS, CLASSIC] {
            let nfo = of_episode(style, &episode);
            assert!(
                nfo.contains("<season>0</season>") && nfo.contains("<episode>0</episode>"),
                "{nfo}"
            );
        }
    }

    #[test]
    fn unknown_values_are_left_out_not_guessed() {
        let details = Details {
            name: "X".into(),
            year: Some(99_999),
            rating: Some("n/a".into()),
            tmdb: Some("0".into()),
            imdb: Some("133093".into()),
            poster: Some("poster.jpg".into()),
            duration_secs: Some(0),
            original: Some("x".into()),
            director: Some(" , N/A, 0, -".into()),
            cast: Some("none".into()),
            country: Some("-".into()),
            studio: Some(",".into()),
            mpaa: Some("0".into()),
            trailer: Some("unavailable".into()),
            fanart: Some("/f.jpg".into()),
            tvdb: Some("0".into()),
            premiered: Some("05-06-2019".into()),
            status: Some("Ended".into()),
            ..Details::default()
        };
        insta::assert_snapshot!(of_title(STANDARD, &movie(details)), @r#"
        <?xml version="1.0" encoding="UTF-8" standalone="yes"?>
        <movie>
          <title>X</title>
        </movie>
        "#);
    }

    fn episode() -> Episode {
        Episode {
            season: Some(1),
            number: Some(2),
            last_number: Some(3),
            name: " The Rooster\r\n Prince ".into(),
            plot: Some(" Two\r\nlines \u{2}\r".into()),
            aired: Day::new(2014, 4, 22),
            rating: Some("8.4".into()),
            duration_secs: Some(2_700),
            tmdb: Some("973218".into()),
            imdb: Some("tt3097534".into()),
            director: Some("A. Bernstein, R. Johnson".into()),
            thumb: Some(" http://img/e.jpg?a=1&b=2 ".into()),
            ..Episode::default()
        }
    }

    #[test]
    fn standard_episode() {
        insta::assert_snapshot!(of_episode(STANDARD, &episode()), @r#"
        <?xml version="1.0" encoding="UTF-8" standalone="yes"?>
        <episodedetails>
          <title>The Rooster Prince</title>
          <season>1</season>
          <episode>2</episode>
          <episodenumberend>3</episodenumberend>
          <plot>Two
        lines</plot>
          <aired>2014-04-22</aired>
          <runtime>45</runtime>
          <ratings>
            <rating name="default" max="10" default="true">
              <value>8.4</value>
            </rating>
          </ratings>
          <director>A. Bernstein</director>
          <director>R. Johnson</director>
          <uniqueid type="tmdb" default="true">973218</uniqueid>
          <uniqueid type="imdb">tt3097534</uniqueid>
          <thumb>http://img/e.jpg?a=1&amp;b=2</thumb>
        </episodedetails>
        "#);
    }

    /// Kodi shows no title where there is none.
    #[test]
    fn an_episode_without_a_name_is_called_by_its_number_where_servers_have_no_better_one() {
        let nameless = Episode { name: String::new(), shown: None, ..episode() };
        for (layout, is_named) in
            [("standard", true), ("kodi", true), ("jellyfin", false), ("emby", false)]
        {
            assert!(
                !of_episode((layout, NfoDetail::Ids), &nameless).contains("<title>"),
                "{layout}"
            );
            let nfo = of_episode((layout, NfoDetail::Full), &nameless);
            assert_eq!(nfo.contains("<title>Episode 2</title>"), is_named, "{layout} {nfo}");
        }
        let unnumbered = Episode { number: None, ..nameless };
        assert!(!of_episode(STANDARD, &unnumbered).contains("<title>"));
    }

    #[test]
    fn shows_have_a_date_and_a_state() {
        let of = |premiered: &str| {
            let details = Details { premiered: Some(premiered.into()), ..nasty() };
            of_title(STANDARD, &Title { kind: Kind::Series, ..movie(details) })
        };
        assert!(of("1992-10-31").contains("<premiered>1992-10-31</premiered>"));
        assert!(of("1992").contains("<premiered>1992-01-01</premiered>"));
        assert!(of("").contains("<status>Ended</status>"));
        assert!(!of_title(STANDARD, &movie(nasty())).contains("<status>"));
    }

    #[test]
    fn a_providers_name_is_no_original_title() {
        let account = Account { id: 1, name: "A".into(), priority: 0, login: None };
        let stream = Stream::new(Arc::new(account), "7".into());
        let name = Some("DE - Tom und Jerry <3".into());
        let details = Details { original: name.clone(), ..nasty() };
        let mut title = movie(details);
        assert!(of_title(STANDARD, &title).contains("<originaltitle>DE - Tom"));
        title.streams = vec![Stream { name, ..stream }];
        assert!(!of_title(STANDARD, &title).contains("<originaltitle>"));
    }

    #[test]
    fn ids_alone() {
        let series = Title { kind: Kind::Series, ..movie(nasty()) };
        let nfos = of_title(IDS, &series) + &of_episode(IDS, &episode());
        insta::assert_snapshot!(nfos, @r#"
        <?xml version="1.0" encoding="UTF-8" standalone="yes"?>
        <tvshow>
          <title>Tom &amp; &quot;Jerry&quot; &lt;3</title>
          <uniqueid type="tmdb" default="true">603</uniqueid>
          <uniqueid type="imdb">tt0133093</uniqueid>
          <uniqueid type="tvdb">72860</uniqueid>
        </tvshow>
        <?xml version="1.0" encoding="UTF-8" standalone="yes"?>
        <episodedetails>
          <title>The Rooster Prince</title>
          <season>1</season>
          <episode>2</episode>
          <episodenumberend>3</episodenumberend>
          <uniqueid type="tmdb" default="true">973218</uniqueid>
          <uniqueid type="imdb">tt3097534</uniqueid>
        </episodedetails>
        "#);
    }

    #[test]
    fn switched_off_there_are_none() {
        for layout in ["standard", "classic"] {
            let policy = policy((layout, NfoDetail::Off));
            assert_eq!(title_nfo(&policy, &movie(nasty()), None), None);
            assert_eq!(episode_nfo(&policy, &episode()), None);
            assert_eq!(season_nfo(&policy, 1, "Fargo"), None);
        }
    }
}
