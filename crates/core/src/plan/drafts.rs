//! Plain plans, for tests to fill in.

use crate::event::Role;
use crate::hash::{ContentHash, Fingerprint};
use crate::model::media::Kind;
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

/// A file of a plan whose path and content are its slot.
pub fn planned(role: Role, slot: &str, change: Change) -> PlannedFile {
    let (content, account) = (slot.as_bytes().to_vec(), role.is_strm().then_some(1));
    let hash = ContentHash::of(&content);
    let (slot, path) = (slot.to_owned(), slot.to_owned());
    let file = Desired { slot, path, role, content, season: None, episode: None, account };
    PlannedFile { file, hash, change }
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
