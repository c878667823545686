//! Waits for a source on the thread that reads it, and no longer than the run wants.

use std::future::Future;
use std::io;
use std::pin::pin;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use tokio::time::{MissedTickBehavior, interval};
use vod2strm_core::cancel::{Cancel, Cancelled};

/// How often a wait asks whether the run is to end: often enough for a person, and ten times a second cost nothing.
pub(crate) const ASKED_EVERY: Duration = Duration::from_millis(100);

/// What waits for one source: a runtime of one thread, which costs half of a multi-threaded one's CPU. A task that it
/// was given runs while something is waited for.
#[derive(Debug)]
pub(crate) struct Waiter {
    /// `None` only while it is dropped.
    runtime: Option<Runtime>,
    cancel: Cancel,
}

impl Waiter {
    /// One that gives up once this is cancelled.
    pub(crate) fn new(cancel: &Cancel) -> io::Result<Waiter> {
        let runtime = Builder::new_current_thread().enable_io().enable_time().build()?;
        Ok(Waiter { runtime: Some(runtime), cancel: cancel.clone() })
    }

    /// Waits for an answer, or until the run is to end; then no further question is asked.
    pub(crate) fn wait<T>(&self, answer: impl Future<Output = T>) -> Result<T, Cancelled> {
        self.cancel.check()?;
        self.block_on(async {
            let mut answer = pin!(answer);
            let mut ticks = interval(ASKED_EVERY);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                tokio::select! {
                    biased;
                    answer = &mut answer => return Ok(answer),
                    _ = ticks.tick() => self.cancel.check()?,
                }
            }
        })
    }

    /// Waits for an answer whether the run is to end or not: it comes soon.
    pub(crate) fn block_on<T>(&self, answer: impl Future<Output = T>) -> T {
        match &self.runtime {
            Some(runtime) => runtime.block_on(answer),
            None => unreachable!("a waiter that is dropped waits for nothing"),
        }
    }

    /// Has a task run while something is waited for.
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        if let Some(runtime) = &self.runtime {
            drop(runtime.spawn(task));
        }
    }
}

impl Drop for Waiter {
    /// Waits for nobody: a name server that never answers would hold up the run.
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use super::*;

    #[test]
    fn a_wait_ends_when_the_run_is_to_end() {
        let cancel = Cancel::default();
        let run = cancel.child();
        let waiter = Waiter::new(&run).unwrap();
        assert_eq!(waiter.wait(async { 7 }), Ok(7));
        std::thread::scope(|scope| {
            let waits = scope.spawn(|| waiter.wait(pending::<()>()));
            cancel.cancel();
            assert_eq!(waits.join().unwrap(), Err(Cancelled));
        });
        assert_eq!(waiter.wait(async { panic!("it was asked") }), Err::<(), _>(Cancelled));
    }

    #[test]
    fn what_never_ends_holds_nobody_up() {
        let (never, held) = std::sync::mpsc::channel::<()>();
        let cancel = Cancel::default();
        let waiter = Waiter::new(&cancel).unwrap();
        let waits = waiter.wait(async {
            // As a name is resolved: by a thread that nobody can end.
            let blocked = tokio::task::spawn_blocking(move || held.recv());
            cancel.cancel();
            blocked.await
        });
        assert!(matches!(waits, Err(Cancelled)));
        drop(waiter);
        drop(never);
    }
}
