//! What the user's filter and lines say of one title, part by part: for those who ask why it is there, or not.

use super::Choice;
use super::filter::Filter;
use super::lines::TitleLine;
use crate::model::media::Title;

/// A part of the filter: what has to hold of a stream that it wants, beside the other parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartAnswer {
    /// As the user wrote it.
    pub text: String,
    /// Whether it holds for one of the title's streams.
    pub holds: bool,
}

/// What the user's choice says of a title.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Explanation {
    /// The parts of the filter; none without one.
    pub parts: Vec<PartAnswer>,
    /// Whether the filter lets one of the streams through; it does without one.
    pub is_let_through: bool,
    /// The lines of `block` that name the title.
    pub blocked_by: Vec<String>,
    /// Those of `pick`.
    pub picked_by: Vec<String>,
    /// Those of `choose`.
    pub chosen_by: Vec<String>,
}

impl Explanation {
    /// The parts that hold for none of the streams.
    pub fn failing(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter(|part| !part.holds).map(|part| part.text.as_str())
    }
}

impl Choice {
    /// Why a title that has its names is wanted, or not: as `choose` asks.
    pub fn explain(&self, title: &Title) -> Explanation {
        let mut asked = title.clone();
        let operands = self.filter.iter().flat_map(Filter::operands);
        let mut parts: Vec<PartAnswer> =
            operands.map(|text| PartAnswer { text, holds: false }).collect();
        let chosen = self.ask_and_tell(&mut asked, &mut |filter, evaluation| {
            let holding = filter.holding(evaluation).into_iter();
            parts.iter_mut().zip(holding).for_each(|(part, one)| part.holds |= one);
        });
        let is_let_through = self.filter.is_none() || asked.streams.iter().any(|it| it.is_wanted);
        let own = self.choose.of_title(title.kind, &title.details);
        Explanation {
            parts,
            is_let_through,
            blocked_by: at_places(self.block.iter().map(TitleLine::as_str), &chosen.blocked_by),
            picked_by: at_places(self.pick.iter().map(TitleLine::as_str), &chosen.picked_by),
            chosen_by: at_places(self.choose.texts(), &own),
        }
    }
}

/// Of these texts those that stand at these places.
fn at_places<'a>(texts: impl Iterator<Item = &'a str>, places: &[usize]) -> Vec<String> {
    let meant = texts.enumerate().filter(|(at, _)| places.contains(at));
    meant.map(|(_, text)| text.to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::model::media::{Account, Details, Episode, Kind, SourceKey, Stream};

    fn title(streams: &[(&str, u16)]) -> Title {
        let account = Account { id: 1, name: "A".into(), priority: 0, login: None };
        let account = Arc::new(account);
        let stream = |(category, lines): &(&str, u16)| {
            let mut stream = Stream::new(account.clone(), (*category).to_owned());
            stream.category_name = Some((*category).into());
            stream.traits.quality = Some(*lines);
            stream
        };
        Title {
            kind: Kind::Movie,
            key: SourceKey(1),
            uuid: None,
            details: Details { name: "Heat".into(), year: Some(1995), ..Details::default() },
            streams: streams.iter().map(stream).collect(),
            episodes: Vec::new(),
        }
    }

    #[test]
    fn a_filter_is_told_part_by_part() {
        let said = |filter: &str, streams: &[(&str, u16)]| {
            let choice = Choice { filter: Some(filter.parse().unwrap()), ..Choice::default() };
            let said = choice.explain(&title(streams));
            let holds = |part: &PartAnswer| format!("{} {}", part.text, part.holds);
            (said.is_let_through, said.parts.iter().map(holds).collect::<Vec<_>>().join(", "))
        };
        for (filter, streams, is_let_through, parts) in [
            ("year == 1995", &[("EN", 720)][..], true, "year == 1995 true"),
            (
                "category == EN and quality >= 1080 and not adult",
                &[("EN", 720)],
                false,
                "category == EN true, quality >= 1080 false, not adult true",
            ),
            (
                "(category == DE or category == FR) and year > 1990",
                &[("EN", 720)],
                false,
                "(category == DE or category == FR) false, year > 1990 true",
            ),
            (
                "category == DE or year == 1995",
                &[("EN", 720)],
                true,
                "category == DE or year == 1995 true",
            ),
            (
                "category == EN and quality >= 1080",
                &[("EN", 720), ("DE", 2160)],
                false,
                "category == EN true, quality >= 1080 true",
            ),
        ] {
            assert_eq!(said(filter, streams), (is_let_through, parts.to_owned()), "{filter}");
        }
    }

    /// As in a run: an episode that was measured is asked by itself, in its series' words.
    #[test]
    fn measured_episodes_are_asked_as_runs_ask_them() {
        let mut series = Title { kind: Kind::Series, ..title(&[("EN", 720)]) };
        let account = series.streams[0].account.clone();
        let measured = Some(Box::new("1080 hdr10".parse().unwrap()));
        let played = Stream { measured, ..Stream::new(account, "e1".to_owned()) };
        series.episodes = vec![Episode { streams: vec![played], ..Episode::default() }];
        let filter = "category == EN and hdr == hdr10".parse().unwrap();
        let choice = Choice { filter: Some(filter), ..Choice::default() };
        let said = choice.explain(&series);
        assert_eq!((said.is_let_through, said.failing().count()), (true, 0), "{said:?}");
        choice.choose(&mut series);
        assert_eq!(series.is_filtered(), !said.is_let_through);
    }

    #[test]
    fn lines_are_told_as_the_user_wrote_them() {
        let lines = |text: &str| super::super::lines::TitleLines::new(vec![text.parse().unwrap()]);
        let choice = Choice {
            block: lines("name: HEAT"),
            pick: lines("series:name:Heat"),
            ..Choice::default()
        };
        let said = choice.explain(&title(&[("EN", 720)]));
        assert_eq!((said.blocked_by, said.picked_by), (vec!["name: HEAT".into()], vec![]));
        assert!(said.is_let_through, "without a filter");
    }
}
