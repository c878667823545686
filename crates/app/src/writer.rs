//! Applies and records batches: what the run does once it knows what changed.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};

use vod2strm_core::event::Observer;
use vod2strm_core::plan::TitlePlan;
use vod2strm_core::policy::Policy;
use vod2strm_disk::crew::{Concurrency, Crew};
use vod2strm_disk::ledger::Ledger;
use vod2strm_disk::library::Library;
use vod2strm_disk::presence::keeps_folder_times;
use vod2strm_disk::staging::{clear_staging, prepare_staging};
use vod2strm_disk::tree::Tree;

use crate::batches::{Loaded, Take};
use crate::error::RunError;
use crate::hands::{Done, Hands};
use crate::planner::Planner;

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

/// Plans batches and records them; others apply what is planned meanwhile.
pub struct Writer<'a, 'p> {
    settings: WriterSettings<'a>,
    tree: &'a Tree,
    ledger: &'a mut Ledger,
    planner: Planner<'p>,
    plans: SyncSender<Vec<TitlePlan>>,
    done: Receiver<Done>,
    /// Nothing was written yet, and staging is not prepared.
    is_idle: bool,
    pending: Done,
}

impl<'a, 'p> Writer<'a, 'p> {
    /// Writes what `feed` hands over, batch by batch: while one is applied, the next is planned, and what
    /// was applied is recorded. Gives the planner back, which knows what was planned.
    ///
    /// What was written is recorded whatever ended the work; the first error is the one to tell.
    pub fn write(
        settings: WriterSettings<'a>,
        library: &'a mut Library,
        planner: Planner<'p>,
        feed: impl FnOnce(&mut Take<'_>) -> Result<(), RunError>,
    ) -> Result<Planner<'p>, RunError> {
        let (tree, ledger) = (&library.tree, &mut library.ledger);
        let leftovers = ledger.leftovers()?;
        std::thread::scope(|scope| {
            // Without a place between them: what is planned and what is applied are the only two batches.
            let (plans, planned) = sync_channel(0);
            let (tell, done) = channel();
            let crew = Crew::new(tree, settings.concurrency, settings.observer);
            let mut hands = Hands::new(crew, &leftovers, settings.observer, settings.stop);
            scope.spawn(move || {
                planned.into_iter().all(|plans| tell.send(hands.apply(plans)).is_ok());
            });
            let pending = Done::default();
            let mut writer =
                Writer { settings, tree, ledger, planner, plans, done, is_idle: true, pending };
            let fed = feed(&mut |batch| writer.batch(batch));
            let finished = writer.finish();
            fed.and(finished)
        })
    }

    /// Plans a batch, has it applied and, now and then, records.
    fn batch(&mut self, batch: Vec<Loaded>) -> Result<(), RunError> {
        let plans = self.planner.plans(self.ledger, batch)?;
        if self.is_idle && plans.iter().any(|plan| !plan.is_idle()) {
            prepare_staging(self.tree)?;
            learn_about_folder_times(self.tree, self.ledger)?;
            self.is_idle = false;
        }
        self.ledger.announce(&plans)?;
        // Whoever applies lives until there is nothing more to apply.
        drop(self.plans.send(plans));
        while let Ok(done) = self.done.try_recv() {
            self.pending.add(done);
        }
        if let Some(error) = self.pending.error.take() {
            return Err(error.into());
        }
        if self.settings.stop.load(Ordering::Relaxed) {
            return Err(RunError::Interrupted);
        }
        if self.pending.files() >= RECORD_FILES { self.record() } else { Ok(()) }
    }

    /// Waits for what is being applied, records the rest and tidies up.
    fn finish(mut self) -> Result<Planner<'p>, RunError> {
        // Without a sender, the last batch is the last.
        self.plans = sync_channel(0).0;
        for done in self.done.iter() {
            self.pending.add(done);
        }
        self.record()?;
        if !self.is_idle {
            clear_staging(self.tree)?;
        }
        match self.pending.error {
            Some(error) => Err(error.into()),
            None if self.settings.stop.load(Ordering::Relaxed) => Err(RunError::Interrupted),
            None => Ok(self.planner),
        }
    }

    /// Makes the files durable, then tells the ledger.
    fn record(&mut self) -> Result<(), RunError> {
        if self.pending.files() > 0 {
            self.tree.sync()?;
        }
        self.ledger.record(&self.pending.records, &self.pending.settled, self.settings.now)?;
        self.pending.records.clear();
        self.pending.settled.clear();
        Ok(())
    }
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
