//! Workers that share a list of titles: one takes the next as soon as it is done with one.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Hands the items to one worker per tool, each of which `work`s on one at a time; answers come in the
/// order of the items, `None` for those that were not begun.
///
/// No further item is begun once `stop` is true, or after an answer of which `is_over` says that going on
/// makes no sense.
pub(crate) fn share<T: Sync, Tool: Send, Answer: Send>(
    tools: &mut [Tool],
    items: &[T],
    stop: &AtomicBool,
    work: impl Fn(&mut Tool, &T) -> Answer + Sync,
    is_over: impl Fn(&Answer) -> bool + Sync,
) -> Vec<Option<Answer>> {
    let (next, has_ended) = (AtomicUsize::new(0), AtomicBool::new(false));
    let answers: Mutex<Vec<Option<Answer>>> = Mutex::new(items.iter().map(|_| None).collect());
    std::thread::scope(|scope| {
        for tool in tools.iter_mut().take(items.len()) {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) && !has_ended.load(Ordering::Relaxed) {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(at) else { break };
                    let answer = work(tool, item);
                    if is_over(&answer) {
                        has_ended.store(true, Ordering::Relaxed);
                    }
                    answers.lock().unwrap_or_else(|held| held.into_inner())[at] = Some(answer);
                }
            });
        }
    });
    answers.into_inner().unwrap_or_else(|held| held.into_inner())
}
