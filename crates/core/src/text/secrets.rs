//! What must never be shown, wherever it turns up in a message, in the log or in a server's words: the
//! passwords, keys and tokens that this run knows. Addresses are `redact`ed; this is for the rest. Names of
//! titles and files are left as they are: a password may be a common word.

use std::borrow::Cow;
use std::sync::{Mutex, MutexGuard};

use crate::text::percent::unescaped;
use crate::text::printable;
use crate::text::redact::{HIDDEN, Parts, names_a_secret, redact};

/// Shorter ones are too common to be found in other words.
const SHORTEST: usize = 4;

/// The most that is kept or shown of a server's words, in characters.
const MOST_WORDS: usize = 500;

/// What parts an address.
const MARKS: [char; 9] = ['/', '?', '#', ',', '@', ':', '\\', '&', '='];

static SECRETS: Mutex<Vec<String>> = Mutex::new(Vec::new());

fn secrets() -> MutexGuard<'static, Vec<String>> {
    SECRETS.lock().unwrap_or_else(|held| held.into_inner())
}

/// Keeps a text secret from now on: as it is, with its escapes undone, and as JSON has it.
pub fn keep(secret: &str) {
    let secret = secret.trim();
    let plain = unescaped(secret);
    let json = plain.replace('\\', "\\\\").replace('"', "\\\"");
    for secret in [secret, &plain, &json] {
        let mut secrets = secrets();
        if secret.len() >= SHORTEST && !secrets.iter().any(|known| known == secret) {
            secrets.push(secret.to_owned());
            // A longer one may have a shorter one in it.
            secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        }
    }
}

/// Keeps secret what a source's address hides and a server, or a library's trace, may repeat.
pub fn keep_those_of(address: &str) {
    let Some((scheme, rest)) = address.split_once("://") else { return };
    if scheme.eq_ignore_ascii_case("file") && rest.starts_with('/') {
        // A file of this machine: its path is no secret.
        return;
    }
    let is_database = scheme.to_ascii_lowercase().starts_with("postgres");
    let Some(parts) = Parts::of(rest) else {
        // Nobody knows which `@` ends the password: every piece before the last one may be of it.
        let pieces = |text: &str, test: fn(&str) -> bool| {
            text.split(MARKS).filter(|piece| test(piece)).for_each(keep);
        };
        let Some((front, _)) = rest.rsplit_once('@') else { return pieces(rest, is_token) };
        let password = front.split_once(':').map_or(front, |(_, password)| password);
        keep(password);
        return pieces(password, |_| true);
    };
    let userinfo = parts.userinfo.unwrap_or_default();
    let (user, password) = userinfo.split_once(':').unwrap_or((userinfo, ""));
    keep(password);
    for (_, value) in parts.parameters().filter(|(name, _)| names_a_secret(name)) {
        keep(value);
    }
    if is_database {
        // PostgreSQL's own words; the name alone may be any word.
        ["user", "role"].iter().for_each(|what| keep(&format!("{what} \"{}\"", unescaped(user))));
        return;
    }
    keep(user);
    parts.path.split('/').filter(|segment| is_token(segment)).for_each(keep);
    // As requests have them.
    if parts.path.matches('/').count() > 1 {
        keep(parts.path);
    }
    keep(parts.query);
}

/// Whether a path's segment looks like a secret and not like a word that paths and titles have, too.
fn is_token(segment: &str) -> bool {
    let has = |test: fn(&char) -> bool| segment.chars().any(|c| test(&c));
    segment.len() >= 6 && has(char::is_ascii_digit) && has(|c| c.is_alphabetic())
}

/// The text without what is kept secret.
pub fn censored(text: &str) -> Cow<'_, str> {
    let secrets = secrets();
    let mut text = Cow::Borrowed(text);
    for secret in secrets.iter() {
        if text.contains(secret.as_str()) {
            text = Cow::Owned(text.replace(secret.as_str(), HIDDEN));
        }
    }
    text
}

/// A server's words, fit to be kept and shown: without a secret, and not too long. They are searched before
/// they are cut: nobody would recognise the half of a secret.
pub fn said(words: &str) -> String {
    let words = redact(&censored(words));
    match words.char_indices().nth(MOST_WORDS) {
        Some((end, _)) => format!("{}…", &words[..end]),
        None => words,
    }
}

/// Words of an error or a warning, ready to be shown and kept: without a secret and not too long, whoever said
/// them.
pub fn shown(words: &str) -> String {
    printable(&said(words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_hidden_wherever_they_turn_up() {
        keep_those_of("postgres://joe:hunter%402x@db/d?sslmode=require");
        keep_those_of("http://h/get.php?username=u&password=abcdXYZ1");
        keep_those_of("http://h/T0KEN77/list.m3u");
        keep_those_of("postgres://ann:12/S3cr3tQq@127.0.0.1/db");
        keep("key-0815-long");
        keep("quo\"ted");
        assert_eq!(censored(r#"{"a":"quo\"ted"}"#), r#"{"a":"***"}"#);
        let words = "hunter@2x, hunter%402x; abcdXYZ1; key-0815-long; T0KEN77; S3cr3tQq; joe";
        assert_eq!(censored(words), "***, ***; ***; ***; ***; ***; joe");
        assert_eq!(censored("role \"joe\" is unknown"), "*** is unknown");
        assert!(matches!(censored("nothing in it"), Cow::Borrowed(_)));
    }

    #[test]
    fn paths_of_this_machine_are_shown() {
        for address in
            ["file:///srv/vod2024/list7.m3u", "FILE:///srv2024/me@home/list7.m3u", "/srv7777/a"]
        {
            keep_those_of(address);
        }
        let words = "cannot read /srv/vod2024/list7.m3u, /srv2024/me@home/list7.m3u, /srv7777/a";
        assert_eq!(censored(words), words);
    }

    #[test]
    fn long_words_are_cut_behind_their_secrets() {
        keep("Sesame0815");
        let words = said(&format!("{}Sesame0815{}", "ä".repeat(495), "ö".repeat(900)));
        assert_eq!(words.chars().count(), MOST_WORDS + 1);
        assert!(!words.contains("Sesa"), "{words}");
    }
}
