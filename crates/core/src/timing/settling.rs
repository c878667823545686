//! Is a source that moved quiet again? A run in the middle of a provider's scan would see half of a catalogue.

use std::time::Duration;

use crate::hash::Fingerprint;

/// After so long a movement a run goes ahead: some sources never rest.
pub const MOST_MOVEMENT: Duration = Duration::from_secs(30 * 60);

/// So often at most it is asked whether accounts are being read: that is a scan of a million rows.
pub const ASKED_EVERY: Duration = Duration::from_secs(15);

/// What is known of a source that is looked at again and again. Times are those of a clock that only goes forward.
#[derive(Debug)]
pub struct Settling {
    /// For so long nothing has to move.
    debounce: Duration,
    /// What was seen last.
    seen: Option<Fingerprint>,
    movement: Option<Movement>,
}

#[derive(Debug)]
struct Movement {
    began: Duration,
    last: Duration,
    /// When it was asked last whether accounts are being read, and the answer.
    asked: Option<(Duration, bool)>,
}

/// What is to be done after a look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NextStep {
    /// Nothing moved.
    Rest,
    /// It moves, or did a moment ago.
    Wait,
    /// Whether accounts are being read has to be asked.
    Ask,
    /// It has changed, and is quiet now, or has moved for too long.
    Run,
}

impl Settling {
    /// One that knows nothing of the source yet: its first look is where changes begin.
    pub fn new(debounce: Duration) -> Settling {
        Settling { debounce, seen: None, movement: None }
    }

    /// Somebody says that the source has changed.
    pub fn nudge(&mut self, now: Duration) {
        let movement = self.movement.get_or_insert(Movement { began: now, last: now, asked: None });
        movement.last = now;
    }

    /// What a look at the source showed. After `Run` a movement is over.
    pub fn looked(&mut self, now: Duration, seen: Fingerprint) -> NextStep {
        let before = self.seen.replace(seen);
        if before.is_some_and(|before| before != seen) {
            self.nudge(now);
        }
        self.step(now)
    }

    /// Whether an account is being read just now.
    pub fn answered(&mut self, now: Duration, is_moving: bool) -> NextStep {
        if let Some(movement) = &mut self.movement {
            movement.asked = Some((now, is_moving));
        }
        self.step(now)
    }

    fn step(&mut self, now: Duration) -> NextStep {
        let Some(movement) = &self.movement else { return NextStep::Rest };
        let since = |then: Duration| now.saturating_sub(then);
        let has_lasted = since(movement.began) >= MOST_MOVEMENT;
        let is_quiet = since(movement.last) >= self.debounce;
        let next = match movement.asked {
            _ if has_lasted => NextStep::Run,
            _ if !is_quiet => NextStep::Wait,
            Some((asked, is_moving)) if asked >= movement.last + self.debounce => match is_moving {
                false => NextStep::Run,
                true if since(asked) >= ASKED_EVERY => NextStep::Ask,
                true => NextStep::Wait,
            },
            _ => NextStep::Ask,
        };
        if next == NextStep::Run {
            self.movement = None;
        }
        next
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEBOUNCE: Duration = Duration::from_secs(30);

    /// Looks every five seconds at a source that has so many rows, and is being read while `is_moving` says so: the seconds at
    /// which a run begins, and at which it was asked.
    fn watched(
        seconds: u64,
        rows: impl Fn(u64) -> u128,
        is_moving: impl Fn(u64) -> bool,
    ) -> (Vec<u64>, Vec<u64>) {
        let (mut settling, mut runs, mut asked) = (Settling::new(DEBOUNCE), Vec::new(), Vec::new());
        for at in (0..seconds).step_by(5) {
            let now = Duration::from_secs(at);
            let mut next = settling.looked(now, Fingerprint(rows(at)));
            if next == NextStep::Ask {
                asked.push(at);
                next = settling.answered(now, is_moving(at));
            }
            assert_ne!(next, NextStep::Ask, "it was asked just now");
            if next == NextStep::Run {
                runs.push(at);
            }
        }
        (runs, asked)
    }

    #[test]
    fn a_source_that_rests_is_never_read_nor_asked() {
        assert_eq!(watched(36_000, |_| 7, |_| true), (vec![], vec![]));
    }

    #[test]
    fn a_change_is_read_once_after_the_debounce() {
        let (runs, asked) = watched(3_600, |at| u128::from(at >= 100), |_| false);
        assert_eq!((runs, asked), (vec![130], vec![130]));
    }

    #[test]
    fn a_scan_with_a_pause_in_it_is_waited_for() {
        // Rows come for a minute, then the provider thinks for two, then they come for another one.
        let rows = |at: u64| u128::from(at.clamp(100, 160) + at.clamp(280, 340));
        let (runs, asked) = watched(3_600, rows, |at| (100..340).contains(&at));
        assert_eq!(runs, [370]);
        let gaps = asked.windows(2).map(|pair| pair[1] - pair[0]).collect::<Vec<_>>();
        assert!(gaps.iter().all(|gap| *gap >= ASKED_EVERY.as_secs()), "{asked:?}");
    }

    #[test]
    fn what_never_rests_is_read_every_half_hour() {
        let (runs, asked) = watched(3 * 3_600, u128::from, |_| true);
        assert!(asked.is_empty(), "nobody scans a million rows for that: {asked:?}");
        assert_eq!(runs.len(), 5, "{runs:?}");
        assert_eq!(runs[0], 5 + MOST_MOVEMENT.as_secs());
    }

    #[test]
    fn a_scan_that_was_cut_off_is_read_after_half_an_hour() {
        let (runs, _) = watched(7_200, |at| u128::from(at >= 100), |_| true);
        assert_eq!(runs, [100 + MOST_MOVEMENT.as_secs()]);
    }

    #[test]
    fn a_word_from_outside_is_a_movement() {
        let mut settling = Settling::new(DEBOUNCE);
        let second = Duration::from_secs;
        settling.looked(second(0), Fingerprint(1));
        settling.nudge(second(3));
        settling.nudge(second(9));
        assert_eq!(settling.looked(second(38), Fingerprint(1)), NextStep::Wait);
        assert_eq!(settling.looked(second(39), Fingerprint(1)), NextStep::Ask);
        assert_eq!(settling.answered(second(39), false), NextStep::Run);
        assert_eq!(settling.looked(second(40), Fingerprint(1)), NextStep::Rest);
    }
}
