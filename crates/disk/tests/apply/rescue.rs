//! Links, and what runs that were cut off leave behind.

use vod2strm_core::hash::ContentHash;
use vod2strm_disk::apply::leftovers::Leftovers;
use vod2strm_disk::apply::{ApplyContext, apply_batch};
use vod2strm_disk::fs::staging::{WorkerStaging, prepare_staging};
use vod2strm_disk::fs::tree::Tree;
use vod2strm_testkit::disks::Disk;
use vod2strm_testkit::disks::pool;
use vod2strm_testkit::faulty_fs::{EACCES, EIO, ENOSPC, Effect, InjectedFault, Span};

use crate::batch::{apply_one, context, run, said};
use crate::drafts::{Draft, alien, blade, lost, movie};

/// A real disk on which a title's folder is a link to `elsewhere`.
fn linked(folder: &str) -> (Disk, std::path::PathBuf) {
    let disk = Disk::local();
    disk.plant(&format!("Movies/{folder}@"), "");
    let elsewhere = disk.elsewhere("");
    (disk, elsewhere)
}

#[test]
fn a_new_title_is_not_written_through_a_linked_folder() {
    let (disk, elsewhere) = linked("Alien");
    let outcomes = apply_one(&disk, alien());
    assert!(outcomes.iter().all(|outcome| outcome.contains("Failed")), "{outcomes:?}");
    assert_eq!(std::fs::read_dir(elsewhere).unwrap().count(), 0);
}

#[test]
#[expect(clippy::disallowed_methods, reason = "what others do to a library")]
fn a_known_title_is_not_written_through_a_linked_folder() {
    let (disk, elsewhere) = linked("Blade");
    std::fs::write(elsewhere.join("Blade.nfo"), "old nfo").unwrap();
    let outcomes = apply_one(&disk, blade());
    assert!(outcomes.iter().all(|outcome| outcome.contains("Failed")), "{outcomes:?}");
    assert_eq!(std::fs::read_to_string(elsewhere.join("Blade.nfo")).unwrap(), "old nfo");
    assert_eq!(std::fs::read_dir(elsewhere).unwrap().count(), 1);
}

#[test]
fn a_passing_fault_costs_one_file_and_not_the_next() {
    for n in 1..25 {
        let disk = Disk::memory();
        disk.plant("Movies/Other/x", "x");
        let fault = InjectedFault::at_change(n, EIO).then(Span::Once);
        // The first changes make the staging folders: no title is begun if they fail.
        let Ok(applied) = run(&disk.tree(Some(&fault)), 1, &[blade()]) else { continue };
        let failed = said(&applied[0]).iter().filter(|outcome| outcome.contains("Failed")).count();
        assert!(failed <= 1, "change {n}: {:?}", said(&applied[0]));
    }
}

/// The run that wrote was cut off before the ledger heard of it; then the catalogue changed.
#[test]
fn what_a_crash_left_is_ours_also_when_the_catalogue_has_changed() {
    let disk = Disk::memory();
    apply_one(&disk, alien());
    disk.plant("Movies/Blade/Blade.nfo", "");
    disk.plant("Movies/Blade/Blade.strm", "mine");
    let mut leftovers = Leftovers::default();
    let contents: Vec<ContentHash> = alien().files().map(|file| file.hash).collect();
    leftovers.add("Movies/Alien".into(), contents.into_iter());
    leftovers.add("Movies/Blade".into(), std::iter::empty());
    // Beside somebody's .strm nothing of ours stays.
    disk.plant("Movies/Cube/Cube.nfo", "<cube/>");
    disk.plant("Movies/Cube/Cube.strm", "mine");
    leftovers.add("Movies/Cube".into(), [ContentHash::of(b"<cube/>")].into_iter());
    let plans = [
        movie("Alien").create("Alien.nfo", "newer").create("Alien.strm", "http://newer"),
        movie("Blade").create("Blade.nfo", "filled").create("Blade 2.strm", "http://blade"),
        movie("Cube").create("Cube.nfo", "newer").create("Cube.strm", "http://cube"),
    ];
    let tree = disk.tree(None);
    prepare_staging(&tree).unwrap();
    let pool = pool(&tree, 1);
    let mut stagings = pool.tools(WorkerStaging::of);
    let healthy = context(&pool, &mut stagings);
    let applied =
        apply_batch(ApplyContext { leftovers: &leftovers, ..healthy }, &plans, &|_, _| {});
    let library = disk.library();
    assert_eq!(library["Movies/Alien/Alien.nfo"], "newer");
    assert_eq!(library["Movies/Alien/Alien.strm"], "http://newer");
    assert_eq!(library["Movies/Blade/Blade.nfo"], "filled", "never filled after a power cut");
    assert_eq!(library["Movies/Blade/Blade.strm"], "mine", "somebody's: it was not announced");
    assert!(
        !library.contains_key("Movies/Cube/Cube.nfo") && library["Movies/Cube/Cube.strm"] == "mine"
    );
    assert!(applied[0].is_right() && applied[1].is_right() && !applied[2].is_right());
    assert_eq!(applied[2].strays, ["Cube.nfo"], "it is told of");
}

