//! Which streams of a title are wanted, and which of them is the best: the user's filter and preferences.

pub mod filter;
pub mod classify;
pub mod lines;
pub mod own;
mod explain;
pub mod search;
pub mod nearest;

use std::cmp::Reverse;
use std::collections::BTreeSet;

use crate::hold::LeavesNothing;
use crate::model::left_out::LeftOutBy;
use crate::model::media::{Details, Episode, Kind, Stream, Title};
use crate::model::stated::{Rating, meaning, text};
use crate::names::traits::is_adult_category;
use crate::select::filter::{Evaluation, Facts, Filter, Preference};
use crate::select::lines::TitleLines;
use crate::select::own::TitlePreferences;
use crate::text::split_list;

pub use self::explain::{Explanation, PartAnswer};

/// The user's will about titles and streams.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// What is wanted; all, without one.
    pub filter: Option<Filter>,
    /// What is better; without any, what the source puts first.
    pub prefer: Option<Preference>,
    /// Titles that are not wanted, whatever the filter and `pick` say.
    pub block: TitleLines,
    /// Titles that are wanted, whatever the filter says.
    pub pick: TitleLines,
    /// What is better of single titles, before `prefer`.
    pub choose: TitlePreferences,
}

/// Before the lines of `block` and `pick` in the text of a choice. No filter begins so.
const BLOCK: &str = "block";
const PICK: &str = "pick";

/// What a filter says of a title.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chosen {
    /// For each comparison of the filter, whether it holds for one of the title's streams.
    pub parts: Vec<bool>,
    /// A pattern took too long, and counted as no match.
    pub is_slow: bool,
    /// The lines of `block` that name the title, by their places.
    pub blocked_by: Vec<usize>,
    /// The lines of `pick` that name it.
    pub picked_by: Vec<usize>,
    /// Those of `choose` that prefer one of its wanted streams.
    pub chosen_by: Vec<usize>,
}

impl Choice {
    /// Whether titles are blocked or picked by name or id.
    pub fn has_lines(&self) -> bool {
        !self.block.is_empty() || !self.pick.is_empty()
    }

    /// What would be it that leaves nothing.
    pub fn may_leave_nothing(&self) -> LeavesNothing {
        match (self.filter.is_some(), self.block.is_empty()) {
            (true, true) => LeavesNothing::Filter,
            (true, false) => LeavesNothing::Both,
            (false, _) => LeavesNothing::Block,
        }
    }

    /// Whether it says of titles that they are wanted, or not.
    pub fn leaves_out(&self) -> bool {
        self.filter.is_some() || self.has_lines()
    }

    /// Whether a part of it may match nothing: of the filter, or of the lines that name titles.
    pub fn can_miss(&self) -> bool {
        self.filter.is_some() || self.names_titles()
    }

    /// Whether it says something of single titles.
    pub fn names_titles(&self) -> bool {
        self.has_lines() || !self.choose.is_empty()
    }

    /// The parts of the filter, all of which must hold.
    pub fn operands(&self) -> Vec<String> {
        self.filter.as_ref().map(Filter::operands).unwrap_or_default()
    }

    /// What is wanted, as a text from which the same can be read again; `None` where all is wanted.
    pub fn text(&self) -> Option<String> {
        let lines = || self.block.normal(BLOCK) + &self.pick.normal(PICK);
        self.leaves_out().then(|| lines() + self.filter.as_ref().map_or("", Filter::as_str))
    }

    /// The choice that has this text; `None` if it cannot be understood.
    pub fn of_text(text: &str) -> Option<Choice> {
        let (mut rest, mut block, mut pick) = (text, Vec::new(), Vec::new());
        while let Some((line, after)) = rest.split_once('\n') {
            match line.split_once(' ') {
                Some((BLOCK, line)) => block.push(line.parse().ok()?),
                Some((PICK, line)) => pick.push(line.parse().ok()?),
                // A filter may have ends of lines in it.
                _ => break,
            }
            rest = after;
        }
        let filter = if rest.is_empty() { None } else { Some(rest.parse().ok()?) };
        let (block, pick) = (TitleLines::new(block), TitleLines::new(pick));
        Some(Choice { filter, block, pick, ..Choice::default() })
    }

    /// Marks the streams that are wanted and puts the best first. An episode is wanted from the accounts from which
    /// its series is, unless its own stream says more of itself. Then the series is wanted from the accounts from
    /// which one of its episodes is.
    pub fn choose(&self, title: &mut Title) -> Chosen {
        let mut chosen = self.ask(title);
        if let Some(prefer) = &self.prefer {
            chosen.is_slow |= order(title, |facts| prefer.rank(facts));
        }
        if !chosen.picked_by.is_empty() {
            // What the filter lets through is better than what is there since the title is picked.
            let is_left_out = |stream: &Stream| !stream.is_wanted;
            title.streams.sort_by_key(is_left_out);
            let episodes = title.episodes.iter_mut();
            episodes.for_each(|episode| episode.streams.sort_by_key(is_left_out));
        }
        chosen.heed_lines(title);
        if !title.has_streams() {
            title.streams.iter_mut().for_each(|it| it.left_out_by = LeftOutBy::NoEpisodes);
        }
        self.order_own(title, &mut chosen);
        chosen
    }

