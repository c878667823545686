//! A file system in memory that behaves as the real one does, remembers every call, and can be
//! looked at from outside. Clones share one tree.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, ErrorKind};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard};

use vod2strm_core::hash::ContentHash;
use vod2strm_core::model::media::Kind;
use vod2strm_core::path::RelPath;
use vod2strm_disk::fs::roots::{Roots, root_path};
use vod2strm_disk::fs::{Entry, Fs};

/// Longest name of an entry, in bytes, as on most file systems.
const NAME_MAX: usize = 255;

#[derive(Clone, Debug, PartialEq, Eq)]
enum MemoryNode {
    File(Vec<u8>),
    Dir,
    Other(Entry),
}

impl MemoryNode {
    fn entry(&self) -> Entry {
        match self {
            MemoryNode::File(content) => Entry::File { size: content.len() as u64 },
            MemoryNode::Dir => Entry::Dir,
            MemoryNode::Other(entry) => *entry,
        }
    }
}

/// Everything but the root, by path.
#[derive(Debug, Default)]
struct MemoryState {
    nodes: BTreeMap<String, MemoryNode>,
    calls: Vec<String>,
    /// Roots that are file systems of their own.
    elsewhere: Roots,
    /// Folders cannot be renamed, as in the lower layer of an overlay.
    keeps_folders: bool,
}

/// The file system; a clone is another handle to the same tree.
#[derive(Clone, Debug, Default)]
pub struct MemoryFs {
    state: Arc<Mutex<MemoryState>>,
}

impl MemoryFs {
    /// One in which `Movies` and `TV` are file systems of their own.
    pub fn split() -> MemoryFs {
        let fs = MemoryFs::default();
        for kind in Kind::ALL {
            fs.state().elsewhere.put(kind, PathBuf::from("/elsewhere").join(kind.as_str()));
            fs.plant_dir(root_path(kind).as_str());
        }
        fs
    }

    /// Its roots that are file systems of their own.
    pub fn roots(&self) -> Roots {
        self.state().elsewhere.clone()
    }

    /// Renames no folder from now on, as in the lower layer of an overlay.
    pub fn keep_folders(&self) {
        self.state().keeps_folders = true;
    }

    /// All files with their content.
    pub fn snapshot(&self) -> BTreeMap<String, Vec<u8>> {
        let file = |(path, node): (&String, &MemoryNode)| match node {
            MemoryNode::File(content) => Some((path.clone(), content.clone())),
            MemoryNode::Dir | MemoryNode::Other(_) => None,
        };
        self.state().nodes.iter().filter_map(file).collect()
    }

    /// All directories but the root.
    pub fn dirs(&self) -> BTreeSet<String> {
        let state = self.state();
        let dirs = state.nodes.iter().filter(|(_, node)| **node == MemoryNode::Dir);
        dirs.map(|(path, _)| path.clone()).collect()
    }

    /// Every call so far, in order, as in `write_new Movies/a`, `rename_new a -> b`, `sync`. One
    /// that failed ends with the error's kind, as in `read Movies ! IsADirectory`.
    pub fn calls(&self) -> Vec<String> {
        self.state().calls.clone()
    }

    /// The calls that were meant to change something, in order.
    pub fn changes(&self) -> Vec<String> {
        let asks = |call: &String| {
            ["kind ", "read ", "list ", "sync"].iter().any(|verb| call.starts_with(verb))
        };
        self.calls().into_iter().filter(|call| !asks(call)).collect()
    }

    /// Forgets the calls, not the tree.
    pub fn forget_calls(&self) {
        self.state().calls.clear();
    }

    /// Puts a file there, with the directories above it; no call, and nobody is asked.
    pub fn plant(&self, path: &str, content: &[u8]) {
        self.plant_node(path, MemoryNode::File(content.to_vec()));
    }

    /// Puts a directory there, with those above it.
    pub fn plant_dir(&self, path: &str) {
        self.plant_node(path, MemoryNode::Dir);
    }

