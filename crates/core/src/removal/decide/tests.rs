//! What goes at once, what waits and what is held: a row for each branch.

mod recorded;

use super::*;
use crate::hold::HoldKey;
use crate::model::media::Kind::{Movie, Series};
use crate::model::ownership::Ownership;
use crate::plan::drafts::key;
use crate::removal::Memory;
use crate::removal::drafts::{HOLD, MOVIES, candidate, roster, stream, unwanted, with_file};
use crate::removal::guard::{EpisodeCount, LossCounter, StreamNow};
use crate::removal::record::FileOutcome;

/// Grace of two runs; nothing is allowed.
fn terms() -> Terms {
    Terms { grace: 2, ..Terms::default() }
}

fn allowing() -> Terms {
    Terms { allowed: HashSet::from([HOLD]), ..terms() }
}

fn found() -> RunFindings {
    RunFindings { roster: roster(), has_any: true, ..RunFindings::default() }
}

/// A guard that has counted this.
fn guard(count: impl FnOnce(&mut LossCounter)) -> Guard {
    let mut counter = LossCounter::default();
    count(&mut counter);
    counter.decide(&roster(), &Memory::new(), &BTreeMap::new(), false)
}

/// Both movies of account 1 are missing, of which the candidate is one.
fn movies_missing() -> RunFindings {
    let missing = [stream(1, 1, None), stream(2, 1, None)];
    let guard = guard(|it| {
        let now = |stream: &KnownStream| StreamNow {
            filter_state: stream.filter_state,
            is_present: false,
            is_offered: false,
        };
        missing.iter().for_each(|stream| it.add(&roster(), 9, stream, now(stream)));
    });
    RunFindings {
        guard,
        missing_streams: HashMap::from([(TitleId(1), vec![missing[0].clone()])]),
        ..found()
    }
}

/// 30 of the 100 episodes of account 1 are missing.
fn episodes_missing() -> RunFindings {
    let count = EpisodeCount { had: 100, left: 70, missing: 30, ..EpisodeCount::default() };
    RunFindings { guard: guard(|it| it.add_episodes(1, count)), ..found() }
}

fn decided(found: RunFindings, terms: Terms, candidate: &Candidate) -> Removal {
    let decider = Decider::new(found, terms);
    match candidate.files.first() {
        Some((file, unwanted)) => decider.decide(candidate, unwanted.map(|it| (&file.key, it))),
        None => decider.decide(candidate, None),
    }
}

/// A movie that has been missing for so many runs.
fn missing_for(runs: u32) -> Candidate {
    Candidate { missing_runs: Some(runs), ..candidate(Movie) }
}

/// A movie that is there, with a file that is unwanted for this cause since so many runs.
fn present(cause: Cause, runs: u32) -> Candidate {
    with_file(candidate(Movie), "strm@1:7", Some(1), Some(unwanted(cause, runs)))
}

/// A series that plays so many of its episodes, one of which is missing from account 1 for good.
fn series(left: usize, most: usize) -> Candidate {
    let missing = unwanted(Cause::Catalogue, 9);
    let series = with_file(candidate(Series), "s01e01.strm", Some(1), Some(missing));
    Candidate { played: (left, most), ..series }
}

fn held(removal: &Removal) -> Option<HoldReason> {
    match removal {
        Removal::Held(hold) => Some(hold.reason),
        Removal::Now | Removal::AfterGrace => None,
    }
}

#[test]
fn a_missing_title_waits_for_the_grace_and_goes() {
    assert_eq!(decided(found(), terms(), &missing_for(1)), Removal::AfterGrace);
    assert_eq!(decided(found(), terms(), &missing_for(2)), Removal::Now);
    let proved = HashMap::from([(Movie, 1)]);
    let capped = RunFindings { proved: proved.clone(), ..found() };
    assert_eq!(decided(capped, terms(), &missing_for(9)), Removal::AfterGrace, "one run is proved");
    let other = RunFindings { proved, ..found() };
    let series = Candidate { missing_runs: Some(9), ..candidate(Series) };
    assert_eq!(decided(other, terms(), &series), Removal::Now, "of series all runs are");
}

