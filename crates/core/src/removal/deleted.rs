//! What somebody has deleted of titles that the catalogue has no more, in a dry run.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::identity::known::{KnownTitle, TitleId};
use crate::render::slot::played;

/// What somebody has deleted of titles that the catalogue has no more, as far as the ledger does not know it: that is
/// the user's will. A run tells the ledger, a dry run does not.
#[derive(Debug, Default)]
pub struct Deleted {
    /// The titles of which nothing is left to play.
    pub titles: HashSet<TitleId>,
    /// Episodes, by series and account.
    pub episodes: HashMap<(TitleId, i64), usize>,
}

impl Deleted {
    /// What is gone of these titles; `gone` has by title the slots of files that are not on disk.
    pub fn of(
        titles: &HashMap<TitleId, KnownTitle>,
        gone: &HashMap<TitleId, BTreeMap<String, String>>,
    ) -> Deleted {
        let mut deleted = Deleted::default();
        for (id, known) in titles {
            let is_gone = |slot: &str| gone.get(id).is_some_and(|gone| gone.contains_key(slot));
            let strms = || known.files.iter().filter(|(slot, _)| played(slot).is_some());
            let mut places: HashMap<(i64, &str), bool> = HashMap::new();
            for (slot, file) in strms() {
                let place = played(slot).unwrap_or_default();
                let is_there = places.entry((file.account.unwrap_or(0), place)).or_default();
                *is_there |= !is_gone(slot);
            }
            for ((account, _), _) in places.into_iter().filter(|(_, is_there)| !is_there) {
                *deleted.episodes.entry((*id, account)).or_default() += 1;
            }
            if strms().all(|(slot, _)| is_gone(slot)) {
                deleted.titles.insert(*id);
            }
        }
        deleted
    }

    /// Of this series, from this account.
    pub fn of_series(&self, title: TitleId, account: i64) -> usize {
        self.episodes.get(&(title, account)).copied().unwrap_or(0)
    }

    /// Of all series, from this account.
    pub fn of_account(&self, account: i64) -> usize {
        self.episodes.iter().filter(|((_, it), _)| *it == account).map(|(_, number)| number).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::known::KnownFile;

    fn series(slots: &[(&str, Option<i64>)]) -> KnownTitle {
        let file = |(slot, account): &(&str, Option<i64>)| {
            let (path, account) = ((*slot).to_owned(), *account);
            let (hash, is_edited, unwanted) = (None, false, None);
            (path.clone(), KnownFile { path, hash, size: 1, account, is_edited, unwanted })
        };
        KnownTitle { files: slots.iter().map(file).collect(), ..KnownTitle::default() }
    }

    #[test]
    fn an_episode_is_deleted_when_none_of_its_versions_from_an_account_is_left() {
        let known = series(&[
            ("s01e01.strm", Some(1)),
            ("s01e01.strm@1:7", Some(1)),
            ("s01e02.strm", Some(1)),
            ("s01e02.strm@2:7", Some(2)),
            ("s01e03.strm", None),
            ("tvshow.nfo", None),
        ]);
        let titles = HashMap::from([(TitleId(1), known)]);
        let deleted = |slots: &[&str]| {
            let slots = slots.iter().map(|slot| ((*slot).to_owned(), String::new())).collect();
            Deleted::of(&titles, &HashMap::from([(TitleId(1), slots)]))
        };
        let some = deleted(&["s01e01.strm", "s01e02.strm", "tvshow.nfo"]);
        assert_eq!(some.episodes, HashMap::from([((TitleId(1), 1), 1)]));
        assert_eq!(some.titles, HashSet::new());
        let all = ["s01e01.strm", "s01e01.strm@1:7", "s01e02.strm", "s01e02.strm@2:7"];
        let most = deleted(&all);
        assert_eq!((most.of_series(TitleId(1), 1), most.of_series(TitleId(1), 2)), (2, 1));
        assert_eq!((most.of_series(TitleId(2), 1), most.of_account(1)), (0, 2));
        assert_eq!(most.titles, HashSet::new(), "the third episode is there");
        let whole = deleted(&[all.as_slice(), &["s01e03.strm"]].concat());
        assert_eq!(whole.titles, HashSet::from([TitleId(1)]), "an NFO plays nothing");
        assert_eq!(whole.of_account(0), 1, "nobody knows whose it was");
    }

    #[test]
    fn of_what_is_there_nothing_is_deleted() {
        let titles = HashMap::from([(TitleId(1), series(&[("strm", Some(1))]))]);
        let deleted = Deleted::of(&titles, &HashMap::new());
        assert_eq!((deleted.titles.len(), deleted.episodes.len()), (0, 0));
    }
}
