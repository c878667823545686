//! Takes credentials out of addresses, before they reach a message, a log or a report.
//!
//! Where it is not clear what an address means, too much is hidden rather than too little.

/// The text that stands where a secret was.
pub const HIDDEN: &str = "***";

/// A copy of `text` without the credentials that addresses in it may carry: passwords in
/// `user:password@host`, values of query parameters that name a secret, and the user and password
/// segments of Xtream paths (`/movie/USER/PASSWORD/1.mkv`).
pub fn redact(text: &str) -> String {
    let mut redacted = String::with_capacity(text.len());
    for piece in text.split_inclusive(char::is_whitespace) {
        let Some(at) = piece.find("://") else {
            redacted.push_str(piece);
            continue;
        };
        let (scheme, rest) = piece.split_at(at + 3);
        let address = rest.trim_end_matches(|c: char| c.is_whitespace() || "\"'`,;)>".contains(c));
        redacted.push_str(scheme);
        redacted.push_str(&redact_after_scheme(address));
        redacted.push_str(&rest[address.len()..]);
    }
    redacted
}

fn redact_after_scheme(rest: &str) -> String {
    let (userinfo, address) = split_userinfo(rest);
    let (path, query) = address.split_at(address.find('?').unwrap_or(address.len()));
    format!("{userinfo}{}{}", redact_path(path), redact_query(query))
}

/// What stands before the host, without its password, and the rest.
fn split_userinfo(rest: &str) -> (String, &str) {
    let name_end = rest.find(['/', '?', '@', ':']).unwrap_or(rest.len());
    let (user, tail) = rest.split_at(name_end);
    let Some(secret) = tail.strip_prefix(':') else {
        return match tail.strip_prefix('@') {
            Some(address) => (format!("{user}@"), address),
            None => (String::new(), rest),
        };
    };
    let digits = secret.trim_start_matches(|c: char| c.is_ascii_digit());
    let is_port = digits.is_empty() || digits.starts_with(['/', '?', '#', ',']);
    if user.starts_with('[') || (is_port && !secret.is_empty()) {
        return (String::new(), rest);
    }
    // A password may hold an unescaped `@`, `/` or `?`: the last `@` ends it, and without one, nothing.
    match secret.rfind('@') {
        Some(at) => (format!("{user}:{HIDDEN}@"), &secret[at + 1..]),
        None => (format!("{user}:{HIDDEN}"), ""),
    }
}

fn redact_path(path: &str) -> String {
    const MARKERS: [&str; 6] = ["movie", "series", "live", "timeshift", "playlist", "player_api"];
    let mut segments: Vec<&str> = path.split('/').collect();
    let marker = segments.iter().skip(1).position(|segment| MARKERS.contains(segment));
    if let Some(at) = marker.map(|at| at + 1) {
        // `/movie/7.mkv` has no credentials.
        if segments.len() > at + 2 {
            segments[at + 1] = HIDDEN;
            segments[at + 2] = HIDDEN;
        }
    }
    segments.join("/")
}

fn redact_query(query: &str) -> String {
    let Some(parameters) = query.strip_prefix('?') else { return query.to_owned() };
    let redacted: Vec<String> = parameters
        .split('&')
        .map(|parameter| match parameter.split_once('=') {
            Some((name, _)) if names_a_secret(name) => format!("{name}={HIDDEN}"),
            _ => parameter.to_owned(),
        })
        .collect();
    format!("?{}", redacted.join("&"))
}

fn names_a_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    // A file's name is no secret: `sslkey`, `sslcert`.
    let is_file = name.starts_with("ssl") && !name.contains("password");
    let words = ["pass", "token", "secret", "key", "user", "auth", "login"];
    let letters = ["u", "p", "pw", "pwd"];
    !is_file && (letters.contains(&name.as_str()) || words.iter().any(|word| name.contains(word)))
}

#[cfg(test)]
mod tests {
    use super::redact;

    #[test]
    fn credentials_vanish_and_the_rest_stays() {
        for (raw, expected) in [
            ("postgres://joe:s3cret@db:5432/tv", "postgres://joe:***@db:5432/tv"),
            (
                "postgres://joe:p@ss/w@db/tv?sslmode=require",
                "postgres://joe:***@db/tv?sslmode=require",
            ),
            ("postgres://joe:p?w@db/tv", "postgres://joe:***@db/tv"),
            ("postgres://joe:12@db/tv", "postgres://joe:***@db/tv"),
            ("postgres://joe@db/tv", "postgres://joe@db/tv"),
            ("postgres://db:5432/tv", "postgres://db:5432/tv"),
            ("postgres://[::1]:5432/tv", "postgres://[::1]:5432/tv"),
            ("postgres:///tv?host=/run&password=x", "postgres:///tv?host=/run&password=***"),
            (
                "postgres://h/tv?sslpassword=x&sslkey=/k",
                "postgres://h/tv?sslpassword=***&sslkey=/k",
            ),
            (
                "http://h/get.php?username=a&password=b&type=m3u",
                "http://h/get.php?username=***&password=***&type=m3u",
            ),
            ("http://h/get.php?u=a&p=b", "http://h/get.php?u=***&p=***"),
            ("http://h:80/movie/user/pass/7.mkv", "http://h:80/movie/***/***/7.mkv"),
            ("http://h/playlist/user/pass/m3u_plus", "http://h/playlist/***/***/m3u_plus"),
            ("http://h/playlist/user/pass", "http://h/playlist/***/***"),
            ("cannot reach http://a:b@h/x now", "cannot reach http://a:***@h/x now"),
            ("\"http://h/x?password=b\" is odd", "\"http://h/x?password=***\" is odd"),
            ("http://h/x?password=b\nbecause", "http://h/x?password=***\nbecause"),
            ("no address here", "no address here"),
            ("http://h/movie/7.mkv", "http://h/movie/7.mkv"),
        ] {
            assert_eq!(redact(raw), expected);
        }
    }
}
