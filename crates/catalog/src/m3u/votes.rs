//! The groups of a list: what their names hint at, and what most of their entries are.

use std::collections::HashMap;

use vod2strm_core::hash::{Fingerprint, RowHasher};

use super::entry::PlaylistEntry;
use super::hints;
use super::signs::{Class, Sign, Signs};

/// So many entries of a group have to be on demand before that counts for the others.
const LEAST: u32 = 5;

/// So many of a hundred.
const SHARE: u32 = 60;

/// The entries that stand together: of one group, of one kind of file, at one provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Neighbours(Fingerprint);

/// How many of them are what.
#[derive(Clone, Copy, Debug, Default)]
struct Votes {
    all: u32,
    on_demand: u32,
    episodes: u32,
    /// Episodes with their numbers.
    numbered: u32,
}

/// All groups so far.
#[derive(Default)]
pub(super) struct Groups {
    hasher: RowHasher,
    signs: HashMap<String, Signs>,
    votes: HashMap<Neighbours, Votes>,
}

impl Groups {
    /// What a group's name hints at.
    pub(super) fn signs(&mut self, group: &str) -> Signs {
        if let Some(signs) = self.signs.get(group) {
            return *signs;
        }
        let signs = hints::of_group(group);
        self.signs.insert(group.to_owned(), signs);
        signs
    }

    /// Counts an entry, and says with which it stands together.
    pub(super) fn count(&mut self, entry: &PlaylistEntry, signs: Signs) -> Neighbours {
        let neighbours = neighbours(&mut self.hasher, entry);
        // What stands in no group stands together with nothing.
        if entry.tags.group.is_empty() {
            return neighbours;
        }
        let votes = self.votes.entry(neighbours).or_default();
        votes.all += 1;
        votes.on_demand += u32::from(signs.is_on_demand());
        votes.episodes += u32::from(signs.class() == Class::Episode);
        votes.numbered += u32::from(signs.has(Sign::StrongMark) || signs.has(Sign::Numbered));
        neighbours
    }

    /// Whether some of an entry's neighbours are episodes with their numbers.
    pub(super) fn has_numbered(&self, neighbours: Neighbours) -> bool {
        self.votes.get(&neighbours).is_some_and(|votes| votes.numbered > 0)
    }

    /// What most of an entry's neighbours say of it.
    pub(super) fn majority(&self, neighbours: Neighbours) -> Signs {
        let votes = self.votes.get(&neighbours).copied().unwrap_or_default();
        let is_most = |some: u32, all: u32| some >= LEAST && some * 100 >= all * SHARE;
        let mut signs = Signs::default();
        let is_on_demand = is_most(votes.on_demand, votes.all);
        signs.note(Sign::Majority, is_on_demand);
        signs.note(Sign::SeriesMajority, is_on_demand && is_most(votes.episodes, votes.on_demand));
        signs
    }
}

fn neighbours(hasher: &mut RowHasher, entry: &PlaylistEntry) -> Neighbours {
    let address = &entry.address;
    let host = address.host.split(':').next().unwrap_or_default();
    // `cdn1.example.org` and `cdn2.example.org` are one provider.
    let from = host.rmatch_indices('.').nth(1).map_or(0, |(at, _)| at + 1);
    hasher.start(b'n').text(&entry.tags.group).text(&host[from..]);
    hasher.field(address.extension.as_deref().map(str::as_bytes));
    Neighbours(hasher.finish())
}

#[cfg(test)]
mod tests {
    use super::super::address::StreamUrl;
    use super::super::entry::Tags;
    use super::*;

    fn entry(url: &str) -> PlaylistEntry {
        let tags = Tags { group: "Drama".to_owned(), ..Tags::default() };
        PlaylistEntry { tags, address: StreamUrl::parse(url).unwrap() }
    }

    #[test]
    fn the_majority_is_one_of_several() {
        let mut groups = Groups::default();
        let (mut film, mut episode) = (Signs::default(), Signs::default());
        film.note(Sign::PathMovie, true);
        episode.note(Sign::PathSeries, true);
        let mut count = |signs, times: u32| {
            let mut last = None;
            for _ in 0..times {
                last = Some(groups.count(&entry("http://a.h.example/1.m3u8"), signs));
            }
            let majority = groups.majority(last.unwrap());
            (majority.has(Sign::Majority), majority.has(Sign::SeriesMajority))
        };
        assert_eq!(count(film, 4), (false, false));
        assert_eq!(count(film, 1), (true, false));
        assert_eq!(count(Signs::default(), 3), (true, false));
        assert_eq!(count(Signs::default(), 1), (false, false));
        assert_eq!(count(episode, 9), (true, true));
    }

    #[test]
    fn what_stands_in_no_group_has_no_majority() {
        let (mut groups, mut film) = (Groups::default(), Signs::default());
        film.note(Sign::PathMovie, true);
        let mut alone = entry("http://h.example/1.m3u8");
        alone.tags.group.clear();
        let neighbours = (0..9).map(|_| groups.count(&alone, film)).last().unwrap();
        assert_eq!(groups.majority(neighbours), Signs::default());
    }

    #[test]
    fn a_provider_has_several_hosts_and_several_kinds_of_files() {
        let of = |url: &str| neighbours(&mut RowHasher::default(), &entry(url));
        assert_eq!(of("http://a.h.example:80/1.mkv"), of("http://b.h.example/2.mkv"));
        assert_ne!(of("http://h.example/1.mkv"), of("http://h.example/1.m3u8"));
        assert_ne!(of("http://h.example/1"), of("http://g.example/1"));
        assert_eq!(of("http://localhost/1"), of("http://localhost/2"));
    }
}
