//! Chunks of a body to a playlist's contents: gzip is undone, and what is no playlist is refused.

use std::io::{self, Write};
use std::mem;

use flate2::write::GzDecoder;

use vod2strm_core::cancel::{Cancel, Cancelled};
use vod2strm_core::hold::Doubt;
use vod2strm_core::names::years::Years;
use vod2strm_core::select::classify::Classify;

use super::lines::LineCutter;
use super::reader::{PlaylistContents, PlaylistReader};
use crate::limits::{Excess, SourceLimits};
use crate::source::IsPlayed;

/// How much of a body is looked at before it is read as a playlist, in bytes.
const HEAD: usize = 512;

/// How much is unpacked at once: gzip may blow it up by a factor of a thousand.
const STEP: usize = 4096;

/// How gzip begins.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// Why a body gives no contents.
#[derive(Debug)]
pub(super) enum BodyFault {
    /// It is something else, for this reason.
    Refused(String),
    /// Its compression is damaged, or it broke off.
    Corrupt(io::Error),
    /// There is too much of it, or it comes too slowly.
    Excess(Excess),
    /// The run is to end.
    Cancelled(Cancelled),
}

impl From<Cancelled> for BodyFault {
    fn from(cancelled: Cancelled) -> BodyFault {
        BodyFault::Cancelled(cancelled)
    }
}

impl From<Excess> for BodyFault {
    fn from(excess: Excess) -> BodyFault {
        BodyFault::Excess(excess)
    }
}

/// What a reading goes by.
#[derive(Clone, Debug)]
pub struct Rules {
    /// The years that names may hold: a release year lies at most two years ahead.
    pub years: Years,
    /// What the user says that entries are.
    pub classify: Classify,
    /// What a source may do.
    pub limits: SourceLimits,
    /// Whether the reading is to end.
    pub cancel: Cancel,
    /// Whether entries that are in no title are kept.
    pub keeps_left_out: bool,
}

impl From<Years> for Rules {
    /// The usual limits.
    fn from(years: Years) -> Rules {
        let (classify, limits) = (Classify::default(), SourceLimits::default());
        let cancel = Cancel::default();
        Rules { years, classify, limits, cancel, keeps_left_out: false }
    }
}

/// How the end of a body is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Framing {
    /// What it came in says that nothing is missing.
    Whole,
    /// It is whole if its last line has a line end.
    Lines,
    /// Nobody knows, for this reason; gzip's trailer says that nothing is missing, of a gzip that is one.
    Open(Doubt),
    /// It was written to while it was read: what came is no one state of it, whatever its trailer says.
    Changed,
}

/// Takes a body chunk by chunk.
pub(super) struct Intake {
    /// The first two bytes, until both are there.
    first: Vec<u8>,
    gzip: Option<Gzip>,
    /// How much came, packed or not.
    bytes: u64,
    text: PlainBody,
}

impl Intake {
    /// At the beginning of a body.
    pub(super) fn new(rules: impl Into<Rules>) -> Intake {
        let Rules { years, classify, limits, keeps_left_out, .. } = rules.into();
        let text = PlainBody {
            head: Some(Vec::new()),
            lines: LineCutter::new(limits.line),
            reader: PlaylistReader::new(years, classify, keeps_left_out),
            bytes: 0,
            limits,
        };
        Intake { first: Vec::new(), gzip: None, bytes: 0, text }
    }

    /// Takes the next chunk, of any size.
    pub(super) fn push(&mut self, chunk: &[u8]) -> Result<(), BodyFault> {
        grow(&mut self.bytes, chunk, &self.text.limits)?;
        if self.first.len() >= 2 {
            return self.pass_on(chunk);
        }
        self.first.extend_from_slice(chunk);
        if self.first.len() < 2 {
            return Ok(());
        }
        if self.first.starts_with(&GZIP) {
            self.gzip = Some(Gzip::new());
        }
        let first = self.first.clone();
        self.first.truncate(2);
        self.pass_on(&first)
    }

    /// The end of the body. Without a proof that it is whole, a last line without a line end may be cut off.
    /// `is_played` says whether the line's address is known just so.
    pub(super) fn finish(
        mut self,
        framing: Framing,
        is_played: &IsPlayed<'_>,
    ) -> Result<PlaylistContents, BodyFault> {
        if self.first.len() < 2 {
            let first = mem::take(&mut self.first);
            self.pass_on(&first)?;
        }
        // Gzip's own end was there, with length and sum of all. Of several that were put together each tells its own
        // end, and none whether another follows.
        let is_one = self.gzip.as_ref().is_some_and(|gzip| gzip.is_one);
        if let Some(gzip) = self.gzip.take() {
            self.text.push(&gzip.finish().map_err(BodyFault::Corrupt)?)?;
        }
        let is_proved = is_one && framing != Framing::Changed;
        let framing = if is_proved { Framing::Whole } else { framing };
        self.text.finish(framing, is_played)
    }

