//! Whatever fails, and whenever: no half-written title is ever visible, and the next run brings the
//! library to the same state as an undisturbed one.

use std::io::ErrorKind;

use vod2strm_core::identity::known::TitleId;
use vod2strm_core::plan::settle::{FileResult, TitleResult};
use vod2strm_core::plan::{Change, FileChange, TitlePlan};
use vod2strm_disk::fs::tree::TreeError;
use vod2strm_testkit::disks::{Disk, Entries};
use vod2strm_testkit::faulty_fs::{
    EACCES, EIO, ENOSPC, EROFS, Effect, InjectedError, InjectedFault, Span,
};

use crate::batch::{run, said};
use crate::drafts::{Draft, alien, blade, lost, movie, series, whole};

/// A batch, and what was on disk before.
struct Scene {
    planted: Vec<(&'static str, &'static str)>,
    plans: Vec<TitlePlan>,
}

impl Scene {
    /// A first run: nothing is there yet.
    fn first_run() -> Scene {
        Scene { planted: Vec::new(), plans: vec![alien(), lost(), cube()] }
    }

    /// New titles among changed ones, one of which has lost its folder.
    fn later_run() -> Scene {
        let dark = series("Dark")
            .known()
            .keep("tvshow.nfo", "<dark/>")
            .replace("Season 01/S01E01.strm", "old 1", "new 1")
            .create("Season 02/S02E01.nfo", "<e/>")
            .create("Season 02/S02E01.strm", "url 2");
        let drive = movie("Drive").known().replace("Drive.nfo", "old", "new").replace(
            "Drive.strm",
            "old",
            "new",
        );
        Scene {
            planted: vec![
                ("Movies/Blade/Blade.nfo", "old nfo"),
                ("Movies/Blade/Blade.strm", "old url"),
                ("Movies/Blade/poster.jpg", "mine"),
                ("TV/Dark/tvshow.nfo", "<dark/>"),
                ("TV/Dark/Season 01/S01E01.strm", "old 1"),
                ("Movies/Somebody's/film.mkv", "mine"),
            ],
            plans: vec![alien(), blade(), lost(), dark, cube(), drive],
        }
    }

    fn plant(&self, disk: &Disk) -> Entries {
        self.planted.iter().for_each(|(path, content)| disk.plant(path, content));
        disk.library()
    }

    /// The library that an undisturbed run leaves.
    fn goal(&self, before: &Entries) -> Entries {
        let mut goal = before.clone();
        for plan in &self.plans {
            goal.extend(whole(plan));
            goal.insert(format!("{}/", plan.root()), String::new());
        }
        goal
    }

    /// No new title is there in part, nothing is lost, no content is neither the old nor the new.
    fn assert_nothing_is_half(&self, before: &Entries, now: &Entries) {
        let goal = self.goal(before);
        for (path, content) in now {
            let known = [before.get(path), goal.get(path)];
            assert!(known.contains(&Some(content)), "{path}: {content:?}");
        }
        assert!(before.keys().all(|path| now.contains_key(path)), "lost: {now:#?}");
        for plan in self.plans.iter().filter(|plan| plan.known.is_none()) {
            let whole = whole(plan);
            let there = whole.keys().filter(|path| now.contains_key(*path)).count();
            assert!(there == 0 || there == whole.len(), "half a title: {now:#?}");
        }
    }

    /// A healthy run over what a failed one left reaches the goal and cleans up.
    fn assert_recovers(&self, disk: &Disk, plans: &[TitlePlan], goal: &Entries) {
        let applied = run(&disk.tree(None), 2, plans).unwrap();
        assert!(applied.iter().all(TitleResult::is_right), "{applied:?}");
        assert_eq!(disk.library(), *goal);
        let mut staged = disk.entries();
        staged.retain(|path, _| path.starts_with(".vod2strm/staging/"));
        let stagings = [".vod2strm/staging/", ".vod2strm/staging/w0/", ".vod2strm/staging/w1/"];
        assert!(staged.keys().all(|path| stagings.contains(&path.as_str())), "{staged:?}");
    }
}

fn cube() -> TitlePlan {
    movie("Cube").create("Cube.nfo", "<cube/>").create("Cube.strm", "http://cube")
}

