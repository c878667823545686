//! What is held, and what may go.

use super::*;
use crate::removal::drafts::{MOVIES, roster, stream};

fn best(number: usize, run: i64) -> Memory {
    Memory::from([(MOVIES, BestDay { highest: number, offered: number, run })])
}

fn add(counter: &mut LossCounter, stream: &KnownStream, is_present: bool) {
    counter.add(&roster(), 9, stream, now(stream.filter_state, is_present));
}

fn now(filter_state: FilterState, is_present: bool) -> StreamNow {
    StreamNow { filter_state, is_present, is_offered: false }
}

fn hold(guard: &Guard, stream: &KnownStream) -> Option<HoldReason> {
    let hold = guard.hold_streams(&roster(), Kind::Movie, true, [stream]);
    hold.map(|hold| hold.reason)
}

fn decide(counter: LossCounter, memory: &Memory) -> Guard {
    counter.decide(&roster(), memory, &BTreeMap::new(), false)
}

/// What holds `missing` titles of account 1, of which `present` are there and `new` are new.
fn decided((present, new, missing): (i64, usize, i64), memory: &Memory) -> Option<HoldReason> {
    let mut counter = LossCounter::default();
    (0..present).for_each(|n| add(&mut counter, &stream(n, 1, None), true));
    (0..missing).for_each(|n| add(&mut counter, &stream(1_000 + n, 1, None), false));
    counter.add_new(Kind::Movie, 1, new);
    hold(&decide(counter, memory), &stream(1_000, 1, None))
}

#[test]
fn a_fifth_may_go_and_one_always_but_never_the_last() {
    let nothing = Memory::new();
    assert_eq!(decided((80, 0, 20), &nothing), None);
    assert_eq!(decided((79, 0, 21), &nothing), Some(HoldReason::TooMany { losses: 21, of: 100 }));
    assert_eq!(decided((1, 0, 1), &nothing), None);
    assert_eq!(decided((1, 0, 2), &nothing), Some(HoldReason::TooMany { losses: 2, of: 3 }));
    assert_eq!(decided((0, 0, 1), &nothing), Some(HoldReason::Empty { of: 1 }));
}

#[test]
fn what_went_within_the_last_days_counts() {
    assert_eq!(decided((81, 0, 9), &best(100, 5)), None);
    assert_eq!(
        decided((79, 0, 1), &best(100, 5)),
        Some(HoldReason::TooMany { losses: 21, of: 100 }),
        "one more after twenty that went before"
    );
    assert_eq!(decided((2, 0, 1), &best(4, 5)), Some(HoldReason::TooMany { losses: 2, of: 4 }));
    assert_eq!(decided((3, 0, 1), &best(4, 5)), None, "the first of the days");
}

#[test]
fn new_titles_fill_up_what_is_left() {
    assert_eq!(decided((70, 10, 30), &Memory::new()), None);
    assert_eq!(
        decided((70, 9, 30), &Memory::new()),
        Some(HoldReason::TooMany { losses: 21, of: 100 })
    );
}

/// What the user's will has let in, in this run or since the account has something held, makes up for no loss.
#[test]
fn what_the_users_will_lets_in_fills_up_nothing() {
    let decided = |(present, missing): (i64, i64), memory: &Memory| {
        let mut counter = LossCounter::default();
        (0..present).for_each(|n| add(&mut counter, &stream(n, 1, None), true));
        (0..missing).for_each(|n| add(&mut counter, &stream(1_000 + n, 1, None), false));
        let let_in = |n| KnownStream { is_let_in: true, ..stream(n, 1, None) };
        (2_000..2_075).for_each(|n| add(&mut counter, &let_in(n), n % 5 > 0));
        counter.add_let_in(Kind::Movie, 1, None);
        let guard = decide(counter, memory);
        assert_eq!(guard.had[&MOVIES].highest, (present + missing) as usize);
        (hold(&guard, &stream(1_000, 1, None)), guard)
    };
    let (held, guard) = decided((11, 9), &Memory::new());
    assert_eq!(held, Some(HoldReason::TooMany { losses: 9, of: 20 }));
    assert_eq!(guard.held_accounts(), BTreeSet::from([(Kind::Movie, 1)]));
    let (held, _) = decided((11, 1), &best(20, 5));
    assert_eq!(held, Some(HoldReason::TooMany { losses: 9, of: 20 }), "night by night");
    let (held, guard) = decided((16, 4), &Memory::new());
    assert_eq!((held, guard.held_accounts()), (None, BTreeSet::new()), "few of them");
    assert_eq!(decided((0, 1), &Memory::new()).0, None, "it is not the last one");
}

