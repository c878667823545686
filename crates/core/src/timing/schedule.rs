//! Times of day at which runs are due, in cron's words.

use std::str::FromStr;
use std::time::Duration;

use croner::Cron;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::hash::ContentHash;

/// No delay is as long as this: a run at four is not expected at a quarter past.
pub const MOST_JITTER: Duration = Duration::from_secs(10 * 60);

/// Why a text says no times, or no zone.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadSchedule {
    /// It is no cron expression.
    #[error(
        "wanted are the five fields of cron, such as 30 4 * * * (every day at 4:30): minute, hour, day, month, weekday"
    )]
    Cron,
    /// Its time never comes.
    #[error("this time never comes")]
    Never,
    /// There is no such zone.
    #[error("wanted is the name of a time zone, such as Europe/Berlin or UTC")]
    Zone,
}

/// Times of day in a time zone, each delayed a little: many who share a provider do not ask it in the same second.
///
/// In the hour that daylight saving skips a time comes at that hour's end. In the hour that it repeats a time comes once.
#[derive(Clone, Debug)]
pub struct CronSchedule {
    cron: Cron,
    zone: TimeZone,
    jitter: Duration,
    /// What tells this library's delays from those of others.
    salt: String,
}

impl CronSchedule {
    /// Understands cron's five fields, and the name of a zone.
    pub fn parse(
        cron: &str,
        zone: &str,
        jitter: Duration,
        salt: &str,
    ) -> Result<CronSchedule, BadSchedule> {
        let zone = zone_named(zone)?;
        let cron = Cron::from_str(cron.trim()).map_err(|_| BadSchedule::Cron)?;
        let (jitter, salt) = (jitter.min(MOST_JITTER), salt.to_owned());
        let schedule = CronSchedule { cron, zone, jitter, salt };
        // The library gives up on its own after years without a match.
        schedule.occurrence_after(0).ok_or(BadSchedule::Never)?;
        Ok(schedule)
    }

    /// The first time after this one, both in seconds since 1970.
    pub fn next(&self, after: i64) -> Option<i64> {
        // A time whose delay is not over yet is still to come.
        let mut before = after.saturating_sub(MOST_JITTER.as_secs().cast_signed());
        loop {
            let occurrence = self.occurrence_after(before)?;
            let delayed = occurrence + self.delay(occurrence);
            if delayed > after {
                return Some(delayed);
            }
            before = occurrence;
        }
    }

    /// The delay of a time, in seconds: always the same one, and over before the next time comes.
    fn delay(&self, occurrence: i64) -> i64 {
        let gap = self.occurrence_after(occurrence).map_or(i64::MAX, |next| next - occurrence);
        let most = self.jitter.as_secs().cast_signed().min(gap - 1);
        let hash = ContentHash::of(format!("{}|{occurrence}", self.salt).as_bytes()).0 as u64;
        if most <= 0 { 0 } else { (hash % (most.cast_unsigned() + 1)).cast_signed() }
    }

    fn occurrence_after(&self, seconds: i64) -> Option<i64> {
        let after = Timestamp::from_second(seconds).ok()?.to_zoned(self.zone.clone());
        let found = self.cron.find_next_occurrence(&after, false).ok()?;
        Some(found.timestamp().as_second())
    }
}

/// The zone of this name, or by these rules (`CET-1CEST,M3.5.0,M10.5.0/3`, as `TZ` may have them); UTC without a name.
fn zone_named(name: &str) -> Result<TimeZone, BadSchedule> {
    match name.trim() {
        "" => Ok(TimeZone::UTC),
        name => TimeZone::get(name.trim_start_matches(':'))
            .or_else(|_| TimeZone::posix(name))
            .map_err(|_| BadSchedule::Zone),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schedule(cron: &str, jitter: u64) -> CronSchedule {
        CronSchedule::parse(cron, "Europe/Berlin", Duration::from_secs(jitter), "films").unwrap()
    }

    fn at(text: &str) -> i64 {
        text.parse::<Timestamp>().unwrap().as_second()
    }

    fn times(cron: &str, after: &str, number: usize) -> Vec<String> {
        let (schedule, mut now) = (schedule(cron, 0), at(after));
        let next = || {
            now = schedule.next(now).unwrap();
            Timestamp::from_second(now).unwrap().to_string()
        };
        std::iter::repeat_with(next).take(number).collect()
    }

    #[test]
    fn daylight_saving_neither_skips_a_run_nor_doubles_it() {
        let march = times("30 2 * * *", "2027-03-27T12:00:00Z", 2);
        assert_eq!(march, ["2027-03-28T01:00:00Z", "2027-03-29T00:30:00Z"]);
        let october = times("30 2 * * *", "2027-10-30T12:00:00Z", 2);
        assert_eq!(october, ["2027-10-31T00:30:00Z", "2027-11-01T01:30:00Z"]);
    }

    #[test]
    fn what_comes_every_quarter_of_an_hour_does_so_in_both_hours_of_the_change() {
        let times = times("*/15 * * * *", "2027-10-30T23:59:00Z", 12);
        let gaps = times.windows(2).map(|pair| at(&pair[1]) - at(&pair[0]));
        assert!(gaps.into_iter().all(|gap| gap == 15 * 60), "{times:?}");
    }

    #[test]
    fn a_delay_is_always_the_same_and_never_reaches_the_next_time() {
        let hourly = schedule("0 * * * *", 300);
        let (start, mut delays) = (at("2027-01-01T00:00:00Z"), Vec::new());
        let mut now = start - 1;
        for hour in 0..200 {
            let next = hourly.next(now).unwrap();
            let delay = next - start - hour * 3600;
            assert!((0..=300).contains(&delay), "{delay}");
            // Asked at any moment before it comes, it is the same.
            assert_eq!(hourly.next(next - 1), Some(next));
            delays.push(delay);
            now = next;
        }
        delays.sort_unstable();
        delays.dedup();
        assert!(delays.len() > 50, "they differ: {delays:?}");
        let dense = schedule("* * * * *", 599);
        let mut now = start - 1;
        for minute in 0..100 {
            now = dense.next(now).unwrap();
            assert!((0..60).contains(&(now - start - minute * 60)), "each minute has its run");
        }
    }

    #[test]
    fn libraries_of_one_time_are_not_due_in_one_second() {
        let of = |salt: &str| {
            let jitter = Duration::from_secs(300);
            let daily = CronSchedule::parse("30 4 * * *", "UTC", jitter, salt).unwrap();
            daily.next(at("2027-01-01T00:00:00Z"))
        };
        assert_ne!(of("films"), of("shows"));
    }

    #[test]
    fn what_says_no_time_is_refused() {
        let parse = |cron: &str, zone: &str| {
            CronSchedule::parse(cron, zone, Duration::ZERO, "").map(|_| ()).unwrap_err()
        };
        for cron in ["", "daily", "61 * * * *", "* * * *", "* * * * * * * *"] {
            assert_eq!(parse(cron, "UTC"), BadSchedule::Cron, "{cron}");
        }
        assert_eq!(parse("0 0 30 2 *", "UTC"), BadSchedule::Never);
        assert_eq!(parse("0 0 * * *", "Mars/Base"), BadSchedule::Zone);
    }
}
