//! Is what was written still there? The folders are asked, or every file is read.

use vod2strm_core::event::{Event, Phase};
use vod2strm_core::identity::compare::Comparison;
use vod2strm_core::model::media::Kind;
use vod2strm_disk::apply::ownership::whose;
use vod2strm_disk::apply::workers::WorkerPool;
use vod2strm_disk::fs::tree::Tree;
use vod2strm_disk::inspect::boot::{is_another_boot, look_at_last, note_boot};
use vod2strm_disk::inspect::presence::{Presence, look, look_at_all};
use vod2strm_disk::ledger::Ledger;

use crate::context::Run;
use crate::effects::tell::tell_the_rest;
use crate::effects::writer::folder_times;
use crate::error::RunError;
use crate::read::load::put_in_order;
use crate::read::select::Reading;

/// A library that is looked at.
#[derive(Clone, Copy)]
pub struct Scene<'a> {
    /// Its files.
    pub tree: &'a Tree,
    /// Its ledger.
    pub ledger: &'a Ledger,
    /// What its folders say proves nothing: every file has to be read.
    pub is_distrusted: bool,
}

/// Looks whether the folders still have what was put there; titles of which something is gone go back to work, which
/// is in order then.
pub fn what_is_gone(
    run: &Run<'_>,
    scene: Scene<'_>,
    comparison: &mut Comparison,
    source: &Reading,
) -> Result<Presence, RunError> {
    let presence = look_around(run, scene)?;
    comparison.revisit(|id| run.request.relayout || presence.is_suspect(id));
    put_in_order(&mut comparison.work, source);
    for kind in run.kinds() {
        tell_the_rest(run.observer, comparison, &source.merges, kind);
    }
    Ok(presence)
}

/// Looks whether the folders still have what was put there.
pub fn look_around(run: &Run<'_>, scene: Scene<'_>) -> Result<Presence, RunError> {
    let kinds = run.kinds();
    let Scene { tree, ledger, is_distrusted } = scene;
    run.observer.event(&Event::Phase(Phase::Check, None));
    let pool = WorkerPool::new(tree, run.config.concurrency, run.observer);
    let reads_all = run.request.full || is_distrusted;
    let mut presence = if reads_all {
        look_at_all(tree, ledger, &kinds)?
    } else {
        look(&pool, ledger, &kinds, folder_times(tree, ledger, run.now)?)?
    };
    if !reads_all && is_another_boot(ledger)? {
        look_at_last(&pool, ledger, &kinds, &mut |found| presence.note_difference(found))?;
    }
    let left = ledger.left_behind()?;
    presence.unsure = ledger.unsure(&left.leftovers)?;
    presence.occupied = left.occupied;
    presence.ownership = whose(&pool, &ledger.unclear_folders(&kinds)?)?;
    Ok(presence)
}

/// Notes that what was written before this boot is there: a run about all titles has looked, and has written what was
/// not.
pub fn looked_after_boot(run: &Run<'_>, ledger: &Ledger) -> Result<(), RunError> {
    if run.whole_kinds().len() == Kind::ALL.len() { Ok(note_boot(ledger)?) } else { Ok(()) }
}

/// Notes what was found of files. Of titles that the catalogue does not have, files that are gone are forgotten. Files
/// that hold something else are written anew as soon as they are wanted, be it in a later run.
pub fn note_differences(
    run: &Run<'_>,
    comparison: &Comparison,
    presence: &Presence,
    ledger: &mut Ledger,
) -> Result<(), RunError> {
    let missing = if run.is_whole() { &comparison.missing_titles[..] } else { &[] };
    let gone =
        missing.iter().map(|known| known.id).filter_map(|id| Some((id, presence.gone.get(&id)?)));
    let gone: Vec<_> =
        gone.flat_map(|(id, files)| files.keys().map(move |key| (id, key))).collect();
    ledger.forget(&gone)?;
    let edited = presence.edited.iter();
    let edited: Vec<_> =
        edited.flat_map(|(id, keys)| keys.iter().map(move |key| (*id, key))).collect();
    Ok(ledger.note_edited(&edited)?)
}

/// Notes what was found of folders that an older vod2strm had written to.
pub fn note_ownership(presence: &Presence, ledger: &mut Ledger) -> Result<(), RunError> {
    let found: Vec<_> = presence.ownership.iter().map(|(id, (_, whose))| (*id, *whose)).collect();
    Ok(ledger.note_ownership(&found)?)
}
