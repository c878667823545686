//! Says which titles of the ledger the entries of the source are: names are asked for only where something
//! is new or changed.

use std::collections::{HashMap, HashSet};

use tracing::debug;
use vod2strm_core::event::{Event, HeldEvent, Observer};
use vod2strm_core::hold::{Hold, HoldId};
use vod2strm_core::identity::compare::{Comparison, KnownIndex, Matching};
use vod2strm_core::identity::known::TitleId;
use vod2strm_core::identity::merge::{MergeRules, Merged};
use vod2strm_core::identity::{Label, RecognisedBy};
use vod2strm_core::model::media::{Kind, SourceKey};
use vod2strm_core::model::stamp::Stamp;
use vod2strm_core::policy::Policy;
use vod2strm_core::removal::contradictions::{Contradictions, leave_out};
use vod2strm_disk::ledger::Ledger;

use crate::error::RunError;
use crate::read::merge::{EntryReader, put_together};
use crate::read::select::Reading;

/// Stamps that were read, and what they are compared by.
pub struct ReadStamps<'a> {
    /// The stamps, one an entry.
    pub stamps: Vec<Stamp>,
    /// What was read of entries' names, and reads more.
    pub names: EntryReader<'a>,
    /// The kinds of which all stamps were read.
    pub kinds: &'a [Kind],
    /// What decides names and bytes.
    pub policy: &'a Policy,
    /// How entries are put together.
    pub rules: MergeRules,
}

/// Puts the entries together, and compares what comes of it with the titles of the ledger in `index`.
pub fn compared(
    index: &KnownIndex,
    ReadStamps { stamps, names: mut reader, kinds, policy, rules }: ReadStamps<'_>,
    ledger: &Ledger,
    source: &mut Reading,
) -> Result<Comparison, RunError> {
    let catalog = &mut *source.catalog;
    let Merged { stamps, merges, apart, united, staying, left } =
        put_together(index, stamps, &mut reader, rules, Some(ledger), catalog)?;
    let mut matching = Matching::new(index, stamps, policy.fingerprint());
    matching.keep(&staying);
    for kind in Kind::ALL {
        let unknowns = matching.unknowns(kind);
        if unknowns.entries.is_empty() {
            continue;
        }
        reader.read(kind, &unknowns.entries, &merges, catalog)?;
        let label = |key: &SourceKey| (*key, reader.label(kind, &merges.entries(kind, *key)));
        let entries: HashMap<SourceKey, Label> = unknowns.entries.iter().map(label).collect();
        let titles = reader.titles(kind, &unknowns.titles, ledger)?;
        matching.identify(kind, entries, titles);
    }
    source.merges.extend(merges);
    source.are_merges_known = true;
    let comparison = Comparison { united, apart, left, ..matching.compare(kinds) };
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
