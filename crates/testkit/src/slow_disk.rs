//! A real file system with a network's latency: in memory, mounted by FUSE. The kernel's own share of
//! the work, such as its locks on folders and its cache of names, is that of a real one.
//!
//! It is served by threads of this process, which may use it too, and so may others.

use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use fuser::{Config, MountOption, Session};
use nix::mount::{MntFlags, umount2};
use nix::sched::{CloneFlags, unshare};

use crate::memory_inodes::Inodes;
pub use crate::memory_inodes::Times;
use crate::slow_requests::Requests;
use crate::slow_server::OperationServer;
pub use crate::slow_server::{Model, Storage, StorageTraits};

/// Longest wait for operations and threads to end when a disk is dropped.
const END_MAX: Duration = Duration::from_secs(2);

/// A mounted disk. Dropping it unmounts it, whoever uses it. It must go before the folder that it is mounted at.
/// What is open on it fails from then on.
pub struct SlowDisk {
    at: PathBuf,
    server: Arc<OperationServer>,
    session: Option<JoinHandle<()>>,
}

impl SlowDisk {
    /// Mounts an empty disk at a folder; an error says why that is not possible here.
    pub fn mount(at: &Path, model: Model) -> Result<SlowDisk, String> {
        let failed = |error: &dyn std::fmt::Display| format!("{}: {error}", at.display());
        let folder = at.canonicalize().map_err(|error| failed(&error))?;
        let meta = folder.metadata().map_err(|error| failed(&error))?;
        let above = folder.parent().and_then(|above| above.metadata().ok());
        if above.is_none_or(|above| above.dev() != meta.dev()) {
            return Err(failed(&"something is mounted here already"));
        }
        usable()?;
        let server = Arc::new(OperationServer::new(model));
        let inodes = Arc::new(Mutex::new(Inodes::new(meta.uid(), meta.gid())));
        let requests = Requests::new(Arc::clone(&server), inodes);
        let (tell, told) = mpsc::channel();
        let place = folder.clone();
        let serve = move || match open(requests, &place) {
            Ok(session) => {
                // Whoever mounts may have given up; then the session ends with its unmounting.
                tell.send(Ok(())).ok();
                // It ends with an error when the disk is taken away by force, as it is in the end.
                session.run().ok();
            }
            Err(error) => drop(tell.send(Err(error))),
        };
        let named = thread::Builder::new().name("slow-disk".into());
        let session = named.spawn(serve).map_err(|error| failed(&error))?;
        match told.recv() {
            Ok(Ok(())) => Ok(SlowDisk { at: folder, server, session: Some(session) }),
            Ok(Err(error)) => Err(failed(&error)),
            Err(error) => Err(failed(&error)),
        }
    }

    /// Another model for operations that arrive from now on.
    pub fn set(&self, model: Model) {
        self.server.set(model);
    }

    /// Holds all operations until it is taken back, the disk is dropped, or two minutes are over.
    pub fn stall(&self, is_stalled: bool) {
        self.server.stall(is_stalled);
    }

    /// Differs like this from an ordinary file system from now on.
    pub fn be(&self, traits: StorageTraits) {
        self.server.be(traits);
    }

    /// How many operations there were, by FUSE's verbs (`lookup`, `create`, `mkdir` …), those that
    /// take no time included.
    pub fn operations(&self) -> BTreeMap<&'static str, u64> {
        self.server.operations()
    }

    /// The names that entries were given by renaming them, in the order in which the requests came.
    pub fn renamed(&self) -> Vec<String> {
        self.server.renamed()
    }

    /// How many entries had been renamed when a file was last flushed.
    pub fn renamed_before_flush(&self) -> usize {
        self.server.renamed_before_flush()
    }

    /// How many operations that take time were in flight at once at most, those that queue included.
    pub fn most_at_once(&self) -> u32 {
        self.server.most_at_once()
    }

    /// Counts from here on.
    pub fn reset_counts(&self) {
        self.server.reset_counts();
    }
}

impl Drop for SlowDisk {
    fn drop(&mut self) {
        self.server.close();
        wait_until(|| self.server.in_flight() == 0);
        // By force: what still waits for an answer gets an error.
        if umount2(&self.at, MntFlags::MNT_FORCE | MntFlags::MNT_DETACH).is_err() {
            // Who was mounted for by the helper is not permitted to do it without.
            let mut helper = Command::new("fusermount3");
            helper.args(["-u", "-z", "-q", "--"]).arg(&self.at);
            helper.stdout(Stdio::null()).stderr(Stdio::null()).status().ok();
        }
        if let Some(session) = self.session.take() {
            wait_until(|| session.is_finished());
            if session.is_finished() {
                session.join().ok();
            }
        }
    }
}

/// Waits until something is so, but not for ever.
fn wait_until(is_so: impl Fn() -> bool) {
    let end = Instant::now() + END_MAX;
    while !is_so() && Instant::now() < end {
        thread::sleep(Duration::from_millis(1));
    }
}

/// Whether there is FUSE here.
fn usable() -> Result<(), String> {
    let device = std::fs::File::options().read(true).write(true).open("/dev/fuse");
    device.map(drop).map_err(|error| format!("/dev/fuse: {error}"))
}

/// Mounts, on the thread that is to serve.
fn open(requests: Requests, at: &Path) -> Result<Session<Requests>, String> {
    let mut config = Config::default();
    config.mount_options = vec![MountOption::FSName("slow-disk".into())];
    own_descriptors().map_err(|error| format!("descriptors: {error}"))?;
    Session::new(requests, at, &config)
        .map_err(|error| format!("{error} (who is not root needs fusermount3)"))
}

/// Gives this thread, and those that it starts, a table of descriptors of their own.
///
/// A thread that waits for an answer of FUSE cannot be killed. If the thread held the device open itself, as threads of
/// one process do, nothing would end the wait when all are killed. The process would stay for ever. With tables of
/// their own, the device is closed with the threads that serve, and the kernel lets the others go.
fn own_descriptors() -> std::io::Result<()> {
    unshare(CloneFlags::CLONE_FILES)?;
    // Copies of what others have opened would keep their locks and pipes.
    let mut inherited = Vec::new();
    for entry in std::fs::read_dir("/proc/thread-self/fd")? {
        inherited.extend(entry?.file_name().to_str().and_then(|name| name.parse::<i32>().ok()));
    }
    // The one with which they were listed is closed already.
    inherited.into_iter().filter(|fd| *fd > 2).for_each(|fd| _ = nix::unistd::close(fd));
    Ok(())
}
