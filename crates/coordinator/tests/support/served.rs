//! A coordinator on a real socket, with a memory store and locked doors.

#![allow(dead_code, unreachable_pub, reason = "each test uses a part of this")]

use std::sync::Arc;
use std::time::Duration;

use iago_coordinator::{Desk, Doors, JobsService, Settings, WorkersService, preside, token_hash};
use iago_protocol::wire::ListRequest;
use iago_protocol::wire::WorkerFrame;
use iago_protocol::wire::jobs_client::JobsClient;
use iago_protocol::wire::jobs_server::JobsServer;
use iago_protocol::wire::workers_server::WorkersServer;
use iago_protocol::{FRAME_BYTES_MAX, FromWorker, Inventory, PROTOCOL_VERSION};
use iago_store::{Access, MemoryStore, NewToken, Scope};
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tokio_util::sync::CancellationToken;
use tonic::metadata::MetadataValue;
use tonic::transport::{Channel, Endpoint, Server};
use tonic::{Code, Request, Status};

/// A coordinator on a socket, with a memory store.
pub struct Served {
    pub store: Arc<MemoryStore>,
    pub channel: Channel,
    pub address: std::net::SocketAddr,
    stop: CancellationToken,
}

impl Drop for Served {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

pub async fn serve() -> Served {
    let store = Arc::new(MemoryStore::default());
    serve_from(store, Settings::alone("the test".to_owned(), Vec::new())).await
}

/// A coordinator that goes on with what a store has.
pub async fn serve_from(store: Arc<MemoryStore>, settings: Settings) -> Served {
    let (desk, stop) = (Desk::default(), CancellationToken::new());
    let doors = Doors::locked(Arc::clone(&store));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("it listens");
    let jobs = JobsService::new(desk.clone(), doors.clone(), Arc::clone(&store));
    let workers = WorkersServer::new(WorkersService::new(desk.clone(), doors))
        .max_decoding_message_size(FRAME_BYTES_MAX + 1024);
    let server = Server::builder().add_service(JobsServer::new(jobs)).add_service(workers);
    tokio::spawn(server.serve_with_incoming(TcpListenerStream::new(listener)));
    tokio::spawn(preside(Arc::clone(&store), settings, desk, stop.clone()));
    let endpoint = Endpoint::from_shared(format!("http://{address}")).expect("an address");
    let channel = endpoint.connect().await.expect("it listens");
    Served { store, channel, address, stop }
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
