//! A title's plan: which of its files have to be created or replaced. A value to print, count and
//! test; acting on it is `disk`'s work.

pub mod moves;
pub mod quiet;
pub mod nfo_title;
pub mod settle;
#[cfg(test)]
pub mod drafts;

use std::collections::{BTreeMap, BTreeSet, HashSet};

use crate::hash::{ContentHash, Fingerprint, Written};
use crate::identity::candidates::NameCandidates;
use crate::identity::claims::{Claims, IsForeign};
use crate::identity::known::{Cause, KnownFile, KnownTitle, TitleId};
use crate::model::file::{FileKey, Item, StreamRef};
use crate::model::media::{Kind, Stream, Title};
use crate::model::ownership::Ownership;
use crate::naming::apart::folder_candidates;
use crate::naming::{TitleFolder, library_root, preferred_folder};
use crate::plan::nfo_title::{give_nfo_title, keeps_nfo_title, preferred_nfo_title};
use crate::plan::quiet::{plays_the_same, says_the_same};
use crate::policy::{NfoDetail, Policy, Versions};
use crate::render::{Desired, GivenNames, NameRule, Omission, render};
use crate::text::fold_key;

/// What has to happen to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It is not in the ledger.
    Create,
    /// The ledger has it, and it is gone from the disk.
    Restore,
    /// The ledger has it with this other content.
    Replace(Written),
    /// The ledger has it with this content: the disk is not asked.
    Keep,
}

/// A file that the title should have, and what has to happen to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedFile {
    /// Key, path and bytes.
    pub file: Desired,
    /// The hash of the bytes.
    pub hash: ContentHash,
    /// What has to happen to its content.
    pub change: Change,
    /// Its path below the title's folder until it gets another name, if it gets one.
    pub from: Option<String>,
    /// It was not wanted for a while, and is again.
    pub is_revived: bool,
    /// If it stays as it is, it plays another stream than the ledger says.
    pub is_reassigned: bool,
}

impl PlannedFile {
    /// A file to whose content this has to happen, and nothing else.
    pub fn new(file: Desired, change: Change) -> PlannedFile {
        let hash = ContentHash::of(&file.content);
        let (from, is_revived, is_reassigned) = (None, false, false);
        PlannedFile { file, hash, change, from, is_revived, is_reassigned }
    }

    /// The file's path before it is renamed.
    pub fn path_before(&self) -> &str {
        self.from.as_ref().unwrap_or(&self.file.path)
    }

    /// Whether nobody who watches notices that a file still has this content of ours.
    pub fn is_like(&self, ours: &[u8], keeps_uuids: bool) -> bool {
        if self.file.key.is_strm() {
            plays_the_same(ours, &self.file.content, keeps_uuids)
        } else {
            says_the_same(ours, &self.file.content)
        }
    }

    /// What we wrote; `None` when nothing of it is known to be there.
    pub fn written(&self) -> Option<ContentHash> {
        match self.change {
            Change::Keep => Some(self.hash),
            Change::Replace(ours) => Some(ours.hash),
            Change::Create | Change::Restore => None,
        }
    }
}

/// A file of a title, and what has to happen to it. There is one for each file that the title should have, or that
/// the ledger has of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileChange {
    /// It should be there.
    Want(PlannedFile),
    /// Nothing wants it any more: it is to go.
    Retire(UnwantedFile),
    /// Nothing wants it any more, and it is gone from the disk: the ledger may forget it.
    Forget(FileKey),
}

/// A file of ours that the title should no longer have. Since when it is unwanted, the ledger says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnwantedFile {
    /// What it was for.
    pub key: FileKey,
    /// Path below the title's folder.
    pub path: String,
    /// What we wrote.
    pub written: Written,
    /// Of a `.strm`: the account whose stream it plays, or another file that is missing played.
    /// `None` when that is not known.
    pub account: Option<i64>,
    /// Why it is not wanted.
    pub cause: Cause,
}

