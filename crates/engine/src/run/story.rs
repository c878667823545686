//! The course of a run: stamps, compare, load, plan, apply, remove. A preview is the same over a library whose changes
//! are kept apart.
//!
//! Stamps say what changed; only that is loaded, planned and written, batch by batch, while the next
//! batch is being read. The ledger hears of files after they are durable.

use vod2strm_catalog::source::Catalog;
use vod2strm_core::cancel::Cancelled;
use vod2strm_core::entries::TitleCount;
use vod2strm_core::event::{Event, Phase, TitleOutcome};
use vod2strm_core::identity::compare::Comparison;
use vod2strm_core::removal::losses::Losses;
use vod2strm_disk::ledger::Ledger;
use vod2strm_disk::library::Library;
use vod2strm_disk::moves::resume_moves;

use crate::adopt::recover::recover;
use crate::context::Run;
use crate::effects::tell::tell_shared;
use crate::effects::writer::Writer;
use crate::error::RunError;
use crate::fetched::RefreshReport;
use crate::planner::Planner;
use crate::read::load::{Take, work_through};
use crate::read::origin::Origin;
use crate::read::select::Reading;
use crate::read::settled::SettledState;
use crate::run::changes::{contradicted, note_episodes, removed_and_missing, unite, what_changed};
use crate::run::fetch::fetch;
use crate::run::presence::{
    Scene, looked_after_boot, note_differences, note_ownership, what_is_gone,
};
use crate::run::relayout::Relayout;
use crate::run::removal::remove_what_is_gone;
use crate::run::settled::{is_settled, settled_state};
use crate::sample::count_the_rest;

/// Brings the library to what the catalogue says. Gives what may be noted if no title has failed: that
/// another run about the same has nothing to do. An error of the fetch is told after the rest is done: episodes that are
/// fetched now are missing no more.
pub fn sync(
    run: &Run<'_>,
    library: &mut Library,
    source: &mut Reading,
    fetched: &mut Option<RefreshReport>,
) -> Result<Option<SettledState>, RunError> {
    if !library.ledger.open_moves()?.is_empty() {
        library.begin_changes(run.now)?;
        resume_moves(&library.tree, &mut library.ledger)?;
    }
    if library.is_ledger_lost {
        library.begin_changes(run.now)?;
        recover(run, library, source)?;
    }
    let origin = origin(run, &*source.catalog);
    if let Some(origin) = &origin {
        origin.compare(&library.ledger, run.observer)?;
        library.note(|library| origin.note(&library.ledger))?;
    }
    tell_doubt(run, &*source.catalog);
    let state = settled_state(run, source);
    if is_settled(run, state.as_ref(), library)? {
        return fetch(run, library, source, fetched).map(|()| state);
    }
    library.begin_changes(run.now)?;
    SettledState::forget(&library.ledger)?;
    let (mut comparison, reclassified) = what_changed(run, &library.ledger, source)?;
    unite(run, &mut comparison, &mut library.ledger)?;
    let contradicted = contradicted(run, &mut comparison, &library.ledger)?;
    let mut losses = Losses::of(&mut comparison, run.whole_kinds(), contradicted, reclassified);
    library.ledger.returned(&comparison.returned)?;
    library.ledger.missed(&removed_and_missing(run, &comparison))?;
    let is_distrusted = library.ledger.is_distrusted(&run.kinds())?;
    let scene = Scene { tree: &library.tree, ledger: &library.ledger, is_distrusted };
    let presence = what_is_gone(run, scene, &mut comparison, source)?;
    library.ledger.restamp(&presence.moved)?;
    note_ownership(&presence, &mut library.ledger)?;
    note_differences(run, &comparison, &presence, &mut library.ledger)?;
    note_episodes(&mut losses, &library.ledger)?;
    if !comparison.work.is_empty() {
        source.selector.habits.keep(|| library.ledger.habits())?;
    }
    remember(&comparison, &library.ledger, source)?;
    let (ledger, tree) = (&library.ledger, &library.tree);
    let layout = Relayout::plan(run, &comparison.work, ledger, tree, &presence, source)?;
    let naming = layout.make(run, library)?;
    if let (Some(id), Some(text)) = (run.policy.filter(), run.policy.choice.text()) {
        library.ledger.note_filter(id, &text)?;
    }
    if run.is_whole() && comparison.unchanged.is_empty() && run.policy.choice.names_titles() {
        // All titles are loaded, as after every change of these lines.
        source.selector.count_matches();
    }
    begin_writing(run, &comparison);
    let planner = Planner::new(run.policy, source, naming, presence, &comparison.missing_titles);
    let habits = source.selector.habits.news();
    let feed = |take: &mut Take<'_>| work_through(comparison.work, source, take);
    let planner = Writer::write(*run, library, planner, habits, feed)?;
    count_the_rest(comparison.unchanged, source, run.observer, run.cancel)?;
    // Every file has been read, and what differed is written.
    if is_distrusted {
        library.ledger.trust(&run.whole_kinds())?;
    }
    looked_after_boot(run, &library.ledger)?;
    tell_missing(run, &planner);
    tell_shared(run.observer, library.ledger.count_shared(&run.kinds())?);
    let done = fetch(run, library, source, fetched);
    if run.cancel.is_cancelled() {
        return done.and(Err(Cancelled.into()));
    }
    let misses_nothing =
        remove_what_is_gone(run, &losses, &planner, library, &mut *source.catalog)?;
    done.map(|()| if misses_nothing { state } else { None })
}

/// What was measured of the streams that are to be loaded holds while the source says nothing of it.
fn remember(
    comparison: &Comparison,
    ledger: &Ledger,
    source: &mut Reading,
) -> Result<(), RunError> {
    let known = comparison.work.iter().filter_map(|work| Some(work.known?.id));
    // What the filter matches is counted of all titles.
    let counted = match source.selector.matches() {
        Some(_) => comparison.unchanged.as_slice(),
        None => &[],
    };
    let known = known.chain(counted.iter().filter_map(|work| Some(work.known?.id)));
    // A stream that is another title's now is the same stream.
    source.remember(ledger, known.chain(comparison.moved.values().copied()))
}

/// Tells of the titles that the catalogue no longer has.
fn tell_missing(run: &Run<'_>, planner: &Planner<'_>) {
    for kind in run.whole_kinds() {
        let missing = planner.missing().filter(|known| known.kind == kind).count() as u64;
        run.observer.event(&Event::Titles(kind, TitleOutcome::Missing, TitleCount::of(missing)));
    }
}

fn begin_writing(run: &Run<'_>, comparison: &Comparison) {
    let titles = comparison.work.len() as u64;
    run.observer.event(&Event::Phase(Phase::Write, Some(titles)));
}

/// Which database the source is, where it is one.
fn origin(run: &Run<'_>, catalog: &dyn Catalog) -> Option<Origin> {
    catalog.identity().map(|identity| Origin::new(&run.config.label, identity))
}

/// Says so if nobody knows whether the source was read to its end.
fn tell_doubt(run: &Run<'_>, catalog: &dyn Catalog) {
    if let Some(doubt) = catalog.doubt() {
        let remedy = doubt.remedy();
        let text = format!(
            "{doubt}: whole entries are written, and nothing that is missing is removed; {remedy}"
        );
        run.observer.event(&Event::Warning(&text));
        if !run.allowed.is_empty() {
            let text = "--allow-removals: nothing is let go while the list may be cut off";
            run.observer.event(&Event::Warning(text));
        }
    }
}
