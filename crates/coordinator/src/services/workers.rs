//! The stream of a worker.

use std::sync::atomic::{AtomicU64, Ordering};

use iago_protocol::wire::workers_server::Workers;
use iago_protocol::wire::{CoordinatorFrame, WorkerFrame};
use iago_protocol::{Assembler, FromWorker, PROTOCOL_VERSION, WireError};
use iago_store::Scope;
use tokio::sync::{mpsc, watch};
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::task::TaskTracker;
use tonic::{Request, Response, Status, Streaming};
use tracing::warn;

use crate::desk::Desk;
use crate::doors::{Doors, Pass};
use crate::inbox::{Line, Link, Message, Parting};
use crate::peers::RESULT_BYTES_MAX;

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
        let (granted, room) = watch::channel(RESULT_BYTES_MAX);
        let line = Line { outbox, granted };
        let reader = Reader { link, inbox, pass, assembler: Assembler::default(), room, sent: 0 };
        self.readers.spawn(reader.run(request.into_inner(), line));
        Ok(Response::new(ReceiverStream::new(frames)))
    }
}

/// Reads a worker's frames for as long as they come and it may stay.
struct Reader {
    link: Link,
    inbox: mpsc::Sender<Message>,
    pass: Pass,
    assembler: Assembler,
    /// Bytes of deliveries that it may have sent, and has.
    room: watch::Receiver<u64>,
    sent: u64,
}

impl Reader {
    async fn run(mut self, mut frames: Streaming<WorkerFrame>, line: Line) {
        // Once the worker has joined, the coordinator alone keeps its stream open: a worker that it
        // gives up sees the end of the stream, and does not wait for ever.
        let door = line.outbox.downgrade();
        let mut line = Some(line);
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
            self.wait_for_room(&said).await;
            let message = match (said, line.take()) {
                (FromWorker::Inventory(inventory), Some(line)) => {
                    Message::Joined(self.link, inventory, line)
                }
                (said, None) => Message::Said(self.link, said),
                // Whoever does not say what it has is given nothing.
                (_, Some(line)) => {
                    let words = "the first frame of a worker is its inventory";
                    return drop(line.outbox.try_send(Err(Status::invalid_argument(words))));
                }
            };
            if self.inbox.send(message).await.is_err() {
                return;
            }
        };
        if line.is_none() {
            drop(self.inbox.send(Message::Left(self.link, parting)).await);
        }
    }

    /// Deliveries that go beyond what was granted are not read any further: a worker keeps to it by
    /// itself, and whoever does not has to wait.
    async fn wait_for_room(&mut self, said: &FromWorker) {
        let FromWorker::Deliveries(deliveries) = said else { return };
        while self.sent >= *self.room.borrow_and_update() {
            if self.room.changed().await.is_err() {
                return; // its connection was given up
            }
        }
        self.sent += deliveries.iter().map(|delivery| delivery.weight() as u64).sum::<u64>();
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
