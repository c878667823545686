//! Files get other names inside a title's folder, whatever fails and whenever. Nothing of anybody's is lost, and the
//! next run ends where an undisturbed one does.

use vod2strm_core::model::media::Kind::{Movie, Series};
use vod2strm_testkit::faulty_fs::{
    EACCES, EIO, ENOSPC, Effect, InjectedError, InjectedFault, Span,
};

use crate::companions::run;
use crate::names::{End, Naming, Scene, said};
use crate::world::{MakeWorld, World, for_every_n};

/// A movie with two versions, an edited NFO, and files that belong to its versions or not.
fn movie() -> Naming {
    Naming::new(Movie, "Old")
        .from("nfo", ("Old.nfo", "<old/>"), ("New.nfo", "<new/>"))
        .from("strm", ("Old.strm", "http://old"), ("New.strm", "http://new"))
        .from("strm@2:1", ("Old-4K.strm", "http://4k"), ("New [4K].strm", "http://4k"))
}

/// A series whose specials move: of their files some change, one is new, one stays as it is.
fn specials() -> Naming {
    const OLD: [&str; 4] = [
        "Season 00 (Specials)/S00E01.nfo",
        "Season 00 (Specials)/S00E01.strm",
        "Season 00 (Specials)/S00E02.nfo",
        "Season 00 (Specials)/S00E02.strm",
    ];
    Naming::new(Series, "Lost")
        .from("tvshow.nfo", ("tvshow.nfo", "<lost/>"), ("tvshow.nfo", "<lost>2</lost>"))
        .from("s00e01.nfo", (OLD[0], "<e1/>"), ("Season 00/S00E01.nfo", "<e1>2</e1>"))
        .from("s00e01.strm", (OLD[1], "http://e1"), ("Season 00/S00E01.strm", "http://e1"))
        .from("s00e02.nfo", (OLD[2], "<e2/>"), ("Season 00/S00E02.nfo", "<e2/>"))
        .from("s00e02.strm", (OLD[3], "http://e2"), ("Season 00/S00E02.strm", "http://e2/2"))
        .create("s00e03.nfo", ("Season 00/S00E03.nfo", "<e3/>"))
        .create("s00e03.strm", ("Season 00/S00E03.strm", "http://e3"))
        .from("s01e01.strm", ("Season 01/S01E01.strm", "u"), ("Season 01/S01E01.strm", "u"))
}

/// A movie whose new names somebody has taken, that of a companion too.
fn taken() -> Naming {
    Naming::new(Movie, "Ran")
        .from("nfo", ("Ran.nfo", "<ran/>"), ("Ran 2.nfo", "<ran>2</ran>"))
        .from("strm", ("Ran.strm", "http://ran"), ("Ran 2.strm", "http://ran/2"))
}

fn namings() -> [Naming; 3] {
    [movie(), specials(), taken()]
}

/// What others have there; the NFO is an edit of ours.
const FOREIGN: [(&str, &str); 15] = [
    ("Movies/Old/Old.nfo", "<edited/>"),
    ("Movies/Old/Old.en.srt", "words"),
    ("Movies/Old/Old-poster.jpg", "a poster"),
    ("Movies/Old/Old-4K.en.srt", "more words"),
    ("Movies/Old/Older.srt", "no companion"),
    ("Movies/Old/Old.mkv", "a film"),
    ("TV/Lost/Season 01/S01E01.mkv", "an episode"),
    ("Movies/Old/New.en.forced.srt", "was here first"),
    ("Movies/Old/Old.en.forced.srt", "keeps its name"),
    ("TV/Lost/Season 00 (Specials)/S00E01.en.srt", "special words"),
    ("TV/Lost/Season 00 (Specials)/S00E01-thumb.jpg", "a thumb"),
    ("TV/Lost/Season 01/S01E01.en.srt", "first words"),
    ("Movies/Ran/Ran 2.strm", "somebody's"),
    ("Movies/Ran/Ran 2.nfo", "<somebody's/>"),
    ("Movies/Ran/Ran.en.srt", "stays with its strm"),
];

fn scene(make: MakeWorld) -> Scene {
    Scene::new(make(), &namings(), &FOREIGN)
}

fn undisturbed(make: MakeWorld) -> Scene {
    let scene = scene(make);
    assert!(matches!(scene.run(None, false), End::Told(_)));
    scene
}

#[test]
fn files_get_their_new_names_and_take_along_what_is_theirs() {
    for make in World::BOTH {
        let scene = scene(make);
        let applied = run(&scene);
        assert_eq!(said(&applied[0]), ["Left(UserEdited)", "Right(Updated)", "Right(CachedSkip)"]);
        assert!(applied[1].is_right(), "{:?}", said(&applied[1]));
        assert_eq!(said(&applied[2]), ["Failed", "Failed"]);
        let now = scene.world.library();
        let files: Vec<(&str, &str)> = now
            .iter()
            .filter(|(path, _)| !path.ends_with('/'))
            .map(|(path, content)| (path.as_str(), content.as_str()))
            .collect();
        assert_eq!(files, RENAMED);
        assert!(!now.contains_key("TV/Lost/Season 00 (Specials)/"), "it is empty");
        scene.assert_unharmed();
    }
}