#[test]
fn what_was_held_waits_anew_unless_the_end_is_in_doubt() {
    let released = Candidate { hold: Some(HOLD), ..missing_for(9) };
    assert_eq!(decided(found(), terms(), &released), Removal::AfterGrace);
    let doubt = Terms::new(2, HashSet::new(), false, Some(Doubt::NoLength));
    let doubted = Some(HoldReason::EndUnproved(Doubt::NoLength));
    assert_eq!(held(&decided(found(), doubt, &released)), doubted);
}

#[test]
fn a_missing_title_is_held_with_its_account_and_goes_when_that_is_allowed() {
    let empty = Some(HoldReason::Empty { of: 2 });
    assert_eq!(held(&decided(movies_missing(), terms(), &missing_for(9))), empty);
    assert_eq!(
        held(&decided(movies_missing(), allowing(), &missing_for(9))),
        empty,
        "by another hold"
    );
    let kept = Candidate { hold: Some(HOLD), ..missing_for(0) };
    assert_eq!(decided(movies_missing(), allowing(), &kept), Removal::Now);
    let other = RunFindings { missing_streams: HashMap::new(), ..movies_missing() };
    assert_eq!(
        decided(other, terms(), &missing_for(9)),
        Removal::Now,
        "no stream of that is missing"
    );
}

#[test]
fn an_empty_catalogue_holds_titles_that_are_gone_and_no_others() {
    let nothing = || {
        let counter = LossCounter::default();
        let guard = counter.decide(&roster(), &Memory::new(), &BTreeMap::new(), true);
        RunFindings { guard, ..found() }
    };
    let reason = held(&decided(nothing(), terms(), &missing_for(9)));
    assert_eq!(reason, Some(HoldReason::NothingLeft));
    let present = present(Cause::SwitchedOff, 9);
    assert_eq!(decided(nothing(), terms(), &present), Removal::Now);
}

#[test]
fn a_title_that_others_contradict_stays() {
    let reason = HoldReason::Contradicted { losses: 6, of: 7 };
    let hold = Hold { reason, account: None, content: Content::Movies };
    let found =
        || RunFindings { contradicted: HashMap::from([(TitleId(1), hold.clone())]), ..found() };
    assert_eq!(held(&decided(found(), terms(), &missing_for(9))), Some(reason));
    let other = Candidate { title: TitleId(2), ..missing_for(9) };
    assert_eq!(decided(found(), terms(), &other), Removal::Now);
}

/// A series that is gone as a whole is held for its episodes, too, as far as one of its streams is a loss.
#[test]
fn a_missing_series_is_held_for_the_episodes_of_its_account() {
    let stream = |account, filter_state| KnownStream {
        kind: Series,
        filter_state,
        ..stream(1, account, None)
    };
    let missing = |stream: KnownStream| {
        let mut found = episodes_missing();
        found.guard.excused.clear();
        RunFindings { missing_streams: HashMap::from([(TitleId(1), vec![stream])]), ..found }
    };
    let gone = Candidate { missing_runs: Some(9), ..candidate(Series) };
    let too_many = Some(HoldReason::TooMany { losses: 30, of: 100 });
    let lists_none = || missing(stream(1, FilterState::Wanted));
    assert_eq!(held(&decided(lists_none(), terms(), &gone)), too_many);
    let excused = || {
        let mut found = lists_none();
        found.guard.excused.insert(1);
        found
    };
    let off = KnownStream { category: Some(9), ..stream(1, FilterState::Wanted) };
    for (found, candidate, why) in [
        (
            missing(stream(3, FilterState::Wanted)),
            gone.clone(),
            "of another account none is missing",
        ),
        (missing(stream(1, FilterState::Filtered)), gone.clone(), "the filter never let it in"),
        (missing(off), gone.clone(), "its category is disabled"),
        (excused(), gone.clone(), "one series may always go"),
        (lists_none(), Candidate { kind: Movie, ..gone.clone() }, "a movie has no episodes"),
    ] {
        assert_eq!(decided(found, terms(), &candidate), Removal::Now, "{why}");
    }
    let there = with_file(candidate(Series), "nfo", None, Some(unwanted(Cause::SwitchedOff, 9)));
    assert_eq!(decided(lists_none(), terms(), &there), Removal::Now, "it is still there");
}