/// What the user switches off is no part of the best day: half of the others are exchanged.
#[test]
fn what_the_user_switches_off_lowers_the_best_day() {
    let held_with = |off: i64| {
        let mut counter = LossCounter::default();
        let was = |n, category| KnownStream { since: 3, ..stream(n, 1, category) };
        (0..60 - off).for_each(|n| add(&mut counter, &was(n, None), true));
        (100..100 + off).for_each(|n| add(&mut counter, &was(n, Some(9)), false));
        (200..240).for_each(|n| add(&mut counter, &was(n, None), false));
        counter.add_new(Kind::Movie, 1, 40);
        hold(&decide(counter, &best(100, 5)), &stream(200, 1, None))
    };
    assert_eq!(held_with(0), None, "40 of 100");
    assert_eq!(held_with(30), Some(HoldReason::Exchanged { losses: 40, of: 70 }));
}

/// A title that another account offers is spare here, if the user's will alone lets that account's offer in. That
/// holds as long as the title is there and passes the filter.
#[test]
fn what_is_let_in_is_there_while_it_passes_the_filter() {
    let gone = |filter_state, is_present| {
        let mut counter = LossCounter::default();
        add(&mut counter, &stream(30, 1, None), false);
        let let_in = KnownStream { is_let_in: true, ..stream(30, 3, None) };
        counter.add(&roster(), 9, &let_in, now(filter_state, is_present));
        decide(counter, &Memory::new()).missing[&(TitleId(30), MOVIES)]
    };
    assert_eq!(gone(FilterState::Wanted, true), Missing::Spare);
    assert_eq!(gone(FilterState::Wanted, false), Missing::Everywhere);
    assert_eq!(gone(FilterState::Dropped, true), Missing::Everywhere);
    assert_eq!(gone(FilterState::Filtered, true), Missing::Everywhere);
}

/// A title that the account had is there, though the user's will alone lets it through now. What one account lost
/// is no loss of a title that the user's will has let in from another.
#[test]
fn what_the_users_will_lets_in_that_was_there_before_is_no_loss() {
    let roster = roster();
    let mut counter = LossCounter::default();
    (0..10).for_each(|n| add(&mut counter, &stream(n, 1, None), false));
    let taken = now(FilterState::Filtered, true);
    (10..20).for_each(|n| counter.add(&roster, 9, &stream(n, 1, None), taken));
    (0..20).for_each(|n| counter.add_let_in(Kind::Movie, 1, Some(TitleId(n))));
    add(&mut counter, &stream(30, 1, None), false);
    counter.add_let_in(Kind::Movie, 2, Some(TitleId(30)));
    let guard = decide(counter, &best(21, 5));
    assert_eq!(guard.had[&MOVIES].highest, 21);
    assert_eq!(hold(&guard, &stream(0, 1, None)), None);
    assert_eq!(guard.missing, HashMap::from([((TitleId(30), MOVIES), Missing::Spare)]));
}

/// Series that are listed and have no episodes are nothing that the library has, and nothing that is left.
#[test]
fn titles_without_files_are_neither_there_nor_left() {
    let empty = |n| KnownStream { has_files: false, ..stream(n, 1, None) };
    let mut counter = LossCounter::default();
    (0..200).for_each(|n| add(&mut counter, &empty(n), true));
    (1_000..1_020).for_each(|n| add(&mut counter, &stream(n, 1, None), false));
    let guard = decide(counter, &Memory::new());
    assert_eq!(hold(&guard, &stream(1_000, 1, None)), Some(HoldReason::Empty { of: 20 }));
    assert_eq!(guard.had[&MOVIES].highest, 20);
    let mut counter = LossCounter::default();
    (0..20).for_each(|n| add(&mut counter, &stream(n, 1, None), true));
    (100..300).for_each(|n| add(&mut counter, &empty(n), false));
    add(&mut counter, &stream(1_000, 1, None), false);
    assert_eq!(hold(&decide(counter, &Memory::new()), &stream(1_000, 1, None)), None);
}

