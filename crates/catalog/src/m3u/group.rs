//! Entries to titles: movies as they are, episodes gathered into series.

use std::collections::hash_map::Entry as Slot;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use vod2strm_core::hash::{Fingerprint, RowHasher};
use vod2strm_core::model::media::{
    Account, Details, Episode, EpisodeStream, Kind, Shown, SourceKey, Stream, Title,
};
use vod2strm_core::model::stated::Stated;
use vod2strm_core::names::years::Years;

use super::address::{StreamIdentity, hash_of, hashed};
use super::classify::ClassifiedEntry;
use super::entry::PlaylistEntry;
use super::hints;
use super::naming::{self, EpisodeName};
use super::text::fold;

/// The id of the one account that a playlist is.
pub(super) const ACCOUNT: i64 = 0;

/// What became of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum EntryPlacement {
    /// It is a title, an episode or a further stream.
    New,
    /// The same stream stands in the playlist already.
    Repeated,
}

/// A series under construction.
#[derive(Default)]
struct SeriesBuilder {
    title: usize,
    /// Places of episodes by season, number and last number.
    episodes: HashMap<(i32, i32, Option<i32>), usize>,
    tmdb: Agreed,
    imdb: Agreed,
    tvdb: Agreed,
    year: Agreed,
}

/// A value that holds only as long as nobody contradicts. Of an episode's attributes nobody knows whether they
/// speak of the episode or of the series.
#[derive(Default)]
enum Agreed {
    #[default]
    Unknown,
    One(String),
    Contradicted,
}

impl Agreed {
    fn hear(&mut self, value: Option<&String>) {
        match (&*self, value) {
            (Agreed::Unknown, Some(value)) => *self = Agreed::One(value.clone()),
            (Agreed::One(known), Some(value)) if known != value => *self = Agreed::Contradicted,
            _ => {}
        }
    }

    fn value(self) -> Option<String> {
        match self {
            Agreed::One(value) => Some(value),
            Agreed::Unknown | Agreed::Contradicted => None,
        }
    }
}

/// The titles found so far.
pub(super) struct TitleCollector {
    account: Arc<Account>,
    years: Years,
    titles: Vec<Title>,
    /// Names of groups and stated types, each kept once.
    texts: HashSet<Arc<str>>,
    /// Where each address was put, as fingerprints: a list has millions of long addresses.
    placed: HashSet<Fingerprint>,
    /// Folded name and year of the movie that has a stream id.
    movie_ids: HashMap<String, String>,
    /// Places of movies by a panel's id, without its host, and folded name and year.
    panel_movies: HashMap<(String, String), usize>,
    series: HashMap<(String, Option<i32>), SeriesBuilder>,
}

impl TitleCollector {
    /// An empty one.
    pub(super) fn new(years: Years) -> TitleCollector {
        let account =
            Account { id: ACCOUNT, name: "playlist".to_owned(), priority: 0, login: None };
        TitleCollector {
            account: Arc::new(account),
            years,
            titles: Vec::new(),
            texts: HashSet::new(),
            placed: HashSet::new(),
            movie_ids: HashMap::new(),
            panel_movies: HashMap::new(),
            series: HashMap::new(),
        }
    }

    /// The titles in order of first appearance; a title's key is its ordinal, from 1.
    pub(super) fn finish(self) -> Vec<Title> {
        let mut titles = self.titles;
        let mut all: Vec<_> = self.series.into_iter().collect();
        all.sort_unstable_by_key(|(_, series)| series.title);
        let mut streams = HashSet::new();
        for (_, series) in all {
            let title = &mut titles[series.title];
            let stream = first_stream(title).filter(|stream| streams.insert(stream.clone()));
            let stream = stream.zip(title.streams.first());
            let stream = stream.map(|(stream_id, stream)| Stream { stream_id, ..stream.clone() });
            title.streams.extend(stream);
            let details = &mut title.details;
            details.tmdb = series.tmdb.value().map(Stated::from);
            details.imdb = series.imdb.value().map(Stated::from);
            details.tvdb = series.tvdb.value().map(Stated::from);
            let attribute = series.year.value().and_then(|year| self.years.read(&year));
            details.year = details.year.or(attribute);
        }
        titles
    }