/// What goes is told of, also when the next one resists; a preview foresees it.
#[test]
fn what_a_crash_left_and_went_is_told_and_foreseen() {
    let is_right = |resists: bool| {
        let disk = Disk::memory();
        disk.plant("Movies/Blade/Blade 1.nfo", "<older/>");
        disk.plant("Movies/Blade/Blade 2.strm", "http://older");
        disk.plant("Movies/Blade/mine.nfo", "mine");
        let mut leftovers = Leftovers::default();
        let contents = [&b"http://older"[..], b"<older/>"].map(ContentHash::of);
        leftovers.add("Movies/Blade".into(), contents.into_iter());
        let fault = InjectedFault::on_change_of("Blade 2.strm", EACCES);
        let tree = disk.tree(resists.then_some(&fault));
        let plans = [movie("Blade").create("Blade.nfo", "<b/>").create("Blade.strm", "http://b")];
        let apply = |tree: &Tree| {
            prepare_staging(tree).unwrap();
            let pool = pool(tree, 1);
            let mut stagings = pool.tools(WorkerStaging::of);
            let healthy = context(&pool, &mut stagings);
            let context = ApplyContext { leftovers: &leftovers, ..healthy };
            apply_batch(context, &plans, &|_, _| {}).remove(0)
        };
        let foreseen = apply(&disk.tree(None).preview());
        assert_eq!(foreseen.strays, ["Blade 1.nfo", "Blade 2.strm"]);
        let applied = apply(&tree);
        let strays: &[&str] =
            if resists { &["Blade 1.nfo"] } else { &["Blade 1.nfo", "Blade 2.strm"] };
        assert_eq!(applied.strays, strays);
        let library = disk.library();
        assert!(strays.iter().all(|path| !library.contains_key(&format!("Movies/Blade/{path}"))));
        assert_eq!(library["Movies/Blade/mine.nfo"], "mine");
        applied.is_right()
    };
    assert!(is_right(false) && !is_right(true));
}

/// What cannot be removed is no failure of a file that was written.
#[test]
fn what_a_crash_left_and_resists_is_named_itself() {
    let disk = Disk::memory();
    disk.plant("Movies/Blade/Old name.strm", "http://older");
    let mut leftovers = Leftovers::default();
    leftovers.add("Movies/Blade".into(), [ContentHash::of(b"http://older")].into_iter());
    let fault = InjectedFault::on_change_of("Old name.strm", EACCES);
    let tree = disk.tree(Some(&fault));
    prepare_staging(&tree).unwrap();
    let pool = pool(&tree, 1);
    let mut stagings = pool.tools(WorkerStaging::of);
    let plans = [movie("Blade").create("Blade.nfo", "<b/>").create("Blade.strm", "http://b")];
    let healthy = context(&pool, &mut stagings);
    let applied =
        &apply_batch(ApplyContext { leftovers: &leftovers, ..healthy }, &plans, &|_, _| {})[0];
    assert_eq!(said(applied), ["Right(Created)"; 2]);
    let stray = applied.stray.as_ref().unwrap();
    assert!(stray.path.ends_with("Movies/Blade/Old name.strm"), "{stray:?}");
    assert!(!applied.is_right() && !applied.is_settled(), "it is tried again");
}

#[test]
fn a_series_that_had_no_folder_yet_appears_whole_or_not_at_all() {
    let disk = Disk::memory();
    let fault = InjectedFault::on_change_of("S01E02.nfo", ENOSPC);
    run(&disk.tree(Some(&fault)), 1, &[lost().known()]).unwrap();
    assert!(!disk.library().keys().any(|path| path.contains("TV/Lost")), "{:?}", disk.library());
}

#[test]
fn an_odd_name_in_staging_does_not_stop_a_run() {
    let disk = Disk::memory();
    disk.plant(".vod2strm/staging/w0/a\\b", "x");
    let applied = run(&disk.tree(None), 1, &[alien()]).unwrap();
    assert!(applied[0].is_right(), "{:?}", said(&applied[0]));
}

#[test]
fn an_ignore_file_that_was_cut_short_is_made_whole() {
    let disk = Disk::memory();
    let fault = InjectedFault::on_change_of(".embyignore", ENOSPC).doing(Effect::Half);
    assert!(prepare_staging(&disk.tree(Some(&fault))).is_err());
    apply_one(&disk, alien());
    assert_eq!(disk.entries()[".vod2strm/.embyignore"], "*\n");
}

#[test]
fn a_failed_write_names_the_file_and_not_its_staging_place() {
    let disk = Disk::memory();
    disk.plant("Movies/Blade/Blade.nfo", "old nfo");
    let fault = InjectedFault::on_change_of("staging/w0/1", EIO);
    let applied = run(&disk.tree(Some(&fault)), 1, &[blade()]).unwrap();
    let failed = format!("{:?}", applied[0].files[0]);
    assert!(failed.contains("Movies/Blade/Blade.nfo") && !failed.contains("staging"), "{failed}");
}
