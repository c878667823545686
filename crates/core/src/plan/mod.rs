//! A title's plan: which of its files have to be created or replaced. A value to print, count and
//! test; acting on it is `disk`'s work.

pub mod moves;
pub mod settle;
#[cfg(test)]
pub mod drafts;

use std::collections::{BTreeMap, BTreeSet, HashSet};

use crate::event::Role;
use crate::hash::{ContentHash, Fingerprint, Written};
use crate::identity::claims::Claims;
use crate::identity::known::{Cause, KnownFile, KnownTitle, TitleId, Unwanted};
use crate::model::media::{Kind, Stream, Title};
use crate::naming::{TitleFolder, folder_candidates, library_root, preferred_folder};
use crate::policy::{NfoDetail, Policy};
use crate::render::slot::{SlotParts, played, role_of};
use crate::render::{Desired, Missing, NameRule, Rendered, numbered_slot, render, version_mark};
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

/// A file that gets another name below the title's folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rename {
    /// What the file is for.
    pub slot: String,
    /// Its path below the title's folder.
    pub from: String,
    /// Its path afterwards.
    pub to: String,
    /// What we wrote; `None` when it was seen to be gone.
    pub hash: Option<ContentHash>,
}

/// A file of ours that the title should no longer have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Obsolete {
    /// What it was for.
    pub slot: String,
    /// Path below the title's folder.
    pub path: String,
    /// What the file is, as far as its name tells.
    pub role: Role,
    /// What we wrote.
    pub written: Written,
    /// Of a `.strm`: the account that the title has lost with it, whose stream it plays or another file played;
    /// `None` when that is not known.
    pub account: Option<i64>,
    /// It was wanted until now, or not wanted for another cause.
    pub is_new: bool,
    /// Since when it is not wanted, and why.
    pub unwanted: Unwanted,
}

/// What a plan changes in the number of an account's episodes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EpisodeChange {
    /// By how many more are wanted.
    pub left: i64,
    /// By how many more the catalogue has lost.
    pub lost: i64,
    /// How many the user's will takes, or another account plays now: these are counted no more.
    pub taken: usize,
}

/// What a plan changes in the number of a series' episodes; nothing of a movie's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EpisodeChanges {
    /// How many the user's will takes, whosever they are.
    pub taken: usize,
    /// By account.
    pub accounts: BTreeMap<i64, EpisodeChange>,
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
    /// The rules by which it is named; to be recorded once the files are right.
    pub naming: Fingerprint,
    /// The filter by which its streams are evaluated.
    pub filter: Option<Fingerprint>,
    /// Whether the library had something of it that can be played.
    pub had_files: bool,
    /// The most episodes that it had within the last days.
    pub most_episodes: usize,
    /// What it changes in the number of episodes.
    pub episodes: EpisodeChanges,
    /// Slots of files that stay as they are, and play another account's stream.
    pub reassigned: Vec<(String, Option<i64>)>,
    /// It stays in its folder although the rules for names give it another one.
    pub is_stuck: bool,
    /// Files that get other names, in an order in which each new name is free.
    pub renames: Vec<Rename>,
    /// The files, in the order in which they have to be written.
    pub files: Vec<PlannedFile>,
    /// What had to be left out.
    pub missing: Vec<Missing>,
    /// What the ledger has and the title should not have any more.
    pub obsolete: Vec<Obsolete>,
    /// Slots of files that were not wanted for a while, and are again.
    pub revived: Vec<String>,
    /// Slots of such files that are gone from the disk: the ledger may forget them.
    pub forgotten: Vec<String>,
    /// Whether its folder was there before it, and is the user's; `None` when the ledger does not know.
    pub is_shared: Option<bool>,
}

impl TitlePlan {
    /// Whether nothing has to be written.
    pub fn is_idle(&self) -> bool {
        self.renames.is_empty() && self.files.iter().all(|file| file.change == Change::Keep)
    }

