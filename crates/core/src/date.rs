//! Dates of the proleptic Gregorian calendar, in UTC.

use std::fmt;

/// A day that a calendar has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day {
    year: i32,
    month: u8,
    day: u8,
}

impl Day {
    /// Year, month and day of the month, from 1; `None` when no calendar has that day.
    pub fn new(year: i32, month: i32, day: i32) -> Option<Day> {
        let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let last = match month {
            4 | 6 | 9 | 11 => 30,
            2 if is_leap => 29,
            2 => 28,
            1..=12 => 31,
            _ => 0,
        };
        if !(1..=last).contains(&day) {
            return None;
        }
        Some(Day { year, month: u8::try_from(month).ok()?, day: u8::try_from(day).ok()? })
    }

    /// So many days after 1970-01-01 (Hinnant's algorithm).
    pub fn after_1970(days: i64) -> Day {
        let days = days + 719_468;
        let era = days.div_euclid(146_097);
        let day_of_era = days.rem_euclid(146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted_month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
        let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        let year = i32::try_from(year).unwrap_or(if year < 0 { i32::MIN } else { i32::MAX });
        // From 1 to 31.
        Day { year, month: month as u8, day: day as u8 }
    }

    /// Reads `YYYY-MM-DD`.
    pub fn parse(text: &str) -> Option<Day> {
        let parts: Vec<&str> = text.split('-').collect();
        let [year, month, day] = parts[..] else { return None };
        let is_number = |part: &&str| part.bytes().all(|b| b.is_ascii_digit());
        let is_date =
            [year.len(), month.len(), day.len()] == [4, 2, 2] && parts.iter().all(is_number);
        if !is_date {
            return None;
        }
        Day::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
    }

    /// Its year.
    pub fn year(self) -> i32 {
        self.year
    }
}

impl fmt::Display for Day {
    /// `YYYY-MM-DD`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

/// Years that a film or series can have; catalogues also hold 0, -5 and 99999.
pub fn is_plausible_year(year: i32) -> bool {
    (1850..=2200).contains(&year)
}

/// Seconds since 1970 as `YYYY-MM-DD HH:MM:SS UTC`.
pub fn moment(seconds: i64) -> String {
    let (day, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (hour, minute) = (second / 3_600, second / 60 % 60);
    format!("{} {hour:02}:{minute:02}:{:02} UTC", Day::after_1970(day), second % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_become_dates() {
        for (days, expected) in [
            (0, "1970-01-01"),
            (10_957, "2000-01-01"),
            (19_782, "2024-02-29"),
            (-1, "1969-12-31"),
            (11_016, "2000-02-29"),
            (11_017, "2000-03-01"),
        ] {
            assert_eq!(Day::after_1970(days).to_string(), expected);
        }
    }

    #[test]
    fn dates_are_whole_and_possible() {
        let year = |text: &str| Day::parse(text).map(Day::year);
        assert_eq!([year("2014-04-22"), year("0001-12-31")], [Some(2014), Some(1)]);
        assert_eq!([year("2020-02-29"), year("2000-02-29")], [Some(2020), Some(2000)]);
        let bad = ["", "2014", "2014-4-22", "2014-13-01", "2014-01-00", "22-04-2014", "2014-٤-22"];
        assert_eq!(bad.map(year), [None; 7]);
        let no_days = ["2019-02-31", "2019-02-29", "1900-02-29", "2019-04-31", "2019-12-32"];
        assert_eq!(no_days.map(year), [None; 5]);
    }

    #[test]
    fn seconds_become_moments() {
        assert_eq!(moment(1_709_251_199), "2024-02-29 23:59:59 UTC");
        assert_eq!(moment(-1), "1969-12-31 23:59:59 UTC");
    }
}
