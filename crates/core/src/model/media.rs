//! What a catalogue can say: titles, their episodes, and the streams that providers offer.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::Serialize;

use crate::date::Day;
use crate::model::country::Country;
use crate::model::ids::{ImdbId, TmdbId, TvdbId};
use crate::model::left_out::LeftOutBy;
use crate::model::measured::{Hdr, Measured};
use crate::model::rewrite::Rewrite;
use crate::model::stated::{Premiere, Rating, Stated};
use crate::text::secrets::Secret;

/// What a title is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// One film: one `.strm`, or one per stream.
    Movie,
    /// A series with its seasons and episodes.
    Series,
}

impl Kind {
    /// Both kinds, in the order in which a run handles them.
    pub const ALL: [Kind; 2] = [Kind::Movie, Kind::Series];

    /// The word for messages, reports and the ledger.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Movie => "movie",
            Kind::Series => "series",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A source's own handle for a title, good for one run. It is a row id in a database, or the ordinal of the first
/// entry in a playlist. The handle may be another one tomorrow; a title is *recognised* by its streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SourceKey(pub i64);

/// A provider account. A playlist has one, with id 0.
#[derive(Clone, PartialEq, Eq)]
pub struct Account {
    /// The source's id of the account; stable.
    pub id: i64,
    /// The name that people gave it.
    pub name: String,
    /// Bigger wins.
    pub priority: i32,
    /// What direct URLs are made of; `None` where only the proxy can play (not an Xtream account,
    /// or incomplete).
    pub login: Option<Login>,
}

/// An Xtream account's address and credentials.
#[derive(Clone, PartialEq, Eq)]
pub struct Login {
    /// The server's base URL, as the user entered it.
    pub server_url: String,
    /// User name, plain.
    pub username: String,
    /// Password.
    pub password: Secret,
    /// What the account's default profile makes of the URL, where that is another one.
    pub rewrite: Option<Rewrite>,
}

impl fmt::Debug for Account {
    /// Leaves the login out: an account's debug text may reach a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account")
            .field("id", &self.id)
            .field("name", &self.name)
            .field("priority", &self.priority)
            .finish_non_exhaustive()
    }
}

/// One provider's stream of a movie or an episode, or its entry of a series.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stream {
    /// Who offers it.
    pub account: Arc<Account>,
    /// The provider's stream id (movies, episodes) or series id; text, since not all are numbers.
    pub stream_id: String,
    /// The source's id of the category that it is in, where it has one.
    pub category: Option<i64>,
    /// The file extension without a dot, when the provider says one.
    pub container: Option<String>,
    /// The stream's own URL where the source gives one (playlists). Others have none:
    /// their URL is made from the title's UUID or from the account's login.
    pub url: Option<String>,
    /// What its series is recognised by, of a playlist's episode.
    pub episode: Option<EpisodeStream>,
    /// Which of a title's entries it is from, counted from 0.
    pub entry: u32,
    /// The source's UUID of what it plays, where that is not its title's or its episode's own.
    pub uuid: Option<Box<str>>,
    /// The provider's own name for it, noise included, where the source keeps that. A title that several offer
    /// has one name alone, the first that came. A database may keep none for episodes.
    pub name: Option<String>,
    /// The name of the category that it is in, where it has one: a playlist's `group-title`.
    pub category_name: Option<Arc<str>>,
    /// What a playlist says that it is, in lower case: `tvg-type`.
    pub stated_type: Option<Arc<str>>,
    /// A playlist's `#KODIPROP` lines for it, with line ends between them: properties that Kodi plays it with.
    pub kodi_properties: Option<Box<str>>,
    /// The provider says that it is for adults.
    pub is_adult: bool,
    /// What somebody has measured of it, as the source said last.
    pub measured: Option<Box<Measured>>,
    /// What is known of sound and picture: measured, or else by its name.
    pub traits: Traits,
    /// Whether the user wants it: the filter lets it through.
    pub is_wanted: bool,
    /// What leaves it out; says nothing as long as it is wanted.
    pub left_out_by: LeftOutBy,
    /// It is not wanted because the user has another filter now: the one before would let it through today.
    pub is_taken: bool,
    /// It is wanted because the user has another filter now, which the one before would not let through today, or has
    /// enabled its category.
    pub is_let_in: bool,
}