#[test]
fn a_file_of_a_present_title_goes_by_its_cause() {
    for (cause, runs, expected) in [
        (Cause::Kept, 9, Removal::AfterGrace),
        (Cause::Settings, 0, Removal::Now),
        (Cause::SwitchedOff, 1, Removal::AfterGrace),
        (Cause::SwitchedOff, 2, Removal::Now),
        (Cause::Filter, 1, Removal::AfterGrace),
        (Cause::Filter, 2, Removal::Now),
        (Cause::Catalogue, 1, Removal::AfterGrace),
        (Cause::Catalogue, 2, Removal::Now),
    ] {
        let candidate = present(cause, runs);
        assert_eq!(decided(found(), terms(), &candidate), expected, "{cause:?} {runs}");
    }
    assert_eq!(decided(found(), terms(), &candidate(Movie)), Removal::AfterGrace, "no file");
    let empty = Some(HoldReason::Empty { of: 2 });
    for (cause, expected) in [
        (Cause::Settings, None),
        (Cause::SwitchedOff, empty),
        (Cause::Filter, empty),
        (Cause::Catalogue, empty),
    ] {
        let removal = decided(movies_missing(), terms(), &present(cause, 9));
        assert_eq!(held(&removal), expected, "{cause:?} where all of its account is missing");
    }
}

#[test]
fn a_filter_that_lets_nothing_through_is_held() {
    let nothing = || RunFindings { has_any: false, ..found() };
    let removal = decided(nothing(), terms(), &present(Cause::Filter, 9));
    let hold = |by| {
        let reason = HoldReason::NothingWanted(by);
        Removal::Held(Hold { reason, account: None, content: Content::Movies })
    };
    assert_eq!(removal, hold(LeavesNothing::Filter));
    let blocking = terms().asking(LeavesNothing::Block);
    let removal = decided(nothing(), blocking, &present(Cause::Filter, 9));
    assert_eq!(removal, hold(LeavesNothing::Block));
    assert_eq!(decided(nothing(), terms(), &present(Cause::SwitchedOff, 9)), Removal::Now);
    let missing = RunFindings { has_any: false, ..movies_missing() };
    let removal = decided(missing, terms(), &present(Cause::Filter, 9));
    assert_eq!(held(&removal), Some(HoldReason::Empty { of: 2 }), "the catalogue's doing");
}

#[test]
fn while_the_end_is_in_doubt_only_the_settings_take_anything() {
    let doubt = || Terms::new(2, HashSet::from([HOLD]), false, Some(Doubt::Moving));
    let of = |content| {
        Removal::Held(Hold {
            reason: HoldReason::EndUnproved(Doubt::Moving),
            account: None,
            content,
        })
    };
    let by_settings = |missing_runs| Candidate { missing_runs, ..present(Cause::Settings, 9) };
    for (candidate, expected) in [
        (missing_for(1), Removal::AfterGrace),
        (missing_for(9), of(Content::Movies)),
        (Candidate { missing_runs: Some(9), ..candidate(Series) }, of(Content::Series)),
        (present(Cause::Catalogue, 9), of(Content::Movies)),
        (series(9, 10), of(Content::Episodes)),
        (by_settings(None), Removal::Now),
        (by_settings(Some(9)), of(Content::Movies)),
    ] {
        assert_eq!(decided(found(), doubt(), &candidate), expected, "{candidate:?}");
    }
    let kept = Candidate { hold: Some(HOLD), ..missing_for(0) };
    let removal = decided(movies_missing(), doubt(), &kept);
    assert_eq!(held(&removal), Some(HoldReason::Empty { of: 2 }), "no permission counts");
    assert!(doubt().allowed().is_empty());
    assert_eq!(allowing().allowed(), &HashSet::from([HOLD]));
    assert_eq!(doubt().doubt(), Some(Doubt::Moving));
}

#[test]
fn a_series_of_which_most_episodes_are_missing_is_held_by_its_account() {
    let named = |account: Option<(i64, &str)>, content| {
        let account = account.map(|(id, name)| (id, name.to_owned()));
        Removal::Held(Hold { reason: HoldReason::MostEpisodes, account, content })
    };
    let of_a = named(Some((1, "A")), Content::Episodes);
    let filtered = Candidate { is_filtered: true, ..series(1, 10) };
    let named_found = || RunFindings { guard: guard(|_| {}), ..found() };
    let unnamed = Candidate { accounts: HashMap::new(), ..series(1, 10) };
    let movie = Candidate { played: (0, 2), ..present(Cause::Catalogue, 9) };
    for (candidate, expected) in [
        (series(1, 10), of_a),
        (series(5, 10), Removal::Now),
        (filtered, Removal::Now),
        (unnamed, named(None, Content::Episodes)),
        (movie, named(Some((1, "A")), Content::Movies)),
    ] {
        assert_eq!(decided(named_found(), terms(), &candidate), expected, "{candidate:?}");
    }
}

