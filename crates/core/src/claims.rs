//! Who owns which folder: two titles never share a path, also not for a file system that folds case.

use std::collections::HashMap;

use crate::hash::RowHasher;
use crate::known::TitleId;
use crate::text::{fold_key, safe_component};

/// The folders that are given away, by a 64-bit hash of their folded path.
///
/// 24 bytes a title. A false "taken" (one in 10^9 at a million titles) costs a suffix, nothing else.
#[derive(Debug, Default)]
pub struct Claims {
    taken: HashMap<u64, Option<TitleId>>,
}

impl Claims {
    /// Notes a folder that a title already has.
    pub fn insert(&mut self, root: &str, folder: &str, owner: TitleId) {
        self.taken.insert(key(root, folder), Some(owner));
    }

    /// The title of the ledger that has this folder.
    pub fn owner(&self, root: &str, folder: &str) -> Option<TitleId> {
        self.taken.get(&key(root, folder)).copied().flatten()
    }

    fn take(&mut self, key: u64) -> bool {
        let is_free = !self.taken.contains_key(&key);
        if is_free {
            self.taken.insert(key, None);
        }
        is_free
    }

    /// Gives the first candidate that is free, or else the last one with a number.
    pub fn claim(&mut self, root: &str, candidates: &[String]) -> String {
        if let Some(free) = candidates.iter().find(|name| self.take(key(root, name))) {
            return free.clone();
        }
        let last = candidates.last().map_or("Unknown", String::as_str);
        let numbered = (2_u64..).map(|n| {
            let tail = format!(" [{n}]");
            format!("{}{tail}", safe_component(last, 190 - tail.len()))
        });
        for name in numbered {
            if self.take(key(root, &name)) {
                return name;
            }
        }
        last.to_owned()
    }
}

fn key(root: &str, folder: &str) -> u64 {
    let mut hasher = RowHasher::default();
    hasher.start(b'f').text(&fold_key(root)).text(&fold_key(folder));
    hasher.finish().0 as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_gets_a_folder_twice() {
        let mut claims = Claims::default();
        claims.insert("Movies", "THE MATRIX (1999)", TitleId(5));
        assert_eq!(claims.owner("Movies", "the matrix (1999)"), Some(TitleId(5)));
        let wanted = ["The Matrix (1999)".to_owned(), "The Matrix (1999) [tmdbid-603]".to_owned()];
        assert_eq!(claims.claim("Movies", &wanted), "The Matrix (1999) [tmdbid-603]");
        assert_eq!(claims.claim("Movies", &wanted), "The Matrix (1999) [tmdbid-603] [2]");
        assert_eq!(claims.claim("TV", &wanted), "The Matrix (1999)");
    }
}
