//! Whose files are, and what changes in the number of episodes.

use super::*;

/// A file that plays the same address by another account stays as it is, and is that one's.
#[test]
fn a_file_that_stays_may_be_another_accounts() {
    let heat = || movie("Heat", &[(1, "a")]);
    let told = |make: &dyn Fn(&mut KnownFile)| {
        let mut known = written(&policy(), heat());
        make(file(&mut known, "Heat.strm"));
        let plan = planned(&policy(), heat(), Some(&known));
        let reassigned = plan.files().filter(|it| it.is_reassigned);
        reassigned.map(|it| (it.file.path.clone(), it.file.account)).collect::<Vec<_>>()
    };
    let expected = [("Heat.strm".to_owned(), Some(1))];
    assert_eq!(told(&|file| file.account = Some(9)), expected);
    assert_eq!(told(&|file| file.account = None), expected);
    assert_eq!(told(&|_| ()), []);
    let replaced = |file: &mut KnownFile| (file.account, file.is_edited) = (Some(9), true);
    assert_eq!(told(&replaced), expected, "unless it is written anew");
    assert_eq!(told(&|file| file.stream = None), expected, "an older ledger does not know");
}

/// The episodes that a plan takes: of each account of which it takes some, and whosever they are.
fn episode_numbers(
    policy: &Policy,
    known: Title,
    make: &dyn Fn(&mut KnownTitle),
    now: Title,
) -> (Vec<(i64, usize)>, usize) {
    let mut known = written(policy, known);
    make(&mut known);
    let changes = planned(policy, now, Some(&known)).episodes;
    (changes.accounts.into_iter().collect(), changes.taken)
}

#[test]
fn episodes_are_counted_by_account() {
    let show = |accounts: &[i64]| {
        let of = |(n, account): (i32, &i64)| episode(1, n, &[(*account, &*n.to_string())]);
        series((1..).zip(accounts).map(of).collect())
    };
    let off = |accounts: &[i64], at: usize| {
        let mut show = show(accounts);
        show.episodes[at].streams.clear();
        show.episodes[at].is_switched_off = true;
        show
    };
    let let_in = |mut show: Title| {
        show.streams.iter_mut().for_each(|stream| stream.is_let_in = stream.account.id == 2);
        show
    };
    let as_it_is: &dyn Fn(&mut KnownTitle) = &|_| ();
    let last = "Season 01/Fargo - S01E03.strm";
    let missing: &dyn Fn(&mut KnownTitle) =
        &|known| file(known, last).unwanted = waiting(Cause::Catalogue, 2);
    let taken: &dyn Fn(&mut KnownTitle) =
        &|known| file(known, last).unwanted = waiting(Cause::Filter, 2);
    let second: &dyn Fn(&mut KnownTitle) = &|known| known.let_in = [2].into();
    let three = [1, 1, 1];
    let rows = [
        (as_it_is, &three[..], show(&three), vec![], 0, "nothing changes"),
        (as_it_is, &three, show(&[1; 5]), vec![], 0, "two more"),
        (as_it_is, &three, show(&[1]), vec![], 0, "two are missing"),
        (missing, &three, show(&three), vec![], 0, "one is back"),
        (missing, &three, show(&[1, 1]), vec![], 0, "it is missing still"),
        (taken, &three, show(&three), vec![], 0, "one is wanted again"),
        (as_it_is, &three, off(&three, 2), vec![(1, 1)], 1, "one is switched off"),
        (missing, &three, off(&three, 2), vec![(1, 1)], 1, "one that was missing is"),
        (as_it_is, &three, show(&[1, 1, 2]), vec![(1, 1)], 0, "another plays it"),
        (as_it_is, &three, let_in(show(&[1, 1, 2])), vec![(1, 1)], 0, "by the user's will alone"),
        (as_it_is, &[1, 1, 2], let_in(show(&[1, 2, 2])), vec![(1, 1)], 0, "it had one before"),
        (second, &[1, 1, 2], show(&[1, 2, 2]), vec![(1, 1)], 0, "it was let in before"),
    ];
    for (make, before, now, expected, taken, what) in rows {
        let numbers = episode_numbers(&plain(), show(before), make, now);
        assert_eq!(numbers, (expected, taken), "{what}");
    }
}

#[test]
fn versions_of_an_episode_count_for_their_accounts_each_once() {
    let show = |streams: &[(i64, &str)]| series(vec![episode(1, 1, streams)]);
    let three = show(&[(1, "a"), (1, "b"), (2, "c")]);
    let of = |now: &[(i64, &str)]| episode_numbers(&versions(), three.clone(), &|_| (), show(now));
    assert_eq!(of(&[(1, "a"), (2, "c")]), (vec![], 0));
    assert_eq!(of(&[(1, "a"), (1, "b")]), (vec![], 0));
    let movie = movie("Heat", &[(1, "a")]);
    let none = Title { streams: Vec::new(), ..movie.clone() };
    assert_eq!(episode_numbers(&versions(), movie, &|_| (), none), (vec![], 0));
}

#[test]
fn an_nfo_alone_plays_nothing() {
    let mut known = written(&policy(), movie("Heat", &[(1, "a")]));
    assert!(plays_something(&known));
    known.files.retain(|_, file| file.account.is_none());
    assert!(!plays_something(&known));
    let show = written(
        &versions(),
        series(vec![episode(1, 1, &[(1, "a"), (2, "b")]), episode(1, 2, &[(1, "c")])]),
    );
    let played = |known: &KnownTitle| count_played(known.files.keys());
    assert_eq!((show.files.len(), played(&show)), (3, 2), "versions play the same");
}
