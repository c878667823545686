//! What is asked for: a part of a name, an id, or a path of the library.

use std::path::{Path, PathBuf};

use vod2strm_core::model::media::Kind;
use vod2strm_core::naming::library_root;
use vod2strm_core::select::search::TitleSearch;
use vod2strm_disk::fs::roots::OWN_DIR;
use vod2strm_disk::ledger::Ledger;
use vod2strm_disk::library::place::real_path;

use crate::config::Place;
use crate::error::RunError;
use crate::host::found;

/// What is asked for.
pub(super) enum Target {
    Search(TitleSearch),
    Path(LibraryPath),
}

/// A path, and where in the library it is.
pub(super) struct LibraryPath {
    pub(super) real: PathBuf,
    pub(super) spot: Spot,
}

/// Where a path is.
pub(super) enum Spot {
    /// Below the root of a kind, under this path; the root itself under an empty one.
    Root(Kind, String),
    /// In the folder that vod2strm has for itself.
    Own,
    /// In the output folder, and in no root.
    Beside,
    /// Elsewhere.
    Outside,
}

impl Target {
    /// What a text asks for. A relative path is one of the library, or of the working folder; it is a name unless it has
    /// a slash or the ending of a file, and something is known there.
    pub(super) fn of(text: &str, place: &Place, ledger: &Ledger) -> Result<Target, RunError> {
        let path = Path::new(text);
        let begins = ["./", "../"].iter().any(|front| text.starts_with(front));
        if path.is_absolute() || begins || [".", ".."].contains(&text) {
            return Ok(Target::Path(LibraryPath::of(path, place)));
        }
        let is_file = [".strm", ".nfo"].iter().any(|end| text.ends_with(end));
        let names_root = Kind::ALL.iter().any(|kind| path.starts_with(library_root(*kind)));
        let has_slash = text.trim_end_matches('/').contains('/');
        let here = LibraryPath::of(Path::new("."), place);
        if has_slash && !here.is_in_library() && LibraryPath::of(path, place).is_in_library() {
            return Ok(Target::Path(LibraryPath::of(path, place)));
        }
        if is_file || has_slash {
            let roots = Kind::ALL.map(|kind| place.root(kind).join(path));
            let all = [path.to_owned(), place.output.join(path)].into_iter().chain(roots);
            for path in all {
                let path = LibraryPath::of(&path, place);
                if path.is_there() || (is_file || names_root) && path.is_known(ledger)? {
                    return Ok(Target::Path(path));
                }
            }
        }
        let search = text.parse().map_err(|error| RunError::Refused(format!("{error}")))?;
        Ok(Target::Search(search))
    }
}

impl LibraryPath {
    fn of(path: &Path, place: &Place) -> LibraryPath {
        let real = real_path(path);
        let root = |kind: Kind| {
            let below = real.strip_prefix(real_path(&place.root(kind))).ok()?;
            (!below.starts_with(OWN_DIR))
                .then(|| Spot::Root(kind, below.to_string_lossy().into_owned()))
        };
        let output = real_path(&place.output);
        let own =
            Kind::ALL.map(|kind| real_path(&place.root(kind))).into_iter().chain([output.clone()]);
        let is_own = own.map(|folder| folder.join(OWN_DIR)).any(|own| real.starts_with(own));
        let spot = match Kind::ALL.into_iter().find_map(root) {
            _ if is_own => Spot::Own,
            Some(spot) => spot,
            None if real.starts_with(&output) => Spot::Beside,
            None => Spot::Outside,
        };
        LibraryPath { real, spot }
    }

    fn is_in_root(&self) -> bool {
        matches!(self.spot, Spot::Root(..))
    }

    fn is_in_library(&self) -> bool {
        !matches!(self.spot, Spot::Outside)
    }

    /// Whether something is there, in the root of a kind.
    fn is_there(&self) -> bool {
        self.is_in_root() && matches!(found(&self.real), Ok(Some(_)))
    }

    /// Whether the ledger has a title there.
    fn is_known(&self, ledger: &Ledger) -> Result<bool, RunError> {
        let Spot::Root(kind, below) = &self.spot else { return Ok(false) };
        Ok(ledger.at_folder(*kind, below, 0)?.1 > 0)
    }

    /// What is told of a path at which no title is.
    pub(super) fn remark(&self) -> String {
        match (&self.spot, found(&self.real)) {
            (Spot::Outside, _) => "this path is not in the library".to_owned(),
            (Spot::Own, _) => "this is vod2strm's own: lock, marker, staging".to_owned(),
            (_, Err(error)) => format!("this path cannot be looked at: {error}"),
            (_, Ok(None)) => "nothing is there, and the ledger has nothing of it".to_owned(),
            (_, Ok(Some(there))) if there.is_dir() => {
                "this folder is not in the ledger: it is somebody else's".to_owned()
            }
            (_, Ok(Some(_))) => "this file is not in the ledger: it is somebody else's".to_owned(),
        }
    }
}
