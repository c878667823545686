//! Is this the library that the ledger knows? Markers, places and mounts of its folders, compared with the
//! ledger before anything is written.

use std::path::PathBuf;

use vod2strm_core::model::media::Kind;
use vod2strm_core::naming::library_root;
use vod2strm_core::path::RelPath;

use crate::fs::EntryKind;
use crate::fs::roots::{OWN_DIR, root_path};
use crate::fs::tree::Tree;
use crate::ledger::{Ledger, LedgerError};
use crate::library::marker::{self, Marker, MarkerContent, Standing};
use crate::library::mounts::mounts_at;
use crate::library::place::{LibraryError, Place, exists, real_path};

/// The fact in a ledger that holds the library's id.
const ID: &str = "library";

/// The fact in a ledger that is to be filled from what is on disk.
pub const RECOVERING: &str = "recovering";

/// Roots in one another: titles of one kind would be found among those of the other, and what is on its
/// way among titles.
pub fn refuse_nested(place: &Place) -> Result<(), LibraryError> {
    let [movies, series] = Kind::ALL.map(|kind| real_path(&place.root(kind)));
    let own = real_path(&place.output.join(OWN_DIR));
    for (a, b) in [(&movies, &series), (&own, &movies), (&own, &series)] {
        for (inner, outer) in [(a, b), (b, a)] {
            if inner.starts_with(outer) {
                let (inner, outer) = (inner.clone(), outer.clone());
                return Err(LibraryError::Nested { inner, outer });
            }
        }
    }
    Ok(())
}

/// Folders that are missing although the ledger has titles in them: not mounted, or emptied. Nothing is
/// made in their place.
pub fn refuse_missing(place: &Place) -> Result<(), LibraryError> {
    let path = place.ledger_path()?;
    if !exists(&path)? {
        return Ok(());
    }
    for kind in Kind::ALL {
        let root = place.root(kind);
        if place.roots.has(kind)
            && !exists(&root)?
            && Ledger::open_read_only(&path)?.has_folders(kind)?
        {
            return Err(LibraryError::Elsewhere { root, ledger: path });
        }
    }
    if !place.is_new()? {
        return Ok(());
    }
    match Ledger::open_read_only(&path)?.count_titles()? {
        0 => Ok(()),
        titles => {
            Err(LibraryError::Unmarked { output: place.output.clone(), ledger: path, titles })
        }
    }
}

/// `Movies` and `TV` of the output folder are folders: files are moved into them by renaming, which a
/// link to another place would send there.
pub fn refuse_linked_roots(tree: &Tree) -> Result<(), LibraryError> {
    for path in Kind::ALL.map(root_path) {
        if !matches!(tree.kind(&path)?, None | Some(EntryKind::Dir)) {
            return Err(tree.not_a_folder(&path).into());
        }
    }
    Ok(())
}

/// What was found of a library, beside its ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LedgerMatch {
    /// It is the ledger's.
    Known,
    /// It has been a library before, and the ledger does not know it.
    LedgerLost,
    /// The ledger is from before the library's last runs.
    LedgerOlder,
    /// The library is from before the ledger's last runs.
    TreeOlder,
}

/// Compares the markers, places and mounts of all folders with the ledger; changes nothing.
pub fn look(tree: &Tree, ledger: &Ledger) -> Result<LedgerMatch, LibraryError> {
    let mut ledger_match = LedgerMatch::Known;
    let known = ledger.meta(ID)?;
    // The output folder comes first: a new one has no root that is another library's.
    let mut id = known.clone();
    for volume in tree.roots().volumes() {
        let kinds = kinds_in(tree, &volume);
        let found = marker::read(tree, &volume)?;
        if let Marker::Whole(mark) = &found {
            let is_first = volume.as_str().is_empty();
            let expected = if is_first {
                id.get_or_insert(mark.id.clone())
            } else {
                id.get_or_insert_default()
            };
            if mark.id != *expected {
                let (output, ledger) = (tree.real(&volume), ledger.path().to_owned());
                return Err(LibraryError::OtherLibrary { output, ledger });
            }
        }
        match (found, &known) {
            (Marker::Whole(mark), Some(_)) => match marker::compare(ledger, &mark)? {
                Standing::Same => {}
                Standing::OlderLedger => ledger_match = LedgerMatch::LedgerOlder,
                Standing::OlderTree if ledger_match == LedgerMatch::Known => {
                    ledger_match = LedgerMatch::TreeOlder
                }
                Standing::OlderTree => {}
            },
            (Marker::Whole(_) | Marker::Damaged, None) => ledger_match = LedgerMatch::LedgerLost,
            (Marker::Missing, _) => refuse_unmarked(tree, ledger, &volume, &kinds)?,
            (Marker::Damaged, Some(_)) => {
                for kind in kinds {
                    refuse_empty(tree, ledger, kind)?;
                }
            }
        }
    }
    for kind in Kind::ALL {
        check_place(tree, ledger, kind)?;
        check_mounts(tree, ledger, kind)?;
    }
    if ledger_match == LedgerMatch::Known && ledger.meta(RECOVERING)?.is_some() {
        return Ok(LedgerMatch::LedgerLost);
    }
    Ok(ledger_match)
}

