//! Applies and records batches: what the run does once it knows what changed.

use std::sync::atomic::{AtomicBool, Ordering};

use vod2strm_core::event::Observer;
use vod2strm_core::hash::Fingerprint;
use vod2strm_core::media::Title;
use vod2strm_core::plan::{Change, PlannedFile, Rename, TitlePlan};
use vod2strm_core::policy::Policy;
use vod2strm_disk::apply::{Applied, FileOutcome, Site, apply_batch};
use vod2strm_disk::crew::{Concurrency, Crew};
use vod2strm_disk::ledger::{FileRecord, Ledger, TitleRecord};
use vod2strm_disk::leftovers::Leftovers;
use vod2strm_disk::library::Library;
use vod2strm_disk::presence::keeps_folder_times;
use vod2strm_disk::staging::{Corner, clear_staging, prepare_staging};
use vod2strm_disk::tree::{Tree, UNKNOWN_TIME};

use crate::batches::Loaded;
use crate::error::RunError;
use crate::planner::Planner;
use crate::tell::{problem_of, tell_title};

/// Files that are written, or removed, before the ledger hears of them; each time costs one flush of the disk.
pub const RECORD_FILES: usize = 20_000;

/// How to write.
#[derive(Clone, Copy)]
pub struct WriterSettings<'a> {
    /// What shapes the library.
    pub policy: &'a Policy,
    /// How many titles are written at a time.
    pub concurrency: Concurrency,
    /// Now, in seconds since 1970.
    pub now: i64,
    /// Who listens.
    pub observer: &'a dyn Observer,
    /// Once true, the run ends after the titles that are begun.
    pub stop: &'a AtomicBool,
}

/// Applies batches and records them.
pub struct Writer<'a, 'p> {
    settings: WriterSettings<'a>,
    tree: &'a Tree,
    ledger: &'a mut Ledger,
    planner: Planner<'p>,
    crew: Crew<'a>,
    /// Empty until there is something to write.
    corners: Vec<Corner>,
    leftovers: Leftovers,
    pending: Vec<TitleRecord>,
    /// Folders of which all that was announced is accounted for.
    settled: Vec<String>,
}

impl<'a, 'p> Writer<'a, 'p> {
    /// A writer on a library.
    pub fn new(
        settings: WriterSettings<'a>,
        library: &'a mut Library,
        planner: Planner<'p>,
    ) -> Writer<'a, 'p> {
        let tree = &library.tree;
        let crew = Crew::new(tree, settings.concurrency, settings.observer);
        Writer {
            planner,
            crew,
            settings,
            tree,
            ledger: &mut library.ledger,
            corners: Vec::new(),
            leftovers: Leftovers::default(),
            pending: Vec::new(),
            settled: Vec::new(),
        }
    }

    /// Plans, applies and, now and then, records.
    pub fn batch(&mut self, batch: Vec<Loaded>) -> Result<(), RunError> {
        let plans = self.planner.plans(self.ledger, batch)?;
        let observer = self.settings.observer;
        if self.corners.is_empty() && plans.iter().any(|plan| !plan.is_idle()) {
            prepare_staging(self.tree)?;
            self.corners = self.crew.tools(Corner::of);
            self.leftovers = self.ledger.leftovers()?;
            learn_about_folder_times(self.tree, self.ledger)?;
        }
        let done = |plan: &TitlePlan, applied: &Applied| tell_title(observer, plan, applied, false);
        self.ledger.announce(&plans)?;
        let site = Site {
            crew: &self.crew,
            corners: &mut self.corners,
            leftovers: &self.leftovers,
            stop: self.settings.stop,
        };
        let applied = apply_batch(site, &plans, &done);
        let mut storage_error = None;
        for (plan, applied) in plans.into_iter().zip(applied) {
            if let (true, Some(folder)) = (applied.is_settled(), &plan.folder) {
                self.settled.push(format!("{}/{folder}", plan.root()));
            }
            self.pending.extend(record_of(plan, &applied));
            storage_error = storage_error.or_else(|| applied.storage_error());
        }
        if let Some(error) = storage_error {
            return Err(error.into());
        }
        if self.settings.stop.load(Ordering::Relaxed) {
            return Err(RunError::Interrupted);
        }
        let files: usize = self.pending.iter().map(|record| record.files.len()).sum();
        if files >= RECORD_FILES { self.record() } else { Ok(()) }
    }

