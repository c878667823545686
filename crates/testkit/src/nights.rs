//! A month of nights: what a provider and Dispatcharr do to a catalogue while nobody looks. Most of it no viewer notices.

use std::collections::HashMap;

use crate::generate::{Catalogue, Size};
use crate::rng::Rng;
use crate::schema::Logo;

/// A catalogue as it is after some nights.
pub struct Month {
    /// Rows keep their places, whatever their ids.
    pub catalogue: Catalogue,
    rng: Rng,
    night: i64,
}

impl Month {
    /// A catalogue of titles that have pictures and ratings, and names that no two share.
    pub fn new(seed: u64, size: Size) -> Month {
        let mut catalogue = Catalogue::generate(seed, size, false);
        catalogue.logos.clear();
        for (at, movie) in catalogue.movies.iter_mut().enumerate() {
            movie.name = format!("Film number {at}");
            movie.logo_id = Some(logo(&mut catalogue.logos, "film", at));
            movie.rating = Some("6.5".to_owned());
        }
        for (at, series) in catalogue.series.iter_mut().enumerate() {
            series.name = format!("Show number {at}");
            series.logo_id = Some(logo(&mut catalogue.logos, "show", at));
            series.rating = Some("6.5".to_owned());
        }
        Month { catalogue, rng: Rng(seed), night: 0 }
    }

    /// What goes on in every night and no viewer notices: UUIDs, ids of rows, their order, addresses of providers,
    /// tokens of pictures. A rating goes up or down by a tenth, and back the next night.
    pub fn pass(&mut self) {
        self.night += 1;
        self.remake();
        let night = self.night;
        for logo in &mut self.catalogue.logos {
            let path = logo.url.split('?').next().unwrap_or_default();
            logo.url = format!("{path}?token={night}&size=w500");
        }
        for account in &mut self.catalogue.accounts {
            if account.server_url.is_some() && night % 5 == 0 {
                account.server_url = Some(format!("http://line{night}.example:8080"));
            }
        }
        let step = if night % 2 == 0 { -1 } else { 1 };
        let ratings = self.catalogue.movies.iter_mut().map(|movie| &mut movie.rating);
        for rating in ratings.chain(self.catalogue.series.iter_mut().map(|it| &mut it.rating)) {
            *rating = tenths(rating).map(|tenths| as_rating(tenths + step));
        }
    }

    /// All rows are made anew: they have other ids and UUIDs, and come in another order.
    pub fn remake(&mut self) {
        self.uuids();
        self.ids();
    }

    /// What a viewer notices: some titles have another name, plot, year, id, rating or picture, some episodes another
    /// name, plot or date, and some streams another number.
    pub fn change(&mut self, titles: usize) {
        let night = self.night;
        for _ in 0..titles {
            let (what, at) = (self.rng.below(12), self.rng.next() as usize);
            let Catalogue { movies, series, episodes, logos, .. } = &mut self.catalogue;
            let (films, shows) = (movies.len(), series.len());
            let (movie, show) = (&mut movies[at % films], &mut series[at % shows]);
            let parts = episodes.len();
            let episode = &mut episodes[at % parts];
            match what {
                // Under a new name, with a new UUID and without an id, a stream is another film.
                0 if movie.tmdb_id.is_some() => {
                    movie.name = format!("Film number {} anew {night}", at % films);
                }
                0 | 1 => movie.description = Some(format!("A plot of night {night}.")),
                2 => movie.year = Some(1950 + night as i32),
                3 => {
                    movie.tmdb_id =
                        Some(format!("{}", 5_000_000 + at % films * 100 + night as usize))
                }
                4 => movie.rating = tenths(&movie.rating).map(|it| as_rating((it + 17) % 95)),
                5 => {
                    let own = logos.iter_mut().find(|logo| Some(logo.id) == movie.logo_id);
                    own.expect("it has one").url =
                        format!("http://image.example/new/{}-{night}.jpg?token=1", at % films);
                }
                6 => show.description = Some(format!("A plot of night {night}.")),
                7 => show.genre = Some(format!("Genre {night}")),
                8 => episode.name = format!("Part anew {night}"),
                9 => episode.description = Some(format!("A plot of night {night}.")),
                10 => episode.air_date = Some(format!("2001-01-{:02}", 1 + night % 28)),
                _ => self.exchange(at),
            }
        }
    }

