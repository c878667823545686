//! The stage between reading and planning: titles get the names that people are to see, and the streams that the user
//! wants.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::Serialize;
use vod2strm_catalog::error::CatalogError;
use vod2strm_catalog::source::{Catalog, IsPlayed};
use vod2strm_core::event::{Event, Observer};
use vod2strm_core::hash::{ContentHash, Fingerprint};
use vod2strm_core::identity::compare::Work;
use vod2strm_core::identity::known::TitleId;
use vod2strm_core::identity::merges::Merges;
use vod2strm_core::model::left_out::LeftOutBy;
use vod2strm_core::model::measured::Measured;
use vod2strm_core::model::media::{Kind, SourceKey, Stream, Title};
use vod2strm_core::model::merged::merged;
use vod2strm_core::model::stamp::{Few, StreamId};
use vod2strm_core::names::cleaner::NameCleaner;
use vod2strm_core::names::years::Years;
use vod2strm_core::policy::Policy;
use vod2strm_core::render::strm_of;
use vod2strm_core::render::url::is_without_address;
use vod2strm_core::select::filter::{Filter, Part};
use vod2strm_core::select::lines::TitleLines;
use vod2strm_core::select::{Chosen, order_by_quality};
use vod2strm_core::text::counted;
use vod2strm_disk::ledger::{Ledger, Remembered};

use crate::error::RunError;
use crate::host::Host;
use crate::read::habits::HabitLearner;
use crate::source::{SourceAddress, SourceOptions};

/// A catalogue that is read, and what is done to the titles that are loaded from it.
pub struct Reading {
    /// The catalogue.
    pub catalog: Box<dyn Catalog>,
    /// What is done to titles.
    pub selector: Selector,
    /// What the ledger remembers of the streams that are loaded.
    remembered: Remembered,
    /// Which titles have several entries, as far as that was found out.
    pub merges: Merges,
    /// Whether all of these are known.
    pub are_merges_known: bool,
    /// Addresses that name stream and account play whatever UUID they have: a UUID alone writes no file.
    pub keeps_uuids: bool,
}

/// Whether a library plays just this address. A ledger that cannot be read knows none: whoever asks meets its error
/// elsewhere.
pub fn is_played(
    policy: &Policy,
    ledger: &Ledger,
    properties: Option<&str>,
    address: &str,
) -> bool {
    let hash = strm_of(policy, properties, address).map(|content| ContentHash::of(&content));
    hash.is_some_and(|hash| ledger.has_content(hash).unwrap_or(false))
}

/// What the user's choice does with a source's titles.
#[derive(Clone, Debug, Serialize)]
pub struct Matches {
    /// All titles.
    pub titles: u64,
    /// Those that are wanted.
    pub wanted: u64,
    /// The comparisons of the filter, each by itself.
    pub parts: Vec<PartMatches>,
    /// The lines that name none of the titles.
    pub unmatched: Vec<UnmatchedLine>,
    /// What leaves out how many entries of those that are not wanted, by kind.
    #[serde(skip)]
    pub left_out: BTreeMap<(Kind, LeftOutBy), u64>,
    /// Fields that the filter asks for and only a measurement tells, where none of the streams is measured.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unmeasured: Vec<&'static str>,
}

/// A line that names no title.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UnmatchedLine {
    /// The setting that has it.
    pub setting: &'static str,
    /// As the user wrote it.
    pub line: String,
}

/// The most lines that match nothing which are told one by one.
const TOLD_LINES: usize = 20;

/// What a comparison of a filter matches.
#[derive(Clone, Debug, Serialize)]
pub struct PartMatches {
    /// As the user wrote it.
    pub part: String,
    /// How many titles it matches.
    pub titles: u64,
}

impl Matches {
    /// Tells of the parts and lines that match nothing: mostly a slip.
    pub fn warn(&self, observer: &dyn Observer) {
        let titles = counted(self.titles, "title", "titles");
        for part in self.parts.iter().filter(|part| part.titles == 0) {
            let text = format!("filter: {} matches none of {titles}", part.part);
            observer.event(&Event::Warning(&text));
        }
        if let Some(text) = self.unmeasured_fields() {
            observer.event(&Event::Warning(&format!("filter: {text}")));
        }
        self.warn_of_lines(observer);
    }

