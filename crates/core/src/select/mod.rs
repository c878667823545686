//! Which streams of a title are wanted, and which of them is the best: the user's filter and preferences.

pub mod filter;
pub mod classify;
pub mod lines;

use std::collections::BTreeSet;

use crate::model::media::{Details, Episode, Kind, Stream, Title};
use crate::model::stated::{Rating, meaning, text};
use crate::names::traits::is_adult_category;
use crate::select::filter::{Facts, Filter, Preference};
use crate::select::lines::TitleLines;
use crate::text::split_list;

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
}

impl Choice {
    /// Whether titles are blocked or picked by name or id.
    pub fn has_lines(&self) -> bool {
        !self.block.is_empty() || !self.pick.is_empty()
    }

    /// Whether it says of titles that they are wanted, or not.
    pub fn leaves_out(&self) -> bool {
        self.filter.is_some() || self.has_lines()
    }

    /// What is wanted, as a text that all choices of the same titles have; `None` where all is wanted.
    pub fn normal(&self) -> Option<String> {
        let lines = || self.block.normal(BLOCK) + &self.pick.normal(PICK);
        self.leaves_out().then(|| lines() + self.filter.as_ref().map_or("", Filter::normal))
    }

    /// The choice that has this text; `None` if it cannot be understood.
    pub fn of_normal(text: &str) -> Option<Choice> {
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
        Some(Choice { filter, prefer: None, block, pick })
    }

    /// Marks the streams that are wanted and puts the best first. An episode is wanted from the accounts from which
    /// its series is, unless its own stream says more of itself. Then the series is wanted from the accounts from
    /// which one of its episodes is.
    pub fn choose(&self, title: &mut Title) -> Chosen {
        let mut chosen = self.ask(title);
        self.order(title, &mut chosen);
        if !chosen.picked_by.is_empty() {
            // What the filter lets through is better than what is there since the title is picked.
            let is_left_out = |stream: &Stream| !stream.is_wanted;
            title.streams.sort_by_key(is_left_out);
            let episodes = title.episodes.iter_mut();
            episodes.for_each(|episode| episode.streams.sort_by_key(is_left_out));
        }
        chosen.heed_lines(title);
        chosen
    }

    /// Marks the streams that the filter lets through, and says which lines name the title.
    fn ask(&self, title: &mut Title) -> Chosen {
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
            chosen.is_slow |= evaluation.is_slow;
            chosen.parts.iter_mut().zip(evaluation.parts).for_each(|(any, one)| *any |= one);
            evaluation.is_wanted
        };
        for stream in streams.iter_mut() {
            stream.is_wanted = evaluate(&about.facts(stream));
        }
        for stream in episodes.iter_mut().flat_map(|episode| &mut episode.streams) {
            let speakers = streams.iter().filter(|own| speaks_for(own, stream));
            let evaluation = speakers.map(|own| own.is_wanted).reduce(|a, b| a || b);
            stream.is_wanted = evaluation.unwrap_or_else(|| evaluate(&about.facts(stream)));
        }
        follow_episodes(streams, episodes);
        chosen
    }

    /// Puts the preferred stream first.
    fn order(&self, title: &mut Title, chosen: &mut Chosen) {
        let Some(prefer) = &self.prefer else { return };
        let Title { kind, key, details, streams, episodes, .. } = title;
        let about = About { kind: *kind, id: key.0, details };
        let mut rank = |stream: &Stream| {
            let (rank, is_slow) = prefer.rank(&about.facts(stream));
            chosen.is_slow |= is_slow;
            rank
        };
        let ranked: Vec<_> = streams.iter().map(|own| (own, rank(own))).collect();
        for episode in episodes.iter_mut() {
            episode.streams.sort_by_cached_key(|stream| {
                let speakers = ranked.iter().filter(|(own, _)| speaks_for(own, stream));
                let best = speakers.map(|(_, rank)| rank).min();
                best.cloned().unwrap_or_else(|| rank(stream))
            });
        }
        streams.sort_by_cached_key(rank);
    }
}