    /// Puts first what the user prefers of just this title.
    fn order_own(&self, title: &mut Title, chosen: &mut Chosen) {
        let own = self.choose.of_title(title.kind, &title.details);
        if own.is_empty() {
            return;
        }
        chosen.is_slow |= order(title, |facts| {
            let said = own.iter().map(|at| self.choose.prefers(*at, facts));
            said.fold((Vec::new(), false), |(mut rank, is_slow), (is_preferred, slow)| {
                rank.push(!is_preferred);
                (rank, is_slow || slow)
            })
        });
        let about = About { kind: title.kind, id: title.key.0, details: &title.details };
        let played = title.episodes.iter().flat_map(|episode| &episode.streams);
        let wanted: Vec<Facts<'_>> = title
            .streams
            .iter()
            .chain(played)
            .filter(|stream| stream.is_wanted)
            .map(|stream| about.facts(stream))
            .collect();
        let prefers = |at: &usize| wanted.iter().any(|facts| self.choose.prefers(*at, facts).0);
        chosen.chosen_by = own.into_iter().filter(prefers).collect();
    }

    /// Marks the streams that the filter lets through, and says which lines name the title.
    fn ask(&self, title: &mut Title) -> Chosen {
        self.ask_and_tell(title, &mut |_, _| ())
    }

    /// The same; tells whatever the filter says on the way.
    fn ask_and_tell(
        &self,
        title: &mut Title,
        tell: &mut dyn FnMut(&Filter, &Evaluation),
    ) -> Chosen {
        let mut chosen = Chosen {
            blocked_by: self.block.naming(title.kind, &title.details),
            picked_by: self.pick.naming(title.kind, &title.details),
            ..Chosen::default()
        };
        let Some(filter) = &self.filter else { return chosen };
        let Title { kind, key, details, streams, episodes, .. } = title;
        let about = About { kind: *kind, id: key.0, details };
        chosen.parts = vec![false; filter.parts().len()];
        let mut evaluate = |facts: &Facts<'_>| {
            let evaluation = filter.evaluate(facts);
            tell(filter, &evaluation);
            chosen.is_slow |= evaluation.is_slow;
            chosen.parts.iter_mut().zip(evaluation.parts).for_each(|(any, one)| *any |= one);
            let by = evaluation.failed.map_or(LeftOutBy::Filter, LeftOutBy::Part);
            (evaluation.is_wanted, by)
        };
        for stream in streams.iter_mut() {
            (stream.is_wanted, stream.left_out_by) = evaluate(&about.facts(stream));
        }
        for stream in episodes.iter_mut().flat_map(|episode| &mut episode.streams) {
            let speakers = streams.iter().filter(|own| speaks_for(own, stream));
            let mut said = |own: &Stream| match stream.measured {
                Some(_) => evaluate(&about.facts_of_episode(own, stream)),
                None => (own.is_wanted, own.left_out_by),
            };
            let said = speakers.map(&mut said).reduce(|a, b| (a.0 || b.0, a.1.max(b.1)));
            let said = said.unwrap_or_else(|| evaluate(&about.facts(stream)));
            (stream.is_wanted, stream.left_out_by) = said;
        }
        follow_episodes(streams, episodes);
        chosen
    }
}

/// The lines of a picture of which nothing says how many it has: less than 1080, more than 720.
const UNKNOWN_QUALITY: u16 = 900;

/// Of an account's streams, and of accounts of one priority, puts those of the best quality first.
pub fn order_by_quality(title: &mut Title) {
    let rank = |stream: &Stream| {
        let quality = stream.traits.quality.unwrap_or(UNKNOWN_QUALITY);
        (Reverse(stream.account.priority), Reverse(quality))
    };
    title.streams.sort_by_key(rank);
    title.episodes.iter_mut().for_each(|episode| episode.streams.sort_by_key(rank));
}

/// Puts the streams of the smallest rank first; gives whether a pattern took too long. Episodes follow their series.
fn order(title: &mut Title, rank: impl Fn(&Facts<'_>) -> (Vec<bool>, bool)) -> bool {
    let Title { kind, key, details, streams, episodes, .. } = title;
    let about = About { kind: *kind, id: key.0, details };
    let mut is_any_slow = false;
    let mut rank = |facts: &Facts<'_>| {
        let (rank, is_slow) = rank(facts);
        is_any_slow |= is_slow;
        rank
    };
    let ranked: Vec<_> = streams.iter().map(|own| (own, rank(&about.facts(own)))).collect();
    for episode in episodes.iter_mut() {
        episode.streams.sort_by_cached_key(|stream| {
            let speakers = ranked.iter().filter(|(own, _)| speaks_for(own, stream));
            let mut rank_by = |(own, its_own): &(&Stream, Vec<bool>)| match stream.measured {
                Some(_) => rank(&about.facts_of_episode(own, stream)),
                None => its_own.clone(),
            };
            let best = speakers.map(&mut rank_by).min();
            best.unwrap_or_else(|| rank(&about.facts(stream)))
        });
    }
    streams.sort_by_cached_key(|stream| rank(&about.facts(stream)));
    is_any_slow
}