#[test]
fn an_account_that_exchanges_half_of_its_titles_is_held() {
    let nothing = Memory::new();
    assert_eq!(decided((51, 49, 49), &nothing), None);
    let half = Some(HoldReason::Exchanged { losses: 50, of: 100 });
    assert_eq!(decided((50, 50, 50), &nothing), half);
    assert_eq!(decided((1, 1, 1), &nothing), None, "one may always go");
    // Night after night: thirty went before, and twenty go now; the other new ones came later.
    let mut counter = LossCounter::default();
    let was =
        |n: i64, since, missing_since| KnownStream { since, missing_since, ..stream(n, 1, None) };
    (0..50).for_each(|n| add(&mut counter, &was(n, 3, None), true));
    (50..80).for_each(|n| add(&mut counter, &was(n, 6, None), true));
    let removed = |n| KnownStream { is_removed: true, ..was(n, 3, Some(6)) };
    (100..130).for_each(|n| add(&mut counter, &removed(n), false));
    (200..220).for_each(|n| add(&mut counter, &was(n, 3, Some(7)), false));
    counter.add_new(Kind::Movie, 1, 20);
    let guard = decide(counter, &best(100, 5));
    assert_eq!(hold(&guard, &stream(200, 1, None)), half);
}

#[test]
fn what_came_after_the_best_day_or_was_allowed_to_go_is_no_exchange() {
    let count = |change: &dyn Fn(KnownStream) -> KnownStream| {
        let mut counter = LossCounter::default();
        let was = |n| KnownStream { since: 3, ..stream(n, 1, None) };
        (0..95).for_each(|n| add(&mut counter, &was(n), true));
        (100..160).for_each(|n| {
            let removed = KnownStream { is_removed: true, missing_since: Some(6), ..was(n) };
            add(&mut counter, &change(removed), false);
        });
        add(&mut counter, &was(200), false);
        hold(&decide(counter, &best(100, 5)), &stream(200, 1, None))
    };
    assert_eq!(count(&|stream| stream), Some(HoldReason::Exchanged { losses: 61, of: 100 }));
    assert_eq!(
        count(&|stream| KnownStream { since: 5, ..stream }),
        None,
        "not there on the best day"
    );
    assert_eq!(
        count(&|stream| KnownStream { missing_since: Some(4), ..stream }),
        None,
        "gone before"
    );
    assert_eq!(count(&|stream| KnownStream { is_let_go: true, ..stream }), None, "allowed");
}

#[test]
fn what_the_user_switches_off_is_no_loss_and_lowers_the_number() {
    let roster = roster();
    let mut counter = LossCounter::default();
    (0..79).for_each(|n| add(&mut counter, &stream(n, 1, None), true));
    (100..120).for_each(|n| add(&mut counter, &stream(n, 1, Some(9)), false));
    add(&mut counter, &stream(200, 1, None), false);
    (300..305).for_each(|n| counter.add_allowed(&stream(n, 1, None)));
    let guard = decide(counter, &best(100, 5));
    assert_eq!(hold(&guard, &stream(200, 1, None)), None, "79 of 80 are left");
    assert_eq!(hold(&guard, &stream(100, 1, Some(9))), None);
    assert_eq!(guard.missing[&(TitleId(100), MOVIES)], Missing::SwitchedOff);
    let had = BestDay { highest: 105, offered: 105, run: 0 };
    assert_eq!(guard.had[&MOVIES], had, "the memory is lowered by the ledger itself");
    // The same for what another filter takes.
    let mut counter = LossCounter::default();
    (0..79).for_each(|n| add(&mut counter, &stream(n, 1, None), true));
    (100..120).for_each(|n| {
        counter.add(&roster, 9, &stream(n, 1, None), now(FilterState::Filtered, true));
    });
    add(&mut counter, &stream(200, 1, None), false);
    assert_eq!(hold(&decide(counter, &best(100, 5)), &stream(200, 1, None)), None);
}

