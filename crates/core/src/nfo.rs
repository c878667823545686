//! NFO files: the XML that media servers read beside a `.strm`.
//!
//! Two dialects. *Standard* writes what Jellyfin, Emby and Kodi document and were seen to read: all
//! that is known, or only what tells them which title it is. Never what would lock an item or say
//! what was watched, which is the server's to know.
//!
//! *Classic* writes the bytes of vod2strm 0.0.13, except where those were broken: the thumb is a
//! URL, season 0 and episode 0 are kept, characters that XML forbids are left out.

use crate::date;
use crate::layout::Dialect;
use crate::media::{Details, Episode, Kind, Title};
use crate::policy::{NfoDetail, Policy};
use crate::text::{collapse, is_xml_char, legal, split_list};

/// A movie's or a series' NFO (`<movie>` or `<tvshow>`), where NFOs are wanted.
pub fn title_nfo(policy: &Policy, title: &Title) -> Option<Vec<u8>> {
    let root = match title.kind {
        Kind::Movie => "movie",
        Kind::Series => "tvshow",
    };
    match (policy.nfo, policy.layout.dialect) {
        (NfoDetail::Off, _) => None,
        (_, Dialect::Classic) => Some(classic_title(root, &title.details)),
        (detail, Dialect::Standard) => Some(standard_title(root, title, detail)),
    }
}

