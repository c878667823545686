//! The first pass over a library that has nothing yet: who is there, and what it is called. All else is read once, when
//! titles are loaded.

use std::collections::HashMap;

use vod2strm_core::identity::Heading;
use vod2strm_core::model::media::{Kind, SourceKey};
use vod2strm_core::model::stamp::Stamp;

use super::columns::{MOVIE_STREAMS, SERIES_STREAMS};
use super::load::{IDS_OF_NAMES, each_name};
use super::reader::DatabaseReader;
use super::stamps::{Titles, externals};
use crate::error::CatalogError;

/// How many episodes each series has: the weight of a title when batches are cut.
const EPISODE_NUMBERS: &str = "SELECT series_id, count(*) FROM vod_episode GROUP BY 1";

/// Stamps of all eligible titles of a kind, without fingerprints, and what each is called: nothing of it is read that
/// does not say who a title is.
pub(super) fn first_stamps(
    reader: &mut DatabaseReader,
    kind: Kind,
    sink: &mut dyn FnMut(Stamp),
    named: &mut dyn FnMut(Kind, SourceKey, Heading<'_>),
) -> Result<(), CatalogError> {
    reader.loaded = Some(HashMap::new());
    let DatabaseReader { session, accounts, .. } = reader;
    let mut titles = Titles::default();
    let columns = if kind == Kind::Movie { &MOVIE_STREAMS } else { &SERIES_STREAMS };
    session.rows("streams", &columns.select_whose(), &[], &mut |row| {
        titles.add_stream(kind, row, accounts)?;
        Ok(())
    })?;
    each_name(session, kind, &mut |row, heading| {
        let id: i64 = row.try_get(0)?;
        if let Some(title) = titles.with_row(id) {
            title.has_row = true;
            title.externals = externals(kind, row, IDS_OF_NAMES)?;
            named(kind, SourceKey(id), heading);
        }
        Ok(())
    })?;
    if kind == Kind::Series {
        session.rows("numbers of episodes", EPISODE_NUMBERS, &[], &mut |row| {
            if let Some(title) = titles.gathered.get_mut(&row.try_get(0)?) {
                title.episodes = u32::try_from(row.try_get::<_, i64>(1)?).unwrap_or(u32::MAX);
            }
            Ok(())
        })?;
    }
    reader.entries.insert(Some(kind), titles.entries.clone());
    titles.hand_over(kind, sink);
    Ok(())
}
