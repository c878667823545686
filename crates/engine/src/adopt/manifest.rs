//! The manifest of the Dispatcharr plugin vod2strm: which file it wrote for which UUID. A hint, no more.

use std::path::{Path, PathBuf};

use serde_json::Value;
use vod2strm_core::model::media::Kind;
use vod2strm_core::render::url::Playable;
use vod2strm_disk::library::Place;

use crate::host::found;

/// What the plugin calls it, in its root or in `Movies`.
const NAME: &str = ".vod2strm_manifest.json";

/// What a file plays: its path as the plugin saw it, movie or episode, UUID.
pub type Hint = (String, Playable, String);

/// The manifest of a tree that the plugin made, if it seems to be there: what cannot be looked at may be one.
pub fn find(place: &Place) -> Option<PathBuf> {
    let folders = [place.output.clone(), place.root(Kind::Movie)];
    let may_be_one = |path: &PathBuf| match found(path) {
        Ok(found) => found.is_some_and(|found| found.is_file()),
        Err(_) => true,
    };
    folders.map(|folder| folder.join(NAME)).into_iter().find(may_be_one)
}

/// Reads a manifest; what is wrong with it is said in words. Entries that make no sense are left out.
pub fn read(path: &Path) -> Result<Vec<Hint>, String> {
    let wrong = |error: &dyn std::fmt::Display| {
        format!("cannot read the manifest {}: {error}", path.display())
    };
    let text = std::fs::read(path).map_err(|error| wrong(&error))?;
    let manifest: Value = serde_json::from_slice(&text).map_err(|error| wrong(&error))?;
    let Some(files) = manifest.get("files").and_then(Value::as_object) else {
        return Err(wrong(&"it has no list of files"));
    };
    let hint = |(path, entry): (&String, &Value)| {
        let playable = match entry.get("type")?.as_str()? {
            "movie" => Playable::Movie,
            "episode" => Playable::Episode,
            _ => return None,
        };
        Some((path.clone(), playable, entry.get("uuid")?.as_str()?.to_owned()))
    };
    Ok(files.iter().filter_map(hint).collect())
}
