//! The first pass: which titles are new, changed or missing, by stamps beside the ledger.

use std::collections::{BTreeMap, HashMap, HashSet};

use vod2strm_catalog::source::{Catalog, NotOffered, Scope, Selection};
use vod2strm_core::entries::{EntryCounts, WhyLeftOut};
use vod2strm_core::event::{Event, Phase};
use vod2strm_core::hold::Hold;
use vod2strm_core::identity::Heading;
use vod2strm_core::identity::compare::{Comparison, Work};
use vod2strm_core::identity::known::{Known, TitleId};
use vod2strm_core::identity::merge::MergeRules;
use vod2strm_core::identity::merges::Merges;
use vod2strm_core::model::media::Kind;
use vod2strm_core::model::stamp::Stamp;
use vod2strm_core::removal::losses::Losses;
use vod2strm_core::removal::reclassified::Reclassified;
use vod2strm_core::text::counted;
use vod2strm_disk::ledger::Ledger;

use crate::context::Run;
use crate::entries::note;
use crate::error::RunError;
use crate::read::compare::{ReadStamps, compared, hold_contradictions};
use crate::read::merge::EntryReader;
use crate::read::select::Reading;

/// The first pass: stamps against the ledger. Gives also the titles whose entries are taken for something else.
pub fn what_changed(
    run: &Run<'_>,
    ledger: &Ledger,
    source: &mut Reading,
) -> Result<(Comparison, Reclassified), RunError> {
    run.observer.event(&Event::Phase(Phase::Stamps, None));
    let mut names = EntryReader::new(run.policy, source.selector.cleaner.years.clone());
    let stamps = read_stamps(run, ledger, &mut names, source)?;
    let mut not_asked = [0; Kind::ALL.len()];
    stamps.iter().for_each(|stamp| not_asked[stamp.kind as usize] += 1);
    run.observer.event(&Event::Phase(Phase::Compare, None));
    let index = ledger.index(run.policy.naming())?;
    let read = ReadStamps {
        stamps,
        names,
        kinds: &run.kinds(),
        policy: run.policy,
        rules: MergeRules { grace: run.config.grace, is_anew: run.request.relayout },
    };
    let mut comparison = compared(&index, read, ledger, source)?;
    if index.has_apart() || !comparison.apart.is_empty() {
        ledger.note_apart(&comparison.apart)?;
    }
    let Reading { catalog, merges, .. } = source;
    let is_wanted = |work: &Work| {
        let kind = work.stamp.kind;
        let mut entries = merges.entries(kind, work.stamp.key).into_iter();
        entries.any(|entry| run.scope.of(kind).contains(entry))
    };
    comparison.work.retain(is_wanted);
    comparison.unchanged.retain(is_wanted);
    for Work { stamp, .. } in comparison.work.iter().chain(&comparison.unchanged) {
        not_asked[stamp.kind as usize] -= merges.number(stamp.kind, stamp.key);
    }
    tell_entries(run, ledger, catalog.entries(), not_asked)?;
    tell_not_offered(run, &comparison, merges, &mut **catalog)?;
    let reclassified = match catalog.reclassified() {
        Some(streams) => Reclassified::of(&comparison, &index, streams),
        None => Reclassified::default(),
    };
    tell_reclassified(run, &reclassified);
    Ok((comparison, reclassified))
}

/// The stamps of all entries. Of a library that has nothing yet all titles are loaded, which says all else.
fn read_stamps(
    run: &Run<'_>,
    ledger: &Ledger,
    names: &mut EntryReader<'_>,
    source: &mut Reading,
) -> Result<Vec<Stamp>, RunError> {
    let mut stamps: Vec<Stamp> = Vec::new();
    let (scope, is_cleaned) = (everything(run.scope), run.policy.are_names_cleaned());
    let mut sink = |stamp| {
        stamps.push(stamp);
        if stamps.len().is_multiple_of(1_000) {
            run.observer.event(&Event::Stamps(1_000));
        }
    };
    let mut named = |kind, key, heading: Heading<'_>| {
        if is_cleaned {
            names.take(kind, key, heading);
        }
    };
    let is_first = run.is_whole() && ledger.is_blank()?;
    if !is_first || !source.catalog.first_stamps(&scope, &mut sink, &mut named)? {
        source.catalog.stamps(&scope, &mut sink)?;
    }
    Ok(stamps)
}

/// Titles that are named when they become one with others.
const NAMED: usize = 10;

