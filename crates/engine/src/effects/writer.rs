//! Applies and records batches: what the run does once it knows what changed.

use std::panic::resume_unwind;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread::Builder;

use vod2strm_core::model::media::Kind;
use vod2strm_core::plan::TitlePlan;
use vod2strm_core::plan::settle::UNKNOWN_TIME;
use vod2strm_disk::apply::leftovers::Leftovers;
use vod2strm_disk::apply::ownership::{is_taken, note_users_folders};
use vod2strm_disk::apply::workers::WorkerPool;
use vod2strm_disk::apply::would_change;
use vod2strm_disk::fs::staging::{clear_staging, prepare_staging};
use vod2strm_disk::fs::tree::Tree;
use vod2strm_disk::inspect::presence::{FolderTimes, TrialResult, try_folder_times};
use vod2strm_disk::ledger::Ledger;
use vod2strm_disk::library::Library;
use vod2strm_disk::library::marker::raise;
use vod2strm_disk::library::mounts::storage_of;

use crate::context::Run;
use crate::effects::hands::{Done, Hands};
use crate::error::{RunError, no_thread};
use crate::planner::Planner;
use crate::read::habits::NewHabits;
use crate::read::load::{Loaded, Take};

/// Entries of the ledger that come together before it hears of them; each time costs one flush of the disk.
pub const RECORD_ENTRIES: usize = 30_000;

/// Plans batches and records them; others apply what is planned meanwhile, and make it durable.
pub struct Writer<'a, 'p> {
    run: Run<'a>,
    tree: &'a Tree,
    ledger: &'a mut Ledger,
    /// Looks for folders that are there before their titles.
    pool: &'a WorkerPool<'a>,
    leftovers: &'a Leftovers,
    planner: Planner<'p>,
    /// What was learnt of the categories of the titles that come.
    habits: NewHabits,
    plans: SyncSender<Vec<TitlePlan>>,
    durable: Receiver<Done>,
    /// Nothing was written yet, and staging is not prepared.
    is_idle: bool,
    /// The times of folders are whole seconds.
    are_times_coarse: bool,
}

impl<'a, 'p> Writer<'a, 'p> {
    /// Writes what `feed` hands over, batch by batch: while one is applied, the next is planned, and what
    /// was applied is made durable and recorded. Gives the planner back, which knows what was planned.
    ///
    /// `habits` are those that the ledger does not know: it hears of them before titles are written that they name.
    /// What was written is recorded whatever ended the work; the first error is the one to tell.
    pub fn write(
        run: Run<'a>,
        library: &'a mut Library,
        planner: Planner<'p>,
        habits: NewHabits,
        feed: impl FnOnce(&mut Take<'_>) -> Result<(), RunError>,
    ) -> Result<Planner<'p>, RunError> {
        let (tree, ledger) = (&library.tree, &mut library.ledger);
        let leftovers = ledger.leftovers()?;
        let scouts = WorkerPool::new(tree, run.config.concurrency, run.observer);
        std::thread::scope(|scope| {
            // Without a place between them: what is planned and what is applied are the only two batches.
            let (plans, planned) = sync_channel(0);
            let (tell, applied) = channel();
            let (keep, durable) = channel();
            let pool = WorkerPool::new(tree, run.config.concurrency, run.observer);
            let mut hands = Hands::new(pool, &leftovers, run.observer, run.cancel);
            let apply = move || {
                planned.into_iter().all(|plans| tell.send(hands.apply(plans)).is_ok());
            };
            let applying = Builder::new().spawn_scoped(scope, apply).map_err(no_thread)?;
            let keep = move || make_durable(tree, &applied, &keep);
            let keeping = Builder::new().spawn_scoped(scope, keep).map_err(no_thread)?;
            let mut writer = Writer {
                run,
                tree,
                ledger,
                pool: &scouts,
                leftovers: &leftovers,
                planner,
                habits,
                plans,
                durable,
                is_idle: true,
                are_times_coarse: false,
            };
            let fed = feed(&mut |batch| writer.batch(batch));
            let finished = writer.finish();
            // Their own panic says more than that there was one.
            for worker in [applying, keeping] {
                worker.join().unwrap_or_else(|panic| resume_unwind(panic));
            }
            fed.and(finished)
        })
    }

