//! `vod2strm health`: is the service well?

use std::time::Duration;

use clap::Args;
use vod2strm_core::status::Status;
use vod2strm_engine::serve::is_well;

use super::{Call, print};
use crate::error::CommandError;
use crate::settings::service::listen;

/// A process that works answers at once; container engines wait for 30 s by default.
const PATIENCE: Duration = Duration::from_secs(5);

/// Say whether the service is well: a container's health check.
///
/// Asks /healthz at the address that --listen names. The service is well while its process works, whatever its sources do.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct HealthArgs {}

const EXAMPLES: &str = "\
Examples:
  vod2strm health
  vod2strm health --config /etc/vod2strm/vod2strm.toml

Exit status: 0 the service is well, 1 it is not, 2 wrong use.";

/// Runs the command.
pub(super) fn run(_command: &HealthArgs, call: &Call) -> Result<Status, CommandError> {
    let listen = listen(&call.layers_of_service()?.process())?;
    is_well(listen, PATIENCE)?;
    print("well\n")?;
    Ok(Status::Done)
}
