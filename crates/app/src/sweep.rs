//! What is no longer wanted: removed, or only told of, after everything new is written.
//!
//! Absent titles, and files of present ones that the catalogue or the settings no longer want, pass the
//! judge one by one. What is held, and what waits, is told too, and counted for the next run.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::atomic::Ordering;

use vod2strm_core::event::{Action, Event, FileEvent, Reason, Role, TitleOutcome, TitleRef};
use vod2strm_core::guard::{Hold, Sentence};
use vod2strm_core::known::{Cause, Known, TitleId, Unwanted};
use vod2strm_core::media::Kind;
use vod2strm_core::path::RelPath;
use vod2strm_disk::crew::Crew;
use vod2strm_disk::ledger::{Ageing, Ledger, RemovalRecord};
use vod2strm_disk::leftovers::{Leftovers, clear_strays};
use vod2strm_disk::remove::{Doomed, Fate, Removal, Removed, foresee_removal, remove_batch};
use vod2strm_disk::tree::Tree;

use crate::config::values::Cleanup;
use crate::error::RunError;
use crate::judge::{Candidate, Judge};
use crate::writer::{RECORD_ENTRIES, WriterSettings};

/// Titles that are judged, and removed, together.
const GROUP: usize = 500;

/// A title that has something to be judged: an absent one with the number of runs that missed it.
pub type Case = (TitleId, Kind, Option<u32>);

/// The cases of the ledger: absent titles, and those with files that nothing wants.
pub fn cases<'a>(
    ledger: &Ledger,
    absent: impl Iterator<Item = &'a Known>,
    kinds: &[Kind],
) -> Result<Vec<Case>, RunError> {
    let mut cases: Vec<Case> =
        absent.map(|known| (known.id, known.kind, Some(known.absent))).collect();
    let is_absent: HashSet<TitleId> = cases.iter().map(|(id, ..)| *id).collect();
    let unwanted = ledger.with_unwanted()?.into_iter().filter(|(id, _)| !is_absent.contains(id));
    cases.extend(unwanted.map(|(id, kind)| (id, kind, None)));
    cases.retain(|(_, kind, _)| kinds.contains(kind));
    cases.sort_unstable_by_key(|(id, kind, _)| (*kind, *id));
    Ok(cases)
}

/// Removes, or tells what would be removed, and counts what waits.
pub struct Sweeper<'a> {
    settings: WriterSettings<'a>,
    cleanup: Cleanup,
    judge: Judge,
    leftovers: Leftovers,
    ageing: Ageing,
    held: BTreeMap<Hold, u64>,
    /// What went and is not recorded yet.
    gone: Vec<RemovalRecord>,
}

