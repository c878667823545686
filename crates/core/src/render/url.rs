//! What a `.strm` file holds: one absolute http(s) URL.

use std::fmt::Write as _;

use crate::model::media::{Kind, Login, Stream, Title};
use crate::policy::Policy;

/// Room for most addresses, in bytes.
const USUAL_URL: usize = 160;

/// Kodi reads `.strm` lines of at most 4 095 bytes; longer ones break.
const MAX_URL: usize = 4000;

/// What the URL plays; it decides the URL's path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Playable {
    /// A movie.
    Movie,
    /// An episode.
    Episode,
}

/// Why a stream has no playable URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoUrl {
    /// Neither a URL nor what one could be made of.
    #[error("the source gives no address for it")]
    Missing,
    /// Media servers open http and https alone (Jellyfin since 10.11.7).
    #[error("its address is neither http nor https")]
    Unsupported,
    /// The account's profile takes too long for it.
    #[error("the account's default profile takes too long for its address")]
    Profile,
    /// More than players read.
    #[error("its address is longer than {MAX_URL} bytes")]
    TooLong,
}

/// The URL that plays this stream: the playlist's own, the provider's, or else Dispatcharr's proxy. It is the
/// provider's if the policy wants direct URLs and the account has a login. `uuid` is that of the title or the episode,
/// which a stream of another entry has for itself.
pub fn stream_url(
    policy: &Policy,
    playable: Playable,
    uuid: Option<&str>,
    stream: &Stream,
) -> Result<String, NoUrl> {
    let uuid = stream.uuid.as_deref().or(uuid);
    let url = match (&stream.url, &stream.account.login, uuid) {
        (Some(url), _, _) => escape_url(url)?,
        (None, Some(login), _) if policy.direct_urls => direct(playable, login, stream)?,
        (None, _, Some(uuid)) => proxy(policy, playable, uuid, stream),
        (None, _, None) => return Err(NoUrl::Missing),
    };
    if url.len() > MAX_URL { Err(NoUrl::TooLong) } else { Ok(url) }
}

/// Whether a title is a movie no stream of which has an address that players open.
pub fn is_without_address(policy: &Policy, title: &Title) -> bool {
    let url = |stream| stream_url(policy, Playable::Movie, title.uuid.as_deref(), stream);
    title.kind == Kind::Movie && title.streams.iter().all(|stream| url(stream).is_err())
}

/// Dispatcharr's proxy. A stream's id is unique within its account alone, so the account is named too. Dispatcharr
/// looks there first, also when the UUID is another one by now (since 0.26). Unpinned, it
/// chooses among all streams, and goes on to the next when one has no free slot.
fn proxy(policy: &Policy, playable: Playable, uuid: &str, stream: &Stream) -> String {
    let kind = match playable {
        Playable::Movie => "/proxy/vod/movie/",
        Playable::Episode => "/proxy/vod/episode/",
    };
    let mut url = String::with_capacity(USUAL_URL);
    for part in [policy.base_url.as_str(), kind, uuid] {
        url.push_str(part);
    }
    if stream.stream_id.is_empty() || policy.unpinned_urls {
        return url;
    }
    url.push_str("?stream_id=");
    push_part(&mut url, &stream.stream_id);
    if !policy.layout.is_classic() {
        // A text takes everything.
        _ = write!(url, "&m3u_account_id={}", stream.account.id);
    }
    url
}

/// The provider's own URL. A profile is applied to what Dispatcharr would have put together, without
/// escapes.
fn direct(playable: Playable, login: &Login, stream: &Stream) -> Result<String, NoUrl> {
    let folder = match playable {
        Playable::Movie => "movie",
        Playable::Episode => "series",
    };
    let container = stream.container.as_deref().filter(|c| !c.is_empty()).unwrap_or("mp4");
    let put_together = |part: fn(&str) -> String| {
        format!(
            "{}/{folder}/{}/{}/{}.{}",
            normalize_server_url(&login.server_url),
            part(&login.username),
            part(login.password.reveal()),
            part(&stream.stream_id),
            part(container),
        )
    };
    match &login.rewrite {
        None => escape_url(&put_together(escape_part)),
        Some(rewrite) => {
            let url = rewrite.apply(&put_together(str::to_owned));
            escape_url(&url.map_err(|_| NoUrl::Profile)?)
        }
    }
}

/// A provider's base URL, as Dispatcharr (since 0.25) takes it from what a user pasted. Query, fragment and final
/// slashes go, and a last path segment that ends in `.php`. A sub-path stays.
pub fn normalize_server_url(url: &str) -> String {
    let url = url.trim();
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let last = path.rfind('/').unwrap_or(0);
    let path = match path[last..].find(';') {
        Some(at) => &path[..last + at],
        None => path,
    };
    let path = path.trim_end_matches('/');
    let path = match path.rsplit_once('/') {
        Some((front, last)) if last.ends_with(".php") => front,
        _ => path,
    };
    format!("{}://{authority}{path}", scheme.to_ascii_lowercase())
}

/// Percent-encodes everything but unreserved characters: for one path segment or query value.
pub fn escape_part(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    push_part(&mut out, text);
    out
}

fn push_part(out: &mut String, text: &str) {
    push_escaped(out, text, |byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte));
}

/// Percent-encodes what may not stand in a URL, and the bar, which Kodi takes for the beginning of
/// header options. Existing escapes stay.
pub(crate) fn escape_url(url: &str) -> Result<String, NoUrl> {
    let url = url.trim();
    let scheme = url.split("://").next().unwrap_or_default();
    if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
        return Err(NoUrl::Unsupported);
    }
    if url.len() <= scheme.len() + 3 {
        return Err(NoUrl::Missing);
    }
    Ok(escape(url, |byte| byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte)))
}

