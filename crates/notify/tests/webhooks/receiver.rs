//! Somebody who receives messages on loopback, and replies as the test tells.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Response, Uri};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::time::{Instant, timeout};
use tokio_util::sync::{CancellationToken, DropGuard};

/// Longer than anything here takes, also on a machine that has much else to do.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// What it says to one message.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    /// `None`: nothing, ever.
    status: Option<u16>,
    headers: Vec<(&'static str, String)>,
}

impl Reply {
    pub(crate) fn of(status: u16) -> Self {
        Self { status: Some(status), headers: Vec::new() }
    }

    pub(crate) fn never() -> Self {
        Self { status: None, headers: Vec::new() }
    }

    pub(crate) fn after(self, wait: &str) -> Self {
        self.with("retry-after", wait.to_owned())
    }

    pub(crate) fn with(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }
}

/// One message that came.
#[derive(Clone, Debug)]
pub(crate) struct Heard {
    pub(crate) at: Instant,
    pub(crate) path: String,
    headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Heard {
    pub(crate) fn header(&self, name: &str) -> String {
        self.headers.get(name).map_or("", |value| value.to_str().expect("it is text")).to_owned()
    }
}

#[derive(Clone)]
struct Ear {
    replies: Arc<Mutex<VecDeque<Reply>>>,
    heard: watch::Sender<Vec<Heard>>,
}

pub(crate) struct Receiver {
    address: String,
    heard: watch::Receiver<Vec<Heard>>,
    _stop: DropGuard,
}

impl Receiver {
    /// Says one of these to each message, and then 204 to all others.
    pub(crate) async fn start(replies: Vec<Reply>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("it is bound").to_string();
        let (sender, heard) = watch::channel(Vec::new());
        let ear = Ear { replies: Arc::new(Mutex::new(replies.into())), heard: sender };
        let router = Router::new().fallback(hear).with_state(ear);
        let stop = CancellationToken::new();
        let stopped = stop.clone().cancelled_owned();
        tokio::spawn(async move {
            tokio::select! {
                served = axum::serve(listener, router) => served.expect("it serves"),
                () = stopped => {}
            }
        });
        Self { address, heard, _stop: stop.drop_guard() }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) fn heard(&self) -> Vec<Heard> {
        self.heard.borrow().clone()
    }

    /// Waits until so many messages have come.
    pub(crate) async fn hears(&self, count: usize) {
        let mut heard = self.heard.clone();
        let waited = heard.wait_for(|heard| heard.len() >= count);
        timeout(PATIENCE, waited).await.expect("they come").expect("it listens");
    }
}

async fn hear(State(ear): State<Ear>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response<Body> {
    let heard =
        Heard { at: Instant::now(), path: uri.path().to_owned(), headers, body: body.to_vec() };
    let reply = ear.replies.lock().expect("nobody panics in it").pop_front();
    ear.heard.send_modify(|all| all.push(heard));
    let Reply { status, headers } = reply.unwrap_or_else(|| Reply::of(204));
    let Some(status) = status else { return std::future::pending().await };
    let mut response = Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(name, value);
    }
    response.body(Body::from("private-reply")).expect("it is a response")
}

/// An address where nobody listens any more.
pub(crate) async fn closed_url() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    format!("http://{}/", listener.local_addr().expect("it is bound"))
}

#[expect(clippy::disallowed_methods, reason = "a receiver compares the time with its own")]
pub(crate) fn now_s() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.expect("it is later").as_secs().cast_signed()
}
