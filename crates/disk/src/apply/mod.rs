//! Makes the disk what the plans say, title by title.
//!
//! A new title is written whole into staging and renamed into place once. In a known title every
//! file is staged and renamed by itself. What is not ours is neither replaced nor removed: a file
//! that we do not know, and an NFO that somebody edited.

pub mod leftovers;
pub mod workers;
pub mod ownership;
pub mod strays;
pub mod rename;
pub mod remove;

use std::collections::{BTreeSet, HashMap};

use vod2strm_core::cancel::Cancel;
use vod2strm_core::event::Reason;
use vod2strm_core::hash::Written;
use vod2strm_core::model::file::FileKey;
use vod2strm_core::model::ownership::Ownership;
use vod2strm_core::path::RelPath;
use vod2strm_core::plan::settle::{FileResult, TitleResult, UNKNOWN_TIME};
use vod2strm_core::plan::{Change, PlannedFile, TitlePlan};

use crate::apply::leftovers::Leftovers;
use crate::apply::ownership::{Occupant, Ours, whose_folder};
use crate::apply::rename::{Renamed, rename_files};
use crate::apply::strays::{clear_left, clear_strays, folders_of, has_strays, is_stray};
use crate::apply::workers::WorkerPool;
use crate::fs::EntryKind;
use crate::fs::dir::Dirs;
use crate::fs::staging::{WorkerStaging, clear};
use crate::fs::tree::{Listing, Tree, TreeError};

/// What a batch is applied to, and with.
pub struct ApplyContext<'a> {
    /// Who works, on which library.
    pub pool: &'a WorkerPool<'a>,
    /// One staging folder per worker that there may be.
    pub stagings: &'a mut [WorkerStaging],
    /// What a run that was cut off may have left.
    pub leftovers: &'a Leftovers,
    /// Once true, titles that are begun are finished, and no further one is begun.
    pub cancel: &'a Cancel,
}

/// Applies a batch of plans; answers come in the order of the plans.
/// Without anything to write, no staging is needed.
///
/// `done` hears of every title as soon as it is applied, from the worker's thread. After a storage
/// error, or when it is to cancel, no further title is begun; of those `done` does not hear.
pub fn apply_batch(
    context: ApplyContext<'_>,
    plans: &[TitlePlan],
    done: &(dyn Fn(&TitlePlan, &TitleResult<TreeError>) + Sync),
) -> Vec<TitleResult<TreeError>> {
    if plans.iter().all(TitlePlan::is_idle) {
        let unchanged = |plan: &TitlePlan| {
            let applied = TitleResult::all(plan, || FileResult::Right(Reason::CachedSkip));
            done(plan, &applied);
            applied
        };
        return plans.iter().map(unchanged).collect();
    }
    debug_assert!(!context.stagings.is_empty(), "without a worker nothing would be applied");
    let (tree, leftovers) = (context.pool.tree(), context.leftovers);
    let work = |staging: &mut WorkerStaging, plan: &TitlePlan| {
        let applied = apply_title(tree, staging, leftovers, plan);
        done(plan, &applied);
        applied
    };
    let is_over = |applied: &TitleResult<TreeError>| {
        applied.files.iter().any(is_storage_failure)
            || applied.stray.as_ref().is_some_and(TreeError::is_storage)
    };
    let results = context.pool.share(context.stagings, plans, context.cancel, work, is_over);
    let or_not_tried = |(applied, plan): (Option<TitleResult<TreeError>>, &TitlePlan)| {
        applied.unwrap_or_else(|| TitleResult::not_tried(plan))
    };
    results.into_iter().zip(plans).map(or_not_tried).collect()
}

fn is_storage_failure(file: &FileResult<TreeError>) -> bool {
    matches!(file, FileResult::Failed(error) if error.is_storage())
}

