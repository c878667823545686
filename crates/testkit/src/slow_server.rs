//! How long a slow disk takes for its operations; what it counts; the threads that serve them.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, VecDeque};
use std::ffi::OsStr;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, Instant};

use crate::memory_inodes::Times;

/// Operations that are served at a time at most; others wait for a thread.
const THREADS: usize = 128;
/// A stall ends by itself: a test that forgot to end it would otherwise hang for ever.
const STALL_MAX: Duration = Duration::from_secs(120);

/// What becomes of an operation that others are in flight beside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Storage {
    /// Nothing: each takes the latency.
    Flat,
    /// At most so many are served at a time, each in the latency; others queue.
    Cap(u32),
    /// More than so many are a burden to all: of `k` in flight, the last to arrive takes the latency
    /// `(k / knee)²` times.
    Knee(u32),
}

/// How long operations take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Model {
    /// What one takes that is alone.
    pub latency: Duration,
    /// What others beside it do to it.
    pub storage: Storage,
}

/// A model, and what it has to remember of operations before.
struct Schedule {
    model: Model,
    /// When those that a capped storage serves or will serve are done.
    busy: BinaryHeap<Reverse<Instant>>,
}

impl Schedule {
    fn of(model: Model) -> Schedule {
        Schedule { model, busy: BinaryHeap::new() }
    }

    /// When an operation is done that arrives at this moment as the `rank`th in flight.
    fn due(&mut self, arrived: Instant, rank: u32) -> Instant {
        let latency = self.model.latency;
        match self.model.storage {
            Storage::Flat => arrived + latency,
            Storage::Knee(knee) => {
                let load = f64::from(rank) / f64::from(knee.max(1));
                arrived + latency.mul_f64(load.powi(2).max(1.0))
            }
            Storage::Cap(places) => {
                while self.busy.peek().is_some_and(|Reverse(done)| *done <= arrived) {
                    self.busy.pop();
                }
                let is_full = self.busy.len() >= places.max(1) as usize;
                let freed = is_full.then(|| self.busy.pop()).flatten();
                let done = freed.map_or(arrived, |Reverse(freed)| freed) + latency;
                self.busy.push(Reverse(done));
                done
            }
        }
    }
}

/// What all operations share.
struct ServerState {
    schedule: Schedule,
    /// Until when nothing is served.
    stalled: Option<Instant>,
    /// Nobody waits any more.
    is_closed: bool,
    in_flight: u32,
    most_at_once: u32,
    operations: BTreeMap<&'static str, u64>,
    renamed: Vec<String>,
    /// How many had been renamed when a file was last flushed.
    renamed_before_flush: usize,
    traits: StorageTraits,
}

/// How a file system differs from an ordinary one.
#[derive(Clone, Copy, Debug)]
pub struct StorageTraits {
    /// Tells of a full disk when a written file is closed, as network file systems do.
    pub refuses_to_close: bool,
    /// The longest name, in bytes.
    pub longest_name: u32,
    /// Folders cannot be renamed, as in the lower layer of an overlay.
    pub keeps_folders: bool,
    /// Names that begin with a dot are refused, as by Samba's `veto files`.
    pub refuses_dots: bool,
    /// What the times of folders say.
    pub times: Times,
    /// Every operation fails with this number of the system's: the storage has gone away.
    pub fails_with: Option<i32>,
}

impl Default for StorageTraits {
    fn default() -> StorageTraits {
        let (refuses_to_close, keeps_folders, refuses_dots) = (false, false, false);
        let (times, fails_with) = (Times::Kept, None);
        StorageTraits {
            refuses_to_close,
            longest_name: 255,
            keeps_folders,
            refuses_dots,
            times,
            fails_with,
        }
    }
}

type QueuedWork = Box<dyn FnOnce() + Send>;

#[derive(Default)]
struct OperationQueue {
    works: VecDeque<QueuedWork>,
    threads: usize,
    idle: usize,
    is_closed: bool,
}

