//! What is missing, since when, and what the numbers remember of it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use vod2strm_core::identity::known::{FilterState, KnownStream, TitleId};
use vod2strm_core::model::media::Kind::{Movie, Series};
use vod2strm_core::model::media::Stream;
use vod2strm_core::plan::EpisodeChanges;
use vod2strm_core::plan::settle::TitleRecord;
use vod2strm_core::removal::record::Completed;
use vod2strm_core::removal::{AccountContent, BestDay};

use crate::scene::{Scene, again, file, known_stream, movie, removal, series, stream, title};

#[test]
fn a_stream_is_read_as_it_was_recorded() {
    let mut scene = Scene::with(&[movie("Heat", "7"), series("Show", "8", &[])]);
    let streams = scene.streams();
    assert_eq!(streams["7"], known_stream(Movie, 1, "7"));
    let bare = KnownStream { has_files: false, ..known_stream(Series, 2, "8") };
    assert_eq!(streams["8"], bare, "nothing of it can be played");
    let mut gone = removal(1, "Movies/Heat", &["strm"]);
    gone.is_let_go = true;
    scene.ledger.removed(&[gone], &BTreeMap::new(), 5).unwrap();
    let removed = &scene.streams()["7"];
    assert_eq!((removed.is_removed, removed.is_let_go, removed.has_files), (true, true, false));
}

#[test]
fn what_is_missing_ages_by_complete_runs_and_is_back_when_it_returns() {
    let mut scene = Scene::with(&[movie("Heat", "7")]);
    let missing = Completed {
        missing_titles: vec![TitleId(1)],
        missing_streams: vec![known_stream(Movie, 1, "7")],
        ..Completed::default()
    };
    scene.complete(1, missing);
    scene.complete(1, Completed::default());
    let mut scene = scene.reopened();
    let stream = &scene.streams()["7"];
    assert_eq!((stream.missing_since, stream.missing_runs), (Some(1), 2));
    scene.ledger.returned(&[]).unwrap();
    scene.ledger.returned(&[TitleId(1)]).unwrap();
    let stream = &scene.streams()["7"];
    assert_eq!((stream.missing_since, stream.missing_runs), (None, 0));
    let missing = scene.ledger.population(&[Movie]).unwrap()[0].1.missing;
    assert_eq!(missing, 0);
}

#[test]
fn a_removed_title_that_is_missing_is_noted_once() {
    let mut scene = Scene::with(&[movie("Heat", "7")]);
    scene.remove(1, "Movies/Heat", &["strm"]);
    scene.ledger.missed(&[]).unwrap();
    scene.ledger.missed(&[TitleId(1)]).unwrap();
    scene.complete(1, Completed::default());
    scene.ledger.missed(&[TitleId(1)]).unwrap();
    assert_eq!(
        scene.streams()["7"].missing_since,
        Some(1),
        "its streams went with it, in the first run"
    );
}

/// What is accepted is forgotten, or filtered if the catalogue still has it; what is switched off is filtered.
#[test]
fn accepted_and_switched_off_losses_are_no_more_missing() {
    let streams = ["7", "8", "9"].map(|id| stream(1, id)).to_vec();
    let mut scene = Scene::with(&[title(Movie, "Heat", streams, vec![file("strm", Some(1))])]);
    let all = ["7", "8", "9"].map(|stream| known_stream(Movie, 1, stream)).to_vec();
    scene.complete(1, Completed { missing_streams: all.clone(), ..Completed::default() });
    let dropped = KnownStream { filter_state: FilterState::Dropped, ..all[1].clone() };
    let done = Completed {
        accepted: vec![all[0].clone(), dropped],
        switched_off: vec![all[2].clone()],
        ..Completed::default()
    };
    scene.complete(1, done);
    let streams = scene.streams();
    assert_eq!(streams.keys().collect::<Vec<_>>(), ["8", "9"]);
    for stream in streams.values() {
        assert_eq!(
            (stream.filter_state, stream.missing_since),
            (FilterState::Filtered, None),
            "{}",
            stream.stream_id
        );
    }
}

