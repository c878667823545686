//! One request to Dispatcharr, and what its answer means. Facts: `dispatcharr.md` 2.5 and 3.1; recorded
//! answers of the real one are in `tests/dispatcharr/`.

use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER};
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};
use tokio::sync::Mutex;
use url::Url;
use vod2strm_core::cancel::Cancel;
use vod2strm_core::text::redact::redact;
use vod2strm_core::text::secrets::{Redactor, Secret};

use super::error::ApiError;
use super::line::{self, Ask};
use crate::episodes::{Asker, Credentials, FetchAnswer, FetchRequest, Questions, Said};
use crate::error::{BoxedError, CatalogError};
use crate::limits::{Flow, SourceLimits};
use crate::wait::Waiter;
use crate::web::{self, RequestError};

/// How long the answer for a series may take to begin: Dispatcharr asks the provider meanwhile, with 60 s and three
/// tries. All other answers, and each piece of one that has begun, have the source's own limit.
const FETCH_TIMEOUT: Duration = Duration::from_secs(200);
/// The most of an answer that is read; without the list of episodes it has a few kilobytes.
const MOST_BYTES: usize = 4 << 20;
/// Dispatcharr lets nobody log in more than three times a minute.
const LOGIN_PAUSE: Duration = Duration::from_secs(20);
const USER_AGENT: &str = concat!("vod2strm/", env!("CARGO_PKG_VERSION"));

/// Dispatcharr's API.
pub struct Api {
    client: Client,
    base: Url,
    login: Credentials,
    limits: SourceLimits,
    token: Mutex<Option<Token>>,
    redactor: Redactor,
}

/// What was logged in for.
#[derive(Clone)]
struct Token {
    access: Secret,
    refresh: Secret,
}

impl Api {
    /// The API at an address such as `http://dispatcharr:9191`; nothing is asked yet.
    /// What Dispatcharr says is kept and shown as the redactor leaves it.
    pub fn new(
        base: &str,
        login: Credentials,
        limits: SourceLimits,
        redactor: &Redactor,
    ) -> Result<Api, CatalogError> {
        let invalid = |reason: String| CatalogError::InvalidUrl { url: redact(base), reason };
        let mut base_url: Url = base.parse().map_err(|error| invalid(format!("{error}")))?;
        if !["http", "https"].contains(&base_url.scheme()) {
            return Err(invalid("http:// or https:// is wanted".to_owned()));
        }
        if !base_url.path().ends_with('/') {
            base_url.set_path(&format!("{}/", base_url.path()));
        }
        // Whoever it may send us to is not to see our key.
        let client = web::client(USER_AGENT, 0);
        let client = client.map_err(|error| web::unreachable(&redact(base), error))?;
        let (token, redactor) = (Mutex::default(), redactor.clone());
        Ok(Api { client, base: base_url, login, limits, token, redactor })
    }

    async fn ask_version(&self) -> Result<String, FetchAnswer> {
        let request = self.client.get(self.url("api/core/version/")?);
        let (_, response) = self.send(request, self.limits.silence).await?;
        match response.status().as_u16() {
            200 => {
                self.expect_json(response.headers())?;
                let answer = self.json(response).await?;
                text(&answer, "version").ok_or_else(|| FetchAnswer::Fatal(self.no_api()))
            }
            401 | 403 => Err(FetchAnswer::Fatal(self.denied(self.words(response).await))),
            300..=399 | 404 => Err(FetchAnswer::Fatal(self.no_api())),
            502..=504 => Err(self.down(Some(response.status().as_u16()))),
            status => Err(FetchAnswer::Failed(format!("Dispatcharr answers with status {status}"))),
        }
    }

    /// The address, for messages.
    fn target(&self) -> String {
        redact(self.base.as_str())
    }

    fn url(&self, path: &str) -> Result<Url, FetchAnswer> {
        self.base.join(path).map_err(|error| FetchAnswer::Failed(error.to_string()))
    }

