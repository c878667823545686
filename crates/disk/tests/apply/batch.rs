//! Batches of plans applied to a disk, and what is said of them.

use std::sync::LazyLock;

use vod2strm_core::cancel::Cancel;
use vod2strm_core::plan::TitlePlan;
use vod2strm_core::plan::settle::{FileResult, TitleResult};
use vod2strm_disk::apply::leftovers::Leftovers;
use vod2strm_disk::apply::workers::WorkerPool;
use vod2strm_disk::apply::{ApplyContext, apply_batch};
use vod2strm_disk::fs::staging::{WorkerStaging, prepare_staging};
use vod2strm_disk::fs::tree::{Tree, TreeError};
use vod2strm_testkit::disks::{Disk, Entries, pool};

/// What a batch is applied to, after a run that was not cut off.
pub fn context<'a>(
    pool: &'a WorkerPool<'a>,
    stagings: &'a mut [WorkerStaging],
) -> ApplyContext<'a> {
    static NOTHING: LazyLock<Leftovers> = LazyLock::new(Leftovers::default);
    static GO_ON: LazyLock<Cancel> = LazyLock::new(Cancel::default);
    ApplyContext { pool, stagings, leftovers: &NOTHING, cancel: &GO_ON }
}

/// Prepares staging and applies a batch.
pub fn run(
    tree: &Tree,
    workers: usize,
    plans: &[TitlePlan],
) -> Result<Vec<TitleResult<TreeError>>, TreeError> {
    prepare_staging(tree)?;
    let pool = pool(tree, workers);
    Ok(apply_batch(context(&pool, &mut pool.tools(WorkerStaging::of)), plans, &|_, _| {}))
}

/// Applies one plan by one worker.
pub fn apply_one(disk: &Disk, plan: TitlePlan) -> Vec<String> {
    said(&run(&disk.tree(None), 1, &[plan]).unwrap()[0])
}

/// The outcomes as words.
pub fn said(applied: &TitleResult<TreeError>) -> Vec<String> {
    let word = |file: &FileResult<TreeError>| match file {
        FileResult::Failed(_) => "Failed".to_owned(),
        other => format!("{other:?}"),
    };
    applied.files.iter().map(word).collect()
}

/// Entries, written down.
pub fn entries<const N: usize>(all: [(&str, &str); N]) -> Entries {
    all.map(|(path, content)| (path.to_owned(), content.to_owned())).into()
}
