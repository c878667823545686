//! FUSE's requests → inodes in memory, each when its time has come.

use std::ffi::OsStr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use fuser::{
    AccessFlags, BsdFileFlags, Errno, FileAttr, FileHandle, FileType, Filesystem, FopenFlags,
    Generation, INodeNo, InitFlags, KernelConfig, LockOwner, OpenFlags, RenameFlags, ReplyAttr,
    ReplyCreate, ReplyData, ReplyDirectory, ReplyEmpty, ReplyEntry, ReplyOpen, ReplyStatfs,
    ReplyWrite, Request, TimeOrNow, WriteFlags,
};

use crate::memory_inodes::{InodeChange, Inodes, Listed};
use crate::slow_server::{OperationServer, lock};

/// How long the kernel may take names and attributes for true without asking again. Names that are
/// not there are always asked for.
const TTL: Duration = Duration::from_secs(1);
/// Bytes of one write at most, as mounts of NFS have it.
const WRITE_MAX: u32 = 1 << 20;
/// Requests that the kernel may have under way for itself: reads ahead, late writes.
const BACKGROUND_MAX: u16 = 128;
/// Nobody opens anything here under a handle: the inode says all.
const HANDLE: FileHandle = FileHandle(0);
/// No inode number is given twice.
const FIRST: Generation = Generation(0);
/// `O_EXCL` on Linux.
const EXCLUSIVE: i32 = 0o200;
/// `O_TRUNC` on Linux.
const TRUNCATE: i32 = 0o1000;

/// What answers the kernel.
pub struct Requests {
    server: Arc<OperationServer>,
    inodes: Arc<Mutex<Inodes>>,
}

impl Requests {
    /// For these inodes, as late as the server has it.
    pub fn new(server: Arc<OperationServer>, inodes: Arc<Mutex<Inodes>>) -> Requests {
        Requests { server, inodes }
    }

    /// Does something on another thread when its time has come, then answers.
    fn late<T>(
        &self,
        verb: &'static str,
        act: impl FnOnce(&mut Inodes) -> Result<T, Errno> + Send + 'static,
        answer: impl FnOnce(Result<T, Errno>) + Send + 'static,
    ) {
        let (inodes, server) = (Arc::clone(&self.inodes), Arc::clone(&self.server));
        self.server.serve(verb, move || {
            let traits = server.traits();
            let done = match traits.fails_with {
                Some(number) => Err(Errno::from_i32(number)),
                None => {
                    let mut inodes = lock(&inodes);
                    inodes.set_times(traits.times);
                    act(&mut inodes)
                }
            };
            move || answer(done)
        });
    }

    /// Whether there can be such a name.
    fn may_be(&self, name: &OsStr) -> Result<(), Errno> {
        let traits = self.server.traits();
        match name.as_encoded_bytes() {
            name if name.len() > traits.longest_name as usize => Err(Errno::ENAMETOOLONG),
            [b'.', ..] if traits.refuses_dots => Err(Errno::EACCES),
            _ => Ok(()),
        }
    }

    /// A request that a network file system sends, though nothing is to be done for it here.
    fn late_ok(&self, verb: &'static str, reply: ReplyEmpty) {
        self.late(verb, |_| Ok(()), answer_empty(reply));
    }

    /// A request that a network file system answers by itself.
    fn ok(&self, verb: &'static str, reply: ReplyEmpty) {
        self.server.note(verb);
        reply.ok();
    }
}

fn answer_entry(reply: ReplyEntry) -> impl FnOnce(Result<FileAttr, Errno>) + Send {
    move |done| match done {
        Ok(attr) => reply.entry(&TTL, &attr, FIRST),
        Err(error) => reply.error(error),
    }
}

fn answer_attr(reply: ReplyAttr) -> impl FnOnce(Result<FileAttr, Errno>) + Send {
    move |done| match done {
        Ok(attr) => reply.attr(&TTL, &attr),
        Err(error) => reply.error(error),
    }
}

fn answer_empty(reply: ReplyEmpty) -> impl FnOnce(Result<(), Errno>) + Send {
    move |done| match done {
        Ok(()) => reply.ok(),
        Err(error) => reply.error(error),
    }
}

fn answer_list(mut reply: ReplyDirectory) -> impl FnOnce(Result<Vec<Listed>, Errno>) + Send {
    move |done| match done {
        Ok(listed) => {
            // Until the buffer is full; the kernel asks again for the rest.
            let mut entries = listed.iter();
            while entries
                .next()
                .is_some_and(|entry| !reply.add(entry.ino, entry.next, entry.kind, &entry.name))
            {
            }
            reply.ok();
        }
        Err(error) => reply.error(error),
    }
}