    /// Whether nothing of the title is known to be on disk.
    pub fn may_appear_whole(&self) -> bool {
        let is_new = |file: &PlannedFile| matches!(file.change, Change::Create | Change::Restore);
        self.renames.is_empty() && self.files.iter().all(is_new)
    }

    /// The file's path before it is renamed.
    pub fn path_before<'a>(&'a self, planned: &'a PlannedFile) -> &'a str {
        let rename = self.renames.iter().find(|rename| rename.slot == planned.file.slot);
        rename.map_or(&planned.file.path, |rename| &rename.from)
    }

    /// The `.strm` files that an NFO of the title describes.
    pub fn strms_of<'a>(&'a self, nfo: &'a Desired) -> impl Iterator<Item = &'a PlannedFile> {
        let SlotParts { place, version, .. } = SlotParts::of(&nfo.slot);
        let slot = format!("{place}strm{version}");
        let is_its = move |strm: &Desired| match nfo.role {
            Role::TvshowNfo => true,
            Role::SeasonNfo => strm.season == nfo.season,
            _ => strm.slot == slot,
        };
        self.files.iter().filter(move |it| it.file.role.is_strm() && is_its(&it.file))
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

/// Plans one title. A new one claims its folder; a known one keeps the folder it was given.
pub fn plan(
    policy: &Policy,
    mut title: Title,
    identity: Identity<'_>,
    claims: &mut Claims,
) -> TitlePlan {
    let nothing = KnownTitle::default();
    let known = identity.known.map_or(&nothing, |(_, known)| known);
    // Written once: it says what is new to people, and does not change with a row that is made anew.
    title.details.added = known.added.or(title.details.added);
    let mut folder = known.folder.clone();
    let preferred = folder.clone().unwrap_or_else(|| preferred_folder(&policy.layout, &title));
    let render = |folder: &str, names| render(policy, &title, folder, (&known.files, names));
    let mut rendered = render(&preferred, identity.names);
    if folder.is_none() && !rendered.files.is_empty() {
        let root = library_root(title.kind);
        // Few titles share a name: the others are made only for those.
        let claimed = if claims.is_free(root, &preferred) {
            claims.claim(root, std::slice::from_ref(&preferred))
        } else {
            claims.claim(root, &folder_candidates(&policy.layout, &title))
        };
        if claimed != preferred {
            rendered = render(&claimed, identity.names);
        }
        folder = Some(claimed);
    }
    let renames = match renames(&rendered, known) {
        Some(renames) => renames,
        // Two files of the title would have to change places: it is not worth a risk.
        None => {
            rendered = render(folder.as_deref().unwrap_or_default(), NameRule::Keep);
            Vec::new()
        }
    };
    // Of a title that had no files nobody asks which of them are wanted.
    let files = if known.files.is_empty() { &[] } else { rendered.files.as_slice() };
    let wanted: HashSet<&str> = files.iter().map(|file| file.slot.as_str()).collect();
    let unwanted = || known.files.iter().filter(|(slot, _)| !wanted.contains(slot.as_str()));
    let obsolete = obsolete(policy, &title, (&wanted, &rendered.files), known);
    let is_back = |(slot, file): &(&String, &KnownFile)| {
        file.unwanted.is_some() && wanted.contains(slot.as_str())
    };
    let revived = known.files.iter().filter(is_back).map(|(slot, _)| slot.clone()).collect();
    let forgotten =
        unwanted().filter(|(_, file)| file.hash.is_none()).map(|(slot, _)| slot.clone()).collect();
    let files: Vec<PlannedFile> =
        rendered.files.into_iter().map(|file| planned(file, known)).collect();
    let episodes = match title.kind {
        Kind::Movie => EpisodeChanges::default(),
        Kind::Series => episode_changes(known, &files, &obsolete, &title.offers()),
    };
    TitlePlan {
        title,
        known: identity.known.map(|(id, _)| id),
        fingerprint: identity.fingerprint,
        folder,
        naming: policy.naming(),
        filter: policy.filter(),
        had_files: plays_something(known),
        most_episodes: known.most_episodes,
        episodes,
        reassigned: reassigned(known, &files),
        is_stuck: false,
        renames,
        files,
        missing: rendered.missing,
        obsolete,
        revived,
        forgotten,
        is_shared: known.is_shared,
    }
}

/// The files whose names change, in an order in which each new name is free; `None` if there is none.
fn renames(rendered: &Rendered, known: &KnownTitle) -> Option<Vec<Rename>> {
    let mut open: Vec<Rename> = rendered
        .files
        .iter()
        .filter_map(|file| {
            let known = known.files.get(&file.slot).filter(|known| known.path != file.path)?;
            let (slot, from, to) = (file.slot.clone(), known.path.clone(), file.path.clone());
            Some(Rename { slot, from, to, hash: known.hash })
        })
        .collect();
    let mut taken: HashSet<String> =
        known.files.values().map(|file| fold_key(&file.path)).collect();
    let mut ordered = Vec::with_capacity(open.len());
    while !open.is_empty() {
        let before = open.len();
        open.retain(|rename| {
            let (from, to) = (fold_key(&rename.from), fold_key(&rename.to));
            let is_free = from == to || !taken.contains(&to);
            if is_free {
                taken.remove(&from);
                taken.insert(to);
                ordered.push(rename.clone());
            }
            !is_free
        });
        if open.len() == before {
            return None;
        }
    }
    Some(ordered)
}

fn planned(file: Desired, known: &KnownTitle) -> PlannedFile {
    let hash = ContentHash::of(&file.content);
    let change = match known.files.get(&file.slot) {
        None => Change::Create,
        Some(known) => match known.written() {
            None => Change::Restore,
            Some(ours) if ours.hash == hash && !known.is_edited && !known.is_kept() => Change::Keep,
            Some(ours) => Change::Replace(ours),
        },
    };
    PlannedFile { file, hash, change }
}

/// What the ledger has of a title and nothing wants any more.
fn obsolete(
    policy: &Policy,
    title: &Title,
    (wanted, files): (&HashSet<&str>, &[Desired]),
    known: &KnownTitle,
) -> Vec<Obsolete> {
    let off = SwitchedOff::of(title);
    let (filtered, taken) = (FilteredOut::of(title, false), FilteredOut::of(title, true));
    // What today's filter leaves out is the user's will if the one before would let it through today; what
    // waits for that reason goes on waiting. All else is decided as if the filter had not changed.
    let is_chosen = |slot: &str, file: &KnownFile| {
        let waits = || file.unwanted.is_some_and(|unwanted| unwanted.cause == Cause::Filter);
        taken.has(slot) || filtered.has(slot) && waits()
    };
    let unwanted = known.files.iter().filter(|(slot, _)| !wanted.contains(slot.as_str()));
    let obsolete = |(slot, file): (&String, &KnownFile)| {
        let role = role_of(title.kind, slot);
        let cause = match cause(policy, wanted, (slot, role)) {
            _ if is_chosen(slot, file) => Cause::Filter,
            Cause::Catalogue if off.has(slot) => Cause::SwitchedOff,
            cause => cause,
        };
        // Another cause begins to wait anew.
        let before = file.unwanted.filter(|unwanted| unwanted.cause == cause);
        let (is_new, unwanted) =
            (before.is_none(), before.unwrap_or(Unwanted { cause, runs: 0, hold: None }));
        let (slot, path, written) = (slot.clone(), file.path.clone(), file.written()?);
        Some(Obsolete { slot, path, role, written, account: file.account, is_new, unwanted })
    };
    let mut all: Vec<Obsolete> =
        unwanted.filter(|(_, file)| !file.is_kept()).filter_map(obsolete).collect();
    name_losers(&mut all, files, known);
    all
}

/// When an account loses a version, another one may take over its file, and leave its own: what is lost is the
/// first one's all the same, so the file that is left stands for that.
fn name_losers(obsolete: &mut [Obsolete], files: &[Desired], known: &KnownTitle) {
    let wanted: HashSet<(&str, i64)> =
        files.iter().filter_map(|file| Some((played(&file.slot)?, file.account?))).collect();
    let lost = known.files.iter().filter_map(|(slot, file)| Some((played(slot)?, file.account?)));
    let mut lost: BTreeSet<(&str, i64)> = lost.filter(|it| !wanted.contains(it)).collect();
    let owners = obsolete.iter().filter_map(|it| Some((played(&it.slot)?.to_owned(), it.account?)));
    for (place, account) in owners.collect::<Vec<_>>() {
        lost.retain(|it| *it != (place.as_str(), account));
    }
    let is_lost = |it: &&mut Obsolete| it.unwanted.cause == Cause::Catalogue;
    for file in obsolete.iter_mut().filter(is_lost) {
        let (Some(place), Some(account)) = (played(&file.slot), file.account) else { continue };
        let loser = lost.iter().find(|(of, _)| *of == place).copied();
        if let (true, Some(loser)) = (wanted.contains(&(place, account)), loser) {
            lost.remove(&loser);
            file.account = Some(loser.1);
        }
    }
}

/// The files that stay as they are, and play another account's stream than the ledger says.
fn reassigned(known: &KnownTitle, files: &[PlannedFile]) -> Vec<(String, Option<i64>)> {
    let stays = files.iter().filter(|it| it.change == Change::Keep && it.file.role.is_strm());
    let is_other = |it: &&PlannedFile| {
        known.files.get(&it.file.slot).is_some_and(|known| known.account != it.file.account)
    };
    stays.filter(is_other).map(|it| (it.file.slot.clone(), it.file.account)).collect()
}

/// What changes in the number of episodes: of each account those count that are wanted, or that the catalogue has
/// lost. What the user's will has only now let in of an account does not.
fn episode_changes(
    known: &KnownTitle,
    files: &[PlannedFile],
    obsolete: &[Obsolete],
    offers: &BTreeMap<i64, bool>,
) -> EpisodeChanges {
    type Places<'a> = BTreeSet<(Option<i64>, &'a str)>;
    let before = |is_counted: &dyn Fn(Option<Cause>) -> bool| -> Places<'_> {
        let files = known.files.iter();
        let files = files.filter(|(_, it)| is_counted(it.unwanted.map(|unwanted| unwanted.cause)));
        files.filter_map(|(slot, file)| Some((file.account, played(slot)?))).collect()
    };
    let is_lost = |cause| cause == Cause::Catalogue;
    let (had, had_wanted) =
        (before(&|cause| cause.is_none_or(is_lost)), before(&|cause| cause.is_none()));
    let wanted: Places<'_> =
        files.iter().filter_map(|it| Some((it.file.account, played(&it.file.slot)?))).collect();
    let lost = obsolete.iter().filter(|it| is_lost(it.unwanted.cause));
    let lost = lost.filter_map(|it| Some((it.account, played(&it.slot)?)));
    let has: Places<'_> = wanted.iter().copied().chain(lost).collect();
    let mut changes = EpisodeChanges::default();
    let mut add = |places: &Places<'_>, change: &dyn Fn(&mut EpisodeChange)| {
        for account in places.iter().filter_map(|(account, _)| *account) {
            change(changes.accounts.entry(account).or_default());
        }
    };
    add(&wanted, &|it| (it.left, it.lost) = (it.left + 1, it.lost - 1));
    add(&had_wanted, &|it| (it.left, it.lost) = (it.left - 1, it.lost + 1));
    add(&has, &|it| it.lost += 1);
    add(&had, &|it| it.lost -= 1);
    add(&had.difference(&has).copied().collect(), &|it| it.taken += 1);
    let places = |all: &Places<'_>| -> HashSet<String> {
        all.iter().map(|(_, place)| (*place).to_owned()).collect()
    };
    changes.taken = places(&had).difference(&places(&has)).count();
    let had_some: HashSet<i64> = had.iter().filter_map(|(account, _)| *account).collect();
    let is_new = |account: &i64| !had_some.contains(account) && offers.get(account) == Some(&true);
    changes.accounts.retain(|account, _| !known.let_in.contains(account) && !is_new(account));
    changes
}

