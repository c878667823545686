//! What the user says that entries of a playlist are.

use super::filter::{EntryFilter, Facts};

/// What entries can be said to be, in the order in which it is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClassifyAs {
    /// Channels.
    Live,
    /// Episodes of series.
    Series,
    /// Movies.
    Movies,
    /// Nothing that is wanted.
    Skip,
}

impl ClassifyAs {
    /// All of them, in order.
    pub const ALL: [ClassifyAs; 4] =
        [ClassifyAs::Live, ClassifyAs::Series, ClassifyAs::Movies, ClassifyAs::Skip];

    /// The setting that says it.
    pub fn setting(self) -> &'static str {
        match self {
            ClassifyAs::Live => "classify_live",
            ClassifyAs::Series => "classify_series",
            ClassifyAs::Movies => "classify_movies",
            ClassifyAs::Skip => "classify_skip",
        }
    }
}

/// The user's expressions about entries, in the order of [`ClassifyAs::ALL`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Classify(pub [Option<EntryFilter>; ClassifyAs::ALL.len()]);

impl Classify {
    /// Whether no entry is asked about.
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(Option::is_none)
    }

    /// What the first expression that matches says of an entry; and whether a pattern took too long, which counted as
    /// no match.
    pub fn decide(&self, facts: &Facts<'_>) -> (Option<ClassifyAs>, bool) {
        let mut is_slow = false;
        for (said, filter) in ClassifyAs::ALL.into_iter().zip(&self.0) {
            let Some(filter) = filter else { continue };
            let evaluation = filter.evaluate(facts);
            is_slow |= evaluation.is_slow;
            if evaluation.is_wanted {
                return (Some(said), is_slow);
            }
        }
        (None, is_slow)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_that_matches_decides() {
        let filter = |text: &str| Some(text.parse().unwrap());
        let classify = Classify([filter("name == A"), None, filter("name =~ ."), filter("adult")]);
        let decide = |name| classify.decide(&Facts::of([name, name])).0;
        assert_eq!(
            (decide("A"), decide("B"), decide("")),
            (Some(ClassifyAs::Live), Some(ClassifyAs::Movies), None)
        );
        assert!(!classify.is_empty() && Classify::default().is_empty());
    }

    #[test]
    fn a_pattern_that_takes_too_long_is_told() {
        let slow =
            Classify([Some(r#"name =~ "(a|aa)+(?!a)\1b""#.parse().unwrap()), None, None, None]);
        let name = "a".repeat(60);
        assert_eq!(slow.decide(&Facts::of([&name, &name])), (None, true));
    }
}
