//! The user's folders, empty ones too, through runs that are cut off at any step.

use vod2strm_core::model::ownership::Ownership;
use vod2strm_core::names::category_habits::Habits;
use vod2strm_core::path::RelPath;
use vod2strm_core::plan::TitlePlan;
use vod2strm_core::plan::settle::TitleResult;
use vod2strm_disk::apply::ownership::note_users_folders;
use vod2strm_disk::apply::strays::clear_orphan;
use vod2strm_disk::apply::{ApplyContext, apply_batch};
use vod2strm_disk::fs::staging::{WorkerStaging, prepare_staging};
use vod2strm_disk::fs::tree::TreeError;
use vod2strm_disk::ledger::Ledger;
use vod2strm_testkit::disks::{Disk, pool};
use vod2strm_testkit::faulty_fs::{EIO, InjectedFault, Span};

use crate::batch::context;
use crate::drafts::{alien, lost};

const THEIRS: [&str; 2] = ["Movies/Alien/", "TV/Lost/Season 01/"];

/// What the writer does with a batch, but for the record in the ledger: what was applied, if it came so far.
fn write(
    disk: &Disk,
    ledger: &mut Ledger,
    fault: Option<&InjectedFault>,
) -> Option<Vec<TitleResult<TreeError>>> {
    let tree = disk.tree(fault);
    prepare_staging(&tree).ok()?;
    let (leftovers, pool) = (ledger.leftovers().unwrap(), pool(&tree, 1));
    let mut plans: Vec<TitlePlan> = vec![alien(), lost(), new_blade()];
    note_users_folders(&pool, &leftovers, &mut plans).ok()?;
    ledger.announce(&plans, &Habits::new()).unwrap();
    let stagings = &mut pool.tools(WorkerStaging::of);
    let context = ApplyContext { leftovers: &leftovers, ..context(&pool, stagings) };
    Some(apply_batch(context, &plans, &|_, _| {}))
}

/// A title of ours alone.
fn new_blade() -> TitlePlan {
    TitlePlan { folder: Some("Blade II".to_owned()), ..alien() }
}

/// A disk on which the user has made folders, and a run that was cut off at this call.
fn cut_off(nth: u64) -> [(Disk, tempfile::TempDir, Ledger, bool); 2] {
    Disk::both().map(|disk| {
        THEIRS.iter().for_each(|folder| disk.plant(folder, ""));
        let dir = tempfile::tempdir().unwrap();
        let mut ledger = Ledger::open(&dir.path().join("ledger.sqlite")).unwrap();
        let fault = InjectedFault::at_call(nth, EIO).then(Span::Crash);
        drop(write(&disk, &mut ledger, Some(&fault)));
        (disk, dir, ledger, fault.has_struck())
    })
}

/// The calls at which a run can be cut off, until it needs no more of them.
fn at_every_call(mut check: impl FnMut(u64, Disk, Ledger)) {
    for nth in 1.. {
        let mut was_cut_off = false;
        for (disk, _dir, ledger, has_struck) in cut_off(nth) {
            was_cut_off |= has_struck;
            check(nth, disk, ledger);
        }
        if !was_cut_off {
            assert!(nth > 20, "{nth} calls");
            return;
        }
    }
}

#[test]
fn an_empty_folder_of_the_users_is_known_as_such_wherever_a_run_is_cut_off() {
    at_every_call(|nth, disk, mut ledger| {
        // A second run that is cut off, too.
        let again = InjectedFault::at_call(nth / 2 + 1, EIO).then(Span::Crash);
        drop(write(&disk, &mut ledger, Some(&again)));
        let applied = write(&disk, &mut ledger, None).unwrap();
        let shared: Vec<_> = applied.iter().map(|applied| applied.ownership).collect();
        assert_eq!(shared, [Ownership::Users, Ownership::Users, Ownership::Ours], "call {nth}");
    });
}

#[test]
fn an_empty_folder_of_the_users_stays_when_what_was_cut_off_is_cleared_away() {
    at_every_call(|nth, disk, ledger| {
        let (tree, leftovers) = (disk.tree(None), ledger.leftovers().unwrap());
        for folder in leftovers.folders() {
            let path = RelPath::parse(folder).unwrap();
            clear_orphan(&tree, &leftovers, &path, &mut Vec::new()).unwrap();
        }
        let library = disk.library();
        assert!(THEIRS.iter().all(|folder| library.contains_key(*folder)), "{nth}: {library:?}");
        assert!(!library.keys().any(|path| path.ends_with(".strm")), "{nth}: {library:?}");
    });
}
