//! What a source states, as it stands and as it reads: read once, by the reader of the source.

use crate::date::{Day, is_plausible_year};

/// What a text can mean.
pub trait Meaning: Sized {
    /// What a text means; `None` for what cannot be understood without a guess.
    fn read(text: &str) -> Option<Self>;
}

/// A text of a source, and what it means. The classic layout writes the text, the filter and the ledger know it; all
/// else takes the meaning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stated<T> {
    text: String,
    meaning: Option<T>,
}

impl<T> Stated<T> {
    /// The text as it stands.
    pub fn text(&self) -> &str {
        &self.text
    }
}

/// What a source states, if it states it and it means something.
pub fn meaning<T: Copy>(stated: &Option<Stated<T>>) -> Option<T> {
    stated.as_ref().and_then(|stated| stated.meaning)
}

/// The text of what a source states, as it stands.
pub fn text<T>(stated: &Option<Stated<T>>) -> Option<&str> {
    stated.as_ref().map(Stated::text)
}

impl<T: Meaning> From<String> for Stated<T> {
    fn from(text: String) -> Stated<T> {
        Stated { meaning: T::read(&text), text }
    }
}

impl<T: Meaning> From<&str> for Stated<T> {
    fn from(text: &str) -> Stated<T> {
        Stated::from(text.to_owned())
    }
}

/// A rating: a finite number, out of 10 at most providers.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Rating(f64);

/// It is a number, so that it equals itself.
impl Eq for Rating {}

impl Rating {
    /// The number as it stands.
    pub fn number(self) -> f64 {
        self.0
    }

    /// The number, if it is one out of 10; 0 means "unknown" at every provider seen.
    pub fn out_of_ten(self) -> Option<f64> {
        (0.05..=10.0).contains(&self.0).then_some(self.0)
    }
}

impl Meaning for Rating {
    /// Some write `7,5`.
    fn read(text: &str) -> Option<Rating> {
        let number: f64 = text.trim().replace(',', ".").parse().ok()?;
        number.is_finite().then_some(Rating(number))
    }
}

/// The day on which a title was first shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Premiere(pub Day);

impl Meaning for Premiere {
    /// A date in a form that can be read in one way only: with the year first, or with a day that is no month. A
    /// time after it does not matter.
    fn read(text: &str) -> Option<Premiere> {
        let day = text.trim().split(['T', ' ']).next().unwrap_or_default();
        let parts: Vec<&str> = day.split(['-', '/', '.']).collect();
        let [first, month, last] = parts[..] else { return None };
        let (year, month, day) = match (first.len(), last.len()) {
            (4, _) => (first, month, last),
            // Of 05-06-2019 nobody knows which is the month.
            (_, 4) if first > "12" && first.len() == 2 => (last, month, first),
            _ => return None,
        };
        let day = Day::parse(&format!("{year}-{month}-{day}"))?;
        // What becomes of a time that was not known.
        let is_zero = Some(day) == Day::new(1970, 1, 1);
        (is_plausible_year(day.year()) && !is_zero).then_some(Premiere(day))
    }
}

impl Premiere {
    /// The year of a date, or a year alone.
    pub fn year(text: &str) -> Option<i32> {
        let alone = || {
            let year = text.trim();
            let is_year = year.len() == 4 && year.bytes().all(|byte| byte.is_ascii_digit());
            year.parse().ok().filter(|year| is_year && is_plausible_year(*year))
        };
        Premiere::read(text).map(|premiere| premiere.0.year()).or_else(alone)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratings_are_numbers() {
        for (text, number, out_of_ten) in [
            ("8.3", Some(8.3), Some(8.3)),
            (" 8,3 ", Some(8.3), Some(8.3)),
            ("83", Some(83.0), None),
            ("0", Some(0.0), None),
            ("-1", Some(-1.0), None),
            ("10", Some(10.0), Some(10.0)),
            ("8,3,1", None, None),
            ("inf", None, None),
            ("NaN", None, None),
            ("8.3/10", None, None),
            ("", None, None),
        ] {
            let rating = Rating::read(text);
            assert_eq!(rating.map(Rating::number), number, "{text}");
            assert_eq!(rating.and_then(Rating::out_of_ten), out_of_ten, "{text}");
        }
    }

    #[test]
    fn what_a_source_states_is_kept_as_it_stands() {
        let stated: Option<Stated<Rating>> = Some("n/a".into());
        assert_eq!((text(&stated), meaning(&stated)), (Some("n/a"), None));
        let stated: Option<Stated<Rating>> = Some(" 7,25".into());
        assert_eq!(text(&stated), Some(" 7,25"));
        assert_eq!(meaning(&stated).map(Rating::number), Some(7.25));
        assert_eq!((text::<Rating>(&None), meaning::<Rating>(&None)), (None, None));
    }

    #[test]
    fn the_year_of_a_date_is_known_where_the_date_is() {
        for (text, year) in [
            ("2019-05-31", Some(2019)),
            ("31.05.2019", Some(2019)),
            (" 2019 ", Some(2019)),
            ("05-06-2019", None),
            ("0000", None),
            ("12345", None),
            ("1970-01-01", None),
            ("", None),
        ] {
            assert_eq!(Premiere::year(text), year, "{text}");
        }
    }

    #[test]
    fn dates_are_read_where_there_is_one_way_to_read_them() {
        let premiere = |text: &str| Premiere::read(text).map(|it| it.0.to_string());
        for text in [
            "2019-05-31",
            " 2019-05-31 00:00:00",
            "2019-05-31T12:00:00Z",
            "31-05-2019",
            "31.05.2019",
            "2019/05/31",
        ] {
            assert_eq!(premiere(text).as_deref(), Some("2019-05-31"), "{text}");
        }
        assert_eq!(premiere("29-02-2020").as_deref(), Some("2020-02-29"));
        for text in [
            "2019",
            "05-06-2019",
            "12-05-2019",
            "31-5-2019",
            "2019-5-31",
            "2019-31-05",
            "2019-02-29",
            "1900-02-29",
            "2019-04-31",
            "0000-00-00",
            "0001-01-01",
            "1970-01-01",
            "9999-01-01",
            "9-05-2019",
            "2019-05-31x",
            "31 May 2019",
            "1559260800",
            "",
        ] {
            assert_eq!(premiere(text), None, "{text}");
        }
    }
}
