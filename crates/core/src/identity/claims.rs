//! Who owns which folder: two titles never share a path, also not for a file system that folds case. No two series share
//! the title in their NFOs, either.

use std::collections::HashMap;

use crate::hash::RowHasher;
use crate::identity::candidates::{NameCandidates, is_number};
use crate::identity::known::TitleId;
use crate::text::fold_key;

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
    /// The last number that was found for a name, behind so many bytes of it: smaller ones are taken until a folder is
    /// let go of.
    numbers: HashMap<(u64, usize), u64>,
}

/// The root below which the titles in series' NFOs are given away, as if they were folders.
const NFO_TITLES: &str = "tvshow.nfo";

/// For how many places in turn it is asked whether somebody else has them: where none can be looked at, all seem to be
/// somebody's.
const MOST_ASKED: u32 = 100;

/// Whether something that no title of the ledger has is in a place: a library root, and a folder below it.
pub type IsForeign<'a> = dyn FnMut(&'static str, &str) -> bool + 'a;

impl Claims {
    /// Notes a folder that a title already has.
    pub fn insert(&mut self, root: &str, folder: &str, owner: TitleId) {
        self.put(root, folder, Some(owner));
    }

    /// Notes the title that a series' NFO gives; one that older versions gave to several is the first one's.
    pub fn insert_nfo_title(&mut self, title: &str, series: TitleId) {
        if self.may_give(title, None) {
            self.insert(NFO_TITLES, &no_path(title), series);
        }
    }

    /// Whether a series may give this title in its NFO: no other one does.
    pub fn may_give(&self, title: &str, series: Option<TitleId>) -> bool {
        let owner = self.taken.get(&key(NFO_TITLES, &no_path(title)));
        owner.is_none_or(|owner| owner.is_some() && *owner == series)
    }

    /// The first title that a series may give in its NFO, or else its own with a number. Nothing is given away.
    pub fn free_nfo_title(&mut self, wanted: &NameCandidates, series: Option<TitleId>) -> String {
        if let Some(free) = wanted.names.iter().find(|title| self.may_give(title, series)) {
            return free.clone();
        }
        let base = no_path(&wanted.base);
        let numbered =
            self.free_number(NFO_TITLES, &NameCandidates::only(base.clone()), &mut |_, _| false);
        let number = numbered.strip_prefix(&base).unwrap_or_default();
        format!("{}{number}", wanted.base)
    }

