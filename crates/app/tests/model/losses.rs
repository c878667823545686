//! Nights in which a provider loses much at once.

use std::collections::BTreeSet;

use vod2strm_core::model::media::Kind;
use vod2strm_core::policy::Versions;
use vod2strm_core::select::Choice;
use vod2strm_testkit::schema::{EpisodeRelation, Movie, MovieRelation};

use crate::played::{plays, tree_of};
use crate::{World, pick};

/// What must still be played after the next run: it is missing above the limit.
#[derive(Debug, Default)]
pub struct Loss {
    /// UUIDs, as addresses have them.
    held: Vec<String>,
    /// The same of versions, if every entry has one: `--versions all`.
    versions: Vec<String>,
}

impl World<'_> {
    /// The next filter, in turn.
    pub fn switch_filter(&mut self) {
        let text = self.policy.choice.filter.as_ref().map(|filter| filter.as_str().to_owned());
        let next = match text.as_deref() {
            None => Some("year >= 1980"),
            Some("year >= 1980") => Some("(Year >= 1980) and year <= 2020"),
            Some(_) => None,
        };
        let filter = next.map(|text| text.parse().unwrap());
        self.policy.choice = Choice { filter, ..self.policy.choice.clone() };
    }

    /// What the next filter takes of a title that is there is no loss.
    pub fn lose_movies_and_switch_filter(&mut self, at: usize) {
        self.lose_movies(at);
        self.loss.versions.clear();
        self.switch_filter();
    }

    /// UUIDs that the library plays.
    pub fn is_played(&self, uuid: &str) -> bool {
        tree_of(&self.home)
            .iter()
            .any(|(path, content)| path.ends_with(".strm") && plays(content, uuid))
    }

    /// Whether the user wants what an account has in a category.
    fn is_wanted(&self, account: i64, category: Option<i64>) -> bool {
        let is_active =
            self.catalogue.accounts.iter().any(|row| row.id == account && row.is_active);
        let is_off = self.catalogue.category_relations.iter().any(|row| {
            row.account_id == account && Some(row.category_id) == category && !row.enabled
        });
        is_active && !is_off
    }

    /// Whether the library is to play a UUID; the filter says so by title.
    pub fn wanted(&self) -> impl Fn(&str) -> bool + use<> {
        let tree = self.wanted_tree();
        move |uuid| tree.values().any(|content| plays(content, uuid))
    }

    /// Two thirds of an account's movies go.
    pub fn lose_movies(&mut self, at: usize) {
        let Some(account) = pick(&mut self.catalogue.accounts, at).map(|row| row.id) else {
            return;
        };
        let rows = self.catalogue.movie_relations.clone();
        let of_account = |row: &&MovieRelation| row.account_id == account;
        let ids: BTreeSet<i64> = rows.iter().filter(of_account).map(|row| row.movie_id).collect();
        // What is lost are titles: of those with several entries, all of these.
        let together = self.titles_now();
        let movies = together.iter().filter(|entries| entries[0].0 == Kind::Movie);
        let movies = movies.map(|all| all.iter().map(|(_, id)| *id).collect::<Vec<i64>>());
        let titles: Vec<Vec<i64>> =
            movies.filter(|all| all.iter().any(|id| ids.contains(id))).collect();
        let missing: BTreeSet<i64> =
            ids.iter().enumerate().filter(|(n, _)| n % 3 != 0).map(|(_, id)| *id).collect();
        let is_missing =
            |row: &MovieRelation| row.account_id == account && missing.contains(&row.movie_id);
        let (gone, rest): (Vec<_>, Vec<_>) = rows.iter().cloned().partition(is_missing);
        // What one of its streams is not wanted of is left out: what goes by the user's will is no loss.
        let is_sound = |id: &i64| {
            let mut all = rows.iter().filter(|row| row.movie_id == *id);
            all.all(|row| row.account_id == account && self.is_wanted(account, row.category_id))
        };
        let is_wanted = self.wanted();
        let uuid_of = |id: &i64| {
            let movie = self.catalogue.movies.iter().find(|row| row.id == *id)?;
            self.is_played(&movie.uuid).then(|| movie.uuid.clone())
        };
        let played = |all: &&Vec<i64>| all.iter().any(|id| uuid_of(id).is_some());
        let counted = titles.iter().filter(played).count();
        let lost =
            titles.iter().filter(|all| all.iter().all(|id| missing.contains(id) && is_sound(id)));
        let lost = lost.filter_map(|all| all.iter().find_map(uuid_of));
        let held: Vec<String> = lost.filter(|uuid| is_wanted(uuid)).collect();
        // Of titles that the account still has, the versions are held by the number of entries.
        let is_left = |id: &i64| ids.contains(id) && !missing.contains(id) && is_sound(id);
        let versions = titles.iter().filter(|all| all.iter().any(is_left)).flatten();
        let versions = versions.filter(|id| missing.contains(id) && is_sound(id));
        let versions: Vec<String> =
            versions.filter_map(uuid_of).filter(|uuid| is_wanted(uuid)).collect();
        let left = rest.iter().filter(|row| row.account_id == account).count();
        if held.len() > 1 && held.len() * 5 > counted {
            self.loss.held = held;
        }
        if versions.len() > 1 && versions.len() * 4 > left {
            self.loss.versions = versions;
        }
        self.catalogue.movie_relations = rest;
        self.away.0.extend(gone);
    }

    /// A series loses all its episodes.
    pub fn lose_episodes(&mut self, at: usize) {
        let Some(series) = pick(&mut self.catalogue.series, at).map(|row| row.id) else { return };
        let of_series: BTreeSet<i64> = self
            .catalogue
            .episodes
            .iter()
            .filter(|row| row.series_id == series)
            .map(|row| row.id)
            .collect();
        let rows = self.catalogue.episode_relations.clone();
        let (gone, rest): (Vec<EpisodeRelation>, Vec<_>) =
            rows.into_iter().partition(|row| of_series.contains(&row.episode_id));
        let offers = self.catalogue.series_relations.iter().filter(|row| row.series_id == series);
        let is_wanted = self.wanted();
        let mut offers = offers.map(|row| self.is_wanted(row.account_id, row.category_id));
        let is_sound = offers.all(|is_sound| is_sound);
        let uuids = self.catalogue.episodes.iter().filter(|row| of_series.contains(&row.id));
        let played: Vec<String> = uuids
            .filter(|row| gone.iter().any(|one| one.episode_id == row.id))
            .filter(|row| self.is_played(&row.uuid) && is_wanted(&row.uuid))
            .map(|row| row.uuid.clone())
            .collect();
        if is_sound && played.len() > 1 {
            self.loss.held = played;
        }
        self.catalogue.episode_relations = rest;
        self.away.1.extend(gone);
    }

    /// The places of an account's movie relations.
    fn relations_of(&self, at: usize) -> Vec<usize> {
        let rows = &self.catalogue.movie_relations;
        let Some(account) = rows.get(at % rows.len().max(1)).map(|row| row.account_id) else {
            return Vec::new();
        };
        (0..rows.len()).filter(|n| rows[*n].account_id == account).collect()
    }

    /// Two movies of an account exchange their stream numbers.
    pub fn exchange(&mut self, at: usize) {
        let places = self.relations_of(at);
        if let [first, .., last] = places[..] {
            self.swap_streams(first, last);
        }
    }

    /// All movies of an account get the stream numbers of their neighbours.
    pub fn shift_streams(&mut self, at: usize) {
        for pair in self.relations_of(at).windows(2) {
            self.swap_streams(pair[0], pair[1]);
        }
    }

    fn swap_streams(&mut self, one: usize, other: usize) {
        let rows = &mut self.catalogue.movie_relations;
        let stream = std::mem::take(&mut rows[one].stream_id);
        rows[one].stream_id = std::mem::replace(&mut rows[other].stream_id, stream);
    }

    /// A stream number is used again: for a movie that nobody has heard of.
    pub fn reuse_stream(&mut self, at: usize) {
        let name = self.fresh();
        let all = &mut self.catalogue;
        let id = all.movies.iter().map(|row| row.id).max().unwrap_or(0) + 1;
        if let Some(row) = pick(&mut all.movie_relations, at) {
            row.movie_id = id;
            let uuid = format!("00000000-0000-4000-8000-{id:012}");
            all.movies.push(Movie { id, uuid, name, year: Some(1999), ..Movie::default() });
        }
    }

    /// No loss above the limit goes without a person's word.
    pub fn check_loss(&mut self, report: &serde_json::Value) {
        let Loss { held, versions } = std::mem::take(&mut self.loss);
        let is_all = self.policy.versions.movies == Versions::All;
        let versions = if is_all { versions } else { Vec::new() };
        for uuid in held.into_iter().chain(versions) {
            assert!(self.is_played(&uuid), "{uuid} is missing above the limit, and went: {report}");
        }
    }
}
