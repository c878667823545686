//! Moves titles' folders, with all that others put into them, so that a crash at any point is made
//! good by the next run.
//!
//! Every batch is written down in the ledger before its first rename, and crossed out together with
//! the entry that says where the folders are. Between the two, a title's folder is at its source, at
//! its target, or aside in `.vod2strm/moving/<title>` (of its root, if that is
//! elsewhere). A run that was cut off is completed by carrying out once more what the journal has: every
//! step sees what was done already.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::io;

use vod2strm_core::cancel::Cancel;
use vod2strm_core::identity::known::TitleId;
use vod2strm_core::path::RelPath;
use vod2strm_core::plan::moves::Move;
use vod2strm_core::text::fold_key;

use crate::fs::dir::Dirs;
use crate::fs::staging::{own_dir, prepare_own_dir};
use crate::fs::tree::{Tree, TreeError};
use crate::fs::{EntryKind, Way};
use crate::ledger::{Ledger, LedgerError, OpenMove};
use crate::library::marker::{RaiseError, raise};

/// Titles whose moves are written down, made and crossed out together.
const BATCH: usize = 1_000;

const MOVING: &str = "moving";

/// Why moving ended early. What was begun is in the journal.
#[derive(Debug, thiserror::Error)]
pub enum MoveError {
    /// The ledger.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The storage, or a folder of which it cannot be told where it is.
    #[error(transparent)]
    Tree(#[from] TreeError),
}

impl From<RaiseError> for MoveError {
    fn from(error: RaiseError) -> MoveError {
        match error {
            RaiseError::Ledger(error) => error.into(),
            RaiseError::Tree(error) => error.into(),
        }
    }
}

/// What became of a step that may fail for one title alone; the outer error ends them all.
type TriedStep = Result<Result<(), TreeError>, TreeError>;

/// Makes the moves that the planner planned. `told` hears of each once the ledger has it, or why the
/// folder stays where it is.
///
/// Once `cancel` is raised, nothing further is begun; of that `told` does not hear. Moves by way of the
/// place aside are begun together.
pub fn make_moves(
    tree: &Tree,
    ledger: &mut Ledger,
    moves: &[Move],
    cancel: &Cancel,
    told: &mut dyn FnMut(&Move, Result<(), TreeError>),
) -> Result<(), MoveError> {
    let aside: HashSet<String> = aside(tree)?.into_iter().collect();
    let mut direct: Vec<(&Move, OpenMove)> = Vec::new();
    let mut via: Vec<(&Move, OpenMove)> = Vec::new();
    for planned in moves {
        match open(tree, planned, &aside) {
            Ok(open) if open.via => via.push((planned, open)),
            Ok(open) => direct.push((planned, open)),
            Err(error) => told(planned, Err(error)),
        }
    }
    // Those that go directly make room for the others.
    let mut stayed = HashSet::new();
    let batches = direct.chunks(BATCH).chain((!via.is_empty()).then_some(via.as_slice()));
    for batch in batches {
        if cancel.is_cancelled() {
            break;
        }
        let open: Vec<OpenMove> = batch.iter().map(|(_, open)| open.clone()).collect();
        raise(tree, ledger)?;
        ledger.plan_moves(&open)?;
        let mut failures = if open.iter().all(|open| open.via) {
            move_via(tree, ledger, open, std::mem::take(&mut stayed))?.failures
        } else {
            move_directly(tree, ledger, &open, cancel)?
        };
        stayed.extend(those_that_stayed(batch.iter().map(|(_, open)| open), &failures));
        for (planned, open) in batch {
            match failures.remove(&open.title) {
                None => told(planned, Ok(())),
                Some(Some(error)) => told(planned, Err(error)),
                Some(None) => {}
            }
        }
    }
    Ok(())
}

/// Completes what a run that was cut off had begun; says how many moves that were. To be called
/// before anything else is written. What stays where it was is planned anew by this run.
pub fn resume_moves(tree: &Tree, ledger: &mut Ledger) -> Result<usize, MoveError> {
    let (via, direct): (Vec<_>, Vec<_>) = ledger.open_moves()?.into_iter().partition(|it| it.via);
    let mut settled = direct.len() + via.len();
    if settled > 0 {
        raise(tree, ledger)?;
    }
    let mut stayed = HashSet::new();
    if !direct.is_empty() {
        let failures = move_directly(tree, ledger, &direct, &Cancel::default())?;
        stayed = those_that_stayed(direct.iter(), &failures).collect();
    }
    if !via.is_empty() {
        settled -= move_via(tree, ledger, via, stayed)?.stuck;
    }
    Ok(settled)
}

/// The places of those that did not move.
fn those_that_stayed<'a>(
    moves: impl Iterator<Item = &'a OpenMove>,
    failures: &HashMap<TitleId, Option<TreeError>>,
) -> impl Iterator<Item = String> {
    moves.filter(|open| failures.contains_key(&open.title)).map(|open| key(&open.source))
}

