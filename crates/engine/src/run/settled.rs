//! A run that has nothing to do, and knows it without reading the source.

use vod2strm_catalog::source::Catalog;
use vod2strm_core::event::{Event, TitleOutcome};
use vod2strm_disk::library::Library;

use crate::config::Cleanup;
use crate::context::Run;
use crate::effects::tell::{tell_shared, tell_unchanged};
use crate::error::RunError;
use crate::read::rest::Rest;
use crate::run::presence::{Scene, look_around, looked_after_boot, note_shared};
use crate::run::removal::complete;
use crate::run::sweep::remove_vacant;

/// What the run is about; `None` when the source does not tell its state, or when more is to be looked at
/// than what changed.
pub fn rest_of(run: &Run<'_>, catalog: &dyn Catalog) -> Option<Rest> {
    let is_plain = !run.request.full && !run.request.relayout && run.is_whole();
    let state = catalog.state().filter(|_| is_plain)?;
    Some(Rest::new(state, run.policy, &run.whole_kinds()))
}

/// Whether there is nothing to do, known without reading the source: it is what it was, and the folders
/// have what was put there. Then the listeners are told so.
pub fn rests(run: &Run<'_>, rest: Option<&Rest>, library: &mut Library) -> Result<bool, RunError> {
    let (ledger, observer) = (&mut library.ledger, run.observer);
    match rest {
        Some(rest) if rest.is_noted(ledger)? && !ledger.is_distrusted(&run.kinds())? => {}
        _ => return Ok(false),
    }
    let scene = Scene { tree: Some(&library.tree), ledger, is_distrusted: false };
    let presence = look_around(run, scene)?;
    if !presence.is_whole() {
        return Ok(false);
    }
    ledger.restamp(&presence.moved)?;
    note_shared(&presence, ledger)?;
    looked_after_boot(run, ledger)?;
    if run.config.cleanup == Cleanup::Apply {
        remove_vacant(&library.tree, ledger, presence.occupied)?;
    }
    observer.event(&Event::Untouched);
    for (kind, population) in ledger.population(&run.whole_kinds())? {
        tell_unchanged(observer, kind, population);
        observer.event(&Event::Titles(kind, TitleOutcome::Absent, 0));
    }
    tell_shared(observer, ledger.count_shared(&run.kinds())?);
    complete(run, &mut library.ledger, None)?;
    Ok(true)
}
