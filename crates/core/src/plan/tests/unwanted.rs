//! Why a file is not wanted any more, and whose it was.

use super::*;

/// A file that is not wanted has a cause. Which one it had before is no matter, but for what is the user's.
#[test]
fn an_unwanted_file_has_the_cause_of_today() {
    let both = written(&versions(), movie("Heat", &[(1, "a"), (2, "b")]));
    let one = || movie("Heat", &[(1, "a")]);
    let missing = planned(&versions(), one(), Some(&both));
    assert_eq!(unwanted(&missing), ["Heat - 2.strm catalogue of 2"]);
    let mut known = done(&missing);
    let again = planned(&versions(), one(), Some(&known));
    assert_eq!(unwanted(&again), ["Heat - 2.strm catalogue of 2"]);
    let settings = planned(&plain(), one(), Some(&known));
    assert_eq!(unwanted(&settings), ["Heat - 2.strm settings of 2"]);
    file(&mut known, "Heat - 2.strm").unwanted = waiting(Cause::Kept, 0);
    assert_eq!(unwanted(&planned(&versions(), one(), Some(&known))), [""; 0], "it is the user's");
}

/// What the settings leave out is no loss; what nobody offers is one.
#[test]
fn settings_or_the_catalogue_take_a_file() {
    let every = || Policy { versions: Versions::All.into(), ..policy() };
    let heat = |streams| movie("Heat", streams);
    let two = |n| episode(1, n, &[(1, "a"), (2, "b")]);
    let rows = [
        (
            every(),
            every(),
            heat(&[(1, "a"), (2, "b")]),
            heat(&[(1, "a")]),
            vec!["Heat - 2.nfo catalogue", "Heat - 2.strm catalogue"],
            "a version is gone",
        ),
        (
            every(),
            policy(),
            heat(&[(1, "a"), (2, "b")]),
            heat(&[(1, "a")]),
            vec!["Heat - 2.nfo settings", "Heat - 2.strm settings"],
            "further versions are off",
        ),
        (
            every(),
            policy(),
            heat(&[(1, "a"), (2, "b")]),
            heat(&[]),
            vec![
                "Heat.nfo catalogue",
                "Heat - 2.nfo catalogue",
                "Heat.strm catalogue",
                "Heat - 2.strm catalogue",
            ],
            "and nothing is left",
        ),
        (
            policy(),
            plain(),
            heat(&[(1, "a")]),
            heat(&[(1, "a")]),
            vec!["Heat.nfo settings"],
            "NFOs are off",
        ),
        (
            policy(),
            plain(),
            heat(&[(1, "a")]),
            heat(&[]),
            vec!["Heat.nfo settings", "Heat.strm catalogue"],
            "NFOs are off, whatever is missing",
        ),
        (
            policy(),
            policy(),
            series(vec![two(1), two(2)]),
            series(vec![two(2)]),
            vec![
                "Season 01/Fargo - S01E01.nfo catalogue",
                "Season 01/Fargo - S01E01.strm catalogue",
            ],
            "an episode is gone, and its NFO with it",
        ),
        (
            every(),
            Policy { versions: Versions::Languages.into(), ..policy() },
            heat(&[(1, "a"), (2, "b")]),
            heat(&[(1, "a"), (2, "b")]),
            vec!["Heat - 2.nfo settings", "Heat - 2.strm settings"],
            "no version has another language",
        ),
        (
            every(),
            Policy { versions: Versions::Languages.into(), ..policy() },
            heat(&[(1, "a"), (2, "b")]),
            heat(&[(1, "a")]),
            vec!["Heat - 2.nfo catalogue", "Heat - 2.strm catalogue"],
            "a version of the languages is gone",
        ),
        (
            every(),
            policy(),
            series(vec![two(1)]),
            series(vec![two(1)]),
            vec![
                "Season 01/Fargo - S01E01 - 2.nfo settings",
                "Season 01/Fargo - S01E01 - 2.strm settings",
            ],
            "an episode's further version",
        ),
        (
            classic(),
            Policy { versions: Versions::All.into(), ..policy() },
            series(vec![two(1)]),
            series(vec![two(1)]),
            vec!["Season 01/season.nfo settings"],
            "this layout has no NFOs of seasons",
        ),
        (
            classic(),
            classic(),
            series(vec![two(1), episode(2, 1, &[(1, "c")])]),
            series(vec![two(1)]),
            vec![
                "Season 02/S02E01.nfo catalogue",
                "Season 02/S02E01 - Episode.strm catalogue",
                "Season 02/season.nfo catalogue",
            ],
            "a season is gone as a whole",
        ),
        (
            every(),
            Policy { versions: Versions::All.into(), ..classic() },
            heat(&[(1, "a"), (2, "b")]),
            heat(&[(1, "a"), (2, "b")]),
            vec!["Heat - 2.nfo settings"],
            "this layout has no NFOs of further versions",
        ),
    ];
    for (before, now, title, left, expected, what) in rows {
        let known = written(&before, title);
        let plan = planned(&now, left, Some(&known));
        let mut causes: Vec<String> =
            plan.unwanted().map(|it| format!("{} {}", it.path, it.cause.as_str())).collect();
        let mut expected = expected;
        expected.sort_unstable();
        causes.sort_unstable();
        assert_eq!(causes, expected, "{what}");
    }
}

