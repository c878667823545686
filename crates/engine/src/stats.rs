//! Catalogue and library in numbers.

use std::collections::HashMap;

use serde::Serialize;
use serde_json::Value;
use vod2strm_catalog::source::Numbers;
use vod2strm_core::entries::{ENTRY_KINDS, kind_word};
use vod2strm_core::model::media::Kind;
use vod2strm_core::names::years::Years;
use vod2strm_core::select::Choice;
use vod2strm_core::text::printable;
use vod2strm_disk::inspect::count::count_files;
use vod2strm_disk::ledger::{Ledger, Population};

use crate::config::Place;
use crate::entries::{EntryReport, PartEntries, noted};
use crate::error::RunError;
use crate::history::History;
use crate::host::Host;
use crate::source::{SourceAddress, SourceOptions};

/// Runs of the past that are told of.
const RUNS: u32 = 5;

/// A number, or a few words, about something.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StatsRow<'a> {
    /// What it is a part of.
    pub section: &'a str,
    /// What it is about.
    pub subject: &'a str,
    /// What was measured.
    pub measure: &'a str,
    /// How much, or what.
    pub value: Value,
}

impl<'a> StatsRow<'a> {
    /// A row with a number.
    pub fn number(
        section: &'a str,
        subject: &'a str,
        measure: &'a str,
        value: u64,
    ) -> StatsRow<'a> {
        StatsRow { section, subject, measure, value: value.into() }
    }

    /// A row with words.
    pub fn text(section: &'a str, subject: &'a str, measure: &'a str, value: &str) -> StatsRow<'a> {
        StatsRow { section, subject, measure, value: value.into() }
    }
}

/// Takes rows as they come.
pub type StatsSink<'a> = dyn FnMut(&StatsRow<'_>) -> Result<(), RunError> + 'a;

/// The numbers of a source and of a library, whichever is given.
pub fn stats(
    source: Option<&SourceAddress>,
    place: Option<&Place>,
    host: &Host<'_>,
    rows: &mut StatsSink<'_>,
) -> Result<(), RunError> {
    if let Some(source) = source {
        let years = Years::plausible_at(host.clock.now());
        let options = SourceOptions { years, is_played: &|_, _| false, keeps_left_out: false };
        catalogue(host.sources.open(source, &options, host.cancel)?.numbers()?, rows)?;
    }
    if let Some(place) = place {
        disk(place, rows)?;
        library(&History::open(place)?, rows)?;
    }
    Ok(())
}

fn disk(place: &Place, rows: &mut StatsSink<'_>) -> Result<(), RunError> {
    for kind in Kind::ALL {
        let root = place.root(kind);
        let files = count_files(&root);
        let files = files.map_err(|(path, source)| RunError::Read { path, source })?;
        let root = root.display().to_string();
        let subject = printable(&root);
        let Some(files) = files else {
            rows(&StatsRow::text("disk", &subject, "folder", "missing"))?;
            continue;
        };
        rows(&StatsRow::number("disk", &subject, ".strm files", files.strm))?;
        rows(&StatsRow::number("disk", &subject, ".nfo files", files.nfo))?;
    }
    Ok(())
}

fn catalogue(numbers: Numbers, rows: &mut StatsSink<'_>) -> Result<(), RunError> {
    for (measure, number) in [
        ("movies", numbers.movies),
        ("series", numbers.series),
        ("episodes", numbers.episodes),
        ("series without episodes", numbers.series_without_episodes),
    ] {
        rows(&StatsRow::number("catalogue", "all", measure, number))?;
    }
    for account in numbers.accounts {
        let subject = printable(&account.name);
        let state = if account.is_active { "active" } else { "switched off" };
        let what = format!("{state}, {}, priority {}", account.kind, account.priority);
        rows(&StatsRow::text("account", &subject, "state", &what))?;
        for (measure, number) in
            [("movies", account.movies), ("series", account.series), ("episodes", account.episodes)]
        {
            rows(&StatsRow::number("account", &subject, measure, number))?;
        }
    }
    Ok(())
}

/// What the source's entries were when it was read the last time, and what is left out of them.
fn entries(
    ledger: &Ledger,
    titles: Vec<(Kind, Population)>,
    rows: &mut StatsSink<'_>,
) -> Result<(), RunError> {
    let mut report = EntryReport::new(noted(ledger)?);
    let texts = ledger.filters()?;
    let parts_of = |text: &String| Choice::of_text(text).map(|it| it.operands());
    let parts: HashMap<_, _> = texts.iter().map(|(id, text)| (*id, parts_of(text))).collect();
    for (kind, Population { empty, filtered, .. }) in titles {
        report.set_empty_aside(kind, empty.entries);
        // A title that was taken over was asked by the filter of its time.
        let last = ledger.last_will(kind)?.and_then(|will| will.filter);
        for ((by, filter), number) in filtered {
            let parts = filter.or(last).and_then(|filter| parts.get(&filter)?.as_deref());
            report.set_filtered_aside(kind, by, parts.unwrap_or_default(), number.entries);
        }
    }
    for kind in ENTRY_KINDS {
        let Some(entries) = report.counts.get(&kind) else { continue };
        let subject = kind_word(kind);
        rows(&StatsRow::number("entries", subject, "all", entries.all()))?;
        for (why, number) in &entries.left_out {
            let measure = format!("left out: {}", why.as_str());
            rows(&StatsRow::number("entries", subject, &measure, *number))?;
        }
        for PartEntries { part, entries } in report.filtered_by(kind) {
            let part = part.as_deref().map_or("other parts".into(), printable);
            rows(&StatsRow::number("entries", subject, &format!("filtered by: {part}"), entries))?;
        }
    }
    Ok(())
}

fn library(past: &History, rows: &mut StatsSink<'_>) -> Result<(), RunError> {
    let ledger: &Ledger = past.ledger();
    let tally = ledger.tally()?;
    rows(&StatsRow::number("ledger", "all", "files held", tally.files))?;
    for (kind, titles) in &tally.titles {
        for (measure, number) in [
            ("titles held", titles.playable),
            ("titles without anything to play", titles.empty.titles),
            ("titles failed, without files", titles.failed),
            ("titles filtered", titles.filtered.values().map(|it| it.titles).sum()),
            ("titles missing from the catalogue", titles.missing),
        ] {
            rows(&StatsRow::number("ledger", kind.as_str(), measure, number))?;
        }
    }
    rows(&StatsRow::number("ledger", "series", "not fetched the last time", tally.fetches.0))?;
    rows(&StatsRow::number("ledger", "series", "fetched and empty", tally.fetches.1))?;
    entries(ledger, tally.titles, rows)?;
    let mut failed = Ok(());
    ledger.each_problem(|kind, name, missing_runs, problem| {
        let subject = format!("{}: {}", kind.as_str(), printable(name));
        let row = match problem {
            Some(problem) => StatsRow::text("title", &subject, "failed", &printable(problem)),
            None => StatsRow::number("title", &subject, "missing for so many runs", missing_runs),
        };
        if failed.is_ok() {
            failed = rows(&row);
        }
    })?;
    failed?;
    for run in past.runs(RUNS)? {
        let subject = run["run"].to_string();
        rows(&StatsRow { section: "run", subject: &subject, measure: "run", value: run })?;
    }
    Ok(())
}
