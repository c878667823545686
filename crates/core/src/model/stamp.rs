//! A stamp: what the first pass over a catalogue says of one title, in a few dozen bytes.

use smallvec::SmallVec;

use crate::hash::{Fingerprint, RowHasher};
use crate::model::media::{Kind, SourceKey, Stream};

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

/// 64 bits that stand for an id at a third party, within a kind. The lowest bit says at which.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ExternalId(pub u64);

impl ExternalId {
    /// The identity of a TMDB id; `None` for what is none.
    pub fn tmdb(kind: Kind, id: &str) -> Option<ExternalId> {
        sound_number(id).map(|id| ExternalId::new("tmdb", 0, kind, id))
    }

    /// The identity of an IMDb id; `None` for what is none.
    pub fn imdb(kind: Kind, id: &str) -> Option<ExternalId> {
        sound_imdb(id).map(|id| ExternalId::new("imdb", 1, kind, id))
    }

    fn new(registry: &str, bit: u64, kind: Kind, id: &str) -> ExternalId {
        let mut hasher = RowHasher::default();
        hasher.start(b'x').text(registry).text(kind.as_str()).text(id);
        ExternalId(hasher.finish().0 as u64 & !1 | bit)
    }

    /// The TMDB and the IMDb id that a source names.
    pub fn of(kind: Kind, tmdb: Option<&str>, imdb: Option<&str>) -> Few<ExternalId> {
        let tmdb = tmdb.and_then(|id| ExternalId::tmdb(kind, id));
        tmdb.into_iter().chain(imdb.and_then(|id| ExternalId::imdb(kind, id))).collect()
    }

    /// Whether two sets of ids belong to different works: they name none in common, and different ones
    /// at one registry.
    pub fn contradict(some: &[ExternalId], others: &[ExternalId]) -> bool {
        let differs = |a: &ExternalId| others.iter().any(|b| (a.0 ^ b.0) & 1 == 0 && a != b);
        !some.iter().any(|id| others.contains(id)) && some.iter().any(differs)
    }
}

/// An id of TMDB or TVDB. Jellyfin 12 drops ids that are not numbers; an id of 0 means "unknown" at
/// many providers.
pub fn sound_number(id: &str) -> Option<&str> {
    let id = id.trim();
    let is_number = !id.is_empty() && id.len() <= 12 && id.bytes().all(|b| b.is_ascii_digit());
    (is_number && !id.starts_with('0')).then_some(id)
}

/// An id of IMDb.
pub fn sound_imdb(id: &str) -> Option<&str> {
    let id = id.trim();
    let digits = id.strip_prefix("tt")?;
    let is_number = (7..=10).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    is_number.then_some(id)
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
