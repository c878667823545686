//! What is told and recorded of a title: a row for each way in which it can come out.

use std::sync::Arc;

use super::*;
use crate::model::left_out::LeftOutBy;
use crate::model::media::Kind::{Movie, Series};
use crate::model::media::{Episode, Stream};
use crate::model::ownership::Ownership;
use crate::plan::UnwantedFile;
use crate::plan::drafts::{Broken, key, plan, planned};
use crate::render::drafts::account;

type Outcome = FileResult<Broken>;

const CREATED: Outcome = FileResult::Right(Reason::Created);

fn failed() -> Outcome {
    FileResult::Failed(Broken(false))
}

/// A new movie with two files.
fn movie() -> TitlePlan {
    let files = [planned("nfo", Change::Create), planned("strm", Change::Create)];
    let changes = files.map(FileChange::Want).into();
    TitlePlan { changes, filter: Some(Fingerprint(4)), ..plan(Movie, "Heat") }
}

/// The same, with its entry and nothing to do but what is said.
fn known(change: Change) -> TitlePlan {
    let files = [planned("nfo", Change::Keep), planned("strm", change)];
    let changes = files.map(FileChange::Want).into();
    TitlePlan { known: Some(TitleId(5)), had_files: true, changes, ..movie() }
}

fn settled(plan: TitlePlan, files: Vec<Outcome>) -> (Option<TitleRecord>, TitleOutcome) {
    settle(plan, &TitleResult::of(files))
}

/// The files that were written.
fn keys(record: &TitleRecord) -> Vec<String> {
    let written = record.files.iter().filter_map(|note| match note {
        FileNote::Written(file) => Some(file.key.to_string()),
        _ => None,
    });
    written.collect()
}

fn skipped() -> Outcome {
    FileResult::Right(Reason::CachedSkip)
}

fn filtered(plan: TitlePlan) -> TitlePlan {
    let stream = Stream::new(Arc::new(account(1)), "7".to_owned());
    let streams = vec![Stream { is_wanted: false, ..stream }];
    TitlePlan { title: Title { streams, ..plan.title }, ..plan }
}

#[test]
fn a_title_comes_out_by_its_files_its_folder_and_its_entry() {
    let edited = || FileResult::Left(Reason::UserEdited);
    let foreign = || FileResult::Left(Reason::ForeignFile);
    let back = TitlePlan { known: Some(TitleId(5)), ..movie() };
    let stuck = TitlePlan { is_stuck: true, ..known(Change::Keep) };
    let moved = TitlePlan { is_moved: true, ..known(Change::Keep) };
    let bare = TitlePlan { folder: None, changes: Vec::new(), ..movie() };
    let gone = TitlePlan { changes: Vec::new(), ..filtered(known(Change::Keep)) };
    use TitleOutcome as O;
    for (plan, files, expected, what) in [
        (movie(), vec![CREATED, CREATED], O::New, Some(O::New)),
        (movie(), vec![CREATED, failed()], O::Failed, Some(O::Failed)),
        (movie(), vec![foreign(), CREATED], O::Failed, Some(O::Failed)),
        (back.clone(), vec![CREATED, CREATED], O::New, Some(O::New)),
        (known(Change::Restore), vec![skipped(), CREATED], O::Changed, Some(O::Changed)),
        (known(Change::Keep), vec![skipped(), skipped()], O::Unchanged, None),
        (moved.clone(), vec![skipped(), skipped()], O::Moved, None),
        (moved, vec![skipped(), CREATED], O::Changed, Some(O::Changed)),
        (known(Change::Create), vec![edited(), CREATED], O::Changed, Some(O::Changed)),
        (stuck, vec![skipped(), skipped()], O::Failed, Some(O::Failed)),
        (bare, Vec::new(), O::Empty, None),
        (gone, Vec::new(), O::Filtered(LeftOutBy::Filter), None),
    ] {
        let (record, outcome) = settled(plan.clone(), files);
        assert_eq!((outcome, record.unwrap().what), (expected, what), "{plan:#?}");
    }
    let (record, outcome) = settled(movie(), vec![FileResult::NotTried, FileResult::NotTried]);
    assert_eq!((record, outcome), (None, TitleOutcome::Failed), "it was not begun");
    assert!(!known(Change::Create).is_back(), "one of its files is there");
    assert!(!TitlePlan { changes: Vec::new(), ..movie() }.is_back());
}

#[test]
fn what_is_told_does_not_wait_for_the_record() {
    let result = TitleResult::of(vec![CREATED, CREATED]);
    assert_eq!(outcome(&movie(), &result), settle(movie(), &result).1);
}