/// The plans of the next run, when the ledger recorded what is right.
fn replanned(plans: &[TitlePlan], applied: &[TitleResult<TreeError>]) -> Vec<TitlePlan> {
    let mut plans = plans.to_vec();
    for (plan, applied) in plans.iter_mut().zip(applied) {
        for (change, outcome) in plan.changes.iter_mut().zip(&applied.files) {
            if let (FileChange::Want(file), FileResult::Right(_)) = (change, outcome) {
                file.change = Change::Keep;
                plan.known = Some(TitleId(1));
            }
        }
    }
    plans
}

/// Plays a scene for every n that the fault may have, until it does not strike any more.
fn play(scene: &Scene, workers: usize, disk: fn() -> Disk, fault: impl Fn(u64) -> InjectedFault) {
    for nth in 1.. {
        let (disk, fault) = (disk(), fault(nth));
        let before = scene.plant(&disk);
        let result = run(&disk.tree(Some(&fault)), workers, &scene.plans);
        let now = disk.library();
        if !fault.has_struck() {
            assert!(nth > 30, "only {nth} steps");
            assert_eq!(now, scene.goal(&before));
            return;
        }
        scene.assert_nothing_is_half(&before, &now);
        let plans = match &result {
            Err(error) => {
                let is_own = error.path.iter().any(|name| name == ".vod2strm");
                assert!(is_own, "{error}");
                assert_eq!(now, before);
                scene.plans.clone()
            }
            Ok(applied) => {
                assert_told(scene, applied, &now);
                replanned(&scene.plans, applied)
            }
        };
        let goal = scene.goal(&before);
        // The ledger may have heard of what was done, or not.
        match nth % 2 {
            0 => scene.assert_recovers(&disk, &plans, &goal),
            _ => scene.assert_recovers(&disk, &scene.plans, &goal),
        }
    }
}

/// The outcomes name the failure, and claim nothing that is not so.
fn assert_told(scene: &Scene, applied: &[TitleResult<TreeError>], now: &Entries) {
    assert_eq!(applied.len(), scene.plans.len());
    let failures = applied.iter().flat_map(|applied| &applied.files);
    let failures = failures.filter(|file| matches!(file, FileResult::Failed(_)));
    // A folder that could not be renamed has come to be file by file.
    let is_right = |file: &FileResult<TreeError>| matches!(file, FileResult::Right(_));
    let is_made_good = applied.iter().flat_map(|applied| &applied.files).all(is_right);
    assert!(failures.count() > 0 || is_made_good, "nobody says that it failed: {applied:?}");
    for (plan, applied) in scene.plans.iter().zip(applied) {
        assert_eq!(applied.files.len(), plan.files().count());
        let mut right = plan.clone();
        let mut outcomes = applied.files.iter();
        right.changes.retain(|_| matches!(outcomes.next(), Some(FileResult::Right(_))));
        let is_there = |(path, content): (String, String)| now.get(&path) == Some(&content);
        assert!(right.changes.is_empty() || whole(&right).into_iter().all(is_there), "{applied:?}");
    }
}

#[test]
fn a_full_storage_leaves_nothing_half() {
    for scene in [Scene::first_run(), Scene::later_run()] {
        for effect in [Effect::Nothing, Effect::Half, Effect::Whole] {
            for span in [Span::Once, Span::Full, Span::Crash] {
                let fault = |nth| InjectedFault::at_change(nth, ENOSPC).then(span).doing(effect);
                play(&scene, 1, Disk::memory, fault);
                play(&scene, 3, Disk::memory, fault);
            }
        }
    }
}

#[test]
fn a_crash_leaves_nothing_half() {
    for scene in [Scene::first_run(), Scene::later_run()] {
        for effect in [Effect::Nothing, Effect::Half, Effect::Whole] {
            let fault = |nth| InjectedFault::at_change(nth, EIO).then(Span::Crash).doing(effect);
            play(&scene, 1, Disk::memory, fault);
            play(&scene, 3, Disk::split, fault);
            play(&scene, 3, Disk::memory, fault);
        }
    }
}

#[test]
fn a_passing_fault_leaves_nothing_half() {
    let interrupted = InjectedError::Kind(ErrorKind::Interrupted);
    for scene in [Scene::first_run(), Scene::later_run()] {
        for failure in [EIO, EACCES, interrupted] {
            for effect in [Effect::Nothing, Effect::Half, Effect::Whole] {
                play(&scene, 1, Disk::memory, |nth| {
                    InjectedFault::at_change(nth, failure).doing(effect)
                });
            }
        }
    }
}

