//! A file system that keeps every change in memory: the storage below it stays as it is. A preview is a run over it.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use std::io::{self, ErrorKind};
use std::sync::{Arc, Mutex, MutexGuard};

use vod2strm_core::path::RelPath;
use vod2strm_core::text::{fold_key, nfc};

use crate::fs::roots::OWN_DIR;
use crate::fs::{Entry, Fs};

/// Longest name of an entry, in bytes, as on most file systems.
const NAME_MAX: usize = 255;

/// When a folder that was made here changed, in nanoseconds since 1970: always then, so that its time proves nothing.
const MADE: i64 = 1;

/// The file system.
pub struct PreviewFs {
    /// The storage; `None` where there is no output folder yet.
    below: Option<Arc<dyn Fs>>,
    root: Mutex<Node>,
    /// What was written since that was last forgotten.
    written: Mutex<Vec<RelPath>>,
}

type PreviewEntries = HashMap<String, Node>;

/// What is at a path.
#[derive(Debug)]
enum Node {
    /// What the storage has at this path of its own, but for these entries of it.
    Stored(RelPath, PreviewEntries),
    /// A folder that was made here.
    Dir(MadeInMemory<PreviewEntries>),
    /// A file that was written here.
    File(MadeInMemory<Vec<u8>>),
    /// Nothing, although the storage has something.
    Gone,
}

/// Something that was made here.
#[derive(Debug)]
struct MadeInMemory<T> {
    content: T,
    /// The storage has something else at the same path, which is gone.
    hides_stored: bool,
}

/// What a path leads to.
enum PreviewPlace<'a> {
    Node(&'a Node),
    /// Something that only the storage knows, at this path of it.
    Stored(RelPath),
    Nothing,
    /// A file is above it.
    BelowFile,
}

impl PreviewFs {
    /// A file system that has what the storage has; without one, an empty root.
    pub fn over(below: Option<Arc<dyn Fs>>) -> PreviewFs {
        let root = match &below {
            Some(_) => Node::Stored(RelPath::default(), PreviewEntries::new()),
            None => Node::Dir(MadeInMemory { content: PreviewEntries::new(), hides_stored: false }),
        };
        PreviewFs { below, root: Mutex::new(root), written: Mutex::default() }
    }

    fn root(&self) -> MutexGuard<'_, Node> {
        self.root.lock().unwrap_or_else(|held| held.into_inner())
    }

    /// Asks the storage.
    fn stored<T>(&self, ask: impl FnOnce(&dyn Fs) -> io::Result<T>) -> io::Result<T> {
        match &self.below {
            Some(below) => ask(&**below),
            None => Err(ErrorKind::NotFound.into()),
        }
    }

    /// What is at a path where something must be.
    fn existing(&self, path: &RelPath) -> io::Result<Entry> {
        self.entry(path)?.ok_or_else(|| ErrorKind::NotFound.into())
    }

    /// Refuses a place that is taken, or in no folder.
    fn refuse_taken(&self, path: &RelPath) -> io::Result<()> {
        if self.entry(path)?.is_some() && !self.is_another_spelling_of_gone(path)? {
            return Err(ErrorKind::AlreadyExists.into());
        }
        match self.existing(&path.parent().unwrap_or_default())? {
            Entry::Dir => Ok(()),
            _ => Err(ErrorKind::NotADirectory.into()),
        }
    }

    /// Whether what the storage finds at a path is only an entry of another spelling that has gone here. Storage that
    /// takes `Heat` and `HEAT` for one name lists the one that it has.
    fn is_another_spelling_of_gone(&self, path: &RelPath) -> io::Result<bool> {
        let stored = {
            let root = self.root();
            let PreviewPlace::Stored(stored) = root.find(path)? else { return Ok(false) };
            let folder = root.find(&path.parent().unwrap_or_default())?;
            let PreviewPlace::Node(Node::Stored(_, entries)) = folder else { return Ok(false) };
            let key = fold_key(path.name());
            let mut gone = entries.iter().filter(|(_, node)| node.hides_stored());
            if !gone.any(|(name, _)| fold_key(name) == key) {
                return Ok(false);
            }
            stored
        };
        let names = self.stored(|below| below.list(&stored.parent().unwrap_or_default()))?;
        let name = nfc(stored.name().to_owned());
        Ok(!names.into_iter().any(|listed| nfc(listed) == name))
    }

    /// Puts something in a place that was free when it was looked at, without the lock.
    fn put_new(&self, path: &RelPath, node: Node) -> io::Result<()> {
        let mut root = self.root();
        root.refuse_changed(path)?;
        self.put(&mut root, path, node)
    }

    /// Puts something in a place, and remembers what was written; in our own folder runs go on to write.
    fn put(&self, root: &mut Node, path: &RelPath, node: Node) -> io::Result<()> {
        let is_written = matches!(node, Node::Dir(_) | Node::File(_));
        root.put(path, node)?;
        let is_in_root =
            path.as_str().contains('/') && names_of(path).take(2).all(|it| it != OWN_DIR);
        if is_written && is_in_root {
            self.written.lock().unwrap_or_else(|held| held.into_inner()).push(path.clone());
        }
        Ok(())
    }
}

