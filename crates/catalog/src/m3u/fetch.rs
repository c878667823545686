//! Where a playlist comes from: a file, or a web server.

use std::error::Error as StdError;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use reqwest::header::{ACCEPT_ENCODING, CONTENT_LENGTH, TRANSFER_ENCODING};
use reqwest::{Response, Version};
use url::Url;
use vod2strm_core::hold::Doubt;
use vod2strm_core::text::redact::label;

use super::file;
use super::intake::{Fault, Framing, Intake, Rules};
use super::reader::Contents;
use crate::error::CatalogError;
use crate::limits::Flow;
use crate::source::IsPlayed;
use crate::wait::Waiter;
use crate::web::{self, Trouble};

/// What panels expect to be asked by; many refuse what they do not know as a player.
const USER_AGENT: &str = "VLC/3.0.21 LibVLC/3.0.21";

/// Redirections that are followed.
const MAX_REDIRECTS: usize = 5;

/// Where a playlist is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// A file, perhaps compressed with gzip.
    File(PathBuf),
    /// A web address; credentials in it are never shown.
    Http(Url),
}

impl Location {
    /// The file that a `file://` URL names, its escapes undone.
    pub fn file(url: &Url) -> Option<Location> {
        url.to_file_path().ok().map(Location::File)
    }

    /// The location for people, without credentials.
    pub fn label(&self) -> String {
        match self {
            Location::File(path) => path.display().to_string(),
            Location::Http(url) => label(url.as_str()),
        }
    }
}

/// Reads the whole playlist.
pub(super) fn read(
    location: &Location,
    rules: Rules,
    is_played: &IsPlayed<'_>,
) -> Result<Contents, CatalogError> {
    match location {
        Location::File(path) => read_file(path, rules, is_played),
        Location::Http(url) => read_web(url, rules, is_played),
    }
}

fn read_file(
    path: &Path,
    rules: Rules,
    is_played: &IsPlayed<'_>,
) -> Result<Contents, CatalogError> {
    let fault = |fault| match fault {
        Fault::Refused(reason) => not_a_playlist(path.display().to_string(), reason),
        Fault::Corrupt(source) => CatalogError::File { path: path.to_owned(), source },
        Fault::Excess(excess) => {
            CatalogError::Excess { target: path.display().to_string(), excess }
        }
        Fault::Cancelled(cancelled) => cancelled.into(),
    };
    let (limits, cancel) = (rules.limits, rules.cancel.clone());
    let mut intake = Intake::new(rules);
    let reading = file::read(path, limits, &cancel, |bytes| intake.push(bytes));
    let framing = reading.map_err(fault)?;
    intake.finish(framing, is_played).map_err(fault)
}

fn read_web(url: &Url, rules: Rules, is_played: &IsPlayed<'_>) -> Result<Contents, CatalogError> {
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
) -> Result<Contents, CatalogError> {
    let limits = rules.limits;
    let client = web::client(USER_AGENT, MAX_REDIRECTS);
    let client = client.map_err(|error| web::unreachable(&target, error))?;
    let too_much = |excess| CatalogError::Excess { target: target.clone(), excess };
    let request = client.get(url.clone()).header(ACCEPT_ENCODING, "gzip");
    let mut response =
        web::send(request, limits.silence).await.map_err(|trouble| match trouble {
            Trouble::Excess(excess) => too_much(excess),
            Trouble::Failed(error) => web::unreachable(&target, error),
        })?;
    let status = response.status().as_u16();
    if status != 200 {
        return Err(CatalogError::Status { target, status });
    }
    let end = End::of(&response);
    let fault = |fault| match fault {
        Fault::Refused(reason) => not_a_playlist(target.clone(), reason),
        Fault::Corrupt(error) => incomplete(&target, error.into()),
        Fault::Excess(excess) => too_much(excess),
        Fault::Cancelled(cancelled) => cancelled.into(),
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
            Err(Trouble::Excess(excess)) => return Err(too_much(excess)),
            Err(Trouble::Failed(error)) => {
                return Err(incomplete(&target, error.without_url().into()));
            }
        }
    }
}

/// What proves the end of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// Chunks of which the last is empty, or the frames of HTTP/2: an answer that breaks off is an error.
    Framed,
    /// So many bytes.
    Length(u64),
    /// Nothing: its end is the connection's.
    Unknown,
}

impl End {
    fn of(response: &Response) -> End {
        let lines = |name| {
            let values = response.headers().get_all(name).iter();
            values.map(|value| value.to_str().unwrap_or("?").to_owned()).collect::<Vec<_>>()
        };
        if response.version() >= Version::HTTP_2 {
            End::Framed
        } else {
            End::said(&lines(TRANSFER_ENCODING), &lines(CONTENT_LENGTH))
        }
    }

    /// What the lines of both headers say. The last coding counts; an answer in a coding that nobody knows tells no
    /// length, and `identity` is none.
    fn said(codings: &[String], lengths: &[String]) -> End {
        let codings = codings.iter().flat_map(|line| line.split(','));
        let codings: Vec<String> =
            codings.map(|coding| coding.trim().to_ascii_lowercase()).collect();
        let mut lengths = lengths.iter().map(|length| length.trim().parse::<u64>().ok());
        let length = lengths.next().flatten().filter(|first| lengths.all(|it| it == Some(*first)));
        match (codings.last().map(String::as_str), length) {
            (Some("chunked"), _) => End::Framed,
            (None, Some(length)) => End::Length(length),
            (Some(_), Some(length)) if codings.iter().all(|it| it == "identity") => {
                End::Length(length)
            }
            _ => End::Unknown,
        }
    }

    /// How far an answer of so many bytes is proved to be whole; `None` when it broke off.
    fn framing(self, came: u64) -> Option<Framing> {
        match self {
            End::Framed => Some(Framing::Whole),
            End::Length(length) if came < length => None,
            End::Length(length) if came == length => Some(Framing::Whole),
            End::Length(_) | End::Unknown => Some(Framing::Open(Doubt::NoLength)),
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
            (&["chunked"][..], &[][..], End::Framed),
            (&["Chunked"], &[], End::Framed),
            (&["gzip, chunked"], &["9"], End::Framed),
            (&["identity", "chunked"], &[], End::Framed),
            (&["chunked", "identity"], &["9"], End::Unknown),
            (&["chunked, identity"], &["9"], End::Unknown),
            (&["xchunked"], &["9"], End::Unknown),
            (&["identity"], &["9"], End::Length(9)),
            (&["identity"], &[], End::Unknown),
            (&[], &["9"], End::Length(9)),
            (&[], &["9", "9"], End::Length(9)),
            (&[], &["9", "8"], End::Unknown),
            (&[], &["x"], End::Unknown),
            (&[], &[], End::Unknown),
        ] {
            assert_eq!(End::said(&lines(codings), &lines(lengths)), end, "{codings:?} {lengths:?}");
        }
        let open = Some(Framing::Open(Doubt::NoLength));
        for (end, came, framing) in [
            (End::Length(9), 9, Some(Framing::Whole)),
            (End::Length(9), 8, None),
            (End::Length(9), 10, open),
            (End::Unknown, 9, open),
            (End::Framed, 9, Some(Framing::Whole)),
        ] {
            assert_eq!(end.framing(came), framing, "{end:?} {came}");
        }
    }
}
