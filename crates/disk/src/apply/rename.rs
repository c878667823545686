//! Gives a title's files other names inside its folder, and takes along what belongs to them: subtitles
//! and pictures that carry a `.strm`'s name.

use std::collections::{BTreeSet, HashMap};

use vod2strm_core::model::file::FileKey;
use vod2strm_core::model::theirs::companion;
use vod2strm_core::path::{RelPath, strm_stem};
use vod2strm_core::plan::{PlannedFile, TitlePlan};
use vod2strm_core::text::fold_key;

use crate::fs::dir::Dirs;
use crate::fs::tree::{Tree, TreeError};
use crate::fs::{EntryKind, Way};

/// What became of the renames.
#[derive(Debug, Default)]
pub struct Renamed {
    /// The files that have their new names, or are gone: they are made there.
    pub done: Vec<FileKey>,
    /// Those among them of which no file was there to rename.
    pub gone: BTreeSet<FileKey>,
    /// Why others keep their old ones.
    pub failed: HashMap<FileKey, TreeError>,
    /// Companions that went along: paths below the title's folder, before and after.
    pub companions: Vec<(String, String)>,
}

/// Renames the files of a plan below the title's folder. An edited file moves like any other; nothing
/// is ever replaced.
pub fn rename_files(tree: &Tree, folder: &RelPath, plan: &TitlePlan) -> Renamed {
    let context = RenameContext { tree, folder, plan };
    let renamed = context.rename_all();
    let mut dirs = Dirs::in_root_of(tree, folder);
    for dir in context.left() {
        // One that is not empty stays, and harms nobody; one behind a link is not the library's.
        if matches!(dirs.look(&dir), Ok(Way::Real)) {
            drop(tree.remove_dir(&dir));
        }
    }
    renamed
}

/// Whether [`rename_files`] would change anything on disk; `previewed` is what it did to a preview of the tree. What
/// cannot be looked at may be.
pub fn would_change(tree: &Tree, folder: &RelPath, plan: &TitlePlan, previewed: &Renamed) -> bool {
    let is_vacant = |dir: &RelPath| {
        matches!(tree.kind(dir), Ok(Some(EntryKind::Dir)))
            && tree.list(dir).map_or(true, |names| names.is_empty())
    };
    previewed.done.len() > previewed.gone.len()
        || !previewed.companions.is_empty()
        || RenameContext { tree, folder, plan }.left().any(|dir| is_vacant(&dir))
}

/// A title's folder, and what is to become of its names.
struct RenameContext<'a> {
    tree: &'a Tree,
    folder: &'a RelPath,
    plan: &'a TitlePlan,
}

