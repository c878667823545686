//! Where a playlist comes from: a file, or a web server. The only part of `m3u` that does I/O.

use std::error::Error as StdError;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use url::Url;
use vod2strm_core::names::years::Years;
use vod2strm_core::redact::label;

use super::intake::{Fault, Intake};
use super::reader::Contents;
use crate::error::CatalogError;
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
pub(super) fn read(location: &Location, years: Years) -> Result<Contents, CatalogError> {
    match location {
        Location::File(path) => read_file(path, Intake::new(years)),
        Location::Http(url) => read_web(url, Intake::new(years)),
    }
}

fn read_file(path: &Path, mut intake: Intake) -> Result<Contents, CatalogError> {
    let failed = |source| CatalogError::File { path: path.to_owned(), source };
    let fault = |fault| match fault {
        Fault::Refused(reason) => not_a_playlist(path.display().to_string(), reason),
        Fault::Corrupt(source) => failed(source),
    };
    let mut file = File::open(path).map_err(failed)?;
    let mut chunk = vec![0; 64 * 1024];
    loop {
        match file.read(&mut chunk) {
            Ok(0) => return intake.finish().map_err(fault),
            Ok(length) => intake.push(&chunk[..length]).map_err(fault)?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(failed(error)),
        }
    }
}

fn read_web(url: &Url, intake: Intake) -> Result<Contents, CatalogError> {
    let target = label(url.as_str());
    if !["http", "https"].contains(&url.scheme()) {
        let reason = format!("{} is neither http nor https", url.scheme());
        return Err(CatalogError::InvalidUrl { url: target, reason });
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build();
    match runtime {
        Ok(runtime) => runtime.block_on(receive(url, target, intake)),
        Err(source) => Err(CatalogError::Unreachable { target, source: source.into() }),
    }
}

async fn receive(url: &Url, target: String, mut intake: Intake) -> Result<Contents, CatalogError> {
    let client = web::client(USER_AGENT, IDLE_TIMEOUT, MAX_REDIRECTS);
    let client = client.map_err(|error| web::unreachable(&target, error))?;
    let sent = client.get(url.clone()).send().await;
    let mut response = sent.map_err(|error| web::unreachable(&target, error))?;
    let status = response.status().as_u16();
    if status != 200 {
        return Err(CatalogError::Status { target, status });
    }
    let fault = |fault| match fault {
        Fault::Refused(reason) => not_a_playlist(target.clone(), reason),
        Fault::Corrupt(error) => incomplete(&target, error.into()),
    };
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) => intake.push(&chunk).map_err(fault)?,
            Ok(None) => return intake.finish().map_err(fault),
            Err(error) => return Err(incomplete(&target, error.without_url().into())),
        }
    }
}

fn incomplete(target: &str, source: Box<dyn StdError + Send + Sync>) -> CatalogError {
    CatalogError::Incomplete { target: target.to_owned(), source }
}

fn not_a_playlist(target: String, reason: String) -> CatalogError {
    CatalogError::NotAPlaylist { target, reason }
}