/// Whether something is in a place that a title would get: for the planner, who asks only for places
/// that no title has. A place that cannot be looked at cannot be moved to either.
pub fn foreign_at(tree: &Tree, root: &str, folder: &str) -> bool {
    match RelPath::parse(root).and_then(|root| root.join(folder)) {
        Ok(path) => !matches!(tree.kind(&path), Ok(None)),
        Err(_) => true,
    }
}

/// Folders that are neither at their old places nor at their new ones, below the output folder.
pub fn aside(tree: &Tree) -> Result<Vec<String>, TreeError> {
    let mut aside = Vec::new();
    for moving in tree.roots().volumes().map(|volume| moving(&volume)) {
        if tree.kind(&moving)? == Some(EntryKind::Dir) {
            aside.extend(tree.list(&moving)?.iter().map(|name| format!("{moving}/{name}")));
        }
    }
    Ok(aside)
}

fn open(tree: &Tree, planned: &Move, aside: &HashSet<String>) -> Result<OpenMove, TreeError> {
    let root = RelPath::parse(planned.root).unwrap_or_default();
    let path = |folder: &str| root.join(folder).map_err(|_| tree.not_a_path(&root, folder));
    let (source, target) = (path(&planned.from)?, path(&planned.to)?);
    let place = place_aside(tree, &target, planned.id);
    if aside.contains(place.as_str()) {
        return Err(refusal(tree, &place, "an earlier move is not finished"));
    }
    Ok(OpenMove {
        title: planned.id,
        source,
        target,
        via: planned.via,
        has_left: false,
        by_entries: false,
    })
}

/// Makes moves without a detour. The failures have `None` for what was not begun.
fn move_directly(
    tree: &Tree,
    ledger: &mut Ledger,
    moves: &[OpenMove],
    cancel: &Cancel,
) -> Result<HashMap<TitleId, Option<TreeError>>, MoveError> {
    let (mut places, mut failures) = (Vec::with_capacity(moves.len()), HashMap::new());
    for open in moves {
        let stays = if cancel.is_cancelled() {
            Some(None)
        } else {
            move_one(tree, ledger, open)?.err().map(Some)
        };
        let place = if stays.is_some() { &open.source } else { &open.target };
        places.push((open.title, place.clone()));
        failures.extend(stays.map(|why| (open.title, why)));
    }
    tree.sync()?;
    ledger.finish_moves(&places)?;
    Ok(failures)
}

/// Makes a move without a detour: by one rename, or entry by entry where the folder cannot be renamed.
fn move_one(
    tree: &Tree,
    ledger: &mut Ledger,
    OpenMove { title, source, target, by_entries, .. }: &OpenMove,
) -> Result<Result<(), TreeError>, MoveError> {
    if *by_entries {
        return Ok(by_entry(tree, source, target)?);
    }
    // Of a folder that somebody removed, the name moves: its files are made anew there.
    let Err(error) = leave(tree, source, target, || Ok(()))? else { return Ok(Ok(())) };
    let is_folder = tree.kind(source)? == Some(EntryKind::Dir);
    if !error.may_be_of_folders() || !is_folder || tree.kind(target)?.is_some() {
        return Ok(Err(error));
    }
    ledger.move_by_entries(*title)?;
    Ok(by_entry(tree, source, target)?.map_err(|_| error))
}

