//! What the names of categories have in common.

use vod2strm_core::model::media::Kind::{self, Movie, Series};
use vod2strm_core::names::category_habits::{CategoryHabits, Habits};
use vod2strm_disk::ledger::Ledger;

use crate::scene::Scene;

/// What these names have in common: ten or more of each kind.
fn learnt(shapes: &[&str]) -> CategoryHabits {
    let name = |n: u32, shape: &&str| shape.replace('_', &format!("Film {n}"));
    let names = (0..12).flat_map(|n| shapes.iter().map(move |shape| name(n, shape)));
    let habits = CategoryHabits::learn(names.collect::<Vec<_>>().iter().map(String::as_str));
    assert!(!habits.is_empty());
    habits
}

fn of(kind: Kind, category: &str, shapes: &[&str]) -> Habits {
    [((kind, category.into()), learnt(shapes))].into()
}

#[test]
fn habits_last_until_those_of_their_category_are_noted_anew() {
    let mut scene = Scene::with(&[]);
    assert_eq!(scene.ledger.habits().unwrap(), Habits::new());
    // Every way in which a prefix is set apart, and a bracket at the end.
    let shapes = ["|QQ| _", "QQ| _", "[QQ] _ (ATOM)"];
    let mut all = of(Movie, "Film's", &shapes);
    all.extend(of(Series, "Film's", &["QQ - _", "IT: _", "EN:_"]));
    all.extend(of(Movie, "Other", &["FR-_", "DE _", "XYZ - _ (DOT)"]));
    scene.ledger.announce(&[], &all).unwrap();
    let mut scene = scene.reopened();
    assert_eq!(scene.ledger.habits().unwrap(), all);
    let changed = of(Movie, "Film's", &["ABC - _"]);
    scene.ledger.announce(&[], &changed).unwrap();
    all.extend(changed);
    assert_eq!(scene.ledger.habits().unwrap(), all);
    scene
        .ledger
        .announce(&[], &[((Movie, "Film's".into()), CategoryHabits::default())].into())
        .unwrap();
    all.remove(&(Movie, "Film's".into()));
    assert_eq!(scene.ledger.habits().unwrap(), all);
}

/// A habit of a later version is none of ours: it costs itself alone.
#[test]
fn a_habit_that_nobody_knows_is_left_out() {
    let mut scene = Scene::with(&[]);
    let habits = of(Movie, "Films", &["XYZ - _"]);
    scene.ledger.announce(&[], &habits).unwrap();
    scene.sql("INSERT INTO habits VALUES ('movie', 'Films', 'somewhere', 'X')");
    assert_eq!(scene.ledger.habits().unwrap(), habits);
}

#[test]
fn a_copy_keeps_its_habits_to_itself() {
    let mut scene = Scene::with(&[]);
    let habits = of(Movie, "Films", &["XYZ - _"]);
    scene.ledger.announce(&[], &habits).unwrap();
    let mut copy = Ledger::open_read_only(scene.ledger.path()).unwrap();
    copy.keep_changes_apart().unwrap();
    copy.announce(&[], &of(Movie, "Films", &["ABC - _"])).unwrap();
    assert_ne!(copy.habits().unwrap(), habits);
    assert_eq!(scene.ledger.habits().unwrap(), habits);
}
