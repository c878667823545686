//! How fast an account may be asked: one limiter per account, pure, told the time.
//!
//! Providers count requests per address, refuse and ban (`xtream-and-m3u.md` 1.9). So there is one gap for all
//! workers, and a pause for all after a refusal. Fewer requests are sent when answers take twice as long, and none
//! after too many failures in a row.

use std::collections::VecDeque;
use std::time::Duration;

/// Failures in a row after which an account is left alone for the rest of the run.
pub const MOST_FAILURES: u32 = 10;

/// The first pause after a failure; each further one in a row doubles it.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// The pause after nobody was there.
const DOWN_PAUSE: Duration = Duration::from_secs(2);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(5 * 60);
/// How many times the usual gap between two requests slow answers and refusals may lead to.
const LONGEST_GAP: u32 = 8;
/// Answers that take so many times longer than usual are a sign to slow down.
const SLOW: f64 = 2.0;
/// … and so many seconds longer: what takes milliseconds doubles by chance.
const SLOWER_BY: f64 = 0.25;
/// How much of a new answer's time enters the mean of late, and how fast the usual time follows it up.
const FOLLOW: f64 = 0.3;
const DRIFT: f64 = 0.05;

const HOUR: Duration = Duration::from_secs(60 * 60);

/// What an account may be asked at most.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// Between two requests.
    pub gap: Duration,
    /// Requests under way.
    pub parallel: u32,
    /// Requests in this run; `None` without a limit.
    pub run: Option<u64>,
    /// Requests in any hour.
    pub hour: Option<u64>,
}

/// Whether the account may be asked now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// Yes.
    Go,
    /// Not before.
    Wait(Duration),
    /// Not before an answer comes.
    Full,
    /// Not in this run.
    Over(StopReason),
}

/// Why an account is not asked any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopReason {
    /// Too many failures in a row.
    Failures,
    /// This run's budget is used up.
    Budget,
}

/// What came of a request, as far as the pace depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    /// An answer. Whether it is a good one turns out later.
    Answered,
    /// Too many requests: not again before that time, if it says so.
    Refused(Option<Duration>),
    /// No answer, or an error of the server's.
    Failed(SeriesHealth),
    /// Nobody is there who could ask: that is no account's fault.
    Down,
    /// An error that says nothing about the account.
    Unfit,
}

/// The series that was asked for, as far as a failure may be its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeriesHealth {
    /// It has not failed before.
    Sound,
    /// It failed the last time, too.
    Failing,
}

/// One account's limiter.
#[derive(Clone, Debug)]
pub struct Pace {
    limits: Limits,
    gap: Duration,
    next: Duration,
    under_way: u32,
    failures: u32,
    /// Whether any answer of this run was a good one.
    has_succeeded: bool,
    /// Whether the last thing that came was a failure that may be the series' own.
    is_in_doubt: bool,
    begun: u64,
    /// When the requests of the last hour are an hour ago; kept only if the hour is limited.
    hour: VecDeque<Duration>,
    /// Seconds that answers took of late, and usually.
    late: Option<f64>,
    usual: f64,
}

impl Pace {
    /// One that has asked nothing yet in this run; `past` is how long ago earlier runs did.
    pub fn new(limits: Limits, past: impl Iterator<Item = Duration>) -> Pace {
        let mut hour: Vec<Duration> = past.filter_map(|ago| HOUR.checked_sub(ago)).collect();
        hour.sort_unstable();
        let hour = if limits.hour.is_some() { hour.into() } else { VecDeque::new() };
        let (next, gap) = (Duration::ZERO, limits.gap);
        Pace {
            limits,
            gap,
            next,
            under_way: 0,
            failures: 0,
            has_succeeded: false,
            is_in_doubt: false,
            begun: 0,
            hour,
            late: None,
            usual: 0.0,
        }
    }

