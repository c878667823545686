//! A library that is opened for a run that writes.

use vod2strm_core::date;
use vod2strm_core::event::{Event, Observer};
use vod2strm_core::hash::ContentHash;
use vod2strm_disk::library::Library;

use crate::config::Place;
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

/// Tells what there is to tell about a library, once.
pub fn tell_notes(library: &mut Library, observer: &dyn Observer) {
    for note in library.notes.drain(..) {
        observer.event(&Event::Warning(&note.to_string()));
    }
}
