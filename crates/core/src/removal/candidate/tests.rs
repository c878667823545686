//! What of a title may have to go.

use std::collections::BTreeMap;

use super::*;
use crate::hash::{Fingerprint, Written};
use crate::identity::known::KnownFile;
use crate::model::media::Kind::{Movie, Series};
use crate::model::ownership::Ownership;
use crate::plan::drafts::key;
use crate::removal::drafts::{HOLD, candidate, file, unwanted, with_file};

fn known_file(text: &str, cause: Option<Cause>) -> (FileKey, KnownFile) {
    let written = Written::of(text.as_bytes());
    let file = KnownFile {
        path: text.to_owned(),
        hash: Some(written.hash),
        size: written.size,
        account: Some(1),
        stream: None,
        is_edited: false,
        unwanted: cause.map(|cause| unwanted(cause, 4)),
    };
    (key(text), file)
}

/// A series: two episodes are wanted, and of each cause one is not.
fn known() -> KnownTitle {
    let files = [
        ("tvshow.nfo", None),
        ("s01e01.strm", None),
        ("s01e02.strm", None),
        ("s01e02.strm@1:7", None),
        ("s01e03.strm", Some(Cause::Catalogue)),
        ("s01e04.strm", Some(Cause::Filter)),
        ("s01e05.strm", Some(Cause::Kept)),
        ("s01e03.nfo", Some(Cause::Catalogue)),
    ];
    KnownTitle {
        name: "Show".to_owned(),
        year: Some(2001),
        folder: Some("Show (2001)".to_owned()),
        hold: Some(HOLD),
        ownership: Ownership::Ours,
        files: files.into_iter().map(|(text, cause)| known_file(text, cause)).collect(),
        ..KnownTitle::default()
    }
}

fn keys(candidate: &Candidate) -> Vec<String> {
    candidate.files.iter().map(|(file, _)| file.key.to_string()).collect()
}

#[test]
fn of_a_title_that_is_there_the_unwanted_files_are_in_question() {
    let it = Candidate::known(TitleId(7), Series, &known(), None);
    assert_eq!((it.title, it.name.as_str(), it.year), (TitleId(7), "Show", Some(2001)));
    assert_eq!(it.folder.as_deref(), Some("TV/Show (2001)"));
    assert_eq!(keys(&it), ["s01e03.nfo", "s01e03.strm", "s01e04.strm"]);
    assert_eq!(it.files[1].0, file("s01e03.strm"));
    assert_eq!(it.files[2].1, Some(unwanted(Cause::Filter, 4)));
    assert_eq!(it.of, 7, "all but the one that is somebody's by now");
    assert_eq!(it.played, (2, 3), "what the filter takes is not missing");
    assert_eq!(it.accounts.len(), 8);
    assert_eq!(it.ownership, Ownership::Ours);
    let unclear = KnownTitle { ownership: Ownership::Unknown, most_episodes: 9, ..known() };
    let it = Candidate::known(TitleId(7), Series, &unclear, None);
    assert_eq!((it.ownership, it.played), (Ownership::Unknown, (2, 9)));
}

#[test]
fn of_a_missing_title_all_files_are_in_question_but_somebodys() {
    let it = Candidate::known(TitleId(7), Series, &known(), Some(3));
    assert_eq!((it.files.len(), it.of, it.missing_runs), (7, 7, Some(3)));
    assert_eq!(it.held_by(it.files[0].1), Some(HOLD), "by the title's own hold");
    let bare = KnownTitle { folder: None, files: BTreeMap::new(), ..known() };
    let it = Candidate::known(TitleId(7), Movie, &bare, Some(0));
    assert_eq!((it.folder, it.of, it.played), (None, 0, (0, 0)));
}

#[test]
fn a_file_is_held_by_its_own_hold() {
    let held = Unwanted { hold: Some(HOLD), ..unwanted(Cause::Catalogue, 1) };
    let it = with_file(candidate(Series), "s01e01.strm", None, Some(held));
    assert_eq!(it.held_by(Some(held)), Some(HOLD));
    assert_eq!(it.held_by(Some(unwanted(Cause::Catalogue, 1))), None);
    let titles = Candidate { hold: Some(HOLD), ..it };
    assert_eq!(titles.held_by(None), None, "a title that is there has no hold as a whole");
}

#[test]
fn the_account_of_a_file_is_its_own_or_the_first_of_which_one_is_missing() {
    let missing = Some(unwanted(Cause::Catalogue, 1));
    let mut it = with_file(candidate(Series), "s01e01.strm", Some(5), missing);
    it = with_file(it, "s01e02.strm", Some(3), missing);
    it = with_file(it, "s01e03.strm", Some(2), Some(unwanted(Cause::Filter, 1)));
    it = with_file(it, "tvshow.nfo", None, missing);
    assert_eq!(it.account_of(&key("s01e01.strm")), Some(5));
    assert_eq!(it.account_of(&key("tvshow.nfo")), Some(3));
    assert_eq!(
        with_file(candidate(Series), "tvshow.nfo", None, missing).account_of(&key("tvshow.nfo")),
        None
    );
}

#[test]
fn the_cases_are_missing_titles_and_those_with_unwanted_files() {
    let missing = |id, kind| Known {
        id: TitleId(id),
        kind,
        fingerprint: Fingerprint(0),
        has_folder: true,
        left_out_by: None,
        missing_runs: 2,
        has_old_names: false,
        is_removed: false,
    };
    let all = [missing(5, Series), missing(4, Movie), missing(9, Movie)];
    let unwanted = vec![(TitleId(1), Movie), (TitleId(4), Movie), (TitleId(2), Series)];
    let movies = cases(all.iter(), unwanted.clone(), &[Movie]);
    let case = |id, kind, missing_runs| UndecidedTitle { id: TitleId(id), kind, missing_runs };
    let (one, two) = (case(1, Movie, None), case(2, Series, None));
    let (four, nine) = (case(4, Movie, Some(2)), case(9, Movie, Some(2)));
    assert_eq!(movies, [one, four, nine]);
    let both = cases(all.iter(), unwanted, &Kind::ALL);
    assert_eq!(both, [one, four, nine, two, case(5, Series, Some(2))]);
}