fn escape(text: &str, is_plain: impl Fn(u8) -> bool) -> String {
    let mut out = String::with_capacity(text.len());
    push_escaped(&mut out, text, is_plain);
    out
}

fn push_escaped(out: &mut String, text: &str, is_plain: impl Fn(u8) -> bool) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for byte in text.bytes() {
        if is_plain(byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push(char::from(HEX[usize::from(byte >> 4)]));
            out.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::layout::Layout;
    use crate::model::media::Account;
    use crate::model::rewrite::Rewrite;

    fn policy(direct_urls: bool) -> Policy {
        let base_url = "http://d:9191/".parse().unwrap();
        Policy { direct_urls, ..Policy::new(Layout::standard(), base_url) }
    }

    fn stream(stream_id: &str, url: Option<&str>) -> Stream {
        let login = Login {
            server_url: "http://xc.example:80/player_api.php?x=1".into(),
            username: "user 2".into(),
            password: "p@ss/2".to_owned().into(),
            rewrite: None,
        };
        let account = Account { id: 1, name: "XC".into(), priority: 0, login: Some(login) };
        Stream { url: url.map(str::to_owned), ..Stream::new(Arc::new(account), stream_id.into()) }
    }

    #[test]
    fn proxy_urls_escape_the_stream_id() {
        let url = stream_url(&policy(false), Playable::Movie, Some("u-1"), &stream("7", None));
        assert_eq!(
            url.as_deref(),
            Ok("http://d:9191/proxy/vod/movie/u-1?stream_id=7&m3u_account_id=1")
        );
        let url =
            stream_url(&policy(false), Playable::Episode, Some("u-1"), &stream("a b&c#ü", None));
        assert_eq!(
            url.as_deref(),
            Ok("http://d:9191/proxy/vod/episode/u-1?stream_id=a%20b%26c%23%C3%BC&m3u_account_id=1")
        );
        let plain = |policy| stream_url(&policy, Playable::Movie, Some("u-1"), &stream("7", None));
        let unpinned = plain(Policy { unpinned_urls: true, ..policy(false) });
        assert_eq!(unpinned.as_deref(), Ok("http://d:9191/proxy/vod/movie/u-1"));
        let classic = plain(Policy { layout: Layout::classic(), ..policy(false) });
        assert_eq!(classic.as_deref(), Ok("http://d:9191/proxy/vod/movie/u-1?stream_id=7"));
    }

    #[test]
    fn direct_urls_escape_the_credentials() {
        let url = stream_url(&policy(true), Playable::Movie, Some("u-1"), &stream("7", None));
        assert_eq!(url.as_deref(), Ok("http://xc.example:80/movie/user%202/p%40ss%2F2/7.mp4"));
    }

    #[test]
    fn a_profile_changes_the_whole_url() {
        let rewrite =
            Rewrite::new("^http://xc.example:80/(.*)$", "https://b.example/$1?x= y").unwrap();
        let mut stream = stream("7", None);
        let mut account = (*stream.account).clone();
        account.login = account.login.map(|login| Login { rewrite, ..login });
        stream.account = Arc::new(account);
        let url = stream_url(&policy(true), Playable::Movie, Some("u-1"), &stream);
        assert_eq!(url.as_deref(), Ok("https://b.example/movie/user%202/p@ss/2/7.mp4?x=%20y"));
    }

    #[test]
    fn playlist_urls_stay_and_become_legal() {
        let url = |raw| stream_url(&policy(false), Playable::Movie, None, &stream("7", Some(raw)));
        assert_eq!(url("http://h/a b.mkv").as_deref(), Ok("http://h/a%20b.mkv"));
        assert_eq!(url("http://h/a%20b.mkv#.mkv").as_deref(), Ok("http://h/a%20b.mkv#.mkv"));
        assert_eq!(url("HTTPS://h/é|x").as_deref(), Ok("HTTPS://h/%C3%A9%7Cx"));
        assert_eq!(url("rtmp://h/x"), Err(NoUrl::Unsupported));
        assert_eq!(url("http://"), Err(NoUrl::Missing));
        let long = |bytes: usize| format!("http://h/{}", "x".repeat(bytes - "http://h/".len()));
        let (longest, too_long) = (long(4000), long(4001));
        assert_eq!(url(&longest).as_ref(), Ok(&longest), "as players read it");
        assert_eq!(url(&too_long), Err(NoUrl::TooLong));
        assert_eq!(
            stream_url(&policy(false), Playable::Movie, None, &stream("7", None)),
            Err(NoUrl::Missing)
        );
    }

    /// The examples of Dispatcharr's `normalize_server_url`.
    #[test]
    fn server_urls_are_normalised_like_dispatcharr_does() {
        for (raw, expected) in [
            ("http://h/player_api.php?u=1", "http://h"),
            ("http://h/sub/get.php", "http://h/sub"),
            ("http://h/sub//", "http://h/sub"),
            ("http://h//player_api.php", "http://h/"),
            ("http://h/a.PHP", "http://h/a.PHP"),
            ("http://h/x/y.php/z", "http://h/x/y.php/z"),
            (" HTTP://h:80/#x ", "http://h:80"),
            ("http://h/a;b/c;d", "http://h/a;b/c"),
        ] {
            assert_eq!(normalize_server_url(raw), expected, "{raw}");
        }
    }
}
