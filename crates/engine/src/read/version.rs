//! The first run of a version whose files say more than those of the version before: it writes files anew of which the
//! catalogue says what it said.

use vod2strm_core::model::media::Kind;
use vod2strm_core::policy::{NfoDetail, Policy, RENDERER_VERSION};
use vod2strm_disk::ledger::Ledger;

use crate::error::RunError;

/// The fact in a ledger that has the version whose files a kind has.
fn fact(kind: Kind) -> String {
    format!("renderer of {}", kind.as_str())
}

/// Whether a library's NFOs of one of these kinds may be of another version.
pub fn is_first_of_version(
    kinds: &[Kind],
    policy: &Policy,
    ledger: &Ledger,
) -> Result<bool, RunError> {
    if policy.nfo == NfoDetail::Off {
        return Ok(false);
    }
    for kind in kinds {
        let is_this = ledger.meta(&fact(*kind))? == Some(RENDERER_VERSION.to_string());
        if !is_this && ledger.has_titles(*kind)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Notes that all files of these kinds are of this version, or are no version's.
pub fn note_version(kinds: &[Kind], ledger: &Ledger) -> Result<(), RunError> {
    let version = RENDERER_VERSION.to_string();
    for kind in kinds.iter().copied() {
        if ledger.meta(&fact(kind))?.as_ref() != Some(&version) {
            ledger.set_meta(&fact(kind), &version)?;
        }
    }
    Ok(())
}
