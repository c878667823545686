//! What must never be shown: the passwords and keys of the settings, wherever they turn up in a message or in
//! the log, be it in the error of a library. Addresses that come from elsewhere are `redact`ed; this is for
//! the rest. Names of titles and files are left as they are: a password may be a common word.

use std::borrow::Cow;
use std::sync::{Mutex, MutexGuard};

use vod2strm_core::redact::HIDDEN;

/// Shorter ones are too common to be found in other words.
const SHORTEST: usize = 4;

static SECRETS: Mutex<Vec<String>> = Mutex::new(Vec::new());

fn secrets() -> MutexGuard<'static, Vec<String>> {
    SECRETS.lock().unwrap_or_else(|held| held.into_inner())
}

/// Keeps a text secret from now on: as it is, with its escapes undone, and as JSON has it.
pub fn keep(secret: &str) {
    let plain = percent_decoded(secret);
    let json = serde_json::to_string(&plain).unwrap_or_default();
    for secret in [secret, plain.as_str(), json.trim_matches('"')] {
        let mut secrets = secrets();
        if secret.len() >= SHORTEST && !secrets.iter().any(|known| known == secret) {
            secrets.push(secret.to_owned());
            // A longer one may have a shorter one in it.
            secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        }
    }
}

/// Keeps the password of an address secret: `scheme://user:PASSWORD@host`, and `password=` in its query.
pub fn keep_those_of(address: &str) {
    let Some((_, rest)) = address.split_once("://") else { return };
    if let Some((userinfo, _)) = rest.rsplit_once('@') {
        userinfo.split_once(':').into_iter().for_each(|(_, password)| keep(password));
    }
    let query = rest.split_once('?').map_or("", |(_, query)| query);
    for (name, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
        if ["password", "pass", "pwd", "token", "key"].contains(&name) {
            keep(value);
        }
    }
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

fn percent_decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = text.get(at + 1..at + 3).filter(|_| bytes[at] == b'%');
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                decoded.push(byte);
                at += 3;
            }
            None => {
                decoded.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_hidden_wherever_they_turn_up() {
        keep_those_of("postgres://joe:hunter%402x@db/d?sslmode=require");
        keep_those_of("http://h/get.php?username=u&password=abcdXYZ1");
        keep("key-0815-long");
        keep("quo\"ted");
        assert_eq!(censored(r#"{"a":"quo\"ted"}"#), r#"{"a":"***"}"#);
        let said = "role hunter@2x, hunter%402x; abcdXYZ1; key-0815-long; joe";
        assert_eq!(censored(said), "role ***, ***; ***; ***; joe");
        assert!(matches!(censored("nothing in it"), Cow::Borrowed(_)));
    }
}
