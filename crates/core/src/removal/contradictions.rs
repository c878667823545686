//! Works that have the streams of known titles, and are others by their names. When too many of an account's titles
//! are contradicted at once, these are held, and nothing is made of the works.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::hold::{Hold, HoldReason};
use crate::identity::compare::Comparison;
use crate::identity::known::{KnownStream, TitleId};
use crate::identity::too_many;
use crate::model::media::Kind;
use crate::model::stamp::StreamId;
use crate::removal::AccountContent;

/// Titles by the account whose streams they had.
type ByAccount = BTreeMap<AccountContent, HashSet<TitleId>>;

/// Counts the titles that works contradict, account by account.
#[derive(Debug)]
pub struct Contradictions<'a> {
    comparison: &'a Comparison,
    contradicted: HashSet<TitleId>,
    all: ByAccount,
    losses: ByAccount,
}

impl<'a> Contradictions<'a> {
    /// The titles that works contradict, but those in `allowed`, which a person lets go; `None` when there are none.
    pub fn of(
        comparison: &'a Comparison,
        allowed: &HashSet<TitleId>,
    ) -> Option<Contradictions<'a>> {
        let named: HashSet<TitleId> = comparison.contradictions.iter().map(|it| it.title).collect();
        // One without files has nothing that could play another work.
        let with_files = comparison.missing_titles.iter().filter(|known| known.has_folder);
        let with_files = with_files.map(|known| known.id).filter(|id| !allowed.contains(id));
        let contradicted: HashSet<TitleId> = with_files.filter(|id| named.contains(id)).collect();
        let (all, losses) = (ByAccount::new(), ByAccount::new());
        let is_some = !contradicted.is_empty();
        is_some.then_some(Contradictions { comparison, contradicted, all, losses })
    }

    /// Counts a stream of the ledger.
    pub fn add_stream(&mut self, stream: &KnownStream) {
        if stream.is_removed {
            return;
        }
        let id = StreamId::new(stream.kind, stream.account, &stream.stream_id);
        let scope = AccountContent::of(stream);
        self.all.entry(scope).or_default().insert(stream.title);
        // What nobody offers any more is a loss, and no contradiction.
        if self.contradicted.contains(&stream.title)
            && !self.comparison.missing_streams.contains(&id)
        {
            self.losses.entry(scope).or_default().insert(stream.title);
        }
    }

    /// The contradicted titles of accounts of which too many are, and why these stay. `names` are the accounts'.
    pub fn held(mut self, names: &BTreeMap<i64, String>) -> HashMap<TitleId, Hold> {
        let count = |(scope, titles): (&AccountContent, &HashSet<TitleId>)| (*scope, titles.len());
        let too_many =
            too_many(self.losses.iter().map(count), &self.all.iter().map(count).collect());
        let mut held = HashMap::new();
        for (scope, (number, of)) in too_many {
            let AccountContent { account, content } = scope;
            let name = names.get(&account).cloned().unwrap_or_else(|| account.to_string());
            let reason = HoldReason::Contradicted { losses: number, of };
            let hold = Hold { reason, account: Some((account, name)), content };
            let titles = self.losses.remove(&scope).into_iter().flatten();
            held.extend(titles.map(|title| (title, hold.clone())));
        }
        held
    }
}

/// Leaves out the works that contradict these titles. Gives how many titles of `narrow` kinds each hold keeps: of
/// these the run is about a few titles, and no cleanup comes to them.
pub fn leave_out<'a>(
    comparison: &mut Comparison,
    held: &'a HashMap<TitleId, Hold>,
    narrow: &[Kind],
) -> BTreeMap<&'a Hold, u64> {
    let left_out = comparison.leave_out(|title| held.contains_key(&title));
    let mut told: BTreeMap<&Hold, u64> = BTreeMap::new();
    for hold in left_out.iter().filter_map(|title| held.get(title)) {
        if narrow.contains(&hold.content.kind()) {
            *told.entry(hold).or_default() += 1;
        }
    }
    told
}

#[cfg(test)]
mod tests;