    /// Whether the account may be asked at this time.
    pub fn turn(&mut self, now: Duration) -> Turn {
        if self.failures >= MOST_FAILURES {
            return Turn::Over(StopReason::Failures);
        }
        if self.limits.run.is_some_and(|most| self.begun >= most) {
            return Turn::Over(StopReason::Budget);
        }
        if self.under_way >= self.limits.parallel.max(1) {
            return Turn::Full;
        }
        while self.hour.front().is_some_and(|end| now >= *end) {
            self.hour.pop_front();
        }
        let is_full = self.limits.hour.is_some_and(|most| self.hour.len() as u64 >= most);
        let free = self.hour.front().copied().unwrap_or_default();
        let earliest = if is_full { self.next.max(free) } else { self.next };
        if now < earliest { Turn::Wait(earliest) } else { Turn::Go }
    }

    /// A request begins.
    pub fn begin(&mut self, now: Duration) {
        self.under_way += 1;
        self.begun += 1;
        self.next = now + self.gap;
        if self.limits.hour.is_some() {
            self.hour.push_back(now + HOUR);
        }
    }

    /// A request has ended that took so long. `chance` is a number from 0 to 1 at random: those who were
    /// refused together shall not come back together.
    pub fn end(&mut self, now: Duration, reply: Reply, took: Duration, chance: f64) {
        self.under_way = self.under_way.saturating_sub(1);
        match reply {
            Reply::Answered => self.heed(took.as_secs_f64()),
            Reply::Unfit => {}
            Reply::Refused(until) => {
                self.gap = (self.gap * 2).min(self.limits.gap * LONGEST_GAP);
                let pause = self.back_off(chance);
                self.next = self.next.max(now + until.unwrap_or(pause));
            }
            Reply::Failed(series) => self.fail(now, series, chance),
            Reply::Down => {
                self.is_in_doubt = true;
                self.next = self.next.max(now + DOWN_PAUSE);
            }
        }
    }

    /// An answer turned out to be good.
    pub fn succeed(&mut self) {
        (self.failures, self.has_succeeded, self.is_in_doubt) = (0, true, false);
    }

    /// There was no answer, or it turned out to be none. A series that failed before says nothing of an
    /// account that has answered for others.
    pub fn fail(&mut self, now: Duration, series: SeriesHealth, chance: f64) {
        if series == SeriesHealth::Failing && self.has_succeeded {
            return;
        }
        self.is_in_doubt = true;
        let pause = self.back_off(chance);
        self.next = self.next.max(now + pause);
    }

    /// Whether nobody knows if the account or the series has failed. Then another part of the line is asked, for
    /// series that stand together are often alike.
    pub fn is_in_doubt(&self) -> bool {
        self.is_in_doubt
    }

    /// Counts a failure; gives the pause after it, half of which is chance.
    fn back_off(&mut self, chance: f64) -> Duration {
        let doubled = FIRST_PAUSE * 2_u32.saturating_pow(self.failures.min(16));
        self.failures += 1;
        doubled.min(LONGEST_PAUSE).mul_f64(0.5 + chance.clamp(0.0, 1.0) / 2.0)
    }

