//! A library that is opened for a run that writes.

use vod2strm_core::date;
use vod2strm_core::event::{Event, Observer};
use vod2strm_core::hash::ContentHash;
use vod2strm_core::policy::Versions;
use vod2strm_disk::ledger::Ledger;
use vod2strm_disk::library::Library;

use crate::config::{LibraryConfig, Place, VersionOrigin};
use crate::error::RunError;
use crate::host::Host;

/// Opens the library for a run that writes, and says who holds it.
pub fn open_library(place: &Place, host: &Host<'_>) -> Result<Library, RunError> {
    let holder = format!("{}, since {}", host.who, date::moment(host.clock.now()));
    // A new library's id tells libraries apart, no more.
    let nanoseconds = host.clock.since_1970().as_nanos();
    let seed = format!("{}|{nanoseconds}|{}", place.state_folder().display(), host.who);
    let id = format!("{:032x}", ContentHash::of(seed.as_bytes()).0);
    Ok(Library::open(place, &id, &holder)?)
}

/// The fact in a ledger that says which streams of a title have a file: `usual`, or what it keeps from before.
const VERSIONS: &str = "versions";

/// The settings with the versions that this library has: one that was made before these could be chosen keeps what it
/// has until they are.
pub fn with_versions(
    config: &LibraryConfig,
    library: &mut Library,
) -> Result<LibraryConfig, RunError> {
    let (kept, is_news) = kept_versions(config, &library.ledger)?;
    let note = kept.map_or("usual", Versions::as_str);
    if library.ledger.meta(VERSIONS)?.as_deref() != Some(note) {
        library.note(|library| Ok::<_, RunError>(library.ledger.set_meta(VERSIONS, note)?))?;
    }
    Ok(keeping(config, kept, is_news))
}

/// The same where the ledger is only read.
pub fn with_known_versions(
    config: &LibraryConfig,
    ledger: &Ledger,
) -> Result<LibraryConfig, RunError> {
    let (kept, is_news) = kept_versions(config, ledger)?;
    Ok(keeping(config, kept, is_news))
}

/// What a library keeps from before, if it does, and whether that is to be told.
fn kept_versions(
    config: &LibraryConfig,
    ledger: &Ledger,
) -> Result<(Option<Versions>, bool), RunError> {
    let noted = ledger.meta(VERSIONS)?;
    let kept = noted.as_deref().and_then(|noted| noted.parse::<Versions>().ok());
    let is_old = noted.is_none() && !ledger.is_blank()?;
    Ok(match config.versions {
        VersionOrigin::Chosen => (None, false),
        _ if is_old && ledger.has_versions()? => (Some(Versions::All), true),
        _ if is_old => (Some(Versions::Best), true),
        _ => (kept, false),
    })
}

fn keeping(config: &LibraryConfig, kept: Option<Versions>, is_news: bool) -> LibraryConfig {
    let mut config = config.clone();
    if let Some(kept) = kept {
        config.policy.versions = kept.into();
        config.versions = VersionOrigin::Kept(is_news);
    }
    config
}

/// Tells what there is to tell about a library, once.
pub fn tell_notes(library: &mut Library, observer: &dyn Observer) {
    for note in library.notes.drain(..) {
        observer.event(&Event::Warning(&note.to_string()));
    }
}
