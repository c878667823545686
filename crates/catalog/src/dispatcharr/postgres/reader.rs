//! What both passes read with: the session, and what was learnt once.

use std::collections::HashMap;

use vod2strm_core::entries::EntryCounts;
use vod2strm_core::hash::Fingerprint;
use vod2strm_core::model::media::SourceKey;

use super::accounts::Accounts;
use super::address::DatabaseAddress;
use super::schema::Schema;
use super::session::Session;
use super::touched::Books;
use crate::error::CatalogError;

/// An open snapshot of a database that is a Dispatcharr's.
pub struct DatabaseReader {
    /// The connection.
    pub session: Session,
    /// What the tables are like.
    pub schema: Schema,
    /// Who counts.
    pub accounts: Accounts,
    /// Which database it is, and what stays as it is while nothing is written to the tables.
    pub(super) books: Books,
    /// What the last stamps met.
    pub entries: EntryCounts,
    /// UUIDs are left out of fingerprints.
    pub leaves_out_uuids: bool,
    /// The fingerprints of what was loaded last, once somebody wants them.
    pub loaded: Option<HashMap<SourceKey, Fingerprint>>,
}

impl DatabaseReader {
    /// Connects, opens the snapshot, and makes sure that it is a Dispatcharr's.
    pub fn open(address: &DatabaseAddress) -> Result<DatabaseReader, CatalogError> {
        let mut session = Session::open(address.clone())?;
        let books = Books::read(&mut session)?;
        session.take_snapshot()?;
        let schema = Schema::probe(&mut session)?;
        let accounts = Accounts::read(&mut session)?;
        Ok(DatabaseReader {
            session,
            schema,
            accounts,
            books,
            entries: EntryCounts::new(),
            leaves_out_uuids: false,
            loaded: None,
        })
    }
}