    /// Adds a movie.
    pub(super) fn add_movie(&mut self, entry: PlaylistEntry, name: &str) -> EntryPlacement {
        if !self.placed.insert(place_of(Kind::Movie, "", &entry.address.url)) {
            return EntryPlacement::Repeated;
        }
        let known = entry.tags.year.as_deref().and_then(|year| self.years.read(year));
        // With its tail: `Heat [4K]` and `Heat [Lektor]` at one path are two streams.
        let taken = self.years.take(name, known);
        let year = known.or(taken.1);
        let key = format!("{}\n{}", fold(&taken.0), year.unwrap_or_default());
        let identity = entry.identity(Kind::Movie, name);
        let stream_id = movie_id(&identity, &entry.address.host);
        match (self.movie_ids.get(&stream_id), &identity) {
            (Some(_), StreamIdentity::Xtream(_)) => return EntryPlacement::Repeated,
            // Of a former address nobody knows what stood behind its `#`.
            (Some(name), StreamIdentity::Path(_))
                if *name == key && entry.tags.former_address.is_none() =>
            {
                return EntryPlacement::Repeated;
            }
            _ => {}
        }
        let panel_key = (identity.text().to_owned(), key.clone());
        if let (StreamIdentity::Xtream(_), Some(place)) =
            (&identity, self.panel_movies.get(&panel_key))
        {
            // The same panel under another host's name.
            let (place, stream) = (*place, self.stream(&entry, stream_id.clone()));
            self.titles[place].details.is_adult |= stream.is_adult;
            self.titles[place].streams.push(stream);
            self.movie_ids.insert(stream_id, key);
            return EntryPlacement::New;
        }
        let stream_id = self.free_movie_id(&entry, stream_id, name);
        let stream = self.stream(&entry, stream_id.clone());
        let place = self.titles.len();
        self.movie_ids.insert(stream_id, key);
        self.panel_movies.insert(panel_key, place);
        let own = entry.without_tail(name);
        let (rest, behind) = if own == name { taken } else { self.years.take(own, known) };
        let (name, shown) = self.names_of(own, rest, behind);
        let tags = entry.tags;
        let details = Details {
            name,
            shown,
            year,
            plot: tags.plot,
            rating: tags.rating.map(Stated::from),
            tmdb: tags.tmdb.map(Stated::from),
            imdb: tags.imdb.map(Stated::from),
            tvdb: tags.tvdb.map(Stated::from),
            poster: tags.poster,
            duration_secs: tags.duration,
            is_adult: tags.is_adult,
            ..Details::default()
        };
        self.push(Kind::Movie, details, vec![stream]);
        EntryPlacement::New
    }

    /// A movie's name without its year, which is `rest`. Where text stands behind the year, the year stays. Only who
    /// sees it can tell that text from the title. What people see, as long as nobody cleans names, is without the
    /// year then, too.
    fn names_of(&self, name: &str, rest: String, year: Option<i32>) -> (String, Option<Shown>) {
        if hints::has_text_behind_year(name, &self.years) {
            (name.to_owned(), Some(Shown { name: rest, year, country: None }))
        } else {
            (rest, None)
        }
    }

    /// An id that no other movie has: two titles must not share what they are recognised by.
    fn free_movie_id(&self, entry: &PlaylistEntry, id: String, name: &str) -> String {
        let named = hashed(&[&id, name]);
        let free = [id, named].into_iter().find(|id| !self.movie_ids.contains_key(id));
        // URLs differ in any case.
        free.unwrap_or_else(|| hashed(&["url", &entry.address.url]))
    }

    /// Adds an episode, and its series when it is the first one.
    pub(super) fn add_episode(
        &mut self,
        entry: PlaylistEntry,
        classified: &ClassifiedEntry,
    ) -> EntryPlacement {
        let name = naming::episode_name(&entry, classified, &self.years);
        let place = self.series_of(&entry, &name);
        let identity = entry.identity(Kind::Series, &classified.name);
        let stream = Stream {
            episode: Some(episode_stream(&entry.address.host, identity.text())),
            ..self.stream(&entry, identity.text().to_owned())
        };
        let Some(series) = self.series.get_mut(&(fold(&name.series), name.year)) else {
            // `series_of` has just made sure that it is there.
            return EntryPlacement::Repeated;
        };
        series.tmdb.hear(entry.tags.tmdb.as_ref());
        series.imdb.hear(entry.tags.imdb.as_ref());
        series.tvdb.hear(entry.tags.tvdb.as_ref());
        series.year.hear(entry.tags.year.as_ref().or(name.shown_year.as_ref()));
        let title = &mut self.titles[place];
        title.details.is_adult |= entry.tags.is_adult;
        if title.details.poster.is_none() {
            title.details.poster.clone_from(&entry.tags.poster);
        }
        let next = title.episodes.len();
        let numbers = format!("{place} {} {:?} {:?}", name.season, name.number, name.last);
        if !self.placed.insert(place_of(Kind::Series, &numbers, &entry.address.url)) {
            return EntryPlacement::Repeated;
        }
        let at = match name.number {
            // Nothing says that two entries without a number are the same episode.
            None => None,
            Some(number) => match series.episodes.entry((name.season, number, name.last)) {
                Slot::Occupied(known) => Some(*known.get()),
                Slot::Vacant(slot) => {
                    slot.insert(next);
                    None
                }
            },
        };
        match at.map(|at| &mut title.episodes[at]) {
            None => title.episodes.push(new_episode(entry, name, stream)),
            Some(episode) => {
                if episode.name.is_empty() {
                    episode.name = name.title;
                }
                episode.streams.push(stream);
            }
        }
        EntryPlacement::New
    }