/// Moves what is in a folder to a new one, entry by entry; a folder that went before is fine. If one resists, all
/// goes back. An error ends the run, and the next one goes on.
fn by_entry(tree: &Tree, source: &RelPath, target: &RelPath) -> TriedStep {
    match way_to(tree, source)? {
        Way::Missing => return Ok(Ok(())),
        Way::Blocked => return Ok(Err(tree.not_a_folder(source))),
        Way::Real => {}
    }
    let Err(error) = move_entries(tree, source, target) else {
        tree.clear_groups(source);
        return Ok(Ok(()));
    };
    if error.is_storage() {
        return Err(error);
    }
    if tree.kind(target)? == Some(EntryKind::Dir) {
        match move_entries(tree, target, source) {
            // Something of somebody's came there meanwhile.
            Err(error) if !error.is_occupied() => return Err(error),
            _ => {}
        }
    }
    Ok(Err(error))
}

/// Moves what is in a folder to another one, which is made if it is missing, and removes the first.
fn move_entries(tree: &Tree, from: &RelPath, to: &RelPath) -> Result<(), TreeError> {
    if to.parent().is_some_and(|above| above.as_str().contains('/')) {
        Dirs::new(tree).make(to)?;
    } else {
        tree.ensure_dir(to)?;
    }
    for name in tree.list(from)? {
        let child = |dir: &RelPath| dir.join(&name).map_err(|_| tree.not_a_path(dir, &name));
        let (old, new) = (child(from)?, child(to)?);
        match tree.kind(&old)? {
            Some(EntryKind::Dir) => move_entries(tree, &old, &new)?,
            _ => tree.rename_new(&old, &new)?,
        }
    }
    tree.remove_dir(from)
}

/// Moves a folder away from where the ledger has it. `or_else` is done when it is not there: it was
/// moved before a crash, or somebody removed it. A link on the way is an error of this title.
fn leave(
    tree: &Tree,
    source: &RelPath,
    target: &RelPath,
    or_else: impl FnOnce() -> Result<(), TreeError>,
) -> TriedStep {
    match way_to(tree, source)? {
        Way::Missing => or_else().map(Ok),
        Way::Real => move_folder(tree, source, target),
        Way::Blocked => Ok(Err(tree.not_a_folder(source))),
    }
}

/// What is on the way to a title's folder: what is behind somebody's link is not ours to move.
fn way_to(tree: &Tree, folder: &RelPath) -> Result<Way, TreeError> {
    Dirs::in_root_of(tree, folder).look(folder)
}

/// Moves a folder that is there. An error is the title's own only if the folder is still there.
fn move_folder(tree: &Tree, from: &RelPath, to: &RelPath) -> TriedStep {
    let is_beside = |path: &RelPath| path.parent() == Some(moving(&tree.roots().volume_of(path)));
    let group = to.parent().filter(|above| above.as_str().contains('/') && !is_beside(to));
    let ready = group.map_or(Ok(()), |group| Dirs::new(tree).make(&group));
    let Err(error) = ready.and_then(|()| tree.rename_new(from, to)) else {
        if !is_beside(from) {
            tree.clear_groups(from);
        }
        return Ok(Ok(()));
    };
    if error.is_storage() {
        return Err(error);
    }
    match tree.kind(from)? {
        Some(_) => Ok(Err(error)),
        // It was moved, and only the answer was lost.
        None if tree.kind(to)? == Some(EntryKind::Dir) => Ok(Ok(())),
        None => Err(error),
    }
}

