//! Plain titles, plans and records of the ledger, for tests to fill in.

use vod2strm_core::hash::Fingerprint;
use vod2strm_core::model::file::{FileKey, FileKind, Item, StreamRef};
use vod2strm_core::model::media::{Details, Kind, SourceKey, Title};
use vod2strm_core::model::ownership::Ownership;
use vod2strm_core::plan::settle::TitleRecord;
use vod2strm_core::plan::{EpisodeChanges, TitlePlan};

/// The key that has this text.
pub fn key(text: &str) -> FileKey {
    text.parse().expect("the text of a key")
}

/// A key of its own for each path; an NFO belongs to the `.strm` that has its name.
pub fn key_of_path(kind: Kind, path: &str) -> FileKey {
    let (stem, extension) = path.rsplit_once('.').unwrap_or((path, ""));
    let file = if extension == "strm" { FileKind::Strm } else { FileKind::Nfo };
    let stream = StreamRef { account: 0, id: stem.to_owned() };
    match kind {
        Kind::Movie => FileKey::Item { item: Item::Movie, kind: file, version: Some(stream) },
        Kind::Series if path == "tvshow.nfo" => FileKey::Show,
        Kind::Series => {
            let item = Item::Unnumbered { season: None, number: None, stream, repeat: 0 };
            FileKey::Item { item, kind: file, version: None }
        }
    }
}

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
        nfo_title: None,
        naming: Fingerprint(3),
        filter: None,
        had_files: false,
        episodes: EpisodeChanges::default(),
        is_stuck: false,
        is_moved: false,
        changes: Vec::new(),
        omissions: Vec::new(),
        ownership: Ownership::Unknown,
        keeps_uuids: false,
    }
}

/// A record of a new title without files, named by the rules of [`plan`].
pub fn record(kind: Kind, folder: &str) -> TitleRecord {
    TitleRecord {
        what: None,
        title: title(kind, folder),
        episode_streams: Vec::new(),
        measured: Vec::new(),
        known: None,
        folder: Some(folder.to_owned()),
        nfo_title: None,
        fingerprint: Fingerprint(1),
        naming: Some(Fingerprint(3)),
        filter: None,
        problem: None,
        files: Vec::new(),
        is_filled: false,
        episodes: EpisodeChanges::default(),
        folders: Vec::new(),
        ownership: Ownership::Ours,
    }
}
