//! Where files are made before they appear in the library: `<output>/.vod2strm/staging`, or the same in
//! a root that is elsewhere: on the same file system, out of every media server's sight.
//!
//! A crash leaves its half-made files there and nowhere else; the next run clears them away.

use vod2strm_core::path::RelPath;

use crate::fs::EntryKind;
use crate::tree::{Tree, TreeError};

/// vod2strm's own folder below the output folder, and below each root that is elsewhere.
pub const OWN_DIR: &str = ".vod2strm";

const STAGING: &str = "staging";

/// What keeps Jellyfin, Emby, Kodi and Plex out of our folder.
const IGNORE_FILES: [(&str, &str); 4] =
    [(".ignore", ""), (".embyignore", "*\n"), (".nomedia", ""), (".plexignore", "*\n")];

/// A worker's private corner of the staging folder; it is made when something is first made in it.
#[derive(Debug)]
pub struct Corner {
    name: String,
    made: u64,
    /// The homes in which it is there.
    homes: Vec<RelPath>,
}

impl Corner {
    /// The corner of the worker with this number.
    pub fn of(worker: usize) -> Corner {
        Corner { name: format!("w{worker}"), made: 0, homes: Vec::new() }
    }

    /// A path that nothing has had yet in this run, from where a file can be renamed to `target`. Staging
    /// must be prepared.
    pub fn fresh(&mut self, tree: &Tree, target: &RelPath) -> Result<RelPath, TreeError> {
        self.made += 1;
        let home = tree.roots().home(target);
        let corner = child(&staging(&home), &self.name);
        if !self.homes.contains(&home) {
            tree.ensure_dir(&corner)?;
            self.homes.push(home);
        }
        Ok(child(&corner, &self.made.to_string()))
    }
}

/// Makes our own folder in one of the tree's homes, with what keeps media servers out of it.
pub fn prepare_own_dir(tree: &Tree, home: &RelPath) -> Result<RelPath, TreeError> {
    let own = own_dir(home);
    if tree.kind(&own)? != Some(EntryKind::Dir) {
        tree.ensure_dir(&own)?;
    }
    for (name, content) in IGNORE_FILES {
        let path = child(&own, name);
        // One that was cut off half-written is made anew.
        match tree.read(&path)? {
            Some(found) if found == content.as_bytes() => continue,
            Some(_) => tree.remove_file(&path)?,
            None => {}
        }
        tree.write_new(&path, content.as_bytes())?;
    }
    Ok(own)
}

/// Clears what a crashed run left, and makes the staging folder.
pub fn prepare_staging(tree: &Tree) -> Result<(), TreeError> {
    for home in tree.roots().homes() {
        let staging = child(&prepare_own_dir(tree, &home)?, STAGING);
        clear(tree, &staging)?;
        tree.ensure_dir(&staging)?;
    }
    Ok(())
}

/// Removes the staging folder at the end of a run.
pub fn clear_staging(tree: &Tree) -> Result<(), TreeError> {
    tree.roots().homes().try_for_each(|home| clear(tree, &staging(&home)))
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

/// Our own folder in one of a tree's homes.
pub fn own_dir(home: &RelPath) -> RelPath {
    child(home, OWN_DIR)
}

/// Where titles are made before they appear, in one of a tree's homes.
pub(crate) fn staging(home: &RelPath) -> RelPath {
    child(&own_dir(home), STAGING)
}

#[expect(clippy::expect_used, reason = "only constants and numbers come here")]
fn child(dir: &RelPath, name: &str) -> RelPath {
    dir.join(name).expect("our own names are single components")
}
