//! The clock. Nobody else asks for the time of day.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use vod2strm_engine::host::Clock;

/// The system's clock.
pub struct SystemClock;

impl Clock for SystemClock {
    fn since_1970(&self) -> Duration {
        // A clock before 1970 is not set; 0 says as much.
        SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
    }
}