/// What became of moves by way of the place aside.
struct Detour {
    failures: HashMap<TitleId, Option<TreeError>>,
    /// How many remain aside, and in the journal.
    stuck: usize,
}

/// Makes moves by way of the place aside: all leave, then all arrive. In the places of those that
/// `stayed` nobody may arrive, nor below them.
fn move_via(
    tree: &Tree,
    ledger: &mut Ledger,
    moves: Vec<OpenMove>,
    stayed: HashSet<String>,
) -> Result<Detour, MoveError> {
    let volumes: BTreeSet<RelPath> =
        moves.iter().map(|open| tree.roots().volume_of(&open.target)).collect();
    for volume in &volumes {
        prepare_own_dir(tree, volume)?;
        tree.ensure_dir(&moving(volume))?;
    }
    let (arrived, failures) = (HashMap::new(), HashMap::new());
    let mut via = Via { tree, ledger, arrived, stayed, failures };
    let aside = via.move_all_aside(moves)?;
    // Where all of them were, nothing may be left.
    let roots: BTreeSet<_> = aside.iter().filter_map(|open| root_of(&open.target)).collect();
    for root in &roots {
        tree.ensure_dir(root)?;
    }
    let stuck = via.arrive(aside)?;
    tree.sync()?;
    let places = via.arrived.into_values().map(|open| (open.title, open.target));
    via.ledger.finish_moves(&places.collect::<Vec<_>>())?;
    let failures = via.failures.into_iter().map(|(title, why)| (title, Some(why))).collect();
    for volume in &volumes {
        match tree.remove_dir(&moving(volume)) {
            Err(error) if !error.is_occupied() => return Err(error.into()),
            _ => {}
        }
    }
    Ok(Detour { failures, stuck })
}

/// Moves by way of the place aside, half-way.
struct Via<'a> {
    tree: &'a Tree,
    ledger: &'a mut Ledger,
    /// Who is at the target, by its folded path.
    arrived: HashMap<String, OpenMove>,
    /// The folded places of titles that did not leave.
    stayed: HashSet<String>,
    failures: HashMap<TitleId, TreeError>,
}

