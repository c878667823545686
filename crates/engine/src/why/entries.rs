//! The entries of a title that is made of several, and why each belongs to it.

use std::collections::{BTreeSet, HashMap};

use vod2strm_core::identity::compare::KnownIndex;
use vod2strm_core::identity::known::TitleId;
use vod2strm_core::identity::{Heading, Label};
use vod2strm_core::model::media::{Kind, SourceKey, Title};
use vod2strm_core::model::stamp::{Few, StreamId};
use vod2strm_core::model::stated::meaning;
use vod2strm_core::names::called::Called;
use vod2strm_core::names::cleaner::NameCleaner;

use crate::error::RunError;
use crate::read::select::Reading;

/// An entry of a title that has several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct MergedEntry {
    pub(super) key: SourceKey,
    /// As the source has it.
    pub(super) name: String,
    pub(super) year: Option<i32>,
    /// The accounts that offer it.
    pub(super) accounts: BTreeSet<String>,
    /// Why it belongs to the title.
    pub(super) because: &'static str,
}

/// An entry as the source has it, and how it is compared with others.
struct ComparedEntry {
    title: Title,
    called: Called,
    poster: Option<u64>,
    /// Whether the ledger has one of its streams with the title.
    was_there: bool,
}

/// Titles of one kind, by the keys of their entries, and who they are in the ledger.
pub(super) type TitlesOfSeveral = [(Few<SourceKey>, Option<TitleId>)];

/// The entries of titles that have several, by the titles' own keys: two questions to the source.
pub(super) fn merged_entries(
    kind: Kind,
    titles: &TitlesOfSeveral,
    index: &KnownIndex,
    source: &mut Reading,
    cleaner: &mut NameCleaner,
) -> Result<HashMap<SourceKey, Vec<MergedEntry>>, RunError> {
    let keys: Vec<SourceKey> = titles.iter().flat_map(|(entries, _)| entries.clone()).collect();
    if keys.is_empty() {
        return Ok(HashMap::new());
    }
    let mut signs: HashMap<SourceKey, (Called, Option<u64>)> = HashMap::new();
    source.catalog.headings(kind, &keys, &mut |key, heading: Heading<'_>| {
        let poster = heading.poster;
        signs.insert(key, (Label::read(cleaner, kind, heading).called, poster));
    })?;
    let mut loaded: HashMap<SourceKey, Title> = HashMap::new();
    source.catalog.load(kind, &keys, &mut |entry| drop(loaded.insert(entry.key, entry)))?;
    let mut all = HashMap::new();
    for (keys, known) in titles {
        let is_holder = |stream| known.is_some() && index.holder(&stream) == *known;
        let read = |key: &SourceKey| {
            let title = loaded.remove(key)?;
            let (called, poster) = signs.remove(key).unwrap_or_default();
            let mut streams = title.streams.iter().map(|stream| StreamId::of(kind, stream));
            let was_there = streams.any(is_holder);
            Some(ComparedEntry { title, called, poster, was_there })
        };
        let entries: Vec<ComparedEntry> = keys.iter().filter_map(read).collect();
        all.insert(keys[0], (0..entries.len()).map(|at| told(&entries, at)).collect());
    }
    Ok(all)
}

fn told(entries: &[ComparedEntry], at: usize) -> MergedEntry {
    let Title { key, details, streams, .. } = &entries[at].title;
    MergedEntry {
        key: *key,
        name: details.name.clone(),
        year: details.year,
        accounts: streams.iter().map(|stream| stream.account.name.clone()).collect(),
        because: because(entries, at),
    }
}

/// What an entry has in common with another one of its title. What counts most comes first.
fn because(entries: &[ComparedEntry], at: usize) -> &'static str {
    let entry = &entries[at];
    let others = || entries.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, it)| it);
    let name = |it: &ComparedEntry| it.called.name_key();
    let has_name = |it: &&ComparedEntry| name(entry).is_some() && name(it) == name(entry);
    let namesakes = || others().filter(has_name);
    if namesakes().any(|it| it.called.year() == entry.called.year()) {
        match (entry.called.year(), entry.title.kind) {
            (Some(_), _) => return "the same name and year",
            (None, Kind::Series) => return "the same name, and no year",
            (None, Kind::Movie) => {}
        }
    }
    if namesakes().any(|it| shares_id(&it.title, &entry.title)) {
        return "the same name and id";
    }
    if entry.poster.is_some() && namesakes().any(|it| it.poster == entry.poster) {
        return "the same name and poster";
    }
    if entry.was_there {
        return "it was taken for this title before";
    }
    match entry.called.year() {
        None => "the same name, which one year alone has",
        Some(_) => "the same name, of which another entry has no year",
    }
}

fn shares_id(some: &Title, other: &Title) -> bool {
    let ids = |it: &Title| (meaning(&it.details.tmdb), meaning(&it.details.imdb));
    let ((tmdb, imdb), (other_tmdb, other_imdb)) = (ids(some), ids(other));
    tmdb.is_some() && tmdb == other_tmdb || imdb.is_some() && imdb == other_imdb
}