/// Makes ledger and markers agree on who they are, and notes where the folders are. Gives the folders
/// whose markers were damaged and have been written anew.
pub fn settle(tree: &Tree, ledger: &Ledger, fresh_id: &str) -> Result<Vec<PathBuf>, LibraryError> {
    let known = ledger.meta(ID)?;
    let found = tree.roots().volumes().map(|volume| Ok((marker::read(tree, &volume)?, volume)));
    let found = found.collect::<Result<Vec<_>, LibraryError>>()?;
    let marks = found.iter().filter_map(|(marker, _)| match marker {
        Marker::Whole(mark) => Some(mark),
        Marker::Missing | Marker::Damaged => None,
    });
    let mark = match (&known, marks.max_by_key(|mark| mark.generation)) {
        (Some(id), _) => marker::mark_of(ledger, id.clone())?,
        (None, Some(mark)) => mark.clone(),
        (None, None) => MarkerContent { id: fresh_id.to_owned(), generation: 0 },
    };
    let has_been_one = found.iter().any(|(marker, _)| *marker != Marker::Missing);
    let mut renewed = Vec::new();
    // The ledger gets the id when the markers are durable: whoever has the id finds them.
    for (marker, volume) in found {
        match marker {
            Marker::Whole(_) => {}
            Marker::Missing if marker::make(tree, &volume, &mark)? => {}
            // Another run has just made it: its id counts.
            Marker::Missing => return settle(tree, ledger, fresh_id),
            Marker::Damaged => {
                marker::renew(tree, &volume, &mark)?;
                renewed.push(tree.real(&volume));
            }
        }
    }
    if known.is_none() {
        if has_been_one {
            // A run that is cut off, or fails, before it has recognised what is on disk leaves that to
            // the next.
            ledger.set_meta(RECOVERING, "1")?;
        }
        marker::adopt_generation(ledger, &mark)?;
        ledger.set_meta(ID, &mark.id)?;
    }
    for kind in Kind::ALL {
        let facts =
            [(place_fact(kind), place_of(tree, kind)), (mounts_fact(kind), mounts_of(tree, kind))];
        for (fact, now) in facts {
            if ledger.meta(&fact)?.as_ref() != Some(&now) {
                ledger.set_meta(&fact, &now)?;
            }
        }
    }
    Ok(renewed)
}

/// The kinds whose titles are in a volume: the output folder, or a root that is elsewhere.
fn kinds_in(tree: &Tree, volume: &RelPath) -> Vec<Kind> {
    Kind::ALL
        .into_iter()
        .filter(|kind| tree.roots().volume_of(&root_path(*kind)) == *volume)
        .collect()
}

/// A folder without a marker, in which the ledger has titles, is not mounted, whatever lies there. But a root that has
/// just been put elsewhere by its owner never had a marker of its own.
fn refuse_unmarked(
    tree: &Tree,
    ledger: &Ledger,
    volume: &RelPath,
    kinds: &[Kind],
) -> Result<(), LibraryError> {
    for kind in kinds {
        if !volume.as_str().is_empty() && known_place(ledger, *kind)? != place_of(tree, *kind) {
            continue;
        }
        refuse_empty(tree, ledger, *kind)?;
        if ledger.has_folders(*kind)? {
            let (output, ledger_path) = (tree.real(volume), ledger.path().to_owned());
            let titles = ledger.count_titles()?;
            return Err(LibraryError::Unmarked { output, ledger: ledger_path, titles });
        }
    }
    Ok(())
}

