//! The best of many matches: as few are kept as are shown, however many there are.

use vod2strm_core::select::search::Rank;

/// How many titles are shown.
pub(super) const SHOWN: usize = 10;

/// The best matches so far, and how many there were.
pub(super) struct Best<T> {
    ranked: Vec<(Rank, String, T)>,
    pub(super) number: u64,
}

impl<T> Best<T> {
    /// None yet.
    pub(super) fn new() -> Best<T> {
        Best { ranked: Vec::new(), number: 0 }
    }

    /// Counts a match, and keeps it while it is one of the best: of equal ones the first by name, then the first that came.
    pub(super) fn add(&mut self, rank: Rank, name: &str, make: impl FnOnce() -> T) {
        self.number += 1;
        let at =
            self.ranked.partition_point(|(known, its, _)| (*known, its.as_str()) <= (rank, name));
        if at < SHOWN {
            self.ranked.insert(at, (rank, name.to_owned(), make()));
            self.ranked.truncate(SHOWN);
        }
    }

    /// The best first.
    pub(super) fn into_best(self) -> Vec<T> {
        self.ranked.into_iter().map(|(_, _, it)| it).collect()
    }
}