    async fn try_fetch(&self, request: &FetchRequest) -> Result<FetchAnswer, FetchAnswer> {
        // Without force_refresh it would not ask again within a day, whatever the provider says.
        let path = format!(
            "api/vod/series/{}/provider-info/?relation_id={}&include_episodes=false&force_refresh=true",
            request.series, request.relation
        );
        let url = self.url(&path)?;
        let patience = FETCH_TIMEOUT.max(self.limits.silence);
        let (mut used, mut response) = self.send(self.client.get(url.clone()), patience).await?;
        if response.status() == StatusCode::UNAUTHORIZED && used.is_some() {
            self.renew(used.take()).await?;
            response = self.send(self.client.get(url), patience).await?.1;
        }
        self.understand(response).await
    }

    /// Sends a request with our credentials; gives the token that was used, if one was.
    async fn send(
        &self,
        request: RequestBuilder,
        within: Duration,
    ) -> Result<(Option<Token>, Response), FetchAnswer> {
        let (token, request) = match &self.login {
            Credentials::Key(key) => {
                (None, request.header("X-API-Key", self.secret(key.reveal())?))
            }
            Credentials::User { .. } => {
                let token = self.token().await?;
                let bearer = format!("Bearer {}", token.access.reveal());
                let header = self.secret(&bearer)?;
                (Some(token), request.header("Authorization", header))
            }
        };
        let sent = web::send(request, within).await.map_err(|trouble| self.failed(trouble))?;
        Ok((token, sent))
    }

    /// A header that is never shown.
    fn secret(&self, text: &str) -> Result<HeaderValue, FetchAnswer> {
        let header = HeaderValue::from_str(text.trim()).map(|mut header| {
            header.set_sensitive(true);
            header
        });
        let what = "the API key or token has characters that no header may have";
        header.map_err(|_| FetchAnswer::Fatal(self.denied(what.to_owned())))
    }

    /// The token that we have, or a new one.
    async fn token(&self) -> Result<Token, FetchAnswer> {
        let mut token = self.token.lock().await;
        if token.is_none() {
            *token = Some(self.log_in().await?);
        }
        token.clone().ok_or_else(|| FetchAnswer::Failed("no token".to_owned()))
    }

    /// Replaces a token that was refused, unless somebody has done so already.
    async fn renew(&self, used: Option<Token>) -> Result<(), FetchAnswer> {
        let mut token = self.token.lock().await;
        let is_current = token.as_ref().map(|it| &it.access) == used.as_ref().map(|it| &it.access);
        if !is_current {
            return Ok(());
        }
        let Some(old) = token.take() else { return Ok(()) };
        let body = json!({ "refresh": old.refresh.reveal() });
        let renewed = self.post("api/accounts/token/refresh/", &body).await;
        *token = Some(match renewed.ok().and_then(|answer| text(&answer, "access")) {
            Some(access) => self.kept(access, old.refresh.reveal().to_owned()),
            None => self.log_in().await?,
        });
        Ok(())
    }

    /// A token, which is a secret like the password that it stands for.
    fn kept(&self, access: String, refresh: String) -> Token {
        self.redactor.keep(&access);
        self.redactor.keep(&refresh);
        Token { access: access.into(), refresh: refresh.into() }
    }

    async fn log_in(&self) -> Result<Token, FetchAnswer> {
        let Credentials::User { name, password } = &self.login else {
            return Err(FetchAnswer::Failed("there is no user to log in".to_owned()));
        };
        let body = json!({ "username": name, "password": password.reveal() });
        let answer = self.post("api/accounts/token/", &body).await?;
        match (text(&answer, "access"), text(&answer, "refresh")) {
            (Some(access), Some(refresh)) => Ok(self.kept(access, refresh)),
            _ => Err(FetchAnswer::Fatal(self.no_api())),
        }
    }