impl RenameContext<'_> {
    /// Renames each file, an NFO after its `.strm`; their names never collide.
    fn rename_all(&self) -> Renamed {
        let mut dirs = Dirs::in_root_of(self.tree, self.folder);
        let mut renamed = Renamed::default();
        let (strms, others): (Vec<_>, Vec<_>) =
            self.plan.renames().into_iter().partition(|rename| rename.file.key.is_strm());
        let mut staying: Vec<&str> = Vec::new();
        for rename in strms.into_iter().chain(others) {
            let tried = if staying.contains(&stem(rename.path_before())) {
                Err(self.stays(rename))
            } else {
                self.rename(rename, &mut dirs, &mut renamed.companions)
            };
            if tried.is_err() {
                staying.push(stem(rename.path_before()));
            }
            match tried {
                Ok(was_there) => {
                    renamed.done.push(rename.file.key.clone());
                    if !was_there {
                        renamed.gone.insert(rename.file.key.clone());
                    }
                }
                Err(error) => drop(renamed.failed.insert(rename.file.key.clone(), error)),
            }
        }
        renamed
    }

    /// The folders below the title's that files leave, those in a folder before it.
    fn left(&self) -> impl Iterator<Item = RelPath> {
        let dirs = self.plan.files().filter_map(|file| file.from.as_ref()?.rsplit_once('/'));
        let dirs: BTreeSet<&str> = dirs.map(|(dir, _)| dir).collect();
        dirs.into_iter().rev().filter_map(|dir| self.folder.join(dir).ok())
    }

    /// Renames one file; says whether it was there.
    fn rename(
        &self,
        rename: &PlannedFile,
        dirs: &mut Dirs<'_>,
        moved: &mut Vec<(String, String)>,
    ) -> Result<bool, TreeError> {
        let tree = self.tree;
        let (from, to) = self.places(rename)?;
        if !self.is_there(dirs, &from)? {
            return Ok(false);
        }
        dirs.make(&to.parent().unwrap_or_default())?;
        refuse_taken(tree, &from, &to)?;
        // First what follows it: a run that was cut off finds it where it was, and goes on.
        for (companion, target) in self.companions(rename, &from, &to)? {
            // What has its new name taken keeps the old one.
            match tree.rename_new(&companion, &target) {
                Ok(()) => moved.push((self.below(&companion), self.below(&target))),
                Err(error) if error.is_occupied() => {}
                Err(error) => return Err(error),
            }
        }
        move_file(tree, &from, &to)?;
        Ok(true)
    }

    /// Whether a file is where it is to be renamed. If not, it is gone, or was renamed before a crash; or something else
    /// is there, which is not ours to move. A link on the way to it is an error: what is behind it may be ours again.
    fn is_there(&self, dirs: &mut Dirs<'_>, from: &RelPath) -> Result<bool, TreeError> {
        Ok(dirs.look_past(&from.parent().unwrap_or_default())? == Way::Real
            && self.tree.kind(from)? == Some(EntryKind::File))
    }

    /// What goes along with a `.strm`; with an NFO nothing does.
    fn companions(
        &self,
        rename: &PlannedFile,
        from: &RelPath,
        to: &RelPath,
    ) -> Result<Vec<(RelPath, RelPath)>, TreeError> {
        if rename.file.key.is_strm() {
            companions(self.tree, self.plan, from, to)
        } else {
            Ok(Vec::new())
        }
    }

    /// Why an NFO keeps its name.
    fn stays(&self, rename: &PlannedFile) -> TreeError {
        let source = std::io::Error::other("its .strm keeps its name");
        let path = self.folder.join(rename.path_before());
        let path = path.map_or_else(|_| self.tree.real(self.folder), |path| self.tree.real(&path));
        TreeError { verb: "rename", path, source, has_repeated: false }
    }

    /// Where a file is, and where it is to be.
    fn places(&self, rename: &PlannedFile) -> Result<(RelPath, RelPath), TreeError> {
        let not_a_path = |below: &str| self.tree.not_a_path(self.folder, below);
        let path = |below: &str| self.folder.join(below).map_err(|_| not_a_path(below));
        Ok((path(rename.path_before())?, path(&rename.file.path)?))
    }

    /// A path below the title's folder.
    fn below(&self, path: &RelPath) -> String {
        let below = path.as_str().strip_prefix(self.folder.as_str()).unwrap_or_default();
        below.trim_start_matches('/').to_owned()
    }
}

/// A path without its extension.
fn stem(path: &str) -> &str {
    path.rsplit_once('.').map_or(path, |(stem, _)| stem)
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
    from: &RelPath,
    to: &RelPath,
) -> Result<Vec<(RelPath, RelPath)>, TreeError> {
    let stem = |path: &RelPath| strm_stem(path.name()).unwrap_or(path.name()).to_owned();
    let (old, new) = (stem(from), stem(to));
    let (Some(dir), Some(new_dir)) = (from.parent(), to.parent()) else { return Ok(Vec::new()) };
    let beside = names(tree, from)?;
    // Another .strm may carry a longer name that begins like this one's. That .strm is there, has its new name already,
    // or is gone.
    let planned = plan.files().map(|file| file.file.path.as_str());
    let planned = planned.chain(plan.files().filter_map(|file| file.from.as_deref()));
    let planned = planned.chain(plan.unwanted().map(|file| file.path.as_str()));
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
