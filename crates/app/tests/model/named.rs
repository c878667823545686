//! No folder plays a title that contradicts the one that it was named after.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{SystemTime, UNIX_EPOCH};

use vod2strm_core::model::media::Kind;
use vod2strm_core::names::called::Called;
use vod2strm_core::names::cleaner::NameCleaner;
use vod2strm_core::names::years::Years;
use vod2strm_testkit::home::text;

use crate::World;
use crate::played::tree_of;

/// What the catalogue calls a title.
#[derive(Clone, Debug)]
pub struct Heading {
    called: Called,
    /// Of TMDB and of IMDb.
    ids: BTreeSet<String>,
}

impl Heading {
    fn of(
        cleaner: &mut NameCleaner,
        kind: Kind,
        (name, year): (&str, Option<i32>),
        ids: [&Option<String>; 2],
    ) -> Heading {
        let ids = ids.into_iter().flatten().filter(|id| !id.trim().is_empty()).cloned().collect();
        Heading { called: Called::read(cleaner, kind, name, year), ids }
    }

    /// Whether these are two works. An equal id outranks names.
    fn contradicts(&self, other: &Heading) -> bool {
        self.ids.is_disjoint(&other.ids) && self.called.contradicts(&other.called)
    }
}

impl World<'_> {
    /// The UUID of the movie, or of the series, that an address plays; `None` if the catalogue does not have it.
    pub fn title_of(&self, address: &str) -> Option<&str> {
        let movies = self.catalogue.movies.iter();
        let movie = movies.map(|row| row.uuid.as_str()).find(|uuid| address.contains(&uuid[8..]));
        movie.or_else(|| {
            let mut episodes = self.catalogue.episodes.iter();
            let episode = episodes.find(|row| address.contains(&row.uuid[8..]))?;
            let mut series = self.catalogue.series.iter();
            series.find(|row| row.id == episode.series_id).map(|row| row.uuid.as_str())
        })
    }

    /// What the catalogue calls its titles, by their UUIDs.
    fn headings(&self) -> BTreeMap<&str, Heading> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let years = Years::plausible_at(i64::try_from(now).unwrap());
        let mut cleaner = NameCleaner { takes_tags: true, ..self.policy.cleaner(years) };
        let movies = self.catalogue.movies.iter().map(|row| {
            let name = (row.name.as_str(), row.year);
            (row.uuid.as_str(), Kind::Movie, name, [&row.tmdb_id, &row.imdb_id])
        });
        let series = self.catalogue.series.iter().map(|row| {
            let name = (row.name.as_str(), row.year);
            (row.uuid.as_str(), Kind::Series, name, [&row.tmdb_id, &row.imdb_id])
        });
        let all = movies.chain(series);
        let read = |(uuid, kind, name, ids)| (uuid, Heading::of(&mut cleaner, kind, name, ids));
        all.map(read).collect()
    }

    /// A folder is named after what it played first. What the catalogue has no more is left out: until it goes, its
    /// stream may play another work.
    pub fn check_named(&mut self, report: &serde_json::Value) {
        let (tree, mut named) = (tree_of(&self.home), BTreeMap::new());
        let mut headings = self.headings();
        // They wait until they leave.
        let apart = self.apart();
        headings.retain(|uuid, _| !apart.contains(*uuid));
        let held = self.held();
        for (folder, path) in held.iter().filter(|(_, path)| path.ends_with(".strm")) {
            let (Some(folder), Some(content)) = (folder, tree.get(path)) else { continue };
            let first = named.get(folder).or_else(|| self.named.get(folder));
            let title = self.title_of(&text(content)).and_then(|uuid| headings.get(uuid));
            let Some(first) = first.or(title).cloned() else { continue };
            if let Some(title) = title {
                assert!(
                    !first.contradicts(title),
                    "{folder} was named after {first:?} and plays {title:?}: {report}"
                );
            }
            named.insert(folder.clone(), first);
        }
        self.named = named;
    }
}
