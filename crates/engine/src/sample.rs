//! A look at the titles of a source, without a library. It tells how many titles each part of the filter matches, and
//! what some of them would be called.

use vod2strm_catalog::source::Scope;
use vod2strm_core::cancel::Cancel;
use vod2strm_core::event::{Event, Observer, Phase};
use vod2strm_core::identity::compare::{KnownIndex, Work};
use vod2strm_core::identity::known::KnownFiles;
use vod2strm_core::identity::merge::MergeRules;
use vod2strm_core::model::media::{Kind, Title};
use vod2strm_core::model::stamp::Stamp;
use vod2strm_core::naming::{TitleFolder, preferred_folder};
use vod2strm_core::policy::Policy;
use vod2strm_core::render::{GivenNames, NameRule, render};

use crate::error::RunError;
use crate::read::load::{entries, work_through};
use crate::read::merge::{EntryReader, put_together};
use crate::read::select::{Matches, Reading};

/// Titles of each kind whose names are shown.
const SAMPLES: usize = 5;

/// What was seen.
#[derive(Debug, Default)]
pub struct Sample {
    /// Paths of `.strm` files that some titles would have, below the output folder.
    pub samples: Vec<String>,
    /// What the user's choice does, where there is one.
    pub filter: Option<Matches>,
    /// How many entries are of series that have no episodes.
    pub bare_series: u64,
}

/// Looks at titles: where a part of the user's choice may match nothing, at all of them, otherwise at a few. Ends when `cancel` is raised.
pub fn sample(
    source: &mut Reading,
    policy: &Policy,
    scope: &Scope,
    observer: &dyn Observer,
    cancel: &Cancel,
) -> Result<Sample, RunError> {
    observer.event(&Event::Phase(Phase::Stamps, None));
    let stamps = entries(&mut *source.catalog, scope, observer)?;
    let is_bare = |stamp: &&Stamp| stamp.kind == Kind::Series && stamp.episodes == 0;
    let (looks_at_all, has_bare) = (policy.choice.can_miss(), stamps.iter().any(|it| is_bare(&it)));
    // Who is without episodes is known of titles, not of entries.
    let is_merged = |stamp: &Stamp| looks_at_all || has_bare && stamp.kind == Kind::Series;
    let (merged, mut stamps): (Vec<Stamp>, Vec<Stamp>) = stamps.into_iter().partition(is_merged);
    stamps.extend(merge(merged, source, policy)?);
    let bare = stamps.iter().filter(is_bare);
    let bare_series = bare.map(|stamp| source.merges.number(stamp.kind, stamp.key)).sum();
    if !looks_at_all {
        let mut left = [SAMPLES; Kind::ALL.len()];
        stamps.retain(|stamp| {
            let left = &mut left[stamp.kind as usize];
            let is_sample = *left > 0;
            *left -= usize::from(is_sample);
            is_sample
        });
    }
    let work: Vec<Work> = stamps.into_iter().map(Work::of_new).collect();
    observer.event(&Event::Phase(Phase::Look, Some(work.len() as u64)));
    source.selector.count_matches();
    let mut samples = Samples::default();
    work_through(work, source, |batch| {
        batch.iter().for_each(|loaded| samples.add(policy, &loaded.title));
        observer.event(&Event::Stamps(batch.len() as u64));
        Ok(cancel.check()?)
    })?;
    let (samples, filter) = (samples.paths.concat(), source.selector.matches());
    Ok(Sample { samples, filter, bare_series })
}

/// Puts entries together as a first run would.
fn merge(
    stamps: Vec<Stamp>,
    source: &mut Reading,
    policy: &Policy,
) -> Result<Vec<Stamp>, RunError> {
    let mut reader = EntryReader::new(policy, source.selector.cleaner.years.clone());
    let (index, rules) = (KnownIndex::default(), MergeRules::default());
    let merged = put_together(&index, stamps, &mut reader, rules, None, &mut *source.catalog)?;
    source.merges.extend(merged.merges);
    Ok(merged.stamps)
}

/// Loads the titles that need no work, where what matches is counted: those that need work have been loaded.
pub fn count_the_rest(
    mut unchanged: Vec<Work>,
    source: &mut Reading,
    observer: &dyn Observer,
    cancel: &Cancel,
) -> Result<(), RunError> {
    if unchanged.is_empty() || source.selector.matches().is_none() {
        return Ok(());
    }
    observer.event(&Event::Phase(Phase::Look, Some(unchanged.len() as u64)));
    unchanged.sort_unstable_by_key(|work| (work.stamp.kind, work.stamp.key));
    work_through(unchanged, source, |batch| {
        observer.event(&Event::Stamps(batch.len() as u64));
        Ok(cancel.check()?)
    })
}

/// The first files of the first titles of each kind.
#[derive(Default)]
struct Samples {
    paths: [Vec<String>; Kind::ALL.len()],
}

impl Samples {
    fn add(&mut self, policy: &Policy, title: &Title) {
        let paths = &mut self.paths[title.kind as usize];
        if paths.len() == SAMPLES {
            return;
        }
        let folder = preferred_folder(&policy.layout, title);
        let rendered =
            render(policy, title, &GivenNames::of(&folder), &KnownFiles::new(), NameRule::Keep);
        if let Some(file) = rendered.files.iter().find(|file| file.key.is_strm()) {
            paths.push(TitleFolder::new(title.kind, &folder).below(&file.path));
        }
    }
}
