//! The one safe way to a folder of the library: through folders alone, and never through a link.

use std::collections::BTreeMap;
use std::io;

use vod2strm_core::path::RelPath;

use crate::fs::tree::{Tree, TreeError};
use crate::fs::{EntryKind, Way};

/// The folders of one title, and of what is above it, that were looked at.
///
/// A folder is [`Way::Real`] if every name on the way to it, its own included, is that of a folder. A link, whatever it
/// leads to, is none. The way begins at the output folder, or at a root that is elsewhere: the user chose these, also as
/// links. What is mounted below them belongs to the library.
///
/// A file system that takes a whole path at once ([`Fs::way`](crate::fs::Fs::way)) is asked once for a folder of which
/// two or more names are unknown. It resolves the path in one step, so that no link can come into the way meanwhile.
/// Otherwise one call per unknown name goes down from what is known. Both give the same answer.
///
/// An answer is kept for as long as this value lives: it is made for one title, and dropped with it. Between the answer
/// and what is then done in the folder somebody can still put a link in its place. What is done by one call, a rename or
/// a removal, would then follow that link. Nobody but who may write to the library can do that.
pub struct Dirs<'a> {
    tree: &'a Tree,
    /// Whether these are folders to which the way is real; of others it is not known.
    known: BTreeMap<RelPath, bool>,
    /// Those that were made, each after the one above it.
    made: Vec<RelPath>,
}

impl<'a> Dirs<'a> {
    /// Nothing is known yet.
    pub fn new(tree: &'a Tree) -> Dirs<'a> {
        let known = BTreeMap::from([(RelPath::default(), true)]);
        Dirs { tree, known, made: Vec::new() }
    }

    /// The library root of a path is known to be a folder: the run has looked at it when it began.
    pub fn in_root_of(tree: &'a Tree, path: &RelPath) -> Dirs<'a> {
        let mut dirs = Dirs::new(tree);
        let root = RelPath::parse(path.split_first().0).unwrap_or_default();
        dirs.known.insert(root, true);
        dirs
    }

    /// What is on the way to a folder.
    pub fn look(&mut self, dir: &RelPath) -> Result<Way, TreeError> {
        let Some(unknown) = self.unknown(dir) else { return Ok(Way::Blocked) };
        // Of one name, the short question costs less.
        let at_once = if unknown.len() > 1 { self.tree.way(dir)? } else { None };
        let Some(way) = at_once else { return self.walk(unknown) };
        match way {
            Way::Real => self.known.extend(unknown.into_iter().map(|dir| (dir, true))),
            Way::Blocked => drop(self.known.insert(dir.clone(), false)),
            Way::Missing => {}
        }
        Ok(way)
    }

    /// The same, but what blocks the way is an error that names it.
    pub fn look_past(&mut self, dir: &RelPath) -> Result<Way, TreeError> {
        match self.look(dir)? {
            Way::Blocked => Err(self.blocked(dir)?),
            way => Ok(way),
        }
    }

    /// Makes sure of a folder: it is made where it is missing, and so are those above it. What blocks the way is an error.
    pub fn make(&mut self, dir: &RelPath) -> Result<(), TreeError> {
        if self.look_past(dir)? == Way::Missing {
            if let Some(above) = dir.parent() {
                self.make(&above)?;
            }
            self.create(dir)?;
            self.known.insert(dir.clone(), true);
            self.made.push(dir.clone());
        }
        Ok(())
    }

    /// The folders that were made, each after the one above it.
    pub fn made(&self) -> &[RelPath] {
        &self.made
    }

    /// Makes one folder. The one above it was there; a library root may be missing before its first title.
    fn create(&self, dir: &RelPath) -> Result<(), TreeError> {
        match (self.tree.ensure_dir(dir), dir.parent()) {
            (Err(error), Some(above)) if error.source.kind() == io::ErrorKind::NotFound => {
                self.tree.ensure_dir(&above)?;
                self.tree.ensure_dir(dir)
            }
            (done, _) => done,
        }
    }

    /// The names of which nothing is known yet, from above; `None` if what is known blocks the way.
    fn unknown(&self, dir: &RelPath) -> Option<Vec<RelPath>> {
        let (mut unknown, mut at) = (Vec::new(), Some(dir.clone()));
        while let Some(path) = at {
            match self.known.get(&path) {
                Some(true) => break,
                Some(false) => return None,
                None => at = path.parent(),
            }
            unknown.push(path);
        }
        unknown.reverse();
        Some(unknown)
    }

    /// Goes down step by step, as far as there are folders.
    fn walk(&mut self, unknown: Vec<RelPath>) -> Result<Way, TreeError> {
        for dir in unknown {
            let Some(kind) = self.tree.kind(&dir)? else { return Ok(Way::Missing) };
            let is_real = kind == EntryKind::Dir;
            self.known.insert(dir, is_real);
            if !is_real {
                return Ok(Way::Blocked);
            }
        }
        Ok(Way::Real)
    }

    /// The error of what blocks the way to a folder. Who asked for the whole path at once does not know yet what it is.
    fn blocked(&mut self, dir: &RelPath) -> Result<TreeError, TreeError> {
        let (mut names, mut at) = (Vec::new(), Some(dir.clone()));
        while let Some(path) = at.filter(|path| self.known.get(path) != Some(&true)) {
            at = path.parent();
            names.push(path);
        }
        // Below a folder that is known, a name that is known to be none was asked itself.
        let is_asked = names.last().is_some_and(|top| self.known.contains_key(top));
        if !is_asked {
            self.known.remove(dir);
            self.walk(names.iter().rev().cloned().collect())?;
        }
        let is_none = |path: &&RelPath| self.known.get(*path) == Some(&false);
        let found = names.iter().rev().find(is_none).unwrap_or(dir);
        Ok(self.tree.not_a_folder(found))
    }
}
