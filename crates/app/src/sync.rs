//! The program: lock, stamps, compare, load, plan, apply, report.
//!
//! Stamps say what changed; only that is loaded, planned and written, batch by batch, while the next
//! batch is being read. The ledger hears of files after they are durable.

use std::collections::{HashMap, HashSet};

use vod2strm_catalog::source::{Catalog, Scope, Selection};
use vod2strm_core::cancel::Cancelled;
use vod2strm_core::event::{Event, Phase, TitleOutcome};
use vod2strm_core::hold::{Hold, HoldId};
use vod2strm_core::identity::compare::{Comparison, Work};
use vod2strm_core::identity::known::{Known, TitleId};
use vod2strm_core::model::media::Kind;
use vod2strm_core::model::stamp::Stamp;
use vod2strm_core::removal::accounts::Will;
use vod2strm_core::text::counted;
use vod2strm_disk::apply::crew::Crew;
use vod2strm_disk::apply::ownership::whose;
use vod2strm_disk::apply::{Applied, foresee};
use vod2strm_disk::fs::tree::Tree;
use vod2strm_disk::inspect::boot::{is_another_boot, look_at_last, note_boot};
use vod2strm_disk::inspect::presence::{Presence, look, look_at_all};
use vod2strm_disk::ledger::{Completed, Holds, Ledger};
use vod2strm_disk::library::{Library, LibraryView, Note};
use vod2strm_disk::moves::resume_moves;

use crate::adopt::{Adopting, adopt, recovered};
use crate::batches::{Take, work_through};
use crate::config::values::Cleanup;
use crate::count::Losses;
use crate::error::RunError;
use crate::judge::{Candidate, Judge, Leave};
use crate::origin::Origin;
use crate::planner::Planner;
use crate::relayout::Relayout;
use crate::rest::Rest;
use crate::sweep::{Sweeper, cases, day_of, remove_left_behind, remove_vacant};
use crate::tell::{is_filled, tell_shared, tell_the_rest, tell_title, tell_unchanged};
use crate::who::{compared, hold_contradictions};
use crate::writer::{Writer, WriterSettings, folder_times};

/// What a run is about.
pub struct Job<'a> {
    /// Which titles.
    pub scope: Scope,
    /// The source's address, without credentials.
    pub source: &'a str,
    /// How to plan and write them, and who listens.
    pub settings: WriterSettings<'a>,
    /// Whether every file is read, and not only every folder asked.
    pub full: bool,
    /// Whether known titles get the names of today.
    pub relayout: bool,
    /// Whether what is no longer wanted goes.
    pub cleanup: Cleanup,
    /// Complete runs that something has to be missing for, besides the first.
    pub grace: u32,
    /// The holds that a person allows to let go.
    pub allowed: HashSet<HoldId>,
    /// The run's number in the ledger.
    pub run: i64,
}

/// What is done after all is written that is there, and before anything is judged to be gone: episodes that
/// are fetched now are missing no more.
pub type Meanwhile<'a> = dyn FnMut(&mut Library, &mut dyn Catalog) -> Result<(), RunError> + 'a;

