//! A ledger that was lost is filled from what is on disk, before a run goes on.

use vod2strm_core::event::Event;
use vod2strm_core::text::counted;
use vod2strm_disk::library::Library;

use crate::adopt::tree::{Adopting, adopt, recovered};
use crate::context::Run;
use crate::error::RunError;
use crate::read::select::Reading;

/// Fills a ledger that was lost from what is on disk.
pub fn recover(run: &Run<'_>, library: &mut Library, source: &mut Reading) -> Result<(), RunError> {
    let Run { policy, now, observer, cancel, .. } = *run;
    let adopting = Adopting { policy, hints: Vec::new(), now, observer, cancel };
    let adoption = adopt(&adopting, library, source)?;
    let (titles, rest) = (adoption.titles(), adoption.rest.len());
    let mut text = counted(titles, "title was", "titles were");
    text += " recognised by what is on disk";
    if rest > 0 {
        text += ", and ";
        text += &counted(rest as u64, ".strm file was not", ".strm files were not");
        text += " (vod2strm adopt names what was not)";
    }
    if titles > 0 || rest > 0 {
        observer.event(&Event::Warning(&format!("the ledger was lost, or is older: {text}")));
    }
    if let Some(note) = adoption.note_on_names()
        && !run.request.relayout
    {
        observer.event(&Event::Warning(&note));
    }
    recovered(library, observer)
}
