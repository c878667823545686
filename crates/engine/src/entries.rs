//! Entries of the source, and why some of them are in no title: as a run tells it, and as the ledger keeps it.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};
use vod2strm_core::entries::{ENTRY_KINDS, EntryCounts, KindEntries, WhyLeftOut, kind_word};
use vod2strm_core::model::left_out::LeftOutBy;
use vod2strm_core::model::media::Kind;
use vod2strm_core::text::{counted, printable};
use vod2strm_disk::ledger::Ledger;

use crate::error::RunError;

/// The fact in a ledger that holds what the source's entries were when it was read.
const FACT: &str = "entries";

/// The word for entries in titles, in that fact.
const IN_TITLES: &str = "in_titles";

/// Numbers by kind and word.
type Words<'a> = BTreeMap<&'a str, BTreeMap<&'a str, u64>>;

/// How many parts of a filter are told one by one.
const TOLD_PARTS: usize = 10;

/// The longest text of a part, in characters, that a line shows.
const SHOWN_PART: usize = 80;

/// The only part of what leaves out entries of neither kind.
const SKIP: &str = "classify_skip";

/// All entries that a run met, and why some of them are left out.
#[derive(Clone, Debug, Default)]
pub struct EntryReport {
    /// How many, by kind and reason.
    pub counts: EntryCounts,
    /// By which parts of the filter: a kind, the part's place, its text.
    filtered_by: BTreeMap<(Kind, u32, String), u64>,
}

/// How many entries a part of the filter leaves out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PartEntries {
    /// Its text; `None` for all further parts, and where nobody knows the part.
    pub part: Option<String>,
    /// How many entries.
    pub entries: u64,
}

impl EntryReport {
    /// Entries, and nothing that their titles would say.
    pub fn new(counts: EntryCounts) -> EntryReport {
        EntryReport { counts, ..EntryReport::default() }
    }

    /// Leaves out the entries of titles of a kind that have nothing to play.
    pub fn set_empty_aside(&mut self, kind: Kind, entries: u64) {
        let why = match kind {
            Kind::Movie => WhyLeftOut::NoAddress,
            Kind::Series => WhyLeftOut::NoEpisodes,
        };
        self.set_aside(kind, why, entries);
    }

    /// Leaves out the entries of titles of a kind that the user does not want. The parts are those of the filter that
    /// was asked.
    pub fn set_filtered_aside(
        &mut self,
        kind: Kind,
        by: LeftOutBy,
        parts: &[String],
        entries: u64,
    ) {
        self.set_aside(kind, by.into(), entries);
        let LeftOutBy::Part(at) = by else { return };
        if entries == 0 {
            return;
        }
        if let Some(part) = parts.get(at as usize) {
            *self.filtered_by.entry((kind, at, part.clone())).or_default() += entries;
        }
    }

    fn set_aside(&mut self, kind: Kind, why: WhyLeftOut, number: u64) {
        if let Some(entries) = self.counts.get_mut(&Some(kind)) {
            entries.set_aside(why, number);
        }
    }

    /// What leaves out the filtered entries of a kind: the first parts, and the rest as one number.
    pub fn filtered_by(&self, kind: Option<Kind>) -> Vec<PartEntries> {
        let filtered = self.counts.get(&kind).and_then(|it| it.left_out.get(&WhyLeftOut::Filtered));
        let Some(filtered) = filtered.copied() else { return Vec::new() };
        let Some(kind) = kind else {
            return vec![PartEntries { part: Some(SKIP.to_owned()), entries: filtered }];
        };
        let of_kind = self.filtered_by.iter().filter(|((it, ..), _)| *it == kind);
        let part = |((_, _, part), entries): (&(Kind, u32, String), &u64)| PartEntries {
            part: Some(part.clone()),
            entries: *entries,
        };
        let mut parts: Vec<PartEntries> = of_kind.map(part).take(TOLD_PARTS).collect();
        let rest = filtered.saturating_sub(parts.iter().map(|it| it.entries).sum());
        if rest > 0 {
            parts.push(PartEntries { part: None, entries: rest });
        }
        parts
    }

    /// A line for each kind of which something is left out.
    pub fn lines(&self) -> impl Iterator<Item = (Option<Kind>, String)> {
        let kinds =
            ENTRY_KINDS.into_iter().filter_map(|kind| Some((kind, self.counts.get(&kind)?)));
        let kinds = kinds.filter(|(_, entries)| !entries.left_out.is_empty());
        kinds.map(|(kind, entries)| (kind, self.line(kind, entries)))
    }

