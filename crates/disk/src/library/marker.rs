//! The marker: a small file that says which library it is in, and how many runs have changed the library. The output
//! folder has one, and so has each root that is elsewhere.
//!
//! Ledger and markers carry that number, the *generation*. A run raises it before its first change, and only if there is
//! one: in the ledger first, then in the markers, both durably. Until then its tree is closed. A marker that is ahead
//! of the ledger means an older ledger, a marker that is behind means an older tree. In both cases a backup was put
//! back.

use vod2strm_core::path::RelPath;

use crate::fs::Entry;
use crate::fs::staging::{STAGING, own_dir, prepare_own_dir};
use crate::fs::tree::{Found, Tree, TreeError};
use crate::ledger::{Ledger, LedgerError};

const MARKER: &str = "library";

/// The largest marker that is read, in bytes: an id and a number need no more.
const MAX_MARKER: u64 = 1024;

/// The fact in a ledger that holds the generation.
const GENERATION: &str = "generation";

/// What follows the generation in the ledger until the markers have it too.
const BEGUN: &str = " begun";

/// What a whole marker says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MarkerContent {
    /// The library's id.
    pub id: String,
    /// How many runs have changed the library; 0 in a marker of the first vod2strm, which did not count.
    pub generation: u64,
}

/// What is in the place of a marker.
#[derive(Debug, PartialEq, Eq)]
pub enum Marker {
    /// Nothing.
    Missing,
    /// A file that says nothing: the power failed while it was written.
    Damaged,
    /// A marker.
    Whole(MarkerContent),
}

/// How far a ledger and the markers agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Both have seen the same runs.
    Same,
    /// The library has seen runs that the ledger has not.
    OlderLedger,
    /// The ledger has seen runs that the library has not.
    OlderTree,
}

/// Why the generation could not be raised.
#[derive(Debug, thiserror::Error)]
pub enum RaiseError {
    /// The ledger.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The markers.
    #[error(transparent)]
    Tree(#[from] TreeError),
}

impl MarkerContent {
    fn parse(content: &[u8]) -> Option<MarkerContent> {
        let line = std::str::from_utf8(content).ok()?.strip_suffix('\n')?;
        if line.chars().any(char::is_control) {
            return None;
        }
        let mut words = line.split(' ');
        let id = words.next().filter(|id| !id.is_empty())?.to_owned();
        let generation = words.next().map_or(Some(0), |number| number.parse().ok())?;
        Some(MarkerContent { id, generation })
    }

