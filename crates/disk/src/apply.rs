//! Makes the disk what the plans say, title by title.
//!
//! A new title is written whole into staging and renamed into place once. In a known title every
//! file is staged and renamed by itself. What is not ours is neither replaced nor removed: a file
//! that we do not know, and an NFO that somebody edited.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use vod2strm_core::event::Reason;
use vod2strm_core::hash::ContentHash;
use vod2strm_core::path::RelPath;
use vod2strm_core::plan::{Change, PlannedFile, TitlePlan};

use crate::fs::EntryKind;
use crate::staging::{Corner, clear};
use crate::tree::{Tree, TreeError};

/// What became of one file.
#[derive(Debug)]
pub enum FileOutcome {
    /// It is on disk as planned; the reason says whether it was written.
    Right(Reason),
    /// It was left alone because it is not ours (any more).
    Left(Reason),
    /// It could not be written.
    Failed(TreeError),
    /// It was not tried, because the storage failed before.
    NotTried,
}

/// What became of a title: one outcome per planned file, in the plan's order.
#[derive(Debug)]
pub struct Applied {
    /// The outcomes.
    pub files: Vec<FileOutcome>,
}

impl Applied {
    /// Whether every file is as planned, or an edit that is respected.
    pub fn is_right(&self) -> bool {
        let good = |file: &FileOutcome| {
            matches!(file, FileOutcome::Right(_) | FileOutcome::Left(Reason::UserEdited))
        };
        self.files.iter().all(good)
    }

    /// The storage's error, when it failed as a whole.
    pub fn storage_error(self) -> Option<TreeError> {
        self.files.into_iter().find_map(|file| match file {
            FileOutcome::Failed(error) if error.is_storage() => Some(error),
            _ => None,
        })
    }
}

/// Applies a batch of plans, one worker per staging corner; answers come in the order of the plans.
/// Without anything to write, no corner is needed.
///
/// `done` hears of every title as soon as it is applied, from the worker's thread. After a storage
/// error no further title is begun.
pub fn apply_batch(
    tree: &Tree,
    corners: &mut [Corner],
    plans: &[TitlePlan],
    done: &(dyn Fn(&TitlePlan, &Applied) + Sync),
) -> Vec<Applied> {
    if plans.iter().all(TitlePlan::is_idle) {
        let unchanged = |plan: &TitlePlan| {
            let applied = all(plan, || FileOutcome::Right(Reason::SameContents));
            done(plan, &applied);
            applied
        };
        return plans.iter().map(unchanged).collect();
    }
    let next = AtomicUsize::new(0);
    let storage_failed = AtomicBool::new(false);
    let results: Mutex<Vec<(usize, Applied)>> = Mutex::new(Vec::with_capacity(plans.len()));
    std::thread::scope(|scope| {
        for corner in corners.iter_mut().take(plans.len()) {
            scope.spawn(|| {
                while let Some((at, plan)) = take(plans, &next) {
                    let applied = if storage_failed.load(Ordering::Relaxed) {
                        not_tried(plan)
                    } else {
                        apply_title(tree, corner, plan)
                    };
                    if applied.files.iter().any(is_storage_failure) {
                        storage_failed.store(true, Ordering::Relaxed);
                    }
                    done(plan, &applied);
                    results.lock().unwrap_or_else(|held| held.into_inner()).push((at, applied));
                }
            });
        }
    });
    let mut results = results.into_inner().unwrap_or_else(|held| held.into_inner());
    results.sort_unstable_by_key(|(at, _)| *at);
    results.into_iter().map(|(_, applied)| applied).collect()
}

fn take<'a>(plans: &'a [TitlePlan], next: &AtomicUsize) -> Option<(usize, &'a TitlePlan)> {
    let at = next.fetch_add(1, Ordering::Relaxed);
    plans.get(at).map(|plan| (at, plan))
}

fn not_tried(plan: &TitlePlan) -> Applied {
    all(plan, || FileOutcome::NotTried)
}

fn is_storage_failure(file: &FileOutcome) -> bool {
    matches!(file, FileOutcome::Failed(error) if error.is_storage())
}

/// Applies one plan.
fn apply_title(tree: &Tree, corner: &mut Corner, plan: &TitlePlan) -> Applied {
    if plan.is_idle() {
        return all(plan, || FileOutcome::Right(Reason::SameContents));
    }
    let Some((root, folder)) = target(plan) else { return not_tried(plan) };
    let mut site = Site { tree, corner, root, folder, made: BTreeSet::new() };
    match plan.known {
        None => site.publish(plan),
        Some(_) => site.apply_each(plan),
    }
}

/// The library root and the title's folder.
fn target(plan: &TitlePlan) -> Option<(RelPath, RelPath)> {
    let root = RelPath::parse(plan.root()).ok()?;
    let folder = root.join(plan.folder.as_deref()?).ok()?;
    Some((root, folder))
}

/// One title's place on disk, and a worker's corner to make its files in.
struct Site<'a> {
    tree: &'a Tree,
    corner: &'a mut Corner,
    root: RelPath,
    folder: RelPath,
    /// Directories that are known to exist.
    made: BTreeSet<RelPath>,
}

