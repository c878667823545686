//! Addresses as they may be shown. An address is taken apart and built anew from what is no secret. That is its
//! scheme, its host and port, a name out of a short list, and of PostgreSQL the database.
//!
//! Where it is not clear what an address means, too much is hidden rather than too little.

use std::ops::Range;

use crate::hash::RowHasher;

/// The text that stands where a secret was.
pub const HIDDEN: &str = "***";

/// Marks of a sentence that may follow an address. More of them may be a piece of a password.
const MOST_MARKS: usize = 3;

/// Names at a path's end that say which kind of list it is. All other segments may be a token.
const KNOWN_NAMES: [&str; 3] = ["get.php", "player_api.php", "xmltv.php"];

/// A web or database address, taken apart after its `://`.
#[derive(Debug)]
pub(crate) struct Parts<'a> {
    /// What stands before the host: user, colon, password.
    pub(crate) userinfo: Option<&'a str>,
    /// Host and port, perhaps several with commas between.
    hosts: &'a str,
    /// With its leading slash, or empty.
    pub(crate) path: &'a str,
    /// Without its question mark, or empty.
    pub(crate) query: &'a str,
}

impl Parts<'_> {
    /// Takes apart what follows `://`; `None` where it is not clear which part is which.
    pub(crate) fn of(rest: &str) -> Option<Parts<'_>> {
        let (authority, tail) =
            rest.split_at(rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len()));
        let (userinfo, hosts) = match authority.rsplit_once('@') {
            Some((userinfo, hosts)) => (Some(userinfo), hosts),
            None => (None, authority),
        };
        let (front, fragment) = tail.split_once('#').unwrap_or((tail, ""));
        let (path, query) = front.split_once('?').unwrap_or((front, ""));
        // An `@` further back may end a password that has a slash in it. In a query that panels are asked with
        // it is a user's mail address.
        let is_clear = !tail.contains('@')
            || !path.contains('@') && !fragment.contains('@') && known_name(path).is_some();
        (is_clear && hosts.split(',').all(is_host)).then_some(Parts {
            userinfo,
            hosts,
            path,
            query,
        })
    }

    /// The parameters of the query.
    pub(crate) fn parameters(&self) -> impl Iterator<Item = (&str, &str)> {
        let pairs = self.query.split('&').filter(|pair| !pair.is_empty());
        pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")))
    }
}

/// Whether a text can be a host, with or without a port.
fn is_host(text: &str) -> bool {
    let (is_name, port) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((name, rest)) => {
            let is_name = name.chars().all(|c| c.is_ascii_alphanumeric() || ":.%".contains(c));
            (is_name && (rest.is_empty() || rest.starts_with(':')), rest.trim_start_matches(':'))
        }
        None => {
            let (name, port) = text.split_once(':').unwrap_or((text, ""));
            (name.chars().all(|c| c.is_alphanumeric() || "-._~%".contains(c)), port)
        }
    };
    is_name && port.len() <= 5 && port.chars().all(|c| c.is_ascii_digit())
}

/// A source for people, the log, reports and the ledger. Two sources of one host differ in the four letters
/// at the end, which stand for user and path. A password alone does not change them. A local file's path is
/// shown as it is.
pub fn label(address: &str) -> String {
    let Some((scheme, rest)) = address.split_once("://") else { return address.to_owned() };
    let shown = show(scheme, rest);
    match Parts::of(rest) {
        Some(parts) if !is_file(scheme) => format!("{shown} ({})", letters(scheme, &parts)),
        _ => shown,
    }
}

/// A copy of `text` in which all addresses show no more than they may.
pub fn redact(text: &str) -> String {
    text.split_inclusive(char::is_whitespace).map(redact_word).collect()
}

/// A text without white space, which may be an address or hold some.
fn redact_word(word: &str) -> String {
    let Some(at) = word.find("://") else { return word.to_owned() };
    let is_of_scheme = |c: char| c.is_ascii_alphanumeric() || "+.-".contains(c);
    let start = word[..at].trim_end_matches(is_of_scheme).len();
    let (before, scheme, rest) = (&word[..start], &word[start..at], &word[at + 3..]);
    let end = end_of(rest);
    let (address, after) = rest.split_at(end);
    let after = if after.contains("://") { redact_word(after) } else { after.to_owned() };
    format!("{before}{}{after}", show(scheme, address))
}