/// How many of a series' episodes a plan takes at the user's will; none of a movie's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EpisodeChanges {
    /// Whosever they are.
    pub taken: usize,
    /// By account: with those that another account plays now, which are counted no more.
    pub accounts: BTreeMap<i64, usize>,
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
    /// The title that a series' NFO gives; `None` where that is its own name whatever others give.
    pub nfo_title: Option<String>,
    /// The rules by which it is named; to be recorded once the files are right.
    pub naming: Fingerprint,
    /// The filter by which its streams are evaluated.
    pub filter: Option<Fingerprint>,
    /// Whether the library had something of it that can be played.
    pub had_files: bool,
    /// Which episodes it takes.
    pub episodes: EpisodeChanges,
    /// It stays in its folder although the rules for names give it another one.
    pub is_stuck: bool,
    /// Its folder has got another name in this run.
    pub is_moved: bool,
    /// Its files, first those that it should have, in the order in which they have to be written.
    pub changes: Vec<FileChange>,
    /// What had to be left out.
    pub omissions: Vec<Omission>,
    /// Whose its folder is, as far as the ledger knows.
    pub ownership: Ownership,
    /// The source plays an address that names stream and account, whatever UUID it has.
    pub keeps_uuids: bool,
}

impl TitlePlan {
    /// The files that it should have, in the order in which they have to be written.
    pub fn files(&self) -> impl Iterator<Item = &PlannedFile> + Clone {
        self.changes.iter().filter_map(|change| match change {
            FileChange::Want(file) => Some(file),
            FileChange::Retire(_) | FileChange::Forget(_) => None,
        })
    }

    /// What the ledger has and the title should not have any more.
    pub fn unwanted(&self) -> impl Iterator<Item = &UnwantedFile> {
        self.changes.iter().filter_map(|change| match change {
            FileChange::Retire(file) => Some(file),
            FileChange::Want(_) | FileChange::Forget(_) => None,
        })
    }

    /// The files that get other names, in an order in which each new name is free.
    pub fn renames(&self) -> Vec<&PlannedFile> {
        // Plans have no others.
        in_free_order(self.files()).unwrap_or_default()
    }

    /// Whether some file gets another name.
    pub fn has_renames(&self) -> bool {
        self.files().any(|file| file.from.is_some())
    }

    /// Whether nothing has to be written.
    pub fn is_idle(&self) -> bool {
        self.files().all(|file| file.change == Change::Keep && file.from.is_none())
    }

    /// Whether nothing of the title is known to be on disk.
    pub fn may_appear_whole(&self) -> bool {
        self.files().all(|file| file.written().is_none() && file.from.is_none())
    }

    /// The `.strm` files that an NFO of the title describes.
    pub fn strms_of<'a>(&'a self, nfo: &'a Desired) -> impl Iterator<Item = &'a PlannedFile> {
        let own = nfo.key.strm();
        let is_its = move |strm: &Desired| match &nfo.key {
            FileKey::Show => true,
            FileKey::Season(_) => strm.season == nfo.season,
            FileKey::Item { .. } => own.as_ref() == Some(&strm.key),
        };
        self.files().filter(move |it| it.file.key.is_strm() && is_its(&it.file))
    }

    /// The library root that holds the title's folder.
    pub fn root(&self) -> &'static str {
        library_root(self.title.kind)
    }

    /// The title's folder, if it has one.
    pub fn title_folder(&self) -> Option<TitleFolder<'_>> {
        self.folder.as_deref().map(|folder| TitleFolder::new(self.title.kind, folder))
    }
}

/// Who a title is in the ledger.
#[derive(Clone, Copy, Debug)]
pub struct Identity<'a> {
    /// Its id and what is known of it; `None` for a new title.
    pub known: Option<(TitleId, &'a KnownTitle)>,
    /// To be recorded once the files are right.
    pub fingerprint: Fingerprint,
    /// Whether its files keep their names; its folder was moved before, if at all.
    pub names: NameRule,
}

