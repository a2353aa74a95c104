//! HTTP clients: endpoints that are reached in the same way share one, and its connections.

use std::collections::BTreeMap;
use std::time::Duration;

use reqwest::{Certificate, Proxy};

use crate::client::Client;
use crate::settings::EndpointSettings;

/// Idle connections kept for each host: as many as the largest concurrency in use.
const IDLE_CONNECTIONS_MAX: usize = 1024;

/// Networks forget connections on which nothing is said, some after a minute; an answer may take ten.
const KEPT_ALIVE_EVERY: Duration = Duration::from_secs(30);

/// HTTP cannot be set up for an endpoint.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// Its proxy is none.
    #[error(
        "its proxy is no address like http://HOST:PORT, https://HOST:PORT or socks5://HOST:PORT"
    )]
    Proxy,
    /// Its certificates are none.
    #[error("its certificates are none in PEM (-----BEGIN CERTIFICATE-----)")]
    Certificates,
    /// The system's own certificates, or anything else.
    #[error("cannot set up HTTP: {0}")]
    Setup(reqwest::Error),
}

/// The same, with the endpoint that it is about.
#[derive(Debug, thiserror::Error)]
#[error("endpoint `{endpoint}`: {why}")]
pub struct EndpointError {
    /// Its name.
    pub endpoint: String,
    /// What is wrong with its settings.
    #[source]
    pub why: ClientError,
}

/// Proxy, certificates, and how long a connection may take to be made.
type Way = (Option<String>, Option<Vec<u8>>, Duration);

/// Makes clients.
#[derive(Debug, Default)]
pub(crate) struct Clients(BTreeMap<Way, reqwest::Client>);

impl Clients {
    /// The client for an endpoint of this name.
    pub(crate) fn find_named(
        &mut self,
        name: &str,
        endpoint: &EndpointSettings,
    ) -> Result<Client, EndpointError> {
        self.find(endpoint).map_err(|why| EndpointError { endpoint: name.to_owned(), why })
    }

    /// The client for an endpoint.
    pub(crate) fn find(&mut self, endpoint: &EndpointSettings) -> Result<Client, ClientError> {
        let EndpointSettings { timeouts, proxy, ca, .. } = endpoint;
        let way = (proxy.clone(), ca.clone(), timeouts.connect);
        let http = match self.0.get(&way) {
            Some(http) => http.clone(),
            None => {
                let http = build(&way)?;
                self.0.insert(way, http.clone());
                http
            }
        };
        Ok(Client { http, proxied: proxy.is_some(), timeouts: *timeouts })
    }
}

/// What an endpoint is called through is what its settings say and nothing else: no proxy out of the
/// environment. Nothing is sent again unasked, and no redirect is followed: those would be calls that
/// nobody counts.
fn build((proxy, ca, connect): &Way) -> Result<reqwest::Client, ClientError> {
    // Another part of the process may have chosen a provider already; either will do.
    drop(rustls::crypto::ring::default_provider().install_default());
    let mut builder = reqwest::Client::builder()
        .no_proxy()
        .connect_timeout(*connect)
        .pool_max_idle_per_host(IDLE_CONNECTIONS_MAX)
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .tcp_nodelay(true)
        .tcp_keepalive(KEPT_ALIVE_EVERY)
        .tcp_keepalive_interval(KEPT_ALIVE_EVERY)
        .user_agent(concat!("iago/", env!("CARGO_PKG_VERSION")));
    if let Some(proxy) = proxy {
        builder = builder.proxy(read_proxy(proxy)?);
    }
    if let Some(ca) = ca {
        builder = builder.tls_certs_merge(read_certificates(ca)?);
    }
    builder.build().map_err(ClientError::Setup)
}

fn read_certificates(pem: &[u8]) -> Result<Vec<Certificate>, ClientError> {
    let read = Certificate::from_pem_bundle(pem).ok().filter(|read| !read.is_empty());
    read.ok_or(ClientError::Certificates)
}

/// The error does not show the address, which may hold a password.
fn read_proxy(address: &str) -> Result<Proxy, ClientError> {
    let schemes = ["http://", "https://", "socks5://", "socks5h://"];
    if !schemes.iter().any(|scheme| address.starts_with(scheme)) {
        return Err(ClientError::Proxy);
    }
    Proxy::all(address).map_err(|_not_shown| ClientError::Proxy)
}
