//! What is no longer wanted: removed, or only told of, after everything new is written.
//!
//! Missing titles are decided on one by one, and so are files of present titles that the catalogue or the settings no
//! longer want. What is held, and what waits, is told too, and counted for the next run.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap, HashSet};

use vod2strm_core::event::{
    Action, Event, FileEvent, HeldEvent, Observer, Reason, Role, TitleEvent, TitleOutcome, TitleRef,
};
use vod2strm_core::hold::{Hold, HoldId, HoldKey, KnownHold};
use vod2strm_core::identity::known::TitleId;
use vod2strm_core::model::file::FileKey;
use vod2strm_core::model::media::Kind;
use vod2strm_core::path::RelPath;
use vod2strm_core::removal::AccountContent;
use vod2strm_core::removal::candidate::{Candidate, UndecidedTitle};
use vod2strm_core::removal::decide::{Decided, Decider, Removal};
use vod2strm_core::removal::holding::Holding;
use vod2strm_core::removal::record::{
    FileOutcome, FileRemoval, RemovalRecord, Removed, TitleRemoval,
};
use vod2strm_disk::apply::leftovers::Leftovers;
use vod2strm_disk::apply::remove::{OccupiedFolder, is_vacant, remove_batch, would_change};
use vod2strm_disk::apply::strays::{clear_orphan, has_strays};
use vod2strm_disk::apply::workers::WorkerPool;
use vod2strm_disk::fs::tree::{Tree, TreeError};
use vod2strm_disk::ledger::{Ledger, LeftBehind};
use vod2strm_disk::library::marker::raise;

use crate::config::Cleanup;
use crate::context::Run;
use crate::effects::tell::{role_of_name, tell_orphans};
use crate::effects::writer::RECORD_ENTRIES;
use crate::error::RunError;

/// Titles that are decided on, and removed, together.
const GROUP: usize = 500;

/// Seconds of a day.
const DAY: i64 = 24 * 60 * 60;

/// The day of a moment in seconds since 1970, in days since 1970.
pub fn day_of(now: i64) -> i64 {
    now.div_euclid(DAY)
}

/// Removes, or tells what would be removed, and counts what waits.
pub struct CleanupWork<'a> {
    run: Run<'a>,
    decider: Decider,
    leftovers: Leftovers,
    holding: Holding,
    /// What went and is not recorded yet.
    gone: Vec<RemovalRecord>,
    /// By how much the numbers sink for it, and for what is recorded.
    lowered: BTreeMap<AccountContent, usize>,
    let_go: BTreeMap<AccountContent, usize>,
}

