//! One connection to a coordinator: the stream each way, and what it means when it breaks.

use iago_protocol::wire::workers_client::WorkersClient;
use iago_protocol::wire::{CoordinatorFrame, WorkerFrame};
use iago_protocol::{Assembler, FromCoordinator, FromWorker, WireError, split};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::mpsc;
use tokio_stream::StreamExt;
use tokio_stream::wrappers::ReceiverStream;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::{Code, Request, Status, Streaming};

use crate::settings::{ConnectError, Connection};

/// Frames that may wait to be sent, of at most 256 KiB each.
const OUTBOX_MAX: usize = 16;

/// Why there is no connection, or none any more.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Broken {
    /// No other connection will do better: a person must act.
    #[error("{0}")]
    Refused(String),
    /// There was none to begin with.
    #[error(transparent)]
    Unmade(#[from] ConnectError),
    /// It took too long to make one.
    #[error("no coordinator answered in time")]
    Slow,
    /// It broke, or the coordinator broke it off.
    #[error("{}: {}", .0.code(), .0.message())]
    Lost(Box<Status>),
    /// What came makes no sense.
    #[error("the coordinator speaks another language: {0}")]
    Wire(#[from] WireError),
    /// A plan came that is not the one that was asked for.
    #[error("{0}")]
    Altered(String),
}

impl From<Status> for Broken {
    fn from(status: Status) -> Self {
        match status.code() {
            Code::Unauthenticated
            | Code::PermissionDenied
            | Code::FailedPrecondition
            | Code::AlreadyExists => Self::Refused(status.message().to_owned()),
            Code::Ok
            | Code::Cancelled
            | Code::Unknown
            | Code::InvalidArgument
            | Code::DeadlineExceeded
            | Code::NotFound
            | Code::ResourceExhausted
            | Code::Aborted
            | Code::OutOfRange
            | Code::Unimplemented
            | Code::Internal
            | Code::Unavailable
            | Code::DataLoss => Self::Lost(Box::new(status)),
        }
    }
}

/// A stream each way.
pub(crate) struct Link {
    pub(crate) outbox: mpsc::Sender<WorkerFrame>,
    pub(crate) inbox: Inbox,
}

/// What the coordinator says.
pub(crate) struct Inbox {
    stream: Streaming<CoordinatorFrame>,
    assembler: Assembler,
}

impl Link {
    /// Opens the streams; `first` are the first frames, in order.
    pub(crate) async fn open(
        connection: Connection,
        first: Vec<FromWorker>,
    ) -> Result<Self, Broken> {
        let (outbox, frames) = mpsc::channel(OUTBOX_MAX);
        let first: Vec<_> = first.into_iter().flat_map(|frame| split(frame.into())).collect();
        let frames = tokio_stream::iter(first).chain(ReceiverStream::new(frames));
        let mut request = Request::new(frames);
        if let Some(token) = &connection.token {
            request.metadata_mut().insert("authorization", bearer(token)?);
        }
        let stream = WorkersClient::new(connection.channel).work(request).await?.into_inner();
        Ok(Self { outbox, inbox: Inbox { stream, assembler: Assembler::default() } })
    }
}

impl Inbox {
    /// The next frame; `None` where the coordinator hung up. Nothing is lost where the wait is given
    /// up.
    pub(crate) async fn receive(&mut self) -> Result<Option<FromCoordinator>, Broken> {
        while let Some(frame) = self.stream.message().await? {
            if let Some(whole) = self.assembler.take(frame)? {
                return Ok(Some(whole.try_into()?));
            }
        }
        Ok(None)
    }
}

fn bearer(token: &SecretString) -> Result<MetadataValue<Ascii>, Broken> {
    let value = MetadataValue::try_from(format!("Bearer {}", token.expose_secret()));
    let mut value = value.map_err(|_not_shown| {
        Broken::Refused("the token holds characters that no header can carry".to_owned())
    })?;
    value.set_sensitive(true);
    Ok(value)
}
