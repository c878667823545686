//! What people are to see of a title whose source adds noise to its names. The source's own names stay:
//! by them a title is recognised.

use super::dressing::undressed;
use super::habits::Habits;
use super::marks::{self, Strength};
use super::years::Years;
use super::{Context, clean, take_leads, take_trailing};
use crate::media::{Episode, Shown, Title};

/// Gives a title and its episodes the names that people are to see.
pub fn dress(title: &mut Title, years: &Years) {
    let habits = Habits::default();
    let known_year = title.details.year;
    let context = Context { kind: None, habits: &habits, years, known_year };
    title.details.shown = shown(&title.details.name, &context);
    for episode in &mut title.episodes {
        episode.shown = shown_episode(episode, &context);
    }
}

/// The title and year in a name. An episode's mark in it is left alone: the source says that this is a
/// title, and nobody knows better.
fn shown(name: &str, context: &Context<'_>) -> Option<Shown> {
    let is_plain = marks::find(name, Strength::Fair).is_none();
    let cleaned = clean(name, context);
    (is_plain && !cleaned.title.is_empty())
        .then_some(Shown { name: cleaned.title, year: cleaned.year })
}

/// An episode's own title: without tags, and without its series and number in front.
fn shown_episode(episode: &Episode, context: &Context<'_>) -> Option<String> {
    let name = undressed(&episode.name);
    let rest = take_leads(&name, context, &mut Vec::new());
    let own = (episode.season, episode.number);
    let mark = marks::find(rest, Strength::Strong).filter(|mark| (mark.season, mark.number) == own);
    let rest = mark.map_or(rest, |mark| &rest[mark.end..]);
    let rest = rest.trim_start_matches(super::is_separator);
    Some(take_trailing(rest, &mut Vec::new()).to_owned())
}
