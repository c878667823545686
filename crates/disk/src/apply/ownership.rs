//! Whose a file or a folder in the library is: ours or the user's. Whoever replaces, removes or reports asks here.
//!
//! A file is ours if its content is what we wrote, whatever its name. A folder is the user's if it was there before
//! anything of ours. The ledger notes that when a title enters the folder; of the others the tree tells.

use std::collections::HashMap;

use vod2strm_core::cancel::Cancel;
use vod2strm_core::hash::{ContentHash, Written};
use vod2strm_core::identity::known::{KnownFile, TitleId};
use vod2strm_core::model::media::Kind;
use vod2strm_core::model::ownership::Ownership;
use vod2strm_core::model::theirs::is_film;
use vod2strm_core::path::RelPath;
use vod2strm_core::plan::TitlePlan;

use crate::apply::leftovers::Leftovers;
use crate::apply::workers::WorkerPool;
use crate::fs::tree::{Found, Tree, TreeError};
use crate::fs::{Entry, EntryKind};

/// The largest file, in bytes, that is taken for one of ours that somebody edited. A film that somebody put
/// in our file's place is none.
const MAX_EDITED: u64 = 1024 * 1024;

/// The largest file, in bytes, that may be one that was announced: sizes are not. Ours have a few kilobytes.
const MAX_LEFT: u64 = 4 * 1024 * 1024;

/// What a file of ours may hold: what the ledger says that we wrote there, and what was announced for its folder. A run
/// that was cut off had announced it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ours<'a> {
    hash: Option<ContentHash>,
    /// The most bytes that it may have.
    size: Option<u64>,
    left: Option<(&'a Leftovers, &'a str)>,
}

/// What is in the place of a file, and whose it is.
#[derive(Debug, PartialEq, Eq)]
pub enum Occupant {
    /// Nothing is there.
    Nothing,
    /// A file with content of ours.
    Ours(Written),
    /// A file with nothing in it, or zeros alone, which is not what we wrote: what a power cut leaves, and nobody's edit.
    Damaged(ContentHash),
    /// A file with other content: the user's, be it a file of ours that was edited. Its hash if it was read.
    Edited(Option<ContentHash>),
    /// What can be no file of ours, nor one that was edited: it is too large, or no plain file.
    Strange(Entry),
}

impl Occupant {
    /// Whether it is a file with this content.
    pub fn has(&self, content: ContentHash) -> bool {
        match self {
            Occupant::Ours(written) => written.hash == content,
            Occupant::Damaged(hash) => *hash == content,
            Occupant::Edited(hash) => *hash == Some(content),
            Occupant::Nothing | Occupant::Strange(_) => false,
        }
    }
}

impl<'a> Ours<'a> {
    /// What was announced for this folder.
    pub fn left_in(leftovers: &'a Leftovers, folder: &'a str) -> Ours<'a> {
        Ours { left: leftovers.has(folder).then_some((leftovers, folder)), ..Ours::default() }
    }

    /// What the ledger has.
    pub fn known(file: &KnownFile) -> Ours<'static> {
        Ours { hash: file.hash, size: Some(file.size), left: None }
    }

    /// The same, and what we wrote there.
    pub fn or_written(self, written: Option<Written>) -> Ours<'a> {
        let (hash, size) = (written.map(|it| it.hash), written.map(|it| it.size));
        Ours { hash, size, ..self }
    }

    /// Looks at what is there. What cannot be ours by its size is not read.
    pub fn look(self, tree: &Tree, path: &RelPath) -> Result<Occupant, TreeError> {
        Ok(self.read(tree, path, None)?.0)
    }

    /// The same, and the content that was read. A file of a `wanted` size, in bytes, is read, too.
    pub fn read(
        self,
        tree: &Tree,
        path: &RelPath,
        wanted: Option<u64>,
    ) -> Result<(Occupant, Vec<u8>), TreeError> {
        // A power cut leaves zeros, of less than there was.
        let may_be = |size: u64| {
            wanted == Some(size)
                || self.size.is_some_and(|most| size <= most)
                || self.left.is_some() && size <= MAX_LEFT
        };
        let occupant = match tree.read_ours(path, may_be)? {
            Found::Content(content) => return Ok((self.occupant(&content), content)),
            Found::Nothing => Occupant::Nothing,
            Found::Strange(Entry::File { size }) if size <= MAX_EDITED => Occupant::Edited(None),
            Found::Strange(entry) => Occupant::Strange(entry),
        };
        Ok((occupant, Vec::new()))
    }

    fn occupant(self, content: &[u8]) -> Occupant {
        let found = Written::of(content);
        let is_left =
            |(leftovers, folder): (&Leftovers, &str)| leftovers.contains(folder, found.hash);
        if self.hash == Some(found.hash) || self.left.is_some_and(is_left) {
            Occupant::Ours(found)
        } else if content.iter().all(|byte| *byte == 0) {
            Occupant::Damaged(found.hash)
        } else {
            Occupant::Edited(Some(found.hash))
        }
    }
}

