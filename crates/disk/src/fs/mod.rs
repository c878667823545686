//! The seam to the file system: the few verbs that a library is made with, on paths that cannot
//! lead out of it.

pub mod hint;
pub mod modes;
mod touched;
pub mod roots;
mod flush;
pub mod local;
pub mod preview;
pub mod tree;
pub mod dir;
pub mod staging;

use std::io;

use vod2strm_core::path::RelPath;

use crate::fs::modes::Modes;

/// What is at a path, as far as it can be told without opening it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// A regular file.
    File {
        /// Bytes.
        size: u64,
    },
    /// A directory.
    Dir,
    /// A symbolic link.
    Link,
    /// A named pipe: whoever opens it may wait for ever.
    Fifo,
    /// A socket.
    Socket,
    /// A device.
    Device,
}

impl Entry {
    /// The entry with less detail.
    pub fn kind(self) -> EntryKind {
        match self {
            Entry::File { .. } => EntryKind::File,
            Entry::Dir => EntryKind::Dir,
            Entry::Link | Entry::Fifo | Entry::Socket | Entry::Device => EntryKind::Other,
        }
    }

    /// The entry in words, with its article.
    pub fn as_str(self) -> &'static str {
        match self {
            Entry::File { .. } => "a file",
            Entry::Dir => "a folder",
            Entry::Link => "a link",
            Entry::Fifo => "a FIFO",
            Entry::Socket => "a socket",
            Entry::Device => "a device",
        }
    }
}

/// What a path is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// A regular file.
    File,
    /// A directory.
    Dir,
    /// A link, a socket, a device: never ours.
    Other,
}

/// What is on the way to a folder: under each of the names in its path, the last one included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Folders.
    Real,
    /// Folders, and then nothing.
    Missing,
    /// Folders, and then something that is none: a link, which could lead out of the library, or a file.
    Blocked,
}

/// A file system, rooted at a library's output folder.
///
/// No implementation follows a symbolic link at the end of a path. Every call is one change or one
/// question; none retries.
pub trait Fs: Send + Sync {
    /// Gives these modes to all that is made from now on, where there are modes.
    fn set_modes(&mut self, _: Modes) {}

    /// What is at the path, and of a file its size; `None` when nothing is.
    fn entry(&self, path: &RelPath) -> io::Result<Option<Entry>>;

    /// What is at the path; `None` when nothing is.
    fn kind(&self, path: &RelPath) -> io::Result<Option<EntryKind>> {
        Ok(self.entry(path)?.map(Entry::kind))
    }

    /// What is on the way to a folder, asked by one call; `None` where that cannot be asked, or gets no answer.
    fn way(&self, _dir: &RelPath) -> io::Result<Option<Way>> {
        Ok(None)
    }

    /// When an entry last came to or went from a directory, in nanoseconds since 1970; `None` when
    /// there is no directory.
    fn changed(&self, dir: &RelPath) -> io::Result<Option<i64>>;

    /// Sets that time back to 1970: to try whether the file system moves it forward.
    fn age(&self, dir: &RelPath) -> io::Result<()>;

    /// The whole content of a file.
    fn read(&self, path: &RelPath) -> io::Result<Vec<u8>>;

    /// At most `limit` bytes from the beginning of a file.
    fn read_start(&self, path: &RelPath, limit: usize) -> io::Result<Vec<u8>> {
        let mut content = self.read(path)?;
        content.truncate(limit);
        Ok(content)
    }

    /// Names in a directory, unsorted.
    fn list(&self, path: &RelPath) -> io::Result<Vec<String>>;

    /// Makes a directory whose parent exists; `AlreadyExists` when something is there.
    fn create_dir(&self, path: &RelPath) -> io::Result<()>;

    /// Makes a file with this content; `AlreadyExists` when something is there.
    fn write_new(&self, path: &RelPath, content: &[u8]) -> io::Result<()>;

    /// Moves a file; one that is at the target is replaced, without a moment in which there is none.
    fn replace(&self, from: &RelPath, to: &RelPath) -> io::Result<()>;

    /// Moves a file or directory; `AlreadyExists` when something is at the target.
    fn rename_new(&self, from: &RelPath, to: &RelPath) -> io::Result<()>;

    /// Removes a file.
    fn remove_file(&self, path: &RelPath) -> io::Result<()>;

    /// Removes an empty directory.
    fn remove_dir(&self, path: &RelPath) -> io::Result<()>;

    /// Makes everything written so far survive a power cut.
    fn sync(&self) -> io::Result<()>;

    /// Nobody looks again at what was written so far, outside of our own folders: what is kept of it in memory may go.
    fn forget_written(&self) {}
}
