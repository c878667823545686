//! Plain titles, and what the ledger has of their files, for tests to fill in.

use std::sync::Arc;

use crate::hash::ContentHash;
use crate::identity::known::{KnownFile, KnownFiles};
use crate::layout::Layout;
use crate::model::media::{Account, Details, Episode, Kind, SourceKey, Stream, Title};
use crate::policy::{Policy, VersionRules};
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
    let usual = Policy::new(Layout::standard(), "http://h".parse().unwrap());
    Policy { versions: VersionRules::BEST, ..usual }
}

/// What the ledger has when these files are on disk.
pub fn recorded<'a>(files: impl IntoIterator<Item = &'a Desired>) -> KnownFiles {
    let known = |file: &Desired| KnownFile {
        path: file.path.clone(),
        hash: Some(ContentHash::of(&file.content)),
        size: file.content.len() as u64,
        account: file.account,
        stream: file.stream,
        is_edited: false,
        unwanted: None,
    };
    files.into_iter().map(|file| (file.key.clone(), known(file))).collect()
}
