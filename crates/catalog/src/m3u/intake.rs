//! Chunks of a body to a playlist's contents: gzip is undone, and what is no playlist is refused.

use std::io::{self, Write};
use std::mem;

use flate2::write::MultiGzDecoder;

use vod2strm_core::names::years::Years;

use super::lines::Lines;
use super::reader::{Contents, Reader};

/// How much of a body is looked at before it is read as a playlist, in bytes.
const HEAD: usize = 512;

/// How much is unpacked at once: gzip may blow it up by a factor of a thousand.
const STEP: usize = 4096;

/// Why a body gives no contents.
#[derive(Debug)]
pub(super) enum Fault {
    /// It is something else, for this reason.
    Refused(String),
    /// Its compression is damaged, or it broke off.
    Corrupt(io::Error),
}

/// Takes a body chunk by chunk.
pub(super) struct Intake {
    /// The first two bytes, until both are there.
    first: Vec<u8>,
    gzip: Option<MultiGzDecoder<Vec<u8>>>,
    text: Text,
}

impl Intake {
    /// At the beginning of a body.
    pub(super) fn new(years: Years) -> Intake {
        let text =
            Text { head: Some(Vec::new()), lines: Lines::default(), reader: Reader::new(years) };
        Intake { first: Vec::new(), gzip: None, text }
    }

    /// Takes the next chunk, of any size.
    pub(super) fn push(&mut self, chunk: &[u8]) -> Result<(), Fault> {
        if self.first.len() >= 2 {
            return self.pass_on(chunk);
        }
        self.first.extend_from_slice(chunk);
        if self.first.len() < 2 {
            return Ok(());
        }
        if self.first.starts_with(&[0x1f, 0x8b]) {
            self.gzip = Some(MultiGzDecoder::new(Vec::new()));
        }
        let first = self.first.clone();
        self.first.truncate(2);
        self.pass_on(&first)
    }

    /// The end of the body.
    pub(super) fn finish(mut self) -> Result<Contents, Fault> {
        if self.first.len() < 2 {
            let first = mem::take(&mut self.first);
            self.pass_on(&first)?;
        }
        if let Some(mut gzip) = self.gzip.take() {
            gzip.try_finish().map_err(Fault::Corrupt)?;
            let unpacked = mem::take(gzip.get_mut());
            self.text.push(&unpacked).map_err(Fault::Refused)?;
        }
        self.text.finish().map_err(Fault::Refused)
    }

    fn pass_on(&mut self, chunk: &[u8]) -> Result<(), Fault> {
        let Some(gzip) = &mut self.gzip else {
            return self.text.push(chunk).map_err(Fault::Refused);
        };
        for step in chunk.chunks(STEP) {
            gzip.write_all(step).map_err(Fault::Corrupt)?;
            let unpacked = mem::take(gzip.get_mut());
            self.text.push(&unpacked).map_err(Fault::Refused)?;
        }
        Ok(())
    }
}

/// The body without compression.
struct Text {
    /// The first bytes, until they are judged.
    head: Option<Vec<u8>>,
    lines: Lines,
    reader: Reader,
}

impl Text {
    fn push(&mut self, bytes: &[u8]) -> Result<(), String> {
        let Some(head) = &mut self.head else { return self.read(bytes) };
        head.extend_from_slice(bytes);
        if head.len() < HEAD { Ok(()) } else { self.judge() }
    }

    fn judge(&mut self) -> Result<(), String> {
        let Some(head) = self.head.take() else { return Ok(()) };
        match refusal(&head[..head.len().min(HEAD)]) {
            Some(reason) => Err(reason.to_owned()),
            None => self.read(&head),
        }
    }

    fn read(&mut self, bytes: &[u8]) -> Result<(), String> {
        let reader = &mut self.reader;
        self.lines.push(bytes, &mut |line| reader.line(line))
    }

    fn finish(mut self) -> Result<Contents, String> {
        self.judge()?;
        let reader = &mut self.reader;
        self.lines.finish(&mut |line| reader.line(line))?;
        self.reader.finish()
    }
}

/// Why a body that begins like this is no playlist.
fn refusal(head: &[u8]) -> Option<&'static str> {
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    if text.starts_with(b"PK\x03\x04") || text.starts_with(b"\xfd7zXZ") {
        return Some("it is a zip or xz archive; unpack it first");
    }
    if text.starts_with(b"\xff\xfe") || text.starts_with(b"\xfe\xff") {
        return Some("it is UTF-16 text; save it as UTF-8");
    }
    match text.first()? {
        b'<' => Some("it is a web page (HTML): a login, block or error page"),
        b'{' | b'[' if has(text, b"\"auth\"") => Some("it is JSON that refuses the login"),
        b'{' | b'[' => Some("it is JSON, perhaps an error message"),
        // A stray NUL in a list's attribute is no reason to lose the list.
        b'#' => None,
        _ if text.contains(&0) => Some("it is binary data"),
        _ => None,
    }
}

fn has(text: &[u8], wanted: &[u8]) -> bool {
    memchr::memmem::find(text, wanted).is_some()
}

#[cfg(test)]
mod tests {
    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    const LIST: &[u8] = b"#EXTM3U\n#EXTINF:-1,Heat\nhttp://h/1.mkv\n";

    fn take(body: &[u8], size: usize) -> Result<Contents, Fault> {
        let mut intake = Intake::new(Years::plausible_in(2026));
        for chunk in body.chunks(size) {
            intake.push(chunk)?;
        }
        intake.finish()
    }

    fn gzipped(body: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(body).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn plain_and_gzip_in_chunks_of_any_size() {
        for body in [LIST.to_vec(), gzipped(LIST)] {
            for size in [1, 2, 3, 7, 4096] {
                assert_eq!(take(&body, size).unwrap().titles.len(), 1);
            }
        }
    }

    #[test]
    fn a_cut_gzip_body_is_an_error() {
        let body = gzipped(&LIST.repeat(100));
        for length in [3, 15, body.len() / 2, body.len() - 1] {
            assert!(matches!(take(&body[..length], 10), Err(Fault::Corrupt(_))), "{length}");
        }
    }

    #[test]
    fn other_formats_are_named() {
        for (body, reason) in [
            (&b"<!DOCTYPE html><html>"[..], "HTML"),
            (b"  {\"user_info\":{\"auth\":0}}", "login"),
            (b"[]", "JSON"),
            (b"PK\x03\x04xxxx", "zip"),
            (b"\xff\xfe#\0E\0", "UTF-16"),
            (b"\x7fELF\0\0", "binary"),
            (b"", "empty"),
            (b"x", "neither"),
        ] {
            match take(body, 5) {
                Err(Fault::Refused(text)) => assert!(text.contains(reason), "{text}"),
                other => panic!("{reason}: {other:?}"),
            }
        }
    }
}
