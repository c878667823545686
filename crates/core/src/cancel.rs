//! The wish that work ends: raised by a signal, a person or a caller, and asked for wherever work may last.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Work was asked to end before it was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("interrupted")]
pub struct Cancelled;

/// Whether work is to end. Clones are the same wish; a child is cancelled with its parent, and may be cancelled
/// alone. It is never taken back: a later run gets one of its own.
#[derive(Clone, Debug, Default)]
pub struct Cancel {
    own: Arc<AtomicBool>,
    above: Vec<Arc<AtomicBool>>,
}

impl Cancel {
    /// One that is cancelled by raising this flag, as signal handlers do.
    pub fn by_flag(flag: Arc<AtomicBool>) -> Cancel {
        Cancel { own: flag, above: Vec::new() }
    }

    /// One that is cancelled with this one, and by itself.
    pub fn child(&self) -> Cancel {
        let above = self.above.iter().chain([&self.own]).cloned().collect();
        Cancel { own: Arc::default(), above }
    }

    /// Asks the work to end.
    pub fn cancel(&self) {
        self.own.store(true, Ordering::Relaxed);
    }

    /// Whether the work is to end.
    pub fn is_cancelled(&self) -> bool {
        let is_raised = |flag: &Arc<AtomicBool>| flag.load(Ordering::Relaxed);
        is_raised(&self.own) || self.above.iter().any(is_raised)
    }

    /// An error once the work is to end.
    pub fn check(&self) -> Result<(), Cancelled> {
        if self.is_cancelled() { Err(Cancelled) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_ends_with_its_parent_and_alone() {
        let process = Cancel::default();
        let (one, other) = (process.child(), process.child());
        let of_one = one.child();
        one.cancel();
        let all = [&process, &one, &of_one, &other];
        assert_eq!(all.map(Cancel::is_cancelled), [false, true, true, false]);
        process.cancel();
        assert!(all.iter().all(|cancel| cancel.check() == Err(Cancelled)));
    }

    #[test]
    fn a_flag_that_is_raised_cancels() {
        let flag = Arc::new(AtomicBool::new(false));
        let process = Cancel::by_flag(flag.clone());
        let run = process.child();
        assert_eq!(run.check(), Ok(()));
        flag.store(true, Ordering::Relaxed);
        assert!(run.is_cancelled() && process.clone().is_cancelled());
    }
}
