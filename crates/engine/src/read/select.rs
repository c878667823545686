//! The stage between reading and planning: titles get the names that people are to see, and the streams that the user
//! wants.

use std::collections::HashSet;

use serde::Serialize;
use vod2strm_catalog::error::CatalogError;
use vod2strm_catalog::source::{Catalog, IsPlayed};
use vod2strm_core::event::{Event, Observer};
use vod2strm_core::hash::ContentHash;
use vod2strm_core::model::media::{Kind, SourceKey, Title};
use vod2strm_core::names::cleaner::NameCleaner;
use vod2strm_core::names::years::Years;
use vod2strm_core::policy::Policy;
use vod2strm_core::render::strm_of;
use vod2strm_core::select::Choice;
use vod2strm_core::select::filter::Part;
use vod2strm_core::text::counted;
use vod2strm_disk::ledger::Ledger;

use crate::host::Host;
use crate::read::habits::HabitLearner;
use crate::source::{SourceAddress, SourceOptions};

/// A catalogue that is read, and what is done to the titles that are loaded from it.
pub struct Reading {
    /// The catalogue.
    pub catalog: Box<dyn Catalog>,
    /// What is done to titles.
    pub selector: Selector,
}

/// Whether a library plays just this address. A ledger that cannot be read knows none: whoever asks meets its error
/// elsewhere.
pub fn is_played(
    policy: &Policy,
    ledger: &Ledger,
    properties: Option<&str>,
    address: &str,
) -> bool {
    let hash = strm_of(policy, properties, address).map(|content| ContentHash::of(&content));
    hash.is_some_and(|hash| ledger.has_content(hash).unwrap_or(false))
}

/// What a filter does with a source's titles.
#[derive(Clone, Debug, Serialize)]
pub struct Matches {
    /// All titles.
    pub titles: u64,
    /// Those that it lets through.
    pub wanted: u64,
    /// Its comparisons, each by itself.
    pub parts: Vec<PartMatches>,
}

/// What a comparison of a filter matches.
#[derive(Clone, Debug, Serialize)]
pub struct PartMatches {
    /// As the user wrote it.
    pub part: String,
    /// How many titles it matches.
    pub titles: u64,
}

impl Matches {
    /// Tells of the parts that match nothing: mostly a slip.
    pub fn warn(&self, observer: &dyn Observer) {
        for part in self.parts.iter().filter(|part| part.titles == 0) {
            let titles = counted(self.titles, "title", "titles");
            let text = format!("filter: {} matches none of {titles}", part.part);
            observer.event(&Event::Warning(&text));
        }
    }
}

/// Cleans the names of titles, and chooses their streams.
pub struct Selector {
    /// Reads names.
    pub cleaner: NameCleaner,
    /// Learns what the names of categories have in common.
    pub habits: HabitLearner,
    choice: Choice,
    /// What the filter does with the titles that are loaded, if anybody wants to know.
    counts: Option<MatchCounts>,
    /// Titles for which a pattern of the filter took too long.
    too_slow: u64,
}

/// What the filter does with titles, each of which counts once.
#[derive(Debug, Default)]
struct MatchCounts {
    counted: HashSet<(Kind, SourceKey)>,
    wanted: u64,
    /// In the order of the filter's parts.
    parts: Vec<u64>,
}

impl MatchCounts {
    /// Counts a title, unless it was loaded before.
    fn add(&mut self, title: &Title, parts: &[bool]) {
        if self.counted.insert((title.kind, title.key)) {
            self.wanted += u64::from(!title.is_filtered());
            self.parts.iter_mut().zip(parts).for_each(|(count, is)| *count += u64::from(*is));
        }
    }
}

impl Reading {
    /// Opens a source, with the names that people are to see. `is_played` knows the library's addresses.
    pub fn open(
        source: &SourceAddress,
        policy: &Policy,
        host: &Host<'_>,
        is_played: &IsPlayed<'_>,
    ) -> Result<Reading, CatalogError> {
        let years = Years::plausible_at(host.clock.now());
        let selector = Selector::new(policy.cleaner(years.clone()), policy.choice.clone());
        let catalog =
            host.sources.open(source, &SourceOptions { years, is_played }, host.cancel)?;
        Ok(Reading { catalog, selector })
    }

    /// The whole titles behind these keys, all of one kind, in any order: named and chosen from.
    pub fn titles(&mut self, kind: Kind, keys: &[SourceKey]) -> Result<Vec<Title>, CatalogError> {
        let mut titles = Vec::with_capacity(keys.len());
        self.catalog.load(kind, keys, &mut |title| titles.push(title))?;
        let Selector { habits, cleaner, .. } = &mut self.selector;
        habits.learn(&mut *self.catalog, kind, &titles, cleaner)?;
        titles.iter_mut().for_each(|title| self.selector.prepare(title));
        Ok(titles)
    }
}

impl Selector {
    /// Names as the cleaner reads them, streams as the user chooses them.
    pub fn new(cleaner: NameCleaner, choice: Choice) -> Selector {
        Selector { cleaner, habits: HabitLearner::default(), choice, counts: None, too_slow: 0 }
    }

    /// From now on counts what the filter does with the titles that are loaded, each once.
    pub fn count_matches(&mut self) {
        let parts = self.choice.filter.as_ref().map_or(0, |filter| filter.parts().len());
        self.counts = Some(MatchCounts { parts: vec![0; parts], ..MatchCounts::default() });
    }

    /// What was counted, with the filter's parts; `None` without a filter, or if nobody wanted to know.
    pub fn matches(&self) -> Option<Matches> {
        let (filter, counts) = (self.choice.filter.as_ref()?, self.counts.as_ref()?);
        let part = |(part, titles): (&Part, &u64)| PartMatches {
            part: part.as_str().to_owned(),
            titles: *titles,
        };
        let parts = filter.parts().iter().zip(&counts.parts).map(part).collect();
        let (titles, wanted) = (counts.counted.len() as u64, counts.wanted);
        Some(Matches { titles, wanted, parts })
    }

    /// Gives a title the names that people are to see, and its streams the order in which the user wants them.
    fn prepare(&mut self, title: &mut Title) {
        self.cleaner.clean(title);
        let chosen = self.choice.choose(title);
        self.too_slow += u64::from(chosen.is_slow);
        if let Some(counts) = &mut self.counts {
            counts.add(title, &chosen.parts);
        }
    }

    /// Tells what the user should hear about names and filter, if anything.
    pub fn warn(&self, observer: &dyn Observer) {
        warn_of_slow_names(self.cleaner.too_slow, observer);
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
