//! What the service answers over HTTP: is it well, and has each library had a run.

use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::Builder;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::watch;
use vod2strm_engine::error::{RunError, no_thread};

use super::state::LibraryStates;

/// Requests that are open when the service ends have so long.
const GRACE: Duration = Duration::from_secs(5);

/// A port that is bound, and answers once it is begun.
pub struct HttpServer {
    runtime: Runtime,
    listener: TcpListener,
}

/// An HTTP server at work.
pub struct RunningServer {
    end: watch::Sender<bool>,
    thread: std::thread::JoinHandle<()>,
}

impl HttpServer {
    /// Takes the port.
    pub fn bind(listen: SocketAddr) -> Result<HttpServer, RunError> {
        let failed = |source| RunError::Listen { listen, source };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .enable_time()
            .build()
            .map_err(failed)?;
        let listener = runtime.block_on(TcpListener::bind(listen)).map_err(failed)?;
        Ok(HttpServer { runtime, listener })
    }

    /// Begins to answer.
    pub fn begin(self, state: Arc<LibraryStates>) -> Result<RunningServer, RunError> {
        let (end, mut ended) = watch::channel(false);
        let serve = move || {
            let HttpServer { runtime, listener } = self;
            runtime.block_on(async {
                let mut over = ended.clone();
                let serving =
                    axum::serve(listener, router(state)).with_graceful_shutdown(async move {
                        drop(ended.wait_for(|it| *it).await);
                    });
                let too_late = async {
                    drop(over.wait_for(|it| *it).await);
                    tokio::time::sleep(GRACE).await;
                };
                tokio::select! {
                    _ = async { serving.await } => {}
                    () = too_late => {}
                }
            });
        };
        let thread = Builder::new().name("http".to_owned()).spawn(serve).map_err(no_thread)?;
        Ok(RunningServer { end, thread })
    }
}

impl RunningServer {
    /// What has it take no further requests.
    pub fn ender(&self) -> impl Fn() + Clone + Send + 'static {
        let end = self.end.clone();
        move || {
            end.send_replace(true);
        }
    }

    /// Waits for the requests that are open, not for long.
    pub fn wait_for_the_end(self) {
        drop(self.thread.join());
    }
}

fn router(state: Arc<LibraryStates>) -> Router {
    Router::new()
        .route("/healthz", get(async || "well\n"))
        .route("/readyz", get(readyz))
        .fallback(async || (StatusCode::NOT_FOUND, "there is nothing at this path\n"))
        .with_state(state)
}

async fn readyz(State(state): State<Arc<LibraryStates>>) -> (StatusCode, &'static str) {
    if state.is_ready() {
        (StatusCode::OK, "each library has had a run\n")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "a library has had no run yet\n")
    }
}
