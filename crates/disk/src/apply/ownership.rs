//! Whether a title's folder is the user's, as far as the tree tells. The ledger notes it when a title enters a
//! folder that was there before; this is for folders of which the ledger does not know.

use std::collections::HashMap;

use vod2strm_core::cancel::Cancel;
use vod2strm_core::hash::ContentHash;
use vod2strm_core::identity::known::TitleId;
use vod2strm_core::model::media::Kind;
use vod2strm_core::model::theirs::is_film;
use vod2strm_core::path::RelPath;
use vod2strm_core::plan::TitlePlan;

use crate::apply::crew::Crew;
use crate::apply::leftovers::{Leftovers, may_be_left};
use crate::fs::EntryKind;
use crate::fs::tree::{Found, Tree, TreeError};

/// Whether somebody's film or episode is in a folder, or below it. Ours are `.strm` files.
pub fn holds_film(tree: &Tree, folder: &RelPath) -> Result<bool, TreeError> {
    any_file(tree, folder, &mut |_, name| Ok(is_film(name)))
}

/// Whether a folder that a run which was cut off was to write to is the user's: the ledger notes it, or something
/// is in it that the run did not write, or nothing that it wrote. A folder of ours appears with its files.
pub fn is_somebodys(
    tree: &Tree,
    leftovers: &Leftovers,
    folder: &RelPath,
) -> Result<bool, TreeError> {
    let mut has_ours = false;
    let has_others = any_file(tree, folder, &mut |path, name| {
        let found = if is_plainly_a_file(name) {
            tree.read_ours(path, may_be_left)?
        } else {
            return Ok(true);
        };
        let is_ours = matches!(&found, Found::Content(content)
            if leftovers.contains(folder.as_str(), ContentHash::of(content)));
        has_ours |= is_ours;
        Ok(!is_ours)
    })?;
    Ok(leftovers.is_shared(folder.as_str()) || has_others || !has_ours)
}

/// Notes in plans that a title's folder is there before anything of it: it is the user's. The ledger is to hear of
/// it before the first file enters the folder, which may be the last that a run does. What a run that was cut off
/// has left is judged when it is written to. Only trouble with the storage as a whole is an error.
pub fn note_users_folders(
    crew: &Crew<'_>,
    leftovers: &Leftovers,
    plans: &mut [TitlePlan],
) -> Result<(), TreeError> {
    let folder_of = |plan: &TitlePlan| -> Option<RelPath> {
        let is_new = !plan.is_idle() && plan.is_shared.is_none() && plan.may_appear_whole();
        let path = RelPath::parse(plan.root()).ok()?.join(plan.folder.as_deref()?).ok()?;
        (is_new && !leftovers.has(path.as_str())).then_some(path)
    };
    let folders: Vec<(usize, RelPath)> =
        plans.iter().enumerate().filter_map(|(at, plan)| Some((at, folder_of(plan)?))).collect();
    let look = |(): &mut (), (_, folder): &(usize, RelPath)| crew.tree().kind(folder);
    let is_over = |found: &Result<_, TreeError>| matches!(found, Err(error) if error.is_storage());
    let go_on = Cancel::default();
    let found = crew.share(&mut crew.tools(drop), &folders, &go_on, look, is_over);
    for ((at, _), found) in folders.iter().zip(found) {
        match found {
            Some(Ok(Some(_))) => plans[*at].is_shared = Some(true),
            Some(Err(error)) if error.is_storage() => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// Says of each of these folders whether it is the user's: it holds a film. What cannot be looked at is left
/// out; trouble with the storage as a whole ends it.
pub fn whose(
    crew: &Crew<'_>,
    folders: &[(TitleId, Kind, RelPath)],
) -> Result<HashMap<TitleId, (Kind, bool)>, TreeError> {
    let look = |(): &mut (), (title, kind, folder): &(TitleId, Kind, RelPath)| {
        holds_film(crew.tree(), folder).map(|is_shared| (*title, (*kind, is_shared)))
    };
    let is_over = |found: &Result<_, TreeError>| matches!(found, Err(error) if error.is_storage());
    let go_on = Cancel::default();
    let found = crew.share(&mut crew.tools(drop), folders, &go_on, look, is_over);
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

/// Whether a file's content is what a power cut leaves of one that was written: nothing, or zeros alone.
pub fn is_damage(content: &[u8]) -> bool {
    content.iter().all(|byte| *byte == 0)
}
