//! Plain accounts, streams and candidates, for tests to fill in.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::hash::Written;
use crate::hold::{Content, HoldId};
use crate::identity::known::{Cause, FilterState, KnownStream, TitleId, Unwanted};
use crate::model::media::Kind;
use crate::model::ownership::Ownership;
use crate::plan::drafts::key;
use crate::removal::AccountContent;
use crate::removal::accounts::{Member, Roster};
use crate::removal::candidate::Candidate;
use crate::removal::record::FileRemoval;

/// Account 1 is on, 2 is off; category 9 of account 1 is disabled.
pub fn roster() -> Roster {
    let member =
        |name: &str, is_active| Member { name: name.into(), is_active, is_scanning: false };
    let accounts = BTreeMap::from([(1, member("A", true)), (2, member("B", false))]);
    Roster { accounts, disabled: HashSet::from([(1, 9)]) }
}

/// A stream of a movie.
pub fn stream(title: i64, account: i64, category: Option<i64>) -> KnownStream {
    KnownStream {
        title: TitleId(title),
        kind: Kind::Movie,
        account,
        category,
        stream_id: title.to_string(),
        filter_state: FilterState::Wanted,
        since: 0,
        missing_since: None,
        missing_runs: 0,
        has_files: true,
        is_let_in: false,
        is_removed: false,
        is_let_go: false,
    }
}

/// The movies of account 1.
pub const MOVIES: AccountContent = AccountContent { account: 1, content: Content::Movies };

/// A hold that a run before has made.
pub const HOLD: HoldId = HoldId { run: 3, number: 1 };

/// A file that is unwanted for this cause since so many runs.
pub fn unwanted(cause: Cause, runs: u32) -> Unwanted {
    Unwanted { cause, runs, hold: None }
}

/// A candidate of one kind without files.
pub fn candidate(kind: Kind) -> Candidate {
    Candidate {
        title: TitleId(1),
        kind,
        name: "Heat".to_owned(),
        year: Some(1995),
        folder: Some("Movies/Heat (1995)".to_owned()),
        files: Vec::new(),
        accounts: HashMap::new(),
        missing_runs: None,
        hold: None,
        of: 0,
        played: (0, 0),
        is_filtered: false,
        unfetched: HashSet::new(),
        ownership: Ownership::Ours,
        dirs: Vec::new(),
    }
}

/// A file that is to go; its path is its key.
pub fn file(text: &str) -> FileRemoval {
    let written = Some(Written::of(text.as_bytes()));
    FileRemoval { key: key(text), path: text.to_owned(), written }
}

/// A candidate that has this file, too, of an account's stream.
pub fn with_file(
    mut candidate: Candidate,
    text: &str,
    account: Option<i64>,
    unwanted: Option<Unwanted>,
) -> Candidate {
    candidate.files.push((file(text), unwanted));
    candidate.accounts.extend(account.map(|account| (key(text), account)));
    candidate.of += 1;
    candidate
}
