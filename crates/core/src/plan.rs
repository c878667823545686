//! A title's plan: which of its files have to be created or replaced. A value to print, count and
//! test; acting on it is `disk`'s work.

use std::collections::HashSet;

use crate::claims::Claims;
use crate::event::Role;
use crate::hash::{ContentHash, Fingerprint};
use crate::known::{KnownTitle, TitleId};
use crate::media::{Kind, Title};
use crate::naming::{folder_candidates, library_root};
use crate::policy::Policy;
use crate::render::{Desired, Missing, render};

/// What has to happen to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It is not in the ledger.
    Create,
    /// The ledger has it, and it is gone from the disk.
    Restore,
    /// The ledger has it with this other content.
    Replace(ContentHash),
    /// The ledger has it with this content: the disk is not asked.
    Keep,
}

/// A file of the title, and what has to happen to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedFile {
    /// Slot, path, role and bytes.
    pub file: Desired,
    /// The hash of the bytes.
    pub hash: ContentHash,
    /// What has to happen.
    pub change: Change,
}

/// A file that the title should no longer have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Obsolete {
    /// Path below the title's folder.
    pub path: String,
    /// What the file is, as far as its name tells.
    pub role: Role,
}

/// All that has to happen to one title.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TitlePlan {
    /// The title; reports name it, the ledger records its identity.
    pub title: Title,
    /// Its entry in the ledger; `None` for a new title.
    pub known: Option<TitleId>,
    /// To be recorded once the files are right.
    pub fingerprint: Fingerprint,
    /// Name of its folder below the library root; `None` when it has nothing to play and never had.
    pub folder: Option<String>,
    /// The files, in the order in which they have to be written.
    pub files: Vec<PlannedFile>,
    /// What had to be left out.
    pub missing: Vec<Missing>,
    /// What the ledger has and the title should not have any more.
    pub obsolete: Vec<Obsolete>,
    /// Slots of such files that are gone from the disk: the ledger may forget them.
    pub forgotten: Vec<String>,
}

impl TitlePlan {
    /// Whether anything has to be written.
    pub fn is_idle(&self) -> bool {
        self.files.iter().all(|file| file.change == Change::Keep)
    }

    /// The library root that holds the title's folder.
    pub fn root(&self) -> &'static str {
        library_root(self.title.kind)
    }
}

/// Who a title is in the ledger.
#[derive(Clone, Copy, Debug)]
pub struct Identity<'a> {
    /// Its id and what is known of it; `None` for a new title.
    pub known: Option<(TitleId, &'a KnownTitle)>,
    /// To be recorded once the files are right.
    pub fingerprint: Fingerprint,
}

/// Plans one title. A new one claims its folder; a known one keeps the folder it was given.
pub fn plan(
    policy: &Policy,
    title: Title,
    identity: Identity<'_>,
    claims: &mut Claims,
) -> TitlePlan {
    let nothing = KnownTitle::default();
    let known = identity.known.map_or(&nothing, |(_, known)| known);
    let candidates = folder_candidates(policy.layout, &title);
    let preferred = known.folder.as_deref().or(candidates.first().map(String::as_str));
    let mut rendered = render(policy, &title, preferred.unwrap_or_default(), &known.files);
    let mut folder = known.folder.clone();
    if folder.is_none() && !rendered.files.is_empty() {
        let claimed = claims.claim(library_root(title.kind), &candidates);
        if Some(claimed.as_str()) != preferred {
            rendered = render(policy, &title, &claimed, &known.files);
        }
        folder = Some(claimed);
    }
    let wanted: HashSet<&str> = rendered.files.iter().map(|file| file.slot.as_str()).collect();
    let unwanted = || known.files.iter().filter(|(slot, _)| !wanted.contains(slot.as_str()));
    let obsolete = unwanted()
        .filter(|(_, file)| file.hash.is_some())
        .map(|(slot, file)| Obsolete {
            path: file.path.clone(),
            role: role_of(slot, &file.path, &title),
        })
        .collect();
    let forgotten =
        unwanted().filter(|(_, file)| file.hash.is_none()).map(|(slot, _)| slot.clone()).collect();
    let files = rendered.files.into_iter().map(|file| planned(file, known)).collect();
    TitlePlan {
        title,
        known: identity.known.map(|(id, _)| id),
        fingerprint: identity.fingerprint,
        folder,
        files,
        missing: rendered.missing,
        obsolete,
        forgotten,
    }
}

fn planned(file: Desired, known: &KnownTitle) -> PlannedFile {
    let hash = ContentHash::of(&file.content);
    let change = match known.files.get(&file.slot) {
        None => Change::Create,
        Some(known) => match known.hash {
            None => Change::Restore,
            Some(ours) if ours == hash => Change::Keep,
            Some(ours) => Change::Replace(ours),
        },
    };
    PlannedFile { file, hash, change }
}

fn role_of(slot: &str, path: &str, title: &Title) -> Role {
    let is_strm = path.ends_with(".strm");
    match (title.kind, slot) {
        (Kind::Movie, _) if is_strm => Role::Movie,
        (Kind::Movie, _) => Role::MovieNfo,
        (Kind::Series, "tvshow.nfo") => Role::TvshowNfo,
        (Kind::Series, slot) if slot.ends_with("/season.nfo") => Role::SeasonNfo,
        (Kind::Series, _) if is_strm => Role::Episode,
        (Kind::Series, _) => Role::EpisodeNfo,
    }
}
