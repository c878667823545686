//! Settings of how long a source may be silent, and how much it may send.

use std::time::Duration;

use vod2strm_engine::source::SourceLimits;

use super::layers::Layers;
use super::values::{Amount, Speed};
use crate::error::CommandError;

/// The limits of a source.
pub(super) fn limits(layers: &Layers) -> Result<SourceLimits, CommandError> {
    let usual = SourceLimits::default();
    let seconds = |key, usual: Duration| -> Result<Duration, CommandError> {
        Ok(Duration::from_secs(layers.parsed(key, Amount(usual.as_secs()))?.0))
    };
    let amount = |key, usual: u64| Ok::<_, CommandError>(layers.parsed(key, Amount(usual))?.0);
    let line = amount("max_line", (usual.line >> 10) as u64)? << 10;
    Ok(SourceLimits {
        silence: seconds("max_silence", usual.silence)?,
        speed: layers.parsed("min_speed", Speed(usual.speed))?.0,
        window: seconds("speed_window", usual.window)?,
        line: usize::try_from(line).unwrap_or(usize::MAX),
        size: amount("max_size", usual.size >> 20)? << 20,
        entries: amount("max_entries", usual.entries)?,
    })
}
