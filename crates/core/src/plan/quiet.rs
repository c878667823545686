//! Which differences of a file nobody notices who watches: such a file is not written again. `docs/quiet.md` has the
//! rules.

/// The most, in tenths, that a rating differs without being written again.
const RATING_STEP: i64 = 1;

/// The parts of a picture's file name behind the last dot.
const PICTURES: [&str; 7] = ["jpg", "jpeg", "png", "webp", "gif", "avif", "bmp"];

/// Whether a `.strm` of ours plays what another content would play. With `keeps_uuids` the source plays an address
/// that names stream and account, whatever UUID it has.
pub fn plays_the_same(ours: &[u8], wanted: &[u8], keeps_uuids: bool) -> bool {
    is_same(ours, wanted, |ours, wanted| {
        // Lines for players have addresses that stay as they are written.
        if [ours, wanted].iter().any(|line| line.starts_with('#')) {
            return false;
        }
        let (ours, wanted) = (Address::of(ours), Address::of(wanted));
        let is_same = |uuidless: fn(&str) -> Option<(&str, &str)>| {
            uuidless(ours.rest).zip(uuidless(wanted.rest)).is_some_and(|(a, b)| a == b)
        };
        ours.server() == wanted.server()
            && (ours.rest == wanted.rest || keeps_uuids && is_same(without_uuid))
    })
}

/// Whether an NFO of ours says what another content would say: but for the queries of pictures, and for a tenth of a
/// rating.
pub fn says_the_same(ours: &[u8], wanted: &[u8]) -> bool {
    is_same(ours, wanted, |ours, wanted| {
        let (Some(ours), Some(wanted)) = (Element::of(ours), Element::of(wanted)) else {
            return false;
        };
        ours.start == wanted.start
            && match ours.name() {
                "thumb" => is_same_picture(ours.text, wanted.text),
                "value" | "rating" => are_ratings_close(ours.text, wanted.text),
                _ => false,
            }
    })
}

/// A picture's address without its query, where the path alone names a picture: many servers have a token there, or the
/// time of day. Works on an address in a document, too.
pub fn without_query(address: &[u8]) -> &[u8] {
    let Some(at) = address.iter().position(|byte| *byte == b'?') else { return address };
    let path = &address[..at];
    let name = path.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    let extension = name.iter().rposition(|byte| *byte == b'.').map(|dot| &name[dot + 1..]);
    let is_picture = extension.is_some_and(|extension| {
        PICTURES.iter().any(|known| known.as_bytes().eq_ignore_ascii_case(extension))
    });
    if is_picture { path } else { address }
}

/// Whether two texts have lines that are equal, or alike by this rule.
fn is_same(ours: &[u8], wanted: &[u8], is_alike: impl Fn(&str, &str) -> bool) -> bool {
    let (Ok(ours), Ok(wanted)) = (str::from_utf8(ours), str::from_utf8(wanted)) else {
        return false;
    };
    let (mut ours, mut wanted) = (ours.split('\n'), wanted.split('\n'));
    loop {
        match (ours.next(), wanted.next()) {
            (None, None) => return true,
            (Some(ours), Some(wanted)) if ours == wanted || is_alike(ours, wanted) => {}
            _ => return false,
        }
    }
}

/// An address in two parts.
struct Address<'a> {
    scheme: &'a str,
    host: &'a str,
    /// From the path on.
    rest: &'a str,
}

