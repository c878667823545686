//! What must never be shown: passwords, keys and tokens. There is a type that nobody prints, and a `Redactor` that
//! finds them in a message, in the log or in a server's words. Addresses are `redact`ed; this is for the rest. Names
//! of
//! titles and files are left as they are: a password may be a common word.

use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard};

use crate::text::percent::unescaped;
use crate::text::printable;
use crate::text::redact::{HIDDEN, Parts, names_a_secret, redact};

/// Shorter ones are too common to be found in other words.
const SHORTEST: usize = 4;

/// The most that is kept or shown of a server's words, in characters.
const MOST_WORDS: usize = 500;

/// What parts an address.
const MARKS: [char; 9] = ['/', '?', '#', ',', '@', ':', '\\', '&', '='];

/// A password, key or token. Whoever prints it gets `***`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The text itself, for whom it is meant.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Secret {
        Secret(text)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HIDDEN)
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HIDDEN)
    }
}

/// Knows what must not be shown, and takes it out of texts. All clones know the same: a token that is got while a run
/// goes on is hidden from then on.
#[derive(Clone, Debug, Default)]
pub struct Redactor(Arc<Mutex<Vec<Secret>>>);

impl Redactor {
    fn secrets(&self) -> MutexGuard<'_, Vec<Secret>> {
        self.0.lock().unwrap_or_else(|held| held.into_inner())
    }

    /// Hides a text from now on: as it is, with its escapes undone, and as JSON has it.
    pub fn keep(&self, secret: &str) {
        let secret = secret.trim();
        let plain = unescaped(secret);
        let json = plain.replace('\\', "\\\\").replace('"', "\\\"");
        for secret in [secret, &plain, &json] {
            let mut secrets = self.secrets();
            if secret.len() >= SHORTEST && !secrets.iter().any(|known| known.0 == secret) {
                secrets.push(Secret(secret.to_owned()));
                // A longer one may have a shorter one in it.
                secrets.sort_by_key(|secret| std::cmp::Reverse(secret.0.len()));
            }
        }
    }

    /// Hides what a source's address hides and a server, or a library's trace, may repeat.
    pub fn keep_those_of(&self, address: &str) {
        let Some((scheme, rest)) = address.split_once("://") else { return };
        if scheme.eq_ignore_ascii_case("file") && rest.starts_with('/') {
            // A file of this machine: its path is no secret.
            return;
        }
        let Some(parts) = Parts::of(rest) else { return self.keep_pieces(rest) };
        let userinfo = parts.userinfo.unwrap_or_default();
        let (user, password) = userinfo.split_once(':').unwrap_or((userinfo, ""));
        self.keep(password);
        for (_, value) in parts.parameters().filter(|(name, _)| names_a_secret(name)) {
            self.keep(value);
        }
        if scheme.to_ascii_lowercase().starts_with("postgres") {
            // PostgreSQL's own words; the name alone may be any word.
            let words = |what| format!("{what} \"{}\"", unescaped(user));
            ["user", "role"].map(words).iter().for_each(|words| self.keep(words));
            return;
        }
        self.keep(user);
        parts.path.split('/').filter(|segment| is_token(segment)).for_each(|it| self.keep(it));
        // As requests have them.
        if parts.path.matches('/').count() > 1 {
            self.keep(parts.path);
        }
        self.keep(parts.query);
    }

    /// Of an address in which nobody knows which `@` ends the password, every piece before the last one may be of it.
    fn keep_pieces(&self, rest: &str) {
        let pieces = |text: &str, test: fn(&str) -> bool| {
            text.split(MARKS).filter(|piece| test(piece)).for_each(|piece| self.keep(piece));
        };
        let Some((front, _)) = rest.rsplit_once('@') else { return pieces(rest, is_token) };
        let password = front.split_once(':').map_or(front, |(_, password)| password);
        self.keep(password);
        pieces(password, |_| true);
    }

    /// The text without what must not be shown.
    pub fn censored<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut text = Cow::Borrowed(text);
        for secret in self.secrets().iter() {
            if text.contains(secret.reveal()) {
                text = Cow::Owned(text.replace(secret.reveal(), HIDDEN));
            }
        }
        text
    }

    /// A server's words, fit to be kept and shown: without a secret, and not too long. They are searched before
    /// they are cut: nobody would recognise the half of a secret.
    pub fn said(&self, words: &str) -> String {
        let words = redact(&self.censored(words));
        match words.char_indices().nth(MOST_WORDS) {
            Some((end, _)) => format!("{}…", &words[..end]),
            None => words,
        }
    }

    /// Words of an error or a warning, ready to be shown and kept: without a secret and not too long, whoever said
    /// them.
    pub fn shown(&self, words: &str) -> String {
        printable(&self.said(words)).into_owned()
    }
}