/// Whether `apply_batch` would change the library for a title. Reads, and writes nothing. What cannot be looked at may be
/// changed.
pub fn would_change(tree: &Tree, leftovers: &Leftovers, plan: &TitlePlan) -> bool {
    if plan.is_idle() {
        return false;
    }
    let Some((root, folder)) = target(plan) else { return false };
    let renamed = rename_files(&tree.preview(), &folder, plan);
    let is_known = |file: &&PlannedFile| matches!(file.change, Change::Keep | Change::Replace(_));
    let kept = plan.files().filter(is_known);
    let kept = kept.map(|file| file.path_before());
    let keep = kept.chain(plan.unwanted().map(|file| file.path.as_str())).collect();
    if rename::would_change(tree, &folder, plan, &renamed)
        || has_strays(tree, leftovers, &folder, &keep)
    {
        return true;
    }
    let mut staging = WorkerStaging::of(0);
    let mut context = TitleContext::new(tree, leftovers, &mut staging, root, folder);
    context.gone = renamed.gone;
    let is_kept = |file: &&PlannedFile| renamed.failed.contains_key(&file.file.key);
    let mut files = plan.files().filter(|file| !is_kept(file));
    files.any(|file| matches!(context.decision(plan, file), Ok(Decision::Write(_)) | Err(_)))
}

/// What is to be done about a planned file, given what is on disk.
enum Decision {
    /// The ledger has it as it should be: the disk is not asked.
    Known,
    /// It is on disk as it should be.
    Right,
    /// Nobody who watches notices what is different.
    Alike,
    /// It is to be written, over what is there or where nothing is.
    Write(Reason),
    /// It is not ours (any more).
    Leave(Reason),
}

/// Applies one plan.
fn apply_title(
    tree: &Tree,
    staging: &mut WorkerStaging,
    leftovers: &Leftovers,
    plan: &TitlePlan,
) -> TitleResult<TreeError> {
    if plan.is_idle() {
        return TitleResult::all(plan, || FileResult::Right(Reason::CachedSkip));
    }
    let Some((root, folder)) = target(plan) else { return TitleResult::not_tried(plan) };
    let mut title = TitleContext::new(tree, leftovers, staging, root, folder);
    let Renamed { done: renamed, gone, mut failed, companions } =
        rename_files(tree, &title.folder, plan);
    title.gone = gone;
    let applied = if plan.may_appear_whole() {
        title.publish(plan)
    } else {
        title.apply_each(plan, &mut failed)
    };
    let was_whole =
        applied.files.iter().all(|file| matches!(file, FileResult::Right(Reason::Created)));
    let recognised = title.recognise(plan);
    let applied = title.clear_strays(plan, applied);
    let folders = title.folder_times(plan, was_whole);
    let strays = below(&title.folder, &title.strays);
    TitleResult { folders, renamed, recognised, companions, strays, ..applied }
}

/// The library root and the title's folder.
fn target(plan: &TitlePlan) -> Option<(RelPath, RelPath)> {
    let folder = plan.title_folder()?;
    Some((RelPath::parse(folder.root()).ok()?, folder.path().ok()?))
}

/// Paths below a folder.
fn below(folder: &RelPath, paths: &[RelPath]) -> Vec<String> {
    let below = paths.iter().filter_map(|path| path.as_str().strip_prefix(folder.as_str()));
    below.map(|path| path.trim_start_matches('/').to_owned()).collect()
}

/// One title's place on disk, and a worker's staging folder to make its files in.
struct TitleContext<'a> {
    tree: &'a Tree,
    staging: &'a mut WorkerStaging,
    leftovers: &'a Leftovers,
    root: RelPath,
    folder: RelPath,
    dirs: Dirs<'a>,
    /// Files that were to be renamed, and that were not there.
    gone: BTreeSet<FileKey>,
    /// What a run that was cut off left, and that went.
    strays: Vec<RelPath>,
}

