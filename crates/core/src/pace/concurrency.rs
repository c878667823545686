//! How many titles are written at a time: the number is found by climbing the throughput.
//!
//! It is doubled while that pays, and then tried a quarter up and down, ever more seldom while neither pays.
//! When operations suddenly take much longer it is halved at once, and when none ends for a while nothing
//! new is begun until one does. Of the ways that were measured, this one finds the best number for storage whose
//! latency grows with its load. The usual ones, which look at latency alone, run away from it.

use std::time::Duration;

/// The number to begin with.
const START: usize = 4;
/// A throughput is measured over at least so long, and so many operations per worker.
const WINDOW: Duration = Duration::from_millis(200);
const OPERATIONS: u64 = 4;
/// Doubling goes on while it gives so much more.
const DOUBLING_PAYS: f64 = 1.15;
/// A number that is a quarter higher has to give so much more; one that is lower may give a little less.
const MORE_PAYS: f64 = 1.05;
const LESS_COSTS: f64 = 0.97;
/// Operations that take so many times longer than the best: the storage has more than it can do.
const JUMP: f64 = 4.0;
/// An operation that takes no longer does not wait for storage, but for a core: with fewer workers than two nothing is
/// gained, and on a machine that is busy otherwise all of them look slow in turn.
const QUICK: Duration = Duration::from_millis(1);
/// Without an answer for so long, storage has stalled.
const STALL: Duration = Duration::from_secs(5);
/// How many windows may pass without a trial while trials do not pay.
const MOST_CALM: u32 = 32;

/// Finds how many workers storage can use. Pure: it is told the time and what was done.
#[derive(Debug)]
pub struct Limiter {
    limit: usize,
    bound: usize,
    is_fixed: bool,
    step: Step,
    window: Window,
    /// When operations were last seen to end, and how many had by then.
    last: Window,
    /// Seconds that an operation took when it was quickest.
    best: f64,
    /// Windows without a trial after the next two that do not pay.
    calm: u32,
}

/// A time, and how many operations had ended by then.
#[derive(Clone, Copy, Debug, Default)]
struct Window {
    at: Duration,
    operations: u64,
}

/// What the window that is being measured is for.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Step {
    /// Was it worth while to double? The throughput before.
    Double(f64),
    /// What does the number give that may be kept? Then the direction is tried, after some windows.
    Settle(Direction, u32),
    /// Was it worth while to go from this number, which gave this throughput?
    Try(Direction, usize, f64),
    /// Nothing ends; when something does, it goes on with this number.
    Stalled(usize),
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Direction {
    Up,
    Down,
}

impl Limiter {
    /// One that finds a number up to `bound`.
    pub fn new(bound: usize) -> Limiter {
        let bound = bound.max(1);
        let (window, last, step) = (Window::default(), Window::default(), Step::Double(0.0));
        let (limit, best) = (START.min(bound), f64::INFINITY);
        Limiter { limit, bound, is_fixed: false, step, window, last, best, calm: 2 }
    }

    /// One that always says the same, but while storage stalls.
    pub fn fixed(limit: usize) -> Limiter {
        let limit = limit.max(1);
        Limiter { limit, is_fixed: true, ..Limiter::new(limit) }
    }

    /// How many workers may be at work now.
    pub fn limit(&self) -> usize {
        self.limit
    }

    /// Whether storage has not answered for a while.
    pub fn is_stalled(&self) -> bool {
        matches!(self.step, Step::Stalled(_))
    }

    /// Work begins anew after a pause that was not the storage's: at this time, with so many operations
    /// done since the beginning.
    pub fn resume(&mut self, now: Duration, operations: u64) {
        self.window = Window { at: now, operations };
        self.last = self.window;
    }

    /// Takes note of the time and of how many operations have ended since the beginning, with as many
    /// workers at work as may be. To be called after every piece of work, and once a second.
    pub fn observe(&mut self, now: Duration, operations: u64) {
        let elapsed = now.saturating_sub(self.window.at);
        let done = operations.saturating_sub(self.window.operations);
        let is_silent = operations <= self.last.operations;
        let silence = now.saturating_sub(self.last.at);
        if !is_silent {
            self.last = Window { at: now, operations };
        }
        match self.step {
            Step::Stalled(_) if is_silent => return,
            Step::Stalled(before) => self.go_to(before, Step::Double(0.0)),
            _ if is_silent && silence >= STALL => {
                let next = if self.is_fixed { self.limit } else { (self.limit / 2).max(1) };
                self.go_to(1, Step::Stalled(next));
            }
            _ if self.is_fixed => return,
            _ if self.has_jumped(elapsed, done) => {
                let half = (self.limit / 2).max(1);
                self.calm = 2;
                self.go_to(half, Step::Settle(Direction::Down, 0));
            }
            _ if elapsed < WINDOW || done < OPERATIONS * self.limit as u64 => return,
            _ => self.adapt(done as f64 / elapsed.as_secs_f64()),
        }
        self.window = Window { at: now, operations };
    }

