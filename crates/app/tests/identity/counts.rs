//! How many streams may play other titles before a person has to look: more than five, and more than a fifth.

use super::*;

/// So many films, of which the first ones have become others.
fn films(all: usize, others: usize) -> Vec<(String, u32)> {
    let name = |n: usize| {
        if n < others { format!("{} (2020)", word(300 + n)) } else { format!("{} (1990)", word(n)) }
    };
    (0..all).map(name).zip(1..).collect()
}

/// Status, new titles and what is held on the night on which so many of so many become others; and the home.
fn night(all: usize, others: usize, flags: &[&str]) -> (i32, u64, serde_json::Value, Home) {
    let home = Home::in_memory(env!("CARGO_BIN_EXE_vod2strm"));
    assert_eq!(with_panel(&home, &borrowed(&films(all, 0)), flags).0, 0);
    let stamps = home.stamps();
    let (status, report) = with_panel(&home, &borrowed(&films(all, others)), flags);
    if status == 4 {
        assert!(home.stamps() == stamps, "{others} of {all}: {report}");
    }
    (status, number_of(&report, "new"), report["held"].clone(), home)
}

#[test]
fn more_than_five_and_more_than_a_fifth_are_held_and_no_fewer() {
    for (all, others, is_held) in [
        (5, 5, false),
        (6, 5, false),
        (6, 6, true),
        (20, 5, false),
        (29, 6, true),
        (30, 6, false),
        (100, 20, false),
        (100, 21, true),
    ] {
        let (status, new, held, _) = night(all, others, &[]);
        let what = format!("{others} of {all}: {held}");
        let held: Vec<u64> =
            held.as_array().unwrap().iter().map(|it| number(it, "/titles")).collect();
        if is_held {
            assert_eq!((status, new, held), (4, 0, vec![others as u64]), "{what}");
        } else {
            assert_eq!((status, new, held), (0, others as u64, vec![]), "{what}");
        }
    }
}

/// A night has one reason and one limit: what is let pass is not held for another reason.
#[test]
fn what_is_let_pass_goes_after_its_grace() {
    for (all, others) in [(20, 5), (30, 6), (100, 20)] {
        let (status, new, held, home) = night(all, others, &["--cleanup", "apply"]);
        assert_eq!((status, new), (0, others as u64), "{others} of {all}: {held}");
        let then = films(all, others);
        for _ in 0..3 {
            let (status, report) = with_panel(&home, &borrowed(&then), &["--cleanup", "apply"]);
            assert_eq!(status, 0, "{others} of {all}: {report}");
        }
        assert_plays(&home, &borrowed(&then));
    }
}

/// Numbers that are used again for others, half of all night by night: the account exchanges its titles.
#[test]
fn an_account_that_exchanges_its_titles_under_the_same_numbers_is_held() {
    let home = new_home();
    let flags = ["--cleanup", "apply"];
    let mut statuses = Vec::new();
    for night in 0..4 {
        let (status, report) = with_panel(&home, &borrowed(&films(40, night * 7)), &flags);
        statuses.push(status);
        if status == 4 {
            let held = report["held"].to_string();
            assert!(held.contains("has exchanged its movies: 21 of the 40"), "{held}");
        }
    }
    assert_eq!(statuses, [0, 0, 0, 4]);
    assert_eq!(home.tree().len(), 2 * (40 + 14), "the first seven went, and count");
    let (status, report) =
        with_panel(&home, &borrowed(&films(40, 21)), &["--cleanup", "apply", "--allow-removals"]);
    assert_eq!(status, 0, "{report}");
    assert_plays(&home, &borrowed(&films(40, 21)));
}

/// Beside what is held the night goes on: other films are new, changed and renamed.
#[test]
fn what_is_held_holds_nothing_else_up() {
    let home = new_home();
    let before =
        [films(20, 0), vec![("Heat (1995)".to_owned(), 100), ("Up (2009)".to_owned(), 101)]]
            .concat();
    with_panel(&home, &borrowed(&before), &[]);
    let tree = home.tree();
    let more = [("Heat Extended (1995)", 100), ("Up (2009)", 201), ("Alien (1979)", 202)];
    let after = films(20, 20);
    let (status, report) = with_panel(&home, &[&borrowed(&after)[..], &more[..]].concat(), &[]);
    assert_eq!((status, number_of(&report, "new")), (4, 1), "{report}");
    let now = home.tree();
    assert_eq!(now.len(), tree.len() + 2, "{report}");
    assert_eq!(strm(&home, "Up (2009)"), "http://h/movie/u/p/201.mkv\n");
    assert_eq!(strm(&home, "Alien (1979)"), "http://h/movie/u/p/202.mkv\n");
    let is_held = |path: &&String| !path.contains("Heat") && !path.contains("Up (");
    tree.keys().filter(is_held).for_each(|path| assert_eq!(now[path], tree[path], "{path}"));
}

/// Whatever is shifted, and however much: what rule 3 settles is never held.
#[test]
fn titles_that_carry_their_names_are_never_held() {
    let names = films(120, 0);
    for number in [|n: u32| n % 120 + 1, |n: u32| 121 - n, |n: u32| n + 60, |n: u32| n + 1_000] {
        let home = Home::in_memory(env!("CARGO_BIN_EXE_vod2strm"));
        with_panel(&home, &borrowed(&names), &["--cleanup", "apply"]);
        let shifted: Vec<_> = names.iter().map(|(name, n)| (name.clone(), number(*n))).collect();
        for _ in 0..5 {
            let (status, report) = with_panel(&home, &borrowed(&shifted), &["--cleanup", "apply"]);
            assert_eq!((status, number_of(&report, "new")), (0, 0), "{report}");
            assert_eq!(report["held"], serde_json::json!([]), "{report}");
        }
        assert_plays(&home, &borrowed(&shifted));
    }
}

/// Ledgers of before have holds of titles without a stream, by a rule that is no more.
#[test]
fn a_hold_of_a_rule_that_is_no_more_ends_or_is_allowed() {
    for permission in [None, Some("--allow-removals=2.1")] {
        let (status, new, held, home) = night(20, 5, &["--cleanup", "apply"]);
        assert_eq!((status, new), (0, 5), "{held}");
        let ledger = rusqlite::Connection::open(home.ledger()).unwrap();
        ledger
            .execute_batch(
                "INSERT INTO holds (run, number, reason, content, held) VALUES (2, 1, 'replaced', 'movie', 2);
                 UPDATE titles SET hold = '2.1' WHERE gone IS NOT NULL",
            )
            .unwrap();
        let then = films(20, 5);
        let flags = ["--cleanup", "apply"].into_iter().chain(permission).collect::<Vec<_>>();
        let (status, report) = with_panel(&home, &borrowed(&then), &flags);
        assert_eq!((status, &report["held"]), (0, &serde_json::json!([])), "{report}");
        if permission.is_none() {
            assert_eq!(home.tree().len(), 50, "what was held waits anew: {report}");
            (0..2).for_each(|_| drop(with_panel(&home, &borrowed(&then), &flags)));
        }
        assert_plays(&home, &borrowed(&then));
        let open = "SELECT count(*) FROM holds WHERE ended IS NULL";
        assert_eq!(ledger.query_row(open, [], |row| row.get::<_, i64>(0)), Ok(0));
    }
}