/// Whether the library has something of a title that can be played.
pub fn plays_something(known: &KnownTitle) -> bool {
    known.files.keys().any(|slot| played(slot).is_some())
}

/// How many movies or episodes these slots of `.strm` files play, each once.
pub fn count_played<'a>(slots: impl Iterator<Item = &'a str>) -> usize {
    let played: HashSet<&str> = slots.map(|slot| SlotParts::of(slot).place).collect();
    played.len()
}

/// The episodes whose accounts the user has switched off: their files go without a loss.
struct SwitchedOff {
    prefixes: HashSet<String>,
    has_unnumbered: bool,
}

impl SwitchedOff {
    fn of(title: &Title) -> SwitchedOff {
        let off = || title.episodes.iter().filter(|episode| episode.is_switched_off);
        SwitchedOff {
            prefixes: off().filter_map(numbered_slot).collect(),
            has_unnumbered: off().any(|episode| numbered_slot(episode).is_none()),
        }
    }

    /// Whether a slot is such an episode's. One without a number cannot be told from another.
    fn has(&self, slot: &str) -> bool {
        self.prefixes.contains(episode_of(slot)) || self.has_unnumbered && slot.contains('?')
    }
}

/// What stands before a slot's word, as [`numbered_slot`] gives it, without `+`; nothing where there is none.
fn episode_of(slot: &str) -> &str {
    slot.find('.').map_or("", |at| &slot[..=at])
}

