//! A stamp: what the first pass over a catalogue says of one title, in a few dozen bytes.

use std::cmp::Reverse;

use smallvec::SmallVec;

use crate::hash::{Fingerprint, RowHasher};
use crate::model::ids::{ImdbId, TmdbId};
use crate::model::media::{Account, Kind, SourceKey, Stream};

/// What a title has one or two of as a rule: without an allocation of its own then.
pub type Few<T> = SmallVec<[T; 2]>;

/// 64 bits that stand for `(kind, account, provider's id)`: a stream's identity, which outlives the
/// source's rows and UUIDs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StreamId(pub u64);

impl StreamId {
    /// The identity of a provider's stream or series id.
    pub fn new(kind: Kind, account: i64, stream_id: &str) -> StreamId {
        let mut hasher = RowHasher::default();
        hasher.start(b'c').text(kind.as_str()).number(account).text(stream_id);
        StreamId(hasher.finish().0 as u64)
    }

    /// The identity of a title's stream.
    pub fn of(kind: Kind, stream: &Stream) -> StreamId {
        StreamId::new(kind, stream.account.id, &stream.stream_id)
    }
}

/// The place of a stream among those of its title or its episode, the best first. By the account's priority, by the
/// account, and by the provider's number: no id of a row counts, for that is another one when a row is made anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct StreamRank {
    priority: Reverse<i32>,
    account: i64,
    /// The greatest where the provider's id is no number.
    number: u64,
    /// The stream.
    pub stream: StreamId,
}

impl StreamRank {
    /// The place of an account's stream.
    pub fn new(kind: Kind, account: &Account, stream_id: &str) -> StreamRank {
        StreamRank {
            priority: Reverse(account.priority),
            account: account.id,
            number: stream_id.parse().unwrap_or(u64::MAX),
            stream: StreamId::new(kind, account.id, stream_id),
        }
    }
}

/// 64 bits that stand for an id at a third party, within a kind. The lowest bit says at which.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ExternalId(pub u64);

impl ExternalId {
    /// The identity of a TMDB id.
    pub fn tmdb(kind: Kind, TmdbId(id): TmdbId) -> ExternalId {
        let mut hasher = RowHasher::default();
        hasher.start(b'x').text("tmdb").text(kind.as_str()).number(id as i64);
        ExternalId(hasher.finish().0 as u64 & !1)
    }

    /// The identity of an IMDb id.
    pub fn imdb(kind: Kind, id: ImdbId) -> ExternalId {
        let mut hasher = RowHasher::default();
        let (number, digits) = id.parts();
        hasher.start(b'x').text("imdb").text(kind.as_str()).number(number as i64);
        ExternalId(hasher.number(i64::from(digits)).finish().0 as u64 | 1)
    }

    /// The identities of the TMDB and the IMDb id that a source names.
    pub fn of(kind: Kind, tmdb: Option<TmdbId>, imdb: Option<ImdbId>) -> Few<ExternalId> {
        let tmdb = tmdb.map(|id| ExternalId::tmdb(kind, id));
        tmdb.into_iter().chain(imdb.map(|id| ExternalId::imdb(kind, id))).collect()
    }

    /// Whether two sets of ids belong to different works: they name none in common, and different ones
    /// at one registry.
    pub fn contradict(some: &[ExternalId], others: &[ExternalId]) -> bool {
        let differs = |a: &ExternalId| others.iter().any(|b| (a.0 ^ b.0) & 1 == 0 && a != b);
        !some.iter().any(|id| others.contains(id)) && some.iter().any(differs)
    }
}

/// One title as the first pass sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// Movie or series.
    pub kind: Kind,
    /// What to load the whole title by, in this run.
    pub key: SourceKey,
    /// The eligible streams, best first; never empty.
    pub streams: Few<StreamId>,
    /// TMDB and IMDb id, where the source has them.
    pub externals: Few<ExternalId>,
    /// Everything in the catalogue that can influence the title's files.
    pub fingerprint: Fingerprint,
    /// How many episodes the source holds: the weight of a title when batches are cut.
    pub episodes: u32,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::stated::Meaning;

    /// An id stands for one work of one kind at one registry.
    #[test]
    fn ids_of_third_parties_are_told_apart() {
        let imdb = |text: &str| ImdbId::read(text).unwrap();
        let (tmdb, short, long) = (TmdbId(949), imdb("tt0113277"), imdb("tt00113277"));
        let all = [
            ExternalId::tmdb(Kind::Movie, tmdb),
            ExternalId::tmdb(Kind::Series, tmdb),
            ExternalId::tmdb(Kind::Movie, TmdbId(950)),
            ExternalId::imdb(Kind::Movie, short),
            ExternalId::imdb(Kind::Series, short),
            ExternalId::imdb(Kind::Movie, long),
        ];
        let different: std::collections::HashSet<ExternalId> = all.into_iter().collect();
        assert_eq!(different.len(), all.len());
        assert_eq!(all.map(|id| id.0 & 1), [0, 0, 0, 1, 1, 1], "at which registry");
        let of = |tmdb, imdb| ExternalId::of(Kind::Movie, tmdb, imdb).to_vec();
        assert_eq!(of(Some(tmdb), Some(short)), [all[0], all[3]]);
        assert_eq!(of(None, Some(short)), [all[3]]);
        assert_eq!(of(Some(tmdb), None), [all[0]]);
        assert_eq!(of(None, None), []);
    }
}
