//! What an output folder is good for: tried, not guessed.

use std::path::Path;

use rustix::fs::statvfs;
use vod2strm_core::path::RelPath;

use crate::local::LocalFs;
use crate::tree::{Tree, TreeError};

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finding {
    /// There is no such folder; the first run makes it.
    Missing,
    /// Files can be made, moved and removed there.
    Usable {
        /// Whether the file system takes `A` and `a` for one.
        folds_case: bool,
        /// Free space for this user, in bytes.
        free_bytes: u64,
    },
}

/// Makes a file in the folder, moves it, looks for it by another case, and removes it.
pub fn probe(output: &Path) -> Result<Finding, TreeError> {
    if !output.exists() {
        return Ok(Finding::Missing);
    }
    let failed = |source: std::io::Error| TreeError {
        verb: "open",
        path: output.to_owned(),
        source,
        has_repeated: false,
    };
    let tree = Tree::new(Box::new(LocalFs::open(output).map_err(failed)?), output);
    let name = |text: &str| RelPath::parse(text).unwrap_or_default();
    let (first, second) = (name(".vod2strm-probe"), name(".vod2strm-probe-2"));
    tree.remove_file(&first)?;
    tree.remove_file(&second)?;
    tree.write_new(&first, b"vod2strm looks whether it can write here\n")?;
    let moved = tree.rename_new(&first, &second);
    let folds_case = tree.kind(&name(".VOD2STRM-PROBE-2"));
    tree.remove_file(&first)?;
    tree.remove_file(&second)?;
    moved?;
    let space = statvfs(output).map_err(|error| failed(error.into()))?;
    Ok(Finding::Usable {
        folds_case: folds_case?.is_some(),
        free_bytes: space.f_bavail.saturating_mul(space.f_frsize),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probing_leaves_nothing() {
        let dir = tempfile::tempdir().unwrap();
        assert!(matches!(probe(dir.path()).unwrap(), Finding::Usable { .. }));
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
        assert_eq!(probe(&dir.path().join("x")).unwrap(), Finding::Missing);
    }

    #[test]
    fn a_folder_that_is_none_is_an_error_that_names_it() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("file");
        drop(std::fs::File::create(&file).unwrap());
        assert!(probe(&file).unwrap_err().to_string().contains("file"));
    }
}
