//! A catalogue whose titles carry the names that people are to see, and the user's choice of copies.

use std::collections::HashMap;
use std::sync::Arc;

use vod2strm_catalog::error::CatalogError;
use vod2strm_catalog::source::{Catalog, Fact, IsBarred, Numbers, Scope, State};
use vod2strm_core::choice::Choice;
use vod2strm_core::event::{Event, Observer};
use vod2strm_core::guard::Roster;
use vod2strm_core::hash::Fingerprint;
use vod2strm_core::media::{Kind, SourceKey, Title};
use vod2strm_core::names::habits::Learner;
use vod2strm_core::names::shown::Dresser;
use vod2strm_core::refresh::Offer;
use vod2strm_core::stamp::Stamp;

/// A catalogue, and what is done to its titles.
pub struct Dressed {
    catalog: Box<dyn Catalog>,
    /// The kinds whose categories were learnt from.
    learnt: Vec<Kind>,
    /// What is done to its titles.
    pub dressing: Dressing,
}

/// What is done to titles that are loaded.
pub struct Dressing {
    dresser: Dresser,
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
    /// The titles of a catalogue, dressed and chosen from as a policy wants it.
    pub fn new(catalog: Box<dyn Catalog>, dresser: Dresser, choice: Choice) -> Dressed {
        let matched = vec![0; choice.filter.as_ref().map_or(0, |filter| filter.parts().len())];
        let learnt = Vec::new();
        Dressed { catalog, learnt, dressing: Dressing { dresser, choice, matched, too_slow: 0 } }
    }

    /// Learns what the names of each category have in common, once, when the first titles of the kind are
    /// loaded.
    fn learn(&mut self, kind: Kind) -> Result<(), CatalogError> {
        if !self.dressing.dresser.takes_tags || self.learnt.contains(&kind) {
            return Ok(());
        }
        self.learnt.push(kind);
        let mut learners: HashMap<Arc<str>, Learner> = HashMap::new();
        self.catalog.names(kind, &mut |category, name| {
            if !learners.contains_key(category) {
                learners.insert(Arc::from(category), Learner::default());
            }
            if let Some(learner) = learners.get_mut(category) {
                learner.add(name);
            }
        })?;
        let learnt = learners.into_iter().map(|(category, learner)| (category, learner.habits()));
        let learnt = learnt.filter(|(_, habits)| !habits.is_empty());
        let habits = learnt.map(|(category, habits)| ((kind, category), habits));
        self.dressing.dresser.habits.extend(habits);
        Ok(())
    }

    /// Tells what the user should hear about names and filter, if anything.
    pub fn warn(&self, observer: &dyn Observer) {
        let names = self.dressing.dresser.too_slow;
        if names > 0 {
            observer.event(&Event::Warning(&format!(
                "name_clean_regex takes too long for some names ({names}), which are left as they are: \
                 make it simpler, without repetitions inside of repetitions"
            )));
        }
        if self.dressing.too_slow > 0 {
            observer.event(&Event::Warning(&format!(
                "a pattern of the filter takes too long for some titles ({}), and counts as no match \
                 there: make it simpler",
                self.dressing.too_slow
            )));
        }
    }
}

impl Catalog for Dressed {
    fn facts(&mut self) -> Result<Vec<Fact>, CatalogError> {
        self.catalog.facts()
    }

    fn numbers(&mut self) -> Result<Numbers, CatalogError> {
        self.catalog.numbers()
    }

    fn stamps(&mut self, scope: &Scope, sink: &mut dyn FnMut(Stamp)) -> Result<(), CatalogError> {
        self.catalog.stamps(scope, sink)
    }

    fn load(
        &mut self,
        kind: Kind,
        keys: &[SourceKey],
        sink: &mut dyn FnMut(Title),
    ) -> Result<(), CatalogError> {
        self.learn(kind)?;
        let dressing = &mut self.dressing;
        self.catalog.load(kind, keys, &mut |mut title| {
            dressing.prepare(&mut title);
            sink(title);
        })
    }

    fn names(&mut self, kind: Kind, sink: &mut dyn FnMut(&str, &str)) -> Result<(), CatalogError> {
        self.catalog.names(kind, sink)
    }

    fn roster(&mut self) -> Result<Roster, CatalogError> {
        self.catalog.roster()
    }

    fn state(&self) -> Option<Fingerprint> {
        self.catalog.state()
    }

    fn offers(&mut self, is_barred: &IsBarred<'_>) -> Result<Option<Vec<Offer>>, CatalogError> {
        self.catalog.offers(is_barred)
    }

    fn states(&mut self, relations: &[i64]) -> Result<HashMap<i64, State>, CatalogError> {
        self.catalog.states(relations)
    }

    fn renew(&mut self) -> Result<(), CatalogError> {
        self.catalog.renew()
    }

    fn statements(&self) -> u64 {
        self.catalog.statements()
    }
}
