//! Everything that can reach the coordinator's loop, and the handle through which it does.

use std::collections::BTreeMap;
use std::sync::Arc;

use iago_protocol::wire::{CoordinatorFrame, Progress, Submitted};
use iago_protocol::{FromWorker, Inventory};
use iago_sweep::SweepId;
use tokio::sync::{mpsc, oneshot, watch};
use tonic::Status;

use crate::appointments::{News, Wish};
use crate::compile::Sources;
use crate::submit::Unread;

/// Messages that may wait for the loop; senders wait beyond that. What workers send is bounded by
/// their result credit as well.
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
    /// The sweep that it must be an extension of.
    pub extend: Option<SweepId>,
    /// The name of the baseline that it is compared with.
    pub against: Option<String>,
}

/// What somebody with the authority wants done with a sweep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// Hand out nothing more; who asked for it.
    Pause(String),
    /// Go on.
    Resume,
    /// Hand out nothing more, for good.
    Cancel,
    /// Open the next retry round for the jobs that failed.
    Retry,
}

/// One connection of a worker. A worker that connects again has another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Link(pub(crate) u64);

/// How a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Parting {
    /// The worker closed it.
    Closed,
    /// It broke.
    Broke,
}

pub(crate) type Outbox = mpsc::Sender<Result<CoordinatorFrame, Status>>;

/// What reaches a worker through one connection.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) outbox: Outbox,
    /// Bytes of deliveries that it may have sent since it connected.
    pub(crate) granted: watch::Sender<u64>,
}

pub(crate) type Reply<T> = oneshot::Sender<Result<T, Status>>;

/// Who waits for a sweep whose texts are read anew first.
pub(crate) enum Waits {
    /// Whoever handed it in.
    Submitter(Reply<Submitted>),
    /// Whoever asked for something to be done with it.
    Operator(Reply<()>),
    /// Nobody: it goes on by itself.
    Nobody,
}

/// What can happen to a coordinator.
pub(crate) enum Message {
    Submit(Box<Submission>, Reply<Submitted>),
    Steer(SweepId, Order, Reply<()>),
    /// Somebody with the authority wants something of a schedule.
    Wish(Box<Wish>, Reply<()>),
    /// Something was done for a run, or could not be.
    News(Box<News>),
    /// The texts of a sweep were read anew, or could not be.
    Read(Box<Unread>, Result<(), Status>, Waits),
    Joined(Link, Inventory, Line),
    Said(Link, FromWorker),
    Left(Link, Parting),
    Drain,
}

/// How every sweep goes that is at work, or was until just now.
pub(crate) type Board = Arc<BTreeMap<SweepId, Progress>>;

/// A way to reach a coordinator's loop from its services.
#[derive(Clone, Debug)]
pub struct Handle {
    pub(crate) inbox: mpsc::Sender<Message>,
    pub(crate) board: watch::Receiver<Board>,
    /// In which it leads.
    pub(crate) term: u64,
}

/// The loop's ends of the handle.
pub(crate) struct Ends {
    pub(crate) inbox: mpsc::Receiver<Message>,
    pub(crate) board: watch::Sender<Board>,
    /// For what the loop has done beside itself; nothing that keeps it alive.
    pub(crate) again: mpsc::WeakSender<Message>,
}

impl Handle {
    pub(crate) fn new(term: u64) -> (Self, Ends) {
        let (send, receive) = mpsc::channel(INBOX_MAX);
        let (publish, watched) = watch::channel(Board::default());
        let again = send.downgrade();
        (Self { inbox: send, board: watched, term }, Ends { inbox: receive, board: publish, again })
    }
}
