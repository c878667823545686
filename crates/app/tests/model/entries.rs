//! What a source does to its entries: they become one, part, and gain and lose names, years and ids.

use vod2strm_core::model::media::Kind;
use vod2strm_core::policy::Versions;
use vod2strm_testkit::schema::{
    EpisodeRelation, EpisodeRow, Movie, MovieRelation, SeriesRelation, SeriesRow,
};
use vod2strm_testkit::twin::CatalogueEntry;

use crate::{Step, World, pick};

/// What providers put before a name.
const LEADS: [&str; 4] = ["EN - ", "4K-DE - ", "|FR| ", "4K| "];

/// From here on no row has a TMDB id of its own.
const NEW_IDS: usize = 7_000_000;

fn led(at: usize, name: &str) -> String {
    format!("{}{name}", LEADS[at % LEADS.len()]).chars().take(255).collect()
}

impl World<'_> {
    /// What happens to entries.
    pub fn turn_entries(&mut self, step: Step, fresh: &str) {
        let number = self.next_id();
        let tmdb_id = (NEW_IDS + self.counter).to_string();
        match step {
            Step::Namesake(at) => self.name_alike(at),
            Step::NewMovieEntry(at) => self.add_movie_entry(at, number),
            Step::NewSeriesEntry(at) => self.add_series_entry(at, number),
            Step::EntryLeaves(at) => self.take_entry_away(at),
            Step::EntryRenamed(at) => {
                if let Some(entry) = self.some_entry(at) {
                    self.change(entry, |name, _, _| fresh.clone_into(name));
                }
            }
            Step::OtherId(at) => {
                if let Some(entry) = self.some_entry(at) {
                    self.change(entry, |_, _, tmdb| *tmdb = Some(tmdb_id));
                }
            }
            Step::OtherYear(at) => {
                if let Some(entry) = self.some_entry(at) {
                    self.change(entry, |_, year, _| {
                        *year = year.map(|year| year.saturating_sub(9))
                    });
                }
            }
            Step::YearLost(at) => {
                if let Some(entry) = self.some_entry(at) {
                    let mut lost = None;
                    self.change(entry, |_, year, _| lost = year.take());
                    let uuid = self.uuid_of(entry).map(|uuid| uuid[8..].to_owned());
                    self.lost_years.extend(uuid.zip(lost));
                }
            }
            Step::YearsBack => self.give_years_back(),
            Step::IdGained(at) => {
                if let Some(entry) = self.some_entry(at) {
                    self.change(entry, |_, _, tmdb| {
                        tmdb.get_or_insert(tmdb_id);
                    });
                }
            }
            _ => self.handle(step, fresh),
        }
    }

    /// An id that no row has.
    fn next_id(&self) -> i64 {
        let all = &self.catalogue;
        let movies = all.movies.iter().map(|row| row.id);
        let series =
            all.series.iter().map(|row| row.id).chain(all.episodes.iter().map(|row| row.id));
        movies.chain(series).max().unwrap_or(0) + 1
    }

    /// The entries of a title that has several.
    fn some_title(&self, at: usize) -> Option<Vec<CatalogueEntry>> {
        let mut titles = self.titles_now();
        titles.retain(|entries| entries.len() > 1);
        let place = at % titles.len().max(1);
        (!titles.is_empty()).then(|| titles.swap_remove(place))
    }

    /// An entry of a title that has several, or else any movie.
    fn some_entry(&mut self, at: usize) -> Option<CatalogueEntry> {
        match self.some_title(at) {
            Some(entries) => Some(entries[(at / 7) % entries.len()]),
            None => pick(&mut self.catalogue.movies, at).map(|row| (Kind::Movie, row.id)),
        }
    }

    /// Changes the name, the year and the TMDB id of an entry.
    fn change(
        &mut self,
        (kind, id): CatalogueEntry,
        change: impl FnOnce(&mut String, &mut Option<i32>, &mut Option<String>),
    ) {
        match kind {
            Kind::Movie => {
                if let Some(row) = self.catalogue.movies.iter_mut().find(|row| row.id == id) {
                    change(&mut row.name, &mut row.year, &mut row.tmdb_id);
                }
            }
            Kind::Series => {
                if let Some(row) = self.catalogue.series.iter_mut().find(|row| row.id == id) {
                    change(&mut row.name, &mut row.year, &mut row.tmdb_id);
                }
            }
        }
    }

    /// A movie gets the name and the year of its neighbour, and has no id.
    fn name_alike(&mut self, at: usize) {
        let Some(row) = pick(&mut self.catalogue.movies, at).cloned() else { return };
        let name = led(at, &row.name);
        if !self.is_free(Kind::Movie, &name, row.year) {
            return;
        }
        let Some(other) = pick(&mut self.catalogue.movies, at + 1) else { return };
        (other.name, other.year, other.tmdb_id, other.imdb_id) = (name, row.year, None, None);
    }

    /// A movie comes once more: in another row, at the account of some other.
    fn add_movie_entry(&mut self, at: usize, id: i64) {
        let Some(row) = pick(&mut self.catalogue.movies, at).cloned() else { return };
        let name = led(at, &row.name);
        if !self.is_free(Kind::Movie, &name, row.year) {
            return;
        }
        if let Some(offer) = pick(&mut self.catalogue.movie_relations, at / 3).cloned() {
            self.add_movie(Movie { id, name, ..row }, offer);
        }
    }

    /// A panel lists every movie once more, in 4K. All entries have a version.
    pub fn list_movies_twice(&mut self) {
        self.policy.versions = Versions::All.into();
        for row in self.catalogue.movies.clone() {
            let mut offers = self.catalogue.movie_relations.iter();
            if let Some(offer) = offers.find(|offer| offer.movie_id == row.id).cloned() {
                let (id, name) = (self.next_id(), led(LEADS.len() - 1, &row.name));
                self.add_movie(Movie { id, name, ..row }, offer);
            }
        }
    }

    /// Another row of a movie, without ids.
    fn add_movie(&mut self, row: Movie, offer: MovieRelation) {
        let all = &mut self.catalogue;
        let id = row.id;
        let uuid = format!("00000000-0000-4003-8000-{id:012}");
        let relation = all.movie_relations.iter().map(|row| row.id).max().unwrap_or(0) + 1;
        all.movies.push(Movie { uuid, tmdb_id: None, imdb_id: None, ..row });
        let stream_id = format!("entry {id}");
        all.movie_relations.push(MovieRelation { id: relation, movie_id: id, stream_id, ..offer });
    }

    /// A series comes once more, with all its episodes.
    fn add_series_entry(&mut self, at: usize, id: i64) {
        let Some(row) = pick(&mut self.catalogue.series, at).cloned() else { return };
        let name = led(at, &row.name);
        if !self.is_free(Kind::Series, &name, row.year) {
            return;
        }
        let all = &mut self.catalogue;
        let Some(offer) = pick(&mut all.series_relations, at / 3).cloned() else { return };
        let uuid = format!("00000000-0000-4001-8000-{id:012}");
        let relation = all.series_relations.iter().map(|row| row.id).max().unwrap_or(0) + 1;
        let series = row.id;
        all.series.push(SeriesRow { id, uuid, name, tmdb_id: None, imdb_id: None, ..row });
        all.series_relations.push(SeriesRelation {
            id: relation,
            series_id: id,
            external_series_id: format!("entry {id}"),
            ..offer.clone()
        });
        let first = all.episode_relations.iter().map(|row| row.id).max().unwrap_or(0) + 1;
        let episodes = all.episodes.iter().filter(|row| row.series_id == series).cloned();
        let episodes: Vec<_> = episodes.collect();
        for (n, episode) in (1..).zip(episodes) {
            let uuid = format!("00000000-0000-4002-8000-{:012}", id + n);
            let row = EpisodeRow { id: id + n, series_id: id, uuid, ..episode };
            all.episodes.push(row);
            all.episode_relations.push(EpisodeRelation {
                id: first + n,
                episode_id: id + n,
                account_id: offer.account_id,
                stream_id: format!("entry {}", id + n),
                container_extension: Some("mkv".to_owned()),
                ..EpisodeRelation::default()
            });
        }
    }

    /// An entry of a title that has several is missing, until all return.
    fn take_entry_away(&mut self, at: usize) {
        let Some((Kind::Movie, id)) = self.some_entry(at) else { return };
        let rows = std::mem::take(&mut self.catalogue.movie_relations);
        let (gone, rest): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.movie_id == id);
        self.catalogue.movie_relations = rest;
        self.away.0.extend(gone);
    }

    fn give_years_back(&mut self) {
        let years = std::mem::take(&mut self.lost_years);
        let all = &self.catalogue;
        let movies = all.movies.iter().map(|row| (Kind::Movie, row.id, &row.uuid, &row.name));
        let series = all.series.iter().map(|row| (Kind::Series, row.id, &row.uuid, &row.name));
        let back = movies.chain(series).filter_map(|(kind, id, uuid, name)| {
            Some(((kind, id), name.clone(), *years.get(&uuid[8..])?))
        });
        for (entry, name, back) in back.collect::<Vec<_>>() {
            if self.is_free(entry.0, &name, Some(back)) {
                self.change(entry, |_, year, _| *year = year.or(Some(back)));
            }
        }
    }

    /// Whether no row without an id has this name and this year: a database has no two of them.
    fn is_free(&self, kind: Kind, name: &str, year: Option<i32>) -> bool {
        let all = &self.catalogue;
        match kind {
            Kind::Movie => !all.movies.iter().any(|row| row.name == name && row.year == year),
            Kind::Series => !all.series.iter().any(|row| row.name == name && row.year == year),
        }
    }
}