impl Site<'_> {
    /// Publishes a title that nobody has seen: all or nothing.
    fn publish(&mut self, plan: &TitlePlan) -> Applied {
        let staged = self.corner.fresh();
        let published = self.stage(&staged, plan).and_then(|()| self.move_in(&staged));
        let Err(error) = published else {
            return all(plan, || FileOutcome::Right(Reason::Created));
        };
        self.discard(&staged);
        self.made.clear();
        if error.is_occupied() {
            // Somebody's folder, or ours from a run that was cut off: file by file, with care.
            return self.apply_each(plan);
        }
        let mut applied = not_tried(plan);
        if let Some(first) = applied.files.first_mut() {
            *first = FileOutcome::Failed(error);
        }
        applied
    }

    fn stage(&mut self, staged: &RelPath, plan: &TitlePlan) -> Result<(), TreeError> {
        self.tree.ensure_dir(staged)?;
        for planned in &plan.files {
            let path = self.path_of(staged, planned)?;
            self.ensure_parent(staged, &path)?;
            self.tree.write_new(&path, &planned.file.content)?;
        }
        Ok(())
    }

    fn move_in(&self, staged: &RelPath) -> Result<(), TreeError> {
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
    fn apply_each(&mut self, plan: &TitlePlan) -> Applied {
        let mut files: Vec<FileOutcome> = Vec::with_capacity(plan.files.len());
        for planned in &plan.files {
            let is_over = files.last().is_some_and(|last| {
                is_storage_failure(last) || matches!(last, FileOutcome::NotTried)
            });
            files.push(match is_over {
                true => FileOutcome::NotTried,
                false => self.apply_file(planned).unwrap_or_else(FileOutcome::Failed),
            });
        }
        Applied { files }
    }

    fn apply_file(&mut self, planned: &PlannedFile) -> Result<FileOutcome, TreeError> {
        let path = self.path_of(&self.folder, planned)?;
        match planned.change {
            Change::Keep => Ok(FileOutcome::Right(Reason::SameContents)),
            Change::Create => self.create(planned, &path),
            Change::Replace(ours) => self.replace(planned, ours, &path),
        }
    }

    /// A file that the ledger does not have: one that is there already is ours only if it is equal.
    fn create(&mut self, planned: &PlannedFile, path: &RelPath) -> Result<FileOutcome, TreeError> {
        match self.tree.kind(path)? {
            None => self.put(planned, path, Reason::Created),
            Some(EntryKind::File) if self.hash_of(path)? == Some(planned.hash) => {
                Ok(FileOutcome::Right(Reason::SameContents))
            }
            Some(_) => Ok(FileOutcome::Left(Reason::ForeignFile)),
        }
    }

    /// A file that the ledger has with other content.
    fn replace(
        &mut self,
        planned: &PlannedFile,
        ours: ContentHash,
        path: &RelPath,
    ) -> Result<FileOutcome, TreeError> {
        match self.tree.kind(path)? {
            None => return self.put(planned, path, Reason::Updated),
            Some(EntryKind::File) => {}
            Some(_) => return Ok(FileOutcome::Left(Reason::ForeignFile)),
        }
        let current = self.hash_of(path)?;
        if current == Some(planned.hash) {
            return Ok(FileOutcome::Right(Reason::SameContents));
        }
        if current != Some(ours) && !planned.file.role.is_strm() {
            return Ok(FileOutcome::Left(Reason::UserEdited));
        }
        self.move_file(planned, |tree, staged| tree.replace(staged, path))?;
        Ok(FileOutcome::Right(Reason::Updated))
    }

    /// Makes a file where nothing is.
    fn put(
        &mut self,
        planned: &PlannedFile,
        path: &RelPath,
        reason: Reason,
    ) -> Result<FileOutcome, TreeError> {
        let folder = self.folder.clone();
        if self.made.insert(folder.clone()) {
            self.tree.ensure_dir(&self.root)?;
            self.tree.ensure_dir(&folder)?;
        }
        self.ensure_parent(&folder, path)?;
        self.move_file(planned, |tree, staged| tree.rename_new(staged, path))?;
        Ok(FileOutcome::Right(reason))
    }

    /// Writes a file into staging, whole, and moves it from there.
    fn move_file(
        &mut self,
        planned: &PlannedFile,
        moving: impl FnOnce(&Tree, &RelPath) -> Result<(), TreeError>,
    ) -> Result<(), TreeError> {
        let staged = self.corner.fresh();
        let written = self.tree.write_new(&staged, &planned.file.content);
        written.and_then(|()| moving(self.tree, &staged)).inspect_err(|_| self.discard(&staged))
    }

    fn hash_of(&self, path: &RelPath) -> Result<Option<ContentHash>, TreeError> {
        Ok(self.tree.read(path)?.map(|content| ContentHash::of(&content)))
    }

    /// The directory of a file below its title's folder, made once.
    fn ensure_parent(&mut self, folder: &RelPath, path: &RelPath) -> Result<(), TreeError> {
        match path.parent() {
            Some(dir) if dir != *folder && !self.made.contains(&dir) => {
                self.tree.ensure_dir(&dir)?;
                self.made.insert(dir);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn path_of(&self, folder: &RelPath, planned: &PlannedFile) -> Result<RelPath, TreeError> {
        folder.join(&planned.file.path).map_err(|error| TreeError {
            verb: "use a path in",
            path: self.tree.root().join(folder.as_str()),
            source: std::io::Error::new(std::io::ErrorKind::InvalidInput, error),
        })
    }
}

fn all(plan: &TitlePlan, outcome: impl Fn() -> FileOutcome) -> Applied {
    Applied { files: plan.files.iter().map(|_| outcome()).collect() }
}