/// Plans one title. A new one claims its folder; a known one keeps the folder it was given. `is_foreign` is asked before a
/// folder gets a number.
pub fn plan(
    policy: &Policy,
    mut title: Title,
    identity: Identity<'_>,
    claims: &mut Claims,
    is_foreign: &mut IsForeign<'_>,
) -> TitlePlan {
    let nothing = KnownTitle::default();
    let known = identity.known.map_or(&nothing, |(_, known)| known);
    // Written once: it says what is new to people, and does not change with a row that is made anew.
    title.details.added = known.added.or(title.details.added);
    let preferred = GivenNames {
        folder: known.folder.clone().unwrap_or_else(|| preferred_folder(&policy.layout, &title)),
        nfo_title: preferred_nfo_title(policy, &title, known, identity.names),
    };
    let render = |given: &GivenNames, names| render(policy, &title, given, &known.files, names);
    let mut rendered = render(&preferred, identity.names);
    let (mut folder, mut nfo_title) = (known.folder.clone(), None);
    if !rendered.files.is_empty() {
        let given = claim_names(policy, &title, &identity, &preferred, claims, is_foreign);
        if given != preferred {
            rendered = render(&given, identity.names);
        }
        (folder, nfo_title) = (Some(given.folder), given.nfo_title);
    }
    let mut files = planned_files(rendered.files, known);
    if in_free_order(files.iter()).is_none() {
        // Two files of the title would have to change places: it is not worth a risk.
        let folder = folder.clone().unwrap_or_default();
        let given = GivenNames { folder, nfo_title: nfo_title.clone() };
        rendered = render(&given, NameRule::Keep);
        files = planned_files(rendered.files, known);
    }
    // Of a title that had no files nobody asks which of them are wanted.
    let asked = if known.files.is_empty() { &[] } else { files.as_slice() };
    let wanted: HashSet<&FileKey> = asked.iter().map(|file| &file.file.key).collect();
    let unwanted = unwanted(policy, &title, &wanted, &files, known);
    let gone = known.files.iter().filter(|(_, file)| file.hash.is_none());
    let forgotten = gone.filter(|(key, _)| !wanted.contains(key)).map(|(key, _)| key.clone());
    let forgotten: Vec<FileKey> = forgotten.collect();
    let episodes = match title.kind {
        Kind::Movie => EpisodeChanges::default(),
        Kind::Series => episode_changes(known, &files, &unwanted),
    };
    TitlePlan {
        title,
        known: identity.known.map(|(id, _)| id),
        fingerprint: identity.fingerprint,
        folder,
        nfo_title,
        naming: policy.naming(),
        filter: policy.filter(),
        had_files: plays_something(known),
        episodes,
        is_stuck: false,
        is_moved: false,
        changes: changes(files, unwanted, forgotten),
        omissions: rendered.omissions,
        ownership: known.ownership,
        keeps_uuids: false,
    }
}

/// Gives a title that has files its folder, and the title for its NFO, as far as it has none that it keeps.
fn claim_names(
    policy: &Policy,
    title: &Title,
    identity: &Identity<'_>,
    preferred: &GivenNames,
    claims: &mut Claims,
    is_foreign: &mut IsForeign<'_>,
) -> GivenNames {
    let nothing = KnownTitle::default();
    let known = identity.known.map_or(&nothing, |(_, known)| known);
    let mut given = preferred.clone();
    if known.folder.is_none() {
        let root = library_root(title.kind);
        // Few titles share a name: the others are made only for those.
        let wanted = if claims.is_free(root, &given.folder) {
            NameCandidates::only(given.folder)
        } else {
            folder_candidates(&policy.layout, title)
        };
        given.folder = claims.claim(root, &wanted, is_foreign);
    }
    if !keeps_nfo_title(policy, title, known, identity.names) {
        let give = |preferred| give_nfo_title(policy, title, preferred, identity.known, claims);
        given.nfo_title = given.nfo_title.map(give);
    }
    given
}

