//! Where files are made before they appear in the library: a folder of the run's own, out of every media server's
//! sight. The folder is in `<output>/.vod2strm`, or in that of a root that is elsewhere: on the same file system.
//!
//! A crash leaves its half-made files there and nowhere else; the next run clears them away. Its name is
//! like no other run's: two runs that no lock keeps apart never write into one folder.

use std::hash::{BuildHasher, Hasher};

use rustix::system::uname;
use vod2strm_core::path::RelPath;

use crate::fs::roots::OWN_DIR;
use crate::fs::tree::{Found, Tree, TreeError};
use crate::fs::{Entry, EntryKind};

/// What the names of staging folders begin with.
pub(crate) const STAGING: &str = "staging";

/// How long another machine's staging folder has to lie still before it counts as left behind, in nanoseconds. It is a
/// day, in which every run writes something.
const OLD: i64 = 24 * 60 * 60 * 1_000_000_000;

/// How many names are tried for something that is to be staged.
const ATTEMPTS: u64 = 100;

/// What keeps Jellyfin, Emby, Kodi and Plex out of our folder.
pub(crate) const IGNORE_FILES: [(&str, &str); 4] =
    [(".ignore", ""), (".embyignore", "*\n"), (".nomedia", ""), (".plexignore", "*\n")];

/// A worker's own part of the staging folder; it is made when something is first made in it.
#[derive(Debug)]
pub struct WorkerStaging {
    name: String,
    made: u64,
    /// The volumes in which it is there.
    volumes: Vec<RelPath>,
}

impl WorkerStaging {
    /// The part of the worker with this number.
    pub fn of(worker: usize) -> WorkerStaging {
        WorkerStaging { name: format!("w{worker}"), made: 0, volumes: Vec::new() }
    }

    /// A path that nothing has had yet in this run, from where a file can be renamed to `target`. Staging
    /// must be prepared.
    pub fn fresh(&mut self, tree: &Tree, target: &RelPath) -> Result<RelPath, TreeError> {
        self.made += 1;
        let volume = tree.roots().volume_of(target);
        let staging = child(&staging(tree, &volume), &self.name);
        if !self.volumes.contains(&volume) {
            tree.ensure_dir(&staging)?;
            self.volumes.push(volume);
        }
        Ok(child(&staging, &self.made.to_string()))
    }

    /// A folder that is new and empty, to be renamed to `target`.
    pub fn fresh_dir(&mut self, tree: &Tree, target: &RelPath) -> Result<RelPath, TreeError> {
        let last = self.made + ATTEMPTS;
        loop {
            let path = self.fresh(tree, target)?;
            match tree.create_dir(&path) {
                // What was staged in vain may have resisted, or is somebody's: never write into it.
                Err(error) if error.is_occupied() && self.made < last => {}
                made => return made.map(|()| path),
            }
        }
    }
}

/// A name for a run, which no other run has: the machine's name, and a random number.
pub fn run_name() -> String {
    let host = uname().nodename().to_string_lossy().into_owned();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let host: String = host.chars().map(|c| if is_plain(c) { c } else { '-' }).take(64).collect();
    let random = std::hash::RandomState::new().build_hasher().finish();
    format!("{host}.{random:016x}")
}

/// Makes our own folder in one of the tree's volumes.
pub fn make_own_dir(tree: &Tree, volume: &RelPath) -> Result<RelPath, TreeError> {
    let own = own_dir(volume);
    match tree.kind(&own) {
        Ok(Some(EntryKind::Dir)) => return Ok(own),
        Err(error) => return Err(without_dots(tree, volume, error)),
        Ok(_) => {}
    }
    tree.ensure_dir(&own).map_err(|error| without_dots(tree, volume, error))?;
    Ok(own)
}

/// Some shares take no names that begin with a dot, and say that something else is wrong.
fn without_dots(tree: &Tree, volume: &RelPath, error: TreeError) -> TreeError {
    let plain = child(volume, &format!("vod2strm-trial.{}", tree.run()));
    if error.is_storage() || error.is_occupied() || tree.create_dir(&plain).is_err() {
        return error;
    }
    // It could be made, which is what the trial is about.
    let _ = tree.remove_dir(&plain);
    let words = "this share takes no names that begin with a dot (Samba: see \"veto files\")";
    TreeError { source: std::io::Error::new(std::io::ErrorKind::InvalidFilename, words), ..error }
}

