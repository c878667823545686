//! Choices over small titles: what is wanted, what comes first, and what a change of the user's mind takes and lets in.

use std::sync::Arc;

use super::*;
use crate::model::media::{Account, SourceKey};
use crate::names::category_habits::Habits;
use crate::names::cleaner::NameCleaner;
use crate::names::years::Years;

fn stream(account: i64, category: &str) -> Stream {
    let account = Account { id: account, name: format!("A{account}"), priority: 0, login: None };
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
    let accounts = |streams: &[Stream]| streams.iter().map(|it| it.account.id).collect::<Vec<_>>();
    assert_eq!(accounts(&show.streams), [2, 1, 1]);
    assert_eq!(accounts(&show.episodes[0].streams), [2, 1]);
    let choice = Choice { prefer: Some("category == drama".parse().unwrap()), ..Choice::default() };
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
        let flags = |streams: &[Stream]| streams.iter().map(|it| it.is_taken).collect::<Vec<_>>();
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
        let flags = |streams: &[Stream]| streams.iter().map(|it| it.is_let_in).collect::<Vec<_>>();
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
            (show.details.tmdb, show.details.imdb) = (Some("7".into()), Some("tt0000007".into()));
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
fn what_leaves_a_title_out_is_the_part_that_leaves_it_no_stream_then_block() {
    let by = |filter: &str, block: &[&str], pick: &[&str], title: &Title| {
        let mut title = title.clone();
        title.details.name = "Dark".into();
        let filter = (!filter.is_empty()).then(|| filter.parse().unwrap());
        let (block, pick) = (lines(block), lines(pick));
        Choice { filter, block, pick, ..Choice::default() }.choose(&mut title);
        title.left_out_by()
    };
    use LeftOutBy::{Block, NoEpisodes, Part};
    let dark = ["name:Dark"];
    for (filter, block, pick, expected) in [
        ("category == kids", &[][..], &[][..], None),
        ("category == nothing", &[], &[], Some(Part(0))),
        ("rating > 1 and (account == A9 or category == x)", &[], &[], Some(Part(1))),
        // One stream fails the first part, the others the second: no stream is left behind the second.
        ("category == kids and category == drama", &[], &[], Some(Part(1))),
        ("category == kids and account == A2 and rating > 1", &[], &[], Some(Part(1))),
        ("", &dark, &[], Some(Block)),
        ("category == kids", &dark, &[], Some(Block)),
        ("category == nothing", &dark, &[], Some(Part(0))),
        ("category == nothing", &dark, &dark, Some(Block)),
        ("category == nothing", &[], &dark, None),
    ] {
        assert_eq!(by(filter, block, pick, &show()), expected, "{filter} {block:?} {pick:?}");
    }
    let bare = Title { episodes: Vec::new(), ..show() };
    assert_eq!(by("category == nothing", &[], &[], &bare), Some(NoEpisodes));
    // A playlist's episodes speak for themselves.
    let mut playlist = show();
    playlist.streams.truncate(1);
    playlist.episodes[0].streams = vec![stream(1, "EN"), stream(1, "DE")];
    assert_eq!(by("category == EN and category == DE", &[], &[], &playlist), Some(Part(1)));
}

#[test]
fn a_filter_is_named_part_by_part_in_the_users_words() {
    let operands = |filter: &str| filter.parse::<filter::Filter>().unwrap().operands();
    assert_eq!(operands("Year>=2010"), ["Year>=2010"]);
    assert_eq!(operands("year > 1 or adult"), ["year > 1 or adult"]);
    let several = operands("(year > 1 and NOT (adult or name == 'A B')) and (id == 1 or id == 2)");
    assert_eq!(several, ["year > 1", "not (adult or name == 'A B')", "(id == 1 or id == 2)"]);
}

#[test]
fn what_the_filter_lets_through_of_a_picked_title_comes_first() {
    let mut show = show();
    let filter = Some("category == XXX".parse().unwrap());
    let pick = lines(&["name:Dark"]);
    show.details.name = "Dark".into();
    let prefer = Some("account == A1".parse().unwrap());
    Choice { filter, prefer, pick, ..Choice::default() }.choose(&mut show);
    let accounts = |streams: &[Stream]| streams.iter().map(|it| it.account.id).collect::<Vec<_>>();
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
    let (block, pick) = lists;
    let whole = Choice { filter: filter(), block, pick, ..Choice::default() };
    for choice in [
        whole.clone(),
        Choice { filter: None, ..whole.clone() },
        Choice { block: TitleLines::default(), ..whole.clone() },
        Choice { filter: filter(), ..Choice::default() },
    ] {
        let text = choice.text().unwrap();
        assert_eq!(Choice::of_text(&text), Some(choice), "{text}");
    }
    assert_eq!(Choice::default().text(), None);
    assert_eq!(Choice::of_text("block nothing\n"), None);
}

/// The accounts of a series' streams and of its episode's, in order, and the places of the lines that prefer one.
fn order_of(choose: &[&str], more: Choice) -> (Vec<i64>, Vec<i64>, Vec<usize>) {
    let mut show = show();
    show.details.name = "Dark".into();
    let own = choose.iter().map(|text| text.parse().unwrap()).collect();
    let chosen = Choice { choose: TitlePreferences::new(own), ..more }.choose(&mut show);
    let accounts = |streams: &[Stream]| streams.iter().map(|it| it.account.id).collect();
    (accounts(&show.streams), accounts(&show.episodes[0].streams), chosen.chosen_by)
}

#[test]
fn what_is_preferred_of_one_title_comes_before_what_is_preferred_of_all() {
    let first = || Choice { prefer: Some("account == A1".parse().unwrap()), ..Choice::default() };
    let order = |choose: &[&str]| order_of(choose, first());
    let (as_before, second) = ((vec![1, 1, 2], vec![1, 2]), (vec![2, 1, 1], vec![2, 1]));
    for (choose, (series, episode), by) in [
        (&["name:Dark = account == A2"][..], &second, &[0][..]),
        (&["series:name:Dark = category == XXX"], &second, &[0]),
        (&["movie:name:Dark = account == A2"], &as_before, &[]),
        (&["name:Darker = account == A2"], &as_before, &[]),
        (&["name:Dark = account == A3", "name:Dark = account == A2"], &second, &[1]),
        (&["name:Dark = account == A1", "name:Dark = account == A2"], &as_before, &[0, 1]),
        (&["name:Dark = account == A3"], &as_before, &[]),
    ] {
        assert_eq!(order(choose), (series.clone(), episode.clone(), by.to_vec()), "{choose:?}");
    }
    let filter = Some("account == A1".parse().unwrap());
    let choose = &["name:Dark = account == A2"];
    let (_, _, by) = order_of(choose, Choice { filter: filter.clone(), ..first() });
    assert!(by.is_empty(), "the filter leaves that stream out");
    let pick = lines(&["name:Dark"]);
    let (series, _, by) = order_of(choose, Choice { filter, pick, ..first() });
    assert_eq!((series, by), (vec![2, 1, 1], vec![0]), "it wins over the filter's order");
}

/// Two episodes, of which the first was measured, at an account whose series says `4K`.
fn measured_show(measured: &str) -> Title {
    let mut show = show();
    show.streams = vec![stream(1, "DE - 4K")];
    let episode = |measured: Option<Box<_>>| Episode {
        streams: vec![Stream { measured, ..stream(1, "") }],
        ..Episode::default()
    };
    show.episodes = vec![episode(measured.parse().ok().map(Box::new)), episode(None)];
    let (years, habits) = (Years::plausible_in(2026), Habits::new());
    NameCleaner { pattern: None, takes_tags: true, years, habits, too_slow: 0 }.clean(&mut show);
    show
}

#[test]
fn an_episode_that_was_measured_speaks_for_itself_in_the_words_of_its_series() {
    for (filter, wanted) in [
        ("quality >= 4K", [false, true]),
        ("quality == 720p", [true, false]),
        ("language == fr and category =~ 4K", [true, false]),
        ("language == de", [false, true]),
        ("audio == fr", [true, false]),
        ("category =~ 4K", [true, true]),
        ("account == A2", [false, false]),
    ] {
        let mut show = measured_show("720 video=h264/1280x720 audio=aac/2/fr");
        Choice { filter: Some(filter.parse().unwrap()), ..Choice::default() }.choose(&mut show);
        let found = [0, 1].map(|at: usize| show.episodes[at].streams[0].is_wanted);
        assert_eq!(found, wanted, "{filter}");
        assert_eq!(show.streams[0].is_wanted, wanted.contains(&true), "{filter}");
    }
}

#[test]
fn the_better_stream_of_an_episode_is_the_one_that_was_measured_so() {
    let mut show = measured_show("720");
    let other = Stream { stream_id: "other".to_owned(), ..show.episodes[1].streams[0].clone() };
    show.episodes[0].streams.push(other);
    let choice = Choice { prefer: Some("quality >= 4K".parse().unwrap()), ..Choice::default() };
    choice.choose(&mut show);
    assert_eq!(show.episodes[0].streams[0].stream_id, "other");
}