    /// Plans a batch, has it applied and, now and then, records.
    fn batch(&mut self, batch: Vec<Loaded>) -> Result<(), RunError> {
        let (tree, leftovers) = (self.tree, self.leftovers);
        let mut is_foreign =
            |root: &'static str, folder: &str| is_taken(tree, leftovers, root, folder);
        let mut plans = self.planner.plans(self.ledger, batch, &mut is_foreign)?;
        if self.is_idle && plans.iter().any(|plan| !plan.is_idle()) {
            prepare_staging(self.tree)?;
            learn_about_folder_times(self.tree, self.ledger)?;
            // What was just written has a time that proves nothing yet.
            let times = folder_times(self.tree, self.ledger, self.run.now)?;
            self.are_times_coarse = matches!(times, FolderTimes::Coarse { .. });
            self.is_idle = false;
        }
        note_users_folders(self.pool, self.leftovers, &mut plans)?;
        let would_change = |plan: &TitlePlan| would_change(self.tree, self.leftovers, plan);
        if !self.tree.is_open() && plans.iter().any(would_change) {
            raise(self.tree, self.ledger)?;
        }
        self.ledger.announce(&plans, &self.habits.take())?;
        if self.plans.send(plans).is_err() {
            // Whoever applies lives until there is nothing more to apply, unless it panicked, which goes on in `write`.
            return Err(RunError::Fault("nobody applies what was planned".to_owned()));
        }
        while let Ok(done) = self.durable.try_recv() {
            self.record(done)?;
        }
        Ok(self.run.cancel.check()?)
    }

    /// Waits for what is being applied, records the rest and tidies up.
    fn finish(mut self) -> Result<Planner<'p>, RunError> {
        // Without a sender, the last batch is the last.
        self.plans = sync_channel(0).0;
        let mut recorded = Ok(());
        while let Ok(done) = self.durable.recv() {
            recorded = recorded.and(self.record(done));
        }
        recorded?;
        if !self.is_idle {
            clear_staging(self.tree)?;
        }
        self.run.cancel.check()?;
        Ok(self.planner)
    }

    /// Tells the ledger of what is durable; gives the storage's error on, if it had one.
    fn record(&mut self, mut done: Done) -> Result<(), RunError> {
        if self.are_times_coarse {
            let folders = done.records.iter_mut().flat_map(|record| &mut record.folders);
            folders.for_each(|(_, changed)| *changed = UNKNOWN_TIME);
        }
        for record in &done.records {
            self.planner.note_episodes(&record.episodes);
            if record.is_filled {
                self.planner.note_new(&record.title, record.known);
            }
        }
        self.ledger.record(&done.records, &done.settled, self.run.now)?;
        done.error.map_or(Ok(()), |error| Err(error.into()))
    }
}

/// Makes what was applied durable, much at a time, and hands it on.
fn make_durable(tree: &Tree, applied: &Receiver<Done>, durable: &Sender<Done>) {
    let mut pending = Done::default();
    for done in applied {
        pending.add(done);
        if pending.entries() >= RECORD_ENTRIES || pending.error.is_some() {
            // Whoever records lives until there is nothing more to record.
            drop(durable.send(flushed(tree, std::mem::take(&mut pending))));
        }
    }
    drop(durable.send(flushed(tree, pending)));
}

/// What was applied, durable; nothing of it when that failed.
fn flushed(tree: &Tree, done: Done) -> Done {
    match if done.has_changes() { tree.sync() } else { Ok(()) } {
        Ok(()) => done,
        Err(error) => Done { error: done.error.or(Some(error)), ..Done::default() },
    }
}

const FOLDER_TIMES: &str = "folder_times";

/// What the ledger knows of the times of folders: in words, as `kept, tried in run 7, on 5f3a`. Older ledgers have
/// no storage in it.
struct FolderTimesTrial<'a> {
    what: &'a str,
    run: i64,
    storage: Option<&'a str>,
}

