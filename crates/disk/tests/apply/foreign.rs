//! What is in the way and not ours is neither replaced nor removed, and it is reported.

use vod2strm_core::model::ownership::Ownership;
use vod2strm_core::plan::TitlePlan;
use vod2strm_core::plan::settle::TitleResult;
use vod2strm_disk::apply::leftovers::Leftovers;
use vod2strm_disk::apply::{ApplyContext, apply_batch};
use vod2strm_disk::fs::staging::WorkerStaging;
use vod2strm_disk::fs::tree::TreeError;
use vod2strm_testkit::disks::{Disk, pool};

use crate::batch::{apply_one, context, entries, run, said};
use crate::drafts::{Draft, alien, blade, lost, whole};

const CREATED: &str = "Right(Created)";
const FOREIGN: &str = "Left(ForeignFile)";
const NO_STRM: &str = "Left(NoStrm)";

/// Plants things, applies a plan, and expects these words. What was planted must still be there,
/// and beside it nothing but the files that are said to be right.
fn expect(planted: &[(&str, &str)], plan: &TitlePlan, words: &[&str]) {
    for disk in Disk::both() {
        planted.iter().for_each(|(path, content)| disk.plant(path, content));
        let before = disk.library();
        let applied: Vec<TitleResult<TreeError>> =
            run(&disk.tree(None), 1, std::slice::from_ref(plan)).unwrap();
        assert_eq!(said(&applied[0]), words, "{planted:?}");
        assert!(!applied[0].is_right());
        let mut expected = before.clone();
        let mut plan = plan.clone();
        let mut said = words.iter();
        plan.changes.retain(|_| said.next().unwrap().starts_with("Right"));
        expected.extend(whole(&plan));
        expected.extend(before);
        assert_eq!(disk.library(), expected, "{planted:?}");
    }
}

#[test]
fn a_foreign_file_stays_and_the_rest_of_a_new_title_is_written() {
    expect(&[("Movies/Alien/Alien.nfo", "mine")], &alien(), &[FOREIGN, CREATED]);
    expect(&[("Movies/Alien/Alien.strm", "mine")], &alien(), &[NO_STRM, FOREIGN]);
    let mut words = [CREATED; 7];
    words[1..3].clone_from_slice(&[NO_STRM, FOREIGN]);
    expect(&[("TV/Lost/Season 01/S01E01.strm", "mine")], &lost(), &words);
}

#[test]
fn a_foreign_file_stays_and_the_rest_of_a_known_title_is_written() {
    let mut words = [CREATED; 7];
    words[1..3].clone_from_slice(&[NO_STRM, FOREIGN]);
    expect(&[("TV/Lost/Season 01/S01E01.strm", "mine")], &lost().known(), &words);
    let blade = blade().create("Blade - 4K.strm", "http://4k");
    let planted = [("Movies/Blade/Blade - 4K.strm", "mine"), ("Movies/Blade/Blade.nfo", "old nfo")];
    for disk in Disk::both() {
        planted.iter().for_each(|(path, content)| disk.plant(path, content));
        assert_eq!(apply_one(&disk, blade.clone()), ["Right(Updated)", "Right(Restored)", FOREIGN]);
        let expected = [
            ("Movies/", ""),
            ("Movies/Blade/", ""),
            ("Movies/Blade/Blade.nfo", "new nfo"),
            ("Movies/Blade/Blade.strm", "new url"),
            ("Movies/Blade/Blade - 4K.strm", "mine"),
        ];
        assert_eq!(disk.library(), entries(expected));
    }
}

#[test]
fn a_folder_in_a_files_way_stays() {
    let planted = [("Movies/Alien/Alien.strm/mine.txt", "mine")];
    expect(&planted, &alien(), &[NO_STRM, FOREIGN]);
    expect(&[("Movies/Alien/Alien.nfo/", "")], &alien(), &[FOREIGN, CREATED]);
    let planted = [("Movies/Blade/Blade.nfo/", ""), ("Movies/Blade/Blade.strm/mine", "mine")];
    expect(&planted, &blade(), &[FOREIGN, FOREIGN]);
}

#[test]
fn a_link_in_a_files_way_stays_and_is_not_followed() {
    expect(&[("Movies/Alien/Alien.nfo@", "")], &alien(), &[FOREIGN, CREATED]);
    expect(&[("Movies/Alien/Alien.strm@", "")], &alien().known(), &[NO_STRM, FOREIGN]);
    let planted = [("Movies/Blade/Blade.nfo@", ""), ("Movies/Blade/Blade.strm@", "")];
    expect(&planted, &blade(), &[FOREIGN, FOREIGN]);
}

