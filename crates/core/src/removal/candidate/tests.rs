//! What of a title may have to go.

use super::*;
use crate::hash::{Fingerprint, Written};
use crate::identity::known::KnownFile;
use crate::model::media::Kind::{Movie, Series};
use crate::plan::Change;
use crate::plan::drafts::{self, planned};
use crate::removal::drafts::{HOLD, candidate, file, unwanted, with_file};

fn known_file(slot: &str, cause: Option<Cause>) -> (String, KnownFile) {
    let written = Written::of(slot.as_bytes());
    let file = KnownFile {
        path: slot.to_owned(),
        hash: Some(written.hash),
        size: written.size,
        account: Some(1),
        is_edited: false,
        unwanted: cause.map(|cause| unwanted(cause, 4)),
    };
    (slot.to_owned(), file)
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
        is_shared: Some(false),
        files: files.into_iter().map(|(slot, cause)| known_file(slot, cause)).collect(),
        ..KnownTitle::default()
    }
}

fn slots(candidate: &Candidate) -> Vec<&str> {
    candidate.files.iter().map(|(file, _)| file.slot.as_str()).collect()
}

#[test]
fn of_a_title_that_is_there_the_unwanted_files_are_in_question() {
    let it = Candidate::known(TitleId(7), Series, &known(), None);
    assert_eq!((it.title, it.name.as_str(), it.year), (TitleId(7), "Show", Some(2001)));
    assert_eq!(it.folder.as_deref(), Some("TV/Show (2001)"));
    assert_eq!(slots(&it), ["s01e03.nfo", "s01e03.strm", "s01e04.strm"]);
    assert_eq!(it.files[1].0, file(Series, "s01e03.strm"));
    assert_eq!(it.files[2].1, Some(unwanted(Cause::Filter, 4)));
    assert_eq!(it.of, 7, "all but the one that is somebody's by now");
    assert_eq!(it.played, (2, 3), "what the filter takes is not lost");
    assert_eq!(it.accounts.len(), 8);
    assert!(!it.is_shared);
    let unclear = KnownTitle { is_shared: None, most_episodes: 9, ..known() };
    let it = Candidate::known(TitleId(7), Series, &unclear, None);
    assert_eq!((it.is_shared, it.played), (true, (2, 9)));
}

#[test]
fn of_an_absent_title_all_files_are_in_question_but_somebodys() {
    let it = Candidate::known(TitleId(7), Series, &known(), Some(3));
    assert_eq!((it.files.len(), it.of, it.absent), (7, 7, Some(3)));
    assert_eq!(it.held_by(it.files[0].1), Some(HOLD), "by the title's own hold");
    let bare = KnownTitle { folder: None, files: BTreeMap::new(), ..known() };
    let it = Candidate::known(TitleId(7), Movie, &bare, Some(0));
    assert_eq!((it.folder, it.of, it.played), (None, 0, (0, 0)));
}

