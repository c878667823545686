//! Ids at third parties: what TMDB, IMDb and TVDB call a movie, a series or an episode.

use std::fmt;

use crate::model::stated::Meaning;

/// An id of TMDB. Jellyfin 12 drops ids that are not numbers; an id of 0 means "unknown" at many providers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TmdbId(pub u64);

/// An id of TVDB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TvdbId(pub u64);

/// An id of IMDb: `tt` and 7 to 10 digits, zeros in front included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImdbId {
    number: u64,
    digits: u8,
}

impl ImdbId {
    /// The number, and how many digits it has with the zeros in front.
    pub fn parts(self) -> (u64, u8) {
        (self.number, self.digits)
    }
}

impl Meaning for TmdbId {
    fn read(text: &str) -> Option<TmdbId> {
        number(text).map(TmdbId)
    }
}

impl Meaning for TvdbId {
    fn read(text: &str) -> Option<TvdbId> {
        number(text).map(TvdbId)
    }
}

impl Meaning for ImdbId {
    fn read(text: &str) -> Option<ImdbId> {
        let digits = text.trim().strip_prefix("tt")?;
        let is_number =
            (7..=10).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        if !is_number {
            return None;
        }
        Some(ImdbId { number: digits.parse().ok()?, digits: u8::try_from(digits.len()).ok()? })
    }
}

impl fmt::Display for TmdbId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for TvdbId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for ImdbId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "tt{:0width$}", self.number, width = usize::from(self.digits))
    }
}

/// A number of up to twelve digits that does not begin with 0.
fn number(text: &str) -> Option<u64> {
    let text = text.trim();
    let is_number =
        !text.is_empty() && text.len() <= 12 && text.bytes().all(|b| b.is_ascii_digit());
    if is_number && !text.starts_with('0') { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_as_it_is_written() {
        for (text, shown) in [
            ("603", Some("603")),
            (" 603\n", Some("603")),
            ("999999999999", Some("999999999999")),
            ("1000000000000", None),
            ("0", None),
            ("0603", None),
            ("+603", None),
            ("tt0133093", None),
            ("6o3", None),
            ("٣", None),
            ("", None),
        ] {
            let read = TmdbId::read(text).map(|id| id.to_string());
            assert_eq!(read.as_deref(), shown, "{text}");
            assert_eq!(TvdbId::read(text).map(|id| id.to_string()), read, "{text}");
        }
        for (text, shown) in [
            ("tt0133093", Some("tt0133093")),
            (" tt1234567890 ", Some("tt1234567890")),
            ("tt0000000001", Some("tt0000000001")),
            ("tt133093", None),
            ("tt12345678901", None),
            ("TT0133093", None),
            ("0133093", None),
            ("tt013309x", None),
        ] {
            assert_eq!(ImdbId::read(text).map(|id| id.to_string()).as_deref(), shown, "{text}");
        }
        assert_ne!(ImdbId::read("tt00133093"), ImdbId::read("tt0133093"));
    }
}
