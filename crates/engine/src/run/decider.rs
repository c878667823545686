//! Reads from the ledger what a removal depends on.

use std::collections::HashMap;

use vod2strm_core::hold::Doubt;
use vod2strm_core::identity::known::{Known, TitleId};
use vod2strm_core::model::media::Kind;
use vod2strm_core::removal::accounts::Roster;
use vod2strm_core::removal::decide::{Decider, RunFindings, Terms};
use vod2strm_core::removal::losses::{LossCount, LossCounting, LossSources, Losses};
use vod2strm_core::removal::offered::OfferedTitles;
use vod2strm_disk::ledger::Ledger;

use crate::error::RunError;

/// What a run has planned, as far as removals depend on it.
pub struct PlannedTitles<'a> {
    /// Who offers the titles that were loaded.
    pub offered: &'a OfferedTitles,
    /// The titles that the catalogue no longer has, without those that were removed before.
    pub missing_titles: HashMap<TitleId, Known>,
    /// Whether a planned title has files that are wanted.
    pub has_files: bool,
}

/// Who decides what may go.
pub fn decider(
    losses: &Losses,
    planned: PlannedTitles<'_>,
    ledger: &Ledger,
    roster: Roster,
    terms: Terms,
) -> Result<Decider, RunError> {
    let has_any = losses.has_unchanged || planned.has_files;
    let LossCount { guard, missing_streams, missing_titles } =
        count(losses, planned, ledger, &roster, &terms)?;
    let found = RunFindings {
        roster,
        guard,
        missing_streams,
        missing_titles,
        contradicted: losses.contradicted.clone(),
        reclassified: losses.reclassified.clone(),
        kinds: losses.kinds.clone(),
        proved: proved_runs(ledger, terms.doubt())?,
        has_any,
        known_holds: ledger.holds()?,
    };
    Ok(Decider::new(found, terms))
}

/// Counts, after all is written that is there.
fn count(
    losses: &Losses,
    planned: PlannedTitles<'_>,
    ledger: &Ledger,
    roster: &Roster,
    terms: &Terms,
) -> Result<LossCount, RunError> {
    let PlannedTitles { offered, missing_titles, .. } = planned;
    let (allowed, allowed_episodes) = ledger.held_by(terms.allowed())?;
    let this_run = Kind::ALL.map(|kind| (kind, ledger.this_run(kind))).into();
    let sources = LossSources {
        losses,
        offered,
        roster,
        missing_titles,
        allowed,
        allowed_episodes,
        this_run,
    };
    let mut counting = LossCounting::new(sources);
    ledger.each_stream(|stream| counting.add_stream(stream))?;
    ledger.each_played(&counting.bereft(), |stream| counting.add_played(stream))?;
    ledger.each_episode_count(|title, account, numbers| {
        counting.add_episodes(title, account, numbers);
    })?;
    Ok(counting.finish(ledger.memory()?, &ledger.account_names()?))
}

/// By kind the runs that count; while the end is in doubt itself all do, for then nothing goes.
fn proved_runs(ledger: &Ledger, doubt: Option<Doubt>) -> Result<HashMap<Kind, u32>, RunError> {
    let kinds = if doubt.is_none() { &Kind::ALL[..] } else { &[] };
    kinds.iter().map(|kind| Ok((*kind, ledger.proved_runs(*kind)?))).collect()
}