#[test]
fn a_file_or_link_in_the_way_of_a_folder_stays() {
    for end in ["", "@"] {
        let planted = [(&*format!("Movies/Alien{end}"), "mine")];
        expect(&planted, &alien(), &["Failed", "Failed"]);
        expect(&planted, &alien().known(), &["Failed", "Failed"]);
        expect(&[(&*format!("Movies/Blade{end}"), "mine")], &blade(), &["Failed", "Failed"]);
        let planted = [(&*format!("TV/Lost/Season 01{end}"), "mine")];
        let mut words = [CREATED; 7];
        words[1..5].fill("Failed");
        expect(&planted, &lost(), &words);
        expect(&planted, &lost().known(), &words);
    }
    // A run that finds a link there does not begin.
    expect(&[("Movies", "mine")], &alien(), &["Failed", "NotTried"]);
    expect(&[("Movies", "mine")], &blade(), &["Failed", "Failed"]);
}

#[test]
fn what_is_not_ours_does_not_keep_other_titles_from_being_written() {
    for disk in Disk::both() {
        disk.plant("Movies/Alien", "mine");
        let applied = run(&disk.tree(None), 1, &[alien(), lost(), blade()]).unwrap();
        assert_eq!(said(&applied[0]), ["Failed", "Failed"]);
        assert!(applied[1].is_right() && applied[2].is_right());
    }
}

/// What is said of the folder, of a title that the ledger knows like this.
fn whose(planted: &[(&str, &str)], known: Ownership) -> Ownership {
    let said = Disk::both().map(|disk| {
        planted.iter().for_each(|(path, content)| disk.plant(path, content));
        let plan = TitlePlan { ownership: known, ..alien() };
        let preview = disk.tree(None).preview();
        let foreseen = run(&preview, 1, std::slice::from_ref(&plan)).unwrap()[0].ownership;
        let said = run(&disk.tree(None), 1, &[plan]).unwrap()[0].ownership;
        assert_eq!(foreseen, said, "{planted:?}");
        said
    });
    assert_eq!(said[0], said[1]);
    said[0]
}

#[test]
fn a_folder_that_was_there_before_the_title_is_the_users() {
    for known in [Ownership::Unknown, Ownership::Ours, Ownership::Users] {
        assert_eq!(
            whose(&[("Movies/Other/film.mkv", "mine")], known),
            Ownership::Ours,
            "made anew"
        );
    }
    for planted in ["Movies/Alien/", "Movies/Alien/poster.jpg", "Movies/Alien/Alien.mkv"] {
        assert_eq!(whose(&[(planted, "mine")], Ownership::Unknown), Ownership::Users, "{planted}");
        assert_eq!(whose(&[(planted, "mine")], Ownership::Users), Ownership::Users, "{planted}");
    }
    // It was ours, and everything of ours is gone from it: a film says that it is another one.
    assert_eq!(whose(&[("Movies/Alien/poster.jpg", "mine")], Ownership::Ours), Ownership::Unknown);
    assert_eq!(whose(&[("Movies/Alien/Extras/it.MKV", "mine")], Ownership::Ours), Ownership::Users);
}

/// A run that was cut off made it, and told nobody; or had begun to write into somebody's.
#[test]
fn a_folder_that_a_run_which_was_cut_off_has_made_is_ours() {
    for (more, is_shared) in [(None, false), (Some("Movies/Alien/poster.jpg"), true)] {
        for disk in Disk::both() {
            run(&disk.tree(None), 1, &[alien()]).unwrap();
            more.into_iter().for_each(|path| disk.plant(path, "mine"));
            let mut leftovers = Leftovers::default();
            leftovers.add("Movies/Alien".to_owned(), alien().files().map(|file| file.hash));
            let tree = disk.tree(None);
            let pool = pool(&tree, 1);
            let stagings = &mut pool.tools(WorkerStaging::of);
            let context = ApplyContext { leftovers: &leftovers, ..context(&pool, stagings) };
            let applied = apply_batch(context, &[alien()], &|_, _| {});
            assert_eq!(applied[0].ownership, Ownership::of(is_shared));
        }
    }
}
