//! What belongs to a `.strm` goes where it goes, and to no other one.

use std::collections::BTreeSet;

use vod2strm_core::model::media::Kind::{Movie, Series};
use vod2strm_core::plan::settle::TitleResult;
use vod2strm_disk::apply::leftovers::Leftovers;
use vod2strm_disk::apply::would_change;
use vod2strm_disk::fs::tree::TreeError;

use crate::names::{End, Naming, Scene, said};
use crate::world::World;

/// Runs; what a preview says before is the same.
pub fn run(scene: &Scene) -> Vec<TitleResult<TreeError>> {
    let (tree, none, plans) = (scene.world.tree(None), Leftovers::default(), scene.plans());
    let foreseen = scene.preview();
    let is_change = plans.iter().any(|plan| would_change(&tree, &none, plan));
    let before = scene.world.library();
    let End::Told(applied) = scene.run(None, false) else { panic!("nothing fails") };
    for (foreseen, applied) in foreseen.iter().zip(&applied) {
        assert_eq!(said(foreseen), said(applied));
        let moved =
            |applied: &TitleResult<TreeError>| BTreeSet::from_iter(applied.companions.clone());
        assert_eq!(moved(foreseen), moved(applied));
    }
    assert_eq!(scene.world.library() != before, is_change);
    applied
}

/// `S01E01` and `S01E01-E02` are two files, and both get other names.
#[test]
fn a_longer_name_keeps_what_is_its_own() {
    let show = Naming::new(Series, "Show")
        .from("s01e01.strm", ("Show - S01E01.strm", "1"), ("Show - S01E01 - Pilot.strm", "1"))
        .from(
            "s01e02.strm",
            ("Show - S01E01-E02.strm", "2"),
            ("Show - S01E01-E02 - Both.strm", "2"),
        );
    let foreign = [("TV/Show/Show - S01E01.srt", "one"), ("TV/Show/Show - S01E01-E02.srt", "both")];
    for make in World::BOTH {
        let scene = Scene::new(make(), std::slice::from_ref(&show), &foreign);
        run(&scene);
        assert_eq!(scene.places("one"), ["TV/Show/Show - S01E01 - Pilot.srt"]);
        assert_eq!(scene.places("both"), ["TV/Show/Show - S01E01-E02 - Both.srt"]);
    }
}

/// Subtitles and pictures go along and are told; a film, a text, an NFO keep their names.
#[test]
fn only_subtitles_and_pictures_go_along_and_all_are_told() {
    let film = Naming::new(Movie, "Film").from("strm", ("Film.strm", "1"), ("Movie.strm", "1"));
    let own = ["Film.mkv", "Film.trailer.mp4", "Film-trailer.nfo", "Film.txt", "Film 2.srt"];
    let companions = ["Film.srt", "Film.en.ASS", "Film-poster.jpg"];
    let foreign: Vec<(String, &str)> =
        own.iter().chain(&companions).map(|name| (format!("Movies/Film/{name}"), *name)).collect();
    let foreign: Vec<(&str, &str)> =
        foreign.iter().map(|(path, it)| (path.as_str(), *it)).collect();
    for make in World::BOTH {
        let scene = Scene::new(make(), std::slice::from_ref(&film), &foreign);
        let mut told = run(&scene)[0].companions.clone();
        told.sort();
        let moved = |name: &&str| ((*name).to_owned(), name.replace("Film", "Movie"));
        let mut moves: Vec<(String, String)> = companions.iter().map(moved).collect();
        moves.sort();
        assert_eq!(told, moves);
        for name in own {
            assert_eq!(scene.places(name), [format!("Movies/Film/{name}")]);
        }
        for name in companions {
            assert_eq!(
                scene.places(name),
                [format!("Movies/Film/{}", name.replace("Film", "Movie"))]
            );
        }
    }
}

/// A `.strm` that the plan does not have, of ours or of somebody, keeps its companions too.
#[test]
fn a_strm_that_nobody_plans_keeps_what_is_its_own() {
    let film = Naming::new(Movie, "Film").from("strm", ("Film.strm", "1"), ("Movie.strm", "1"));
    let foreign = [("Movies/Film/Film-cut.strm", "cut"), ("Movies/Film/Film-cut.srt", "its words")];
    let scene = Scene::new(World::memory(), &[film], &foreign);
    run(&scene);
    assert_eq!(scene.places("its words"), ["Movies/Film/Film-cut.srt"]);
    assert_eq!(scene.places("cut"), ["Movies/Film/Film-cut.strm"]);
}

/// Somebody has taken the new name: the `.strm` keeps its old one, and its companions with it.
#[test]
fn companions_stay_with_a_strm_that_stays() {
    let film = Naming::new(Movie, "Film").from("strm", ("Film.strm", "1"), ("Movie.strm", "2"));
    let foreign = [("Movies/Film/Film.srt", "words"), ("Movies/Film/Movie.strm", "mine")];
    for make in World::BOTH {
        let scene = Scene::new(make(), std::slice::from_ref(&film), &foreign);
        for _ in 0..2 {
            assert_eq!(said(&run(&scene)[0]), ["Failed"]);
            assert_eq!(scene.places("words"), ["Movies/Film/Film.srt"]);
            assert_eq!(scene.places("mine"), ["Movies/Film/Movie.strm"]);
            assert_eq!(scene.places("1"), ["Movies/Film/Film.strm"]);
        }
    }
}

/// Somebody put a folder where the `.strm` was, and a file where it is to be: both stay.
#[test]
fn a_file_at_the_new_name_of_one_that_is_no_file_any_more_is_not_overwritten() {
    let film = Naming::new(Movie, "Film").from("strm", ("Film.strm", "1"), ("Movie.strm", "2"));
    let scene = Scene::new(World::memory(), &[film], &[("Movies/Film/Movie.strm", "mine")]);
    scene.world.plant("Movies/Film/Film.strm/", "");
    let applied = run(&scene);
    assert_eq!(said(&applied[0]), ["Left(ForeignFile)"]);
    assert_eq!(scene.places("mine"), ["Movies/Film/Movie.strm"]);
}

/// Folders on the way to a new name are real ones: nothing is moved through a link.
#[test]
fn nothing_is_moved_through_a_link() {
    let show = Naming::new(Series, "Show").from(
        "s00e01.strm",
        ("Season 00 (Specials)/1.strm", "1"),
        ("Season 00/1.strm", "1"),
    );
    let scene = Scene::new(World::local(), &[show], &[]);
    scene.world.plant("TV/Show/Season 00@", "");
    assert_eq!(said(&run(&scene)[0]), ["Failed"]);
    assert_eq!(scene.places("1"), ["TV/Show/Season 00 (Specials)/1.strm"]);
    assert!(vod2strm_testkit::disks::folder(&scene.world.elsewhere("")).is_empty());
}

/// What somebody keeps in a season's old folder keeps the folder.
#[test]
fn a_folder_that_is_not_empty_stays() {
    let show = Naming::new(Series, "Show").from(
        "s00e01.strm",
        ("Season 00 (Specials)/1.strm", "1"),
        ("Season 00/1.strm", "1"),
    );
    let foreign = [("TV/Show/Season 00 (Specials)/mine.mkv", "mine")];
    let scene = Scene::new(World::memory(), &[show], &foreign);
    assert!(run(&scene)[0].is_right());
    assert_eq!(scene.places("mine"), ["TV/Show/Season 00 (Specials)/mine.mkv"]);
    assert_eq!(scene.places("1"), ["TV/Show/Season 00/1.strm"]);
}
