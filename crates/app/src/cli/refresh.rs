//! `vod2strm refresh`: `generate series --refresh`, with the flags that matter for it.

use clap::Args;

use vod2strm_core::model::media::Kind;
use vod2strm_core::status::Status;
use vod2strm_engine::source::SourceAddress;

use super::generate::execute;
use super::{Call, Process, whole};
use crate::error::CommandError;
use crate::settings::layers::Layers;

/// Have Dispatcharr fetch the episodes that it does not have yet, and write them as they come.
///
/// Dispatcharr asks a provider for a series' episodes only when somebody opens the series. This asks for those that
/// have none, that the provider says have changed, or that nobody asked for since long. New ones come first, slowly,
/// so that no provider feels attacked. What was fetched is remembered: it may be
/// interrupted at any time, and goes on where it was. It begins like `generate series`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct RefreshArgs {}

const EXAMPLES: &str = "\
Examples:
  vod2strm refresh --dry-run
  VOD2STRM_API_KEY=… vod2strm refresh --source postgres://dispatch:secret@db/dispatcharr \\
           --output /media/vod --base-url http://192.168.1.5:9191
  vod2strm refresh --refresh-budget 500 --max-age 7d
  vod2strm refresh --series-ids 12,13

Exit status: 0 done, 1 failed, 2 wrong use, 3 done but some series or titles failed, 5 another
run is at work.";

/// Runs the command. Of several libraries, those are left out whose source has all episodes.
pub(super) fn run(call: &Call, process: &Process) -> Result<Status, CommandError> {
    // What is gone is a matter of generate.
    let call = call.with("refresh", "true").with("cleanup", "off");
    execute(&call.libraries_of(is_asked, whole)?, &[Kind::Series], process)
}

/// Whether somebody has to be asked for episodes. A source that is none is told of by who needs it.
fn is_asked(layers: &Layers) -> bool {
    let source = layers.text("source").map(SourceAddress::parse);
    source.is_none_or(|source| source.map_or(true, |source| source.can_fetch_episodes()))
}
