//! A look at the titles of a source, without a library: how many each part of the filter matches, and
//! what some of them would be called.

use serde::Serialize;
use vod2strm_catalog::source::Scope;
use vod2strm_core::cancel::Cancel;
use vod2strm_core::event::{Event, Observer, Phase};
use vod2strm_core::identity::known::KnownFiles;
use vod2strm_core::model::media::{Kind, Title};
use vod2strm_core::naming::{library_root, preferred_folder};
use vod2strm_core::policy::Policy;
use vod2strm_core::render::{NameRule, render};
use vod2strm_core::select::Choice;
use vod2strm_core::text::counted;

use crate::error::RunError;
use crate::read::load::{everything, work_through};
use crate::read::select::Reading;

/// Titles of each kind whose names are shown.
const SAMPLES: usize = 5;

/// What was seen.
#[derive(Debug, Default)]
pub struct Sample {
    /// Paths of `.strm` files that some titles would have, below the output folder.
    pub samples: Vec<String>,
    /// What the filter does, where there is one.
    pub filter: Option<Matches>,
}

/// What a filter does with a source's titles.
#[derive(Clone, Debug, Serialize)]
pub struct Matches {
    /// All titles.
    pub titles: u64,
    /// Those that it lets through.
    pub wanted: u64,
    /// Its comparisons, each by itself.
    pub parts: Vec<PartMatches>,
}

/// What a comparison of a filter matches.
#[derive(Clone, Debug, Serialize)]
pub struct PartMatches {
    /// As the user wrote it.
    pub part: String,
    /// How many titles it matches.
    pub titles: u64,
}

impl Matches {
    /// Tells of the parts that match nothing: mostly a slip.
    pub fn warn(&self, observer: &dyn Observer) {
        for part in self.parts.iter().filter(|part| part.titles == 0) {
            let titles = counted(self.titles, "title", "titles");
            let text = format!("filter: {} matches none of {titles}", part.part);
            observer.event(&Event::Warning(&text));
        }
    }
}

/// Looks at titles: with a filter at all of them, otherwise at a few. Ends when `cancel` is raised.
pub fn sample(
    source: &mut Reading,
    policy: &Policy,
    scope: &Scope,
    (observer, cancel): (&dyn Observer, &Cancel),
) -> Result<Sample, RunError> {
    observer.event(&Event::Phase(Phase::Stamps, None));
    let mut work = everything(&mut *source.catalog, scope, observer)?;
    if policy.choice.filter.is_none() {
        let mut left = [SAMPLES; Kind::ALL.len()];
        work.retain(|work| {
            let left = &mut left[work.stamp.kind as usize];
            let is_sample = *left > 0;
            *left -= usize::from(is_sample);
            is_sample
        });
    }
    observer.event(&Event::Phase(Phase::Look, Some(work.len() as u64)));
    source.selector.count_anew();
    let (mut samples, mut titles, mut wanted) = (Samples::default(), 0, 0);
    work_through(work, source, |batch| {
        for loaded in &batch {
            titles += 1;
            wanted += u64::from(!loaded.title.is_filtered());
            samples.add(policy, &loaded.title);
        }
        observer.event(&Event::Stamps(batch.len() as u64));
        Ok(cancel.check()?)
    })?;
    let filter = matches(&policy.choice, &source.selector.matched, (titles, wanted));
    Ok(Sample { samples: samples.paths.concat(), filter })
}

fn matches(choice: &Choice, matched: &[u64], (titles, wanted): (u64, u64)) -> Option<Matches> {
    let parts = choice.filter.as_ref()?.parts().iter().zip(matched);
    let parts =
        parts.map(|(part, titles)| PartMatches { part: part.as_str().to_owned(), titles: *titles });
    Some(Matches { titles, wanted, parts: parts.collect() })
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
        let rendered = render(policy, title, &folder, (&KnownFiles::new(), NameRule::Keep));
        if let Some(file) = rendered.files.iter().find(|file| file.role.is_strm()) {
            paths.push(format!("{}/{folder}/{}", library_root(title.kind), file.path));
        }
    }
}
