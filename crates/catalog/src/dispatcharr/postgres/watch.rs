//! Dispatcharr's database, looked at over one connection that holds no transaction open.

use std::time::Duration;

use vod2strm_core::hash::Fingerprint;

use super::accounts::is_scanning;
use super::address::DatabaseAddress;
use super::session::Session;
use super::touched::{CounterQuery, written};
use crate::error::CatalogError;
use crate::watch::Watch;

/// The counters are asked for so often: Dispatcharr's own scheduler asks for its tables as often.
const PACE: Duration = Duration::from_secs(5);

/// Looks at the counters of Dispatcharr's tables.
pub struct DatabaseWatch {
    session: Session,
    counters: CounterQuery,
}

impl DatabaseWatch {
    /// Connects.
    pub fn open(address: &DatabaseAddress) -> Result<DatabaseWatch, CatalogError> {
        let mut session = Session::open(address.clone())?;
        let counters = CounterQuery::prepare(&mut session)?;
        Ok(DatabaseWatch { session, counters })
    }
}

impl Watch for DatabaseWatch {
    fn pace(&self) -> Duration {
        PACE
    }

    fn look(&mut self) -> Result<Fingerprint, CatalogError> {
        written(&mut self.session, &self.counters)
    }

    fn is_moving(&mut self) -> Result<bool, CatalogError> {
        is_scanning(&mut self.session)
    }
}