    fn text(&self) -> String {
        format!("{} {}\n", self.id, self.generation)
    }
}

/// Reads the marker in the output folder, or in a root that is elsewhere.
pub fn read(tree: &Tree, volume: &RelPath) -> Result<Marker, TreeError> {
    let path = marker_path(volume);
    Ok(match tree.read_ours(&path, |size| size <= MAX_MARKER)? {
        Found::Nothing => Marker::Missing,
        Found::Content(content) => {
            MarkerContent::parse(&content).map_or(Marker::Damaged, Marker::Whole)
        }
        Found::Strange(Entry::File { .. }) => Marker::Damaged,
        Found::Strange(entry) => return Err(tree.no_file(&path, entry)),
    })
}

/// Writes a marker where none is, durably; `false` if another run has just made one.
pub fn make(tree: &Tree, volume: &RelPath, mark: &MarkerContent) -> Result<bool, TreeError> {
    place(tree, volume, mark, Tree::rename_new).map_or_else(
        |error| if error.is_occupied() { Ok(false) } else { Err(error) },
        |()| Ok(true),
    )
}

/// Writes a marker anew, durably.
pub fn renew(tree: &Tree, volume: &RelPath, mark: &MarkerContent) -> Result<(), TreeError> {
    place(tree, volume, mark, Tree::replace)
}

/// Writes a marker beside its place and moves it there, durably: nobody ever sees half of it.
fn place(
    tree: &Tree,
    volume: &RelPath,
    mark: &MarkerContent,
    moving: impl FnOnce(&Tree, &RelPath, &RelPath) -> Result<(), TreeError>,
) -> Result<(), TreeError> {
    let own = prepare_own_dir(tree, volume)?;
    // Named as what is staged is: what a crash leaves of it is cleared with that.
    let draft = own.join(&format!("{STAGING}.{MARKER}.{}", tree.run())).unwrap_or_default();
    tree.remove_file(&draft)?;
    tree.write_new(&draft, mark.text().as_bytes())?;
    tree.sync()?;
    if let Err(error) = moving(tree, &draft, &marker_path(volume)) {
        tree.remove_file(&draft)?;
        return Err(error);
    }
    tree.sync()
}

/// The generation that a ledger has, and whether the markers have it, too.
fn generation(ledger: &Ledger) -> Result<(u64, bool), LedgerError> {
    let text = ledger.meta(GENERATION)?.unwrap_or_default();
    let (number, is_settled) = match text.strip_suffix(BEGUN) {
        Some(number) => (number, false),
        None => (text.as_str(), true),
    };
    Ok((number.parse().unwrap_or(0), is_settled))
}

/// The mark that a marker of the ledger's library has to have.
pub fn mark_of(ledger: &Ledger, id: String) -> Result<MarkerContent, LedgerError> {
    Ok(MarkerContent { id, generation: generation(ledger)?.0 })
}

/// Notes the generation of the markers in a ledger that has none.
pub fn adopt_generation(ledger: &Ledger, mark: &MarkerContent) -> Result<(), LedgerError> {
    ledger.set_meta(GENERATION, &mark.generation.to_string())
}

/// Compares a marker with the ledger.
pub fn compare(ledger: &Ledger, mark: &MarkerContent) -> Result<Standing, LedgerError> {
    let (number, is_settled) = generation(ledger)?;
    Ok(match mark.generation.checked_add(u64::from(!is_settled)) {
        None => Standing::OlderLedger,
        _ if mark.generation > number => Standing::OlderLedger,
        // A run was cut off between ledger and markers.
        Some(reached) if reached >= number => Standing::Same,
        Some(_) => Standing::OlderTree,
    })
}

/// Raises the generation, once in a run: to be called when the library is about to be changed. Until then a run's tree
/// is closed, and refuses every change.
pub fn raise(tree: &Tree, ledger: &Ledger) -> Result<(), RaiseError> {
    if tree.is_open() {
        return Ok(());
    }
    ledger.be_durable()?;
    // A ledger without an id belongs to no library yet.
    let Some(id) = ledger.meta("library")? else {
        tree.open();
        return Ok(());
    };
    let generation = generation(ledger)?.0.saturating_add(1);
    ledger.set_meta(GENERATION, &format!("{generation}{BEGUN}"))?;
    let mark = MarkerContent { id, generation };
    for volume in tree.roots().volumes() {
        renew(tree, &volume, &mark)?;
    }
    ledger.set_meta(GENERATION, &generation.to_string())?;
    tree.open();
    Ok(())
}

/// Where the marker is, in the output folder or in a root that is elsewhere.
#[expect(clippy::expect_used, reason = "a constant name")]
fn marker_path(volume: &RelPath) -> RelPath {
    own_dir(volume).join(MARKER).expect("a single component")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(generation: u64) -> MarkerContent {
        MarkerContent { id: "id-1".to_owned(), generation }
    }

    #[test]
    fn a_marker_is_whole_damaged_or_of_the_first_vod2strm() {
        for (text, expected) in [
            ("id-1 7\n", Some(mark(7))),
            ("id-1\n", Some(mark(0))),
            ("", None),
            ("\n", None),
            ("id-1", None),
            ("id-1 7", None),
            ("id-1 x\n", None),
            ("\0\0\0\0", None),
            ("\0\0\0\n", None),
        ] {
            assert_eq!(MarkerContent::parse(text.as_bytes()), expected, "{text:?}");
        }
        assert_eq!(MarkerContent::parse(mark(7).text().as_bytes()), Some(mark(7)));
    }
}
