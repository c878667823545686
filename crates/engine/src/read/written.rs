//! What a source says and files do not follow. Whether files keep the UUIDs that they have, although the source gives new
//! ones, the source knows, or the service beside it.

use std::time::Duration;

use vod2strm_core::event::{Event, Observer};
use vod2strm_disk::ledger::Ledger;

use crate::config::{FetchConfig, LibraryConfig};
use crate::error::RunError;
use crate::host::Host;
use crate::read::select::Reading;
use crate::source::{SourceLimits, Unfollowed};

/// The fact in a ledger that has the last version that the service told, and its address.
const VERSION: &str = "service version";

/// So long the service may take to tell its version.
const PATIENCE: Duration = Duration::from_secs(10);

/// Has the source leave out what files do not follow.
pub fn learn_what_is_written(
    source: &mut Reading,
    config: &LibraryConfig,
    ledger: &Ledger,
    host: &Host<'_>,
    observer: &dyn Observer,
) -> Result<(), RunError> {
    source.keeps_uuids = config.policy.names_streams()
        && match (source.catalog.keeps_uuids(), &config.api) {
            (Some(keeps), _) => keeps,
            (None, Some(api)) => service_keeps_uuids(api, ledger, host, observer)?,
            (None, None) => false,
        };
    let logins = !config.policy.direct_urls;
    source.catalog.leave_out(Unfollowed { uuids: source.keeps_uuids, logins });
    Ok(())
}

/// Whether the service is one that plays by stream and account. One that does not answer has the version that the ledger
/// knows.
fn service_keeps_uuids(
    api: &FetchConfig,
    ledger: &Ledger,
    host: &Host<'_>,
    observer: &dyn Observer,
) -> Result<bool, RunError> {
    let known = ledger.meta(VERSION)?;
    let known =
        known.as_deref().and_then(|known| known.strip_suffix(&format!(" at {}", api.api_url)));
    let silence = api.bounds.silence.min(PATIENCE);
    let bounds = SourceLimits { silence, ..api.bounds };
    let asker = FetchConfig { bounds, ..api.clone() }.asker(host.redactor)?;
    match (asker.version(host.cancel), known) {
        (Ok(version), known) => {
            if known != Some(version.as_str()) && !ledger.is_view() {
                ledger.set_meta(VERSION, &format!("{version} at {}", api.api_url))?;
            }
            Ok(asker.keeps_uuids(&version))
        }
        (Err(error), _) if host.cancel.is_cancelled() => Err(error.into()),
        (Err(error), Some(known)) => {
            let text = format!("{error}; it was version {known} the last time, and counts as that");
            observer.event(&Event::Warning(&text));
            Ok(asker.keeps_uuids(known))
        }
        (Err(error), None) => {
            let text = format!("{error}; until its API tells its version, new UUIDs are followed");
            observer.event(&Event::Warning(&text));
            Ok(false)
        }
    }
}