/// Notes which titles of the ledger are one now, and tells it: the files of the others go.
pub fn unite(
    run: &Run<'_>,
    comparison: &mut Comparison,
    ledger: &mut Ledger,
) -> Result<(), RunError> {
    let united = &comparison.united;
    if united.is_empty() {
        return Ok(());
    }
    comparison.missing_titles.retain(|known| !united.contains_key(&known.id));
    ledger.unite(united)?;
    let mut ids: Vec<TitleId> = united.keys().copied().collect();
    ids.sort_unstable();
    ids.truncate(NAMED);
    let mut names = Vec::with_capacity(ids.len());
    ledger.each_heading(&ids, |_, heading| names.push(heading.name.to_owned()))?;
    let number = united.len() as u64;
    let more = number.saturating_sub(names.len() as u64);
    let more = if more > 0 { format!(", and {more} more") } else { String::new() };
    let text = format!(
        "{} with others of equal names and years; their files are not wanted any more: {}{more}",
        counted(number, "title becomes one", "titles become one"),
        names.join(", ")
    );
    run.observer.event(&Event::Warning(&text));
    Ok(())
}

/// Notes what the source's entries are, and tells it: besides, how many entries of each kind the run is not about.
fn tell_entries(
    run: &Run<'_>,
    ledger: &Ledger,
    entries: &EntryCounts,
    not_asked: [u64; Kind::ALL.len()],
) -> Result<(), RunError> {
    note(ledger, entries)?;
    let mut entries = entries.clone();
    for (kind, number) in Kind::ALL.into_iter().zip(not_asked) {
        if let Some(entries) = entries.get_mut(&Some(kind)) {
            entries.set_aside(WhyLeftOut::NotAsked, number);
        }
    }
    run.observer.event(&Event::Entries(&entries));
    Ok(())
}

/// Says how many titles are missing since their entries are taken for something else.
fn tell_reclassified(run: &Run<'_>, reclassified: &Reclassified) {
    for kind in run.whole_kinds() {
        let number = reclassified.number(kind) as u64;
        if number > 0 {
            let many = match kind {
                Kind::Movie => counted(number, "movie", "movies"),
                Kind::Series => counted(number, "series", "series"),
            };
            let text = format!(
                "the source has the entries of {many} of the library still, and takes them for something else: \
                 vod2strm doctor shows for what, and the settings classify_… overrule it"
            );
            run.observer.event(&Event::Warning(&text));
        }
    }
}

/// Leaves out what too many titles contradict, and says why these titles stay.
pub fn contradicted(
    run: &Run<'_>,
    comparison: &mut Comparison,
    ledger: &Ledger,
) -> Result<HashMap<TitleId, Hold>, RunError> {
    let is_narrow = |kind: &Kind| matches!(run.scope.of(*kind), Selection::Ids(_));
    let narrow: Vec<Kind> = Kind::ALL.into_iter().filter(is_narrow).collect();
    hold_contradictions(comparison, ledger, run.observer, run.allowed, &narrow)
}

/// Says so of ids that the user asked for and that the source does not offer, and why.
fn tell_not_offered(
    run: &Run<'_>,
    comparison: &Comparison,
    merges: &Merges,
    catalog: &mut dyn Catalog,
) -> Result<(), RunError> {
    for kind in Kind::ALL {
        let Selection::Ids(ids) = run.scope.of(kind) else { continue };
        let all = comparison.work.iter().chain(&comparison.unchanged);
        let of_kind = all.filter(|work| work.stamp.kind == kind);
        let entries = of_kind.flat_map(|work| merges.entries(kind, work.stamp.key));
        let found: HashSet<i64> = entries.map(|entry| entry.0).collect();
        let missing: Vec<i64> = ids.iter().filter(|id| !found.contains(id)).copied().collect();
        if missing.is_empty() {
            continue;
        }
        let mut by_reason: BTreeMap<NotOffered, Vec<String>> = BTreeMap::new();
        for (id, why) in catalog.not_offered(kind, &missing)? {
            by_reason.entry(why).or_default().push(id.to_string());
        }
        for (why, ids) in by_reason {
            let text = format!("{}_ids: {}: {why}", kind.as_str(), ids.join(", "));
            run.observer.event(&Event::Warning(&text));
        }
    }
    Ok(())
}

/// Who a title is can be said only beside all others of its kind, also when a few are asked for.
fn everything(scope: &Scope) -> Scope {
    let whole = |selection: &Selection| match selection {
        Selection::Nothing => Selection::Nothing,
        Selection::All | Selection::Ids(_) => Selection::All,
    };
    Scope { movies: whole(&scope.movies), series: whole(&scope.series) }
}

/// The titles that were removed while the catalogue had them, and that it has no more.
pub fn removed_and_missing(run: &Run<'_>, comparison: &Comparison) -> Vec<TitleId> {
    let kinds = run.whole_kinds();
    let is_new = |known: &&Known| known.is_removed && known.missing_runs == 0;
    let missing = comparison.missing_titles.iter().filter(is_new);
    missing.filter(|known| kinds.contains(&known.kind)).map(|known| known.id).collect()
}

/// Notes what the library has before the run writes.
pub fn note_episodes(losses: &mut Losses, ledger: &Ledger) -> Result<(), RunError> {
    Ok(ledger.each_episode_count(|_, account, [number, _]| losses.add_episodes(account, number))?)
}