/// Whether somebody's film or episode is in a folder, or below it. Ours are `.strm` files.
pub fn holds_film(tree: &Tree, folder: &RelPath) -> Result<bool, TreeError> {
    any_file(tree, folder, &mut |_, name| Ok(is_film(name)))
}

/// Whose a folder is that was there when a title was to appear in it. `known` is what the ledger has; where the answer
/// is not known, that stays. What cannot be looked at counts as the user's.
pub fn whose_folder(
    tree: &Tree,
    leftovers: &Leftovers,
    folder: &RelPath,
    known: Ownership,
) -> Ownership {
    match known {
        // Of ours nothing is left in it: it may be another one.
        Ownership::Ours if holds_film(tree, folder).unwrap_or(true) => Ownership::Users,
        Ownership::Ours => Ownership::Unknown,
        Ownership::Unknown if leftovers.has(folder.as_str()) => {
            Ownership::of(holds_others(tree, leftovers, folder).unwrap_or(true))
        }
        Ownership::Unknown | Ownership::Users => Ownership::Users,
    }
}

/// Whether something that is not ours is in a place below a root that no title has. What cannot be looked at is told by
/// whoever writes there.
pub fn is_taken(tree: &Tree, leftovers: &Leftovers, root: &str, folder: &str) -> bool {
    RelPath::parse(root).and_then(|root| root.join(folder)).is_ok_and(|path| {
        let is_there = matches!(tree.kind(&path), Ok(Some(_)));
        // A run that was cut off may have made it.
        let is_left = || {
            let left = Ours::left_in(leftovers, path.as_str());
            !leftovers.is_users(path.as_str())
                && any_file(tree, &path, &mut |path, name| is_left(left, tree, path, name))
                    .unwrap_or(false)
        };
        is_there && !(leftovers.has(path.as_str()) && is_left())
    })
}

/// Whether a file is one that was announced.
fn is_left(left: Ours<'_>, tree: &Tree, path: &RelPath, name: &str) -> Result<bool, TreeError> {
    Ok(is_plainly_a_file(name) && matches!(left.look(tree, path)?, Occupant::Ours(_)))
}

/// Whether a folder that a run which was cut off was to write to is the user's. The ledger notes it, or something is in
/// the folder that the run did not write, or nothing that the run wrote. A folder of ours appears with its files.
fn holds_others(tree: &Tree, leftovers: &Leftovers, folder: &RelPath) -> Result<bool, TreeError> {
    let (left, mut has_ours) = (Ours::left_in(leftovers, folder.as_str()), false);
    let has_others = any_file(tree, folder, &mut |path, name| {
        let is_ours = is_left(left, tree, path, name)?;
        has_ours |= is_ours;
        Ok(!is_ours)
    })?;
    Ok(leftovers.is_users(folder.as_str()) || has_others || !has_ours)
}

