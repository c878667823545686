//! How long to wait before what failed is tried again.

use std::time::Duration;

/// Waits that double from the first one to the longest.
#[derive(Clone, Copy, Debug)]
pub struct Retry {
    first: Duration,
    longest: Duration,
    failures: u32,
}

impl Retry {
    /// Waits between these two.
    pub const fn new(first: Duration, longest: Duration) -> Retry {
        Retry { first, longest, failures: 0 }
    }

    /// It failed once more: how long to wait now.
    pub fn failed(&mut self) -> Duration {
        let factor = 1_u32.checked_shl(self.failures).unwrap_or(u32::MAX);
        self.failures = self.failures.saturating_add(1).min(31);
        self.first.saturating_mul(factor).min(self.longest)
    }

    /// It went well.
    pub fn went_well(&mut self) {
        self.failures = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_longest_and_begin_anew() {
        let second = Duration::from_secs;
        let mut retry = Retry::new(second(5), second(60));
        let waits: Vec<_> = (0..6).map(|_| retry.failed()).collect();
        assert_eq!(waits, [5, 10, 20, 40, 60, 60].map(second));
        (0..1_000).for_each(|_| assert_eq!(retry.failed(), second(60)));
        retry.went_well();
        assert_eq!(retry.failed(), second(5));
    }
}