impl<'a> Sweeper<'a> {
    /// A sweeper with everything that it judges by.
    pub fn new(
        settings: WriterSettings<'a>,
        cleanup: Cleanup,
        judge: Judge,
        ledger: &Ledger,
    ) -> Result<Sweeper<'a>, RunError> {
        let (leftovers, ageing) = (ledger.leftovers()?, Ageing::default());
        let (held, gone) = (BTreeMap::new(), Vec::new());
        Ok(Sweeper { settings, cleanup, judge, leftovers, ageing, held, gone })
    }

    /// Judges the cases, removes what is due, and counts one run more for what is missing and not held.
    pub fn sweep(
        mut self,
        tree: &Tree,
        ledger: &mut Ledger,
        cases: &[Case],
    ) -> Result<(), RunError> {
        let crew = Crew::new(tree, self.settings.concurrency, self.settings.observer);
        let mut groups = cases.chunks(GROUP);
        let swept = groups.try_for_each(|group| self.sweep_group(&crew, ledger, group));
        // What went is recorded whatever ended the work; the first error is the one to tell.
        let recorded = self.record(tree, ledger);
        swept?;
        recorded?;
        self.tell_held();
        if self.judge.is_allowed() && self.cleanup != Cleanup::Apply {
            // What may go in one run only is not to be forgotten by one that removes nothing.
            let (missing, newest) = self.judge.newly_missing();
            ledger.age(&Ageing { missing, newest, ..Ageing::default() })?;
            return Ok(());
        }
        let (copies, accepted) = self.judge.lost_copies();
        let (missing, newest) = self.judge.newly_missing();
        ledger.age(&Ageing { missing, newest, copies, accepted, ..self.ageing })?;
        Ok(())
    }

    fn sweep_group(
        &mut self,
        crew: &Crew<'_>,
        ledger: &mut Ledger,
        group: &[Case],
    ) -> Result<(), RunError> {
        let candidates = load(ledger, group)?;
        match self.cleanup {
            Cleanup::Apply => self.remove(crew, ledger, candidates),
            Cleanup::Off | Cleanup::Preview => {
                self.foresee(crew.tree(), candidates);
                Ok(())
            }
        }
    }

    /// Says what `sweep` would do with the cases, and with the titles that a dry run has planned.
    pub fn preview(
        mut self,
        tree: &Tree,
        ledger: &Ledger,
        cases: &[Case],
        planned: Vec<Candidate>,
    ) -> Result<(), RunError> {
        for group in cases.chunks(GROUP) {
            let candidates = load(ledger, group)?;
            self.foresee(tree, candidates);
        }
        self.foresee(tree, planned);
        self.tell_held();
        Ok(())
    }

    fn foresee(&mut self, tree: &Tree, candidates: Vec<Candidate>) {
        for (candidate, removal) in self.judged(candidates) {
            let removed = foresee_removal(tree, &self.leftovers, &removal);
            self.tell(&candidate, &removal, &removed, Action::WouldDelete);
        }
    }

    fn remove(
        &mut self,
        crew: &Crew<'_>,
        ledger: &mut Ledger,
        candidates: Vec<Candidate>,
    ) -> Result<(), RunError> {
        let (candidates, removals): (Vec<_>, Vec<_>) = self.judged(candidates).into_iter().unzip();
        if removals.is_empty() {
            return Ok(());
        }
        let stop = self.settings.stop;
        let done = remove_batch(crew, &self.leftovers, &removals, stop);
        for ((candidate, removal), removed) in candidates.iter().zip(&removals).zip(&done) {
            self.tell(candidate, removal, removed, Action::Deleted);
        }
        let pairs = removals.iter().zip(&done);
        self.gone.extend(pairs.map(|(removal, done)| RemovalRecord::of(removal, done)));
        if self.gone.iter().map(|record| record.slots.len()).sum::<usize>() >= RECORD_ENTRIES {
            self.record(crew.tree(), ledger)?;
        }
        if let Some(error) = done.into_iter().find_map(Removed::storage_error) {
            return Err(error.into());
        }
        match stop.load(Ordering::Relaxed) {
            true => Err(RunError::Interrupted),
            false => Ok(()),
        }
    }

    /// Makes what went stay away, then tells the ledger: what it forgets must not come back after a power
    /// cut, for it would be nobody's.
    fn record(&mut self, tree: &Tree, ledger: &mut Ledger) -> Result<(), RunError> {
        if !self.gone.is_empty() {
            tree.sync()?;
            ledger.removed(&self.gone, self.settings.now)?;
            self.gone.clear();
        }
        Ok(())
    }

    /// What is due of each candidate. What is not is told of.
    fn judged(&mut self, candidates: Vec<Candidate>) -> Vec<(Candidate, Removal)> {
        candidates
            .into_iter()
            .filter_map(|candidate| {
                let removal = self.removal(&candidate)?;
                Some((candidate, removal))
            })
            .collect()
    }

    fn removal(&mut self, candidate: &Candidate) -> Option<Removal> {
        let (mut doomed, mut held, mut waits) = (Vec::new(), None, false);
        for (file, unwanted) in &candidate.files {
            match self.judge.pass(candidate, *unwanted) {
                Sentence::Due => doomed.push(file.clone()),
                Sentence::Waiting => {
                    waits = true;
                    self.tell_stays(candidate, file, Reason::Obsolete, None);
                }
                Sentence::Held(hold) => {
                    self.tell_stays(candidate, file, Reason::Held, Some(&hold));
                    held = Some(hold);
                }
            }
        }
        let title = || self.judge.pass(candidate, None) == Sentence::Due;
        let is_due = if candidate.files.is_empty() { title() } else { !doomed.is_empty() };
        self.note(candidate, held, waits);
        if self.cleanup == Cleanup::Off {
            for file in &doomed {
                self.tell_stays(candidate, file, Reason::Obsolete, None);
            }
            return None;
        }
        is_due.then(|| Removal {
            title: candidate.title,
            folder: candidate.folder.clone().unwrap_or_default(),
            is_whole: doomed.len() == candidate.of,
            files: doomed,
        })
    }

    /// Counts a candidate of which something is held, or waits.
    fn note(&mut self, candidate: &Candidate, held: Option<Hold>, waits: bool) {
        let outcome = match (&held, waits) {
            (Some(_), _) => Some(TitleOutcome::Held),
            (None, true) => Some(TitleOutcome::Waiting),
            (None, false) => None,
        };
        if let Some(outcome) = outcome.filter(|_| self.cleanup != Cleanup::Off) {
            self.settings.observer.event(&Event::Titles(candidate.kind, outcome, 1));
        }
        match (held, candidate.absent) {
            (Some(hold), _) => *self.held.entry(hold).or_default() += 1,
            (None, Some(_)) => self.ageing.titles.push(candidate.title),
            (None, None) => self.ageing.files_of.push(candidate.title),
        }
    }

    fn tell_held(&self) {
        for (hold, titles) in self.held.iter().filter(|_| self.cleanup != Cleanup::Off) {
            self.settings.observer.event(&Event::Held(hold, *titles));
        }
    }

    /// Tells what became of a removal; `gone` is the word for a file that went.
    fn tell(&self, candidate: &Candidate, removal: &Removal, removed: &Removed, gone: Action) {
        let causes: HashMap<&str, bool> = candidate
            .files
            .iter()
            .map(|(file, unwanted)| {
                let is_will = |it: Unwanted| matches!(it.cause, Cause::Settings | Cause::Filter);
                let by_settings = unwanted.is_some_and(is_will);
                (file.slot.as_str(), by_settings && candidate.absent.is_none())
            })
            .collect();
        for (file, fate) in removal.files.iter().zip(&removed.files) {
            let by_settings = causes.get(file.slot.as_str()).copied().unwrap_or(false);
            let problem;
            let (action, reason, detail) = match fate {
                Fate::Removed => (gone, stale(candidate.kind, by_settings), None),
                Fate::Gone | Fate::NotTried => continue,
                Fate::NotOurs => (Action::Skipped, Reason::NotOurs, None),
                Fate::Failed(error) => {
                    problem = format!("{error}: {}", error.source);
                    (Action::Error, Reason::RemoveFailed, Some(problem.as_str()))
                }
            };
            self.tell_file(candidate, (file.role, &file.path), action, (reason, detail));
        }
        if removed.keeps_others {
            let role = if candidate.kind == Kind::Movie { Role::Movie } else { Role::TvshowNfo };
            self.tell_file(candidate, (role, ""), Action::Skipped, (Reason::NotOurs, None));
        }
        let is_over = |fate: &Fate| !matches!(fate, Fate::Failed(_) | Fate::NotTried);
        let outcome = match (removed.files.iter().all(is_over), gone) {
            (false, _) => Some(TitleOutcome::Failed)
                .filter(|_| removed.files.iter().any(|fate| matches!(fate, Fate::Failed(_)))),
            (true, _) if !removal.is_whole || candidate.folder.is_none() => None,
            (true, Action::Deleted) => Some(TitleOutcome::Removed),
            (true, _) => Some(TitleOutcome::WouldRemove),
        };
        if let Some(outcome) = outcome {
            self.settings.observer.event(&Event::Titles(candidate.kind, outcome, 1));
        }
    }

    /// Tells of a file that stays for now; absent titles are told of as a whole.
    fn tell_stays(
        &self,
        candidate: &Candidate,
        file: &Doomed,
        reason: Reason,
        hold: Option<&Hold>,
    ) {
        // Without a cleanup nothing is held and nothing waits.
        let reason = if self.cleanup == Cleanup::Off { Reason::Obsolete } else { reason };
        if candidate.absent.is_some() && reason == Reason::Obsolete {
            return;
        }
        let hold = hold.filter(|_| reason == Reason::Held).map(Hold::to_string);
        let place = (file.role, file.path.as_str());
        self.tell_file(candidate, place, Action::Skipped, (reason, hold.as_deref()));
    }

    fn tell_file(
        &self,
        candidate: &Candidate,
        (role, path): (Role, &str),
        action: Action,
        (reason, detail): (Reason, Option<&str>),
    ) {
        let folder = candidate.folder.as_deref().unwrap_or_default();
        let path = format!("{folder}/{path}");
        let (kind, name, year) = (candidate.kind, candidate.name.as_str(), candidate.year);
        self.settings.observer.event(&Event::File(FileEvent {
            title: TitleRef { kind, name, year, uuid: None },
            role,
            season: None,
            episode: None,
            path: path.trim_end_matches('/'),
            action,
            reason,
            detail,
        }));
    }
}