    /// What is left out of a kind, in words.
    fn line(&self, kind: Option<Kind>, entries: &KindEntries) -> String {
        let left_out = entries.all() - entries.in_titles;
        let reason = |(why, number): (&WhyLeftOut, &u64)| {
            let parts = match why {
                WhyLeftOut::Filtered => part_words(&self.filtered_by(kind)),
                _ => String::new(),
            };
            format!("{number} {}{parts}", why.words(*number))
        };
        let reasons = entries.left_out.iter().map(reason).collect::<Vec<_>>().join(", ");
        let all = match kind {
            Some(Kind::Movie) => counted(entries.all(), "movie", "movies"),
            Some(Kind::Series) => counted(entries.all(), "series", "series"),
            None => {
                return format!("{}: {reasons}", counted(left_out, "other entry", "other entries"));
            }
        };
        format!("{left_out} of {all}: {reasons}")
    }
}

/// By which parts entries are filtered, behind the word: nothing where none is known.
fn part_words(parts: &[PartEntries]) -> String {
    let name = |it: &PartEntries| it.part.as_deref().map_or("other parts".to_owned(), shown_part);
    match parts {
        [] | [PartEntries { part: None, .. }] => String::new(),
        [only] => format!(" by {}", name(only)),
        several => {
            let words = several.iter().map(|it| format!("{} by {}", it.entries, name(it)));
            format!(" ({})", words.collect::<Vec<_>>().join(", "))
        }
    }
}

/// A part's text as people see it: a long one is cut.
fn shown_part(text: &str) -> String {
    let text = printable(text);
    match text.char_indices().nth(SHOWN_PART) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.into_owned(),
    }
}

impl Serialize for EntryReport {
    /// Three keys: all entries by kind, those that are left out by kind and reason, and by which parts of the filter.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Keys {
            entries: BTreeMap<&'static str, u64>,
            left_out: Words<'static>,
            filtered_by: BTreeMap<&'static str, Vec<PartEntries>>,
        }
        let entries = self.counts.iter().map(|(kind, entries)| (kind_word(*kind), entries.all()));
        let reasons = |entries: &KindEntries| {
            entries.left_out.iter().map(|(why, number)| (why.as_str(), *number)).collect()
        };
        let kinds = self.counts.iter().filter(|(_, entries)| !entries.left_out.is_empty());
        let left_out = kinds.map(|(kind, entries)| (kind_word(*kind), reasons(entries)));
        let parts = self.counts.keys().map(|kind| (kind_word(*kind), self.filtered_by(*kind)));
        let filtered_by = parts.filter(|(_, parts)| !parts.is_empty()).collect();
        Keys { entries: entries.collect(), left_out: left_out.collect(), filtered_by }
            .serialize(serializer)
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

    fn filtered(filtered: &[(u32, u64)], others: u64) -> EntryReport {
        let movies = KindEntries { in_titles: 100, ..KindEntries::default() };
        let mut report = EntryReport::new([(Some(Kind::Movie), movies)].into());
        let parts: Vec<String> = (0..20).map(|n| format!("year > {n}")).collect();
        for (at, titles) in filtered {
            report.set_filtered_aside(Kind::Movie, LeftOutBy::Part(*at), &parts, *titles);
        }
        report.set_filtered_aside(Kind::Movie, LeftOutBy::Filter, &parts, others);
        report
    }

    #[test]
    fn what_filters_is_told_by_its_parts_the_first_ten_and_the_rest() {
        let line = |report: &EntryReport| report.lines().next().map(|(_, line)| line);
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(line(&filtered(&[], 0)), None);
        assert_eq!(line(&filtered(&[], 3)), text("3 of 100 movies: 3 filtered"));
        assert_eq!(line(&filtered(&[(1, 2)], 0)), text("2 of 100 movies: 2 filtered by year > 1"));
        let some = filtered(&[(1, 2), (0, 1)], 4);
        let told = "7 of 100 movies: 7 filtered (1 by year > 0, 2 by year > 1, 4 by other parts)";
        assert_eq!(line(&some), text(told));
        let many: Vec<(u32, u64)> = (0..15).map(|at| (at, 2)).collect();
        let parts = filtered(&many, 1).filtered_by(Some(Kind::Movie));
        assert_eq!(parts.len(), 11);
        assert_eq!(parts[9], PartEntries { part: text("year > 9"), entries: 2 });
        assert_eq!(parts[10], PartEntries { part: None, entries: 11 });
    }

    #[test]
    fn a_part_is_cut_where_it_is_long() {
        let long = "é".repeat(SHOWN_PART + 1);
        let part = |text: &str| PartEntries { part: Some(text.to_owned()), entries: 1 };
        assert_eq!(part_words(&[part(&long)]), format!(" by {}…", "é".repeat(SHOWN_PART)));
        assert!(!part_words(&[part("a\u{1b}[1m")]).contains('\u{1b}'));
    }

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
