//! What all requests over HTTP share: the client, and what its errors mean.

use std::error::Error as StdError;
use std::io;
use std::time::Duration;

use reqwest::Client;
use reqwest::redirect::Policy;

use crate::error::CatalogError;

/// How long a connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// A client that calls itself so, for which a server may be silent so long, and that follows so many
/// redirections.
pub(crate) fn client(
    user_agent: &str,
    silence: Duration,
    redirects: usize,
) -> Result<Client, reqwest::Error> {
    // An error says that somebody installed a provider already, and that one serves as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder()
        .user_agent(user_agent)
        // Whoever asks for gzip undoes it too: its end proves that nothing is missing.
        .no_gzip()
        .no_deflate()
        .connect_timeout(CONNECT_TIMEOUT)
        .read_timeout(silence)
        .redirect(if redirects == 0 { Policy::none() } else { Policy::limited(redirects) })
        // The address before a redirection holds credentials that are not for the next server.
        .referer(false)
        .build()
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
