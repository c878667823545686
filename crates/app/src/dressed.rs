//! A catalogue whose titles carry the names that people are to see.

use vod2strm_catalog::error::CatalogError;
use vod2strm_catalog::source::{Catalog, Fact, Scope};
use vod2strm_core::guard::Roster;
use vod2strm_core::media::{Kind, SourceKey, Title};
use vod2strm_core::names::shown::dress;
use vod2strm_core::names::years::Years;
use vod2strm_core::stamp::Stamp;

/// A catalogue, and what its names are read by.
pub struct Dressed {
    /// The catalogue.
    pub catalog: Box<dyn Catalog>,
    /// Which numbers are years.
    pub years: Years,
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
        let years = &self.years;
        self.catalog.load(kind, keys, &mut |mut title| {
            dress(&mut title, years);
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