/// 64 bits that stand for what lasts of an episode's stream in a playlist: the host, and the provider's id. A playlist's
/// series is recognised by those of its episodes, since none of its entries is the series itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EpisodeStream(pub u64);

/// A stream that was measured, as the ledger remembers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MeasuredStream {
    /// Who offers it.
    pub account: i64,
    /// The provider's stream id.
    pub stream_id: String,
    /// What was measured, as a text.
    pub said: String,
}

/// What is measured of a stream, and what its name says of it, or that of its title or category.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Traits {
    /// The languages that are spoken, as ISO 639-1 codes; `multi` for several.
    pub languages: Vec<String>,
    /// The picture's lines: 2160 for 4K.
    pub quality: Option<u16>,
    /// How the picture says its brightness; only where that was measured.
    pub hdr: Option<Hdr>,
}

impl Stream {
    /// A stream of which nothing else is known.
    pub fn new(account: Arc<Account>, stream_id: String) -> Stream {
        Stream {
            account,
            stream_id,
            category: None,
            container: None,
            url: None,
            episode: None,
            entry: 0,
            uuid: None,
            name: None,
            category_name: None,
            stated_type: None,
            kodi_properties: None,
            is_adult: false,
            measured: None,
            traits: Traits::default(),
            is_wanted: true,
            left_out_by: LeftOutBy::default(),
            is_taken: false,
            is_let_in: false,
        }
    }

    /// Whether it is what its account offers of a series' entry, and this is an episode's stream of that entry.
    pub fn is_series_of(&self, episode: &Stream) -> bool {
        self.account.id == episode.account.id && self.entry == episode.entry
    }

    /// Whether it has a name or a category of its own. An episode's stream without is called as its series' are.
    pub fn has_own_words(&self) -> bool {
        self.name.is_some() || self.category_name.is_some()
    }

    /// Whether more is known of it than of its series: an episode's stream without is wanted as its series' are.
    pub fn speaks_for_itself(&self) -> bool {
        self.has_own_words() || self.measured.is_some()
    }
}

/// What both kinds, and NFO files, have in common. Texts are as the source gave them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Details {
    /// The name as the source has it, provider noise included.
    pub name: String,
    /// Release year; any integer that the source has.
    pub year: Option<i32>,
    /// Plot.
    pub plot: Option<String>,
    /// Rating, from 0 to 10 as a rule.
    pub rating: Option<Stated<Rating>>,
    /// Genres, separated by commas or slashes.
    pub genre: Option<String>,
    /// TMDB id.
    pub tmdb: Option<Stated<TmdbId>>,
    /// IMDb id (`tt…`).
    pub imdb: Option<Stated<ImdbId>>,
    /// URL of the poster.
    pub poster: Option<String>,
    /// Running time in seconds (movies).
    pub duration_secs: Option<i32>,
    /// Title in the language that it was made in; often the provider's name once more.
    pub original: Option<String>,
    /// Directors, separated by commas.
    pub director: Option<String>,
    /// Actors, the most important first, separated by commas.
    pub cast: Option<String>,
    /// Countries that made it, separated by commas: names or codes.
    pub country: Option<String>,
    /// Studios or networks, separated by commas.
    pub studio: Option<String>,
    /// From which age on: `PG-13`, `FSK 16`, `12`.
    pub mpaa: Option<String>,
    /// A YouTube id, or the URL of a trailer there or elsewhere.
    pub trailer: Option<String>,
    /// URL of a picture for the background.
    pub fanart: Option<String>,
    /// URLs of seasons' posters, a line each: the season's number, a blank, the URL.
    pub season_posters: Option<String>,
    /// TVDB id.
    pub tvdb: Option<Stated<TvdbId>>,
    /// First shown on: a date in whatever form, or a year alone.
    pub premiered: Option<Stated<Premiere>>,
    /// Whether there will be more of it (series), in the source's words: `Returning Series`, `Ended`.
    pub status: Option<String>,
    /// It is for adults: the source says so of the title, or of one of its streams.
    pub is_adult: bool,
    /// When the source got to know it, in seconds since 1970.
    pub added: Option<i64>,
    /// What people are to see instead of name and year; `None` where names are left as they are.
    pub shown: Option<Shown>,
}