/// Where an address ends in a word: before marks of the sentence around it, and before the next address of a
/// list.
fn end_of(rest: &str) -> usize {
    let is_next = |at: &usize| {
        let next = &rest[at + 1..];
        let scheme = next.split_once("://").map_or("", |(scheme, _)| scheme);
        !scheme.is_empty() && scheme.chars().all(char::is_alphanumeric) && !next.contains('@')
    };
    if let Some(at) = rest.match_indices(',').map(|(at, _)| at).find(is_next) {
        return at;
    }
    let is_mark = |c: char| c.is_whitespace() || "\"'`,;:.!)>]}".contains(c);
    let word = rest.trim_end();
    let marks = word.chars().rev().take(MOST_MARKS).take_while(|c| is_mark(*c));
    let end = word.len() - marks.map(char::len_utf8).sum::<usize>();
    // The bracket of an IPv6 address is no mark.
    let bracket = rest.starts_with('[').then(|| rest.find(']')).flatten();
    end.max(bracket.map_or(0, |at| at + 1))
}

fn is_file(scheme: &str) -> bool {
    scheme.eq_ignore_ascii_case("file")
}

/// What may be shown of an address.
fn show(scheme: &str, rest: &str) -> String {
    if is_file(scheme) && !rest.contains("://") {
        return format!("{scheme}://{rest}");
    }
    let Some(parts) = Parts::of(rest) else { return format!("{scheme}://{HIDDEN}") };
    let is_postgres = scheme.to_ascii_lowercase().starts_with("postgres");
    let name = if is_postgres { database(parts.path) } else { known_name(parts.path) };
    let name = name.map_or(String::new(), |name| format!("/{name}"));
    let login = parts.userinfo.map_or(String::new(), |_| format!("{HIDDEN}@"));
    format!("{scheme}://{login}{}{name}", parts.hosts)
}

/// The name at a path's end, if it is no secret.
fn known_name(path: &str) -> Option<&str> {
    path.rsplit_once('/').map(|(_, name)| name).filter(|name| KNOWN_NAMES.contains(name))
}

/// The database that a path names.
fn database(path: &str) -> Option<&str> {
    let is_of_name = |c: char| c.is_alphanumeric() || "-_.%$".contains(c);
    path.strip_prefix('/').filter(|name| !name.is_empty() && name.chars().all(is_of_name))
}

/// Four letters for what an address hides, but for passwords: nobody is to try guesses with them.
fn letters(scheme: &str, parts: &Parts<'_>) -> String {
    let user = parts.userinfo.unwrap_or_default();
    let user = user.split_once(':').map_or(user, |(user, _)| user);
    let mut row = RowHasher::default();
    row.start(b'a')
        .text(&scheme.to_ascii_lowercase())
        .text(user)
        .text(parts.hosts)
        .text(parts.path);
    for (name, value) in parts.parameters().filter(|(name, _)| !names_a_password(name)) {
        row.text(name).text(value);
    }
    let mut number = row.finish().0;
    let mut letter = || {
        let letter = b'a' + u8::try_from(number % 26).unwrap_or_default();
        number /= 26;
        char::from(letter)
    };
    [letter(), letter(), letter(), letter()].iter().collect()
}

/// Whether an address of a stream holds a login: in front of its host, in its query, or as segments of its path.
/// Panels have them so (`/movie/USER/PASSWORD/1.mkv`, `/USER/PASSWORD/1`).
pub fn holds_login(address: &str) -> bool {
    let Some((_, rest)) = address.split_once("://") else { return false };
    Parts::of(rest).is_none_or(|parts| {
        parts.userinfo.is_some()
            || parts.path.matches('/').count() > 2
            || parts.parameters().any(|(name, _)| names_a_secret(name))
    })
}

