//! M3U playlists as a catalogue: movies and series out of `#EXTINF` entries.
//!
//! A playlist is read once, as a stream, and only its titles are kept. Nothing in it is trusted to
//! be well-formed; what cannot be part of a library is skipped and counted.
//!
//! Modules stand in reading order; each uses only those above it.

mod text;

mod lines;

mod address;

mod extinf;

mod entry;

mod signs;

mod hints;

mod marks;

mod votes;

mod classify;

mod samples;

mod naming;

mod group;
mod other_ids;

mod left_out;

mod reader;

mod intake;

mod file;

mod fetch;

pub mod watch;

mod fingerprint;

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use vod2strm_core::cancel::Cancel;
use vod2strm_core::entries::EntryCounts;
use vod2strm_core::hash::RowHasher;
use vod2strm_core::hold::Doubt;
use vod2strm_core::identity::Heading;
use vod2strm_core::model::media::{Kind, SourceKey, Title};
use vod2strm_core::model::stamp::{Stamp, StreamId};
use vod2strm_core::model::stated::{self, Premiere};
use vod2strm_core::removal::accounts::{Member, Roster};
use vod2strm_core::select::classify::ClassifyAs;
use vod2strm_core::text::counted;
use vod2strm_core::text::redact::holds_login;

pub use self::fetch::Location;
pub use self::intake::{Rules, is_playlist};
use self::reader::PlaylistContents;
pub use self::reader::Skipped;
use crate::error::CatalogError;
use crate::source::{
    Catalog, Describe, EntryName, EntrySink, Fact, IsPlayed, Numbers, Scope, Selection,
};

/// A playlist's titles, in memory.
pub struct M3uCatalog {
    /// The label of its address.
    location: String,
    contents: PlaylistContents,
    /// What the last stamps met.
    entries: EntryCounts,
    cancel: Cancel,
}

impl M3uCatalog {
    /// Reads a playlist from beginning to end.
    ///
    /// Fails when it cannot be read completely, or is no list of titles; a list that holds none is
    /// valid. An entry that cannot be used is never an error: see [`M3uCatalog::skipped`].
    /// The rules say which years a name may hold, and how much a source may send.
    ///
    /// `is_played` is asked where a list may be cut off in its last line. That line's address is used only if the
    /// library plays just this one already.
    pub fn open(
        location: &Location,
        rules: impl Into<Rules>,
        is_played: &IsPlayed<'_>,
    ) -> Result<M3uCatalog, CatalogError> {
        let rules = rules.into();
        let cancel = rules.cancel.clone();
        let contents = fetch::read(location, rules, is_played)?;
        let entries = EntryCounts::new();
        Ok(M3uCatalog { location: location.label(), contents, entries, cancel })
    }

    /// How many entries were left out, by reason.
    pub fn skipped(&self) -> &Skipped {
        &self.contents.skipped
    }

    /// What the user's expressions decided.
    fn said(&self) -> Vec<Fact> {
        let PlaylistContents { said, entries, too_slow, .. } = &self.contents;
        let all = counted(*entries, "entry", "entries");
        let counts = ClassifyAs::ALL.into_iter().zip(said);
        let counts = counts.filter_map(|(said, count)| Some((said.setting(), (*count)?)));
        let mut facts: Vec<Fact> = counts
            .map(|(setting, count)| match count {
                0 => Fact::to_look_at(setting, format!("decides none of {all}")),
                _ => Fact::new(setting, format!("decides {count} of {all}")),
            })
            .collect();
        if *too_slow > 0 {
            let slow = counted(*too_slow, "entry", "entries");
            let text = format!("a pattern took too long for {slow}, and did not match");
            facts.push(Fact::to_look_at("classify", text));
        }
        facts
    }