fn moment(time: TimeOrNow) -> SystemTime {
    match time {
        TimeOrNow::SpecificTime(time) => time,
        TimeOrNow::Now => SystemTime::now(),
    }
}

impl Filesystem for Requests {
    fn init(&mut self, _: &Request, config: &mut KernelConfig) -> std::io::Result<()> {
        // What a kernel does not have, it does without: fewer requests are in flight then.
        config.add_capabilities(InitFlags::FUSE_PARALLEL_DIROPS).ok();
        config.set_max_write(WRITE_MAX).ok();
        config.set_max_background(BACKGROUND_MAX).ok();
        Ok(())
    }

    fn lookup(&self, _: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEntry) {
        let (name, may_be) = (name.to_owned(), self.may_be(name));
        let look = move |inodes: &mut Inodes| match may_be {
            Err(Errno::ENAMETOOLONG) => Err(Errno::ENAMETOOLONG),
            // What is vetoed is not seen.
            Err(_) => Err(Errno::ENOENT),
            Ok(()) => inodes.look(parent, &name),
        };
        self.late("lookup", look, answer_entry(reply));
    }

    fn forget(&self, _: &Request, ino: INodeNo, times: u64) {
        self.server.note("forget");
        lock(&self.inodes).forget(ino, times);
    }

    fn getattr(&self, _: &Request, ino: INodeNo, _: Option<FileHandle>, reply: ReplyAttr) {
        self.late("getattr", move |inodes| inodes.attr(ino), answer_attr(reply));
    }

    fn setattr(
        &self,
        _: &Request,
        ino: INodeNo,
        mode: Option<u32>,
        uid: Option<u32>,
        gid: Option<u32>,
        size: Option<u64>,
        atime: Option<TimeOrNow>,
        mtime: Option<TimeOrNow>,
        _: Option<SystemTime>,
        _: Option<FileHandle>,
        _: Option<SystemTime>,
        _: Option<SystemTime>,
        _: Option<SystemTime>,
        _: Option<BsdFileFlags>,
        reply: ReplyAttr,
    ) {
        let (atime, mtime) = (atime.map(moment), mtime.map(moment));
        let change = InodeChange { mode, uid, gid, size, atime, mtime };
        self.late("setattr", move |inodes| inodes.change(ino, change), answer_attr(reply));
    }

    fn mkdir(
        &self,
        request: &Request,
        parent: INodeNo,
        name: &OsStr,
        mode: u32,
        umask: u32,
        reply: ReplyEntry,
    ) {
        let (name, owner) = (name.to_owned(), (request.uid(), request.gid()));
        let may_be = self.may_be(&name);
        let make = move |inodes: &mut Inodes| {
            may_be?;
            inodes.make(parent, &name, FileType::Directory, mode & !umask, owner)
        };
        self.late("mkdir", make, answer_entry(reply));
    }

    fn create(
        &self,
        request: &Request,
        parent: INodeNo,
        name: &OsStr,
        mode: u32,
        umask: u32,
        flags: i32,
        reply: ReplyCreate,
    ) {
        let (name, owner) = (name.to_owned(), (request.uid(), request.gid()));
        let make = move |inodes: &mut Inodes| match inodes.make(
            parent,
            &name,
            FileType::RegularFile,
            mode & !umask,
            owner,
        ) {
            Err(Errno::EEXIST) if flags & EXCLUSIVE == 0 => {
                let found = inodes.look(parent, &name)?;
                let size = (flags & TRUNCATE != 0).then_some(0);
                inodes.change(found.ino, InodeChange { size, ..InodeChange::default() })
            }
            made => made,
        };
        self.late("create", make, |done: Result<FileAttr, Errno>| match done {
            Ok(attr) => reply.created(&TTL, &attr, FIRST, HANDLE, FopenFlags::empty()),
            Err(error) => reply.error(error),
        });
    }

    fn unlink(&self, _: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEmpty) {
        let name = name.to_owned();
        let remove = move |inodes: &mut Inodes| inodes.remove(parent, &name, FileType::RegularFile);
        self.late("unlink", remove, answer_empty(reply));
    }

    fn rmdir(&self, _: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEmpty) {
        let name = name.to_owned();
        let remove = move |inodes: &mut Inodes| inodes.remove(parent, &name, FileType::Directory);
        self.late("rmdir", remove, answer_empty(reply));
    }

