//! Fingerprints of inputs and hashes of contents, both xxh3-128.
//!
//! A fingerprint answers one question: "did anything that can influence this title's files change?"
//! It guards against accidents, not against forgers.

use std::cell::Cell;

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_128;

/// 128 bits that stand for a set of inputs.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Fingerprint(pub u128);

impl Fingerprint {
    /// Adds another fingerprint, whatever the order in which they come: rows arrive unsorted.
    ///
    /// Addition, not exclusive or, so that two equal rows do not cancel each other out.
    #[must_use]
    pub fn fold(self, other: Fingerprint) -> Fingerprint {
        Fingerprint(self.0.wrapping_add(other.0))
    }

    /// Combines with another fingerprint, where the order does matter: catalogue and settings.
    #[must_use]
    pub fn mixed_with(self, other: Fingerprint) -> Fingerprint {
        let mut bytes = [0; 32];
        bytes[..16].copy_from_slice(&self.0.to_le_bytes());
        bytes[16..].copy_from_slice(&other.0.to_le_bytes());
        Fingerprint(xxh3_128(&bytes))
    }
}

/// The hash of a file's bytes: two files are equal when their hashes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ContentHash(pub u128);

impl ContentHash {
    /// Hashes a whole file's content.
    pub fn of(bytes: &[u8]) -> ContentHash {
        ContentHash(xxh3_128(bytes))
    }
}

/// What a file of ours holds, as the ledger has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    /// The hash of its content.
    pub hash: ContentHash,
    /// Its size in bytes.
    pub size: u64,
}

impl Written {
    /// Of this content.
    pub fn of(content: &[u8]) -> Written {
        Written { hash: ContentHash::of(content), size: content.len() as u64 }
    }
}

/// Hashes rows of optional fields without an allocation per row: one buffer serves them all. The thread keeps it for the
/// next hasher.
///
/// Every field is preceded by its length, so that `("ab", "c")` and `("a", "bc")` differ, and NULL
/// differs from an empty text.
#[derive(Debug)]
pub struct RowHasher {
    buffer: Vec<u8>,
}

thread_local! {
    /// The buffer of the last hasher that went.
    static BUFFER: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

impl Drop for RowHasher {
    fn drop(&mut self) {
        // Of a thread that ends nobody needs it any more.
        let _ = BUFFER.try_with(|kept| kept.set(std::mem::take(&mut self.buffer)));
    }
}

impl Default for RowHasher {
    /// With the buffer of the one before.
    fn default() -> RowHasher {
        let kept = BUFFER.try_with(Cell::take).unwrap_or_default();
        RowHasher { buffer: kept }
    }
}

impl RowHasher {
    /// Begins a row; `tag` keeps rows of different tables apart.
    pub fn start(&mut self, tag: u8) -> &mut Self {
        self.buffer.clear();
        self.buffer.push(tag);
        self
    }

    /// Adds one field.
    pub fn field(&mut self, value: Option<&[u8]>) -> &mut Self {
        match value {
            None => self.buffer.extend_from_slice(&u32::MAX.to_le_bytes()),
            Some(bytes) => {
                self.buffer.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
                self.buffer.extend_from_slice(bytes);
            }
        }
        self
    }

    /// Adds a text field.
    pub fn text(&mut self, value: &str) -> &mut Self {
        self.field(Some(value.as_bytes()))
    }

    /// Adds a number.
    pub fn number(&mut self, value: i64) -> &mut Self {
        self.field(Some(&value.to_le_bytes()))
    }

    /// The row's fingerprint.
    pub fn finish(&self) -> Fingerprint {
        Fingerprint(xxh3_128(&self.buffer))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(fields: &[Option<&str>]) -> Fingerprint {
        let mut hasher = RowHasher::default();
        hasher.start(1);
        for field in fields {
            hasher.field(field.map(str::as_bytes));
        }
        hasher.finish()
    }

    #[test]
    fn fields_do_not_run_into_each_other() {
        assert_ne!(row(&[Some("ab"), Some("c")]), row(&[Some("a"), Some("bc")]));
        assert_ne!(row(&[None]), row(&[Some("")]));
    }

    #[test]
    fn folding_ignores_the_order_but_not_the_number_of_rows() {
        let (a, b) = (row(&[Some("a")]), row(&[Some("b")]));
        assert_eq!(a.fold(b), b.fold(a));
        assert_ne!(a.fold(a), Fingerprint::default());
        assert_ne!(a.fold(a).fold(b), a.fold(b));
    }

    #[test]
    fn mixing_minds_the_order() {
        let (a, b) = (row(&[Some("a")]), row(&[Some("b")]));
        assert_ne!(a.mixed_with(b), b.mixed_with(a));
    }
}
