//! The stage between reading and planning: titles get the names that people are to see, and the streams that the user
//! wants.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use vod2strm_catalog::error::CatalogError;
use vod2strm_catalog::source::{Catalog, IsPlayed};
use vod2strm_core::event::{Event, Observer};
use vod2strm_core::model::media::{Kind, SourceKey, Title};
use vod2strm_core::names::habits::Learner;
use vod2strm_core::names::shown::Dresser;
use vod2strm_core::names::years::Years;
use vod2strm_core::select::Choice;

use crate::config::LibraryConfig;
use crate::host::Host;
use crate::source::SourceOptions;

/// A catalogue that is read, and what is done to the titles that are loaded from it.
pub struct Reading {
    /// The catalogue.
    pub catalog: Box<dyn Catalog>,
    /// What is done to titles.
    pub selector: Selector,
}

/// Cleans the names of titles, and chooses their streams.
pub struct Selector {
    /// Reads names.
    pub dresser: Dresser,
    choice: Choice,
    /// The categories that were learnt from.
    learnt: HashSet<(Kind, Arc<str>)>,
    /// For each part of the filter, how many of the titles that were loaded it matched.
    pub matched: Vec<u64>,
    /// Titles for which a pattern of the filter took too long.
    too_slow: u64,
}

impl Reading {
    /// Opens a library's source, with the names that people are to see. `is_played` knows the library's addresses.
    pub fn open(
        config: &LibraryConfig,
        host: &Host<'_>,
        is_played: &IsPlayed<'_>,
    ) -> Result<Reading, CatalogError> {
        let years = Years::plausible_at(host.clock.now());
        let selector =
            Selector::new(config.policy.dresser(years.clone()), config.policy.choice.clone());
        let options = SourceOptions { years, is_played };
        let catalog = host.sources.open(&config.source, &options, host.cancel)?;
        Ok(Reading { catalog, selector })
    }

    /// The whole titles behind these keys, all of one kind, in any order: named and chosen from.
    pub fn titles(&mut self, kind: Kind, keys: &[SourceKey]) -> Result<Vec<Title>, CatalogError> {
        let mut titles = Vec::with_capacity(keys.len());
        self.catalog.load(kind, keys, &mut |title| titles.push(title))?;
        self.selector.learn(&mut *self.catalog, kind, &titles)?;
        titles.iter_mut().for_each(|title| self.selector.prepare(title));
        Ok(titles)
    }
}

impl Selector {
    /// Names as the dresser reads them, streams as the user chooses them.
    pub fn new(dresser: Dresser, choice: Choice) -> Selector {
        let matched = vec![0; choice.filter.as_ref().map_or(0, |filter| filter.parts().len())];
        Selector { dresser, choice, learnt: HashSet::new(), matched, too_slow: 0 }
    }

    /// Forgets what was counted: all titles are about to be looked at.
    pub fn count_anew(&mut self) {
        self.matched.fill(0);
        (self.too_slow, self.dresser.too_slow) = (0, 0);
    }

    /// Learns what the names of categories have in common, once each, and only where that decides how a title
    /// is read: most names say it themselves.
    fn learn(
        &mut self,
        catalog: &mut dyn Catalog,
        kind: Kind,
        titles: &[Title],
    ) -> Result<(), CatalogError> {
        let asking = titles.iter().filter(|title| self.dresser.asks_for_habits(title));
        let categories =
            asking.flat_map(|title| &title.streams).filter_map(|it| it.category_name.clone());
        let news: Vec<Arc<str>> =
            categories.filter(|it| self.learnt.insert((kind, it.clone()))).collect();
        if news.is_empty() {
            return Ok(());
        }
        let mut learners: HashMap<&str, Learner> =
            news.iter().map(|category| (&**category, Learner::default())).collect();
        catalog.names(kind, &news, &mut |category, name| {
            if let Some(learner) = learners.get_mut(category) {
                learner.add(name);
            }
        })?;
        for category in &news {
            let habits = learners.remove(&**category).unwrap_or_default().habits();
            if !habits.is_empty() {
                self.dresser.habits.insert((kind, category.clone()), habits);
            }
        }
        Ok(())
    }

    /// Gives a title the names that people are to see, and its streams the order in which the user wants them.
    fn prepare(&mut self, title: &mut Title) {
        self.dresser.dress(title);
        let chosen = self.choice.choose(title);
        self.too_slow += u64::from(chosen.is_slow);
        self.matched.iter_mut().zip(chosen.parts).for_each(|(count, is)| *count += u64::from(is));
    }

    /// Tells what the user should hear about names and filter, if anything.
    pub fn warn(&self, observer: &dyn Observer) {
        warn_of_slow_names(self.dresser.too_slow, observer);
        if self.too_slow > 0 {
            observer.event(&Event::Warning(&format!(
                "a pattern of the filter takes too long for some titles ({}), and counts as no match \
                 there: make it simpler",
                self.too_slow
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