    /// What is told of fields that nothing in the source answers.
    pub fn unmeasured_fields(&self) -> Option<String> {
        let fields = self.unmeasured.join(", ");
        let text = format!(
            "{fields}: only known of streams that were measured, and none of {} has one: it takes the plugin \
             vod-probe, or providers that tell it; playlists never do",
            counted(self.titles, "title", "titles")
        );
        (!self.unmeasured.is_empty()).then_some(text)
    }

    /// Tells of the lines alone.
    pub fn warn_of_lines(&self, observer: &dyn Observer) {
        for (setting, text) in self.unmatched_lines() {
            observer.event(&Event::Warning(&format!("{setting}: {text}")));
        }
    }

    /// What is told of the lines that match nothing, by setting; many are counted.
    pub fn unmatched_lines(&self) -> Vec<(&'static str, String)> {
        let titles = counted(self.titles, "title", "titles");
        let mut told = Vec::new();
        for lines in self.unmatched.chunk_by(|a, b| a.setting == b.setting) {
            let (shown, more) = lines.split_at(lines.len().min(TOLD_LINES));
            // What is chosen is a stream.
            let none = |setting| if setting == "choose" { "no stream" } else { "none" };
            let one = |it: &UnmatchedLine| {
                let text = format!("{} matches {} of {titles}", it.line, none(it.setting));
                (it.setting, text)
            };
            told.extend(shown.iter().map(one));
            let rest = counted(more.len() as u64, "further line matches", "further lines match");
            let rest = |it: &UnmatchedLine| {
                (it.setting, format!("{rest} {} of {titles}", none(it.setting)))
            };
            told.extend(more.first().map(rest));
        }
        told
    }
}

/// Cleans the names of titles, and chooses their streams.
pub struct Selector {
    /// Reads names.
    pub cleaner: NameCleaner,
    /// Learns what the names of categories have in common.
    pub habits: HabitLearner,
    policy: Policy,
    /// The policy's fingerprint.
    settings: Fingerprint,
    /// What the filter does with the titles that are loaded, if anybody wants to know.
    counts: Option<MatchCounts>,
    /// Titles for which a pattern of the filter took too long.
    too_slow: u64,
}

/// What the filter does with titles, each of which counts once.
#[derive(Debug, Default)]
struct MatchCounts {
    counted: HashSet<(Kind, SourceKey)>,
    wanted: u64,
    /// The others, by what leaves them out.
    left_out: BTreeMap<(Kind, LeftOutBy), u64>,
    /// In the order of the filter's parts.
    parts: Vec<u64>,
    /// The lines of `block` that name a title, by their places.
    blocked_by: HashSet<usize>,
    /// Those of `pick`.
    picked_by: HashSet<usize>,
    /// Those of `choose` that prefer a stream of a title.
    chosen_by: HashSet<usize>,
    /// One of the streams was measured.
    is_measured: bool,
}

impl MatchCounts {
    /// Counts a title, unless it was loaded before.
    fn add(&mut self, title: &Title, chosen: &Chosen) {
        if self.counted.insert((title.kind, title.key)) {
            match title.left_out_by() {
                None => self.wanted += 1,
                Some(by) => *self.left_out.entry((title.kind, by)).or_default() += title.entries(),
            }
            let parts = self.parts.iter_mut().zip(&chosen.parts);
            parts.for_each(|(count, is)| *count += u64::from(*is));
            self.blocked_by.extend(&chosen.blocked_by);
            self.picked_by.extend(&chosen.picked_by);
            self.chosen_by.extend(&chosen.chosen_by);
            self.is_measured |= is_measured(title);
        }
    }
}

impl Reading {
    /// Opens a source, with the names that people are to see. `is_played` knows the library's addresses.
    pub fn open(
        source: &SourceAddress,
        policy: &Policy,
        host: &Host<'_>,
        is_played: &IsPlayed<'_>,
    ) -> Result<Reading, CatalogError> {
        let years = Years::plausible_at(host.clock.now());
        let options = SourceOptions { years, is_played, keeps_left_out: false };
        Reading::open_with(source, policy, host, &options)
    }

