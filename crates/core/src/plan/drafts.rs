//! Plain titles and plans, for tests to fill in.

use std::sync::Arc;

use crate::event::Role;
use crate::hash::{ContentHash, Fingerprint};
use crate::identity::known::{KnownFile, KnownFiles};
use crate::layout::Layout;
use crate::model::media::{Account, Details, Episode, Kind, SourceKey, Stream, Title};
use crate::plan::settle::Failure;
use crate::plan::{Change, EpisodeChanges, PlannedFile, TitlePlan};
use crate::policy::Policy;
use crate::render::Desired;

/// An account that is called by its id.
pub fn account(id: i64) -> Account {
    let (name, priority, login) = (id.to_string(), 0, None);
    Account { id, name, priority, login }
}

/// A title that is called like its folder, without streams and episodes.
pub fn title(kind: Kind, folder: &str) -> Title {
    let details = Details { name: folder.to_owned(), ..Details::default() };
    let (streams, episodes) = (Vec::new(), Vec::new());
    Title { kind, key: SourceKey(1), uuid: None, details, streams, episodes }
}

/// A movie that is called like its folder, with these streams of a playlist: their accounts, by stream.
pub fn movie(folder: &str, streams: &[(i64, &str)]) -> Title {
    Title { streams: streams.iter().map(stream).collect(), ..title(Kind::Movie, folder) }
}

/// An episode with these streams.
pub fn episode(season: i32, number: i32, streams: &[(i64, &str)]) -> Episode {
    let (season, number, name) = (Some(season), Some(number), String::new());
    Episode {
        season,
        number,
        name,
        streams: streams.iter().map(stream).collect(),
        ..Episode::default()
    }
}

/// A stream of a playlist, with an address of its own.
pub fn stream((of, id): &(i64, &str)) -> Stream {
    let url = Some(format!("http://h/{of}/{id}"));
    Stream { url, ..Stream::new(Arc::new(account(*of)), (*id).to_owned()) }
}

/// The standard layout, with NFOs.
pub fn policy() -> Policy {
    Policy::new(Layout::standard(), "http://h".parse().unwrap())
}

/// What the ledger has when these files are on disk.
pub fn recorded<'a>(files: impl IntoIterator<Item = &'a Desired>) -> KnownFiles {
    let known = |file: &Desired| KnownFile {
        path: file.path.clone(),
        hash: Some(ContentHash::of(&file.content)),
        size: file.content.len() as u64,
        account: file.account,
        is_edited: false,
        unwanted: None,
    };
    files.into_iter().map(|file| (file.slot.clone(), known(file))).collect()
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
