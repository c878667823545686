//! Plain plans, for tests to fill in.

use crate::hash::Fingerprint;
use crate::model::file::FileKey;
use crate::model::media::Kind;
use crate::model::ownership::Ownership;
use crate::plan::settle::Failure;
use crate::plan::{Change, EpisodeChanges, PlannedFile, TitlePlan};
use crate::render::Desired;
use crate::render::drafts::title;

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

/// The key that has this text.
pub fn key(text: &str) -> FileKey {
    text.parse().unwrap()
}

/// A file of a plan whose path and content are its key.
pub fn planned(text: &str, change: Change) -> PlannedFile {
    let (key, path, content) = (key(text), text.to_owned(), text.as_bytes().to_vec());
    let account = key.is_strm().then_some(1);
    let file = Desired { key, path, content, season: None, episode: None, account, stream: None };
    PlannedFile::new(file, change)
}

/// An error, and whether the storage has it as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken(pub bool);

impl Failure for Broken {
    fn is_storage(&self) -> bool {
        self.0
    }

    fn words(&self) -> String {
        "cannot write it: broken".to_owned()
    }

    fn hint(&self) -> Option<&'static str> {
        self.0.then_some("mend it")
    }
}
