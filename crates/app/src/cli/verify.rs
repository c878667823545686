//! `vod2strm verify`: does the disk still hold what the ledger says.

use std::fmt::Write as _;

use clap::Args;
use vod2strm_core::media::Kind;
use vod2strm_disk::crew::Crew;
use vod2strm_disk::library::LibraryView;
use vod2strm_disk::presence::{compare_all, look};

use super::{Common, print};
use crate::clock;
use crate::config;
use crate::error::{RunError, Status, printable};
use crate::report::progress::progress;
use crate::writer::folder_times;

/// Check whether the disk still holds what the ledger says, and name what does not.
///
/// Asks the folders whether something came or went; with --full, reads every file. Changes nothing:
/// the next generate restores what is gone.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Verify {
    #[command(flatten)]
    common: Common,
    /// Read every file and compare its content
    #[arg(long)]
    full: bool,
}

const EXAMPLES: &str = "\
Examples:
  vod2strm verify --output library
  vod2strm verify --output library --full

Exit status: 0 all is there, 3 something is gone or changed, 1 failed, 5 a run is at work.";

/// Runs the command.
pub(super) fn run(command: &Verify) -> Result<Status, RunError> {
    let (layers, env) = command.common.layers(Vec::new())?;
    let (place, concurrency) = (config::place(&layers, &env)?, config::concurrency(&layers)?);
    let view = LibraryView::open(&place)?;
    let titles = view.ledger.count_titles()?;
    let output = printable(&place.output.display().to_string());
    let Some(tree) = &view.tree else {
        print(&format!("There is no library in {output} yet.\n"))?;
        return Ok(Status::Done);
    };
    let (mut text, mut gone, mut changed) = (String::new(), 0_u64, 0_u64);
    let mut note = |path: &str, is_gone: bool| {
        *(if is_gone { &mut gone } else { &mut changed }) += 1;
        let word = if is_gone { "gone   " } else { "changed" };
        let _ = writeln!(text, "  {word}  {}", printable(path));
    };
    let looked_at = if command.full {
        let files = compare_all(tree, &view.ledger, &Kind::ALL, &mut |found| {
            note(&found.path, found.is_gone)
        })?;
        format!("{files} files of {titles} titles were read")
    } else {
        let times = folder_times(&view.ledger, clock::now())?;
        let progress = progress();
        let crew = Crew::new(tree, concurrency, &*progress);
        let presence = look(&crew, &view.ledger, &Kind::ALL, times)?;
        let mut paths: Vec<&String> =
            presence.gone.values().flat_map(|files| files.values()).collect();
        paths.sort_unstable();
        paths.into_iter().for_each(|path| note(path, true));
        format!("the folders of {titles} titles were asked")
    };
    let verdict = match (gone, changed) {
        (0, 0) => "all is there.".to_owned(),
        (gone, 0) => format!(
            "{gone} files are gone; the next generate restores what the catalogue still has."
        ),
        (gone, changed) => format!("{gone} files are gone, {changed} have other content."),
    };
    print(&format!("{text}{output}: {looked_at}; {verdict}\n"))?;
    Ok(if gone + changed == 0 { Status::Done } else { Status::SomeFailed })
}