/// The files whose names change, in an order in which each new name is free; `None` if there is none.
fn in_free_order<'a>(
    files: impl Iterator<Item = &'a PlannedFile> + Clone,
) -> Option<Vec<&'a PlannedFile>> {
    let mut open: Vec<&PlannedFile> = files.clone().filter(|file| file.from.is_some()).collect();
    if open.is_empty() {
        return Some(open);
    }
    let known = files.filter(|file| file.change != Change::Create);
    let mut taken: HashSet<String> = known.map(|file| fold_key(file.path_before())).collect();
    let mut ordered = Vec::with_capacity(open.len());
    while !open.is_empty() {
        let before = open.len();
        open.retain(|file| {
            let (from, to) = (fold_key(file.path_before()), fold_key(&file.file.path));
            let is_free = from == to || !taken.contains(&to);
            if is_free {
                taken.remove(&from);
                taken.insert(to);
                ordered.push(*file);
            }
            !is_free
        });
        if open.len() == before {
            return None;
        }
    }
    Some(ordered)
}

fn planned_files(files: Vec<Desired>, known: &KnownTitle) -> Vec<PlannedFile> {
    files.into_iter().map(|file| planned(file, known)).collect()
}

fn planned(file: Desired, known: &KnownTitle) -> PlannedFile {
    let planned = PlannedFile::new(file, Change::Create);
    let Some(known) = known.files.get(&planned.file.key) else { return planned };
    let change = match known.written() {
        None => Change::Restore,
        Some(ours) if ours.hash == planned.hash && !known.is_edited && !known.is_kept() => {
            Change::Keep
        }
        Some(ours) => Change::Replace(ours),
    };
    let is_known = matches!(change, Change::Keep | Change::Replace(_));
    let played = (planned.file.account, planned.file.stream);
    let is_other =
        is_known && planned.file.key.is_strm() && played != (known.account, known.stream);
    PlannedFile {
        change,
        from: (known.path != planned.file.path).then(|| known.path.clone()),
        is_revived: known.unwanted.is_some(),
        is_reassigned: is_other,
        ..planned
    }
}

fn changes(
    files: Vec<PlannedFile>,
    unwanted: Vec<UnwantedFile>,
    forgotten: Vec<FileKey>,
) -> Vec<FileChange> {
    let wanted = files.into_iter().map(FileChange::Want);
    let retired = unwanted.into_iter().map(FileChange::Retire);
    wanted.chain(retired).chain(forgotten.into_iter().map(FileChange::Forget)).collect()
}

/// What the ledger has of a title and nothing wants any more.
fn unwanted(
    policy: &Policy,
    title: &Title,
    wanted: &HashSet<&FileKey>,
    files: &[PlannedFile],
    known: &KnownTitle,
) -> Vec<UnwantedFile> {
    let off = SwitchedOff::of(title);
    let (filtered, taken) = (FilteredOut::of(title, false), FilteredOut::of(title, true));
    // What today's filter leaves out is the user's will if the one before would let it through today. What waits
    // for that reason goes on waiting. All else is decided as if the filter had not changed.
    let is_chosen = |key: &FileKey, file: &KnownFile| {
        let waits = || file.unwanted.is_some_and(|unwanted| unwanted.cause == Cause::Filter);
        taken.has(key) || filtered.has(key) && waits()
    };
    let others = known.files.iter().filter(|(key, file)| !wanted.contains(key) && !file.is_kept());
    let unwanted = |(key, file): (&FileKey, &KnownFile)| {
        let cause = match cause(policy, title, wanted, key) {
            _ if is_chosen(key, file) => Cause::Filter,
            Cause::Catalogue if off.has(key) => Cause::SwitchedOff,
            cause => cause,
        };
        let (key, path, written) = (key.clone(), file.path.clone(), file.written()?);
        Some(UnwantedFile { key, path, written, account: file.account, cause })
    };
    let mut all: Vec<UnwantedFile> = others.filter_map(unwanted).collect();
    name_accounts(&mut all, files, known);
    all
}