    /// Whether operations take much longer than they could: over a part of a window, so that the answer
    /// comes at once.
    fn has_jumped(&self, elapsed: Duration, done: u64) -> bool {
        let is_enough = done >= self.limit as u64 && elapsed >= WINDOW / 4;
        let each = elapsed.as_secs_f64() * self.limit as f64 / done as f64;
        self.limit > 1 && is_enough && each > JUMP * self.best && each > QUICK.as_secs_f64()
    }

    fn adapt(&mut self, throughput: f64) {
        let each = self.limit as f64 / throughput;
        // Storage that takes long for a single worker has become slow.
        self.best = if self.limit == 1 { each } else { self.best.min(each) };
        match self.step {
            Step::Double(before) if throughput > before * DOUBLING_PAYS => {
                if self.limit < self.bound {
                    self.go_to(self.limit * 2, Step::Double(throughput));
                } else {
                    self.step = Step::Settle(Direction::Down, self.calm);
                }
            }
            Step::Double(_) => self.go_to(self.limit.div_ceil(2), Step::Settle(Direction::Up, 0)),
            Step::Settle(direction, 0) => self.set_out(direction, throughput),
            Step::Settle(direction, calm) => self.step = Step::Settle(direction, calm - 1),
            Step::Try(direction, from, before) => {
                let pays = match direction {
                    Direction::Up => throughput > before * MORE_PAYS,
                    Direction::Down => throughput >= before * LESS_COSTS,
                };
                if pays {
                    self.calm = 2;
                    self.set_out(direction, throughput);
                } else {
                    self.turn_back(direction, from);
                }
            }
            Step::Stalled(_) => {}
        }
    }

    /// Tries a number beside this one.
    fn set_out(&mut self, direction: Direction, throughput: f64) {
        let quarter = (self.limit / 4).max(1);
        let next = match direction {
            Direction::Up => (self.limit + quarter).min(self.bound),
            Direction::Down => {
                let is_quick = self.limit as f64 <= throughput * QUICK.as_secs_f64();
                let least = if is_quick { 2.min(self.bound) } else { 1 };
                (self.limit - quarter.min(self.limit)).max(least)
            }
        };
        if next == self.limit {
            self.turn_back(direction, self.limit);
        } else {
            self.go_to(next, Step::Try(direction, self.limit, throughput));
        }
    }

    /// Goes back to where a trial began; the other direction is next.
    fn turn_back(&mut self, tried: Direction, to: usize) {
        let step = match tried {
            Direction::Up => Step::Settle(Direction::Down, 0),
            Direction::Down => {
                self.calm = (self.calm * 2).min(MOST_CALM);
                Step::Settle(Direction::Up, self.calm)
            }
        };
        self.go_to(to, step);
    }

    fn go_to(&mut self, limit: usize, step: Step) {
        self.limit = limit.clamp(1, self.bound);
        self.step = step;
    }
}

#[cfg(test)]
mod tests {
    use std::cmp::Reverse;
    use std::collections::BinaryHeap;

    use super::*;

    /// Microseconds.
    type Time = u64;

    /// Storage by the time that an operation takes when so many are under way, at a time.
    type Storage = fn(Time, usize) -> Time;

    const LATENCY: Time = 5_000;
    /// Operations that a title needs, one after the other.
    const PER_TITLE: u64 = 10;

    fn flat(_: Time, _: usize) -> Time {
        LATENCY
    }

    fn knee(at: usize, in_flight: usize) -> Time {
        if in_flight > at {
            LATENCY * (in_flight * in_flight) as Time / (at * at) as Time
        } else {
            LATENCY
        }
    }

    fn knee_of_8(_: Time, in_flight: usize) -> Time {
        knee(8, in_flight)
    }

    fn cap_of_16(_: Time, in_flight: usize) -> Time {
        LATENCY * in_flight.max(16) as Time / 16
    }

    fn moving_knee(now: Time, in_flight: usize) -> Time {
        knee(if now < 15_000_000 { 24 } else { 6 }, in_flight)
    }

    fn stalling(now: Time, in_flight: usize) -> Time {
        if (10_000_000..18_000_000).contains(&now) {
            18_000_000 - now + LATENCY
        } else {
            knee_of_8(now, in_flight)
        }
    }

