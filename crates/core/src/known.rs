//! What the ledger knows of a title: the promises that later runs keep.

use std::collections::BTreeMap;

use crate::hash::{ContentHash, Fingerprint};
use crate::media::Kind;
use crate::stamp::ExternalId;

/// The ledger's own id of a title; never changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
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
    /// Whether the filter does not let it through.
    pub is_filtered: bool,
    /// In how many complete runs the catalogue did not have it, up to the last one.
    pub absent: u32,
    /// It was named by other rules than today's.
    pub has_old_names: bool,
    /// Its files were removed; it is remembered so that it gets its folder back when it returns.
    pub is_removed: bool,
}

/// What the filter says of a copy, as the ledger has it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Passage {
    /// It lets the copy through.
    #[default]
    Through,
    /// It did so and no longer does, though the user has not changed it: the catalogue has, and that is
    /// a loss like any other.
    Lapsed,
    /// It does not let the copy through: the user's will.
    Barred,
}

impl Passage {
    /// All that there are.
    pub const ALL: [Passage; 3] = [Passage::Through, Passage::Lapsed, Passage::Barred];

    /// The word in the ledger; `None` where it says nothing.
    pub fn as_str(self) -> Option<&'static str> {
        match self {
            Passage::Through => None,
            Passage::Lapsed => Some("lapsed"),
            Passage::Barred => Some("barred"),
        }
    }

    /// What becomes of it when the copy is looked at again; `is_same_filter` as when it was looked at.
    pub fn then(self, is_wanted: bool, is_same_filter: bool) -> Passage {
        match (is_wanted, self) {
            (true, _) => Passage::Through,
            (false, Passage::Through | Passage::Lapsed) if is_same_filter => Passage::Lapsed,
            (false, _) => Passage::Barred,
        }
    }
}

/// A copy of a title, as the ledger has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownCopy {
    /// Whose copy it is.
    pub title: TitleId,
    /// Movie or series.
    pub kind: Kind,
    /// The account that offers it.
    pub account: i64,
    /// The category that it was in when it was last seen.
    pub category: Option<i64>,
    /// The provider's stream id, or series id.
    pub stream: String,
    /// What the filter says of it.
    pub passage: Passage,
    /// In how many complete runs the catalogue did not have it, or had it lapsed.
    pub absent: u32,
    /// If it is missing or lapsed: the newest title of the ledger when it was first missed.
    pub missing_since: Option<TitleId>,
}

/// Why a file of ours is not wanted any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Cause {
    /// The settings: NFOs or further versions were switched off, or the layout has no such file.
    Settings,
    /// The catalogue: an episode or a copy went.
    Catalogue,
    /// All episodes of a series that is still there went at once: Dispatcharr has created its row anew
    /// and does not have them yet.
    Vanished,
    /// The filter: it does not let the title through any more.
    Filter,
    /// It was to go, and somebody had edited it: it stays for good, as the user's.
    Kept,
}

impl Cause {
    /// All causes.
    pub const ALL: [Cause; 5] =
        [Cause::Settings, Cause::Catalogue, Cause::Vanished, Cause::Filter, Cause::Kept];

    /// The word in the ledger.
    pub fn as_str(self) -> &'static str {
        match self {
            Cause::Settings => "settings",
            Cause::Catalogue => "catalogue",
            Cause::Vanished => "vanished",
            Cause::Filter => "filter",
            Cause::Kept => "kept",
        }
    }
}

/// Since when, and why, a file is not wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unwanted {
    /// Why.
    pub cause: Cause,
    /// Complete runs since the one that found it out.
    pub runs: u32,
}

/// A file of a title, as the ledger has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownFile {
    /// Path below the title's folder. It is kept whatever the catalogue says later.
    pub path: String,
    /// Their hash; `None` when the file was seen to be gone.
    pub hash: Option<ContentHash>,
    /// It was seen to hold something else.
    pub is_edited: bool,
    /// Set when nothing wants it any more.
    pub unwanted: Option<Unwanted>,
}

impl KnownFile {
    /// Whether it is the user's by now, and nothing that could go.
    pub fn is_kept(&self) -> bool {
        self.unwanted.is_some_and(|unwanted| unwanted.cause == Cause::Kept)
    }
}

/// A title's files by slot. A slot says what the file is for (`s01e02.strm`), so that a new name in
/// the catalogue finds the old file.
pub type KnownFiles = BTreeMap<String, KnownFile>;

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
    /// The filter by which its copies were judged; `None` without one, or when it is not known.
    pub filter: Option<Fingerprint>,
    /// When the source got to know it, as it was when it was first recorded.
    pub added: Option<i64>,
    /// Its TMDB and IMDb id, when it was recorded.
    pub externals: Vec<ExternalId>,
    /// Its files.
    pub files: KnownFiles,
}
