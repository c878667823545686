//! Opens the source that an address names.

use std::path::PathBuf;

use vod2strm_catalog::error::CatalogError;
use vod2strm_catalog::m3u::{Location, M3uCatalog};
use vod2strm_catalog::postgres::PgCatalog;
use vod2strm_catalog::source::Catalog;
use vod2strm_core::redact::redact;

use crate::clock;

/// What an address is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourceKind {
    /// Dispatcharr's database.
    Dispatcharr,
    /// A playlist, local or remote.
    Playlist,
}

/// What sort of source an address names; an error for one that nobody knows.
pub fn kind_of(address: &str) -> Result<SourceKind, CatalogError> {
    let scheme = address.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
    match scheme.as_deref() {
        Some("postgres" | "postgresql") => Ok(SourceKind::Dispatcharr),
        None if !address.starts_with("sqlite:") => Ok(SourceKind::Playlist),
        Some("http" | "https" | "file") => Ok(SourceKind::Playlist),
        Some("xtream+http" | "xtream+https") => {
            Err(invalid(address, "Xtream panels are not built yet"))
        }
        None => Err(invalid(address, "the embedded catalogue is not built yet")),
        Some(other) => Err(invalid(address, &format!("{other}:// is no kind of source"))),
    }
}

/// Opens the source; what it answers from then on is one state of it.
pub fn open(address: &str) -> Result<Box<dyn Catalog>, CatalogError> {
    match kind_of(address)? {
        SourceKind::Dispatcharr => Ok(Box::new(PgCatalog::open(address)?)),
        SourceKind::Playlist => Ok(Box::new(M3uCatalog::open(&location(address)?, this_year())?)),
    }
}

fn location(address: &str) -> Result<Location, CatalogError> {
    if let Some(path) = address.strip_prefix("file://") {
        return Ok(Location::File(PathBuf::from(path)));
    }
    if !address.contains("://") {
        return Ok(Location::File(PathBuf::from(address)));
    }
    let url = address.parse().map_err(|error| invalid(address, &format!("{error}")))?;
    Ok(Location::Http(url))
}

/// Names hold years up to the one after next; the clock is ours to ask. Mean Gregorian years do.
fn this_year() -> i32 {
    i32::try_from(1970 + clock::now() / 31_556_952).unwrap_or(i32::MAX)
}

fn invalid(address: &str, reason: &str) -> CatalogError {
    CatalogError::InvalidUrl { url: redact(address), reason: reason.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_apart() {
        for (address, expected) in [
            ("postgres://u@h/d", Some(SourceKind::Dispatcharr)),
            ("PostgreSQL://u@h/d", Some(SourceKind::Dispatcharr)),
            ("http://h/get.php", Some(SourceKind::Playlist)),
            ("lists/a.m3u", Some(SourceKind::Playlist)),
            ("file:///a.m3u", Some(SourceKind::Playlist)),
            ("xtream+http://u:p@h", None),
            ("sqlite:x.db", None),
            ("mysql://h/d", None),
        ] {
            assert_eq!(kind_of(address).ok(), expected, "{address}");
        }
    }
}
