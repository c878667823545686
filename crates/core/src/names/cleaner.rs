//! What people are to see of a title whose source adds noise to its names. The source's own names stay:
//! by them a title is recognised.

use std::borrow::Cow;

use super::category_habits::{CategoryHabits, Habits};
use super::episode_marks::{self, MarkStrength};
use super::normalize::normalized;
use super::pattern::NamePattern;
use super::separators::is_separator;
use super::tail::take_trailing;
use super::traits::describe;
use super::years::Years;
use super::{Cleaned, Context, asks_for_habits, clean, names_episode, take_leads};
use crate::model::country::Country;
use crate::model::media::{Details, Episode, Kind, Shown, Title};
use crate::model::stated::{Premiere, text};
use crate::text::pattern::TooSlow;

/// Gives titles and episodes the names that people are to see.
#[derive(Clone, Debug)]
pub struct NameCleaner {
    /// What the user wants to be gone from names, first of all.
    pub pattern: Option<NamePattern>,
    /// Whether tags are taken off.
    pub takes_tags: bool,
    /// Which numbers are years.
    pub years: Years,
    /// What the names of categories have in common.
    pub habits: Habits,
    /// Names on which the pattern took too long; it did nothing to them.
    pub too_slow: u64,
}

impl NameCleaner {
    /// Cleans the names of a title and its episodes.
    pub fn clean(&mut self, title: &mut Title) {
        let habits = self.habits_of(title);
        title.details.shown = self.shown(title.kind, &title.details, &habits);
        describe(title, &self.years);
        for episode in &mut title.episodes {
            episode.shown = self.shown_episode(episode);
        }
    }

    /// Whether the habits of a title's categories can change what is shown of it. What a pattern leaves of
    /// its name is not known yet: with one, they can.
    pub fn asks_for_habits(&self, title: &Title) -> bool {
        let asks = || asks_for_habits(&title.details.name, &self.years);
        self.takes_tags && (self.pattern.is_some() || asks())
    }

    /// All that the name of a title says that was cleaned, with the name and the year that people see of it.
    pub fn explain(&mut self, title: &Title) -> Cleaned {
        let (habits, details) = (self.habits_of(title), &title.details);
        let read = self.read(&details.name, Some(title.kind), details.year, &habits);
        let (name, year) = details.shown();
        let name = details.country_behind().map_or(name, |country| country.without(name));
        Cleaned { title: name.to_owned(), year, ..read }
    }

    /// What a name says that is no title's of a catalogue; what it is of and its year may be known.
    pub fn read(
        &mut self,
        name: &str,
        kind: Option<Kind>,
        known_year: Option<i32>,
        habits: &CategoryHabits,
    ) -> Cleaned {
        let stripped = self.stripped(name);
        let read = clean(&stripped, &Context { kind, habits, years: &self.years, known_year });
        if self.takes_tags {
            read
        } else {
            Cleaned { title: stripped.into_owned(), year: known_year, ..read }
        }
    }

    /// The name and year to show: where nothing else says a year, that of the first showing. An episode's mark or a season in the name is left alone: the source says that this
    /// is a title, and nobody knows better. Where names keep their tags, what the source shows of them stays.
    fn shown(&mut self, kind: Kind, details: &Details, habits: &CategoryHabits) -> Option<Shown> {
        let stripped = self.stripped(&details.name);
        if let Some(read) = self.read_title(&stripped, details.year, habits) {
            let dated = || Premiere::year(text(&details.premiered)?);
            let year = read.year.or_else(dated);
            let name = named(kind, &read);
            return Some(Shown { name, year, country: read.country.map(Box::new) });
        }
        let Some(Shown { name, year, .. }) = &details.shown else {
            let is_other = *stripped != *details.name;
            return is_other.then(|| Shown { name: stripped.into_owned(), ..Shown::default() });
        };
        Some(Shown { name: self.stripped(name).into_owned(), year: *year, country: None })
    }

    /// A name without its noise and the year that was in it, without a look at what else is known. What brackets behind
    /// the year say is noise that tells works apart, and stays: `Che (2008) (The Argentine)`.
    pub fn name_and_year(
        &mut self,
        name: &str,
        kind: Option<Kind>,
        known_year: Option<i32>,
    ) -> (String, Option<i32>) {
        let (name, year, country) = self.work(name, known_year);
        match (country, kind) {
            (Some(country), Some(Kind::Series)) => (country.behind(&name), year),
            _ => (name, year),
        }
    }

    /// The same, with the country behind a title beside its name.
    pub(super) fn work(
        &mut self,
        name: &str,
        known_year: Option<i32>,
    ) -> (String, Option<i32>, Option<Country>) {
        let stripped = self.stripped(name);
        match self.read_title(&stripped, known_year, &CategoryHabits::default()) {
            Some(read) if read.remarks.is_empty() => (read.title, read.year, read.country),
            Some(read) => (format!("{} {}", read.title, read.remarks), read.year, read.country),
            None => (stripped.into_owned(), None, None),
        }
    }

    /// What a title's name says; `None` for one that has no title, and where the name is left alone.
    fn read_title(
        &self,
        stripped: &str,
        known_year: Option<i32>,
        habits: &CategoryHabits,
    ) -> Option<Cleaned> {
        if !self.takes_tags || names_episode(stripped) {
            return None;
        }
        let (kind, years) = (Some(Kind::Movie), &self.years);
        let read = clean(stripped, &Context { kind, habits, years, known_year });
        (!read.title.is_empty()).then_some(read)
    }

    /// The habits of the categories that a title is in.
    fn habits_of(&self, title: &Title) -> CategoryHabits {
        let mut all = CategoryHabits::default();
        for category in title.streams.iter().filter_map(|stream| stream.category_name.clone()) {
            if let Some(habits) = self.habits.get(&(title.kind, category)) {
                all.merge(habits);
            }
        }
        all
    }

    fn shown_episode(&mut self, episode: &Episode) -> Option<String> {
        let stripped = self.stripped(&episode.name);
        if self.takes_tags {
            return Some(episode_title(&stripped, episode, &self.years));
        }
        (*stripped != *episode.name).then(|| stripped.into_owned())
    }

    /// A name after the user's pattern.
    fn stripped<'a>(&mut self, name: &'a str) -> Cow<'a, str> {
        match self.pattern.as_ref().map(|pattern| pattern.strip(name)) {
            None => Cow::Borrowed(name),
            Some(Ok(stripped)) => Cow::Owned(stripped),
            Some(Err(TooSlow)) => {
                self.too_slow += 1;
                Cow::Borrowed(name)
            }
        }
    }
}

/// A title's name: the country behind it is part of a series' name.
fn named(kind: Kind, read: &Cleaned) -> String {
    match &read.country {
        Some(country) if kind == Kind::Series => country.behind(&read.title),
        _ => read.title.clone(),
    }
}

/// An episode's own title: without tags, and without its series and number in front.
fn episode_title(name: &str, episode: &Episode, years: &Years) -> String {
    let name = normalized(name);
    let rest = take_leads(&name, years, None, &mut |_| false, &mut Vec::new());
    let own = (episode.season, episode.number);
    let mark = episode_marks::find(rest, MarkStrength::Strong)
        .filter(|mark| (mark.season, mark.number) == own);
    let rest = mark.map_or(rest, |mark| &rest[mark.end..]);
    let rest = rest.trim_start_matches(is_separator);
    take_trailing(rest, &mut Vec::new()).to_owned()
}