#[test]
fn what_somebody_deleted_of_an_absent_title_is_left_out() {
    let deleted = BTreeMap::from([("s01e01.strm".to_owned(), "s01e01.strm".to_owned())]);
    let mut gone = Candidate::known(TitleId(7), Series, &known(), Some(3));
    gone.leave_out(&deleted);
    assert_eq!((gone.files.len(), gone.of), (6, 6));
    let there = Candidate::known(TitleId(7), Series, &known(), None);
    let mut same = there.clone();
    same.leave_out(&BTreeMap::from([("s01e03.strm".to_owned(), String::new())]));
    assert_eq!(same, there);
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
fn the_loser_of_a_file_is_its_account_or_the_first_that_lost_one() {
    let lost = Some(unwanted(Cause::Catalogue, 1));
    let mut it = with_file(candidate(Series), "s01e01.strm", Some(5), lost);
    it = with_file(it, "s01e02.strm", Some(3), lost);
    it = with_file(it, "s01e03.strm", Some(2), Some(unwanted(Cause::Filter, 1)));
    it = with_file(it, "tvshow.nfo", None, lost);
    assert_eq!(it.loser("s01e01.strm"), Some(5));
    assert_eq!(it.loser("tvshow.nfo"), Some(3));
    assert_eq!(with_file(candidate(Series), "tvshow.nfo", None, lost).loser("tvshow.nfo"), None);
}

#[test]
fn the_cases_are_absent_titles_and_those_with_unwanted_files() {
    let absent = |id, kind| Known {
        id: TitleId(id),
        kind,
        fingerprint: Fingerprint(0),
        has_folder: true,
        is_filtered: false,
        absent: 2,
        has_old_names: false,
        is_removed: false,
    };
    let all = [absent(5, Series), absent(4, Movie), absent(9, Movie)];
    let unwanted = vec![(TitleId(1), Movie), (TitleId(4), Movie), (TitleId(2), Series)];
    let movies = cases(all.iter(), unwanted.clone(), &[Movie]);
    let (one, two) = ((TitleId(1), Movie, None), (TitleId(2), Series, None));
    let (four, nine) = ((TitleId(4), Movie, Some(2)), (TitleId(9), Movie, Some(2)));
    assert_eq!(movies, [one, four, nine]);
    let both = cases(all.iter(), unwanted, &Kind::ALL);
    assert_eq!(both, [one, four, nine, two, (TitleId(5), Series, Some(2))]);
}

/// A plan of the series: two files are wanted, and three are not.
fn plan() -> TitlePlan {
    let planned = |slot: &str| planned(role_of(Series, slot), slot, Change::Keep);
    let obsolete = |slot: &str, cause, is_new| Obsolete {
        slot: slot.to_owned(),
        path: slot.to_owned(),
        role: role_of(Series, slot),
        written: Written::of(slot.as_bytes()),
        account: Some(1),
        is_new,
        unwanted: unwanted(cause, 0),
    };
    TitlePlan {
        known: Some(TitleId(7)),
        files: vec![planned("s01e01.strm"), planned("s01e01.nfo")],
        obsolete: vec![
            obsolete("s01e02.strm", Cause::Catalogue, true),
            obsolete("s01e02.nfo", Cause::Catalogue, true),
            obsolete("s01e03.strm", Cause::Catalogue, false),
            obsolete("s01e04.strm", Cause::Filter, true),
        ],
        most_episodes: 9,
        ..drafts::plan(Series, "Show")
    }
}

#[test]
fn a_planned_title_is_a_candidate_with_what_it_should_not_have() {
    let mut plan = plan();
    plan.episodes.taken = 1;
    let it = Candidate::planned(&plan).unwrap();
    assert_eq!(slots(&it), ["s01e02.strm", "s01e02.nfo", "s01e03.strm", "s01e04.strm"]);
    assert_eq!((it.of, it.played), (6, (1, 8)));
    assert_eq!((it.absent, it.hold, it.is_shared), (None, None, true));
    assert_eq!(it.folder.as_deref(), Some("TV/Show"));
    let unfetched = HashSet::from(["s01e02.strm".to_owned()]);
    assert_eq!(it.unfetched, unfetched, "lost now; the other may have been fetched since");
    let few = TitlePlan { most_episodes: 0, ..plan.clone() };
    assert_eq!(Candidate::planned(&few).unwrap().played, (1, 3));
    let moving = TitlePlan { moves_from: Some("Old".to_owned()), ..plan.clone() };
    assert_eq!(Candidate::planned(&moving).unwrap().folder.as_deref(), Some("TV/Old"));
    let ours = TitlePlan { is_shared: Some(false), ..plan.clone() };
    assert!(!Candidate::planned(&ours).unwrap().is_shared);
    let new = TitlePlan { known: None, ..plan.clone() };
    assert_eq!(Candidate::planned(&new), None);
    let wanted = TitlePlan { obsolete: Vec::new(), ..plan };
    assert_eq!(Candidate::planned(&wanted), None);
}
