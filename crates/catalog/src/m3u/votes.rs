//! The groups of a list: what their names hint at, what most of their entries are, and whether they count episodes.

use std::collections::HashMap;

use vod2strm_core::hash::{Fingerprint, RowHasher};
use vod2strm_core::names::episode_marks::{EpisodeMark, MarkStrength};
use vod2strm_core::names::separators::is_separator;

use super::entry::PlaylistEntry;
use super::hints;
use super::signs::{Class, Sign, Signs};

/// So many entries of a group have to be on demand before that counts for the others.
const LEAST: u32 = 5;

/// So many of a hundred.
const SHARE: u32 = 60;

/// So many names of a group have to end in a number before these count episodes: collections of films are smaller.
const LEAST_COUNTED: u32 = 30;

/// A film has so many parts in a list at most. A series has more episodes.
const FEW_PARTS: u32 = 3;

/// An entry, as far as it is known by itself.
#[derive(Clone, Copy, Debug)]
pub(super) struct GroupEntry<'a> {
    /// The entry.
    pub(super) entry: &'a PlaylistEntry,
    /// The text that names it.
    pub(super) name: &'a str,
    /// The mark in it.
    pub(super) mark: Option<&'a EpisodeMark>,
    /// What it says of itself.
    pub(super) signs: Signs,
}

impl GroupEntry<'_> {
    /// What a word for episode without a season counts, if it may be the parts of a film.
    fn work(&self, hasher: &mut RowHasher) -> Option<Fingerprint> {
        let mark = self.mark?;
        let is_word = mark.strength == MarkStrength::Fair || self.signs.has(Sign::PartMark);
        let may_be_part = is_word && mark.season.is_none() && mark.aired.is_none();
        let front = self.name[..mark.start].trim_end_matches(is_separator);
        may_be_part.then(|| hasher.start(b'w').text(&self.entry.tags.group).text(front).finish())
    }
}

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

/// A group of the list.
#[derive(Clone, Copy, Debug, Default)]
struct ListGroup {
    /// What its name hints at.
    signs: Signs,
    /// Its entries.
    all: u32,
    /// Names that are nothing but a number.
    bare: u32,
    /// Names that are the group's and a number.
    named: u32,
    /// The lowest and the highest of these numbers.
    range: Option<(i32, i32)>,
}

impl ListGroup {
    fn count(&mut self, mark: &EpisodeMark) {
        let Some(number) = mark.number else { return };
        let count = if mark.start == 0 { &mut self.bare } else { &mut self.named };
        *count += 1;
        let (low, high) = self.range.unwrap_or((number, number));
        self.range = Some((low.min(number), high.max(number)));
    }

    /// Whether its names count episodes: most end in a number, and few numbers between the first and the last are
    /// missing.
    fn counts_episodes(&self) -> bool {
        let counted = self.bare + self.named;
        let (low, high) = self.range.unwrap_or_default();
        let span = u32::try_from(high - low).unwrap_or(u32::MAX);
        (self.bare >= LEAST || counted >= LEAST_COUNTED)
            && counted * 100 >= self.all * SHARE
            && span <= counted * 2
    }
}

/// All groups so far.
#[derive(Default)]
pub(super) struct Groups {
    hasher: RowHasher,
    groups: HashMap<String, ListGroup>,
    votes: HashMap<Neighbours, Votes>,
    /// The numbers that entries of a group give to the parts of one work: a bit each, by the rest of 64. Copies of a
    /// film have one number.
    parts: HashMap<Fingerprint, u64>,
}

impl Groups {
    /// What a group's name hints at.
    pub(super) fn signs(&mut self, group: &str) -> Signs {
        if let Some(group) = self.groups.get(group) {
            return group.signs;
        }
        let signs = hints::of_group(group);
        self.groups.insert(group.to_owned(), ListGroup { signs, ..ListGroup::default() });
        signs
    }

