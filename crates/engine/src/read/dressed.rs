//! A catalogue whose titles carry the names that people are to see, and the user's choice of copies.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use vod2strm_catalog::episodes::FetchEpisodes;
use vod2strm_catalog::error::CatalogError;
use vod2strm_catalog::source::{Catalog, DatabaseId, Describe, Fact, IsPlayed, Numbers, Scope};
use vod2strm_core::event::{Event, Observer};
use vod2strm_core::hash::Fingerprint;
use vod2strm_core::hold::Doubt;
use vod2strm_core::identity::Heading;
use vod2strm_core::model::media::{Kind, SourceKey, Title};
use vod2strm_core::model::stamp::Stamp;
use vod2strm_core::names::habits::Learner;
use vod2strm_core::names::shown::Dresser;
use vod2strm_core::names::years::Years;
use vod2strm_core::removal::accounts::Roster;
use vod2strm_core::select::Choice;

use crate::config::LibraryConfig;
use crate::host::Host;
use crate::source::SourceOptions;

/// A catalogue, and what is done to its titles.
pub struct Dressed {
    catalog: Box<dyn Catalog>,
    /// The categories that were learnt from.
    learnt: HashSet<(Kind, Arc<str>)>,
    /// What is done to its titles.
    pub dressing: Dressing,
}

/// What is done to titles that are loaded.
pub struct Dressing {
    /// Reads names.
    pub dresser: Dresser,
    choice: Choice,
    /// For each part of the filter, how many of the titles that were loaded it matched.
    pub matched: Vec<u64>,
    /// Titles for which a pattern of the filter took too long.
    too_slow: u64,
}

impl Dressing {
    /// Forgets what was counted: all titles are about to be looked at.
    pub fn count_anew(&mut self) {
        self.matched.fill(0);
        (self.too_slow, self.dresser.too_slow) = (0, 0);
    }

    fn prepare(&mut self, title: &mut Title) {
        self.dresser.dress(title);
        let chosen = self.choice.choose(title);
        self.too_slow += u64::from(chosen.is_slow);
        self.matched.iter_mut().zip(chosen.parts).for_each(|(count, is)| *count += u64::from(is));
    }
}

impl Dressed {
    /// Opens a library's source, with the names that people are to see. `is_played` knows the library's addresses.
    pub fn open(
        config: &LibraryConfig,
        host: &Host<'_>,
        is_played: &IsPlayed<'_>,
    ) -> Result<Dressed, CatalogError> {
        let years = Years::plausible_at(host.clock.now());
        let (dresser, choice) =
            (config.policy.dresser(years.clone()), config.policy.choice.clone());
        let options = SourceOptions { years, is_played };
        Ok(Dressed::new(host.sources.open(&config.source, &options, host.cancel)?, dresser, choice))
    }

    /// The titles of a catalogue, dressed and chosen from as a policy wants it.
    pub fn new(catalog: Box<dyn Catalog>, dresser: Dresser, choice: Choice) -> Dressed {
        let matched = vec![0; choice.filter.as_ref().map_or(0, |filter| filter.parts().len())];
        let learnt = HashSet::new();
        Dressed { catalog, learnt, dressing: Dressing { dresser, choice, matched, too_slow: 0 } }
    }

    /// Learns what the names of categories have in common, once each, and only where that decides how a title
    /// is read: most names say it themselves.
    fn learn(&mut self, kind: Kind, titles: &[Title]) -> Result<(), CatalogError> {
        let asking = titles.iter().filter(|title| self.dressing.dresser.asks_for_habits(title));
        let categories =
            asking.flat_map(|title| &title.copies).filter_map(|it| it.category_name.clone());
        let news: Vec<Arc<str>> =
            categories.filter(|it| self.learnt.insert((kind, it.clone()))).collect();
        if news.is_empty() {
            return Ok(());
        }
        let mut learners: HashMap<&str, Learner> =
            news.iter().map(|category| (&**category, Learner::default())).collect();
        self.catalog.names(kind, &news, &mut |category, name| {
            if let Some(learner) = learners.get_mut(category) {
                learner.add(name);
            }
        })?;
        for category in &news {
            let habits = learners.remove(&**category).unwrap_or_default().habits();
            if !habits.is_empty() {
                self.dressing.dresser.habits.insert((kind, category.clone()), habits);
            }
        }
        Ok(())
    }

    /// Tells what the user should hear about names and filter, if anything.
    pub fn warn(&self, observer: &dyn Observer) {
        warn_of_slow_names(self.dressing.dresser.too_slow, observer);
        if self.dressing.too_slow > 0 {
            observer.event(&Event::Warning(&format!(
                "a pattern of the filter takes too long for some titles ({}), and counts as no match \
                 there: make it simpler",
                self.dressing.too_slow
            )));
        }
    }
}

/// Tells of names for which the user's pattern took too long.
pub fn warn_of_slow_names(names: u64, observer: &dyn Observer) {
    if names > 0 {
        observer.event(&Event::Warning(&format!(
            "name_clean_regex takes too long for some names ({names}), which are left as they are: \
             make it simpler, without repetitions inside of repetitions"
        )));
    }
}

impl Describe for Dressed {
    fn facts(&mut self) -> Result<Vec<Fact>, CatalogError> {
        self.catalog.facts()
    }

    fn numbers(&mut self) -> Result<Numbers, CatalogError> {
        self.catalog.numbers()
    }
}

impl Catalog for Dressed {
    fn stamps(&mut self, scope: &Scope, sink: &mut dyn FnMut(Stamp)) -> Result<(), CatalogError> {
        self.catalog.stamps(scope, sink)
    }

    fn load(
        &mut self,
        kind: Kind,
        keys: &[SourceKey],
        sink: &mut dyn FnMut(Title),
    ) -> Result<(), CatalogError> {
        let mut titles = Vec::with_capacity(keys.len());
        self.catalog.load(kind, keys, &mut |title| titles.push(title))?;
        self.learn(kind, &titles)?;
        for mut title in titles {
            self.dressing.prepare(&mut title);
            sink(title);
        }
        Ok(())
    }

    fn headings(
        &mut self,
        kind: Kind,
        keys: &[SourceKey],
        sink: &mut dyn FnMut(SourceKey, Heading<'_>),
    ) -> Result<(), CatalogError> {
        self.catalog.headings(kind, keys, sink)
    }

    fn names(
        &mut self,
        kind: Kind,
        categories: &[Arc<str>],
        sink: &mut dyn FnMut(&str, &str),
    ) -> Result<(), CatalogError> {
        self.catalog.names(kind, categories, sink)
    }

    fn roster(&mut self) -> Result<Roster, CatalogError> {
        self.catalog.roster()
    }

    fn disabled(&self) -> BTreeSet<(i64, i64)> {
        self.catalog.disabled()
    }

    fn has_logins(&self) -> bool {
        self.catalog.has_logins()
    }

    fn state(&self) -> Option<Fingerprint> {
        self.catalog.state()
    }

    fn episodes(&mut self) -> Option<&mut dyn FetchEpisodes> {
        self.catalog.episodes()
    }

    fn doubt(&self) -> Option<Doubt> {
        self.catalog.doubt()
    }

    fn identity(&self) -> Option<DatabaseId> {
        self.catalog.identity()
    }

    fn renew(&mut self) -> Result<(), CatalogError> {
        self.catalog.renew()
    }

    fn statements(&self) -> u64 {
        self.catalog.statements()
    }
}
