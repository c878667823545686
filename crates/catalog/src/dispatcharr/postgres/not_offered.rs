//! Who lists titles of the database, and why some are not offered.

use std::collections::{BTreeSet, HashSet};

use vod2strm_core::model::media::Kind;

use super::columns::{Columns, MOVIE_STREAMS, MOVIES, SERIES, SERIES_STREAMS};
use super::reader::DatabaseReader;
use super::stamps::select;
use crate::error::CatalogError;
use crate::source::{AccountListing, NotOffered};

/// Why each of these titles is not offered; nothing of those that are. Two statements.
pub(super) fn not_offered(
    reader: &mut DatabaseReader,
    kind: Kind,
    ids: &[i64],
) -> Result<Vec<(i64, NotOffered)>, CatalogError> {
    let known = known(reader, kind, ids)?;
    let listings = listings(reader, kind, ids)?;
    let why = |id: &i64| {
        if !known.contains(id) {
            return Some((*id, NotOffered::Unknown));
        }
        // They are in the order of their titles.
        let first = listings.partition_point(|listing| listing.title < *id);
        let own = &listings[first..];
        let own = &own[..own.partition_point(|listing| listing.title == *id)];
        if own.iter().any(|listing| listing.counts()) {
            return None;
        }
        let names = |is_on: bool| {
            let of = own.iter().filter(|listing| listing.is_account_on == is_on);
            of.map(|listing| listing.account.clone()).collect::<BTreeSet<_>>()
        };
        let (on, off) = (names(true), names(false));
        let why = match (on.is_empty(), off.is_empty()) {
            (false, _) => NotOffered::CategoriesDisabled(on.into_iter().collect()),
            (true, false) => NotOffered::AccountsOff(off.into_iter().collect()),
            (true, true) => NotOffered::NoAccount,
        };
        Some((*id, why))
    };
    Ok(ids.iter().filter_map(why).collect())
}

/// The ids that have a row.
fn known(
    reader: &mut DatabaseReader,
    kind: Kind,
    ids: &[i64],
) -> Result<HashSet<i64>, CatalogError> {
    let rows = match kind {
        Kind::Movie => &MOVIES,
        Kind::Series => &SERIES,
    };
    let DatabaseReader { session, schema, .. } = reader;
    let mut known = HashSet::new();
    select(session, "titles", rows, schema, Some(ids), &mut |row| {
        known.insert(row.try_get(0)?);
        Ok(())
    })?;
    Ok(known)
}

/// Who lists these titles, whether it counts or not. One statement.
pub(super) fn listings(
    reader: &mut DatabaseReader,
    kind: Kind,
    ids: &[i64],
) -> Result<Vec<AccountListing>, CatalogError> {
    let streams: &Columns = match kind {
        Kind::Movie => &MOVIE_STREAMS,
        Kind::Series => &SERIES_STREAMS,
    };
    let DatabaseReader { session, schema, accounts, .. } = reader;
    let mut listings = BTreeSet::new();
    select(session, "streams", streams, schema, Some(ids), &mut |row| {
        let (title, account) = (row.try_get(0)?, row.try_get(2)?);
        let category: Option<i64> = row.try_get(3)?;
        let is_account_on = accounts.is_active(account);
        listings.insert(AccountListing {
            title,
            account: accounts.name_of(account),
            is_account_on,
            category: category.map(|category| accounts.category_name(category)),
            is_category_on: category.is_none_or(|it| accounts.is_enabled(account, it)),
        });
        Ok(())
    })?;
    Ok(listings.into_iter().collect())
}