    /// The entries of the kinds of which all are wanted: an entry is a movie or a series with all of its items.
    fn count_entries(&self, scope: &Scope) -> EntryCounts {
        let is_whole = |kind: &Kind| *scope.of(*kind) == Selection::All;
        let mut entries = EntryCounts::new();
        for kind in Kind::ALL.into_iter().filter(is_whole) {
            entries.entry(Some(kind)).or_default().in_titles = self.count(kind) as u64;
        }
        for (kind, why, number) in self.contents.skipped.reasons() {
            if number > 0 && kind.is_none_or(|kind| is_whole(&kind)) {
                entries.entry(kind).or_default().leave_out(why, number);
            }
        }
        entries
    }

    fn count(&self, kind: Kind) -> usize {
        self.contents.titles.iter().filter(|title| title.kind == kind).count()
    }

    fn title(&self, key: SourceKey) -> Option<&Title> {
        let place = usize::try_from(key.0).ok()?.checked_sub(1)?;
        self.contents.titles.get(place)
    }
}

impl fmt::Debug for M3uCatalog {
    /// Leaves the titles out: their addresses hold credentials.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("M3uCatalog")
            .field("location", &self.location)
            .field("titles", &self.contents.titles.len())
            .field("skipped", &self.contents.skipped)
            .finish_non_exhaustive()
    }
}

impl Describe for M3uCatalog {
    fn facts(&mut self) -> Result<Vec<Fact>, CatalogError> {
        let episodes: usize = self.contents.titles.iter().map(|title| title.episodes.len()).sum();
        let skipped = self.contents.skipped;
        let mut facts = vec![
            Fact::new("playlist", self.location.clone()),
            Fact::new("movies", self.count(Kind::Movie).to_string()),
            Fact::new("series", self.count(Kind::Series).to_string()),
            Fact::new("episodes", episodes.to_string()),
        ];
        let reasons = [
            ("skipped, live", skipped.live),
            ("skipped, radio", skipped.radio),
            ("skipped, without address", skipped.without_address),
            ("skipped, unsupported address", skipped.unsupported_address),
            ("skipped, repeated", skipped.repeated),
            ("skipped, headings", skipped.headings),
            ("skipped, further lists", skipped.lists),
            ("skipped, no video", skipped.without_video),
            ("skipped, series without episode", skipped.without_episode),
            ("skipped, cut off", skipped.cut_off),
        ];
        facts.extend(reasons.map(|(label, times)| Fact::new(label, times.to_string())));
        if skipped.long_properties > 0 {
            let lines = counted(skipped.long_properties, "line is", "lines are");
            let text = format!("{lines} left out: of 4000 bytes or more");
            facts.push(Fact::to_look_at("lines #KODIPROP", text));
        }
        facts.extend(self.contents.samples.all().map(|(label, text)| Fact::new(label, text)));
        facts.extend(self.said());
        facts.extend(
            self.doubt()
                .map(|doubt| Fact::to_look_at("its end", format!("{doubt}; {}", doubt.remedy()))),
        );
        Ok(facts)
    }

    fn numbers(&mut self) -> Result<Numbers, CatalogError> {
        let titles = &self.contents.titles;
        let episodes = titles.iter().map(|title| title.episodes.len() as u64).sum();
        let (movies, series) = (self.count(Kind::Movie) as u64, self.count(Kind::Series) as u64);
        Ok(Numbers { movies, series, episodes, ..Numbers::default() })
    }
}

impl Catalog for M3uCatalog {
    fn stamps(&mut self, scope: &Scope, sink: &mut dyn FnMut(Stamp)) -> Result<(), CatalogError> {
        for title in &self.contents.titles {
            self.cancel.check()?;
            if scope.of(title.kind).contains(title.key) {
                sink(fingerprint::stamp(title));
            }
        }
        self.entries = self.count_entries(scope);
        Ok(())
    }

    fn entries(&self) -> &EntryCounts {
        &self.entries
    }