#[test]
fn a_real_disk_that_fails_is_left_with_nothing_half() {
    for scene in [Scene::first_run(), Scene::later_run()] {
        for span in [Span::Full, Span::Crash] {
            let fault = |nth| InjectedFault::at_change(nth, ENOSPC).then(span).doing(Effect::Half);
            play(&scene, 2, Disk::local, fault);
        }
    }
}

#[test]
fn after_a_storage_error_no_title_is_begun() {
    let scene = Scene::later_run();
    for failure in [ENOSPC, EROFS, InjectedError::Kind(ErrorKind::QuotaExceeded)] {
        for nth in 1.. {
            let (disk, fault) = (Disk::memory(), InjectedFault::at_change(nth, failure));
            scene.plant(&disk);
            let result = run(&disk.tree(Some(&fault)), 1, &scene.plans);
            if !fault.has_struck() {
                break;
            }
            let Ok(applied) = result else {
                assert!(result.unwrap_err().is_storage());
                continue;
            };
            let is_cut =
                |applied: &TitleResult<TreeError>| said(applied).contains(&"Failed".to_owned());
            let failed = applied.iter().position(is_cut).unwrap();
            assert!(applied[..failed].iter().all(TitleResult::is_right));
            let (_, after) = applied.split_at(failed + 1);
            assert!(after.iter().all(|applied| said(applied).iter().all(|it| it == "NotTried")));
            let words = said(&applied[failed]);
            let at = words.iter().position(|word| word == "Failed").unwrap();
            assert!(words[at + 1..].iter().all(|word| word == "NotTried"), "{words:?}");
            let error = applied.into_iter().find_map(TitleResult::storage_error).unwrap();
            assert!(error.path.starts_with("/library"), "{error}");
        }
    }
}

#[test]
fn a_title_that_cannot_be_written_fails_alone() {
    for failure in [EIO, EACCES] {
        for part in ["Lost", "S01E01.strm", "S02E01", "tvshow.nfo"] {
            for disk in Disk::both() {
                let tree = disk.tree(Some(&InjectedFault::on_change_of(part, failure)));
                let applied = run(&tree, 1, &[alien(), lost(), blade()]).unwrap();
                assert!(said(&applied[1]).contains(&"Failed".to_owned()), "{part}");
                let mut expected = whole(&alien());
                expected.extend(whole(&blade()));
                expected.insert("Movies/".into(), String::new());
                let mut library = disk.library();
                library.remove("TV/");
                assert_eq!(library, expected);
                assert!(applied[0].is_right() && applied[2].is_right());
            }
        }
    }
}

#[test]
fn a_known_titles_file_that_cannot_be_written_fails_alone() {
    let faults = |part: &'static str| {
        [InjectedFault::on_change_of(part, EACCES), InjectedFault::on_question_of(part, EIO)]
    };
    for fault in faults("Blade.nfo") {
        for disk in Disk::both() {
            let scene = Scene::later_run();
            let before = scene.plant(&disk);
            let applied = run(&disk.tree(Some(&fault)), 2, &scene.plans).unwrap();
            assert_eq!(said(&applied[1]), ["Failed", "Right(Updated)"]);
            let mut expected = scene.goal(&before);
            expected.insert("Movies/Blade/Blade.nfo".into(), "old nfo".into());
            assert_eq!(disk.library(), expected);
        }
    }
}

#[test]
fn what_a_crash_left_in_staging_is_cleared_and_links_there_are_not_followed() {
    for disk in Disk::both() {
        disk.plant(".vod2strm/staging/w0/1/Season 01/S01E01.strm", "half");
        disk.plant(".vod2strm/staging/w7/9@", "");
        disk.plant(".vod2strm/staging/w7/10/Movies@", "");
        disk.plant(".vod2strm/library", "an id");
        Scene::first_run().assert_recovers(
            &disk,
            &Scene::first_run().plans,
            &Scene::first_run().goal(&Entries::new()),
        );
        assert_eq!(disk.entries()[".vod2strm/library"], "an id");
    }
}
