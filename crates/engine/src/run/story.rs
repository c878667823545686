//! The course of a run: stamps, compare, load, plan, apply, remove; and of a preview.
//!
//! Stamps say what changed; only that is loaded, planned and written, batch by batch, while the next
//! batch is being read. The ledger hears of files after they are durable.

use std::collections::{HashMap, HashSet};

use vod2strm_catalog::source::{Catalog, Scope, Selection};
use vod2strm_core::cancel::Cancelled;
use vod2strm_core::event::{Event, Phase, TitleOutcome};
use vod2strm_core::hold::Hold;
use vod2strm_core::identity::compare::{Comparison, Work};
use vod2strm_core::identity::known::{Known, TitleId};
use vod2strm_core::model::media::Kind;
use vod2strm_core::model::stamp::Stamp;
use vod2strm_core::plan::settle::TitleResult;
use vod2strm_core::removal::accounts::Will;
use vod2strm_core::removal::candidate::{Candidate, cases};
use vod2strm_core::removal::decide::{Decider, Terms};
use vod2strm_core::removal::losses::Losses;
use vod2strm_core::removal::record::{Completed, Holds};
use vod2strm_core::text::counted;
use vod2strm_disk::apply::crew::Crew;
use vod2strm_disk::apply::foresee;
use vod2strm_disk::apply::ownership::whose;
use vod2strm_disk::fs::tree::Tree;
use vod2strm_disk::inspect::boot::{is_another_boot, look_at_last, note_boot};
use vod2strm_disk::inspect::presence::{Presence, look, look_at_all};
use vod2strm_disk::ledger::Ledger;
use vod2strm_disk::library::{Library, LibraryView, Note};
use vod2strm_disk::moves::resume_moves;

use crate::adopt::tree::{Adopting, adopt, recovered};
use crate::config::Cleanup;
use crate::context::Run;
use crate::effects::tell::{shared_more, tell_shared, tell_the_rest, tell_title, tell_unchanged};
use crate::effects::writer::{Writer, folder_times};
use crate::error::RunError;
use crate::fetched::RefreshReport;
use crate::planner::Planner;
use crate::read::compare::{compared, hold_contradictions};
use crate::read::load::{Take, work_through};
use crate::read::origin::Origin;
use crate::read::rest::Rest;
use crate::read::select::Reading;
use crate::run::fetch::fetch;
use crate::run::judge::{PlannedTitles, decider};
use crate::run::relayout::Relayout;
use crate::run::sweep::{Sweeper, day_of, remove_left_behind, remove_vacant};

/// Brings the library to what the catalogue says. Gives what may be noted if no title has failed: that
/// another run about the same has nothing to do. An error of the fetch is told after the rest is done: episodes that are
/// fetched now are missing no more.
pub fn sync(
    run: &Run<'_>,
    library: &mut Library,
    source: &mut Reading,
    fetched: &mut Option<RefreshReport>,
) -> Result<Option<Rest>, RunError> {
    resume_moves(&library.tree, &mut library.ledger)?;
    if library.is_ledger_lost {
        recover(run, library, source)?;
    }
    if let Some(origin) = origin(run, &*source.catalog) {
        origin.compare(&library.ledger, run.observer)?;
        origin.note(&library.ledger)?;
    }
    tell_doubt(run, &*source.catalog);
    let rest = rest_of(run, &*source.catalog);
    if rests(run, rest.as_ref(), library)? {
        return fetch(run, library, source, fetched).map(|()| rest);
    }
    Rest::forget(&library.ledger)?;
    let mut comparison = what_changed(run, &library.ledger, &mut *source.catalog)?;
    let contradicted = contradicted(run, &mut comparison, &library.ledger)?;
    let mut losses = Losses::of(&mut comparison, run.whole_kinds(), contradicted);
    library.ledger.returned(&comparison.returned)?;
    library.ledger.missed(&removed_and_absent(run, &comparison))?;
    let is_distrusted = library.ledger.is_distrusted(&run.kinds())?;
    let scene = Scene { tree: Some(&library.tree), ledger: &library.ledger, is_distrusted };
    let presence = what_is_gone(run, scene, &mut comparison)?;
    library.ledger.restamp(&presence.moved)?;
    note_shared(&presence, &mut library.ledger)?;
    note_differences(run, &comparison, &presence, &mut library.ledger)?;
    note_episodes(&mut losses, &library.ledger)?;
    let places = (&library.ledger, Some(&library.tree), &presence);
    let layout = Relayout::plan(run, &comparison.work, places, source)?;
    let naming = layout.make(run, library)?;
    if let (Some(id), Some(filter)) = (run.policy.filter(), &run.policy.choice.filter) {
        library.ledger.note_filter(id, filter.normal())?;
    }
    begin_writing(run, &comparison);
    let choice = (run.policy, source.catalog.disabled());
    let planner = Planner::new(choice, naming, presence, &comparison.absent);
    let feed = |take: &mut Take<'_>| work_through(comparison.work, source, take);
    let planner = Writer::write(*run, library, planner, feed)?;
    // Every file has been read, and what differed is written.
    if is_distrusted {
        library.ledger.trust(&run.whole_kinds())?;
    }
    looked_after_boot(run, &library.ledger)?;
    tell_absent(run, &planner);
    tell_shared(run.observer, library.ledger.count_shared(&run.kinds())?);
    let done = fetch(run, library, source, fetched);
    if run.cancel.is_cancelled() {
        return done.and(Err(Cancelled.into()));
    }
    let is_at_rest = remove_what_is_gone(run, (&losses, &planner), library, &mut *source.catalog)?;
    done.map(|()| rest.filter(|_| is_at_rest))
}