#[test]
fn accounts_that_offer_nothing_or_are_gone_are_held_by_name() {
    let mut counter = LossCounter::default();
    let missing =
        [stream(1, 1, None), stream(2, 2, None), stream(3, 1, Some(9)), stream(4, 3, None)];
    missing.iter().for_each(|stream| add(&mut counter, stream, false));
    let names = BTreeMap::from([(3, "Gone TV".to_owned())]);
    let guard = counter.decide(&roster(), &Memory::new(), &names, false);
    assert_eq!(hold(&guard, &missing[0]), Some(HoldReason::Empty { of: 1 }));
    assert_eq!(hold(&guard, &missing[1]), None, "switched off");
    assert_eq!(hold(&guard, &missing[2]), None, "its category is disabled");
    let hold = guard.hold_streams(&roster(), Kind::Movie, true, [&missing[3]]).unwrap();
    assert_eq!(hold.to_string(), "the account Gone TV is no longer in the source");
    let present = guard.hold_streams(&roster(), Kind::Movie, false, [&missing[3]]);
    assert_eq!(present, None, "another account offers the title");
}

#[test]
fn an_empty_catalogue_holds_everything() {
    let mut counter = LossCounter::default();
    add(&mut counter, &stream(1, 2, None), false);
    let guard = counter.decide(&roster(), &Memory::new(), &BTreeMap::new(), true);
    assert_eq!(hold(&guard, &stream(1, 2, None)), Some(HoldReason::NothingLeft));
    assert_eq!(guard.hold_all(Kind::Series).unwrap().reason, HoldReason::NothingLeft);
}

#[test]
fn streams_that_the_filter_never_let_in_count_neither_as_there_nor_as_missing() {
    let with = |title, filter_state| KnownStream { filter_state, ..stream(title, 1, None) };
    let mut counter = LossCounter::default();
    (0..90).for_each(|n| add(&mut counter, &with(n, FilterState::Filtered), n % 2 == 0));
    (90..95).for_each(|n| add(&mut counter, &with(n, FilterState::Dropped), true));
    (95..99).for_each(|n| add(&mut counter, &with(n, FilterState::Wanted), true));
    let guard = decide(counter, &Memory::new());
    let dropped = HoldReason::Dropped { losses: 5, of: 9 };
    assert_eq!(hold(&guard, &with(90, FilterState::Dropped)), Some(dropped));
    assert_eq!(hold(&guard, &with(1, FilterState::Filtered)), None);
}

#[test]
fn nothing_goes_while_the_catalogue_is_being_read() {
    let mut roster = roster();
    roster.accounts.get_mut(&1).unwrap().is_scanning = true;
    let mut counter = LossCounter::default();
    (0..99).for_each(|n| add(&mut counter, &stream(n, 1, None), true));
    add(&mut counter, &stream(100, 1, None), false);
    let guard = counter.decide(&roster, &Memory::new(), &BTreeMap::new(), false);
    let hold = guard.hold_streams(&roster, Kind::Movie, true, [&stream(100, 1, None)]).unwrap();
    assert_eq!(hold.reason, HoldReason::Scanning);
}

#[test]
fn a_title_that_the_account_still_offers_under_another_number_is_no_loss() {
    let mut counter = LossCounter::default();
    for n in 0..10 {
        add(&mut counter, &stream(n, 1, None), false);
        counter.add_present(Kind::Movie, 1, TitleId(n));
    }
    assert_eq!(hold(&decide(counter, &Memory::new()), &stream(3, 1, None)), None);
}

