//! Where a playlist comes from: a file, or a web server. The only part of `m3u` that does I/O.

use std::error::Error as StdError;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use reqwest::header::{ACCEPT_ENCODING, CONTENT_LENGTH, TRANSFER_ENCODING};
use reqwest::{Response, Version};
use url::Url;
use vod2strm_core::hold::Doubt;
use vod2strm_core::names::years::Years;
use vod2strm_core::redact::label;

use super::intake::{Fault, Framing, Intake};
use super::reader::Contents;
use crate::error::CatalogError;
use crate::source::IsPlayed;
use crate::web;

/// What panels expect to be asked by; many refuse what they do not know as a player.
const USER_AGENT: &str = "VLC/3.0.21 LibVLC/3.0.21";

/// How long a server may stay silent. There is no limit for the whole: lists can be huge.
const IDLE_TIMEOUT: Duration = Duration::from_secs(60);

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
    years: Years,
    is_played: &IsPlayed<'_>,
) -> Result<Contents, CatalogError> {
    match location {
        Location::File(path) => read_file(path, Intake::new(years), is_played),
        Location::Http(url) => read_web(url, Intake::new(years), is_played),
    }
}

fn read_file(
    path: &Path,
    mut intake: Intake,
    is_played: &IsPlayed<'_>,
) -> Result<Contents, CatalogError> {
    let failed = |source| CatalogError::File { path: path.to_owned(), source };
    let fault = |fault| match fault {
        Fault::Refused(reason) => not_a_playlist(path.display().to_string(), reason),
        Fault::Corrupt(source) => failed(source),
    };
    let mut file = File::open(path).map_err(failed)?;
    let before = state(&file).map_err(failed)?;
    let (mut chunk, mut length) = (vec![0; 64 * 1024], 0);
    loop {
        match file.read(&mut chunk) {
            Ok(0) => break,
            Ok(more) => {
                length += more as u64;
                intake.push(&chunk[..more]).map_err(fault)?;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(failed(error)),
        }
    }
    let after = state(&file).map_err(failed)?;
    intake.finish(framing(before, length, after), is_played).map_err(fault)
}

/// A file's size and when it was last written to.
type State = (u64, SystemTime);

fn state(file: &File) -> io::Result<State> {
    let metadata = file.metadata()?;
    Ok((metadata.len(), metadata.modified()?))
}

/// How far a file that had so many bytes proves its end. A pipe has no size of its own.
fn framing(before: State, length: u64, after: State) -> Framing {
    match before == after && length == before.0 {
        true => Framing::Lines,
        false => Framing::Open(Doubt::Moving),
    }
}

fn read_web(url: &Url, intake: Intake, is_played: &IsPlayed<'_>) -> Result<Contents, CatalogError> {
    let target = label(url.as_str());
    if !["http", "https"].contains(&url.scheme()) {
        let reason = format!("{} is neither http nor https", url.scheme());
        return Err(CatalogError::InvalidUrl { url: target, reason });
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build();
    match runtime {
        Ok(runtime) => runtime.block_on(receive(url, target, intake, is_played)),
        Err(source) => Err(CatalogError::Unreachable { target, source: source.into() }),
    }
}

async fn receive(
    url: &Url,
    target: String,
    mut intake: Intake,
    is_played: &IsPlayed<'_>,
) -> Result<Contents, CatalogError> {
    let client = web::client(USER_AGENT, IDLE_TIMEOUT, MAX_REDIRECTS);
    let client = client.map_err(|error| web::unreachable(&target, error))?;
    let sent = client.get(url.clone()).header(ACCEPT_ENCODING, "gzip").send().await;
    let mut response = sent.map_err(|error| web::unreachable(&target, error))?;
    let status = response.status().as_u16();
    if status != 200 {
        return Err(CatalogError::Status { target, status });
    }
    let framing = match tells_its_end(&response) {
        true => Framing::Whole,
        false => Framing::Open(Doubt::NoLength),
    };
    let fault = |fault| match fault {
        Fault::Refused(reason) => not_a_playlist(target.clone(), reason),
        Fault::Corrupt(error) => incomplete(&target, error.into()),
    };
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) => intake.push(&chunk).map_err(fault)?,
            Ok(None) => return intake.finish(framing, is_played).map_err(fault),
            Err(error) => return Err(incomplete(&target, error.without_url().into())),
        }
    }
}

/// Whether an answer that breaks off is an error: it has a length, chunks of which the last is empty, or the
/// frames of HTTP/2. Without these its end is the connection's.
fn tells_its_end(response: &Response) -> bool {
    let chunked = response.headers().get(TRANSFER_ENCODING);
    response.headers().contains_key(CONTENT_LENGTH)
        || chunked.is_some_and(|coding| coding.as_bytes().ends_with(b"chunked"))
        || response.version() >= Version::HTTP_2
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
    fn a_file_that_changes_while_it_is_read_proves_no_end() {
        let at = |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        assert_eq!(framing((9, at(1)), 9, (9, at(1))), Framing::Lines);
        for (before, length, after) in [
            ((9, at(1)), 9, (12, at(1))),
            ((9, at(1)), 12, (12, at(2))),
            ((9, at(1)), 9, (9, at(2))),
            ((0, at(1)), 9, (0, at(1))),
        ] {
            let found = framing(before, length, after);
            assert_eq!(found, Framing::Open(Doubt::Moving), "{before:?} {length} {after:?}");
        }
    }
}
