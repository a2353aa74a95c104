//! A small client of our own.

use std::sync::Once;

use iago_simulated_endpoint::{Endpoint, Protocol, Settings};
use reqwest::header::HeaderMap;

use crate::asking::{Ask, Said};

/// An endpoint and a client for it.
pub(crate) struct Session {
    pub(crate) endpoint: Endpoint,
    client: reqwest::Client,
}

/// A whole HTTP response.
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

pub(crate) fn client() -> reqwest::Client {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| {
        rustls::crypto::ring::default_provider()
            .install_default()
            .expect("nobody else installs one in this process");
    });
    reqwest::Client::builder().no_proxy().build().expect("a plain client can be built")
}

pub(crate) fn path(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Anthropic => "/v1/messages",
        Protocol::OpenAi => "/v1/chat/completions",
        Protocol::Responses => "/v1/responses",
    }
}

impl Session {
    pub(crate) async fn start(settings: Settings) -> Self {
        let endpoint = Endpoint::start(settings).await.expect("the endpoint starts");
        Self { endpoint, client: client() }
    }

    pub(crate) fn request(&self, ask: &Ask) -> reqwest::RequestBuilder {
        let url = format!("{}{}", self.endpoint.url(), path(ask.protocol));
        self.client
            .post(url)
            .header("idempotency-key", &ask.key)
            .header("anthropic-version", "2023-06-01")
            .body(ask.body())
    }

    pub(crate) async fn call(&self, ask: &Ask) -> reqwest::Result<Response> {
        read(self.request(ask).send().await?).await
    }

    pub(crate) async fn post(&self, path: &str, body: &'static str) -> Response {
        let request = self.client.post(format!("{}{path}", self.endpoint.url())).body(body);
        let sent = request.send().await.expect("the endpoint answers");
        read(sent).await.expect("the body arrives")
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        let sent = self.client.get(format!("{}{path}", self.endpoint.url())).send().await;
        read(sent.expect("the endpoint answers")).await.expect("the body arrives")
    }
}

async fn read(response: reqwest::Response) -> reqwest::Result<Response> {
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let body = response.bytes().await?.to_vec();
    Ok(Response { status, headers, body })
}

impl Response {
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).expect("the body is JSON")
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name).unwrap_or_else(|| panic!("there is no header {name}"));
        value.to_str().expect("headers are ASCII")
    }

    pub(crate) fn said(&self, protocol: Protocol) -> Said {
        assert_eq!(self.status, 200, "{}", String::from_utf8_lossy(&self.body));
        Said::read(protocol, &self.body)
    }
}