/// When an account loses a version, another account may take over its file, and leave its own. What is missing is
/// the first account's all the same, so the file that is left stands for that version.
fn name_accounts(unwanted: &mut [UnwantedFile], files: &[PlannedFile], known: &KnownTitle) {
    let wanted = files.iter().map(|planned| &planned.file);
    let wanted: HashSet<(&Item, i64)> =
        wanted.filter_map(|file| Some((file.key.played()?, file.account?))).collect();
    let missing = known.files.iter().filter_map(|(key, file)| Some((key.played()?, file.account?)));
    let mut missing: BTreeSet<(&Item, i64)> = missing.filter(|it| !wanted.contains(it)).collect();
    for file in unwanted.iter() {
        if let (Some(item), Some(account)) = (file.key.played(), file.account) {
            missing.retain(|it| *it != (item, account));
        }
    }
    let is_missing = |it: &&mut UnwantedFile| it.cause == Cause::Catalogue;
    for file in unwanted.iter_mut().filter(is_missing) {
        let (Some(item), Some(account)) = (file.key.played(), file.account) else { continue };
        let other = missing.iter().find(|(of, _)| *of == item).copied();
        if let (true, Some(other)) = (wanted.contains(&(item, account)), other) {
            missing.remove(&other);
            file.account = Some(other.1);
        }
    }
}

/// The episodes that are counted no more: of each account those count that are wanted, or that are missing.
/// What the user's will has let in of an account does not.
fn episode_changes(
    known: &KnownTitle,
    files: &[PlannedFile],
    unwanted: &[UnwantedFile],
) -> EpisodeChanges {
    type Items<'a> = HashSet<(Option<i64>, &'a Item)>;
    let is_missing = |cause: Cause| cause == Cause::Catalogue;
    let had = known.files.iter();
    let had = had.filter(|(_, file)| file.unwanted.is_none_or(|it| is_missing(it.cause)));
    let had: Items<'_> =
        had.filter_map(|(key, file)| Some((file.account, key.played()?))).collect();
    let wanted = files.iter().map(|it| (it.file.account, it.file.key.played()));
    let missing = unwanted.iter().filter(|it| is_missing(it.cause));
    let missing = missing.map(|it| (it.account, it.key.played()));
    let has = wanted.chain(missing).filter_map(|(account, item)| Some((account, item?)));
    let has: Items<'_> = has.collect();
    let items = |all: &Items<'_>| -> HashSet<Item> {
        all.iter().map(|(_, item)| (*item).clone()).collect()
    };
    let taken = items(&had).difference(&items(&has)).count();
    let mut accounts: BTreeMap<i64, usize> = BTreeMap::new();
    for account in had.difference(&has).filter_map(|(account, _)| *account) {
        *accounts.entry(account).or_default() += 1;
    }
    accounts.retain(|account, _| !known.let_in.contains(account));
    EpisodeChanges { taken, accounts }
}

/// Whether the library has something of a title that can be played.
pub fn plays_something(known: &KnownTitle) -> bool {
    known.files.keys().any(FileKey::is_strm)
}

/// How many movies or episodes these files play, each once.
pub fn count_played<'a>(files: impl Iterator<Item = &'a FileKey>) -> usize {
    files.filter_map(FileKey::played).collect::<HashSet<_>>().len()
}

/// The episodes whose accounts the user has switched off: their files go without a loss.
struct SwitchedOff {
    episodes: HashSet<Item>,
    has_unnumbered: bool,
}

impl SwitchedOff {
    fn of(title: &Title) -> SwitchedOff {
        let off = || title.episodes.iter().filter(|episode| episode.is_switched_off);
        SwitchedOff {
            episodes: off().filter_map(Item::numbered).collect(),
            has_unnumbered: off().any(|episode| Item::numbered(episode).is_none()),
        }
    }

