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

    /// Lets go of a folder, if it is this title's.
    pub fn release(&mut self, root: &str, folder: &str, owner: TitleId) {
        let key = key(root, folder);
        if self.taken.get(&key) == Some(&Some(owner)) {
            self.taken.remove(&key);
        }
    }

    /// The first candidate that is free, or else the last one with a number. Nothing is given away.
    pub fn free(&self, root: &str, candidates: &[String]) -> String {
        let is_free = |name: &str| !self.taken.contains_key(&key(root, name));
        if let Some(free) = candidates.iter().find(|name| is_free(name)) {
            return free.clone();
        }
        let last = candidates.last().map_or("Unknown", String::as_str);
        let mut numbered = (2_u64..).map(|n| {
            let tail = format!(" [{n}]");
            format!("{}{tail}", safe_component(last, 190 - tail.len()))
        });
        numbered.find(|name| is_free(name)).unwrap_or_else(|| last.to_owned())
    }

    /// Gives the first candidate that is free, or else the last one with a number.
    pub fn claim(&mut self, root: &str, candidates: &[String]) -> String {
        let folder = self.free(root, candidates);
        self.taken.insert(key(root, &folder), None);
        folder
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

    #[test]
    fn only_its_owner_lets_go_of_a_folder() {
        let mut claims = Claims::default();
        claims.insert("Movies", "Alien", TitleId(5));
        claims.release("Movies", "Alien", TitleId(6));
        assert_eq!(claims.owner("Movies", "Alien"), Some(TitleId(5)));
        claims.release("Movies", "ALIEN", TitleId(5));
        assert_eq!(claims.free("Movies", &["Alien".to_owned()]), "Alien");
    }
}
