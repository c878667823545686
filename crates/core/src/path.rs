//! Paths below a library's root. The only kind of path that leaves `core`.

use std::fmt;

/// A path relative to the library's root: components joined by `/`, none of them empty, `.`, `..`
/// or with a separator or NUL inside. It cannot lead out of the library. Empty means the root.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RelPath(String);

/// A text that is no path below the root.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a path below the library")]
pub struct BadPath(pub String);

impl RelPath {
    /// Reads a path, as the ledger keeps it.
    pub fn parse(text: &str) -> Result<RelPath, BadPath> {
        if text.is_empty() || text.split('/').all(is_component) {
            Ok(RelPath(text.to_owned()))
        } else {
            Err(BadPath(text.to_owned()))
        }
    }

    /// The path of an entry of this directory; `name` may have several components.
    pub fn join(&self, name: &str) -> Result<RelPath, BadPath> {
        if name.is_empty() {
            return Err(BadPath(String::new()));
        }
        let path = if self.0.is_empty() { name.to_owned() } else { [&self.0, "/", name].concat() };
        // What this path has is sound already: only what is new has to be looked at.
        if name.split('/').all(is_component) { Ok(RelPath(path)) } else { Err(BadPath(path)) }
    }

    /// The directory that holds this entry; `None` for the root.
    pub fn parent(&self) -> Option<RelPath> {
        if self.0.is_empty() {
            return None;
        }
        Some(RelPath(
            self.0.rsplit_once('/').map_or(String::new(), |(parent, _)| parent.to_owned()),
        ))
    }

    /// The last component; empty for the root.
    pub fn name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or_default()
    }

    /// The first component, and what is below it; both empty for the root.
    pub fn split_first(&self) -> (&str, &str) {
        self.0.split_once('/').unwrap_or((&self.0, ""))
    }

    /// The text, components joined by `/`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_component(text: &str) -> bool {
    !matches!(text, "" | "." | "..") && !text.bytes().any(|byte| matches!(byte, b'\0' | b'\\'))
}

impl fmt::Display for RelPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a file's name says of it before its extension, if it is a `.strm`. Letter case does not matter: file
/// systems and people write `.STRM`, too, and media servers play it.
pub fn strm_stem(name: &str) -> Option<&str> {
    without_extension(name, ".strm")
}

/// Whether a name is that of a `.strm`, in any letter case.
pub fn is_strm(name: &str) -> bool {
    strm_stem(name).is_some()
}

/// Whether a name is that of a `.strm` or an NFO, in any letter case.
pub fn is_strm_or_nfo(name: &str) -> bool {
    is_strm(name) || without_extension(name, ".nfo").is_some()
}

fn without_extension<'a>(name: &'a str, extension: &str) -> Option<&'a str> {
    let at = name.len().checked_sub(extension.len())?;
    let (stem, end) = name.split_at_checked(at)?;
    end.eq_ignore_ascii_case(extension).then_some(stem)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_its_directory_and_its_name() {
        for (path, parent, name) in
            [("a/b/c", Some("a/b"), "c"), ("a", Some(""), "a"), ("", None, "")]
        {
            let path = RelPath::parse(path).unwrap();
            assert_eq!((path.parent().as_ref().map(RelPath::as_str), path.name()), (parent, name));
        }
    }

    #[test]
    fn extensions_are_known_in_any_letter_case() {
        assert_eq!(strm_stem("Heat (1995).STRM"), Some("Heat (1995)"));
        assert_eq!(strm_stem("a/b.x.Strm"), Some("a/b.x"));
        assert!(is_strm_or_nfo("movie.NFO") && is_strm_or_nfo("a.strm"));
        for other in ["strm", "a.strm.bak", "aéstrm", "é.nf", "", "a.nfostrm"] {
            assert!(!is_strm(other) && !is_strm_or_nfo(other), "{other:?}");
        }
    }

    #[test]
    fn nothing_leads_out_of_the_library() {
        for bad in ["..", "a/../b", "/etc", "a//b", "a/", ".", "a\0b", "a\\b"] {
            assert!(RelPath::parse(bad).is_err(), "{bad:?}");
            assert!(RelPath::default().join(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn joining_and_parents_are_inverse() {
        let movies = RelPath::parse("Movies").unwrap();
        let film = movies.join("Alien (1979)").unwrap();
        assert_eq!(film.as_str(), "Movies/Alien (1979)");
        assert_eq!(film.to_string(), film.as_str());
        assert_eq!(film.split_first(), ("Movies", "Alien (1979)"));
        assert_eq!(movies.split_first(), ("Movies", ""));
        assert_eq!(RelPath::default().split_first(), ("", ""));
        assert_eq!(film.parent(), Some(movies));
        assert_eq!(RelPath::parse("Movies").unwrap().parent(), Some(RelPath::default()));
        assert_eq!(RelPath::default().parent(), None);
    }
}
