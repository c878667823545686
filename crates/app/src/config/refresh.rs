//! Settings of the refresh: whom to ask for episodes, and how fast.

use std::time::Duration;

use vod2strm_catalog::dispatcharr::api::{Api, Login};
use vod2strm_catalog::error::CatalogError;
use vod2strm_catalog::limits;
use vod2strm_core::pace::requests::Limits;
use vod2strm_core::policy::BaseUrl;

use super::layers::{Layers, usage};
use super::optional;
use super::values::{Age, Budget, Parallel, Rate};
use crate::error::RunError;

/// How a refresh is done.
#[derive(Clone)]
pub struct RefreshSettings {
    api_url: String,
    login: Login,
    /// What each account may be asked at most.
    pub limits: Limits,
    bounds: limits::SourceLimits,
    /// Seconds after which a series is asked for again, whatever its provider says.
    pub max_age: i64,
}

impl std::fmt::Debug for RefreshSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Without the credentials.
        f.debug_struct("RefreshSettings").field("limits", &self.limits).finish_non_exhaustive()
    }
}

impl RefreshSettings {
    /// The settings, if a refresh is wanted. Dispatcharr's API is where players find it, unless told
    /// otherwise.
    pub(super) fn resolve(
        layers: &Layers,
        base_url: &str,
        is_dispatcharr: bool,
    ) -> Result<Option<RefreshSettings>, RunError> {
        // A slip is told of in every run, not only once somebody asks for episodes.
        check(layers)?;
        if !layers.switch("refresh")? {
            return Ok(None);
        }
        if !is_dispatcharr {
            let text = "refresh: only Dispatcharr has to be asked for episodes; any other source gives all \
                        that it has";
            return Err(usage(text.to_owned()));
        }
        RefreshSettings::read(layers, base_url).map(Some)
    }

    /// The settings, whether a refresh is wanted or not.
    pub fn read(layers: &Layers, base_url: &str) -> Result<RefreshSettings, RunError> {
        let (api_url, limits, max_age) = check(layers)?;
        Ok(RefreshSettings {
            api_url: api_url.map_or_else(|| base_url.to_owned(), |url| url.as_str().to_owned()),
            login: login(layers)?,
            limits,
            bounds: super::limits::limits(layers)?,
            max_age,
        })
    }

    /// Dispatcharr's API; nothing is asked yet.
    pub fn api(&self) -> Result<Api, CatalogError> {
        Api::new(&self.api_url, self.login.clone(), self.bounds)
    }
}

/// Where Dispatcharr's API is, if that is said; what each account may be asked at most; and how old an answer may
/// be, in seconds.
fn check(layers: &Layers) -> Result<(Option<BaseUrl>, Limits, i64), RunError> {
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

fn login(layers: &Layers) -> Result<Login, RunError> {
    let text = |key| layers.text(key).map(str::to_owned);
    match (text("api_key"), text("api_user"), text("api_password")) {
        (Some(key), None, None) => Ok(Login::Key(key)),
        (None, Some(name), Some(password)) => Ok(Login::User { name, password }),
        (None, None, None) => Err(usage(
            "Dispatcharr fetches episodes for its users only: give an API key of one of them\n  try: \
             api_key = \"…\" in vod2strm.toml, or the variable VOD2STRM_API_KEY, or api_user and \
             api_password"
                .to_owned(),
        )),
        _ => Err(usage("give either api_key, or api_user and api_password".to_owned())),
    }
}
