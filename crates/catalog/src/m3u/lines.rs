//! Bytes to lines, chunk by chunk, whatever the line ends and however long a line is.
//!
//! A line of more than one MiB loses its middle: such lines carry a picture in an attribute, and
//! what matters stands before and after it. So memory is bounded and no entry is lost.

/// What is kept of an overlong line at either end, in bytes.
const HALF: usize = 512 * 1024;

/// One line without its line end; never empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Line<'a> {
    /// The bytes.
    pub(super) bytes: &'a [u8],
    /// Whether the middle is missing.
    pub(super) elided: bool,
}

/// Cuts chunks into lines. `\n`, `\r\n` and a lone `\r` end a line; empty lines are left out.
#[derive(Debug, Default)]
pub(super) struct Lines {
    head: Vec<u8>,
    tail: Vec<u8>,
    elided: bool,
}

impl Lines {
    /// Hands every line that ends in `chunk` to `sink`, and keeps the rest for the next chunk. The
    /// sink's error ends the work.
    pub(super) fn push<E>(
        &mut self,
        mut chunk: &[u8],
        sink: &mut dyn FnMut(Line<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        while let Some(at) = memchr::memchr2(b'\n', b'\r', chunk) {
            let piece = &chunk[..at];
            chunk = &chunk[at + 1..];
            if self.head.is_empty() && piece.len() <= 2 * HALF {
                // The common case needs no copy.
                if !piece.is_empty() {
                    sink(Line { bytes: piece, elided: false })?;
                }
            } else {
                self.keep(piece);
                self.finish(sink)?;
            }
        }
        self.keep(chunk);
        Ok(())
    }

    /// Whether the last line has no line end so far; blanks are no line.
    pub(super) fn is_in_a_line(&self) -> bool {
        !self.head.trim_ascii().is_empty() || !self.tail.is_empty()
    }

    /// Hands over the last line, which may lack a line end.
    pub(super) fn finish<E>(
        &mut self,
        sink: &mut dyn FnMut(Line<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        if self.head.is_empty() {
            return Ok(());
        }
        self.shorten_tail(HALF);
        if self.elided {
            self.mend_the_cut();
        }
        self.head.append(&mut self.tail);
        let line = Line { bytes: &self.head, elided: self.elided };
        let outcome = sink(line);
        self.head.clear();
        self.elided = false;
        outcome
    }

    fn keep(&mut self, piece: &[u8]) {
        let (front, back) = piece.split_at(piece.len().min(HALF - self.head.len().min(HALF)));
        self.head.extend_from_slice(front);
        // In steps, so that one huge chunk does not stay in memory as a whole.
        for step in back.chunks(HALF) {
            self.tail.extend_from_slice(step);
            // Seldom, since moving the tail's end to its beginning costs time.
            if self.tail.len() > 2 * HALF {
                self.shorten_tail(HALF);
            }
        }
    }

    fn shorten_tail(&mut self, limit: usize) {
        if self.tail.len() > limit {
            self.tail.drain(..self.tail.len() - limit);
            self.elided = true;
        }
    }

    /// Removes halves of multi-byte characters beside the gap: they would make the whole line
    /// invalid UTF-8.
    fn mend_the_cut(&mut self) {
        let continues = |byte: &&u8| **byte & 0xc0 == 0x80;
        let cut = self.head.iter().rev().take(3).take_while(continues).count();
        self.head.truncate(self.head.len() - cut);
        // The character that these bytes belong to, complete or not.
        self.head.pop_if(|last| !last.is_ascii());
        let cut = self.tail.iter().take(3).take_while(continues).count();
        self.tail.drain(..cut);
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    fn lines_of(chunks: &[&[u8]]) -> Vec<(Vec<u8>, bool)> {
        let mut found = Vec::new();
        let mut sink = |line: Line<'_>| -> Result<(), Infallible> {
            found.push((line.bytes.to_vec(), line.elided));
            Ok(())
        };
        let mut lines = Lines::default();
        for chunk in chunks {
            let Ok(()) = lines.push(chunk, &mut sink);
        }
        let Ok(()) = lines.finish(&mut sink);
        found
    }

    #[test]
    fn all_line_ends_in_any_chunks() {
        let text = b"a\nbc\r\n\r\nd\re";
        let expected: Vec<(Vec<u8>, bool)> =
            [&b"a"[..], b"bc", b"d", b"e"].iter().map(|line| (line.to_vec(), false)).collect();
        for size in 1..=text.len() {
            let chunks: Vec<&[u8]> = text.chunks(size).collect();
            assert_eq!(lines_of(&chunks), expected, "chunks of {size}");
        }
    }

    #[test]
    fn an_overlong_line_keeps_both_ends() {
        let mut text = b"head \"".to_vec();
        text.resize(3 * 1024 * 1024, b'x');
        text.extend_from_slice("\",naïve tail\nnext".as_bytes());
        for size in [1000, 64 * 1024, text.len()] {
            let chunks: Vec<&[u8]> = text.chunks(size).collect();
            let found = lines_of(&chunks);
            assert_eq!(found.len(), 2);
            assert!(found[0].1 && found[0].0.len() <= 2 * HALF);
            assert!(found[0].0.starts_with(b"head \"xx"));
            assert!(found[0].0.ends_with("xx\",naïve tail".as_bytes()));
            assert_eq!(found[1], (b"next".to_vec(), false));
        }
    }

    #[test]
    fn a_cut_leaves_no_half_characters() {
        let text = "é".repeat(1024 * 1024) + "x";
        let found = lines_of(&[text.as_bytes()]);
        assert!(std::str::from_utf8(&found[0].0).is_ok());
    }

    #[test]
    fn a_line_of_exactly_the_limit_is_whole() {
        let text = vec![b'y'; 2 * HALF];
        assert_eq!(lines_of(&[&text[..700_000], &text[700_000..]]), vec![(text, false)]);
    }
}
