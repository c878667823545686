//! Who owns which folder: two titles never share a path, also not for a file system that folds case.

use std::collections::HashMap;

use crate::hash::RowHasher;
use crate::identity::known::TitleId;
use crate::text::{fold_key, safe_component};

/// The folders that are given away, by a 64-bit hash of their folded path. None lies within another: a
/// title's folder may be below further ones (`Drama/Heat (1995)`), never below another title's.
///
/// 24 bytes a title. A false "taken" (one in 10^9 at a million titles) costs a suffix, nothing else.
#[derive(Debug, Default)]
pub struct Claims {
    taken: HashMap<u64, Option<TitleId>>,
    /// How many folders are given away below these, and how the first one spells them. On a disk that folds case,
    /// `Drama` and `drama` are one.
    above: HashMap<u64, (u32, String)>,
}

impl Claims {
    /// Notes a folder that a title already has.
    pub fn insert(&mut self, root: &str, folder: &str, owner: TitleId) {
        self.put(root, folder, Some(owner));
    }

    fn put(&mut self, root: &str, folder: &str, owner: Option<TitleId>) {
        if self.taken.insert(key(root, folder), owner).is_none() {
            for group in groups(folder) {
                let entry = self.above.entry(key(root, group));
                entry.or_insert_with(|| (0, group.to_owned())).0 += 1;
            }
        }
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
            for group in groups(folder) {
                let key = self::key(root, group);
                match self.above.get_mut(&key) {
                    Some((count, _)) if *count > 1 => *count -= 1,
                    _ => drop(self.above.remove(&key)),
                }
            }
        }
    }

    /// Whether titles have folders below this one.
    pub fn is_group(&self, root: &str, folder: &str) -> bool {
        self.above.contains_key(&key(root, folder))
    }

    /// The titles in whose folders this one lies.
    pub fn owners_above(&self, root: &str, folder: &str) -> impl Iterator<Item = TitleId> {
        groups(folder).filter_map(move |group| self.owner(root, group))
    }

    /// Whether nobody has this folder, nor one above or below it.
    pub fn is_free(&self, root: &str, folder: &str) -> bool {
        let key = key(root, folder);
        !self.taken.contains_key(&key)
            && !self.above.contains_key(&key)
            && self.taken_group(root, folder).is_none()
    }

    /// A folder above this one that is a title's.
    fn taken_group<'a>(&self, root: &str, folder: &'a str) -> Option<&'a str> {
        groups(folder).find(|group| self.taken.contains_key(&key(root, group)))
    }

    /// The first candidate that is free, or else the last one with a number. Nothing is given away.
    pub fn free(&self, root: &str, candidates: &[String]) -> String {
        if let Some(free) = candidates.iter().find(|name| self.is_free(root, name)) {
            return self.spelled(root, free);
        }
        let last = candidates.last().map_or("Unknown", String::as_str);
        let last = self.spelled(root, last);
        let last = last.as_str();
        // Below a title's folder no name is free: it is that folder's name that gets the number.
        let at = self.taken_group(root, last).map_or(last.len(), str::len);
        let mut numbers = (2_u64..).map(|n| numbered(last, at, n));
        numbers.find(|name| self.is_free(root, name)).unwrap_or_else(|| last.to_owned())
    }

    /// A folder of which those above are spelled as they are already.
    fn spelled(&self, root: &str, folder: &str) -> String {
        let known = |group: &str| {
            let (_, known) = self.above.get(&key(root, group))?;
            Some(format!("{known}{}", &folder[group.len()..]))
        };
        groups(folder).filter_map(known).last().unwrap_or_else(|| folder.to_owned())
    }

    /// Gives the first candidate that is free, or else the last one with a number.
    pub fn claim(&mut self, root: &str, candidates: &[String]) -> String {
        let folder = self.free(root, candidates);
        self.put(root, &folder, None);
        folder
    }
}

/// The folders above a title's, below its root.
fn groups(folder: &str) -> impl Iterator<Item = &str> {
    folder.match_indices('/').map(|(at, _)| &folder[..at])
}

/// A path of which the component that ends at `at` has a number.
fn numbered(path: &str, at: usize, n: u64) -> String {
    let (front, rest) = path.split_at(at);
    let start = front.rfind('/').map_or(0, |slash| slash + 1);
    let tail = format!(" [{n}]");
    let name = safe_component(&front[start..], 190 - tail.len());
    format!("{}{name}{tail}{rest}", &front[..start])
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

    /// The number is in the name, however long that is, and whatever letters it has.
    #[test]
    fn a_name_with_a_number_is_no_longer_than_others() {
        for letter in ["a", "é", "語"] {
            let name = letter.repeat(190 / letter.len());
            let mut claims = Claims::default();
            claims.insert("Movies", &name, TitleId(1));
            let numbered = claims.free("Movies", &[name]);
            let is_whole = (187..=190).contains(&numbered.len()) && numbered.ends_with(" [2]");
            assert!(is_whole, "{numbered}");
        }
    }

    #[test]
    fn no_title_lies_in_anothers_folder() {
        let free = |claims: &Claims, name: &str| claims.free("Movies", &[name.to_owned()]);
        let mut claims = Claims::default();
        claims.insert("Movies", "Action", TitleId(1));
        assert_eq!(free(&claims, "action/Heat"), "action [2]/Heat");
        claims.insert("Movies", "Sci-Fi/Old/Brazil", TitleId(3));
        assert_eq!(free(&claims, "sci-fi/OLD/Alien"), "Sci-Fi/Old/Alien", "one folder for all");
        assert_eq!(free(&claims, "sci-fi/New/Dune"), "Sci-Fi/New/Dune", "at every depth");
        claims.insert("Movies", "Drama/Old/Heat", TitleId(2));
        assert_eq!(free(&claims, "Drama"), "Drama [2]");
        assert_eq!(free(&claims, "drama/old"), "Drama/old [2]");
        assert_eq!(free(&claims, "Drama/Old/Heat"), "Drama/Old/Heat [2]");
        assert_eq!(free(&claims, "Drama/Alien"), "Drama/Alien");
        claims.release("Movies", "Drama/Old/Heat", TitleId(2));
        assert_eq!(free(&claims, "Drama"), "Drama");
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
