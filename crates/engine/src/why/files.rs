//! The files of a title, as the ledger has them, and whether they are on disk.

use std::collections::HashMap;

use vod2strm_core::identity::known::{Cause, KnownFile, KnownTitle, TitleId};
use vod2strm_core::naming::TitleFolder;
use vod2strm_core::path::RelPath;

use super::answer::FileAnswer;
use super::best::SHOWN;
use crate::config::Place;
use crate::host::found;

/// Whether a path, below its root, is that of a folder or a file of these titles.
pub(super) fn has(titles: &HashMap<TitleId, KnownTitle>, below: &str) -> bool {
    titles.values().any(|title| {
        let Some(folder) = &title.folder else { return false };
        let Some(rest) = below.strip_prefix(folder.as_str()) else { return true };
        let rest = rest.trim_start_matches('/');
        rest.is_empty() || title.files.values().any(|file| is_at(file, rest))
    })
}

/// Whether a file is the one at a path, or lies below it.
fn is_at(file: &KnownFile, path: &str) -> bool {
    let rest = file.path.strip_prefix(path);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Files of a title.
#[derive(Default)]
pub(super) struct ToldFiles {
    /// Some of them.
    pub(super) some: Vec<FileAnswer>,
    /// How many there are besides.
    pub(super) further: u64,
    /// How many of all that are to stay are gone from disk.
    pub(super) gone: u64,
}

/// The files of a title. Those at `path`, which is below the title's folder, come first; what somebody edited when it
/// was to go is his.
pub(super) fn told(
    place: &Place,
    folder: TitleFolder<'_>,
    title: &KnownTitle,
    path: Option<&str>,
) -> ToldFiles {
    let mut files: Vec<&KnownFile> = title.files.values().collect();
    files.sort_by_key(|file| (!path.is_some_and(|path| is_at(file, path)), &file.path));
    let answer = |file: &KnownFile| {
        let path = folder.below(&file.path);
        let real = RelPath::parse(&path).ok().map(|path| place.roots.real(&place.output, &path));
        FileAnswer {
            is_there: real.and_then(|real| found(&real).ok()).map(|found| found.is_some()),
            unwanted: file.unwanted.map(|unwanted| {
                let why = words(unwanted.cause);
                match unwanted.hold {
                    Some(hold) => format!("{why}; its removal is held as {hold}"),
                    None => why.to_owned(),
                }
            }),
            path,
        }
    };
    let mut told = ToldFiles::default();
    for file in files {
        let answer = answer(file);
        let is_lost = answer.is_there == Some(false) && answer.unwanted.is_none();
        told.gone += u64::from(is_lost);
        if told.some.len() < SHOWN {
            told.some.push(answer);
        } else {
            told.further += 1;
        }
    }
    told
}

/// Why a file is to go, for people.
fn words(cause: Cause) -> &'static str {
    match cause {
        Cause::Settings => "the settings no longer want it",
        Cause::Catalogue => "the source lacks what it plays",
        Cause::SwitchedOff => "its account or category is switched off",
        Cause::Filter => "the filter, or block, leaves it out",
        Cause::Kept => "it was to go, and you had edited it: it is yours",
    }
}