/// Makes our own folder in one of the tree's volumes, with what keeps media servers out of it.
pub fn prepare_own_dir(tree: &Tree, volume: &RelPath) -> Result<RelPath, TreeError> {
    let own = make_own_dir(tree, volume)?;
    for (name, content) in IGNORE_FILES {
        let path = child(&own, name);
        match tree.read_ours(&path, |size| size == content.len() as u64)? {
            Found::Content(found) if found == content.as_bytes() => continue,
            // One that was cut off half-written is made anew.
            Found::Content(_) | Found::Strange(Entry::File { .. }) => tree.remove_file(&path)?,
            Found::Strange(_) => continue,
            Found::Nothing => {}
        }
        tree.write_new(&path, content.as_bytes())?;
    }
    Ok(own)
}

/// Clears what crashed runs left, as far as that can be cleared, and makes the staging folder.
pub fn prepare_staging(tree: &Tree) -> Result<(), TreeError> {
    for volume in tree.roots().volumes() {
        let own = prepare_own_dir(tree, &volume)?;
        let staging = staging(tree, &volume);
        clear(tree, &staging)?;
        tree.ensure_dir(&staging)?;
        clear_strangers(tree, &own, &staging)?;
    }
    Ok(())
}

/// Removes what other runs staged and left behind. What resists stays: it may be another user's.
fn clear_strangers(tree: &Tree, own: &RelPath, staging: &RelPath) -> Result<(), TreeError> {
    for name in tree.list(own)? {
        let Ok(path) = own.join(&name) else { continue };
        let is_staged = name == STAGING || name.starts_with(&format!("{STAGING}."));
        if is_staged && path != *staging && is_left(tree, staging, &name, &path) {
            match clear(tree, &path) {
                Err(error) if error.is_storage() => return Err(error),
                _ => {}
            }
        }
    }
    Ok(())
}

/// Whether nobody uses a stranger's staging folder any more. The lock keeps all other runs of this machine away.
/// Another machine's run may be at work, and is known by what it does. Times are the storage's own.
fn is_left(tree: &Tree, staging: &RelPath, name: &str, path: &RelPath) -> bool {
    let host = tree.run().rsplit_once('.').map_or("", |(host, _)| host);
    let is_neighbour =
        name == STAGING || name.split('.').any(|part| part == host) || tree.run().is_empty();
    if tree.is_alone() && is_neighbour {
        return true;
    }
    let changed = |path: &RelPath| tree.changed(path).ok().flatten();
    let stagings = tree.list(path).unwrap_or_default();
    let stagings = stagings.iter().filter_map(|name| path.join(name).ok());
    let last = stagings.filter_map(|staging| changed(&staging)).chain(changed(path)).max();
    matches!((last, changed(staging)), (Some(last), Some(now)) if now.saturating_sub(last) > OLD)
}

/// Removes the staging folder at the end of a run. What resists is the next run's.
pub fn clear_staging(tree: &Tree) -> Result<(), TreeError> {
    for volume in tree.roots().volumes() {
        match clear(tree, &staging(tree, &volume)) {
            Err(error) if error.is_storage() => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// Removes a staged directory or file and all below it. Nothing outside of staging comes here.
pub fn clear(tree: &Tree, path: &RelPath) -> Result<(), TreeError> {
    debug_assert!(path.as_str().contains(&format!("{OWN_DIR}/{STAGING}")));
    match tree.kind(path)? {
        None => Ok(()),
        Some(EntryKind::Dir) => {
            // A name that cannot be ours (a backslash in it) stays, and keeps its folder.
            for entry in tree.list(path)?.iter().filter_map(|name| path.join(name).ok()) {
                clear(tree, &entry)?;
            }
            match tree.remove_dir(path) {
                Err(error) if error.is_occupied() => Ok(()),
                done => done,
            }
        }
        Some(_) => tree.remove_file(path),
    }
}

/// Our own folder in one of a tree's volumes.
pub fn own_dir(volume: &RelPath) -> RelPath {
    child(volume, OWN_DIR)
}

/// Where titles are made before they appear, in one of a tree's volumes: the staging folder of the run that works
/// on it.
pub(crate) fn staging(tree: &Tree, volume: &RelPath) -> RelPath {
    let name = match tree.run() {
        "" => STAGING.to_owned(),
        run => format!("{STAGING}.{run}"),
    };
    child(&own_dir(volume), &name)
}

#[expect(clippy::expect_used, reason = "only constants, numbers and names of runs come here")]
fn child(dir: &RelPath, name: &str) -> RelPath {
    dir.join(name).expect("our own names are single components")
}