/// A root that has none of the titles that the ledger knows there.
fn refuse_empty(tree: &Tree, ledger: &Ledger, kind: Kind) -> Result<(), LibraryError> {
    let root = root_path(kind);
    let folders = ledger.folders_of(kind)?;
    for folder in folders.iter().filter_map(|folder| root.join(folder).ok()) {
        if tree.kind(&folder)?.is_some() {
            return Ok(());
        }
    }
    if folders.is_empty() {
        return Ok(());
    }
    Err(LibraryError::Elsewhere { root: tree.real(&root), ledger: ledger.path().to_owned() })
}

/// A root that is another one than in the last run must have a title that the ledger knows. Otherwise the root is not
/// mounted, or its titles are still where the root was.
fn check_place(tree: &Tree, ledger: &Ledger, kind: Kind) -> Result<(), LibraryError> {
    if known_place(ledger, kind)? == place_of(tree, kind) {
        Ok(())
    } else {
        refuse_empty(tree, ledger, kind)
    }
}

/// Where a root is, if it is elsewhere.
fn place_of(tree: &Tree, kind: Kind) -> String {
    if !tree.roots().has(kind) {
        return String::new();
    }
    real_path(&tree.real(&root_path(kind))).to_string_lossy().into_owned()
}

fn known_place(ledger: &Ledger, kind: Kind) -> Result<String, LedgerError> {
    Ok(ledger.meta(&place_fact(kind))?.unwrap_or_default())
}

/// The fact in a ledger that says where a root was in the last run.
fn place_fact(kind: Kind) -> String {
    format!("place of {}", library_root(kind))
}

/// The fact in a ledger that says what was mounted at a root and below it in the last run.
fn mounts_fact(kind: Kind) -> String {
    format!("mounts in {}", library_root(kind))
}

/// What is mounted at a root and below it, a line each.
fn mounts_of(tree: &Tree, kind: Kind) -> String {
    let mounts = mounts_at(&real_path(&tree.real(&root_path(kind))));
    mounts.into_iter().collect::<Vec<_>>().join("\n")
}

/// A file system that has come or gone, at a root that is where it was and has titles, or below it.
fn check_mounts(tree: &Tree, ledger: &Ledger, kind: Kind) -> Result<(), LibraryError> {
    let Some(known) = ledger.meta(&mounts_fact(kind))? else { return Ok(()) };
    let now = mounts_of(tree, kind);
    if known == now
        || known_place(ledger, kind)? != place_of(tree, kind)
        || !ledger.has_folders(kind)?
    {
        return Ok(());
    }
    let root = root_path(kind);
    // The marker of a root that is elsewhere goes where its titles go.
    let is_marked = tree.roots().has(kind) && {
        let found = marker::read(tree, &root)?;
        matches!(&found, Marker::Whole(mark) if marker::compare(ledger, mark)? == Standing::Same)
    };
    let lines = |text: &str| -> Vec<String> {
        let lines = text.lines().filter(|line| !(is_marked && *line == "."));
        lines.map(str::to_owned).collect()
    };
    let what = difference(&lines(&known), &lines(&now));
    if what.is_empty() {
        Ok(())
    } else {
        Err(LibraryError::Mounts { root: tree.real(&root), what })
    }
}

/// What has come and what has gone, in words.
fn difference(known: &[String], now: &[String]) -> String {
    let name =
        |line: &String| if line == "." { "the folder itself".to_owned() } else { line.clone() };
    let of = |these: &[String], others: &[String]| -> Vec<String> {
        these.iter().filter(|line| !others.contains(line)).map(name).collect()
    };
    let (gone, new) = (of(known, now), of(now, known));
    let parts = [("mounted no more", gone), ("mounted since", new)];
    let parts = parts.iter().filter(|(_, folders)| !folders.is_empty());
    let parts: Vec<String> =
        parts.map(|(word, folders)| format!("{} ({word})", folders.join(", "))).collect();
    parts.join("; ")
}
