//! What a `.strm` that was found says it plays: the reverse of `url`. Nothing in it is trusted.

use crate::render::url::Playable;
use crate::text::percent::unescaped;

/// What the URL in a `.strm` file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Played {
    /// The URL as it stands there.
    pub url: String,
    /// What is recognised in it.
    pub form: Form,
}

/// A URL that we or the original may have written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Form {
    /// Dispatcharr's proxy: `…/proxy/vod/movie/<uuid>?stream_id=<stream id>`.
    Proxy {
        /// Movie or episode.
        playable: Playable,
        /// Dispatcharr's UUID, in lower case.
        uuid: String,
        /// The provider's id of the stream, when one is named.
        stream_id: Option<String>,
    },
    /// A provider's own: `…/movie/<user>/<password>/<stream id>.<container>`.
    Direct {
        /// Movie or episode.
        playable: Playable,
        /// The server.
        host: String,
        /// The provider's id of the stream.
        stream_id: String,
    },
    /// Any other.
    Other,
}

impl Form {
    /// What it plays and the provider's id of it, when both are known.
    pub fn stream(&self) -> Option<(Playable, &str)> {
        match self {
            Form::Proxy { playable, stream_id, .. } => Some((*playable, stream_id.as_deref()?)),
            Form::Direct { playable, stream_id, .. } => Some((*playable, stream_id)),
            Form::Other => None,
        }
    }
}

/// Reads a `.strm`'s content; `None` when there is no http(s) URL in it. What stands before it may be
/// empty lines, comments and a byte order mark.
pub fn read_strm(content: &[u8]) -> Option<Played> {
    let text = String::from_utf8_lossy(content);
    let mut lines = text.trim_start_matches('\u{FEFF}').lines().map(str::trim);
    let url = lines.find(|line| !line.is_empty() && !line.starts_with('#'))?;
    let host = host_of(url)?;
    let form = proxy(url).or_else(|| direct(url, host)).unwrap_or(Form::Other);
    Some(Played { url: url.to_owned(), form })
}

/// The host of an http(s) URL in lower case, without user and port: providers change the port when
/// they change to TLS.
pub fn host_of(url: &str) -> Option<String> {
    let (scheme, rest) = url.trim().split_once("://")?;
    if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
        return None;
    }
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let is_port = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit());
    let host = host.rsplit_once(':').filter(|(_, port)| is_port(port)).map_or(host, |(h, _)| h);
    (!host.is_empty()).then(|| host.to_lowercase())
}

/// The path's segments and the query, as they stand.
fn parts(url: &str) -> (Vec<&str>, &str) {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let rest = rest.split('#').next().unwrap_or_default();
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    (path.split('/').skip(1).collect(), query)
}

fn proxy(url: &str) -> Option<Form> {
    let (segments, query) = parts(url);
    let (playable, uuid) = segments.windows(4).rev().find_map(|four| match four {
        ["proxy", "vod", "movie", uuid] => Some((Playable::Movie, *uuid)),
        ["proxy", "vod", "episode", uuid] => Some((Playable::Episode, *uuid)),
        _ => None,
    })?;
    let stream_id = query.split('&').find_map(|pair| pair.strip_prefix("stream_id="));
    let stream_id = stream_id.map(unescaped).filter(|id| !id.is_empty());
    let uuid = unescaped(uuid).to_lowercase();
    (!uuid.is_empty()).then_some(Form::Proxy { playable, uuid, stream_id })
}

