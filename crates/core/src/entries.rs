//! Entries of a source: how many there are, and why some of them are in no title of the library.
//!
//! An entry is counted once: a movie or a series as the source groups its rows or items, whatever has been made of them
//! in the library. What is neither counts by its items.

use std::collections::BTreeMap;
use std::ops::AddAssign;

use crate::model::left_out::LeftOutBy;
use crate::model::media::Kind;

/// Why an entry is in no title of the library. Of several reasons the first counts, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum WhyLeftOut {
    /// Only accounts that are switched off have it.
    AccountOff,
    /// Accounts that are switched on have it in categories that are switched off.
    CategoryOff,
    /// A television channel or a radio station.
    Live,
    /// It parts a list: `##### MOVIES #####`.
    Heading,
    /// Its address is that of a further list, a picture, a table.
    NoVideo,
    /// It may be cut off.
    Unreadable,
    /// It has no address, or none that players open.
    NoAddress,
    /// No account has a stream of it.
    NoStream,
    /// A series without an episode that can be played.
    NoEpisodes,
    /// The user's filter, or his word on entries, leaves it out.
    Filtered,
    /// `block` leaves it out, and the filter does not.
    Blocked,
    /// The run is about a few ids, and it is none of them.
    NotAsked,
}

impl From<LeftOutBy> for WhyLeftOut {
    fn from(by: LeftOutBy) -> WhyLeftOut {
        match by {
            LeftOutBy::Filter | LeftOutBy::Part(_) => WhyLeftOut::Filtered,
            LeftOutBy::Block => WhyLeftOut::Blocked,
            LeftOutBy::NoEpisodes => WhyLeftOut::NoEpisodes,
            LeftOutBy::NoAddress => WhyLeftOut::NoAddress,
        }
    }
}

impl WhyLeftOut {
    /// All reasons, in order.
    pub const ALL: [WhyLeftOut; 12] = [
        WhyLeftOut::AccountOff,
        WhyLeftOut::CategoryOff,
        WhyLeftOut::Live,
        WhyLeftOut::Heading,
        WhyLeftOut::NoVideo,
        WhyLeftOut::Unreadable,
        WhyLeftOut::NoAddress,
        WhyLeftOut::NoStream,
        WhyLeftOut::NoEpisodes,
        WhyLeftOut::Filtered,
        WhyLeftOut::Blocked,
        WhyLeftOut::NotAsked,
    ];

    /// The word in `--json`, in `stats` and in the ledger.
    pub fn as_str(self) -> &'static str {
        match self {
            WhyLeftOut::AccountOff => "account_off",
            WhyLeftOut::CategoryOff => "category_off",
            WhyLeftOut::Live => "live",
            WhyLeftOut::Heading => "heading",
            WhyLeftOut::NoVideo => "no_video",
            WhyLeftOut::Unreadable => "unreadable",
            WhyLeftOut::NoAddress => "no_address",
            WhyLeftOut::NoStream => "no_stream",
            WhyLeftOut::NoEpisodes => "no_episodes",
            WhyLeftOut::Filtered => "filtered",
            WhyLeftOut::Blocked => "blocked",
            WhyLeftOut::NotAsked => "not_asked",
        }
    }

    /// What people are told, behind this number.
    pub fn words(self, number: u64) -> &'static str {
        match self {
            WhyLeftOut::AccountOff => "only on accounts that are off",
            WhyLeftOut::CategoryOff => "in categories that are off",
            WhyLeftOut::Live => "live",
            WhyLeftOut::Heading if number == 1 => "heading",
            WhyLeftOut::Heading => "headings",
            WhyLeftOut::NoVideo => "no video",
            WhyLeftOut::Unreadable => "cut off",
            WhyLeftOut::NoAddress => "without an address that players open",
            WhyLeftOut::NoStream => "without a stream of any account",
            WhyLeftOut::NoEpisodes => "without episodes",
            WhyLeftOut::Filtered => "filtered",
            WhyLeftOut::Blocked => "blocked",
            WhyLeftOut::NotAsked => "not among the ids asked for",
        }
    }

    /// What people are told of one entry.
    pub fn word(self) -> &'static str {
        match self {
            WhyLeftOut::Live => "a channel",
            WhyLeftOut::Heading => "a heading",
            WhyLeftOut::NoAddress => "no address that players open",
            WhyLeftOut::NoStream => "no stream of any account",
            WhyLeftOut::NoEpisodes => "no episodes",
            _ => self.words(1),
        }
    }
}

/// Entries of one kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KindEntries {
    /// Those in titles.
    pub in_titles: u64,
    /// The others, by reason.
    pub left_out: BTreeMap<WhyLeftOut, u64>,
}

impl KindEntries {
    /// All of them.
    pub fn all(&self) -> u64 {
        self.in_titles + self.left_out.values().sum::<u64>()
    }

    /// Leaves out so many of those in titles.
    pub fn set_aside(&mut self, why: WhyLeftOut, number: u64) {
        let number = number.min(self.in_titles);
        self.in_titles -= number;
        self.leave_out(why, number);
    }

    /// Counts further entries that are left out.
    pub fn leave_out(&mut self, why: WhyLeftOut, number: u64) {
        if number > 0 {
            *self.left_out.entry(why).or_default() += number;
        }
    }
}

/// Titles, and the entries that they are made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TitleCount {
    /// How many titles.
    pub titles: u64,
    /// How many entries.
    pub entries: u64,
}

impl TitleCount {
    /// Titles of one entry each, or whose entries do not matter.
    pub fn of(titles: u64) -> TitleCount {
        TitleCount { titles, entries: titles }
    }

    /// One title of so many entries.
    pub fn one(entries: u64) -> TitleCount {
        TitleCount { titles: 1, entries }
    }
}

impl AddAssign for TitleCount {
    fn add_assign(&mut self, other: TitleCount) {
        self.titles += other.titles;
        self.entries += other.entries;
    }
}

/// Entries by kind; under `None` those of which nobody can say the kind: channels, headings.
pub type EntryCounts = BTreeMap<Option<Kind>, KindEntries>;

/// All kinds of entries, in the order in which they are told.
pub const ENTRY_KINDS: [Option<Kind>; 3] = [Some(Kind::Movie), Some(Kind::Series), None];

/// The word for a kind of entries.
pub fn kind_word(kind: Option<Kind>) -> &'static str {
    kind.map_or("neither", Kind::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_that_is_set_aside_is_counted_once() {
        let mut entries = KindEntries { in_titles: 10, ..KindEntries::default() };
        entries.leave_out(WhyLeftOut::AccountOff, 3);
        entries.set_aside(WhyLeftOut::Filtered, 4);
        entries.set_aside(WhyLeftOut::NoEpisodes, 0);
        assert_eq!((entries.all(), entries.in_titles), (13, 6));
        let left_out = [(WhyLeftOut::AccountOff, 3), (WhyLeftOut::Filtered, 4)];
        assert_eq!(entries.left_out, left_out.into());
    }

    /// Scripts and ledgers know them: they stay.
    #[test]
    fn the_words_of_reasons_stay() {
        let words = "account_off category_off live heading no_video unreadable no_address no_stream \
                     no_episodes filtered blocked not_asked";
        assert_eq!(WhyLeftOut::ALL.map(WhyLeftOut::as_str).join(" "), words);
        assert!(WhyLeftOut::ALL.is_sorted());
    }
}