    /// The place of the series that an episode belongs to, which is made if need be.
    fn series_of(&mut self, entry: &PlaylistEntry, name: &EpisodeName) -> usize {
        let key = (fold(&name.series), name.year);
        if let Some(series) = self.series.get(&key) {
            return series.title;
        }
        let year = name.year.map(|year| year.to_string()).unwrap_or_default();
        let stream_id = hashed(&["series", &key.0, &year]);
        // No entry of the playlist is the series itself: no name, no mark of its own.
        let category_name = self.shared(&entry.tags.group);
        let stream = Stream { category_name, ..Stream::new(Arc::clone(&self.account), stream_id) };
        let details = Details {
            name: name.series.clone(),
            year: name.year,
            poster: entry.tags.poster.clone(),
            ..Details::default()
        };
        let title = self.titles.len();
        self.push(Kind::Series, details, vec![stream]);
        self.series.insert(key, SeriesBuilder { title, ..SeriesBuilder::default() });
        title
    }

    fn push(&mut self, kind: Kind, details: Details, streams: Vec<Stream>) {
        let key = SourceKey(self.titles.len() as i64 + 1);
        self.titles.push(Title { kind, key, uuid: None, details, streams, episodes: Vec::new() });
    }

    fn stream(&mut self, entry: &PlaylistEntry, stream_id: String) -> Stream {
        Stream {
            container: entry.address.extension.clone(),
            url: Some(entry.address.url.clone()),
            name: Some(entry.name()),
            category_name: self.shared(&entry.tags.group),
            stated_type: self.shared(&entry.tags.kind),
            kodi_properties: entry.tags.kodi_properties.clone(),
            is_adult: entry.tags.is_adult,
            ..Stream::new(Arc::clone(&self.account), stream_id)
        }
    }

    /// A text that many entries have, kept once; `None` for an empty one.
    fn shared(&mut self, text: &str) -> Option<Arc<str>> {
        if text.is_empty() {
            return None;
        }
        if let Some(known) = self.texts.get(text) {
            return Some(Arc::clone(known));
        }
        let text: Arc<str> = Arc::from(text);
        self.texts.insert(Arc::clone(&text));
        Some(text)
    }
}

/// What a movie is recognised by. With the host: another provider's number 7 is another film, whichever comes first.
pub(super) fn movie_id(identity: &StreamIdentity, host: &str) -> String {
    match identity {
        StreamIdentity::Xtream(id) => format!("{id}@{host}"),
        StreamIdentity::Path(id) | StreamIdentity::Weak(id) => id.clone(),
    }
}

/// A panel's own number of a stream; `None` for streams of other addresses.
pub(super) fn panel_number(stream: &Stream) -> Option<u64> {
    stream.stream_id.split('@').next()?.parse().ok()
}

/// What lasts of an episode's stream; with the host, as a movie's.
pub(super) fn episode_stream(host: &str, stream_id: &str) -> EpisodeStream {
    EpisodeStream(hash_of(&[host, stream_id]))
}

/// What stands for a series among the streams that are counted, beside its name: the stream of its first episode.
pub(super) fn episode_id(EpisodeStream(stream): EpisodeStream) -> String {
    format!("episode-{stream:016x}")
}

/// The stream of a series' first episode. Specials come last, since they come and go.
fn first_stream(series: &Title) -> Option<String> {
    let place = |episode: &Episode| {
        let (season, number) = (episode.season, episode.number);
        (season == Some(0), season, number.is_none(), number)
    };
    let first = series.episodes.iter().map(place).min()?;
    let episodes = series.episodes.iter().filter(|episode| place(episode) == first);
    let streams = episodes.flat_map(|episode| &episode.streams);
    streams.filter_map(|stream| stream.episode).min().map(episode_id)
}

fn new_episode(entry: PlaylistEntry, name: EpisodeName, stream: Stream) -> Episode {
    Episode {
        season: Some(name.season),
        number: name.number,
        last_number: name.last,
        name: name.title,
        plot: entry.tags.plot,
        aired: name.aired,
        rating: entry.tags.rating.map(Stated::from),
        duration_secs: entry.tags.duration,
        streams: vec![stream],
        ..Episode::default()
    }
}

/// What stands for an address at one place of the list.
fn place_of(kind: Kind, place: &str, url: &str) -> Fingerprint {
    let mut hasher = RowHasher::default();
    hasher.start(b'p').text(kind.as_str()).text(place).text(url);
    hasher.finish()
}

#[cfg(test)]
mod tests;
