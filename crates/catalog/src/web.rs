//! What all requests over HTTP share: the client, and what its errors mean.

use std::error::Error as StdError;
use std::io;
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, Response};
use tokio::runtime::Builder;
use vod2strm_core::text::redact::label;

use crate::error::CatalogError;
use crate::limits::{Excess, Flow, answer};

/// How long a connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// How the HTTP library says that a head is too long or has too many lines; it keeps the kind to itself.
const HEAD_TOO_LONG: &str = "message head is too large";

/// Why an answer did not come.
#[derive(Debug)]
pub(crate) enum RequestError {
    /// It was too slow, or too much.
    Excess(Excess),
    /// The network's or the server's fault.
    Failed(reqwest::Error),
}

impl From<Excess> for RequestError {
    fn from(excess: Excess) -> RequestError {
        RequestError::Excess(excess)
    }
}

impl From<reqwest::Error> for RequestError {
    fn from(error: reqwest::Error) -> RequestError {
        let is_head = causes(&error).any(|cause| cause.to_string() == HEAD_TOO_LONG);
        if is_head { RequestError::Excess(Excess::Head) } else { RequestError::Failed(error) }
    }
}

/// Sends a request. The head of the answer, and of all redirections before it, has to be whole within this time.
pub(crate) async fn send(
    request: RequestBuilder,
    within: Duration,
) -> Result<Response, RequestError> {
    Ok(answer(within, request.send()).await??)
}

/// The next piece of an answer, `None` at its end.
pub(crate) async fn piece(
    response: &mut Response,
    flow: &mut Flow,
) -> Result<Option<impl AsRef<[u8]> + use<>>, RequestError> {
    let length = |piece: &Result<Option<_>, _>| match piece {
        Ok(Some(piece)) => AsRef::<[u8]>::as_ref(piece).len(),
        _ => 0,
    };
    Ok(flow.next(response.chunk(), length).await??)
}

/// A client that calls itself so, and follows so many redirections. How long a server may be silent is a matter
/// of [`send`] and [`piece`].
pub(crate) fn client(user_agent: &str, redirects: usize) -> Result<Client, reqwest::Error> {
    // An error says that somebody installed a provider already, and that one serves as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder()
        .user_agent(user_agent)
        // Whoever asks for gzip undoes it too: its end proves that nothing is missing.
        .no_gzip()
        .no_deflate()
        .connect_timeout(CONNECT_TIMEOUT)
        .redirect(if redirects == 0 { Policy::none() } else { Policy::limited(redirects) })
        // The address before a redirection holds credentials that are not for the next server.
        .referer(false)
        .build()
}

/// Asks for an address, and is content with an answer that says it is well; an error if it does not come in time.
pub fn answers(url: &str, within: Duration) -> Result<(), CatalogError> {
    let target = label(url);
    let failed = |error| unreachable(&target, error);
    let client = client(concat!("vod2strm/", env!("CARGO_PKG_VERSION")), 0).map_err(failed)?;
    let runtime = Builder::new_current_thread().enable_io().enable_time().build();
    let no_runtime = |source: io::Error| CatalogError::Unreachable {
        target: target.clone(),
        source: source.into(),
    };
    let answer = runtime.map_err(no_runtime)?.block_on(send(client.get(url), within));
    match answer.map(|answer| answer.status().as_u16()) {
        Ok(200..=299) => Ok(()),
        Ok(status) => Err(CatalogError::Status { target, status }),
        Err(RequestError::Excess(excess)) => Err(CatalogError::Excess { target, excess }),
        Err(RequestError::Failed(error)) => Err(unreachable(&target, error)),
    }
}

/// How many authorities this machine knows that issue certificates: without one, no https server is trusted.
pub fn known_authorities() -> usize {
    rustls_native_certs::load_native_certs().certs.len()
}

/// The error of a server that cannot be reached; never with the address that was asked.
pub(crate) fn unreachable(target: &str, error: reqwest::Error) -> CatalogError {
    let error = error.without_url();
    let target = target.to_owned();
    if concerns_tls(&error) {
        CatalogError::Tls { target, source: error.into() }
    } else {
        CatalogError::Unreachable { target, source: error.into() }
    }
}

/// Whether a TLS error is among an error's causes.
fn concerns_tls(error: &(dyn StdError + 'static)) -> bool {
    causes(error).any(|cause| cause.is::<rustls::Error>())
}

/// An error and its causes; some hide inside of I/O errors.
fn causes<'a>(
    error: &'a (dyn StdError + 'static),
) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |cause| cause_of(*cause))
}

fn cause_of<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a (dyn StdError + 'static)> {
    let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
    inner.map(|inner| inner as &(dyn StdError + 'static)).or_else(|| error.source())
}
