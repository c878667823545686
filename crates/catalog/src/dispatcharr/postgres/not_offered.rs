//! Why titles of the database are not offered.

use std::collections::{BTreeSet, HashMap, HashSet};

use vod2strm_core::model::media::Kind;

use super::columns::{Columns, MOVIE_STREAMS, MOVIES, SERIES, SERIES_STREAMS};
use super::reader::DatabaseReader;
use super::stamps::select;
use crate::error::CatalogError;
use crate::source::NotOffered;

/// Who lists a title, though nobody offers it.
#[derive(Default)]
struct AccountsOfTitle {
    /// Accounts that are switched off.
    off: BTreeSet<String>,
    /// Accounts on which its categories are disabled.
    disabled: BTreeSet<String>,
    is_offered: bool,
}

/// Why each of these titles is not offered; nothing of those that are. Two statements.
pub(super) fn not_offered(
    reader: &mut DatabaseReader,
    kind: Kind,
    ids: &[i64],
) -> Result<Vec<(i64, NotOffered)>, CatalogError> {
    let (streams, rows) = match kind {
        Kind::Movie => (&MOVIE_STREAMS, &MOVIES),
        Kind::Series => (&SERIES_STREAMS, &SERIES),
    };
    let known = known(reader, rows, ids)?;
    let mut listed = listed(reader, streams, ids)?;
    let why = |id: &i64| {
        if !known.contains(id) {
            return Some((*id, NotOffered::Unknown));
        }
        let AccountsOfTitle { off, disabled, is_offered } = listed.remove(id).unwrap_or_default();
        let why = match (disabled.is_empty(), off.is_empty()) {
            (false, _) => NotOffered::CategoriesDisabled(disabled.into_iter().collect()),
            (true, false) => NotOffered::AccountsOff(off.into_iter().collect()),
            (true, true) => NotOffered::NoAccount,
        };
        (!is_offered).then_some((*id, why))
    };
    Ok(ids.iter().filter_map(why).collect())
}

/// The ids that have a row.
fn known(
    reader: &mut DatabaseReader,
    rows: &Columns,
    ids: &[i64],
) -> Result<HashSet<i64>, CatalogError> {
    let DatabaseReader { session, schema, .. } = reader;
    let mut known = HashSet::new();
    select(session, "titles", rows, schema, Some(ids), &mut |row| {
        known.insert(row.try_get(0)?);
        Ok(())
    })?;
    Ok(known)
}

/// Who lists these titles.
fn listed(
    reader: &mut DatabaseReader,
    streams: &Columns,
    ids: &[i64],
) -> Result<HashMap<i64, AccountsOfTitle>, CatalogError> {
    let DatabaseReader { session, schema, accounts, .. } = reader;
    let mut listed: HashMap<i64, AccountsOfTitle> = HashMap::new();
    select(session, "streams", streams, schema, Some(ids), &mut |row| {
        let (owner, account) = (row.try_get(0)?, row.try_get(2)?);
        let title = listed.entry(owner).or_default();
        let name = || accounts.name_of(account);
        if accounts.eligible(account, row.try_get(3)?).is_some() {
            title.is_offered = true;
        } else if accounts.is_active(account) {
            title.disabled.insert(name());
        } else {
            title.off.insert(name());
        }
        Ok(())
    })?;
    Ok(listed)
}
