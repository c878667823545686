//! Looks through a tree that the ledger does not know, and reads its `.strm` files. Changes nothing,
//! and follows no link.

use std::collections::{BTreeSet, HashMap, HashSet};

use vod2strm_core::cancel::Cancel;
use vod2strm_core::model::media::Kind;
use vod2strm_core::model::theirs::is_film;
use vod2strm_core::path::{RelPath, is_strm};

use crate::fs::EntryKind;
use crate::fs::roots::{OWN_DIR, root_path};
use crate::fs::tree::{Tree, TreeError};

/// The largest `.strm` that is read: one URL needs no more.
const MAX_STRM: usize = 64 * 1024;

/// The largest NFO that is read; ours have a few kilobytes.
const MAX_NFO: usize = 1024 * 1024;

/// What was seen besides `.strm` files.
#[derive(Debug, Default)]
pub struct Survey {
    /// Every folder below the library roots and when an entry last came or went. The time was asked before the folder
    /// was listed, so that what comes or goes later shows.
    pub folders: HashMap<String, i64>,
    /// What could not be looked at, and why.
    pub notes: Vec<String>,
    /// Folders with films of somebody's.
    films: BTreeSet<String>,
}

impl Survey {
    /// Whether somebody's film is in a folder, or below it.
    pub fn holds_film(&self, folder: &str) -> bool {
        let below = format!("{folder}/");
        let first = self.films.range(below.clone()..).next();
        self.films.contains(folder) || first.is_some_and(|it| it.starts_with(&below))
    }
}

/// Goes through `Movies` and `TV` and hands each `.strm` but the `known` ones to `take`. `take` gets the file's path
/// below the output folder, and its content, `None` when the file is too large to be one. Ends early when it is to
/// `cancel`, or when the storage fails as a whole.
pub fn survey(
    tree: &Tree,
    known: &HashSet<String>,
    cancel: &Cancel,
    take: &mut dyn FnMut(String, Option<Vec<u8>>),
) -> Result<Survey, TreeError> {
    let mut walk = Walk { tree, known, take, seen: Survey::default(), rest: Vec::new() };
    for root in Kind::ALL.map(root_path) {
        if tree.kind(&root)? == Some(EntryKind::Dir) {
            walk.rest.push(root);
        }
    }
    while let Some(folder) = walk.rest.pop() {
        if cancel.is_cancelled() {
            break;
        }
        let looked = walk.folder(&folder);
        walk.or_note(looked)?;
    }
    Ok(walk.seen)
}

/// An NFO's content, if a file is there; of one that is larger than any of ours the beginning.
pub fn read_nfo(tree: &Tree, path: &RelPath) -> Result<Option<Vec<u8>>, TreeError> {
    match tree.kind(path)? {
        Some(EntryKind::File) => tree.read_start(path, MAX_NFO),
        _ => Ok(None),
    }
}

struct Walk<'a> {
    tree: &'a Tree,
    known: &'a HashSet<String>,
    take: &'a mut dyn FnMut(String, Option<Vec<u8>>),
    seen: Survey,
    /// Folders that are still to be looked at.
    rest: Vec<RelPath>,
}

impl Walk<'_> {
    fn folder(&mut self, folder: &RelPath) -> Result<(), TreeError> {
        let Some(changed) = self.tree.changed(folder)? else { return Ok(()) };
        let names = self.tree.list(folder)?;
        self.seen.folders.insert(folder.as_str().to_owned(), changed);
        for name in names {
            match folder.join(&name) {
                Ok(path) => {
                    let looked = self.entry(path);
                    self.or_note(looked)?;
                }
                Err(error) => self.seen.notes.push(error.to_string()),
            }
        }
        Ok(())
    }

    fn entry(&mut self, path: RelPath) -> Result<(), TreeError> {
        let is_strm = is_strm(path.as_str());
        if is_strm && self.known.contains(path.as_str()) {
            return Ok(());
        }
        match self.tree.kind(&path)? {
            Some(EntryKind::Dir) if path.as_str().ends_with(&format!("/{OWN_DIR}")) => {}
            Some(EntryKind::Dir) => self.rest.push(path),
            Some(EntryKind::File) if is_strm => {
                let content = self.tree.read_start(&path, MAX_STRM + 1)?;
                if let Some(content) = content {
                    let content = Some(content).filter(|content| content.len() <= MAX_STRM);
                    (self.take)(path.as_str().to_owned(), content);
                }
            }
            Some(EntryKind::File) if is_film(path.as_str()) => {
                let dir = path.parent().unwrap_or_default();
                self.seen.films.insert(dir.as_str().to_owned());
            }
            // Listings have U+FFFD for bytes that are no UTF-8: under that name nothing is there.
            None if path.as_str().contains(char::REPLACEMENT_CHARACTER) => {
                self.seen.notes.push(format!("{path} has a name that is not UTF-8"));
            }
            Some(EntryKind::File) | None => {}
            Some(EntryKind::Other) => {
                self.seen.notes.push(format!("{path} is a link or a device, and was not followed"));
            }
        }
        Ok(())
    }

    /// Trouble with one file or folder is noted; trouble with the storage ends it all.
    fn or_note(&mut self, looked: Result<(), TreeError>) -> Result<(), TreeError> {
        match looked {
            Err(error) if error.is_storage() => Err(error),
            Err(error) => {
                self.seen.notes.push(format!("{error}: {}", error.source));
                Ok(())
            }
            Ok(()) => Ok(()),
        }
    }
}
