//! SIGINT and SIGTERM: the first one lets the run end in order, the second one ends it at once, which is
//! as safe as a crash.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;
use vod2strm_core::cancel::Cancel;
use vod2strm_engine::error::RunError;

/// What the first signal cancels.
pub fn cancel_on_signals() -> Result<Cancel, RunError> {
    let stop = Arc::new(AtomicBool::new(false));
    let failed = |source| RunError::System { what: "watch for signals", source };
    for signal in [SIGINT, SIGTERM] {
        // In this order: the second signal finds the flag raised, and ends the process as it would
        // have without us.
        flag::register_conditional_default(signal, stop.clone()).map_err(failed)?;
        flag::register(signal, stop.clone()).map_err(failed)?;
    }
    Ok(Cancel::by_flag(stop))
}