/// The stream of a title may be another one's by now: its files say whose it was.
#[test]
fn a_title_without_streams_is_known_by_what_its_files_play() {
    let files = vec![file("strm", Some(1)), file("strm@2:8", Some(2)), file("nfo", None)];
    let mut scene = Scene::with(&[title(Movie, "Heat", vec![stream(1, "7")], files)]);
    scene.ledger.record(&[movie("Ran", "7")], &[], 2).unwrap();
    assert_eq!(scene.streams()["7"].title, TitleId(2));
    let played = |scene: &Scene, ids: &[TitleId]| {
        let mut played = Vec::new();
        scene.ledger.each_played(ids, |stream| played.push(stream)).unwrap();
        played.sort_by_key(|stream| stream.account);
        played
    };
    let of = |account| KnownStream {
        account,
        category: None,
        since: 0,
        ..known_stream(Movie, 1, "title 1")
    };
    assert_eq!(played(&scene, &[TitleId(1)]), [of(1), of(2)]);
    assert_eq!(played(&scene, &[]), []);
    scene.remove(1, "Movies/Heat", &["strm", "strm@2:8", "nfo"]);
    assert_eq!(played(&scene, &[TitleId(1)]), [], "it was removed");
}

/// What the filter takes lowers the number at once, and what it lets through no longer is missing.
#[test]
fn the_filters_answer_is_kept_stream_by_stream() {
    let of = |wanted: Stream| title(Movie, "Heat", vec![wanted], vec![file("strm", Some(1))]);
    let mut scene = Scene::with(&[of(stream(1, "7"))]);
    let movies = AccountContent::titles(Movie, 1);
    let best = BestDay { highest: 5, offered: 5, run: 0 };
    scene.complete(1, Completed { had: [(movies, best)].into(), ..Completed::default() });
    let filter_state = |scene: &Scene| scene.streams()["7"].filter_state;
    let dropped = Stream { is_wanted: false, ..stream(1, "7") };
    scene.ledger.record(&[again(1, of(dropped.clone()))], &[], 2).unwrap();
    assert_eq!(filter_state(&scene), FilterState::Dropped);
    assert_eq!(scene.ledger.memory().unwrap()[&movies].highest, 5);
    let taken = Stream { is_taken: true, ..dropped };
    scene.ledger.record(&[again(1, of(taken))], &[], 2).unwrap();
    assert_eq!(filter_state(&scene), FilterState::Filtered);
    assert_eq!(scene.ledger.memory().unwrap()[&movies].highest, 4);
    scene.ledger.record(&[again(1, of(stream(1, "7")))], &[], 2).unwrap();
    assert_eq!(filter_state(&scene), FilterState::Wanted);
}

/// What the filter dropped before is nothing that it takes now, and may be let in.
#[test]
fn what_the_filter_dropped_before_lowers_no_number() {
    let filtered = || Stream { is_wanted: false, ..stream(2, "8") };
    let film = |second| title(Movie, "Heat", vec![stream(1, "7"), second], Vec::new());
    let mut scene = Scene::with(&[film(filtered())]);
    let movies = AccountContent::titles(Movie, 2);
    let best = BestDay { highest: 5, offered: 5, run: 0 };
    scene.complete(1, Completed { had: [(movies, best)].into(), ..Completed::default() });
    scene.ledger.record(&[again(1, film(filtered()))], &[], 2).unwrap();
    assert_eq!(scene.ledger.memory().unwrap()[&movies].highest, 5);
    let let_in = Stream { is_let_in: true, ..stream(2, "8") };
    scene.ledger.record(&[again(1, film(let_in))], &[], 2).unwrap();
    let streams = scene.streams();
    assert_eq!((streams["7"].is_let_in, streams["8"].is_let_in), (false, true));
}

/// Episodes that went at the user's will lower what is remembered of their account.
#[test]
fn episodes_that_a_record_takes_lower_the_number_of_their_account() {
    let mut scene = Scene::with(&[series("Show", "7", &["s01e01.strm"])]);
    let episodes = AccountContent::episodes(1);
    let best = BestDay { highest: 5, offered: 0, run: 0 };
    scene.complete(1, Completed { had: [(episodes, best)].into(), ..Completed::default() });
    let took = EpisodeChanges { taken: 2, accounts: [(1, 2)].into() };
    let record = TitleRecord { episodes: took, ..again(1, series("Show", "7", &[])) };
    scene.ledger.record(&[record], &[], 2).unwrap();
    assert_eq!(scene.ledger.memory().unwrap()[&episodes].highest, 3);
}

/// Movies and series are missing by clocks of their own.
#[test]
fn what_is_missing_ages_by_the_runs_of_its_kind() {
    let mut scene = Scene::with(&[movie("Heat", "7"), series("Show", "8", &["s01e01.strm"])]);
    let of_series = Completed { kinds: vec![Series], ..Completed::default() };
    scene.ledger.complete(&of_series).unwrap();
    scene.ledger.complete(&of_series).unwrap();
    let series = AccountContent::titles(Series, 1);
    let had = BestDay { highest: 1, offered: 1, run: 0 };
    let lost = Completed {
        missing_titles: vec![TitleId(1), TitleId(2)],
        missing_streams: vec![known_stream(Movie, 1, "7"), known_stream(Series, 2, "8")],
        had: [(series, had)].into(),
        ..Completed::default()
    };
    scene.complete(1, lost);
    let streams = scene.streams();
    assert_eq!((streams["7"].missing_since, streams["7"].missing_runs), (Some(1), 1));
    assert_eq!((streams["8"].missing_since, streams["8"].missing_runs), (Some(3), 1));
    assert_eq!(scene.ledger.memory().unwrap()[&series].run, 3);
}