    fn pass_on(&mut self, chunk: &[u8]) -> Result<(), BodyFault> {
        let Some(gzip) = &mut self.gzip else {
            return self.text.push(chunk);
        };
        for step in chunk.chunks(STEP) {
            let unpacked = gzip.unpack(step).map_err(BodyFault::Corrupt)?;
            self.text.push(&unpacked)?;
        }
        Ok(())
    }
}

/// Gzip: one, or several that were put together.
struct Gzip {
    decoder: GzDecoder<Vec<u8>>,
    is_one: bool,
}

impl Gzip {
    fn new() -> Gzip {
        Gzip { decoder: GzDecoder::new(Vec::new()), is_one: true }
    }

    /// What is in the next bytes.
    fn unpack(&mut self, mut packed: &[u8]) -> io::Result<Vec<u8>> {
        let mut unpacked = Vec::new();
        while !packed.is_empty() {
            let taken = self.decoder.write(packed)?;
            packed = &packed[taken..];
            unpacked.append(self.decoder.get_mut());
            if taken == 0 {
                // It is over, and another one follows.
                let over = mem::replace(self, Gzip { is_one: false, ..Gzip::new() });
                unpacked.extend(over.finish()?);
            }
        }
        Ok(unpacked)
    }

    /// What was left to unpack, if all of it came.
    fn finish(mut self) -> io::Result<Vec<u8>> {
        self.decoder.try_finish()?;
        Ok(mem::take(self.decoder.get_mut()))
    }
}

/// The body without compression.
struct PlainBody {
    /// The first bytes, until they are recognised.
    head: Option<Vec<u8>>,
    lines: LineCutter,
    reader: PlaylistReader,
    bytes: u64,
    limits: SourceLimits,
}

impl PlainBody {
    fn push(&mut self, bytes: &[u8]) -> Result<(), BodyFault> {
        grow(&mut self.bytes, bytes, &self.limits)?;
        let Some(head) = &mut self.head else { return self.read(bytes) };
        head.extend_from_slice(bytes);
        if head.len() < HEAD { Ok(()) } else { self.recognise() }
    }

    fn recognise(&mut self) -> Result<(), BodyFault> {
        let Some(head) = self.head.take() else { return Ok(()) };
        match refusal(&head[..head.len().min(HEAD)]) {
            Some(reason) => Err(BodyFault::Refused(reason.to_owned())),
            None => self.read(&head),
        }
    }

    fn read(&mut self, bytes: &[u8]) -> Result<(), BodyFault> {
        let (reader, most) = (&mut self.reader, self.limits.entries);
        self.lines.push(bytes, &mut |line| {
            reader.line(line).map_err(BodyFault::Refused)?;
            count(reader, most)
        })
    }

    fn finish(
        mut self,
        framing: Framing,
        is_played: &IsPlayed<'_>,
    ) -> Result<PlaylistContents, BodyFault> {
        self.recognise()?;
        let doubt = match framing {
            Framing::Whole => None,
            Framing::Lines => self.lines.is_in_a_line().then_some(Doubt::NoLineEnd),
            Framing::Open(doubt) => Some(doubt),
            Framing::Changed => Some(Doubt::Moving),
        };
        let reader = &mut self.reader;
        let last = self.lines.finish(&mut |line| match doubt {
            None => reader.line(line),
            Some(_) => reader.doubtful_line(line, is_played),
        });
        last.map_err(BodyFault::Refused)?;
        count(reader, self.limits.entries)?;
        self.reader.finish(doubt).map_err(BodyFault::Refused)
    }
}

fn grow(bytes: &mut u64, by: &[u8], limits: &SourceLimits) -> Result<(), Excess> {
    *bytes += by.len() as u64;
    if *bytes > limits.size { Err(Excess::Size(limits.size)) } else { Ok(()) }
}

fn count(reader: &PlaylistReader, most: u64) -> Result<(), BodyFault> {
    if reader.entries() > most { Err(Excess::Entries(most).into()) } else { Ok(()) }
}

