//! Applies planned batches: what is written while the next batch is planned, and the last one recorded.

use vod2strm_core::cancel::Cancel;
use vod2strm_core::event::Observer;
use vod2strm_core::plan::TitlePlan;
use vod2strm_core::plan::settle::{TitleRecord, TitleResult, settle};
use vod2strm_disk::apply::leftovers::Leftovers;
use vod2strm_disk::apply::workers::WorkerPool;
use vod2strm_disk::apply::{ApplyContext, apply_batch};
use vod2strm_disk::fs::staging::WorkerStaging;
use vod2strm_disk::fs::tree::TreeError;

use crate::effects::tell::tell_title;

/// Who applies batches, with what.
pub struct Hands<'a> {
    pool: WorkerPool<'a>,
    stagings: Vec<WorkerStaging>,
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
        let has_changes = |record: &TitleRecord| record.changed() > 0;
        self.records.iter().any(has_changes)
    }

    /// How many entries of the ledger it comes to, about.
    pub fn entries(&self) -> usize {
        let of_title = |record: &TitleRecord| 1 + record.files.len();
        self.records.iter().map(of_title).sum()
    }
}

impl<'a> Hands<'a> {
    /// Staging must be prepared before anything is applied that is to be written.
    pub fn new(
        pool: WorkerPool<'a>,
        leftovers: &'a Leftovers,
        observer: &'a dyn Observer,
        cancel: &'a Cancel,
    ) -> Hands<'a> {
        Hands { stagings: pool.tools(WorkerStaging::of), pool, leftovers, observer, cancel }
    }

    /// Applies a batch, and tells of every title.
    pub fn apply(&mut self, plans: Vec<TitlePlan>) -> Done {
        let observer = self.observer;
        let tell = |plan: &TitlePlan, applied: &TitleResult<TreeError>| {
            tell_title(observer, plan, applied)
        };
        let (pool, leftovers, cancel) = (&self.pool, self.leftovers, self.cancel);
        let context = ApplyContext { pool, stagings: &mut self.stagings, leftovers, cancel };
        let applied = apply_batch(context, &plans, &tell);
        self.pool.tree().forget_written();
        let mut done = Done::default();
        for (plan, applied) in plans.into_iter().zip(applied) {
            if let (true, Some(folder)) = (applied.is_settled(), plan.title_folder()) {
                done.settled.push(folder.to_string());
            }
            done.records.extend(settle(plan, &applied).0);
            done.error = done.error.or_else(|| applied.storage_error());
        }
        done
    }
}
