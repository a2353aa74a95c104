//! The one HTTP client: adds the key, sends the bytes, brings back the bytes.

use std::time::Duration;

use iago_providers::{AuthStyle, UnsignedRequest};
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};

/// How long a connection may take to be made.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Idle connections kept for each host: as many as the largest concurrency in use.
const IDLE_CONNECTIONS_MAX: usize = 1024;
/// The largest body that is read, in bytes; a longer one is trouble, not an answer.
const BODY_BYTES_MAX: usize = 64 * 1024 * 1024;

/// A whole reply.
pub(crate) struct Received {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// The client could not be made.
#[derive(Debug, thiserror::Error)]
#[error("cannot set up HTTP: {0}")]
pub struct ClientError(#[from] reqwest::Error);

/// No reply came. The words name the kind of trouble, never the request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NoReply {
    pub(crate) message: String,
    /// The endpoint may have seen the request: it is a call.
    pub(crate) sent: bool,
    /// No connection could be made.
    pub(crate) unreachable: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Client(reqwest::Client);

impl Client {
    pub(crate) fn new() -> Result<Self, ClientError> {
        // Another part of the process may have chosen a provider already; either will do.
        drop(rustls::crypto::ring::default_provider().install_default());
        let client = reqwest::Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .pool_max_idle_per_host(IDLE_CONNECTIONS_MAX)
            .redirect(reqwest::redirect::Policy::none())
            .tcp_nodelay(true)
            .user_agent(concat!("iago/", env!("CARGO_PKG_VERSION")))
            .build()?;
        Ok(Self(client))
    }

    pub(crate) async fn call(
        &self,
        request: &UnsignedRequest,
        key: Option<&SecretString>,
        timeout: Duration,
    ) -> Result<Received, NoReply> {
        let sent = self
            .0
            .post(&request.url)
            .headers(headers(request, key)?)
            .timeout(timeout)
            .body(request.body.clone())
            .send();
        let mut response = sent.await.map_err(|error| no_reply(&error, true))?;
        let status = response.status().as_u16();
        let headers = response.headers().iter().map(text_header).collect();
        let mut body = Vec::new();
        while let Some(piece) = response.chunk().await.map_err(|error| no_reply(&error, false))? {
            if body.len() + piece.len() > BODY_BYTES_MAX {
                let message = format!("a body of more than {BODY_BYTES_MAX} bytes");
                return Err(NoReply { message, sent: true, unreachable: false });
            }
            body.extend_from_slice(&piece);
        }
        Ok(Received { status, headers, body })
    }

    /// Whether a connection to this address can be made at all; any HTTP response will do.
    pub(crate) async fn reach(&self, url: &str) -> Result<(), NoReply> {
        let asked = self.0.get(url).timeout(CONNECT_TIMEOUT).send().await;
        asked.map(drop).map_err(|error| no_reply(&error, true))
    }
}

fn headers(request: &UnsignedRequest, key: Option<&SecretString>) -> Result<HeaderMap, NoReply> {
    let mut headers = HeaderMap::new();
    for (name, value) in &request.headers {
        let header = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(value));
        let (Ok(name), Ok(value)) = header else { return Err(unsendable(name)) };
        headers.insert(name, value);
    }
    let Some(key) = key else { return Ok(headers) };
    let (name, value) = match request.auth {
        AuthStyle::XApiKey => {
            (HeaderName::from_static("x-api-key"), key.expose_secret().to_owned())
        }
        AuthStyle::Bearer => (AUTHORIZATION, format!("Bearer {}", key.expose_secret())),
        AuthStyle::None => return Ok(headers),
    };
    let mut value = HeaderValue::from_str(&value).map_err(|_not_shown| unsendable("the key"))?;
    value.set_sensitive(true);
    headers.insert(name, value);
    Ok(headers)
}

fn unsendable(what: &str) -> NoReply {
    let message = format!("{what} holds characters that no HTTP header can carry");
    NoReply { message, sent: false, unreachable: false }
}

fn text_header((name, value): (&HeaderName, &HeaderValue)) -> (String, String) {
    (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
}

/// The kind of trouble, without the URL, which may hold a secret.
fn no_reply(error: &reqwest::Error, before_head: bool) -> NoReply {
    let message = if error.is_timeout() {
        "no complete answer in time"
    } else if error.is_connect() {
        "cannot connect"
    } else if before_head {
        "the connection broke before an answer"
    } else {
        "the connection broke in the middle of an answer"
    };
    let unreachable = error.is_connect();
    NoReply { message: message.to_owned(), sent: !unreachable, unreachable }
}
