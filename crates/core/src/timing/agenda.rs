//! When the next run of a library is due, and why.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::retry::Retry;
use super::schedule::CronSchedule;

/// Why a run begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunTrigger {
    /// The service has started, and something was missed, or is new.
    Start,
    /// It is time.
    Schedule,
    /// The source has changed.
    Change,
    /// Somebody asked for it.
    Api,
    /// The source told that something happened.
    Hook,
}

impl RunTrigger {
    /// The word in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            RunTrigger::Start => "start",
            RunTrigger::Schedule => "schedule",
            RunTrigger::Change => "change",
            RunTrigger::Api => "api",
            RunTrigger::Hook => "hook",
        }
    }
}

/// How a run ended, as far as the next one depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunEnd {
    /// It did what it could.
    Done,
    /// It could not begin, or broke off: the source or the storage is away.
    Failed,
    /// Another process works on the library.
    Locked,
}

/// Another process' run takes minutes.
const LOCKED_WAITS: Retry = Retry::new(Duration::from_secs(15), Duration::from_secs(60));
/// A source that is away comes back within seconds or hours; a run that fails costs it a connection.
const FAILED_WAITS: Retry = Retry::new(Duration::from_secs(30), Duration::from_secs(30 * 60));

/// The runs of one library that are to come. Times are in seconds since 1970.
#[derive(Debug)]
pub struct Agenda {
    schedule: Option<CronSchedule>,
    /// When the schedule's next run is due.
    next: Option<i64>,
    /// Why a run is due that has not begun; whoever asks while one is due, asks for that one.
    wanted: Option<RunTrigger>,
    /// Why a run that failed began, and when it is tried again.
    again: Option<(RunTrigger, i64)>,
    failed: Retry,
    locked: Retry,
}

impl Agenda {
    /// The service starts, or its settings are new. `last_start` is when the last run began, if there was one. A time that
    /// was missed since is made up for, once.
    pub fn new(schedule: Option<CronSchedule>, last_start: Option<i64>, now: i64) -> Agenda {
        let mut agenda = Agenda {
            schedule: None,
            next: None,
            wanted: None,
            again: None,
            failed: FAILED_WAITS,
            locked: LOCKED_WAITS,
        };
        agenda.follow(schedule, last_start, now);
        if last_start.is_none() {
            agenda.ask(RunTrigger::Start);
        }
        agenda
    }

    /// Has runs due by this schedule from now on.
    pub fn follow(&mut self, schedule: Option<CronSchedule>, last_start: Option<i64>, now: i64) {
        let is_missed = |schedule: &CronSchedule| {
            let due = last_start.and_then(|last| schedule.next(last));
            due.is_some_and(|due| due <= now)
        };
        if schedule.as_ref().is_some_and(is_missed) {
            self.ask(RunTrigger::Start);
        }
        self.next = schedule.as_ref().and_then(|schedule| schedule.next(now));
        self.schedule = schedule;
    }

    /// Asks for a run. Any number of requests before one begins are one.
    pub fn ask(&mut self, trigger: RunTrigger) {
        self.wanted.get_or_insert(trigger);
    }

    /// When the schedule's next run is due.
    pub fn next(&self) -> Option<i64> {
        self.next
    }

    /// Whether a run waits to be tried again.
    pub fn is_to_repeat(&self) -> bool {
        self.again.is_some()
    }

    /// When something is due next; `now` or before if it is due.
    pub fn due(&self, now: i64) -> Option<i64> {
        let wanted = self.wanted.map(|_| now);
        let again = self.again.map(|(_, at)| at);
        [wanted, again, self.next].into_iter().flatten().min()
    }

    /// Takes the run that is due now, and why; what is asked for from now on is for the run after it.
    pub fn begin(&mut self, now: i64) -> Option<RunTrigger> {
        let is_time = self.next.is_some_and(|next| next <= now);
        if is_time {
            // Of several times that were missed, one run makes up for all.
            self.next = self.schedule.as_ref().and_then(|schedule| schedule.next(now));
        }
        let again = self.again.filter(|(_, at)| *at <= now).map(|(trigger, _)| trigger);
        let scheduled = is_time.then_some(RunTrigger::Schedule);
        let trigger = self.wanted.take().or(scheduled).or(again)?;
        self.again = None;
        Some(trigger)
    }