    /// The smallest that a panel has for one of its streams.
    fn number(&self, key: SourceKey) -> Option<u64> {
        let title = self.title(key)?;
        let episodes = title.episodes.iter().flat_map(|episode| &episode.streams);
        title.streams.iter().chain(episodes).filter_map(group::panel_number).min()
    }

    fn load(
        &mut self,
        kind: Kind,
        keys: &[SourceKey],
        sink: &mut dyn FnMut(Title),
    ) -> Result<(), CatalogError> {
        for title in keys.iter().filter_map(|key| self.title(*key)) {
            self.cancel.check()?;
            if title.kind == kind {
                sink(title.clone());
            }
        }
        Ok(())
    }

    fn headings(
        &mut self,
        kind: Kind,
        keys: &[SourceKey],
        sink: &mut dyn FnMut(SourceKey, Heading<'_>),
    ) -> Result<(), CatalogError> {
        self.cancel.check()?;
        let titles = keys.iter().filter_map(|key| self.title(*key));
        for title in titles.filter(|title| title.kind == kind) {
            let (name, year) = (title.details.name.as_str(), title.details.year);
            let (uuid, episodes) = (title.uuid.as_deref(), title.episode_streams());
            let dated = Premiere::year(stated::text(&title.details.premiered).unwrap_or_default());
            let poster = title.details.poster.as_deref().map(picture);
            sink(title.key, Heading { name, year, uuid, episodes: &episodes, dated, poster });
        }
        Ok(())
    }

    fn names(
        &mut self,
        kind: Kind,
        categories: &[Arc<str>],
        sink: &mut dyn FnMut(&str, &str),
    ) -> Result<(), CatalogError> {
        self.cancel.check()?;
        let wanted: HashSet<&str> = categories.iter().map(|category| &**category).collect();
        for title in self.contents.titles.iter().filter(|title| title.kind == kind) {
            // A series is in one category, by whatever it is recognised.
            let streams = if kind == Kind::Series { 1 } else { title.streams.len() };
            let streams = title.streams.iter().take(streams);
            let categories = streams.filter_map(|stream| stream.category_name.as_deref());
            categories
                .filter(|category| wanted.contains(category))
                .for_each(|category| sink(category, &title.details.name));
        }
        Ok(())
    }

    fn each_entry(&mut self, sink: &mut EntrySink<'_>) -> Result<(), CatalogError> {
        for title in &self.contents.titles {
            self.cancel.check()?;
            let details = &title.details;
            sink(EntryName {
                kind: Some(title.kind),
                key: Some(title.key),
                name: &details.name,
                year: details.year,
                uuid: title.uuid.as_deref(),
                tmdb: stated::text(&details.tmdb),
                imdb: stated::text(&details.imdb),
                ..EntryName::default()
            });
        }
        self.contents.left_out.each(sink);
        Ok(())
    }

    /// A playlist is one account that is always switched on.
    fn roster(&mut self) -> Result<Roster, CatalogError> {
        let name = "the playlist".to_owned();
        let member = Member { name, is_active: true, is_scanning: false };
        Ok(Roster { accounts: [(0, member)].into(), ..Roster::default() })
    }

    fn doubt(&self) -> Option<Doubt> {
        self.contents.doubt
    }

    fn reclassified(&self) -> Option<&HashSet<StreamId>> {
        Some(&self.contents.others)
    }

    fn has_logins(&self) -> bool {
        let streams = self.contents.titles.iter().flat_map(|title| {
            let episodes = title.episodes.iter().flat_map(|episode| &episode.streams);
            title.streams.iter().chain(episodes)
        });
        streams.filter_map(|stream| stream.url.as_deref()).any(holds_login)
    }

    fn statements(&self) -> u64 {
        0
    }
}

/// Stands for the address of a picture.
fn picture(address: &str) -> u64 {
    RowHasher::default().start(b'p').text(address).finish().0 as u64
}

#[cfg(test)]
mod tests;
