//! A worker as the test starts it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use iago_providers::{Dialect, Protocol};
use iago_simulated_endpoint::{Endpoint, Settings as EndpointBehaviour};
use iago_worker::{
    ConnectError, Connection, EndpointSettings, Settings, Timeouts, Worked, WorkerError, work,
};
use secrecy::SecretString;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tonic::transport::Endpoint as Address;

use crate::coordinator::{Coordinator, soon};
use crate::sweep::POOL;

/// A worker at work, and the endpoint that it calls.
pub(crate) struct Worker {
    pub(crate) endpoint: Endpoint,
    pub(crate) stop: CancellationToken,
    /// While it is off, no coordinator can be reached.
    pub(crate) network: Arc<AtomicBool>,
    working: JoinHandle<Result<Worked, WorkerError>>,
}

pub(crate) fn settings() -> Settings {
    Settings {
        name: "w1".to_owned(),
        boot: "boot-1".to_owned(),
        endpoints: BTreeMap::new(),
        programs: BTreeMap::new(),
        assignments_max: 64,
        spool_bytes_max: Settings::SPOOL_BYTES_MAX,
        reconnects: true,
    }
}

impl Worker {
    pub(crate) async fn start(coordinator: &Coordinator, settings: Settings) -> Self {
        Self::start_with(coordinator, settings, EndpointBehaviour::default(), None).await
    }

    pub(crate) async fn start_with(
        coordinator: &Coordinator,
        mut settings: Settings,
        behaviour: EndpointBehaviour,
        token: Option<&str>,
    ) -> Self {
        let endpoint = Endpoint::start(behaviour).await.expect("it starts");
        let served = served(&endpoint.url());
        settings.endpoints.entry(POOL.to_owned()).or_insert(served);
        let (stop, network) = (CancellationToken::new(), Arc::new(AtomicBool::new(true)));
        let (stopped, reachable) = (stop.clone(), Arc::clone(&network));
        let (address, token) = (coordinator.address.clone(), token.map(SecretString::from));
        let working = tokio::spawn(async move {
            let connect = || connect(&address, token.clone(), &reachable);
            work(connect, settings, stopped).await
        });
        Self { endpoint, stop, network, working }
    }

    pub(crate) async fn end(self) -> Result<Worked, WorkerError> {
        soon("the end of the worker", self.working).await.expect("it does not break")
    }

    /// The same on a clock that is paused, and jumps.
    pub(crate) async fn end_however_late(self) -> Result<Worked, WorkerError> {
        self.working.await.expect("it does not break")
    }

    /// Waits until the endpoint has seen so many calls.
    pub(crate) async fn calls(&self, count: u64) {
        soon("calls", async {
            while self.endpoint.log().calls < count {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        })
        .await;
    }
}

pub(crate) fn served(url: &str) -> EndpointSettings {
    let dialect = Dialect::new(Protocol::OpenAiChat, url);
    EndpointSettings {
        dialect: dialect.expect("it is an address"),
        key: None,
        timeouts: Timeouts::default(),
        proxy: None,
        ca: None,
        prices: BTreeMap::new(),
        free: false,
    }
}

async fn connect(
    address: &str,
    token: Option<SecretString>,
    reachable: &AtomicBool,
) -> Result<Connection, ConnectError> {
    let failed = |reason: String| ConnectError { address: address.to_owned(), reason };
    if !reachable.load(Ordering::SeqCst) {
        return Err(failed("the network is cut".to_owned()));
    }
    let endpoint = Address::from_shared(address.to_owned()).expect("it is an address");
    let channel = endpoint.connect().await.map_err(|error| failed(error.to_string()))?;
    Ok(Connection { address: address.to_owned(), channel, token })
}
