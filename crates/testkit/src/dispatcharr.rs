//! A fake Dispatcharr: its API over a real PostgreSQL. Asked for a series' episodes it puts them into the
//! tables, as the real one does. What it answers was recorded from the real one (`dispatcharr/*.json`,
//! version 0.29.0); it can also be slow, refuse, break off, hang and die.

use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use axum::routing::{get, post};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::runtime::Builder;
use tokio::sync::oneshot;
use tokio_postgres::{Client, NoTls};

/// The key that it lets in.
pub const KEY: &str = "key-of-the-tests";
/// The user that it lets in, and the password.
pub const USER: (&str, &str) = ("tester", "password-of-the-tests");

/// How it takes a request.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Mood {
    /// The provider has so many episodes.
    Episodes(i32),
    /// The same, after so long.
    Slow(i32, Duration),
    /// The provider does not answer Dispatcharr, which says 200 all the same.
    NoProvider,
    /// This status, with this much of a Retry-After.
    Status(u16, Option<u64>),
    /// A web page with status 200, as for every path that it does not have.
    Page,
    /// The answer breaks off half-way.
    Half,
    /// An error that repeats the key or the token, which no server should.
    Parrot,
    /// No answer ever.
    Hang,
}

/// A request for episodes that it got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The series.
    pub series: i64,
    /// The account's stream.
    pub relation: i64,
}

/// The token for which it gives another one.
const RENEWAL: &str = "renewal-0815";

/// How it takes the request with this number, counted from 0.
type Moods = Box<dyn Fn(usize, Asked) -> Mood + Send + Sync>;

struct Shared {
    client: Client,
    moods: Mutex<Moods>,
    asked: Mutex<Vec<Asked>>,
    logins: Mutex<usize>,
    /// The number of the token that is good.
    token: Mutex<u64>,
    /// Keys that it lets in.
    keys: Mutex<Vec<String>>,
    /// The version that it tells, if that is another than the recorded one.
    version: Mutex<Option<String>>,
    in_flight: Mutex<(usize, usize)>,
}

/// The server; it ends with this.
pub struct Dispatcharr {
    url: String,
    shared: Arc<Shared>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Dispatcharr {
    /// One over a database, in which every series has three episodes.
    pub fn start(database: &str) -> Dispatcharr {
        let database = database.to_owned();
        let (tell, told) = std::sync::mpsc::channel();
        let (stop, stopped) = oneshot::channel::<()>();
        let thread = thread::spawn(move || {
            let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async {
                let (client, connection) =
                    tokio_postgres::connect(&database, NoTls).await.expect("the database");
                tokio::spawn(async { drop(connection.await) });
                let shared = Arc::new(Shared {
                    client,
                    moods: Mutex::new(Box::new(|_, _| Mood::Episodes(3))),
                    asked: Mutex::default(),
                    logins: Mutex::default(),
                    token: Mutex::new(1),
                    keys: Mutex::new(vec![KEY.to_owned()]),
                    version: Mutex::default(),
                    in_flight: Mutex::default(),
                });
                let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
                let address = listener.local_addr().expect("a bound socket has an address");
                tell.send((format!("http://{address}"), shared.clone())).expect("it is waited for");
                let serve = axum::serve(listener, router(shared)).into_future();
                // Whoever waits for an answer then gets none.
                tokio::select! { _ = serve => {}, _ = stopped => {} }
            });
            runtime.shutdown_background();
        });
        let (url, shared) = told.recv().expect("it starts");
        Dispatcharr { url, shared, stop: Some(stop), thread: Some(thread) }
    }

    /// `http://127.0.0.1:PORT`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// How it takes requests from now on.
    pub fn be(&self, moods: impl Fn(usize, Asked) -> Mood + Send + Sync + 'static) {
        *lock(&self.shared.moods) = Box::new(moods);
    }

    /// Another key that it lets in.
    pub fn let_in(&self, key: &str) {
        lock(&self.shared.keys).push(key.to_owned());
    }

    /// The version that it tells from now on.
    pub fn tell_version(&self, version: &str) {
        *lock(&self.shared.version) = Some(version.to_owned());
    }

    /// What it was asked for so far.
    pub fn asked(&self) -> Vec<Asked> {
        lock(&self.shared.asked).clone()
    }

    /// How often somebody logged in.
    pub fn logins(&self) -> usize {
        *lock(&self.shared.logins)
    }

    /// The most requests that it had at a time.
    pub fn most_at_once(&self) -> usize {
        lock(&self.shared.in_flight).1
    }

    /// No token that it gave is good any more, but to get another one.
    pub fn expire_tokens(&self) {
        *lock(&self.shared.token) += 1;
    }

