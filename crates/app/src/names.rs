//! Names taken apart, as a table: what `vod2strm names` prints.

use std::fmt::Write as _;

use vod2strm_catalog::source::{Catalog as _, Scope, Selection};
use vod2strm_core::event::{Event, Observer, Phase};
use vod2strm_core::model::media::Kind;
use vod2strm_core::names::Cleaned;
use vod2strm_core::names::habits::Habits;
use vod2strm_core::names::shown::Dresser;
use vod2strm_core::names::vocabulary::Tag;

use crate::batches::everything;
use crate::dressed::Dressed;
use crate::error::{RunError, printable};

/// The columns.
const HEADER: &str = "raw\ttitle\tyear\tseason\tepisodes\tquality\tlanguage\tother\n";

/// Names whose rows are handed over together.
const CHUNK: usize = 500;

/// Takes rows, some hundreds at a time.
pub type Sink<'a> = dyn FnMut(&str) -> Result<(), RunError> + 'a;

/// Takes the lines of a list apart: all are of one category, since they came together.
pub fn of_list(
    text: &str,
    kind: Option<Kind>,
    dresser: &mut Dresser,
    sink: &mut Sink<'_>,
) -> Result<(), RunError> {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let habits = Habits::learn(lines.iter().copied());
    sink(HEADER)?;
    for lines in lines.chunks(CHUNK) {
        let mut rows = String::new();
        for line in lines {
            write_row(&mut rows, line, &dresser.read(line, (kind, None), &habits));
        }
        sink(&rows)?;
    }
    Ok(())
}

/// Takes the names of a source's movies and series apart, as a library shows them.
pub fn of_source(
    catalog: &mut Dressed,
    observer: &dyn Observer,
    sink: &mut Sink<'_>,
) -> Result<(), RunError> {
    observer.event(&Event::Phase(Phase::Stamps, None));
    let all = Scope { movies: Selection::All, series: Selection::All };
    let work = everything(catalog, &all, observer)?;
    observer.event(&Event::Phase(Phase::Look, Some(work.len() as u64)));
    sink(HEADER)?;
    for work in work.chunk_by(|a, b| a.stamp.kind == b.stamp.kind).flat_map(|of| of.chunks(CHUNK)) {
        let keys: Vec<_> = work.iter().map(|work| work.stamp.key).collect();
        let mut titles = Vec::with_capacity(keys.len());
        catalog.load(work[0].stamp.kind, &keys, &mut |title| titles.push(title))?;
        let mut rows = String::new();
        for title in &titles {
            write_row(&mut rows, &title.details.name, &catalog.dressing.dresser.explain(title));
        }
        sink(&rows)?;
        observer.event(&Event::Stamps(work.len() as u64));
    }
    Ok(())
}

fn write_row(text: &mut String, raw: &str, cleaned: &Cleaned) {
    let number = |number: Option<i32>| number.map_or(String::new(), |number| number.to_string());
    let episodes = match cleaned.episodes {
        None => String::new(),
        Some((first, last)) if first == last => first.to_string(),
        Some((first, last)) => format!("{first}-{last}"),
    };
    let columns = [
        raw.to_owned(),
        cleaned.title.clone(),
        number(cleaned.year),
        number(cleaned.season),
        episodes,
        of_sort(cleaned, |tag| match tag {
            Tag::Quality(name) | Tag::Codec(name) => Some(name),
            _ => None,
        }),
        of_sort(cleaned, |tag| match tag {
            Tag::Language(name) => Some(name),
            _ => None,
        }),
        others(cleaned),
    ];
    let cell = |column: &String| printable(&column.replace(['\t', '\n', '\r'], " "));
    let _ = writeln!(text, "{}", columns.iter().map(cell).collect::<Vec<_>>().join("\t"));
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
    use vod2strm_core::names::years::Years;
    use vod2strm_core::policy::Policy;

    use super::*;

    fn rows(list: &str) -> Vec<String> {
        let mut text = String::new();
        let mut sink = |rows: &str| {
            text.push_str(rows);
            Ok(())
        };
        let policy = Policy::new(Layout::standard(), "http://d:9191".parse().unwrap());
        let mut dresser = policy.dresser(Years::plausible_in(2026));
        of_list(list, None, &mut dresser, &mut sink).unwrap();
        text.lines().skip(1).map(str::to_owned).collect()
    }

    #[test]
    fn every_column_is_filled() {
        let found = rows(
            "4K-NF - Dark (2017) (DE) - S01E02-E03 - Lies HEVC\n\nThe Daily Show 2024.03.12\na\tb\u{1b}[31m\n",
        );
        let expected = [
            "4K-NF - Dark (2017) (DE) - S01E02-E03 - Lies HEVC\tDark\t2017\t1\t2-3\t4K HEVC\t\tplatform=NF; country=DE; episode=Lies",
            "The Daily Show 2024.03.12\tThe Daily Show\t\t\t\t\t\taired=2024-03-12",
            "a b\u{fffd}[31m\ta b\u{fffd}[31m\t\t\t\t\t\t",
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn a_list_teaches_its_own_prefix() {
        let list: Vec<String> = (0..12).map(|n| format!("XYZ - Film {n}")).collect();
        assert_eq!(rows(&list.join("\n"))[3], "XYZ - Film 3\tFilm 3\t\t\t\t\t\ttag=XYZ");
    }
}
