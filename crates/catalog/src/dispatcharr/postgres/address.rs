//! A `postgres://` address: what libpq's URLs can say, with their TLS options.

use std::path::PathBuf;
use std::time::Duration;

use tokio_postgres::config::{Config, Host, SslMode};
use vod2strm_core::cancel::Cancel;
use vod2strm_core::text::percent::decoded;
use vod2strm_core::text::redact::redact;

use crate::error::CatalogError;
use crate::limits::SourceLimits;

/// How often the network is tried while the server says nothing.
const KEEPALIVE: Duration = Duration::from_secs(15);

/// How the names of all our sessions begin, whatever they are for: `pg_stat_activity` shows them.
pub const APPLICATION: &str = "vod2strm";

/// How far the server's certificate is checked: libpq's `sslmode`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// Encrypted, whoever it is (`prefer`, `require`).
    Anyone,
    /// The certificate comes from a trusted authority (`verify-ca`).
    Authority,
    /// And is made out to this host (`verify-full`).
    AuthorityAndHost,
}

/// TLS options.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsOptions {
    /// How far the certificate is checked.
    pub trust: Trust,
    /// Authorities to trust, PEM; `None` means the system's.
    pub root_cert: Option<PathBuf>,
    /// Our certificate and key, PEM, for servers that ask for one.
    pub client_cert: Option<(PathBuf, PathBuf)>,
}

/// A parsed address.
#[derive(Clone, Debug)]
pub struct DatabaseAddress {
    /// Everything that tokio-postgres knows of.
    pub config: Config,
    /// The rest.
    pub tls: TlsOptions,
    /// What the server may do.
    pub limits: SourceLimits,
    /// Whether the reading is to end.
    pub cancel: Cancel,
}

impl DatabaseAddress {
    /// Parses `postgres://user:password@host:port/database?…` or `postgresql://…`.
    pub fn parse(url: &str) -> Result<DatabaseAddress, CatalogError> {
        let invalid = |reason: String| CatalogError::InvalidUrl { url: redact(url), reason };
        let (front, query) = url.split_once('?').unwrap_or((url, ""));
        // Whoever splits it at the wrong one would show, and look up, a part of the password.
        if front.matches('@').count() > 1 || query.contains('@') && !front.contains('@') {
            return Err(invalid("write @ in a user name or password as %40, ? as %3F".to_owned()));
        }
        let mut tls = Tls::default();
        let mut rest = Vec::new();
        for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
            let (key, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            if !tls.take(key, value).map_err(&invalid)? {
                rest.push(parameter);
            }
        }
        let stripped =
            if rest.is_empty() { front.to_owned() } else { format!("{front}?{}", rest.join("&")) };
        let mut config: Config = stripped.parse().map_err(|error| invalid(innermost(&error)))?;
        if config.get_dbname().is_none() {
            return Err(invalid("it names no database".to_owned()));
        }
        if config.get_hosts().is_empty() {
            config.host("localhost");
        }
        let (mode, tls) = tls.resolve().map_err(&invalid)?;
        config.ssl_mode(mode);
        config.application_name(APPLICATION);
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(Duration::from_secs(10));
        }
        // A network that goes away without a word is noticed, also while nothing is asked.
        if !rest.iter().any(|parameter| parameter.starts_with("keepalives")) {
            config.keepalives_idle(KEEPALIVE);
            config.keepalives_interval(KEEPALIVE);
            config.keepalives_retries(3);
        }
        Ok(DatabaseAddress {
            config,
            tls,
            limits: SourceLimits::default(),
            cancel: Cancel::default(),
        })
    }

    /// Host and port, or socket folder, for messages.
    pub fn target(&self) -> String {
        let port = self.config.get_ports().first().copied().unwrap_or(5432);
        match self.config.get_hosts().first() {
            Some(Host::Tcp(host)) => format!("{host}:{port}"),
            Some(Host::Unix(path)) => format!("{}/.s.PGSQL.{port}", path.display()),
            None => format!("localhost:{port}"),
        }
    }

    /// The database, for messages.
    pub fn database(&self) -> &str {
        self.config.get_dbname().unwrap_or_default()
    }
}

/// tokio-postgres says "invalid configuration" and keeps the reason in its source.
/// The name of an unknown option stays out: it may be a piece of a password.
fn innermost(error: &dyn std::error::Error) -> String {
    let reason = error.source().map_or_else(|| error.to_string(), ToString::to_string);
    if reason.starts_with("unknown option") {
        "an option behind the ? is not known".to_owned()
    } else {
        reason
    }
}

