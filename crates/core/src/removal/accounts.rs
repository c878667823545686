//! The provider accounts of a source, as far as removals depend on them, and what the user chooses of them.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use crate::hash::Fingerprint;
use crate::identity::known::KnownStream;

/// A provider account, as far as removals depend on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The name that people gave it.
    pub name: String,
    /// Whether it is switched on.
    pub is_active: bool,
    /// Whether the source is just reading its catalogue anew: what it offers is not complete.
    pub is_scanning: bool,
}

/// Who offers titles: the accounts, and the categories that are disabled on them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Roster {
    /// All accounts of the source, by id.
    pub accounts: BTreeMap<i64, Member>,
    /// Account and category.
    pub disabled: HashSet<(i64, i64)>,
}

/// What the user chooses of all that a source offers, besides whole accounts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Will {
    /// The filter; `None` without one.
    pub filter: Option<Fingerprint>,
    /// The categories that are disabled: account and category.
    pub disabled: BTreeSet<(i64, i64)>,
}

impl Roster {
    /// Whether the user has switched off what offers this stream.
    pub fn is_switched_off(&self, stream: &KnownStream) -> bool {
        let is_off = self.accounts.get(&stream.account).is_some_and(|account| !account.is_active);
        let disabled = |category| self.disabled.contains(&(stream.account, category));
        is_off || stream.category.is_some_and(disabled)
    }
}
