//! Two things measured in turn: A B A B.

use std::process::Command;

/// The times of both, in seconds, a round each.
pub struct RoundTimes {
    /// Ours.
    pub ours: Vec<f64>,
    /// What it is held against.
    pub limit: Vec<f64>,
}

/// Measures both in turn. What was written before is brought to the disk each time: nobody pays for the
/// other.
pub fn in_turn(
    rounds: usize,
    mut ours: impl FnMut(usize) -> f64,
    mut limit: impl FnMut(usize) -> f64,
) -> RoundTimes {
    let mut pair = RoundTimes { ours: Vec::new(), limit: Vec::new() };
    for round in 0..rounds {
        settle();
        pair.ours.push(ours(round));
        settle();
        pair.limit.push(limit(round));
    }
    pair
}

/// Brings what was written to the disk.
pub fn settle() {
    assert!(Command::new("sync").status().expect("sync is there").success());
}

/// The middle one of some times.
pub fn median(times: &[f64]) -> f64 {
    let mut sorted = times.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}

/// The smallest and the biggest.
pub fn spread(times: &[f64]) -> (f64, f64) {
    let fold = |choose: fn(f64, f64) -> f64| times.iter().copied().reduce(choose).unwrap_or(0.0);
    (fold(f64::min), fold(f64::max))
}