    /// It is gone, in the middle of whatever it does.
    pub fn die(&mut self) {
        if let Some(stop) = self.stop.take() {
            // It may be gone already.
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            thread.join().expect("the server ends");
        }
    }
}

impl Drop for Dispatcharr {
    fn drop(&mut self) {
        self.die();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|held| held.into_inner())
}

fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/api/vod/series/{id}/provider-info/", get(provider_info))
        .route("/api/accounts/token/", post(log_in))
        .route("/api/accounts/token/refresh/", post(renew))
        .route("/api/core/version/", get(version))
        .fallback(async || recorded(include_str!("../dispatcharr/unknown_path.json")))
        .with_state(shared)
}

/// The answer that the real one gave.
fn recorded(fixture: &str) -> Response {
    recorded_with(fixture, |_| {})
}

fn recorded_with(fixture: &str, change: impl FnOnce(&mut Value)) -> Response {
    let mut fixture: Value = serde_json::from_str(fixture).expect("a recorded answer");
    let response = &mut fixture["response"];
    change(&mut response["body"]);
    let body = match &response["body"] {
        Value::String(page) => page.clone(),
        json => json.to_string(),
    };
    let status = response["status"].as_u64().and_then(|status| u16::try_from(status).ok());
    let mut answer = Response::builder().status(status.unwrap_or(500));
    if let Some(kind) = response["content_type"].as_str() {
        answer = answer.header(header::CONTENT_TYPE, kind);
    }
    for (name, value) in response["headers"].as_object().into_iter().flatten() {
        answer = answer.header(name, value.as_str().unwrap_or_default());
    }
    answer.body(Body::from(body)).expect("recorded headers are headers")
}

async fn log_in(State(shared): State<Arc<Shared>>, body: Bytes) -> Response {
    let said: Value = serde_json::from_slice(&body).unwrap_or_default();
    *lock(&shared.logins) += 1;
    if (said["username"].as_str(), said["password"].as_str()) != (Some(USER.0), Some(USER.1)) {
        return recorded(include_str!("../dispatcharr/login_wrong.json"));
    }
    let number = *lock(&shared.token);
    recorded_with(include_str!("../dispatcharr/login.json"), |body| {
        (body["access"], body["refresh"]) = (format!("access-{number}").into(), RENEWAL.into());
    })
}

async fn version(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Response {
    let recorded = || {
        recorded_with(include_str!("../dispatcharr/version.json"), |body| {
            if let Some(version) = &*lock(&shared.version) {
                body["version"] = version.as_str().into();
            }
        })
    };
    refused(&shared, &headers).unwrap_or_else(recorded)
}

async fn renew(State(shared): State<Arc<Shared>>, body: Bytes) -> Response {
    let said: Value = serde_json::from_slice(&body).unwrap_or_default();
    if said["refresh"] != RENEWAL {
        return recorded(include_str!("../dispatcharr/token_refresh_bad.json"));
    }
    let number = *lock(&shared.token);
    recorded_with(include_str!("../dispatcharr/token_refresh.json"), |body| {
        body["access"] = format!("access-{number}").into();
    })
}

/// Why somebody may not come in.
fn refused(shared: &Shared, headers: &HeaderMap) -> Option<Response> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let good = format!("Bearer access-{}", lock(&shared.token));
    match (text("x-api-key"), text("authorization")) {
        (Some(key), None) if lock(&shared.keys).iter().any(|known| known == key) => None,
        (Some(_), None) => Some(recorded(include_str!("../dispatcharr/wrong_api_key.json"))),
        (_, Some(token)) if token == good => None,
        (_, Some(_)) => Some(recorded(include_str!("../dispatcharr/expired_or_bad_token.json"))),
        (None, None) => Some(recorded(include_str!("../dispatcharr/no_credentials.json"))),
    }
}

