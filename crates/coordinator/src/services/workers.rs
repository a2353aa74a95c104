//! The stream of a worker.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use iago_protocol::wire::workers_server::Workers;
use iago_protocol::wire::{CoordinatorFrame, WorkerFrame};
use iago_protocol::{Assembler, FromWorker, PROTOCOL_VERSION};
use iago_scheduler::WorkerId;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::task::TaskTracker;
use tonic::{Request, Response, Status, Streaming};
use tracing::warn;

use crate::inbox::{Handle, Message};

/// Frames that may wait for one worker: a whole credit of assignments in full frames, a plan in
/// parts, and room.
const OUTBOX_MAX: usize = 4096;

/// The door for workers.
#[derive(Clone)]
pub struct WorkersService {
    handle: Handle,
    connections: Arc<AtomicU64>,
    readers: TaskTracker,
}

impl WorkersService {
    /// A door to this coordinator.
    pub fn new(handle: Handle) -> Self {
        Self { handle, connections: Arc::default(), readers: TaskTracker::new() }
    }
}

#[tonic::async_trait]
impl Workers for WorkersService {
    type WorkStream = ReceiverStream<Result<CoordinatorFrame, Status>>;

    async fn work(
        &self,
        request: Request<Streaming<WorkerFrame>>,
    ) -> Result<Response<Self::WorkStream>, Status> {
        let worker = WorkerId(self.connections.fetch_add(1, Ordering::Relaxed));
        let (outbox, frames) = mpsc::channel(OUTBOX_MAX);
        let reader =
            Reader { worker, inbox: self.handle.inbox.clone(), assembler: Assembler::default() };
        self.readers.spawn(reader.run(request.into_inner(), outbox));
        Ok(Response::new(ReceiverStream::new(frames)))
    }
}

/// Reads a worker's frames for as long as they come.
struct Reader {
    worker: WorkerId,
    inbox: mpsc::Sender<Message>,
    assembler: Assembler,
}

type Outbox = mpsc::Sender<Result<CoordinatorFrame, Status>>;

impl Reader {
    async fn run(mut self, mut frames: Streaming<WorkerFrame>, outbox: Outbox) {
        // Once the worker has joined, the coordinator alone keeps its stream open: a worker that it
        // gives up sees the end of the stream, and does not wait for ever.
        let door = outbox.downgrade();
        let mut outbox = Some(outbox);
        loop {
            let said = match self.next(&mut frames).await {
                Ok(Some(said)) => said,
                Ok(None) => break,
                Err(status) => {
                    warn!(worker = self.worker.0, error = %status.message(), "worker stream broke");
                    if let Some(open) = door.upgrade() {
                        drop(open.send(Err(status)).await);
                    }
                    break;
                }
            };
            let message = match (said, outbox.take()) {
                (FromWorker::Inventory(inventory), Some(outbox)) => {
                    Message::Joined(self.worker, inventory, outbox)
                }
                (said, None) => Message::Said(self.worker, said),
                // Whoever does not say what it has is given nothing.
                (_, Some(_)) => return,
            };
            if self.inbox.send(message).await.is_err() {
                return;
            }
        }
        if outbox.is_none() {
            drop(self.inbox.send(Message::Left(self.worker)).await);
        }
    }

    async fn next(
        &mut self,
        frames: &mut Streaming<WorkerFrame>,
    ) -> Result<Option<FromWorker>, Status> {
        while let Some(frame) = frames.message().await? {
            let invalid =
                |error: iago_protocol::WireError| Status::invalid_argument(error.to_string());
            let Some(whole) = self.assembler.take(frame).map_err(invalid)? else { continue };
            let said = FromWorker::try_from(whole).map_err(invalid)?;
            if let FromWorker::Inventory(inventory) = &said {
                check_version(inventory.protocol)?;
            }
            return Ok(Some(said));
        }
        Ok(None)
    }
}

fn check_version(version: u32) -> Result<(), Status> {
    if version == PROTOCOL_VERSION {
        return Ok(());
    }
    Err(Status::failed_precondition(format!(
        "the worker speaks protocol {version}, the coordinator {PROTOCOL_VERSION}: use the same iago"
    )))
}