/// What a name says, without its noise.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// The name.
    pub name: String,
    /// The year that was in it.
    pub year: Option<i32>,
    /// The country that stood behind it; that of a series is in the name, too.
    pub country: Option<Box<Country>>,
}

impl Details {
    /// The country that stood behind the name.
    pub fn country_behind(&self) -> Option<&Country> {
        self.shown.as_ref().and_then(|shown| shown.country.as_deref())
    }

    /// The name and the year that people are to see.
    pub fn shown(&self) -> (&str, Option<i32>) {
        match &self.shown {
            Some(shown) => (&shown.name, self.year.or(shown.year)),
            None => (&self.name, self.year),
        }
    }
}

/// An episode of a series.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Episode {
    /// The source's UUID, for proxy URLs.
    pub uuid: Option<String>,
    /// Season number; 0 for specials.
    pub season: Option<i32>,
    /// Episode number within its season.
    pub number: Option<i32>,
    /// Last number of a double episode (`S05E01-E02` has 2), otherwise `None`.
    pub last_number: Option<i32>,
    /// The episode's name as the source has it.
    pub name: String,
    /// Plot.
    pub plot: Option<String>,
    /// First air date.
    pub aired: Option<Day>,
    /// Rating, from 0 to 10 as a rule.
    pub rating: Option<Stated<Rating>>,
    /// Running time in seconds.
    pub duration_secs: Option<i32>,
    /// TMDB id of the episode.
    pub tmdb: Option<Stated<TmdbId>>,
    /// IMDb id of the episode.
    pub imdb: Option<Stated<ImdbId>>,
    /// Directors, separated by commas.
    pub director: Option<String>,
    /// URL of a picture of the episode.
    pub thumb: Option<String>,
    /// What people are to see instead of the name; `None` where names are left as they are.
    pub shown: Option<String>,
    /// The playable streams, best first: priority descending, then the source's own order.
    pub streams: Vec<Stream>,
    /// It has streams, and none that counts: their accounts are switched off. The user's will, and no
    /// loss.
    pub is_switched_off: bool,
}

impl Episode {
    /// The name that people are to see.
    pub fn shown(&self) -> &str {
        self.shown.as_deref().unwrap_or(&self.name)
    }
}

impl Title {
    /// The stream that the title is named after: the best one that is wanted.
    pub fn best_stream(&self) -> Option<&Stream> {
        self.streams.iter().find(|stream| stream.is_wanted).or(self.streams.first())
    }

    /// Whether there is a stream of what can be played: of the movie, or of an episode.
    pub fn has_streams(&self) -> bool {
        match self.kind {
            Kind::Movie => !self.streams.is_empty(),
            Kind::Series => self.episodes.iter().any(|episode| !episode.streams.is_empty()),
        }
    }

    /// How many entries of the source it is made of: each has a stream.
    pub fn entries(&self) -> u64 {
        let last = self.streams.iter().map(|stream| stream.entry).max();
        u64::from(last.unwrap_or(0)) + 1
    }

    /// Whether the filter lets none of its streams through.
    pub fn is_filtered(&self) -> bool {
        !self.streams.is_empty() && !self.streams.iter().any(|stream| stream.is_wanted)
    }