    async fn post(&self, path: &str, body: &Value) -> Result<Value, FetchAnswer> {
        let request = self.client.post(self.url(path)?);
        let request = request.header(CONTENT_TYPE, "application/json").body(body.to_string());
        let response = web::send(request, self.limits.silence).await;
        let response = response.map_err(|trouble| self.failed(trouble))?;
        match response.status().as_u16() {
            200 => {
                self.expect_json(response.headers())?;
                self.json(response).await
            }
            429 => Err(FetchAnswer::Refused(Some(wait(response.headers()).unwrap_or(LOGIN_PAUSE)))),
            400 | 401 | 403 => Err(FetchAnswer::Fatal(self.denied(self.words(response).await))),
            300..=399 | 404 | 405 => Err(FetchAnswer::Fatal(self.no_api())),
            502..=504 => Err(self.down(Some(response.status().as_u16()))),
            status => Err(FetchAnswer::Failed(format!("Dispatcharr answers with status {status}"))),
        }
    }

    /// What an answer to the question for episodes means.
    async fn understand(&self, response: Response) -> Result<FetchAnswer, FetchAnswer> {
        let status = response.status().as_u16();
        match status {
            200 => {
                self.expect_json(response.headers())?;
                let answer = self.json(response).await?;
                match answer.get("episodes_fetched").and_then(Value::as_bool) {
                    Some(true) => Ok(FetchAnswer::Asked),
                    // It swallows what went wrong with the provider.
                    Some(false) => Ok(FetchAnswer::ProviderFailed),
                    None => Err(FetchAnswer::Fatal(self.no_api())),
                }
            }
            401 | 403 => Err(FetchAnswer::Fatal(self.denied(self.words(response).await))),
            429 => Ok(FetchAnswer::Refused(wait(response.headers()))),
            503 if response.headers().contains_key(RETRY_AFTER) => {
                Ok(FetchAnswer::Refused(wait(response.headers())))
            }
            502..=504 => Ok(self.down(Some(status))),
            300..=399 => Err(FetchAnswer::Fatal(self.no_api())),
            400 | 404 => {
                self.expect_json(response.headers())?;
                Ok(FetchAnswer::Gone(self.words(response).await))
            }
            status => {
                let words = self.words(response).await;
                Ok(FetchAnswer::Failed(format!("Dispatcharr answers with status {status}{words}")))
            }
        }
    }

    /// A path that Dispatcharr does not have is answered with its web page, and status 200.
    fn expect_json(&self, headers: &HeaderMap) -> Result<(), FetchAnswer> {
        let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let is_json = kind.is_some_and(|kind| kind.trim_start().starts_with("application/json"));
        if is_json { Ok(()) } else { Err(FetchAnswer::Fatal(self.no_api())) }
    }

    async fn json(&self, response: Response) -> Result<Value, FetchAnswer> {
        let body = self.body(response).await?;
        serde_json::from_slice(&body)
            .map_err(|_| FetchAnswer::Failed("Dispatcharr's answer is cut off".to_owned()))
    }

    async fn body(&self, mut response: Response) -> Result<Vec<u8>, FetchAnswer> {
        let (mut body, mut flow) = (Vec::new(), Flow::new(self.limits));
        loop {
            let piece = web::piece(&mut response, &mut flow).await;
            let Some(piece) = piece.map_err(|trouble| self.failed(trouble))? else { break };
            body.extend_from_slice(piece.as_ref());
            if body.len() > MOST_BYTES {
                return Err(FetchAnswer::Failed("Dispatcharr's answer is too long".to_owned()));
            }
        }
        Ok(body)
    }

    /// What Dispatcharr says of an error, if it says it in JSON.
    async fn words(&self, response: Response) -> String {
        let body = self.body(response).await.unwrap_or_default();
        let answer: Value = serde_json::from_slice(&body).unwrap_or_default();
        let words = ["detail", "error"].iter().find_map(|key| text(&answer, key));
        words
            .filter(|words| !words.is_empty())
            .map_or(String::new(), |words| format!(": {}", self.redactor.said(&words)))
    }