    /// Gives a series a title for its NFO, in place of the one that it gave before.
    pub fn give_nfo_title(&mut self, title: &str, before: Option<&str>, series: Option<TitleId>) {
        if let (Some(before), Some(series)) = (before, series) {
            self.release(NFO_TITLES, &no_path(before), series);
        }
        self.put(NFO_TITLES, &no_path(title), series);
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
            self.numbers.clear();
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

    /// The first of the names that is free. Nothing is given away.
    pub fn free_name(&self, root: &'static str, wanted: &NameCandidates) -> Option<String> {
        let free = wanted.names.iter().find(|name| self.is_free(root, name));
        free.map(|name| self.spelled(root, name))
    }

    /// The first number behind the preferred name with which that is free, and nothing of somebody else's is there.
    /// Nothing is given away.
    pub fn free_number(
        &mut self,
        root: &'static str,
        wanted: &NameCandidates,
        is_foreign: &mut IsForeign<'_>,
    ) -> String {
        let base = self.spelled(root, &wanted.base);
        // Below a title's folder no name is free: it is that folder's name that gets the number.
        let at = self.taken_group(root, &base).map_or(base.len(), str::len);
        let key = (key(root, &base), at);
        let first = self.numbers.get(&key).copied().unwrap_or_default();
        let mut asked = 0..MOST_ASKED;
        for number in (first..).filter(|number| is_number(*number)) {
            let name = format!("{} ({number}){}", &base[..at], &base[at..]);
            if self.is_free(root, &name) && (asked.next().is_none() || !is_foreign(root, &name)) {
                self.numbers.insert(key, number);
                return name;
            }
        }
        base
    }

    /// A folder of which those above are spelled as they are already.
    fn spelled(&self, root: &str, folder: &str) -> String {
        let known = |group: &str| {
            let (_, known) = self.above.get(&key(root, group))?;
            Some(format!("{known}{}", &folder[group.len()..]))
        };
        groups(folder).filter_map(known).last().unwrap_or_else(|| folder.to_owned())
    }

    /// Gives the first of the names that is free, or else the preferred one with a number.
    pub fn claim(
        &mut self,
        root: &'static str,
        wanted: &NameCandidates,
        is_foreign: &mut IsForeign<'_>,
    ) -> String {
        let name = self.free_name(root, wanted);
        let folder = name.unwrap_or_else(|| self.free_number(root, wanted, is_foreign));
        self.put(root, &folder, None);
        folder
    }
}

/// A title with nothing in it that parts folders: `Face/Off` does not lie in `Face`.
fn no_path(title: &str) -> String {
    title.replace('/', "\u{2215}")
}

/// The folders above a title's, below its root.
fn groups(folder: &str) -> impl Iterator<Item = &str> {
    folder.match_indices('/').map(|(at, _)| &folder[..at])
}

fn key(root: &str, folder: &str) -> u64 {
    let mut hasher = RowHasher::default();
    hasher.start(b'f').text(&fold_key(root)).text(&fold_key(folder));
    hasher.finish().0 as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(names: &[&str]) -> NameCandidates {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        NameCandidates { base: names[0].clone(), names }
    }

    /// Gives one of the names, where something of somebody else's is in these places.
    fn claim(claims: &mut Claims, names: &[&str], foreign: &[&str]) -> String {
        claims.claim("Movies", &wanted(names), &mut |_, folder| foreign.contains(&folder))
    }

    #[test]
    fn nobody_gets_a_folder_twice() {
        let mut claims = Claims::default();
        claims.insert("Movies", "THE MATRIX (1999)", TitleId(5));
        assert_eq!(claims.owner("Movies", "the matrix (1999)"), Some(TitleId(5)));
        let names = ["The Matrix (1999)", "The Matrix (1999) [tmdbid-603]"];
        assert_eq!(claim(&mut claims, &names, &[]), "The Matrix (1999) [tmdbid-603]");
        assert_eq!(claim(&mut claims, &names, &[]), "The Matrix (1999) (2)");
        assert_eq!(claim(&mut claims, &names, &[]), "The Matrix (1999) (3)");
        let series = claims.claim("TV", &wanted(&names), &mut |_, _| false);
        assert_eq!(series, "The Matrix (1999)");
    }

    #[test]
    fn a_number_is_one_that_no_title_and_nobody_else_has() {
        let mut claims = Claims::default();
        claims.insert("Movies", "heat", TitleId(1));
        claims.insert("Movies", "HEAT (3)", TitleId(2));
        assert_eq!(claim(&mut claims, &["Heat"], &["Heat (2)"]), "Heat (4)");
        assert_eq!(claim(&mut claims, &["Heat"], &["Heat (2)"]), "Heat (5)");
        claims.release("Movies", "Heat (3)", TitleId(2));
        assert_eq!(claim(&mut claims, &["Heat"], &["Heat (2)"]), "Heat (3)", "it is free again");
        let blind = claims.claim("Movies", &wanted(&["Heat"]), &mut |_, _| true);
        assert_eq!(blind, "Heat (106)", "where nothing can be looked at, this comes to an end");
    }

    /// A film from a list in which all have one name is as quick as any other; a number is never one of a year.
    #[test]
    fn so_many_titles_may_have_one_name() {
        let mut claims = Claims::default();
        let mut names = (0..20_000).map(|_| claim(&mut claims, &["Film"], &[]));
        assert_eq!(names.next().as_deref(), Some("Film"));
        let last = names.by_ref().nth(1_847);
        assert_eq!(last.as_deref(), Some("Film (1849)"));
        assert_eq!(names.next().as_deref(), Some("Film (2201)"));
        assert_eq!(names.last().as_deref(), Some("Film (20351)"));
    }

    #[test]
    fn no_title_lies_in_anothers_folder() {
        let free = |claims: &mut Claims, name: &str| {
            let name = claims.free_name("Movies", &wanted(&[name])).ok_or(name);
            name.unwrap_or_else(|name| {
                claims.free_number("Movies", &wanted(&[name]), &mut |_, _| false)
            })
        };
        let mut claims = Claims::default();
        claims.insert("Movies", "Action", TitleId(1));
        assert_eq!(free(&mut claims, "action/Heat"), "action (2)/Heat");
        claims.insert("Movies", "Sci-Fi/Old/Brazil", TitleId(3));
        assert_eq!(free(&mut claims, "sci-fi/OLD/Alien"), "Sci-Fi/Old/Alien", "one folder for all");
        assert_eq!(free(&mut claims, "sci-fi/New/Dune"), "Sci-Fi/New/Dune", "at every depth");
        claims.insert("Movies", "Drama/Old/Heat", TitleId(2));
        assert_eq!(free(&mut claims, "Drama"), "Drama (2)");
        assert_eq!(free(&mut claims, "drama/old"), "Drama/old (2)");
        assert_eq!(free(&mut claims, "Drama/Old/Heat"), "Drama/Old/Heat (2)");
        assert_eq!(free(&mut claims, "Drama/Alien"), "Drama/Alien");
        claims.release("Movies", "Drama/Old/Heat", TitleId(2));
        assert_eq!(free(&mut claims, "Drama"), "Drama");
    }

    /// They are no paths: a slash parts nothing. The case does not count, as in Jellyfin.
    #[test]
    fn a_title_in_an_nfo_is_given_to_one_series() {
        let mut claims = Claims::default();
        let [first, second] = [TitleId(1), TitleId(2)];
        claims.insert_nfo_title("Face/Off", first);
        claims.insert_nfo_title("face/off", second);
        assert!(claims.may_give("Face/Off", Some(first)) && !claims.may_give("Face/Off", None));
        assert!(!claims.may_give("FACE/OFF", Some(second)), "it is the first one's");
        assert!(claims.may_give("Face", None), "no title lies in another one");
        let names = wanted(&["Face/Off", "Face/Off (1997)"]);
        assert_eq!(claims.free_nfo_title(&names, Some(second)), "Face/Off (1997)");
        claims.give_nfo_title("Face/Off (1997)", None, None);
        assert_eq!(claims.free_nfo_title(&names, Some(second)), "Face/Off (2)");
        claims.give_nfo_title("Face/Off (2)", Some("Face/Off"), Some(first));
        assert!(claims.may_give("Face/Off", None), "who gets another one lets go of the first");
    }

    #[test]
    fn only_its_owner_lets_go_of_a_folder() {
        let mut claims = Claims::default();
        claims.insert("Movies", "Alien", TitleId(5));
        claims.release("Movies", "Alien", TitleId(6));
        assert_eq!(claims.owner("Movies", "Alien"), Some(TitleId(5)));
        claims.release("Movies", "ALIEN", TitleId(5));
        assert!(claims.is_free("Movies", "Alien"));
    }
}
