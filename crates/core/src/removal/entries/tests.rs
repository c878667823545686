//! How many entries there were, are left, and are missing.

use super::*;

/// The run that counts.
const THIS_RUN: i64 = 9;

/// An entry that came in one run, and that is missing since another; a number above that of this run says that it is
/// there.
fn add(count: &mut EntryCount, number: usize, since: i64, until: i64) {
    let (title, availability) = (TitleId(1), Availability::Missing);
    for _ in 0..number {
        if until > THIS_RUN {
            count.add_present(since, since >= THIS_RUN, false);
        } else {
            count.add_lost(LostEntry { title, availability, since, missing_since: until });
        }
    }
}

/// How many are missing now, the highest number, and how many are left; of entries that came and went.
fn numbers(entries: &[(usize, i64, i64)]) -> [usize; 3] {
    let mut count = EntryCount::default();
    entries.iter().for_each(|(number, since, until)| add(&mut count, *number, *since, *until));
    let loss = count.loss(None);
    assert_eq!(loss.had.highest, loss.highest);
    [loss.losses_now, loss.highest, loss.left]
}

#[test]
fn entries_under_other_numbers_are_the_same_number() {
    let there = i64::MAX;
    assert_eq!(numbers(&[(10, 3, there)]), [0, 10, 10]);
    assert_eq!(numbers(&[(10, 3, 9), (10, 9, there)]), [10, 10, 10], "in this run");
    assert_eq!(numbers(&[(10, 3, 7), (10, 7, there)]), [10, 10, 10], "in a run before");
    assert_eq!(numbers(&[(10, 3, 6), (4, 6, there), (5, 8, there)]), [10, 10, 9], "bit by bit");
}

#[test]
fn what_came_before_the_loss_makes_up_for_nothing() {
    let there = i64::MAX;
    assert_eq!(numbers(&[(10, 3, 9), (20, 5, there)]), [10, 30, 20]);
    assert_eq!(numbers(&[(10, 3, 6), (20, 5, there), (4, 7, there)]), [10, 30, 24]);
    assert_eq!(
        numbers(&[(10, 3, 9), (20, 9, there)]),
        [10, 10, 20],
        "new ones fill up what is left"
    );
}

#[test]
fn the_best_day_counts_and_the_users_will_lowers_it() {
    let mut count = EntryCount::default();
    add(&mut count, 79, 3, i64::MAX);
    add(&mut count, 1, 3, 9);
    let best = BestDay { highest: 120, offered: 0, run: 0 };
    let highest = |count: &EntryCount| count.loss(Some(best)).highest;
    assert_eq!(highest(&count), 120);
    let mut lowered = count.clone();
    (0..10).for_each(|_| lowered.add_taken());
    (0..10).for_each(|_| lowered.add_allowed());
    (0..5).for_each(|_| lowered.add_switched_off());
    assert_eq!(highest(&lowered), 95);
    assert_eq!(lowered.loss(None).had.highest, 95, "the ledger lowers what it remembers itself");
}

#[test]
fn what_was_loaded_is_counted_there() {
    let mut count = EntryCount::default();
    count.add_present(0, false, true);
    count.add_present(0, false, false);
    count.add_offered(3);
    assert_eq!((count.loss(None).left, count.loss(None).highest), (4, 2));
    let (title, availability) = (TitleId(1), Availability::Dropped);
    count.add_lost(LostEntry { title, availability, since: 0, missing_since: 9 });
    assert!(count.loss(None).has_dropped);
}