    /// Puts something there that is neither file nor directory, as a symbolic link is.
    pub fn plant_other(&self, path: &str) {
        self.plant_entry(path, Entry::Link);
    }

    /// Puts something there that is neither file nor directory.
    pub fn plant_entry(&self, path: &str, entry: Entry) {
        self.plant_node(path, MemoryNode::Other(entry));
    }

    fn plant_node(&self, path: &str, node: MemoryNode) {
        let mut state = self.state();
        for (end, _) in path.match_indices('/') {
            let dir = state.nodes.entry(path[..end].to_owned()).or_insert(MemoryNode::Dir);
            assert_eq!(
                *dir,
                MemoryNode::Dir,
                "{path} cannot be planted below what is no directory"
            );
        }
        state.nodes.insert(path.to_owned(), node);
    }

    fn state(&self) -> MutexGuard<'_, MemoryState> {
        self.state.lock().unwrap_or_else(|held| held.into_inner())
    }

    /// Does something to the tree, and remembers that it was asked for.
    fn call<T>(
        &self,
        call: String,
        act: impl FnOnce(&mut MemoryState) -> io::Result<T>,
    ) -> io::Result<T> {
        let mut state = self.state();
        let result = act(&mut state);
        state.calls.push(match &result {
            Ok(_) => call,
            Err(error) => format!("{call} ! {:?}", error.kind()),
        });
        result
    }
}

impl MemoryState {
    /// What is there, if a file system would get there: every directory above must be one.
    fn look(&self, path: &RelPath) -> io::Result<Option<&MemoryNode>> {
        let path = path.as_str();
        if path.split('/').any(|name| name.len() > NAME_MAX) {
            return Err(ErrorKind::InvalidFilename.into());
        }
        for (end, _) in path.match_indices('/') {
            match self.nodes.get(&path[..end]) {
                Some(MemoryNode::Dir) => {}
                Some(MemoryNode::File(_) | MemoryNode::Other(_)) => {
                    return Err(ErrorKind::NotADirectory.into());
                }
                None => return Err(ErrorKind::NotFound.into()),
            }
        }
        Ok(if path.is_empty() { Some(&MemoryNode::Dir) } else { self.nodes.get(path) })
    }

    fn existing(&self, path: &RelPath) -> io::Result<&MemoryNode> {
        self.look(path)?.ok_or_else(|| ErrorKind::NotFound.into())
    }

    fn make(&mut self, path: &RelPath, node: MemoryNode) -> io::Result<()> {
        if self.look(path)?.is_some() {
            return Err(ErrorKind::AlreadyExists.into());
        }
        self.nodes.insert(path.as_str().to_owned(), node);
        Ok(())
    }

    /// Paths below a directory, at any depth.
    fn below(&self, dir: &str) -> Vec<String> {
        let start = if dir.is_empty() { String::new() } else { format!("{dir}/") };
        let paths = self.nodes.range(start.clone()..).map(|(path, _)| path);
        paths.take_while(|path| path.starts_with(&start)).cloned().collect()
    }

    fn rename(&mut self, from: &RelPath, to: &RelPath, exclusive: bool) -> io::Result<()> {
        let is_dir = *self.existing(from)? == MemoryNode::Dir;
        let target = self.look(to)?;
        let is_across = self.elsewhere.volume_of(from) != self.elsewhere.volume_of(to);
        let (from, to) = (from.as_str(), to.as_str());
        if exclusive && target.is_some() {
            return Err(ErrorKind::AlreadyExists.into());
        }
        if from == to {
            return Ok(());
        }
        if is_across || is_dir && self.keeps_folders {
            return Err(ErrorKind::CrossesDevices.into());
        }
        if from.is_empty() || to.is_empty() || to.starts_with(&format!("{from}/")) {
            return Err(ErrorKind::InvalidInput.into());
        }
        match (is_dir, target) {
            (true, Some(MemoryNode::Dir)) if !self.below(to).is_empty() => {
                return Err(ErrorKind::DirectoryNotEmpty.into());
            }
            (true, Some(MemoryNode::File(_) | MemoryNode::Other(_))) => {
                return Err(ErrorKind::NotADirectory.into());
            }
            (false, Some(MemoryNode::Dir)) => return Err(ErrorKind::IsADirectory.into()),
            _ => {}
        }
        let mut moved = self.below(from);
        moved.push(from.to_owned());
        for path in moved {
            if let Some(node) = self.nodes.remove(&path) {
                self.nodes.insert(format!("{to}{}", &path[from.len()..]), node);
            }
        }
        Ok(())
    }
}

