//! Where a library and its state are, and why it cannot be used.

use std::io;
use std::path::{Component, Path, PathBuf};

use vod2strm_core::hash::ContentHash;
use vod2strm_core::model::media::Kind;
use vod2strm_core::text::counted;

use crate::fs::local::LocalFs;
use crate::fs::modes::own_folder;
use crate::fs::roots::{OWN_DIR, Roots, root_path};
use crate::fs::tree::{Tree, TreeError};
use crate::ledger::LedgerError;
use crate::library::lock::LockError;
use crate::library::marker::RaiseError;

/// The file that says who ran last.
pub(crate) const HOLDER: &str = "holder";

pub(crate) const LEDGER: &str = "ledger.sqlite";

/// Why a library cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LibraryError {
    /// A folder cannot be made, opened or looked at.
    #[error("cannot use folder {}", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The lock.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The ledger.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// A file of the library.
    #[error(transparent)]
    Tree(#[from] TreeError),
    /// The ledger has titles, and the folder does not look like a library.
    #[error("{} is not the library that the ledger {} knows: the ledger has {}, and the folder lacks its marker, .vod2strm/library", output.display(), ledger.display(), counted(*titles, "title", "titles"))]
    Unmarked {
        /// The output folder, or the folder of movies or series.
        output: PathBuf,
        /// The ledger.
        ledger: PathBuf,
        /// How many titles the ledger has.
        titles: u64,
    },
    /// A root is not where it was, or not mounted.
    #[error("{} has none of the titles that the ledger {} knows there", root.display(), ledger.display())]
    Elsewhere {
        /// The folder of movies or series.
        root: PathBuf,
        /// The ledger.
        ledger: PathBuf,
    },
    /// What is mounted at a root, or below it, is not what was mounted there in the last run.
    #[error("other file systems are mounted in {} than in the last run: {}", root.display(), what)]
    Mounts {
        /// The folder of movies or series.
        root: PathBuf,
        /// Which have come and which have gone, in words.
        what: String,
    },
    /// Folders that must lie beside each other.
    #[error("{} lies in {}: movies, series and vod2strm's own files need folders beside each other", inner.display(), outer.display())]
    Nested {
        /// One of the folders.
        inner: PathBuf,
        /// The one that it lies in, or is.
        outer: PathBuf,
    },
    /// The folder is a library, and the ledger is another one's.
    #[error("{} is not the library that the ledger {} knows: their ids differ", output.display(), ledger.display())]
    OtherLibrary {
        /// The output folder.
        output: PathBuf,
        /// The ledger.
        ledger: PathBuf,
    },
    /// The ledger is damaged, and no new one can take its place.
    #[error("the ledger {} is damaged, and no new one can take its place", ledger.display())]
    NotRenewed {
        /// The ledger.
        ledger: PathBuf,
        /// Why it cannot be replaced.
        source: Box<LibraryError>,
    },
    /// There is a library, and nothing to compare it with.
    #[error("there is no ledger of {} to compare with: {} is not there, or older than the library", output.display(), ledger.display())]
    NoLedger {
        /// The output folder.
        output: PathBuf,
        /// Where the ledger would be.
        ledger: PathBuf,
    },
}

impl From<RaiseError> for LibraryError {
    fn from(error: RaiseError) -> LibraryError {
        match error {
            RaiseError::Ledger(error) => error.into(),
            RaiseError::Tree(error) => error.into(),
        }
    }
}

/// Where a library and its state are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The output folder; `Movies` and `TV` are below it, but those that are elsewhere.
    pub output: PathBuf,
    /// The roots that are elsewhere.
    pub roots: Roots,
    /// Where state of libraries is kept, each in a folder of its own.
    pub state: PathBuf,
    /// Whether the user named the state folder: then there is no other choice.
    pub is_state_chosen: bool,
}

impl Place {
    /// The folder that holds this library's state: `<state>/<output's name>-<hash of its path>`.
    pub fn state_folder(&self) -> PathBuf {
        let path = real_path(&self.output);
        let name = path.file_name().map_or("library".into(), |name| name.to_string_lossy());
        let hash = ContentHash::of(path.as_os_str().as_encoded_bytes()).0 as u64;
        self.state.join(format!("{name}-{hash:016x}"))
    }

