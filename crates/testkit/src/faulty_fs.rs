//! A file system that fails on purpose, at its n-th change or on a certain path, once or for ever. Nothing, half or
//! all of the failing call is done.

use std::io::{self, ErrorKind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use vod2strm_core::path::RelPath;
use vod2strm_disk::fs::{Entry, Fs, Way};

/// The error that a failing call returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InjectedError {
    /// The system's number: 28 says that no space is left.
    Os(i32),
    /// A kind of error without a number.
    Kind(ErrorKind),
}

/// No space left on the device.
pub const ENOSPC: InjectedError = InjectedError::Os(28);
/// Input/output error.
pub const EIO: InjectedError = InjectedError::Os(5);
/// Permission denied.
pub const EACCES: InjectedError = InjectedError::Os(13);
/// Read-only file system.
pub const EROFS: InjectedError = InjectedError::Os(30);

/// What fails after the call that failed first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span {
    /// Nothing.
    Once,
    /// Whatever needs space: making directories and writing files. Removals and renames work.
    Full,
    /// Everything, questions too: to the disk, the process has ended.
    Crash,
}

/// What the failing call does all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Nothing.
    Nothing,
    /// A write leaves half of the content; other calls do nothing.
    Half,
    /// All of it: only the answer was lost.
    Whole,
}

#[derive(Clone, Debug)]
enum Trigger {
    Call(u64),
    Change(u64),
    ChangeOf(String),
    QuestionOf(String),
}

/// When and how to fail; a clone tells what became of it.
#[derive(Clone, Debug)]
pub struct InjectedFault {
    trigger: Trigger,
    failure: InjectedError,
    span: Span,
    effect: Effect,
    calls: Arc<AtomicU64>,
    changes: Arc<AtomicU64>,
    struck: Arc<AtomicBool>,
}

impl InjectedFault {
    /// Fails the n-th call, question or change; the first is 1.
    pub fn at_call(nth: u64, failure: InjectedError) -> InjectedFault {
        InjectedFault::new(Trigger::Call(nth), failure)
    }

    /// Fails the n-th call that changes something; the first is 1.
    pub fn at_change(nth: u64, failure: InjectedError) -> InjectedFault {
        InjectedFault::new(Trigger::Change(nth), failure)
    }

    /// Fails every change of a path that contains this text.
    pub fn on_change_of(part: &str, failure: InjectedError) -> InjectedFault {
        InjectedFault::new(Trigger::ChangeOf(part.to_owned()), failure)
    }

    /// Fails every question about a path that contains this text.
    pub fn on_question_of(part: &str, failure: InjectedError) -> InjectedFault {
        InjectedFault::new(Trigger::QuestionOf(part.to_owned()), failure)
    }

    fn new(trigger: Trigger, failure: InjectedError) -> InjectedFault {
        let (calls, changes, struck) = (Arc::default(), Arc::default(), Arc::default());
        let (span, effect) = (Span::Once, Effect::Nothing);
        InjectedFault { trigger, failure, span, effect, calls, changes, struck }
    }

    /// What fails afterwards; without this, nothing.
    #[must_use]
    pub fn then(self, span: Span) -> InjectedFault {
        InjectedFault { span, ..self }
    }

    /// What the failing call does all the same; without this, nothing.
    #[must_use]
    pub fn doing(self, effect: Effect) -> InjectedFault {
        InjectedFault { effect, ..self }
    }

    /// Whether the call that was meant to fail has come.
    pub fn has_struck(&self) -> bool {
        self.struck.load(Ordering::SeqCst)
    }

    /// How many calls wanted to change something.
    pub fn changes(&self) -> u64 {
        self.changes.load(Ordering::SeqCst)
    }

    /// Counts a call; says whether it is the one that is meant to fail.
    fn is_hit_by_call(&self) -> bool {
        let nth = self.calls.fetch_add(1, Ordering::SeqCst) + 1;
        matches!(self.trigger, Trigger::Call(at) if at == nth)
    }

    fn error(&self) -> io::Error {
        match self.failure {
            InjectedError::Os(number) => io::Error::from_raw_os_error(number),
            InjectedError::Kind(kind) => kind.into(),
        }
    }

