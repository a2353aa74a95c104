//! One message over HTTP, once.

use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, DATE, HeaderMap, RETRY_AFTER};
use reqwest::{Client, Response};
use tokio::time::timeout;

use crate::receivers::Receiver;
use crate::reply::{Heard, read_retry_after};
use crate::signature::webhook_id;

/// How long a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(10);
/// How long a receiver may take until its reply begins. The reply's body is never read.
const REPLY: Duration = Duration::from_secs(30);

/// HTTP to all receivers.
#[derive(Clone, Debug)]
pub(crate) struct Post {
    /// Through the proxy that the environment names, if it names one.
    abroad: Client,
    /// Through none.
    here: Client,
}

/// HTTP cannot be set up.
#[derive(Debug, thiserror::Error)]
#[error("cannot set up HTTP for webhooks: {0}")]
pub struct PostError(#[from] reqwest::Error);

impl Post {
    pub(crate) fn new() -> Result<Self, PostError> {
        // Another part of the process may have chosen a provider already; either will do.
        drop(rustls::crypto::ring::default_provider().install_default());
        Ok(Self { abroad: client().build()?, here: client().no_proxy().build()? })
    }

    /// Sends a message, and hears what its receiver says.
    pub(crate) async fn send(
        &self,
        receiver: &Receiver,
        id: &str,
        timestamp_s: u64,
        body: Vec<u8>,
    ) -> Heard {
        let client = if receiver.is_here() { &self.here } else { &self.abroad };
        let id = webhook_id(id);
        let mut request = client
            .post(receiver.url())
            .header(CONTENT_TYPE, "application/json")
            .header("webhook-id", &id)
            .header("webhook-timestamp", timestamp_s);
        if let Some(key) = receiver.key() {
            request = request.header("webhook-signature", key.sign(&id, timestamp_s, &body));
        }
        match timeout(REPLY, request.body(body).send()).await {
            Ok(Ok(response)) => reply(&response),
            Ok(Err(error)) => Heard::Nothing(trouble(&error).to_owned()),
            Err(_late) => Heard::Nothing("no reply came in time".to_owned()),
        }
    }
}

/// No redirect is followed, and nothing is sent again but by us.
fn client() -> reqwest::ClientBuilder {
    Client::builder()
        .connect_timeout(CONNECT)
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .user_agent(concat!("iago/", env!("CARGO_PKG_VERSION")))
}

fn reply(response: &Response) -> Heard {
    let headers = response.headers();
    let asked = text(headers, RETRY_AFTER);
    let retry_after = asked.and_then(|asked| read_retry_after(asked, text(headers, DATE)));
    Heard::Reply { status: response.status().as_u16(), retry_after }
}

fn text(headers: &HeaderMap, name: reqwest::header::HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

/// The kind of trouble. The error itself would show the address.
fn trouble(error: &reqwest::Error) -> &'static str {
    if error.is_connect() {
        "no connection could be made"
    } else if error.is_timeout() {
        "no reply came in time"
    } else {
        "the connection broke before a reply"
    }
}