#[test]
fn episodes_of_an_account_of_which_many_are_missing_are_held_of_series_alone() {
    let too_many = Some(HoldReason::TooMany { losses: 30, of: 100 });
    assert_eq!(held(&decided(episodes_missing(), terms(), &series(9, 10))), too_many);
    let other = Candidate { accounts: HashMap::from([(key("s01e01.strm"), 3)]), ..series(9, 10) };
    assert_eq!(decided(episodes_missing(), terms(), &other), Removal::Now, "another account's");
    let movie = present(Cause::Catalogue, 9);
    assert_eq!(decided(episodes_missing(), terms(), &movie), Removal::Now);
}

#[test]
fn what_the_source_has_not_fetched_is_not_missing() {
    let fetching = || Terms { can_fetch: true, ..terms() };
    let unfetched =
        |series: Candidate| Candidate { unfetched: HashSet::from([key("s01e01.strm")]), ..series };
    let reason = |found, terms, candidate| held(&decided(found, terms, &candidate));
    let not_fetched = Some(HoldReason::NotFetched);
    assert_eq!(reason(found(), fetching(), unfetched(series(1, 10))), not_fetched);
    assert_eq!(reason(episodes_missing(), fetching(), unfetched(series(9, 10))), not_fetched);
    let most = Some(HoldReason::MostEpisodes);
    assert_eq!(reason(found(), terms(), unfetched(series(1, 10))), most, "it cannot fetch");
    assert_eq!(reason(found(), fetching(), series(1, 10)), most, "it has looked");
    assert_eq!(reason(found(), fetching(), unfetched(series(9, 10))), None, "few are missing");
    let movie = || Candidate { played: (0, 2), ..present(Cause::Catalogue, 9) };
    let movie = Candidate { unfetched: HashSet::from([key("strm@1:7")]), ..movie() };
    assert_eq!(reason(found(), fetching(), movie), most, "movies have none");
    let scanning = || {
        let mut roster = roster();
        roster.accounts.get_mut(&1).unwrap().is_scanning = true;
        let mut counter = LossCounter::default();
        let count = EpisodeCount { had: 2, left: 1, missing: 1, ..EpisodeCount::default() };
        counter.add_episodes(1, count);
        let guard = counter.decide(&roster, &Memory::new(), &BTreeMap::new(), false);
        RunFindings { guard, ..found() }
    };
    let scan = Some(HoldReason::Scanning);
    assert_eq!(reason(scanning(), fetching(), unfetched(series(9, 10))), scan);
    // An NFO goes with what it is about.
    let nfo = |series: Candidate| {
        let missing = Some(unwanted(Cause::Catalogue, 9));
        let Candidate { played, unfetched, .. } = series;
        let nfo = with_file(candidate(Series), "s01e01.nfo", Some(1), missing);
        Candidate { played, unfetched, ..nfo }
    };
    assert_eq!(reason(found(), fetching(), nfo(unfetched(series(1, 10)))), not_fetched);
    assert_eq!(reason(found(), fetching(), nfo(series(1, 10))), most);
}

/// What a person allows to go is missing no more: the others are decided without it.
#[test]
fn what_is_allowed_to_go_is_no_loss_of_the_others() {
    let missing = |hold| Some(Unwanted { hold, ..unwanted(Cause::Catalogue, 9) });
    let series = |hold| {
        let mut series = Candidate { played: (4, 10), ..candidate(Series) };
        series = with_file(series, "s01e01.strm", Some(1), missing(None));
        for n in 2..5 {
            series = with_file(series, &format!("s01e0{n}.strm"), Some(1), missing(hold));
        }
        // Two versions play one episode.
        with_file(series, "s01e02.strm@1:7", Some(1), missing(hold))
    };
    let most = Some(HoldReason::MostEpisodes);
    let reason = |terms, candidate| held(&decided(found(), terms, &candidate));
    assert_eq!(reason(terms(), series(Some(HOLD))), most);
    assert_eq!(reason(allowing(), series(None)), most);
    assert_eq!(reason(allowing(), series(Some(HOLD))), None, "four of seven are left");
    let few = Candidate { played: (3, 10), ..series(Some(HOLD)) };
    assert_eq!(reason(allowing(), few), most, "three of seven");
    let decider = Decider::new(found(), allowing());
    let own = series(Some(HOLD));
    let (file, unwanted) = &own.files[1];
    let removal = decider.decide(&own, unwanted.map(|it| (&file.key, it)));
    assert_eq!(removal, Removal::Now, "it is allowed itself");
}