/// Brings the library to what the catalogue says. Gives what may be noted if no title has failed: that
/// another run about the same has nothing to do. An error of `meanwhile` is told after the rest is done.
pub fn sync(
    job: &Job<'_>,
    library: &mut Library,
    catalog: &mut dyn Catalog,
    meanwhile: &mut Meanwhile<'_>,
) -> Result<Option<Rest>, RunError> {
    resume_moves(&library.tree, &mut library.ledger)?;
    if library.is_ledger_lost {
        recover(job, library, catalog)?;
    }
    if let Some(origin) = origin(job, catalog) {
        origin.compare(&library.ledger, job.settings.observer)?;
        origin.note(&library.ledger)?;
    }
    tell_doubt(job, catalog);
    let rest = rest_of(job, catalog);
    if rests(job, rest.as_ref(), library)? {
        return meanwhile(library, catalog).map(|()| rest);
    }
    Rest::forget(&library.ledger)?;
    let mut comparison = what_changed(job, &library.ledger, catalog)?;
    let contradicted = contradicted(job, &mut comparison, &library.ledger)?;
    let mut losses = Losses::of(&mut comparison, whole_kinds(job), contradicted);
    library.ledger.returned(&comparison.returned)?;
    library.ledger.missed(&removed_and_absent(job, &comparison))?;
    let is_distrusted = library.ledger.is_distrusted(&kinds(job))?;
    let scene = Scene { tree: Some(&library.tree), ledger: &library.ledger, is_distrusted };
    let presence = what_is_gone(job, scene, &mut comparison)?;
    library.ledger.restamp(&presence.moved)?;
    note_shared(&presence, &mut library.ledger)?;
    note_differences(job, &comparison, &presence, &mut library.ledger)?;
    losses.note_episodes(&library.ledger)?;
    let places = (&library.ledger, Some(&library.tree), &presence);
    let layout = Relayout::plan(&job.settings, job.relayout, &comparison.work, places, catalog)?;
    let naming = layout.make(&job.settings, job.relayout, library)?;
    if let (Some(id), Some(filter)) =
        (job.settings.policy.filter(), &job.settings.policy.choice.filter)
    {
        library.ledger.note_filter(id, filter.normal())?;
    }
    begin_writing(job, &comparison);
    let choice = (job.settings.policy, catalog.disabled());
    let planner = Planner::new(choice, naming, presence, &comparison.absent);
    let feed = |take: &mut Take<'_>| work_through(comparison.work, catalog, take);
    let planner = Writer::write(job.settings, library, planner, feed)?;
    // Every file has been read, and what differed is written.
    if is_distrusted {
        library.ledger.trust(&whole_kinds(job))?;
    }
    looked_after_boot(job, &library.ledger)?;
    tell_absent(job, &planner);
    tell_shared(job.settings.observer, library.ledger.count_shared(&kinds(job))?);
    let done = meanwhile(library, catalog);
    if job.settings.cancel.is_cancelled() {
        return done.and(Err(Cancelled.into()));
    }
    let is_at_rest = remove_what_is_gone(job, (&losses, &planner), library, catalog)?;
    done.map(|()| rest.filter(|_| is_at_rest))
}

