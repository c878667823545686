//! Where movies and series are: `Movies` and `TV` of the output folder, unless the user put them
//! elsewhere, also on other file systems.
//!
//! In ledger, journal and reports a path begins with `Movies` or `TV` wherever that is. Only calls and
//! messages know the real place, so that a root that somebody moved needs no change in the ledger.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use vod2strm_core::model::media::Kind;
use vod2strm_core::naming::library_root;
use vod2strm_core::path::RelPath;

/// vod2strm's own folder below the output folder, and below each root that is elsewhere.
pub const OWN_DIR: &str = ".vod2strm";

/// Roots that are not in the output folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Roots {
    elsewhere: BTreeMap<&'static str, PathBuf>,
}

impl Roots {
    /// Puts the titles of a kind elsewhere.
    pub fn put(&mut self, kind: Kind, folder: PathBuf) {
        self.elsewhere.insert(library_root(kind), folder);
    }

    /// Whether the titles of a kind are elsewhere.
    pub fn has(&self, kind: Kind) -> bool {
        self.elsewhere.contains_key(library_root(kind))
    }

    /// The names of the roots that are elsewhere, and where.
    pub fn elsewhere(&self) -> impl Iterator<Item = (&'static str, &Path)> {
        self.elsewhere.iter().map(|(name, folder)| (*name, folder.as_path()))
    }

    /// Where a path of the library really is.
    pub fn real(&self, output: &Path, path: &RelPath) -> PathBuf {
        let (root, below) = path.split_first();
        match self.elsewhere.get(root) {
            Some(folder) if below.is_empty() => folder.clone(),
            Some(folder) => folder.join(below),
            None => output.join(path.as_str()),
        }
    }

    /// The folder within which a path can be renamed: its root if that is elsewhere, or else the
    /// output folder. Each has a folder of ours for what is on its way.
    pub fn volume_of(&self, path: &RelPath) -> RelPath {
        let (root, _) = path.split_first();
        if !self.elsewhere.contains_key(root) {
            return RelPath::default();
        }
        RelPath::parse(root).unwrap_or_default()
    }

    /// All such folders, the output folder first.
    pub fn volumes(&self) -> impl Iterator<Item = RelPath> {
        let elsewhere = self.elsewhere.keys().filter_map(|name| RelPath::parse(name).ok());
        std::iter::once(RelPath::default()).chain(elsewhere)
    }
}

/// The root of a kind, as ledger and reports name it.
#[expect(clippy::expect_used, reason = "constants, and tested")]
pub fn root_path(kind: Kind) -> RelPath {
    RelPath::parse(library_root(kind)).expect("a single component")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_where_its_root_is() {
        let mut roots = Roots::default();
        roots.put(Kind::Movie, PathBuf::from("/nas/films"));
        let path = |text: &str| RelPath::parse(text).unwrap();
        for (text, real, volume) in [
            ("Movies", "/nas/films", "Movies"),
            ("Movies/Alien (1979)", "/nas/films/Alien (1979)", "Movies"),
            ("Movies 2/Alien", "/out/Movies 2/Alien", ""),
            ("TV/Dark", "/out/TV/Dark", ""),
            (".vod2strm/library", "/out/.vod2strm/library", ""),
        ] {
            assert_eq!(roots.real(Path::new("/out"), &path(text)), Path::new(real), "{text}");
            assert_eq!(roots.volume_of(&path(text)).as_str(), volume, "{text}");
        }
        assert_eq!(Kind::ALL.map(root_path), [path("Movies"), path("TV")]);
        assert_eq!(roots.volumes().collect::<Vec<_>>(), [RelPath::default(), path("Movies")]);
    }
}