#[test]
fn episodes_of_an_account_are_decided_as_its_titles_are() {
    let decided = |had, left, highest, allowed| {
        let mut counter = LossCounter::default();
        let missing = had - left;
        counter.add_episodes(1, EpisodeCount { had, left, missing, allowed, taken: 0 });
        let scope = AccountContent { account: 1, content: Content::Episodes };
        let memory = Memory::from([(scope, BestDay { highest, offered: 0, run: 1 })]);
        decide(counter, &memory).hold_episodes(1).map(|hold| hold.reason)
    };
    assert_eq!(decided(100, 80, 0, 0), None);
    assert_eq!(decided(100, 79, 0, 0), Some(HoldReason::TooMany { losses: 21, of: 100 }));
    assert_eq!(decided(90, 79, 100, 0), Some(HoldReason::TooMany { losses: 21, of: 100 }));
    assert_eq!(decided(79, 79, 100, 0), None, "nothing of it is missing now");
    assert_eq!(decided(2, 1, 0, 0), None, "one may always go");
    assert_eq!(decided(2, 0, 0, 0), Some(HoldReason::Empty { of: 2 }));
    assert_eq!(
        decided(100, 60, 0, 30),
        None,
        "thirty are allowed to go, and ten of seventy are few"
    );
}

/// New episodes fill up what is left, and are nothing that the library had; what the user's will takes is no loss.
#[test]
fn new_episodes_are_left_and_what_is_taken_is_not_missing() {
    let decided = |count: EpisodeCount| {
        let mut counter = LossCounter::default();
        counter.add_episodes(1, count);
        let scope = AccountContent { account: 1, content: Content::Episodes };
        let guard = decide(counter, &Memory::new());
        (guard.hold_episodes(1).map(|hold| hold.reason), guard.had[&scope].highest)
    };
    let count = EpisodeCount { had: 100, left: 100, missing: 30, ..EpisodeCount::default() };
    assert_eq!(decided(count), (None, 100));
    let count = EpisodeCount { left: 79, ..count };
    assert_eq!(decided(count), (Some(HoldReason::TooMany { losses: 21, of: 100 }), 100));
    let count =
        EpisodeCount { had: 100, left: 50, missing: 10, taken: 40, ..EpisodeCount::default() };
    assert_eq!(decided(count), (None, 60));
}

/// One series may always go, with all its episodes; the next one counts by its episodes, too.
#[test]
fn series_that_vanish_take_their_episodes_along() {
    let decided = |gone: &[(i64, usize)]| {
        let mut counter = LossCounter::default();
        let series = |n| KnownStream { kind: Kind::Series, ..stream(n, 1, None) };
        (0..10).for_each(|n| add(&mut counter, &series(n), true));
        gone.iter().for_each(|(n, _)| add(&mut counter, &series(*n), false));
        let had = 20 + gone.iter().map(|(_, episodes)| *episodes as i64).sum::<i64>();
        counter.add_episodes(1, EpisodeCount { had, left: 20, ..EpisodeCount::default() });
        for (n, episodes) in gone {
            counter.add_whole(1, TitleId(*n), *episodes);
        }
        decide(counter, &Memory::new()).hold_episodes(1).map(|hold| hold.reason)
    };
    assert_eq!(decided(&[(100, 200)]), None, "one may always go");
    assert_eq!(
        decided(&[(100, 200), (101, 2)]),
        Some(HoldReason::TooMany { losses: 202, of: 222 }),
        "two of twelve series are few, and nearly all episodes are many"
    );
}

/// Episodes of series that the filter leaves out are offered as before: no refresh brings them back.
#[test]
fn episodes_of_series_that_no_longer_pass_the_filter_are_dropped() {
    let mut counter = LossCounter::default();
    let series =
        |n, filter_state| KnownStream { kind: Kind::Series, filter_state, ..stream(n, 1, None) };
    (0..10).for_each(|n| add(&mut counter, &series(n, FilterState::Dropped), true));
    counter.add_episodes(1, EpisodeCount { had: 20, missing: 20, ..EpisodeCount::default() });
    let hold = decide(counter, &Memory::new()).hold_episodes(1).map(|hold| hold.reason);
    assert_eq!(hold, Some(HoldReason::Dropped { losses: 20, of: 20 }));
}