/// Removes what a run that was cut off wrote for titles of which nothing is known any more.
pub fn remove_orphans(tree: &Tree, ledger: &mut Ledger) -> Result<(), RunError> {
    let leftovers = ledger.leftovers()?;
    if leftovers.folders().is_empty() {
        return Ok(());
    }
    let claims = ledger.claims()?;
    let is_orphan = |folder: &&str| {
        let (root, name) = folder.split_once('/').unwrap_or((folder, ""));
        claims.owner(root, name).is_none()
    };
    let orphans: Vec<&str> = leftovers.folders().into_iter().filter(is_orphan).collect();
    for folder in &orphans {
        if let Ok(path) = RelPath::parse(folder) {
            clear_strays(tree, &leftovers, &path, &HashSet::new())?;
        }
    }
    tree.sync()?;
    let orphans: Vec<String> = orphans.into_iter().map(str::to_owned).collect();
    Ok(ledger.settled(&orphans)?)
}

fn load(ledger: &Ledger, group: &[Case]) -> Result<Vec<Candidate>, RunError> {
    let ids: Vec<TitleId> = group.iter().map(|(id, ..)| *id).collect();
    let known = ledger.titles(&ids)?;
    let candidate =
        |(id, kind, absent): &Case| Some(Candidate::known(*id, *kind, known.get(id)?, *absent));
    Ok(group.iter().filter_map(candidate).collect())
}

/// Why a file went.
fn stale(kind: Kind, by_settings: bool) -> Reason {
    match (by_settings, kind) {
        (true, _) => Reason::NotWanted,
        (false, Kind::Movie) => Reason::StaleMovie,
        (false, Kind::Series) => Reason::StaleEpisode,
    }
}