/// A stream's address without its login and query, so that an expression can ask for its other parts: scheme, host and
/// path, as they stand.
pub fn without_login(address: &str) -> String {
    let Some((scheme, rest)) = address.split_once("://") else { return String::new() };
    let front = rest.split(['?', '#']).next().unwrap_or(rest);
    let (authority, path) = front.split_once('/').unwrap_or((front, ""));
    let host = authority.rsplit('@').next().unwrap_or(authority);
    let segments: Vec<&str> = path.split('/').collect();
    let kept = match logins(&segments) {
        Some(login) => [&segments[..login.start], &segments[login.end..]].concat(),
        None => segments,
    };
    format!("{scheme}://{host}/{}", kept.join("/"))
}

/// Which segments of a path are user and password: behind the kind of stream, or in front of a number.
fn logins(segments: &[&str]) -> Option<Range<usize>> {
    const KINDS: [&str; 4] = ["movie", "series", "live", "timeshift"];
    let is_kind = |segment: &&str| KINDS.iter().any(|kind| segment.eq_ignore_ascii_case(kind));
    if let Some(at) = segments.iter().position(is_kind) {
        return (segments.len() >= at + 4).then_some(at + 1..at + 3);
    }
    let is_number = segments.last().is_some_and(|last| {
        let stem = last.split('.').next().unwrap_or(last);
        !stem.is_empty() && stem.bytes().all(|byte| byte.is_ascii_digit())
    });
    (segments.len() == 3 && is_number).then_some(0..2)
}

fn names_a_password(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.contains("pass") || ["p", "pw", "pwd"].contains(&name.as_str())
}