/// Streams that the filter takes, or does not let through any more: of what nobody else has.
fn refused(mut title: Title, refused: &[(i64, &str)], is_taken: bool) -> Title {
    let played = title.episodes.iter_mut().flat_map(|episode| &mut episode.streams);
    for stream in title.streams.iter_mut().chain(played) {
        if refused.contains(&(stream.account.id, stream.stream_id.as_str())) {
            (stream.is_wanted, stream.is_taken) = (false, is_taken);
        }
    }
    title
}

/// What the user's new filter takes is no loss, and what waits for that goes on waiting. What the same filter
/// does not let through any more is one.
#[test]
fn the_users_new_filter_takes_streams_or_the_whole_title() {
    let heat = || movie("Heat", &[(1, "a"), (2, "b")]);
    let mut known = written(&versions(), movie("Heat", &[(1, "a"), (2, "b"), (3, "c")]));
    let second = |known: &KnownTitle, is_taken| {
        unwanted(&planned(&versions(), refused(heat(), &[(2, "b")], is_taken), Some(known)))
    };
    let third = "Heat - 3.strm catalogue of 3";
    assert_eq!(second(&known, true), ["Heat - 2.strm filter of 2", third]);
    assert_eq!(second(&known, false), ["Heat - 2.strm catalogue of 2", third]);
    file(&mut known, "Heat - 2.strm").unwanted = waiting(Cause::Filter, 3);
    assert_eq!(second(&known, false), ["Heat - 2.strm filter of 2", third]);
    file(&mut known, "Heat - 2.strm").unwanted = waiting(Cause::Catalogue, 3);
    assert_eq!(second(&known, false), ["Heat - 2.strm catalogue of 2", third]);
    let one = written(&plain(), heat());
    let whole = |taken: &[(i64, &str)]| {
        let dropped = refused(heat(), &[(1, "a"), (2, "b")], false);
        let plan = planned(&plain(), refused(dropped, taken, true), Some(&one));
        (unwanted(&plan), plan.folder.as_deref() == Some("Heat"))
    };
    let filtered = (vec!["Heat.strm filter of 1".to_owned()], true);
    assert_eq!(whole(&[(1, "a"), (2, "b")]), filtered);
    assert_eq!(whole(&[(2, "b")]), filtered, "one stream would be enough for it");
    assert_eq!(whole(&[]), (vec!["Heat.strm catalogue of 1".to_owned()], true));
}

