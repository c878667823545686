//! What the names of categories have in common: what the ledger knows of it, and what a run learns.

use std::collections::{HashMap, HashSet};
use std::mem;
use std::sync::{Arc, Mutex, PoisonError};

use vod2strm_catalog::error::CatalogError;
use vod2strm_catalog::source::Catalog;
use vod2strm_core::model::media::{Kind, Title};
use vod2strm_core::names::category_habits::{Habits, Learner};
use vod2strm_core::names::cleaner::NameCleaner;

/// Habits that the ledger does not know yet. Whoever reads adds to them, and whoever writes takes them.
#[derive(Clone, Debug, Default)]
pub struct NewHabits(Arc<Mutex<Habits>>);

impl NewHabits {
    /// Those that were added since the last time.
    pub fn take(&self) -> Habits {
        mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn add(&self, habits: Habits) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend(habits);
    }
}

/// Learns the habits of categories, once each. A habit that the ledger knows is kept while it can be.
#[derive(Default)]
pub struct HabitLearner {
    /// The ledger's; `None` until somebody tells.
    kept: Option<Habits>,
    /// The kinds of which no habit is kept.
    anew: Vec<Kind>,
    /// The categories that were learnt from.
    learnt: HashSet<(Kind, Arc<str>)>,
    news: NewHabits,
}

impl HabitLearner {
    /// Tells what is known, the first time that it is told.
    pub fn keep<E>(&mut self, kept: impl FnOnce() -> Result<Habits, E>) -> Result<(), E> {
        if self.kept.is_none() {
            self.kept = Some(kept()?);
        }
        Ok(())
    }

    /// Of these kinds no habit is kept: all are learnt as in a first run.
    pub fn learn_anew(&mut self, kinds: Vec<Kind>) {
        self.anew = kinds;
    }

    /// What is learnt from now on and the ledger does not know.
    pub fn news(&self) -> NewHabits {
        self.news.clone()
    }

    /// Teaches a cleaner what the names of these titles' categories have in common. Does so only where that decides
    /// how a title is read: most names say it themselves.
    pub fn learn(
        &mut self,
        catalog: &mut dyn Catalog,
        kind: Kind,
        titles: &[Title],
        cleaner: &mut NameCleaner,
    ) -> Result<(), CatalogError> {
        let asking = titles.iter().filter(|title| cleaner.asks_for_habits(title));
        let categories =
            asking.flat_map(|title| &title.streams).filter_map(|it| it.category_name.clone());
        let unknown: Vec<Arc<str>> =
            categories.filter(|it| self.learnt.insert((kind, it.clone()))).collect();
        if unknown.is_empty() {
            return Ok(());
        }
        let mut learners: HashMap<&str, Learner> =
            unknown.iter().map(|category| (&**category, Learner::default())).collect();
        catalog.names(kind, &unknown, &mut |category, name| {
            if let Some(learner) = learners.get_mut(category) {
                learner.add(name);
            }
        })?;
        let mut news = Habits::new();
        for category in &unknown {
            let key = (kind, category.clone());
            let known = self.kept.as_ref().and_then(|kept| kept.get(&key)).cloned();
            let known = known.unwrap_or_default();
            let kept = if self.anew.contains(&kind) { Default::default() } else { known.clone() };
            let habits = learners.remove(&**category).unwrap_or_default().habits(&kept);
            if habits != known {
                news.insert(key.clone(), habits.clone());
            }
            cleaner.habits.insert(key, habits);
        }
        self.news.add(news);
        Ok(())
    }
}