    /// Whether a question fails.
    fn question(&self, path: &RelPath) -> io::Result<()> {
        let hit = self.is_hit_by_call()
            || matches!(&self.trigger, Trigger::QuestionOf(part) if path.as_str().contains(part));
        let crashed = self.span == Span::Crash && self.has_struck();
        if hit {
            self.struck.store(true, Ordering::SeqCst);
        }
        if hit || crashed { Err(self.error()) } else { Ok(()) }
    }

    /// Whether a change fails, and what it does all the same.
    fn change(&self, paths: &[&RelPath], needs_space: bool) -> Option<Effect> {
        let nth = self.changes.fetch_add(1, Ordering::SeqCst) + 1;
        let is_hit_by_call = self.is_hit_by_call();
        let after = match self.span {
            Span::Once => false,
            Span::Full => needs_space,
            Span::Crash => true,
        };
        if after && self.has_struck() {
            return Some(Effect::Nothing);
        }
        let hit = match &self.trigger {
            Trigger::Change(at) => nth == *at,
            Trigger::ChangeOf(part) => paths.iter().any(|path| path.as_str().contains(part)),
            Trigger::Call(_) => is_hit_by_call,
            Trigger::QuestionOf(_) => false,
        };
        if hit {
            self.struck.store(true, Ordering::SeqCst);
        }
        hit.then_some(self.effect)
    }
}

/// A file system with a fault.
#[derive(Debug)]
pub struct FaultyFs<F> {
    inner: F,
    fault: InjectedFault,
}

impl<F: Fs> FaultyFs<F> {
    /// Puts a fault in front of a file system.
    pub fn new(inner: F, fault: InjectedFault) -> FaultyFs<F> {
        FaultyFs { inner, fault }
    }

    /// Does all of a call or nothing.
    fn meddle(
        &self,
        effect: Option<Effect>,
        act: impl FnOnce() -> io::Result<()>,
    ) -> io::Result<()> {
        match effect {
            None => act(),
            Some(Effect::Nothing | Effect::Half) => Err(self.fault.error()),
            Some(Effect::Whole) => {
                // Whatever came of it, the caller hears only of the fault.
                drop(act());
                Err(self.fault.error())
            }
        }
    }
}

impl<F: Fs> Fs for FaultyFs<F> {
    fn entry(&self, path: &RelPath) -> io::Result<Option<Entry>> {
        self.fault.question(path)?;
        self.inner.entry(path)
    }

    fn way(&self, dir: &RelPath) -> io::Result<Option<Way>> {
        match self.inner.way(dir)? {
            None => Ok(None),
            way => self.fault.question(dir).map(|()| way),
        }
    }

    fn changed(&self, dir: &RelPath) -> io::Result<Option<i64>> {
        self.fault.question(dir)?;
        self.inner.changed(dir)
    }

    fn age(&self, dir: &RelPath) -> io::Result<()> {
        self.fault.question(dir)?;
        self.inner.age(dir)
    }

    fn read(&self, path: &RelPath) -> io::Result<Vec<u8>> {
        self.fault.question(path)?;
        self.inner.read(path)
    }

    fn list(&self, path: &RelPath) -> io::Result<Vec<String>> {
        self.fault.question(path)?;
        self.inner.list(path)
    }

    fn create_dir(&self, path: &RelPath) -> io::Result<()> {
        let effect = self.fault.change(&[path], true);
        self.meddle(effect, || self.inner.create_dir(path))
    }

    fn write_new(&self, path: &RelPath, content: &[u8]) -> io::Result<()> {
        let effect = self.fault.change(&[path], true);
        if effect == Some(Effect::Half) {
            self.inner.write_new(path, &content[..content.len() / 2])?;
        }
        self.meddle(effect, || self.inner.write_new(path, content))
    }

    fn replace(&self, from: &RelPath, to: &RelPath) -> io::Result<()> {
        let effect = self.fault.change(&[from, to], false);
        self.meddle(effect, || self.inner.replace(from, to))
    }

