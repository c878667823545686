//! Settings of fetching episodes: whom to ask for episodes, and how fast.

use std::time::Duration;

use vod2strm_core::pace::requests::Limits;
use vod2strm_core::policy::BaseUrl;
use vod2strm_engine::config::FetchConfig;
use vod2strm_engine::source::Credentials;

use super::layers::{Layers, usage};
use super::optional;
use super::values::{Age, Budget, Parallel, Rate};
use crate::error::CommandError;

/// How episodes are fetched, if that is wanted. Dispatcharr's API is where players find it, unless told otherwise.
pub(super) fn wanted_fetch(
    layers: &Layers,
    base_url: &str,
    can_fetch: bool,
) -> Result<Option<FetchConfig>, CommandError> {
    // A slip is told of in every run, not only once somebody asks for episodes.
    check(layers)?;
    if !layers.switch("refresh")? {
        return Ok(None);
    }
    if !can_fetch {
        let text = "refresh: only Dispatcharr has to be asked for episodes; any other source gives all \
                    that it has";
        return Err(usage(text.to_owned()));
    }
    fetch(layers, base_url).map(Some)
}

/// Dispatcharr's API, if the settings have a key for it. Whoever asks it for more says what is wrong with the key.
pub(super) fn known_api(layers: &Layers, base_url: &str, can_fetch: bool) -> Option<FetchConfig> {
    let is_known = can_fetch && layers.text("api_key").is_some();
    is_known.then(|| fetch(layers, base_url).ok()).flatten()
}

/// How episodes are fetched, whether that is wanted or not.
pub fn fetch(layers: &Layers, base_url: &str) -> Result<FetchConfig, CommandError> {
    let (api_url, limits, max_age) = check(layers)?;
    Ok(FetchConfig {
        api_url: api_url.map_or_else(|| base_url.to_owned(), |url| url.as_str().to_owned()),
        credentials: credentials(layers)?,
        limits,
        bounds: super::limits::limits(layers)?,
        max_age,
    })
}

/// Where Dispatcharr's API is, if that is said; what each account may be asked at most; and how old an answer may
/// be, in seconds.
fn check(layers: &Layers) -> Result<(Option<BaseUrl>, Limits, i64), CommandError> {
    let rate = layers.parsed("refresh_rate", Rate(2.0))?.0;
    let limits = Limits {
        gap: Duration::from_secs_f64(1.0 / rate),
        parallel: layers.parsed("refresh_parallel", Parallel(2))?.0,
        run: layers.parsed("refresh_budget", Budget(None))?.0,
        hour: layers.parsed("refresh_hourly", Budget(None))?.0,
    };
    let max_age = layers.parsed("max_age", Age::DAYS_30)?.0;
    Ok((optional::<BaseUrl>(layers, "api_url")?, limits, max_age))
}

fn credentials(layers: &Layers) -> Result<Credentials, CommandError> {
    let text = |key| layers.text(key).map(str::to_owned);
    match (text("api_key"), text("api_user"), text("api_password")) {
        (Some(key), None, None) => Ok(Credentials::Key(key.into())),
        (None, Some(name), Some(password)) => Ok(Credentials::User { name, password: password.into() }),
        (None, None, None) => Err(usage(
            "Dispatcharr fetches episodes for its users only: give an API key of one of them\n  try: \
             api_key = \"…\" in vod2strm.toml, or the variable VOD2STRM_API_KEY, or api_user and \
             api_password"
                .to_owned(),
        )),
        _ => Err(usage("give either api_key, or api_user and api_password".to_owned())),
    }
}
