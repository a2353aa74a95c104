//! A coordinator on a real socket, with a memory store and locked doors.

#![allow(dead_code, unreachable_pub, reason = "each test uses a part of this")]

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper_util::rt::TokioIo;
use iago_coordinator::{
    Clock, Desk, Doors, JobsService, NightsService, PoolSettings, Settings, WorkersService,
    preside, token_hash,
};
use iago_ledger::Limits;
use iago_protocol::wire::ListRequest;
use iago_protocol::wire::WorkerFrame;
use iago_protocol::wire::jobs_client::JobsClient;
use iago_protocol::wire::jobs_server::JobsServer;
use iago_protocol::wire::nights_server::NightsServer;
use iago_protocol::wire::workers_server::WorkersServer;
use iago_protocol::{FRAME_BYTES_MAX, FromWorker, Inventory, PROTOCOL_VERSION};
use iago_store::{Access, MemoryStore, NewToken, Scope};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_stream::StreamExt;
use tokio_stream::wrappers::TcpListenerStream;
use tokio_util::sync::CancellationToken;
use tonic::metadata::MetadataValue;
use tonic::transport::server::Router;
use tonic::transport::{Channel, Endpoint, Server};
use tonic::{Code, Request, Status};

/// A coordinator on a socket, with a memory store.
pub struct Served {
    pub store: Arc<MemoryStore>,
    pub channel: Channel,
    /// `None`: it has no socket.
    pub address: Option<SocketAddr>,
    leading: JoinHandle<()>,
    stop: CancellationToken,
}

impl Served {
    /// Stops in order.
    pub async fn close(mut self) {
        self.stop.cancel();
        (&mut self.leading).await.expect("it stops without a panic");
    }

    /// Stops with no time for anything.
    pub async fn kill(mut self) {
        self.leading.abort();
        let ended = (&mut self.leading).await;
        assert!(ended.is_err_and(|error| error.is_cancelled()), "it did not stop by itself");
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

pub async fn serve() -> Served {
    let store = Arc::new(MemoryStore::default());
    let limits = Limits { requests_per_minute: Some(60), ..Limits::default() };
    let pool = PoolSettings { name: "lab".to_owned(), limits };
    serve_from(store, Settings::alone("the test".to_owned(), vec![pool], Vec::new())).await
}

/// A coordinator that goes on with what a store has.
pub async fn serve_from(store: Arc<MemoryStore>, settings: Settings) -> Served {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("it listens");
    let (server, desk) = server(&store, settings.clock);
    tokio::spawn(server.serve_with_incoming(TcpListenerStream::new(listener)));
    let endpoint = Endpoint::from_shared(format!("http://{address}")).expect("an address");
    let channel = endpoint.connect().await.expect("it listens");
    let mut served = lead(store, settings, desk, channel);
    served.address = Some(address);
    served
}

/// The same without a socket: where time is paused, nothing but pipes keeps to it.
pub async fn serve_piped(store: Arc<MemoryStore>, settings: Settings) -> Served {
    let (near, far) = tokio::io::duplex(1 << 20);
    let (server, desk) = server(&store, settings.clock);
    let incoming = tokio_stream::once(Ok::<_, std::io::Error>(far)).chain(tokio_stream::pending());
    tokio::spawn(server.serve_with_incoming(incoming));
    let mut near = Some(near);
    let connector = tower::service_fn(move |_uri| {
        let near = near.take().ok_or_else(|| std::io::Error::other("a pipe connects once"));
        async { near.map(TokioIo::new) }
    });
    let endpoint = Endpoint::from_static("http://in-process");
    let channel = endpoint.connect_with_connector(connector).await.expect("it listens");
    lead(store, settings, desk, channel)
}

fn server(store: &Arc<MemoryStore>, clock: Clock) -> (Router, Desk) {
    let (desk, doors) = (Desk::default(), Doors::locked(Arc::clone(store)));
    let jobs = JobsService::new(desk.clone(), doors.clone(), Arc::clone(store));
    let nights = NightsService::new(desk.clone(), doors.clone(), Arc::clone(store));
    let nights = NightsServer::new(nights.with_clock(clock));
    let workers = WorkersServer::new(WorkersService::new(desk.clone(), doors))
        .max_decoding_message_size(FRAME_BYTES_MAX + 1024);
    let people = Server::builder().add_service(JobsServer::new(jobs)).add_service(nights);
    (people.add_service(workers), desk)
}

fn lead(store: Arc<MemoryStore>, settings: Settings, desk: Desk, channel: Channel) -> Served {
    let stop = CancellationToken::new();
    let presiding = preside(Arc::clone(&store), settings, desk, stop.clone());
    let leading = tokio::spawn(async move { drop(presiding.await) });
    Served { store, channel, address: None, leading, stop }
}

pub async fn grant(
    store: &MemoryStore,
    name: &str,
    scope: Scope,
    lives: Option<Duration>,
) -> String {
    let token = format!("iago_{scope}_{name}");
    let hash = token_hash(&token);
    store.grant(NewToken { name: name.to_owned(), scope, hash, lives }).await.expect("granted");
    token
}

pub fn with<T>(token: &str, message: T) -> Request<T> {
    let mut request = Request::new(message);
    let value: MetadataValue<_> = format!("Bearer {token}").parse().expect("text");
    request.metadata_mut().insert("authorization", value);
    request
}

/// Lists the sweeps, once the coordinator leads.
pub async fn list(served: &Served, token: &str) -> Result<(), Status> {
    let mut client = JobsClient::new(served.channel.clone());
    // A coordinator that is only just starting says so.
    loop {
        match client.list(with(token, ListRequest {})).await {
            Err(status) if status.code() == Code::Unavailable => tokio::task::yield_now().await,
            other => return other.map(drop),
        }
    }
}

/// What a worker of this name says first.
pub fn inventory(name: &str) -> Inventory {
    let (name, boot) = (name.to_owned(), format!("boot of {name}"));
    Inventory { name, boot, protocol: PROTOCOL_VERSION, ..Inventory::default() }
}

/// A frame as it goes over the wire.
pub fn frame(said: FromWorker) -> WorkerFrame {
    said.into()
}
