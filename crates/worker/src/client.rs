//! The way to one endpoint over HTTP: adds the key, sends the bytes, brings back the bytes, in time.

use std::future::Future;
use std::time::Duration;

use iago_providers::{AuthStyle, EventWatch, Protocol, UnsignedRequest};
use reqwest::Response;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use tokio::time::{Instant, timeout, timeout_at};

use crate::settings::Timeouts;
use crate::silence::{NoReply, Silence};

/// The largest body that is read, in bytes; a longer one is trouble, not an answer.
const BODY_BYTES_MAX: usize = 64 * 1024 * 1024;

/// A reply, or as much of it as has come.
#[derive(Debug)]
pub(crate) struct Received {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

#[derive(Clone, Debug)]
pub(crate) struct Client {
    pub(crate) http: reqwest::Client,
    /// Whether every connection goes to a proxy.
    pub(crate) proxied: bool,
    pub(crate) timeouts: Timeouts,
}

impl Client {
    /// Makes one call. A stream is read until it ends, and is given whole.
    pub(crate) async fn call(
        &self,
        request: &UnsignedRequest,
        protocol: Protocol,
        key: Option<&SecretString>,
    ) -> Result<Received, NoReply> {
        let headers = headers(request, key)?;
        let mut received = None;
        let exchange = async {
            let response = self.send(request, headers).await?;
            let (status, headers) = (response.status().as_u16(), response.headers());
            let headers = headers.iter().map(text_header).collect();
            let begun = received.insert(Received { status, headers, body: Vec::new() });
            let watch = EventWatch::new(protocol);
            self.read(response, watch, request.streams, &mut begun.body).await
        };
        let late = || NoReply::late("no complete answer in time");
        let ended = timeout(self.timeouts.total, exchange).await;
        match (ended.unwrap_or_else(|_elapsed| Err(late())), received) {
            (Ok(()), Some(whole)) => Ok(whole),
            // What was read has a head; said without a panic.
            (Ok(()), None) => Err(late()),
            (Err(no_reply), begun) => Err(NoReply { begun, ..no_reply }),
        }
    }

    /// Whether a connection to this address can be made at all; any HTTP response will do.
    pub(crate) async fn reach(&self, url: &str) -> Result<(), NoReply> {
        let asked = async {
            let response = self.http.get(url).send().await;
            response.map(drop).map_err(|error| NoReply::new(&error, true, self.proxied))
        };
        let late = || NoReply::late("no answer in time");
        timeout(self.timeouts.connect, asked).await.unwrap_or_else(|_elapsed| Err(late()))
    }

    /// Sends a request, up to the head of the response.
    async fn send(
        &self,
        request: &UnsignedRequest,
        headers: HeaderMap,
    ) -> Result<Response, NoReply> {
        let post = self.http.post(&request.url).headers(headers).body(request.body.clone());
        let sent = within(self.timeouts.first_byte, post.send()).await;
        let sent = sent.ok_or_else(|| NoReply::late("no answer began in time"))?;
        sent.map_err(|error| NoReply::new(&error, true, self.proxied))
    }

    /// Reads a body for as long as something of the answer comes: what only keeps the connection open
    /// does not count. An answer that comes as a whole may begin late. `body` keeps what came, however
    /// it ends.
    async fn read(
        &self,
        mut response: Response,
        mut watch: EventWatch,
        streams: bool,
        body: &mut Vec<u8>,
    ) -> Result<(), NoReply> {
        let mut end = streams.then(|| Instant::now() + self.timeouts.idle);
        loop {
            let piece = until(end, response.chunk()).await;
            let piece = piece.ok_or_else(|| NoReply::late("the answer came to a halt"))?;
            let piece = piece.map_err(|error| NoReply::new(&error, false, self.proxied))?;
            let Some(piece) = piece else { return Ok(()) };
            if body.len() + piece.len() > BODY_BYTES_MAX {
                let message = format!("a body of more than {BODY_BYTES_MAX} bytes");
                return Err(NoReply::of(Silence::Broken, message));
            }
            if watch.push(&piece) {
                end = Some(Instant::now() + self.timeouts.idle);
            }
            body.extend_from_slice(&piece);
        }
    }
}

/// What comes in time, where there is a time.
async fn within<T>(long: Option<Duration>, waited: impl Future<Output = T>) -> Option<T> {
    match long {
        Some(long) => timeout(long, waited).await.ok(),
        None => Some(waited.await),
    }
}

async fn until<T>(end: Option<Instant>, waited: impl Future<Output = T>) -> Option<T> {
    match end {
        Some(end) => timeout_at(end, waited).await.ok(),
        None => Some(waited.await),
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
    NoReply::of(Silence::Unsendable, message)
}

fn text_header((name, value): (&HeaderName, &HeaderValue)) -> (String, String) {
    (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
}