/// An episode that says more of itself than its series does can be taken by the filter as a whole.
#[test]
fn the_users_new_filter_takes_episodes_that_speak_for_themselves() {
    let show = |streams: &[(i64, &str)], names: &[(i64, &str)]| {
        let mut first = episode(1, 1, streams);
        for stream in &mut first.streams {
            let of = (stream.account.id, stream.stream_id.as_str());
            stream.name = names.contains(&of).then(|| "EN - Fargo".to_owned());
        }
        series(vec![first, episode(1, 2, &[(1, "z")])])
    };
    let both: &[(i64, &str)] = &[(1, "a"), (2, "b")];
    let known = written(&plain(), show(both, both));
    let first = |names: &[(i64, &str)], taken: &[(i64, &str)], dropped: &[(i64, &str)]| {
        let title = refused(refused(show(both, names), dropped, false), taken, true);
        unwanted(&planned(&plain(), title, Some(&known))).join(", ")
    };
    let path = "Season 01/Fargo - S01E01";
    let told = |cause: &str| format!("{path}.strm {cause} of 1");
    assert_eq!(first(both, both, &[]), told("filter"));
    assert_eq!(first(both, &both[..1], &both[1..]), told("filter"), "one would be enough");
    assert_eq!(first(both, &[], both), told("catalogue"));
    assert_eq!(
        first(&both[..1], both, &[]),
        told("catalogue"),
        "it may be missing from the wanted one"
    );
    let three: &[(i64, &str)] = &[(1, "a"), (2, "b"), (3, "c")];
    let known = written(&versions(), show(three, three));
    let plan = planned(
        &versions(),
        refused(show(&[three[0], three[2]], three), &three[2..], true),
        Some(&known),
    );
    let missing =
        [format!("{path} - 2.strm catalogue of 2"), format!("{path} - 3.strm filter of 3")];
    assert_eq!(unwanted(&plan), missing, "the first one is wanted");
}

/// One stream may be two episodes: what the filter takes of one is the other's still.
#[test]
fn a_stream_that_is_wanted_elsewhere_is_not_taken() {
    let title = |second: &str| {
        series(vec![episode(1, 1, &[(1, "a"), (2, "b")]), episode(1, 2, &[(1, "c"), (2, second)])])
    };
    let cause = |second: &str| {
        let known = written(&versions(), title(second));
        let mut now = title(second);
        let taken = &mut now.episodes[0].streams[1];
        (taken.is_wanted, taken.is_taken) = (false, true);
        unwanted(&planned(&versions(), now, Some(&known))).join(", ")
    };
    let path = "Season 01/Fargo - S01E01 - 2.strm";
    assert_eq!(cause("d"), format!("{path} filter of 2"));
    assert_eq!(cause("b"), format!("{path} catalogue of 2"));
}

#[test]
fn episodes_whose_accounts_are_switched_off_go_without_a_loss() {
    let unnumbered = |stream: &str| Episode { number: None, ..episode(1, 0, &[(3, stream)]) };
    let all = || vec![episode(1, 1, &[(1, "a")]), episode(1, 2, &[(2, "b")]), unnumbered("c")];
    let known = written(&plain(), series(all()));
    let causes = |off: &[usize], gone: &[usize]| {
        let mut episodes = all();
        for at in off {
            episodes[*at].streams.clear();
            episodes[*at].is_switched_off = true;
        }
        let left = (0..3).filter(|at| !gone.contains(at)).map(|at| episodes[at].clone()).collect();
        let plan = planned(&plain(), series(left), Some(&known));
        let mut causes: Vec<(i64, &str)> =
            plan.unwanted().map(|it| (it.account.unwrap(), it.cause.as_str())).collect();
        causes.sort_unstable();
        causes
    };
    assert_eq!(causes(&[0], &[1]), [(1, "switched_off"), (2, "catalogue")]);
    assert_eq!(causes(&[2], &[1]), [(2, "catalogue"), (3, "switched_off")]);
    assert_eq!(causes(&[0], &[2]), [(1, "switched_off"), (3, "catalogue")]);
    assert_eq!(causes(&[], &[0, 1]), [(1, "catalogue"), (2, "catalogue")]);
    let nfo = written(&policy(), series(all()));
    let mut episodes = all();
    episodes[0].streams.clear();
    episodes[0].is_switched_off = true;
    let plan = planned(&plain(), series(episodes), Some(&nfo));
    let of_nfos = plan.unwanted().filter(|it| !it.key.is_strm());
    assert!(of_nfos.map(|it| it.cause).all(|cause| cause == Cause::Settings));
}

