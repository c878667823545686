//! What titles and episodes show in names: the values that templates have.

use super::reserved::{harmless, harmless_in, harmless_start};
use crate::date::is_plausible_year;
use crate::layout::Layout;
use crate::layout::template::NameField;
use crate::model::media::{Episode, Kind, Title};
use crate::model::stated::meaning;
use crate::model::values::aired;
use crate::names::quality::label;
use crate::text::{collapse, find_ascii, is_edge, split_list, truncate, visible};

/// The longest value beside the title.
const MAX_VALUE: usize = 40;

/// The values of one title, or of one of its episodes.
#[derive(Clone, Debug)]
pub(super) struct Shows<'a> {
    title: &'a Title,
    name: String,
    year: Option<String>,
    /// The title's folder, for what lies in it.
    pub(super) folder: &'a str,
    episode: Option<&'a Episode>,
    episode_name: Option<String>,
}

impl<'a> Shows<'a> {
    /// What a title shows.
    pub(super) fn of(layout: &Layout, title: &'a Title) -> Shows<'a> {
        let (name, year) =
            if layout.is_classic() { classic_name(title) } else { standard_name(title) };
        let year = year.map(|year| year.to_string());
        Shows { title, name, year, folder: "", episode: None, episode_name: None }
    }

    /// The value of a field, fit for a name; `None` when it is not known.
    pub(super) fn value(&self, field: NameField) -> Option<String> {
        let (details, best) = (&self.title.details, self.title.best_stream());
        let number = |number: Option<i32>| number.unwrap_or(0).max(0).to_string();
        let value = match field {
            NameField::Title => return Some(self.name.clone()),
            NameField::Year => return self.year.clone(),
            NameField::Tmdb => meaning(&details.tmdb).map(|id| id.to_string()),
            NameField::Imdb => meaning(&details.imdb).map(|id| id.to_string()),
            NameField::Genre => {
                let genres = split_list(details.genre.as_deref().unwrap_or_default());
                genres.first().map(|genre| short(genre))
            }
            NameField::Account => best.map(|stream| short(&stream.account.name)),
            NameField::Tvdb => meaning(&details.tvdb).map(|id| id.to_string()),
            NameField::Category => {
                best.and_then(|stream| stream.category_name.as_deref()).map(short)
            }
            NameField::Language => {
                let languages = best.map(|stream| stream.traits.languages.as_slice());
                languages.unwrap_or_default().first().map(|code| code.to_uppercase())
            }
            NameField::Quality => best.and_then(|stream| stream.traits.quality).map(label),
            NameField::Folder => Some(self.folder.to_owned()),
            NameField::Season => self.episode.map(|episode| number(episode.season)),
            NameField::Episode => self.episode.map(episode_numbers),
            NameField::Mark => self.episode.map(episode_mark),
            NameField::Name => self.episode_name.clone(),
            NameField::Aired => self.episode.and_then(aired).map(|day| day.to_string()),
        };
        value.filter(|value| !value.is_empty())
    }

    /// Makes a value shorter; says whether there was anything left to cut.
    pub(super) fn cut(&mut self, field: NameField, bytes: usize) -> bool {
        let text = match field {
            NameField::Title => &mut self.name,
            _ => match &mut self.episode_name {
                Some(name) => name,
                None => return false,
            },
        };
        if text.is_empty() {
            return false;
        }
        *text = truncate(text, text.len().saturating_sub(bytes)).trim_end().to_owned();
        true
    }

    /// Leaves room for what follows the title: so many bytes for title and year together.
    pub(super) fn limit_title(&mut self, bytes: usize) {
        let over = self.name.len().saturating_sub(bytes);
        self.cut(NameField::Title, over);
    }

    /// Adds what an episode shows.
    pub(super) fn take_episode(&mut self, layout: &Layout, episode: &'a Episode) {
        self.episode = Some(episode);
        let mark = episode_mark(episode);
        let name = if layout.is_classic() {
            Some(classic_text(episode.shown())).filter(|name| !name.is_empty())
        } else {
            let name = standard_text(after_mark(episode.shown(), &mark));
            let name = harmless(&name).into_owned();
            Some(harmless_start(&name).into_owned()).filter(|name| !is_nothing(name))
        };
        // The original's word.
        let or_else = || layout.is_classic().then(|| "Episode".to_owned());
        self.episode_name = name.or_else(or_else);
    }
}

fn fallback(kind: Kind) -> &'static str {
    match kind {
        Kind::Movie => "Unknown Movie",
        Kind::Series => "Unknown Series",
    }
}

