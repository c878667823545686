//! What the ledger hears of a removal: a row for each way in which a file can come out.

use super::*;
use crate::hold::{Content, Hold, HoldReason};
use crate::model::ownership::Ownership;
use crate::plan::drafts::{Broken, key};
use crate::removal::drafts::{HOLD, file};

/// A movie of which a video and an NFO are to go.
fn removal() -> TitleRemoval {
    TitleRemoval {
        title: TitleId(5),
        folder: "Movies/Heat".to_owned(),
        files: vec![file("strm"), file("nfo")],
        is_whole: true,
        ownership: Ownership::Ours,
        dirs: Vec::new(),
    }
}

#[test]
fn what_is_gone_is_forgotten_and_an_edited_nfo_is_the_users() {
    let failed = || FileOutcome::Failed(Broken(false));
    for (strm, nfo, gone, kept) in [
        (FileOutcome::Removed, FileOutcome::Removed, "strm nfo", ""),
        (FileOutcome::Gone, FileOutcome::Gone, "strm nfo", ""),
        (FileOutcome::NotOurs, FileOutcome::NotOurs, "strm", "nfo"),
        (failed(), failed(), "", ""),
        (FileOutcome::NotTried, FileOutcome::NotTried, "", ""),
        (failed(), FileOutcome::Removed, "nfo", ""),
    ] {
        let what = format!("{strm:?}, {nfo:?}");
        let record = RemovalRecord::of(&removal(), &Removed::of(vec![strm, nfo]), false);
        let keys = |texts: &str| texts.split_whitespace().map(key).collect::<Vec<_>>();
        assert_eq!((&record.gone, record.kept.clone()), (&keys(gone), keys(kept)), "{what}");
        assert_eq!(record.gone_keys(), keys(gone).iter().collect(), "{what}");
    }
}

#[test]
fn a_record_says_whose_files_went_why_and_which_folders() {
    let (folders, occupied) = (vec!["Season 01".to_owned()], vec![String::new()]);
    let files = vec![FileOutcome::Removed, FileOutcome::Removed];
    let removed =
        Removed { folders: folders.clone(), occupied: occupied.clone(), ..Removed::of(files) };
    for is_let_go in [true, false] {
        let record = RemovalRecord::of::<Broken>(&removal(), &removed, is_let_go);
        let expected = RemovalRecord {
            title: TitleId(5),
            folder: "Movies/Heat".to_owned(),
            gone: vec![key("strm"), key("nfo")],
            kept: Vec::new(),
            folders: folders.clone(),
            occupied: occupied.clone(),
            is_let_go,
            let_go: Vec::new(),
        };
        assert_eq!(record, expected);
    }
}

#[test]
fn a_removal_that_was_not_tried_says_so_of_each_file() {
    let removed = Removed::<Broken>::not_tried(&removal());
    assert_eq!(removed.files, [FileOutcome::NotTried, FileOutcome::NotTried]);
    let rest = (removed.strays.len(), removed.folders.len(), removed.occupied.len());
    assert_eq!((rest, removed.keeps_others), ((0, 0, 0), false));
}

#[test]
fn only_a_failure_of_the_storage_as_a_whole_is_its_error() {
    let error = |files| Removed::of(files).storage_error();
    let (file, storage) =
        (|| FileOutcome::Failed(Broken(false)), || FileOutcome::Failed(Broken(true)));
    assert_eq!(error(vec![FileOutcome::Removed, FileOutcome::NotTried]), None);
    assert_eq!(error(vec![file(), file()]), None);
    assert_eq!(error(vec![file(), storage(), FileOutcome::NotTried]), Some(Broken(true)));
}

#[test]
fn a_hold_that_lasts_keeps_its_own_id() {
    let reason = HoldReason::TooMany { losses: 3, of: 9 };
    let account = Some((1, "A".to_owned()));
    let movies = Hold { reason, account, content: Content::Movies }.key();
    let known = |key: &HoldKey, id| KnownHold { id, key: key.clone(), items: 1, is_last: true };
    let series = HoldKey { content: Content::Series, ..movies.clone() };
    let new = HoldId { run: 9, number: 1 };
    let mut holds = Holds { ids: BTreeMap::from([(movies.clone(), new)]), ..Holds::default() };
    holds.keep([known(&movies, HOLD), known(&series, HOLD)].iter());
    assert_eq!(holds.ids, BTreeMap::from([(movies, new), (series, HOLD)]), "only what is missing");
}
