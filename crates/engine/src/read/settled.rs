//! A settled library: nobody wrote to its source since a run that left nothing to do.

use vod2strm_core::hash::{Fingerprint, RowHasher};
use vod2strm_core::model::media::Kind;
use vod2strm_core::policy::Policy;
use vod2strm_disk::ledger::Ledger;

use crate::error::RunError;

/// The fact in a ledger that holds the `SettledState` of the last run, if that left nothing to do.
const FACT: &str = "at rest";

/// What a run is about: the state of the source, and all settings that decide what has to be done.
pub struct SettledState(Fingerprint);

impl SettledState {
    /// A run over all titles of some kinds; `keeps_uuids` where a UUID alone writes no file.
    pub fn new(
        state: Fingerprint,
        policy: &Policy,
        kinds: &[Kind],
        keeps_uuids: bool,
    ) -> SettledState {
        let mut run = RowHasher::default();
        run.start(b'r').text(env!("CARGO_PKG_VERSION")).number(i64::from(keeps_uuids));
        for kind in kinds {
            run.text(kind.as_str());
        }
        let settings = policy.fingerprint().mixed_with(policy.naming());
        SettledState(state.mixed_with(settings).mixed_with(run.finish()))
    }

    /// Whether a run about just this has left nothing to do, and was the last one.
    pub fn is_noted(&self, ledger: &Ledger) -> Result<bool, RunError> {
        Ok(ledger.meta(FACT)? == Some(self.text()))
    }

    /// Notes that.
    pub fn note(&self, ledger: &Ledger) -> Result<(), RunError> {
        Ok(ledger.set_meta(FACT, &self.text())?)
    }

    /// Takes the note back: a run begins that may change something, or that may not come to its end.
    pub fn forget(ledger: &Ledger) -> Result<(), RunError> {
        match ledger.meta(FACT)? {
            Some(_) => Ok(ledger.unset_meta(FACT)?),
            None => Ok(()),
        }
    }

    fn text(&self) -> String {
        format!("{:032x}", self.0.0)
    }
}
