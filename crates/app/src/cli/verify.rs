//! `vod2strm verify`: does the disk still hold what the ledger says.

use std::fmt::Write as _;

use clap::Args;
use vod2strm_core::model::media::Kind;
use vod2strm_core::text::counted;
use vod2strm_disk::apply::crew::Crew;
use vod2strm_disk::fs::tree::TreeError;
use vod2strm_disk::inspect::boot::{is_another_boot, look_at_last};
use vod2strm_disk::inspect::presence::{FolderTimes, What, compare_all, look};
use vod2strm_disk::library::{LibraryError, LibraryView};

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

Exit status: 0 all is there, 3 something is gone, changed or cannot be looked at, 1 failed,
2 wrong use or no library there, 5 a run is at work.";

/// Runs the command.
pub(super) fn run(command: &Verify) -> Result<Status, RunError> {
    let (layers, env) = command.common.layers(Vec::new())?;
    let (place, concurrency) = (config::place(&layers, &env)?, config::concurrency(&layers)?);
    let (view, is_new) = (LibraryView::open(&place)?, place.is_new()?);
    if view.is_ledger_lost {
        let (output, ledger) = (place.output.clone(), view.ledger.path().to_owned());
        return Err(LibraryError::NoLedger { output, ledger }.into());
    }
    let titles = counted(view.ledger.count_titles()?, "title", "titles");
    let output = printable(&place.output.display().to_string());
    let Some(tree) = view.tree.as_ref().filter(|_| !is_new) else {
        let text = format!(
            "{output} is no library of vod2strm: is --output right? Its first generate makes it one"
        );
        return Err(RunError::Usage(text));
    };
    let mut found = Differences::default();
    let looked_at = if command.full {
        let files = compare_all(tree, &view.ledger, &Kind::ALL, &mut |difference| {
            found.note(&difference.path, &difference.what);
        })?;
        let files = counted(files, "file", "files");
        format!("compared {files} of {titles}")
    } else {
        let times = match view.is_tree_older {
            true => FolderTimes::NotKept,
            false => folder_times(tree, &view.ledger, clock::now())?,
        };
        let progress = progress();
        let crew = Crew::new(tree, concurrency, &*progress);
        let presence = look(&crew, &view.ledger, &Kind::ALL, times)?;
        let mut paths: Vec<&String> =
            presence.gone.values().flat_map(|files| files.values()).collect();
        paths.sort_unstable();
        paths.into_iter().for_each(|path| found.note(path, &What::Gone));
        let mut unread: Vec<&TreeError> = presence.unread.values().collect();
        unread.sort_unstable_by_key(|error| &error.path);
        unread.into_iter().for_each(|error| found.note_unread(error));
        if is_another_boot(&view.ledger)? {
            look_at_last(&crew, &view.ledger, &Kind::ALL, &mut |it| {
                // What is gone or cannot be looked at, its folder has told.
                if !it.is_respected() && !matches!(it.what, What::Gone | What::Unread(_)) {
                    found.note(&it.path, &it.what);
                }
            })?;
        }
        format!("asked the folders of {titles}")
    };
    let verdict = found.verdict();
    print(&format!("{}{output}: {looked_at}; {verdict}\n", found.text))?;
    Ok(if found.is_empty() { Status::Done } else { Status::SomeFailed })
}

/// What was found, in lines and in numbers.
#[derive(Default)]
struct Differences {
    text: String,
    gone: u64,
    changed: u64,
    strange: u64,
    unread: u64,
}

impl Differences {
    fn note(&mut self, path: &str, what: &What) {
        let (count, word) = match what {
            What::Gone => (&mut self.gone, "gone     ".to_owned()),
            What::Changed => (&mut self.changed, "changed  ".to_owned()),
            What::Damaged => (&mut self.changed, "damaged  ".to_owned()),
            What::Strange(entry) => (&mut self.strange, format!("{:<9}", entry.as_str())),
            What::Unread(error) => return self.note_unread(error),
        };
        *count += 1;
        let _ = writeln!(self.text, "  {word}{}", printable(path));
    }

    fn note_unread(&mut self, error: &TreeError) {
        self.unread += 1;
        let text = format!("{error}: {}", error.source);
        let _ = writeln!(self.text, "  unread   {}", printable(&text));
    }

    fn is_empty(&self) -> bool {
        self.gone + self.changed + self.strange + self.unread == 0
    }

    fn verdict(&self) -> String {
        let counts = [
            (self.gone, "file is gone", "files are gone"),
            (self.changed, "has other content", "have other content"),
            (self.strange, "is no file any more", "are no files any more"),
            (self.unread, "could not be looked at", "could not be looked at"),
        ];
        let parts = counts.iter().filter(|(number, ..)| *number > 0);
        let parts: Vec<String> =
            parts.map(|(number, one, more)| counted(*number, one, more)).collect();
        match self.changed + self.strange + self.unread {
            _ if parts.is_empty() => "all is there.".to_owned(),
            0 => format!(
                "{}; the next generate restores what the catalogue still has.",
                parts.join(", ")
            ),
            _ => format!("{}.", parts.join(", ")),
        }
    }
}