impl Node {
    fn entries(&self) -> Option<&PreviewEntries> {
        match self {
            Node::Stored(_, entries) => Some(entries),
            Node::Dir(made) => Some(&made.content),
            Node::File(_) | Node::Gone => None,
        }
    }

    fn find(&self, path: &RelPath) -> io::Result<PreviewPlace<'_>> {
        let mut node = self;
        let mut names = names_of(path);
        while let Some(name) = names.next() {
            let child = node.entries().and_then(|entries| entries.get(name));
            node = match (node, child) {
                (_, Some(child)) => child,
                (Node::Stored(origin, _), None) => {
                    let path =
                        names.try_fold(path_of(origin, name)?, |path, name| path_of(&path, name));
                    return path.map(PreviewPlace::Stored);
                }
                (Node::File(_), None) => return Ok(PreviewPlace::BelowFile),
                (Node::Dir(_) | Node::Gone, None) => return Ok(PreviewPlace::Nothing),
            };
        }
        Ok(if matches!(node, Node::Gone) {
            PreviewPlace::Nothing
        } else {
            PreviewPlace::Node(node)
        })
    }

    /// The folder at a path, to be changed, and where it is in the storage.
    fn folder(&mut self, path: &RelPath) -> io::Result<(&mut PreviewEntries, Option<RelPath>)> {
        let mut node = self;
        for name in names_of(path) {
            node = match node {
                Node::Stored(origin, entries) => match entries.get(name) {
                    Some(_) => entries.entry(name.to_owned()).or_insert(Node::Gone),
                    None => {
                        let stored = Node::Stored(path_of(origin, name)?, PreviewEntries::new());
                        entries.entry(name.to_owned()).or_insert(stored)
                    }
                },
                Node::Dir(made) => made.content.get_mut(name).ok_or(ErrorKind::NotFound)?,
                Node::File(_) => return Err(ErrorKind::NotADirectory.into()),
                Node::Gone => return Err(ErrorKind::NotFound.into()),
            };
        }
        match node {
            Node::Stored(origin, entries) => Ok((entries, Some(origin.clone()))),
            Node::Dir(made) => Ok((&mut made.content, None)),
            Node::File(_) => Err(ErrorKind::NotADirectory.into()),
            Node::Gone => Err(ErrorKind::NotFound.into()),
        }
    }

    /// Refuses a place that another thread has taken since it was looked at.
    fn refuse_changed(&self, path: &RelPath) -> io::Result<()> {
        match self.find(path)? {
            PreviewPlace::Node(_) => Err(ErrorKind::AlreadyExists.into()),
            PreviewPlace::Stored(_) | PreviewPlace::Nothing => Ok(()),
            PreviewPlace::BelowFile => Err(ErrorKind::NotADirectory.into()),
        }
    }

    fn put(&mut self, path: &RelPath, mut node: Node) -> io::Result<()> {
        let (entries, _) = self.folder(&path.parent().unwrap_or_default())?;
        let name = path.name();
        let hides = entries.get(name).is_some_and(Node::hides_stored);
        match &mut node {
            Node::Dir(made) => made.hides_stored = hides,
            Node::File(made) => made.hides_stored = hides,
            Node::Stored(..) | Node::Gone => {}
        }
        entries.insert(name.to_owned(), node);
        Ok(())
    }

    fn take(&mut self, path: &RelPath) -> io::Result<Node> {
        let (entries, origin) = self.folder(&path.parent().unwrap_or_default())?;
        let name = path.name();
        let taken = match (entries.remove(name), &origin) {
            (Some(Node::Gone), _) | (None, None) => return Err(ErrorKind::NotFound.into()),
            (Some(node), _) => node,
            (None, Some(origin)) => Node::Stored(path_of(origin, name)?, PreviewEntries::new()),
        };
        if origin.is_some() {
            entries.insert(name.to_owned(), Node::Gone);
        }
        Ok(taken)
    }

    /// Whether what the storage has at this path is not to be seen.
    fn hides_stored(&self) -> bool {
        match self {
            Node::Gone => true,
            Node::Dir(made) => made.hides_stored,
            Node::File(made) => made.hides_stored,
            Node::Stored(..) => false,
        }
    }

    /// What is to be kept of something that was written.
    fn forgotten(self) -> Option<Node> {
        match self {
            Node::File(made) => made.hides_stored.then_some(Node::Gone),
            Node::Dir(mut made) => {
                let content = std::mem::take(&mut made.content).into_iter();
                made.content =
                    content.filter_map(|(name, it)| Some((name, it.forgotten()?))).collect();
                made.content.retain(|_, node| !matches!(node, Node::Gone));
                if made.content.is_empty() {
                    made.hides_stored.then_some(Node::Gone)
                } else {
                    Some(Node::Dir(made))
                }
            }
            node => Some(node),
        }
    }

    /// Forgets what was written at a path, and that the folders above it were looked at for that.
    fn forget(&mut self, path: &RelPath) {
        let Some(mut dir) = path.parent() else { return };
        let Ok((entries, _)) = self.folder(&dir) else { return };
        let kept = entries.remove(path.name()).and_then(Node::forgotten);
        entries.extend(kept.map(|node| (path.name().to_owned(), node)));
        while let Some(above) = dir.parent().filter(|above| !above.as_str().is_empty()) {
            let Ok((entries, Some(origin))) = self.folder(&above) else { return };
            let is_as_stored = matches!(entries.get(dir.name()), Some(Node::Stored(own, entries))
                if entries.is_empty() && origin.join(dir.name()).as_ref() == Ok(own));
            if !is_as_stored {
                return;
            }
            entries.remove(dir.name());
            dir = above;
        }
    }
}

