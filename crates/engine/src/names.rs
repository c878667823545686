//! Names taken apart: title, year, season, episodes, quality, language.

use serde::Serialize;
use vod2strm_core::event::{Event, Observer, Phase};
use vod2strm_core::model::media::{Kind, Title};
use vod2strm_core::names::Cleaned;
use vod2strm_core::names::category_habits::{CategoryHabits, Habits};
use vod2strm_core::names::cleaner::NameCleaner;
use vod2strm_core::names::vocabulary::Tag;
use vod2strm_core::names::years::Years;
use vod2strm_core::policy::Policy;
use vod2strm_disk::ledger::Ledger;

use crate::config::Place;
use crate::error::RunError;
use crate::host::{Host, Listeners};
use crate::read::load::entries;
use crate::read::select::{Reading, is_played, warn_of_slow_names};
use crate::source::{Scope, Selection, SourceAddress};

/// A name, and what it says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct NameRow {
    /// As the source has it.
    pub raw: String,
    /// The title that a library shows.
    pub title: String,
    /// The year.
    pub year: Option<i32>,
    /// The number of the season.
    pub season: Option<i32>,
    /// The number of the episode, or the first and the last one: `2-3`.
    pub episodes: String,
    /// Resolution and codec.
    pub quality: String,
    /// Languages.
    pub language: String,
    /// Everything else: `country=DE; platform=NF`.
    pub other: String,
    /// What it is of: `movie`, `series`, or empty where nobody knows.
    pub kind: &'static str,
    /// Countries.
    pub country: String,
}

/// Names whose rows are handed over together.
const CHUNK: usize = 500;

/// Takes rows, some hundreds at a time.
pub type NameSink<'a> = dyn FnMut(&[NameRow]) -> Result<(), RunError> + 'a;

/// Takes the lines of a list apart: all are of one category, since they came together.
pub fn of_list(
    text: &str,
    kind: Option<Kind>,
    policy: &Policy,
    host: &Host<'_>,
    sink: &mut NameSink<'_>,
) -> Result<(), RunError> {
    let mut cleaner = policy.cleaner(Years::plausible_at(host.clock.now()));
    rows_of_list(text, kind, &mut cleaner, sink)?;
    warn_of_slow_names(cleaner.too_slow, &Listeners(host.listeners));
    Ok(())
}

fn rows_of_list(
    text: &str,
    kind: Option<Kind>,
    cleaner: &mut NameCleaner,
    sink: &mut NameSink<'_>,
) -> Result<(), RunError> {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let habits = CategoryHabits::learn(lines.iter().copied());
    for lines in lines.chunks(CHUNK) {
        let row = |line: &&str| {
            let read = cleaner.read(line, kind, None, &habits);
            row(line, kind.or(kind_of(&read)), &read)
        };
        let rows: Vec<NameRow> = lines.iter().map(row).collect();
        sink(&rows)?;
    }
    Ok(())
}

/// Takes the names of a source's movies and series apart, as a library shows them. With a place, that is the library
/// there: what it has learnt of names counts, and nothing is learnt for it.
pub fn of_address(
    address: &SourceAddress,
    policy: &Policy,
    place: Option<&Place>,
    host: &Host<'_>,
    sink: &mut NameSink<'_>,
) -> Result<(), RunError> {
    let listeners = Listeners(host.listeners);
    listeners.event(&Event::Phase(Phase::Open, None));
    let known = place.map(known_habits).transpose()?.unwrap_or_default();
    // The ledger is opened when it is asked: a run may begin while a source is read.
    let is_known = |properties: Option<&str>, address: &str| {
        let ledger = place.and_then(|place| ledger_of(place).ok());
        ledger.is_some_and(|ledger| is_played(policy, &ledger, properties, address))
    };
    let mut source = Reading::open(address, policy, host, &is_known)?;
    source.selector.habits.keep(|| Ok::<_, RunError>(known))?;
    of_source(&mut source, &listeners, sink)?;
    source.selector.warn(&listeners);
    Ok(())
}

/// What the library in a place has learnt of names. Nothing is made there, nor is the library locked.
pub fn known_habits(place: &Place) -> Result<Habits, RunError> {
    Ok(ledger_of(place)?.habits()?)
}

fn ledger_of(place: &Place) -> Result<Ledger, RunError> {
    Ok(Ledger::open_read_only(&place.ledger_path()?)?)
}

