//! Some entries of each kind with the signs that decided: for `doctor`.

use super::classify::ClassifiedEntry;
use super::entry::PlaylistEntry;
use super::signs::Class;

/// Entries of a kind that are shown.
const SHOWN: usize = 5;

/// What is shown of a kind, and its label.
#[derive(Debug, Default)]
pub(super) struct EntrySamples {
    movies: KindSamples,
    episodes: KindSamples,
    live: KindSamples,
    radio: KindSamples,
}

/// Each is of another group, so that all groups are seen as far as there is room.
#[derive(Debug, Default)]
struct KindSamples {
    groups: Vec<String>,
    texts: Vec<String>,
}

impl EntrySamples {
    /// Looks at an entry that was decided.
    pub(super) fn add(&mut self, entry: &PlaylistEntry, classified: &ClassifiedEntry) {
        let of_kind = match classified.class {
            Class::Movie => &mut self.movies,
            Class::Episode => &mut self.episodes,
            Class::Live => &mut self.live,
            Class::Radio => &mut self.radio,
        };
        let group = &entry.tags.group;
        if of_kind.groups.len() == SHOWN || of_kind.groups.contains(group) {
            return;
        }
        let why = match classified.said {
            Some(said) => said.setting().to_owned(),
            None => classified.signs.words(),
        };
        of_kind.groups.push(group.clone());
        of_kind.texts.push(format!("{}: {why}", entry.name()));
    }

    /// All of them: a label and a text.
    pub(super) fn all(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let kinds = [
            ("a movie", &self.movies),
            ("an episode", &self.episodes),
            ("a channel", &self.live),
            ("a radio station", &self.radio),
        ];
        kinds
            .into_iter()
            .flat_map(|(label, kind)| kind.texts.iter().map(move |text| (label, &**text)))
    }
}
