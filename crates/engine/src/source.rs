//! Sources of titles, as settings name them: values of `catalog`, and how one is opened.

use vod2strm_core::cancel::Cancel;

pub use vod2strm_catalog::SourceOptions;
pub use vod2strm_catalog::address::SourceAddress;
pub use vod2strm_catalog::episodes::Credentials;
pub use vod2strm_catalog::error::CatalogError;
pub use vod2strm_catalog::limits::SourceLimits;
pub use vod2strm_catalog::m3u::is_playlist;
pub use vod2strm_catalog::source::{Catalog, Describe, Scope, Selection, Unfollowed};

/// Opens sources for runs.
pub trait Sources: Sync {
    /// Opens one; what it answers from then on is one state of it. Whoever cancels ends a reading that lasts.
    fn open(
        &self,
        address: &SourceAddress,
        options: &SourceOptions<'_>,
        cancel: &Cancel,
    ) -> Result<Box<dyn Catalog>, CatalogError>;
}

/// Opens each source anew for each run.
pub struct OwnSources;

impl Sources for OwnSources {
    fn open(
        &self,
        address: &SourceAddress,
        options: &SourceOptions<'_>,
        cancel: &Cancel,
    ) -> Result<Box<dyn Catalog>, CatalogError> {
        vod2strm_catalog::open(address, options, cancel)
    }
}
