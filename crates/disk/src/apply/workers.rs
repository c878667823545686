//! Workers that share a list of items, as many at a time as storage can use. A worker takes the next item as soon as it
//! is done with one.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Condvar, Mutex, MutexGuard};
use std::thread::Builder;
use std::time::{Duration, Instant};

use vod2strm_core::cancel::Cancel;
use vod2strm_core::event::{Event, Observer};
use vod2strm_core::pace::concurrency::Limiter;

use crate::fs::tree::Tree;

/// How often somebody looks whether storage still answers.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// How many workers there may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Concurrency {
    /// The most.
    pub bound: usize,
    /// Whether there are as many all the time; otherwise the number is found by trying.
    pub is_fixed: bool,
}

impl Concurrency {
    /// So many all the time.
    pub fn fixed(bound: usize) -> Concurrency {
        Concurrency { bound, is_fixed: true }
    }
}

/// The workers of one activity, for example of all writing; it may have several lists, one after the other.
pub struct WorkerPool<'a> {
    tree: &'a Tree,
    observer: &'a dyn Observer,
    bound: usize,
    began: Instant,
    limiter: Mutex<Limiter>,
}

/// What the workers on one list share.
struct SharedQueue<Answer> {
    /// The item that is taken next.
    next: usize,
    /// Workers that have an item.
    busy: usize,
    /// No further item is begun.
    has_ended: bool,
    /// Workers that may take an item: those with a lower number.
    limit: usize,
    answers: Vec<Option<Answer>>,
    /// What a worker panicked with.
    panic: Option<Box<dyn Any + Send>>,
}

impl<Answer> SharedQueue<Answer> {
    fn is_done(&self) -> bool {
        self.has_ended || self.next == self.answers.len()
    }
}

/// A list of items that workers share.
struct List<'a, T, Answer> {
    items: &'a [T],
    /// Once true, no further item is begun.
    cancel: &'a Cancel,
    queue: Mutex<SharedQueue<Answer>>,
    /// Something of the queue has changed.
    news: Condvar,
}

impl<T, Answer> List<'_, T, Answer> {
    /// What the workers gave; a panic of theirs goes on here.
    fn answers(self) -> Vec<Option<Answer>> {
        let queue = self.queue.into_inner().unwrap_or_else(|held| held.into_inner());
        if let Some(panic) = queue.panic {
            resume_unwind(panic);
        }
        queue.answers
    }
}