impl<'a> CleanupWork<'a> {
    /// The work with everything that it decides by.
    pub fn new(
        run: Run<'a>,
        decider: Decider,
        ledger: &Ledger,
    ) -> Result<CleanupWork<'a>, RunError> {
        Ok(CleanupWork {
            run,
            decider,
            leftovers: ledger.leftovers()?,
            holding: Holding::default(),
            gone: Vec::new(),
            lowered: BTreeMap::new(),
            let_go: BTreeMap::new(),
        })
    }

    /// Decides the cases, removes what is due, and notes what is missing and what is held.
    pub fn clean_up(
        mut self,
        tree: &Tree,
        ledger: &mut Ledger,
        cases: &[UndecidedTitle],
    ) -> Result<(), RunError> {
        // Without a cleanup, what would be removed is told of.
        let preview = (self.run.config.cleanup != Cleanup::Apply).then(|| tree.preview());
        let changed = preview.as_ref().unwrap_or(tree);
        let pool = WorkerPool::new(changed, self.run.config.concurrency, self.run.observer);
        let mut groups = cases.chunks(GROUP);
        let done = groups.try_for_each(|group| self.clean_up_group(&pool, ledger, group));
        // What went is recorded whatever ended the work; the first error is the one to tell.
        let recorded = self.record(tree, ledger);
        done?;
        recorded?;
        if self.run.config.cleanup == Cleanup::Off {
            // What waits for a person without a cleanup is what was left out alone.
            self.holding.keep_left_out();
        }
        let ids = self.name_holds();
        self.tell_held(&ids);
        let mut holds = self.holding.into_holds(ids, self.run.config.cleanup != Cleanup::Off);
        let known = self.decider.known_holds();
        // Looking at what a permission would let go does not end the hold, nor does not looking.
        match self.run.config.cleanup {
            Cleanup::Apply => {}
            Cleanup::Preview => holds.keep(self.decider.allowed_holds()),
            Cleanup::Off => holds.keep(known.iter().filter(|hold| !hold.leaves_out())),
        }
        let is_told = self.run.config.cleanup != Cleanup::Off
            || !holds.titles.is_empty()
            || known.iter().any(KnownHold::leaves_out);
        let filter = self.run.policy.filter();
        let day = day_of(self.run.now);
        let mut completed = self.decider.completed(self.let_go, day, filter);
        completed.holds = is_told.then_some(holds);
        Ok(ledger.complete(&completed)?)
    }

    fn name_holds(&self) -> BTreeMap<HoldKey, HoldId> {
        let ended = match self.run.config.cleanup {
            Cleanup::Apply => self.decider.allowed_holds().map(|hold| hold.id).collect(),
            Cleanup::Off | Cleanup::Preview => HashSet::new(),
        };
        self.holding.ids(self.run.id, self.decider.known_holds(), &ended)
    }

    fn clean_up_group(
        &mut self,
        pool: &WorkerPool<'_>,
        ledger: &mut Ledger,
        group: &[UndecidedTitle],
    ) -> Result<(), RunError> {
        let candidates = load(ledger, group)?;
        let (candidates, removals): (Vec<_>, Vec<_>) = self.decided(candidates).into_iter().unzip();
        if removals.is_empty() {
            return Ok(());
        }
        if !pool.tree().is_open() && would_change(pool.tree(), &self.leftovers, &removals) {
            raise(pool.tree(), ledger)?;
        }
        let cancel = self.run.cancel;
        let done = remove_batch(pool, &self.leftovers, &removals, cancel);
        for ((candidate, removal), removed) in candidates.iter().zip(&removals).zip(&done) {
            self.tell(candidate, removal, removed);
            if self.run.config.cleanup == Cleanup::Apply {
                self.note_removed(candidate, removal, removed);
            }
        }
        if self.gone.iter().map(|record| record.gone.len()).sum::<usize>() >= RECORD_ENTRIES {
            self.record(pool.tree(), ledger)?;
        }
        if let Some(error) = done.into_iter().find_map(Removed::storage_error) {
            return Err(error.into());
        }
        Ok(cancel.check()?)
    }

    /// What the ledger is to know of a removal.
    fn note_removed(
        &mut self,
        candidate: &Candidate,
        removal: &TitleRemoval,
        removed: &Removed<TreeError>,
    ) {
        let record = self.decider.record(candidate, removal, removed);
        for (scope, by) in self.decider.lowered(candidate, &record) {
            *self.lowered.entry(scope).or_default() += by;
        }
        self.gone.push(record);
    }

    /// Makes what went stay away, then tells the ledger: what it forgets must not come back after a power
    /// cut, for it would be nobody's.
    fn record(&mut self, tree: &Tree, ledger: &mut Ledger) -> Result<(), RunError> {
        if !self.gone.is_empty() {
            tree.sync()?;
            let lowered = std::mem::take(&mut self.lowered);
            ledger.removed(&self.gone, &lowered, self.run.now)?;
            self.gone.clear();
            for (scope, by) in lowered {
                *self.let_go.entry(scope).or_default() += by;
            }
        }
        Ok(())
    }

    /// What is due of each candidate. What is not is told of.
    fn decided(&mut self, candidates: Vec<Candidate>) -> Vec<(Candidate, TitleRemoval)> {
        candidates
            .into_iter()
            .filter_map(|candidate| {
                let removal = self.removal(&candidate)?;
                Some((candidate, removal))
            })
            .collect()
    }

    fn removal(&mut self, candidate: &Candidate) -> Option<TitleRemoval> {
        let Decided { files, removal } = self.decider.decide_all(candidate);
        for ((file, _), decision) in candidate.files.iter().zip(&files) {
            match decision {
                Removal::Now => {}
                Removal::AfterGrace => self.tell_stays(candidate, file, Reason::Obsolete, None),
                Removal::Held(hold) => self.tell_stays(candidate, file, Reason::Held, Some(hold)),
            }
        }
        let outcome = self.holding.note(candidate, &files);
        let is_told =
            self.run.config.cleanup != Cleanup::Off || files.iter().any(Removal::leaves_out);
        if let Some(outcome) = outcome
            && is_told
        {
            self.tell_title(candidate, outcome);
        }
        if self.run.config.cleanup == Cleanup::Off {
            for file in removal.iter().flat_map(|removal| &removal.files) {
                self.tell_stays(candidate, file, Reason::Obsolete, None);
            }
            return None;
        }
        removal
    }

    fn tell_held(&self, ids: &BTreeMap<HoldKey, HoldId>) {
        let is_told =
            |hold: &Hold| self.run.config.cleanup != Cleanup::Off || hold.reason.leaves_out();
        for (hold, held) in self.holding.held().filter(|(hold, _)| is_told(hold)) {
            let (id, titles, files) = (ids.get(&hold.key()).copied(), held.titles, held.files);
            self.run.observer.event(&Event::Held(&HeldEvent { hold, id, titles, files }));
        }
    }

    /// Tells what became of a removal.
    fn tell(&self, candidate: &Candidate, removal: &TitleRemoval, removed: &Removed<TreeError>) {
        let is_applied = self.run.config.cleanup == Cleanup::Apply;
        let gone = if is_applied { Action::Deleted } else { Action::WouldDelete };
        let causes: HashMap<&FileKey, bool> = candidate
            .files
            .iter()
            .map(|(file, unwanted)| {
                let by_settings = unwanted.is_some_and(|it| it.cause.is_will());
                (&file.key, by_settings && !candidate.is_missing())
            })
            .collect();
        for (file, outcome) in removal.files.iter().zip(&removed.files) {
            let by_settings = causes.get(&file.key).copied().unwrap_or(false);
            let problem;
            let (action, reason, detail) = match outcome {
                FileOutcome::Removed if self.decider.is_reclassified(candidate) => {
                    (gone, Reason::Reclassified, None)
                }
                FileOutcome::Removed => (gone, stale(candidate.kind, by_settings), None),
                FileOutcome::Gone | FileOutcome::NotTried => continue,
                FileOutcome::NotOurs => (Action::Skipped, Reason::NotOurs, None),
                FileOutcome::Failed(error) => {
                    problem = format!("{error}: {}", error.source);
                    (Action::Error, Reason::RemoveFailed, Some(problem.as_str()))
                }
            };
            let words = FileWords { action, reason, detail };
            self.tell_file(candidate, Role::of(&file.key), &file.path, words);
        }
        for path in &removed.strays {
            let role = role_of_name(candidate.kind, path);
            let words = FileWords { action: gone, reason: Reason::NotWanted, detail: None };
            self.tell_file(candidate, role, path, words);
        }
        if removed.keeps_others {
            let role = Role::of_title(candidate.kind);
            let (action, reason) = (Action::Skipped, Reason::NotOurs);
            self.tell_file(candidate, role, "", FileWords { action, reason, detail: None });
        }
        let is_over = |outcome: &FileOutcome<TreeError>| {
            !matches!(outcome, FileOutcome::Failed(_) | FileOutcome::NotTried)
        };
        let has_failed =
            removed.files.iter().any(|outcome| matches!(outcome, FileOutcome::Failed(_)));
        let is_gone = removal.is_whole && candidate.folder.is_some();
        let outcome = if !removed.files.iter().all(is_over) {
            has_failed.then_some(TitleOutcome::Failed)
        } else if is_applied {
            is_gone.then_some(TitleOutcome::Removed)
        } else {
            is_gone.then_some(TitleOutcome::WouldRemove)
        };
        if let Some(outcome) = outcome {
            self.tell_title(candidate, outcome);
        }
    }

    fn tell_title(&self, candidate: &Candidate, outcome: TitleOutcome) {
        let title = title_ref(candidate);
        let folder = candidate.folder.as_deref();
        self.run.observer.event(&Event::Title(TitleEvent { title, folder, entries: 1, outcome }));
    }

    /// Tells of a file that stays for now; missing titles are told of as a whole.
    fn tell_stays(
        &self,
        candidate: &Candidate,
        file: &FileRemoval,
        reason: Reason,
        hold: Option<&Hold>,
    ) {
        // Without a cleanup nothing is held and nothing waits.
        let reason =
            if self.run.config.cleanup == Cleanup::Off { Reason::Obsolete } else { reason };
        if candidate.is_missing() && reason == Reason::Obsolete {
            return;
        }
        let hold = if reason == Reason::Held { hold.map(Hold::to_string) } else { None };
        let words = FileWords { action: Action::Skipped, reason, detail: hold.as_deref() };
        self.tell_file(candidate, Role::of(&file.key), &file.path, words);
    }

    fn tell_file(
        &self,
        candidate: &Candidate,
        role: Role,
        path: &str,
        FileWords { action, reason, detail }: FileWords<'_>,
    ) {
        let folder = candidate.folder.as_deref().unwrap_or_default();
        let path = format!("{folder}/{path}");
        self.run.observer.event(&Event::File(FileEvent {
            title: title_ref(candidate),
            role,
            season: None,
            episode: None,
            path: path.trim_end_matches('/'),
            from: None,
            action,
            reason,
            detail,
        }));
    }
}