fn of_source(
    source: &mut Reading,
    observer: &dyn Observer,
    sink: &mut NameSink<'_>,
) -> Result<(), RunError> {
    observer.event(&Event::Phase(Phase::Stamps, None));
    let all = Scope { movies: Selection::All, series: Selection::All };
    let entries = entries(&mut *source.catalog, &all, observer)?;
    if entries.is_empty() {
        let text =
            "no movie and no series was found: channels, and entries without an address, are none";
        observer.event(&Event::Warning(text));
    }
    observer.event(&Event::Phase(Phase::Look, Some(entries.len() as u64)));
    for some in entries.chunk_by(|a, b| a.kind == b.kind).flat_map(|of| of.chunks(CHUNK)) {
        let keys: Vec<_> = some.iter().map(|stamp| stamp.key).collect();
        let titles = source.titles(some[0].kind, &keys)?;
        let cleaner = &mut source.selector.cleaner;
        let row =
            |title: &Title| row(&title.details.name, Some(title.kind), &cleaner.explain(title));
        let rows: Vec<NameRow> = titles.iter().map(row).collect();
        sink(&rows)?;
        observer.event(&Event::Stamps(some.len() as u64));
    }
    Ok(())
}

/// What a name itself says that it is of: only series have seasons and episodes.
fn kind_of(read: &Cleaned) -> Option<Kind> {
    let is_series = read.season.is_some() || read.episodes.is_some() || read.aired.is_some();
    is_series.then_some(Kind::Series)
}

/// What a name that was taken apart says.
pub(crate) fn row(raw: &str, kind: Option<Kind>, cleaned: &Cleaned) -> NameRow {
    NameRow {
        raw: raw.to_owned(),
        title: cleaned.title.clone(),
        year: cleaned.year,
        season: cleaned.season,
        episodes: match cleaned.episodes {
            None => String::new(),
            Some((first, last)) if first == last => first.to_string(),
            Some((first, last)) => format!("{first}-{last}"),
        },
        quality: of_sort(cleaned, |tag| match tag {
            Tag::Quality(name) | Tag::Codec(name) => Some(name),
            _ => None,
        }),
        language: of_sort(cleaned, |tag| match tag {
            Tag::Language(name) => Some(name),
            _ => None,
        }),
        other: others(cleaned),
        kind: kind.map_or("", Kind::as_str),
        country: of_sort(cleaned, |tag| match tag {
            Tag::Country(name) => Some(name),
            _ => None,
        }),
    }
}

fn of_sort(cleaned: &Cleaned, pick: impl Fn(&Tag) -> Option<&String>) -> String {
    let names: Vec<&str> = cleaned.tags.iter().filter_map(pick).map(String::as_str).collect();
    names.join(" ")
}

/// What has no column of its own.
fn others(cleaned: &Cleaned) -> String {
    let mut parts: Vec<String> = Vec::new();
    for tag in &cleaned.tags {
        parts.push(match tag {
            Tag::Language(_) | Tag::Quality(_) | Tag::Codec(_) => continue,
            Tag::Country(name) => format!("country={name}"),
            Tag::Platform(name) => format!("platform={name}"),
            Tag::Source(name) => format!("source={name}"),
            Tag::Audio(name) => format!("audio={name}"),
            Tag::Id(id) => id.clone(),
            Tag::Other(name) => format!("tag={name}"),
        });
    }
    parts.extend(cleaned.aired.iter().map(|date| format!("aired={date}")));
    if !cleaned.episode_title.is_empty() {
        parts.push(format!("episode={}", cleaned.episode_title));
    }
    parts.join("; ")
}

#[cfg(test)]
mod tests {
    use vod2strm_core::layout::Layout;

    use super::*;

    fn rows(list: &str) -> Vec<String> {
        let mut all = Vec::new();
        let mut sink = |rows: &[NameRow]| {
            all.extend_from_slice(rows);
            Ok(())
        };
        let policy = Policy::new(Layout::standard(), "http://d:9191".parse().unwrap());
        let mut cleaner = policy.cleaner(Years::plausible_in(2026));
        rows_of_list(list, None, &mut cleaner, &mut sink).unwrap();
        let number = |number: Option<i32>| number.map_or(String::new(), |it| it.to_string());
        let line = |row: NameRow| {
            let (year, season) = (number(row.year), number(row.season));
            let numbers = [row.raw, row.title, year, season, row.episodes].join("|");
            let words = [row.quality, row.language, row.other].join("|");
            [&numbers, &words, row.kind, &row.country].map(String::from).join("|")
        };
        all.into_iter().map(line).collect()
    }

    #[test]
    fn every_column_is_filled() {
        let found = rows(
            "4K-NF - Dark (2017) (DE) - S01E02-E03 - Lies HEVC\n\nThe Daily Show 2024.03.12\nHeat (1995) (US)\n",
        );
        let expected = [
            "4K-NF - Dark (2017) (DE) - S01E02-E03 - Lies HEVC|Dark|2017|1|2-3|4K HEVC|de|platform=NF; episode=Lies|series|",
            "The Daily Show 2024.03.12|The Daily Show||||||aired=2024-03-12|series|",
            "Heat (1995) (US)|Heat|1995|||||country=US||US",
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn a_list_teaches_its_own_prefix() {
        let list: Vec<String> = (0..12).map(|n| format!("XYZ - Film {n}")).collect();
        assert_eq!(rows(&list.join("\n"))[3], "XYZ - Film 3|Film 3||||||tag=XYZ||");
    }
}
