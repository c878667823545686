//! Files and folders in memory by inode numbers, as the kernel asks a FUSE server for them.

use std::collections::{BTreeMap, HashMap};
use std::ffi::{OsStr, OsString};
use std::time::SystemTime;

use fuser::{Errno, FileAttr, FileType, INodeNo};

/// Longest name of an entry, in bytes, as on most file systems.
const NAME_MAX: usize = 255;
/// Entries of a folder that one request is answered with at most: more than its buffer takes.
const ENTRIES_AT_ONCE: usize = 1024;
/// The largest file, in bytes: it is all kept in memory.
const FILE_MAX: u64 = 1 << 30;

/// What somebody wants changed of an inode; `None` stays as it is.
#[derive(Clone, Copy, Debug, Default)]
pub struct InodeChange {
    /// Permissions.
    pub mode: Option<u32>,
    /// The owner.
    pub uid: Option<u32>,
    /// The owning group.
    pub gid: Option<u32>,
    /// Size of a file in bytes: the rest is cut off, or filled with zeros.
    pub size: Option<u64>,
    /// When it was last read.
    pub atime: Option<SystemTime>,
    /// When it was last written.
    pub mtime: Option<SystemTime>,
}

/// An entry as listed.
#[derive(Clone, Debug)]
pub struct Listed {
    /// The inode behind it.
    pub ino: INodeNo,
    /// Where a list that goes on after this entry begins.
    pub next: u64,
    /// What it is.
    pub kind: FileType,
    /// Its name.
    pub name: OsString,
}

/// Which entries move their folder's time when they come or go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Times {
    /// All.
    #[default]
    Kept,
    /// Those of about half of all names, as in a pool of two disks that shows the time of one.
    OfHalf,
    /// None.
    Still,
}

/// All inodes. The kernel is told of an inode by `look`, and says with `forget` that it does not use it any more.
/// Until then it is kept, even if no folder has it.
#[derive(Debug)]
pub struct Inodes {
    nodes: HashMap<u64, Inode>,
    last: u64,
    times: Times,
}

#[derive(Debug)]
struct Inode {
    attr: FileAttr,
    content: InodeContent,
    /// How often the kernel was told of it and has not forgotten it.
    looks: u64,
    /// Whether a folder has it; of the root this is always so.
    is_named: bool,
}

#[derive(Debug)]
enum InodeContent {
    File(Vec<u8>),
    Folder(InodeFolder),
}

#[derive(Debug)]
struct InodeFolder {
    parent: INodeNo,
    /// Name → place in the order and inode.
    names: HashMap<OsString, (u64, INodeNo)>,
    /// In order of arrival, so that who lists it while it changes misses none and sees none twice.
    order: BTreeMap<u64, OsString>,
    last: u64,
}

impl InodeFolder {
    fn below(parent: INodeNo) -> InodeFolder {
        // The first two places are those of `.` and `..`.
        InodeFolder { parent, names: HashMap::new(), order: BTreeMap::new(), last: 2 }
    }

    fn put(&mut self, name: &OsStr, ino: INodeNo) {
        self.take(name);
        self.last += 1;
        self.names.insert(name.to_owned(), (self.last, ino));
        self.order.insert(self.last, name.to_owned());
    }

    fn take(&mut self, name: &OsStr) {
        if let Some((place, _)) = self.names.remove(name) {
            self.order.remove(&place);
        }
    }
}

impl Inodes {
    /// An empty root that belongs to this user and group.
    pub fn new(uid: u32, gid: u32) -> Inodes {
        let mut inodes = Inodes { nodes: HashMap::new(), last: 0, times: Times::Kept };
        let root =
            inodes.add(InodeContent::Folder(InodeFolder::below(INodeNo::ROOT)), 0o755, (uid, gid));
        debug_assert_eq!(root, INodeNo::ROOT);
        inodes
    }

    /// How many inodes there are.
    pub fn count(&self) -> u64 {
        self.nodes.len() as u64
    }

