//! A catalogue whose titles carry the names that people are to see.

use vod2strm_catalog::error::CatalogError;
use vod2strm_catalog::source::{Catalog, Fact, Scope};
use vod2strm_core::event::{Event, Observer};
use vod2strm_core::guard::Roster;
use vod2strm_core::media::{Kind, SourceKey, Title};
use vod2strm_core::names::shown::Dresser;
use vod2strm_core::stamp::Stamp;

/// A catalogue, and what dresses its titles.
pub struct Dressed {
    /// The catalogue.
    pub catalog: Box<dyn Catalog>,
    /// What dresses its titles.
    pub dresser: Dresser,
}

impl Dressed {
    /// Tells what the user should hear about names, if anything.
    pub fn warn(&self, observer: &dyn Observer) {
        let names = self.dresser.too_slow;
        if names > 0 {
            observer.event(&Event::Warning(&format!(
                "name_clean_regex takes too long for some names ({names}), which are left as they are: \
                 make it simpler, without repetitions inside of repetitions"
            )));
        }
    }
}

impl Catalog for Dressed {
    fn facts(&mut self) -> Result<Vec<Fact>, CatalogError> {
        self.catalog.facts()
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
        let dresser = &mut self.dresser;
        self.catalog.load(kind, keys, &mut |mut title| {
            dresser.dress(&mut title);
            sink(title);
        })
    }

    fn roster(&mut self) -> Result<Roster, CatalogError> {
        self.catalog.roster()
    }

    fn statements(&self) -> u64 {
        self.catalog.statements()
    }
}
