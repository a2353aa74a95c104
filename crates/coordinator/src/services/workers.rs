//! The stream of a worker.

use std::sync::atomic::{AtomicU64, Ordering};

use iago_protocol::wire::workers_server::Workers;
use iago_protocol::wire::{CoordinatorFrame, WorkerFrame};
use iago_protocol::{Assembler, FromWorker, PROTOCOL_VERSION, WireError};
use iago_store::Scope;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::task::TaskTracker;
use tonic::{Request, Response, Status, Streaming};
use tracing::warn;

use crate::desk::Desk;
use crate::doors::{Doors, Pass};
use crate::inbox::{Link, Message, Outbox, Parting};

/// Frames that may wait for one worker: a whole credit of assignments in full frames, a plan in
/// parts, and room.
const OUTBOX_MAX: usize = 4096;

/// The door for workers.
pub struct WorkersService {
    desk: Desk,
    doors: Doors,
    connections: AtomicU64,
    readers: TaskTracker,
}

impl WorkersService {
    /// A door to whoever leads at this desk.
    pub fn new(desk: Desk, doors: Doors) -> Self {
        let (connections, readers) = (AtomicU64::new(0), TaskTracker::new());
        Self { desk, doors, connections, readers }
    }
}

#[tonic::async_trait]
impl Workers for WorkersService {
    type WorkStream = ReceiverStream<Result<CoordinatorFrame, Status>>;

    async fn work(
        &self,
        request: Request<Streaming<WorkerFrame>>,
    ) -> Result<Response<Self::WorkStream>, Status> {
        let pass = self.doors.admit(request.metadata(), &[Scope::Worker]).await?;
        let inbox = self.desk.handle()?.inbox;
        let link = Link(self.connections.fetch_add(1, Ordering::Relaxed));
        let (outbox, frames) = mpsc::channel(OUTBOX_MAX);
        let reader = Reader { link, inbox, pass, assembler: Assembler::default() };
        self.readers.spawn(reader.run(request.into_inner(), outbox));
        Ok(Response::new(ReceiverStream::new(frames)))
    }
}

/// Reads a worker's frames for as long as they come and it may stay.
struct Reader {
    link: Link,
    inbox: mpsc::Sender<Message>,
    pass: Pass,
    assembler: Assembler,
}

impl Reader {
    async fn run(mut self, mut frames: Streaming<WorkerFrame>, outbox: Outbox) {
        // Once the worker has joined, the coordinator alone keeps its stream open: a worker that it
        // gives up sees the end of the stream, and does not wait for ever.
        let door = outbox.downgrade();
        let mut outbox = Some(outbox);
        let parting = loop {
            let said = match self.next(&mut frames).await {
                Ok(Some(said)) => said,
                Ok(None) => break Parting::Closed,
                Err(status) => {
                    warn!(token = self.pass.name, error = %status.message(), "worker stream broke");
                    if let Some(open) = door.upgrade() {
                        drop(open.try_send(Err(status)));
                    }
                    break Parting::Broke;
                }
            };
            let message = match (said, outbox.take()) {
                (FromWorker::Inventory(inventory), Some(outbox)) => {
                    Message::Joined(self.link, inventory, outbox)
                }
                (said, None) => Message::Said(self.link, said),
                // Whoever does not say what it has is given nothing.
                (_, Some(outbox)) => {
                    let words = "the first frame of a worker is its inventory";
                    return drop(outbox.try_send(Err(Status::invalid_argument(words))));
                }
            };
            if self.inbox.send(message).await.is_err() {
                return;
            }
        };
        if outbox.is_none() {
            drop(self.inbox.send(Message::Left(self.link, parting)).await);
        }
    }

    async fn next(
        &mut self,
        frames: &mut Streaming<WorkerFrame>,
    ) -> Result<Option<FromWorker>, Status> {
        while let Some(frame) = frames.message().await? {
            self.pass.check()?;
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

#[expect(clippy::needless_pass_by_value, reason = "shaped for map_err")]
fn invalid(error: WireError) -> Status {
    Status::invalid_argument(error.to_string())
}

fn check_version(version: u32) -> Result<(), Status> {
    let behind = match version.cmp(&PROTOCOL_VERSION) {
        std::cmp::Ordering::Equal => return Ok(()),
        std::cmp::Ordering::Less => "worker",
        std::cmp::Ordering::Greater => "coordinator",
    };
    Err(Status::failed_precondition(format!(
        "the worker speaks protocol {version}, the coordinator {PROTOCOL_VERSION}: update the {behind}"
    )))
}