    /// From now on these entries move their folder's time.
    pub fn set_times(&mut self, times: Times) {
        self.times = times;
    }

    /// What an inode is.
    pub fn attr(&self, ino: INodeNo) -> Result<FileAttr, Errno> {
        Ok(self.node(ino)?.attr)
    }

    /// What an entry of a folder is; the kernel knows it from now on.
    pub fn look(&mut self, parent: INodeNo, name: &OsStr) -> Result<FileAttr, Errno> {
        let ino = self.entry(parent, name)?.ok_or(Errno::ENOENT)?;
        let node = self.node_mut(ino)?;
        node.looks += 1;
        Ok(node.attr)
    }

    /// The kernel has forgotten an inode that it was told of `times` times.
    pub fn forget(&mut self, ino: INodeNo, times: u64) {
        if let Some(node) = self.nodes.get_mut(&ino.0) {
            node.looks = node.looks.saturating_sub(times);
        }
        self.let_go(ino);
    }

    /// Makes an empty file or folder, of which the kernel knows from now on.
    pub fn make(
        &mut self,
        parent: INodeNo,
        name: &OsStr,
        kind: FileType,
        mode: u32,
        owner: (u32, u32),
    ) -> Result<FileAttr, Errno> {
        if self.entry(parent, name)?.is_some() {
            return Err(Errno::EEXIST);
        }
        let content = match kind {
            FileType::Directory => InodeContent::Folder(InodeFolder::below(parent)),
            FileType::RegularFile => InodeContent::File(Vec::new()),
            _ => return Err(Errno::EPERM),
        };
        let ino = self.add(content, mode, owner);
        self.put(parent, name, ino)?;
        self.look(parent, name)
    }

    /// Changes what an inode is.
    pub fn change(&mut self, ino: INodeNo, change: InodeChange) -> Result<FileAttr, Errno> {
        let now = SystemTime::now();
        let node = self.node_mut(ino)?;
        if let Some(size) = change.size {
            let InodeContent::File(content) = &mut node.content else { return Err(Errno::EISDIR) };
            content.resize(length(size)?, 0);
            node.attr.mtime = now;
        }
        let attr = &mut node.attr;
        attr.perm = change.mode.map_or(attr.perm, permissions);
        attr.uid = change.uid.unwrap_or(attr.uid);
        attr.gid = change.gid.unwrap_or(attr.gid);
        attr.atime = change.atime.unwrap_or(attr.atime);
        attr.mtime = change.mtime.unwrap_or(attr.mtime);
        attr.ctime = now;
        Ok(node.measure())
    }

    /// At most `size` bytes of a file.
    pub fn read(&self, ino: INodeNo, offset: u64, size: u32) -> Result<Vec<u8>, Errno> {
        let InodeContent::File(content) = &self.node(ino)?.content else {
            return Err(Errno::EISDIR);
        };
        let end = content.len();
        let start = usize::try_from(offset).map_or(end, |offset| offset.min(end));
        Ok(content[start..end.min(start.saturating_add(size as usize))].to_vec())
    }

    /// Writes into a file.
    pub fn write(&mut self, ino: INodeNo, offset: u64, data: &[u8]) -> Result<(), Errno> {
        let node = self.node_mut(ino)?;
        let InodeContent::File(content) = &mut node.content else { return Err(Errno::EISDIR) };
        let end = length(offset.saturating_add(data.len() as u64))?;
        content.resize(content.len().max(end), 0);
        content[end - data.len()..end].copy_from_slice(data);
        node.attr.mtime = SystemTime::now();
        node.attr.ctime = node.attr.mtime;
        node.measure();
        Ok(())
    }

