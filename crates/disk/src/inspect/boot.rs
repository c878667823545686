//! What a power cut may have taken although the storage said that it is durable. After another boot the sizes of what
//! the last run wrote are looked at, once.

use vod2strm_core::cancel::Cancel;
use vod2strm_core::identity::known::{KnownFile, TitleId};
use vod2strm_core::model::file::FileKey;
use vod2strm_core::model::media::Kind;
use vod2strm_core::naming::TitleFolder;
use vod2strm_core::path::RelPath;

use crate::apply::workers::WorkerPool;
use crate::fs::Entry;
use crate::fs::tree::{Tree, TreeError};
use crate::inspect::presence::{DifferenceKind, FileDifference, PresenceError, compare};
use crate::ledger::{Ledger, LedgerError};

/// Where Linux says which boot it is.
const BOOT_ID: &str = "/proc/sys/kernel/random/boot_id";

/// The fact in a ledger that says in which boot its files were last looked at.
const FACT: &str = "boot";

/// Files that a worker asks at a time.
const PART: usize = 64;

/// Which boot of the machine it is; `None` where the system does not say.
fn this_boot() -> Option<String> {
    let id = std::fs::read_to_string(BOOT_ID).ok()?.trim().to_owned();
    (!id.is_empty()).then_some(id)
}

/// Whether the machine was booted since the last run that looked at what was written before.
pub fn is_another_boot(ledger: &Ledger) -> Result<bool, LedgerError> {
    match this_boot() {
        Some(boot) => Ok(ledger.meta(FACT)? != Some(boot)),
        None => Ok(false),
    }
}

/// Notes that what was written before this boot is there.
pub fn note_boot(ledger: &Ledger) -> Result<(), LedgerError> {
    match this_boot() {
        Some(boot) if ledger.meta(FACT)?.as_ref() != Some(&boot) => ledger.set_meta(FACT, &boot),
        _ => Ok(()),
    }
}

/// A file that the last run may have written.
struct WrittenFile {
    title: TitleId,
    key: FileKey,
    path: String,
    file: KnownFile,
}

/// Looks at the sizes of all files of the titles that the last run wrote, of these kinds. Hands those that are not as
/// they should be to `found`. No file of the right size is read.
pub fn look_at_last(
    pool: &WorkerPool<'_>,
    ledger: &Ledger,
    kinds: &[Kind],
    found: &mut dyn FnMut(FileDifference),
) -> Result<(), PresenceError> {
    for (kind, group) in ledger.written_last()?.into_iter().filter(|it| kinds.contains(&it.0)) {
        let mut files = Vec::new();
        for (title, known) in ledger.titles(&group)? {
            let Some(folder) = known.folder else { continue };
            files.extend(known.files.into_iter().map(|(key, file)| {
                let path = TitleFolder::new(kind, &folder).below(&file.path);
                WrittenFile { title, key, path, file }
            }));
        }
        let ask = |(): &mut (),
                   part: &&[WrittenFile]|
         -> Vec<Result<Option<FileDifference>, TreeError>> {
            part.iter().map(|written| differs(pool.tree(), written)).collect()
        };
        let is_over = |answers: &Vec<Result<_, TreeError>>| answers.iter().any(Result::is_err);
        let parts: Vec<&[WrittenFile]> = files.chunks(PART).collect();
        let go_on = Cancel::default();
        let answers = pool.share(&mut pool.tools(drop), &parts, &go_on, ask, is_over);
        for answer in answers.into_iter().flatten().flatten() {
            if let Some(difference) = answer? {
                found(difference);
            }
        }
    }
    Ok(())
}

/// How a file is not as the ledger has it, as far as its size tells; an error if the storage fails as a whole.
fn differs(tree: &Tree, written: &WrittenFile) -> Result<Option<FileDifference>, TreeError> {
    let what = match RelPath::parse(&written.path) {
        Err(_) => None,
        Ok(path) => match tree.entry(&path) {
            Ok(Some(Entry::File { size })) if size == written.file.size => None,
            Ok(_) => compare(tree, &path, &written.file)?,
            Err(error) if error.is_storage() => return Err(error),
            Err(error) => Some(DifferenceKind::Unread(error)),
        },
    };
    let WrittenFile { title, key, path, .. } = written;
    Ok(what.map(|what| FileDifference {
        title: *title,
        key: key.clone(),
        path: path.clone(),
        what,
    }))
}
