//! Does a source change? Asked again and again, so cheaply that nobody notices.

use std::time::Duration;

use vod2strm_core::hash::Fingerprint;

use crate::error::CatalogError;

/// A source that is looked at again and again, and not read.
pub trait Watch: Send {
    /// How long to wait between two looks.
    fn pace(&self) -> Duration;

    /// What differs from the look before once somebody has written to the source.
    fn look(&mut self) -> Result<Fingerprint, CatalogError>;

    /// Whether the source is just being filled, as far as it tells: whoever reads it now sees a part. This costs more than a
    /// look.
    fn is_moving(&mut self) -> Result<bool, CatalogError>;
}
