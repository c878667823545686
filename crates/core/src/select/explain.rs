//! What the user's filter and lines say of one title, part by part: for those who ask why it is there, or not.

use super::{About, Choice};
use crate::model::media::{Stream, Title};

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
    /// Why a title that has its names is wanted, or not.
    pub fn explain(&self, title: &Title) -> Explanation {
        let lines = |places: Vec<usize>, texts: Vec<&str>| {
            places.into_iter().filter_map(|at| texts.get(at).map(|it| (*it).to_owned())).collect()
        };
        let naming = |of: &super::lines::TitleLines| {
            lines(
                of.naming(title.kind, &title.details),
                of.iter().map(|line| line.as_str()).collect(),
            )
        };
        let own = self.choose.of_title(title.kind, &title.details);
        let mut explanation = Explanation {
            parts: Vec::new(),
            is_let_through: true,
            blocked_by: naming(&self.block),
            picked_by: naming(&self.pick),
            chosen_by: lines(own, self.choose.texts().collect()),
        };
        let Some(filter) = &self.filter else { return explanation };
        let operands = filter.operands();
        let part = |text: String| PartAnswer { text, holds: false };
        explanation.parts = operands.into_iter().map(part).collect();
        explanation.is_let_through = false;
        let about = About { kind: title.kind, id: title.key.0, details: &title.details };
        for stream in speaking_streams(title) {
            let evaluation = filter.evaluate(&about.facts(stream));
            explanation.is_let_through |= evaluation.is_wanted;
            let holding = filter.holding(&evaluation).into_iter();
            explanation.parts.iter_mut().zip(holding).for_each(|(part, one)| part.holds |= one);
        }
        explanation
    }
}

/// The streams that the filter is asked about: a series' episodes speak for it as far as they say something of themselves.
fn speaking_streams(title: &Title) -> Vec<&Stream> {
    let played = title.episodes.iter().flat_map(|episode| &episode.streams);
    let episodes: Vec<&Stream> = played.filter(|stream| stream.speaks_for_itself()).collect();
    let is_spoken_for = |own: &&Stream| episodes.iter().any(|it| it.account.id == own.account.id);
    let own: Vec<&Stream> = title.streams.iter().filter(|own| !is_spoken_for(own)).collect();
    own.into_iter().chain(episodes.iter().copied()).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::model::media::{Account, Details, Kind, SourceKey};

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