impl Chosen {
    /// Marks the streams as the lines want them that name the title; `block` wins.
    fn heed_lines(&self, title: &mut Title) {
        let is_blocked = !self.blocked_by.is_empty();
        if is_blocked || !self.picked_by.is_empty() {
            every_stream(title).for_each(|stream| stream.is_wanted = !is_blocked);
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

/// A series is wanted where one of its episodes is, as far as these speak for themselves.
fn follow_episodes(streams: &mut [Stream], episodes: &[Episode]) {
    for own in streams {
        let played = episodes.iter().flat_map(|episode| &episode.streams);
        let speaks =
            |stream: &&Stream| stream.account.id == own.account.id && stream.speaks_for_itself();
        let mut played = played.filter(speaks).peekable();
        if played.peek().is_some() {
            own.is_wanted = played.any(|stream| stream.is_wanted);
        }
    }
}

/// Whether a series' stream speaks for an episode's: it is from the same account, and that one does not
/// say more of itself.
fn speaks_for(own: &Stream, episode: &Stream) -> bool {
    own.account.id == episode.account.id && !episode.speaks_for_itself()
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
            is_adult: details.is_adult
                || stream.is_adult
                || category.is_some_and(is_adult_category),
            url: stream.url.as_deref(),
            stated_type: stream.stated_type.as_deref(),
            list_id: None,
            duration: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::model::media::{Account, SourceKey};

    fn stream(account: i64, category: &str) -> Stream {
        let account =
            Account { id: account, name: format!("A{account}"), priority: 0, login: None };
        let category_name = (!category.is_empty()).then(|| Arc::from(category));
        Stream { category_name, ..Stream::new(Arc::new(account), format!("{category}1")) }
    }

    fn show() -> Title {
        let episode = Episode { streams: vec![stream(1, ""), stream(2, "")], ..Episode::default() };
        Title {
            kind: Kind::Series,
            key: SourceKey(7),
            uuid: None,
            details: Details { rating: Some("7,5".into()), ..Details::default() },
            streams: vec![stream(1, "Kids"), stream(1, "Drama"), stream(2, "XXX")],
            episodes: vec![episode],
        }
    }

    /// Which streams of the series and of its episode are wanted, and whether nothing is.
    fn wanted(filter: &str) -> (Vec<bool>, Vec<bool>, bool) {
        let mut show = show();
        let choice = Choice { filter: Some(filter.parse().unwrap()), ..Choice::default() };
        choice.choose(&mut show);
        let flags = |streams: &[Stream]| streams.iter().map(|stream| stream.is_wanted).collect();
        (flags(&show.streams), flags(&show.episodes[0].streams), show.is_filtered())
    }

    #[test]
    fn episodes_follow_their_series_by_account() {
        assert_eq!(wanted("category == drama").1, [true, false]);
        assert_eq!(wanted("not adult"), (vec![true, true, false], vec![true, false], false));
        assert_eq!(wanted("rating > 8"), (vec![false; 3], vec![false; 2], true));
        assert!(!wanted("id == 7 and kind == series").2);
    }

    #[test]
    fn a_series_is_wanted_while_one_of_its_episodes_is() {
        let choose = |show: &mut Title, filter: &str| {
            Choice { filter: Some(filter.parse().unwrap()), ..Choice::default() }.choose(show);
        };
        // A playlist's: the series has the group of one of its entries alone.
        let mut playlist = show();
        playlist.streams = vec![stream(1, "EN")];
        playlist.episodes[0].streams = vec![stream(1, "EN"), stream(1, "DE")];
        choose(&mut playlist, "category == DE");
        assert!(!playlist.is_filtered() && playlist.episodes[0].streams[1].is_wanted);
        // As in a database: the account that is wanted has no episodes.
        let mut elsewhere = show();
        elsewhere.episodes[0].streams = vec![stream(2, "")];
        choose(&mut elsewhere, "account == A1");
        assert!(!elsewhere.is_filtered(), "it may have some tomorrow");
        // An account that has the episode, and the series no more.
        elsewhere.streams.retain(|stream| stream.account.id == 1);
        choose(&mut elsewhere, "account == A2");
        assert!(elsewhere.episodes[0].streams[0].is_wanted);
    }

    #[test]
    fn the_preferred_stream_comes_first() {
        let mut show = show();
        let choice = Choice { prefer: Some("account == A2".parse().unwrap()), ..Choice::default() };
        choice.choose(&mut show);
        let accounts =
            |streams: &[Stream]| streams.iter().map(|it| it.account.id).collect::<Vec<_>>();
        assert_eq!(accounts(&show.streams), [2, 1, 1]);
        assert_eq!(accounts(&show.episodes[0].streams), [2, 1]);
        let choice =
            Choice { prefer: Some("category == drama".parse().unwrap()), ..Choice::default() };
        choice.choose(&mut show);
        assert_eq!(accounts(&show.episodes[0].streams), [1, 2], "episodes follow their series");
    }

    /// The series, evaluated by a filter after it was evaluated by another one; none where the text is empty.
    fn changed(before: &str, now: &str) -> Title {
        let filter = |text: &str| (!text.is_empty()).then(|| text.parse().unwrap());
        let mut show = show();
        Choice { filter: filter(now), ..Choice::default() }.choose(&mut show);
        let before = Choice { filter: filter(before), ..Choice::default() };
        mark_changed(&mut show, Some(&before));
        show
    }

    #[test]
    fn only_what_the_filter_before_lets_through_today_is_taken_by_the_new_one() {
        let taken = |before: &str, now: &str| {
            let show = changed(before, now);
            let flags =
                |streams: &[Stream]| streams.iter().map(|it| it.is_taken).collect::<Vec<_>>();
            (flags(&show.streams), flags(&show.episodes[0].streams))
        };
        let all = (vec![false, true, true], vec![false, true]);
        assert_eq!(taken("", "category == Kids"), all, "without a filter all were let in");
        let drama = (vec![false, true, false], vec![false, false]);
        assert_eq!(taken("category == Drama", "category == Kids"), drama);
        let nothing = (vec![false; 3], vec![false; 2]);
        assert_eq!(taken("category == Dramas", "category == Kids"), nothing, "it was renamed");
    }

    #[test]
    fn what_the_filter_before_leaves_out_today_is_let_in_by_the_new_one() {
        let let_in = |before: &str, now: &str| {
            let show = changed(before, now);
            let flags =
                |streams: &[Stream]| streams.iter().map(|it| it.is_let_in).collect::<Vec<_>>();
            (flags(&show.streams), flags(&show.episodes[0].streams), show.offers())
        };
        let of = |offers: &[(i64, bool)]| offers.iter().copied().collect();
        let second = (vec![false, false, true], vec![false, true], of(&[(1, false), (2, true)]));
        assert_eq!(let_in("account == A1", ""), second);
        let drama = (vec![false, true, true], vec![false, true], of(&[(1, false), (2, true)]));
        assert_eq!(let_in("category == Kids", ""), drama, "the account was let in by the other");
        let nothing = (vec![false; 3], vec![false; 2], of(&[(1, false), (2, false)]));
        assert_eq!(let_in("id == 7", ""), nothing);
        assert_eq!(let_in("", ""), nothing);
    }

    #[test]
    fn what_an_enabled_category_offers_is_let_in() {
        let mut show = show();
        for (stream, category) in show.streams.iter_mut().zip([None, Some(5), Some(5)]) {
            stream.category = category;
        }
        mark_enabled(&mut show, &BTreeSet::from([(2, 5), (1, 6)]));
        assert_eq!(show.offers(), [(1, false), (2, true)].into());
        mark_enabled(&mut show, &BTreeSet::from([(1, 5)]));
        assert_eq!(show.offers(), [(1, false), (2, true)].into(), "one stream was wanted before");
    }

    #[test]
    fn all_that_is_wanted_is_let_in_at_the_users_will() {
        let mut show = show();
        show.streams[0].is_wanted = false;
        show.episodes[0].streams[1].is_wanted = false;
        mark_let_in(&mut show);
        let flags = |streams: &[Stream]| streams.iter().map(|it| it.is_let_in).collect::<Vec<_>>();
        assert_eq!(flags(&show.streams), [false, true, true]);
        assert_eq!(flags(&show.episodes[0].streams), [true, false]);
    }

    #[test]
    fn the_title_the_stream_or_its_category_says_that_it_is_for_adults() {
        let is_adult = |title: bool, by_stream: bool, category: &str| {
            let details = Details { is_adult: title, ..Details::default() };
            let stream = Stream { is_adult: by_stream, ..stream(1, category) };
            About { kind: Kind::Movie, id: 7, details: &details }.facts(&stream).is_adult
        };
        assert!(is_adult(true, false, "Kids"));
        assert!(is_adult(false, true, ""));
        assert!(is_adult(false, false, "XXX"));
        assert!(!is_adult(false, false, "Kids"));
    }

    #[test]
    fn a_pattern_that_takes_too_long_is_told_whoever_asks() {
        let slow = r#"name =~ "(a|aa)+(?!a)\1b""#;
        let filter = || Choice { filter: Some(slow.parse().unwrap()), ..Choice::default() };
        let prefer = || Choice { prefer: Some(slow.parse().unwrap()), ..Choice::default() };
        for choice in [filter(), prefer()] {
            assert!(!choice.choose(&mut show()).is_slow);
            let mut long = show();
            long.details.name = "a".repeat(60);
            assert!(choice.choose(&mut long).is_slow, "{choice:?}");
        }
    }

    #[test]
    fn parts_count_for_the_title() {
        let filter = "category == Kids and adult".parse().unwrap();
        let chosen = Choice { filter: Some(filter), ..Choice::default() }.choose(&mut show());
        assert_eq!(chosen.parts, [true, true], "though for no stream both");
    }

    fn lines(texts: &[&str]) -> TitleLines {
        TitleLines::new(texts.iter().map(|text| text.parse().unwrap()).collect())
    }

    /// Every pair of lists, over every filter: a title that `block` names is never wanted.
    #[test]
    fn block_wins_over_pick_and_pick_over_the_filter() {
        let all = [&[][..], &["series:tmdb:7"], &["name:Dark"], &["name:Other", "imdb:tt0000007"]];
        for filter in [None, Some("adult"), Some("not adult"), Some("year > 2050")] {
            let filter: Option<Filter> = filter.map(|text| text.parse().unwrap());
            for (block, pick) in all.iter().flat_map(|block| all.map(|pick| (block, pick))) {
                let mut show = show();
                show.details.name = "Dark".into();
                (show.details.tmdb, show.details.imdb) =
                    (Some("7".into()), Some("tt0000007".into()));
                let mut alone = show.clone();
                Choice { filter: filter.clone(), ..Choice::default() }.choose(&mut alone);
                let choice = Choice {
                    filter: filter.clone(),
                    block: lines(block),
                    pick: lines(pick),
                    ..Choice::default()
                };
                choice.choose(&mut show);
                let wanted = match (block.is_empty(), pick.is_empty()) {
                    (false, _) => 0,
                    (true, false) => every_stream(&mut show.clone()).count(),
                    (true, true) => every_stream(&mut alone).filter(|it| it.is_wanted).count(),
                };
                let found = every_stream(&mut show).filter(|stream| stream.is_wanted).count();
                assert_eq!(found, wanted, "{choice:?}");
            }
        }
    }

    #[test]
    fn what_the_filter_lets_through_of_a_picked_title_comes_first() {
        let mut show = show();
        let filter = Some("category == XXX".parse().unwrap());
        let pick = lines(&["name:Dark"]);
        show.details.name = "Dark".into();
        let prefer = Some("account == A1".parse().unwrap());
        Choice { filter, prefer, pick, ..Choice::default() }.choose(&mut show);
        let accounts =
            |streams: &[Stream]| streams.iter().map(|it| it.account.id).collect::<Vec<_>>();
        assert_eq!(accounts(&show.streams), [2, 1, 1]);
        assert_eq!(accounts(&show.episodes[0].streams), [2, 1]);
        assert!(every_stream(&mut show).all(|stream| stream.is_wanted));
    }

    #[test]
    fn what_is_blocked_is_taken_by_the_user_and_what_is_picked_is_let_in() {
        let choice = |block: &[&str], pick: &[&str]| Choice {
            filter: Some("year > 2050".parse().unwrap()),
            block: lines(block),
            pick: lines(pick),
            ..Choice::default()
        };
        let changed = |before: &Choice, now: &Choice| {
            let mut show = show();
            show.details.name = "Dark".into();
            now.choose(&mut show);
            mark_changed(&mut show, Some(before));
            let is_taken = every_stream(&mut show).all(|it| it.is_taken);
            (is_taken, every_stream(&mut show).all(|it| it.is_let_in))
        };
        let (none, dark) = (choice(&[], &[]), ["name:Dark"]);
        assert_eq!(changed(&none, &choice(&[], &dark)), (false, true));
        assert_eq!(changed(&choice(&[], &dark), &none), (true, false));
        assert_eq!(changed(&choice(&[], &dark), &choice(&dark, &dark)), (true, false));
        assert_eq!(changed(&choice(&dark, &dark), &choice(&[], &dark)), (false, true));
        assert_eq!(
            changed(&none, &choice(&dark, &[])),
            (false, false),
            "the filter left it out before"
        );
    }

    #[test]
    fn a_choice_is_read_from_its_text() {
        let filter = || Some("category == \"a\nb\" and year > 1990".parse().unwrap());
        let lists = (lines(&["name:Heat: Two (1995)", "movie:tmdb:1"]), lines(&["imdb:tt0000007"]));
        let whole = Choice { filter: filter(), prefer: None, block: lists.0, pick: lists.1 };
        for choice in [
            whole.clone(),
            Choice { filter: None, ..whole.clone() },
            Choice { block: TitleLines::default(), ..whole.clone() },
            Choice { filter: filter(), ..Choice::default() },
        ] {
            let text = choice.normal().unwrap();
            assert_eq!(Choice::of_normal(&text), Some(choice), "{text}");
        }
        assert_eq!(Choice::default().normal(), None);
        assert_eq!(Choice::of_normal("block nothing\n"), None);
    }
}