impl Chosen {
    /// Marks the streams as the lines want them that name the title; `block` wins.
    fn heed_lines(&self, title: &mut Title) {
        let (is_blocked, is_picked) = (!self.blocked_by.is_empty(), !self.picked_by.is_empty());
        if !is_blocked && !is_picked {
            return;
        }
        for stream in every_stream(title) {
            // What the filter leaves out anyhow is not left out by `block`.
            if is_picked || stream.is_wanted {
                stream.left_out_by = LeftOutBy::Block;
            }
            stream.is_wanted = !is_blocked;
        }
    }
}

/// The streams of a title and of its episodes.
fn every_stream(title: &mut Title) -> impl Iterator<Item = &mut Stream> {
    let played = title.episodes.iter_mut().flat_map(|episode| &mut episode.streams);
    title.streams.iter_mut().chain(played)
}

/// Marks the streams that are wanted, or not, only because the user has another filter now, or blocks and picks other
/// titles. `before` was the choice under which the title was evaluated: it would let them through today, or would not.
/// Without one it let all through.
pub fn mark_changed(title: &mut Title, before: Option<&Choice>) {
    let mut then = title.clone();
    every_stream(&mut then).for_each(|stream| stream.is_wanted = true);
    if let Some(before) = before {
        before.ask(&mut then).heed_lines(&mut then);
    }
    let episodes = title.episodes.iter_mut().zip(&then.episodes);
    let played = episodes.flat_map(|(now, then)| now.streams.iter_mut().zip(&then.streams));
    for (now, then) in title.streams.iter_mut().zip(&then.streams).chain(played) {
        now.is_taken = !now.is_wanted && then.is_wanted;
        now.is_let_in = now.is_wanted && !then.is_wanted;
    }
}

/// Marks the streams that are wanted because the user has enabled their categories: account and category of each.
pub fn mark_enabled(title: &mut Title, enabled: &BTreeSet<(i64, i64)>) {
    for stream in title.streams.iter_mut().filter(|stream| stream.is_wanted) {
        let is_enabled = |category| enabled.contains(&(stream.account.id, category));
        stream.is_let_in |= stream.category.is_some_and(is_enabled);
    }
}

/// Marks all that is wanted as let in by the user's will.
pub fn mark_let_in(title: &mut Title) {
    every_stream(title).for_each(|stream| stream.is_let_in = stream.is_wanted);
}

/// A series is wanted where one of its episodes is, if one of these speaks for itself.
fn follow_episodes(streams: &mut [Stream], episodes: &[Episode]) {
    for own in streams {
        let played = episodes.iter().flat_map(|episode| &episode.streams);
        let played: Vec<&Stream> = played.filter(|stream| own.is_series_of(stream)).collect();
        if played.iter().any(|stream| stream.speaks_for_itself()) {
            own.is_wanted = played.iter().any(|stream| stream.is_wanted);
            let furthest = played.iter().map(|stream| stream.left_out_by).max();
            own.left_out_by = furthest.unwrap_or_default();
        }
    }
}

/// Whether a series' stream speaks for an episode's: it is from the same account, and that one has no words of its
/// own. What was measured of an episode's stream is its own all the same.
fn speaks_for(own: &Stream, episode: &Stream) -> bool {
    own.is_series_of(episode) && !episode.has_own_words()
}

/// What is known of a title besides its streams.
struct About<'a> {
    kind: Kind,
    id: i64,
    details: &'a Details,
}

impl About<'_> {
    fn facts<'a>(&'a self, stream: &'a Stream) -> Facts<'a> {
        let About { kind, id, details } = *self;
        let (shown, year) = details.shown();
        let category = stream.category_name.as_deref();
        Facts {
            kind,
            names: [&details.name, shown],
            genres: split_list(details.genre.as_deref().unwrap_or_default()),
            year,
            rating: meaning(&details.rating).map(Rating::number),
            id,
            tmdb: text(&details.tmdb),
            imdb: text(&details.imdb),
            category,
            account: &stream.account.name,
            languages: stream.traits.languages.iter().map(String::as_str).collect(),
            quality: stream.traits.quality,
            measured: stream.measured.as_deref(),
            is_adult: details.is_adult
                || stream.is_adult
                || category.is_some_and(is_adult_category),
            url: stream.url.as_deref(),
            stated_type: stream.stated_type.as_deref(),
            list_id: None,
            duration: None,
        }
    }

    /// What is known of an episode's stream that was measured; the words are those of its series' stream.
    fn facts_of_episode<'a>(&'a self, own: &'a Stream, stream: &'a Stream) -> Facts<'a> {
        let Facts { languages, quality, measured, .. } = self.facts(stream);
        Facts { languages, quality, measured, ..self.facts(own) }
    }
}

#[cfg(test)]
mod tests;
