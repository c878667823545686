//! Settings of the service: where it answers, when libraries' runs are due.

use std::net::SocketAddr;
use std::str::FromStr;
use std::time::Duration;

use vod2strm_core::policy::BadValue;
use vod2strm_core::timing::schedule::{CronSchedule, MOST_JITTER};

use super::layers::{Layers, usage};
use super::values::ShortTime;
use crate::error::CommandError;

const LISTEN: &str = "127.0.0.1:9797";
const DEBOUNCE: Duration = Duration::from_secs(30);
const JITTER: Duration = Duration::from_secs(5 * 60);

/// What a service needs to know besides its libraries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceSettings {
    /// Where it answers.
    pub listen: SocketAddr,
    /// How long a source that has changed must be quiet before it is read.
    pub debounce: Duration,
}

impl ServiceSettings {
    /// The settings. Whoever answers to other machines needs a token.
    pub fn resolve(layers: &Layers) -> Result<ServiceSettings, CommandError> {
        let listen = listen(layers)?;
        let has_token = layers.text("token").is_some_and(|token| !token.is_empty());
        if !listen.ip().is_loopback() && !has_token {
            let text = format!(
                "listen = {listen} answers to other machines, and there is no token: anybody could change the library\n  \
                 try: set token = \"…\" (or VOD2STRM_TOKEN), or listen = \"{LISTEN}\""
            );
            return Err(usage(text));
        }
        Ok(ServiceSettings { listen, debounce: layers.parsed("debounce", ShortTime(DEBOUNCE))?.0 })
    }
}

/// Where the service answers.
pub fn listen(layers: &Layers) -> Result<SocketAddr, CommandError> {
    #[expect(clippy::expect_used, reason = "a constant, and tested")]
    let default = LISTEN.parse().expect("the default address is one");
    Ok(layers.parsed("listen", Listen(default))?.0)
}

/// An address with a port; the name of this machine for itself is one, too.
struct Listen(SocketAddr);

impl FromStr for Listen {
    type Err = BadValue;

    fn from_str(text: &str) -> Result<Listen, BadValue> {
        let numbers = match text.strip_prefix("localhost:") {
            Some(port) => format!("127.0.0.1:{port}"),
            None => text.to_owned(),
        };
        let wanted = "an IP address and a port, such as 127.0.0.1:9797 or [::]:9797";
        numbers.parse().map(Listen).map_err(|_| BadValue(wanted.to_owned()))
    }
}

/// Where somebody counts the runs of a library that went well; `None` if nobody does.
pub fn ping_url(layers: &Layers) -> Result<Option<String>, CommandError> {
    let Some(url) = layers.text("ping_url") else { return Ok(None) };
    let is_web = ["http://", "https://"].iter().any(|scheme| url.starts_with(scheme));
    if is_web && !url.contains(char::is_whitespace) {
        return Ok(Some(url.to_owned()));
    }
    Err(wrong(layers, "ping_url", "wanted is an address such as https://hc-ping.com/your-id"))
}

/// A library's times; `None` if it has none.
pub fn schedule(layers: &Layers) -> Result<Option<CronSchedule>, CommandError> {
    let jitter = layers.parsed("jitter", ShortTime(JITTER))?.0;
    if jitter >= MOST_JITTER {
        return Err(wrong(layers, "jitter", "wanted is a time below 10m"));
    }
    let of_system = || layers.env.get("TZ").map(String::as_str);
    let zone = layers.text("time_zone").or_else(of_system).unwrap_or_default();
    let salt = layers.name.clone().unwrap_or_default();
    let parse = |cron: &str| CronSchedule::parse(cron, zone, jitter, &salt);
    // A zone that is none is told of, whether there is a schedule or not.
    if let Err(error) = parse("0 0 * * *") {
        return Err(wrong(layers, "time_zone", &error.to_string()));
    }
    let Some(cron) = layers.text("schedule") else { return Ok(None) };
    parse(cron).map(Some).map_err(|error| wrong(layers, "schedule", &error.to_string()))
}

/// What is wrong with a setting, where it was given.
fn wrong(layers: &Layers, key: &str, text: &str) -> CommandError {
    let origin = layers.given.get(key).map_or(key, |given| given.origin.as_str());
    let origin =
        if key == "time_zone" && layers.text(key).is_none() { "variable TZ" } else { origin };
    usage(format!("{origin}: {text}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::libraries::AllSettings;

    fn layers(pairs: &[(&'static str, &str)], zone: Option<&str>) -> Layers {
        let flags: Vec<_> = pairs.iter().map(|(key, text)| (*key, (*text).to_owned())).collect();
        let env = zone.map(|zone| ("TZ".to_owned(), zone.to_owned())).into_iter().collect();
        AllSettings::read(&flags, None, None, env).unwrap().process()
    }

    #[test]
    fn other_machines_are_answered_with_a_token_alone() {
        let resolve = |pairs: &[_]| ServiceSettings::resolve(&layers(pairs, None));
        assert_eq!(resolve(&[]).unwrap().listen.to_string(), LISTEN);
        for local in ["127.0.0.1:1", "[::1]:1", "localhost:80", "127.8.8.8:9"] {
            assert!(resolve(&[("listen", local)]).is_ok(), "{local}");
        }
        for open in ["0.0.0.0:9797", "[::]:9797", "192.168.1.5:80", "[::ffff:127.0.0.1]:1"] {
            let error = resolve(&[("listen", open)]).unwrap_err().to_string();
            assert!(error.contains("listen") && error.contains("token"), "{error}");
            assert!(resolve(&[("listen", open), ("token", "secret")]).is_ok(), "{open}");
        }
        for none in ["9797", "host:1", "127.0.0.1", "127.0.0.1:x"] {
            assert!(resolve(&[("listen", none)]).is_err(), "{none}");
        }
    }

    #[test]
    fn a_schedule_is_in_the_zone_that_is_set_or_that_of_the_system() {
        let next = |pairs: &[_], zone| {
            let all = [&[("schedule", "0 4 * * *"), ("jitter", "0s")], pairs].concat();
            schedule(&layers(&all, zone)).unwrap().unwrap().next(0).unwrap()
        };
        assert_eq!(next(&[], None), 4 * 3_600);
        assert_eq!(next(&[], Some("Europe/Berlin")), 3 * 3_600);
        assert_eq!(next(&[], Some("")), 4 * 3_600);
        let tokyo = [("time_zone", "Asia/Tokyo")];
        assert_eq!(next(&tokyo, Some("Europe/Berlin")), (4 - 9 + 24) * 3_600);
        assert!(schedule(&layers(&[], Some("Europe/Berlin"))).unwrap().is_none());
    }

    #[test]
    fn what_is_wrong_names_its_setting() {
        let error = |pairs: &[_], zone| schedule(&layers(pairs, zone)).unwrap_err().to_string();
        assert!(
            error(&[("schedule", "often")], None).starts_with("--schedule: wanted are the five")
        );
        assert!(
            error(&[("time_zone", "Mars")], None).starts_with("--time-zone: wanted is the name")
        );
        assert!(error(&[], Some("Mars")).starts_with("variable TZ: wanted"));
        assert!(error(&[("jitter", "10m")], None).starts_with("--jitter: wanted"));
    }
}