    /// Entries of a folder, from a place in it on; the first begins at 0. Not more than one request
    /// can be answered with.
    pub fn list(&self, ino: INodeNo, from: u64) -> Result<Vec<Listed>, Errno> {
        let folder = self.folder(ino)?;
        let dots = [(1, ".", ino), (2, "..", folder.parent)].into_iter();
        let dots = dots.map(|(next, name, ino)| (next, OsString::from(name), ino));
        let named = folder.order.range(from.saturating_add(1)..).filter_map(|(next, name)| {
            folder.names.get(name).map(|(_, ino)| (*next, name.clone(), *ino))
        });
        let listed = dots.filter(|(next, ..)| *next > from).chain(named).take(ENTRIES_AT_ONCE);
        listed
            .map(|(next, name, ino)| Ok(Listed { ino, next, kind: self.attr(ino)?.kind, name }))
            .collect()
    }

    /// Removes a file, or an empty folder.
    pub fn remove(&mut self, parent: INodeNo, name: &OsStr, kind: FileType) -> Result<(), Errno> {
        let ino = self.entry(parent, name)?.ok_or(Errno::ENOENT)?;
        self.may_go(ino, kind)?;
        self.discard(parent, name, ino)
    }

    /// Moves an entry; one that is at the target is replaced, unless the place must be free.
    pub fn rename(
        &mut self,
        from: (INodeNo, &OsStr),
        to: (INodeNo, &OsStr),
        must_be_free: bool,
    ) -> Result<(), Errno> {
        let ino = self.entry(from.0, from.1)?.ok_or(Errno::ENOENT)?;
        let kind = self.attr(ino)?.kind;
        let replaced = self.entry(to.0, to.1)?;
        if must_be_free && replaced.is_some() {
            return Err(Errno::EEXIST);
        }
        if replaced == Some(ino) {
            return Ok(());
        }
        if self.is_within(to.0, ino)? {
            return Err(Errno::EINVAL);
        }
        if let Some(replaced) = replaced {
            self.may_go(replaced, kind)?;
            self.discard(to.0, to.1, replaced)?;
        }
        self.take(from.0, from.1, ino)?;
        self.put(to.0, to.1, ino)?;
        let node = self.node_mut(ino)?;
        node.attr.ctime = SystemTime::now();
        if let InodeContent::Folder(folder) = &mut node.content {
            folder.parent = to.0;
        }
        Ok(())
    }

    fn node(&self, ino: INodeNo) -> Result<&Inode, Errno> {
        self.nodes.get(&ino.0).ok_or(Errno::ESTALE)
    }

    fn node_mut(&mut self, ino: INodeNo) -> Result<&mut Inode, Errno> {
        self.nodes.get_mut(&ino.0).ok_or(Errno::ESTALE)
    }

    fn folder(&self, ino: INodeNo) -> Result<&InodeFolder, Errno> {
        match &self.node(ino)?.content {
            InodeContent::Folder(folder) => Ok(folder),
            InodeContent::File(_) => Err(Errno::ENOTDIR),
        }
    }

    fn entry(&self, parent: INodeNo, name: &OsStr) -> Result<Option<INodeNo>, Errno> {
        if name.len() > NAME_MAX {
            return Err(Errno::ENAMETOOLONG);
        }
        Ok(self.folder(parent)?.names.get(name).map(|(_, ino)| *ino))
    }

    fn add(&mut self, content: InodeContent, mode: u32, (uid, gid): (u32, u32)) -> INodeNo {
        self.last += 1;
        let (ino, now) = (INodeNo(self.last), SystemTime::now());
        let (kind, nlink) = match content {
            InodeContent::File(_) => (FileType::RegularFile, 1),
            InodeContent::Folder(_) => (FileType::Directory, 2),
        };
        let attr = FileAttr {
            ino,
            size: 0,
            blocks: 0,
            atime: now,
            mtime: now,
            ctime: now,
            crtime: now,
            kind,
            perm: permissions(mode),
            nlink,
            uid,
            gid,
            rdev: 0,
            blksize: 4096,
            flags: 0,
        };
        self.nodes.insert(ino.0, Inode { attr, content, looks: 0, is_named: true });
        ino
    }

