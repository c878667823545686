//! Titles whose entries the source still has, and takes for something else: a movie that is a live channel now.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::hold::{Content, Hold, HoldReason, LIMIT};
use crate::identity::compare::{Comparison, KnownIndex};
use crate::identity::known::TitleId;
use crate::model::media::Kind;
use crate::model::stamp::StreamId;
use crate::removal::{AccountContent, BestDay};

/// Missing titles that are no loss of the provider's, by what they were taken for before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reclassified {
    titles: BTreeMap<Kind, HashSet<TitleId>>,
}

impl Reclassified {
    /// The missing titles that have one of these streams: what the source has under them is no title of their kind.
    pub fn of(
        comparison: &Comparison,
        index: &KnownIndex,
        streams: &HashSet<StreamId>,
    ) -> Reclassified {
        let missing: HashMap<TitleId, Kind> =
            comparison.missing_titles.iter().map(|known| (known.id, known.kind)).collect();
        let taken = comparison.missing_streams.iter().filter(|stream| streams.contains(stream));
        let holders = taken.filter_map(|stream| index.holder(stream));
        let mut titles: BTreeMap<Kind, HashSet<TitleId>> = BTreeMap::new();
        for (title, kind) in holders.filter_map(|title| Some((title, *missing.get(&title)?))) {
            titles.entry(kind).or_default().insert(title);
        }
        Reclassified { titles }
    }

    /// Whether a title is one of them.
    pub fn contains(&self, title: TitleId) -> bool {
        self.titles.values().any(|titles| titles.contains(&title))
    }

    /// How many of a kind they are.
    pub fn number(&self, kind: Kind) -> usize {
        self.titles.get(&kind).map_or(0, HashSet::len)
    }

    /// Why they stay: more than one, and more than a fifth of what the library `had` of their kind.
    pub fn hold(&self, kind: Kind, had: &BTreeMap<AccountContent, BestDay>) -> Option<Hold> {
        let (losses, content) = (self.number(kind), Content::of(kind));
        let of_kind = had.iter().filter(|(scope, _)| scope.content == content);
        let had: usize = of_kind.map(|(_, best)| best.highest).sum();
        // What is missing was there, whatever the counts of the last days say.
        let of = had.max(losses);
        let reason = HoldReason::Reclassified { losses, of };
        let is_much = losses > 1 && losses * 100 > of * LIMIT;
        is_much.then_some(Hold { reason, account: None, content })
    }
}

#[cfg(test)]
mod tests;
