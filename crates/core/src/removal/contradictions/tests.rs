//! Which titles are held because too many works contradict them.

use super::*;
use crate::hash::Fingerprint;
use crate::hold::Content;
use crate::identity::RecognisedBy;
use crate::identity::compare::{Contradiction, Work};
use crate::identity::known::Known;
use crate::model::media::SourceKey;
use crate::model::stamp::{Few, Stamp};
use crate::removal::drafts::stream;

fn known(n: i64, has_folder: bool) -> Known {
    Known {
        id: TitleId(n),
        kind: Kind::Movie,
        fingerprint: Fingerprint(0),
        has_folder,
        left_out_by: None,
        missing_runs: 0,
        has_old_names: false,
        is_removed: false,
    }
}

fn contradiction(n: i64) -> Contradiction {
    Contradiction { entry: (Kind::Movie, SourceKey(100 + n)), title: TitleId(n) }
}

/// These titles are gone, and works have their streams.
fn contradicted(titles: std::ops::Range<i64>) -> Comparison {
    Comparison {
        missing_titles: titles.clone().map(|n| known(n, true)).collect(),
        contradictions: titles.map(contradiction).collect(),
        ..Comparison::default()
    }
}

fn names() -> BTreeMap<i64, String> {
    BTreeMap::from([(1, "A".to_owned())])
}

/// The titles that are held, and the hold; the ledger has 20 titles of account 1.
fn held(comparison: &Comparison, allowed: &[i64]) -> (Vec<i64>, Option<Hold>) {
    let allowed = allowed.iter().map(|n| TitleId(*n)).collect();
    let Some(mut counting) = Contradictions::of(comparison, &allowed) else {
        return (Vec::new(), None);
    };
    (0..20).for_each(|n| counting.add_stream(&stream(n, 1, None)));
    let held = counting.held(&names());
    let mut titles: Vec<i64> = held.keys().map(|title| title.0).collect();
    titles.sort_unstable();
    (titles, held.into_values().next())
}

#[test]
fn titles_are_held_when_too_many_of_an_account_are_contradicted() {
    let (titles, hold) = held(&contradicted(0..6), &[]);
    assert_eq!(titles, [0, 1, 2, 3, 4, 5]);
    let reason = HoldReason::Contradicted { losses: 6, of: 20 };
    let account = Some((1, "A".to_owned()));
    assert_eq!(hold, Some(Hold { reason, account, content: Content::Movies }));
    assert_eq!(held(&contradicted(0..5), &[]), (Vec::new(), None), "five are few");
    assert_eq!(held(&contradicted(0..0), &[]).0, []);
}

#[test]
fn what_is_allowed_gone_or_without_files_contradicts_nothing() {
    let (titles, _) = held(&contradicted(0..7), &[3]);
    assert_eq!(titles, [0, 1, 2, 4, 5, 6]);
    assert_eq!(held(&contradicted(0..6), &[3]).0, [], "five are left");
    let mut bare = contradicted(0..6);
    bare.missing_titles[2] = known(2, false);
    assert_eq!(held(&bare, &[]).0, []);
    let mut there = contradicted(0..6);
    there.missing_titles.remove(0);
    assert_eq!(held(&there, &[]).0, [], "one is in the catalogue");
    let mut losses = contradicted(0..6);
    losses.missing_streams.insert(StreamId::new(Kind::Movie, 1, "4"));
    assert_eq!(held(&losses, &[]).0, [], "nobody offers that stream any more");
    let comparison = contradicted(0..6);
    let mut counting = Contradictions::of(&comparison, &HashSet::new()).unwrap();
    (0..6).for_each(|n| {
        counting.add_stream(&KnownStream { is_removed: true, ..stream(n, 1, None) });
    });
    assert_eq!(counting.held(&names()), HashMap::new(), "they were removed before");
}

#[test]
fn each_account_is_counted_by_itself_and_one_without_a_name_has_its_number() {
    let comparison = contradicted(0..12);
    let mut counting = Contradictions::of(&comparison, &HashSet::new()).unwrap();
    (0..6).for_each(|n| counting.add_stream(&stream(n, 7, None)));
    (6..11).for_each(|n| counting.add_stream(&stream(n, 1, None)));
    let held = counting.held(&names());
    assert_eq!(held.len(), 6);
    assert_eq!(held[&TitleId(0)].account, Some((7, "7".to_owned())));
}

#[test]
fn the_works_of_held_titles_are_left_out_and_told_of_where_no_cleanup_comes() {
    let work = |n: i64| Work {
        stamp: Stamp {
            kind: Kind::Movie,
            key: SourceKey(100 + n),
            streams: Few::new(),
            externals: Few::new(),
            fingerprint: Fingerprint(0),
            episodes: 0,
        },
        known: None,
        fingerprint: Fingerprint(0),
        reason: RecognisedBy::Contradicts,
    };
    let reason = HoldReason::Contradicted { losses: 6, of: 20 };
    let hold = Hold { reason, account: None, content: Content::Movies };
    let held: HashMap<TitleId, Hold> =
        [0, 1].map(|n| (TitleId(n), hold.clone())).into_iter().collect();
    let comparison = || Comparison {
        work: vec![work(0), work(1), work(2)],
        contradictions: vec![contradiction(0), contradiction(1), contradiction(2)],
        ..Comparison::default()
    };
    let mut some = comparison();
    assert_eq!(leave_out(&mut some, &held, &[Kind::Movie]), BTreeMap::from([(&hold, 2)]));
    assert_eq!(some.work, [work(2)]);
    let mut all = comparison();
    assert_eq!(leave_out(&mut all, &held, &[Kind::Series]), BTreeMap::new());
    assert_eq!(all.work.len(), 1, "left out all the same");
}