fn direct(url: &str, host: String) -> Option<Form> {
    let (segments, _) = parts(url);
    let [.., folder, _user, _password, file] = segments.as_slice() else { return None };
    let playable = match *folder {
        "movie" => Playable::Movie,
        "series" => Playable::Episode,
        _ => return None,
    };
    let stream_id = unescaped(file.rsplit_once('.').map_or(*file, |(stem, _)| stem));
    (!stream_id.is_empty()).then_some(Form::Direct { playable, host, stream_id })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;
    use crate::layout::Layout;
    use crate::model::media::{Account, Login, Stream};
    use crate::policy::Policy;
    use crate::render::url::stream_url;

    fn form(text: &str) -> Option<Form> {
        read_strm(text.as_bytes()).map(|played| played.form)
    }

    fn proxied(playable: Playable, uuid: &str, stream_id: Option<&str>) -> Option<Form> {
        let stream_id = stream_id.map(str::to_owned);
        Some(Form::Proxy { playable, uuid: uuid.to_owned(), stream_id })
    }

    #[test]
    fn proxy_urls_are_read() {
        use Playable::{Episode, Movie};
        for (text, expected) in [
            ("http://d:9191/proxy/vod/movie/U-1?stream_id=7\n", proxied(Movie, "u-1", Some("7"))),
            ("http://d/proxy/vod/movie/u-1", proxied(Movie, "u-1", None)),
            ("http://d/proxy/vod/movie/u-1?stream_id=", proxied(Movie, "u-1", None)),
            (
                "\u{FEFF}#EXTM3U\r\n\r\n HTTPS://d/sub/proxy/vod/episode/u-1?x=1&stream_id=a%20b%26c\r\n",
                proxied(Episode, "u-1", Some("a b&c")),
            ),
            (
                "http://d/proxy/vod/movie/u-1/session?stream_id=7#x",
                proxied(Movie, "u-1", Some("7")),
            ),
            ("http://d/proxy/vod/movie/", Some(Form::Other)),
            ("http://d/proxy/vod/live/u-1", Some(Form::Other)),
            ("ftp://d/proxy/vod/movie/u-1", None),
            ("http:///proxy/vod/movie/u-1", None),
            ("# nothing but a comment", None),
            ("", None),
        ] {
            assert_eq!(form(text), expected, "{text:?}");
        }
    }

    #[test]
    fn direct_urls_are_read() {
        for (text, expected) in [
            ("http://XC.example:80/movie/u/p/7.mp4", Some((Playable::Movie, "7"))),
            (
                "https://u@xc.example/sub/series/u%202/p%2F/a%2Fb.c.mkv",
                Some((Playable::Episode, "a/b.c")),
            ),
            ("http://xc.example/movie/u/p/7", Some((Playable::Movie, "7"))),
            ("http://xc.example/live/u/p/7.ts", None),
            ("http://xc.example/movie/7.mkv", None),
        ] {
            let expected = match expected {
                None => Form::Other,
                Some((playable, stream_id)) => Form::Direct {
                    playable,
                    host: "xc.example".to_owned(),
                    stream_id: stream_id.to_owned(),
                },
            };
            assert_eq!(form(text), Some(expected), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn what_url_writes_is_read_again(
            stream_id in ".{1,20}", container in "[a-z0-9]{0,4}", is_direct: bool, is_movie: bool,
            user in ".{1,9}", password in ".{1,9}",
        ) {
            let playable = if is_movie { Playable::Movie } else { Playable::Episode };
            let base_url = "http://d:9191/sub".parse().unwrap();
            let policy =
                Policy { direct_urls: is_direct, ..Policy::new(Layout::standard(), base_url) };
            let login =
                Login { server_url: "http://xc.example/x".into(), username: user, password: password.into(), rewrite: None };
            let account = Account { id: 1, name: "A".into(), priority: 0, login: Some(login) };
            let container = Some(container);
            let stream = Stream { container, ..Stream::new(Arc::new(account), stream_id.clone()) };
            let url = stream_url(&policy, playable, Some("u-1"), &stream).unwrap();
            let played = read_strm(format!("{url}\n").as_bytes()).unwrap();
            prop_assert_eq!(&played.url, &url);
            let expected = if is_direct { Form::Direct { playable, host: "xc.example".to_owned(), stream_id } } else { Form::Proxy { playable, uuid: "u-1".to_owned(), stream_id: Some(stream_id) } };
            prop_assert_eq!(played.form, expected);
        }

        #[test]
        fn anything_may_stand_in_a_file(content: Vec<u8>, text in "(http://)?[a-z/.%?=#@:]{0,60}") {
            let _ = read_strm(&content);
            let _ = read_strm(text.as_bytes());
            let _ = read_strm(format!("http://d/proxy/vod/movie/{text}").as_bytes());
        }
    }
}