/// What the filter takes of a title that is wanted otherwise: streams, and episodes that speak for
/// themselves. An episode of a database that only unwanted accounts have is none: the wanted one may
/// have lost it, or not have told of it yet.
struct FilteredOut {
    is_whole: bool,
    marks: HashSet<String>,
    prefixes: HashSet<String>,
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
        let mut marks: HashSet<String> = out.map(version_mark).collect();
        // One stream may be two episodes.
        if !marks.is_empty() {
            for stream in wanted {
                marks.remove(&version_mark(stream));
            }
        }
        let speaks = |stream: &Stream| stream.speaks_for_itself() && !stream.is_wanted;
        let whole = title.episodes.iter().filter(|episode| {
            episode.streams.iter().all(speaks) && episode.streams.iter().any(is_out)
        });
        FilteredOut {
            // Under the filter before, one stream would be enough for the title to stay.
            is_whole: title.is_filtered() && title.streams.iter().any(is_out),
            marks,
            prefixes: whole.filter_map(numbered_slot).collect(),
        }
    }

    fn has(&self, slot: &str) -> bool {
        self.is_whole
            || self.marks.contains(SlotParts::of(slot).version)
            || self.prefixes.contains(episode_of(slot))
    }
}

/// Why a slot of the ledger is not wanted any more.
fn cause(policy: &Policy, wanted: &HashSet<&str>, (slot, role): (&str, Role)) -> Cause {
    if !role.is_strm() && policy.nfo == NfoDetail::Off {
        return Cause::Settings;
    }
    let SlotParts { place, version, .. } = SlotParts::of(slot);
    let place = if role == Role::SeasonNfo { slot.trim_end_matches("/season.nfo") } else { place };
    // An NFO goes with its .strm, unless that stays: then the layout has no such NFO.
    let has_strm = !role.is_strm() && wanted.contains(format!("{place}strm{version}").as_str());
    let is_played =
        || wanted.iter().any(|slot| slot.starts_with(place) && SlotParts::of(slot).is_strm);
    let is_spare = role == Role::SeasonNfo || !policy.multi_provider;
    if has_strm || is_spare && is_played() { Cause::Settings } else { Cause::Catalogue }
}

#[cfg(test)]
mod tests;
