//! What files are for, as the ledger has it: texts of keys in SQL, and files whose texts say nothing.

use std::collections::BTreeSet;

use rusqlite::functions::FunctionFlags;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row, Transaction, params};
use vod2strm_core::identity::known::TitleId;
use vod2strm_core::model::file::FileKey;
use vod2strm_core::model::media::Kind;
use vod2strm_core::naming::TitleFolder;

use super::Ledger;

/// A file of which the ledger does not say what it is for: its key cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeylessFile {
    /// Whose file it is.
    pub title: TitleId,
    /// What stands in place of its key: any bytes.
    pub key: Vec<u8>,
    /// Path below the output folder.
    pub path: String,
}

/// The files whose keys cannot be read, as far as a run has met them.
#[derive(Debug, Default)]
pub(super) struct KeylessFiles {
    /// The ledger still has them.
    met: BTreeSet<KeylessFile>,
    /// The ledger has forgotten them.
    forgotten: BTreeSet<KeylessFile>,
}

impl KeylessFiles {
    /// Notes a row of a title's files: title, key, path.
    pub(super) fn meet(
        &mut self,
        row: &Row<'_>,
        kind: Kind,
        folder: Option<&str>,
    ) -> rusqlite::Result<()> {
        let key = match row.get_ref(1)? {
            ValueRef::Text(bytes) | ValueRef::Blob(bytes) => bytes.to_vec(),
            _ => Vec::new(),
        };
        let folder = TitleFolder::new(kind, folder.unwrap_or_default());
        let path = folder.below(&row.get::<_, String>(2)?);
        self.met.insert(KeylessFile { title: TitleId(row.get(0)?), key, path });
        Ok(())
    }

    /// Forgets them: they are nobody's by now. Their titles are looked at again, which takes what is as it should be
    /// for ours.
    pub(super) fn forget(&self, db: &Transaction<'_>) -> rusqlite::Result<()> {
        for KeylessFile { title, key, .. } in &self.met {
            let sql = "DELETE FROM files WHERE title = ?1 AND CAST(key AS BLOB) = ?2";
            db.execute(sql, params![title.0, key])?;
            let sql = "UPDATE titles SET fingerprint = zeroblob(16) WHERE id = ?1";
            db.execute(sql, [title.0])?;
        }
        Ok(())
    }

    /// The ledger has forgotten all of them.
    pub(super) fn are_forgotten(&mut self) {
        self.forgotten.append(&mut self.met);
    }
}

impl Ledger {
    /// The files whose keys cannot be read, among the titles that were asked for until now. Whatever is written next
    /// forgets them: they are the user's.
    pub fn keyless_files(&self) -> Vec<KeylessFile> {
        let keyless = self.keyless.borrow();
        keyless.met.union(&keyless.forgotten).cloned().collect()
    }
}

/// Teaches SQL what keys of files say: `played(key)` is what a `.strm` plays, and NULL for what is none.
pub(super) fn teach_keys(db: &Connection) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    db.create_scalar_function("played", 1, flags, |context| {
        let key = key_in(context.get_raw(0));
        Ok(key.and_then(|key| Some(key.played()?.to_string())))
    })?;
    db.create_scalar_function("key_of_slot", 1, flags, |context| {
        Ok(context.get_raw(0).as_str().ok().and_then(key_of_slot))
    })
}

/// The key that a column of the ledger has; `None` when it says of no file what it is for.
pub(super) fn key_in(column: ValueRef<'_>) -> Option<FileKey> {
    column.as_str().ok()?.parse().ok()
}

/// The key's text, for a text that versions until 8 wrote for an episode without a number. The stream's id stood in
/// that text as it was, and ended where a word followed. Behind the word stood a version or nothing. `None` for other
/// texts.
fn key_of_slot(slot: &str) -> Option<String> {
    let (numbers, rest) = slot.split_once('#')?;
    if !numbers.starts_with('s') || numbers.contains(['.', '@']) {
        return None;
    }
    let ends = rest.match_indices('.').map(|(at, _)| rest.split_at(at));
    ends.into_iter().find_map(|(stream, file)| {
        let (account, id) = stream.split_once(':')?;
        let id = id.replace('%', "%25").replace('.', "%2E");
        let key = format!("{numbers}#{account}:{id}{file}");
        key.parse::<FileKey>().is_ok().then_some(key)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_in_old_texts_are_escaped_and_all_else_stays() {
        for (slot, key) in [
            ("s01e?#7:e1.strm", "s01e?#7:e1.strm"),
            ("s?e?#0:12@media.example.nfo.strm", "s?e?#0:12@media%2Eexample%2Enfo.strm"),
            ("s?e?#0:1@nfo.h.+nfo@2:9@h.strm", "s?e?#0:1@nfo%2Eh.+nfo@2:9@h.strm"),
            ("s01e?#7:a%2E.strm", "s01e?#7:a%252E.strm"),
        ] {
            assert_eq!(key_of_slot(slot).as_deref(), Some(key), "{slot}");
        }
        for slot in
            ["strm", "strm@7:a#b:c.strm", "s01e02.strm@7:#1:2.nfo", "s01e?#7.strm", "s01e?#7:1.mkv"]
        {
            assert_eq!(key_of_slot(slot), None, "{slot}");
        }
    }
}
