//! Makes files and folders durable one by one, where one call for the whole file system does not do it.
//!
//! Most FUSE servers (mergerfs, sshfs, bindfs) hand the flush of a file on, and that of a folder not. There, a rename
//! or a removal reaches the disk by the flush of a file that changed after it: file systems keep the order.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::Builder;

use rustix::fs::{Mode, fchmod, fstat, fsync};
use rustix::io::{Errno, retry_on_intr};

/// How many write at a time. As many flush afterwards, since each flush waits for some round trips on a network. Not
/// more do: the user may have said how many calls the storage can take.
#[derive(Debug, Default)]
pub(crate) struct AtATime {
    now: AtomicUsize,
    most: AtomicUsize,
}

impl AtATime {
    /// Does something, and counts who does it meanwhile.
    pub(crate) fn count<T>(&self, act: impl FnOnce() -> T) -> T {
        let now = self.now.fetch_add(1, Ordering::Relaxed) + 1;
        self.most.fetch_max(now, Ordering::Relaxed);
        let done = act();
        self.now.fetch_sub(1, Ordering::Relaxed);
        done
    }

    /// The most that there were.
    pub(crate) fn most(&self) -> usize {
        self.most.load(Ordering::Relaxed)
    }
}

/// Makes all of a file system durable, with one call.
#[cfg(target_os = "linux")]
pub(crate) fn flush_volume(folder: &OwnedFd) -> io::Result<()> {
    match rustix::fs::syncfs(folder) {
        // Forbidden by a sandbox, or unknown to an emulator.
        Err(Errno::NOSYS | Errno::OPNOTSUPP) => rustix::fs::sync(),
        done => done?,
    }
    Ok(())
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn flush_volume(_: &OwnedFd) -> io::Result<()> {
    rustix::fs::sync();
    Ok(())
}

/// Makes one file or folder durable. What a file system does not offer, it cannot do.
pub(crate) fn flush(opened: impl AsFd) -> io::Result<()> {
    match retry_on_intr(|| fsync(&opened)) {
        Ok(()) | Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Changes a file without a change that anybody sees: it gets the permissions that it has. A file that has not
/// changed since its last flush has nothing to flush, and takes no rename along.
pub(crate) fn stir(opened: impl AsFd) -> io::Result<()> {
    let mode = Mode::from_raw_mode(fstat(&opened)?.st_mode);
    // Where permissions cannot be changed, the flush does what it can.
    let _ = fchmod(&opened, mode);
    Ok(())
}

/// Does the same with each of these, so many at a time, or as many as the system gives threads for. The first error
/// ends it.
pub(crate) fn with_each<T: Sync>(
    items: &[T],
    at_a_time: usize,
    act: impl Fn(&T) -> io::Result<()> + Sync,
) -> io::Result<()> {
    let next = AtomicUsize::new(0);
    let work = || -> io::Result<()> {
        while let Some(item) = items.get(next.fetch_add(1, Ordering::Relaxed)) {
            act(item).inspect_err(|_| next.store(items.len(), Ordering::Relaxed))?;
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let others =
            (1..at_a_time.min(items.len())).map(|_| Builder::new().spawn_scoped(scope, work));
        let others: Vec<_> = others.map_while(Result::ok).collect();
        let mut done = work();
        for other in others {
            done = done.and(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        done
    })
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU64;

    use super::*;

    #[test]
    fn each_is_done_once_and_an_error_ends_it() {
        let items: Vec<u64> = (1..=1000).collect();
        let sum = AtomicU64::new(0);
        let add = |item: &u64| {
            sum.fetch_add(*item, Ordering::Relaxed);
            Ok(())
        };
        with_each(&items, 8, add).unwrap();
        assert_eq!(sum.into_inner(), 500_500);
        with_each::<u64>(&[], 8, |_| Err(io::ErrorKind::Other.into())).unwrap();
        let fails = |item: &u64| match item {
            7 => Err(io::ErrorKind::StorageFull.into()),
            _ => Ok(()),
        };
        assert_eq!(with_each(&items, 8, fails).unwrap_err().kind(), io::ErrorKind::StorageFull);
    }
}