/// Whether a parameter's value is a secret.
pub(crate) fn names_a_secret(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    // A file's name is no secret: `sslkey`, `sslcert`.
    let is_file = lower.starts_with("ssl") && !lower.contains("password");
    let words = ["token", "secret", "key", "user", "auth", "login"];
    !is_file
        && (names_a_password(name) || lower == "u" || words.iter().any(|word| lower.contains(word)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_stream_s_address_without_its_login() {
        for (raw, expected) in [
            ("http://h:80/movie/joe/s3cret/7.mkv?t=s3cret", "http://h:80/movie/7.mkv"),
            ("http://joe:s3cret@h/films/Heat.mkv#s3cret", "http://h/films/Heat.mkv"),
            ("http://h/joe/s3cret/7.ts", "http://h/7.ts"),
            ("http://h/sub/series/joe/s3cret/7", "http://h/sub/series/7"),
            ("http://h/films/1999/heat.mkv", "http://h/films/1999/heat.mkv"),
            ("http://h", "http://h/"),
            ("heat", ""),
        ] {
            assert_eq!(without_login(raw), expected);
        }
    }

    #[test]
    fn an_address_shows_its_scheme_host_and_port() {
        for (raw, expected) in [
            ("postgres://joe:s3cret@db:5432/tv", "postgres://***@db:5432/tv"),
            ("postgres://joe:p@ss@db/tv?sslmode=require", "postgres://***@db/tv"),
            ("postgres://joe:p@ss/w@db/tv", "postgres://***"),
            ("postgres://joe:12/S3cr3tZq@127.0.0.1/db", "postgres://***"),
            ("postgres://joe:12#S3cr3tZq@127.0.0.1/db", "postgres://***"),
            ("postgres://joe:12?S3cr3tZq@127.0.0.1/db", "postgres://***"),
            ("postgres://joe:12,S3cr3tZq@127.0.0.1/db", "postgres://***@127.0.0.1/db"),
            ("postgres://joe:12\\S3cr3tZq@127.0.0.1/db", "postgres://***"),
            ("postgres://joe:s3cret", "postgres://***"),
            ("postgres://joe@db:port/tv", "postgres://***"),
            ("postgres://joe@a:1,b:2/tv", "postgres://***@a:1,b:2/tv"),
            ("postgres://[::1]:5432/tv", "postgres://[::1]:5432/tv"),
            ("postgres:///tv?host=/run&password=x", "postgres:///tv"),
            ("postgres://h/tv/S3cr3t", "postgres://h"),
            ("http://h/get.php?username=a&password=b&type=m3u", "http://h/get.php"),
            ("http://h/get.php?username=a@mail.example&password=b", "http://h/get.php"),
            ("http://h/TOKEN/player_api.php", "http://h/player_api.php"),
            ("http://h:80/movie/user/pass/7.mkv", "http://h:80"),
            ("http://h/USERX/SECRETX/12345", "http://h"),
            ("http://h/TOKEN/list.m3u", "http://h"),
            ("http://h/x#pass=SECRETX", "http://h"),
            ("cannot reach http://a:b@h/x now", "cannot reach http://***@h now"),
            ("x?url=http://h/movie/USERX/SECRETX/1.mkv", "x?url=http://h"),
            ("http://h/a,http://i/b", "http://h,http://i"),
            ("http://a:b@h/a,http://c:d@i/b", "http://***"),
            ("\"http://h/x?password=b\" is odd", "\"http://h\" is odd"),
            ("[http://h/x]\nbecause", "[http://h]\nbecause"),
            ("http://127.0.0.1:29191: players", "http://127.0.0.1:29191: players"),
            ("http://[::1]: players", "http://[::1]: players"),
            ("http://127.0.0.1:29191, the default:", "http://127.0.0.1:29191, the default:"),
            ("file:///media/a.m3u", "file:///media/a.m3u"),
            ("no address here", "no address here"),
        ] {
            assert_eq!(redact(raw), expected, "{raw}");
        }
    }

    #[test]
    fn four_letters_tell_two_sources_of_a_host_apart() {
        let one = label("http://h/get.php?username=joe&password=a");
        assert!(one.starts_with("http://h/get.php (") && one.ends_with(')'), "{one}");
        assert_eq!(one.len(), "http://h/get.php (abcd)".len());
        assert_eq!(label("http://h/get.php?username=joe&password=b"), one, "a new password");
        assert_ne!(label("http://h/get.php?username=ann&password=a"), one);
        assert_ne!(label("http://h/A/list.m3u"), label("http://h/B/list.m3u"));
        assert_eq!(label("/media/lists/a.m3u"), "/media/lists/a.m3u");
        assert_eq!(redact(&one), one, "and a label stays as it is");
    }

    #[test]
    fn addresses_of_streams_with_a_login() {
        for (address, expected) in [
            ("http://h/movie/u/p/1.mkv", true),
            ("http://h/u/p/1", true),
            ("http://u:p@h/1.mkv", true),
            ("http://h/1.mkv?token=x", true),
            ("http://h/play?id=1&type=movie", false),
            ("http://h/1.mkv", false),
            ("http://h/films/1.mkv", false),
        ] {
            assert_eq!(holds_login(address), expected, "{address}");
        }
    }

    proptest! {
        #[test]
        fn no_piece_of_a_secret_is_in_a_label(
            scheme in "postgres|postgresql|http|https|HTTP",
            user in "[Q-Z0-9/@:?#,.&%=-]{4,12}",
            password in "[Q-Z0-9/@:?#,.&%=-]{4,12}",
            token in "[Q-Z0-9.-]{4,12}",
            form in 0..7,
        ) {
            let address = match form {
                0 => format!("{scheme}://{user}:{password}@tv.example:80/db"),
                1 => format!("{scheme}://a:{password}@tv.example/db"),
                2 => format!("http://tv.example/{token}/list.m3u"),
                3 => format!("http://tv.example/x/{token}"),
                4 => format!("{scheme}://tv.example:80/db?password={token}&user={token}"),
                5 => format!("http://tv.example/get.php?username={token}&password={token}#{token}"),
                _ => format!("{scheme}://u@tv.example:80/{token}/{token}"),
            };
            for shown in [label(&address), redact(&format!("cannot read \"{address}\": no"))] {
                let said = shown.split(" (").next().unwrap_or_default();
                for secret in [&user, &password, &token] {
                    let chars: Vec<char> = secret.chars().collect();
                    for piece in chars.windows(4).map(|four| four.iter().collect::<String>()) {
                        prop_assert!(!said.contains(&piece), "{piece} of {address} is in {shown}");
                    }
                }
            }
        }

        #[test]
        fn what_is_redacted_stays_as_it_is(text in ".{0,60}", address in "[a-z]{1,5}://[!-~]{0,30}") {
            let once = redact(&format!("{text}{address} {text}"));
            prop_assert_eq!(redact(&once), once);
        }
    }
}
