//! Gives a title's files other names inside its folder, and takes along what belongs to them: subtitles
//! and pictures that carry a `.strm`'s name.

use std::collections::{BTreeSet, HashMap};

use vod2strm_core::path::{RelPath, strm_stem};
use vod2strm_core::plan::{Rename, TitlePlan};
use vod2strm_core::slot::role_of;
use vod2strm_core::text::fold_key;
use vod2strm_core::theirs::companion;

use crate::fs::EntryKind;
use crate::tree::{Tree, TreeError};

/// What became of the renames.
#[derive(Debug, Default)]
pub struct Renamed {
    /// Slots of files that have their new names, or are gone: they are made there.
    pub done: Vec<String>,
    /// Slots of those among them of which no file was there to rename.
    pub absent: BTreeSet<String>,
    /// Why others keep their old ones, by slot.
    pub failed: HashMap<String, TreeError>,
    /// Companions that went along: paths below the title's folder, before and after.
    pub companions: Vec<(String, String)>,
}

/// Renames the files of a plan below the title's folder. An edited file moves like any other; nothing
/// is ever replaced.
pub fn rename_files(tree: &Tree, folder: &RelPath, plan: &TitlePlan) -> Renamed {
    let mut renamed = Renamed::default();
    let mut left = BTreeSet::new();
    // An NFO follows its .strm; their names never collide.
    let is_strm = |rename: &&Rename| role_of(plan.title.kind, &rename.slot).is_strm();
    let (strms, others): (Vec<_>, Vec<_>) = plan.renames.iter().partition(is_strm);
    let mut staying: Vec<&str> = Vec::new();
    for rename in strms.into_iter().chain(others) {
        let tried = match staying.contains(&stem(&rename.from)) {
            true => Err(stays(tree, folder, rename)),
            false => rename_file(tree, (folder, plan), rename, &mut renamed.companions),
        };
        if tried.is_err() {
            staying.push(stem(&rename.from));
        }
        match tried {
            Ok(was_there) => {
                renamed.done.push(rename.slot.clone());
                if !was_there {
                    renamed.absent.insert(rename.slot.clone());
                }
            }
            Err(error) => drop(renamed.failed.insert(rename.slot.clone(), error)),
        }
        left.extend(rename.from.rsplit_once('/').map(|(dir, _)| dir.to_owned()));
    }
    for dir in left.iter().rev().filter_map(|dir| folder.join(dir).ok()) {
        // One that is not empty stays, and harms nobody.
        drop(tree.remove_dir(&dir));
    }
    renamed
}

/// A path without its extension.
fn stem(path: &str) -> &str {
    path.rsplit_once('.').map_or(path, |(stem, _)| stem)
}

/// Why an NFO keeps its name.
fn stays(tree: &Tree, folder: &RelPath, rename: &Rename) -> TreeError {
    let source = std::io::Error::other("its .strm keeps its name");
    let path =
        folder.join(&rename.from).map_or_else(|_| tree.real(folder), |path| tree.real(&path));
    TreeError { verb: "rename", path, source, has_repeated: false }
}

/// Renames one file; says whether it was there.
fn rename_file(
    tree: &Tree,
    (folder, plan): (&RelPath, &TitlePlan),
    rename: &Rename,
    moved: &mut Vec<(String, String)>,
) -> Result<bool, TreeError> {
    let (from, to) = places(tree, folder, rename)?;
    // It is gone, or was renamed before a crash; or something else is there, which is not ours to move.
    if !is_real(tree, folder, from.parent())? || tree.kind(&from)? != Some(EntryKind::File) {
        return Ok(false);
    }
    make_real(tree, folder, to.parent())?;
    // First what follows it: a run that was cut off finds it where it was, and goes on.
    if role_of(plan.title.kind, &rename.slot).is_strm() {
        refuse_taken(tree, &from, &to)?;
        for (companion, target) in companions(tree, plan, (&from, &to))? {
            // What has its new name taken keeps the old one.
            match tree.rename_new(&companion, &target) {
                Ok(()) => moved.push((below(folder, &companion), below(folder, &target))),
                Err(error) if error.is_occupied() => {}
                Err(error) => return Err(error),
            }
        }
    }
    move_file(tree, &from, &to)?;
    Ok(true)
}

/// The companions that [`rename_files`] would take along. Reads, and writes nothing.
pub fn foresee_companions(
    tree: &Tree,
    folder: &RelPath,
    plan: &TitlePlan,
) -> Result<Vec<(String, String)>, TreeError> {
    let mut found = Vec::new();
    for rename in plan.renames.iter().filter(|rename| is_strm(plan, rename)) {
        let (from, to) = places(tree, folder, rename)?;
        if !is_real(tree, folder, from.parent())?
            || tree.kind(&from)? != Some(EntryKind::File)
            || refuse_taken(tree, &from, &to).is_err()
        {
            continue;
        }
        for (companion, target) in companions(tree, plan, (&from, &to))? {
            if tree.kind(&target)?.is_none() {
                found.push((below(folder, &companion), below(folder, &target)));
            }
        }
    }
    Ok(found)
}

