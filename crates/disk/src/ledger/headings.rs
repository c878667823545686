//! What titles were called, and the streams of a series' episodes: what entries of the source are compared with.

use rusqlite::Row;
use vod2strm_core::identity::Heading;
use vod2strm_core::identity::known::TitleId;
use vod2strm_core::model::media::EpisodeStream;

use super::read::{id_list, text_at};
use super::{Ledger, LedgerError};

impl Ledger {
    /// Name, year and UUID of these titles, as the catalogue had them, and the streams of their episodes: one
    /// statement.
    pub fn each_heading(
        &self,
        ids: &[TitleId],
        mut take: impl FnMut(TitleId, Heading<'_>),
    ) -> Result<(), LedgerError> {
        let list = id_list(ids.iter().copied());
        let sql = format!(
            "SELECT id, name, year, uuid, episode_streams FROM titles WHERE id IN ({list})"
        );
        self.each(&sql, |row| {
            let (name, episodes) = (text_at(row, 1)?.unwrap_or_default(), episodes_at(row, 4)?);
            let (year, uuid) = (row.get(2)?, text_at(row, 3)?);
            take(TitleId(row.get(0)?), Heading { name, year, uuid, episodes: &episodes });
            Ok(())
        })
    }
}

/// The streams of a series' episodes, 8 bytes each; what is no such row of bytes says nothing.
fn episodes_at(row: &Row<'_>, column: usize) -> rusqlite::Result<Vec<EpisodeStream>> {
    let bytes = row.get_ref(column)?.as_blob().unwrap_or_default();
    let (streams, _) = bytes.as_chunks();
    Ok(streams.iter().map(|stream| EpisodeStream(u64::from_be_bytes(*stream))).collect())
}

/// The same, as the ledger keeps them; `None` where there are none.
pub(super) fn kept_episodes(streams: &[EpisodeStream]) -> Option<Vec<u8>> {
    let bytes = streams.iter().flat_map(|EpisodeStream(stream)| stream.to_be_bytes());
    (!streams.is_empty()).then(|| bytes.collect())
}
