//! Names taken apart, as a table: what `vod2strm names` prints.

use std::collections::HashMap;
use std::fmt::Write as _;

use vod2strm_catalog::source::{Catalog, Scope, Selection};
use vod2strm_core::event::{Event, Observer, Phase};
use vod2strm_core::media::{Kind, Title};
use vod2strm_core::names::habits::Habits;
use vod2strm_core::names::vocabulary::Tag;
use vod2strm_core::names::years::Years;
use vod2strm_core::names::{Cleaned, Context, clean};

use crate::batches::{everything, work_through};
use crate::error::{RunError, printable};

/// The columns.
const HEADER: &str = "raw\ttitle\tyear\tseason\tepisodes\tquality\tlanguage\tother\n";

/// Names, and what is known of each beside it.
#[derive(Default)]
pub struct Names {
    names: Vec<Name>,
    /// The categories that there are, with their places.
    categories: HashMap<Option<i64>, usize>,
}

struct Name {
    raw: String,
    kind: Option<Kind>,
    year: Option<i32>,
    categories: Vec<usize>,
}

impl Names {
    /// The lines of a list: all of one category, since they came together.
    pub fn of_list(text: &str, kind: Option<Kind>) -> Names {
        let mut names = Names::default();
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            names.add(line, (kind, None), [None]);
        }
        names
    }

    /// The movies and series of a source.
    pub fn of_source(
        catalog: &mut dyn Catalog,
        observer: &dyn Observer,
    ) -> Result<Names, RunError> {
        observer.event(&Event::Phase(Phase::Stamps, None));
        let all = Scope { movies: Selection::All, series: Selection::All };
        let work = everything(catalog, &all, observer)?;
        observer.event(&Event::Phase(Phase::Look, Some(work.len() as u64)));
        let mut names = Names::default();
        work_through(work, catalog, |batch| {
            batch.iter().for_each(|loaded| names.add_title(&loaded.title));
            observer.event(&Event::Stamps(batch.len() as u64));
            Ok(())
        })?;
        Ok(names)
    }

    fn add_title(&mut self, title: &Title) {
        let categories = title.copies.iter().map(|copy| copy.category);
        let known = (Some(title.kind), title.details.year);
        self.add(&title.details.name, known, categories);
    }

    fn add(
        &mut self,
        raw: &str,
        (kind, year): (Option<Kind>, Option<i32>),
        categories: impl IntoIterator<Item = Option<i64>>,
    ) {
        let mut places = Vec::new();
        for category in categories {
            let next = self.categories.len();
            let place = *self.categories.entry(category).or_insert(next);
            if !places.contains(&place) {
                places.push(place);
            }
        }
        self.names.push(Name { raw: raw.to_owned(), kind, year, categories: places });
    }

    /// Takes all names apart and hands the rows to `sink`, some hundreds at a time.
    pub fn table(
        &self,
        years: &Years,
        mut sink: impl FnMut(&str) -> Result<(), RunError>,
    ) -> Result<(), RunError> {
        let habits = self.habits();
        sink(HEADER)?;
        for names in self.names.chunks(500) {
            let mut text = String::new();
            for name in names {
                let mut own = Habits::default();
                name.categories.iter().for_each(|place| own.merge(&habits[*place]));
                let context =
                    Context { kind: name.kind, habits: &own, years, known_year: name.year };
                write_row(&mut text, &name.raw, &clean(&name.raw, &context));
            }
            sink(&text)?;
        }
        Ok(())
    }

    /// What the names of each category have in common.
    fn habits(&self) -> Vec<Habits> {
        let mut members: Vec<Vec<&str>> = vec![Vec::new(); self.categories.len()];
        for name in &self.names {
            name.categories.iter().for_each(|place| members[*place].push(&name.raw));
        }
        members.into_iter().map(Habits::learn).collect()
    }
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
    use super::*;

    fn rows(names: &Names) -> Vec<String> {
        let mut text = String::new();
        let sink = |rows: &str| {
            text.push_str(rows);
            Ok(())
        };
        names.table(&Years::plausible_in(2026), sink).unwrap();
        text.lines().skip(1).map(str::to_owned).collect()
    }

    #[test]
    fn every_column_is_filled() {
        let names = Names::of_list(
            "4K-NF - Dark (2017) (DE) - S01E02-E03 - Lies HEVC\n\nThe Daily Show 2024.03.12\na\tb\u{1b}[31m\n",
            None,
        );
        let expected = [
            "4K-NF - Dark (2017) (DE) - S01E02-E03 - Lies HEVC\tDark\t2017\t1\t2-3\t4K HEVC\t\tplatform=NF; country=DE; episode=Lies",
            "The Daily Show 2024.03.12\tThe Daily Show\t\t\t\t\t\taired=2024-03-12",
            "a b\u{fffd}[31m\ta b\u{fffd}[31m\t\t\t\t\t\t",
        ];
        assert_eq!(rows(&names), expected);
    }

    #[test]
    fn a_list_teaches_its_own_prefix() {
        let list: Vec<String> = (0..12).map(|n| format!("XYZ - Film {n}")).collect();
        let names = Names::of_list(&list.join("\n"), None);
        assert_eq!(rows(&names)[3], "XYZ - Film 3\tFilm 3\t\t\t\t\t\ttag=XYZ");
    }
}