/// Notes in plans that a title's folder is there before anything of it: it is the user's. The ledger is to hear of
/// it before the first file enters the folder, which may be the last that a run does. What a run that was cut off
/// has left is decided on when it is written to. Only trouble with the storage as a whole is an error.
pub fn note_users_folders(
    pool: &WorkerPool<'_>,
    leftovers: &Leftovers,
    plans: &mut [TitlePlan],
) -> Result<(), TreeError> {
    let folder_of = |plan: &TitlePlan| -> Option<RelPath> {
        let is_new =
            !plan.is_idle() && plan.ownership == Ownership::Unknown && plan.may_appear_whole();
        let path = plan.title_folder()?.path().ok()?;
        (is_new && !leftovers.has(path.as_str())).then_some(path)
    };
    let folders: Vec<(usize, RelPath)> =
        plans.iter().enumerate().filter_map(|(at, plan)| Some((at, folder_of(plan)?))).collect();
    let look = |(): &mut (), (_, folder): &(usize, RelPath)| pool.tree().kind(folder);
    let is_over = |found: &Result<_, TreeError>| matches!(found, Err(error) if error.is_storage());
    let go_on = Cancel::default();
    let found = pool.share(&mut pool.tools(drop), &folders, &go_on, look, is_over);
    for ((at, _), found) in folders.iter().zip(found) {
        match found {
            Some(Ok(Some(_))) => plans[*at].ownership = Ownership::Users,
            Some(Err(error)) if error.is_storage() => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// Says of each of these folders whose it is: the user's if it holds a film. What cannot be looked at is left
/// out; trouble with the storage as a whole ends it.
pub fn whose(
    pool: &WorkerPool<'_>,
    folders: &[(TitleId, Kind, RelPath)],
) -> Result<HashMap<TitleId, (Kind, Ownership)>, TreeError> {
    let look = |(): &mut (), (title, kind, folder): &(TitleId, Kind, RelPath)| {
        holds_film(pool.tree(), folder).map(|it| (*title, (*kind, Ownership::of(it))))
    };
    let is_over = |found: &Result<_, TreeError>| matches!(found, Err(error) if error.is_storage());
    let go_on = Cancel::default();
    let found = pool.share(&mut pool.tools(drop), folders, &go_on, look, is_over);
    let mut known = HashMap::with_capacity(folders.len());
    for found in found.into_iter().flatten() {
        match found {
            Ok((title, found)) => drop(known.insert(title, found)),
            Err(error) if error.is_storage() => return Err(error),
            Err(_) => {}
        }
    }
    Ok(known)
}

/// Whether one of the entries in a folder, or below it, that are no folders is such a one.
fn any_file(
    tree: &Tree,
    folder: &RelPath,
    is_it: &mut dyn FnMut(&RelPath, &str) -> Result<bool, TreeError>,
) -> Result<bool, TreeError> {
    let mut rest = vec![folder.clone()];
    while let Some(dir) = rest.pop() {
        if tree.kind(&dir)? != Some(EntryKind::Dir) {
            continue;
        }
        for name in tree.list(&dir)? {
            let Ok(path) = dir.join(&name) else { continue };
            let is_dir = !is_plainly_a_file(&name) && tree.kind(&path)? == Some(EntryKind::Dir);
            match is_dir {
                true => rest.push(path),
                false if is_it(&path, &name)? => return Ok(true),
                false => {}
            }
        }
    }
    Ok(false)
}

/// Whether a name is one of those that a library is full of: their kind is not asked.
fn is_plainly_a_file(name: &str) -> bool {
    name.ends_with(".strm") || name.ends_with(".nfo")
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::fs::local::LocalFs;

    fn at(path: &str) -> RelPath {
        RelPath::parse(path).unwrap()
    }

    fn hash(content: &str) -> ContentHash {
        ContentHash::of(content.as_bytes())
    }

    /// A tree with files of these contents, each under its own number.
    fn tree(contents: &[&str]) -> (tempfile::TempDir, Tree) {
        let dir = tempfile::tempdir().unwrap();
        let tree = Tree::new(Box::new(LocalFs::open(dir.path()).unwrap()), Path::new("/out"));
        for (number, content) in contents.iter().enumerate() {
            tree.write_new(&at(&number.to_string()), content.as_bytes()).unwrap();
        }
        (dir, tree)
    }

    #[test]
    fn a_file_is_ours_by_its_content_alone() {
        let large = "x".repeat(usize::try_from(MAX_EDITED).unwrap() + 1);
        let (_dir, tree) = tree(&["ours", "left", "", "\0\0", "edit", "a longer edit", &large]);
        let mut leftovers = Leftovers::default();
        leftovers.add("Movies/A".to_owned(), [hash("left")].into_iter());
        let written = Some(Written::of(b"ours"));
        let known = Ours::left_in(&leftovers, "Movies/B").or_written(written);
        let left = Ours::left_in(&leftovers, "Movies/A");
        let look = |ours: Ours<'_>| -> Vec<String> {
            let name = |number: usize| match ours.look(&tree, &at(&number.to_string())).unwrap() {
                Occupant::Nothing => "nothing".to_owned(),
                Occupant::Ours(found) => format!("ours {}", found.size),
                Occupant::Damaged(_) => "damaged".to_owned(),
                Occupant::Edited(hash) => format!("edited {}", hash.is_some()),
                Occupant::Strange(entry) => format!("strange {}", entry.as_str()),
            };
            (0..8).map(name).collect()
        };
        let edited = "edited true";
        let (unread, film) = ("edited false", "strange a file");
        assert_eq!(
            look(known),
            ["ours 4", edited, "damaged", "damaged", edited, unread, film, "nothing"]
        );
        // What a power cut leaves of what was announced is ours if it is empty.
        assert_eq!(
            look(left),
            [edited, "ours 4", "ours 0", "damaged", edited, edited, edited, "nothing"]
        );
        let both = left.or_written(written);
        assert_eq!(look(both)[..3], ["ours 4", "ours 4", "ours 0"]);
        // Of a file of which nothing is known, only its size is asked.
        let nothing = look(Ours::default());
        assert_eq!(nothing, [unread, unread, unread, unread, unread, unread, film, "nothing"]);
    }

    /// What a run that was cut off has made is ours, as long as something of it is there.
    #[test]
    fn a_place_is_taken_by_what_no_run_of_ours_made() {
        let (_dir, tree) = tree(&[]);
        tree.create_dir(&at("Movies")).unwrap();
        let mut leftovers = Leftovers::default();
        for folder in ["ours", "mixed", "noted", "empty", "film", "free", "theirs"] {
            if folder != "free" {
                tree.create_dir(&at(&format!("Movies/{folder}"))).unwrap();
            }
            if folder != "theirs" {
                leftovers.add(format!("Movies/{folder}"), [hash("left")].into_iter());
            }
        }
        leftovers.note_users("Movies/noted".to_owned());
        for folder in ["ours", "mixed", "noted"] {
            tree.write_new(&at(&format!("Movies/{folder}/a.strm")), b"left").unwrap();
        }
        for file in ["mixed/b.nfo", "film/a.mkv"] {
            tree.write_new(&at(&format!("Movies/{file}")), b"theirs").unwrap();
        }
        for (folder, expected) in [
            ("ours", false),
            ("mixed", false),
            ("free", false),
            ("noted", true),
            ("empty", true),
            ("film", true),
            ("theirs", true),
            ("..", false),
        ] {
            assert_eq!(is_taken(&tree, &leftovers, "Movies", folder), expected, "{folder}");
        }
    }

    #[test]
    fn a_folder_that_was_there_is_the_users_unless_all_in_it_was_announced() {
        let (_dir, tree) = tree(&[]);
        let mut leftovers = Leftovers::default();
        for folder in ["ours", "mixed", "noted", "empty", "film"] {
            tree.create_dir(&at(folder)).unwrap();
            leftovers.add(folder.to_owned(), [hash("left")].into_iter());
        }
        leftovers.note_users("noted".to_owned());
        for file in ["ours/a.strm", "mixed/a.strm", "noted/a.strm", "film/a.strm"] {
            tree.write_new(&at(file), b"left").unwrap();
        }
        tree.write_new(&at("mixed/b.nfo"), b"theirs").unwrap();
        tree.write_new(&at("film/a.mkv"), b"theirs").unwrap();
        let none = Leftovers::default();
        let whose = |leftovers, folder, known| whose_folder(&tree, leftovers, &at(folder), known);
        for (folder, is_users) in
            [("ours", false), ("mixed", true), ("noted", true), ("empty", true), ("film", true)]
        {
            assert_eq!(
                whose(&leftovers, folder, Ownership::Unknown),
                Ownership::of(is_users),
                "{folder}"
            );
            // Nothing was announced: it was there before anything of ours.
            assert_eq!(whose(&none, folder, Ownership::Unknown), Ownership::Users, "{folder}");
            assert_eq!(whose(&leftovers, folder, Ownership::Users), Ownership::Users, "{folder}");
            // What the ledger has as ours is another one only if it holds a film.
            let other = if folder == "film" { Ownership::Users } else { Ownership::Unknown };
            assert_eq!(whose(&leftovers, folder, Ownership::Ours), other, "{folder}");
        }
    }
}
