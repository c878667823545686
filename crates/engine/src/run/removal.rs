//! The last step: what is due goes, what waits and is held is counted.

use vod2strm_catalog::source::Catalog;
use vod2strm_core::event::{Event, Phase};
use vod2strm_core::removal::accounts::Will;
use vod2strm_core::removal::candidate::cases;
use vod2strm_core::removal::decide::{Decider, Terms};
use vod2strm_core::removal::losses::Losses;
use vod2strm_core::removal::record::{Completed, Holds};
use vod2strm_disk::ledger::Ledger;
use vod2strm_disk::library::Library;

use crate::config::Cleanup;
use crate::context::Run;
use crate::error::RunError;
use crate::planner::Planner;
use crate::run::cleanup::{CleanupWork, day_of, remove_left_behind};
use crate::run::decider::{PlannedTitles, decider};

/// Removes what is due, and counts what waits and is held. Says whether nothing was missing.
pub fn remove_what_is_gone(
    run: &Run<'_>,
    losses: &Losses,
    planner: &Planner<'_>,
    library: &mut Library,
    catalog: &mut dyn Catalog,
) -> Result<bool, RunError> {
    library.ledger.release_left(&losses.left)?;
    let cases = cases(planner.missing(), library.ledger.with_unwanted()?, &losses.kinds);
    if run.config.cleanup == Cleanup::Apply {
        remove_left_behind(&library.tree, &mut library.ledger, run.observer)?;
    }
    if cases.is_empty() && losses.is_none() {
        let filter = run.policy.filter();
        let will = Will { filter, disabled: catalog.disabled() };
        complete(run, &mut library.ledger, Some(will))?;
        return Ok(true);
    }
    run.observer.event(&Event::Phase(Phase::Cleanup, None));
    if catalog.doubt().is_some() {
        library.ledger.note_doubt(&run.whole_kinds())?;
    }
    let decider = decider_of(run, losses, &library.ledger, planner, catalog)?;
    let work = CleanupWork::new(*run, decider, &library.ledger)?;
    work.clean_up(&library.tree, &mut library.ledger, &cases)?;
    Ok(false)
}

/// Notes that a run came to its end that misses nothing; `will` is the user's, unless it is as before.
pub fn complete(run: &Run<'_>, ledger: &mut Ledger, will: Option<Will>) -> Result<(), RunError> {
    let holds = Holds { is_cleanup: true, ..Holds::default() };
    let holds = (run.config.cleanup != Cleanup::Off).then_some(holds);
    let (kinds, day) = (run.whole_kinds(), day_of(run.now));
    Ok(ledger.complete(&Completed { kinds, day, holds, will, ..Completed::default() })?)
}

/// Who decides, of this source and of what was planned.
fn decider_of(
    run: &Run<'_>,
    losses: &Losses,
    ledger: &Ledger,
    planner: &Planner<'_>,
    catalog: &mut dyn Catalog,
) -> Result<Decider, RunError> {
    let (roster, can_fetch) = (catalog.roster()?, catalog.episodes().is_some());
    let terms = Terms::new(run.config.grace, run.allowed.clone(), can_fetch, catalog.doubt())
        .asking(run.policy.choice.may_leave_nothing());
    let planned = PlannedTitles {
        offered: planner.offered(),
        missing_titles: planner.missing().map(|known| (known.id, *known)).collect(),
        has_files: planner.has_files(),
    };
    decider(losses, planned, ledger, roster, terms)
}
