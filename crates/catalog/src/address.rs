//! Where a catalogue is: an address, understood.

use std::path::{Path, PathBuf};

use crate::dispatcharr::postgres::address::DatabaseAddress;
use crate::dispatcharr::proxy;
use crate::error::CatalogError;
use crate::limits::SourceLimits;
use crate::m3u::Location;
use vod2strm_core::policy::BaseUrl;
use vod2strm_core::select::classify::Classify;
use vod2strm_core::text::redact::redact;

/// What an address with a scheme is.
enum Scheme {
    Database,
    Web,
    File,
    /// Nothing yet, in words.
    Later(&'static str),
}

/// What may stand before `://`.
const SCHEMES: [(&str, Scheme); 7] = [
    ("postgres", Scheme::Database),
    ("postgresql", Scheme::Database),
    ("http", Scheme::Web),
    ("https", Scheme::Web),
    ("file", Scheme::File),
    ("xtream+http", Scheme::Later(XTREAM)),
    ("xtream+https", Scheme::Later(XTREAM)),
];

const XTREAM: &str = "Xtream panels are not built yet";

/// A source that has an address, not opened yet.
#[derive(Clone, Debug)]
pub enum SourceAddress {
    /// A database.
    Database(Box<DatabaseAddress>),
    /// A playlist, local or remote.
    Playlist(Box<PlaylistAddress>),
}

/// A playlist, not read yet.
#[derive(Clone, Debug)]
pub struct PlaylistAddress {
    /// Where it is.
    pub location: Location,
    /// How much it may send.
    pub limits: SourceLimits,
    /// What the user says that its entries are.
    pub classify: Classify,
}

impl SourceAddress {
    /// Understands an address; nothing is opened or asked.
    pub fn parse(text: &str) -> Result<SourceAddress, CatalogError> {
        let Some((scheme, rest)) = text.split_once("://") else { return parse_path(text) };
        let scheme = scheme.to_ascii_lowercase();
        let known = SCHEMES.iter().find(|(name, _)| *name == scheme);
        // What stands before :// may be a part of a password.
        let Some((_, kind)) = known else {
            return Err(unknown("what stands before :// is no kind of source"));
        };
        if matches!(kind, Scheme::Database | Scheme::Web) && text.contains(char::is_whitespace) {
            return Err(invalid(text, "there is a blank in it; write it as %20"));
        }
        let url = || text.parse().map_err(|error| invalid(text, &format!("{error}")));
        match kind {
            Scheme::Database => {
                let address = DatabaseAddress::parse(&format!("{scheme}://{rest}"))?;
                Ok(SourceAddress::Database(Box::new(address)))
            }
            Scheme::Web => Ok(playlist(Location::Http(url()?))),
            Scheme::File => Location::file(&url()?)
                .map(playlist)
                .ok_or_else(|| invalid(text, "it names no file of this machine")),
            Scheme::Later(what) => Err(invalid(text, what)),
        }
    }

    /// A playlist that somebody has read to its end, from a file or from standard input.
    pub fn of_read(from: PathBuf, bytes: Vec<u8>) -> SourceAddress {
        playlist(Location::Read { from, bytes: bytes.into() })
    }

    /// The same source, which may do so much.
    pub fn within(mut self, limits: SourceLimits) -> SourceAddress {
        match &mut self {
            SourceAddress::Database(address) => address.limits = limits,
            SourceAddress::Playlist(list) => list.limits = limits,
        }
        self
    }

    /// The same source, whose entries are what the user says. Only a playlist has entries.
    pub fn classified(mut self, classify: Classify) -> SourceAddress {
        if let SourceAddress::Playlist(list) = &mut self {
            list.classify = classify;
        }
        self
    }

    /// The files of this machine that are read for it, each with what it is.
    pub fn files(&self) -> Vec<(&Path, &'static str)> {
        match self {
            SourceAddress::Playlist(list) => match &list.location {
                Location::File(path) => vec![(path, "the source")],
                Location::Http(_) | Location::Read { .. } => Vec::new(),
            },
            SourceAddress::Database(address) => {
                let (root, own) = (&address.tls.root_cert, &address.tls.client_cert);
                let own = own.iter().flat_map(|(certificate, key)| [certificate, key]);
                own.chain(root)
                    .map(|path| (path.as_path(), "a certificate of the source"))
                    .collect()
            }
        }
    }