async fn provider_info(
    State(shared): State<Arc<Shared>>,
    Path(series): Path<i64>,
    Query(query): Query<std::collections::HashMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    if let Some(refusal) = refused(&shared, &headers) {
        return refusal;
    }
    let relation = query.get("relation_id").and_then(|id| id.parse().ok()).unwrap_or_default();
    let asked = Asked { series, relation };
    let mood = {
        let mut all = lock(&shared.asked);
        all.push(asked);
        lock(&shared.moods)(all.len() - 1, asked)
    };
    let _guest = Guest::new(&shared);
    match mood {
        Mood::Episodes(number) => fetch(&shared, asked, number).await,
        Mood::Slow(number, wait) => {
            tokio::time::sleep(wait).await;
            fetch(&shared, asked, number).await
        }
        Mood::NoProvider => no_provider(&shared, asked).await,
        Mood::Status(404, None) => {
            recorded(include_str!("../dispatcharr/provider_info_unknown_series.json"))
        }
        Mood::Status(401, None) => recorded(include_str!("../dispatcharr/wrong_api_key.json")),
        Mood::Status(status, wait) => {
            let status = StatusCode::from_u16(status).expect("a status");
            let mut answer = Response::builder().status(status);
            if let Some(seconds) = wait {
                answer = answer.header(header::RETRY_AFTER, seconds);
            }
            answer.body(Body::from("<h1>Sorry</h1>")).expect("an answer")
        }
        Mood::Page => recorded(include_str!("../dispatcharr/unknown_path.json")),
        Mood::Half => half(),
        Mood::Parrot => {
            let names = ["x-api-key", "authorization"];
            let key = names.iter().find_map(|name| headers.get(*name)?.to_str().ok());
            let key = key.unwrap_or("-");
            let body = serde_json::json!({ "error": format!("no luck with {key}") });
            let answer = Response::builder().status(500);
            let answer = answer.header(header::CONTENT_TYPE, "application/json");
            answer.body(Body::from(body.to_string())).expect("an answer")
        }
        Mood::Hang => std::future::pending().await,
    }
}

/// Counts who is there at a time.
struct Guest<'a>(&'a Shared);

impl Guest<'_> {
    fn new(shared: &Shared) -> Guest<'_> {
        let mut in_flight = lock(&shared.in_flight);
        in_flight.0 += 1;
        in_flight.1 = in_flight.1.max(in_flight.0);
        Guest(shared)
    }
}

impl Drop for Guest<'_> {
    fn drop(&mut self) {
        lock(&self.0.in_flight).0 -= 1;
    }
}

/// The beginning of an answer, and then the connection ends.
fn half() -> Response {
    let start = Ok::<_, std::io::Error>(Bytes::from_static(b"{\"id\": 1, \"episodes_f"));
    let end = Err(std::io::Error::other("the line is dead"));
    let body = Body::from_stream(futures_util::stream::iter([start, end]));
    let answer = Response::builder().header(header::CONTENT_TYPE, "application/json");
    answer.body(body).expect("an answer")
}

/// The provider does not answer: that shows only for a series that was never fetched.
async fn no_provider(shared: &Shared, asked: Asked) -> Response {
    let row =
        "SELECT 1 FROM vod_m3useriesrelation WHERE id = $1 AND last_episode_refresh IS NOT NULL";
    match shared.client.query_opt(row, &[&asked.relation]).await.expect("the database") {
        None => recorded(include_str!("../dispatcharr/provider_info_panel_error.json")),
        Some(_) => {
            recorded(include_str!("../dispatcharr/provider_info_panel_error_after_success.json"))
        }
    }
}

/// Does what the real one does: puts the episodes into the tables and notes that it did.
async fn fetch(shared: &Shared, asked: Asked, episodes: i32) -> Response {
    let row = "SELECT 1 FROM vod_m3useriesrelation WHERE id = $1 AND series_id = $2";
    let is_there = shared.client.query_opt(row, &[&asked.relation, &asked.series]).await;
    if is_there.expect("the database").is_none() {
        return recorded(include_str!("../dispatcharr/provider_info_unknown_relation.json"));
    }
    let done = shared.client.execute(FETCH, &[&asked.series, &asked.relation, &episodes]).await;
    done.expect("the database takes the episodes");
    let fixture = match episodes {
        0 => include_str!("../dispatcharr/provider_info_empty.json"),
        _ => include_str!("../dispatcharr/provider_info_first.json"),
    };
    recorded_with(fixture, |body| body["id"] = asked.series.into())
}

const FETCH: &str = r#"
    WITH relation AS (
        UPDATE vod_m3useriesrelation SET last_episode_refresh = clock_timestamp(), updated_at = now(),
               custom_properties = coalesce(custom_properties, '{}'::jsonb)
                   || '{"episodes_fetched": true, "detailed_fetched": true}'::jsonb
        WHERE id = $2 RETURNING m3u_account_id, id),
    episode AS (
        INSERT INTO vod_episode (uuid, name, season_number, episode_number, series_id, created_at, updated_at)
        SELECT gen_random_uuid(), 'Episode ' || n, 1, n, $1, now(), now() FROM generate_series(1, $3) AS n
        ON CONFLICT (series_id, season_number, episode_number) DO UPDATE SET updated_at = now()
        RETURNING id, episode_number)
    INSERT INTO vod_m3uepisoderelation (stream_id, container_extension, created_at, updated_at, last_seen,
                                        episode_id, m3u_account_id, series_relation_id)
    SELECT 'fetched-' || $2 || '-' || episode_number, 'mkv', now(), now(), now(), episode.id,
           m3u_account_id, relation.id FROM episode, relation
    ON CONFLICT (m3u_account_id, stream_id) DO UPDATE SET last_seen = now()"#;
