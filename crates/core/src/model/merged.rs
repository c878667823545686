//! One title made of several entries of a source.

use std::collections::HashMap;

use crate::model::media::{Details, Episode, Title};

/// One title of several entries; the first gives its key, and its details before the others. `None` where there is no
/// entry. Streams come as their entries do.
pub fn merged(entries: Vec<Title>) -> Option<Title> {
    let mut entries = entries.into_iter();
    let mut title = entries.next()?;
    let Some(second) = entries.next() else { return Some(title) };
    let mut episodes = Episodes::default();
    claim(&mut title, 0);
    episodes.add(std::mem::take(&mut title.episodes));
    for (number, mut entry) in [second].into_iter().chain(entries).enumerate() {
        let number = u32::try_from(number + 1).unwrap_or(u32::MAX);
        claim(&mut entry, number);
        title.details.complete(entry.details);
        title.streams.extend(entry.streams);
        episodes.add(entry.episodes);
    }
    title.episodes = episodes.list;
    Some(title)
}

/// Has the streams of an entry say what they took from it: its name, and the UUIDs that play them.
fn claim(entry: &mut Title, number: u32) {
    let Title { uuid, details, streams, episodes, .. } = entry;
    for stream in streams {
        stream.name.get_or_insert_with(|| details.name.clone());
        stream.uuid = uuid.as_deref().map(Box::from);
        stream.entry = number;
    }
    for episode in episodes {
        for stream in &mut episode.streams {
            stream.uuid = episode.uuid.as_deref().map(Box::from);
            stream.entry = number;
        }
    }
}

/// Episodes of several entries: those with equal numbers are one.
#[derive(Default)]
struct Episodes {
    list: Vec<Episode>,
    /// By season, number, last number, and how many of one entry had these before.
    places: HashMap<(i32, i32, Option<i32>, u32), usize>,
}

impl Episodes {
    fn add(&mut self, episodes: Vec<Episode>) {
        let mut repeats: HashMap<(i32, i32, Option<i32>), u32> = HashMap::new();
        for episode in episodes {
            let numbers = episode.season.zip(episode.number);
            let place = numbers.map(|(season, number)| {
                let numbers = (season, number, episode.last_number);
                let repeat = repeats.entry(numbers).or_default();
                *repeat += 1;
                (numbers.0, numbers.1, numbers.2, *repeat)
            });
            match place.and_then(|place| self.places.get(&place)) {
                Some(at) => self.list[*at].complete(episode),
                None => {
                    self.places.extend(place.map(|place| (place, self.list.len())));
                    self.list.push(episode);
                }
            }
        }
    }
}

impl Details {
    /// Takes what it does not have from another entry of the title.
    fn complete(&mut self, other: Details) {
        // The exhaustive pattern makes the compiler ask for every field that is added.
        let Details {
            name: _,
            year,
            plot,
            rating,
            genre,
            tmdb,
            imdb,
            poster,
            duration_secs,
            original,
            director,
            cast,
            country,
            studio,
            mpaa,
            trailer,
            fanart,
            season_posters,
            tvdb,
            premiered,
            status,
            is_adult,
            added,
            shown: _,
        } = other;
        take(&mut self.year, year);
        take(&mut self.plot, plot);
        take(&mut self.rating, rating);
        take(&mut self.genre, genre);
        take(&mut self.tmdb, tmdb);
        take(&mut self.imdb, imdb);
        take(&mut self.poster, poster);
        take(&mut self.duration_secs, duration_secs);
        take(&mut self.original, original);
        take(&mut self.director, director);
        take(&mut self.cast, cast);
        take(&mut self.country, country);
        take(&mut self.studio, studio);
        take(&mut self.mpaa, mpaa);
        take(&mut self.trailer, trailer);
        take(&mut self.fanart, fanart);
        take(&mut self.season_posters, season_posters);
        take(&mut self.tvdb, tvdb);
        take(&mut self.premiered, premiered);
        take(&mut self.status, status);
        self.is_adult |= is_adult;
        self.added = self.added.into_iter().chain(added).min();
    }
}

impl Episode {
    /// Takes the streams of another entry's episode, and what this one does not say.
    fn complete(&mut self, other: Episode) {
        take(&mut self.plot, other.plot);
        take(&mut self.aired, other.aired);
        take(&mut self.rating, other.rating);
        take(&mut self.duration_secs, other.duration_secs);
        take(&mut self.tmdb, other.tmdb);
        take(&mut self.imdb, other.imdb);
        take(&mut self.director, other.director);
        take(&mut self.thumb, other.thumb);
        self.is_switched_off &= other.is_switched_off;
        self.streams.extend(other.streams);
    }
}

fn take<T>(own: &mut Option<T>, other: Option<T>) {
    if own.is_none() {
        *own = other;
    }
}