/// The names in a path; none in that of the root.
fn names_of(path: &RelPath) -> impl Iterator<Item = &str> {
    path.as_str().split('/').filter(|name| !name.is_empty())
}

/// Refuses names that no storage takes.
fn refuse_long(path: &RelPath) -> io::Result<()> {
    if names_of(path).any(|name| name.len() > NAME_MAX) {
        return Err(ErrorKind::InvalidFilename.into());
    }
    Ok(())
}

/// Refuses to move a folder into itself.
fn refuse_within(from: &RelPath, to: &RelPath) -> io::Result<()> {
    let below = to.as_str().strip_prefix(from.as_str());
    if below.is_some_and(|below| below.starts_with('/')) {
        return Err(ErrorKind::InvalidInput.into());
    }
    Ok(())
}

/// The path of an entry of a folder.
fn path_of(dir: &RelPath, name: &str) -> io::Result<RelPath> {
    dir.join(name).map_err(|error| io::Error::new(ErrorKind::InvalidInput, error))
}

impl Fs for PreviewFs {
    fn entry(&self, path: &RelPath) -> io::Result<Option<Entry>> {
        let stored = match self.root().find(path)? {
            PreviewPlace::Nothing => return refuse_long(path).map(|()| None),
            PreviewPlace::BelowFile => return Err(ErrorKind::NotADirectory.into()),
            PreviewPlace::Node(Node::File(made)) => {
                return Ok(Some(Entry::File { size: made.content.len() as u64 }));
            }
            PreviewPlace::Node(Node::Dir(_)) => return Ok(Some(Entry::Dir)),
            PreviewPlace::Node(Node::Gone) => return Ok(None),
            PreviewPlace::Node(Node::Stored(origin, _)) => origin.clone(),
            PreviewPlace::Stored(origin) => origin,
        };
        self.stored(|below| below.entry(&stored))
    }

    fn changed(&self, dir: &RelPath) -> io::Result<Option<i64>> {
        let stored = match self.root().find(dir)? {
            PreviewPlace::Node(Node::Dir(_)) => return Ok(Some(MADE)),
            PreviewPlace::Node(Node::File(_) | Node::Gone)
            | PreviewPlace::Nothing
            | PreviewPlace::BelowFile => {
                return Ok(None);
            }
            PreviewPlace::Node(Node::Stored(origin, _)) => origin.clone(),
            PreviewPlace::Stored(origin) => origin,
        };
        self.stored(|below| below.changed(&stored))
    }

    fn age(&self, dir: &RelPath) -> io::Result<()> {
        self.existing(dir).map(drop)
    }

    fn read(&self, path: &RelPath) -> io::Result<Vec<u8>> {
        self.read_start(path, usize::MAX)
    }

    fn read_start(&self, path: &RelPath, limit: usize) -> io::Result<Vec<u8>> {
        let stored = match self.root().find(path)? {
            PreviewPlace::Node(Node::File(made)) => {
                let end = made.content.len().min(limit);
                return Ok(made.content[..end].to_vec());
            }
            PreviewPlace::Node(Node::Dir(_)) => return Err(ErrorKind::IsADirectory.into()),
            PreviewPlace::Node(Node::Gone) | PreviewPlace::Nothing => {
                return Err(ErrorKind::NotFound.into());
            }
            PreviewPlace::BelowFile => return Err(ErrorKind::NotADirectory.into()),
            PreviewPlace::Node(Node::Stored(origin, _)) => origin.clone(),
            PreviewPlace::Stored(origin) => origin,
        };
        self.stored(|below| match limit {
            usize::MAX => below.read(&stored),
            limit => below.read_start(&stored, limit),
        })
    }