    /// Whether a file is such an episode's. One without a number cannot be told from another.
    fn has(&self, key: &FileKey) -> bool {
        match key.item() {
            Some(Item::Unnumbered { .. }) => self.has_unnumbered,
            Some(item) => self.episodes.contains(&item.first()),
            None => false,
        }
    }
}

/// What the filter takes of a title that is wanted otherwise: streams, and episodes that speak for themselves. An
/// episode of a database that only unwanted accounts have is none. It may be missing from the wanted account, or that has not
/// told of it yet.
struct FilteredOut {
    is_whole: bool,
    versions: HashSet<StreamRef>,
    episodes: HashSet<Item>,
}

impl FilteredOut {
    /// With `only_taken`, as far as it is the user's new filter that takes it.
    fn of(title: &Title, only_taken: bool) -> FilteredOut {
        let is_out = |stream: &Stream| !stream.is_wanted && (stream.is_taken || !only_taken);
        let streams: Vec<&Stream> = match title.kind {
            Kind::Movie => title.streams.iter().collect(),
            Kind::Series => title.episodes.iter().flat_map(|episode| &episode.streams).collect(),
        };
        let (wanted, unwanted): (Vec<&Stream>, _) =
            streams.into_iter().partition(|it| it.is_wanted);
        let out = unwanted.into_iter().filter(|stream| is_out(stream));
        let mut versions: HashSet<StreamRef> = out.map(StreamRef::of).collect();
        // One stream may be two episodes.
        if !versions.is_empty() {
            for stream in wanted {
                versions.remove(&StreamRef::of(stream));
            }
        }
        let speaks = |stream: &Stream| stream.speaks_for_itself() && !stream.is_wanted;
        let whole = title.episodes.iter().filter(|episode| {
            episode.streams.iter().all(speaks) && episode.streams.iter().any(is_out)
        });
        FilteredOut {
            // Under the filter before, one stream would be enough for the title to stay.
            is_whole: title.is_filtered() && title.streams.iter().any(is_out),
            versions,
            episodes: whole.filter_map(Item::numbered).collect(),
        }
    }

    fn has(&self, key: &FileKey) -> bool {
        self.is_whole
            || key.version().is_some_and(|version| self.versions.contains(version))
            || key.item().is_some_and(|item| self.episodes.contains(&item.first()))
    }
}

/// Whether a title has a stream still.
fn has_stream(title: &Title, stream: &StreamRef) -> bool {
    let played = title.episodes.iter().flat_map(|episode| &episode.streams);
    title.streams.iter().chain(played).any(|it| StreamRef::of(it) == *stream)
}

/// Why a file of the ledger is not wanted any more.
fn cause(policy: &Policy, title: &Title, wanted: &HashSet<&FileKey>, key: &FileKey) -> Cause {
    if !key.is_strm() && policy.nfo == NfoDetail::Off {
        return Cause::Settings;
    }
    let mut played = wanted.iter().filter_map(|key| key.played());
    let is_spare = match key {
        FileKey::Show => false,
        FileKey::Season(season) => played.any(|item| item.season() == Some(*season)),
        // An NFO goes with its .strm, unless that stays: then the layout has no such NFO.
        FileKey::Item { .. }
            if !key.is_strm() && key.strm().is_some_and(|it| wanted.contains(&it)) =>
        {
            true
        }
        FileKey::Item { item, version, .. } => {
            let is_there = match policy.versions.of(title.kind) {
                Versions::Best => true,
                // Another stream has its language; one that is gone is missing.
                Versions::Languages => version.as_ref().is_none_or(|it| has_stream(title, it)),
                Versions::All => false,
            };
            is_there && played.any(|it| it == item)
        }
    };
    if is_spare { Cause::Settings } else { Cause::Catalogue }
}

#[cfg(test)]
mod tests;
