//! What the service knows of each library: what runs, what is due, what is wrong. All threads meet here.

use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::Duration;

use vod2strm_core::timing::agenda::{Agenda, RunEnd, RunTrigger};
use vod2strm_engine::host::Clock as _;
use vod2strm_engine::serve::ServiceLock;

use super::library::{ServedLibrary, SourceName};
use crate::clock::SystemClock;

/// The clock on the wall may be set, and a machine may sleep: what is due is looked at anew so often.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// The state of a service.
#[derive(Default)]
pub struct LibraryStates {
    inner: Mutex<Inner>,
    changed: Condvar,
}

#[derive(Default)]
struct Inner {
    libraries: BTreeMap<String, LibraryState>,
    is_ending: bool,
}

/// The state of one library.
struct LibraryState {
    library: Arc<ServedLibrary>,
    agenda: Agenda,
    /// Why the run began that is at work.
    running: Option<RunTrigger>,
    /// A run has come to an end, now or before this service.
    has_run: bool,
    last_start: Option<i64>,
    /// The source was looked at, or cannot be: what changes from now on is seen. No run begins before.
    is_seen: bool,
    /// Nobody knows yet whether the source has changed since the last run.
    is_to_compare: bool,
    /// Why the source cannot be looked at; `None` while it can.
    source_error: Option<String>,
    /// The settings have it no more: it ends after its run.
    is_dropped: bool,
    /// Keeps other services away.
    lock: ServiceLock,
}

/// What the thread of a library is to do next.
pub enum Task {
    /// Find out whether the source has changed since the last run.
    Compare(Arc<ServedLibrary>),
    /// Do a run.
    Run(Arc<ServedLibrary>, RunTrigger),
    /// End.
    End,
}