impl FolderTimesTrial<'_> {
    fn parse(noted: &str) -> Option<FolderTimesTrial<'_>> {
        let (what, rest) = noted.split_once(", tried in run ").unwrap_or((noted, "-20"));
        let (run, storage) = match rest.split_once(", on ") {
            Some((run, storage)) => (run, Some(storage)),
            None => (rest, None),
        };
        Some(FolderTimesTrial { what, run: run.parse().ok()?, storage })
    }

    /// Whether it was tried on the storage that there is now.
    fn is_here(&self, storage: &str) -> bool {
        self.storage.is_none_or(|tried| tried == storage)
    }
}

/// In so many complete runs the times of folders are tried again: storage may have been exchanged.
const TRIED_AGAIN: i64 = 20;

/// Tries what the times of folders prove on this file system. Does so in a library's first run, now and then, and when
/// the library lies on another file system. As long as the times prove nothing, each run that writes does so.
pub fn learn_about_folder_times(tree: &Tree, ledger: &Ledger) -> Result<(), RunError> {
    let run = Kind::ALL.map(|kind| ledger.this_run(kind)).into_iter().max().unwrap_or(0);
    let noted = ledger.meta(FOLDER_TIMES)?.unwrap_or_default();
    let storage = storage_of(tree);
    let is_settled = FolderTimesTrial::parse(&noted).is_some_and(|tried| {
        run - tried.run < TRIED_AGAIN && tried.what != "not kept" && tried.is_here(&storage)
    });
    if !is_settled {
        let what = match try_folder_times(tree) {
            TrialResult::Kept => "kept",
            TrialResult::Coarse => "kept in seconds",
            TrialResult::NotKept => "not kept",
        };
        ledger.set_meta(FOLDER_TIMES, &format!("{what}, tried in run {run}, on {storage}"))?;
    }
    Ok(())
}

/// What the times of folders prove; on another file system than the one where that was tried, nothing. `now` is in
/// seconds since 1970.
pub fn folder_times(tree: &Tree, ledger: &Ledger, now: i64) -> Result<FolderTimes, RunError> {
    let noted = ledger.meta(FOLDER_TIMES)?.unwrap_or_default();
    let tried = FolderTimesTrial::parse(&noted).filter(|tried| tried.is_here(&storage_of(tree)));
    Ok(match tried.map(|tried| tried.what) {
        Some("kept") => FolderTimes::Kept,
        Some("kept in seconds") => FolderTimes::Coarse { now: now.saturating_mul(1_000_000_000) },
        _ => FolderTimes::NotKept,
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use vod2strm_core::hash::ContentHash;
    use vod2strm_core::model::file::{FileKey, Item};
    use vod2strm_core::model::media::Kind;
    use vod2strm_core::plan::settle::{FileNote, FileRecord, TitleRecord};
    use vod2strm_testkit::drafts::record;
    use vod2strm_testkit::faulty_fs::{EIO, FaultyFs, InjectedFault, Span};
    use vod2strm_testkit::memory_fs::MemoryFs;

    use super::*;

    /// What the ledger is to hear of these titles when the first flush fails.
    fn kept(records: Vec<TitleRecord>) -> (usize, bool) {
        let fault = InjectedFault::at_call(1, EIO).then(Span::Once);
        let tree = Tree::new(Box::new(FaultyFs::new(MemoryFs::default(), fault)), Path::new("/"));
        let ((tell, applied), (keep, durable)) = (channel(), channel());
        tell.send(Done { records, ..Done::default() }).unwrap();
        drop(tell);
        make_durable(&tree, &applied, &keep);
        let done = durable.recv().unwrap();
        (done.records.len(), done.error.is_some())
    }

    #[test]
    fn the_ledger_hears_of_nothing_that_is_not_durable() {
        let (key, path) = (FileKey::strm_of(Item::Movie), "A.strm".to_owned());
        let file =
            FileRecord { key, path, size: 1, hash: ContentHash(1), account: None, stream: None };
        let written =
            TitleRecord { files: vec![FileNote::Written(file)], ..record(Kind::Movie, "A") };
        let files = vec![FileNote::Renamed(FileKey::strm_of(Item::Movie), "B.strm".to_owned())];
        let renamed = TitleRecord { files, ..record(Kind::Movie, "A") };
        assert_eq!(kept(vec![written]), (0, true));
        assert_eq!(kept(vec![renamed]), (0, true));
        // Nothing was done to the disk: it is not asked.
        assert_eq!(kept(vec![record(Kind::Movie, "A")]), (1, false));
    }
}
