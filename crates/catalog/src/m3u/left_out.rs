//! Entries of a playlist that are in no title, kept to be looked up: only whoever wants to do that pays for it.

use std::collections::HashSet;
use std::sync::Arc;

use vod2strm_core::entries::WhyLeftOut;
use vod2strm_core::model::media::Kind;

use super::classify::{ClassifiedEntry, LeftOut};
use super::entry::{PlaylistEntry, Tags};
use super::signs::Signs;
use crate::source::{EntryName, EntrySink};

/// What says that an entry is in no title.
#[derive(Clone, Copy, Debug)]
enum SaidBy {
    Words(&'static str),
    /// The signs of a channel.
    Signs(Signs),
}

#[derive(Debug)]
struct LeftOutEntry {
    why: WhyLeftOut,
    said: SaidBy,
    name: Box<str>,
    group: Option<Arc<str>>,
}

/// The entries that are in no title.
#[derive(Debug, Default)]
pub(super) struct LeftOutEntries {
    /// Whether they are kept.
    is_wanted: bool,
    kept: Vec<LeftOutEntry>,
    groups: HashSet<Arc<str>>,
}

impl LeftOutEntries {
    /// None yet; they are kept if that is wanted.
    pub(super) fn new(is_wanted: bool) -> LeftOutEntries {
        LeftOutEntries { is_wanted, ..LeftOutEntries::default() }
    }

    /// An entry that is no title, whatever it plays.
    pub(super) fn note(&mut self, entry: &PlaylistEntry, reason: LeftOut) {
        let (why, words) = match reason {
            LeftOut::Heading => (WhyLeftOut::Heading, "it parts the list"),
            LeftOut::List => (WhyLeftOut::NoVideo, "its address is that of a further list"),
            LeftOut::NoVideo => {
                (WhyLeftOut::NoVideo, "its address is that of a table, a picture or a text")
            }
            LeftOut::NoEpisode => {
                (WhyLeftOut::NoEpisodes, "it is a series, and none of its episodes")
            }
            LeftOut::Skipped => (WhyLeftOut::Filtered, "classify_skip matches it"),
        };
        self.add(why, SaidBy::Words(words), || entry.name(), &entry.tags.group);
    }

    /// A channel.
    pub(super) fn note_channel(&mut self, entry: &PlaylistEntry, found: &ClassifiedEntry) {
        let said = match found.said {
            Some(said) => SaidBy::Words(said.setting()),
            None => SaidBy::Signs(found.signs),
        };
        self.add(WhyLeftOut::Live, said, || entry.name(), &entry.tags.group);
    }

    /// An entry without an address that can be used.
    pub(super) fn note_tags(&mut self, tags: Option<&Tags>, why: WhyLeftOut, words: &'static str) {
        let name =
            |tags: &Tags| if tags.title.is_empty() { &tags.name } else { &tags.title }.clone();
        let group = tags.map_or("", |tags| &tags.group);
        self.add(why, SaidBy::Words(words), || tags.map(name).unwrap_or_default(), group);
    }

    fn add(&mut self, why: WhyLeftOut, said: SaidBy, name: impl FnOnce() -> String, group: &str) {
        if !self.is_wanted {
            return;
        }
        let group = (!group.is_empty()).then(|| match self.groups.get(group) {
            Some(known) => known.clone(),
            None => {
                let group: Arc<str> = group.into();
                self.groups.insert(group.clone());
                group
            }
        });
        self.kept.push(LeftOutEntry { why, said, name: name().into(), group });
    }

    /// Hands them to `sink`, in the order of the list.
    pub(super) fn each(&self, sink: &mut EntrySink<'_>) {
        for LeftOutEntry { why, said, name, group } in &self.kept {
            let signs;
            let said = match said {
                SaidBy::Words(words) => *words,
                SaidBy::Signs(all) => {
                    signs = all.words();
                    &signs
                }
            };
            let kind = (*why == WhyLeftOut::NoEpisodes).then_some(Kind::Series);
            let (category, left_out) = (group.as_deref(), Some((*why, said)));
            sink(EntryName { kind, name, category, left_out, ..EntryName::default() });
        }
    }
}
