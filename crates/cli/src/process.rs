//! The whole system in one process: coordinator and worker, over the real protocol on pipes in
//! memory.

use std::sync::Arc;

use hyper_util::rt::TokioIo;
use iago_coordinator::{Driver, Handle, JobsService, Sources, WorkersService};
use iago_protocol::FRAME_BYTES_MAX;
use iago_protocol::wire::jobs_client::JobsClient;
use iago_protocol::wire::jobs_server::JobsServer;
use iago_protocol::wire::submit_part::Part;
use iago_protocol::wire::workers_server::WorkersServer;
use iago_protocol::wire::{FilePart, SubmitHead, SubmitPart, Submitted};
use iago_store::Store;
use iago_sweep::Digest;
use tokio::io::DuplexStream;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::task::TaskTracker;
use tonic::transport::{Channel, Endpoint, Server};

use crate::exit::{Exit, Stop};

/// Bytes that a pipe holds.
const PIPE_BYTES: usize = 1 << 20;
/// Bytes that may be on their way in a stream before the other side says that it has read them.
const WINDOW_BYTES: u32 = 4 << 20;

/// A coordinator in this process.
pub(crate) struct Process {
    connections: mpsc::Sender<std::io::Result<DuplexStream>>,
}

impl Process {
    /// Serves a coordinator that leads.
    pub(crate) fn start<S: Store>(handle: Handle, driver: Driver<S>) -> Self {
        let tasks = TaskTracker::new();
        let (connections, incoming) = mpsc::channel(2);
        let server = Server::builder()
            .initial_stream_window_size(WINDOW_BYTES)
            .initial_connection_window_size(WINDOW_BYTES)
            .add_service(JobsServer::new(JobsService::new(handle.clone())))
            .add_service(WorkersServer::new(WorkersService::new(handle)));
        tasks.spawn(driver.run());
        tasks.spawn(async move {
            if let Err(error) = server.serve_with_incoming(ReceiverStream::new(incoming)).await {
                tracing::error!(%error, "the server in this process stopped");
            }
        });
        Self { connections }
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
}

/// Hands a sweep in, the files in pieces.
pub(crate) async fn submit(
    client: &mut JobsClient<Channel>,
    sources: Arc<Sources>,
    plan: Digest,
    retry_failed: bool,
    submitted_ms: i64,
) -> Result<Submitted, Stop> {
    let head = SubmitHead {
        file_name: sources.file_name.clone(),
        prompts_max: sources.prompts_max,
        retry_failed,
        plan_digest: plan.as_bytes().to_vec(),
        submitted_ms,
    };
    let (parts, stream) = mpsc::channel(8);
    let pieces = async move {
        let mut sent = parts.send(SubmitPart { part: Some(Part::Head(head)) }).await;
        for (path, content) in &sources.files {
            // An empty file is one empty piece.
            let mut pieces: Vec<_> = content.chunks(FRAME_BYTES_MAX - 1024).collect();
            pieces.extend(content.is_empty().then_some(&[][..]));
            for piece in pieces {
                let file = FilePart { path: path.clone(), data: piece.to_vec() };
                sent = sent.and(parts.send(SubmitPart { part: Some(Part::File(file)) }).await);
            }
        }
        // A stream that broke shows in the reply.
        drop(sent);
    };
    let (submitted, ()) = tokio::join!(client.submit(ReceiverStream::new(stream)), pieces);
    submitted.map(tonic::Response::into_inner).map_err(|status| {
        let invalid = status.code() == tonic::Code::InvalidArgument;
        let exit = if invalid { Exit::BadSweep } else { Exit::Io };
        Stop::new(exit, status.message())
    })
}
