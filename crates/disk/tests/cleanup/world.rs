//! A disk with a ledger beside it.

use std::ops::Deref;
use std::sync::LazyLock;

use tempfile::TempDir;
use vod2strm_core::cancel::Cancel;
use vod2strm_disk::ledger::Ledger;
use vod2strm_testkit::disks::Disk;

/// Nobody asks the run to end.
pub static GO_ON: LazyLock<Cancel> = LazyLock::new(Cancel::default);

/// A library and its ledger.
pub struct World {
    disk: Disk,
    dir: TempDir,
}

/// How a world is made.
pub type MakeWorld = fn() -> World;

impl Deref for World {
    type Target = Disk;

    fn deref(&self) -> &Disk {
        &self.disk
    }
}

impl World {
    /// One in memory.
    pub fn memory() -> World {
        World { disk: Disk::memory(), dir: fast_dir() }
    }

    /// A real one.
    pub fn local() -> World {
        World { disk: Disk::local(), dir: fast_dir() }
    }

    /// Both ways to make one.
    pub const BOTH: [MakeWorld; 2] = [World::memory, World::local];

    /// The ledger, opened anew.
    pub fn ledger(&self) -> Ledger {
        Ledger::open(&self.dir.path().join("ledger.sqlite")).unwrap()
    }

    /// What is in the staging folders.
    pub fn staged(&self) -> Vec<String> {
        let is_staged = |path: &String| {
            let below = path.strip_prefix(".vod2strm/staging/");
            below.is_some_and(|below| below.trim_end_matches('/').contains('/'))
        };
        self.entries().into_keys().filter(is_staged).collect()
    }
}

/// A ledger flushes with every entry: in memory that costs nothing.
fn fast_dir() -> TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

/// Plays for every n that a fault may have, until it does not strike any more: `play` says whether it
/// did. Fails when that is too early.
pub fn for_every_n(at_least: u64, play: impl Fn(u64) -> bool) {
    let last = (1..).find(|nth| !play(*nth)).unwrap();
    assert!(last > at_least, "only {last} calls");
}