    fn rename(
        &self,
        _: &Request,
        parent: INodeNo,
        name: &OsStr,
        new_parent: INodeNo,
        new_name: &OsStr,
        flags: RenameFlags,
        reply: ReplyEmpty,
    ) {
        let (name, new_name) = (name.to_owned(), new_name.to_owned());
        self.server.note_renamed(&new_name);
        let (may_be, keeps_folders) = (self.may_be(&new_name), self.server.traits().keeps_folders);
        let rename = move |inodes: &mut Inodes| {
            may_be?;
            if keeps_folders && inodes.look(parent, &name)?.kind == FileType::Directory {
                return Err(Errno::EXDEV);
            }
            // To exchange two entries, for one.
            if flags.intersects(!RenameFlags::RENAME_NOREPLACE) {
                return Err(Errno::EINVAL);
            }
            inodes.rename((parent, &name), (new_parent, &new_name), !flags.is_empty())
        };
        self.late("rename", rename, answer_empty(reply));
    }

    fn open(&self, _: &Request, ino: INodeNo, _: OpenFlags, reply: ReplyOpen) {
        self.late(
            "open",
            move |inodes| inodes.attr(ino),
            |done| match done {
                Ok(_) => reply.opened(HANDLE, FopenFlags::empty()),
                Err(error) => reply.error(error),
            },
        );
    }

    fn read(
        &self,
        _: &Request,
        ino: INodeNo,
        _: FileHandle,
        offset: u64,
        size: u32,
        _: OpenFlags,
        _: Option<LockOwner>,
        reply: ReplyData,
    ) {
        self.late(
            "read",
            move |inodes| inodes.read(ino, offset, size),
            |done| match done {
                Ok(data) => reply.data(&data),
                Err(error) => reply.error(error),
            },
        );
    }

    fn write(
        &self,
        _: &Request,
        ino: INodeNo,
        _: FileHandle,
        offset: u64,
        data: &[u8],
        _: WriteFlags,
        _: OpenFlags,
        _: Option<LockOwner>,
        reply: ReplyWrite,
    ) {
        // The kernel sends less than fits into its number.
        let (data, size) = (data.to_vec(), data.len() as u32);
        self.late(
            "write",
            move |inodes| inodes.write(ino, offset, &data),
            move |done| match done {
                Ok(()) => reply.written(size),
                Err(error) => reply.error(error),
            },
        );
    }

    fn opendir(&self, _: &Request, _: INodeNo, _: OpenFlags, reply: ReplyOpen) {
        self.server.note("opendir");
        reply.opened(HANDLE, FopenFlags::empty());
    }

    fn readdir(&self, _: &Request, ino: INodeNo, _: FileHandle, from: u64, reply: ReplyDirectory) {
        self.late("readdir", move |inodes| inodes.list(ino, from), answer_list(reply));
    }

    fn releasedir(&self, _: &Request, _: INodeNo, _: FileHandle, _: OpenFlags, reply: ReplyEmpty) {
        self.ok("releasedir", reply);
    }

    fn flush(&self, _: &Request, _: INodeNo, _: FileHandle, _: LockOwner, reply: ReplyEmpty) {
        if self.server.traits().refuses_to_close {
            return reply.error(Errno::ENOSPC);
        }
        self.ok("flush", reply);
    }

    fn release(
        &self,
        _: &Request,
        _: INodeNo,
        _: FileHandle,
        _: OpenFlags,
        _: Option<LockOwner>,
        _: bool,
        reply: ReplyEmpty,
    ) {
        self.ok("release", reply);
    }

    fn fsync(&self, _: &Request, _: INodeNo, _: FileHandle, _: bool, reply: ReplyEmpty) {
        self.server.note_flushed();
        self.late_ok("fsync", reply);
    }

    fn fsyncdir(&self, _: &Request, _: INodeNo, _: FileHandle, _: bool, reply: ReplyEmpty) {
        self.ok("fsyncdir", reply);
    }

    fn access(&self, _: &Request, _: INodeNo, _: AccessFlags, reply: ReplyEmpty) {
        self.late_ok("access", reply);
    }

    fn statfs(&self, _: &Request, _: INodeNo, reply: ReplyStatfs) {
        /// Blocks of 4096 bytes, and as many inodes: a terabyte, mostly free.
        const BLOCKS: u64 = 1 << 28;
        let longest_name = self.server.traits().longest_name;
        self.late(
            "statfs",
            |inodes| Ok(inodes.count()),
            move |used| match used {
                Ok(used) => {
                    let free = BLOCKS - used;
                    reply.statfs(BLOCKS, free, free, BLOCKS, free, 4096, longest_name, 4096);
                }
                Err(error) => reply.error(error),
            },
        );
    }
}
