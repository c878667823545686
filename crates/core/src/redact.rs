//! Takes credentials out of addresses, before they reach a message, a log or a report.

/// The text that stands where a secret was.
pub const HIDDEN: &str = "***";

/// A copy of `text` without the credentials that addresses in it may carry: passwords in
/// `user:password@host`, values of query parameters that name a secret, and the user and password
/// segments of Xtream stream paths (`/movie/USER/PASSWORD/1.mkv`).
pub fn redact(text: &str) -> String {
    let mut redacted = String::with_capacity(text.len());
    for piece in text.split_inclusive(char::is_whitespace) {
        match piece.find("://") {
            Some(at) => {
                redacted.push_str(&piece[..at + 3]);
                redacted.push_str(&redact_after_scheme(&piece[at + 3..]));
            }
            None => redacted.push_str(piece),
        }
    }
    redacted
}

fn redact_after_scheme(rest: &str) -> String {
    // A password may contain an unescaped `@` or `/`; the last `@` before the query ends it.
    let query_at = rest.find('?').unwrap_or(rest.len());
    let (front, query) = rest.split_at(query_at);
    let (userinfo, address) = match front.rfind('@') {
        Some(at) if front[..at].contains(':') || !front[..at].contains('/') => {
            (Some(&front[..at]), &front[at + 1..])
        }
        _ => (None, front),
    };
    let mut out = String::new();
    if let Some(userinfo) = userinfo {
        match userinfo.split_once(':') {
            Some((user, _)) => out.push_str(&format!("{user}:{HIDDEN}@")),
            None => out.push_str(&format!("{userinfo}@")),
        }
    }
    out.push_str(&redact_path(address));
    out.push_str(&redact_query(query));
    out
}

fn redact_path(address: &str) -> String {
    let mut segments: Vec<&str> = address.split('/').collect();
    for marker in ["movie", "series", "live", "timeshift"] {
        let Some(at) = segments.iter().position(|segment| *segment == marker) else { continue };
        if at > 0 && segments.len() > at + 3 {
            segments[at + 1] = HIDDEN;
            segments[at + 2] = HIDDEN;
        }
    }
    segments.join("/")
}

fn redact_query(query: &str) -> String {
    const SECRETS: [&str; 8] =
        ["password", "username", "pass", "user", "token", "api_key", "apikey", "key"];
    let Some(parameters) = query.strip_prefix('?') else { return query.to_owned() };
    let redacted: Vec<String> = parameters
        .split('&')
        .map(|parameter| match parameter.split_once('=') {
            Some((name, _)) if SECRETS.contains(&name.to_ascii_lowercase().as_str()) => {
                format!("{name}={HIDDEN}")
            }
            _ => parameter.to_owned(),
        })
        .collect();
    format!("?{}", redacted.join("&"))
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
            ("postgres://joe@db/tv", "postgres://joe@db/tv"),
            ("postgres:///tv?host=/run&password=x", "postgres:///tv?host=/run&password=***"),
            (
                "http://h/get.php?username=a&password=b&type=m3u",
                "http://h/get.php?username=***&password=***&type=m3u",
            ),
            ("http://h:80/movie/user/pass/7.mkv", "http://h:80/movie/***/***/7.mkv"),
            ("cannot reach http://a:b@h/x now", "cannot reach http://a:***@h/x now"),
            ("no address here", "no address here"),
            ("http://h/movie/7.mkv", "http://h/movie/7.mkv"),
        ] {
            assert_eq!(redact(raw), expected);
        }
    }
}