    /// Slows down when answers take longer than usual, and recovers when they do not.
    fn heed(&mut self, took: f64) {
        let Some(late) = self.late else {
            (self.late, self.usual) = (Some(took), took);
            return;
        };
        let late = late + FOLLOW * (took - late);
        self.late = Some(late);
        self.usual = self.usual.min(late) + DRIFT * (late - self.usual).max(0.0);
        let usual_gap = self.limits.gap;
        let is_slow = late > SLOW * self.usual && late > self.usual + SLOWER_BY;
        self.gap = if is_slow {
            self.gap.mul_f64(1.5).min(usual_gap * LONGEST_GAP)
        } else {
            self.gap.mul_f64(0.9).max(usual_gap)
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits =
        Limits { gap: Duration::from_millis(500), parallel: 2, run: None, hour: None };

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    /// A provider by the time of a request: how long it takes, and what comes of it.
    type Provider = fn(Duration) -> (Duration, Reply);

    /// When requests begin, in virtual time, until the pace ends or so much time is over.
    fn requests(
        limits: Limits,
        provider: Provider,
        until: Duration,
    ) -> (Vec<Duration>, Option<StopReason>) {
        let (mut pace, mut now, mut begun) =
            (Pace::new(limits, std::iter::empty()), Duration::ZERO, Vec::new());
        let mut under_way: Vec<(Duration, Duration, Reply)> = Vec::new();
        while now < until {
            under_way.sort_by_key(|(end, ..)| *end);
            let next_end = under_way.first().map(|(end, ..)| *end);
            let wake = match pace.turn(now) {
                Turn::Go => {
                    pace.begin(now);
                    begun.push(now);
                    let (took, reply) = provider(now);
                    under_way.push((now + took, took, reply));
                    continue;
                }
                Turn::Over(end) if under_way.is_empty() => return (begun, Some(end)),
                Turn::Wait(at) => Some(at),
                Turn::Full | Turn::Over(_) => None,
            };
            now = [wake, next_end].into_iter().flatten().min().expect("something happens");
            while under_way.first().is_some_and(|(end, ..)| *end <= now) {
                let (_, took, reply) = under_way.remove(0);
                pace.end(now, reply, took, 0.5);
                if reply == Reply::Answered {
                    pace.succeed();
                }
            }
        }
        (begun, None)
    }

    fn most_at_once(begun: &[Duration], took: Duration) -> usize {
        let at =
            |time: Duration| begun.iter().filter(|it| **it <= time && time < **it + took).count();
        begun.iter().map(|time| at(*time)).max().unwrap_or(0)
    }

    #[test]
    fn two_a_second_and_two_at_a_time() {
        let (quick, _) = requests(LIMITS, |_| (ms(100), Reply::Answered), ms(10_000));
        assert_eq!(quick.len(), 20);
        assert!(quick.windows(2).all(|pair| pair[1] - pair[0] >= ms(500)));
        let (slow, _) = requests(LIMITS, |_| (ms(4_000), Reply::Answered), ms(20_000));
        assert_eq!((slow.len(), most_at_once(&slow, ms(4_000))), (10, 2));
    }

    #[test]
    fn what_the_provider_says_is_obeyed_and_all_wait() {
        let provider: Provider = |at| match at {
            at if at < ms(1_000) => (ms(100), Reply::Refused(Some(Duration::from_secs(30)))),
            _ => (ms(100), Reply::Answered),
        };
        let (begun, _) = requests(LIMITS, provider, Duration::from_secs(40));
        assert!(begun.iter().all(|at| *at < ms(1_000) || *at >= ms(30_100)), "{begun:?}");
        assert!(begun.len() > 3);
    }

    #[test]
    fn pauses_double_and_after_ten_failures_it_is_over() {
        let (begun, end) = requests(
            LIMITS,
            |_| (ms(50), Reply::Failed(SeriesHealth::Sound)),
            Duration::from_secs(7_200),
        );
        assert_eq!((begun.len(), end), (10, Some(StopReason::Failures)));
        let gaps: Vec<Duration> = begun.windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert!(gaps.windows(2).skip(1).all(|pair| pair[1] > pair[0].mul_f64(1.6)), "{gaps:?}");
    }

    #[test]
    fn a_good_answer_in_between_makes_failures_forgotten() {
        let provider: Provider = |at| {
            if at.as_secs() % 20 < 5 {
                (ms(50), Reply::Answered)
            } else {
                (ms(50), Reply::Failed(SeriesHealth::Sound))
            }
        };
        let (_, end) = requests(LIMITS, provider, Duration::from_secs(600));
        assert_eq!(end, None);
    }

    #[test]
    fn chance_is_half_of_a_pause() {
        let pause = |chance| {
            let mut pace = Pace::new(LIMITS, std::iter::empty());
            pace.begin(ms(0));
            pace.end(ms(0), Reply::Failed(SeriesHealth::Sound), ms(1), chance);
            match pace.turn(ms(0)) {
                Turn::Wait(at) => at,
                other => panic!("{other:?}"),
            }
        };
        assert_eq!((pause(0.0), pause(1.0)), (ms(500), ms(1_000)));
    }

    #[test]
    fn budgets_of_the_run_and_of_the_hour() {
        let limits = Limits { run: Some(7), ..LIMITS };
        let (begun, end) = requests(limits, |_| (ms(50), Reply::Answered), Duration::from_secs(60));
        assert_eq!((begun.len(), end), (7, Some(StopReason::Budget)));
        let limits = Limits { hour: Some(10), ..LIMITS };
        let (begun, end) =
            requests(limits, |_| (ms(50), Reply::Answered), Duration::from_secs(9_000));
        assert_eq!((begun.len(), end), (30, None));
        for window in begun.windows(11) {
            assert!(window[10] - window[0] >= HOUR, "{window:?}");
        }
    }

    #[test]
    fn answers_that_take_twice_as_long_slow_it_down_and_it_recovers() {
        let provider: Provider = |at| match at.as_secs() {
            60..120 => (ms(900), Reply::Answered),
            _ => (ms(200), Reply::Answered),
        };
        let (begun, _) = requests(LIMITS, provider, Duration::from_secs(300));
        let between = |from: u64, to: u64| {
            begun.iter().filter(|at| (from..to).contains(&at.as_secs())).count()
        };
        assert_eq!(between(30, 60), 60);
        assert!(between(65, 85) < 16, "{}", between(65, 85));
        assert_eq!(between(270, 300), 60);
    }

    #[test]
    fn milliseconds_that_double_by_chance_slow_nothing_down() {
        let provider: Provider =
            |at| (ms(5 + u64::from(at.as_millis() % 7 == 0) * 40), Reply::Answered);
        let (begun, _) = requests(LIMITS, provider, Duration::from_secs(60));
        assert_eq!(begun.len(), 120);
    }

    #[test]
    fn what_is_no_fault_of_the_account_does_not_count() {
        let (begun, end) = requests(LIMITS, |_| (ms(50), Reply::Unfit), Duration::from_secs(60));
        assert_eq!((begun.len(), end), (120, None));
    }

    #[test]
    fn answers_that_turn_out_to_be_none_are_failures_and_no_answer_makes_them_forgotten() {
        let mut pace = Pace::new(LIMITS, std::iter::empty());
        for _ in 0..MOST_FAILURES {
            pace.begin(ms(0));
            pace.end(ms(0), Reply::Answered, ms(100), 0.5);
            pace.fail(ms(0), SeriesHealth::Sound, 0.5);
        }
        assert_eq!(pace.turn(HOUR), Turn::Over(StopReason::Failures));
    }

    #[test]
    fn series_that_fail_again_are_no_fault_of_an_account_that_answers_for_others() {
        let give_up = |has_succeeded: bool| {
            let mut pace = Pace::new(LIMITS, std::iter::empty());
            if has_succeeded {
                pace.succeed();
            }
            for _ in 0..MOST_FAILURES {
                pace.begin(ms(0));
                pace.end(ms(0), Reply::Failed(SeriesHealth::Failing), ms(100), 0.5);
            }
            pace.turn(HOUR)
        };
        assert_eq!((give_up(true), give_up(false)), (Turn::Go, Turn::Over(StopReason::Failures)));
    }

    #[test]
    fn what_earlier_runs_asked_within_the_hour_counts() {
        let limits = Limits { hour: Some(3), ..LIMITS };
        let ago = [70, 50, 10].map(|minutes| Duration::from_secs(minutes * 60));
        let mut pace = Pace::new(limits, ago.into_iter());
        assert_eq!(pace.turn(ms(0)), Turn::Go, "two are within the hour");
        pace.begin(ms(0));
        assert_eq!(pace.turn(ms(0)), Turn::Wait(Duration::from_secs(600)));
    }
}