/// What an undisturbed run leaves.
const RENAMED: [(&str, &str); 27] = [
    ("Movies/Old/New [4K].en.srt", "more words"),
    ("Movies/Old/New [4K].strm", "http://4k"),
    ("Movies/Old/New-poster.jpg", "a poster"),
    ("Movies/Old/New.en.forced.srt", "was here first"),
    ("Movies/Old/New.en.srt", "words"),
    ("Movies/Old/New.nfo", "<edited/>"),
    ("Movies/Old/New.strm", "http://new"),
    ("Movies/Old/Old.en.forced.srt", "keeps its name"),
    ("Movies/Old/Old.mkv", "a film"),
    ("Movies/Old/Older.srt", "no companion"),
    ("Movies/Ran/Ran 2.nfo", "<somebody's/>"),
    ("Movies/Ran/Ran 2.strm", "somebody's"),
    ("Movies/Ran/Ran.en.srt", "stays with its strm"),
    ("Movies/Ran/Ran.nfo", "<ran/>"),
    ("Movies/Ran/Ran.strm", "http://ran"),
    ("TV/Lost/Season 00/S00E01-thumb.jpg", "a thumb"),
    ("TV/Lost/Season 00/S00E01.en.srt", "special words"),
    ("TV/Lost/Season 00/S00E01.nfo", "<e1>2</e1>"),
    ("TV/Lost/Season 00/S00E01.strm", "http://e1"),
    ("TV/Lost/Season 00/S00E02.nfo", "<e2/>"),
    ("TV/Lost/Season 00/S00E02.strm", "http://e2/2"),
    ("TV/Lost/Season 00/S00E03.nfo", "<e3/>"),
    ("TV/Lost/Season 00/S00E03.strm", "http://e3"),
    ("TV/Lost/Season 01/S01E01.en.srt", "first words"),
    ("TV/Lost/Season 01/S01E01.mkv", "an episode"),
    ("TV/Lost/Season 01/S01E01.strm", "u"),
    ("TV/Lost/tvshow.nfo", "<lost>2</lost>"),
];

/// Cuts a run off at every call, looks, and runs again.
fn crash_everywhere(make: MakeWorld, effect: Effect) {
    let goal = undisturbed(make);
    for_every_n(90, |nth| {
        let scene = scene(make);
        let fault = InjectedFault::at_call(nth, EIO).then(Span::Crash).doing(effect);
        scene.run(Some(&fault), true);
        scene.assert_unharmed();
        scene.assert_recovers(&goal, false);
        fault.has_struck()
    });
}

#[test]
fn a_run_that_is_cut_off_anywhere_is_made_good() {
    for effect in [Effect::Half, Effect::Whole] {
        crash_everywhere(World::memory, effect);
    }
}

#[test]
fn a_run_on_a_real_disk_that_is_cut_off_anywhere_is_made_good() {
    crash_everywhere(World::local, Effect::Whole);
}

#[test]
fn a_run_that_is_cut_off_again_and_again_gets_on() {
    let goal = undisturbed(World::memory);
    for start in 1..4 {
        let scene = scene(World::memory);
        for_every_n(10, |nth| {
            let fault = InjectedFault::at_call(start + 3 * nth, EIO).then(Span::Crash);
            scene.run(Some(&fault), true);
            scene.assert_unharmed();
            fault.has_struck()
        });
        scene.assert_recovers(&goal, false);
    }
}

/// Lets one call of a run fail, every one in turn; the ledger hears of it. Then runs again.
fn fail_everywhere(make: MakeWorld, failure: InjectedError, span: Span, effect: Effect) {
    let goal = undisturbed(make);
    for_every_n(90, |nth| {
        let scene = scene(make);
        let fault = InjectedFault::at_call(nth, failure).then(span).doing(effect);
        let end = scene.run(Some(&fault), false);
        scene.assert_unharmed();
        // What was staged in vain is discarded at once.
        assert_eq!(scene.world.staged(), Vec::<String>::new());
        // Once all files have left a folder, nobody comes back for it.
        let is_untold = matches!(&end, End::Told(applied) if applied[1].renamed.len() == 4);
        scene.assert_recovers(&goal, is_untold);
        fault.has_struck()
    });
}

#[test]
fn a_run_that_fails_anywhere_is_made_good() {
    for failure in [EACCES, ENOSPC] {
        for effect in [Effect::Nothing, Effect::Whole] {
            fail_everywhere(World::memory, failure, Span::Once, effect);
        }
    }
    fail_everywhere(World::memory, ENOSPC, Span::Full, Effect::Half);
}

#[test]
fn a_run_on_a_real_disk_that_fails_anywhere_is_made_good() {
    fail_everywhere(World::local, EACCES, Span::Once, Effect::Nothing);
}