    /// The only stream of a movie, or of an episode, has another number. Of several, another would be the best.
    fn exchange(&mut self, at: usize) {
        let Catalogue { movie_relations, episode_relations, .. } = &mut self.catalogue;
        let number = |old: &str| format!("9{old}");
        let streams = movie_relations.len() + episode_relations.len();
        if let Some(stream) = movie_relations.get(at % streams) {
            let own = stream.movie_id;
            if movie_relations.iter().filter(|row| row.movie_id == own).count() == 1 {
                let stream = &mut movie_relations[at % streams];
                stream.stream_id = number(&stream.stream_id);
            }
        } else {
            let at = at % streams - movie_relations.len();
            let own = episode_relations[at].episode_id;
            if episode_relations.iter().filter(|row| row.episode_id == own).count() == 1 {
                let stream = &mut episode_relations[at];
                stream.stream_id = number(&stream.stream_id);
            }
        }
    }

    fn uuids(&mut self) {
        let rng = &mut self.rng;
        let mut uuid = || {
            let (high, low) = (rng.next(), rng.next());
            let hex = format!("{high:016x}{low:016x}");
            let parts = [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]];
            parts.join("-")
        };
        self.catalogue.movies.iter_mut().for_each(|row| row.uuid = uuid());
        self.catalogue.series.iter_mut().for_each(|row| row.uuid = uuid());
        self.catalogue.episodes.iter_mut().for_each(|row| row.uuid = uuid());
    }

    fn ids(&mut self) {
        let Catalogue {
            movies,
            movie_relations,
            series,
            series_relations,
            episodes,
            episode_relations,
            ..
        } = &mut self.catalogue;
        let rng = &mut self.rng;
        let movie = renumber(rng, movies.iter_mut().map(|row| &mut row.id));
        renumber(rng, movie_relations.iter_mut().map(|row| &mut row.id));
        movie_relations.iter_mut().for_each(|row| row.movie_id = movie[&row.movie_id]);
        let show = renumber(rng, series.iter_mut().map(|row| &mut row.id));
        let entry = renumber(rng, series_relations.iter_mut().map(|row| &mut row.id));
        series_relations.iter_mut().for_each(|row| row.series_id = show[&row.series_id]);
        let episode = renumber(rng, episodes.iter_mut().map(|row| &mut row.id));
        episodes.iter_mut().for_each(|row| row.series_id = show[&row.series_id]);
        renumber(rng, episode_relations.iter_mut().map(|row| &mut row.id));
        for row in episode_relations {
            row.episode_id = episode[&row.episode_id];
            row.series_relation_id = row.series_relation_id.map(|id| entry[&id]);
        }
    }
}

/// A rating in tenths.
pub fn tenths(rating: &Option<String>) -> Option<i64> {
    let value: f64 = rating.as_deref()?.parse().ok()?;
    Some((value * 10.0).round() as i64)
}

fn as_rating(tenths: i64) -> String {
    format!("{}.{}", tenths.max(0) / 10, tenths.max(0) % 10)
}

fn logo(logos: &mut Vec<Logo>, kind: &str, at: usize) -> i64 {
    let id = logos.len() as i64 + 1;
    let url = format!("http://image.example/{kind}/{at}.jpg?token=0");
    logos.push(Logo { id, name: format!("{kind} {at}"), url });
    id
}

/// Gives rows other ids, in any order; what each old one is now.
fn renumber<'a>(rng: &mut Rng, ids: impl Iterator<Item = &'a mut i64>) -> HashMap<i64, i64> {
    let ids: Vec<&mut i64> = ids.collect();
    let least = ids.iter().map(|id| **id).max().unwrap_or(0) + 1;
    let mut new: Vec<i64> = (least..).take(ids.len()).collect();
    for at in (1..new.len()).rev() {
        new.swap(at, rng.below(at + 1));
    }
    let give = |(id, new): (&mut i64, i64)| (std::mem::replace(id, new), new);
    ids.into_iter().zip(new).map(give).collect()
}