    /// Lets workers use storage for 30 seconds of its own time; gives the operations that ended, and the
    /// limits that there were, with their times.
    fn simulate(storage: Storage, mut limiter: Limiter) -> (u64, Vec<(Time, usize)>) {
        let (mut now, mut done, mut in_flight) = (0, 0, 0);
        let mut limits = vec![(0, limiter.limit())];
        // When an operation ends, and how many its title needs after it.
        let mut under_way: BinaryHeap<Reverse<(Time, u64)>> = BinaryHeap::new();
        let mut next_look = 1_000_000;
        loop {
            while in_flight < limiter.limit() {
                in_flight += 1;
                under_way.push(Reverse((now + storage(now, in_flight), PER_TITLE - 1)));
            }
            let Some(Reverse((end, left))) = under_way.pop() else { unreachable!() };
            while next_look < end {
                limiter.observe(Duration::from_micros(next_look), done);
                limits.push((next_look, limiter.limit()));
                next_look += 1_000_000;
            }
            now = end;
            if now > 30_000_000 {
                return (done, limits);
            }
            done += 1;
            match left {
                0 => {
                    in_flight -= 1;
                    limiter.observe(Duration::from_micros(now), done);
                    limits.push((now, limiter.limit()));
                }
                _ => under_way.push(Reverse((now + storage(now, in_flight), left - 1))),
            }
        }
    }

    /// Storage in memory, on two cores that others want, too: an operation waits for its turn, now and then for long.
    fn busy_cores(now: Time, in_flight: usize) -> Time {
        let chance = (now.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) % 100;
        let waiting = if chance < 5 { 2_000 } else { 0 };
        40 * in_flight.max(2) as Time / 2 + waiting
    }

    #[test]
    fn on_busy_cores_two_workers_stay() {
        let (found, limits) = simulate(busy_cores, Limiter::new(64));
        assert!(limits.iter().all(|(_, limit)| *limit >= 2), "{limits:?}");
        let fixed = simulate(busy_cores, Limiter::fixed(4)).0;
        assert!(found as f64 >= 0.85 * fixed as f64, "{found} of {fixed}");
    }

    fn best_fixed(storage: Storage) -> u64 {
        let fixed = [1, 2, 4, 6, 8, 12, 16, 24, 32, 48, 64];
        fixed.map(|limit| simulate(storage, Limiter::fixed(limit)).0).into_iter().max().unwrap()
    }

    #[test]
    fn it_finds_what_storage_can_do() {
        let storages: [(&str, Storage); 4] =
            [("flat", flat), ("knee", knee_of_8), ("cap", cap_of_16), ("moving knee", moving_knee)];
        for (name, storage) in storages {
            let (found, limits) = simulate(storage, Limiter::new(64));
            let share = found as f64 / best_fixed(storage) as f64;
            assert!(share >= 0.85, "{name}: {share:.2}, {:?}", limits.last());
        }
    }

    #[test]
    fn it_stays_within_its_bound() {
        for bound in [1, 2, 3, 5, 64] {
            let (_, limits) = simulate(flat, Limiter::new(bound));
            assert!(limits.iter().all(|(_, limit)| (1..=bound).contains(limit)), "{bound}");
            assert_eq!(limits.iter().map(|(_, limit)| *limit).max(), Some(bound));
        }
    }

    #[test]
    fn a_fixed_one_stays_as_it_is() {
        for storage in [flat, knee_of_8, moving_knee] {
            let (_, limits) = simulate(storage, Limiter::fixed(12));
            assert!(limits.iter().all(|(_, limit)| *limit == 12));
        }
    }

    #[test]
    fn nothing_new_is_begun_while_storage_stalls() {
        for limiter in [Limiter::new(64), Limiter::fixed(8)] {
            let (found, limits) = simulate(stalling, limiter);
            let during = limits.iter().filter(|(at, _)| (16_000_000..18_000_000).contains(at));
            assert!(during.clone().count() > 0 && during.clone().all(|(_, limit)| *limit == 1));
            let after = limits.iter().filter(|(at, _)| *at > 25_000_000);
            assert!(after.clone().all(|(_, limit)| *limit > 2), "it recovers");
            assert!(found as f64 >= 0.85 * best_fixed(stalling) as f64, "{found}");
        }
    }

    #[test]
    fn a_jump_of_the_latency_halves_the_limit_at_once() {
        let (_, limits) = simulate(moving_knee, Limiter::new(64));
        let at = |time: Time| limits.iter().rfind(|(at, _)| *at <= time).unwrap().1;
        assert!(at(14_900_000) >= 16, "{}", at(14_900_000));
        // A title takes 10 x 16 x 5 ms then: the first that end tell.
        assert!(at(17_000_000) <= at(14_900_000) / 2, "{}", at(17_000_000));
    }

    #[test]
    fn a_pause_that_was_not_the_storages_is_not_held_against_it() {
        let mut limiter = Limiter::new(64);
        for tenth in 1..=20_u64 {
            limiter.observe(Duration::from_millis(tenth * 100), tenth * 100);
        }
        let before = limiter.limit();
        limiter.resume(Duration::from_secs(60), 2_000);
        limiter.observe(Duration::from_millis(60_050), 2_050);
        assert_eq!(limiter.limit(), before);
        assert!(!limiter.is_stalled());
    }
}