#[test]
fn a_candidate_is_decided_of_file_by_file() {
    let gone = with_file(present(Cause::Settings, 0), "nfo@1:7", None, None);
    let gone = Candidate { missing_runs: Some(9), dirs: vec!["Extras".to_owned()], ..gone };
    let decider = |found| Decider::new(found, terms());
    let Decided { files, removal } = decider(found()).decide_all(&gone);
    assert_eq!(files, [Removal::Now, Removal::Now]);
    let removal = removal.unwrap();
    assert_eq!((removal.title, removal.folder.as_str()), (TitleId(1), "Movies/Heat (1995)"));
    assert_eq!((removal.is_whole, removal.ownership), (true, Ownership::Ours));
    assert_eq!(removal.dirs, ["Extras"]);
    let keys: Vec<String> = removal.files.iter().map(|file| file.key.to_string()).collect();
    assert_eq!(keys, ["strm@1:7", "nfo@1:7"]);
    // One of two files goes; a third one is wanted.
    let some = with_file(
        present(Cause::Settings, 0),
        "strm@1:8",
        Some(1),
        Some(unwanted(Cause::Catalogue, 0)),
    );
    let some = Candidate { of: 3, ownership: Ownership::Users, ..some };
    let Decided { files, removal } = decider(found()).decide_all(&some);
    assert_eq!(files, [Removal::Now, Removal::AfterGrace]);
    let removal = removal.unwrap();
    assert_eq!(
        (removal.files.len(), removal.is_whole, removal.ownership),
        (1, false, Ownership::Users)
    );
    let stays = decider(found()).decide_all(&present(Cause::Catalogue, 0));
    assert_eq!(stays, Decided { files: vec![Removal::AfterGrace], removal: None });
    // Without files, the title itself may go: it never had a folder.
    let bare = |runs| Candidate { folder: None, ..missing_for(runs) };
    let removal = decider(found()).decide_all(&bare(9)).removal.unwrap();
    assert_eq!((removal.folder.as_str(), removal.is_whole), ("", true));
    assert_eq!(decider(found()).decide_all(&bare(0)).removal, None);
}

#[test]
fn a_series_keeps_half_of_its_episodes_or_is_held() {
    for (left, most, is_held) in [
        (5, 10, false),
        (4, 10, true),
        (1, 2, false),
        (1, 3, true),
        (0, 1, true),
        (0, 0, false),
        (12, 10, false),
    ] {
        assert_eq!(are_most_missing(left, most), is_held, "{left} of {most}");
    }
}

#[test]
fn what_is_held_waits_for_a_person_and_what_is_released_waits_anew() {
    let of = |reason| Some(Hold { reason, account: None, content: Content::Movies });
    let waited = |runs, was_held, is_allowed| Waited { runs, was_held, is_allowed };
    let too_many = || of(HoldReason::TooMany { losses: 3, of: 4 });
    let held = |hold: Option<Hold>| Removal::Held(hold.unwrap());
    assert_eq!(Removal::decide(too_many(), waited(9, false, false), 0), held(too_many()));
    assert_eq!(Removal::decide(too_many(), waited(0, true, true), 9), Removal::Now, "allowed");
    assert_eq!(Removal::decide(None, waited(0, true, true), 9), Removal::Now, "still allowed");
    assert_eq!(Removal::decide(None, waited(9, true, false), 1), Removal::AfterGrace, "released");
    assert_eq!(Removal::decide(None, waited(0, false, false), 1), Removal::AfterGrace);
    assert_eq!(Removal::decide(None, waited(1, false, false), 1), Removal::Now);
    let not_fetched = || of(HoldReason::NotFetched);
    assert!(held(of(HoldReason::Contradicted { losses: 6, of: 7 })).leaves_out());
    assert!(!held(too_many()).leaves_out() && !Removal::Now.leaves_out());
    let never = Removal::decide(not_fetched(), waited(9, true, true), 0);
    assert_eq!(never, held(not_fetched()), "no permission covers that");
}
