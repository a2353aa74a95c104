//! The HTTP shell: reads headers and bodies, asks the core, and sends what it decides.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header};
use axum::routing::{get, post};
use serde_json::json;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::decide::{Call, Core, MISSING_KEY};
use crate::journal::Journal;
use crate::knob;
use crate::ledger::Log;
use crate::models;
use crate::protocol::Protocol;
use crate::sending::send;

/// What is read into memory at all. The core turns smaller bodies away in the vendor's words.
const READ_BYTES_MAX: usize = 64 * 1024 * 1024;
/// The header that makes a result a simulated one, for good.
const SIMULATED: HeaderName = HeaderName::from_static("x-simulated");
const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// What all connections share.
#[derive(Debug)]
pub(crate) struct Server {
    core: Core,
    journal: Option<Journal>,
    started: Instant,
    stop: CancellationToken,
    in_flight: AtomicU64,
    in_flight_max: AtomicU64,
}

/// Counts a call as in flight until it is dropped, even if its client goes away.
pub(crate) struct InFlight {
    pub(crate) server: Arc<Server>,
    /// So many were in flight when it came in, this one included.
    count: u64,
}

pub(crate) fn route(server: Arc<Server>) -> Router {
    Router::new()
        .route(
            "/v1/messages",
            post(|server, headers, body| answer(Protocol::Anthropic, server, headers, body)),
        )
        .route(
            "/v1/chat/completions",
            post(|server, headers, body| answer(Protocol::OpenAi, server, headers, body)),
        )
        .route(
            "/v1/responses",
            post(|server, headers, body| answer(Protocol::Responses, server, headers, body)),
        )
        .route("/v1/models", get(list))
        .route("/control/limit", post(knob::set_limit))
        .route("/control/trouble", post(knob::set_trouble))
        .route(
            "/health",
            get(|| async { respond(StatusCode::OK, json!({ "status": "ok" }).to_string()) }),
        )
        .route("/log/summary", get(summarise))
        .fallback(|| async { respond(StatusCode::NOT_FOUND, String::new()) })
        .method_not_allowed_fallback(|| async {
            respond(StatusCode::METHOD_NOT_ALLOWED, String::new())
        })
        .layer(DefaultBodyLimit::max(READ_BYTES_MAX))
        .with_state(server)
}

async fn answer(
    protocol: Protocol,
    State(server): State<Arc<Server>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let in_flight = InFlight::new(&server);
    let call = Call {
        protocol,
        key: read(&headers, IDEMPOTENCY_KEY),
        credential: read_credential(&headers),
        version: read(&headers, "anthropic-version"),
        body: &body,
        in_flight: in_flight.count,
    };
    let decision = server.core.decide(server.now(), &call);
    if let Some(journal) = &server.journal
        && let Err(error) = journal.append(&decision.record)
    {
        // An answer that is missing in the log would make every later comparison a puzzle.
        let words = format!("the simulated endpoint cannot write its log file: {error}");
        return respond(StatusCode::INTERNAL_SERVER_ERROR, words);
    }
    send(decision, in_flight).await
}

/// The models, as both vendors list theirs. It is no call, and no log has it.
async fn list(State(server): State<Arc<Server>>, headers: HeaderMap) -> Response<Body> {
    if !server.core.is_authorised(read_credential(&headers)) {
        let error = json!({ "type": "authentication_error", "message": MISSING_KEY });
        let body = json!({ "type": "error", "error": error });
        return respond(StatusCode::UNAUTHORIZED, body.to_string());
    }
    let model = |id: &String| {
        json!({
            "id": id, "type": "model", "object": "model", "display_name": id,
            "created": 0, "created_at": "1970-01-01T00:00:00Z", "owned_by": "simulated",
        })
    };
    let ids = models::ids();
    let data: Vec<_> = ids.iter().map(model).collect();
    let list = json!({
        "object": "list", "data": data,
        "has_more": false, "first_id": ids.first(), "last_id": ids.last(),
    });
    respond(StatusCode::OK, list.to_string())
}

async fn summarise(State(server): State<Arc<Server>>) -> Response<Body> {
    let (log, keys) = server.core.counters();
    let summary = json!({
        "calls": log.calls,
        "throttled": log.throttled,
        "faults": log.faults,
        "answered": log.answered,
        "rejected": log.rejected,
        "slow": log.slow,
        "over_limit": log.over_limit,
        "keys": keys,
        "by_model": log.by_model,
        "admitted_by_second": log.admitted_by_second,
        "input_tokens_by_second": log.input_tokens_by_second,
        "output_tokens_by_second": log.output_tokens_by_second,
        "minute_max": log.minute_max,
        "input_tokens_minute_max": log.input_tokens_minute_max,
        "output_tokens_minute_max": log.output_tokens_minute_max,
        "tokens_minute_max": log.tokens_minute_max,
        "in_flight_max": server.in_flight_max.load(Ordering::Relaxed),
    });
    respond(StatusCode::OK, summary.to_string())
}

fn read<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn read_credential(headers: &HeaderMap) -> Option<&str> {
    let bearer = || read(headers, "authorization")?.strip_prefix("Bearer ");
    read(headers, "x-api-key").or_else(bearer)
}

pub(crate) fn respond(status: StatusCode, body: impl Into<Body>) -> Response<Body> {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(SIMULATED, HeaderValue::from_static("true"));
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

impl Server {
    pub(crate) fn new(core: Core, journal: Option<Journal>, stop: CancellationToken) -> Self {
        Self {
            core,
            journal,
            started: Instant::now(),
            stop,
            in_flight: AtomicU64::new(0),
            in_flight_max: AtomicU64::new(0),
        }
    }

    pub(crate) fn core(&self) -> &Core {
        &self.core
    }

    pub(crate) fn log(&self) -> Log {
        let in_flight_max = self.in_flight_max.load(Ordering::Relaxed);
        Log { in_flight_max, ..self.core.log() }
    }

    pub(crate) fn now(&self) -> Duration {
        self.started.elapsed()
    }

    pub(crate) fn is_stopped(&self) -> bool {
        self.stop.is_cancelled()
    }

    /// Waits, but not beyond a stop.
    pub(crate) async fn wait(&self, duration: Duration) {
        if !duration.is_zero() {
            tokio::select! {
                () = tokio::time::sleep(duration) => {}
                () = self.stop.cancelled() => {}
            }
        }
    }
}

impl InFlight {
    fn new(server: &Arc<Server>) -> Self {
        let count = server.in_flight.fetch_add(1, Ordering::Relaxed) + 1;
        server.in_flight_max.fetch_max(count, Ordering::Relaxed);
        Self { server: Arc::clone(server), count }
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.server.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}
