//! Plain titles, plans and records of the ledger, for tests to fill in.

use vod2strm_core::hash::Fingerprint;
use vod2strm_core::model::media::{Details, Kind, SourceKey, Title};
use vod2strm_core::plan::settle::TitleRecord;
use vod2strm_core::plan::{EpisodeChanges, TitlePlan};

/// A title that is called like its folder, without streams and episodes.
pub fn title(kind: Kind, folder: &str) -> Title {
    let details = Details { name: folder.to_owned(), ..Details::default() };
    let (streams, episodes) = (Vec::new(), Vec::new());
    Title { kind, key: SourceKey(1), uuid: None, details, streams, episodes }
}

/// A plan for a new title: nothing has to happen.
pub fn plan(kind: Kind, folder: &str) -> TitlePlan {
    TitlePlan {
        title: title(kind, folder),
        known: None,
        fingerprint: Fingerprint(1),
        folder: Some(folder.to_owned()),
        naming: Fingerprint(3),
        filter: None,
        had_files: false,
        most_episodes: 0,
        episodes: EpisodeChanges::default(),
        reassigned: Vec::new(),
        is_stuck: false,
        renames: Vec::new(),
        files: Vec::new(),
        missing: Vec::new(),
        obsolete: Vec::new(),
        revived: Vec::new(),
        forgotten: Vec::new(),
        is_shared: None,
    }
}

/// A record of a new title without files, named by the rules of [`plan`].
pub fn record(kind: Kind, folder: &str) -> TitleRecord {
    TitleRecord {
        what: None,
        title: title(kind, folder),
        known: None,
        folder: Some(folder.to_owned()),
        fingerprint: Fingerprint(1),
        naming: Some(Fingerprint(3)),
        filter: None,
        problem: None,
        files: Vec::new(),
        is_filled: false,
        episodes: EpisodeChanges::default(),
        reassigned: Vec::new(),
        forgotten: Vec::new(),
        unwanted: Vec::new(),
        recognised: Vec::new(),
        renamed: Vec::new(),
        revived: Vec::new(),
        folders: Vec::new(),
        is_shared: Some(false),
    }
}