impl Via<'_> {
    fn place_aside(&self, open: &OpenMove) -> RelPath {
        place_aside(self.tree, &open.target, open.title)
    }

    /// Moves aside whoever has not left yet; gives those that are aside.
    fn move_all_aside(&mut self, moves: Vec<OpenMove>) -> Result<Vec<OpenMove>, MoveError> {
        let (mut aside, mut stayed) = (Vec::with_capacity(moves.len()), Vec::new());
        for open in moves {
            let is_aside = self.tree.kind(&self.place_aside(&open))?.is_some();
            match (open.has_left, is_aside) {
                (true, false) => drop(self.arrived.insert(key(&open.target), open)),
                (_, true) => aside.push(open),
                (false, false) => match self.move_aside(&open)? {
                    Ok(()) => aside.push(open),
                    Err(why) => {
                        self.stayed.insert(key(&open.source));
                        stayed.push((open.title, open.source.clone()));
                        self.failures.insert(open.title, why);
                    }
                },
            }
        }
        // A journal that is ahead of the disk would look in the wrong place.
        self.tree.sync()?;
        self.ledger.finish_moves(&stayed)?;
        self.ledger.note_all_aside()?;
        Ok(aside)
    }

    fn move_aside(&self, open: &OpenMove) -> TriedStep {
        let place = self.place_aside(open);
        // For a folder that somebody removed, an empty one goes: so its new place is free or taken for
        // it as for all others. Its files are made anew there.
        leave(self.tree, &open.source, &place, || self.tree.ensure_dir(&place))
    }

    /// Moves those aside to their targets, and those for whom that fails back to their sources. Gives the number of
    /// those that have to stay aside, since target and source are both taken.
    fn arrive(&mut self, mut aside: Vec<OpenMove>) -> Result<usize, MoveError> {
        let mut stuck = 0;
        while !aside.is_empty() {
            let mut back = Vec::new();
            for open in self.enter(aside)? {
                let freed = self.make_room(&open)?;
                if !freed.is_empty() || open.target != open.source {
                    back.push(open);
                } else {
                    stuck += 1;
                }
                back.extend(freed);
            }
            if back.is_empty() {
                break;
            }
            // From here on the sources are the targets; a crash finds it so.
            self.tree.sync()?;
            let titles: Vec<TitleId> = back.iter().map(|open| open.title).collect();
            self.ledger.turn_back(&titles)?;
            let turned = |open: OpenMove| OpenMove { target: open.source.clone(), ..open };
            aside = back.into_iter().map(turned).collect();
        }
        Ok(stuck)
    }

    /// Tries the targets; gives those that are still aside.
    fn enter(&mut self, aside: Vec<OpenMove>) -> Result<Vec<OpenMove>, TreeError> {
        let mut failed = Vec::new();
        for open in aside {
            match self.enter_one(&open)? {
                Ok(()) => drop(self.arrived.insert(key(&open.target), open)),
                // It would be missed where it was, made anew there, and never come back.
                Err(why) if open.target == open.source && !why.is_occupied() => return Err(why),
                Err(why) => {
                    self.failures.entry(open.title).or_insert(why);
                    failed.push(open);
                }
            }
        }
        Ok(failed)
    }

    fn enter_one(&self, open: &OpenMove) -> TriedStep {
        let target = key(&open.target);
        let mut above = target.match_indices('/').map(|(at, _)| &target[..at]);
        if above.any(|dir| self.arrived.contains_key(dir) || self.stayed.contains(dir)) {
            let why = "the title that has the folder above has to stay";
            return Ok(Err(refusal(self.tree, &open.target, why)));
        }
        move_folder(self.tree, &self.place_aside(open), &open.target)
    }

    /// Moves aside again whoever came to the place that this one has to go back to, or below or above it.
    fn make_room(&mut self, open: &OpenMove) -> Result<Vec<OpenMove>, TreeError> {
        let place = key(&open.source);
        let is_below = |a: &str, b: &str| a.strip_prefix(b).is_some_and(|it| it.starts_with('/'));
        let in_the_way =
            |other: &String| *other == place || is_below(other, &place) || is_below(&place, other);
        let others: Vec<String> =
            self.arrived.keys().filter(|it| in_the_way(it)).cloned().collect();
        let mut freed = Vec::new();
        for place in others {
            let Some(other) = self.arrived.remove(&place) else { continue };
            // One that has gone back itself belongs there, whatever the ledger says.
            let is_back = other.target == other.source;
            if is_back || move_folder(self.tree, &other.target, &self.place_aside(&other))?.is_err()
            {
                self.arrived.insert(place, other);
                continue;
            }
            let why =
                refusal(self.tree, &other.target, "the title that has this folder has to stay");
            self.failures.entry(other.title).or_insert(why);
            freed.push(other);
        }
        Ok(freed)
    }
}

fn refusal(tree: &Tree, path: &RelPath, why: &'static str) -> TreeError {
    let source = io::Error::new(io::ErrorKind::AlreadyExists, why);
    TreeError { verb: "move to", path: tree.real(path), source, has_repeated: false }
}

fn key(path: &RelPath) -> String {
    fold_key(path.as_str())
}

/// The library root that a title's folder is below.
fn root_of(folder: &RelPath) -> Option<RelPath> {
    RelPath::parse(folder.split_first().0).ok()
}

/// Where folders wait until their new place is free.
#[expect(clippy::expect_used, reason = "a constant name")]
fn moving(volume: &RelPath) -> RelPath {
    own_dir(volume).join(MOVING).expect("a single component")
}

#[expect(clippy::expect_used, reason = "a number")]
fn place_aside(tree: &Tree, target: &RelPath, title: TitleId) -> RelPath {
    moving(&tree.roots().volume_of(target)).join(&title.0.to_string()).expect("a single component")
}