    /// Whether it is asked by https.
    pub fn is_https(&self) -> bool {
        let SourceAddress::Playlist(list) = self else { return false };
        matches!(&list.location, Location::Http(url) if url.scheme() == "https")
    }

    /// Whether its titles are played through a proxy of its own.
    pub fn is_proxied(&self) -> bool {
        matches!(self, SourceAddress::Database(_))
    }

    /// What a person should know of the address at which players are to find that proxy, if it is hardly meant so.
    pub fn proxy_advice(&self, address: &BaseUrl, is_default: bool) -> Option<String> {
        match self {
            SourceAddress::Database(_) => proxy::advice(address, is_default),
            SourceAddress::Playlist(..) => None,
        }
    }

    /// Whether it says, before it is read, whether it is what it was.
    pub fn tells_its_state(&self) -> bool {
        matches!(self, SourceAddress::Database(_))
    }

    /// Whether it can be looked at without being read, for a change.
    pub fn is_watched(&self) -> bool {
        match self {
            SourceAddress::Database(_) => true,
            SourceAddress::Playlist(list) => matches!(list.location, Location::File(_)),
        }
    }

    /// Whether it can fetch episodes that it does not have.
    pub fn can_fetch_episodes(&self) -> bool {
        matches!(self, SourceAddress::Database(_))
    }
}

/// A text without `://` is a path, unless it looks like an address that was meant otherwise. Such a text may hold
/// a password, and is not repeated.
fn parse_path(text: &str) -> Result<SourceAddress, CatalogError> {
    let lower = text.to_ascii_lowercase();
    if lower.starts_with("sqlite:") {
        return Err(invalid(text, "the embedded catalogue is not built yet"));
    }
    let begins = |(scheme, kind): &(&str, Scheme)| {
        let rest = lower.strip_prefix(scheme);
        !matches!(kind, Scheme::File) && rest.is_some_and(|rest| rest.starts_with(':'))
    };
    let is_address =
        SCHEMES.iter().any(begins) || lower.contains("password=") || lower.contains('@');
    // What cannot be looked at may be a playlist: whoever opens it says why not.
    if is_address && matches!(Path::new(text).try_exists(), Ok(false)) {
        return Err(unknown("it is neither an address with :// nor the path of a playlist"));
    }
    Ok(playlist(Location::File(PathBuf::from(text))))
}

fn playlist(location: Location) -> SourceAddress {
    let (limits, classify) = (SourceLimits::default(), Classify::default());
    SourceAddress::Playlist(Box::new(PlaylistAddress { location, limits, classify }))
}

/// A text of which nothing is shown.
fn unknown(reason: &str) -> CatalogError {
    CatalogError::InvalidUrl { url: "this".to_owned(), reason: reason.to_owned() }
}

fn invalid(address: &str, reason: &str) -> CatalogError {
    // What follows a blank may be the rest of a password.
    let shown = address.split_whitespace().next().unwrap_or_default();
    CatalogError::InvalidUrl { url: redact(shown), reason: reason.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_apart() {
        let kind =
            |address: &str| SourceAddress::parse(address).ok().map(|source| source.is_proxied());
        for (address, expected) in [
            ("postgres://u@h/d", Some(true)),
            ("PostgreSQL://u@h/d", Some(true)),
            ("http://h/get.php", Some(false)),
            ("lists/a.m3u", Some(false)),
            ("file:///a.m3u", Some(false)),
            ("xtream+http://u:p@h", None),
            ("xtream+https:u:p", None),
            ("file:a.m3u", Some(false)),
            ("sqlite:x.db", None),
            ("mysql://h/d", None),
            ("postgres:/joe:secret@h/d", None),
            ("host=db password=secret", None),
            ("http://h/a b", None),
        ] {
            assert_eq!(kind(address), expected, "{address}");
        }
    }
}