    /// What leaves it out, where it is filtered: what the stream meets that comes furthest.
    pub fn left_out_by(&self) -> Option<LeftOutBy> {
        let all = self.streams.iter().map(|stream| stream.left_out_by);
        if self.is_filtered() { all.max() } else { None }
    }

    /// The accounts that offer what is wanted of it, and whether only the user's will has let that in since the last run.
    pub fn offers(&self) -> BTreeMap<i64, bool> {
        let mut offers = BTreeMap::new();
        for stream in self.streams.iter().filter(|stream| stream.is_wanted) {
            *offers.entry(stream.account.id).or_insert(true) &= stream.is_let_in;
        }
        offers
    }

    /// What a playlist's series is recognised by: the streams of its episodes, each once.
    pub fn episode_streams(&self) -> Vec<EpisodeStream> {
        let played = self.episodes.iter().flat_map(|episode| &episode.streams);
        let mut streams: Vec<_> = played.filter_map(|stream| stream.episode).collect();
        streams.sort_unstable();
        streams.dedup();
        streams
    }

    /// What was measured of the streams that are played: those of the movie, or of the episodes.
    pub fn measured(&self) -> Vec<MeasuredStream> {
        let own = match self.kind {
            Kind::Movie => self.streams.as_slice(),
            Kind::Series => &[],
        };
        let played = own.iter().chain(self.episodes.iter().flat_map(|episode| &episode.streams));
        let measured = |stream: &Stream| {
            let said = stream.measured.as_ref()?.to_string();
            let (account, stream_id) = (stream.account.id, stream.stream_id.clone());
            Some(MeasuredStream { account, stream_id, said })
        };
        played.filter_map(measured).collect()
    }

    /// Whether the filter lets all of its streams through, and all of its episodes'.
    pub fn is_wholly_wanted(&self) -> bool {
        let played = self.episodes.iter().flat_map(|episode| &episode.streams);
        self.streams.iter().chain(played).all(|stream| stream.is_wanted)
    }
}

/// A movie, or a series with its episodes: the unit of state, plan, publication and report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Title {
    /// Movie or series.
    pub kind: Kind,
    /// The source's handle in this run.
    pub key: SourceKey,
    /// The source's UUID, for proxy URLs and reports.
    pub uuid: Option<String>,
    /// Name, year, plot and so on.
    pub details: Details,
    /// The eligible streams, best first. A series' streams are its entries at the providers.
    pub streams: Vec<Stream>,
    /// A series' episodes, in any order; those without a playable stream included. Empty for movies.
    pub episodes: Vec<Episode>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn title(kind: Kind, streams: usize, episodes: Vec<Episode>) -> Title {
        let (key, details, streams) = (SourceKey(1), Details::default(), offered(streams));
        Title { kind, key, uuid: None, details, streams, episodes }
    }

    fn offered(number: usize) -> Vec<Stream> {
        let account = Account { id: 1, name: "A".to_owned(), priority: 0, login: None };
        vec![Stream::new(Arc::new(account), "7".to_owned()); number]
    }

    #[test]
    fn a_movie_has_streams_of_its_own_and_a_series_those_of_its_episodes() {
        let episode = |streams| Episode { streams: offered(streams), ..Episode::default() };
        for (title, expected, what) in [
            (title(Kind::Movie, 0, Vec::new()), false, "a movie that nobody offers"),
            (title(Kind::Movie, 1, Vec::new()), true, "a movie"),
            (title(Kind::Series, 1, Vec::new()), false, "a series without episodes"),
            (title(Kind::Series, 1, vec![episode(0)]), false, "episodes that nobody offers"),
            (title(Kind::Series, 0, vec![episode(0), episode(1)]), true, "one that somebody does"),
        ] {
            assert_eq!(title.has_streams(), expected, "{what}");
        }
        assert_eq!(Kind::ALL.map(|kind| kind.to_string()), ["movie", "series"]);
    }
}
