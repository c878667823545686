//! What the ledger knows of a title: the promises that later runs keep.

use std::collections::{BTreeMap, BTreeSet};

use crate::hash::{ContentHash, Fingerprint, Written};
use crate::hold::HoldId;
use crate::model::file::FileKey;
use crate::model::left_out::LeftOutBy;
use crate::model::media::Kind;
use crate::model::ownership::Ownership;
use crate::model::stamp::StreamId;

/// The ledger's own id of a title; never changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TitleId(pub i64);

/// A title in a few dozen bytes, as every run needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// The ledger's id.
    pub id: TitleId,
    /// Movie or series.
    pub kind: Kind,
    /// Catalogue and settings, mixed, when its files were last right. Zero: to be looked at again.
    pub fingerprint: Fingerprint,
    /// Whether it has a folder with files of ours; a series with nothing to play has none.
    pub has_folder: bool,
    /// What leaves it out, though the catalogue has it.
    pub left_out_by: Option<LeftOutBy>,
    /// In how many complete runs the catalogue did not have it, up to the last one.
    pub missing_runs: u32,
    /// It was named by other rules than today's.
    pub has_old_names: bool,
    /// Its files were removed; it is remembered so that it gets its folder back when it returns.
    pub is_removed: bool,
}

/// What the user's filter says of a stream, as the ledger has it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FilterState {
    /// It wants the stream.
    #[default]
    Wanted,
    /// It did so and no longer does, though the user has not changed it. The catalogue has changed, and that is a loss
    /// like any other.
    Dropped,
    /// It does not want the stream: the user's will.
    Filtered,
}

impl FilterState {
    /// All that there are.
    pub const ALL: [FilterState; 3] =
        [FilterState::Wanted, FilterState::Dropped, FilterState::Filtered];

    /// The word in the ledger; `None` where it says nothing.
    pub fn as_str(self) -> Option<&'static str> {
        match self {
            FilterState::Wanted => None,
            FilterState::Dropped => Some("lapsed"),
            FilterState::Filtered => Some("barred"),
        }
    }

    /// What becomes of it when the stream is looked at again. `is_taken` says that the user's new filter leaves it
    /// out, and the one before would let it through.
    pub fn then(self, is_wanted: bool, is_taken: bool) -> FilterState {
        match (is_wanted, self) {
            (true, _) => FilterState::Wanted,
            (false, FilterState::Wanted | FilterState::Dropped) if !is_taken => {
                FilterState::Dropped
            }
            (false, _) => FilterState::Filtered,
        }
    }
}

/// A stream of a title, as the ledger has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownStream {
    /// Whose stream it is.
    pub title: TitleId,
    /// Movie or series.
    pub kind: Kind,
    /// The account that offers it.
    pub account: i64,
    /// The category that it was in when it was last seen.
    pub category: Option<i64>,
    /// The provider's stream id, or series id.
    pub stream_id: String,
    /// What the filter says of it.
    pub filter_state: FilterState,
    /// The complete run of its kind, counted from 1, in which it was first seen.
    pub since: i64,
    /// If it is missing or dropped: the complete run in which that was first so.
    pub missing_since: Option<i64>,
    /// In how many complete runs it was missing or dropped, up to the last one.
    pub missing_runs: u32,
    /// The library has something of the title that can be played.
    pub has_files: bool,
    /// The title was removed; it is remembered for a while.
    pub is_removed: bool,
    /// It was removed at the user's will, or with permission.
    pub is_let_go: bool,
    /// The user's will has let it in, and its account has had something held ever since: it makes up for no loss.
    pub is_let_in: bool,
}

/// Why a file of ours is not wanted any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Cause {
    /// The settings: NFOs or further versions were switched off, or the layout has no such file.
    Settings,
    /// The catalogue: an episode or a stream went.
    Catalogue,
    /// The user has switched off the account or the category that offered it.
    SwitchedOff,
    /// The filter: it does not let the title through any more.
    Filter,
    /// It was to go, and somebody had edited it: it stays for good, as the user's.
    Kept,
}

impl Cause {
    /// All causes.
    pub const ALL: [Cause; 5] =
        [Cause::Settings, Cause::Catalogue, Cause::SwitchedOff, Cause::Filter, Cause::Kept];

    /// The word in the ledger.
    pub fn as_str(self) -> &'static str {
        match self {
            Cause::Settings => "settings",
            Cause::Catalogue => "catalogue",
            Cause::SwitchedOff => "switched_off",
            Cause::Filter => "filter",
            Cause::Kept => "kept",
        }
    }

    /// Whether the user wants it gone, and nothing is missing.
    pub fn is_will(self) -> bool {
        matches!(self, Cause::Settings | Cause::SwitchedOff | Cause::Filter)
    }
}