/// Serves operations, each as late as the model says, none in the way of another.
pub struct OperationServer {
    state: Mutex<ServerState>,
    /// A stall began or ended, or all is over.
    turn: Condvar,
    queue: Mutex<OperationQueue>,
    /// There is work, or will be none any more.
    work: Condvar,
}

impl OperationServer {
    /// One that has no threads yet.
    pub fn new(model: Model) -> OperationServer {
        let state = ServerState {
            schedule: Schedule::of(model),
            stalled: None,
            is_closed: false,
            in_flight: 0,
            most_at_once: 0,
            operations: BTreeMap::new(),
            renamed: Vec::new(),
            renamed_before_flush: 0,
            traits: StorageTraits::default(),
        };
        OperationServer {
            state: Mutex::new(state),
            turn: Condvar::new(),
            queue: Mutex::default(),
            work: Condvar::new(),
        }
    }

    /// Another model for operations that arrive from now on.
    pub fn set(&self, model: Model) {
        lock(&self.state).schedule = Schedule::of(model);
    }

    /// Holds all operations, or lets them go on.
    pub fn stall(&self, is_stalled: bool) {
        lock(&self.state).stalled = is_stalled.then(|| Instant::now() + STALL_MAX);
        self.turn.notify_all();
    }

    /// Lets every operation go on at once, those to come too, and the threads end.
    pub fn close(&self) {
        lock(&self.state).is_closed = true;
        self.turn.notify_all();
        lock(&self.queue).is_closed = true;
        self.work.notify_all();
    }