impl<'a> WorkerPool<'a> {
    /// A pool whose work is calls to this tree. `observer` hears how many are at work, and when storage
    /// does not answer.
    pub fn new(
        tree: &'a Tree,
        concurrency: Concurrency,
        observer: &'a dyn Observer,
    ) -> WorkerPool<'a> {
        let limiter = if concurrency.is_fixed {
            Limiter::fixed(concurrency.bound)
        } else {
            Limiter::new(concurrency.bound)
        };
        let (bound, began) = (concurrency.bound.max(1), Instant::now());
        WorkerPool { tree, observer, bound, began, limiter: Mutex::new(limiter) }
    }

    /// What it works on.
    pub fn tree(&self) -> &'a Tree {
        self.tree
    }

    /// One tool for every worker that there may be.
    pub fn tools<Tool>(&self, tool: impl FnMut(usize) -> Tool) -> Vec<Tool> {
        (0..self.bound).map(tool).collect()
    }

    /// Hands the items to the workers, each of which has one of the tools and `work`s on one item at a time. Answers
    /// come in the order of the items, `None` for those that were not begun.
    ///
    /// No further item is begun once `cancel` is raised, or after an answer of which `is_over` says that going
    /// on makes no sense. If a worker panics, the others end their items, and the panic goes on here. If the
    /// system gives no thread, as many work as there are, be it this one alone.
    pub(crate) fn share<T: Sync, Tool: Send, Answer: Send>(
        &self,
        tools: &mut [Tool],
        items: &[T],
        cancel: &Cancel,
        work: impl Fn(&mut Tool, &T) -> Answer + Sync,
        is_over: impl Fn(&Answer) -> bool + Sync,
    ) -> Vec<Option<Answer>> {
        let mut limiter = lock(&self.limiter);
        limiter.resume(self.began.elapsed(), self.tree.calls().sum());
        let (limit, answers) = (limiter.limit(), items.iter().map(|_| None).collect());
        drop(limiter);
        let queue = SharedQueue { next: 0, busy: 0, has_ended: false, limit, answers, panic: None };
        let list = List { items, cancel, queue: Mutex::new(queue), news: Condvar::new() };
        let worker = |number, tool: &mut Tool| self.work_off(&list, number, tool, &work, &is_over);
        let mut others = tools.iter_mut().take(items.len());
        let first = Mutex::new(others.next());
        let work_first = || {
            let tool = lock(&first).take();
            tool.into_iter().for_each(|tool| worker(0, tool));
        };
        let mut others = (1..).zip(others);
        std::thread::scope(|scope| {
            let (mut begun, mut is_short, mut queue) = (0, false, lock(&list.queue));
            while !queue.is_done() || queue.busy > 0 {
                while begun < queue.limit && !is_short {
                    let (worker, work_first) = (&worker, &work_first);
                    let spawned = match begun {
                        0 => Builder::new().spawn_scoped(scope, work_first),
                        _ => match others.next() {
                            Some((number, tool)) => {
                                Builder::new().spawn_scoped(scope, move || worker(number, tool))
                            }
                            None => break,
                        },
                    };
                    is_short = spawned.is_err();
                    begun += usize::from(!is_short);
                }
                if begun == 0 {
                    drop(queue);
                    work_first();
                    queue = lock(&list.queue);
                    continue;
                }
                let waited = list.news.wait_timeout(queue, LOOK_EVERY);
                let (woken, timeout) = waited.unwrap_or_else(|held| held.into_inner());
                queue = woken;
                if timeout.timed_out() {
                    self.adjust(&mut queue.limit, &list.news);
                }
            }
        });
        list.answers()
    }

    /// What one worker does: item by item, until none is left for it.
    fn work_off<T, Tool, Answer>(
        &self,
        list: &List<'_, T, Answer>,
        number: usize,
        tool: &mut Tool,
        work: &impl Fn(&mut Tool, &T) -> Answer,
        is_over: &impl Fn(&Answer) -> bool,
    ) {
        let mut queue = lock(&list.queue);
        loop {
            queue.has_ended |= list.cancel.is_cancelled();
            if queue.is_done() {
                list.news.notify_all();
                return;
            }
            if number >= queue.limit {
                queue = list.news.wait(queue).unwrap_or_else(|held| held.into_inner());
                continue;
            }
            let at = queue.next;
            (queue.next, queue.busy) = (at + 1, queue.busy + 1);
            drop(queue);
            let answer = catch_unwind(AssertUnwindSafe(|| work(tool, &list.items[at])));
            queue = lock(&list.queue);
            queue.busy -= 1;
            match answer {
                Ok(answer) => {
                    queue.has_ended |= is_over(&answer);
                    queue.answers[at] = Some(answer);
                }
                Err(panic) => {
                    queue.has_ended = true;
                    queue.panic = Some(panic);
                }
            }
            self.adjust(&mut queue.limit, &list.news);
        }
    }

    /// Lets the limiter look at what was done; workers and listeners hear of another limit.
    fn adjust(&self, limit: &mut usize, news: &Condvar) {
        let mut limiter = lock(&self.limiter);
        let was_stalled = limiter.is_stalled();
        limiter.observe(self.began.elapsed(), self.tree.calls().sum());
        let (now, is_stalled) = (limiter.limit(), limiter.is_stalled());
        drop(limiter);
        if now != *limit {
            *limit = now;
            news.notify_all();
            self.observer.event(&Event::Workers(now));
        }
        if is_stalled && !was_stalled {
            let text = "the storage does not answer: nothing new is begun until it does";
            self.observer.event(&Event::Warning(text));
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|held| held.into_inner())
}

#[cfg(test)]
mod tests {
    use vod2strm_core::event::FanOut;

    use super::*;
    use crate::fs::local::LocalFs;

    #[test]
    fn a_worker_that_panics_ends_the_work_and_nobody_waits_for_ever() {
        let dir = tempfile::tempdir().unwrap();
        let tree = Tree::new(Box::new(LocalFs::open(dir.path()).unwrap()), dir.path());
        for bound in [1, 4] {
            let silent = FanOut(Vec::new());
            let pool = WorkerPool::new(&tree, Concurrency::fixed(bound), &silent);
            let (items, cancel): (Vec<u32>, _) = ((0..100).collect(), Cancel::default());
            let work = |_: &mut (), item: &u32| assert_ne!(*item, 7, "the seventh");
            let shared = catch_unwind(AssertUnwindSafe(|| {
                pool.share(&mut pool.tools(|_| ()), &items, &cancel, work, |()| false)
            }));
            let panic = shared.unwrap_err();
            let text = panic.downcast_ref::<String>().unwrap();
            assert!(text.contains("the seventh"), "{text}");
        }
    }
}
