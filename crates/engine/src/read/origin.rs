//! Which database the source was: another one under the same address is told of.

use vod2strm_catalog::source::DatabaseId;
use vod2strm_core::event::{Event, Observer};
use vod2strm_core::hash::RowHasher;
use vod2strm_disk::ledger::Ledger;

use crate::error::RunError;

/// The fact in a ledger that holds the `Origin` of the last run.
const FACT: &str = "source";

/// A source: the address in the settings, and the database that was found there.
pub struct Origin {
    /// Stands for the address, which may tell more than a ledger should hold.
    address: String,
    identity: DatabaseId,
}

impl Origin {
    /// The database that was found at an address.
    pub fn new(address: &str, identity: DatabaseId) -> Origin {
        let address = RowHasher::default().start(b'o').text(address).finish();
        Origin { address: format!("{:032x}", address.0), identity }
    }

    /// Says so if the last run found another database at this address.
    pub fn compare(&self, ledger: &Ledger, observer: &dyn Observer) -> Result<(), RunError> {
        let noted = ledger.meta(FACT)?;
        let before = noted.as_deref().and_then(|noted| noted.split_once(' '));
        let before = before.filter(|(address, _)| *address == self.address);
        let before = before.and_then(|(_, identity)| identity.parse().ok());
        if before.is_some_and(|before| self.identity.is_other(before)) {
            let text = "the source is another database than in the last run, at the same address: a copy, a \
                        restored or a new one? All of it is read and compared; look at what is removed or held";
            observer.event(&Event::Warning(text));
        }
        Ok(())
    }

    /// Notes which one it is, for the next run.
    pub fn note(&self, ledger: &Ledger) -> Result<(), RunError> {
        let text = format!("{} {}", self.address, self.identity);
        match ledger.meta(FACT)? {
            Some(noted) if noted == text => Ok(()),
            _ => Ok(ledger.set_meta(FACT, &text)?),
        }
    }
}
