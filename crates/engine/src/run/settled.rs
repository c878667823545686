//! A run that has nothing to do, and knows it without reading the source.

use vod2strm_core::entries::TitleCount;
use vod2strm_core::event::{Event, TitleOutcome};
use vod2strm_disk::inspect::presence::Presence;
use vod2strm_disk::library::Library;

use crate::config::Cleanup;
use crate::context::Run;
use crate::effects::tell::{tell_shared, tell_unchanged};
use crate::entries::noted_of;
use crate::error::RunError;
use crate::read::select::Reading;
use crate::read::settled::SettledState;
use crate::run::cleanup::remove_vacant;
use crate::run::presence::{Scene, look_around, looked_after_boot};
use crate::run::removal::complete;

/// What the run is about; `None` when the source does not tell its state, or when more is to be looked at
/// than what changed.
pub fn settled_state(run: &Run<'_>, source: &Reading) -> Option<SettledState> {
    if run.request.full || run.request.relayout || !run.is_whole() {
        return None;
    }
    let (state, kinds) = (source.catalog.state()?, run.whole_kinds());
    Some(SettledState::new(state, run.policy, &kinds, source.keeps_uuids))
}

/// Whether there is nothing to do, known without reading the source: it is what it was, and the folders
/// have what was put there. Then the listeners are told so.
pub fn is_settled(
    run: &Run<'_>,
    state: Option<&SettledState>,
    library: &mut Library,
) -> Result<bool, RunError> {
    let (ledger, observer) = (&library.ledger, run.observer);
    match state {
        Some(state) if state.is_noted(ledger)? && !ledger.is_distrusted(&run.kinds())? => {}
        _ => return Ok(false),
    }
    let Some(entries) = noted_of(ledger, &run.kinds())? else { return Ok(false) };
    let scene = Scene { tree: &library.tree, ledger, is_distrusted: false };
    let presence = look_around(run, scene)?;
    if !presence.is_whole() {
        return Ok(false);
    }
    library.note(|library| note(run, library, presence))?;
    let ledger = &library.ledger;
    observer.event(&Event::Untouched);
    observer.event(&Event::Entries(&entries));
    for (kind, population) in ledger.population(&run.whole_kinds())? {
        tell_unchanged(observer, kind, &population);
        observer.event(&Event::Titles(kind, TitleOutcome::Missing, TitleCount::default()));
    }
    tell_shared(observer, ledger.count_shared(&run.kinds())?);
    library.note(|library| complete(run, &mut library.ledger, None))?;
    Ok(true)
}

/// Notes what was found of the folders.
fn note(run: &Run<'_>, library: &mut Library, presence: Presence) -> Result<(), RunError> {
    let ledger = &mut library.ledger;
    ledger.restamp(&presence.moved)?;
    looked_after_boot(run, ledger)?;
    if run.config.cleanup == Cleanup::Apply {
        remove_vacant(&library.tree, ledger, presence.occupied)?;
    }
    Ok(())
}