    fn list(&self, path: &RelPath) -> io::Result<Vec<String>> {
        let is_there =
            |(name, node): (&String, &Node)| (!matches!(node, Node::Gone)).then(|| name.clone());
        let (stored, changed, hidden, here) = match self.root().find(path)? {
            PreviewPlace::Node(Node::Dir(made)) => {
                return Ok(made.content.iter().filter_map(is_there).collect());
            }
            PreviewPlace::Node(Node::Gone) | PreviewPlace::Nothing => {
                return Err(ErrorKind::NotFound.into());
            }
            PreviewPlace::Node(Node::File(_)) | PreviewPlace::BelowFile => {
                return Err(ErrorKind::NotADirectory.into());
            }
            PreviewPlace::Node(Node::Stored(origin, entries)) => {
                let here: Vec<String> = entries.iter().filter_map(is_there).collect();
                let hidden = entries.iter().filter(|(_, node)| node.hides_stored());
                let hidden: Vec<String> = hidden.map(|(name, _)| name.clone()).collect();
                let changed: HashSet<String> = entries.keys().cloned().map(nfc).collect();
                (origin.clone(), changed, hidden, here)
            }
            PreviewPlace::Stored(origin) => return self.stored(|below| below.list(&origin)),
        };
        let mut names = self.stored(|below| below.list(&stored))?;
        // What has gone here may be listed in another spelling alone.
        let listed: HashSet<String> = names.iter().cloned().map(nfc).collect();
        let unlisted = hidden.into_iter().filter(|name| !listed.contains(&nfc(name.clone())));
        let unlisted: HashSet<String> = unlisted.map(|name| fold_key(&name)).collect();
        names.retain(|name| {
            !changed.contains(&nfc(name.clone())) && !unlisted.contains(&fold_key(name))
        });
        names.extend(here);
        Ok(names)
    }

    fn create_dir(&self, path: &RelPath) -> io::Result<()> {
        self.refuse_taken(path)?;
        self.put_new(
            path,
            Node::Dir(MadeInMemory { content: PreviewEntries::new(), hides_stored: false }),
        )
    }

    fn write_new(&self, path: &RelPath, content: &[u8]) -> io::Result<()> {
        self.refuse_taken(path)?;
        self.put_new(
            path,
            Node::File(MadeInMemory { content: content.to_vec(), hides_stored: false }),
        )
    }

    fn replace(&self, from: &RelPath, to: &RelPath) -> io::Result<()> {
        let (source, target) = (self.existing(from)?, self.entry(to)?);
        if from == to {
            return Ok(());
        }
        if target.is_none() {
            self.refuse_taken(to)?;
        }
        refuse_within(from, to)?;
        match (source, target) {
            (_, None) => {}
            (Entry::Dir, Some(Entry::Dir)) if self.list(to)?.is_empty() => {}
            (Entry::Dir, Some(Entry::Dir)) => return Err(ErrorKind::DirectoryNotEmpty.into()),
            (Entry::Dir, Some(_)) => return Err(ErrorKind::NotADirectory.into()),
            (_, Some(Entry::Dir)) => return Err(ErrorKind::IsADirectory.into()),
            (_, Some(_)) => {}
        }
        let mut root = self.root();
        let node = root.take(from)?;
        self.put(&mut root, to, node)
    }

    fn rename_new(&self, from: &RelPath, to: &RelPath) -> io::Result<()> {
        self.existing(from)?;
        self.refuse_taken(to)?;
        refuse_within(from, to)?;
        let mut root = self.root();
        root.refuse_changed(to)?;
        let node = root.take(from)?;
        self.put(&mut root, to, node)
    }

    fn remove_file(&self, path: &RelPath) -> io::Result<()> {
        match self.existing(path)? {
            Entry::Dir => Err(ErrorKind::IsADirectory.into()),
            _ => self.root().take(path).map(drop),
        }
    }

    fn remove_dir(&self, path: &RelPath) -> io::Result<()> {
        if path.as_str().is_empty() {
            return Err(ErrorKind::InvalidInput.into());
        }
        if self.existing(path)? != Entry::Dir {
            return Err(ErrorKind::NotADirectory.into());
        }
        if !self.list(path)?.is_empty() {
            return Err(ErrorKind::DirectoryNotEmpty.into());
        }
        self.root().take(path).map(drop)
    }

    fn sync(&self) -> io::Result<()> {
        Ok(())
    }

    fn forget_written(&self) {
        let mut written =
            std::mem::take(&mut *self.written.lock().unwrap_or_else(|held| held.into_inner()));
        // What lies in a folder before the folder.
        written.sort_unstable_by_key(|path| Reverse(names_of(path).count()));
        let mut root = self.root();
        written.iter().for_each(|path| root.forget(path));
    }
}