/// Removes what is due, and counts what waits and is held. Says whether nothing was missing.
fn remove_what_is_gone(
    job: &Job<'_>,
    (losses, planner): (&Losses, &Planner<'_>),
    library: &mut Library,
    catalog: &mut dyn Catalog,
) -> Result<bool, RunError> {
    let cases = cases(&library.ledger, planner.absent(), &losses.kinds)?;
    if job.cleanup == Cleanup::Apply {
        remove_left_behind(&library.tree, &mut library.ledger, job.settings.observer)?;
    }
    if cases.is_empty() && losses.is_none() {
        let filter = job.settings.policy.filter();
        let will = Will { filter, disabled: catalog.disabled() };
        complete(job, &mut library.ledger, Some(will))?;
        return Ok(true);
    }
    job.settings.observer.event(&Event::Phase(Phase::Sweep, None));
    if catalog.doubt().is_some() {
        library.ledger.note_doubt(&whole_kinds(job))?;
    }
    let judge = judge(job, losses, &library.ledger, (planner, false), catalog)?;
    let sweeper = Sweeper::new(job.settings, job.cleanup, judge, &library.ledger)?;
    sweeper.sweep(&library.tree, &mut library.ledger, (&cases, job.run))?;
    Ok(false)
}

/// Notes that a run came to its end that misses nothing; `will` is the user's, unless it is as before.
fn complete(job: &Job<'_>, ledger: &mut Ledger, will: Option<Will>) -> Result<(), RunError> {
    let holds = Holds { is_cleanup: true, ..Holds::default() };
    let holds = (job.cleanup != Cleanup::Off).then_some(holds);
    let (kinds, day) = (whole_kinds(job), day_of(job.settings.now));
    Ok(ledger.complete(&Completed { kinds, day, holds, will, ..Completed::default() })?)
}

/// Which database the source is, where it is one.
fn origin(job: &Job<'_>, catalog: &dyn Catalog) -> Option<Origin> {
    catalog.identity().map(|identity| Origin::new(job.source, identity))
}

/// Says so if nobody knows whether the source was read to its end.
fn tell_doubt(job: &Job<'_>, catalog: &dyn Catalog) {
    if let Some(doubt) = catalog.doubt() {
        let remedy = doubt.remedy();
        let text = format!(
            "{doubt}: whole entries are written, and nothing that is missing is removed; {remedy}"
        );
        job.settings.observer.event(&Event::Warning(&text));
        if !job.allowed.is_empty() {
            let text = "--allow-removals: nothing is let go while the list may be cut off";
            job.settings.observer.event(&Event::Warning(text));
        }
    }
}

/// What the run is about; `None` when the source does not tell its state, or when more is to be looked at
/// than what changed.
fn rest_of(job: &Job<'_>, catalog: &dyn Catalog) -> Option<Rest> {
    let is_plain = !job.full && !job.relayout && is_whole(job);
    let state = catalog.state().filter(|_| is_plain)?;
    Some(Rest::new(state, job.settings.policy, &whole_kinds(job)))
}

/// Whether there is nothing to do, known without reading the source: it is what it was, and the folders
/// have what was put there. Then the listeners are told so.
fn rests(job: &Job<'_>, rest: Option<&Rest>, library: &mut Library) -> Result<bool, RunError> {
    let (ledger, observer) = (&mut library.ledger, job.settings.observer);
    match rest {
        Some(rest) if rest.is_noted(ledger)? && !ledger.is_distrusted(&kinds(job))? => {}
        _ => return Ok(false),
    }
    let scene = Scene { tree: Some(&library.tree), ledger, is_distrusted: false };
    let presence = look_around(job, scene)?;
    if !presence.is_whole() {
        return Ok(false);
    }
    ledger.restamp(&presence.moved)?;
    note_shared(&presence, ledger)?;
    looked_after_boot(job, ledger)?;
    if job.cleanup == Cleanup::Apply {
        remove_vacant(&library.tree, ledger, presence.occupied)?;
    }
    observer.event(&Event::Untouched);
    for (kind, population) in ledger.population(&whole_kinds(job))? {
        tell_unchanged(observer, kind, population);
        observer.event(&Event::Titles(kind, TitleOutcome::Absent, 0));
    }
    tell_shared(observer, ledger.count_shared(&kinds(job))?);
    complete(job, &mut library.ledger, None)?;
    Ok(true)
}

fn judge(
    job: &Job<'_>,
    losses: &Losses,
    ledger: &Ledger,
    (planner, is_preview): (&Planner<'_>, bool),
    catalog: &mut dyn Catalog,
) -> Result<Judge, RunError> {
    let (roster, can_fetch) = (catalog.roster()?, catalog.can_fetch_episodes());
    let (grace, allowed) = (job.grace, job.allowed.clone());
    let leave = Leave { grace, allowed, can_fetch, is_preview, doubt: catalog.doubt() };
    Judge::new(losses, ledger, planner, roster, leave)
}

/// Fills a ledger that was lost from what is on disk.
fn recover(
    job: &Job<'_>,
    library: &mut Library,
    catalog: &mut dyn Catalog,
) -> Result<(), RunError> {
    let WriterSettings { policy, now, observer, cancel, .. } = job.settings;
    let adopting = Adopting { policy, hints: Vec::new(), now, observer, cancel };
    let adoption = adopt(&adopting, library, catalog)?;
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
    if let Some(note) = adoption.note_on_names().filter(|_| !job.relayout) {
        observer.event(&Event::Warning(&note));
    }
    recovered(library, observer)
}

/// Says what `sync` would do. Writes nothing.
pub fn preview(
    job: &Job<'_>,
    view: &LibraryView,
    catalog: &mut dyn Catalog,
) -> Result<(), RunError> {
    if view.is_tree_older {
        job.settings.observer.event(&Event::Warning(&Note::TreeOlder.to_string()));
    }
    if !view.ledger.open_moves()?.is_empty() {
        let text = "a run was cut off while it moved titles; the next run that is no dry one completes that";
        job.settings.observer.event(&Event::Warning(text));
    }
    if view.is_ledger_lost {
        let text = "the ledger was lost, or is older than the library: a run that is no dry one first recognises what is on disk \
                    (see vod2strm adopt --dry-run), and leaves more alone than is told here";
        job.settings.observer.event(&Event::Warning(text));
    }
    if let Some(origin) = origin(job, catalog) {
        origin.compare(&view.ledger, job.settings.observer)?;
    }
    tell_doubt(job, catalog);
    let mut comparison = what_changed(job, &view.ledger, catalog)?;
    let contradicted = contradicted(job, &mut comparison, &view.ledger)?;
    let mut losses = Losses::of(&mut comparison, whole_kinds(job), contradicted);
    losses.note_episodes(&view.ledger)?;
    let is_distrusted = view.is_tree_older || view.ledger.is_distrusted(&kinds(job))?;
    let scene = Scene { tree: view.tree.as_ref(), ledger: &view.ledger, is_distrusted };
    let presence = what_is_gone(job, scene, &mut comparison)?;
    let (mut planned, mut is_planned) = (Vec::new(), HashSet::new());
    let shared = presence.count_shared(view.ledger.count_shared(&kinds(job))?);
    let places = (&view.ledger, view.tree.as_ref(), &presence);
    let layout = Relayout::plan(&job.settings, job.relayout, &comparison.work, places, catalog)?;
    let naming = layout.foresee(&job.settings, job.relayout);
    begin_writing(job, &comparison);
    let choice = (job.settings.policy, catalog.disabled());
    let mut planner = Planner::new(choice, naming, presence, &comparison.absent);
    let leftovers = view.ledger.leftovers()?;
    work_through(comparison.work, catalog, |batch| {
        for plan in planner.plans(&view.ledger, batch)? {
            let foreseen = match &view.tree {
                Some(tree) if !planner.is_left_for(&plan) => foresee(tree, &leftovers, &plan),
                _ => Applied::as_planned(&plan),
            };
            // Before a run asks whose a folder is, it recognises what is ours.
            let is_shared = foreseen.is_shared.filter(|_| !view.is_ledger_lost);
            let foreseen = Applied { is_shared, ..foreseen };
            tell_title(job.settings.observer, &plan, &foreseen, true);
            let is_filled = is_filled(&plan, &foreseen);
            planner.note(&plan, is_filled, foreseen.is_right());
            is_planned.extend(plan.known);
            // What is not right is not cleaned up either.
            let is_right = foreseen.is_right() && !plan.is_stuck;
            planned.extend(Candidate::planned(&plan).filter(|_| is_right));
        }
        Ok(job.settings.cancel.check()?)
    })?;
    tell_absent(job, &planner);
    tell_shared(job.settings.observer, shared);
    let mut cases = cases(&view.ledger, planner.absent(), &losses.kinds)?;
    cases.retain(|(id, ..)| !is_planned.contains(id));
    planned.retain(|candidate| losses.kinds.contains(&candidate.kind));
    let (Some(tree), false) = (&view.tree, cases.is_empty() && planned.is_empty()) else {
        return Ok(());
    };
    job.settings.observer.event(&Event::Phase(Phase::Sweep, None));
    let judge = judge(job, &losses, &view.ledger, (&planner, true), catalog)?;
    let sweeper = Sweeper::new(job.settings, job.cleanup, judge, &view.ledger)?;
    sweeper.preview(tree, &view.ledger, (&cases, planner.deleted()), planned)
}

/// The titles that were removed while the catalogue had them, and that it has no more.
fn removed_and_absent(job: &Job<'_>, comparison: &Comparison) -> Vec<TitleId> {
    let kinds = whole_kinds(job);
    let is_new = |known: &&Known| known.is_removed && known.absent == 0;
    let absent = comparison.absent.iter().filter(is_new);
    absent.filter(|known| kinds.contains(&known.kind)).map(|known| known.id).collect()
}

/// Tells of the titles that the catalogue no longer has.
fn tell_absent(job: &Job<'_>, planner: &Planner<'_>) {
    for kind in whole_kinds(job) {
        let absent = planner.absent().filter(|known| known.kind == kind).count() as u64;
        job.settings.observer.event(&Event::Titles(kind, TitleOutcome::Absent, absent));
    }
}

/// The first pass: stamps against the ledger.
fn what_changed(
    job: &Job<'_>,
    ledger: &Ledger,
    catalog: &mut dyn Catalog,
) -> Result<Comparison, RunError> {
    job.settings.observer.event(&Event::Phase(Phase::Stamps, None));
    let mut stamps: Vec<Stamp> = Vec::new();
    catalog.stamps(&everything(&job.scope), &mut |stamp| {
        stamps.push(stamp);
        if stamps.len().is_multiple_of(1_000) {
            job.settings.observer.event(&Event::Stamps(1_000));
        }
    })?;
    job.settings.observer.event(&Event::Phase(Phase::Compare, None));
    let index = ledger.index(job.settings.policy.naming())?;
    let rules = (job.settings.policy, job.settings.now);
    let mut comparison = compared((&index, stamps), (ledger, catalog), rules, &kinds(job))?;
    let is_wanted = |work: &Work| job.scope.of(work.stamp.kind).contains(work.stamp.key);
    comparison.work.retain(is_wanted);
    comparison.unchanged.retain(is_wanted);
    tell_unknown_ids(job, &comparison);
    Ok(comparison)
}

/// Leaves out what too many titles contradict, and says why these titles stay.
fn contradicted(
    job: &Job<'_>,
    comparison: &mut Comparison,
    ledger: &Ledger,
) -> Result<HashMap<TitleId, Hold>, RunError> {
    let is_narrow = |kind: &Kind| matches!(job.scope.of(*kind), Selection::Ids(_));
    let narrow: Vec<Kind> = Kind::ALL.into_iter().filter(is_narrow).collect();
    hold_contradictions(comparison, (ledger, job.settings.observer), &job.allowed, &narrow)
}

/// Says so of ids that the user asked for and that no title of the source has, or none that counts.
fn tell_unknown_ids(job: &Job<'_>, comparison: &Comparison) {
    for kind in Kind::ALL {
        let Selection::Ids(ids) = job.scope.of(kind) else { continue };
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
            job.settings.observer.event(&Event::Warning(&text));
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

/// The kinds that the run is about.
fn kinds(job: &Job<'_>) -> Vec<Kind> {
    Kind::ALL.into_iter().filter(|kind| *job.scope.of(*kind) != Selection::Nothing).collect()
}

/// The kinds that no ids narrow: only of these the run knows what is missing.
fn whole_kinds(job: &Job<'_>) -> Vec<Kind> {
    Kind::ALL.into_iter().filter(|kind| *job.scope.of(*kind) == Selection::All).collect()
}

/// Whether no ids narrow the run: only then it tells what the catalogue no longer has.
fn is_whole(job: &Job<'_>) -> bool {
    Kind::ALL.into_iter().all(|kind| !matches!(job.scope.of(kind), Selection::Ids(_)))
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
    job: &Job<'_>,
    scene: Scene<'_>,
    comparison: &mut Comparison,
) -> Result<Presence, RunError> {
    let presence = look_around(job, scene)?;
    comparison.revisit(|id| job.relayout || presence.is_suspect(id));
    for kind in kinds(job) {
        tell_the_rest(job.settings.observer, comparison, kind);
    }
    Ok(presence)
}

/// Looks whether the folders still have what was put there.
fn look_around(job: &Job<'_>, scene: Scene<'_>) -> Result<Presence, RunError> {
    let (settings, kinds) = (&job.settings, kinds(job));
    let Scene { tree, ledger, is_distrusted } = scene;
    settings.observer.event(&Event::Phase(Phase::Check, None));
    let mut presence = match tree {
        Some(tree) if job.full || is_distrusted => look_at_all(tree, ledger, &kinds)?,
        Some(tree) => {
            let crew = Crew::new(tree, settings.concurrency, settings.observer);
            look(&crew, ledger, &kinds, folder_times(tree, ledger, job.settings.now)?)?
        }
        None => Presence::default(),
    };
    if let (Some(tree), false) = (tree, job.full || is_distrusted)
        && is_another_boot(ledger)?
    {
        let crew = Crew::new(tree, settings.concurrency, settings.observer);
        look_at_last(&crew, ledger, &kinds, &mut |found| presence.note_difference(found))?;
    }
    let left = ledger.left_behind()?;
    presence.unsure = ledger.unsure(&left.leftovers)?;
    presence.occupied = left.occupied;
    if let Some(tree) = tree {
        let unclear = ledger.unclear_folders(&kinds)?;
        let crew = Crew::new(tree, settings.concurrency, settings.observer);
        presence.shared = whose(&crew, &unclear)?;
    }
    Ok(presence)
}

/// Notes that what was written before this boot is there: a run about all titles has looked, and has written what was
/// not.
fn looked_after_boot(job: &Job<'_>, ledger: &Ledger) -> Result<(), RunError> {
    match whole_kinds(job).len() == Kind::ALL.len() {
        true => Ok(note_boot(ledger)?),
        false => Ok(()),
    }
}

/// Notes what was found of files: of titles that the catalogue does not have, those that are gone are forgotten; those
/// that hold something else are written anew as soon as they are wanted, be it in a later run.
fn note_differences(
    job: &Job<'_>,
    comparison: &Comparison,
    presence: &Presence,
    ledger: &mut Ledger,
) -> Result<(), RunError> {
    let absent = comparison.absent.iter().map(|known| known.id).filter(|_| is_whole(job));
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

fn begin_writing(job: &Job<'_>, comparison: &Comparison) {
    let titles = comparison.work.len() as u64;
    job.settings.observer.event(&Event::Phase(Phase::Write, Some(titles)));
}