/// When an account loses its version and another one takes over that file, the file that is left stands for that version.
#[test]
fn a_file_that_is_left_stands_for_the_account_of_the_missing_one() {
    let told = |before: &[(i64, &str)], now: &[(i64, &str)]| {
        let known = written(&versions(), movie("Heat", before));
        unwanted(&planned(&versions(), movie("Heat", now), Some(&known)))
    };
    let two = [(1, "a"), (2, "b")];
    assert_eq!(told(&two, &[(2, "c")]), ["Heat - 2.strm catalogue of 1"]);
    assert_eq!(told(&two, &[(3, "c")]), ["Heat - 2.strm catalogue of 2"], "both are missing");
    assert_eq!(told(&two, &[(1, "a")]), ["Heat - 2.strm catalogue of 2"]);
    assert_eq!(told(&two, &[(1, "x"), (2, "c")]), ["Heat - 2.strm catalogue of 2"], "none has");
    let three = [(5, "a"), (2, "b"), (3, "d")];
    let expected = ["Heat - 2.strm catalogue of 5", "Heat - 3.strm catalogue of 3"];
    assert_eq!(told(&three, &[(2, "c")]), expected, "the third one's own is there");
    let four = [(5, "a"), (2, "b"), (2, "d")];
    let expected = ["Heat - 2 (2).strm catalogue of 2", "Heat - 2.strm catalogue of 5"];
    let mut stands = told(&four, &[(2, "c")]);
    stands.sort_unstable();
    assert_eq!(stands, expected, "one file stands for one loss");
    let known = written(&versions(), movie("Heat", &two));
    let taken = refused(movie("Heat", &[(2, "c"), (2, "b")]), &[(2, "b")], true);
    let plan = planned(&versions(), taken, Some(&known));
    assert_eq!(unwanted(&plan), ["Heat - 2.strm filter of 2"], "that is no loss");
}

#[test]
fn a_loss_is_that_of_the_same_episode() {
    let show = |first: &[(i64, &str)], second: &[(i64, &str)]| {
        series(vec![episode(1, 1, first), episode(1, 2, second)])
    };
    let known = written(&versions(), show(&[(4, "x")], &[(6, "a"), (2, "b")]));
    let plan = planned(&versions(), show(&[(5, "y")], &[(2, "c")]), Some(&known));
    let path = "Season 01/Fargo - S01E02 - 2.strm";
    assert_eq!(unwanted(&plan), [format!("{path} catalogue of 6")]);
}

/// The NFO of a season goes with the setting while episodes of just that season stay, whatever others are called.
#[test]
fn the_nfo_of_a_season_goes_with_the_setting_or_with_its_episodes() {
    let (ten, hundred) = (|| episode(10, 1, &[(1, "a")]), || episode(100, 1, &[(1, "b")]));
    let known = written(&classic(), series(vec![ten(), hundred()]));
    let causes = |episodes| {
        let plan = planned(&policy(), series(episodes), Some(&known));
        let seasons = plan.unwanted().filter(|it| matches!(it.key, FileKey::Season(_)));
        seasons.map(|it| (it.key.to_string(), it.cause)).collect::<Vec<_>>()
    };
    let of = |season: &str, cause| (format!("{season}/season.nfo"), cause);
    let both = [of("s10", Cause::Settings), of("s100", Cause::Settings)];
    assert_eq!(causes(vec![ten(), hundred()]), both);
    let left = [of("s10", Cause::Catalogue), of("s100", Cause::Settings)];
    assert_eq!(causes(vec![hundred()]), left);
}