#[test]
fn a_title_that_is_right_is_recorded_whole() {
    let unwanted = UnwantedFile {
        key: key("s01e09.strm"),
        path: "b.strm".to_owned(),
        written: Written::of(b"b"),
        account: Some(3),
        cause: Cause::Filter,
    };
    let (title, episode) = (plan(Series, "Show").title, Episode::default());
    let reassigned = planned("strm@1:7", Change::Keep);
    let revived = planned("strm@1:8", Change::Keep);
    let more = vec![
        FileChange::Want(PlannedFile { is_reassigned: true, ..reassigned }),
        FileChange::Want(PlannedFile { is_revived: true, ..revived }),
        FileChange::Retire(unwanted),
        FileChange::Forget(key("s01e03.strm")),
    ];
    let plan = TitlePlan {
        title: Title { episodes: vec![episode], ..title },
        episodes: EpisodeChanges { taken: 1, accounts: [(3, 1)].into() },
        changes: [movie().changes, more].concat(),
        ..movie()
    };
    let recognised = vec![(key("s01e09.strm"), Written::of(b"c"))];
    let folders = vec![(String::new(), 7), ("Season 01".to_owned(), 8)];
    let result = TitleResult {
        recognised,
        folders: folders.clone(),
        ownership: Ownership::Users,
        ..TitleResult::of(vec![CREATED, CREATED, skipped(), skipped()])
    };
    let record = settle(plan.clone(), &result).0.unwrap();
    assert_eq!((record.changed(), record.has_written()), (2, true));
    assert_eq!(record.title, Title { episodes: Vec::new(), ..plan.title });
    assert_eq!(record.folder.as_deref(), Some("Heat"));
    assert_eq!((record.fingerprint, record.naming), (Fingerprint(1), Some(Fingerprint(3))));
    assert_eq!((record.filter, record.problem), (Some(Fingerprint(4)), None));
    assert_eq!((record.is_filled, record.ownership), (true, Ownership::Users));
    assert_eq!((record.folders, record.episodes), (folders, plan.episodes));
    let file = |text: &str, account| FileRecord {
        key: key(text),
        path: text.to_owned(),
        size: text.len() as u64,
        hash: ContentHash::of(text.as_bytes()),
        account,
        stream: None,
    };
    let notes = [
        FileNote::Written(file("nfo", None)),
        FileNote::Written(file("strm", Some(1))),
        FileNote::Reassigned(key("strm@1:7"), Some(1), None),
        FileNote::Revived(key("strm@1:8")),
        FileNote::Unwanted(key("s01e09.strm"), Cause::Filter, Some(3)),
        FileNote::Forgotten(key("s01e03.strm")),
        FileNote::Holds(key("s01e09.strm"), Written::of(b"c")),
    ];
    assert_eq!(record.files, notes);
}

/// What is not right is looked at again: by its fingerprint, its folders' times and its episodes.
#[test]
fn a_title_that_is_not_right_is_looked_at_again() {
    let plan = |is_stuck| TitlePlan {
        episodes: EpisodeChanges { taken: 1, accounts: [(3, 1)].into() },
        is_stuck,
        ..known(Change::Restore)
    };
    let result = |last| TitleResult {
        folders: vec![(String::new(), 7)],
        ownership: Ownership::Ours,
        ..TitleResult::of(vec![FileResult::Right(Reason::CachedSkip), last])
    };
    for (is_stuck, last, problem) in
        [(true, CREATED, None), (false, failed(), Some("cannot write it: broken".to_owned()))]
    {
        let record = settle(plan(is_stuck), &result(last)).0.unwrap();
        assert_eq!((record.fingerprint, record.naming), (Fingerprint::default(), None));
        assert_eq!(record.folders, [(String::new(), UNKNOWN_TIME)]);
        assert_eq!((record.episodes, record.problem), (EpisodeChanges::default(), problem));
        assert_eq!(record.folder.as_deref(), Some("Heat"), "it has its folder");
        assert_eq!(record.ownership, Ownership::Ours);
    }
}

/// Of a new title of which nothing can be played, the folder is not the title's.
#[test]
fn a_new_title_without_a_strm_has_no_folder() {
    let result = |files| TitleResult {
        folders: vec![(String::new(), 7)],
        ownership: Ownership::Users,
        ..TitleResult::of(files)
    };
    let record = settle(movie(), &result(vec![CREATED, failed()])).0.unwrap();
    assert_eq!((record.folder.as_deref(), keys(&record).len()), (None, 0));
    assert_eq!(
        (record.ownership, record.folders.len(), record.is_filled),
        (Ownership::Unknown, 0, false)
    );
    assert_eq!(record.naming, Some(Fingerprint(3)));
    let record = settle(movie(), &result(vec![failed(), CREATED])).0.unwrap();
    assert_eq!((record.folder.as_deref(), keys(&record)), (Some("Heat"), vec!["strm".to_owned()]));
    assert_eq!(
        (record.ownership, record.folders.len(), record.is_filled),
        (Ownership::Users, 1, true)
    );
}

