//! Settings of which each value is a type.

use std::str::FromStr;
use std::time::Duration;

use vod2strm_core::policy::BadValue;
use vod2strm_engine::config::Cleanup;

/// The most workers that there may be.
pub(super) const MOST_WORKERS: usize = 64;
/// As many as a disk of this machine can use.
pub(super) const USUAL_WORKERS: usize = 4;

/// A number of workers.
pub(super) struct Workers(pub(super) usize);

impl FromStr for Workers {
    type Err = BadValue;

    fn from_str(text: &str) -> Result<Workers, BadValue> {
        let number = text.parse().ok().filter(|number| (1..=MOST_WORKERS).contains(number));
        let wanted = format!("a number from 1 to {MOST_WORKERS}");
        number.map(Workers).ok_or_else(|| bad(&wanted))
    }
}

/// A number of runs.
pub(super) struct Grace(pub(super) u32);

impl FromStr for Grace {
    type Err = BadValue;

    fn from_str(text: &str) -> Result<Grace, BadValue> {
        let number = text.parse().ok().filter(|number| *number <= 1_000);
        number.map(Grace).ok_or_else(|| bad("a number of runs from 0 to 1000"))
    }
}

/// Whether what is no longer wanted goes.
pub(super) struct CleanupMode(pub(super) Cleanup);

impl FromStr for CleanupMode {
    type Err = BadValue;

    fn from_str(text: &str) -> Result<CleanupMode, BadValue> {
        let all = [Cleanup::Off, Cleanup::Preview, Cleanup::Apply];
        let found = all.into_iter().find(|cleanup| cleanup.as_str() == text);
        found.map(CleanupMode).ok_or_else(|| bad("off, preview or apply"))
    }
}

/// Seconds, as a number of days or hours: `30d`, `12h`.
pub(super) struct Age(pub(super) i64);

impl Age {
    pub(super) const DAYS_30: Age = Age(30 * 24 * 60 * 60);
}

impl FromStr for Age {
    type Err = BadValue;

    fn from_str(text: &str) -> Result<Age, BadValue> {
        let hours = text.strip_suffix('h').map(|number| (number, 1));
        let days = text.strip_suffix('d').map(|number| (number, 24));
        let age =
            hours.or(days).and_then(|(number, unit)| Some((number.parse::<u16>().ok()?, unit)));
        let age = age.filter(|(number, _)| *number > 0);
        age.map(|(number, unit)| Age(i64::from(number) * unit * 60 * 60))
            .ok_or_else(|| bad("a number of days or hours such as 30d or 12h"))
    }
}

/// A time in seconds, minutes or hours: `30s`, `5m`, `1h`.
pub(super) struct ShortTime(pub(super) Duration);

impl FromStr for ShortTime {
    type Err = BadValue;

    fn from_str(text: &str) -> Result<ShortTime, BadValue> {
        let units = [('s', 1), ('m', 60), ('h', 3_600)];
        let read = |(unit, seconds): (char, u64)| {
            let number = text.strip_suffix(unit)?.parse::<u16>().ok()?;
            Some(ShortTime(Duration::from_secs(u64::from(number) * seconds)))
        };
        let span = units.into_iter().find_map(read);
        span.ok_or_else(|| bad("a time such as 30s, 5m or 1h"))
    }
}

/// Requests a second.
pub(super) struct Rate(pub(super) f64);

impl FromStr for Rate {
    type Err = BadValue;

    fn from_str(text: &str) -> Result<Rate, BadValue> {
        let rate = text.parse().ok().filter(|rate| (0.01..=1_000.0).contains(rate));
        rate.map(Rate).ok_or_else(|| bad("a number of requests a second from 0.01 to 1000"))
    }
}

/// Requests at a time.
pub(super) struct Parallel(pub(super) u32);

impl FromStr for Parallel {
    type Err = BadValue;

    fn from_str(text: &str) -> Result<Parallel, BadValue> {
        let number = text.parse().ok().filter(|number| (1..=10).contains(number));
        number.map(Parallel).ok_or_else(|| bad("a number from 1 to 10"))
    }
}

/// A number of requests; 0 is no limit.
pub(super) struct Budget(pub(super) Option<u64>);

impl FromStr for Budget {
    type Err = BadValue;

    fn from_str(text: &str) -> Result<Budget, BadValue> {
        let number = text.parse::<u64>().map_err(|_| bad("a number of requests, or 0"))?;
        Ok(Budget(Some(number).filter(|number| *number > 0)))
    }
}

/// A number of things, at least one.
pub(super) struct Count(pub(super) u64);

impl FromStr for Count {
    type Err = BadValue;

    fn from_str(text: &str) -> Result<Count, BadValue> {
        let number = text.parse().ok().filter(|number| (1..=1_000).contains(number));
        number.map(Count).ok_or_else(|| bad("a number from 1 to 1000"))
    }
}

/// Who may read files or enter folders, in octal as `chmod` has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Access(pub(super) u32);

impl FromStr for Access {
    type Err = BadValue;

    fn from_str(text: &str) -> Result<Access, BadValue> {
        let digits = text.strip_prefix("0o").unwrap_or(text);
        let mode = u32::from_str_radix(digits, 8).ok().filter(|mode| *mode <= 0o777);
        let wanted = "an octal mode such as 640, in which the owner may read and write";
        mode.filter(|mode| mode & 0o600 == 0o600).map(Access).ok_or_else(|| bad(wanted))
    }
}

/// A number of seconds, KiB, MiB or entries, at least one.
pub(super) struct Amount(pub(super) u64);

impl FromStr for Amount {
    type Err = BadValue;

    fn from_str(text: &str) -> Result<Amount, BadValue> {
        let number = text.parse().ok().filter(|number| (1..=1_000_000_000).contains(number));
        number.map(Amount).ok_or_else(|| bad("a number from 1 to 1000000000"))
    }
}

/// Bytes a second; 0 is as slow as it likes.
pub(super) struct Speed(pub(super) u64);

impl FromStr for Speed {
    type Err = BadValue;

    fn from_str(text: &str) -> Result<Speed, BadValue> {
        let number = text.parse().ok().filter(|number| *number <= 1_000_000_000);
        number.map(Speed).ok_or_else(|| bad("a number of bytes a second, or 0"))
    }
}

fn bad(wanted: &str) -> BadValue {
    BadValue(wanted.to_owned())
}