    /// A folder of this library that is one of another's, lies in it, or has it inside: this one, and the other's.
    pub fn overlap(&self, other: &Place) -> Option<(PathBuf, PathBuf)> {
        let others = other.all_folders();
        let pairs = self
            .all_folders()
            .into_iter()
            .flat_map(|own| others.iter().map(move |other| (own.clone(), other.clone())));
        let mut pairs =
            pairs.map(|(own, other)| ((real_path(&own), real_path(&other)), (own, other)));
        let found =
            pairs.find(|((own, other), _)| own.starts_with(other) || other.starts_with(own));
        found.map(|(_, pair)| pair)
    }

    /// The output folder, and the roots that are elsewhere.
    fn all_folders(&self) -> Vec<PathBuf> {
        let roots = self.roots.elsewhere().map(|(_, folder)| folder.to_owned());
        std::iter::once(self.output.clone()).chain(roots).collect()
    }

    /// The ledger's file: in the library if it is there, or else in the state folder.
    ///
    /// A library that has its ledger in the state folder keeps it there. In a night in which the state folder cannot be
    /// looked at, that is an error. A new library may have its ledger in the library instead.
    pub fn ledger_path(&self) -> Result<PathBuf, LibraryError> {
        let (outside, inside) = (self.ledger_outside(), self.ledger_inside());
        if self.is_state_chosen {
            return Ok(outside);
        }
        if exists(&inside)? {
            return Ok(inside);
        }
        match exists(&outside) {
            Ok(_) => Ok(outside),
            Err(_) if self.is_new()? => Ok(inside),
            Err(error) => Err(error),
        }
    }

    /// The ledger that is not used, when there are two.
    pub fn second_ledger(&self) -> Result<Option<PathBuf>, LibraryError> {
        let (used, outside) = (self.ledger_path()?, self.ledger_outside());
        Ok((used != outside && exists(&outside).unwrap_or(false)).then_some(outside))
    }

    /// Whether the output folder has not been a library yet.
    pub fn is_new(&self) -> Result<bool, LibraryError> {
        Ok(!exists(&self.output.join(OWN_DIR).join("library"))?)
    }

    /// The ledger's file in the state folder.
    pub fn ledger_outside(&self) -> PathBuf {
        self.state_folder().join(LEDGER)
    }

    /// The ledger's file in the library: only if nothing else could be written in its first run.
    pub fn ledger_inside(&self) -> PathBuf {
        self.output.join(OWN_DIR).join(LEDGER)
    }

    /// What there is of the ledger: its files, damaged ones that were kept among them. Before them comes the state
    /// folder, where the files are in that. What cannot be looked at is left out.
    pub fn ledger_files(&self) -> Vec<PathBuf> {
        let Ok(ledger) = self.ledger_path() else { return Vec::new() };
        let folder = ledger.parent().unwrap_or(Path::new(".")).to_owned();
        let entries = std::fs::read_dir(&folder).into_iter().flatten().flatten();
        let is_ledger = |path: &PathBuf| {
            path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(LEDGER))
        };
        let mut files: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(is_ledger).collect();
        files.sort();
        let state = (ledger == self.ledger_outside()).then_some(folder);
        state.into_iter().chain(files).collect()
    }

    /// Where the titles of a kind are.
    pub fn root(&self, kind: Kind) -> PathBuf {
        self.roots.real(&self.output, &root_path(kind))
    }

    /// Opens its files; the output folder must exist.
    pub fn open_tree(&self) -> Result<Tree, LibraryError> {
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |source| folder_error(&path, source)
        };
        let mut fs = LocalFs::open(&self.output).map_err(failed(&self.output))?;
        for (name, folder) in self.roots.elsewhere() {
            fs = fs.with_root(name, folder).map_err(failed(folder))?;
        }
        Ok(Tree::new(Box::new(fs), &self.output).with_roots(self.roots.clone()))
    }
}

/// Whether something is at a path. What cannot be looked at is an error, and nothing that is not there.
pub fn exists(path: &Path) -> Result<bool, LibraryError> {
    // What cannot be entered is the folder that it lies in.
    path.try_exists().map_err(|source| folder_error(path.parent().unwrap_or(path), source))
}

