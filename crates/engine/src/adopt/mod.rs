//! Takes over a tree that the ledger does not know: the call, with its library and its source.

mod manifest;
pub mod tree;
pub mod recover;

use std::path::PathBuf;

use vod2strm_core::event::{Event, Observer, Phase};
use vod2strm_core::model::media::Kind;
use vod2strm_disk::ledger::Ledger;
use vod2strm_disk::library::Library;

use crate::adopt::manifest::Hint;
use crate::adopt::tree::{Adopting, recovered};
use crate::config::LibraryConfig;
use crate::error::RunError;
use crate::host::{Host, Listeners};
use crate::library::{open_library, tell_notes, with_versions};
use crate::read::select::Reading;
use crate::read::version::note_version;
use crate::read::written::learn_what_is_written;
use crate::request::Mode;

pub use crate::adopt::tree::Adoption;

/// What is to be taken over.
#[derive(Clone, Debug)]
pub struct AdoptRequest {
    /// Whether it is done, or only told.
    pub mode: Mode,
    /// The manifest of the Dispatcharr plugin vod2strm; `None` for the one in its usual place, if there is one.
    pub manifest: Option<PathBuf>,
    /// Whether somebody chose the layout, or it is only the default.
    pub is_layout_chosen: bool,
}

/// Takes over a tree, or says what would be taken over.
pub fn adopt(
    config: &LibraryConfig,
    request: &AdoptRequest,
    host: &Host<'_>,
) -> Result<Adoption, RunError> {
    let listeners = Listeners(host.listeners);
    let hints = hints(config, request, &listeners)?;
    let mut library = match request.mode {
        Mode::Real => open_library(&config.place, host)?,
        Mode::Preview => Library::open_for_preview(&config.place)?,
    };
    let config = &with_versions(config, &mut library)?;
    let adopting = Adopting {
        policy: &config.policy,
        hints,
        now: host.clock.now(),
        observer: &listeners,
        cancel: host.cancel,
    };
    tell_notes(&mut library, adopting.observer);
    let done = fill(config, &adopting, host, &mut library);
    // A folder in which nothing is recognised does not become a library: its path may be a slip.
    if !done.as_ref().is_ok_and(|adoption| adoption.titles() > 0) {
        library.take_back();
    }
    done
}

fn fill(
    config: &LibraryConfig,
    adopting: &Adopting<'_>,
    host: &Host<'_>,
    library: &mut Library,
) -> Result<Adoption, RunError> {
    let mut source = open_source(config, adopting, host, &library.ledger)?;
    let done = tree::adopt(adopting, library, &mut source);
    source.selector.warn(adopting.observer);
    if done.is_ok() {
        // What is taken over is of no version.
        library.note(|library| note_version(&Kind::ALL, &library.ledger))?;
    }
    if done.is_ok() && library.is_ledger_lost {
        recovered(library, adopting.observer)?;
    }
    done
}

fn open_source(
    config: &LibraryConfig,
    adopting: &Adopting<'_>,
    host: &Host<'_>,
    ledger: &Ledger,
) -> Result<Reading, RunError> {
    adopting.observer.event(&Event::Phase(Phase::Open, None));
    let mut source = Reading::open(&config.source, &config.policy, host, &|_, _| false)?;
    learn_what_is_written(&mut source, config, ledger, host, adopting.observer)?;
    Ok(source)
}

/// What the plugin's manifest says. One that was named must be readable.
fn hints(
    config: &LibraryConfig,
    request: &AdoptRequest,
    observer: &dyn Observer,
) -> Result<Vec<Hint>, RunError> {
    if let Some(path) = &request.manifest {
        return manifest::read(path).map_err(RunError::Refused);
    }
    let Some(path) = manifest::find(&config.place) else { return Ok(Vec::new()) };
    // In the wrong layout all NFOs would look like edits, and stay so.
    if !request.is_layout_chosen {
        return Err(RunError::Refused(format!(
            "{} was made by the Dispatcharr plugin vod2strm, whose layout is classic\n  try: --layout \
             classic",
            config.place.output.display(),
        )));
    }
    manifest::read(&path).or_else(|wrong| {
        observer.event(&Event::Warning(&wrong));
        Ok(Vec::new())
    })
}