/// Whether a path's segment looks like a secret and not like a word that paths and titles have, too.
fn is_token(segment: &str) -> bool {
    let has = |test: fn(&char) -> bool| segment.chars().any(|c| test(&c));
    segment.len() >= 6 && has(char::is_ascii_digit) && has(|c| c.is_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_prints_a_secret() {
        let secret = Secret::from("hunter2".to_owned());
        let redactor = Redactor::default();
        redactor.keep(secret.reveal());
        assert_eq!(format!("{secret} {secret:?} {redactor:?}").matches("hunter2").count(), 0);
        assert_eq!((secret.to_string(), secret.reveal()), (HIDDEN.to_owned(), "hunter2"));
    }

    #[test]
    fn what_one_redactor_hides_no_other_does_but_its_clones() {
        let (one, other) = (Redactor::default(), Redactor::default());
        let clone = one.clone();
        one.keep("hunter2");
        assert_eq!(
            (clone.said("hunter2"), other.said("hunter2")),
            ("***".into(), "hunter2".into())
        );
    }

    #[test]
    fn secrets_are_hidden_wherever_they_turn_up() {
        let redactor = Redactor::default();
        redactor.keep_those_of("postgres://joe:hunter%402x@db/d?sslmode=require");
        redactor.keep_those_of("http://h/get.php?username=u&password=abcdXYZ1");
        redactor.keep_those_of("http://h/T0KEN77/list.m3u");
        redactor.keep_those_of("postgres://ann:12/S3cr3tQq@127.0.0.1/db");
        redactor.keep("key-0815-long");
        redactor.keep("quo\"ted");
        assert_eq!(redactor.censored(r#"{"a":"quo\"ted"}"#), r#"{"a":"***"}"#);
        let words = "hunter@2x, hunter%402x; abcdXYZ1; key-0815-long; T0KEN77; S3cr3tQq; joe";
        assert_eq!(redactor.censored(words), "***, ***; ***; ***; ***; ***; joe");
        assert_eq!(redactor.censored("role \"joe\" is unknown"), "*** is unknown");
        assert!(matches!(redactor.censored("nothing in it"), Cow::Borrowed(_)));
    }

    /// What paths and titles have in common with a secret is none.
    #[test]
    fn words_and_numbers_of_a_path_are_no_secrets() {
        let redactor = Redactor::default();
        redactor.keep_those_of("http://h/movies/2024123/a1b/X7token/list.m3u");
        let words = "movies of 2024123 and a1b by X7token";
        assert_eq!(redactor.censored(words), "movies of 2024123 and a1b by ***");
    }

    #[test]
    fn paths_of_this_machine_are_shown() {
        let redactor = Redactor::default();
        for address in
            ["file:///srv/vod2024/list7.m3u", "FILE:///srv2024/me@home/list7.m3u", "/srv7777/a"]
        {
            redactor.keep_those_of(address);
        }
        let words = "cannot read /srv/vod2024/list7.m3u, /srv2024/me@home/list7.m3u, /srv7777/a";
        assert_eq!(redactor.censored(words), words);
    }

    #[test]
    fn long_words_are_cut_behind_their_secrets() {
        let redactor = Redactor::default();
        redactor.keep("Sesame0815");
        let words = redactor.said(&format!("{}Sesame0815{}", "ä".repeat(495), "ö".repeat(900)));
        assert_eq!(words.chars().count(), MOST_WORDS + 1);
        assert!(!words.contains("Sesa"), "{words}");
    }
}