    /// How many operations there were, by verb.
    pub fn operations(&self) -> BTreeMap<&'static str, u64> {
        lock(&self.state).operations.clone()
    }

    /// The names that entries were given, in order.
    pub fn renamed(&self) -> Vec<String> {
        lock(&self.state).renamed.clone()
    }

    /// Notes that an entry is to get another name.
    pub fn note_renamed(&self, name: &OsStr) {
        lock(&self.state).renamed.push(name.to_string_lossy().into_owned());
    }

    /// A file is flushed.
    pub fn note_flushed(&self) {
        let mut state = lock(&self.state);
        state.renamed_before_flush = state.renamed.len();
    }

    /// How many entries had been renamed when a file was last flushed.
    pub fn renamed_before_flush(&self) -> usize {
        lock(&self.state).renamed_before_flush
    }

    /// Differs like this from now on.
    pub fn be(&self, traits: StorageTraits) {
        lock(&self.state).traits = traits;
    }

    /// How it differs.
    pub fn traits(&self) -> StorageTraits {
        lock(&self.state).traits
    }

    /// How many operations are in flight now: arrived, and not answered.
    pub fn in_flight(&self) -> u32 {
        lock(&self.state).in_flight
    }

    /// How many were in flight at a time at most.
    pub fn most_at_once(&self) -> u32 {
        lock(&self.state).most_at_once
    }

    /// Counts from here on.
    pub fn reset_counts(&self) {
        let mut state = lock(&self.state);
        state.operations.clear();
        state.renamed.clear();
        state.renamed_before_flush = 0;
        state.most_at_once = state.in_flight;
    }

    /// Counts an operation that takes no time.
    pub fn note(&self, verb: &'static str) {
        *lock(&self.state).operations.entry(verb).or_default() += 1;
    }

    /// Does `act` on another thread when the time for it has come. What that returns, the answer, is
    /// called when the operation is no longer in flight.
    pub fn serve<A: FnOnce()>(
        self: &Arc<OperationServer>,
        verb: &'static str,
        act: impl FnOnce() -> A + Send + 'static,
    ) {
        let (arrived, rank) = (Instant::now(), self.arrive(verb));
        let server = Arc::clone(self);
        self.post(Box::new(move || {
            server.wait(arrived, rank);
            let answer = act();
            lock(&server.state).in_flight -= 1;
            answer();
        }));
    }

    fn arrive(&self, verb: &'static str) -> u32 {
        self.note(verb);
        let mut state = lock(&self.state);
        state.in_flight += 1;
        state.most_at_once = state.most_at_once.max(state.in_flight);
        state.in_flight
    }

    /// Until an operation is done, by the model, and no stall is on.
    fn wait(&self, mut arrived: Instant, rank: u32) {
        let mut state = self.wait_for_stall(lock(&self.state), &mut arrived);
        let due = state.schedule.due(arrived, rank);
        loop {
            let left = due.saturating_duration_since(Instant::now());
            if state.is_closed || left.is_zero() {
                break;
            }
            state = self.wait_at_most(state, left);
        }
        drop(self.wait_for_stall(state, &mut arrived));
    }

    /// Until no stall is on; what waited for that counts as if it arrived then.
    fn wait_for_stall<'a>(
        &self,
        mut state: MutexGuard<'a, ServerState>,
        arrived: &mut Instant,
    ) -> MutexGuard<'a, ServerState> {
        while let Some(until) = state.stalled
            && !state.is_closed
        {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            state = self.wait_at_most(state, left);
            *arrived = Instant::now();
        }
        state
    }

    fn wait_at_most<'a>(
        &self,
        state: MutexGuard<'a, ServerState>,
        time: Duration,
    ) -> MutexGuard<'a, ServerState> {
        self.turn.wait_timeout(state, time).unwrap_or_else(|held| held.into_inner()).0
    }

    /// Hands work to a thread that has none, or to a new one.
    fn post(self: &Arc<OperationServer>, work: QueuedWork) {
        let mut queue = lock(&self.queue);
        queue.works.push_back(work);
        if queue.works.len() > queue.idle && queue.threads < THREADS {
            let server = Arc::clone(self);
            // Without a thread the work waits for one of the others.
            let started =
                thread::Builder::new().name("slow-disk".into()).spawn(move || server.run());
            queue.threads += usize::from(started.is_ok());
        }
        self.work.notify_one();
    }

    /// A thread's life.
    fn run(&self) {
        let mut queue = lock(&self.queue);
        loop {
            if let Some(work) = queue.works.pop_front() {
                drop(queue);
                work();
                queue = lock(&self.queue);
            } else if queue.is_closed {
                queue.threads -= 1;
                return;
            } else {
                queue.idle += 1;
                queue = self.work.wait(queue).unwrap_or_else(|held| held.into_inner());
                queue.idle -= 1;
            }
        }
    }
}

/// Whoever panicked while holding it: a file system has to go on.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|held| held.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    /// When operations that arrive together are done, in milliseconds.
    fn done(storage: Storage, arriving: u32) -> Vec<u128> {
        let (start, mut schedule) = (Instant::now(), Schedule::of(Model { latency: MS, storage }));
        let due = (1..=arriving).map(|rank| schedule.due(start, rank));
        due.map(|due| (due - start).as_millis()).collect()
    }

    #[test]
    fn a_flat_storage_serves_all_alike() {
        assert_eq!(done(Storage::Flat, 5), [1; 5]);
    }

    #[test]
    fn a_capped_storage_serves_so_many_at_a_time() {
        assert_eq!(done(Storage::Cap(2), 5), [1, 1, 2, 2, 3]);
        assert_eq!(done(Storage::Cap(0), 3), [1, 2, 3]);
    }

    #[test]
    fn a_capped_storage_is_free_again_when_it_is_done() {
        let mut schedule = Schedule::of(Model { latency: MS, storage: Storage::Cap(1) });
        let start = Instant::now();
        assert_eq!(schedule.due(start, 1), start + MS);
        assert_eq!(schedule.due(start, 2), start + 2 * MS);
        assert_eq!(schedule.due(start + 5 * MS, 1), start + 6 * MS);
    }

    #[test]
    fn beyond_its_knee_a_storage_is_slower_with_each() {
        assert_eq!(done(Storage::Knee(2), 6), [1, 1, 2, 4, 6, 9]);
    }
}