/// Since when, and why, a file is not wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unwanted {
    /// Why.
    pub cause: Cause,
    /// Complete runs since the one that found it out.
    pub runs: u32,
    /// The hold that keeps it.
    pub hold: Option<HoldId>,
}

/// A file of a title, as the ledger has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownFile {
    /// Path below the title's folder. It is kept whatever the catalogue says later.
    pub path: String,
    /// Their hash; `None` when the file was seen to be gone.
    pub hash: Option<ContentHash>,
    /// Its size in bytes.
    pub size: u64,
    /// Of a `.strm`: the account whose stream it plays; `None` when that is not known.
    pub account: Option<i64>,
    /// Of a `.strm`: that stream; `None` when that is not known.
    pub stream: Option<StreamId>,
    /// It was seen to hold something else.
    pub is_edited: bool,
    /// Set when nothing wants it any more.
    pub unwanted: Option<Unwanted>,
}

impl KnownFile {
    /// What we wrote; `None` when the file was seen to be gone.
    pub fn written(&self) -> Option<Written> {
        Some(Written { hash: self.hash?, size: self.size })
    }

    /// Whether it is the user's by now, and nothing that could go.
    pub fn is_kept(&self) -> bool {
        self.unwanted.is_some_and(|unwanted| unwanted.cause == Cause::Kept)
    }
}

/// A title's files by what they are for, so that a new name in the catalogue finds the old file.
pub type KnownFiles = BTreeMap<FileKey, KnownFile>;

/// A changed title, as the ledger has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KnownTitle {
    /// Its name, as the catalogue had it last.
    pub name: String,
    /// Its year, likewise.
    pub year: Option<i32>,
    /// The rules by which it was named; `None` when they are not known.
    pub naming: Option<Fingerprint>,
    /// Name of the title's folder below its library root; `None` as long as it had nothing to play.
    pub folder: Option<String>,
    /// The title that a series' NFO gives; `None` where an older version gave it.
    pub nfo_title: Option<String>,
    /// Whether the filter does not let it through.
    pub is_filtered: bool,
    /// The most episodes that it had within the last days.
    pub most_episodes: usize,
    /// The hold that keeps it, of a missing title.
    pub hold: Option<HoldId>,
    /// The filter by which its streams were evaluated; `None` without one, or when it is not known.
    pub filter: Option<Fingerprint>,
    /// When the source got to know it, as it was when it was first recorded.
    pub added: Option<i64>,
    /// The accounts that offer it, of a series, since the user's will has let that in, and whose episodes make up for no
    /// loss.
    pub let_in: BTreeSet<i64>,
    /// Its files.
    pub files: KnownFiles,
    /// Whose its folder is; not known, too, where there is none.
    pub ownership: Ownership,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The words are in ledgers, and the user's will is no loss.
    #[test]
    fn every_cause_has_its_word_and_some_are_the_users_will() {
        let words = Cause::ALL.map(|cause| (cause.as_str(), cause.is_will()));
        let expected = [
            ("settings", true),
            ("catalogue", false),
            ("switched_off", true),
            ("filter", true),
            ("kept", false),
        ];
        assert_eq!(words, expected);
        let states = FilterState::ALL.map(FilterState::as_str);
        assert_eq!(states, [None, Some("lapsed"), Some("barred")]);
    }

    #[test]
    fn what_the_filter_let_in_is_dropped_unless_a_new_filter_takes_it() {
        use FilterState::{Dropped, Filtered, Wanted};
        let wanted =
            |before: FilterState| [false, true].map(|is_taken| before.then(true, is_taken));
        assert_eq!(FilterState::ALL.map(wanted), [[Wanted, Wanted]; 3]);
        let unwanted =
            |before: FilterState| [false, true].map(|is_taken| before.then(false, is_taken));
        let expected = [[Dropped, Filtered], [Dropped, Filtered], [Filtered, Filtered]];
        assert_eq!(FilterState::ALL.map(unwanted), expected);
    }

    #[test]
    fn a_file_that_is_kept_is_the_users() {
        let hash = Some(ContentHash::of(b"content"));
        let unwanted = |cause| Some(Unwanted { cause, runs: 0, hold: None });
        let file = |unwanted, hash| KnownFile {
            path: "a.strm".to_owned(),
            hash,
            size: 7,
            account: None,
            stream: None,
            is_edited: false,
            unwanted,
        };
        assert!(!file(None, hash).is_kept());
        for cause in Cause::ALL {
            assert_eq!(file(unwanted(cause), hash).is_kept(), cause == Cause::Kept, "{cause:?}");
        }
        let written = file(None, hash).written().map(|it| (it.hash, it.size));
        assert_eq!(written, hash.map(|hash| (hash, 7)));
        assert!(file(None, None).written().is_none());
    }
}