impl<'a> Address<'a> {
    /// A text that is no address has no server.
    fn of(text: &'a str) -> Address<'a> {
        let Some((scheme, rest)) = text.split_once("://") else {
            return Address { scheme: "", host: "", rest: text };
        };
        let (host, rest) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        Address { scheme, host, rest }
    }

    /// Who is asked: letters are small, and the scheme's own port is not named.
    fn server(&self) -> (String, String) {
        let (scheme, host) = (self.scheme.to_ascii_lowercase(), self.host);
        let port = if scheme == "https" { ":443" } else { ":80" };
        let host = host.strip_suffix(port).unwrap_or(host);
        // What stands before the host is a login.
        let host = match host.rsplit_once('@') {
            Some((login, host)) => format!("{login}@{}", host.to_ascii_lowercase()),
            None => host.to_ascii_lowercase(),
        };
        (scheme, host)
    }
}

/// What stands before and behind the UUID of a proxy's address that names stream and account; `None` for any other.
fn without_uuid(path: &str) -> Option<(&str, &str)> {
    let (before, query) = path.split_once("?stream_id=")?;
    query.split_once("&m3u_account_id=")?;
    let (before, uuid) = before.rsplit_once('/')?;
    let is_proxied =
        ["/proxy/vod/movie", "/proxy/vod/episode"].iter().any(|proxy| before.ends_with(proxy));
    let is_uuid = uuid.len() == 36 && uuid.bytes().all(|it| it.is_ascii_hexdigit() || it == b'-');
    (is_proxied && is_uuid).then_some((before, query))
}

/// A line that is one element of an NFO.
struct Element<'a> {
    /// The start tag, without its bracket at the end.
    start: &'a str,
    text: &'a str,
}

impl<'a> Element<'a> {
    fn of(line: &'a str) -> Option<Element<'a>> {
        let (start, rest) = line.trim_start().strip_prefix('<')?.split_once('>')?;
        let element = Element { start, text: rest.split_once("</")?.0 };
        rest.ends_with(&format!("</{}>", element.name())).then_some(element)
    }

    fn name(&self) -> &'a str {
        self.start.split(' ').next().unwrap_or_default()
    }
}

fn is_same_picture(ours: &str, wanted: &str) -> bool {
    let (ours, wanted) = (Address::of(ours), Address::of(wanted));
    ours.server() == wanted.server()
        && without_query(ours.rest.as_bytes()) == without_query(wanted.rest.as_bytes())
}

/// Whether two ratings out of 10 are at most a tenth apart. What is no number is like nothing else.
fn are_ratings_close(ours: &str, wanted: &str) -> bool {
    let tenths = |text: &str| {
        let value: f64 = text.parse().ok()?;
        (0.0..=10.0).contains(&value).then(|| (value * 10.0).round() as i64)
    };
    tenths(ours).zip(tenths(wanted)).is_some_and(|(a, b)| (a - b).abs() <= RATING_STEP)
}

#[cfg(test)]
mod tests {
    use super::*;

    const UUID: &str = "00010203-0405-0607-0809-0a0b0c0d0e0f";
    const OTHER: &str = "ffffffff-0405-0607-0809-0a0b0c0d0e0f";

    fn strm(host: &str, kind: &str, uuid: &str, query: &str) -> String {
        format!("#KODIPROP:a=b\n{host}/proxy/vod/{kind}/{uuid}{query}\n")
    }

    #[test]
    fn a_uuid_alone_is_not_noticed_where_stream_and_account_are_named() {
        let host = "http://d:9191";
        let pinned = "?stream_id=7&m3u_account_id=1";
        let ours = strm(host, "movie", UUID, pinned);
        let is_same = |wanted: &str| plays_the_same(ours.as_bytes(), wanted.as_bytes(), true);
        assert!(is_same(&strm(host, "movie", OTHER, pinned)));
        for wanted in [
            strm(host, "episode", OTHER, pinned),
            strm(host, "movie", OTHER, "?stream_id=8&m3u_account_id=1"),
            strm(host, "movie", OTHER, "?stream_id=7&m3u_account_id=2"),
            strm(host, "movie", OTHER, "?stream_id=7"),
            strm("http://e:9191", "movie", OTHER, pinned),
            strm("http://d:9191/sub", "movie", OTHER, pinned),
            strm("https://d:9191", "movie", OTHER, pinned),
            strm(host, "movie", "no-uuid", pinned),
            format!("{}more\n", strm(host, "movie", OTHER, pinned)),
            strm(host, "movie", OTHER, pinned).replace("a=b", "a=c"),
        ] {
            assert!(!is_same(&wanted), "{wanted}");
        }
        let other = strm(host, "movie", OTHER, pinned);
        assert!(!plays_the_same(ours.as_bytes(), other.as_bytes(), false), "it is followed");
        for query in ["", "?stream_id=7"] {
            let [ours, wanted] = [UUID, OTHER].map(|uuid| strm(host, "movie", uuid, query));
            assert!(!plays_the_same(ours.as_bytes(), wanted.as_bytes(), true), "{query}");
        }
    }