/// What is told of a file besides who it is.
struct FileWords<'a> {
    action: Action,
    reason: Reason,
    detail: Option<&'a str>,
}

/// Removes what earlier runs left behind: files of titles of which nothing is known any more, and folders that could
/// not go. A run that was cut off wrote these files.
///
/// A folder that resists is told of, and ends nothing.
pub fn remove_left_behind(
    tree: &Tree,
    ledger: &mut Ledger,
    observer: &dyn Observer,
) -> Result<(), RunError> {
    let LeftBehind { leftovers, occupied } = ledger.left_behind()?;
    remove_vacant(tree, ledger, occupied)?;
    if leftovers.folders().is_empty() {
        return Ok(());
    }
    // A run that was cut off may have written to the folder of a title that was removed, and that is no more.
    let claims = ledger.claims_in_use()?;
    let is_orphan = |folder: &&str| {
        let (root, name) = folder.split_once('/').unwrap_or((folder, ""));
        claims.owner(root, name).is_none()
    };
    let orphans: Vec<&str> = leftovers.folders().into_iter().filter(is_orphan).collect();
    let mut settled = Vec::with_capacity(orphans.len());
    for folder in orphans {
        let mut gone = Vec::new();
        let cleared = match RelPath::parse(folder) {
            Ok(path) => {
                if has_strays(tree, &leftovers, &path, &HashSet::new()) {
                    raise(tree, ledger)?;
                }
                clear_orphan(tree, &leftovers, &path, &mut gone)
            }
            // A path that no vod2strm wrote into the ledger.
            Err(_) => Ok(()),
        };
        tell_orphans(observer, folder, &gone);
        match cleared {
            Ok(()) => settled.push(folder.to_owned()),
            Err(error) if error.is_storage() => return Err(error.into()),
            // Its note stays, and the next run tries again.
            Err(error) => {
                let text = format!("{error}: {}", error.source);
                observer.event(&Event::Warning(&text));
            }
        }
    }
    tree.sync()?;
    Ok(ledger.settled(&settled)?)
}

