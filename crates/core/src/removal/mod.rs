//! May what is missing be removed? A provider that answers with nothing, or with half, must not cost a library. Such
//! losses are *held* until a person says otherwise, or the titles are back.
//!
//! What one account offers of one kind is decided by itself: a *scope*. Titles, their entries, and episodes are each
//! counted. What counts is what would be left beside the highest number that the scope had within the last days. What the user has switched off is no
//! loss.

pub mod accounts;
pub mod limits;
pub mod entries;
pub mod guard;
pub mod contradictions;
pub mod offered;
pub mod reclassified;
pub mod losses;
pub mod record;
pub mod candidate;
pub mod decide;
pub mod holding;
#[cfg(test)]
mod drafts;

use std::collections::BTreeMap;

use crate::hold::Content;
use crate::identity::known::KnownStream;
use crate::model::media::Kind;

/// On so many days with a complete run the highest number of a scope is remembered.
pub const REMEMBERED_DAYS: i64 = 30;

/// What one account offers of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AccountContent {
    /// The source's id of the account.
    pub account: i64,
    /// What is counted.
    pub content: Content,
}

impl AccountContent {
    /// An account's titles of a kind.
    pub fn titles(kind: Kind, account: i64) -> AccountContent {
        AccountContent { account, content: Content::of(kind) }
    }

    /// An account's episodes.
    pub fn episodes(account: i64) -> AccountContent {
        AccountContent { account, content: Content::Episodes }
    }

    /// An account's entries of titles of a kind.
    pub fn entries(kind: Kind, account: i64) -> AccountContent {
        AccountContent { account, content: Content::entries(kind) }
    }

    /// What the title of a stream is counted in.
    pub fn of(stream: &KnownStream) -> AccountContent {
        AccountContent::titles(stream.kind, stream.account)
    }
}

/// The best numbers of a scope within the last days.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BestDay {
    /// The most titles or episodes that the library had from it, those among them that are held or wait.
    pub highest: usize,
    /// The most titles that it offered.
    pub offered: usize,
    /// The run, among the complete ones of the kind, that began with so many offered titles.
    pub run: i64,
}

/// The best numbers, by scope.
pub type Memory = BTreeMap<AccountContent, BestDay>;