    /// The same with options of the caller's.
    pub fn open_with(
        source: &SourceAddress,
        policy: &Policy,
        host: &Host<'_>,
        options: &SourceOptions<'_>,
    ) -> Result<Reading, CatalogError> {
        let cleaner = policy.cleaner(options.years.clone());
        let selector = Selector::new(cleaner, policy.clone());
        let catalog = host.sources.open(source, options, host.cancel)?;
        Ok(Reading {
            catalog,
            selector,
            remembered: Remembered::new(),
            merges: Merges::default(),
            are_merges_known: false,
            keeps_uuids: false,
        })
    }

    /// From now on, what was measured of the streams of these titles holds while the source says nothing of it.
    pub fn remember(
        &mut self,
        ledger: &Ledger,
        titles: impl Iterator<Item = TitleId>,
    ) -> Result<(), RunError> {
        let mut titles = titles.peekable();
        self.remembered =
            if titles.peek().is_some() { ledger.measured(titles)? } else { Remembered::new() };
        Ok(())
    }

    /// Catalogue and settings of a work whose title was loaded just now, mixed. The first stamps of a library have none.
    pub fn fingerprint(&self, work: &Work) -> Fingerprint {
        let Some(loaded) = self.catalog.loaded() else { return work.fingerprint };
        let entries = self.merges.entries(work.stamp.kind, work.stamp.key);
        let entries = entries.iter().filter_map(|key| loaded.get(key).copied());
        entries.reduce(Fingerprint::fold).unwrap_or_default().mixed_with(self.selector.settings)
    }

    /// The whole titles behind these keys, all of one kind, in any order: named and chosen from.
    pub fn titles(&mut self, kind: Kind, keys: &[SourceKey]) -> Result<Vec<Title>, CatalogError> {
        let mut titles = self.merged_titles(kind, keys)?;
        titles.iter_mut().for_each(|title| fill_in(title, &self.remembered));
        let Selector { habits, cleaner, .. } = &mut self.selector;
        habits.learn(&mut *self.catalog, kind, &titles, cleaner)?;
        titles.iter_mut().for_each(|title| self.selector.prepare(title));
        Ok(titles)
    }

    /// The titles behind these keys, each made of all of its entries that the source offers.
    fn merged_titles(
        &mut self,
        kind: Kind,
        keys: &[SourceKey],
    ) -> Result<Vec<Title>, CatalogError> {
        let mut entries: Vec<Title> = Vec::with_capacity(keys.len());
        if self.merges.is_empty() {
            self.catalog.load(kind, keys, &mut |entry| entries.push(entry))?;
            return Ok(entries);
        }
        let lists: Vec<Few<SourceKey>> =
            keys.iter().map(|key| self.merges.entries(kind, *key)).collect();
        self.catalog.load(kind, &lists.concat(), &mut |entry| entries.push(entry))?;
        let mut entries: HashMap<SourceKey, Title> =
            entries.into_iter().map(|entry| (entry.key, entry)).collect();
        let title = |keys: &Few<SourceKey>| {
            let title = merged(keys.iter().filter_map(|key| entries.remove(key)).collect())?;
            Some(Title { key: keys[0], ..title })
        };
        Ok(lists.iter().filter_map(title).collect())
    }
}

/// Whether one of a title's streams was measured.
fn is_measured(title: &Title) -> bool {
    let played = title.episodes.iter().flat_map(|episode| &episode.streams);
    title.streams.iter().chain(played).any(|stream| stream.measured.is_some())
}

/// What is remembered of the streams that are played stands in for what the source does not say.
fn fill_in(title: &mut Title, remembered: &Remembered) {
    if remembered.is_empty() {
        return;
    }
    let kind = title.kind;
    let played: Vec<&mut Stream> = match kind {
        Kind::Movie => title.streams.iter_mut().collect(),
        Kind::Series => {
            title.episodes.iter_mut().flat_map(|episode| &mut episode.streams).collect()
        }
    };
    for stream in played {
        let before = remembered.get(&StreamId::of(kind, stream));
        let before = before.and_then(|text| text.parse().ok());
        let now = stream.measured.take().map(|now| *now);
        stream.measured = Measured::latest(now, before).map(Box::new);
    }
}

