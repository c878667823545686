//! What is held, counted, named and told to the ledger.

use super::*;
use crate::hold::{Content, HoldReason};
use crate::identity::known::{Cause, Unwanted};
use crate::model::media::Kind::{Movie, Series};
use crate::plan::drafts::key;
use crate::removal::drafts::{HOLD, candidate, unwanted, with_file};

fn too_many() -> Hold {
    let reason = HoldReason::TooMany { losses: 3, of: 4 };
    Hold { reason, account: Some((1, "A".to_owned())), content: Content::Movies }
}

fn contradicted() -> Hold {
    Hold { reason: HoldReason::Contradicted { losses: 6, of: 7 }, ..too_many() }
}

/// Two files that are missing; the second one was held before.
fn two() -> Candidate {
    let missing = unwanted(Cause::Catalogue, 1);
    let it = with_file(candidate(Series), "s01e01.strm", Some(1), Some(missing));
    let held = Unwanted { hold: Some(HOLD), ..missing };
    with_file(it, "s01e02.strm", Some(1), Some(held))
}

/// A movie that is gone, with two files, and that was held before, or not.
fn missing(hold: Option<HoldId>) -> Candidate {
    let it = with_file(candidate(Movie), "strm", Some(1), None);
    let it = with_file(it, "nfo", None, None);
    Candidate { title: TitleId(2), missing_runs: Some(1), hold, ..it }
}

fn held(hold: Hold) -> Removal {
    Removal::Held(hold)
}

#[test]
fn a_title_is_held_or_waits_with_any_of_its_files() {
    let outcome = |files: &[Removal]| Holding::default().note(&two(), files);
    let (now, later) = (Removal::Now, Removal::AfterGrace);
    assert_eq!(outcome(&[now.clone(), now.clone()]), None);
    assert_eq!(outcome(&[now.clone(), later.clone()]), Some(TitleOutcome::Waiting));
    assert_eq!(outcome(&[now, held(too_many())]), Some(TitleOutcome::Held));
    assert_eq!(outcome(&[held(too_many()), later]), Some(TitleOutcome::Held));
}

#[test]
fn holds_count_titles_and_files() {
    let mut holding = Holding::default();
    holding.note(&two(), &[held(too_many()), held(too_many())]);
    holding.note(&missing(None), &[held(too_many()), held(contradicted())]);
    let counts: Vec<(&Hold, u64, u64)> =
        holding.held().map(|(hold, it)| (hold, it.titles, it.files)).collect();
    assert_eq!(counts, [(&too_many(), 2, 3), (&contradicted(), 1, 1)]);
    holding.keep_left_out();
    let left: Vec<&Hold> = holding.held().map(|(hold, _)| hold).collect();
    assert_eq!(left, [&contradicted()]);
}

#[test]
fn the_ledger_hears_of_what_is_held_by_another_hold_than_before() {
    let holds = |id: HoldId, files: &[Removal], is_cleanup| {
        let mut holding = Holding::default();
        holding.note(&two(), files);
        holding.into_holds(BTreeMap::from([(too_many().key(), id)]), is_cleanup)
    };
    let files = [held(too_many()), held(too_many())];
    let (first, second) = (key("s01e01.strm"), key("s01e02.strm"));
    let same = holds(HOLD, &files, true);
    assert_eq!(same.files, [(TitleId(1), first.clone(), Some(HOLD))], "the other one was");
    assert_eq!((same.titles, same.is_cleanup), (Vec::new(), true));
    let other = HoldId { run: 9, number: 1 };
    let both = [(TitleId(1), first, Some(other)), (TitleId(1), second.clone(), Some(other))];
    assert_eq!(holds(other, &files, false).files, both);
    let later = [Removal::AfterGrace, Removal::AfterGrace];
    let released = holds(HOLD, &later, true);
    assert_eq!(released.files, [(TitleId(1), second, None)], "held before, and no longer");
}

#[test]
fn a_missing_title_is_held_and_released_as_a_whole() {
    let holds = |before: Option<HoldId>, decision: &Removal| {
        let mut holding = Holding::default();
        holding.note(&missing(before), &[decision.clone(), decision.clone()]);
        let holds = holding.into_holds(BTreeMap::from([(too_many().key(), HOLD)]), true);
        assert_eq!(holds.files, []);
        holds.titles
    };
    let keep = held(too_many());
    assert_eq!(holds(None, &keep), [(TitleId(2), Some(HOLD))]);
    assert_eq!(holds(Some(HOLD), &keep), []);
    assert_eq!(holds(Some(HOLD), &Removal::AfterGrace), [(TitleId(2), None)]);
    assert_eq!(holds(None, &Removal::AfterGrace), []);
}

#[test]
fn without_a_cleanup_nothing_is_released() {
    let mut holding = Holding::default();
    holding.note(&missing(Some(HOLD)), &[Removal::AfterGrace, Removal::AfterGrace]);
    holding.keep_left_out();
    assert_eq!(holding.into_holds(BTreeMap::new(), false).titles, []);
}

#[test]
fn a_hold_that_lasts_keeps_its_id_unless_it_has_ended() {
    let mut holding = Holding::default();
    holding.note(&two(), &[held(too_many()), Removal::Now]);
    let known = [KnownHold { id: HOLD, key: too_many().key(), items: 1, is_last: true }];
    let ids = |ended: &[HoldId]| holding.ids(9, &known, &ended.iter().copied().collect());
    assert_eq!(ids(&[]), BTreeMap::from([(too_many().key(), HOLD)]));
    let new = HoldId { run: 9, number: 1 };
    assert_eq!(ids(&[HOLD]), BTreeMap::from([(too_many().key(), new)]));
}
