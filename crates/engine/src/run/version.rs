//! The first run of a version whose files say more than those of the version before: it writes files anew of which the
//! catalogue says what it said.

use vod2strm_core::model::media::Kind;
use vod2strm_core::policy::RENDERER_VERSION;
use vod2strm_disk::ledger::Ledger;

use crate::context::Run;
use crate::error::RunError;

/// The fact in a ledger that has the version whose files a kind has.
fn fact(kind: Kind) -> String {
    format!("renderer of {}", kind.as_str())
}

/// Whether a library's files of one of the run's kinds are of another version.
pub fn is_first_of_version(run: &Run<'_>, ledger: &Ledger) -> Result<bool, RunError> {
    if ledger.is_blank()? {
        return Ok(false);
    }
    for kind in run.kinds() {
        if ledger.meta(&fact(kind))? != Some(RENDERER_VERSION.to_string()) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Notes that all files of the run's kinds are of this version.
pub fn note_version(run: &Run<'_>, ledger: &Ledger) -> Result<(), RunError> {
    let version = RENDERER_VERSION.to_string();
    for kind in run.whole_kinds() {
        if ledger.meta(&fact(kind))?.as_ref() != Some(&version) {
            ledger.set_meta(&fact(kind), &version)?;
        }
    }
    Ok(())
}
