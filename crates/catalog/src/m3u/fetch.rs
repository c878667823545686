//! Where a playlist comes from: a file, or a web server. The only part of `m3u` that does I/O.

use std::error::Error as StdError;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use reqwest::Client;
use reqwest::redirect::Policy;
use url::Url;
use vod2strm_core::names::years::Years;
use vod2strm_core::redact::redact;

use super::intake::{Fault, Intake};
use super::reader::Contents;
use crate::error::CatalogError;

/// What panels expect to be asked by; many refuse what they do not know as a player.
const USER_AGENT: &str = "VLC/3.0.21 LibVLC/3.0.21";

/// How long a connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

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
    pub fn redacted(&self) -> String {
        match self {
            Location::File(path) => path.display().to_string(),
            Location::Http(url) => redact(url.as_str()),
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
    let target = redact(url.as_str());
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
    let client = client().map_err(|error| unreachable(&target, error))?;
    let sent = client.get(url.clone()).send().await;
    let mut response = sent.map_err(|error| unreachable(&target, error))?;
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

fn client() -> Result<Client, reqwest::Error> {
    // An error says that somebody installed a provider already, and that one serves as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder()
        .user_agent(USER_AGENT)
        .connect_timeout(CONNECT_TIMEOUT)
        .read_timeout(IDLE_TIMEOUT)
        .redirect(Policy::limited(MAX_REDIRECTS))
        // The address before a redirection holds credentials that are not for the next server.
        .referer(false)
        .build()
}

fn unreachable(target: &str, error: reqwest::Error) -> CatalogError {
    let error = error.without_url();
    let target = target.to_owned();
    if concerns_tls(&error) {
        CatalogError::Tls { target, source: error.into() }
    } else {
        CatalogError::Unreachable { target, source: error.into() }
    }
}

/// Whether a TLS error is among an error's causes; they hide inside of I/O errors.
fn concerns_tls(error: &(dyn StdError + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(cause) = next {
        let inner = cause.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        if cause.is::<rustls::Error>() || inner.is_some_and(|inner| inner.is::<rustls::Error>()) {
            return true;
        }
        next = match inner {
            Some(inner) => Some(inner),
            None => cause.source(),
        };
    }
    false
}

fn incomplete(target: &str, source: Box<dyn StdError + Send + Sync>) -> CatalogError {
    CatalogError::Incomplete { target: target.to_owned(), source }
}

fn not_a_playlist(target: String, reason: String) -> CatalogError {
    CatalogError::NotAPlaylist { target, reason }
}
