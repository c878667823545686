//! TLS to the server, with libpq's three degrees of distrust.

use std::path::Path;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::address::{TlsOptions, Trust};
use crate::error::BoxedError;

/// Makes the connector for a server.
pub fn connector(options: &TlsOptions) -> Result<MakeRustlsConnect, BoxedError> {
    let provider = Arc::new(ring::default_provider());
    let named = match &options.root_cert {
        Some(path) => certificates(path)?,
        None => Vec::new(),
    };
    let verifier = Verifier {
        inner: inner(options, &named, &provider)?,
        named,
        trust: options.trust,
        provider: provider.clone(),
    };
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier));
    let config = match &options.client_cert {
        None => builder.with_no_client_auth(),
        Some((cert, key)) => {
            let key = PrivateKeyDer::from_pem_file(key).map_err(|e| naming(key, &e))?;
            builder.with_client_auth_cert(certificates(cert)?, key)?
        }
    };
    Ok(MakeRustlsConnect::new(config))
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, BoxedError> {
    let read = || CertificateDer::pem_file_iter(path)?.collect();
    let certificates: Result<Vec<_>, rustls::pki_types::pem::Error> = read();
    let certificates = certificates.map_err(|error| naming(path, &error))?;
    if certificates.is_empty() {
        Err(format!("{} holds no certificate (PEM)", path.display()).into())
    } else {
        Ok(certificates)
    }
}

fn naming(path: &Path, error: &dyn std::error::Error) -> BoxedError {
    format!("{}: {error}", path.display()).into()
}

/// The ordinary verifier, where one is needed.
fn inner(
    options: &TlsOptions,
    named: &[CertificateDer<'static>],
    provider: &Arc<CryptoProvider>,
) -> Result<Option<Arc<WebPkiServerVerifier>>, BoxedError> {
    if options.trust == Trust::Anyone {
        return Ok(None);
    }
    let mut roots = RootCertStore::empty();
    if named.is_empty() {
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    }
    for certificate in named {
        roots.add(certificate.clone())?;
    }
    Ok(Some(
        WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider.clone()).build()?,
    ))
}

#[derive(Debug)]
struct Verifier {
    inner: Option<Arc<WebPkiServerVerifier>>,
    /// The certificates that the user named.
    named: Vec<CertificateDer<'static>>,
    trust: Trust,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let Some(inner) = &self.inner else { return Ok(ServerCertVerified::assertion()) };
        // A self-signed server's own certificate, given as the root: libpq takes it, webpki does not.
        if self.named.iter().any(|named| named == end_entity) {
            if self.trust == Trust::AuthorityAndHost {
                verify_server_name(&ParsedCertificate::try_from(end_entity)?, server_name)?;
            }
            return Ok(ServerCertVerified::assertion());
        }
        let verified =
            inner.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now);
        match verified {
            Err(rustls::Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) if self.trust == Trust::Authority => Ok(ServerCertVerified::assertion()),
            verified => verified,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, cert, dss, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, cert, dss, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