/// Removes what is due, and counts what waits and is held. Says whether nothing was missing.
fn remove_what_is_gone(
    run: &Run<'_>,
    (losses, planner): (&Losses, &Planner<'_>),
    library: &mut Library,
    catalog: &mut dyn Catalog,
) -> Result<bool, RunError> {
    let cases = cases(planner.absent(), library.ledger.with_unwanted()?, &losses.kinds);
    if run.config.cleanup == Cleanup::Apply {
        remove_left_behind(&library.tree, &mut library.ledger, run.observer)?;
    }
    if cases.is_empty() && losses.is_none() {
        let filter = run.policy.filter();
        let will = Will { filter, disabled: catalog.disabled() };
        complete(run, &mut library.ledger, Some(will))?;
        return Ok(true);
    }
    run.observer.event(&Event::Phase(Phase::Sweep, None));
    if catalog.doubt().is_some() {
        library.ledger.note_doubt(&run.whole_kinds())?;
    }
    let decider = decider_of(run, losses, &library.ledger, (planner, false), catalog)?;
    let sweeper = Sweeper::new(*run, decider, &library.ledger)?;
    sweeper.sweep(&library.tree, &mut library.ledger, &cases)?;
    Ok(false)
}

/// Notes that a run came to its end that misses nothing; `will` is the user's, unless it is as before.
fn complete(run: &Run<'_>, ledger: &mut Ledger, will: Option<Will>) -> Result<(), RunError> {
    let holds = Holds { is_cleanup: true, ..Holds::default() };
    let holds = (run.config.cleanup != Cleanup::Off).then_some(holds);
    let (kinds, day) = (run.whole_kinds(), day_of(run.now));
    Ok(ledger.complete(&Completed { kinds, day, holds, will, ..Completed::default() })?)
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

/// What the run is about; `None` when the source does not tell its state, or when more is to be looked at
/// than what changed.
fn rest_of(run: &Run<'_>, catalog: &dyn Catalog) -> Option<Rest> {
    let is_plain = !run.request.full && !run.request.relayout && run.is_whole();
    let state = catalog.state().filter(|_| is_plain)?;
    Some(Rest::new(state, run.policy, &run.whole_kinds()))
}

/// Whether there is nothing to do, known without reading the source: it is what it was, and the folders
/// have what was put there. Then the listeners are told so.
fn rests(run: &Run<'_>, rest: Option<&Rest>, library: &mut Library) -> Result<bool, RunError> {
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

fn decider_of(
    run: &Run<'_>,
    losses: &Losses,
    ledger: &Ledger,
    (planner, is_preview): (&Planner<'_>, bool),
    catalog: &mut dyn Catalog,
) -> Result<Decider, RunError> {
    let (roster, can_fetch) = (catalog.roster()?, catalog.episodes().is_some());
    let terms = Terms::new(run.config.grace, run.allowed.clone(), can_fetch, catalog.doubt());
    let planned = PlannedTitles {
        offered: planner.offered(),
        absent: planner.absent().map(|known| (known.id, *known)).collect(),
        gone: planner.deleted(),
        has_files: planner.has_files(),
        is_preview,
    };
    decider(losses, planned, ledger, roster, terms)
}

/// Notes what the library has before the run writes.
fn note_episodes(losses: &mut Losses, ledger: &Ledger) -> Result<(), RunError> {
    Ok(ledger.each_episode_count(|_, account, [number, _]| losses.add_episodes(account, number))?)
}

/// Fills a ledger that was lost from what is on disk.
fn recover(run: &Run<'_>, library: &mut Library, source: &mut Reading) -> Result<(), RunError> {
    let Run { policy, now, observer, cancel, .. } = *run;
    let adopting = Adopting { policy, hints: Vec::new(), now, observer, cancel };
    let adoption = adopt(&adopting, library, source)?;
    let (titles, rest) = (adoption.titles(), adoption.rest.len());
    let mut text = counted(titles, "title was", "titles were");
    text += " recognised by what is on disk";
    if rest > 0 {
        text += ", and ";
        text += &counted(rest as u64, ".strm file was not", ".strm files were not");
        text += " (vod2strm adopt names what was not)";
    }
    if titles > 0 || rest > 0 {
        observer.event(&Event::Warning(&format!("the ledger was lost, or is older: {text}")));
    }
    if let Some(note) = adoption.note_on_names().filter(|_| !run.request.relayout) {
        observer.event(&Event::Warning(&note));
    }
    recovered(library, observer)
}

/// Says what `sync` would do. Writes nothing.
pub fn preview(run: &Run<'_>, view: &LibraryView, source: &mut Reading) -> Result<(), RunError> {
    if view.is_tree_older {
        run.observer.event(&Event::Warning(&Note::TreeOlder.to_string()));
    }
    if !view.ledger.open_moves()?.is_empty() {
        let text = "a run was cut off while it moved titles; the next run that is no dry one completes that";
        run.observer.event(&Event::Warning(text));
    }
    if view.is_ledger_lost {
        let text = "the ledger was lost, or is older than the library: a run that is no dry one first recognises what is on disk \
                    (see vod2strm adopt --dry-run), and leaves more alone than is told here";
        run.observer.event(&Event::Warning(text));
    }
    if let Some(origin) = origin(run, &*source.catalog) {
        origin.compare(&view.ledger, run.observer)?;
    }
    tell_doubt(run, &*source.catalog);
    let mut comparison = what_changed(run, &view.ledger, &mut *source.catalog)?;
    let contradicted = contradicted(run, &mut comparison, &view.ledger)?;
    let mut losses = Losses::of(&mut comparison, run.whole_kinds(), contradicted);
    note_episodes(&mut losses, &view.ledger)?;
    let is_distrusted = view.is_tree_older || view.ledger.is_distrusted(&run.kinds())?;
    let scene = Scene { tree: view.tree.as_ref(), ledger: &view.ledger, is_distrusted };
    let presence = what_is_gone(run, scene, &mut comparison)?;
    let (mut planned, mut is_planned) = (Vec::new(), HashSet::new());
    let mut shared = presence.count_shared(view.ledger.count_shared(&run.kinds())?);
    let places = (&view.ledger, view.tree.as_ref(), &presence);
    let layout = Relayout::plan(run, &comparison.work, places, source)?;
    let naming = layout.foresee(run);
    begin_writing(run, &comparison);
    let choice = (run.policy, source.catalog.disabled());
    let mut planner = Planner::new(choice, naming, presence, &comparison.absent);
    let leftovers = view.ledger.leftovers()?;
    work_through(comparison.work, source, |batch| {
        for plan in planner.plans(&view.ledger, batch)? {
            let foreseen = match &view.tree {
                Some(tree) if !planner.is_left_for(&plan) => foresee(tree, &leftovers, &plan),
                _ => TitleResult::as_planned(&plan),
            };
            // Before a run asks whose a folder is, it recognises what is ours.
            let is_shared = foreseen.is_shared.filter(|_| !view.is_ledger_lost);
            let foreseen = TitleResult { is_shared, ..foreseen };
            tell_title(run.observer, &plan, &foreseen, true);
            let more = shared_more(&plan, &foreseen);
            let of_kind = shared.iter_mut().filter(|(kind, _)| *kind == plan.title.kind);
            of_kind.for_each(|(_, number)| *number = number.saturating_add_signed(more));
            let is_filled = foreseen.is_filled(&plan);
            planner.note(&plan, is_filled, foreseen.is_right());
            is_planned.extend(plan.known);
            // What is not right is not cleaned up either.
            let is_right = foreseen.is_right() && !plan.is_stuck;
            planned.extend(Candidate::planned(&plan).filter(|_| is_right));
        }
        Ok(run.cancel.check()?)
    })?;
    tell_absent(run, &planner);
    tell_shared(run.observer, shared);
    let mut cases = cases(planner.absent(), view.ledger.with_unwanted()?, &losses.kinds);
    cases.retain(|(id, ..)| !is_planned.contains(id));
    planned.retain(|candidate| losses.kinds.contains(&candidate.kind));
    let (Some(tree), false) = (&view.tree, cases.is_empty() && planned.is_empty()) else {
        return Ok(());
    };
    run.observer.event(&Event::Phase(Phase::Sweep, None));
    let decider = decider_of(run, &losses, &view.ledger, (&planner, true), &mut *source.catalog)?;
    let sweeper = Sweeper::new(*run, decider, &view.ledger)?;
    sweeper.preview(tree, &view.ledger, (&cases, planner.deleted()), planned)
}

/// The titles that were removed while the catalogue had them, and that it has no more.
fn removed_and_absent(run: &Run<'_>, comparison: &Comparison) -> Vec<TitleId> {
    let kinds = run.whole_kinds();
    let is_new = |known: &&Known| known.is_removed && known.absent == 0;
    let absent = comparison.absent.iter().filter(is_new);
    absent.filter(|known| kinds.contains(&known.kind)).map(|known| known.id).collect()
}

/// Tells of the titles that the catalogue no longer has.
fn tell_absent(run: &Run<'_>, planner: &Planner<'_>) {
    for kind in run.whole_kinds() {
        let absent = planner.absent().filter(|known| known.kind == kind).count() as u64;
        run.observer.event(&Event::Titles(kind, TitleOutcome::Absent, absent));
    }
}

/// The first pass: stamps against the ledger.
fn what_changed(
    run: &Run<'_>,
    ledger: &Ledger,
    catalog: &mut dyn Catalog,
) -> Result<Comparison, RunError> {
    run.observer.event(&Event::Phase(Phase::Stamps, None));
    let mut stamps: Vec<Stamp> = Vec::new();
    catalog.stamps(&everything(run.scope), &mut |stamp| {
        stamps.push(stamp);
        if stamps.len().is_multiple_of(1_000) {
            run.observer.event(&Event::Stamps(1_000));
        }
    })?;
    run.observer.event(&Event::Phase(Phase::Compare, None));
    let index = ledger.index(run.policy.naming())?;
    let rules = (run.policy, run.now);
    let mut comparison = compared((&index, stamps), (ledger, catalog), rules, &run.kinds())?;
    let is_wanted = |work: &Work| run.scope.of(work.stamp.kind).contains(work.stamp.key);
    comparison.work.retain(is_wanted);
    comparison.unchanged.retain(is_wanted);
    tell_unknown_ids(run, &comparison);
    Ok(comparison)
}

/// Leaves out what too many titles contradict, and says why these titles stay.
fn contradicted(
    run: &Run<'_>,
    comparison: &mut Comparison,
    ledger: &Ledger,
) -> Result<HashMap<TitleId, Hold>, RunError> {
    let is_narrow = |kind: &Kind| matches!(run.scope.of(*kind), Selection::Ids(_));
    let narrow: Vec<Kind> = Kind::ALL.into_iter().filter(is_narrow).collect();
    hold_contradictions(comparison, (ledger, run.observer), run.allowed, &narrow)
}

/// Says so of ids that the user asked for and that no title of the source has, or none that counts.
fn tell_unknown_ids(run: &Run<'_>, comparison: &Comparison) {
    for kind in Kind::ALL {
        let Selection::Ids(ids) = run.scope.of(kind) else { continue };
        let all = comparison.work.iter().chain(&comparison.unchanged);
        let of_kind = all.filter(|work| work.stamp.kind == kind);
        let found: HashSet<i64> = of_kind.map(|work| work.stamp.key.0).collect();
        let unknown: Vec<String> =
            ids.iter().filter(|id| !found.contains(id)).map(i64::to_string).collect();
        if !unknown.is_empty() {
            let text = format!(
                "{}_ids: {}: nothing in the source has such an id, or no active account and enabled category \
                 offers it",
                kind.as_str(),
                unknown.join(", ")
            );
            run.observer.event(&Event::Warning(&text));
        }
    }
}

/// Who a title is can be said only beside all others of its kind, also when a few are asked for.
fn everything(scope: &Scope) -> Scope {
    let whole = |selection: &Selection| match selection {
        Selection::Nothing => Selection::Nothing,
        Selection::All | Selection::Ids(_) => Selection::All,
    };
    Scope { movies: whole(&scope.movies), series: whole(&scope.series) }
}

/// A library that is looked at.
#[derive(Clone, Copy)]
struct Scene<'a> {
    tree: Option<&'a Tree>,
    ledger: &'a Ledger,
    /// What its folders say proves nothing: every file has to be read.
    is_distrusted: bool,
}

/// Looks whether the folders still have what was put there; titles that lost something go back to work.
fn what_is_gone(
    run: &Run<'_>,
    scene: Scene<'_>,
    comparison: &mut Comparison,
) -> Result<Presence, RunError> {
    let presence = look_around(run, scene)?;
    comparison.revisit(|id| run.request.relayout || presence.is_suspect(id));
    for kind in run.kinds() {
        tell_the_rest(run.observer, comparison, kind);
    }
    Ok(presence)
}

/// Looks whether the folders still have what was put there.
fn look_around(run: &Run<'_>, scene: Scene<'_>) -> Result<Presence, RunError> {
    let kinds = run.kinds();
    let Scene { tree, ledger, is_distrusted } = scene;
    run.observer.event(&Event::Phase(Phase::Check, None));
    let mut presence = match tree {
        Some(tree) if run.request.full || is_distrusted => look_at_all(tree, ledger, &kinds)?,
        Some(tree) => {
            let crew = Crew::new(tree, run.config.concurrency, run.observer);
            look(&crew, ledger, &kinds, folder_times(tree, ledger, run.now)?)?
        }
        None => Presence::default(),
    };
    if let (Some(tree), false) = (tree, run.request.full || is_distrusted)
        && is_another_boot(ledger)?
    {
        let crew = Crew::new(tree, run.config.concurrency, run.observer);
        look_at_last(&crew, ledger, &kinds, &mut |found| presence.note_difference(found))?;
    }
    let left = ledger.left_behind()?;
    presence.unsure = ledger.unsure(&left.leftovers)?;
    presence.occupied = left.occupied;
    if let Some(tree) = tree {
        let unclear = ledger.unclear_folders(&kinds)?;
        let crew = Crew::new(tree, run.config.concurrency, run.observer);
        presence.shared = whose(&crew, &unclear)?;
    }
    Ok(presence)
}

/// Notes that what was written before this boot is there: a run about all titles has looked, and has written what was
/// not.
fn looked_after_boot(run: &Run<'_>, ledger: &Ledger) -> Result<(), RunError> {
    if run.whole_kinds().len() == Kind::ALL.len() { Ok(note_boot(ledger)?) } else { Ok(()) }
}

/// Notes what was found of files: of titles that the catalogue does not have, those that are gone are forgotten; those
/// that hold something else are written anew as soon as they are wanted, be it in a later run.
fn note_differences(
    run: &Run<'_>,
    comparison: &Comparison,
    presence: &Presence,
    ledger: &mut Ledger,
) -> Result<(), RunError> {
    let absent = comparison.absent.iter().map(|known| known.id).filter(|_| run.is_whole());
    let gone = absent.filter_map(|id| Some((id, presence.gone.get(&id)?)));
    let gone: Vec<_> =
        gone.flat_map(|(id, files)| files.keys().map(move |slot| (id, slot))).collect();
    ledger.forget(&gone)?;
    let edited = presence.edited.iter();
    let edited: Vec<_> =
        edited.flat_map(|(id, slots)| slots.iter().map(move |slot| (*id, slot))).collect();
    Ok(ledger.note_edited(&edited)?)
}

/// Notes what was found of folders that an older vod2strm had written to.
fn note_shared(presence: &Presence, ledger: &mut Ledger) -> Result<(), RunError> {
    let found: Vec<_> =
        presence.shared.iter().map(|(id, (_, is_shared))| (*id, *is_shared)).collect();
    Ok(ledger.note_shared(&found)?)
}

fn begin_writing(run: &Run<'_>, comparison: &Comparison) {
    let titles = comparison.work.len() as u64;
    run.observer.event(&Event::Phase(Phase::Write, Some(titles)));
}