impl LibraryStates {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        // A thread that panicked held nothing half-done.
        self.inner.lock().unwrap_or_else(|held| held.into_inner())
    }

    /// Changes what is known, and wakes all who wait for it.
    fn change<T>(&self, change: impl FnOnce(&mut Inner) -> T) -> T {
        let changed = change(&mut self.inner());
        self.changed.notify_all();
        changed
    }

    /// A library whose thread is there, also one that is about to end.
    pub fn library(&self, name: &str) -> Option<Arc<ServedLibrary>> {
        self.inner().libraries.get(name).map(|state| state.library.clone())
    }

    /// Takes a library in. `last_start` is when its last run began.
    pub fn add(&self, library: ServedLibrary, last_start: Option<i64>, lock: ServiceLock) {
        let agenda = Agenda::new(library.schedule.clone(), last_start, SystemClock.now());
        let state = LibraryState {
            agenda,
            running: None,
            has_run: last_start.is_some(),
            last_start,
            is_seen: !library.address().is_watched(),
            is_to_compare: false,
            source_error: None,
            is_dropped: false,
            lock,
            library: Arc::new(library),
        };
        self.change(|inner| inner.libraries.insert(state.library.name.clone(), state));
    }

    /// A library has new settings; with a lock if it is in another place.
    pub fn renew(&self, library: ServedLibrary, lock: Option<ServiceLock>) {
        self.change(|inner| {
            let Some(state) = inner.libraries.get_mut(&library.name) else { return };
            state.agenda.follow(library.schedule.clone(), state.last_start, SystemClock.now());
            (state.is_dropped, state.is_to_compare) = (false, true);
            state.library = Arc::new(library);
            if let Some(lock) = lock {
                state.lock = lock;
            }
        });
    }

    /// Lets those go that are not among these; each ends after its run.
    pub fn keep_only(&self, names: &[&str]) {
        self.change(|inner| {
            for (name, state) in &mut inner.libraries {
                state.is_dropped = !names.contains(&name.as_str());
            }
        });
    }

    /// Asks all to end.
    pub fn end(&self) {
        self.change(|inner| inner.is_ending = true);
    }

    /// Whether all are to end.
    pub fn is_ending(&self) -> bool {
        self.inner().is_ending
    }

    /// Waits until all are to end, and all libraries have.
    pub fn wait_for_the_end(&self) {
        let mut inner = self.inner();
        while !inner.is_ending || !inner.libraries.is_empty() {
            inner = self.changed.wait(inner).unwrap_or_else(|held| held.into_inner());
        }
    }

    /// Waits so long, or until all are to end or `is_over` says so.
    pub fn wait(&self, time: Duration, is_over: impl Fn() -> bool) {
        let go_on = |inner: &mut Inner| !inner.is_ending && !is_over();
        drop(self.changed.wait_timeout_while(self.inner(), time, go_on));
    }

    /// Wakes all who wait.
    pub fn wake(&self) {
        self.changed.notify_all();
    }

    /// Waits for what a library's thread has to do next.
    pub fn next_task(&self, name: &str) -> Task {
        let mut inner = self.inner();
        loop {
            let now = SystemClock.now();
            let is_ending = inner.is_ending;
            let Some(state) = inner.libraries.get_mut(name) else { return Task::End };
            if is_ending || state.is_dropped {
                inner.libraries.remove(name);
                self.changed.notify_all();
                return Task::End;
            }
            if !state.is_seen {
                inner = self.changed.wait(inner).unwrap_or_else(|held| held.into_inner());
                continue;
            }
            if let Some(trigger) = state.agenda.begin(now) {
                (state.running, state.last_start) = (Some(trigger), Some(now));
                state.is_to_compare = false;
                return Task::Run(state.library.clone(), trigger);
            }
            if std::mem::take(&mut state.is_to_compare) {
                return Task::Compare(state.library.clone());
            }
            let wait = state.agenda.due(now).map_or(LONGEST_WAIT, |due| {
                Duration::from_secs((due - now).max(0).cast_unsigned()).min(LONGEST_WAIT)
            });
            let waited = self.changed.wait_timeout(inner, wait);
            inner = waited.unwrap_or_else(|held| held.into_inner()).0;
        }
    }

    /// Asks for a run of a library. Any number of requests before it begins are one.
    pub fn ask(&self, name: &str, trigger: RunTrigger) {
        self.change(|inner| {
            if let Some(state) = inner.libraries.get_mut(name) {
                state.agenda.ask(trigger);
            }
        });
    }

    /// A run has ended that began for this reason.
    pub fn ended(&self, name: &str, trigger: RunTrigger, end: RunEnd) {
        self.change(|inner| {
            let Some(state) = inner.libraries.get_mut(name) else { return };
            state.running = None;
            state.has_run |= end == RunEnd::Done;
            state.agenda.ended(trigger, end, SystemClock.now());
        });
    }

    /// The sources of all libraries, each with one of its libraries.
    pub fn sources(&self) -> BTreeMap<SourceName, Arc<ServedLibrary>> {
        let inner = self.inner();
        let kept = inner.libraries.values().filter(|state| !state.is_dropped);
        kept.map(|state| (state.library.source.clone(), state.library.clone())).collect()
    }

    /// A source is looked at from now on: what has changed before is not seen by that.
    pub fn source_seen(&self, source: &SourceName) {
        self.of_source(source, |state| (state.is_seen, state.is_to_compare) = (true, true));
    }

    /// A source has changed, and is quiet.
    pub fn source_changed(&self, source: &SourceName) {
        self.of_source(source, |state| state.agenda.ask(RunTrigger::Change));
    }

    /// A source is away, or back. Gives the names of its libraries if that is news.
    pub fn note_source(&self, source: &SourceName, error: Option<&str>) -> Vec<String> {
        let mut news = Vec::new();
        // A look that finds what the last one found wakes nobody.
        let of_source = |state: &&LibraryState| state.library.source == *source;
        let is_known = |state: &LibraryState| state.source_error.as_deref() == error;
        if self.inner().libraries.values().filter(of_source).all(is_known) {
            return news;
        }
        self.of_source(source, |state| {
            let is_news = state.source_error.is_some() != error.is_some();
            if is_news {
                news.push(state.library.name.clone());
            }
            // What failed meanwhile need not wait any longer.
            if is_news && error.is_none() && state.agenda.is_to_repeat() {
                state.agenda.ask(RunTrigger::Change);
            }
            // A run says what is wrong, and is tried again.
            state.is_seen |= error.is_some();
            state.source_error = error.map(str::to_owned);
        });
        news
    }

    fn of_source(&self, source: &SourceName, mut change: impl FnMut(&mut LibraryState)) {
        self.change(|inner| {
            let states = inner.libraries.values_mut();
            states.filter(|state| state.library.source == *source).for_each(&mut change);
        });
    }

    /// Whether each library has had a run.
    pub fn is_ready(&self) -> bool {
        self.inner().libraries.values().all(|state| state.has_run)
    }

    /// When a library's next scheduled run is due.
    pub fn next_run(&self, name: &str) -> Option<i64> {
        self.inner().libraries.get(name)?.agenda.next()
    }
}
