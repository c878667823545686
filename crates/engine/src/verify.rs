//! Does the disk still hold what the ledger says? Changes nothing.

use serde::Serialize;
use vod2strm_core::event::Observer;
use vod2strm_core::model::media::Kind;
use vod2strm_disk::apply::workers::WorkerPool;
use vod2strm_disk::fs::tree::{Tree, TreeError};
use vod2strm_disk::inspect::boot::{is_another_boot, look_at_last};
use vod2strm_disk::inspect::presence::{DifferenceKind, FolderTimes, compare_all, look};
use vod2strm_disk::library::{LibraryError, LibraryView};

use crate::config::{Concurrency, Place};
use crate::effects::writer::folder_times;
use crate::error::RunError;
use crate::host::{Host, Listeners};

/// What was found.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Verification {
    /// The output folder.
    pub output: String,
    /// How many titles the ledger has.
    pub titles: u64,
    /// How many files were read; `None` when only the folders were asked.
    pub files: Option<u64>,
    /// How many files are gone.
    pub gone: u64,
    /// How many files hold something else than what was written.
    pub changed: u64,
    /// How many files are no files any more.
    pub not_files: u64,
    /// How many files or folders could not be looked at.
    pub unread: u64,
    /// Each of them.
    pub differences: Vec<Difference>,
}

/// A file that is not what was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// `gone`, `changed`, `damaged`, `unread`, or what is in its place.
    pub what: &'static str,
    /// Its path below the output folder; of what could not be looked at, the reason too.
    pub path: String,
}

/// Asks the folders whether something came or went; if `is_full`, reads every file.
pub fn verify(
    place: &Place,
    concurrency: Concurrency,
    is_full: bool,
    host: &Host<'_>,
) -> Result<Verification, RunError> {
    let (view, is_new) = (LibraryView::open(place)?, place.is_new()?);
    if view.is_ledger_lost {
        let (output, ledger) = (place.output.clone(), view.ledger.path().to_owned());
        return Err(LibraryError::NoLedger { output, ledger }.into());
    }
    let output = place.output.display().to_string();
    let mut found = Verification {
        titles: view.ledger.count_titles()?,
        output: output.clone(),
        ..Verification::default()
    };
    let (Some(tree), false) = (&view.tree, is_new) else {
        let text = format!(
            "{output} is no library of vod2strm: is --output right? Its first generate makes it one"
        );
        return Err(RunError::Refused(text));
    };
    if is_full {
        let files = compare_all(tree, &view.ledger, &Kind::ALL, &mut |difference| {
            found.note(&difference.path, &difference.what);
        })?;
        found.files = Some(files);
    } else {
        let listeners = Listeners(host.listeners);
        ask_folders(tree, &view, concurrency, &listeners, host.clock.now(), &mut found)?;
    }
    for file in view.ledger.keyless_files() {
        found.note_unread(format!("{}: the ledger cannot say what it is for", file.path));
    }
    Ok(found)
}

fn ask_folders(
    tree: &Tree,
    view: &LibraryView,
    concurrency: Concurrency,
    observer: &dyn Observer,
    now: i64,
    found: &mut Verification,
) -> Result<(), RunError> {
    let times = if view.is_tree_older {
        FolderTimes::NotKept
    } else {
        folder_times(tree, &view.ledger, now)?
    };
    let pool = WorkerPool::new(tree, concurrency, observer);
    let presence = look(&pool, &view.ledger, &Kind::ALL, times)?;
    let mut paths: Vec<&String> = presence.gone.values().flat_map(|files| files.values()).collect();
    paths.sort_unstable();
    paths.into_iter().for_each(|path| found.note(path, &DifferenceKind::Gone));
    let mut unread: Vec<&TreeError> = presence.unread.values().collect();
    unread.sort_unstable_by_key(|error| &error.path);
    unread.into_iter().for_each(|error| found.note_unread(words(error)));
    if is_another_boot(&view.ledger)? {
        look_at_last(&pool, &view.ledger, &Kind::ALL, &mut |it| {
            // What is gone or cannot be looked at, its folder has told.
            if !it.is_respected()
                && !matches!(it.what, DifferenceKind::Gone | DifferenceKind::Unread(_))
            {
                found.note(&it.path, &it.what);
            }
        })?;
    }
    Ok(())
}

/// An error and its cause.
fn words(error: &TreeError) -> String {
    format!("{error}: {}", error.source)
}

impl Verification {
    /// Whether all is there, as it was written.
    pub fn is_whole(&self) -> bool {
        self.differences.is_empty()
    }

    fn note(&mut self, path: &str, what: &DifferenceKind) {
        let (count, what) = match what {
            DifferenceKind::Gone => (&mut self.gone, "gone"),
            DifferenceKind::Changed => (&mut self.changed, "changed"),
            DifferenceKind::Damaged => (&mut self.changed, "damaged"),
            DifferenceKind::Strange(entry) => (&mut self.not_files, entry.as_str()),
            DifferenceKind::Unread(error) => return self.note_unread(words(error)),
        };
        *count += 1;
        self.differences.push(Difference { what, path: path.to_owned() });
    }

    fn note_unread(&mut self, path: String) {
        self.unread += 1;
        self.differences.push(Difference { what: "unread", path });
    }
}
