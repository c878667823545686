//! Entries of the source, and why some of them are in no title: as a run tells it, and as the ledger keeps it.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};
use vod2strm_core::entries::{ENTRY_KINDS, EntryCounts, KindEntries, WhyLeftOut, kind_word};
use vod2strm_core::model::media::Kind;
use vod2strm_core::text::counted;
use vod2strm_disk::ledger::Ledger;

use crate::error::RunError;

/// The fact in a ledger that holds what the source's entries were when it was read.
const FACT: &str = "entries";

/// The word for entries in titles, in that fact.
const IN_TITLES: &str = "in_titles";

/// Numbers by kind and word.
type Words<'a> = BTreeMap<&'a str, BTreeMap<&'a str, u64>>;

/// All entries that a run met, and why some of them are left out.
#[derive(Clone, Debug, Default)]
pub struct EntryReport(pub EntryCounts);

impl EntryReport {
    /// Leaves out titles of a kind: so many have nothing to play, and so many the filter does not let through. A title
    /// counts as one entry.
    pub fn set_titles_aside(&mut self, kind: Kind, empty: u64, filtered: u64) {
        let Some(entries) = self.0.get_mut(&Some(kind)) else { return };
        let why = match kind {
            Kind::Movie => WhyLeftOut::NoAddress,
            Kind::Series => WhyLeftOut::NoEpisodes,
        };
        entries.set_aside(why, empty);
        entries.set_aside(WhyLeftOut::Filtered, filtered);
    }

    /// A line for each kind of which something is left out.
    pub fn lines(&self) -> impl Iterator<Item = (Option<Kind>, String)> {
        let kinds = ENTRY_KINDS.into_iter().filter_map(|kind| Some((kind, self.0.get(&kind)?)));
        let kinds = kinds.filter(|(_, entries)| !entries.left_out.is_empty());
        kinds.map(|(kind, entries)| (kind, line(kind, entries)))
    }

    fn left_out(&self) -> Words<'static> {
        let reasons = |entries: &KindEntries| {
            entries.left_out.iter().map(|(why, number)| (why.as_str(), *number)).collect()
        };
        let kinds = self.0.iter().filter(|(_, entries)| !entries.left_out.is_empty());
        kinds.map(|(kind, entries)| (kind_word(*kind), reasons(entries))).collect()
    }
}

/// What is left out of a kind, in words.
fn line(kind: Option<Kind>, entries: &KindEntries) -> String {
    let left_out = entries.all() - entries.in_titles;
    let reasons = entries.left_out.iter().map(|(why, number)| format!("{number} {}", why.words()));
    let reasons = reasons.collect::<Vec<_>>().join(", ");
    let all = match kind {
        Some(Kind::Movie) => counted(entries.all(), "movie", "movies"),
        Some(Kind::Series) => counted(entries.all(), "series", "series"),
        None => return format!("{}: {reasons}", counted(left_out, "other entry", "other entries")),
    };
    format!("{left_out} of {all}: {reasons}")
}

impl Serialize for EntryReport {
    /// Two keys: all entries by kind, and those that are left out by kind and reason.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Keys {
            entries: BTreeMap<&'static str, u64>,
            left_out: Words<'static>,
        }
        let entries = self.0.iter().map(|(kind, entries)| (kind_word(*kind), entries.all()));
        Keys { entries: entries.collect(), left_out: self.left_out() }.serialize(serializer)
    }
}

/// Notes the entries of the kinds that were read; of the others stays what was noted.
pub fn note(ledger: &Ledger, read: &EntryCounts) -> Result<(), RunError> {
    let mut counts = noted(ledger)?;
    counts.retain(|kind, _| kind.is_some());
    counts.extend(read.iter().map(|(kind, entries)| (*kind, entries.clone())));
    Ok(ledger.set_meta(FACT, &text_of(&counts))?)
}

/// What was noted, each kind when it was read the last time.
pub fn noted(ledger: &Ledger) -> Result<EntryCounts, RunError> {
    Ok(ledger.meta(FACT)?.as_deref().and_then(parsed).unwrap_or_default())
}

/// What was noted of these kinds, and of entries of neither; `None` unless all of them were read.
pub fn noted_of(ledger: &Ledger, kinds: &[Kind]) -> Result<Option<EntryCounts>, RunError> {
    let mut counts = noted(ledger)?;
    counts.retain(|kind, _| kind.is_none_or(|kind| kinds.contains(&kind)));
    let are_read = kinds.iter().all(|kind| counts.contains_key(&Some(*kind)));
    Ok(are_read.then_some(counts))
}

fn text_of(counts: &EntryCounts) -> String {
    let numbers = |entries: &KindEntries| {
        let reasons = entries.left_out.iter().map(|(why, number)| (why.as_str(), *number));
        reasons.chain([(IN_TITLES, entries.in_titles)]).collect()
    };
    let words: Words<'_> =
        counts.iter().map(|(kind, entries)| (kind_word(*kind), numbers(entries))).collect();
    // Maps with text keys and numbers: nothing in it can fail to be written.
    serde_json::to_string(&words).unwrap_or_default()
}

/// A text that is none of ours says nothing.
fn parsed(text: &str) -> Option<EntryCounts> {
    let words: BTreeMap<String, BTreeMap<String, u64>> = serde_json::from_str(text).ok()?;
    let mut counts = EntryCounts::new();
    for (word, numbers) in words {
        let kind = ENTRY_KINDS.into_iter().find(|kind| kind_word(*kind) == word)?;
        let entries = counts.entry(kind).or_default();
        for (word, number) in numbers {
            match WhyLeftOut::ALL.into_iter().find(|why| why.as_str() == word) {
                Some(why) => entries.leave_out(why, number),
                None if word == IN_TITLES => entries.in_titles = number,
                None => return None,
            }
        }
    }
    Some(counts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fact_is_read_as_it_was_written_and_another_text_says_nothing() {
        let movies = KindEntries { in_titles: 7, left_out: [(WhyLeftOut::AccountOff, 2)].into() };
        let others = KindEntries { in_titles: 0, left_out: [(WhyLeftOut::Live, 3)].into() };
        let counts: EntryCounts = [(Some(Kind::Movie), movies), (None, others)].into();
        assert_eq!(parsed(&text_of(&counts)), Some(counts));
        for text in ["", "{}x", r#"{"film": {}}"#, r#"{"movie": {"lost": 1}}"#] {
            assert_eq!(parsed(text), None, "{text}");
        }
    }
}
