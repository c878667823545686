//! Where a playlist comes from: a file, a web server, or whoever has read it already.

use std::error::Error as StdError;
use std::fmt;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use reqwest::header::{ACCEPT_ENCODING, CONTENT_LENGTH, TRANSFER_ENCODING};
use reqwest::{Response, Version};
use url::Url;
use vod2strm_core::hold::Doubt;
use vod2strm_core::text::redact::label;

use super::file;
use super::intake::{BodyFault, Framing, Intake, Rules};
use super::reader::PlaylistContents;
use crate::error::CatalogError;
use crate::limits::Flow;
use crate::source::IsPlayed;
use crate::wait::Waiter;
use crate::web::{self, RequestError};

/// What panels expect to be asked by; many refuse what they do not know as a player.
const USER_AGENT: &str = "VLC/3.0.21 LibVLC/3.0.21";

/// Redirections that are followed.
const MAX_REDIRECTS: usize = 5;

/// Where a playlist is.
#[derive(Clone, PartialEq, Eq)]
pub enum Location {
    /// A file, perhaps compressed with gzip.
    File(PathBuf),
    /// A web address; credentials in it are never shown.
    Http(Url),
    /// What somebody has read to its end, perhaps compressed with gzip.
    Read {
        /// What it was read from, for people.
        from: PathBuf,
        /// All of it.
        bytes: Arc<[u8]>,
    },
}

impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.label())
    }
}

impl Location {
    /// The file that a `file://` URL names, its escapes undone.
    pub fn file(url: &Url) -> Option<Location> {
        url.to_file_path().ok().map(Location::File)
    }

    /// The location for people, without credentials.
    pub fn label(&self) -> String {
        match self {
            Location::File(path) | Location::Read { from: path, .. } => path.display().to_string(),
            Location::Http(url) => label(url.as_str()),
        }
    }
}

/// Reads the whole playlist.
pub(super) fn read(
    location: &Location,
    rules: Rules,
    is_played: &IsPlayed<'_>,
) -> Result<PlaylistContents, CatalogError> {
    match location {
        Location::File(path) => read_file(path, rules, is_played),
        Location::Http(url) => read_web(url, rules, is_played),
        Location::Read { from, bytes } => take(from, bytes, rules, is_played),
    }
}

/// What is wrong with a file.
fn file_error(path: &Path, fault: BodyFault) -> CatalogError {
    match fault {
        BodyFault::Refused(reason) => not_a_playlist(path.display().to_string(), reason),
        BodyFault::Corrupt(source) => CatalogError::File { path: path.to_owned(), source },
        BodyFault::Excess(excess) => {
            CatalogError::Excess { target: path.display().to_string(), excess }
        }
        BodyFault::Cancelled(cancelled) => cancelled.into(),
    }
}

/// Takes what was read. Whoever has read it has met its end.
fn take(
    from: &Path,
    bytes: &[u8],
    rules: Rules,
    is_played: &IsPlayed<'_>,
) -> Result<PlaylistContents, CatalogError> {
    let cancel = rules.cancel.clone();
    let mut intake = Intake::new(rules);
    let pushed = bytes.chunks(file::PIECE).try_for_each(|piece| {
        cancel.check()?;
        intake.push(piece)
    });
    let taken = pushed.and_then(|()| intake.finish(Framing::Whole, is_played));
    taken.map_err(|fault| file_error(from, fault))
}

fn read_file(
    path: &Path,
    rules: Rules,
    is_played: &IsPlayed<'_>,
) -> Result<PlaylistContents, CatalogError> {
    let fault = |fault| file_error(path, fault);
    let (limits, cancel) = (rules.limits, rules.cancel.clone());
    let mut intake = Intake::new(rules);
    let reading = file::read(path, limits, &cancel, |bytes| intake.push(bytes));
    let framing = reading.map_err(fault)?;
    intake.finish(framing, is_played).map_err(fault)
}

fn read_web(
    url: &Url,
    rules: Rules,
    is_played: &IsPlayed<'_>,
) -> Result<PlaylistContents, CatalogError> {
    let target = label(url.as_str());
    if !["http", "https"].contains(&url.scheme()) {
        let reason = format!("{} is neither http nor https", url.scheme());
        return Err(CatalogError::InvalidUrl { url: target, reason });
    }
    match Waiter::new(&rules.cancel) {
        Ok(waiter) => waiter.wait(receive(url, target, rules, is_played))?,
        Err(source) => Err(CatalogError::Unreachable { target, source: source.into() }),
    }
}

