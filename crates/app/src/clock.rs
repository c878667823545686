//! The clock. Nobody else asks for the time of day.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Seconds since 1970.
pub fn now() -> i64 {
    i64::try_from(since_epoch().as_secs()).unwrap_or(i64::MAX)
}

/// Nanoseconds since 1970; no two runs on one machine see the same.
pub fn nanoseconds() -> u128 {
    since_epoch().as_nanos()
}

fn since_epoch() -> Duration {
    // A clock before 1970 is not set; 0 says as much.
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}
