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
    /// Whether it has a folder; a series with nothing to play has none.
    pub has_folder: bool,
}

/// A file of a title, as the ledger has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownFile {
    /// Path below the title's folder. It is kept whatever the catalogue says later.
    pub path: String,
    /// Their hash; `None` when the file was seen to be gone.
    pub hash: Option<ContentHash>,
}

/// A title's files by slot. A slot says what the file is for (`s01e02.strm`), so that a new name in
/// the catalogue finds the old file.
pub type KnownFiles = BTreeMap<String, KnownFile>;

/// A changed title, as the ledger has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KnownTitle {
    /// Name of the title's folder below its library root; `None` as long as it had nothing to play.
    pub folder: Option<String>,
    /// Its TMDB and IMDb id, when it was recorded.
    pub externals: Vec<ExternalId>,
    /// Its files.
    pub files: KnownFiles,
}
