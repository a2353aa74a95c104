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

/// What no other connection will mend: a person must act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The token is missing, wrong, at its end, or for something else.
    Token,
    /// Another worker of this name is at work.
    Name,
    /// The two do not speak the same version of the protocol.
    Version,
}

/// Why there is no connection, or none any more.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Broken {
    /// No other connection will do better.
    #[error("{1}")]
    Refused(Refusal, String),
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
        let refused = |why| Self::Refused(why, status.message().to_owned());
        match status.code() {
            Code::Unauthenticated | Code::PermissionDenied => refused(Refusal::Token),
            Code::AlreadyExists => refused(Refusal::Name),
            Code::FailedPrecondition => refused(Refusal::Version),
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

impl Broken {
    /// What it means that no stream could be opened.
    fn at(address: String, status: Status) -> Self {
        if status.code() == Code::Unimplemented {
            let reason = "it is no door for workers: name the one of [workers]".to_owned();
            return Self::Unmade(ConnectError { address, reason });
        }
        if std::error::Error::source(&status).is_none() {
            return status.into();
        }
        // What broke below, and not what a coordinator said.
        let tls = address.starts_with("http://");
        let hint = if tls { "; if it listens with TLS, its address is https://" } else { "" };
        let reason = format!("{}{hint}", status.message());
        Self::Unmade(ConnectError { address, reason })
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
        let opened = WorkersClient::new(connection.channel).work(request).await;
        let stream = opened.map_err(|status| Broken::at(connection.address, status))?.into_inner();
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
        let words = "the token holds characters that no header can carry".to_owned();
        Broken::Refused(Refusal::Token, words)
    })?;
    value.set_sensitive(true);
    Ok(value)
}
