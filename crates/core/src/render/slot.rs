//! Slots: the texts under which the ledger keeps what a title's file is for.
//!
//! `[EPISODE].WORD[VERSION]`, as in `strm`, `nfo@7:123`, `s01e02.strm`, `s01e02.+nfo@7:123`; and `tvshow.nfo`,
//! `s01/season.nfo`. EPISODE is `s01e02`, or `s01e?#7:123` with a stream where a number is unknown; `+` tells
//! episodes with equal numbers apart. VERSION names the stream of a further version.

use crate::event::Role;
use crate::model::media::Kind;

/// A slot, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SlotParts<'a> {
    /// What stands before the word: empty for a movie, `s01e02.` for an episode.
    pub place: &'a str,
    /// Whether the file is a `.strm`; the others are NFOs.
    pub is_strm: bool,
    /// The version, with its `@`; empty for the plain file.
    pub version: &'a str,
}

impl SlotParts<'_> {
    /// Takes a slot apart. Of a slot that no version of this program wrote, all is the place of an NFO.
    pub fn of(slot: &str) -> SlotParts<'_> {
        let is_streams = slot.split('.').next().is_some_and(|episode| episode.contains('#'));
        let starts = match (slot.find('.'), is_streams) {
            // A provider's stream id may hold anything: the word is what ends the slot, or what a version follows.
            (Some(_), true) => slot.match_indices('.').map(|(at, _)| at + 1).collect(),
            (Some(at), false) if !slot[..at].contains('@') && !is_word(&slot[..at]) => vec![at + 1],
            _ => vec![0],
        };
        let parts = starts.into_iter().find_map(|start| word_at(slot, start));
        parts.unwrap_or(SlotParts { place: slot, is_strm: false, version: "" })
    }
}

fn is_word(text: &str) -> bool {
    matches!(text, "strm" | "nfo")
}

/// The slot, if its word stands here.
fn word_at(slot: &str, start: usize) -> Option<SlotParts<'_>> {
    let start = slot.len() - slot[start..].trim_start_matches('+').len();
    let (place, rest) = slot.split_at(start);
    let end = rest.find('@').unwrap_or(rest.len());
    let (word, version) = rest.split_at(end);
    let is_version = || {
        let account = version[1..].split_once(':').map(|(account, _)| account);
        account.is_some_and(|account| account.parse::<i64>().is_ok())
    };
    let is_here = is_word(word) && (version.is_empty() || is_version());
    is_here.then_some(SlotParts { place, is_strm: word == "strm", version })
}

/// What a `.strm` plays: nothing in front of the word for a movie, `s01e02.` for an episode; `None` for other files.
/// Versions play the same.
pub fn played(slot: &str) -> Option<&str> {
    let parts = SlotParts::of(slot);
    parts.is_strm.then_some(parts.place)
}

/// The season whose folder an episode belongs to, by what stands before its slot's word; `None` for a movie.
pub fn season_of(place: &str) -> Option<i32> {
    let (season, _) = place.strip_prefix('s')?.split_once('e')?;
    match season {
        "?" => Some(0),
        number => number.parse().ok().map(|season: i32| season.max(0)),
    }
}

/// What a title's file is: its slot tells. Its name does not: somebody may have chosen another extension, or
/// another letter case.
pub fn role_of(kind: Kind, slot: &str) -> Role {
    let season = slot.strip_suffix("/season.nfo");
    match (kind, SlotParts::of(slot).is_strm) {
        (Kind::Movie, true) => Role::Movie,
        (Kind::Movie, false) => Role::MovieNfo,
        (Kind::Series, true) => Role::Episode,
        (Kind::Series, false) if slot == "tvshow.nfo" => Role::TvshowNfo,
        (Kind::Series, false) if season.is_some_and(|it| !it.contains('.')) => Role::SeasonNfo,
        (Kind::Series, false) => Role::EpisodeNfo,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_taken_apart() {
        for (slot, place, is_strm, version) in [
            ("strm", "", true, ""),
            ("nfo@7:1.strm", "", false, "@7:1.strm"),
            ("strm@7:1@media.nfo", "", true, "@7:1@media.nfo"),
            ("s01e02.strm", "s01e02.", true, ""),
            ("s01e02.+nfo@7:strm", "s01e02.+", false, "@7:strm"),
            ("s01e02.strm@-3:a/season.nfo", "s01e02.", true, "@-3:a/season.nfo"),
            ("s01e?#0:12@media.example.nfo.strm", "s01e?#0:12@media.example.nfo.", true, ""),
            ("s?e?#0:1@nfo.h.nfo@2:9@h.strm", "s?e?#0:1@nfo.h.", false, "@2:9@h.strm"),
            ("tvshow.nfo", "tvshow.", false, ""),
        ] {
            assert_eq!(SlotParts::of(slot), SlotParts { place, is_strm, version }, "{slot}");
        }
    }

    #[test]
    fn an_episodes_slot_tells_its_season() {
        for (slot, season) in [
            ("s01e02.strm", Some(1)),
            ("s01e02.+strm@7:1", Some(1)),
            ("s100e?#7:1.strm", Some(100)),
            ("s?e02#7:e.strm", Some(0)),
            ("s-1e02.strm", Some(0)),
            ("strm", None),
            ("s01e02.nfo", None),
            ("s01/season.nfo", None),
        ] {
            assert_eq!(played(slot).and_then(season_of), season, "{slot}");
        }
    }

    #[test]
    fn a_role_comes_from_the_slot() {
        for (slot, role) in [
            ("tvshow.nfo", Role::TvshowNfo),
            ("s01/season.nfo", Role::SeasonNfo),
            ("s01e02.strm", Role::Episode),
            ("s01e02.nfo@1:x/season.nfo", Role::EpisodeNfo),
            ("s01e?#1:tvshow.strm", Role::Episode),
        ] {
            assert_eq!(role_of(Kind::Series, slot), role, "{slot}");
        }
        assert_eq!(role_of(Kind::Movie, "strm@1:2"), Role::Movie);
        assert_eq!(role_of(Kind::Movie, "nfo"), Role::MovieNfo);
    }
}