    /// A name for an inode that has none.
    fn put(&mut self, parent: INodeNo, name: &OsStr, ino: INodeNo) -> Result<(), Errno> {
        self.edit((parent, name), ino, |folder| folder.put(name, ino), 1)
    }

    /// Takes an inode's name away.
    fn take(&mut self, parent: INodeNo, name: &OsStr, ino: INodeNo) -> Result<(), Errno> {
        self.edit((parent, name), ino, |folder| folder.take(name), -1)
    }

    /// Changes a folder's names, its times, and the number of links that a folder in it counts for.
    fn edit(
        &mut self,
        (parent, name): (INodeNo, &OsStr),
        ino: INodeNo,
        edit: impl FnOnce(&mut InodeFolder),
        links: i32,
    ) -> Result<(), Errno> {
        let is_folder = self.attr(ino)?.kind == FileType::Directory;
        let moves_time = match self.times {
            Times::Kept => true,
            Times::OfHalf => is_of_first_half(name),
            Times::Still => false,
        };
        let node = self.node_mut(parent)?;
        let InodeContent::Folder(folder) = &mut node.content else { return Err(Errno::ENOTDIR) };
        edit(folder);
        node.attr.ctime = SystemTime::now();
        if moves_time {
            node.attr.mtime = node.attr.ctime;
        }
        if is_folder {
            node.attr.nlink = node.attr.nlink.saturating_add_signed(links);
        }
        Ok(())
    }

    /// Whether an inode may be removed by somebody who takes it for this kind.
    fn may_go(&self, ino: INodeNo, kind: FileType) -> Result<(), Errno> {
        match (kind, &self.node(ino)?.content) {
            (FileType::Directory, InodeContent::File(_)) => Err(Errno::ENOTDIR),
            (FileType::Directory, InodeContent::Folder(folder)) if !folder.names.is_empty() => {
                Err(Errno::ENOTEMPTY)
            }
            (FileType::Directory, InodeContent::Folder(_)) | (_, InodeContent::File(_)) => Ok(()),
            (_, InodeContent::Folder(_)) => Err(Errno::EISDIR),
        }
    }

    /// Whether a folder is another one or somewhere below it.
    fn is_within(&self, mut folder: INodeNo, other: INodeNo) -> Result<bool, Errno> {
        while folder != other && folder != INodeNo::ROOT {
            folder = self.folder(folder)?.parent;
        }
        Ok(folder == other)
    }

    /// Takes away the name of an inode that is to have none.
    fn discard(&mut self, parent: INodeNo, name: &OsStr, ino: INodeNo) -> Result<(), Errno> {
        self.take(parent, name, ino)?;
        let node = self.node_mut(ino)?;
        node.is_named = false;
        node.attr.nlink = 0;
        node.attr.ctime = SystemTime::now();
        self.let_go(ino);
        Ok(())
    }

    /// Drops an inode that nobody can reach or ask about any more.
    fn let_go(&mut self, ino: INodeNo) {
        if self.nodes.get(&ino.0).is_some_and(|node| node.looks == 0 && !node.is_named) {
            self.nodes.remove(&ino.0);
        }
    }
}

impl Inode {
    /// Its attributes, with the size that its content has.
    fn measure(&mut self) -> FileAttr {
        if let InodeContent::File(content) = &self.content {
            self.attr.size = content.len() as u64;
            self.attr.blocks = self.attr.size.div_ceil(512);
        }
        self.attr
    }
}

/// Whether a name is among about half of all names.
fn is_of_first_half(name: &OsStr) -> bool {
    name.as_encoded_bytes().iter().map(|byte| u64::from(*byte)).sum::<u64>() % 2 == 0
}

fn permissions(mode: u32) -> u16 {
    (mode & 0o7777) as u16
}

fn length(size: u64) -> Result<usize, Errno> {
    if size > FILE_MAX { Err(Errno::EFBIG) } else { Ok(size as usize) }
}
