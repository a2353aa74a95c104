//! Everything that can reach the coordinator's loop, and the handle through which it does.

use iago_protocol::wire::{CoordinatorFrame, Progress, Submitted};
use iago_protocol::{FromWorker, Inventory};
use iago_scheduler::WorkerId;
use tokio::sync::{mpsc, oneshot, watch};
use tonic::Status;

use crate::compile::Sources;

/// Messages that may wait for the loop; senders wait beyond that.
const INBOX_MAX: usize = 1024;

/// A sweep handed in.
#[derive(Clone, Debug, Default)]
pub struct Submission {
    /// What it is made of.
    pub sources: Sources,
    /// Open the next retry round.
    pub retry_failed: bool,
    /// What the client's own compilation came to; empty: it did not compile.
    pub plan_digest: Vec<u8>,
    /// When it was handed in, in milliseconds since 1970, by the client's clock.
    pub submitted_ms: i64,
}

/// What can happen to a coordinator.
pub(crate) enum Message {
    Submit(Box<Submission>, oneshot::Sender<Result<Submitted, Status>>),
    Joined(WorkerId, Inventory, mpsc::Sender<Result<CoordinatorFrame, Status>>),
    Said(WorkerId, FromWorker),
    Left(WorkerId),
    Drain,
}

/// A way to reach a coordinator's loop from its services.
#[derive(Clone)]
pub struct Handle {
    pub(crate) inbox: mpsc::Sender<Message>,
    pub(crate) progress: watch::Receiver<Progress>,
}

/// The loop's ends of the handle.
pub(crate) struct Ends {
    pub(crate) inbox: mpsc::Receiver<Message>,
    pub(crate) progress: watch::Sender<Progress>,
}

impl Handle {
    pub(crate) fn new() -> (Self, Ends) {
        let (send, receive) = mpsc::channel(INBOX_MAX);
        let (publish, watched) = watch::channel(Progress::default());
        (Self { inbox: send, progress: watched }, Ends { inbox: receive, progress: publish })
    }
}
