//! File systems that nobody used before: what was deleted on a disk costs those who write to it later.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// The most that is written to a file system.
const BYTES: u64 = 12 << 30;

/// An empty ext4 in an image in memory, mounted by a loop device; it is taken away with this.
pub struct FreshExt4 {
    folder: TempDir,
}

impl FreshExt4 {
    /// Makes one below this folder.
    ///
    /// # Errors
    /// What stands in the way, in words: only root mounts, and not in every container.
    pub fn mount(above: &Path) -> Result<FreshExt4, String> {
        let folder = tempfile::tempdir_in(above).map_err(|error| error.to_string())?;
        let image = folder.path().join("image");
        let file = File::create(&image).map_err(|error| error.to_string())?;
        file.set_len(BYTES).map_err(|error| error.to_string())?;
        // Inode tables are made at once, for the kernel would make them while somebody is measured.
        let options = "lazy_itable_init=0,lazy_journal_init=0";
        said("mkfs.ext4", &[Path::new("-qFE"), Path::new(options), &image])?;
        let this = FreshExt4 { folder };
        fs::create_dir(this.path()).map_err(|error| error.to_string())?;
        said("mount", &[Path::new("-o"), Path::new("loop"), &image, &this.path()])?;
        Ok(this)
    }

    /// Its uppermost folder.
    pub fn path(&self) -> PathBuf {
        self.folder.path().join("disk")
    }
}

impl Drop for FreshExt4 {
    fn drop(&mut self) {
        if let Err(why) = said("umount", &[&self.path()]) {
            eprintln!("{}: still mounted: {why}", self.path().display());
        }
    }
}

/// Runs a program that has nothing to say unless it fails.
fn said(program: &str, arguments: &[&Path]) -> Result<(), String> {
    let mut command = Command::new(program);
    let output = command.args(arguments).stdin(Stdio::null()).output();
    let output = output.map_err(|error| format!("{program}: {error}"))?;
    let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    if output.status.success() { Ok(()) } else { Err(format!("{program}: {said}")) }
}