    fn failed(&self, trouble: RequestError) -> FetchAnswer {
        let error = match trouble {
            RequestError::Failed(error) => error,
            RequestError::Excess(excess) => {
                return FetchAnswer::Failed(format!("Dispatcharr: {excess}"));
            }
        };
        let is_unreachable = error.is_connect();
        let error = web::unreachable(&self.target(), error);
        match &error {
            CatalogError::Tls { .. } => FetchAnswer::Fatal(error),
            _ if is_unreachable => self.down(None),
            _ => {
                let source = std::error::Error::source(&error).map(ToString::to_string);
                FetchAnswer::Failed(format!("{error}: {}", source.unwrap_or_default()))
            }
        }
    }

    fn down(&self, status: Option<u16>) -> FetchAnswer {
        FetchAnswer::Down(ApiError::Down { target: self.target(), status }.into())
    }

    fn denied(&self, words: String) -> CatalogError {
        ApiError::Denied { target: self.target(), words }.into()
    }

    fn no_api(&self) -> CatalogError {
        ApiError::NoApi { target: self.target() }.into()
    }
}

/// The first version that plays an address that names stream and account by these (`dispatcharr.md` 4.3).
const PLAYS_BY_STREAM: (u32, u32) = (0, 26);

/// Whether a version is one that does.
fn plays_by_stream(version: &str) -> bool {
    let mut numbers = version.trim_start_matches('v').split('.').map(|part| part.parse().ok());
    match (numbers.next().flatten(), numbers.next().flatten()) {
        (Some(major), Some(minor)) => (major, minor) >= PLAYS_BY_STREAM,
        _ => false,
    }
}

impl Asker for Api {
    fn greeting(&self, cancel: &Cancel) -> Result<String, CatalogError> {
        Ok(format!("Dispatcharr {} lets us in", self.version(cancel)?))
    }

    fn keeps_uuids(&self, version: &str) -> bool {
        plays_by_stream(version)
    }

    fn version(&self, cancel: &Cancel) -> Result<String, CatalogError> {
        let unreachable =
            |source: BoxedError| CatalogError::Unreachable { target: self.target(), source };
        let waiter = Waiter::new(cancel).map_err(|error| unreachable(error.into()))?;
        waiter.wait(self.ask_version())?.map_err(|answer| match answer {
            FetchAnswer::Fatal(error) | FetchAnswer::Down(error) => error,
            FetchAnswer::Failed(words) | FetchAnswer::Gone(words) => unreachable(words.into()),
            answer => unreachable(format!("{answer:?}").into()),
        })
    }

    fn ask(
        &self,
        questions: Questions<'_>,
        tell: &mut dyn FnMut(Said),
    ) -> Result<(), CatalogError> {
        line::ask(self, questions, tell)
    }
}

impl Ask for Api {
    async fn ask(&self, request: &FetchRequest) -> FetchAnswer {
        match self.try_fetch(request).await {
            Ok(answer) | Err(answer) => answer,
        }
    }
}

fn text(value: &Value, key: &str) -> Option<String> {
    value.get(key)?.as_str().map(str::to_owned)
}

/// How long a server wants to be left alone. It may also name a time of day, which few do; then the usual
/// pause has to do.
fn wait(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse::<u64>().ok()?;
    Some(Duration::from_secs(seconds.min(60 * 60)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_their_numbers() {
        for version in ["0.26.0", "v0.26.1", "0.28", "0.100.0", "1.0.0"] {
            assert!(plays_by_stream(version), "{version}");
        }
        for version in ["0.25.9", "0.3.0", "", "dev", "0"] {
            assert!(!plays_by_stream(version), "{version}");
        }
    }
}
