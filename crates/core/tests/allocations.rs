//! What an unchanged title costs while stamps are compared with the ledger: memory in few pieces, however
//! many titles there are.

use allocation_counter::measure;
use vod2strm_core::hash::Fingerprint;
use vod2strm_core::identity::compare::{KnownIndex, Matching, StreamState};
use vod2strm_core::identity::known::{Known, TitleId};
use vod2strm_core::model::media::{Kind, SourceKey};
use vod2strm_core::model::stamp::{ExternalId, Stamp, StreamId};

const SETTINGS: Fingerprint = Fingerprint(7);

/// Allocations of a comparison in which so many titles, each with two streams and an id, are unchanged. The
/// second number is the most bytes that the comparison had at a time.
fn comparison(titles: u64) -> (u64, u64) {
    let stamps = (1..=titles).map(|n| Stamp {
        kind: Kind::Movie,
        key: SourceKey(n as i64),
        streams: [StreamId(2 * n), StreamId(2 * n + 1)].into(),
        externals: [ExternalId(2 * n)].into_iter().collect(),
        fingerprint: Fingerprint(n.into()),
        episodes: 0,
    });
    let costs = measure(|| {
        let mut index = KnownIndex::default();
        for stamp in stamps.clone() {
            let id = TitleId(stamp.key.0);
            index.add(Known {
                id,
                kind: stamp.kind,
                fingerprint: stamp.fingerprint.mixed_with(SETTINGS),
                has_folder: true,
                left_out_by: None,
                missing_runs: 0,
                has_old_names: false,
                is_removed: false,
            });
            stamp
                .streams
                .iter()
                .for_each(|stream| index.add_stream(id, *stream, StreamState::There));
            stamp.externals.iter().for_each(|external| index.add_external(id, *external));
        }
        let matching = Matching::new(&index, stamps.collect(), SETTINGS);
        let is_known = |kind| matching.unknowns(kind) == Default::default();
        assert!(Kind::ALL.into_iter().all(is_known), "no name is asked for");
        let comparison = matching.compare(&Kind::ALL);
        assert_eq!(comparison.unchanged.len() as u64, titles);
        assert!(comparison.work.is_empty() && comparison.missing_titles.is_empty());
    });
    (costs.count_total, costs.bytes_max)
}

#[test]
fn an_unchanged_title_costs_no_allocation_of_its_own() {
    let (few, _) = comparison(1_000);
    let (many, most) = comparison(64_000);
    assert!(
        many - few < 200,
        "{few} and {many}: what grows with the titles doubles its size now and then"
    );
    assert!(most < 64_000 * 600, "{} bytes a title", most / 64_000);
}
