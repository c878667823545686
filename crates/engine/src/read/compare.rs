//! Says which titles of the ledger the entries of the source are: names are asked for only where something
//! is new or changed.

use std::collections::{HashMap, HashSet};

use tracing::debug;
use vod2strm_catalog::source::Catalog;
use vod2strm_core::event::{Event, HeldEvent, Observer};
use vod2strm_core::hold::{Hold, HoldId};
use vod2strm_core::identity::compare::{Comparison, KnownIndex, Matching};
use vod2strm_core::identity::known::TitleId;
use vod2strm_core::identity::{Label, RecognisedBy};
use vod2strm_core::model::media::{Kind, SourceKey};
use vod2strm_core::model::stamp::Stamp;
use vod2strm_core::names::cleaner::NameCleaner;
use vod2strm_core::names::years::Years;
use vod2strm_core::policy::Policy;
use vod2strm_core::removal::contradictions::{Contradictions, leave_out};
use vod2strm_disk::ledger::Ledger;

use crate::error::RunError;

/// Stamps that were read, and what they are compared by.
pub struct ReadStamps<'a> {
    /// The stamps.
    pub stamps: Vec<Stamp>,
    /// The kinds of which all stamps were read.
    pub kinds: &'a [Kind],
    /// What decides names and bytes.
    pub policy: &'a Policy,
    /// In seconds since 1970: says which years are plausible.
    pub now: i64,
}

/// Compares stamps with the titles of the ledger in `index`.
pub fn compared(
    index: &KnownIndex,
    ReadStamps { stamps, kinds, policy, now }: ReadStamps<'_>,
    ledger: &Ledger,
    catalog: &mut dyn Catalog,
) -> Result<Comparison, RunError> {
    // Names are read in one way whatever the layout shows, or another layout would make other titles.
    let mut cleaner = NameCleaner { takes_tags: true, ..policy.cleaner(Years::plausible_at(now)) };
    let mut matching = Matching::new(index, stamps, policy.fingerprint());
    for kind in Kind::ALL {
        let unknowns = matching.unknowns(kind);
        if unknowns.entries.is_empty() {
            continue;
        }
        let mut entries: HashMap<SourceKey, Label> = HashMap::new();
        catalog.headings(kind, &unknowns.entries, &mut |key, heading| {
            entries.insert(key, Label::read(&mut cleaner, heading));
        })?;
        let mut titles: HashMap<TitleId, Label> = HashMap::new();
        ledger.each_heading(&unknowns.titles, |id, heading| {
            titles.insert(id, Label::read(&mut cleaner, heading));
        })?;
        matching.identify(kind, entries, titles);
    }
    let comparison = matching.compare(kinds);
    for work in &comparison.work {
        if !matches!(work.reason, RecognisedBy::New | RecognisedBy::Same) {
            let (kind, key, title) = (work.stamp.kind, work.stamp.key.0, work.known);
            let title = title.map_or(0, |known| known.id.0);
            debug!(%kind, key, title, "recognised: {}", work.reason);
        }
    }
    Ok(comparison)
}

/// Leaves out, account by account, the works that contradict too many titles at once; gives why each of these
/// titles stays as it is. What was held by one of the holds in `allowed` is let go. Tells at once what is left
/// out of `narrow` kinds, those of which the run is about a few titles: no cleanup comes to them.
pub fn hold_contradictions(
    comparison: &mut Comparison,
    ledger: &Ledger,
    observer: &dyn Observer,
    allowed: &HashSet<HoldId>,
    narrow: &[Kind],
) -> Result<HashMap<TitleId, Hold>, RunError> {
    let held = contradicted(comparison, ledger, allowed)?;
    let told = leave_out(comparison, &held, narrow);
    let known = if told.is_empty() { Vec::new() } else { ledger.holds()? };
    for (hold, titles) in told {
        let id = known.iter().find(|known| known.key == hold.key()).map(|known| known.id);
        observer.event(&Event::Held(&HeldEvent { hold, id, titles, files: 0 }));
    }
    Ok(held)
}

/// The titles that are contradicted, of accounts of which too many are.
fn contradicted(
    comparison: &Comparison,
    ledger: &Ledger,
    allowed: &HashSet<HoldId>,
) -> Result<HashMap<TitleId, Hold>, RunError> {
    if comparison.contradictions.is_empty() {
        return Ok(HashMap::new());
    }
    let (allowed, _) = ledger.held_by(allowed)?;
    let Some(mut contradictions) = Contradictions::of(comparison, &allowed) else {
        return Ok(HashMap::new());
    };
    ledger.each_stream(|stream| contradictions.add_stream(&stream))?;
    Ok(contradictions.held(&ledger.account_names()?))
}