    #[test]
    fn a_server_is_the_same_however_it_is_written() {
        let is_same =
            |ours: &str, wanted: &str| plays_the_same(ours.as_bytes(), wanted.as_bytes(), false);
        for (ours, wanted) in [
            ("http://host/a.mkv", "HTTP://Host:80/a.mkv"),
            ("https://host:443/a", "https://host/a"),
            ("http://User:Word@host/a", "http://User:Word@HOST/a"),
        ] {
            assert!(is_same(ours, wanted), "{ours} {wanted}");
        }
        for (ours, wanted) in [
            ("http://host/a.mkv", "http://host/A.mkv"),
            ("http://host/a", "https://host/a"),
            ("http://host:443/a", "http://host/a"),
            ("http://User:Word@host/a", "http://user:word@host/a"),
            ("http://line1.host/a", "http://line2.host/a"),
            ("http://host/a.jpg?x=1", "http://host/a.jpg?x=2"),
            ("http://host", "http://host:80/"),
            ("#EXTVLCOPT:HTTP-Referrer=http://x/", "#EXTVLCOPT:http-referrer=http://x/"),
            ("#KODIPROP:k=https://l:80/", "#KODIPROP:k=https://l/"),
        ] {
            assert!(!is_same(ours, wanted), "{ours} {wanted}");
        }
    }

    #[test]
    fn of_a_picture_the_query_is_not_noticed() {
        let nfo = |tag: &str, text: &str| format!("<movie>\n  <{tag}>{text}</x>\n</movie>\n");
        let is_same = |tag: &str, ours: &str, wanted: &str| {
            let name = tag.split(' ').next().unwrap();
            let [ours, wanted] =
                [ours, wanted].map(|text| nfo(tag, text).replace("</x>", &format!("</{name}>")));
            says_the_same(ours.as_bytes(), wanted.as_bytes())
        };
        let poster = "thumb aspect=\"poster\"";
        assert!(is_same(poster, "http://h/a.jpg?t=1", "http://h/a.jpg?t=2&amp;u=3"));
        assert!(is_same("thumb", "http://h/a.JPG?t=1", "http://H/a.JPG"));
        assert!(!is_same(poster, "http://h/a.jpg?t=1", "http://h/b.jpg?t=1"));
        assert!(!is_same(poster, "http://h/image?id=1", "http://h/image?id=2"));
        assert!(!is_same(poster, "http://h/a.jpg", "http://i/a.jpg"));
        assert!(!is_same("plot", "http://h/a.jpg?t=1", "http://h/a.jpg?t=2"));
    }

    #[test]
    fn of_a_rating_a_tenth_is_not_noticed() {
        let close = |ours: &str, wanted: &str| {
            let nfo = |value: &str| format!("<movie>\n      <value>{value}</value>\n</movie>\n");
            says_the_same(nfo(ours).as_bytes(), nfo(wanted).as_bytes())
        };
        for (ours, wanted) in [("7.3", "7.4"), ("7.0", "6.9"), ("10.0", "9.9"), ("7.3", "7.3")] {
            assert!(close(ours, wanted), "{ours} {wanted}");
        }
        for (ours, wanted) in [("7.3", "7.5"), ("7.3", "8.3"), ("7.3", "x"), ("7.3", "1e9")] {
            assert!(!close(ours, wanted), "{ours} {wanted}");
        }
        assert!(!says_the_same(b"<year>1999</year>\n", b"<year>2000</year>\n"));
        assert!(!says_the_same(b"\xff", b"\xfe"));
        assert!(!says_the_same(b"<movie>\n", b"<movie>\n\n"));
    }
}
