//! The whole system in one process: coordinator and worker, over the real protocol on pipes in
//! memory.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::FutureExt;
use hyper_util::rt::TokioIo;
use iago_coordinator::{Desk, Doors, Driver, Handle, JobsService, NightsService, WorkersService};
use iago_protocol::wire::jobs_server::JobsServer;
use iago_protocol::wire::nights_server::NightsServer;
use iago_protocol::wire::workers_server::WorkersServer;
use iago_store::{Access, Nights, Store};
use iago_worker::{
    ConnectError, Connection, EndpointSettings, ProgramSettings, Settings, Worked, WorkerError,
};
use tokio::io::DuplexStream;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tonic::transport::server::Router;
use tonic::transport::{Channel, Endpoint, Server};

use crate::dial::Bearer;
use crate::exit::{Exit, Stop};
use crate::listen::WINDOW_BYTES;
use crate::services::Services;
use crate::submission::Jobs;

/// Bytes that a pipe holds.
const PIPE_BYTES: usize = 1 << 20;

/// A coordinator in this process.
#[derive(Clone)]
pub(crate) struct Process {
    connections: mpsc::Sender<std::io::Result<DuplexStream>>,
}

impl Process {
    /// Serves a coordinator that leads. Nobody else can reach it, so its doors have no locks.
    pub(crate) fn start<S: Store + Access + Nights>(
        store: Arc<S>,
        handle: Handle,
        driver: Driver<S>,
    ) -> Self {
        let tasks = TaskTracker::new();
        let (connections, incoming) = mpsc::channel(2);
        let (desk, doors) = (Desk::default(), Doors::unlocked());
        desk.open(handle);
        let nights = NightsService::new(desk.clone(), doors.clone(), Arc::clone(&store));
        let jobs = JobsService::new(desk.clone(), doors.clone(), store);
        let server = windowed()
            .add_service(JobsServer::new(jobs))
            .add_service(NightsServer::new(nights))
            .add_service(WorkersServer::new(WorkersService::new(desk, doors)));
        tasks.spawn(driver.run());
        tasks.spawn(serve(server, incoming));
        Self { connections }
    }

    /// Serves whoever looks at a store. Nobody leads it, and nobody else can reach this.
    pub(crate) fn look_at<S: Store + Access + Nights>(store: Arc<S>) -> Self {
        Self::for_people(store, Desk::of_reader(), Doors::unlocked())
    }

    /// Serves what people ask of whoever leads. Nobody else can reach this, so its doors need no locks.
    pub(crate) fn for_people<S: Store + Access + Nights>(
        store: Arc<S>,
        desk: Desk,
        doors: Doors,
    ) -> Self {
        let (connections, incoming) = mpsc::channel(2);
        let nights = NightsService::new(desk.clone(), doors.clone(), Arc::clone(&store));
        let jobs = JobsService::new(desk, doors, store);
        let server =
            windowed().add_service(JobsServer::new(jobs)).add_service(NightsServer::new(nights));
        tokio::spawn(serve(server, incoming));
        Self { connections }
    }

    /// A client of the coordinator.
    pub(crate) async fn client(&self) -> Result<Jobs, Stop> {
        Ok(self.services().await?.jobs)
    }

    /// Clients of everything that the coordinator does for people.
    pub(crate) async fn services(&self) -> Result<Services, Stop> {
        Ok(Services::new(self.connect().await?, Bearer::nobody()))
    }

    /// A new connection to the coordinator.
    pub(crate) async fn connect(&self) -> Result<Channel, Stop> {
        let (near, far) = tokio::io::duplex(PIPE_BYTES);
        let closed = || Stop::new(Exit::Io, "the coordinator in this process has stopped");
        self.connections.send(Ok(far)).await.map_err(|_closed| closed())?;
        let mut near = Some(near);
        let connector = tower::service_fn(move |_uri| {
            let taken = near.take().ok_or_else(|| std::io::Error::other("a pipe connects once"));
            async { taken.map(TokioIo::new) }
        });
        Endpoint::from_static("http://in-process")
            .initial_stream_window_size(WINDOW_BYTES)
            .initial_connection_window_size(WINDOW_BYTES)
            .connect_with_connector(connector)
            .await
            .map_err(|error| Stop::new(Exit::Io, format!("cannot reach the coordinator: {error}")))
    }

    /// Works for this coordinator until it hangs up.
    pub(crate) async fn work(
        self,
        boot: String,
        endpoints: BTreeMap<String, EndpointSettings>,
        programs: BTreeMap<String, ProgramSettings>,
    ) -> Result<Worked, WorkerError> {
        self.work_as("the worker of this process", boot, endpoints, programs).await
    }

    /// The same under another name: no two workers share one.
    pub(crate) async fn work_as(
        self,
        name: &str,
        boot: String,
        endpoints: BTreeMap<String, EndpointSettings>,
        programs: BTreeMap<String, ProgramSettings>,
    ) -> Result<Worked, WorkerError> {
        let settings = Settings {
            name: name.to_owned(),
            boot,
            endpoints,
            programs,
            assignments_max: Settings::ASSIGNMENTS_MAX,
            spool_bytes_max: Settings::SPOOL_BYTES_MAX,
            reconnects: false,
        };
        // Boxed: the compiler cannot see yet that a closure which lends itself may change threads.
        let connect = move || self.clone().connection().boxed();
        // It ends with its coordinator, and is never told to stop by anybody else.
        iago_worker::work(connect, settings, CancellationToken::new()).await
    }

    async fn connection(self) -> Result<Connection, ConnectError> {
        match self.connect().await {
            Ok(channel) => {
                Ok(Connection { address: "this process".to_owned(), channel, token: None })
            }
            Err(Stop { message, .. }) => {
                Err(ConnectError { address: "this process".to_owned(), reason: message })
            }
        }
    }
}

fn windowed() -> Server {
    Server::builder()
        .initial_stream_window_size(WINDOW_BYTES)
        .initial_connection_window_size(WINDOW_BYTES)
}

async fn serve(server: Router, incoming: mpsc::Receiver<std::io::Result<DuplexStream>>) {
    if let Err(error) = server.serve_with_incoming(ReceiverStream::new(incoming)).await {
        tracing::error!(%error, "the server in this process stopped");
    }
}