    /// A run has ended that began for this reason. One that failed is tried again, later each time.
    pub fn ended(&mut self, trigger: RunTrigger, end: RunEnd, now: i64) {
        let wait = match end {
            RunEnd::Done => {
                self.failed.went_well();
                self.locked.went_well();
                return;
            }
            RunEnd::Failed => self.failed.failed(),
            RunEnd::Locked => self.locked.failed(),
        };
        self.again = Some((trigger, now.saturating_add(wait.as_secs().cast_signed())));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 86_400;

    /// Every day at half past four.
    fn daily() -> Option<CronSchedule> {
        Some(CronSchedule::parse("30 4 * * *", "UTC", Duration::ZERO, "films").unwrap())
    }

    fn at(day: i64, hour: i64, minute: i64) -> i64 {
        day * DAY + hour * 3_600 + minute * 60
    }

    #[test]
    fn a_run_that_was_missed_is_caught_up_once() {
        let mut agenda = Agenda::new(daily(), Some(at(10, 4, 30)), at(15, 12, 0));
        assert_eq!(agenda.begin(at(15, 12, 0)), Some(RunTrigger::Start));
        agenda.ended(RunTrigger::Start, RunEnd::Done, at(15, 12, 1));
        assert_eq!(agenda.begin(at(15, 12, 1)), None);
        assert_eq!(agenda.due(at(15, 12, 1)), Some(at(16, 4, 30)));
        // The machine sleeps for three days.
        assert_eq!(agenda.begin(at(19, 8, 0)), Some(RunTrigger::Schedule));
        assert_eq!(agenda.begin(at(19, 8, 0)), None);
        assert_eq!(agenda.next(), Some(at(20, 4, 30)));
    }

    #[test]
    fn a_library_that_never_ran_runs_and_one_that_missed_nothing_does_not() {
        let mut new = Agenda::new(None, None, at(15, 12, 0));
        assert_eq!(new.begin(at(15, 12, 0)), Some(RunTrigger::Start));
        assert_eq!(new.due(at(15, 12, 1)), None);
        let mut agenda = Agenda::new(daily(), Some(at(15, 4, 30)), at(15, 12, 0));
        assert_eq!(agenda.begin(at(15, 12, 0)), None);
    }

    #[test]
    fn any_number_of_requests_during_a_run_cause_one_more() {
        let mut agenda = Agenda::new(daily(), Some(at(15, 4, 30)), at(15, 12, 0));
        agenda.ask(RunTrigger::Change);
        assert_eq!(agenda.begin(at(15, 12, 0)), Some(RunTrigger::Change));
        (0..100).for_each(|_| agenda.ask(RunTrigger::Api));
        agenda.ask(RunTrigger::Hook);
        agenda.ended(RunTrigger::Change, RunEnd::Done, at(15, 12, 9));
        assert_eq!(agenda.begin(at(15, 12, 9)), Some(RunTrigger::Api));
        assert_eq!(agenda.begin(at(15, 12, 9)), None);
        // A time that comes while a run is wanted is that run's.
        agenda.ask(RunTrigger::Change);
        assert_eq!(agenda.begin(at(16, 4, 30)), Some(RunTrigger::Change));
        assert_eq!(agenda.begin(at(16, 4, 31)), None);
    }

    #[test]
    fn what_failed_is_tried_again_ever_later_and_for_what_it_was_asked_for() {
        let mut agenda = Agenda::new(None, Some(0), 0);
        agenda.ask(RunTrigger::Change);
        let (mut now, mut waits) = (0, Vec::new());
        for _ in 0..9 {
            assert_eq!(agenda.begin(now), Some(RunTrigger::Change));
            assert_eq!(agenda.begin(now), None, "it is at work");
            agenda.ended(RunTrigger::Change, RunEnd::Failed, now);
            let due = agenda.due(now).unwrap();
            waits.push(due - now);
            assert_eq!(agenda.begin(due - 1), None);
            now = due;
        }
        assert_eq!(waits, [30, 60, 120, 240, 480, 960, 1800, 1800, 1800]);
        // Whoever asks meanwhile is heard at once.
        agenda.ask(RunTrigger::Api);
        assert_eq!(agenda.begin(now - 1_000), Some(RunTrigger::Api));
        agenda.ended(RunTrigger::Api, RunEnd::Done, now);
        assert!(!agenda.is_to_repeat() && agenda.due(now).is_none());
    }

    #[test]
    fn a_library_at_work_elsewhere_is_waited_for() {
        let mut agenda = Agenda::new(daily(), Some(at(15, 4, 30)), at(15, 12, 0));
        agenda.ask(RunTrigger::Change);
        agenda.begin(at(15, 12, 0)).unwrap();
        agenda.ended(RunTrigger::Change, RunEnd::Locked, at(15, 12, 0));
        assert_eq!(agenda.due(at(15, 12, 0)), Some(at(15, 12, 0) + 15));
        assert_eq!(agenda.begin(at(15, 12, 0) + 15), Some(RunTrigger::Change));
    }

    #[test]
    fn a_new_schedule_holds_from_now_on() {
        let mut agenda = Agenda::new(None, Some(at(15, 12, 0)), at(15, 12, 0));
        agenda.follow(daily(), Some(at(15, 12, 0)), at(15, 13, 0));
        assert_eq!((agenda.begin(at(15, 13, 0)), agenda.next()), (None, Some(at(16, 4, 30))));
        agenda.follow(None, Some(at(15, 12, 0)), at(15, 14, 0));
        assert_eq!(agenda.due(at(20, 0, 0)), None);
    }
}
