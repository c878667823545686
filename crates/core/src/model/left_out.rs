//! What of the user's will leaves a title or a stream out.

/// What leaves something out that is not wanted. Of several that which is met last counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LeftOutBy {
    /// The filter; nobody knows by which of its parts.
    #[default]
    Filter,
    /// This part of the filter, counted from 0: all that is before it lets it through.
    Part(u32),
    /// `block`.
    Block,
    /// The filter or `block`, and it has no episodes anyhow.
    NoEpisodes,
    /// The filter or `block`, and it is a movie that has no address that players open anyhow.
    NoAddress,
}

impl LeftOutBy {
    /// The number in the ledger: never 0, which stands there for what is wanted.
    pub fn code(self) -> i64 {
        match self {
            LeftOutBy::Filter => 1,
            LeftOutBy::Block => 2,
            LeftOutBy::NoEpisodes => 3,
            LeftOutBy::NoAddress => -1,
            LeftOutBy::Part(at) => 4 + i64::from(at),
        }
    }

    /// What a number in the ledger says; `None` for what is wanted.
    pub fn of_code(code: i64) -> Option<LeftOutBy> {
        match code {
            -1 => Some(LeftOutBy::NoAddress),
            0 => None,
            2 => Some(LeftOutBy::Block),
            3 => Some(LeftOutBy::NoEpisodes),
            _ => Some(u32::try_from(code - 4).map_or(LeftOutBy::Filter, LeftOutBy::Part)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::LeftOutBy::*;
    use super::*;

    #[test]
    fn a_code_is_read_as_it_was_written() {
        for it in [Filter, Block, NoEpisodes, NoAddress, Part(0), Part(7)] {
            assert_eq!(LeftOutBy::of_code(it.code()), Some(it));
        }
        assert_eq!(LeftOutBy::of_code(0), None);
        assert_eq!(LeftOutBy::of_code(1), Some(LeftOutBy::Filter), "older ledgers have no other");
        assert_eq!(LeftOutBy::of_code(-5), Some(LeftOutBy::Filter));
    }
}