#[test]
fn what_a_person_allows_to_go_lowers_the_number() {
    let mut counter = LossCounter::default();
    (0..60).for_each(|n| add(&mut counter, &stream(n, 1, None), true));
    (100..130).for_each(|n| counter.add_allowed(&stream(n, 1, None)));
    (200..210).for_each(|n| add(&mut counter, &stream(n, 1, None), false));
    assert_eq!(hold(&decide(counter, &best(100, 5)), &stream(200, 1, None)), None);
}

#[test]
fn what_is_held_makes_no_best_day() {
    let mut counter = LossCounter::default();
    let was =
        |n: i64, since, missing_since| KnownStream { since, missing_since, ..stream(n, 1, None) };
    (0..60).for_each(|n| add(&mut counter, &was(n, 3, None), true));
    (100..150).for_each(|n| add(&mut counter, &was(n, 6, None), true));
    (200..240).for_each(|n| add(&mut counter, &was(n, 3, Some(6)), false));
    (300..310).for_each(|n| add(&mut counter, &was(n, 3, None), false));
    let exchanged = HoldReason::Exchanged { losses: 50, of: 100 };
    let memory = Memory::from([(MOVIES, BestDay { highest: 100, offered: 100, run: 5 })]);
    let mut guarded = counter;
    guarded.add_new(Kind::Movie, 1, 30);
    assert_eq!(hold(&decide(guarded, &memory), &stream(300, 1, None)), None, "120 are offered now");
    let mut counter = LossCounter::default();
    (0..50).for_each(|n| add(&mut counter, &was(n, 3, None), true));
    (100..140).for_each(|n| add(&mut counter, &was(n, 6, None), true));
    (200..240).for_each(|n| add(&mut counter, &was(n, 3, Some(6)), false));
    (300..310).for_each(|n| add(&mut counter, &was(n, 3, None), false));
    counter.add_new(Kind::Movie, 1, 60);
    assert_eq!(hold(&decide(counter, &memory), &stream(300, 1, None)), Some(exchanged));
}

/// Titles that are there by other entries lose nothing; their versions are held by the number of entries.
#[test]
fn entries_of_titles_that_are_there_are_decided_as_titles_are() {
    let entry = |n: i64| KnownStream { stream_id: n.to_string(), ..stream(n % 10, 1, None) };
    let decided = |missing: i64| {
        let mut counter = LossCounter::default();
        (0..100).for_each(|n| add(&mut counter, &entry(n), n >= missing));
        let guard = decide(counter, &Memory::new());
        assert_eq!(
            (hold(&guard, &entry(0)), guard.missing.len()),
            (None, 0),
            "no title is missing"
        );
        let hold = guard.hold_streams(&roster(), Kind::Movie, false, [&entry(0)]);
        hold.map(|hold| hold.to_string())
    };
    assert_eq!(decided(20), None);
    let text = "with these, 21 of the 100 entries of movies that A had within 30 days are gone, more than 20 %";
    assert_eq!(decided(21).as_deref(), Some(text));
    // What is lost of titles that are gone as a whole is lost by titles.
    let mut counter = LossCounter::default();
    (0..100).for_each(|n| add(&mut counter, &entry(n), n % 10 > 1));
    let guard = decide(counter, &Memory::new());
    assert_eq!(guard.hold_streams(&roster(), Kind::Movie, false, [&entry(0)]), None);
    assert_eq!(guard.had[&AccountContent::entries(Kind::Movie, 1)].highest, 80);
}

/// What a person allows to go of a title that is there is no title less.
#[test]
fn an_entry_that_may_go_of_a_title_that_is_there_is_no_title() {
    let mut counter = LossCounter::default();
    (0..10).for_each(|n| add(&mut counter, &stream(n, 1, None), true));
    (5..11).for_each(|n| counter.add_allowed(&stream(n, 1, None)));
    let guard = decide(counter, &Memory::new());
    assert_eq!(guard.had[&MOVIES].highest, 11);
    assert_eq!(guard.allowed, HashSet::from([(TitleId(10), MOVIES)]));
    assert_eq!(guard.had[&AccountContent::entries(Kind::Movie, 1)].highest, 16);
}