/// An episode's NFO (`<episodedetails>`), where NFOs are wanted.
pub fn episode_nfo(policy: &Policy, episode: &Episode) -> Option<Vec<u8>> {
    match (policy.nfo, policy.layout.dialect) {
        (NfoDetail::Off, _) => None,
        (_, Dialect::Classic) => Some(classic_episode(episode)),
        (detail, Dialect::Standard) => Some(standard_episode(episode, detail)),
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
    xml.optional("plot", &details.plot);
    if let Some(year) = details.year.filter(|year| *year != 0) {
        xml.number("year", i64::from(year));
    }
    xml.optional("rating", &details.rating);
    xml.optional("genre", &details.genre);
    xml.classic_ids(&details.tmdb, &details.imdb);
    if let Some(url) = image_url(&details.poster) {
        xml.text("thumb", url);
    }
    xml.finish(root)
}

fn classic_episode(episode: &Episode) -> Vec<u8> {
    let mut xml = Xml::bare("episodedetails");
    xml.text("title", episode.shown());
    xml.number("season", i64::from(episode.season.unwrap_or(0)));
    xml.number("episode", i64::from(episode.number.unwrap_or(0)));
    xml.optional("aired", &episode.aired);
    xml.optional("plot", &episode.plot);
    xml.optional("rating", &episode.rating);
    xml.classic_ids(&episode.tmdb, &episode.imdb);
    xml.finish("episodedetails")
}

fn standard_title(root: &str, title: &Title, detail: NfoDetail) -> Vec<u8> {
    let details = &title.details;
    let mut xml = Xml::declared(root);
    let (name, year) = details.shown();
    xml.text("title", &one_line(name));
    if detail == NfoDetail::Full {
        xml.text("plot", &prose(&details.plot));
        xml.year(year, title.kind);
        xml.runtime(details.duration_secs);
        xml.rating(&details.rating);
        for genre in split_list(&one_line(details.genre.as_deref().unwrap_or_default())) {
            xml.text("genre", genre);
        }
    }
    xml.standard_ids(&details.tmdb, &details.imdb);
    if let Some(url) = image_url(&details.poster).filter(|_| detail == NfoDetail::Full) {
        xml.element("thumb", " aspect=\"poster\"", url);
    }
    xml.finish(root)
}

fn standard_episode(episode: &Episode, detail: NfoDetail) -> Vec<u8> {
    let mut xml = Xml::declared("episodedetails");
    xml.text("title", &one_line(episode.shown()));
    xml.number("season", i64::from(episode.season.unwrap_or(0).max(0)));
    xml.number("episode", i64::from(episode.number.unwrap_or(0).max(0)));
    if let Some(last) = episode.last_number.filter(|last| Some(*last) > episode.number) {
        xml.number("episodenumberend", i64::from(last));
    }
    if detail == NfoDetail::Full {
        xml.text("plot", &prose(&episode.plot));
        xml.text("aired", aired(episode));
        xml.runtime(episode.duration_secs);
        xml.rating(&episode.rating);
    }
    xml.standard_ids(&episode.tmdb, &episode.imdb);
    xml.finish("episodedetails")
}

/// Without what XML forbids first, so that it leaves no double blanks behind.
fn one_line(text: &str) -> String {
    collapse(&legal(text))
}

/// A text of several lines. Every reader of XML takes the other line ends for `\n` anyway.
fn prose(text: &Option<String>) -> String {
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
fn image_url(poster: &Option<String>) -> Option<&str> {
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

/// Writes indented XML into one buffer; leaves out what XML forbids and elements without a value.
struct Xml {
    out: String,
}

impl Xml {
    fn bare(root: &str) -> Xml {
        Xml { out: format!("<{root}>\n") }
    }

    /// With a declaration: without it, Kodi guesses the encoding and can guess wrong.
    fn declared(root: &str) -> Xml {
        let declaration = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>";
        Xml { out: format!("{declaration}\n<{root}>\n") }
    }

    fn text(&mut self, tag: &str, value: &str) {
        self.element(tag, "", value);
    }

    fn optional(&mut self, tag: &str, value: &Option<String>) {
        self.text(tag, value.as_deref().unwrap_or_default());
    }

    fn number(&mut self, tag: &str, value: i64) {
        self.text(tag, &value.to_string());
    }

    fn element(&mut self, tag: &str, attributes: &str, value: &str) {
        if !value.chars().any(is_xml_char) {
            return;
        }
        self.out.push_str("  <");
        self.out.push_str(tag);
        self.out.push_str(attributes);
        self.out.push('>');
        self.escaped(value);
        self.out.push_str("</");
        self.out.push_str(tag);
        self.out.push_str(">\n");
    }

    fn escaped(&mut self, value: &str) {
        for c in value.chars().filter(|c| is_xml_char(*c)) {
            match c {
                '&' => self.out.push_str("&amp;"),
                '<' => self.out.push_str("&lt;"),
                '>' => self.out.push_str("&gt;"),
                '"' => self.out.push_str("&quot;"),
                '\'' => self.out.push_str("&apos;"),
                c => self.out.push(c),
            }
        }
    }

    fn year(&mut self, year: Option<i32>, kind: Kind) {
        let Some(year) = year.filter(|year| is_plausible_year(*year)) else { return };
        self.number("year", i64::from(year));
        if kind == Kind::Series {
            // Kodi ignores a show's <year> and shows 1970 unless it has a date.
            self.text("premiered", &format!("{year:04}-01-01"));
        }
    }

    fn runtime(&mut self, seconds: Option<i32>) {
        if let Some(seconds) = seconds.filter(|seconds| *seconds > 0) {
            self.number("runtime", (i64::from(seconds) + 30).div_euclid(60).max(1));
        }
    }

    /// One rating out of 10; 0 means "unknown" at every provider seen.
    fn rating(&mut self, rating: &Option<String>) {
        let Some(text) = rating else { return };
        let value: f64 = text.trim().replacen(',', ".", 1).parse().unwrap_or(0.0);
        if (0.05..=10.0).contains(&value) {
            self.out.push_str(&format!(
                "  <ratings>\n    <rating name=\"default\" max=\"10\" default=\"true\">\n      \
                 <value>{value:.1}</value>\n    </rating>\n  </ratings>\n"
            ));
        }
    }

    fn classic_ids(&mut self, tmdb: &Option<String>, imdb: &Option<String>) {
        self.element("uniqueid", " type=\"tmdb\"", tmdb.as_deref().unwrap_or_default());
        self.element("uniqueid", " type=\"imdb\"", imdb.as_deref().unwrap_or_default());
    }

    fn standard_ids(&mut self, tmdb: &Option<String>, imdb: &Option<String>) {
        let (tmdb, imdb) = (valid_tmdb(tmdb), valid_imdb(imdb));
        if let Some(id) = tmdb {
            self.element("uniqueid", " type=\"tmdb\" default=\"true\"", id);
        }
        if let Some(id) = imdb {
            let default = if tmdb.is_none() { " default=\"true\"" } else { "" };
            self.element("uniqueid", &format!(" type=\"imdb\"{default}"), id);
        }
    }

    fn finish(mut self, root: &str) -> Vec<u8> {
        self.out.push_str("</");
        self.out.push_str(root);
        self.out.push_str(">\n");
        self.out.into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::SourceKey;

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
        String::from_utf8(title_nfo(&policy(style), title).unwrap()).unwrap()
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
            copies: Vec::new(),
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
            shown: None,
        }
    }

    #[test]
    fn standard_movie() {
        insta::assert_snapshot!(of_title(STANDARD, &movie(nasty())), @r#"
        <?xml version="1.0" encoding="UTF-8" standalone="yes"?>
        <movie>
          <title>Tom &amp; &quot;Jerry&quot; &lt;3</title>
          <plot>It&apos;s 1 &gt; 0</plot>
          <year>1992</year>
          <runtime>100</runtime>
          <ratings>
            <rating name="default" max="10" default="true">
              <value>7.2</value>
            </rating>
          </ratings>
          <genre>Drama</genre>
          <genre>Sci-Fi</genre>
          <genre>Comedy</genre>
          <uniqueid type="tmdb" default="true">603</uniqueid>
          <uniqueid type="imdb">tt0133093</uniqueid>
          <thumb aspect="poster">http://img/x.jpg?a=1&amp;b=2</thumb>
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
            aired: Some("2014-04-22".into()),
            rating: Some("8.4".into()),
            duration_secs: Some(2_700),
            tmdb: Some("973218".into()),
            imdb: Some("tt3097534".into()),
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
          <uniqueid type="tmdb" default="true">973218</uniqueid>
          <uniqueid type="imdb">tt3097534</uniqueid>
        </episodedetails>
        "#);
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
            assert_eq!(title_nfo(&policy, &movie(nasty())), None);
            assert_eq!(episode_nfo(&policy, &episode()), None);
            assert_eq!(season_nfo(&policy, 1, "Fargo"), None);
        }
    }
}
