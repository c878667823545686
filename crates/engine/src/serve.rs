//! What a service needs besides runs: that no other service keeps the library, whether its source has changed, and when
//! it ran last.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use vod2strm_core::cancel::Cancel;
use vod2strm_core::event::FanOut;
use vod2strm_core::model::media::Kind;
use vod2strm_disk::ledger::Ledger;

pub use vod2strm_catalog::watch::Watch;
pub use vod2strm_disk::library::service::{ServiceLock, ask_service_to_end};

use crate::config::{LibraryConfig, Place};
use crate::error::RunError;
use crate::host::Host;
use crate::library::with_known_versions;
use crate::read::select::Reading;
use crate::read::settled::SettledState;
use crate::read::written::learn_what_is_written;
use crate::source::{CatalogError, SourceAddress};

/// Takes a library for this service, as long as the value lives; `holder` says who it is.
pub fn lock_for_service(place: &Place, holder: &str) -> Result<ServiceLock, RunError> {
    Ok(vod2strm_disk::library::service::lock_for_service(place, holder)?)
}

/// Begins to watch a source; `None` for one that has to be fetched to be known.
pub fn watch(
    source: &SourceAddress,
    cancel: &Cancel,
) -> Result<Option<Box<dyn Watch>>, CatalogError> {
    vod2strm_catalog::watch(source, cancel)
}

/// When the last run of a library began, in seconds since 1970; `None` if it never ran.
pub fn last_start(place: &Place) -> Result<Option<i64>, RunError> {
    Ok(Ledger::open_beside_runs(&place.ledger_path()?)?.last_start()?)
}

/// Whether the source is what it was when the last run left nothing to do. Only a source that tells its state without being
/// read is asked; nothing is looked at below the library's folders.
pub fn is_settled(config: &LibraryConfig, host: &Host<'_>) -> Result<bool, RunError> {
    if !config.source.tells_its_state() {
        return Ok(false);
    }
    let ledger = Ledger::open_beside_runs(&config.place.ledger_path()?)?;
    let config = with_known_versions(config, &ledger)?;
    let mut source = Reading::open(&config.source, &config.policy, host, &|_, _| false)?;
    learn_what_is_written(&mut source, &config, &ledger, host, &FanOut(Vec::new()))?;
    let Some(state) = source.catalog.state() else { return Ok(false) };
    SettledState::new(state, &config.policy, &Kind::ALL, source.keeps_uuids).is_noted(&ledger)
}

/// Whether the service that answers at this address says that it is well; an error if not.
pub fn is_well(listen: SocketAddr, within: Duration) -> Result<(), RunError> {
    // Whoever answers at all addresses answers at that of the machine for itself.
    let host = match listen.ip() {
        ip if !ip.is_unspecified() => ip,
        IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
    };
    let address = SocketAddr::new(host, listen.port());
    let answers = vod2strm_catalog::web::answers(&format!("http://{address}/healthz"), within);
    answers.map_err(|source| RunError::NotWell { listen, source })
}

/// Tells whoever counts runs at this address that one went well.
pub fn ping(url: &str, within: Duration) -> Result<(), RunError> {
    vod2strm_catalog::web::answers(url, within).map_err(RunError::Catalog)
}
