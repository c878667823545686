//! What a run that was cut off may have left on disk without telling the ledger.
//!
//! Before a batch is written, the ledger is told which contents are about to appear in which folder. Once the batch is
//! recorded, that note goes. If the note is still there at the next start, a file in that folder with one of these
//! contents is ours, not somebody's. Such a file may be replaced.

use std::collections::{HashMap, HashSet};

use vod2strm_core::hash::ContentHash;

/// Contents by folder (below the output folder, as in `Movies/Alien (1979)`).
#[derive(Debug, Default)]
pub struct Leftovers {
    by_folder: HashMap<String, HashSet<ContentHash>>,
    /// Folders that were there before anything of ours: they are the user's.
    users: HashSet<String>,
}

impl Leftovers {
    /// Notes that these contents may be in this folder.
    pub fn add(&mut self, folder: String, contents: impl Iterator<Item = ContentHash>) {
        let known = self.by_folder.entry(folder).or_default();
        known.extend(contents);
        // A power cut can leave a file that was renamed into place and never filled.
        known.insert(ContentHash::of(b""));
    }

    /// Notes that this folder was there before anything of ours.
    pub fn note_users(&mut self, folder: String) {
        self.users.insert(folder);
    }

    /// Whether this folder is noted to have been there before anything of ours.
    pub fn is_users(&self, folder: &str) -> bool {
        self.users.contains(folder)
    }

    /// Whether there is a note for this folder.
    pub fn has(&self, folder: &str) -> bool {
        self.by_folder.contains_key(folder)
    }

    /// The folders that there are notes for, in order.
    pub fn folders(&self) -> Vec<&str> {
        let mut folders: Vec<&str> = self.by_folder.keys().map(String::as_str).collect();
        folders.sort_unstable();
        folders
    }

    /// Whether a file in this folder with this content is ours.
    pub fn contains(&self, folder: &str, content: ContentHash) -> bool {
        self.by_folder.get(folder).is_some_and(|contents| contents.contains(&content))
    }
}
