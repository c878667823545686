//! By what entries would be recognised, were they taken for something else: where a rule changed, nothing is lost.

use std::collections::HashSet;

use vod2strm_core::model::media::Kind;
use vod2strm_core::model::stamp::StreamId;

use super::entry::PlaylistEntry;
use super::group::{ACCOUNT, episode_id, episode_stream, movie_id};

/// The streams that titles of other kinds would have, of the entries of one list.
#[derive(Debug, Default)]
pub(super) struct OtherIds(HashSet<StreamId>);

impl OtherIds {
    /// Notes an entry that was taken for an episode, for a movie, or for no title at all. `name` is what names it.
    pub(super) fn note(&mut self, entry: &PlaylistEntry, name: &str, taken_for: Option<Kind>) {
        // A panel's channel was never anything else.
        if entry.address.is_panels_channel() {
            return;
        }
        for kind in Kind::ALL.into_iter().filter(|kind| Some(*kind) != taken_for) {
            // A panel counts movies and episodes apart: number 7 of one is not number 7 of the other.
            let is_numbered = entry.address.xtream_id().is_some();
            if !is_numbered || entry.address.panel_kind() == Some(kind) {
                let identity = entry.identity(kind, name);
                let id = match kind {
                    Kind::Movie => movie_id(&identity, &entry.address.host),
                    Kind::Series => {
                        episode_id(episode_stream(&entry.address.host, identity.text()))
                    }
                };
                self.0.insert(StreamId::new(kind, ACCOUNT, &id));
            }
        }
    }

    /// All of them.
    pub(super) fn into_streams(self) -> HashSet<StreamId> {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::super::address::StreamUrl;
    use super::super::entry::Tags;
    use super::*;

    fn kinds(url: &str, taken_for: Option<Kind>) -> [bool; 2] {
        let (tags, address) = (Tags::default(), StreamUrl::parse(url).unwrap());
        let entry = PlaylistEntry { tags, address };
        let mut ids = OtherIds::default();
        ids.note(&entry, "Heat", taken_for);
        let ids = ids.into_streams();
        let identity = entry.address.identity("Heat", "");
        let host = &entry.address.host;
        let movie = StreamId::new(Kind::Movie, 0, &movie_id(&identity, host));
        let series =
            StreamId::new(Kind::Series, 0, &episode_id(episode_stream(host, identity.text())));
        [movie, series].map(|id| ids.contains(&id))
    }

    #[test]
    fn an_entry_is_noted_as_what_it_was_not_taken_for() {
        let file = "http://h/files/heat.mkv";
        assert_eq!(kinds(file, None), [true, true]);
        assert_eq!(kinds(file, Some(Kind::Movie)), [false, true]);
        assert_eq!(kinds(file, Some(Kind::Series)), [true, false]);
        assert_eq!(kinds("http://h/live/u/p/7.ts", None), [false, false]);
        // Episode 7 says nothing of movie 7, which is really gone.
        assert_eq!(kinds("http://h/series/u/p/7.mkv", Some(Kind::Series)), [false, false]);
        assert_eq!(kinds("http://h/movie/u/p/7.mkv", Some(Kind::Movie)), [false, false]);
        assert_eq!(kinds("http://h/movie/u/p/7.mkv", Some(Kind::Series)), [true, false]);
        assert_eq!(kinds("http://h/movie/u/p/7.mkv", None), [true, false]);
    }
}