#[test]
fn what_the_users_will_lets_in_counts_once_nothing_of_its_account_is_held() {
    let let_in = |id: &str| Stream { is_let_in: true, ..stream(1, id) };
    let show = |streams| {
        let files = vec![file("s01e01.strm", Some(1)), file("s01e02.strm", Some(1))];
        title(Series, "Show", streams, files)
    };
    let mut scene = Scene::with(&[show(vec![let_in("7")])]);
    let of = |scene: &Scene| scene.ledger.series_let_in().unwrap();
    let counts = |scene: &Scene| {
        let mut counts = Vec::new();
        let take = |title: TitleId, account, numbers| counts.push((title.0, account, numbers));
        scene.ledger.each_episode_count(take).unwrap();
        counts
    };
    let wanted = HashMap::from([(TitleId(1), BTreeSet::from([1]))]);
    assert_eq!((of(&scene), counts(&scene)), (wanted.clone(), Vec::new()));
    assert!(scene.streams()["7"].is_let_in);
    scene.complete(1, Completed { held: [(Series, 1)].into(), ..Completed::default() });
    assert_eq!(of(&scene), wanted, "something of its account is held");
    scene.complete(1, Completed { held: [(Movie, 1), (Series, 2)].into(), ..Completed::default() });
    assert_eq!((of(&scene), counts(&scene)), (HashMap::new(), vec![(1, 1, [2, 2])]));
    scene.remove(1, "TV/Show", &["s01e01.strm", "s01e02.strm"]);
    assert_eq!(counts(&scene), []);
}

/// The numbers of thirty days with a run are remembered; of a day the highest, lowered by what was let go.
#[test]
fn the_best_numbers_of_the_last_days_are_remembered() {
    let mut scene = Scene::with(&[]);
    let (movies, episodes) = (AccountContent::titles(Movie, 1), AccountContent::episodes(1));
    let had = |highest, offered| BestDay { highest, offered, run: 0 };
    let first = Completed {
        had: [(movies, had(10, 9)), (episodes, had(100, 0))].into(),
        lowered: [(movies, 2)].into(),
        let_go: [(movies, 1)].into(),
        ..Completed::default()
    };
    scene.complete(1, first);
    let best = |highest, offered, run| BestDay { highest, offered, run };
    assert_eq!(scene.ledger.memory().unwrap()[&movies], best(7, 6, 1));
    let second = Completed { had: [(movies, had(8, 5))].into(), ..Completed::default() };
    scene.complete(2, second);
    let memory = scene.reopened().ledger.memory().unwrap();
    assert_eq!(memory[&movies], best(8, 6, 1), "the most that was offered is the first day's");
    assert_eq!(memory[&episodes], best(100, 0, 0), "episodes are not offered");
    let mut scene = Scene::with(&[]);
    scene.complete(1, Completed { had: [(movies, had(9, 9))].into(), ..Completed::default() });
    for day in 2..=30 {
        scene.complete(day, Completed::default());
        scene.complete(day, Completed::default());
    }
    assert_eq!(scene.ledger.memory().unwrap()[&movies].highest, 9, "thirty days");
    let rows = |scene: &Scene| scene.number("SELECT count(*) FROM numbers");
    let of_series = Completed { kinds: vec![Series], day: 31, ..Completed::default() };
    scene.ledger.complete(&of_series).unwrap();
    assert_eq!(rows(&scene), 1, "movies have days of their own");
    scene.complete(31, Completed::default());
    assert_eq!(scene.ledger.memory().unwrap().get(&movies), None);
    assert_eq!(rows(&scene), 0, "nothing is kept that is not remembered");
}

#[test]
fn the_names_of_accounts_outlive_what_they_offered() {
    let mut scene = Scene::with(&[movie("Heat", "7")]);
    let mut other = movie("Ran", "8");
    other.title.streams = vec![stream(2, "8")];
    scene.ledger.record(&[other, again(1, movie("Heat", "7"))], &[], 2).unwrap();
    let names = scene.reopened().ledger.account_names().unwrap();
    let wanted = [(1, "account 1".to_owned()), (2, "account 2".to_owned())];
    assert_eq!(names, BTreeMap::from(wanted));
}
