//! What a run that was cut off may have left on disk without telling the ledger.
//!
//! Before a batch is written, the ledger is told which contents are about to appear in which folder;
//! once the batch is recorded, that note goes. If the note is still there at the next start, a file in
//! that folder with one of these contents is ours, and not somebody's: it may be replaced.

use std::collections::{HashMap, HashSet};

use vod2strm_core::hash::ContentHash;

/// Contents by folder (below the output folder, as in `Movies/Alien (1979)`).
#[derive(Debug, Default)]
pub struct Leftovers {
    by_folder: HashMap<String, HashSet<ContentHash>>,
}

impl Leftovers {
    /// Notes that these contents may be in this folder.
    pub fn add(&mut self, folder: String, contents: impl Iterator<Item = ContentHash>) {
        let known = self.by_folder.entry(folder).or_default();
        known.extend(contents);
        // A power cut can leave a file that was renamed into place and never filled.
        known.insert(ContentHash::of(b""));
    }

    /// Whether a file in this folder with this content is ours.
    pub fn contains(&self, folder: &str, content: ContentHash) -> bool {
        self.by_folder.get(folder).is_some_and(|contents| contents.contains(&content))
    }
}
