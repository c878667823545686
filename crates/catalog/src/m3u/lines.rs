//! Bytes to lines, chunk by chunk, whatever the line ends. A line that is too long is an error, so that memory is
//! bounded.

use crate::limits::Excess;

/// Cuts chunks into lines. `\n`, `\r\n` and a lone `\r` end a line; empty lines are left out.
#[derive(Debug)]
pub(super) struct LineCutter {
    /// The beginning of the line that is read.
    begun: Vec<u8>,
    /// The most bytes of a line.
    limit: usize,
}

impl LineCutter {
    /// Lines of at most so many bytes.
    pub(super) fn new(limit: usize) -> LineCutter {
        LineCutter { begun: Vec::new(), limit }
    }

    /// Hands every line that ends in `chunk` to `sink`, without its end and never empty, and keeps the rest for
    /// the next chunk. The sink's error ends the work.
    pub(super) fn push<E: From<Excess>>(
        &mut self,
        mut chunk: &[u8],
        sink: &mut dyn FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        while let Some(at) = memchr::memchr2(b'\n', b'\r', chunk) {
            let piece = &chunk[..at];
            chunk = &chunk[at + 1..];
            if self.begun.is_empty() && piece.len() <= self.limit {
                // The common case needs no copy.
                if !piece.is_empty() {
                    sink(piece)?;
                }
            } else {
                self.keep(piece)?;
                self.finish(sink)?;
            }
        }
        Ok(self.keep(chunk)?)
    }

    /// Whether the last line has no line end so far; blanks are no line.
    pub(super) fn is_in_a_line(&self) -> bool {
        !self.begun.trim_ascii().is_empty()
    }

    /// Hands over the last line, which may lack a line end.
    pub(super) fn finish<E>(
        &mut self,
        sink: &mut dyn FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        if self.begun.is_empty() {
            return Ok(());
        }
        let outcome = sink(&self.begun);
        self.begun.clear();
        outcome
    }

    fn keep(&mut self, piece: &[u8]) -> Result<(), Excess> {
        if self.begun.len() + piece.len() > self.limit {
            return Err(Excess::Line(self.limit));
        }
        self.begun.extend_from_slice(piece);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines_of(chunks: &[&[u8]], limit: usize) -> Result<Vec<Vec<u8>>, Excess> {
        let mut found = Vec::new();
        let mut sink = |line: &[u8]| -> Result<(), Excess> {
            found.push(line.to_vec());
            Ok(())
        };
        let mut lines = LineCutter::new(limit);
        for chunk in chunks {
            lines.push(chunk, &mut sink)?;
        }
        lines.finish(&mut sink)?;
        Ok(found)
    }

    #[test]
    fn all_line_ends_in_any_chunks() {
        let text = b"a\nbc\r\n\r\nd\re";
        let expected: Vec<Vec<u8>> = [&b"a"[..], b"bc", b"d", b"e"].map(<[u8]>::to_vec).into();
        for size in 1..=text.len() {
            let chunks: Vec<&[u8]> = text.chunks(size).collect();
            assert_eq!(lines_of(&chunks, 2).as_ref(), Ok(&expected), "chunks of {size}");
        }
    }

    #[test]
    fn a_line_of_exactly_the_limit_is_whole_and_a_longer_one_an_error() {
        let text = [&b"y".repeat(1000)[..], b"\nz"].concat();
        for size in [1, 7, 999, 1000, 2000] {
            let chunks: Vec<&[u8]> = text.chunks(size).collect();
            assert_eq!(lines_of(&chunks, 1000).map(|lines| lines.len()), Ok(2), "{size}");
            assert_eq!(lines_of(&chunks, 999), Err(Excess::Line(999)), "{size}");
        }
    }
}
