//! The work in batches: loaded on a thread of its own, so that reading and writing overlap.

use std::collections::HashMap;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use vod2strm_catalog::error::CatalogError;
use vod2strm_catalog::source::{Catalog, Scope};
use vod2strm_core::compare::Work;
use vod2strm_core::event::{Event, Observer};
use vod2strm_core::hash::Fingerprint;
use vod2strm_core::known::TitleId;
use vod2strm_core::media::{SourceKey, Title};

use crate::error::RunError;

/// A batch that is loaded at once: titles, and for series episodes.
const BATCH_TITLES: usize = 2_000;
const BATCH_EPISODES: u32 = 5_000;

/// Takes a batch that was loaded.
pub type Take<'a> = dyn FnMut(Vec<Loaded>) -> Result<(), RunError> + 'a;

/// A title that was loaded, and who it is in the ledger.
pub struct Loaded {
    /// The whole title.
    pub title: Title,
    /// Its entry in the ledger; `None` for a new title.
    pub known: Option<TitleId>,
    /// Catalogue and settings, mixed.
    pub fingerprint: Fingerprint,
}

/// All titles of a scope as work, as if none was known; by kind and the source's key.
pub fn everything(
    catalog: &mut dyn Catalog,
    scope: &Scope,
    observer: &dyn Observer,
) -> Result<Vec<Work>, RunError> {
    let mut work = Vec::new();
    catalog.stamps(scope, &mut |stamp| {
        let fingerprint = stamp.fingerprint;
        work.push(Work { stamp, known: None, fingerprint });
        if work.len().is_multiple_of(1_000) {
            observer.event(&Event::Stamps(1_000));
        }
    })?;
    work.sort_unstable_by_key(|work| (work.stamp.kind, work.stamp.key));
    Ok(work)
}

/// Loads the work in batches, on a thread of its own, and hands each batch to `take`.
pub fn work_through(
    work: Vec<Work>,
    catalog: &mut dyn Catalog,
    mut take: impl FnMut(Vec<Loaded>) -> Result<(), RunError>,
) -> Result<(), RunError> {
    if work.is_empty() {
        return Ok(());
    }
    let (sender, batches) = sync_channel(1);
    std::thread::scope(|scope| {
        scope.spawn(move || load_batches(work, catalog, &sender));
        let taken = take_batches(&batches, &mut take);
        // Without a receiver, the loader ends with its next batch.
        drop(batches);
        taken
    })
}

fn take_batches(
    batches: &Receiver<Result<Vec<Loaded>, CatalogError>>,
    take: &mut impl FnMut(Vec<Loaded>) -> Result<(), RunError>,
) -> Result<(), RunError> {
    for batch in batches {
        take(batch?)?;
    }
    Ok(())
}

fn load_batches(
    work: Vec<Work>,
    catalog: &mut dyn Catalog,
    sender: &SyncSender<Result<Vec<Loaded>, CatalogError>>,
) {
    let mut rest = work.as_slice();
    while !rest.is_empty() {
        let (batch, tail) = rest.split_at(batch_length(rest));
        rest = tail;
        let loaded = load_batch(batch, catalog);
        let is_over = loaded.is_err();
        if sender.send(loaded).is_err() || is_over {
            return;
        }
    }
}

/// How many of the titles, all of one kind, make a batch.
fn batch_length(work: &[Work]) -> usize {
    let Some(first) = work.first() else { return 0 };
    let mut episodes = 0;
    let fits = |work: &&Work| {
        episodes += work.stamp.episodes;
        work.stamp.kind == first.stamp.kind && episodes <= BATCH_EPISODES
    };
    work.iter().take(BATCH_TITLES).take_while(fits).count().max(1)
}

/// Loads a batch; the titles come in the order of the work, whatever the source's.
fn load_batch(batch: &[Work], catalog: &mut dyn Catalog) -> Result<Vec<Loaded>, CatalogError> {
    let Some(first) = batch.first() else { return Ok(Vec::new()) };
    let keys: Vec<SourceKey> = batch.iter().map(|work| work.stamp.key).collect();
    let mut titles: HashMap<SourceKey, Title> = HashMap::with_capacity(batch.len());
    catalog.load(first.stamp.kind, &keys, &mut |title| {
        titles.insert(title.key, title);
    })?;
    let loaded = |work: &Work| {
        let title = titles.remove(&work.stamp.key)?;
        Some(Loaded {
            title,
            known: work.known.map(|known| known.id),
            fingerprint: work.fingerprint,
        })
    };
    Ok(batch.iter().filter_map(loaded).collect())
}