#[derive(Default)]
struct Tls {
    mode: Option<String>,
    root: Option<String>,
    cert: Option<PathBuf>,
    key: Option<PathBuf>,
}

impl Tls {
    /// Takes a parameter that is about TLS; says whether it was one.
    fn take(&mut self, key: &str, value: &str) -> Result<bool, String> {
        let value = String::from_utf8(decoded(value)).map_err(|_| "an option is not UTF-8")?;
        match key {
            "sslmode" => self.mode = Some(value),
            "sslrootcert" => self.root = Some(value),
            "sslcert" => self.cert = Some(value.into()),
            "sslkey" => self.key = Some(value.into()),
            // libpq's compression switch, off everywhere by now.
            "sslcompression" => {}
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn resolve(self) -> Result<(SslMode, TlsOptions), String> {
        let (mode, trust) = match self.mode.as_deref().unwrap_or("prefer") {
            "disable" => (SslMode::Disable, Trust::Anyone),
            "allow" | "prefer" => (SslMode::Prefer, Trust::Anyone),
            // As in libpq: with a root certificate at hand, it is used.
            "require" if self.root.is_some() => (SslMode::Require, Trust::Authority),
            "require" => (SslMode::Require, Trust::Anyone),
            "verify-ca" => (SslMode::Require, Trust::Authority),
            "verify-full" => (SslMode::Require, Trust::AuthorityAndHost),
            _ => {
                return Err(String::from(
                    "sslmode is none of disable, allow, prefer, require, verify-ca, verify-full",
                ));
            }
        };
        let client_cert = match (self.cert, self.key) {
            (Some(cert), Some(key)) => Some((cert, key)),
            (None, None) => None,
            _ => return Err("sslcert and sslkey go together".to_owned()),
        };
        let root_cert = self.root.filter(|root| root != "system").map(PathBuf::from);
        Ok((mode, TlsOptions { trust, root_cert, client_cert }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tls_modes_are_libpqs() {
        for (mode, ssl, trust) in [
            ("disable", SslMode::Disable, Trust::Anyone),
            ("prefer", SslMode::Prefer, Trust::Anyone),
            ("require", SslMode::Require, Trust::Anyone),
            ("require&sslrootcert=/a%20b.pem", SslMode::Require, Trust::Authority),
            ("verify-ca", SslMode::Require, Trust::Authority),
            ("verify-full", SslMode::Require, Trust::AuthorityAndHost),
        ] {
            let address =
                DatabaseAddress::parse(&format!("postgres://u:p@h/db?sslmode={mode}")).unwrap();
            assert_eq!(address.config.get_ssl_mode(), ssl, "{mode}");
            assert_eq!(address.tls.trust, trust, "{mode}");
        }
        let address = DatabaseAddress::parse("postgres://u@h/db?sslrootcert=/a%20b.pem").unwrap();
        assert_eq!(address.tls.root_cert, Some("/a b.pem".into()));
    }

    #[test]
    fn bad_addresses_say_what_is_wrong_and_keep_the_password() {
        for (url, reason) in [
            ("postgres://u:s3cret@h", "no database"),
            ("postgres://u:s3cret@h/db?sslmode=maybe", "sslmode is none"),
            ("postgres://u:s3cret@h:port/db", "port"),
            ("postgres://u:s3cret@h/db?nonsense=1", "not known"),
            ("postgres://u:s3cret@h/db?sslcert=x", "go together"),
            ("postgres://u:x@s3cret@h/db", "%40"),
            ("postgres://u:x?s3cret@h/db", "%3F"),
        ] {
            let error = DatabaseAddress::parse(url).unwrap_err().to_string();
            assert!(error.contains(reason), "{url}: {error}");
            assert!(!error.contains("s3cret"), "{error}");
        }
    }

    #[test]
    fn targets_are_readable() {
        let target = |url| DatabaseAddress::parse(url).unwrap().target();
        assert_eq!(target("postgres://u:p@db:5433/tv"), "db:5433");
        assert_eq!(target("postgres://u@%2Frun%2Fpg/tv"), "/run/pg/.s.PGSQL.5432");
        assert_eq!(target("postgresql://u@/tv?host=/run/pg&port=5499"), "/run/pg/.s.PGSQL.5499");
    }
}