    fn rename_new(&self, from: &RelPath, to: &RelPath) -> io::Result<()> {
        let effect = self.fault.change(&[from, to], false);
        self.meddle(effect, || self.inner.rename_new(from, to))
    }

    fn remove_file(&self, path: &RelPath) -> io::Result<()> {
        let effect = self.fault.change(&[path], false);
        self.meddle(effect, || self.inner.remove_file(path))
    }

    fn remove_dir(&self, path: &RelPath) -> io::Result<()> {
        let effect = self.fault.change(&[path], false);
        self.meddle(effect, || self.inner.remove_dir(path))
    }

    fn sync(&self) -> io::Result<()> {
        self.fault.question(&RelPath::default())?;
        self.inner.sync()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory_fs::MemoryFs;

    fn path(text: &str) -> RelPath {
        RelPath::parse(text).unwrap()
    }

    #[test]
    fn the_nth_change_fails_once() {
        let (memory, fault) = (MemoryFs::default(), InjectedFault::at_change(2, ENOSPC));
        let fs = FaultyFs::new(memory.clone(), fault.clone());
        fs.create_dir(&path("a")).unwrap();
        assert!(!fault.has_struck());
        let error = fs.write_new(&path("b"), b"bb").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::StorageFull);
        fs.write_new(&path("c"), b"cc").unwrap();
        assert!(fault.has_struck() && fault.changes() == 3);
        assert_eq!(memory.snapshot().into_keys().collect::<Vec<_>>(), ["c"]);
    }

    #[test]
    fn the_nth_call_fails_be_it_a_question() {
        let fault = InjectedFault::at_call(3, EIO);
        let fs = FaultyFs::new(MemoryFs::default(), fault.clone());
        fs.create_dir(&path("a")).unwrap();
        fs.sync().unwrap();
        assert!(!fault.has_struck());
        fs.kind(&path("a")).unwrap_err();
        fs.kind(&path("a")).unwrap();
        assert!(fault.has_struck());
    }

    #[test]
    fn a_full_storage_still_renames_and_removes() {
        let memory = MemoryFs::default();
        let fault = InjectedFault::at_change(1, ENOSPC).then(Span::Full).doing(Effect::Half);
        let fs = FaultyFs::new(memory.clone(), fault);
        fs.write_new(&path("a"), b"1234").unwrap_err();
        assert_eq!(memory.snapshot()["a"], b"12");
        fs.create_dir(&path("b")).unwrap_err();
        fs.rename_new(&path("a"), &path("c")).unwrap();
        fs.remove_file(&path("c")).unwrap();
        assert_eq!(fs.kind(&path("c")).unwrap(), None);
    }

    #[test]
    fn after_a_crash_nothing_works_and_the_last_call_may_have_been_done() {
        let memory = MemoryFs::default();
        let fault = InjectedFault::at_change(1, EIO).then(Span::Crash).doing(Effect::Whole);
        let fs = FaultyFs::new(memory.clone(), fault);
        fs.sync().unwrap();
        fs.write_new(&path("a"), b"1234").unwrap_err();
        assert_eq!(memory.snapshot()["a"], b"1234");
        fs.kind(&path("a")).unwrap_err();
        fs.remove_file(&path("a")).unwrap_err();
        fs.sync().unwrap_err();
    }

    #[test]
    fn a_path_fails_whenever_it_is_touched() {
        let fs = FaultyFs::new(MemoryFs::default(), InjectedFault::on_change_of("bad", EACCES));
        fs.write_new(&path("good"), b"").unwrap();
        fs.rename_new(&path("good"), &path("bad")).unwrap_err();
        fs.rename_new(&path("good"), &path("bad")).unwrap_err();
        assert_eq!(fs.kind(&path("bad")).unwrap(), None);
        let broken =
            InjectedFault::on_question_of("good", InjectedError::Kind(ErrorKind::TimedOut));
        let fs = FaultyFs::new(MemoryFs::default(), broken);
        assert_eq!(fs.read(&path("good")).unwrap_err().kind(), ErrorKind::TimedOut);
    }
}