/// The shown name and its year. A year at the name's end is not repeated; without a year of
/// its own, the title gets that one.
fn standard_name(title: &Title) -> (String, Option<i32>) {
    let (name, year) = title.details.shown();
    let name = collapse(name);
    let year = year.filter(|year| is_plausible_year(*year));
    let (name, year) = match split_year(&name) {
        Some((front, in_name)) if year.is_none_or(|year| year == in_name) => {
            (front, is_plausible_year(in_name).then_some(in_name).or(year))
        }
        _ => (&*name, year),
    };
    let name = standard_text(name);
    let name = if is_nothing(&name) { fallback(title.kind).to_owned() } else { name };
    (harmless_in(title.kind, &name), year)
}

fn is_nothing(name: &str) -> bool {
    name.chars().all(is_edge)
}

/// What stands beside the title, and must leave it room.
fn short(text: &str) -> String {
    truncate(&standard_text(text), MAX_VALUE).trim_end().to_owned()
}

fn standard_text(name: &str) -> String {
    let name = if name.contains(':') { visible(&name.replace(':', " -")) } else { visible(name) };
    name.trim_start_matches(|c: char| c == '-' || c.is_whitespace()).to_owned()
}

/// `Name (1999)` as its parts.
fn split_year(name: &str) -> Option<(&str, i32)> {
    let (front, rest) = name.strip_suffix(')')?.rsplit_once('(')?;
    let digits: Option<Vec<u32>> = rest.chars().map(|c| c.to_digit(10)).collect();
    let digits = digits.filter(|digits| digits.len() == 4)?;
    let year = digits.iter().fold(0, |year, digit| year * 10 + *digit as i32);
    Some((front.trim_end(), year))
}

/// The original's rules: a movie's trailing `(YYYY)` is cut and the known year added; a series gets
/// its year unless it already ends in it.
fn classic_name(title: &Title) -> (String, Option<i32>) {
    let (name, year) = title.details.shown();
    let year = year.filter(|year| *year != 0);
    // A nameless movie gets a name at once, a nameless series only if it has no year either.
    let is_nameless = name.is_empty();
    let name = if is_nameless && (title.kind == Kind::Movie || year.is_none()) {
        fallback(title.kind)
    } else {
        name.trim()
    };
    let name = match title.kind {
        Kind::Movie => cut_trailing_year(name).to_owned(),
        Kind::Series => match year.and_then(|year| name.strip_suffix(&format!("({year})"))) {
            Some(front) => front.trim_end().to_owned(),
            None => name.to_owned(),
        },
    };
    let name = classic_text(&name);
    // The original lets a year stand alone, "(2011)", and calls what has neither "Unknown".
    let name = if is_nothing(&name) && year.is_none() { "Unknown".to_owned() } else { name };
    (name, year)
}

/// Like the original's `\(\d{4}\)$`, where a digit is any script's digit.
fn cut_trailing_year(name: &str) -> &str {
    let cut = name.strip_suffix(')').and_then(|rest| rest.rsplit_once('('));
    match cut {
        Some((front, digits))
            if digits.chars().count() == 4 && digits.chars().all(char::is_numeric) =>
        {
            front.trim_end()
        }
        _ => name,
    }
}

/// The original's replacements.
pub(super) fn classic_text(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        match c {
            '/' | '\\' | '|' => out.push('-'),
            ':' => out.push_str(" -"),
            '?' | '*' => {}
            '"' => out.push('\''),
            '<' => out.push('('),
            '>' => out.push(')'),
            c => out.push(c),
        }
    }
    visible(&out)
}

/// Providers repeat the show and the number in an episode's name. Kodi takes a second number for a
/// second episode, so what stands before it goes with it.
fn after_mark<'a>(name: &'a str, mark: &str) -> &'a str {
    let at = find_ascii(name, mark);
    let rest = at.map_or(name, |at| &name[at + mark.len()..]);
    if rest.starts_with(|c: char| c.is_ascii_digit()) {
        name
    } else {
        rest.trim_start_matches(|c: char| c.is_whitespace() || "-.:_".contains(c))
    }
}

/// `2`, or `02-E03` for several, which servers read behind `1x` as well as behind `S01E`.
fn episode_numbers(episode: &Episode) -> String {
    let number = episode.number.unwrap_or(0).max(0);
    match episode.last_number.filter(|last| *last > number) {
        Some(last) => format!("{number:02}-E{last:02}"),
        None => number.to_string(),
    }
}

/// `S01E02`, or `S01E02-E03`; unknown numbers count as 0, as in the original.
pub fn episode_mark(episode: &Episode) -> String {
    let season = episode.season.unwrap_or(0).max(0);
    format!("S{season:02}E{:0>2}", episode_numbers(episode))
}
