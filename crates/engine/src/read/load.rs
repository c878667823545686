//! The work in batches: loaded on a thread of its own, so that reading and writing overlap. Movies and series come side
//! by side in a batch. Their folders lie in different ones, and a file system does one thing at a time in a folder.

use std::collections::HashMap;
use std::panic::resume_unwind;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::Builder;

use vod2strm_catalog::error::CatalogError;
use vod2strm_catalog::source::{Catalog, Scope};
use vod2strm_core::event::{Event, Observer};
use vod2strm_core::hash::Fingerprint;
use vod2strm_core::identity::compare::Work;
use vod2strm_core::identity::known::TitleId;
use vod2strm_core::model::media::{SourceKey, Title};
use vod2strm_core::model::stamp::Stamp;

use crate::error::{RunError, no_thread};
use crate::read::select::Reading;

/// The size of a batch that is loaded at once, in what a title and an episode come to. It is that of 1 600 movies, or
/// some 3 500 episodes. Bigger batches are no faster, and take more memory; each costs a flush of the ledger.
const BATCH: u64 = 8_000;
const TITLE: u64 = 5;
const EPISODE: u64 = 2;

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

/// The stamps of all entries of a scope, by kind and the source's key.
pub fn entries(
    catalog: &mut dyn Catalog,
    scope: &Scope,
    observer: &dyn Observer,
) -> Result<Vec<Stamp>, RunError> {
    let mut stamps = Vec::new();
    catalog.stamps(scope, &mut |stamp| {
        stamps.push(stamp);
        if stamps.len().is_multiple_of(1_000) {
            observer.event(&Event::Stamps(1_000));
        }
    })?;
    stamps.sort_unstable_by_key(|stamp| (stamp.kind, stamp.key));
    Ok(stamps)
}

/// Puts titles in the order of their numbers, movies first: of new ones that want one folder, the first gets it, wherever
/// its entries stand in the source.
pub fn put_in_order(work: &mut [Work], source: &Reading) {
    let place = |Work { stamp, .. }: &Work| {
        let entries = source.merges.entries(stamp.kind, stamp.key);
        let number = entries.iter().filter_map(|key| source.catalog.number(*key)).min();
        // What has no number comes last; what lasts of it is its streams.
        (stamp.kind, number.unwrap_or(u64::MAX), stamp.streams.iter().min().copied(), stamp.key)
    };
    if !work.is_sorted_by_key(place) {
        work.sort_by_cached_key(place);
    }
}

/// Loads the work in batches, on a thread of its own, and hands each batch to `take`.
pub fn work_through(
    work: Vec<Work>,
    source: &mut Reading,
    mut take: impl FnMut(Vec<Loaded>) -> Result<(), RunError>,
) -> Result<(), RunError> {
    if work.is_empty() {
        return Ok(());
    }
    let (sender, batches) = sync_channel(1);
    std::thread::scope(|scope| {
        let load = move || load_batches(work, source, &sender);
        let loading = Builder::new().spawn_scoped(scope, load).map_err(no_thread)?;
        let taken = take_batches(&batches, &mut take);
        // Without a receiver, the loader ends with its next batch.
        drop(batches);
        // Its own panic says more than that there was one.
        loading.join().unwrap_or_else(|panic| resume_unwind(panic));
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
    source: &mut Reading,
    sender: &SyncSender<Result<Vec<Loaded>, CatalogError>>,
) {
    let mut kinds: Vec<&[Work]> = work.chunk_by(|a, b| a.stamp.kind == b.stamp.kind).collect();
    let rounds = size(&work).div_ceil(BATCH).max(1);
    let shares: Vec<u64> = kinds.iter().map(|work| size(work).div_ceil(rounds)).collect();
    while kinds.iter().any(|rest| !rest.is_empty()) {
        let parts = kinds.iter_mut().zip(&shares).map(|(rest, share)| take_share(rest, *share));
        let loaded = parts.map(|part| load_batch(part, source)).collect::<Result<Vec<_>, _>>();
        let is_over = loaded.is_err();
        if sender.send(loaded.map(side_by_side)).is_err() || is_over {
            return;
        }
    }
}

fn size(work: &[Work]) -> u64 {
    work.iter().map(|work| TITLE + EPISODE * u64::from(work.stamp.episodes)).sum()
}

/// Takes titles from the work that is left until they come to this size.
fn take_share<'a>(rest: &mut &'a [Work], share: u64) -> &'a [Work] {
    let mut taken = 0;
    let is_open = |work: &&Work| {
        let is_open = taken < share;
        taken += size(std::slice::from_ref(*work));
        is_open
    };
    let (part, tail) = rest.split_at(rest.iter().take_while(is_open).count());
    *rest = tail;
    part
}

/// One list of several, each spread evenly over it and in its own order.
fn side_by_side<T>(lists: Vec<Vec<T>>) -> Vec<T> {
    let mut all = Vec::with_capacity(lists.iter().map(Vec::len).sum());
    let mut lists: Vec<_> = lists.into_iter().map(|list| (list.len(), list.into_iter())).collect();
    loop {
        let open = lists.iter_mut().filter(|(_, rest)| rest.len() > 0);
        // How far a list is when the half of its next item is done.
        let next = open.min_by(|(a, a_rest), (b, b_rest)| {
            let is_at = |of: usize, left: usize| (2 * (of - left) + 1) as f64 / of as f64;
            is_at(*a, a_rest.len()).total_cmp(&is_at(*b, b_rest.len()))
        });
        match next {
            Some((_, rest)) => all.extend(rest.next()),
            None => return all,
        }
    }
}

/// Loads a batch; the titles come in the order of the work, whatever the source's.
fn load_batch(batch: &[Work], source: &mut Reading) -> Result<Vec<Loaded>, CatalogError> {
    let Some(first) = batch.first() else { return Ok(Vec::new()) };
    let keys: Vec<SourceKey> = batch.iter().map(|work| work.stamp.key).collect();
    let kind = first.stamp.kind;
    let titles = source.titles(kind, &keys)?.into_iter();
    let mut titles: HashMap<SourceKey, Title> = titles.map(|title| (title.key, title)).collect();
    let loaded = |work: &Work| {
        let title = titles.remove(&work.stamp.key)?;
        Some(Loaded {
            title,
            known: work.known.map(|known| known.id),
            fingerprint: source.fingerprint(work),
        })
    };
    Ok(batch.iter().filter_map(loaded).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_spread_over_each_other() {
        let spread = |lists: [&str; 2]| {
            side_by_side(lists.map(|list| list.chars().collect()).into()).iter().collect::<String>()
        };
        assert_eq!(spread(["123456", "ab"]), "12a345b6");
        assert_eq!(spread(["123", "abc"]), "1a2b3c");
        assert_eq!(spread(["", "abc"]), "abc");
        assert_eq!(spread(["", ""]), "");
    }
}
