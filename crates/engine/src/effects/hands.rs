//! Applies planned batches: what is written while the next batch is planned, and the last one recorded.

use vod2strm_core::cancel::Cancel;
use vod2strm_core::event::Observer;
use vod2strm_core::hash::Fingerprint;
use vod2strm_core::model::media::Title;
use vod2strm_core::plan::{Change, EpisodeChanges, PlannedFile, Rename, TitlePlan};
use vod2strm_disk::apply::crew::Crew;
use vod2strm_disk::apply::leftovers::Leftovers;
use vod2strm_disk::apply::{Applied, FileOutcome, Site, apply_batch};
use vod2strm_disk::fs::staging::Corner;
use vod2strm_disk::fs::tree::{TreeError, UNKNOWN_TIME};
use vod2strm_disk::ledger::{FileRecord, TitleRecord};

use crate::effects::tell::{is_back, is_filled, problem_of, tell_title, words_of};

/// Who applies batches, with what.
pub struct Hands<'a> {
    crew: Crew<'a>,
    corners: Vec<Corner>,
    leftovers: &'a Leftovers,
    observer: &'a dyn Observer,
    cancel: &'a Cancel,
}

/// What was applied and is not recorded yet.
#[derive(Default)]
pub struct Done {
    /// What the ledger is to know.
    pub records: Vec<TitleRecord>,
    /// Folders of which all that was announced is accounted for.
    pub settled: Vec<String>,
    /// The first error of the storage as a whole.
    pub error: Option<TreeError>,
}

impl Done {
    /// Adds what was applied later.
    pub fn add(&mut self, later: Done) {
        self.records.extend(later.records);
        self.settled.extend(later.settled);
        self.error = self.error.take().or(later.error);
    }

    /// Whether anything was changed on the disk.
    pub fn has_changes(&self) -> bool {
        let has_changes =
            |record: &TitleRecord| !record.files.is_empty() || !record.renamed.is_empty();
        self.records.iter().any(has_changes)
    }

    /// How many entries of the ledger it comes to, about.
    pub fn entries(&self) -> usize {
        let of_title = |record: &TitleRecord| {
            1 + record.files.len() + record.renamed.len() + record.unwanted.len()
        };
        self.records.iter().map(of_title).sum()
    }
}

impl<'a> Hands<'a> {
    /// Staging must be prepared before anything is applied that is to be written.
    pub fn new(
        crew: Crew<'a>,
        leftovers: &'a Leftovers,
        observer: &'a dyn Observer,
        cancel: &'a Cancel,
    ) -> Hands<'a> {
        Hands { corners: crew.tools(Corner::of), crew, leftovers, observer, cancel }
    }

    /// Applies a batch, and tells of every title.
    pub fn apply(&mut self, plans: Vec<TitlePlan>) -> Done {
        let observer = self.observer;
        let tell = |plan: &TitlePlan, applied: &Applied| tell_title(observer, plan, applied, false);
        let (crew, leftovers, cancel) = (&self.crew, self.leftovers, self.cancel);
        let site = Site { crew, corners: &mut self.corners, leftovers, cancel };
        let applied = apply_batch(site, &plans, &tell);
        let mut done = Done::default();
        for (plan, applied) in plans.into_iter().zip(applied) {
            if let (true, Some(folder)) = (applied.is_settled(), &plan.folder) {
                done.settled.push(format!("{}/{folder}", plan.root()));
            }
            done.records.extend(record_of(plan, &applied));
            done.error = done.error.or_else(|| applied.storage_error());
        }
        done
    }
}

/// What the ledger is to know of a title.
fn record_of(plan: TitlePlan, applied: &Applied) -> Option<TitleRecord> {
    if applied.is_untried() {
        return None;
    }
    let is_right = applied.is_right() && !plan.is_stuck;
    let (is_back, is_filled) = (is_back(&plan), is_filled(&plan, applied));
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
    let has_folder = is_right || has_strm || plan.known.is_some();
    let news = if has_folder { news } else { Vec::new() };
    let files: Vec<FileRecord> = news.into_iter().map(file_record).collect();
    let problem = applied.files.iter().find_map(problem_of);
    let problem = problem.or_else(|| applied.stray.as_ref().map(words_of));
    let what = match &problem {
        Some(_) => Some("failed"),
        None if plan.folder.is_some() && (plan.known.is_none() || is_back) => Some("new"),
        None if files.is_empty() && renamed.is_empty() => None,
        None => Some("changed"),
    };
    // What the filter does not let through keeps its names; should it come back, they are looked at.
    let is_named = plan.known.is_none() || is_right && !plan.title.is_filtered();
    Some(TitleRecord {
        title: Title { episodes: Vec::new(), ..plan.title },
        known: plan.known,
        what,
        folder: plan.folder.filter(|_| has_folder),
        is_shared: applied.is_shared.filter(|_| has_folder),
        fingerprint: if is_right { plan.fingerprint } else { Fingerprint::default() },
        naming: is_named.then_some(plan.naming),
        filter: plan.filter,
        renamed,
        recognised: applied.recognised.clone(),
        problem,
        files,
        is_filled: is_filled && has_folder,
        // A folder that lacks something must look changed next time.
        folders: applied
            .folders
            .iter()
            .filter(|_| has_folder)
            .map(|(dir, time)| (dir.clone(), if is_right { *time } else { UNKNOWN_TIME }))
            .collect(),
        forgotten: plan.forgotten,
        unwanted: plan
            .obsolete
            .into_iter()
            .map(|file| (file.slot, file.unwanted.cause, file.account))
            .collect(),
        // What is not right yet is planned again, and counted then.
        episodes: if is_right { plan.episodes } else { EpisodeChanges::default() },
        reassigned: plan.reassigned,
        revived: plan.revived,
    })
}

fn file_record(file: PlannedFile) -> FileRecord {
    let size = file.file.content.len() as u64;
    FileRecord {
        slot: file.file.slot,
        path: file.file.path,
        size,
        hash: file.hash,
        account: file.file.account,
    }
}