impl Selector {
    /// Names as the cleaner reads them, streams as the user chooses them.
    pub fn new(cleaner: NameCleaner, policy: Policy) -> Selector {
        let (habits, settings) = (HabitLearner::default(), policy.fingerprint());
        Selector { cleaner, habits, policy, settings, counts: None, too_slow: 0 }
    }

    /// From now on counts what the filter does with the titles that are loaded, each once.
    pub fn count_matches(&mut self) {
        let parts = self.policy.choice.filter.as_ref().map_or(0, |filter| filter.parts().len());
        self.counts = Some(MatchCounts { parts: vec![0; parts], ..MatchCounts::default() });
    }

    /// What was counted; `None` if there is nothing that could match nothing, or if nobody wanted to know.
    pub fn matches(&self) -> Option<Matches> {
        let (counts, choice) = (self.counts.as_ref()?, &self.policy.choice);
        if !choice.can_miss() {
            return None;
        }
        let part = |(part, titles): (&Part, &u64)| PartMatches {
            part: part.as_str().to_owned(),
            titles: *titles,
        };
        let parts = choice.filter.iter().flat_map(Filter::parts);
        let parts = parts.zip(&counts.parts).map(part).collect();
        let (titles, wanted) = (counts.counted.len() as u64, counts.wanted);
        let lines = |lines: &TitleLines| lines.iter().map(|it| it.as_str().to_owned()).collect();
        let own = choice.choose.texts().map(str::to_owned).collect();
        let unmatched = [
            unmatched("block", lines(&choice.block), &counts.blocked_by),
            unmatched("pick", lines(&choice.pick), &counts.picked_by),
            unmatched("choose", own, &counts.chosen_by),
        ];
        let mut unmeasured: Vec<&str> =
            choice.filter.iter().flat_map(Filter::parts).filter_map(Part::measured_field).collect();
        unmeasured.sort_unstable();
        unmeasured.dedup();
        if counts.is_measured || titles == 0 {
            unmeasured.clear();
        }
        let (unmatched, left_out) = (unmatched.concat(), counts.left_out.clone());
        Some(Matches { titles, wanted, parts, unmatched, left_out, unmeasured })
    }

    /// Gives a title the names that people are to see, and its streams the order in which the user wants them.
    fn prepare(&mut self, title: &mut Title) {
        self.cleaner.clean(title);
        if self.cleaner.takes_tags {
            order_by_quality(title);
        }
        let chosen = self.policy.choice.choose(title);
        if title.is_filtered() && is_without_address(&self.policy, title) {
            title.streams.iter_mut().for_each(|it| it.left_out_by = LeftOutBy::NoAddress);
        }
        self.too_slow += u64::from(chosen.is_slow);
        if let Some(counts) = &mut self.counts {
            counts.add(title, &chosen);
        }
    }

    /// Tells what the user should hear about names and filter, if anything.
    pub fn warn(&self, observer: &dyn Observer) {
        warn_of_slow_names(self.cleaner.too_slow, observer);
        if self.too_slow > 0 {
            observer.event(&Event::Warning(&format!(
                "a pattern of the filter takes too long for some titles ({}), and counts as no match \
                 there: make it simpler",
                self.too_slow
            )));
        }
    }
}

/// The lines of a setting whose places are not among those that matched.
fn unmatched(
    setting: &'static str,
    lines: Vec<String>,
    matched: &HashSet<usize>,
) -> Vec<UnmatchedLine> {
    let open = lines.into_iter().enumerate().filter(|(at, _)| !matched.contains(at));
    open.map(|(_, line)| UnmatchedLine { setting, line }).collect()
}

/// Tells of names for which the user's pattern took too long.
pub fn warn_of_slow_names(names: u64, observer: &dyn Observer) {
    if names > 0 {
        observer.event(&Event::Warning(&format!(
            "name_clean_regex takes too long for some names ({names}), which are left as they are: \
             make it simpler, without repetitions inside of repetitions"
        )));
    }
}
