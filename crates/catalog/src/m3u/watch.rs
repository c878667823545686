//! A playlist's file, looked at without being read.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use vod2strm_core::hash::{Fingerprint, RowHasher};

use crate::error::CatalogError;
use crate::watch::Watch;

/// A person who saves a playlist looks for what comes of it within seconds.
const PACE: Duration = Duration::from_secs(2);

/// Looks at a playlist's file.
pub struct FileWatch {
    path: PathBuf,
}

impl FileWatch {
    /// One that has not looked yet.
    pub fn new(path: &Path) -> FileWatch {
        FileWatch { path: path.to_owned() }
    }
}

impl Watch for FileWatch {
    fn pace(&self) -> Duration {
        PACE
    }

    fn look(&mut self) -> Result<Fingerprint, CatalogError> {
        let failed = |source| CatalogError::File { path: self.path.clone(), source };
        let found = self.path.metadata().map_err(failed)?;
        let mut hasher = RowHasher::default();
        hasher.start(b'w').number(found.dev().cast_signed()).number(found.ino().cast_signed());
        hasher.number(found.len().cast_signed());
        hasher.number(found.mtime()).number(found.mtime_nsec());
        Ok(hasher.finish())
    }

    /// What writes a playlist does not say when it is done.
    fn is_moving(&mut self) -> Result<bool, CatalogError> {
        Ok(false)
    }
}
