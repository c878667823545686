//! Plain titles of the ledger, for tests.

use crate::hash::Fingerprint;
use crate::identity::known::{Known, TitleId};
use crate::model::media::Kind;

/// A movie of the ledger, with a folder.
pub fn known(n: i64) -> Known {
    Known {
        id: TitleId(n),
        kind: Kind::Movie,
        fingerprint: Fingerprint(0),
        has_folder: true,
        left_out_by: None,
        missing_runs: 0,
        has_old_names: false,
        is_removed: false,
    }
}