impl<'a> TitleContext<'a> {
    fn new(
        tree: &'a Tree,
        leftovers: &'a Leftovers,
        staging: &'a mut WorkerStaging,
        root: RelPath,
        folder: RelPath,
    ) -> TitleContext<'a> {
        let (dirs, gone, strays) = (Dirs::in_root_of(tree, &root), BTreeSet::new(), Vec::new());
        TitleContext { tree, staging, leftovers, root, folder, dirs, gone, strays }
    }

    /// Publishes a title of which nothing is known to be there: all or nothing.
    fn publish(&mut self, plan: &TitlePlan) -> TitleResult<TreeError> {
        let staged = match self.staging.fresh_dir(self.tree, &self.folder) {
            Ok(staged) => staged,
            Err(error) => return self.failed_at_once(plan, error),
        };
        let published = self.stage(&staged, plan).map_err(|error| (error, false));
        let published =
            published.and_then(|()| self.move_in(&staged).map_err(|error| (error, true)));
        let Err((error, was_moving)) = published else {
            let appeared = |file: &PlannedFile| FileResult::Right(file.change.reason());
            let files = plan.files().map(appeared).collect();
            return TitleResult { ownership: Ownership::Ours, ..TitleResult::of(files) };
        };
        self.discard(&staged);
        if was_moving && error.is_occupied() {
            // Somebody's folder, or ours from a run that was cut off: file by file, with care.
            let ownership = self.ownership(plan);
            return TitleResult { ownership, ..self.apply_each(plan, &mut HashMap::new()) };
        }
        if was_moving
            && error.may_be_of_folders()
            && self.tree.kind(&self.folder).is_ok_and(|it| it.is_none())
        {
            return self.publish_each(plan);
        }
        self.failed_at_once(plan, error)
    }

    /// Publishes a title file by file where no folder can be renamed, or not its: what was announced for it is ours
    /// after a crash. If nothing comes to be, its folders go.
    fn publish_each(&mut self, plan: &TitlePlan) -> TitleResult<TreeError> {
        let applied = self.apply_each(plan, &mut HashMap::new());
        if !applied.files.iter().any(|file| matches!(file, FileResult::Right(_))) {
            // The deepest first. One that cannot be removed harms nobody.
            let made = self.dirs.made().iter().rev();
            made.for_each(|dir| drop(self.tree.remove_dir(dir)));
        }
        TitleResult { ownership: Ownership::Ours, ..applied }
    }

    /// Whose the folder is that is there already; not known: as the ledger has it.
    fn ownership(&self, plan: &TitlePlan) -> Ownership {
        whose_folder(self.tree, self.leftovers, &self.folder, plan.ownership)
    }

    /// Nothing of it came to be.
    fn failed_at_once(&self, plan: &TitlePlan, error: TreeError) -> TitleResult<TreeError> {
        let mut applied = TitleResult::not_tried(plan);
        if let Some(first) = applied.files.first_mut() {
            *first = FileResult::Failed(self.tree.naming(error, &self.folder));
        }
        applied
    }

    fn stage(&self, staged: &RelPath, plan: &TitlePlan) -> Result<(), TreeError> {
        let mut made = BTreeSet::from([""]);
        for planned in plan.files() {
            let path = self.path_of(staged, planned)?;
            let below = planned.file.path.rsplit_once('/').map_or("", |(dir, _)| dir);
            if made.insert(below) {
                self.tree.ensure_dir(&self.path_in(staged, below)?)?;
            }
            self.tree.write_new(&path, &planned.file.content)?;
        }
        Ok(())
    }

    fn move_in(&mut self, staged: &RelPath) -> Result<(), TreeError> {
        if let Some(group) = self.folder.parent().filter(|above| *above != self.root) {
            self.dirs.make(&group)?;
        }
        match self.tree.rename_new(staged, &self.folder) {
            // The library root is there for all but the first title.
            Err(error) if error.source.kind() == std::io::ErrorKind::NotFound => {
                self.tree.ensure_dir(&self.root)?;
                self.tree.rename_new(staged, &self.folder)
            }
            done => done,
        }
    }

    /// Removes what was staged in vain. What resists goes at the next run's start.
    fn discard(&self, staged: &RelPath) {
        drop(clear(self.tree, staged));
    }

    /// Brings the files of a folder that is there, or may be, to what they should be, one by one.
    /// Those that could not be renamed have failed already.
    fn apply_each(
        &mut self,
        plan: &TitlePlan,
        failed: &mut HashMap<FileKey, TreeError>,
    ) -> TitleResult<TreeError> {
        let mut files: Vec<FileResult<TreeError>> = Vec::new();
        for planned in plan.files() {
            let is_over = files.last().is_some_and(|last| {
                is_storage_failure(last) || matches!(last, FileResult::NotTried)
            });
            files.push(match (is_over, failed.remove(&planned.file.key)) {
                (true, _) => FileResult::NotTried,
                (false, Some(error)) => FileResult::Failed(error),
                (false, None) => self.apply_file(plan, planned).unwrap_or_else(FileResult::Failed),
            });
        }
        TitleResult::of(files)
    }

    /// Removes what a run that was cut off has left under names that the plan does not have.
    fn clear_strays(
        &mut self,
        plan: &TitlePlan,
        applied: TitleResult<TreeError>,
    ) -> TitleResult<TreeError> {
        if !applied.is_right() || !self.leftovers.has(self.folder.as_str()) {
            return applied;
        }
        let wanted = plan.files().map(|file| file.file.path.as_str());
        let keep = wanted.chain(plan.unwanted().map(|file| file.path.as_str())).collect();
        let mut gone = Vec::new();
        let cleared = clear_strays(self.tree, self.leftovers, &self.folder, &keep, &mut gone);
        // In the user's folder, a folder may be the user's, too.
        if cleared.is_ok() && applied.ownership.or(plan.ownership) != Ownership::Users {
            let left = folders_of(&gone);
            let ours = left.into_iter().filter(|dir| *dir != self.folder).collect();
            clear_left(self.tree, ours, &self.folder);
        }
        self.strays.append(&mut gone);
        TitleResult { stray: cleared.err(), ..applied }
    }

    /// Whether a run that was cut off has left a file.
    fn is_stray(&self, path: &RelPath) -> Result<bool, TreeError> {
        Ok(self.leftovers.has(self.folder.as_str())
            && self.tree.kind(path)? == Some(EntryKind::File)
            && is_stray(self.tree, self.leftovers, &self.folder, path)?)
    }

    /// What the ledger has to know of files that are to go, before the note of what was written goes.
    fn recognise(&self, plan: &TitlePlan) -> Vec<(FileKey, Written)> {
        if !self.leftovers.has(self.folder.as_str()) {
            return Vec::new();
        }
        let left = Ours::left_in(self.leftovers, self.folder.as_str());
        let current = |path: &str| match left.look(self.tree, &self.folder.join(path).ok()?) {
            Ok(Occupant::Ours(written)) => Some(written),
            _ => None,
        };
        let unwanted = plan.unwanted();
        unwanted.filter_map(|file| Some((file.key.clone(), current(&file.path)?))).collect()
    }

    /// When the title's folders last changed. One that cannot be asked is listed next time.
    fn folder_times(&self, plan: &TitlePlan, was_whole: bool) -> Vec<(String, i64)> {
        let parent = |file: &PlannedFile| match file.file.path.rsplit_once('/') {
            Some((dir, _)) => dir.to_owned(),
            None => String::new(),
        };
        let mut below: BTreeSet<String> = plan.files().map(parent).collect();
        below.insert(String::new());
        let time = |dir: String| {
            let path =
                if dir.is_empty() { self.folder.clone() } else { self.folder.join(&dir).ok()? };
            let changed = self.tree.changed(&path).ok()??;
            // Files that were kept were not looked at: one that went meanwhile is to be missed.
            let is_known = was_whole || self.holds(&path, &dir, plan);
            Some((dir.clone(), if is_known { changed } else { UNKNOWN_TIME }))
        };
        below.into_iter().filter_map(time).collect()
    }

    /// Whether the planned files of a folder are all in it.
    fn holds(&self, path: &RelPath, dir: &str, plan: &TitlePlan) -> bool {
        let Ok(names) = self.tree.list(path) else { return false };
        let names = Listing::of(names);
        plan.files().all(|file| {
            let (parent, name) = file.file.path.rsplit_once('/').unwrap_or(("", &file.file.path));
            parent != dir || names.has(name)
        })
    }

    fn apply_file(
        &mut self,
        plan: &TitlePlan,
        planned: &PlannedFile,
    ) -> Result<FileResult<TreeError>, TreeError> {
        if planned.change == Change::Keep {
            return Ok(FileResult::Right(Reason::CachedSkip));
        }
        let path = self.path_of(&self.folder, planned)?;
        if self.has_no_strm(plan, planned)? {
            // A run that was cut off may have written it.
            if self.is_stray(&path)? {
                self.tree.remove_file(&path)?;
                self.strays.push(path);
            }
            return Ok(FileResult::Left(Reason::NoStrm));
        }
        self.dirs.make(&path.parent().unwrap_or_default())?;
        Ok(match self.decide(plan, planned, &path)? {
            Decision::Alike => FileResult::Right(Reason::SameToViewers),
            Decision::Known | Decision::Right => FileResult::Right(Reason::SameContents),
            Decision::Leave(reason) => FileResult::Left(reason),
            Decision::Write(reason @ Reason::Updated) => {
                self.move_file(planned, &path, Tree::replace)?;
                FileResult::Right(reason)
            }
            Decision::Write(reason) => {
                self.move_file(planned, &path, Tree::rename_new)?;
                FileResult::Right(reason)
            }
        })
    }

    /// What is to be done about a file, given what is on disk.
    fn decision(&mut self, plan: &TitlePlan, planned: &PlannedFile) -> Result<Decision, TreeError> {
        if planned.change == Change::Keep {
            return Ok(Decision::Known);
        }
        if self.has_no_strm(plan, planned)? {
            return Ok(Decision::Leave(Reason::NoStrm));
        }
        // What is not where it is to be renamed is made under its new name.
        let below = if self.gone.contains(&planned.file.key) {
            &planned.file.path
        } else {
            planned.path_before()
        };
        let path = self.path_in(&self.folder, below)?;
        self.dirs.look_past(&path.parent().unwrap_or_default())?;
        self.decide(plan, planned, &path)
    }

    /// Whether a new NFO would be about nothing of ours: somebody has taken the place of each `.strm` that
    /// it describes.
    fn has_no_strm(&mut self, plan: &TitlePlan, planned: &PlannedFile) -> Result<bool, TreeError> {
        let is_new = matches!(planned.change, Change::Create | Change::Restore);
        if planned.file.key.is_strm() || !is_new {
            return Ok(false);
        }
        let mut strms = plan.strms_of(&planned.file).peekable();
        if strms.peek().is_none() {
            return Ok(false);
        }
        let mut unread = None;
        for strm in strms {
            match self.decision(plan, strm) {
                Ok(Decision::Leave(_)) => {}
                Ok(_) => return Ok(false),
                Err(error) => drop(unread.get_or_insert(error)),
            }
        }
        unread.map_or(Ok(true), Err)
    }

    /// Looks at what is there: nothing, ours to replace, right already, or somebody's.
    fn decide(
        &self,
        plan: &TitlePlan,
        planned: &PlannedFile,
        path: &RelPath,
    ) -> Result<Decision, TreeError> {
        let ours = match planned.change {
            Change::Replace(ours) => Some(ours),
            Change::Create | Change::Restore | Change::Keep => None,
        };
        let (found, content) = Ours::left_in(self.leftovers, self.folder.as_str())
            .or_written(ours)
            .read(self.tree, path, Some(planned.file.content.len() as u64))?;
        if found.has(planned.hash) {
            return Ok(Decision::Right);
        }
        // What a run that was cut off has left is written again: the ledger does not have it.
        let is_known =
            matches!(&found, Occupant::Ours(written) if ours.is_some_and(|it| it == *written));
        if is_known && planned.is_like(&content, plan.keeps_uuids) {
            return Ok(Decision::Alike);
        }
        // A run that was cut off may have renamed it, with somebody's edit in it.
        Ok(match (found, ours, planned.file.key.is_strm()) {
            (Occupant::Nothing, ..) => Decision::Write(planned.change.reason()),
            (Occupant::Strange(_), ..) => Decision::Leave(Reason::ForeignFile),
            (Occupant::Ours(_), ..) => Decision::Write(Reason::Updated),
            (_, None, false) if planned.from.is_some() => Decision::Leave(Reason::UserEdited),
            (_, None, _) => Decision::Leave(Reason::ForeignFile),
            (Occupant::Damaged(_), Some(_), false) => Decision::Write(Reason::Updated),
            (Occupant::Edited(_), Some(_), false) => Decision::Leave(Reason::UserEdited),
            // It was not renamed to here: what is here came from somebody else.
            (_, Some(_), true) if self.gone.contains(&planned.file.key) => {
                Decision::Leave(Reason::ForeignFile)
            }
            // A .strm of ours that somebody edited is made right again.
            (_, Some(_), true) => Decision::Write(Reason::Updated),
        })
    }

    /// Writes a file into staging, whole, and moves it from there.
    fn move_file(
        &mut self,
        planned: &PlannedFile,
        path: &RelPath,
        moving: impl FnOnce(&Tree, &RelPath, &RelPath) -> Result<(), TreeError>,
    ) -> Result<(), TreeError> {
        let staged = self.staging.fresh(self.tree, path);
        let staged = staged.map_err(|error| self.tree.naming(error, path))?;
        let written = self.tree.write_new(&staged, &planned.file.content);
        written.and_then(|()| moving(self.tree, &staged, path)).map_err(|error| {
            self.discard(&staged);
            self.tree.naming(error, path)
        })
    }

    fn path_of(&self, folder: &RelPath, planned: &PlannedFile) -> Result<RelPath, TreeError> {
        self.path_in(folder, &planned.file.path)
    }

    fn path_in(&self, folder: &RelPath, path: &str) -> Result<RelPath, TreeError> {
        folder.join(path).map_err(|_| self.tree.not_a_path(folder, path))
    }
}