    /// Counts an entry, and says with which it stands together.
    pub(super) fn count(&mut self, found: GroupEntry<'_>) -> Neighbours {
        let GroupEntry { entry, mark, signs, .. } = found;
        if let Some(work) = found.work(&mut self.hasher) {
            let number = mark.and_then(|mark| mark.number).unwrap_or_default();
            *self.parts.entry(work).or_default() |= 1 << number.rem_euclid(64);
        }
        let neighbours = neighbours(&mut self.hasher, entry);
        // What stands in no group stands together with nothing.
        if entry.tags.group.is_empty() {
            return neighbours;
        }
        if let Some(group) = self.groups.get_mut(&entry.tags.group) {
            group.all += 1;
            if let Some(mark) = mark
                && signs.has(Sign::Counted)
            {
                group.count(mark);
            }
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

    /// What the rest of its group says of an entry.
    pub(super) fn majority(&mut self, neighbours: Neighbours, found: GroupEntry<'_>) -> Signs {
        let Votes { all, on_demand, episodes, .. } =
            self.votes.get(&neighbours).copied().unwrap_or_default();
        let is_most = |some: u32, all: u32| some >= LEAST && some * 100 >= all * SHARE;
        let mut signs = Signs::default();
        let is_on_demand = is_most(on_demand, all);
        signs.note(Sign::Majority, is_on_demand);
        signs.note(Sign::SeriesMajority, is_on_demand && is_most(episodes, on_demand));
        let work = found.work(&mut self.hasher);
        let parts = work.and_then(|work| self.parts.get(&work)).copied().unwrap_or_default();
        signs.note(Sign::ManyParts, parts.count_ones() > FEW_PARTS);
        if found.signs.has(Sign::Counted) {
            let group = self.groups.get(&found.entry.tags.group);
            signs.note(Sign::CountedGroup, group.is_some_and(ListGroup::counts_episodes));
        }
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
    use super::super::marks::number_in_group;
    use super::*;
    use vod2strm_core::names::episode_marks;

    fn entry(url: &str) -> PlaylistEntry {
        let tags = Tags { group: "Drama".to_owned(), ..Tags::default() };
        PlaylistEntry { tags, address: StreamUrl::parse(url).unwrap() }
    }

    fn of(signs: &[Sign]) -> Signs {
        let mut all = Signs::default();
        signs.iter().for_each(|sign| all.note(*sign, true));
        all
    }

    fn unnamed(entry: &PlaylistEntry, signs: Signs) -> GroupEntry<'_> {
        GroupEntry { entry, name: "", mark: None, signs }
    }

    #[test]
    fn the_majority_is_one_of_several() {
        let (mut groups, entry) = (Groups::default(), entry("http://a.h.example/1.m3u8"));
        let mut count = |sign: &[Sign], times: u32| {
            let found = unnamed(&entry, of(sign));
            let last = (0..times).map(|_| groups.count(found)).last().unwrap();
            let majority = groups.majority(last, found);
            (majority.has(Sign::Majority), majority.has(Sign::SeriesMajority))
        };
        assert_eq!(count(&[Sign::PathMovie], 4), (false, false));
        assert_eq!(count(&[Sign::PathMovie], 1), (true, false));
        assert_eq!(count(&[], 3), (true, false));
        assert_eq!(count(&[], 1), (false, false));
        assert_eq!(count(&[Sign::PathSeries], 9), (true, true));
    }

    #[test]
    fn what_stands_in_no_group_has_no_majority() {
        let mut groups = Groups::default();
        let mut alone = entry("http://h.example/1.m3u8");
        alone.tags.group.clear();
        let found = unnamed(&alone, of(&[Sign::PathMovie]));
        let neighbours = (0..9).map(|_| groups.count(found)).last().unwrap();
        assert_eq!(groups.majority(neighbours, found), Signs::default());
    }

    /// Names in one group, each with the signs of its kind, and what the group says of the last.
    fn last_of(names: &[String], signs: &[Sign]) -> Signs {
        let (mut groups, entry) = (Groups::default(), entry("http://h.example/1.mkv"));
        groups.signs("Drama");
        let mut said = Signs::default();
        for name in names {
            let counted = number_in_group(name, "Drama");
            let mut signs = of(signs);
            signs.note(Sign::Counted, counted.is_some());
            let mark = counted.or_else(|| episode_marks::find(name, MarkStrength::Weak));
            let found = GroupEntry { entry: &entry, name, mark: mark.as_ref(), signs };
            let neighbours = groups.count(found);
            said = groups.majority(neighbours, found);
        }
        said
    }

    #[test]
    fn numbers_throughout_a_group_are_episodes() {
        let names = |range: std::ops::Range<u32>, front: &str| -> Vec<String> {
            range.map(|number| format!("{front}{number}")).collect()
        };
        for (names, counts) in [
            (names(1..6, ""), true),
            (names(1..5, ""), false),
            (names(130..170, "DRAMA "), true),
            (names(1..30, "Drama "), false),
            (names(1990..2030, "Drama "), false),
            (names(1..40, "Rocky "), false),
            (["12", "300", "1917", "2012", "9"].map(str::to_owned).to_vec(), false),
            ([names(0..20, "Heat A"), names(1..8, "")].concat(), false),
        ] {
            assert_eq!(last_of(&names, &[Sign::File]).has(Sign::CountedGroup), counts, "{names:?}");
        }
    }

    #[test]
    fn many_of_one_name_are_episodes() {
        let parts = |last: u32| -> Vec<String> {
            (1..=last).map(|part| format!("Gri Kış: Bölüm {part}")).collect()
        };
        assert!(last_of(&parts(4), &[Sign::PartMark]).has(Sign::ManyParts));
        assert!(!last_of(&parts(3), &[Sign::PartMark]).has(Sign::ManyParts));
        let copies = [parts(3), parts(3), parts(2)].concat();
        assert!(!last_of(&copies, &[Sign::PartMark]).has(Sign::ManyParts), "copies of three films");
        let different = ["A: Bölüm 1", "B: Bölüm 1", "C: Bölüm 2", "D: Bölüm 1"].map(str::to_owned);
        assert!(!last_of(&different, &[Sign::PartMark]).has(Sign::ManyParts));
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