/// Makes a folder, and those above it that are missing.
pub fn make_folder(path: &Path) -> Result<(), LibraryError> {
    std::fs::create_dir_all(path).map_err(|source| folder_error(path, source))
}

/// Makes a folder for a library's state, in the same way. Others see nothing of it.
pub(crate) fn make_state_folder(path: &Path) -> Result<(), LibraryError> {
    own_folder().create(path).map_err(|source| folder_error(path, source))
}

pub(crate) fn folder_error(path: &Path, source: io::Error) -> LibraryError {
    LibraryError::Folder { path: path.to_owned(), source }
}

/// How many links are followed in one path: as many as Linux does.
const MOST_LINKS: u32 = 40;

/// A path by a name that does not depend on the working folder or on links, as what is made there will have it. Neither
/// the path nor the folders above it need to exist, and a link may lead to what is not there yet.
pub fn real_path(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let (mut real, mut links) = (PathBuf::new(), 0);
    let mut rest: Vec<PathBuf> = parts(&absolute);
    while let Some(part) = rest.pop() {
        if part == Path::new("..") {
            real.pop();
            continue;
        }
        // An absolute part, of a link, begins anew.
        let next = real.join(part);
        match next.read_link() {
            Ok(target) if links < MOST_LINKS => {
                links += 1;
                rest.extend(parts(&target));
            }
            _ => real = next,
        }
    }
    real
}

/// A path's parts, the last one first.
fn parts(path: &Path) -> Vec<PathBuf> {
    let parts = path.components().filter(|part| *part != Component::CurDir);
    parts.rev().map(|part| PathBuf::from(part.as_os_str())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libraries_overlap_where_a_folder_of_one_is_or_lies_in_one_of_the_other() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        std::fs::create_dir_all(at("b")).unwrap();
        std::os::unix::fs::symlink("b", at("link")).unwrap();
        let place = |output: &str, movies: Option<&str>| {
            let mut roots = Roots::default();
            movies.into_iter().for_each(|movies| roots.put(Kind::Movie, at(movies)));
            Place { output: at(output), roots, state: at("state"), is_state_chosen: true }
        };
        let films = place("a", Some("nas/films"));
        for (output, movies) in [
            ("a", None),
            ("a/new", None),
            (".", None),
            ("nas/films/more", None),
            ("nas", None),
            ("c", Some("a/Movies")),
            ("c", Some("nas/films")),
            ("b/../a", None),
        ] {
            let other = place(output, movies);
            assert!(films.overlap(&other).is_some(), "{output} {movies:?}");
            assert!(other.overlap(&films).is_some(), "{output} {movies:?}");
        }
        for (output, movies) in [("b", None), ("aa", Some("nas/films2")), ("nas/shows", None)] {
            assert_eq!(films.overlap(&place(output, movies)), None, "{output} {movies:?}");
        }
        assert!(place("b", None).overlap(&place("link", None)).is_some());
    }

    #[test]
    fn a_real_path_is_the_same_before_and_after_it_is_made() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        let at = |name: &str| root.join(name);
        std::fs::create_dir_all(at("a/b")).unwrap();
        for (target, name) in [("a/b", "short"), ("../../new/x", "a/b/later"), ("me", "me")] {
            std::os::unix::fs::symlink(target, at(name)).unwrap();
        }
        std::os::unix::fs::symlink(at("a"), at("absolute")).unwrap();
        for (path, expected) in [
            ("a/./b", "a/b"),
            ("short/../c", "a/c"),
            ("absolute/b/../../d", "d"),
            ("a/b/later", "new/x"),
            ("a/b/later/../y", "new/y"),
            ("none/../a/b", "a/b"),
            ("none/of/../these", "none/these"),
        ] {
            assert_eq!(real_path(&at(path)), at(expected), "{path}");
        }
        // It ends.
        real_path(&at("me"));
        for path in ["a/b", "short", "absolute/b", "."] {
            assert_eq!(real_path(&at(path)), at(path).canonicalize().unwrap(), "{path}");
        }
    }
}