async fn receive(
    url: &Url,
    target: String,
    rules: Rules,
    is_played: &IsPlayed<'_>,
) -> Result<PlaylistContents, CatalogError> {
    let limits = rules.limits;
    let client = web::client(USER_AGENT, MAX_REDIRECTS);
    let client = client.map_err(|error| web::unreachable(&target, error))?;
    let too_much = |excess| CatalogError::Excess { target: target.clone(), excess };
    let request = client.get(url.clone()).header(ACCEPT_ENCODING, "gzip");
    let mut response =
        web::send(request, limits.silence).await.map_err(|trouble| match trouble {
            RequestError::Excess(excess) => too_much(excess),
            RequestError::Failed(error) => web::unreachable(&target, error),
        })?;
    let status = response.status().as_u16();
    if status != 200 {
        return Err(CatalogError::Status { target, status });
    }
    let end = AnswerEnd::of(&response);
    let fault = |fault| match fault {
        BodyFault::Refused(reason) => not_a_playlist(target.clone(), reason),
        BodyFault::Corrupt(error) => incomplete(&target, error.into()),
        BodyFault::Excess(excess) => too_much(excess),
        BodyFault::Cancelled(cancelled) => cancelled.into(),
    };
    let (mut intake, mut flow, mut length) = (Intake::new(rules), Flow::new(limits), 0);
    loop {
        match web::piece(&mut response, &mut flow).await {
            Ok(Some(piece)) => {
                length += piece.as_ref().len() as u64;
                intake.push(piece.as_ref()).map_err(fault)?;
            }
            Ok(None) => {
                let framing = end.framing(length).ok_or_else(|| {
                    let reason = format!("{length} bytes came, and the server had told of more");
                    incomplete(&target, io::Error::new(ErrorKind::UnexpectedEof, reason).into())
                })?;
                return intake.finish(framing, is_played).map_err(fault);
            }
            Err(RequestError::Excess(excess)) => return Err(too_much(excess)),
            Err(RequestError::Failed(error)) => {
                return Err(incomplete(&target, error.without_url().into()));
            }
        }
    }
}

/// What proves the end of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum AnswerEnd {
    /// Chunks of which the last is empty, or the frames of HTTP/2: an answer that breaks off is an error.
    Framed,
    /// So many bytes.
    Length(u64),
    /// Nothing: its end is the connection's.
    Unknown,
}

impl AnswerEnd {
    fn of(response: &Response) -> AnswerEnd {
        let lines = |name| {
            let values = response.headers().get_all(name).iter();
            values.map(|value| value.to_str().unwrap_or("?").to_owned()).collect::<Vec<_>>()
        };
        if response.version() >= Version::HTTP_2 {
            AnswerEnd::Framed
        } else {
            AnswerEnd::said(&lines(TRANSFER_ENCODING), &lines(CONTENT_LENGTH))
        }
    }

    /// What the lines of both headers say. The last coding counts; an answer in a coding that nobody knows tells no
    /// length, and `identity` is none.
    fn said(codings: &[String], lengths: &[String]) -> AnswerEnd {
        let codings = codings.iter().flat_map(|line| line.split(','));
        let codings: Vec<String> =
            codings.map(|coding| coding.trim().to_ascii_lowercase()).collect();
        let mut lengths = lengths.iter().map(|length| length.trim().parse::<u64>().ok());
        let length = lengths.next().flatten().filter(|first| lengths.all(|it| it == Some(*first)));
        match (codings.last().map(String::as_str), length) {
            (Some("chunked"), _) => AnswerEnd::Framed,
            (None, Some(length)) => AnswerEnd::Length(length),
            (Some(_), Some(length)) if codings.iter().all(|it| it == "identity") => {
                AnswerEnd::Length(length)
            }
            _ => AnswerEnd::Unknown,
        }
    }

    /// How far an answer of so many bytes is proved to be whole; `None` when it broke off.
    fn framing(self, came: u64) -> Option<Framing> {
        match self {
            AnswerEnd::Framed => Some(Framing::Whole),
            AnswerEnd::Length(length) if came < length => None,
            AnswerEnd::Length(length) if came == length => Some(Framing::Whole),
            AnswerEnd::Length(_) | AnswerEnd::Unknown => Some(Framing::Open(Doubt::NoLength)),
        }
    }
}

fn incomplete(target: &str, source: Box<dyn StdError + Send + Sync>) -> CatalogError {
    CatalogError::Incomplete { target: target.to_owned(), source }
}

fn not_a_playlist(target: String, reason: String) -> CatalogError {
    CatalogError::NotAPlaylist { target, reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_an_answer_is_proved_by_its_length_or_its_last_chunk() {
        let lines =
            |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>();
        for (codings, lengths, end) in [
            (&["chunked"][..], &[][..], AnswerEnd::Framed),
            (&["Chunked"], &[], AnswerEnd::Framed),
            (&["gzip, chunked"], &["9"], AnswerEnd::Framed),
            (&["identity", "chunked"], &[], AnswerEnd::Framed),
            (&["chunked", "identity"], &["9"], AnswerEnd::Unknown),
            (&["chunked, identity"], &["9"], AnswerEnd::Unknown),
            (&["xchunked"], &["9"], AnswerEnd::Unknown),
            (&["identity"], &["9"], AnswerEnd::Length(9)),
            (&["identity"], &[], AnswerEnd::Unknown),
            (&[], &["9"], AnswerEnd::Length(9)),
            (&[], &["9", "9"], AnswerEnd::Length(9)),
            (&[], &["9", "8"], AnswerEnd::Unknown),
            (&[], &["x"], AnswerEnd::Unknown),
            (&[], &[], AnswerEnd::Unknown),
        ] {
            assert_eq!(
                AnswerEnd::said(&lines(codings), &lines(lengths)),
                end,
                "{codings:?} {lengths:?}"
            );
        }
        let open = Some(Framing::Open(Doubt::NoLength));
        for (end, came, framing) in [
            (AnswerEnd::Length(9), 9, Some(Framing::Whole)),
            (AnswerEnd::Length(9), 8, None),
            (AnswerEnd::Length(9), 10, open),
            (AnswerEnd::Unknown, 9, open),
            (AnswerEnd::Framed, 9, Some(Framing::Whole)),
        ] {
            assert_eq!(end.framing(came), framing, "{end:?} {came}");
        }
    }
}