impl Fs for MemoryFs {
    fn entry(&self, path: &RelPath) -> io::Result<Option<Entry>> {
        self.call(format!("kind {path}"), |state| match state.look(path) {
            Ok(node) => Ok(node.map(MemoryNode::entry)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        })
    }

    /// The names in it, hashed: another number whenever an entry came or went.
    fn changed(&self, dir: &RelPath) -> io::Result<Option<i64>> {
        match self.list(dir) {
            Ok(mut names) => {
                names.sort_unstable();
                let hash = ContentHash::of(names.join("/").as_bytes()).0;
                Ok(Some((hash as u64 >> 1) as i64))
            }
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn age(&self, _: &RelPath) -> io::Result<()> {
        Ok(())
    }

    fn read(&self, path: &RelPath) -> io::Result<Vec<u8>> {
        self.call(format!("read {path}"), |state| match state.existing(path)? {
            MemoryNode::File(content) => Ok(content.clone()),
            MemoryNode::Dir => Err(ErrorKind::IsADirectory.into()),
            MemoryNode::Other(_) => Err(ErrorKind::InvalidInput.into()),
        })
    }

    fn list(&self, path: &RelPath) -> io::Result<Vec<String>> {
        self.call(format!("list {path}"), |state| {
            if *state.existing(path)? != MemoryNode::Dir {
                return Err(ErrorKind::NotADirectory.into());
            }
            let skip = if path.as_str().is_empty() { 0 } else { path.as_str().len() + 1 };
            let below = state.below(path.as_str());
            let names = below.iter().map(|path| &path[skip..]);
            Ok(names.filter(|name| !name.contains('/')).map(str::to_owned).collect())
        })
    }

    fn create_dir(&self, path: &RelPath) -> io::Result<()> {
        self.call(format!("create_dir {path}"), |state| state.make(path, MemoryNode::Dir))
    }

    fn write_new(&self, path: &RelPath, content: &[u8]) -> io::Result<()> {
        self.call(format!("write_new {path}"), |state| {
            state.make(path, MemoryNode::File(content.to_vec()))
        })
    }

    fn replace(&self, from: &RelPath, to: &RelPath) -> io::Result<()> {
        self.call(format!("replace {from} -> {to}"), |state| state.rename(from, to, false))
    }

    fn rename_new(&self, from: &RelPath, to: &RelPath) -> io::Result<()> {
        self.call(format!("rename_new {from} -> {to}"), |state| state.rename(from, to, true))
    }

    fn remove_file(&self, path: &RelPath) -> io::Result<()> {
        self.call(format!("remove_file {path}"), |state| {
            if *state.existing(path)? == MemoryNode::Dir {
                return Err(ErrorKind::IsADirectory.into());
            }
            state.nodes.remove(path.as_str());
            Ok(())
        })
    }

    fn remove_dir(&self, path: &RelPath) -> io::Result<()> {
        self.call(format!("remove_dir {path}"), |state| {
            if path.as_str().is_empty() {
                return Err(ErrorKind::InvalidInput.into());
            }
            if *state.existing(path)? != MemoryNode::Dir {
                return Err(ErrorKind::NotADirectory.into());
            }
            if !state.below(path.as_str()).is_empty() {
                return Err(ErrorKind::DirectoryNotEmpty.into());
            }
            state.nodes.remove(path.as_str());
            Ok(())
        })
    }

    fn sync(&self) -> io::Result<()> {
        self.call("sync".to_owned(), |_| Ok(()))
    }
}