/// Removes folders of ours that others' files occupied when they were to go, as far as they are empty by now.
///
/// What cannot be looked at is tried again by the next cleanup.
pub fn remove_vacant(
    tree: &Tree,
    ledger: &mut Ledger,
    mut occupied: Vec<OccupiedFolder>,
) -> Result<(), RunError> {
    // A folder is empty once those in it are gone.
    occupied.sort_unstable_by_key(|it| Reverse(it.folder.matches('/').count()));
    let mut gone = Vec::new();
    for OccupiedFolder { folder, is_titles } in occupied {
        // A path that no vod2strm wrote into the ledger.
        let Ok(path) = RelPath::parse(&folder) else {
            gone.push(folder);
            continue;
        };
        match is_vacant(tree, &path) {
            Ok(Some(true)) => {
                raise(tree, ledger)?;
                if tree.remove_dir(&path).is_ok() {
                    if is_titles {
                        tree.clear_groups(&path);
                    }
                    gone.push(folder);
                }
            }
            Ok(None) => gone.push(folder),
            Err(error) if error.is_storage() => return Err(error.into()),
            Ok(Some(false)) | Err(_) => {}
        }
    }
    if !gone.is_empty() {
        tree.sync()?;
        ledger.vacated(&gone)?;
    }
    Ok(())
}

fn load(ledger: &Ledger, group: &[UndecidedTitle]) -> Result<Vec<Candidate>, RunError> {
    let ids: Vec<TitleId> = group.iter().map(|case| case.id).collect();
    let (known, mut dirs) = (ledger.titles(&ids)?, ledger.dirs(&ids)?);
    let present =
        group.iter().filter(|case| case.missing_runs.is_none() && case.kind == Kind::Series);
    let mut unfetched = ledger.unfetched(present.map(|case| case.id))?;
    let candidate = |case: &UndecidedTitle| {
        let UndecidedTitle { id, kind, missing_runs } = *case;
        let unfetched = unfetched.remove(&id).unwrap_or_default();
        let dirs = dirs.remove(&id).unwrap_or_default();
        let candidate = Candidate::known(id, kind, known.get(&id)?, missing_runs);
        Some(Candidate { unfetched, dirs, ..candidate })
    };
    Ok(group.iter().filter_map(candidate).collect())
}

fn title_ref(candidate: &Candidate) -> TitleRef<'_> {
    let Candidate { kind, name, year, .. } = candidate;
    TitleRef { kind: *kind, name, year: *year, uuid: None }
}

/// Why a file went.
fn stale(kind: Kind, by_settings: bool) -> Reason {
    match (by_settings, kind) {
        (true, _) => Reason::NotWanted,
        (false, Kind::Movie) => Reason::StaleMovie,
        (false, Kind::Series) => Reason::StaleEpisode,
    }
}
