//! The readers: the only crate that talks to a catalogue. It writes nothing.
//!
//! Modules stand in reading order; each uses only those above it.

pub mod limits;
pub mod error;
pub mod episodes;
pub mod source;
pub mod watch;
pub mod web;
mod wait;
pub mod m3u;
pub mod dispatcharr;
pub mod address;

use vod2strm_core::cancel::Cancel;
use vod2strm_core::names::years::Years;
use vod2strm_core::text::secrets::Redactor;

use crate::address::SourceAddress;
use crate::dispatcharr::api::Api;
use crate::dispatcharr::postgres::PgCatalog;
use crate::dispatcharr::postgres::address::DatabaseAddress;
use crate::dispatcharr::postgres::watch::DatabaseWatch;
use crate::episodes::{Asker, Credentials};
use crate::error::CatalogError;
use crate::limits::SourceLimits;
use crate::m3u::watch::FileWatch;
use crate::m3u::{Location, M3uCatalog, Rules};
use crate::source::{Catalog, IsPlayed};
use crate::watch::Watch;

/// What a source is opened for.
pub struct SourceOptions<'a> {
    /// The years that names may hold.
    pub years: Years,
    /// Knows the addresses that the library plays.
    pub is_played: &'a IsPlayed<'a>,
    /// Whether entries that are in no title are kept, to be looked up.
    pub keeps_left_out: bool,
}

/// Opens a source; what it answers from then on is one state of it. Whoever cancels ends a reading that lasts.
pub fn open(
    address: &SourceAddress,
    options: &SourceOptions<'_>,
    cancel: &Cancel,
) -> Result<Box<dyn Catalog>, CatalogError> {
    let cancel = cancel.clone();
    match address {
        SourceAddress::Database(address) => {
            let address = DatabaseAddress { cancel, ..(**address).clone() };
            Ok(Box::new(PgCatalog::open(&address)?))
        }
        SourceAddress::Playlist(list) => {
            let (years, classify) = (options.years.clone(), list.classify.clone());
            let (limits, keeps_left_out) = (list.limits, options.keeps_left_out);
            let rules = Rules { years, classify, limits, cancel, keeps_left_out };
            Ok(Box::new(M3uCatalog::open(&list.location, rules, options.is_played)?))
        }
    }
}

/// Begins to watch a source; `None` for one that can only be fetched as a whole. Whoever cancels ends a look that lasts.
pub fn watch(
    address: &SourceAddress,
    cancel: &Cancel,
) -> Result<Option<Box<dyn Watch>>, CatalogError> {
    match address {
        SourceAddress::Database(address) => {
            let address = DatabaseAddress { cancel: cancel.clone(), ..(**address).clone() };
            Ok(Some(Box::new(DatabaseWatch::open(&address)?)))
        }
        SourceAddress::Playlist(list) => Ok(match &list.location {
            Location::File(path) => Some(Box::new(FileWatch::new(path))),
            Location::Http(_) | Location::Read { .. } => None,
        }),
    }
}

/// Who is asked at this address to fetch episodes that a source does not have; nothing is asked yet. What is said there
/// is kept and shown as the redactor leaves it.
pub fn asker(
    url: &str,
    credentials: Credentials,
    limits: SourceLimits,
    redactor: &Redactor,
) -> Result<Box<dyn Asker>, CatalogError> {
    Ok(Box::new(Api::new(url, credentials, limits, redactor)?))
}