/// Whether bytes are a playlist, and no list of names: they begin with `#EXTM3U`, have a line that begins with
/// `#EXTINF`, or are compressed.
pub fn is_playlist(bytes: &[u8]) -> bool {
    let begins = |line: &[u8], mark: &[u8]| {
        line.trim_ascii_start().get(..mark.len()).is_some_and(|it| it.eq_ignore_ascii_case(mark))
    };
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    bytes.starts_with(&GZIP)
        || begins(text, b"#EXTM3U")
        || text
            .split(|byte| b"\n\r".contains(byte))
            .any(|line| begins(line, b"#EXTINF") || begins(line, b"EXTINF:"))
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
        b'{' | b'[' if is_let_in(text) || has(text, b"\"stream_id\"") => Some(
            "it is the API of an Xtream panel, not a playlist: that is at /get.php, with username, password \
             and type=m3u_plus",
        ),
        b'{' | b'[' if has(text, b"\"auth\"") => Some("it is JSON that refuses the login"),
        b'{' | b'[' => Some("it is JSON, perhaps an error message"),
        // A stray NUL in a list's attribute is no reason to lose the list.
        b'#' => None,
        _ if text.contains(&0) => Some("it is binary data"),
        _ => None,
    }
}

/// Whether a panel's answer to a login says that it is a good one: `"auth": 1`, in whatever spelling.
fn is_let_in(text: &[u8]) -> bool {
    const KEY: &[u8] = b"\"auth\"";
    let after = memchr::memmem::find(text, KEY).map(|at| &text[at + KEY.len()..]);
    let value = after.and_then(|rest| rest.iter().find(|byte| !b" \t\r\n:\"".contains(byte)));
    value.is_some_and(|byte| matches!(byte, b'1' | b't'))
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

    fn take(body: &[u8], size: usize) -> Result<PlaylistContents, BodyFault> {
        let mut intake = Intake::new(Years::plausible_in(2026));
        for chunk in body.chunks(size) {
            intake.push(chunk)?;
        }
        intake.finish(Framing::Lines, &|_, address| address.ends_with("/known.mkv"))
    }

    #[test]
    fn an_entry_that_may_be_cut_off_is_used_only_if_it_is_known_just_so() {
        let list = |last: &str| [LIST, b"#EXTINF:-1,Ronin\n", last.as_bytes()].concat();
        for (last, titles, doubt) in [
            ("http://h/known.mkv\n", 2, None),
            ("http://h/known.mkv", 2, Some(Doubt::NoLineEnd)),
            ("http://h/know", 1, Some(Doubt::NoLineEnd)),
            ("http://h/unknown.mkv", 1, Some(Doubt::NoLineEnd)),
            ("#EXTINF:-1,Half", 1, Some(Doubt::NoLineEnd)),
            ("#EXTINF:-1,Half http://h/know", 1, Some(Doubt::NoLineEnd)),
            ("#EXTINF:-1,Whole http://h/known.mkv", 2, Some(Doubt::NoLineEnd)),
            ("http://h/unknown.mkv\n  ", 2, None),
        ] {
            for size in [1, 4096] {
                let contents = take(&list(last), size).unwrap();
                assert_eq!((contents.titles.len(), contents.doubt), (titles, doubt), "{last:?}");
            }
            let packed = take(&gzipped(&list(last)), 7).unwrap();
            assert_eq!(packed.doubt, None, "gzip tells its end: {last:?}");
        }
        let mut intake = Intake::new(Years::plausible_in(2026));
        intake.push(&list("http://h/unknown.mkv\n")).unwrap();
        let open = intake.finish(Framing::Open(Doubt::NoLength), &|_, _| false).unwrap();
        assert_eq!((open.titles.len(), open.doubt), (2, Some(Doubt::NoLength)));
        let mut intake = Intake::new(Years::plausible_in(2026));
        intake.push(&gzipped(LIST)).unwrap();
        let changed = intake.finish(Framing::Changed, &|_, _| false).unwrap();
        assert_eq!(changed.doubt, Some(Doubt::Moving), "a file that somebody is writing");
    }

    fn gzipped(body: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(body).unwrap();
        encoder.finish().unwrap()
    }

    /// Each of several that were put together tells its own end alone.
    #[test]
    fn several_gzips_put_together_prove_no_end() {
        let more = b"#EXTINF:-1,Ronin\nhttp://h/2.mkv\n";
        let several = [gzipped(LIST), gzipped(more), gzipped(more)];
        for (parts, doubt) in [(1, None), (2, Some(Doubt::NoLength)), (3, Some(Doubt::NoLength))] {
            let body = several[..parts].concat();
            for size in [1, 7, body.len()] {
                for (framing, doubt) in [
                    (Framing::Open(Doubt::NoLength), doubt),
                    (Framing::Whole, None),
                    (Framing::Lines, None),
                ] {
                    let mut intake = Intake::new(Years::plausible_in(2026));
                    body.chunks(size).try_for_each(|chunk| intake.push(chunk)).unwrap();
                    let contents = intake.finish(framing, &|_, _| false).unwrap();
                    assert_eq!(contents.doubt, doubt, "{parts} {size} {framing:?}");
                    assert_eq!(contents.titles.len(), parts.min(2), "{parts} {size}");
                }
            }
            let cut = several.concat();
            for length in [body.len() + 1, body.len() + 5, body.len() + 20] {
                let is_cut = length < cut.len();
                let part = &cut[..length.min(cut.len())];
                assert!(
                    !is_cut || matches!(take(part, 10), Err(BodyFault::Corrupt(_))),
                    "{length}"
                );
            }
        }
    }

    #[test]
    fn plain_and_gzip_in_chunks_of_any_size() {
        for body in [LIST.to_vec(), gzipped(LIST), [gzipped(LIST), gzipped(LIST)].concat()] {
            for size in [1, 2, 3, 7, 4096] {
                assert_eq!(take(&body, size).unwrap().titles.len(), 1);
            }
        }
    }

    #[test]
    fn a_playlist_is_told_from_a_list_of_names() {
        for list in [
            "#EXTM3U",
            "\u{feff}#extm3u x=1\nHeat",
            "\n \n#EXTM3U\n",
            "http://h/1.mkv\r #EXTINF:-1,Heat\r",
        ] {
            assert!(is_playlist(list.as_bytes()), "{list:?}");
        }
        assert!(is_playlist(&gzipped(LIST)));
        for names in ["", "Heat", "#Alive (2020)\nHeat #EXTINF:-1", "\u{feff}Heat\n#EXT"] {
            assert!(!is_playlist(names.as_bytes()), "{names:?}");
        }
    }

    #[test]
    fn a_cut_gzip_body_is_an_error() {
        let body = gzipped(&LIST.repeat(100));
        for length in [3, 15, body.len() / 2, body.len() - 1] {
            assert!(matches!(take(&body[..length], 10), Err(BodyFault::Corrupt(_))), "{length}");
        }
    }

    #[test]
    fn other_formats_are_named() {
        for (body, reason) in [
            (&b"<!DOCTYPE html><html>"[..], "HTML"),
            (b"  {\"user_info\":{\"auth\":0}}", "login"),
            (b"{\"user_info\":{\"username\":\"u\",\"auth\":1}}", "get.php"),
            (b"{\"user_info\": {\"auth\" : \"1\"}}", "get.php"),
            (b"[{\"num\":1,\"name\":\"Heat\",\"stream_id\":7}]", "get.php"),
            (b"[]", "JSON"),
            (b"PK\x03\x04xxxx", "zip"),
            (b"\xff\xfe#\0E\0", "UTF-16"),
            (b"\x7fELF\0\0", "binary"),
            (b"", "empty"),
            (b"x", "neither"),
        ] {
            match take(body, 5) {
                Err(BodyFault::Refused(text)) => assert!(text.contains(reason), "{text}"),
                other => panic!("{reason}: {other:?}"),
            }
        }
    }

    #[test]
    fn a_flood_ends_whether_it_is_packed_or_not() {
        let usual = Rules::from(Years::plausible_in(2026));
        let take = |body: &[u8], limits: SourceLimits| {
            let mut intake = Intake::new(Rules { limits, ..usual.clone() });
            let done = body.chunks(1000).try_for_each(|chunk| intake.push(chunk));
            match done.and_then(|()| intake.finish(Framing::Whole, &|_, _| false).map(drop)) {
                Err(BodyFault::Excess(excess)) => Some(excess),
                _ => None,
            }
        };
        let (list, limits) = (LIST.repeat(100), usual.limits);
        for body in [list.clone(), gzipped(&list)] {
            assert_eq!(take(&body, limits), None);
            let size = list.len() as u64 - 1;
            assert_eq!(take(&body, SourceLimits { size, ..limits }), Some(Excess::Size(size)));
            assert_eq!(take(&body, SourceLimits { size: size + 1, ..limits }), None);
            assert_eq!(
                take(&body, SourceLimits { entries: 99, ..limits }),
                Some(Excess::Entries(99))
            );
            assert_eq!(take(&body, SourceLimits { entries: 100, ..limits }), None);
            assert_eq!(take(&body, SourceLimits { line: 10, ..limits }), Some(Excess::Line(10)));
        }
        let nothing = gzipped(b"").repeat(1000);
        let size = nothing.len() as u64 - 1;
        assert_eq!(take(&nothing, SourceLimits { size, ..limits }), Some(Excess::Size(size)));
    }
}