/// Where a file is, and where it is to be.
fn places(tree: &Tree, folder: &RelPath, rename: &Rename) -> Result<(RelPath, RelPath), TreeError> {
    let path = |below: &str| folder.join(below).map_err(|_| tree.not_a_path(folder, below));
    Ok((path(&rename.from)?, path(&rename.to)?))
}

fn is_strm(plan: &TitlePlan, rename: &Rename) -> bool {
    role_of(plan.title.kind, &rename.slot).is_strm()
}

/// A path below a title's folder.
fn below(folder: &RelPath, path: &RelPath) -> String {
    let below = path.as_str().strip_prefix(folder.as_str()).unwrap_or_default();
    below.trim_start_matches('/').to_owned()
}

/// A file that cannot have its new name keeps the old one, and so does what follows it.
fn refuse_taken(tree: &Tree, from: &RelPath, to: &RelPath) -> Result<(), TreeError> {
    if tree.kind(to)?.is_none() || is_itself(tree, from, to)? {
        return Ok(());
    }
    let what = format!("{} is there, and is not ours", tree.real(to).display());
    let source = std::io::Error::new(std::io::ErrorKind::AlreadyExists, what);
    Err(TreeError { verb: "rename", path: tree.real(from), source, has_repeated: false })
}

/// Moves a file to a free name. On a file system that folds case, a name that differs in case alone is
/// taken by the file itself.
fn move_file(tree: &Tree, from: &RelPath, to: &RelPath) -> Result<(), TreeError> {
    match tree.rename_new(from, to) {
        Err(error) if error.is_occupied() => {
            if is_itself(tree, from, to)? {
                tree.replace(from, to)
            } else {
                Err(error)
            }
        }
        done => done,
    }
}

/// Whether what is at the new name is the file under its old one.
fn is_itself(tree: &Tree, from: &RelPath, to: &RelPath) -> Result<bool, TreeError> {
    let is_alike = from.parent() == to.parent() && fold_key(from.as_str()) == fold_key(to.as_str());
    let is_other = |name: &String| to.as_str().ends_with(&format!("/{name}"));
    Ok(is_alike && !names(tree, to)?.iter().any(is_other))
}

/// What carries a `.strm`'s name, `Alien.en.srt` or `Alien-poster.jpg`, with the path that it is to have.
fn companions(
    tree: &Tree,
    plan: &TitlePlan,
    (from, to): (&RelPath, &RelPath),
) -> Result<Vec<(RelPath, RelPath)>, TreeError> {
    let stem = |path: &RelPath| {
        let name = path.as_str().rsplit('/').next().unwrap_or_default();
        strm_stem(name).unwrap_or(name).to_owned()
    };
    let (old, new) = (stem(from), stem(to));
    let (Some(dir), Some(new_dir)) = (from.parent(), to.parent()) else { return Ok(Vec::new()) };
    let beside = names(tree, from)?;
    // Another .strm may carry a longer name that begins like this one's: one that is there, that has its
    // new name already, or that is gone.
    let planned = plan.files.iter().map(|file| file.file.path.as_str());
    let planned = planned.chain(plan.renames.iter().map(|rename| rename.from.as_str()));
    let planned = planned.chain(plan.obsolete.iter().map(|file| file.path.as_str()));
    let others: BTreeSet<&str> = planned
        .filter_map(|path| path.rsplit('/').next())
        .chain(beside.iter().map(String::as_str))
        .filter_map(strm_stem)
        .filter(|other| other.len() > old.len() && other.starts_with(&old))
        .collect();
    let mut found = Vec::new();
    for name in &beside {
        let Some(rest) = companion(name, &old) else { continue };
        let is_anothers = others.iter().any(|other| name.starts_with(other));
        let paths = (dir.join(name), new_dir.join(&format!("{new}{rest}")));
        let (false, (Ok(companion), Ok(target))) = (is_anothers, paths) else { continue };
        if companion != target && tree.kind(&companion)? == Some(EntryKind::File) {
            found.push((companion, target));
        }
    }
    Ok(found)
}

/// The names beside a file.
fn names(tree: &Tree, path: &RelPath) -> Result<Vec<String>, TreeError> {
    path.parent().map_or(Ok(Vec::new()), |dir| tree.list(&dir))
}

/// Whether all folders from the title's down to `dir` are there, and no links.
fn is_real(tree: &Tree, folder: &RelPath, dir: Option<RelPath>) -> Result<bool, TreeError> {
    let mut dir = dir;
    while let Some(path) = dir {
        if tree.kind(&path)? != Some(EntryKind::Dir) {
            return Ok(false);
        }
        if path == *folder {
            break;
        }
        dir = path.parent();
    }
    Ok(true)
}

/// Makes the folders from the title's down to `dir` where they are missing.
fn make_real(tree: &Tree, folder: &RelPath, dir: Option<RelPath>) -> Result<(), TreeError> {
    let Some(dir) = dir.filter(|dir| dir != folder) else { return Ok(()) };
    make_real(tree, folder, dir.parent())?;
    match tree.kind(&dir)? {
        Some(EntryKind::Dir) => Ok(()),
        Some(_) => Err(tree.not_a_folder(&dir)),
        None => tree.ensure_dir(&dir),
    }
}
