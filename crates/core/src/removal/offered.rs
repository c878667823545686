//! Who offers the titles that a run has loaded: what counts besides the ledger.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::identity::known::{FilterState, KnownTitle, TitleId};
use crate::model::media::{Kind, Stream, Title};
use crate::model::stamp::StreamId;
use crate::plan::{EpisodeChanges, plays_something};

/// Who offers the titles that a run has loaded.
#[derive(Debug, Default)]
pub struct OfferedTitles {
    /// An account that offers a known title, with streams that the filter lets through. The flag says whether
    /// only the user's will has let these streams in since the last run.
    pub present: Vec<(TitleId, Kind, i64, bool)>,
    /// Titles that have got their first files, by who offers them.
    pub new: BTreeMap<(Kind, i64), usize>,
    /// Who offers titles that have got their first files at the user's will: by another filter, or another category.
    pub let_in: BTreeSet<(Kind, i64)>,
    /// Those among them that the ledger had before.
    pub filled: HashSet<TitleId>,
    /// Episodes that plans take, by account.
    pub taken: BTreeMap<i64, usize>,
    /// The entries of titles that have files, by who offers them, without those that the user's will has let in.
    pub entries: BTreeMap<(Kind, i64), usize>,
    /// Those of known titles among them.
    pub known_entries: HashSet<StreamId>,
    /// Streams that the filter does not let through, and whether the user's new filter takes them.
    refused: HashMap<StreamId, bool>,
}

impl OfferedTitles {
    /// Counts a title that was loaded, with its entry, if it has one.
    pub fn add(&mut self, known: Option<(TitleId, &KnownTitle)>, title: &Title) {
        for stream in title.streams.iter().filter(|stream| !stream.is_wanted) {
            self.refused.insert(StreamId::of(title.kind, stream), stream.is_taken);
        }
        if let Some((id, _)) = known.filter(|(_, known)| plays_something(known)) {
            let offers = title.offers().into_iter();
            let offers = offers.map(|(account, is_let_in)| (id, title.kind, account, is_let_in));
            self.present.extend(offers);
            let entries = title.streams.iter().filter(|stream| is_entry(stream));
            self.known_entries.extend(entries.map(|stream| StreamId::of(title.kind, stream)));
            self.add_entries(title);
        }
    }

    fn add_entries(&mut self, title: &Title) {
        for stream in title.streams.iter().filter(|stream| is_entry(stream)) {
            *self.entries.entry((title.kind, stream.account.id)).or_default() += 1;
        }
    }

    /// Counts a title that has got its first files, or would: its entry, if it has one.
    pub fn add_new(&mut self, title: &Title, known: Option<TitleId>) {
        self.filled.extend(known);
        self.add_entries(title);
        for (account, is_let_in) in title.offers() {
            if is_let_in {
                self.let_in.insert((title.kind, account));
            } else {
                *self.new.entry((title.kind, account)).or_default() += 1;
            }
        }
    }

    /// Counts the episodes that a plan takes.
    pub fn add_episodes(&mut self, changes: &EpisodeChanges) {
        for (account, taken) in &changes.accounts {
            *self.taken.entry(*account).or_default() += taken;
        }
    }

    /// What the filter says of a stream of the ledger in this run, be that recorded already or not.
    pub fn filter_state(&self, id: &StreamId, before: FilterState) -> FilterState {
        self.refused.get(id).map_or(before, |is_taken| before.then(false, *is_taken))
    }
}

/// Whether a stream counts as an entry that its account offers.
fn is_entry(stream: &Stream) -> bool {
    stream.is_wanted && !stream.is_let_in
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::identity::known::KnownFile;
    use crate::plan::drafts::key;
    use crate::render::drafts;

    /// A stream; `is_let_in` says that only the user's will lets it through.
    fn stream(account: i64, is_wanted: bool, is_let_in: bool) -> Stream {
        let account = Arc::new(drafts::account(account));
        Stream { is_wanted, is_let_in, ..Stream::new(account, "7".to_owned()) }
    }

    fn movie(streams: Vec<Stream>) -> Title {
        Title { streams, ..drafts::title(Kind::Movie, "Heat") }
    }

    #[test]
    fn a_known_title_with_files_is_offered_by_the_accounts_that_pass_the_filter() {
        let title =
            movie(vec![stream(1, true, false), stream(2, false, false), stream(3, true, true)]);
        let file = KnownFile {
            path: "a.strm".to_owned(),
            hash: None,
            size: 1,
            account: None,
            stream: None,
            is_edited: false,
            unwanted: None,
        };
        let mut known = KnownTitle::default();
        let mut offered = OfferedTitles::default();
        offered.add(Some((TitleId(5), &known)), &title);
        offered.add(None, &title);
        assert_eq!(offered.present, [], "it is new, or without files");
        known.files.insert(key("strm"), file);
        offered.add(Some((TitleId(5), &known)), &title);
        let of = |account, is_let_in| (TitleId(5), Kind::Movie, account, is_let_in);
        assert_eq!(offered.present, [of(1, false), of(3, true)]);
        assert_eq!(offered.entries, BTreeMap::from([((Kind::Movie, 1), 1)]));
        let entry = StreamId::new(Kind::Movie, 1, "7");
        assert_eq!(offered.known_entries, HashSet::from([entry]));
    }

    #[test]
    fn what_a_filter_refuses_is_dropped_unless_the_users_new_filter_takes_it() {
        let taken = Stream { is_taken: true, ..stream(2, false, false) };
        let title = movie(vec![stream(1, false, false), taken, stream(3, true, false)]);
        let mut offered = OfferedTitles::default();
        offered.add(None, &title);
        let filter_state = |account, before| {
            offered.filter_state(&StreamId::new(Kind::Movie, account, "7"), before)
        };
        assert_eq!(filter_state(1, FilterState::Wanted), FilterState::Dropped);
        assert_eq!(filter_state(2, FilterState::Wanted), FilterState::Filtered);
        assert_eq!(
            filter_state(3, FilterState::Dropped),
            FilterState::Dropped,
            "as the ledger has it"
        );
        assert_eq!(filter_state(4, FilterState::Wanted), FilterState::Wanted, "it was not loaded");
    }

    #[test]
    fn first_files_count_for_those_who_offer_them_unless_the_users_will_let_them_in() {
        let mut offered = OfferedTitles::default();
        let title =
            movie(vec![stream(1, true, false), stream(2, true, true), stream(3, false, false)]);
        offered.add_new(&title, Some(TitleId(5)));
        offered.add_new(&title, None);
        assert_eq!(offered.new, BTreeMap::from([((Kind::Movie, 1), 2)]));
        assert_eq!(offered.entries, BTreeMap::from([((Kind::Movie, 1), 2)]));
        assert_eq!(offered.known_entries, HashSet::new());
        assert_eq!(offered.let_in, BTreeSet::from([(Kind::Movie, 2)]));
        assert_eq!(offered.filled, HashSet::from([TitleId(5)]));
    }

    #[test]
    fn changes_of_episodes_add_up_by_account() {
        let mut offered = OfferedTitles::default();
        offered.add_episodes(&EpisodeChanges { taken: 9, accounts: [(1, 3), (2, 1)].into() });
        offered.add_episodes(&EpisodeChanges { taken: 9, accounts: [(1, 2)].into() });
        assert_eq!(offered.taken, BTreeMap::from([(1, 5), (2, 1)]));
    }
}