    /// Records the rest and tidies up; also after an error, so that what was done is known.
    pub fn finish(mut self) -> Result<Planner<'p>, RunError> {
        self.record()?;
        if !self.corners.is_empty() {
            clear_staging(self.tree)?;
        }
        Ok(self.planner)
    }

    /// Makes the files durable, then tells the ledger.
    fn record(&mut self) -> Result<(), RunError> {
        if self.pending.iter().any(|record| !record.files.is_empty()) {
            self.tree.sync()?;
        }
        self.ledger.record(&self.pending, &self.settled, self.settings.now)?;
        self.pending.clear();
        self.settled.clear();
        Ok(())
    }
}

/// What the ledger is to know of a title; nothing of a new one of which nothing came to be.
fn record_of(plan: TitlePlan, applied: &Applied) -> Option<TitleRecord> {
    if applied.is_untried() {
        return None;
    }
    let is_right = applied.is_right() && !plan.is_stuck;
    let is_renamed = |rename: &Rename| applied.renamed.contains(&rename.slot);
    let renamed = plan.renames.into_iter().filter(is_renamed);
    let renamed: Vec<(String, String)> = renamed.map(|rename| (rename.slot, rename.to)).collect();
    let outcomes = plan.files.into_iter().zip(&applied.files);
    let is_news = |(file, outcome): &(PlannedFile, &FileOutcome)| {
        file.change != Change::Keep && matches!(outcome, FileOutcome::Right(_))
    };
    let news: Vec<PlannedFile> = outcomes.filter(is_news).map(|(file, _)| file).collect();
    // Without anything to play, a folder that was claimed is not the title's yet.
    let has_strm = news.iter().any(|file| file.file.role.is_strm());
    if !is_right && plan.known.is_none() && !has_strm {
        return None;
    }
    let files = news.into_iter().map(file_record).collect();
    // What the filter does not let through keeps its names; should it come back, they are looked at.
    let is_named = plan.known.is_none() || is_right && !plan.title.is_filtered();
    Some(TitleRecord {
        title: Title { episodes: Vec::new(), ..plan.title },
        known: plan.known,
        folder: plan.folder,
        fingerprint: if is_right { plan.fingerprint } else { Fingerprint::default() },
        naming: is_named.then_some(plan.naming),
        filter: plan.filter,
        renamed,
        recognised: applied.recognised.clone(),
        problem: applied.files.iter().find_map(problem_of),
        files,
        // A folder that lacks something must look changed next time.
        folders: applied
            .folders
            .iter()
            .map(|(dir, time)| (dir.clone(), if is_right { *time } else { UNKNOWN_TIME }))
            .collect(),
        forgotten: plan.forgotten,
        unwanted: plan.obsolete.into_iter().map(|file| (file.slot, file.unwanted.cause)).collect(),
        revived: plan.revived,
    })
}

const FOLDER_TIMES: &str = "folder_times";

/// Tries, once per library, whether the file system keeps the times of folders.
pub fn learn_about_folder_times(tree: &Tree, ledger: &Ledger) -> Result<(), RunError> {
    if ledger.meta(FOLDER_TIMES)?.is_none() {
        let kept = if keeps_folder_times(tree)? { "kept" } else { "not kept" };
        ledger.set_meta(FOLDER_TIMES, kept)?;
    }
    Ok(())
}

/// Whether the times of folders tell what came and went.
pub fn are_folder_times_kept(ledger: &Ledger) -> Result<bool, RunError> {
    Ok(ledger.meta(FOLDER_TIMES)?.as_deref() == Some("kept"))
}

fn file_record(file: PlannedFile) -> FileRecord {
    let size = file.file.content.len() as u64;
    FileRecord { slot: file.file.slot, path: file.file.path, size, hash: file.hash }
}
