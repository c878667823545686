//! What titles were called, and the streams of a series' episodes: what entries of the source are compared with.

use std::collections::HashSet;

use rusqlite::{Row, params};
use vod2strm_core::hash::Fingerprint;
use vod2strm_core::identity::Heading;
use vod2strm_core::identity::known::TitleId;
use vod2strm_core::identity::merge::KnownName;
use vod2strm_core::model::media::{EpisodeStream, Kind};
use vod2strm_core::model::stamp::StreamId;
use vod2strm_core::names::called::Called;

use super::read::{id_list, parse_kind, text_at};
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
            "SELECT id, name, year, uuid, episode_streams, called_year FROM titles WHERE id IN ({list})"
        );
        self.each(&sql, |row| {
            let (name, episodes) = (text_at(row, 1)?.unwrap_or_default(), episodes_at(row, 4)?);
            let (year, uuid, dated) = (row.get(2)?, text_at(row, 3)?, row.get(5)?);
            take(
                TitleId(row.get(0)?),
                Heading { name, year, uuid, episodes: &episodes, dated, poster: None },
            );
            Ok(())
        })
    }
}

/// The fact in a ledger that says how the names were read that it has keys of.
const READ_BY: &str = "names read by";

impl Ledger {
    /// What the titles of a kind are called. Names that were not read yet, or not in this way, are read by `read`, and
    /// noted unless the ledger was opened to be read; `reader` stands for the way.
    pub fn each_known_name(
        &self,
        kind: Kind,
        reader: Fingerprint,
        mut read: impl FnMut(&str, Option<i32>) -> Called,
        mut take: impl FnMut(KnownName),
    ) -> Result<(), LedgerError> {
        let reader = format!("{:032x}", reader.0);
        let is_other_way = self.meta(READ_BY)?.is_none_or(|noted| noted != reader);
        let mut news: Vec<(i64, i64, Option<i32>)> = Vec::new();
        let sql = format!(
            "SELECT id, called, called_year, united, name, year FROM titles WHERE kind = '{kind}'"
        );
        self.each(&sql, |row| {
            let (id, mut year): (i64, Option<i32>) = (row.get(0)?, row.get(2)?);
            let key = match row.get(1)? {
                Some(key) if !is_other_way => key,
                _ => {
                    let called = read(text_at(row, 4)?.unwrap_or_default(), row.get(5)?);
                    let key = called.name_key().unwrap_or(0).cast_signed();
                    year = year.or(called.year());
                    news.push((id, key, year));
                    key
                }
            };
            let is_united = row.get::<_, Option<i64>>(3)?.is_some();
            if key != 0 && !is_united {
                take(KnownName { title: TitleId(id), name: key.cast_unsigned(), year });
            }
            Ok(())
        })?;
        if self.is_view || news.is_empty() && !is_other_way {
            return Ok(());
        }
        let write = || self.note_names(&news, is_other_way.then_some(reader.as_str()));
        write().map_err(|source| self.error("write", source))
    }

    /// Notes names that were read; one without a word as 0. With another way of reading, those that were read otherwise
    /// are forgotten.
    fn note_names(
        &self,
        news: &[(i64, i64, Option<i32>)],
        reader: Option<&str>,
    ) -> rusqlite::Result<()> {
        let transaction = self.db.unchecked_transaction()?;
        if let Some(reader) = reader {
            transaction.execute("UPDATE titles SET called = NULL WHERE called IS NOT NULL", [])?;
            let sql = "INSERT OR REPLACE INTO meta (key, value) VALUES (?1, ?2)";
            transaction.execute(sql, [READ_BY, reader])?;
        }
        let sql = "UPDATE titles SET called = ?2, called_year = ?3 WHERE id = ?1";
        let mut statement = transaction.prepare_cached(sql)?;
        for (id, key, year) in news {
            statement.execute(params![id, key, year])?;
        }
        drop(statement);
        transaction.commit()
    }

    /// Notes which streams are of entries that contradict the title that they are with, since this run or before.
    pub fn note_apart(&self, apart: &HashSet<StreamId>) -> Result<(), LedgerError> {
        let mut rows: Vec<(String, i64, String, bool)> = Vec::new();
        self.each("SELECT kind, account, stream, apart IS NOT NULL FROM copies", |row| {
            let kind = parse_kind(row, 0)?;
            let (account, stream): (i64, String) = (row.get(1)?, row.get(2)?);
            let is_apart = apart.contains(&StreamId::new(kind, account, &stream));
            if is_apart != row.get(3)? {
                rows.push((kind.as_str().to_owned(), account, stream, is_apart));
            }
            Ok(())
        })?;
        let sql = format!(
            "UPDATE copies SET apart = CASE WHEN ?4 THEN {} END
             WHERE kind = ?1 AND account = ?2 AND stream = ?3",
            self.clocks.this_run("kind")
        );
        for (kind, account, stream, is_apart) in rows {
            let done = self.db.execute(&sql, params![kind, account, stream, is_apart]);
            done.map_err(|source| self.error("write", source))?;
        }
        Ok(())
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