#[test]
fn only_what_was_written_or_renamed_is_news() {
    let rename = |text: &str| {
        let file = planned(text, Change::Keep);
        FileChange::Want(PlannedFile { from: Some(format!("old {text}")), ..file })
    };
    let plan = TitlePlan { changes: vec![rename("nfo"), rename("strm")], ..known(Change::Keep) };
    let result = |renamed: &[&str]| TitleResult {
        renamed: renamed.iter().map(|text| key(text)).collect(),
        ..TitleResult::of(vec![skipped(), skipped()])
    };
    let record = settle(plan.clone(), &result(&["strm"])).0.unwrap();
    assert_eq!(record.files, [FileNote::Renamed(key("strm"), "strm".to_owned())]);
    assert_eq!((record.changed(), record.has_written()), (1, false));
    assert_eq!((keys(&record).len(), record.what), (0, Some(TitleOutcome::Moved)));
    assert_eq!(settle(plan, &result(&[])).0.unwrap().what, None);
    let restored = vec![skipped(), FileResult::Right(Reason::SameContents)];
    let record = settled(known(Change::Restore), restored).0.unwrap();
    assert_eq!(keys(&record), ["strm"], "it is on disk as planned");
    let left = vec![skipped(), FileResult::Left(Reason::UserEdited)];
    let record = settled(known(Change::Restore), left).0.unwrap();
    assert_eq!((keys(&record).len(), record.what), (0, None));
}

#[test]
fn a_title_is_filled_by_its_first_strm() {
    let is_filled = |plan: &TitlePlan, files| TitleResult::of(files).is_filled(plan);
    assert!(is_filled(&movie(), vec![failed(), CREATED]));
    assert!(!is_filled(&movie(), vec![CREATED, failed()]), "an NFO plays nothing");
    assert!(!is_filled(&known(Change::Create), vec![CREATED, CREATED]), "it had one");
    let result = TitleResult::of(vec![CREATED, CREATED]);
    assert!(result.has_strm(&known(Change::Create)));
}

/// What the filter does not let through keeps its names: should it come back, they are looked at.
#[test]
fn a_title_is_named_when_it_is_new_or_right_and_wanted() {
    let named = |plan: TitlePlan, last| {
        let files = vec![FileResult::Right(Reason::CachedSkip), last];
        settled(plan, files).0.unwrap().naming.is_some()
    };
    assert!(named(known(Change::Restore), CREATED));
    assert!(!named(known(Change::Restore), failed()));
    assert!(!named(filtered(known(Change::Restore)), CREATED));
    assert!(named(movie(), failed()));
    assert!(named(filtered(movie()), failed()));
}

#[test]
fn a_problem_is_the_first_of_the_files_or_what_resists_in_the_folder() {
    let problem = |files: Vec<Outcome>, stray: Option<Broken>| {
        TitleResult { stray, ..TitleResult::of(files) }.problem()
    };
    let text = |text: &str| Some(text.to_owned());
    let broken = "cannot write it: broken";
    let foreign = "a file that is not ours is in the way";
    let mended = text("cannot write it: broken; mend it");
    assert_eq!(problem(vec![CREATED, failed()], None), text(broken));
    assert_eq!(problem(vec![FileResult::Failed(Broken(true))], None), mended);
    let left = |reason| FileResult::Left(reason);
    assert_eq!(problem(vec![left(Reason::ForeignFile), failed()], None), text(foreign));
    let others = vec![left(Reason::UserEdited), left(Reason::NoStrm), FileResult::NotTried];
    assert_eq!(problem(others, None), None);
    assert_eq!(problem(vec![CREATED], Some(Broken(true))), text(broken), "in a word");
    assert_eq!(problem(vec![left(Reason::ForeignFile)], Some(Broken(false))), text(foreign));
}

#[test]
fn a_result_is_right_settled_or_untried_by_its_files() {
    let of = |files: Vec<Outcome>| {
        let result = TitleResult::of(files);
        (result.is_right(), result.is_settled(), result.is_untried())
    };
    let left = |reason| FileResult::Left(reason);
    assert_eq!(of(Vec::new()), (true, true, false));
    assert_eq!(of(vec![CREATED, left(Reason::UserEdited)]), (true, true, false));
    assert_eq!(of(vec![CREATED, left(Reason::ForeignFile)]), (false, true, false));
    assert_eq!(of(vec![CREATED, failed()]), (false, false, false));
    assert_eq!(of(vec![CREATED, FileResult::NotTried]), (false, false, false));
    assert_eq!(of(vec![FileResult::NotTried, FileResult::NotTried]), (false, false, true));
    let stray = TitleResult { stray: Some(Broken(false)), ..TitleResult::of(vec![CREATED]) };
    assert_eq!((stray.is_right(), stray.is_settled()), (false, false));
}

#[test]
fn the_storages_error_is_told_from_a_files() {
    let error = |files: Vec<Outcome>, stray| {
        TitleResult { stray, ..TitleResult::of(files) }.storage_error()
    };
    let storage = || FileResult::Failed(Broken(true));
    assert_eq!(error(vec![CREATED, failed(), FileResult::NotTried], None), None);
    assert_eq!(error(vec![failed(), storage()], None), Some(Broken(true)));
    assert_eq!(error(vec![failed()], Some(Broken(true))), Some(Broken(true)));
    assert_eq!(error(vec![failed()], Some(Broken(false))), None);
}
