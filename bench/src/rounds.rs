//! Two things measured in turn: A B A B.

/// The times of both, in seconds, a round each.
pub struct Pair {
    /// Ours.
    pub ours: Vec<f64>,
    /// What it is held against.
    pub limit: Vec<f64>,
}

/// Measures both in turn.
pub fn in_turn(
    rounds: usize,
    mut ours: impl FnMut(usize) -> f64,
    mut limit: impl FnMut(usize) -> f64,
) -> Pair {
    let (ours, limit) = (0..rounds).map(|round| (ours(round), limit(round))).unzip();
    Pair { ours, limit }
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
